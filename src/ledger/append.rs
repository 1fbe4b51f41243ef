//! Writing: under the lock, after catching up, whole lines in one write, synced, then acknowledged.

use super::batch::Begin;
use super::disk::{Disk, RealDisk};
use super::entry::Entry;
use super::folder;
use super::lock;
use super::read::Mark;
use super::walk::{Fault, ReadError};
use super::writer::Writer;
use crate::fault::reach;
use crate::review::Stamp;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// How a ledger behaves; the default is right for all but tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// A file that has reached this length is not appended to any more, in bytes.
    pub max_file_bytes: u64,
    /// How long to wait for the lock.
    pub lock_wait: Duration,
}

impl Default for Options {
    fn default() -> Self {
        Self { max_file_bytes: 64 << 20, lock_wait: Duration::from_secs(5) }
    }
}

/// The log cannot be used from here at all.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The folder cannot be made or looked at.
    #[error("the log's folder {path} cannot be used ({why}); make it yours, or name another with --data")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// The folder is on a file system whose locks and syncs cannot be trusted.
    #[error(
        "{path} lies on a network file system ({kind}), where locks cannot be trusted; name a local folder with --data"
    )]
    NetworkFileSystem {
        /// The folder.
        path: PathBuf,
        /// For instance `nfs`.
        kind: &'static str,
    },
}

/// Entries were not acknowledged.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// Others hold the lock. Nothing was written.
    #[error("the log is busy: {path} has been locked for {waited_ms} ms; try again, or see who holds it")]
    Busy {
        /// The lock file.
        path: PathBuf,
        /// How long was waited.
        waited_ms: u128,
    },
    /// Nothing was written, or what was written has been cut off again.
    #[error(
        "nothing was signed: {path} could not be {doing} ({why}); make room on the disk or check its rights"
    )]
    NotWritten {
        /// The file.
        path: PathBuf,
        /// Written, opened, locked.
        doing: &'static str,
        /// What the system said.
        why: io::Error,
    },
    /// The entries may stand or not: known at the next start. This ledger only reads from now on.
    #[error(
        "{path} may hold the last entry or not: the disk failed ({why}); check the disk, then start again"
    )]
    Poisoned {
        /// The file.
        path: PathBuf,
        /// What the system said.
        why: String,
    },
    /// The log is not what it was. Nothing was written, and nothing is repaired.
    #[error(
        "nothing was signed: the log is broken: {0}; run `countersign verify` and restore it from a copy"
    )]
    Broken(Fault),
}

impl AppendError {
    /// Whether the entries may be on disk all the same.
    pub const fn may_stand(&self) -> bool {
        matches!(self, Self::Poisoned { .. })
    }
}

/// How the log stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The newest entry; none in an empty log.
    pub newest: Option<Mark>,
    /// Bytes after it, which the next append moves to quarantine.
    pub torn_bytes: u64,
    /// There are entries, but no readable `head.json`.
    pub head_lost: bool,
}

/// The decision log of one folder. Any number of them, in any number of processes, may share the folder.
pub struct Ledger {
    dir: PathBuf,
    options: Options,
    writer: Mutex<Writer>,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ledger").field("dir", &self.dir).finish_non_exhaustive()
    }
}

impl Ledger {
    /// Opens the log in `dir`, and makes the folder where it is missing. Reads nothing of the log yet.
    pub fn open(dir: &Path) -> Result<Self, LedgerError> {
        Self::open_with(dir, Options::default(), Box::new(RealDisk))
    }

    /// Opens the log with other limits or on another disk.
    pub fn open_with(dir: &Path, options: Options, disk: Box<dyn Disk>) -> Result<Self, LedgerError> {
        let failed = |why| LedgerError::Folder { path: dir.to_owned(), why };
        folder::create(dir).map_err(failed)?;
        if let Some(kind) = folder::network(dir) {
            return Err(LedgerError::NetworkFileSystem { path: dir.to_owned(), kind });
        }
        let may_resolve = folder::doubt(dir).map_err(failed)?.is_some();
        let writer = Writer::new(disk, may_resolve);
        Ok(Self { dir: dir.to_owned(), options, writer: Mutex::new(writer) })
    }

    /// The folder.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Catches up and checks the tail, as every append does, without writing.
    pub fn check(&self) -> Result<Standing, AppendError> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let _held = self.lock()?;
        writer.still_sound(&self.dir)?;
        let found = writer.catch_up(&self.dir)?;
        Ok(Standing {
            newest: found.tail.as_ref().map(Mark::of),
            torn_bytes: found.torn.map_or(0, |t| t.bytes.len() as u64),
            head_lost: found.head_lost,
        })
    }

    /// Appends entries, each with its id, all in one write; returns once they are on disk.
    ///
    /// They bear the moment `now`, or the last entry's where that is a little later; a clock that went back further
    /// is written down first.
    ///
    /// # Errors
    /// See [`AppendError`]: unless it says that the entries may stand, none of them does.
    pub fn append(&self, now: Stamp, entries: &[(Uuid, Entry)]) -> Result<Vec<Mark>, AppendError> {
        let Some((salt, _)) = entries.first() else { return Ok(Vec::new()) };
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        let _held = self.lock()?;
        reach("ledger.locked");
        writer.still_sound(&self.dir)?;
        writer.resolve_doubt(&self.dir)?;
        let found = writer.catch_up(&self.dir)?;
        writer.repair(&self.dir, found)?;
        let chain = writer.chain(&self.dir)?;
        let begin = Begin::after(writer.known(), now, self.options.max_file_bytes);
        let batch = begin.fill(chain, *salt, writer.own(), entries);
        writer.write(&self.dir, &batch)?;
        Ok(batch.marks)
    }

    fn lock(&self) -> Result<lock::Held, AppendError> {
        let path = self.dir.join(folder::LOCK);
        match lock::exclusive(&self.dir, folder::LOCK, self.options.lock_wait) {
            Ok(Some(held)) => Ok(held),
            Ok(None) => Err(AppendError::Busy { path, waited_ms: self.options.lock_wait.as_millis() }),
            Err(why) => Err(AppendError::NotWritten { path, doing: "locked", why }),
        }
    }
}

impl From<ReadError> for AppendError {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Broken(fault) => Self::Broken(fault),
            ReadError::Io { path, why } => Self::NotWritten { path, doing: "read", why },
        }
    }
}
