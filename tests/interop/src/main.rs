//! RFC 8998 against an independent implementation: our rustls provider and Tongsuo 8.5, each as client and as server.
//!
//! `cargo run --manifest-path tests/interop/Cargo.toml -- target/interop` builds Tongsuo there the first time, prints
//! one line a case and fails if any case does. Both sides authenticate: our side by the identity that signed the
//! leaf, Tongsuo's by a chain to that identity as its certificate authority.

mod ours;
mod tongsuo;

use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::TLS13;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use sm2::pkcs8::{EncodePrivateKey as _, LineEnding};
use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use tongsuo::{SM, Tongsuo};
use xl_crypto::SecretKey;
use xl_crypto::tls::{Credentials, Pinned, client_config, provider, server_config};

const PROTOCOL: &[u8] = b"xl1/interop";
const ALPN: [&str; 2] = ["-alpn", "xl1/interop"];
/// What Tongsuo presents, and against what it checks us.
const MUTUAL: [&str; 7] =
    ["-cert", "node2.crt", "-key", "node2.key", "-CAfile", "identity1.crt", "-verify_return_error"];
const BY_AUTHORITY: [&str; 7] =
    ["-cert", "theirs.crt", "-key", "theirs.key", "-CAfile", "authority.crt", "-verify_return_error"];

/// Identities 1 (ours), 2 (Tongsuo's) and 3 (a stranger), each with a leaf.
fn identity(byte: u8) -> SecretKey {
    SecretKey::from_slice(&[byte; 32]).expect("scalar")
}

fn leaf(byte: u8) -> SecretKey {
    identity(byte + 100)
}

fn node(byte: u8) -> Credentials {
    Credentials::issue(&identity(byte), &leaf(byte))
}

fn only(byte: u8) -> Pinned {
    let admitted = identity(byte).public_key();
    Pinned::new(move |key| *key == admitted)
}

fn pem(der: &[u8]) -> String {
    sm2::pkcs8::der::pem::encode_string("CERTIFICATE", LineEnding::LF, der).expect("PEM")
}

fn key_pem(key: &SecretKey) -> String {
    let key = sm2::SecretKey::from_slice(&*key.to_bytes()).expect("scalar");
    key.to_pkcs8_pem(LineEnding::LF).expect("PEM").to_string()
}

/// Writes the nodes' keys and certificates, and has Tongsuo make the identities' own certificates and an authority.
fn write_keys(tongsuo: &Tongsuo) -> Result<(), String> {
    let write = |name: String, text: String| fs::write(tongsuo.path(&name), text).map_err(|error| error.to_string());
    for byte in 1..=3 {
        write(format!("node{byte}.crt"), pem(node(byte).certificate()))?;
        write(format!("node{byte}.key"), key_pem(&leaf(byte)))?;
        write(format!("identity{byte}.key"), key_pem(&identity(byte)))?;
        // The identifier of the identity's key is the key itself, which the leaf names as its authority.
        let public: String = identity(byte).public_key().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        write(
            format!("identity{byte}.cnf"),
            format!(
                "[req]\ndistinguished_name=dn\nx509_extensions=ca\n[dn]\n[ca]\nbasicConstraints=critical,CA:TRUE\nsubjectKeyIdentifier={public}\n"
            ),
        )?;
        let (key, certificate) = (format!("identity{byte}.key"), format!("identity{byte}.crt"));
        let configuration = format!("identity{byte}.cnf");
        tongsuo.run(&[
            "req",
            "-x509",
            "-new",
            "-sm3",
            "-sigopt",
            "distid:1234567812345678",
            "-days",
            "30",
            "-subj",
            "/CN=xl identity",
            "-config",
            &configuration,
            "-key",
            &key,
            "-out",
            &certificate,
        ])?;
    }
    write("authority.cnf".into(), "[req]\ndistinguished_name=dn\nx509_extensions=ca\n[dn]\n[ca]\nbasicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n[leaf]\nbasicConstraints=CA:FALSE\nsubjectAltName=DNS:node.invalid\n".into())?;
    for name in ["authority", "theirs", "mine"] {
        let key = format!("{name}.key");
        tongsuo.run(&["genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:SM2", "-out", &key])?;
    }
    let id = ["-sm3", "-sigopt", "distid:1234567812345678", "-days", "30"];
    let request = ["req", "-x509", "-new", "-config", "authority.cnf", "-subj", "/CN=authority", "-key"];
    tongsuo.run(&[&request[..], &["authority.key", "-out", "authority.crt"], &id].concat())?;
    for name in ["theirs", "mine"] {
        let (key, csr, certificate) = (format!("{name}.key"), format!("{name}.csr"), format!("{name}.crt"));
        let subject = format!("/CN={name}");
        let request = ["req", "-new", "-config", "authority.cnf", "-subj", &subject, "-key", &key, "-out", &csr];
        tongsuo.run(&[&request[..], &id[..3]].concat())?;
        let sign = ["x509", "-req", "-in", &csr, "-CA", "authority.crt", "-CAkey", "authority.key", "-CAcreateserial"];
        let extensions = ["-vfyopt", "distid:1234567812345678", "-extfile", "authority.cnf", "-extensions", "leaf"];
        tongsuo.run(&[&sign[..], &extensions, &["-out", &certificate], &id].concat())?;
    }
    Ok(())
}

