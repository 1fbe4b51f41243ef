//! A log to work on.

use countersign::ledger::entry::{SessionEdge, Who, Word};
use countersign::ledger::{DecisionLine, Entry, HEAD, Ledger, Mark, Report, verify};
use countersign::review::{
    Channel, Decision, DecisionId, Disclosure, Emotion, Metrics, Outcome, Seen, SessionId, Stamp, Verdict,
};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// 2026-11-20T09:01:00Z.
pub const NOON: Stamp = Stamp(1_795_165_260_000);
pub const KEY: [u8; 32] = [7; 32];
pub const DAY_MS: i64 = 86_400_000;

pub fn id(n: u64) -> Uuid {
    uuid::Builder::from_unix_timestamp_millis(1_795_165_260_000 + n, &[n.to_le_bytes()[0]; 10]).into_uuid()
}

pub fn at(ms: i64) -> Stamp {
    Stamp(NOON.0 + ms)
}

pub fn who(agent: &str) -> Who {
    Who { agent: agent.to_owned(), session: SessionId(id(0)) }
}

pub fn decision(n: u64, agent: &str) -> Decision {
    Decision {
        id: DecisionId(id(n)),
        seen: Seen {
            item: format!("tick-{n}").parse().unwrap(),
            draft: Some(("d-3".parse().unwrap(), 2)),
            last_message: "m1".parse().unwrap(),
            recipients: "0123456789abcdef".to_owned(),
        },
        conversation: "c-7".parse().unwrap(),
        customer: "u-9".parse().unwrap(),
        channel: Channel::Email,
        language: Some("en".to_owned()),
        agent: agent.to_owned(),
        session: SessionId(id(0)),
        verdict: Verdict::Edit,
        fence: 1,
        draft_text: Some("Dear Ana, we will see.".to_owned()),
        text: "Dear Ana, your refund left today.".to_owned(),
        disclosure: Disclosure::AiEdited,
        decided_at: NOON,
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
    }
}

pub fn decided(n: u64) -> (Uuid, Entry) {
    (id(n), Entry::Decision(Box::new(DecisionLine::of(&decision(n, "anna"), &KEY))))
}

pub fn outcome(n: u64, what: Outcome, reason: Option<&str>) -> (Uuid, Entry) {
    (id(1_000 + n), Entry::Outcome { decision: DecisionId(id(n)), what, reason: reason.map(Word::of) })
}

pub fn session(n: u64, agent: &str) -> (Uuid, Entry) {
    let entry = Entry::Session {
        what: SessionEdge::Start,
        who: who(agent),
        os_uid: 1_000,
        app_version: "0.1.0".to_owned(),
        recogniser_rev: None,
        policy_rev: "built-in".to_owned(),
    };
    (id(2_000 + n), entry)
}

/// A log of `n` entries, its header among them, one file.
pub fn log_of(n: u64) -> (tempfile::TempDir, Vec<Mark>) {
    let dir = tempfile::tempdir().unwrap();
    let ledger = Ledger::open(&dir.path().join("log")).unwrap();
    let marks = (1..n).map(|k| {
        let entry = if k % 2 == 1 { decided(k) } else { outcome(k - 1, Outcome::Settled, None) };
        ledger.append(at(k.cast_signed() * 1_000), &[entry]).unwrap().remove(0)
    });
    let marks = marks.collect();
    (dir, marks)
}

pub fn log(dir: &tempfile::TempDir) -> PathBuf {
    dir.path().join("log")
}

pub fn check(dir: &Path) -> Report {
    verify(dir, &mut |_| {}).unwrap()
}

/// The log's files, oldest first.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .filter(|p| p.file_name().unwrap().to_str().unwrap().starts_with("decisions-"))
        .collect();
    files.sort();
    files
}

pub fn newest(dir: &Path) -> PathBuf {
    files(dir).pop().unwrap()
}

pub fn lines(dir: &Path) -> Vec<String> {
    let text: String = files(dir).iter().map(|f| std::fs::read_to_string(f).unwrap()).collect();
    text.lines().map(str::to_owned).collect()
}

pub fn kinds(dir: &Path) -> Vec<String> {
    let kind = |l: &String| l.split("\"type\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    lines(dir).iter().map(kind).collect()
}

pub fn without_head(dir: &Path) {
    std::fs::remove_file(dir.join(HEAD)).unwrap();
}

/// The hash of a line's signed bytes, reckoned without the ledger's help.
pub fn sha256(signed: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest([&[0], signed.as_bytes()].concat());
    digest.iter().fold(String::new(), |hex, b| hex + &format!("{b:02x}"))
}

/// Says so past the test harness, which would swallow it.
pub fn skipped(why: &str) {
    use std::io::Write;
    std::io::stderr().write_all(format!("SKIPPED: {why}\n").as_bytes()).unwrap();
}
