//! Signing: what must hold before a verdict leaves, and the decision made of it (P1, P2, P5, P7).

use super::super::command::{Command, Mode};
use super::super::message::{Base, Effect, KeyPress, Pane};
use super::super::model::{Choice, Edit, Fate, Front, Menu, Pick, Scroll, Slip, SlipState};
use super::Step;
use crate::care::check;
use crate::review::{
    Change, Decision, DecisionId, Disclosure, Metrics, OpenItem, Owner, ReadingSource, Routing, Seen, State,
    Verdict,
};

impl Step<'_> {
    /// `approve`: the draft goes out as it is.
    pub(super) fn approve(&mut self, key: Option<&KeyPress>) {
        if self.counts(Command::Approve, key) && self.may_sign() && self.draft_may_be_approved() {
            self.approve_shown();
        }
    }

    /// What keeps any verdict on this item from being given; says so.
    pub(super) fn may_sign(&mut self) -> bool {
        if let Some(why) = self.model.log.closed.clone() {
            self.fail(format!("nothing can be signed: {why}"));
            return false;
        }
        let Some(open) = self.open() else { return false };
        self.may_write(&open)
    }

    /// Whether there is a draft, the right one is on screen, and all of it has been (P2).
    fn draft_may_be_approved(&mut self) -> bool {
        let Some(open) = self.open() else { return false };
        if !open.ai_may_speak() {
            let key = self.key(Command::Reply);
            self.warn(format!("there is no draft to approve; {key} writes a reply"));
            return false;
        }
        !self.newer_draft_offered() && self.is_on_screen(None) && self.everything_was_on_screen()
    }

    fn newer_draft_offered(&mut self) -> bool {
        let offered = self.model.looking.as_ref().is_some_and(|l| l.offered.is_some());
        if offered {
            let mode = if self.model.front.edit().is_some() { Mode::Edit } else { Mode::Normal };
            let key = self.key_in(mode, Command::AcceptNewDraft);
            self.warn(format!("a newer draft has come in; {key} shows it"));
        }
        offered
    }

    /// Whether the last drawn frame showed what this verdict is about. `asked` is what an edit was begun on.
    fn is_on_screen(&mut self, asked: Option<&Seen>) -> bool {
        let Some(now) = self.model.looking.as_ref().and_then(super::super::model::Looking::seen) else {
            self.say("still loading");
            return false;
        };
        let drawn = self.model.looking.as_ref().and_then(|l| l.on_screen.as_ref()).map(|(s, _)| s.clone());
        if drawn.as_ref() != Some(&now) {
            self.warn("not taken: this item was not on the screen yet; look, then press again");
            return false;
        }
        if let Some(change) = asked.and_then(|asked| asked.change(&now)) {
            self.warn(match change {
                Change::Message => "a new message has come in; read it, then sign again".to_owned(),
                Change::Draft => {
                    "the draft under this text has changed; look at the difference, then sign again"
                        .to_owned()
                }
                Change::Recipients => "the recipients have changed; look, then sign again".to_owned(),
            });
            return false;
        }
        true
    }

    /// While a line of the draft or of the new messages has not been on screen, scrolls on and says so (P2).
    fn everything_was_on_screen(&mut self) -> bool {
        self.draft_is_on_screen()
            && self.was_read(Pane::Conversation, self.shown.conversation.unseen)
            && self.was_read(Pane::Draft, self.shown.draft_lines.unseen)
    }

    /// Whether the last frame had the draft's region: where one pane fits, it may be another one.
    fn draft_is_on_screen(&mut self) -> bool {
        if self.shown.draft_on_screen {
            return true;
        }
        self.turn_to(Pane::Draft);
        self.warn("not signed: this is what would leave; look, then press again");
        false
    }

    /// Whether a region holds nothing that was never on screen; else it goes there.
    fn was_read(&mut self, pane: Pane, unseen: Option<usize>) -> bool {
        let (Some(line), Some(looking)) = (unseen, &mut self.model.looking) else { return unseen.is_none() };
        match pane {
            Pane::Draft => looking.draft = Scroll::At(line),
            _ => looking.conversation = Scroll::At(line),
        }
        self.turn_to(pane);
        let what = if pane == Pane::Draft { "the draft goes on" } else { "the customer wrote more" };
        self.warn(format!("not signed: {what}; read it, then press again"));
        false
    }

    fn turn_to(&mut self, pane: Pane) {
        self.model.focus = pane;
        if self.model.zoom.is_some() {
            self.model.zoom = Some(pane);
        }
    }

    /// The draft on screen goes out, unless checks block it: those ask for another key.
    fn approve_shown(&mut self) {
        let Some(looking) = &self.model.looking else { return };
        let blocks: Vec<String> = looking
            .checks
            .iter()
            .filter(|c| c.level == check::Level::Block)
            .map(check::Check::to_string)
            .collect();
        if blocks.is_empty() {
            return self.sign_draft(0);
        }
        let count = u32::try_from(blocks.len()).unwrap_or(u32::MAX);
        let choices = vec![Choice {
            label: "sign it all the same".to_owned(),
            detail: "the log counts what was overridden".to_owned(),
            pick: Pick::ApproveAnyway(count),
        }];
        let title = if count == 1 { "A check blocks this draft" } else { "Checks block this draft" };
        self.model.front = Front::Menu(Box::new(Menu::question(title, blocks.join("; "), choices)));
    }

    /// The answer to the question above. What is on screen is judged again: it may have changed meanwhile.
    pub(super) fn approve_anyway(&mut self, overridden: u32) {
        let speaks = self.open().is_some_and(|open| open.ai_may_speak());
        if speaks && self.may_sign() && !self.newer_draft_offered() && self.is_on_screen(None) {
            self.sign_draft(overridden);
        }
    }

    fn sign_draft(&mut self, overridden: u32) {
        let Some(open) = self.open() else { return };
        let (Some(draft), Some(seen)) = (&open.item.draft, open.seen()) else { return };
        let base = Base::Draft { id: draft.id.clone(), version: draft.version, text: draft.text.clone() };
        self.sign(&open, Verdict::Approve, seen, base, draft.text.clone(), overridden);
    }

    /// `sign` in the editor or the difference: what is written goes out.
    pub(super) fn sign_written(&mut self, key: Option<&KeyPress>) {
        if !self.counts(Command::Sign, key) || !self.may_sign() {
            return;
        }
        let Some(edit) = self.model.front.edit() else { return };
        let (base, text, asked) = (edit.base.clone(), edit.editor.text(), edit.seen.clone());
        if text.trim().is_empty() {
            return self.warn("there is no text to sign");
        }
        let Some(open) = self.open() else { return };
        let verdict = match &base {
            Base::Draft { text: draft, .. } => Verdict::of_text(draft, &text),
            Base::TakeOver => Verdict::TakeOver,
            Base::Reply => Verdict::Reply,
        };
        if verdict.sends_ai_text() && (!open.ai_may_speak() || self.newer_draft_offered()) {
            if !open.ai_may_speak() {
                self.warn("no AI text may leave here any more; write the reply in your own words");
            }
            return;
        }
        // A take-over puts the draft aside itself: there the draft may differ from when the text was begun.
        let own_words = !verdict.sends_ai_text();
        let begun =
            if own_words { Seen { draft: open.seen().and_then(|s| s.draft), ..asked } } else { asked };
        if !self.is_on_screen(Some(&begun)) {
            self.adopt_what_is_shown();
            return;
        }
        if !self.draft_is_on_screen() || !self.was_read(Pane::Conversation, self.shown.conversation.unseen) {
            return;
        }
        if verdict == Verdict::Approve {
            // An untouched draft is approved, with everything that approving asks for.
            self.leave_edit();
            if self.everything_was_on_screen() {
                self.approve_shown();
            }
            return;
        }
        let found = check::checks(&text);
        let blocks = found.iter().filter(|c| c.level == check::Level::Block).count();
        if blocks > 0 && !matches!(self.model.front, Front::Difference(..)) {
            let words: Vec<String> = found
                .iter()
                .filter(|c| c.level == check::Level::Block)
                .map(check::Check::to_string)
                .collect();
            return self.warn(format!("not signed: {}", words.join("; ")));
        }
        let overridden = u32::try_from(blocks).unwrap_or(u32::MAX);
        let Some(seen) = open.seen() else { return };
        self.model.front = Front::Browse;
        self.sign(&open, verdict, seen, base, text, overridden);
    }

    /// The change has been shown and named; the next signature is for what is there now.
    fn adopt_what_is_shown(&mut self) {
        let shown = self.model.looking.as_ref().and_then(|l| l.on_screen.as_ref()).map(|(s, _)| s.clone());
        if let (Some(shown), Some(edit)) = (shown, self.model.front.edit_mut())
            && shown.draft == edit.seen.draft
        {
            edit.seen = shown;
        }
    }

    /// Makes the decision, puts it in the tray, and goes on to the next item at once.
    fn sign(
        &mut self,
        open: &OpenItem,
        verdict: Verdict,
        seen: Seen,
        base: Base,
        text: String,
        checks_overridden: u32,
    ) {
        let item = open.item.id.clone();
        let id = DecisionId(self.fresh);
        let lease = self.model.lease(&item).filter(|l| l.until > self.now);
        let (fence, claim_first) = (lease.map_or(open.fence, |l| l.fence), lease.is_none());
        let draft_text = match &base {
            Base::Draft { text, .. } => Some(text.clone()),
            _ => open.item.draft.as_ref().or(open.silenced.as_ref()).map(|d| d.text.clone()),
        };
        let decision = Decision {
            id,
            seen,
            conversation: open.item.conversation.id.clone(),
            customer: open.item.customer_id(),
            channel: open.item.conversation.channel,
            language: open.item.conversation.language.clone(),
            agent: self.model.setup.agent.clone(),
            session: self.model.setup.session,
            verdict,
            fence,
            draft_text,
            text: text.clone(),
            disclosure: Disclosure::of(verdict),
            decided_at: self.now,
            metrics: self.metrics(open, checks_overridden),
        };
        self.effects.push(Effect::Commit { decision: Box::new(decision), claim_first });
        self.model.tray.slips.push(Slip {
            decision: id,
            item: item.clone(),
            customer: open.row.customer.clone(),
            verdict,
            base: Some(base),
            text,
            state: SlipState::Signing,
            window: None,
            at: self.now,
        });
        self.forget_edit(&item, !verdict.sends_ai_text());
        self.model.claims.retain(|l| l.item != item);
        self.model.at_hand.retain(|o| o.item.id != item);
        // What was said was said of this item.
        self.model.notice = None;
        self.depart(&item, Fate::Decided);
    }

    fn metrics(&self, open: &OpenItem, checks_overridden: u32) -> Metrics {
        let reading = open.reading();
        let corrected = reading.filter(|r| r.source == ReadingSource::Person).map(|r| r.emotion);
        let looking = self.model.looking.as_ref();
        let warned = looking.map_or(0, |l| l.checks.iter().filter(|c| c.level == check::Level::Warn).count());
        let draft = open.item.draft.as_ref();
        Metrics {
            emotion: reading.and_then(|r| open.uncorrected(&r.message)).map(|r| r.emotion),
            emotion_confidence_milli: reading.map(|r| r.confidence_milli),
            emotion_corrected: corrected,
            intensity_milli: reading.map(|r| r.intensity_milli),
            risk: open.row.risk,
            checks_warned: u32::try_from(warned).unwrap_or(u32::MAX),
            checks_overridden,
            model: draft.and_then(|d| d.model.clone()),
            prompt_rev: draft.and_then(|d| d.prompt_rev.clone()),
            policy_rev: self.model.setup.policy_rev.clone(),
            second_of: (open.row.state == State::Second)
                .then(|| open.past.iter().find(|p| p.item == open.item.id).map(|p| p.decision))
                .flatten(),
            waited_ms: open.item.conversation.waiting_since().map(|since| self.now.since(since).0.max(0)),
            shown_ms: looking.and_then(|l| l.first_shown).map_or(0, |since| self.now.since(since).0.max(0)),
            active_ms: looking.map_or(0, |l| l.active_ms),
            viewed_milli: looking.map_or(0, super::super::model::Looking::viewed_milli),
            hidden_chars: self.shown.hidden_chars,
        }
    }

    /// The selected item has left the queue by our own hand: newcomers take their places, and the next one comes.
    pub(super) fn depart(&mut self, item: &crate::review::ItemId, fate: Fate) {
        let list = &mut self.model.list;
        let Some(at) = list.position(item) else { return };
        list.lines[at].fate = fate;
        if at != list.cursor {
            return;
        }
        let (me, now) = (self.model.setup.agent.clone(), self.now);
        let free = |l: &super::super::model::Line| {
            l.fate == Fate::Waiting
                && l.row.assigned.as_ref().is_none_or(|agent| *agent == me)
                && l.row.holder.as_ref().is_none_or(|h| h.agent == me || h.until <= now)
        };
        // Who works from the top goes on at the top, where the most urgent newcomer stands now.
        let from_top = !list.lines.iter().take(at).any(free);
        list.merge(None);
        let from = if from_top { 0 } else { list.cursor };
        let lines = &list.lines;
        let next = (from..lines.len()).chain(0..from).find(|n| free(&lines[*n]));
        list.cursor = next.unwrap_or(list.cursor);
        self.model.packet = false;
        self.look();
        // Going on is meant: no rest is waited for.
        self.settle_claims();
        self.model.resting = None;
    }

    /// `take over`: the AI is silent from this moment, and an empty reply begins (P5).
    pub(super) fn take_over(&mut self, key: Option<&KeyPress>) {
        if !self.counts(Command::TakeOver, key) || !self.may_sign() {
            return;
        }
        let Some(open) = self.open() else { return };
        if open.owner == Owner::Person {
            return self.reply();
        }
        if !self.is_on_screen(None) {
            return;
        }
        let item = open.item.id.clone();
        self.claim(&item);
        self.effects.push(Effect::Route { item, act: Routing::TakeOver });
        self.begin_text(&open, Base::TakeOver);
        if !self.model.packet {
            self.turn_packet();
        }
        self.say("the AI is silent in this conversation now; write to the customer");
    }

    /// Opens the editor on the kept text, or on what `base` begins with.
    pub(super) fn begin_text(&mut self, open: &OpenItem, base: Base) {
        let Some(seen) = open.seen() else { return };
        let (text, caret) = match (self.model.edit_of(&open.item.id, base.is_own_words()), &base) {
            (Some(kept), _) => (kept.text.clone(), kept.caret),
            (None, Base::Draft { text, .. }) => (text.clone(), 0),
            (None, _) => (String::new(), 0),
        };
        let editor = super::super::editor::Editor::new(&text, caret);
        let item = open.item.id.clone();
        self.model.resting = None;
        self.model.focus = Pane::Draft;
        if self.model.zoom.is_some() {
            self.model.zoom = Some(Pane::Draft);
        }
        if let Some(looking) = &mut self.model.looking {
            looking.draft = Scroll::Auto;
        }
        self.model.front = Front::Edit(Box::new(Edit { item, base, editor, seen, unsaved: None }));
    }
}
