//! The folder of the log: names, order, modes, `current.jsonl`, `head.json`, the marker of a failed fsync.

use super::chain::Hash;
use crate::review::Stamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// The symbolic link that always names the newest file.
pub const CURRENT: &str = "current.jsonl";
/// The lock file; held while writing, never deleted.
pub const LOCK: &str = "ledger.lock";
/// What was last known to be on disk.
pub const HEAD: &str = "head.json";
/// There while bytes are in doubt after a failed fsync.
pub const DOUBT: &str = "doubt.json";
/// Where torn bytes go.
pub const QUARANTINE: &str = "quarantine";

/// `decisions-2026-11-20-00.jsonl`. Sorts as the log runs.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileName {
    /// UTC day, `2026-11-20`.
    pub day: String,
    /// Counts up from 0 within the day.
    pub number: u32,
}

impl FileName {
    /// The file that must follow this one when the day is `day`.
    pub fn next(&self, day: &str) -> Self {
        if day > self.day.as_str() {
            Self::first(day)
        } else {
            Self { day: self.day.clone(), number: self.number + 1 }
        }
    }
    /// The first file of a day.
    pub fn first(day: &str) -> Self {
        Self { day: day.to_owned(), number: 0 }
    }
}

impl fmt::Display for FileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "decisions-{}-{:02}.jsonl", self.day, self.number)
    }
}

/// The name is none of the log's files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no file name of the log")]
pub struct BadFileName;

impl FromStr for FileName {
    type Err = BadFileName;
    fn from_str(name: &str) -> Result<Self, BadFileName> {
        let middle = name.strip_prefix("decisions-").and_then(|n| n.strip_suffix(".jsonl"));
        let (day, number) = middle.and_then(|m| m.rsplit_once('-')).ok_or(BadFileName)?;
        let is_day = day.len() == 10
            && day
                .bytes()
                .zip(b"0000-00-00")
                .all(|(b, p)| if *p == b'0' { b.is_ascii_digit() } else { b == *p });
        let number: u32 = number.parse().map_err(|_| BadFileName)?;
        let file = Self { day: day.to_owned(), number };
        // Only the one spelling that this program writes: `+1` and `1` are other files.
        if is_day && file.to_string() == name { Ok(file) } else { Err(BadFileName) }
    }
}

/// All files of the log, oldest first. No folder is an error, other files are passed over.
pub fn list(dir: &Path) -> io::Result<Vec<FileName>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        if let Some(Ok(name)) = entry?.file_name().to_str().map(str::parse) {
            files.push(name);
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// As [`list`], but a folder that is not there has no files.
pub fn list_if_there(dir: &Path) -> io::Result<Vec<FileName>> {
    match list(dir) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        listed => listed,
    }
}

/// Makes the folder, for its owner only, so that a power cut does not take it away again.
pub fn create(dir: &Path) -> io::Result<()> {
    if dir.is_dir() {
        return Ok(());
    }
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => sync(parent),
        _ => sync(Path::new(".")),
    }
}

/// Opens a file of ours for reading and writing, mode 0600 if it is new.
pub fn private(create_new: bool, truncate: bool) -> OpenOptions {
    let mut options = OpenOptions::new();
    options.read(true).write(true).truncate(truncate).mode(0o600);
    if create_new {
        options.create_new(true)
    } else {
        options.create(true)
    };
    options
}

/// Makes names in the folder durable.
pub fn sync(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Lets `current.jsonl` name `file`, in one step.
pub fn point_current(dir: &Path, file: &FileName) -> io::Result<()> {
    let new = dir.join(".current.new");
    match std::fs::remove_file(&new) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
        _ => {}
    }
    std::os::unix::fs::symlink(file.to_string(), &new)?;
    std::fs::rename(&new, dir.join(CURRENT))
}

/// The file that `current.jsonl` names, if it names one of ours.
pub fn current(dir: &Path) -> Option<FileName> {
    std::fs::read_link(dir.join(CURRENT)).ok()?.to_str()?.parse().ok()
}

/// `head.json`: what the last writer knew to be on disk. May lag, never leads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// Version of this format.
    pub v: u32,
    /// Number of the last entry.
    pub seq: u64,
    /// Its moment.
    pub ts: Stamp,
    /// The file it stands in.
    pub file: String,
    /// Length of that file after it, in bytes.
    pub length: u64,
    /// Its hash, 64 hex digits.
    pub hash: String,
}

/// What there is of `head.json`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HeadFile {
    /// No such file.
    Missing,
    /// There, but not as this program writes it.
    Unreadable,
    /// Read.
    Read(Head, Hash, FileName),
}

/// Reads `head.json`.
pub fn head(dir: &Path) -> io::Result<HeadFile> {
    let text = match std::fs::read(dir.join(HEAD)) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(HeadFile::Missing),
        Err(e) => return Err(e),
    };
    Ok(read_head(&text).unwrap_or(HeadFile::Unreadable))
}

