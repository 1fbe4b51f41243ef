//! Writing: what is acknowledged is there, what is refused is not; disks, clocks, days, sizes, neighbours.

use crate::support::{
    DAY_MS, NOON, at, check, decided, files, id, kinds, lines, log, log_of, newest, session, without_head,
};
use countersign::ledger::{
    AppendError, CURRENT, DOUBT, Disk, HEAD, Ledger, LedgerError, Options, QUARANTINE, RealDisk, read_from,
};
use countersign::review::Stamp;
use std::fs::File;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// A disk that fails when told to.
#[derive(Clone, Default)]
struct Faulty {
    /// Takes only so many bytes of the next write.
    short: Option<usize>,
    no_space: bool,
    no_sync: bool,
    no_cut: bool,
    on: Arc<AtomicBool>,
}

impl Disk for Faulty {
    fn write(&mut self, file: &File, bytes: &[u8]) -> io::Result<usize> {
        match (self.on.load(Ordering::Relaxed), self.short) {
            (true, Some(n)) => RealDisk.write(file, &bytes[..n.min(bytes.len())]),
            (true, None) if self.no_space => Err(io::ErrorKind::StorageFull.into()),
            _ => RealDisk.write(file, bytes),
        }
    }
    fn sync(&mut self, file: &File) -> io::Result<()> {
        if self.no_sync && self.on.load(Ordering::Relaxed) {
            return Err(io::Error::other("the disk has gone"));
        }
        RealDisk.sync(file)
    }
    fn cut(&mut self, file: &File, length: u64) -> io::Result<()> {
        if self.no_cut && self.on.load(Ordering::Relaxed) {
            return Err(io::Error::other("the disk has gone"));
        }
        RealDisk.cut(file, length)
    }
}

fn on(dir: &Path, disk: &Faulty) -> Ledger {
    Ledger::open_with(dir, Options::default(), Box::new(disk.clone())).unwrap()
}

#[test]
fn what_is_acknowledged_is_there_in_private_files_under_current() {
    let (dir, marks) = log_of(4);
    let dir = log(&dir);
    assert_eq!(kinds(&dir), ["header", "decision", "outcome", "decision"]);
    assert_eq!(marks.iter().map(|m| m.seq).collect::<Vec<_>>(), [2, 3, 4]);
    assert_eq!(std::fs::read_link(dir.join(CURRENT)).unwrap(), newest(&dir).file_name().unwrap());
    let mode = |p: &Path| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&dir), mode(&newest(&dir)), mode(&dir.join(HEAD))), (0o700, 0o600, 0o600));
    let standing = Ledger::open(&dir).unwrap().check().unwrap();
    assert_eq!((standing.newest, standing.torn_bytes), (marks.last().cloned(), 0));
}

#[test]
fn nothing_to_append_is_no_entry() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(Ledger::open(dir.path()).unwrap().append(NOON, &[]).unwrap(), []);
    assert!(files(dir.path()).is_empty());
    assert_eq!(check(dir.path()).exit_code(), 0);
}

#[test]
fn p1_a_full_disk_refuses_the_decision_and_leaves_the_log_as_it_was() {
    for (what, disk) in [
        ("no byte", Faulty { no_space: true, ..Faulty::default() }),
        ("a short write", Faulty { short: Some(100), ..Faulty::default() }),
        ("a short write after a whole line", Faulty { short: Some(1_900), ..Faulty::default() }),
    ] {
        let (dir, _) = log_of(4);
        let dir = log(&dir);
        let ledger = on(&dir, &disk);
        ledger.append(at(4_000), &[decided(4)]).unwrap();
        let before = std::fs::read(newest(&dir)).unwrap();
        disk.on.store(true, Ordering::Relaxed);
        let error = ledger.append(at(5_000), &[decided(5), decided(6)]).unwrap_err();
        assert!(matches!(error, AppendError::NotWritten { .. }), "{what}: {error}");
        assert!(error.to_string().contains("nothing was signed"), "{error}");
        assert_eq!(std::fs::read(newest(&dir)).unwrap(), before, "{what}");
        assert_eq!(check(&dir).exit_code(), 0, "{what}");
        // Room again: the same ledger goes on.
        disk.on.store(false, Ordering::Relaxed);
        ledger.append(at(6_000), &[decided(5)]).unwrap();
        assert_eq!((check(&dir).exit_code(), check(&dir).entries), (0, 6), "{what}");
    }
}

