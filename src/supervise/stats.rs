//! `countersign stats`: the figures as tables, for people and for programs.
//!
//! What is asked for and what is read come in; what may be shown to whom is decided in `figures::group`.

pub mod table;

use super::figures::agreement::Calibration;
use super::figures::decided::Figures;
use super::figures::effect::{After, Effect, after, asked, unread};
use super::figures::errors::errors;
use super::figures::group::{By, Eyes, Group, Groups, groups};
use super::figures::quality::{Gap, Measure, Quality};
use super::figures::record::{Decided, Known, Period, Record};
use super::figures::share::{difference, holm, p_value};
use super::figures::{LEAST, TEAM};
use crate::review::Stamp;
use std::collections::HashMap;
use table::{Cell, Table};

/// What figures are drawn from, and for whom.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    /// The log.
    pub record: &'a Record,
    /// The queue's knowledge; empty where it was not asked.
    pub known: &'a Known,
    /// Of which time.
    pub period: Period,
    /// The moment up to which the log reaches.
    pub now: Stamp,
    /// Who looks.
    pub eyes: &'a Eyes,
}

/// What was decided, by one or two things at once or in all, with what has changed since the period before. The agents whose
/// figures it shows by name: each must be told before it is shown.
pub fn decisions(look: Look<'_>, by: &[By]) -> (Vec<Table>, Vec<String>) {
    let found = grouped(look, look.period, by);
    let figures: Vec<Figures> = found.shown.iter().map(|group| Figures::of(&group.rows)).collect();
    let keys: Vec<&'static str> = by.iter().map(|by| by.as_str()).collect();
    let heading = match by {
        [] => "Decisions".to_owned(),
        _ => format!("Decisions by {}", keys.join(" and ")),
    };
    let mut notes = hidden(&found);
    if by.iter().any(|by| matches!(by, By::Day | By::Hour)) {
        notes.push("days and hours are UTC".to_owned());
    }
    if by.contains(&By::Topic) {
        notes.push("a decision counts under each of its topics".to_owned());
    }
    let labelled = |cells: &dyn Fn(&Figures, &Group<'_>) -> Vec<Cell>| {
        figures.iter().zip(&found.shown).map(|(f, group)| (group.labels.clone(), cells(f, group))).collect()
    };
    let shares = Table {
        name: "decisions",
        title: format!("{heading}, shares in per cent with 95 % intervals"),
        by: keys.clone(),
        columns: vec![
            ("decisions", "n"),
            ("approve", "approve"),
            ("edit", "edit"),
            ("take_over", "take over"),
            ("reply", "reply"),
            ("undone", "undone"),
            ("corrected", "corrected"),
            ("overridden", "overridden"),
            ("refused", "refused"),
            ("undelivered", "unsent"),
        ],
        rows: labelled(&|f, _| {
            let mut cells = vec![Cell::Count(f.decisions)];
            cells.extend(f.shares().map(|(_, share)| Cell::share(share)));
            cells.extend([Cell::Count(f.refused), Cell::Count(f.undelivered)]);
            cells
        }),
        notes,
    };
    let times = Table {
        name: "times",
        title: "Times and sizes: half, nine of ten, ninety-nine of a hundred are at most".to_owned(),
        by: keys,
        columns: vec![
            ("waited", "customer waited"),
            ("active", "agent active"),
            ("edit_distance", "characters edited"),
        ],
        rows: labelled(&|f, group| {
            let active = if group.speed { Cell::times(f.active_ms) } else { Cell::Hidden };
            vec![Cell::times(f.waited_ms), active, Cell::sizes(f.edit_distance)]
        }),
        notes: if found.shown.iter().any(|group| !group.speed) {
            vec![format!("how fast fewer than {TEAM} people work is not shown to others")]
        } else {
            Vec::new()
        },
    };
    let mut tables = vec![shares, times];
    tables.extend(look.period.before(look.now).map(|before| changes(look, before, by, &found, &figures)));
    (tables, found.named)
}

fn grouped<'a>(look: Look<'a>, period: Period, by: &[By]) -> Groups<'a> {
    groups(look.record, look.record.within(period), look.known, by, look.eyes)
}

