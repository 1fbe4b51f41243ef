//! Putting words on cells, by role. The only file here that touches cells, but for the last sweep.

use super::super::theme::{Role, Theme};
use crate::visible;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// A buffer with the looks for it.
pub(crate) struct Canvas<'a> {
    pub(crate) buffer: &'a mut Buffer,
    theme: &'a Theme,
    pub(crate) area: Rect,
}

impl<'a> Canvas<'a> {
    pub(crate) fn new(buffer: &'a mut Buffer, theme: &'a Theme, area: Rect) -> Self {
        Self { buffer, theme, area }
    }

    /// Writes safe text from `x` up to `until`, cut with `…` where it is longer. The column after it.
    pub(crate) fn put(&mut self, x: u16, y: u16, until: u16, text: &str, role: Role) -> u16 {
        self.put_over(x, y, until, text, role, None)
    }

    /// The same with a second role laid over the first, as for evidence.
    pub(crate) fn put_over(
        &mut self,
        x: u16,
        y: u16,
        until: u16,
        text: &str,
        role: Role,
        over: Option<Role>,
    ) -> u16 {
        let until = until.min(self.area.right());
        if x >= until || y >= self.area.bottom() || y < self.area.y {
            return x;
        }
        let room = usize::from(until - x);
        let text = visible::clip(text, room);
        let mut style = self.theme.style(role);
        if let Some(over) = over {
            style = style.patch(self.theme.style(over));
        }
        let mut at = x;
        // By the same cells by which the text was wrapped and clipped.
        for cell in visible::cells(&text).filter(|c| c.width > 0) {
            let wide = u16::try_from(cell.width).unwrap_or(1);
            if at + wide > until {
                break;
            }
            self.buffer[(at, y)].set_symbol(&text[cell.range]).set_style(style);
            for behind in at + 1..at + wide {
                let ground = self.buffer[(behind, y)].bg;
                self.buffer[(behind, y)].reset();
                self.buffer[(behind, y)].set_style(style).set_bg(ground);
            }
            at += wide;
        }
        at
    }

    /// Foreign text on one line, made safe first.
    pub(crate) fn put_foreign(&mut self, x: u16, y: u16, until: u16, text: &str, role: Role) -> u16 {
        self.put(x, y, until, &visible::line(text), role)
    }

    /// Several parts one after the other.
    pub(crate) fn parts(&mut self, mut x: u16, y: u16, until: u16, parts: &[(&str, Role)]) -> u16 {
        for (text, role) in parts {
            x = self.put(x, y, until, text, *role);
        }
        x
    }

    /// Parts that end at column `right`, not beginning before `from`; dropped whole from the front if there is no room.
    pub(crate) fn right(&mut self, from: u16, right: u16, y: u16, parts: &[(&str, Role)]) -> u16 {
        let room = usize::from(right.saturating_sub(from));
        let mut rest = parts;
        while !rest.is_empty() && width_of(rest) > room {
            rest = &rest[1..];
        }
        let width = u16::try_from(width_of(rest)).unwrap_or(u16::MAX);
        let x = right.saturating_sub(width);
        self.parts(x, y, right, rest);
        x
    }

    /// Lays a role over cells that are written or will be.
    pub(crate) fn ground(&mut self, area: Rect, role: Role) {
        self.buffer.set_style(area.intersection(self.area), self.theme.style(role));
    }

    /// A thin line across.
    pub(crate) fn rule(&mut self, from: u16, to: u16, y: u16) {
        let style = self.theme.style(Role::Rule);
        for x in from..to.min(self.area.right()) {
            self.buffer[(x, y)].set_symbol("─").set_style(style);
        }
    }

    /// A thin line down.
    pub(crate) fn vertical_rule(&mut self, x: u16, from: u16, to: u16) {
        let style = self.theme.style(Role::Rule);
        for y in from..to.min(self.area.bottom()) {
            self.buffer[(x, y)].set_symbol("│").set_style(style);
        }
    }

    /// The headline of a region on its rule: a word, and quieter ones after it.
    pub(crate) fn title(&mut self, area: Rect, word: &str, extra: &[(&str, Role)]) {
        let x = self.put(area.x, area.y, area.right(), &format!(" {word} "), Role::Title);
        if width_of(extra) == 0 || x >= area.right() {
            return;
        }
        let end = self.parts(x, area.y, area.right().saturating_sub(1), extra);
        self.put(end, area.y, area.right(), " ", Role::Quiet);
    }

    /// Empty ground for something that lies over the rest.
    pub(crate) fn clear(&mut self, area: Rect) {
        let area = area.intersection(self.area);
        for y in area.top()..area.bottom() {
            // A wide character that begins just left of the area would show its other half in it.
            if area.x > self.area.x {
                let left = &mut self.buffer[(area.x - 1, y)];
                if visible::width(left.symbol()) > 1 {
                    left.set_symbol(" ");
                }
            }
            for x in area.left()..area.right() {
                self.buffer[(x, y)].reset();
            }
        }
        self.buffer.set_style(area, self.theme.ground());
        self.buffer.set_style(area, self.theme.style(Role::Popup));
    }
}

/// Cells that parts take.
pub(crate) fn width_of(parts: &[(&str, Role)]) -> usize {
    parts.iter().map(|(text, _)| visible::width(text)).sum()
}
