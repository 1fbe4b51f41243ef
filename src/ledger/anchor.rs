//! Anchoring: signing how long the log is and what it holds, beside the log and for a witness.
//!
//! Works from the last checkpoint on, never under the log's own lock but for the moment in which it looks and the one in
//! which it appends its entry. The kept tree is only believed where its hash is the one that was signed last; otherwise
//! the whole log is read, and nothing is signed that contradicts what was signed before.

use super::append::{AppendError, Ledger};
use super::blocks::Blocks;
use super::chain::Hash;
use super::checkpoint::{self, CHECKPOINTS, Checkpoint, Found, Noted, Signed};
use super::disk::{Disk, RealDisk};
use super::entry::Entry;
use super::folder::{self, HeadFile};
use super::key::{self, KeyError};
use super::lock;
use super::note::SecretKey;
use super::read::{Mark, chain_of};
use super::snapshot::{Snapshot, snapshot};
use super::tree::Tree;
use super::walk::{Fault, Place, ReadError, Source, Walk, place_at};
use super::witness::{self, WitnessError};
use crate::fault::{armed, die, reach};
use crate::review::Stamp;
use serde::{Deserialize, Serialize};
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use uuid::Uuid;

/// After so many entries a checkpoint is due.
pub const EVERY: u64 = 100;
/// Held while a checkpoint is made.
const LOCK: &str = "anchor.lock";
/// The tree under the last checkpoint, so that the next one need not read the whole log.
const TREE: &str = "tree.json";
const WAIT: Duration = Duration::from_secs(10);
/// The last checkpoint stands within so many bytes of the file's end.
const LAST: u64 = 4 << 10;

/// What a checkpoint is made with.
#[derive(Clone, Debug)]
pub struct Anchoring {
    /// The workstation's key.
    pub key: PathBuf,
    /// Makes the key where there is none yet: 32 random bytes.
    pub seed: [u8; 32],
    /// The witness's folder.
    pub witness: Option<PathBuf>,
    /// Now.
    pub now: Stamp,
    /// Id of the `checkpoint` entry.
    pub id: Uuid,
}

/// A checkpoint was made, or the newest one given to a witness that did not have it.
#[derive(Debug)]
pub struct Anchored {
    /// Entries under it.
    pub size: u64,
    /// It was signed now.
    pub anew: bool,
    /// Whether the witness has it, where one is named.
    pub witness: Option<Result<(), WitnessError>>,
}

/// No checkpoint was made. Verdicts are not held up by it.
#[derive(Debug, thiserror::Error)]
pub enum AnchorError {
    /// The key.
    #[error("no checkpoint was signed: {0}")]
    Key(#[from] KeyError),
    /// Another process is at it, and does not come to an end.
    #[error("no checkpoint was signed: {path} is locked by another countersign that signs one; try again")]
    Busy {
        /// The lock.
        path: PathBuf,
    },
    /// A file beside the log.
    #[error("no checkpoint was signed: {path} could not be {doing} ({why}); make room or check its rights")]
    File {
        /// Which.
        path: PathBuf,
        /// Read, written, synced, locked.
        doing: &'static str,
        /// What the system said.
        why: io::Error,
    },
    /// The log is not the one that was signed before.
    #[error("no checkpoint was signed: {0}; run `countersign verify`, and restore the log from a copy")]
    Contradicts(Fault),
    /// The log cannot be read, or is broken.
    #[error("no checkpoint was signed: {0}")]
    Read(#[from] ReadError),
    /// The checkpoint stands, but the log could not be told.
    #[error("the checkpoint stands, but the log has no entry of it: {0}")]
    NotEntered(AppendError),
}

/// The tree under a checkpoint, and where the log goes on.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Kept {
    v: u32,
    mark: Mark,
    /// Moment of the last entry under it.
    ts: Stamp,
    peaks: Vec<String>,
    /// The witness that has the checkpoint.
    #[serde(default)]
    witness: Option<PathBuf>,
}

impl Kept {
    fn read(dir: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(dir.join(TREE)).ok()?).ok()
    }

    /// The tree, if it is the one that was signed.
    fn tree(&self, signed: &Checkpoint) -> Option<Tree> {
        let peaks = self.peaks.iter().map(|p| Hash::from_hex(p)).collect::<Option<_>>()?;
        let tree = Tree::of(self.mark.seq, peaks)?;
        ((tree.size(), tree.root()) == (signed.size, signed.root)).then_some(tree)
    }

