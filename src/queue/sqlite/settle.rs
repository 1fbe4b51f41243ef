//! Step 3 of the commit: the queue's one answer to a decision, and taking it back.

use super::claims::{self, Standing};
use super::draft::{self, Which};
use super::{Write, column, listing, people, routing};
use crate::queue::{Actor, FactBody, Settlement, Undone};
use crate::review::{
    Decision, DecisionId, Held, ItemId, Outcome, PastDecision, Refusal, RefusalRule, ReplyState, Seen,
    Settled, Stamp, State, Verdict,
};
use rusqlite::{Connection, OptionalExtension};

pub fn answer(db: &Connection, decision: DecisionId) -> rusqlite::Result<Option<Settled>> {
    let stored: Option<String> = db
        .prepare_cached("SELECT answer FROM decision WHERE id = ?")?
        .query_row([decision.to_string()], |r| r.get(0))
        .optional()?;
    stored.as_deref().map(column::from_json).transpose()
}

pub fn settle(w: &mut Write<'_>, settlement: &Settlement) -> rusqlite::Result<Settled> {
    let decision = &settlement.decision;
    if let Some(known) = answer(&w.tx, decision.id)? {
        return Ok(known);
    }
    let found = claims::standing(w, &decision.seen.item)?;
    let settled = match judge(w, decision, found.as_ref())? {
        Err(refusal) => {
            record(w, settlement, found.as_ref(), &Err(refusal.clone()), None)?;
            let reason = Some(refusal.code().to_owned());
            w.fact(&FactBody::Outcome { decision: decision.id, what: Outcome::Refused, reason })?;
            Err(refusal)
        }
        Ok(accepted) => {
            let until = accept(w, settlement, &accepted)?;
            w.fact(&FactBody::Outcome { decision: decision.id, what: Outcome::Settled, reason: None })?;
            Ok(until)
        }
    };
    Ok(settled)
}

/// What an accepted decision changes.
struct Accepted {
    found: Standing,
    /// The item needs another agent's verdict before the reply leaves.
    first_of_two: bool,
    /// The first of two that this one confirms.
    seconds: Option<String>,
    owner: Option<String>,
}

/// The first rule that forbids the decision, in the order of DESIGN.md, section 11.
fn judge(
    w: &mut Write<'_>,
    decision: &Decision,
    found: Option<&Standing>,
) -> rusqlite::Result<Result<Accepted, Refusal>> {
    let seen = &decision.seen;
    if people::was_forgotten(w, decision)? {
        return Ok(Err(Refusal::Forgotten));
    }
    let Some(found) = found else { return Ok(Err(Refusal::Gone { item: seen.item.clone() })) };
    if !matches!(found.state, State::Open | State::Second) {
        return Ok(Err(claims::not_open(w, &seen.item, Some(found))?));
    }
    let Some((item, _, _)) = listing::shown_item(&w.tx, found.n)? else {
        return Ok(Err(Refusal::Gone { item: seen.item.clone() }));
    };
    let owner = routing::owner(w, found)?;
    let now = Seen::of(&item).ok_or(rusqlite::Error::InvalidQuery)?;
    if now.last_message != seen.last_message {
        return Ok(Err(Refusal::NewerMessage { message: now.last_message }));
    }
    // What consent or ownership took away is a rule, not a newer draft: say so.
    let ai_text = decision.verdict.sends_ai_text();
    if now.draft != seen.draft {
        let rule = match found.draft.as_str() {
            "no_consent" if ai_text => RefusalRule::Consent,
            "silenced" if ai_text => RefusalRule::Owner,
            // Taking over silences the draft; the reply that follows was written to what was seen before.
            "silenced" if owner.as_deref() == Some(decision.agent.as_str()) => RefusalRule::NoDraft,
            _ => return Ok(Err(Refusal::Superseded { draft: now.draft })),
        };
        if rule != RefusalRule::NoDraft {
            return Ok(Err(Refusal::NotAllowed { rule }));
        }
    }
    if now.recipients != seen.recipients {
        return Ok(Err(Refusal::Superseded { draft: now.draft }));
    }
    if found.fence != decision.fence {
        let (holder, at) = match &found.holder {
            Some((holder, _, until)) => (Some(holder.clone()), Some(until.minus(w.policy.lease()))),
            None => (None, None),
        };
        return Ok(Err(Refusal::LeaseLost { holder, at }));
    }
    if ai_text && seen.draft.is_none() {
        return Ok(Err(Refusal::NotAllowed { rule: RefusalRule::NoDraft }));
    }
    if ai_text && owner.is_some() {
        return Ok(Err(Refusal::NotAllowed { rule: RefusalRule::Owner }));
    }
    let first: Option<(String, String)> =
        w.tx.query_row("SELECT id, agent FROM decision WHERE item = ? AND standing = 2", [found.n], |r| {
            Ok((r.get(0)?, r.get(1)?))
        })
        .optional()?;
    if first.as_ref().is_some_and(|(_, agent)| *agent == decision.agent) {
        return Ok(Err(Refusal::NotAllowed { rule: RefusalRule::Second }));
    }
    let first_of_two = first.is_none() && w.policy.needs_second(&item);
    let found = claims::standing(w, &seen.item)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok(Ok(Accepted { found, first_of_two, seconds: first.map(|(id, _)| id), owner }))
}

