//! The only place where queue, ledger and channel meet: intake, commit, undo, outbox, recovery.
//!
//! DESIGN.md, section 11, is the contract. The ledger is the truth about what was signed, the queue about what became
//! of it. Invariants: no reply leaves before its decision is in the ledger (P1); what was staged ends settled, refused
//! or withdrawn, with its text kept in the latter two (P4, P9); no store is called under the ledger's lock.
//! Knows nothing of screens.

mod access;
mod anchor;
mod commit;
mod corrections;
mod figures;
mod intake;
mod outbox;
mod ranks;
mod reader;
mod readings;
mod recovery;
mod session;
mod store;
mod tell;

pub use anchor::shortfall;
pub use commit::{CommitError, Committed};
pub use figures::Particulars;
pub use intake::{News, RefusedLine, Tally};
pub use outbox::Delivered;
pub use reader::Reader;
pub use recovery::Recovered;
pub use store::Unsigned;

use crate::channel::Channel;
use crate::ledger::entry::{SessionEdge, Who};
use crate::ledger::{AnchorError, AppendError, Entry, KeyError, Ledger, LedgerError};
use crate::queue::sqlite::{Clock, SqliteQueue};
use crate::queue::{Actor, Heard, Queue, QueueError};
use crate::review::{DecisionId, ItemId, Policy, Refusal, RequestId, Routing, SavedEdit, SessionId, Stamp};
use session::Session;
use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use store::Store;
use uuid::Uuid;

/// Something at the desk could not be done.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The queue or the desk's own store.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The log cannot be opened.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// The log cannot be written.
    #[error(transparent)]
    Append(#[from] AppendError),
    /// The log could not be signed. Verdicts go on without.
    #[error(transparent)]
    Anchor(#[from] AnchorError),
    /// The workstation's key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The log and this desk's memory of it disagree.
    #[error(
        "nothing can be signed: {why}; run `countersign verify`, then restore the log or ask your supervisor"
    )]
    RolledBack {
        /// What is wrong.
        why: String,
    },
    /// Another process is finishing what was left half done, and does not come to an end.
    #[error("{path} is locked by another countersign that tidies up; wait for it, or end it")]
    Recovering {
        /// The lock.
        path: PathBuf,
    },
    /// A folder or lock of the data folder.
    #[error("{path} cannot be used ({why}); make the folder yours, or name another with --data")]
    Folder {
        /// Which.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// Input of an import broke off.
    #[error("line {line}: the input cannot be read ({why}); the lines before it are in the queue")]
    Input {
        /// The line that was being read.
        line: u64,
        /// What the system said.
        why: io::Error,
    },
}

/// Who sits at the desk, and by which rules.
#[derive(Clone)]
pub struct Setup {
    /// The agent's name.
    pub agent: String,
    /// The firm's policy.
    pub policy: Policy,
    /// Where time comes from.
    pub clock: Clock,
}

/// The files of a data folder.
#[derive(Clone, Debug)]
pub struct Folder {
    /// The folder.
    pub root: PathBuf,
}

impl Folder {
    /// The queue's store.
    pub fn queue(&self) -> PathBuf {
        self.root.join("queue.sqlite")
    }
    /// The desk's store.
    pub fn desk(&self) -> PathBuf {
        self.root.join("desk.sqlite")
    }
    /// The decision log.
    pub fn log(&self) -> PathBuf {
        self.root.join("log")
    }
    /// What the file channel writes.
    pub fn replies(&self) -> PathBuf {
        self.root.join("replies.jsonl")
    }
    /// Agents' corrections of the recogniser, for its next training: `{"id","lang","text","label","was","customer"}` a line.
    pub fn corrections(&self) -> PathBuf {
        self.root.join("corrections.jsonl")
    }
    fn reading_lock(&self) -> PathBuf {
        self.root.join("reading.lock")
    }
    fn sessions(&self) -> PathBuf {
        self.root.join("sessions")
    }
    fn recover_lock(&self) -> PathBuf {
        self.root.join("recover.lock")
    }
}

