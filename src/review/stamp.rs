//! Moments and lengths of time. Milliseconds everywhere, UTC everywhere.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A moment: milliseconds since 1970-01-01T00:00:00Z. Written as RFC 3339 with milliseconds and `Z`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub i64);

/// A length of time in milliseconds; may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Span(pub i64);

impl Span {
    /// `n` seconds.
    pub const fn seconds(n: i64) -> Self {
        Self(n * 1_000)
    }
    /// `n` minutes.
    pub const fn minutes(n: i64) -> Self {
        Self(n * 60_000)
    }
    /// `n` hours.
    pub const fn hours(n: i64) -> Self {
        Self(n * 3_600_000)
    }
    /// Whole milliseconds.
    pub const fn millis(self) -> i64 {
        self.0
    }
    /// Whole seconds, rounded down.
    pub const fn as_seconds(self) -> i64 {
        self.0.div_euclid(1_000)
    }
    /// Whole minutes, rounded down.
    pub const fn as_minutes(self) -> i64 {
        self.0.div_euclid(60_000)
    }
}

impl fmt::Display for Span {
    /// The two-character-wide ages of the screen: `8s`, `44m`, `3h`, `12d`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.as_seconds().max(0);
        let text = match seconds {
            0..60 => format!("{seconds}s"),
            60..3_600 => format!("{}m", seconds / 60),
            3_600..172_800 => format!("{}h", seconds / 3_600),
            _ => format!("{}d", seconds / 86_400),
        };
        f.pad(&text)
    }
}

/// The text is no RFC 3339 time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is not an RFC 3339 time such as 2026-11-20T09:01:00Z")]
pub struct BadStamp;

impl Stamp {
    /// The moment `span` later.
    #[must_use]
    pub const fn plus(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
    /// The moment `span` earlier.
    #[must_use]
    pub const fn minus(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
    /// How long from `earlier` to here; negative if it lies in the future.
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
    /// The UTC day, `2026-11-20`.
    pub fn utc_day(self) -> String {
        self.to_string()[..10].to_owned()
    }
    fn to_jiff(self) -> jiff::Timestamp {
        jiff::Timestamp::from_millisecond(self.0).unwrap_or(if self.0 < 0 {
            jiff::Timestamp::MIN
        } else {
            jiff::Timestamp::MAX
        })
    }
    /// Hour and minute in the machine's own time zone, with the calendar day: (day, `09:01`).
    pub fn local(self) -> (jiff::civil::Date, String) {
        let zoned = self.to_jiff().to_zoned(jiff::tz::TimeZone::system());
        (zoned.date(), format!("{:02}:{:02}", zoned.hour(), zoned.minute()))
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.to_jiff())
    }
}

impl FromStr for Stamp {
    type Err = BadStamp;
    fn from_str(text: &str) -> Result<Self, BadStamp> {
        text.parse::<jiff::Timestamp>().map(|t| Self(t.as_millisecond())).map_err(|_| BadStamp)
    }
}

impl Serialize for Stamp {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Stamp {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(d)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_prints_milliseconds_and_z_and_reads_back() {
        let stamp: Stamp = "2026-11-20T11:01:00.5+02:00".parse().unwrap();
        assert_eq!(stamp.to_string(), "2026-11-20T09:01:00.500Z");
        assert_eq!(stamp.to_string().parse(), Ok(stamp));
        assert_eq!(stamp.utc_day(), "2026-11-20");
        assert_eq!("yesterday".parse::<Stamp>(), Err(BadStamp));
    }

    #[test]
    fn ages_read_as_on_the_screen() {
        for (span, text) in [
            (Span::seconds(-3), "0s"),
            (Span::seconds(8), "8s"),
            (Span::minutes(44), "44m"),
            (Span::hours(3), "3h"),
            (Span::hours(47), "47h"),
            (Span::hours(49), "2d"),
        ] {
            assert_eq!(span.to_string(), text);
        }
    }
}
