//! Checkpoints and witness against the log: what was signed must be there, and what the log says was signed must be
//! among the checkpoints.

use super::checkpoint::{self, CHECKPOINTS, Checkpoint, Found, Noted, Signed};
use super::folder::FileName;
use super::note::PublicKey;
use super::read::Parsed;
use super::report::{Anchors, Level, Problem, Report, Unanchored, Witness};
use super::tree::Tree;
use super::walk::{Fault, ReadError, Step};
use super::witness;
use crate::review::Stamp;
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// By whom to be convinced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trust {
    /// Keys whose signatures count.
    pub keys: Vec<PublicKey>,
    /// They come from whoever asks, not from beside the log.
    pub keys_named: bool,
    /// The witness's folder.
    pub witness: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whence {
    Beside,
    Witness,
}

/// A checkpoint that a trusted key has signed.
struct Claim {
    whence: Whence,
    file: String,
    note: Noted,
    /// Once reached and found true: the moment of the last entry under it.
    held: Option<Stamp>,
}

impl Claim {
    fn fault(&self, reason: String) -> Fault {
        Fault { file: self.file.clone(), line: self.note.line, offset: self.note.offset, reason }
    }
}

/// A checkpoint at the witness that no trusted key has signed.
struct Strange {
    file: String,
    note: Noted,
}

/// A `checkpoint` entry of the log.
struct Entered {
    size: u64,
    root: String,
    file: FileName,
    start: u64,
}

/// The comparison, made while the log is read.
pub struct Proof<'a> {
    dir: &'a Path,
    trust: &'a Trust,
    anchors: Anchors,
    /// By size; those before `next` are done.
    claims: Vec<Claim>,
    next: usize,
    /// One of each log and file at the witness.
    strange: Vec<Strange>,
    tree: Tree,
    entered: Vec<Entered>,
    problems: Vec<(Problem, Fault)>,
}

impl<'a> Proof<'a> {
    /// Reads the checkpoints, those beside the log and those of the witness.
    pub fn begin(dir: &'a Path, trust: &'a Trust) -> Result<Self, ReadError> {
        let anchors = Anchors {
            keys: trust.keys.iter().map(PublicKey::short).collect(),
            keys_named: trust.keys_named,
            ..Anchors::default()
        };
        let mut proof = Self {
            dir,
            trust,
            anchors,
            claims: Vec::new(),
            next: 0,
            strange: Vec::new(),
            tree: Tree::default(),
            entered: Vec::new(),
            problems: Vec::new(),
        };
        proof.take(Whence::Beside, CHECKPOINTS, &beside(dir)?);
        proof.anchors.checkpoints = proof.claims.len() as u64;
        if let Some(witness) = &trust.witness {
            proof.ask(witness);
        }
        proof.claims.sort_by_key(|claim| claim.note.says.size);
        Ok(proof)
    }

    /// What is known of checkpoints and witness so far.
    pub fn anchors(&self) -> Anchors {
        self.anchors.clone()
    }

    fn ask(&mut self, folder: &Path) {
        let files = || {
            // A folder that is not there is not a witness that knows nothing.
            std::fs::read_dir(folder).map_err(|why| (folder.to_owned(), why))?;
            let paths = self.trust.keys.iter().map(|key| folder.join(witness::file_name(key)));
            let read =
                |path: PathBuf| Ok((path.display().to_string(), if_there(&path).map_err(|why| (path, why))?));
            paths.map(read).collect::<Result<Vec<_>, _>>()
        };
        match files() {
            Err((path, why)) => {
                let why = format!("{} cannot be read ({why})", path.display());
                self.anchors.witness = Witness::Unreachable(why);
            }
            Ok(files) => {
                for (file, bytes) in files {
                    self.take(Whence::Witness, &file, &bytes);
                }
                self.strange = strange(folder, &self.trust.keys);
                let known =
                    self.claims.iter().filter(|c| c.whence == Whence::Witness).map(|c| c.note.says.size);
                let (checkpoints, entries) = (known.clone().count() as u64, known.max().unwrap_or(0));
                self.anchors.witness = Witness::Knows { checkpoints, entries };
            }
        }
    }

