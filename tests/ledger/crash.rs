//! Real processes: killed at each point, killed at random, several at once, at a real limit, on a real full disk.

use crate::support::{NOON, at, check, decided, files, id, kinds, log, log_of, newest, skipped};
use countersign::ledger::{
    Anchoring, AppendError, CHECKPOINTS, Ledger, Options, QUARANTINE, RealDisk, read_from,
};
use countersign::review::Stamp;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};

const DIR: &str = "COUNTERSIGN_TEST_LOG";
const FIRST: &str = "COUNTERSIGN_TEST_FIRST";
const COUNT: &str = "COUNTERSIGN_TEST_COUNT";

/// This test binary once more, as a writer of `count` decisions from `first` on.
fn writer(dir: &Path, first: u64, count: u64) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--exact", "crash::child_writes", "--nocapture", "--test-threads=1"])
        .env(DIR, dir)
        .env(FIRST, first.to_string())
        .env(COUNT, count.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// Not a test by itself: what [`writer`] runs. Prints each decision's number once it is acknowledged.
#[test]
fn child_writes() {
    let Ok(dir) = std::env::var(DIR) else { return };
    let number = |name| std::env::var(name).unwrap().parse::<u64>().unwrap();
    // Small files, so that some die at a rotation.
    let options = Options { max_file_bytes: 20_000, ..Options::default() };
    let ledger = Ledger::open_with(dir.as_ref(), options, Box::new(RealDisk)).unwrap();
    for n in number(FIRST)..number(FIRST) + number(COUNT) {
        match ledger.append(at(n.cast_signed()), &[decided(n)]) {
            // One write straight to the pipe: what is buffered dies with us.
            Ok(_) => writeln!(std::io::stderr(), "signed {n}").unwrap(),
            Err(error) => writeln!(std::io::stderr(), "error {error}").unwrap(),
        }
    }
}

fn signed(stderr: impl std::io::Read) -> Vec<u64> {
    let lines = BufReader::new(stderr).lines().map(Result::unwrap);
    lines.filter_map(|l| l.strip_prefix("signed ")?.parse().ok()).collect()
}

fn decisions(dir: &Path) -> Vec<uuid::Uuid> {
    let lines = read_from(dir, None).unwrap().map(Result::unwrap);
    lines.filter(|l| l.kind == "decision").map(|l| l.id.unwrap()).collect()
}

#[test]
fn p4_killed_at_each_point_of_an_append() {
    if !cfg!(debug_assertions) {
        skipped("this build has no kill points");
        return;
    }
    // (point, is the entry there afterwards, exit code of verify before anybody repairs)
    for (point, stands, exit) in [
        ("ledger.locked", false, 0),
        ("ledger.torn", false, 6),
        ("ledger.written", true, 0),
        ("ledger.synced", true, 0),
        ("ledger.head", true, 0),
    ] {
        for empty in [true, false] {
            let (dir, _) = log_of(4);
            let dir = if empty { dir.path().join("other") } else { log(&dir) };
            let child = writer(&dir, 50, 1).env("COUNTERSIGN_KILL_AT", point).output().unwrap();
            assert_eq!(child.status.signal(), Some(9), "{point}: {}", String::from_utf8_lossy(&child.stderr));
            assert!(signed(&*child.stderr).is_empty(), "{point}: nothing was acknowledged");
            assert_eq!(check(&dir).exit_code(), exit, "{point} {empty}: {}", check(&dir));
            assert_eq!(decisions(&dir).contains(&id(50)), stands, "{point}");
            // The next one writes, after putting right what was torn; the lock died with its holder.
            let child = writer(&dir, 60, 1).output().unwrap();
            assert_eq!(signed(&*child.stderr), [60], "{point}: {}", String::from_utf8_lossy(&child.stderr));
            let report = check(&dir);
            assert_eq!((report.exit_code(), report.unanchored.entries), (0, 0), "{point} {empty}: {report}");
            assert_eq!(
                decisions(&dir).iter().filter(|d| **d == id(50)).count(),
                usize::from(stands),
                "{point}"
            );
            assert_eq!(dir.join(QUARANTINE).exists(), point == "ledger.torn", "{point}");
            assert_eq!(kinds(&dir).iter().filter(|k| *k == "header").count(), 1, "{point}");
        }
    }
}

#[test]
fn p4_killed_at_random_among_neighbours_nothing_acknowledged_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let mut acknowledged = Vec::new();
    for round in 0..12_u64 {
        let mut children: Vec<_> =
            (0..3).map(|k| writer(dir.path(), 10_000 * (round * 3 + k), 5_000).spawn().unwrap()).collect();
        std::thread::sleep(std::time::Duration::from_millis(20 + round * 7));
        for child in &mut children {
            child.kill().unwrap();
        }
        for mut child in children {
            acknowledged.extend(signed(child.stderr.take().unwrap()));
            child.wait().unwrap();
        }
    }
    assert!(acknowledged.len() > 20, "{}", acknowledged.len());
    Ledger::open(dir.path()).unwrap().append(NOON, &[decided(9_999)]).unwrap();
    let report = check(dir.path());
    assert_eq!((report.exit_code(), report.unanchored.entries), (0, 0), "{report}");
    assert!(report.files > 3, "{report}");
    let mut there = decisions(dir.path());
    let all = there.len();
    there.sort_unstable();
    there.dedup();
    assert_eq!(all, there.len(), "each stands once");
    for n in acknowledged {
        assert!(there.binary_search(&id(n)).is_ok(), "{n} was acknowledged and is not there");
    }
}

