//! Text laid out in rows, kept between frames, drawn from any row on.

use super::super::message::{Drawn, Extent};
use super::super::theme::Role;
use super::canvas::Canvas;
use crate::review::OpenItem;
use crate::visible::{self, Direction};
use ratatui::layout::Rect;
use std::ops::Range;
use std::sync::Arc;

/// Layouts kept; a screen needs three.
const KEPT: usize = 24;

/// Cells of the mark before a right-to-left paragraph.
const LEAD: u16 = 2;

/// Cells that must be free before a text so that its right-to-left paragraphs can be marked.
pub(crate) fn lead(text: &str) -> u16 {
    let rtl = !text.is_ascii() && text.split('\n').any(|p| visible::direction(p) == Direction::Rtl);
    if rtl { LEAD } else { 0 }
}

/// Some words in one look.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    pub(crate) text: String,
    pub(crate) role: Role,
    pub(crate) over: Option<Role>,
}

impl Part {
    pub(crate) fn new(text: impl Into<String>, role: Role) -> Self {
        Self { text: text.into(), role, over: None }
    }
}

/// One row of cells.
#[derive(Clone, Debug, Default)]
pub(crate) struct FlowRow {
    /// Cells left free before the parts.
    pub(crate) indent: u16,
    pub(crate) parts: Vec<Part>,
    /// At the right end.
    pub(crate) right: Vec<Part>,
    /// Under the whole row.
    pub(crate) ground: Option<Role>,
    /// Which text, and which bytes of its original, this row shows.
    pub(crate) of: Option<(usize, Range<usize>)>,
}

impl FlowRow {
    pub(crate) fn of_parts(parts: Vec<Part>) -> Self {
        Self { parts, ..Self::default() }
    }
}

/// Rows of a region.
#[derive(Clone, Debug, Default)]
pub(crate) struct Flow {
    pub(crate) rows: Vec<FlowRow>,
}

/// A piece of a text that looks different: bytes of the original, role, what lies over it.
pub(crate) type Mark = (Range<usize>, Role, Option<Role>);

impl Flow {
    /// Adds an empty row.
    pub(crate) fn gap(&mut self) {
        self.rows.push(FlowRow::default());
    }

    /// Adds one of our own lines, wrapped.
    pub(crate) fn say(&mut self, text: &str, role: Role, cells: u16) {
        for line in visible::wrap(text, usize::from(cells)) {
            self.rows.push(FlowRow::of_parts(vec![Part::new(&text[line.range], role)]));
        }
    }

    /// Adds a foreign text, made safe, wrapped, marked. `which` names it in [`FlowRow::of`].
    pub(crate) fn text(
        &mut self,
        original: &str,
        cells: u16,
        indent: u16,
        role: Role,
        marks: &[Mark],
        which: Option<usize>,
    ) {
        let shown = visible::text(original);
        let text = shown.as_str();
        // What stands for a hidden character shows through everything else.
        let mut painted: Vec<Mark> =
            shown.hidden_pieces().map(|p| (p.shown.clone(), Role::Hidden, None)).collect();
        painted.extend(marks.iter().map(|(at, role, over)| (shown.shown_range(at.clone()), *role, *over)));
        // The mark of a right-to-left paragraph stands before the text, never in its room: nothing may be cut for it.
        let indent = indent.max(lead(text));
        let width = usize::from(cells.saturating_sub(indent).max(1));
        let lines = visible::wrap(text, width);
        let starts: Vec<usize> = lines.iter().map(|l| shown.original_at(l.range.start)).collect();
        for (n, line) in lines.iter().enumerate() {
            let from = if n == 0 { 0 } else { starts[n] };
            let to = starts.get(n + 1).copied().unwrap_or(original.len()).max(from);
            let mut parts = paint(text, line.range.clone(), role, &painted);
            let marked = line.first && line.direction == Direction::Rtl;
            if marked {
                parts.insert(0, Part::new("◂ ", Role::Faint));
            }
            let indent = if marked { indent.saturating_sub(LEAD) } else { indent };
            self.rows.push(FlowRow { indent, parts, of: which.map(|w| (w, from..to)), ..FlowRow::default() });
        }
    }

