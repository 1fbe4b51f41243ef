//! Where the regions are, by the room there is.
//!
//! ```text
//! >= 140  queue | conversation  | draft      100-139  the same with a narrow queue
//!               |               | checks
//!               | care          | sources
//! 80-99   queue folded to one line; conversation and care | draft and checks, side by side
//! 60-79   one pane, Tab turns                              below 60x15: one line says so
//! ```

use super::super::message::Pane;
use super::super::model::{Front, LEAST, Model};
use super::flow::Cache;
use ratatui::layout::Rect;

/// How the room is divided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    Wide,
    Narrow,
    Folded,
    Single,
}

impl Layout {
    /// How many panes stand side by side.
    pub(super) const fn panes(self) -> u8 {
        match self {
            Self::Wide | Self::Narrow => 3,
            Self::Folded => 2,
            Self::Single => 1,
        }
    }
}

/// Where everything is. A pane's first row is its rule with the headline.
#[derive(Clone, Copy, Debug)]
pub(super) struct Regions {
    pub(super) layout: Layout,
    /// First line of the screen.
    pub(super) header: Rect,
    /// Last line of the screen.
    pub(super) foot: Rect,
    /// All between, the rule under the header included.
    pub(super) body: Rect,
    /// The queue in one line.
    pub(super) fold: Option<Rect>,
    pub(super) queue: Option<Rect>,
    pub(super) conversation: Option<Rect>,
    pub(super) care: Option<Rect>,
    pub(super) draft: Option<Rect>,
    pub(super) checks: Option<Rect>,
    pub(super) sources: Option<Rect>,
    /// Columns of the vertical rules.
    pub(super) rules: [Option<u16>; 2],
}

/// Less than this and nothing can be signed responsibly.
pub(super) fn is_too_small(area: Rect) -> bool {
    area.width < LEAST.0 || area.height < LEAST.1
}

const QUEUE_WIDE: u16 = 38;
const QUEUE_NARROW: u16 = 26;

/// Divides the screen.
pub(super) fn regions(model: &Model, cache: &mut Cache, area: Rect) -> Regions {
    let layout = match area.width {
        140.. => Layout::Wide,
        100.. => Layout::Narrow,
        80.. => Layout::Folded,
        _ => Layout::Single,
    };
    let row = |y: u16, height: u16| Rect { y, height, ..area };
    let fold = matches!(layout, Layout::Folded | Layout::Single).then(|| row(area.y + 1, 1));
    let top = area.y + if fold.is_some() { 2 } else { 1 };
    let body = row(top, area.bottom() - 1 - top);
    let mut regions = Regions {
        layout,
        header: row(area.y, 1),
        foot: row(area.bottom() - 1, 1),
        body,
        fold,
        queue: None,
        conversation: None,
        care: None,
        draft: None,
        checks: None,
        sources: None,
        rules: [None; 2],
    };
    let one = match layout {
        Layout::Single => Some(model.zoom.unwrap_or(model.focus)),
        _ => model.zoom,
    };
    if let Some(pane) = one {
        single(model, cache, &mut regions, pane);
        return regions;
    }
    let (queue, rest) = match layout {
        Layout::Wide => (QUEUE_WIDE, area.width - QUEUE_WIDE),
        Layout::Narrow => (QUEUE_NARROW, area.width - QUEUE_NARROW),
        _ => (0, area.width),
    };
    let middle = queue + rest / 2;
    if queue > 0 {
        regions.queue = Some(Rect { width: queue, ..body });
    }
    let left = if queue > 0 { queue + 1 } else { 0 };
    regions.rules = [(queue > 0).then_some(area.x + queue), Some(area.x + middle)];
    let column = |from: u16, to: u16| Rect { x: area.x + from, width: to - from, ..body };
    let (conversation, draft) = (column(left, middle), column(middle + 1, area.width));
    split_left(model, cache, &mut regions, conversation);
    split_right(model, &mut regions, draft);
    regions
}

fn single(model: &Model, cache: &mut Cache, regions: &mut Regions, pane: Pane) {
    match pane {
        Pane::Queue => regions.queue = Some(regions.body),
        Pane::Conversation => split_left(model, cache, regions, regions.body),
        Pane::Draft => split_right(model, regions, regions.body),
    }
}

/// Conversation above, care below, as high as it needs, at most two fifths.
fn split_left(model: &Model, cache: &mut Cache, regions: &mut Regions, column: Rect) {
    let mut height = || super::care::height(model, cache, column.width, regions.layout);
    let needs = if model.packet { u16::MAX } else { height() };
    let most = if model.packet { column.height * 3 / 5 } else { (column.height * 2 / 5).max(5) };
    let care = needs.min(most);
    let (above, below) = cut(column, care);
    regions.conversation = Some(above);
    regions.care = Some(below);
}

/// Draft above; checks and sources below, as high as they need. While a text is written or compared, it has the room.
fn split_right(model: &Model, regions: &mut Regions, column: Rect) {
    if matches!(model.front, Front::Difference(..)) {
        regions.draft = Some(column);
        return;
    }
    let (checks, sources) = super::checks::heights(model, column);
    let (above, sources_area) = cut(column, sources);
    let (above, checks_area) = cut(above, checks);
    regions.draft = Some(above);
    regions.checks = (checks > 0).then_some(checks_area);
    regions.sources = (sources > 0).then_some(sources_area);
}

fn cut(column: Rect, below: u16) -> (Rect, Rect) {
    let below = below.min(column.height);
    let above = column.height - below;
    (Rect { height: above, ..column }, Rect { y: column.y + above, height: below, ..column })
}
