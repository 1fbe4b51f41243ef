//! What customers feel, as the desk and its stores keep it: whose word counts, and who may not be read.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

mod support;

use countersign::care::recognise::{self, REVISION};
use countersign::desk::{Desk, Reader, Setup};
use countersign::queue::{Heard, ListQuery, What};
use countersign::review::{
    Class, CloseReason, Consent, Emotion, OpenItem, Policy, ReadingSource, Routing, Row, Why,
};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
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
    assert_eq!(open.row.reading, Some(reading.in_short()));
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
    assert_eq!(corrected.uncorrected(&m2).unwrap().emotion, Emotion::Joy);
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

fn read_all(desk: &Desk) -> usize {
    wait(desk.read_all(&AtomicBool::new(false))).unwrap()
}

fn rows(desk: &Desk) -> Vec<Row> {
    wait(desk.queue().list(ListQuery { limit: 100, ..ListQuery::default() })).unwrap()
}

fn ids(desk: &Desk) -> Vec<String> {
    rows(desk).iter().map(|row| row.id.to_string()).collect()
}

fn revision(desk: &Desk) -> u64 {
    wait(desk.queue().changes(u64::MAX)).unwrap().revision
}

/// How many readings of our recogniser are on disk.
fn stored(dir: &tempfile::TempDir) -> i64 {
    let db = rusqlite::Connection::open(dir.path().join("queue.sqlite")).unwrap();
    db.query_row("SELECT count(*) FROM reading", (), |r| r.get(0)).unwrap()
}

const NO: (&str, &str) = (r#""name":"Ana""#, r#""name":"Ana","ai_consent":false"#);
const ASKS: &str = "I want to speak to a human being, please.";

#[test]
fn what_waits_is_read_in_the_background_and_the_queue_is_ordered_by_it() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(&dir);
    for (item, text) in
        [("calm", "Where can I find the opening hours?"), ("furious", FURIOUS), ("asks", ASKS)]
    {
        take(&desk, &says(item, text, ""));
    }
    assert_eq!(ids(&desk), ["asks", "calm", "furious"], "by id, as nothing is read yet");
    assert!(rows(&desk).iter().all(|row| row.reading.is_none()));
    assert_eq!(read_all(&desk), 3);
    assert_eq!(ids(&desk), ["asks", "furious", "calm"]);
    let furious = &rows(&desk)[1];
    assert_eq!(furious.reading.as_ref().unwrap().emotion, Emotion::Anger);
    assert_eq!(furious.why, Why::Emotion);
    // The item's page has it from the store, with its evidence.
    let page = wait(desk.queue().open(id("furious"))).unwrap().unwrap();
    assert!(!page.reading().unwrap().evidence.is_empty());
    assert_eq!(page.reading(), open(&desk, "furious").reading());
    // Read once: nothing is left to do, and nothing changes.
    let before = revision(&desk);
    assert_eq!(read_all(&desk), 0);
    assert_eq!(revision(&desk), before);
    // A new message is read, and only that.
    take(
        &desk,
        &line("calm", "c-calm", 3, Some(("d", 1, "Dear Ana")), "")
            .replace("message 2", "Where can I find the opening hours?"),
    );
    let unread = wait(desk.queue().unread(REVISION.to_owned(), 9)).unwrap();
    let messages: Vec<&str> = unread[0].messages.iter().map(|m| m.id.as_str()).collect();
    assert_eq!((unread.len(), messages), (1, vec!["m3"]));
}

#[test]
fn what_was_opened_is_kept_and_not_read_again() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(&dir);
    take(&desk, &says("i", FURIOUS, ""));
    open(&desk, "i");
    assert!(desk.has_fresh());
    assert_eq!(read_all(&desk), 0);
    assert_eq!(rows(&desk)[0].reading.as_ref().unwrap().emotion, Emotion::Anger);
    assert_eq!(stored(&dir), 2);
}

