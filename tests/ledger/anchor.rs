//! Checkpoints and the witness: what a chain alone cannot see is found out, and no verdict waits for them.

use crate::support::{DAY_MS, at, decided, files, id, kinds, lines, newest, sha256, skipped};
use countersign::ledger::{
    AnchorError, Anchored, Anchoring, CHECKPOINTS, Disk, HEAD, Ledger, Level, Options, Problem, PublicKey,
    RealDisk, Report, SecretKey, Trust, Witness, load_key, prove,
};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Barrier};

/// A workstation: a data folder with log and key, and a witness elsewhere.
pub struct Station {
    pub root: tempfile::TempDir,
}

impl Station {
    /// With a log of `n` entries that nobody has signed yet.
    pub fn of(n: u64) -> Self {
        let station = Self { root: tempfile::tempdir().unwrap() };
        fs::create_dir(station.witness()).unwrap();
        fs::create_dir(station.data()).unwrap();
        station.write(1, n - 1);
        station
    }
    pub fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }
    pub fn log(&self) -> PathBuf {
        self.data().join("log")
    }
    pub fn witness(&self) -> PathBuf {
        self.root.path().join("witness")
    }
    pub fn witness_file(&self) -> PathBuf {
        fs::read_dir(self.witness()).unwrap().next().unwrap().unwrap().path()
    }
    pub fn key(&self) -> PublicKey {
        load_key(&self.data().join("key")).unwrap().unwrap().public()
    }
    /// Writes `n` decisions, from the `first` on.
    pub fn write(&self, first: u64, n: u64) {
        let entries: Vec<_> = (first..first + n).map(decided).collect();
        Ledger::open(&self.log()).unwrap().append(at(first.cast_signed()), &entries).unwrap();
    }
    pub fn anchoring(&self, witnessed: bool) -> Anchoring {
        Anchoring {
            key: self.data().join("key"),
            seed: [7; 32],
            witness: witnessed.then(|| self.witness()),
            now: at(0),
            id: id(5_000),
        }
    }
    pub fn anchor(&self) -> Option<Anchored> {
        Ledger::open(&self.log()).unwrap().anchor(&self.anchoring(true)).unwrap()
    }
    pub fn trust(&self, witnessed: bool) -> Trust {
        Trust { keys: vec![self.key()], keys_named: false, witness: witnessed.then(|| self.witness()) }
    }
    pub fn check(&self, trust: &Trust) -> Report {
        prove(&self.log(), trust, &mut |_, _| {}).unwrap()
    }
    /// What `verify` makes of it, without and with the witness.
    pub fn exits(&self) -> (u8, u8) {
        (self.check(&self.trust(false)).exit_code(), self.check(&self.trust(true)).exit_code())
    }
    /// Signs what is there, writes and signs more: 5 entries, a checkpoint, 3 entries, a checkpoint.
    pub fn signed_twice() -> Self {
        let station = Self::of(5);
        assert_eq!(station.anchor().unwrap().size, 5);
        station.write(10, 3);
        assert_eq!(station.anchor().unwrap().size, 9);
        assert_eq!(station.exits(), (0, 0));
        station
    }
    /// Puts these lines, sealed anew from the first to the last, in the place of the log, and makes its head fit:
    /// what somebody can do who may write the files and has no key.
    pub fn replace(&self, lines: &[String]) {
        let file = newest(&self.log());
        let (mut prev, mut text) = ("0".repeat(64), String::new());
        for (n, line) in lines.iter().enumerate() {
            let body = line.split_once(",\"prev\"").unwrap().0;
            let body = format!("{{\"v\":1,\"seq\":{},{}", n + 1, &body[body.find("\"ts\"").unwrap()..]);
            let signed = format!("{body},\"prev\":\"{prev}\"");
            prev = sha256(&signed);
            text += &[&signed, ",\"hash\":\"", &prev, "\"}\n"].concat();
        }
        fs::write(&file, &text).unwrap();
        let name = file.file_name().unwrap().to_str().unwrap();
        let (seq, length) = (lines.len(), text.len());
        let ts = at(0);
        let head =
            format!(r#"{{"v":1,"seq":{seq},"ts":"{ts}","file":"{name}","length":{length},"hash":"{prev}"}}"#);
        fs::write(self.log().join(HEAD), head).unwrap();
        assert_eq!(crate::support::check(&self.log()).exit_code(), 0, "the chain itself shows nothing");
    }
}

pub fn fault(report: &Report) -> (Problem, String) {
    let (problem, fault) = report.problem.clone().unwrap();
    (problem, fault.to_string())
}

