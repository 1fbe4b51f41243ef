//! Reads the log once and keeps what figures need: a few keys of each line, out of its bytes, unchecked.
//!
//! A million lines are read in about a second, with one small row in memory for each decision. What a line does not say, or
//! says in words of a later version, is left out; proof is `verify`'s work.

use super::figures::record::{Corrected, Decided, Fate, Id, Looked, Name, Names, Record, Reported};
use crate::ledger::ReadError;
use crate::ledger::scan::{Keys, Text, Value, each_line};
use crate::review::{AiError, Channel, DecisionId, Outcome, ReportState, Reporter, Risk, Stamp, Verdict};
use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};
use std::ops::ControlFlow;
use std::path::Path;
use uuid::Uuid;

/// Reads the log in `dir`, from the day of `since` on.
///
/// # Errors
/// The folder or a file cannot be read.
pub fn gather(dir: &Path, since: Option<Stamp>) -> Result<Record, ReadError> {
    let mut gathering = Gathering::default();
    each_line(dir, since, |line| {
        gathering.line(line);
        ControlFlow::Continue(())
    })?;
    Ok(gathering.record)
}

/// The lower half of our ids is random: it is its own hash.
#[derive(Default)]
struct LowHalf(u64);

impl Hasher for LowHalf {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut half = [0; 8];
            half[..chunk.len()].copy_from_slice(chunk);
            self.0 = u64::from_le_bytes(half);
        }
    }
}

type ById<T> = HashMap<Uuid, T, BuildHasherDefault<LowHalf>>;

struct Gathering {
    record: Record,
    front: Keys<3>,
    decision: Keys<18>,
    outcome: Keys<2>,
    correction: Keys<5>,
    report: Keys<7>,
    report_state: Keys<3>,
    access: Keys<3>,
    /// Where each decision stands among the rows.
    rows: ById<u32>,
    /// What outcomes told before their decision make of it.
    early: ById<(Fate, Option<Outcome>)>,
    /// Entries that are rare and count once, however often they stand in the log.
    seen: HashSet<Uuid, BuildHasherDefault<LowHalf>>,
    /// The last day read, with its first moment.
    day: ([u8; 10], i64),
}

impl Default for Gathering {
    fn default() -> Self {
        Self {
            record: Record::default(),
            front: Keys::new(["ts", "type", "id"]),
            // In the order of the log: one pass reads them all.
            decision: Keys::new([
                "item",
                "conversation",
                "channel",
                "lang",
                "agent",
                "verdict",
                "last_message",
                "emotion",
                "emotion_confidence_milli",
                "emotion_corrected",
                "risk",
                "checks_overridden",
                "model",
                "draft_chars",
                "draft_words",
                "edit_distance",
                "waited_ms",
                "active_ms",
            ]),
            outcome: Keys::new(["decision", "what"]),
            correction: Keys::new(["item", "message", "emotion_from", "confidence_from_milli", "emotion_to"]),
            report: Keys::new(["item", "decision", "draft", "draft_version", "agent", "error", "by"]),
            report_state: Keys::new(["report", "state", "owner"]),
            access: Keys::new(["agent", "subject", "purpose"]),
            rows: HashMap::default(),
            early: HashMap::default(),
            seen: HashSet::default(),
            day: ([0; 10], 0),
        }
    }
}

type Found<'a> = Option<Value<'a>>;

/// A word, an id, a moment: text without escapes.
fn word(found: Found<'_>) -> Option<&str> {
    found?.text().map(Text::escaped)
}

fn name(names: &mut Names, found: Found<'_>) -> Option<Name> {
    Some(names.keep(&found?.text()?.read()))
}

fn owned(found: Found<'_>) -> Option<String> {
    Some(found?.text()?.read().into_owned())
}

fn count<T: TryFrom<i64>>(found: Found<'_>) -> Option<T> {
    T::try_from(found?.int()?).ok()
}

fn uuid(found: Found<'_>) -> Option<Uuid> {
    Uuid::try_parse(word(found)?).ok()
}

/// A word of a closed vocabulary.
fn parsed<T: std::str::FromStr>(found: Found<'_>) -> Option<T> {
    word(found)?.parse().ok()
}

/// The same for a vocabulary that is only listed.
fn one_of<T: Copy>(all: &[T], word_of: impl Fn(T) -> &'static str, found: Found<'_>) -> Option<T> {
    let word = word(found)?;
    all.iter().copied().find(|one| word_of(*one) == word)
}

const VERDICTS: [Verdict; 4] = [Verdict::Approve, Verdict::Edit, Verdict::TakeOver, Verdict::Reply];
const CHANNELS: [Channel; 5] =
    [Channel::Email, Channel::Chat, Channel::Helpdesk, Channel::Webhook, Channel::Social];

impl Gathering {
    fn line(&mut self, line: &[u8]) {
        self.record.lines += 1;
        if self.read(line).is_none() {
            self.record.unreadable += 1;
        }
    }

    /// None where the line is not as this program writes it. Types that it does not know are passed over.
    fn read(&mut self, line: &[u8]) -> Option<()> {
        let [ts, kind, id] = self.front.read(line);
        let at = self.moment(word(ts)?)?;
        let id = uuid(id)?;
        self.record.newest = self.record.newest.max(at);
        match word(kind)? {
            "decision" => self.decision(at, DecisionId(id), line),
            "outcome" => self.outcome(id, line),
            "correction" if self.is_new(id) => self.correction(at, line),
            "report" if self.is_new(id) => self.report(at, id, line),
            "report_state" if self.is_new(id) => self.report_state(at, line),
            "access" if self.is_new(id) => self.access(at, line),
            _ => Some(()),
        }
    }

