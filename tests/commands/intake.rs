//! Items in, and what there is to see: `import`, `list`, `show`.

use super::{changed, item, lines, office};
use crate::office::{Office, check};
use serde_json::{Value, json};

#[test]
fn import_takes_good_lines_and_says_what_it_did() {
    let office = Office::new();
    office.write("a.jsonl", lines(&[item("i1"), item("i2")]));
    office.check("import a.jsonl", 0, &["a.jsonl: 2 new, 0 superseded, 0 unchanged, 0 refused\n"]);
    office.check("import a.jsonl", 0, &["a.jsonl: 0 new, 0 superseded, 2 unchanged, 0 refused\n"]);
    let better = changed("i1", |i| i["draft"] = json!({"id": "d1", "version": 2, "text": "Better."}));
    office.write("b.jsonl", lines(&[better, item("i3")]));
    office.check("import b.jsonl", 0, &["b.jsonl: 1 new, 1 superseded, 0 unchanged, 0 refused\n"]);
    office.check(
        "import a.jsonl b.jsonl",
        3,
        &[
            "a.jsonl: 0 new, 0 superseded, 1 unchanged, 1 refused\n",
            "b.jsonl: 0 new, 0 superseded, 2 unchanged, 0 refused\n",
            "a.jsonl:1: draft.version: is older than what the queue holds",
        ],
    );
    let other = changed("i2", |i| i["draft"]["text"] = "Another text.".into());
    office.write("c.jsonl", lines(&[other]));
    office.check("import c.jsonl", 3, &["c.jsonl:1: draft.text: contradicts what the queue holds"]);
}

#[test]
fn p10_each_bad_line_is_refused_by_file_line_field_and_reason_and_the_good_ones_go_in() {
    let office = Office::new();
    let long = "x".repeat(200_001);
    let cases: &[(Value, &str)] = &[
        (json!("text"), "line: is not a JSON object"),
        (json!({"id": "x"}), "schema: is missing; must be \"countersign.item/1\""),
        (
            changed("x", |i| i["schema"] = "countersign.item/9".into()),
            "schema: must be \"countersign.item/1\"",
        ),
        (changed("x", |i| i["id"] = "two words".into()), "id: an id has 1 to 128 characters"),
        (changed("x", |i| drop(i.as_object_mut().unwrap().remove("id"))), "id: is missing"),
        (
            changed("x", |i| i["conversation"]["messages"] = json!([])),
            "conversation.messages: holds no message from",
        ),
        (
            changed("x", |i| i["conversation"]["messages"][0]["from"] = "SECRET".into()),
            "conversation.messages[0].from: unknown variant, expected one of",
        ),
        (
            changed("x", |i| i["conversation"]["messages"][0]["at"] = "SECRET".into()),
            "conversation.messages[0].at: is not an RFC 3339 time",
        ),
        (
            changed("x", |i| i["conversation"]["messages"][0]["text"] = long.as_str().into()),
            "conversation.messages[0].text: is longer than 200000 characters",
        ),
        (changed("x", |i| i["draft"]["version"] = 0.into()), "draft.version: must be 1 or more"),
        (
            changed("x", |i| i["draft"]["version"] = "SECRET".into()),
            "draft.version: invalid type: string, expected",
        ),
        (
            changed("x", |i| i["draft"]["in_reply_to"] = "m9".into()),
            "draft.in_reply_to: names no message of this",
        ),
        (changed("x", |i| i["emotion"] = "SECRET".into()), "emotion.label: "),
        (changed("x", |i| i["due_at"] = 7.into()), "due_at: "),
        (changed("x", |i| i["priority"] = "SECRET".into()), "priority: invalid type: string, expected i32"),
    ];
    let mut bytes = format!("{}\n", item("first")).into_bytes();
    for (line, _) in cases {
        bytes.extend(format!("{line}\n").bytes());
    }
    bytes.extend(b"{\"schema\":\"\xff\"}\n");
    bytes.extend("y".repeat((1 << 20) + 1).bytes());
    bytes.extend(format!("\n\n{}", item("last")).bytes());
    office.write("mixed.jsonl", bytes);
    let told: Vec<String> =
        cases.iter().enumerate().map(|(n, (_, told))| format!("mixed.jsonl:{}: {told}", n + 2)).collect();
    let mut sees: Vec<&str> = vec!["mixed.jsonl: 2 new, 0 superseded, 0 unchanged, 17 refused\n"];
    sees.extend(told.iter().map(String::as_str));
    sees.push("mixed.jsonl:17: line: is not UTF-8 at byte 12\n");
    sees.push("mixed.jsonl:18: line: is longer than 1048576 bytes\n");
    let shown = office.check("import mixed.jsonl", 3, &sees);
    assert!(!shown.screen().contains("SECRET"), "a refusal repeats what the line held: {}", shown.screen());
    office.check("list", 0, &["first", "last"]);
}

