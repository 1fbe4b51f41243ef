//! The four stages of care for this customer: recognised, understood, manage, connect.
//!
//! ```text
//!  CARE ───────────────────────────────────────────────
//!  1 recognised  anger 0.83  ▇▇▇▇  rising ▂▂▅▇
//!                “third time”  “nobody answers”
//!  2 understood  asks for a person · billing
//!  4 connect     signs as anna, written with AI
//! ```

use super::super::model::Model;
use super::super::theme::Role;
use super::conversation::{Drawing, contacts};
use super::flow::{Flow, FlowRow, Part};
use super::layout::Layout;
use super::words;
use crate::review::{Consent, DraftState, OpenItem, Owner, Reading, ReadingSource, ReplyState, Risk};
use crate::visible;
use ratatui::layout::Rect;

/// Cells of the stage's name.
const LABEL: u16 = 14;
/// Emotions of the past shown as a row of bars.
const TREND: usize = 6;
/// Heat in eight steps.
const STEPS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Rows the pane needs, its rule included.
pub(super) fn height(model: &Model, width: u16, layout: Layout) -> u16 {
    let open = model.looking.as_ref().and_then(|l| l.open.as_deref());
    let rows = open.map_or(3, |o| lay_out(model, o, width.saturating_sub(2), layout).rows.len());
    u16::try_from(rows + 1 + usize::from(layout != Layout::Folded)).unwrap_or(u16::MAX)
}

/// Draws the pane.
pub(super) fn care(d: &mut Drawing<'_, '_>, area: Rect, layout: Layout) {
    let inner = Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(1),
    };
    d.canvas.rule(area.x, area.right(), area.y);
    d.canvas.title(area, "CARE", &[]);
    lay_out(d.model, d.open, inner.width, layout).draw(d.canvas, inner, 0);
}

fn lay_out(model: &Model, open: &OpenItem, width: u16, layout: Layout) -> Flow {
    let mut flow = Flow::default();
    // Where room is short the stages stand without their names.
    let named = layout != Layout::Folded && width >= 40;
    let mut stage = |number: &str, name: &str, lines: Vec<Vec<Part>>| {
        let label = if named { LABEL } else { 0 };
        for (n, line) in lines.into_iter().enumerate() {
            for (k, parts) in wrapped(&line, width.saturating_sub(label)).into_iter().enumerate() {
                let mut row = FlowRow::of_parts(parts);
                if named && n == 0 && k == 0 {
                    let name = format!("{number} {name}");
                    row.parts.insert(0, Part::new(format!("{name:<14}"), Role::Quiet));
                } else {
                    row.indent = label;
                }
                flow.rows.push(row);
            }
        }
    };
    let mut first = recognised(open);
    if layout == Layout::Folded {
        // The words stand marked in the message beside it.
        first.truncate(1);
    }
    stage("1", "recognised", first);
    let understood = understood(open);
    if !understood.is_empty() {
        stage("2", "understood", vec![understood]);
    }
    let manage = manage(open);
    if !manage.is_empty() {
        stage("3", "manage", vec![manage]);
    }
    stage("4", "connect", vec![connect(model, open)]);
    flow
}

/// What the customer feels, how sure that is, and the words that say so.
fn recognised(open: &OpenItem) -> Vec<Vec<Part>> {
    if open.row.draft == DraftState::NoConsent {
        return vec![vec![Part::new("not read: this customer does not want AI", Role::Quiet)]];
    }
    let Some(reading) = open.reading() else {
        return vec![vec![Part::new("not read yet", Role::Quiet)]];
    };
    let role = Role::of_emotion(reading.emotion);
    let mut line = Vec::new();
    if reading.unsure {
        line.push(Part::new("unsure", Role::Warn));
        line.push(Part::new(format!(": {}? ", reading.emotion), Role::Quiet));
    } else {
        line.push(Part::new(reading.emotion.as_str(), role));
        line.push(Part::new(" ", Role::Text));
    }
    match reading.source {
        ReadingSource::Person => line.push(Part::new("corrected by a person  ", Role::Quiet)),
        _ => line.push(Part::new(format!("{}  ", confidence(reading)), Role::Text)),
    }
    line.extend(bar(reading, role));
    line.extend(trend(open, role));
    let mut lines = vec![line];
    let quotes = quotes(open, reading);
    if !quotes.is_empty() {
        lines.push(vec![Part::new(quotes, role)]);
    }
    lines
}

fn confidence(reading: &Reading) -> String {
    format!("{}.{:02}", reading.confidence_milli / 1_000, reading.confidence_milli % 1_000 / 10)
}

/// Intensity in four steps.
pub(super) fn bar(reading: &Reading, role: Role) -> [Part; 2] {
    let steps = usize::from(reading.steps());
    [Part::new("▇".repeat(steps), role), Part::new("▁".repeat(4 - steps), Role::Faint)]
}

