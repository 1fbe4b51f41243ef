//! `report`: one page for people who use no terminal, and a folder for those who audit.
//!
//! [`Report::of`] puts together what the page says, out of the figures that `stats` shows as well; `html`, `markdown`
//! and `csv` write it down, and none of them computes. Invariants: the same log and queue give the same bytes, for the
//! page's present is the log's last entry and not the clock; no agent is named on it (DESIGN.md, section 12).

mod acts;
pub mod audit;
pub mod chart;
pub mod csv;
pub mod html;
pub mod markdown;
mod sections;
mod words;

use super::figures::LEAST;
use super::figures::agreement::{Calibration, Kappa};
use super::figures::decided::Figures;
use super::figures::effect::{self, Asked, Effect};
use super::figures::errors::{self, Errors};
use super::figures::group::Eyes;
use super::figures::quality::{Quality, WORDS_PER_MINUTE};
use super::figures::record::{Decided, Known, Period, Record};
use super::figures::spread::Spread;
use crate::ledger;
use crate::review::{Emotion, Span, Stamp, Verdict};
use std::collections::BTreeMap;

pub use acts::Act;

/// More days than this are shown by the week.
const DAYS: i64 = 45;
/// Upper ends of the classes of edit sizes, in graphemes; the last class has none.
const EDITS: [i64; 6] = [5, 20, 50, 100, 200, 500];
/// The order in which verdicts are counted wherever they stand side by side.
pub const VERDICTS: [Verdict; 4] = [Verdict::Approve, Verdict::Edit, Verdict::TakeOver, Verdict::Reply];

/// What the queue and the outbox know and the log does not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// When each open item is due.
    pub due: Vec<Stamp>,
    /// Replies given up.
    pub dead: u64,
    /// Replies of which nobody knows whether they went.
    pub unsure: u64,
}

/// A day or a week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// Its first day, `2026-11-20`.
    pub first: String,
    /// Decisions that stand, in the order of [`VERDICTS`].
    pub verdicts: [u64; 4],
    /// From the customer's first unanswered message to the verdict, in milliseconds.
    pub waited_ms: Option<Spread>,
}

/// Everything that the report says.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// The first day it is about; none of an empty log.
    pub first: Option<Stamp>,
    /// Its present: the end of the period, at the latest the log's last entry.
    pub now: Stamp,
    /// What `verify` found.
    pub proof: ledger::Report,
    /// What to do about it, the most pressing first; ten at most.
    pub acts: Vec<Act>,
    /// Acts that found no room.
    pub more_acts: usize,
    /// Figures of the period.
    pub figures: Figures,
    /// Those of the period of the same length before, if there is one.
    pub before: Option<Figures>,
    /// The time between.
    pub stretches: Vec<Stretch>,
    /// Whether a stretch is a week.
    pub weeks: bool,
    /// Verdicts by what the customer felt, most frequent first; of ten decisions or more.
    pub emotions: Vec<(Option<Emotion>, [u64; 4])>,
    /// How many feelings are not among them.
    pub rare_emotions: usize,
    /// How many edits changed how much.
    pub edits: Vec<(String, u64)>,
    /// Whether drafts are read, and readings right.
    pub quality: Quality,
    /// Errors reported.
    pub errors: Errors,
    /// Customers who asked for a person.
    pub asked: Asked,
    /// What replies did.
    pub effect: Effect,
}

