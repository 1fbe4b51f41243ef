//! Stories: what an agent types, and what follows. Promises by their numbers.

use super::stage::{Stage, has_role, line, sample};
use super::world::{NOW, dead};
use countersign::console::chord::Chord;
use countersign::console::command::Mode;
use countersign::console::message::{Action, Base, CommitState, Effect, Outcome, Signal};
use countersign::console::model::{Front, SlipState};
use countersign::console::theme::Role;
use countersign::review::{DecisionId, ItemId, Refusal, Routing, Span, Verdict};
use serde_json::json;

fn id(text: &str) -> ItemId {
    text.parse().unwrap()
}

fn here(stage: &Stage) -> String {
    stage.model.list.selected().map_or_else(String::new, |l| l.row.id.to_string())
}

fn commits(stage: &Stage) -> usize {
    stage.effects.iter().filter(|e| matches!(e, Effect::Commit { .. })).count()
}

fn routed(stage: &Stage, act: impl Fn(&Routing) -> bool) -> bool {
    stage.effects.iter().any(|e| matches!(e, Effect::Route { act: a, .. } if act(a)))
}

#[test]
fn approve_goes_on_at_once_and_undo_brings_it_back() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j");
    assert_eq!(here(&stage), "i-jorge");
    stage.press("a");
    let decision = stage.last_commit().unwrap().clone();
    assert_eq!(decision.verdict, Verdict::Approve);
    assert_eq!(decision.seen.item, id("i-jorge"));
    assert_eq!(Some(decision.text.clone()), decision.draft_text, "byte for byte");
    assert_eq!(decision.metrics.viewed_milli, 1_000);
    assert_eq!(here(&stage), "i-wang", "the next one is there");
    assert!(stage.screen().contains("held 10 s: Jorge Ortiz u undo"), "{}", stage.screen());
    stage.press("u");
    assert_eq!(here(&stage), "i-jorge");
    assert!(stage.notice().contains("Jorge Ortiz"), "{}", stage.notice());
    assert!(stage.model.lease(&id("i-jorge")).is_some(), "claimed by the session that undid");
    assert!(stage.model.tray.slips.is_empty());
    stage.press("a");
    assert_eq!(commits(&stage), 2, "the same version may be decided again");
}

#[test]
fn an_agent_sees_the_own_figures_and_who_looked_and_goes_back() {
    let mut stage = Stage::sample(120, 40);
    let before = here(&stage);
    for keys in [": m e enter", "o f"] {
        stage.press(keys);
        let screen = stage.screen();
        assert!(screen.contains("MY FIGURES") && screen.contains("shown to you alone"), "{screen}");
        assert!(
            screen.contains("approved as it was") && screen.contains("31 of 40, 78 % (62 to 88)"),
            "{screen}"
        );
        // P6: whoever looked has a name that is foreign.
        assert!(
            screen.contains("looked at by") && screen.contains("cleo") && !screen.contains('\u{1b}'),
            "{screen}"
        );
        stage.press("j j k esc");
        assert!(matches!(stage.model.front, Front::Browse));
        assert_eq!(here(&stage), before);
    }
}

#[test]
fn the_header_counts_a_held_reply_down_and_lets_it_go() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j a");
    stage.wait(3_500);
    assert!(stage.screen().contains("held 7 s: Jorge Ortiz"), "{}", stage.screen());
    stage.wait(7_000);
    assert!(!stage.screen().contains("held"), "{}", stage.screen());
    stage.press("u");
    assert!(stage.notice().contains("nothing can be taken back"), "{}", stage.notice());
}

#[test]
fn an_edit_is_shown_against_its_draft_and_then_signed() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j e text:Good_day._ ctrl-s");
    assert!(matches!(stage.model.front, Front::Difference(..)));
    assert_eq!(commits(&stage), 0, "the difference comes first");
    assert!(stage.screen().contains("+ Good day."), "{}", stage.screen());
    assert!(has_role(&mut stage, Role::DiffAdd));
    stage.press("ctrl-s");
    let decision = stage.last_commit().unwrap();
    assert_eq!(decision.verdict, Verdict::Edit);
    assert!(decision.text.starts_with("Good day. Dear Jorge"));
    assert!(matches!(stage.model.front, Front::Browse));
}

#[test]
fn an_untouched_edit_is_an_approval() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j e ctrl-s");
    assert_eq!(stage.last_commit().unwrap().verdict, Verdict::Approve);
}

