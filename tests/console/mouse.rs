//! The mouse, once it is switched on: a click marks, on what is marked it is Enter, on a hint it gives the command; the
//! wheel goes on where it stands. No click signs.

use super::stage::Stage;
use countersign::console::message::{Action, Effect, Hit, Pane};
use countersign::console::model::Front;

/// Where some words stand on the screen.
fn at(stage: &mut Stage, words: &str) -> (u16, u16) {
    let screen = stage.screen();
    let (row, line) = screen
        .lines()
        .enumerate()
        .find(|(_, l)| l.contains(words))
        .unwrap_or_else(|| panic!("{words}\n{screen}"));
    let before = &line[..line.find(words).unwrap()];
    (u16::try_from(countersign::visible::width(before)).unwrap(), u16::try_from(row).unwrap())
}

fn click(stage: &mut Stage, words: &str) -> Option<Hit> {
    let (x, y) = at(stage, words);
    let hit = stage.shown.hit(x, y);
    if let Some(hit) = hit {
        stage.act(Action::Click(hit));
    }
    hit
}

fn wheel(stage: &mut Stage, words: &str, notches: isize) {
    let (x, y) = at(stage, words);
    let hit = stage.shown.hit(x, y).unwrap_or_else(|| panic!("nothing under {words}"));
    stage.act(Action::Wheel(hit, notches));
}

fn here(stage: &Stage) -> String {
    stage.model.list.selected().map_or_else(String::new, |l| l.row.id.to_string())
}

#[test]
fn a_click_on_a_row_opens_it_and_the_wheel_walks_the_list() {
    let mut stage = Stage::sample(120, 40);
    assert_eq!(click(&mut stage, "Jorge Ortiz"), Some(Hit::Row(1)));
    assert_eq!(here(&stage), "i-jorge");
    click(&mut stage, "confusion      ▇");
    stage.effects.clear();
    click(&mut stage, "confusion      ▇");
    assert!(stage.effects.iter().any(|e| matches!(e, Effect::Claim { .. })), "on what is marked it is Enter");
    assert_eq!(here(&stage), "i-tom");
    wheel(&mut stage, "Lena Brandt", 1);
    assert_eq!(here(&stage), "i-dmitri");
    wheel(&mut stage, "Lena Brandt", -2);
    assert_eq!(here(&stage), "i-ana");
    // Below the last row there is nothing to pick.
    assert_eq!(stage.shown.hit(5, 38), Some(Hit::Pane(Pane::Queue)));
    assert_eq!(stage.shown.hit(60, 0), None);
}

#[test]
fn a_click_turns_to_a_pane_and_the_wheel_scrolls_the_one_it_is_over() {
    let mut stage = Stage::sample(80, 24);
    let (x, y) = at(&mut stage, "DRAFT");
    assert_eq!(stage.shown.hit(x, y), Some(Hit::Pane(Pane::Draft)));
    click(&mut stage, "CUSTOMER");
    assert_eq!(stage.model.focus, Pane::Conversation);
    let before = stage.shown.conversation.top;
    wheel(&mut stage, "CUSTOMER", -1);
    assert!(stage.shown.conversation.top < before, "{}", stage.screen());
    let before = stage.shown.draft_lines.top;
    wheel(&mut stage, "DRAFT", 1);
    assert!(stage.shown.draft_lines.top > before, "{}", stage.screen());
}

#[test]
fn the_wheel_moves_the_caret_of_an_editor_and_the_rows_of_a_difference() {
    let mut stage = Stage::sample(80, 15);
    stage.press("e");
    wheel(&mut stage, "EDIT", 1);
    assert!(stage.model.front.edit().unwrap().editor.caret() > 0);
    stage.press("text:Hm._ ctrl-s");
    let extent = stage.shown.draft_lines;
    assert!(extent.lines > extent.height, "long enough to scroll");
    wheel(&mut stage, "DIFFERENCE", 1);
    assert!(matches!(stage.model.front, Front::Difference(_, 1..)), "{}", stage.screen());
}

#[test]
fn rows_are_not_picked_while_one_writes_and_the_screen_says_why() {
    let mut stage = Stage::sample(120, 40);
    stage.press("e");
    click(&mut stage, "Jorge Ortiz");
    assert_eq!(here(&stage), "i-maria");
    assert!(stage.notice().contains("esc leaves it"), "{}", stage.notice());
}

#[test]
fn a_click_on_a_hint_gives_its_command_but_never_signs() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j");
    stage.wait(2_000);
    click(&mut stage, "z snooze");
    assert!(matches!(stage.model.front, Front::Menu(_)));
    stage.press("esc wait:7000");
    click(&mut stage, "a approve");
    assert!(!stage.effects.iter().any(|e| matches!(e, Effect::Commit { .. })));
    assert!(stage.notice().contains("signed by its own key: a"), "{}", stage.notice());
}

#[test]
fn a_click_in_a_menu_marks_and_then_takes_and_a_question_is_not_answered_by_it() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j x");
    assert_eq!(click(&mut stage, "spam"), Some(Hit::Choice(1)));
    assert!(matches!(stage.model.front, Front::Menu(_)), "marked");
    click(&mut stage, "spam");
    assert!(stage.world.log.iter().any(|l| l == "i-jorge close"), "{:?}", stage.world.log);
    let mut stage = Stage::sample(120, 40);
    stage.press("a");
    click(&mut stage, "sign it all the same");
    click(&mut stage, "sign it all the same");
    assert!(!stage.effects.iter().any(|e| matches!(e, Effect::Commit { .. })));
    assert!(stage.notice().contains("answered by its number"), "{}", stage.notice());
}

#[test]
fn the_tray_and_the_newcomers_can_be_clicked() {
    let mut stage = Stage::sample(120, 40);
    stage.press("j a");
    click(&mut stage, "held 10 s");
    assert!(matches!(stage.model.front, Front::Sheet(_)), "{}", stage.screen());
    stage.press("esc");
    click(&mut stage, "u undo");
    assert_eq!(here(&stage), "i-jorge", "{}", stage.notice());
    stage.press("G");
    super::around::comes_in(&mut stage, "i-new", "Nora Ashdown");
    click(&mut stage, "1 new above");
    assert!(stage.screen().contains("‼ Nora Ashdown"), "{}", stage.screen());
}

#[test]
fn the_wheel_goes_through_what_lies_over_the_panes_and_not_through_what_lies_under_it() {
    let mut stage = Stage::sample(120, 40);
    stage.press("x");
    wheel(&mut stage, "Close without a reply", 1);
    assert!(matches!(&stage.model.front, Front::Menu(menu) if menu.cursor == 1));
    assert_eq!(here(&stage), "i-maria");
    let mut stage = Stage::sample(80, 24);
    stage.press("?");
    wheel(&mut stage, "HELP", 1);
    assert!(matches!(stage.model.front, Front::Help(3, _)), "{}", stage.screen());
}