impl Report {
    /// Of what the log tells of a period, and of what the queue knows beside it.
    pub fn of(
        record: &Record,
        known: &Known,
        standing: &Standing,
        proof: ledger::Report,
        period: Period,
    ) -> Self {
        let now = period.until.map_or(record.newest, |until| until.min(record.newest));
        // Nobody's own figures are on a page that is passed around.
        let eyes = Eyes::default();
        let rows: Vec<&Decided> = record.within(period).collect();
        let first = period.since.or_else(|| rows.iter().map(|row| row.at).min());
        let weeks = first.is_some_and(|first| now.since(first) > Span::hours(24 * DAYS));
        let after = effect::after(record, known, period, now);
        let mut emotions = emotions(&rows);
        let felt = emotions.len();
        // A share of a few points at single cases.
        emotions.retain(|(_, counts)| counts.iter().sum::<u64>() >= LEAST as u64);
        let rare_emotions = felt - emotions.len();
        let mut report = Self {
            first,
            now,
            proof,
            acts: Vec::new(),
            more_acts: 0,
            figures: Figures::of(&rows),
            before: period
                .before(now)
                .map(|before| Figures::of(&record.within(before).collect::<Vec<_>>()))
                .filter(|before| before.decisions > 0),
            stretches: first.map(|first| stretches(&rows, first, now, weeks)).unwrap_or_default(),
            weeks,
            emotions,
            rare_emotions,
            edits: edits(&rows),
            quality: Quality::of(record, known, period, now, &eyes, WORDS_PER_MINUTE),
            errors: errors::errors(record, known, period),
            asked: effect::asked(record, known, period),
            effect: Effect::of(&after),
        };
        report.acts = acts::acts(&report, standing);
        report.more_acts = report.acts.len().saturating_sub(acts::MOST);
        report.acts.truncate(acts::MOST);
        report
    }

    /// Agreement of readings and people.
    pub const fn kappa(&self) -> Option<Kappa> {
        self.quality.kappa
    }
    /// Whether readings are as sure as they say.
    pub const fn calibration(&self) -> Option<&Calibration> {
        self.quality.calibration.as_ref()
    }
}

fn place(verdict: Verdict) -> usize {
    VERDICTS.iter().position(|one| *one == verdict).unwrap_or_default()
}

/// Every day or week from the first to the last, the empty ones among them.
fn stretches(rows: &[&Decided], first: Stamp, last: Stamp, weeks: bool) -> Vec<Stretch> {
    const DAY: i64 = 24 * 3_600_000;
    let length = if weeks { 7 * DAY } else { DAY };
    let start = first.0.div_euclid(DAY) * DAY;
    let of = |at: Stamp| (at.0 - start).div_euclid(length);
    let mut found: BTreeMap<i64, ([u64; 4], Vec<i64>)> =
        (0..=of(last).max(0)).map(|n| (n, Default::default())).collect();
    for row in rows.iter().filter(|row| row.stands()) {
        if let Some((verdicts, waited)) = found.get_mut(&of(row.at)) {
            verdicts[place(row.verdict)] += 1;
            waited.extend(row.waited_ms);
        }
    }
    found
        .into_iter()
        .map(|(n, (verdicts, waited))| Stretch {
            first: Stamp(start + n * length).utc_day(),
            verdicts,
            waited_ms: Spread::of(waited),
        })
        .collect()
}

fn emotions(rows: &[&Decided]) -> Vec<(Option<Emotion>, [u64; 4])> {
    let mut found: BTreeMap<Option<Emotion>, [u64; 4]> = BTreeMap::new();
    for row in rows.iter().filter(|row| row.stands()) {
        found.entry(row.corrected.or(row.emotion)).or_default()[place(row.verdict)] += 1;
    }
    let mut rows: Vec<_> = found.into_iter().collect();
    rows.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.iter().sum::<u64>()));
    rows
}

fn edits(rows: &[&Decided]) -> Vec<(String, u64)> {
    let sizes: Vec<i64> = rows
        .iter()
        .filter(|row| row.stands() && row.verdict == Verdict::Edit)
        .filter_map(|row| row.edit_distance.map(i64::from))
        .collect();
    if sizes.is_empty() {
        return Vec::new();
    }
    let mut low = 0;
    let mut classes = Vec::new();
    for high in EDITS {
        let label = format!("{}–{high}", low + i64::from(low > 0));
        classes.push((
            label,
            sizes.iter().filter(|n| (low + i64::from(low > 0)..=high).contains(n)).count() as u64,
        ));
        low = high;
    }
    classes.push((format!("{low}+"), sizes.iter().filter(|n| **n > low).count() as u64));
    classes
}

#[cfg(test)]
mod tests;
