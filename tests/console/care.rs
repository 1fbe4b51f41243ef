//! What the customer feels, as the agent sees it: label or unsure, how sure, the words, the way, whose word counts.

use super::stage::{Stage, has_role, line, sample};
use super::world::World;
use countersign::console::message::Effect;
use countersign::console::theme::{Role, Theme};
use countersign::review::{Emotion, Evidence, ItemId, Reading, ReadingSource, Routing};
use serde_json::json;

fn id(text: &str) -> ItemId {
    text.parse().unwrap()
}

/// What the recogniser says of a message; `words` spoke for it, `against` against it.
fn read(message: &str, emotion: Emotion, confidence_milli: u16, intensity_milli: u16) -> Reading {
    Reading {
        message: message.parse().unwrap(),
        emotion,
        confidence_milli,
        intensity_milli,
        unsure: false,
        asks_person: false,
        evidence: Vec::new(),
        source: ReadingSource::Recogniser,
    }
}

fn words(text: &str, said: &str, weight_milli: i32) -> Evidence {
    let start = text.find(said).unwrap();
    Evidence { start, end: start + said.len(), weight_milli }
}

const TEXT: &str = "This is the fourth email. Still no refund, but thanks for the quick first reply.";

/// One item without an emotion of its own; `messages` are the customer's, the AI answers in between.
fn silent(messages: &[&str]) -> World {
    let mut world = World::default();
    let mut all = Vec::new();
    for (n, text) in messages.iter().enumerate() {
        all.push(json!({"id": format!("m{n}"), "from": "customer", "name": "Kim Doe", "text": text,
            "at": format!("2026-11-1{n}T09:00:00Z")}));
        if n + 1 < messages.len() {
            all.push(json!({"id": format!("a{n}"), "from": "ai", "at": format!("2026-11-1{n}T10:00:00Z"),
                "text": "Dear Kim, we are sorry. Refunds take up to 5 days."}));
        }
    }
    world.add(&line(&json!({"id":"i","conversation":{"id":"c","channel":"email","language":"en",
        "customer":{"id":"u","name":"Kim Doe"},"messages":all},
        "draft":{"id":"d","text":"Dear Kim,\n\nyour refund left today."}})));
    world
}

