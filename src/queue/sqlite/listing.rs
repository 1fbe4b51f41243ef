//! What lists and the opened item show.

use super::{column, readings, settle};
use crate::queue::{Changes, ListQuery, Scope};
use crate::review::{
    Class, CloseReason, Corrected, Counts, Draft, DraftState, Holder, Item, ItemId, Kept, Note, OpenItem,
    Opinions, Owner, Rank, Row, Stamp,
};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use rusqlite::{Connection, OptionalExtension};

/// More changed items than this are answered with `all`.
const MAX_CHANGES: usize = 1_000;

const COLUMNS: &str =
    "item.id, item.conversation, customer_name, preview, channel, language, state, draft, reading,
    risk, class, calm, due, reverse_priority, since, why, holder, holder_session, holder_until, assigned,
    snoozed_until, unanswered, revision, topics";

fn row(r: &rusqlite::Row<'_>, now: Stamp) -> rusqlite::Result<Row> {
    let text = |n: usize| r.get_ref(n)?.as_str().map_err(rusqlite::Error::from);
    let reading: Option<String> = r.get(8)?;
    let until: Option<i64> = r.get(18)?;
    let holder = match (r.get::<_, Option<String>>(16)?, r.get::<_, Option<String>>(17)?, until) {
        (Some(agent), Some(session), Some(until)) if until > now.0 => {
            Some(Holder { agent, session: column::parsed(&session)?, until: Stamp(until) })
        }
        _ => None,
    };
    let class = match r.get::<_, i64>(10)? {
        0 => Class::AsksPerson,
        1 => Class::Overdue,
        2 => Class::Strong,
        3 => Class::Negative,
        _ => Class::Calm,
    };
    Ok(Row {
        id: column::parsed(text(0)?)?,
        conversation: column::parsed(text(1)?)?,
        customer: r.get(2)?,
        preview: r.get(3)?,
        channel: column::from_word(text(4)?)?,
        language: r.get(5)?,
        state: column::from_word(text(6)?)?,
        draft: column::from_word(text(7)?)?,
        reading: reading.as_deref().map(column::from_json).transpose()?,
        risk: column::from_word(text(9)?)?,
        rank: Rank {
            class,
            calm_milli: r.get(11)?,
            due: Stamp(r.get(12)?),
            reverse_priority: r.get(13)?,
            since: Stamp(r.get(14)?),
        },
        why: column::from_json(text(15)?)?,
        holder,
        assigned: r.get(19)?,
        snoozed_until: r.get::<_, Option<i64>>(20)?.map(Stamp),
        unanswered: r.get(21)?,
        revision: r.get(22)?,
    })
}

/// Fuzzy words, all of which must be found.
struct Filter {
    pattern: Pattern,
    matcher: Matcher,
    buffer: Vec<char>,
}

impl Filter {
    fn new(words: &str) -> Self {
        Self {
            pattern: Pattern::parse(words, CaseMatching::Ignore, Normalization::Smart),
            matcher: Matcher::new(Config::DEFAULT),
            buffer: Vec::new(),
        }
    }
    fn finds(&mut self, row: &Row, topics: &str) -> bool {
        let name = row.customer.as_deref().unwrap_or_default();
        let assigned = row.assigned.as_deref().unwrap_or_default();
        let haystack = format!("{name} {} {} {topics} {assigned}", row.id, row.preview);
        let text = Utf32Str::new(&haystack, &mut self.buffer);
        self.pattern.score(text, &mut self.matcher).is_some()
    }
}

pub fn list(db: &Connection, now: Stamp, query: &ListQuery) -> rusqlite::Result<Vec<Row>> {
    let which = match query.scope {
        Scope::Waiting => "listed = 1",
        Scope::Snoozed => "snoozed_until IS NOT NULL AND state IN ('open', 'second')",
        Scope::All => "1",
    };
    let sql = format!(
        "SELECT {COLUMNS} FROM item WHERE {which}
         AND (?1 IS NULL OR (class, calm, due, reverse_priority, since, id) > (?1, ?2, ?3, ?4, ?5, ?6))
         ORDER BY class, calm, due, reverse_priority, since, id"
    );
    // Two statements rather than one with OR: the row comparison must be able to use the index.
    let sql = if query.after.is_some() { sql.replace("?1 IS NULL OR ", "") } else { sql };
    let mut statement = db.prepare_cached(&sql)?;
    let (rank, id) = match &query.after {
        Some((rank, id)) => (Some(rank), id.as_str()),
        None => (None, ""),
    };
    let mut found = statement.query((
        rank.map(|r| r.class as i64),
        rank.map(|r| r.calm_milli),
        rank.map(|r| r.due.0),
        rank.map(|r| r.reverse_priority),
        rank.map(|r| r.since.0),
        id,
    ))?;
    let mut filter = (!query.filter.trim().is_empty()).then(|| Filter::new(&query.filter));
    let mut rows = Vec::new();
    while rows.len() < query.limit {
        let Some(r) = found.next()? else { break };
        let one = row(r, now)?;
        let topics = r.get_ref(23)?.as_str().unwrap_or_default();
        if filter.as_mut().is_none_or(|f| f.finds(&one, topics)) {
            rows.push(one);
        }
    }
    Ok(rows)
}

pub fn rows(db: &Connection, now: Stamp, items: &[ItemId]) -> rusqlite::Result<Vec<Row>> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM item WHERE id = ?"))?;
    items
        .iter()
        .filter_map(|id| statement.query_row([id.as_str()], |r| row(r, now)).optional().transpose())
        .collect()
}