#[test]
fn p9_typing_is_saved_within_a_second_and_offered_again() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j e text:abc");
    stage.wait(1_000);
    assert!(stage.world.saved[&id("i-jorge")].starts_with("abc"));
    stage.press("text:d esc");
    assert!(stage.world.saved[&id("i-jorge")].starts_with("abcd"), "leaving saves what is left");
    assert!(stage.screen().contains("your text is kept"), "{}", stage.screen());
    stage.press("e");
    let edit = stage.model.front.edit().unwrap();
    assert!(edit.editor.text().starts_with("abcd") && edit.editor.caret() == 4);
    // Taken back by hand to what the draft says: nothing is kept any more.
    stage.press("backspace backspace backspace backspace esc");
    assert!(stage.world.saved.is_empty());
}

#[test]
fn p5_a_take_over_silences_the_ai_before_a_word_is_written() {
    let mut stage = Stage::sample(160, 45);
    stage.press("t");
    assert!(routed(&stage, |a| *a == Routing::TakeOver));
    let screen = stage.screen();
    assert!(screen.contains("PACKET") && screen.contains("the AI has said"), "{screen}");
    assert!(!screen.contains("I have released"), "no AI draft beside an own reply\n{screen}");
    stage.press("text:I_will_call_you. ctrl-s");
    let decision = stage.last_commit().unwrap();
    assert_eq!((decision.verdict, decision.text.as_str()), (Verdict::TakeOver, "I will call you."));
    assert_eq!(decision.seen.draft, None, "signed for the conversation as the queue has it now");
    // The next item is there: nothing at its foot speaks of the one before.
    assert!(!stage.screen().contains("the AI is silent"), "{}", stage.screen());
}

#[test]
fn p5_a_take_over_that_is_left_says_what_became_of_draft_and_words_and_nothing_untrue() {
    for size in [(160, 45), (120, 40), (80, 24)] {
        let mut stage = Stage::sample(size.0, size.1);
        stage.press("t text:Hello_ esc");
        let screen = stage.screen();
        assert!(screen.contains("your own words are kept · e goes on"), "{screen}");
        assert!(screen.contains("A person answers here.") && !screen.contains("unread"), "{screen}");
    }
}

#[test]
fn what_was_said_of_an_item_goes_when_one_leaves_it() {
    let mut stage = Stage::sample(120, 40);
    stage.press("e text:Well._ esc");
    assert!(stage.notice().contains("your text is kept"), "{}", stage.notice());
    stage.press("j");
    assert_eq!(stage.notice(), "", "e there would open another text");
    // What is to be heeded stays.
    let item = here(&stage).parse().unwrap();
    stage.world.refuse.push(countersign::review::Refusal::Gone { item });
    stage.press("a");
    assert!(stage.notice().contains("refused"), "{}", stage.notice());
    stage.press("j");
    assert!(stage.notice().contains("refused"), "{}", stage.notice());
}

#[test]
fn p7_where_the_customer_said_no_nothing_of_the_ai_is_shown_and_a_person_replies() {
    let mut stage = Stage::sample(160, 45);
    stage.press("/ text:priya enter");
    assert_eq!(here(&stage), "i-priya");
    let screen = stage.screen();
    assert!(screen.contains("This customer does not want AI"), "{screen}");
    assert!(screen.contains("not read: the customer said no to AI"), "{screen}");
    stage.press("a");
    assert_eq!(commits(&stage), 0);
    assert!(stage.notice().contains("no draft to approve; r writes"), "{}", stage.notice());
    stage.press("r text:Yes,_you_can. ctrl-s");
    assert_eq!(stage.last_commit().unwrap().verdict, Verdict::Reply);
}

#[test]
fn p3_a_refusal_lands_in_the_tray_with_its_text() {
    let mut stage = Stage::sample(120, 40);
    stage.world.refuse.push(Refusal::NewerMessage { message: "m2".parse().unwrap() });
    stage.press("j e text:Hi._ ctrl-s ctrl-s");
    assert!(stage.screen().contains("refused 1"), "{}", stage.screen());
    assert!(stage.world.saved[&id("i-jorge")].starts_with("Hi."), "the text is kept");
    stage.press("j o r");
    assert_eq!(here(&stage), "i-jorge");
    assert!(stage.notice().contains("the customer wrote again"), "{}", stage.notice());
    assert_eq!(stage.model.tray.refused(), 0, "opened, it leaves the tray");
    stage.press("e");
    assert!(stage.model.front.edit().unwrap().editor.text().starts_with("Hi."));
}

