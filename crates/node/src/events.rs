//! Progress of the chain as seen by callers' threads, and the event stream with its cursor.
//!
//! A cursor is `height * 2^24 + position in the block`, so it names the same event on every node and survives restarts.

use crate::{error::NodeError, node::Node};
use parking_lot::{Condvar, Mutex};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use xl_primitives::Status;

/// Most events of one answer.
pub const EVENTS_MAX: usize = 1_000;
/// Most blocks that one answer looks through.
const BLOCKS_MAX: u64 = 2_000;
const POSITION_BITS: u32 = 24;

/// The committed height, to wait for.
pub struct Progress {
    height: Mutex<(u64, bool)>,
    changed: Condvar,
}

impl Progress {
    pub(crate) fn new(height: u64) -> Self {
        Self { height: Mutex::new((height, false)), changed: Condvar::new() }
    }

    pub(crate) fn reach(&self, height: u64) {
        self.height.lock().0 = height;
        self.changed.notify_all();
    }

    pub(crate) fn close(&self) {
        self.height.lock().1 = true;
        self.changed.notify_all();
    }

    /// Waits until the height is at least `height`, the node stops, or `until`; the height then.
    pub(crate) fn wait(&self, height: u64, until: Instant) -> u64 {
        let mut state = self.height.lock();
        while state.0 < height && !state.1 {
            if self.changed.wait_until(&mut state, until).timed_out() {
                break;
            }
        }
        state.0
    }
}

impl Node {
    /// Events after `cursor` (0: from the first), at most `limit`; waits up to `timeout` while there is none.
    ///
    /// # Errors
    /// [`NodeError`] when the node serves no users or cannot read.
    pub fn events(&self, cursor: u64, limit: usize, timeout: Duration) -> Result<String, NodeError> {
        self.serving()?;
        let until = Instant::now() + timeout;
        let limit = limit.clamp(1, EVENTS_MAX);
        let mut cursor = cursor;
        loop {
            let tip = self.chain.tip().height;
            let (events, next) = self.events_until(cursor, limit, tip)?;
            let exhausted = events.is_empty() && Instant::now() >= until;
            if !events.is_empty() || exhausted {
                return Ok(json!({ "events": events, "next_cursor": next.to_string() }).to_string());
            }
            cursor = next;
            if next >> POSITION_BITS >= tip && self.progress.wait(tip + 1, until) <= tip {
                return Ok(json!({ "events": [], "next_cursor": next.to_string() }).to_string());
            }
        }
    }

    fn events_until(&self, cursor: u64, limit: usize, tip: u64) -> Result<(Vec<Value>, u64), NodeError> {
        let mut events = Vec::new();
        let mut next = cursor;
        let first = (cursor >> POSITION_BITS).max(1);
        for height in first..=tip.min(first + BLOCKS_MAX) {
            let Some(stored) = self.chain.stored_block(height)? else { break };
            let mut position = 0u64;
            for (index, receipt) in stored.receipts.iter().enumerate() {
                if !matches!(receipt.status, Status::Success { .. }) {
                    continue;
                }
                for event in receipt.events.iter() {
                    position += 1;
                    let at = height << POSITION_BITS | position;
                    if at <= cursor {
                        continue;
                    }
                    if events.len() == limit {
                        return Ok((events, next));
                    }
                    next = at;
                    events.push(json!({
                        "cursor": at.to_string(),
                        "height": height,
                        "index": index,
                        "tx_id": receipt.tx_id.to_string(),
                        "contract": event.contract.to_string(),
                        "name": &*event.name,
                        "data": hex::encode(&*event.data),
                        "time_ms": stored.block.header.time_ms,
                    }));
                }
            }
            // Past this block, so that an answer without events still moves on.
            if events.is_empty() {
                next = next.max(height << POSITION_BITS | position);
            }
        }
        Ok((events, next))
    }
}
