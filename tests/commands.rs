//! The program as it is typed at a shell: what stands on the screen, with which code it ends, what is in the files.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

#[path = "support/office.rs"]
mod office;

use countersign::desk::{Desk, Setup};
use countersign::queue::sqlite::system_clock;
use countersign::review::{Base, ItemId, Policy, Routing, SavedEdit};
use office::{Office, check};
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// A line of import: one message of Ana's in conversation `c-ID`, with a draft.
fn item(id: &str) -> Value {
    json!({
        "schema": "countersign.item/1", "id": id,
        "conversation": {
            "id": format!("c-{id}"), "channel": "email", "language": "en", "subject": "Third time!",
            "customer": {"id": format!("u-{id}"), "name": "Ana Ruiz"},
            "messages": [{"id": "m1", "from": "customer", "at": "2026-11-20T09:01:00Z", "text": "Where is my refund?"}]
        },
        "draft": {"id": "d1", "version": 1, "text": "Dear Ana, your refund left today.", "model": "m-1"}
    })
}

/// The same with a change.
fn changed(id: &str, change: impl FnOnce(&mut Value)) -> Value {
    let mut item = item(id);
    change(&mut item);
    item
}

fn lines(items: &[Value]) -> String {
    items.iter().map(|item| format!("{item}\n")).collect()
}

/// An office where these items wait.
fn office(items: &[Value]) -> Office {
    let office = Office::new();
    office.write("items.jsonl", lines(items));
    office.check("import items.jsonl", 0, &[&format!("items.jsonl: {} new", items.len())]);
    office
}

/// Another agent's desk in the same office.
fn desk_of(agent: &str, office: &Office) -> Desk {
    let setup = Setup { agent: agent.to_owned(), policy: Policy::default(), clock: system_clock() };
    Desk::open(&office.data(), setup).unwrap()
}

fn id(text: &str) -> ItemId {
    text.parse().unwrap()
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

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

/// The newest file of the log.
fn log_file(office: &Office) -> std::path::PathBuf {
    fs::canonicalize(office.data().join("log/current.jsonl")).unwrap()
}

#[test]
fn p1_without_a_log_nothing_leaves() {
    let office = office(&[item("i1"), item("i2")]);
    office.check(&format!("decide i1 --approve --seen {}", office.seen("i1")), 0, &[]);
    let log = log_file(&office);
    let whole = fs::read(&log).unwrap();
    let broken = String::from_utf8(whole.clone()).unwrap().replace("\"anna\"", "\"hans\"");
    fs::write(&log, broken).unwrap();
    let line = format!("decide i2 --approve --seen {}", office.seen("i2"));
    office.check(&line, 5, &["countersign: "]);
    assert_eq!(office.replies().len(), 1, "nothing leaves without its entry");
    fs::write(&log, whole).unwrap();
    office.check(&line, 0, &["i2: approve, sent"]);
    office.check("verify", 0, &["L1: "]);
}

#[test]
fn p1_a_log_that_cannot_be_written_refuses_and_sends_nothing() {
    let office = office(&[item("i1")]);
    let line = format!("decide i1 --approve --seen {}", office.seen("i1"));
    let log = office.data().join("log");
    fs::remove_dir_all(&log).unwrap();
    fs::write(&log, "a file where the folder was").unwrap();
    let shown = office.types(&line);
    check(&line, &shown, 5, &["countersign: ", "log"]);
    assert!(office.replies().is_empty());
    fs::remove_file(&log).unwrap();
    office.check(&line, 0, &["i1: approve, sent"]);
}

#[test]
fn tail_shows_the_last_lines_and_goes_on_as_the_log_grows() {
    let office = office(&[item("i1"), item("i2")]);
    fs::remove_dir_all(office.data().join("log")).unwrap();
    office.check("tail", 1, &["countersign: ", "log: there is no log yet; the first verdict makes it"]);
    office.check(&format!("decide i1 --approve --seen {}", office.seen("i1")), 0, &[]);
    let last = office.check("tail -n 2", 0, &[]).json();
    let kinds: Vec<&Value> = last.iter().map(|entry| &entry["type"]).collect();
    assert_eq!(kinds, ["outcome", "session"]);
    let mut live = office.command(&["tail", "-f", "-n", "1"]).spawn().unwrap();
    let mut lines = BufReader::new(live.stdout.take().unwrap()).lines();
    let mut next = || serde_json::from_str::<Value>(&lines.next().unwrap().unwrap()).unwrap();
    let mut seq = next()["seq"].as_u64().unwrap();
    office.check(&format!("decide i2 --approve --seen {}", office.seen("i2")), 0, &[]);
    let mut kinds = Vec::new();
    while kinds.last().is_none_or(|kind| kind != "outcome sent") {
        let entry = next();
        seq += 1;
        assert_eq!(entry["seq"], seq, "no line is left out");
        kinds.push(format!("{} {}", entry["type"].as_str().unwrap(), entry["what"].as_str().unwrap_or("")));
    }
    assert_eq!(kinds, ["session start", "decision ", "outcome settled", "outcome sent"]);
    live.kill().unwrap();
    live.wait().unwrap();
}

#[test]
fn verify_says_how_far_it_got_and_ends_with_the_code_of_the_worst() {
    let office = office(&[item("i1")]);
    office.check(&format!("decide i1 --approve --seen {}", office.seen("i1")), 0, &[]);
    let log = log_file(&office);
    let whole = fs::read_to_string(&log).unwrap();
    let torn = format!("{whole}{{\"v\":1,\"seq\"");
    let (cut, _) = whole.trim_end().rsplit_once('\n').unwrap();
    for (text, code, sees) in [
        (whole.clone(), 0, ["L1: the chain of 6 entries", "unanchored: the last 0 entries"]),
        (
            whole.replacen("approve", "edited_", 1),
            2,
            ["broken: the chain holds for the first 2 entries", "jsonl line 3 (byte "],
        ),
        (format!("{cut}\n"), 3, ["L0: the chain of 5 entries", "unanchored: "]),
        (torn, 6, ["L1: the chain of 6 entries", "unanchored: "]),
    ] {
        fs::write(&log, text).unwrap();
        office.check("verify", code, &sees);
        let told = office.check("verify --json", code, &[]).json();
        assert_eq!(told[0]["exit_code"], code);
        assert_eq!(told[0]["problem"].is_null(), code == 0);
    }
}

/// Every file below a folder that holds one of these words, which are ASCII.
fn holding(folder: &Path, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, words));
            continue;
        }
        // A store that is being closed takes its working files along.
        let Ok(bytes) = fs::read(&path) else { continue };
        for word in words {
            if bytes.windows(word.len()).any(|window| window == word.as_bytes()) {
                found.push(format!("{word} in {}", path.display()));
            }
        }
    }
    found
}

