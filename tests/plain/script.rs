//! Scripts: standard input is a pipe.

use super::desk::{Desk, item};
use serde_json::json;
use std::time::Duration;

fn sample() -> Desk {
    let mut no_ai = item(4, "Di", "No AI please", "SECRET DRAFT");
    no_ai["conversation"]["customer"]["ai_consent"] = json!(false);
    Desk::with(&[
        item(1, "Ana", "Where is my parcel?", "Dear Ana,\nit is on its way."),
        item(2, "Ben", "Hello", "Dear Ben,\nhello."),
        item(3, "Cy", "Cy here, hello", "Dear Cy"),
        no_ai,
        item(5, "Ed", "Thanks!", "Dear Ed"),
        item(6, "Flo", "Later", "Dear Flo"),
        item(7, "Gus", "Again", "Dear Gus"),
    ])
}

#[test]
fn a_whole_day_through_a_pipe() {
    let desk = sample();
    let ran = desk.script(
        "list\nshow all\napprove i1\n\
         edit\n~2 your parcel is here.\nBye\n.\nsign i2\n\
         take over i3\nI am Anna.\n\nI look after you.\n.\nsign i3\n\
         reply\nMy own words.\n.\nsign i4\n\
         close thanks\nsnooze 1 hour\n\
         approve i7\nundo\nnote she called\nheld\nlist\nquit send\n",
    );
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    ran.says(&[
        "item 1 of 7: i1, Ana, email, en",
        "    Where is my parcel?",
        "draft version 1, to Ana",
        "    it is on its way.",
        "    Written with AI, checked by a person.",
        "1 i1, Ana, neutral",
        "7 i7, Gus",
        "i1, Ana, approved: signed, leaves in",
        "item 1 of 6: i2, Ben",
        "      2  hello.",
        "taken out",
        "    hello.",
        "put in",
        "    your parcel is here.",
        "    Bye",
        "this would leave, to Ben",
        "i2, Ben, edited: signed",
        "the AI is silent in this conversation now",
        "this would leave, to Cy",
        "    I am Anna.\n\n    I look after you.",
        "i3, Cy, taken over: signed",
        "no draft: this customer does not want AI; `reply` writes to Di",
        "i4, Di, replied: signed",
        "closed: thanks",
        "snoozed until",
        "i7, Gus, approved: signed",
        "taken back: the reply to Gus; it waits for you again",
        "note written",
        "1 i4, Di, replied: signed",
        "4 i1, Ana, approved: signed",
        "1 i7, Gus",
    ]);
    assert!(!ran.out.contains("SECRET"), "P7");
    let replies = desk.replies();
    let begins = |n: usize, item: &str, text: &str| {
        assert!(replies[n].0 == item && replies[n].1.starts_with(text), "{replies:?}");
    };
    assert_eq!(replies.len(), 4);
    begins(0, "i1", "Dear Ana,\nit is on its way.\n\nWritten with AI, checked by a person.");
    begins(1, "i2", "Dear Ben,\nyour parcel is here.\nBye\n\nWritten with AI, checked and changed");
    begins(2, "i3", "I am Anna.\n\nI look after you.\n\nWritten by a person.");
    begins(3, "i4", "My own words.\n\nWritten by a person.");
    assert!(desk.verify().starts_with("L2"));
}

#[test]
fn a_script_ends_at_the_first_line_that_cannot_be_done() {
    for (script, code, says) in [
        ("approve\n", 4, "line 1: not taken: a script names the item it means, `approve i1`"),
        ("next\napprove i1\n", 4, "line 2: not taken: i2 is open"),
        ("aprove i1\nclose spam\n", 1, "did you mean `approve`?"),
        ("app i1\n", 1, "a verdict is written out"),
        ("reply\nclose spam\n", 4, "line 1: there is a draft"),
        ("next 3\napprove i4\n", 4, "no draft to approve"),
        ("close for good\n", 1, "`for good` is no answer to `close`"),
        ("edit\n~zap\n.\n", 1, "line 2: no such `~` command"),
        ("edit\n~c\n.\nsign i1\n", 4, "there is no text to sign"),
        ("edit external\n", 4, "an editor needs a terminal"),
        ("open i99\n", 4, "no such item waits here"),
        ("7\n", 1, "`list` prints the queue"),
        ("undo\napprove i1\n", 0, ""),
    ] {
        let desk = sample();
        let ran = desk.script(script);
        assert_eq!(ran.code, Some(code), "{script}\n{}{}", ran.out, ran.err);
        assert!(ran.err.contains(says), "{script}\n{}", ran.err);
        assert!(code == 0 || ran.err.contains("nothing after it was read"));
        assert!(!ran.out.contains("closed:"), "{script}\n{}", ran.out);
    }
}

