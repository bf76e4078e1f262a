//! Values of the past: for every change, the value before it, by path and height.
//!
//! The value at height `h` is the one before the first change above `h`, or else the present one. It is served as *not
//! proven* (protocol rule 17).

use crate::error::{StateDamage, StateError};
use crate::store::{Batch, Reader, Table};

type Change = ([u8; 32], Option<Vec<u8>>);

fn key(path: &[u8; 32], height: u64) -> Vec<u8> {
    [&path[..], &height.to_be_bytes()].concat()
}

/// Records the values before block `height`.
pub(crate) fn write(batch: &mut Batch, height: u64, before: &[Change]) {
    let mut log = Vec::with_capacity(before.len() * 32);
    for (path, value) in before {
        let value = value.as_deref();
        let parts: [&[u8]; 2] = [&[u8::from(value.is_some())], value.unwrap_or(&[])];
        batch.put_parts(Table::History, &[path, &height.to_be_bytes()], &parts);
        log.extend(path);
    }
    if !log.is_empty() {
        batch.put(Table::HistoryLog, height.to_be_bytes(), log);
    }
}

/// The value before the first change above `height`; `None` if there is no such change.
pub(crate) fn find(reader: &dyn Reader, path: &[u8; 32], height: u64) -> Result<Option<Option<Vec<u8>>>, StateError> {
    let Some((_, record)) = reader.first(Table::History, &key(path, height + 1), &key(path, u64::MAX))? else {
        return Ok(None);
    };
    match record.split_first() {
        Some((0, [])) => Ok(Some(None)),
        Some((1, value)) => Ok(Some(Some(value.to_vec()))),
        _ => Err(StateError::damaged(StateDamage::History)),
    }
}

/// Removals of the changes at heights `after + 1 ..= until`, at most `heights_max` of them, and the last height done.
pub(crate) fn prune(
    reader: &dyn Reader,
    after: u64,
    until: u64,
    heights_max: usize,
) -> Result<(Batch, u64), StateError> {
    let mut batch = Batch::new();
    let mut done = Vec::new();
    reader.scan(Table::HistoryLog, &(after + 1).to_be_bytes(), &mut |height, log| {
        let height = height.try_into().map_or(u64::MAX, u64::from_be_bytes);
        if height > until || done.len() == heights_max {
            return std::ops::ControlFlow::Break(());
        }
        for path in log.as_chunks::<32>().0 {
            batch.delete(Table::History, key(path, height));
        }
        batch.delete(Table::HistoryLog, height.to_be_bytes());
        done.push(height);
        std::ops::ControlFlow::Continue(())
    })?;
    let last = if done.len() == heights_max { done.last().copied().unwrap_or(until) } else { until };
    Ok((batch, last))
}
