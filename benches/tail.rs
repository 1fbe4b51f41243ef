//! What `tail` costs: a filter over the whole history beside `grep` and `jq` on the same files, by CPU time, and how long
//! after its append a line is shown, beside `tail -F`.
//!
//! `cargo bench --bench tail [-- LINES]`

#[path = "support/bench.rs"]
mod bench;

use bench::{Times, count, folder, head, row, timed};
use countersign::ledger::{DecisionLine, Entry, Ledger};
use countersign::review::{
    Channel, Decision, DecisionId, Disclosure, Emotion, Metrics, Outcome, Seen, SessionId, Stamp, Verdict,
};
use countersign::supervise::form::Json;
use countersign::supervise::tail::{Out, Wanted, tail};
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::AtomicBool;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};
use uuid::Uuid;

const AGENTS: [&str; 5] = ["anna", "ben", "carla", "dmitri", "eve"];
const BATCH: usize = 3_000;
const RUNS: u32 = 20;

/// A decision and what became of it: three lines, as a console writes them.
fn decided(n: usize) -> [(Uuid, Entry); 3] {
    let verdict = if n.is_multiple_of(4) { Verdict::Edit } else { Verdict::Approve };
    let id = |k: usize| {
        uuid::Builder::from_unix_timestamp_millis((4 * n + k) as u64, &[n.to_le_bytes()[0]; 10]).into_uuid()
    };
    let draft = "Dear Ana, we have looked at your order, and the refund left today.";
    let decision = Decision {
        id: DecisionId(id(0)),
        seen: Seen {
            item: format!("tick-{n}").parse().expect("an id"),
            draft: Some((format!("d-{n}").parse().expect("an id"), 1)),
            last_message: "m1".parse().expect("an id"),
            recipients: "0123456789abcdef".to_owned(),
        },
        conversation: format!("c-{n}").parse().expect("an id"),
        customer: format!("u-{n}").parse().expect("an id"),
        channel: Channel::Email,
        language: Some("en".to_owned()),
        agent: AGENTS[n % AGENTS.len()].to_owned(),
        session: SessionId(id(1)),
        verdict,
        fence: 1,
        draft_text: Some(draft.to_owned()),
        text: if verdict == Verdict::Edit { draft.replace("today", "yesterday") } else { draft.to_owned() },
        disclosure: Disclosure::of(verdict),
        decided_at: Stamp(0),
        metrics: Metrics {
            emotion: Some(Emotion::ALL[n % Emotion::ALL.len()]),
            emotion_confidence_milli: Some(830),
            intensity_milli: Some(700),
            model: Some("drafter-2026-10".to_owned()),
            policy_rev: "built-in".to_owned(),
            waited_ms: Some(61_000),
            shown_ms: 8_000,
            active_ms: 7_000,
            viewed_milli: 1_000,
            ..Metrics::default()
        },
    };
    let became = |what| Entry::Outcome { decision: DecisionId(id(0)), what, reason: None };
    [
        (id(0), Entry::Decision(Box::new(DecisionLine::of(&decision, &[7; 32])))),
        (id(2), became(Outcome::Settled)),
        (id(3), became(Outcome::Sent)),
    ]
}

/// CPU time of all threads there are, from the scheduler's own count.
fn cpu() -> Duration {
    let tasks = std::fs::read_dir("/proc/self/task").expect("Linux");
    let nanos = tasks.filter_map(|task| {
        let stat = std::fs::read_to_string(task.ok()?.path().join("schedstat")).ok()?;
        stat.split(' ').next()?.parse::<u64>().ok()
    });
    Duration::from_nanos(nanos.sum())
}

