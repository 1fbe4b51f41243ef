//! Choosing: menus, questions, one-line prompts, the palette and the help.

use super::super::command::{Command, Mode};
use super::super::message::Effect;
use super::super::model::{Act, ActKind, Choice, Fate, Front, Menu, Pick, Prompt, PromptKind};
use super::Step;
use crate::review::{AiError, CloseReason, Emotion, ItemId, Reporter, Routing, SendBackReason, Span, Stamp};

/// Where a cursor or a scrolled top goes by a command. `text` scrolls, else rows are walked.
pub(super) fn moved(
    command: Command,
    count: Option<u32>,
    at: usize,
    height: usize,
    all: usize,
    text: bool,
) -> usize {
    let n = usize::try_from(count.unwrap_or(1).max(1)).unwrap_or(1);
    let last = if text { all.saturating_sub(height) } else { all.saturating_sub(1) };
    let page = height.saturating_sub(1).max(1);
    let to = match command {
        Command::Next | Command::NextMatch => at.saturating_add(n),
        Command::Previous | Command::PreviousMatch => at.saturating_sub(n),
        Command::First => 0,
        Command::Last => last,
        Command::PageDown => at + page,
        Command::PageUp => at.saturating_sub(page),
        Command::HalfPageDown => at + (height / 2).max(1),
        Command::HalfPageUp => at.saturating_sub((height / 2).max(1)),
        _ => at,
    };
    to.min(last)
}

fn choice(label: impl Into<String>, detail: impl Into<String>, pick: Pick) -> Choice {
    Choice { label: label.into(), detail: detail.into(), pick }
}

/// A word of the log as a person writes it.
fn plain(word: &str) -> String {
    word.replace('_', " ")
}

