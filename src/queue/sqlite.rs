//! The embedded queue: one SQLite file, shared by every console on the machine.
//!
//! Two threads, one that writes and one that reads, each with its own connection: a slow read never keeps a claim
//! waiting, and a caller only awaits a message (P8). Each write is one `IMMEDIATE` transaction that also raises
//! the revision and notes the facts the ledger must be told.

mod claims;
pub mod column;
mod draft;
pub mod file;
mod intake;
mod listing;
mod outbox;
mod people;
mod readings;
mod routing;
mod schema;
mod settle;

use super::{
    Actor, Answer, Arrival, Changes, Delivery, Fact, FactBody, Forgotten, Heard, Intake, ListQuery, Parcel,
    Queue, QueueError, Settlement, Undone, Unread,
};
use crate::review::{
    Consent, ConversationId, Counts, CustomerId, Decision, DecisionId, Held, ItemId, Kept, Lease, OpenItem,
    Outcome, PastDecision, Policy, Refusal, RequestId, Routing, Row, SessionId, Settled, Stamp,
};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use std::path::Path;
use std::sync::{Arc, mpsc};

/// Where a store's time comes from; the system's clock outside tests.
pub type Clock = Arc<dyn Fn() -> Stamp + Send + Sync>;

/// The system's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Stamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    })
}

type Job = Box<dyn FnOnce(&mut Connection) + Send>;

/// A thread with a connection of its own.
struct Lane {
    jobs: mpsc::Sender<Job>,
}

impl Lane {
    fn start(name: &str, mut db: Connection) -> Result<Self, QueueError> {
        let (jobs, inbox) = mpsc::channel::<Job>();
        std::thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || {
                while let Ok(job) = inbox.recv() {
                    job(&mut db);
                }
            })
            .map_err(|e| QueueError::Unreachable { place: name.to_owned(), why: e.to_string() })?;
        Ok(Self { jobs })
    }
}

/// The embedded queue.
pub struct SqliteQueue {
    place: Arc<str>,
    policy: Arc<Policy>,
    clock: Clock,
    write: Lane,
    read: Lane,
}

/// What every write needs.
struct Write<'a> {
    tx: Transaction<'a>,
    now: Stamp,
    policy: &'a Policy,
    /// The revision of this transaction; raised once, when first asked for.
    revision: Option<u64>,
}

impl Write<'_> {
    /// This transaction's revision, to be written on every row it changes.
    fn revision(&mut self) -> rusqlite::Result<u64> {
        if let Some(n) = self.revision {
            return Ok(n);
        }
        let n = self.tx.query_row("UPDATE revision SET n = n + 1 RETURNING n", (), |r| r.get(0))?;
        self.revision = Some(n);
        Ok(n)
    }

    /// Notes a fact for the ledger.
    fn fact(&self, body: &FactBody) -> rusqlite::Result<()> {
        let id = uuid::Uuid::now_v7().to_string();
        self.tx
            .prepare_cached("INSERT INTO fact (id, at, body) VALUES (?, ?, ?)")?
            .execute((id, self.now.0, column::json(body)?))
            .map(drop)
    }

    /// Runs `act` once per request: asked again, it repeats the stored answer.
    fn once<T: serde::Serialize + serde::de::DeserializeOwned>(
        &mut self,
        request: RequestId,
        act: impl FnOnce(&mut Self) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<T> {
        use rusqlite::OptionalExtension;
        let id = request.to_string();
        let known: Option<String> = self
            .tx
            .prepare_cached("SELECT answer FROM request WHERE id = ?")?
            .query_row([&id], |r| r.get(0))
            .optional()?;
        if let Some(answer) = known {
            return column::from_json(&answer);
        }
        let answer = act(self)?;
        self.tx.prepare_cached("INSERT INTO request VALUES (?, ?, ?)")?.execute((
            id,
            self.now.0,
            column::json(&answer)?,
        ))?;
        Ok(answer)
    }
}

