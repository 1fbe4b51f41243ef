//! What the bench programs share: items, a folder on this disk, percentiles, and the peer's bare store.
#![allow(dead_code)]

use countersign::desk::{Desk, Setup};
use countersign::queue::sqlite::system_clock;
use countersign::review::Policy;
use std::time::{Duration, Instant};

/// The first number among the arguments, or `default`: `cargo bench --bench import -- 20000`.
pub fn count(default: usize) -> usize {
    std::env::args().skip(1).find_map(|arg| arg.parse().ok()).unwrap_or(default)
}

/// A folder on the disk the build is on: the system's temporary folder may be memory, which syncs for nothing.
pub fn folder() -> tempfile::TempDir {
    tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("the target folder can be written")
}

pub fn desk(dir: &std::path::Path) -> Desk {
    let setup = Setup { agent: "anna".to_owned(), policy: Policy::default(), clock: system_clock() };
    Desk::open(dir, setup).expect("a desk can be opened")
}

pub fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a loop can be started")
}

const WORDS: [&str; 24] = [
    "order", "refund", "invoice", "parcel", "late", "account", "login", "device", "battery", "screen",
    "cancel", "plan", "thanks", "please", "waiting", "angry", "still", "nothing", "reply", "courier",
    "address", "wrong", "return", "money",
];

/// Words without a meaning, the same for the same `seed`.
fn words(seed: usize, count: usize) -> String {
    let mut state = seed as u64 * 2 + 1;
    let mut next = || {
        // Knuth's multiplier: enough to vary words.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        WORDS[usize::try_from(state >> 40).unwrap_or(0) % WORDS.len()]
    };
    (0..count).map(|_| next()).collect::<Vec<_>>().join(" ")
}

/// A line of import of some 1.2 kB: three messages and a draft.
pub fn line(n: usize) -> String {
    let emotions = ["anger", "neutral", "gratitude", "disappointment"];
    let messages: Vec<String> = (1..=3)
        .map(|m| {
            let from = if m == 2 { "ai" } else { "customer" };
            let text = words(n * 7 + m, 30);
            format!(r#"{{"id":"m{m}","from":"{from}","at":"2026-11-20T0{m}:00:00Z","text":"{text}"}}"#)
        })
        .collect();
    format!(
        r#"{{"schema":"countersign.item/1","id":"i{n}","conversation":{{"id":"c{n}","channel":"email","subject":"{}","language":"en","customer":{{"id":"u{n}","name":"{}"}},"messages":[{}]}},"draft":{{"id":"d{n}","version":1,"model":"m-1","text":"{}"}},"emotion":{{"label":"{}","intensity":0.{}}},"topics":["{}"]}}"#,
        words(n, 5),
        words(n + 1, 2),
        messages.join(","),
        words(n * 11, 50),
        emotions[n % emotions.len()],
        n % 9 + 1,
        WORDS[n % 5],
    )
}

/// A store with the settings that ours has, and nothing else of ours.
pub fn bare(path: &std::path::Path) -> rusqlite::Result<rusqlite::Connection> {
    let db = rusqlite::Connection::open(path)?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "full")?;
    db.pragma_update(None, "cache_size", -4_096)?;
    Ok(db)
}

pub fn timed<T>(work: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let value = work();
    (start.elapsed(), value)
}

/// Durations of the same work, ours or a peer's.
#[derive(Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn add(&mut self, time: Duration) {
        self.0.push(time);
    }
    /// The `percent`th percentile, in milliseconds.
    pub fn at(&self, percent: usize) -> f64 {
        let mut sorted = self.0.clone();
        sorted.sort();
        let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
        sorted.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1_000.0)
    }
}

/// One row of a table: ours, the peer's, and how many times the peer's ours is.
pub fn row(what: &str, ours: &Times, peer: &Times) {
    let cells = [50, 99].map(|percent| {
        let (ours, peer) = (ours.at(percent), peer.at(percent));
        format!("{ours:.3} | {peer:.3} | {:.1}", ours / peer)
    });
    println!("| {what} | {} | {} |", cells[0], cells[1]);
}

pub fn head(peer: &str) {
    println!("| ms | p50 | {peer} | ratio | p99 | {peer} | ratio |");
    println!("|---|---|---|---|---|---|---|");
}
