//! What goes into `update` and what comes out: plain values, to be printed, compared and replayed.
//!
//! Knows no terminal, store, file or clock. Invariant: an [`Effect`] says all that is needed to do it, an
//! [`Outcome`] all that is needed to go on; neither holds a closure or a channel.
//!
//! # What `run` must do
//!
//! 1. Build a [`super::model::Model`], give it [`Action::Start`], do the effects, draw.
//! 2. Wait for a key, an outcome, a change of the queue, a signal, or [`super::model::Model::next_deadline`]
//!    ([`Action::Tick`]). Drain what is ready, one [`Input`] each, then draw once if anything came.
//! 3. Stamp each input with the [`Shown`] of the last *drawn* frame, the time and a fresh `UUIDv7`. A key's own time
//!    (taken in the reader thread) and whether it came alone in its read travel in [`KeyPress`].
//! 4. Do every effect off the drawing path, and answer each, success or not. What answers what:
//!
//! | effect | answer |
//! |---|---|
//! | `LoadList` `LoadRows` `LoadCounts` `LoadHeld` `LoadDecisions` `LoadMe` | `ListLoaded` `RowsLoaded` `CountsLoaded` `HeldLoaded` `DecisionsLoaded` `MeLoaded` |
//! | `Open` | `Opened`, with the desk's saved edits; at most one `Open` is under way at a time |
//! | `Claim` | `Claimed`; from then on the claim's keeper renews it and tells `ClaimLost` when it cannot |
//! | `Route` | `Routed`; `Release` goes this way too; it is answered like any other |
//! | `Commit` | `Committed` once or more: `Staged`, then `Held`, `Refused` or `LedgerClosed`. With `claim_first` the item is claimed before and `Decision::fence` filled in from that claim |
//! | `Undo` | `Undone` |
//! | `Resolve` | `Resolved` |
//! | `SaveEdit` | none, unless it failed; `DropEdit` too |
//! | `ExternalEditor` | `ExternalEdited`; the terminal is given back meanwhile |
//! | `Bell` `SetMouse` `UseTheme` `Redraw` `Suspend` | none |
//! | `Quit` | the loop ends; with `send_held` the caller's held replies are sent before the program does |
//!
//! 5. An effect that could not be done is answered with [`Outcome::Failed`], never with silence (P10).
//! 6. Tell `Changed` when the queue's revision moved, `Log` when the ledger's state or length did, `Signal` on signals.

use super::command::Command;
pub use crate::review::{Base, ListQuery as ListAsk, SavedEdit, Scope};
use crate::review::{
    Counts, Decision, DecisionId, Held, ItemId, Lease, MessageId, OpenItem, PastDecision, Refusal, Routing,
    Row, Seen, Stamp,
};
use uuid::Uuid;

/// One step of the loop.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// What happened.
    pub action: Action,
    /// What the last drawn frame showed.
    pub shown: Shown,
    /// When.
    pub now: Stamp,
    /// A `UUIDv7` nobody has used yet: the decision's, should this input make one.
    pub fresh: Uuid,
}

/// A chord and how it came in: verdict keys are careful.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyPress {
    /// As the keymap prints it.
    pub chord: String,
    /// When the reader thread read it.
    pub at: Stamp,
    /// Nothing else came in the same read: no paste, no stuck key, no cat.
    pub alone: bool,
}

