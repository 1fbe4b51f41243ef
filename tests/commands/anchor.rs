//! Checkpoints from the shell: `checkpoint`, `config key`, `verify --key --witness`.

use super::{item, office};
use crate::office::Office;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// An office with a witness, and one decision in the log.
fn witnessed() -> Office {
    let office = office(&[item("i1"), item("i2")]);
    fs::create_dir(office.path("witness")).unwrap();
    let config = format!("[log]\nwitness = \"{}\"\n", office.path("witness").display());
    office.write("config/config.toml", config);
    decide(&office, "i1");
    office
}

fn decide(office: &Office, item: &str) {
    office.check(&format!("decide {item} --approve --seen {}", office.seen(item)), 0, &["sent"]);
}

fn only_file(folder: &Path) -> std::path::PathBuf {
    let mut files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let file = files.next().unwrap();
    assert!(files.next().is_none());
    file
}

#[test]
fn a_checkpoint_is_made_by_hand_and_verify_says_what_it_is_worth() {
    let office = witnessed();
    office.check("verify", 0, &["L1: ", "unanchored: "]);
    let signed = "a checkpoint of 6 entries is signed, beside the log and at the witness";
    office.check("checkpoint", 0, &[signed]);
    office.check("checkpoint", 0, &["nothing is new since the last checkpoint"]);
    let key = office.check("config key", 0, &["countersign/key/"]).screen().trim().to_owned();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&office.data().join("workstation.key")), 0o600);
    office.check(
        "verify",
        0,
        &["L3: the chain of 7 entries in 1 file", "--key names yours", "the last entry"],
    );
    office.check(&format!("verify --key {key}"), 0, &["L3: ", "as you named it"]);
    let told = office.check("verify --json", 0, &[]).json().remove(0);
    assert_eq!((&told["level"], &told["checkpoints"]), (&"L3".into(), &1.into()));
    assert_eq!((&told["witness"], &told["witness_entries"]), (&"asked".into(), &6.into()));
    assert!(key.starts_with(told["keys"][0].as_str().unwrap()), "{key}");
    office.write("config/config.toml", "");
    office.check("verify", 0, &["L2: ", "whoever holds the key could re-sign"]);
    office.check("verify --witness witness", 0, &["L3: "]);
    let entry = office.entries("checkpoint").remove(0);
    assert_eq!((entry["size"].as_u64(), entry["seq"].as_u64()), (Some(6), Some(7)));
}

#[test]
fn the_checkpoints_are_notes_that_others_tools_read() {
    let office = witnessed();
    office.check("checkpoint", 0, &[]);
    let text = fs::read_to_string(office.data().join("log/checkpoints.txt")).unwrap();
    assert_eq!(text, fs::read_to_string(only_file(&office.path("witness"))).unwrap());
    let lines: Vec<&str> = text.lines().collect();
    let chain = office.entries("header")[0]["chain"].as_str().unwrap().to_owned();
    assert_eq!(lines[..2], [format!("countersign/log/{chain}").as_str(), "6"]);
    assert_eq!((lines[2].len(), lines[3]), (44, ""), "a hash in base64, a blank line");
    assert!(lines[4].starts_with("\u{2014} countersign/key/"), "{}", lines[4]);
}

#[test]
fn p10_a_key_that_did_not_sign_and_one_that_is_none_are_told_apart() {
    let office = witnessed();
    office.check("checkpoint", 0, &[]);
    let other = super::office(&[]);
    let stranger = other.check("config key", 0, &[]).screen().trim().to_owned();
    office.check(&format!("verify --key {stranger}"), 5, &["L1: ", "checkpoints.txt line 1", "another key"]);
    office.check("verify --key nonsense", 1, &["is no verifier key", "config key"]);
    let key = office.data().join("workstation.key");
    fs::set_permissions(&key, PermissionsExt::from_mode(0o644)).unwrap();
    office.check("verify", 1, &["workstation.key can be read by others", "chmod 600"]);
    office.check("checkpoint", 1, &["no checkpoint was signed", "chmod 600"]);
}

#[test]
fn p10_a_witness_out_of_reach_fails_the_checkpoint_and_no_verdict() {
    let office = witnessed();
    fs::remove_dir(office.path("witness")).unwrap();
    let told = ["beside the log\n", "the witness has not got the newest checkpoint", "make it writable"];
    office.check("checkpoint", 1, &told);
    decide(&office, "i2");
    office.check("verify", 1, &["L2: ", "the witness was not asked"]);
    let told = office.check("verify --json", 1, &[]).json().remove(0);
    assert_eq!((&told["witness"], &told["problem"]), (&"unreachable".into(), &serde_json::Value::Null));
}

#[test]
fn a_log_from_which_signed_entries_are_gone_ends_with_4() {
    let office = witnessed();
    office.check("checkpoint", 0, &[]);
    let log = fs::canonicalize(office.data().join("log/current.jsonl")).unwrap();
    let text = fs::read_to_string(&log).unwrap();
    let left: String = text.split_inclusive('\n').take(4).collect();
    fs::write(&log, left).unwrap();
    fs::remove_file(office.data().join("log/head.json")).unwrap();
    office.check("verify", 4, &["L0: ", "contradicts the log: 6 entries were signed, 4 are there"]);
    let told = office.check("verify --json", 4, &[]).json().remove(0);
    assert_eq!((&told["problem"]["problem"], &told["problem"]["line"]), (&"Contradicts".into(), &1.into()));
    office.check("checkpoint", 1, &["no checkpoint was signed", "it has fewer entries than were signed"]);
}

#[test]
fn there_is_nothing_to_sign_without_a_log() {
    let office = Office::new();
    office.check("checkpoint", 1, &["there is no log yet"]);
}

#[test]
fn the_settings_name_the_witness() {
    let office = witnessed();
    office.check("config show", 0, &["[log]", "witness = ", "/witness", "(config.toml)"]);
    office.write("config/config.toml", "[log]\nwitnes = \"x\"\n");
    office.check("verify", 1, &["config.toml:2:1", "unknown field"]);
}
