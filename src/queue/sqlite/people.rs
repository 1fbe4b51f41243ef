//! Customers: their key, their word on AI, and being forgotten.

use super::{Write, column, intake, readings, settle};
use crate::queue::{Actor, FactBody, Forgotten};
use crate::review::{
    Consent, ConversationId, CustomerId, Decision, DecisionId, Item, ItemId, Outcome, Policy, mac,
};
use rusqlite::{Connection, OptionalExtension};

pub fn customer_key(w: &mut Write<'_>, customer: &CustomerId) -> rusqlite::Result<[u8; 32]> {
    let known: Option<Option<[u8; 32]>> =
        w.tx.prepare_cached("SELECT key FROM customer WHERE id = ?")?
            .query_row([customer.as_str()], |r| r.get(0))
            .optional()?;
    if let Some(Some(key)) = known {
        return Ok(key);
    }
    // Somebody forgotten who writes again is a new customer with a new key: old hashes stay unlinkable.
    let mut key = [0_u8; 32];
    getrandom::fill(&mut key).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))?;
    w.tx.prepare_cached(
        "INSERT INTO customer (id, key) VALUES (?1, ?2)
         ON CONFLICT (id) DO UPDATE SET key = excluded.key",
    )?
    .execute((customer.as_str(), key))?;
    Ok(key)
}

/// The customer as the log knows them.
fn in_log(w: &mut Write<'_>, customer: &CustomerId) -> rusqlite::Result<String> {
    customer_key(w, customer).map(|key| mac(&key, "customer"))
}

pub fn consent(
    w: &mut Write<'_>,
    who: &Actor,
    customer: &CustomerId,
    word: Consent,
) -> rusqlite::Result<Vec<DecisionId>> {
    set_word(w, customer, word)?;
    let taken_back = if w.policy.allows_ai(word) { Vec::new() } else { silence(w, customer)? };
    let count = u32::try_from(taken_back.len()).unwrap_or(u32::MAX);
    let customer = in_log(w, customer)?;
    w.fact(&FactBody::Consent { customer, word, by: who.clone(), taken_back: count })?;
    Ok(taken_back)
}

/// The customer's word on AI as it stands.
pub fn word(w: &Write<'_>, customer: &CustomerId) -> rusqlite::Result<Consent> {
    let word: Option<Option<String>> =
        w.tx.prepare_cached("SELECT consent FROM customer WHERE id = ?")?
            .query_row([customer.as_str()], |r| r.get(0))
            .optional()?;
    Ok(match word.flatten().as_deref() {
        Some("no") => Consent::No,
        Some("yes") => Consent::Yes,
        _ => Consent::Unknown,
    })
}

fn set_word(w: &Write<'_>, customer: &CustomerId, word: Consent) -> rusqlite::Result<()> {
    let text = match word {
        Consent::Yes => "yes",
        Consent::No => "no",
        Consent::Unknown => "unknown",
    };
    w.tx.prepare_cached(
        "INSERT INTO customer (id, consent) VALUES (?1, ?2) ON CONFLICT (id) DO UPDATE SET consent = excluded.consent",
    )?
    .execute((customer.as_str(), text))
    .map(drop)
}

/// The customer's word once `item` has spoken: its no stands, whatever was said before; its yes counts only where
/// nobody has given a word yet, so that no old file takes back what a person wrote down.
pub fn hear(w: &Write<'_>, item: &Item) -> rusqlite::Result<Consent> {
    let id = item.customer_id();
    match item.conversation.customer.as_ref().map_or(Consent::Unknown, |c| c.ai_consent) {
        Consent::No => set_word(w, &id, Consent::No)?,
        Consent::Yes => {
            w.tx.prepare_cached(
                "INSERT INTO customer (id, consent) VALUES (?, 'yes')
                 ON CONFLICT (id) DO UPDATE SET consent = coalesce(consent, 'yes')",
            )?
            .execute([id.as_str()])?;
        }
        Consent::Unknown => {}
    }
    word(w, &id)
}

/// Whether items came in under another rule on customers who were never asked.
pub fn policy_is_another(db: &Connection, policy: &Policy) -> rusqlite::Result<bool> {
    let before: bool = db.query_row("SELECT ai_when_consent_unknown FROM policy", (), |r| r.get(0))?;
    Ok(before != policy.allows_ai(Consent::Unknown))
}

/// A stricter policy than the one under which items came in reaches these as well.
pub fn follow_policy(w: &mut Write<'_>) -> rusqlite::Result<()> {
    let allowed = w.policy.allows_ai(Consent::Unknown);
    if !allowed {
        let unasked: Vec<CustomerId> =
            w.tx.prepare(
                "SELECT DISTINCT customer FROM item WHERE draft <> 'no_consent' AND NOT EXISTS
                    (SELECT 1 FROM customer c WHERE c.id = item.customer AND c.consent = 'yes')",
            )?
            .query_map((), |r| column::parsed(r.get_ref(0)?.as_str()?))?
            .collect::<rusqlite::Result<_>>()?;
        for customer in &unasked {
            silence(w, customer)?;
        }
    }
    w.tx.execute("UPDATE policy SET ai_when_consent_unknown = ?", [allowed]).map(drop)
}

/// P7: what is still held of the AI's text is stopped (`sending` has left), and the rest of it goes.
pub fn silence(w: &mut Write<'_>, customer: &CustomerId) -> rusqlite::Result<Vec<DecisionId>> {
    let revision = w.revision()?;
    let taken_back = held_of(w, customer, "AND verdict IN ('approve', 'edit')")?;
    for decision in &taken_back {
        withdraw(w, *decision, "consent")?;
    }
    drop_ai_text(w, customer, revision)?;
    Ok(taken_back)
}

