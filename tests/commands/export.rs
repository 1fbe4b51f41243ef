//! `export` at the shell: tables that cannot act, pairs with consent, and a trace of each in the log.

use super::{changed, item, office};
use crate::office::Office;
use serde_json::{Value, json};
use std::fs;
use std::io::Write;
use std::process::Command;

/// Three customers' replies: as it was, changed, and one that was changed with a hostile model behind it.
fn worked() -> Office {
    let hostile =
        changed("i3", |i| i["draft"]["model"] = "=HYPERLINK(\"http://evil\",\u{1b}[2J\r\n+1)".into());
    let office = office(&[item("i1"), item("i2"), hostile]);
    office.write("reply.txt", "Dear Ana, it left \u{1f4e6} yesterday.");
    office.check(&format!("decide i1 --approve --seen {}", office.seen("i1")), 0, &[]);
    for id in ["i2", "i3"] {
        office.check(&format!("decide {id} --edit reply.txt --seen {}", office.seen(id)), 0, &[]);
    }
    office
}

fn pairs(office: &Office, line: &str) -> Vec<Value> {
    let shown = office.types(&format!("export --format pairs {line}"));
    assert_eq!(shown.code, 0, "{}", shown.screen());
    shown.json()
}

#[test]
fn a_table_has_a_row_for_each_decision_and_no_cell_that_acts() {
    let office = worked();
    let shown = office.types("export --format csv");
    assert_eq!(String::from_utf8(shown.err).unwrap(), "3 exported as csv\n");
    let table = String::from_utf8(shown.out).unwrap();
    let rows: Vec<&str> = table.split("\r\n").collect();
    assert!(rows[0].starts_with("seq,ts,id,outcome,item,") && !rows[0].contains("agent"), "{}", rows[0]);
    assert_eq!((rows.len(), rows[4]), (5, ""), "{table}");
    assert!(rows[1].contains(",sent,i1,c-i1,email,en,approve,"), "{}", rows[1]);
    assert!(rows[3].contains(",\"'=HYPERLINK(\"\"http://evil\"\",␛[2J↵+1)\","), "{}", rows[3]);
    assert!(!table.contains("anna") && !table.contains('\u{1b}'));
    assert_eq!(
        office.types("export --format csv --where verdict=edit").out.split(|b| *b == b'\n').count(),
        4
    );
    office.check("export --format csv --where verdikt=edit", 1, &["do you mean `verdict`?"]);
}

#[test]
fn p7_pairs_are_the_exact_texts_of_those_who_have_not_said_no() {
    let office = worked();
    let all = pairs(&office, "");
    assert_eq!(all.len(), 3);
    assert_eq!(all[0]["draft"], all[0]["sent"]);
    assert_eq!(all[1]["draft"], "Dear Ana, your refund left today.");
    assert_eq!(all[1]["sent"], "Dear Ana, it left \u{1f4e6} yesterday.");
    assert_eq!((&all[1]["verdict"], &all[1]["schema"]), (&json!("edit"), &json!("countersign.pair/1")));
    assert!(!all.iter().any(|pair| pair.to_string().contains("anna") || pair.to_string().contains("u-i")));
    office.check("consent --customer u-i2 no", 0, &[]);
    let shown = office.types("export --format pairs");
    assert_eq!(shown.json().len(), 2);
    let told = String::from_utf8(shown.err).unwrap();
    assert_eq!(told, "2 exported as pairs; 1 left out: forgotten, or the customer does not want AI\n");
    office.check("forget --customer u-i3 --yes", 0, &[]);
    assert_eq!(pairs(&office, ""), all[..1]);
    assert_eq!(pairs(&office, "--where verdict=edit"), [json!(null); 0]);
}

#[test]
fn a_verdict_that_does_not_stand_teaches_nothing() {
    let office = office(&[item("i1")]);
    office.check(&format!("decide i1 --approve --seen {}", office.seen("i1")), 0, &[]);
    let log = fs::canonicalize(office.data().join("log/current.jsonl")).unwrap();
    let whole = fs::read_to_string(&log).unwrap();
    for (what, stands) in [("settled", true), ("dead", true), ("undone", false), ("refused", false)] {
        // The store's answer is the same each time: what counts is what the log says became of it.
        let lines: Vec<_> = whole.lines().filter(|line| !line.contains("\"what\":\"sent\"")).collect();
        fs::write(
            &log,
            lines.join("\n").replace("\"what\":\"settled\"", &format!("\"what\":\"{what}\"")) + "\n",
        )
        .unwrap();
        let dir = office.data().join("log");
        let taken = countersign::supervise::export::Taken::default();
        let mut found = Vec::new();
        countersign::supervise::export::decisions(&dir, &taken, &mut |logged| {
            found.push(logged.stands());
            Ok(())
        })
        .unwrap();
        assert_eq!(found, [stands], "{what}");
    }
}

#[test]
fn p1_each_export_stands_in_the_log_before_its_first_line_leaves() {
    let office = worked();
    office.types("export --format csv");
    pairs(&office, "");
    let noted = office.entries("access");
    let seen: Vec<_> = noted.iter().map(|e| (&e["agent"], &e["subject"], &e["purpose"])).collect();
    let (anna, export) = (json!("anna"), json!("export"));
    assert_eq!(seen, [(&anna, &json!("csv"), &export), (&anna, &json!("pairs"), &export)]);
    office.check("verify", 0, &["L1: "]);
    // A log that cannot be written lets nothing out.
    let log = fs::canonicalize(office.data().join("log/current.jsonl")).unwrap();
    let broken = fs::read_to_string(&log).unwrap().replace("\"access\"", "\"excess\"");
    fs::write(&log, broken).unwrap();
    for format in ["csv", "pairs"] {
        let shown = office.types(&format!("export --format {format}"));
        assert_eq!((shown.code, shown.out.len()), (5, 0), "{}", shown.screen());
    }
}

#[test]
fn lnav_reads_the_log_with_the_format_we_ship() {
    let office = worked();
    let format = office.check("export --format lnav", 0, &["countersign_log"]).out;
    office.write("format.json", &format);
    serde_json::from_slice::<Value>(&format).unwrap();
    let lnav = |args: &[&str]| {
        let out = Command::new("lnav")
            .args(args)
            .current_dir(office.path(""))
            .env("HOME", office.path(""))
            .output();
        out.ok().map(|out| String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned())
    };
    let Some(installed) = lnav(&["-i", "format.json"]) else {
        std::io::stderr().write_all(b"SKIPPED: there is no lnav here\n").unwrap();
        return;
    };
    assert!(installed.contains("installed"), "{installed}");
    let log = fs::canonicalize(office.data().join("log/current.jsonl")).unwrap();
    let count = ";select verdict, count(*) as n from countersign_log where type='decision' group by verdict";
    let told = lnav(&["-n", "-c", count, "-c", ":write-csv-to -", log.to_str().unwrap()]).unwrap();
    assert!(told.contains("approve,1\nedit,2\n"), "{told}");
}