/// How the feeling has gone through the conversation, in a word and a row of bars.
fn trend(open: &OpenItem, role: Role) -> Vec<Part> {
    let heat =
        |r: &Reading| if r.emotion.is_negative() && !r.unsure { r.intensity_milli.min(1_000) } else { 0 };
    let from = open.readings.len().saturating_sub(TREND);
    let past: Vec<u16> = open.readings[from..].iter().map(heat).collect();
    let (Some(first), Some(last)) = (past.first(), past.last()) else { return Vec::new() };
    if past.len() < 2 || past.iter().all(|h| *h == 0) {
        return Vec::new();
    }
    let word = if *last >= first.saturating_add(150) {
        "rising"
    } else if last.saturating_add(150) <= *first {
        "easing"
    } else {
        "steady"
    };
    let bars: String = past.iter().map(|h| STEPS[usize::from(*h).min(999) / 125]).collect();
    vec![Part::new(format!("  {word} "), Role::Quiet), Part::new(bars, role)]
}

/// The strongest words, as the customer wrote them.
fn quotes(open: &OpenItem, reading: &Reading) -> String {
    let message = open.item.conversation.messages.iter().find(|m| m.id == reading.message);
    let Some(message) = message else { return String::new() };
    let mut strongest: Vec<_> = reading.evidence.iter().filter(|e| e.weight_milli >= 0).collect();
    strongest.sort_by_key(|e| std::cmp::Reverse(e.weight_milli));
    let quoted = strongest.iter().filter_map(|e| message.text.get(e.start..e.end)).take(4);
    quoted
        .map(|words| format!("“{}”", visible::clip(&visible::line(words), 28)))
        .collect::<Vec<_>>()
        .join("  ")
}

/// What lies behind it, as far as the item says.
fn understood(open: &OpenItem) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut push = |text: String, role: Role| {
        if !parts.is_empty() {
            parts.push(Part::new(" · ", Role::Faint));
        }
        parts.push(Part::new(text, role));
    };
    if open.reading().is_some_and(|r| r.asks_person) {
        push("asks for a person".to_owned(), Role::AskPerson);
    }
    if open.row.risk == Risk::High {
        push("high risk".to_owned(), Role::Danger);
    }
    for topic in &open.item.topics {
        push(visible::line(topic).replace('_', " "), Role::Text);
    }
    if open.row.unanswered > 1 {
        push(format!("{} messages unanswered", open.row.unanswered), Role::Warn);
    } else if let Some(contact) = words::contact(contacts(open)) {
        push(contact, Role::Quiet);
    }
    parts
}

/// Advice for this customer. Until the stage exists: what the model gave as its reason.
fn manage(open: &OpenItem) -> Vec<Part> {
    let draft = open.item.draft.as_ref().filter(|_| open.owner == Owner::Ai);
    let reason = draft.and_then(|d| d.rationale.as_deref());
    reason
        .map(|r| {
            vec![
                Part::new("the AI says: ", Role::Quiet),
                Part::new(visible::line(r).into_owned(), Role::Text),
            ]
        })
        .unwrap_or_default()
}

/// Who answers, how that is told, and how the customer likes to be written to.
fn connect(model: &Model, open: &OpenItem) -> Vec<Part> {
    let agent = visible::line(&model.setup.agent).into_owned();
    let ai = open.item.draft.is_some() && open.owner == Owner::Ai;
    let made = if ai { "AI-assisted" } else { "written by a person" };
    let mut parts = vec![Part::new(format!("signs as {agent}, {made}"), Role::Quiet)];
    let customer = open.item.conversation.customer.as_ref();
    if customer.is_some_and(|c| c.ai_consent == Consent::No) {
        parts.push(Part::new(" · the customer said no to AI", Role::Warn));
    }
    let said = open.past.iter().filter(|p| p.state == ReplyState::Sent).count();
    if said > 0 {
        let text = format!(" · {} before", words::count(said, "answer", "answers"));
        parts.push(Part::new(text, Role::Quiet));
    }
    if let Some(wish) = customer.and_then(|c| c.preferences.as_deref()) {
        parts.push(Part::new(format!(" · {}", visible::line(wish)), Role::Text));
    }
    parts
}

/// Parts broken into rows at words.
pub(super) fn wrapped(parts: &[Part], cells: u16) -> Vec<Vec<Part>> {
    let text: String = parts.iter().map(|p| p.text.as_str()).collect();
    let mut rows = Vec::new();
    for line in visible::wrap(&text, usize::from(cells.max(1))) {
        let mut row = Vec::new();
        let mut at = 0;
        for part in parts {
            let end = at + part.text.len();
            let (from, to) = (line.range.start.max(at), line.range.end.min(end));
            if from < to {
                row.push(Part { text: text[from..to].to_owned(), ..part.clone() });
            }
            at = end;
        }
        rows.push(row);
    }
    rows
}
