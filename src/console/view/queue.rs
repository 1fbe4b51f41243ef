//! The queue: two lines an item, and why it stands where it stands.
//!
//! ```text
//! ▌‼ Мария Ковалёва                 4m
//! ▌  anger           ▇▇▇▇ asks for a …
//! ```

use super::super::command::{Command, Mode};
use super::super::message::{Extent, Pane, Scope, Shown};
use super::super::model::{Fate, Line, Model};
use super::super::theme::Role;
use super::canvas::{Canvas, width_of};
use super::care::bar;
use super::layout::Layout;
use super::words;
use crate::review::{DraftState, Risk, Row, State, Why};
use crate::visible;
use ratatui::layout::Rect;

/// Cells from the emotion's word to its bar.
const BAR: u16 = 15;
/// Cells that are left at least for why a row cannot be taken.
const LEAST_REASON: usize = 11;

/// Draws the queue and says which rows.
pub(super) fn queue(model: &Model, canvas: &mut Canvas<'_>, area: Rect, layout: Layout, shown: &mut Shown) {
    let list = &model.list;
    canvas.title(area, "QUEUE", &[(&place(model), Role::Quiet)]);
    if let Some((news, command)) = newcomers(model) {
        let right = area.right().saturating_sub(1);
        let parts = [(" ", Role::Rule), (news.as_str(), Role::Accent), (" ", Role::Rule)];
        let x = canvas.right(area.x + 8, right, area.y, &parts);
        shown.links.push((super::place(Rect { x, y: area.y, width: right - x, height: 1 }), command));
    }
    let air = u16::from(area.height > 12);
    let inner = Rect { y: area.y + 1 + air, height: area.height.saturating_sub(1 + air), ..area };
    let step = if inner.height >= 24 { 3 } else { 2 };
    let room = usize::from((inner.height + 1) / step).max(1);
    // The list stands still; it moves only as far as the cursor must be on screen.
    let top = list.top.clamp((list.cursor + 1).saturating_sub(room), list.cursor);
    let top = top.min(list.lines.len().saturating_sub(room).max(list.cursor.saturating_sub(room - 1)));
    for (n, line) in list.lines.iter().enumerate().skip(top).take(room) {
        let y = inner.y + u16::try_from(n - top).unwrap_or(0) * step;
        let slot = Rect { y, height: 2.min(inner.bottom().saturating_sub(y)), ..inner };
        item(model, canvas, slot, line, n == list.cursor, layout);
    }
    if list.loaded && list.lines.is_empty() {
        nothing(model, canvas, area);
    }
    shown.list = Extent { top, height: room, lines: list.lines.len(), unseen: None };
    shown.places.push((Pane::Queue, super::place(inner)));
    shown.row_lines = step;
}

/// `3/42`, or what narrows the list down.
fn place(model: &Model) -> String {
    let list = &model.list;
    if list.lines.is_empty() {
        return String::new();
    }
    let all = if list.filter.is_empty() && list.scope == Scope::Waiting {
        usize::try_from(model.counts.waiting).unwrap_or(usize::MAX).max(list.lines.len())
    } else {
        list.lines.len()
    };
    let more = if list.complete || list.filter.is_empty() { "" } else { "+" };
    let place = format!("{}/{all}{more}", list.cursor + 1);
    if list.filter.is_empty() {
        place
    } else {
        format!("{place} · {}", visible::clip(&visible::line(&list.filter), 14))
    }
}

/// `3 new above`, with the key that brings them in, and what that key does.
fn newcomers(model: &Model) -> Option<(String, Command)> {
    let list = &model.list;
    let above = list.new_above();
    let key = |c| model.setup.keys.first(Mode::Normal, c).unwrap_or_default().to_owned();
    if above > 0 {
        Some((format!("{above} new above {}", key(Command::First)), Command::First))
    } else if !list.newcomers.is_empty() {
        Some((format!("{} new {}", list.newcomers.len(), key(Command::Refresh)), Command::Refresh))
    } else {
        None
    }
}

