//! One TLS connection without I/O, and the handshake that drives it.

use super::Error;
use crate::identity::PublicKey;
use commonware_runtime::{IoBuf, Sink, Stream};
use rustls::Connection;
use std::io::{BufRead as _, ErrorKind, IoSlice, Write as _};
use xl_crypto::tls::identity_of;
use xl_crypto::tls::rng::{Seeded, scoped};

const HEADER_LEN: usize = 5;
/// Longest record body: 2^14 bytes and 256 of expansion (RFC 8446, section 5.2).
const RECORD_MAX: usize = 16_384 + 256;
/// Plaintext that goes into one record.
pub(super) const PLAINTEXT_MAX: usize = 16_384;
/// A handshake between nodes takes less than 1 KiB each way.
const HANDSHAKE_MAX: usize = 16_384;

/// One record as it came from the stream.
pub(super) struct Record {
    header: IoBuf,
    body: IoBuf,
}

/// Reads exactly one record, so that nothing beyond it is taken from the stream.
pub(super) async fn read_record(stream: &mut impl Stream) -> Result<Record, Error> {
    let header = stream.recv(HEADER_LEN).await?.coalesce();
    let bytes = header.as_ref();
    let size = usize::from(u16::from_be_bytes([bytes[3], bytes[4]]));
    if size > RECORD_MAX {
        return Err(Error::RecordTooLong { size, limit: RECORD_MAX });
    }
    let body = if size == 0 { IoBuf::default() } else { stream.recv(size).await?.coalesce() };
    Ok(Record { header, body })
}

/// A connection and the generator that it draws from.
pub(super) struct Session {
    pub connection: Connection,
    random: Seeded,
}

impl Session {
    pub const fn new(connection: Connection, random: Seeded) -> Self {
        Self { connection, random }
    }

    /// Appends what TLS wants sent.
    fn drain(&mut self, out: &mut Vec<u8>) {
        while self.connection.wants_write() {
            self.connection.write_tls(out).expect("a Vec takes every byte");
        }
    }

    /// Feeds one record. The plaintext of the record before must have been taken.
    pub fn input(&mut self, record: &Record) -> Result<(), Error> {
        for mut rest in [record.header.as_ref(), record.body.as_ref()] {
            while !rest.is_empty() {
                // Nothing is read after the peer's goodbye, and nothing when a record was not drained.
                match self.connection.read_tls(&mut rest) {
                    Ok(0) | Err(_) => return Err(Error::Closed),
                    Ok(_) => scoped(&mut self.random, || self.connection.process_new_packets())?,
                };
            }
        }
        Ok(())
    }

    /// Hands the received plaintext to `take` until it is used up or `take` has enough. `take` says how much it used
    /// and what it made of it.
    pub fn plaintext<T>(
        &mut self,
        mut take: impl FnMut(&[u8]) -> Result<(usize, Option<T>), Error>,
    ) -> Result<Option<T>, Error> {
        let mut reader = self.connection.reader();
        loop {
            let chunk = match reader.fill_buf() {
                Ok([]) => return Err(Error::Closed),
                Ok(chunk) => chunk,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(None),
                Err(_) => return Err(Error::Closed),
            };
            let (used, made) = take(chunk)?;
            reader.consume(used);
            if made.is_some() {
                return Ok(made);
            }
        }
    }

    /// Encrypts `parts`, together at most [`PLAINTEXT_MAX`] bytes, as one record and appends it, after whatever TLS
    /// itself had waiting (an answer to a KeyUpdate, an alert).
    pub fn output(&mut self, parts: [&[u8]; 2], out: &mut Vec<u8>) -> Result<(), Error> {
        let written = self.connection.writer().write_vectored(&parts.map(IoSlice::new)).map_err(|_| Error::Closed)?;
        debug_assert_eq!(written, parts[0].len() + parts[1].len(), "rustls buffers 64 KiB and is drained each time");
        self.drain(out);
        Ok(())
    }

    /// The last record: a close_notify alert.
    pub fn goodbye(&mut self) -> Vec<u8> {
        self.connection.send_close_notify();
        let mut out = Vec::new();
        self.drain(&mut out);
        out
    }

    /// Exchanges records until both sides have proven their keys. A refusal is told to the peer.
    pub async fn handshake(&mut self, stream: &mut impl Stream, sink: &mut impl Sink) -> Result<(), Error> {
        let mut read = 0;
        loop {
            let mut out = Vec::new();
            self.drain(&mut out);
            if !out.is_empty() {
                sink.send(out).await?;
            }
            if !self.connection.is_handshaking() {
                return Ok(());
            }
            let record = read_record(stream).await?;
            read += HEADER_LEN + record.body.as_ref().len();
            if read > HANDSHAKE_MAX {
                return Err(Error::HandshakeTooLong { limit: HANDSHAKE_MAX });
            }
            if let Err(error) = self.input(&record) {
                let mut alert = Vec::new();
                self.drain(&mut alert);
                // The peer may be gone already; our own reason is the one to report.
                let _ = sink.send(alert).await;
                return Err(error);
            }
        }
    }

    /// Who the peer is, once the handshake is over and it turns out to be of the same network. TLS does not insist on
    /// ALPN, so its outcome is compared here.
    pub fn peer(&self, protocol: &[u8]) -> Result<PublicKey, Error> {
        if self.connection.alpn_protocol() != Some(protocol) {
            return Err(Error::Namespace);
        }
        let certificates = self.connection.peer_certificates().unwrap_or_default();
        let leaf = certificates.first().ok_or(rustls::Error::NoCertificatesPresented)?;
        Ok(identity_of(leaf)?.into())
    }
}
