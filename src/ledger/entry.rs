//! The bodies of the log's entries: typed, flat, in fixed key order, without free text.

use super::decision::DecisionLine;
use super::line::Body;
use crate::review::{
    AiError, Consent, DecisionId, DraftId, Emotion, ItemId, MessageId, Outcome, ReportState, Reporter,
    Routing, SessionId, Stamp,
};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

/// A word of a closed vocabulary: 1 to 64 of `a-z 0-9 _`. Whatever else is offered becomes `unnamed`, so that
/// no free text can slip into the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word(String);

impl Word {
    /// `text`, if it is a word, else `unnamed`.
    pub fn of(text: &str) -> Self {
        let word = (1..=64).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        Self(if word { text } else { "unnamed" }.to_owned())
    }
    /// The word.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
            /// The word of the log.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.as_str())
            }
        }
        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(text: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|w| w.as_str() == text).ok_or(UnknownWord)
            }
        }
    };
}

/// The word is none of those this program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no word of the log that this program knows")]
pub struct UnknownWord;

words! {
    /// Beginning or end of a session.
    SessionEdge {
        /// It began.
        Start = "start",
        /// It ended in good order.
        End = "end",
    }
}

words! {
    /// An act on an item that is no verdict.
    Act {
        /// Closed without a reply.
        Close = "close",
        /// A close or transfer undone.
        Reopen = "reopen",
        /// Given to another agent.
        Transfer = "transfer",
        /// Hidden for a while.
        Snooze = "snooze",
        /// Back to the AI for another draft.
        SendBack = "send_back",
        /// Taken from another agent.
        ClaimForced = "claim_forced",
        /// A person answers from now on.
        TakenOver = "taken_over",
        /// The AI may draft again.
        HandedBack = "handed_back",
    }
}

words! {
    /// What was put right at the beginning of an append.
    Repair {
        /// Bytes after the last line feed, moved to the quarantine folder.
        TornTail = "torn_tail",
        /// `head.json` was missing or unreadable.
        Head = "head",
        /// A failed fsync: the bytes in doubt were written and synced anew.
        Resynced = "resynced",
    }
}

/// Who did it, and in which session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who {
    /// The agent's name.
    pub agent: String,
    /// The session.
    pub session: SessionId,
}