#[test]
fn p1_with_a_closed_ledger_nothing_is_signed_and_the_text_stays() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j e text:Hi._ ctrl-s");
    let effects = {
        stage.wait(1_100);
        let key = countersign::console::message::KeyPress {
            chord: "ctrl-s".to_owned(),
            at: stage.now,
            alone: true,
        };
        stage.step(Action::Command {
            command: countersign::console::command::Command::Sign,
            count: None,
            key: Some(key),
        })
    };
    let decision = effects
        .iter()
        .find_map(|e| match e {
            Effect::Commit { decision, .. } => Some(decision.id),
            _ => None,
        })
        .unwrap();
    let why = "the disk is full; make room".to_owned();
    stage.act(Action::Outcome(Outcome::Committed { decision, state: CommitState::LedgerClosed { why } }));
    assert!(stage.screen().contains("log closed"), "{}", stage.screen());
    assert!(stage.world.saved[&id("i-jorge")].starts_with("Hi."));
    stage.press("a");
    assert!(stage.notice().contains("nothing can be signed: the disk is full"), "{}", stage.notice());
}

fn world_with_long_draft() -> super::world::World {
    let mut world = sample();
    let long = (1..=80).map(|n| format!("Line {n} of a long answer.")).collect::<Vec<_>>().join("\n");
    world.add(&line(&json!({"id":"i-long","priority":9,"conversation":{"id":"c-long",
        "customer":{"id":"u","name":"Long Draft"},
        "messages":[{"id":"m1","from":"customer","text":"Tell me everything. I want to talk to a person."}]},
        "draft":{"id":"d","text":long}, "emotion":{"label":"anger","intensity":1.0,"asks_person":true}})));
    world
}

#[test]
fn p2_approve_scrolls_on_while_lines_were_not_on_screen() {
    let mut stage = Stage::on(world_with_long_draft(), 120, 40);
    stage.press("/ text:everything enter");
    assert_eq!(here(&stage), "i-long");
    let mut presses = 0;
    while commits(&stage) == 0 && presses < 10 {
        stage.press("a");
        presses += 1;
        if commits(&stage) == 0 {
            assert!(stage.notice().contains("the draft goes on"), "{}", stage.notice());
        }
    }
    assert_eq!(presses, 3, "80 lines in windows of about 32: twice on, then the signature");
    assert_eq!(stage.last_commit().unwrap().metrics.viewed_milli, 1_000);
}

#[test]
fn p2_an_untouched_draft_is_read_before_it_is_signed_from_editor_or_difference() {
    for keys in ["e ctrl-s", "e f3 ctrl-s"] {
        let mut stage = Stage::on(world_with_long_draft(), 120, 40);
        stage.press("/ text:everything enter");
        stage.press(keys);
        assert_eq!(commits(&stage), 0, "{keys}");
        assert!(stage.notice().contains("the draft goes on"), "{keys}: {}", stage.notice());
        stage.press("a a a");
        assert_eq!(stage.last_commit().unwrap().metrics.viewed_milli, 1_000, "{keys}");
    }
}

#[test]
fn p2_a_draft_that_changes_while_one_looks_is_offered_not_swapped_in() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j");
    let item = id("i-jorge");
    stage.world.change(&item, |o| {
        let draft = o.item.draft.as_mut().unwrap();
        draft.version = 2;
        draft.text = "Another answer.".to_owned();
    });
    stage.act(Action::Outcome(Outcome::Changed { items: vec![item.clone()], all: false }));
    let screen = stage.screen();
    assert!(screen.contains("draft v2 has come in") && screen.contains("we have stopped both"), "{screen}");
    stage.press("a");
    assert_eq!(commits(&stage), 0);
    stage.press("v");
    assert!(stage.screen().contains("Another answer."));
    stage.press("a");
    assert_eq!(stage.last_commit().unwrap().seen.draft.as_ref().unwrap().1, 2);
}

#[test]
fn p2_a_message_that_arrives_is_shown_and_must_be_seen_before_an_edit_is_signed() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j e text:Hi._");
    let item = id("i-jorge");
    let caret = stage.caret;
    stage.world.change(&item, |o| {
        let mut message = o.item.conversation.messages[0].clone();
        message.id = "m2".parse().unwrap();
        message.text = "It has happened again just now!".to_owned();
        o.item.conversation.messages.push(message);
    });
    stage.act(Action::Outcome(Outcome::Changed { items: vec![item], all: false }));
    assert!(stage.screen().contains("It has happened again"), "{}", stage.screen());
    assert_eq!(stage.caret, caret, "what arrives moves neither text nor caret");
    stage.press("ctrl-s ctrl-s");
    assert_eq!(commits(&stage), 0);
    assert!(stage.notice().contains("a new message has come in"), "{}", stage.notice());
    stage.press("ctrl-s");
    assert_eq!(stage.last_commit().unwrap().seen.last_message.as_str(), "m2");
}

