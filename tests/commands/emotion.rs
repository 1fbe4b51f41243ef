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

#[test]
fn a_text_on_the_command_line_is_read_and_a_missing_file_is_told() {
    let (code, out) = run(&["I want to talk to a human being, now!"], b"");
    assert!(code == 0 && out.contains("asks for a person"), "{out}");
    assert_eq!(run(&["--eval", "nowhere.tsv"], b"").0, 1);
}
