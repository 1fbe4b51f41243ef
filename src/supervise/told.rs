//! A line of the log told in words, each with its role: what `tail` paints on a terminal and `watch` on its screen.
//!
//! Every value is foreign: a name in the log may hold anything. What leaves here went through `visible`, and is one
//! row of it (P6).

use crate::console::theme::Role;
use crate::ledger::Parsed;
use crate::review::{DecisionId, Emotion, ItemId, Stamp};
use crate::visible;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// A piece of a row.
pub type Part = (String, Role);

/// What the store still knows of a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Joined {
    /// The item it was about.
    pub item: ItemId,
    /// The text that was signed.
    pub text: String,
}

/// The calendar day and the time of day of a moment.
pub fn clock(at: Stamp, zone: &TimeZone) -> (Date, String) {
    let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default().to_zoned(zone.clone());
    (at.date(), format!("{:02}:{:02}:{:02}", at.hour(), at.minute(), at.second()))
}

/// The columns that every row has: what happened, who did it, to which item.
const WHAT: usize = 13;
const WHO: usize = 10;
const ITEM: usize = 12;

/// Foreign words in a column of so many cells.
fn cell(text: &str, cells: usize) -> String {
    let shown = visible::line(text);
    let clipped = visible::clip(&shown, cells);
    let pad = cells.saturating_sub(visible::width(&clipped));
    format!("{clipped}{:pad$}  ", "")
}

fn column(text: Option<&str>, cells: usize, role: Role) -> Part {
    text.map_or_else(|| (cell("-", cells), Role::Faint), |text| (cell(text, cells), role))
}

/// Whether a row says how long its decision took, beside who made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    /// It does: the log's own line.
    Shown,
    /// It does not: where many rows are looked at, they would be figures about one person's speed.
    LeftOut,
}

/// The row of an entry, without its time of day. `joined` is what the store knows of the decision that it is, or is about.
pub fn told(entry: &Parsed, joined: Option<&Joined>, times: Times) -> Vec<Part> {
    let kind = entry.text("type").unwrap_or("?");
    let word = match kind {
        "decision" => entry.text("verdict"),
        "outcome" => entry.text("what"),
        "routing" => entry.text("act"),
        "session" if entry.text("what") == Some("end") => Some("session end"),
        "session" => Some("session start"),
        _ => None,
    };
    let item = entry.text("item").map(str::to_owned).or_else(|| joined.map(|j| j.item.to_string()));
    let mut parts = vec![
        (cell(word.unwrap_or(kind), WHAT), role(kind, word)),
        column(entry.text("agent"), WHO, Role::Name),
        column(item.as_deref(), ITEM, Role::Quiet),
    ];
    match kind {
        "decision" => decision(entry, times, &mut parts),
        "outcome" => {
            reason(entry, &mut parts);
            if joined.is_none()
                && let Some(id) = entry.text("decision")
            {
                say(&mut parts, &format!("decision …{}", tail_of(id)), Role::Quiet);
            }
        }
        "correction" => {
            let from = entry.text("emotion_from").unwrap_or("not read");
            emotions(&mut parts, from, entry.text("emotion_to"));
        }
        "report" => report(entry, &mut parts),
        _ => others(entry, &mut parts),
    }
    if let (Some(joined), "decision") = (joined, kind) {
        let first = joined.text.lines().find(|l| !l.trim().is_empty()).unwrap_or_default();
        say(&mut parts, &format!("“{}”", visible::line(first.trim())), Role::Quiet);
    }
    parts
}

/// The decision that an entry is, or is about.
pub fn decision_of(entry: &Parsed) -> Option<DecisionId> {
    let key = if entry.text("type") == Some("decision") { "id" } else { "decision" };
    entry.uuid(key).map(DecisionId)
}

fn role(kind: &str, word: Option<&str>) -> Role {
    match (kind, word.unwrap_or_default()) {
        ("decision", "approve") | ("outcome", "sent") => Role::Ok,
        ("decision", "edit") | ("correction", _) => Role::Accent,
        ("decision", "take_over") | ("outcome", "undone") | ("report", _) => Role::Warn,
        ("outcome", "refused" | "dead" | "unsure") | ("recovered" | "clock_step", _) => Role::Danger,
        ("decision" | "routing" | "consent" | "erasure" | "access" | "policy_change", _) => Role::Text,
        _ => Role::Quiet,
    }
}

/// Adds safe words, two blanks after what stands there.
fn say(parts: &mut Vec<Part>, text: &str, role: Role) {
    if let Some((last, _)) = parts.last_mut()
        && !last.ends_with(' ')
    {
        last.push_str("  ");
    }
    parts.push((text.to_owned(), role));
}

fn emotion_role(word: &str) -> Role {
    word.parse::<Emotion>().map_or(Role::Text, Role::of_emotion)
}

/// The emotion as it was read, and as a person corrected it.
fn emotions(parts: &mut Vec<Part>, read: &str, corrected: Option<&str>) {
    let shown = visible::line(read);
    let Some(to) = corrected else { return say(parts, &shown, emotion_role(read)) };
    say(parts, &format!("{shown} → "), Role::Quiet);
    let to_shown = visible::line(to).into_owned();
    parts.push((to_shown, emotion_role(to)));
}

