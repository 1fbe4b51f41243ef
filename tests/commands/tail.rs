//! `tail` at the shell: rows, filters, checks, hostile values, readers that go.

use super::{changed, item, office};
use crate::office::Office;
use countersign::ledger::{FIELDS, Kind};
use countersign::visible;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

/// Two decisions, one as it is and one changed.
fn worked() -> Office {
    let office = office(&[item("i1"), changed("i2", |i| i["emotion"] = json!({"label": "anger"}))]);
    office.check(&format!("decide i1 --approve --seen {}", office.seen("i1")), 0, &[]);
    office.write("reply.txt", "\nDear Ana, your refund left yesterday.\nYours");
    office.check(&format!("decide i2 --edit reply.txt --seen {}", office.seen("i2")), 0, &[]);
    office
}

fn log_file(office: &Office) -> std::path::PathBuf {
    fs::canonicalize(office.data().join("log/current.jsonl")).unwrap()
}

#[test]
fn rows_say_who_decided_what_and_how_with_the_first_line_of_the_text() {
    let office = worked();
    let day = today();
    office.check(
        "tail --pretty --where type=decision",
        0,
        &[
            &day,
            "  approve        anna        i1            ",
            "email en  as it is",
            "“Dear Ana, your refund left today.”\n",
            "  edit           anna        i2            anger  email en  ",
            " changed, ",
            " % AI",
            "“Dear Ana, your refund left yesterday.”\n",
        ],
    );
    office.check("tail --pretty", 0, &["  session start  anna", "  settled ", "  i2", "  sent ", "  i2"]);
    let shown = office.check("tail --pretty -n 100 --color always", 0, &["\u{1b}[", "approve"]).out;
    assert!(!office.check("tail --pretty -n 100", 0, &[]).out.contains(&0x1b), "no colour into a pipe");
    assert!(shown.contains(&0x1b));
    // A copy of the log without the store still tells what it holds.
    fs::remove_file(office.data().join("queue.sqlite")).unwrap();
    let rows =
        office.check("tail --pretty --where type=decision", 0, &["approve        anna        i1"]).screen();
    assert!(!rows.contains("Dear Ana"), "{rows}");
}

/// Today as rows begin with it.
fn today() -> String {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    now.strftime("%A, %Y-%m-%d\n").to_string()
}

#[test]
fn a_forgotten_text_stands_in_no_row() {
    let office = worked();
    office.check("forget --customer u-i1 --yes", 0, &[]);
    let rows = office.check("tail --pretty -n 100", 0, &["approve", "erasure"]).screen();
    assert!(!rows.contains("refund left today") && rows.contains("refund left yesterday"), "{rows}");
}

#[test]
fn only_what_is_asked_for_is_shown() {
    let office = worked();
    let of = |line: &str| -> Vec<Value> { office.check(&format!("tail {line}"), 0, &[]).json() };
    assert_eq!(of("--where verdict=edit").len(), 1);
    assert_eq!(of("--where verdict!=edit --where agent=anna").len(), 1);
    assert_eq!(of("--where type=decision --where sent_chars>1 -n 1")[0]["item"], "i2");
    assert_eq!(of("--since 10m").len(), of("-n 1000").len());
    assert_eq!(of("--until 10m").len(), 0);
    assert_eq!(of("--since yesterday --until 2020-01-01").len(), 0);
    assert_eq!(of("-n 0").len(), 0);
    for (line, told) in [
        ("--where verdikt=edit", "--where: the log has no field `verdikt`; do you mean `verdict`?"),
        ("--where verdict", "write field=value"),
        ("--since soonish", "--since soonish: is no moment; write 2026-11-20T09:01:00Z"),
    ] {
        office.check(&format!("tail {line}"), 1, &["countersign: ", told]);
    }
}

#[test]
fn a_broken_line_is_marked_where_it_stands_and_the_exit_code_says_so() {
    let office = worked();
    office.check("tail --check -n 100", 0, &[]);
    let whole = fs::read_to_string(log_file(&office)).unwrap();
    fs::write(log_file(&office), whole.replacen("\"approve\"", "\"edit\"", 1)).unwrap();
    // JSON stays JSON: what is wrong goes to standard error.
    let shown = office.types("tail --check -n 100");
    assert_eq!((shown.code, shown.json().len()), (2, whole.lines().count()));
    let told = String::from_utf8(shown.err).unwrap();
    assert!(told.starts_with("countersign: broken: decisions-") && told.contains(" line 3 (byte "), "{told}");
    office.check("tail --check --pretty -n 100", 2, &["session", "✗ broken: decisions-", " edit "]);
    office.check("tail -n 100", 0, &[]);
    // Also when only the last lines are asked for, and the broken one is not among them.
    office.check("tail --check -n 2", 0, &[]);
    office.check("tail --check --where type=outcome", 2, &["broken: "]);
}

