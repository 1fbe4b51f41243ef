//! `emotion`: one line in, one object out, in order.

use std::io::Write;
use std::process::{Command, Stdio};

fn run(arguments: &[&str], input: &[u8]) -> (i32, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_countersign"))
        .arg("emotion")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    (output.status.code().unwrap(), String::from_utf8(output.stdout).unwrap())
}

#[test]
fn one_object_a_message_in_order_whatever_the_bytes() {
    let (code, out) = run(&["--json"], b"third mail, still no refund\n\"line one\\nline two\"\n\n\xff\xfe\n");
    assert_eq!(code, 0);
    let lines: Vec<serde_json::Value> = out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 4);
    assert_eq!((&lines[0]["label"], &lines[0]["unsure"]), (&"frustration".into(), &false.into()));
    let evidence = &lines[0]["evidence"][0];
    let (start, end) = (evidence["start"].as_u64().unwrap(), evidence["end"].as_u64().unwrap());
    let word = &"third mail, still no refund"[usize::try_from(start).unwrap()..usize::try_from(end).unwrap()];
    assert_eq!(evidence["text"], word);
    assert_eq!((&lines[2]["label"], &lines[2]["confidence"]), (&"neutral".into(), &0.0.into()));
}

/// What JavaScript writes of a message that was cut in the middle of an emoji.
#[test]
fn a_json_string_with_half_a_character_is_decoded_and_its_ranges_hold() {
    let (code, out) =
        run(&["--json"], b"\"line one\\nI hate this \\ud83d\"\r\n\"a\tb \\ud83d\"\n\"no end \\ud83d\n");
    assert_eq!((code, out.lines().count()), (0, 3));
    let value: serde_json::Value = serde_json::from_str(out.lines().next().unwrap()).unwrap();
    let text = "line one\nI hate this \u{fffd}";
    assert!(value["evidence"].as_array().is_some_and(|all| !all.is_empty()), "{value}");
    for part in value["evidence"].as_array().unwrap() {
        let at = |key: &str| usize::try_from(part[key].as_u64().unwrap()).unwrap();
        assert_eq!(part["text"], text[at("start")..at("end")]);
    }
}

#[test]
fn a_text_on_the_command_line_is_read_and_a_missing_file_is_told() {
    let (code, out) = run(&["I want to talk to a human being, now!"], b"");
    assert!(code == 0 && out.contains("asks for a person"), "{out}");
    assert_eq!(run(&["--eval", "nowhere.tsv"], b"").0, 1);
}
