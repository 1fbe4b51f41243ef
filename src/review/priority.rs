//! The order of the queue: who needs an answer first, and why.
//!
//! The rank of an item changes only at moments known ahead (`Rank::until`), so a store can keep it in an index
//! and refresh just the rows whose moment has come.

use super::{Item, Policy, Reading, Span, Stamp};
use serde::{Deserialize, Serialize};

/// Coarse class, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The customer asks for a person.
    AsksPerson = 0,
    /// The answer is overdue.
    Overdue = 1,
    /// A strong negative emotion.
    Strong = 2,
    /// A negative emotion.
    Negative = 3,
    /// All others.
    Calm = 4,
}

impl Class {
    const fn from_index(n: i64) -> Self {
        match n {
            ..=0 => Self::AsksPerson,
            1 => Self::Overdue,
            2 => Self::Strong,
            3 => Self::Negative,
            _ => Self::Calm,
        }
    }
}

/// Why an item stands where it stands; the strongest reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// The customer asks for a person.
    AsksPerson,
    /// Overdue since.
    Overdue(Stamp),
    /// A negative emotion.
    Emotion,
    /// Has waited so long that it was lifted.
    Waited(Stamp),
    /// A priority above zero.
    Priority,
    /// Due at.
    Due(Stamp),
}

/// The sort key; smaller goes first. Field order is sort order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rank {
    /// Class after lifting.
    pub class: Class,
    /// 1000 minus the intensity of a negative emotion in thousandths.
    pub calm_milli: u16,
    /// When an answer is due.
    pub due: Stamp,
    /// Negated priority.
    pub reverse_priority: i32,
    /// Since when the customer waits.
    pub since: Stamp,
}

/// All that a rank depends on, but for the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// When the item came in.
    pub arrived: Stamp,
    /// Since when the customer waits.
    pub since: Stamp,
    /// When an answer is due.
    pub due: Stamp,
    /// After how long its channel wants an answer; each such time that passes lifts the item a class.
    pub step: Span,
    /// Intensity of a negative emotion, 0 to 1000.
    pub heat_milli: u16,
    /// The customer asks for a person.
    pub asks_person: bool,
    /// The item's own priority.
    pub priority: i32,
}

impl Need {
    /// What `item` needs, by what was read, whether the customer asks for a person, and the firm's policy.
    pub fn of(
        item: &Item,
        reading: Option<&Reading>,
        asks_person: bool,
        arrived: Stamp,
        policy: &Policy,
    ) -> Self {
        let step = policy.due_after(item.conversation.channel);
        Self {
            arrived,
            since: item.conversation.waiting_since().unwrap_or(arrived),
            due: item.due_at.unwrap_or_else(|| arrived.plus(step)),
            step,
            heat_milli: reading.map_or(0, Reading::heat_milli),
            asks_person,
            priority: item.priority,
        }
    }