    /// Draws the rows from `top` on, and says what that showed. `texts` are the originals that count as seen.
    pub(crate) fn draw(&self, canvas: &mut Canvas<'_>, area: Rect, top: usize) -> Extent {
        let height = usize::from(area.height);
        for (row, y) in self.rows.iter().skip(top).take(height).zip(area.y..) {
            if let Some(ground) = row.ground {
                canvas.ground(Rect { y, height: 1, ..area }, ground);
            }
            let mut until = area.right();
            if !row.right.is_empty() {
                let parts: Vec<(&str, Role)> = row.right.iter().map(|p| (p.text.as_str(), p.role)).collect();
                until = canvas.right(area.x + area.width / 2, area.right(), y, &parts).saturating_sub(1);
            }
            let mut x = area.x + row.indent.min(area.width);
            for part in &row.parts {
                x = canvas.put_over(x, y, until, &part.text, part.role, part.over);
            }
        }
        Extent { top, height, lines: self.rows.len(), unseen: None }
    }

    /// The bytes of text `which` that rows `top..top + height` show.
    pub(crate) fn drawn(&self, which: usize, top: usize, height: usize, of: usize) -> Drawn {
        let mut drawn = Drawn { from: of, to: 0, of };
        for (_, range) in
            self.rows.iter().skip(top).take(height).filter_map(|r| r.of.as_ref()).filter(|(w, _)| *w == which)
        {
            drawn.from = drawn.from.min(range.start);
            drawn.to = drawn.to.max(range.end);
        }
        if drawn.to < drawn.from { Drawn { from: 0, to: 0, of } } else { drawn }
    }

    /// The last top that leaves no empty rows below.
    pub(crate) fn last_top(&self, height: u16) -> usize {
        self.rows.len().saturating_sub(usize::from(height))
    }
}

/// One line of `text` cut into parts by what is painted on it; the first that covers a place wins.
fn paint(text: &str, line: Range<usize>, role: Role, painted: &[Mark]) -> Vec<Part> {
    let touching: Vec<&Mark> =
        painted.iter().filter(|(at, ..)| at.start < line.end && line.start < at.end).collect();
    if touching.is_empty() {
        return vec![Part::new(&text[line], role)];
    }
    let mut cuts: Vec<usize> = touching.iter().flat_map(|(at, ..)| [at.start, at.end]).collect();
    cuts.extend([line.start, line.end]);
    cuts.retain(|c| line.start <= *c && *c <= line.end);
    cuts.sort_unstable();
    cuts.dedup();
    cuts.windows(2)
        .map(|w| {
            let mark = touching.iter().find(|(at, ..)| at.start <= w[0] && w[1] <= at.end);
            let (role, over) = mark.map_or((role, None), |(_, role, over)| (*role, *over));
            Part { text: text[w[0]..w[1]].to_owned(), role, over }
        })
        .collect()
}

/// What a layout was made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    /// Which region.
    pub(crate) region: &'static str,
    /// Cells across.
    pub(crate) width: u16,
    /// The calendar day, for words like today; whatever else changes the words.
    pub(crate) extra: i64,
}

/// Layouts of opened items. An entry holds its item, so that another one cannot come to lie at its address.
#[derive(Debug, Default)]
pub struct Cache {
    kept: Vec<(Key, Arc<OpenItem>, Arc<Flow>)>,
}

impl Cache {
    /// The layout of `open` under `key`, made by `lay_out` if it is not there.
    pub(crate) fn get(
        &mut self,
        key: Key,
        open: &Arc<OpenItem>,
        lay_out: impl FnOnce() -> Flow,
    ) -> Arc<Flow> {
        if let Some(at) = self.kept.iter().position(|(k, o, _)| *k == key && Arc::ptr_eq(o, open)) {
            let found = self.kept.remove(at);
            self.kept.push(found.clone());
            return found.2;
        }
        let flow = Arc::new(lay_out());
        if self.kept.len() >= KEPT {
            self.kept.remove(0);
        }
        self.kept.push((key, open.clone(), flow.clone()));
        flow
    }
}
