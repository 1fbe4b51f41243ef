//! What the report shows below its head: one section after the other, each with its picture and the same as a table.

use super::chart::{self, Difference, Ink, Parts, Point, Series};
use super::words;
use super::{Report, VERDICTS};
use crate::supervise::figures::LEAST;
use crate::supervise::figures::effect::unread;
use crate::supervise::figures::group::By;
use crate::supervise::figures::quality::{Gap, Measure};
use crate::supervise::figures::share::Share;
use crate::supervise::figures::spread::Spread;

const INKS: [Ink; 4] = [Ink::Approve, Ink::Edit, Ink::TakeOver, Ink::Reply];
/// Models with longer names are cut; what follows is seldom what tells them apart.
const NAME: usize = 32;
/// What fits before a bar.
const LABEL: usize = 16;

/// One section.
pub struct Section {
    /// Its heading.
    pub title: &'static str,
    /// One or two sentences: what is seen, and how to read it.
    pub said: String,
    /// The picture; none where there is nothing to draw.
    pub picture: Option<String>,
    /// What the colours mean.
    pub legend: Vec<(Ink, &'static str)>,
    /// The table's head; the first column names, the others count.
    pub head: Vec<&'static str>,
    /// Its rows. Foreign text in them has been made safe to show.
    pub rows: Vec<Vec<String>>,
}

/// All sections, in reading order.
pub fn sections(report: &Report) -> Vec<Section> {
    vec![
        over_time(report),
        waiting(report),
        by_emotion(report),
        edit_sizes(report),
        reliability(report),
        languages(report),
        ai_errors(report),
        effect(report),
    ]
}

fn verdict_legend() -> Vec<(Ink, &'static str)> {
    INKS.into_iter().zip(VERDICTS.map(words::verdict)).collect()
}

fn verdict_head(first: &'static str) -> Vec<&'static str> {
    [first].into_iter().chain(VERDICTS.map(words::verdict)).collect()
}

/// Month and day: the year stands in the page's title.
fn short(day: &str) -> String {
    day.get(5..).unwrap_or(day).to_owned()
}

fn over_time(report: &Report) -> Section {
    let unit = if report.weeks { "week" } else { "day" };
    let total = report.figures.decisions;
    let said = match report.stretches.iter().max_by_key(|s| s.verdicts.iter().sum::<u64>()) {
        Some(most) if total > 0 => format!(
            "{}; most in the {unit} of {}, {}.",
            words::counted(total, "decision", "decisions"),
            most.first,
            words::count(most.verdicts.iter().sum())
        ),
        _ => "Nothing was decided in this time.".to_owned(),
    };
    let labels: Vec<_> = report.stretches.iter().map(|s| short(&s.first)).collect();
    let series: Vec<_> = INKS
        .into_iter()
        .enumerate()
        .map(|(n, ink)| Series { ink, values: report.stretches.iter().map(|s| s.verdicts[n]).collect() })
        .collect();
    Section {
        title: "Decisions over time",
        picture: (total > 0).then(|| chart::columns(&said, &labels, &series)),
        said,
        legend: verdict_legend(),
        head: verdict_head(if report.weeks { "Week of" } else { "Day" }),
        rows: report
            .stretches
            .iter()
            .map(|s| [s.first.clone()].into_iter().chain(s.verdicts.map(words::count)).collect())
            .collect(),
    }
}

fn waiting(report: &Report) -> Section {
    let said = match report.figures.waited_ms {
        Some(all) => format!(
            "Half of the customers had a decision within {}, nine of ten within {}. Counted from their first unanswered message.",
            words::time(all.p50),
            words::time(all.p90)
        ),
        None => "No waiting time is known yet.".to_owned(),
    };
    let labels: Vec<_> = report.stretches.iter().map(|s| short(&s.first)).collect();
    let far = report.stretches.iter().filter_map(|s| s.waited_ms).map(|w| w.p90).max().unwrap_or(0);
    let (length, unit) = words::unit(far);
    let values = |of: fn(Spread) -> i64| -> Vec<Option<f64>> {
        let in_units = |ms: i64| chart::real(ms) / chart::real(length);
        report.stretches.iter().map(|s| s.waited_ms.map(|w| in_units(of(w)))).collect()
    };
    let series = [
        Series { ink: Ink::Second, values: values(|w| w.p90) },
        Series { ink: Ink::Main, values: values(|w| w.p50) },
    ];
    Section {
        title: "Time to decide",
        picture: report.figures.waited_ms.map(|_| chart::lines(&said, &labels, &series, unit)),
        said,
        legend: vec![(Ink::Main, "half within"), (Ink::Second, "nine of ten within")],
        head: vec![
            if report.weeks { "Week of" } else { "Day" },
            "decisions",
            "half within",
            "nine of ten within",
        ],
        rows: report
            .stretches
            .iter()
            .filter_map(|s| {
                let waited = s.waited_ms?;
                Some(vec![
                    s.first.clone(),
                    words::count(waited.n),
                    words::time(waited.p50),
                    words::time(waited.p90),
                ])
            })
            .collect(),
    }
}

fn by_emotion(report: &Report) -> Section {
    let name = |emotion: &Option<crate::review::Emotion>| {
        emotion.map_or_else(|| "not read".to_owned(), |emotion| emotion.to_string())
    };
    let taken = |counts: &[u64; 4]| Share::new(counts[2] + counts[3], counts.iter().sum());
    let most = report.emotions.iter().filter(|(felt, _)| felt.is_some()).max_by(|a, b| {
        taken(&a.1).value().partial_cmp(&taken(&b.1).value()).unwrap_or(std::cmp::Ordering::Equal)
    });
    let said = match most {
        Some((emotion, counts)) => format!(
            "People wrote the answer themselves most often where the reading was {}: {}.",
            name(emotion),
            words::share(taken(counts))
        ),
        None => "Too few decisions to compare.".to_owned(),
    };
    let rare = match report.rare_emotions {
        0 => String::new(),
        1 => format!(" One feeling with fewer than {LEAST} decisions is left out."),
        n => format!(" {n} feelings with fewer than {LEAST} decisions are left out."),
    };
    let said = said + &rare;
    let rows: Vec<_> =
        report.emotions.iter().map(|(e, counts)| Parts { label: name(e), counts: counts.to_vec() }).collect();
    Section {
        title: "Verdicts by emotion",
        picture: (!rows.is_empty()).then(|| chart::shares(&said, &INKS, &rows)),
        said,
        legend: verdict_legend(),
        head: verdict_head("Emotion"),
        rows: report
            .emotions
            .iter()
            .map(|(e, counts)| [name(e)].into_iter().chain(counts.map(words::count)).collect())
            .collect(),
    }
}

fn edit_sizes(report: &Report) -> Section {
    let said = match report.figures.edit_distance {
        Some(spread) => format!(
            "Half of the edits changed {} characters or fewer, nine of ten {} or fewer. White space is not counted.",
            words::whole(spread.p50),
            words::whole(spread.p90)
        ),
        None => "No draft was changed in this time.".to_owned(),
    };
    let labels: Vec<_> = report.edits.iter().map(|(label, _)| label.clone()).collect();
    let series = [Series { ink: Ink::Edit, values: report.edits.iter().map(|(_, n)| *n).collect() }];
    Section {
        title: "Edit sizes",
        picture: (!labels.is_empty()).then(|| chart::columns(&said, &labels, &series)),
        said,
        legend: vec![(Ink::Edit, "edits, by characters changed")],
        head: vec!["Characters changed", "edits"],
        rows: report.edits.iter().map(|(label, n)| vec![label.clone(), words::count(*n)]).collect(),
    }
}

fn reliability(report: &Report) -> Section {
    let calibration = report.calibration();
    let said = match calibration {
        Some(found) => format!(
            "Of {} readings seen by a person {} were corrected. A reading that nobody corrected counts as right. On the line a reading is right as often as it says; on average it is {:.0} of 100 off.{}",
            words::count(found.n),
            words::share(report.quality.corrected),
            found.ece * 100.0,
            report
                .kappa()
                .map_or_else(String::new, |k| format!(" Agreement beyond chance (kappa) is {:.2}.", k.value)),
        ),
        None => "Too few readings to say how sure they may be.".to_owned(),
    };
    let bins = calibration.map(|found| found.bins.as_slice()).unwrap_or_default();
    let points: Vec<_> =
        bins.iter().map(|bin| Point { confidence: bin.confidence, right: bin.right }).collect();
    Section {
        title: "Are emotions read rightly?",
        picture: (!points.is_empty()).then(|| chart::reliability(&said, &points)),
        said,
        legend: vec![(Ink::Main, "right, of readings this sure"), (Ink::Second, "95% interval")],
        head: vec!["Sure", "readings", "right", "95% from", "to"],
        rows: bins
            .iter()
            .map(|bin| {
                let interval = bin.right.interval();
                let end = |of: Option<f64>| of.map_or_else(|| "–".to_owned(), chart::percent);
                vec![
                    chart::percent(bin.confidence),
                    words::count(bin.right.of),
                    words::share(bin.right),
                    end(interval.map(|i| i.low)),
                    end(interval.map(|i| i.high)),
                ]
            })
            .collect(),
    }
}

fn languages(report: &Report) -> Section {
    let gaps: Vec<&Gap> = report
        .quality
        .gaps
        .iter()
        .filter(|gap| gap.by == By::Lang && gap.measure == Measure::Changed)
        .collect();
    let sure = gaps.iter().filter(|gap| gap.is_sure()).count();
    let said = if gaps.is_empty() {
        "Fewer than two languages have enough decisions to compare.".to_owned()
    } else {
        format!(
            "How much more often drafts in a language were not sent as they were, against all others. {} after correction for many comparisons (Holm).",
            match sure {
                0 => "No difference is certain".to_owned(),
                1 => "One difference is certain".to_owned(),
                n => format!("{n} differences are certain"),
            }
        )
    };
    let rows: Vec<_> = gaps
        .iter()
        .filter_map(|gap| {
            Some(Difference {
                label: words::foreign(&gap.label, LABEL),
                value: gap.here.value()? - gap.there.value()?,
                interval: gap.difference,
                sure: gap.is_sure(),
            })
        })
        .collect();
    Section {
        title: "Gaps between languages",
        picture: (!rows.is_empty()).then(|| chart::differences(&said, &rows)),
        said,
        legend: vec![(Ink::Main, "certain"), (Ink::Second, "may be chance")],
        head: vec!["Compared", "of", "not as drafted, corrected", "all others", "p, adjusted"],
        rows: report
            .quality
            .gaps
            .iter()
            .map(|gap| {
                vec![
                    format!(
                        "{} {}, {}",
                        words::by(gap.by),
                        words::foreign(&gap.label, NAME),
                        gap.measure.as_str()
                    ),
                    words::count(gap.here.of),
                    words::sure_share(gap.here),
                    words::share(gap.there),
                    format!("{:.3}", gap.p),
                ]
            })
            .collect(),
    }
}

fn ai_errors(report: &Report) -> Section {
    let errors = &report.errors;
    let states: Vec<_> =
        errors.states.iter().map(|(state, n)| format!("{n} {}", state.replace('_', " "))).collect();
    let said = if errors.reports == 0 {
        "Nobody has reported an error of the AI in this time.".to_owned()
    } else {
        format!(
            "{}, {} of them by customers; {}.",
            words::counted(errors.reports, "report", "reports"),
            words::count(errors.by_customers),
            states.join(", ")
        )
    };
    Section {
        title: "Errors of the AI",
        said,
        picture: None,
        legend: Vec::new(),
        head: vec!["Model", "drafts with a report", "of drafts decided on (95%)", "most often"],
        rows: errors
            .models
            .iter()
            .map(|of| {
                let most = of.reasons.iter().max_by_key(|(_, n)| **n).map_or("–", |(reason, _)| *reason);
                vec![
                    of.model.as_deref().map_or_else(|| "unknown".to_owned(), |m| words::foreign(m, NAME)),
                    words::count(of.rate.count),
                    words::sure_share(of.rate),
                    most.replace('_', " "),
                ]
            })
            .collect(),
    }
}

fn effect(report: &Report) -> Section {
    let effect = &report.effect;
    let row =
        |what: &str, share: Share| vec![what.to_owned(), words::count(share.of), words::sure_share(share)];
    let person = report.asked.answered_ms;
    let mut rows = vec![
        row("upset before, not upset in the next message", effect.eased),
        row("not upset before, upset in the next message", effect.worsened),
        row("wrote again within seven days, other than thanks", effect.again),
    ];
    if let Some(person) = person {
        rows.push(vec![
            "asked for a person: half had a person's own words within".to_owned(),
            words::count(person.n),
            words::time(person.p50),
        ]);
    }
    let uncounted = match effect.unread {
        0 => String::new(),
        n => format!(" Not counted: {}.", unread(n)),
    };
    let said = format!(
        "{} left. What customers wrote next says more about a reply than the reply does.{uncounted}",
        words::counted(effect.replies, "reply", "replies")
    );
    Section {
        title: "What came after",
        said,
        picture: None,
        legend: Vec::new(),
        head: vec!["Customers who", "customers", "share (95%)"],
        rows,
    }
}
