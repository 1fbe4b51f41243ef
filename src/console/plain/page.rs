//! An item, the queue, a choice: each as lines of text.
//!
//! Knows the model and what is printed on, nothing else. Invariant: of an item everything is printed that a verdict on
//! it depends on: recipients, every message nobody has answered, the whole draft with its closing lines, its checks.

use super::super::model::{Edit, Fate, Line, Looking, Menu, Model, Slip, SlipState, unanswered};
use super::paper::Paper;
use super::words::spoken;
use crate::care::check::{Check, Level, checks};
use crate::review::{
    Disclosure, DraftState, Message, Note, OpenItem, Owner, PastDecision, ReadingSource, Risk, Row, Sender,
    Span, Stamp, State, Verdict, Why, closing_lines,
};
use crate::visible;

/// Cells for a foreign name in a line of ours.
const NAME: usize = 40;
/// Messages of the AI in a packet.
const SAID: usize = 3;

/// A foreign name in a line of ours: short, so that ours is not lost behind it.
pub(super) fn name(text: &str) -> String {
    visible::clip(&visible::line(text.trim()), NAME).into_owned()
}

/// The customer of a row, or the first words where nobody is named.
pub(super) fn who(row: &Row) -> String {
    let shown = name(row.customer.as_deref().unwrap_or(&row.preview));
    if shown.is_empty() { row.id.to_string() } else { shown }
}

/// Day and time where the agent sits.
pub(super) fn at(stamp: Stamp, model: &Model) -> String {
    let zoned =
        |s: Stamp| jiff::Timestamp::from_millisecond(s.0).ok().map(|t| t.to_zoned(model.setup.zone.clone()));
    match (zoned(stamp), zoned(model.now)) {
        (Some(then), Some(now)) if then.date() == now.date() => then.strftime("%H:%M").to_string(),
        (Some(then), _) => then.strftime("%Y-%m-%d %H:%M").to_string(),
        (None, _) => String::new(),
    }
}

/// Prints an item; `all` with the messages that are answered too.
pub(super) fn item(paper: &mut Paper, model: &Model, looking: &Looking, open: &OpenItem, all: bool) {
    let place = model.list.position(&looking.item).map_or(1, |n| n + 1);
    let loaded = model.list.lines.len();
    let waiting = usize::try_from(model.counts.waiting).unwrap_or(0);
    let count = if model.list.complete { loaded } else { waiting.max(loaded) };
    paper.gap();
    head(paper, model, open, &format!("item {place} of {count}"));
    let messages = &open.item.conversation.messages;
    let news = unanswered(open);
    let first = if all { 0 } else { news.first().copied().unwrap_or(messages.len().saturating_sub(1)) };
    if first > 0 {
        let plural = if first == 1 { "message" } else { "messages" };
        paper.say(&format!("{first} earlier {plural}; `show all` prints them"));
    }
    for message in messages.iter().skip(first) {
        self::message(paper, model, message);
    }
    for note in &open.notes {
        self::note(paper, model, note);
    }
    feeling(paper, open);
    for (command, edit) in model.kept(open) {
        let kind = if edit.base.is_own_words() { ", in your own words" } else { "" };
        let command = spoken(command.name());
        paper.say(&format!("a text of yours is kept for this item{kind}; `{command}` goes on with it"));
    }
    draft(paper, open, &looking.checks);
    if let Some(offered) = looking.offered.as_deref().and_then(|o| o.item.draft.as_ref()) {
        paper.say(&format!("draft version {} has come in; `accept new draft` shows it", offered.version));
    }
}

fn head(paper: &mut Paper, model: &Model, open: &OpenItem, place: &str) {
    let (row, conversation) = (&open.row, &open.item.conversation);
    let customer = conversation.customer.as_ref();
    let mut parts = vec![format!("{place}: {}", open.item.id), who(row), row.channel.to_string()];
    parts.extend(conversation.language.as_deref().map(name));
    parts.extend(customer.and_then(|c| c.tier.as_deref()).map(name));
    parts.push(why(row, model.now));
    if row.risk == Risk::High {
        parts.push("high risk".to_owned());
    }
    if row.state == State::Second {
        parts.push("a second agent must agree".to_owned());
    }
    if let Some(holder) = model.held_by_other(&row.id) {
        parts.push(format!("{} holds it", name(holder)));
    }
    parts.extend(given(model, row));
    paper.say(&parts.join(", "));
    if let Some(subject) = &conversation.subject {
        paper.say(&format!("subject: {}", visible::line(subject)));
    }
    if let Some(wish) = customer.and_then(|c| c.preferences.as_deref()) {
        paper.say(&format!("the customer's wishes: {}", visible::line(wish)));
    }
}