#[test]
fn an_item_is_found_given_away_and_brought_back() {
    let desk = sample();
    let ran = desk.script("find Cy\ntransfer ben please call her\nundo\nfind\n3\nclose\nsp\ndecisions\nme\n");
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    ran.says(&[
        "1 i3, Cy, ",
        "given to ben",
        "Cy: opening it again",
        "3 i3, Cy",
        "Close without a reply",
        "2 spam",
        "closed: spam",
        "you have not decided anything yet",
        "decisions: 0",
        "looked at by: nobody but you",
    ]);
}

#[test]
fn a_check_that_blocks_asks_by_number() {
    let desk = Desk::with(&[item(1, "Ana", "Hi", "Dear {{name}}")]);
    let ran = desk.script("approve i1\n1\n");
    ran.says(&["check blocks: placeholder left: {{name}}", "1 cancel", "2 sign it all the same"]);
    assert_eq!((ran.code, desk.replies().len()), (Some(0), 0));
    let ran = desk.script("approve i1\n2\nquit send\n");
    assert_eq!((ran.code, desk.replies().len()), (Some(0), 1), "{}{}", ran.out, ran.err);
}

#[test]
fn p2_a_verdict_on_what_changed_since_it_was_printed_is_refused_and_the_change_printed() {
    let before = item(1, "Ana", "Where is it?", "Dear Ana");
    let desk = Desk::with(std::slice::from_ref(&before));
    let mut live = desk.live();
    live.hear("closes with");
    let mut after = before;
    let more = json!({"id": "m2", "from": "customer", "at": "2026-01-01T09:30:00Z", "text": "I found it."});
    after["conversation"]["messages"].as_array_mut().unwrap().push(more);
    desk.import(&[after]);
    live.hear("this item has changed; `show` prints it");
    live.say("approve i1");
    let ran = live.end();
    ran.says(&["has changed", "    I found it.", "not taken: this had changed since it was printed"]);
    assert_eq!((ran.code, desk.replies().len()), (Some(4), 0), "{}{}", ran.out, ran.err);
    // Printed by then, it counts.
    assert_eq!(desk.script("approve i1\nquit send\n").code, Some(0));
    assert_eq!(desk.replies().len(), 1);
}

#[test]
fn p2_a_newer_draft_is_offered_and_printed_before_it_can_be_signed() {
    let desk = Desk::with(&[item(1, "Ana", "Where is it?", "Dear Ana")]);
    let mut live = desk.live();
    live.hear("closes with");
    let mut newer = item(1, "Ana", "Where is it?", "Dearest Ana");
    newer["draft"]["version"] = json!(2);
    desk.import(&[newer]);
    live.hear("a newer draft has come in; `accept new draft` shows it");
    live.say("accept new draft");
    live.hear("draft version 2");
    live.hear("    Dearest Ana");
    live.say("approve i1");
    live.say("quit send");
    let ran = live.end();
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert!(desk.replies()[0].1.starts_with("Dearest Ana"));
}

#[test]
fn p2_a_message_that_comes_while_one_writes_is_printed_and_asks_for_the_signature_again() {
    let before = item(1, "Ana", "Where is it?", "Dear Ana");
    let desk = Desk::with(std::slice::from_ref(&before));
    let mut live = desk.live();
    live.say("edit");
    live.say("Bye");
    live.say(".");
    live.hear("`sign i1` sends it");
    let mut after = before;
    let more = json!({"id": "m2", "from": "customer", "at": "2026-01-01T09:30:00Z", "text": "I found it."});
    after["conversation"]["messages"].as_array_mut().unwrap().push(more);
    desk.import(&[after]);
    live.hear("    I found it.");
    live.say("sign i1");
    let ran = live.end();
    ran.says(&["I found it.", "a new message has come in; read it, then sign again"]);
    assert_eq!((ran.code, desk.replies().len()), (Some(4), 0), "{}{}", ran.out, ran.err);
    let ran = desk.script("edit\n.\nsign i1\nquit send\n");
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    assert!(desk.replies()[0].1.starts_with("Dear Ana\nBye\n"));
}

