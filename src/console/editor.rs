//! A text being written: keys and paste in, text and caret out. The only file that names `ratatui-textarea`.
//!
//! The crate keeps the text and its history; what is drawn goes through `visible` like all foreign text, because a
//! draft under edit may hold anything. Invariant: the caret stands on a grapheme boundary of [`Editor::text`], and a
//! text that was not touched comes out byte for byte as it went in.

use super::message::EditKey;
use crate::visible;
use ratatui_textarea::{CursorMove, DataCursor, TextArea};
use std::ops::Range;
use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

/// Steps that can be undone.
const HISTORY: usize = 10_000;

/// What kind of change a group of the history is; a run of typed letters is undone as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Run {
    Word,
    Space,
    Other,
}

/// A text being written.
#[derive(Clone, Debug)]
pub struct Editor {
    area: TextArea<'static>,
    /// How many of the crate's edits belong together, oldest first; those above `done` can be redone.
    groups: Vec<(Run, usize)>,
    done: usize,
    /// The next letter begins a new group.
    closed: bool,
    /// The screen column that moving up and down aims at.
    goal: Option<usize>,
}

impl Default for Editor {
    fn default() -> Self {
        Self::new("", 0)
    }
}

/// Where the caret stands among wrapped lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// The shown text, line by line.
    pub text: String,
    /// Wrapped lines over it.
    pub lines: Vec<visible::Line>,
    /// Line of the caret.
    pub row: usize,
    /// Cell of the caret in that line.
    pub column: usize,
}

impl Editor {
    /// An editor on `text` with the caret at a byte offset (moved back to the next boundary if need be).
    pub fn new(text: &str, caret: usize) -> Self {
        let mut area = TextArea::new(text.split('\n').map(str::to_owned).collect());
        area.set_max_histories(HISTORY);
        let mut editor = Self { area, groups: Vec::new(), done: 0, closed: true, goal: None };
        editor.set_caret(boundary_before(text, caret));
        editor
    }

    /// The text.
    pub fn text(&self) -> String {
        self.area.lines().join("\n")
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.area.is_empty()
    }

    /// Byte offset of the caret in [`Self::text`].
    pub fn caret(&self) -> usize {
        let DataCursor(row, column) = self.area.cursor();
        let lines = self.area.lines();
        let before: usize = lines.iter().take(row).map(|l| l.len() + 1).sum();
        let within =
            lines.get(row).map_or(0, |l| l.char_indices().nth(column).map_or(l.len(), |(offset, _)| offset));
        before + within
    }

    /// Writes one character; a line feed begins a line.
    pub fn type_char(&mut self, c: char) {
        let run = match c {
            '\n' | '\r' => Run::Other,
            c if c.is_whitespace() => Run::Space,
            _ => Run::Word,
        };
        self.area.insert_char(c);
        self.changed(run);
        self.align();
    }

    /// Writes `text` at the caret, line ends made one kind.
    pub fn paste(&mut self, text: &str) {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        if self.area.insert_str(&text) {
            self.changed(Run::Other);
        }
        self.closed = true;
        self.align();
    }

    /// Puts `text` in place of everything; one undo brings the old text back.
    pub fn replace(&mut self, text: &str) {
        let old = self.text();
        if old == text {
            return;
        }
        self.set_caret(0);
        let mut edits = usize::from(self.area.delete_str(old.chars().count()));
        edits += usize::from(self.area.insert_str(text));
        self.groups.truncate(self.done);
        self.groups.push((Run::Other, edits));
        self.done += 1;
        self.closed = true;
        self.goal = None;
        self.set_caret(0);
    }

