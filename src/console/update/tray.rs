//! The tray: what became of signed replies, taking them back, and the lists over the panes.

use super::super::command::Command;
use super::super::message::{Base, CommitState, Effect, KeyPress, Resolution, SavedEdit, TakenBack};
use super::super::model::{Act, ActKind, Front, Sheet, Slip, SlipState};
use super::Step;
use super::choose::moved;
use crate::review::{DecisionId, Held, ItemId, Refusal, ReplyState, Routing, Verdict};

impl Step<'_> {
    /// How a commit goes.
    pub(super) fn committed(&mut self, decision: DecisionId, state: CommitState) {
        let Some(slip) = self.model.tray.slip_mut(decision) else { return };
        // An undo on its way has the last word.
        if slip.state == SlipState::Undoing && !matches!(state, CommitState::Refused(_)) {
            return;
        }
        match state {
            CommitState::Staged => {}
            CommitState::Held { until } => {
                slip.window = Some(until);
                slip.state = SlipState::Held { until };
                self.done_with(decision);
            }
            CommitState::Second => {
                slip.state = SlipState::Second;
                self.done_with(decision);
                self.say("signed; another agent must agree before it leaves");
            }
            CommitState::Refused(Refusal::Undone) => self.model.tray.slips.retain(|s| s.decision != decision),
            CommitState::Refused(Refusal::Forgotten) => {
                let item = slip.item.clone();
                self.model.tray.slips.retain(|s| s.decision != decision);
                self.fail(format!("refused, {item}: {}", Refusal::Forgotten));
                self.effects.push(Effect::LoadRows(vec![item]));
            }
            CommitState::Refused(refusal) => self.refused(decision, &refusal.to_string()),
            CommitState::LedgerClosed { why } => {
                self.model.log.closed = Some(why.clone());
                self.refused(decision, &format!("not signed, nothing was sent: {why}"));
            }
        }
    }

    /// The agent's word on this item stands: what else was written for it before is done with.
    fn done_with(&mut self, decision: DecisionId) {
        let Some(slip) = self.model.tray.slip(decision) else { return };
        self.model.edits.retain(|e| e.item != slip.item || e.at > slip.at);
    }

    /// A verdict did not stand: it lies in the tray with its text and reason until it is opened (P3).
    fn refused(&mut self, decision: DecisionId, why: &str) {
        let Some(slip) = self.model.tray.slip_mut(decision) else { return };
        slip.state = SlipState::Refused { why: why.to_owned() };
        let slip = slip.clone();
        self.keep_text_of(&slip);
        self.effects.push(Effect::LoadRows(vec![slip.item.clone()]));
        let name = slip.customer.unwrap_or_else(|| slip.item.to_string());
        let key = self.key(Command::Tray);
        self.fail(format!("refused, {name}: {why} · {key} opens it"));
        if !self.model.focused {
            self.effects.push(Effect::Bell);
        }
    }

    /// Own words of a slip become a half-written text again.
    fn keep_text_of(&mut self, slip: &Slip) {
        if slip.verdict == Verdict::Approve || slip.text.is_empty() {
            return;
        }
        let draft =
            self.model.at_hand.iter().find(|o| o.item.id == slip.item).and_then(|o| o.item.draft.clone());
        let base = match (&slip.base, slip.verdict, draft) {
            (Some(base), ..) => base.clone(),
            (None, Verdict::TakeOver, _) => Base::TakeOver,
            (None, Verdict::Edit, Some(d)) => Base::Draft { id: d.id, version: d.version, text: d.text },
            (None, ..) => Base::Reply,
        };
        // What is being written for this item now is newer.
        if self.model.front.edit().is_some_and(|e| e.item == slip.item) {
            return;
        }
        let caret = slip.text.len();
        self.keep(SavedEdit { item: slip.item.clone(), base, text: slip.text.clone(), caret, at: self.now });
    }

    /// `undo`: the newest held reply or act is taken back, and its customer named.
    pub(super) fn undo_newest(&mut self) {
        let held = self.model.tray.newest_held().map(|s| (s.at, s.decision));
        let act = self.model.tray.acts.last().map(|a| a.at);
        match (held, act) {
            (Some((at, decision)), act) if act.is_none_or(|a| a <= at) => self.take_back(decision),
            (_, Some(_)) => self.undo_act(),
            (_, None) => self.say("nothing can be taken back any more"),
        }
    }

    /// Takes a held reply back.
    pub(super) fn take_back(&mut self, decision: DecisionId) {
        let Some(slip) = self.model.tray.slip_mut(decision) else { return };
        if !matches!(slip.state, SlipState::Held { .. } | SlipState::Signing | SlipState::Second) {
            return self.say("this reply is not held any more");
        }
        slip.state = SlipState::Undoing;
        let name = slip.customer.clone().unwrap_or_else(|| slip.item.to_string());
        self.effects.push(Effect::Undo { decision });
        self.say(format!("taking back the reply to {name}"));
    }

    fn undo_act(&mut self) {
        let Some(Act { item, customer, kind, .. }) = self.model.tray.acts.pop() else { return };
        let act = match kind {
            ActKind::Close | ActKind::Transfer => Routing::Reopen,
            ActKind::Snooze => Routing::Snooze { until: self.now },
        };
        let name = customer.unwrap_or_else(|| item.to_string());
        self.say(format!("{name}: opening it again"));
        self.model.under_way.going_to = Some(item.clone());
        self.effects.push(Effect::Route { item, act });
    }

    /// An undo's answer.
    pub(super) fn undone(&mut self, decision: DecisionId, answer: Result<TakenBack, Refusal>) {
        let Some(at) = self.model.tray.slips.iter().position(|s| s.decision == decision) else { return };
        let name = self.model.tray.slips[at].customer.clone();
        let name = name.unwrap_or_else(|| self.model.tray.slips[at].item.to_string());
        match answer {
            Ok(TakenBack { item, lease, text }) => {
                let mut slip = self.model.tray.slips.remove(at);
                if let Some(text) = text {
                    slip.text = text;
                }
                self.keep_text_of(&slip);
                if let Some(lease) = lease {
                    self.model.claims.retain(|l| l.item != item);
                    self.model.claims.push(lease);
                }
                self.say(format!("taken back: the reply to {name}; it waits for you again"));
                self.model.at_hand.retain(|o| o.item.id != item);
                self.go_to_item(item);
            }
            Err(refusal) => {
                self.model.tray.slips.remove(at);
                self.fail(format!("{name}: {refusal}"));
            }
        }
    }

    /// Selects an item, as soon as its row is there.
    pub(super) fn go_to_item(&mut self, item: ItemId) {
        self.model.under_way.going_to = Some(item.clone());
        self.effects.push(Effect::LoadRows(vec![item]));
    }

    /// What the queue says about replies on their way.
    pub(super) fn held_loaded(&mut self, held: Vec<Held>) {
        for reply in held {
            self.reply_moved(reply);
        }
    }

    /// One reply has moved on.
    pub(super) fn reply_moved(&mut self, reply: Held) {
        let state = match reply.state {
            ReplyState::Held if reply.until > self.now => Some(SlipState::Held { until: reply.until }),
            ReplyState::Dead => Some(SlipState::Dead),
            ReplyState::Unsure => Some(SlipState::Unsure),
            _ => None,
        };
        let known = self.model.tray.slip_mut(reply.decision);
        match (known, state) {
            (Some(slip), _) if matches!(slip.state, SlipState::Undoing | SlipState::Refused { .. }) => {}
            (Some(slip), Some(state)) => {
                let was = std::mem::replace(&mut slip.state, state.clone());
                if was != state {
                    self.trouble(&reply, &state);
                }
            }
            (Some(_), None) => self.model.tray.slips.retain(|s| s.decision != reply.decision),
            (None, Some(state)) => {
                self.trouble(&reply, &state);
                let slip = Slip {
                    decision: reply.decision,
                    item: reply.item,
                    customer: reply.customer,
                    verdict: reply.verdict,
                    base: None,
                    text: String::new(),
                    state,
                    window: Some(reply.until),
                    at: reply.until,
                };
                self.model.tray.slips.push(slip);
            }
            (None, None) => {}
        }
    }

    fn trouble(&mut self, reply: &Held, state: &SlipState) {
        let name = reply.customer.clone().unwrap_or_else(|| reply.item.to_string());
        let key = self.key(Command::Held);
        match state {
            SlipState::Dead => self.fail(format!("the reply to {name} could not be sent; {key} lists it")),
            SlipState::Unsure => {
                self.fail(format!("nobody can tell whether the reply to {name} was sent; {key} lists it"));
            }
            _ => {}
        }
    }

    /// A command in a list over the panes.
    pub(super) fn sheet(&mut self, command: Command, count: Option<u32>, key: Option<&KeyPress>) {
        let Front::Sheet(sheet) = self.model.front else { return };
        let marked = match sheet {
            Sheet::Held(n) => self.listed().get(n).map(|s| s.decision),
            Sheet::Decisions(_) | Sheet::Me(_) => None,
        };
        match (command, marked) {
            (Command::Cancel, _) => self.model.front = Front::Browse,
            (Command::Help, _) => {
                self.model.front = Front::Help(0, Box::new(Front::Sheet(sheet)));
            }
            (Command::Open, _) => self.sheet_open(),
            (Command::Undo, Some(decision)) => self.take_back(decision),
            (Command::Undo, None) => self.undo_newest(),
            (Command::Resend, Some(d)) => self.resolve(d, Resolution::SendAgain, command, key),
            (Command::MarkSent, Some(d)) => self.resolve(d, Resolution::WasSent, command, key),
            (Command::GiveUp, Some(d)) => self.resolve(d, Resolution::GiveUp, command, key),
            _ => {
                let height = self.shown.overlay.height;
                let held = self.listed().len();
                let decided = self.model.decisions.as_ref().map_or(0, Vec::len);
                let figures = self.model.me.as_ref().map_or(0, Vec::len);
                let Front::Sheet(sheet) = &mut self.model.front else { return };
                let (n, lines) = match sheet {
                    Sheet::Held(n) => (n, held),
                    Sheet::Decisions(n) => (n, decided),
                    Sheet::Me(n) => (n, figures),
                };
                *n = moved(command, count, *n, height, lines, false);
            }
        }
    }

    /// The slips as their list shows them.
    fn listed(&self) -> Vec<&Slip> {
        self.model.tray.listed()
    }

    fn resolve(&mut self, decision: DecisionId, word: Resolution, command: Command, key: Option<&KeyPress>) {
        let state = self.model.tray.slip(decision).map(|s| s.state.clone());
        let fits = matches!(
            (&state, word),
            (Some(SlipState::Unsure), _)
                | (Some(SlipState::Dead), Resolution::SendAgain | Resolution::GiveUp)
        );
        if !fits {
            return self.say("only a reply that is dead or unsure is decided here");
        }
        if self.counts(command, key) {
            self.effects.push(Effect::Resolve { decision, word });
        }
    }

    /// Enter on a line: the item with its text and, for a refusal, its reason.
    pub(super) fn sheet_open(&mut self) {
        match self.model.front {
            Front::Sheet(Sheet::Held(n)) => {
                if let Some(decision) = self.listed().get(n).map(|s| s.decision) {
                    self.open_slip(decision);
                }
            }
            Front::Sheet(Sheet::Decisions(n)) => {
                let item = self.model.decisions.as_ref().and_then(|d| d.get(n)).map(|d| d.item.clone());
                if let Some(item) = item {
                    self.model.front = Front::Browse;
                    self.go_to_item(item);
                }
            }
            _ => {}
        }
    }

    /// Opens the item of a slip. A refusal has been seen by that: it leaves the tray, its text stays kept.
    pub(super) fn open_slip(&mut self, decision: DecisionId) {
        let Some(slip) = self.model.tray.slip(decision).cloned() else { return };
        self.model.front = Front::Browse;
        if let SlipState::Refused { why } = &slip.state {
            self.model.tray.slips.retain(|s| s.decision != decision);
            let key = self.key(Command::Edit);
            let kept = if slip.verdict == Verdict::Approve {
                String::new()
            } else {
                format!(" · your text is kept, {key} opens it")
            };
            self.warn(format!("refused: {why}{kept}"));
        }
        self.go_to_item(slip.item);
    }
}
