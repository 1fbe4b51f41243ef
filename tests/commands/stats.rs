//! `stats`, `report` and `explain` at the shell: what is counted, for whom, and in which form.

use super::{changed, desk_of, id, item, office, real_log, wait};
use crate::office::{Office, check};
use countersign::review::{Emotion, Routing};
use serde_json::{Value, json};

/// An office with a log of a thousand decisions by twelve agents.
fn busy() -> Office {
    let office = Office::new();
    real_log::write(&office.data().join("log"), 3_000);
    office
}

fn rows(office: &Office, line: &str, table: &str) -> Vec<Value> {
    let rows = office.check(&format!("{line} --json"), 0, &[]).json();
    rows.into_iter().filter(|row| row["table"] == table).collect()
}

fn count(row: &Value, key: &str) -> u64 {
    row[key]["count"].as_u64().unwrap()
}

#[test]
fn figures_are_told_in_shares_with_intervals_and_times() {
    let office = busy();
    let all = &rows(&office, "stats", "decisions")[0];
    // A jq of the same question is the judge.
    let entries = office.check("tail -n 5000 --json", 0, &[]).json();
    let undone: Vec<&Value> =
        entries.iter().filter(|e| e["what"] == "undone").map(|e| &e["decision"]).collect();
    let stands = |e: &&Value| e["type"] == "decision" && !undone.contains(&&e["id"]);
    let standing: Vec<&Value> = entries.iter().filter(stands).collect();
    assert!(!undone.is_empty() && standing.len() > 900);
    assert_eq!(all["decisions"], standing.len());
    assert_eq!((count(all, "undone"), &all["undone"]["of"]), (undone.len() as u64, &json!(1_000)));
    for verdict in ["approve", "edit", "take_over", "reply"] {
        let of = standing.iter().filter(|e| e["verdict"] == verdict).count();
        assert_eq!(all[verdict]["count"], of, "{verdict}");
    }
    let p = all["approve"]["share"].as_f64().unwrap();
    let (low, high) = (all["approve"]["low"].as_f64().unwrap(), all["approve"]["high"].as_f64().unwrap());
    assert!(low < p && p < high && high - low < 0.07, "{all}");
    let by_emotion = rows(&office, "stats --by emotion", "decisions");
    let sum: u64 = by_emotion.iter().map(|row| row["decisions"].as_u64().unwrap()).sum();
    assert_eq!(sum, standing.len() as u64);
    // A person's word counts before the recogniser's.
    let worried = |e: &&&Value| {
        e["emotion_corrected"] == "worry" || e["emotion"] == "worry" && e["emotion_corrected"].is_null()
    };
    let worry = by_emotion.iter().find(|row| row["emotion"] == "worry").unwrap();
    assert_eq!(worry["decisions"], standing.iter().filter(worried).count());
    let mut active: Vec<i64> = standing.iter().map(|e| e["active_ms"].as_i64().unwrap()).collect();
    active.sort_unstable();
    let times = &rows(&office, "stats", "times")[0]["active"];
    assert_eq!(
        (&times["p50_ms"], &times["n"]),
        (&json!(active[active.len().div_ceil(2) - 1]), &json!(active.len()))
    );
    office.check(
        "stats --by emotion,verdict",
        0,
        &["Decisions by emotion and verdict", "emotion", "verdict", "anger", "approve", "customer waited"],
    );
    let csv = office.check(
        "stats --by lang --csv",
        0,
        &["table,group,figure,part,value\r\n", "decisions,en,approve,share,0."],
    );
    assert!(csv.screen().lines().all(|line| line.split(',').count() == 5));
    office.check("stats --by colour", 1, &["colour", "is none of emotion, verdict"]);
    office.check("stats --by emotion,verdict,lang", 1, &["one or two"]);
    office.check("stats --since 2026-03-02 --until 2026-03-01", 1, &["--until must be later than --since"]);
    office.check("stats --since soon", 1, &["--since soon: is no moment"]);
    office.check("--data nowhere stats", 1, &["there is no log yet"]);
}

#[test]
fn with_a_beginning_the_period_before_stands_beside() {
    let office = Office::new();
    // Eight appends, six hours apart from 2026-01-01 on.
    real_log::write(&office.data().join("log"), 24_000);
    office.check("stats --since 2026-01-02", 0, &["Against the same length of time before", "now", "before"]);
    let until = "stats --since 2026-01-02T00:00:00Z --until 2026-01-03T00:00:00Z";
    let changes = rows(&office, until, "changes");
    let approve = changes.iter().find(|row| row["share"] == "approve").unwrap();
    assert_eq!(approve["now"]["of"], rows(&office, until, "decisions")[0]["decisions"]);
    let before = "stats --since 2026-01-01T00:00:00Z --until 2026-01-02T00:00:00Z";
    assert_eq!(approve["before"]["of"], rows(&office, before, "decisions")[0]["decisions"]);
    let days = rows(&office, "stats --by day", "decisions");
    let days: Vec<_> = days.iter().map(|row| row["day"].as_str().unwrap()).collect();
    assert_eq!(days, ["2026-01-01", "2026-01-02"]);
    office.check("stats --since 2027-01-01", 0, &["no decision in this time"]);
}

