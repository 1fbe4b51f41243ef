//! What works here and now, then everything; from the table of commands and the keymap in force.

use super::super::command::{Command, Group, Mode};
use super::super::message::{Extent, Shown};
use super::super::model::{Front, KeyNames, Model};
use super::super::theme::Role;
use super::canvas::Canvas;
use super::flow::{Flow, FlowRow, Part};
use ratatui::layout::Rect;

/// Cells of the key's column.
const KEYS: usize = 18;

/// Draws the help over the body.
pub(super) fn help(
    model: &Model,
    canvas: &mut Canvas<'_>,
    area: Rect,
    top: usize,
    over: &Front,
    shown: &mut Shown,
) {
    canvas.clear(area);
    canvas.rule(area.x, area.right(), area.y);
    let inner = Rect {
        x: area.x + 3,
        y: area.y + 2,
        width: area.width.saturating_sub(6),
        height: area.height.saturating_sub(2),
    };
    let flow = lay_out(&model.setup.keys, over.mode());
    let top = top.min(flow.last_top(inner.height));
    let extent = flow.draw(canvas, inner, top);
    super::conversation::headline(canvas, area, "HELP", "", extent);
    shown.overlay = Extent { top, ..extent };
}

fn lay_out(keys: &KeyNames, here: Mode) -> Flow {
    let mut flow = Flow::default();
    head(&mut flow, "Here and now");
    for command in Command::of(here) {
        line(&mut flow, keys, here, command);
    }
    for group in Group::ALL {
        let all = Command::ALL.iter().copied().filter(|c| c.entry().group == group);
        let others: Vec<(Mode, Command)> = all
            .filter(|c| !c.modes().has(here))
            .filter_map(|c| Mode::ALL.into_iter().find(|m| c.modes().has(*m)).map(|m| (m, c)))
            .collect();
        if others.is_empty() {
            continue;
        }
        flow.gap();
        head(&mut flow, group.title());
        for (mode, command) in others {
            line(&mut flow, keys, mode, command);
        }
    }
    flow
}

fn head(flow: &mut Flow, text: &str) {
    flow.rows.push(FlowRow::of_parts(vec![Part::new(text, Role::Title)]));
}

fn line(flow: &mut Flow, keys: &KeyNames, mode: Mode, command: Command) {
    let bound = keys.all(mode, command).join(" ");
    let key = if bound.is_empty() { format!(":{command}") } else { bound };
    let role = if key.starts_with(':') && key.len() > 1 { Role::Quiet } else { Role::Key };
    flow.rows.push(FlowRow::of_parts(vec![
        Part::new(format!("{key:<KEYS$}  "), role),
        Part::new(command.what(), Role::Text),
    ]));
}
