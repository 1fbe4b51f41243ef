//! Why the queue says no: typed, so that a screen can say what to do next.

use super::{DraftId, ItemId, MessageId, Stamp};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A refusal by the queue. A value, not an error: the agent's text is kept and the reason shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "refusal", rename_all = "snake_case")]
pub enum Refusal {
    /// The item is closed or was never there.
    Gone {
        /// Which item.
        item: ItemId,
    },
    /// Another verdict stands for this draft version.
    AlreadyDecided {
        /// Who decided.
        by: String,
        /// When.
        at: Stamp,
    },
    /// The customer wrote again.
    NewerMessage {
        /// The newest message.
        message: MessageId,
    },
    /// A newer draft is there.
    Superseded {
        /// The newest draft; none if it was withdrawn.
        draft: Option<(DraftId, u32)>,
    },
    /// The claim ran out or was taken.
    LeaseLost {
        /// Who holds the item now.
        holder: Option<String>,
        /// Since when, where known.
        at: Option<Stamp>,
    },
    /// Somebody else holds the item.
    Held {
        /// Who.
        holder: String,
        /// Until when, if not renewed.
        until: Stamp,
    },
    /// A rule forbids it.
    NotAllowed {
        /// Which rule.
        rule: RefusalRule,
    },
    /// An undo that came too late: the reply has left or is leaving.
    TooLate {
        /// When the window ended.
        at: Stamp,
    },
    /// The reply was taken back before this settle arrived.
    Undone,
    /// The customer was forgotten: neither item nor text is kept.
    Forgotten,
}

/// A rule that forbids a verdict or an act.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalRule {
    /// The customer said no to AI (P7).
    Consent,
    /// A person owns the conversation; AI text may not leave (P5).
    Owner,
    /// The second pair of eyes must be another agent's.
    Second,
    /// A conversation taken over is handed back or transferred, not released.
    TakenOver,
    /// There is nothing to approve or edit.
    NoDraft,
    /// Only who did it can undo it.
    NotYours,
}

impl Refusal {
    /// The word the log uses.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Gone { .. } => "gone",
            Self::AlreadyDecided { .. } => "already_decided",
            Self::NewerMessage { .. } => "newer_message",
            Self::Superseded { .. } => "superseded",
            Self::LeaseLost { .. } => "lease_lost",
            Self::Held { .. } => "held",
            Self::NotAllowed { rule } => match rule {
                RefusalRule::Consent => "not_allowed_consent",
                RefusalRule::Owner => "not_allowed_owner",
                RefusalRule::Second => "not_allowed_second",
                RefusalRule::TakenOver => "not_allowed_taken_over",
                RefusalRule::NoDraft => "not_allowed_no_draft",
                RefusalRule::NotYours => "not_allowed_not_yours",
            },
            Self::TooLate { .. } => "too_late",
            Self::Undone => "undone",
            Self::Forgotten => "forgotten",
        }
    }
}

impl fmt::Display for Refusal {
    /// What happened and what to do next. Names of agents are not yet made safe to show.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone { .. } => f.write_str("the item is closed; nothing to do"),
            Self::AlreadyDecided { by, at } => {
                let (_, time) = at.local();
                write!(f, "{by} decided this draft at {time}; your text is kept")
            }
            Self::NewerMessage { .. } => f.write_str("the customer wrote again; read it, then decide"),
            Self::Superseded { draft: Some((_, version)) } => {
                write!(f, "draft v{version} has come in; look at it, then decide")
            }
            Self::Superseded { draft: None } => f.write_str("the draft was withdrawn; reply yourself"),
            Self::LeaseLost { holder: Some(holder), .. } => {
                write!(f, "{holder} has taken this item; ask them or force the claim")
            }
            Self::LeaseLost { holder: None, .. } => f.write_str("your claim ran out; claim it again"),
            Self::Held { holder, until } => {
                let (_, time) = until.local();
                write!(f, "{holder} holds this item until {time}; ask them or force the claim")
            }
            Self::NotAllowed { rule } => f.write_str(match rule {
                RefusalRule::Consent => "the customer does not want AI; write the reply yourself",
                RefusalRule::Owner => {
                    "a person owns this conversation; write the reply yourself or hand it back"
                }
                RefusalRule::Second => "another agent must check this one",
                RefusalRule::TakenOver => "you have taken this over; hand it back or transfer it",
                RefusalRule::NoDraft => "there is no draft; write a reply",
                RefusalRule::NotYours => "somebody else did this; only they can undo it",
            }),
            Self::TooLate { .. } => f.write_str("too late: the reply has left"),
            Self::Undone => f.write_str("this reply was taken back"),
            Self::Forgotten => {
                f.write_str("the customer was forgotten, your text with them; nothing was sent")
            }
        }
    }
}
