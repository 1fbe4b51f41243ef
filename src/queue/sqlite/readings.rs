//! What our recogniser read, per customer message: kept with the revision that read it, and made to count.

use super::{Write, column, intake, listing};
use crate::queue::{Heard, Unread, What};
use crate::review::{
    Conversation, Emotion, Evidence, Item, MessageId, Opinions, Reading, ReadingSource, Sender, Stamp, State,
};
use rusqlite::{Connection, OptionalExtension};
use std::collections::{HashMap, HashSet};

/// A batch ends when it holds so much text: one long thread is as much work as many short ones.
const BATCH_BYTES: usize = 256 << 10;

/// All that is said of the emotions in the item's conversation; without consent only by persons.
pub fn opinions(db: &Connection, item: &Item, consented: bool) -> rusqlite::Result<Opinions> {
    let id = item.conversation.id.as_str();
    let (brought, recognised) =
        if consented { (item.emotion.as_ref(), recognised(db, id)?) } else { (None, Vec::new()) };
    Ok(Opinions::of(&item.conversation, brought, &corrections(db, id)?, recognised))
}

fn corrections(db: &Connection, conversation: &str) -> rusqlite::Result<HashMap<MessageId, Emotion>> {
    db.prepare_cached("SELECT message, emotion FROM correction WHERE conversation = ?")?
        .query_map([conversation], |r| {
            let emotion = column::from_word(r.get_ref(1)?.as_str()?)?;
            Ok((column::parsed(r.get_ref(0)?.as_str()?)?, emotion))
        })?
        .collect()
}

fn recognised(db: &Connection, conversation: &str) -> rusqlite::Result<Vec<Reading>> {
    db.prepare_cached(
        "SELECT message, emotion, confidence, intensity, unsure, asks_person, evidence FROM reading
         WHERE conversation = ?",
    )?
    .query_map([conversation], |r| {
        let evidence: Vec<(usize, usize, i32)> = column::from_json(r.get_ref(6)?.as_str()?)?;
        let span = |(start, end, weight_milli)| Evidence { start, end, weight_milli };
        Ok(Reading {
            message: column::parsed(r.get_ref(0)?.as_str()?)?,
            emotion: column::from_word(r.get_ref(1)?.as_str()?)?,
            confidence_milli: r.get(2)?,
            intensity_milli: r.get(3)?,
            unsure: r.get(4)?,
            asks_person: r.get(5)?,
            evidence: evidence.into_iter().map(span).collect(),
            source: ReadingSource::Recogniser,
        })
    })?
    .collect()
}

/// Open items that this revision has not read; `consented` chooses whose.
pub fn unread(
    db: &Connection,
    revision: &str,
    limit: usize,
    consented: bool,
) -> rusqlite::Result<Vec<Unread>> {
    // Two ranges of the index rather than one inequality, which it cannot serve.
    let range = |test: &str| {
        format!(
            "SELECT * FROM (SELECT n FROM item WHERE state IN ('open', 'second') AND read_by {test} ?1
             AND (draft <> 'no_consent') = ?2 LIMIT ?3)"
        )
    };
    let sql = format!(
        "SELECT id, last_message, line, customer FROM item JOIN body USING (n) WHERE n IN ({} UNION ALL {}) LIMIT ?3",
        range("<"),
        range(">")
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut found = statement.query((revision, consented, limit))?;
    let (mut batch, mut bytes) = (Vec::new(), 0);
    while bytes < BATCH_BYTES
        && let Some(r) = found.next()?
    {
        let Conversation { id, language, messages, .. } =
            listing::parse(r.get_ref(2)?.as_str()?)?.conversation;
        let read = if consented { read_before(db, id.as_str(), revision)? } else { HashSet::new() };
        let unread: Vec<_> =
            messages.into_iter().filter(|m| m.from == Sender::Customer && !read.contains(&m.id)).collect();
        bytes += unread.iter().map(|m| m.text.len()).sum::<usize>();
        let (item, newest) =
            (column::parsed(r.get_ref(0)?.as_str()?)?, column::parsed(r.get_ref(1)?.as_str()?)?);
        let customer = column::parsed(r.get_ref(3)?.as_str()?)?;
        batch.push(Unread { item, customer, newest, language, messages: unread });
    }
    Ok(batch)
}

fn read_before(db: &Connection, conversation: &str, revision: &str) -> rusqlite::Result<HashSet<MessageId>> {
    db.prepare_cached("SELECT message FROM reading WHERE conversation = ? AND rev = ?")?
        .query_map((conversation, revision), |r| column::parsed(r.get_ref(0)?.as_str()?))?
        .collect()
}