/// What happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// The console begins.
    Start,
    /// A command, by key or from the palette.
    Command {
        /// Which.
        command: Command,
        /// A number typed before it.
        count: Option<u32>,
        /// The key; none from the palette, whose verdicts do not count.
        key: Option<KeyPress>,
    },
    /// A character was typed where text is written or a choice made.
    Type(char),
    /// A key that edits or moves within text.
    Edit(EditKey),
    /// Enter, where one chooses or finishes a line; a line feed where text is written.
    Enter,
    /// Pasted text; text only, whatever it holds.
    Paste(String),
    /// The whole text anew, from a front that edits by lines.
    Rewrite(String),
    /// A chord began that needs more keys: what has been typed, and what may follow; empty when it is over.
    Prefix {
        /// Chords typed so far.
        typed: String,
        /// Next chord and what it does.
        follow: Vec<(String, String)>,
    },
    /// A chord that means nothing here.
    Unbound(String),
    /// The left button, on what the last frame had there.
    Click(Hit),
    /// The wheel, by so many notches down, over what the last frame had there.
    Wheel(Hit, isize),
    /// The terminal has another size.
    Resize {
        /// Cells across.
        columns: u16,
        /// Cells down.
        rows: u16,
    },
    /// The terminal gained or lost the focus.
    Focus(bool),
    /// A deadline has come.
    Tick,
    /// An effect's result or news from outside.
    Outcome(Outcome),
}

/// A key within text; the same in the editor and in a one-line prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum EditKey {
    Left,
    Right,
    WordLeft,
    WordRight,
    LineStart,
    LineEnd,
    Up,
    Down,
    PageUp,
    PageDown,
    TextStart,
    TextEnd,
    Backspace,
    Delete,
    DeleteWordLeft,
    DeleteWordRight,
    DeleteToStart,
    DeleteToEnd,
    Undo,
    Redo,
}

/// A region that scrolls.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pane {
    /// The list.
    #[default]
    Queue,
    /// What was said.
    Conversation,
    /// The draft or the editor.
    Draft,
}

/// A person's word on a reply that is dead or unsure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// It went; do not send it.
    WasSent,
    /// Send it again.
    SendAgain,
    /// Do not send it.
    GiveUp,
}

/// Everything that has I/O.
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Rows in queue order.
    LoadList(ListAsk),
    /// Rows by id.
    LoadRows(Vec<ItemId>),
    /// The header's figures.
    LoadCounts,
    /// Replies on their way, dead or unsure, of this agent.
    LoadHeld,
    /// This agent's last decisions.
    LoadDecisions {
        /// At most so many.
        limit: usize,
    },
    /// This agent's own figures, from the log.
    LoadMe,
    /// One item with all that its screen shows.
    Open {
        /// Which.
        item: ItemId,
    },
    /// Claim an item.
    Claim {
        /// Which.
        item: ItemId,
        /// Take it from whoever holds it; recorded.
        force: bool,
    },
    /// An act that is no verdict.
    Route {
        /// On which item.
        item: ItemId,
        /// What.
        act: Routing,
    },
    /// Sign: desk, ledger, queue.
    Commit {
        /// Complete but for the fence where `claim_first`.
        decision: Box<Decision>,
        /// The item is not claimed yet.
        claim_first: bool,
    },
    /// Take a held reply back.
    Undo {
        /// Whose reply.
        decision: DecisionId,
    },
    /// Settle a dead or unsure reply by a person's word.
    Resolve {
        /// Whose reply.
        decision: DecisionId,
        /// The word.
        word: Resolution,
    },
    /// Keep a half-written text (P9).
    SaveEdit(Box<SavedEdit>),
    /// It was sent, or thrown away.
    DropEdit {
        /// Of which item.
        item: ItemId,
        /// The text in own words, not the changed draft.
        own_words: bool,
    },
    /// Open `$VISUAL` or `$EDITOR` on a text.
    ExternalEditor {
        /// Of which item.
        item: ItemId,
        /// The text so far.
        text: String,
    },
    /// Ring.
    Bell,
    /// Ask the terminal for mouse clicks, or no longer.
    SetMouse(bool),
    /// Draw with another theme.
    UseTheme(String),
    /// Draw every cell anew.
    Redraw,
    /// Stop the process group, as Ctrl-Z does.
    Suspend,
    /// Leave.
    Quit {
        /// Send what is held before leaving, without waiting for its window.
        send_held: bool,
    },
}

