//! The log from the shell: `tail`, `verify`, what happens without it, and `forget`.

use super::{changed, desk_of, id, item, office, wait};
use crate::office::Office;
use countersign::review::{Base, Routing, SavedEdit};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;

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

#[test]
fn verify_ends_with_7_where_only_the_clock_is_wrong() {
    let office = office(&[item("i1")]);
    office.check(&format!("decide i1 --approve --seen {}", office.seen("i1")), 0, &[]);
    let log = log_file(&office);
    let whole = fs::read_to_string(&log).unwrap();
    let (rest, last) = whole.trim_end().rsplit_once('\n').unwrap();
    // Sealed anew with an honest hash and a clock that went back; nothing beside the log knows better.
    let (signed, _) = last.split_once(",\"hash\"").unwrap();
    let at = signed.find("\"ts\":\"").unwrap() + 6;
    let signed = format!("{}2001-01-01{}", &signed[..at], &signed[at + 10..]);
    let hash: String =
        Sha256::digest([b"\0", signed.as_bytes()].concat()).iter().map(|b| format!("{b:02x}")).collect();
    for entry in fs::read_dir(log.parent().unwrap()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() && path.extension().is_none_or(|e| e != "jsonl") {
            fs::remove_file(path).unwrap();
        }
    }
    fs::write(&log, format!("{rest}\n{signed},\"hash\":\"{hash}\"}}\n")).unwrap();
    let told =
        office.check("verify", 7, &["L0: the chain of 6 entries", "is earlier than the entry before it"]);
    assert!(told.err.is_empty(), "{}", told.screen());
    assert_eq!(office.check("verify --json", 7, &[]).json()[0]["exit_code"], 7);
}

/// What ends a script that could not lay a small disk over the log.
const NO_SMALL_DISK: i32 = 77;

#[test]
fn p1_on_a_real_full_disk_decide_ends_with_5_and_nothing_leaves() {
    let office = office(&[item("i1"), item("i2")]);
    office.check(&format!("decide i1 --approve --seen {}", office.seen("i1")), 0, &[]);
    // In a mount namespace of its own: the small disk goes with the process, however it ends.
    let script = "cp -a \"$0\" \"$1\" && mount -t tmpfs -o size=64k countersign-test \"$0\" || exit 77
        cp -a \"$1/.\" \"$0\" || exit 77
        cat /dev/zero > \"$0/ballast\" 2> \"$1/full\"; shift; exec \"$@\"";
    let seen = office.seen("i2");
    let plain = office.command(&["decide", "i2", "--approve", "--seen", &seen]);
    let mut command = Command::new("unshare");
    command.args(["-m", "sh", "-c", script]).arg(office.data().join("log")).arg(office.path("copy"));
    command.arg(plain.get_program()).args(plain.get_args()).current_dir(office.path("."));
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let Ok(output) = command.output() else { return eprintln!("skipped: there is no unshare here") };
    if output.stderr.starts_with(b"unshare:") || output.status.code() == Some(NO_SMALL_DISK) {
        return eprintln!("skipped: no right to mount a small disk here");
    }
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(5), "{told}");
    assert!(told.contains("the disk is full") && told.contains("; make room"), "{told}");
    assert_eq!(office.replies().len(), 1, "nothing leaves without its entry");
    office.check("verify", 0, &["L1: "]);
    office.check(&format!("decide i2 --approve --seen {}", office.seen("i2")), 0, &["i2: approve, sent"]);
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
