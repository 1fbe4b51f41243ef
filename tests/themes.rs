//! The shipped theme files: complete, without fault, and extended by a user's file as their comments promise.

use countersign::console::theme::{Depth, Role, SHIPPED, Sheet, Theme, listing};
use countersign::review::Emotion;
use ratatui::style::{Color, Modifier};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

#[test]
fn every_file_in_the_folder_is_shipped_and_sound() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("themes");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let files: BTreeSet<String> =
        entries.map(|name| name.to_str().unwrap().trim_end_matches(".toml").to_owned()).collect();
    assert_eq!(files, SHIPPED.iter().map(|(name, _)| (*name).to_owned()).collect());
    for (name, text) in SHIPPED {
        let (sheet, faults) = Sheet::read(name, name, text);
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(faults, [""; 0]);
        assert!(!sheet.about().is_empty(), "{name} says nothing about itself");
    }
}

#[test]
fn emotions_and_checks_can_be_told_apart_where_there_are_colours() {
    for name in ["dark", "light", "contrast-dark", "contrast-light", "colour-blind"] {
        let theme = Theme::shipped(name, None, Depth::True).unwrap();
        for pair in [
            [Role::CheckPass, Role::CheckBlock],
            [Role::CheckPass, Role::CheckWarn],
            [Role::CheckWarn, Role::CheckBlock],
            [Role::DiffAdd, Role::DiffRemove],
            [Role::Text, Role::Quiet],
            [Role::Quiet, Role::Faint],
        ] {
            let [one, other] = pair.map(|role| theme.style(role).fg);
            assert!(one.is_some() && one != other, "{pair:?} in {name}");
        }
        let angry = theme.style(Role::of_emotion(Emotion::Anger)).fg;
        for calm in [Emotion::Gratitude, Emotion::Joy, Emotion::Neutral, Emotion::Sadness] {
            assert_ne!(theme.style(Role::of_emotion(calm)).fg, angry, "{calm} in {name}");
        }
    }
}

/// How a red-blind eye sees a colour: Viénot, Brettel and Mollon 1999, on linear light.
fn red_blind(color: Option<Color>) -> [f64; 2] {
    let Some(Color::Rgb(r, g, b)) = color else { panic!("no exact colour: {color:?}") };
    let [r, g, b] = [r, g, b].map(|part| (f64::from(part) / 255.0).powf(2.2));
    [0.11238 * r + 0.88762 * g, 0.00401 * r - 0.00401 * g + b]
}

#[test]
fn well_and_wrong_differ_for_a_red_blind_eye() {
    let theme = Theme::shipped("colour-blind", None, Depth::True).unwrap();
    for [well, wrong] in
        [[Role::Ok, Role::Danger], [Role::DiffAdd, Role::DiffRemove], [Role::Joy, Role::Anger]]
    {
        let [one, other] = [well, wrong].map(|role| red_blind(theme.style(role).fg));
        let apart = (one[0] - other[0]).hypot(one[1] - other[1]);
        assert!(apart > 0.3, "{well:?} and {wrong:?}: {apart:.2}");
    }
}

#[test]
fn without_colours_weight_says_what_matters() {
    let mono = Theme::mono();
    let weight = |role| mono.style(role).add_modifier;
    for role in [Role::Danger, Role::Warn, Role::Key, Role::Title, Role::CheckBlock, Role::AskPerson] {
        assert!(weight(role).intersects(Modifier::BOLD | Modifier::REVERSED), "{role:?}");
    }
    assert_eq!(weight(Role::Quiet), Modifier::DIM);
    assert_eq!(weight(Role::Evidence), Modifier::UNDERLINED);
    assert_ne!(weight(Role::DiffAdd), weight(Role::DiffRemove));
}

#[test]
fn a_users_file_says_only_what_is_different() {
    let text = "extends = \"light\"\nabout = \"mine\"\n[palette]\nsea = \"#005f87\"\n[roles]\naccent = \"sea italic\"\n";
    let (sheet, faults) = Sheet::read("mine", "mine.toml", text);
    assert_eq!(faults, []);
    let theme = Theme::new(&sheet, Depth::True);
    assert_eq!(theme.style(Role::Accent).fg, Some(Color::Rgb(0, 0x5f, 0x87)));
    assert_eq!(theme.style(Role::Source).add_modifier, Modifier::ITALIC);
    assert_eq!(theme.style(Role::Text).fg, Some(Color::Rgb(0x1f, 0x23, 0x28)));
    let dark = Theme::shipped("dark", None, Depth::True).unwrap();
    assert!(listing(&dark).contains("* dark "));
}
