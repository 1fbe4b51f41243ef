//! `countersign verify` over a log of real lines, beside `sha256sum` over the same files in the same run: processor time
//! and wall clock, to L1 and with its checkpoints to L2.
//!
//! `cargo bench --bench verify [-- ENTRIES]`

#[path = "support/bench.rs"]
mod bench;

use bench::{count, folder, timed};
use countersign::ledger::{Anchoring, DecisionLine, Entry, Ledger, Level, SecretKey, Trust, prove, verify};
use countersign::review::{
    Channel, Decision, DecisionId, Disclosure, Emotion, Metrics, Seen, SessionId, Stamp, Verdict,
};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;
use uuid::Uuid;

const RUNS: usize = 3;
/// 2026-11-20T09:01:00Z.
const NOON: i64 = 1_795_165_260_000;
const SEED: [u8; 32] = [7; 32];

/// The body of a decision's entry.
fn entry(n: u64) -> (Uuid, Entry) {
    let id = uuid::Builder::from_unix_timestamp_millis(NOON.cast_unsigned() + n, &[7; 10]).into_uuid();
    let decision = Decision {
        id: DecisionId(id),
        seen: Seen {
            item: format!("tick-{n}").parse().expect("an id"),
            draft: Some(("d-3".parse().expect("an id"), 2)),
            last_message: "m1".parse().expect("an id"),
            recipients: "0123456789abcdef".to_owned(),
        },
        conversation: format!("c-{}", n / 3).parse().expect("an id"),
        customer: "u-9".parse().expect("an id"),
        channel: Channel::Email,
        language: Some("en".to_owned()),
        agent: "anna".to_owned(),
        session: SessionId(id),
        verdict: Verdict::Edit,
        fence: 1,
        draft_text: Some("Dear Ana, we will see.".to_owned()),
        text: "Dear Ana, your refund left today.".to_owned(),
        disclosure: Disclosure::AiEdited,
        decided_at: Stamp(NOON),
        metrics: Metrics {
            emotion: Some(Emotion::Anger),
            emotion_confidence_milli: Some(830),
            policy_rev: "built-in".to_owned(),
            waited_ms: Some(61_000),
            shown_ms: 8_000,
            active_ms: 7_000,
            viewed_milli: 1_000,
            ..Metrics::default()
        },
    };
    (id, Entry::Decision(Box::new(DecisionLine::of(&decision, &SEED))))
}

/// A log of so many entries, signed once in every hundredth of it; its bytes.
fn write(log: &Path, entries: u64) {
    const BATCH: u64 = 1_000;
    let ledger = Ledger::open(log).expect("a log can be made");
    for batch in 0..entries.div_ceil(BATCH) {
        let now = Stamp(NOON + batch.cast_signed() * 20_000);
        let lines: Vec<_> = (batch * BATCH..entries.min((batch + 1) * BATCH)).map(entry).collect();
        ledger.append(now, &lines).expect("the log can be written");
        if batch % (entries / BATCH / 100).max(1) == 0 {
            let key = log.with_file_name("key");
            let id = uuid::Builder::from_unix_timestamp_millis(batch, &[9; 10]).into_uuid();
            let with = Anchoring { key, seed: SEED, witness: None, now, id };
            ledger.anchor(&with).expect("the log can be signed");
        }
    }
}

/// Processor time of this process and of the children it has waited for.
fn processor() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux tells it");
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let ticks = after_name.split_whitespace().skip(11).take(4).map(|f| f.parse::<u64>().expect("a number"));
    // Hundredths of a second, on all kernels that run this.
    Duration::from_millis(ticks.sum::<u64>() * 10)
}

/// Wall clock and processor time of the fastest of several runs: a busy machine only ever adds to it.
#[derive(Clone, Copy)]
struct Took {
    wall: Duration,
    processor: Duration,
}

impl Took {
    fn of(work: impl FnOnce()) -> Self {
        let before = processor();
        let (wall, ()) = timed(work);
        Self { wall, processor: processor().saturating_sub(before) }
    }
    fn better(self, other: Self) -> Self {
        Self { wall: self.wall.min(other.wall), processor: self.processor.min(other.processor) }
    }
}

fn row(name: &str, bytes: u64, took: Took, peer: Took) {
    let (wall, processor) = (took.wall.as_secs_f64(), took.processor.as_secs_f64());
    #[expect(clippy::cast_precision_loss, reason = "gigabytes, to two digits")]
    let gigabytes = bytes as f64 / 1e9;
    println!(
        "{name:<22} {wall:>7.2} s {processor:>7.2} s {:>9.2} {:>16.2} {:>12.2}",
        gigabytes / processor,
        processor / peer.processor.as_secs_f64(),
        wall / peer.wall.as_secs_f64(),
    );
}

fn main() {
    let entries = count(1_000_000) as u64;
    let dir = folder();
    let log = dir.path().join("log");
    write(&log, entries);
    let mut files: Vec<_> = std::fs::read_dir(&log)
        .expect("the log is there")
        .map(|entry| entry.expect("the log is there").path())
        .filter(|path| path.to_str().is_some_and(|p| p.contains("decisions-")))
        .collect();
    files.sort();
    let bytes: u64 = files.iter().map(|f| f.metadata().expect("a file").len()).sum();
    let trust = Trust { keys: vec![SecretKey::of(&SEED).public()], ..Trust::default() };
    let mut best: [Option<Took>; 3] = [None; 3];
    // One after the other, so that a busy machine slows all.
    for _ in 0..RUNS {
        let took = [
            Took::of(|| {
                let mut command = Command::new("sha256sum");
                let done = command.args(&files).stdout(Stdio::null()).status().expect("sha256sum runs");
                assert!(done.success());
            }),
            Took::of(|| {
                let report = verify(&log, &mut |_| ()).expect("the log can be read");
                assert_eq!((report.level, report.problem), (Some(Level::L1), None));
            }),
            Took::of(|| {
                let report = prove(&log, &trust, &mut |_, _| ()).expect("the log can be read");
                assert_eq!((report.level, report.problem), (Some(Level::L2), None));
            }),
        ];
        for (best, took) in best.iter_mut().zip(took) {
            *best = Some(best.map_or(took, |so_far| so_far.better(took)));
        }
    }
    let [Some(peer), Some(ours), Some(signed)] = best else { return };
    println!("{entries} decisions, {} bytes a line, {} files\n", bytes / entries.max(1), files.len());
    println!(
        "{:<22} {:>9} {:>9} {:>9} {:>16} {:>12}",
        "", "wall", "cpu", "GB/cpu s", "cpu of sha256sum", "wall"
    );
    row("sha256sum", bytes, peer, peer);
    row("verify to L1", bytes, ours, peer);
    row("verify to L2", bytes, signed, peer);
}