/// How far a commit has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommitState {
    /// In the desk: it cannot get lost any more.
    Staged,
    /// Signed and settled; the reply can be taken back until then.
    Held {
        /// End of the window.
        until: Stamp,
    },
    /// Accepted, but another agent must agree before a reply leaves.
    Second,
    /// The queue refused it; the text is a saved edit again.
    Refused(Refusal),
    /// The ledger cannot be written: nothing was sent (P1); the text is a saved edit again.
    LedgerClosed {
        /// What happened and what to do.
        why: String,
    },
}

/// What an undo brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TakenBack {
    /// The item, open again.
    pub item: ItemId,
    /// The claim of this session on it.
    pub lease: Option<Lease>,
    /// The text taken back.
    pub text: Option<String>,
}

/// How the log stands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogStatus {
    /// For instance `L1`; empty while it is being checked.
    pub level: String,
    /// Entries.
    pub entries: u64,
    /// Why nothing can be signed at present.
    pub closed: Option<String>,
}

/// A signal that reached the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// SIGTERM, SIGHUP or the terminal is gone: save and leave without asking.
    Leave,
    /// SIGCONT after a stop.
    Continue,
}

/// The result of an effect, or news from outside.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Rows in queue order.
    ListLoaded {
        /// What was asked.
        ask: ListAsk,
        /// At most `ask.limit` of them; fewer means the end of the queue.
        rows: Vec<Row>,
    },
    /// Rows by id.
    RowsLoaded {
        /// What was asked; those not in `rows` are gone.
        asked: Vec<ItemId>,
        /// What is there.
        rows: Vec<Row>,
    },
    /// The header's figures.
    CountsLoaded(Counts),
    /// Replies on their way, dead or unsure.
    HeldLoaded(Vec<Held>),
    /// This agent's last decisions, newest first.
    DecisionsLoaded(Vec<PastDecision>),
    /// This agent's own figures, what and how much; and who looked at them.
    MeLoaded(Vec<(String, String)>),
    /// An item, or nothing where it is gone.
    Opened {
        /// Which.
        item: ItemId,
        /// What its screen shows.
        open: Option<Box<OpenItem>>,
        /// Half-written texts of this agent.
        edits: Vec<SavedEdit>,
    },
    /// A claim's answer.
    Claimed {
        /// Which item.
        item: ItemId,
        /// Granted or refused.
        answer: Result<Lease, Refusal>,
    },
    /// A claim of ours is no longer ours.
    ClaimLost {
        /// Which item.
        item: ItemId,
        /// Who has it now.
        holder: Option<String>,
    },
    /// An act's answer.
    Routed {
        /// On which item.
        item: ItemId,
        /// What.
        act: Routing,
        /// Done or refused.
        answer: Result<(), Refusal>,
    },
    /// How a commit goes.
    Committed {
        /// Which.
        decision: DecisionId,
        /// How far.
        state: CommitState,
    },
    /// A reply of ours has left, died or become unsure, or waits again.
    ReplyMoved(Held),
    /// An undo's answer.
    Undone {
        /// Which decision.
        decision: DecisionId,
        /// Taken back, or why not.
        answer: Result<TakenBack, Refusal>,
    },
    /// A person's word was taken, or the reply had moved on.
    Resolved {
        /// Which decision.
        decision: DecisionId,
        /// Whether it counted.
        done: bool,
    },
    /// The editor came back; none if it failed or left with an error: the old text stays.
    ExternalEdited {
        /// Of which item.
        item: ItemId,
        /// The new text, or why there is none.
        text: Result<String, String>,
    },
    /// An effect could not be done.
    Failed {
        /// Which.
        tried: Box<Effect>,
        /// What went wrong.
        why: String,
        /// What to do.
        remedy: String,
    },
    /// How the log stands.
    Log(LogStatus),
    /// The queue's revision moved.
    Changed {
        /// The items that changed.
        items: Vec<ItemId>,
        /// Too many to name.
        all: bool,
    },
    /// A signal came.
    Signal(Signal),
    /// Something the agent should know that belongs to no effect, for instance a fault in a keymap file.
    Notice(String),
}

