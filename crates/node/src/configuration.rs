//! What an operator says about one node. Who it is, is said by genesis.

use serde::Deserialize;
use std::{net::SocketAddr, path::PathBuf};

/// Configuration of a node; the file it comes from has these keys and no others.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Name, as in genesis.
    pub name: String,
    /// Folder of database and journals.
    pub data_dir: PathBuf,
    /// Genesis bytes in hex.
    pub genesis: String,
    /// Where peers connect to.
    pub listen: SocketAddr,
    /// Where the other nodes listen.
    pub peers: Vec<Peer>,
    /// True when the gateway of this process may be reached from other machines; told in the status only.
    #[serde(default)]
    pub api_public: bool,
    /// `error`, `warn`, `info` or `debug`.
    #[serde(default = "info")]
    pub log_level: String,
    /// False after a restore: the node follows without a vote until a new consensus key is admitted (protocol 6).
    #[serde(default = "yes")]
    pub vote: bool,
}

/// Where another node listens.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Peer {
    /// Its identity key in hex.
    pub key: String,
    /// `host:port`.
    pub address: SocketAddr,
}

fn info() -> String {
    "info".into()
}

const fn yes() -> bool {
    true
}
