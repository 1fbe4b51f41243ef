//! What the firm has decided: undo windows, due times, consent, risk.

use super::{Consent, Item, Span};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// How a conversation travels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Mail.
    #[default]
    Email,
    /// Live chat and messengers.
    Chat,
    /// A helpdesk's ticket.
    Helpdesk,
    /// Any program behind a webhook.
    Webhook,
    /// Public or private posts.
    Social,
}

impl Channel {
    /// The word of the log and of JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Chat => "chat",
            Self::Helpdesk => "helpdesk",
            Self::Webhook => "webhook",
            Self::Social => "social",
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How much harm a wrong reply can do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Risk {
    /// Nothing special.
    #[default]
    Normal,
    /// A topic of the high-risk list.
    High,
}

impl Risk {
    /// The word of the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::High => "high",
        }
    }
}

/// The firm's decisions. Every field has a default that is safe for customers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// What the firm calls this policy; the log has it as [`Policy::revision`].
    pub rev: String,
    /// Whether AI may draft where the customer was never asked.
    pub ai_when_consent_unknown: bool,
    /// Topics that make an item high risk.
    pub high_risk_topics: BTreeSet<String>,
    /// Topics that need a second agent's verdict before the reply leaves.
    pub second_agent_topics: BTreeSet<String>,
    /// How long a mail can be taken back, in milliseconds.
    pub email_window_ms: i64,
    /// How long a chat reply can be taken back, in milliseconds.
    pub chat_window_ms: i64,
    /// When a mail without `due_at` is due after its arrival, in minutes.
    pub email_due_minutes: i64,
    /// When a chat message without `due_at` is due after its arrival, in minutes.
    pub chat_due_minutes: i64,
    /// A claim holds this long unless renewed, in minutes.
    pub lease_minutes: i64,
    /// One word of `a-z 0-9 _`: what figures about one agent may be shown to others for, each look being logged. Without it
    /// others see teams of five or more.
    pub agent_figures_purpose: Option<String>,
    /// Teams by name, with their agents.
    pub teams: BTreeMap<String, BTreeSet<String>>,
}

impl Default for Policy {
    fn default() -> Self {
        let words = |list: &[&str]| list.iter().map(|w| (*w).to_owned()).collect();
        Self {
            rev: "built-in".to_owned(),
            ai_when_consent_unknown: true,
            high_risk_topics: words(&[
                "legal",
                "safety",
                "health",
                "fraud",
                "self_harm",
                "bereavement",
                "minor",
            ]),
            second_agent_topics: BTreeSet::new(),
            email_window_ms: 10_000,
            chat_window_ms: 3_000,
            email_due_minutes: 240,
            chat_due_minutes: 5,
            lease_minutes: 5,
            agent_figures_purpose: None,
            teams: BTreeMap::new(),
        }
    }
}

impl Policy {
    /// What the log calls this policy: another word for every other content, whether or not somebody has named it anew.
    #[expect(clippy::missing_panics_doc, reason = "it holds words and numbers only")]
    pub fn revision(&self) -> String {
        if *self == Self::default() {
            return self.rev.clone();
        }
        let name = if self.rev == Self::default().rev { "own" } else { &self.rev };
        let body = serde_json::to_string(self).expect("a policy holds words and numbers only");
        let [a, b, c, d] = *Sha256::digest(body).first_chunk().expect("a digest has 32 bytes");
        format!("{name}-{a:02x}{b:02x}{c:02x}{d:02x}")
    }
    /// How long a reply on `channel` is held so that it can be taken back.
    pub const fn window(&self, channel: Channel) -> Span {
        match channel {
            Channel::Chat => Span(self.chat_window_ms),
            _ => Span(self.email_window_ms),
        }
    }
    /// When an item on `channel` that names no `due_at` is due after its arrival.
    pub const fn due_after(&self, channel: Channel) -> Span {
        match channel {
            Channel::Chat => Span::minutes(self.chat_due_minutes),
            _ => Span::minutes(self.email_due_minutes),
        }
    }
    /// How long a claim holds.
    pub const fn lease(&self) -> Span {
        Span::minutes(self.lease_minutes)
    }
    /// Whether AI text may be shown or sent to a customer who said `consent` (P7).
    pub const fn allows_ai(&self, consent: Consent) -> bool {
        match consent {
            Consent::Yes => true,
            Consent::No => false,
            Consent::Unknown => self.ai_when_consent_unknown,
        }
    }
    /// The risk of an item by its topics.
    pub fn risk(&self, item: &Item) -> Risk {
        if item.topics.iter().any(|t| self.high_risk_topics.contains(t)) { Risk::High } else { Risk::Normal }
    }
    /// Whether an item needs a second agent's verdict.
    pub fn needs_second(&self, item: &Item) -> bool {
        item.topics.iter().any(|t| self.second_agent_topics.contains(t))
    }
}
