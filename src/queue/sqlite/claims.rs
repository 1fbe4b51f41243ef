//! Claims: who holds an item, until when, and the fence that a verdict carries.

use super::{Write, column};
use crate::queue::{Actor, FactBody};
use crate::review::{DecisionId, ItemId, Lease, Refusal, SessionId, Stamp, State};
use rusqlite::OptionalExtension;

/// What claims and acts need to know of an item.
pub struct Standing {
    pub n: i64,
    pub state: State,
    pub conversation: String,
    pub customer: String,
    pub draft: String,
    pub fence: u64,
    pub holder: Option<(String, SessionId, Stamp)>,
    pub moved_by: Option<String>,
    pub arrived: Stamp,
}

impl Standing {
    /// Who else holds the item now.
    pub fn held_by_other(&self, who: &Actor, now: Stamp) -> Option<Refusal> {
        let (holder, session, until) = self.holder.as_ref()?;
        (*session != who.session && *until > now)
            .then(|| Refusal::Held { holder: holder.clone(), until: *until })
    }
}

pub fn standing(w: &Write<'_>, item: &ItemId) -> rusqlite::Result<Option<Standing>> {
    w.tx.prepare_cached(
        "SELECT n, state, conversation, customer, draft, fence, holder, holder_session, holder_until, moved_by,
                arrived
         FROM item WHERE id = ?",
    )?
    .query_row([item.as_str()], |r| {
        let holder: Option<String> = r.get(6)?;
        let session: Option<String> = r.get(7)?;
        let until: Option<i64> = r.get(8)?;
        let holder = match (holder, session, until) {
            (Some(h), Some(s), Some(u)) => Some((h, column::parsed(&s)?, Stamp(u))),
            _ => None,
        };
        Ok(Standing {
            n: r.get(0)?,
            state: column::from_word(r.get_ref(1)?.as_str()?)?,
            conversation: r.get(2)?,
            customer: r.get(3)?,
            draft: r.get(4)?,
            fence: r.get(5)?,
            holder,
            moved_by: r.get(9)?,
            arrived: Stamp(r.get(10)?),
        })
    })
    .optional()
}

/// Why an item that is not open cannot be claimed or decided.
pub fn not_open(w: &Write<'_>, item: &ItemId, found: Option<&Standing>) -> rusqlite::Result<Refusal> {
    let gone = Refusal::Gone { item: item.clone() };
    match found {
        Some(s) if s.state == State::Decided => Ok(winner(w, s.n)?.unwrap_or(gone)),
        _ => Ok(gone),
    }
}

/// The refusal that names who decided item `n` last.
pub fn winner(w: &Write<'_>, n: i64) -> rusqlite::Result<Option<Refusal>> {
    w.tx.prepare_cached(
        "SELECT agent, at FROM decision WHERE item = ? AND standing = 1 ORDER BY at DESC LIMIT 1",
    )?
    .query_row([n], |r| Ok(Refusal::AlreadyDecided { by: r.get(0)?, at: Stamp(r.get(1)?) }))
    .optional()
}

/// Gives item `n` to `who`, with a new fence.
pub fn give(w: &mut Write<'_>, n: i64, item: &ItemId, who: &Actor) -> rusqlite::Result<Lease> {
    let until = w.now.plus(w.policy.lease());
    let revision = w.revision()?;
    let fence = w
        .tx
        .prepare_cached(
            "UPDATE item SET holder = ?2, holder_session = ?3, holder_until = ?4, fence = fence + 1, revision = ?5
             WHERE n = ?1 RETURNING fence",
        )?
        .query_row((n, &who.agent, who.session.to_string(), until.0, revision), |r| r.get(0))?;
    Ok(Lease { item: item.clone(), fence, until, taken_from: None })
}

pub fn claim(
    w: &mut Write<'_>,
    who: &Actor,
    item: &ItemId,
    force: bool,
) -> rusqlite::Result<Result<Lease, Refusal>> {
    let found = standing(w, item)?;
    let found = match found {
        Some(s) if matches!(s.state, State::Open | State::Second) => s,
        other => return Ok(Err(not_open(w, item, other.as_ref())?)),
    };
    match &found.holder {
        Some((_, session, _)) if *session == who.session => {
            let renewed = renew(w, who, &[(item.clone(), found.fence)])?.pop();
            return Ok(renewed.ok_or(Refusal::LeaseLost { holder: None, at: None }));
        }
        Some((holder, _, until)) if *until > w.now && !force => {
            return Ok(Err(Refusal::Held { holder: holder.clone(), until: *until }));
        }
        _ => {}
    }
    let mut lease = give(w, found.n, item, who)?;
    if let Some((holder, _, until)) = found.holder
        && until > w.now
    {
        w.fact(&FactBody::Routing {
            item: item.clone(),
            by: who.clone(),
            act: "claim_forced".to_owned(),
            reason: None,
            from: Some(holder.clone()),
            to: Some(who.agent.clone()),
            until: None,
        })?;
        lease.taken_from = Some(holder);
    }
    Ok(Ok(lease))
}

pub fn renew(w: &mut Write<'_>, who: &Actor, items: &[(ItemId, u64)]) -> rusqlite::Result<Vec<Lease>> {
    let until = w.now.plus(w.policy.lease());
    let mut kept = Vec::with_capacity(items.len());
    for (item, fence) in items {
        let changed =
            w.tx.prepare_cached(
                "UPDATE item SET holder_until = ?4 WHERE id = ?1 AND holder_session = ?2 AND fence = ?3
                 AND state IN ('open', 'second')",
            )?
            .execute((item.as_str(), who.session.to_string(), fence, until.0))?;
        if changed == 1 {
            kept.push(Lease { item: item.clone(), fence: *fence, until, taken_from: None });
        }
    }
    Ok(kept)
}

pub fn free_session(w: &mut Write<'_>, dead: SessionId) -> rusqlite::Result<()> {
    let revision = w.revision()?;
    w.tx.execute(
        "UPDATE item SET holder = NULL, holder_session = NULL, holder_until = NULL, revision = ?2
         WHERE holder_session = ?1",
        (dead.to_string(), revision),
    )
    .map(drop)
}

/// Gives the claim on item `n` back; the fence stays.
pub fn release(w: &mut Write<'_>, n: i64) -> rusqlite::Result<()> {
    let revision = w.revision()?;
    w.tx.prepare_cached(
        "UPDATE item SET holder = NULL, holder_session = NULL, holder_until = NULL, revision = ?2 WHERE n = ?1",
    )?
    .execute((n, revision))
    .map(drop)
}

/// Which item a decision is about.
pub fn item_of(w: &Write<'_>, decision: DecisionId) -> rusqlite::Result<Option<(i64, ItemId)>> {
    w.tx.prepare_cached("SELECT item, item_id FROM decision WHERE id = ? AND item IS NOT NULL")?
        .query_row([decision.to_string()], |r| Ok((r.get(0)?, column::parsed(r.get_ref(1)?.as_str()?)?)))
        .optional()
}
