//! The house keeps to its map: who imports whom, as the table in `src/lib.rs` says it. The table is read from there, so
//! that the page people read is the rule that holds.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// Files that may be longer than [`MAX_LINES`], each with its reason.
const LONG: &[(&str, &str)] = &[
    ("src/review/item.rs", "half of it is the table of lines that are refused"),
    ("tests/console/stories.rs", "stories, one after the other"),
];
const MAX_LINES: usize = 600;

/// What reading a clock looks like.
const CLOCKS: &[&str] = &["Instant::now", "SystemTime", "Timestamp::now", "Zoned::now", "system_clock"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below a folder of the crate, as paths from its root.
fn files(folder: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = folder.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path.to_str().unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|e| panic!("{path}: {e}"))
}

/// Rust without comments, string contents and test modules: what is left names only what the product uses.
fn code(text: &str) -> String {
    without_tests(&without_text(text))
}

fn without_text(text: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(c) = rest.chars().next() {
        let skip = match c {
            '/' if rest.starts_with("//") => rest.find('\n').unwrap_or(rest.len()),
            '"' => string(rest),
            'r' if !out.ends_with(|c: char| c.is_alphanumeric() || c == '_') => raw_string(rest),
            // 'a' and '\n' are characters, 'a is a lifetime.
            '\'' if rest.starts_with("'\\") => {
                2 + rest[2..].char_indices().skip(1).find(|(_, c)| *c == '\'').unwrap().0 + 1
            }
            '\'' if rest.chars().nth(2) == Some('\'') => {
                rest.char_indices().nth(3).map_or(rest.len(), |(at, _)| at)
            }
            _ => 0,
        };
        if skip == 0 {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        } else {
            rest = &rest[skip..];
        }
    }
    out
}

fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> usize {
    let hashes = rest[1..].bytes().take_while(|b| *b == b'#').count();
    if rest.as_bytes().get(1 + hashes) != Some(&b'"') {
        return 0;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let from = hashes + 2;
    from + rest[from..].find(&end).unwrap() + end.len()
}

/// Leaves out every item under `#[cfg(test)]`.
fn without_tests(text: &str) -> String {
    const MARK: &str = "#[cfg(test)]";
    let (mut out, mut rest) = (String::new(), text);
    while let Some(at) = rest.find(MARK) {
        out.push_str(&rest[..at]);
        rest = &rest[at + MARK.len()..];
        let mut depth = 0_usize;
        let end = rest.char_indices().find_map(|(at, c)| {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            (depth == 0 && matches!(c, '}' | ';')).then_some(at + 1)
        });
        rest = &rest[end.unwrap_or(rest.len())..];
    }
    out + rest
}

/// The module a file is: `src/console/view/draft.rs` is `console::view::draft`.
fn module(path: &str) -> String {
    path.trim_start_matches("src/").trim_end_matches(".rs").replace('/', "::")
}

/// Every path that the code names and that begins with one of `roots`, braces unfolded: `std::{fs, io}` is two.
fn paths(code: &str, roots: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for root in roots {
        let start = format!("{root}::");
        for (at, _) in code.match_indices(&start) {
            let before = code[..at].chars().next_back();
            if !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | ':')) {
                unfold(root, &mut code[at + root.len()..].char_indices().peekable(), &mut found);
            }
        }
    }
    found
}

type Chars<'a> = std::iter::Peekable<std::str::CharIndices<'a>>;

/// Reads what follows a path: `::name`, `::{a, b::c}`, or its end.
fn unfold(path: &str, rest: &mut Chars<'_>, found: &mut Vec<String>) {
    if rest.next_if(|(_, c)| *c == ':').is_none() || rest.next_if(|(_, c)| *c == ':').is_none() {
        return found.push(path.to_owned());
    }
    if rest.next_if(|(_, c)| *c == '{').is_none() {
        return unfold(&format!("{path}::{}", word(rest)), rest, found);
    }
    loop {
        let name = word(rest);
        if !name.is_empty() {
            unfold(&format!("{path}::{name}"), rest, found);
        }
        // `as x` and white space before the comma or brace.
        while rest.next_if(|(_, c)| !matches!(c, ',' | '}')).is_some() {}
        if rest.next().is_none_or(|(_, c)| c == '}') {
            return;
        }
    }
}

fn word(rest: &mut Chars<'_>) -> String {
    while rest.next_if(|(_, c)| c.is_whitespace()).is_some() {}
    std::iter::from_fn(|| rest.next_if(|(_, c)| c.is_alphanumeric() || *c == '_')).map(|(_, c)| c).collect()
}

