//! Two connections in memory: who gets in, who does not, and that a handshake replays byte for byte.

use super::rng::{Seeded, scoped};
use super::*;
use crate::{PublicKey, SecretKey};
use rustls::{CertificateError, ClientConnection, Connection, Error, HandshakeKind, NamedGroup, ServerConnection};
use std::io::{Read as _, Write as _};
use std::sync::Arc;

const PROTOCOL: &[u8] = b"xl1/test";

fn key(byte: u8) -> SecretKey {
    SecretKey::from_slice(&[byte; 32]).expect("scalar")
}

/// Identity `byte`, leaf `byte + 100`.
fn node(byte: u8) -> Credentials {
    Credentials::issue(&key(byte), &key(byte + 100))
}

fn only(byte: u8) -> Pinned {
    let admitted = key(byte).public_key();
    Pinned::new(move |peer: &PublicKey| *peer == admitted)
}

/// One end: a connection and its generator.
struct End {
    connection: Connection,
    random: Seeded,
}

impl End {
    fn client(config: rustls::ClientConfig) -> Self {
        let mut random = Seeded::new([1; 32]);
        let name = "node.invalid".try_into().expect("name");
        let connection = scoped(&mut random, || ClientConnection::new(Arc::new(config), name)).expect("client");
        Self { connection: connection.into(), random }
    }

    fn server(config: rustls::ServerConfig) -> Self {
        let mut random = Seeded::new([2; 32]);
        let connection = scoped(&mut random, || ServerConnection::new(Arc::new(config))).expect("server");
        Self { connection: connection.into(), random }
    }

    fn output(&mut self) -> Vec<u8> {
        let mut out = Vec::new();
        while self.connection.wants_write() {
            self.connection.write_tls(&mut out).expect("a Vec takes every byte");
        }
        out
    }

    fn input(&mut self, mut bytes: &[u8]) -> Result<(), Error> {
        while !bytes.is_empty() {
            self.connection.read_tls(&mut bytes).expect("a slice never fails");
            scoped(&mut self.random, || self.connection.process_new_packets())?;
        }
        Ok(())
    }

    fn send(&mut self, message: &[u8]) -> Vec<u8> {
        self.connection.writer().write_all(message).expect("below the buffer limit");
        self.output()
    }

    fn received(&mut self) -> Vec<u8> {
        let mut plain = Vec::new();
        let _ = self.connection.reader().read_to_end(&mut plain); // WouldBlock when drained
        plain
    }
}

/// Who spoke, and the bytes.
type Transcript = Vec<(char, Vec<u8>)>;

/// Moves bytes until both are done or one refuses. Returns the side that refused and why.
fn handshake(client: &mut End, server: &mut End) -> Result<Transcript, (char, Error)> {
    let mut transcript = Transcript::new();
    loop {
        let flight = client.output();
        if !flight.is_empty() {
            transcript.push(('C', flight.clone()));
            server.input(&flight).map_err(|error| ('S', error))?;
        }
        let flight = server.output();
        if flight.is_empty() && !client.connection.is_handshaking() && !server.connection.is_handshaking() {
            return Ok(transcript);
        }
        if !flight.is_empty() {
            transcript.push(('S', flight.clone()));
            client.input(&flight).map_err(|error| ('C', error))?;
        }
    }
}

fn ends(client: &Credentials, admitted_server: u8, server: &Credentials, admitted_client: u8) -> (End, End) {
    (
        End::client(client_config(client, only(admitted_server), PROTOCOL).expect("config")),
        End::server(server_config(server, only(admitted_client), PROTOCOL).expect("config")),
    )
}

fn outcome(mut ends: (End, End)) -> Result<(), (char, Error)> {
    handshake(&mut ends.0, &mut ends.1).map(|_| ())
}

fn connected() -> (End, End) {
    let (mut client, mut server) = ends(&node(1), 2, &node(2), 1);
    handshake(&mut client, &mut server).expect("both are admitted");
    (client, server)
}

