//! What `verify` has to say: the level reached, what nobody vouches for, the worst that was found.

use super::walk::Fault;
use crate::review::Stamp;
use std::fmt;
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

impl Unanchored {
    /// `entries` up to the `newest` one, after what stands at `from`. A clock that went back makes no time negative.
    pub fn after(from: Option<Stamp>, newest: Option<Stamp>, entries: u64) -> Self {
        let minutes = newest.zip(from).map_or(0, |(newest, from)| newest.since(from).as_minutes().max(0));
        Self { entries, minutes }
    }
}

/// What checkpoints and witness have to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Anchors {
    /// Checkpoints beside the log that bear a trusted key's signature.
    pub checkpoints: u64,
    /// Names and ids of the keys that are trusted.
    pub keys: Vec<String>,
    /// They were named by whoever asked; else they were found beside the log.
    pub keys_named: bool,
    /// Checkpoints that a full disk or a crash has cut short.
    pub cut: u64,
    /// The witness.
    pub witness: Witness,
}

/// What the witness has to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Witness {
    /// None was named.
    #[default]
    NotAsked,
    /// It could not be read; what the system said.
    Unreachable(String),
    /// So many checkpoints of this key are there, up to this many entries.
    Knows {
        /// Checkpoints.
        checkpoints: u64,
        /// Entries under the longest of them.
        entries: u64,
    },
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
    /// Checkpoints and witness, where they were asked for.
    pub anchors: Anchors,
    /// The worst that was found, and where.
    pub problem: Option<(Problem, Fault)>,
}

impl Report {
    /// The exit code of `countersign verify`: 0, or that of the worst problem, or 1 if only the witness was out of reach.
    pub fn exit_code(&self) -> u8 {
        let unreachable = matches!(self.anchors.witness, Witness::Unreachable(_));
        self.problem.as_ref().map_or(u8::from(unreachable), |(problem, _)| problem.exit_code())
    }
}

fn plural(n: u64, one: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") }
}

impl fmt::Display for Report {
    /// Never a bare "OK": the level, what it means, and what nobody vouches for.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { entries, anchors, .. } = self;
        let chain = format!("the chain of {entries} entries in {} holds", plural(self.files, "file"));
        let Unanchored { entries: loose, minutes } = self.unanchored;
        match self.level {
            None => writeln!(f, "broken: the chain holds for the first {entries} entries only")?,
            Some(Level::L0) => writeln!(f, "L0: {chain}; nothing vouches for its end")?,
            Some(Level::L1) => writeln!(f, "L1: {chain} and matches head.json")?,
            Some(level) => {
                let signed = plural(anchors.checkpoints, "signed checkpoint");
                match (&anchors.witness, level) {
                    (Witness::Knows { checkpoints, .. }, Level::L3) => {
                        let known = plural(*checkpoints, "checkpoint");
                        writeln!(f, "L3: {chain} and matches {signed} and the witness, which has {known}")?;
                    }
                    _ => writeln!(
                        f,
                        "{level}: {chain} and matches {signed}; whoever holds the key could re-sign, only a witness sees that"
                    )?,
                }
                let whose = if anchors.keys_named {
                    "as you named it"
                } else {
                    "as found beside the log; --key names yours"
                };
                writeln!(f, "key: {}, {whose}", anchors.keys.join(", "))?;
            }
        }
        let loose = if loose == 1 { "entry".to_owned() } else { format!("{loose} entries") };
        let minutes = if minutes == 1 { "1 minute".to_owned() } else { format!("{minutes} minutes") };
        if self.level.is_some() {
            writeln!(f, "unanchored: the last {loose}, {minutes}")?;
        }
        if anchors.cut > 0 {
            let cut = plural(anchors.cut, "checkpoint");
            writeln!(f, "{cut} cut short while being written; the others stand")?;
        }
        if let Witness::Knows { checkpoints: 0, .. } = &anchors.witness {
            writeln!(f, "the witness has nothing of this log that a key named here has signed")?;
        }
        if let Witness::Unreachable(why) = &anchors.witness {
            writeln!(
                f,
                "the witness was not asked: {why}; make it readable, or name another with --witness"
            )?;
        }
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
