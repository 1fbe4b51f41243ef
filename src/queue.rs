//! Where items wait: the trait, its values and its errors. Implementations live in `queue/`.
//!
//! Every write carries an id made by the caller (the item's, the decision's or a request's) and is idempotent.
//! Every change raises a revision in its own transaction; `changes` tells what came since. Refusals are typed
//! values (`review::Refusal`); not being reachable is an error. Store time decides all times.
//! Invariant: at most one standing decision per (item, draft id, version), whoever asks and however often (P3).
//! Knows nothing of the ledger, the desk or the screen. One contract test runs against every implementation.

use crate::review::{
    AiError, Consent, ConversationId, Counts, CustomerId, Decision, DecisionId, DraftId, Emotion, Held, Item,
    ItemId, Kept, Lease, Message, MessageId, OpenItem, Outcome, PastDecision, Reading, Refusal, Reply,
    Reporter, RequestId, Routing, Row, SessionId, Settled, Stamp,
};
pub use crate::review::{Delivery, ListQuery, Scope};
use serde::{Deserialize, Serialize};
use std::future::Future;
use std::pin::Pin;

pub mod sqlite;

/// What every method of [`Queue`] returns.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = Result<T, QueueError>> + Send + 'a>>;

/// The queue could not do its work. Nothing was changed, or it cannot be told; the same call may be repeated.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The store cannot be reached at present.
    #[error("the queue at {place} cannot be reached ({why}); try again in a moment")]
    Unreachable {
        /// Path or address.
        place: String,
        /// What the system said.
        why: String,
    },
    /// The store is on a file system that cannot lock.
    #[error(
        "{place} lies on a network file system ({kind}), where locks cannot be trusted; choose a local folder with --data"
    )]
    NetworkFileSystem {
        /// Path.
        place: String,
        /// For instance `nfs`.
        kind: &'static str,
    },
    /// The store was written by a newer program.
    #[error(
        "{place} was written by a newer countersign (data version {found}, this program knows {known}); update the program"
    )]
    NewerData {
        /// Path.
        place: String,
        /// The store's version.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// The store holds what cannot be.
    #[error("{place} is damaged ({why}); restore it from a backup")]
    Damaged {
        /// Path.
        place: String,
        /// What was found.
        why: String,
    },
}

/// What became of an item that came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intake {
    /// New in the queue.
    New,
    /// Replaces what was there: newer draft, more messages, or other particulars.
    Superseded,
    /// Was there already.
    Unchanged,
    /// Refused: what is there has a newer draft or more messages.
    Older,
    /// Refused: the same draft version or message has another text there.
    Conflict,
}

/// An item at the queue's door.
#[derive(Clone, Debug)]
pub struct Arrival {
    /// The item, parsed.
    pub item: Item,
    /// Its line, byte for byte; kept so that nothing is lost.
    pub line: String,
}

/// What has changed since a revision.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The newest revision.
    pub revision: u64,
    /// The items that changed, each once; more than a thousand are cut and `all` is set.
    pub items: Vec<ItemId>,
    /// So much has changed that a fresh list is cheaper.
    pub all: bool,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    /// The agent.
    pub agent: String,
    /// The agent's session.
    pub session: SessionId,
}

/// A decision to settle, with the place of its entry in the ledger.
#[derive(Clone, Debug)]
pub struct Settlement {
    /// The decision.
    pub decision: Decision,
    /// `seq` of its ledger entry.
    pub seq: u64,
    /// Hash of its ledger entry, 64 hex digits.
    pub hash: String,
    /// A script's verdict has no undo window.
    pub immediate: bool,
}

/// What an undo brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Undone {
    /// The item, open again and claimed by the session that undid.
    pub item: ItemId,
    /// The new claim.
    pub lease: Option<Lease>,
    /// The text taken back; none where the decision was not known yet.
    pub text: Option<String>,
}

/// A reply a worker has taken to send.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// The reply; its id is the idempotency key.
    pub reply: Reply,
    /// How many times it was tried before.
    pub attempts: u32,
    /// Counts up with each taking; the worker's answer carries it.
    pub fence: u64,
}

/// A fact that the ledger must know. Written in the transaction that made it true, told to the ledger after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// Order in which facts came about in this store.
    pub number: u64,
    /// Identity of the ledger entry: a fact told twice counts once.
    pub id: RequestId,
    /// Store time.
    pub at: Stamp,
    /// What happened.
    pub body: FactBody,
}