#[test]
fn admitted_nodes_connect_with_the_suite_of_rfc_8998() {
    let (mut client, mut server) = connected();
    for (end, peer) in [(&client, 2), (&server, 1)] {
        let connection = &end.connection;
        assert_eq!(connection.negotiated_cipher_suite().map(|suite| suite.suite()), Some(TLS_SM4_GCM_SM3));
        assert_eq!(connection.negotiated_key_exchange_group().map(|group| group.name()), Some(NamedGroup::Unknown(41)));
        assert_eq!(connection.handshake_kind(), Some(HandshakeKind::Full));
        assert_eq!(connection.alpn_protocol(), Some(PROTOCOL));
        let certificates = connection.peer_certificates().expect("mutual");
        assert_eq!(identity_of(&certificates[0]), Ok(key(peer).public_key()));
    }
    let record = client.send(b"hello");
    server.input(&record).expect("record");
    assert_eq!(server.received(), b"hello");
    let record = server.send(b"world");
    client.input(&record).expect("record");
    assert_eq!(client.received(), b"world");
}

#[test]
fn strangers_are_refused_on_either_side() {
    let stranger = Error::InvalidCertificate(CertificateError::ApplicationVerificationFailure);
    assert_eq!(outcome(ends(&node(3), 2, &node(2), 1)), Err(('S', stranger.clone())), "a stranger dials");
    assert_eq!(outcome(ends(&node(1), 2, &node(3), 1)), Err(('C', stranger)), "a stranger listens");
}

#[test]
fn the_leaf_must_be_signed_by_the_identity_that_it_names() {
    let genuine = node(1);
    let mut der = genuine.certificate().to_vec();
    let last = der.len() - 1;
    der[last] ^= 1;
    let tampered = with_certificate(der, 101);
    let refused = Error::InvalidCertificate(CertificateError::BadSignature);
    assert_eq!(outcome(ends_with(tampered)), Err(('S', refused)));
}

#[test]
fn an_admitted_certificate_with_another_private_key_is_refused() {
    let borrowed = with_certificate(node(1).certificate().to_vec(), 77);
    let refused = Error::InvalidCertificate(CertificateError::BadSignature);
    assert_eq!(outcome(ends_with(borrowed)), Err(('S', refused)));
}

#[test]
fn extra_certificates_are_refused() {
    let certificate = rustls::pki_types::CertificateDer::from(node(1).certificate().to_vec());
    let config = client_with(vec![certificate.clone(), certificate], 101);
    let refused = Error::InvalidCertificate(CertificateError::BadEncoding);
    assert_eq!(outcome(ends_with(config)), Err(('S', refused)));
}

#[test]
fn a_client_without_a_certificate_is_refused() {
    let mut config = client_config(&node(1), only(2), PROTOCOL).expect("config");
    config.client_auth_cert_resolver = Arc::new(Nobody);
    assert_eq!(outcome(ends_with(config)), Err(('S', Error::NoCertificatesPresented)));
}

#[test]
fn another_protocol_is_refused_and_none_is_visible() {
    let server = || server_config(&node(2), only(1), PROTOCOL).expect("config");
    let other = client_config(&node(1), only(2), b"xl1/other").expect("config");
    assert_eq!(outcome((End::client(other), End::server(server()))), Err(('S', Error::NoApplicationProtocol)));
    let mut silent = client_config(&node(1), only(2), PROTOCOL).expect("config");
    silent.alpn_protocols.clear();
    let (mut client, mut server) = (End::client(silent), End::server(server()));
    handshake(&mut client, &mut server).expect("TLS alone lets it in");
    assert_eq!(server.connection.alpn_protocol(), None);
}

#[test]
fn keys_are_replaced_on_request_and_old_records_die() {
    let (mut client, mut server) = connected();
    let before = client.send(b"before");
    client.connection.refresh_traffic_keys().expect("TLS 1.3");
    let after = client.send(b"after");
    server.input(&before).expect("old key");
    server.input(&after).expect("KeyUpdate, then the new key");
    assert_eq!(server.received(), b"beforeafter");
    let answer = server.send(b"answer");
    client.input(&answer).expect("the server's KeyUpdate rides with its next record");
    assert_eq!(client.received(), b"answer");
    assert!(server.input(&before).is_err(), "replay");
}

