use super::*;
use crate::console::fault::Fault;

/// Every role that is read, with its contrast on the theme's ground.
fn contrasts(sheet: &Sheet, ground: Rgb) -> Vec<(Role, f64)> {
    let read = Role::ALL.iter().copied().filter(|role| role.is_read());
    read.map(|role| match (sheet.look(role).ink, sheet.look(role).under) {
        (Some(Ink::Rgb(ink)), None) => (role, contrast(ink, ground)),
        other => panic!("{} in {} has {other:?}", role.name(), sheet.name()),
    })
    .collect()
}

#[test]
fn words_can_be_read_in_every_theme_of_exact_colours() {
    for (name, least) in [
        ("dark", 4.5),
        ("light", 4.5),
        ("colour-blind", 4.5),
        ("contrast-dark", 7.0),
        ("contrast-light", 7.0),
    ] {
        let sheet = Sheet::shipped(name).unwrap();
        for (role, found) in contrasts(&sheet, sheet.background().unwrap()) {
            assert!(found >= least, "{} in {name}: {found:.2}", role.name());
        }
        for over in [Role::Selection, Role::Popup, Role::NoteGround] {
            let Some(Ink::Rgb(ground)) = sheet.look(over).under else { panic!("{}", over.name()) };
            for (role, found) in contrasts(&sheet, ground) {
                assert!(
                    found >= least.min(4.5) - 1.0,
                    "{} on {} in {name}: {found:.2}",
                    role.name(),
                    over.name()
                );
            }
        }
    }
}

#[test]
fn the_marked_row_shows_at_every_depth() {
    for (name, _) in SHIPPED {
        for depth in [Depth::None, Depth::Ansi16, Depth::Indexed, Depth::True] {
            let style = Theme::shipped(name, None, depth).unwrap().style(Role::Selection);
            let marked = style.bg.is_some() || style.add_modifier.contains(Modifier::REVERSED);
            assert!(marked, "{name} at {depth:?}");
        }
    }
}

#[test]
fn without_colours_every_theme_uses_none() {
    for (name, _) in SHIPPED {
        let theme = Theme::shipped(name, None, Depth::None).unwrap();
        assert_eq!(theme.name(), name);
        for role in Role::ALL {
            let style = theme.style(*role);
            assert_eq!((style.fg, style.bg), (None, None), "{} in {name}", role.name());
        }
    }
}

#[test]
fn auto_follows_the_background_and_the_palette() {
    for (background, depth, name) in [
        (Some(Ground::Dark), Depth::True, "dark"),
        (Some(Ground::Light), Depth::Indexed, "light"),
        (None, Depth::True, "dark"),
        (Some(Ground::Light), Depth::Ansi16, "ansi16"),
    ] {
        assert_eq!(Theme::shipped(AUTO, background, depth).unwrap().name(), name);
    }
}

#[test]
fn fewer_colours_give_the_nearest() {
    for (rgb, indexed, ansi) in [
        (Rgb(255, 0, 0), 196, Color::LightRed),
        (Rgb(0, 0, 0), 16, Color::Black),
        (Rgb(128, 128, 128), 244, Color::DarkGray),
        (Rgb(0x6c, 0xb6, 0xff), 75, Color::LightBlue),
    ] {
        let color = |depth| Ink::Rgb(rgb).color(depth);
        assert_eq!(color(Depth::Indexed), Color::Indexed(indexed), "{rgb:?}");
        assert_eq!(color(Depth::Ansi16), ansi, "{rgb:?}");
    }
}

#[test]
fn letters_and_names_of_roles_are_one_each_and_cells_name_their_role() {
    let theme = Theme::roles();
    for (at, role) in Role::ALL.iter().enumerate() {
        assert_eq!(*role as usize, at);
        for other in &Role::ALL[at + 1..] {
            assert!(role.letter() != other.letter() && role.name() != other.name(), "{role:?} and {other:?}");
        }
        let mut cell = Cell::default();
        cell.set_style(theme.style(*role));
        assert!(matches!(Theme::role_of(&cell), (Some(r), None) | (None, Some(r)) if r == *role));
    }
    assert_eq!(Theme::role_of(&Cell::default()), (None, None));
}

fn faults(text: &str) -> Vec<String> {
    Sheet::read("mine", "mine.toml", text).1.iter().map(Fault::to_string).collect()
}

#[test]
fn p10_all_faults_of_a_theme_are_told_at_once_and_sound_lines_count() {
    let text = "extends = \"drak\"\ncolour = 1\npaint = \"yes\"\n\n[palette]\nsea = \"#0080f\"\nsun = \"#ffcc00\"\n\n\
                [roles]\ntext = \"sun bolt\"\nwran = \"sun\"\nok = \"sun on\"\nwarn = 3\ndanger = \"sun bold\"\n";
    assert_eq!(
        faults(text),
        [
            "mine.toml:1:11: there is no theme `drak` - did you mean `dark`?",
            "mine.toml:2:1: there is no setting `colour` - `countersign themes show dark` has all names",
            "mine.toml:3:9: `paint` is no yes or no - write true or false",
            "mine.toml:6:7: `#0080f` is no colour - write \"#rrggbb\", `default`, or a name such as `bright_blue`",
            "mine.toml:10:8: `bolt` is no colour - did you mean `bold`?",
            "mine.toml:11:1: there is no role `wran` - did you mean `warn`?",
            "mine.toml:12:6: no colour after `on` - write \"INK on GROUND bold\"",
            "mine.toml:13:8: `warn` is no text - write it in quotation marks",
        ]
    );
    let (sheet, _) = Sheet::read("mine", "mine.toml", text);
    let look = sheet.look(Role::Danger);
    assert_eq!((look.ink, look.weight), (Some(Ink::Rgb(Rgb(255, 204, 0))), Some(Modifier::BOLD)));
    assert!(!faults("[roles\n").is_empty());
}

#[test]
fn a_file_that_changes_the_palette_changes_what_uses_it() {
    let (sheet, faults) =
        Sheet::read("mine", "mine.toml", "extends = \"dark\"\n[palette]\naccent = \"#ff00ff\"\n");
    assert_eq!(faults, []);
    for role in [Role::Accent, Role::Key, Role::Sadness, Role::Source] {
        assert_eq!(sheet.look(role).ink, Some(Ink::Rgb(Rgb(255, 0, 255))), "{role:?}");
    }
}
