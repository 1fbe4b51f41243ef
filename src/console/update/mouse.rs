//! The mouse, once it is switched on. One rule: a click marks what it hits, and on what is marked it is Enter; on the words
//! of a command it gives that command, as the palette does. So no click ever signs anything.

use super::super::command::Command;
use super::super::message::{EditKey, Hit, Pane};
use super::super::model::{Front, Sheet};
use super::Step;

/// How many lines a notch of the wheel scrolls a text; a list goes on by one.
const LINES: isize = 3;

impl Step<'_> {
    /// The left button.
    pub(super) fn click(&mut self, hit: Hit) {
        match hit {
            Hit::Command(command) => self.command(command, None, None),
            Hit::Row(n) => self.click_row(self.model.list.top + n),
            Hit::Pane(pane) => self.model.focus = pane,
            Hit::Choice(n) => {
                if self.marked() == Some(n) {
                    self.enter();
                } else {
                    self.mark(n);
                }
            }
            Hit::Over => {}
        }
    }

    fn click_row(&mut self, n: usize) {
        if !matches!(self.model.front, Front::Browse) {
            let key = self.key_in(self.model.mode(), Command::Cancel);
            self.say(format!("a text is being written; {key} leaves it, then rows can be clicked"));
        } else if self.model.list.cursor == n {
            self.open_here();
        } else {
            self.go_to(n);
        }
    }

    /// Which choice over the panes is marked.
    fn marked(&self) -> Option<usize> {
        match &self.model.front {
            Front::Menu(menu) => Some(menu.cursor),
            Front::Palette(palette) => Some(palette.cursor),
            Front::Sheet(Sheet::Held(n) | Sheet::Decisions(n)) => Some(*n),
            _ => None,
        }
    }

    fn mark(&mut self, to: usize) {
        match &mut self.model.front {
            Front::Menu(menu) => menu.cursor = to,
            Front::Palette(palette) => palette.cursor = to,
            Front::Sheet(Sheet::Held(n) | Sheet::Decisions(n)) => *n = to,
            _ => {}
        }
    }

    /// The wheel: what lies under it goes on or back.
    pub(super) fn wheel(&mut self, hit: Hit, notches: isize) {
        let lines = notches.saturating_mul(LINES);
        match (hit, &self.model.front) {
            (Hit::Row(_) | Hit::Pane(Pane::Queue), Front::Browse) => self.scroll(Pane::Queue, notches),
            (Hit::Command(_) | Hit::Row(_) | Hit::Pane(Pane::Queue), _) => {}
            (Hit::Pane(Pane::Draft), Front::Edit(_)) => {
                let key = if notches < 0 { EditKey::Up } else { EditKey::Down };
                for _ in 0..lines.unsigned_abs() {
                    self.edit_key(key);
                }
            }
            (Hit::Pane(Pane::Draft), Front::Difference(..)) | (Hit::Over, Front::Help(..)) => {
                self.go_on(lines);
            }
            (Hit::Pane(pane), _) => self.scroll(pane, lines),
            (Hit::Choice(_) | Hit::Over, _) => self.go_on(notches),
        }
    }

    /// As the keys do that go on and back.
    fn go_on(&mut self, by: isize) {
        let command = if by < 0 { Command::Previous } else { Command::Next };
        self.command(command, u32::try_from(by.unsigned_abs()).ok(), None);
    }
}
