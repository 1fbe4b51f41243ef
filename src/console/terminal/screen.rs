//! What a frame becomes on the wire: one write of as few bytes as its changes need, and none where nothing changed.
//!
//! ratatui's own backend sends both colours where one has changed, a full position for every gap, the cursor's state with
//! every frame, and all of it in two or three writes. Invariant: outside a frame the terminal's pen is at rest, so that
//! whoever writes next (a message after a panic, the shell) writes in its own colours.

use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::{Cell, CellWidth};
use ratatui::layout::{Position, Size};
use ratatui::style::{Color, Modifier};
use std::io::{self, Write};

/// The terminal shows what stands between these at once.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Each modifier, how it is put on and how it is taken off.
const MODIFIERS: [(Modifier, u16, u16); 9] = [
    (Modifier::BOLD, 1, 22),
    (Modifier::DIM, 2, 22),
    (Modifier::ITALIC, 3, 23),
    (Modifier::UNDERLINED, 4, 24),
    (Modifier::SLOW_BLINK, 5, 25),
    (Modifier::RAPID_BLINK, 6, 25),
    (Modifier::REVERSED, 7, 27),
    (Modifier::HIDDEN, 8, 28),
    (Modifier::CROSSED_OUT, 9, 29),
];

/// Those that cannot be seen on a blank.
const OF_LETTERS: Modifier = Modifier::BOLD.union(Modifier::DIM).union(Modifier::ITALIC);

/// How the next character would look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Pen {
    ink: Color,
    under: Color,
    modifier: Modifier,
}

/// Where ratatui draws.
#[derive(Debug)]
pub struct Screen<W> {
    out: W,
    measure: fn() -> io::Result<Size>,
    /// The frame so far, after [`BEGIN`]; leaves in one piece.
    frame: Vec<u8>,
    pen: Pen,
    /// Where the next character would go; none where that is not known.
    at: Option<Position>,
    /// Since the last position only such characters were written about whose width no two terminals differ: a step to
    /// the right of so many cells ends where we think it does.
    certain: bool,
    /// Where the terminal's cursor is seen; none while it is hidden.
    caret: Option<Position>,
    /// Whether and where it is to be seen after this frame.
    wanted: Option<Position>,
}

impl<W: Write> Screen<W> {
    /// Draws to `out`, whose size `measure` tells. The cursor is hidden.
    pub fn new(out: W, measure: fn() -> io::Result<Size>) -> Self {
        let frame = BEGIN.to_vec();
        Self { out, measure, frame, pen: Pen::default(), at: None, certain: false, caret: None, wanted: None }
    }

    /// Where the frames go.
    pub const fn out_mut(&mut self) -> &mut W {
        &mut self.out
    }

    /// Nothing is known of the terminal any more: the next frame begins with a hidden cursor.
    pub fn begin_anew(&mut self) {
        self.frame.extend_from_slice(b"\x1b[?25l");
        self.caret = None;
    }

    /// Sends the frame, if there is anything in it.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn send(&mut self) -> io::Result<()> {
        if self.pen != Pen::default() {
            self.frame.extend_from_slice(b"\x1b[m");
            self.pen = Pen::default();
        }
        let moved = self.frame.len() > BEGIN.len() || self.caret != self.wanted;
        if let Some(wanted) = self.wanted.filter(|_| moved) {
            self.go_to(wanted);
        }
        match (self.caret, self.wanted) {
            (None, Some(_)) => self.frame.extend_from_slice(b"\x1b[?25h"),
            (Some(_), None) => self.frame.extend_from_slice(b"\x1b[?25l"),
            _ => {}
        }
        self.caret = self.wanted;
        self.at = None;
        if self.frame.len() == BEGIN.len() {
            return Ok(());
        }
        self.frame.extend_from_slice(END);
        let sent = self.out.write_all(&self.frame).and_then(|()| self.out.flush());
        self.frame.truncate(BEGIN.len());
        sent
    }

    fn go_to(&mut self, to: Position) {
        match self.at {
            Some(at) if at == to => {}
            Some(at) if self.certain && at.y == to.y && at.x < to.x => match to.x - at.x {
                1 => self.sequence(&[], b'C'),
                cells => self.sequence(&[cells], b'C'),
            },
            _ => {
                self.sequence(&[to.y + 1, to.x + 1], b'H');
                self.certain = true;
            }
        }
        self.at = Some(to);
    }

    /// Makes the pen look like a cell, as far as that can be seen.
    fn take_pen(&mut self, cell: &Cell, blank: bool) {
        let old = self.pen;
        let mut new = Pen { ink: cell.fg, under: cell.bg, modifier: cell.modifier };
        if blank && (new.modifier - OF_LETTERS).is_empty() {
            new = Pen { ink: old.ink, modifier: old.modifier & OF_LETTERS, ..new };
        }
        if new == old {
            return;
        }
        let mut codes = Codes::default();
        let gone = old.modifier - new.modifier;
        let mut left = old.modifier;
        for (modifier, _, off) in MODIFIERS {
            if gone.contains(modifier) {
                codes.add(&[off]);
                // Bold and dim are taken off by the same code, and so are the two that blink.
                left -= MODIFIERS.iter().filter(|m| m.2 == off).map(|m| m.0).collect::<Modifier>();
            }
        }
        for (modifier, on, _) in MODIFIERS {
            if new.modifier.contains(modifier) && !left.contains(modifier) {
                codes.add(&[on]);
            }
        }
        if new.ink != old.ink {
            codes.color(new.ink, 30);
        }
        if new.under != old.under {
            codes.color(new.under, 40);
        }
        self.sequence(&codes.list[..codes.len], b'm');
        self.pen = new;
    }

    fn sequence(&mut self, numbers: &[u16], end: u8) {
        self.frame.extend_from_slice(b"\x1b[");
        for (n, number) in numbers.iter().enumerate() {
            if n > 0 {
                self.frame.push(b';');
            }
            push_number(&mut self.frame, *number);
        }
        self.frame.push(end);
    }
}

