//! What a hostile, an unlucky and a careful reader found: each test was red once.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

mod support;

use countersign::desk::{Desk, Setup};
use countersign::queue::{Delivery, Intake, ListQuery, Settlement};
use countersign::review::{
    Base, Class, CloseReason, Consent, Decision, DecisionId, DraftState, Outcome, Policy, Refusal,
    ReplyState, Routing, SavedEdit, Span, Stamp, State, Verdict,
};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use support::{Bench, NINE, actor, arrival, decision_at, id, line, plain, request};

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

fn desk(dir: &Path, now: &Arc<AtomicI64>) -> Desk {
    let now = now.clone();
    let clock = Arc::new(move || Stamp(now.load(Ordering::SeqCst)));
    Desk::open(dir, Setup { agent: "anna".to_owned(), policy: Policy::default(), clock }).unwrap()
}

async fn approval(desk: &Desk, item: &str) -> Decision {
    let lease = desk.claim(id(item), false).await.unwrap().unwrap();
    Decision { fence: lease.fence, ..unclaimed(desk, item).await }
}

async fn unclaimed(desk: &Desk, item: &str) -> Decision {
    let open = desk.queue().open(id(item)).await.unwrap().unwrap();
    let text = open.item.draft.clone().unwrap().text;
    decision_at(desk, &open, Verdict::Approve, text)
}

async fn approve(desk: &Desk, item: &str) -> DecisionId {
    let decision = approval(desk, item).await;
    let id = decision.id;
    desk.commit(decision, false, || ()).await.unwrap().settled.unwrap();
    id
}

/// The files of a store, as a backup takes them.
fn copy_queue(from: &Path, to: &Path) {
    for name in ["queue.sqlite", "queue.sqlite-wal", "queue.sqlite-shm"] {
        match std::fs::copy(from.join(name), to.join(name)) {
            Ok(_) => {}
            Err(_) => drop(std::fs::remove_file(to.join(name))),
        }
    }
}

/// A reply is held when the queue is saved and `after` happens to it; then the older queue comes back.
fn restored(after: impl FnOnce(&Desk, DecisionId)) -> (tempfile::TempDir, Arc<AtomicI64>, DecisionId) {
    restored_from(|_| (), after)
}

fn restored_from(
    before: impl FnOnce(&Desk),
    after: impl FnOnce(&Desk, DecisionId),
) -> (tempfile::TempDir, Arc<AtomicI64>, DecisionId) {
    let dir = tempfile::tempdir().unwrap();
    let backup = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicI64::new(NINE.0));
    let one = desk(dir.path(), &now);
    wait(one.queue().intake(vec![arrival(&plain("i"))])).unwrap();
    wait(one.recover()).unwrap();
    let decision = wait(approve(&one, "i"));
    before(&one);
    wait(one.tell()).unwrap();
    // The minute's round: the mark is now behind the decision and its `settled`.
    wait(one.recover()).unwrap();
    copy_queue(dir.path(), backup.path());
    after(&one, decision);
    drop(one);
    std::thread::sleep(std::time::Duration::from_millis(100));
    copy_queue(backup.path(), dir.path());
    now.fetch_add(60_000, Ordering::SeqCst);
    (dir, now, decision)
}

fn sent(dir: &Path) -> usize {
    std::fs::read_to_string(dir.join("replies.jsonl")).unwrap_or_default().lines().count()
}

#[test]
fn p4_a_reply_that_was_held_in_an_older_backup_is_not_sent_again() {
    let (dir, now, _) = restored(|desk, _| {
        wait(desk.queue().hasten("anna".to_owned())).unwrap();
        assert_eq!(wait(desk.deliver()).unwrap().len(), 1);
        wait(desk.tell()).unwrap();
    });
    assert_eq!(sent(dir.path()), 1);
    let two = desk(dir.path(), &now);
    wait(two.recover()).unwrap();
    assert!(wait(two.deliver()).unwrap().is_empty());
    assert_eq!(sent(dir.path()), 1);
}

#[test]
fn p4_a_reply_taken_back_after_an_older_backup_is_not_sent_by_it() {
    let (dir, now, _) = restored(|desk, decision| {
        wait(desk.undo(decision)).unwrap().unwrap();
        wait(desk.tell()).unwrap();
    });
    let two = desk(dir.path(), &now);
    wait(two.recover()).unwrap();
    assert!(wait(two.deliver()).unwrap().is_empty());
    assert_eq!(sent(dir.path()), 0);
}

