//! How the feeling has gone through a conversation: rising, falling or steady.
//!
//! Plain arithmetic on what was read of the customer's messages, whoever read it; an unsure reading counts as calm.

use crate::review::Reading;

/// By how much the last message must differ from those before it, in thousandths: a step of the screen's bar is 250,
/// and graded readings of the same text by two people differ by about half of that.
const STEP_MILLI: u32 = 150;
/// Messages looked back at.
const BACK: usize = 6;

/// Where the feeling goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// The last message is hotter than those before it.
    Rising,
    /// It is calmer.
    Falling,
    /// Neither.
    Steady,
}

impl Way {
    /// In a word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rising => "rising",
            Self::Falling => "falling",
            Self::Steady => "steady",
        }
    }
}

/// The way, and the heat of each message it was seen in, in thousandths, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trend {
    /// The last message against the mean of those before it.
    pub way: Way,
    /// At most six.
    pub heat_milli: Vec<u16>,
}

/// The trend of a customer's readings, oldest first; none of a single one.
pub fn trend(readings: &[Reading]) -> Option<Trend> {
    let from = readings.len().saturating_sub(BACK);
    let heat_milli: Vec<u16> = readings[from..].iter().map(Reading::heat_milli).collect();
    let (last, before) = heat_milli.split_last().filter(|(_, before)| !before.is_empty())?;
    let sum: u32 = before.iter().map(|h| u32::from(*h)).sum();
    let mean = sum / u32::try_from(before.len()).unwrap_or(u32::MAX);
    let last = u32::from(*last);
    let way = if last >= mean + STEP_MILLI {
        Way::Rising
    } else if last + STEP_MILLI <= mean {
        Way::Falling
    } else {
        Way::Steady
    };
    Some(Trend { way, heat_milli })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::{Emotion, ReadingSource};

    fn reading(emotion: Emotion, intensity_milli: u16, unsure: bool) -> Reading {
        Reading {
            message: "m".parse().unwrap(),
            emotion,
            confidence_milli: 900,
            intensity_milli,
            unsure,
            asks_person: false,
            evidence: Vec::new(),
            source: ReadingSource::Recogniser,
        }
    }

    fn way(heats: &[u16]) -> Option<Way> {
        let readings: Vec<Reading> = heats.iter().map(|h| reading(Emotion::Anger, *h, false)).collect();
        trend(&readings).map(|t| t.way)
    }

    #[test]
    fn the_last_message_is_held_against_those_before_it() {
        for (heats, expected) in [
            (&[][..], None),
            (&[900], None),
            (&[200, 800], Some(Way::Rising)),
            (&[800, 200], Some(Way::Falling)),
            (&[500, 600], Some(Way::Steady)),
            (&[0, 0, 0], Some(Way::Steady)),
            (&[900, 200, 900], Some(Way::Rising)),
            (&[200, 900, 600], Some(Way::Steady)),
        ] {
            assert_eq!(way(heats), expected, "{heats:?}");
        }
    }

    #[test]
    fn joy_and_what_is_unsure_are_calm_and_only_the_last_six_count() {
        let mut all = vec![reading(Emotion::Anger, 1_000, false); 4];
        all.extend([reading(Emotion::Joy, 900, false), reading(Emotion::Anger, 900, true)]);
        assert_eq!(trend(&all).unwrap().way, Way::Falling);
        all.extend(vec![reading(Emotion::Neutral, 0, false); 5]);
        let trend = trend(&all).unwrap();
        assert_eq!((trend.way, trend.heat_milli), (Way::Steady, vec![0; 6]));
    }
}
