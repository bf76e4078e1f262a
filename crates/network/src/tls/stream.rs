//! The two halves of a link.

use super::Error;
use super::frame::{Assembly, PREFIX_LEN};
use super::session::{PLAINTEXT_MAX, Session, read_record};
use commonware_runtime::{IoBufs, Sink, Stream};
use parking_lot::Mutex;
use std::sync::Arc;

/// Ciphertext handed to the sink at once, so that a big message leaves while its rest is encrypted.
const FLUSH_BYTES: usize = 128 * 1024;

/// Both halves share the connection. The lock is held for one record at a time and never across an await.
pub(super) fn split<I: Stream, O: Sink>(
    session: Session,
    stream: I,
    sink: O,
    max_message_size: u32,
) -> (TlsSender<O>, TlsReceiver<I>) {
    let session = Arc::new(Mutex::new(session));
    let limit = max_message_size as usize;
    let sender = TlsSender { session: Arc::clone(&session), sink, limit, out: Vec::new() };
    (sender, TlsReceiver { session, stream, limit, assembly: Assembly::default() })
}

/// The sending half. Alerts and answers to KeyUpdates that receiving caused leave with the next message.
pub struct TlsSender<O> {
    pub(super) session: Arc<Mutex<Session>>,
    sink: O,
    limit: usize,
    out: Vec<u8>,
}

impl<O: Sink> TlsSender<O> {
    async fn write(&mut self, message: &[u8]) -> Result<(), Error> {
        if message.len() > self.limit {
            return Err(Error::MessageTooLong { size: message.len(), limit: self.limit });
        }
        let size = u32::try_from(message.len()).expect("the limit is a u32").to_be_bytes();
        let (first, rest) = message.split_at(message.len().min(PLAINTEXT_MAX - PREFIX_LEN));
        self.session.lock().output([&size, first], &mut self.out)?;
        for chunk in rest.chunks(PLAINTEXT_MAX) {
            if self.out.len() >= FLUSH_BYTES {
                self.flush().await?;
            }
            self.session.lock().output([chunk, &[]], &mut self.out)?;
        }
        Ok(())
    }

    /// The transport below, for tests that speak to it past TLS.
    #[cfg(test)]
    pub(super) fn into_sink(self) -> O {
        self.sink
    }

    async fn flush(&mut self) -> Result<(), Error> {
        if !self.out.is_empty() {
            self.sink.send(std::mem::take(&mut self.out)).await?;
        }
        Ok(())
    }
}

impl<O: Sink> commonware_stream::Sender for TlsSender<O> {
    type Error = Error;

    async fn send(&mut self, message: impl Into<IoBufs> + Send) -> Result<(), Error> {
        self.write(message.into().coalesce().as_ref()).await?;
        self.flush().await
    }

    async fn send_many<M>(&mut self, messages: M) -> Result<(), Error>
    where
        M: IntoIterator + Send,
        M::Item: Into<IoBufs> + Send,
        M::IntoIter: Send,
    {
        for message in messages {
            self.write(message.into().coalesce().as_ref()).await?;
            if self.out.len() >= FLUSH_BYTES {
                self.flush().await?;
            }
        }
        self.flush().await
    }
}

/// The receiving half.
pub struct TlsReceiver<I> {
    session: Arc<Mutex<Session>>,
    stream: I,
    limit: usize,
    assembly: Assembly,
}

impl<I: Stream> commonware_stream::Receiver for TlsReceiver<I> {
    type Error = Error;

    async fn recv(&mut self) -> Result<IoBufs, Error> {
        loop {
            let message = self.session.lock().plaintext(|chunk| self.assembly.absorb(chunk, self.limit))?;
            if let Some(message) = message {
                return Ok(message.into());
            }
            let record = read_record(&mut self.stream).await?;
            self.session.lock().input(&record)?;
        }
    }
}
