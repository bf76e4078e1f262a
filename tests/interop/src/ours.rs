//! Our ends of a connection, over blocking sockets.

use rustls::sign::{CertifiedKey, Signer, SigningKey, SingleCertAndKey};
use rustls::{ClientConfig, ClientConnection, Connection, ServerConfig, ServerConnection, SignatureScheme, Stream};
use sm2::dsa::signature::Signer as _;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;
use xl_crypto::tls::SM2SIG_SM3;

/// What became of a connection: the bytes that came, or why none did.
pub type Outcome = Result<Vec<u8>, io::Error>;

fn connect(port: u16) -> io::Result<TcpStream> {
    for _ in 0..100 {
        match TcpStream::connect(("127.0.0.1", port)) {
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => std::thread::sleep(Duration::from_millis(50)),
            other => return other,
        }
    }
    Err(ErrorKind::TimedOut.into())
}

fn facts(connection: &Connection) {
    let suite = connection.negotiated_cipher_suite().map(|suite| suite.suite());
    assert_eq!(suite, Some(xl_crypto::tls::TLS_SM4_GCM_SM3));
    let group = connection.negotiated_key_exchange_group().map(|group| group.name());
    assert_eq!(group, Some(xl_crypto::tls::CURVE_SM2));
}

/// Sends each line to a server that reverses lines; returns all answers. `between` acts on the connection before each.
pub fn client(port: u16, config: ClientConfig, lines: &[&str], between: impl Fn(&mut ClientConnection)) -> Outcome {
    let mut socket = connect(port)?;
    socket.set_read_timeout(Some(Duration::from_secs(10)))?;
    let name = "node.invalid".try_into().expect("name");
    let mut client = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    let mut received = Vec::new();
    for line in lines {
        if !client.is_handshaking() {
            between(&mut client);
        }
        let mut stream = Stream::new(&mut client, &mut socket);
        stream.write_all(format!("{line}\n").as_bytes())?;
        let mut answer = vec![0; line.len() + 1];
        stream.read_exact(&mut answer)?;
        received.extend(answer);
    }
    client.send_close_notify();
    client.write_tls(&mut socket)?;
    facts(&client.into());
    Ok(received)
}

/// Accepts one connection and echoes `length` bytes; returns them.
pub fn server(listener: &TcpListener, config: ServerConfig, length: usize) -> Outcome {
    let (mut socket, _) = listener.accept()?;
    socket.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut server = ServerConnection::new(Arc::new(config)).map_err(io::Error::other)?;
    let mut stream = Stream::new(&mut server, &mut socket);
    let mut received = vec![0; length];
    let mut done = 0;
    let result = loop {
        match stream.read(&mut received[done..]) {
            Ok(0) => break Err(ErrorKind::UnexpectedEof.into()),
            Ok(count) => {
                stream.write_all(&received[done..done + count])?;
                done += count;
                if done == length {
                    break Ok(received);
                }
            }
            Err(error) => break Err(error),
        }
    };
    server.send_close_notify();
    while server.wants_write() {
        server.write_tls(&mut socket)?;
    }
    if result.is_ok() {
        facts(&server.into());
    }
    result
}

/// A leaf key that signs handshakes under another identifier than that of RFC 8998.
#[derive(Debug)]
struct WrongIdentifier(Arc<sm2::dsa::SigningKey>);

impl SigningKey for WrongIdentifier {
    fn choose_scheme(&self, _: &[SignatureScheme]) -> Option<Box<dyn Signer>> {
        Some(Box::new(Self(Arc::clone(&self.0))))
    }

    fn algorithm(&self) -> rustls::SignatureAlgorithm {
        rustls::SignatureAlgorithm::Unknown(7)
    }
}

impl Signer for WrongIdentifier {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rustls::Error> {
        let signature: sm2::dsa::Signature = self.0.sign(message);
        Ok(signature.to_der().to_vec())
    }

    fn scheme(&self) -> SignatureScheme {
        SM2SIG_SM3
    }
}

/// Makes a client sign CertificateVerify under the default identifier.
pub fn with_wrong_identifier(config: &mut ClientConfig, certificate: &[u8], leaf: &[u8]) {
    let key = sm2::dsa::SigningKey::from_slice("1234567812345678", leaf).expect("scalar");
    let certified = CertifiedKey::new(vec![certificate.to_vec().into()], Arc::new(WrongIdentifier(Arc::new(key))));
    config.client_auth_cert_resolver = Arc::new(SingleCertAndKey::from(certified));
}