#[test]
fn p4_a_reply_sent_after_an_older_backup_and_told_to_nobody_is_looked_up() {
    let (dir, now, _) = restored(|desk, _| {
        wait(desk.queue().intake(vec![arrival(&plain("j"))])).unwrap();
        wait(approve(desk, "j"));
        wait(desk.recover()).unwrap();
        wait(desk.queue().hasten("anna".to_owned())).unwrap();
        assert_eq!(wait(desk.deliver()).unwrap().len(), 2);
    });
    let two = desk(dir.path(), &now);
    wait(two.recover()).unwrap();
    wait(two.deliver()).unwrap();
    assert_eq!(sent(dir.path()), 2);
}

#[test]
fn p3_an_undo_of_an_old_round_leaves_the_newer_verdict_standing() {
    let bench = Bench::sqlite();
    let anna = actor("anna");
    bench.take(&line("i", "c", 1, Some(("d", 1, "one")), ""));
    let first = bench.decision(&anna, "i", Verdict::Approve, "one");
    bench.settle(&first).unwrap();
    bench.take(&line("i", "c", 1, Some(("d", 2, "two")), ""));
    let second = bench.decision(&anna, "i", Verdict::Approve, "two");
    bench.settle(&second).unwrap();
    let undone = wait(bench.queue.undo(anna.clone(), first.id)).unwrap().unwrap();
    assert!(undone.lease.is_none());
    assert_eq!(bench.open("i").row.state, State::Decided);
    // And the newer one can still be taken back.
    assert!(wait(bench.queue.undo(anna, second.id)).unwrap().unwrap().lease.is_some());
}

