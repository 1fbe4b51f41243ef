//! Times and reasons in the agent's words.

use crate::review::{Row, Span, Stamp, Why};
use jiff::tz::TimeZone;

fn zoned(at: Stamp, zone: &TimeZone) -> Option<jiff::Zoned> {
    jiff::Timestamp::from_millisecond(at.0).ok().map(|t| t.to_zoned(zone.clone()))
}

/// Hour and minute.
pub(super) fn clock(at: Stamp, zone: &TimeZone) -> String {
    zoned(at, zone).map_or_else(String::new, |t| format!("{:02}:{:02}", t.hour(), t.minute()))
}

/// `today 09:01`, `yesterday 16:02`, `18 Nov 11:20`, `18 Nov 2025`.
pub(super) fn day_and_clock(at: Stamp, now: Stamp, zone: &TimeZone) -> String {
    let (Some(at), Some(now)) = (zoned(at, zone), zoned(now, zone)) else { return String::new() };
    let time = format!("{:02}:{:02}", at.hour(), at.minute());
    let days = now.date().since(at.date()).map_or(i32::MAX, |s| s.get_days());
    match days {
        0 => format!("today {time}"),
        1 => format!("yesterday {time}"),
        _ if at.year() == now.year() => at.strftime(&format!("%-d %b {time}")).to_string(),
        _ => at.strftime("%-d %b %Y").to_string(),
    }
}

/// The calendar day, for what is cached with words like today in it.
pub(super) fn day(now: Stamp, zone: &TimeZone) -> i32 {
    zoned(now, zone).map_or(0, |t| i32::from(t.year()) * 1_000 + i32::from(t.day_of_year()))
}

/// Why a row stands where it stands.
pub(super) fn why(row: &Row, now: Stamp) -> String {
    let left = |at: Stamp| {
        let left = at.since(now);
        if left.0 < 0 { format!("overdue {}", Span(-left.0)) } else { format!("due in {left}") }
    };
    match row.why {
        Why::AsksPerson => "wants a person".to_owned(),
        Why::Overdue(since) => format!("overdue {}", now.since(since)),
        Why::Waited(since) => format!("waits {}", now.since(since)),
        Why::Priority => "priority".to_owned(),
        Why::Emotion => left(row.rank.due),
        Why::Due(at) => left(at),
    }
}

/// `1 reply`, `3 replies`.
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{n} {many}") }
}

/// `1,204`.
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `third contact`, as far as people count in words.
pub(super) fn contact(n: usize) -> Option<String> {
    match n {
        0 | 1 => None,
        2 => Some("second contact".to_owned()),
        3 => Some("third contact".to_owned()),
        4 => Some("fourth contact".to_owned()),
        n => Some(format!("{n}th contact")),
    }
}