fn accept(w: &mut Write<'_>, settlement: &Settlement, accepted: &Accepted) -> rusqlite::Result<Stamp> {
    let decision = &settlement.decision;
    let n = accepted.found.n;
    let revision = w.revision()?;
    let window =
        if settlement.immediate { crate::review::Span(0) } else { w.policy.window(decision.channel) };
    let until = w.now.plus(window);
    if let Some(first) = &accepted.seconds {
        // The first has done its part; the second is the verdict that stands.
        w.tx.execute("UPDATE decision SET standing = 0 WHERE id = ?", [first])?;
    }
    record(w, settlement, Some(&accepted.found), &Ok(until), Some(accepted))?;
    let state = if accepted.first_of_two { State::Second } else { State::Decided };
    w.tx.execute(
        "UPDATE item SET state = ?2, listed = ?3, holder = NULL, holder_session = NULL, holder_until = NULL,
                snoozed_until = NULL, revision = ?4
         WHERE n = ?1",
        (n, state.as_str(), accepted.first_of_two, revision),
    )?;
    if decision.verdict == Verdict::TakeOver {
        routing::take_over(w, decision.conversation.as_str(), &decision.agent)?;
    }
    Ok(until)
}

/// Writes the decision with its answer; a reply only with `accepted`.
fn record(
    w: &mut Write<'_>,
    settlement: &Settlement,
    found: Option<&Standing>,
    settled: &Settled,
    accepted: Option<&Accepted>,
) -> rusqlite::Result<()> {
    let decision = &settlement.decision;
    let (draft_id, draft_version) = match (&decision.seen.draft, found) {
        (Some((id, version)), _) => (id.as_str().to_owned(), i64::from(*version)),
        (None, Some(found)) => {
            let round =
                w.tx.query_row("SELECT round FROM item WHERE n = ?", [found.n], |r| r.get::<_, i64>(0))?;
            (String::new(), round)
        }
        (None, None) => (String::new(), 0),
    };
    let (standing, reply, until) = match (accepted, settled) {
        (Some(a), Ok(_)) if a.first_of_two => (2, None, None),
        (Some(_), Ok(until)) => (1, Some(ReplyState::Held.as_str()), Some(until.0)),
        _ => (0, None, None),
    };
    let name: Option<String> = match found {
        Some(found) => {
            w.tx.query_row("SELECT customer_name FROM item WHERE n = ?", [found.n], |r| r.get(0))?
        }
        None => None,
    };
    w.tx.prepare_cached(
        "INSERT INTO decision (id, item, item_id, conversation, customer, customer_name, draft_id, draft_version,
            agent, session, verdict, at, seq, hash, answer, standing, body, owner_before, reply, until)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20)",
    )?
    .execute(rusqlite::params![
        decision.id.to_string(),
        found.map(|f| f.n),
        decision.seen.item.as_str(),
        decision.conversation.as_str(),
        decision.customer.as_str(),
        name,
        draft_id,
        draft_version,
        decision.agent,
        decision.session.to_string(),
        decision.verdict.as_str(),
        w.now.0,
        settlement.seq,
        settlement.hash,
        column::json(settled)?,
        standing,
        (*settled != Err(Refusal::Forgotten)).then(|| column::json(decision)).transpose()?,
        accepted.and_then(|a| a.owner.as_deref()),
        reply,
        until,
    ])
    .map(drop)
}

/// What an undo needs to know of a decision.
struct Decided {
    agent: String,
    standing: i64,
    reply: Option<String>,
    until: Option<i64>,
    verdict: String,
    conversation: String,
    owner_before: Option<String>,
    body: Option<String>,
    answer: String,
}

