//! Which journal belongs to which store (protocol 6): a number drawn once and kept in both. Where they differ, one of
//! the two was restored or lost, and a node that votes on would risk voting twice.

use commonware_runtime::{Blob as _, ReadOptions, Storage, WriteOptions};
use rand_core::CryptoRng;
use xl_state::{Batch, Store, StoreError, Table};

const KEY: &[u8] = b"consensus/installation";
const BLOB: &[u8] = b"id";
const SIZE: usize = 16;

/// Why the installation could not be told.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    /// The store could not read or write.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The engine's storage could not read or write.
    #[error("the journal's storage failed")]
    Journal(#[from] commonware_runtime::Error),
}

/// Whether journal and store are of one installation. A fresh pair, at height 0, becomes one.
pub(crate) async fn matches<E, S>(
    runtime: &mut E,
    store: &S,
    partition: &str,
    height: u64,
) -> Result<bool, InstallationError>
where
    E: Storage + CryptoRng,
    S: Store,
{
    let in_store = store.get(Table::Node, KEY)?;
    let (blob, size) = runtime.open(&format!("{partition}-installation"), BLOB).await?;
    let in_journal = if size as usize >= SIZE {
        Some(blob.read_at(0, SIZE, ReadOptions::default()).await?.coalesce().as_ref().to_vec())
    } else {
        None
    };
    let id = match (in_store, in_journal) {
        (Some(in_store), Some(in_journal)) => return Ok(in_store == in_journal),
        // The journal is lost, or the store came without it.
        (Some(_), None) => return Ok(false),
        (None, _) if height > 0 => return Ok(false),
        // A first start that was interrupted here. The journal remembers its votes, if there are any.
        (None, Some(in_journal)) => in_journal,
        (None, None) => {
            let mut id = vec![0; SIZE];
            runtime.fill_bytes(&mut id);
            blob.write_at(0, id.clone(), WriteOptions::SYNC).await?;
            blob.sync().await?;
            id
        }
    };
    let mut batch = Batch::new();
    batch.put(Table::Node, KEY, id);
    store.write(batch, true)?;
    Ok(true)
}

#[cfg(test)]
mod tests;
