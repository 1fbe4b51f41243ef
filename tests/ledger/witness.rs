//! The witness: what whoever holds the log and the key could still do is seen there, and it holds no verdict up.

use crate::anchor::{Station, copy, fault};
use crate::support::{at, decided, lines, skipped};
use countersign::ledger::{Anchoring, CHECKPOINTS, Ledger, Level, Problem, Trust};
use std::fs::{self, File};
use std::io;
use std::process::Command;

#[test]
fn a_history_signed_anew_with_the_present_key_is_seen_by_the_witness() {
    let station = Station::signed_twice();
    let mut lines = lines(&station.log());
    lines.retain(|line| !line.contains("\"checkpoint\""));
    lines.remove(3);
    station.replace(&lines);
    fs::remove_file(station.log().join(CHECKPOINTS)).unwrap();
    Ledger::open(&station.log()).unwrap().anchor(&station.anchoring(false)).unwrap().unwrap();
    let alone = station.check(&station.trust(false));
    assert_eq!((alone.level, alone.exit_code()), (Some(Level::L2), 0), "the key's holder can do that");
    let (problem, text) = fault(&station.check(&station.trust(true)));
    assert_eq!(problem, Problem::Contradicts);
    assert!(text.contains("its first 5 entries are not those signed here"), "{text}");
}

#[test]
fn two_copies_of_one_folder_that_both_go_on_contradict_each_other_at_the_witness() {
    let station = Station::signed_twice();
    let fork = Station { root: tempfile::tempdir().unwrap() };
    copy(&station.data(), &fork.data());
    for (n, one) in [&station, &fork].into_iter().enumerate() {
        one.write(20 + n as u64, 2 + n as u64);
        let with = station.anchoring(true);
        Ledger::open(&one.log()).unwrap().anchor(&with).unwrap().unwrap();
    }
    assert_eq!((station.exits(), fork.check(&fork.trust(false)).exit_code()), ((0, 4), 0));
    assert_eq!(fork.check(&station.trust(true)).exit_code(), 4);
}

#[test]
fn p10_a_witness_out_of_reach_is_told_and_holds_nothing_up() {
    let station = Station::of(5);
    fs::remove_dir(station.witness()).unwrap();
    let made = station.anchor().unwrap();
    let told = made.witness.unwrap().unwrap_err().to_string();
    assert!(told.contains("witness") && told.contains("make it writable"), "{told}");
    let report = station.check(&station.trust(true));
    assert_eq!((report.level, report.exit_code()), (Some(Level::L2), 1));
    assert!(report.to_string().contains("the witness was not asked: "), "{report}");
    fs::create_dir(station.witness()).unwrap();
    assert_eq!(station.exits(), (0, 4), "an empty witness of a signed log is not that log's witness");
    station.write(10, 3);
    station.anchor().unwrap().witness.unwrap().unwrap();
    assert_eq!(
        station.check(&station.trust(true)).level,
        Some(Level::L3),
        "shorter, but all it has is there"
    );
}

#[test]
fn a_witness_named_later_or_back_again_gets_the_newest_checkpoint_though_nothing_else_is_new() {
    let station = Station::of(5);
    let anchor =
        |witnessed| Ledger::open(&station.log()).unwrap().anchor(&station.anchoring(witnessed)).unwrap();
    anchor(false).unwrap();
    assert_eq!(station.exits(), (0, 4), "it has nothing of a log that was signed");
    let (_, text) = fault(&station.check(&station.trust(true)));
    assert!(text.contains("if it is new here, `countersign checkpoint`"), "{text}");
    fs::remove_dir(station.witness()).unwrap();
    assert!(anchor(true).unwrap().witness.unwrap().is_err(), "out of reach is told each time");
    fs::create_dir(station.witness()).unwrap();
    let made = anchor(true).unwrap();
    assert_eq!((made.size, made.anew, made.witness.unwrap().is_ok()), (5, false, true));
    let report = station.check(&station.trust(true));
    assert_eq!((report.level, report.exit_code(), report.entries), (Some(Level::L3), 0, 6), "{report}");
    assert!(anchor(true).is_none(), "it is given once");
    assert_eq!(fs::read(station.witness_file()).unwrap(), fs::read(station.log().join(CHECKPOINTS)).unwrap());
    // A memory of the tree that is gone costs no more than giving it twice.
    fs::remove_file(station.log().join("tree.json")).unwrap();
    assert!(anchor(true).unwrap().witness.unwrap().is_ok());
    assert_eq!(station.exits(), (0, 0));
}

