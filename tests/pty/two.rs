//! Two consoles on one folder work together (P3).

use super::place::{Place, some};
use super::tty::Tty;
use std::time::{Duration, Instant};

fn console(place: &Place, agent: &str) -> Tty {
    let tty = place.console(agent).size(160, 45).go();
    tty.sees("Dear Ada").sees("log L");
    tty
}

/// How soon a colleague's doing must be on screen. The promise is a second; a busy machine gets two.
const SOON: Duration = Duration::from_secs(2);

#[test]
fn each_sees_the_others_claim_and_decision_within_a_second() {
    let place = Place::new(&some(4), 60_000);
    let anna = console(&place, "anna");
    // Anna rests on the first item: it is hers, and so is the next one.
    let ben = place.console("ben").size(160, 45).go();
    ben.sees("Dear").sees("log L").sees("anna");
    // Ben goes where nobody is.
    ben.key("G").sees("DRAFT to Dov Dunn").key("e").sees("EDIT to Dov Dunn").key("esc");
    let since = Instant::now();
    anna.until("ben's claim", |s| s.lines().any(|l| l.contains("ben") && !l.contains("countersign")));
    assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
    ben.verdict("a", |s| s.contains("held"));
    let since = Instant::now();
    anna.sees("3 waiting");
    assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
    // What Ben took back is there again.
    ben.key("u").sees("taken back: the reply to Dov Dunn");
    let since = Instant::now();
    anna.sees("4 waiting");
    assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
}

#[test]
fn a_claim_taken_by_force_is_told_to_both_and_logged() {
    let place = Place::new(&some(1), 60_000);
    let mut anna = console(&place, "anna");
    anna.key("e").sees("EDIT to").types("Kept. ").sees("Kept. Dear Ada");
    let mut ben = place.console("ben").size(160, 45).go();
    ben.sees("Dear Ada").sees("anna").sees("log L");
    // Held: no verdict of his counts.
    ben.verdict("a", |s| s.contains("anna holds this item"));
    ben.key("F").sees("it was anna's");
    // Anna is told without a key of hers, and what she wrote stands before her.
    let since = Instant::now();
    anna.sees("ben has taken this item");
    assert!(since.elapsed() < SOON, "{:?}", since.elapsed());
    anna.sees("Kept. Dear Ada");
    // Anna signs all the same: refused, by name, with her text kept.
    anna.verdict("ctrl-s", |s| s.contains("DIFFERENCE") || s.contains("ben"));
    if anna.screen().contains("DIFFERENCE") {
        anna.verdict("ctrl-s", |s| s.contains("ben"));
    }
    assert_eq!(place.decisions().iter().filter(|d| d["agent"] == "anna").count(), 0, "{}", anna.screen());
    ben.verdict("a", |s| s.contains("held"));
    ben.key("q").sees("Leave?").key("3");
    assert_eq!(ben.ends().exit_code(), 0);
    anna.key("ctrl-c").until("the end or a question", |s| s.contains("Leave?"));
    anna.key("2");
    anna.ends();
    assert_eq!(place.replies().len(), 1);
    assert!(place.logged("routing", "act").iter().any(|w| w == "claim_forced"));
    place.verifies();
}

#[test]
fn p3_of_two_who_sign_the_same_one_stands_and_the_other_reads_the_name() {
    // Ben signs without a screen in the moment in which Anna has the difference before her.
    let place = Place::new(&some(1), 60_000);
    let mut anna = console(&place, "anna");
    anna.key("e").sees("EDIT to").types("Kept. ").sees("Kept. Dear Ada");
    anna.verdict("ctrl-s", |s| s.contains("DIFFERENCE"));
    let shown = place.as_agent("ben", &["show", "i0", "--json"]);
    let seen: serde_json::Value = serde_json::from_slice(&shown.stdout).unwrap();
    let token = seen["seen"].as_str().unwrap();
    let done = place.as_agent("ben", &["decide", "i0", "--approve", "--seen", token, "--json"]);
    let ben_first = done.status.success();
    let screen =
        anna.verdict("ctrl-s", |s| !s.contains("DIFFERENCE") || s.contains("ben") || s.contains("decided"));
    if ben_first {
        assert!(screen.contains("ben"), "the loser reads the winner's name\n{screen}");
        assert_eq!(place.logged("decision", "agent"), ["ben"]);
    }
    anna.key("ctrl-c");
    anna.until("the end or a question", |s| s.contains("Leave?") || !s.contains("countersign"));
    anna.types("3");
    anna.ends();
    assert_eq!(place.replies().len(), 1);
    place.verifies();
}

#[test]
fn p3_two_hasty_agents_make_one_reply_for_each_item() {
    let place = Place::new(&some(6), 60_000);
    std::thread::scope(|scope| {
        for agent in ["anna", "ben"] {
            let place = &place;
            scope.spawn(move || {
                let mut tty = place.console(agent).size(160, 45).go();
                tty.sees("log L");
                // Whatever is on screen is approved until nothing is left; the list is walked round and round.
                for walk in ["j", "j", "g"].iter().cycle().take(30) {
                    if tty.screen().contains(" 0 waiting") {
                        break;
                    }
                    tty.key("a");
                    std::thread::sleep(Duration::from_millis(700));
                    tty.key(walk);
                    std::thread::sleep(Duration::from_millis(400));
                }
                tty.sees(" 0 waiting");
                tty.key("q");
                tty.until("the end or a question", |s| s.contains("Leave?") || !s.contains("waiting"));
                tty.types("3");
                assert_eq!(tty.ends().exit_code(), 0);
            });
        }
    });
    let mut items: Vec<String> =
        place.replies().iter().map(|r| r["item"].as_str().unwrap().to_owned()).collect();
    items.sort();
    let all: Vec<String> = (0..6).map(|n| format!("i{n}")).collect();
    assert_eq!(items, all);
    place.verifies();
}
