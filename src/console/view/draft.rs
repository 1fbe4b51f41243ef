//! The draft, or the text that is written in its place; recipients stand above it, the closing lines below.
//!
//! ```text
//!  DRAFT v2 · to Ana Ruiz ─────────────
//!  Dear Ana,
//!  …
//!  Written with AI, checked by a person.
//! ```

use super::super::command::{Command, Mode};
use super::super::message::{Base, Drawn, Extent, SavedEdit};
use super::super::model::{Edit, Front, Scroll};
use super::super::theme::Role;
use super::conversation::{Drawing, headline, inner};
use super::flow::{Flow, Key, Mark};
use super::layout::Layout;
use crate::care::check::Level;
use crate::review::{Disclosure, DraftState, OpenItem, Owner, Verdict, closing_lines};
use crate::visible;
use ratatui::layout::{Position, Rect};

/// The draft's name in [`super::flow::FlowRow::of`]; messages are numbered from 0.
const DRAFT: usize = usize::MAX;

/// Draws the region; the caret's place if a text is being written.
pub(super) fn draft(d: &mut Drawing<'_, '_>, area: Rect, layout: Layout) -> Option<Position> {
    if area.width < 8 || area.height < 3 {
        return None;
    }
    let mut inner = inner(area, layout);
    let (word, about) = names(d);
    let to = recipients(d.open);
    let about_to = if about.is_empty() { format!("to {to}") } else { format!("{about} · to {to}") };
    let fits = visible::width(word) + visible::width(&about_to) + 10 <= usize::from(area.width);
    // Recipients never fall victim to a narrow headline: then they take a line of their own.
    if !fits {
        d.canvas.put(inner.x, inner.y, inner.right(), &format!("to {to}"), Role::Quiet);
        inner.y += 1;
        inner.height = inner.height.saturating_sub(1);
    }
    let about = if fits { about_to } else { about };
    let (extent, caret) = match &d.model.front {
        Front::Difference(edit, top) => (super::difference::difference(d, edit, *top, inner), None),
        front => match front.edit() {
            Some(edit) => written(d, edit, inner),
            None => (proposed(d, inner), None),
        },
    };
    d.shown.draft_lines = extent;
    headline(d.canvas, area, word, &about, extent);
    caret
}

/// The headline's word and what follows it.
fn names(d: &Drawing<'_, '_>) -> (&'static str, String) {
    let version = |v: u32| if v > 1 { format!("v{v}") } else { String::new() };
    match (&d.model.front, d.model.front.edit().map(|e| &e.base)) {
        (Front::Difference(..), _) => ("DIFFERENCE", String::new()),
        (_, Some(Base::Draft { version: v, .. })) => ("EDIT", version(*v)),
        (_, Some(Base::Reply)) => ("REPLY", String::new()),
        (_, Some(Base::TakeOver)) => ("YOUR REPLY", "the AI is silent".to_owned()),
        (_, None) => match &d.open.item.draft {
            Some(draft) if d.open.owner == Owner::Ai => ("DRAFT", version(draft.version)),
            _ => ("REPLY", String::new()),
        },
    }
}

/// Who gets the reply, safe to show.
fn recipients(open: &OpenItem) -> String {
    let all = open.item.conversation.recipients();
    if all.is_empty() {
        return "the customer".to_owned();
    }
    let names: Vec<_> = all.iter().map(|r| visible::line(r)).collect();
    names.join(", ")
}

/// The AI's draft as it came, with the words of its checks marked.
fn proposed(d: &mut Drawing<'_, '_>, inner: Rect) -> Extent {
    let (open, width) = (d.open, inner.width);
    let mut area = inner;
    for (text, role) in banners(d) {
        d.canvas.put(area.x, area.y, area.right(), &text, role);
        area.y += 1;
        area.height = area.height.saturating_sub(1);
    }
    if area.y > inner.y {
        area.y += 1;
        area.height = area.height.saturating_sub(1);
    }
    let Some(draft) = open.item.draft.as_ref().filter(|_| open.owner == Owner::Ai) else {
        let mut flow = Flow::default();
        for line in no_draft(d) {
            flow.say(&line, Role::Quiet, width);
        }
        return flow.draw(d.canvas, area, 0);
    };
    let key = Key { region: "draft", width, extra: 0 };
    let looking = d.looking;
    let flow = d.cache.get(key, open, || {
        let marks: Vec<Mark> = looking
            .checks
            .iter()
            .filter_map(|c| c.words.clone().map(|words| (words, c.level)))
            .map(|(words, level)| {
                let role = if level == Level::Block { Role::CheckBlock } else { Role::CheckWarn };
                (words, role, Some(Role::Evidence))
            })
            .collect();
        let mut flow = Flow::default();
        flow.text(&draft.text, width, 0, Role::Text, &marks, Some(DRAFT));
        closing(&mut flow, open, Verdict::Approve, width);
        flow
    });
    let top = match looking.draft {
        Scroll::Auto => 0,
        Scroll::At(line) => line.min(flow.last_top(area.height)),
    };
    let mut extent = flow.draw(d.canvas, area, top);
    d.shown.draft = flow.drawn(DRAFT, top, usize::from(area.height), draft.text.len());
    let mut viewed = looking.viewed.draft.clone();
    viewed.add(d.shown.draft.from..d.shown.draft.to);
    extent.unseen = flow
        .rows
        .iter()
        .position(|row| row.of.as_ref().is_some_and(|(w, range)| *w == DRAFT && !viewed.covers(range)));
    extent
}

