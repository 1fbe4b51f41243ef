//! How numbers are written, the same on every form of the report.

use super::Report;
use crate::ledger::{self, Level};
use crate::review::{Span, Verdict};
use crate::supervise::figures::group::By;
use crate::supervise::figures::quality::Measure;
use crate::supervise::figures::share::Share;
use crate::visible;

/// `46%`; a dash of nothing.
pub fn share(share: Share) -> String {
    share.value().map_or_else(|| "–".to_owned(), |value| format!("{:.0}%", value * 100.0))
}

/// `46% (41–51)`: with the ends of the 95 % interval.
pub fn sure_share(of: Share) -> String {
    match of.interval() {
        Some(interval) => {
            format!("{} ({:.0}–{:.0})", share(of), interval.low * 100.0, interval.high * 100.0)
        }
        None => share(of),
    }
}

/// `1,204`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let groups: Vec<&str> = digits
        .as_bytes()
        .rchunks(3)
        .rev()
        .map(|group| std::str::from_utf8(group).expect("digits are ASCII"))
        .collect();
    groups.join(",")
}

/// The same of a figure that is never negative.
pub fn whole(n: i64) -> String {
    count(n.max(0).unsigned_abs())
}

/// `1 reply`, `1,204 replies`.
pub fn counted(n: u64, one: &str, more: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { more })
}

/// `45 s`, `12 min`, `1 h 20 min`, `3.2 days`: so exact as it matters.
pub fn time(ms: i64) -> String {
    let seconds = Span(ms).as_seconds().max(0);
    let (hours, minutes) = (seconds / 3_600, seconds % 3_600 / 60);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{minutes} min"),
        3_600..172_800 if minutes == 0 => format!("{hours} h"),
        3_600..172_800 => format!("{hours} h {minutes} min"),
        _ => format!("{}.{} days", seconds / 86_400, seconds % 86_400 / 8_640),
    }
}

/// The unit in which times up to `ms` are drawn: its length in milliseconds, and its sign.
pub const fn unit(ms: i64) -> (i64, &'static str) {
    match ms {
        ..120_000 => (1_000, "s"),
        120_000..7_200_000 => (60_000, "min"),
        7_200_000..172_800_000 => (3_600_000, "h"),
        _ => (86_400_000, "d"),
    }
}

/// A verdict, as a word for people who do not know the program.
pub const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "as drafted",
        Verdict::Edit => "changed first",
        Verdict::TakeOver => "taken over",
        Verdict::Reply => "no draft",
    }
}

/// What was compared.
pub const fn measure(measure: Measure) -> &'static str {
    match measure {
        Measure::Corrected => "emotions corrected in",
        Measure::Changed => "drafts not sent as they were in",
    }
}

/// What was grouped by.
pub const fn by(by: By) -> &'static str {
    match by {
        By::Lang => "Language",
        By::Segment => "Segment",
        By::Model => "Model",
        _ => "Group",
    }
}

/// The days it is about.
pub fn period(report: &Report) -> String {
    match report.first {
        None => "the log holds no decisions yet".to_owned(),
        Some(first) if first.utc_day() == report.now.utc_day() => format!("{} (UTC)", first.utc_day()),
        Some(first) => format!("{} to {} (UTC)", first.utc_day(), report.now.utc_day()),
    }
}

/// What the proof is worth, for people who have never heard of a hash chain.
pub fn proof(proof: &ledger::Report) -> String {
    let entries = count(proof.entries);
    if let Some((_, fault)) = &proof.problem {
        return format!("The log is not whole: {fault}. The first {entries} entries hold.");
    }
    let loose = match proof.unanchored.entries {
        0 => String::new(),
        1 => " The last entry is not covered by that.".to_owned(),
        n => format!(
            " The last {} entries, of {}, are not covered by that.",
            count(n),
            counted(proof.unanchored.minutes.max(0).unsigned_abs(), "minute", "minutes")
        ),
    };
    match proof.level {
        None => "The log could not be checked.".to_owned(),
        Some(Level::L0) => {
            format!("All {entries} entries of the log follow from one another; nothing vouches for its end.")
        }
        Some(Level::L1) => format!(
            "All {entries} entries of the log are there and unchanged, as far as this machine can tell; nothing signed vouches for it."
        ),
        Some(Level::L2) => format!(
            "All {entries} entries of the log are there and as they were signed on this machine. Whoever holds its key could have signed anew.{loose}"
        ),
        Some(Level::L3) => format!(
            "All {entries} entries of the log are there, as they were signed and as the witness has kept them.{loose}"
        ),
    }
}

/// Foreign text of one line, at most so many columns wide.
pub fn foreign(text: &str, columns: usize) -> String {
    visible::clip(&visible::line(text), columns).into_owned()
}
