//! What an act changes, its undo restores; what was sent back stays sent back.

use super::act;
use crate::support::{Bench, NINE, actor, line, plain, wait};
use countersign::review::{
    CloseReason, DraftState, OpenItem, Owner, Routing, SendBackReason, Span, State, Verdict,
};

fn transfer(to: &str, note: &str) -> Routing {
    Routing::Transfer { to: to.to_owned(), note: note.to_owned() }
}

fn owner(bench: &Bench, conversation: &str) -> Option<String> {
    wait(bench.queue.owner(conversation.parse().unwrap())).unwrap()
}

/// What an act may change and its undo must restore.
fn standing(open: &OpenItem) -> (State, DraftState, Owner, Option<String>, usize, bool) {
    (
        open.row.state,
        open.row.draft,
        open.owner,
        open.row.assigned.clone(),
        open.notes.len(),
        open.row.snoozed_until.is_some(),
    )
}

#[test]
fn p5_undo_of_a_transfer_gives_conversation_item_and_errand_back() {
    let bench = Bench::sqlite();
    let anna = actor("anna");
    bench.take(&plain("i"));
    act(&bench, &anna, "i", Routing::TakeOver).unwrap();
    let before = standing(&bench.open("i"));
    act(&bench, &anna, "i", transfer("ben", "knows her")).unwrap();
    assert_eq!(owner(&bench, "c-i").as_deref(), Some("ben"));
    act(&bench, &anna, "i", Routing::Reopen).unwrap();
    assert_eq!(owner(&bench, "c-i").as_deref(), Some("anna"));
    assert_eq!(standing(&bench.open("i")), before);
}

#[test]
fn undo_of_a_transfer_takes_nothing_from_who_has_acted_on_it_since() {
    let bench = Bench::sqlite();
    let (anna, ben) = (actor("anna"), actor("ben"));
    bench.take(&plain("i"));
    act(&bench, &anna, "i", Routing::TakeOver).unwrap();
    act(&bench, &anna, "i", transfer("ben", "")).unwrap();
    act(&bench, &ben, "i", Routing::HandBack).unwrap();
    act(&bench, &anna, "i", Routing::Reopen).unwrap();
    assert_eq!(owner(&bench, "c-i"), None);
    assert_eq!(bench.open("i").row.draft, DraftState::Ready);
}

#[test]
fn every_undo_restores_just_what_its_act_has_changed() {
    let snooze = Routing::Snooze { until: NINE.plus(Span::hours(1)) };
    let close = Routing::Close { reason: CloseReason::Other };
    for first in [transfer("ben", "yours"), Routing::SendBack { reason: SendBackReason::Tone }] {
        for second in [snooze.clone(), close.clone(), transfer("cy", "mine")] {
            let bench = Bench::sqlite();
            let anna = actor("anna");
            bench.take(&plain("i"));
            act(&bench, &anna, "i", first.clone()).unwrap();
            let before = standing(&bench.open("i"));
            act(&bench, &anna, "i", second.clone()).unwrap();
            assert_ne!(standing(&bench.open("i")), before, "{second:?}");
            act(&bench, &anna, "i", Routing::Reopen).unwrap();
            assert_eq!(standing(&bench.open("i")), before, "{second:?} after {first:?}");
        }
    }
}

#[test]
fn an_item_that_waits_for_a_second_agent_does_so_again_after_close_and_undo() {
    let bench = Bench::with(countersign::review::Policy {
        second_agent_topics: ["legal".to_owned()].into(),
        ..Default::default()
    });
    let (anna, ben) = (actor("anna"), actor("ben"));
    bench.take(&line("i", "c", 1, Some(("d", 1, "x")), r#","topics":["legal"]"#));
    let first = bench.decision(&anna, "i", Verdict::Approve, "x");
    bench.settle(&first).unwrap();
    act(&bench, &ben, "i", Routing::Close { reason: CloseReason::Other }).unwrap();
    act(&bench, &ben, "i", Routing::Reopen).unwrap();
    assert_eq!(bench.open("i").row.state, State::Second);
}

#[test]
fn what_was_sent_back_stays_so_until_a_newer_draft_comes() {
    let anna = actor("anna");
    let draft = Some(("d", 1, "Dear Ana"));
    let takes = |again: &str| {
        let bench = Bench::sqlite();
        bench.take(&line("i", "c", 1, draft, ""));
        act(&bench, &anna, "i", Routing::SendBack { reason: SendBackReason::Tone }).unwrap();
        bench.take(again);
        bench
    };
    let other = line("i", "c", 1, draft, r#","priority":3"#);
    for again in [&other, &line("i", "c", 2, draft, "")] {
        let open = takes(again).open("i");
        assert_eq!((open.row.draft, &open.item.draft), (DraftState::Drafting, &None), "{again}");
    }
    for again in [line("i", "c", 1, Some(("d", 2, "Dear A")), ""), line("i", "c", 1, Some(("e", 1, "A")), "")]
    {
        assert_eq!(takes(&again).open("i").row.draft, DraftState::Ready, "{again}");
    }
    // Closed and opened again, taken over and handed back: it is still the draft that was sent back.
    let bench = takes(&other);
    act(&bench, &anna, "i", Routing::Close { reason: CloseReason::Other }).unwrap();
    bench.take(&line("i", "c", 1, draft, r#","priority":4"#));
    act(&bench, &anna, "i", Routing::Reopen).unwrap();
    assert_eq!(bench.open("i").row.draft, DraftState::Drafting);
    act(&bench, &anna, "i", Routing::TakeOver).unwrap();
    assert_eq!(bench.open("i").row.draft, DraftState::Silenced);
    act(&bench, &anna, "i", Routing::HandBack).unwrap();
    assert_eq!(bench.open("i").row.draft, DraftState::Drafting);
    // A verdict of one's own leaves it sent back too, once it is undone.
    let reply = bench.decision(&anna, "i", Verdict::Reply, "My own words.");
    bench.settle(&reply).unwrap();
    wait(bench.queue.undo(anna.clone(), reply.id)).unwrap().unwrap();
    assert_eq!(bench.open("i").row.draft, DraftState::Drafting);
}