#[test]
fn another_revision_reads_everything_anew_and_the_same_twice_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(&dir);
    take(&desk, &says("i", FURIOUS, ""));
    assert_eq!(read_all(&desk), 1);
    for other in ["linear-0", "zebra-9"] {
        let unread = wait(desk.queue().unread(other.to_owned(), 9)).unwrap();
        assert_eq!(unread[0].messages.len(), 2, "{other}");
    }
    let open = open(&desk, "i");
    let what = What::Readings(open.readings.clone());
    let heard = Heard { item: id("i"), newest: Some("m2".parse().unwrap()), what };
    let before = revision(&desk);
    wait(desk.queue().keep_heard(REVISION.to_owned(), vec![heard.clone(), heard])).unwrap();
    assert_eq!((revision(&desk), stored(&dir)), (before, 2));
}

#[test]
fn two_consoles_do_not_read_the_same_and_a_stopped_one_reads_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (anna, ben) = (desk(&dir), desk(&dir));
    take(&anna, &says("i", FURIOUS, ""));
    let lock = std::fs::File::create(dir.path().join("reading.lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(read_all(&ben), 0);
    drop(lock);
    assert_eq!(wait(anna.read_all(&AtomicBool::new(true))).unwrap(), 0);
    assert_eq!(read_all(&ben), 1);
    assert_eq!(read_all(&anna), 0);
}

#[test]
fn p7_without_consent_only_the_rules_hear_and_a_wish_for_a_person_still_goes_first() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(&dir);
    take(&desk, &says("furious", FURIOUS, "").replace(NO.0, NO.1));
    take(&desk, &says("human", ASKS, "").replace(NO.0, NO.1));
    assert_eq!(wait(desk.queue().unread(REVISION.to_owned(), 9)).unwrap(), []);
    assert_eq!(read_all(&desk), 2);
    let rows = rows(&desk);
    assert_eq!(ids(&desk), ["human", "furious"]);
    assert_eq!((rows[0].why, rows[0].rank.class), (Why::AsksPerson, Class::AsksPerson));
    assert_eq!(rows[1].rank.class, Class::Calm);
    assert!(rows.iter().all(|row| row.reading.is_none()));
    assert_eq!((stored(&dir), read_all(&desk)), (0, 0));
    // Even what was read before the no was known is not kept.
    let heard = recognise::reading(&open(&desk, "furious").item.conversation.messages[1], None);
    let heard = Heard { item: id("furious"), newest: None, what: What::Readings(vec![heard]) };
    wait(desk.queue().keep_heard(REVISION.to_owned(), vec![heard])).unwrap();
    assert_eq!(stored(&dir), 0);
}

#[test]
fn p7_a_no_and_forgetting_take_the_readings_away() {
    for forget in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let desk = desk(&dir);
        take(&desk, &says("i", FURIOUS, ""));
        take(&desk, &says("j", FURIOUS, ""));
        assert_eq!((read_all(&desk), stored(&dir)), (2, 4));
        let ana = "u-c-i".parse().unwrap();
        if forget {
            wait(desk.forget(ana)).unwrap();
            assert_eq!(ids(&desk), ["j"]);
        } else {
            wait(desk.consent(ana, Consent::No)).unwrap();
            assert_eq!(ids(&desk), ["j", "i"], "its emotion no longer moves it");
            assert_eq!(rows(&desk)[1].reading, None);
        }
        assert_eq!(stored(&dir), 2);
    }
}