fn transact<T>(
    db: &mut Connection,
    policy: &Policy,
    clock: &Clock,
    work: impl FnOnce(&mut Write<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // The clock is read under the lock, so that store time follows commit order.
    let mut write = Write { tx, now: clock(), policy, revision: None };
    let result = work(&mut write)?;
    write.tx.commit()?;
    Ok(result)
}

impl SqliteQueue {
    /// Opens or creates the queue at `path`.
    ///
    /// # Errors
    /// See [`file::open`].
    pub fn open(path: &Path, policy: Policy, clock: Clock) -> Result<Self, QueueError> {
        let mut write = file::open(path, schema::MIGRATIONS)?;
        let read = file::open(path, schema::MIGRATIONS)?;
        let place = path.display().to_string();
        let error = |e| file::error_at(&place, &e);
        // Asked first: a start must not wait for who writes just now.
        if people::policy_is_another(&read, &policy).map_err(error)? {
            transact(&mut write, &policy, &clock, people::follow_policy).map_err(error)?;
        }
        Ok(Self {
            place: place.into(),
            policy: Arc::new(policy),
            clock,
            write: Lane::start("queue-write", write)?,
            read: Lane::start("queue-read", read)?,
        })
    }

    fn on<T: Send + 'static>(
        &self,
        lane: &Lane,
        work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Answer<'static, T> {
        let (tell, told) = tokio::sync::oneshot::channel();
        let sent = lane.jobs.send(Box::new(move |db| {
            // The asker may be gone; the work is done all the same.
            let _ = tell.send(work(db));
        }));
        let place = self.place.clone();
        Box::pin(async move {
            let stopped =
                || QueueError::Unreachable { place: place.to_string(), why: "its thread has stopped".into() };
            sent.map_err(|_| stopped())?;
            told.await.map_err(|_| stopped())?.map_err(|e| file::error_at(&place, &e))
        })
    }

    fn writing<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Write<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Answer<'static, T> {
        let (policy, clock) = (self.policy.clone(), self.clock.clone());
        self.on(&self.write, move |db| transact(db, &policy, &clock, work))
    }

    fn reading<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection, Stamp) -> rusqlite::Result<T> + Send + 'static,
    ) -> Answer<'static, T> {
        let clock = self.clock.clone();
        self.on(&self.read, move |db| work(&*db.transaction()?, clock()))
    }
}

