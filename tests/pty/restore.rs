//! The terminal is given back, whatever happens: every mode undone in reverse order, the line settings as before.

use super::place::{Place, some};
use super::tty::Tty;
use rustix::process::Signal;
use std::time::{Duration, Instant};

/// Private modes set (`+`) and reset (`-`) in the output, in order; frames and mouse apart.
fn modes(raw: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(raw);
    text.split("\x1b[?")
        .skip(1)
        .filter_map(|rest| {
            let end = rest.find(|c: char| !c.is_ascii_digit())?;
            let sign = match rest.as_bytes()[end] {
                b'h' => '+',
                b'l' => '-',
                _ => return None,
            };
            Some(format!("{sign}{}", &rest[..end]))
        })
        .filter(|m| !["2026", "1000", "1006"].contains(&&m[1..]))
        .collect()
}

/// What a start sets; the cursor's comes last.
const SET: [&str; 4] = ["+1049", "+2004", "+1004", "-25"];
/// The same backwards.
const UNDONE: [&str; 4] = ["+25", "-1004", "-2004", "-1049"];

#[track_caller]
fn given_back(tty: &Tty) {
    let raw = tty.raw();
    let mut all = modes(&raw);
    // A dropped ratatui terminal shows its cursor once more, which harms nothing.
    all.truncate(all.len() - usize::from(all.last().is_some_and(|mode| mode == "+25")));
    assert_eq!(all[..4], SET, "{all:?}");
    assert_eq!(all[all.len() - 4..], UNDONE, "{all:?}");
    let last = String::from_utf8_lossy(&raw).rfind("\x1b[?2026").unwrap();
    assert_eq!(raw[last + 7], b'l', "the last frame is closed");
    tty.with(|screen| {
        assert!(!screen.alternate_screen() && !screen.hide_cursor() && !screen.bracketed_paste());
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None);
    });
    assert_eq!(tty.termios(), tty.termios_before, "line settings");
}

fn console(place: &Place) -> Tty {
    let tty = place.console("anna").go();
    tty.sees("Dear Ada").sees("log L");
    assert_ne!(tty.termios(), tty.termios_before);
    tty
}

#[test]
fn after_quit() {
    let place = Place::new(&some(2), 1_000);
    let mut tty = console(&place);
    tty.key(",").sees("choose the colours").key("m").sees("the mouse clicks here now");
    tty.with(|s| assert_ne!(s.mouse_protocol_mode(), vt100::MouseProtocolMode::None));
    tty.key("q");
    assert_eq!(tty.ends().exit_code(), 0);
    given_back(&tty);
}

#[test]
fn after_sigterm_and_sighup_with_the_text_kept() {
    for (signal, code) in [(Signal::TERM, 143), (Signal::HUP, 129), (Signal::INT, 130)] {
        let place = Place::new(&some(2), 1_000);
        let mut tty = console(&place);
        tty.key("e").sees("EDIT to").types("Kept. ").sees("Kept. Dear Ada");
        tty.signal(signal);
        let status = tty.ends_within(Duration::from_secs(5));
        assert_eq!(status.exit_code(), code, "{signal:?}");
        given_back(&tty);
        let again = console(&place);
        again.key("e").sees("Kept. Dear Ada");
        place.verifies();
    }
}

