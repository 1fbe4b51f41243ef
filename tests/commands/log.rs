//! The log from the shell: `tail`, `verify`, what happens without it, and `forget`.

use super::{changed, desk_of, id, item, office, wait};
use crate::office::Office;
use countersign::review::{Base, Routing, SavedEdit};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// The newest file of the log.
fn log_file(office: &Office) -> std::path::PathBuf {
    fs::canonicalize(office.data().join("log/current.jsonl")).unwrap()
}

#[test]
fn p1_without_a_log_nothing_leaves() {
    let office = office(&[item("i1"), item("i2")]);
    office.check(&format!("decide i1 --approve --seen {}", office.seen("i1")), 0, &[]);
    let log = log_file(&office);
    let whole = fs::read(&log).unwrap();
    let broken = String::from_utf8(whole.clone()).unwrap().replace("\"anna\"", "\"hans\"");
    fs::write(&log, broken).unwrap();
    let line = format!("decide i2 --approve --seen {}", office.seen("i2"));
    office.check(&line, 5, &["countersign: "]);
    assert_eq!(office.replies().len(), 1, "nothing leaves without its entry");
    fs::write(&log, whole).unwrap();
    office.check(&line, 0, &["i2: approve, sent"]);
    office.check("verify", 0, &["L1: "]);
}

#[test]
fn who_cannot_sign_keeps_no_item_from_the_others() {
    let office = office(&[item("i1"), item("i2")]);
    office.check(&format!("decide i1 --approve --seen {}", office.seen("i1")), 0, &[]);
    let log = log_file(&office);
    let whole = fs::read_to_string(&log).unwrap();
    let lines: Vec<_> = whole.split_inclusive('\n').collect();
    fs::write(&log, lines[..lines.len() - 2].concat()).unwrap();
    let line = format!("decide i2 --approve --seen {}", office.seen("i2"));
    office.check(&line, 5, &["countersign: "]);
    fs::write(&log, whole).unwrap();
    office.check(&format!("--agent ben {line}"), 0, &["i2: approve, sent"]);
}

#[test]
fn p1_a_log_that_cannot_be_written_refuses_and_sends_nothing() {
    let office = office(&[item("i1")]);
    let line = format!("decide i1 --approve --seen {}", office.seen("i1"));
    let log = office.data().join("log");
    fs::remove_dir_all(&log).unwrap();
    fs::write(&log, "a file where the folder was").unwrap();
    office.check(&line, 5, &["countersign: ", "log"]);
    assert!(office.replies().is_empty());
    fs::remove_file(&log).unwrap();
    office.check(&line, 0, &["i1: approve, sent"]);
}

#[test]
fn tail_shows_the_last_lines_and_goes_on_as_the_log_grows() {
    let office = office(&[item("i1"), item("i2")]);
    fs::remove_dir_all(office.data().join("log")).unwrap();
    office.check("tail", 1, &["countersign: ", "log: there is no log yet; the first verdict makes it"]);
    office.check(&format!("decide i1 --approve --seen {}", office.seen("i1")), 0, &[]);
    let last = office.check("tail -n 2", 0, &[]).json();
    let kinds: Vec<&Value> = last.iter().map(|entry| &entry["type"]).collect();
    assert_eq!(kinds, ["outcome", "session"]);
    let mut live = office.command(&["tail", "-f", "-n", "1"]).spawn().unwrap();
    let mut lines = BufReader::new(live.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    let mut seq = next()["seq"].as_u64().unwrap();
    office.check(&format!("decide i2 --approve --seen {}", office.seen("i2")), 0, &[]);
    let mut kinds = Vec::new();
    while kinds.last().is_none_or(|kind| kind != "outcome sent") {
        let entry = next();
        seq += 1;
        assert_eq!(entry["seq"], seq, "no line is left out");
        kinds.push(format!("{} {}", entry["type"].as_str().unwrap(), entry["what"].as_str().unwrap_or("")));
    }
    assert_eq!(kinds, ["session start", "decision ", "outcome settled", "outcome sent"]);
    live.kill().unwrap();
    live.wait().unwrap();
}

#[test]
fn verify_says_how_far_it_got_and_ends_with_the_code_of_the_worst() {
    let office = office(&[item("i1")]);
    office.check(&format!("decide i1 --approve --seen {}", office.seen("i1")), 0, &[]);
    let log = log_file(&office);
    let whole = fs::read_to_string(&log).unwrap();
    let torn = format!("{whole}{{\"v\":1,\"seq\"");
    let (cut, _) = whole.trim_end().rsplit_once('\n').unwrap();
    for (text, code, sees) in [
        (whole.clone(), 0, ["L1: the chain of 6 entries", "unanchored: the last 0 entries"]),
        (
            whole.replacen("approve", "edited_", 1),
            2,
            ["broken: the chain holds for the first 2 entries", "jsonl line 3 (byte "],
        ),
        (format!("{cut}\n"), 3, ["L0: the chain of 5 entries", "unanchored: "]),
        (torn, 6, ["L1: the chain of 6 entries", "unanchored: "]),
    ] {
        fs::write(&log, text).unwrap();
        office.check("verify", code, &sees);
        let told = office.check("verify --json", code, &[]).json();
        assert_eq!(told[0]["exit_code"], code);
        assert_eq!(told[0]["problem"].is_null(), code == 0);
    }
}

/// Every file below a folder that holds one of these words, which are ASCII.
fn holding(folder: &Path, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, words));
            continue;
        }
        // A store that is being closed takes its working files along.
        let Ok(bytes) = fs::read(&path) else { continue };
        for word in words {
            if bytes.windows(word.len()).any(|window| window == word.as_bytes()) {
                found.push(format!("{word} in {}", path.display()));
            }
        }
    }
    found
}

