//! Lists over the panes: replies on their way, one's own last decisions and figures.

use super::super::message::{Extent, Over, Shown};
use super::super::model::{Model, Sheet, Slip, SlipState};
use super::super::theme::Role;
use super::canvas::Canvas;
use super::words;
use crate::review::{PastDecision, ReplyState, Span, Verdict};
use crate::visible;
use ratatui::layout::Rect;

/// Draws the list that lies over the panes.
pub(super) fn sheet(model: &Model, canvas: &mut Canvas<'_>, area: Rect, sheet: Sheet, shown: &mut Shown) {
    canvas.clear(area);
    canvas.rule(area.x, area.right(), area.y);
    let (word, about) = match sheet {
        Sheet::Held(_) => ("HELD", "signed replies that have not left, or did not arrive"),
        Sheet::Decisions(_) => ("MY LAST DECISIONS", "shown to you alone"),
        Sheet::Me(_) => ("MY FIGURES", "the last thirty days, shown to you alone"),
    };
    canvas.title(area, word, &[(about, Role::Quiet)]);
    let inner = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    // What is not loaded yet is no list of nothing.
    let (extent, over) = match sheet {
        Sheet::Held(cursor) => {
            let slips = model.tray.listed();
            let none = "every reply has left, and all of them arrived";
            lines(canvas, inner, (2, 1), cursor, slips.iter(), none, |canvas, slot, one| {
                slip(model, canvas, slot, one);
            })
        }
        Sheet::Decisions(cursor) => {
            let none = model.decisions.as_ref().map_or("", |_| "you have not decided anything yet");
            let decided = model.decisions.iter().flatten();
            lines(canvas, inner, (2, 1), cursor, decided, none, |canvas, slot, one| {
                past(model, canvas, slot, one);
            })
        }
        Sheet::Me(cursor) => {
            let figures = model.me.iter().flatten();
            lines(canvas, inner, (1, 0), cursor, figures, "", |canvas, slot, (what, how_much)| {
                let right = slot.right().saturating_sub(2);
                let x = canvas.put(slot.x + 3, slot.y, right, &visible::line(what), Role::Quiet);
                canvas.put(x.max(slot.x + 33) + 1, slot.y, right, &visible::line(how_much), Role::Text);
            })
        }
    };
    (shown.overlay, shown.over) = (extent, Some(over));
}

/// Draws as many lines of a list as there is room for, each of so many rows with so many below it, the marked one among them.
fn lines<'a, T: 'a>(
    canvas: &mut Canvas<'_>,
    inner: Rect,
    (rows, gap): (u16, u16),
    cursor: usize,
    all: impl Iterator<Item = &'a T> + Clone,
    none: &str,
    mut draw: impl FnMut(&mut Canvas<'_>, Rect, &'a T),
) -> (Extent, Over) {
    let room = usize::from(inner.height / (rows + gap)).max(1);
    let top = cursor.saturating_sub(room - 1);
    let count = all.clone().count();
    if count == 0 {
        canvas.put(inner.x + 3, inner.y, inner.right(), none, Role::Quiet);
    }
    let places = (inner.y..inner.bottom()).step_by(usize::from(rows + gap));
    for ((n, one), y) in all.enumerate().skip(top).take(room).zip(places) {
        let slot = Rect { y, height: rows.min(inner.bottom().saturating_sub(y)), ..inner };
        if n == cursor {
            canvas.ground(slot, Role::Selection);
            for y in slot.top()..slot.bottom() {
                canvas.put(slot.x, y, slot.right(), "▌", Role::SelectionMark);
            }
        }
        draw(canvas, slot, one);
    }
    let over = Over { place: super::place(inner), step: rows + gap };
    (Extent { top, height: room, lines: count, unseen: None }, over)
}

fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approve => "approved",
        Verdict::Edit => "edited",
        Verdict::TakeOver => "taken over",
        Verdict::Reply => "replied",
    }
}

fn slip(model: &Model, canvas: &mut Canvas<'_>, slot: Rect, slip: &Slip) {
    let (state, role) = match &slip.state {
        SlipState::Signing => ("signing".to_owned(), Role::Quiet),
        SlipState::Held { until } => {
            let left = Span((until.since(model.now).0 + 999).max(0));
            (format!("held, leaves in {left}"), Role::Text)
        }
        SlipState::Second => ("waits for another agent".to_owned(), Role::Text),
        SlipState::Undoing => ("is being taken back".to_owned(), Role::Quiet),
        SlipState::Refused { .. } => ("refused".to_owned(), Role::Danger),
        SlipState::Dead => ("could not be sent".to_owned(), Role::Danger),
        SlipState::Unsure => ("nobody knows whether it was sent".to_owned(), Role::Warn),
    };
    let name = slip.customer.clone().unwrap_or_else(|| slip.item.to_string());
    let right = slot.right().saturating_sub(2);
    let end = canvas.right(slot.x + slot.width / 2, right, slot.y, &[(&state, role)]);
    let x = canvas.put(slot.x + 3, slot.y, end.saturating_sub(1), &visible::line(&name), Role::Name);
    canvas.put(x, slot.y, end.saturating_sub(1), &format!("  {}", verdict(slip.verdict)), Role::Quiet);
    let text = match &slip.state {
        SlipState::Refused { why } => visible::line(why).into_owned(),
        _ => one_line(&slip.text),
    };
    if slot.height > 1 {
        canvas.put(slot.x + 3, slot.y + 1, right, &text, Role::Quiet);
    }
}

fn past(model: &Model, canvas: &mut Canvas<'_>, slot: Rect, past: &PastDecision) {
    let name = past.customer.clone().unwrap_or_else(|| past.item.to_string());
    let role = match past.state {
        ReplyState::Dead | ReplyState::Unsure => Role::Danger,
        ReplyState::Sent => Role::Ok,
        _ => Role::Quiet,
    };
    let at = words::day_and_clock(past.at, model.now, &model.setup.zone);
    let right = slot.right().saturating_sub(2);
    let state = format!("{}  ", past.state.as_str());
    let end = canvas.right(slot.x + slot.width / 2, right, slot.y, &[(&state, role), (&at, Role::Quiet)]);
    let x = canvas.put(slot.x + 3, slot.y, end.saturating_sub(1), &visible::line(&name), Role::Name);
    canvas.put(x, slot.y, end.saturating_sub(1), &format!("  {}", verdict(past.verdict)), Role::Quiet);
    if slot.height > 1 {
        canvas.put(slot.x + 3, slot.y + 1, right, &one_line(&past.text), Role::Quiet);
    }
}

fn one_line(text: &str) -> String {
    let beginning: String = text.chars().take(400).collect();
    visible::line(&beginning.split_whitespace().collect::<Vec<_>>().join(" ")).into_owned()
}
