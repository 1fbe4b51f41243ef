//! The log as it is at one moment, between two appends.

use super::catch_up::trim_empty;
use super::folder::{self, FileName, HeadFile};
use super::lock;
use super::walk::ReadError;
use std::path::Path;
use std::time::Duration;

/// What there is to read.
pub struct Snapshot {
    /// Oldest first; those without a byte at the end are left out.
    pub files: Vec<FileName>,
    /// Length of the newest file: what comes later may still be being written.
    pub length: Option<u64>,
    /// `head.json`.
    pub head: HeadFile,
    /// An fsync has failed.
    pub in_doubt: bool,
}

/// Looks at the folder, for a moment beside other readers.
pub fn snapshot(dir: &Path) -> Result<Snapshot, ReadError> {
    // A copy of a log has no lock file, and may be read-only: then nobody writes to it either.
    let _held = lock::shared(dir, Duration::from_secs(5)).ok().flatten();
    let mut files = folder::list(dir).map_err(ReadError::io(dir))?;
    let head = folder::head(dir).map_err(ReadError::io(dir.join(folder::HEAD)))?;
    trim_empty(dir, &mut files)?;
    let newest = files.last().map(|file| dir.join(file.to_string()));
    let length = newest
        .map(|path| std::fs::metadata(&path).map(|m| m.len()).map_err(ReadError::io(path)))
        .transpose()?;
    let in_doubt = folder::doubt(dir).map_err(ReadError::io(dir.join(folder::DOUBT)))?.is_some();
    Ok(Snapshot { files, length, head, in_doubt })
}
