//! The bytes of a line are those of DESIGN.md, section 6.

use crate::support::{
    KEY, NOON, at, check, decided, decision, id, lines, log, log_of, outcome, session, sha256, skipped, who,
};
use countersign::ledger::entry::{Act, Repair, Word};
use countersign::ledger::{CURRENT, DecisionLine, Entry, FIELDS, Kind, Ledger, Mark, Parsed, read_from};
use countersign::review::{
    AiError, CloseReason, Consent, DecisionId, Emotion, Outcome, ReportState, Reporter, Routing, Stamp, mac,
};
use proptest::prelude::*;
use std::io::Write;
use std::process::{Command, Stdio};

const DECISION_KEYS: &str = "v seq ts type id item conversation customer channel lang agent session verdict reason draft \
    draft_version last_message emotion emotion_confidence_milli emotion_corrected intensity_milli risk checks_warned \
    checks_overridden model prompt_rev policy_rev second_of draft_mac sent_mac draft_chars draft_words sent_chars \
    edit_distance ai_share_milli waited_ms shown_ms active_ms viewed_milli hidden_chars disclosure prev hash";

fn every_entry(agent: &str) -> Vec<Entry> {
    let who = who(agent);
    let item = "tick-1".parse().unwrap();
    vec![
        session(1, agent).1,
        Entry::Decision(Box::new(DecisionLine::of(&decision(1, agent), &KEY))),
        outcome(1, Outcome::Refused, Some("newer_message")).1,
        Entry::Routing {
            item: "tick-1".parse().unwrap(),
            who: who.clone(),
            act: Act::ClaimForced,
            reason: None,
            from: Some(agent.to_owned()),
            to: None,
            until: Some(NOON),
        },
        Entry::routed(&item, &who, &Routing::Close { reason: CloseReason::Spam }).unwrap(),
        Entry::Correction {
            item: item.clone(),
            message: "m1".parse().unwrap(),
            who: who.clone(),
            emotion_from: Some(Emotion::Anger),
            confidence_from_milli: Some(500),
            emotion_to: Emotion::Worry,
            recogniser_rev: Some(agent.to_owned()),
        },
        Entry::Report {
            item: item.clone(),
            decision: Some(DecisionId(id(1))),
            draft: None,
            who: who.clone(),
            error: AiError::OutdatedInformation,
            by: Reporter::Customer,
        },
        Entry::ReportState {
            report: id(7),
            state: ReportState::NotAnError,
            owner: Some(agent.to_owned()),
            who: who.clone(),
        },
        Entry::Consent {
            customer: mac(&KEY, "customer"),
            word: Consent::No,
            who: who.clone(),
            taken_back: 1,
        },
        Entry::Erasure {
            customer: mac(&KEY, "customer"),
            who: who.clone(),
            items: 3,
            decisions: 2,
            taken_back: 1,
        },
        Entry::Access {
            who: who.clone(),
            subject: agent.to_owned(),
            purpose: Some(Word::of("coaching")),
            decision: Some(DecisionId(id(1))),
        },
        Entry::Checkpoint { size: 3, root: mac(&KEY, "x"), key: agent.to_owned() },
        Entry::Recovered { what: Repair::TornTail, file: agent.to_owned(), offset: 1, bytes: 2 },
        Entry::ClockStep { back_ms: 5 },
        Entry::PolicyChange { who, policy_from: None, policy_rev: agent.to_owned() },
    ]
}

fn written(entries: Vec<Entry>) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    let entries: Vec<_> = (1..).map(id).zip(entries).collect();
    ledger.append(NOON, &entries).unwrap();
    assert_eq!(check(dir.path()).exit_code(), 0);
    lines(dir.path())
}

