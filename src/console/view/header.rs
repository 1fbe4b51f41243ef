//! The first and the last line: figures, the tray, who and where; a notice, and the keys that work here and now.
//!
//! ```text
//! countersign   42 waiting · 3 overdue · oldest 44m        held 8s: Jorge Ortiz u undo     anna · embedded · log L1 1,204
//! a approve   e edit   t take over   …
//! ```

use super::super::command::{Command, Group, Mode};
use super::super::message::Shown;
use super::super::model::{Front, Model, SlipState, Tone};
use super::super::theme::Role;
use super::canvas::Canvas;
use super::layout::{Layout, Regions};
use super::words;
use crate::review::{DraftState, Owner};
use crate::visible;
use ratatui::layout::Rect;

/// Draws the first line.
pub(super) fn header(model: &Model, canvas: &mut Canvas<'_>, regions: &Regions, shown: &mut Shown) {
    let area = regions.header;
    let roomy = matches!(regions.layout, Layout::Wide | Layout::Narrow);
    let counts = &model.counts;
    let mut left: Vec<(String, Role)> = vec![
        ("countersign".to_owned(), Role::Brand),
        (format!("   {} waiting", words::thousands(counts.waiting)), Role::Header),
    ];
    if counts.overdue > 0 {
        left.push((" · ".to_owned(), Role::Faint));
        left.push((format!("{} overdue", words::thousands(counts.overdue)), Role::Warn));
    }
    if let (true, Some(oldest)) = (roomy, counts.oldest) {
        left.push((" · ".to_owned(), Role::Faint));
        left.push((format!("oldest {}", model.now.since(oldest)), Role::Quiet));
    }
    let mut x = area.x + 1;
    for (text, role) in &left {
        x = canvas.put(x, area.y, area.right(), text, *role);
    }
    let right = area.right().saturating_sub(1);
    let who = who(model, roomy);
    let who: Vec<(&str, Role)> = who.iter().map(|(t, r)| (t.as_str(), *r)).collect();
    let end = canvas.right(x + 2, right, area.y, &who);
    let tray = tray(model, roomy);
    let gap = if roomy { 4 } else { 2 };
    let until = end.saturating_sub(gap);
    let room = until.saturating_sub(x + 2);
    let width: usize = tray.iter().map(|(text, ..)| visible::width(text)).sum();
    let mut x = until.saturating_sub(u16::try_from(width).unwrap_or(u16::MAX)).max(x + 2);
    for (n, (text, role, command)) in tray.into_iter().enumerate() {
        let from = x;
        if width <= usize::from(room) {
            x = canvas.put(x, area.y, until, &text, role);
        } else if n == 0 {
            // The news itself, cut, rather than nothing.
            let text = visible::clip(&text, usize::from(room)).into_owned();
            canvas.right(from, until, area.y, &[(&text, role)]);
            x = until;
        }
        let width = x.saturating_sub(from);
        shown.links.push((super::place(Rect { x: from, y: area.y, width, height: 1 }), command));
    }
}

/// Who sits here, where the queue is, how the log stands.
fn who(model: &Model, roomy: bool) -> Vec<(String, Role)> {
    let agent = visible::line(&model.setup.agent).into_owned();
    let mut parts = vec![(agent, Role::Header)];
    let dot = || (" · ".to_owned(), Role::Faint);
    if roomy {
        parts.push(dot());
        parts.push((visible::line(&model.setup.place).into_owned(), Role::Quiet));
    }
    parts.push(dot());
    let log = &model.log;
    if log.closed.is_some() {
        parts.push(("log closed".to_owned(), Role::Danger));
    } else if log.level.is_empty() {
        parts.push(("log …".to_owned(), Role::Quiet));
    } else {
        let level = visible::line(&log.level);
        parts.push((format!("log {level} {}", words::thousands(log.entries)), Role::Ok));
    }
    parts
}

/// What became of signed replies, what needs a person first; each with what a click on it does.
fn tray(model: &Model, roomy: bool) -> Vec<(String, Role, Command)> {
    let tray = &model.tray;
    let key = |c| model.setup.keys.first(Mode::Normal, c).unwrap_or_default().to_owned();
    let name = |s: &super::super::model::Slip| {
        let name = s.customer.as_deref().map_or_else(|| s.item.to_string(), str::to_owned);
        visible::clip(&visible::line(&name), 20).into_owned()
    };
    let mut parts = Vec::new();
    if tray.refused() > 0 {
        parts.push((format!("refused {} ", tray.refused()), Role::Danger, Command::Tray));
        parts.push((format!("{}  ", key(Command::Tray)), Role::Key, Command::Tray));
    }
    if tray.troubled() > 0 {
        parts.push((format!("{} not sent ", tray.troubled()), Role::Danger, Command::Held));
        parts.push((format!("{}  ", key(Command::Held)), Role::Key, Command::Held));
    }
    let held = tray.slips.iter().rev().find(|s| matches!(s.state, SlipState::Held { .. }));
    if let Some((slip, SlipState::Held { until })) = held.map(|s| (s, &s.state)) {
        let more = tray.on_the_way().saturating_sub(1);
        let left = crate::review::Span((until.since(model.now).0 + 999).max(0)).as_seconds();
        let name = if more > 0 && roomy { format!("{} +{more}", name(slip)) } else { name(slip) };
        parts.push((format!("held {left} s: {name} "), Role::Staged, Command::Held));
        parts.push((key(Command::Undo), Role::Key, Command::Undo));
        parts.push((" undo".to_owned(), Role::Hint, Command::Undo));
    } else if let Some(slip) =
        tray.slips.iter().rev().find(|s| matches!(s.state, SlipState::Signing | SlipState::Undoing))
    {
        let word = if slip.state == SlipState::Undoing { "taking back" } else { "signing" };
        parts.push((format!("{word}: {}", name(slip)), Role::Quiet, Command::Held));
    }
    parts
}

