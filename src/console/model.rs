//! What the console knows: plain data, changed by `update` only and drawn by `view` only.
//!
//! Knows no terminal, store, file or clock. Invariant: one [`Front`] says what has the keys, so two overlays, or an
//! editor and a menu, cannot be open at once; what is drawn of an item is [`Looking`], and a verdict is made from
//! that and from nothing newer.

mod front;
mod list;
mod looking;
mod tray;

pub use front::{Choice, Edit, Front, Menu, Palette, Pick, Prompt, PromptKind, QuitPick, Sheet};
pub use list::{Fate, Line, List};
pub use looking::{Looking, Scroll, Spans, Viewed, unanswered};
pub use tray::{Act, ActKind, Slip, SlipState, Tray};

use super::command::{Command, Mode};
use super::message::{Action, LogStatus, Outcome, Pane, SavedEdit};
use crate::review::{Counts, ItemId, Lease, OpenItem, PastDecision, Row, SessionId, Span, Stamp};
use std::sync::Arc;

/// How long a notice stays.
pub const NOTICE: Span = Span::seconds(6);
/// How long the cursor rests before the item is claimed.
pub const REST: Span = Span(700);
/// How long after typing a half-written text is saved (P9).
pub const SAVE_AFTER: Span = Span(800);
/// How long after a change on screen a verdict key does not count.
pub const SETTLE: Span = Span(300);
/// How long the same verdict chord does not count again.
pub const REPEAT: Span = Span::seconds(1);
/// How long something may load before the screen says so.
pub const PATIENCE: Span = Span(200);
/// Rows asked for at a time.
pub const PAGE: usize = 200;
/// Opened items kept at hand.
pub const AT_HAND: usize = 12;

/// Who sits here and what is in force; does not change while the console runs, but for the theme.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The agent, as logged.
    pub agent: String,
    /// This run of the console.
    pub session: SessionId,
    /// Where the queue is: `embedded`, or a host.
    pub place: String,
    /// Revision of the policy, for the log.
    pub policy_rev: String,
    /// Time zone of the screen.
    pub zone: jiff::tz::TimeZone,
    /// Names of the themes there are.
    pub themes: Vec<String>,
    /// The theme in use.
    pub theme: String,
    /// The keys in force, for hints, help and palette.
    pub keys: KeyNames,
    /// The store has never held an item: say how to begin.
    pub first_start: bool,
}

/// Which keys a command has, by mode, as the keymap prints them; the best one first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyNames(pub Vec<(Mode, Command, Vec<String>)>);

impl KeyNames {
    /// The best key of a command.
    pub fn first(&self, mode: Mode, command: Command) -> Option<&str> {
        self.all(mode, command).first().map(String::as_str)
    }
    /// All keys of a command.
    pub fn all(&self, mode: Mode, command: Command) -> &[String] {
        self.0.iter().find(|(m, c, _)| *m == mode && *c == command).map_or(&[], |(_, _, keys)| keys)
    }
}

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// So it is.
    Plain,
    /// Look at this.
    Warn,
    /// Something did not work.
    Bad,
}

/// One line at the foot of the screen, for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// What to say; may hold foreign names, made safe where it is drawn.
    pub text: String,
    /// How it is meant.
    pub tone: Tone,
    /// When it goes.
    pub until: Stamp,
}

/// The wait for something before the console may leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// Every held reply has left.
    Sent,
    /// Every undo is answered.
    TakenBack,
}

/// What keeps a verdict key from counting.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Careful {
    /// The last verdict chord and its time, whether it counted or not.
    pub last: Option<(String, Stamp)>,
}

/// A chord that needs more keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefix {
    /// Typed so far.
    pub typed: String,
    /// What may follow, and what it does.
    pub follow: Vec<(String, String)>,
}

/// What is under way to the stores, so that nothing is asked twice.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UnderWay {
    /// The item being opened, since when.
    pub open: Option<(ItemId, Stamp)>,
    /// The page being loaded, since when.
    pub list: Option<Stamp>,
    /// The list is wanted anew as soon as that page is there.
    pub list_again: bool,
    /// That page is only compared with the list: news go into their places, nothing moves.
    pub comparing: bool,
    /// Such a comparison is wanted as soon as nothing else is under way.
    pub compare: bool,
    /// Items that could not be opened; not asked for again until the list is fetched anew.
    pub failed: Vec<ItemId>,
    /// An item that is to be selected as soon as its row comes in.
    pub going_to: Option<ItemId>,
    /// Claims asked for.
    pub claims: Vec<ItemId>,
}

/// With fewer columns or rows nothing can be read, and so nothing be done, responsibly.
pub const LEAST: (u16, u16) = (60, 15);

/// What the console knows.
#[derive(Clone, Debug)]
pub struct Model {
    /// Who sits here.
    pub setup: Setup,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// Time of the last input.
    pub now: Stamp,
    /// Time of the last key.
    pub last_key: Stamp,
    /// What has the keys.
    pub front: Front,
    /// Which region scrolls, and which one is on screen where only one fits.
    pub focus: Pane,
    /// The packet of what matters stands in the care pane's place.
    pub packet: bool,
    /// The region that has the whole screen.
    pub zoom: Option<Pane>,
    /// The queue.
    pub list: List,
    /// The item on screen.
    pub looking: Option<Looking>,
    /// Items opened before or ahead, newest use last.
    pub at_hand: Vec<Arc<OpenItem>>,
    /// Our claims.
    pub claims: Vec<Lease>,
    /// Since when the cursor rests; none once that was acted on.
    pub resting: Option<Stamp>,
    /// Signed replies on their way.
    pub tray: Tray,
    /// Half-written texts.
    pub edits: Vec<SavedEdit>,
    /// Own decisions, newest first, once asked for.
    pub decisions: Option<Vec<PastDecision>>,
    /// Own figures, what and how much, once asked for.
    pub me: Option<Vec<(String, String)>>,
    /// The header's figures.
    pub counts: Counts,
    /// The log.
    pub log: LogStatus,
    /// One line for a while.
    pub notice: Option<Notice>,
    /// Verdict keys.
    pub careful: Careful,
    /// A chord that needs more keys.
    pub prefix: Option<Prefix>,
    /// What is under way.
    pub under_way: UnderWay,
    /// The terminal is asked for mouse clicks.
    pub mouse: bool,
    /// The terminal has the focus.
    pub focused: bool,
    /// Leaving as soon as that is done.
    pub leaving: Option<Leaving>,
}

