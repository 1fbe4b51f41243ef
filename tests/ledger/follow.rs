//! Following and tailing: the last lines, then what comes, through rotation and recreation.

use crate::support::{DAY_MS, at, decided, files, lines, log, log_of, newest, outcome};
use countersign::ledger::{Ledger, Start, follow};
use countersign::review::Outcome;
use countersign::supervise::form::Json;
use countersign::supervise::tail::{self, Out, TailError, Wanted};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::time::Duration;

/// Whether a line was found broken.
fn tail(dir: &Path, wanted: &Wanted, to: &mut dyn Write) -> Result<(bool, String), TailError> {
    let (broken, mut faults) = (AtomicBool::new(false), Vec::new());
    let mut form = Json { faults: &mut faults };
    tail::tail(dir, wanted, &mut Out { form: &mut form, to, fd: None, broken: &broken })?;
    Ok((broken.into_inner(), String::from_utf8(faults).unwrap()))
}

fn last(n: u64) -> Wanted {
    Wanted { last: Some(n), ..Wanted::default() }
}

fn lines_of(dir: &Path, wanted: &Wanted) -> Vec<String> {
    let mut out = Vec::new();
    tail(dir, wanted, &mut out).unwrap();
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
}

fn shown(dir: &Path, n: u64) -> Vec<String> {
    lines_of(dir, &last(n))
}

#[test]
fn the_last_lines_are_found_through_the_files() {
    let (dir, _) = log_of(5);
    let dir = log(&dir);
    for day in 1..4 {
        Ledger::open(&dir).unwrap().append(at(day * DAY_MS), &[decided(day.unsigned_abs())]).unwrap();
    }
    let all = lines(&dir);
    assert_eq!(all.len(), 11);
    for n in [0, 1, 2, 3, 6, 7, 10, 11, 12, 1_000] {
        let from = all.len().saturating_sub(n);
        assert_eq!(shown(&dir, n as u64), all[from..], "last {n}");
    }
}

