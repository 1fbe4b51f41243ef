//! P6: what customers, models, other agents and file names hold cannot act on the terminal, wherever the program prints
//! it. Every output is read back byte by byte, and once more by a terminal.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

#[path = "support/office.rs"]
mod office;

use countersign::desk::{Desk, Setup};
use countersign::queue::sqlite::system_clock;
use countersign::review::{Policy, Routing};
use office::{Office, Shown};
use serde_json::{Value, json};
use std::ffi::OsStr;
use std::fs::OpenOptions;
use std::io::Write;
use std::num::NonZero;
use std::os::unix::ffi::OsStrExt;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// Texts that do something on some terminal.
const SEQUENCES: &[&str] = &[
    "\x1b[31mred",
    "\x1b[2J\x1b[H",
    "\x1b[6n",
    "\x1b[?1049h",
    "\x1b[201~",
    "\x1b]0;title\x07",
    "\x1b]8;;http://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "\x1b]52;c;ZXZpbA==\x07",
    "\x1bP$q\"p\x1b\\",
    "\x1b_application\x1b\\",
    "\x1b^private\x1b\\",
    "\x1bXstring\x1b\\",
    "\x1bc",
    "\x1b(0lqk",
    "\x1b",
    "\u{9b}31mred",
    "\u{9d}0;title\u{9c}",
    "\u{90}q\u{9c}",
    "evil\x08\x08\x08\x08good",
    "evil\rgood",
    "\x0e\x0f\x07\x05",
    "\u{202e}live\u{202c}",
    "\u{2066}a\u{2069}",
    "x\u{e0001}\u{e0065}\u{e0076}\u{e0069}\u{e006c}\u{e007f}",
    "a\u{200b}b\u{feff}c\u{2060}d\u{ad}e",
    "\u{2028}countersign: all is well\u{2029}\u{85}\u{0b}\u{0c}",
];

/// Must never stand in any output: controls but the line feed, format and private-use characters, line separators, and
/// the letters and marks that show nothing.
fn is_poison(c: char) -> bool {
    use GeneralCategory::{Control, Format, LineSeparator, ParagraphSeparator, PrivateUse, Surrogate};
    let blank = matches!(c,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}' | '\u{ffa0}' | '\u{180b}'..='\u{180f}'
        | '\u{2065}' | '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fff8}' | '\u{e0000}'..='\u{e0fff}');
    let kind = c.general_category();
    c != '\n'
        && (blank
            || matches!(kind, Control | Format | LineSeparator | ParagraphSeparator | PrivateUse | Surrogate))
}

/// Every such character; of the private planes their edges.
fn poison() -> Vec<char> {
    let edges = |c: &char| match *c as u32 {
        0xe000..=0xf8ff => matches!(*c as u32, 0xe000 | 0xf8ff),
        0xe0200..=0xe0fff => (*c as u32).is_multiple_of(0x100),
        0xf0000.. => matches!(*c as u32, 0xf0000 | 0xffffd | 0x10_0000 | 0x10_fffd),
        _ => true,
    };
    let all: Vec<char> = ('\0'..=char::MAX).filter(|c| is_poison(*c)).filter(edges).collect();
    assert!(all.len() > 500, "{}", all.len());
    all
}

/// An item whose every free field holds this text.
fn item(id: &str, evil: &str) -> Value {
    let text = format!("A{evil}z");
    json!({
        "schema": "countersign.item/1", "id": id,
        "source": {"system": text, "ref": {"x": text}},
        "conversation": {
            "id": format!("c-{id}"), "channel": "email", "language": text, "subject": text, "url": text,
            "customer": {"id": format!("u-{id}"), "name": text, "segment": text, "tier": text, "preferences": text},
            "messages": [{
                "id": "m1", "from": "customer", "name": text, "text": format!("{text}\n{text}"), "to": [text], "cc": [text],
                "attachments": [{"name": text, "type": text, "bytes": 7}]
            }]
        },
        "draft": {
            "id": "d1", "version": 1, "text": format!("{text} {{{{{evil}}}}}"), "model": text, "rationale": text,
            "sources": [{"title": text, "url": text, "quote": text}]
        },
        "emotion": {"label": "anger", "evidence": [{"text": text}]},
        "topics": [text], "unknown": {"key": text}
    })
}

/// Nothing in this output can act: read as characters, and by a terminal.
fn check(what: &str, shown: &Shown) -> String {
    for stream in [&shown.out, &shown.err] {
        let text = std::str::from_utf8(stream).unwrap_or_else(|e| panic!("{what}: {e}"));
        if let Some(c) = text.chars().find(|c| is_poison(*c)) {
            panic!("{what}: U+{:04X} reaches the terminal: {text:?}", c as u32);
        }
        on_a_terminal(what, text);
    }
    shown.screen()
}

