//! The sample queue of `countersign demo`: some three dozen conversations written for this project, laid out so that
//! every state of the console is in sight, and a colleague, ben, who works beside the agent while they look.
//!
//! Goes through the desk's public doors only, as any other agent would: what the demo shows, the product does.
//! Knows no screen. Invariant: ben never decides or moves an item that another session holds; to such an item only
//! intake happens, as it would if the customer wrote.
//!
//! How a console uses it, in an empty folder:
//!
//! ```no_run
//! # async fn demo(folder: &std::path::Path, console: impl Future<Output = ()>) -> Result<(), countersign::demo::DemoError> {
//! use countersign::{demo, queue::sqlite::system_clock, review::Policy};
//! let ben = demo::colleague(folder, Policy::default(), system_clock())?;
//! let start = ben.now();
//! demo::prepare(&ben, start).await?;
//! tokio::select! {
//!     () = console => {}
//!     Err(why) = demo::play(&ben, start) => eprintln!("{why}"),
//! }
//! ben.end().await?;
//! # Ok(())
//! # }
//! ```

mod cases;
mod layout;
mod play;

pub use cases::cases;
pub use layout::prepare;
pub use play::{TIMES, Times, play, play_at};

use crate::desk::{CommitError, Desk, DeskError, Setup};
use crate::queue::sqlite::Clock;
use crate::queue::{ListQuery, QueueError, Scope};
use crate::review::{
    Decision, DecisionId, Disclosure, DraftState, ItemId, Metrics, OpenItem, Policy, Refusal, Routing, Row,
    Stamp, State, Verdict,
};
use std::path::{Path, PathBuf};
use uuid::Uuid;

/// The colleague's name.
pub const COLLEAGUE: &str = "ben";

/// The demo cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The desk or its queue.
    #[error(transparent)]
    Desk(#[from] DeskError),
    /// The colleague's verdict could not be committed.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// The folder holds items already.
    #[error(
        "the sample queue cannot be laid out in {folder}: it holds items already; the demo wants an empty folder"
    )]
    NotEmpty {
        /// Which folder.
        folder: PathBuf,
    },
    /// The queue does not let ben do what he did before the console opens.
    #[error("the sample queue cannot be laid out: {item}: {why}; the demo wants a folder of its own")]
    Refused {
        /// Which item.
        item: ItemId,
        /// What the queue said.
        why: Refusal,
    },
    /// A case of this program that this program does not take in.
    #[error("line {line} of the sample cases was refused: {field}: {reason}; please report this")]
    Case {
        /// Counted from 1.
        line: u64,
        /// Path of the field.
        field: String,
        /// What is wrong with it.
        reason: String,
    },
}

impl From<QueueError> for DemoError {
    fn from(error: QueueError) -> Self {
        Self::Desk(error.into())
    }
}

/// A desk for ben in `root`, under the console's own policy and clock.
///
/// # Errors
/// A folder, store or log that cannot be used.
pub fn colleague(root: &Path, policy: Policy, clock: Clock) -> Result<Desk, DeskError> {
    Desk::open(root, Setup { agent: COLLEAGUE.to_owned(), policy, clock })
}

fn id(item: &str) -> ItemId {
    item.parse().expect("the ids of this room hold their pattern")
}

/// The item, if somebody may still decide it.
async fn open(desk: &Desk, item: &ItemId) -> Result<Option<OpenItem>, DemoError> {
    let open = desk.open_item(item.clone()).await?;
    Ok(open.filter(|open| open.row.state == State::Open))
}

/// What waits, first things first.
async fn waiting(desk: &Desk) -> Result<Vec<Row>, DemoError> {
    let query = ListQuery { filter: String::new(), after: None, limit: 100, scope: Scope::Waiting };
    Ok(desk.queue().list(query).await?)
}

/// Approves an item's draft, if it is free and has one; until when the reply is held.
async fn approve(desk: &Desk, item: &str, immediate: bool) -> Result<Option<Stamp>, DemoError> {
    let item = id(item);
    let Ok(lease) = desk.claim(item.clone(), false).await? else { return Ok(None) };
    let Some(decision) = open(desk, &item).await?.and_then(|open| approval(desk, &open, lease.fence)) else {
        desk.route(item, Routing::Release).await?.ok();
        return Ok(None);
    };
    let settled = desk.commit(decision, immediate, || ()).await?.settled;
    if settled.is_err() {
        // Somebody was quicker; what ben cannot decide he does not keep.
        desk.route(item, Routing::Release).await?.ok();
    }
    Ok(settled.ok())
}

/// The decision of one who has read everything and found nothing to change.
fn approval(desk: &Desk, open: &OpenItem, fence: u64) -> Option<Decision> {
    const READ_MS: i64 = 21_000;
    let draft = open.item.draft.as_ref().filter(|_| open.row.draft == DraftState::Ready)?;
    let (now, reading) = (desk.now(), open.reading());
    let conversation = &open.item.conversation;
    let metrics = Metrics {
        emotion: reading.map(|r| r.emotion),
        emotion_confidence_milli: reading.map(|r| r.confidence_milli),
        intensity_milli: reading.map(|r| r.intensity_milli),
        risk: open.row.risk,
        model: draft.model.clone(),
        prompt_rev: draft.prompt_rev.clone(),
        policy_rev: desk.policy().revision(),
        waited_ms: conversation.waiting_since().map(|since| now.since(since).millis()),
        shown_ms: READ_MS,
        active_ms: READ_MS,
        viewed_milli: 1_000,
        ..Metrics::default()
    };
    Some(Decision {
        id: DecisionId(Uuid::now_v7()),
        seen: open.seen()?,
        conversation: conversation.id.clone(),
        customer: open.item.customer_id(),
        channel: conversation.channel,
        language: conversation.language.clone(),
        agent: desk.who.agent.clone(),
        session: desk.who.session,
        verdict: Verdict::Approve,
        fence,
        draft_text: Some(draft.text.clone()),
        text: draft.text.clone(),
        disclosure: Disclosure::of(Verdict::Approve),
        decided_at: now,
        metrics,
    })
}

#[cfg(test)]
mod tests;
