//! Foreign text made safe and honest to show (P6): what customers and models wrote may not act on a terminal, hide
//! words from the agent, or pass for our own screen.
//!
//! Imports nothing of ours and knows no terminal. Invariant: what comes out holds no control character but the line
//! feed, no format character but a joiner that its script or emoji needs, and nothing that takes no room of its own
//! except up to four marks on a base. Whatever was replaced is counted, and stands where it stood.
//!
//! Everything foreign goes through here: panes, the logs' readable output, error messages, panic messages.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::ops::{Deref, Range};

mod kind;
mod scan;
mod wrap;

pub use kind::Kind;
pub use wrap::{Cell, Direction, Line, cells, clip, direction, width, wrap};

/// Text that may be shown, with the way back to the bytes it came from.
///
/// Borrowed where nothing had to change, which is the usual case.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Visible<'a> {
    text: Cow<'a, str>,
    pieces: Vec<Piece>,
}

/// One place where the shown text is not the original.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Bytes of the original.
    pub original: Range<usize>,
    /// Bytes of the shown text.
    pub shown: Range<usize>,
    /// What was there.
    pub kind: Kind,
}

/// Makes a text of several lines safe. Lines end with a line feed; a tab is four spaces.
pub fn text(original: &str) -> Visible<'_> {
    scan::scan(original)
}

/// Makes a name, a subject, anything for one line safe: a line feed shows as `↵`.
pub fn line(original: &str) -> Cow<'_, str> {
    let shown = text(original).text;
    if shown.contains('\n') { Cow::Owned(shown.replace('\n', "↵")) } else { shown }
}

/// Nearly every text that is ours, and most that is not: one byte a cell, nothing to hide.
fn is_printable_ascii(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b' '..=b'~'))
}

/// How many characters of `original` an agent could not see in an ordinary window: [`Visible::hidden`] without
/// the text.
pub fn hidden_chars(original: &str) -> u32 {
    text(original).hidden()
}

/// Bytes as text, and how many broken sequences became U+FFFD. The result is not yet safe to show.
pub fn decode(bytes: &[u8]) -> (Cow<'_, str>, u32) {
    let text = String::from_utf8_lossy(bytes);
    let broken = match text {
        Cow::Borrowed(_) => 0,
        Cow::Owned(_) => bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count(),
    };
    (text, u32::try_from(broken).unwrap_or(u32::MAX))
}

/// Bytes of unknown make as safe text, and how many broken sequences became U+FFFD.
pub fn bytes(bytes: &[u8]) -> (Visible<'static>, u32) {
    let (decoded, broken) = decode(bytes);
    (text(&decoded).into_owned(), broken)
}

/// Whether one cell of a finished screen buffer may go to the terminal: the last sweep. A joiner may end a cell,
/// because the letter it binds to stands in the next one.
pub fn is_safe_cell(symbol: &str) -> bool {
    kind::is_safe_cell(symbol)
}

/// A JSON text in ASCII, for output that is not a terminal: everything else is written as `\uXXXX`.
///
/// Takes JSON, where characters outside ASCII stand only inside strings.
pub fn ascii_json(json: &str) -> Cow<'_, str> {
    if json.bytes().all(|b| matches!(b, b' '..=b'~' | b'\n')) {
        return Cow::Borrowed(json);
    }
    let mut out = String::with_capacity(json.len() + json.len() / 2);
    let mut units = [0; 2];
    for c in json.chars() {
        if matches!(c, ' '..='~' | '\n') {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut units) {
                // Writing into a string cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    Cow::Owned(out)
}

impl Visible<'_> {
    /// The safe text.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// How many characters were hidden: everything replaced except line ends and tabs.
    pub fn hidden(&self) -> u32 {
        self.pieces.iter().fold(0, |sum, piece| sum.saturating_add(piece.kind.hidden()))
    }

    /// Where shown and original differ, in order.
    pub fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// Where hidden characters stand now, in order: the view gives these their own look.
    pub fn hidden_pieces(&self) -> impl Iterator<Item = &Piece> {
        self.pieces.iter().filter(|piece| piece.kind.hidden() > 0)
    }

    /// Bytes of the original (evidence, the words of a check) as bytes of the shown text. A range that begins or
    /// ends within a replaced piece takes the whole piece; one beyond the end is cut.
    pub fn shown_range(&self, original: Range<usize>) -> Range<usize> {
        let start = self.shown_at(original.start, false);
        start..self.shown_at(original.end.max(original.start), true).max(start)
    }

    /// The byte of the original behind a byte of the shown text; inside a replaced piece, that piece's first.
    pub fn original_at(&self, shown: usize) -> usize {
        let at = self.pieces.partition_point(|piece| piece.shown.end <= shown);
        match self.pieces.get(at) {
            Some(piece) if piece.shown.start <= shown => piece.original.start,
            _ => match at.checked_sub(1).and_then(|before| self.pieces.get(before)) {
                Some(before) => before.original.end.saturating_add(shown - before.shown.end),
                None => shown,
            },
        }
    }

    /// The same without a borrow, for a cache.
    pub fn into_owned(self) -> Visible<'static> {
        Visible { text: Cow::Owned(self.text.into_owned()), pieces: self.pieces }
    }

    fn shown_at(&self, original: usize, end: bool) -> usize {
        let at = self.pieces.partition_point(|piece| piece.original.end <= original);
        let shown = match self.pieces.get(at) {
            Some(piece) if piece.original.start < original && end => piece.shown.end,
            Some(piece) if piece.original.start < original => piece.shown.start,
            _ => match at.checked_sub(1).and_then(|before| self.pieces.get(before)) {
                Some(before) => before.shown.end.saturating_add(original - before.original.end),
                None => original,
            },
        };
        // Ranges come with foreign data: one that misses a character boundary must not make the view panic.
        let mut shown = shown.min(self.text.len());
        while !self.text.is_char_boundary(shown) {
            shown = if end { shown + 1 } else { shown - 1 };
        }
        shown
    }
}

impl Deref for Visible<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.text
    }
}

impl AsRef<str> for Visible<'_> {
    fn as_ref(&self) -> &str {
        &self.text
    }
}

impl std::fmt::Display for Visible<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.text)
    }
}

#[cfg(test)]
mod tests;
