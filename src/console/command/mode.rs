//! Where the console is: what keys mean depends on it.

/// What the keys mean at present. The model's own state has more to say; for the keymap this is enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// The queue with the opened item.
    Normal,
    /// A text is being written: draft, reply.
    Edit,
    /// The difference between the draft and what will be sent.
    Difference,
    /// Numbered choices with a filter: reasons, times, emotions, themes.
    Menu,
    /// One line of input: find, note, transfer to.
    Prompt,
    /// The list of commands with its filter.
    Palette,
    /// All keys.
    Help,
    /// A question: answered by a number or a letter, never by Enter.
    Confirm,
    /// A list laid over the item: held replies, refused ones, own decisions, what a take-over needs to know.
    Held,
}

impl Mode {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Normal,
        Self::Edit,
        Self::Difference,
        Self::Menu,
        Self::Prompt,
        Self::Palette,
        Self::Help,
        Self::Confirm,
        Self::Held,
    ];

    /// Its table in a keymap file.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Edit => "edit",
            Self::Difference => "difference",
            Self::Menu => "menu",
            Self::Prompt => "prompt",
            Self::Palette => "palette",
            Self::Help => "help",
            Self::Confirm => "confirm",
            Self::Held => "held",
        }
    }

    /// Whether a letter is text (or an answer) here, never a command.
    pub const fn takes_text(self) -> bool {
        matches!(self, Self::Edit | Self::Menu | Self::Prompt | Self::Palette | Self::Confirm)
    }
}

/// Several modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Modes(u16);

impl Modes {
    /// Just these.
    pub const fn of(modes: &[Mode]) -> Self {
        let (mut bits, mut at) = (0, 0);
        while at < modes.len() {
            bits |= 1 << modes[at] as u16;
            at += 1;
        }
        Self(bits)
    }
    /// Whether `mode` is one of them.
    pub const fn has(self, mode: Mode) -> bool {
        self.0 & (1 << mode as u16) != 0
    }
}

/// Where a command counts, in the words of the table.
pub(super) const NORMAL: Modes = Modes::of(&[Mode::Normal]);
pub(super) const EDIT: Modes = Modes::of(&[Mode::Edit]);
pub(super) const DIFFERENCE: Modes = Modes::of(&[Mode::Difference]);
pub(super) const HELD: Modes = Modes::of(&[Mode::Held]);
pub(super) const WRITING: Modes = Modes::of(&[Mode::Edit, Mode::Difference]);
pub(super) const ITEM_OR_EDIT: Modes = Modes::of(&[Mode::Normal, Mode::Edit, Mode::Difference]);
pub(super) const ITEM_OR_HELD: Modes = Modes::of(&[Mode::Normal, Mode::Held]);
/// Wherever there are lines to go through or to scroll.
pub(super) const LISTS: Modes =
    Modes::of(&[Mode::Normal, Mode::Difference, Mode::Menu, Mode::Palette, Mode::Help, Mode::Held]);
/// Where Enter says yes to what is marked or typed; a question is not among them.
pub(super) const CHOOSE: Modes = Modes::of(&[Mode::Menu, Mode::Prompt, Mode::Palette]);
pub(super) const COMMANDS: Modes = Modes::of(&[Mode::Normal, Mode::Difference, Mode::Help, Mode::Held]);
pub(super) const EVERYWHERE: Modes = Modes::of(&Mode::ALL);
