//! A changed log is found out, whatever was done to it, and nothing is written to it any more.

use crate::support::{at, check, decided, files, lines, log, log_of, newest, outcome, sha256, without_head};
use countersign::ledger::{AppendError, HEAD, Ledger, Level, Mark, Problem, QUARANTINE};
use countersign::review::Outcome;
use proptest::prelude::*;
use std::os::unix::fs::FileExt;
use std::path::Path;

/// Puts `bytes` in the place of the newest file.
fn put(dir: &Path, bytes: &[u8]) {
    // In place: a file cut to nothing and written anew is flushed by some file systems, thousands of times here.
    let file = std::fs::OpenOptions::new().write(true).open(newest(dir)).unwrap();
    file.write_all_at(bytes, 0).unwrap();
    file.set_len(bytes.len() as u64).unwrap();
}

/// What `verify` makes of them.
fn exit_with(dir: &Path, bytes: &[u8]) -> u8 {
    put(dir, bytes);
    check(dir).exit_code()
}

/// Mostly short entries: the work grows with the square of the length.
fn short_log_of_20() -> (tempfile::TempDir, Vec<Mark>) {
    let (dir, mut marks) = log_of(3);
    let ledger = Ledger::open(&log(&dir)).unwrap();
    for n in 3_i64..20 {
        let sent = outcome(n.unsigned_abs(), Outcome::Sent, None);
        marks.extend(ledger.append(at(n * 1_000), &[sent]).unwrap());
    }
    (dir, marks)
}

#[test]
fn every_flipped_bit_of_a_log_of_20_entries_is_found() {
    let (dir, _) = short_log_of_20();
    let dir = log(&dir);
    let sound = std::fs::read(newest(&dir)).unwrap();
    assert_eq!(lines(&dir).len(), 20);
    assert_eq!((exit_with(&dir, &sound), check(&dir).level), (0, Some(Level::L1)));
    let mut bytes = sound.clone();
    for at in 0..sound.len() {
        for bit in 0..8 {
            bytes[at] ^= 1 << bit;
            let exit = exit_with(&dir, &bytes);
            // The last line feed is the one byte under no hash: without it the last line is torn.
            let expected = if at == sound.len() - 1 { 3 } else { 2 };
            assert_eq!(exit, expected, "byte {at} bit {bit}");
            bytes[at] = sound[at];
        }
    }
}

#[test]
fn every_cut_length_is_found_and_without_its_head_only_a_cut_within_a_line() {
    let (dir, marks) = short_log_of_20();
    let dir = log(&dir);
    let sound = std::fs::read(newest(&dir)).unwrap();
    let head = std::fs::read(dir.join(HEAD)).unwrap();
    for length in 0..sound.len() {
        assert_eq!(exit_with(&dir, &sound[..length]), 3, "cut to {length}");
    }
    without_head(&dir);
    for length in 1..sound.len() {
        let whole = sound[length - 1] == b'\n';
        put(&dir, &sound[..length]);
        let report = check(&dir);
        assert_eq!(
            (report.exit_code(), report.level),
            (if whole { 0 } else { 6 }, Some(Level::L0)),
            "cut to {length}"
        );
        assert_eq!(report.unanchored.entries, report.entries, "nobody vouches for any of it");
    }
    // A head that lags vouches for what it knows.
    std::fs::write(newest(&dir), &sound).unwrap();
    std::fs::write(dir.join(HEAD), head).unwrap();
    let short = usize::try_from(marks.last().unwrap().offset).unwrap();
    assert_eq!(exit_with(&dir, &sound[..short]), 0);
}

#[test]
fn every_line_taken_out_swapped_or_doubled_is_found() {
    let (dir, _) = log_of(20);
    let dir = log(&dir);
    let text = std::fs::read_to_string(newest(&dir)).unwrap();
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    for with_head in [true, false] {
        if !with_head {
            without_head(&dir);
        }
        for i in 0..lines.len() {
            let mut out = lines.clone();
            out.remove(i);
            let last = i == lines.len() - 1;
            let expected = match (last, with_head) {
                (true, true) => 3,
                (true, false) => 0,
                (false, _) => 2,
            };
            assert_eq!(exit_with(&dir, out.concat().as_bytes()), expected, "without line {i}");
            let mut out = lines.clone();
            out.insert(i, lines[i]);
            assert_eq!(exit_with(&dir, out.concat().as_bytes()), 2, "line {i} twice");
            for j in 0..i {
                let mut out = lines.clone();
                out.swap(i, j);
                assert_eq!(exit_with(&dir, out.concat().as_bytes()), 2, "lines {i} and {j} swapped");
            }
        }
    }
}

