//! Nothing typed is lost (P9), nothing is sent unlogged (P1), what was staged ends (P4): the screen says so.

use super::place::{Place, some};
use super::tty::Tty;
use rustix::process::Signal;
use std::path::Path;
use std::time::Duration;

fn console(place: &Place) -> Tty {
    let tty = place.console("anna").go();
    tty.sees("Dear Ada").sees("log L");
    tty
}

#[test]
fn p9_killed_in_the_middle_of_a_word_the_text_is_there_again() {
    let place = Place::new(&some(3), 1_000);
    let mut tty = console(&place);
    tty.key("e").sees("EDIT to").types("First part. ").sees("First part. Dear Ada");
    // The last second may be lost; this is older than that.
    std::thread::sleep(Duration::from_millis(1_400));
    tty.types("Unfin").sees("Unfin");
    tty.signal(Signal::KILL);
    assert_ne!(tty.ends().exit_code(), 0);
    let again = console(&place);
    again.key("e").sees("First part. ").types("Second part. ").sees("Second part. ").key("esc").sees("kept");
    again.verdict("e", |s| s.contains("EDIT to"));
    again.sees("First part.");
    again.verdict("ctrl-s", |s| s.contains("DIFFERENCE"));
    again.verdict("ctrl-s", |s| s.contains("DRAFT to Ben Birch"));
    again.key("q").sees("Leave?").key("3");
    let mut again = again;
    assert_eq!(again.ends().exit_code(), 0);
    let replies = place.replies();
    assert!(replies[0]["text"].as_str().unwrap().starts_with("First part. "), "{replies:?}");
    place.verifies();
}

type Break = (&'static str, fn(&Path));

/// What may happen to the log while somebody works.
const BREAKS: [Break; 3] = [
    ("the folder is no folder", |log| std::fs::write(log, "").unwrap()),
    ("a line that is none", |log| {
        copy(log);
        let newest = newest(log);
        let mut text = std::fs::read_to_string(&newest).unwrap();
        text.push_str("{\"v\":1,\"seq\":3,\"type\":\"nonsense\"}\n");
        std::fs::write(newest, text).unwrap();
    }),
    ("lines are missing at the end", |log| {
        copy(log);
        let newest = newest(log);
        let text = std::fs::read_to_string(&newest).unwrap();
        let first = text.lines().next().unwrap();
        std::fs::write(newest, format!("{first}\n")).unwrap();
    }),
];

/// The whole log, as it is kept beside.
fn copy(log: &Path) {
    let kept = log.with_extension("kept");
    std::fs::create_dir(log).unwrap();
    for entry in std::fs::read_dir(kept).unwrap() {
        let entry = entry.unwrap();
        let to = log.join(entry.file_name());
        if entry.file_type().unwrap().is_symlink() {
            std::os::unix::fs::symlink(std::fs::read_link(entry.path()).unwrap(), to).unwrap();
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn newest(log: &Path) -> std::path::PathBuf {
    let mut all: Vec<_> = std::fs::read_dir(log)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.file_name().unwrap().to_str().unwrap().starts_with("decisions-"))
        .collect();
    all.sort();
    all.pop().unwrap()
}

fn p1_broken(which: usize) {
    let (what, break_it) = BREAKS[which];
    let place = Place::new(&some(3), 1_000);
    let mut tty = console(&place);
    tty.key("e").sees("EDIT to").types("Kept. ").sees("Kept. Dear Ada");
    tty.verdict("ctrl-s", |s| s.contains("DIFFERENCE"));
    let log = place.data().join("log");
    std::fs::rename(&log, log.with_extension("kept")).unwrap();
    break_it(&log);
    let screen = tty.verdict("ctrl-s", |s| s.contains("not signed") || s.contains("nothing can be signed"));
    assert!(screen.contains("Kept. Dear Ada") || screen.contains("refused"), "{what}\n{screen}");
    tty.sees("log closed");
    assert_eq!(place.replies().len(), 0, "{what}");
    if screen.contains("refused 1") {
        // The next one is refused at once, with the reason; this one waits in the tray.
        tty.verdict("a", |s| s.contains("nothing can be signed"));
        tty.key("o").sees("open the newest refused").key("r").sees("DRAFT to Ada Able").sees("kept");
    } else {
        // The console knew before: nothing has left the editor.
        tty.key("e").sees("EDIT to Ada").key_until("esc", |s| s.contains("DRAFT to Ada"));
    }
    tty.key("q");
    tty.ends();
    assert_eq!(place.replies().len(), 0, "{what}");
    if log.is_dir() {
        std::fs::remove_dir_all(&log).unwrap();
    } else {
        std::fs::remove_file(&log).unwrap();
    }
    std::fs::rename(log.with_extension("kept"), &log).unwrap();
    let mut again = console(&place);
    again.key("e").sees("Kept. Dear Ada");
    again.verdict("ctrl-s", |s| s.contains("DIFFERENCE"));
    again.verdict("ctrl-s", |s| s.contains("DRAFT to Ben Birch"));
    again.key("q").sees("Leave?").key("3");
    assert_eq!(again.ends().exit_code(), 0);
    assert_eq!(place.replies().len(), 1, "{what}");
    assert_eq!(place.logged("decision", "verdict"), ["edit"], "{what}");
    place.verifies();
}

#[test]
fn p1_with_the_log_gone_nothing_is_signed_and_the_text_is_kept() {
    p1_broken(0);
}

#[test]
fn p1_with_a_spoilt_log_nothing_is_signed_and_the_text_is_kept() {
    p1_broken(1);
}

#[test]
fn p1_with_a_cut_log_nothing_is_signed_and_the_text_is_kept() {
    p1_broken(2);
}

#[test]
fn p4_killed_while_signing_the_next_start_finishes_it_and_says_so() {
    for (point, signed) in [("desk.staged", false), ("ledger.synced:2", true), ("queue.settled", true)] {
        let place = Place::new(&some(3), 600_000);
        let mut tty = place.console("anna").env("COUNTERSIGN_KILL_AT", point).go();
        tty.sees("Dear Ada").sees("log L");
        tty.key("e").sees("EDIT to").types("Kept. ").sees("Kept. Dear Ada");
        tty.verdict("ctrl-s", |s| s.contains("DIFFERENCE"));
        while !tty.has_ended() {
            // The kill may leave the last frame standing: the end is what is waited for.
            std::thread::sleep(Duration::from_millis(1_100));
            tty.key("ctrl-s");
            std::thread::sleep(Duration::from_millis(400));
        }
        assert_ne!(tty.ends().exit_code(), 0, "{point}");
        let mut again = place.console("anna").go();
        if signed {
            again.sees("2 waiting").sees("held").sees("Ada Able u undo");
        } else {
            again.sees("of a session that broke off are kept").key("e").sees("Kept. Dear Ada").key("esc");
            again.sees("DRAFT to Ada Able");
        }
        again.sees("log L").key("q");
        again.until("the end or a question", |s| s.contains("Leave?") || !s.contains("DRAFT"));
        again.types("3");
        assert_eq!(again.ends().exit_code(), 0, "{point}");
        assert_eq!(place.replies().len(), usize::from(signed), "{point}");
        place.verifies();
    }
}
