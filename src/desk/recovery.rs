//! Recovery, at start and every minute: what dead sessions left half done is finished (DESIGN.md, section 11).

use super::session::{self, Dead};
use super::store::Staged;
use super::{Desk, DeskError, blocking};
use crate::channel::Trace;
use crate::ledger::{Entry, FromError, Line, Mark, read_from};
use crate::queue::QueueError;
use crate::review::{DecisionId, Held, ItemId, Outcome, Refusal, ReplyState, SessionId};
use std::collections::{HashMap, HashSet};
use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::time::Duration;
use uuid::Uuid;

/// How long to wait for another process's recovery, and how often to ask.
const PATIENCE: Duration = Duration::from_secs(10);
const TURN: Duration = Duration::from_millis(10);
/// Unsent replies compared at once.
const PAGE: usize = 500;

/// What recovery found to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Sessions whose process was dead.
    pub dead_sessions: usize,
    /// Verdicts that were signed and are now settled.
    pub settled: usize,
    /// Verdicts that were signed and refused; the text is a saved edit.
    pub refused: usize,
    /// Verdicts that never reached the log; the text is a saved edit, not signed.
    pub withdrawn: usize,
    /// Replies whose worker had died.
    pub stranded: usize,
    /// Decisions that an older backup of the queue did not know.
    pub adopted: usize,
}

/// A decision as the log tells it from the mark on.
struct Logged {
    mark: Mark,
    before: Option<Mark>,
    item: Option<ItemId>,
    agent: String,
    session: Option<SessionId>,
    outcome: Option<Outcome>,
}

/// The log from the mark on.
#[derive(Default)]
struct Tail {
    decisions: HashMap<DecisionId, Logged>,
    order: Vec<DecisionId>,
    /// Outcomes of decisions from before the mark.
    late: HashMap<DecisionId, Outcome>,
    chain: Option<Uuid>,
    end: Option<Mark>,
    /// The queue's mark is older than the desk's: it was restored from a backup.
    queue_is_older: bool,
}

/// What a decision came to, of two outcomes: facts told by two processes at once may stand in the wrong order.
const fn stronger(old: Outcome, new: Outcome) -> Outcome {
    const fn strength(what: Outcome) -> u8 {
        match what {
            Outcome::Settled => 0,
            Outcome::Refused | Outcome::Withdrawn => 1,
            Outcome::Dead | Outcome::Unsure => 2,
            Outcome::Sent | Outcome::Undone => 3,
        }
    }
    if strength(old) > strength(new) { old } else { new }
}

impl Tail {
    fn take(&mut self, line: &Line) {
        let before = self.end.replace(line.mark.clone());
        match line.kind.as_str() {
            "decision" => {
                let (Some(id), Some(parsed)) = (line.decision(), line.parsed()) else { return };
                let logged = Logged {
                    mark: line.mark.clone(),
                    before,
                    item: parsed.text("item").and_then(|i| i.parse().ok()),
                    agent: parsed.text("agent").unwrap_or_default().to_owned(),
                    session: parsed.uuid("session").map(SessionId),
                    outcome: None,
                };
                self.decisions.insert(id, logged);
                self.order.push(id);
            }
            "outcome" => {
                let Some((id, what)) = line.outcome() else { return };
                match self.decisions.get_mut(&id) {
                    Some(logged) => {
                        logged.outcome = Some(logged.outcome.map_or(what, |old| stronger(old, what)));
                    }
                    None => {
                        self.late.entry(id).and_modify(|old| *old = stronger(*old, what)).or_insert(what);
                    }
                }
            }
            "header" => self.chain = self.chain.or_else(|| line.parsed()?.chain()),
            _ => {}
        }
    }
}