/// P7: drafts and machine readings of a customer's items go; the draft's hash stays.
fn drop_ai_text(w: &mut Write<'_>, customer: &CustomerId, revision: u64) -> rusqlite::Result<()> {
    w.tx.execute("DELETE FROM reading WHERE customer = ?", [customer.as_str()])?;
    let lines: Vec<(i64, String)> = w
        .tx
        .prepare("SELECT n, line FROM item JOIN body USING (n) WHERE customer = ? AND draft <> 'no_consent'")?
        .query_map([customer.as_str()], |r| Ok((r.get(0)?, r.get(1)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (n, line) in lines {
        w.tx.execute("UPDATE body SET line = ? WHERE n = ?", (intake::without_ai(&line)?, n))?;
        // The rules that protect hear its messages anew.
        w.tx.execute(
            "UPDATE item SET draft = 'no_consent', read_by = '', revision = ?2 WHERE n = ?1",
            (n, revision),
        )?;
        readings::count(w, n)?;
    }
    Ok(())
}

/// Replies of a customer that have not left yet.
fn held_of(w: &Write<'_>, customer: &CustomerId, and: &str) -> rusqlite::Result<Vec<DecisionId>> {
    w.tx.prepare(&format!(
        "SELECT id FROM decision WHERE customer = ? AND (reply IN ('held', 'due', 'failed') OR standing = 2) {and}"
    ))?
    .query_map([customer.as_str()], |r| column::parsed(r.get_ref(0)?.as_str()?))?
    .collect()
}

/// A person's or the customer's word takes a reply back that has not left.
pub fn withdraw(w: &mut Write<'_>, decision: DecisionId, reason: &str) -> rusqlite::Result<()> {
    let n: Option<i64> =
        w.tx.query_row("SELECT item FROM decision WHERE id = ?", [decision.to_string()], |r| r.get(0))?;
    w.tx.execute(
        "UPDATE decision SET reply = 'held' WHERE id = ? AND reply IN ('due', 'failed')",
        [decision.to_string()],
    )?;
    settle::take_back(w, decision)?;
    if let Some(n) = n {
        settle::reopen(w, n, decision)?;
    }
    w.fact(&FactBody::Outcome { decision, what: Outcome::Undone, reason: Some(reason.to_owned()) })
}

/// Whether a decision is about what was forgotten since: it comes too late, and its text must not come back.
pub fn was_forgotten(w: &Write<'_>, decision: &Decision) -> rusqlite::Result<bool> {
    w.tx.prepare_cached(
        "SELECT 1 FROM customer WHERE id = ?1 AND forgotten >= ?2
         UNION SELECT 1 FROM item WHERE id = ?3 AND closed = 'forgotten'",
    )?
    .exists((decision.customer.as_str(), decision.decided_at.0, decision.seen.item.as_str()))
}

pub fn forget(w: &mut Write<'_>, who: &Actor, customer: &CustomerId) -> rusqlite::Result<Forgotten> {
    let revision = w.revision()?;
    let id = customer.as_str();
    let logged = in_log(w, customer)?;
    let taken_back = held_of(w, customer, "")?;
    for decision in &taken_back {
        withdraw(w, *decision, "forgotten")?;
    }
    let items: Vec<ItemId> =
        w.tx.prepare("SELECT id FROM item WHERE customer = ?")?
            .query_map([id], |r| column::parsed(r.get_ref(0)?.as_str()?))?
            .collect::<rusqlite::Result<_>>()?;
    let decisions: Vec<DecisionId> =
        w.tx.prepare("SELECT id FROM decision WHERE customer = ?")?
            .query_map([id], |r| column::parsed(r.get_ref(0)?.as_str()?))?
            .collect::<rusqlite::Result<_>>()?;
    w.tx.execute("DELETE FROM body WHERE n IN (SELECT n FROM item WHERE customer = ?)", [id])?;
    w.tx.execute(
        "UPDATE item SET customer_name = NULL, preview = '', topics = '', reading = NULL, state = 'closed',
                closed = 'forgotten', listed = 0, holder = NULL, holder_session = NULL, holder_until = NULL,
                digest = x'', draft_digest = NULL, recipients = '', revision = ?2
         WHERE customer = ?1",
        (id, revision),
    )?;
    w.tx.execute(
        "UPDATE decision SET body = NULL, customer_name = NULL, why = NULL WHERE customer = ?",
        [id],
    )?;
    w.tx.execute("DELETE FROM note WHERE customer = ?", [id])?;
    w.tx.execute("DELETE FROM correction WHERE customer = ?", [id])?;
    w.tx.execute("DELETE FROM reading WHERE customer = ?", [id])?;
    w.tx.execute("UPDATE customer SET key = NULL, forgotten = ?2 WHERE id = ?1", (id, w.now.0))?;
    w.fact(&FactBody::Erasure {
        customer: logged,
        by: who.clone(),
        items: u32::try_from(items.len()).unwrap_or(u32::MAX),
        decisions: u32::try_from(decisions.len()).unwrap_or(u32::MAX),
        taken_back: u32::try_from(taken_back.len()).unwrap_or(u32::MAX),
    })?;
    Ok(Forgotten { items, decisions, taken_back })
}

pub fn owner(db: &Connection, conversation: &ConversationId) -> rusqlite::Result<Option<String>> {
    db.query_row("SELECT owner FROM conversation WHERE id = ?", [conversation.as_str()], |r| r.get(0))
        .optional()
}