    /// The rank at `now`, its reason, and until when both hold.
    ///
    /// Waiting lifts an item one class for every step that has passed, but never above `Overdue`: only a wish for a
    /// person goes first.
    pub fn rank(&self, now: Stamp) -> (Rank, Why, Stamp) {
        let own = match self.heat_milli {
            _ if self.asks_person => Class::AsksPerson,
            600.. => Class::Strong,
            1.. => Class::Negative,
            0 => Class::Calm,
        };
        let step = self.step.0.max(1);
        let lifts = now.since(self.arrived).0.max(0) / step;
        let lifted = Class::from_index((own as i64 - lifts).max(Class::Overdue as i64));
        let overdue = self.due <= now;
        let class = match (self.asks_person, overdue) {
            (true, _) => Class::AsksPerson,
            (false, true) => Class::Overdue,
            (false, false) => lifted,
        };
        let why = match class {
            Class::AsksPerson => Why::AsksPerson,
            _ if overdue => Why::Overdue(self.due),
            _ if lifted < own => Why::Waited(self.since),
            _ if self.heat_milli > 0 => Why::Emotion,
            _ if self.priority > 0 => Why::Priority,
            _ => Why::Due(self.due),
        };
        let next_lift = self.arrived.plus(Span(step * (lifts + 1)));
        let until = match class {
            Class::AsksPerson => Stamp(i64::MAX),
            Class::Overdue if overdue => Stamp(i64::MAX),
            // At the top: only being overdue changes what is said of it.
            Class::Overdue => self.due,
            _ => self.due.min(next_lift),
        };
        let rank = Rank {
            class,
            calm_milli: 1_000 - self.heat_milli,
            due: self.due,
            reverse_priority: self.priority.saturating_neg(),
            since: self.since,
        };
        (rank, why, until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::review::{Emotion, ReadingSource};

    fn item(due: Option<i64>, priority: i32) -> Item {
        let due = due.map(|d| format!(",\"due_at\":\"{}\"", Stamp(d))).unwrap_or_default();
        Item::parse(&format!(
            r#"{{"schema":"countersign.item/1","id":"i","conversation":{{"id":"c","messages":[{{"id":"m","from":"customer","text":"x"}}]}},"priority":{priority}{due}}}"#
        ))
        .unwrap()
    }

    fn reading(emotion: Emotion, intensity_milli: u16, unsure: bool, asks_person: bool) -> Reading {
        Reading {
            message: "m".parse().unwrap(),
            emotion,
            confidence_milli: 900,
            intensity_milli,
            unsure,
            asks_person,
            evidence: Vec::new(),
            source: ReadingSource::Item,
        }
    }

    fn rank(item: &Item, reading: Option<&Reading>, now: i64) -> (Rank, Why, Stamp) {
        let asks = reading.is_some_and(|r| r.asks_person);
        Need::of(item, reading, asks, Stamp(0), &Policy::default()).rank(Stamp(now))
    }

    #[test]
    fn the_order_is_person_overdue_emotion_due_priority_age() {
        let hour = Span::hours(1).0;
        let far = Some(hour * 100);
        let calm = item(far, 0);
        let asks = reading(Emotion::Neutral, 0, false, true);
        let furious = reading(Emotion::Anger, 1_000, false, false);
        let cross = reading(Emotion::Anger, 400, false, false);
        let guess = reading(Emotion::Anger, 1_000, true, false);
        let order = [
            rank(&calm, Some(&asks), hour).0,
            rank(&item(Some(0), 0), None, hour).0,
            rank(&calm, Some(&furious), hour).0,
            rank(&calm, Some(&cross), hour).0,
            rank(&item(Some(hour * 99), 0), None, hour).0,
            rank(&item(far, 5), None, hour).0,
            rank(&calm, Some(&guess), hour).0,
        ];
        assert!(order.windows(2).all(|w| w[0] < w[1]), "{order:?}");
    }

    #[test]
    fn waiting_lifts_class_by_class_and_says_so() {
        let calm = item(Some(Span::hours(1_000).0), 0);
        let step = Policy::default().due_after(crate::review::Channel::Email).0;
        let classes: Vec<Class> = (0..6).map(|n| rank(&calm, None, n * step).0.class).collect();
        assert_eq!(
            classes,
            [Class::Calm, Class::Negative, Class::Strong, Class::Overdue, Class::Overdue, Class::Overdue]
        );
        assert_eq!(rank(&calm, None, step).1, Why::Waited(Stamp(0)));
    }

    #[test]
    fn nothing_changes_before_the_named_moment_and_no_moment_is_past() {
        for (due, heat) in [(Some(5_000_000), 0), (None, 0), (Some(90_000_000), 700), (None, 300)] {
            let item = item(due, 0);
            let reading = reading(Emotion::Worry, heat, false, false);
            let mut now = 0;
            for _ in 0..20 {
                let (rank_now, why, until) = rank(&item, Some(&reading), now);
                if until.0 == i64::MAX {
                    break;
                }
                assert!(until.0 > now);
                assert_eq!(rank(&item, Some(&reading), until.0 - 1), (rank_now, why, until));
                now = until.0;
            }
        }
    }
}
