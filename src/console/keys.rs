//! From chords to actions: the keymap in force, the count, sequences, and what letters do where text is taken.
//!
//! Knows no terminal: a key event becomes a [`Chord`] before. Invariant: a chord that the keymap names is a command,
//! whatever it would type; a paste never comes this way.

use super::chord::{Chord, Key};
use super::command::{Command, Mode};
use super::keymap::{Keymap, Lookup, Press, Typed, spell};
use super::message::{Action, EditKey, KeyPress};
use super::model::KeyNames;
use crate::review::Stamp;

/// What has been typed of a count or a sequence.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    typed: Typed,
    mode: Option<Mode>,
}

impl Keys {
    /// Takes a chord. `at` and `alone` are the reader thread's (see [`KeyPress`]). None where a lone digit or nothing
    /// came of it.
    pub fn press(
        &mut self,
        map: &Keymap,
        mode: Mode,
        chord: Chord,
        at: Stamp,
        alone: bool,
    ) -> Option<Action> {
        // What was begun in one mode means nothing in another.
        if self.mode.replace(mode) != Some(mode) {
            self.typed = Typed::default();
        }
        let mut chords = self.typed.chords.clone();
        chords.push(chord);
        match map.press(mode, &mut self.typed, chord) {
            Press::Command(command, count) => {
                let key = Some(KeyPress { chord: spell(&chords), at, alone });
                Some(Action::Command { command, count, key })
            }
            Press::Pending => Some(self.pending(map, mode)),
            Press::Text(chord) => Some(text(chord)),
            Press::Nothing(chord) => Some(match edit_key(chord) {
                Some(key) if mode.takes_text() => Action::Edit(key),
                _ if chord == Chord::plain(Key::Esc) => {
                    Action::Prefix { typed: String::new(), follow: Vec::new() }
                }
                _ => Action::Unbound(spell(&chords)),
            }),
        }
    }

    fn pending(&self, map: &Keymap, mode: Mode) -> Action {
        let mut typed = self.typed.count.map_or_else(String::new, |n| n.to_string());
        let mut follow = Vec::new();
        if !self.typed.chords.is_empty() {
            typed = format!("{typed}{}", spell(&self.typed.chords));
            if let Lookup::Prefix(ways) = map.lookup(mode, &self.typed.chords) {
                follow = ways.iter().map(|way| (spell(way.rest), way.command.what().to_owned())).collect();
            }
        }
        Action::Prefix { typed, follow }
    }
}

/// What a key does where text is taken and no command is on it.
fn text(chord: Chord) -> Action {
    if let Some(c) = chord.text() {
        return Action::Type(c);
    }
    match chord.key {
        Key::Enter => Action::Enter,
        Key::Tab if chord == Chord::plain(Key::Tab) => Action::Type('\t'),
        _ => edit_key(chord).map_or_else(|| Action::Unbound(chord.to_string()), Action::Edit),
    }
}

/// The keys of every editor.
fn edit_key(chord: Chord) -> Option<EditKey> {
    let far = chord.ctrl || chord.alt;
    Some(match (chord.key, far) {
        (Key::Left, false) => EditKey::Left,
        (Key::Right, false) => EditKey::Right,
        (Key::Left, true) => EditKey::WordLeft,
        (Key::Right, true) => EditKey::WordRight,
        (Key::Up, _) => EditKey::Up,
        (Key::Down, _) => EditKey::Down,
        (Key::PageUp, _) => EditKey::PageUp,
        (Key::PageDown, _) => EditKey::PageDown,
        (Key::Home, false) => EditKey::LineStart,
        (Key::End, false) => EditKey::LineEnd,
        (Key::Home, true) => EditKey::TextStart,
        (Key::End, true) => EditKey::TextEnd,
        (Key::Backspace, false) => EditKey::Backspace,
        (Key::Backspace, true) => EditKey::DeleteWordLeft,
        (Key::Delete, false) => EditKey::Delete,
        (Key::Delete, true) => EditKey::DeleteWordRight,
        (Key::Char('w'), _) if chord.ctrl => EditKey::DeleteWordLeft,
        (Key::Char('a'), _) if chord.ctrl => EditKey::LineStart,
        (Key::Char('e'), _) if chord.ctrl => EditKey::LineEnd,
        (Key::Char('k'), _) if chord.ctrl => EditKey::DeleteToEnd,
        (Key::Char('b'), _) if chord.alt => EditKey::WordLeft,
        (Key::Char('f'), _) if chord.alt => EditKey::WordRight,
        (Key::Char('d'), _) if chord.alt => EditKey::DeleteWordRight,
        (Key::Char('z'), _) if chord.alt => EditKey::Undo,
        _ => return None,
    })
}

impl From<&Keymap> for KeyNames {
    /// The keys in force, for hints, help and palette.
    fn from(map: &Keymap) -> Self {
        let all =
            Mode::ALL.into_iter().flat_map(|mode| Command::of(mode).map(move |command| (mode, command)));
        Self(
            all.map(|(mode, command)| (mode, command, map.keys_for(mode, command)))
                .filter(|(_, _, keys)| !keys.is_empty())
                .collect(),
        )
    }
}
