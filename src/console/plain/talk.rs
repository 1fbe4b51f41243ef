//! What a line does where commands, numbers and answers count.

use super::super::command::{Command, Group, Mode};
use super::super::message::{Action, EditKey, KeyPress};
use super::super::model::{Front, REPEAT, SETTLE, Tone};
use super::lines::Line;
use super::tell::{Listed, Wanted};
use super::words::{self, Own, Said, spoken};
use super::{Plain, Stop, page, write};
use crate::review::{DecisionId, ItemId, Stamp};

impl Plain {
    /// Does what a line asks for.
    pub(super) fn hear_line(&mut self, line: &Line) {
        let Some(text) = &line.text else {
            return self.puzzled("this line is too long, or no text; it was not taken");
        };
        let notice = self.model.notice.clone();
        self.signed = false;
        match &self.model.front {
            Front::Edit(_) => self.write(text, line),
            Front::Prompt(_) => self.answer_prompt(text, line.together),
            Front::Menu(_) => self.choose(text, line.together),
            _ => self.command(text, line.together),
        }
        // What `update` warns of was not done: a script must not go on as if it were.
        let said = self.model.notice.as_ref().filter(|_| self.model.notice != notice);
        if let Some(said) = said.filter(|n| n.tone != Tone::Plain) {
            let why = said.text.clone();
            self.fail(Stop::Refused, why);
        }
    }

    /// A line that means nothing.
    pub(super) fn puzzled(&mut self, why: impl Into<String>) {
        let why = why.into();
        self.paper.say(&why);
        self.fail(Stop::Fault, why);
    }

    /// A line that is understood and not done.
    pub(super) fn refuse(&mut self, why: impl Into<String>) {
        let why = why.into();
        self.paper.say(&why);
        self.fail(Stop::Refused, why);
    }

    pub(super) fn send(&mut self, command: Command, count: Option<u32>, key: Option<KeyPress>) {
        self.act(Action::Command { command, count, key });
    }

    fn command(&mut self, text: &str, together: bool) {
        let said = match words::read(text, self.model.mode()) {
            Ok(said) => said,
            Err(why) => return self.puzzled(why),
        };
        if together && changes(&said) {
            return self
                .refuse("not taken: it came together with other lines, as a paste does; type it again");
        }
        match said {
            Said::Nothing => {}
            Said::Number(n) => self.open_number(n),
            Said::Own(Own::List, from) => match (from, from.parse::<usize>()) {
                ("", _) => self.told.wanted = Some(Wanted::Rows(1)),
                (_, Ok(from)) if from > 0 => self.told.wanted = Some(Wanted::Rows(from)),
                _ => self.puzzled("`list` takes the number to begin with"),
            },
            Said::Own(Own::Show, rest) => self.show(rest),
            Said::Command(command, rest) => self.run_command(command, rest),
        }
    }

    fn show(&mut self, rest: &str) {
        if !matches!(rest, "" | "all") {
            return self.puzzled("`show` takes `all` or nothing; a number or `open` goes to another item");
        }
        if matches!(self.model.front, Front::Difference(..)) && rest.is_empty() {
            return self.print_written();
        }
        if self.model.looking.as_ref().is_none_or(|l| l.open.is_none()) {
            return self.paper.say("no item is open");
        }
        self.print_item(rest == "all");
    }

    pub(super) fn run_command(&mut self, command: Command, rest: &str) {
        match command {
            Command::Approve | Command::Sign | Command::TakeOver => self.verdict(command, rest),
            Command::Undo | Command::Resend | Command::MarkSent | Command::GiveUp => {
                self.on_slip(command, rest);
            }
            Command::Open if rest.is_empty() => self.send(command, None, None),
            Command::Open => self.open_named(rest),
            Command::Next | Command::Previous | Command::First | Command::Last => self.go(command, rest),
            Command::Quit => self.quit(rest),
            Command::Find => {
                if rest.is_empty() {
                    self.send(command, None, None);
                    self.act(Action::Edit(EditKey::DeleteToStart));
                    self.act(Action::Enter);
                } else {
                    self.with_argument(command, rest);
                }
                self.told.wanted = Some(Wanted::Rows(1));
            }
            _ if !rest.is_empty() && command.argument().is_some() => self.with_argument(command, rest),
            _ if !rest.is_empty() => {
                self.puzzled(format!("`{}` takes nothing after it", spoken(command.name())));
            }
            Command::Edit | Command::Reply | Command::EditExternal | Command::ShowDifference => {
                self.begin_writing(command);
            }
            Command::Held => {
                self.send(command, None, None);
                self.told.wanted = Some(Wanted::Slips);
            }
            Command::Decisions => {
                self.send(command, None, None);
                self.told.wanted = Some(Wanted::Decisions);
            }
            Command::Me => {
                self.send(command, None, None);
                self.told.wanted = Some(Wanted::Me);
            }
            Command::AcceptNewDraft => {
                self.send(command, None, None);
                self.print_item(false);
            }
            Command::Packet => {
                let open = self.model.looking.as_ref().and_then(|l| l.open.clone());
                if let Some(open) = open {
                    page::packet(&mut self.paper, &self.model, &open);
                }
            }
            Command::Help => self.help(),
            // A written text is left for later, and with it the editor that lies under it.
            Command::Cancel if matches!(self.model.front, Front::Difference(..)) => {
                self.send(Command::Cancel, None, None);
                self.send(Command::Cancel, None, None);
            }
            Command::Discard => {
                self.send(Command::EditAgain, None, None);
                self.send(Command::Discard, None, None);
            }
            _ => self.send(command, None, None),
        }
    }

