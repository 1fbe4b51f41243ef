//! One key press as a plain value, with its spelling: `a`, `A`, `ctrl-d`, `alt-enter`, `shift-tab`, `f1`, `space`.
//!
//! Knows no terminal library; [`super::keymap`] turns its events into these. Invariant: a chord has one spelling, and
//! reading it gives the chord back.

use std::fmt;
use std::str::FromStr;

/// A key without its modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "the names on the keys")]
pub enum Key {
    /// A printable character as it was typed: shift has done its work already.
    Char(char),
    Enter,
    Esc,
    Tab,
    Backspace,
    Delete,
    Insert,
    Left,
    Right,
    Up,
    Down,
    Home,
    End,
    PageUp,
    PageDown,
    /// `F1` to `F24`.
    F(u8),
}

/// A key with what was held down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Chord {
    /// The key.
    pub key: Key,
    /// Control.
    pub ctrl: bool,
    /// Alt or Meta.
    pub alt: bool,
    /// Shift; always false for a character, which is what shift has made of it.
    pub shift: bool,
}

/// The text is no chord.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no key; write `a`, `A`, `ctrl-d`, `alt-enter`, `shift-tab`, `pgdn`, `f1` or `space`")]
pub struct BadChord;

const NAMES: [(&str, Key); 15] = [
    ("enter", Key::Enter),
    ("esc", Key::Esc),
    ("tab", Key::Tab),
    ("backspace", Key::Backspace),
    ("del", Key::Delete),
    ("ins", Key::Insert),
    ("left", Key::Left),
    ("right", Key::Right),
    ("up", Key::Up),
    ("down", Key::Down),
    ("home", Key::Home),
    ("end", Key::End),
    ("pgup", Key::PageUp),
    ("pgdn", Key::PageDown),
    ("space", Key::Char(' ')),
];

/// Other spellings that people know.
const ALIASES: [(&str, Key); 6] = [
    ("return", Key::Enter),
    ("escape", Key::Esc),
    ("delete", Key::Delete),
    ("insert", Key::Insert),
    ("pageup", Key::PageUp),
    ("pagedown", Key::PageDown),
];

impl Chord {
    /// A key alone.
    pub const fn plain(key: Key) -> Self {
        Self { key, ctrl: false, alt: false, shift: false }
    }
    /// A character alone.
    pub const fn char(c: char) -> Self {
        Self::plain(Key::Char(c))
    }
    /// A character with control.
    pub const fn ctrl(c: char) -> Self {
        Self { key: Key::Char(c), ctrl: true, alt: false, shift: false }
    }

    /// The one form of what a terminal may report in several: shift is in the character, control knows no case.
    #[must_use]
    pub fn normal(mut self) -> Self {
        if let Key::Char(c) = self.key {
            self.shift = false;
            if self.ctrl {
                self.key = Key::Char(lower(c));
            }
        }
        self
    }

    /// The character it types where text is taken.
    pub const fn text(self) -> Option<char> {
        match self.key {
            Key::Char(c) if !self.ctrl && !self.alt => Some(c),
            _ => None,
        }
    }
}

/// The lower case of a character that has one of a single character, and comes back from it.
pub(super) fn lower(c: char) -> char {
    let mut small = c.to_lowercase();
    match (small.next(), small.next()) {
        (Some(only), None) => only,
        _ => c,
    }
}

impl fmt::Display for Chord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (held, name) in [(self.ctrl, "ctrl-"), (self.alt, "alt-"), (self.shift, "shift-")] {
            if held {
                f.write_str(name)?;
            }
        }
        match self.key {
            Key::F(number) => write!(f, "f{number}"),
            key => match (NAMES.iter().find(|(_, named)| *named == key), key) {
                (Some((name, _)), _) => f.write_str(name),
                (None, Key::Char(c)) => write!(f, "{c}"),
                // Every other key stands in the table; a test goes through them all.
                (None, key) => write!(f, "{key:?}"),
            },
        }
    }
}