#[test]
fn p2_a_message_that_arrives_under_the_question_must_be_read_before_the_answer_counts() {
    let mut stage = Stage::sample(120, 40);
    stage.press("a a");
    assert_eq!(stage.model.mode(), Mode::Confirm);
    let item = stage.model.looking.as_ref().unwrap().item.clone();
    stage.world.change(&item, |o| {
        let mut message = o.item.conversation.messages[0].clone();
        message.id = "m99".parse().unwrap();
        message.text = "Stop!\n\n".repeat(60);
        o.item.conversation.messages.push(message);
    });
    stage.act(Action::Outcome(Outcome::Changed { items: vec![item], all: false }));
    stage.wait(2_000);
    // Any frame later.
    stage.press("down up");
    stage.wait(2_000);
    stage.press("2");
    assert_eq!(commits(&stage), 0, "{}", stage.screen());
}

#[test]
fn a_verdict_key_is_careful() {
    let mut stage = Stage::sample(120, 40);
    let a = Chord::char('a');
    // Right after the screen changed.
    stage.press("j");
    stage.wait(100);
    stage.chord(a, true);
    assert!(stage.notice().contains("the screen had just changed"), "{}", stage.notice());
    // Again within the second.
    stage.wait(600);
    stage.chord(a, true);
    assert!(stage.notice().contains("twice within a second"), "{}", stage.notice());
    // Not alone in its read.
    stage.wait(1_500);
    stage.chord(a, false);
    assert!(stage.notice().contains("together with other keys"), "{}", stage.notice());
    assert_eq!(commits(&stage), 0);
    // Never from a paste, nor from the palette's Enter.
    stage.press("paste:aaaa : text:approve enter");
    assert_eq!(commits(&stage), 0);
    assert!(stage.notice().contains("signed by its own key: a"), "{}", stage.notice());
    stage.press("a");
    assert_eq!(commits(&stage), 1);
}

#[test]
fn a_key_held_down_signs_one_item_at_most() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j");
    stage.wait(2_000);
    for _ in 0..200 {
        stage.wait(30);
        stage.chord(Chord::char('a'), true);
    }
    assert_eq!(commits(&stage), 1);
}

#[test]
fn a_blocked_draft_asks_for_another_key() {
    let mut stage = Stage::sample(120, 40);
    stage.press("a");
    assert_eq!(stage.model.mode(), Mode::Confirm);
    stage.press("enter");
    assert_eq!(commits(&stage), 0, "Enter is no answer");
    stage.press("a a 2");
    assert_eq!(commits(&stage), 1, "{}", stage.screen());
    assert_eq!(stage.last_commit().unwrap().metrics.checks_overridden, 1);
}

#[test]
fn browsing_does_not_claim_resting_does_and_one_ahead() {
    let mut stage = Stage::sample(120, 40);
    stage.effects.clear();
    for _ in 0..4 {
        stage.wait(100);
        stage.chord(Chord::char('j'), true);
    }
    assert!(!stage.effects.iter().any(|e| matches!(e, Effect::Claim { .. })), "{:?}", stage.effects);
    stage.wait(800);
    let mut claimed: Vec<_> = stage.model.claims.iter().map(|l| l.item.to_string()).collect();
    claimed.sort();
    assert_eq!(claimed, ["i-ana", "i-tom"], "the item looked at and the next");
    assert!(routed(&stage, |a| *a == Routing::Release), "those passed by are given back");
}

#[test]
fn a_held_down_key_opens_only_where_it_stops() {
    let mut stage = Stage::sample(120, 40);
    let mut opened = Vec::new();
    for _ in 0..8 {
        for effect in stage.step(Action::Command {
            command: countersign::console::command::Command::Next,
            count: None,
            key: None,
        }) {
            if let Effect::Open { item } = effect {
                opened.push(item);
            }
        }
    }
    assert!(opened.len() <= 1, "one at a time: {opened:?}");
}

#[test]
fn the_list_never_moves_under_the_cursor() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j j");
    let before = stage.screen();
    let item = stage.world.add(&line(&json!({"id":"i-new","conversation":{"id":"c-new",
        "customer":{"id":"u-new","name":"New Comer"},"messages":[{"id":"m","from":"customer","text":"A person, please!"}]},
        "emotion":{"label":"anger","intensity":1.0,"asks_person":true}})));
    stage.act(Action::Outcome(Outcome::Changed { items: vec![item], all: false }));
    let after = stage.screen();
    assert!(after.contains("1 new above g"), "{after}");
    let rows = |s: &str| s.lines().skip(2).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&before)[..36], rows(&after)[..36]);
    stage.press("g");
    assert!(stage.screen().contains("New Comer"));
}