/// What reading needs to know of an item.
struct Reader {
    n: i64,
    conversation: String,
    customer: String,
    consented: bool,
    newest: String,
}

pub fn keep(w: &mut Write<'_>, revision: &str, heard: &[Heard]) -> rusqlite::Result<()> {
    for Heard { item, newest, what } in heard {
        let found: Option<Reader> =
            w.tx.prepare_cached(
                "SELECT n, conversation, customer, draft <> 'no_consent', last_message FROM item
                 WHERE id = ? AND EXISTS (SELECT 1 FROM body WHERE body.n = item.n)",
            )?
            .query_row([item.as_str()], |r| {
                Ok(Reader {
                    n: r.get(0)?,
                    conversation: r.get(1)?,
                    customer: r.get(2)?,
                    consented: r.get(3)?,
                    newest: r.get(4)?,
                })
            })
            .optional()?;
        let Some(found) = found else { continue };
        match what {
            What::Readings(readings) if found.consented => store(w, &found, revision, readings)?,
            What::AsksPerson(asks) if !found.consented => {
                w.tx.prepare_cached("UPDATE item SET asks_person = ?2 WHERE n = ?1")?
                    .execute((found.n, asks))?;
            }
            // A word on AI that came meanwhile: what was heard by the other way is not kept.
            _ => continue,
        }
        count(w, found.n)?;
        if newest.as_ref().is_some_and(|newest| newest.as_str() == found.newest) {
            w.tx.prepare_cached("UPDATE item SET read_by = ?2 WHERE n = ?1")?.execute((found.n, revision))?;
        }
    }
    Ok(())
}

fn store(w: &Write<'_>, item: &Reader, revision: &str, readings: &[Reading]) -> rusqlite::Result<()> {
    for reading in readings {
        let evidence: Vec<_> = reading.evidence.iter().map(|e| (e.start, e.end, e.weight_milli)).collect();
        w.tx.prepare_cached(
            "INSERT OR REPLACE INTO reading (conversation, message, customer, rev, emotion, confidence, intensity,
                unsure, asks_person, evidence) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        )?
        .execute((
            &item.conversation,
            reading.message.as_str(),
            &item.customer,
            revision,
            reading.emotion.as_str(),
            reading.confidence_milli,
            reading.intensity_milli,
            reading.unsure,
            reading.asks_person,
            column::json(&evidence)?,
        ))?;
    }
    Ok(())
}

/// What a row shows of the emotion, and what its rank depends on.
type Shown = (Option<String>, bool, i64);

/// Makes what is said of an item's emotions count in its row and rank; unless something of that changes, nothing does.
pub fn count(w: &mut Write<'_>, n: i64) -> rusqlite::Result<()> {
    let Some((item, _, draft)) = listing::shown_item(&w.tx, n)? else { return Ok(()) };
    let consented = draft != crate::review::DraftState::NoConsent;
    let opinions = opinions(&w.tx, &item, consented)?;
    let (before, state, arrived, snoozed): (Shown, State, Stamp, bool) =
        w.tx.prepare_cached(
            "SELECT reading, asks_person, class, state, arrived, snoozed_until IS NOT NULL FROM item WHERE n = ?",
        )?
        .query_row([n], |r| {
            let state = column::from_word(r.get_ref(3)?.as_str()?)?;
            Ok(((r.get(0)?, r.get(1)?, r.get(2)?), state, Stamp(r.get(4)?), r.get(5)?))
        })?;
    let (was, asked, class) = before;
    let reading = opinions.readings.last().map(Reading::in_short).as_ref().map(column::json).transpose()?;
    let asks = if consented { opinions.ask_for_person(&item.conversation) } else { asked };
    // Without consent the rules have written their finding already: the class tells whether the rank knows it.
    let ranked = asks == (class == crate::review::Class::AsksPerson as i64);
    if (&was, asked) == (&reading, asks) && ranked {
        return Ok(());
    }
    let revision = w.revision()?;
    w.tx.prepare_cached("UPDATE item SET reading = ?2, asks_person = ?3, revision = ?4 WHERE n = ?1")?
        .execute((n, reading, asks, revision))?;
    if matches!(state, State::Open | State::Second) {
        intake::rerank(w, n, &item, arrived, !snoozed, revision)?;
    }
    Ok(())
}
