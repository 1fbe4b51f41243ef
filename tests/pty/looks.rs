//! Terminals of every kind and size, and hands of every kind: bursts, pastes, cats on the keyboard.

use super::place::{Place, some};
use super::tty::{Ground, Tty};
use std::collections::BTreeSet;
use std::time::Duration;

fn quit(tty: &mut Tty) {
    tty.key("q");
    assert_eq!(tty.ends().exit_code(), 0);
}

/// Colours in the output: `38;2` is true colour, `38;5` indexed, `3n` and `9n` the terminal's own.
fn colours(raw: &[u8]) -> (bool, bool, bool, bool) {
    let text = String::from_utf8_lossy(raw);
    let mut found = (false, false, false, false);
    for sequence in text.split("\x1b[").skip(1) {
        let Some(end) = sequence.find(|c: char| c.is_ascii_alphabetic()) else { continue };
        if &sequence[end..=end] != "m" {
            continue;
        }
        let body = &sequence[..end];
        let numbers: Vec<u32> = body.split([';', ':']).filter_map(|n| n.parse().ok()).collect();
        match numbers.as_slice() {
            [38 | 48, 2, ..] => found.0 = true,
            // crossterm writes the sixteen as indexed ones below 16.
            [38 | 48, 5, n, ..] if *n >= 16 => found.1 = true,
            [38 | 48, 5, ..] | [30..=37 | 40..=47 | 90..=97 | 100..=107] => found.2 = true,
            [7] => found.3 = true,
            _ => {}
        }
    }
    found
}

#[test]
fn as_many_colours_as_the_terminal_has_and_none_where_none_are_wanted() {
    for (env, expected) in [
        (&[("COLORTERM", "truecolor")][..], (true, false, false)),
        (&[("COLORTERM", "")], (false, true, false)),
        (&[("TERM", "xterm-16color"), ("COLORTERM", "")], (false, false, true)),
        (&[("NO_COLOR", "1")], (false, false, false)),
    ] {
        let place = Place::new(&some(3), 1_000);
        let start = env.iter().fold(place.console("anna"), |s, (name, value)| s.env(name, *value));
        let mut tty = start.go();
        tty.sees("Dear Ada").key("j").sees("DRAFT to Ben Birch");
        quit(&mut tty);
        let (truecolor, indexed, ansi, reverse) = colours(&tty.raw());
        assert_eq!((truecolor, indexed, ansi), expected, "{env:?}");
        if env[0].0 == "NO_COLOR" {
            assert!(reverse, "without colour the selection is reversed");
        }
    }
}

#[test]
fn a_dumb_terminal_gets_lines_and_no_sequences() {
    let place = Place::new(&some(3), 1_000);
    let mut tty = place.console("anna").env("TERM", "dumb").env("COLORTERM", "").go();
    tty.sees("Dear Ada").types("quit\r");
    assert_eq!(tty.ends().exit_code(), 0);
    let text = String::from_utf8_lossy(&tty.raw()).into_owned();
    assert!(!text.contains('\x1b'), "{text:?}");
}

#[test]
fn auto_asks_for_the_background_and_a_mute_terminal_costs_no_time() {
    let background = |ground| {
        let place = Place::new(&some(3), 1_000);
        let mut tty = place.console("anna").asked(ground).go();
        tty.sees("Dear Ada").writes(b"\x1b]11;?");
        tty.sees("log L1");
        // The reader begins after the answer: what came before it is not a key.
        tty.key_until("j", |s| !s.contains("DRAFT to Ada"));
        quit(&mut tty);
        tty.raw()
    };
    let (dark, light, mute) =
        (background(Some(Ground::Dark)), background(Some(Ground::Light)), background(None));
    let count = |raw: &[u8]| colours(raw).0;
    assert!(count(&dark) && count(&light) && count(&mute));
    let only_light: BTreeSet<String> = sgr(&light).difference(&sgr(&dark)).cloned().collect();
    assert!(only_light.len() > 3, "another theme");
    assert!(sgr(&mute).is_disjoint(&only_light), "dark unless told otherwise");
}

/// All colours ever set.
fn sgr(raw: &[u8]) -> BTreeSet<String> {
    let text = String::from_utf8_lossy(raw);
    let colours = text.split("\x1b[").filter(|s| s.starts_with("38;2")).filter_map(|s| s.split('m').next());
    colours.map(str::to_owned).collect()
}