/// A terminal that is fed this shows it, and nothing else: no colour, no move, no mode.
fn on_a_terminal(what: &str, text: &str) {
    let size = |n: usize| NonZero::new(u16::try_from(n).unwrap()).unwrap();
    for lines in text.lines().collect::<Vec<_>>().chunks(200) {
        let wide = lines.iter().map(|line| 2 * line.chars().count()).max().unwrap_or(0) + 2;
        let mut terminal = vt100::Parser::new(size(lines.len() + 1), size(wide), 0);
        for line in lines {
            terminal.process(format!("{line}\r\n").as_bytes());
        }
        let screen = terminal.screen();
        let wide = u16::try_from(wide).unwrap();
        let plain = |row, column| {
            screen.cell(row, column).is_none_or(|c| {
                c.fgcolor() == vt100::Color::Default && !c.bold() && !c.inverse() && !c.underline()
            })
        };
        let stands: Vec<String> = screen.rows(0, wide).collect();
        for (row, line) in (0..).zip(lines) {
            // This terminal leaves the replacement character out.
            let line = line.replace('\u{fffd}', "");
            assert_eq!(stands[usize::from(row)].trim_end(), line.trim_end(), "{what}");
            assert!((0..wide).all(|column| plain(row, column)), "{what}: {line}");
        }
        let modes = (screen.alternate_screen(), screen.bracketed_paste(), screen.application_cursor());
        assert_eq!((modes, screen.cursor_position().1), ((false, false, false), 0), "{what}");
    }
}

/// JSON is printable ASCII.
fn check_json(what: &str, shown: &Shown) {
    let bad = shown.out.iter().find(|b| !matches!(b, b' '..=b'~' | b'\n'));
    assert!(bad.is_none(), "{what}: byte {bad:02x?}: {}", String::from_utf8_lossy(&shown.out));
    check(what, shown);
}

fn office(items: &[Value]) -> Office {
    let office = Office::new();
    office.write("items.jsonl", items.iter().map(|item| format!("{item}\n")).collect::<String>());
    let shown = office.types("import items.jsonl");
    assert_eq!(shown.code, 0, "{}", shown.screen());
    office
}

#[test]
fn p6_every_character_through_list() {
    // Two an item, so that none is cut off at the end of a column.
    let items: Vec<Value> = poison()
        .chunks(2)
        .enumerate()
        .map(|(n, pair)| item(&format!("i{n}"), &pair.iter().collect::<String>()))
        .collect();
    let office = office(&items);
    let limit = format!("list -n {}", items.len());
    let screen = check("list", &office.types(&limit));
    // Line ends in a name become a sign: an item is a line.
    assert_eq!(screen.lines().count(), items.len());
    assert!(screen.contains("<U+202E>") && screen.contains('␛') && screen.contains("<9B>"), "{screen}");
    check_json("list --json", &office.types(&format!("{limit} --json")));
}

#[test]
fn p6_every_character_through_show_and_the_errors_of_decide() {
    let poison = poison();
    let texts: Vec<String> =
        poison.chunks(60).map(|some| some.iter().flat_map(|c| ['x', *c, 'y']).collect()).collect();
    let items: Vec<Value> = texts.iter().enumerate().map(|(n, text)| item(&format!("i{n}"), text)).collect();
    let office = office(&items);
    for n in 0..items.len() {
        check("show", &office.types(&format!("show i{n}")));
        check_json("show --json", &office.types(&format!("show i{n} --json")));
        let seen = office.seen(&format!("i{n}"));
        let shown = office.types(&format!("decide i{n} --approve --seen {seen}"));
        assert_eq!(shown.code, 4, "a draft with hidden characters is not approved with one key");
        check("decide", &shown);
    }
}