fn says_no(line: &str) -> String {
    line.replace(r#""name":"Ana""#, r#""name":"Ana","ai_consent":false"#)
}

#[test]
fn p7_a_no_that_comes_with_an_item_stops_what_is_held_and_silences_the_customers_other_items() {
    let bench = Bench::sqlite();
    let anna = actor("anna");
    for (item, conversation) in [("i", "c"), ("j", "c2")] {
        let one = line(item, conversation, 1, Some(("d", 1, "Dear Ana")), "");
        bench.take(&one.replace("u-c2", "u-c"));
    }
    let held = bench.decision(&anna, "i", Verdict::Approve, "Dear Ana");
    bench.settle(&held).unwrap();
    let late = bench.decision(&anna, "j", Verdict::Approve, "Dear Ana");
    bench.take(&says_no(&line("k", "c3", 1, None, "").replace("u-c3", "u-c")));
    assert!(bench.settle(&late).is_err());
    bench.pass(Span::minutes(1));
    assert!(wait(bench.queue.take_due(anna.session)).unwrap().is_none());
    assert_eq!(bench.open("j").row.draft, DraftState::NoConsent);
}

#[test]
fn p7_a_no_while_the_reply_is_being_sent_stops_every_further_try() {
    let bench = Bench::sqlite();
    let anna = actor("anna");
    let no = |customer: &str| {
        wait(bench.queue.consent(request(), anna.clone(), customer.parse().unwrap(), Consent::No)).unwrap()
    };
    for item in ["i", "j", "k"] {
        bench.take(&plain(item));
        let decision = bench.decision(&anna, item, Verdict::Approve, "Dear Ana");
        bench.settle(&decision).unwrap();
        bench.pass(Span::minutes(1));
        let parcel = wait(bench.queue.take_due(anna.session)).unwrap().unwrap();
        let unsure = Delivery::Unsure { why: "?".to_owned() };
        let failed = Delivery::Failed { why: "?".to_owned() };
        no(&format!("u-c-{item}"));
        match item {
            "i" => drop(wait(bench.queue.delivered(decision.id, parcel.fence, failed)).unwrap()),
            "j" => drop(wait(bench.queue.requeue(decision.id, parcel.fence)).unwrap()),
            _ => {
                wait(bench.queue.delivered(decision.id, parcel.fence, unsure)).unwrap();
                wait(bench.queue.resolve(decision.id, failed)).unwrap();
            }
        }
        bench.pass(Span::hours(1));
        assert!(wait(bench.queue.take_due(anna.session)).unwrap().is_none(), "{item} is sent after a no");
        let held = wait(bench.queue.held(None)).unwrap();
        assert!(held.is_empty(), "{held:?}");
    }
}

#[test]
fn p4_a_reply_whose_text_was_forgotten_while_it_was_sent_ends_visibly_and_stops_no_other() {
    let bench = Bench::sqlite();
    let anna = actor("anna");
    let mut parcels = Vec::new();
    for item in ["i", "j", "k"] {
        bench.take(&plain(item));
        let decision = bench.decision(&anna, item, Verdict::Approve, "Dear Ana");
        bench.settle(&decision).unwrap();
    }
    bench.pass(Span::minutes(1));
    for _ in 0..2 {
        parcels.push(wait(bench.queue.take_due(anna.session)).unwrap().unwrap());
    }
    for parcel in &parcels {
        let customer = format!("u-{}", parcel.reply.conversation).parse().unwrap();
        wait(bench.queue.forget(anna.clone(), customer)).unwrap();
    }
    let failed = Delivery::Failed { why: "?".to_owned() };
    assert!(wait(bench.queue.delivered(parcels[0].reply.id, parcels[0].fence, failed)).unwrap());
    bench.pass(Span::hours(1));
    // The worker of the other one died.
    assert!(wait(bench.queue.stranded(vec![])).unwrap().is_empty());
    let third = wait(bench.queue.take_due(anna.session)).unwrap();
    assert_eq!(third.map(|p| p.reply.item), Some(id("k")));
    assert!(wait(bench.queue.take_due(anna.session)).unwrap().is_none());
    let held = wait(bench.queue.held(None)).unwrap();
    let state = |n: usize| held.iter().find(|h| h.decision == parcels[n].reply.id).map(|h| h.state);
    assert_eq!((state(0), state(1)), (Some(ReplyState::Dead), Some(ReplyState::Unsure)));
}

#[test]
fn four_eyes_one_pair_that_saw_something_else_does_not_count() {
    let mut policy = Policy::default();
    policy.second_agent_topics.insert("legal".to_owned());
    let bench = Bench::with(policy);
    let legal = r#","topics":["legal"]"#;
    let (anna, ben) = (actor("anna"), actor("ben"));
    bench.take(&line("i", "c", 1, Some(("d", 1, "x")), legal));
    let first = bench.decision(&anna, "i", Verdict::Approve, "x");
    bench.settle(&first).unwrap();
    let close = Routing::Close { reason: CloseReason::Thanks };
    wait(bench.queue.route(request(), ben.clone(), id("i"), close)).unwrap().unwrap();
    bench.take(&line("i", "c", 2, Some(("d", 2, "other")), legal));
    let second = bench.decision(&ben, "i", Verdict::Approve, "other");
    bench.settle(&second).unwrap();
    bench.pass(Span::minutes(1));
    assert!(wait(bench.queue.take_due(anna.session)).unwrap().is_none());
}

#[test]
fn forgotten_text_does_not_come_back_with_an_old_file_or_an_undo() {
    let bench = Bench::sqlite();
    let anna = actor("anna");
    let old = line("i", "c", 1, Some(("d", 1, "PRIVATE")), "");
    bench.take(&old);
    let soon = NINE.plus(Span::hours(1));
    wait(bench.queue.route(request(), anna.clone(), id("i"), Routing::Snooze { until: soon }))
        .unwrap()
        .unwrap();
    wait(bench.queue.forget(anna.clone(), "u-c".parse().unwrap())).unwrap();
    let reopened = wait(bench.queue.route(request(), anna, id("i"), Routing::Reopen)).unwrap();
    assert_eq!(reopened, Err(Refusal::Gone { item: id("i") }));
    assert_eq!(bench.take(&old), Intake::Unchanged);
    assert!(wait(bench.queue.open(id("i"))).unwrap().is_none());
}

#[test]
fn forget_reaches_a_verdict_that_is_being_signed_and_a_text_that_is_being_written() {
    let dir = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicI64::new(NINE.0));
    let (anna, ben) = (desk(dir.path(), &now), Arc::new(desk(dir.path(), &now)));
    wait(anna.queue().intake(vec![arrival(&plain("i"))])).unwrap();
    let mut decision = wait(approval(&anna, "i"));
    decision.text = "SECRET WORDS".to_owned();
    decision.verdict = Verdict::Edit;
    let edit = SavedEdit {
        item: id("i"),
        base: Base::Reply,
        text: "SECRET WORDS".to_owned(),
        caret: 0,
        at: anna.now(),
    };
    assert!(wait(anna.save_edit(edit.clone())).unwrap());
    let committed = wait(anna.commit(decision, false, || {
        let ben = ben.clone();
        let forget = move || wait(ben.forget("u-c-i".parse().unwrap())).unwrap();
        std::thread::spawn(forget).join().unwrap();
    }));
    assert_eq!(committed.unwrap().settled, Err(Refusal::Forgotten));
    assert!(!wait(anna.save_edit(edit)).unwrap(), "what is typed on is not kept either");
    assert_eq!(wait(anna.unsigned()).unwrap(), []);
    wait(anna.recover()).unwrap();
    wait(anna.end()).unwrap();
    drop((anna, ben));
    assert_eq!(support::holding(dir.path(), "SECRET"), [""; 0]);
    let report = countersign::ledger::verify(&dir.path().join("log"), &mut |_| ()).unwrap();
    assert_eq!(report.exit_code(), 0, "{report}");
}

