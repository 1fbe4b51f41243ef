//! Looking at what somebody else signed: the log says so first, where the one who signed can see it (DESIGN.md,
//! section 12).

use super::{Desk, DeskError};
use crate::ledger::Entry;
use crate::ledger::entry::Word;
use crate::review::{Decision, DecisionId, DraftState};
use uuid::Uuid;

impl Desk {
    /// Writes down that somebody looks: at whom or what, at which decision, what for.
    ///
    /// # Errors
    /// The log cannot be written; then nothing may be shown.
    pub async fn note_access(
        &self,
        subject: &str,
        decision: Option<DecisionId>,
        purpose: &str,
    ) -> Result<(), DeskError> {
        let entry = Entry::Access {
            who: self.ledger_who(),
            subject: subject.to_owned(),
            purpose: Some(Word::of(purpose)),
            decision,
        };
        self.append(vec![(Uuid::now_v7(), entry)]).await.map(drop)
    }

    /// Draft and signed text of a decision, once the log says that they were opened; none where they are gone, of which
    /// there is nothing to note.
    ///
    /// # Errors
    /// The queue cannot be reached, or the log not be written.
    pub async fn open_text(&self, id: DecisionId) -> Result<Option<Decision>, DeskError> {
        let Some(decision) = self.queue.texts(id).await? else { return Ok(None) };
        self.note_access(&decision.agent, Some(id), "read_text").await?;
        Ok(Some(decision))
    }

    /// The same for learning from: also none where the customer does not want AI, or where that cannot be told (P7). The
    /// caller has noted the access.
    ///
    /// # Errors
    /// The queue cannot be reached.
    pub async fn lesson(&self, id: DecisionId) -> Result<Option<Decision>, DeskError> {
        let Some(decision) = self.queue.texts(id).await? else { return Ok(None) };
        let row = self.queue.rows(vec![decision.seen.item.clone()]).await?.pop();
        Ok(row.filter(|row| row.draft != DraftState::NoConsent).map(|_| decision))
    }
}