#[test]
fn p6_every_family_of_sequences_through_every_command() {
    let items: Vec<Value> =
        SEQUENCES.iter().enumerate().map(|(n, evil)| item(&format!("i{n}"), evil)).collect();
    let office = office(&items);
    let screen = check("list", &office.types("list"));
    assert_eq!(screen.lines().count(), items.len());
    for (n, evil) in SEQUENCES.iter().enumerate() {
        let id = format!("i{n}");
        check("show", &office.types(&format!("show {id}")));
        let seen = office.seen(&id);
        check("decide", &office.types(&format!("decide {id} --approve --seen {seen}")));
        office.write("reply", format!("Dear {evil}"));
        let line = format!("decide {id} --edit reply --seen {seen}");
        let mut shown = office.types(&line);
        if countersign::visible::hidden_chars(evil) > 0 {
            assert_eq!(shown.code, 4, "hidden characters leave with nobody's text: {}", shown.screen());
            check("decide", &shown);
            shown = office.types(&format!("{line} --override-checks"));
        }
        assert_eq!(shown.code, 0, "{}", shown.screen());
        check("decide", &shown);
        check("list", &office.run(&["list", "--all", evil], b""));
    }
    check("list --all", &office.types("list --all"));
    check_json("tail", &office.types("tail -n 1000"));
    check("verify", &office.types("verify"));
    check("forget", &office.types("forget --customer u-i0 --yes"));
}

#[test]
fn p6_refused_lines_are_told_without_what_they_hold() {
    let bad = |change: &dyn Fn(&mut Value)| {
        let mut item = item("x", "fine");
        change(&mut item);
        item
    };
    for evil in SEQUENCES {
        let office = Office::new();
        let items = [
            json!(evil),
            json!({(*evil): 1}),
            bad(&|i| i["schema"] = json!(evil)),
            bad(&|i| i["id"] = json!(evil)),
            bad(&|i| i["conversation"]["id"] = json!(evil)),
            bad(&|i| i["conversation"]["channel"] = json!(evil)),
            bad(&|i| i["conversation"]["owner"] = json!(evil)),
            bad(&|i| i["conversation"]["customer"]["id"] = json!(evil)),
            bad(&|i| i["conversation"]["customer"]["ai_consent"] = json!(evil)),
            bad(&|i| i["conversation"]["messages"][0]["from"] = json!(evil)),
            bad(&|i| i["conversation"]["messages"][0]["at"] = json!(evil)),
            bad(&|i| i["conversation"]["messages"][0]["text"] = json!({(*evil): evil})),
            bad(&|i| i["draft"]["version"] = json!(evil)),
            bad(&|i| i["draft"]["in_reply_to"] = json!(evil)),
            bad(&|i| i["emotion"] = json!(evil)),
            bad(&|i| i["topics"] = json!(evil)),
            bad(&|i| i["due_at"] = json!(evil)),
            bad(&|i| i["priority"] = json!(evil)),
        ];
        // Raw bytes where JSON should be, too.
        let raw = format!("{evil}\n{{\"id\":\"{evil}\"}}\n").replace('\u{85}', "");
        let lines: String = items.iter().map(|item| format!("{item}\n")).collect();
        office.write("bad.jsonl", lines + &raw);
        let shown = office.types("import bad.jsonl");
        let screen = check("import", &shown);
        assert_eq!(shown.code, 3, "{screen}");
        assert!(!screen.contains("evil"), "a refusal repeats what the line held: {screen}");
        check_json("import --json", &office.types("import bad.jsonl --json"));
    }
}

#[test]
fn p6_names_on_the_command_line_cannot_act_either() {
    let office = office(&[item("i1", "fine")]);
    let seen = office.seen("i1");
    let evil: Vec<Vec<u8>> = SEQUENCES
        .iter()
        .map(|evil| evil.replace('/', "-").into_bytes())
        .chain([b"latin\xff\xfe".to_vec(), b"two\nlines".to_vec()])
        .collect();
    for name in &evil {
        let name = OsStr::from_bytes(name);
        let arg = OsStr::new;
        for args in [
            &[arg("import"), name][..],
            &[arg("show"), name],
            &[arg("list"), arg("--"), name],
            &[arg("decide"), arg("i1"), arg("--edit"), name, arg("--seen"), arg(&seen)],
            &[arg("decide"), arg("i1"), arg("--approve"), arg("--seen"), name],
            &[arg("--data"), name, arg("config"), arg("show")],
            &[arg("--data"), name, arg("tail")],
            &[arg("--config"), name, arg("config"), arg("check")],
            &[arg("--agent"), name, arg("list")],
            &[arg("consent"), arg("--customer"), name, arg("no")],
            &[arg("consent"), arg("--customer"), arg("u1"), name],
            &[arg("forget"), arg("--customer"), name],
            &[arg("keys"), arg("check"), name],
            &[arg("keys"), arg("show"), name],
            &[arg("themes"), arg("show"), name],
            &[arg("completions"), name],
            &[arg("tail"), arg("-n"), name],
            &[name],
        ] {
            check(&format!("{args:?}"), &office.run(args, b""));
        }
        // The same as real files and folders: their names come up in counts, refusals and listings.
        let shown = office.path("");
        std::fs::write(shown.join(name), "nonsense\n").unwrap();
        check("import", &office.run(&[arg("import"), name], b""));
        std::fs::remove_file(shown.join(name)).unwrap();
        std::fs::create_dir(shown.join(name)).unwrap();
        check("import", &office.run(&[arg("import"), name], b""));
        let mut config = name.to_owned();
        config.push("/config.toml");
        std::fs::write(shown.join(&config), "theme = 7\n").unwrap();
        check("config", &office.run(&[arg("--config"), &config, arg("config"), arg("check")], b""));
        std::fs::write(shown.join(&config), "").unwrap();
        for line in ["config path", "config show", "config check", "keys path", "themes list"] {
            let words = line.split(' ').map(arg);
            let args: Vec<&OsStr> = [arg("--config"), &config].into_iter().chain(words).collect();
            check(line, &office.run(&args, b""));
        }
    }
}