#[test]
fn nobody_sees_figures_about_one_other_person_unless_the_policy_names_a_purpose_and_then_they_are_told() {
    let office = busy();
    let agents = |office: &Office, who: &str| -> Vec<String> {
        let rows = rows(office, &format!("--agent {who} stats --by agent"), "decisions");
        rows.iter().map(|row| row["agent"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(agents(&office, "ben"), ["all others", "ben"]);
    assert_eq!(agents(&office, "supervisor"), ["all others"]);
    assert_eq!(office.entries("access").len(), 0);
    let team = r#"north = ["anna", "ben", "carla", "dmitri", "eve", "fay"]"#;
    office.write("config/config.toml", format!("[policy.teams]\n{team}\nsouth = [\"gus\"]\n"));
    // Of the others, five are in no team; gus is alone in his.
    assert_eq!(agents(&office, "supervisor"), ["all others", "north"]);
    office.check("--agent supervisor stats --by agent", 0, &["1 group of fewer than 5 people hidden"]);
    office.write("config/config.toml", "[policy]\nagent_figures_purpose = \"coaching\"\n");
    assert_eq!(agents(&office, "supervisor").len(), 12);
    let looks = office.entries("access");
    assert_eq!(looks.len(), 12);
    let gus = looks.iter().find(|look| look["subject"] == "gus").unwrap();
    assert_eq!((&gus["agent"], &gus["purpose"]), (&json!("supervisor"), &json!("coaching")));
    // Where the look cannot be written down, nothing is shown.
    let log = office.data().join("log/current.jsonl");
    let file = std::fs::canonicalize(&log).unwrap();
    let whole = std::fs::read_to_string(&file).unwrap();
    let (cut, _) = whole.trim_end().rsplit_once('\n').unwrap();
    std::fs::write(&file, format!("{cut}\n")).unwrap();
    let shown = office.types("--agent supervisor stats --by agent");
    assert_eq!((shown.code, shown.out.len()), (5, 0), "{}", shown.screen());
}

#[test]
fn quality_tells_reading_agreement_calibration_gaps_and_drift() {
    let office = busy();
    let reading = &rows(&office, "--agent supervisor stats --quality", "reading")[0];
    assert!(count(reading, "faster") > 0, "{reading}");
    let slower = &rows(&office, "--agent supervisor stats --quality --reading-limit 5000", "reading")[0];
    assert!(count(slower, "faster") < count(reading, "faster"));
    let agreement = &rows(&office, "stats --quality", "agreement")[0];
    assert!(agreement["kappa"].as_f64().unwrap() > 0.8, "{agreement}");
    assert!(
        agreement["ece"].as_f64().unwrap() < 0.3 && agreement["brier"].as_f64().unwrap() < 0.25,
        "{agreement}"
    );
    assert_eq!(rows(&office, "stats --quality", "reliability").len(), 5);
    let gaps = rows(&office, "stats --quality", "gaps");
    assert!(gaps.iter().any(|gap| gap["by"] == "lang") && gaps.iter().any(|gap| gap["by"] == "model"));
    office.check(
        "stats --quality",
        0,
        &[
            "faster than 600 words a minute",
            "Cohen's kappa",
            "Gaps: each language",
            "adjusted after Holm",
            "Drift",
        ],
    );
}

fn decide(office: &Office, item: &str, verdict: &str) {
    office.check(&format!("decide {item} {verdict} --seen {}", office.seen(item)), 0, &[]);
}

#[test]
fn what_followed_a_reply_is_told_from_log_and_queue() {
    let items: Vec<Value> = (0..12)
        .map(|n| {
            changed(&format!("i{n}"), |i| {
                i["emotion"] = json!({"label": "anger", "intensity": 0.7, "confidence": 0.9});
                i["topics"] = json!(["refund"]);
                if n == 0 {
                    i["conversation"]["messages"][0]["text"] = "I want to speak to a human, please".into();
                }
            })
        })
        .collect();
    let office = office(&items);
    office.write("own", "Anna here. I take care of this myself.");
    for n in 0..12 {
        decide(&office, &format!("i{n}"), if n == 0 { "--take-over own" } else { "--approve" });
    }
    // Four write again: three of them are glad.
    let again: String = (1..5)
        .map(|n| {
            let label = if n < 4 { "gratitude" } else { "anger" };
            let item = changed(&format!("j{n}"), |i| {
                i["conversation"]["id"] = format!("c-i{n}").into();
                i["emotion"] = json!({"label": label, "intensity": 0.5, "confidence": 0.9});
                let more =
                    json!({"id": "m2", "from": "customer", "at": "2126-11-20T09:09:00Z", "text": "So."});
                i["conversation"]["messages"].as_array_mut().unwrap().push(more);
            });
            format!("{item}\n")
        })
        .collect();
    office.write("again.jsonl", again);
    office.check("import again.jsonl", 0, &["4 new"]);
    let effect = &rows(&office, "stats --effect", "effect")[0];
    assert_eq!(
        (&effect["replies"], count(effect, "eased"), &effect["eased"]["of"]),
        (&json!(12), 3, &json!(4))
    );
    assert_eq!(effect["again"], Value::Null, "no reply is seven days old");
    let by_topic = rows(&office, "stats --effect --by topic", "effect");
    assert_eq!((&by_topic[0]["topic"], &by_topic[0]["replies"]), (&json!("refund"), &json!(12)));
    let asked = &rows(&office, "stats --effect", "asked_for_a_person")[0];
    assert_eq!((&asked["answered"]["n"], &asked["waiting"]), (&json!(1), &json!(0)));
    office.check("stats --by topic", 0, &["refund", "a decision counts under each of its topics"]);
    office.check("stats --effect", 0, &["by verdict", "by model", "by topic", "first words a person wrote"]);
}

#[test]
fn an_error_is_reported_listed_looked_into_and_counted() {
    let items: Vec<Value> = (0..11).map(|n| item(&format!("i{n}"))).collect();
    let office = office(&items);
    for n in 0..11 {
        decide(&office, &format!("i{n}"), "--approve");
    }
    office.check("report list", 0, &["no such report"]);
    let line = "report --item i1 --reason incorrect_information --by customer";
    let shown = office.check(
        line,
        0,
        &[
            "i1: incorrect_information in the reply that was signed reported by the customer as ",
            "; it is open",
        ],
    );
    let screen = shown.screen();
    let name = screen.split(" as ").nth(1).unwrap().split(';').next().unwrap();
    office.check(
        "report --item i2 --reason other",
        0,
        &["i2: other in the reply that was signed reported by the agent as "],
    );
    let reports = office.check("report list --json", 0, &[]).json();
    let decision = office.entries("decision").into_iter().find(|d| d["item"] == "i1").unwrap();
    assert_eq!((&reports[0]["decision"], &reports[0]["draft"]), (&decision["id"], &json!("d1")));
    assert_eq!((&reports[0]["by"], &reports[0]["state"]), (&json!("customer"), &json!("open")));
    office.check("report list", 0, &[name, "i1", "d1 v1", "incorrect_information", "by customer", "open"]);
    office.check(
        &format!("report set {name} --state confirmed --owner cleo"),
        0,
        &["confirmed; cleo looks into it"],
    );
    office.check("report list --state confirmed", 0, &[name, "confirmed", "cleo"]);
    let whole = reports[0]["report"].as_str().unwrap();
    office.check(&format!("report set {whole} --state fixed"), 0, &["fixed; cleo looks into it"]);
    assert_eq!(office.check("report list --json", 0, &[]).json().len(), 1);
    assert_eq!(office.check("report list --all --json", 0, &[]).json()[0]["owner"], "cleo");
    let other = reports[1]["report"].as_str().unwrap();
    office.check(
        &format!("report set {other} --state not_an_error"),
        0,
        &["not_an_error; nobody looks into it"],
    );
    let rate = &rows(&office, "stats --errors", "errors")[0];
    assert_eq!((&rate["model"], count(rate, "rate"), &rate["rate"]["of"]), (&json!("m-1"), 1, &json!(11)));
    let reasons = rows(&office, "stats --errors", "error_reasons");
    assert_eq!((reasons.len(), &reasons[0]["reason"]), (1, &json!("incorrect_information")));
    office.check("stats --errors", 0, &["2 reports, 1 by customers: 1 fixed, 1 not_an_error"]);
    office.check("verify", 0, &["the chain of "]);
    for (line, sees) in [
        ("report", "say what is wrong with which item"),
        ("report --item i1", "--reason"),
        ("report --item i1 --reason rude", "possible values: incorrect_information"),
        ("report --item nowhere --reason other", "nowhere: there is no such item"),
        ("report set 00000000 --state fixed", "00000000: there is no such report"),
        ("report set 12345678", "required"),
        ("report list --state closed", "possible values: open, confirmed, fixed, not_an_error"),
    ] {
        office.check(line, 1, &[sees]);
    }
}

#[test]
fn p6_a_hostile_owner_is_refused_and_a_hostile_model_is_shown_not_obeyed() {
    let items: Vec<Value> = (0..11)
        .map(|n| changed(&format!("i{n}"), |i| i["draft"]["model"] = "=1+1\u{1b}[2J\u{202e}".into()))
        .collect();
    let office = office(&items);
    for n in 0..11 {
        decide(&office, &format!("i{n}"), "--approve");
    }
    office.check("report --item i1 --reason other", 0, &[]);
    let name = office.check("report list --json", 0, &[]).json()[0]["report"].as_str().unwrap().to_owned();
    let args = ["report", "set", &name, "--owner", "a\u{1b}[2Jb"];
    check("report set", &office.run(&args, b""), 1, &["--owner: a name has"]);
    for line in
        ["stats --by model", "stats --errors", "stats --quality", "stats --by model --csv", "explain i1"]
    {
        let screen = office.check(line, 0, &[]).screen();
        assert!(
            !screen.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r'))
                && !screen.contains('\u{202e}'),
            "{screen}"
        );
    }
    let csv = office.check("stats --by model --csv", 0, &[]).screen();
    assert!(csv.contains(",\"'=1+1") && !csv.contains(",=1"), "{csv}");
}

#[test]
fn the_customer_is_told_who_wrote_from_what_and_how_to_object() {
    let sourced = changed("i1", |i| {
        i["draft"]["sources"] = json!([{"title": "Refund policy", "url": "https://shop.example/refunds"}]);
        i["conversation"]["customer"]["tier"] = "gold".into();
        i["emotion"] = json!({"label": "anger", "intensity": 0.7, "confidence": 0.83});
    });
    let german = changed("i2", |i| i["conversation"]["language"] = "de-AT".into());
    let refused = changed("i3", |i| i["conversation"]["customer"]["ai_consent"] = false.into());
    let taken = changed("i4", |_| ());
    let office = office(&[sourced, german, refused, taken]);
    office.check(
        "explain i1",
        0,
        &["case i1", "No reply to you has been signed yet. An AI draft waits for a person"],
    );
    decide(&office, "i1", "--approve");
    let anna = desk_of("anna", &office);
    let act = Routing::Correct { message: "m1".parse().unwrap(), emotion: Emotion::Worry };
    wait(anna.route(id("i1"), act)).unwrap().unwrap();
    drop(anna);
    office.check(
        "explain i1",
        0,
        &[
            "we sent you a reply.",
            "An AI program (m-1) wrote it. A person read it and approved it without a change.",
            "The AI named these sources:\n- Refund policy (https://shop.example/refunds)",
            "This lay before the AI and the person: the messages of this conversation (1); and of your customer record: name, customer level.",
            "marked the feeling in it as anger.",
            "A person found that it was worry.",
            "Answer ERROR and say what. Do you want a person? Answer HUMAN.",
        ],
    );
    office.write("text", "Dear Ana, your refund leaves tomorrow.");
    decide(&office, "i2", "--edit text");
    office.check(
        "explain i2",
        0,
        &["Vorgang i2", "Ein Mensch hat ihn geändert und freigegeben; etwa ", " % des Textes", "FEHLER"],
    );
    office.check("explain i2 --lang ru", 0, &["около ", "ОШИБКА"]);
    office.check(
        "explain i2 --lang tlh",
        1,
        &["--lang tlh: there are no words in it; take one of en, de, es, ru, zh"],
    );
    decide(&office, "i3", "--reply text");
    let told =
        office.check("explain i3", 0, &["A person wrote it. No AI text was sent.", "You said no to AI"]);
    // No AI took part: it is not said that one had their words.
    let told = told.screen();
    assert!(
        told.contains("This lay before the person who answered:") && !told.contains("before the AI"),
        "{told}"
    );
    // The AI may draft again where a person has handed the conversation back.
    decide(&office, "i4", "--take-over text");
    office.check("explain i4", 0, &["has looked after this conversation since; no AI answers here"]);
    let again = changed("j4", |i| {
        i["conversation"]["id"] = "c-i4".into();
        let more = json!({"id": "m2", "from": "customer", "at": "2026-11-20T09:09:00Z", "text": "So."});
        i["conversation"]["messages"].as_array_mut().unwrap().push(more);
    });
    office.write("again.jsonl", format!("{again}\n"));
    office.check("import again.jsonl", 0, &["1 new"]);
    let anna = desk_of("anna", &office);
    wait(anna.route(id("j4"), Routing::HandBack)).unwrap().unwrap();
    drop(anna);
    let told = office.check("explain i4", 0, &["A person wrote it. No AI text was sent."]).screen();
    assert!(!told.contains("no AI answers here"), "{told}");
    office.check("explain nowhere", 1, &["there is no such item"]);
}
