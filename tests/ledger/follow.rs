//! Following and tailing: the last lines, then what comes, through rotation and recreation.

use crate::support::{DAY_MS, at, decided, lines, log, log_of, newest};
use countersign::ledger::{Ledger, Start, follow};
use countersign::supervise::tail::tail;
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

fn shown(dir: &Path, n: u64) -> Vec<String> {
    let mut out = Vec::new();
    tail(dir, n, false, &mut out).unwrap();
    String::from_utf8(out).unwrap().lines().map(str::to_owned).collect()
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

fn live(dir: &Path, n: u64) -> (Receiver<String>, std::thread::JoinHandle<bool>) {
    let (send, lines) = channel();
    let dir = dir.to_owned();
    let thread = std::thread::spawn(move || {
        tail(&dir, n, true, &mut Lines(send, Vec::new())).inspect_err(|e| eprintln!("{e}")).is_ok()
    });
    (lines, thread)
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
    assert!(thread.join().unwrap(), "no error");
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
    let error = tail(Path::new("/nonexistent/log"), 1, false, &mut Vec::new()).unwrap_err();
    assert!(error.to_string().contains("/nonexistent/log"), "{error}");
    assert!(follow(Path::new("/nonexistent/log"), Start::First).is_err());
}
