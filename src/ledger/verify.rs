//! The proof: every line of the log follows from the one before, and the end is where it was last known to be.

use super::catch_up::trim_empty;
use super::folder::{self, FileName, HeadFile};
use super::line::TS_BYTES;
use super::lock;
use super::read::Parsed;
use super::walk::{Fault, ReadError, Walk};
use crate::review::Stamp;
use std::fmt;
use std::path::Path;
use std::time::Duration;
use uuid::Uuid;

/// How much has been shown. Each level holds what the one before it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The chain holds: no line was changed, taken out or put in, but the end may have been cut.
    L0,
    /// It reaches to where `head.json` knows it to reach.
    L1,
    /// It contains what a signed checkpoint was made of.
    L2,
    /// It contains what the witness has.
    L3,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::L0 => "L0",
            Self::L1 => "L1",
            Self::L2 => "L2",
            Self::L3 => "L3",
        })
    }
}

/// What is wrong, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// A line is not what it was.
    ChainBroken,
    /// A checkpoint bears another key's signature.
    WrongKey,
    /// The log contradicts a checkpoint or the witness.
    Contradicts,
    /// The log ends before the entry that `head.json` names.
    Short,
    /// Bytes after the last line feed.
    TornTail,
    /// The clock went back and no entry says so.
    Clock,
}

impl Problem {
    /// The exit code of `countersign verify`.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::ChainBroken => 2,
            Self::WrongKey => 5,
            Self::Contradicts => 4,
            Self::Short => 3,
            Self::TornTail => 6,
            Self::Clock => 7,
        }
    }
}

/// The end of the log that no anchor vouches for: it could be cut off and nobody would see it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unanchored {
    /// Entries after the anchor.
    pub entries: u64,
    /// Minutes from the anchor's entry to the last one.
    pub minutes: i64,
}

/// What `verify` found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The level reached; none if the chain does not hold.
    pub level: Option<Level>,
    /// Entries whose chain holds.
    pub entries: u64,
    /// Files of the log.
    pub files: u64,
    /// Bytes of the log.
    pub bytes: u64,
    /// The chain's id, from its first header.
    pub chain: Option<Uuid>,
    /// Moment of the last good entry.
    pub newest: Option<Stamp>,
    /// An fsync has failed since: what is read here may not be on disk.
    pub in_doubt: bool,
    /// Past the best anchor reached.
    pub unanchored: Unanchored,
    /// The worst that was found, and where.
    pub problem: Option<(Problem, Fault)>,
}

impl Report {
    /// The exit code of `countersign verify`: 0, 2, 3, 6 or 7.
    pub fn exit_code(&self) -> u8 {
        self.problem.as_ref().map_or(0, |(problem, _)| problem.exit_code())
    }
}

impl fmt::Display for Report {
    /// Never a bare "OK": the level, what it means, and what nobody vouches for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entries, .. } = self;
        let files = if self.files == 1 { "1 file".to_owned() } else { format!("{} files", self.files) };
        let Unanchored { entries: loose, minutes } = self.unanchored;
        match self.level {
            None => writeln!(f, "broken: the chain holds for the first {entries} entries only")?,
            Some(Level::L0) => writeln!(
                f,
                "L0: the chain of {entries} entries in {files} holds; nothing vouches for its end"
            )?,
            Some(Level::L1) => {
                writeln!(f, "L1: the chain of {entries} entries in {files} holds and matches head.json")?;
            }
            Some(level @ (Level::L2 | Level::L3)) => {
                writeln!(f, "{level}: the chain of {entries} entries in {files} holds")?;
            }
        }
        writeln!(f, "unanchored: the last {loose} entries, {minutes} minutes")?;
        if self.in_doubt {
            writeln!(
                f,
                "in doubt: an fsync has failed, and the last entries may not be on disk; start again to resolve it"
            )?;
        }
        match &self.problem {
            Some((_, fault)) => writeln!(f, "{fault}"),
            None => Ok(()),
        }
    }
}

/// What is looked at: taken in one moment between two appends, so that a writer at work is no fault.
struct Snapshot {
    files: Vec<FileName>,
    /// Length of the newest file.
    length: Option<u64>,
    bytes: u64,
    head: HeadFile,
    in_doubt: bool,
}

fn snapshot(dir: &Path) -> Result<Snapshot, ReadError> {
    // A copy of a log has no lock file, and may be read-only: then nobody writes to it either.
    let _held = lock::shared(dir, Duration::from_secs(5)).ok().flatten();
    let mut files = folder::list(dir).map_err(ReadError::io(dir))?;
    let head = folder::head(dir).map_err(ReadError::io(dir.join(folder::HEAD)))?;
    trim_empty(dir, &mut files)?;
    let mut bytes = 0;
    let mut length = None;
    for file in &files {
        let path = dir.join(file.to_string());
        let len = std::fs::metadata(&path).map_err(ReadError::io(path))?.len();
        bytes += len;
        length = Some(len);
    }
    let in_doubt = folder::doubt(dir).map_err(ReadError::io(dir.join(folder::DOUBT)))?.is_some();
    Ok(Snapshot { files, length, bytes, head, in_doubt })
}