#[test]
fn a_changed_record_ends_the_connection() {
    let (mut client, mut server) = connected();
    let mut record = client.send(b"pay 1");
    *record.last_mut().expect("tag") ^= 1;
    assert_eq!(server.input(&record), Err(Error::DecryptError));
    assert_eq!(server.received(), b"");
}

#[test]
fn big_messages_survive_and_stay_within_record_bounds() {
    let (mut client, mut server) = connected();
    let message: Vec<u8> = (0..1_000_000u32).map(|i| ((i * 31) >> 3) as u8).collect();
    let mut received = Vec::new();
    for chunk in message.chunks(16_384) {
        let record = client.send(chunk);
        assert!(record.len() <= 5 + 16_384 + 17);
        server.input(&record).expect("record");
        received.extend(server.received());
    }
    assert!(received == message);
}

/// No ticket is sent and a client that asks to resume is answered in full, so the verifier is always asked.
#[test]
fn nothing_is_resumed() {
    let mut config = client_config(&node(1), only(2), PROTOCOL).expect("config");
    config.resumption = rustls::client::Resumption::in_memory_sessions(8);
    let config = Arc::new(config);
    for _ in 0..2 {
        let name = "node.invalid".try_into().expect("name");
        let connection = ClientConnection::new(Arc::clone(&config), name).expect("client").into();
        let mut client = End { connection, random: Seeded::new([1; 32]) };
        let mut server = End::server(server_config(&node(2), only(1), PROTOCOL).expect("config"));
        handshake(&mut client, &mut server).expect("handshake");
        let record = server.send(b"x");
        client.input(&record).expect("record");
        assert_eq!(client.connection.handshake_kind(), Some(HandshakeKind::Full));
        let Connection::Client(client) = client.connection else { panic!("a client") };
        assert_eq!(client.tls13_tickets_received(), 0);
    }
}

/// The whole wire of one handshake and one record each way, with fixed keys and generators. A difference means that
/// peers of another version may no longer understand this one: it needs a reason, not a new file.
#[test]
fn the_transcript_is_the_recorded_one() {
    let (mut client, mut server) = ends(&node(1), 2, &node(2), 1);
    let mut transcript = handshake(&mut client, &mut server).expect("handshake");
    transcript.push(('C', client.send(b"ping")));
    transcript.push(('S', server.send(b"pong")));
    let text: String = transcript.iter().map(|(side, bytes)| format!("{side} {}\n", hex::encode(bytes))).collect();
    assert_eq!(text, include_str!("tests/transcript.txt"));
}

#[derive(Debug)]
struct Nobody;

impl rustls::client::ResolvesClientCert for Nobody {
    fn resolve(&self, _: &[&[u8]], _: &[rustls::SignatureScheme]) -> Option<Arc<rustls::sign::CertifiedKey>> {
        None
    }

    fn has_certs(&self) -> bool {
        false
    }
}

/// A client that presents `certificates` and signs with leaf `byte`, whatever they say.
fn client_with(certificates: Vec<rustls::pki_types::CertificateDer<'static>>, byte: u8) -> rustls::ClientConfig {
    let mut config = client_config(&node(1), only(2), PROTOCOL).expect("config");
    let signing = Arc::new(sign::LeafKey::new(&key(byte)));
    let certified = rustls::sign::CertifiedKey::new(certificates, signing);
    config.client_auth_cert_resolver = Arc::new(rustls::sign::SingleCertAndKey::from(certified));
    config
}

fn with_certificate(der: Vec<u8>, byte: u8) -> rustls::ClientConfig {
    client_with(vec![der.into()], byte)
}

/// That client against node 2, which admits node 1.
fn ends_with(client: rustls::ClientConfig) -> (End, End) {
    (End::client(client), End::server(server_config(&node(2), only(1), PROTOCOL).expect("config")))
}
