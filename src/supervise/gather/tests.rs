//! Real lines of the real log, read back.

use super::*;
use crate::ledger::entry::{Who, Word};
use crate::ledger::{DecisionLine, Entry, Ledger};
use crate::review::{Disclosure, Emotion, Metrics, SessionId};
use crate::supervise::figures::record::Period;
use std::io::Write;

const NOON: Stamp = Stamp(1_795_176_000_000);

fn id(n: u128) -> Uuid {
    Uuid::from_u128(n)
}

fn who(agent: &str) -> Who {
    Who { agent: agent.to_owned(), session: SessionId(id(77)) }
}

fn decision(n: u128, change: impl FnOnce(&mut DecisionLine)) -> (Uuid, Entry) {
    let mut line = DecisionLine {
        item: format!("tick-{n}").parse().unwrap(),
        conversation: "c-1".parse().unwrap(),
        customer: "0".repeat(64),
        channel: Channel::Chat,
        lang: Some("ru".to_owned()),
        agent: "Анна \"\\".to_owned(),
        session: SessionId(id(77)),
        verdict: Verdict::Edit,
        reason: None,
        draft: Some(("d-1".parse().unwrap(), 2)),
        last_message: "m1".parse().unwrap(),
        metrics: Metrics {
            emotion: Some(Emotion::Anger),
            emotion_confidence_milli: Some(830),
            emotion_corrected: Some(Emotion::Worry),
            risk: Risk::High,
            checks_overridden: 1,
            model: Some("m-1".to_owned()),
            waited_ms: Some(7_000_000_000),
            active_ms: 4_200,
            ..Metrics::default()
        },
        draft_mac: None,
        sent_mac: "1".repeat(64),
        draft_chars: Some(300),
        draft_words: Some(50),
        sent_chars: 310,
        edit_distance: Some(12),
        ai_share_milli: Some(900),
        disclosure: Disclosure::AiEdited,
    };
    change(&mut line);
    (id(n), Entry::Decision(Box::new(line)))
}

fn outcome(n: u128, of: u128, what: Outcome) -> (Uuid, Entry) {
    (id(n), Entry::Outcome { decision: DecisionId(id(of)), what, reason: None })
}

/// The record of these entries, written by the ledger itself.
fn gathered(entries: &[(Uuid, Entry)]) -> Record {
    let dir = tempfile::tempdir().unwrap();
    Ledger::open(dir.path()).unwrap().append(NOON, entries).unwrap();
    gather(dir.path(), None).unwrap()
}

#[test]
fn a_decision_is_read_back_whole() {
    let record = gathered(&[
        decision(1, |_| ()),
        decision(2, |line| {
            (line.draft, line.draft_chars, line.draft_words, line.edit_distance) = (None, None, None, None);
            (line.lang, line.verdict, line.metrics) = (None, Verdict::Reply, Metrics::default());
        }),
    ]);
    assert_eq!((record.lines, record.unreadable, record.newest), (3, 0, NOON));
    let [row, bare] = &record.decisions[..] else { panic!("{record:?}") };
    let name = |name: Option<Name>| name.map(|name| record.names.text(name));
    assert_eq!((row.at, row.id, row.item), (NOON, DecisionId(id(1)), Id::of("tick-1")));
    assert_eq!((row.conversation, row.message), (Id::of("c-1"), Id::of("m1")));
    assert_eq!(
        (name(Some(row.agent)), name(row.lang), name(row.model)),
        (Some("Анна \"\\"), Some("ru"), Some("m-1"))
    );
    assert_eq!(
        (row.emotion, row.corrected, row.confidence_milli),
        (Some(Emotion::Anger), Some(Emotion::Worry), Some(830))
    );
    assert_eq!(
        (row.verdict, row.channel, row.risk, row.overridden),
        (Verdict::Edit, Channel::Chat, Risk::High, true)
    );
    assert_eq!((row.waited_ms, row.active_ms), (Some(7_000_000_000), 4_200));
    assert_eq!((row.draft_chars, row.draft_words, row.edit_distance), (300, 50, Some(12)));
    assert_eq!((bare.lang, bare.model, bare.emotion, bare.confidence_milli), (None, None, None, None));
    assert_eq!((bare.verdict, bare.edit_distance, bare.waited_ms), (Verdict::Reply, None, None));
    assert!(row.had_draft() && !bare.had_draft() && row.fate == Fate::Signed);
}