/// Sends each line on; its other end may go away.
struct Lines(Sender<String>, Vec<u8>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.1.extend(bytes);
        while let Some(lf) = self.1.iter().position(|b| *b == b'\n') {
            let line: Vec<u8> = self.1.drain(..=lf).collect();
            let line = String::from_utf8(line).unwrap().trim_end().to_owned();
            self.0.send(line).map_err(|_| io::ErrorKind::BrokenPipe)?;
        }
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A tail that goes on; in the end whether it found a broken line, and what it said of it.
fn follows(dir: &Path, wanted: Wanted) -> (Receiver<String>, std::thread::JoinHandle<(bool, String)>) {
    let (send, lines) = channel();
    let dir = dir.to_owned();
    let wanted = Wanted { follow: true, ..wanted };
    let thread = std::thread::spawn(move || tail(&dir, &wanted, &mut Lines(send, Vec::new())).unwrap());
    (lines, thread)
}

fn live(dir: &Path, n: u64) -> (Receiver<String>, std::thread::JoinHandle<(bool, String)>) {
    follows(dir, last(n))
}

fn next(lines: &Receiver<String>) -> String {
    lines.recv_timeout(Duration::from_secs(10)).unwrap()
}

#[test]
fn new_lines_come_as_they_are_written_through_rotation() {
    let (dir, _) = log_of(3);
    let dir = log(&dir);
    let (shown, _) = live(&dir, 1);
    assert_eq!(next(&shown), lines(&dir)[2]);
    let ledger = Ledger::open(&dir).unwrap();
    for n in 0..6 {
        ledger.append(at(n * DAY_MS / 2 + 5_000), &[decided(n.unsigned_abs() + 10)]).unwrap();
        if n % 2 == 0 {
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    for line in &lines(&dir)[3..] {
        assert_eq!(next(&shown), *line);
    }
    assert!(shown.recv_timeout(Duration::from_millis(50)).is_err());
}

#[test]
fn half_a_line_waits_for_its_other_half_and_a_refused_one_is_forgotten() {
    let (dir, _) = log_of(3);
    let dir = log(&dir);
    let (shown, _) = live(&dir, 0);
    let mut file = std::fs::OpenOptions::new().append(true).open(newest(&dir)).unwrap();
    std::thread::sleep(Duration::from_millis(30));
    let length = file.metadata().unwrap().len();
    file.write_all(b"{\"v\":1,\"se").unwrap();
    assert!(shown.recv_timeout(Duration::from_millis(50)).is_err());
    file.set_len(length).unwrap();
    Ledger::open(&dir).unwrap().append(at(9_000), &[decided(9)]).unwrap();
    assert_eq!(next(&shown), lines(&dir)[3]);
}

#[test]
fn a_log_that_is_replaced_is_told_from_its_beginning() {
    let (dir, _) = log_of(3);
    let dir = log(&dir);
    let (shown, _) = live(&dir, 1);
    next(&shown);
    for file in std::fs::read_dir(&dir).unwrap() {
        std::fs::remove_file(file.unwrap().path()).unwrap();
    }
    Ledger::open(&dir).unwrap().append(at(9_000), &[decided(9)]).unwrap();
    assert_eq!([next(&shown), next(&shown)].to_vec(), lines(&dir));
    // The folder itself, too.
    std::fs::remove_dir_all(&dir).unwrap();
    Ledger::open(&dir).unwrap().append(at(9_000), &[decided(10)]).unwrap();
    assert_eq!([next(&shown), next(&shown)].to_vec(), lines(&dir));
}

#[test]
fn a_reader_that_goes_away_is_a_quiet_end() {
    let (dir, _) = log_of(5);
    let dir = log(&dir);
    let (shown, thread) = live(&dir, 2);
    next(&shown);
    next(&shown);
    drop(shown);
    Ledger::open(&dir).unwrap().append(at(9_000), &[decided(9)]).unwrap();
    assert_eq!(thread.join().unwrap(), (false, String::new()));
}

#[test]
fn p6_a_line_tampered_with_cannot_act_on_the_terminal() {
    let (dir, _) = log_of(2);
    let dir = log(&dir);
    let mut file = std::fs::OpenOptions::new().append(true).open(newest(&dir)).unwrap();
    file.write_all("\u{1b}[2J\r\u{202e}\u{9b}31m\n".as_bytes()).unwrap();
    assert_eq!(shown(&dir, 1), ["<1B>[2J<0D><E2><80><AE><C2><9B>31m"]);
}

#[test]
fn p10_a_folder_that_is_not_there_is_named() {
    let error = tail(Path::new("/nonexistent/log"), &last(1), &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("/nonexistent/log"), "{error}");
    assert!(follow(Path::new("/nonexistent/log"), Start::First).is_err());
}

fn wanted(conditions: &[&str]) -> Wanted {
    Wanted { conditions: conditions.iter().map(|c| c.parse().unwrap()).collect(), ..Wanted::default() }
}

/// A log over four days, with decisions and outcomes.
fn four_days() -> (tempfile::TempDir, std::path::PathBuf) {
    let (dir, _) = log_of(7);
    let log = log(&dir);
    for day in 1..4 {
        Ledger::open(&log).unwrap().append(at(day * DAY_MS), &[decided(day.unsigned_abs())]).unwrap();
    }
    (dir, log)
}

#[test]
fn only_lines_that_hold_are_shown_of_the_whole_history_or_the_last_so_many() {
    let (_keep, dir) = four_days();
    let all = lines(&dir);
    let decisions: Vec<_> = all.iter().filter(|l| l.contains(r#""type":"decision""#)).cloned().collect();
    assert!(decisions.len() > 5 && decisions.len() < all.len());
    let mut is_decision = wanted(&["type=decision", "verdict=edit"]);
    for check in [false, true] {
        is_decision.check = check;
        is_decision.last = None;
        assert_eq!(lines_of(&dir, &is_decision), decisions);
        for n in [0, 1, 4, 100] {
            is_decision.last = Some(n as u64);
            let from = decisions.len().saturating_sub(n);
            assert_eq!(lines_of(&dir, &is_decision), decisions[from..], "last {n}, check {check}");
        }
    }
    assert_eq!(lines_of(&dir, &wanted(&["verdict=approve"])), [""; 0]);
    let since = at(2 * DAY_MS);
    let late = Wanted {
        since: Some(since),
        conditions: vec![countersign::supervise::filter::Condition::since(since)],
        ..Wanted::default()
    };
    let expected = all.iter().filter(|l| l.split('"').nth(7).unwrap() >= &since.to_string()[..]).cloned();
    let expected: Vec<_> = expected.collect();
    assert!((1..all.len()).contains(&expected.len()));
    assert_eq!(lines_of(&dir, &late), expected);
}

#[test]
fn a_filter_looks_back_and_goes_on_with_what_comes() {
    let (_keep, dir) = four_days();
    let all = lines(&dir).len();
    let (shown, _) = follows(&dir, Wanted { last: Some(2), ..wanted(&["type=decision"]) });
    let back = [next(&shown), next(&shown)];
    assert!(back.iter().all(|l| l.contains("decision")), "{back:?}");
    let ledger = Ledger::open(&dir).unwrap();
    ledger.append(at(3 * DAY_MS + 1), &[outcome(1, Outcome::Sent, None), decided(50)]).unwrap();
    assert_eq!(next(&shown), lines(&dir)[all + 1]);
}

#[test]
fn a_line_changed_under_the_reader_is_marked_at_once_and_only_that_one() {
    let (_keep, dir) = four_days();
    for (n, line) in lines(&dir).iter().enumerate() {
        let changed = line.replacen("\"type\":\"", "\"type\":\"x", 1);
        let file =
            files(&dir).into_iter().find(|f| std::fs::read_to_string(f).unwrap().contains(line)).unwrap();
        let whole = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, whole.replacen(line, &changed, 1)).unwrap();
        let mut out = Vec::new();
        let (broken, told) = tail(&dir, &Wanted { check: true, ..wanted(&["seq>0"]) }, &mut out).unwrap();
        assert!(broken, "line {n}");
        assert_eq!(told.lines().count(), 1, "line {n}: {told}");
        let line = whole.lines().position(|l| l == line).unwrap() + 1;
        let name = file.file_name().unwrap().to_str().unwrap().to_owned();
        assert!(told.contains(&format!("{name} line {line} (byte ")), "{told}");
        assert_eq!(ends(&out), lines(&dir).len(), "all are shown");
        std::fs::write(&file, whole).unwrap();
    }
    let (broken, told) = tail(&dir, &Wanted { check: true, ..Wanted::default() }, &mut Vec::new()).unwrap();
    assert!(!broken, "{told}");
}

#[test]
fn a_line_taken_out_or_put_in_twice_is_marked() {
    for edit in [|l: &mut Vec<String>| drop(l.remove(3)), |l: &mut Vec<String>| l.insert(3, l[3].clone())] {
        let (dir, _) = log_of(7);
        let dir = log(&dir);
        let mut text = lines(&dir);
        edit(&mut text);
        std::fs::write(newest(&dir), text.join("\n") + "\n").unwrap();
        // Also where only the end is looked at, and the line before it says what must follow.
        for check in [
            Wanted { last: Some(4), ..wanted(&[]) },
            wanted(&[]),
            Wanted { last: Some(9), ..wanted(&["v=1"]) },
        ] {
            let (broken, told) = tail(&dir, &Wanted { check: true, ..check }, &mut Vec::new()).unwrap();
            assert!(broken && told.contains("seq"), "{told}");
        }
    }
}

#[test]
fn following_marks_a_broken_line_the_moment_it_is_written() {
    let (dir, _) = log_of(4);
    let dir = log(&dir);
    let (shown, thread) = live(&dir, 1);
    next(&shown);
    let forged = lines(&dir)[3].replacen("anna", "hans", 1);
    let mut file = std::fs::OpenOptions::new().append(true).open(newest(&dir)).unwrap();
    file.write_all(format!("{forged}\n").as_bytes()).unwrap();
    assert_eq!(next(&shown), forged);
    drop(shown);
    file.write_all(b"{}\n").unwrap();
    let (broken, told) = thread.join().unwrap();
    assert!(broken, "{told}");
    assert!(told.contains("line 5 (byte ") && told.contains("do not have the hash"), "{told}");
}

#[test]
fn an_append_that_was_refused_is_no_fault_but_a_cut_below_the_head_is() {
    for lost in [false, true] {
        let (dir, _) = log_of(4);
        let dir = log(&dir);
        let (shown, thread) = live(&dir, 1);
        next(&shown);
        let file = std::fs::OpenOptions::new().append(true).open(newest(&dir)).unwrap();
        let length = file.metadata().unwrap().len();
        if lost {
            file.set_len(length - lines(&dir)[3].len() as u64 - 1).unwrap();
        } else {
            // Whole lines of a batch whose end did not fit on the disk.
            let copy = tempfile::tempdir().unwrap();
            let other = copy.path().join("log");
            std::fs::create_dir(&other).unwrap();
            for file in std::fs::read_dir(&dir).unwrap() {
                let file = file.unwrap();
                std::fs::copy(file.path(), other.join(file.file_name())).unwrap();
            }
            Ledger::open(&other).unwrap().append(at(9_000), &[decided(77)]).unwrap();
            let line = lines(&other).pop().unwrap();
            (&file).write_all(format!("{line}\n").as_bytes()).unwrap();
            assert_eq!(next(&shown), line);
            file.set_len(length).unwrap();
            std::thread::sleep(Duration::from_millis(30));
            Ledger::open(&dir).unwrap().append(at(9_000), &[decided(9)]).unwrap();
            assert_eq!(next(&shown), lines(&dir)[4]);
        }
        std::thread::sleep(Duration::from_millis(30));
        drop(shown);
        (&file).write_all(b"{}\n").unwrap();
        let (_, told) = thread.join().unwrap();
        assert_eq!(told.contains("is cut: more entries were on disk"), lost, "{told}");
        // What follows a cut-back is held against the line it was cut back to.
        assert!(!told.contains("must follow"), "{told}");
    }
}

fn ends(bytes: &[u8]) -> usize {
    bytes.split(|b| *b == b'\n').count() - 1
}

/// Takes a hundred bytes at a time, and only when somebody waits for them.
struct Slow(SyncSender<usize>);

impl Write for Slow {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(100);
        self.0.send(ends(&bytes[..taken])).map_err(|_| io::ErrorKind::BrokenPipe)?;
        Ok(taken)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_reader_slower_than_the_writer_gets_every_line() {
    let (dir, _) = log_of(2);
    let dir = log(&dir);
    let (send, shown) = sync_channel(0);
    let (log, ledger) = (dir.clone(), Ledger::open(&dir).unwrap());
    let thread = std::thread::spawn(move || tail(&log, &Wanted { follow: true, ..last(0) }, &mut Slow(send)));
    std::thread::sleep(Duration::from_millis(30));
    for n in 0..300 {
        ledger.append(at(n * DAY_MS / 40), &[decided(n.unsigned_abs() + 10)]).unwrap();
    }
    let mut rest = lines(&dir).len() - 2;
    while rest > 0 {
        rest -= shown.recv_timeout(Duration::from_secs(10)).unwrap();
    }
    drop(shown);
    ledger.append(at(9 * DAY_MS), &[decided(9)]).unwrap();
    let (broken, told) = thread.join().unwrap().unwrap();
    assert!(!broken, "{told}");
}
