//! Compiled modules in a folder of the node, so that a contract which left the memory is loaded instead of compiled.
//!
//! A file's name tells all that its content depends on: SM3 of the code's hash, its instrumenter version and what the
//! engine calls itself and its settings. Its content is private to the node and worth nothing to anyone else. Nothing
//! here can fail a call: a file that is missing, damaged or cannot be written is as good as none, and the module is
//! compiled.
//!
//! Why the `unsafe` here is sound: the engine runs what it deserialises, so the bytes must be its own. They are: this
//! module alone writes the folder, from [`Module::serialize`], inside the data folder that one process of the node's user
//! locks; who can write there could as well replace the node's database or program. A name binds the bytes to the engine
//! (which checks its own version and settings once more), and the checksum in front of the content refuses what a crash
//! or a failing disk left behind.
#![allow(unsafe_code)]

use crate::machine::CodeKey;
use lru::LruCache;
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use wasmtime::{Engine, Module};

/// Bytes of the checksum and of the gas before the engine's bytes.
const HEAD: usize = 4 + 8;
/// Ends the name of a file that is being written.
const UNFINISHED: &str = "new";

/// A folder of compiled modules, for one [`crate::Machine`].
#[derive(Debug)]
pub struct Artefacts {
    folder: PathBuf,
    bytes_max: u64,
    bytes: u64,
    /// Name and length of each file, by use.
    files: LruCache<String, u64>,
}

impl Artefacts {
    /// Opens `folder`, making it if need be. Beyond `bytes_max` bytes the files that were not used longest go; after a
    /// start the order is that in which they were written.
    ///
    /// # Errors
    /// The folder cannot be made or read.
    pub fn open(folder: &Path, bytes_max: u64) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let mut found = Vec::new();
        for file in fs::read_dir(folder)? {
            let file = file?;
            let Ok(name) = file.file_name().into_string() else { continue };
            if name.ends_with(UNFINISHED) {
                fs::remove_file(file.path())?;
                continue;
            }
            let about = file.metadata()?;
            found.push((about.modified()?, name, about.len()));
        }
        found.sort();
        let mut artefacts = Self { folder: folder.to_owned(), bytes_max, bytes: 0, files: LruCache::unbounded() };
        for (_, name, length) in found {
            artefacts.note(name, length);
        }
        artefacts.shrink();
        Ok(artefacts)
    }

    /// The module under `key` with the gas of its start, if a whole one is kept.
    pub(crate) fn read(&mut self, engine: &Engine, key: &CodeKey) -> Option<(Module, u64)> {
        let name = name(engine, key);
        self.files.get(&name)?;
        let read = fs::read(self.folder.join(&name)).ok();
        let module = read.as_deref().and_then(|bytes| deserialize(engine, bytes));
        if module.is_none() {
            self.remove(&name);
        }
        module
    }

    /// Keeps `module`, unless the disk does not take it.
    pub(crate) fn write(&mut self, engine: &Engine, key: &CodeKey, module: &Module, start_gas: u64) {
        let name = name(engine, key);
        let Ok(serialized) = module.serialize() else { return };
        let mut bytes = vec![0; HEAD];
        bytes[4..].copy_from_slice(&start_gas.to_le_bytes());
        bytes.extend_from_slice(&serialized);
        let checksum = crc32fast::hash(&bytes[4..]);
        bytes[..4].copy_from_slice(&checksum.to_le_bytes());
        let unfinished = self.folder.join(format!("{name}.{UNFINISHED}"));
        let written = fs::write(&unfinished, &bytes).and_then(|()| fs::rename(&unfinished, self.folder.join(&name)));
        match written {
            Ok(()) => self.note(name, bytes.len() as u64),
            Err(_) => drop(fs::remove_file(&unfinished)),
        }
        self.shrink();
    }

    fn note(&mut self, name: String, length: u64) {
        self.bytes += length;
        self.bytes -= self.files.put(name, length).unwrap_or(0);
    }

    fn shrink(&mut self) {
        while self.bytes > self.bytes_max {
            let Some((name, _)) = self.files.peek_lru() else { return };
            let name = name.clone();
            self.remove(&name);
        }
    }

    fn remove(&mut self, name: &str) {
        self.bytes -= self.files.pop(name).unwrap_or(0);
        let _ = fs::remove_file(self.folder.join(name));
    }
}

/// The engine's part, if the file is whole and this engine's.
fn deserialize(engine: &Engine, file: &[u8]) -> Option<(Module, u64)> {
    let (checksum, body) = file.split_first_chunk()?;
    let (start_gas, serialized) = body.split_first_chunk()?;
    if crc32fast::hash(body) != u32::from_le_bytes(*checksum) {
        return None;
    }
    // SAFETY: whole bytes that `serialize` gave to this module, see the top of this file.
    let module = unsafe { Module::deserialize(engine, serialized) }.ok()?;
    Some((module, u64::from_le_bytes(*start_gas)))
}

fn name(engine: &Engine, key: &CodeKey) -> String {
    let mut described = Described(Vec::new());
    std::hash::Hash::hash(&engine.precompile_compatibility_hash(), &mut described);
    let parts = [&key.code_hash[..], &key.instrumenter_version.to_le_bytes(), &described.0];
    xl_crypto::sm3(&parts).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes that something would hash.
struct Described(Vec<u8>);

impl std::hash::Hasher for Described {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        0
    }
}