#[test]
fn a_queue_that_changed_in_bulk_is_compared_and_nothing_moves() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j j");
    let gone = id("i-lena");
    stage.world.change(&gone, |o| o.row.state = countersign::review::State::Decided);
    for n in 0..3 {
        stage.world.add(&line(&json!({"id":format!("i-new{n}"),"conversation":{"id":format!("c-new{n}"),
            "messages":[{"id":"m","from":"customer","text":"A person, please!"}]},
            "emotion":{"label":"anger","intensity":1.0,"asks_person":true}})));
    }
    stage.act(Action::Outcome(Outcome::Changed { items: Vec::new(), all: true }));
    assert_eq!(here(&stage), "i-wang");
    let screen = stage.screen();
    assert!(screen.contains("3 new above g") && screen.contains("✓ Lena Brandt"), "{screen}");
}

#[test]
fn an_item_that_a_colleague_decides_stays_in_its_place_and_cannot_be_signed() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j");
    let item = id("i-jorge");
    stage.world.change(&item, |o| o.row.state = countersign::review::State::Decided);
    stage.act(Action::Outcome(Outcome::Changed { items: vec![item], all: false }));
    assert_eq!(here(&stage), "i-jorge");
    stage.press("a");
    assert_eq!(commits(&stage), 0);
    assert!(stage.notice().contains("decided already"), "{}", stage.notice());
}

#[test]
fn what_a_colleague_holds_is_taken_by_force_only() {
    let mut stage = Stage::sample(120, 40);
    stage.press("G a");
    assert_eq!(here(&stage), "i-lind");
    assert!(
        stage.notice().contains("ben holds this item; ask them, or F takes the claim"),
        "{}",
        stage.notice()
    );
    stage.press("F");
    assert!(stage.notice().contains("it was ben's"), "{}", stage.notice());
    stage.press("a");
    assert_eq!(commits(&stage), 1);
}

#[test]
fn find_narrows_the_list_and_esc_opens_it_again() {
    let mut stage = Stage::sample(120, 40);
    stage.press("/ text:jorge");
    assert_eq!(stage.model.list.lines.len(), 1);
    stage.press("enter");
    assert!(stage.screen().contains("1/1 · jorge"), "{}", stage.screen());
    stage.press("esc");
    assert_eq!(stage.model.list.lines.len(), 10);
    stage.press("/ text:zzz");
    assert!(stage.screen().contains("nothing matches"), "{}", stage.screen());
    stage.press("esc");
    assert_eq!(stage.model.list.lines.len(), 10);
}

#[test]
fn close_and_snooze_leave_the_queue_and_can_be_undone() {
    for (keys, act) in [("x 1", "close"), ("z 2", "snooze")] {
        let mut stage = Stage::sample(120, 40);
        stage.press("j");
        stage.press(keys);
        assert!(stage.world.log.iter().any(|l| l == &format!("i-jorge {act}")), "{:?}", stage.world.log);
        assert_eq!(stage.model.list.lines.len(), 9, "{keys}");
        stage.press("u");
        assert_eq!(here(&stage), "i-jorge", "{keys}: {}", stage.screen());
    }
}

#[test]
fn what_is_given_to_a_colleague_says_for_whom_and_is_not_offered_again() {
    for (columns, rows) in [(160, 45), (120, 40)] {
        let mut stage = Stage::sample(columns, rows);
        stage.press("j > text:ben enter text:knows_him enter");
        let (next, screen) = (here(&stage), stage.screen());
        assert_ne!(next, "i-jorge", "{screen}");
        assert!(screen.contains("given to ben") && screen.contains("for ben"), "{screen}");
        // It stays in its place, and is no newcomer to whom gave it away.
        assert_eq!(stage.model.list.lines.len(), 10);
        assert!(!screen.contains("new above"), "{screen}");
        // A rest on it claims nothing, and after a verdict the next one is another.
        stage.press("k");
        while here(&stage) != "i-jorge" {
            stage.press("j");
        }
        stage.wait(2_000);
        assert!(stage.model.claims.iter().all(|l| l.item.as_str() != "i-jorge"), "{:?}", stage.model.claims);
        stage.press("k x 6");
        assert_ne!(here(&stage), "i-jorge", "{}", stage.screen());
        stage.press("u u");
        assert!(!stage.screen().contains("for ben"), "{}", stage.screen());
    }
}

