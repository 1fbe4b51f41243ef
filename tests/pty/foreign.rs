//! Foreign text cannot act (P6): whatever a customer or an AI wrote, the terminal gets our own sequences and nothing else.

use super::place::{Place, item};
use super::tty::Tty;
use serde_json::{Value, json};

/// Every control and format character, and the sequences that attacks are made of.
fn payload() -> String {
    let mut text = String::from("Good day. ");
    for code in (0x00..0x20).chain(0x7f..0xa0) {
        text.extend(char::from_u32(code));
        text.push('x');
    }
    for act in [
        "\x1b]0;owned\x07",
        "\x1b]2;owned\x1b\\",
        "\x1b]52;c;b3duZWQ=\x07",
        "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
        "\x1b]9;owned\x07",
        "\x1b]777;notify;owned;owned\x07",
        "\x1b[2J\x1b[H\x1b[3J",
        "\x1b[?1049l",
        "\x1b[?25h",
        "\x1b[31;5m",
        "\x1b[6n\x1b[c\x1b[>c",
        "\x1bc",
        "\x1b[!p",
        "\x1bP$q\"p\x1b\\",
        "\x1b_Gi=1;AAAA\x1b\\",
        "\x1b^secret\x1b\\",
        "\x1b[8;10;10t\x1b[21t",
        "\x1b(0\x0e",
        "\x1b[?1000h\x1b[?2004l",
        "\u{9d}0;owned\u{9c}\u{9b}2J",
        "\x1b[201~",
    ] {
        text.push_str(act);
        text.push(' ');
    }
    for code in [
        0x061c, 0x200b, 0x200e, 0x200f, 0x2028, 0x2029, 0x2060, 0x2066, 0x2067, 0x2069, 0x202a, 0x202d,
        0x202e, 0xfeff, 0xfff9, 0xe0041, 0xe007f, 0x00ad, 0xe000,
    ] {
        text.extend(char::from_u32(code));
        text.push('y');
    }
    text.push('e');
    text.extend(std::iter::repeat_n('\u{0301}', 40));
    text
}

/// What [`payload`] must never become: bidi, zero-width, tags, private use.
const HIDDEN: [char; 14] = [
    '\u{61c}',
    '\u{200b}',
    '\u{200e}',
    '\u{200f}',
    '\u{2028}',
    '\u{2029}',
    '\u{2060}',
    '\u{2066}',
    '\u{2069}',
    '\u{202e}',
    '\u{feff}',
    '\u{e0041}',
    '\u{ad}',
    '\u{e000}',
];

fn hostile() -> Value {
    let bad = payload();
    let short: String = bad.chars().take(180).collect();
    let mut value = item("bad", &short, &bad, &bad);
    let conversation = &mut value["conversation"];
    conversation["subject"] = json!(short);
    conversation["language"] = json!("en");
    conversation["customer"]["tier"] = json!("gold\x1b]2;owned\x07");
    conversation["customer"]["segment"] = json!("con\u{202e}sumer");
    conversation["customer"]["preferences"] = json!(short);
    conversation["messages"][0]["to"] = json!([format!("a\x1b[2J@example.org")]);
    conversation["messages"][0]["cc"] = json!(["b\u{202e}@example.org"]);
    conversation["messages"][0]["attachments"] =
        json!([{"name": "bill\u{202e}fdp.exe\x1b]0;owned\x07", "type": "application/\x1b[31m", "bytes": 5}]);
    value["draft"]["rationale"] = json!(bad);
    value["draft"]["model"] = json!("m\x1b]0;owned\x07");
    value["draft"]["sources"] = json!([{"title": short, "url": "https://e.example/\x1b[2J", "quote": short}]);
    value["emotion"] = json!({"label": "anger", "confidence": 0.9, "intensity": 1.0, "asks_person": true,
        "evidence": [{"text": short, "weight": 0.5}]});
    value["topics"] = json!(["refund\x1b]0;owned\x07"]);
    value
}

/// The program's own sequences: modes it sets, places, colours, clearing, the cursor's shape.
fn is_ours(body: &str, last: char) -> bool {
    match last {
        'h' | 'l' => ["?1049", "?2004", "?1004", "?25", "?2026", "?1000", "?1006"].contains(&body),
        'm' | 'H' | 'J' | 'K' | 'A' | 'B' | 'C' | 'D' | 'G' => {
            body.chars().all(|c| c.is_ascii_digit() || matches!(c, ';' | ':'))
        }
        'q' => body == "0 ",
        _ => false,
    }
}

/// Every byte the program ever wrote.
#[track_caller]
fn holds_only_ours(raw: &[u8]) {
    let text = std::str::from_utf8(raw).expect("the output is UTF-8");
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| c.is_control()) {
        let tail = &rest[at..];
        let context: String = tail.chars().take(40).collect();
        if let Some(sequence) = tail.strip_prefix("\x1b[") {
            let end = sequence.find(|c: char| ('\x40'..='\x7e').contains(&c)).expect("a sequence ends");
            let last = sequence[end..].chars().next().unwrap();
            assert!(is_ours(&sequence[..end], last), "not ours: {context:?}");
            rest = &sequence[end + 1..];
        } else {
            let c = tail.chars().next().unwrap();
            assert!(matches!(c, '\r' | '\n' | '\x07'), "not ours: {context:?}");
            rest = &tail[c.len_utf8()..];
        }
    }
    for c in HIDDEN {
        assert!(!text.contains(c), "{:?} reached the terminal", c.escape_unicode().to_string());
    }
    assert!(!text.contains(&"\u{301}".repeat(6)), "stacked accents");
}