    fn take(&mut self, whence: Whence, file: &str, bytes: &[u8]) {
        let at = |line, offset, reason: &str| Fault {
            file: file.to_owned(),
            line,
            offset,
            reason: reason.to_owned(),
        };
        for found in checkpoint::read(bytes) {
            let (problem, fault) = match found {
                Found::Cut => {
                    self.anchors.cut += 1;
                    continue;
                }
                Found::Damaged(line, offset) => {
                    (Problem::Contradicts, at(line, offset, "is no checkpoint: damaged"))
                }
                Found::Note(note) => match note.signed(&self.trust.keys) {
                    Signed::By(_) => {
                        self.claims.push(Claim { whence, file: file.to_owned(), note, held: None });
                        continue;
                    }
                    Signed::Falsely(_) => {
                        let reason = "is damaged or forged: its signature does not fit its text";
                        (Problem::Contradicts, at(note.line, note.offset, reason))
                    }
                    Signed::ByOthers(who) => {
                        (Problem::WrongKey, at(note.line, note.offset, &self.by_another(&who)))
                    }
                },
            };
            self.problems.push((problem, fault));
        }
    }

    fn by_another(&self, who: &str) -> String {
        if self.trust.keys.is_empty() {
            return "cannot be checked: there is no key here; name it with --key".to_owned();
        }
        format!("is signed by another key, {who}; if you trust it, name both with --key")
    }

    /// Takes the next entry into the tree.
    pub fn step(&mut self, step: &Step<'_>, chain: Option<Uuid>) {
        let shape = &step.shape;
        if shape.seq == 1 {
            self.same_log(chain);
        }
        if shape.kind == "checkpoint" {
            self.enter(step);
        }
        if self.claims.is_empty() {
            return;
        }
        self.tree.push(shape.hash);
        while let Some(claim) = self.claims.get_mut(self.next).filter(|c| c.note.says.size <= shape.seq) {
            self.next += 1;
            if claim.note.says.size == shape.seq && claim.note.says.root == self.tree.root() {
                claim.held = shape.ts.parse().ok();
                continue;
            }
            let size = claim.note.says.size;
            let fault = claim
                .fault(format!("contradicts the log: its first {size} entries are not those signed here"));
            self.problems.push((Problem::Contradicts, fault));
        }
    }

    /// Checkpoints of another log by the same key: somebody began anew.
    fn same_log(&mut self, chain: Option<Uuid>) {
        let origin = chain.map(Checkpoint::origin);
        for claim in self.claims.extract_if(.., |claim| Some(&claim.note.says.origin) != origin.as_ref()) {
            let fault =
                claim.fault(format!("is of another log, {}, signed by this key", claim.note.says.origin));
            self.problems.push((Problem::Contradicts, fault));
        }
        // Whoever took the key away and wrote all anew has not reached what the witness has of it.
        for Strange { file, note } in std::mem::take(&mut self.strange) {
            if let Signed::ByOthers(who) = note.signed(&self.trust.keys)
                && Some(&note.says.origin) == origin.as_ref()
            {
                let reason = format!("is of this log and {}", self.by_another(&who));
                let fault = Fault { file, line: note.line, offset: note.offset, reason };
                self.problems.push((Problem::WrongKey, fault));
            }
        }
    }

    fn enter(&mut self, step: &Step<'_>) {
        let parsed = std::str::from_utf8(step.line).ok().and_then(Parsed::read);
        let said =
            parsed.as_ref().and_then(|p| Some((p.int("size")?.try_into().ok()?, p.text("root")?.to_owned())));
        // An entry of a later version may name other things.
        let Some((size, root)) = said else { return };
        self.entered.push(Entered { size, root, file: step.file.clone(), start: step.start });
    }

