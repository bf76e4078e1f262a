//! One process per node folder.

use crate::error::NodeError;
use std::{
    fs::{File, OpenOptions},
    path::Path,
};

/// Held as long as the node runs; the operating system frees it when the process dies.
pub struct FolderLock(#[allow(dead_code)] File);

impl FolderLock {
    /// Takes the lock of `folder`, which must exist.
    ///
    /// # Errors
    /// [`NodeError::FolderInUse`] when another process holds it.
    pub fn take(folder: &Path) -> Result<Self, NodeError> {
        let open = OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock"));
        let file = open.map_err(|source| NodeError::Folder { folder: folder.into(), source })?;
        file.try_lock().map_err(|_| NodeError::FolderInUse { folder: folder.into() })?;
        Ok(Self(file))
    }
}
