//! What happens while the agent looks: a customer writes again, ben decides one, a draft that was sent back returns.

use super::cases::{Step, When, case, line, steps};
use super::layout::HELD;
use super::{DemoError, approve, id, open, waiting};
use crate::desk::Desk;
use crate::queue::Arrival;
use crate::review::{Item, Row, Stamp};
use serde_json::{Map, Value};
use std::convert::Infallible;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// When each scene begins, counted from the console's start.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    /// A customer writes again.
    pub writes_again: Duration,
    /// From there until the AI has drafted an answer to it.
    pub redraft: Duration,
    /// Ben decides an item.
    pub decides: Duration,
    /// A draft that was sent back comes anew.
    pub new_draft: Duration,
    /// Ben renews the claim that he holds all the time, again and again.
    pub renews: Duration,
}

/// The demo as it is shown.
pub const TIMES: Times = Times {
    writes_again: Duration::from_secs(20),
    redraft: Duration::from_secs(7),
    decides: Duration::from_secs(40),
    new_draft: Duration::from_secs(55),
    renews: Duration::from_mins(1),
};

/// Ben decides the first of these that is free.
const DECIDES: [&str; 3] = ["grandfathers-clock", "one-book-too-many", "gift-wrap"];

/// Plays beside the console until it is dropped, which is safe at any point: what was under way is either in the
/// stores or not. Ends by itself only with an error. `start` is what [`super::prepare`] was given.
///
/// # Errors
/// A store or the log cannot be used.
pub async fn play(desk: &Desk, start: Stamp) -> Result<Infallible, DemoError> {
    play_at(desk, start, &TIMES).await
}

/// The same at other times.
///
/// # Errors
/// See [`play`].
pub async fn play_at(desk: &Desk, start: Stamp, times: &Times) -> Result<Infallible, DemoError> {
    let (never, ()) = tokio::try_join!(hold(desk, times), story(desk, start, times))?;
    Ok(never)
}

/// Ben keeps one item to himself, unless it is taken from him.
async fn hold(desk: &Desk, times: &Times) -> Result<Infallible, DemoError> {
    let mut lease = desk.claim(id(HELD), false).await?.ok();
    loop {
        sleep(times.renews).await;
        if let Some(held) = lease {
            let kept = desk.queue().renew(desk.who.clone(), vec![(held.item, held.fence)]).await?;
            lease = kept.into_iter().next();
        }
    }
}

async fn story(desk: &Desk, start: Stamp, times: &Times) -> Result<(), DemoError> {
    let begun = Instant::now();
    sleep_until(begun + times.writes_again).await;
    if let Some(step) = who_writes(desk).await? {
        let case = message(desk, &step, start).await?;
        sleep(times.redraft).await;
        redraft(desk, &step, case).await?;
    }
    sleep_until(begun + times.decides).await;
    let held_until = decide(desk).await?;
    sleep_until(begun + times.new_draft).await;
    for step in steps().into_iter().filter(|step| step.when == When::NewDraft) {
        redraft(desk, &step, case(&step.item, start)).await?;
    }
    // The console's outbox sends ben's reply as well; this is for when no console runs.
    if let Some(until) = held_until {
        sleep(left(desk, until)).await;
        desk.deliver().await?;
        desk.tell().await?;
    }
    Ok(())
}

/// Who has more to say: the one the agent is looking at, else the one who stands first.
pub(super) async fn who_writes(desk: &Desk) -> Result<Option<Step>, DemoError> {
    let rows = waiting(desk).await?;
    let looked_at = |row: &&Row| row.holder.as_ref().is_some_and(|holder| holder.session != desk.who.session);
    let more: Vec<Step> = steps().into_iter().filter(|step| step.when == When::WritesAgain).collect();
    let mut order = rows.iter().filter(looked_at).chain(&rows);
    Ok(order.find_map(|row| more.iter().find(|step| step.item == row.id.as_str())).cloned())
}

/// The customer's message comes in; the draft and the reading are still about what was said before.
pub(super) async fn message(
    desk: &Desk,
    step: &Step,
    start: Stamp,
) -> Result<Option<Map<String, Value>>, DemoError> {
    let Some(case) = case(&step.item, start) else { return Ok(None) };
    let case = step.with_message(case, desk.now());
    take_in(desk, line(case.clone())).await?;
    Ok(Some(case))
}

/// A new draft comes in, if the item still waits for a verdict.
pub(super) async fn redraft(
    desk: &Desk,
    step: &Step,
    case: Option<Map<String, Value>>,
) -> Result<(), DemoError> {
    let Some(case) = case else { return Ok(()) };
    if open(desk, &id(&step.item)).await?.is_some() {
        take_in(desk, line(step.with_draft(case, desk.now()))).await?;
    }
    Ok(())
}

async fn take_in(desk: &Desk, line: String) -> Result<(), DemoError> {
    let item = Item::parse(&line).map_err(|fault| DemoError::Case {
        line: 1,
        field: fault.field,
        reason: fault.reason,
    })?;
    // Older or in conflict means that another demo plays in this folder: it has told the same story.
    desk.queue().intake(vec![Arrival { item, line }]).await?;
    Ok(())
}

/// Ben approves one of the easy ones; until when its reply is held.
async fn decide(desk: &Desk) -> Result<Option<Stamp>, DemoError> {
    for item in DECIDES {
        let until = approve(desk, item, false).await?;
        if until.is_some() {
            desk.tell().await?;
            return Ok(until);
        }
    }
    Ok(None)
}

/// How long it is until then.
fn left(desk: &Desk, until: Stamp) -> Duration {
    Duration::from_millis(until.since(desk.now()).millis().max(0).unsigned_abs())
}
