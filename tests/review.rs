//! What a hostile, an unlucky and a careful reader found: each test was red once.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

mod support;

use countersign::desk::{Desk, Setup};
use countersign::queue::{Delivery, Intake};
use countersign::review::{
    CloseReason, Consent, Decision, DecisionId, Disclosure, DraftState, Metrics, Policy, Refusal, ReplyState,
    Routing, Span, Stamp, State, Verdict,
};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use support::{Bench, NINE, actor, arrival, id, line, plain, request};

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

fn desk(dir: &Path, now: &Arc<AtomicI64>) -> Desk {
    let now = now.clone();
    let clock = Arc::new(move || Stamp(now.load(Ordering::SeqCst)));
    Desk::open(dir, Setup { agent: "anna".to_owned(), policy: Policy::default(), clock }).unwrap()
}

async fn approve(desk: &Desk, item: &str) -> DecisionId {
    let lease = desk.claim(id(item), false).await.unwrap().unwrap();
    let open = desk.queue().open(id(item)).await.unwrap().unwrap();
    let draft = open.item.draft.clone().unwrap();
    let decision = Decision {
        id: DecisionId(uuid::Uuid::now_v7()),
        seen: open.seen().unwrap(),
        conversation: open.item.conversation.id.clone(),
        customer: open.item.customer_id(),
        channel: open.item.conversation.channel,
        language: None,
        agent: desk.who.agent.clone(),
        session: desk.who.session,
        verdict: Verdict::Approve,
        fence: lease.fence,
        draft_text: Some(draft.text.clone()),
        text: draft.text,
        disclosure: Disclosure::of(Verdict::Approve),
        decided_at: desk.now(),
        metrics: Metrics::default(),
    };
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
    let dir = tempfile::tempdir().unwrap();
    let backup = tempfile::tempdir().unwrap();
    let now = Arc::new(AtomicI64::new(NINE.0));
    let one = desk(dir.path(), &now);
    wait(one.queue().intake(vec![arrival(&plain("i"))])).unwrap();
    wait(one.recover()).unwrap();
    let decision = wait(approve(&one, "i"));
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