#[test]
fn what_is_told_twice_counts_once_and_the_last_word_on_a_reply_stays() {
    let record = gathered(&[
        // An undo that overtook its decision.
        outcome(11, 1, Outcome::Undone),
        decision(1, |_| ()),
        decision(2, |_| ()),
        decision(2, |_| ()),
        outcome(12, 2, Outcome::Settled),
        outcome(13, 2, Outcome::Unsure),
        outcome(14, 2, Outcome::Sent),
        outcome(13, 2, Outcome::Unsure),
        outcome(12, 2, Outcome::Settled),
        decision(3, |_| ()),
        outcome(15, 3, Outcome::Refused),
    ]);
    let told: Vec<_> = record.decisions.iter().map(|row| (row.id.0, row.fate, row.reply)).collect();
    assert_eq!(
        told,
        [
            (id(1), Fate::Undone, None),
            (id(2), Fate::Settled, Some(Outcome::Sent)),
            (id(3), Fate::Refused, None)
        ]
    );
}

#[test]
fn reports_have_the_state_last_given_and_looks_are_kept() {
    let report = Entry::Report {
        item: "tick-1".parse().unwrap(),
        decision: Some(DecisionId(id(1))),
        draft: Some(("d-1".parse().unwrap(), 2)),
        who: who("ben"),
        error: AiError::OutdatedInformation,
        by: Reporter::Customer,
    };
    let state = |state, owner: Option<&str>| Entry::ReportState {
        report: id(5),
        state,
        owner: owner.map(str::to_owned),
        who: who("cleo"),
    };
    let correction = Entry::Correction {
        item: "tick-1".parse().unwrap(),
        message: "m1".parse().unwrap(),
        who: who("ben"),
        emotion_from: Some(Emotion::Joy),
        confidence_from_milli: Some(410),
        emotion_to: Emotion::Sadness,
        recogniser_rev: None,
    };
    let access = Entry::Access {
        who: who("cleo"),
        subject: "ben".to_owned(),
        purpose: Some(Word::of("coaching")),
        decision: None,
    };
    let record = gathered(&[
        (id(5), report.clone()),
        (id(5), report),
        (id(6), state(ReportState::Confirmed, Some("cleo"))),
        (id(7), state(ReportState::Fixed, None)),
        (id(6), state(ReportState::Confirmed, Some("cleo"))),
        (id(8), correction),
        (id(9), access),
    ]);
    let [report] = &record.reports[..] else { panic!("{:?}", record.reports) };
    assert_eq!((report.by, report.state, &report.owner), (Reporter::Customer, ReportState::Fixed, &None));
    assert_eq!(
        (report.draft.clone(), report.error),
        (Some(("d-1".to_owned(), 2)), AiError::OutdatedInformation)
    );
    assert_eq!(record.corrections[0].truth, Emotion::Sadness);
    assert_eq!((&record.looks[0].agent[..], &record.looks[0].subject[..]), ("cleo", "ben"));
    assert_eq!(record.judged(Period::default())[0].confidence_milli, Some(410));
}

#[test]
fn lines_of_later_versions_and_lines_that_are_none_are_passed_over() {
    let dir = tempfile::tempdir().unwrap();
    Ledger::open(dir.path()).unwrap().append(NOON, &[decision(1, |_| ())]).unwrap();
    let path = dir.path().join("decisions-2026-11-20-00.jsonl");
    let whole = std::fs::read_to_string(&path).unwrap();
    let line = whole.lines().nth(1).unwrap();
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    for strange in [
        line.replace("\"type\":\"decision\"", "\"type\":\"hologram\""),
        line.replace("\"verdict\":\"edit\"", "\"verdict\":\"sing\""),
        line.replace("2026-11-20T", "2026-13-20T"),
        line.replace(&id(1).to_string(), "no-id"),
        "not a line".to_owned(),
        String::new(),
    ] {
        writeln!(file, "{strange}").unwrap();
    }
    let record = gather(dir.path(), None).unwrap();
    assert_eq!((record.lines, record.unreadable, record.decisions.len()), (8, 5, 1));
}

#[test]
fn every_moment_of_the_log_is_read_as_it_was_written() {
    let mut gathering = Gathering::default();
    for ms in [0, 1, 86_399_999, 951_782_400_000, 1_795_176_000_123, 4_102_444_799_999] {
        assert_eq!(gathering.moment(&Stamp(ms).to_string()), Some(Stamp(ms)));
    }
    for bad in ["", "2026-11-20", "2026-11-20T09:01:0x.000Z", "2026-11-20T09:01", "éééééééééé", "日日日日日"]
    {
        assert_eq!(gathering.moment(bad), None, "{bad}");
    }
}