    /// Moves or deletes. `columns` and `rows` are the room the text is drawn in; up and down go by drawn lines.
    pub fn press(&mut self, key: EditKey, columns: u16, rows: u16) {
        let (text, caret) = (self.text(), self.caret());
        let keeps_goal = matches!(key, EditKey::Up | EditKey::Down | EditKey::PageUp | EditKey::PageDown);
        if !keeps_goal {
            self.goal = None;
        }
        let page = isize::try_from(rows.max(2) - 1).unwrap_or(1);
        match key {
            EditKey::Left => self.go(grapheme_before(&text, caret)),
            EditKey::Right => self.go(grapheme_after(&text, caret)),
            EditKey::WordLeft => self.go(word_before(&text, caret)),
            EditKey::WordRight => self.go(word_after(&text, caret)),
            EditKey::LineStart => self.go(line_of(&text, caret).start),
            EditKey::LineEnd => self.go(line_of(&text, caret).end),
            EditKey::TextStart => self.go(0),
            EditKey::TextEnd => self.go(text.len()),
            EditKey::Up => self.go_lines(-1, columns),
            EditKey::Down => self.go_lines(1, columns),
            EditKey::PageUp => self.go_lines(-page, columns),
            EditKey::PageDown => self.go_lines(page, columns),
            EditKey::Backspace => self.delete(&text, grapheme_before(&text, caret)..caret),
            EditKey::Delete => self.delete(&text, caret..grapheme_after(&text, caret)),
            EditKey::DeleteWordLeft => self.delete(&text, word_before(&text, caret)..caret),
            EditKey::DeleteWordRight => self.delete(&text, caret..word_after(&text, caret)),
            EditKey::DeleteToStart => self.delete(&text, line_of(&text, caret).start..caret),
            EditKey::DeleteToEnd => self.delete(&text, caret..line_of(&text, caret).end),
            EditKey::Undo => self.undo(),
            EditKey::Redo => self.redo(),
        }
    }

    /// The text as it is drawn in `columns` cells, with the caret in it.
    pub fn laid_out(&self, columns: u16) -> Laid {
        let (text, caret) = (self.text(), self.caret());
        let shown = visible::text(&text);
        let lines = visible::wrap(shown.as_str(), usize::from(columns.max(1)));
        let at = shown.shown_range(caret..caret).start;
        let row = lines.iter().rposition(|l| l.range.start <= at).unwrap_or(0);
        let column = lines.get(row).map_or(0, |l| {
            let end = at.min(l.range.end).max(l.range.start);
            visible::width(&shown.as_str()[l.range.start..end])
        });
        Laid { row, column, lines, text: shown.as_str().to_owned() }
    }

    fn go(&mut self, caret: usize) {
        self.closed = true;
        self.set_caret(caret);
    }

    fn go_lines(&mut self, by: isize, columns: u16) {
        let laid = self.laid_out(columns);
        let goal = *self.goal.get_or_insert(laid.column);
        let last = laid.lines.len().saturating_sub(1);
        let target = laid.row.saturating_add_signed(by).min(last);
        let edge = if target == laid.row { Some(by > 0) } else { None };
        let text = self.text();
        let shown = visible::text(&text);
        let caret = match (edge, laid.lines.get(target)) {
            // On the first or last line up and down go to its very end, as editors do.
            (Some(true), _) | (None, None) => text.len(),
            (Some(false), _) => 0,
            (None, Some(line)) => {
                let row = &laid.text[line.range.clone()];
                let mut offset = line.range.start;
                let mut cells = 0;
                for grapheme in row.graphemes(true) {
                    let width = visible::width(grapheme);
                    if cells + width > goal {
                        break;
                    }
                    cells += width;
                    offset += grapheme.len();
                }
                // The end of a line that wraps on is the start of the next one: stay on this one.
                let next = laid.lines.get(target + 1).map(|n| n.range.start);
                if next == Some(offset) && offset > line.range.start {
                    offset -= row.graphemes(true).next_back().map_or(0, str::len);
                }
                boundary_before(&text, shown.original_at(offset))
            }
        };
        self.go(caret);
    }

    fn delete(&mut self, text: &str, part: Range<usize>) {
        if part.is_empty() {
            return;
        }
        self.set_caret(part.start);
        if self.area.delete_str(text[part].chars().count()) {
            self.changed(Run::Other);
        }
        self.closed = true;
        self.align();
    }

