//! What was said, oldest first, with the words that drove the emotion marked in place; internal notes in between.
//!
//! ```text
//!  CONVERSATION email · en · third contact ───────────────── ↑ 12 ─
//!  ● Ana Ruiz                                           today 09:01
//!    I am writing for the third time.
//! ```

use super::super::message::{Extent, Shown};
use super::super::model::{Looking, Model, Scroll, unanswered};
use super::super::theme::Role;
use super::canvas::Canvas;
use super::flow::{Cache, Flow, FlowRow, Key, Mark, Part};
use super::layout::Layout;
use super::words;
use crate::care::understand::asking_words;
use crate::review::{Channel, Message, Note, OpenItem, PastDecision, Reading, Sender};
use crate::visible;
use ratatui::layout::Rect;
use std::sync::Arc;

/// What drawing a region of an opened item needs.
pub(super) struct Drawing<'a, 'b> {
    pub(super) model: &'a Model,
    pub(super) looking: &'a Looking,
    pub(super) open: &'a Arc<OpenItem>,
    pub(super) canvas: &'a mut Canvas<'b>,
    pub(super) cache: &'a mut Cache,
    pub(super) shown: &'a mut Shown,
}

/// The text of a region: inside its rule and one column free on each side.
pub(super) fn inner(area: Rect, layout: Layout) -> Rect {
    let air = u16::from(matches!(layout, Layout::Wide | Layout::Narrow));
    Rect {
        x: area.x + 1,
        y: (area.y + 1 + air).min(area.bottom()),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(1 + air),
    }
}

/// Draws the conversation.
pub(super) fn conversation(d: &mut Drawing<'_, '_>, area: Rect, layout: Layout) {
    let open = d.open;
    let conversation = &open.item.conversation;
    let mut about = vec![conversation.channel.as_str().to_owned()];
    about.extend(conversation.language.as_deref().map(|l| visible::line(l).into_owned()));
    about.extend(
        conversation.customer.as_ref().and_then(|c| c.tier.as_deref()).map(|t| visible::line(t).into_owned()),
    );
    about.extend(words::contact(contacts(open)));
    about.extend(conversation.subject.as_deref().map(|s| format!("“{}”", visible::line(s))));
    let inner = inner(area, layout);
    let key = Key {
        region: "conversation",
        width: inner.width,
        extra: i64::from(words::day(d.model.now, &d.model.setup.zone)),
    };
    let (model, width) = (d.model, inner.width);
    let flow = d.cache.get(key, open, || lay_out(model, open, width));
    let top = match d.looking.conversation {
        Scroll::At(line) => line.min(flow.rows.len().saturating_sub(1)),
        Scroll::Auto => start(&flow, open, inner.height),
    };
    let mut extent = flow.draw(d.canvas, inner, top);
    let messages = &conversation.messages;
    let height = usize::from(inner.height);
    for n in unanswered(open) {
        let drawn = flow.drawn(n, top, height, messages[n].text.len());
        if drawn.to > 0 {
            d.shown.news.push((messages[n].id.clone(), drawn));
        }
    }
    extent.unseen = first_unseen(d, &flow);
    d.shown.conversation = extent;
    let word = if layout == Layout::Folded { "CUSTOMER" } else { "CONVERSATION" };
    headline(d.canvas, area, word, &about.join(" · "), extent);
}

/// The headline with what follows it and, at the right, how much lies above and below.
pub(super) fn headline(canvas: &mut Canvas<'_>, area: Rect, word: &str, about: &str, extent: Extent) {
    let below = extent.lines.saturating_sub(extent.top + extent.height);
    let more = match (extent.top, below) {
        (0, 0) => String::new(),
        (0, below) => format!(" ↓ {below} "),
        (above, 0) => format!(" ↑ {above} "),
        (above, below) => format!(" ↑ {above} ↓ {below} "),
    };
    let room = area.width.saturating_sub(u16::try_from(visible::width(&more)).unwrap_or(0) + 2);
    canvas.title(Rect { width: room, ..area }, word, &[(about, Role::Quiet)]);
    canvas.right(area.x, area.right().saturating_sub(1), area.y, &[(&more, Role::Quiet)]);
}

/// How many times the customer has written; the turns of a chat are one contact.
pub(super) fn contacts(open: &OpenItem) -> usize {
    if open.item.conversation.channel == Channel::Chat {
        return 1;
    }
    open.item.conversation.messages.iter().filter(|m| m.from == Sender::Customer).count()
}

/// Where it is best to begin: the first message nobody has answered, and as many whole messages before it as there is
/// room for.
fn start(flow: &Flow, open: &OpenItem, height: u16) -> usize {
    let first = unanswered(open).first().copied();
    let row = first.and_then(|n| flow.rows.iter().position(|r| r.of.as_ref().is_some_and(|(w, _)| *w == n)));
    // The row above holds its name.
    let row = row.map_or(0, |r| r.saturating_sub(1));
    let last = flow.last_top(height);
    let heads = |n: &usize| *n == 0 || flow.rows[*n - 1].parts.is_empty();
    if row <= last { row } else { (last..=row).find(heads).unwrap_or(row) }
}