/// The numbers of one `m` sequence.
#[derive(Default)]
struct Codes {
    list: [u16; 32],
    len: usize,
}

impl Codes {
    fn add(&mut self, codes: &[u16]) {
        self.list[self.len..self.len + codes.len()].copy_from_slice(codes);
        self.len += codes.len();
    }

    /// A colour as ink (`base` 30) or under it (40).
    fn color(&mut self, color: Color, base: u16) {
        let named = match color {
            Color::Rgb(r, g, b) => return self.add(&[base + 8, 2, r.into(), g.into(), b.into()]),
            Color::Indexed(number) => return self.add(&[base + 8, 5, number.into()]),
            Color::Reset => 9,
            Color::Black => 0,
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::Gray => 7,
            Color::DarkGray => 60,
            Color::LightRed => 61,
            Color::LightGreen => 62,
            Color::LightYellow => 63,
            Color::LightBlue => 64,
            Color::LightMagenta => 65,
            Color::LightCyan => 66,
            Color::White => 67,
        };
        self.add(&[base + named]);
    }
}

fn push_number(out: &mut Vec<u8>, number: u16) {
    if number >= 10 {
        push_number(out, number / 10);
    }
    out.push(b'0' + u8::try_from(number % 10).unwrap_or_default());
}

/// Whether every terminal gives this cell the room that we give it: ASCII, and the letters of East Asia.
fn is_certain(symbol: &str) -> bool {
    let mut chars = symbol.chars();
    let first = chars.next();
    chars.next().is_none()
        && matches!(
            first,
            Some(
                ' '..='~'
                | '\u{3041}'..='\u{3096}'
                | '\u{30a1}'..='\u{30fa}'
                | '\u{4e00}'..='\u{9fff}'
                | '\u{ac00}'..='\u{d7a3}',
            )
        )
}

impl<W: Write> Backend for Screen<W> {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        for (x, y, cell) in content {
            let symbol = cell.symbol();
            self.go_to(Position { x, y });
            self.take_pen(cell, symbol == " ");
            self.frame.extend_from_slice(symbol.as_bytes());
            let (width, certain) = (cell.cell_width(), is_certain(symbol));
            self.certain &= certain;
            // What stands beside a narrow character goes where that ended, however wide the terminal has drawn it.
            self.at = (certain || width == 1).then_some(Position { x: x + width, y });
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.wanted = None;
        Ok(())
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.wanted = self.wanted.or(Some(Position::ORIGIN));
        Ok(())
    }