    /// What is wrong, once the whole chain of `entries` entries is known to hold.
    pub fn problems(&mut self, entries: u64) -> Result<Vec<(Problem, Fault)>, ReadError> {
        let mut found = std::mem::take(&mut self.problems);
        for claim in &self.claims[self.next..] {
            let size = claim.note.says.size;
            let reason = format!("contradicts the log: {size} entries were signed, {entries} are there");
            found.push((Problem::Contradicts, claim.fault(reason)));
        }
        for Entered { size, file, start, .. } in self.missing()? {
            let reason = format!("says that {size} entries were signed, and {CHECKPOINTS} does not have it");
            found.push((Problem::Contradicts, Fault::at(self.dir, &file, start, reason)));
        }
        let none = |file: String, reason: &str| Fault { file, line: 0, offset: 0, reason: reason.to_owned() };
        if self.trust.keys_named && self.anchors.checkpoints == 0 && entries > 0 {
            let reason = "holds nothing that the named key has signed";
            found.push((Problem::WrongKey, none(CHECKPOINTS.to_owned(), reason)));
        }
        if let (Witness::Knows { checkpoints: 0, .. }, 1..) =
            (&self.anchors.witness, self.anchors.checkpoints)
        {
            let witness = self.trust.witness.as_deref().unwrap_or(Path::new("")).display().to_string();
            let reason = "knows nothing of this log, although it was signed; if it is new here, \
                          `countersign checkpoint` gives it the newest";
            found.push((Problem::Contradicts, none(witness, reason)));
        }
        Ok(found)
    }

    /// What the log says was signed and is not among the checkpoints.
    fn missing(&mut self) -> Result<Vec<Entered>, ReadError> {
        let not_in = |signed: Vec<(u64, String)>, entered: Vec<Entered>| -> Vec<Entered> {
            let signed: HashSet<_> = signed.into_iter().collect();
            entered.into_iter().filter(|e| !signed.contains(&(e.size, e.root.clone()))).collect()
        };
        let says = |note: &Noted| (note.says.size, note.says.root.to_string());
        let beside_log = self.claims.iter().filter(|c| c.whence == Whence::Beside);
        let left = not_in(beside_log.map(|c| says(&c.note)).collect(), std::mem::take(&mut self.entered));
        if left.is_empty() {
            return Ok(left);
        }
        // What was signed while the log was being read is there by now.
        let bytes = beside(self.dir)?;
        let notes = checkpoint::read(&bytes).into_iter().filter_map(|found| match found {
            Found::Note(note) if matches!(note.signed(&self.trust.keys), Signed::By(_)) => Some(says(&note)),
            _ => None,
        });
        Ok(not_in(notes.collect(), left))
    }

    /// Lifts the level, where nothing contradicts, to what checkpoints and witness vouch for.
    pub fn lift(&self, report: &mut Report) {
        for (level, whence) in [(Level::L2, Whence::Beside), (Level::L3, Whence::Witness)] {
            let held =
                self.claims.iter().rev().find_map(|c| Some((c, c.held?)).filter(|_| c.whence == whence));
            let Some((claim, at)) = held else { return };
            report.level = Some(level);
            let loose = report.entries - claim.note.says.size;
            report.unanchored = Unanchored::after(Some(at), report.newest, loose);
        }
    }
}

/// What the witness has in files that are no trusted key's, one checkpoint of each log. Files that may not be read are
/// other people's.
fn strange(folder: &Path, keys: &[PublicKey]) -> Vec<Strange> {
    let own: Vec<_> = keys.iter().map(|key| folder.join(witness::file_name(key))).collect();
    let there = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut paths: Vec<_> = there.filter(|path| !own.contains(path) && path.is_file()).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let mut logs = HashSet::new();
        for one in std::fs::read(&path).map(|bytes| checkpoint::read(&bytes)).unwrap_or_default() {
            if let Found::Note(note) = one
                && logs.insert(note.says.origin.clone())
            {
                found.push(Strange { file: path.display().to_string(), note });
            }
        }
    }
    found
}

fn if_there(path: &Path) -> io::Result<Vec<u8>> {
    match std::fs::read(path) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        read => read,
    }
}

fn beside(dir: &Path) -> Result<Vec<u8>, ReadError> {
    let path = dir.join(CHECKPOINTS);
    if_there(&path).map_err(ReadError::io(path))
}