fn first_unseen(d: &Drawing<'_, '_>, flow: &Flow) -> Option<usize> {
    let messages = &d.open.item.conversation.messages;
    let news = unanswered(d.open);
    let mut viewed = d.looking.viewed.clone();
    viewed.add(d.shown);
    flow.rows.iter().position(|row| {
        row.of.as_ref().is_some_and(|(n, range)| {
            news.contains(n)
                && !range.is_empty()
                && !viewed.messages.get(&messages[*n].id).is_some_and(|s| s.covers(range))
        })
    })
}

fn lay_out(model: &Model, open: &OpenItem, width: u16) -> Flow {
    let mut flow = Flow::default();
    let mut notes = open.notes.iter().peekable();
    let (asks, news) = (super::care::asks_person(open), unanswered(open));
    for (n, message) in open.item.conversation.messages.iter().enumerate() {
        while let Some(note) = notes.next_if(|note| message.at.is_some_and(|at| note.at < at)) {
            self::note(&mut flow, model, note, width);
        }
        let reading = open.readings.iter().find(|r| r.message == message.id);
        let past = open.past.iter().find(|p| message.from == Sender::Ai && Some(p.at) == message.at);
        // The rules that hear a wish for a person run also where nothing may be read (P7).
        let asks = reading.map_or(asks && news.contains(&n), |r| r.asks_person);
        self::message(&mut flow, model, message, n, (open.evident(&message.id), asks), past, width);
    }
    for note in notes {
        self::note(&mut flow, model, note, width);
    }
    flow.rows.pop();
    flow
}

fn message(
    flow: &mut Flow,
    model: &Model,
    message: &Message,
    n: usize,
    (reading, asks): (Option<&Reading>, bool),
    past: Option<&PastDecision>,
    width: u16,
) {
    let name = message.name.as_deref().map(|name| visible::line(name).into_owned());
    let (glyph, mark, who, role) = match message.from {
        Sender::Customer => ("●", Role::Customer, name.unwrap_or_else(|| "customer".to_owned()), Role::Name),
        Sender::Agent => ("○", Role::Agent, name.unwrap_or_else(|| "agent".to_owned()), Role::Agent),
        Sender::Ai => {
            let by = past.map(|p| format!("AI, approved by {}", visible::line(&p.agent)));
            ("◇", Role::Ai, by.or(name).unwrap_or_else(|| "AI".to_owned()), Role::Ai)
        }
        Sender::System => ("·", Role::System, name.unwrap_or_else(|| "system".to_owned()), Role::System),
    };
    let at = message.at.map(|at| words::day_and_clock(at, model.now, &model.setup.zone));
    flow.rows.push(FlowRow {
        parts: vec![Part::new(glyph, mark), Part::new(" ", Role::Text), Part::new(who, role)],
        right: at.map(|at| Part::new(at, Role::Quiet)).into_iter().collect(),
        ..FlowRow::default()
    });
    let marks = evidence(reading, asks, &message.text);
    let role = if message.from == Sender::System { Role::System } else { Role::Text };
    flow.text(&message.text, width, 2, role, &marks, Some(n));
    for file in &message.attachments {
        let size = file.bytes.map(|b| format!(" · {}", bytes(b))).unwrap_or_default();
        let text = format!("▪ {}{size}", visible::line(&file.name));
        let text = visible::clip(&text, usize::from(width.saturating_sub(2))).into_owned();
        flow.rows.push(FlowRow {
            indent: 2,
            parts: vec![Part::new(text, Role::Quiet)],
            ..FlowRow::default()
        });
    }
    flow.gap();
}

/// The words that ask for a person, and those that spoke for the label in its colour; underlined.
fn evidence(reading: Option<&Reading>, asks: bool, text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    if let Some(reading) = reading {
        let role = Role::of_emotion(reading.emotion);
        let spoke = super::care::speaking(reading).filter(|e| text.get(e.start..e.end).is_some());
        marks.extend(spoke.map(|e| (e.start..e.end, role, Some(Role::Evidence))));
    }
    // Behind the feeling's words: where both lie over each other, those show in the wish.
    let wish = asks.then(|| asking_words(text)).flatten();
    marks.extend(wish.map(|range| (range, Role::AskPerson, Some(Role::Evidence))));
    marks
}

fn note(flow: &mut Flow, model: &Model, note: &Note, width: u16) {
    let from = flow.rows.len();
    flow.rows.push(FlowRow {
        parts: vec![
            Part::new("▎ ", Role::Note),
            Part::new("internal note", Role::Note),
            Part::new(format!(" · {}", visible::line(&note.by)), Role::Quiet),
        ],
        right: vec![Part::new(words::day_and_clock(note.at, model.now, &model.setup.zone), Role::Quiet)],
        ..FlowRow::default()
    });
    flow.text(&note.text, width, 2, Role::Note, &[], None);
    for row in &mut flow.rows[from..] {
        row.ground = Some(Role::NoteGround);
    }
    for row in &mut flow.rows[from + 1..] {
        row.indent = 0;
        row.parts.insert(0, Part::new("▎ ", Role::Note));
    }
    flow.gap();
}

/// `47 kB`.
fn bytes(n: u64) -> String {
    match n {
        0..1_000 => format!("{n} B"),
        1_000..1_000_000 => format!("{} kB", n / 1_000),
        _ => format!("{} MB", n / 1_000_000),
    }
}