    /// Never asked of the terminal: a mute one answers after two seconds.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.caret.unwrap_or_default())
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.wanted = Some(position.into());
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.clear_region(ClearType::All)
    }

    /// Only the whole: this program draws nothing but whole screens.
    fn clear_region(&mut self, _region: ClearType) -> io::Result<()> {
        self.frame.extend_from_slice(b"\x1b[m\x1b[2J");
        self.pen = Pen::default();
        Ok(())
    }

    fn size(&self) -> io::Result<Size> {
        (self.measure)()
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size()?, pixels: Size::default() })
    }

    /// A frame leaves with [`Screen::send`], when all of it is there.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::buffer::Buffer;
    use std::num::NonZeroU16;

    const SIZE: Size = Size::new(12, 4);
    const SYMBOLS: [&str; 9] = [" ", " ", "a", "b", "─", "б", "你", "き", "👍"];

    type Spot = (u16, u16, usize, u8, u8, u16);

    fn screen() -> ratatui::Terminal<Screen<Vec<u8>>> {
        ratatui::Terminal::new(Screen::new(Vec::new(), || Ok(SIZE))).unwrap()
    }

    fn color(n: u8) -> Color {
        match n % 5 {
            0 => Color::Reset,
            1 => Color::Rgb(n, 7, 255),
            2 => Color::Indexed(n),
            3 => Color::Blue,
            _ => Color::LightRed,
        }
    }

    fn draw(
        screen: &mut ratatui::Terminal<Screen<Vec<u8>>>,
        spots: &[Spot],
        caret: Option<(u16, u16)>,
    ) -> Buffer {
        let drawn = screen
            .draw(|frame| {
                for (x, y, symbol, ink, under, modifier) in spots {
                    // Wide ones have places of their own: how a terminal clears half of one is its own affair.
                    let symbol = SYMBOLS[symbol % SYMBOLS.len()];
                    if x % 4 == 1 || (symbol.cell_width() > 1) != (x % 4 == 0) {
                        continue;
                    }
                    let cell = &mut frame.buffer_mut()[(*x, *y)];
                    cell.set_symbol(symbol);
                    (cell.fg, cell.bg) = (color(*ink), color(*under));
                    cell.modifier = Modifier::from_bits_truncate(modifier & 0b100_1111);
                    if cell.modifier.contains(Modifier::BOLD) {
                        // The parser knows one weight at a time.
                        cell.modifier.remove(Modifier::DIM);
                    }
                }
                if let Some(caret) = caret {
                    frame.set_cursor_position(caret);
                }
            })
            .unwrap()
            .buffer
            .clone();
        screen.backend_mut().send().unwrap();
        drawn
    }

    fn shown(color: vt100::Color) -> String {
        match color {
            vt100::Color::Default => "39".to_owned(),
            vt100::Color::Idx(n) => format!("i{n}"),
            vt100::Color::Rgb(r, g, b) => format!("{r},{g},{b}"),
        }
    }

    fn meant(color: Color) -> String {
        match color {
            Color::Rgb(r, g, b) => format!("{r},{g},{b}"),
            Color::Indexed(n) => format!("i{n}"),
            Color::Blue => "i4".to_owned(),
            Color::LightRed => "i9".to_owned(),
            _ => "39".to_owned(),
        }
    }

    proptest! {
        #[test]
        fn a_terminal_shows_what_was_drawn_frame_after_frame(
            frames in proptest::collection::vec(
                (
                    proptest::collection::vec((0..12_u16, 0..4_u16, 0..9_usize, 0..=255_u8, 0..=255_u8, 0..=511_u16), 0..30),
                    proptest::option::of((0..12_u16, 0..4_u16)),
                ),
                1..6,
            ),
        ) {
            let mut screen = screen();
            let size = |n| NonZeroU16::new(n).unwrap();
            let mut glass = vt100::Parser::new(size(4), size(12), 0);
            glass.process(b"\x1b[?25l");
            for (spots, caret) in frames {
                let drawn = draw(&mut screen, &spots, caret);
                glass.process(&std::mem::take(screen.backend_mut().out_mut()));
                for (x, y) in (0..12).flat_map(|x| (0..4).map(move |y| (x, y))) {
                    let cell = &drawn[(x, y)];
                    let seen = glass.screen().cell(y, x).unwrap();
                    if seen.is_wide_continuation() {
                        continue;
                    }
                    let text = if seen.contents().is_empty() { " " } else { seen.contents() };
                    prop_assert_eq!(text, cell.symbol(), "at {},{}", x, y);
                    prop_assert_eq!(shown(seen.bgcolor()), meant(cell.bg));
                    let reversed = cell.modifier.contains(Modifier::REVERSED);
                    prop_assert_eq!(seen.inverse(), reversed);
                    prop_assert_eq!(seen.underline(), cell.modifier.contains(Modifier::UNDERLINED));
                    if text != " " || reversed {
                        prop_assert_eq!(shown(seen.fgcolor()), meant(cell.fg));
                        prop_assert_eq!(seen.bold(), cell.modifier.contains(Modifier::BOLD));
                        prop_assert_eq!(seen.italic(), cell.modifier.contains(Modifier::ITALIC));
                        prop_assert_eq!(seen.dim(), cell.modifier.contains(Modifier::DIM));
                    }
                }
                prop_assert_eq!(glass.screen().hide_cursor(), caret.is_none());
                if let Some((x, y)) = caret {
                    prop_assert_eq!(glass.screen().cursor_position(), (y, x));
                }
            }
        }
    }

    #[test]
    fn nothing_is_written_where_nothing_has_changed() {
        let mut screen = screen();
        let (spots, caret) = ([(2, 1, 2, 1, 0, 0), (6, 1, 3, 1, 0, 0)], Some((4, 2)));
        draw(&mut screen, &spots, caret);
        let first = String::from_utf8(std::mem::take(screen.backend_mut().out_mut())).unwrap();
        assert_eq!(
            first, "\x1b[?2026h\x1b[2;3H\x1b[38;2;1;7;255ma\x1b[3Cb\x1b[m\x1b[3;5H\x1b[?25h\x1b[?2026l",
            "one frame, one position, one colour"
        );
        draw(&mut screen, &spots, caret);
        assert!(screen.backend_mut().out_mut().is_empty());
        draw(&mut screen, &spots, Some((5, 2)));
        assert_eq!(std::mem::take(screen.backend_mut().out_mut()), b"\x1b[?2026h\x1b[3;6H\x1b[?2026l");
        draw(&mut screen, &spots, None);
        assert_eq!(std::mem::take(screen.backend_mut().out_mut()), b"\x1b[?2026h\x1b[?25l\x1b[?2026l");
    }
}