/// One entry of the log, without the keys that all have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// First of each file; the ledger writes it itself.
    Header {
        /// The id of the first header of all, the same in each file.
        chain: Uuid,
    },
    /// A session begins or ends.
    Session {
        /// Which.
        what: SessionEdge,
        /// Whose.
        who: Who,
        /// The operating system's number of the user.
        os_uid: u32,
        /// This program's version.
        app_version: String,
        /// Revision of the recogniser in use.
        recogniser_rev: Option<String>,
        /// Revision of the policy in force.
        policy_rev: String,
    },
    /// A verdict.
    Decision(Box<DecisionLine>),
    /// What became of a decision.
    Outcome {
        /// Of which.
        decision: DecisionId,
        /// What.
        what: Outcome,
        /// A refusal's code or a failure's kind.
        reason: Option<Word>,
    },
    /// An act on an item.
    Routing {
        /// The item.
        item: ItemId,
        /// Who acts.
        who: Who,
        /// What.
        act: Act,
        /// Why, where the act names a reason.
        reason: Option<Word>,
        /// From which agent.
        from: Option<String>,
        /// To which agent.
        to: Option<String>,
        /// Until when (snooze).
        until: Option<Stamp>,
    },
    /// A person corrected an emotion.
    Correction {
        /// The item.
        item: ItemId,
        /// The message.
        message: MessageId,
        /// Who corrects.
        who: Who,
        /// What the reading said.
        emotion_from: Option<Emotion>,
        /// How sure it was, 0 to 1000.
        confidence_from_milli: Option<u16>,
        /// What it is.
        emotion_to: Emotion,
        /// Revision of the recogniser that erred.
        recogniser_rev: Option<String>,
    },
    /// An error of the AI was reported.
    Report {
        /// The item.
        item: ItemId,
        /// The decision it is about, where one stands.
        decision: Option<DecisionId>,
        /// The draft it is about, with its version.
        draft: Option<(DraftId, u32)>,
        /// Who wrote it down.
        who: Who,
        /// What kind of error.
        error: AiError,
        /// Who found it.
        by: Reporter,
    },
    /// A person looked into a report, or takes it on.
    ReportState {
        /// The report's entry.
        report: Uuid,
        /// How far it is looked into now.
        state: ReportState,
        /// Who looks into it, if anybody.
        owner: Option<String>,
        /// Who says so.
        who: Who,
    },
    /// A customer's word on AI.
    Consent {
        /// HMAC of the word "customer" under their key.
        customer: String,
        /// Yes, no or unknown.
        word: Consent,
        /// Who wrote it down.
        who: Who,
        /// Held AI replies taken back for it.
        taken_back: u32,
    },
    /// A customer was forgotten.
    Erasure {
        /// HMAC of the word "customer" under the key destroyed now.
        customer: String,
        /// Who did it.
        who: Who,
        /// Items whose text is gone.
        items: u32,
        /// Decisions whose text is gone.
        decisions: u32,
        /// Held replies taken back.
        taken_back: u32,
    },
    /// Somebody looked at figures about one person, opened a text, or took an export.
    Access {
        /// Who looked.
        who: Who,
        /// At whose figures or text; or what was exported.
        subject: String,
        /// The purpose the policy names.
        purpose: Option<Word>,
        /// Which decision, where it was about one.
        decision: Option<DecisionId>,
    },
    /// A signed checkpoint was made of all entries before this one.
    Checkpoint {
        /// Number of entries under it.
        size: u64,
        /// RFC 6962 tree hash, 64 hex digits.
        root: String,
        /// Which key signed.
        key: String,
    },
    /// Something was put right before writing; the ledger writes it itself.
    Recovered {
        /// What.
        what: Repair,
        /// In which file of the log.
        file: String,
        /// From which byte on.
        offset: u64,
        /// How many bytes.
        bytes: u64,
    },
    /// The clock went back; the ledger writes it itself.
    ClockStep {
        /// By how much.
        back_ms: i64,
    },
    /// The firm's policy changed.
    PolicyChange {
        /// Who changed it.
        who: Who,
        /// Revision before.
        policy_from: Option<String>,
        /// Revision from now on.
        policy_rev: String,
    },
}

/// The value of `schema` in a header.
pub const SCHEMA: &str = "countersign.ledger/1";

