//! The node's store: one log-structured engine (fjall), so that a block's writes are one atomic, durable commit.
//!
//! The engine checks its blocks and its journal, but drops everything after the first unreadable record of a journal
//! without a word, and makes a table anew whose list of files is gone. So every batch carries a number, which each table
//! that it touches repeats, and a small file beside the database remembers the last number that was synced: a database
//! that ends earlier, has a hole, or a table that lags behind, is refused as damaged.

use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use fjall::config::{BlockSizePolicy, CompressionPolicy, PinningPolicy};
use fjall::{Database, Keyspace, KeyspaceCreateOptions, KvSeparationOptions, PersistMode, Readable as _};

use super::{Action, Batch, Damage, RESERVED_KEY, Reader, Store, StoreError, Table, Visit};
use crate::check::check_word;

/// Bounds of memory and disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Cache of blocks read from disk, in bytes.
    pub cache_bytes: u64,
    /// Unflushed writes kept in memory for one busy table, in bytes.
    pub table_bytes: u64,
    /// Journals on disk, in bytes; at least 64 MiB.
    pub journal_bytes: u64,
    /// Threads that flush and compact; at least 1.
    pub threads: usize,
}

impl Default for Budget {
    /// 32 MiB of cache, 16 MiB a table, 128 MiB of journals, one thread.
    fn default() -> Self {
        Self { cache_bytes: 32 << 20, table_bytes: 16 << 20, journal_bytes: 128 << 20, threads: 1 }
    }
}

/// Batch numbers kept to find holes: more than fit between two flushes in practice.
const NUMBERS_KEPT: u64 = 4096;

/// A store in a folder.
pub struct FjallStore {
    db: Database,
    tables: Vec<Keyspace>,
    /// Batch numbers.
    numbers: Keyspace,
    writer: Mutex<Writer>,
}

struct Writer {
    /// Number of the last batch.
    last: u64,
    mark: File,
    poisoned: bool,
}

impl FjallStore {
    /// Opens the store in `folder`, creating it if there is none.
    ///
    /// # Errors
    /// [`StoreError::Locked`] if another process has it open, [`StoreError::Damaged`] if the files are not what was
    /// written, [`StoreError::Io`] if the system refuses.
    pub fn open(folder: &Path, budget: Budget) -> Result<Self, StoreError> {
        let (db, tables, numbers) = guarded(Action::Open, || {
            let db = Database::builder(folder)
                .cache_size(budget.cache_bytes)
                .max_journaling_size(budget.journal_bytes.max(64 << 20))
                .worker_threads(budget.threads.max(1))
                .journal_compression(fjall::CompressionType::None)
                .open()?;
            let tables = Table::ALL
                .iter()
                .map(|table| db.keyspace(table.name(), || options(*table, budget)))
                .collect::<Result<Vec<_>, _>>()?;
            let numbers = db.keyspace("batches", KeyspaceCreateOptions::default)?;
            Ok((db, tables, numbers))
        })?;
        let io = |source| StoreError::Io { action: Action::Open, source };
        let last = last_number(&numbers)?;
        let path = folder.join("synced");
        let existed = path.exists();
        let mark = File::options().create(true).truncate(false).read(true).write(true).open(path).map_err(io)?;
        if existed {
            let synced = read_mark(&mark)?;
            if synced > last {
                return Err(StoreError::Damaged { what: Damage::LostWrites { synced, found: last } });
            }
        }
        for (table, keyspace) in Table::ALL.into_iter().zip(&tables) {
            let noted = guarded(Action::Open, || numbers.get(touched_key(table)))?;
            if noted != guarded(Action::Open, || keyspace.get(RESERVED_KEY))? {
                return Err(StoreError::Damaged { what: Damage::Table { table } });
            }
        }
        Ok(Self { db, tables, numbers, writer: Mutex::new(Writer { last, mark, poisoned: false }) })
    }

    /// Size of the files in bytes.
    ///
    /// # Errors
    /// [`StoreError::Io`] if the system refuses.
    pub fn disk_bytes(&self) -> Result<u64, StoreError> {
        guarded(Action::Read, || self.db.disk_space())
    }

    fn table(&self, table: Table) -> &Keyspace {
        &self.tables[table as usize]
    }
}

fn options(table: Table, budget: Budget) -> KeyspaceCreateOptions {
    // Values are hashes and records that hardly compress; flushing small tables late keeps them out of the way.
    let options = KeyspaceCreateOptions::default()
        .data_block_compression_policy(CompressionPolicy::disabled())
        .index_block_compression_policy(CompressionPolicy::disabled())
        .max_memtable_size(budget.table_bytes);
    match table {
        // Read at random, and always there: the way to a block stays in memory, and the last level needs no filter.
        Table::Buckets => options
            .expect_point_read_hits(true)
            .data_block_size_policy(BlockSizePolicy::all(4096))
            .index_block_pinning_policy(PinningPolicy::all(true))
            .filter_block_pinning_policy(PinningPolicy::all(true)),
        Table::Blocks | Table::Receipts => options.with_kv_separation(Some(
            KvSeparationOptions::default().compression(fjall::CompressionType::None).separation_threshold(4096),
        )),
        _ => options,
    }
}

/// The engine's failures as ours. It asserts in places that damaged files reach, so a panic in it is damage, too.
fn guarded<T>(action: Action, work: impl FnOnce() -> Result<T, fjall::Error>) -> Result<T, StoreError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(translate(action, error)),
        Err(_) => Err(StoreError::Damaged { what: Damage::Engine }),
    }
}

