//! The four stages of care for this customer: recognised, understood, manage, connect.
//!
//! ```text
//!  CARE ───────────────────────────────────────────────
//!  1 recognised  anger 0.83  ▇▇▇▇  rising ▂▂▅▇
//!                so the item says · we read frustration 0.61
//!                “third time”  “nobody answers”
//!  2 understood  asks for a person · billing
//!  4 connect     signs as anna, AI-assisted · was told on 12 Nov: “within 5 days”
//! ```

use super::super::command::{Command, Mode};
use super::super::model::Model;
use super::super::theme::Role;
use super::conversation::{Drawing, contacts};
use super::flow::{Cache, Flow, FlowRow, Key, Part};
use super::layout::Layout;
use super::words;
use crate::care::{self, trend::Trend};
use crate::review::{
    Consent, DraftState, Emotion, Evidence, Message, OpenItem, Owner, Reading, ReadingSource, ReplyState,
    Risk, Sender, Why,
};
use crate::visible;
use ratatui::layout::Rect;
use std::sync::Arc;

/// Cells of the stage's name.
const LABEL: u16 = 14;
/// Messages of ours that are searched for a time to wait.
const OURS: usize = 6;
/// Heat in eight steps.
const STEPS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];

/// Rows the pane needs, its rule included.
pub(super) fn height(model: &Model, cache: &mut Cache, width: u16, layout: Layout) -> u16 {
    let open = model.looking.as_ref().and_then(|l| l.open.as_ref());
    let rows = open.map_or(3, |o| laid_out(model, cache, o, width.saturating_sub(2), layout).rows.len());
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
    laid_out(d.model, d.cache, d.open, inner.width, layout).draw(d.canvas, inner, 0);
}

