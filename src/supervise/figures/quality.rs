//! Whether drafts are really read, and where recogniser and models do worse than elsewhere or than they did.

use super::LEAST;
use super::agreement::{Calibration, Kappa, calibration, kappa};
use super::group::{By, Eyes, groups, speed_may_be_shown};
use super::record::{Decided, Known, Period, Record};
use super::share::{Interval, Share, difference, holm, p_value};
use crate::review::{Span, Stamp, Verdict};

/// Faster than this nobody reads: adults read 238 words a minute on average and most between 175 and 300 (Brysbaert, How many
/// words do we read per minute?, Journal of Memory and Language 109, 2019); this is twice the upper end.
pub const WORDS_PER_MINUTE: u32 = 600;
/// Scripts that part no words are measured in characters, some 1.5 to a word.
const CHARS_PER_10_WORDS: u64 = 15;

/// Approvals measured against reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fast {
    /// Approvals that took less active time than reading the draft takes, of those made at a screen.
    pub faster: Share,
    /// The limit in words a minute.
    pub words_per_minute: u32,
}

/// Whether an approval took less active time than reading the draft at `words_per_minute` takes. None where nobody looked at a
/// screen: a script's verdict has no active time.
pub fn faster_than_reading(row: &Decided, lang: Option<&str>, words_per_minute: u32) -> Option<bool> {
    if row.active_ms == 0 || row.verdict != Verdict::Approve || !row.had_draft() {
        return None;
    }
    let primary = lang.unwrap_or_default().split(['-', '_']).next().unwrap_or_default();
    let by_characters =
        ["zh", "yue", "ja", "th", "lo", "km", "my"].iter().any(|tag| primary.eq_ignore_ascii_case(tag));
    let (length, limit) = if by_characters {
        (row.draft_chars, u64::from(words_per_minute) * CHARS_PER_10_WORDS / 10)
    } else {
        (row.draft_words, u64::from(words_per_minute))
    };
    Some(u64::from(length) * 60_000 > limit * u64::from(row.active_ms))
}

/// What is compared between groups.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Readings that a person corrected.
    Corrected,
    /// Drafts that did not leave as they were.
    Changed,
}

impl Measure {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Corrected, Self::Changed];
    /// Its word.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Corrected => "corrected",
            Self::Changed => "changed",
        }
    }
    fn of<'a>(self, rows: impl IntoIterator<Item = &'a Decided>) -> Share {
        let standing = rows.into_iter().filter(|row| row.stands());
        match self {
            Self::Corrected => Share::among(standing.filter(|row| row.emotion.is_some()), |row| {
                row.corrected.is_some_and(|truth| row.emotion != Some(truth))
            }),
            Self::Changed => {
                Share::among(standing.filter(|row| row.had_draft()), |row| row.verdict != Verdict::Approve)
            }
        }
    }
}

/// A share here against a share there.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// What the groups are of: languages, segments, models.
    pub by: By,
    /// The group. Foreign text.
    pub label: String,
    /// What is compared.
    pub measure: Measure,
    /// In the group (or now).
    pub here: Share,
    /// In all others (or before).
    pub there: Share,
    /// Of `here - there`, 95 %.
    pub difference: Interval,
    /// The chance of such a difference where there is none, adjusted after Holm for all comparisons of its table.
    pub p: f64,
}

impl Gap {
    /// Whether the difference is there, by the adjusted p-value.
    pub fn is_sure(&self) -> bool {
        self.p < 0.05
    }
}

/// All of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Quality {
    /// Approvals faster than reading; none where that would tell of fewer than five people, or there are fewer than ten.
    pub fast: Option<Fast>,
    /// Whether `fast` is missing because it would tell of few people.
    pub private: bool,
    /// Messages read by the recogniser and seen by a person.
    pub judged: u64,
    /// Those that a person corrected.
    pub corrected: Share,
    /// Agreement beyond chance; at most this, since a reading that nobody corrected counts as right.
    pub kappa: Option<Kappa>,
    /// The reliability table.
    pub calibration: Option<Calibration>,
    /// Each language, segment and model against all others.
    pub gaps: Vec<Gap>,
    /// Each model in the last week against its four weeks before.
    pub drift: Vec<Gap>,
}