#[test]
fn a_correction_goes_to_the_log_and_to_a_private_file_that_forgetting_reaches() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(&dir);
    take(&desk, &says("i", FURIOUS, ""));
    take(&desk, &says("j", ASKS, ""));
    take(&desk, &says("no", FURIOUS, "").replace(NO.0, NO.1));
    wait(desk.begin()).unwrap();
    let correct = |item: &str, emotion| {
        let message = "m2".parse().unwrap();
        wait(desk.route(id(item), Routing::Correct { message, emotion })).unwrap().unwrap();
    };
    correct("i", Emotion::Frustration);
    correct("j", Emotion::Worry);
    correct("no", Emotion::Worry);
    let path = dir.path().join("corrections.jsonl");
    let lines = || -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(&path).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    assert_eq!(
        lines()[0],
        serde_json::json!({"id": "i/m2", "lang": "en", "text": FURIOUS, "label": "frustration", "was": "anger", "customer": "u-c-i"})
    );
    // Who wants no AI trains none.
    let all: Vec<_> = lines().iter().map(|line| line["id"].clone()).collect();
    assert_eq!(all, ["i/m2", "j/m2"]);
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    // A damaged line is nobody's and keeps nobody's texts alive.
    let mut bytes = std::fs::read(&path).unwrap();
    bytes.extend(b"{\"id\":\"\xff\n");
    std::fs::write(&path, bytes).unwrap();
    wait(desk.forget("u-c-i".parse().unwrap())).unwrap();
    assert_eq!(lines().len(), 1);
    wait(desk.consent("u-c-j".parse().unwrap(), Consent::No)).unwrap();
    assert_eq!(lines().len(), 0, "a no takes it out of the training as well");
    let log = std::fs::read_to_string(dir.path().join("log/current.jsonl")).unwrap();
    let entry = |kind: &str| -> serde_json::Value {
        let line = log.lines().find(|l| l.contains(&format!("\"type\":\"{kind}\""))).unwrap();
        serde_json::from_str(line).unwrap()
    };
    let correction = entry("correction");
    assert_eq!(
        (&correction["emotion_from"], &correction["emotion_to"]),
        (&"anger".into(), &"frustration".into())
    );
    assert_eq!(correction["recogniser_rev"], REVISION);
    assert_eq!(entry("session")["recogniser_rev"], REVISION);
}

#[test]
fn p7_a_no_that_an_item_or_a_stricter_policy_brings_takes_corrections_out_of_the_training() {
    let dir = tempfile::tempdir().unwrap();
    let desk = desk(&dir);
    let text = || std::fs::read_to_string(dir.path().join("corrections.jsonl")).unwrap();
    for item in ["i", "j"] {
        take(&desk, &says(item, FURIOUS, ""));
        assert!(open(&desk, item).reading().is_some());
        let act = Routing::Correct { message: "m2".parse().unwrap(), emotion: Emotion::Worry };
        wait(desk.route(id(item), act)).unwrap().unwrap();
    }
    assert_eq!(text().lines().count(), 2);
    // Another item of the same customer says no; the one that was corrected is closed.
    wait(desk.route(id("i"), Routing::Close { reason: CloseReason::Solved })).unwrap().unwrap();
    let other = line("k", "c-k", 2, Some(("d", 1, "Dear Ana")), "").replace("u-c-k", "u-c-i");
    take(&desk, &other.replace(NO.0, NO.1));
    read_all(&desk);
    assert!(!text().contains("u-c-i") && text().contains("u-c-j"), "{}", text());
    drop(desk);
    let strict = Policy { ai_when_consent_unknown: false, ..Policy::default() };
    let setup = Setup { agent: "anna".to_owned(), policy: strict, clock: Arc::new(|| NINE) as Arc<_> };
    read_all(&Desk::open(dir.path(), setup).unwrap());
    assert_eq!(text(), "");
}

#[test]
fn the_reader_works_beside_the_console_and_ends_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let desk = Arc::new(desk(&dir));
    take(&desk, &says("i", FURIOUS, ""));
    let reader = Reader::start(desk.clone()).unwrap();
    while rows(&desk)[0].reading.is_none() {
        std::thread::yield_now();
    }
    take(&desk, &says("j", FURIOUS, ""));
    reader.wake();
    while rows(&desk).iter().any(|row| row.reading.is_none()) {
        std::thread::yield_now();
    }
    drop(reader);
    assert_eq!(Arc::strong_count(&desk), 1, "its thread has ended");
}