#[test]
fn p1_at_a_real_file_size_limit_the_decision_is_refused() {
    // A limit within the third entry: first a short write, then, at the limit itself, EFBIG.
    let dir = tempfile::tempdir().unwrap();
    let child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 6 && exec \"$@\"", "sh"])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child_writes", "--nocapture", "--test-threads=1"])
        .env(DIR, dir.path())
        .env(FIRST, "1")
        .env(COUNT, "9")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&child.stderr);
    let signed = signed(&*child.stderr);
    assert!(!signed.is_empty() && signed.len() < 9, "{text}");
    assert!(text.contains("error nothing was signed"), "{text}");
    assert_eq!(check(dir.path()).exit_code(), 0, "{}", check(dir.path()));
    assert_eq!(decisions(dir.path()), signed.iter().map(|n| id(*n)).collect::<Vec<_>>());
}

const SMALL_DISK: &str = "COUNTERSIGN_TEST_SMALL_DISK";

#[test]
fn p1_on_a_real_full_disk_the_decision_is_refused_and_goes_when_there_is_room() {
    // In a mount namespace of its own: the small disk goes with the process, however it ends.
    let mount = tempfile::tempdir().unwrap();
    let small = "mount -t tmpfs -o size=64k countersign-test \"$0\" || exit 77; exec \"$@\"";
    let child = Command::new("unshare")
        .args(["-m", "sh", "-c", small])
        .arg(mount.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child_fills_the_disk", "--nocapture", "--test-threads=1"])
        .env(SMALL_DISK, mount.path())
        .output();
    match child {
        Ok(child) if child.status.success() => {}
        Ok(child) if child.stderr.starts_with(b"unshare:") || child.status.code() == Some(77) => {
            skipped("no right to mount a small disk here");
        }
        Ok(child) => {
            panic!("{}{}", String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr))
        }
        Err(_) => skipped("there is no unshare here"),
    }
}

/// Not a test by itself: what the one above runs on a disk of 64 KiB.
#[test]
fn child_fills_the_disk() {
    let Ok(mount) = std::env::var(SMALL_DISK) else { return };
    let mount = Path::new(&mount);
    let dir = mount.join("log");
    let ledger = Ledger::open(&dir).unwrap();
    let ballast = mount.join("ballast");
    ledger.append(NOON, &[decided(1)]).unwrap();
    let sign = || {
        let key = mount.join("key");
        let with = Anchoring { key, seed: [7; 32], witness: None, now: NOON, id: id(5_000) };
        Ledger::open(&dir).unwrap().anchor(&with)
    };
    sign().unwrap().unwrap();
    // Blank lines up to the end of its page, so that the next checkpoint needs another one.
    let mut signed = std::fs::read(dir.join(CHECKPOINTS)).unwrap();
    signed.resize(4_096, b'\n');
    std::fs::write(dir.join(CHECKPOINTS), &signed).unwrap();
    let mut n = 1;
    let error = loop {
        // Takes what there is, also what `head.json` would need: the log's own page fills up, then nothing goes.
        let _ = std::fs::write(&ballast, vec![0; 64 << 10]);
        n += 1;
        match ledger.append(Stamp(NOON.0 + n), &[decided(n.unsigned_abs())]) {
            Ok(_) => assert!(n < 200),
            Err(error) => break error,
        }
    };
    assert!(matches!(error, AppendError::NotWritten { .. }), "{error}");
    assert_eq!((check(&dir).exit_code(), check(&dir).entries), (0, n.unsigned_abs() + 1), "{}", check(&dir));
    let told = sign().unwrap_err().to_string();
    assert!(told.starts_with("no checkpoint was signed: ") && told.contains("make room"), "{told}");
    assert_eq!(std::fs::read(dir.join(CHECKPOINTS)).unwrap(), signed);
    std::fs::remove_file(&ballast).unwrap();
    ledger.append(Stamp(NOON.0 + n), &[decided(n.unsigned_abs())]).unwrap();
    assert!(sign().unwrap().is_some());
    assert_eq!((check(&dir).exit_code(), check(&dir).unanchored.entries), (0, 0));
}

#[test]
fn a_crash_between_new_file_and_first_byte_leaves_a_log_that_goes_on() {
    let (dir, _) = log_of(3);
    let dir = log(&dir);
    std::fs::write(dir.join("decisions-2026-11-21-00.jsonl"), "").unwrap();
    assert_eq!(check(&dir).exit_code(), 0);
    Ledger::open(&dir).unwrap().append(at(2 * crate::support::DAY_MS), &[decided(9)]).unwrap();
    assert_eq!((check(&dir).exit_code(), files(&dir).len()), (0, 2));
    assert!(newest(&dir).ends_with("decisions-2026-11-22-00.jsonl"));
}
