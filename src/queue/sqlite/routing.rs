//! Acts that are no verdict.

use super::claims::{self, Standing};
use super::draft::{self, Which};
use super::{Write, column, intake, listing, readings};
use crate::queue::{Actor, FactBody};
use crate::review::{Emotion, ItemId, MessageId, Reading, Refusal, RefusalRule, Routing, State};
use rusqlite::OptionalExtension;
use serde::{Deserialize, Serialize};

/// What an act changed, as it was before: what its undo restores.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Moved {
    Snoozed,
    Closed,
    SentBack,
    Given {
        to: String,
        /// Who had it before.
        assigned: Option<String>,
        /// Whom the conversation belonged to; none where the AI answers.
        owner: Option<String>,
        /// The note that went along.
        note: Option<i64>,
    },
}

pub fn route(
    w: &mut Write<'_>,
    who: &Actor,
    item: &ItemId,
    act: &Routing,
) -> rusqlite::Result<Result<(), Refusal>> {
    let Some(found) = claims::standing(w, item)? else {
        return Ok(Err(Refusal::Gone { item: item.clone() }));
    };
    // A word about an item needs no claim and no open item.
    match act {
        Routing::Note { text } => return note(w, who, &found, text).map(Ok),
        Routing::Correct { message, emotion } => {
            return correct(w, who, item, &found, message, *emotion).map(Ok);
        }
        Routing::Report { error, decision, by } => {
            let draft: Option<(String, u32)> =
                w.tx.query_row("SELECT draft_id, draft_version FROM item WHERE n = ?", [found.n], |r| {
                    Ok(r.get::<_, Option<String>>(0)?.zip(r.get(1)?))
                })?;
            let draft =
                draft.map(|(id, v)| Ok::<_, rusqlite::Error>((column::parsed(&id)?, v))).transpose()?;
            w.fact(&FactBody::Report {
                item: item.clone(),
                decision: *decision,
                draft,
                by: who.clone(),
                error: *error,
                reporter: *by,
            })?;
            return Ok(Ok(()));
        }
        Routing::Reopen => return reopen(w, who, item, &found),
        _ => {}
    }
    if !matches!(found.state, State::Open | State::Second) {
        return Ok(Err(claims::not_open(w, item, Some(&found))?));
    }
    if let Some(refusal) = found.held_by_other(who, w.now) {
        return Ok(Err(refusal));
    }
    act_on_open(w, who, item, &found, act)
}

fn act_on_open(
    w: &mut Write<'_>,
    who: &Actor,
    item: &ItemId,
    found: &Standing,
    act: &Routing,
) -> rusqlite::Result<Result<(), Refusal>> {
    let n = found.n;
    let owner = owner(w, found)?;
    let (mut reason, mut from, mut to, mut hidden_until, mut moved) = (None, None, None, None, None);
    match act {
        Routing::Release if owner.as_deref() == Some(who.agent.as_str()) => {
            return Ok(Err(Refusal::NotAllowed { rule: RefusalRule::TakenOver }));
        }
        // Giving a claim back changes nothing that the log must know.
        Routing::Release => return claims::release(w, n).map(Ok),
        Routing::Snooze { until } => {
            claims::release(w, n)?;
            w.tx.execute(
                "UPDATE item SET snoozed_until = ?2, rank_until = ?2, listed = 0 WHERE n = ?1",
                (n, until.0),
            )?;
            moved = Some(Moved::Snoozed);
            hidden_until = Some(*until);
        }
        Routing::Close { reason: why } => {
            claims::release(w, n)?;
            w.tx.execute(
                "UPDATE item SET state = 'closed', closed = ?2, listed = 0 WHERE n = ?1",
                (n, why.as_str()),
            )?;
            moved = Some(Moved::Closed);
            reason = Some(why.as_str().to_owned());
        }
        Routing::Transfer { to: agent, note: text } => {
            claims::release(w, n)?;
            moved = Some(transfer(w, who, found, owner.as_deref(), agent, text)?);
            to = Some(agent.clone());
        }
        Routing::SendBack { reason: why } => {
            if found.draft != "ready" {
                return Ok(Err(Refusal::NotAllowed { rule: RefusalRule::NoDraft }));
            }
            claims::release(w, n)?;
            w.tx.execute("UPDATE item SET sent_back = draft_id || '/' || draft_version WHERE n = ?", [n])?;
            draft::count(w, &Which::Item(n))?;
            moved = Some(Moved::SentBack);
            reason = Some(why.as_str().to_owned());
        }
        Routing::TakeOver => {
            if owner.as_deref() == Some(who.agent.as_str()) {
                return Ok(Ok(()));
            }
            take_over(w, &found.conversation, &who.agent)?;
            from = owner;
        }
        Routing::HandBack => {
            if owner.is_none() {
                return Ok(Ok(()));
            }
            give_to_ai(w, &found.conversation)?;
        }
        Routing::Note { .. } | Routing::Correct { .. } | Routing::Report { .. } | Routing::Reopen => {
            return Ok(Ok(()));
        }
    }
    if let Some(moved) = &moved {
        w.tx.execute(
            "UPDATE item SET moved_by = ?2, moved = ?3 WHERE n = ?1",
            (n, &who.agent, column::json(moved)?),
        )?;
    }
    let act = act.as_str().to_owned();
    w.fact(&FactBody::Routing {
        item: item.clone(),
        by: who.clone(),
        act,
        reason,
        from,
        to,
        until: hidden_until,
    })?;
    Ok(Ok(()))
}