fn hidden(groups: &Groups<'_>) -> Vec<String> {
    let several = |n: usize| if n == 1 { "group".to_owned() } else { "groups".to_owned() };
    let mut notes = Vec::new();
    if groups.small > 0 {
        let n = groups.small;
        notes.push(format!("{n} {} of fewer than {LEAST} decisions hidden", several(n)));
    }
    if groups.private > 0 {
        let n = groups.private;
        notes.push(format!("{n} {} of fewer than {TEAM} people hidden", several(n)));
    }
    if groups.shown.is_empty() && notes.is_empty() {
        notes.push("no decision in this time".to_owned());
    }
    notes
}

/// Shares that differ from the period before.
fn changes(look: Look<'_>, before: Period, by: &[By], now: &Groups<'_>, figures: &[Figures]) -> Table {
    let earlier = grouped(look, before, by);
    let earlier: HashMap<&[String], Figures> =
        earlier.shown.iter().map(|group| (&group.labels[..], Figures::of(&group.rows))).collect();
    let mut found = Vec::new();
    for (group, figures) in now.shown.iter().zip(figures) {
        let Some(then) = earlier.get(&group.labels[..]) else { continue };
        for ((name, here), (_, there)) in figures.shares().into_iter().zip(then.shares()) {
            if let (Some(ends), Some(p)) = (difference(here, there), p_value(here, there)) {
                found.push((group.labels.clone(), name, here, there, ends, p));
            }
        }
    }
    let adjusted = holm(&found.iter().map(|row| row.5).collect::<Vec<_>>());
    let compared = found.len();
    let rows: Vec<_> = found
        .into_iter()
        .zip(adjusted)
        // In all, everything is told; by groups, only what is surely different.
        .filter(|(_, p)| by.is_empty() || *p < 0.05)
        .map(|((labels, name, here, there, ends, _), p)| {
            let labels = labels.into_iter().chain([name.to_owned()]).collect();
            (labels, vec![Cell::share(here), Cell::share(there), Cell::Difference(ends), Cell::Number(p)])
        })
        .collect();
    let mut notes =
        vec![format!("{compared} comparisons; p adjusted after Holm, so that below 0.05 is sure")];
    if rows.is_empty() {
        notes.insert(0, "nothing is surely different".to_owned());
    }
    Table {
        name: "changes",
        title: "Against the same length of time before".to_owned(),
        by: by.iter().map(|by| by.as_str()).chain(["share"]).collect(),
        columns: vec![("now", "now"), ("before", "before"), ("difference", "difference"), ("p", "p")],
        rows,
        notes,
    }
}

/// What followed the replies.
pub fn effect(look: Look<'_>, by: &[By]) -> Vec<Table> {
    let replies = after(look.record, look.known, look.period, look.now);
    let kinds: Vec<Vec<By>> = match by {
        [] => vec![vec![], vec![By::Verdict], vec![By::Model], vec![By::Topic]],
        _ => vec![by.to_vec()],
    };
    let mut tables: Vec<Table> = kinds.iter().map(|by| effects(look, &replies, by)).collect();
    if by.is_empty() {
        let asked = asked(look.record, look.known, look.period);
        tables.push(Table {
            name: "asked_for_a_person",
            title: "From asking for a person to the first words a person wrote".to_owned(),
            columns: vec![("answered", "answered after"), ("waiting", "still wait")],
            rows: vec![(vec![], vec![Cell::times(asked.answered_ms), Cell::Count(asked.waiting)])],
            ..Table::default()
        });
    }
    tables
}

