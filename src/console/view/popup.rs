//! What lies over the panes: menus, questions, one-line prompts, the palette, and what may follow a prefix. They rise
//! from the foot of the screen, where the eye is after a key.

use super::super::command::Mode;
use super::super::message::{Extent, Over, Shown};
use super::super::model::{Front, Menu, Model, Palette, Prefix, Prompt, PromptKind};
use super::super::theme::Role;
use super::super::update::palette_matches;
use super::canvas::Canvas;
use super::layout::Regions;
use crate::visible;
use ratatui::layout::{Position, Rect};

/// What lay over the panes in this frame.
pub(super) enum Covered {
    /// Nothing.
    Nothing,
    /// Something, with the caret's place if one writes in it.
    Something(Option<Position>),
}

/// Draws what lies over the panes, if anything does.
pub(super) fn over(model: &Model, canvas: &mut Canvas<'_>, regions: &Regions, shown: &mut Shown) -> Covered {
    match &model.front {
        Front::Menu(menu) => {
            self::menu(canvas, regions, menu, shown);
            Covered::Something(None)
        }
        Front::Prompt(prompt) => Covered::Something(Some(self::prompt(canvas, regions, prompt))),
        Front::Palette(palette) => {
            Covered::Something(Some(self::palette(model, canvas, regions, palette, shown)))
        }
        Front::Help(top, over) => {
            super::help::help(model, canvas, regions.body, *top, over, shown);
            Covered::Something(None)
        }
        Front::Sheet(sheet) => {
            super::sheet::sheet(model, canvas, regions.body, *sheet, shown);
            Covered::Something(None)
        }
        Front::Browse | Front::Edit(_) | Front::Difference(..) => {
            let Some(prefix) = &model.prefix else { return Covered::Nothing };
            which_key(canvas, regions, prefix);
            Covered::Something(None)
        }
    }
}

/// A box of `rows` rows over the foot of the body, with its headline; the room inside.
fn raised(canvas: &mut Canvas<'_>, regions: &Regions, rows: usize, title: &str, about: &str) -> Rect {
    let body = regions.body;
    let height = u16::try_from(rows + 2).unwrap_or(u16::MAX).min(body.height);
    let area = Rect { y: body.bottom() - height, height, ..body };
    canvas.clear(area);
    canvas.rule(area.x, area.right(), area.y);
    let x = canvas.put(area.x + 1, area.y, area.right(), &format!(" {title} "), Role::Name);
    if !about.is_empty() {
        canvas.put(x, area.y, area.right().saturating_sub(1), &format!("{about} "), Role::Quiet);
    }
    Rect {
        x: area.x + 2,
        y: area.y + 1,
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(1),
    }
}

fn menu(canvas: &mut Canvas<'_>, regions: &Regions, menu: &Menu, shown: &mut Shown) {
    let matching: Vec<_> = menu.matching().collect();
    let reason = u16::from(!menu.reason.is_empty());
    let rows = matching.len() + usize::from(reason);
    let inner = raised(canvas, regions, rows, &menu.title, &menu.filter);
    if reason > 0 {
        let text = visible::line(&menu.reason);
        canvas.put(inner.x + 1, inner.y, inner.right(), &text, Role::Warn);
    }
    let room = usize::from(inner.height.saturating_sub(reason)).max(1);
    let top = menu.cursor.saturating_sub(room.saturating_sub(2));
    for ((number, choice), y) in matching.iter().skip(top).zip(inner.y + reason..inner.bottom()) {
        let at = usize::from(y - inner.y - reason) + top;
        if at == menu.cursor {
            canvas.ground(Rect { x: inner.x - 2, y, width: inner.width + 4, height: 1 }, Role::Selection);
            canvas.put(inner.x - 2, y, inner.right(), "▌", Role::SelectionMark);
        }
        // Ten choices have a digit each, 0 being the tenth.
        let digit = if *number <= 10 { format!("{} ", number % 10) } else { "  ".to_owned() };
        let x = canvas.put(inner.x + 1, y, inner.right(), &digit, Role::Key);
        let x = canvas.put(x + 1, y, inner.right(), &visible::line(&choice.label), Role::Text);
        let x = x.max(inner.x + 24);
        canvas.put(x + 1, y, inner.right(), &visible::line(&choice.detail), Role::Quiet);
    }
    shown.overlay = Extent { top, height: room, lines: matching.len(), unseen: None };
    let choices = Rect { y: inner.y + reason, height: inner.height.saturating_sub(reason), ..inner };
    shown.over = Some(Over { place: super::place(choices), step: 1 });
}

