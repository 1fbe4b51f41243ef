//! Lists over the panes: replies on their way, and one's own last decisions.

use super::super::message::{Extent, Over, Shown};
use super::super::model::{Model, Sheet, Slip, SlipState};
use super::super::theme::Role;
use super::canvas::Canvas;
use super::words;
use crate::review::{PastDecision, ReplyState, Span, Verdict};
use crate::visible;
use ratatui::layout::Rect;

/// Lines from one to the next.
const SLOT: u16 = 3;

/// Draws the list that lies over the panes.
pub(super) fn sheet(model: &Model, canvas: &mut Canvas<'_>, area: Rect, sheet: Sheet, shown: &mut Shown) {
    canvas.clear(area);
    canvas.rule(area.x, area.right(), area.y);
    let (word, about, cursor) = match sheet {
        Sheet::Held(n) => ("HELD", "signed replies that have not left, or did not arrive", n),
        Sheet::Decisions(n) => ("MY LAST DECISIONS", "shown to you alone", n),
    };
    canvas.title(area, word, &[(about, Role::Quiet)]);
    let inner = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
    let room = usize::from(inner.height / SLOT).max(1);
    let top = cursor.saturating_sub(room - 1);
    let slips = model.tray.listed();
    let decided = model.decisions.as_deref();
    let lines = match sheet {
        Sheet::Held(_) => slips.len(),
        Sheet::Decisions(_) => decided.map_or(0, <[_]>::len),
    };
    if lines == 0 {
        let loading = matches!(sheet, Sheet::Decisions(_)) && decided.is_none();
        let text = match sheet {
            Sheet::Held(_) => "every reply has left, and all of them arrived",
            Sheet::Decisions(_) if loading => "",
            Sheet::Decisions(_) => "you have not decided anything yet",
        };
        canvas.put(inner.x + 3, inner.y, inner.right(), text, Role::Quiet);
    }
    for n in (top..lines).take(room) {
        let y = inner.y + u16::try_from(n - top).unwrap_or(0) * SLOT;
        let slot = Rect { y, height: 2.min(inner.bottom().saturating_sub(y)), ..inner };
        if n == cursor {
            canvas.ground(slot, Role::Selection);
            for y in slot.top()..slot.bottom() {
                canvas.put(slot.x, y, slot.right(), "▌", Role::SelectionMark);
            }
        }
        match sheet {
            Sheet::Held(_) => slip(model, canvas, slot, slips[n]),
            Sheet::Decisions(_) => {
                if let Some(decision) = decided.and_then(|d| d.get(n)) {
                    past(model, canvas, slot, decision);
                }
            }
        }
    }
    shown.overlay = Extent { top, height: room, lines, unseen: None };
    shown.over = Some(Over { place: super::place(inner), step: SLOT });
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