    /// A name and its argument, as the palette takes them.
    fn with_argument(&mut self, command: Command, rest: &str) {
        self.send(Command::Palette, None, None);
        self.act(Action::Paste(format!("{} {rest}", command.name())));
        self.act(Action::Enter);
        if matches!(self.model.front, Front::Menu(_)) && !self.seat.by_hand {
            self.puzzled(format!("`{rest}` is no answer to `{}`", spoken(command.name())));
        }
    }

    fn go(&mut self, command: Command, rest: &str) {
        let count = match rest {
            "" => None,
            _ => match rest.parse() {
                Ok(count) => Some(count),
                Err(_) => return self.puzzled(format!("`{}` takes a number", command.name())),
            },
        };
        let before = self.here();
        self.send(command, count, None);
        if self.here() == before {
            self.paper.say("that is this item; there is no further one there");
        }
    }

    fn here(&self) -> Option<ItemId> {
        self.model.looking.as_ref().map(|l| l.item.clone())
    }

    /// A verdict: on what was printed, in its own line, and from a script by its item's name.
    fn verdict(&mut self, command: Command, rest: &str) {
        let name = spoken(command.name());
        let Some(looking) = &self.model.looking else { return self.refuse("no item is open") };
        let item = looking.item.clone();
        if !rest.is_empty() && rest != item.as_str() {
            return self.refuse(format!("not taken: {item} is open; `open {rest}` goes there, if it waits"));
        }
        if rest.is_empty() && !self.seat.by_hand {
            return self.refuse(format!("not taken: a script names the item it means, `{name} {item}`"));
        }
        if let Some(open) = looking.open.clone()
            && open.seen() != self.shown.seen
        {
            self.print_change(&open);
            return self.refuse(format!(
                "not taken: this had changed since it was printed; read it, then `{name}` again"
            ));
        }
        let key = self.press(&name);
        self.send(command, None, Some(key));
        let begun = match command {
            Command::TakeOver => matches!(self.model.front, Front::Edit(_)),
            _ => matches!(self.model.front, Front::Menu(_)),
        };
        if !self.signed && !begun {
            let said = self.model.notice.as_ref().map_or("not signed", |n| n.text.as_str());
            let why = format!("{item}: {said}");
            let closed = self.model.log.closed.is_some();
            self.fail(if closed { Stop::LedgerClosed } else { Stop::Refused }, why);
        }
    }

    /// The press of a verdict's key that the line stands for. The waiting times are for hands, which slip and stick; a
    /// script's verdict is dated after them.
    fn press(&self, name: &str) -> KeyPress {
        let now = self.desk.now();
        let chord = format!("`{name}`");
        let at = if self.seat.by_hand {
            now
        } else {
            let last = self.model.careful.last.as_ref().map_or(Stamp(0), |(_, at)| at.plus(REPEAT));
            now.max(last).max(self.shown.at.plus(SETTLE))
        };
        KeyPress { chord, at, alone: true }
    }

    fn begin_writing(&mut self, command: Command) {
        if command == Command::EditExternal && !self.seat.by_hand {
            return self.refuse("an editor needs a terminal");
        }
        self.send(command, None, None);
        if self.model.front.edit().is_none() {
            let said = self.model.notice.as_ref().map_or("no text can be written here", |n| n.text.as_str());
            let said = said.to_owned();
            self.fail(Stop::Refused, said);
        }
    }