fn reason(entry: &Parsed, parts: &mut Vec<Part>) {
    if let Some(reason) = entry.text("reason") {
        say(parts, &visible::line(reason), Role::Text);
    }
}

fn decision(entry: &Parsed, times: Times, parts: &mut Vec<Part>) {
    let int = |key: &str| entry.int(key);
    if let Some(read) = entry.text("emotion") {
        emotions(parts, read, entry.text("emotion_corrected"));
    } else if let Some(given) = entry.text("emotion_corrected") {
        emotions(parts, "not read", Some(given));
    }
    // Before what may be cut at the right.
    flags(entry, parts);
    let way = [entry.text("channel"), entry.text("lang")];
    let way: Vec<_> = way.into_iter().flatten().map(visible::line).collect();
    say(parts, &way.join(" "), Role::Quiet);
    let share = int("ai_share_milli").map(|n| format!(", {} % AI", n / 10)).unwrap_or_default();
    let size = match (entry.text("verdict"), int("edit_distance"), int("sent_chars")) {
        (Some("approve"), ..) => "as it is".to_owned(),
        (Some("edit"), Some(n), _) => format!("{n} changed{share}"),
        (Some("edit"), None, _) => format!("much changed{share}"),
        (_, _, Some(n)) => format!("{n} characters"),
        _ => String::new(),
    };
    say(parts, &size, Role::Text);
    if let Some(active) = int("active_ms").filter(|n| *n > 0 && times == Times::Shown) {
        say(parts, &seconds(active), Role::Text);
    }
    if let Some(waited) = int("waited_ms").filter(|_| times == Times::Shown) {
        say(parts, &format!("waited {}", crate::review::Span(waited)), Role::Quiet);
    }
}

fn seconds(ms: i64) -> String {
    match ms {
        ..60_000 => format!("{}.{} s", ms.max(0) / 1_000, ms.max(0) % 1_000 / 100),
        _ => format!("{} m {:02} s", ms / 60_000, ms % 60_000 / 1_000),
    }
}

/// What a supervisor should look at: glyph and word, colour only repeats them.
fn flags(entry: &Parsed, parts: &mut Vec<Part>) {
    let above = |key: &str| entry.int(key).filter(|n| *n > 0);
    let mut flags = Vec::new();
    if let Some(n) = above("checks_overridden") {
        flags.push((format!("✗ {n} overridden"), Role::Danger));
    }
    if let Some(n) = above("checks_warned") {
        flags.push((format!("! {n} warned"), Role::Warn));
    }
    if let Some(n) = above("hidden_chars") {
        flags.push((format!("! {n} hidden characters"), Role::Hidden));
    }
    if let Some(n) = entry.int("viewed_milli").filter(|n| *n < 1_000) {
        flags.push((format!("! seen {} %", n / 10), Role::Warn));
    }
    if entry.text("risk") == Some("high") {
        flags.push(("! high risk".to_owned(), Role::Warn));
    }
    if entry.text("second_of").is_some() {
        flags.push(("second agent".to_owned(), Role::Text));
    }
    for (text, role) in flags {
        say(parts, &text, role);
    }
}

/// Keys that every row shows in its columns, or that only a machine wants.
const PASSED_OVER: &[&str] = &[
    "v", "seq", "ts", "type", "id", "agent", "session", "item", "act", "prev", "hash", "customer", "os_uid",
    "schema", "root", "message", "chain",
];

/// The rest of an entry, key by key, known to this program or not.
fn others(entry: &Parsed, parts: &mut Vec<Part>) {
    let in_word = |key: &str| key == "what" && entry.text("type") == Some("session");
    for key in entry.keys().filter(|key| !PASSED_OVER.contains(key) && !in_word(key)) {
        let value = match (entry.text(key), entry.int(key)) {
            (Some(text), _) => visible::clip(&visible::line(text), 40).into_owned(),
            (None, Some(n)) => n.to_string(),
            (None, None) => continue,
        };
        say(parts, &format!("{} ", visible::line(key).replace('_', " ")), Role::Quiet);
        parts.push((value, Role::Text));
    }
}

/// A reported error: what is wrong and who found it, before what may be cut at the right.
fn report(entry: &Parsed, parts: &mut Vec<Part>) {
    let word = |key: &str| entry.text(key).map(|word| visible::line(word).replace('_', " "));
    say(parts, &word("error").unwrap_or_default(), Role::Text);
    if let Some(by) = word("by") {
        say(parts, &format!("by {by}"), Role::Quiet);
    }
    if let Some(draft) = entry.text("draft") {
        let version = entry.int("draft_version").map_or_else(String::new, |n| format!(" v{n}"));
        say(parts, &format!("draft {}{version}", visible::clip(&visible::line(draft), 40)), Role::Quiet);
    }
}

/// The end of an id: the part that differs.
fn tail_of(id: &str) -> String {
    let shown = visible::line(id);
    let from = shown.char_indices().rev().nth(5).map_or(0, |(at, _)| at);
    shown[from..].to_owned()
}
