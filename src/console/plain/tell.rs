//! Told once: what has changed since the last turn, a line for each change.

use super::super::message::Shown;
use super::super::model::{ActKind, Fate, Front, Notice, PromptKind, SlipState, unanswered};
use super::{COLUMNS, Plain, PlainError, page, printed};
use crate::review::{DecisionId, ItemId, OpenItem, Seen, Span, Stamp};
use std::mem::Discriminant;
use std::sync::Arc;

/// Lines of a list printed at once.
const PAGE: usize = 50;

/// How long a page waits for what is being signed.
const BLINK: Span = Span(500);

/// What has been said already.
#[derive(Debug, Default)]
pub(super) struct Told {
    greeted: bool,
    notice: Option<Notice>,
    acts: usize,
    slips: Vec<(DecisionId, SlipState, String)>,
    /// The item whose page was printed last.
    item: Option<ItemId>,
    /// A change of it that was announced.
    change: Option<Seen>,
    fate: Option<Fate>,
    holder: Option<String>,
    nothing_waits: bool,
    front: Option<(Discriminant<Front>, String)>,
    above: usize,
    level: String,
    closed: Option<String>,
    /// What the numbers of the last list mean.
    pub(super) listed: Listed,
    /// What is to be listed as soon as it has been loaded.
    pub(super) wanted: Option<Wanted>,
    /// What a page in print will have shown.
    page: Option<Shown>,
}

/// What the numbers of the last list mean.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Listed {
    /// Nothing was listed yet.
    #[default]
    Nothing,
    /// Items of the queue, from the first number on.
    Rows(usize, Vec<ItemId>),
    /// Signed replies.
    Slips(Vec<DecisionId>),
    /// Own decisions.
    Decisions(Vec<DecisionId>),
}

/// What is to be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The queue, from this number on.
    Rows(usize),
    /// Signed replies on their way.
    Slips,
    /// Own decisions.
    Decisions,
    /// Own figures.
    Me,
}

impl Plain {
    /// Prints what has changed, and lets it leave. Only then has it been shown (P2).
    pub(super) fn tell(&mut self) -> Result<(), PlainError> {
        if self.seat.screen
            && let Ok(size) = rustix::termios::tcgetwinsize(std::io::stdout())
        {
            // A line printer's terminal may say that it has no width at all.
            self.paper.set_width(usize::from(if size.ws_col == 0 { COLUMNS } else { size.ws_col }));
        }
        self.greet();
        self.tell_slips();
        self.tell_acts();
        self.tell_notice();
        self.tell_item();
        self.tell_front();
        self.tell_news();
        if self.told.wanted.is_some() && self.is_quiet() {
            self.tell_wanted();
        }
        self.flush()?;
        if let Some(shown) = self.told.page.take() {
            self.shown = Shown { at: self.desk.now(), ..shown };
        }
        Ok(())
    }

    fn greet(&mut self) {
        if !std::mem::replace(&mut self.told.greeted, true) {
            let setup = &self.model.setup;
            let who = page::name(&setup.agent);
            self.paper.say(&format!("countersign, {who}, {}; `help` lists the commands", setup.place));
        }
    }

    fn tell_notice(&mut self) {
        if self.told.notice != self.model.notice {
            self.told.notice.clone_from(&self.model.notice);
            if let Some(notice) = &self.told.notice {
                self.paper.say(&notice.text);
            }
        }
    }

    /// An item that was put away without a word about it: one that can be brought back.
    fn tell_acts(&mut self) {
        let acts = &self.model.tray.acts;
        let silent = self.told.notice == self.model.notice;
        if let Some(act) = acts.last().filter(|_| silent && acts.len() > self.told.acts) {
            let what = match act.kind {
                ActKind::Close => "closed",
                ActKind::Transfer => "given to somebody else",
                ActKind::Snooze => "snoozed",
            };
            self.paper.say(&format!("{}: {what}; `undo` brings it back", act.item));
        }
        self.told.acts = acts.len();
    }

    /// One line for each reply that is signed, leaves, or is in trouble. A refusal is told by its notice.
    fn tell_slips(&mut self) {
        let tray = &self.model.tray;
        for slip in &tray.slips {
            let before = self.told.slips.iter().find(|(id, ..)| *id == slip.decision).map(|(_, s, _)| s);
            let quiet =
                matches!(slip.state, SlipState::Signing | SlipState::Undoing | SlipState::Refused { .. });
            if before != Some(&slip.state) && !quiet {
                let (name, state) = (page::slip_name(slip), page::slip_state(slip, self.model.now));
                self.paper.say(&format!("{name}: {state}"));
            }
        }
        for (id, state, name) in &self.told.slips {
            if tray.slip(*id).is_none() && matches!(state, SlipState::Held { .. }) {
                self.paper.say(&format!("{name}: leaves now"));
            }
        }
        let told = tray.slips.iter().map(|s| (s.decision, s.state.clone(), page::slip_name(s)));
        self.told.slips = told.collect();
    }