    /// A command on a reply by its number, or on the newest one.
    fn on_slip(&mut self, command: Command, rest: &str) {
        if rest.is_empty() && command == Command::Undo {
            self.send(command, None, None);
            return;
        }
        let decision = match (&self.told.listed, rest.parse::<usize>()) {
            (Listed::Slips(all), Ok(n)) => n.checked_sub(1).and_then(|n| all.get(n)).copied(),
            _ => None,
        };
        let Some(decision) = decision else {
            let name = spoken(command.name());
            return self.puzzled(format!("`{name}` takes the number of a line of `held`"));
        };
        let key = command.is_careful().then(|| self.press(&spoken(command.name())));
        self.walk_to_slip(decision, |this| this.send(command, None, key));
    }

    fn walk_to_slip(&mut self, decision: DecisionId, then: impl FnOnce(&mut Self)) {
        let Some(at) = self.model.tray.listed().iter().position(|s| s.decision == decision) else {
            return self.refuse("this reply is not held any more");
        };
        self.send(Command::Held, None, None);
        self.walk(at);
        then(self);
        self.leave_sheet();
    }

    /// Moves the mark of a list to a row.
    pub(super) fn walk(&mut self, row: usize) {
        self.send(Command::First, None, None);
        if let Ok(rows) = u32::try_from(row)
            && rows > 0
        {
            self.send(Command::Next, Some(rows), None);
        }
    }

    /// A list stands printed: nothing lies over the item.
    pub(super) fn leave_sheet(&mut self) {
        if matches!(self.model.front, Front::Sheet(_)) {
            self.send(Command::Cancel, None, None);
        }
    }

    fn open_number(&mut self, n: usize) {
        match self.told.listed.clone() {
            Listed::Rows(from, items) => match n.checked_sub(from).and_then(|n| items.get(n)) {
                Some(item) => self.open_item(item),
                None => self.puzzled("there is no line of that number; `list` prints them"),
            },
            Listed::Slips(all) => match n.checked_sub(1).and_then(|n| all.get(n)) {
                Some(decision) => {
                    self.walk_to_slip(*decision, |this| this.send(Command::Open, None, None));
                }
                None => self.puzzled("there is no line of that number; `held` prints them"),
            },
            Listed::Decisions(all) => {
                let decision = n.checked_sub(1).and_then(|n| all.get(n));
                let decided = self.model.decisions.as_deref().unwrap_or_default();
                match decision.and_then(|d| decided.iter().position(|p| p.decision == *d)) {
                    Some(at) => {
                        self.send(Command::Decisions, None, None);
                        self.walk(at);
                        self.send(Command::Open, None, None);
                    }
                    None => self.puzzled("there is no line of that number; `decisions` prints them"),
                }
            }
            Listed::Nothing => self.puzzled("`list` prints the queue with its numbers"),
        }
    }

    fn open_named(&mut self, rest: &str) {
        match (rest.parse::<usize>(), rest.parse::<ItemId>()) {
            (_, Ok(item)) if self.model.list.position(&item).is_some() => self.open_item(&item),
            (Ok(n), _) => self.open_number(n),
            (Err(_), _) => self.refuse("no such item waits here; `find` and `list` look for it"),
        }
    }

    fn open_item(&mut self, item: &ItemId) {
        if self.here().as_ref() == Some(item) {
            return self.print_item(false);
        }
        match self.model.list.position(item).and_then(|n| u32::try_from(n + 1).ok()) {
            Some(place) => self.send(Command::Last, Some(place), None),
            None => self.refuse("this item is not in the list any more; `list` prints it anew"),
        }
    }

    fn help(&mut self) {
        self.paper.say("a line is a command by its name or its unique beginning; a verdict is written out");
        for own in [Own::List, Own::Show] {
            self.paper.say(&format!("{}: {}", own.name(), own.what()));
        }
        let mode = self.model.mode();
        for group in Group::ALL {
            for command in words::commands(mode).iter().filter(|c| c.entry().group == group) {
                let argument = command.argument().map(|a| format!(" {a}")).unwrap_or_default();
                self.paper.say(&format!("{}{argument}: {}", spoken(command.name()), command.what()));
            }
        }
        if mode == Mode::Normal {
            self.paper.say("while a text is written");
            self.paper.quote(write::HELP);
        }
    }
}

/// Whether a line does more than look: such a line must come alone.
fn changes(said: &Said<'_>) -> bool {
    match said {
        Said::Nothing | Said::Number(_) | Said::Own(..) => false,
        Said::Command(command, rest) => match command.entry().group {
            Group::Move | Group::Look => false,
            Group::Program => *command == Command::Quit && !rest.is_empty(),
            Group::Decide | Group::Item | Group::Write => true,
        },
    }
}