#[test]
fn p1_a_full_disk_at_the_first_write_or_at_a_new_day_leaves_no_trace() {
    for day in [0, 1] {
        let dir = tempfile::tempdir().unwrap();
        let dir = dir.path();
        let disk = Faulty { short: Some(10), ..Faulty::default() };
        let ledger = on(dir, &disk);
        if day == 1 {
            ledger.append(NOON, &[decided(1)]).unwrap();
        }
        disk.on.store(true, Ordering::Relaxed);
        ledger.append(at(day * DAY_MS), &[decided(2)]).unwrap_err();
        assert_eq!(check(dir).exit_code(), 0);
        disk.on.store(false, Ordering::Relaxed);
        Ledger::open(dir).unwrap().append(at((day + 1) * DAY_MS), &[decided(3)]).unwrap();
        assert_eq!((check(dir).exit_code(), files(dir).len()), (0, 1 + usize::from(day == 1)));
    }
}

#[test]
fn p1_a_failed_fsync_poisons_the_log_for_all_that_have_it_open() {
    for disk in [
        Faulty { no_sync: true, ..Faulty::default() },
        Faulty { no_cut: true, short: Some(10), ..Faulty::default() },
        Faulty { no_sync: true, short: Some(10), ..Faulty::default() },
    ] {
        let (dir, _) = log_of(4);
        let dir = log(&dir);
        let (ledger, neighbour) = (on(&dir, &disk), Ledger::open(&dir).unwrap());
        neighbour.append(at(4_000), &[decided(4)]).unwrap();
        disk.on.store(true, Ordering::Relaxed);
        let error = ledger.append(at(5_000), &[decided(5)]).unwrap_err();
        assert!(error.may_stand(), "{error}");
        disk.on.store(false, Ordering::Relaxed);
        // Never again, even if the disk seems well: neither here nor in a neighbour.
        for ledger in [&ledger, &neighbour] {
            for _ in 0..2 {
                assert!(matches!(ledger.append(at(6_000), &[decided(6)]), Err(AppendError::Poisoned { .. })));
                assert!(matches!(ledger.check(), Err(AppendError::Poisoned { .. })));
            }
        }
        assert!(check(&dir).in_doubt);
        // The next start writes the bytes in doubt anew, says so, and goes on.
        let next = Ledger::open(&dir).unwrap();
        next.append(at(7_000), &[decided(7)]).unwrap();
        assert!(!dir.join(DOUBT).exists());
        assert_eq!(check(&dir).exit_code(), 0, "{}", check(&dir));
        assert!(lines(&dir).iter().any(|l| l.contains(r#""what":"resynced""#)));
    }
}

#[test]
fn a_disk_that_still_fails_stays_in_doubt() {
    let (dir, _) = log_of(4);
    let dir = log(&dir);
    let disk = Faulty { no_sync: true, ..Faulty::default() };
    disk.on.store(true, Ordering::Relaxed);
    assert!(on(&dir, &disk).append(at(5_000), &[decided(5)]).unwrap_err().may_stand());
    assert!(on(&dir, &disk).append(at(5_000), &[decided(6)]).unwrap_err().may_stand());
    assert!(dir.join(DOUBT).exists());
    assert_eq!(check(&dir).entries, 5, "the second one was not even written");
}

#[test]
fn a_torn_tail_goes_to_quarantine_and_an_entry_says_so() {
    for fresh in [true, false] {
        let (dir, _) = log_of(4);
        let dir = log(&dir);
        let open = Ledger::open(&dir).unwrap();
        open.append(at(4_000), &[decided(4)]).unwrap();
        let mut bytes = std::fs::read(newest(&dir)).unwrap();
        bytes.extend(b"{\"v\":1,\"seq\":6,\"ts");
        std::fs::write(newest(&dir), &bytes).unwrap();
        assert_eq!(check(&dir).exit_code(), 6);
        let ledger = if fresh { Ledger::open(&dir).unwrap() } else { open };
        assert_eq!(ledger.check().unwrap().torn_bytes, 18);
        ledger.append(at(5_000), &[decided(5)]).unwrap();
        assert_eq!(check(&dir).exit_code(), 0);
        assert_eq!(kinds(&dir)[5..], ["recovered", "decision"]);
        assert!(lines(&dir)[5].contains(r#""what":"torn_tail","file":"decisions-2026-11-20-00.jsonl""#));
        assert!(lines(&dir)[5].contains(r#""bytes":18,"#));
        let kept: Vec<_> =
            std::fs::read_dir(dir.join(QUARANTINE)).unwrap().map(|e| e.unwrap().path()).collect();
        assert_eq!(std::fs::read(&kept[0]).unwrap(), b"{\"v\":1,\"seq\":6,\"ts");
    }
}

#[test]
fn the_first_write_torn_begins_the_log_anew() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    std::fs::write(dir.join("decisions-2026-11-20-00.jsonl"), "{\"v\":1").unwrap();
    assert_eq!(check(dir).exit_code(), 6);
    Ledger::open(dir).unwrap().append(NOON, &[decided(1)]).unwrap();
    assert_eq!(
        (check(dir).exit_code(), kinds(dir)),
        (0, ["header", "recovered", "decision"].map(String::from).to_vec())
    );
}

#[test]
fn each_utc_day_has_its_file_and_the_chain_runs_through() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let ledger = Ledger::open(dir).unwrap();
    let midnight: Stamp = "2026-11-21T00:00:00Z".parse().unwrap();
    for (n, now) in [midnight.0 - 1, midnight.0, midnight.0 + DAY_MS].into_iter().enumerate() {
        ledger.append(Stamp(now), &[decided(n as u64 + 1)]).unwrap();
        assert_eq!(std::fs::read_link(dir.join(CURRENT)).unwrap(), newest(dir).file_name().unwrap());
    }
    let names: Vec<_> =
        files(dir).iter().map(|f| f.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    assert_eq!(names, ["20", "21", "22"].map(|d| format!("decisions-2026-11-{d}-00.jsonl")));
    assert_eq!(kinds(dir), ["header", "decision"].repeat(3));
    let report = check(dir);
    assert_eq!((report.exit_code(), report.entries, report.files), (0, 6, 3));
    let chains: Vec<_> =
        read_from(dir, None).unwrap().map(|l| l.unwrap().parsed().unwrap().chain()).step_by(2).collect();
    assert!(chains[0].is_some() && chains.iter().all(|c| *c == chains[0]), "{chains:?}");
}

#[test]
fn a_full_file_is_followed_by_the_next_of_the_day() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let options = Options { max_file_bytes: 3_000, ..Options::default() };
    for n in 1..=30 {
        // Old and new ledgers take turns, so that both ways of catching up are walked.
        let ledger = Ledger::open_with(dir, options, Box::new(RealDisk)).unwrap();
        ledger.append(at(n * 10), &[decided(n.unsigned_abs())]).unwrap();
        ledger.append(at(n * 10 + 1), &[session(n.unsigned_abs(), "anna")]).unwrap();
    }
    assert_eq!(check(dir).exit_code(), 0, "{}", check(dir));
    assert!(files(dir).len() > 8);
    for file in files(dir) {
        assert!(std::fs::metadata(file).unwrap().len() < 3_000 + 4_000);
    }
}

#[test]
fn a_clock_going_back_is_written_down_and_the_date_stays() {
    let (dir, _) = log_of(4);
    let dir = log(&dir);
    let ledger = Ledger::open(&dir).unwrap();
    // A little back is only the wait for the lock: the entry bears the moment of the one before.
    ledger.append(at(1_000), &[decided(4)]).unwrap();
    assert!(lines(&dir)[4].contains(r#""ts":"2026-11-20T09:01:03.000Z""#));
    ledger.append(at(-2 * DAY_MS), &[decided(5)]).unwrap();
    assert_eq!(kinds(&dir)[5..], ["clock_step", "decision"]);
    assert!(lines(&dir)[5].contains(&format!(r#""back_ms":{}"#, 2 * DAY_MS + 3_000)));
    assert!(lines(&dir)[6].contains(r#""ts":"2026-11-18T09:01:00.000Z""#), "the moment as told");
    assert_eq!(files(&dir).len(), 1);
    ledger.append(at(-2 * DAY_MS + 5), &[decided(6)]).unwrap();
    ledger.append(at(DAY_MS), &[decided(7)]).unwrap();
    assert_eq!(kinds(&dir)[7..], ["decision", "header", "decision"]);
    assert_eq!((check(&dir).exit_code(), files(&dir).len()), (0, 2));
}

#[test]
fn clocks_far_out_of_range_do_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(dir.path()).unwrap();
    for now in [Stamp(i64::MIN), Stamp(-1), Stamp(i64::MAX), NOON] {
        ledger.append(now, &[decided(1)]).unwrap();
    }
    assert_eq!(check(dir.path()).exit_code(), 0, "{}", check(dir.path()));
}

#[test]
fn a_lock_held_too_long_is_named_and_nothing_is_written() {
    let (dir, _) = log_of(3);
    let dir = log(&dir);
    let lock = File::open(dir.join("ledger.lock")).unwrap();
    lock.lock().unwrap();
    let options = Options { lock_wait: Duration::from_millis(30), ..Options::default() };
    let ledger = Ledger::open_with(&dir, options, Box::new(RealDisk)).unwrap();
    let error = ledger.append(at(9_000), &[decided(3)]).unwrap_err();
    assert!(
        matches!(error, AppendError::Busy { .. }) && error.to_string().contains("ledger.lock"),
        "{error}"
    );
    lock.unlock().unwrap();
    ledger.append(at(9_000), &[decided(3)]).unwrap();
    assert_eq!(check(&dir).entries, 4);
}

#[test]
fn p10_a_folder_that_cannot_be_one_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let error = Ledger::open(file.path()).unwrap_err();
    assert!(matches!(error, LedgerError::Folder { .. }));
    assert!(error.to_string().contains(file.path().to_str().unwrap()), "{error}");
}

#[test]
fn many_writers_on_one_folder_make_one_chain() {
    let dir = tempfile::tempdir().unwrap();
    let (threads, each) = (4_u64, 50_u64);
    let (send, acknowledged) = mpsc::channel();
    std::thread::scope(|scope| {
        for t in 0..threads {
            let (dir, send) = (dir.path(), send.clone());
            scope.spawn(move || {
                let options = Options { max_file_bytes: 40_000, ..Options::default() };
                let ledger = Ledger::open_with(dir, options, Box::new(RealDisk)).unwrap();
                for n in 0..each {
                    let marks = ledger.append(at(n.cast_signed()), &[session(t * each + n, "anna")]).unwrap();
                    send.send((id(2_000 + t * each + n), marks[0].clone())).unwrap();
                }
            });
        }
    });
    drop(send);
    let report = check(dir.path());
    assert_eq!(report.exit_code(), 0, "{report}");
    assert!(report.files > 1);
    let there: std::collections::HashMap<_, _> =
        read_from(dir.path(), None).unwrap().map(Result::unwrap).map(|l| (l.id.unwrap(), l.mark)).collect();
    for (id, mark) in acknowledged {
        assert_eq!(there[&id], mark);
    }
    assert_eq!(report.entries, threads * each + report.files);
}

#[test]
fn a_log_restored_under_an_open_ledger_is_not_written_to() {
    let (dir, _) = log_of(6);
    let dir = log(&dir);
    let ledger = Ledger::open(&dir).unwrap();
    ledger.append(at(9_000), &[decided(9)]).unwrap();
    // An older copy, put there by name: another inode, fewer entries, and its own head.
    let old = std::fs::read_to_string(newest(&dir)).unwrap();
    let cut: String = old.split_inclusive('\n').take(4).collect();
    let name = newest(&dir);
    std::fs::remove_file(&name).unwrap();
    std::fs::write(&name, cut).unwrap();
    without_head(&dir);
    assert!(matches!(ledger.append(at(9_000), &[decided(9)]), Err(AppendError::Broken(_))));
}