impl Step<'_> {
    fn menu_of(&mut self, title: &str, choices: Vec<Choice>) {
        self.model.front = Front::Menu(Box::new(Menu::choice(title, choices)));
    }

    fn can_act(&mut self) -> Option<ItemId> {
        let Some(item) = self.here() else {
            self.say("no item is selected");
            return None;
        };
        if let Some(holder) = self.model.held_by_other(&item).map(str::to_owned) {
            let key = self.key(Command::ForceClaim);
            self.warn(format!("{holder} holds this item; ask them, or {key} takes the claim"));
            return None;
        }
        Some(item)
    }

    pub(super) fn ask_close(&mut self) {
        if self.can_act().is_none() {
            return;
        }
        let detail = |r: CloseReason| match r {
            CloseReason::Thanks => "the customer only said thanks",
            CloseReason::Spam => "unwanted",
            CloseReason::Duplicate => "another item covers it",
            CloseReason::AutoReply => "a machine answered",
            CloseReason::Solved => "solved otherwise",
            CloseReason::Other => "anything else",
        };
        let choices = CloseReason::ALL.map(|r| choice(plain(r.as_str()), detail(r), Pick::Close(r))).to_vec();
        self.menu_of("Close without a reply", choices);
    }

    pub(super) fn ask_snooze(&mut self) {
        if self.can_act().is_none() {
            return;
        }
        let (now, zone) = (self.now, self.model.setup.zone.clone());
        let after = |span: Span, label: &str| {
            let until = now.plus(span);
            choice(label, clock(until, &zone), Pick::Snooze(until))
        };
        let mut choices = vec![
            after(Span::minutes(15), "15 minutes"),
            after(Span::hours(1), "1 hour"),
            after(Span::hours(4), "4 hours"),
        ];
        if let Some(until) = tomorrow_at_nine(now, &zone) {
            choices.push(choice("tomorrow", clock(until, &zone), Pick::Snooze(until)));
        }
        self.menu_of("Snooze until", choices);
    }

    pub(super) fn ask_emotion(&mut self) {
        let Some(open) = self.open() else { return };
        let Some(message) = open
            .reading()
            .map(|r| r.message.clone())
            .or_else(|| open.item.conversation.last_customer_message().map(|m| m.id.clone()))
        else {
            return;
        };
        let now = open.reading().map(|r| r.emotion);
        let choices = Emotion::ALL
            .map(|e| {
                let detail = if now == Some(e) { "as it is read now" } else { "" };
                choice(e.as_str(), detail, Pick::Correct(message.clone(), e))
            })
            .to_vec();
        self.menu_of("The customer feels", choices);
    }

    pub(super) fn ask_send_back(&mut self) {
        let Some(open) = self.open() else { return };
        if self.can_act().is_none() {
            return;
        }
        if !open.ai_may_speak() {
            return self.say("there is no draft to send back");
        }
        let choices = SendBackReason::ALL.map(|r| choice(plain(r.as_str()), "", Pick::SendBack(r))).to_vec();
        self.menu_of("Ask the AI for another draft, because of", choices);
    }

    pub(super) fn ask_report(&mut self) {
        if self.here().is_none() {
            return;
        }
        let choices = AiError::ALL.map(|e| choice(plain(e.as_str()), "", Pick::Report(e))).to_vec();
        self.menu_of("The AI's error", choices);
    }

    pub(super) fn ask_theme(&mut self) {
        let now = self.model.setup.theme.clone();
        let choices = self
            .model
            .setup
            .themes
            .iter()
            .map(|t| choice(t, if *t == now { "in use" } else { "" }, Pick::Theme(t.clone())))
            .collect();
        self.menu_of("Colours", choices);
    }

    /// A command in a menu or a question.
    pub(super) fn menu(&mut self, command: Command, count: Option<u32>) {
        match command {
            Command::Cancel => self.menu_cancel(),
            Command::Accept | Command::Open => self.menu_accept(),
            _ => {
                let height = self.shown.overlay.height;
                if let Front::Menu(menu) = &mut self.model.front {
                    let all = menu.matching().count();
                    menu.cursor = moved(command, count, menu.cursor, height.max(2), all, false);
                }
            }
        }
    }

    /// A digit chooses (0 the tenth), another character narrows a plain choice down.
    pub(super) fn menu_typed(&mut self, c: char) {
        let Front::Menu(menu) = &mut self.model.front else { return };
        if let Some(digit) = c.to_digit(10).and_then(|d| usize::try_from(d).ok()) {
            let number = if digit == 0 { 10 } else { digit };
            if let Some(pick) = menu.choices.get(number - 1).map(|c| c.pick.clone()) {
                self.picked(pick);
            }
        } else if !menu.question {
            menu.filter.push(c);
            menu.cursor = 0;
            if menu.matching().next().is_none() {
                menu.filter.pop();
            }
        }
    }

    /// Enter: what is marked; in a question only the way back.
    pub(super) fn menu_accept(&mut self) {
        let Front::Menu(menu) = &self.model.front else { return };
        let Some(pick) = menu.matching().nth(menu.cursor).map(|(_, c)| c.pick.clone()) else { return };
        if menu.question && pick != Pick::Cancel {
            return self.say("a question is answered by its number");
        }
        self.picked(pick);
    }

    fn menu_cancel(&mut self) {
        if let Front::Menu(menu) = std::mem::take(&mut self.model.front) {
            self.model.front = *menu.over;
        }
    }

    fn picked(&mut self, pick: Pick) {
        self.menu_cancel();
        let here = self.here();
        match (pick, here) {
            (Pick::Close(reason), Some(item)) => {
                self.put_away(&item, Routing::Close { reason }, ActKind::Close, Fate::Closed);
                self.say(format!("closed: {}", plain(reason.as_str())));
            }
            (Pick::Snooze(until), Some(item)) => {
                let at = clock(until, &self.model.setup.zone);
                self.put_away(&item, Routing::Snooze { until }, ActKind::Snooze, Fate::Snoozed);
                self.say(format!("snoozed until {at}"));
            }
            (Pick::Correct(message, emotion), Some(item)) => {
                self.effects.push(Effect::Route { item, act: Routing::Correct { message, emotion } });
            }
            (Pick::Report(error), Some(item)) => {
                let decision = self
                    .model
                    .looking
                    .as_ref()
                    .and_then(|l| l.open.as_deref())
                    .and_then(|o| o.past.first())
                    .map(|p| p.decision);
                self.effects.push(Effect::Route {
                    item,
                    act: Routing::Report { error, decision, by: Reporter::Agent },
                });
            }
            (Pick::SendBack(reason), Some(item)) => {
                self.effects.push(Effect::Route { item, act: Routing::SendBack { reason } });
            }
            (Pick::Theme(name), _) => {
                self.model.setup.theme.clone_from(&name);
                self.effects.push(Effect::UseTheme(name));
            }
            (Pick::ApproveAnyway(overridden), _) => self.approve_anyway(overridden),
            (Pick::Resolve(decision, word), _) => self.effects.push(Effect::Resolve { decision, word }),
            (Pick::Discard { item, own_words }, _) => self.discard(&item, own_words),
            (Pick::Quit(how), _) => self.leave(how),
            // Cancelled, or the item is gone meanwhile.
            (_, _) => {}
        }
    }

    /// The item leaves the queue without a verdict; `undo` brings it back.
    fn put_away(&mut self, item: &ItemId, act: Routing, kind: ActKind, fate: Fate) {
        let customer = self.customer(item);
        self.model.tray.acts.push(Act { item: item.clone(), customer, kind, at: self.now });
        self.model.claims.retain(|l| l.item != *item);
        self.model.at_hand.retain(|o| o.item.id != *item);
        self.effects.push(Effect::Route { item: item.clone(), act });
        self.depart(item, fate);
    }

    /// The item waits for a colleague: it stays in the list and says for whom.
    fn give(&mut self, item: &ItemId, to: String, note: String) {
        if let Some(at) = self.model.list.position(item) {
            self.model.list.lines[at].row.assigned = Some(to.clone());
        }
        self.say(format!("given to {to}"));
        self.put_away(item, Routing::Transfer { to, note }, ActKind::Transfer, Fate::Waiting);
    }

    /// A command in a one-line prompt.
    pub(super) fn prompt(&mut self, command: Command) {
        match command {
            Command::Accept => self.prompt_accept(),
            Command::Cancel => {
                if let Front::Prompt(prompt) = std::mem::take(&mut self.model.front)
                    && let PromptKind::Find { before } = prompt.kind
                    && before != self.model.list.filter
                {
                    self.model.list.filter = before;
                    self.load_list();
                }
            }
            _ => {}
        }
    }

    /// The list follows what is typed after `find`.
    pub(super) fn prompt_changed(&mut self) {
        if let Front::Prompt(prompt) = &self.model.front
            && matches!(prompt.kind, PromptKind::Find { .. })
        {
            let words = prompt.line.text();
            if words != self.model.list.filter {
                self.model.list.filter = words;
                self.model.list.cursor = 0;
                self.load_list();
            }
        }
    }

    pub(super) fn prompt_accept(&mut self) {
        let Front::Prompt(prompt) = std::mem::take(&mut self.model.front) else { return };
        let Prompt { kind, line } = *prompt;
        let text = line.text().trim().to_owned();
        match kind {
            PromptKind::Find { .. } => {}
            _ if text.is_empty() && !matches!(kind, PromptKind::TransferNote(..)) => {}
            PromptKind::Note(item) => {
                self.effects.push(Effect::Route { item, act: Routing::Note { text } });
            }
            PromptKind::TransferTo(item) => {
                let kind = PromptKind::TransferNote(item, text);
                let line = super::super::editor::Editor::default();
                self.model.front = Front::Prompt(Box::new(Prompt { kind, line }));
            }
            PromptKind::TransferNote(item, to) => {
                self.give(&item, to, text);
            }
        }
    }

    /// A command in the palette.
    pub(super) fn palette(&mut self, command: Command, count: Option<u32>) {
        match command {
            Command::Accept | Command::Open => self.palette_accept(),
            Command::Cancel => self.model.front = Front::Browse,
            _ => {
                let height = self.shown.overlay.height.max(2);
                if let Front::Palette(palette) = &mut self.model.front {
                    let all = super::palette::matches(&palette.query.text(), &self.model.setup.keys).len();
                    palette.cursor = moved(command, count, palette.cursor, height, all, false);
                }
            }
        }
    }

    /// Runs what is marked, or what was typed whole with its argument. Verdicts keep to their keys.
    pub(super) fn palette_accept(&mut self) {
        let Front::Palette(palette) = std::mem::take(&mut self.model.front) else { return };
        let query = palette.query.text();
        if let Ok((command, rest)) = Command::parse_line(&query)
            && !rest.is_empty()
            && self.with_argument(command, rest)
        {
            return;
        }
        let found = super::palette::matches(&query, &self.model.setup.keys);
        match found.get(palette.cursor) {
            Some(command) => self.command(*command, None, None),
            None => self.say("no command has that name"),
        }
    }

    /// A command whose argument was typed after its name. False if the words mean nothing to it.
    fn with_argument(&mut self, command: Command, rest: &str) -> bool {
        let named = |c: &Choice| c.label == plain(&rest.to_lowercase());
        match command {
            Command::Find => {
                rest.clone_into(&mut self.model.list.filter);
                self.model.list.cursor = 0;
                self.load_list();
                true
            }
            Command::Note | Command::Transfer => {
                let Some(item) = self.can_act() else { return true };
                if command == Command::Note {
                    let text = rest.to_owned();
                    self.effects.push(Effect::Route { item, act: Routing::Note { text } });
                } else {
                    let (to, note) = rest.split_once(' ').unwrap_or((rest, ""));
                    self.give(&item, to.to_owned(), note.trim().to_owned());
                }
                true
            }
            _ => {
                self.browse(command, None, None);
                let Front::Menu(menu) = &self.model.front else { return true };
                match menu.choices.iter().find(|c| named(c)).map(|c| c.pick.clone()) {
                    Some(pick) => self.picked(pick),
                    None => self.menu_filter(rest),
                }
                true
            }
        }
    }

    fn menu_filter(&mut self, words: &str) {
        if let Front::Menu(menu) = &mut self.model.front {
            words.clone_into(&mut menu.filter);
            if menu.matching().next().is_none() {
                menu.filter.clear();
            }
        }
    }

    /// A command in the help.
    pub(super) fn help(&mut self, command: Command, count: Option<u32>) {
        let extent = self.shown.overlay;
        match (&mut self.model.front, command) {
            (Front::Help(_, over), Command::Cancel | Command::Help) => {
                self.model.front = std::mem::take(&mut **over);
            }
            (Front::Help(top, _), _) => {
                *top = moved(command, count, *top, extent.height, extent.lines, true);
            }
            _ => {}
        }
        debug_assert!(self.model.mode() != Mode::Palette);
    }
}

/// Hour and minute, with the day where it is not today's sort of time.
fn clock(at: Stamp, zone: &jiff::tz::TimeZone) -> String {
    jiff::Timestamp::from_millisecond(at.0).map_or_else(
        |_| String::new(),
        |t| {
            let t = t.to_zoned(zone.clone());
            format!("{:02}:{:02}", t.hour(), t.minute())
        },
    )
}

fn tomorrow_at_nine(now: Stamp, zone: &jiff::tz::TimeZone) -> Option<Stamp> {
    let today = jiff::Timestamp::from_millisecond(now.0).ok()?.to_zoned(zone.clone()).date();
    let nine = today.tomorrow().ok()?.at(9, 0, 0, 0).to_zoned(zone.clone()).ok()?;
    Some(Stamp(nine.timestamp().as_millisecond()))
}
