//! What effects are answered with, and which answers a script must not go on after.

use super::super::message::{CommitState, Effect, Outcome};
use super::{Plain, Stop};
use crate::review::{Refusal, Routing};

impl Plain {
    /// Ends a script at the line in hand; at a terminal what was said is enough.
    pub(super) fn fail(&mut self, stop: Stop, why: impl Into<String>) {
        if !self.seat.by_hand && self.stop.is_none() {
            self.stop = Some((stop, why.into()));
        }
    }

    /// What a script must not go on after.
    pub(super) fn judge(&mut self, outcome: &Outcome) {
        match outcome {
            Outcome::Committed { state: CommitState::Refused(refusal), .. }
                if *refusal != Refusal::Undone =>
            {
                self.fail(Stop::Refused, refusal.to_string());
            }
            Outcome::Committed { state: CommitState::LedgerClosed { why }, .. } => {
                self.fail(Stop::LedgerClosed, why.clone());
            }
            Outcome::Undone { answer: Err(refusal), .. } => self.fail(Stop::Refused, refusal.to_string()),
            Outcome::Routed { answer: Err(refusal), act, .. } if !matches!(act, Routing::Release) => {
                self.fail(Stop::Refused, refusal.to_string());
            }
            Outcome::Claimed { answer: Err(refusal), item }
                if self.model.front.edit().is_some_and(|e| e.item == *item) =>
            {
                self.fail(Stop::Refused, refusal.to_string());
            }
            Outcome::Failed { why, remedy, .. } => self.fail(Stop::Fault, format!("{why}; {remedy}")),
            _ => {}
        }
    }
}

/// Whether an effect will be answered, success or not.
pub(super) const fn asks(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::LoadList(_)
            | Effect::LoadRows(_)
            | Effect::LoadCounts
            | Effect::LoadHeld
            | Effect::LoadDecisions { .. }
            | Effect::LoadMe
            | Effect::Open { .. }
            | Effect::Claim { .. }
            | Effect::Route { .. }
            | Effect::Commit { .. }
            | Effect::Undo { .. }
            | Effect::Resolve { .. }
    )
}

/// Whether an outcome is the last answer to such an effect.
pub(super) fn answers(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::ListLoaded { .. }
        | Outcome::RowsLoaded { .. }
        | Outcome::CountsLoaded(_)
        | Outcome::HeldLoaded(_)
        | Outcome::DecisionsLoaded(_)
        | Outcome::MeLoaded(_)
        | Outcome::Opened { .. }
        | Outcome::Claimed { .. }
        | Outcome::Routed { .. }
        | Outcome::Undone { .. }
        | Outcome::Resolved { .. } => true,
        Outcome::Committed { state, .. } => *state != CommitState::Staged,
        Outcome::Failed { tried, .. } => asks(tried),
        _ => false,
    }
}