#[test]
fn what_a_colleague_has_given_says_that_it_is_ones_own() {
    for (columns, rows) in [(160, 45), (120, 40)] {
        let mut stage = Stage::sample(columns, rows);
        let item = "i-jorge".parse().unwrap();
        stage.world.items.get_mut(&item).unwrap().row.assigned = Some("anna".to_owned());
        stage.world.revision += 1;
        stage.world.items.get_mut(&item).unwrap().row.revision = stage.world.revision;
        stage.press(".");
        assert!(stage.screen().contains("yours"), "{}", stage.screen());
    }
}

#[test]
fn note_correct_report_and_send_back_reach_the_queue() {
    let mut stage = Stage::sample(160, 45);
    stage.press("j i text:Knows_our_director. enter");
    assert!(stage.screen().contains("internal note"), "{}", stage.screen());
    assert!(has_role(&mut stage, Role::Note));
    stage.press("c text:sad enter");
    assert!(stage.screen().contains("corrected by anna, today 09:05"), "{}", stage.screen());
    stage.press("! 1 s 3");
    assert!(routed(&stage, |a| matches!(a, Routing::Report { .. })));
    assert!(routed(&stage, |a| matches!(a, Routing::SendBack { .. })));
    assert!(stage.screen().contains("The AI has been asked for another draft"), "{}", stage.screen());
}

#[test]
fn the_palette_searches_names_meanings_and_keys() {
    for (typed, first) in [("snooze", "snooze"), ("put_off", "snooze"), ("z", "snooze"), ("o_h", "held")] {
        let mut stage = Stage::sample(120, 40);
        stage.press(&format!(": text:{typed}"));
        let query = typed.replace('_', " ");
        let found = countersign::console::update::palette_matches(&query, &stage.model.setup.keys);
        if typed != "put_off" {
            assert_eq!(found[0].name(), first, "{typed}");
        }
    }
    let mut stage = Stage::sample(120, 40);
    stage.press(": text:transfer_ben_about_it enter");
    assert!(routed(
        &stage,
        |a| matches!(a, Routing::Transfer { to, note } if to == "ben" && note == "about it")
    ));
    stage.press(": text:close_spam enter");
    assert!(routed(&stage, |a| matches!(a, Routing::Close { .. })));
}

#[test]
fn leaving_with_held_replies_asks_and_cancel_stands_first() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j a q");
    let screen = stage.screen();
    for word in ["1  cancel", "2  wait", "3  send", "4  take back"] {
        assert!(screen.contains(word), "{word}\n{screen}");
    }
    stage.press("q enter");
    assert!(matches!(stage.model.front, Front::Browse), "neither q nor Enter answers");
    let quit = |s: &Stage| s.world.log.iter().any(|l| l.starts_with("Quit"));
    assert!(!quit(&stage));
    stage.press("a q 4");
    assert!(quit(&stage));
    assert!(stage.world.signed.len() < 2, "taken back");
}

#[test]
fn leaving_waits_for_the_window_if_told_so() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j a q 2");
    assert!(!stage.world.log.iter().any(|l| l.starts_with("Quit")));
    stage.wait(11_000);
    assert!(stage.world.log.iter().any(|l| l.starts_with("Quit")));
}

#[test]
fn a_signal_saves_the_text_and_leaves_without_a_question() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j e text:xyz");
    stage.act(Action::Outcome(Outcome::Signal(Signal::Leave)));
    assert!(stage.world.saved[&id("i-jorge")].starts_with("xyz"));
    assert!(stage.world.log.iter().any(|l| l.starts_with("Quit")));
}

#[test]
fn an_outside_editor_comes_back_to_the_difference() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j E");
    assert!(stage.world.log.iter().any(|l| l.starts_with("ExternalEditor")));
    let text = Ok("Dear Jorge,\n\nall is well.\n".to_owned());
    stage.act(Action::Outcome(Outcome::ExternalEdited { item: id("i-jorge"), text }));
    assert!(matches!(stage.model.front, Front::Difference(..)));
    stage.press("ctrl-s");
    assert_eq!(stage.last_commit().unwrap().text, "Dear Jorge,\n\nall is well.");
    let mut stage = Stage::sample(120, 40);
    stage.press("j E");
    let text = Err("the editor left with status 1".to_owned());
    stage.act(Action::Outcome(Outcome::ExternalEdited { item: id("i-jorge"), text }));
    assert!(stage.notice().contains("the text is as it was"), "{}", stage.notice());
}