impl Queue for SqliteQueue {
    fn intake(&self, arrivals: Vec<Arrival>) -> Answer<'_, Vec<Intake>> {
        self.writing(move |w| intake::intake(w, &arrivals))
    }
    fn list(&self, query: ListQuery) -> Answer<'_, Vec<Row>> {
        self.reading(move |db, now| listing::list(db, now, &query))
    }
    fn rows(&self, items: Vec<ItemId>) -> Answer<'_, Vec<Row>> {
        self.reading(move |db, now| listing::rows(db, now, &items))
    }
    fn kept(&self, after: Option<ItemId>, limit: usize) -> Answer<'_, Vec<Kept>> {
        self.reading(move |db, _| listing::kept(db, after.as_ref(), limit))
    }
    fn counts(&self) -> Answer<'_, Counts> {
        self.reading(listing::counts)
    }
    fn open(&self, item: ItemId) -> Answer<'_, Option<OpenItem>> {
        self.reading(move |db, now| listing::open(db, now, &item))
    }
    fn changes(&self, revision: u64) -> Answer<'_, Changes> {
        self.reading(move |db, _| listing::changes(db, revision))
    }
    fn refresh(&self) -> Answer<'_, Option<Stamp>> {
        self.writing(intake::refresh_ranks)
    }
    fn claim(
        &self,
        request: RequestId,
        who: Actor,
        item: ItemId,
        force: bool,
    ) -> Answer<'_, Result<Lease, Refusal>> {
        self.writing(move |w| w.once(request, |w| claims::claim(w, &who, &item, force)))
    }
    fn renew(&self, who: Actor, items: Vec<(ItemId, u64)>) -> Answer<'_, Vec<Lease>> {
        self.writing(move |w| claims::renew(w, &who, &items))
    }
    fn free_session(&self, dead: SessionId) -> Answer<'_, ()> {
        self.writing(move |w| claims::free_session(w, dead))
    }
    fn route(
        &self,
        request: RequestId,
        who: Actor,
        item: ItemId,
        act: Routing,
    ) -> Answer<'_, Result<(), Refusal>> {
        self.writing(move |w| w.once(request, |w| routing::route(w, &who, &item, &act)))
    }
    fn settle(&self, settlement: Settlement) -> Answer<'_, Settled> {
        self.writing(move |w| settle::settle(w, &settlement))
    }
    fn settled(&self, decision: DecisionId) -> Answer<'_, Option<Settled>> {
        self.reading(move |db, _| settle::answer(db, decision))
    }
    fn undo(&self, who: Actor, decision: DecisionId) -> Answer<'_, Result<Undone, Refusal>> {
        self.writing(move |w| settle::undo(w, &who, decision))
    }
    fn held(&self, agent: Option<String>) -> Answer<'_, Vec<Held>> {
        self.reading(move |db, _| settle::held(db, agent.as_deref()))
    }
    fn unsent(&self, after: Option<DecisionId>, limit: usize) -> Answer<'_, Vec<Held>> {
        self.reading(move |db, _| settle::unsent(db, after, limit))
    }
    fn decisions(&self, agent: Option<String>, limit: usize) -> Answer<'_, Vec<PastDecision>> {
        self.reading(move |db, _| settle::decisions(db, agent.as_deref(), limit))
    }
    fn take_due(&self, worker: SessionId) -> Answer<'_, Option<Parcel>> {
        self.writing(move |w| outbox::take_due(w, worker))
    }
    fn hasten(&self, agent: String) -> Answer<'_, usize> {
        self.writing(move |w| outbox::hasten(w, &agent))
    }
    fn next_due(&self) -> Answer<'_, Option<Stamp>> {
        self.reading(|db, _| outbox::next_due(db))
    }
    fn stranded(&self, living: Vec<SessionId>) -> Answer<'_, Vec<Parcel>> {
        self.writing(move |w| outbox::stranded(w, &living))
    }
    fn requeue(&self, decision: DecisionId, fence: u64) -> Answer<'_, bool> {
        self.writing(move |w| outbox::requeue(w, decision, fence))
    }
    fn delivered(&self, decision: DecisionId, fence: u64, outcome: Delivery) -> Answer<'_, bool> {
        self.writing(move |w| outbox::delivered(w, decision, fence, &outcome))
    }
    fn resolve(&self, decision: DecisionId, outcome: Delivery) -> Answer<'_, bool> {
        self.writing(move |w| outbox::resolve(w, decision, &outcome))
    }
    fn adopt(&self, item: ItemId, decision: DecisionId, agent: String, what: Outcome) -> Answer<'_, ()> {
        self.writing(move |w| outbox::adopt(w, &item, decision, &agent, what))
    }
    fn facts(&self, limit: usize) -> Answer<'_, Vec<Fact>> {
        self.reading(move |db, _| outbox::facts(db, limit))
    }
    fn facts_told(&self, numbers: Vec<u64>) -> Answer<'_, ()> {
        self.writing(move |w| outbox::facts_told(w, &numbers))
    }
    fn mark(&self, chain: String) -> Answer<'_, Option<String>> {
        self.reading(move |db, _| outbox::mark(db, &chain))
    }
    fn set_mark(&self, chain: String, mark: String) -> Answer<'_, ()> {
        self.writing(move |w| outbox::set_mark(w, &chain, &mark))
    }
    fn unread(&self, revision: String, limit: usize) -> Answer<'_, Vec<Unread>> {
        self.reading(move |db, _| readings::unread(db, &revision, limit, true))
    }
    fn unheard(&self, revision: String, limit: usize) -> Answer<'_, Vec<Unread>> {
        self.reading(move |db, _| readings::unread(db, &revision, limit, false))
    }
    fn keep_heard(&self, revision: String, heard: Vec<Heard>) -> Answer<'_, ()> {
        self.writing(move |w| readings::keep(w, &revision, &heard))
    }
    fn customer_key(&self, customer: CustomerId) -> Answer<'_, [u8; 32]> {
        self.writing(move |w| people::customer_key(w, &customer))
    }
    fn consent(
        &self,
        request: RequestId,
        who: Actor,
        customer: CustomerId,
        word: Consent,
    ) -> Answer<'_, Vec<DecisionId>> {
        self.writing(move |w| w.once(request, |w| people::consent(w, &who, &customer, word)))
    }
    fn forget(&self, who: Actor, customer: CustomerId) -> Answer<'_, Forgotten> {
        let gone = self.writing(move |w| people::forget(w, &who, &customer));
        let emptied = self.on(&self.write, |db| file::empty_wal(db));
        Box::pin(async move {
            let gone = gone.await?;
            emptied.await?;
            Ok(gone)
        })
    }
    fn texts(&self, decision: DecisionId) -> Answer<'_, Option<Decision>> {
        self.reading(move |db, _| settle::texts(db, decision))
    }
    fn owner(&self, conversation: ConversationId) -> Answer<'_, Option<String>> {
        self.reading(move |db, _| people::owner(db, &conversation))
    }
}
