use super::*;
use crate::console::command::Group;
use crate::console::fault::Fault;
use proptest::prelude::*;

fn chords(keys: &str) -> Vec<Chord> {
    keys.split_whitespace().map(|key| key.parse().unwrap()).collect()
}

/// Types keys, and says what they came to.
fn typed(map: &Keymap, mode: Mode, keys: &str) -> Vec<Press> {
    let mut typed = Typed::default();
    chords(keys).into_iter().map(|chord| map.press(mode, &mut typed, chord)).collect()
}

#[test]
fn shipped_keymaps_have_no_fault_and_reach_every_command() {
    for (name, text) in SHIPPED {
        let (map, faults) = Keymap::read(name, name, text);
        assert_eq!(faults, []);
        for command in Command::ALL {
            let reached = Mode::ALL.iter().any(|mode| !map.keys_for(*mode, *command).is_empty());
            assert!(reached, "{name} has no key for {command}");
        }
    }
}

#[test]
fn keys_give_the_commands_that_the_documentation_names() {
    let (map, vim) = (Keymap::default(), Keymap::shipped("vim").unwrap());
    for (map, mode, keys, command, count) in [
        (&map, Mode::Normal, "a", Command::Approve, None),
        (&map, Mode::Normal, "5 j", Command::Next, Some(5)),
        (&map, Mode::Normal, "1 0 G", Command::Last, Some(10)),
        (&map, Mode::Normal, "9 9 9 9 9 9 k", Command::Previous, Some(9_999)),
        (&map, Mode::Normal, "o h", Command::Held, None),
        (&map, Mode::Normal, "ctrl-c", Command::Quit, None),
        (&map, Mode::Edit, "ctrl-s", Command::Sign, None),
        (&map, Mode::Edit, "esc", Command::Cancel, None),
        (&map, Mode::Help, "q", Command::Cancel, None),
        (&vim, Mode::Normal, "g g", Command::First, None),
        (&vim, Mode::Normal, "3 g g", Command::First, Some(3)),
        (&vim, Mode::Normal, "i", Command::Edit, None),
        (&vim, Mode::Normal, "ctrl-w l", Command::FocusNext, None),
        // Russian, Greek and Hebrew letters on the same keys.
        (&map, Mode::Normal, "ф", Command::Approve, None),
        (&map, Mode::Normal, "5 о", Command::Next, Some(5)),
        (&map, Mode::Normal, "Ж", Command::Palette, None),
        (&map, Mode::Normal, "щ р", Command::Held, None),
        (&map, Mode::Normal, "ξ", Command::Next, None),
        (&map, Mode::Normal, "ש", Command::Approve, None),
        (&vim, Mode::Normal, "п п", Command::First, None),
    ] {
        assert_eq!(typed(map, mode, keys).pop(), Some(Press::Command(command, count)), "{keys}");
    }
}

#[test]
fn letters_are_text_where_one_writes_and_esc_drops_what_was_begun() {
    let map = Keymap::default();
    for mode in [Mode::Edit, Mode::Menu, Mode::Prompt, Mode::Palette, Mode::Confirm] {
        for key in ["a", "ф", "5", "q", "A"] {
            assert_eq!(typed(&map, mode, key), [Press::Text(key.parse().unwrap())], "{key} in {mode:?}");
        }
    }
    let esc = Chord::plain(Key::Esc);
    assert_eq!(typed(&map, Mode::Normal, "o esc"), [Press::Pending, Press::Nothing(esc)]);
    assert_eq!(typed(&map, Mode::Normal, "o z"), [Press::Pending, Press::Nothing(Chord::char('z'))]);
    assert_eq!(typed(&map, Mode::Normal, "o z j").pop(), Some(Press::Command(Command::Next, None)));
}

#[test]
fn a_prefix_says_what_may_follow() {
    let map = Keymap::default();
    let Lookup::Prefix(ways) = map.lookup(Mode::Normal, &chords("o")) else { panic!("`o` is no prefix") };
    let ways: Vec<_> = ways.iter().map(|way| (spell(way.rest), way.command)).collect();
    assert!(ways.contains(&("h".to_owned(), Command::Held)), "{ways:?}");
    assert!(ways.contains(&("d".to_owned(), Command::Decisions)), "{ways:?}");
}

#[test]
fn p2_no_shipped_key_signs_by_enter_esc_or_a_digit() {
    for (name, _) in SHIPPED {
        let map = Keymap::shipped(name).unwrap();
        for mode in Mode::ALL {
            for key in [Key::Enter, Key::Esc, Key::Char('1')] {
                let Lookup::Command(command) = map.lookup(mode, &[Chord::plain(key)]) else { continue };
                assert!(!command.is_careful(), "{command} on {key:?} in {mode:?}");
            }
        }
    }
}

fn faults(text: &str) -> Vec<String> {
    Keymap::read("mine", "mine.toml", text).1.iter().map(Fault::to_string).collect()
}

