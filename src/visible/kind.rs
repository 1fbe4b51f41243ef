//! What kind of character this is, as far as showing it goes.

use unicode_properties::{GeneralCategory as Gc, UnicodeEmoji, UnicodeGeneralCategory};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthChar;

/// Why a piece of text is not shown as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// CR, CR LF, NEL, U+2028, U+2029: shown as a line feed. Not hidden.
    LineEnd,
    /// A tab: shown as spaces. Not hidden.
    Tab,
    /// A control character: shown as its picture or as `<80>` to `<9F>`.
    Control,
    /// Changes the direction of text around it.
    Bidi,
    /// Takes no room, or looks like nothing: zero-width space, joiners out of place, fillers, byte order marks.
    ZeroWidth,
    /// A tag character: ASCII in disguise.
    Tag,
    /// Means whatever the font says.
    PrivateUse,
    /// A hyphen that most windows do not show.
    SoftHyphen,
    /// A variation selector where nothing varies.
    Selector,
    /// Any other format character.
    Format,
    /// Stands for no character, or for none this program knows.
    Unassigned,
    /// A mark with no base to stand on.
    StrayMark,
    /// So many marks beyond the fourth on one base.
    Marks(u32),
}

impl Kind {
    /// How many hidden characters a piece of this kind counts for.
    pub const fn hidden(self) -> u32 {
        match self {
            Self::LineEnd | Self::Tab => 0,
            Self::Marks(count) => count,
            _ => 1,
        }
    }
}

/// What to do with a character, before its neighbours are asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Shown as it is; others may stand on it.
    Plain,
    /// Stands on what is before it.
    Mark,
    /// ZWJ or ZWNJ.
    Joiner,
    /// A variation selector.
    Selector,
    /// Ends a line.
    LineEnd,
    /// A tab.
    Tab,
    /// Never shown as it is.
    Never(Kind),
}

pub(super) const ZWNJ: char = '\u{200c}';
pub(super) const ZWJ: char = '\u{200d}';

pub(super) fn class(c: char) -> Class {
    match c {
        // Latin, Cyrillic, the lines and bars of our own, East Asia: said at once what the tables below would say.
        ' '..='~'
        | '\u{c0}'..='\u{24f}'
        | '\u{410}'..='\u{44f}'
        | '\u{2500}'..='\u{259f}'
        | '\u{3041}'..='\u{3096}'
        | '\u{30a1}'..='\u{30fa}'
        | '\u{4e00}'..='\u{9fef}'
        | '\u{ac00}'..='\u{d7a3}' => Class::Plain,
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Class::LineEnd,
        '\t' => Class::Tab,
        '\0'..='\x1f' | '\x7f'..='\u{9f}' => Class::Never(Kind::Control),
        '\u{ad}' => Class::Never(Kind::SoftHyphen),
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Class::Never(Kind::Bidi)
        }
        ZWNJ | ZWJ => Class::Joiner,
        '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => {
            Class::Selector
        }
        '\u{e0000}'..='\u{e007f}' => Class::Never(Kind::Tag),
        // Default_Ignorable_Code_Point beside what is named above: letters and marks that show nothing.
        '\u{34f}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{17b4}'
        | '\u{17b5}'
        | '\u{180e}'
        | '\u{200b}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}'
        | '\u{e0000}'..='\u{e0fff}' => Class::Never(Kind::ZeroWidth),
        // Vowels and finals of Hangul written letter by letter stand on the letter before.
        '\u{1161}'..='\u{11ff}' | '\u{d7b0}'..='\u{d7ff}' => Class::Mark,
        _ => match c.general_category() {
            Gc::Control => Class::Never(Kind::Control),
            Gc::Format => Class::Never(Kind::Format),
            Gc::PrivateUse => Class::Never(Kind::PrivateUse),
            Gc::Unassigned | Gc::Surrogate => Class::Never(Kind::Unassigned),
            Gc::LineSeparator | Gc::ParagraphSeparator => Class::LineEnd,
            Gc::NonspacingMark | Gc::SpacingMark | Gc::EnclosingMark if !is_known_mark(c) => {
                Class::Never(Kind::Unassigned)
            }
            Gc::NonspacingMark | Gc::SpacingMark | Gc::EnclosingMark => Class::Mark,
            _ if c.width() == Some(0) => Class::Never(Kind::ZeroWidth),
            _ => Class::Plain,
        },
    }
}

