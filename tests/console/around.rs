//! Around the item: the list with a filter or a colleague in it, the way back with Esc.

use super::stage::{Stage, line};
use countersign::console::message::{Action, Outcome};
use countersign::review::ItemId;
use serde_json::json;

/// A customer who asks for a person comes in, and the queue says so.
pub fn comes_in(stage: &mut Stage, id: &str, name: &str) -> ItemId {
    let item = stage.world.add(&line(&json!({"id":id,"conversation":{"id":format!("c-{id}"),
        "customer":{"id":format!("u-{id}"),"name":name},
        "messages":[{"id":"m","from":"customer","text":"A person, please!"}]},
        "emotion":{"label":"anger","intensity":1.0,"asks_person":true}})));
    stage.act(Action::Outcome(Outcome::Changed { items: vec![item.clone()], all: false }));
    item
}

#[test]
fn a_newcomer_that_matches_the_filter_counts_and_others_do_not() {
    let mut stage = Stage::sample(120, 40);
    stage.press("/ text:jorge enter");
    comes_in(&mut stage, "i-other", "Nora Ashdown");
    assert!(!stage.screen().contains("new"), "{}", stage.screen());
    comes_in(&mut stage, "i-second", "Jorge Silva");
    let screen = stage.screen();
    assert!(screen.contains("1 new above g") && !screen.contains("Jorge Silva"), "{screen}");
    stage.press("g");
    assert_eq!(stage.model.list.lines.len(), 2, "{}", stage.screen());
    assert!(stage.screen().contains("Jorge Silva"));
}

#[test]
fn a_newcomer_appears_at_once_where_nothing_matched_so_far() {
    let mut stage = Stage::sample(120, 40);
    stage.press("/ text:silva enter");
    assert!(stage.screen().contains("nothing matches"));
    comes_in(&mut stage, "i-silva", "Jorge Silva");
    assert!(stage.screen().contains("▌‼ Jorge Silva"), "{}", stage.screen());
}

#[test]
fn esc_steps_back_one_thing_and_a_notice_never_costs_a_press() {
    let mut stage = Stage::sample(160, 45);
    stage.press("/ text:jorge enter o p w");
    stage.act(Action::Outcome(Outcome::Notice("something was said".to_owned())));
    stage.press("esc");
    assert!(stage.model.zoom.is_none() && stage.model.packet && stage.model.notice.is_none());
    stage.act(Action::Outcome(Outcome::Notice("something was said".to_owned())));
    assert!(stage.screen().contains("something was said"));
    stage.press("esc");
    assert!(!stage.model.packet && !stage.model.list.filter.is_empty() && stage.model.notice.is_none());
    stage.act(Action::Outcome(Outcome::Notice("something was said".to_owned())));
    stage.press("esc");
    assert_eq!(stage.model.list.lines.len(), 10, "the filter is gone with the third");
    assert!(stage.model.notice.is_none());
    stage.act(Action::Outcome(Outcome::Notice("something was said".to_owned())));
    stage.press("esc");
    assert!(stage.model.notice.is_none(), "alone it goes alone");
}

#[test]
fn a_row_that_a_colleague_holds_names_them_at_every_width_with_a_list() {
    for columns in [160, 120, 100] {
        for (holder, shown) in [("ben", "ben has it"), ("maximiliane.oberhuber", "maximi")] {
            let mut stage = Stage::sample(columns, 40);
            let item: ItemId = "i-lena".parse().unwrap();
            stage.world.held_by(&item, holder);
            stage.act(Action::Outcome(Outcome::Changed { items: vec![item], all: false }));
            let screen = stage.screen();
            let at = screen.lines().position(|l| l.contains("· Lena Brandt")).unwrap();
            let row: String = screen.lines().nth(at + 1).unwrap().split('│').next().unwrap().to_owned();
            assert!(row.contains(shown) && row.contains("disap"), "{columns}: {row}\n{screen}");
        }
    }
}

#[test]
fn the_pane_that_the_page_keys_scroll_is_marked_and_tab_turns_it() {
    let mut stage = Stage::sample(160, 45);
    for marked in ["▸DRAFT", "▸QUEUE", "▸CONVERSATION", "▸DRAFT"] {
        let screen = stage.screen();
        assert!(screen.contains(marked) && screen.matches('▸').count() == 1, "{marked}\n{screen}");
        stage.press("tab");
    }
    let mut stage = Stage::sample(70, 20);
    assert!(!stage.screen().contains('▸'), "there is but one");
}
