//! P7 at every order of what items say, what a person writes down, and what policy allows.

use crate::support::{Bench, NINE, actor, id, line, request, wait};
use countersign::queue::Queue;
use countersign::queue::sqlite::SqliteQueue;
use countersign::review::{Consent, DraftState, Policy, Span, Verdict};
use std::sync::Arc;

const WORDS: [Consent; 3] = [Consent::Yes, Consent::No, Consent::Unknown];

/// What may happen.
#[derive(Clone, Copy, Debug)]
enum Event {
    /// An item comes in and says so.
    Item(Consent),
    /// A person writes it down.
    Person(Consent),
}

fn strict() -> Policy {
    Policy { ai_when_consent_unknown: false, ..Policy::default() }
}

fn item(id: &str, customer: &str, version: u32, says: Consent) -> String {
    let word = match says {
        Consent::Yes => "true",
        Consent::No => "false",
        Consent::Unknown => "null",
    };
    line(id, &format!("c-{id}"), 1, Some(("d", version, "AI TEXT")), "").replace(
        &format!(r#""id":"u-c-{id}","name":"Ana""#),
        &format!(r#""id":"{customer}","name":"Ana","ai_consent":{word}"#),
    )
}

#[test]
fn p7_the_customers_word_holds_at_every_order_of_items_and_persons() {
    let events: Vec<Event> =
        WORDS.into_iter().map(Event::Item).chain(WORDS.into_iter().map(Event::Person)).collect();
    let anna = actor("anna");
    for policy in [Policy::default(), strict()] {
        let bench = Bench::with(policy.clone());
        let mut number = 0;
        for a in &events {
            for b in &events {
                for c in &events {
                    number += 1;
                    let (customer, other) = (format!("u{number}"), format!("o{number}"));
                    // Another item of the customer stands by, and must follow each word that forbids.
                    bench.take(&item(&other, &customer, 1, Consent::Unknown));
                    let (mut word, mut ready) = (None, bench.open(&other).item.draft.is_some());
                    for (version, event) in (1..).zip([a, b, c]) {
                        word = match (event, word) {
                            (Event::Person(said), _) => Some(*said),
                            (Event::Item(Consent::No), _) => Some(Consent::No),
                            (Event::Item(Consent::Yes), None) => Some(Consent::Yes),
                            (Event::Item(_), before) => before,
                        };
                        let allowed = policy.allows_ai(word.unwrap_or_default());
                        ready &= allowed;
                        let told = format!("{policy:?} {:?}", [a, b, c]);
                        match event {
                            Event::Item(said) => {
                                let name = format!("i{number}");
                                bench.take(&item(&name, &customer, version, *said));
                                let open = bench.open(&name);
                                let expected =
                                    if allowed { DraftState::Ready } else { DraftState::NoConsent };
                                assert_eq!(open.row.draft, expected, "{told}");
                                assert_eq!(open.item.draft.is_some(), allowed, "{told}");
                            }
                            Event::Person(said) => {
                                let id = customer.parse().unwrap();
                                wait(bench.queue.consent(request(), anna.clone(), id, *said)).unwrap();
                            }
                        }
                        let other = bench.open(&other);
                        assert_eq!(other.item.draft.is_some(), ready, "{told}");
                    }
                }
            }
        }
    }
}

#[test]
fn p7_a_policy_that_becomes_strict_reaches_what_is_stored_and_held() {
    let bench = Bench::sqlite();
    let anna = actor("anna");
    bench.take(&item("asked", "u1", 1, Consent::Yes));
    bench.take(&item("unasked", "u2", 1, Consent::Unknown));
    bench.take(&item("signed", "u3", 1, Consent::Unknown));
    let held = bench.decision(&anna, "signed", Verdict::Approve, "AI TEXT");
    bench.settle(&held).unwrap();
    let clock = Arc::new(|| NINE.plus(Span::hours(1)));
    let open = |policy| SqliteQueue::open(&bench.dir.path().join("queue.sqlite"), policy, clock.clone());
    let queue = open(strict()).unwrap();
    let state = |item| wait(queue.open(id(item))).unwrap().unwrap().row.draft;
    assert_eq!(state("asked"), DraftState::Ready);
    assert_eq!(state("unasked"), DraftState::NoConsent);
    assert_eq!(state("signed"), DraftState::NoConsent);
    assert!(wait(queue.take_due(anna.session)).unwrap().is_none());
    // Back to the milder rule: what was dropped is gone, what comes in next is drafted for.
    let queue = open(Policy::default()).unwrap();
    assert_eq!(wait(queue.open(id("unasked"))).unwrap().unwrap().row.draft, DraftState::NoConsent);
    bench.take(&item("unasked", "u2", 2, Consent::Unknown));
    assert_eq!(wait(queue.open(id("unasked"))).unwrap().unwrap().row.draft, DraftState::Ready);
}
