//! Admitted peers over the RFC 8998 channel, block and transaction exchange

pub mod identity;