/// Gives an item to another agent, and with it a conversation that a person owns.
fn transfer(
    w: &mut Write<'_>,
    who: &Actor,
    found: &Standing,
    owner: Option<&str>,
    to: &str,
    text: &str,
) -> rusqlite::Result<Moved> {
    let assigned = w
        .tx
        .query_row("SELECT assigned FROM item WHERE n = ?", [found.n], |r| r.get::<_, Option<String>>(0))?;
    w.tx.execute("UPDATE item SET assigned = ?2 WHERE n = ?1", (found.n, to))?;
    if owner.is_some() {
        w.tx.execute("UPDATE conversation SET owner = ?2 WHERE id = ?1", (&found.conversation, to))?;
    }
    let mut noted = None;
    if !text.trim().is_empty() {
        note(w, who, found, text)?;
        noted = Some(w.tx.last_insert_rowid());
    }
    Ok(Moved::Given { to: to.to_owned(), assigned, owner: owner.map(str::to_owned), note: noted })
}

/// Restores what an act has changed, where nobody has changed it again since.
fn put_back(w: &Write<'_>, found: &Standing, moved: &Moved) -> rusqlite::Result<()> {
    let n = found.n;
    match moved {
        Moved::Snoozed => Ok(()),
        Moved::Closed => w
            .tx
            .execute(
                "UPDATE item SET closed = NULL, state = CASE WHEN EXISTS
                    (SELECT 1 FROM decision d WHERE d.item = item.n AND d.standing = 2) THEN 'second' ELSE 'open' END
                 WHERE n = ? AND state = 'closed'",
                [n],
            )
            .map(drop),
        Moved::SentBack => w.tx.execute("UPDATE item SET sent_back = NULL WHERE n = ?", [n]).map(drop),
        Moved::Given { to, assigned, owner, note } => {
            w.tx.execute(
                "UPDATE item SET assigned = ?3 WHERE n = ?1 AND assigned = ?2",
                (n, to, assigned),
            )?;
            if let Some(owner) = owner {
                w.tx.execute(
                    "UPDATE conversation SET owner = ?3 WHERE id = ?1 AND owner = ?2",
                    (&found.conversation, to, owner),
                )?;
            }
            // What was said to the colleague goes with the errand.
            w.tx.execute("DELETE FROM note WHERE n = ?", [note]).map(drop)
        }
    }
}