/// The paths into our own crate, from its root: `super::x` is resolved.
fn ours(module: &str, code: &str) -> BTreeSet<String> {
    let absolute = |path: String| {
        let steps: Vec<&str> = path.split("::").collect();
        let up = steps.iter().take_while(|s| **s == "super").count();
        let home: Vec<&str> = module.split("::").collect();
        let base = if up == 0 { &[][..] } else { &home[..home.len().saturating_sub(up)] };
        [base, &steps[up.max(1)..]].concat().join("::")
    };
    paths(code, &["crate", "super"]).into_iter().map(absolute).collect()
}

/// One row of the map.
#[derive(Debug)]
struct Rule {
    /// Modules it is about.
    of: Vec<String>,
    /// What they may import; none where anything goes.
    may: Option<Vec<String>>,
    /// What they may not name, whatever else is allowed.
    never: Vec<String>,
}

impl Rule {
    /// `console: view   console, review; never desk, tokio`
    fn parse(line: &str) -> Self {
        let (of, says) = line.split_once("  ").unwrap_or_else(|| panic!("no rule: {line}"));
        let of: Vec<String> = match of.split_once(": ") {
            Some((room, parts)) => parts.split(", ").map(|part| format!("{room}::{part}")).collect(),
            None => of.split(", ").map(str::to_owned).collect(),
        };
        let (may, never) = says.trim().split_once("; never ").unwrap_or((says.trim(), ""));
        let list = |text: &str| text.split(", ").filter(|w| !w.is_empty()).map(str::to_owned).collect();
        let may = match may {
            "nothing of ours" => Some(Vec::new()),
            "all" => None,
            _ => Some(list(may)),
        };
        Self { of, may, never: list(never) }
    }

    fn is_about(&self, module: &str) -> bool {
        self.of.iter().any(|of| within(module, of))
    }

    /// Whether `module` may not name `path`. A room may name itself, parts of one room in one row each other.
    fn forbids(&self, module: &str, path: &str) -> bool {
        let named = |list: &[String]| list.iter().any(|one| within(path, one));
        let parts = self.of[0].contains("::");
        let own = self.of.iter().any(|of| within(path, of) && (parts || within(module, of)))
            || within(path, "fault");
        let may = self.may.as_ref().is_none_or(|may| own || named(may));
        !may || named(&self.never)
    }
}