#[test]
fn a_history_written_anew_after_the_key_was_taken_away_is_seen_by_the_witness() {
    let station = Station::signed_twice();
    // Another workstation's, of another log, says nothing about this one.
    let other = Station::of(5);
    fs::remove_dir_all(other.log()).unwrap();
    Ledger::open(&other.log()).unwrap().append(at(400), &[decided(77)]).unwrap();
    let with = Anchoring { seed: [9; 32], witness: Some(station.witness()), ..other.anchoring(true) };
    Ledger::open(&other.log()).unwrap().anchor(&with).unwrap().unwrap();
    assert_eq!(station.exits(), (0, 0));
    let (old, mut lines) = (station.key(), lines(&station.log()));
    lines.retain(|line| !line.contains("\"checkpoint\""));
    lines.remove(3);
    station.replace(&lines);
    for name in ["log/checkpoints.txt", "log/tree.json", "key"] {
        fs::remove_file(station.data().join(name)).unwrap();
    }
    let keyless = Trust { witness: Some(station.witness()), ..Trust::default() };
    let (problem, text) = fault(&station.check(&keyless));
    assert_eq!(problem, Problem::WrongKey, "{text}");
    assert!(text.contains("there is no key here; name it with --key"), "{text}");
    // The next console makes a new key and signs with it, at the witness too.
    let with = Anchoring { seed: [11; 32], ..station.anchoring(true) };
    Ledger::open(&station.log()).unwrap().anchor(&with).unwrap().unwrap();
    let report = station.check(&station.trust(true));
    let (problem, text) = fault(&report);
    assert_eq!((problem, report.level), (Problem::WrongKey, Some(Level::L1)), "{text}");
    assert!(text.contains("signed by another key") && text.contains(&old.short()), "{text}");
    let both = Trust { keys: vec![station.key(), old], ..station.trust(true) };
    assert_eq!(fault(&station.check(&both)).0, Problem::Contradicts);
}

#[test]
fn a_witness_that_has_nothing_of_the_log_is_told() {
    let station = Station::of(5);
    let trust = Trust { witness: Some(station.witness()), ..Trust::default() };
    let report = station.check(&trust);
    assert_eq!((report.level, report.exit_code()), (Some(Level::L1), 0));
    assert!(report.to_string().contains("the witness has nothing of this log"), "{report}");
}

#[test]
fn a_witness_needs_no_more_than_appending() {
    let station = Station::of(5);
    station.anchor();
    let append_only = |on: &str| {
        Command::new("chattr").arg(on).arg(station.witness_file()).output().is_ok_and(|o| o.status.success())
    };
    if !append_only("+a") {
        return skipped("no file can be made append-only here");
    }
    // What a full disk has left there cannot be cut off either.
    io::Write::write_all(&mut File::options().append(true).open(station.witness_file()).unwrap(), b"counter")
        .unwrap();
    assert!(fs::write(station.witness_file(), "").is_err(), "it is append-only");
    station.write(10, 3);
    station.anchor().unwrap().witness.unwrap().unwrap();
    let report = station.check(&station.trust(true));
    assert!(append_only("-a"));
    assert_eq!((report.level, report.exit_code(), report.anchors.cut), (Some(Level::L3), 0, 1), "{report}");
}
