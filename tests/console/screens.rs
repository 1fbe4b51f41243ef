//! The screens: text, and below it one letter per cell for its role (`Role::letter`). At 80x24 also what is left of
//! the roles without colour: `b`old, `d`im, `u`nderlined, `r`eversed.

use super::stage::Stage;

/// Whole screens of one story at one size.
fn check(name: &str, columns: u16, rows: u16, keys: &str) {
    let mut stage = Stage::sample(columns, rows);
    stage.press(keys);
    let grids = stage.grids();
    insta::with_settings!({ snapshot_path => "screens", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(format!("{name}-{columns}x{rows}"), grids);
    });
}

#[test]
fn the_panes_at_every_width() {
    for (columns, rows) in [(160, 45), (120, 40), (80, 24), (70, 20), (50, 12)] {
        check("panes", columns, rows, "");
    }
}

#[test]
fn writing_and_its_difference() {
    check("edit", 120, 40, "j e text:Good_day._");
    check("difference", 120, 40, "j e text:Good_day._ delete delete delete ctrl-s");
    check("take-over", 120, 40, "t text:Dear_Maria,");
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
        check(name, 80, 24, keys);
    }
}

#[test]
fn without_colour_everything_can_still_be_told_apart() {
    for (name, keys) in
        [("mono-panes", ""), ("mono-menu", "x"), ("mono-difference", "j e text:Hm._ delete delete ctrl-s")]
    {
        let mut stage = Stage::sample(80, 24);
        stage.press(keys);
        let grids = stage.mono();
        insta::with_settings!({ snapshot_path => "screens", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name, grids);
        });
    }
}