/// An agent's desk: a session on a data folder.
pub struct Desk {
    /// The data folder.
    pub folder: Folder,
    /// Who sits here.
    pub who: Actor,
    queue: Arc<dyn Queue>,
    ledger: Arc<Ledger>,
    channel: Arc<dyn Channel>,
    store: Arc<Store>,
    policy: Policy,
    clock: Clock,
    /// The witness's folder.
    witness: Option<PathBuf>,
    /// Holds the session's lock file for life.
    _session: Session,
    /// Decisions this process is committing right now: recovery leaves them alone.
    in_flight: Mutex<HashSet<DecisionId>>,
    /// One teller at a time in this process: else each fact is told twice.
    telling: tokio::sync::Mutex<()>,
    /// Why nothing can be signed here any more.
    closed: Mutex<Option<String>>,
    /// What was read of opened items and is not in the queue yet.
    fresh: Mutex<Vec<Heard>>,
}

/// Runs what blocks away from the loop.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(e) if e.is_panic() => std::panic::resume_unwind(e.into_panic()),
        // Blocking work is never cancelled; only a runtime that is going down refuses it.
        Err(_) => std::future::pending().await,
    }
}

impl Desk {
    /// Sits down at the embedded queue and the file channel in `root`.
    ///
    /// # Errors
    /// A folder, store or log that cannot be used.
    pub fn open(root: &Path, setup: Setup) -> Result<Self, DeskError> {
        let folder = Folder { root: root.to_owned() };
        private_folder(root).map_err(|why| DeskError::Folder { path: root.to_owned(), why })?;
        let queue = SqliteQueue::open(&folder.queue(), setup.policy.clone(), setup.clock.clone())?;
        let channel = crate::channel::file::FileChannel::new(&folder.replies());
        Self::with(folder, setup, Arc::new(queue), Arc::new(channel))
    }

    /// Sits down at any queue and channel.
    ///
    /// # Errors
    /// A folder, store or log that cannot be used.
    pub fn with(
        folder: Folder,
        setup: Setup,
        queue: Arc<dyn Queue>,
        channel: Arc<dyn Channel>,
    ) -> Result<Self, DeskError> {
        private_folder(&folder.root).map_err(|why| DeskError::Folder { path: folder.root.clone(), why })?;
        let store = Store::open(&folder.desk())?;
        let ledger = Ledger::open(&folder.log())?;
        let session = SessionId(Uuid::now_v7());
        let lock = Session::begin(&folder.sessions(), session)
            .map_err(|why| DeskError::Folder { path: folder.sessions(), why })?;
        Ok(Self {
            folder,
            who: Actor { agent: setup.agent, session },
            queue,
            ledger: Arc::new(ledger),
            channel,
            store: Arc::new(store),
            policy: setup.policy,
            clock: setup.clock,
            witness: None,
            _session: lock,
            in_flight: Mutex::default(),
            telling: tokio::sync::Mutex::default(),
            closed: Mutex::default(),
            fresh: Mutex::default(),
        })
    }

    /// The queue, for everything that is no verdict.
    pub fn queue(&self) -> &dyn Queue {
        &*self.queue
    }

    /// The firm's policy.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The time by this desk's clock.
    pub fn now(&self) -> Stamp {
        (self.clock)()
    }

