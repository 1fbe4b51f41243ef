//! Effects done: everything the console asks of desk and queue, in a thread of its own, so that neither a slow queue
//! stops the screen (P8) nor a blocked terminal the renewal of claims.
//!
//! What changes something is done in the order it was asked; what only reads runs beside it. Every effect is answered,
//! success or not (P10).

mod log;

use super::message::{CommitState, Effect, Outcome, Resolution, TakenBack};
use crate::desk::{CommitError, Desk, DeskError, Reader, shortfall};
use crate::queue::{Changes, Delivery};
use crate::review::{Decision, DecisionId, Held, ItemId, Refusal, ReplyState, Routing, Stamp};
use crate::supervise::gather::gather;
use crate::supervise::me;
use crate::visible;
use std::collections::HashMap;
use std::io::Write;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep};

/// How often the queue is asked whether it has changed: a colleague's claim is seen within a second.
const LOOK: Duration = Duration::from_millis(400);
const LOOK_THROUGH: Duration = Duration::from_secs(1);
/// How often claims are renewed and recovery runs.
const MINUTE: Duration = Duration::from_mins(1);
/// Claims are renewed while a key fell within this time.
const AT_WORK_MS: i64 = 10 * 60_000;

/// Where outcomes go; called from the effects' thread.
pub type Tell = Arc<dyn Fn(Outcome) + Send + Sync>;

/// The thread that does effects.
pub struct Effects {
    ask: mpsc::UnboundedSender<Effect>,
    last_key: Arc<AtomicI64>,
    thread: Option<std::thread::JoinHandle<Option<String>>>,
}

impl Effects {
    /// Begins: recovery, then the outbox, claims and changes for as long as the console lives.
    ///
    /// # Errors
    /// The system gives no thread or no loop.
    pub fn start(desk: Arc<Desk>, tell: Tell) -> std::io::Result<Self> {
        let (ask, asked) = mpsc::unbounded_channel();
        let last_key = Arc::new(AtomicI64::new(desk.now().0));
        let keys = last_key.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let thread = std::thread::Builder::new().name("effects".to_owned()).spawn(move || {
            let local = tokio::task::LocalSet::new();
            local.block_on(&runtime, Worker::new(desk, tell, keys).run(asked))
        })?;
        Ok(Self { ask, last_key, thread: Some(thread) })
    }

    /// Asks for an effect; returns at once.
    pub fn ask(&self, effect: Effect) {
        // The thread ends only with `Quit`; what is asked after that is not wanted any more.
        let _ = self.ask.send(effect);
    }

    /// A key fell: claims go on being renewed.
    pub fn key_fell(&self, at: Stamp) {
        self.last_key.store(at.0, Ordering::Relaxed);
    }

    /// Asks to end, and waits until all that was asked is done. The screen is gone by then: what could not be done goes to
    /// the standard error.
    pub fn finish(mut self, send_held: bool) {
        let _ = self.ask.send(Effect::Quit { send_held });
        if let Some(Ok(Some(why))) = self.thread.take().map(std::thread::JoinHandle::join) {
            let _ = writeln!(std::io::stderr(), "countersign: {}", visible::line(&why));
        }
    }
}

struct Worker {
    desk: Arc<Desk>,
    tell: Tell,
    last_key: Arc<AtomicI64>,
    claims: std::cell::RefCell<HashMap<ItemId, u64>>,
    /// Something is held or due: the outbox looks anew.
    outbox: Notify,
    /// The log has grown.
    logged: Notify,
    /// Reads what waits, from the moment on at which the store is known to be sound.
    reader: std::cell::RefCell<Option<Reader>>,
    /// What the header says of the log: how far it was proved.
    level: std::cell::RefCell<String>,
}

impl Worker {
    fn new(desk: Arc<Desk>, tell: Tell, last_key: Arc<AtomicI64>) -> Rc<Self> {
        Rc::new(Self {
            desk,
            tell,
            last_key,
            claims: std::cell::RefCell::default(),
            outbox: Notify::new(),
            logged: Notify::new(),
            reader: std::cell::RefCell::default(),
            level: std::cell::RefCell::default(),
        })
    }

