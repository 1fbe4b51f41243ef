//! The AI's proposed reply.

use super::{DraftId, MessageId, Stamp};
use serde::{Deserialize, Serialize};

/// The AI's proposed reply; a newer version supersedes an older one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// Identity; a newer version keeps it.
    pub id: DraftId,
    /// Counts up from 1.
    #[serde(default = "one")]
    pub version: u32,
    /// The customer message it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_reply_to: Option<MessageId>,
    /// When the model wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_at: Option<Stamp>,
    /// Which model.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// Revision of the prompt that asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompt_rev: Option<String>,
    /// The proposed reply, as it came in.
    pub text: String,
    /// The model's own confidence in thousandths.
    #[serde(
        default,
        rename = "confidence",
        with = "super::item::milli",
        skip_serializing_if = "Option::is_none"
    )]
    pub confidence_milli: Option<u16>,
    /// Why the model answers so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rationale: Option<String>,
    /// What it was drawn from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
}

const fn one() -> u32 {
    1
}

/// A document that a draft leans on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its title.
    pub title: String,
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The words the draft uses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
}
