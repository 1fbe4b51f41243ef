//! `decide`, and the customer's word: every verdict, every refusal.

use super::{changed, desk_of, id, item, lines, office, wait};
use crate::office::check;
use serde_json::{Value, json};

#[test]
fn p1_approve_sends_the_draft_and_the_log_says_so() {
    let office = office(&[item("i1")]);
    let line = format!("decide i1 --approve --seen {}", office.seen("i1"));
    office.check(&line, 0, &["i1: approve, sent; entry 3 of the log, decision "]);
    let replies = office.replies();
    assert_eq!(replies.len(), 1);
    assert_eq!((&replies[0]["schema"], &replies[0]["item"]), (&json!("countersign.reply/1"), &json!("i1")));
    assert!(replies[0]["text"].as_str().unwrap().starts_with("Dear Ana, your refund left today."));
    let decision = &office.entries("decision")[0];
    assert_eq!((&decision["verdict"], &decision["agent"]), (&json!("approve"), &json!("anna")));
    assert_eq!((&decision["id"], &decision["edit_distance"]), (&replies[0]["id"], &json!(0)));
    let outcomes: Vec<Value> = office.entries("outcome").iter().map(|o| o["what"].clone()).collect();
    assert_eq!(outcomes, ["settled", "sent"]);
    office.check("verify", 0, &["L1: "]);
}

#[test]
fn an_edit_sends_the_file_and_one_that_changes_nothing_is_an_approval() {
    let office = office(&[item("i1"), item("i2")]);
    office.write("text", "Dear Ana, it left on Monday.");
    office.check(&format!("decide i1 --edit text --seen {}", office.seen("i1")), 0, &["i1: edit, sent"]);
    office.write("same", "Dear Ana, your refund left today.");
    office.check(&format!("decide i2 --edit same --seen {}", office.seen("i2")), 0, &["i2: approve, sent"]);
    assert!(office.replies()[0]["text"].as_str().unwrap().starts_with("Dear Ana, it left on Monday."));
    let verdicts: Vec<Value> = office.entries("decision").iter().map(|d| d["verdict"].clone()).collect();
    assert_eq!(verdicts, ["edit", "approve"]);
}

#[test]
fn a_text_may_come_from_the_standard_input_and_the_answer_as_json() {
    let office = office(&[item("i1")]);
    let line = format!("decide i1 --edit - --json --seen {}", office.seen("i1"));
    let shown = office.run(&line.split(' ').collect::<Vec<_>>(), b"My own words.");
    check(&line, &shown, 0, &[]);
    let told = &shown.json()[0];
    assert_eq!(
        (&told["item"], &told["verdict"], &told["outcome"]),
        (&json!("i1"), &json!("edit"), &json!("sent"))
    );
    assert_eq!((&told["seq"], &told["decision"]), (&json!(3), &office.replies()[0]["id"]));
}

#[test]
fn p5_after_a_take_over_the_ai_is_silent() {
    let office = office(&[item("i1")]);
    office.write("own", "Anna here. I take care of this myself.");
    office.check(
        &format!("decide i1 --take-over own --seen {}", office.seen("i1")),
        0,
        &["i1: take_over, sent"],
    );
    let again = changed("i1", |i| {
        let more = json!({"id": "m2", "from": "customer", "at": "2026-11-20T09:09:00Z", "text": "Thank you! And when?"});
        i["conversation"]["messages"].as_array_mut().unwrap().push(more);
        i["draft"] = json!({"id": "d1", "version": 2, "text": "AI AGAIN"});
    });
    office.write("again.jsonl", lines(&[again]));
    office.check("import again.jsonl", 0, &["1 superseded"]);
    let shown = office.check(
        "show i1",
        0,
        &["no draft: a person owns this conversation", "silenced: AI draft d1 v2"],
    );
    assert!(!shown.screen().contains("AI AGAIN"));
    let seen = office.seen("i1");
    office.check(&format!("decide i1 --approve --seen {seen}"), 4, &["there is no draft; use --reply FILE"]);
    office.check(&format!("decide i1 --reply own --seen {seen}"), 0, &["i1: reply, sent"]);
    assert!(office.replies().iter().all(|reply| !reply["text"].as_str().unwrap().contains("AI AGAIN")));
}