/// How the reply says it was made.
fn closing(flow: &mut Flow, open: &OpenItem, verdict: Verdict, width: u16) {
    flow.gap();
    let words = closing_lines(Disclosure::of(verdict), open.item.conversation.language.as_deref());
    flow.say(words, Role::Disclosure, width);
}

/// Lines above the draft: a newer one is offered, own text is kept.
fn banners(d: &Drawing<'_, '_>) -> Vec<(String, Role)> {
    let key = |c| d.model.setup.keys.first(Mode::Normal, c).unwrap_or_default().to_owned();
    let mut lines = Vec::new();
    if let Some(offered) = &d.looking.offered {
        let version = offered.item.draft.as_ref().map_or(0, |n| n.version);
        lines.push((
            format!("draft v{version} has come in · {} shows it", key(Command::AcceptNewDraft)),
            Role::Warn,
        ));
    }
    for (command, edit) in d.model.kept(d.open) {
        lines.push((kept(command, edit, &key(command)), Role::Accent));
    }
    lines
}

/// That a text is kept, and what goes on with it.
fn kept(command: Command, edit: &SavedEdit, key: &str) -> String {
    match (command, edit.base.is_own_words()) {
        (Command::TakeOver, _) => format!("your own words are kept · {key} goes on"),
        (Command::HandBack, _) => format!("your edit of the draft is kept · {key} hands back to the AI"),
        (_, false) => format!("your text is kept · {key} goes on with it"),
        (_, true) => format!("your own words are kept · {key} goes on"),
    }
}

/// Why there is no draft, and what to do.
fn no_draft(d: &Drawing<'_, '_>) -> Vec<String> {
    let reply = d.model.setup.keys.first(Mode::Normal, Command::Reply).unwrap_or_default();
    let why = match d.open.row.draft {
        DraftState::NoConsent => "This customer does not want AI: no draft was kept, none will be made.",
        DraftState::Drafting => "The AI has been asked for another draft.",
        DraftState::Silenced => "A person answers here. The AI is silent; its draft was put aside.",
        DraftState::Ready | DraftState::Absent if d.open.owner == Owner::Person => {
            "A person answers in this conversation; the AI is silent."
        }
        DraftState::Ready | DraftState::Absent => "No draft came with this item.",
    };
    vec![why.to_owned(), String::new(), format!("{reply} writes the reply.")]
}

/// The text being written, with the caret in it.
fn written(d: &mut Drawing<'_, '_>, edit: &Edit, inner: Rect) -> (Extent, Option<Position>) {
    let text = edit.editor.text();
    let lead = super::flow::lead(&visible::text(&text));
    let columns = inner.width.saturating_sub(lead).max(1);
    let laid = edit.editor.laid_out(columns);
    let verdict = match edit.base {
        Base::Draft { .. } => Verdict::Edit,
        Base::Reply => Verdict::Reply,
        Base::TakeOver => Verdict::TakeOver,
    };
    let mut end = Flow::default();
    closing(&mut end, d.open, verdict, inner.width);
    let footer = u16::try_from(end.rows.len()).unwrap_or(0).min(inner.height / 3);
    let height = inner.height - footer;
    let mut flow = Flow::default();
    flow.text(&text, inner.width, 0, Role::Text, &[], Some(DRAFT));
    let room = usize::from(height.max(1));
    let before = match d.looking.draft {
        Scroll::At(line) => line,
        Scroll::Auto => 0,
    };
    let top = before.clamp((laid.row + 1).saturating_sub(room), laid.row);
    let extent = flow.draw(d.canvas, Rect { height, ..inner }, top);
    let below = u16::try_from(flow.rows.len() - top).unwrap_or(height).min(height);
    end.draw(d.canvas, Rect { y: inner.y + below, height: footer, ..inner }, 0);
    // An untouched draft in the editor is the draft on screen.
    if !edit.is_changed() && matches!(edit.base, Base::Draft { .. }) {
        d.shown.draft = flow.drawn(DRAFT, top, room, text.len());
    } else {
        d.shown.draft = Drawn::default();
    }
    d.shown.editor_columns = columns;
    d.shown.editor_rows = height;
    let in_front = matches!(d.model.front, Front::Edit(_));
    let row = u16::try_from(laid.row - top).unwrap_or(0);
    let column = u16::try_from(laid.column).unwrap_or(0).min(columns.saturating_sub(1));
    let caret = Position { x: inner.x + lead + column, y: inner.y + row.min(height.saturating_sub(1)) };
    (extent, in_front.then_some(caret))
}
