//! What comes back from effects and from outside. Nothing that arrives moves text, caret or list.

use super::super::command::Command;
use super::super::message::{Effect, ListAsk, Outcome, SavedEdit};
use super::super::model::{AT_HAND, ActKind, Fate, Front};
use super::Step;
use crate::review::{Holder, ItemId, Lease, OpenItem, Refusal, Routing, Row};
use std::sync::Arc;

impl Step<'_> {
    pub(super) fn news(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::ListLoaded { ask, rows } => self.list_loaded(&ask, rows),
            Outcome::RowsLoaded { asked, rows } => self.rows_loaded(&asked, rows),
            Outcome::CountsLoaded(counts) => {
                self.model.counts = counts;
                if counts.waiting > 0 {
                    self.model.setup.first_start = false;
                }
            }
            Outcome::HeldLoaded(held) => self.held_loaded(held),
            Outcome::DecisionsLoaded(decisions) => self.model.decisions = Some(decisions),
            Outcome::MeLoaded(lines) => self.model.me = Some(lines),
            Outcome::Opened { item, open, edits } => self.opened(&item, open, edits),
            Outcome::Claimed { item, answer } => self.claimed(&item, answer),
            Outcome::ClaimLost { item, holder } => self.claim_lost(&item, holder),
            Outcome::Routed { item, act, answer } => self.routed(item, &act, answer),
            Outcome::Committed { decision, state } => self.committed(decision, state),
            Outcome::ReplyMoved(held) => self.reply_moved(held),
            Outcome::Undone { decision, answer } => self.undone(decision, answer),
            Outcome::Resolved { decision, done } => {
                if done {
                    self.model.tray.slips.retain(|s| s.decision != decision);
                } else {
                    self.warn("this reply has moved on meanwhile");
                }
                self.effects.push(Effect::LoadHeld);
            }
            Outcome::ExternalEdited { item, text } => self.came_back(&item, text),
            Outcome::Failed { tried, why, remedy } => self.failed(*tried, &why, &remedy),
            Outcome::Log(log) => self.model.log = log,
            Outcome::Changed { items, all } => self.changed(items, all),
            Outcome::Signal(signal) => self.signal(signal),
            Outcome::Notice(text) => self.warn(text),
        }
    }

    fn list_loaded(&mut self, ask: &ListAsk, rows: Vec<Row>) {
        self.model.under_way.list = None;
        let comparing = std::mem::take(&mut self.model.under_way.comparing);
        let list = &mut self.model.list;
        // An answer to a question nobody asks any more.
        let current = ask.filter == list.filter && ask.scope == list.scope;
        if current && comparing {
            self.compared(ask, rows);
        } else if current {
            let complete = rows.len() < ask.limit;
            list.loaded(rows, ask.after.is_none(), complete);
        }
        if !current || std::mem::take(&mut self.model.under_way.list_again) {
            self.model.under_way.list_again = false;
            self.load_list();
        }
    }

    /// The queue as it is now beside the list as it stands: rows change in their places, newcomers wait, and what is
    /// not there any more is asked for by name.
    fn compared(&mut self, ask: &ListAsk, rows: Vec<Row>) {
        let all = rows.len() < ask.limit;
        let last = rows.last().map(|r| (r.rank, r.id.clone()));
        let within =
            |row: &Row| all || last.as_ref().is_some_and(|(rank, id)| (row.rank, &row.id) <= (*rank, id));
        let missing: Vec<ItemId> = self
            .model
            .list
            .lines
            .iter()
            .filter(|l| l.fate == Fate::Waiting && within(&l.row) && !rows.iter().any(|r| r.id == l.row.id))
            .map(|l| l.row.id.clone())
            .collect();
        for row in rows {
            self.model.list.heard(row);
        }
        if !missing.is_empty() {
            self.effects.push(Effect::LoadRows(missing));
        }
    }

    fn rows_loaded(&mut self, asked: &[ItemId], rows: Vec<Row>) {
        for gone in asked.iter().filter(|id| !rows.iter().any(|r| r.id == **id)) {
            self.model.list.vanished(gone);
        }
        let going_to = self.model.under_way.going_to.clone();
        for row in rows {
            let wanted = going_to.as_ref() == Some(&row.id);
            if wanted && self.model.list.position(&row.id).is_none() {
                self.model.list.newcomers.retain(|r| r.id != row.id);
                self.model.list.newcomers.push(row);
            } else if self.model.list.cannot_tell(&row) {
                self.model.under_way.compare = true;
            } else {
                self.model.list.heard(row);
            }
            if wanted {
                self.arrive();
            }
        }
        self.begin_if_empty();
    }

    /// The row that was waited for is there: it is selected, unless the agent is in the middle of something.
    fn arrive(&mut self) {
        let Some(item) = self.model.under_way.going_to.take() else { return };
        if !matches!(self.model.front, Front::Browse) {
            return;
        }
        self.model.list.merge(Some(&item));
        if let Some(at) = self.model.list.position(&item) {
            self.model.list.cursor = at;
        }
    }

    /// An empty list has nothing under the cursor that could move.
    fn begin_if_empty(&mut self) {
        if self.model.list.lines.is_empty() && self.model.list.loaded {
            self.model.list.merge(None);
        }
    }

    fn opened(&mut self, item: &ItemId, open: Option<Box<OpenItem>>, edits: Vec<SavedEdit>) {
        if self.model.under_way.open.as_ref().is_some_and(|(asked, _)| asked == item) {
            self.model.under_way.open = None;
        }
        for edit in edits {
            self.found_kept(edit);
        }
        let Some(open) = open else {
            self.model.under_way.failed.push(item.clone());
            self.model.list.vanished(item);
            self.model.at_hand.retain(|o| o.item.id != *item);
            return;
        };
        let open: Arc<OpenItem> = Arc::new(*open);
        if self.model.list.position(item).is_some() {
            self.model.list.heard(open.row.clone());
        }
        self.model.at_hand.retain(|o| o.item.id != *item);
        self.model.at_hand.push(open.clone());
        if self.model.at_hand.len() > AT_HAND {
            self.model.at_hand.remove(0);
        }
        self.show(&open);
    }

    /// Puts what was opened on screen. A newer draft than the one being read is offered, not swapped in.
    fn show(&mut self, open: &Arc<OpenItem>) {
        let Some(looking) = self.model.looking.as_mut().filter(|l| l.item == open.item.id) else { return };
        let Some(old) = looking.open.clone() else { return looking.show(open.clone()) };
        let (then, now) = (&old.item.draft, &open.item.draft);
        let newer = matches!((then, now), (Some(t), Some(n)) if (&t.id, t.version) != (&n.id, n.version));
        let last = |o: &OpenItem| o.item.last_message().map(|m| m.id.clone());
        let wrote = last(&old) != last(open);
        if !newer {
            looking.show(open.clone());
            if wrote {
                self.warn("a new message has come in");
            }
            return;
        }
        // Messages, notes and readings are shown at once; only the draft waits for the agent's word.
        let mut shown = (**open).clone();
        shown.item.draft.clone_from(then);
        looking.show(Arc::new(shown));
        looking.offered = Some(open.clone());
        let key = self.key(Command::AcceptNewDraft);
        self.say(format!("a newer draft has come in; {key} shows it"));
    }

    fn claimed(&mut self, item: &ItemId, answer: Result<Lease, Refusal>) {
        self.model.under_way.claims.retain(|i| i != item);
        match answer {
            Ok(lease) => {
                if let Some(from) = &lease.taken_from {
                    self.say(format!("the claim is yours now; it was {from}'s, and the log says so"));
                }
                self.model.claims.retain(|l| l.item != *item);
                self.model.list.held_by(
                    item,
                    Holder {
                        agent: self.model.setup.agent.clone(),
                        session: self.model.setup.session,
                        until: lease.until,
                    },
                );
                // Signed or put away meanwhile: the claim is not needed any more.
                let waits = self
                    .model
                    .list
                    .position(item)
                    .is_none_or(|n| self.model.list.lines[n].fate == Fate::Waiting);
                if waits {
                    self.model.claims.push(lease);
                }
            }
            Err(refusal) => {
                self.model.claims.retain(|l| l.item != *item);
                self.effects.push(Effect::LoadRows(vec![item.clone()]));
                let writing = self.model.front.edit().is_some_and(|e| e.item == *item);
                if writing {
                    let changed = self.model.front.edit().is_some_and(super::super::model::Edit::is_changed);
                    if !changed {
                        self.leave_edit();
                    }
                    self.warn(format!("not yours: {refusal}"));
                } else if self.here().as_ref() == Some(item) && self.model.resting.is_none() {
                    self.say(refusal.to_string());
                }
            }
        }
    }

    fn claim_lost(&mut self, item: &ItemId, holder: Option<String>) {
        self.model.claims.retain(|l| l.item != *item);
        self.effects.push(Effect::LoadRows(vec![item.clone()]));
        let mine = self.here().as_ref() == Some(item);
        if let (true, Some(holder)) = (mine, holder) {
            self.warn(format!("{holder} has taken this item; your text is kept"));
        }
    }

    fn routed(&mut self, item: ItemId, act: &Routing, answer: Result<(), Refusal>) {
        let word = act.as_str().replace('_', " ");
        match answer {
            Ok(()) => match act {
                Routing::Note { .. } => self.say("note written; no customer and no AI ever sees it"),
                Routing::Correct { emotion, .. } => self.say(format!("corrected: {emotion}")),
                Routing::Report { .. } => self.say("reported; thank you"),
                Routing::SendBack { .. } => self.say("the AI is asked for another draft"),
                Routing::HandBack => self.say("handed back: the AI may draft here again"),
                _ => {}
            },
            Err(refusal) => {
                let kind = match act {
                    Routing::Close { .. } => Some(ActKind::Close),
                    Routing::Snooze { .. } => Some(ActKind::Snooze),
                    Routing::Transfer { .. } => Some(ActKind::Transfer),
                    _ => None,
                };
                self.model.tray.acts.retain(|a| a.item != item || Some(a.kind) != kind);
                // Giving back in passing what is no longer ours is nobody's concern.
                if !matches!(act, Routing::Release) {
                    self.fail(format!("{word}: {refusal}"));
                }
                let ours = self.model.front.edit().is_some_and(|e| e.item == item && !e.is_changed());
                if matches!(act, Routing::TakeOver) && ours {
                    self.model.front = Front::Browse;
                    self.model.packet = false;
                }
            }
        }
        self.effects.push(Effect::LoadRows(vec![item]));
    }

    /// The queue has moved: what is here of it is asked for again, row by row.
    fn changed(&mut self, items: Vec<ItemId>, all: bool) {
        self.effects.push(Effect::LoadCounts);
        if all {
            self.model.under_way.failed.clear();
            self.model.under_way.compare = true;
            let here = self.here();
            return self.effects.extend(here.map(|item| Effect::LoadRows(vec![item])));
        }
        self.model.under_way.failed.retain(|i| !items.contains(i));
        if !items.is_empty() {
            self.effects.push(Effect::LoadRows(items));
        }
    }

    /// P10: says what was tried, why it failed and what to do; what was under way may be asked for again.
    fn failed(&mut self, tried: Effect, why: &str, remedy: &str) {
        let what = match tried {
            Effect::LoadList(_) => {
                self.model.under_way.list = None;
                self.model.under_way.list_again = false;
                self.model.under_way.comparing = false;
                self.model.list.complete = true;
                "the list could not be loaded"
            }
            Effect::Open { item } => {
                self.model.under_way.open = None;
                self.model.under_way.failed.push(item);
                "an item could not be opened"
            }
            Effect::Claim { item, .. } => {
                self.model.under_way.claims.retain(|i| *i != item);
                "the claim could not be made"
            }
            Effect::Commit { decision, .. } => {
                // Staged or not, the text must not be lost with it.
                return self.committed(
                    decision.id,
                    super::super::message::CommitState::LedgerClosed { why: format!("{why}; {remedy}") },
                );
            }
            Effect::Undo { decision } => {
                if let Some(slip) = self.model.tray.slip_mut(decision) {
                    // As it was; if its window has ended meanwhile it is let go of at once.
                    let until = slip.window.unwrap_or(self.now);
                    slip.state = super::super::model::SlipState::Held { until };
                }
                self.effects.push(Effect::LoadHeld);
                "the reply could not be taken back"
            }
            Effect::SaveEdit(saved) => {
                if let Some(edit) = self.model.front.edit_mut().filter(|e| e.item == saved.item) {
                    edit.unsaved = Some(self.now);
                }
                "your text could not be saved"
            }
            Effect::Route { item, act } => {
                self.model.tray.acts.retain(|a| a.item != item);
                self.effects.push(Effect::LoadRows(vec![item]));
                return self.fail(format!("{}: {why}; {remedy}", act.as_str().replace('_', " ")));
            }
            Effect::ExternalEditor { .. } => "the editor could not be started",
            Effect::UseTheme(_) => "the theme could not be used",
            Effect::LoadRows(_) | Effect::LoadCounts | Effect::LoadHeld | Effect::LoadDecisions { .. } => {
                "the queue could not be read"
            }
            Effect::LoadMe => "your figures could not be read",
            Effect::Resolve { .. } => "the reply could not be decided",
            _ => "something could not be done",
        };
        self.fail(format!("{what}: {why}; {remedy}"));
    }
}
