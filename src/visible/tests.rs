use super::*;
use proptest::prelude::*;

/// What is written, what is shown, and how many characters of it were hidden.
fn check(original: &str, shown: &str, hidden: u32) {
    let visible = text(original);
    assert_eq!((visible.as_str(), visible.hidden()), (shown, hidden), "{original:?}");
}

#[test]
fn p6_each_kind_of_character_is_shown_for_what_it_is() {
    for (original, shown, hidden) in [
        ("plain, with\nlines", "plain, with\nlines", 0),
        ("größer, ещё, 退款", "größer, ещё, 退款", 0),
        ("a\r\nb\rc\u{85}d\u{2028}e\u{2029}f", "a\nb\nc\nd\ne\nf", 0),
        ("a\tb", "a    b", 0),
        ("\u{1b}[2J\u{7}\u{7f}", "␛[2J␇␡", 3),
        ("\u{9b}31m\u{80}", "<9B>31m<80>", 2),
        ("pay\u{202e}001\u{202c}", "pay<U+202E>001<U+202C>", 2),
        ("a\u{200b}b\u{2060}c\u{feff}", "a<U+200B>b<U+2060>c<U+FEFF>", 3),
        ("ok\u{e0041}", "ok<U+E0041>", 1),
        ("\u{e000}\u{10fffd}", "<U+E000><U+10FFFD>", 2),
        ("in\u{ad}visible", "in<U+00AD>visible", 1),
        ("\u{fff9}\u{ffff}\u{378}", "<U+FFF9><U+FFFF><U+0378>", 3),
        ("\u{3164}\u{115f}\u{34f}", "<U+3164><U+115F><U+034F>", 3),
        ("z\u{301}\u{302}\u{303}\u{304}", "z\u{301}\u{302}\u{303}\u{304}", 0),
        ("z\u{301}\u{302}\u{303}\u{304}\u{305}\u{306}!", "z\u{301}\u{302}\u{303}\u{304}<+2 marks>!", 2),
        ("\u{301}a\n\u{302}", "<U+0301>a\n<U+0302>", 2),
        ("\u{200b}\u{301}", "<U+200B><U+0301>", 2),
    ] {
        check(original, shown, hidden);
    }
}

#[test]
fn p6_joiners_and_selectors_stay_only_where_they_are_needed() {
    for (original, shown, hidden) in [
        ("می\u{200c}خواهم", "می\u{200c}خواهم", 0),
        ("क्\u{200d}ष", "क्\u{200d}ष", 0),
        ("👩\u{200d}👩\u{200d}👧", "👩\u{200d}👩\u{200d}👧", 0),
        ("👩🏽\u{200d}❤\u{fe0f}\u{200d}💋\u{200d}👨🏽", "👩🏽\u{200d}❤\u{fe0f}\u{200d}💋\u{200d}👨🏽", 0),
        ("❤\u{fe0f} 1\u{fe0f}\u{20e3} 葛\u{e0100}", "❤\u{fe0f} 1\u{fe0f}\u{20e3} 葛\u{e0100}", 0),
        ("a\u{200d}b\u{200c}", "a<U+200D>b<U+200C>", 2),
        ("a\u{fe0f}1\u{fe0f}", "a<U+FE0F>1<U+FE0F>", 2),
        ("❤\u{fe0f}\u{fe0f}\u{e0101}", "❤\u{fe0f}<U+FE0F><U+E0101>", 2),
        ("👩\u{200d}\u{200d}", "👩<U+200D><U+200D>", 2),
        ("👩\u{200d}👩\u{200d}👩\u{200d}👩\u{200d}👩", "👩\u{200d}👩\u{200d}👩\u{200d}👩<U+200D>👩", 1),
    ] {
        check(original, shown, hidden);
    }
}

#[test]
fn evidence_is_found_again_in_what_is_shown() {
    let original = "в\u{200b}третий раз\r\nобман\u{7}!";
    let visible = text(original);
    for (words, shown) in [("третий", "третий"), ("раз\r\nобман", "раз\nобман"), ("\u{7}!", "␇!")]
    {
        let start = original.find(words).unwrap();
        assert_eq!(&visible[visible.shown_range(start..start + words.len())], shown);
    }
    // Half of a replaced character means all of it; what lies outside is cut.
    assert_eq!(&visible[visible.shown_range(3..4)], "<U+200B>");
    assert_eq!(visible.shown_range(500..900), visible.len()..visible.len());
}