#[track_caller]
fn harmless(tty: &Tty) {
    assert_eq!(tty.acts(), Vec::<String>::new());
    holds_only_ours(&tty.raw());
    tty.with(|s| assert!(!s.alternate_screen() && !s.hide_cursor()));
}

#[test]
fn p6_on_every_screen_of_a_wide_console() {
    on_every_screen(160, 45);
}

#[test]
fn p6_on_every_screen_of_a_usual_console() {
    on_every_screen(120, 40);
}

#[test]
fn p6_on_every_screen_of_a_small_console() {
    on_every_screen(80, 24);
}

#[test]
fn p6_on_every_screen_of_a_tiny_console() {
    on_every_screen(70, 20);
}

#[track_caller]
fn on_every_screen(columns: u16, rows: u16) {
    let place = Place::new(&[hostile(), item("good", "Ada Able", "Hello.", "Dear Ada.")], 600_000);
    let mut tty = place.console("anna").size(columns, rows).go();
    tty.sees("Good day").sees("log");
    for key in ["tab", "J", "J", "]", "]", "pgdn", "w", "tab", "w", "tab"] {
        tty.key(key);
    }
    tty.key("o").sees("own last decisions").key("p").sees_not("own last decisions");
    tty.key("?").sees("HELP").key("q").sees_not("HELP");
    tty.key("!").sees("The AI's error").key_until("esc", |s| !s.contains("The AI's error"));
    tty.key("/").types("bad").sees("bad").key("enter").sees_not("Find");
    tty.key("o").sees("own last decisions").key("h").sees_not("own last decisions").key("q");
    // It is no press of a key that decides here: the draft hides characters.
    tty.verdict("a", |s| s.contains("not signed") || s.contains("check blocks"));
    tty.key_until("esc", |s| !s.contains("check blocks"));
    tty.key("e").types("Changed. ").sees("Changed.");
    // A paste ends where the terminal says so; what hides in it is text.
    let mut spoof = payload();
    spoof.retain(|c| !matches!(c, '\x1b' | '\u{9b}'));
    tty.pastes(&spoof);
    tty.key("f3")
        .sees("DIFFERENCE")
        .key("j")
        .key("j")
        .key("q")
        .key("f8")
        .sees("Throw this text away?")
        .key("2");
    tty.sees_not("Throw").key("q");
    tty.until("the end or a question", |s| s.contains("Leave?") || !s.contains("waiting"));
    tty.types("2");
    tty.ends();
    harmless(&tty);
    tty.writes("\u{241b}".as_bytes());
}

#[test]
fn p6_in_every_line_of_the_commands() {
    let place = Place::new(&[hostile()], 600_000);
    place
        .file("bad.jsonl", "{\"schema\":\"countersign.item/1\",\"id\":\"\u{1b}]0;owned\u{7}\"}\n\u{1b}[2J\n");
    for args in [
        &["list"][..],
        &["list", "--json"],
        &["show", "bad"],
        &["show", "bad", "--json"],
        &["tail"],
        &["show", "\x1b]0;owned\x07"],
        &["decide", "\x1b[2J", "--approve", "--seen", "\x1b]0;owned\x07"],
        &["import", "bad.jsonl"],
        &["import", "\x1b]0;owned\x07.jsonl"],
        &["--theme", "\x1b]0;owned\x07"],
        &["--keymap", "\x1b]0;owned\x07"],
    ] {
        let mut tty = place.console("anna").args(args).go();
        tty.ends();
        assert!(!tty.raw().is_empty() || args == ["tail"], "{args:?}");
        assert_eq!(tty.acts(), Vec::<String>::new(), "{args:?}");
        holds_only_ours(&tty.raw());
    }
}

#[test]
fn p6_a_name_spoils_no_question_and_no_notice() {
    let mut bad = hostile();
    bad["draft"]["text"] = json!("Dear customer, it comes tomorrow.");
    let place = Place::new(&[bad, item("good", "Ada Able", "Hello.", "Dear Ada.")], 600_000);
    let mut tty = place.console("anna").go();
    tty.sees("it comes tomorrow");
    tty.verdict("a", |s| s.contains("held"));
    tty.key("u").sees("taken back: the reply to");
    tty.verdict("a", |s| s.contains("held"));
    tty.key("o").sees("own last decisions").key("h").sees("HELD").key("q");
    tty.key("i").types("a note").key("enter").sees("note written");
    tty.key("q").sees("Leave?").key("3");
    assert_eq!(tty.ends().exit_code(), 0);
    harmless(&tty);
}