/// Draws the last line: a notice if there is one, then as many hints as there is room for.
pub(super) fn foot(model: &Model, canvas: &mut Canvas<'_>, regions: &Regions, shown: &mut Shown) {
    let area = regions.foot;
    let mut x = area.x + 1;
    if let Some(notice) = &model.notice {
        let role = match notice.tone {
            Tone::Plain => Role::Text,
            Tone::Warn => Role::Warn,
            Tone::Bad => Role::Danger,
        };
        let glyph = match notice.tone {
            Tone::Plain => "",
            Tone::Warn => "! ",
            Tone::Bad => "✗ ",
        };
        let text = format!("{glyph}{}", visible::line(&notice.text));
        x = canvas.put(x, area.y, area.right().saturating_sub(1), &text, role) + 3;
    }
    for (command, key, hint) in hints(model) {
        let width = u16::try_from(visible::width(key) + visible::width(hint) + 1).unwrap_or(u16::MAX);
        if x.saturating_add(width) >= area.right() {
            break;
        }
        shown.links.push((super::place(Rect { x, y: area.y, width, height: 1 }), command));
        x = canvas.parts(x, area.y, area.right(), &[(key, Role::Key), (" ", Role::Hint), (hint, Role::Hint)]);
        x += 3;
    }
}

/// The keys that do something here and now, in the table's order.
fn hints(model: &Model) -> impl Iterator<Item = (Command, &str, &'static str)> {
    let mode = model.mode();
    Command::of(mode)
        .filter(move |c| serves(model, mode, *c))
        .filter_map(move |c| model.setup.keys.first(mode, c).map(|key| (c, key, c.hint())))
}

/// Whether a hint is worth its room at this moment. Keys that go without saying are left to the help.
fn serves(model: &Model, mode: Mode, command: Command) -> bool {
    let looking = model.looking.as_ref();
    let open = looking.and_then(|l| l.open.as_deref());
    let drafted = open
        .is_some_and(|o| o.item.draft.is_some() && o.owner == Owner::Ai && o.row.draft == DraftState::Ready);
    let held = || open.is_some_and(|o| model.held_by_other(&o.item.id).is_some());
    // A question shows its own answers.
    if matches!(&model.front, Front::Menu(menu) if menu.question) {
        return command == Command::Cancel;
    }
    match (mode, command) {
        (Mode::Normal, Command::Approve | Command::Edit | Command::SendBack) => drafted && !held(),
        (Mode::Normal, Command::TakeOver) => open.is_some_and(|o| o.owner == Owner::Ai) && !held(),
        (Mode::Normal, Command::Reply) => open.is_some() && !drafted && !held(),
        (Mode::Normal, Command::Snooze | Command::Close) => open.is_some() && !held(),
        (Mode::Normal, Command::Correct | Command::Report) => open.is_some(),
        (Mode::Normal, Command::Undo) => model.tray.newest_held().is_some() || !model.tray.acts.is_empty(),
        (Mode::Normal, Command::ForceClaim) => held(),
        (Mode::Normal, Command::HandBack) => open.is_some_and(|o| o.owner == Owner::Person),
        (_, Command::AcceptNewDraft) => looking.is_some_and(|l| l.offered.is_some()),
        (Mode::Normal, Command::FocusNext) => matches!(model.size.0, 60..80),
        (Mode::Normal, Command::Find | Command::Palette | Command::Help) => true,
        (Mode::Normal, Command::Cancel) => {
            !model.list.filter.is_empty() || model.zoom.is_some() || model.packet
        }
        (Mode::Normal, Command::Quit) => open.is_none(),
        (Mode::Held, Command::Resend | Command::MarkSent | Command::GiveUp) => model.tray.troubled() > 0,
        (Mode::Held, Command::Undo) => model.tray.on_the_way() > 0,
        // The rest of the panes' keys, and those that go without saying.
        (Mode::Normal, _)
        | (
            _,
            Command::Redraw | Command::Suspend | Command::NextMatch | Command::PreviousMatch | Command::Quit,
        ) => false,
        (_, command) => command.entry().group != Group::Move,
    }
}