/// Whether `mark` may follow `before`. Only Hangul is particular: a vowel follows an open syllable, a final any.
pub(super) fn stands_on(mark: char, before: char) -> bool {
    let vowel = |c| matches!(c, '\u{1161}'..='\u{11a7}' | '\u{d7b0}'..='\u{d7ca}');
    let last = |c| matches!(c, '\u{11a8}'..='\u{11ff}' | '\u{d7cb}'..='\u{d7ff}');
    let syllable = matches!(before, '\u{ac00}'..='\u{d7a3}');
    let open = syllable && (u32::from(before) - 0xac00).is_multiple_of(28);
    if vowel(mark) {
        open || vowel(before) || matches!(before, '\u{1100}'..='\u{115e}' | '\u{a960}'..='\u{a97c}')
    } else {
        !last(mark) || syllable || vowel(before) || last(before)
    }
}

/// Whether a joiner is needed between these two; `joined` counts the joiners in this sequence so far.
pub(super) fn joins(joiner: char, before: char, after: Option<char>, joined: u8) -> bool {
    // A kiss of two people has three; a longer chain is one cell pair for us and a whole line for some terminals.
    if joiner == ZWJ && joined < 3 && (is_emoji(before) || before == '\u{fe0f}') {
        return after.is_some_and(is_emoji);
    }
    let cursive = |c| is_cursive(c) || is_indic(c);
    is_virama(before) || cursive(before) && after.is_some_and(cursive)
}

/// Whether a variation selector makes a difference after this character.
pub(super) fn varies(selector: char, before: char, after: Option<char>) -> bool {
    match selector {
        // Digits, # and * have an emoji form only as a keycap.
        '\u{fe0e}' | '\u{fe0f}' if before.is_ascii() => {
            matches!(before, '0'..='9' | '#' | '*') && after == Some('\u{20e3}')
        }
        '\u{fe0e}' | '\u{fe0f}' => before.is_emoji_char(),
        '\u{fe00}'..='\u{fe02}' | '\u{e0100}'..='\u{e01ef}' => is_han(before),
        '\u{180b}'..='\u{180f}' => matches!(before, '\u{1820}'..='\u{18aa}'),
        _ => false,
    }
}

/// See [`super::is_safe_cell`].
pub(super) fn is_safe_cell(symbol: &str) -> bool {
    let mut marks = 0;
    symbol.chars().enumerate().all(|(at, c)| match class(c) {
        Class::Plain => {
            marks = 0;
            true
        }
        Class::Mark => {
            marks += 1;
            // Some spacing marks have a cell of their own.
            (at > 0 || c.width() > Some(0)) && marks <= super::scan::MARKS
        }
        Class::Joiner | Class::Selector => at > 0,
        Class::LineEnd | Class::Tab | Class::Never(_) => false,
    })
}

/// Whether the tables of widths and of clusters know this mark too: one that is newer than they are would be given
/// a cell of its own on the screen and land on another in the terminal.
fn is_known_mark(c: char) -> bool {
    let mut bytes = [b'a', 0, 0, 0, 0];
    let end = 1 + c.encode_utf8(&mut bytes[1..]).len();
    let cluster = std::str::from_utf8(&bytes[..end]).is_ok_and(|pair| pair.graphemes(true).count() == 1);
    match c.width() {
        Some(0) => cluster,
        _ => c.general_category() == Gc::SpacingMark,
    }
}

fn is_emoji(c: char) -> bool {
    !c.is_ascii() && c.is_emoji_char()
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3005}'..='\u{3007}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3fffd}')
}

/// Letters and marks of scripts that join their letters.
fn is_cursive(c: char) -> bool {
    matches!(c, '\u{620}'..='\u{65f}' | '\u{66e}'..='\u{6d3}' | '\u{6d5}'..='\u{6dc}' | '\u{6fa}'..='\u{6ff}'
        | '\u{710}'..='\u{74a}' | '\u{750}'..='\u{77f}' | '\u{7ca}'..='\u{7ea}' | '\u{8a0}'..='\u{8c7}'
        | '\u{1820}'..='\u{18aa}' | '\u{fb50}'..='\u{fbb1}' | '\u{fe70}'..='\u{fefc}')
}

/// Letters and marks of scripts that build conjuncts.
fn is_indic(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{963}' | '\u{971}'..='\u{dff}' | '\u{f40}'..='\u{fbc}' | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17d3}')
}

fn is_virama(c: char) -> bool {
    matches!(
        c,
        '\u{94d}'
            | '\u{9cd}'
            | '\u{a4d}'
            | '\u{acd}'
            | '\u{b4d}'
            | '\u{bcd}'
            | '\u{c4d}'
            | '\u{ccd}'
            | '\u{d4d}'
            | '\u{dca}'
            | '\u{1039}'
            | '\u{103a}'
            | '\u{17d2}'
    )
}
