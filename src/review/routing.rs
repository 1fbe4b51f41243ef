//! What an agent does with an item besides a verdict.

use super::{DecisionId, Emotion, MessageId, Reporter, Stamp};
use serde::{Deserialize, Serialize};

/// Why an item is closed without a reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The customer only said thanks.
    Thanks,
    /// Unwanted mail.
    Spam,
    /// Another item covers it.
    Duplicate,
    /// An automatic reply.
    AutoReply,
    /// Solved otherwise.
    Solved,
    /// Anything else.
    Other,
}

impl CloseReason {
    /// All, in the order the menu shows them.
    pub const ALL: [Self; 6] =
        [Self::Thanks, Self::Spam, Self::Duplicate, Self::AutoReply, Self::Solved, Self::Other];
    /// The word of the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Thanks => "thanks",
            Self::Spam => "spam",
            Self::Duplicate => "duplicate",
            Self::AutoReply => "auto_reply",
            Self::Solved => "solved",
            Self::Other => "other",
        }
    }
}

/// Why a draft goes back to the AI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendBackReason {
    /// Facts are wrong.
    WrongFacts,
    /// It misses the question.
    OffTopic,
    /// The tone is wrong.
    Tone,
    /// Something is missing.
    Incomplete,
    /// Anything else.
    Other,
}

impl SendBackReason {
    /// All, in the order the menu shows them.
    pub const ALL: [Self; 5] = [Self::WrongFacts, Self::OffTopic, Self::Tone, Self::Incomplete, Self::Other];
    /// The word of the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::WrongFacts => "wrong_facts",
            Self::OffTopic => "off_topic",
            Self::Tone => "tone",
            Self::Incomplete => "incomplete",
            Self::Other => "other",
        }
    }
}

/// What is wrong with a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AiError {
    /// States what is not so.
    IncorrectInformation,
    /// Rude, cold, out of place.
    InappropriateResponse,
    /// Leaves something out.
    IncompleteResponse,
    /// Was true once.
    OutdatedInformation,
    /// Anything else.
    Other,
}

impl AiError {
    /// All, in the order the menu shows them.
    pub const ALL: [Self; 5] = [
        Self::IncorrectInformation,
        Self::InappropriateResponse,
        Self::IncompleteResponse,
        Self::OutdatedInformation,
        Self::Other,
    ];
    /// The word of the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::IncorrectInformation => "incorrect_information",
            Self::InappropriateResponse => "inappropriate_response",
            Self::IncompleteResponse => "incomplete_response",
            Self::OutdatedInformation => "outdated_information",
            Self::Other => "other",
        }
    }
}

/// An act on an item that is no verdict. Each is idempotent under its request id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum Routing {
    /// Give the claim back.
    Release,
    /// Hide until then.
    Snooze {
        /// When it comes back.
        until: Stamp,
    },
    /// Close without a reply.
    Close {
        /// Why.
        reason: CloseReason,
    },
    /// Undo the newest close or transfer of this item by this agent.
    Reopen,
    /// Give it to another agent.
    Transfer {
        /// To whom.
        to: String,
        /// What they should know. Never enters a reply or a prompt.
        note: String,
    },
    /// Ask the AI for another draft; a person can still take over or reply.
    SendBack {
        /// Why.
        reason: SendBackReason,
    },
    /// An internal note. Never enters a reply or a prompt.
    Note {
        /// Its text.
        text: String,
    },
    /// The agent begins to answer in person: the AI is silent from now on (P5).
    TakeOver,
    /// Give a conversation back to the AI.
    HandBack,
    /// The emotion is another one.
    Correct {
        /// Of which message.
        message: MessageId,
        /// What it is.
        emotion: Emotion,
    },
    /// The AI made an error.
    Report {
        /// What kind.
        error: AiError,
        /// The decision it is about, where one stands.
        decision: Option<DecisionId>,
        /// Who found it.
        #[serde(default)]
        by: Reporter,
    },
}

impl Routing {
    /// The word of the log.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Snooze { .. } => "snooze",
            Self::Close { .. } => "close",
            Self::Reopen => "reopen",
            Self::Transfer { .. } => "transfer",
            Self::SendBack { .. } => "send_back",
            Self::Note { .. } => "note",
            Self::TakeOver => "taken_over",
            Self::HandBack => "handed_back",
            Self::Correct { .. } => "correct",
            Self::Report { .. } => "report",
        }
    }
}
