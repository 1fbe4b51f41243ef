//! The way of a settled reply, and the facts the ledger must be told.

use super::{Write, column, listing};
use crate::queue::{Delivery, Fact, FactBody, Parcel};
use crate::review::{
    Decision, DecisionId, ItemId, Outcome, REPLY_SCHEMA, Reply, SessionId, Span, Stamp, closing_lines,
};
use rusqlite::{Connection, OptionalExtension};

/// After so many failed tries a reply is dead and a person decides.
const MAX_ATTEMPTS: u32 = 10;

/// The wait before try `attempts + 1`: 2, 4, 8 … seconds, at most five minutes.
fn backoff(attempts: u32) -> Span {
    Span::seconds(2_i64.saturating_pow(attempts.min(16)).min(300))
}

pub fn take_due(w: &mut Write<'_>, worker: SessionId) -> rusqlite::Result<Option<Parcel>> {
    let taken: Option<String> =
        w.tx.prepare_cached(
            "UPDATE decision SET reply = 'sending', worker = ?2, worker_fence = worker_fence + 1
             WHERE id = (SELECT id FROM decision WHERE reply IN ('held', 'due', 'failed') AND until <= ?1
                         ORDER BY until LIMIT 1)
             RETURNING id",
        )?
        .query_row((w.now.0, worker.to_string()), |r| r.get(0))
        .optional()?;
    match taken {
        Some(id) => parcel(&w.tx, &id),
        None => Ok(None),
    }
}

fn parcel(db: &Connection, id: &str) -> rusqlite::Result<Option<Parcel>> {
    let found: Option<(Option<String>, u32, u64, Option<i64>)> = db
        .query_row("SELECT body, attempts, worker_fence, item FROM decision WHERE id = ?", [id], |r| {
            Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?))
        })
        .optional()?;
    let Some((Some(body), attempts, fence, n)) = found else { return Ok(None) };
    let decision: Decision = column::from_json(&body)?;
    let item = match n {
        Some(n) => listing::shown_item(db, n)?.map(|(item, ..)| item),
        None => None,
    };
    let (source, extra) = item.map(|i| (i.origin, i.extra)).unwrap_or_default();
    let language = decision.language.clone();
    let closing = closing_lines(decision.disclosure, language.as_deref());
    let reply = Reply {
        schema: REPLY_SCHEMA.to_owned(),
        id: decision.id,
        item: decision.seen.item.clone(),
        conversation: decision.conversation.clone(),
        channel: decision.channel,
        in_reply_to: Some(decision.seen.last_message.clone()),
        verdict: decision.verdict,
        text: format!("{}\n\n{closing}", decision.text.trim_end_matches('\n')),
        disclosure: decision.disclosure,
        language,
        agent: decision.agent,
        decided_at: decision.decided_at,
        source,
        extra,
    };
    Ok(Some(Parcel { reply, attempts, fence }))
}

pub fn hasten(w: &mut Write<'_>, agent: &str) -> rusqlite::Result<usize> {
    w.tx.execute(
        "UPDATE decision SET until = ?2 WHERE agent = ?1 AND reply = 'held' AND until > ?2",
        (agent, w.now.0),
    )
}

pub fn next_due(db: &Connection) -> rusqlite::Result<Option<Stamp>> {
    db.prepare_cached("SELECT min(until) FROM decision WHERE reply IN ('held', 'due', 'failed')")?
        .query_row((), |r| Ok(r.get::<_, Option<i64>>(0)?.map(Stamp)))
}