#[test]
fn every_size_from_the_smallest_to_a_wall_and_back_while_it_runs() {
    let place = Place::new(&some(3), 1_000);
    let mut tty = place.console("anna").size(50, 12).go();
    // Too small for anything but a word about it.
    tty.until("how much room is needed", |s| s.contains("60") && s.contains("15"));
    tty.types("aet").key("j");
    for (columns, rows) in [(160, 45), (120, 40), (80, 24), (60, 15), (240, 80), (20, 5), (1, 1), (100, 30)] {
        tty.resize(columns, rows);
        if columns >= 60 {
            // The frame of the size before has stood until now.
            let wide = |s: &str| s.lines().map(|l| l.chars().count()).max().unwrap_or(0);
            tty.until(&format!("the item in {columns} columns"), |s| {
                (s.contains("Dear") || s.contains("parcel")) && wide(s) <= usize::from(columns)
            });
        }
    }
    assert!(place.decisions().is_empty(), "nothing is signed where nothing can be read");
    tty.resize(120, 40);
    // A key that is read before the new size would still be one in no room at all.
    let wide = |s: &str| s.lines().map(|l| l.chars().count()).max().unwrap_or(0);
    tty.until("the item in 120 columns", |s| s.contains("DRAFT to") && wide(s) > 100);
    // Written where there was room, and still there after there was none.
    tty.key("e").sees("EDIT to").types("Kept. ").sees("Kept. Dear");
    tty.resize(50, 12);
    tty.until("how much room is needed", |s| s.contains("60") && s.contains("15"));
    tty.resize(120, 40);
    tty.sees("Kept. Dear").key("esc").sees("your text is kept");
    quit(&mut tty);
}

#[test]
fn a_paste_and_a_burst_sign_nothing() {
    let place = Place::new(&some(3), 600_000);
    let mut tty = place.console("anna").go();
    tty.sees("Dear Ada").sees("log L1");
    std::thread::sleep(Duration::from_millis(400));
    for text in ["a\n", "aaaa", "a", "\u{13}\u{13}", "ta\rq"] {
        tty.pastes(text);
        tty.sees("pasted text is not read as keys").key_until("esc", |s| !s.contains("pasted text"));
    }
    // Several keys in one read: a stuck key, a cat, a terminal without bracketed paste.
    for burst in ["aaaa", "a\r", "ja", "aa", "\ra\r", "tt", "t\r"] {
        tty.send(burst.as_bytes());
        tty.until("a word about it", |s| s.contains("was not taken"));
        tty.key_until("esc", |s| !s.contains("was not taken"));
    }
    // The same key again and again, each alone: one verdict in a second at most, and none on what came just now.
    for _ in 0..10 {
        tty.send(b"a");
        std::thread::sleep(Duration::from_millis(30));
    }
    assert!(place.decisions().len() <= 1, "{:?}", place.decisions());
    // In the editor pasted text is text, and signs nothing either.
    tty.key_until("esc", |s| !s.contains("was not taken"));
    let before = place.decisions().len();
    tty.key("e").sees("EDIT to");
    tty.pastes("a\u{13}\r\nq");
    tty.send(b"\x13\x13");
    tty.until("a word about it", |s| s.contains("was not taken"));
    tty.key("f8").sees("Throw this text away?").key("2").sees_not("Throw");
    assert_eq!(place.decisions().len(), before);
    assert_eq!(place.replies().len(), 0);
    tty.key("q");
    tty.until("the end or a question", |s| s.contains("Leave?") || !s.contains("waiting"));
    tty.types("3");
    tty.ends();
}

#[test]
fn at_rest_nothing_is_written() {
    let place = Place::new(&some(3), 1_000);
    let mut tty = place.console("anna").go();
    tty.sees("Dear Ada").sees("log L1");
    // The rest that claims, and what follows from it.
    std::thread::sleep(Duration::from_millis(2_500));
    let before = tty.raw().len();
    std::thread::sleep(Duration::from_secs(3));
    let after = tty.raw().len();
    // A minute mark of an age may fall into it: one frame, not a stream.
    assert!(after - before < 600, "{} bytes at rest", after - before);
    quit(&mut tty);
}