fn read_head(text: &[u8]) -> Option<HeadFile> {
    let head: Head = serde_json::from_slice(text).ok()?;
    let written = serde_json::to_vec(&head).ok()?;
    if text.strip_suffix(b"\n").unwrap_or(text) != written {
        // JSON can say the same in many ways, and readers differ on them; this program says it in one.
        return None;
    }
    let (hash, file) = (Hash::from_hex(&head.hash)?, head.file.parse().ok()?);
    Some(HeadFile::Read(head, hash, file))
}

/// Replaces a small file of ours in one step: readers see the old or the new one.
pub fn replace(dir: &Path, name: &str, value: &impl Serialize) -> io::Result<()> {
    let mut text = serde_json::to_vec(value)?;
    text.push(b'\n');
    let new = dir.join(format!(".{name}.new"));
    private(false, true).open(&new)?.write_all(&text)?;
    std::fs::rename(&new, dir.join(name))
}

/// Where bytes are in doubt: from `offset` of `file` on, since an fsync failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// The file.
    pub file: String,
    /// Its length when it was last known to be on disk.
    pub offset: u64,
    /// What the system said.
    pub why: String,
}

/// The marker of a failed fsync, if there is one. An unreadable one counts: then everything is in doubt.
pub fn doubt(dir: &Path) -> io::Result<Option<Doubt>> {
    match std::fs::read(dir.join(DOUBT)) {
        Ok(text) => Ok(Some(serde_json::from_slice(&text).unwrap_or_else(|_| Doubt {
            file: String::new(),
            offset: 0,
            why: format!("{DOUBT} cannot be read"),
        }))),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// The kind of network file system that `dir` lies on; none for a local one.
#[cfg(target_os = "linux")]
pub fn network(dir: &Path) -> Option<&'static str> {
    // Magic numbers of linux/magic.h and of the file systems' own headers.
    const KINDS: [(i128, &str); 8] = [
        (0x6969, "nfs"),
        (0x517B, "smb"),
        (0xFF53_4D42, "cifs"),
        (0xFE53_4D42, "smb2"),
        (0x0102_1997, "9p"),
        (0x00C3_6400, "ceph"),
        (0x5346_414F, "afs"),
        (0x7375_7245, "coda"),
    ];
    // The field's width and sign differ between machines.
    let kind = i128::from(rustix::fs::statfs(dir).ok()?.f_type) & 0xFFFF_FFFF;
    KINDS.iter().find(|(magic, _)| *magic == kind).map(|(_, name)| *name)
}

/// The kind of network file system; not known on this platform.
#[cfg(not(target_os = "linux"))]
pub fn network(_dir: &Path) -> Option<&'static str> {
    None
}

/// Moves bytes to the quarantine folder, durably, and says where they are.
pub fn quarantine(dir: &Path, file: &FileName, offset: u64, bytes: &[u8]) -> io::Result<PathBuf> {
    let folder = dir.join(QUARANTINE);
    create(&folder)?;
    // A crash between copy and cut leaves a copy behind: the next one takes another name.
    let (path, mut copy) = (0_u32..)
        .find_map(|n| {
            let path = folder.join(format!("{file}-{offset}-{n:02}.torn"));
            match private(true, false).open(&path) {
                Ok(copy) => Some(Ok((path, copy))),
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists => None,
                Err(e) => Some(Err(e)),
            }
        })
        .unwrap_or_else(|| Err(io::ErrorKind::AlreadyExists.into()))?;
    copy.write_all(bytes)?;
    copy.sync_all()?;
    sync(&folder)?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_sort_as_the_log_runs_and_nothing_else_is_one() {
        let name: FileName = "decisions-2026-11-20-07.jsonl".parse().unwrap();
        assert_eq!(name.to_string(), "decisions-2026-11-20-07.jsonl");
        assert_eq!(name.next("2026-11-20").to_string(), "decisions-2026-11-20-08.jsonl");
        assert_eq!(name.next("2026-11-19").to_string(), "decisions-2026-11-20-08.jsonl");
        assert_eq!(name.next("2026-11-21").to_string(), "decisions-2026-11-21-00.jsonl");
        let late: FileName = "decisions-2026-11-20-100.jsonl".parse().unwrap();
        assert!(name < late && late < name.next("2026-11-21"));
        for bad in [
            "decisions-2026-11-20-7.jsonl",
            "decisions-2026-11-20-007.jsonl",
            "decisions-2026-11-20-+7.jsonl",
            "decisions-2026-11-2x-07.jsonl",
            "decisions-2026-11-20-07.jsonl.bak",
            "current.jsonl",
        ] {
            assert_eq!(bad.parse::<FileName>(), Err(BadFileName), "{bad}");
        }
    }
}
