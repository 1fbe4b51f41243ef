//! The keys of the supervisor's screen: one table, read by the loop, the hint line and the help.

use crate::console::chord::Chord;

/// What the screen is doing, for keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The feed.
    Feed,
    /// One decision is open.
    Decision,
    /// A filter is being written: letters are letters.
    Filter,
    /// The help lies over the rest.
    Help,
}

/// What can be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Command {
    /// One row or line on.
    Down,
    /// One back.
    Up,
    /// A page on.
    PageDown,
    /// A page back.
    PageUp,
    /// The first one there is.
    First,
    /// The newest, and on with what comes.
    Last,
    /// Open the decision.
    Open,
    /// Write a filter.
    Find,
    /// Take the filter as it is written.
    Take,
    /// One step back.
    Back,
    /// All keys.
    Help,
    /// Draw anew.
    Redraw,
    /// To the shell and back.
    Suspend,
    /// Leave.
    Quit,
}

/// One row of the table.
#[derive(Debug)]
pub struct Binding {
    /// What it does.
    pub command: Command,
    /// Where it counts.
    pub modes: &'static [Mode],
    /// The keys, the first one for hints.
    pub keys: &'static [&'static str],
    /// In the hint line; none where it goes without saying.
    pub hint: Option<&'static str>,
    /// In the help.
    pub what: &'static str,
}

use Mode::{Decision, Feed, Filter, Help};

const fn row(
    command: Command,
    modes: &'static [Mode],
    keys: &'static [&'static str],
    hint: Option<&'static str>,
    what: &'static str,
) -> Binding {
    Binding { command, modes, keys, hint, what }
}

/// All keys.
pub const TABLE: &[Binding] = &[
    row(Command::Open, &[Feed], &["enter", "o"], Some("open"), "open the decision; the log notes it"),
    row(
        Command::Find,
        &[Feed],
        &["/"],
        Some("filter"),
        "only rows like verdict=edit, agent=anna, or with a word",
    ),
    row(Command::Take, &[Filter], &["enter"], Some("take it"), "take the filter"),
    row(
        Command::Back,
        &[Feed, Decision, Filter, Help],
        &["esc"],
        Some("back"),
        "one step back; takes a filter away",
    ),
    row(Command::Down, &[Feed, Decision, Help], &["j", "down"], None, "one row on"),
    row(Command::Up, &[Feed, Decision, Help], &["k", "up"], None, "one row back"),
    row(Command::PageDown, &[Feed, Decision, Help], &["space", "pgdn", "ctrl-d"], None, "a page on"),
    row(Command::PageUp, &[Feed, Decision, Help], &["b", "pgup", "ctrl-u"], None, "a page back"),
    row(Command::First, &[Feed, Decision], &["g", "home"], None, "the oldest row here"),
    row(
        Command::Last,
        &[Feed, Decision],
        &["G", "end"],
        Some("newest"),
        "the newest row, and on with what comes",
    ),
    row(Command::Help, &[Feed, Decision], &["?"], Some("help"), "these keys"),
    row(Command::Redraw, &[Feed, Decision, Filter, Help], &["ctrl-l"], None, "draw the screen anew"),
    row(
        Command::Suspend,
        &[Feed, Decision, Filter, Help],
        &["ctrl-z"],
        None,
        "to the shell, and back with fg",
    ),
    row(Command::Quit, &[Feed, Decision, Help], &["q"], Some("quit"), "leave"),
    row(Command::Quit, &[Feed, Decision, Filter, Help], &["ctrl-c"], None, "leave, from anywhere"),
];

/// What a chord does in a mode.
pub fn command(mode: Mode, chord: Chord) -> Option<Command> {
    let named = |binding: &&Binding| {
        binding.modes.contains(&mode) && binding.keys.iter().any(|key| key.parse() == Ok(chord))
    };
    TABLE.iter().find(named).map(|binding| binding.command)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_key_can_be_read_and_means_one_thing_in_a_mode() {
        let mut met = HashSet::new();
        for binding in TABLE {
            for key in binding.keys {
                let chord: Chord = key.parse().unwrap_or_else(|e| panic!("{key}: {e}"));
                for mode in binding.modes {
                    assert!(met.insert((format!("{mode:?}"), chord)), "{key} twice in {mode:?}");
                    assert_eq!(command(*mode, chord), Some(binding.command));
                }
            }
        }
        for mode in [Feed, Decision, Filter, Help] {
            for way_out in [Command::Back, Command::Quit] {
                assert!(TABLE.iter().any(|b| b.command == way_out && b.modes.contains(&mode)), "{mode:?}");
            }
        }
    }
}