fn prompt(canvas: &mut Canvas<'_>, regions: &Regions, prompt: &Prompt) -> Position {
    let (title, about) = match &prompt.kind {
        PromptKind::Find { .. } => ("Find", "words in customer, subject, id or topic".to_owned()),
        PromptKind::Note(_) => ("Internal note", "no customer and no AI ever sees it".to_owned()),
        PromptKind::TransferTo(_) => ("Transfer to", "the agent's name".to_owned()),
        PromptKind::TransferNote(_, to) => {
            ("What should they know?", format!("goes to {}", visible::line(to)))
        }
    };
    let inner = raised(canvas, regions, 1, title, &about);
    line(canvas, inner, "› ", &prompt.line)
}

/// One line being written, scrolled so that the caret is in sight.
fn line(canvas: &mut Canvas<'_>, inner: Rect, lead: &str, editor: &super::super::editor::Editor) -> Position {
    let x = canvas.put(inner.x + 1, inner.y, inner.right(), lead, Role::Key);
    let text = editor.text();
    let before = visible::line(&text[..editor.caret()]).into_owned();
    let room = usize::from(inner.right().saturating_sub(x + 1));
    let mut from = 0;
    while visible::width(&before[from..]) > room {
        from += before[from..].chars().next().map_or(1, char::len_utf8);
    }
    let shown = format!("{}{}", &before[from..], visible::line(&text[editor.caret()..]));
    canvas.put(x, inner.y, inner.right(), &shown, Role::Text);
    let column = u16::try_from(visible::width(&before[from..])).unwrap_or(0);
    Position { x: (x + column).min(inner.right().saturating_sub(1)), y: inner.y }
}

fn palette(
    model: &Model,
    canvas: &mut Canvas<'_>,
    regions: &Regions,
    palette: &Palette,
    shown: &mut Shown,
) -> Position {
    let found = palette_matches(&palette.query.text(), &model.setup.keys);
    let rows = found.len().clamp(1, usize::from(regions.body.height / 2)) + 1;
    let inner = raised(canvas, regions, rows, "Commands", "by name, meaning or key");
    let caret = line(canvas, inner, ": ", &palette.query);
    let room = usize::from(inner.height.saturating_sub(2)).max(1);
    let cursor = palette.cursor.min(found.len().saturating_sub(1));
    let top = cursor.saturating_sub(room - 1);
    for ((n, command), y) in found.iter().enumerate().skip(top).take(room).zip(inner.y + 1..inner.bottom()) {
        if n == cursor {
            canvas.ground(Rect { x: inner.x - 2, y, width: inner.width + 4, height: 1 }, Role::Selection);
            canvas.put(inner.x - 2, y, inner.right(), "▌", Role::SelectionMark);
        }
        let keys = model.setup.keys.all(Mode::Normal, *command);
        canvas.put(inner.x + 1, y, inner.right(), keys.first().map_or("", String::as_str), Role::Key);
        let name = command.name().replace('_', " ");
        let argument = command.argument().map(|a| format!(" {a}")).unwrap_or_default();
        let x = canvas.put(inner.x + 12, y, inner.right(), &name, Role::Text);
        let x = canvas.put(x, y, inner.right(), &argument, Role::Quiet);
        canvas.put(x.max(inner.x + 38) + 1, y, inner.right(), command.what(), Role::Quiet);
    }
    if found.is_empty() {
        canvas.put(inner.x + 3, inner.y + 1, inner.right(), "no command is called so", Role::Quiet);
    }
    shown.overlay = Extent { top, height: room, lines: found.len(), unseen: None };
    let choices = Rect { y: inner.y + 1, height: inner.height.saturating_sub(1), ..inner };
    shown.over = Some(Over { place: super::place(choices), step: 1 });
    caret
}

fn which_key(canvas: &mut Canvas<'_>, regions: &Regions, prefix: &Prefix) {
    let inner = raised(canvas, regions, prefix.follow.len(), &prefix.typed, "…");
    for ((key, what), y) in prefix.follow.iter().zip(inner.y..inner.bottom()) {
        let x = canvas.put(inner.x + 1, y, inner.right(), key, Role::Key);
        canvas.put(x.max(inner.x + 5) + 1, y, inner.right(), what, Role::Text);
    }
}