#[test]
fn a_line_is_one_line_and_a_clip_says_so() {
    assert_eq!(line("a\r\nb"), "a↵b");
    assert_eq!(clip("王小明和朋友", 7), "王小明…");
    assert_eq!(clip("abc", 3), "abc");
    assert_eq!(clip("abc", 0), "");
    assert_eq!(bytes(b"a\xff\xc3b").0.as_str(), "a\u{fffd}\u{fffd}b");
    assert_eq!(bytes(b"a\xff\xc3b").1, 2);
    assert_eq!(ascii_json("{\"a\":\"é😀\u{7f}\"}"), r#"{"a":"\u00e9\ud83d\ude00\u007f"}"#);
}

fn wrapped(text: &str, cells: usize) -> Vec<&str> {
    wrap(text, cells).into_iter().map(|line| &text[line.range]).collect()
}

#[test]
fn lines_break_where_a_reader_expects() {
    for (text, cells, lines) in [
        ("", 10, &[""][..]),
        ("a\n\nb\n", 10, &["a", "", "b", ""]),
        ("one two three", 8, &["one two", "three"]),
        ("one two three", 7, &["one two", "three"]),
        ("one  two", 4, &["one", "two"]),
        ("  indented text", 10, &["  indented", "text"]),
        ("Donaudampfschiff fährt", 8, &["Donaudam", "pfschiff", "fährt"]),
        ("see https://shop.example/a", 8, &["see", "https://", "shop.exa", "mple/a"]),
        ("well-known fact", 6, &["well-", "known", "fact"]),
        ("我的包裹还没有到。", 8, &["我的包裹", "还没有", "到。"]),
        ("退款refund退款", 9, &["退款", "refund退", "款"]),
        ("王明", 3, &["王", "明"]),
        ("10\u{a0}kg mehr", 6, &["10\u{a0}kg", "mehr"]),
    ] {
        assert_eq!(wrapped(text, cells), lines, "{text:?} in {cells}");
    }
    assert_eq!(
        wrap("שלום\nhello", 9).iter().map(|l| l.direction).collect::<Vec<_>>(),
        [Direction::Rtl, Direction::Ltr]
    );
}

/// Letters, marks, joiners, controls and line ends in a mixture that random characters would hardly give.
fn foreign() -> impl Strategy<Value = String> {
    let dangerous = prop::sample::select(
        "\u{0}\u{7}\u{8}\t\n\r\u{1b}[]m;\u{7f}\u{85}\u{9b}\u{ad}\u{300}\u{301}\u{34f}\u{61c}\u{94d}क\u{915}\u{1100}\u{1161}가\
         \u{200b}\u{200c}\u{200d}\u{200e}\u{202e}\u{2028}\u{2066}\u{20e3}\u{fe0f}\u{feff}\u{e0100}\u{e0041}\u{e000}\u{fff0}\
         👩❤🇩🏽王。（م1# a-"
            .chars()
            .collect::<Vec<_>>(),
    );
    prop::collection::vec(prop_oneof![3 => dangerous, 1 => any::<char>()], 0..60)
        .prop_map(|chars| chars.into_iter().collect())
}

fn terminal() -> vt100::Parser {
    let size = |cells| std::num::NonZero::new(cells).unwrap();
    vt100::Parser::new(size(4), size(2_000), 0)
}

proptest! {
    #[test]
    fn p6_nothing_that_acts_comes_out(original in foreign()) {
        let visible = text(&original);
        for c in visible.chars() {
            prop_assert!(c == '\n' || !c.is_control(), "{c:?}");
            prop_assert!(
                !matches!(kind::class(c), kind::Class::Never(_) | kind::Class::Tab) , "{c:?}"
            );
        }
        // What is safe stays as it is, so a text that passes two doors is not garbled.
        let shown = visible.as_str();
        let again = text(shown);
        prop_assert_eq!(again.as_str(), shown);
        for row in wrap(shown, 7) {
            for cell in unicode_segmentation::UnicodeSegmentation::graphemes(&shown[row.range], true) {
                prop_assert!(is_safe_cell(cell), "{cell:?}");
            }
        }
    }

    #[test]
    fn p6_a_terminal_reads_back_nothing_but_text(original in foreign()) {
        // The replacement character is the one printable character that this parser drops.
        let shown = original.replace('\u{fffd}', "");
        let shown = line(&shown);
        let mut terminal = terminal();
        let untouched = terminal.screen().attributes_formatted();
        terminal.process(shown.as_bytes());
        let read = terminal.screen().contents();
        prop_assert_eq!(read.trim_end(), shown.trim_end());
        prop_assert_eq!(terminal.screen().attributes_formatted(), untouched);
    }

    #[test]
    fn every_offset_leads_there_and_back(original in foreign()) {
        let visible = text(&original);
        let mut last = 0;
        for (at, c) in original.char_indices() {
            let range = visible.shown_range(at..at + c.len_utf8());
            prop_assert!(visible.get(range.clone()).is_some());
            prop_assert!(range.start >= last);
            last = range.start;
            prop_assert!(visible.original_at(range.start) <= at);
        }
        for (at, _) in visible.char_indices() {
            prop_assert!(original.is_char_boundary(visible.original_at(at)));
        }
        let _ = visible.shown_range(1..usize::MAX);
    }

    #[test]
    fn wrapping_loses_nothing_and_fits(original in foreign(), cells in 2_usize..30) {
        let visible = text(&original);
        let mut end = 0;
        for row in wrap(&visible, cells) {
            prop_assert!(visible[end..row.range.start].chars().all(char::is_whitespace));
            let shown = &visible[row.range.clone()];
            prop_assert!(row.width <= cells, "{shown:?}");
            prop_assert!(!shown.contains('\n'));
            end = row.range.end;
        }
        prop_assert!(visible[end..].chars().all(char::is_whitespace));
        prop_assert!(width(&clip(&line(&original), cells)) <= cells);
    }
}

#[test]
fn p8_a_message_that_is_one_endless_cluster_is_laid_out_letter_by_letter() {
    // Measured anew for each of its letters, this took hours.
    for letter in ["\u{915}\u{94d}", "\u{1100}"] {
        let text = letter.repeat(200_000);
        let each = width(letter);
        assert_eq!(wrap(&text, 60).len(), (200_000 * each).div_ceil(60));
        assert!(cells(&text).all(|cell| cell.width <= 2));
    }
}
