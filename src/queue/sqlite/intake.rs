//! Items in: what supersedes what, what consent and ownership take away, and the rank.

use super::draft::{self, Which};
use super::{Write, column, people, readings};
use crate::queue::{Arrival, FactBody, Intake};
use crate::review::{
    Channel, Class, Consent, DecisionId, DraftState, Item, Need, Outcome, Owner, Rank, Reading, Seen, Span,
    Stamp, State, Why,
};
use rusqlite::{OptionalExtension, named_params};
use sha2::{Digest, Sha256};

/// Characters of a preview.
const PREVIEW_CHARS: usize = 120;

/// What is there of an item that comes in again.
struct Known {
    n: i64,
    digest: Vec<u8>,
    messages: usize,
    draft: Option<(String, u32)>,
    draft_digest: Option<Vec<u8>>,
    draft_created: Option<i64>,
    state: State,
    arrived: Stamp,
    line: String,
    /// It belongs to another conversation.
    elsewhere: bool,
    /// Its text was destroyed at the customer's wish.
    forgotten: bool,
    asks_person: bool,
}

pub fn intake(w: &mut Write<'_>, arrivals: &[Arrival]) -> rusqlite::Result<Vec<Intake>> {
    arrivals.iter().map(|arrival| one(w, arrival)).collect()
}

fn digest(text: &str) -> [u8; 32] {
    Sha256::digest(text.as_bytes()).into()
}

fn one(w: &mut Write<'_>, arrival: &Arrival) -> rusqlite::Result<Intake> {
    let item = &arrival.item;
    let says_no = item.conversation.customer.as_ref().is_some_and(|c| c.ai_consent == Consent::No);
    let news = says_no && people::word(w, &item.customer_id())? != Consent::No;
    let taken = store(w, arrival)?;
    if news && matches!(taken, Intake::New | Intake::Superseded) {
        // The no is the customer's: it also stops what is under way elsewhere.
        people::silence(w, &item.customer_id())?;
    }
    Ok(taken)
}

fn store(w: &mut Write<'_>, arrival: &Arrival) -> rusqlite::Result<Intake> {
    let item = &arrival.item;
    let came = digest(&arrival.line);
    let Some(known) = known(w, item)? else {
        let revision = w.revision()?;
        let n = insert(w, item, arrival, &came, revision)?;
        close_others(w, item, n, revision)?;
        return Ok(Intake::New);
    };
    if known.digest == came {
        return Ok(Intake::Unchanged);
    }
    if known.elsewhere {
        return Ok(Intake::Conflict);
    }
    if known.forgotten && item.conversation.messages.len() <= known.messages {
        // Nothing new was said: the text that had to go does not come back with an old file.
        return Ok(Intake::Unchanged);
    }
    let news = match compare(&known, item) {
        Ok(news) => news,
        Err(refused) => return Ok(refused),
    };
    let revision = w.revision()?;
    let state = match known.state {
        State::Closed if !news.message => State::Closed,
        State::Decided if !news.any() => State::Decided,
        State::Second if !news.any() => State::Second,
        _ => State::Open,
    };
    // Whatever state it was in: what a first agent signed before says nothing about what is there now.
    if news.any() {
        drop_first_of_two(w, known.n)?;
    }
    let next_round = matches!(known.state, State::Decided | State::Closed) && state == State::Open;
    update(w, item, arrival, &came, &known, state, next_round, news.message, revision)?;
    if state == State::Open {
        close_others(w, item, known.n, revision)?;
    }
    Ok(Intake::Superseded)
}

fn known(w: &Write<'_>, item: &Item) -> rusqlite::Result<Option<Known>> {
    w.tx.prepare_cached(
        "SELECT n, digest, messages, draft_id, draft_version, draft_digest, draft_created, state, arrived,
                (SELECT line FROM body WHERE body.n = item.n), conversation <> ?2, coalesce(closed = 'forgotten', 0),
                asks_person
         FROM item WHERE id = ?1",
    )?
    .query_row([item.id.as_str(), item.conversation.id.as_str()], |r| {
        let draft: Option<String> = r.get(3)?;
        Ok(Known {
            n: r.get(0)?,
            digest: r.get(1)?,
            messages: r.get::<_, i64>(2)?.unsigned_abs().try_into().unwrap_or(usize::MAX),
            draft: draft.zip(r.get(4)?),
            draft_digest: r.get(5)?,
            draft_created: r.get(6)?,
            state: column::from_word(&r.get::<_, String>(7)?)?,
            arrived: Stamp(r.get(8)?),
            line: r.get::<_, Option<String>>(9)?.unwrap_or_default(),
            elsewhere: r.get(10)?,
            forgotten: r.get(11)?,
            asks_person: r.get(12)?,
        })
    })
    .optional()
}