    fn keep(&self, dir: &Path) {
        if let Err(why) = folder::replace(dir, TREE, self) {
            // Only the next checkpoint takes longer for it.
            tracing::warn!(%why, "{TREE} could not be replaced");
        }
    }

    fn place(&self, dir: &Path) -> Option<Place> {
        let hash = Hash::from_hex(&self.mark.hash)?;
        place_at(dir, &self.mark.file.parse().ok()?, self.mark.offset, Some((self.mark.seq, hash))).ok()?.ok()
    }
}

/// The log up to its end, and what is new in it.
struct Grown {
    tree: Tree,
    last: Option<Place>,
    /// Entries past the last checkpoint that are no checkpoints themselves.
    fresh: u64,
}

impl Grown {
    fn grow<S: Source>(mut self, mut walk: Walk<S>, signed: &[Noted]) -> Result<Self, AnchorError> {
        let since = signed.last().map_or(0, |note| note.says.size);
        let had = self.tree.size();
        let mut due = signed.iter().skip_while(|note| note.says.size <= had).peekable();
        while let Some(step) = walk.next()? {
            self.tree.push(step.shape.hash);
            self.fresh += u64::from(step.shape.seq > since && step.shape.kind != "checkpoint");
            self.last = Some(step.place());
            while let Some(note) = due.next_if(|note| note.says.size == step.shape.seq) {
                if note.says.root != self.tree.root() {
                    return Err(contradicts(note, "its first entries are not those signed here"));
                }
            }
        }
        match due.next() {
            Some(note) => Err(contradicts(note, "it has fewer entries than were signed here")),
            None => Ok(self),
        }
    }
}

fn contradicts(note: &Noted, how: &str) -> AnchorError {
    let reason = format!("contradicts the log: {how}");
    let file = CHECKPOINTS.to_owned();
    AnchorError::Contradicts(Fault { file, line: note.line, offset: note.offset, reason })
}

fn file(path: &Path, doing: &'static str) -> impl FnOnce(io::Error) -> AnchorError {
    move |why| AnchorError::File { path: path.to_owned(), doing, why }
}

impl Ledger {
    /// Whether it is time for a checkpoint: after 100 entries, and daily. Cheap, by two small files.
    pub fn is_anchor_due(&self, now: Stamp) -> bool {
        let Ok(HeadFile::Read(head, ..)) = folder::head(self.dir()) else { return false };
        let (size, day) = match Kept::read(self.dir()) {
            Some(kept) => (kept.mark.seq, Some(kept.ts.utc_day())),
            None => (0, folder::list(self.dir()).ok().and_then(|files| Some(files.first()?.day.clone()))),
        };
        let loose = head.seq.saturating_sub(size);
        // One alone is the entry of the last checkpoint.
        loose >= EVERY || (loose > 1 && day.is_some_and(|day| day < now.utc_day()))
    }

    /// Signs how the log stands, if it has grown since the last time; if not, a witness without the newest checkpoint
    /// gets it.
    ///
    /// # Errors
    /// See [`AnchorError`]. That the witness is out of reach is none: it stands in what is returned.
    pub fn anchor(&self, with: &Anchoring) -> Result<Option<Anchored>, AnchorError> {
        self.anchor_on(with, &mut RealDisk)
    }

    /// As [`anchor`](Self::anchor), with the checkpoints on another disk.
    pub fn anchor_on(&self, with: &Anchoring, disk: &mut dyn Disk) -> Result<Option<Anchored>, AnchorError> {
        let dir = self.dir();
        let lock_file = dir.join(LOCK);
        let alone = lock::exclusive(dir, LOCK, WAIT).map_err(file(&lock_file, "locked"))?;
        let Some(_alone) = alone else { return Err(AnchorError::Busy { path: lock_file }) };
        let key = key::load_or_make(&with.key, &with.seed)?;
        let path = dir.join(CHECKPOINTS);
        let notes = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .open(&path)
            .map_err(file(&path, "opened"))?;
        let grown = self.grown(&key, &notes, &path)?;
        let (Some(last), 1..) = (&grown.last, grown.fresh) else {
            return self.make_up(with, &key, &notes).map_err(file(&path, "read"));
        };
        let (size, root) = (grown.tree.size(), grown.tree.root());
        let origin = Checkpoint::origin(chain_of(dir, &last.file)?);
        let note = key.sign(&Checkpoint { origin, size, root }.text());
        write(&notes, &note, disk).map_err(file(&path, "written"))?;
        folder::sync(dir).map_err(file(&path, "synced"))?;
        reach("anchor.noted");
        let key = key.public();
        let witness = with.witness.as_ref().map(|folder| witness::give(folder, &key, note));
        reach("anchor.witnessed");
        let kept = Kept {
            v: 1,
            mark: Mark::of(last),
            ts: last.link.ts.parse().unwrap_or_default(),
            peaks: grown.tree.peaks().iter().map(Hash::to_string).collect(),
            witness: with.witness.clone().filter(|_| matches!(witness, Some(Ok(())))),
        };
        kept.keep(dir);
        let entry = Entry::Checkpoint { size, root: root.to_string(), key: key.short() };
        self.append(with.now, &[(with.id, entry)]).map_err(AnchorError::NotEntered)?;
        Ok(Some(Anchored { size, anew: true, witness }))
    }