#[test]
fn p2_what_has_changed_since_it_was_seen_is_not_signed() {
    let office = office(&[item("i1")]);
    let seen = office.seen("i1");
    for (change, told) in [
        (
            changed("i1", |i| i["draft"] = json!({"id": "d1", "version": 2, "text": "New."})),
            "countersign: i1: the draft has changed; run `countersign show i1 --json` again",
        ),
        (
            changed("i1", |i| {
                i["draft"] = json!({"id": "d1", "version": 2, "text": "New."});
                let more = json!({"id": "m2", "from": "customer", "text": "Stop, I found it."});
                i["conversation"]["messages"].as_array_mut().unwrap().push(more);
            }),
            "countersign: i1: a new message has come in; run `countersign show i1 --json` again",
        ),
    ] {
        office.write("newer.jsonl", lines(&[change]));
        office.check("import newer.jsonl", 0, &["1 superseded"]);
        office.check(&format!("decide i1 --approve --seen {seen}"), 4, &[told]);
    }
    for token in ["nonsense", "d1/1/m1", "d1/1/m1/0123"] {
        office.check(
            &format!("decide i1 --approve --seen {token}"),
            1,
            &["--seen: is no token of `countersign show`"],
        );
    }
    let token = "d1/2/m2/0123456789abcdef";
    office.check(&format!("decide i1 --approve --seen {token}"), 4, &["the recipients have changed"]);
    assert!(office.replies().is_empty());
}

#[test]
fn p3_a_decided_item_and_one_that_somebody_holds_are_refused_by_name() {
    let office = office(&[item("i1"), item("i2")]);
    let line = format!("--agent ben decide i1 --approve --seen {}", office.seen("i1"));
    office.check(&line, 0, &["i1: approve, sent"]);
    office.check(
        &line.replace("ben", "anna"),
        4,
        &["countersign: i1: ben decided this draft at ", "your text is kept"],
    );
    let cleo = desk_of("cleo", &office);
    wait(cleo.claim(id("i2"), false)).unwrap().unwrap();
    let line = format!("decide i2 --approve --seen {}", office.seen("i2"));
    office.check(&line, 4, &["countersign: i2: cleo holds this item until "]);
    office.check("list", 0, &["i2", "cleo has it"]);
    drop(cleo);
    assert_eq!(office.replies().len(), 1);
}

#[test]
fn p7_a_customers_no_is_kept_from_the_item_and_from_the_command() {
    let said_no = changed("i1", |i| i["conversation"]["customer"]["ai_consent"] = false.into());
    let office = office(&[said_no, item("i2")]);
    office.check("consent --customer u-i2 no", 0, &["u-i2: no AI text is shown or sent to them\n"]);
    office.write("own", "Dear Ana, I looked it up myself.");
    for item in ["i1", "i2"] {
        let shown = office.check(&format!("show {item}"), 0, &["no draft: the customer does not want AI"]);
        assert!(!shown.screen().contains("Dear Ana, your refund"));
        assert!(!office.types(&format!("show {item} --json")).screen().contains("Dear Ana, your refund"));
        let seen = office.seen(item);
        office.check(
            &format!("decide {item} --approve --seen {seen}"),
            4,
            &["there is no draft; use --reply FILE"],
        );
        office.check(&format!("decide {item} --edit own --seen {seen}"), 4, &["there is no draft"]);
        office.check(&format!("decide {item} --reply own --seen {seen}"), 0, &["reply, sent"]);
    }
    assert_eq!(office.entries("consent").len(), 1);
    office.check("consent --customer u-i2 yes", 0, &["u-i2: AI may draft for them\n"]);
    office.check("consent --customer u-i2 unknown", 0, &["u-i2: policy decides\n"]);
    office.check("consent --customer u-i2 perhaps", 1, &["invalid value 'perhaps'"]);
    office.check("verify", 0, &["L1: "]);
}

