//! What has the keys: one variant, so that two overlays cannot be open at once.

use super::super::command::Mode;
use super::super::editor::Editor;
use super::super::message::{Base, Resolution};
use crate::review::{
    AiError, CloseReason, DecisionId, Emotion, ItemId, MessageId, Seen, SendBackReason, Stamp,
};

/// What has the keys, and what lies over the panes.
#[derive(Clone, Debug, Default)]
pub enum Front {
    /// The panes alone.
    #[default]
    Browse,
    /// A text is being written in the draft's place.
    Edit(Box<Edit>),
    /// The written text against its draft, before it is signed.
    Difference(Box<Edit>, usize),
    /// A choice.
    Menu(Box<Menu>),
    /// One line of text is asked for.
    Prompt(Box<Prompt>),
    /// Commands by name.
    Palette(Box<Palette>),
    /// What works here and now, scrolled by so many lines, over what was there.
    Help(usize, Box<Front>),
    /// A list over the panes.
    Sheet(Sheet),
}

/// A list over the panes, with its cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sheet {
    /// Signed replies on their way, refused, dead, unsure.
    Held(usize),
    /// Own last decisions.
    Decisions(usize),
    /// Own figures.
    Me(usize),
}

/// A text being written.
#[derive(Clone, Debug)]
pub struct Edit {
    /// For which item.
    pub item: ItemId,
    /// What it is made of.
    pub base: Base,
    /// The text.
    pub editor: Editor,
    /// What was on screen when it began; an edit is signed for that (P2).
    pub seen: Seen,
    /// Since when there is typing that the desk has not been given (P9).
    pub unsaved: Option<Stamp>,
}

impl Edit {
    /// The text it began with.
    pub fn original(&self) -> &str {
        match &self.base {
            Base::Draft { text, .. } => text,
            Base::Reply | Base::TakeOver => "",
        }
    }
    /// Whether anything was written that would be missed.
    pub fn is_changed(&self) -> bool {
        self.editor.text() != self.original()
    }
}

/// What a choice does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Pick {
    /// Nothing; back to where one was.
    Cancel,
    /// Close the item.
    Close(CloseReason),
    /// Hide it until then.
    Snooze(Stamp),
    /// The emotion of this message is another one.
    Correct(MessageId, Emotion),
    /// The AI made an error.
    Report(AiError),
    /// The AI shall write another draft.
    SendBack(SendBackReason),
    /// Another theme.
    Theme(String),
    /// Sign although checks block: how many.
    ApproveAnyway(u32),
    /// A person's word on a reply.
    Resolve(DecisionId, Resolution),
    /// Leave, in this way.
    Quit(QuitPick),
    /// Throw a half-written text away.
    Discard {
        /// Of which item.
        item: ItemId,
        /// The text in own words, not the changed draft.
        own_words: bool,
    },
}

/// Ways to leave with replies on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QuitPick {
    /// Keep what is written and go; nothing is on the way.
    Now,
    /// Wait for the windows to end.
    Wait,
    /// Send them at once.
    Send,
    /// Take them back.
    TakeBack,
}

/// One line of a menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// In the agent's words.
    pub label: String,
    /// A quiet word beside it.
    pub detail: String,
    /// What it does.
    pub pick: Pick,
}

/// A choice among a few.
#[derive(Clone, Debug)]
pub struct Menu {
    /// What is asked.
    pub title: String,
    /// Why it is asked, if that is not plain.
    pub reason: String,
    /// All of them.
    pub choices: Vec<Choice>,
    /// Letters typed to narrow them down.
    pub filter: String,
    /// Index among those that match.
    pub cursor: usize,
    /// A question: Enter answers it with nothing but the first choice, which is to cancel.
    pub question: bool,
    /// Where cancelling leads.
    pub over: Box<Front>,
}

impl Menu {
    /// A plain choice: number, or cursor and Enter.
    pub fn choice(title: impl Into<String>, choices: Vec<Choice>) -> Self {
        Self {
            title: title.into(),
            reason: String::new(),
            choices,
            filter: String::new(),
            cursor: 0,
            question: false,
            over: Box::default(),
        }
    }
    /// A question: cancel stands first, Enter answers nothing else.
    pub fn question(title: impl Into<String>, reason: impl Into<String>, choices: Vec<Choice>) -> Self {
        let cancel = Choice { label: "cancel".to_owned(), detail: String::new(), pick: Pick::Cancel };
        let choices = std::iter::once(cancel).chain(choices).collect();
        Self { reason: reason.into(), question: true, ..Self::choice(title, choices) }
    }
    /// The same over something else than the panes.
    #[must_use]
    pub fn over(self, front: Front) -> Self {
        Self { over: Box::new(front), ..self }
    }
    /// Those that match the filter, with their number from 1.
    pub fn matching(&self) -> impl Iterator<Item = (usize, &Choice)> {
        let filter = self.filter.to_lowercase();
        self.choices
            .iter()
            .enumerate()
            .map(|(n, c)| (n + 1, c))
            .filter(move |(_, c)| c.label.to_lowercase().contains(&filter))
    }
}

/// What a line is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PromptKind {
    /// Fuzzy words for the list; works while one types.
    Find {
        /// The filter before, for Esc.
        before: String,
    },
    /// An internal note on this item.
    Note(ItemId),
    /// To whom this item goes.
    TransferTo(ItemId),
    /// What they should know.
    TransferNote(ItemId, String),
}

/// One line of text.
#[derive(Clone, Debug)]
pub struct Prompt {
    /// What for.
    pub kind: PromptKind,
    /// The line.
    pub line: Editor,
}

/// Commands by name, description and key.
#[derive(Clone, Debug, Default)]
pub struct Palette {
    /// What was typed.
    pub query: Editor,
    /// Index among the matches.
    pub cursor: usize,
}

impl Front {
    /// Which keymap table is in force.
    pub fn mode(&self) -> Mode {
        match self {
            Self::Browse => Mode::Normal,
            Self::Edit(_) => Mode::Edit,
            Self::Difference(..) => Mode::Difference,
            Self::Menu(menu) if menu.question => Mode::Confirm,
            Self::Menu(_) => Mode::Menu,
            Self::Prompt(_) => Mode::Prompt,
            Self::Palette(_) => Mode::Palette,
            Self::Help(..) => Mode::Help,
            Self::Sheet(_) => Mode::Held,
        }
    }
    /// The text being written, also where a question or the difference lies over it.
    pub fn edit(&self) -> Option<&Edit> {
        match self {
            Self::Edit(edit) | Self::Difference(edit, _) => Some(edit),
            Self::Menu(menu) => menu.over.edit(),
            Self::Help(_, over) => over.edit(),
            _ => None,
        }
    }
    /// The text being written, to change it.
    pub fn edit_mut(&mut self) -> Option<&mut Edit> {
        match self {
            Self::Edit(edit) | Self::Difference(edit, _) => Some(edit),
            Self::Menu(menu) => menu.over.edit_mut(),
            Self::Help(_, over) => over.edit_mut(),
            _ => None,
        }
    }
}