impl Quality {
    /// Of the decisions of a period; `now` is its end where it is open.
    pub fn of(
        record: &Record,
        known: &Known,
        period: Period,
        now: Stamp,
        eyes: &Eyes,
        words_per_minute: u32,
    ) -> Self {
        let rows: Vec<&Decided> = record.within(period).filter(|row| row.stands()).collect();
        let shown = speed_may_be_shown(record, &rows, eyes);
        let judged = record.judged(period);
        let enough = judged.len() >= LEAST;
        Self {
            fast: fast(record, &rows, words_per_minute).filter(|_| shown),
            private: !shown,
            judged: judged.len() as u64,
            corrected: Share::among(&judged, |one| one.read != one.truth),
            kappa: kappa(&judged).filter(|_| enough),
            calibration: calibration(&judged).filter(|_| enough),
            gaps: gaps(record, known, &rows, eyes),
            drift: drift(record, period.until.unwrap_or(now.plus(Span(1)))),
        }
    }
}

fn fast(record: &Record, rows: &[&Decided], words_per_minute: u32) -> Option<Fast> {
    let judge = |row: &&Decided| {
        faster_than_reading(row, row.lang.map(|lang| record.names.text(lang)), words_per_minute)
    };
    let faster = Share::among(rows.iter().filter_map(judge), |fast| fast);
    (faster.of >= LEAST as u64).then_some(Fast { faster, words_per_minute })
}

/// Each language, segment and model against all other decisions.
fn gaps(record: &Record, known: &Known, rows: &[&Decided], eyes: &Eyes) -> Vec<Gap> {
    let mut gaps = Vec::new();
    for by in [By::Lang, By::Segment, By::Model] {
        let found = groups(record, rows.iter().copied(), known, &[by], eyes);
        for measure in Measure::ALL {
            let all = measure.of(rows.iter().copied());
            for group in &found.shown {
                let here = measure.of(group.rows.iter().copied());
                let there = Share::new(all.count - here.count, all.of - here.of);
                gaps.extend(gap(by, &group.labels[0], measure, here, there));
            }
        }
    }
    adjusted(gaps)
}

/// Each model's last week before `end` against its four weeks before that.
fn drift(record: &Record, end: Stamp) -> Vec<Gap> {
    let week = Span::hours(7 * 24);
    let recent = Period { since: Some(end.minus(week)), until: Some(end) };
    let before = Period { since: Some(end.minus(Span(5 * week.0))), until: recent.since };
    let mut models: Vec<_> = record.within(recent).filter_map(|row| row.model).collect();
    models.sort_unstable();
    models.dedup();
    let mut drift = Vec::new();
    for model in models {
        let of = |period: Period, measure: Measure| {
            measure.of(record.within(period).filter(|row| row.model == Some(model)))
        };
        for measure in Measure::ALL {
            let (here, there) = (of(recent, measure), of(before, measure));
            drift.extend(gap(By::Model, record.names.text(model), measure, here, there));
        }
    }
    adjusted(drift)
}

/// A comparison, where both sides have enough to compare.
fn gap(by: By, label: &str, measure: Measure, here: Share, there: Share) -> Option<Gap> {
    if here.of.min(there.of) < LEAST as u64 {
        return None;
    }
    let (difference, p) = (difference(here, there)?, p_value(here, there)?);
    Some(Gap { by, label: label.to_owned(), measure, here, there, difference, p })
}

