//! Writing: under the lock, after catching up, whole lines in one write, synced, then acknowledged.

use super::catch_up::{Found, catch_up};
use super::chain::{Hash, Link, leaf_hash};
use super::disk::{Disk, RealDisk};
use super::entry::{Entry, Repair};
use super::folder::{self, Doubt, FileName, Head};
use super::line::seal;
use super::lock;
use super::read::{Mark, Parsed};
use super::walk::{Fault, Place, ReadError, Torn, link_at};
use crate::fault::{armed, die, reach};
use crate::review::{Span, Stamp};
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use uuid::Uuid;

/// Two sessions take their time before they wait for the lock: a moment up to this much older than the last
/// entry's is that wait, not the clock, and the entry bears the last one's moment.
const WAIT_NOT_CLOCK: Span = Span::seconds(10);
/// The last millisecond of the year 9999: later ones have no RFC 3339 form.
const LAST_MOMENT: Stamp = Stamp(253_402_207_200_999);

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

/// What one process knows of the log between two appends.
struct Writer {
    disk: Box<dyn Disk>,
    known: Option<Place>,
    file: Option<(FileName, File)>,
    /// Why nothing is written any more.
    poisoned: Option<(PathBuf, String)>,
    /// The doubt was there before this ledger was opened: it may be resolved.
    may_resolve: bool,
    /// The id of the chain, once known.
    chain: Option<Uuid>,
    /// What this ledger has put right and not yet written down.
    own: Vec<Entry>,
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
        let writer = Writer {
            disk,
            known: None,
            file: None,
            poisoned: None,
            may_resolve,
            chain: None,
            own: Vec::new(),
        };
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
        let now = now.clamp(Stamp(0), LAST_MOMENT);
        let max_file_bytes = self.options.max_file_bytes;
        let place = Batch::begin(writer.known.as_ref(), now, max_file_bytes);
        let batch = place.fill(chain, *salt, &writer.own, entries);
        writer.write(&self.dir, &batch)?;
        Ok(batch.marks)
    }

    fn lock(&self) -> Result<lock::Held, AppendError> {
        let path = self.dir.join(folder::LOCK);
        match lock::exclusive(&self.dir, self.options.lock_wait) {
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

fn not(doing: &'static str, path: PathBuf) -> impl FnOnce(io::Error) -> AppendError {
    move |why| AppendError::NotWritten { path, doing, why }
}

/// Whole lines, ready to be written to one file.
struct Batch {
    file: FileName,
    /// Length of the file before, in bytes; 0 for a new one.
    offset: u64,
    text: String,
    link: Link,
    ts: Stamp,
    /// Of the caller's entries, not of the ledger's own.
    marks: Vec<Mark>,
}

/// Where the next entries go, and when.
struct Begin {
    file: FileName,
    offset: u64,
    link: Link,
    /// The moment of what the ledger writes before a clock step: it still belongs to the old time.
    before: Stamp,
    now: Stamp,
}

impl Batch {
    fn begin(known: Option<&Place>, now: Stamp, max_file_bytes: u64) -> Begin {
        let last = known.and_then(|p| p.link.ts.parse().ok()).unwrap_or(now);
        let before = now.max(last);
        let now = if last.since(now) > WAIT_NOT_CLOCK { now } else { before };
        let day = before.utc_day();
        let (file, offset) = match known {
            Some(p) if p.file.day >= day && p.end < max_file_bytes => (p.file.clone(), p.end),
            Some(p) => (p.file.next(&day), 0),
            None => (FileName::first(&day), 0),
        };
        let genesis = Link { seq: 0, hash: Hash::ZERO, ts: String::new() };
        Begin { file, offset, link: known.map_or(genesis, |p| p.link.clone()), before, now }
    }
}

impl Begin {
    fn fill(self, chain: Option<Uuid>, salt: Uuid, own: &[Entry], entries: &[(Uuid, Entry)]) -> Batch {
        let Self { file, offset, link, before, now } = self;
        let mut batch = Batch { file, offset, text: String::new(), link, ts: before, marks: Vec::new() };
        if offset == 0 {
            let id = batch.own_id(salt);
            batch.push(id, &Entry::Header { chain: chain.unwrap_or(id) });
        }
        for entry in own {
            batch.push(batch.own_id(salt), entry);
        }
        batch.ts = now;
        if now < before {
            batch.push(batch.own_id(salt), &Entry::ClockStep { back_ms: before.since(now).millis() });
        }
        for (id, entry) in entries {
            batch.push(*id, entry);
            let mark = batch.mark();
            batch.marks.push(mark);
        }
        batch
    }
}

impl Batch {
    fn push(&mut self, id: Uuid, entry: &Entry) {
        let seq = self.link.seq + 1;
        let (line, hash) = seal(seq, self.ts, entry.kind(), id, &entry.body(), &self.link.hash);
        self.text.push_str(&line);
        self.link = Link { seq, hash, ts: self.ts.to_string() };
    }

    /// A `UUIDv7` for an entry that the ledger writes itself, drawn from its place in the chain and from the
    /// caller's id, so that no randomness is needed here.
    fn own_id(&self, salt: Uuid) -> Uuid {
        let seed = leaf_hash(format!("{salt} {} {}", self.link.seq, self.link.hash).as_bytes());
        let mut random = [0; 10];
        random.copy_from_slice(&seed.0[..10]);
        let millis = u64::try_from(self.ts.0).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    fn end(&self) -> u64 {
        self.offset + self.text.len() as u64
    }

    fn mark(&self) -> Mark {
        Mark {
            seq: self.link.seq,
            hash: self.link.hash.to_string(),
            file: self.file.to_string(),
            offset: self.end(),
        }
    }
}

impl Writer {
    /// Whether this ledger may write at all, or only reads since an fsync failed.
    fn still_sound(&mut self, dir: &Path) -> Result<(), AppendError> {
        if self.poisoned.is_none() && !self.may_resolve {
            let doubt = folder::doubt(dir).map_err(not("read", dir.join(folder::DOUBT)))?;
            self.poisoned = doubt.map(|d| (dir.join(d.file), d.why));
        }
        match &self.poisoned {
            Some((path, why)) => Err(AppendError::Poisoned { path: path.clone(), why: why.clone() }),
            None => Ok(()),
        }
    }

    /// After a failed fsync nobody knows what is on disk: the cache may hold what the disk does not, and
    /// a second fsync would not tell. So only a ledger opened since then goes on, and only after the bytes in
    /// doubt were written again and synced.
    fn resolve_doubt(&mut self, dir: &Path) -> Result<(), AppendError> {
        if !std::mem::take(&mut self.may_resolve) {
            return Ok(());
        }
        let marker = dir.join(folder::DOUBT);
        let Some(doubt) = folder::doubt(dir).map_err(not("read", marker.clone()))? else { return Ok(()) };
        let files = folder::list(dir).map_err(not("read", dir.to_owned()))?;
        let named = doubt.file.parse::<FileName>().ok().filter(|name| files.contains(name));
        let offset = if named.is_some() { doubt.offset } else { 0 };
        if let Some(name) = named.as_ref().or(files.last()) {
            let path = dir.join(name.to_string());
            let bytes = rewrite(&path, offset, self.disk.as_mut()).map_err(|why| {
                self.poisoned = Some((path.clone(), why.to_string()));
                AppendError::Poisoned { path: path.clone(), why: why.to_string() }
            })?;
            let file = name.to_string();
            self.own.push(Entry::Recovered { what: Repair::Resynced, file, offset, bytes });
        }
        folder::sync(dir).map_err(not("synced", dir.to_owned()))?;
        std::fs::remove_file(&marker).map_err(not("removed", marker))
    }

    /// Learns what others have written, cheaply if nobody has.
    fn catch_up(&mut self, dir: &Path) -> Result<Found, AppendError> {
        if let (Some(place), Some((_, file))) = (&self.known, &self.file)
            && nothing_new(dir, place, file).map_err(not("read", dir.join(place.file.to_string())))?
        {
            let link = link_at(file, place.end, Some((place.link.seq, place.link.hash)))
                .map_err(not("read", dir.join(place.file.to_string())))?;
            return match link {
                Ok(_) => Ok(Found { tail: self.known.clone(), ..Found::default() }),
                Err(reason) => Err(AppendError::Broken(Fault::at(dir, &place.file, place.end, reason))),
            };
        }
        let found = catch_up(dir, self.known.as_ref())?;
        self.known.clone_from(&found.tail);
        // The file may have been replaced under its name.
        self.file = None;
        Ok(found)
    }

    /// Puts right what a crash can leave behind, and nothing else.
    fn repair(&mut self, dir: &Path, found: Found) -> Result<(), AppendError> {
        if let Some(torn) = &found.torn {
            self.move_away(dir, torn)?;
            self.own.push(Entry::Recovered {
                what: Repair::TornTail,
                file: torn.file.to_string(),
                offset: torn.start,
                bytes: torn.bytes.len() as u64,
            });
        }
        let emptied = found.torn.filter(|t| t.start == 0).map(|t| t.file);
        for name in found.empty.into_iter().chain(emptied) {
            let path = dir.join(name.to_string());
            std::fs::remove_file(&path).map_err(not("removed", path))?;
        }
        if found.head_lost {
            self.own.push(Entry::Recovered {
                what: Repair::Head,
                file: folder::HEAD.to_owned(),
                offset: 0,
                bytes: 0,
            });
        }
        Ok(())
    }

    /// The chain's id, from the header of the newest file; none in an empty log.
    fn chain(&mut self, dir: &Path) -> Result<Option<Uuid>, AppendError> {
        if let (None, Some(place)) = (self.chain, &self.known) {
            let path = dir.join(place.file.to_string());
            let mut line = String::new();
            // The walk has checked what follows; of the older part only the header matters here.
            File::open(&path)
                .and_then(|f| io::BufRead::read_line(&mut io::BufReader::new(f), &mut line))
                .map_err(not("read", path))?;
            let chain = Parsed::read(&line).and_then(|header| header.chain());
            let broken = || Fault::at(dir, &place.file, 0, "is no header that names a chain");
            self.chain = Some(chain.ok_or_else(broken).map_err(AppendError::Broken)?);
        }
        Ok(self.chain)
    }

    fn move_away(&mut self, dir: &Path, torn: &Torn) -> Result<(), AppendError> {
        let path = dir.join(torn.file.to_string());
        // First the copy, then the cut: a crash between the two leaves two copies, never none.
        folder::quarantine(dir, &torn.file, torn.start, &torn.bytes)
            .map_err(not("copied", dir.join(folder::QUARANTINE)))?;
        let file = folder::private(false, false).open(&path).map_err(not("opened", path.clone()))?;
        self.disk
            .cut(&file, torn.start)
            .and_then(|()| self.disk.sync(&file))
            .map_err(|why| self.poison(dir, &torn.file, torn.start, &why))
    }

    fn write(&mut self, dir: &Path, batch: &Batch) -> Result<(), AppendError> {
        let path = dir.join(batch.file.to_string());
        let new = batch.offset == 0;
        let file = match self.file.take() {
            Some((name, file)) if name == batch.file => file,
            _ => open_to_append(&path, new).map_err(not("opened", path.clone()))?,
        };
        if new || folder::current(dir).as_ref() != Some(&batch.file) {
            // Before the first byte: whoever finds the old name in `current.jsonl` may trust that it is the newest.
            folder::point_current(dir, &batch.file).map_err(not("written", dir.join(folder::CURRENT)))?;
        }
        let bytes = batch.text.as_bytes();
        if armed("ledger.torn") {
            let _ = self.disk.write(&file, &bytes[..bytes.len() / 2]);
            die();
        }
        let why = match self.disk.write(&file, bytes) {
            Ok(n) if n == bytes.len() => None,
            Ok(n) => Some(io::Error::new(
                io::ErrorKind::StorageFull,
                format!("only {n} of {} bytes were taken; the disk is full", bytes.len()),
            )),
            Err(why) => Some(why),
        };
        if let Some(why) = why {
            // Cut and synced, or a part of it could come back after a power cut.
            return match self.disk.cut(&file, batch.offset).and_then(|()| self.disk.sync(&file)) {
                Ok(()) => Err(AppendError::NotWritten { path, doing: "written", why }),
                Err(why) => Err(self.poison(dir, &batch.file, batch.offset, &why)),
            };
        }
        reach("ledger.written");
        let synced = self.disk.sync(&file).and_then(|()| if new { folder::sync(dir) } else { Ok(()) });
        if let Err(why) = synced {
            return Err(self.poison(dir, &batch.file, batch.offset, &why));
        }
        reach("ledger.synced");
        self.file = Some((batch.file.clone(), file));
        self.known = Some(Place { file: batch.file.clone(), end: batch.end(), link: batch.link.clone() });
        self.own.clear();
        let mark = batch.mark();
        let Mark { seq, hash, file, offset: length } = mark;
        let head = Head { v: 1, seq, ts: batch.ts, file, length, hash };
        if let Err(why) = folder::replace(dir, folder::HEAD, &head) {
            // The entries are on disk; the head may lag, and the next append brings it up.
            tracing::warn!(%why, seq, "head.json could not be replaced");
        }
        reach("ledger.head");
        Ok(())
    }

    /// From now on this ledger only reads, and others that are open as soon as they see the marker.
    fn poison(&mut self, dir: &Path, file: &FileName, offset: u64, why: &io::Error) -> AppendError {
        let (path, why) = (dir.join(file.to_string()), why.to_string());
        self.poisoned = Some((path.clone(), why.clone()));
        let doubt = Doubt { file: file.to_string(), offset, why: why.clone() };
        if let Err(why) = folder::replace(dir, folder::DOUBT, &doubt) {
            tracing::error!(%why, "the marker of a failed fsync could not be written");
        }
        AppendError::Poisoned { path, why }
    }
}

fn open_to_append(path: &Path, new: bool) -> io::Result<File> {
    let mut options = folder::private(new, false);
    if !new {
        options.create(false);
    }
    options.append(true).open(path)
}

/// Nobody has written since: the newest file is still this one, the same file, of the same length.
fn nothing_new(dir: &Path, place: &Place, file: &File) -> io::Result<bool> {
    if folder::current(dir).as_ref() != Some(&place.file) {
        return Ok(false);
    }
    let there = match std::fs::metadata(dir.join(place.file.to_string())) {
        Ok(there) => there,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(e),
    };
    let ours = file.metadata()?;
    Ok((there.dev(), there.ino(), there.len()) == (ours.dev(), ours.ino(), place.end))
}

/// Writes the bytes from `offset` on once more where they are, so that an fsync has something to sync.
fn rewrite(path: &Path, offset: u64, disk: &mut dyn Disk) -> io::Result<u64> {
    let file = folder::private(false, false).create(false).open(path)?;
    let length = file.metadata()?.len().saturating_sub(offset);
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    file.read_exact_at(&mut bytes, offset)?;
    file.write_all_at(&bytes, offset)?;
    disk.sync(&file)?;
    Ok(length)
}