impl FromStr for Chord {
    type Err = BadChord;
    fn from_str(text: &str) -> Result<Self, BadChord> {
        let mut chord = Self::char(' ');
        let mut rest = text;
        // The last character is the key even if it is a hyphen: `ctrl--`.
        while let Some((held, key)) =
            rest.split_once('-').filter(|(held, key)| !held.is_empty() && !key.is_empty())
        {
            let modifier = match held.to_ascii_lowercase().as_str() {
                "ctrl" | "control" | "c" => &mut chord.ctrl,
                "alt" | "meta" | "m" => &mut chord.alt,
                "shift" | "s" => &mut chord.shift,
                _ => return Err(BadChord),
            };
            if std::mem::replace(modifier, true) {
                return Err(BadChord);
            }
            rest = key;
        }
        let mut chars = rest.chars();
        chord.key = match (chars.next(), chars.next()) {
            (Some(c), None) if !c.is_control() && !c.is_whitespace() => Key::Char(c),
            (Some(_), Some(_)) => named(&rest.to_ascii_lowercase()).ok_or(BadChord)?,
            _ => return Err(BadChord),
        };
        if let Key::Char(c) = chord.key
            && chord.shift
            && c.is_lowercase()
        {
            // `shift-a` is what terminals send as `A`; for other characters shift depends on the keyboard.
            let mut large = c.to_uppercase();
            match (large.next(), large.next()) {
                (Some(only), None) if !chord.ctrl => chord.key = Key::Char(only),
                _ => return Err(BadChord),
            }
        } else if matches!(chord.key, Key::Char(_)) && chord.shift {
            return Err(BadChord);
        }
        Ok(chord.normal())
    }
}

fn named(name: &str) -> Option<Key> {
    let number =
        || name.strip_prefix('f')?.parse().ok().filter(|number| (1..=24).contains(number)).map(Key::F);
    NAMES.iter().chain(&ALIASES).find(|(known, _)| *known == name).map(|(_, key)| *key).or_else(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn chords_are_read_as_people_write_them() {
        for (text, spelling) in [
            ("a", "a"),
            ("A", "A"),
            ("shift-a", "A"),
            ("Ctrl-D", "ctrl-d"),
            ("C-d", "ctrl-d"),
            ("ctrl--", "ctrl--"),
            ("-", "-"),
            ("alt-Enter", "alt-enter"),
            ("shift-tab", "shift-tab"),
            ("PageDown", "pgdn"),
            ("F12", "f12"),
            ("space", "space"),
            ("ф", "ф"),
            ("?", "?"),
        ] {
            assert_eq!(text.parse::<Chord>().map(|c| c.to_string()), Ok(spelling.to_owned()), "{text}");
        }
        for text in [
            "",
            " ",
            "ab",
            "hyper-a",
            "ctrl-",
            "ctrl-ctrl-a",
            "f0",
            "f25",
            "shift-1",
            "\u{1b}",
            "ctrl-enterr",
        ] {
            assert_eq!(text.parse::<Chord>(), Err(BadChord), "{text:?}");
        }
    }

    fn chords() -> impl Strategy<Value = Chord> {
        let chars = any::<char>().prop_filter("a character that can be typed", |c| {
            !c.is_control() && (*c == ' ' || !c.is_whitespace())
        });
        let key = prop_oneof![
            chars.prop_map(Key::Char),
            prop::char::range(' ', '~').prop_map(Key::Char),
            prop::sample::select(NAMES.map(|(_, key)| key).to_vec()),
            (1..=24_u8).prop_map(Key::F),
        ];
        (key, any::<[bool; 3]>())
            .prop_map(|(key, [ctrl, alt, shift])| Chord { key, ctrl, alt, shift }.normal())
    }

    proptest! {
        #[test]
        fn every_chord_reads_back_from_its_spelling(chord in chords()) {
            prop_assert_eq!(chord.to_string().parse::<Chord>(), Ok(chord));
        }
    }
}