impl Desk {
    /// Finishes what dead sessions left half done, settles again what the queue has not answered, and tells the log
    /// what it does not know. Waits while another process does the same.
    ///
    /// # Errors
    /// A store or the log cannot be used. A log that was rolled back closes this desk for signing.
    pub async fn recover(&self) -> Result<Recovered, DeskError> {
        if let Some(why) = self.closed() {
            return Err(DeskError::RolledBack { why });
        }
        let path = self.folder.recover_lock();
        let fault = |why| DeskError::Folder { path: path.clone(), why };
        let lock = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(fault)?;
        // Whoever comes second waits: what is still being recovered must not be delivered meanwhile.
        let patience = tokio::time::Instant::now() + PATIENCE;
        while lock.try_lock().is_err() {
            if tokio::time::Instant::now() >= patience {
                return Err(DeskError::Recovering { path });
            }
            tokio::time::sleep(TURN).await;
        }
        // In this order: what was on its way before the sessions were counted and the log was read is in the log by
        // then, or its session is dead and it never will be. A verdict staged later is nobody's but its session's.
        let staged = self.on_their_way().await?;
        let sessions = self.folder.sessions();
        let (living, dead) =
            session::all(&sessions).map_err(|why| DeskError::Folder { path: sessions.clone(), why })?;
        let mut done = Recovered { dead_sessions: dead.len(), ..Recovered::default() };
        for gone in &dead {
            self.queue.free_session(gone.id).await?;
        }
        let tail = match self.read_tail().await {
            Ok(tail) => tail,
            Err(error) => {
                self.close(&error);
                return Err(error);
            }
        };
        self.finish_staged(staged, &tail, &living, &mut done).await?;
        self.adopt_unknown(&tail, &living, &mut done).await?;
        self.adopt_late(&tail).await?;
        done.stranded = self.pick_up_stranded(living.clone()).await?;
        self.tell().await?;
        self.move_mark(&tail, &living).await?;
        dead.into_iter().for_each(Dead::tidy);
        Ok(done)
    }

    /// The log from the older of the two marks on: the desk's, and the one the queue keeps of this log.
    async fn read_tail(&self) -> Result<Tail, DeskError> {
        let store = self.store.clone();
        let own = blocking(move || store.mark()).await?;
        let chain = self.chain().await?;
        let theirs = match chain {
            Some(chain) => self.queue.mark(chain.to_string()).await?,
            None => None,
        };
        let theirs: Option<Mark> = theirs.as_deref().and_then(|text| serde_json::from_str(text).ok());
        // A queue without a mark is new or was restored from before its first: then all of the log is looked at.
        let queue_is_older =
            own.as_ref().is_some_and(|own| theirs.as_ref().is_none_or(|theirs| theirs.seq < own.seq));
        let from = match (&own, &theirs) {
            (Some(own), Some(theirs)) if theirs.seq < own.seq => Some(theirs.clone()),
            (Some(own), Some(_)) => Some(own.clone()),
            _ => None,
        };
        // Both marks must be in the log, wherever reading begins: also where the desk's own is lost.
        let (dir, must_hold) = (self.folder.log(), [own, theirs]);
        blocking(move || {
            for mark in must_hold.iter().flatten() {
                drop(read_from(&dir, Some(mark)).map_err(rolled_back)?);
            }
            let mut tail = Tail { chain, queue_is_older, ..Tail::default() };
            for line in read_from(&dir, from.as_ref()).map_err(rolled_back)? {
                tail.take(&line.map_err(|e| DeskError::RolledBack { why: e.to_string() })?);
            }
            Ok(tail)
        })
        .await
    }

    /// The log's chain id: in its first line.
    async fn chain(&self) -> Result<Option<Uuid>, DeskError> {
        let dir = self.folder.log();
        blocking(move || {
            let mut lines = read_from(&dir, None).map_err(rolled_back)?;
            match lines.next().transpose() {
                Ok(first) => Ok(first.and_then(|line| line.parsed()?.chain())),
                Err(e) => Err(DeskError::RolledBack { why: e.to_string() }),
            }
        })
        .await
    }

    /// Verdicts staged, less those this process commits right now.
    async fn on_their_way(&self) -> Result<Vec<Staged>, DeskError> {
        let store = self.store.clone();
        let mut staged = blocking(move || store.staged()).await?;
        staged.retain(|s| !self.is_in_flight(s.decision.id));
        Ok(staged)
    }

    /// Verdicts that were staged: settled if they are in the log, else withdrawn.
    async fn finish_staged(
        &self,
        staged: Vec<Staged>,
        tail: &Tail,
        living: &[SessionId],
        done: &mut Recovered,
    ) -> Result<(), DeskError> {
        for Staged { decision, immediate, .. } in staged {
            let ours = decision.session == self.who.session;
            if !ours && living.contains(&decision.session) {
                continue;
            }
            if let Some(logged) = tail.decisions.get(&decision.id) {
                let settled = self.settle(&decision, logged.mark.seq, &logged.mark.hash, immediate).await?;
                if settled.is_ok() { done.settled += 1 } else { done.refused += 1 }
            } else {
                let forgotten = self.is_forgotten(&decision.seen.item).await;
                self.withdraw(&decision, forgotten.then_some(Refusal::Forgotten)).await?;
                let what = Outcome::Withdrawn;
                let entry = Entry::Outcome { decision: decision.id, what, reason: None };
                self.append(vec![(Uuid::now_v7(), entry)]).await?;
                done.withdrawn += 1;
            }
        }
        Ok(())
    }

