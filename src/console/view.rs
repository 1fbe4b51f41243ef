//! Shows: a model in, cells and [`Shown`] out. One file per region, laid out by `layout`.
//!
//! Knows the model, the theme and `visible`; no store, no clock, no key event. Invariant: what [`Shown`] says was on
//! screen was drawn in this very frame, and no cell of it holds a control or format character (P6).

pub(crate) mod canvas;
mod care;
mod checks;
mod conversation;
pub(crate) mod difference;
mod draft;
pub(crate) mod flow;
mod header;
mod help;
mod layout;
mod packet;
mod popup;
mod queue;
mod sheet;
pub(crate) mod sweep;
pub(crate) mod words;

use super::message::{Pane, Place, Shown};
use super::model::{Front, Looking, Model};
use super::theme::{Role, Theme};
use crate::review::OpenItem;
use canvas::Canvas;
use layout::Regions;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use std::sync::Arc;

pub use flow::Cache;

/// Draws models; keeps wrapped text between frames, because wrapping an unchanged text costs as much as a new one.
#[derive(Debug, Default)]
pub struct View {
    cache: Cache,
    /// How many hidden characters the draft of this item holds.
    hidden: Option<(Arc<OpenItem>, u32)>,
}

impl View {
    /// A view that has drawn nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Draws the model into a frame, places the cursor at the caret, and says what was shown.
    pub fn draw(&mut self, model: &Model, theme: &Theme, frame: &mut ratatui::Frame<'_>) -> Shown {
        let area = frame.area();
        let (shown, caret) = self.render(model, theme, area, frame.buffer_mut());
        if let Some(caret) = caret {
            frame.set_cursor_position(caret);
        }
        shown
    }

    /// The same into a buffer.
    pub fn render(
        &mut self,
        model: &Model,
        theme: &Theme,
        area: Rect,
        buffer: &mut Buffer,
    ) -> (Shown, Option<Position>) {
        buffer.set_style(area, theme.ground());
        let mut canvas = Canvas::new(buffer, theme, area);
        let mut shown = Shown { at: model.now, ..Shown::default() };
        let mut caret = None;
        if layout::is_too_small(area) {
            too_small(&mut canvas, area);
        } else {
            let regions = layout::regions(model, &mut self.cache, area);
            shown.panes = regions.layout.panes();
            caret = self.panes(model, &regions, &mut canvas, &mut shown);
            focus(model, &mut canvas, &regions);
            header::header(model, &mut canvas, &regions, &mut shown);
            header::foot(model, &mut canvas, &regions, &mut shown);
            if let popup::Covered::Something(over) = popup::over(model, &mut canvas, &regions, &mut shown) {
                caret = over;
                // What lies under a popup was not read in this frame.
                shown.seen = None;
                shown.draft_on_screen = false;
                shown.draft = super::message::Drawn::default();
                shown.news.clear();
                shown.places.clear();
                shown.over.get_or_insert_default();
            }
        }
        sweep::sweep(canvas.buffer, area);
        (shown, caret)
    }

    fn panes(
        &mut self,
        model: &Model,
        regions: &Regions,
        canvas: &mut Canvas<'_>,
        shown: &mut Shown,
    ) -> Option<Position> {
        for x in regions.rules.iter().flatten() {
            canvas.vertical_rule(*x, regions.body.y + 1, regions.body.bottom());
        }
        if let Some(area) = regions.fold {
            queue::fold(model, canvas, area);
        }
        canvas.rule(regions.body.x, regions.body.right(), regions.body.y);
        if let Some(area) = regions.queue {
            queue::queue(model, canvas, area, regions.layout, shown);
        }
        shown.places.extend(regions.conversation.map(|a| (Pane::Conversation, place(a))));
        shown.places.extend(regions.draft.map(|a| (Pane::Draft, place(a))));
        let Some(looking) = &model.looking else {
            let area = regions.draft.or(regions.conversation).or(regions.queue);
            if let Some(area) = area {
                queue::nothing(model, canvas, area);
            }
            return None;
        };
        let Some(open) = &looking.open else {
            Self::loading(model, looking, canvas, regions);
            return None;
        };
        let mut drawn = conversation::Drawing { model, looking, open, canvas, cache: &mut self.cache, shown };
        if let Some(area) = regions.conversation {
            conversation::conversation(&mut drawn, area, regions.layout);
        }
        if let Some(area) = regions.care {
            if model.packet {
                packet::packet(&mut drawn, area);
            } else {
                care::care(&mut drawn, area, regions.layout);
            }
        }
        let mut caret = None;
        if let Some(area) = regions.draft {
            caret = draft::draft(&mut drawn, area, regions.layout);
        }
        if let Some(area) = regions.checks {
            checks::checks(&mut drawn, area);
        }
        if let Some(area) = regions.sources {
            checks::sources(&mut drawn, area);
        }
        let in_front = matches!(model.front, Front::Browse | Front::Edit(_) | Front::Difference(..));
        if in_front && regions.draft.or(regions.conversation).is_some() {
            drawn.shown.seen = open.seen();
            drawn.shown.draft_on_screen = regions.draft.is_some();
        }
        unseen_elsewhere(looking, regions, drawn.shown);
        shown.hidden_chars = self.hidden_chars(open);
        caret
    }

