//! Links on the simulated runtime and on real sockets, by the same code.

use super::{Error, TlsReceiver, TlsSender, TlsUpgrader};
use crate::identity::PublicKey;
use commonware_runtime::{
    Clock, IoBuf, Listener as _, Network, Runner as _, Sink as _, SinkOf, Spawner, Stream as _, StreamOf,
    Supervisor as _, deterministic, tokio,
};
use commonware_stream::{Receiver as _, Sender as _, Upgrader as _};
use rand_core::CryptoRng;
use rustls::{AlertDescription, CertificateError};
use std::net::SocketAddr;
use xl_crypto::SecretKey;
use xl_crypto::tls::Credentials;

/// What these tests need of a runtime.
trait Runtime: Spawner + Clock + Network + CryptoRng {}
impl<E: Spawner + Clock + Network + CryptoRng> Runtime for E {}

type Sender<E> = TlsSender<SinkOf<E>>;
type Receiver<E> = TlsReceiver<StreamOf<E>>;
type Dialed<E> = Result<(Sender<E>, Receiver<E>), Error>;
type Accepted<E> = Result<(PublicKey, Sender<E>, Receiver<E>), Error>;

const SIMULATED: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 4000);
const LOOPBACK: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);
const LIMIT: u32 = 9 << 20;

fn key(byte: u8) -> SecretKey {
    SecretKey::from_slice(&[byte; 32]).expect("scalar")
}

fn public(byte: u8) -> PublicKey {
    key(byte).public_key().into()
}

fn node(byte: u8) -> TlsUpgrader {
    TlsUpgrader::new(Credentials::issue(&key(byte), &key(byte + 100)))
}

/// How one side of a test behaves. Node 1 dials node 2, unless said otherwise.
#[derive(Clone, Copy)]
struct Side {
    node: u8,
    admits: u8,
    namespace: &'static [u8],
    limit: u32,
}

const DIALER: Side = Side { node: 1, admits: 2, namespace: b"network", limit: LIMIT };
const LISTENER: Side = Side { node: 2, admits: 1, namespace: b"network", limit: LIMIT };

async fn connect<E: Runtime>(context: &E, at: SocketAddr, dialer: Side, listener: Side) -> (Dialed<E>, Accepted<E>) {
    let mut socket = context.bind(at).await.expect("bind");
    let address = socket.local_addr().expect("address");
    let dial = async {
        let (sink, stream) = context.dial(address).await.expect("dial");
        let peer = public(dialer.admits);
        node(dialer.node).dial(context.child("dialer"), dialer.namespace, dialer.limit, peer, stream, sink).await
    };
    let accept = async {
        let (_, sink, stream) = socket.accept().await.expect("accept");
        let bouncer = move |peer| async move { peer == public(listener.admits) };
        let context = context.child("listener");
        node(listener.node).listen(context, listener.namespace, listener.limit, bouncer, stream, sink).await
    };
    futures::join!(dial, accept)
}

/// Messages of mixed sizes, both ways at once, then one of `last` bytes.
async fn converse<E: Runtime>(context: E, at: SocketAddr, last: u32) {
    let (dialed, accepted) = connect(&context, at, DIALER, LISTENER).await;
    let ((mut out, mut back), (peer, mut answer, mut heard)) = (dialed.expect("dial"), accepted.expect("listen"));
    assert_eq!(peer, public(1));
    let messages = || {
        let sizes = (0..30usize).map(|i| i * i * 71 % 50_000).chain([last as usize]);
        sizes.map(|size| IoBuf::from((0..size).map(|i| ((i * 31) >> 2) as u8).collect::<Vec<_>>()))
    };
    let forth = async {
        for message in messages() {
            out.send(message).await.expect("send");
        }
    };
    let echo = async {
        for message in messages() {
            let received = heard.recv().await.expect("receive").coalesce();
            assert!(received == message, "{} bytes", message.as_ref().len());
            answer.send(received).await.expect("echo");
        }
    };
    let check = async {
        for message in messages() {
            assert!(back.recv().await.expect("answer").coalesce() == message);
        }
    };
    futures::join!(forth, echo, check);
}

#[test]
fn simulated_nodes_converse() {
    deterministic::Runner::seeded(1).start(|context| converse(context, SIMULATED, LIMIT));
}

#[test]
fn nodes_converse_over_loopback_tcp() {
    tokio::Runner::default().start(|context| converse(context, LOOPBACK, LIMIT));
}

/// The auditor's hash covers every byte that is sent.
#[test]
fn a_seed_replays_the_wire() {
    let run = |seed| {
        deterministic::Runner::seeded(seed).start(|context| async move {
            let auditor = context.auditor();
            converse(context, SIMULATED, 0).await;
            auditor.state()
        })
    };
    let first = run(7);
    assert_eq!(first, run(7));
    assert_ne!(first, run(8));
}