/// What happened in the queue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "snake_case")]
pub enum FactBody {
    /// What became of a decision.
    Outcome {
        /// The decision.
        decision: DecisionId,
        /// What became of it.
        what: Outcome,
        /// A refusal's code or a failure's kind.
        reason: Option<String>,
    },
    /// Who moved an item.
    Routing {
        /// The item.
        item: ItemId,
        /// Who.
        by: Actor,
        /// `close`, `transfer`, `snooze`, `claim_forced`, `taken_over`, `handed_back`, …
        act: String,
        /// A reason's word.
        reason: Option<String>,
        /// From whom it was taken.
        from: Option<String>,
        /// To whom it went.
        to: Option<String>,
        /// Until when it is hidden.
        until: Option<Stamp>,
    },
    /// An agent says the emotion is another one.
    Correction {
        /// The item.
        item: ItemId,
        /// The message read.
        message: MessageId,
        /// Who.
        by: Actor,
        /// What the reading said; none where there was none.
        from: Option<Reading>,
        /// What it is.
        to: Emotion,
    },
    /// An AI error was reported.
    Report {
        /// The item.
        item: ItemId,
        /// The decision it is about.
        decision: Option<DecisionId>,
        /// The draft it is about.
        draft: Option<(DraftId, u32)>,
        /// Who wrote it down.
        by: Actor,
        /// What kind.
        error: AiError,
        /// Who found it.
        #[serde(default)]
        reporter: Reporter,
    },
    /// A customer's word on AI.
    Consent {
        /// The customer, as the keyed hash of the word `customer`.
        customer: String,
        /// The word.
        word: Consent,
        /// Who wrote it down.
        by: Actor,
        /// Replies taken back.
        taken_back: u32,
    },
    /// A customer was forgotten.
    Erasure {
        /// The customer, as the keyed hash of the word `customer`, made just before the key was destroyed.
        customer: String,
        /// Who did it.
        by: Actor,
        /// Items whose text is gone.
        items: u32,
        /// Decisions whose text is gone.
        decisions: u32,
        /// Held replies taken back.
        taken_back: u32,
    },
}

/// What `forget` reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Items whose text is gone.
    pub items: Vec<ItemId>,
    /// Decisions whose text is gone.
    pub decisions: Vec<DecisionId>,
    /// Replies taken back before they left.
    pub taken_back: Vec<DecisionId>,
}

/// Customer messages that a revision of the recogniser has not read, of one item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The item.
    pub item: ItemId,
    /// Whose messages.
    pub customer: CustomerId,
    /// The newest message of all: what came after it is still unread then.
    pub newest: MessageId,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// The messages; perhaps none, where another item of the conversation brought them before.
    pub messages: Vec<Message>,
}

/// What came of reading an item's messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    /// The item.
    pub item: ItemId,
    /// As [`Unread`] said; none where only some of the messages were read.
    pub newest: Option<MessageId>,
    /// What was heard.
    pub what: What,
}

/// What was heard in an item's messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum What {
    /// The recogniser's readings.
    Readings(Vec<Reading>),
    /// The customer does not want AI: by the rules alone, whether they ask for a person (P7).
    AsksPerson(bool),
}

/// Where items wait.
pub trait Queue: Send + Sync {
    /// Takes items in, all in one transaction; one answer each, in order.
    fn intake(&self, arrivals: Vec<Arrival>) -> Answer<'_, Vec<Intake>>;
    /// Rows in queue order.
    fn list(&self, query: ListQuery) -> Answer<'_, Vec<Row>>;
    /// Rows by id, whatever their state; unknown ids are left out.
    fn rows(&self, items: Vec<ItemId>) -> Answer<'_, Vec<Row>>;
    /// Items whose text is still there, whatever became of them, by id; those after `after`, at most so many.
    fn kept(&self, after: Option<ItemId>, limit: usize) -> Answer<'_, Vec<Kept>>;
    /// The header's figures.
    fn counts(&self) -> Answer<'_, Counts>;
    /// One item with all that its screen shows.
    fn open(&self, item: ItemId) -> Answer<'_, Option<OpenItem>>;
    /// What has changed since `revision`; `u64::MAX` asks only for the newest revision.
    fn changes(&self, revision: u64) -> Answer<'_, Changes>;
    /// Counts anew what time alone has changed (overdue, waited long, snooze over), a part of it at a time. The moment
    /// at which there is more to do; it may have passed already.
    fn refresh(&self) -> Answer<'_, Option<Stamp>>;

    /// Claims an item for its lease time; own claims are renewed, others' refused unless `force`.
    fn claim(
        &self,
        request: RequestId,
        who: Actor,
        item: ItemId,
        force: bool,
    ) -> Answer<'_, Result<Lease, Refusal>>;
    /// Renews the claims of a session; those that were lost are missing in the answer.
    fn renew(&self, who: Actor, items: Vec<(ItemId, u64)>) -> Answer<'_, Vec<Lease>>;
    /// Gives back the claims of a session whose process is dead.
    fn free_session(&self, dead: SessionId) -> Answer<'_, ()>;
    /// Does an act that is no verdict.
    fn route(
        &self,
        request: RequestId,
        who: Actor,
        item: ItemId,
        act: Routing,
    ) -> Answer<'_, Result<(), Refusal>>;

