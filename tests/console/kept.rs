//! What is half written stays (P9), whatever else is begun: a changed draft and own words are two texts.

use super::stage::Stage;
use countersign::console::message::{Action, Outcome};
use countersign::console::model::Front;
use countersign::review::{ItemId, Refusal};

fn jorge() -> ItemId {
    "i-jorge".parse().unwrap()
}

/// The draft of Jorge is half edited and left, then taken over.
fn edited_then_taken_over() -> Stage {
    let mut stage = Stage::sample(160, 45);
    stage.press("j e text:An_hour_of_work._ esc t");
    assert!(matches!(stage.model.front, Front::Edit(_)), "{}", stage.notice());
    stage
}

fn own_words(stage: &Stage) -> Option<&str> {
    stage.world.own_words.get(&jorge()).map(String::as_str)
}

fn changed_draft(stage: &Stage) -> Option<&str> {
    stage.world.saved.get(&jorge()).map(String::as_str)
}

#[test]
fn p9_a_take_over_beside_a_kept_edit_loses_neither() {
    let mut stage = edited_then_taken_over();
    assert_eq!(stage.model.front.edit().unwrap().editor.text(), "", "own words begin with none of the AI's");
    let screen = stage.screen();
    assert!(
        screen.contains("your edit of the AI's draft, kept") && screen.contains("An hour of work."),
        "{screen}"
    );
    stage.press("text:My_own_words. esc");
    assert_eq!(own_words(&stage), Some("My own words."));
    assert!(changed_draft(&stage).is_some_and(|t| t.starts_with("An hour of work. Dear Jorge")));
    assert!(
        stage.screen().contains("your edit of the draft is kept · B hands back to the AI"),
        "{}",
        stage.screen()
    );
    stage.press("e");
    assert_eq!(stage.model.front.edit().unwrap().editor.text(), "My own words.");
}

#[test]
fn p9_a_take_over_that_is_left_before_a_word_is_written_keeps_the_edit() {
    let mut stage = edited_then_taken_over();
    stage.press("esc");
    assert!(changed_draft(&stage).is_some(), "{:?}", stage.world.saved);
}

#[test]
fn p9_throwing_own_words_away_does_not_throw_the_edit_away() {
    let mut stage = edited_then_taken_over();
    stage.press("text:Nonsense. wait:1000 f8 2");
    assert!(stage.notice().contains("thrown away"), "{}", stage.screen());
    assert_eq!(own_words(&stage), None);
    assert!(changed_draft(&stage).is_some());
}

#[test]
fn p9_handed_back_the_edit_goes_on_and_the_own_words_are_kept_too() {
    let mut stage = edited_then_taken_over();
    stage.press("text:My_own_words. esc");
    let draft = stage.world.items[&jorge()].silenced.clone();
    stage.press("B");
    stage.world.change(&jorge(), |o| {
        o.item.draft = draft;
        o.row.draft = countersign::review::DraftState::Ready;
    });
    stage.act(Action::Outcome(Outcome::Changed { items: vec![jorge()], all: false }));
    stage.press("v");
    let screen = stage.screen();
    assert!(screen.contains("your own words are kept · t goes on"), "{screen}");
    stage.press("e");
    assert!(stage.model.front.edit().unwrap().editor.text().starts_with("An hour of work."));
}

#[test]
fn p9_a_refused_take_over_keeps_both_and_an_accepted_one_is_done_with_both() {
    let mut stage = edited_then_taken_over();
    stage.world.refuse.push(Refusal::NewerMessage { message: "m2".parse().unwrap() });
    stage.press("text:My_own_words. ctrl-s");
    assert_eq!(stage.model.tray.refused(), 1, "{}", stage.screen());
    assert!(stage.model.edit_of(&jorge(), false).is_some() && stage.model.edit_of(&jorge(), true).is_some());
    let mut stage = edited_then_taken_over();
    stage.press("text:My_own_words. ctrl-s");
    assert!(!stage.model.is_writing(&jorge()), "{:?}", stage.model.edits);
}
