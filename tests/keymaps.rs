//! The shipped keymap files: complete, without fault, and extended by a user's file as their comments promise.

use countersign::console::chord::Chord;
use countersign::console::command::{Command, Mode};
use countersign::console::keymap::{Keymap, Lookup, SHIPPED, listing, spell};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

fn files() -> BTreeSet<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("keymaps");
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    entries.map(|name| name.to_str().unwrap().trim_end_matches(".toml").to_owned()).collect()
}

#[test]
fn every_file_in_the_folder_is_shipped_and_sound() {
    assert_eq!(files(), SHIPPED.iter().map(|(name, _)| (*name).to_owned()).collect());
    for (name, text) in SHIPPED {
        let (_, faults) = Keymap::read(name, name, text);
        let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(faults, [""; 0]);
        assert!(text.lines().all(|line| line.chars().count() <= 120), "{name} has long lines");
    }
}

#[test]
fn every_binding_does_what_its_table_says() {
    for (name, _) in SHIPPED {
        let map = Keymap::shipped(name).unwrap();
        for mode in Mode::ALL {
            for binding in map.bindings(mode) {
                let keys = spell(&binding.chords);
                assert_eq!(
                    map.lookup(mode, &binding.chords),
                    Lookup::Command(binding.command),
                    "{name}: {keys}"
                );
                assert!(binding.command.modes().has(mode), "{name}: {} in {mode:?}", binding.command);
                let back: Vec<Chord> = keys.split(' ').map(|key| key.parse().unwrap()).collect();
                assert_eq!(back, binding.chords, "{name}");
                for prefix in 1..binding.chords.len() {
                    let begun = map.lookup(mode, &binding.chords[..prefix]);
                    assert!(matches!(begun, Lookup::Prefix(_)), "{name}: {keys}");
                }
            }
        }
    }
}

#[test]
fn the_same_word_is_on_the_same_key_wherever_lists_are() {
    for (name, _) in SHIPPED {
        let map = Keymap::shipped(name).unwrap();
        for command in [Command::Next, Command::Previous, Command::First, Command::Last, Command::PageDown] {
            let keys = map.keys_for(Mode::Normal, command);
            for mode in [Mode::Help, Mode::Held, Mode::Difference] {
                assert_eq!(map.keys_for(mode, command), keys, "{name}: {command} in {mode:?}");
            }
        }
    }
}

#[test]
fn a_users_file_says_only_what_is_different() {
    let text = "extends = \"vim\"\n[normal]\napprove = [\"y\", \"ctrl-y\"]\nunbind = [\"x\"]\n[held]\nundo = \"U\"\n";
    let (mine, faults) = Keymap::read("mine", "mine.toml", text);
    assert_eq!(faults, []);
    assert_eq!(mine.keys_for(Mode::Normal, Command::Approve), ["y", "ctrl-y"]);
    assert_eq!(mine.keys_for(Mode::Normal, Command::Close), [""; 0]);
    assert_eq!(mine.keys_for(Mode::Normal, Command::ScrollDraftUp), ["["], "ctrl-y is taken");
    assert_eq!(mine.keys_for(Mode::Normal, Command::First), ["g g", "home"]);
    assert_eq!(mine.keys_for(Mode::Held, Command::Undo), ["U"]);
    assert!(listing(&mine).contains("y, ctrl-y"));
}
