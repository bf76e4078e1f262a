//! The network of admitted peers: channel numbers, bounds and the engine's configuration.

use crate::tls::TlsUpgrader;
use commonware_p2p::Channel;
use commonware_p2p::authenticated::lookup;
use commonware_runtime::Quota;
use commonware_utils::{NZU32, NZUsize};
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::time::Duration;
use xl_primitives::{block::BLOCK_BYTES_MAX, tag::LINK};

/// What travels between nodes. The number is on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u64)]
pub enum Lane {
    /// Votes of validators.
    Vote = 0,
    /// Certificates made of votes.
    Certificate = 1,
    /// Requests for missing certificates, and answers.
    Resolver = 2,
    /// Whole blocks from their proposer.
    Broadcast = 3,
    /// Requests for missing blocks, and answers.
    Backfill = 4,
    /// Batches of admitted transactions.
    Transactions = 5,
}

impl Lane {
    /// Every lane.
    pub const ALL: [Self; 6] =
        [Self::Vote, Self::Certificate, Self::Resolver, Self::Broadcast, Self::Backfill, Self::Transactions];

    /// The engine's channel number.
    #[must_use]
    pub const fn channel(self) -> Channel {
        self as Channel
    }

    /// Messages a second, and at once, in each direction with each peer. What exceeds it is held back on arrival and
    /// not sent on departure, so it must lie above what the protocol needs.
    ///
    /// The engine allocates a queue of `rate x retained peers` slots for each lane when it starts (see
    /// [`Settings::peers`]): a rate without measure takes the machine's memory before the first message.
    #[must_use]
    pub const fn quota(self) -> Quota {
        Quota::per_second(match self {
            // At the 40 blocks a second that an unpaced network reaches, a peer sends 3 votes a block.
            Self::Vote | Self::Certificate => NZU32!(1024),
            Self::Resolver | Self::Backfill | Self::Transactions => NZU32!(256),
            Self::Broadcast => NZU32!(128),
        })
    }
}

/// Longest message: a block, and what the engine wraps around one (context, certificate of a few hundred signatures).
pub const MESSAGE_BYTES_MAX: u32 = BLOCK_BYTES_MAX as u32 + 64 * 1024;

/// Peer sets that stay connected: the present one and the two before it, since an old identity stays good for transport
/// for two epochs (protocol rule 19).
pub const TRACKED_SETS: NonZeroUsize = NZUsize!(3);

/// What differs between networks and nodes.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The chain's id: SM3 of its genesis. Nodes of another chain are refused in the handshake.
    pub chain: [u8; 32],
    /// Where to listen.
    pub listen: SocketAddr,
    /// Most peers in one set, this node included. All nodes of a network use one value.
    pub peers: NonZeroUsize,
    /// Whether peers may have private addresses and share one machine: a network on loopback, or in one machine room.
    pub local: bool,
}

/// The engine's configuration of a network whose links `upgrader` opens. Who is admitted is said later and may change:
/// `oracle.track(epoch, peers)`.
#[must_use]
pub fn config(upgrader: TlsUpgrader, settings: &Settings) -> lookup::Config<TlsUpgrader> {
    let per_ip: NonZeroU32 = if settings.local { NZU32!(64) } else { NZU32!(4) };
    lookup::Config {
        handshake: upgrader,
        namespace: namespace(&settings.chain),
        listen: settings.listen,
        allow_private_ips: settings.local,
        allow_dns: true,
        bypass_ip_check: false,
        max_message_size: MESSAGE_BYTES_MAX,
        max_peers_per_set: settings.peers,
        mailbox_size: NZUsize!(1024),
        send_batch_size: NZUsize!(8),
        handshake_timeout: Duration::from_secs(5),
        dial_timeout: Duration::from_secs(10),
        // A peer that restarted is dialled again after at most this.
        peer_connection_cooldown: Duration::from_secs(1),
        max_concurrent_handshakes: NZU32!(64),
        allowed_handshake_rate_per_ip: Quota::per_second(per_ip),
        allowed_handshake_rate_per_subnet: Quota::per_second(NZU32!(128)),
        ping_frequency: Duration::from_secs(10),
        dial_frequency: Duration::from_millis(500),
        tracked_peer_sets: TRACKED_SETS,
        block_duration: Duration::from_mins(10),
    }
}

/// What the handshake binds a link to.
fn namespace(chain: &[u8; 32]) -> Vec<u8> {
    [&LINK[..], chain].concat()
}

#[cfg(test)]
mod tests;