#[test]
fn a_checkpoint_lifts_to_l2_and_a_witness_to_l3() {
    let station = Station::of(5);
    let made = station.anchor().unwrap();
    assert_eq!((made.size, made.witness.unwrap().is_ok()), (5, true));
    assert_eq!(kinds(&station.log())[4..], ["decision", "checkpoint"]);
    let entry = lines(&station.log()).pop().unwrap();
    let key = station.key().short();
    assert!(entry.contains(r#""size":5,"root":""#) && entry.contains(&key), "{entry}");
    let report = station.check(&station.trust(false));
    assert_eq!((report.level, report.exit_code(), report.unanchored.entries), (Some(Level::L2), 0, 1));
    assert!(report.to_string().contains("whoever holds the key could re-sign"), "{report}");
    let report = station.check(&station.trust(true));
    assert_eq!((report.level, report.unanchored.entries), (Some(Level::L3), 1));
    assert_eq!(report.anchors.witness, Witness::Knows { checkpoints: 1, entries: 5 });
    assert!(station.anchor().is_none(), "a checkpoint alone is nothing new");
    station.write(10, 7);
    assert_eq!(station.check(&station.trust(true)).unanchored.entries, 8);
    assert_eq!(station.anchor().unwrap().size, 13);
    let mode = |name| fs::metadata(station.log().join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(CHECKPOINTS), 0o600);
}

#[test]
fn the_tree_goes_on_from_where_it_was_and_a_spoilt_memory_of_it_is_not_believed() {
    let spoil = |log: &Path, n: u64| match n % 4 {
        0 => fs::remove_file(log.join("tree.json")).unwrap(),
        1 => fs::write(log.join("tree.json"), "{}").unwrap(),
        2 => {
            let kept = fs::read_to_string(log.join("tree.json")).unwrap();
            fs::write(log.join("tree.json"), kept.replace("\"offset\":", "\"offset\":1")).unwrap();
        }
        _ => {
            let kept = fs::read_to_string(log.join("tree.json")).unwrap();
            let at = kept.find("\"peaks\":[\"").unwrap() + 10;
            let other = if kept.as_bytes()[at] == b'0' { "1" } else { "0" };
            fs::write(log.join("tree.json"), [&kept[..at], other, &kept[at + 1..]].concat()).unwrap();
        }
    };
    for spoilt in [false, true] {
        let station = Station::of(2);
        for n in 0_u64..12 {
            // Over several days, so over several files.
            let now = at(n.cast_signed() * DAY_MS / 3);
            let ledger = Ledger::open(&station.log()).unwrap();
            ledger.append(now, &[decided(100 + n)]).unwrap();
            ledger.anchor(&Anchoring { now, ..station.anchoring(true) }).unwrap().unwrap();
            if spoilt {
                spoil(&station.log(), n);
            }
        }
        assert!(files(&station.log()).len() > 2);
        let report = station.check(&station.trust(true));
        assert_eq!((report.level, report.anchors.checkpoints), (Some(Level::L3), 12), "{report}");
    }
}

#[test]
fn a_cut_tail_contradicts_what_was_signed() {
    for left in 1..9 {
        let station = Station::signed_twice();
        station.replace(&lines(&station.log())[..left]);
        assert_eq!(station.exits(), (4, 4), "cut to {left}");
        let (problem, text) = fault(&station.check(&station.trust(false)));
        assert_eq!(problem, Problem::Contradicts);
        assert!(text.starts_with("checkpoints.txt line ") && text.contains("entries were signed"), "{text}");
    }
    // Only what nobody has signed can go unseen, and that is what the unanchored tail says.
    let station = Station::signed_twice();
    station.replace(&lines(&station.log())[..9]);
    assert_eq!(station.exits(), (0, 0));
    assert_eq!(station.check(&station.trust(true)).unanchored.entries, 0);
}

pub fn copy(from: &Path, to: &Path) {
    let done = Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap();
    assert!(done.success());
}

#[test]
fn a_rollback_to_an_older_sound_copy_is_seen_by_the_witness_alone() {
    let station = Station::of(5);
    station.anchor();
    copy(&station.data(), &station.root.path().join("older"));
    station.write(10, 3);
    station.anchor();
    fs::remove_dir_all(station.data()).unwrap();
    copy(&station.root.path().join("older"), &station.data());
    assert_eq!(station.exits(), (0, 4));
    let report = station.check(&station.trust(true));
    assert_eq!(report.level, Some(Level::L1));
    let (_, text) = fault(&report);
    assert!(text.contains("witness") && text.contains("9 entries were signed, 6 are there"), "{text}");
}

#[test]
fn a_chain_hashed_anew_without_the_key_is_found() {
    for line in 1..8 {
        let station = Station::signed_twice();
        let mut lines = lines(&station.log());
        lines[line] = lines[line].replace("\"type\":\"decision\"", "\"type\":\"decisiom\"");
        if lines[line].contains("decisiom") {
            station.replace(&lines);
            assert_eq!(station.exits(), (4, 4), "line {line}");
        }
    }
    // Who takes all checkpoints away too is back at L1, and whoever expects a signature or asks the witness sees it.
    let station = Station::signed_twice();
    let mut lines = lines(&station.log());
    lines.retain(|line| !line.contains("\"checkpoint\""));
    lines.remove(3);
    station.replace(&lines);
    fs::remove_file(station.log().join(CHECKPOINTS)).unwrap();
    assert_eq!(station.exits(), (0, 4));
    assert_eq!(station.check(&station.trust(false)).level, Some(Level::L1));
    let named = Trust { keys_named: true, ..station.trust(false) };
    assert_eq!(station.check(&named).exit_code(), 5);
}

#[test]
fn another_log_by_the_same_key_is_another_log() {
    let station = Station::signed_twice();
    fs::remove_dir_all(station.log()).unwrap();
    Ledger::open(&station.log()).unwrap().append(at(400), &[decided(77)]).unwrap();
    let (problem, text) = fault(&station.check(&station.trust(true)));
    assert_eq!(problem, Problem::Contradicts);
    assert!(text.contains("is of another log"), "{text}");
    station.anchor().unwrap();
    assert_eq!(station.exits(), (0, 4));
}

#[test]
fn a_checkpoint_taken_away_is_missed() {
    let station = Station::signed_twice();
    let path = station.log().join(CHECKPOINTS);
    let sound = fs::read_to_string(&path).unwrap();
    let notes: Vec<&str> = sound.split_inclusive("\n\n").collect();
    assert_eq!(notes.len(), 4, "text and signature, twice");
    for left in [notes[..2].concat(), notes[2..].concat(), String::new()] {
        fs::write(&path, &left).unwrap();
        let report = station.check(&station.trust(false));
        assert_eq!((report.exit_code(), report.level), (4, Some(Level::L1)), "{left}");
        let (_, text) = fault(&report);
        assert!(text.contains("were signed, and checkpoints.txt does not have it"), "{text}");
        assert!(text.starts_with("decisions-2026-11-20-00.jsonl line "), "{text}");
    }
}

#[test]
fn every_changed_byte_of_the_checkpoints_is_found() {
    let station = Station::signed_twice();
    for (path, witnessed) in [(station.log().join(CHECKPOINTS), false), (station.witness_file(), true)] {
        let sound = fs::read(&path).unwrap();
        let mut bytes = sound.clone();
        for at in 0..sound.len() - 1 {
            bytes[at] ^= 1;
            fs::write(&path, &bytes).unwrap();
            let exit = station.check(&station.trust(witnessed)).exit_code();
            let expected: &[u8] = if at == sound.len() - 2 { &[0, 4] } else { &[4, 5] };
            assert!(expected.contains(&exit), "byte {at}: {exit}");
            bytes[at] = sound[at];
        }
        fs::write(&path, &sound).unwrap();
    }
}

#[test]
fn a_wrong_key_is_named_and_an_old_one_can_be_trusted_beside_the_new() {
    let station = Station::signed_twice();
    let other = SecretKey::of(&[9; 32]).public();
    let trust = |keys: Vec<PublicKey>| Trust { keys, keys_named: true, witness: None };
    let (problem, text) = fault(&station.check(&trust(vec![other.clone()])));
    assert_eq!(problem, Problem::WrongKey);
    assert!(text.contains(&station.key().short()), "it names the key that signed: {text}");
    assert_eq!(station.check(&trust(Vec::new())).exit_code(), 5, "no key is no proof");
    let old = station.key();
    fs::remove_file(station.data().join("key")).unwrap();
    station.write(20, 1);
    let with = Anchoring { seed: [9; 32], ..station.anchoring(true) };
    Ledger::open(&station.log()).unwrap().anchor(&with).unwrap().unwrap();
    assert_eq!(station.check(&trust(vec![other.clone()])).exit_code(), 5);
    let both = Trust { witness: Some(station.witness()), ..trust(vec![old, other]) };
    assert_eq!(station.check(&both).level, Some(Level::L3));
}

/// A disk that fails when told to.
#[derive(Clone, Default)]
struct Faulty {
    short: Option<usize>,
    no_sync: bool,
    on: Arc<AtomicBool>,
}

impl Disk for Faulty {
    fn write(&mut self, file: &File, bytes: &[u8]) -> io::Result<usize> {
        match self.short.filter(|_| self.on.load(Ordering::Relaxed)) {
            Some(0) => Err(io::ErrorKind::StorageFull.into()),
            Some(n) => RealDisk.write(file, &bytes[..n.min(bytes.len())]),
            None => RealDisk.write(file, bytes),
        }
    }
    fn sync(&mut self, file: &File) -> io::Result<()> {
        if self.no_sync { Err(io::Error::other("the disk has gone")) } else { RealDisk.sync(file) }
    }
    fn cut(&mut self, file: &File, length: u64) -> io::Result<()> {
        RealDisk.cut(file, length)
    }
}

#[test]
fn p10_a_full_disk_leaves_checkpoints_and_log_as_they_were_and_verdicts_go_on() {
    let on = Arc::new(AtomicBool::new(true));
    for (what, mut disk) in [
        ("no byte", Faulty { short: Some(0), on: on.clone(), ..Faulty::default() }),
        ("a short write", Faulty { short: Some(60), on: on.clone(), ..Faulty::default() }),
        ("no sync", Faulty { no_sync: true, ..Faulty::default() }),
    ] {
        let station = Station::signed_twice();
        station.write(20, 3);
        let (log, path) = (lines(&station.log()), station.log().join(CHECKPOINTS));
        let notes = fs::read(&path).unwrap();
        let ledger = Ledger::open(&station.log()).unwrap();
        let error = ledger.anchor_on(&station.anchoring(true), &mut disk).unwrap_err();
        assert!(matches!(error, AnchorError::File { .. }), "{what}: {error}");
        assert!(error.to_string().contains("make room"), "{what}: {error}");
        assert_eq!(lines(&station.log()), log, "{what}");
        if !disk.no_sync {
            assert_eq!(fs::read(&path).unwrap(), notes, "{what}");
        }
        ledger.append(at(400), &[decided(40)]).unwrap();
        assert_eq!(station.exits(), (0, 0), "{what}");
        station.anchor().unwrap();
        assert_eq!(station.check(&station.trust(true)).level, Some(Level::L3), "{what}");
    }
}

#[test]
fn a_checkpoint_whose_entry_could_not_be_written_stands_all_the_same() {
    let station = Station::signed_twice();
    station.write(20, 3);
    let on = Arc::new(AtomicBool::new(false));
    let disk = Faulty { short: Some(0), on: on.clone(), ..Faulty::default() };
    let ledger = Ledger::open_with(&station.log(), Options::default(), Box::new(disk)).unwrap();
    ledger.check().unwrap();
    on.store(true, Ordering::Relaxed);
    let error = ledger.anchor(&station.anchoring(true)).unwrap_err();
    assert!(matches!(error, AnchorError::NotEntered(_)), "{error}");
    assert_eq!(station.check(&station.trust(true)).unanchored.entries, 0);
    assert_eq!(station.exits(), (0, 0));
}

#[test]
fn consoles_that_sign_at_once_do_not_spoil_each_others_checkpoints() {
    const CONSOLES: u64 = 4;
    let station = Station::of(2);
    let barrier = Barrier::new(usize::try_from(CONSOLES).unwrap());
    std::thread::scope(|scope| {
        for n in 0..CONSOLES {
            let (station, barrier) = (&station, &barrier);
            scope.spawn(move || {
                let ledger = Ledger::open(&station.log()).unwrap();
                barrier.wait();
                for k in 0..10 {
                    let entry = decided(100 + n * 10 + k);
                    ledger.append(at(k.cast_signed() * 100), &[entry]).unwrap();
                    let with = Anchoring { id: id(9_000 + n * 10 + k), ..station.anchoring(true) };
                    ledger.anchor(&with).unwrap();
                }
            });
        }
    });
    let report = station.check(&station.trust(true));
    assert_eq!((report.level, report.exit_code(), report.anchors.cut), (Some(Level::L3), 0, 0), "{report}");
    let signed = kinds(&station.log()).iter().filter(|k| *k == "checkpoint").count();
    assert_eq!(report.anchors.checkpoints, signed as u64);
    assert_eq!(report.unanchored.entries, 1);
}

#[test]
fn nothing_is_signed_that_contradicts_what_was_signed_before() {
    // Whoever has no key changes the log and waits for an honest console to sign it.
    let station = Station::signed_twice();
    let mut lines = lines(&station.log());
    lines[2] = lines[2].replace("\"anna\"", "\"hans\"");
    station.replace(&lines);
    let ledger = Ledger::open(&station.log()).unwrap();
    ledger.append(at(400), &[decided(40)]).unwrap();
    let error = ledger.anchor(&station.anchoring(true)).unwrap_err();
    assert!(matches!(error, AnchorError::Contradicts(_)), "{error}");
    assert!(error.to_string().contains("countersign verify"), "{error}");
    assert_eq!(station.exits(), (4, 4));
}

#[test]
fn the_unanchored_tail_is_as_long_as_it_is_in_minutes_too() {
    let station = Station::of(5);
    let ledger = Ledger::open(&station.log()).unwrap();
    ledger.append(at(90 * 60_000 + 5), &[decided(20)]).unwrap();
    crate::support::without_head(&station.log());
    let report = station.check(&Trust::default());
    let (level, loose) = (report.level, report.unanchored);
    assert_eq!((level, loose.entries, loose.minutes), (Some(Level::L0), 6, 90), "{report}");
    // A clock that goes back after the checkpoint makes no time negative.
    station.anchor().unwrap();
    ledger.append(at(30 * 60_000), &[decided(21)]).unwrap();
    let report = station.check(&station.trust(true));
    assert_eq!((report.level, report.unanchored.minutes), (Some(Level::L3), 0), "{report}");
    // Of a broken chain nothing is known past the fault: no tail is told.
    let file = newest(&station.log());
    fs::write(&file, fs::read_to_string(&file).unwrap().replacen("anna", "hans", 3)).unwrap();
    let report = station.check(&station.trust(true));
    assert_eq!(report.exit_code(), 2);
    assert!(!report.to_string().contains("unanchored"), "{report}");
}

#[test]
fn a_checkpoint_is_due_after_100_entries_and_on_another_day() {
    let station = Station::of(50);
    let ledger = Ledger::open(&station.log()).unwrap();
    assert!(!ledger.is_anchor_due(at(0)));
    assert!(ledger.is_anchor_due(at(DAY_MS)), "never signed, and of yesterday");
    station.write(100, 50);
    assert!(ledger.is_anchor_due(at(0)));
    station.anchor().unwrap();
    assert!(!ledger.is_anchor_due(at(DAY_MS)), "nothing but the checkpoint's own entry is new");
    station.write(200, 99);
    assert!(ledger.is_anchor_due(at(200_000)), "the checkpoint's entry counts");
}

const SIGN: &str = "COUNTERSIGN_TEST_SIGN";

/// Not a test by itself: signs a station's log in a process of its own.
#[test]
fn child_signs() {
    let Ok(root) = std::env::var(SIGN) else { return };
    let root = PathBuf::from(root);
    let (key, witness) = (root.join("data/key"), Some(root.join("witness")));
    let with = Anchoring { key, seed: [7; 32], witness, now: at(300), id: id(6_000) };
    Ledger::open(&root.join("data/log")).unwrap().anchor(&with).unwrap().unwrap();
}

#[test]
fn p4_killed_at_each_point_of_signing_the_next_checkpoint_makes_up_for_it() {
    if !cfg!(debug_assertions) {
        return skipped("this build has no kill points");
    }
    // (point, whether a signature counts afterwards, at the witness too, whether the log's end is torn)
    for (point, signed, witnessed, exit) in [
        ("anchor.torn", false, false, 0),
        ("anchor.noted", true, false, 0),
        ("anchor.witnessed", true, true, 0),
        ("ledger.torn", true, true, 6),
        ("ledger.written", true, true, 0),
    ] {
        let station = Station::signed_twice();
        station.write(30, 4);
        let child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "anchor::child_signs", "--nocapture", "--test-threads=1"])
            .env(SIGN, station.root.path())
            .env("COUNTERSIGN_KILL_AT", point)
            .output()
            .unwrap();
        assert!(!child.status.success(), "{point}: it was to be killed");
        let (alone, both) = (station.check(&station.trust(false)), station.check(&station.trust(true)));
        assert_eq!((alone.exit_code(), both.exit_code()), (exit, exit), "{point}: {both}");
        assert_eq!(alone.anchors.checkpoints, 2 + u64::from(signed), "{point}");
        assert_eq!(alone.anchors.cut, u64::from(point == "anchor.torn"), "{point}");
        let Witness::Knows { checkpoints, .. } = both.anchors.witness else { panic!("{point}: {both}") };
        assert_eq!(checkpoints, 2 + u64::from(witnessed), "{point}");
        station.write(40, 1);
        station.anchor().unwrap();
        let report = station.check(&station.trust(true));
        assert_eq!((report.level, report.exit_code()), (Some(Level::L3), 0), "{point}: {report}");
        assert_eq!(report.unanchored.entries, 1, "{point}");
    }
}
