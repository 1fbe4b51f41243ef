use super::*;
use crate::review::{AiError, DecisionId, ReportState, Reporter};
use crate::supervise::figures::record::tests::record;
use crate::supervise::figures::record::{Asking, Id, Reported};
use uuid::Uuid;

const DAY: i64 = 24 * 60;

/// Three weeks of a team of six: five languages and feelings, edits of many sizes, and a model that got worse.
fn three_weeks() -> Record {
    let feelings =
        [Emotion::Anger, Emotion::Worry, Emotion::Neutral, Emotion::Frustration, Emotion::Gratitude];
    let langs = ["en", "ru", "zh", "de", "es"];
    let start = "2026-11-01T08:00:00Z".parse::<Stamp>().unwrap();
    let mut record = record(1_300, |n, record, row| {
        let n_usize = usize::try_from(n).unwrap();
        let roll = n * 7_919 % 100;
        row.at = start.plus(Span::minutes(n * 20 * DAY / 1_300));
        row.agent = record.names.keep(["anna", "ben", "chen", "dora", "emil", "fay"][n_usize % 6]);
        let lang = n_usize * 31 % 5;
        row.lang = Some(record.names.keep(langs[lang]));
        row.model = Some(record.names.keep(if n % 3 == 0 { "quill-2" } else { "quill-1" }));
        row.emotion = (roll != 1).then_some(feelings[n_usize * 13 % 5]);
        let worse = n > 900 && n % 3 == 0 || lang == 1 && roll > 40;
        row.verdict = match roll {
            0..8 => Verdict::TakeOver,
            8..12 => Verdict::Reply,
            12..35 => Verdict::Edit,
            _ if worse => Verdict::Edit,
            _ => Verdict::Approve,
        };
        row.edit_distance =
            (row.verdict == Verdict::Edit).then(|| u16::try_from(roll * roll / 4 + n % 60).unwrap());
        row.confidence_milli = Some(u16::try_from(350 + (n * 37) % 640).unwrap());
        // The less sure, the more often a person disagrees.
        let wrong = (n * 101) % 1_000 > i64::from(row.confidence_milli.unwrap());
        row.corrected = row.emotion.map(|_| if wrong { Emotion::Sadness } else { row.emotion.unwrap() });
        row.waited_ms = Some((roll * roll * 900 + 40_000) * (1 + n % 3));
        row.overridden = n % 400 == 7;
    });
    record.reports.push(Reported {
        id: Uuid::from_u128(1),
        at: record.newest.minus(Span::hours(30)),
        item: "i7".to_owned(),
        decision: Some(DecisionId(Uuid::from_u128(7))),
        draft: Some(("d".to_owned(), 1)),
        by: Reporter::Customer,
        agent: "anna".to_owned(),
        error: AiError::IncorrectInformation,
        state: ReportState::Open,
        owner: None,
        changed: record.newest,
    });
    record
}

fn whole_log() -> ledger::Report {
    let dir = tempfile::tempdir().unwrap();
    let mut proof = ledger::verify(dir.path(), &mut |_| ()).unwrap();
    proof.level = Some(ledger::Level::L2);
    proof.entries = 4_120;
    proof.chain = Some(Uuid::from_u128(9));
    proof
}

fn report(record: &Record) -> Report {
    let mut known = Known::default();
    let at = record.newest.minus(Span::hours(2));
    known.asked.push(Asking { conversation: Id::of("c5"), at, answered: None });
    let standing = Standing {
        due: vec![record.newest.minus(Span::minutes(75)), record.newest.plus(Span(1))],
        dead: 1,
        unsure: 2,
    };
    Report::of(record, &known, &standing, whole_log(), Period::default())
}

#[test]
fn the_same_log_gives_the_same_bytes() {
    let record = three_weeks();
    let (once, again) = (report(&record), report(&record));
    assert_eq!(html::page(&once), html::page(&again));
    assert_eq!(markdown::text(&once), markdown::text(&again));
    assert_eq!(csv::text(&once), csv::text(&again));
}

