//! `list` and `show`

use super::{Done, Failure, desk, print_json, wait};
use crate::config::Config;
use crate::desk::DeskError;
use crate::queue::{ListQuery, Scope};
use crate::review::{
    DraftState, Emotion, ItemId, OpenItem, Owner, Reading, ReadingSource, Row, Sender, Stamp, State, Why,
};
use crate::visible;
use std::fmt::Write as _;
use std::io::Write as _;

pub fn list(config: &Config, words: &str, all: bool, limit: usize, json: bool) -> Done {
    let desk = desk(config)?;
    let scope = if all { Scope::All } else { Scope::Waiting };
    let rows = wait(async {
        desk.count_ranks().await?;
        Ok::<_, DeskError>(
            desk.queue().list(ListQuery { filter: words.to_owned(), after: None, limit, scope }).await?,
        )
    })??;
    if json {
        return rows.iter().try_for_each(print_json);
    }
    if rows.is_empty() {
        let hint = if words.is_empty() {
            "nothing is waiting; `countersign import FILE` brings items in"
        } else {
            "nothing matches"
        };
        writeln!(std::io::stdout(), "{hint}")?;
        return Ok(());
    }
    let now = desk.now();
    let mut out = std::io::stdout().lock();
    for row in &rows {
        writeln!(out, "{}", line(row, now))?;
    }
    Ok(())
}

/// Text of a fixed width in cells.
fn cell(text: &str, width: usize) -> String {
    let clipped = visible::clip(text, width).into_owned();
    let pad = width.saturating_sub(visible::width(&clipped));
    format!("{clipped}{:pad$}", "")
}

fn line(row: &Row, now: Stamp) -> String {
    let who = visible::line(row.customer.as_deref().unwrap_or("-"));
    let emotion = row.reading.as_ref().map_or("-".to_owned(), Reading::in_a_word);
    let text = format!(
        "{} {} {} {:>4}  {}  {}",
        cell(row.id.as_str(), 20),
        cell(&who, 18),
        cell(&emotion, 23),
        now.since(row.rank.since).to_string(),
        cell(&standing(row, now), 24),
        cell(&visible::line(&row.preview), 60),
    );
    text.trim_end().to_owned()
}

/// Why a row stands where it stands, in a few words.
pub fn standing(row: &Row, now: Stamp) -> String {
    if let Some(holder) = &row.holder {
        return format!("{} has it", visible::line(&holder.agent));
    }
    if let Some(agent) = row.assigned.as_deref().filter(|_| row.state == State::Open) {
        return format!("for {}", visible::line(agent));
    }
    match (row.state, row.draft, row.why) {
        (State::Decided, ..) => "decided".to_owned(),
        (State::Closed, ..) => "closed".to_owned(),
        (State::Second, ..) => "needs a second agent".to_owned(),
        (_, DraftState::NoConsent, _) => "no AI: write yourself".to_owned(),
        (_, DraftState::Drafting, _) => "sent back to the AI".to_owned(),
        (_, _, Why::AsksPerson) => "asks for a person".to_owned(),
        (_, _, Why::Overdue(at)) => format!("overdue {}", now.since(at)),
        (_, _, Why::Due(at)) => format!("due in {}", at.since(now)),
        (_, _, Why::Waited(at)) => format!("waits {}", now.since(at)),
        (_, _, Why::Emotion) => "needs care".to_owned(),
        (_, _, Why::Priority) => "priority".to_owned(),
    }
}

pub fn show(config: &Config, item: &str, json: bool) -> Done {
    let id: ItemId = item.parse().map_err(|e| Failure::usage(format!("ITEM: {e}")))?;
    let desk = desk(config)?;
    let open = wait(desk.open_item(id.clone()))??.ok_or_else(|| no_such_item(&id))?;
    if json {
        let mut value = serde_json::to_value(&open).map_err(|e| Failure::usage(e.to_string()))?;
        if let Some(seen) = open.seen() {
            value["seen"] = seen.token().into();
        }
        return print_json(&value);
    }
    std::io::stdout().write_all(page(&open, desk.now()).as_bytes())?;
    Ok(())
}