#[test]
fn ranks_whose_moment_has_come_are_counted_to_the_end_and_then_nothing_changes_by_itself() {
    let dir = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicI64::new(NINE.0));
    let anna = desk(dir.path(), &now);
    let items = (0..4_500).map(|n| arrival(&plain(&format!("i{n}")))).collect();
    wait(anna.queue().intake(items)).unwrap();
    let revision = || wait(anna.queue().changes(u64::MAX)).unwrap().revision;
    let before = revision();
    now.fetch_add(Span::hours(4).0, Ordering::SeqCst);
    assert_eq!(wait(anna.count_ranks()).unwrap(), None, "overdue, and nothing comes after that");
    let query = ListQuery { limit: 5_000, ..ListQuery::default() };
    let rows = wait(anna.queue().list(query)).unwrap();
    assert!(rows.iter().all(|row| row.rank.class == Class::Overdue));
    let after = revision();
    assert!(after > before);
    now.fetch_add(Span::hours(1).0, Ordering::SeqCst);
    wait(anna.count_ranks()).unwrap();
    assert_eq!(revision(), after, "a queue at rest does not change");
}

#[test]
fn an_id_that_names_another_conversation_is_a_conflict() {
    let bench = Bench::sqlite();
    bench.take(&line("i", "c", 1, None, ""));
    assert_eq!(bench.take(&line("i", "c9", 2, None, "")), Intake::Conflict);
}

#[test]
fn a_snooze_ends_with_the_verdict() {
    let bench = Bench::sqlite();
    let anna = actor("anna");
    bench.take(&line("i", "c", 1, Some(("d", 1, "one")), ""));
    let soon = NINE.plus(Span::hours(1));
    wait(bench.queue.route(request(), anna.clone(), id("i"), Routing::Snooze { until: soon }))
        .unwrap()
        .unwrap();
    let decision = bench.decision(&anna, "i", Verdict::Approve, "one");
    bench.settle(&decision).unwrap();
    bench.take(&line("i", "c", 1, Some(("d", 2, "two")), ""));
    assert_eq!(bench.ids(), ["i"]);
}