    /// Why nothing can be signed here, if so.
    pub fn closed(&self) -> Option<String> {
        self.closed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn close(&self, error: &dyn std::error::Error) {
        let why = error.to_string();
        // The reason is told with these words again wherever it stops something.
        let why = why.strip_prefix("nothing can be signed: ").unwrap_or(&why);
        *self.closed.lock().unwrap_or_else(PoisonError::into_inner) = Some(why.to_owned());
    }

    fn ledger_who(&self) -> Who {
        Who { agent: self.who.agent.clone(), session: self.who.session }
    }

    /// A queue call on this item by this agent.
    ///
    /// # Errors
    /// The queue cannot be reached.
    pub async fn route(&self, item: ItemId, act: Routing) -> Result<Result<(), Refusal>, DeskError> {
        let Routing::Correct { message, emotion } = &act else {
            return Ok(self.queue.route(RequestId(Uuid::now_v7()), self.who.clone(), item, act).await?);
        };
        let before = self.before_correction(&item, message).await?;
        let (emotion, who) = (*emotion, self.who.clone());
        let answer = self.queue.route(RequestId(Uuid::now_v7()), who, item, act).await?;
        if let (Ok(()), Some(before)) = (&answer, before) {
            self.keep_correction(before, emotion).await?;
        }
        Ok(answer)
    }

    /// Claims an item. An own claim of a session that is dead is taken without force.
    ///
    /// # Errors
    /// The queue cannot be reached.
    pub async fn claim(
        &self,
        item: ItemId,
        force: bool,
    ) -> Result<Result<crate::review::Lease, Refusal>, DeskError> {
        let claim =
            |force| self.queue.claim(RequestId(Uuid::now_v7()), self.who.clone(), item.clone(), force);
        let answer = claim(force).await?;
        let Err(Refusal::Held { .. }) = &answer else { return Ok(answer) };
        let row = self.queue.rows(vec![item.clone()]).await?.pop();
        let Some(holder) = row.and_then(|r| r.holder) else { return Ok(answer) };
        if holder.agent != self.who.agent || self.is_alive(holder.session) {
            return Ok(answer);
        }
        self.queue.free_session(holder.session).await?;
        Ok(claim(false).await?)
    }

    /// Whether the process of a session on this machine runs; sessions of other machines count as alive.
    fn is_alive(&self, session: SessionId) -> bool {
        match session::all(&self.folder.sessions()) {
            Ok((living, dead)) => living.contains(&session) || !dead.iter().any(|d| d.id == session),
            Err(_) => true,
        }
    }

    /// Keeps a half-written text (P9); false if its customer was forgotten meanwhile: nothing of them is kept.
    ///
    /// # Errors
    /// The desk's store cannot be written.
    pub async fn save_edit(&self, edit: SavedEdit) -> Result<bool, DeskError> {
        // A queue that cannot be reached keeps no text from being saved.
        let open = self.queue.open(edit.item.clone()).await.ok().flatten();
        if open.is_none() && self.is_forgotten(&edit.item).await {
            return Ok(false);
        }
        let customer = open.map_or_else(String::new, |o| o.item.customer_id().to_string());
        let (store, agent) = (self.store.clone(), self.who.agent.clone());
        blocking(move || store.save_edit(&agent, &customer, &edit)).await?;
        Ok(true)
    }

    /// Whether an item's text was destroyed at its customer's wish: the queue knows the item and has nothing of it.
    async fn is_forgotten(&self, item: &ItemId) -> bool {
        let known = self.queue.rows(vec![item.clone()]).await.is_ok_and(|rows| !rows.is_empty());
        known && self.queue.open(item.clone()).await.is_ok_and(|open| open.is_none())
    }

    /// Throws this agent's unsigned texts of an item away.
    ///
    /// # Errors
    /// The desk's store cannot be written.
    pub async fn drop_edit(&self, item: ItemId, own_words: bool) -> Result<(), DeskError> {
        let (store, agent) = (self.store.clone(), self.who.agent.clone());
        Ok(blocking(move || store.drop_edit(&agent, &item, own_words)).await?)
    }

    /// This agent's newest unsigned texts for an item: a changed draft, own words.
    ///
    /// # Errors
    /// The desk's store cannot be read.
    pub async fn edits(&self, item: ItemId) -> Result<Vec<SavedEdit>, DeskError> {
        let (store, agent) = (self.store.clone(), self.who.agent.clone());
        Ok(blocking(move || store.edits(&agent, &item)).await?)
    }

    /// Texts of this agent that were signed in vain.
    ///
    /// # Errors
    /// The desk's store cannot be read.
    pub async fn unsigned(&self) -> Result<Vec<Unsigned>, DeskError> {
        let (store, agent) = (self.store.clone(), self.who.agent.clone());
        Ok(blocking(move || store.unsigned_of(&agent)).await?)
    }

    /// Writes entries of this session to the log.
    async fn append(&self, entries: Vec<(Uuid, Entry)>) -> Result<Vec<crate::ledger::Mark>, DeskError> {
        if let Some(why) = self.closed() {
            return Err(DeskError::RolledBack { why });
        }
        let (ledger, now) = (self.ledger.clone(), self.now());
        Ok(blocking(move || ledger.append(now, &entries)).await?)
    }

    /// Tells the log that the session has begun, and that the policy has changed since the last one. A session that only
    /// looks on needs none.
    ///
    /// # Errors
    /// The log cannot be written.
    pub async fn begin(&self) -> Result<(), DeskError> {
        self.edge(SessionEdge::Start).await?;
        let policy_rev = self.policy.revision();
        let store = self.store.clone();
        let policy_from = blocking(move || store.policy_rev()).await?;
        if policy_from.as_ref() == Some(&policy_rev) {
            return Ok(());
        }
        if policy_from.is_some() {
            let changed =
                Entry::PolicyChange { who: self.ledger_who(), policy_from, policy_rev: policy_rev.clone() };
            self.append(vec![(Uuid::now_v7(), changed)]).await?;
        }
        // After the log: a crash in between tells it twice, never not at all.
        let store = self.store.clone();
        Ok(blocking(move || store.set_policy_rev(&policy_rev)).await?)
    }

    /// Tells what is left to tell and that the session has ended, and gives its claims back.
    ///
    /// # Errors
    /// The log cannot be written, or the queue not be reached.
    pub async fn end(&self) -> Result<(), DeskError> {
        let told = async {
            self.tell().await?;
            self.edge(SessionEdge::End).await
        };
        let told = told.await;
        // A log that is closed keeps nobody from the items: this session will not sign them.
        self.queue.free_session(self.who.session).await?;
        told
    }

    async fn edge(&self, what: SessionEdge) -> Result<(), DeskError> {
        let entry = Entry::Session {
            what,
            who: self.ledger_who(),
            os_uid: rustix::process::getuid().as_raw(),
            app_version: env!("CARGO_PKG_VERSION").to_owned(),
            recogniser_rev: Some(crate::care::recognise::REVISION.to_owned()),
            policy_rev: self.policy.revision(),
        };
        self.append(vec![(Uuid::now_v7(), entry)]).await.map(drop)
    }

    /// How the log stands, by its last line and `head.json`.
    ///
    /// # Errors
    /// The log is broken or cannot be read.
    pub async fn log_standing(&self) -> Result<crate::ledger::Standing, DeskError> {
        let ledger = self.ledger.clone();
        Ok(blocking(move || ledger.check()).await?)
    }

    /// Forgets a customer: texts, keys, saved edits, and what the channel keeps.
    ///
    /// # Errors
    /// A store or the channel's file cannot be written; what was done before stays done, and the call may be repeated.
    pub async fn forget(
        &self,
        customer: crate::review::CustomerId,
    ) -> Result<crate::queue::Forgotten, DeskError> {
        let gone = self.queue.forget(self.who.clone(), customer.clone()).await?;
        let (store, channel) = (self.store.clone(), self.channel.clone());
        let (items, decisions) = (gone.items.clone(), gone.decisions.clone());
        let (path, corrections) = (self.folder.replies(), self.folder.corrections());
        blocking(move || {
            store.forget(customer.as_str(), &items)?;
            channel.forget(&decisions).map_err(|why| DeskError::Folder { path, why })?;
            corrections::forget(&corrections, &[customer])
        })
        .await?;
        self.tell().await?;
        Ok(gone)
    }

    /// Writes down a customer's word on AI, and stops AI text still held.
    ///
    /// # Errors
    /// The queue cannot be reached, or the log not be written.
    pub async fn consent(
        &self,
        customer: crate::review::CustomerId,
        word: crate::review::Consent,
    ) -> Result<Vec<DecisionId>, DeskError> {
        let request = RequestId(Uuid::now_v7());
        let taken_back = self.queue.consent(request, self.who.clone(), customer.clone(), word).await?;
        if !self.policy.allows_ai(word) {
            // No message of theirs trains a model either.
            let path = self.folder.corrections();
            blocking(move || corrections::forget(&path, &[customer])).await?;
        }
        self.tell().await?;
        Ok(taken_back)
    }
}

fn private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(path)
}