fn item(model: &Model, canvas: &mut Canvas<'_>, slot: Rect, line: &Line, selected: bool, layout: Layout) {
    let row = &line.row;
    if selected {
        canvas.ground(slot, Role::Selection);
        for y in slot.top()..slot.bottom() {
            canvas.put(slot.x, y, slot.right(), "▌", Role::SelectionMark);
        }
    }
    let right = slot.right().saturating_sub(1);
    let (glyph, role) = marker(model, line);
    canvas.put(slot.x + 1, slot.y, right, glyph, role);
    let quiet =
        line.fate != Fate::Waiting || held(model, row).is_some() || model.given_to_other(row).is_some();
    let age = model.now.since(row.rank.since).to_string();
    let late = matches!(row.why, Why::Overdue(_)) && !quiet;
    // Only the marked row is bold: where everything is, nothing is.
    let name_role = match (quiet, selected) {
        (true, _) => Role::Quiet,
        (false, true) => Role::Name,
        (false, false) => Role::Text,
    };
    let end = canvas.right(slot.x + 3, right, slot.y, &[(&age, if late { Role::Warn } else { Role::Quiet })]);
    canvas.put(slot.x + 3, slot.y, end.saturating_sub(1), &name(row), name_role);
    if slot.height < 2 {
        return;
    }
    let y = slot.y + 1;
    let x = slot.x + 3;
    let (word, role) = feeling(row);
    if layout == Layout::Narrow && (quiet || row.assigned.is_some()) {
        // What keeps a row from being taken, or makes it one's own, matters more than its bar.
        let why = if quiet { reason(model, line) } else { "yours".to_owned() };
        let word = visible::clip(word, usize::from(right - x).saturating_sub(LEAST_REASON + 1));
        let x = canvas.put(x, y, right, &word, if quiet { Role::Quiet } else { role });
        let room = usize::from(right.saturating_sub(x + 1));
        canvas.right(x + 1, right, y, &[(&visible::clip(&why, room), Role::Quiet)]);
        return;
    }
    canvas.put(x, y, right, word, role);
    let mut x = x + BAR;
    if let Some(reading) = &row.reading {
        for part in bar(reading, role) {
            x = canvas.put(x, y, right, &part.text, part.role);
        }
    }
    if layout != Layout::Narrow {
        canvas.put(slot.x + 3 + BAR + 5, y, right, &reason(model, line), Role::Quiet);
    }
}

/// What the customer feels, in a word.
fn feeling(row: &Row) -> (&'static str, Role) {
    match &row.reading {
        None if row.draft == DraftState::NoConsent => ("not read", Role::Quiet),
        None => ("not read yet", Role::Quiet),
        Some(reading) if reading.unsure => ("unsure", Role::Quiet),
        Some(reading) => (reading.emotion.as_str(), Role::of_emotion(reading.emotion)),
    }
}

/// One glyph for what matters most about a row.
fn marker(model: &Model, line: &Line) -> (&'static str, Role) {
    let row = &line.row;
    match line.fate {
        Fate::Decided => return ("✓", Role::Quiet),
        Fate::Closed => return ("×", Role::Quiet),
        Fate::Snoozed => return ("z", Role::Quiet),
        Fate::Waiting => {}
    }
    if held(model, row).is_some() || model.given_to_other(row).is_some() {
        ("·", Role::Quiet)
    } else if model.is_writing(&row.id) {
        ("✎", Role::Accent)
    } else if row.why == Why::AsksPerson || row.reading.as_ref().is_some_and(|r| r.asks_person) {
        ("‼", Role::AskPerson)
    } else if matches!(row.why, Why::Overdue(_)) {
        ("!", Role::Warn)
    } else if row.risk == Risk::High || row.state == State::Second {
        ("◆", Role::Quiet)
    } else if row.draft != DraftState::Ready {
        ("○", Role::Quiet)
    } else {
        (" ", Role::Quiet)
    }
}

fn held<'a>(model: &Model, row: &'a Row) -> Option<&'a str> {
    let holder = row.holder.as_ref()?;
    (holder.agent != model.setup.agent && holder.until > model.now).then_some(holder.agent.as_str())
}

/// The customer, or the first words where nobody is named.
pub(super) fn name(row: &Row) -> String {
    let name = row.customer.as_deref().unwrap_or(&row.preview);
    let shown = visible::line(name.trim());
    if shown.is_empty() { row.id.to_string() } else { shown.into_owned() }
}