#[test]
fn p10_a_name_that_is_no_file_stops_before_anything_is_stored() {
    let office = Office::new();
    office.write("good.jsonl", lines(&[item("i1")]));
    office.write("folder/x.jsonl", "");
    for (line, told) in [
        ("import good.jsonl nowhere.jsonl", "countersign: nowhere.jsonl: cannot be read (No such file"),
        (
            "import good.jsonl folder",
            "countersign: folder: is a folder; name its files, for instance folder/*.jsonl\n",
        ),
        ("import", "<FILE>..."),
    ] {
        office.check(line, 1, &[told]);
    }
    office.check("list", 0, &["nothing is waiting; `countersign import FILE` brings items in\n"]);
}

#[test]
fn import_reads_the_standard_input() {
    let office = Office::new();
    let input = format!("{}\nnonsense\n", item("i1"));
    let shown = office.run(&["import", "-"], input.as_bytes());
    check(
        "import -",
        &shown,
        3,
        &["standard input: 1 new", "1 refused\n", "standard input:2: line: is not a JSON"],
    );
}

#[test]
fn import_tells_programs_one_object_a_line() {
    let office = Office::new();
    office.write("m.jsonl", format!("{}\nnonsense\n", item("i1")));
    let told = office.check("import m.jsonl --json", 3, &[]).json();
    assert_eq!(told.len(), 2);
    let refused = &told[0]["refused"];
    assert_eq!(
        (&refused["file"], &refused["line"], &refused["field"]),
        (&json!("m.jsonl"), &json!(2), &json!("line"))
    );
    assert!(refused["reason"].as_str().unwrap().starts_with("is not a JSON object"));
    let counts = json!({"file": "m.jsonl", "new": 1, "superseded": 0, "unchanged": 0, "refused": 1});
    assert_eq!(told[1], counts);
}

#[test]
fn list_shows_who_waits_in_order_and_why() {
    let calm = changed("calm", |i| i["conversation"]["customer"]["name"] = "Ben".into());
    let angry = changed("angry", |i| i["emotion"] = json!({"label": "anger", "intensity": 0.9}));
    let person = changed("person", |i| i["emotion"] = json!({"label": "neutral", "asks_person": true}));
    let office = office(&[calm, angry, person]);
    office.check(
        "list",
        0,
        &["person ", "asks for a person", "angry ", "anger", "needs care", "calm ", "Ben"],
    );
    office.check("list ben", 0, &["calm "]);
    office.check("list nobody-of-this-name", 0, &["nothing matches\n"]);
    let shown = office.check("list -n 1 --json", 0, &[]);
    assert_eq!(shown.json().len(), 1);
    let row = &shown.json()[0];
    for key in ["id", "conversation", "customer", "preview", "channel", "state", "draft", "why", "unanswered"]
    {
        assert!(!row[key].is_null(), "{key} is missing in {row}");
    }
    assert_eq!(
        (&row["id"], &row["state"], &row["draft"]),
        (&json!("person"), &json!("open"), &json!("ready"))
    );
}

#[test]
fn list_all_also_shows_what_is_done() {
    let office = office(&[item("i1"), item("i2")]);
    office.check(&format!("decide i1 --approve --seen {}", office.seen("i1")), 0, &[]);
    let shown = office.check("list", 0, &["i2"]);
    assert!(!shown.screen().contains("i1 "));
    office.check("list --all i1", 0, &["i1", "decided"]);
}

#[test]
fn show_says_all_there_is_to_see() {
    let full = changed("i1", |i| {
        i["emotion"] = json!({"label": "anger", "intensity": 0.83});
        i["draft"]["sources"] = json!([{"title": "Refund policy"}]);
        i["conversation"]["messages"][0]["attachments"] = json!([{"name": "bill.pdf", "bytes": 48213}]);
    });
    let office = office(&[full]);
    office.check(
        "show i1",
        0,
        &[
            "i1  Ana Ruiz  email",
            "subject: Third time!",
            "to: Ana Ruiz",
            "customer  2026-11-20T09:01:00.000Z\n    Where is my refund?\n    [bill.pdf, 48213 bytes]",
            "emotion: anger, intensity 0.83 (brought by the item)",
            "draft d1 v1\n    Dear Ana, your refund left today.\n    source: Refund policy",
            "no hidden characters",
        ],
    );
    let open = &office.check("show i1 --json", 0, &[]).json()[0];
    assert_eq!(open["item"]["draft"]["text"], "Dear Ana, your refund left today.");
    assert!(open["seen"].as_str().unwrap().starts_with("d1/1/m1/"));
    office.check("show nobody", 1, &["countersign: nobody: there is no such item", "list --all"]);
    office.check("show not/an/id", 1, &["countersign: ITEM: an id has 1 to 128 characters"]);
}
