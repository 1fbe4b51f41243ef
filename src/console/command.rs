//! Every command of the console, in one table: keymaps, hint bar, help, palette, man page and README read it.
//!
//! Knows no key, no screen and no model; imports nothing of ours but the search for a near name. Invariant: a
//! command is one row of the table, and a name means one command.

mod mode;
mod table;

pub use mode::{Mode, Modes};
pub use table::Command;

use super::fault::nearest;
use std::fmt;
use std::str::FromStr;

/// In what company a command stands in the help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Decides what becomes of the item.
    Decide,
    /// Does something else with the item.
    Item,
    /// Moves and scrolls.
    Move,
    /// Looks something up.
    Look,
    /// Writes.
    Write,
    /// The program itself.
    Program,
}

/// What the table says about one command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The command.
    pub command: Command,
    /// Its name, as keymaps and the palette write it.
    pub name: &'static str,
    /// One or two words for the hint bar.
    pub hint: &'static str,
    /// What it does, in the agent's words.
    pub what: &'static str,
    /// Where it stands in the help.
    pub group: Group,
    /// The modes in which it counts.
    pub modes: Modes,
    /// Its keys are careful ones: they count only alone in their read, 300 ms after the screen changed, and never
    /// are Enter, Esc or a paste.
    pub careful: bool,
    /// What may follow its name in the palette, for instance `TIME`.
    pub argument: Option<&'static str>,
}

/// No command has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct UnknownCommand {
    /// A name that may have been meant.
    pub nearest: Option<&'static str>,
}

impl fmt::Display for UnknownCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.nearest {
            Some(name) => write!(f, "is no command; did you mean `{name}`?"),
            None => f.write_str("is no command; `?` in the console lists them all"),
        }
    }
}

impl Group {
    /// All, in the order of the help.
    pub const ALL: [Self; 6] = [Self::Decide, Self::Item, Self::Move, Self::Look, Self::Write, Self::Program];
    /// The headline in the help.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Decide => "Decide",
            Self::Item => "The item",
            Self::Move => "Move",
            Self::Look => "Look",
            Self::Write => "Write",
            Self::Program => "The program",
        }
    }
}

impl Command {
    /// Its row.
    pub const fn entry(self) -> &'static Entry {
        &Self::TABLE[self as usize]
    }
    /// Its name, as keymaps and the palette write it.
    pub const fn name(self) -> &'static str {
        self.entry().name
    }
    /// One or two words for the hint bar.
    pub const fn hint(self) -> &'static str {
        self.entry().hint
    }
    /// What it does.
    pub const fn what(self) -> &'static str {
        self.entry().what
    }
    /// The modes in which it counts.
    pub const fn modes(self) -> Modes {
        self.entry().modes
    }
    /// Whether its keys are careful ones.
    pub const fn is_careful(self) -> bool {
        self.entry().careful
    }
    /// What may follow its name in the palette.
    pub const fn argument(self) -> Option<&'static str> {
        self.entry().argument
    }

    /// The commands that count in `mode`, in the table's order.
    pub fn of(mode: Mode) -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(move |command| command.modes().has(mode))
    }

    /// Reads a line of the palette: a name and what follows it. `take over` and `take-over` are `take_over`.
    ///
    /// # Errors
    /// No name begins the line.
    pub fn parse_line(line: &str) -> Result<(Self, &str), UnknownCommand> {
        let line = line.trim().trim_start_matches(':').trim_start();
        let words: Vec<usize> =
            line.match_indices(' ').map(|(at, _)| at).chain([line.len()]).take(4).collect();
        // The longest name first: `take over` must not end as an unknown `take`.
        for end in words.into_iter().rev() {
            if let Ok(command) = line[..end].parse::<Self>() {
                return Ok((command, line[end..].trim()));
            }
        }
        line.parse().map(|command| (command, ""))
    }
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Command {
    type Err = UnknownCommand;
    fn from_str(name: &str) -> Result<Self, UnknownCommand> {
        let name = name.to_lowercase().replace([' ', '-'], "_");
        Self::ALL
            .iter()
            .copied()
            .find(|command| command.name() == name)
            .ok_or_else(|| UnknownCommand { nearest: nearest(&name, Self::ALL.iter().map(|c| c.name())) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_command_is_one_row_and_each_name_one_command() {
        for (row, command) in Command::ALL.iter().enumerate() {
            assert_eq!(Command::TABLE[row].command, *command);
            assert_eq!(command.name().parse(), Ok(*command));
            assert!(command.name().bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{command}");
            assert!(command.hint().len() <= 16, "{command} has a long hint");
            assert!(!command.what().ends_with('.') && command.what().len() <= 80, "{command}");
            assert!(Mode::ALL.iter().any(|mode| command.modes().has(*mode)), "{command} counts nowhere");
        }
    }

    #[test]
    fn the_palette_reads_a_name_and_what_follows() {
        for (line, command, rest) in [
            ("approve", Command::Approve, ""),
            (":take over", Command::TakeOver, ""),
            ("take-over", Command::TakeOver, ""),
            ("transfer ben about the refund", Command::Transfer, "ben about the refund"),
            ("  snooze 1h ", Command::Snooze, "1h"),
        ] {
            assert_eq!(Command::parse_line(line), Ok((command, rest)), "{line}");
        }
        let fault = Command::parse_line("aprove").unwrap_err();
        assert_eq!(fault.to_string(), "is no command; did you mean `approve`?");
        assert!(Command::parse_line("").is_err());
    }
}