fn effects(look: Look<'_>, replies: &[After<'_>], by: &[By]) -> Table {
    let found = groups(look.record, replies.iter().map(|after| after.row), look.known, by, look.eyes);
    let place: HashMap<_, _> = replies.iter().map(|after| (after.row.id, after)).collect();
    let rows = found.shown.iter().map(|group| {
        let effect = Effect::of(group.rows.iter().filter_map(|row| place.get(&row.id).copied()));
        let shares = [effect.eased, effect.worsened, effect.again].map(Cell::share);
        (group.labels.clone(), [vec![Cell::Count(effect.replies)], shares.to_vec()].concat())
    });
    let rows = rows.collect();
    let mut notes = hidden(&found);
    if by.is_empty() {
        notes.extend([
            "eased: suffered before, and no more in the next message; worsened: the other way".to_owned(),
            "again: wrote again within seven days, other than to say thanks; of replies seven days old"
                .to_owned(),
        ]);
        let all = Effect::of(replies);
        if all.unread > 0 {
            notes.push(format!("counted in neither: {}", unread(all.unread)));
        }
    }
    let keys: Vec<_> = by.iter().map(|by| by.as_str()).collect();
    Table {
        name: "effect",
        title: match by {
            [] => "What followed the replies, in per cent with 95 % intervals".to_owned(),
            _ => format!("What followed the replies, by {}", keys.join(" and ")),
        },
        by: keys,
        columns: vec![("replies", "n"), ("eased", "eased"), ("worsened", "worsened"), ("again", "again")],
        rows,
        notes,
    }
}

/// Whether drafts are read, and where recogniser and models do worse.
pub fn quality(look: Look<'_>, words_per_minute: u32) -> Vec<Table> {
    let Look { record, known, period, now, eyes } = look;
    let found = Quality::of(record, known, period, now, eyes, words_per_minute);
    let mut tables = vec![reading(&found, words_per_minute), agreement(&found)];
    tables.extend(found.calibration.as_ref().map(reliability));
    let gap = |name, title: &str, there, gaps: &[Gap]| {
        let mut notes =
            vec![format!("{} comparisons; p adjusted after Holm, so that below 0.05 is sure", gaps.len())];
        if gaps.is_empty() {
            notes = vec![format!("nothing to compare: no two sides of {LEAST} or more")];
        }
        let rows = gaps.iter().map(|gap| {
            let labels = vec![gap.by.as_str().to_owned(), gap.label.clone(), gap.measure.as_str().to_owned()];
            let sure = if gap.is_sure() { "sure" } else { "may be chance" };
            let cells = vec![
                Cell::share(gap.here),
                Cell::share(gap.there),
                Cell::Difference(gap.difference),
                Cell::Number(gap.p),
                Cell::Text(sure.to_owned()),
            ];
            (labels, cells)
        });
        Table {
            name,
            title: title.to_owned(),
            by: vec!["by", "group", "measure"],
            columns: vec![("here", "here"), there, ("difference", "difference"), ("p", "p"), ("verdict", "")],
            rows: rows.collect(),
            notes,
        }
    };
    tables.push(gap(
        "gaps",
        "Gaps: each language, segment and model against all others",
        ("elsewhere", "elsewhere"),
        &found.gaps,
    ));
    tables.push(gap(
        "drift",
        "Drift: each model's last week against its four weeks before",
        ("before", "before"),
        &found.drift,
    ));
    let [corrected, changed] = Measure::ALL.map(Measure::as_str);
    if let Some(last) = tables.last_mut() {
        last.notes.push(format!(
            "{corrected}: the emotion was put right; {changed}: the draft did not leave as it was"
        ));
    }
    tables
}

fn reading(found: &Quality, words_per_minute: u32) -> Table {
    let cell = match found.fast {
        Some(fast) => Cell::share(fast.faster),
        None if found.private => Cell::Hidden,
        None => Cell::Absent,
    };
    let mut notes = vec![format!(
        "faster than {words_per_minute} words a minute of active time ({} characters where words are not parted); most adults read 175 to 300",
        words_per_minute * 3 / 2
    )];
    if found.private {
        notes.push(format!("how fast fewer than {TEAM} people work is not shown to others"));
    }
    Table {
        name: "reading",
        title: "Approvals faster than reading the draft, in per cent with 95 % interval".to_owned(),
        columns: vec![("faster", "faster")],
        rows: vec![(vec![], vec![cell])],
        notes,
        ..Table::default()
    }
}