pub fn undo(
    w: &mut Write<'_>,
    who: &Actor,
    decision: DecisionId,
) -> rusqlite::Result<Result<Undone, Refusal>> {
    let Some(d) = decided(w, decision)? else { return tombstone(w, who, decision).map(Ok) };
    if d.agent != who.agent {
        return Ok(Err(Refusal::NotAllowed { rule: RefusalRule::NotYours }));
    }
    if let Err(refusal) = column::from_json::<Settled>(&d.answer)? {
        return Ok(Err(refusal));
    }
    let held = d.reply.as_deref() == Some(ReplyState::Held.as_str());
    let waits_for_second = d.standing == 2;
    if !held && !waits_for_second {
        return Ok(Err(match d.reply.as_deref() {
            Some("undone") => Refusal::Undone,
            _ => Refusal::TooLate { at: Stamp(d.until.unwrap_or_default()) },
        }));
    }
    let Some((n, item)) = claims::item_of(w, decision)? else { return Ok(Err(Refusal::Undone)) };
    take_back(w, decision)?;
    if d.verdict == Verdict::TakeOver.as_str() {
        restore_owner(w, &d)?;
    }
    // A newer round may have been opened meanwhile: then only the reply is taken back.
    let reopened = reopen(w, n, decision)?;
    let lease = if reopened { Some(claims::give(w, n, &item, who)?) } else { None };
    let text = d.body.as_deref().map(column::from_json::<Decision>).transpose()?.map(|d| d.text);
    w.fact(&FactBody::Outcome { decision, what: Outcome::Undone, reason: None })?;
    Ok(Ok(Undone { item, lease, text }))
}

/// The ledger knows of an undo that this store, restored from a backup, does not.
pub fn take_back_again(w: &mut Write<'_>, decision: DecisionId) -> rusqlite::Result<()> {
    let Some(d) = decided(w, decision)? else { return Ok(()) };
    take_back(w, decision)?;
    if d.verdict == Verdict::TakeOver.as_str() {
        restore_owner(w, &d)?;
    }
    match claims::item_of(w, decision)? {
        Some((n, _)) => reopen(w, n, decision).map(drop),
        None => Ok(()),
    }
}

fn decided(w: &Write<'_>, decision: DecisionId) -> rusqlite::Result<Option<Decided>> {
    w.tx.query_row(
        "SELECT agent, standing, reply, until, verdict, conversation, owner_before, body, answer FROM decision
         WHERE id = ?",
        [decision.to_string()],
        |r| {
            Ok(Decided {
                agent: r.get(0)?,
                standing: r.get(1)?,
                reply: r.get(2)?,
                until: r.get(3)?,
                verdict: r.get(4)?,
                conversation: r.get(5)?,
                owner_before: r.get(6)?,
                body: r.get(7)?,
                answer: r.get(8)?,
            })
        },
    )
    .optional()
}

/// An undo that overtakes its settle: the settle, when it comes, is answered `undone`.
fn tombstone(w: &mut Write<'_>, who: &Actor, decision: DecisionId) -> rusqlite::Result<Undone> {
    let answer: Settled = Err(Refusal::Undone);
    w.tx.execute(
        "INSERT INTO decision (id, item_id, conversation, customer, draft_id, draft_version, agent, session, verdict,
            at, seq, hash, answer, standing)
         VALUES (?1, '-', '-', '-', '', 0, ?2, ?3, 'approve', ?4, 0, '', ?5, 0)",
        (decision.to_string(), &who.agent, who.session.to_string(), w.now.0, column::json(&answer)?),
    )?;
    w.fact(&FactBody::Outcome { decision, what: Outcome::Undone, reason: Some("before_settle".to_owned()) })?;
    // The item is found by its staged decision; the queue never knew it.
    let item: ItemId = column::parsed("-")?;
    Ok(Undone { item, lease: None, text: None })
}

/// Compare and set: a held reply, or a first of two, no longer stands.
pub fn take_back(w: &Write<'_>, decision: DecisionId) -> rusqlite::Result<()> {
    w.tx.execute(
        "UPDATE decision SET standing = 0, reply = CASE reply WHEN 'held' THEN 'undone' ELSE reply END WHERE id = ?",
        [decision.to_string()],
    )
    .map(drop)
}

fn restore_owner(w: &mut Write<'_>, d: &Decided) -> rusqlite::Result<()> {
    match &d.owner_before {
        Some(owner) => routing::take_over(w, &d.conversation, owner),
        None => routing::give_to_ai(w, &d.conversation),
    }
}