/// The error for an item that is not there.
pub fn no_such_item(id: &ItemId) -> Failure {
    Failure::usage(format!(
        "{id}: there is no such item, or its text is gone; `countersign list --all` shows all"
    ))
}

fn indented(page: &mut String, text: &str) {
    let shown = visible::text(text);
    for line in shown.as_str().lines() {
        let _ = writeln!(page, "    {line}");
    }
}

fn page(open: &OpenItem, now: Stamp) -> String {
    let mut page = String::new();
    let conversation = &open.item.conversation;
    let shown = |text: &str| visible::line(text).into_owned();
    let _ = writeln!(
        page,
        "{}  {}  {}  {}",
        open.item.id,
        shown(open.row.customer.as_deref().unwrap_or("-")),
        conversation.channel,
        standing(&open.row, now)
    );
    if let Some(subject) = &conversation.subject {
        let _ = writeln!(page, "subject: {}", shown(subject));
    }
    let _ = writeln!(page, "to: {}", shown(&conversation.recipients().join(", ")));
    for message in &conversation.messages {
        let who = match message.from {
            Sender::Customer => "customer",
            Sender::Agent => "agent",
            Sender::Ai => "AI",
            Sender::System => "system",
        };
        let at = message.at.map(|at| at.to_string()).unwrap_or_default();
        let _ = writeln!(page, "\n{who}  {at}");
        indented(&mut page, &message.text);
        for attachment in &message.attachments {
            let size = attachment.bytes.map(|b| format!(", {b} bytes")).unwrap_or_default();
            let _ = writeln!(page, "    [{}{size}]", shown(&attachment.name));
        }
    }
    for note in &open.notes {
        let _ = writeln!(page, "\nINTERNAL NOTE by {}  {}", shown(&note.by), note.at);
        indented(&mut page, &note.text);
    }
    let _ = writeln!(page, "\nemotion: {}", emotion(open));
    match (&open.item.draft, open.owner, open.row.draft) {
        (Some(draft), ..) => {
            let _ = writeln!(page, "\ndraft {} v{}", draft.id, draft.version);
            indented(&mut page, &draft.text);
            for source in &draft.sources {
                let _ = writeln!(page, "    source: {}", shown(&source.title));
            }
            for check in crate::care::check::checks(&draft.text) {
                let _ = writeln!(page, "{}", shown(&check.to_string()));
            }
        }
        (None, Owner::Person, _) => page.push_str("\nno draft: a person owns this conversation\n"),
        (None, _, DraftState::NoConsent) => page.push_str("\nno draft: the customer does not want AI\n"),
        (None, _, DraftState::Drafting) => page.push_str("\nno draft: sent back to the AI\n"),
        (None, ..) => page.push_str("\nno draft\n"),
    }
    if let Some(silenced) = &open.silenced {
        let _ = writeln!(page, "silenced: AI draft {} v{} is kept aside", silenced.id, silenced.version);
    }
    page
}

fn emotion(open: &OpenItem) -> String {
    let Some(reading) = open.reading() else { return "not read yet".to_owned() };
    let source = match reading.source {
        ReadingSource::Item => "brought by the item",
        ReadingSource::Recogniser => "recognised",
        ReadingSource::Person => "corrected by an agent",
    };
    let unsure = if reading.unsure { "unsure, perhaps " } else { "" };
    let intensity = match reading.emotion {
        Emotion::Neutral => String::new(),
        _ => format!(
            ", intensity {}.{:02}",
            reading.intensity_milli / 1_000,
            reading.intensity_milli % 1_000 / 10
        ),
    };
    let second = open
        .second_opinion(&reading.message)
        .map_or(String::new(), |r| format!("; our recogniser says {}", r.emotion));
    let person = if reading.asks_person { "; asks for a person" } else { "" };
    format!("{unsure}{}{intensity} ({source}){second}{person}", reading.emotion)
}
