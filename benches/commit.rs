//! What a verdict costs: stage, append, settle, beside three times write and `fdatasync` of the same bytes. Less is not to
//! be had while each of the three stores has it on disk before the next one begins.
//!
//! `cargo bench --bench commit [-- COMMITS]`

#[path = "support/bench.rs"]
mod bench;

use bench::{Times, count, desk, folder, head, line, row, runtime, timed};
use countersign::desk::Desk;
use countersign::review::{Decision, DecisionId, Disclosure, ItemId, Metrics, Verdict};
use std::fs::File;
use std::io::Write;

/// A decision as an agent makes it, on a claimed item. Not part of what is timed.
async fn decision(desk: &Desk, n: usize) -> Decision {
    let id: ItemId = format!("i{n}").parse().expect("an id");
    let open = desk.queue().open(id.clone()).await.expect("the queue answers").expect("the item is there");
    let lease = desk.claim(id, false).await.expect("the queue answers").expect("nobody else is here");
    let draft = open.item.draft.clone().expect("each item has one");
    Decision {
        id: DecisionId(uuid::Uuid::now_v7()),
        seen: open.seen().expect("it has messages"),
        conversation: open.item.conversation.id.clone(),
        customer: open.item.customer_id(),
        channel: open.item.conversation.channel,
        language: open.item.conversation.language.clone(),
        agent: desk.who.agent.clone(),
        session: desk.who.session,
        verdict: Verdict::Approve,
        fence: lease.fence,
        text: draft.text.clone(),
        draft_text: Some(draft.text),
        disclosure: Disclosure::of(Verdict::Approve),
        decided_at: desk.now(),
        metrics: Metrics::default(),
    }
}

fn written(files: &mut [File; 3], bytes: &[u8]) -> std::io::Result<()> {
    for file in files {
        file.write_all(bytes)?;
        file.sync_data()?;
    }
    Ok(())
}

fn main() {
    let commits = count(500);
    let dir = folder();
    let desk = desk(dir.path());
    let lines: String = (0..commits).map(|n| line(n) + "\n").collect();
    let mut files =
        ["a", "b", "c"].map(|name| File::create(dir.path().join(name)).expect("a file can be made"));
    let (mut ours, mut peer) = (Times::default(), Times::default());
    let runtime = runtime();
    runtime.block_on(desk.import(&mut lines.as_bytes(), |_| ())).expect("the items go in");
    let mut bytes = 0;
    // One after the other, so that a busy disk slows both.
    for n in 0..commits {
        let decision = runtime.block_on(decision(&desk, n));
        let same = serde_json::to_vec(&decision).expect("a decision is JSON");
        bytes += same.len();
        let (time, committed) = timed(|| runtime.block_on(desk.commit(decision, false, || ())));
        assert!(committed.is_ok_and(|c| c.settled.is_ok()), "commit {n} was refused");
        ours.add(time);
        let (time, done) = timed(|| written(&mut files, &same));
        done.expect("the peer's files can be written");
        peer.add(time);
    }
    println!("{commits} commits one after the other, {} bytes each\n", bytes / commits.max(1));
    head("3 x write + fdatasync");
    row("stage, append, settle", &ours, &peer);
}
