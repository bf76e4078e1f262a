//! The encrypted link between two nodes: the engine's `Upgrader` over sans-io rustls with RFC 8998.
//!
//! ```text
//! dialer                                     listener
//!   │ ── ClientHello, ALPN xl1/<namespace> ──▶ │
//!   │ ◀─ certificate: signed by its identity ─ │   dialer: is it the identity that I dialled?
//!   │ ── certificate, Finished ──────────────▶ │   listener: possession, namespace, then the bouncer
//!   │ ◀─ empty message ─────────────────────── │   dialer: I am let in
//! ```
//! The last message is needed because in TLS 1.3 the dialer is done before the listener has judged its certificate.
//!
//! A message travels as a 4-byte big-endian length and its bytes, cut into TLS records. The lengths that a peer claims
//! are checked before anything is allocated: 16 640 bytes a record, 16 KiB a handshake, `max_message_size` a message.
//!
//! Nothing here names a runtime: bytes come from the engine's `Stream` and go to its `Sink`, randomness comes from the
//! context, no clock is read. The simulator runs this code.

mod frame;
mod session;
mod stream;

pub use stream::{TlsReceiver, TlsSender};

use crate::identity::PublicKey;
use commonware_runtime::{Clock, IoBufs, Sink, Stream};
use commonware_stream::{Sender as _, Upgrader};
use rand_core::CryptoRng;
use rustls::{ClientConnection, ServerConnection};
use session::Session;
use std::sync::Arc;
use xl_crypto::tls::{self, CertificateError, Credentials, Pinned};
use zeroize::Zeroizing;

/// Why a link did not come to be, or ended.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The connection below failed or was closed.
    #[error("transport: {0}")]
    Transport(#[from] commonware_runtime::Error),
    /// The peer was refused, refused us, or broke TLS.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The peer's certificate is not in the form of a node's.
    #[error("certificate: {0}")]
    Certificate(#[from] CertificateError),
    /// The peer belongs to another network: its application protocol differs.
    #[error("the peer speaks for another network")]
    Namespace,
    /// The peer is who it says, but is not admitted here.
    #[error("peer {peer} is not admitted")]
    NotAdmitted {
        /// The identity that the peer proved.
        peer: PublicKey,
    },
    /// The peer said goodbye.
    #[error("the peer closed the link")]
    Closed,
    /// The peer claims a record longer than TLS allows.
    #[error("a record of {size} bytes is above the limit of {limit}")]
    RecordTooLong {
        /// Claimed length in bytes, without the header.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The peer's handshake goes on beyond what any handshake needs.
    #[error("the handshake is longer than {limit} bytes")]
    HandshakeTooLong {
        /// The limit in bytes.
        limit: usize,
    },
    /// A message, ours or one that the peer claims, is longer than the link carries.
    #[error("a message of {size} bytes is above the limit of {limit}")]
    MessageTooLong {
        /// Length in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
}

/// Opens links as one identity. Cheap to clone.
#[derive(Debug, Clone)]
pub struct TlsUpgrader {
    credentials: Credentials,
}

impl TlsUpgrader {
    /// Presents `credentials` on every link.
    #[must_use]
    pub const fn new(credentials: Credentials) -> Self {
        Self { credentials }
    }
}

/// ALPN name of a network: `xl1/` and the SM3 digest of the namespace in hex, 68 bytes.
fn protocol(namespace: &[u8]) -> Vec<u8> {
    let digest = crate::identity::Digest::new(xl_crypto::sm3(&[namespace]));
    format!("xl1/{digest}").into_bytes()
}

fn seed(context: &mut impl CryptoRng) -> tls::rng::Seeded {
    let mut seed = Zeroizing::new([0; 32]);
    context.fill_bytes(&mut *seed);
    tls::rng::Seeded::new(*seed)
}

impl Upgrader for TlsUpgrader {
    const MAX_SIZE: u32 = 1 << 28;

    type PublicKey = PublicKey;
    type Error = Error;
    type Sender<I: Stream, O: Sink> = TlsSender<O>;
    type Receiver<I: Stream, O: Sink> = TlsReceiver<I>;

    fn public_key(&self) -> PublicKey {
        self.credentials.identity().into()
    }

    async fn dial<C, I, O>(
        self,
        mut context: C,
        namespace: &[u8],
        max_message_size: u32,
        peer: PublicKey,
        mut stream: I,
        mut sink: O,
    ) -> Result<(TlsSender<O>, TlsReceiver<I>), Error>
    where
        C: Clock + CryptoRng,
        I: Stream,
        O: Sink,
    {
        let protocol = protocol(namespace);
        let expected = xl_crypto::PublicKey::from(peer);
        let config = tls::client_config(&self.credentials, Pinned::new(move |key| *key == expected), &protocol)?;
        // TLS wants a name of the server; it is not sent and nothing is checked against it.
        let name = rustls::pki_types::ServerName::try_from("node.invalid").expect("a DNS name");
        let mut random = seed(&mut context);
        let connection = tls::rng::scoped(&mut random, || ClientConnection::new(Arc::new(config), name))?;
        let mut session = Session::new(connection.into(), random);
        session.handshake(&mut stream, &mut sink).await?;
        session.peer(&protocol)?;
        let (sender, mut receiver) = stream::split(session, stream, sink, max_message_size);
        receiver.confirmed().await?;
        Ok((sender, receiver))
    }

    async fn listen<C, I, O, B, F>(
        self,
        mut context: C,
        namespace: &[u8],
        max_message_size: u32,
        bouncer: B,
        mut stream: I,
        mut sink: O,
    ) -> Result<(PublicKey, TlsSender<O>, TlsReceiver<I>), Error>
    where
        C: Clock + CryptoRng,
        I: Stream,
        O: Sink,
        B: FnOnce(PublicKey) -> F + Send,
        F: Future<Output = bool> + Send,
    {
        let protocol = protocol(namespace);
        // TLS proves who the peer is; whether it is admitted is the bouncer's question, and that one is asynchronous.
        let config = tls::server_config(&self.credentials, Pinned::new(|_| true), &protocol)?;
        let mut random = seed(&mut context);
        let connection = tls::rng::scoped(&mut random, || ServerConnection::new(Arc::new(config)))?;
        let mut session = Session::new(connection.into(), random);
        session.handshake(&mut stream, &mut sink).await?;
        let peer = session.peer(&protocol)?;
        if !bouncer(peer).await {
            sink.send(session.goodbye()).await?;
            return Err(Error::NotAdmitted { peer });
        }
        let (mut sender, receiver) = stream::split(session, stream, sink, max_message_size);
        sender.send(IoBufs::default()).await?;
        Ok((peer, sender, receiver))
    }
}

#[cfg(test)]
mod tests;
