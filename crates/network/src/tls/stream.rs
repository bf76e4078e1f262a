//! The two halves of a link.

use super::Error;
use super::frame::{Assembly, PREFIX_LEN};
use super::session::{PLAINTEXT_MAX, Session, read_record};
use commonware_runtime::{IoBufs, Sink, Stream};
use parking_lot::Mutex;
use std::sync::Arc;

/// Ciphertext handed to the sink at once, so that a big message leaves while its rest is encrypted.
const FLUSH_BYTES: usize = 128 * 1024;

/// Header, content type and tag, and the length before the message.
const RECORD_OVERHEAD: usize = 5 + 1 + 16 + PREFIX_LEN;

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
        self.out.reserve(message.len().min(FLUSH_BYTES) + RECORD_OVERHEAD);
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

impl<I: Stream> TlsReceiver<I> {
    /// Waits for the empty message by which a listener lets the dialer in. Anything else is refused from its length.
    pub(super) async fn confirmed(&mut self) -> Result<(), Error> {
        self.next(0).await.map(|_| ())
    }

    async fn next(&mut self, limit: usize) -> Result<IoBufs, Error> {
        loop {
            let message = self.session.lock().plaintext(|chunk| self.assembly.absorb(chunk, limit))?;
            if let Some(message) = message {
                return Ok(message.into());
            }
            let record = read_record(&mut self.stream).await?;
            self.session.lock().input(&record)?;
        }
    }
}

impl<I: Stream> commonware_stream::Receiver for TlsReceiver<I> {
    type Error = Error;

    async fn recv(&mut self) -> Result<IoBufs, Error> {
        self.next(self.limit).await
    }
}