    /// Gives the newest checkpoint to a witness that is not known to have it: it was out of reach, or is named since.
    fn make_up(&self, with: &Anchoring, key: &SecretKey, notes: &File) -> io::Result<Option<Anchored>> {
        let Some((folder, last)) = with.witness.as_ref().zip(own(notes, 0, key)?.pop()) else {
            return Ok(None);
        };
        let size = last.says.size;
        let kept = Kept::read(self.dir()).filter(|kept| kept.mark.seq == size);
        if kept.as_ref().is_some_and(|kept| kept.witness.as_ref() == Some(folder)) {
            return Ok(None);
        }
        // The same text signed again is the same note, byte for byte.
        let given = witness::give(folder, &key.public(), key.sign(&last.says.text()));
        if let Some(kept) = kept.filter(|_| given.is_ok()) {
            Kept { witness: Some(folder.clone()), ..kept }.keep(self.dir());
        }
        Ok(Some(Anchored { size, anew: false, witness: Some(given) }))
    }

    /// The tree of the whole log.
    fn grown(&self, key: &SecretKey, notes: &File, path: &Path) -> Result<Grown, AnchorError> {
        let dir = self.dir();
        let from = |start| own(notes, start, key).map_err(file(path, "read"));
        let length = notes.metadata().map_err(file(path, "read"))?.len();
        let last = from(length.saturating_sub(LAST))?.pop();
        let kept = last.zip(Kept::read(dir)).and_then(|(last, kept)| {
            let (tree, place) = (kept.tree(&last.says)?, kept.place(dir)?);
            Some((tree, place, last))
        });
        let Snapshot { files, length, .. } = snapshot(dir)?;
        if let Some((tree, place, signed)) = kept {
            let walk = Walk::new(dir, files, Some(place.clone()), length);
            return Grown { tree, last: Some(place), fresh: 0 }.grow(walk, &[signed]);
        }
        let walk = Walk::through(dir, Blocks::new(dir, files, length)?);
        Grown { tree: Tree::default(), last: None, fresh: 0 }.grow(walk, &from(0)?)
    }
}

/// The checkpoints that this key has signed, from byte `start` of the file on, by size.
fn own(notes: &File, start: u64, key: &SecretKey) -> io::Result<Vec<Noted>> {
    let length = notes.metadata()?.len().saturating_sub(start);
    let mut bytes = vec![0; usize::try_from(length).map_err(io::Error::other)?];
    notes.read_exact_at(&mut bytes, start)?;
    let trusted = [key.public()];
    let own = checkpoint::read(&bytes).into_iter().filter_map(|found| match found {
        Found::Note(note) if matches!(note.signed(&trusted), Signed::By(_)) => Some(note),
        _ => None,
    });
    let mut own: Vec<Noted> = own.collect();
    own.sort_by_key(|note| note.says.size);
    Ok(own)
}

/// Appends a note, whole or not at all.
fn write(notes: &File, note: &str, disk: &mut dyn Disk) -> io::Result<()> {
    let length = notes.metadata()?.len();
    let from = length.saturating_sub(2);
    let mut end = [0; 2];
    let end = &mut end[..usize::try_from(length - from).unwrap_or(0)];
    notes.read_exact_at(end, from)?;
    let text = checkpoint::entry(Some(end), note);
    if armed("anchor.torn") {
        let _ = disk.write(notes, &text.as_bytes()[..text.len() / 2]);
        die();
    }
    let why = match disk.write(notes, text.as_bytes()) {
        Ok(n) if n == text.len() => return disk.sync(notes),
        Ok(n) => {
            let why = format!("only {n} of {} bytes were taken; the disk is full", text.len());
            io::Error::new(io::ErrorKind::StorageFull, why)
        }
        Err(why) => why,
    };
    // What cannot be cut off stays as a note cut short, which harms nothing.
    let _ = disk.cut(notes, length);
    Err(why)
}
