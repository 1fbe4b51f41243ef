//! The proof: every line of the log follows from the one before, the end is where it was last known to be, and it holds
//! what was signed.

use super::blocks::Blocks;
use super::folder::{FileName, HeadFile};
use super::line::TS_BYTES;
use super::prove::{Proof, Trust};
use super::read::Parsed;
use super::report::{Level, Problem, Report, Unanchored};
use super::snapshot::{Snapshot, snapshot};
use super::walk::{Fault, ReadError, Walk};
use crate::review::Stamp;
use std::path::Path;
use uuid::Uuid;

/// Reads the whole log in `dir` and says how far it can be trusted, up to L1: checkpoints and witness are not asked.
/// `progress` gets the bytes read so far, about once a mebibyte.
///
/// # Errors
/// The folder or a file cannot be read (exit code 1). What is wrong with the log is in the report.
pub fn verify(dir: &Path, progress: &mut dyn FnMut(u64)) -> Result<Report, ReadError> {
    run(dir, None, &mut |done, _| progress(done))
}

/// Reads the whole log in `dir` and says how far it can be trusted, up to L3. `progress` gets the bytes read so far and
/// those there are, about once a mebibyte.
///
/// # Errors
/// The log's folder or a file in it cannot be read (exit code 1). What is wrong with log or witness is in the report.
pub fn prove(dir: &Path, trust: &Trust, progress: &mut dyn FnMut(u64, u64)) -> Result<Report, ReadError> {
    run(dir, Some(trust), progress)
}

fn run(dir: &Path, trust: Option<&Trust>, progress: &mut dyn FnMut(u64, u64)) -> Result<Report, ReadError> {
    // The checkpoints first: of what is made meanwhile the log may know more than they, never less.
    let mut proof = trust.map(|trust| Proof::begin(dir, trust)).transpose()?;
    let Snapshot { files, length, head, in_doubt } = snapshot(dir)?;
    let count = files.len() as u64;
    let blocks = Blocks::new(dir, files, length)?;
    let bytes = blocks.bytes();
    let mut check = Check {
        dir,
        head: &head,
        newest_file: None,
        at_head: None,
        oldest: None,
        former: String::new(),
        max_day: String::new(),
        problem: None,
    };
    let mut report = Report {
        level: None,
        entries: 0,
        files: count,
        bytes,
        chain: None,
        newest: None,
        in_doubt,
        unanchored: Unanchored::default(),
        anchors: proof.as_ref().map(Proof::anchors).unwrap_or_default(),
        problem: None,
    };
    let mut walk = Walk::through(dir, blocks);
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
        if let Some(proof) = &mut proof {
            proof.step(&step, report.chain);
        }
        report.entries = step.shape.seq;
        done += step.end - step.start;
        if done - told >= 1 << 20 {
            told = done;
            progress(done, bytes);
        }
    };
    progress(done, bytes);
    let former = std::mem::take(&mut check.former);
    report.newest = former.parse().ok();
    report.unanchored = Unanchored::after(check.oldest, report.newest, report.entries);
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
    if let Some(mut proof) = proof {
        for (problem, fault) in proof.problems(report.entries)? {
            check.note(problem, fault);
        }
        if check.problem.as_ref().is_none_or(|(problem, _)| *problem > Problem::Short) {
            proof.lift(&mut report);
        }
    }
    report.problem = check.problem;
    Ok(report)
}

struct Check<'a> {
    dir: &'a Path,
    head: &'a HeadFile,
    newest_file: Option<FileName>,
    /// Moment of the entry that `head.json` names, once passed and found the same.
    at_head: Option<Stamp>,
    /// Moment of the first entry of all.
    oldest: Option<Stamp>,
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
        if shape.seq == 1 {
            self.oldest = shape.ts.parse().ok();
        }
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
                report.unanchored = Unanchored::after(Some(at), report.newest, report.entries - head.seq);
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