type Verdict = Result<(), String>;

fn expect(condition: bool, what: impl FnOnce() -> String) -> Verdict {
    condition.then_some(()).ok_or_else(what)
}

fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|socket| socket.local_addr()).expect("port").port()
}

/// Our client against `s_server`: two lines, answered reversed.
fn dial(tongsuo: &Tongsuo, config: ClientConfig, server: &[&str], update_keys: bool) -> Verdict {
    let port = free_port();
    let running = tongsuo.server(port, server);
    let outcome = ours::client(port, config, &["licence", "points"], |connection| {
        if update_keys {
            connection.refresh_traffic_keys().expect("TLS 1.3");
        }
    });
    match outcome {
        Ok(answer) => expect(answer == b"ecnecil\nstniop\n", || format!("answered {answer:?}")),
        Err(error) => {
            drop(running);
            Err(error.to_string())
        }
    }
}

/// `s_client` against our server, which echoes `input`.
fn accept(tongsuo: &Tongsuo, config: ServerConfig, client: &[&str], input: &[u8]) -> Verdict {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("port");
    let port = listener.local_addr().expect("address").port();
    let running = tongsuo.client(port, client, input.to_vec());
    let outcome = ours::server(&listener, config, input.len());
    let (printed, errors) = running.output();
    let received = outcome.map_err(|error| format!("{error}; s_client: {errors}"))?;
    expect(received == input, || "the input did not arrive".into())?;
    expect(printed == input, || format!("{} bytes came back; {errors}", printed.len()))
}

/// A case that must fail, with `reason` in what is said.
fn refused(verdict: Verdict, reason: &str) -> Verdict {
    match verdict {
        Ok(()) => Err("was accepted".into()),
        Err(text) => expect(text.contains(reason), || format!("refused, but: {text}")),
    }
}

fn client() -> ClientConfig {
    client_config(&node(1), only(2), PROTOCOL).expect("config")
}

fn server() -> ServerConfig {
    server_config(&node(1), only(2), PROTOCOL).expect("config")
}

/// rustls's own verifiers with certificates that Tongsuo made.
fn by_authority(tongsuo: &Tongsuo) -> (ClientConfig, ServerConfig) {
    let mut roots = RootCertStore::empty();
    let authority = CertificateDer::from_pem_file(tongsuo.path("authority.crt")).expect("certificate");
    roots.add(authority).expect("anchor");
    let roots = Arc::new(roots);
    let chain = vec![CertificateDer::from_pem_file(tongsuo.path("mine.crt")).expect("certificate")];
    let key = || PrivateKeyDer::from_pem_file(tongsuo.path("mine.key")).expect("key");
    let provider = Arc::new(provider());
    let client = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(&[&TLS13])
        .expect("TLS 1.3")
        .with_root_certificates(Arc::clone(&roots))
        .with_client_auth_cert(chain.clone(), key())
        .expect("key");
    let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(&provider)).build().expect("verifier");
    let server = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])
        .expect("TLS 1.3")
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key())
        .expect("key");
    (client, server)
}