#[test]
fn forget_leaves_no_trace_of_the_text_in_any_file_and_the_log_whole() {
    const SECRETS: &[&str] = &[
        "Zarathustra",
        "MESSAGE-WORDS",
        "DRAFT-WORDS",
        "EDIT-WORDS",
        "NOTE-WORDS",
        "SAVED-WORDS",
        "SUBJECT-WORDS",
    ];
    let of = |id: &str| {
        changed(id, |i| {
            i["conversation"]["customer"] = json!({"id": "u1", "name": "Zarathustra"});
            i["conversation"]["subject"] = "SUBJECT-WORDS".into();
            i["conversation"]["messages"][0]["text"] = "MESSAGE-WORDS of mine".into();
            i["draft"]["text"] = "DRAFT-WORDS for you".into();
        })
    };
    let office = office(&[of("i1"), of("i2"), item("other")]);
    fs::remove_file(office.path("items.jsonl")).unwrap();
    office.write("edited", "EDIT-WORDS of the agent");
    office.check(&format!("decide i1 --edit edited --seen {}", office.seen("i1")), 0, &["i1: edit, sent"]);
    let ben = desk_of("ben", &office);
    let edit = SavedEdit {
        item: id("i2"),
        base: Base::Draft { id: "d1".parse().unwrap(), version: 1, text: "DRAFT-WORDS for you".to_owned() },
        text: "SAVED-WORDS, half written".to_owned(),
        caret: 0,
        at: ben.now(),
    };
    wait(ben.save_edit(edit)).unwrap();
    wait(ben.route(id("i2"), Routing::Note { text: "NOTE-WORDS about them".to_owned() })).unwrap().unwrap();
    let before = holding(&office.data(), SECRETS);
    for word in SECRETS {
        assert!(
            before.iter().any(|found| found.starts_with(word)),
            "{word} was never there: the test proves nothing"
        );
    }
    office.check(
        "forget --customer u1",
        1,
        &["this destroys every text of u1", "cannot be undone; say --yes to do it"],
    );
    assert_eq!(holding(&office.data(), SECRETS), before, "without --yes nothing is destroyed");
    office.write("data/queue.v1.backup", "an update's copy");
    office.check(
        "forget --customer u1 --yes",
        0,
        &["u1: forgotten: 2 items, 1 decisions", "backups", "queue.v1.backup", "delete it"],
    );
    assert_eq!(holding(&office.data(), SECRETS), [""; 0], "while another console is open");
    drop(ben);
    assert_eq!(holding(&office.data(), SECRETS), [""; 0]);
    office.check("verify", 0, &["L1: "]);
    assert_eq!(office.entries("erasure").len(), 1);
    office.check("show i2", 1, &["there is no such item, or its text is gone"]);
    office.check("show other", 0, &["Where is my refund?"]);
    assert_eq!(office.replies().len(), 1, "the id stays, so that nothing is sent twice");
}
