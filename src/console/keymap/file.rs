//! Keymap files: read, extended, all their faults told at once.

use super::{Binding, Keymap, spell};
use crate::console::chord::{Chord, Key};
use crate::console::command::{Command, Mode};
use crate::console::fault::{Fault, Faults, nearest};
use crate::visible;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The shipped keymaps, by name: the files themselves.
pub const SHIPPED: [(&str, &str); 2] = [
    ("default", include_str!("../../../keymaps/default.toml")),
    ("vim", include_str!("../../../keymaps/vim.toml")),
];

/// No shipped keymap has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no keymap `{name}`; take default or vim")]
pub struct UnknownKeymap {
    /// What was asked for, made safe to show.
    pub name: String,
}

/// The table whose lines count in every mode where the command does.
const EVERYWHERE: &str = "everywhere";

impl Keymap {
    /// A shipped keymap by name.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn shipped(name: &str) -> Result<Self, UnknownKeymap> {
        let (name, text) = SHIPPED
            .into_iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| UnknownKeymap { name: visible::line(name).into_owned() })?;
        Ok(Self::read(name, &format!("keymaps/{name}.toml"), text).0)
    }

    /// Reads a keymap file. `path` is for its faults and must be safe to show. Sound lines count even where others
    /// are faulty.
    pub fn read(name: &str, path: &str, text: &str) -> (Self, Vec<Fault>) {
        let mut faults = Faults::new(path, text);
        let (document, errors) = DeTable::parse_recoverable(text);
        // Of a file that is no TOML nothing is concluded but that: the shipped keys count.
        let base = (!errors.is_empty()).then(Self::default);
        for error in errors {
            let what = error.message().to_owned();
            faults.add(&error.span().unwrap_or(0..0), what, "write it as in the shipped keymaps");
        }
        let mut reader = Reader { faults, base, fresh: Vec::new(), said: Vec::new(), freed: Vec::new() };
        reader.document(document.get_ref());
        let map = reader.merge(name);
        (map, reader.faults.into_vec())
    }
}

/// A binding of this file.
struct Fresh {
    mode: Mode,
    binding: Binding,
    at: Range<usize>,
}

struct Reader<'a> {
    faults: Faults<'a>,
    base: Option<Keymap>,
    fresh: Vec<Fresh>,
    /// The commands this file speaks of, by mode: their former keys are gone.
    said: Vec<(Mode, Command)>,
    /// What `unbind` names.
    freed: Vec<(Mode, Vec<Chord>)>,
}

type Name<'i> = Spanned<std::borrow::Cow<'i, str>>;