/// Whether `path` is `of` or lies in it.
fn within(path: &str, of: &str) -> bool {
    path.strip_prefix(of).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn rules() -> Vec<Rule> {
    let text = read("src/lib.rs");
    let map = text
        .split("//! ```text\n")
        .nth(1)
        .expect("the map stands in src/lib.rs")
        .split("//! ```")
        .next()
        .unwrap();
    map.lines().map(|line| Rule::parse(line.trim_start_matches("//! "))).collect()
}

/// Everything in one file that its rules forbid.
fn faults(rules: &[Rule], path: &str, text: &str) -> Vec<String> {
    let (module, code) = (module(path), code(text));
    let inside = ours(&module, &code);
    let outside = paths(&code, &["std", "tokio", "ratatui", "crossterm"]);
    let mut told = Vec::new();
    for rule in rules.iter().filter(|rule| rule.is_about(&module)) {
        let never = |path: &&String| rule.never.iter().any(|never| within(path, never));
        told.extend(inside.iter().filter(|path| rule.forbids(&module, path)).cloned());
        told.extend(outside.iter().filter(never).cloned());
        if rule.never.iter().any(|never| never == "a clock") {
            told.extend(CLOCKS.iter().filter(|clock| code.contains(**clock)).map(|c| (*c).to_owned()));
        }
    }
    told.iter().map(|what| format!("{path} may not name {what}")).collect()
}

#[test]
fn every_file_imports_what_the_map_in_lib_rs_allows() {
    let rules = rules();
    let mut told = String::new();
    for path in files("src") {
        if matches!(path.as_str(), "src/lib.rs" | "src/main.rs") || path.ends_with("/tests.rs") {
            continue;
        }
        let text = read(&path);
        let ruled = rules.iter().any(|rule| rule.is_about(&module(&path)));
        let needless = ours(&module(&path), &code(&text)).is_empty();
        assert!(ruled || needless, "{path} has no row in the map of src/lib.rs");
        for fault in faults(&rules, &path, &text) {
            writeln!(told, "{fault}").unwrap();
        }
    }
    assert!(told.is_empty(), "\n{told}change the code, or the map in src/lib.rs and DESIGN.md with a reason");
}

#[test]
fn the_rules_the_design_fixes_stand_in_the_map() {
    let rules = rules();
    let holds = |module: &str, path: &str| {
        rules.iter().any(|rule| rule.is_about(module) && rule.forbids(module, path))
    };
    for module in ["console::model", "console::message", "console::update"] {
        for never in ["tokio", "ratatui", "crossterm", "std::fs", "a clock", "desk", "queue", "ledger"] {
            assert!(holds(module, never), "{module} may name {never}");
        }
    }
    for never in ["desk", "queue", "ledger", "tokio"] {
        assert!(holds("console::view", never), "console::view may name {never}");
    }
    for (module, never) in [
        ("review", "visible"),
        ("visible", "review"),
        ("queue", "ledger"),
        ("ledger", "queue"),
        ("channel", "desk"),
        ("care", "queue"),
        ("desk", "console"),
        ("supervise", "queue"),
    ] {
        assert!(holds(module, never), "{module} may name {never}");
    }
}

#[test]
fn what_is_forbidden_is_found_however_it_is_written() {
    let rules = [
        Rule::parse("console: update, model   review, console::command; never tokio, std::fs, a clock"),
        Rule::parse("review, visible   nothing of ours"),
    ];
    for (path, text, finds) in [
        ("src/console/update.rs", "use crate::review::Item;", ""),
        ("src/console/update.rs", "use super::model::Model; use super::command::Command;", ""),
        ("src/console/update.rs", "use super::view::Canvas;", "console::view::Canvas"),
        ("src/console/update/tray.rs", "use super::super::view;", "console::view"),
        ("src/console/update.rs", "use crate::{review, desk::Desk};", "desk::Desk"),
        (
            "src/console/update.rs",
            "use crate::{\n    review::{Item, Row},\n    queue::{self, Queue as Q},\n};",
            "queue::self",
        ),
        ("src/console/update.rs", "fn f(x: &crate::ledger::Mark) {}", "ledger::Mark"),
        ("src/console/update.rs", "use std::{fmt, fs::File};", "std::fs::File"),
        ("src/console/update.rs", "use std::time::Duration;", ""),
        ("src/console/update.rs", "let now = std::time::Instant::now();", "Instant::now"),
        (
            "src/console/update.rs",
            "// crate::desk, and \"crate::desk\" here\nlet x = \"crate::desk\"; let q = '\"';",
            "",
        ),
        (
            "src/console/update.rs",
            "fn a() {}\n#[cfg(test)]\nmod tests { use crate::desk::Desk; fn f() { {} } }\nfn b() {}",
            "",
        ),
        ("src/console/update.rs", "#[cfg(test)]\nmod tests;\nuse crate::desk::Desk;", "desk::Desk"),
        ("src/console/update.rs", "crate::fault::reach();", ""),
        ("src/review/item.rs", "use super::Stamp;", ""),
        ("src/review/item.rs", "use crate::visible;", "visible"),
        ("src/visible.rs", "use crate::review::Item;", "review::Item"),
        ("src/visible.rs", "let x = r#\"crate::desk\"#; use crate::care;", "care"),
    ] {
        let told = faults(&rules, path, text);
        match finds {
            "" => assert!(told.is_empty(), "{text}: {told:?}"),
            what => assert!(told.iter().any(|t| t.ends_with(&format!(" {what}"))), "{text}: {told:?}"),
        }
    }
}

#[test]
fn a_module_is_the_file_of_its_name() {
    let found: Vec<String> = files("src").into_iter().filter(|path| path.ends_with("/mod.rs")).collect();
    assert!(found.is_empty(), "{found:?}: name the file after its module, beside the folder");
    // Below tests/ a file beside the folder would be a test program of its own.
    let found: Vec<String> = files("tests").into_iter().filter(|path| path.ends_with("/mod.rs")).collect();
    assert_eq!(found, ["tests/support/mod.rs"]);
}

#[test]
fn no_file_is_too_long_to_read() {
    let mut long = Vec::new();
    for path in ["src", "tests", "benches"].iter().flat_map(|folder| files(folder)) {
        if read(&path).lines().count() > MAX_LINES {
            long.push(path);
        }
    }
    let listed: Vec<&str> = LONG.iter().map(|(path, _)| *path).collect();
    assert_eq!(long, listed, "left: over {MAX_LINES} lines; right: may be, with a reason");
}

#[test]
fn a_library_stays_in_the_room_that_hides_it() {
    for (library, homes) in [
        ("rusqlite", &["queue::sqlite", "desk::store"][..]),
        ("ratatui_textarea", &["console::editor"]),
        ("crokey", &["console"]),
        ("clap", &["cli"]),
        ("indicatif", &["cli"]),
        ("toml", &["config", "console"]),
    ] {
        for path in files("src") {
            let home = homes.iter().any(|home| within(&module(&path), home));
            let named = paths(&code(&read(&path)), &[library]);
            assert!(home || named.is_empty(), "{path} may not name {named:?}: {library} is for {homes:?}");
        }
    }
}