/// What is new about an item that comes in again.
struct News {
    message: bool,
    draft: bool,
}

impl News {
    const fn any(&self) -> bool {
        self.message || self.draft
    }
}

/// Decides what is newer; the error is the refusal.
fn compare(known: &Known, item: &Item) -> Result<News, Intake> {
    let messages = &item.conversation.messages;
    if messages.len() < known.messages {
        return Err(Intake::Older);
    }
    // A body that was forgotten has nothing left to contradict.
    if let Ok(old) = Item::parse(&known.line) {
        let same =
            old.conversation.messages.iter().zip(messages).all(|(a, b)| a.id == b.id && a.text == b.text);
        if !same {
            return Err(Intake::Conflict);
        }
    }
    let message = messages.len() > known.messages;
    let draft = match (&known.draft, &item.draft) {
        (None, None) => false,
        (None, Some(_)) => true,
        (Some(_), None) if message => true,
        (Some(_), None) => return Err(Intake::Older),
        (Some((id, version)), Some(draft)) if id == draft.id.as_str() => match draft.version.cmp(version) {
            std::cmp::Ordering::Less => return Err(Intake::Older),
            std::cmp::Ordering::Greater => true,
            std::cmp::Ordering::Equal => {
                let differs = known.draft_digest.as_deref() != Some(&digest(&draft.text)[..]);
                if differs && !known.forgotten {
                    return Err(Intake::Conflict);
                }
                false
            }
        },
        (Some(_), Some(draft)) => {
            let created = draft.created_at.map(|at| at.0);
            let older = !message && created.zip(known.draft_created).is_some_and(|(new, old)| new < old);
            if older {
                return Err(Intake::Older);
            }
            true
        }
    };
    Ok(News { message, draft })
}

/// What consent and ownership leave of an item (P5, P7).
struct Effective {
    draft: DraftState,
    assigned: Option<String>,
    reading: Option<Reading>,
    asks_person: bool,
    /// The line to keep, where it must not be kept as it came.
    line: Option<String>,
}

fn effective(w: &Write<'_>, item: &Item, line: &str, asked_before: bool) -> rusqlite::Result<Effective> {
    let conversation = item.conversation.id.as_str();
    if item.conversation.owner == Owner::Person {
        w.tx.prepare_cached("INSERT INTO conversation VALUES (?, '', ?) ON CONFLICT (id) DO NOTHING")?
            .execute((conversation, w.now.0))?;
    }
    let owner: Option<String> =
        w.tx.prepare_cached("SELECT owner FROM conversation WHERE id = ?")?
            .query_row([conversation], |r| r.get(0))
            .optional()?;
    let allowed = w.policy.allows_ai(people::hear(w, item)?);
    let opinions = readings::opinions(&w.tx, item, allowed)?;
    let draft = match (allowed, &owner, &item.draft) {
        (false, ..) => DraftState::NoConsent,
        (true, Some(_), Some(_)) => DraftState::Silenced,
        (true, None, Some(_)) => DraftState::Ready,
        (true, _, None) => DraftState::Absent,
    };
    let line = if allowed { None } else { Some(without_ai(line)?) };
    // The rules have not heard yet what a customer without consent says now; until then what they heard before holds.
    let asks_person = if allowed { opinions.ask_for_person(&item.conversation) } else { asked_before };
    Ok(Effective {
        draft,
        assigned: owner.filter(|o| !o.is_empty()),
        reading: opinions.readings.last().map(Reading::in_short),
        asks_person,
        line,
    })
}

/// The line without what an AI wrote about or for this customer.
pub fn without_ai(line: &str) -> rusqlite::Result<String> {
    let mut value: serde_json::Map<String, serde_json::Value> = column::from_json(line)?;
    for key in ["draft", "emotion"] {
        if let Some(slot) = value.get_mut(key) {
            *slot = serde_json::Value::Null;
        }
    }
    column::json(&value)
}

/// The columns both an insert and an update set.
struct Columns {
    effective: Effective,
    rank: Rank,
    why: String,
    until: Stamp,
    preview: String,
    seen: Seen,
}

