//! Colours, and what is left of them on terminals with fewer.

use ratatui::style::Color;

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// None, or none wanted (`NO_COLOR`).
    None,
    /// The terminal's own sixteen.
    Ansi16,
    /// The 256 of xterm.
    Indexed,
    /// All.
    True,
}

/// A colour by its three parts, 0 to 255.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rgb(
    /// Red.
    pub u8,
    /// Green.
    pub u8,
    /// Blue.
    pub u8,
);

/// A colour in a theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ink {
    /// The terminal's own foreground or background.
    Default,
    /// One of the terminal's sixteen, by number.
    Ansi(u8),
    /// An exact one.
    Rgb(Rgb),
}

/// The sixteen by name and as xterm shows them.
const ANSI: [(&str, Rgb); 16] = [
    ("black", Rgb(0, 0, 0)),
    ("red", Rgb(205, 0, 0)),
    ("green", Rgb(0, 205, 0)),
    ("yellow", Rgb(205, 205, 0)),
    ("blue", Rgb(0, 0, 238)),
    ("magenta", Rgb(205, 0, 205)),
    ("cyan", Rgb(0, 205, 205)),
    ("white", Rgb(229, 229, 229)),
    ("bright_black", Rgb(127, 127, 127)),
    ("bright_red", Rgb(255, 0, 0)),
    ("bright_green", Rgb(0, 255, 0)),
    ("bright_yellow", Rgb(255, 255, 0)),
    ("bright_blue", Rgb(92, 92, 255)),
    ("bright_magenta", Rgb(255, 0, 255)),
    ("bright_cyan", Rgb(0, 255, 255)),
    ("bright_white", Rgb(255, 255, 255)),
];

/// Steps of the cube in the 256 colours of xterm.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl Ink {
    /// Reads `#rrggbb`, `default` or one of the sixteen names.
    pub(super) fn parse(word: &str) -> Option<Self> {
        if word == "default" {
            return Some(Self::Default);
        }
        if let Some(hex) = word.strip_prefix('#') {
            let part = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
            return (hex.len() == 6).then_some(Self::Rgb(Rgb(part(0)?, part(2)?, part(4)?)));
        }
        (0_u8..).zip(ANSI).find(|(_, (name, _))| *name == word).map(|(number, _)| Self::Ansi(number))
    }

    /// The names that [`Ink::parse`] knows.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        ANSI.into_iter().map(|(name, _)| name).chain(["default"])
    }

    /// The nearest that the terminal has.
    pub(super) fn color(self, depth: Depth) -> Color {
        match (self, depth) {
            (Self::Default, _) | (_, Depth::None) => Color::Reset,
            // Named, not indexed: `Indexed(1)` asks for the 256 palette, which the plainest terminals do not have.
            (Self::Ansi(number), _) => named(number),
            (Self::Rgb(Rgb(r, g, b)), Depth::True) => Color::Rgb(r, g, b),
            (Self::Rgb(rgb), Depth::Indexed) => Color::Indexed(rgb.indexed()),
            (Self::Rgb(rgb), Depth::Ansi16) => named(rgb.ansi()),
        }
    }
}

impl Rgb {
    fn indexed(self) -> u8 {
        let cube = (0..216_u8).map(|at| {
            let step = |n: u8| STEPS[usize::from(n % 6)];
            (16 + at, Self(step(at / 36), step(at / 6), step(at)))
        });
        let greys = (0..24_u8).map(|at| (232 + at, Self(8 + 10 * at, 8 + 10 * at, 8 + 10 * at)));
        self.nearest(cube.chain(greys))
    }

    fn ansi(self) -> u8 {
        self.nearest((0..).zip(ANSI.map(|(_, rgb)| rgb)))
    }

    fn nearest(self, colours: impl Iterator<Item = (u8, Self)>) -> u8 {
        colours.min_by_key(|(_, colour)| self.distance(*colour)).map_or(7, |(number, _)| number)
    }

    /// "Redmean": a weighted distance that is near to what eyes see, after <https://www.compuphase.com/cmetric.htm>.
    fn distance(self, other: Self) -> u32 {
        let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
        let red = u32::midpoint(u32::from(self.0), u32::from(other.0));
        (512 + red) * square(self.0, other.0) / 256
            + 4 * square(self.1, other.1)
            + (767 - red) * square(self.2, other.2) / 256
    }

    /// Relative luminance, 0 to 1, after WCAG 2.2.
    fn luminance(self) -> f64 {
        let part = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * part(self.0) + 0.7152 * part(self.1) + 0.0722 * part(self.2)
    }
}

/// The contrast of two colours, 1 to 21, after WCAG 2.2.
pub fn contrast(one: Rgb, other: Rgb) -> f64 {
    let (one, other) = (one.luminance(), other.luminance());
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

const fn named(number: u8) -> Color {
    match number {
        0 => Color::Black,
        1 => Color::Red,
        2 => Color::Green,
        3 => Color::Yellow,
        4 => Color::Blue,
        5 => Color::Magenta,
        6 => Color::Cyan,
        8 => Color::DarkGray,
        9 => Color::LightRed,
        10 => Color::LightGreen,
        11 => Color::LightYellow,
        12 => Color::LightBlue,
        13 => Color::LightMagenta,
        14 => Color::LightCyan,
        15 => Color::White,
        _ => Color::Gray,
    }
}