impl Reader<'_> {
    fn document(&mut self, document: &DeTable<'_>) {
        if let Some((_, value)) = document.get_key_value("extends") {
            self.extends(value);
        }
        for (key, value) in
            document.iter().filter(|(key, _)| key.get_ref() != "extends" && key.get_ref() != "about")
        {
            let name = key.get_ref().as_ref();
            let modes: Vec<Mode> =
                Mode::ALL.into_iter().filter(|mode| name == EVERYWHERE || name == mode.name()).collect();
            if modes.is_empty() {
                let known = Mode::ALL.into_iter().map(Mode::name).chain([EVERYWHERE, "extends", "about"]);
                let hint = match nearest(name, known) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => format!("take one of {}", Mode::ALL.map(Mode::name).join(", ")),
                };
                self.faults.add(&key.span(), format!("there is no mode `{}`", visible::line(name)), hint);
            } else if let Some(table) = value.get_ref().as_table() {
                for (command, keys) in table {
                    self.entry(name, &modes, command, keys);
                }
            } else {
                let hint = format!("write [{name}] above its lines");
                self.faults.add(&value.span(), format!("`{name}` is no table"), hint);
            }
        }
    }

    fn extends(&mut self, value: &Spanned<DeValue<'_>>) {
        let name = value.get_ref().as_str().unwrap_or_default();
        match Keymap::shipped(name) {
            Ok(base) => self.base = Some(base),
            Err(unknown) => {
                self.faults.add(&value.span(), unknown.to_string(), "write extends = \"default\"");
                self.base = Some(Keymap::default());
            }
        }
    }

    fn entry(&mut self, table: &str, modes: &[Mode], name: &Name<'_>, value: &Spanned<DeValue<'_>>) {
        if name.get_ref() == "unbind" {
            for (chords, at) in self.sequences(value) {
                self.unbind(table, modes, &chords, &at);
            }
            return;
        }
        // Exactly as the table has it: other spellings are for the palette, where they are typed in haste.
        let known = Command::ALL.iter().copied().find(|command| command.name() == name.get_ref().as_ref());
        let Some(command) = known else {
            let hint = match nearest(name.get_ref(), Command::ALL.iter().map(|c| c.name())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`countersign keys` lists all commands".to_owned(),
            };
            let what = format!("there is no command `{}`", visible::line(name.get_ref()));
            self.faults.add(&name.span(), what, hint);
            return;
        };
        let counts: Vec<Mode> = modes.iter().copied().filter(|mode| command.modes().has(*mode)).collect();
        if counts.is_empty() {
            let places: Vec<_> = Mode::ALL.into_iter().filter(|mode| command.modes().has(*mode)).collect();
            let hint =
                format!("it counts in {}", places.into_iter().map(Mode::name).collect::<Vec<_>>().join(", "));
            self.faults.add(&name.span(), format!("`{command}` does nothing in [{table}]"), hint);
            return;
        }
        self.said.extend(counts.iter().map(|mode| (*mode, command)));
        for (chords, at) in self.sequences(value) {
            // In the table for all modes a letter is meant for those where it is not text.
            let takes = |mode: &Mode| !(table == EVERYWHERE && mode.takes_text() && is_text(&chords));
            let modes: Vec<Mode> = counts.iter().copied().filter(takes).collect();
            if let Some((what, hint)) = unfit(command, &chords, &modes) {
                self.faults.add(&at, what, hint);
                continue;
            }
            for mode in modes {
                self.bind(mode, Binding { chords: chords.clone(), command }, &at);
            }
        }
    }

    /// Reads one sequence or a list of them.
    fn sequences(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(Vec<Chord>, Range<usize>)> {
        let one = std::slice::from_ref(value);
        let list: Vec<&Spanned<DeValue<'_>>> = match value.get_ref().as_array() {
            Some(array) => array.iter().collect(),
            None => one.iter().collect(),
        };
        let mut sequences = Vec::new();
        for value in list {
            let Some(text) = value.get_ref().as_str() else {
                self.faults.add(
                    &value.span(),
                    "this is no key",
                    "write it in quotation marks, several in [\"a\", \"b\"]",
                );
                continue;
            };
            let chords: Result<Vec<Chord>, _> = text.split_whitespace().map(str::parse).collect();
            match chords {
                Ok(chords) if !chords.is_empty() => sequences.push((chords, value.span())),
                _ => {
                    let what = format!("`{}` is no key", visible::line(text));
                    let hint =
                        "write `a`, `A`, `ctrl-d`, `alt-enter`, `shift-tab`, `pgdn`, `f1`, `space`, or `g g`";
                    self.faults.add(&value.span(), what, hint);
                }
            }
        }
        sequences
    }

    fn unbind(&mut self, table: &str, modes: &[Mode], chords: &[Chord], at: &Range<usize>) {
        let base = self.base.as_ref();
        let bound =
            |mode: &Mode| base.is_some_and(|base| base.bindings(*mode).iter().any(|b| b.chords == chords));
        let modes: Vec<Mode> = modes.iter().copied().filter(bound).collect();
        if modes.is_empty() {
            let what = format!("`{}` is not bound in [{table}]", spell(chords));
            self.faults.add(at, what, "leave it out");
        }
        self.freed.extend(modes.into_iter().map(|mode| (mode, chords.to_vec())));
    }

    fn bind(&mut self, mode: Mode, binding: Binding, at: &Range<usize>) {
        let keys = spell(&binding.chords);
        for other in self.fresh.iter().filter(|other| other.mode == mode) {
            let (there, here) = (&other.binding, &binding);
            if there.chords == here.chords {
                if there.command != here.command {
                    let what =
                        format!("`{keys}` stands for `{}` already in [{}]", there.command, mode.name());
                    self.faults.add(at, what, format!("take another key for `{}`", here.command));
                }
                return;
            }
            if clash(&there.chords, &here.chords) {
                let other = spell(&there.chords);
                let what = format!("`{keys}` and `{other}` begin alike in [{}]", mode.name());
                self.faults.add(
                    at,
                    what,
                    format!("take another key for `{}` or `{}`", here.command, there.command),
                );
                return;
            }
        }
        self.fresh.push(Fresh { mode, binding, at: at.clone() });
    }

    /// Puts this file's bindings over those of the file it extends.
    fn merge(&mut self, name: &str) -> Keymap {
        let mut map = Keymap { name: name.to_owned(), tables: Default::default() };
        for mode in Mode::ALL {
            let mut table = self.base.as_ref().map(|base| base.bindings(mode).to_vec()).unwrap_or_default();
            table.retain(|old| {
                !self.said.contains(&(mode, old.command)) && !self.freed.contains(&(mode, old.chords.clone()))
            });
            for fresh in self.fresh.iter().filter(|fresh| fresh.mode == mode) {
                table.retain(|old| old.chords != fresh.binding.chords);
                if let Some(old) = table.iter().find(|old| clash(&old.chords, &fresh.binding.chords)) {
                    let (keys, other) = (spell(&fresh.binding.chords), spell(&old.chords));
                    let what =
                        format!("`{keys}` and `{other}` ({}) begin alike in [{}]", old.command, mode.name());
                    self.faults.add(
                        &fresh.at,
                        what,
                        format!("write unbind = [\"{other}\"] or take another key"),
                    );
                } else {
                    table.push(fresh.binding.clone());
                }
            }
            self.keep_exits(mode, &mut table);
            // Stable: the first key of a line in the file is the one that hints show.
            table.sort_by_key(|binding| binding.command);
            map.tables[mode as usize] = table;
        }
        map
    }

    /// Nobody may be locked in: what is missing is told, and its plainest key restored.
    fn keep_exits(&mut self, mode: Mode, table: &mut Vec<Binding>) {
        let needed: &[(Command, Chord)] = match mode {
            Mode::Normal => &[(Command::Quit, Chord::ctrl('c')), (Command::Help, Chord::plain(Key::F(1)))],
            _ => &[(Command::Cancel, Chord::plain(Key::Esc))],
        };
        for (command, key) in needed {
            if !table.iter().any(|binding| binding.command == *command) {
                let what = format!("`{command}` is out of reach in [{}]", mode.name());
                self.faults.add(&(0..0), what, format!("bind it; until then it is on `{key}`"));
                table.retain(|binding| binding.chords.first() != Some(key));
                table.push(Binding { chords: vec![*key], command: *command });
            }
        }
    }
}

