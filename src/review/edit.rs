//! Text an agent has written and not (yet) signed.

use super::{DraftId, ItemId, Stamp};
use serde::{Deserialize, Serialize};

/// What an edit is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "base", rename_all = "snake_case")]
pub enum Base {
    /// A changed draft: which one and its text.
    Draft {
        /// Its id.
        id: DraftId,
        /// Its version.
        version: u32,
        /// Its text, to compare with.
        text: String,
    },
    /// A person's own words where there is no draft.
    Reply,
    /// A person's own words in place of the draft.
    TakeOver,
}

impl Base {
    /// Whether the text is a person's own, not a changed draft: the two are kept beside each other.
    pub const fn is_own_words(&self) -> bool {
        matches!(self, Self::Reply | Self::TakeOver)
    }
}

/// A half-written text, as the desk keeps it (P9).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedEdit {
    /// The item.
    pub item: ItemId,
    /// What it is made of.
    pub base: Base,
    /// The text so far.
    pub text: String,
    /// Byte offset of the caret.
    pub caret: usize,
    /// When it was last typed in.
    pub at: Stamp,
}