/// Opens the item of a decision taken back; false if it is no longer in that state, or a later verdict stands.
pub fn reopen(w: &mut Write<'_>, n: i64, decision: DecisionId) -> rusqlite::Result<bool> {
    let revision = w.revision()?;
    let changed = w.tx.execute(
        "UPDATE item SET state = 'open', listed = 1, revision = ?2 WHERE n = ?1 AND state IN ('decided', 'second')
         AND NOT EXISTS (SELECT 1 FROM decision later WHERE later.item = ?1 AND later.standing IN (1, 2)
                         AND later.rowid > (SELECT rowid FROM decision WHERE id = ?3))",
        (n, revision, decision.to_string()),
    )?;
    if changed == 0 {
        return Ok(false);
    }
    // Ownership may have changed while the item was decided.
    draft::count(w, &Which::Item(n))?;
    Ok(true)
}

const UNSENT: &str =
    "SELECT id, item_id, customer_name, agent, verdict, reply, coalesce(until, 0) FROM decision
    WHERE reply IN ('held', 'due', 'failed', 'sending', 'dead', 'unsure')";

fn held_row(r: &rusqlite::Row<'_>) -> rusqlite::Result<Held> {
    Ok(Held {
        decision: column::parsed(r.get_ref(0)?.as_str()?)?,
        item: column::parsed(r.get_ref(1)?.as_str()?)?,
        customer: r.get(2)?,
        agent: r.get(3)?,
        verdict: column::from_word(r.get_ref(4)?.as_str()?)?,
        state: column::from_word(r.get_ref(5)?.as_str()?)?,
        until: Stamp(r.get(6)?),
    })
}

pub fn held(db: &Connection, agent: Option<&str>) -> rusqlite::Result<Vec<Held>> {
    db.prepare_cached(&format!(
        "{UNSENT} AND (?1 IS NULL OR agent = ?1) ORDER BY at DESC, id DESC LIMIT 500"
    ))?
    .query_map([agent], held_row)?
    .collect()
}

pub fn unsent(db: &Connection, after: Option<DecisionId>, limit: usize) -> rusqlite::Result<Vec<Held>> {
    let after = after.map_or(String::new(), |id| id.to_string());
    db.prepare_cached(&format!("{UNSENT} AND id > ?1 ORDER BY id LIMIT ?2"))?
        .query_map((after, limit), held_row)?
        .collect()
}

const PAST: &str = "SELECT id, item_id, customer_name, agent, at, verdict, coalesce(reply, 'held'), body
    FROM decision WHERE json_extract(answer, '$.Ok') IS NOT NULL";

fn past_row(r: &rusqlite::Row<'_>) -> rusqlite::Result<PastDecision> {
    let body: Option<String> = r.get(7)?;
    let text = match body.as_deref() {
        Some(body) => column::from_json::<Decision>(body)?.text,
        None => String::new(),
    };
    Ok(PastDecision {
        decision: column::parsed(r.get_ref(0)?.as_str()?)?,
        item: column::parsed(r.get_ref(1)?.as_str()?)?,
        customer: r.get(2)?,
        agent: r.get(3)?,
        at: Stamp(r.get(4)?),
        verdict: column::from_word(r.get_ref(5)?.as_str()?)?,
        state: column::from_word(r.get_ref(6)?.as_str()?)?,
        text,
    })
}

/// Decisions in one conversation, newest first.
pub fn past(db: &Connection, conversation: &str) -> rusqlite::Result<Vec<PastDecision>> {
    db.prepare_cached(&format!("{PAST} AND conversation = ? ORDER BY at DESC, id DESC LIMIT 50"))?
        .query_map([conversation], past_row)?
        .collect()
}

pub fn decisions(db: &Connection, agent: Option<&str>, limit: usize) -> rusqlite::Result<Vec<PastDecision>> {
    db.prepare_cached(&format!("{PAST} AND (?1 IS NULL OR agent = ?1) ORDER BY at DESC, id DESC LIMIT ?2"))?
        .query_map((agent, limit), past_row)?
        .collect()
}

pub fn texts(db: &Connection, decision: DecisionId) -> rusqlite::Result<Option<Decision>> {
    let body: Option<Option<String>> = db
        .query_row("SELECT body FROM decision WHERE id = ?", [decision.to_string()], |r| r.get(0))
        .optional()?;
    body.flatten().as_deref().map(column::from_json).transpose()
}