#[test]
fn p3_a_draft_that_was_answered_with_is_no_draft_for_the_next_message() {
    let bench = Bench::sqlite();
    let anna = actor("anna");
    bench.take(&line("i", "c", 1, Some(("d", 1, "one")), ""));
    let first = bench.decision(&anna, "i", Verdict::Approve, "one");
    bench.settle(&first).unwrap();
    // The customer writes again before the AI has: the line still brings the old draft.
    assert_eq!(bench.take(&line("i", "c", 2, Some(("d", 1, "one")), "")), Intake::Superseded);
    assert_eq!(bench.take(&line("i", "c", 2, Some(("d", 1, "one")), r#","priority":3"#)), Intake::Superseded);
    let open = bench.open("i");
    assert_eq!((open.row.state, open.row.draft, open.item.draft), (State::Open, DraftState::Absent, None));
    let mut again = bench.decision(&anna, "i", Verdict::Reply, "two");
    again.seen.draft = first.seen.draft;
    assert!(bench.settle(&again).is_err());
    let reply = bench.decision(&anna, "i", Verdict::Reply, "two");
    assert!(bench.settle(&reply).is_ok());
}

#[test]
fn p4_an_older_queue_adopts_every_version_that_was_decided_since() {
    let bench = Bench::sqlite();
    bench.take(&plain("i"));
    let adopt = |what| {
        let decision = DecisionId(uuid::Uuid::now_v7());
        wait(bench.queue.adopt(id("i"), decision, "anna".to_owned(), what)).unwrap();
        wait(bench.queue.settled(decision)).unwrap()
    };
    assert!(adopt(Outcome::Sent).is_some());
    assert!(adopt(Outcome::Settled).is_some());
    assert_eq!(wait(bench.queue.held(None)).unwrap().len(), 1);
}

#[test]
fn p9_a_refused_approval_leaves_the_half_written_text() {
    let dir = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicI64::new(NINE.0));
    let desk = desk(dir.path(), &now);
    wait(desk.queue().intake(vec![arrival(&plain("i"))])).unwrap();
    wait(desk.recover()).unwrap();
    let edit = SavedEdit {
        item: id("i"),
        base: Base::TakeOver,
        text: "An hour of work".to_owned(),
        caret: 0,
        at: desk.now(),
    };
    wait(desk.save_edit(edit)).unwrap();
    now.fetch_add(60_000, Ordering::SeqCst);
    let mut decision = wait(approval(&desk, "i"));
    decision.fence += 1;
    assert!(wait(desk.commit(decision, false, || ())).unwrap().settled.is_err());
    assert_eq!(wait(desk.edits(id("i"))).unwrap()[0].text, "An hour of work");
}

#[test]
fn p4_every_reply_of_an_older_backup_is_compared_however_many_wait() {
    let ben = actor("ben");
    let (dir, now, first) = restored_from(
        |desk| {
            // Newer than the one below, and more than a list of held replies shows.
            let items: Vec<_> = (0..501).map(|n| arrival(&plain(&format!("b{n}")))).collect();
            wait(desk.queue().intake(items.clone())).unwrap();
            for item in items {
                let lease = wait(desk.queue().claim(request(), ben.clone(), item.item.id.clone(), false));
                let mut decision = wait(unclaimed(desk, item.item.id.as_str()));
                decision.agent = "ben".to_owned();
                decision.fence = lease.unwrap().unwrap().fence;
                let hash = "0".repeat(64);
                let settled = Settlement { decision, seq: 1, hash, immediate: false };
                wait(desk.queue().settle(settled)).unwrap().unwrap();
            }
        },
        |desk, _| {
            wait(desk.queue().intake(vec![arrival(&plain("j"))])).unwrap();
            wait(approve(desk, "j"));
            wait(desk.recover()).unwrap();
            wait(desk.queue().hasten("anna".to_owned())).unwrap();
            assert_eq!(wait(desk.deliver()).unwrap().len(), 2);
        },
    );
    let two = desk(dir.path(), &now);
    wait(two.recover()).unwrap();
    let (mut unsent, mut after) = (Vec::new(), None);
    while let Some(last) = {
        let page = wait(two.queue().unsent(after, 200)).unwrap();
        unsent.extend(page.iter().map(|held| held.decision));
        page.last().map(|held| held.decision)
    } {
        after = Some(last);
    }
    // Ben's, and the one the backup does not know: nobody can tell whether it left.
    assert_eq!(unsent.len(), 502);
    assert!(!unsent.contains(&first), "what has left is held again");
}

#[test]
fn a_changed_policy_is_told_to_the_log_once_and_named_by_its_content() {
    let dir = tempfile::tempdir().unwrap();
    let sit_down = |policy: Policy| {
        let clock = Arc::new(|| Stamp(NINE.0));
        let desk = Desk::open(dir.path(), Setup { agent: "anna".to_owned(), policy, clock }).unwrap();
        wait(desk.begin()).unwrap();
        wait(desk.end()).unwrap();
    };
    let strict = Policy { ai_when_consent_unknown: false, ..Policy::default() };
    let named = Policy { rev: "2026-11".to_owned(), ..strict.clone() };
    for policy in [Policy::default(), strict.clone(), strict.clone(), named.clone(), Policy::default()] {
        sit_down(policy);
    }
    let log = std::fs::read_to_string(dir.path().join("log/current.jsonl")).unwrap();
    let told: Vec<(String, String)> = log
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|entry| entry["type"] == "policy_change")
        .map(|e| {
            (e["policy_from"].as_str().unwrap().to_owned(), e["policy_rev"].as_str().unwrap().to_owned())
        })
        .collect();
    let (own, month) = (strict.revision(), named.revision());
    assert!(own.starts_with("own-") && month.starts_with("2026-11-") && own[4..] != month[8..]);
    let expected = [("built-in", own.as_str()), (own.as_str(), month.as_str()), (month.as_str(), "built-in")];
    assert_eq!(told, expected.map(|(from, to)| (from.to_owned(), to.to_owned())));
}