    /// Books one edit of the crate.
    fn changed(&mut self, run: Run) {
        self.goal = None;
        self.groups.truncate(self.done);
        // A word and the space after it are one group; the next word begins another.
        let joins = !self.closed
            && matches!(
                (self.groups.last(), run),
                (Some((Run::Word, _)), Run::Word | Run::Space) | (Some((Run::Space, _)), Run::Space)
            );
        match self.groups.last_mut() {
            Some(group) if joins => *group = (run, group.1 + 1),
            _ => {
                self.groups.push((run, 1));
                self.done += 1;
            }
        }
        self.closed = run == Run::Other;
    }

    fn undo(&mut self) {
        let Some((_, edits)) = self.done.checked_sub(1).and_then(|n| self.groups.get(n)).copied() else {
            return;
        };
        for _ in 0..edits {
            self.area.undo();
        }
        self.done -= 1;
        self.closed = true;
    }

    fn redo(&mut self) {
        let Some((_, edits)) = self.groups.get(self.done).copied() else { return };
        for _ in 0..edits {
            self.area.redo();
        }
        self.done += 1;
        self.closed = true;
    }

    /// The caret may have come to stand inside a grapheme, as when a letter is typed before an accent: it goes on to
    /// the end of it, so that what is typed next stands behind what was typed before.
    fn align(&mut self) {
        let (text, caret) = (self.text(), self.caret());
        if boundary_before(&text, caret) != caret {
            self.set_caret(grapheme_after(&text, caret));
        }
    }

    fn set_caret(&mut self, caret: usize) {
        let mut row = 0;
        let mut rest = caret;
        for line in self.area.lines() {
            if rest <= line.len() {
                break;
            }
            rest -= line.len() + 1;
            row += 1;
        }
        let column = self.area.lines().get(row).map_or(0, |l| l[..rest.min(l.len())].chars().count());
        let small = |n: usize| u16::try_from(n).unwrap_or(u16::MAX);
        self.area.move_cursor(CursorMove::Jump(small(row), small(column)));
        // Jump counts in u16: the rest of an enormous text is walked.
        while self.area.cursor().0 < row {
            self.area.move_cursor(CursorMove::Down);
        }
        let here = self.area.cursor().1;
        for _ in here..column {
            self.area.move_cursor(CursorMove::Forward);
        }
    }
}

/// The grapheme boundary at or before a byte offset.
fn boundary_before(text: &str, offset: usize) -> usize {
    let mut offset = offset.min(text.len());
    while !text.is_char_boundary(offset) {
        offset -= 1;
    }
    let mut cursor = GraphemeCursor::new(offset, text.len(), true);
    match cursor.is_boundary(text, 0) {
        Ok(true) | Err(_) => offset,
        Ok(false) => cursor.prev_boundary(text, 0).ok().flatten().unwrap_or(0),
    }
}

fn grapheme_before(text: &str, caret: usize) -> usize {
    GraphemeCursor::new(caret, text.len(), true).prev_boundary(text, 0).ok().flatten().unwrap_or(0)
}

fn grapheme_after(text: &str, caret: usize) -> usize {
    GraphemeCursor::new(caret, text.len(), true).next_boundary(text, 0).ok().flatten().unwrap_or(text.len())
}

fn is_word(part: &str) -> bool {
    part.chars().any(char::is_alphanumeric)
}

/// The start of the word before the caret.
fn word_before(text: &str, caret: usize) -> usize {
    text[..caret].split_word_bound_indices().rev().find(|(_, w)| is_word(w)).map_or(0, |(start, _)| start)
}

/// The end of the word after the caret.
fn word_after(text: &str, caret: usize) -> usize {
    text[caret..]
        .split_word_bound_indices()
        .find(|(_, w)| is_word(w))
        .map_or(text.len(), |(start, w)| caret + start + w.len())
}

fn line_of(text: &str, caret: usize) -> Range<usize> {
    let start = text[..caret].rfind('\n').map_or(0, |n| n + 1);
    let end = text[caret..].find('\n').map_or(text.len(), |n| caret + n);
    start..end
}

#[cfg(test)]
mod tests;
