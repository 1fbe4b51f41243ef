//! What a supervisor should do something about: at most ten things, the most pressing first, each with its remedy.

use super::{Report, Standing, words};
use crate::ledger::{Level, Problem};
use crate::review::ReportState;
use crate::supervise::figures::quality::Gap;

/// More than these nobody reads.
pub(super) const MOST: usize = 10;
/// Longer names are cut.
const NAME: usize = 40;
/// An unanchored tail of this age and more could have been cut for a day and nobody would know.
const LOOSE_MINUTES: i64 = 24 * 60;

/// One thing to act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// What is the matter, one sentence.
    pub what: String,
    /// What to do, one sentence.
    pub remedy: String,
}

/// In the order of what cannot wait: the log, replies that did not go, customers who wait, the AI, the rest.
pub(super) fn acts(report: &Report, standing: &Standing) -> Vec<Act> {
    let mut acts = Vec::new();
    let mut act = |count: u64, what: String, remedy: &str| {
        if count > 0 {
            acts.push(Act { what, remedy: remedy.to_owned() });
        }
    };
    let proof = &report.proof;
    if let Some((problem, fault)) = &proof.problem {
        let remedy = match problem {
            Problem::TornTail => {
                "Open the console once: it moves the torn bytes to quarantine and says so in the log."
            }
            Problem::Clock => "Check the clock of the machine that wrote it.",
            _ => "Keep a copy of the log folder as it is, and compare with the witness or a backup.",
        };
        act(1, format!("The log is not whole: {fault}."), remedy);
    }
    act(
        u64::from(proof.in_doubt),
        "The disk has failed to keep an entry of the log.".to_owned(),
        "Check the disk, then open the console: it tells what stands.",
    );
    act(
        standing.dead,
        counted(
            standing.dead,
            "reply was given up and did not reach its customer",
            "replies were given up and did not reach their customers",
        ),
        "Open :held in the console: send again, or answer another way.",
    );
    act(
        standing.unsure,
        counted(standing.unsure, "reply may or may not have left", "replies may or may not have left"),
        "Look them up where they were to arrive, then say so under :held; nothing is sent twice blindly.",
    );
    let late: Vec<_> = standing.due.iter().filter(|due| **due < report.now).collect();
    if let Some(oldest) = late.iter().min() {
        let n = late.len() as u64;
        let told = counted(n, "item is overdue", "items are overdue");
        act(
            n,
            format!(
                "{}, the oldest by {}.",
                told.trim_end_matches('.'),
                words::time(report.now.since(**oldest).0)
            ),
            "Put another person on the queue, or answer the oldest first: they stand on top.",
        );
    }
    act(
        report.asked.waiting,
        counted(
            report.asked.waiting,
            "customer asked for a person and has had no answer by one",
            "customers asked for a person and have had no answer by one",
        ),
        "Take these conversations over: they stand on top of the queue.",
    );
    let open = report.errors.states.get(ReportState::Open.as_str()).copied().unwrap_or(0);
    act(
        open,
        counted(open, "reported AI error is open", "reported AI errors are open"),
        "Give each an owner and a state: countersign report list.",
    );
    for gap in report.quality.drift.iter().filter(|gap| gap.is_sure()) {
        act(1, drifted(gap), "Read some of its drafts; tell whoever changed model, prompt or sources.");
    }
    let overridden = report.figures.overridden;
    act(
        overridden.count,
        counted(
            overridden.count,
            "reply left although a check had blocked the draft",
            "replies left although a check had blocked the draft",
        ),
        "Read them: either the check is wrong, or the reply is.",
    );
    for gap in report.quality.gaps.iter().filter(|gap| gap.is_sure() && gap.difference.low > 0.0) {
        act(1, apart(gap), "Read some of them; the AI may serve these customers worse.");
    }
    act(
        u64::from(
            report.quality.fast.as_ref().is_some_and(|fast| fast.faster.value().is_some_and(|v| v > 0.1)),
        ),
        "More than a tenth of the drafts were approved faster than they can be read.".to_owned(),
        "Ask what hurries people: too many items, or drafts so short that nobody needs to read them.",
    );
    act(
        u64::from(
            proof.level.is_some_and(|level| level < Level::L2) || proof.unanchored.minutes > LOOSE_MINUTES,
        ),
        match proof.unanchored.entries {
            1 => "Nothing signed vouches for the log's last entry.".to_owned(),
            n => format!("Nothing signed vouches for the log's last {} entries.", words::count(n)),
        },
        "Run countersign checkpoint from cron, with a witness folder.",
    );
    acts
}

/// A sentence.
fn counted(n: u64, one: &str, more: &str) -> String {
    words::counted(n, one, more) + "."
}

/// `here` and `there` are shares of one measure.
fn compared(gap: &Gap) -> String {
    format!("{} against {}", words::share(gap.here), words::share(gap.there))
}

fn drifted(gap: &Gap) -> String {
    let what = words::measure(gap.measure);
    format!(
        "The drafts of {} have changed: {what} {} in the four weeks before.",
        words::foreign(&gap.label, NAME),
        compared(gap)
    )
}

fn apart(gap: &Gap) -> String {
    let what = words::measure(gap.measure);
    format!(
        "{} {} stands out: {what} {} elsewhere.",
        words::by(gap.by),
        words::foreign(&gap.label, NAME),
        compared(gap)
    )
}