/// One message, with who wrote it.
pub(super) fn message(paper: &mut Paper, model: &Model, message: &Message) {
    let role = match message.from {
        Sender::Customer => "customer",
        Sender::Agent => "agent",
        Sender::Ai => "AI",
        Sender::System => "system",
    };
    let by = message.name.as_deref().map(|n| format!(" {}", name(n))).unwrap_or_default();
    let when = message.at.map(|t| format!(", {}", at(t, model))).unwrap_or_default();
    paper.say(&format!("{role}{by}{when}"));
    paper.quote(&message.text);
    for file in &message.attachments {
        let size = file.bytes.map(|b| format!(", {b} bytes")).unwrap_or_default();
        paper.say(&format!("attached: {}{size}", name(&file.name)));
    }
}

fn note(paper: &mut Paper, model: &Model, note: &Note) {
    paper.say(&format!("internal note by {}, {}; never sent", name(&note.by), at(note.at, model)));
    paper.quote(&note.text);
}

fn feeling(paper: &mut Paper, open: &OpenItem) {
    if open.row.draft == DraftState::NoConsent {
        return paper.say("feeling: not read, this customer does not want AI");
    }
    let Some(reading) = open.reading() else { return paper.say("feeling: not read yet") };
    let unsure = if reading.unsure { "unsure, perhaps " } else { "" };
    let confidence =
        || format!("{}.{:02}", reading.confidence_milli / 1_000, reading.confidence_milli % 1_000 / 10);
    let source = match reading.source {
        ReadingSource::Person => "corrected by a person".to_owned(),
        ReadingSource::Item => format!("brought by the item with confidence {}", confidence()),
        ReadingSource::Recogniser => format!("recognised with confidence {}", confidence()),
    };
    let second = open
        .second_opinion(&reading.message)
        .map_or(String::new(), |r| format!(", our recogniser says {}", r.emotion));
    let person = if reading.asks_person { ", asks for a person" } else { "" };
    let (feeling, steps) = (reading.emotion, reading.steps());
    paper.say(&format!("feeling: {unsure}{feeling}, {source}{second}, intensity {steps} of 4{person}"));
}

/// Who gets the reply, safe to print.
pub(super) fn recipients(open: &OpenItem) -> String {
    let all = open.item.conversation.recipients();
    if all.is_empty() {
        return "the customer".to_owned();
    }
    // Never cut: to whom it goes belongs to what is signed.
    all.iter().map(|r| visible::line(r)).collect::<Vec<_>>().join(", ")
}

fn closing(paper: &mut Paper, open: &OpenItem, verdict: Verdict) {
    paper.say("closes with");
    paper.quote(closing_lines(Disclosure::of(verdict), open.item.conversation.language.as_deref()));
}

/// Prints the draft with its recipients, or why there is none.
pub(super) fn draft(paper: &mut Paper, open: &OpenItem, found: &[Check]) {
    let Some(draft) = open.item.draft.as_ref().filter(|_| open.ai_may_speak()) else {
        let why = match open.row.draft {
            DraftState::NoConsent => "no draft: this customer does not want AI",
            DraftState::Drafting => "no draft: the AI has been asked for another one",
            _ if open.owner == Owner::Person => "no draft: a person answers here, the AI is silent",
            _ => "no draft came with this item",
        };
        return paper.say(&format!("{why}; `reply` writes to {}", recipients(open)));
    };
    paper.say(&format!("draft version {}, to {}", draft.version, recipients(open)));
    paper.quote(&draft.text);
    closing(paper, open, Verdict::Approve);
    if let Some(reason) = &draft.rationale {
        paper.say("the AI's reason");
        paper.quote(reason);
    }
    for source in &draft.sources {
        paper.say(&format!("source: {}", name(&source.title)));
    }
    self::found(paper, found);
}

fn found(paper: &mut Paper, found: &[Check]) {
    for check in found.iter().filter(|c| c.level != Level::Pass) {
        let word = if check.level == Level::Block { "blocks" } else { "look" };
        paper.say(&format!("check {word}: {check}"));
    }
}

/// Prints what would leave, before it is signed.
pub(super) fn written(paper: &mut Paper, open: &OpenItem, edit: &Edit) {
    use super::super::message::Base;
    let text = edit.editor.text();
    let verdict = match &edit.base {
        Base::Draft { text: draft, .. } => Verdict::of_text(draft, &text),
        Base::Reply => Verdict::Reply,
        Base::TakeOver => Verdict::TakeOver,
    };
    if let Base::Draft { text: draft, .. } = &edit.base {
        difference(paper, draft, &text);
    }
    paper.say(&format!("this would leave, to {}", recipients(open)));
    paper.quote(&text);
    closing(paper, open, verdict);
    found(paper, &checks(&text));
}

/// The lines that were taken out and put in, each with its word.
fn difference(paper: &mut Paper, old: &str, new: &str) {
    if old == new {
        return paper.say("nothing was changed: signing approves the draft as it is");
    }
    // A last line without its end would count as another one as soon as a line follows it.
    let (old, new) = (format!("{old}\n"), format!("{new}\n"));
    let diff = similar::TextDiff::from_lines(&old, &new);
    let mut before = similar::ChangeTag::Equal;
    for change in diff.iter_all_changes() {
        let tag = change.tag();
        match tag {
            similar::ChangeTag::Delete if tag != before => paper.say("taken out"),
            similar::ChangeTag::Insert if tag != before => paper.say("put in"),
            _ => {}
        }
        if tag != similar::ChangeTag::Equal {
            paper.quote(change.value().trim_end_matches('\n'));
        }
        before = tag;
    }
}