/// Which bytes of a text a frame had on screen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// First byte of the original text.
    pub from: usize,
    /// One past the last byte.
    pub to: usize,
    /// Length of the text in bytes.
    pub of: usize,
}

/// How a scrolling region stood in a frame, in screen lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// First line shown.
    pub top: usize,
    /// Lines of room; 0 where the region was not on screen.
    pub height: usize,
    /// Lines there are.
    pub lines: usize,
    /// The first line that has never been on screen, as far as a verdict depends on it.
    pub unseen: Option<usize>,
}

/// What one frame really showed. `run` keeps the last one; a verdict counts only for this (P2).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// When it was drawn: the model's time.
    pub at: Stamp,
    /// The item whose draft and messages were drawn; none if the panes were empty, loading or covered.
    pub seen: Option<Seen>,
    /// The draft, or the text in its place, and its recipients were on screen: only then can anything be signed.
    pub draft_on_screen: bool,
    /// Which part of the draft.
    pub draft: Drawn,
    /// Which parts of the customer's unanswered messages.
    pub news: Vec<(MessageId, Drawn)>,
    /// How many hidden characters the draft holds.
    pub hidden_chars: u32,
    /// First row of the list and rows of room.
    pub list: Extent,
    /// The conversation.
    pub conversation: Extent,
    /// The draft, or the difference in its place.
    pub draft_lines: Extent,
    /// Cells across in the editor.
    pub editor_columns: u16,
    /// Lines of the editor.
    pub editor_rows: u16,
    /// A list or help that lies over the rest: its room.
    pub overlay: Extent,
    /// How many panes stand side by side; 1 means Tab turns.
    pub panes: u8,
    /// Where the regions are, for the mouse.
    pub places: Vec<(Pane, Place)>,
    /// Lines from one row of the list to the next.
    pub row_lines: u16,
    /// What lies over the panes, if anything does.
    pub over: Option<Over>,
    /// Words that stand for a command: hints, the tray.
    pub links: Vec<(Place, Command)>,
}

/// Where choices stand that lie over the panes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Over {
    /// All of them.
    pub place: Place,
    /// Lines from one to the next; 0 where there is nothing to choose.
    pub step: u16,
}

/// A rectangle of cells, from the upper left.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// First column.
    pub x: u16,
    /// First line.
    pub y: u16,
    /// Columns.
    pub width: u16,
    /// Lines.
    pub height: u16,
}

/// What lies under the mouse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hit {
    /// A row of the list, counted from the first one drawn.
    Row(usize),
    /// A region.
    Pane(Pane),
    /// A choice over the panes, counted from the first there is.
    Choice(usize),
    /// Something else that lies over the panes.
    Over,
    /// The words of a command.
    Command(Command),
}

impl Place {
    /// Whether a cell lies in it.
    pub const fn holds(&self, column: u16, row: u16) -> bool {
        column >= self.x
            && column < self.x.saturating_add(self.width)
            && row >= self.y
            && row < self.y.saturating_add(self.height)
    }
}

impl Shown {
    /// What the frame had at a cell.
    pub fn hit(&self, column: u16, row: u16) -> Option<Hit> {
        if let Some((_, command)) = self.links.iter().find(|(place, _)| place.holds(column, row)) {
            return Some(Hit::Command(*command));
        }
        if let Some(Over { place, step }) = self.over {
            if !place.holds(column, row) || step == 0 {
                return Some(Hit::Over);
            }
            let n = self.overlay.top + usize::from((row - place.y) / step);
            return Some(if n < self.overlay.lines { Hit::Choice(n) } else { Hit::Over });
        }
        let (pane, place) = self.places.iter().find(|(_, place)| place.holds(column, row))?;
        if *pane != Pane::Queue || self.row_lines == 0 {
            return Some(Hit::Pane(*pane));
        }
        let n = usize::from((row - place.y) / self.row_lines);
        Some(if self.list.top + n < self.list.lines { Hit::Row(n) } else { Hit::Pane(*pane) })
    }
}