fn adjusted(mut gaps: Vec<Gap>) -> Vec<Gap> {
    let raw: Vec<f64> = gaps.iter().map(|gap| gap.p).collect();
    for (gap, p) in gaps.iter_mut().zip(holm(&raw)) {
        gap.p = p;
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::super::record::tests::record;
    use super::*;
    use crate::review::Emotion;

    fn eyes() -> Eyes {
        Eyes { me: "anna".to_owned(), ..Eyes::default() }
    }

    fn quality(record: &Record) -> Quality {
        Quality::of(record, &Known::default(), Period::default(), record.newest, &eyes(), WORDS_PER_MINUTE)
    }

    #[test]
    fn reading_is_measured_in_words_and_in_characters_where_words_are_not_parted() {
        let record = record(1, |_, _, row| {
            // 100 words at 600 a minute: 10 s. 300 characters at 900 a minute: 20 s.
            (row.draft_words, row.draft_chars) = (100, 300);
        });
        let judge = |active_ms: u32, lang: &str, verdict: Verdict| {
            let row = Decided { active_ms, verdict, ..record.decisions[0].clone() };
            faster_than_reading(&row, Some(lang), 600)
        };
        assert_eq!(judge(9_999, "en-GB", Verdict::Approve), Some(true));
        assert_eq!(judge(10_000, "ru", Verdict::Approve), Some(false));
        assert_eq!(judge(19_999, "zh-Hans", Verdict::Approve), Some(true));
        assert_eq!(judge(20_000, "ZH", Verdict::Approve), Some(false));
        assert_eq!(judge(0, "en", Verdict::Approve), None, "a script");
        assert_eq!(judge(1, "en", Verdict::Edit), None, "who edits has read");
    }

    #[test]
    fn fast_approvals_of_a_few_people_are_not_shown() {
        let of = |agents: &[&str]| {
            record(40, |n, record, row| {
                row.agent = record.names.keep(agents[usize::try_from(n).unwrap() % agents.len()]);
                row.active_ms = if n % 4 == 0 { 1_000 } else { 60_000 };
            })
        };
        let own = quality(&of(&["anna"]));
        assert_eq!(own.fast.map(|fast| fast.faster), Some(Share::new(10, 40)));
        let two = quality(&of(&["anna", "ben"]));
        assert_eq!((two.fast, two.private), (None, true));
        assert!(quality(&of(&["anna", "ben", "cleo", "dan", "eva", "fay"])).fast.is_some());
    }

    #[test]
    fn a_gap_between_languages_is_found_and_chance_is_not() {
        let record = record(400, |n, record, row| {
            row.lang = Some(record.names.keep(["en", "ru"][usize::from(n >= 200)]));
            // One reading in twenty is corrected in English, six in twenty in Russian; drafts are edited alike.
            let wrong = n % 20 < if n >= 200 { 6 } else { 1 };
            row.corrected = wrong.then_some(Emotion::Worry);
            row.verdict = if n % 5 == 0 { Verdict::Edit } else { Verdict::Approve };
        });
        let found = quality(&record);
        let gap = |label: &str, measure| {
            found.gaps.iter().find(|g| g.label == label && g.measure == measure).unwrap()
        };
        let ru = gap("ru", Measure::Corrected);
        assert_eq!((ru.here, ru.there), (Share::new(60, 200), Share::new(10, 200)));
        assert!(ru.is_sure() && !ru.difference.excludes(0.25) && ru.difference.excludes(0.0), "{ru:?}");
        assert!(!gap("ru", Measure::Changed).is_sure());
        // One model only: there is nothing to compare it with.
        assert!(found.gaps.iter().all(|g| g.by == By::Lang));
    }

    #[test]
    fn a_model_that_is_changed_more_than_in_its_last_four_weeks_drifts() {
        const WEEK: i64 = 7 * 24 * 60;
        let at = |share_now: i64| {
            record(500, |n, _, row| {
                // A hundred decisions a week; the fifth week is the last.
                row.at = Stamp((n / 100 * WEEK + 60 + n % 100) * 60_000);
                let changed = n % 100 < if n >= 400 { share_now } else { 20 };
                row.verdict = if changed { Verdict::Edit } else { Verdict::Approve };
            })
        };
        let found = |share| {
            let record = at(share);
            quality(&record).drift.into_iter().find(|g| g.measure == Measure::Changed).unwrap()
        };
        let worse = found(50);
        assert_eq!((worse.here, worse.there), (Share::new(50, 100), Share::new(80, 400)));
        assert!(worse.is_sure() && worse.difference.low > 0.1, "{worse:?}");
        assert!(!found(24).is_sure());
    }

    #[test]
    fn agreement_is_told_only_of_enough_messages() {
        let few = quality(&record(9, |_, _, _| ()));
        assert_eq!((few.judged, few.kappa, few.calibration), (9, None, None));
        let some = quality(&record(30, |n, _, row| {
            row.emotion = Some([Emotion::Anger, Emotion::Joy][usize::from(n % 2 == 0)]);
            row.corrected = (n < 3).then_some(Emotion::Worry);
        }));
        assert_eq!(some.corrected, Share::new(3, 30));
        assert!(some.kappa.unwrap().value > 0.7);
        assert_eq!(some.calibration.unwrap().bins.len(), 1);
    }
}
