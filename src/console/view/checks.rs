//! What was found in the draft, and what it leans on.

use super::super::model::{Front, Model};
use super::super::theme::Role;
use super::conversation::Drawing;
use crate::care::check::{self, Check, Level};
use crate::review::{OpenItem, Owner};
use crate::visible;
use ratatui::layout::Rect;

/// Rows for checks and for sources, rules included.
pub(super) fn heights(model: &Model, column: Rect) -> (u16, u16) {
    let Some(open) = model.looking.as_ref().and_then(|l| l.open.as_deref()) else { return (0, 0) };
    let air = u16::from(column.height > 24);
    let checks = rows(found(model).len());
    let sources = rows(sourced(open).map_or(0, <[_]>::len));
    let checks = if checks == 0 { 0 } else { (checks + 1 + air).min(column.height / 3) };
    let sources = if sources == 0 { 0 } else { sources + 1 + air };
    // Where room is short the draft comes first, then the checks.
    let left = column.height.saturating_sub(checks);
    let sources = if left < 16 { 0 } else { sources.min(left / 3) };
    (checks, sources)
}

fn rows(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

/// The findings about what would leave: the draft, or the text being written.
fn found(model: &Model) -> Vec<Check> {
    let Some(looking) = &model.looking else { return Vec::new() };
    match &model.front {
        front @ (Front::Edit(_) | Front::Menu(_)) if front.edit().is_some() => {
            front.edit().map_or_else(Vec::new, |e| check::checks(&e.editor.text()))
        }
        _ => looking.checks.clone(),
    }
}

fn sourced(open: &OpenItem) -> Option<&[crate::review::Source]> {
    let draft = open.item.draft.as_ref().filter(|_| open.owner == Owner::Ai)?;
    (!draft.sources.is_empty()).then_some(&draft.sources)
}

/// Draws the findings, the worst first.
pub(super) fn checks(d: &mut Drawing<'_, '_>, area: Rect) {
    let found = found(d.model);
    let count = |level| found.iter().filter(|c| c.level == level).count();
    let mut about = Vec::new();
    for (level, word) in [(Level::Block, "blocks"), (Level::Warn, "warns")] {
        if count(level) > 0 {
            about.push(format!("{} {word}", count(level)));
        }
    }
    d.canvas.rule(area.x, area.right(), area.y);
    d.canvas.title(area, "CHECKS", &[(&about.join(", "), Role::Quiet)]);
    for (check, y) in found.iter().zip(area.y + 1..area.bottom()) {
        let role = match check.level {
            Level::Pass => Role::CheckPass,
            Level::Warn => Role::CheckWarn,
            Level::Block => Role::CheckBlock,
        };
        let words = if check.level == Level::Pass { Role::Quiet } else { Role::Text };
        let right = area.right().saturating_sub(1);
        canvas_line(d, area.x + 1, y, right, check.level.glyph(), role, &check.to_string(), words);
    }
}

#[expect(clippy::too_many_arguments, reason = "a line of two looks")]
fn canvas_line(
    d: &mut Drawing<'_, '_>,
    x: u16,
    y: u16,
    right: u16,
    glyph: &str,
    glyph_role: Role,
    text: &str,
    role: Role,
) {
    let x = d.canvas.put(x, y, right, glyph, glyph_role);
    d.canvas.put(x + 1, y, right, text, role);
}

/// Draws the sources, numbered as the draft may cite them.
pub(super) fn sources(d: &mut Drawing<'_, '_>, area: Rect) {
    d.canvas.rule(area.x, area.right(), area.y);
    d.canvas.title(area, "SOURCES", &[]);
    let open = d.open.clone();
    let Some(all) = sourced(&open) else { return };
    let right = area.right().saturating_sub(1);
    for ((n, source), y) in all.iter().enumerate().zip(area.y + 1..area.bottom()) {
        let number = format!("[{}] ", n + 1);
        let x = d.canvas.put(area.x + 1, y, right, &number, Role::Source);
        let x = d.canvas.put_foreign(x, y, right, &source.title, Role::Text);
        if let Some(quote) = &source.quote {
            d.canvas.put(x, y, right, &format!(" “{}”", visible::line(quote)), Role::Quiet);
        }
    }
}
