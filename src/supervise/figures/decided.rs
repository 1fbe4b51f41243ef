//! What was decided in a group of decisions, how fast, and how much was changed.

use super::record::{Decided, Fate};
use super::share::Share;
use super::spread::Spread;
use crate::review::{Outcome, Verdict};

/// Figures of one group. All shares but `undone` are of the decisions that stand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Decisions that stand.
    pub decisions: u64,
    /// The draft left as it was.
    pub approve: Share,
    /// The draft left changed.
    pub edit: Share,
    /// A person answered and kept the conversation.
    pub take_over: Share,
    /// A person answered where there was no draft.
    pub reply: Share,
    /// Taken back, of all that the queue had accepted.
    pub undone: Share,
    /// Refused by the queue: somebody was faster, or the item had changed.
    pub refused: u64,
    /// Never counted.
    pub withdrawn: u64,
    /// Emotions corrected, of the decisions that had a reading.
    pub corrected: Share,
    /// Blocking checks overridden.
    pub overridden: Share,
    /// Replies that did not arrive, or of which nobody knows.
    pub undelivered: u64,
    /// From the customer's first unanswered message to the verdict, in milliseconds.
    pub waited_ms: Option<Spread>,
    /// Time with a key in the last minute, in milliseconds; of those made at a screen. To be shown only where
    /// [`super::group::Group::speed`] allows.
    pub active_ms: Option<Spread>,
    /// Graphemes changed, of the edits.
    pub edit_distance: Option<Spread>,
}

impl Figures {
    /// Of these decisions, those that do not stand among them.
    pub fn of(rows: &[&Decided]) -> Self {
        let standing: Vec<&Decided> = rows.iter().copied().filter(|row| row.stands()).collect();
        let count = |fate: Fate| rows.iter().filter(|row| row.fate == fate).count() as u64;
        let share = |verdict| Share::among(&standing, |row| row.verdict == verdict);
        let (decisions, undone) = (standing.len() as u64, count(Fate::Undone));
        let edits = standing.iter().filter(|row| row.verdict == Verdict::Edit);
        Self {
            decisions,
            approve: share(Verdict::Approve),
            edit: share(Verdict::Edit),
            take_over: share(Verdict::TakeOver),
            reply: share(Verdict::Reply),
            undone: Share::new(undone, decisions + undone),
            refused: count(Fate::Refused),
            withdrawn: count(Fate::Withdrawn),
            corrected: Share::among(standing.iter().filter(|row| row.felt().is_some()), |row| {
                row.corrected.is_some_and(|truth| row.emotion != Some(truth))
            }),
            overridden: Share::among(&standing, |row| row.overridden),
            undelivered: standing
                .iter()
                .filter(|row| matches!(row.reply, Some(Outcome::Dead | Outcome::Unsure)))
                .count() as u64,
            waited_ms: Spread::of(standing.iter().filter_map(|row| row.waited_ms)),
            active_ms: Spread::of(
                standing.iter().filter(|row| row.active_ms > 0).map(|row| i64::from(row.active_ms)),
            ),
            edit_distance: Spread::of(edits.filter_map(|row| row.edit_distance.map(i64::from))),
        }
    }

    /// The shares that are compared with the period before, by name.
    pub const fn shares(&self) -> [(&'static str, Share); 7] {
        [
            ("approve", self.approve),
            ("edit", self.edit),
            ("take_over", self.take_over),
            ("reply", self.reply),
            ("undone", self.undone),
            ("corrected", self.corrected),
            ("overridden", self.overridden),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::record;
    use super::*;
    use crate::review::Emotion;

    #[test]
    fn only_what_stands_is_counted() {
        let record = record(10, |n, _, row| {
            (row.verdict, row.edit_distance) = match n {
                4..7 => (Verdict::Edit, Some(u16::try_from(n).unwrap() * 10)),
                7 => (Verdict::TakeOver, None),
                _ => (Verdict::Approve, Some(0)),
            };
            row.fate = match n {
                8 => Fate::Undone,
                9 => Fate::Refused,
                _ => Fate::Settled,
            };
            row.reply = Some(if n == 3 { Outcome::Unsure } else { Outcome::Sent });
            row.corrected = (n == 1).then_some(Emotion::Worry);
            row.active_ms = u32::try_from(n).unwrap() * 1_000;
        });
        let rows: Vec<_> = record.decisions.iter().collect();
        let found = Figures::of(&rows);
        assert_eq!(found.decisions, 8);
        assert_eq!((found.approve, found.edit), (Share::new(4, 8), Share::new(3, 8)));
        assert_eq!((found.take_over, found.reply), (Share::new(1, 8), Share::new(0, 8)));
        assert_eq!((found.undone, found.refused), (Share::new(1, 9), 1));
        assert_eq!((found.corrected, found.undelivered), (Share::new(1, 8), 1));
        assert_eq!(found.edit_distance, Some(Spread { n: 3, p50: 50, p90: 60, p99: 60 }));
        // The first has no active time: a script decided it.
        assert_eq!(found.active_ms, Some(Spread { n: 7, p50: 4_000, p90: 7_000, p99: 7_000 }));
        assert_eq!(Figures::of(&[]), Figures::default());
    }
}