fn care(stage: &mut Stage) -> String {
    let screen = stage.screen();
    let rows = screen.lines().skip_while(|l| !l.contains("CARE"));
    let column: Vec<&str> = rows.filter_map(|l| l.split('│').nth(1)).collect();
    column.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The words on screen in a role with the evidence's mark laid over: both are of the roles' own theme.
fn marked(stage: &mut Stage) -> String {
    let buffer = stage.draw(&Theme::roles());
    let is = |cell: &&ratatui::buffer::Cell| Theme::role_of(cell).0 == Some(Role::Evidence);
    buffer.content.iter().filter(is).map(ratatui::buffer::Cell::symbol).collect()
}

#[test]
fn what_nobody_has_read_yet_says_so_and_then_label_confidence_intensity_and_words_appear() {
    let mut stage = Stage::on(silent(&[TEXT]), 160, 45);
    assert!(care(&mut stage).contains("not read yet"));
    let mut reading = read("m0", Emotion::Frustration, 710, 600);
    reading.evidence = vec![words(TEXT, "fourth email", 900), words(TEXT, "thanks", -700)];
    stage.world.read(&id("i"), reading);
    stage.hears_of("i");
    let care = care(&mut stage);
    assert!(care.contains("frustration 0.71 ▇▇▇▁"), "{care}");
    assert!(care.contains("“fourth email”") && !care.contains("“thanks”"), "only what speaks for it: {care}");
    assert_eq!(marked(&mut stage), "fourth email", "marked in the message, and nothing else");
    assert!(has_role(&mut stage, Role::Frustration));
    assert!(stage.screen().contains("frustration    ▇▇▇▁"), "in the list too: {}", stage.screen());
}

#[test]
fn unsure_is_said_and_no_label_is_guessed_nor_words_marked() {
    let mut stage = Stage::on(silent(&[TEXT]), 160, 45);
    let mut reading = read("m0", Emotion::Anger, 310, 800);
    reading.unsure = true;
    reading.evidence = vec![words(TEXT, "fourth email", 900)];
    stage.world.read(&id("i"), reading);
    stage.hears_of("i");
    let screen = stage.screen();
    assert!(care(&mut stage).contains("unsure the words do not say enough · c tells"), "{screen}");
    assert!(!screen.contains("anger") && screen.contains("  unsure         ▁▁▁▁"), "{screen}");
    assert_eq!(marked(&mut stage), "");
}

#[test]
fn where_item_and_recogniser_differ_both_are_shown_and_where_they_agree_one() {
    for (second, shown) in [(Emotion::Sadness, true), (Emotion::Worry, false)] {
        let mut stage = Stage::on(sample(), 160, 45);
        stage.press("j");
        stage.world.read(&id("i-jorge"), read("m1", second, 640, 500));
        stage.hears_of("i-jorge");
        let care = care(&mut stage);
        assert!(care.contains("worry 0.77"), "the item's own word counts: {care}");
        assert_eq!(care.contains("so the item says · we read sadness 0.64"), shown, "{care}");
        assert_eq!(care.contains("we read"), shown, "{care}");
    }
}

#[test]
fn where_item_and_recogniser_differ_both_are_shown_on_a_small_screen_too() {
    let mut stage = Stage::on(sample(), 80, 24);
    stage.press("j");
    stage.world.read(&id("i-jorge"), read("m1", Emotion::Sadness, 640, 500));
    stage.hears_of("i-jorge");
    let screen = stage.screen();
    assert!(screen.contains("worry 0.77") && screen.contains("we read sadness"), "{screen}");
}

#[test]
fn where_the_item_brings_a_label_the_words_that_we_read_are_marked_and_quoted() {
    for (second, unsure, shown) in
        [(Emotion::Sadness, false, true), (Emotion::Worry, false, true), (Emotion::Sadness, true, false)]
    {
        let mut stage = Stage::on(sample(), 160, 45);
        stage.press("j");
        let mut text = String::new();
        stage.world.change(&id("i-jorge"), |open| text.clone_from(&open.item.conversation.messages[0].text));
        let word = text.split_whitespace().next().unwrap().to_owned();
        let evidence = vec![words(&text, &word, 500)];
        stage.world.read(&id("i-jorge"), Reading { unsure, evidence, ..read("m1", second, 640, 500) });
        stage.hears_of("i-jorge");
        assert_eq!(marked(&mut stage) == word, shown, "{second} {}", marked(&mut stage));
        let care = care(&mut stage);
        assert_eq!(care.contains(&format!("“{word}”")), shown, "{second} {care}");
    }
}

#[test]
fn one_key_corrects_and_the_pane_shows_who_did_and_what_was_read_before() {
    let mut stage = Stage::on(silent(&[TEXT]), 160, 45);
    stage.world.read(&id("i"), read("m0", Emotion::Gratitude, 520, 500));
    stage.hears_of("i");
    stage.press("c");
    assert!(stage.screen().contains("as it is read now"), "{}", stage.screen());
    stage.press("2");
    let wanted = |e: &Effect| {
        matches!(e, Effect::Route { act: Routing::Correct { message, emotion: Emotion::Frustration }, .. }
            if message.as_str() == "m0")
    };
    assert!(stage.effects.iter().any(wanted));
    let care = care(&mut stage);
    assert!(care.contains("frustration"), "{care}");
    assert!(care.contains("corrected by anna, today 09:05 · was read as gratitude 0.52"), "{care}");
    assert!(stage.screen().contains("frustration    ▇▇"), "in the list too");
}

#[test]
fn a_customers_messages_give_a_trend_with_a_chart() {
    for (heats, shown) in
        [([200, 500, 900], "rising ▂▅█"), ([900, 800, 100], "falling █▇▁"), ([500, 500, 500], "steady ▅▅▅")]
    {
        let mut stage = Stage::on(silent(&["One?", "Two?", "Three?"]), 160, 45);
        for (n, heat) in heats.iter().enumerate() {
            stage.world.read(&id("i"), read(&format!("m{n}"), Emotion::Frustration, 700, *heat));
        }
        stage.hears_of("i");
        let care = care(&mut stage);
        assert!(care.contains(shown), "{care}");
    }
    let mut stage = Stage::on(silent(&["One?"]), 160, 45);
    stage.world.read(&id("i"), read("m0", Emotion::Anger, 700, 900));
    stage.hears_of("i");
    assert!(!care(&mut stage).contains("steady"), "one message has no trend");
}

#[test]
fn p7_a_customer_who_said_no_is_not_read_and_still_heard_when_asking_for_a_person() {
    let mut world = World::default();
    let item = world.add(&line(&json!({"id":"i","conversation":{"id":"c","channel":"email","language":"en",
        "customer":{"id":"u","name":"Kim Doe","ai_consent":false},
        "messages":[{"id":"m0","from":"customer","text":"No answer for days. Let me talk to a person, please."}]},
        "emotion":{"label":"anger","intensity":1.0}})));
    world.change(&item, |o| o.row.why = countersign::review::Why::AsksPerson);
    let mut stage = Stage::on(world, 160, 45);
    let care = care(&mut stage);
    assert!(care.contains("not read: the customer said no to AI"), "{care}");
    assert!(care.contains("asks for a person"), "{care}");
    let screen = stage.screen();
    assert!(!screen.contains("anger") && screen.contains("  not read  "), "{screen}");
    assert_eq!(marked(&mut stage).replace(' ', ""), "Letmetalktoaperson");
}

#[test]
fn the_words_that_ask_for_a_person_are_marked_and_what_was_told_before_is_quoted() {
    let mut stage =
        Stage::on(silent(&["Where is it?", "Can I please talk to a person? It is late."]), 160, 45);
    stage.world.read(&id("i"), Reading { asks_person: true, ..read("m1", Emotion::Neutral, 700, 0) });
    stage.hears_of("i");
    assert_eq!(marked(&mut stage).replace(' ', ""), "CanIpleasetalktoaperson");
    let care = care(&mut stage);
    assert!(care.contains("was told 10 Nov 10:00: “Refunds take up to 5 days”"), "{care}");
}