/// Why it stands here, or what keeps it from being taken.
fn reason(model: &Model, line: &Line) -> String {
    let row = &line.row;
    match line.fate {
        Fate::Decided => return "decided".to_owned(),
        Fate::Closed => return "closed".to_owned(),
        Fate::Snoozed => {
            let until = row.snoozed_until.map(|at| words::clock(at, &model.setup.zone)).unwrap_or_default();
            return format!("snoozed until {until}");
        }
        Fate::Waiting => {}
    }
    if let Some(holder) = held(model, row) {
        return format!("{} has it", visible::line(holder));
    }
    if let Some(agent) = model.given_to_other(row) {
        return format!("for {}", visible::line(agent));
    }
    if row.state == State::Second {
        return "two people".to_owned();
    }
    let why = match row.draft {
        DraftState::NoConsent => "no AI: reply".to_owned(),
        DraftState::Drafting => "the AI writes anew".to_owned(),
        DraftState::Silenced => words::why(row, model.now),
        _ if row.risk == Risk::High => "high risk".to_owned(),
        _ => words::why(row, model.now),
    };
    if row.assigned.is_some() { format!("yours · {why}") } else { why }
}

/// The queue in one line: where one stands, who it is, who comes next.
pub(super) fn fold(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    canvas.ground(area, Role::Selection);
    let Some(line) = model.list.selected() else {
        canvas.put(area.x + 1, area.y, area.right(), "nothing waits", Role::Quiet);
        return;
    };
    let (glyph, role) = marker(model, line);
    let right = area.right().saturating_sub(1);
    let place = format!("{} ", place(model));
    let mut x = canvas.put(area.x + 1, area.y, right, &place, Role::Quiet);
    x = canvas.parts(x, area.y, right, &[(glyph, role), (" ", Role::Text)]);
    x = canvas.put(x, area.y, right, &visible::clip(&name(&line.row), 24), Role::Name);
    let about = format!("  {}", reason(model, line));
    x = canvas.put(x, area.y, right, &about, Role::Quiet);
    let news = newcomers(model);
    let next = model.list.lines.iter().skip(model.list.cursor + 1).find(|l| l.fate == Fate::Waiting);
    if let Some((news, _)) = news {
        canvas.right(x + 2, right, area.y, &[(&news, Role::Accent)]);
    } else if let Some(next) = next {
        let name = visible::clip(&name(&next.row), 18).into_owned();
        let emotion = next.row.reading.as_ref().filter(|r| !r.unsure).map(|r| r.emotion);
        let word = emotion.map(|e| format!(" {e}")).unwrap_or_default();
        let role = emotion.map_or(Role::Quiet, Role::of_emotion);
        let parts = [("next: ", Role::Quiet), (name.as_str(), Role::Text), (word.as_str(), role)];
        // Whole or not at all: half of it would read like something else.
        if width_of(&parts) <= usize::from(right.saturating_sub(x + 2)) {
            canvas.right(x + 2, right, area.y, &parts);
        }
    }
}

/// What to say where nothing waits.
pub(super) fn nothing(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let list = &model.list;
    if !list.loaded {
        return;
    }
    let key = |c| model.setup.keys.first(Mode::Normal, c).unwrap_or_default().to_owned();
    let lines: Vec<String> = if !list.filter.is_empty() {
        let words = visible::clip(&visible::line(&list.filter), 20).into_owned();
        vec![format!("nothing matches “{words}”"), format!("{} shows all again", key(Command::Cancel))]
    } else if model.setup.first_start {
        vec![
            "no item has come in yet".to_owned(),
            String::new(),
            "countersign import FILE".to_owned(),
            "takes items in, one JSON object a line;".to_owned(),
            "countersign demo".to_owned(),
            "shows the console on a sample queue".to_owned(),
        ]
    } else {
        vec!["nothing waits".to_owned(), "what comes in appears here".to_owned()]
    };
    let from = area.y + 2;
    for (text, y) in lines.iter().zip(from..area.bottom()) {
        let role = if text.starts_with("countersign ") { Role::Text } else { Role::Quiet };
        canvas.put(area.x + 3, y, area.right().saturating_sub(1), text, role);
    }
}