/// Undoes the newest close, transfer, snooze or send-back by this agent.
fn reopen(
    w: &mut Write<'_>,
    who: &Actor,
    item: &ItemId,
    found: &Standing,
) -> rusqlite::Result<Result<(), Refusal>> {
    if found.state == State::Decided {
        return Ok(Err(claims::not_open(w, item, Some(found))?));
    }
    if found.moved_by.as_deref() != Some(who.agent.as_str()) {
        return Ok(Err(Refusal::NotAllowed { rule: RefusalRule::NotYours }));
    }
    if let Some(refusal) = found.held_by_other(who, w.now) {
        return Ok(Err(refusal));
    }
    // Forgotten, or a newer item has taken its place: that was nobody's act to undo.
    let by_the_store: bool = w.tx.query_row(
        "SELECT coalesce(closed IN ('forgotten', 'newer_item'), 0) FROM item WHERE n = ?",
        [found.n],
        |r| r.get(0),
    )?;
    if by_the_store {
        return Ok(Err(Refusal::Gone { item: item.clone() }));
    }
    let another: Option<i64> =
        w.tx.query_row(
            "SELECT 1 FROM item WHERE conversation = ? AND n <> ? AND state IN ('open', 'second')",
            (&found.conversation, found.n),
            |r| r.get(0),
        )
        .optional()?;
    if found.state == State::Closed && another.is_some() {
        // A newer item has taken this one's place.
        return Ok(Err(Refusal::Gone { item: item.clone() }));
    }
    let moved: Option<String> =
        w.tx.query_row("SELECT moved FROM item WHERE n = ?", [found.n], |r| r.get(0))?;
    if let Some(moved) = moved.as_deref() {
        put_back(w, found, &column::from_json(moved)?)?;
    }
    w.tx.execute("UPDATE item SET moved_by = NULL, moved = NULL WHERE n = ?", [found.n])?;
    draft::count(w, &Which::Item(found.n))?;
    let revision = w.revision()?;
    if let Some((line, _, _)) = listing::shown_item(&w.tx, found.n)? {
        intake::rerank(w, found.n, &line, found.arrived, true, revision)?;
    }
    claims::give(w, found.n, item, who)?;
    let act = Routing::Reopen.as_str().to_owned();
    w.fact(&FactBody::Routing {
        item: item.clone(),
        by: who.clone(),
        act,
        reason: None,
        from: None,
        to: None,
        until: None,
    })?;
    Ok(Ok(()))
}

fn note(w: &mut Write<'_>, who: &Actor, found: &Standing, text: &str) -> rusqlite::Result<()> {
    let revision = w.revision()?;
    w.tx.execute(
        "INSERT INTO note (conversation, customer, by, at, text) VALUES (?, ?, ?, ?, ?)",
        (&found.conversation, &found.customer, &who.agent, w.now.0, text),
    )?;
    w.tx.execute("UPDATE item SET revision = ? WHERE n = ?", (revision, found.n)).map(drop)
}

fn correct(
    w: &mut Write<'_>,
    who: &Actor,
    item: &ItemId,
    found: &Standing,
    message: &MessageId,
    emotion: Emotion,
) -> rusqlite::Result<()> {
    let before = match listing::shown_item(&w.tx, found.n)? {
        Some((shown, ..)) => readings::opinions(&w.tx, &shown, found.draft != "no_consent")?.readings,
        None => Vec::new(),
    };
    w.tx.execute(
        "INSERT INTO correction VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (conversation, message)
         DO UPDATE SET emotion = excluded.emotion, by = excluded.by, at = excluded.at",
        (&found.conversation, message.as_str(), &found.customer, emotion.as_str(), &who.agent, w.now.0),
    )?;
    readings::count(w, found.n)?;
    let from: Option<Reading> = before.into_iter().find(|r| r.message == *message);
    w.fact(&FactBody::Correction {
        item: item.clone(),
        message: message.clone(),
        by: who.clone(),
        from,
        to: emotion,
    })
}

/// Who owns the conversation of an item: a person's name (empty where only the item says so), or nobody.
pub fn owner(w: &Write<'_>, found: &Standing) -> rusqlite::Result<Option<String>> {
    owner_of(w, &found.conversation)
}

pub fn owner_of(w: &Write<'_>, conversation: &str) -> rusqlite::Result<Option<String>> {
    w.tx.prepare_cached("SELECT owner FROM conversation WHERE id = ?")?
        .query_row([conversation], |r| r.get(0))
        .optional()
}

/// P5: from now on the AI is silent in this conversation.
pub fn take_over(w: &mut Write<'_>, conversation: &str, agent: &str) -> rusqlite::Result<()> {
    w.tx.execute(
        "INSERT INTO conversation VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET owner = ?2, since = ?3",
        (conversation, agent, w.now.0),
    )?;
    assign(w, conversation, Some(agent))
}

/// A person hands the conversation back: what the AI drafted may be shown again.
pub fn give_to_ai(w: &mut Write<'_>, conversation: &str) -> rusqlite::Result<()> {
    w.tx.execute("DELETE FROM conversation WHERE id = ?", [conversation])?;
    assign(w, conversation, None)
}

fn assign(w: &mut Write<'_>, conversation: &str, agent: Option<&str>) -> rusqlite::Result<()> {
    w.tx.execute(
        "UPDATE item SET assigned = ?2 WHERE conversation = ?1 AND state IN ('open', 'second')",
        (conversation, agent),
    )?;
    draft::count(w, &Which::Conversation(conversation))
}
