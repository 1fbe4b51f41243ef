//! What a typed line asks for: a command by its name or its unique beginning, or a number.
//!
//! Pure. Invariant: a verdict is asked for by its whole name only; every other word may be cut short as long as it means
//! one thing.

use super::super::command::{Command, Mode};
use super::super::fault::nearest;

/// What a line asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said<'a> {
    /// Nothing was typed.
    Nothing,
    /// The line of this number, of what was last listed or asked.
    Number(usize),
    /// A word of this front, with what follows it.
    Own(Own, &'a str),
    /// A command of the table, with what follows it.
    Command(Command, &'a str),
}

/// What only this front has a word for; the screen shows these all the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Own {
    /// Print the queue, numbered.
    List,
    /// Print the item again; `show all` with the whole conversation.
    Show,
}

impl Own {
    const ALL: [Self; 2] = [Self::List, Self::Show];

    /// Its name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Show => "show",
        }
    }

    /// What it does.
    pub(super) const fn what(self) -> &'static str {
        match self {
            Self::List => "print the queue, numbered; a number then opens its line",
            Self::Show => "print the item again; `show all` with the whole conversation",
        }
    }
}

/// Commands that mean something where nothing scrolls and nothing has a colour.
const BROWSE: &[Command] = &[
    Command::Approve,
    Command::Edit,
    Command::TakeOver,
    Command::Reply,
    Command::EditExternal,
    Command::ShowDifference,
    Command::Snooze,
    Command::Close,
    Command::Correct,
    Command::SendBack,
    Command::Report,
    Command::Undo,
    Command::Transfer,
    Command::Note,
    Command::HandBack,
    Command::Release,
    Command::ForceClaim,
    Command::AcceptNewDraft,
    Command::Resend,
    Command::MarkSent,
    Command::GiveUp,
    Command::Find,
    Command::Refresh,
    Command::Held,
    Command::Tray,
    Command::Decisions,
    Command::Me,
    Command::Packet,
    Command::Open,
    Command::Next,
    Command::Previous,
    Command::First,
    Command::Last,
    Command::Help,
    Command::Cancel,
    Command::Quit,
];

/// Commands that count once a text is written and not yet signed.
const WRITTEN: &[Command] = &[
    Command::Sign,
    Command::Edit,
    Command::EditExternal,
    Command::AcceptNewDraft,
    Command::Discard,
    Command::Packet,
    Command::Help,
    Command::Cancel,
    Command::Quit,
];

/// The commands that count in a mode of this front.
pub(super) fn commands(mode: Mode) -> &'static [Command] {
    match mode {
        Mode::Difference => WRITTEN,
        Mode::Menu | Mode::Confirm => &[Command::Cancel, Command::Help, Command::Quit],
        _ => BROWSE,
    }
}

/// Why a line asks for nothing; a sentence for the agent.
pub(super) type Puzzle = String;

/// Reads a line where commands count.
pub(super) fn read(line: &str, mode: Mode) -> Result<Said<'_>, Puzzle> {
    let line = line.trim();
    let line = line.strip_prefix(':').map_or(line, str::trim_start);
    if line.is_empty() {
        return Ok(Said::Nothing);
    }
    if line.bytes().all(|b| b.is_ascii_digit()) {
        return line.parse().map(Said::Number).map_err(|_| "there is no line of that number".to_owned());
    }
    let owns: &[Own] = if matches!(mode, Mode::Menu | Mode::Confirm) { &[] } else { &Own::ALL };
    let ends = line.match_indices(' ').map(|(at, _)| at).chain([line.len()]).take(4);
    let ends: Vec<usize> = ends.collect();
    let fold = |end: &usize| line[..*end].to_lowercase().replace([' ', '-'], "_");
    // The longest name first: `take over ann` is no `take`.
    for end in ends.iter().rev() {
        let word = fold(end);
        if let Some(said) = whole(&word, line[*end..].trim(), mode, owns) {
            return Ok(said);
        }
    }
    for end in ends.iter().rev() {
        let word = fold(end);
        let mut meant: Vec<(&'static str, Said<'_>)> = Vec::new();
        let rest = line[*end..].trim();
        meant.extend(owns.iter().map(|o| (o.name(), Said::Own(*o, rest))));
        meant.extend(commands(mode).iter().map(|c| (c.name(), Said::Command(*c, rest))));
        meant.retain(|(name, _)| name.starts_with(&word));
        match meant.as_slice() {
            [] => {}
            [(name, Said::Command(command, _))] if command.is_careful() => {
                return Err(format!("a verdict is written out: `{}`", spoken(name)));
            }
            [(_, said)] => return Ok(said.clone()),
            several => {
                let names: Vec<String> =
                    several.iter().map(|(name, _)| format!("`{}`", spoken(name))).collect();
                return Err(format!("that may be {}", names.join(" or ")));
            }
        }
    }
    let first = fold(&ends[0]);
    let names = owns.iter().map(|o| o.name()).chain(commands(mode).iter().map(|c| c.name()));
    Err(match (nearest(&first, names), first.parse::<Command>()) {
        (_, Ok(_)) => "that does not count here; `help` lists what does".to_owned(),
        (Some(name), _) => format!("that is no command; did you mean `{}`?", spoken(name)),
        (None, _) => "that is no command; `help` lists them".to_owned(),
    })
}

fn whole<'a>(word: &str, rest: &'a str, mode: Mode, owns: &[Own]) -> Option<Said<'a>> {
    if let Some(own) = owns.iter().find(|o| o.name() == word) {
        return Some(Said::Own(*own, rest));
    }
    commands(mode).iter().find(|c| c.name() == word).map(|c| Said::Command(*c, rest))
}

/// A command's name as a person says it.
pub(super) fn spoken(name: &str) -> String {
    name.replace('_', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_name_or_its_unique_beginning() {
        for (line, said) in [
            ("", Said::Nothing),
            (" 12 ", Said::Number(12)),
            ("list", Said::Own(Own::List, "")),
            ("li 51", Said::Own(Own::List, "51")),
            ("show all", Said::Own(Own::Show, "all")),
            ("approve i1", Said::Command(Command::Approve, "i1")),
            ("take over i1", Said::Command(Command::TakeOver, "i1")),
            ("take-over", Said::Command(Command::TakeOver, "")),
            (":transfer ben please call her", Said::Command(Command::Transfer, "ben please call her")),
            ("ne", Said::Command(Command::Next, "")),
            ("q", Said::Command(Command::Quit, "")),
        ] {
            assert_eq!(read(line, Mode::Normal), Ok(said), "{line}");
        }
        assert_eq!(read("sign", Mode::Difference), Ok(Said::Command(Command::Sign, "")));
    }

    #[test]
    fn a_verdict_is_never_a_beginning_and_nonsense_is_named() {
        for (line, why) in [
            ("appr", "a verdict is written out: `approve`"),
            ("take", "a verdict is written out: `take over`"),
            ("re", "that may be"),
            ("aprove", "did you mean `approve`?"),
            ("Hello there", "is no command"),
            ("zoom", "does not count here"),
            ("99999999999999999999999", "no line of that number"),
        ] {
            let puzzle = read(line, Mode::Normal).unwrap_err();
            assert!(puzzle.contains(why), "{line}: {puzzle}");
        }
    }
}