#[test]
fn what_cannot_wait_stands_first_and_says_what_to_do() {
    let found = report(&three_weeks());
    let what: Vec<_> = found.acts.iter().map(|act| act.what.as_str()).collect();
    assert!(what[0].starts_with("1 reply was given up"), "{what:#?}");
    assert!(what[1].starts_with("2 replies may or may not"), "{what:#?}");
    assert_eq!(what[2], "1 item is overdue, the oldest by 1 h 15 min.");
    assert!(what.iter().any(|what| what.starts_with("The drafts of quill-2 have changed")), "{what:#?}");
    assert!(what.iter().any(|what| what.starts_with("Language ru stands out")), "{what:#?}");
    assert!(found.acts.len() <= 10 && found.acts.iter().all(|act| act.remedy.ends_with('.')));
}

#[test]
fn feelings_of_fewer_than_ten_decisions_are_left_out_and_said_to_be() {
    let found = report(&record(25, |n, _, row| {
        row.emotion = Some(match n {
            0 => Emotion::Joy,
            1..4 => Emotion::Gratitude,
            _ => Emotion::Anger,
        });
    }));
    let text = markdown::text(&found);
    assert!(text.contains("| anger | 21 |") && !text.contains("| joy |"), "{text}");
    assert!(text.contains("2 feelings with fewer than 10 decisions are left out."), "{text}");
    assert!(text.contains("A reading that nobody corrected counts as right."), "{text}");
}

#[test]
fn one_entry_that_nothing_signed_covers_is_told_of_in_the_singular() {
    for (entries, minutes, said) in [
        (1, 0, "The last entry is not covered by that."),
        (2, 1, "The last 2 entries, of 1 minute, are not covered by that."),
        (1_204, 90, "The last 1,204 entries, of 90 minutes, are not covered by that."),
    ] {
        let mut proof = whole_log();
        (proof.unanchored.entries, proof.unanchored.minutes) = (entries, minutes);
        assert!(words::proof(&proof).ends_with(said), "{}", words::proof(&proof));
    }
}

#[test]
fn an_empty_log_gives_a_page_too() {
    let page = html::page(&Report::of(
        &Record::default(),
        &Known::default(),
        &Standing::default(),
        whole_log(),
        Period::default(),
    ));
    assert!(page.contains("Nothing was decided in this time."), "{page}");
    assert!(!page.contains("<svg") && !page.contains("NaN"), "nothing is drawn of nothing");
}

#[test]
fn p6_nothing_in_a_log_can_act_on_the_page() {
    let hostile = "</style><script>alert(1)</script><img src=x onerror=alert(1)>\"'&\u{202e}\u{1b}[2J";
    let mut record = three_weeks();
    let (model, lang) = (record.names.keep(hostile), record.names.keep(&format!("{hostile}2")));
    for row in record.decisions.iter_mut().skip(1) {
        (row.model, row.lang) = (Some(model), Some(lang));
    }
    record.decisions.iter_mut().take(400).for_each(|row| row.lang = None);
    record.reports[0].agent = hostile.to_owned();
    let found = report(&record);
    let page = html::page(&found);
    let tags = regex_free_tags(&page);
    assert!(!tags.iter().any(|tag| ["script", "img"].contains(&tag.as_str())), "{tags:?}");
    assert!(!page.contains('\u{202e}') && !page.contains('\u{1b}'));
    assert!(page.contains("&lt;script&gt;"), "it is there, as text");
    let text = markdown::text(&found);
    assert!(text.contains("\\<script\\>") && !text.contains('\u{1b}'));
    assert!(text.split('<').rev().skip(1).all(|before| before.ends_with('\\')), "{text}");
}

/// The names of all tags of a page.
fn regex_free_tags(page: &str) -> Vec<String> {
    page.split('<')
        .skip(1)
        .map(|rest| rest.chars().take_while(char::is_ascii_alphanumeric).collect())
        .collect()
}