/// Runs one refused connection and returns both reasons.
fn refusals(dialer: Side, listener: Side) -> (Error, Error) {
    deterministic::Runner::seeded(3).start(|context| async move {
        let (dialed, accepted) = connect(&context, SIMULATED, dialer, listener).await;
        (dialed.err().expect("dialer refused"), accepted.err().expect("listener refused"))
    })
}

#[test]
fn a_stranger_that_dials_is_told_goodbye() {
    let (dialer, listener) = refusals(Side { node: 3, ..DIALER }, LISTENER);
    assert!(matches!(listener, Error::NotAdmitted { peer } if peer == public(3)), "{listener}");
    assert!(matches!(dialer, Error::Closed), "{dialer}");
}

#[test]
fn a_stranger_that_listens_is_refused() {
    let (dialer, listener) = refusals(DIALER, Side { node: 3, ..LISTENER });
    let stranger = rustls::Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure);
    assert!(matches!(&dialer, Error::Tls(reason) if *reason == stranger), "{dialer}");
    let told = rustls::Error::AlertReceived(AlertDescription::AccessDenied);
    assert!(matches!(&listener, Error::Tls(reason) if *reason == told), "{listener}");
}

#[test]
fn another_network_is_refused() {
    let (_, listener) = refusals(Side { namespace: b"other", ..DIALER }, LISTENER);
    assert!(matches!(&listener, Error::Tls(rustls::Error::NoApplicationProtocol)), "{listener}");
}

/// TLS lets a client without ALPN in; the link does not.
#[test]
fn a_client_that_names_no_network_is_refused() {
    use super::session::Session;
    use xl_crypto::tls::{Pinned, client_config};
    deterministic::Runner::seeded(3).start(|context| async move {
        let mut socket = context.bind(SIMULATED).await.expect("bind");
        let dial = async {
            let (mut sink, mut stream) = context.dial(SIMULATED).await.expect("dial");
            let credentials = Credentials::issue(&key(1), &key(101));
            let mut config = client_config(&credentials, Pinned::new(|_| true), b"").expect("config");
            config.alpn_protocols.clear();
            let name = "node.invalid".try_into().expect("name");
            let client = rustls::ClientConnection::new(config.into(), name).expect("client");
            let mut session = Session::new(client.into(), super::seed(&mut context.child("random")));
            session.handshake(&mut stream, &mut sink).await
        };
        let accept = async {
            let (_, sink, stream) = socket.accept().await.expect("accept");
            let bouncer = |_| async { panic!("the bouncer is not asked about another network") };
            node(2).listen(context.child("listener"), b"network", LIMIT, bouncer, stream, sink).await.err()
        };
        let (dialed, accepted) = futures::join!(dial, accept);
        dialed.expect("TLS itself succeeds");
        assert!(matches!(accepted, Some(Error::Namespace)));
    });
}

/// A listener's first message must be the empty one.
#[test]
fn a_listener_that_does_not_confirm_is_refused() {
    use super::session::Session;
    use xl_crypto::tls::{Pinned, server_config};
    deterministic::Runner::seeded(3).start(|context| async move {
        let mut socket = context.bind(SIMULATED).await.expect("bind");
        let dial = async {
            let (sink, stream) = context.dial(SIMULATED).await.expect("dial");
            node(1).dial(context.child("dialer"), b"network", LIMIT, public(2), stream, sink).await.err()
        };
        let accept = async {
            let (_, mut sink, mut stream) = socket.accept().await.expect("accept");
            let credentials = Credentials::issue(&key(2), &key(102));
            let config = server_config(&credentials, Pinned::new(|_| true), &super::protocol(b"network"));
            let server = rustls::ServerConnection::new(config.expect("config").into()).expect("server");
            let mut session = Session::new(server.into(), super::seed(&mut context.child("random")));
            session.handshake(&mut stream, &mut sink).await.expect("handshake");
            let mut record = Vec::new();
            session.output([b"\x00\x00\x00\x01", b"!"], &mut record).expect("record");
            sink.send(record).await.expect("send");
        };
        let refused = futures::join!(dial, accept).0;
        assert!(matches!(refused, Some(Error::MessageTooLong { size: 1, limit: 0 })));
    });
}

/// Sends `bytes` to a listening node and returns why it gave up.
fn listener_given(bytes: Vec<u8>) -> Error {
    deterministic::Runner::seeded(3).start(|context| async move {
        let mut socket = context.bind(SIMULATED).await.expect("bind");
        let dial = async {
            let (mut sink, mut stream) = context.dial(SIMULATED).await.expect("dial");
            let _ = sink.send(bytes).await;
            let _ = stream.recv(1).await; // stay until the listener answers or leaves
        };
        let accept = async {
            let (_, sink, stream) = socket.accept().await.expect("accept");
            let bouncer = |_| async { true };
            node(2).listen(context.child("listener"), b"network", LIMIT, bouncer, stream, sink).await.err()
        };
        futures::join!(dial, accept).1.expect("refused")
    })
}