fn columns(
    w: &Write<'_>,
    item: &Item,
    line: &str,
    arrived: Stamp,
    asked_before: bool,
) -> rusqlite::Result<Columns> {
    let effective = effective(w, item, line, asked_before)?;
    let (reading, asks_person) = (effective.reading.as_ref(), effective.asks_person);
    let (rank, why, until) = Need::of(item, reading, asks_person, arrived, w.policy).rank(w.now);
    let preview = item
        .conversation
        .subject
        .as_deref()
        .or_else(|| item.conversation.last_customer_message().map(|m| m.text.as_str()))
        .unwrap_or_default();
    // A row's preview is one line: breaks become spaces here, the rest is made safe where it is shown.
    let preview =
        preview.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(PREVIEW_CHARS).collect();
    let seen = Seen::of(item).ok_or(rusqlite::Error::InvalidQuery)?;
    Ok(Columns { effective, rank, why: column::json(&why)?, until, preview, seen })
}

const SET: &str = "
  conversation = :conversation, customer = :customer, customer_name = :customer_name, preview = :preview,
  topics = :topics, channel = :channel, language = :language, digest = :digest, messages = :messages,
  last_message = :last_message, recipients = :recipients, unanswered = :unanswered, draft_id = :draft_id,
  draft_version = :draft_version, draft_digest = :draft_digest, draft_created = :draft_created, draft = :draft,
  risk = :risk, second = :second, reading = :reading, asks_person = :asks_person, read_by = '', arrived = :arrived, state = :state,
  assigned = coalesce(:assigned, assigned), class = :class, calm = :calm, due = :due,
  reverse_priority = :reverse_priority, since = :since, why = :why, rank_until = :rank_until, listed = :listed,
  revision = :revision";

fn write_columns(
    w: &Write<'_>,
    sql: &str,
    item: &Item,
    columns: &Columns,
    came: &[u8; 32],
    (state, arrived, listed, revision): (State, Stamp, bool, u64),
) -> rusqlite::Result<()> {
    let draft = item.draft.as_ref();
    let conversation = &item.conversation;
    let Columns { effective, rank, why, until, preview, seen } = columns;
    let reading = effective.reading.as_ref().map(column::json).transpose()?;
    w.tx.prepare_cached(sql)?
        .execute(named_params! {
            ":id": item.id.as_str(),
            ":conversation": conversation.id.as_str(),
            ":customer": item.customer_id().as_str(),
            ":customer_name": conversation.customer.as_ref().and_then(|c| c.name.as_deref()),
            ":preview": preview,
            ":topics": item.topics.join(" "),
            ":channel": conversation.channel.as_str(),
            ":language": conversation.language.as_deref(),
            ":digest": &came[..],
            ":messages": conversation.messages.len(),
            ":last_message": seen.last_message.as_str(),
            ":recipients": seen.recipients,
            ":unanswered": conversation.unanswered(),
            ":draft_id": draft.map(|d| d.id.as_str()),
            ":draft_version": draft.map(|d| d.version),
            ":draft_digest": draft.map(|d| digest(&d.text).to_vec()),
            ":draft_created": draft.and_then(|d| d.created_at).map(|at| at.0),
            ":draft": column::word(&effective.draft)?,
            ":risk": w.policy.risk(item).as_str(),
            ":second": w.policy.needs_second(item),
            ":reading": reading,
            ":asks_person": effective.asks_person,
            ":arrived": arrived.0,
            ":state": state.as_str(),
            ":assigned": effective.assigned,
            ":class": rank.class as i64,
            ":calm": rank.calm_milli,
            ":due": rank.due.0,
            ":reverse_priority": rank.reverse_priority,
            ":since": rank.since.0,
            ":why": why,
            ":rank_until": until.0,
            ":listed": listed,
            ":revision": revision,
        })
        .map(drop)
}