/// The pane's rows, kept: they are found by reading what was said.
fn laid_out(model: &Model, cache: &mut Cache, open: &Arc<OpenItem>, width: u16, layout: Layout) -> Arc<Flow> {
    let extra = i64::from(words::day(model.now, &model.setup.zone)) * 2 + i64::from(layout == Layout::Folded);
    cache.get(Key { region: "care", width, extra }, open, || lay_out(model, open, width, layout))
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
    let mut first = recognised(model, open);
    if layout == Layout::Folded {
        // The words stand marked in the message beside it; that two readings differ stands nowhere else.
        let differ = open
            .reading()
            .is_some_and(|r| r.source == ReadingSource::Item && open.second_opinion(&r.message).is_some());
        first.truncate(1 + usize::from(differ));
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

/// What the customer feels, how sure that is, whose word it is, and the words that say so.
fn recognised(model: &Model, open: &OpenItem) -> Vec<Vec<Part>> {
    if open.row.draft == DraftState::NoConsent {
        let said_no = open.item.conversation.customer.as_ref().is_some_and(|c| c.ai_consent == Consent::No);
        let why = if said_no { "the customer said no to AI" } else { "the customer has not agreed to AI" };
        return vec![vec![Part::new(format!("not read: {why}"), Role::Quiet)]];
    }
    let Some(reading) = open.reading() else {
        return vec![vec![Part::new("not read yet", Role::Quiet)]];
    };
    let role = Role::of_emotion(reading.emotion);
    let mut line = if reading.unsure {
        let key = model.setup.keys.first(Mode::Normal, Command::Correct).unwrap_or_default();
        let why = "  the words do not say enough · ";
        vec![
            Part::new("unsure", Role::Warn),
            Part::new(why, Role::Quiet),
            Part::new(key, Role::Key),
            Part::new(" tells", Role::Quiet),
        ]
    } else {
        let mut line = vec![Part::new(reading.emotion.as_str(), role), Part::new(" ", Role::Text)];
        if reading.source != ReadingSource::Person {
            line.push(Part::new(confidence(reading), Role::Text));
        }
        line.push(Part::new("  ", Role::Text));
        line.extend(bar(reading, role));
        line
    };
    line.extend(trend(open, role));
    let mut lines = vec![line];
    lines.extend(whose(model, open, reading));
    let evident = open.evident(&reading.message).unwrap_or(reading);
    let quotes = quotes(open, evident);
    if !quotes.is_empty() {
        lines.push(vec![Part::new(quotes, Role::of_emotion(evident.emotion))]);
    }
    lines
}

/// Whose word it is, where that is not the recogniser's alone: who corrected it and what was read before, or what the
/// item brought beside what the recogniser reads.
fn whose(model: &Model, open: &OpenItem, reading: &Reading) -> Option<Vec<Part>> {
    let quiet = |text: String| Part::new(text, Role::Quiet);
    let said = |r: &Reading| {
        if r.unsure {
            vec![quiet("unsure".to_owned())]
        } else {
            let emotion = Part::new(r.emotion.as_str(), Role::of_emotion(r.emotion));
            vec![emotion, quiet(format!(" {}", confidence(r)))]
        }
    };
    match reading.source {
        ReadingSource::Person => {
            let by = open.corrected.iter().rfind(|c| c.message == reading.message).map_or_else(
                || "corrected by a person".to_owned(),
                |c| {
                    let at = words::day_and_clock(c.at, model.now, &model.setup.zone);
                    format!("corrected by {}, {at}", visible::line(&c.by))
                },
            );
            let mut line = vec![quiet(by)];
            if let Some(before) =
                open.uncorrected(&reading.message).filter(|r| r.emotion != reading.emotion || r.unsure)
            {
                let who = if before.source == ReadingSource::Item { "came as" } else { "was read as" };
                line.push(quiet(format!(" · {who} ")));
                line.extend(said(before));
            }
            Some(line)
        }
        ReadingSource::Item => {
            let second = open.second_opinion(&reading.message)?;
            let mut line = vec![quiet("so the item says · we read ".to_owned())];
            line.extend(said(second));
            Some(line)
        }
        ReadingSource::Recogniser => None,
    }
}

fn confidence(reading: &Reading) -> String {
    format!("{}.{:02}", reading.confidence_milli / 1_000, reading.confidence_milli % 1_000 / 10)
}

/// Intensity in four steps.
pub(super) fn bar(reading: &Reading, role: Role) -> [Part; 2] {
    // How strong a feeling is that nobody is sure of, nobody knows; and none has no strength.
    let felt = !reading.unsure && reading.emotion != Emotion::Neutral;
    let steps = if felt { usize::from(reading.steps()) } else { 0 };
    [Part::new("▇".repeat(steps), role), Part::new("▁".repeat(4 - steps), Role::Faint)]
}

/// How the feeling has gone through the customer's messages, in a word and a row of bars.
fn trend(open: &OpenItem, role: Role) -> Vec<Part> {
    let Some(Trend { way, heat_milli }) = care::trend::trend(&open.readings) else { return Vec::new() };
    if heat_milli.iter().all(|h| *h == 0) {
        return Vec::new();
    }
    let bars: String = heat_milli.iter().map(|h| STEPS[usize::from(*h).min(999) / 125]).collect();
    vec![Part::new(format!("  {} ", way.as_str()), Role::Quiet), Part::new(bars, role)]
}

/// The strongest words, as the customer wrote them.
fn quotes(open: &OpenItem, reading: &Reading) -> String {
    let message = open.item.conversation.messages.iter().find(|m| m.id == reading.message);
    let Some(message) = message else { return String::new() };
    let mut strongest: Vec<_> = speaking(reading).collect();
    strongest.sort_by_key(|e| std::cmp::Reverse(e.weight_milli));
    let quoted = strongest.iter().filter_map(|e| message.text.get(e.start..e.end)).take(4);
    quoted
        .map(|words| format!("“{}”", visible::clip(&visible::line(words), 28)))
        .collect::<Vec<_>>()
        .join("  ")
}

/// The words that speak for what was read; none where that is unsure, or that nothing is felt.
pub(super) fn speaking(reading: &Reading) -> impl Iterator<Item = &Evidence> {
    let says = !reading.unsure && reading.emotion != Emotion::Neutral;
    reading.evidence.iter().filter(move |e| says && e.weight_milli >= 0 && e.start < e.end)
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
    if asks_person(open) {
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

/// Whether the customer asks for a person, by a reading or by the rules that run for everybody.
pub(super) fn asks_person(open: &OpenItem) -> bool {
    open.row.why == Why::AsksPerson || open.reading().is_some_and(|r| r.asks_person)
}

/// Who answers, how that is told and whether the customer agrees; what they have been told to expect; how they like to
/// be written to.
fn connect(model: &Model, open: &OpenItem) -> Vec<Part> {
    let agent = visible::line(&model.setup.agent).into_owned();
    let customer = open.item.conversation.customer.as_ref();
    let made = match customer.map(|c| c.ai_consent).unwrap_or_default() {
        _ if !open.ai_may_speak() => "written by a person",
        Consent::Yes => "AI-assisted, the customer agreed",
        Consent::No | Consent::Unknown => "AI-assisted",
    };
    let mut parts = vec![Part::new(format!("signs as {agent}, {made}"), Role::Quiet)];
    let said = open.past.iter().filter(|p| p.state == ReplyState::Sent).count();
    if said > 0 {
        let text = format!(" · {} before", words::count(said, "answer", "answers"));
        parts.push(Part::new(text, Role::Quiet));
    }
    if let Some((message, told)) = told_to_wait(open) {
        let at = message.at.map(|at| words::day_and_clock(at, model.now, &model.setup.zone));
        let at = at.map(|at| format!(" {at}")).unwrap_or_default();
        parts.push(Part::new(format!(" · was told{at}: "), Role::Quiet));
        parts.push(Part::new(format!("“{}”", visible::clip(&visible::line(told), 60)), Role::Text));
    }
    if let Some(wish) = customer.and_then(|c| c.preferences.as_deref()) {
        parts.push(Part::new(format!(" · {}", visible::line(wish)), Role::Text));
    }
    parts
}

/// The newest of our own messages that named a time to wait, and its words.
fn told_to_wait(open: &OpenItem) -> Option<(&Message, &str)> {
    let ours = |m: &&Message| matches!(m.from, Sender::Ai | Sender::Agent);
    let messages = open.item.conversation.messages.iter().rev().filter(ours);
    messages.take(OURS).find_map(|m| care::connect::time_named(&m.text).map(|range| (m, &m.text[range])))
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