#[test]
fn p10_all_faults_of_a_keymap_are_told_at_once_and_sound_lines_count() {
    let text = r#"extends = "default"
[normal]
aprove = "y"
next = ["ctrl-x-y", "m"]
edit = "g"
reply = "g g"
close = "y"
snooze = "y"
approve = "enter"
take_over = "5"
note = 7
sign = "S"
undo = "ctrl-m"
unbind = ["Q"]
[edit]
sign = "s"
[nrmal]
[held]
held = "o"
"#;
    assert_eq!(
        faults(text),
        [
            "mine.toml:3:1: there is no command `aprove` - did you mean `approve`?",
            "mine.toml:4:9: `ctrl-x-y` is no key - write `a`, `A`, `ctrl-d`, `alt-enter`, `shift-tab`, `pgdn`, `f1`, `space`, or `g g`",
            "mine.toml:6:9: `g g` and `g` begin alike in [normal] - take another key for `reply` or `edit`",
            "mine.toml:8:10: `y` stands for `close` already in [normal] - take another key for `snooze`",
            "mine.toml:9:11: `approve` may not be on `enter` - nobody shall sign by Enter, Esc or a paste; take another key",
            "mine.toml:10:13: `5` is a count - take a key that is no digit",
            "mine.toml:11:8: this is no key - write it in quotation marks, several in [\"a\", \"b\"]",
            "mine.toml:12:1: `sign` does nothing in [normal] - it counts in edit, difference",
            "mine.toml:13:8: terminals send `ctrl-m` as `enter` - write `enter` or take another key",
            "mine.toml:14:11: `Q` is not bound in [normal] - leave it out",
            "mine.toml:16:8: `s` is text in [edit] - add ctrl or alt, or take f1 to f24",
            "mine.toml:17:2: there is no mode `nrmal` - did you mean `normal`?",
            "mine.toml:19:1: `held` does nothing in [held] - it counts in normal",
        ]
    );
    let (map, _) = Keymap::read("mine", "mine.toml", text);
    assert_eq!(map.keys_for(Mode::Normal, Command::Next), ["m"]);
    assert_eq!(map.keys_for(Mode::Normal, Command::Close), ["y"]);
    assert_eq!(map.keys_for(Mode::Normal, Command::Previous), ["k", "up"]);
    assert!(!faults("[normal\nx =").is_empty());
}

#[test]
fn a_key_that_begins_another_of_the_extended_file_is_a_fault() {
    assert_eq!(
        faults("extends = \"default\"\n[normal]\nzoom = \"o\"\n"),
        [
            "mine.toml:3:8: `o` and `o h` (held) begin alike in [normal] - write unbind = [\"o h\"] or take another key"
        ]
    );
    let freed = "extends = \"default\"\n[normal]\nzoom = \"o\"\nunbind = [\"o h\", \"o r\", \"o d\", \"o f\", \"o p\"]\n";
    assert_eq!(faults(freed), [""; 0]);
}

#[test]
fn quit_help_and_cancel_stay_in_reach() {
    let text = "extends = \"default\"\n[normal]\nquit = []\nhelp = []\n[edit]\ncancel = []\n";
    let (map, found) = Keymap::read("mine", "mine.toml", text);
    assert_eq!(found.len(), 3, "{found:?}");
    assert_eq!(map.keys_for(Mode::Normal, Command::Quit), ["ctrl-c"]);
    assert_eq!(map.keys_for(Mode::Normal, Command::Help), ["f1"]);
    assert_eq!(map.keys_for(Mode::Edit, Command::Cancel), ["esc"]);
    // A file that is no TOML is told for that alone, and the shipped keys count.
    let (map, found) = Keymap::read("mine", "mine.toml", "[normal\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(map.keys_for(Mode::Normal, Command::Approve), ["a"]);
    // A file that stands alone has to say everything.
    assert!(faults("[normal]\nnext = \"j\"\n").len() >= 3);
}

#[test]
fn terminal_events_become_chords() {
    let event = |code, modifiers| chord(&KeyEvent::new(code, modifiers)).map(|chord| chord.to_string());
    for (code, modifiers, spelling) in [
        (KeyCode::Char('a'), KeyModifiers::NONE, Some("a")),
        (KeyCode::Char('A'), KeyModifiers::SHIFT, Some("A")),
        (KeyCode::Char('a'), KeyModifiers::SHIFT, Some("A")),
        (KeyCode::Char('D'), KeyModifiers::CONTROL | KeyModifiers::SHIFT, Some("ctrl-d")),
        (KeyCode::BackTab, KeyModifiers::SHIFT, Some("shift-tab")),
        (KeyCode::Char(' '), KeyModifiers::NONE, Some("space")),
        (KeyCode::Char('a'), KeyModifiers::SUPER, None),
        (KeyCode::Char('\u{1b}'), KeyModifiers::NONE, None),
        (KeyCode::CapsLock, KeyModifiers::NONE, None),
    ] {
        assert_eq!(event(code, modifiers).as_deref(), spelling, "{code:?} {modifiers:?}");
    }
    let release = KeyEvent::new_with_kind(KeyCode::Char('a'), KeyModifiers::NONE, KeyEventKind::Release);
    assert_eq!(chord(&release), None);
}

#[test]
fn the_listing_has_every_command() {
    let listing = listing(&Keymap::default());
    for command in Command::ALL {
        assert!(listing.contains(command.what()), "{command}");
    }
    assert!(Group::ALL.iter().all(|group| Command::ALL.iter().any(|c| c.entry().group == *group)));
}

proptest! {
    #[test]
    fn no_file_makes_the_reader_stumble(text in "[a-z\\[\\]=\" \n,#.-]{0,80}") {
        let (map, _) = Keymap::read("mine", "mine.toml", &format!("extends = \"default\"\n{text}"));
        prop_assert!(!map.keys_for(Mode::Normal, Command::Quit).is_empty());
        prop_assert!(!map.keys_for(Mode::Edit, Command::Cancel).is_empty());
    }

    #[test]
    fn no_sequence_of_keys_gets_stuck(keys in prop::collection::vec(prop::char::range('!', '~'), 1..40)) {
        let map = Keymap::shipped("vim").unwrap();
        let mut typed = Typed::default();
        for key in keys {
            map.press(Mode::Normal, &mut typed, Chord::char(key));
            prop_assert!(typed.chords.len() < 3);
        }
    }
}
