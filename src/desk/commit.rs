//! The commit of a decision and its undo (DESIGN.md, section 11).

use super::{Desk, DeskError, blocking};
use crate::fault;
use crate::ledger::{AppendError, DecisionLine, Entry, Mark};
use crate::queue::{QueueError, Settlement, Undone};
use crate::review::{Decision, DecisionId, Refusal, Settled};
use std::sync::PoisonError;

/// A decision that the queue has answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// Number of its ledger entry.
    pub seq: u64,
    /// Accepted until when it can be taken back, or why not.
    pub settled: Settled,
}

/// A decision that could not be committed. The text is kept in each case.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The desk could not keep the verdict: nothing was signed.
    #[error("nothing was signed: {0}")]
    NotStaged(#[source] QueueError),
    /// The ledger could not be written: nothing was signed, nothing is sent (P1).
    #[error("{0}")]
    NotLogged(#[source] DeskError),
    /// The disk failed in the middle: whether it was signed is known at the next start. Nothing is sent before.
    #[error("{0}; your verdict may stand: the next start will tell")]
    MayStand(#[source] AppendError),
    /// It is signed, but the queue does not answer; it is asked again, with the same id.
    #[error("signed, not yet confirmed: {0}")]
    Unconfirmed(#[source] QueueError),
}

/// Marks a decision as this process's own business while its commit runs.
struct InFlight<'a>(&'a Desk, DecisionId);

impl<'a> InFlight<'a> {
    fn enter(desk: &'a Desk, id: DecisionId) -> Self {
        desk.in_flight.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        Self(desk, id)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

impl Desk {
    /// Whether this process is committing `id` right now.
    pub(super) fn is_in_flight(&self, id: DecisionId) -> bool {
        self.in_flight.lock().unwrap_or_else(PoisonError::into_inner).contains(&id)
    }

    /// Stages, logs and settles a decision. `immediate` gives its reply no undo window; `staged` is called as soon as
    /// neither verdict nor text can get lost any more.
    ///
    /// # Errors
    /// See [`CommitError`]; a refusal by the queue is no error.
    pub async fn commit(
        &self,
        decision: Decision,
        immediate: bool,
        staged: impl FnOnce() + Send,
    ) -> Result<Committed, CommitError> {
        let _mine = InFlight::enter(self, decision.id);
        let key = self.queue.customer_key(decision.customer.clone()).await.map_err(CommitError::NotStaged)?;
        let (store, copy) = (self.store.clone(), decision.clone());
        blocking(move || store.stage(&copy, immediate)).await.map_err(CommitError::NotStaged)?;
        fault::reach("desk.staged");
        staged();
        let mark = match self.log(&decision, key).await {
            Ok(mark) => mark,
            Err(DeskError::Append(error)) if error.may_stand() => {
                // Neither true nor false: the verdict stays staged, and this desk signs nothing more.
                self.close(&error);
                return Err(CommitError::MayStand(error));
            }
            Err(error) => {
                self.withdraw(&decision, None).await.map_err(CommitError::NotStaged)?;
                return Err(CommitError::NotLogged(error));
            }
        };
        fault::reach("desk.logged");
        let settled = self
            .settle(&decision, mark.seq, &mark.hash, immediate)
            .await
            .map_err(CommitError::Unconfirmed)?;
        Ok(Committed { seq: mark.seq, settled })
    }

    /// Step 2: the decision's entry on disk.
    async fn log(&self, decision: &Decision, key: [u8; 32]) -> Result<Mark, DeskError> {
        let line = DecisionLine::of(decision, &key);
        let marks = self.append(vec![(decision.id.0, Entry::Decision(Box::new(line)))]).await?;
        marks
            .into_iter()
            .next_back()
            .ok_or_else(|| DeskError::RolledBack { why: "the log acknowledged nothing".to_owned() })
    }

    /// Steps 3 and 4: the queue's answer, and what the desk does with it. Repeatable.
    pub(super) async fn settle(
        &self,
        decision: &Decision,
        seq: u64,
        hash: &str,
        immediate: bool,
    ) -> Result<Settled, QueueError> {
        let settlement = Settlement { decision: decision.clone(), seq, hash: hash.to_owned(), immediate };
        let settled = self.queue.settle(settlement).await?;
        fault::reach("queue.settled");
        match &settled {
            Ok(_) => {
                let (store, decision) = (self.store.clone(), decision.clone());
                blocking(move || store.accepted(&decision)).await?;
            }
            // Taken back before it was settled: the text went to whoever took it back.
            Err(refusal) => self.withdraw(decision, Some(refusal.clone())).await?,
        }
        fault::reach("desk.answered");
        Ok(settled)
    }

    /// The text becomes a saved edit again.
    pub(super) async fn withdraw(
        &self,
        decision: &Decision,
        refusal: Option<Refusal>,
    ) -> Result<(), QueueError> {
        let (store, decision) = (self.store.clone(), decision.clone());
        blocking(move || store.unsigned(&decision, refusal.as_ref())).await
    }

    /// Takes a held reply back; its item is open again and claimed by this session.
    ///
    /// # Errors
    /// The queue cannot be reached.
    pub async fn undo(&self, decision: DecisionId) -> Result<Result<Undone, Refusal>, DeskError> {
        let undone = self.queue.undo(self.who.clone(), decision).await?;
        fault::reach("queue.undone");
        Ok(undone)
    }
}