impl Entry {
    /// The word of `type`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Header { .. } => "header",
            Self::Session { .. } => "session",
            Self::Decision(_) => "decision",
            Self::Outcome { .. } => "outcome",
            Self::Routing { .. } => "routing",
            Self::Correction { .. } => "correction",
            Self::Report { .. } => "report",
            Self::ReportState { .. } => "report_state",
            Self::Consent { .. } => "consent",
            Self::Erasure { .. } => "erasure",
            Self::Access { .. } => "access",
            Self::Checkpoint { .. } => "checkpoint",
            Self::Recovered { .. } => "recovered",
            Self::ClockStep { .. } => "clock_step",
            Self::PolicyChange { .. } => "policy_change",
        }
    }

    /// The entry for an act, where the act is one that the log names: notes and releases are not, corrections and
    /// reports are entries of their own.
    pub fn routed(item: &ItemId, who: &Who, act: &Routing) -> Option<Self> {
        let mut reason = None;
        let (mut to, mut until) = (None, None);
        let act = match act {
            Routing::Release | Routing::Note { .. } | Routing::Correct { .. } | Routing::Report { .. } => {
                return None;
            }
            Routing::Snooze { until: moment } => {
                until = Some(*moment);
                Act::Snooze
            }
            Routing::Close { reason: why } => {
                reason = Some(Word::of(why.as_str()));
                Act::Close
            }
            Routing::Reopen => Act::Reopen,
            Routing::Transfer { to: agent, .. } => {
                to = Some(agent.clone());
                Act::Transfer
            }
            Routing::SendBack { reason: why } => {
                reason = Some(Word::of(why.as_str()));
                Act::SendBack
            }
            Routing::TakeOver => Act::TakenOver,
            Routing::HandBack => Act::HandedBack,
        };
        Some(Self::Routing { item: item.clone(), who: who.clone(), act, reason, from: None, to, until })
    }

    pub(super) fn body(&self) -> Body {
        let mut body = Body::default();
        match self {
            Self::Header { chain } => {
                body.put("schema", SCHEMA).put("chain", *chain);
            }
            Self::Session { what, who, os_uid, app_version, recogniser_rev, policy_rev } => {
                body.put("what", what.as_str());
                put_who(&mut body, who)
                    .put("os_uid", *os_uid)
                    .put("app_version", app_version)
                    .put("recogniser_rev", recogniser_rev.as_deref())
                    .put("policy_rev", policy_rev);
            }
            Self::Decision(line) => line.write(&mut body),
            Self::Outcome { decision, what, reason } => {
                body.put("decision", decision.0)
                    .put("what", what.as_str())
                    .put("reason", reason.as_ref().map(Word::as_str));
            }
            Self::Routing { item, who, act, reason, from, to, until } => {
                body.put("item", item.as_str());
                put_who(&mut body, who)
                    .put("act", act.as_str())
                    .put("reason", reason.as_ref().map(Word::as_str))
                    .put("from", from.as_deref())
                    .put("to", to.as_deref())
                    .put("until", *until);
            }
            Self::Correction {
                item,
                message,
                who,
                emotion_from,
                confidence_from_milli,
                emotion_to,
                recogniser_rev,
            } => {
                body.put("item", item.as_str()).put("message", message.as_str());
                put_who(&mut body, who)
                    .put("emotion_from", emotion_from.map(Emotion::as_str))
                    .put("confidence_from_milli", *confidence_from_milli)
                    .put("emotion_to", emotion_to.as_str())
                    .put("recogniser_rev", recogniser_rev.as_deref());
            }
            Self::Report { item, decision, draft, who, error, by } => {
                body.put("item", item.as_str())
                    .put("decision", decision.map(|d| d.0))
                    .put("draft", draft.as_ref().map(|(id, _)| id.as_str()))
                    .put("draft_version", draft.as_ref().map(|(_, version)| *version));
                put_who(&mut body, who).put("error", error.as_str()).put("by", by.as_str());
            }
            Self::ReportState { report, state, owner, who } => {
                body.put("report", *report).put("state", state.as_str()).put("owner", owner.as_deref());
                put_who(&mut body, who);
            }
            Self::Consent { customer, word, who, taken_back } => {
                let word = match word {
                    Consent::Yes => "yes",
                    Consent::No => "no",
                    Consent::Unknown => "unknown",
                };
                body.put("customer", customer).put("word", word);
                put_who(&mut body, who).put("taken_back", *taken_back);
            }
            Self::Erasure { customer, who, items, decisions, taken_back } => {
                body.put("customer", customer);
                put_who(&mut body, who)
                    .put("items", *items)
                    .put("decisions", *decisions)
                    .put("taken_back", *taken_back);
            }
            Self::Access { who, subject, purpose, decision } => {
                put_who(&mut body, who)
                    .put("subject", subject)
                    .put("purpose", purpose.as_ref().map(Word::as_str))
                    .put("decision", decision.map(|d| d.0));
            }
            Self::Checkpoint { size, root, key } => {
                body.put("size", *size).put("root", root).put("key", key);
            }
            Self::Recovered { what, file, offset, bytes } => {
                body.put("what", what.as_str()).put("file", file).put("offset", *offset).put("bytes", *bytes);
            }
            Self::ClockStep { back_ms } => {
                body.put("back_ms", *back_ms);
            }
            Self::PolicyChange { who, policy_from, policy_rev } => {
                put_who(&mut body, who)
                    .put("policy_from", policy_from.as_deref())
                    .put("policy_rev", policy_rev);
            }
        }
        body
    }
}

fn put_who<'a>(body: &'a mut Body, who: &Who) -> &'a mut Body {
    body.put("agent", &who.agent).put("session", who.session.0)
}