fn translate(action: Action, error: fjall::Error) -> StoreError {
    use std::io::ErrorKind;
    let source = match error {
        fjall::Error::Locked => return StoreError::Locked,
        fjall::Error::Poisoned => return StoreError::Poisoned,
        fjall::Error::Io(source) | fjall::Error::Storage(fjall::LsmError::Io(source)) => source,
        _ => return StoreError::Damaged { what: Damage::Engine },
    };
    match source.kind() {
        // A file that ends early or is gone was cut or lost, not refused.
        ErrorKind::UnexpectedEof | ErrorKind::InvalidData | ErrorKind::NotFound if action != Action::Write => {
            StoreError::Damaged { what: Damage::Engine }
        }
        _ => StoreError::Io { action, source },
    }
}

/// Key in `numbers` of the last batch that touched `table`; batch numbers stand before these keys.
fn touched_key(table: Table) -> [u8; 2] {
    [TOUCHED, table as u8]
}

const TOUCHED: u8 = 0xFF;

fn last_number(numbers: &Keyspace) -> Result<u64, StoreError> {
    let mut last = None;
    for entry in numbers.range(..[TOUCHED]) {
        let key = guarded(Action::Open, || entry.key())?;
        let number = key.as_ref().try_into().map(u64::from_be_bytes);
        let number = number.map_err(|_| StoreError::Damaged { what: Damage::Engine })?;
        if let Some(batch) = last.map(|last: u64| last + 1).filter(|next| *next != number) {
            return Err(StoreError::Damaged { what: Damage::MissingWrite { batch } });
        }
        last = Some(number);
    }
    Ok(last.unwrap_or(0))
}

fn mark_bytes(number: u64) -> [u8; 16] {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&number.to_be_bytes());
    bytes[8..].copy_from_slice(&check_word(0, &number.to_be_bytes()).to_be_bytes());
    bytes
}

/// The number of the last synced batch; an empty file is one whose first write did not reach the disk.
fn read_mark(mark: &File) -> Result<u64, StoreError> {
    let mut bytes = [0; 17];
    let length = mark.read_at(&mut bytes, 0).map_err(|source| StoreError::Io { action: Action::Open, source })?;
    let number = u64::from_be_bytes(bytes[..8].try_into().expect("8 bytes"));
    match length {
        0 => Ok(0),
        16 if bytes[..16] == mark_bytes(number) => Ok(number),
        _ => Err(StoreError::Damaged { what: Damage::Mark }),
    }
}

fn scan(entries: fjall::Iter, visit: &mut Visit<'_>) -> Result<(), StoreError> {
    let mut entries = entries;
    while let Some((key, value)) = guarded(Action::Read, || entries.next().map(fjall::Guard::into_inner).transpose())? {
        if *key != *RESERVED_KEY && visit(&key, &value).is_break() {
            break;
        }
    }
    Ok(())
}

impl Reader for FjallStore {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(guarded(Action::Read, || self.table(table).get(key))?.map(|value| value.to_vec()))
    }

    fn scan(&self, table: Table, from: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        scan(guarded(Action::Read, || Ok(self.table(table).range(from..)))?, visit)
    }
}

impl Store for FjallStore {
    fn write(&self, batch: Batch, sync: bool) -> Result<(), StoreError> {
        batch.check_keys()?;
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.poisoned {
            return Err(StoreError::Poisoned);
        }
        let number = writer.last + 1;
        // Whatever fails from here on leaves the effect unknown: nothing more is written in this life.
        writer.poisoned = true;
        guarded(Action::Write, || {
            let mut out = fjall::OwnedWriteBatch::with_capacity(self.db.clone(), batch.ops().len() + 32)
                .durability(sync.then_some(PersistMode::SyncData));
            let mut touched = [false; Table::ALL.len()];
            for op in batch.ops() {
                touched[op.table as usize] = true;
                match op.value {
                    Some(value) => out.insert(self.table(op.table), op.key, value),
                    None => out.remove(self.table(op.table), op.key),
                }
            }
            for table in Table::ALL.into_iter().filter(|table| touched[*table as usize]) {
                out.insert(self.table(table), RESERVED_KEY, number.to_be_bytes());
                out.insert(&self.numbers, touched_key(table), number.to_be_bytes());
            }
            out.insert(&self.numbers, number.to_be_bytes(), []);
            if let Some(old) = number.checked_sub(NUMBERS_KEPT) {
                out.remove(&self.numbers, old.to_be_bytes());
            }
            out.commit()
        })?;
        if sync {
            // Not synced itself: after a power cut it may be behind the database, never ahead of it.
            let written = writer.mark.write_all_at(&mark_bytes(number), 0);
            written.map_err(|source| StoreError::Io { action: Action::Write, source })?;
        }
        writer.last = number;
        writer.poisoned = false;
        Ok(())
    }

    fn snapshot(&self) -> Result<Box<dyn Reader>, StoreError> {
        Ok(Box::new(Snapshot { snapshot: self.db.snapshot(), tables: self.tables.clone() }))
    }
}

struct Snapshot {
    snapshot: fjall::Snapshot,
    tables: Vec<Keyspace>,
}

impl Reader for Snapshot {
    fn get(&self, table: Table, key: &[u8]) -> Result<Option<Vec<u8>>, StoreError> {
        let value = guarded(Action::Read, || self.snapshot.get(&self.tables[table as usize], key))?;
        Ok(value.map(|value| value.to_vec()))
    }

    fn scan(&self, table: Table, from: &[u8], visit: &mut Visit<'_>) -> Result<(), StoreError> {
        scan(guarded(Action::Read, || Ok(self.snapshot.range(&self.tables[table as usize], from..)))?, visit)
    }
}