#[test]
fn p6_configuration_keymaps_and_themes_of_others_cannot_act() {
    let office = Office::new();
    for evil in SEQUENCES {
        let quoted = evil.chars().fold(String::new(), |text, c| text + &format!("\\U{:08X}", c as u32));
        for text in [
            format!("theme = \"{quoted}\"\n"),
            format!("\"{quoted}\" = 1\n"),
            format!("[policy]\nrev = \"{quoted}\"\n"),
            format!("agent = \"{quoted}\"\n"),
            format!("{evil}\n"),
        ] {
            office.write("config/config.toml", text);
            check("config show", &office.types("config show"));
            check("config check", &office.types("config check"));
            check("list", &office.types("list"));
        }
        office.write("config/config.toml", "");
        for text in [
            format!("[normal]\n\"{quoted}\" = \"{quoted}\"\n"),
            format!("about = \"{quoted}\"\n"),
            format!("# {evil}\n"),
        ] {
            office.write("own.toml", text);
            for line in [
                "keys check ./own.toml",
                "keys show ./own.toml",
                "themes check ./own.toml",
                "themes show ./own.toml",
            ] {
                check(line, &office.types(line));
            }
        }
    }
}

#[test]
fn p6_another_agents_name_and_note_cannot_act() {
    for (n, evil) in SEQUENCES.iter().enumerate() {
        // A few are enough: each opens stores of its own.
        if n % 4 != 0 {
            continue;
        }
        let office = office(&[item("i1", "fine"), item("i2", "fine")]);
        let setup = Setup { agent: format!("b{evil}n"), policy: Policy::default(), clock: system_clock() };
        let desk = Desk::open(&office.data(), setup).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let id = "i1".parse::<countersign::review::ItemId>().unwrap();
            desk.claim(id.clone(), false).await.unwrap().unwrap();
            let note = Routing::Note { text: format!("note {evil}") };
            desk.route(id.clone(), note).await.unwrap().unwrap();
            let id = "i2".parse().unwrap();
            let transfer = Routing::Transfer { to: format!("c{evil}"), note: format!("to {evil}") };
            let _ = desk.route(id, transfer).await.unwrap();
            desk.tell().await.unwrap();
        });
        for line in ["list --all", "show i1", "show i2", "tail -n 100", "verify"] {
            check(line, &office.types(line));
        }
        let line = format!("decide i1 --approve --override-checks --seen {}", office.seen("i1"));
        let shown = office.types(&line);
        assert_eq!(shown.code, 4, "{}", shown.screen());
        check("decide", &shown);
    }
}

#[test]
fn p6_a_log_that_was_tampered_with_cannot_act() {
    let office = office(&[item("i1", "fine")]);
    office.write("reply", "Dear Ana");
    let line = format!("decide i1 --edit reply --seen {}", office.seen("i1"));
    assert_eq!(office.types(&line).code, 0);
    let log = office.data().join("log/current.jsonl");
    let mut log = OpenOptions::new().append(true).open(log).unwrap();
    for evil in SEQUENCES {
        writeln!(log, "{{\"v\":1,\"type\":\"{evil}\",\"ts\":\"{evil}\"}}").unwrap();
        writeln!(log, "{evil}").unwrap();
    }
    log.write_all(b"\xff\x9b31m\n").unwrap();
    check_json("tail", &office.types("tail -n 1000"));
    for line in ["verify", "verify --json", "list", "show i1"] {
        check(line, &office.types(line));
    }
    let line = format!("decide i1 --approve --seen {}", office.seen("i1"));
    check("decide", &office.types(&line));
}