#[test]
fn a_decision_has_the_keys_of_the_design_in_their_order() {
    let lines = written(vec![decided(1).1]);
    let parsed = Parsed::read(&lines[1]).unwrap();
    let keys: Vec<&str> = parsed.keys().collect();
    assert_eq!(keys, DECISION_KEYS.split_whitespace().collect::<Vec<_>>());
    assert_eq!(parsed.text("customer"), Some(mac(&KEY, "customer").as_str()));
    assert_eq!(parsed.text("sent_mac"), Some(mac(&KEY, "Dear Ana, your refund left today.").as_str()));
    assert_eq!(parsed.text("ts"), Some("2026-11-20T09:01:00.000Z"));
    assert_eq!((parsed.text("verdict"), parsed.int("draft_version")), (Some("edit"), Some(2)));
    assert!(lines[1].starts_with(&format!(
        r#"{{"v":1,"seq":2,"ts":"2026-11-20T09:01:00.000Z","type":"decision","id":"{}","item":"tick-1","#,
        id(1)
    )));
}

#[test]
fn without_a_draft_its_figures_are_null() {
    let mut bare = decision(1, "anna");
    (bare.draft_text, bare.seen.draft) = (None, None);
    let lines = written(vec![Entry::Decision(Box::new(DecisionLine::of(&bare, &KEY)))]);
    for key in ["draft", "draft_version", "draft_mac", "draft_chars", "draft_words", "edit_distance"] {
        assert!(lines[1].contains(&format!(r#""{key}":null,"#)), "{key}: {}", lines[1]);
    }
}

#[test]
fn p6_the_log_is_ascii_whatever_an_agent_is_called() {
    for agent in
        ["Анна\u{1b}[2J\r\n\u{202e}", "\"},\"hash\":\"", "a\\u001b", &"👩‍👧".repeat(3_000), "\u{0}\u{7f}\u{9b}"]
    {
        for line in written(every_entry(agent)) {
            assert!(line.bytes().all(|b| (b' '..=b'~').contains(&b)), "{line:?}");
            assert!(line.len() < 64 << 10, "{} bytes", line.len());
            let parsed = Parsed::read(&line).unwrap();
            assert_eq!(parsed.keys().last(), Some("hash"));
            if let Some(name) = parsed.text("agent") {
                assert!(agent.starts_with(name), "{name:?}");
            }
        }
    }
}

#[test]
fn every_entry_is_flat_and_holds_words_and_integers_only() {
    for line in written(every_entry("anna")) {
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        for (key, value) in value.as_object().unwrap() {
            assert!(!value.is_array() && !value.is_object() && !value.is_f64(), "{key} {line}");
            assert!(key.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{key}");
        }
    }
}

#[test]
fn the_list_of_fields_is_what_lines_have() {
    let mut unseen: Vec<_> = FIELDS.to_vec();
    for line in written(every_entry("anna")) {
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        for (key, value) in value.as_object().unwrap() {
            let (_, kind) = FIELDS.iter().find(|(name, _)| name == key).unwrap_or_else(|| panic!("{key}"));
            assert!(value.is_null() || value.is_i64() == (*kind == Kind::Number), "{key}: {value}");
            unseen.retain(|(name, _)| name != key);
        }
    }
    assert_eq!(unseen, [], "these stand in no entry");
}

#[test]
fn free_text_cannot_pass_for_a_word() {
    assert_eq!(Word::of("newer_message").as_str(), "newer_message");
    for text in ["Ana said no", "", "ДА", "a\n", &"x".repeat(65)] {
        assert_eq!(Word::of(text).as_str(), "unnamed");
    }
}

#[test]
fn anyone_can_check_a_line_with_sha256sum() {
    let (dir, marks) = log_of(5);
    let text = std::fs::read_to_string(log(&dir).join(CURRENT)).unwrap();
    let line = text.lines().last().unwrap();
    let (signed, _) = line.split_once(",\"hash\"").unwrap();
    let child = Command::new("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = child else {
        skipped("there is no sha256sum here");
        return;
    };
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&[&[0], signed.as_bytes()].concat()).unwrap();
    drop(stdin);
    let sum = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(sum[..64], marks.last().unwrap().hash);
}

#[test]
fn a_reader_gives_what_recovery_needs_from_any_mark_on() {
    let (dir, marks) = log_of(7);
    for (n, mark) in marks.iter().enumerate() {
        let rest: Vec<_> = read_from(&log(&dir), Some(mark)).unwrap().map(Result::unwrap).collect();
        assert_eq!(rest.iter().map(|l| l.mark.clone()).collect::<Vec<_>>(), marks[n + 1..]);
    }
    let all: Vec<_> = read_from(&log(&dir), None).unwrap().map(Result::unwrap).collect();
    assert_eq!(all[1].decision(), Some(DecisionId(id(1))));
    assert_eq!(all[2].outcome(), Some((DecisionId(id(1)), Outcome::Settled)));
    assert_eq!((all[2].decision(), all[2].ts), (Some(DecisionId(id(1))), at(2_000)));
    assert!(all[0].parsed().unwrap().chain().is_some());
}

#[test]
fn a_mark_that_is_not_there_any_more_says_rolled_back() {
    let (dir, marks) = log_of(7);
    let (other, _) = log_of(4);
    for (mark, dir) in [
        (marks[5].clone(), log(&other)),
        (Mark { hash: "0".repeat(64), ..marks[2].clone() }, log(&dir)),
        (Mark { offset: marks[2].offset - 1, ..marks[2].clone() }, log(&dir)),
        (Mark { file: "decisions-2026-11-19-00.jsonl".to_owned(), ..marks[2].clone() }, log(&dir)),
        (Mark { file: "../../etc/passwd".to_owned(), ..marks[2].clone() }, log(&dir)),
    ] {
        let error = read_from(&dir, Some(&mark)).err().unwrap().to_string();
        assert!(error.contains("older copy"), "{error}");
    }
}

#[test]
fn unknown_types_and_keys_are_read_and_verified() {
    // A line of a later version, sealed by hand.
    let (dir, marks) = log_of(2);
    let mut sealed = format!(
        r#"{{"v":2,"seq":3,"ts":"2026-11-20T09:01:09.000Z","type":"hologram","id":"{}","colour":"teal","prev":"{}""#,
        id(9),
        marks[0].hash
    );
    sealed += &[",\"hash\":\"", &sha256(&sealed), "\"}\n"].concat();
    let file = log(&dir).join(CURRENT);
    std::fs::OpenOptions::new().append(true).open(file).unwrap().write_all(sealed.as_bytes()).unwrap();
    assert_eq!((check(&log(&dir)).exit_code(), check(&log(&dir)).unanchored.entries), (0, 1));
    let line = read_from(&log(&dir), Some(&marks[0])).unwrap().next().unwrap().unwrap();
    assert_eq!((line.kind.as_str(), line.parsed().unwrap().text("colour")), ("hologram", Some("teal")));
    // And it is written on behind it.
    Ledger::open(&log(&dir)).unwrap().append(at(9_500), &[decided(9)]).unwrap();
    assert_eq!((check(&log(&dir)).exit_code(), check(&log(&dir)).entries), (0, 4));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_appended_verifies_and_reads_back(
        batches in prop::collection::vec((prop::collection::vec(".{0,40}", 1..4), -30_000_i64..90_000_000), 1..12),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let (mut now, mut n) = (NOON, 0);
        for (agents, step) in &batches {
            now = Stamp(now.0 + step);
            let entries: Vec<_> = agents.iter().map(|a| { n += 1; session(n, a) }).collect();
            Ledger::open(dir.path()).unwrap().append(now, &entries).unwrap();
        }
        let report = check(dir.path());
        prop_assert_eq!(report.exit_code(), 0, "{}", report);
        let named: Vec<String> = read_from(dir.path(), None).unwrap()
            .map(Result::unwrap)
            .filter(|l| l.kind == "session")
            .map(|l| l.parsed().unwrap().text("agent").unwrap().to_owned())
            .collect();
        let given: Vec<String> = batches.iter().flat_map(|(agents, _)| agents.clone()).collect();
        prop_assert_eq!(named, given);
    }
}
