//! What the recogniser, a person or the item itself says about a customer's emotion: the care view.

use super::MessageId;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The ten labels of the care view, in the order a list shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Emotion {
    /// Hostile, outraged, insulting.
    Anger,
    /// Annoyed, fed up; a complaint without outrage.
    Frustration,
    /// Let down.
    Disappointment,
    /// Afraid, anxious, nervous about the outcome.
    Worry,
    /// Sad.
    Sadness,
    /// Does not understand; more than a question.
    Confusion,
    /// Did not expect this.
    Surprise,
    /// Thanks that is more than a closing politeness.
    Gratitude,
    /// Happy, excited, praising.
    Joy,
    /// No emotion expressed.
    Neutral,
}

/// The word is none of the ten labels.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "is none of anger, frustration, disappointment, worry, sadness, confusion, surprise, gratitude, joy, neutral"
)]
pub struct UnknownEmotion;

impl Emotion {
    /// All ten, in the order a list shows them.
    pub const ALL: [Self; 10] = [
        Self::Anger,
        Self::Frustration,
        Self::Disappointment,
        Self::Worry,
        Self::Sadness,
        Self::Confusion,
        Self::Surprise,
        Self::Gratitude,
        Self::Joy,
        Self::Neutral,
    ];

    /// The label as the screen, the log and JSON write it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anger => "anger",
            Self::Frustration => "frustration",
            Self::Disappointment => "disappointment",
            Self::Worry => "worry",
            Self::Sadness => "sadness",
            Self::Confusion => "confusion",
            Self::Surprise => "surprise",
            Self::Gratitude => "gratitude",
            Self::Joy => "joy",
            Self::Neutral => "neutral",
        }
    }

    /// Whether the customer suffers: these lift an item in the queue.
    pub const fn is_negative(self) -> bool {
        matches!(
            self,
            Self::Anger
                | Self::Frustration
                | Self::Disappointment
                | Self::Worry
                | Self::Sadness
                | Self::Confusion
        )
    }
}

impl fmt::Display for Emotion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Emotion {
    type Err = UnknownEmotion;
    fn from_str(text: &str) -> Result<Self, UnknownEmotion> {
        Self::ALL.into_iter().find(|e| e.as_str() == text).ok_or(UnknownEmotion)
    }
}

/// Who says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReadingSource {
    /// The item brought it.
    Item,
    /// Our recogniser.
    Recogniser,
    /// An agent corrected it.
    Person,
}

/// Words that drove a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// First byte in the message's original text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// Signed weight in thousandths; above zero speaks for the label.
    pub weight_milli: i32,
}

/// The result of reading one message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Which message was read.
    pub message: MessageId,
    /// The strongest label; also given when `unsure`.
    pub emotion: Emotion,
    /// 0 to 1000.
    pub confidence_milli: u16,
    /// 0 to 1000.
    pub intensity_milli: u16,
    /// Below the level at which a label may be trusted: the screen says unsure rather than guess.
    pub unsure: bool,
    /// The customer asks to reach a human.
    pub asks_person: bool,
    /// Byte ranges in the message's text, on character boundaries.
    pub evidence: Vec<Evidence>,
    /// Who says so.
    pub source: ReadingSource,
}

impl Reading {
    /// How strongly the customer suffers, in thousandths; unsure counts as neutral.
    pub fn heat_milli(&self) -> u16 {
        if self.unsure || !self.emotion.is_negative() { 0 } else { self.intensity_milli.min(1_000) }
    }
    /// What one line has room for: the label, or that it is unsure, and who says so unless it is our recogniser.
    pub fn in_a_word(&self) -> String {
        let label = if self.unsure { "unsure" } else { self.emotion.as_str() };
        match self.source {
            ReadingSource::Recogniser => label.to_owned(),
            ReadingSource::Item => format!("{label} (item)"),
            ReadingSource::Person => format!("{label} (person)"),
        }
    }
    /// The same without its evidence: what a list needs.
    #[must_use]
    pub fn in_short(&self) -> Self {
        Self { message: self.message.clone(), evidence: Vec::new(), ..*self }
    }
    /// Intensity in four steps, 0 to 4, as the screen's bar shows it.
    pub fn steps(&self) -> u8 {
        // 1000 / 4: every started quarter counts, so that "slight" is visible.
        u8::try_from(u32::from(self.intensity_milli.min(1_000)).div_ceil(250)).unwrap_or(4)
    }
}