#[test]
fn a_reply_of_unknown_fate_is_a_persons_decision() {
    let mut stage = Stage::sample(120, 40);
    stage.act(Action::Outcome(Outcome::ReplyMoved(dead(&id("i-jorge"), "Jorge Ortiz"))));
    assert!(stage.screen().contains("1 not sent"), "{}", stage.screen());
    stage.press("o h");
    assert!(stage.screen().contains("nobody knows whether it was sent"), "{}", stage.screen());
    stage.press("m");
    assert!(stage.effects.iter().any(|e| matches!(e, Effect::Resolve { .. })));
    let decision = stage.model.tray.slips[0].decision;
    stage.act(Action::Outcome(Outcome::Resolved { decision, done: true }));
    assert!(stage.model.tray.slips.is_empty());
}

#[test]
fn p10_a_failure_says_what_was_tried_why_and_what_to_do() {
    let mut stage = Stage::sample(120, 40);
    stage.act(Action::Outcome(Outcome::Failed {
        tried: Box::new(Effect::Claim { item: id("i-jorge"), force: false }),
        why: "the queue cannot be reached".to_owned(),
        remedy: "try again in a moment".to_owned(),
    }));
    assert_eq!(
        stage.notice(),
        "the claim could not be made: the queue cannot be reached; try again in a moment"
    );
}

#[test]
fn a_commit_that_failed_keeps_its_text() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j e text:Hi._ ctrl-s");
    stage.wait(1_200);
    let key = countersign::console::message::KeyPress { chord: "x".to_owned(), at: stage.now, alone: true };
    let command = countersign::console::command::Command::Sign;
    let effects = stage.step(Action::Command { command, count: None, key: Some(key) });
    let commit = effects.into_iter().find(|e| matches!(e, Effect::Commit { .. })).unwrap();
    stage.act(Action::Outcome(Outcome::Failed {
        tried: Box::new(commit),
        why: "the desk is locked".to_owned(),
        remedy: "close the other program".to_owned(),
    }));
    assert!(matches!(stage.model.tray.slips[0].state, SlipState::Refused { .. }));
    assert!(stage.world.saved[&id("i-jorge")].starts_with("Hi."));
}

#[test]
fn where_nothing_waits_the_screen_says_how_to_begin() {
    let mut stage = Stage::on(super::world::World::default(), 120, 40);
    assert!(stage.screen().contains("nothing waits"), "{}", stage.screen());
    stage.model.setup.first_start = true;
    assert!(stage.screen().contains("countersign import FILE"), "{}", stage.screen());
}

#[test]
fn p6_foreign_text_cannot_act_in_any_pane() {
    let evil = "A\u{1b}[2J\u{7}B\u{202e}C\u{200b}D\u{e0041}E\u{85}F\u{9b}31mG\r\nH\tI\u{ad}\u{feff}";
    let mut world = super::world::World::default();
    let item = world.add(&line(&json!({"id":"i-evil","conversation":{"id":"c","subject":evil,"language":"en",
        "customer":{"id":"u","name":evil,"tier":evil,"preferences":evil},
        "messages":[{"id":"m1","from":"customer","name":evil,"text":evil,"cc":[evil],
            "attachments":[{"name":evil,"bytes":3}]}]},
        "draft":{"id":"d","text":evil,"rationale":evil,"sources":[{"title":evil,"quote":evil}]},"topics":[evil],
        "emotion":{"label":"anger","evidence":[{"text":evil}]}})));
    world.change(&item, |o| {
        o.notes.push(countersign::review::Note { by: evil.to_owned(), at: NOW, text: evil.to_owned() });
    });
    let mut stage = Stage::on(world, 120, 40);
    for keys in ["", "e", "text:x ctrl-s", "esc esc", "t", "esc o p", "o h", "esc / text:q esc", ": esc", "?"]
    {
        stage.press(keys);
        for theme in ["dark", "mono"] {
            let depth = countersign::console::theme::Depth::True;
            let theme = countersign::console::theme::Theme::shipped(theme, None, depth).unwrap();
            for cell in &stage.draw(&theme).content {
                assert!(countersign::visible::is_safe_cell(cell.symbol()), "{keys}: {:?}", cell.symbol());
            }
        }
        stage.act(Action::Outcome(Outcome::Notice(evil.to_owned())));
    }
    let mut stage = Stage::on(sample(), 120, 40);
    stage.act(Action::Outcome(Outcome::Notice(evil.to_owned())));
    assert!(!stage.screen().contains('\u{1b}'));
}

