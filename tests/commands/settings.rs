//! `config`, `keys`, `themes`, what a shell is told, and what the README shows.

use super::{item, office};
use crate::office::Office;
use std::fs;
use std::process::Command;

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

#[test]
fn config_says_where_each_value_came_from() {
    let office = Office::new();
    office.write("config/config.toml", "theme = \"light\"\nagent = \"cleo\"\n[policy]\nlease_minutes = 7\n");
    office.check("config path", 0, &["config/config.toml\n"]);
    office.check(
        "--agent ben config show",
        0,
        &[
            "data ",
            "($COUNTERSIGN_DATA)",
            "agent    ben  (--agent)",
            "theme    light  (config.toml)",
            "(built in)",
            "lease_minutes = 7",
        ],
    );
    office.check("config check", 0, &["config/config.toml: no faults\n"]);
    office.check("--config nowhere.toml config check", 1, &["countersign: nowhere.toml: cannot be read"]);
    office.check("--data items config show", 0, &["data     items  (--data)"]);
}

#[test]
fn p10_a_faulty_configuration_is_told_by_line_and_column_before_anything_runs() {
    let office = Office::new();
    for (text, told) in [
        ("theme = 7\n", "bad.toml:1:9: invalid type: integer `7`, expected a string"),
        ("\ncolour = 1\n", "bad.toml:2:1: unknown field `colour`"),
        ("[policy]\nlease_minutes = \"x\"\n", "bad.toml:2:17: invalid type"),
        ("[[", "bad.toml:1:3: "),
    ] {
        office.write("bad.toml", text);
        for line in ["config check", "list", "tail"] {
            office.check(&format!("--config bad.toml {line}"), 1, &[told, "`countersign config show` lists"]);
        }
    }
    office.write("bad.toml", "theme = \"nope\"\n");
    office.check(
        "--config bad.toml config check",
        1,
        &["there is no nope among the themes; take dark, light"],
    );
    office.write("own.toml", "extends = \"vim\"\n[normal]\naprove = \"a\"\nundo = \"nokey-\"\n");
    office.write("bad.toml", "keymap = \"own.toml\"\n");
    // All faults at once, one a line.
    office.check(
        "--config bad.toml config check",
        1,
        &["countersign: own.toml:3:", "approve", "\nown.toml:4:"],
    );
}

#[test]
fn keymaps_and_themes_are_listed_shown_checked_and_found() {
    let office = Office::new();
    office.write("config/keymaps/mine.toml", "extends = \"vim\"\n[normal]\naprove = \"a\"\n");
    office.write("config/themes/rose.toml", "extends = \"dark\"\n");
    office.check("keys list", 0, &["default\n", "vim\n", "config/keymaps/mine.toml\n"]);
    office.check("keys", 0, &["keymap default", "[normal]", "approve", "[edit]"]);
    office.check("keys show vim", 0, &["keymap vim", "[normal]"]);
    office.check("keys check", 0, &["default.toml: no faults\n"]);
    office.check("keys check mine", 1, &["config/keymaps/mine.toml:3:", "aprove", "approve"]);
    office.check(
        "keys check nobody",
        1,
        &["there is no nobody among the keymaps; take default, vim or a file"],
    );
    office.check("keys path", 0, &["config/keymaps\n"]);
    office.check("themes list", 0, &["auto", "dark", "light", "mono", "config/themes/rose.toml\n"]);
    office.check("themes show mono", 0, &["ground = \"dark\"", "[roles]"]);
    office.check("themes check rose", 0, &["rose.toml: no faults\n"]);
    office.check("themes check", 0, &["auto: no faults\n"]);
    office.check("themes path", 0, &["config/themes\n"]);
}

#[test]
fn the_shell_and_man_can_be_told() {
    let office = Office::new();
    for shell in ["bash", "zsh", "fish"] {
        office.check(&format!("completions {shell}"), 0, &["countersign"]);
    }
    office.check("man", 0, &[".TH countersign 1", "countersign"]);
    office.check("--help", 0, &["Usage: countersign", "import", "decide", "verify", "--data"]);
    office.check("--version", 0, &["countersign "]);
    office.check("aprove", 1, &["unrecognized subcommand 'aprove'"]);
}

/// The first block of this language in the README.
fn readme(language: &str) -> String {
    let text = fs::read_to_string(README).unwrap();
    let (_, block) = text.split_once(&format!("```{language}\n")).unwrap();
    block.split_once("```").unwrap().0.to_owned()
}

#[test]
fn what_the_readme_shows_holds() {
    let office = Office::new();
    // There it is folded for reading.
    office.write("tickets.jsonl", readme("json").replace('\n', " "));
    office.check("import tickets.jsonl", 0, &["tickets.jsonl: 1 new"]);
    office.check(
        "show tick-41",
        0,
        &["Ana Ruiz", "Third time!", "[bill.pdf, 48213 bytes]", "anger", "Refund policy"],
    );
    office.write("config/config.toml", readme("toml"));
    office.check("config check", 0, &["no faults"]);
    office.check(
        &format!("decide tick-41 --approve --seen {}", office.seen("tick-41")),
        0,
        &["tick-41: approve, sent"],
    );
    // Anyone can check a line of the log with the two lines that stand there.
    let text = fs::read_to_string(README).unwrap();
    let (_, recipe) = text.split_once("$ line=").unwrap();
    let recipe: Vec<&str> =
        recipe.split("```").next().unwrap().lines().map(|l| l.trim_start_matches("$ ")).collect();
    let recipe = format!("line={}", recipe.join("\n"));
    let output = Command::new("bash").args(["-c", &recipe]).current_dir(office.data()).output().unwrap();
    let last = office.check("tail -n 1", 0, &[]).json();
    let hash = String::from_utf8(output.stdout).unwrap();
    assert_eq!(hash.split(' ').next(), last[0]["hash"].as_str());
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let office = office(&[item("i1")]);
    office.check(&format!("decide i1 --approve --seen {}", office.seen("i1")), 0, &[]);
    for line in ["list --all", "tail", "completions bash", "man", "keys", "show i1 --json"] {
        let mut child = office.command(&line.split(' ').collect::<Vec<_>>()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*told), (Some(0), ""), "{line}");
    }
}
