//! The reference verifier, a page of Python for auditors, agrees with ours on thousands of damaged logs.

use crate::support::{DAY_MS, at, decided, files, id, sha256, skipped};
use countersign::ledger::{Anchoring, CHECKPOINTS, HEAD, Ledger, Level, Trust, load_key, prove};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

const DAMAGED: usize = 2_500;
/// Folders to one run of Python.
const AT_ONCE: usize = 250;

/// Numbers without a meaning, the same in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        // Knuth's multiplier; the high bits are the good ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % n
    }
}

/// A log as it lies in its folder: name and bytes of each file.
type Log = BTreeMap<String, Vec<u8>>;

/// Over `days` days, signed as often, or never; and the key.
fn sound(days: u64, signed: bool) -> (Log, Trust) {
    let dir = tempfile::tempdir().unwrap();
    let log = dir.path().join("log");
    let ledger = Ledger::open(&log).unwrap();
    let key = dir.path().join("key");
    for day in 0..days {
        let now = at(day.cast_signed() * DAY_MS);
        let lines: Vec<_> = (0..12 / days).map(|n| decided(day * 10 + n)).collect();
        ledger.append(now, &lines).unwrap();
        if signed {
            let with = Anchoring { key: key.clone(), seed: [7; 32], witness: None, now, id: id(5_000 + day) };
            ledger.anchor(&with).unwrap().unwrap();
        }
    }
    let keys = load_key(&key).unwrap().map(|key| key.public()).into_iter().collect();
    let mut names: Vec<_> = files(&log);
    names.extend([log.join(HEAD), log.join(CHECKPOINTS)]);
    let read = |p: &std::path::PathBuf| {
        Some((p.file_name()?.to_str()?.to_owned(), fs::read(p).ok().filter(|bytes| !bytes.is_empty())?))
    };
    (names.iter().filter_map(read).collect(), Trust { keys, ..Trust::default() })
}

fn is_file(name: &str) -> bool {
    name.starts_with("decisions-")
}

