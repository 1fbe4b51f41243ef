//! The screens. In the dark theme: the text, below it one letter per cell for its role (`Role::letter`), and below that
//! what each of these roles looks like there. Without colour: the text, and what is left of the roles: `b`old, `d`im,
//! `u`nderlined, `r`eversed.

use super::stage::Stage;

/// Every size the layout knows: wide, narrow, folded, one pane, too small.
const SIZES: [(u16, u16); 5] = [(160, 45), (120, 40), (80, 24), (70, 20), (50, 12)];

/// A whole screen of one story at one size, dark and mono.
fn check(name: &str, (columns, rows): (u16, u16), keys: &str) {
    let mut stage = Stage::sample(columns, rows);
    stage.press(keys);
    for (theme, grids) in [("dark", stage.dark()), ("mono", stage.mono())] {
        insta::with_settings!({ snapshot_path => "screens", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(format!("{name}-{columns}x{rows}-{theme}"), grids);
        });
    }
}

#[test]
fn the_panes_at_every_width() {
    for size in SIZES {
        check("panes", size, "");
    }
}

#[test]
fn writing_and_its_difference() {
    for size in SIZES {
        check("edit", size, "j e text:Good_day._");
    }
    check("difference", (120, 40), "j e text:Good_day._ delete delete delete ctrl-s");
    check("difference", (80, 24), "j e text:Hm._ delete delete ctrl-s");
    check("take-over", (120, 40), "t text:Dear_Maria,");
}

#[test]
fn what_lies_over_the_panes() {
    for (name, keys) in [
        ("menu", "x"),
        ("question", "a"),
        ("palette", ": text:sno"),
        ("help", "?"),
        ("which-key", "o"),
        ("find", "/ text:jor"),
        ("held", "j a o h"),
        ("leave", "j a q"),
    ] {
        check(name, (80, 24), keys);
    }
}