fn insert(
    w: &Write<'_>,
    item: &Item,
    arrival: &Arrival,
    came: &[u8; 32],
    revision: u64,
) -> rusqlite::Result<i64> {
    // Written out once: SQLite caches the statement by its text.
    const SQL: &str = "INSERT INTO item (id, conversation, customer, customer_name, preview, topics, channel,
        language, digest, messages, last_message, recipients, unanswered, draft_id, draft_version, draft_digest,
        draft_created, draft, risk, second, reading, asks_person, arrived, state, assigned, class, calm, due, reverse_priority,
        since, why, rank_until, listed, revision)
      VALUES (:id, :conversation, :customer, :customer_name, :preview, :topics, :channel, :language, :digest,
        :messages, :last_message, :recipients, :unanswered, :draft_id, :draft_version, :draft_digest,
        :draft_created, :draft, :risk, :second, :reading, :asks_person, :arrived, :state, :assigned, :class, :calm, :due,
        :reverse_priority, :since, :why, :rank_until, :listed, :revision)";
    let columns = columns(w, item, &arrival.line, w.now, false)?;
    write_columns(w, SQL, item, &columns, came, (State::Open, w.now, true, revision))?;
    let n = w.tx.last_insert_rowid();
    let line = columns.effective.line.as_deref().unwrap_or(&arrival.line);
    w.tx.prepare_cached("INSERT INTO body VALUES (?, ?)")?.execute((n, line))?;
    Ok(n)
}

#[expect(clippy::too_many_arguments, reason = "each is a fact the caller has just decided")]
fn update(
    w: &mut Write<'_>,
    item: &Item,
    arrival: &Arrival,
    came: &[u8; 32],
    known: &Known,
    state: State,
    next_round: bool,
    new_message: bool,
    revision: u64,
) -> rusqlite::Result<()> {
    // In a new round and with a new message the customer's waiting counts from now.
    let arrived = if next_round { w.now } else { known.arrived };
    let columns = columns(w, item, &arrival.line, arrived, known.asks_person)?;
    let sql = format!("UPDATE item SET {SET} WHERE id = :id");
    let listed = matches!(state, State::Open | State::Second);
    write_columns(w, &sql, item, &columns, came, (state, arrived, listed, revision))?;
    let line = columns.effective.line.as_deref().unwrap_or(&arrival.line);
    w.tx.prepare_cached("INSERT INTO body VALUES (?, ?) ON CONFLICT (n) DO UPDATE SET line = excluded.line")?
        .execute((known.n, line))?;
    if state == State::Open {
        // A verdict may stand on this very draft (the customer has had it), or it was sent back.
        draft::count(w, &Which::Item(known.n))?;
    }
    if next_round {
        w.tx.execute(
            "UPDATE item SET round = round + 1, closed = NULL, holder = NULL, holder_session = NULL,
                    holder_until = NULL WHERE n = ?",
            [known.n],
        )?;
    }
    if new_message {
        w.tx.execute("UPDATE item SET snoozed_until = NULL WHERE n = ?", [known.n])?;
    } else {
        // A snooze stands while nothing new was said.
        w.tx.execute(
            "UPDATE item SET listed = 0, rank_until = snoozed_until WHERE n = ? AND snoozed_until IS NOT NULL",
            [known.n],
        )?;
    }
    Ok(())
}

/// One open item per conversation: a newer one closes the others.
fn close_others(w: &Write<'_>, item: &Item, n: i64, revision: u64) -> rusqlite::Result<()> {
    let others: Vec<i64> =
        w.tx.prepare_cached("SELECT n FROM item WHERE conversation = ? AND n <> ? AND state = 'second'")?
            .query_map((item.conversation.id.as_str(), n), |r| r.get(0))?
            .collect::<rusqlite::Result<_>>()?;
    for other in others {
        drop_first_of_two(w, other)?;
    }
    w.tx.prepare_cached(
        "UPDATE item SET state = 'closed', closed = 'newer_item', listed = 0, holder = NULL,
                holder_session = NULL, holder_until = NULL, revision = ?3
         WHERE conversation = ?1 AND n <> ?2 AND state IN ('open', 'second')",
    )?
    .execute((item.conversation.id.as_str(), n, revision))
    .map(drop)
}

/// The first of two verdicts falls when what it was about has changed.
fn drop_first_of_two(w: &Write<'_>, n: i64) -> rusqlite::Result<()> {
    let first: Option<String> =
        w.tx.query_row(
            "UPDATE decision SET standing = 0 WHERE item = ? AND standing = 2 RETURNING id",
            [n],
            |r| r.get(0),
        )
        .optional()?;
    let Some(first) = first else { return Ok(()) };
    let decision: DecisionId = column::parsed(&first)?;
    w.fact(&FactBody::Outcome { decision, what: Outcome::Undone, reason: Some("superseded".to_owned()) })
}

/// Rows whose rank is counted anew in one call.
const REFRESH_ROWS: usize = 2_000;

