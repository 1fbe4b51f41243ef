//! Takes decisions out of the log: as CSV for a table, as pairs of draft and sent text for learning.
//!
//! Reads the log unchecked; texts come in as a function that has asked for consent. Invariants: no cell of a table can
//! act as a formula or on a terminal (P6); no row and no pair names the agent, for the product judges drafts and not
//! people; a pair is left out where the customer said no or was forgotten (P7), and where the verdict did not stand.

use super::csv;
use super::filter::Condition;
use super::tail::TailError;
use crate::ledger::Parsed;
use crate::ledger::scan::{Keys, Text, Value, each_line};
use crate::review::{Decision, DecisionId, Outcome, Stamp};
use crate::visible;
use serde::Serialize;
use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::Path;

/// The format of lnav, a log viewer, for the log's files.
pub const LNAV: &str = include_str!("../../docs/countersign.lnav.json");

/// The columns of the table: keys of a decision, and what became of it.
pub const COLUMNS: &[&str] = &[
    "seq",
    "ts",
    "id",
    "outcome",
    "item",
    "conversation",
    "channel",
    "lang",
    "verdict",
    "reason",
    "draft",
    "draft_version",
    "emotion",
    "emotion_confidence_milli",
    "emotion_corrected",
    "intensity_milli",
    "risk",
    "checks_warned",
    "checks_overridden",
    "model",
    "prompt_rev",
    "policy_rev",
    "second_of",
    "draft_chars",
    "draft_words",
    "sent_chars",
    "edit_distance",
    "ai_share_milli",
    "waited_ms",
    "shown_ms",
    "active_ms",
    "viewed_milli",
    "hidden_chars",
    "disclosure",
];

/// Which decisions are taken.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// All of these hold.
    pub conditions: Vec<Condition>,
    /// None is older.
    pub since: Option<Stamp>,
}

/// A decision of the log with what became of it last.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Its entry.
    pub entry: Parsed,
    /// The newest outcome; none while it is on its way.
    pub outcome: Option<Outcome>,
}

impl Logged {
    /// Its id.
    pub fn id(&self) -> Option<DecisionId> {
        self.entry.uuid("id").map(DecisionId)
    }

    /// Whether its verdict stands: it was not refused, undone or withdrawn.
    pub const fn stands(&self) -> bool {
        matches!(self.outcome, Some(Outcome::Settled | Outcome::Sent | Outcome::Dead | Outcome::Unsure))
    }
}

/// Gives every decision that is taken to `each`, oldest first, until that fails.
///
/// # Errors
/// The log cannot be read, or the output not be written.
pub fn decisions(
    dir: &Path,
    taken: &Taken,
    each: &mut dyn FnMut(Logged) -> io::Result<()>,
) -> Result<(), TailError> {
    // What became of a decision stands behind it: two passes, and only ids and words are kept between them.
    let outcome = Keys::new(["type", "decision", "what"]);
    let mut outcomes: HashMap<DecisionId, Outcome> = HashMap::new();
    each_line(dir, taken.since, |line| {
        let [kind, decision, what] = outcome.read(line).map(|value| value.and_then(Value::text));
        if let (Some("outcome"), Some(decision), Some(what)) = (kind.map(Text::escaped), decision, what)
            && let (Ok(id), Ok(what)) = (decision.escaped().parse().map(DecisionId), what.escaped().parse())
        {
            outcomes.insert(id, what);
        }
        ControlFlow::Continue(())
    })?;
    let decision = Condition::decisions();
    let mut written = Ok(());
    each_line(dir, taken.since, |line| {
        if decision.holds(line)
            && taken.conditions.iter().all(|condition| condition.holds(line))
            && let Some(entry) = std::str::from_utf8(line).ok().and_then(Parsed::read)
        {
            let outcome = entry.uuid("id").and_then(|id| outcomes.get(&DecisionId(id))).copied();
            written = each(Logged { entry, outcome });
        }
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    written.map_err(|why| TailError::Write { why })
}

/// The head of the table.
///
/// # Errors
/// It cannot be written.
pub fn csv_head(out: &mut dyn Write) -> io::Result<()> {
    out.write_all(csv::line(COLUMNS).as_bytes())
}

/// A row of the table.
///
/// # Errors
/// It cannot be written.
pub fn csv_row(logged: &Logged, out: &mut dyn Write) -> io::Result<()> {
    let cells = COLUMNS.iter().map(|name| match *name {
        "outcome" => logged.outcome.map(Outcome::as_str).unwrap_or_default().to_owned(),
        name => match (logged.entry.text(name), logged.entry.int(name)) {
            (Some(text), _) => text.to_owned(),
            (None, Some(n)) => n.to_string(),
            (None, None) => String::new(),
        },
    });
    out.write_all(csv::line(cells).as_bytes())
}

/// `countersign.pair/1`: what the AI wrote and what was sent.
#[derive(Debug, Serialize)]
struct Pair<'a> {
    schema: &'a str,
    decision: String,
    ts: &'a str,
    verdict: &'a str,
    channel: Option<&'a str>,
    lang: Option<&'a str>,
    emotion: Option<&'a str>,
    model: Option<&'a str>,
    prompt_rev: Option<&'a str>,
    draft: Option<&'a str>,
    sent: &'a str,
}

/// A pair as a line of ASCII JSON; its texts are exact. `decision` holds the texts that may be learned from.
///
/// # Errors
/// It cannot be written.
pub fn pair(logged: &Logged, decision: &Decision, out: &mut dyn Write) -> io::Result<()> {
    let entry = &logged.entry;
    let corrected = entry.text("emotion_corrected");
    let pair = Pair {
        schema: "countersign.pair/1",
        decision: decision.id.to_string(),
        ts: entry.text("ts").unwrap_or_default(),
        verdict: decision.verdict.as_str(),
        channel: entry.text("channel"),
        lang: entry.text("lang"),
        emotion: corrected.or_else(|| entry.text("emotion")),
        model: entry.text("model"),
        prompt_rev: entry.text("prompt_rev"),
        draft: decision.draft_text.as_deref(),
        sent: &decision.text,
    };
    let json = serde_json::to_string(&pair)?;
    writeln!(out, "{}", visible::ascii_json(&json))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_a_field_of_the_log() {
        for name in COLUMNS.iter().filter(|name| **name != "outcome") {
            assert!(crate::ledger::FIELDS.iter().any(|(field, _)| field == name), "{name}");
        }
    }
}
