//! The writer's hands: catching up, putting right what a crash left, one write, one sync.
//!
//! Every function here is called under the lock.

use super::append::AppendError;
use super::batch::Batch;
use super::catch_up::{Found, catch_up};
use super::disk::Disk;
use super::entry::{Entry, Repair};
use super::folder::{self, Doubt, FileName, Head};
use super::read::{Mark, chain_of};
use super::walk::{Fault, Place, Torn, link_at};
use crate::fault::{armed, die, reach};
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// What one process knows of the log between two appends.
pub struct Writer {
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

fn not(doing: &'static str, path: PathBuf) -> impl FnOnce(io::Error) -> AppendError {
    move |why| AppendError::NotWritten { path, doing, why }
}

impl Writer {
    pub fn new(disk: Box<dyn Disk>, may_resolve: bool) -> Self {
        let (known, file, poisoned, chain) = (None, None, None, None);
        Self { disk, known, file, poisoned, may_resolve, chain, own: Vec::new() }
    }

    /// The last known place; none in an empty log.
    pub fn known(&self) -> Option<&Place> {
        self.known.as_ref()
    }

    /// What is still to be written down of what was put right.
    pub fn own(&self) -> &[Entry] {
        &self.own
    }

    /// Whether this ledger may write at all, or only reads since an fsync failed.
    pub fn still_sound(&mut self, dir: &Path) -> Result<(), AppendError> {
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
    pub fn resolve_doubt(&mut self, dir: &Path) -> Result<(), AppendError> {
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
    pub fn catch_up(&mut self, dir: &Path) -> Result<Found, AppendError> {
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
    pub fn repair(&mut self, dir: &Path, found: Found) -> Result<(), AppendError> {
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
    pub fn chain(&mut self, dir: &Path) -> Result<Option<Uuid>, AppendError> {
        if let (None, Some(place)) = (self.chain, &self.known) {
            // The walk has checked what follows; of the older part only the header matters here.
            self.chain = Some(chain_of(dir, &place.file)?);
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

    /// One write, one sync, then the head.
    pub fn write(&mut self, dir: &Path, batch: &Batch) -> Result<(), AppendError> {
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