/// What a take-over needs to know.
pub(super) fn packet(paper: &mut Paper, model: &Model, open: &OpenItem) {
    let messages = &open.item.conversation.messages;
    let said: Vec<&Message> = messages.iter().filter(|m| m.from == Sender::Ai).collect();
    if said.is_empty() {
        paper.say("the AI has said nothing here");
    }
    for message in said.iter().skip(said.len().saturating_sub(SAID)) {
        self::message(paper, model, message);
    }
    let felt: Vec<&str> = open.readings.iter().filter(|r| !r.unsure).map(|r| r.emotion.as_str()).collect();
    if !felt.is_empty() {
        paper.say(&format!("the customer has felt: {}", felt.join(", ")));
    }
}

/// To whom it was given.
fn given(model: &Model, row: &Row) -> Option<String> {
    let agent = row.assigned.as_deref()?;
    Some(model.given_to_other(row).map_or("yours".to_owned(), |_| format!("for {}", name(agent))))
}

/// One line of the queue.
pub(super) fn row(model: &Model, number: usize, line: &Line) -> String {
    let row = &line.row;
    let feeling = match &row.reading {
        Some(reading) => reading.in_a_word(),
        None if row.draft == DraftState::NoConsent => "not read".to_owned(),
        None => "not read yet".to_owned(),
    };
    let stands = match line.fate {
        Fate::Waiting => match model.held_by_other(&row.id) {
            Some(holder) => format!("{} has it", name(holder)),
            None if row.assigned.is_some() => given(model, row).unwrap_or_default(),
            None if row.draft == DraftState::NoConsent => "no AI, write yourself".to_owned(),
            None => why(row, model.now),
        },
        Fate::Decided => "decided".to_owned(),
        Fate::Closed => "closed".to_owned(),
        Fate::Snoozed => "snoozed".to_owned(),
    };
    let here = if model.list.selected().is_some_and(|l| l.row.id == row.id) { ", open here" } else { "" };
    format!("{number} {}, {}, {feeling}, {stands}{here}", row.id, who(row))
}

/// Why a row stands where it stands.
fn why(row: &Row, now: Stamp) -> String {
    match row.why {
        Why::AsksPerson => "asks for a person".to_owned(),
        Why::Overdue(due) => format!("overdue {}", now.since(due)),
        Why::Waited(since) => format!("waits {}", now.since(since)),
        Why::Priority => "priority".to_owned(),
        Why::Emotion => "needs care".to_owned(),
        Why::Due(due) => format!("due in {}", due.since(now)),
    }
}

/// A choice: what is asked, why, and what can be answered.
pub(super) fn menu(paper: &mut Paper, menu: &Menu) {
    paper.say(&menu.title);
    if !menu.reason.is_empty() {
        paper.say(&menu.reason);
    }
    for (number, choice) in menu.matching() {
        let detail = if choice.detail.is_empty() { String::new() } else { format!(", {}", choice.detail) };
        paper.say(&format!("{number} {}{detail}", choice.label));
    }
}

const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "approved",
        Verdict::Edit => "edited",
        Verdict::TakeOver => "taken over",
        Verdict::Reply => "replied",
    }
}

/// Whose reply a slip is, and what was decided.
pub(super) fn slip_name(slip: &Slip) -> String {
    let customer = slip.customer.as_deref().map(name).filter(|n| !n.is_empty());
    format!("{}, {}, {}", slip.item, customer.unwrap_or_else(|| "no name".to_owned()), verdict(slip.verdict))
}

/// How a signed reply stands.
pub(super) fn slip_state(slip: &Slip, now: Stamp) -> String {
    match &slip.state {
        SlipState::Signing => "is being signed".to_owned(),
        SlipState::Held { until } => {
            let left = Span((until.since(now).0 + 999).max(0));
            format!("signed, leaves in {left}; `undo` takes it back")
        }
        SlipState::Second => "signed, waits for another agent".to_owned(),
        SlipState::Undoing => "is being taken back".to_owned(),
        SlipState::Refused { why } => format!("refused: {why}"),
        SlipState::Dead => "could not be sent; `resend` or `give up`".to_owned(),
        SlipState::Unsure => {
            "nobody can tell whether it was sent; `mark sent`, `resend` or `give up`".to_owned()
        }
    }
}

/// One of one's own decisions.
pub(super) fn past(model: &Model, number: usize, past: &PastDecision) -> String {
    let customer = past.customer.as_deref().map(name).unwrap_or_default();
    let (did, state, when) = (verdict(past.verdict), past.state.as_str(), at(past.at, model));
    format!("{number} {}, {customer}, {did}, {state}, {when}", past.item)
}
