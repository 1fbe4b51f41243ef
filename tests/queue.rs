//! The contract of `Queue`: what every implementation must hold. One function a promise or rule.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

#[path = "queue/consent.rs"]
mod consent;
#[path = "queue/routing.rs"]
mod routing;
mod support;

use countersign::queue::{Changes, Delivery, FactBody, Intake, ListQuery, Scope};
use countersign::review::{
    AiError, CloseReason, Consent, Disclosure, DraftState, Emotion, Outcome, Owner, Policy, Refusal,
    RefusalRule, ReplyState, Reporter, Routing, SendBackReason, Span, Verdict,
};
use support::{Bench, NINE, actor, id, line, plain, request, wait};

fn outcomes(bench: &Bench) -> Vec<Outcome> {
    wait(bench.queue.facts(100))
        .unwrap()
        .into_iter()
        .filter_map(|f| match f.body {
            FactBody::Outcome { what, .. } => Some(what),
            _ => None,
        })
        .collect()
}

fn act(bench: &Bench, who: &countersign::queue::Actor, item: &str, act: Routing) -> Result<(), Refusal> {
    wait(bench.queue.route(request(), who.clone(), id(item), act)).unwrap()
}

#[test]
fn intake_tells_new_superseded_unchanged_older_and_conflict_apart() {
    let d = |v, text| Some(("d", v, text));
    let first = line("i", "c", 2, d(2, "hello"), "");
    for (again, expected) in [
        (first.clone(), Intake::Unchanged),
        (line("i", "c", 2, d(3, "hello again"), ""), Intake::Superseded),
        (line("i", "c", 3, d(2, "hello"), ""), Intake::Superseded),
        (line("i", "c", 3, None, ""), Intake::Superseded),
        (line("i", "c", 2, d(2, "hello"), r#","priority":3"#), Intake::Superseded),
        (line("i", "c", 2, Some(("e", 1, "other")), ""), Intake::Superseded),
        (line("i", "c", 1, d(2, "hello"), ""), Intake::Older),
        (line("i", "c", 2, d(1, "hello"), ""), Intake::Older),
        (line("i", "c", 2, None, ""), Intake::Older),
        (line("i", "c", 2, d(2, "HELLO"), ""), Intake::Conflict),
        (first.replace("message 1", "message one"), Intake::Conflict),
    ] {
        let bench = Bench::sqlite();
        assert_eq!(bench.take(&first), Intake::New);
        assert_eq!(bench.take(&again), expected, "{again}");
        assert_eq!(
            bench.take(&again),
            if matches!(expected, Intake::Superseded) { Intake::Unchanged } else { expected }
        );
    }
}

#[test]
fn one_open_item_per_conversation_a_newer_one_closes_it() {
    let bench = Bench::sqlite();
    bench.take(&line("a", "c", 1, None, ""));
    bench.take(&line("b", "c", 2, None, ""));
    assert_eq!(bench.ids(), ["b"]);
}

#[test]
fn p3_one_verdict_stands_and_the_loser_learns_who_won() {
    let bench = Bench::sqlite();
    bench.take(&plain("i"));
    let (anna, ben) = (actor("anna"), actor("ben"));
    let first = bench.decision(&anna, "i", Verdict::Approve, "Dear Ana");
    let mut second = bench.decision_under(&ben, "i", Verdict::Edit, "Dear A", first.fence);
    second.agent = "ben".to_owned();
    assert!(bench.settle(&first).is_ok());
    assert_eq!(bench.settle(&second), Err(Refusal::AlreadyDecided { by: "anna".to_owned(), at: NINE }));
    // A retry repeats the stored answer, for the winner and for the loser.
    assert!(bench.settle(&first).is_ok());
    assert!(bench.settle(&second).is_err());
    assert_eq!(outcomes(&bench), [Outcome::Settled, Outcome::Refused]);
}

#[test]
fn p3_undo_voids_and_the_same_version_may_be_decided_again() {
    let bench = Bench::sqlite();
    bench.take(&plain("i"));
    let anna = actor("anna");
    let first = bench.decision(&anna, "i", Verdict::Approve, "Dear Ana");
    bench.settle(&first).unwrap();
    assert!(bench.ids().is_empty());
    let undone = wait(bench.queue.undo(anna.clone(), first.id)).unwrap().unwrap();
    assert_eq!(undone.text.as_deref(), Some("Dear Ana"));
    assert_eq!(undone.lease.unwrap().fence, first.fence + 1);
    assert_eq!(wait(bench.queue.undo(anna.clone(), first.id)).unwrap(), Err(Refusal::Undone));
    let again = bench.decision(&anna, "i", Verdict::Edit, "Dear Ana!");
    assert!(bench.settle(&again).is_ok());
    assert_eq!(outcomes(&bench), [Outcome::Settled, Outcome::Undone, Outcome::Settled]);
}

#[test]
fn an_undo_that_overtakes_its_settle_wins() {
    let bench = Bench::sqlite();
    bench.take(&plain("i"));
    let anna = actor("anna");
    let decision = bench.decision(&anna, "i", Verdict::Approve, "Dear Ana");
    assert!(wait(bench.queue.undo(anna, decision.id)).unwrap().is_ok());
    assert_eq!(bench.settle(&decision), Err(Refusal::Undone));
    assert_eq!(bench.ids(), ["i"]);
}

#[test]
fn undo_is_refused_to_others_and_when_the_reply_has_left() {
    let bench = Bench::sqlite();
    bench.take(&plain("i"));
    let (anna, ben) = (actor("anna"), actor("ben"));
    let decision = bench.decision(&anna, "i", Verdict::Approve, "Dear Ana");
    bench.settle(&decision).unwrap();
    let refused = wait(bench.queue.undo(ben, decision.id)).unwrap();
    assert_eq!(refused, Err(Refusal::NotAllowed { rule: RefusalRule::NotYours }));
    bench.pass(Span::seconds(11));
    wait(bench.queue.take_due(anna.session)).unwrap().unwrap();
    assert!(matches!(wait(bench.queue.undo(anna, decision.id)).unwrap(), Err(Refusal::TooLate { .. })));
}

#[test]
fn p2_a_verdict_on_what_has_changed_is_refused_with_what_changed() {
    let anna = actor("anna");
    for (change, expected) in [
        (
            line("i", "c", 2, Some(("d", 1, "Dear Ana")), ""),
            Refusal::NewerMessage { message: "m2".parse().unwrap() },
        ),
        (
            line("i", "c", 1, Some(("d", 2, "Dear Ana!")), ""),
            Refusal::Superseded { draft: Some(("d".parse().unwrap(), 2)) },
        ),
    ] {
        let bench = Bench::sqlite();
        bench.take(&line("i", "c", 1, Some(("d", 1, "Dear Ana")), ""));
        let decision = bench.decision(&anna, "i", Verdict::Approve, "Dear Ana");
        assert_eq!(bench.take(&change), Intake::Superseded);
        assert_eq!(bench.settle(&decision), Err(expected));
    }
    // Recipients, too.
    let bench = Bench::sqlite();
    let first = line("i", "c", 1, Some(("d", 1, "Dear Ana")), "");
    bench.take(&first);
    let decision = bench.decision(&anna, "i", Verdict::Approve, "Dear Ana");
    bench.take(&first.replace(r#""text":"message 1""#, r#""text":"message 1","cc":["boss@shop.example"]"#));
    assert!(matches!(bench.settle(&decision), Err(Refusal::Superseded { .. })));
}

#[test]
fn claims_hold_expire_are_renewed_forced_and_given_back() {
    let bench = Bench::sqlite();
    bench.take(&plain("i"));
    let (anna, ben) = (actor("anna"), actor("ben"));
    let claim = |who: &countersign::queue::Actor, force| {
        wait(bench.queue.claim(request(), who.clone(), id("i"), force)).unwrap()
    };
    let lease = claim(&anna, false).unwrap();
    assert!(matches!(claim(&ben, false), Err(Refusal::Held { holder, .. }) if holder == "anna"));
    bench.pass(Span::minutes(4));
    assert_eq!(wait(bench.queue.renew(anna.clone(), vec![(id("i"), lease.fence)])).unwrap().len(), 1);
    bench.pass(Span::minutes(4));
    assert!(claim(&ben, false).is_err());
    let forced = claim(&ben, true).unwrap();
    assert_eq!(forced.taken_from.as_deref(), Some("anna"));
    assert_eq!(forced.fence, lease.fence + 1);
    assert!(wait(bench.queue.renew(anna.clone(), vec![(id("i"), lease.fence)])).unwrap().is_empty());
    let late = bench.decision_under(&anna, "i", Verdict::Approve, "Dear Ana", lease.fence);
    assert!(matches!(bench.settle(&late), Err(Refusal::LeaseLost { holder: Some(h), .. }) if h == "ben"));
    bench.pass(Span::minutes(6));
    assert!(claim(&anna, false).is_ok());
    act(&bench, &anna, "i", Routing::Release).unwrap();
    assert!(claim(&ben, false).is_ok());
    wait(bench.queue.free_session(ben.session)).unwrap();
    assert!(claim(&anna, false).is_ok());
}

#[test]
fn the_lease_test_is_the_fence_not_the_time() {
    let bench = Bench::sqlite();
    bench.take(&plain("i"));
    let anna = actor("anna");
    let decision = bench.decision(&anna, "i", Verdict::Approve, "Dear Ana");
    bench.pass(Span::hours(2));
    assert!(bench.settle(&decision).is_ok());
}

#[test]
fn a_request_sent_twice_counts_once() {
    let bench = Bench::sqlite();
    bench.take(&plain("i"));
    let (anna, once) = (actor("anna"), request());
    let claim = || wait(bench.queue.claim(once, anna.clone(), id("i"), false)).unwrap();
    assert_eq!(claim(), claim());
    let once = request();
    for _ in 0..2 {
        let note = Routing::Note { text: "call back".to_owned() };
        wait(bench.queue.route(once, anna.clone(), id("i"), note)).unwrap().unwrap();
    }
    assert_eq!(bench.open("i").notes.len(), 1);
}

#[test]
fn p5_after_take_over_the_ai_is_silent_until_handed_back() {
    let bench = Bench::sqlite();
    bench.take(&line("i", "c", 1, Some(("d", 1, "Dear Ana")), ""));
    let anna = actor("anna");
    let approve = bench.decision(&anna, "i", Verdict::Approve, "Dear Ana");
    act(&bench, &anna, "i", Routing::TakeOver).unwrap();
    let open = bench.open("i");
    assert_eq!((open.owner, open.row.draft), (Owner::Person, DraftState::Silenced));
    assert!(open.item.draft.is_none());
    assert_eq!(open.silenced.unwrap().text, "Dear Ana");
    assert_eq!(bench.settle(&approve), Err(Refusal::NotAllowed { rule: RefusalRule::Owner }));
    // Not given up in silence.
    assert_eq!(
        act(&bench, &anna, "i", Routing::Release),
        Err(Refusal::NotAllowed { rule: RefusalRule::TakenOver })
    );
    // A newer draft is kept aside, and a newer item of the conversation too.
    bench.take(&line("i", "c", 2, Some(("d", 2, "Dear Ana!")), ""));
    assert_eq!(bench.open("i").row.draft, DraftState::Silenced);
    bench.take(&line("j", "c", 3, Some(("e", 1, "Hello")), ""));
    let open = bench.open("j");
    assert!(open.item.draft.is_none());
    assert_eq!(open.row.assigned.as_deref(), Some("anna"));
    let reply = bench.decision(&anna, "j", Verdict::TakeOver, "I am here.");
    assert!(bench.settle(&reply).is_ok());
    bench.take(&line("k", "c", 4, Some(("f", 1, "Hello")), ""));
    act(&bench, &anna, "k", Routing::HandBack).unwrap();
    assert_eq!(bench.open("k").item.draft.unwrap().text, "Hello");
}

#[test]
fn p5_a_take_over_reply_sets_the_owner_and_its_undo_restores_it() {
    let bench = Bench::sqlite();
    bench.take(&plain("i"));
    let anna = actor("anna");
    let decision = bench.decision(&anna, "i", Verdict::TakeOver, "I am here.");
    bench.settle(&decision).unwrap();
    let owner = || wait(bench.queue.owner("c-i".parse().unwrap())).unwrap();
    assert_eq!(owner().as_deref(), Some("anna"));
    wait(bench.queue.undo(anna, decision.id)).unwrap().unwrap();
    assert_eq!(owner(), None);
    assert_eq!(bench.open("i").row.draft, DraftState::Ready);
}

#[test]
fn p7_without_consent_no_ai_text_is_kept_shown_or_sent() {
    let bench = Bench::sqlite();
    let no = line("i", "c", 1, Some(("d", 1, "SECRET DRAFT")), r#","emotion":"anger""#)
        .replace(r#""name":"Ana""#, r#""name":"Ana","ai_consent":false"#);
    bench.take(&no);
    let open = bench.open("i");
    assert_eq!((open.row.draft, &open.item.draft, &open.silenced), (DraftState::NoConsent, &None, &None));
    assert!(open.readings.is_empty());
    drop(open);
    let anna = actor("anna");
    let mut approve = bench.decision(&anna, "i", Verdict::Approve, "SECRET DRAFT");
    approve.seen.draft = Some(("d".parse().unwrap(), 1));
    assert_eq!(bench.settle(&approve), Err(Refusal::NotAllowed { rule: RefusalRule::Consent }));
    // The no is the customer's, not the item's: the next item without a word on it is silent as well.
    bench.take(&line("j", "c", 2, Some(("e", 1, "SECRET AGAIN")), ""));
    assert_eq!(bench.open("j").row.draft, DraftState::NoConsent);
    let reply = bench.decision(&anna, "j", Verdict::Reply, "Hello");
    assert!(bench.settle(&reply).is_ok());
    let dir = bench.dir.path().to_owned();
    let bytes: Vec<u8> =
        std::fs::read_dir(&dir).unwrap().flat_map(|f| std::fs::read(f.unwrap().path()).unwrap()).collect();
    assert!(!bytes.windows(12).any(|w| w == b"SECRET AGAIN"), "the draft is on disk");
}

#[test]
fn p7_a_no_stops_what_is_still_held_and_a_yes_lets_the_next_draft_in() {
    let bench = Bench::sqlite();
    bench.take(&line("i", "c", 1, Some(("d", 1, "Dear Ana")), ""));
    bench.take(&line("j", "c2", 1, Some(("e", 1, "Dear Ana")), "").replace("u-c2", "u-c"));
    let anna = actor("anna");
    let held = bench.decision(&anna, "i", Verdict::Approve, "Dear Ana");
    bench.settle(&held).unwrap();
    let word = |w| wait(bench.queue.consent(request(), anna.clone(), "u-c".parse().unwrap(), w)).unwrap();
    assert_eq!(word(Consent::No), [held.id]);
    bench.pass(Span::minutes(1));
    assert!(wait(bench.queue.take_due(anna.session)).unwrap().is_none());
    assert_eq!(bench.open("i").row.draft, DraftState::NoConsent);
    assert_eq!(bench.open("j").row.draft, DraftState::NoConsent);
    assert!(word(Consent::Yes).is_empty());
    bench.take(&line("i", "c", 1, Some(("d", 2, "Dear Ana!")), ""));
    assert_eq!(bench.open("i").row.draft, DraftState::Ready);
}

#[test]
fn p4_a_reply_goes_held_due_sending_sent_and_is_taken_once() {
    let bench = Bench::sqlite();
    bench.take(&line(
        "i",
        "c",
        1,
        Some(("d", 1, "Dear Ana")),
        r#","source":{"system":"s","ref":{"t":7}},"campaign":9"#,
    ));
    let (anna, worker) = (actor("anna"), actor("w"));
    let decision = bench.decision(&anna, "i", Verdict::Edit, "Dear Ana!");
    bench.settle(&decision).unwrap();
    assert_eq!(wait(bench.queue.next_due()).unwrap(), Some(NINE.plus(Span::seconds(10))));
    assert!(wait(bench.queue.take_due(worker.session)).unwrap().is_none());
    bench.pass(Span::seconds(10));
    let parcel = wait(bench.queue.take_due(worker.session)).unwrap().unwrap();
    assert!(wait(bench.queue.take_due(anna.session)).unwrap().is_none());
    assert_eq!(parcel.reply.id, decision.id);
    assert_eq!(parcel.reply.disclosure, Disclosure::AiEdited);
    assert!(parcel.reply.text.starts_with("Dear Ana!\n\nWritten with AI, checked and changed"));
    assert_eq!(parcel.reply.source.reference["t"], 7);
    assert_eq!(parcel.reply.extra["campaign"], 9);
    let done = |fence| wait(bench.queue.delivered(decision.id, fence, Delivery::Sent)).unwrap();
    assert!(!done(parcel.fence + 1));
    assert!(done(parcel.fence));
    assert!(!done(parcel.fence));
    assert_eq!(outcomes(&bench), [Outcome::Settled, Outcome::Sent]);
}

#[test]
fn p4_a_failed_reply_is_tried_again_then_dead_and_a_person_decides() {
    let bench = Bench::sqlite();
    bench.take(&plain("i"));
    let (anna, worker) = (actor("anna"), actor("w"));
    let decision = bench.decision(&anna, "i", Verdict::Approve, "Dear Ana");
    bench.settle(&decision).unwrap();
    let mut tries = 0;
    loop {
        bench.pass(Span::minutes(6));
        let Some(parcel) = wait(bench.queue.take_due(worker.session)).unwrap() else { break };
        tries += 1;
        let failed = Delivery::Failed { why: "refused".to_owned() };
        assert!(wait(bench.queue.delivered(decision.id, parcel.fence, failed)).unwrap());
    }
    assert_eq!(tries, 10);
    assert_eq!(wait(bench.queue.held(None)).unwrap()[0].state, ReplyState::Dead);
    let again = Delivery::Failed { why: "asked again".to_owned() };
    assert!(wait(bench.queue.resolve(decision.id, again)).unwrap());
    assert!(wait(bench.queue.take_due(worker.session)).unwrap().is_some());
}

#[test]
fn p4_a_reply_whose_worker_died_is_found_and_requeued_once() {
    let bench = Bench::sqlite();
    bench.take(&plain("i"));
    let (anna, worker) = (actor("anna"), actor("w"));
    let decision = bench.decision(&anna, "i", Verdict::Approve, "Dear Ana");
    bench.settle(&decision).unwrap();
    bench.pass(Span::seconds(10));
    wait(bench.queue.take_due(worker.session)).unwrap().unwrap();
    assert!(wait(bench.queue.stranded(vec![worker.session])).unwrap().is_empty());
    let parcel = wait(bench.queue.stranded(vec![anna.session])).unwrap().pop().unwrap();
    assert!(wait(bench.queue.requeue(decision.id, parcel.fence)).unwrap());
    assert!(!wait(bench.queue.requeue(decision.id, parcel.fence)).unwrap());
    assert!(wait(bench.queue.take_due(anna.session)).unwrap().is_some());
}

#[test]
fn an_older_backup_adopts_what_the_ledger_knows_and_sends_nothing_twice() {
    let bench = Bench::sqlite();
    bench.take(&plain("i"));
    bench.take(&plain("j"));
    let adopt = |item: &str, what| {
        let decision = countersign::review::DecisionId(uuid::Uuid::now_v7());
        wait(bench.queue.adopt(id(item), decision, "anna".to_owned(), what)).unwrap();
        decision
    };
    adopt("i", Outcome::Sent);
    let unsure = adopt("j", Outcome::Settled);
    assert!(bench.ids().is_empty());
    bench.pass(Span::hours(9));
    assert!(wait(bench.queue.take_due(actor("w").session)).unwrap().is_none());
    let held = wait(bench.queue.held(None)).unwrap();
    assert_eq!((held.len(), held[0].decision, held[0].state), (1, unsure, ReplyState::Unsure));
}

#[test]
fn routing_closes_snoozes_transfers_sends_back_and_undoes() {
    let bench = Bench::sqlite();
    let (anna, ben) = (actor("anna"), actor("ben"));
    bench.take(&plain("i"));
    act(&bench, &anna, "i", Routing::Close { reason: CloseReason::Thanks }).unwrap();
    assert!(bench.ids().is_empty());
    assert_eq!(
        act(&bench, &ben, "i", Routing::Reopen),
        Err(Refusal::NotAllowed { rule: RefusalRule::NotYours })
    );
    act(&bench, &anna, "i", Routing::Reopen).unwrap();
    assert_eq!(bench.ids(), ["i"]);
    act(&bench, &anna, "i", Routing::Snooze { until: NINE.plus(Span::hours(1)) }).unwrap();
    assert!(bench.ids().is_empty());
    assert_eq!(wait(bench.queue.counts()).unwrap().waiting, 0);
    bench.pass(Span::hours(1));
    assert_eq!(wait(bench.queue.refresh()).unwrap(), Some(NINE.plus(Span::hours(4))));
    assert_eq!(bench.ids(), ["i"]);
    act(&bench, &anna, "i", Routing::Transfer { to: "ben".to_owned(), note: "knows her".to_owned() })
        .unwrap();
    let open = bench.open("i");
    assert_eq!((open.row.assigned.as_deref(), open.notes[0].text.as_str()), (Some("ben"), "knows her"));
    act(&bench, &ben, "i", Routing::SendBack { reason: SendBackReason::Tone }).unwrap();
    let open = bench.open("i");
    assert_eq!((open.row.draft, open.item.draft), (DraftState::Drafting, None));
    bench.take(&line("i", "c-i", 1, Some(("d-i", 2, "Dear Ana!")), ""));
    assert_eq!(bench.open("i").row.draft, DraftState::Ready);
    let acts: Vec<String> = wait(bench.queue.facts(100))
        .unwrap()
        .into_iter()
        .filter_map(|f| match f.body {
            FactBody::Routing { act, .. } => Some(act),
            _ => None,
        })
        .collect();
    assert_eq!(acts, ["close", "reopen", "snooze", "transfer", "send_back"]);
}

#[test]
fn a_new_message_wakes_a_snoozed_item_and_a_new_draft_does_not() {
    let bench = Bench::sqlite();
    bench.take(&line("i", "c", 1, Some(("d", 1, "x")), ""));
    let anna = actor("anna");
    act(&bench, &anna, "i", Routing::Snooze { until: NINE.plus(Span::hours(1)) }).unwrap();
    bench.take(&line("i", "c", 1, Some(("d", 2, "y")), ""));
    assert!(bench.ids().is_empty());
    bench.take(&line("i", "c", 2, Some(("d", 2, "y")), ""));
    assert_eq!(bench.ids(), ["i"]);
}

#[test]
fn a_decided_item_opens_again_when_the_customer_writes_and_the_old_reply_goes_on() {
    let bench = Bench::sqlite();
    bench.take(&line("i", "c", 1, Some(("d", 1, "x")), ""));
    let anna = actor("anna");
    let first = bench.decision(&anna, "i", Verdict::Approve, "x");
    bench.settle(&first).unwrap();
    bench.take(&line("i", "c", 2, Some(("d", 2, "y")), ""));
    assert_eq!(bench.ids(), ["i"]);
    let second = bench.decision(&anna, "i", Verdict::Approve, "y");
    assert!(bench.settle(&second).is_ok());
    bench.pass(Span::seconds(10));
    let mut sent = Vec::new();
    while let Some(parcel) = wait(bench.queue.take_due(anna.session)).unwrap() {
        sent.push(parcel.reply.id);
    }
    assert_eq!(sent, [first.id, second.id]);
}

#[test]
fn four_eyes_the_second_must_be_another_agent() {
    let mut policy = Policy::default();
    policy.second_agent_topics.insert("legal".to_owned());
    let bench = Bench::with(policy);
    bench.take(&line("i", "c", 1, Some(("d", 1, "x")), r#","topics":["legal"]"#));
    let (anna, ben) = (actor("anna"), actor("ben"));
    let first = bench.decision(&anna, "i", Verdict::Approve, "x");
    bench.settle(&first).unwrap();
    assert_eq!(bench.ids(), ["i"]);
    bench.pass(Span::minutes(1));
    assert!(wait(bench.queue.take_due(anna.session)).unwrap().is_none());
    let same = bench.decision(&anna, "i", Verdict::Approve, "x");
    assert_eq!(bench.settle(&same), Err(Refusal::NotAllowed { rule: RefusalRule::Second }));
    act(&bench, &anna, "i", Routing::Release).unwrap();
    let second = bench.decision(&ben, "i", Verdict::Approve, "x");
    assert!(bench.settle(&second).is_ok());
    bench.pass(Span::minutes(1));
    assert_eq!(wait(bench.queue.take_due(anna.session)).unwrap().unwrap().reply.id, second.id);
}

#[test]
fn the_list_pages_in_order_filters_fuzzily_and_tells_changes() {
    let bench = Bench::sqlite();
    let hot = r#","emotion":{"label":"anger","intensity":0.9}"#;
    bench.take(&line("calm", "c1", 1, None, ""));
    bench.take(&line("hot", "c2", 1, None, hot));
    bench.take(&line("person", "c3", 1, None, r#","emotion":{"label":"neutral","asks_person":true}"#));
    bench.take(&line("late", "c4", 1, None, r#","due_at":"2026-11-20T08:59:00Z","topics":["billing"]"#));
    assert_eq!(bench.ids(), ["person", "late", "hot", "calm"]);
    let query = |filter: &str, after, limit| {
        wait(bench.queue.list(ListQuery { filter: filter.to_owned(), after, limit, scope: Scope::Waiting }))
            .unwrap()
    };
    let page = query("", None, 2);
    let rest = query("", Some((page[1].rank, page[1].id.clone())), 10);
    assert_eq!(rest.iter().map(|r| r.id.as_str()).collect::<Vec<_>>(), ["hot", "calm"]);
    assert_eq!(query("bilng", None, 9)[0].id.as_str(), "late");
    assert!(query("zzz", None, 9).is_empty());
    let counts = wait(bench.queue.counts()).unwrap();
    assert_eq!((counts.waiting, counts.overdue), (4, 1));
    let all = wait(bench.queue.changes(0)).unwrap();
    assert_eq!(all.items.len(), 4);
    let none = wait(bench.queue.changes(all.revision)).unwrap();
    assert_eq!(none, Changes { revision: all.revision, items: vec![], all: false });
    assert_eq!(wait(bench.queue.changes(u64::MAX)).unwrap(), none);
    wait(bench.queue.claim(request(), actor("anna"), id("hot"), false)).unwrap().unwrap();
    assert_eq!(wait(bench.queue.changes(all.revision)).unwrap().items, [id("hot")]);
}

#[test]
fn a_correction_replaces_the_reading_moves_the_item_and_is_a_fact() {
    let bench = Bench::sqlite();
    bench.take(&line("a", "c1", 1, None, r#","emotion":{"label":"joy","intensity":0.9}"#));
    bench.take(&line("b", "c2", 1, None, r#","emotion":{"label":"worry","intensity":0.3}"#));
    assert_eq!(bench.ids(), ["b", "a"]);
    let anna = actor("anna");
    let correct = Routing::Correct { message: "m1".parse().unwrap(), emotion: Emotion::Anger };
    act(&bench, &anna, "a", correct).unwrap();
    assert_eq!(bench.ids(), ["a", "b"]);
    assert_eq!(bench.open("a").reading().unwrap().emotion, Emotion::Anger);
    act(
        &bench,
        &anna,
        "a",
        Routing::Report { error: AiError::Other, decision: None, by: Reporter::Customer },
    )
    .unwrap();
    let facts = wait(bench.queue.facts(10)).unwrap();
    assert!(
        matches!(&facts[0].body, FactBody::Correction { from: Some(r), to: Emotion::Anger, .. } if r.emotion == Emotion::Joy)
    );
    assert!(matches!(facts[1].body, FactBody::Report { .. }));
    wait(bench.queue.facts_told(facts.iter().map(|f| f.number).collect())).unwrap();
    assert!(wait(bench.queue.facts(10)).unwrap().is_empty());
}

#[test]
fn forget_takes_back_destroys_texts_and_key_and_leaves_no_byte() {
    let bench = Bench::sqlite();
    bench.take(
        &line("i", "c", 1, Some(("d", 1, "PRIVATE REPLY TEXT")), "").replace("message 1", "PRIVATE QUESTION"),
    );
    let anna = actor("anna");
    let key = wait(bench.queue.customer_key("u-c".parse().unwrap())).unwrap();
    act(&bench, &anna, "i", Routing::Note { text: "PRIVATE NOTE".to_owned() }).unwrap();
    let decision = bench.decision(&anna, "i", Verdict::Approve, "PRIVATE REPLY TEXT");
    bench.settle(&decision).unwrap();
    let gone = wait(bench.queue.forget(anna.clone(), "u-c".parse().unwrap())).unwrap();
    assert_eq!((gone.items, gone.taken_back.clone()), (vec![id("i")], vec![decision.id]));
    assert_eq!(gone.decisions, [decision.id]);
    assert!(wait(bench.queue.open(id("i"))).unwrap().is_none());
    assert!(wait(bench.queue.texts(decision.id)).unwrap().is_none());
    assert_ne!(wait(bench.queue.customer_key("u-c".parse().unwrap())).unwrap(), key);
    let path = bench.dir.path().join("queue.sqlite");
    drop(bench.queue);
    let db = rusqlite::Connection::open(&path).unwrap();
    db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", (), |_| Ok(())).unwrap();
    drop(db);
    let bytes = std::fs::read(&path).unwrap();
    assert!(!bytes.windows(7).any(|w| w == b"PRIVATE"));
}