    /// Accepts or refuses a decision, once; asked again it repeats its answer.
    fn settle(&self, settlement: Settlement) -> Answer<'_, Settled>;
    /// What became of a decision, if it was ever settled here.
    fn settled(&self, decision: DecisionId) -> Answer<'_, Option<Settled>>;
    /// Takes a held reply back. An unknown decision leaves a tombstone, so that its late settle is refused.
    fn undo(&self, who: Actor, decision: DecisionId) -> Answer<'_, Result<Undone, Refusal>>;
    /// Replies not yet sent, and those dead or unsure; of one agent or of all, newest first, at most 500.
    fn held(&self, agent: Option<String>) -> Answer<'_, Vec<Held>>;
    /// All of these of every agent, a page at a time, by id: those after `after`.
    fn unsent(&self, after: Option<DecisionId>, limit: usize) -> Answer<'_, Vec<Held>>;
    /// An agent's last decisions, newest first.
    fn decisions(&self, agent: Option<String>, limit: usize) -> Answer<'_, Vec<PastDecision>>;

    /// Takes one reply whose window has ended, for sending; none if nothing is due.
    fn take_due(&self, worker: SessionId) -> Answer<'_, Option<Parcel>>;
    /// Ends the undo window of all replies an agent holds: they are due now. How many.
    fn hasten(&self, agent: String) -> Answer<'_, usize>;
    /// The moment at which the next held reply is due.
    fn next_due(&self) -> Answer<'_, Option<Stamp>>;
    /// Replies in `sending` whose worker is not among the living: the channel must be asked about each.
    fn stranded(&self, living: Vec<SessionId>) -> Answer<'_, Vec<Parcel>>;
    /// Puts a reply that surely did not leave back to due.
    fn requeue(&self, decision: DecisionId, fence: u64) -> Answer<'_, bool>;
    /// Writes down how sending went; false if another worker has it by now.
    fn delivered(&self, decision: DecisionId, fence: u64, outcome: Delivery) -> Answer<'_, bool>;
    /// A person's word on a dead or unsure reply: it was sent, or it shall be sent again, or it shall not.
    fn resolve(&self, decision: DecisionId, outcome: Delivery) -> Answer<'_, bool>;
    /// Takes over what an older backup does not know: the ledger says `what` became of the decision. Sent stays
    /// sent, settled becomes unsure; nothing is sent twice.
    fn adopt(&self, item: ItemId, decision: DecisionId, agent: String, what: Outcome) -> Answer<'_, ()>;

    /// Facts the ledger has not been told yet, oldest first.
    fn facts(&self, limit: usize) -> Answer<'_, Vec<Fact>>;
    /// The ledger has these.
    fn facts_told(&self, numbers: Vec<u64>) -> Answer<'_, ()>;
    /// How far the ledger named `chain` was reconciled with this store, as JSON of the desk's making: an older backup
    /// of the store is recognised by an older mark.
    fn mark(&self, chain: String) -> Answer<'_, Option<String>>;
    /// Writes that mark down.
    fn set_mark(&self, chain: String, mark: String) -> Answer<'_, ()>;

    /// Open items with messages that `revision` of the recogniser has not read. Never of customers who do not want AI,
    /// or, under a strict policy, were not asked (P7).
    fn unread(&self, revision: String, limit: usize) -> Answer<'_, Vec<Unread>>;
    /// Open items of those customers, for the rules that protect; only what nobody has answered yet.
    fn unheard(&self, revision: String, limit: usize) -> Answer<'_, Vec<Unread>>;
    /// Keeps what was heard, with the revision that heard it; the same again changes nothing. Readings of customers who
    /// have said no meanwhile are not kept.
    fn keep_heard(&self, revision: String, heard: Vec<Heard>) -> Answer<'_, ()>;

    /// The 32-byte key of a customer's hashes, made on first use; another one after `forget`.
    fn customer_key(&self, customer: CustomerId) -> Answer<'_, [u8; 32]>;
    /// Writes down a customer's word on AI; with a no, held AI text is taken back. The decisions taken back.
    fn consent(
        &self,
        request: RequestId,
        who: Actor,
        customer: CustomerId,
        word: Consent,
    ) -> Answer<'_, Vec<DecisionId>>;
    /// Destroys a customer's texts and key, and takes held replies back.
    fn forget(&self, who: Actor, customer: CustomerId) -> Answer<'_, Forgotten>;
    /// The text of a decision and of its draft, where they still exist.
    fn texts(&self, decision: DecisionId) -> Answer<'_, Option<Decision>>;
    /// Who answers in a conversation: the person's name, none for the AI.
    fn owner(&self, conversation: ConversationId) -> Answer<'_, Option<String>>;
}