#[test]
fn a_fault_names_file_line_byte_and_reason() {
    let (dir, marks) = log_of(20);
    let dir = log(&dir);
    let mut bytes = std::fs::read(newest(&dir)).unwrap();
    let start = usize::try_from(marks[3].offset).unwrap();
    bytes[start + 300] ^= 1;
    std::fs::write(newest(&dir), &bytes).unwrap();
    let report = check(&dir);
    let (problem, fault) = report.problem.clone().unwrap();
    assert_eq!((problem, report.level, report.entries), (Problem::ChainBroken, None, 5));
    assert_eq!((fault.line, fault.offset), (6, marks[3].offset));
    assert_eq!(fault.file, "decisions-2026-11-20-00.jsonl");
    assert!(report.to_string().contains("line 6 (byte"), "{report}");
    assert!(!report.to_string().contains("OK"));
}

#[test]
fn every_file_taken_out_renamed_or_doubled_is_found() {
    let build = || {
        let (dir, _) = log_of(3);
        for day in 1..4 {
            let now = at(day * crate::support::DAY_MS);
            Ledger::open(&log(&dir)).unwrap().append(now, &[decided(day.unsigned_abs())]).unwrap();
        }
        (files(&log(&dir)), dir)
    };
    for n in 0..4 {
        let (files, dir) = build();
        assert_eq!((check(&log(&dir)).exit_code(), files.len()), (0, 4));
        std::fs::remove_file(&files[n]).unwrap();
        assert_eq!(check(&log(&dir)).exit_code(), if n == 3 { 3 } else { 2 }, "without file {n}");
        let (files, dir) = build();
        std::fs::rename(&files[n], log(&dir).join(format!("decisions-2026-11-{}-01.jsonl", 20 + n))).unwrap();
        assert_eq!(check(&log(&dir)).exit_code(), 2, "file {n} renamed");
        let (files, dir) = build();
        std::fs::copy(&files[n], log(&dir).join(format!("decisions-2026-11-{}-01.jsonl", 20 + n))).unwrap();
        assert_eq!(check(&log(&dir)).exit_code(), 2, "file {n} twice");
        let (files, dir) = build();
        std::fs::write(&files[n], "").unwrap();
        assert_eq!(check(&log(&dir)).exit_code(), if n == 3 { 3 } else { 2 }, "file {n} emptied");
    }
}

#[test]
fn p10_a_broken_log_is_not_written_to_and_not_repaired() {
    type Damage = fn(&mut Vec<u8>);
    let cases: [(&str, Damage); 4] = [
        ("a bit of the last line", |b| {
            let n = b.len();
            b[n - 200] ^= 1;
        }),
        ("the last line gone", |b| {
            b.pop();
            b.truncate(b.iter().rposition(|c| *c == b'\n').unwrap() + 1);
        }),
        ("the last line feed gone", |b| {
            b.pop();
        }),
        ("a foreign line at the end", |b| b.extend(b"{\"hello\":1}\n")),
    ];
    for (what, damage) in cases {
        for fresh in [true, false] {
            let (dir, _) = log_of(6);
            let dir = log(&dir);
            let before = Ledger::open(&dir).unwrap();
            before.check().unwrap();
            let mut bytes = std::fs::read(newest(&dir)).unwrap();
            damage(&mut bytes);
            std::fs::write(newest(&dir), &bytes).unwrap();
            let ledger = if fresh { Ledger::open(&dir).unwrap() } else { before };
            let error = ledger.append(at(60_000), &[decided(9)]).unwrap_err();
            assert!(matches!(error, AppendError::Broken(_)), "{what}, fresh {fresh}: {error}");
            assert!(!error.may_stand());
            assert!(ledger.check().is_err(), "{what}");
            assert_eq!(std::fs::read(newest(&dir)).unwrap(), bytes, "{what}: nothing is touched");
            assert!(!dir.join(QUARANTINE).exists());
        }
    }
}