/// Waits until the process that wrote its number into `file` is gone.
fn is_gone(file: &std::path::Path) {
    let pid: i32 = std::fs::read_to_string(file).unwrap().trim().parse().unwrap();
    let pid = rustix::process::Pid::from_raw(pid).unwrap();
    let until = Instant::now() + Duration::from_secs(10);
    while rustix::process::test_kill_process(pid).is_ok() {
        assert!(Instant::now() < until, "the editor still runs");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn p9_after_sigterm_with_an_editor_open_which_ends_too_and_what_was_saved_in_it_is_kept() {
    // The second editor does not listen.
    for (name, trap) in [("heeds", ""), ("ignores", "trap '' TERM; ")] {
        let place = Place::new(&some(2), 1_000);
        let script = format!(
            "echo $$ > pid; {trap}printf 'Saved there. ' > \"$1\"; echo READY; while :; do read x; done"
        );
        let editor = place.script("editor", &script);
        let mut tty = place.console("anna").env("EDITOR", format!("A=1 '{editor}'")).go();
        tty.sees("Dear Ada").sees("log L");
        tty.key("E");
        tty.writes(b"READY");
        tty.signal(Signal::TERM);
        let status = tty.ends_within(Duration::from_secs(10));
        assert_eq!(status.exit_code(), 143, "{name}");
        is_gone(&place.root().join("pid"));
        given_back(&tty);
        let again = console(&place);
        again.key("e").sees("EDIT to");
        if trap.is_empty() {
            again.sees("Saved there.");
        }
        place.verifies();
    }
}

#[test]
fn after_a_panic_in_the_loop_and_in_the_effects() {
    for point in ["console.panic:4", "effects.panic:1"] {
        let place = Place::new(&some(2), 1_000);
        let mut tty = place.console("anna").env("COUNTERSIGN_KILL_AT", point).go();
        tty.sees("Dear Ada");
        tty.key("e").types("abc");
        let status = tty.ends_within(Duration::from_secs(10));
        assert_eq!(status.exit_code(), 101, "{point}");
        given_back(&tty);
        tty.sees("what you typed is kept").sees("panicked at");
        let raw = tty.raw();
        let text = String::from_utf8_lossy(&raw);
        let (_, after) = text.rsplit_once("\x1b[?1049l").unwrap();
        assert!(after.contains("what you typed is kept"), "said on the screen that stays: {after}");
        assert!(!after.contains("\x1b[?"), "nothing is drawn afterwards: {after:?}");
    }
}

#[test]
fn ctrl_z_gives_the_terminal_to_the_shell_and_fg_takes_it_again() {
    let place = Place::new(&some(2), 1_000);
    let tty = place.console("anna").shell("set -m; $CONSOLE; echo STOPPED; read x; fg; echo LEFT $?").go();
    tty.sees("Dear Ada");
    let raw_mode = tty.termios();
    tty.key("e").sees("EDIT to").types("Kept. ").sees("Kept. Dear Ada");
    tty.key("ctrl-z");
    tty.writes(b"STOPPED");
    given_back(&tty);
    tty.with(|s| assert!(!s.alternate_screen()));
    tty.resize(100, 30);
    tty.types("\r").sees("Kept. Dear Ada");
    tty.with(|s| assert!(s.alternate_screen() && s.bracketed_paste()));
    assert_eq!(tty.termios(), raw_mode);
    tty.types("More. ").sees("Kept. More. Dear Ada");
    tty.key("esc").sees("your text is kept").key("q");
    tty.writes(b"LEFT 0");
    given_back(&tty);
}

#[test]
fn stopped_and_continued_from_outside_it_draws_everything_anew() {
    let place = Place::new(&some(2), 1_000);
    let tty = console(&place);
    let raw_mode = tty.termios();
    tty.signal(Signal::STOP);
    // What a shell does meanwhile: another line mode, another screen.
    std::process::Command::new("stty").args(["-F", tty.name().to_str().unwrap(), "sane"]).status().unwrap();
    assert_ne!(tty.termios(), raw_mode);
    tty.scribble(b"\x1b[?1049l\x1b[?25h\x1b[?2004lsomebody wrote here");
    tty.signal(Signal::CONT);
    tty.sees_not("somebody wrote here").sees("Dear Ada");
    tty.with(|s| assert!(s.alternate_screen() && s.bracketed_paste() && s.hide_cursor()));
    assert_eq!(tty.termios(), raw_mode);
}

#[test]
fn a_terminal_that_goes_away_ends_the_program() {
    // Under a shell that ignores the hang-up nobody tells the console but the terminal itself.
    for shell in [None, Some("trap '' HUP; $CONSOLE; echo $? > left")] {
        let place = Place::new(&some(2), 1_000);
        let start = place.console("anna");
        let mut tty = match shell {
            Some(script) => start.shell(script).go(),
            None => start.go(),
        };
        tty.sees("Dear Ada").sees("log L");
        tty.key("e").sees("EDIT to").types("Kept. ").sees("Kept. Dear Ada");
        tty.hang_up();
        let since = Instant::now();
        tty.ends_within(Duration::from_secs(10));
        assert!(since.elapsed() < Duration::from_secs(3), "{:?}", since.elapsed());
        let again = console(&place);
        again.key("e").sees("Kept. Dear Ada");
        place.verifies();
    }
}

#[test]
fn a_terminal_that_takes_nothing_more_does_not_hold_the_program() {
    let place = Place::new(&some(2), 1_000);
    let mut tty = console(&place);
    tty.go_deaf();
    // Far more frames than the line takes.
    for _ in 0..200 {
        tty.send(b"\x0c");
        std::thread::sleep(Duration::from_millis(2));
    }
    tty.signal(Signal::TERM);
    let status = tty.ends_within(Duration::from_secs(6));
    assert_eq!(status.exit_code(), 143);
    assert_eq!(tty.termios(), tty.termios_before, "line settings");
}

#[test]
fn without_a_terminal_it_says_what_to_do() {
    let place = Place::new(&some(1), 1_000);
    let output = place.run(&[]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("no terminal") && text.contains("--plain"), "{text}");
    // The supervisor's screen has no --plain.
    let output = place.run(&["watch"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("`countersign tail -f`") && !text.contains("--plain"), "{text}");
}