    fn say(&self, outcome: Outcome) {
        (self.tell)(outcome);
    }

    fn failed(&self, tried: Effect, error: &dyn std::error::Error) {
        let text = error.to_string();
        let (why, remedy) = text.rsplit_once("; ").unwrap_or((&text, "try again in a moment"));
        self.say(Outcome::Failed { tried: Box::new(tried), why: why.to_owned(), remedy: remedy.to_owned() });
    }

    /// Until it is asked to end; what could not be done then.
    async fn run(self: Rc<Self>, mut asked: mpsc::UnboundedReceiver<Effect>) -> Option<String> {
        // Reads must not wait for what happens at start.
        let start = tokio::task::spawn_local(self.clone().begin());
        tokio::task::spawn_local(self.clone().watch_changes());
        let mut start = Some(start);
        while let Some(effect) = asked.recv().await {
            match effect {
                Effect::Quit { send_held } => {
                    return self.end(send_held).await;
                }
                Effect::LoadList(_)
                | Effect::LoadRows(_)
                | Effect::LoadCounts
                | Effect::LoadHeld
                | Effect::LoadDecisions { .. }
                | Effect::LoadMe
                | Effect::Open { .. } => {
                    tokio::task::spawn_local(self.clone().read(effect));
                }
                other => {
                    // A verdict may only follow a recovery: the log must be known to be sound.
                    if let Some(start) = start.take() {
                        let _ = start.await;
                    }
                    self.write(other).await;
                }
            }
        }
        None
    }

    /// Recovery, the session's first entry, the outbox, the minute's round, the check of the log.
    async fn begin(self: Rc<Self>) {
        let recovered = self.desk.recover().await;
        let sound = recovered.is_ok();
        match recovered {
            Ok(found) => {
                let kept = found.withdrawn + found.refused;
                if found.settled > 0 {
                    let n = found.settled;
                    self.say(Outcome::Notice(format!(
                        "{n} verdicts of a session that broke off are now signed"
                    )));
                    self.tell_held().await;
                }
                if kept > 0 {
                    self.say(Outcome::Notice(format!(
                        "{kept} texts of a session that broke off are kept; open their items"
                    )));
                }
            }
            Err(error) => self.say(Outcome::Notice(error.to_string())),
        }
        if let Err(error) = self.desk.begin().await {
            self.say(Outcome::Notice(error.to_string()));
        }
        // What could not be recovered may have left already: then this console sends nothing.
        if sound {
            tokio::task::spawn_local(self.clone().watch_outbox());
        }
        match Reader::start(self.desk.clone()) {
            Ok(reader) => drop(self.reader.borrow_mut().replace(reader)),
            Err(error) => {
                self.say(Outcome::Notice(format!("emotions are not read in the background ({error})")));
            }
        }
        tokio::task::spawn_local(self.clone().every_minute());
        tokio::task::spawn_local(self.clone().watch_log());
    }

    /// Replies that recovery has signed are on their way too: they can be taken back, and leaving asks about them.
    async fn tell_held(&self) {
        let own = Some(self.desk.who.agent.clone());
        if let Ok(held) = self.desk.queue().held(own).await {
            self.say(Outcome::HeldLoaded(held));
        }
    }

    fn wake_reader(&self) {
        if let Some(reader) = &*self.reader.borrow() {
            reader.wake();
        }
    }

    async fn end(&self, send_held: bool) -> Option<String> {
        drop(self.reader.borrow_mut().take());
        if send_held && self.desk.closed().is_none() {
            let _ = self.desk.queue().hasten(self.desk.who.agent.clone()).await;
        }
        // Who waited for a window leaves at its end, which may be a moment before the outbox looks.
        let _ = self.desk.deliver().await;
        // The screen is gone: what fails now is done by the next start's recovery.
        let _ = self.desk.end().await;
        // A log that is closed is known to be: only one that could be signed and was not is news.
        if self.desk.closed().is_some() {
            return None;
        }
        shortfall(&self.desk.anchor().await)
    }