    fn tell_item(&mut self) {
        // What became of the last one is said before the next one is read.
        if self.page_waits().is_some_and(|until| until > self.desk.now()) {
            return;
        }
        let Some(looking) = &self.model.looking else {
            if self.model.list.loaded && !std::mem::replace(&mut self.told.nothing_waits, true) {
                self.paper.say(if !self.model.list.filter.is_empty() {
                    "nothing matches; `find` alone shows all again"
                } else if self.model.setup.first_start {
                    "no item has come in yet; `countersign import FILE` takes items in, one JSON object a line"
                } else {
                    "nothing waits; what comes in appears here"
                });
            }
            if self.told.item.take().is_some() {
                self.told.page = Some(printed::nothing(self.model.now));
            }
            return;
        };
        self.told.nothing_waits = false;
        let item = looking.item.clone();
        let Some(open) = looking.open.clone() else {
            if self.model.under_way.failed.contains(&item) && self.told.item.as_ref() != Some(&item) {
                self.told.item = Some(item);
                self.paper.say("this item is not there any more");
            }
            return;
        };
        if self.told.item.as_ref() != Some(&item) {
            return self.print_item(false);
        }
        let seen = open.seen();
        if seen != self.shown.seen && self.told.page.is_none() {
            if self.model.front.edit().is_some() {
                // The text is signed for what it was begun on: the change is printed, the signature asks again.
                self.print_change(&open);
            } else if self.told.change != seen {
                self.told.change = seen;
                self.paper.say(&format!("{}: this item has changed; `show` prints it", page::who(&open.row)));
            }
        }
        let holder = self.model.held_by_other(&item).map(str::to_owned);
        if holder != self.told.holder {
            match &holder {
                Some(holder) => self.paper.say(&format!("{} holds this item now", page::name(holder))),
                None => self.paper.say("nobody else holds this item any more"),
            }
            self.told.holder = holder;
        }
        let fate = self.model.list.position(&item).map(|n| self.model.list.lines[n].fate);
        if fate != self.told.fate {
            self.told.fate = fate;
            match fate {
                Some(Fate::Decided) => self.paper.say("this item is decided"),
                Some(Fate::Closed) => self.paper.say("this item is closed"),
                Some(Fate::Snoozed) => self.paper.say("this item is snoozed"),
                Some(Fate::Waiting) | None => {}
            }
        }
    }

    /// Until when a page that could be printed waits for the verdict before it to be signed; never for long (P8).
    pub(super) fn page_waits(&self) -> Option<Stamp> {
        let waits = match &self.model.looking {
            Some(looking) => looking.open.is_some() && self.told.item.as_ref() != Some(&looking.item),
            None => self.model.list.loaded && !self.told.nothing_waits,
        };
        if !waits {
            return None;
        }
        let signing = self.model.tray.slips.iter().filter(|s| s.state == SlipState::Signing);
        signing.map(|s| s.at.plus(BLINK)).max()
    }

    /// Prints the item that is open.
    pub(super) fn print_item(&mut self, all: bool) {
        let Some(looking) = &self.model.looking else { return };
        let Some(open) = looking.open.clone() else { return };
        page::item(&mut self.paper, &self.model, looking, &open, all);
        self.told.item = Some(looking.item.clone());
        self.told.fate = None;
        self.told.holder = self.model.held_by_other(&looking.item).map(str::to_owned);
        self.told.page = Some(printed::all_of(&open, self.model.now));
        self.told.change = None;
    }

    /// Prints what of the open item has not been printed: new messages; the draft and recipients where they differ.
    pub(super) fn print_change(&mut self, open: &Arc<OpenItem>) {
        let now = open.seen();
        let printed = |n: &usize| {
            let id = &open.item.conversation.messages[*n].id;
            self.shown.news.iter().any(|(seen, _)| seen == id)
        };
        let news: Vec<usize> = unanswered(open).into_iter().filter(|n| !printed(n)).collect();
        for n in news {
            page::message(&mut self.paper, &self.model, &open.item.conversation.messages[n]);
        }
        let part = |s: &Option<Seen>| s.as_ref().map(|s| (s.draft.clone(), s.recipients.clone()));
        let to = |s: &Option<Seen>| s.as_ref().map(|s| s.recipients.clone());
        if self.model.front.edit().is_some() {
            // A take-over puts the draft aside itself.
            if to(&now) != to(&self.shown.seen) {
                self.paper.say(&format!("the reply goes to {} now", page::recipients(open)));
            }
        } else if part(&now) != part(&self.shown.seen) {
            let checks = self.model.looking.as_ref().map(|l| l.checks.clone()).unwrap_or_default();
            page::draft(&mut self.paper, open, &checks);
        }
        self.told.page = Some(printed::all_of(open, self.model.now));
        self.told.change = None;
    }

