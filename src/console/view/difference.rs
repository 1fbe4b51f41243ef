//! What was written against the draft, word by word, before it is signed.

use super::super::message::Extent;
use super::super::model::Edit;
use super::super::theme::Role;
use super::care::wrapped;
use super::conversation::Drawing;
use super::flow::{Flow, FlowRow, Part};
use crate::visible;
use ratatui::layout::Rect;
use similar::{ChangeTag, TextDiff};

/// Above so many bytes lines are compared, not words.
const BY_WORDS: usize = 40_000;

/// Draws the difference from row `top` on.
pub(super) fn difference(d: &mut Drawing<'_, '_>, edit: &Edit, top: usize, inner: Rect) -> Extent {
    let (old, new) = (visible::text(edit.original()).into_owned(), edit.editor.text());
    let new = visible::text(&new);
    let flow = lay_out(old.as_str(), new.as_str(), inner.width);
    let top = top.min(flow.last_top(inner.height));
    flow.draw(d.canvas, inner, top)
}

pub(crate) fn lay_out(old: &str, new: &str, width: u16) -> Flow {
    let mut flow = Flow::default();
    if old == new {
        flow.say("nothing was changed: signing approves the draft as it is", Role::Quiet, width);
        return flow;
    }
    let diff = if old.len() + new.len() > BY_WORDS {
        TextDiff::from_lines(old, new)
    } else {
        TextDiff::from_unicode_words(old, new)
    };
    // Lines of the new text, each with what was taken out of it where it stood.
    let mut lines: Vec<Vec<Part>> = vec![Vec::new()];
    for change in diff.iter_all_changes() {
        let role = match change.tag() {
            ChangeTag::Equal => Role::Text,
            ChangeTag::Insert => Role::DiffAdd,
            ChangeTag::Delete => Role::DiffRemove,
        };
        for (n, piece) in change.value().split('\n').enumerate() {
            if n > 0 {
                lines.push(Vec::new());
            }
            if let (false, Some(line)) = (piece.is_empty(), lines.last_mut()) {
                match line.last_mut().filter(|p| p.role == role) {
                    Some(last) => last.text.push_str(piece),
                    None => line.push(Part::new(piece, role)),
                }
            }
        }
    }
    // Brackets repeat what the colour says: these words are not sent.
    for part in lines.iter_mut().flatten().filter(|p| p.role == Role::DiffRemove) {
        part.text = format!("[{}]", part.text);
    }
    for line in lines {
        for mut parts in wrapped(&line, width.saturating_sub(2)) {
            let has = |role| parts.iter().any(|p: &Part| p.role == role);
            // A glyph beside the colour: what was added, taken out, or both.
            let glyph = match (has(Role::DiffAdd), has(Role::DiffRemove)) {
                (true, true) => "± ",
                (true, false) => "+ ",
                (false, true) => "- ",
                (false, false) => "  ",
            };
            parts.insert(0, Part::new(glyph, Role::Quiet));
            flow.rows.push(FlowRow::of_parts(parts));
        }
    }
    flow
}
