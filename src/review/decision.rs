//! A verdict by an agent on what one frame showed, with all that belongs in the log.

use super::{
    Channel, ConversationId, CustomerId, DecisionId, Disclosure, Emotion, Refusal, Risk, Seen, SessionId,
    Stamp,
};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What an agent decides about an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The draft goes out as it is, byte for byte.
    Approve,
    /// The draft goes out changed.
    Edit,
    /// A person answers and keeps the conversation; the AI is silent from now on.
    TakeOver,
    /// A person answers where there is no draft.
    Reply,
}

impl Verdict {
    /// The word of the log and of JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "approve",
            Self::Edit => "edit",
            Self::TakeOver => "take_over",
            Self::Reply => "reply",
        }
    }
    /// Whether AI text leaves with this verdict.
    pub const fn sends_ai_text(self) -> bool {
        matches!(self, Self::Approve | Self::Edit)
    }
    /// Approve if and only if the text equals the draft byte for byte, else edit.
    pub fn of_text(draft: &str, text: &str) -> Self {
        if draft == text { Self::Approve } else { Self::Edit }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A decision on its way: staged in the desk, logged in the ledger, settled in the queue. Its id is the
/// idempotency key all the way out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// `UUIDv7`.
    pub id: DecisionId,
    /// What the agent saw (P2).
    pub seen: Seen,
    /// The conversation.
    pub conversation: ConversationId,
    /// Whose key the hashes are made with.
    pub customer: CustomerId,
    /// How it leaves.
    pub channel: Channel,
    /// BCP 47 tag of the conversation.
    pub language: Option<String>,
    /// Who decides.
    pub agent: String,
    /// In which session.
    pub session: SessionId,
    /// What is decided.
    pub verdict: Verdict,
    /// The claim it was made under.
    pub fence: u64,
    /// The draft's text as seen; for the hash and the log's figures.
    pub draft_text: Option<String>,
    /// The reply without disclosure lines.
    pub text: String,
    /// How the reply says it was made.
    pub disclosure: Disclosure,
    /// When the key was pressed.
    pub decided_at: Stamp,
    /// Figures for the log.
    pub metrics: Metrics,
}

/// What the log keeps about how a decision came about. No free text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metrics {
    /// The label on screen.
    pub emotion: Option<Emotion>,
    /// Its confidence, 0 to 1000.
    pub emotion_confidence_milli: Option<u16>,
    /// What the agent says it is, where that differs.
    pub emotion_corrected: Option<Emotion>,
    /// 0 to 1000.
    pub intensity_milli: Option<u16>,
    /// Risk of the item by policy.
    pub risk: Risk,
    /// Checks that warned.
    pub checks_warned: u32,
    /// Checks that blocked and were overridden.
    pub checks_overridden: u32,
    /// The model that drafted.
    pub model: Option<String>,
    /// Revision of its prompt.
    pub prompt_rev: Option<String>,
    /// Revision of the policy in force.
    pub policy_rev: String,
    /// The first decision this one seconds.
    pub second_of: Option<DecisionId>,
    /// From the customer's first unanswered message to the verdict.
    pub waited_ms: Option<i64>,
    /// From first shown to the verdict.
    pub shown_ms: i64,
    /// Of that, time with a key in the last minute.
    pub active_ms: i64,
    /// Share of the lines of draft and new messages that have been on screen, 0 to 1000.
    pub viewed_milli: u16,
    /// Hidden characters in the draft.
    pub hidden_chars: u32,
}

/// The queue's answer to a settle.
pub type Settled = Result<Stamp, Refusal>;