#[test]
fn forget_leaves_no_trace_of_the_text_in_any_file_and_the_log_whole() {
    const SECRETS: &[&str] = &[
        "Zarathustra",
        "MESSAGE-WORDS",
        "DRAFT-WORDS",
        "EDIT-WORDS",
        "NOTE-WORDS",
        "SAVED-WORDS",
        "SUBJECT-WORDS",
    ];
    let of = |id: &str| {
        changed(id, |i| {
            i["conversation"]["customer"] = json!({"id": "u1", "name": "Zarathustra"});
            i["conversation"]["subject"] = "SUBJECT-WORDS".into();
            i["conversation"]["messages"][0]["text"] = "MESSAGE-WORDS of mine".into();
            i["draft"]["text"] = "DRAFT-WORDS for you".into();
        })
    };
    let office = office(&[of("i1"), of("i2"), item("other")]);
    fs::remove_file(office.path("items.jsonl")).unwrap();
    office.write("edited", "EDIT-WORDS of the agent");
    office.check(&format!("decide i1 --edit edited --seen {}", office.seen("i1")), 0, &["i1: edit, sent"]);
    let ben = desk_of("ben", &office);
    let edit = SavedEdit {
        item: id("i2"),
        base: Base::Draft { id: "d1".parse().unwrap(), version: 1, text: "DRAFT-WORDS for you".to_owned() },
        text: "SAVED-WORDS, half written".to_owned(),
        caret: 0,
        at: ben.now(),
    };
    wait(ben.save_edit("u1".to_owned(), edit)).unwrap();
    wait(ben.route(id("i2"), Routing::Note { text: "NOTE-WORDS about them".to_owned() })).unwrap().unwrap();
    let before = holding(&office.data(), SECRETS);
    for word in SECRETS {
        assert!(
            before.iter().any(|found| found.starts_with(word)),
            "{word} was never there: the test proves nothing"
        );
    }
    office.check(
        "forget --customer u1",
        1,
        &["this destroys every text of u1", "cannot be undone; say --yes to do it"],
    );
    assert_eq!(holding(&office.data(), SECRETS), before, "without --yes nothing is destroyed");
    office.check("forget --customer u1 --yes", 0, &["u1: forgotten: 2 items, 1 decisions", "backups"]);
    assert_eq!(holding(&office.data(), SECRETS), [""; 0], "while another console is open");
    drop(ben);
    assert_eq!(holding(&office.data(), SECRETS), [""; 0]);
    office.check("verify", 0, &["L1: "]);
    assert_eq!(office.entries("erasure").len(), 1);
    office.check("show i2", 1, &["there is no such item, or its text is gone"]);
    office.check("show other", 0, &["Where is my refund?"]);
    assert_eq!(office.replies().len(), 1, "the id stays, so that nothing is sent twice");
}

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
