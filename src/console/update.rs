//! Decides: an input and the model in, effects out. `run` does, `view` shows.
//!
//! Pure: no store, terminal, file or clock is read. Invariant: a verdict is made only from what the last drawn frame
//! showed (P2), and a text leaves the model only after it went out as an effect (P9).

mod browse;
mod careful;
mod choose;
mod claims;
mod leave;
mod mouse;
mod news;
mod palette;
mod tray;
mod verdict;
mod write;

pub use palette::matches as palette_matches;

use super::command::{Command, Mode};
use super::message::{Action, Effect, Input, KeyPress, Outcome, Pane, Shown};
use super::model::{Front, Looking, Model, NOTICE, Notice, REST, SAVE_AFTER, Scroll, Tone};
use crate::review::{ItemId, Span, Stamp};
use uuid::Uuid;

/// Decides what follows from one input. The effects are to be done in order.
pub fn update(model: &mut Model, input: Input) -> Vec<Effect> {
    let Input { action, shown, now, fresh } = input;
    let mut step = Step { model, shown, now, fresh, effects: Vec::new() };
    step.begin(&action);
    step.act(action);
    step.end();
    step.effects
}

/// One run of `update`: the model, what came with the input, and the effects so far. The files of this room are
/// its methods, one subject each.
struct Step<'a> {
    model: &'a mut Model,
    shown: Shown,
    now: Stamp,
    fresh: Uuid,
    effects: Vec<Effect>,
}