#[test]
fn a_head_that_is_gone_or_spoilt_is_written_down_and_made_anew() {
    type Spoil = fn(&Path);
    let spoils: [(Spoil, u8); 3] = [
        (|d| without_head(d), 0),
        (|d| std::fs::write(d.join(HEAD), "").unwrap(), 3),
        (|d| std::fs::write(d.join(HEAD), "{\"seq\":1}").unwrap(), 3),
    ];
    for (spoil, exit) in spoils {
        let (dir, _) = log_of(6);
        let dir = log(&dir);
        spoil(&dir);
        assert_eq!((check(&dir).exit_code(), check(&dir).level), (exit, Some(Level::L0)));
        let ledger = Ledger::open(&dir).unwrap();
        assert!(ledger.check().unwrap().head_lost);
        ledger.append(at(60_000), &[decided(9)]).unwrap();
        assert_eq!((check(&dir).exit_code(), check(&dir).level), (0, Some(Level::L1)));
        let lines = lines(&dir);
        assert!(
            lines[6].contains(r#""type":"recovered""#) && lines[6].contains(r#""what":"head""#),
            "{}",
            lines[6]
        );
    }
}

#[test]
fn a_history_written_anew_contradicts_its_head() {
    let (dir, _) = log_of(6);
    let (other, _) = log_of(2);
    Ledger::open(&log(&other))
        .unwrap()
        .append(at(9_000), &[decided(7), decided(8), decided(9), decided(10), decided(11)])
        .unwrap();
    assert_eq!(check(&log(&other)).exit_code(), 0);
    std::fs::copy(newest(&log(&other)), newest(&log(&dir))).unwrap();
    assert_eq!(check(&log(&dir)).exit_code(), 2);
    assert!(matches!(
        Ledger::open(&log(&dir)).unwrap().append(at(9_000), &[decided(12)]),
        Err(AppendError::Broken(_))
    ));
}

#[test]
fn a_clock_that_went_back_unannounced_is_found_last() {
    // Three lines sealed by hand with an honest chain and a dishonest clock cannot come from this program; a log
    // whose own clock went back says so, and stays sound.
    let (dir, _) = log_of(4);
    let dir = log(&dir);
    Ledger::open(&dir).unwrap().append(at(-3_600_000), &[decided(9)]).unwrap();
    assert_eq!(check(&dir).exit_code(), 0);
    let lines = lines(&dir);
    assert!(
        lines[4].contains(r#""type":"clock_step""#) && lines[4].contains(r#""back_ms":3603000"#),
        "{}",
        lines[4]
    );
    // Renaming the type and sealing the rest anew hides the step, and the clock is all that is left to see.
    let mut prev = lines[3].split("\"hash\":\"").nth(1).unwrap()[..64].to_owned();
    let mut text = lines[..4].join("\n") + "\n";
    for line in &lines[4..] {
        let (body, _) = line.split_once(",\"prev\"").unwrap();
        let signed = format!("{},\"prev\":\"{prev}\"", body.replace("clock_step", "nothing"));
        prev = sha256(&signed);
        text += &[&signed, ",\"hash\":\"", &prev, "\"}\n"].concat();
    }
    without_head(&dir);
    assert_eq!(exit_with(&dir, text.as_bytes()), 7);
    assert_eq!(check(&dir).problem.unwrap().1.line, 5);
    text += "{\"v\":1";
    assert_eq!(exit_with(&dir, text.as_bytes()), 6, "a torn tail is worse than the clock");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]
    #[test]
    fn any_one_byte_changed_put_in_or_taken_out_is_found(place: prop::sample::Index, byte: u8, what in 0..3) {
        thread_local!(static LOG: (tempfile::TempDir, Vec<u8>) = {
            let (dir, _) = log_of(20);
            let bytes = std::fs::read(newest(&log(&dir))).unwrap();
            (dir, bytes)
        });
        LOG.with(|(dir, sound)| {
            let mut bytes = sound.clone();
            let at = place.index(bytes.len());
            match what {
                0 => bytes[at] = byte,
                1 => bytes.insert(at, byte),
                _ => { bytes.remove(at); }
            }
            let exit = exit_with(&log(dir), &bytes);
            prop_assert_eq!(exit == 0, bytes == *sound, "byte {} {}", at, what);
            Ok(())
        })?;
    }
}
