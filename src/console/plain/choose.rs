//! Answers: to a choice by its number, to a question of one line by that line.

use super::super::command::Command;
use super::super::message::Action;
use super::super::model::{Front, Menu, Pick};
use super::words::{self, Said};
use super::{Plain, Stop};

impl Plain {
    /// Leaves; `quit send` answers the question beforehand.
    pub(super) fn quit(&mut self, rest: &str) {
        self.send(Command::Quit, None, None);
        if rest.is_empty() || self.leave.is_some() {
            return;
        }
        let Front::Menu(menu) = &self.model.front else { return };
        match menu.choices.iter().position(|c| c.label == rest) {
            Some(n) => self.pick(n + 1),
            None => self.puzzled(format!("`{rest}` is no answer to that")),
        }
    }

    /// A line while a choice stands.
    pub(super) fn choose(&mut self, text: &str, together: bool) {
        let Front::Menu(menu) = &self.model.front else { return };
        let labelled = by_label(menu, text);
        match words::read(text, self.model.mode()) {
            Ok(Said::Number(_)) if together => {
                self.refuse("not taken: it came together with other lines; type it again");
            }
            Ok(Said::Number(n)) => self.pick(n),
            Ok(Said::Nothing | Said::Command(Command::Cancel, _)) => self.send(Command::Cancel, None, None),
            _ if labelled.is_some() && !together => self.pick(labelled.unwrap_or_default()),
            Ok(Said::Command(command, rest)) => self.run_command(command, rest),
            _ => self.puzzled("a number answers, `cancel` goes back"),
        }
    }

    /// Takes the choice of a number.
    fn pick(&mut self, number: usize) {
        let Front::Menu(menu) = &self.model.front else { return };
        let Some(place) = menu.matching().position(|(n, _)| n == number) else {
            return self.puzzled("there is no choice of that number");
        };
        let signs = matches!(menu.choices.get(number - 1).map(|c| &c.pick), Some(Pick::ApproveAnyway(_)));
        match u32::try_from(number % 10).ok().and_then(|d| char::from_digit(d, 10)) {
            Some(digit) if number <= 10 => self.act(Action::Type(digit)),
            _ => {
                self.walk(place);
                self.act(Action::Enter);
            }
        }
        if signs && !self.signed {
            self.fail(Stop::Refused, "not signed");
        }
    }

    /// The line that was asked for.
    pub(super) fn answer_prompt(&mut self, text: &str, together: bool) {
        if text.trim() == "~q" {
            return self.send(Command::Cancel, None, None);
        }
        if together {
            return self.refuse("not taken: one line is wanted, and several came; type it again");
        }
        self.act(Action::Paste(text.to_owned()));
        self.act(Action::Enter);
    }
}

/// The number of the choice whose label begins so, if it is one; a question is answered by its number only.
fn by_label(menu: &Menu, text: &str) -> Option<usize> {
    let text = text.trim().to_lowercase();
    if menu.question || text.is_empty() {
        return None;
    }
    let mut found = menu.matching().filter(|(_, c)| c.label.to_lowercase().starts_with(&text));
    let first = found.next()?.0;
    found.next().is_none().then_some(first)
}