#[test]
fn p2_hidden_characters_cannot_be_approved_with_one_key() {
    let mut world = super::world::World::default();
    world.add(&line(&json!({"id":"i","conversation":{"id":"c",
        "messages":[{"id":"m1","from":"customer","text":"Hello?"}]},"draft":{"id":"d","text":"Fine.\u{200b}"}})));
    let mut stage = Stage::on(world, 120, 40);
    assert!(has_role(&mut stage, Role::Hidden));
    stage.press("a");
    assert_eq!(commits(&stage), 0);
    assert!(stage.screen().contains("1 hidden character"), "{}", stage.screen());
    stage.press("2");
    assert_eq!(stage.last_commit().unwrap().metrics.hidden_chars, 1);
}

#[test]
fn p2_no_word_of_a_draft_is_cut_off_in_any_script() {
    // Lines that fill the room to the last cell, with wide characters, emoji and right-to-left paragraphs.
    let texts = [
        "مرحبا ".repeat(40),
        "王小明".repeat(40),
        "👩‍👩‍👧🇩🇪❤️ ".repeat(30),
        "word ".repeat(60),
        "abcdefghij".repeat(30),
        format!("{}\n{}", "שלום ".repeat(30), "hello ".repeat(30)),
    ];
    for text in texts {
        for (columns, rows) in [(160, 45), (120, 40), (80, 24), (70, 20), (60, 15)] {
            let mut world = super::world::World::default();
            world.add(&line(&json!({"id":"i","conversation":{"id":"c",
                "messages":[{"id":"m1","from":"customer","text":text}]},"draft":{"id":"d","text":text}})));
            let mut stage = Stage::on(world, columns, rows);
            for keys in ["", "tab", "e"] {
                stage.press(keys);
                let screen = stage.screen();
                let body: Vec<&str> = screen.lines().skip(3).take(usize::from(rows) - 5).collect();
                let cut = body
                    .iter()
                    .filter(|l| !l.contains('[') && !l.contains("CHECKS"))
                    .any(|l| l.split('│').skip(1).any(|pane| pane.contains('…')));
                assert!(!cut, "{columns}x{rows} {keys}\n{screen}");
                if let Some(caret) = stage.caret {
                    assert!(caret.x < columns && caret.y < rows);
                }
            }
        }
    }
}

#[test]
fn where_one_pane_fits_tab_turns_and_a_draft_is_read_before_it_is_signed() {
    let mut stage = Stage::sample(70, 20);
    stage.press("j");
    assert!(stage.screen().contains("Two payments") && !stage.screen().contains("we have stopped"));
    stage.press("a");
    assert_eq!(commits(&stage), 0);
    assert!(stage.screen().contains("we have stopped"), "turned to the draft\n{}", stage.screen());
    stage.press("a");
    assert_eq!(commits(&stage), 1);
}

#[test]
fn a_saved_edit_of_a_former_run_is_offered() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j");
    let open = stage.world.items[&id("i-jorge")].clone();
    let edit = countersign::console::message::SavedEdit {
        item: id("i-jorge"),
        base: Base::Draft { id: "d-i-jorge".parse().unwrap(), version: 1, text: String::new() },
        text: "half a thou".to_owned(),
        caret: 11,
        at: NOW.minus(Span::hours(1)),
    };
    stage.act(Action::Outcome(Outcome::Opened {
        item: id("i-jorge"),
        open: Some(Box::new(open)),
        edits: vec![edit],
    }));
    assert!(stage.screen().contains("your text is kept · e goes on with it"), "{}", stage.screen());
}

#[test]
fn an_unknown_decision_in_an_answer_is_no_trouble() {
    let mut stage = Stage::sample(120, 40);
    let decision = DecisionId(uuid::Uuid::from_u128(5));
    stage.act(Action::Outcome(Outcome::Committed { decision, state: CommitState::Staged }));
    stage.act(Action::Outcome(Outcome::Undone { decision, answer: Err(Refusal::Undone) }));
}

#[test]
fn where_nothing_can_be_shown_nothing_is_begun() {
    let mut stage = Stage::sample(50, 12);
    stage.press("e text:lost t x");
    assert_eq!(stage.model.mode(), countersign::console::command::Mode::Normal);
    assert!(!stage.effects.iter().any(|e| matches!(e, Effect::Route { .. } | Effect::SaveEdit(_))));
}

/// A held-down key opens each item ahead of the cursor: the screen is drawn for the key, not once more for what came in.
#[test]
fn what_is_opened_ahead_needs_no_frame() {
    let mut stage = Stage::sample(120, 40);
    let before = stage.unseen;
    stage.press("j j");
    assert!(stage.unseen > before, "the stage checks that such a frame would have been the same");
}