/// Whether one sequence is the beginning of the other.
fn clash(one: &[Chord], other: &[Chord]) -> bool {
    one != other && (one.starts_with(other) || other.starts_with(one))
}

fn is_text(chords: &[Chord]) -> bool {
    chords.first().is_some_and(|chord| chord.text().is_some())
}

/// Why a command may not be on these keys: what is wrong, and what to do.
fn unfit(command: Command, chords: &[Chord], modes: &[Mode]) -> Option<(String, String)> {
    let keys = spell(chords);
    let typed = |chord: &Chord| match (chord.ctrl, chord.key) {
        (true, Key::Char('i')) => Some("tab"),
        (true, Key::Char('m')) => Some("enter"),
        (true, Key::Char('[')) => Some("esc"),
        _ => None,
    };
    if let Some(same) = chords.iter().find_map(typed) {
        return Some((
            format!("terminals send `{keys}` as `{same}`"),
            format!("write `{same}` or take another key"),
        ));
    }
    // A line feed is what a careless paste ends with; terminals send it as ctrl-j.
    let slip = |chord: &Chord| matches!(chord.key, Key::Enter | Key::Esc) || *chord == Chord::ctrl('j');
    if command.is_careful() && chords.iter().any(slip) {
        let what = format!("`{command}` may not be on `{keys}`");
        return Some((what, "nobody shall sign by Enter, Esc or a paste; take another key".to_owned()));
    }
    if let Some(mode) = modes.iter().find(|mode| mode.takes_text())
        && is_text(chords)
    {
        return Some((
            format!("`{keys}` is text in [{}]", mode.name()),
            "add ctrl or alt, or take f1 to f24".to_owned(),
        ));
    }
    let digit = |chord: &Chord| chord.text().is_some_and(|c| matches!(c, '1'..='9'));
    if modes.iter().any(|mode| !mode.takes_text()) && chords.first().is_some_and(digit) {
        return Some((format!("`{keys}` is a count"), "take a key that is no digit".to_owned()));
    }
    None
}