fn cases(t: &Tongsuo, mut case: impl FnMut(&str, Verdict)) {
    let serve = |extra: &[&'static str]| [&["-Verify", "1"], &MUTUAL[..], &ALPN, extra].concat();
    let call = |extra: &[&'static str]| [&SM[..], &MUTUAL, &ALPN, extra].concat();
    let hello = b"hello\n";
    let bulk: Vec<u8> = (0..20_000_000u32).map(|i| b'a' + (i % 23) as u8).collect();
    let mut wrong_identifier = client();
    ours::with_wrong_identifier(&mut wrong_identifier, node(1).certificate(), &*leaf(1).to_bytes());
    let stranger = ["-cert", "node3.crt", "-key", "node3.key", "-CAfile", "identity1.crt"];
    let (their_client, their_server) = by_authority(t);
    case(
        "Tongsuo verifies our leaf under its identity",
        t.run(&["verify", "-vfyopt", "distid:1234567812345678", "-CAfile", "identity1.crt", "node1.crt"]),
    );
    case(
        "Tongsuo refuses our leaf under another identity",
        refused(t.run(&["verify", "-CAfile", "identity2.crt", "node1.crt"]), "verif"),
    );
    case("our client, s_server", dial(t, client(), &serve(&[]), false));
    case("our client, s_server strict", dial(t, client(), &serve(&["-enable_sm_tls13_strict"]), false));
    case("our client updates keys", dial(t, client(), &serve(&[]), true));
    case(
        "our client admits another identity",
        refused(
            dial(t, client_config(&node(1), only(3), PROTOCOL).expect("config"), &serve(&[]), false),
            "ApplicationVerificationFailure",
        ),
    );
    case(
        "s_server trusts another identity",
        refused(dial(t, client_config(&node(3), only(2), PROTOCOL).expect("config"), &serve(&[]), false), "UnknownCA"),
    );
    case(
        "our client signs under the default identifier",
        refused(dial(t, wrong_identifier, &serve(&[]), false), "DecryptError"),
    );
    case("s_client, our server", accept(t, server(), &call(&[]), hello));
    case("s_client strict, our server", accept(t, server(), &call(&["-enable_sm_tls13_strict"]), hello));
    case("s_client, 20 MB echoed", accept(t, server(), &call(&[]), &bulk));
    case(
        "s_client offers P-256 first: HelloRetryRequest",
        accept(
            t,
            server(),
            &[&["-tls1_3", "-ciphersuites", "TLS_SM4_GCM_SM3", "-curves", "P-256:SM2"], &MUTUAL[..], &ALPN].concat(),
            hello,
        ),
    );
    case(
        "s_client offers P-256 only",
        refused(
            accept(
                t,
                server(),
                &[&["-tls1_3", "-ciphersuites", "TLS_SM4_GCM_SM3", "-curves", "P-256"], &MUTUAL[..], &ALPN].concat(),
                hello,
            ),
            "NoKxGroupsInCommon",
        ),
    );
    case(
        "s_client without a certificate",
        refused(accept(t, server(), &[&SM[..], &ALPN].concat(), hello), "sent no certificates"),
    );
    case(
        "s_client as a stranger",
        refused(accept(t, server(), &[&SM[..], &stranger, &ALPN].concat(), hello), "ApplicationVerificationFailure"),
    );
    case(
        "s_client for another network",
        refused(
            accept(t, server(), &[&SM[..], &MUTUAL, &["-alpn", "xl1/other"]].concat(), hello),
            "application protocol",
        ),
    );
    case(
        "our client, s_server, certificates by an authority",
        dial(t, their_client, &[&["-Verify", "1"], &BY_AUTHORITY[..]].concat(), false),
    );
    case(
        "s_client, our server, certificates by an authority",
        accept(t, their_server, &[&SM[..], &BY_AUTHORITY].concat(), hello),
    );
}

fn main() -> ExitCode {
    let target = std::env::args().nth(1).unwrap_or_else(|| "target/interop".into());
    let tongsuo = Tongsuo::prepare(Path::new(&target)).expect("Tongsuo builds");
    let mut failed = 0;
    if let Err(reason) = write_keys(&tongsuo) {
        println!("FAILED  Tongsuo makes certificates: {reason}");
        return ExitCode::FAILURE;
    }
    cases(&tongsuo, |name, verdict| match verdict {
        Ok(()) => println!("ok      {name}"),
        Err(reason) => {
            failed += 1;
            println!("FAILED  {name}: {reason}");
        }
    });
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
