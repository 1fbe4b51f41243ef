//! Moments as people write them: `2026-11-20T09:01:00Z`, `2026-11-20`, `10m`, `yesterday`.

use crate::review::{Span, Stamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The text names no moment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no moment; write 2026-11-20T09:01:00Z, 2026-11-20, 10m, 2h, 3d, today or yesterday")]
pub struct BadMoment;

/// Reads a moment. A day begins at its midnight in `zone`; `10m` is ten minutes before `now`.
///
/// # Errors
/// It is none.
pub fn moment(text: &str, now: Stamp, zone: &TimeZone) -> Result<Stamp, BadMoment> {
    let text = text.trim();
    if let Ok(stamp) = text.parse() {
        return Ok(stamp);
    }
    if let Some(span) = span(text) {
        return Ok(now.minus(span));
    }
    let today = || {
        let now = jiff::Timestamp::from_millisecond(now.0).map_err(|_| BadMoment)?;
        Ok(now.to_zoned(zone.clone()).date())
    };
    let day: Date = match text {
        "today" => today()?,
        "yesterday" => today()?.yesterday().map_err(|_| BadMoment)?,
        _ => text.parse().map_err(|_| BadMoment)?,
    };
    day.to_zoned(zone.clone()).map(|z| Stamp(z.timestamp().as_millisecond())).map_err(|_| BadMoment)
}

/// A length of time with its unit: `500ms`, `10s`, `5m`, `2h`, `3d`, `1w`.
pub fn span(text: &str) -> Option<Span> {
    let unit = text.find(|c: char| !c.is_ascii_digit())?;
    let n: i64 = text[..unit].parse().ok()?;
    let one = match &text[unit..] {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 7 * 86_400_000,
        _ => return None,
    };
    n.checked_mul(one).map(Span)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_people_write_them() {
        let now: Stamp = "2026-11-20T00:30:00Z".parse().unwrap();
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        for (text, moment_) in [
            ("2026-11-20T09:01:00Z", "2026-11-20T09:01:00Z"),
            ("2026-11-20T09:01:00+02:00", "2026-11-20T07:01:00Z"),
            ("2026-11-18", "2026-11-17T22:00:00Z"),
            ("10m", "2026-11-20T00:20:00Z"),
            (" 2h ", "2026-11-19T22:30:00Z"),
            ("3d", "2026-11-17T00:30:00Z"),
            ("1w", "2026-11-13T00:30:00Z"),
            // In this zone it is half past two.
            ("today", "2026-11-19T22:00:00Z"),
            ("yesterday", "2026-11-18T22:00:00Z"),
        ] {
            assert_eq!(moment(text, now, &zone), Ok(moment_.parse().unwrap()), "{text}");
        }
        for text in ["", "m", "10", "10 m", "-10m", "10y", "tomorrow", "2026-13-01", "99999999999999999w"] {
            assert_eq!(moment(text, now, &zone), Err(BadMoment), "{text}");
        }
    }
}