    fn hidden_chars(&mut self, open: &Arc<OpenItem>) -> u32 {
        if let Some((item, hidden)) = &self.hidden
            && Arc::ptr_eq(item, open)
        {
            return *hidden;
        }
        let hidden = open.item.draft.as_ref().map_or(0, |d| crate::visible::hidden_chars(&d.text));
        self.hidden = Some((open.clone(), hidden));
        hidden
    }

    fn loading(model: &Model, looking: &Looking, canvas: &mut Canvas<'_>, regions: &Regions) {
        let Some(area) = regions.conversation.or(regions.draft) else { return };
        let gone = model.under_way.failed.contains(&looking.item);
        let slow = model
            .under_way
            .open
            .as_ref()
            .is_some_and(|(_, since)| model.now.since(*since) >= super::model::PATIENCE);
        // Nothing moves for what takes a blink.
        if gone {
            canvas.put(area.x, area.y + 2, area.right(), "this item is not there any more", Role::Quiet);
        } else if slow {
            canvas.put(area.x, area.y + 2, area.right(), "loading", Role::Quiet);
        }
    }
}

/// Marks the region that the page keys scroll, where several stand side by side; Tab turns.
fn focus(model: &Model, canvas: &mut Canvas<'_>, regions: &Regions) {
    let area = match model.focus {
        Pane::Queue => regions.queue,
        Pane::Conversation => regions.conversation,
        Pane::Draft => regions.draft,
    };
    if let Some(area) = area.filter(|_| regions.layout.panes() > 1 && model.zoom.is_none()) {
        canvas.put(area.x, area.y, area.right(), "▸", Role::Accent);
    }
}

/// For the mouse.
fn place(a: Rect) -> Place {
    Place { x: a.x, y: a.y, width: a.width, height: a.height }
}

/// Where a region is not on screen, or an editor or the difference stands in it, whatever of it was never drawn still
/// counts as unseen.
fn unseen_elsewhere(looking: &Looking, regions: &Regions, shown: &mut Shown) {
    let Some(open) = looking.open.as_deref() else { return };
    let mut viewed = looking.viewed.clone();
    viewed.add(shown);
    if shown.draft_lines.unseen.is_none()
        && let Some(draft) = &open.item.draft
        && !viewed.draft.covers(&(0..draft.text.len()))
    {
        shown.draft_lines.unseen = Some(0);
    }
    if regions.conversation.is_none() {
        let messages = &open.item.conversation.messages;
        let missing = super::model::unanswered(open).into_iter().any(|n| {
            let all = 0..messages[n].text.len();
            !viewed.messages.get(&messages[n].id).is_some_and(|s| s.covers(&all)) && !all.is_empty()
        });
        if missing {
            shown.conversation.unseen = Some(0);
        }
    }
}

fn too_small(canvas: &mut Canvas<'_>, area: Rect) {
    let text = format!("countersign needs 60 x 15 cells; here are {} x {}", area.width, area.height);
    canvas.put(area.x, area.y + area.height / 2, area.right(), &text, Role::Text);
}