    async fn watch_changes(self: Rc<Self>) {
        let mut revision = match self.desk.queue().changes(u64::MAX).await {
            Ok(changes) => changes.revision,
            Err(_) => 0,
        };
        let mut refresh = Instant::now() + Duration::from_secs(1);
        let mut look = LOOK;
        loop {
            sleep(look).await;
            if Instant::now() >= refresh {
                // An unreachable queue shows in what the agent asks for; here it is only asked again.
                let _ = self.desk.count_ranks().await;
                refresh = Instant::now() + to_the_minute(self.desk.now());
            }
            let Ok(changes) = self.desk.queue().changes(revision).await else { continue };
            // While much changes, an import or a first reading, the list is looked through once a second.
            look = if changes.all { LOOK_THROUGH } else { LOOK };
            if changes.revision != revision {
                revision = changes.revision;
                self.look_after_claims(&changes).await;
                self.wake_reader();
                self.say(Outcome::Changed { items: changes.items, all: changes.all });
                self.outbox.notify_one();
                self.logged.notify_one();
            }
        }
    }

    /// Sends what is due, whoever signed it; tells of one's own.
    async fn watch_outbox(self: Rc<Self>) {
        loop {
            let due = self.desk.queue().next_due().await.ok().flatten();
            let wait = due.map_or(MINUTE, |at| {
                Duration::from_millis(u64::try_from(at.since(self.desk.now()).millis()).unwrap_or(0))
            });
            tokio::select! {
                () = sleep(wait) => {}
                () = self.outbox.notified() => continue,
            }
            let own = self.desk.queue().held(Some(self.desk.who.agent.clone())).await.unwrap_or_default();
            match self.desk.deliver().await {
                Ok(delivered) => {
                    for done in delivered {
                        if let Some(held) = own.iter().find(|h| h.decision == done.decision) {
                            self.say(Outcome::ReplyMoved(Held {
                                state: state_of(&done.how),
                                ..held.clone()
                            }));
                        }
                    }
                    let _ = self.desk.tell().await;
                    self.logged.notify_one();
                }
                Err(error) => {
                    self.say(Outcome::Notice(error.to_string()));
                    sleep(Duration::from_secs(5)).await;
                }
            }
        }
    }

