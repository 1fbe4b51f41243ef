//! The walk over the text: keeps what may stay, replaces the rest, and remembers where.

use super::kind::{Class, Kind, ZWJ, class, joins, stands_on, varies};
use super::{Piece, Visible};
use std::borrow::Cow;

/// Marks that one base may carry; no living script needs more.
pub(super) const MARKS: u32 = 4;

pub(super) fn scan(original: &str) -> Visible<'_> {
    if original.bytes().all(|b| matches!(b, b' '..=b'~' | b'\n')) {
        return Visible { text: Cow::Borrowed(original), pieces: Vec::new() };
    }
    let mut walk = Walk { original, out: String::new(), copied: 0, pieces: Vec::new() };
    let mut cluster = Cluster::default();
    let mut chars = original.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|&(_, c)| c);
        let mut end = at + c.len_utf8();
        match class(c) {
            Class::Plain => cluster.begin(c),
            Class::LineEnd => {
                if c == '\r' && next == Some('\n') {
                    chars.next();
                    end += 1;
                }
                if c != '\n' {
                    walk.replace(at, end, Kind::LineEnd, "\n");
                }
                cluster = Cluster::default();
            }
            Class::Tab => {
                walk.replace(at, end, Kind::Tab, "    ");
                cluster.begin(' ');
            }
            Class::Mark => match cluster.last {
                Some(last) if stands_on(c, last) && cluster.marks < MARKS => {
                    cluster.marks += 1;
                    cluster.last = Some(c);
                }
                Some(last) if stands_on(c, last) => {
                    let mut cut = 1;
                    while let Some(&(more, mark)) = chars.peek() {
                        if class(mark) != Class::Mark {
                            break;
                        }
                        (end, cut) = (more + mark.len_utf8(), cut + 1);
                        chars.next();
                    }
                    let word = if cut == 1 { "mark" } else { "marks" };
                    walk.replace(at, end, Kind::Marks(cut), &format!("<+{cut} {word}>"));
                    cluster = Cluster::default();
                }
                _ => {
                    walk.name(at, c, Kind::StrayMark);
                    cluster = Cluster::default();
                }
            },
            Class::Joiner if cluster.last.is_some_and(|last| joins(c, last, next, cluster.joined)) => {
                cluster.joined += u8::from(c == ZWJ);
                cluster.last = Some(c);
            }
            Class::Selector if cluster.last.is_some_and(|last| varies(c, last, next)) => {
                cluster.last = Some(c);
            }
            class => {
                walk.name(
                    at,
                    c,
                    match class {
                        Class::Never(kind) => kind,
                        Class::Selector => Kind::Selector,
                        _ => Kind::ZeroWidth,
                    },
                );
                cluster = Cluster::default();
            }
        }
    }
    walk.finish()
}

/// What stands before the next character.
#[derive(Default)]
struct Cluster {
    /// The character just kept; none at a line's start and after a replaced piece, so that no mark lands on ours.
    last: Option<char>,
    /// Marks on the base.
    marks: u32,
    /// Zero-width joiners in this emoji sequence.
    joined: u8,
}

impl Cluster {
    fn begin(&mut self, base: char) {
        let joined = if self.last == Some(ZWJ) { self.joined } else { 0 };
        *self = Self { last: Some(base), marks: 0, joined };
    }
}

struct Walk<'a> {
    original: &'a str,
    out: String,
    /// Bytes of the original that are in `out` already.
    copied: usize,
    pieces: Vec<Piece>,
}

impl<'a> Walk<'a> {
    fn replace(&mut self, start: usize, end: usize, kind: Kind, with: &str) {
        self.out.push_str(&self.original[self.copied..start]);
        let shown = self.out.len();
        self.out.push_str(with);
        self.pieces.push(Piece { original: start..end, shown: shown..self.out.len(), kind });
        self.copied = end;
    }

    /// Replaces a character by its picture or its number.
    fn name(&mut self, at: usize, c: char, kind: Kind) {
        let code = u32::from(c);
        let name = match c {
            '\0'..='\x1f' => char::from_u32(0x2400 + code).map_or_else(String::new, String::from),
            '\x7f' => String::from('\u{2421}'),
            '\u{80}'..='\u{9f}' => format!("<{code:02X}>"),
            _ => format!("<U+{code:04X}>"),
        };
        self.replace(at, at + c.len_utf8(), kind, &name);
    }

    fn finish(mut self) -> Visible<'a> {
        if self.pieces.is_empty() {
            return Visible { text: Cow::Borrowed(self.original), pieces: self.pieces };
        }
        self.out.push_str(&self.original[self.copied..]);
        Visible { text: Cow::Owned(self.out), pieces: self.pieces }
    }
}
