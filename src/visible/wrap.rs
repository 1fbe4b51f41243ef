//! Safe text broken into lines of a given width. Works on what [`super::text`] and [`super::line`] give.

use std::borrow::Cow;
use std::ops::Range;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Which way a paragraph runs, by its first letter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Left to right, or no letter at all.
    #[default]
    Ltr,
    /// Right to left. The terminal arranges the letters; the view only marks the paragraph.
    Rtl,
}

/// One line on the screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its bytes in the wrapped text, without line feed and without the spaces at which it was broken.
    pub range: Range<usize>,
    /// Cells it takes.
    pub width: usize,
    /// Whether a paragraph begins here.
    pub first: bool,
    /// Which way its paragraph runs.
    pub direction: Direction,
}

/// Cells that `text` takes on one line.
pub fn width(text: &str) -> usize {
    if super::is_printable_ascii(text) { text.len() } else { UnicodeWidthStr::width(text) }
}

/// What a view puts into one cell, or two for a wide character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its bytes in the text.
    pub range: Range<usize>,
    /// Cells it takes; none only for a line feed.
    pub width: usize,
}

/// Safe text, cell by cell: by these [`wrap`] and [`clip`] count.
pub fn cells(text: &str) -> impl Iterator<Item = Cell> {
    let mut start = 0;
    Units::new(text).map(move |unit| {
        let range = start..unit.end;
        start = unit.end;
        Cell { range, width: unit.width }
    })
}

/// `text` in at most `cells` cells, the last of them `…` where something was cut.
pub fn clip(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    let Some(room) = cells.checked_sub(1) else { return Cow::Borrowed("") };
    let (mut used, mut end) = (0, 0);
    for unit in Units::new(text) {
        if used + unit.width > room {
            break;
        }
        used += unit.width;
        end = unit.end;
    }
    Cow::Owned(format!("{}…", text[..end].trim_end()))
}

/// Which way `paragraph` runs.
pub fn direction(paragraph: &str) -> Direction {
    let letter = |c: &char| {
        c.is_ascii_alphabetic() || !c.is_ascii() && c.general_category_group() == GeneralCategoryGroup::Letter
    };
    match paragraph.chars().find(letter) {
        Some(
            '\u{590}'..='\u{8ff}'
            | '\u{fb1d}'..='\u{fdff}'
            | '\u{fe70}'..='\u{fefc}'
            | '\u{10800}'..='\u{10fff}'
            | '\u{1e800}'..='\u{1efff}',
        ) => Direction::Rtl,
        _ => Direction::Ltr,
    }
}

/// Breaks `text` into lines of at most `cells` cells (at least one): at line feeds, after spaces and hyphens, between
/// East Asian characters, and inside a word only where it is longer than a line. A wide character is never
/// split: in a line of one cell it stands alone and sticks out.
pub fn wrap(text: &str, cells: usize) -> Vec<Line> {
    let cells = cells.max(1);
    let mut lines = Vec::new();
    let mut start = 0;
    for paragraph in text.split('\n') {
        wrap_paragraph(paragraph, start, cells, &mut lines);
        start += paragraph.len() + 1;
    }
    lines
}

fn wrap_paragraph(paragraph: &str, offset: usize, cells: usize, lines: &mut Vec<Line>) {
    let direction = direction(paragraph);
    let mut first = true;
    let mut push = |range: Range<usize>, width: usize| {
        lines.push(Line { range: range.start + offset..range.end + offset, width, first, direction });
        first = false;
    };
    // A line of printable ASCII that fits is by far the most frequent case.
    if paragraph.len() <= cells && paragraph.is_ascii() {
        push(0..paragraph.len(), paragraph.len());
        return;
    }
    // `row`: what the line holds; `fit`: up to the last place where it may be broken; `next`: where the line after
    // such a break begins (behind the spaces) and how wide the row was there.
    let mut row = Span::default();
    let mut fit: Option<(Span, Span)> = None;
    let mut before: Option<Unit> = None;
    for unit in Units::new(paragraph) {
        if let Some(last) = &before
            && breaks(last, &unit)
        {
            let text = if last.space { row.trimmed } else { row.whole() };
            fit = Some((Span { end: text.0, width: text.1, ..row }, row));
        }
        // Spaces at the end of a full line hang over the border; they take no room.
        if !unit.space && row.width + unit.width > cells && row.end > row.start {
            let (line, upto) = fit.take().unwrap_or((row, row));
            push(line.start..line.end, line.width);
            row = Span {
                start: upto.end,
                end: row.end,
                width: row.width - upto.width,
                trimmed: (row.end, row.width - upto.width),
            };
            // What is carried over is one unbroken word; it still may be too long together with this unit.
            if row.width + unit.width > cells && row.end > row.start {
                push(row.start..row.end, row.width);
                row = Span::at(row.end);
            }
        }
        row.end = unit.end;
        row.width += unit.width;
        if !unit.space {
            row.trimmed = row.whole();
        }
        before = Some(unit);
    }
    let (end, width) = if row.width > cells { row.trimmed } else { row.whole() };
    push(row.start..end.max(row.start), width);
}

/// A piece of the paragraph being laid out.
#[derive(Clone, Copy, Default)]
struct Span {
    start: usize,
    end: usize,
    width: usize,
    /// End and width without trailing spaces.
    trimmed: (usize, usize),
}

