//! Links between admitted nodes, and the names under which the engine knows them.
//!
//! [`identity`] gives the engine SM2 keys and SM3 digests; [`tls`] opens an encrypted, mutually authenticated link over
//! any byte stream; [`peers`] configures the engine's network on top of both. Real sockets and the simulator run the
//! same code.

pub mod identity;
pub mod peers;
pub mod tls;