#[test]
fn p9_the_end_of_the_input_and_a_kill_keep_what_was_written() {
    let desk = sample();
    let ran = desk.script("edit\n~c\nHalf a\nreply");
    assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
    let ran = desk.script("edit\n");
    ran.says(&["is kept for this item", "      1  Half a", "      2  reply"]);
    // A script that stops at a fault, too.
    desk.script("edit\nmore\n~nonsense\n");
    let mut live = desk.live();
    live.say("edit");
    live.hear("      3  more");
    live.say("and more");
    // Text is saved within the second; the rest is room for a busy machine.
    std::thread::sleep(Duration::from_millis(2_500));
    live.child.kill().unwrap();
    live.end();
    desk.script("edit\n").says(&["is kept for this item", "      3  more", "      4  and more"]);
}

#[test]
fn p1_a_log_that_cannot_be_written_sends_nothing_keeps_the_text_and_ends_with_5() {
    let desk = sample();
    assert_eq!(desk.script("approve i1\nquit send\n").code, Some(0));
    let log = desk.data().join("log").join("current.jsonl");
    let mut bytes = std::fs::read(&log).unwrap();
    let at = bytes.len() - 100;
    bytes[at] ^= 1;
    std::fs::write(std::fs::canonicalize(&log).unwrap(), bytes).unwrap();
    let ran = desk.script("edit\nBye\n.\nsign i2\napprove i3\n");
    assert_eq!(ran.code, Some(5), "{}{}", ran.out, ran.err);
    ran.says(&["log closed: ", "this would leave", "nothing can be signed"]);
    assert_eq!(desk.replies().len(), 1);
    desk.script("show\n").says(&["is kept for this item"]);
}

#[test]
fn p6_hostile_text_stays_inert_wherever_it_is_printed() {
    let evil = "x\u{1b}[2J\u{1b}]0;t\u{7}\r\n1 i9, signed\u{9b}31m\u{2028}signed: i1\u{202e}\u{200b}\u{e0041}\u{8}\t\u{7f}e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}";
    let mut hostile = item(1, evil, evil, evil);
    let conversation = &mut hostile["conversation"];
    conversation["subject"] = json!(evil);
    conversation["language"] = json!(evil);
    conversation["customer"]["tier"] = json!(evil);
    conversation["customer"]["preferences"] = json!(evil);
    conversation["messages"][0]["name"] = json!(evil);
    conversation["messages"][0]["cc"] = json!([evil]);
    conversation["messages"][0]["attachments"] = json!([{"name": evil, "type": evil, "bytes": 1}]);
    hostile["draft"]["rationale"] = json!(evil);
    hostile["draft"]["sources"] = json!([{"title": evil, "url": evil, "quote": evil}]);
    let desk = Desk::with(&[hostile, item(2, "Ben", "Hi", "Dear Ben")]);
    let ran = desk.script(&format!(
        "list\nshow all\nnote {0}\nshow all\npacket\napprove i1\n2\nheld\nundo\nedit\n{0}\n~p\n.\ncancel\nfind {0}\n",
        evil.replace(['\n', '\r'], " ")
    ));
    let all = format!("{}{}", ran.out, ran.err);
    assert!(!all.chars().any(|c| c.is_control() && c != '\n'), "{all:?}");
    assert!(!all.contains(['\u{202e}', '\u{2028}', '\u{200b}', '\u{e0041}']), "{all:?}");
    assert!(ran.out.contains("i1, "), "{all}");
    // Where foreign text begins a line, it stands off the margin: none of its lines passes for one of ours.
    let foreign = ["x\u{241b}", "1 i9", "signed", "e\u{301}", "t\u{2407}", "\u{241b}"];
    for line in ran.out.lines() {
        assert!(!foreign.iter().any(|f| line.starts_with(f)), "{line:?} passes for ours in\n{all}");
    }
}

#[test]
fn p10_output_that_nobody_reads_ends_the_run_and_keeps_the_text() {
    let desk = sample();
    let mut live = desk.live();
    live.say("edit");
    live.say("kept all the same");
    live.say("~p");
    live.hear("      3  kept all the same");
    let ran = live.end_deaf();
    assert!(ran.is_some_and(|code| code == 0), "{ran:?}");
    desk.script("edit\n").says(&["kept all the same"]);
}
