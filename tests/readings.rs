//! What customers feel, as the desk and its stores keep it: whose word counts, and who may not be read.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

mod support;

use countersign::desk::{Desk, Setup};
use countersign::review::{Consent, Emotion, OpenItem, Policy, ReadingSource, Routing};
use std::sync::Arc;
use support::{NINE, arrival, id, line, wait};

const FURIOUS: &str = "This is outrageous, I am furious, you are liars and thieves!";

fn desk(dir: &tempfile::TempDir) -> Desk {
    let setup =
        Setup { agent: "anna".to_owned(), policy: Policy::default(), clock: Arc::new(|| NINE) as Arc<_> };
    Desk::open(dir.path(), setup).unwrap()
}

/// An item whose last message is `text`.
fn says(item: &str, text: &str, more: &str) -> String {
    line(item, &format!("c-{item}"), 2, Some(("d", 1, "Dear Ana")), more).replace("message 2", text)
}

fn take(desk: &Desk, line: &str) {
    wait(desk.queue().intake(vec![arrival(line)])).unwrap();
}

fn open(desk: &Desk, item: &str) -> OpenItem {
    wait(desk.open_item(id(item))).unwrap().unwrap()
}

fn counts(open: &OpenItem) -> (Emotion, ReadingSource) {
    let reading = open.reading().unwrap();
    (reading.emotion, reading.source)
}

#[test]
fn what_is_opened_is_read_at_once_message_by_message_with_its_evidence() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(&dir);
    take(&desk, &says("i", FURIOUS, ""));
    let open = open(&desk, "i");
    assert_eq!(counts(&open), (Emotion::Anger, ReadingSource::Recogniser));
    let messages: Vec<&str> = open.readings.iter().map(|r| r.message.as_str()).collect();
    assert_eq!(messages, ["m1", "m2"]);
    let reading = open.reading().unwrap();
    let words: Vec<&str> = reading.evidence.iter().map(|e| &FURIOUS[e.start..e.end]).collect();
    assert!(words.contains(&"furious"), "{words:?}");
    assert_eq!(open.row.reading.as_ref(), Some(reading));
    assert!(open.unread().is_empty());
}

#[test]
fn a_persons_word_counts_before_the_items_and_the_items_before_the_recognisers() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(&dir);
    take(&desk, &says("i", FURIOUS, r#","emotion":{"label":"joy","intensity":0.25}"#));
    let m2 = "m2".parse().unwrap();
    let before = open(&desk, "i");
    assert_eq!(counts(&before), (Emotion::Joy, ReadingSource::Item));
    let second = before.second_opinion(&m2).unwrap();
    assert_eq!((second.emotion, second.source), (Emotion::Anger, ReadingSource::Recogniser));
    assert_eq!(before.second_opinion(&"m1".parse().unwrap()), None);

    let correct = |emotion| {
        wait(desk.route(id("i"), Routing::Correct { message: m2.clone(), emotion })).unwrap().unwrap();
        open(&desk, "i")
    };
    let corrected = correct(Emotion::Worry);
    assert_eq!(counts(&corrected), (Emotion::Worry, ReadingSource::Person));
    assert_eq!(corrected.second_opinion(&m2).unwrap().emotion, Emotion::Anger);
    assert_eq!(corrected.uncorrected().unwrap().emotion, Emotion::Joy);
    // Who says what the recogniser says leaves nothing to differ about, and gets its evidence.
    let agreed = correct(Emotion::Anger);
    assert_eq!(agreed.second_opinion(&m2), None);
    assert_eq!(agreed.reading().unwrap().evidence, second.evidence);
}

#[test]
fn a_wish_for_a_person_is_heard_whoever_brought_the_reading() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(&dir);
    take(&desk, &says("i", "I want to speak to a human being, please.", r#","emotion":"neutral""#));
    let open = open(&desk, "i");
    assert_eq!(counts(&open), (Emotion::Neutral, ReadingSource::Item));
    assert!(open.reading().unwrap().asks_person);
}

#[test]
fn p7_who_wants_no_ai_is_not_read() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(&dir);
    take(&desk, &says("i", FURIOUS, "").replace(r#""name":"Ana""#, r#""name":"Ana","ai_consent":false"#));
    take(&desk, &says("j", FURIOUS, ""));
    assert_eq!(open(&desk, "i").readings, []);
    assert!(open(&desk, "j").reading().is_some());
    wait(desk.consent("u-c-j".parse().unwrap(), Consent::No)).unwrap();
    assert_eq!(open(&desk, "j").readings, []);
}
