//! Client and server configurations: TLS 1.3 only, both sides with certificates, one application protocol, no resumption.

use super::{Credentials, Pinned, provider};
use rustls::client::Resumption;
use rustls::pki_types::UnixTime;
use rustls::server::NoServerSessionStorage;
use rustls::time_provider::TimeProvider;
use rustls::version::TLS13;
use rustls::{ClientConfig, Error, ServerConfig};
use std::sync::Arc;
use std::time::Duration;

/// Certificates have no dates between peers and there are no tickets, so nothing reads the time; rustls still asks.
#[derive(Debug)]
struct NoClock;

impl TimeProvider for NoClock {
    fn current_time(&self) -> Option<UnixTime> {
        Some(UnixTime::since_unix_epoch(Duration::ZERO))
    }
}

/// Configuration of the dialling side.
///
/// `protocol` is offered by ALPN. A peer without ALPN is not refused by TLS: compare
/// [`rustls::CommonState::alpn_protocol`] after the handshake.
///
/// # Errors
/// Those of rustls; none is known for this provider.
pub fn client_config(credentials: &Credentials, peers: Pinned, protocol: &[u8]) -> Result<ClientConfig, Error> {
    let mut config = ClientConfig::builder_with_details(Arc::new(provider()), Arc::new(NoClock))
        .with_protocol_versions(&[&TLS13])?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(peers))
        .with_client_cert_resolver(credentials.resolver());
    config.resumption = Resumption::disabled();
    config.enable_sni = false;
    config.alpn_protocols = vec![protocol.to_vec()];
    Ok(config)
}

/// Configuration of the listening side; clients must present a certificate. See [`client_config`] on `protocol`.
///
/// # Errors
/// Those of rustls; none is known for this provider.
pub fn server_config(credentials: &Credentials, peers: Pinned, protocol: &[u8]) -> Result<ServerConfig, Error> {
    let mut config = ServerConfig::builder_with_details(Arc::new(provider()), Arc::new(NoClock))
        .with_protocol_versions(&[&TLS13])?
        .with_client_cert_verifier(Arc::new(peers))
        .with_cert_resolver(credentials.resolver());
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.send_tls13_tickets = 0;
    config.alpn_protocols = vec![protocol.to_vec()];
    Ok(config)
}