impl Model {
    /// An empty console of `columns` by `rows`.
    pub fn new(setup: Setup, columns: u16, rows: u16, now: Stamp) -> Self {
        Self {
            setup,
            size: (columns, rows),
            now,
            last_key: now,
            front: Front::Browse,
            focus: Pane::Draft,
            packet: false,
            zoom: None,
            list: List::default(),
            looking: None,
            at_hand: Vec::new(),
            claims: Vec::new(),
            resting: None,
            tray: Tray::default(),
            edits: Vec::new(),
            decisions: None,
            me: None,
            counts: Counts::default(),
            log: LogStatus::default(),
            notice: None,
            careful: Careful::default(),
            prefix: None,
            under_way: UnderWay::default(),
            mouse: false,
            focused: true,
            leaving: None,
        }
    }

    /// Whether the screen stays as it is whatever follows from this: an item was opened ahead, whose row has not changed,
    /// and no moment has passed until `now` at which something changes by itself.
    pub fn is_unseen(&self, action: &Action, now: Stamp) -> bool {
        let Action::Outcome(Outcome::Opened { item, open: Some(open), edits }) = action else { return false };
        edits.is_empty()
            && self.looking.as_ref().is_some_and(|l| l.item != *item && l.open.is_some())
            && self.list.row(item) == Some(&open.row)
            && self.next_deadline(self.now).is_none_or(|at| at > now)
    }

    /// Which keymap table is in force.
    pub fn mode(&self) -> Mode {
        self.front.mode()
    }

    /// Whether the terminal has too little room to show anything.
    pub const fn is_too_small(&self) -> bool {
        self.size.0 < LEAST.0 || self.size.1 < LEAST.1
    }

    /// Our claim on an item.
    pub fn lease(&self, item: &ItemId) -> Option<&Lease> {
        self.claims.iter().find(|l| l.item == *item)
    }

    /// A half-written text for an item: the one in own words, or the changed draft.
    pub fn edit_of(&self, item: &ItemId, own_words: bool) -> Option<&SavedEdit> {
        self.edits.iter().find(|e| e.item == *item && e.base.is_own_words() == own_words)
    }

    /// Whether any text is kept for an item.
    pub fn is_writing(&self, item: &ItemId) -> bool {
        self.edits.iter().any(|e| e.item == *item)
    }

    /// The texts kept for an opened item, each with the command that goes on with it.
    pub fn kept(&self, open: &OpenItem) -> impl Iterator<Item = (Command, &SavedEdit)> {
        let speaks = open.ai_may_speak();
        self.edits.iter().filter(|e| e.item == open.item.id).map(move |edit| {
            let command = match (edit.base.is_own_words(), speaks) {
                (true, true) => Command::TakeOver,
                (true, false) | (false, true) => Command::Edit,
                (false, false) => Command::HandBack,
            };
            (command, edit)
        })
    }

    /// Whether another agent holds the item on this line at present.
    pub fn held_by_other(&self, item: &ItemId) -> Option<&str> {
        let row = self.list.row(item).or_else(|| {
            self.looking.as_ref().filter(|l| l.item == *item).and_then(|l| l.open.as_deref()).map(|o| &o.row)
        })?;
        let holder = row.holder.as_ref()?;
        (holder.agent != self.setup.agent && holder.until > self.now).then_some(holder.agent.as_str())
    }

    /// To which other agent the item on this line was given.
    pub fn given_to_other<'a>(&self, row: &'a Row) -> Option<&'a str> {
        row.assigned.as_deref().filter(|agent| *agent != self.setup.agent)
    }

    /// The next moment at which the screen or the state changes although nothing happens; replaces ticks.
    pub fn next_deadline(&self, now: Stamp) -> Option<Stamp> {
        let mut next: Option<Stamp> = None;
        let mut at = |moment: Option<Stamp>| {
            if let Some(moment) = moment {
                // A moment that has passed without being acted on comes at once, not never.
                let moment = moment.max(now);
                next = Some(next.map_or(moment, |n| n.min(moment)));
            }
        };
        at(self.resting.map(|since| since.plus(REST)));
        at(self.notice.as_ref().map(|n| n.until));
        at(self.front.edit().and_then(|e| e.unsaved).map(|since| since.plus(SAVE_AFTER)));
        // The header counts a held reply down second by second: the next whole second before its end.
        at(self.tray.next_until().map(|until| {
            let left = until.since(now).0;
            if left <= 0 { now } else { now.plus(Span((left - 1) % 1_000 + 1)) }
        }));
        let slow = |since: Stamp| Some(since.plus(PATIENCE)).filter(|t| *t > now);
        at(self.under_way.open.as_ref().and_then(|(_, since)| slow(*since)));
        at(self.under_way.list.and_then(slow));
        // Ages on the screen move with the minute.
        if !self.list.lines.is_empty() {
            at(Some(now.plus(Span(60_000 - now.0.rem_euclid(60_000)))));
        }
        next
    }
}