pub fn stranded(db: &Connection, living: &[SessionId]) -> rusqlite::Result<Vec<Parcel>> {
    let sending: Vec<(String, Option<String>)> = db
        .prepare("SELECT id, worker FROM decision WHERE reply = 'sending'")?
        .query_map((), |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    let mut parcels = Vec::new();
    for (id, worker) in sending {
        let alive = worker.is_some_and(|w| living.iter().any(|s| s.to_string() == w));
        if !alive && let Some(parcel) = parcel(db, &id)? {
            parcels.push(parcel);
        }
    }
    Ok(parcels)
}

pub fn requeue(w: &mut Write<'_>, decision: DecisionId, fence: u64) -> rusqlite::Result<bool> {
    let changed = w.tx.execute(
        "UPDATE decision SET reply = 'due', until = ?3, worker = NULL
         WHERE id = ?1 AND worker_fence = ?2 AND reply = 'sending'",
        (decision.to_string(), fence, w.now.0),
    )?;
    Ok(changed == 1)
}

pub fn delivered(
    w: &mut Write<'_>,
    decision: DecisionId,
    fence: u64,
    outcome: &Delivery,
) -> rusqlite::Result<bool> {
    let attempts: Option<u32> =
        w.tx.query_row(
            "SELECT attempts FROM decision WHERE id = ? AND worker_fence = ? AND reply = 'sending'",
            (decision.to_string(), fence),
            |r| r.get(0),
        )
        .optional()?;
    let Some(attempts) = attempts else { return Ok(false) };
    let attempts = attempts + 1;
    let outcome = match outcome {
        Delivery::Failed { why } if attempts >= MAX_ATTEMPTS => &Delivery::Dead { why: why.clone() },
        other => other,
    };
    write_down(w, decision, outcome, attempts)?;
    Ok(true)
}

/// A person's word on a reply that is dead or unsure.
pub fn resolve(w: &mut Write<'_>, decision: DecisionId, outcome: &Delivery) -> rusqlite::Result<bool> {
    let attempts: Option<u32> =
        w.tx.query_row(
            "SELECT attempts FROM decision WHERE id = ? AND reply IN ('dead', 'unsure')",
            [decision.to_string()],
            |r| r.get(0),
        )
        .optional()?;
    if attempts.is_none() {
        return Ok(false);
    }
    // "Send again" is a failure without a past: the next try is at once.
    write_down(w, decision, outcome, 0)?;
    Ok(true)
}

fn write_down(
    w: &mut Write<'_>,
    decision: DecisionId,
    outcome: &Delivery,
    attempts: u32,
) -> rusqlite::Result<()> {
    let (state, why, fact) = match outcome {
        Delivery::Sent => ("sent", None, Some(Outcome::Sent)),
        Delivery::Failed { why } => ("failed", Some(why), None),
        Delivery::Dead { why } => ("dead", Some(why), Some(Outcome::Dead)),
        Delivery::Unsure { why } => ("unsure", Some(why), Some(Outcome::Unsure)),
    };
    let wait = if attempts == 0 { Span(0) } else { backoff(attempts) };
    w.tx.execute(
        "UPDATE decision SET reply = ?2, why = ?3, attempts = ?4, until = ?5, worker = NULL WHERE id = ?1",
        (decision.to_string(), state, why, attempts, w.now.plus(wait).0),
    )?;
    touch_item(w, decision)?;
    match fact {
        Some(what) => w.fact(&FactBody::Outcome { decision, what, reason: None }),
        None => Ok(()),
    }
}

/// Consoles that show the item learn of its reply's fate.
fn touch_item(w: &mut Write<'_>, decision: DecisionId) -> rusqlite::Result<()> {
    let revision = w.revision()?;
    w.tx.execute(
        "UPDATE item SET revision = ?2 WHERE n = (SELECT item FROM decision WHERE id = ?1)",
        (decision.to_string(), revision),
    )
    .map(drop)
}

/// An older backup of this store meets a ledger that knows more.
pub fn adopt(
    w: &mut Write<'_>,
    item: &ItemId,
    decision: DecisionId,
    agent: &str,
    what: Outcome,
) -> rusqlite::Result<()> {
    // Sent stays sent. Settled may have been sent since: nobody can tell, so nothing is sent again.
    let reply = match what {
        Outcome::Sent => "sent",
        Outcome::Settled | Outcome::Unsure => "unsure",
        Outcome::Dead => "dead",
        Outcome::Undone | Outcome::Refused | Outcome::Withdrawn => return Ok(()),
    };
    let id = decision.to_string();
    let known: Option<Option<String>> =
        w.tx.query_row("SELECT reply FROM decision WHERE id = ?", [&id], |r| r.get(0)).optional()?;
    match known {
        // The ledger's "settled" says nothing about a reply this store knows more of.
        Some(Some(_)) if what == Outcome::Settled => return Ok(()),
        Some(Some(own)) if own == reply || own == "sent" => return Ok(()),
        Some(_) => {
            w.tx.execute("UPDATE decision SET reply = ?2 WHERE id = ?1 AND standing = 1", (&id, reply))?;
            return touch_item(w, decision);
        }
        None => {}
    }
    let revision = w.revision()?;
    let found: Option<(i64, String, String, Option<String>, i64)> = w
        .tx
        .query_row(
            "SELECT n, conversation, customer, draft_id, coalesce(draft_version, round) FROM item WHERE id = ?",
            [item.as_str()],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?)),
        )
        .optional()?;
    let (n, conversation, customer, draft_id, version) = match found {
        Some((n, conversation, customer, draft, version)) => {
            (Some(n), conversation, customer, draft.unwrap_or_default(), version)
        }
        None => (None, "-".to_owned(), "-".to_owned(), String::new(), 0),
    };
    let settled: crate::review::Settled = Ok(w.now);
    w.tx.execute(
        "INSERT INTO decision (id, item, item_id, conversation, customer, draft_id, draft_version, agent, session,
            verdict, at, seq, hash, answer, standing, reply, until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, '-', 'approve', ?9, 0, '', ?10, 1, ?11, ?9)
         ON CONFLICT DO NOTHING",
        rusqlite::params![
            id,
            n,
            item.as_str(),
            conversation,
            customer,
            draft_id,
            version,
            agent,
            w.now.0,
            column::json(&settled)?,
            reply
        ],
    )?;
    w.tx.execute(
        "UPDATE item SET state = 'decided', listed = 0, revision = ?2 WHERE n = ?1 AND state IN ('open', 'second')",
        (n, revision),
    )
    .map(drop)
}

pub fn facts(db: &Connection, limit: usize) -> rusqlite::Result<Vec<Fact>> {
    db.prepare_cached("SELECT number, id, at, body FROM fact ORDER BY number LIMIT ?")?
        .query_map([limit], |r| {
            Ok(Fact {
                number: r.get(0)?,
                id: column::parsed(r.get_ref(1)?.as_str()?)?,
                at: Stamp(r.get(2)?),
                body: column::from_json(r.get_ref(3)?.as_str()?)?,
            })
        })?
        .collect()
}

pub fn facts_told(w: &mut Write<'_>, numbers: &[u64]) -> rusqlite::Result<()> {
    let mut statement = w.tx.prepare_cached("DELETE FROM fact WHERE number = ?")?;
    for number in numbers {
        statement.execute([number])?;
    }
    Ok(())
}

pub fn mark(db: &Connection, chain: &str) -> rusqlite::Result<Option<String>> {
    db.query_row("SELECT mark FROM reconciled WHERE chain = ?", [chain], |r| r.get(0)).optional()
}

pub fn set_mark(w: &mut Write<'_>, chain: &str, mark: &str) -> rusqlite::Result<()> {
    w.tx.execute(
        "INSERT INTO reconciled VALUES (?1, ?2) ON CONFLICT (chain) DO UPDATE SET mark = excluded.mark",
        (chain, mark),
    )
    .map(drop)
}