pub fn kept(db: &Connection, after: Option<&ItemId>, limit: usize) -> rusqlite::Result<Vec<Kept>> {
    let mut statement = db.prepare_cached(
        "SELECT line, arrived, reading, closed FROM item JOIN body USING (n) WHERE id > ? ORDER BY id LIMIT ?",
    )?;
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut found = statement.query((after.map_or("", ItemId::as_str), limit))?;
    let mut kept = Vec::new();
    while let Some(r) = found.next()? {
        let reading: Option<String> = r.get(2)?;
        let closed: Option<String> = r.get(3)?;
        kept.push(Kept {
            item: parse(r.get_ref(0)?.as_str()?)?,
            arrived: Stamp(r.get(1)?),
            reading: reading.as_deref().map(column::from_json).transpose()?,
            // The store has reasons of its own besides: a newer item, forgotten.
            closed: closed.and_then(|word| CloseReason::ALL.into_iter().find(|why| why.as_str() == word)),
        });
    }
    Ok(kept)
}

pub fn counts(db: &Connection, now: Stamp) -> rusqlite::Result<Counts> {
    db.prepare_cached(
        "SELECT count(*), coalesce(sum(due <= ?1), 0), min(since) FROM item INDEXED BY item_order WHERE listed = 1",
    )?
    .query_row([now.0], |r| {
        Ok(Counts { waiting: r.get(0)?, overdue: r.get(1)?, oldest: r.get::<_, Option<i64>>(2)?.map(Stamp) })
    })
}

pub fn changes(db: &Connection, since: u64) -> rusqlite::Result<Changes> {
    // SQLite's integers are signed; a revision from the far future asks only for the newest one.
    let since = since.min(i64::MAX.unsigned_abs());
    let revision: u64 = db.query_row("SELECT n FROM revision", (), |r| r.get(0))?;
    if revision == since {
        return Ok(Changes { revision, ..Changes::default() });
    }
    let items: Vec<ItemId> = db
        .prepare_cached("SELECT id FROM item WHERE revision > ? ORDER BY revision LIMIT ?")?
        .query_map((since, MAX_CHANGES + 1), |r| column::parsed(r.get_ref(0)?.as_str()?))?
        .collect::<rusqlite::Result<_>>()?;
    let all = items.len() > MAX_CHANGES;
    Ok(Changes { revision, items: if all { Vec::new() } else { items }, all })
}

/// The item of a stored line.
pub fn parse(line: &str) -> rusqlite::Result<Item> {
    Item::parse(line)
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(0, rusqlite::types::Type::Text, Box::new(e)))
}

/// The item as its line tells it, with what the store has taken away.
pub fn shown_item(db: &Connection, n: i64) -> rusqlite::Result<Option<(Item, Option<Draft>, DraftState)>> {
    let found: Option<(String, String)> = db
        .prepare_cached("SELECT line, draft FROM item JOIN body USING (n) WHERE n = ?")?
        .query_row([n], |r| Ok((r.get(0)?, r.get(1)?)))
        .optional()?;
    let Some((line, draft)) = found else { return Ok(None) };
    let mut item = parse(&line)?;
    let state: DraftState = column::from_word(&draft)?;
    let silenced = match state {
        DraftState::Ready => None,
        DraftState::Silenced => item.draft.take(),
        DraftState::Absent | DraftState::Drafting | DraftState::NoConsent => {
            item.draft = None;
            None
        }
    };
    Ok(Some((item, silenced, state)))
}

pub fn open(db: &Connection, now: Stamp, id: &ItemId) -> rusqlite::Result<Option<OpenItem>> {
    let Some(row) = rows(db, now, std::slice::from_ref(id))?.pop() else { return Ok(None) };
    let (n, fence): (i64, u64) = db
        .prepare_cached("SELECT n, fence FROM item WHERE id = ?")?
        .query_row([id.as_str()], |r| Ok((r.get(0)?, r.get(1)?)))?;
    let Some((item, silenced, draft)) = shown_item(db, n)? else { return Ok(None) };
    let conversation = item.conversation.id.as_str();
    let owned: Option<i64> = db
        .prepare_cached("SELECT 1 FROM conversation WHERE id = ?")?
        .query_row([conversation], |r| r.get(0))
        .optional()?;
    let notes = db
        .prepare_cached("SELECT by, at, text FROM note WHERE conversation = ? ORDER BY n")?
        .query_map([conversation], |r| Ok(Note { by: r.get(0)?, at: Stamp(r.get(1)?), text: r.get(2)? }))?
        .collect::<rusqlite::Result<_>>()?;
    let opinions = readings::opinions(db, &item, draft != DraftState::NoConsent)?;
    let corrected = db
        .prepare_cached("SELECT message, by, at FROM correction WHERE conversation = ?")?
        .query_map([conversation], |r| {
            let message = column::parsed(r.get_ref(0)?.as_str()?)?;
            Ok(Corrected { message, by: r.get(1)?, at: Stamp(r.get(2)?) })
        })?
        .collect::<rusqlite::Result<_>>()?;
    let past = settle::past(db, conversation)?;
    let owner = if owned.is_some() { Owner::Person } else { Owner::Ai };
    let Opinions { readings, seconds: second_opinions } = opinions;
    Ok(Some(OpenItem {
        item,
        row,
        fence,
        owner,
        silenced,
        notes,
        readings,
        second_opinions,
        corrected,
        past,
    }))
}
