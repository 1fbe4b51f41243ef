//! From keys to commands, by the mode the console is in.
//!
//! The shipped keymaps are files in `keymaps/`, which are also the documentation; a user's file extends one of them.
//! The only place beside `terminal` that knows the terminal library's key events; it reads no file and holds no
//! state but its table: what was typed so far comes in as [`Typed`]. Invariant: in every mode there is a way back,
//! and in the normal one a way to the help and out; no key is the beginning of another's sequence.

use super::chord::{Chord, Key};
use super::command::{Command, Mode};
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

mod file;
mod layout;
mod listing;

pub use file::{SHIPPED, UnknownKeymap};
pub use listing::listing;

/// What the keys mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keymap {
    name: String,
    /// One table a mode, in the order of [`Mode::ALL`]; within a table in the order of the commands.
    tables: [Vec<Binding>; Mode::ALL.len()],
}

/// One way to give a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The chords, one after the other; at least one.
    pub chords: Vec<Chord>,
    /// What they do.
    pub command: Command,
}

/// What some chords mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// They are complete.
    Command(Command),
    /// More must follow: what may, for the which-key popup.
    Prefix(Vec<Continuation<'a>>),
    /// Nothing.
    None,
}

/// A way on from a prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Continuation<'a> {
    /// The chords still to come.
    pub rest: &'a [Chord],
    /// Where they lead.
    pub command: Command,
}

/// The beginning of a command: a count, and chords of a sequence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Typed {
    /// The count before them, 1 to 9,999.
    pub count: Option<u32>,
    /// The chords of an unfinished sequence.
    pub chords: Vec<Chord>,
}

/// What a key press came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Press {
    /// A command, with the count that was typed before it.
    Command(Command, Option<u32>),
    /// A count or a sequence has begun; see [`Keymap::lookup`] for what may follow.
    Pending,
    /// The mode takes text, and no command is on this key: for the editor, the filter, the answer.
    Text(Chord),
    /// Nothing is on this key; what was begun is dropped.
    Nothing(Chord),
}

const MOST: u32 = 9_999;

impl Typed {
    /// Whether nothing has begun.
    pub const fn is_empty(&self) -> bool {
        self.count.is_none() && self.chords.is_empty()
    }
}

impl Keymap {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// All that is bound in a mode.
    pub fn bindings(&self, mode: Mode) -> &[Binding] {
        &self.tables[mode as usize]
    }

    /// What these chords mean. In modes of commands, letters of other layouts count as the key they are on.
    pub fn lookup(&self, mode: Mode, chords: &[Chord]) -> Lookup<'_> {
        let exact = self.find(mode, chords, Chord::eq);
        if exact != Lookup::None || mode.takes_text() {
            return exact;
        }
        self.find(mode, chords, |bound, typed| bound == typed || Some(*bound) == layout::latin(*typed))
    }

    fn find(&self, mode: Mode, chords: &[Chord], same: impl Fn(&Chord, &Chord) -> bool) -> Lookup<'_> {
        let mut ways = Vec::new();
        for binding in self.bindings(mode) {
            if binding.chords.len() < chords.len()
                || !binding.chords.iter().zip(chords).all(|(bound, typed)| same(bound, typed))
            {
                continue;
            }
            let rest = &binding.chords[chords.len()..];
            if rest.is_empty() {
                return Lookup::Command(binding.command);
            }
            ways.push(Continuation { rest, command: binding.command });
        }
        if ways.is_empty() { Lookup::None } else { Lookup::Prefix(ways) }
    }

    /// Takes one more chord. Digits before a command are its count, in modes that take no text; Esc drops what was
    /// begun and does nothing else.
    pub fn press(&self, mode: Mode, typed: &mut Typed, chord: Chord) -> Press {
        let digit = chord.text().and_then(|c| c.to_digit(10));
        if let Some(digit) = digit
            && typed.chords.is_empty()
            && !mode.takes_text()
            && (digit > 0 || typed.count.is_some())
        {
            typed.count = Some((typed.count.unwrap_or(0).saturating_mul(10) + digit).min(MOST));
            return Press::Pending;
        }
        if chord == Chord::plain(Key::Esc) && !typed.is_empty() {
            *typed = Typed::default();
            return Press::Nothing(chord);
        }
        typed.chords.push(chord);
        match self.lookup(mode, &typed.chords) {
            Lookup::Command(command) => Press::Command(command, std::mem::take(typed).count),
            Lookup::Prefix(_) => Press::Pending,
            Lookup::None => {
                let alone = std::mem::take(typed).chords.len() == 1;
                if alone && mode.takes_text() { Press::Text(chord) } else { Press::Nothing(chord) }
            }
        }
    }

    /// The keys of a command in a mode, spelled out, the first one for hints: `["j", "down"]`.
    pub fn keys_for(&self, mode: Mode, command: Command) -> Vec<String> {
        let of_command = self.bindings(mode).iter().filter(|binding| binding.command == command);
        of_command.map(|binding| spell(&binding.chords)).collect()
    }
}

impl Default for Keymap {
    fn default() -> Self {
        // A test reads every shipped file and finds no fault.
        Self::shipped("default").unwrap_or(Self { name: String::new(), tables: Default::default() })
    }
}

/// A sequence as keymap files write it.
pub fn spell(chords: &[Chord]) -> String {
    chords.iter().map(Chord::to_string).collect::<Vec<_>>().join(" ")
}

/// The chord of a terminal's key event; none for a release, and for keys that this program does not know.
pub fn chord(event: &KeyEvent) -> Option<Chord> {
    let foreign = KeyModifiers::SUPER | KeyModifiers::HYPER;
    if event.kind == KeyEventKind::Release || event.modifiers.intersects(foreign) {
        return None;
    }
    let held = |modifier| event.modifiers.contains(modifier);
    let mut shift = held(KeyModifiers::SHIFT);
    let mut ctrl = held(KeyModifiers::CONTROL);
    let key = match event.code {
        KeyCode::Char(c) if c.is_control() => return None,
        // Some terminals report what is on the key, and shift beside it.
        KeyCode::Char(c) if shift && !ctrl => Key::Char(upper(c)),
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => {
            shift = true;
            Key::Tab
        }
        KeyCode::Backspace => Key::Backspace,
        KeyCode::Delete => Key::Delete,
        KeyCode::Insert => Key::Insert,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::F(number @ 1..=24) => Key::F(number),
        KeyCode::Null => {
            ctrl = true;
            Key::Char(' ')
        }
        _ => return None,
    };
    let alt = held(KeyModifiers::ALT) || held(KeyModifiers::META);
    Some(Chord { key, ctrl, alt, shift }.normal())
}

fn upper(c: char) -> char {
    let mut large = c.to_uppercase();
    match (large.next(), large.next()) {
        (Some(only), None) => only,
        _ => c,
    }
}

#[cfg(test)]
mod tests;
