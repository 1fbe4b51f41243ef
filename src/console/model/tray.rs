//! Signed replies on their way: signing, held, refused. A refusal stays until it is opened (P3).

use super::super::message::Base;
use crate::review::{DecisionId, ItemId, Stamp, Verdict};

/// How a signed reply stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SlipState {
    /// On its way into desk, ledger and queue.
    Signing,
    /// Can be taken back until then.
    Held {
        /// End of the window.
        until: Stamp,
    },
    /// Another agent must agree.
    Second,
    /// Is being taken back.
    Undoing,
    /// Refused; the text is kept.
    Refused {
        /// Why, in words.
        why: String,
    },
    /// Could not be sent; a person decides.
    Dead,
    /// Nobody can tell whether it was sent; a person decides.
    Unsure,
}

/// A signed reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slip {
    /// Its decision.
    pub decision: DecisionId,
    /// Its item.
    pub item: ItemId,
    /// The customer's name, foreign text.
    pub customer: Option<String>,
    /// What was decided.
    pub verdict: Verdict,
    /// What the text was made of; none where only the queue knows.
    pub base: Option<Base>,
    /// The text; empty where only the queue knows it.
    pub text: String,
    /// How it stands.
    pub state: SlipState,
    /// End of its window, once it was held.
    pub window: Option<Stamp>,
    /// When it was signed.
    pub at: Stamp,
}

/// What else can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActKind {
    /// Closed without a reply.
    Close,
    /// Given to another agent.
    Transfer,
    /// Hidden for a while.
    Snooze,
}

/// An act that can be undone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// On which item.
    pub item: ItemId,
    /// The customer's name, foreign text.
    pub customer: Option<String>,
    /// What.
    pub kind: ActKind,
    /// When.
    pub at: Stamp,
}

/// Signed replies and undoable acts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tray {
    /// Oldest first.
    pub slips: Vec<Slip>,
    /// Oldest first.
    pub acts: Vec<Act>,
}

impl Tray {
    /// The slip of a decision.
    pub fn slip_mut(&mut self, decision: DecisionId) -> Option<&mut Slip> {
        self.slips.iter_mut().find(|s| s.decision == decision)
    }
    /// The slip of a decision.
    pub fn slip(&self, decision: DecisionId) -> Option<&Slip> {
        self.slips.iter().find(|s| s.decision == decision)
    }
    /// The newest reply that can still be taken back.
    pub fn newest_held(&self) -> Option<&Slip> {
        self.slips.iter().rev().find(|s| matches!(s.state, SlipState::Held { .. } | SlipState::Signing))
    }
    /// Whether a reply has not left yet.
    pub fn on_the_way(&self) -> usize {
        let waits =
            |s: &&Slip| matches!(s.state, SlipState::Signing | SlipState::Held { .. } | SlipState::Undoing);
        self.slips.iter().filter(waits).count()
    }
    /// How many were refused and not yet looked at.
    pub fn refused(&self) -> usize {
        self.slips.iter().filter(|s| matches!(s.state, SlipState::Refused { .. })).count()
    }
    /// How many need a person's word.
    pub fn troubled(&self) -> usize {
        self.slips.iter().filter(|s| matches!(s.state, SlipState::Dead | SlipState::Unsure)).count()
    }
    /// The end of the window that the header counts down to.
    pub fn next_until(&self) -> Option<Stamp> {
        self.slips
            .iter()
            .filter_map(|s| match s.state {
                SlipState::Held { until } => Some(until),
                _ => None,
            })
            .min()
    }
    /// Lets go of replies whose window has ended: they are on their way out.
    pub fn expire(&mut self, now: Stamp) {
        self.slips.retain(|s| !matches!(s.state, SlipState::Held { until } if until <= now));
    }
}

impl Tray {
    /// The order of their list: what needs a person first, then the newest.
    pub fn listed(&self) -> Vec<&Slip> {
        let class = |s: &Slip| match s.state {
            SlipState::Refused { .. } => 0,
            SlipState::Dead | SlipState::Unsure => 1,
            SlipState::Signing | SlipState::Held { .. } | SlipState::Second | SlipState::Undoing => 2,
        };
        let mut all: Vec<&Slip> = self.slips.iter().rev().collect();
        all.sort_by_key(|s| class(s));
        all
    }
}