/// How long a request's answer is kept for a retry.
const REQUESTS_KEPT: Span = Span::hours(7 * 24);

/// What the rank of a stored item depends on.
struct Stale {
    n: i64,
    need: Need,
    class: i64,
    snoozed_until: Option<i64>,
}

/// Counts ranks anew where time alone has changed them, and wakes snoozed items. The moment of the next change.
pub fn refresh_ranks(w: &mut Write<'_>) -> rusqlite::Result<Option<Stamp>> {
    let stale: Vec<Stale> =
        w.tx.prepare_cached(
            "SELECT n, arrived, since, due, channel, calm, class, reverse_priority, snoozed_until FROM item
             WHERE state IN ('open', 'second') AND rank_until <= ?1 ORDER BY rank_until LIMIT ?2",
        )?
        .query_map((w.now.0, REFRESH_ROWS), |r| {
            let channel: Channel = column::from_word(r.get_ref(4)?.as_str()?)?;
            let class: i64 = r.get(6)?;
            let need = Need {
                arrived: Stamp(r.get(1)?),
                since: Stamp(r.get(2)?),
                due: Stamp(r.get(3)?),
                step: w.policy.due_after(channel),
                heat_milli: 1_000_u16.saturating_sub(r.get(5)?),
                asks_person: class == Class::AsksPerson as i64,
                priority: r.get::<_, i32>(7)?.saturating_neg(),
            };
            Ok(Stale { n: r.get(0)?, need, class, snoozed_until: r.get(8)? })
        })?
        .collect::<rusqlite::Result<_>>()?;
    for Stale { n, need, class, snoozed_until } in &stale {
        let (rank, why, until) = need.rank(w.now);
        let asleep = snoozed_until.is_some_and(|until| until > w.now.0);
        if rank.class as i64 == *class && snoozed_until.is_none() {
            // Nothing that a list shows has moved: no revision, no redraw.
            w.tx.prepare_cached("UPDATE item SET rank_until = ?2, why = ?3 WHERE n = ?1")?.execute((
                n,
                until.0,
                column::json(&why)?,
            ))?;
            continue;
        }
        let revision = w.revision()?;
        write_rank(w, *n, &rank, &why, until, !asleep, revision)?;
    }
    // Nobody repeats a request after so long.
    w.tx.prepare_cached("DELETE FROM request WHERE at < ?")?.execute([w.now.minus(REQUESTS_KEPT).0])?;
    w.tx.prepare_cached("SELECT min(rank_until) FROM item WHERE state IN ('open', 'second')")?
        .query_row((), |r| Ok(r.get::<_, Option<i64>>(0)?.filter(|at| *at < i64::MAX).map(Stamp)))
}

/// Writes the rank of item `n` anew from its text; `awake` also ends its snooze.
pub fn rerank(
    w: &Write<'_>,
    n: i64,
    item: &Item,
    arrived: Stamp,
    awake: bool,
    revision: u64,
) -> rusqlite::Result<()> {
    let (reading, asks_person): (Option<String>, bool) =
        w.tx.prepare_cached("SELECT reading, asks_person FROM item WHERE n = ?")?
            .query_row([n], |r| Ok((r.get(0)?, r.get(1)?)))?;
    let reading: Option<Reading> = reading.as_deref().map(column::from_json).transpose()?;
    let (rank, why, until) = Need::of(item, reading.as_ref(), asks_person, arrived, w.policy).rank(w.now);
    write_rank(w, n, &rank, &why, until, awake, revision)
}

fn write_rank(
    w: &Write<'_>,
    n: i64,
    rank: &Rank,
    why: &Why,
    until: Stamp,
    awake: bool,
    revision: u64,
) -> rusqlite::Result<()> {
    w.tx.prepare_cached(
        "UPDATE item SET class = ?2, calm = ?3, due = ?4, reverse_priority = ?5, since = ?6, why = ?7,
                rank_until = CASE WHEN ?8 THEN ?9 ELSE snoozed_until END,
                listed = ?8, snoozed_until = CASE WHEN ?8 THEN NULL ELSE snoozed_until END, revision = ?10
         WHERE n = ?1",
    )?
    .execute((
        n,
        rank.class as i64,
        rank.calm_milli,
        rank.due.0,
        rank.reverse_priority,
        rank.since.0,
        column::json(why)?,
        awake,
        until.0,
        revision,
    ))
    .map(drop)
}