impl Step<'_> {
    /// Takes in time and the last frame before anything is decided.
    fn begin(&mut self, action: &Action) {
        let model = &mut *self.model;
        let by_hand = !matches!(
            action,
            Action::Start | Action::Tick | Action::Outcome(_) | Action::Resize { .. } | Action::Focus(_)
        );
        let until_idle = Span::minutes(1).0 - model.now.since(model.last_key).0;
        let active = self.now.since(model.now).0.clamp(0, until_idle.max(0));
        if let Some(looking) = &mut model.looking {
            looking.active_ms += active;
        }
        model.now = self.now;
        if by_hand {
            model.last_key = self.now;
        }
        if model.notice.as_ref().is_some_and(|n| n.until <= self.now) {
            model.notice = None;
        }
        model.list.top = self.shown.list.top;
        self.take_in_frame();
    }

    /// Remembers what the last frame had on screen. Scrolling regions are pinned where they were drawn, so that
    /// what arrives does not move them.
    fn take_in_frame(&mut self) {
        let Some(looking) = &mut self.model.looking else { return };
        let Some(seen) = &self.shown.seen else { return };
        if looking.seen().as_ref() != Some(seen) {
            return;
        }
        looking.viewed.add(&self.shown);
        if looking.on_screen.as_ref().is_none_or(|(old, _)| old != seen) {
            looking.on_screen = Some((seen.clone(), self.shown.at));
        }
        looking.first_shown.get_or_insert(self.shown.at);
        let pin = |scroll: &mut Scroll, extent: super::message::Extent| {
            if *scroll == Scroll::Auto && extent.height > 0 {
                *scroll = Scroll::At(extent.top);
            }
        };
        pin(&mut looking.conversation, self.shown.conversation);
        match self.model.front {
            // The difference has a place of its own.
            Front::Difference(..) => {}
            // The view moved the text only as far as the caret needed.
            Front::Edit(_) => looking.draft = Scroll::At(self.shown.draft_lines.top),
            _ => pin(&mut looking.draft, self.shown.draft_lines),
        }
    }

    fn act(&mut self, action: Action) {
        match action {
            Action::Start => self.start(),
            Action::Outcome(outcome) => self.hear(outcome),
            Action::Tick => {}
            Action::Resize { columns, rows } => self.resize(columns, rows),
            Action::Focus(focused) => self.model.focused = focused,
            Action::Prefix { typed, follow } => {
                self.model.prefix = (!follow.is_empty()).then_some(super::model::Prefix { typed, follow });
            }
            Action::Unbound(chord) => {
                self.model.prefix = None;
                if self.model.mode() == Mode::Normal {
                    self.say(format!("{chord} does nothing here"));
                }
            }
            Action::Click(hit) => self.click(hit),
            Action::Wheel(hit, notches) => self.wheel(hit, notches),
            Action::Command { command, .. } if self.is_blind(command) => {}
            Action::Command { command, count, key } => self.command(command, count, key.as_ref()),
            Action::Type(c) => self.typed(c),
            Action::Edit(key) => self.edit_key(key),
            Action::Enter => self.enter(),
            Action::Paste(text) => self.paste(&text),
            Action::Rewrite(text) => self.rewrite(&text),
        }
    }

    /// What follows from the new state whatever led to it.
    fn end(&mut self) {
        self.look();
        self.save_when_due();
        self.model.tray.expire(self.now);
        self.rest_when_due();
        self.compare_when_wanted();
        self.load_more();
        self.open_wanted();
        self.leave_when_done();
    }

    fn start(&mut self) {
        self.load_list();
        self.effects.extend([Effect::LoadCounts, Effect::LoadHeld]);
    }

    fn resize(&mut self, columns: u16, rows: u16) {
        self.model.size = (columns, rows);
        if let Some(looking) = &mut self.model.looking {
            looking.conversation = Scroll::Auto;
            looking.draft = Scroll::Auto;
        }
    }

    /// Whether a command would act on what no screen shows: then only the ways out count.
    fn is_blind(&self, command: Command) -> bool {
        let way_out = matches!(command, Command::Quit | Command::Cancel | Command::Redraw | Command::Suspend);
        self.model.is_too_small() && !way_out
    }

    /// A command, in the mode it was given in.
    fn command(&mut self, command: Command, count: Option<u32>, key: Option<&KeyPress>) {
        self.model.prefix = None;
        match command {
            Command::Quit => return self.ask_to_leave(),
            Command::Suspend => {
                self.save_now();
                return self.effects.push(Effect::Suspend);
            }
            Command::Redraw => return self.effects.push(Effect::Redraw),
            _ => {}
        }
        match self.model.mode() {
            Mode::Normal => self.browse(command, count, key),
            Mode::Edit => self.write(command, key),
            Mode::Difference => self.difference(command, count, key),
            Mode::Menu | Mode::Confirm => self.menu(command, count),
            Mode::Prompt => self.prompt(command),
            Mode::Palette => self.palette(command, count),
            Mode::Help => self.help(command, count),
            Mode::Held => self.sheet(command, count, key),
        }
    }

    fn typed(&mut self, c: char) {
        match &mut self.model.front {
            Front::Edit(edit) => {
                edit.editor.type_char(c);
                self.touched();
            }
            Front::Menu(_) => self.menu_typed(c),
            Front::Prompt(prompt) => {
                prompt.line.type_char(c);
                self.prompt_changed();
            }
            Front::Palette(palette) => {
                palette.query.type_char(c);
                palette.cursor = 0;
            }
            Front::Browse | Front::Difference(..) | Front::Help(..) | Front::Sheet(_) => {}
        }
    }

    /// Pasted text is text: it never answers, chooses or decides.
    fn paste(&mut self, text: &str) {
        let one_line = || text.lines().collect::<Vec<_>>().join(" ");
        match &mut self.model.front {
            Front::Edit(edit) => {
                edit.editor.paste(text);
                self.touched();
            }
            Front::Prompt(prompt) => {
                prompt.line.paste(&one_line());
                self.prompt_changed();
            }
            Front::Palette(palette) => {
                palette.query.paste(&one_line());
                palette.cursor = 0;
            }
            _ => self.say("pasted text is not read as keys; e or r opens a text to paste into"),
        }
    }

    /// The text being written is another one now; one undo brings the former back.
    fn rewrite(&mut self, text: &str) {
        if let Front::Edit(edit) = &mut self.model.front {
            edit.editor.replace(text);
            self.touched();
        }
    }

    fn edit_key(&mut self, key: super::message::EditKey) {
        use super::message::EditKey;
        let (columns, rows) = (self.shown.editor_columns.max(1), self.shown.editor_rows.max(1));
        match &mut self.model.front {
            Front::Edit(edit) => {
                edit.editor.press(key, columns, rows);
                self.touched();
            }
            Front::Prompt(prompt) => {
                prompt.line.press(key, u16::MAX, 1);
                self.prompt_changed();
            }
            Front::Palette(palette) => {
                palette.query.press(key, u16::MAX, 1);
                palette.cursor = 0;
            }
            Front::Menu(menu) if key == EditKey::Backspace => {
                menu.filter.pop();
                menu.cursor = 0;
            }
            _ => {}
        }
    }

    /// Enter finishes a line or picks what is marked; in a text it is a line feed; it never decides.
    fn enter(&mut self) {
        match &mut self.model.front {
            Front::Edit(edit) => {
                edit.editor.type_char('\n');
                self.touched();
            }
            Front::Menu(_) => self.menu_accept(),
            Front::Prompt(_) => self.prompt_accept(),
            Front::Palette(_) => self.palette_accept(),
            Front::Sheet(_) => self.sheet_open(),
            Front::Browse | Front::Difference(..) | Front::Help(..) => {}
        }
    }

    /// Keeps `looking` at the selected row.
    fn look(&mut self) {
        // While a text is written its item stays on screen, whatever becomes of the list.
        if self.model.front.edit().is_some() {
            return;
        }
        let selected = self.model.list.selected().map(|l| l.row.id.clone());
        if self.model.looking.as_ref().map(|l| &l.item) == selected.as_ref() {
            return;
        }
        self.model.resting = selected.is_some().then_some(self.now);
        self.model.looking = selected.map(|item| {
            let mut looking = Looking::at(item);
            if let Some(open) = self.model.at_hand.iter().find(|o| o.item.id == looking.item) {
                looking.show(open.clone());
            }
            looking
        });
        // Where only one pane fits, the customer is read first.
        if self.model.size.0 < 80 && self.model.focus == Pane::Draft {
            self.model.focus = Pane::Conversation;
        }
    }

    /// Says something at the foot of the screen for a while.
    fn say(&mut self, text: impl Into<String>) {
        self.notice(text, Tone::Plain);
    }
    /// Says something that wants attention.
    fn warn(&mut self, text: impl Into<String>) {
        self.notice(text, Tone::Warn);
    }
    /// Says what went wrong.
    fn fail(&mut self, text: impl Into<String>) {
        self.notice(text, Tone::Bad);
    }
    fn notice(&mut self, text: impl Into<String>, tone: Tone) {
        self.model.notice = Some(Notice { text: text.into(), tone, until: self.now.plus(NOTICE) });
    }

    /// The best key of a command in the panes, for sentences.
    fn key(&self, command: Command) -> String {
        self.key_in(Mode::Normal, command)
    }
    fn key_in(&self, mode: Mode, command: Command) -> String {
        self.model.setup.keys.first(mode, command).map_or_else(|| format!(":{command}"), str::to_owned)
    }

    /// The customer's name of an item, as far as it is known here.
    fn customer(&self, item: &ItemId) -> Option<String> {
        let looking = self.model.looking.as_ref().filter(|l| l.item == *item);
        self.model
            .list
            .row(item)
            .or_else(|| looking.and_then(|l| l.open.as_deref()).map(|o| &o.row))
            .and_then(|r| r.customer.clone())
    }

    fn save_when_due(&mut self) {
        let due = |since: Stamp| since.plus(SAVE_AFTER) <= self.now;
        if self.model.front.edit().and_then(|e| e.unsaved).is_some_and(due) {
            self.save_now();
        }
    }

    fn rest_when_due(&mut self) {
        if self.model.resting.is_some_and(|since| since.plus(REST) <= self.now) {
            self.model.resting = None;
            self.settle_claims();
        }
    }

    fn hear(&mut self, outcome: Outcome) {
        self.news(outcome);
    }
}
