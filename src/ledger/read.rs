//! Reading: from a mark on, line by line, each checked against the one before.

use super::chain::Hash;
use super::entry::SCHEMA;
use super::folder::{self, FileName};
use super::walk::{Fault, Place, ReadError, Step, Walk, place_at};
use crate::review::{DecisionId, Outcome, Stamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;
use uuid::Uuid;

/// An entry's number and hash, and the place just after it. What an append acknowledges, what the desk keeps to know
/// how far it has reconciled, and where reading begins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// The entry's number, from 1.
    pub seq: u64,
    /// Its hash, 64 hex digits.
    pub hash: String,
    /// The file it stands in.
    pub file: String,
    /// Where its line feed ends in that file, in bytes.
    pub offset: u64,
}

impl Mark {
    pub(super) fn of(place: &Place) -> Self {
        Self {
            seq: place.link.seq,
            hash: place.link.hash.to_string(),
            file: place.file.to_string(),
            offset: place.end,
        }
    }
}

/// One line of the log, read and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The entry's number, hash and place.
    pub mark: Mark,
    /// Its moment.
    pub ts: Stamp,
    /// The word of `type`, known to this program or not.
    pub kind: String,
    /// The entry's id; a decision's is its decision id. None where it is no UUID.
    pub id: Option<Uuid>,
    /// The former entry's hash.
    pub prev: String,
    /// The line as it stands, without its line feed.
    pub raw: String,
}

/// Why the log cannot be read from a mark on.
#[derive(Debug, thiserror::Error)]
pub enum FromError {
    /// The entry of the mark is not there, or is another one: the log was rolled back or replaced.
    #[error("{file} {reason}: entry {seq} is not where it was; the log was replaced by an older copy")]
    RolledBack {
        /// The mark's file.
        file: String,
        /// The mark's entry.
        seq: u64,
        /// What is wrong, in words.
        reason: String,
    },
    /// The folder cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
}

/// The lines of the log. Ends before bytes that are torn or still being written.
pub struct Reader(Walk, bool);

/// Reads the log after `from`, or from its first line.
///
/// # Errors
/// The entry of the mark is not there any more; the folder cannot be read.
pub fn read_from(dir: &Path, from: Option<&Mark>) -> Result<Reader, FromError> {
    let files = folder::list(dir).map_err(ReadError::io(dir))?;
    let place = from.map(|mark| place_of(dir, mark)).transpose()?;
    Ok(Reader(Walk::new(dir, files, place, None), false))
}

fn place_of(dir: &Path, mark: &Mark) -> Result<Place, FromError> {
    let gone = |reason: &str| FromError::RolledBack {
        file: mark.file.clone(),
        seq: mark.seq,
        reason: reason.to_owned(),
    };
    let file: FileName = mark.file.parse().map_err(|_| gone("is no file of the log"))?;
    let hash = Hash::from_hex(&mark.hash).ok_or_else(|| gone("is named with a hash that is none"))?;
    place_at(dir, &file, mark.offset, Some((mark.seq, hash)))
        .map_err(ReadError::io(dir.join(&mark.file)))?
        .map_err(gone)
}

/// The chain's id, from the header of one of the log's files.
pub(super) fn chain_of(dir: &Path, file: &FileName) -> Result<Uuid, ReadError> {
    let path = dir.join(file.to_string());
    let mut line = String::new();
    File::open(&path).and_then(|f| BufReader::new(f).read_line(&mut line)).map_err(ReadError::io(path))?;
    let chain = Parsed::read(&line).and_then(|header| header.chain());
    chain.ok_or_else(|| ReadError::Broken(Fault::at(dir, file, 0, "is no header that names a chain")))
}

impl Iterator for Reader {
    type Item = Result<Line, ReadError>;

    /// The next line; after an error, none.
    fn next(&mut self) -> Option<Self::Item> {
        if self.1 {
            return None;
        }
        let next = self.0.next().map(|step| step.map(|step| Line::of(&step)));
        self.1 = !matches!(next, Ok(Some(_)));
        next.transpose()
    }
}

impl Line {
    fn of(step: &Step<'_>) -> Self {
        let shape = &step.shape;
        Self {
            mark: Mark {
                seq: shape.seq,
                hash: shape.hash.to_string(),
                file: step.file.to_string(),
                offset: step.end,
            },
            ts: shape.ts.parse().unwrap_or_default(),
            kind: shape.kind.to_owned(),
            id: shape.id.parse().ok(),
            prev: shape.prev.to_string(),
            raw: String::from_utf8_lossy(step.line).into_owned(),
        }
    }

    /// The decision that this line is, or is about.
    pub fn decision(&self) -> Option<DecisionId> {
        match self.kind.as_str() {
            "decision" => self.id.map(DecisionId),
            "outcome" | "report" => Parsed::read(&self.raw)?.uuid("decision").map(DecisionId),
            _ => None,
        }
    }

    /// What an `outcome` says; none for other entries and for words this program does not know.
    pub fn outcome(&self) -> Option<(DecisionId, Outcome)> {
        if self.kind != "outcome" {
            return None;
        }
        let parsed = Parsed::read(&self.raw)?;
        Some((DecisionId(parsed.uuid("decision")?), parsed.text("what")?.parse().ok()?))
    }

    /// All keys of the line.
    pub fn parsed(&self) -> Option<Parsed> {
        Parsed::read(&self.raw)
    }
}

/// The keys of a line, known to this program or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed(Map<String, Value>);

impl Parsed {
    /// Reads a line; none if it is no JSON object.
    pub fn read(line: &str) -> Option<Self> {
        serde_json::from_str(line).ok().map(Self)
    }
    /// A string.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.as_str()
    }
    /// An integer.
    pub fn int(&self, key: &str) -> Option<i64> {
        self.0.get(key)?.as_i64()
    }
    /// A UUID.
    pub fn uuid(&self, key: &str) -> Option<Uuid> {
        self.text(key)?.parse().ok()
    }
    /// The keys in their order.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
    /// The chain id of a header that this program can read.
    pub fn chain(&self) -> Option<Uuid> {
        self.uuid("chain").filter(|_| self.text("schema") == Some(SCHEMA))
    }
}