fn agreement(found: &Quality) -> Table {
    let calibration = found.calibration.as_ref();
    let number = |n: Option<f64>| n.map_or(Cell::Absent, Cell::Number);
    let mut notes = vec![
        "a reading that nobody corrected counts as right: the recogniser is at most as good as this"
            .to_owned(),
    ];
    if found.judged < LEAST as u64 {
        notes.push(format!("fewer than {LEAST} messages were read and seen"));
    }
    Table {
        name: "agreement",
        title: "The recogniser against people's corrections".to_owned(),
        columns: vec![
            ("messages", "messages"),
            ("corrected", "corrected %"),
            ("kappa", "Cohen's kappa"),
            ("kappa_low", "from"),
            ("kappa_high", "to"),
            ("ece", "calibration error"),
            ("brier", "Brier score"),
        ],
        rows: vec![(
            vec![],
            vec![
                Cell::Count(found.judged),
                Cell::share(found.corrected),
                number(found.kappa.map(|k| k.value)),
                number(found.kappa.map(|k| k.interval.low)),
                number(found.kappa.map(|k| k.interval.high)),
                number(calibration.map(|c| c.ece)),
                number(calibration.map(|c| c.brier)),
            ],
        )],
        notes,
        ..Table::default()
    }
}

fn reliability(calibration: &Calibration) -> Table {
    let rows = calibration.bins.iter().map(|bin| {
        let label = format!("{}-{} %", u32::from(bin.tenth) * 10, u32::from(bin.tenth) * 10 + 10);
        (vec![label], vec![Cell::Count(bin.right.of), Cell::Number(bin.confidence), Cell::share(bin.right)])
    });
    Table {
        name: "reliability",
        title: "Is it right as often as it is sure?".to_owned(),
        by: vec!["said"],
        columns: vec![("n", "n"), ("confidence", "mean confidence"), ("right", "right %")],
        rows: rows.collect(),
        notes: Vec::new(),
    }
}

/// Errors of the AI that were reported.
pub fn reported(look: Look<'_>) -> Vec<Table> {
    let found = errors(look.record, look.known, look.period);
    let states: Vec<String> = found.states.iter().map(|(state, n)| format!("{n} {state}")).collect();
    let mut notes = vec![format!(
        "{} reports, {} by customers{}{}",
        found.reports,
        found.by_customers,
        if states.is_empty() { "" } else { ": " },
        states.join(", ")
    )];
    notes.push(
        "rate: drafts with a report that was not found to be none, of the drafts decided on".to_owned(),
    );
    let reasons = found.models.iter().flat_map(|of| {
        let model = of.model.clone().unwrap_or_else(|| "unknown".to_owned());
        let all = of.rate.of;
        let lines = of.reasons.iter().map(move |(reason, n)| {
            (vec![model.clone(), (*reason).to_owned()], vec![Cell::Count(*n), Cell::Count(all)])
        });
        lines.collect::<Vec<_>>()
    });
    let reasons = reasons.collect();
    let rates = found.models.iter().map(|of| {
        let small = of.rate.of < LEAST as u64;
        let rate = if small { Cell::Hidden } else { Cell::share(of.rate) };
        (
            vec![of.model.clone().unwrap_or_else(|| "unknown".to_owned())],
            vec![Cell::Count(of.rate.count), rate],
        )
    });
    vec![
        Table {
            name: "errors",
            title: "Errors of the AI by model, in per cent with 95 % interval".to_owned(),
            by: vec!["model"],
            columns: vec![("drafts", "drafts"), ("rate", "rate")],
            rows: rates.collect(),
            notes,
        },
        Table {
            name: "error_reasons",
            title: "Errors of the AI by model and reason".to_owned(),
            by: vec!["model", "reason"],
            columns: vec![("reports", "reports"), ("of_drafts", "of drafts")],
            rows: reasons,
            notes: Vec::new(),
        },
    ]
}

/// The decisions of one agent, for that agent's own eyes.
pub fn own<'a>(record: &'a Record, me: &str, period: Period) -> Vec<&'a Decided> {
    let name = record.names.find(me);
    record.within(period).filter(|row| Some(row.agent) == name).collect()
}
