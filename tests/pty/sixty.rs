//! The job on real input: sixty decisions of all kinds on the queue of 1,999 items.

use super::place::Place;
use std::collections::BTreeMap;
use std::path::Path;

#[test]
fn sixty_decisions_on_the_real_queue() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/reviews");
    let Ok(files) = std::fs::read_dir(&folder) else {
        eprintln!("SKIPPED: {} is not there; nothing was tested on the real queue", folder.display());
        return;
    };
    let mut files: Vec<String> = files
        .map(|f| f.unwrap().path())
        .filter(|f| f.extension().is_some_and(|e| e == "jsonl"))
        .map(|f| f.to_str().unwrap().to_owned())
        .collect();
    files.sort();
    let place = Place::new(&[], 600_000);
    let args: Vec<&str> = std::iter::once("import").chain(files.iter().map(String::as_str)).collect();
    let output = place.run(&args);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut tty = place.console("anna").go();
    tty.sees("1,999 waiting").sees("log L");

    // What is done with the item on screen, by turns; how often each has been done.
    let turns =
        ["approve", "edit", "close", "take_over", "approve", "snooze", "edit", "undo", "approve", "close"];
    let mut done: BTreeMap<&str, usize> = BTreeMap::new();
    for turn in 0..60 {
        let waiting = 1_999 - done.iter().filter(|(k, _)| **k != "undo").map(|(_, n)| n).sum::<usize>();
        let fewer = format!(" {} waiting", thousands(waiting - 1));
        let gone = |s: &str| s.contains(&fewer);
        let what = turns[turn % turns.len()];
        match what {
            "approve" => drop(tty.verdict("a", gone)),
            "edit" => {
                tty.key("e").sees("EDIT ").types("Hello! ").sees("Hello! ").key("f3").sees("DIFFERENCE");
                tty.verdict("ctrl-s", gone);
            }
            "take_over" => {
                tty.verdict("t", |s| s.contains("the AI has said"));
                tty.types("I am here now.").sees("I am here now.");
                tty.verdict("ctrl-s", gone);
            }
            "snooze" => drop(tty.key("z").sees("Snooze until").key("1").until("one fewer", gone)),
            "close" => drop(tty.key("x").sees("Close without").key("1").until("one fewer", gone)),
            _ => {
                tty.verdict("a", gone);
                tty.key("u")
                    .sees("taken back: the reply to")
                    .sees(&format!(" {} waiting", thousands(waiting)));
            }
        }
        *done.entry(what).or_default() += 1;
    }
    let sent = done["approve"] + done["edit"] + done["take_over"];
    tty.key("q").sees("Leave?").sees(&format!("{sent} replies are still held")).key("3");
    assert_eq!(tty.ends().exit_code(), 0);

    place.verifies();
    let mut signed: Vec<(String, String)> = Vec::new();
    let mut undone = Vec::new();
    for entry in place.log() {
        let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
        match (text("type").as_str(), text("what").as_str()) {
            ("decision", _) => signed.push((text("id"), text("verdict"))),
            ("outcome", "undone") => undone.push(text("decision")),
            _ => {}
        }
    }
    assert_eq!((signed.len(), undone.len()), (sent + done["undo"], done["undo"]));
    signed.retain(|(id, _)| !undone.contains(id));
    signed.sort();
    let mut replies: Vec<(String, String)> = place
        .replies()
        .iter()
        .map(|r| (r["id"].as_str().unwrap().to_owned(), r["verdict"].as_str().unwrap().to_owned()))
        .collect();
    replies.sort();
    assert_eq!(replies, signed, "exactly the signed ones that were not taken back");
    let acts = place.logged("routing", "act");
    for (act, name) in [("close", "close"), ("snooze", "snooze"), ("taken_over", "take_over")] {
        assert_eq!(acts.iter().filter(|a| *a == act).count(), done[name], "{act}");
    }
}

fn thousands(n: usize) -> String {
    if n < 1_000 { n.to_string() } else { format!("{},{:03}", n / 1_000, n % 1_000) }
}