/// CPU time of all children that have ended, by the system's clock ticks.
fn children() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks: u64 = fields[13..15].iter().filter_map(|f| f.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// Counts lines and forgets them.
struct Counted(u64);

impl Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += u64::from(bytes.ends_with(b"\n"));
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn show(dir: &Path, wanted: &Wanted, to: &mut dyn Write) {
    let broken = AtomicBool::new(false);
    let mut form = Json { faults: &mut io::stderr() };
    tail(dir, wanted, &mut Out { form: &mut form, to, fd: None, broken: &broken }).expect("the log is there");
}

fn wanted(conditions: &[&str]) -> Wanted {
    let conditions = conditions.iter().map(|c| c.parse().expect("a condition")).collect();
    Wanted { conditions, ..Wanted::default() }
}

fn history(dir: &Path, bytes: f64) {
    println!("| over {:.0} MB, GB a CPU second | lines found | rate |", bytes / 1e6);
    println!("|---|---|---|");
    let rate = |cpu: Duration| bytes / 1e9 / cpu.as_secs_f64();
    for conditions in [
        &["verdict=edit"][..],
        &["verdict=edit", "agent=anna", "edit_distance>3"],
        &["type=decision", "emotion!=neutral", "active_ms>10s"],
        &["model~nothing"],
    ] {
        let wanted = wanted(conditions);
        let before = cpu();
        let mut found = Counted(0);
        // The scheduler counts in steps of some milliseconds: one run alone is too short.
        for _ in 0..RUNS {
            found = Counted(0);
            show(dir, &wanted, &mut found);
        }
        let spent = cpu().saturating_sub(before) / RUNS;
        println!("| `tail --where {}` | {} | {:.2} |", conditions.join(" --where "), found.0, rate(spent));
    }
    for peer in [
        "grep -hF ',\"verdict\":\"edit\"' decisions-*.jsonl",
        "jq -c 'select(.verdict==\"edit\")' decisions-*.jsonl",
    ] {
        let before = children();
        let output =
            Command::new("sh").args(["-c", &format!("LC_ALL=C {peer} | wc -l")]).current_dir(dir).output();
        let found = output.map(|o| String::from_utf8_lossy(&o.stdout).trim().to_owned()).unwrap_or_default();
        println!("| `{peer}` | {found} | {:.2} |", rate(children().saturating_sub(before)));
    }
}

/// Says when each line has come.
struct Moments(Sender<Instant>);

impl Write for Moments {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let now = Instant::now();
        for _ in bytes.iter().filter(|b| **b == b'\n') {
            self.0.send(now).map_err(|_| io::ErrorKind::BrokenPipe)?;
        }
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn peer(dir: &Path) -> Option<(std::process::Child, Receiver<Instant>)> {
    // The file itself: of a link GNU tail is not told, and looks once a second.
    let file = dir.join("current.jsonl").canonicalize().ok()?;
    let mut child =
        Command::new("tail").args(["-n", "0", "-F"]).arg(file).stdout(Stdio::piped()).spawn().ok()?;
    let lines = BufReader::new(child.stdout.take()?).lines();
    let (send, told) = channel();
    std::thread::spawn(move || lines.map_while(Result::ok).all(|_| send.send(Instant::now()).is_ok()));
    Some((child, told))
}

fn live(dir: &Path, ledger: &Ledger) {
    let (send, ours) = channel();
    let log = dir.to_owned();
    std::thread::spawn(move || {
        show(&log, &Wanted { last: Some(0), follow: true, ..Wanted::default() }, &mut Moments(send));
    });
    let mut peer = peer(dir);
    std::thread::sleep(Duration::from_millis(500));
    let (mut our_times, mut peer_times, mut append) = (Times::default(), Times::default(), Times::default());
    for n in 0..500 {
        std::thread::sleep(Duration::from_millis(5));
        let [first, ..] = decided(n);
        let begun = Instant::now();
        append.add(timed(|| ledger.append(Stamp(1_000), &[first]).expect("the disk takes it")).0);
        our_times.add(ours.recv().expect("it is shown").saturating_duration_since(begun));
        if let Some((_, shown)) = &peer {
            peer_times.add(shown.recv().expect("it is shown").saturating_duration_since(begun));
        }
    }
    println!();
    head("`tail -F`");
    row("append begun to line shown", &our_times, &peer_times);
    println!("the append itself, fsync included: p50 {:.3}, p99 {:.3} ms", append.at(50), append.at(99));
    if let Some((child, _)) = &mut peer {
        let _ = child.kill();
        let _ = child.wait();
    }
    let rest = Duration::from_secs(10);
    let before = cpu();
    std::thread::sleep(rest);
    let share = cpu().saturating_sub(before).as_secs_f64() / rest.as_secs_f64();
    println!("at rest: {:.4} % of a core over {} s", share * 100.0, rest.as_secs());
}

fn main() {
    let lines = count(300_000);
    let dir = folder();
    let dir = dir.path().join("log");
    let ledger = Ledger::open(&dir).expect("a log can be made");
    for from in (0..lines / 3).step_by(BATCH / 3) {
        let entries: Vec<_> = (from..from + BATCH / 3).flat_map(decided).collect();
        ledger.append(Stamp(1_000), &entries).expect("the disk takes it");
    }
    let bytes: u64 = std::fs::read_dir(&dir)
        .expect("it is there")
        .filter_map(|entry| entry.ok()?.metadata().ok().filter(std::fs::Metadata::is_file))
        .map(|file| file.len())
        .sum();
    let bytes = f64::from(u32::try_from(bytes).expect("less than 4 GB"));
    history(&dir, bytes);
    live(&dir, &ledger);
}