#[test]
fn noise_is_refused_without_allocation() {
    let error = listener_given(vec![0xFF; 64]);
    assert!(matches!(error, Error::RecordTooLong { size: 0xFFFF, limit: 16_640 }), "{error}");
    let error = listener_given([&b"\x16\x03\x01\x00\x10"[..], &[0xFF; 16]].concat());
    assert!(matches!(error, Error::Tls(_)), "{error}");
    let error = listener_given(b"\x17\x03\x03\x00\x00".repeat(2));
    assert!(matches!(error, Error::Tls(_)), "{error}");
}

/// A ClientHello that claims 64 KiB and keeps coming.
#[test]
fn an_endless_handshake_is_refused() {
    let mut bytes = Vec::new();
    for i in 0..8 {
        bytes.extend(b"\x16\x03\x01\x10\x00");
        bytes.extend(if i == 0 { [&b"\x01\x00\xF0\x00"[..], &[0; 4092]].concat() } else { vec![0; 4096] });
    }
    let error = listener_given(bytes);
    assert!(matches!(error, Error::HandshakeTooLong { limit: 16_384 }), "{error}");
}

#[test]
fn message_limits_hold_on_both_ends() {
    deterministic::Runner::seeded(3).start(|context| async move {
        let small = Side { limit: 1000, ..LISTENER };
        let (dialed, accepted) = connect(&context, SIMULATED, DIALER, small).await;
        let ((mut out, mut back), (_, mut answer, mut heard)) = (dialed.expect("dial"), accepted.expect("listen"));
        let refused = answer.send(vec![0; 1001]).await;
        assert!(matches!(refused, Err(Error::MessageTooLong { size: 1001, limit: 1000 })));
        answer.send_many([vec![1; 1000], vec![], vec![3]]).await.expect("within the limit");
        for expected in [vec![1; 1000], vec![], vec![3]] {
            assert_eq!(back.recv().await.expect("message").coalesce().as_ref(), expected);
        }
        out.send(vec![0; 1001]).await.expect("within the sender's own limit");
        let refused = heard.recv().await;
        assert!(matches!(refused, Err(Error::MessageTooLong { size: 1001, limit: 1000 })));
    });
}

#[test]
fn keys_are_replaced_while_the_link_is_in_use() {
    deterministic::Runner::seeded(3).start(|context| async move {
        let (dialed, accepted) = connect(&context, SIMULATED, DIALER, LISTENER).await;
        let ((mut out, mut back), (_, mut answer, mut heard)) = (dialed.expect("dial"), accepted.expect("listen"));
        for round in 0..5u8 {
            out.session.lock().connection.refresh_traffic_keys().expect("TLS 1.3");
            out.send(vec![round; 40_000]).await.expect("send");
            assert_eq!(heard.recv().await.expect("receive").coalesce().as_ref(), [round; 40_000]);
            answer.send(vec![round]).await.expect("the answer to the KeyUpdate goes first");
            assert_eq!(back.recv().await.expect("receive").coalesce().as_ref(), [round]);
        }
    });
}

/// Carries what one side sends to the other, changing one bit of the last record.
#[test]
fn a_bit_changed_on_the_way_ends_the_link() {
    deterministic::Runner::seeded(3).start(|context| async move {
        let (dialed, accepted) = connect(&context, SIMULATED, DIALER, LISTENER).await;
        let ((out, _back), (_, _answer, mut heard)) = (dialed.expect("dial"), accepted.expect("listen"));
        let mut record = Vec::new();
        out.session.lock().output([b"\x00\x00\x00\x05", b"pay 1"], &mut record).expect("record");
        record[7] ^= 1;
        let mut sink = out.into_sink();
        sink.send(record).await.expect("send");
        let ended = heard.recv().await;
        assert!(matches!(ended, Err(Error::Tls(rustls::Error::DecryptError))));
    });
}

#[test]
fn a_goodbye_ends_the_link_and_nothing_is_read_after_it() {
    deterministic::Runner::seeded(3).start(|context| async move {
        let (dialed, accepted) = connect(&context, SIMULATED, DIALER, LISTENER).await;
        let ((mut out, _back), (_, _answer, mut heard)) = (dialed.expect("dial"), accepted.expect("listen"));
        out.send(vec![1]).await.expect("send");
        let goodbye = out.session.lock().goodbye();
        let mut sink = out.into_sink();
        sink.send([goodbye, vec![0x17, 3, 3, 0, 32], vec![0; 32]].concat()).await.expect("send");
        assert_eq!(heard.recv().await.expect("before the goodbye").coalesce().as_ref(), [1]);
        assert!(matches!(heard.recv().await, Err(Error::Closed)));
    });
}