    /// What the log knows and the queue does not: the queue was restored from an older backup.
    async fn adopt_unknown(
        &self,
        tail: &Tail,
        living: &[SessionId],
        done: &mut Recovered,
    ) -> Result<(), DeskError> {
        let store = self.store.clone();
        let staged: HashSet<DecisionId> =
            blocking(move || store.staged()).await?.into_iter().map(|s| s.decision.id).collect();
        for id in &tail.order {
            let logged = &tail.decisions[id];
            let running = logged.session.is_some_and(|s| living.contains(&s) && s != self.who.session);
            if running || staged.contains(id) || self.is_in_flight(*id) {
                continue;
            }
            let known = self.queue.settled(*id).await?.is_some();
            match (known, logged.outcome, &logged.item) {
                (false, Some(what), Some(item)) if what != Outcome::Withdrawn => {
                    self.queue.adopt(item.clone(), *id, logged.agent.clone(), what).await?;
                    done.adopted += 1;
                }
                // Signed, never settled, and the text is lost with an older desk: say so, once.
                (false, None, _) => {
                    let reason = Some(crate::ledger::entry::Word::of("text_lost"));
                    let entry = Entry::Outcome { decision: *id, what: Outcome::Withdrawn, reason };
                    self.append(vec![(Uuid::now_v7(), entry)]).await?;
                    done.withdrawn += 1;
                }
                (true, Some(what), Some(item)) if what != Outcome::Settled => {
                    self.queue.adopt(item.clone(), *id, logged.agent.clone(), what).await?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Decisions from before the mark that a restored queue still holds: what the log or the channel knows of their
    /// replies since then stands, and none leaves a second time.
    async fn adopt_late(&self, tail: &Tail) -> Result<(), DeskError> {
        if !tail.queue_is_older && tail.late.values().all(|what| *what == Outcome::Settled) {
            return Ok(());
        }
        let mut after = None;
        loop {
            let page = self.queue.unsent(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.decision);
            for held in page {
                if let Some(what) = self.fate(tail, &held).await {
                    self.queue.adopt(held.item, held.decision, held.agent, what).await?;
                }
            }
        }
    }

    /// What the log, or else the channel, knows of an unsent reply from before the mark.
    async fn fate(&self, tail: &Tail, held: &Held) -> Option<Outcome> {
        let told = tail.late.get(&held.decision).copied().filter(|what| *what != Outcome::Settled);
        let may_have_left = matches!(held.state, ReplyState::Held | ReplyState::Due | ReplyState::Failed);
        if told.is_some() || !tail.queue_is_older || !may_have_left {
            return told;
        }
        let (channel, id) = (self.channel.clone(), held.decision);
        match blocking(move || channel.look_up(id)).await {
            Trace::Found => Some(Outcome::Sent),
            Trace::Unknown => Some(Outcome::Unsure),
            Trace::Absent => None,
        }
    }

    /// All before the mark is done with: it stops before the first decision that a living session still settles.
    async fn move_mark(&self, tail: &Tail, living: &[SessionId]) -> Result<(), DeskError> {
        let mut mark = tail.end.clone();
        // A session may have begun, signed and broken off since the living were counted.
        let store = self.store.clone();
        let staged: HashSet<DecisionId> =
            blocking(move || store.staged()).await?.into_iter().map(|s| s.decision.id).collect();
        for id in &tail.order {
            let logged = &tail.decisions[id];
            let open = logged.outcome.is_none() && self.queue.settled(*id).await?.is_none();
            if open
                && (staged.contains(id)
                    || self.is_in_flight(*id)
                    || logged.session.is_some_and(|s| living.contains(&s)))
            {
                mark.clone_from(&logged.before);
                break;
            }
        }
        let (Some(mark), Some(chain)) = (mark, tail.chain) else { return Ok(()) };
        let json = serde_json::to_string(&mark).map_err(|e| QueueError::Damaged {
            place: self.folder.desk().display().to_string(),
            why: e.to_string(),
        })?;
        self.queue.set_mark(chain.to_string(), json).await?;
        let store = self.store.clone();
        Ok(blocking(move || store.set_mark(&mark)).await?)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "named in `map_err`")]
fn rolled_back(error: FromError) -> DeskError {
    DeskError::RolledBack { why: error.to_string() }
}
