//! Terminals of every kind and size, and hands of every kind: bursts, pastes, cats on the keyboard.

use super::place::{Place, some};
use super::tty::{Ground, Tty};
use std::collections::BTreeSet;
use std::time::Duration;

fn quit(tty: &mut Tty) {
    tty.key("q");
    assert_eq!(tty.ends().exit_code(), 0);
}

/// Every look that was ever set: the numbers of a sequence, one colour or modifier each.
fn looks(raw: &[u8]) -> BTreeSet<Vec<u32>> {
    let text = String::from_utf8_lossy(raw);
    let mut found = BTreeSet::new();
    for sequence in text.split("\x1b[").skip(1) {
        let Some(end) = sequence.find(|c: char| c.is_ascii_alphabetic()) else { continue };
        if &sequence[end..=end] != "m" {
            continue;
        }
        let numbers: Vec<u32> = sequence[..end].split([';', ':']).filter_map(|n| n.parse().ok()).collect();
        let mut rest = numbers.as_slice();
        while !rest.is_empty() {
            let length = match rest {
                [38 | 48, 2, ..] => 5,
                [38 | 48, 5, ..] => 3,
                _ => 1,
            };
            let (one, next) = rest.split_at(length);
            found.insert(one.to_vec());
            rest = next;
        }
    }
    found
}

/// What is in the output: true colours, indexed ones, the terminal's own sixteen, reverse.
fn colours(raw: &[u8]) -> (bool, bool, bool, bool) {
    let looks = looks(raw);
    let any = |wanted: fn(&[u32]) -> bool| looks.iter().any(|look| wanted(look));
    (
        any(|look| matches!(look, [38 | 48, 2, ..])),
        any(|look| matches!(look, [38 | 48, 5, ..])),
        any(|look| matches!(look, [30..=37 | 40..=47 | 90..=97 | 100..=107])),
        any(|look| matches!(look, [7])),
    )
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
        tty.sees("log L").key("j").sees_not("DRAFT to Ada");
        quit(&mut tty);
        tty.raw()
    };
    let (dark, light, mute) =
        (background(Some(Ground::Dark)), background(Some(Ground::Light)), background(None));
    assert!(colours(&dark).0 && colours(&light).0 && colours(&mute).0);
    let only_light: BTreeSet<_> = looks(&light).difference(&looks(&dark)).cloned().collect();
    assert!(only_light.len() > 3, "another theme");
    assert!(looks(&mute).is_disjoint(&only_light), "dark unless told otherwise");
}

#[test]
fn no_key_is_lost_to_the_question_for_the_background_and_no_late_answer_is_a_key() {
    let place = Place::new(&some(3), 1_000);
    let mut tty = place.console("anna").asked(None).go();
    // Typed before the terminal has answered; `sees` waits until it counted.
    tty.writes(b"\x1b]11;?");
    tty.key("j").sees("DRAFT to Ben Birch");
    let before = looks(&tty.raw());
    // Over a slow line the answer comes seconds later, with a key before it, a key behind it, and in two pieces. Read as
    // keys it would be a reply, a palette and an editor.
    tty.send(b"j\x1b]11;rgb:fafa/fa");
    tty.until("the third item", |s| s.contains("DRAFT to Cyd"));
    tty.send(b"fa/fafa\x07k");
    let screen = tty.until("the second item again", |s| s.contains("DRAFT to Ben Birch"));
    assert!(!screen.contains("REPLY") && !screen.contains("EDIT"), "{screen}");
    quit(&mut tty);
    assert!(looks(&tty.raw()).difference(&before).count() > 3, "the light theme");
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
    tty.sees("Dear Ada").sees("log L");
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
    tty.sees("Dear Ada").sees("log L");
    // The rest that claims, and what follows from it.
    std::thread::sleep(Duration::from_millis(2_500));
    let before = tty.raw().len();
    std::thread::sleep(Duration::from_secs(3));
    let after = tty.raw().len();
    // A minute mark of an age may fall into it: one frame, not a stream.
    assert!(after - before < 600, "{} bytes at rest", after - before);
    quit(&mut tty);
}