#[test]
fn following_ends_at_once_when_its_reader_goes_and_says_what_it_found() {
    for broken in [false, true] {
        let office = worked();
        let mut child = office.command(&["tail", "-f", "-n", "1"]).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        lines.next().unwrap().unwrap();
        if broken {
            let mut log = fs::OpenOptions::new().append(true).open(log_file(&office)).unwrap();
            log.write_all(b"{\"v\":1}\n").unwrap();
            assert_eq!(lines.next().unwrap().unwrap(), "{\"v\":1}");
        }
        drop(lines);
        let code = child.wait().unwrap().code();
        assert_eq!(code, Some(if broken { 2 } else { 0 }));
    }
}

#[test]
fn a_signal_ends_following_with_the_code_of_what_was_found() {
    for (broken, expected) in [(false, 130), (true, 2)] {
        let office = worked();
        let mut child = office.command(&["tail", "-f", "-n", "1"]).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        lines.next().unwrap().unwrap();
        if broken {
            let mut log = fs::OpenOptions::new().append(true).open(log_file(&office)).unwrap();
            log.write_all(b"{}\n").unwrap();
            lines.next().unwrap().unwrap();
        }
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(expected));
    }
}

/// Values that would act on a terminal, a shell's eye or a JSON reader.
const HOSTILE: &[&str] = &[
    "\u{1b}[2J\u{1b}]0;owned\u{7}",
    "\u{9b}31m\u{9d}52;c;AAAA\u{9c}",
    "a\r\nb\u{2028}c\u{85}d",
    "\u{202e}evil\u{2066}",
    "z\u{200b}w\u{e0041}\u{feff}",
    "\"},\"hash\":\"\\",
    "\u{0}\u{8}\u{7f}",
    "e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}",
];

/// A log with every text of every kind of line replaced.
fn hostile_log(office: &Office, value: &str) {
    let log = office.data().join("log");
    fs::create_dir_all(&log).unwrap();
    let mut text = String::new();
    for kind in ["header", "session", "decision", "outcome", "routing", "correction", "report", "hologram"] {
        let mut entry = json!({"v": 1, "seq": 1, "ts": "2026-11-20T09:01:00.000Z", "type": kind});
        for (name, of) in FIELDS.iter().filter(|(name, _)| !["v", "seq", "ts", "type"].contains(name)) {
            entry[*name] = if *of == Kind::Number { json!(7) } else { value.into() };
        }
        entry[value] = value.into();
        text += &visible::ascii_json(&format!("{entry}\n"));
    }
    // And one whose type and moment are hostile too.
    text += &visible::ascii_json(&format!("{}\n", json!({"ts": value, "type": value, "agent": value})));
    fs::write(log.join("decisions-2026-11-20-00.jsonl"), text).unwrap();
}

/// Nothing in it acts or hides, but for our own colours.
fn assert_inert(what: &str, out: &[u8]) {
    let text = String::from_utf8(out.to_vec()).unwrap();
    let mut plain = String::new();
    for (n, piece) in text.split("\u{1b}[").enumerate() {
        let (sgr, rest) = if n == 0 { ("", piece) } else { piece.split_once('m').unwrap() };
        assert!(sgr.bytes().all(|b| b.is_ascii_digit() || b == b';'), "{what}: {piece:?}");
        plain += rest;
    }
    for line in plain.lines() {
        assert_eq!(visible::line(line), line, "{what}: {line:?}");
    }
}

#[test]
fn p6_hostile_values_are_inert_in_rows_in_json_and_behind_jq() {
    for value in HOSTILE {
        let office = Office::new();
        hostile_log(&office, value);
        let json = office.check("tail -n 100", 0, &[]);
        assert!(json.out.is_ascii());
        for entry in json.json() {
            for (key, value) in entry.as_object().unwrap() {
                assert_inert("key", key.as_bytes());
                assert_inert(key, value.as_str().unwrap_or_default().as_bytes());
            }
        }
        for line in ["tail -n 100 --pretty", "tail -n 100 --pretty --color always"] {
            let rows = office.check(line, 0, &[]).out;
            assert!(rows.split(|b| *b == b'\n').count() >= 9, "a row for each");
            assert_inert(line, &rows);
        }
        assert_inert("check", &office.check("tail --check -n 100 --pretty", 2, &["✗ broken"]).out);
        let jq = Command::new("jq").args(["-r", ".[]"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let Ok(mut jq) = jq else {
            std::io::stderr().write_all(b"SKIPPED: there is no jq here\n").unwrap();
            continue;
        };
        jq.stdin.take().unwrap().write_all(&json.out).unwrap();
        assert_inert("jq -r", &jq.wait_with_output().unwrap().stdout);
    }
}

#[test]
fn p6_bytes_that_no_writer_wrote_are_shown_as_what_they_are() {
    let office = worked();
    let mut log = fs::OpenOptions::new().append(true).open(log_file(&office)).unwrap();
    log.write_all("\u{1b}[2J\r\u{202e}\u{9b}31m\n".as_bytes()).unwrap();
    office.check("tail -n 1", 0, &["<1B>[2J<0D><E2><80><AE><C2><9B>31m\n"]);
    let rows = office.check("tail -n 1 --pretty", 0, &["unreadable: ␛[2J"]).out;
    assert_inert("pretty", &rows);
}
