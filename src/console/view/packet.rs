//! What a person who takes over must know at once: what the customer wants, what the AI already said and promised,
//! how the customer has felt so far.

use super::super::model::unanswered;
use super::super::theme::Role;
use super::conversation::Drawing;
use super::flow::{Flow, FlowRow, Part};
use super::words;
use crate::review::{Message, OpenItem, Sender};
use crate::visible;
use ratatui::layout::Rect;

/// Answers of the AI that are repeated.
const SAID: usize = 3;

/// Draws the packet in the care pane's place.
pub(super) fn packet(d: &mut Drawing<'_, '_>, area: Rect) {
    let inner = Rect {
        x: area.x + 1,
        y: area.y + 1,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(1),
    };
    d.canvas.rule(area.x, area.right(), area.y);
    d.canvas.title(area, "PACKET", &[("what you need to take over", Role::Quiet)]);
    let mut flow = Flow::default();
    wants(&mut flow, d.open, inner.width);
    said(&mut flow, d, inner.width);
    felt(&mut flow, d.open, inner.width);
    edited(&mut flow, d, inner.width);
    flow.draw(d.canvas, inner, 0);
}

fn head(flow: &mut Flow, text: &str) {
    flow.rows.push(FlowRow::of_parts(vec![Part::new(text, Role::Quiet)]));
}

fn brief(message: &Message, cells: usize) -> String {
    let words: Vec<&str> = message.text.split_whitespace().collect();
    visible::clip(&visible::line(&words.join(" ")), cells).into_owned()
}

fn wants(flow: &mut Flow, open: &OpenItem, width: u16) {
    head(flow, "the customer wants");
    let messages = &open.item.conversation.messages;
    let mut news = unanswered(open);
    if news.is_empty() {
        news.extend(messages.iter().rposition(|m| m.from == Sender::Customer));
    }
    for n in news {
        let text = brief(&messages[n], usize::from(width) * 3);
        flow.text(&text, width, 2, Role::Text, &[], None);
    }
    flow.gap();
}

fn said(flow: &mut Flow, d: &Drawing<'_, '_>, width: u16) {
    let conversation = &d.open.item.conversation;
    let by_ai: Vec<&Message> = conversation.messages.iter().filter(|m| m.from == Sender::Ai).collect();
    head(flow, if by_ai.is_empty() { "the AI has said nothing here" } else { "the AI has said" });
    for message in by_ai.iter().rev().take(SAID) {
        let at = message.at.map(|at| words::day_and_clock(at, d.model.now, &d.model.setup.zone));
        let at = at.map(|at| format!("{at}  ")).unwrap_or_default();
        let text = format!("{at}{}", brief(message, usize::from(width) * 2));
        flow.text(&text, width, 2, Role::Text, &[], None);
    }
    if by_ai.len() > SAID {
        let more = words::count(by_ai.len() - SAID, "earlier answer", "earlier answers");
        flow.rows.push(FlowRow {
            indent: 2,
            parts: vec![Part::new(more, Role::Quiet)],
            ..FlowRow::default()
        });
    }
    flow.gap();
}

/// The agent's own changes to a draft that is silent now: not to be signed any more, but to be read.
fn edited(flow: &mut Flow, d: &Drawing<'_, '_>, width: u16) {
    let Some(edit) = d.model.edit_of(&d.looking.item, false).filter(|_| !d.open.ai_may_speak()) else {
        return;
    };
    flow.gap();
    head(flow, "your edit of the AI's draft, kept");
    flow.text(&edit.text, width, 2, Role::Text, &[], None);
}

fn felt(flow: &mut Flow, open: &OpenItem, width: u16) {
    if open.readings.is_empty() {
        return;
    }
    head(flow, "the customer has felt");
    let mut parts = Vec::new();
    for reading in &open.readings {
        if !parts.is_empty() {
            parts.push(Part::new(" → ", Role::Faint));
        }
        let role = Role::of_emotion(reading.emotion);
        parts.push(Part::new(if reading.unsure { "unsure" } else { reading.emotion.as_str() }, role));
    }
    for row in super::care::wrapped(&parts, width.saturating_sub(2)) {
        flow.rows.push(FlowRow { indent: 2, ..FlowRow::of_parts(row) });
    }
}