/// Reads the whole log in `dir` and says how far it can be trusted. `progress` gets the bytes read so far, about
/// once a mebibyte.
///
/// # Errors
/// The folder or a file cannot be read (exit code 1). What is wrong with the log is in the report.
pub fn verify(dir: &Path, progress: &mut dyn FnMut(u64)) -> Result<Report, ReadError> {
    let Snapshot { files, length, bytes, head, in_doubt } = snapshot(dir)?;
    let mut check = Check {
        dir,
        head: &head,
        newest_file: None,
        at_head: None,
        former: String::new(),
        max_day: String::new(),
        problem: None,
    };
    let mut report = Report {
        level: None,
        entries: 0,
        files: files.len() as u64,
        bytes,
        chain: None,
        newest: None,
        in_doubt,
        unanchored: Unanchored::default(),
        problem: None,
    };
    let mut walk = Walk::new(dir, files, None, length);
    let (mut done, mut told) = (0, 0);
    let broken = loop {
        let step = match walk.next() {
            Ok(Some(step)) => step,
            Ok(None) => break None,
            Err(ReadError::Broken(fault)) => break Some(fault),
            Err(io) => return Err(io),
        };
        if let Err(fault) = check.step(&step, &mut report.chain) {
            break Some(fault);
        }
        report.entries = step.shape.seq;
        done += step.end - step.start;
        if done - told >= 1 << 20 {
            told = done;
            progress(done);
        }
    };
    progress(done);
    let former = std::mem::take(&mut check.former);
    report.newest = former.parse().ok();
    report.unanchored.entries = report.entries;
    if let Some(fault) = broken {
        report.problem = Some((Problem::ChainBroken, fault));
        return Ok(report);
    }
    report.level = Some(Level::L0);
    if let Some(torn) = walk.torn() {
        let reason = format!("is torn: {} bytes follow the last line feed", torn.bytes.len());
        check.note(Problem::TornTail, Fault::at(dir, &torn.file, torn.start, reason));
    }
    check.anchor(&mut report);
    report.problem = check.problem;
    Ok(report)
}

struct Check<'a> {
    dir: &'a Path,
    head: &'a HeadFile,
    newest_file: Option<FileName>,
    /// Moment of the entry that `head.json` names, once passed and found the same.
    at_head: Option<Stamp>,
    /// Moment of the former entry.
    former: String,
    max_day: String,
    problem: Option<(Problem, Fault)>,
}

impl Check<'_> {
    fn note(&mut self, problem: Problem, fault: Fault) {
        if self.problem.as_ref().is_none_or(|(worst, _)| problem < *worst) {
            self.problem = Some((problem, fault));
        }
    }

    /// What the chain itself does not say. An error breaks the chain.
    fn step(&mut self, step: &super::walk::Step<'_>, chain: &mut Option<Uuid>) -> Result<(), Fault> {
        let shape = &step.shape;
        let fault = |reason: String| Fault::at(self.dir, step.file, step.start, reason);
        let day = &shape.ts[..10];
        if day > self.max_day.as_str() {
            day.clone_into(&mut self.max_day);
        }
        if step.first {
            let header = std::str::from_utf8(step.line).ok().and_then(Parsed::read);
            let named = header.and_then(|h| h.chain()).ok_or_else(|| fault("names no chain".to_owned()))?;
            if *chain.get_or_insert(named) != named {
                return Err(fault("names another chain than the first header".to_owned()));
            }
            // The number counts up within a day; the day is the newest that any entry has seen.
            let expected = match &self.newest_file {
                Some(former) => former.next(&self.max_day),
                None => FileName::first(&self.max_day),
            };
            if *step.file != expected {
                return Err(fault(format!("stands in a file that must be named {expected}")));
            }
            self.newest_file = Some(step.file.clone());
        } else if self.max_day > step.file.day {
            return Err(fault("is of a later day than its file".to_owned()));
        }
        if let HeadFile::Read(head, hash, file) = self.head
            && head.seq == shape.seq
        {
            if (shape.hash, step.file, step.end) != (*hash, file, head.length) {
                return Err(fault("is another entry than the one that head.json names".to_owned()));
            }
            self.at_head = shape.ts.parse().ok();
        }
        if shape.ts < self.former.as_str() && shape.kind != "clock_step" {
            let reason = format!("is earlier than the entry before it, {}", self.former);
            let fault = fault(reason);
            self.note(Problem::Clock, fault);
        }
        debug_assert_eq!(shape.ts.len(), TS_BYTES, "moments are compared as text");
        self.former.clear();
        self.former.push_str(shape.ts);
        Ok(())
    }

    /// Whether the log reaches to its anchor.
    fn anchor(&mut self, report: &mut Report) {
        let end = self.newest_file.clone().unwrap_or_else(|| FileName::first("0000-00-00"));
        let end_fault = |reason: String| {
            let length = std::fs::metadata(self.dir.join(end.to_string())).map_or(0, |m| m.len());
            Fault::at(self.dir, &end, length, reason)
        };
        match (self.head, self.at_head) {
            (HeadFile::Read(head, ..), Some(at)) => {
                report.level = Some(Level::L1);
                report.unanchored = Unanchored {
                    entries: report.entries - head.seq,
                    minutes: report.newest.map_or(0, |newest| newest.since(at).as_minutes()),
                };
            }
            (HeadFile::Read(head, ..), None) => {
                let there = report.entries;
                let fault =
                    end_fault(format!("is cut: head.json knows {} entries, {there} are there", head.seq));
                self.note(Problem::Short, fault);
            }
            // Not as we write it: somebody or something has been at it, and what it knew may be what is cut.
            (HeadFile::Unreadable, _) => {
                let fault = end_fault("may be cut: head.json cannot be read".to_owned());
                self.note(Problem::Short, fault);
            }
            (HeadFile::Missing, _) => {}
        }
    }
}