#[test]
fn a_blocking_check_stops_an_approval_until_it_is_overridden() {
    let gap = changed("i1", |i| i["draft"]["text"] = "Dear {{name}}, it left.".into());
    let hidden = changed("i2", |i| i["draft"]["text"] = "Dear\u{200b} Ana.".into());
    let office = office(&[gap, hidden]);
    let (gap, hidden) = (office.seen("i1"), office.seen("i2"));
    office.check(
        &format!("decide i1 --approve --seen {gap}"),
        4,
        &["i1: placeholder left: {{name}}; use --edit FILE"],
    );
    office.check(
        &format!("decide i2 --approve --seen {hidden}"),
        4,
        &["i2: 1 hidden character; use --edit FILE"],
    );
    office.write("whole", "Dear Ana, it left.");
    office.check(&format!("decide i1 --edit whole --seen {gap}"), 0, &["i1: edit, sent"]);
    office.check(
        &format!("decide i2 --approve --override-checks --seen {hidden}"),
        0,
        &["i2: approve, sent"],
    );
    let overridden: Vec<Value> =
        office.entries("decision").iter().map(|d| d["checks_overridden"].clone()).collect();
    assert_eq!(overridden, [0, 1]);
}

#[test]
fn a_blocking_check_stops_a_persons_text_as_well() {
    let bare = changed("i3", |i| drop(i.as_object_mut().unwrap().remove("draft")));
    let office = office(&[item("i1"), item("i2"), bare]);
    office.write("gap", "Dear {{name}}, it left.");
    office.write("hidden", "Dear\u{202e} Ana.");
    for (how, told) in [
        ("i1 --edit gap", "i1: placeholder left: {{name}}; change the file, or --override-checks"),
        ("i2 --take-over hidden", "i2: 1 hidden character; change the file"),
        ("i3 --reply gap", "i3: placeholder left: {{name}}; change the file"),
    ] {
        let seen = office.seen(&how[..2]);
        office.check(&format!("decide {how} --seen {seen}"), 4, &[told]);
    }
    assert_eq!((office.replies().len(), office.entries("decision").len()), (0, 0));
    let seen = office.seen("i1");
    office.check(&format!("decide i1 --edit gap --override-checks --seen {seen}"), 0, &["i1: edit, sent"]);
    assert_eq!(office.entries("decision")[0]["checks_overridden"], 1);
}

#[test]
fn p10_a_verdict_that_cannot_be_meant_is_a_usage_error() {
    let office = office(&[item("i1")]);
    let seen = office.seen("i1");
    office.write("empty", " \n");
    office.write("long", "x".repeat(200_001));
    office.write("latin", b"caf\xe9");
    for (line, told) in [
        ("--edit empty", "countersign: empty: is empty; write the reply into it"),
        ("--edit long", "countersign: long: is longer than 200000 characters"),
        ("--edit latin", "countersign: latin: cannot be read"),
        ("--edit nowhere", "countersign: nowhere: cannot be read (No such file"),
        ("--approve --edit empty", "cannot be used with"),
        ("", "--approve|--edit <FILE>|--take-over <FILE>|--reply <FILE>"),
    ] {
        office.check(&format!("decide i1 {line} --seen {seen}"), 1, &[told]);
    }
    office.check("decide i1 --approve", 1, &["--seen <TOKEN>"]);
    office.check(&format!("decide nobody --approve --seen {seen}"), 1, &["nobody: there is no such item"]);
    office.write("own", "My own words.");
    office.check(
        &format!("decide i1 --reply own --seen {seen}"),
        4,
        &["i1: there is a draft; use --edit FILE"],
    );
    assert!(office.replies().is_empty());
}
