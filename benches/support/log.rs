//! A log of real lines, as consoles write them, and the CPU time of children that read it.
#![allow(dead_code)]

use countersign::ledger::{DecisionLine, Entry, Ledger};
use countersign::review::{
    Channel, Decision, DecisionId, Disclosure, Emotion, Metrics, Outcome, Seen, SessionId, Stamp, Verdict,
};
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;
use uuid::Uuid;

const AGENTS: [&str; 12] =
    ["anna", "ben", "carla", "dmitri", "eve", "fay", "gus", "hana", "ivan", "jo", "kim", "lea"];
const LANGUAGES: [&str; 5] = ["en", "de", "es", "ru", "zh"];
const DRAFT: &str =
    "Dear Ana, we have looked at your order, and the refund left today. It takes three days to arrive.";

/// Decisions an append.
const BATCH: usize = 1_000;
/// From one append to the next, so that a million lines are some months.
const STEP_MS: i64 = 6 * 3_600_000;

/// A decision and what became of it: three lines.
pub fn decided(n: usize) -> [(Uuid, Entry); 3] {
    // Knuth's multiplier: enough to mix.
    let mixed =
        (n as u64).wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33;
    let pick = |of: usize| usize::try_from(mixed).unwrap_or(0) % of;
    let verdict = match pick(20) {
        0..4 => Verdict::Edit,
        4 => Verdict::TakeOver,
        _ => Verdict::Approve,
    };
    let text = match verdict {
        Verdict::Approve => DRAFT.to_owned(),
        Verdict::Edit => DRAFT.replace("today", "yesterday"),
        _ => "Dear Ana, I look after this myself now.".to_owned(),
    };
    let id = |k: u64| {
        let random = (mixed ^ (k << 40)).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_le_bytes();
        let bytes = std::array::from_fn(|at| random[at % 8] ^ (n >> (at % 4 * 8)).to_le_bytes()[0]);
        uuid::Builder::from_unix_timestamp_millis(4 * n as u64 + k, &bytes).into_uuid()
    };
    let emotion = Emotion::ALL[pick(Emotion::ALL.len())];
    let decision = Decision {
        id: DecisionId(id(0)),
        seen: Seen {
            item: format!("tick-{n}").parse().expect("an id"),
            draft: Some((format!("d-{n}").parse().expect("an id"), 1)),
            last_message: format!("m-{n}").parse().expect("an id"),
            recipients: "0123456789abcdef".to_owned(),
        },
        // One conversation in three comes back.
        conversation: format!("c-{}", n - pick(3).min(n)).parse().expect("an id"),
        customer: format!("u-{n}").parse().expect("an id"),
        channel: if pick(4) == 0 { Channel::Chat } else { Channel::Email },
        language: Some(LANGUAGES[pick(LANGUAGES.len())].to_owned()),
        agent: AGENTS[pick(AGENTS.len())].to_owned(),
        session: SessionId(id(1)),
        verdict,
        fence: 1,
        draft_text: Some(DRAFT.to_owned()),
        text,
        disclosure: Disclosure::of(verdict),
        decided_at: Stamp(0),
        metrics: Metrics {
            emotion: Some(emotion),
            emotion_confidence_milli: u16::try_from(500 + mixed % 500).ok(),
            emotion_corrected: mixed.is_multiple_of(17).then_some(Emotion::Worry),
            intensity_milli: Some(700),
            model: Some(["drafter-2026-10", "drafter-2026-11"][pick(2)].to_owned()),
            policy_rev: "built-in".to_owned(),
            waited_ms: i64::try_from(mixed % 7_200_000).ok(),
            shown_ms: 48_000,
            active_ms: i64::try_from(2_000 + mixed % 60_000).unwrap_or(0),
            viewed_milli: 1_000,
            ..Metrics::default()
        },
    };
    let became = |what| Entry::Outcome { decision: DecisionId(id(0)), what, reason: None };
    let last = if mixed.is_multiple_of(40) { Outcome::Undone } else { Outcome::Sent };
    [
        (id(0), Entry::Decision(Box::new(DecisionLine::of(&decision, &[7; 32])))),
        (id(2), became(Outcome::Settled)),
        (id(3), became(last)),
    ]
}

/// Writes about so many lines into a log in `dir`; its size in bytes.
pub fn write(dir: &Path, lines: usize) -> f64 {
    let ledger = Ledger::open(dir).expect("a log can be made");
    let mut now = Stamp(1_767_225_600_000);
    for from in (0..lines / 3).step_by(BATCH) {
        let entries: Vec<_> = (from..from + BATCH).flat_map(decided).collect();
        ledger.append(now, &entries).expect("the disk takes it");
        now.0 += STEP_MS;
    }
    let bytes: u64 = std::fs::read_dir(dir)
        .expect("it is there")
        .filter_map(|entry| entry.ok()?.metadata().ok().filter(std::fs::Metadata::is_file))
        .map(|file| file.len())
        .sum();
    f64::from(u32::try_from(bytes).expect("less than 4 GB"))
}

/// CPU time of all children that have ended, by the system's clock ticks.
pub fn children() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("Linux");
    let fields: Vec<&str> = stat.rsplit(") ").next().unwrap_or_default().split(' ').collect();
    let ticks: u64 = fields[13..15].iter().filter_map(|f| f.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

/// Runs a command to its end; its CPU time, and its largest size in memory in bytes.
pub fn measured(command: &mut Command) -> Option<(Duration, u64, Output)> {
    let before = children();
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let child = command.spawn().ok()?;
    let status = format!("/proc/{}/status", child.id());
    // The peak only grows: the last look before the end is the peak, but for the last milliseconds.
    let watch = std::thread::spawn(move || {
        let mut peak = 0;
        while let Ok(text) = std::fs::read_to_string(&status) {
            let Some(line) = text.lines().find(|line| line.starts_with("VmHWM:")) else { break };
            let kib = line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok());
            peak = peak.max(kib.unwrap_or(0) * 1_024);
            std::thread::sleep(Duration::from_millis(3));
        }
        peak
    });
    let output = child.wait_with_output().ok()?;
    let peak = watch.join().ok()?;
    output.status.success().then(|| (children().saturating_sub(before), peak, output))
}