    /// What is asked, or written, and how to answer.
    fn tell_front(&mut self) {
        let front = &self.model.front;
        let about = match front {
            Front::Menu(menu) => menu.title.clone(),
            Front::Edit(edit) => edit.item.to_string(),
            _ => String::new(),
        };
        let kind = Some((std::mem::discriminant(front), about));
        if self.told.front == kind {
            return;
        }
        self.told.front = kind;
        match front {
            Front::Menu(menu) => {
                page::menu(&mut self.paper, menu);
                self.paper.say("a number answers, `cancel` goes back");
            }
            Front::Prompt(prompt) => {
                let what = match &prompt.kind {
                    PromptKind::Find { .. } => "which words?".to_owned(),
                    PromptKind::Note(_) => {
                        "the note, in one line; no customer and no AI ever sees it".to_owned()
                    }
                    PromptKind::TransferTo(_) => "to which agent?".to_owned(),
                    PromptKind::TransferNote(_, to) => format!("what should {} know?", page::name(to)),
                };
                self.paper.say(&format!("{what} (`~q` goes back)"));
            }
            Front::Edit(_) => self.tell_writing(),
            Front::Difference(..) => self.print_written(),
            _ => {}
        }
    }

    fn tell_news(&mut self) {
        let above = self.model.list.new_above();
        if above > self.told.above && self.told.item.is_some() {
            self.paper.say(&format!("{above} new above; `first` goes there"));
        }
        self.told.above = above;
        let log = &self.model.log;
        if log.closed != self.told.closed {
            self.told.closed.clone_from(&log.closed);
            if let Some(why) = &log.closed {
                self.paper.say(&format!("log closed: {why}"));
            }
        }
        if log.level != self.told.level {
            self.told.level.clone_from(&log.level);
            self.paper.say(&format!("log {}, {} entries", log.level, log.entries));
        }
    }

    fn tell_wanted(&mut self) {
        match self.told.wanted.take() {
            Some(Wanted::Rows(from)) => self.print_rows(from),
            Some(Wanted::Slips) => {
                let slips = self.model.tray.listed();
                if slips.is_empty() {
                    self.paper.say("every reply has left, and all of them arrived");
                }
                for (n, slip) in slips.iter().enumerate() {
                    let (name, state) = (page::slip_name(slip), page::slip_state(slip, self.model.now));
                    self.paper.say(&format!("{} {name}: {state}", n + 1));
                }
                self.told.listed = Listed::Slips(slips.iter().map(|s| s.decision).collect());
                self.leave_sheet();
            }
            Some(Wanted::Decisions) => {
                let decided = self.model.decisions.as_deref().unwrap_or_default();
                if decided.is_empty() {
                    self.paper.say("you have not decided anything yet");
                }
                for (n, past) in decided.iter().enumerate() {
                    self.paper.say(&page::past(&self.model, n + 1, past));
                }
                self.told.listed = Listed::Decisions(decided.iter().map(|d| d.decision).collect());
                self.leave_sheet();
            }
            Some(Wanted::Me) => {
                for (what, how_much) in self.model.me.as_deref().unwrap_or_default() {
                    self.paper.say(&format!("{what}: {how_much}"));
                }
                self.leave_sheet();
            }
            None => {}
        }
    }

    fn print_rows(&mut self, from: usize) {
        let lines = &self.model.list.lines;
        if lines.is_empty() {
            self.paper.say("the list is empty");
        }
        let shown = || lines.iter().enumerate().skip(from - 1).take(PAGE);
        for (n, line) in shown() {
            self.paper.say(&page::row(&self.model, n + 1, line));
        }
        if from > lines.len() && !lines.is_empty() {
            let all = if self.model.list.complete { "there are" } else { "so far there are" };
            self.paper.say(&format!("{all} {} lines; `last` goes to the end and loads on", lines.len()));
        }
        let rest = lines.len().saturating_sub(from - 1 + PAGE);
        if rest > 0 {
            self.paper.say(&format!("{rest} more; `list {}` goes on", from + PAGE));
        }
        self.told.listed = Listed::Rows(from, shown().map(|(_, l)| l.row.id.clone()).collect());
    }
}