/// All lines hashed anew from the first to the last, as somebody does who can write and has no key.
fn reseal(log: &mut Log, renumber: bool) {
    let (mut prev, mut seq, mut end) = ("0".repeat(64), 0, None);
    for (name, bytes) in log.iter_mut().filter(|(name, _)| is_file(name)) {
        let mut text = String::new();
        for line in String::from_utf8_lossy(bytes).lines() {
            let Some((body, _)) = line.split_once(",\"prev\"") else { continue };
            seq += 1;
            let body = match body.find(",\"ts\"") {
                Some(ts) if renumber => format!("{{\"v\":1,\"seq\":{seq}{}", &body[ts..]),
                _ => body.to_owned(),
            };
            let signed = format!("{body},\"prev\":\"{prev}\"");
            prev = sha256(&signed);
            text += &[&signed, ",\"hash\":\"", &prev, "\"}\n"].concat();
        }
        end = Some((name.clone(), text.len()));
        *bytes = text.into_bytes();
    }
    if let (Some((file, length)), Some(head)) = (end, log.get_mut(HEAD)) {
        let ts = at(0);
        let text =
            format!(r#"{{"v":1,"seq":{seq},"ts":"{ts}","file":"{file}","length":{length},"hash":"{prev}"}}"#);
        *head = text.into_bytes();
    }
}

/// One thing that can happen to a log.
fn damage(log: &mut Log, dice: &mut Dice) {
    let names: Vec<String> = log.keys().filter(|name| is_file(name)).cloned().collect();
    let Some(name) = names.get(dice.below(names.len().max(1))).cloned() else { return };
    let mut bytes = log[&name].clone();
    let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
    let (at, line) = (dice.below(bytes.len().max(1)), dice.below(lines.len().max(1)));
    let what = dice.below(16);
    match what {
        _ if bytes.is_empty() => {}
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => bytes.insert(at, b"0\n\"{ \xff"[dice.below(6)]),
        2 => drop(bytes.remove(at)),
        3 => bytes.truncate(at),
        4 => bytes.extend_from_slice([&b"{\"v\":1"[..], b"{}\n", b"\n"][dice.below(3)]),
        5..=10 => {
            let other = dice.below(lines.len());
            let same = lines[line].clone();
            match what {
                5 => drop(lines.remove(line)),
                6 => lines.swap(line, other),
                7 => lines.insert(other, same),
                8 => lines.truncate(line),
                9 => lines[line] = String::from_utf8_lossy(&same).replace("anna", "hans").into_bytes(),
                _ => {
                    let earlier = String::from_utf8_lossy(&same).replacen("T09:0", "T07:0", 1);
                    lines[line] = earlier.into_bytes();
                }
            }
            bytes = lines.concat();
        }
        11 => drop(log.remove(&name)),
        12 => {
            let moved = name.replace("-00.jsonl", "-01.jsonl");
            log.insert(moved, bytes.clone());
            if dice.below(2) == 0 {
                log.remove(&name);
            }
        }
        13 => drop(log.remove(HEAD)),
        14 => drop(log.insert(HEAD.to_owned(), [&b"{}"[..], b"no head"][dice.below(2)].to_vec())),
        _ => drop(log.remove(CHECKPOINTS)),
    }
    if let Some(there) = log.get_mut(&name) {
        *there = bytes;
    }
    match dice.below(5) {
        0 => reseal(log, false),
        1 => reseal(log, true),
        _ => {}
    }
}

/// One byte changed, put in or taken out of what stands beside the log.
fn damage_beside(log: &mut Log, name: &str, dice: &mut Dice) {
    let Some(bytes) = log.get_mut(name) else { return };
    let at = dice.below(bytes.len());
    match dice.below(3) {
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => bytes.insert(at, b"0aA\"\n{} ,.-\xff"[dice.below(12)]),
        _ => drop(bytes.remove(at)),
    }
}

/// Whether a signature is whole and fits is beyond it: where the checkpoints were spoilt it may miss that, nothing else.
fn but_for_signatures(theirs: &str, ours: &str) -> bool {
    let split = |said: &str| said.split_once(' ').map(|(code, rest)| (code.to_owned(), rest.to_owned()));
    let (Some((theirs, their_rest)), Some((ours, our_rest))) = (split(theirs), split(ours)) else {
        return false;
    };
    let (theirs, ours) = (theirs.as_str(), ours.as_str());
    their_rest == our_rest && ["4", "5"].contains(&ours) && ["0", "3", "4", "6", "7"].contains(&theirs)
}

fn put(log: &Log, dir: &Path) {
    fs::create_dir(dir).unwrap();
    for (name, bytes) in log {
        fs::write(dir.join(name), bytes).unwrap();
    }
}

#[test]
fn the_reference_verifier_agrees_on_thousands_of_damaged_logs() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/verify.py");
    if Command::new("python3").arg("--version").output().is_err() {
        return skipped("there is no python3 here: the reference verifier was not compared");
    }
    let logs = [sound(1, false), sound(1, true), sound(3, false), sound(3, true)];
    let mut dice = Dice(1);
    let mut codes = BTreeMap::new();
    for batch in 0..DAMAGED / AT_ONCE {
        let dir = tempfile::tempdir().unwrap();
        let mut ours = Vec::new();
        let mut folders = Vec::new();
        for n in 0..AT_ONCE {
            let (mut log, trust) = logs[n % logs.len()].clone();
            // The first of each kind is left as it is.
            let mut spoilt = false;
            for _ in 0..usize::from(batch > 0 || n >= logs.len()) + dice.below(20) / 19 {
                match dice.below(8) {
                    0 => damage_beside(&mut log, HEAD, &mut dice),
                    1 => {
                        damage_beside(&mut log, CHECKPOINTS, &mut dice);
                        spoilt = true;
                    }
                    _ => damage(&mut log, &mut dice),
                }
            }
            let folder = dir.path().join(n.to_string());
            put(&log, &folder);
            let report = prove(&folder, &trust, &mut |_, _| ()).unwrap();
            // Signatures are beyond it: what they prove stands on the head's word there, or on nobody's.
            let headed = if log.contains_key(HEAD) { Level::L1 } else { Level::L0 };
            let level = report.level.map_or("none".to_owned(), |level| level.min(headed).to_string());
            *codes.entry(report.exit_code()).or_insert(0) += 1;
            ours.push((format!("{} {level} {}", report.exit_code(), report.entries), report, spoilt));
            folders.push(folder);
        }
        let said = Command::new("python3").arg(&script).args(&folders).output().unwrap();
        let told = String::from_utf8(said.stdout).unwrap();
        assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
        assert_eq!(told.lines().count(), AT_ONCE);
        for ((theirs, (ours, report, spoilt)), folder) in told.lines().zip(ours).zip(folders) {
            let same = theirs == ours || (spoilt && but_for_signatures(theirs, &ours));
            if !same {
                let kept = dir.keep();
                panic!("{}: theirs {theirs}, ours {ours}: {report}{kept:?}", folder.display());
            }
        }
    }
    let seen: Vec<u8> = codes.keys().copied().collect();
    assert_eq!(seen, [0, 2, 3, 4, 5, 6, 7], "every verdict was reached: {codes:?}");
}