impl Span {
    const fn at(start: usize) -> Self {
        Self { start, end: start, width: 0, trimmed: (start, 0) }
    }
    const fn whole(&self) -> (usize, usize) {
        (self.end, self.width)
    }
}

/// What is never divided: a grapheme cluster, or a part of one that is too long for any cell.
#[derive(Clone, Copy)]
struct Unit {
    end: usize,
    width: usize,
    first: char,
    space: bool,
    wide: bool,
}

/// Bytes of the longest cluster that is one picture: four people with skin tones, joined.
const CLUSTER: usize = 64;

struct Units<'a> {
    text: &'a str,
    /// Where the next one begins.
    at: usize,
    /// What is left of a long cluster; it begins at `at`.
    long: &'a str,
}

impl<'a> Units<'a> {
    const fn new(text: &'a str) -> Self {
        Self { text, at: 0, long: "" }
    }

    /// A letter that is a cluster of its own because the next one begins another, which is nearly every one. The tables
    /// of clusters and widths say the same, and take most of a frame's time to say it.
    fn letter(&self) -> Option<Unit> {
        let mut chars = self.text[self.at..].chars();
        let first = chars.next()?;
        let width = letter_width(first)?;
        if chars.next().is_some_and(|next| next != '\n' && letter_width(next).is_none()) {
            return None;
        }
        Some(Unit { end: self.at + first.len_utf8(), width, first, space: first == ' ', wide: width == 2 })
    }
}

/// Cells of a letter of the most frequent scripts on which nothing before it depends.
const fn letter_width(c: char) -> Option<usize> {
    match c {
        ' '..='~' | '\u{c0}'..='\u{24f}' | '\u{410}'..='\u{44f}' => Some(1),
        '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{4e00}'..='\u{9fef}' => Some(2),
        _ => None,
    }
}

impl Iterator for Units<'_> {
    type Item = Unit;
    fn next(&mut self) -> Option<Unit> {
        let start = self.at;
        if self.long.is_empty()
            && let Some(letter) = self.letter()
        {
            self.at = letter.end;
            return Some(letter);
        }
        let mut unit = match std::mem::take(&mut self.long) {
            "" => self.text[start..].graphemes(true).next()?,
            long => long,
        };
        // Some scripts (conjuncts, leading consonants of Hangul) let a cluster grow without end; a terminal gives
        // each of its letters cells of their own, so it may be divided before any of them. A long one is not measured
        // whole: that would be done again for each of its letters.
        let mut cells = if unit.len() > CLUSTER { usize::MAX } else { width(unit) };
        if cells > 2
            && let Some((cut, _)) =
                unit.char_indices().skip(1).find(|(_, c)| c.width().is_some_and(|width| width > 0))
        {
            self.long = &unit[cut..];
            unit = &unit[..cut];
            cells = width(unit);
        }
        let first = unit.chars().next()?;
        self.at = start + unit.len();
        Some(Unit {
            end: self.at,
            width: cells,
            first,
            space: unit.len() == first.len_utf8()
                && first.is_whitespace()
                && !matches!(first, '\u{a0}' | '\u{2007}' | '\u{202f}'),
            wide: cells == 2,
        })
    }
}

fn breaks(left: &Unit, right: &Unit) -> bool {
    if right.space {
        return false;
    }
    if left.space {
        return true;
    }
    if matches!(left.first, '-' | '‐' | '–' | '—') {
        return right.first.is_alphabetic();
    }
    // East Asian text breaks anywhere, but no line begins with what closes or ends with what opens.
    (left.wide || right.wide) && !closes(right.first) && !opens(left.first)
}

fn closes(c: char) -> bool {
    matches!(
        c,
        '。' | '、'
            | '，'
            | '．'
            | '！'
            | '？'
            | '：'
            | '；'
            | '）'
            | '」'
            | '』'
            | '】'
            | '》'
            | '〉'
            | '〕'
            | '］'
            | '｝'
            | '”'
            | '’'
            | '…'
            | '·'
            | '・'
            | 'ー'
            | '々'
            | '%'
            | '％'
            | ','
            | '.'
            | '!'
            | '?'
            | ':'
            | ';'
            | ')'
            | ']'
            | '}'
            | '»'
    )
}

fn opens(c: char) -> bool {
    matches!(
        c,
        '（' | '「'
            | '『'
            | '【'
            | '《'
            | '〈'
            | '〔'
            | '［'
            | '｛'
            | '“'
            | '‘'
            | '('
            | '['
            | '{'
            | '«'
            | '¥'
            | '￥'
            | '$'
            | '€'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frequent_letters_are_what_the_tables_say_they_are() {
        let letters: Vec<char> = ('\0'..='\u{10ffff}').filter(|c| letter_width(*c).is_some()).collect();
        for pair in letters.windows(2) {
            let two: String = pair.iter().collect();
            assert_eq!(two.graphemes(true).count(), 2, "{two:?}");
            assert_eq!(letter_width(pair[0]), pair[0].width(), "{two:?}");
            assert_eq!(super::super::text(&two).as_str(), two);
        }
        for c in letters {
            assert_eq!(format!("{c}\n").graphemes(true).count(), 2, "{c:?}");
        }
    }
}