    fn is_new(&mut self, id: Uuid) -> bool {
        self.seen.insert(id)
    }

    /// `2026-11-20T09:01:00.000Z`. Lines of one day follow each other: the calendar is asked once a day.
    fn moment(&mut self, ts: &str) -> Option<Stamp> {
        let (day, time) = ts.as_bytes().split_at_checked(10)?;
        if day != self.day.0 {
            let midnight: Stamp = format!("{}T00:00:00Z", ts.get(..10)?).parse().ok()?;
            self.day = (day.try_into().ok()?, midnight.0);
        }
        let digits = |from: usize, n: usize| {
            time.get(from..from + n)?.iter().try_fold(0_i64, |sum, digit| {
                digit.is_ascii_digit().then(|| sum * 10 + i64::from(digit - b'0'))
            })
        };
        let seconds = (digits(1, 2)? * 60 + digits(4, 2)?) * 60 + digits(7, 2)?;
        Some(Stamp(self.day.1 + seconds * 1_000 + digits(10, 3)?))
    }

    fn decision(&mut self, at: Stamp, id: DecisionId, line: &[u8]) -> Option<()> {
        let [
            item,
            conversation,
            channel,
            lang,
            agent,
            verdict,
            message,
            emotion,
            confidence,
            corrected,
            risk,
            overridden,
            model,
            draft_chars,
            draft_words,
            edit_distance,
            waited,
            active,
        ] = self.decision.read(line);
        let record = &mut self.record;
        let place = u32::try_from(record.decisions.len()).ok()?;
        let early = self.early.remove(&id.0).unwrap_or_default();
        let row = Decided {
            at,
            id,
            item: Id::of(word(item)?),
            conversation: Id::of(word(conversation)?),
            message: Id::of(word(message)?),
            waited_ms: count(waited),
            active_ms: active?.int().map(|ms| u32::try_from(ms.max(0)).unwrap_or(u32::MAX))?,
            draft_words: count(draft_words).unwrap_or(0),
            draft_chars: count(draft_chars).unwrap_or(0),
            edit_distance: count(edit_distance),
            confidence_milli: count(confidence),
            agent: name(&mut record.names, agent)?,
            lang: name(&mut record.names, lang),
            model: name(&mut record.names, model),
            emotion: parsed(emotion),
            corrected: parsed(corrected),
            verdict: one_of(&VERDICTS, Verdict::as_str, verdict)?,
            channel: one_of(&CHANNELS, Channel::as_str, channel)?,
            risk: one_of(&[Risk::Normal, Risk::High], Risk::as_str, risk)?,
            overridden: overridden?.int()? > 0,
            fate: early.0,
            reply: early.1,
        };
        // The same told twice counts once.
        if let Entry::Vacant(vacant) = self.rows.entry(id.0) {
            vacant.insert(place);
            record.decisions.push(row);
        }
        Some(())
    }

    fn outcome(&mut self, id: Uuid, line: &[u8]) -> Option<()> {
        let [decision, what] = self.outcome.read(line);
        // A word of a later version says nothing to this one.
        let (decision, Some(what)) = (uuid(decision)?, parsed::<Outcome>(what)) else { return Some(()) };
        let row = self.rows.get(&decision).map(|place| &mut self.record.decisions[*place as usize]);
        let (fate, reply) = if let Some(row) = row {
            (&mut row.fate, &mut row.reply)
        } else {
            let early = self.early.entry(decision).or_default();
            (&mut early.0, &mut early.1)
        };
        *fate = fate.after(what);
        match what {
            // A person may have found out since: an old word told again does not come back.
            Outcome::Dead | Outcome::Unsure if self.seen.insert(id) => *reply = Some(what),
            Outcome::Sent => *reply = Some(what),
            _ => {}
        }
        Some(())
    }

    fn correction(&mut self, at: Stamp, line: &[u8]) -> Option<()> {
        let [item, message, read, confidence, truth] = self.correction.read(line);
        self.record.corrections.push(Corrected {
            at,
            item: Id::of(word(item)?),
            message: Id::of(word(message)?),
            read: parsed(read),
            confidence_milli: count(confidence),
            truth: parsed(truth)?,
        });
        Some(())
    }

    fn report(&mut self, at: Stamp, id: Uuid, line: &[u8]) -> Option<()> {
        let [item, decision, draft, version, agent, error, by] = self.report.read(line);
        let customer = word(by) == Some(Reporter::Customer.as_str());
        self.record.reports.push(Reported {
            id,
            at,
            item: owned(item)?,
            decision: uuid(decision).map(DecisionId),
            draft: owned(draft).zip(count(version)),
            by: if customer { Reporter::Customer } else { Reporter::Agent },
            agent: owned(agent)?,
            error: one_of(&AiError::ALL, AiError::as_str, error)?,
            state: ReportState::Open,
            owner: None,
            changed: at,
        });
        Some(())
    }

    fn report_state(&mut self, at: Stamp, line: &[u8]) -> Option<()> {
        let [report, state, owner] = self.report_state.read(line);
        let (report, state) = (uuid(report)?, parsed(state)?);
        // A report before the first day that was read is none of the period's.
        if let Some(found) = self.record.reports.iter_mut().find(|found| found.id == report) {
            (found.state, found.owner, found.changed) = (state, owned(owner), at);
        }
        Some(())
    }

    fn access(&mut self, at: Stamp, line: &[u8]) -> Option<()> {
        let [agent, subject, purpose] = self.access.read(line);
        let (agent, subject) = (owned(agent)?, owned(subject)?);
        self.record.looks.push(Looked { at, agent, subject, purpose: owned(purpose) });
        Some(())
    }
}

#[cfg(test)]
#[path = "gather/tests.rs"]
mod tests;
