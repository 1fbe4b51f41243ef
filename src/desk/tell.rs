//! Facts of the queue into the ledger: off the critical path, each under its own entry id, so that one told twice
//! counts once.

use super::{Desk, DeskError};
use crate::fault;
use crate::ledger::Entry;
use crate::ledger::entry::{Who, Word};
use crate::queue::{Actor, Fact, FactBody};
use crate::review::ReadingSource;

/// Facts per append.
const BATCH: usize = 256;

fn who(by: &Actor) -> Who {
    Who { agent: by.agent.clone(), session: by.session }
}

/// The ledger's entry for a fact; none where the log has no word for it.
fn entry(body: FactBody) -> Option<Entry> {
    Some(match body {
        FactBody::Outcome { decision, what, reason } => {
            Entry::Outcome { decision, what, reason: reason.as_deref().map(Word::of) }
        }
        FactBody::Routing { item, by, act, reason, from, to, until } => Entry::Routing {
            item,
            who: who(&by),
            act: act.parse().ok()?,
            reason: reason.as_deref().map(Word::of),
            from,
            to,
            until,
        },
        FactBody::Correction { item, message, by, from, to } => Entry::Correction {
            item,
            message,
            who: who(&by),
            emotion_from: from.as_ref().map(|r| r.emotion),
            confidence_from_milli: from.as_ref().map(|r| r.confidence_milli),
            emotion_to: to,
            recogniser_rev: from
                .filter(|r| r.source == ReadingSource::Recogniser)
                .map(|_| crate::care::recognise::REVISION.to_owned()),
        },
        FactBody::Report { item, decision, draft, by, error, reporter } => {
            Entry::Report { item, decision, draft, who: who(&by), error, by: reporter }
        }
        FactBody::Consent { customer, word, by, taken_back } => {
            Entry::Consent { customer, word, who: who(&by), taken_back }
        }
        FactBody::Erasure { customer, by, items, decisions, taken_back } => {
            Entry::Erasure { customer, who: who(&by), items, decisions, taken_back }
        }
    })
}

impl Desk {
    /// Copies the queue's facts into the ledger until none is left. Several processes may do so at once: an entry may
    /// then stand twice under one id, and counts once.
    ///
    /// # Errors
    /// The queue cannot be reached, or the log not be written; the facts wait.
    pub async fn tell(&self) -> Result<(), DeskError> {
        let _alone = self.telling.lock().await;
        loop {
            let facts = self.queue.facts(BATCH).await?;
            if facts.is_empty() {
                return Ok(());
            }
            let numbers = facts.iter().map(|f| f.number).collect();
            let entries: Vec<_> = facts
                .into_iter()
                .filter_map(|Fact { id, body, .. }| entry(body).map(|entry| (id.0, entry)))
                .collect();
            if !entries.is_empty() {
                self.append(entries).await?;
            }
            fault::reach("desk.told");
            self.queue.facts_told(numbers).await?;
        }
    }
}