    async fn every_minute(self: Rc<Self>) {
        let mut minute = interval_at(Instant::now() + MINUTE, MINUTE);
        minute.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            minute.tick().await;
            let idle = self.desk.now().0 - self.last_key.load(Ordering::Relaxed);
            if idle < AT_WORK_MS {
                self.renew().await;
            }
            if self.desk.closed().is_none()
                && let Err(error) = self.desk.recover().await
            {
                self.say(Outcome::Notice(error.to_string()));
            }
        }
    }

    /// What a colleague has taken by force is told at once, not when the claim would be renewed.
    async fn look_after_claims(&self, changes: &Changes) {
        let mine: HashMap<ItemId, u64> = {
            let claims = self.claims.borrow();
            let moved = claims.iter().filter(|(item, _)| changes.all || changes.items.contains(item));
            moved.map(|(item, fence)| (item.clone(), *fence)).collect()
        };
        if mine.is_empty() {
            return;
        }
        let rows = self.desk.queue().rows(mine.keys().cloned().collect()).await.unwrap_or_default();
        for row in rows {
            // What was claimed anew while this was asked is not lost.
            let same = self.claims.borrow().get(&row.id) == mine.get(&row.id);
            if let Some(other) = row.holder.filter(|h| same && h.session != self.desk.who.session) {
                self.lost(row.id, Some(other.agent));
            }
        }
    }

    fn lost(&self, item: ItemId, holder: Option<String>) {
        self.claims.borrow_mut().remove(&item);
        self.say(Outcome::ClaimLost { item, holder });
    }

    async fn renew(&self) {
        let mine: Vec<(ItemId, u64)> = self.claims.borrow().iter().map(|(i, f)| (i.clone(), *f)).collect();
        if mine.is_empty() {
            return;
        }
        let Ok(kept) = self.desk.queue().renew(self.desk.who.clone(), mine.clone()).await else { return };
        for (item, _) in mine {
            if kept.iter().any(|lease| lease.item == item) {
                continue;
            }
            let rows = self.desk.queue().rows(vec![item.clone()]).await.unwrap_or_default();
            let holder = rows.into_iter().next().and_then(|r| r.holder).map(|h| h.agent);
            self.lost(item, holder);
        }
    }

    async fn read(self: Rc<Self>, effect: Effect) {
        let queue = self.desk.queue();
        let answer = match effect.clone() {
            Effect::LoadList(ask) => queue
                .list(ask.clone())
                .await
                .map(|rows| Outcome::ListLoaded { ask, rows })
                .map_err(DeskError::from),
            Effect::LoadRows(asked) => queue
                .rows(asked.clone())
                .await
                .map(|rows| Outcome::RowsLoaded { asked, rows })
                .map_err(DeskError::from),
            Effect::LoadCounts => queue.counts().await.map(Outcome::CountsLoaded).map_err(DeskError::from),
            Effect::LoadHeld => {
                let own = Some(self.desk.who.agent.clone());
                queue.held(own).await.map(Outcome::HeldLoaded).map_err(DeskError::from)
            }
            Effect::LoadDecisions { limit } => {
                let own = Some(self.desk.who.agent.clone());
                queue.decisions(own, limit).await.map(Outcome::DecisionsLoaded).map_err(DeskError::from)
            }
            Effect::LoadMe => match self.me().await {
                Ok(lines) => Ok(Outcome::MeLoaded(lines)),
                Err(error) => return self.failed(effect, &error),
            },
            Effect::Open { item } => self.open(item).await,
            _ => return,
        };
        match answer {
            Ok(outcome) => self.say(outcome),
            Err(error) => self.failed(effect, &error),
        }
    }

    /// A month of the log is read beside everything else (P8).
    async fn me(&self) -> Result<Vec<(String, String)>, crate::ledger::ReadError> {
        let (dir, agent, now) = (self.desk.folder.log(), self.desk.who.agent.clone(), self.desk.now());
        let read = move || gather(&dir, Some(me::since(now))).map(|record| me::me(&record, &agent, now));
        match tokio::task::spawn_blocking(read).await {
            Ok(lines) => lines,
            Err(e) => std::panic::resume_unwind(e.into_panic()),
        }
    }

    async fn open(&self, item: ItemId) -> Result<Outcome, DeskError> {
        let open = self.desk.open_item(item.clone()).await?.map(Box::new);
        let edits = self.desk.edits(item.clone()).await?;
        if self.desk.has_fresh() {
            self.wake_reader();
        }
        Ok(Outcome::Opened { item, open, edits })
    }

    async fn write(self: &Rc<Self>, effect: Effect) {
        assert!(!crate::fault::armed("effects.panic"), "by a test\u{1b}]2;owned\u{7}");
        let answer = match effect.clone() {
            Effect::Claim { item, force } => self.claim(item, force).await,
            Effect::Route { item, act } => self.route(item, act).await,
            Effect::Commit { decision, claim_first } => {
                self.commit(*decision, claim_first).await;
                return;
            }
            Effect::Undo { decision } => self.undo(decision).await,
            Effect::Resolve { decision, word } => self.resolve(decision, word).await,
            Effect::SaveEdit(edit) => {
                let item = edit.item.clone();
                let not_kept = format!("{item}: {}", Refusal::Forgotten);
                self.desk
                    .save_edit(*edit)
                    .await
                    .map(|kept| if kept { None } else { Some(Outcome::Notice(not_kept)) })
            }
            Effect::DropEdit { item, own_words } => self.desk.drop_edit(item, own_words).await.map(|()| None),
            _ => return,
        };
        match answer {
            Ok(Some(outcome)) => self.say(outcome),
            Ok(None) => {}
            Err(error) => self.failed(effect, &error),
        }
    }

    async fn claim(&self, item: ItemId, force: bool) -> Result<Option<Outcome>, DeskError> {
        let answer = self.desk.claim(item.clone(), force).await?;
        if let Ok(lease) = &answer {
            self.claims.borrow_mut().insert(item.clone(), lease.fence);
        }
        Ok(Some(Outcome::Claimed { item, answer }))
    }

    async fn route(&self, item: ItemId, act: Routing) -> Result<Option<Outcome>, DeskError> {
        let answer = self.desk.route(item.clone(), act.clone()).await?;
        let gives_back = matches!(
            act,
            Routing::Release
                | Routing::Snooze { .. }
                | Routing::Close { .. }
                | Routing::Transfer { .. }
                | Routing::SendBack { .. }
        );
        if answer.is_ok() && gives_back {
            self.claims.borrow_mut().remove(&item);
        }
        self.desk.tell().await?;
        Ok(Some(Outcome::Routed { item, act, answer }))
    }

    async fn commit(self: &Rc<Self>, mut decision: Decision, claim_first: bool) {
        let id = decision.id;
        let item = decision.seen.item.clone();
        let tried = |decision: Decision| Effect::Commit { decision: Box::new(decision), claim_first };
        let say = |state| self.say(Outcome::Committed { decision: id, state });
        if claim_first {
            match self.claim(item.clone(), false).await {
                Ok(Some(Outcome::Claimed { answer: Ok(lease), .. })) => decision.fence = lease.fence,
                Ok(Some(Outcome::Claimed { answer: Err(refusal), .. })) => {
                    return say(CommitState::Refused(refusal));
                }
                Ok(_) => {}
                Err(error) => return self.failed(tried(decision), &error),
            }
        }
        let tell = self.tell.clone();
        let staged = move || tell(Outcome::Committed { decision: id, state: CommitState::Staged });
        match self.desk.commit(decision.clone(), false, staged).await {
            Ok(committed) => {
                self.claims.borrow_mut().remove(&item);
                match committed.settled {
                    Ok(until) => say(self.settled(&item, until).await),
                    Err(refusal) => say(CommitState::Refused(refusal)),
                }
                self.outbox.notify_one();
                self.logged.notify_one();
            }
            Err(CommitError::NotLogged(error)) => {
                say(CommitState::LedgerClosed { why: error.to_string() });
                self.tell_log().await;
            }
            Err(error @ CommitError::MayStand(_)) => {
                say(CommitState::LedgerClosed { why: error.to_string() });
                self.tell_log().await;
            }
            Err(CommitError::NotStaged(error) | CommitError::Unconfirmed(error)) => {
                self.failed(tried(decision), &error);
            }
        }
    }

    /// Held, or waiting for a second agent.
    async fn settled(&self, item: &ItemId, until: Stamp) -> CommitState {
        let rows = self.desk.queue().rows(vec![item.clone()]).await.unwrap_or_default();
        match rows.first().map(|r| r.state) {
            Some(crate::review::State::Second) => CommitState::Second,
            _ => CommitState::Held { until },
        }
    }

    async fn undo(&self, decision: DecisionId) -> Result<Option<Outcome>, DeskError> {
        let answer = self.desk.undo(decision).await?.map(|undone| {
            if let Some(lease) = &undone.lease {
                self.claims.borrow_mut().insert(undone.item.clone(), lease.fence);
            }
            TakenBack { item: undone.item, lease: undone.lease, text: undone.text }
        });
        self.desk.tell().await?;
        self.logged.notify_one();
        Ok(Some(Outcome::Undone { decision, answer }))
    }

    async fn resolve(&self, decision: DecisionId, word: Resolution) -> Result<Option<Outcome>, DeskError> {
        let why = "an agent decided so".to_owned();
        let outcome = match word {
            Resolution::WasSent => Delivery::Sent,
            Resolution::SendAgain => Delivery::Failed { why },
            Resolution::GiveUp => Delivery::Dead { why },
        };
        let done = self.desk.queue().resolve(decision, outcome).await?;
        self.outbox.notify_one();
        Ok(Some(Outcome::Resolved { decision, done }))
    }
}

/// Time itself changes the order of the queue. It does so on screen where ages move too, at the minute, all at once:
/// between two minutes a console at rest has nothing to count and nothing to draw.
fn to_the_minute(now: Stamp) -> Duration {
    Duration::from_millis(60_000 - now.0.rem_euclid(60_000).unsigned_abs())
}

const fn state_of(how: &Delivery) -> ReplyState {
    match how {
        Delivery::Sent => ReplyState::Sent,
        Delivery::Failed { .. } => ReplyState::Failed,
        Delivery::Dead { .. } => ReplyState::Dead,
        Delivery::Unsure { .. } => ReplyState::Unsure,
    }
}
