//! The supervisor's screen on a real terminal, beside a team at work.

use super::place::{Place, some};
use rustix::process::Signal;

/// What `show` gives and `decide` wants.
fn approve(place: &Place, agent: &str, item: &str) {
    let shown = place.run(&["show", item, "--json"]);
    let item_: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    let seen = item_["seen"].as_str().unwrap();
    let done = place.as_agent(agent, &["decide", item, "--approve", "--seen", seen]);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_supervisor_sees_decisions_as_they_fall_and_opening_one_is_in_the_log() {
    let place = Place::new(&some(3), 1_000);
    approve(&place, "anna", "i0");
    let mut tty = place.console("sue").args(&["watch", "--theme", "dark"]).go();
    tty.sees("countersign watch").sees("approve").sees("2 waiting").sees("log holds since");
    assert_ne!(tty.termios(), tty.termios_before);
    approve(&place, "ben", "i1");
    tty.sees("ben").sees("1 waiting");
    assert_eq!(place.logged("access", "agent"), [""; 0], "looking on is no access");
    tty.key("/").sees("filter:").types("type=decision agent=ben").key("enter").sees_not("anna");
    tty.key("enter").sees("Sent").sees("Dear Ben, it comes tomorrow.").sees("ben can see it");
    assert_eq!(place.logged("access", "agent"), ["sue"]);
    assert_eq!(place.logged("access", "subject"), ["ben"]);
    assert_eq!(place.logged("access", "decision"), [place.decisions()[1]["id"].as_str().unwrap()]);
    tty.key("q");
    assert_eq!(tty.ends().exit_code(), 0);
    assert_eq!(tty.termios(), tty.termios_before, "line settings");
    assert_eq!(tty.acts(), [""; 0], "nothing acts on the terminal");
    place.verifies();
}

#[test]
fn the_terminal_is_given_back_after_a_signal_and_after_a_panic() {
    for (panics, code) in [(false, 143), (true, 101)] {
        let place = Place::new(&some(1), 1_000);
        approve(&place, "anna", "i0");
        let mut start = place.console("sue").args(&["watch", "--theme", "dark"]);
        if panics {
            start = start.env("COUNTERSIGN_KILL_AT", "watch.panic:2");
        }
        let mut tty = start.go();
        if !panics {
            tty.sees("countersign watch");
            tty.signal(Signal::TERM);
        }
        assert_eq!(tty.ends().exit_code(), code);
        tty.with(|screen| assert!(!screen.alternate_screen() && !screen.hide_cursor()));
        assert_eq!(tty.termios(), tty.termios_before, "line settings");
    }
}
