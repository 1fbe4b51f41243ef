//! Findings about a draft, with the words they are about.

use std::ops::Range;

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Fine.
    Pass,
    /// Look at this.
    Warn,
    /// Cannot be signed with one key.
    Block,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Characters an agent cannot see.
    Hidden,
    /// A blank that was not filled in.
    Placeholder,
    /// No text.
    Empty,
}

/// One finding about a draft.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// How much it weighs.
    pub level: Level,
    /// What it is about.
    pub kind: Kind,
    /// Bytes of the draft it is about.
    pub words: Option<Range<usize>>,
}

impl std::fmt::Display for Check {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self.kind {
            Kind::Hidden => "characters you cannot see",
            Kind::Placeholder => "a placeholder is left",
            Kind::Empty => "there is no text",
        })
    }
}

/// All findings about a draft.
pub fn checks(draft: &str) -> Vec<Check> {
    let mut found = Vec::new();
    if draft.trim().is_empty() {
        found.push(Check { level: Level::Block, kind: Kind::Empty, words: None });
    }
    if let (Some(from), Some(to)) = (draft.find("{{"), draft.find("}}")) {
        if from < to {
            found.push(Check { level: Level::Block, kind: Kind::Placeholder, words: Some(from..to + 2) });
        }
    }
    found
}
