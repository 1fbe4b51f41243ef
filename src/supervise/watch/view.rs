//! Shows the supervisor's screen: a model in, cells out.
//!
//! ```text
//! >= 110   feed                          | figures          below: the figures in two lines on top, then the feed
//!          below 60x15: one line says so
//! ```

use super::super::told::{Part, Times, clock, told};
use super::command::{Command, Mode, TABLE};
use super::model::{Entry, Front, LEAST, Model, Opened, TextState, VERDICTS};
use crate::console::theme::{Role, Theme};
use crate::console::view::canvas::Canvas;
use crate::console::view::difference::lay_out;
use crate::console::view::flow::{Flow, FlowRow, Part as Piece};
use crate::console::view::sweep::sweep;
use crate::console::view::words::thousands;
use crate::review::{Decision, Emotion};
use crate::visible;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

/// From this width on the figures stand beside the feed.
const BESIDE: u16 = 110;
const FIGURES: u16 = 34;

/// What a frame has shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Where one writes.
    pub caret: Option<Position>,
    /// How far what lies in front can be scrolled.
    pub last_top: usize,
}

/// Draws the model.
pub fn render(model: &Model, theme: &Theme, area: Rect, buffer: &mut Buffer) -> Shown {
    buffer.set_style(area, theme.ground());
    let mut canvas = Canvas::new(buffer, theme, area);
    let mut shown = Shown::default();
    if model.is_too_small() {
        let (columns, rows) = LEAST;
        let text =
            format!("countersign needs {columns} x {rows} cells; here are {} x {}", area.width, area.height);
        canvas.put(area.x, area.y + area.height / 2, area.right(), &text, Role::Text);
    } else {
        header(model, &mut canvas, area);
        shown.caret = foot(model, &mut canvas, area);
        let body = Rect { y: area.y + 1, height: area.height - 2, ..area };
        canvas.rule(body.x, body.right(), body.y);
        match &model.front {
            Front::Decision(opened) => shown.last_top = decision(model, opened, &mut canvas, body),
            Front::Help(top) => shown.last_top = help(*top, &mut canvas, body),
            Front::Feed | Front::Filter(_) => overview(model, &mut canvas, body),
        }
    }
    sweep(canvas.buffer, area);
    shown
}

fn header(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let dot = || (" · ".to_owned(), Role::Faint);
    let log = if model.broken.is_some() {
        ("✗ log broken".to_owned(), Role::Danger)
    } else {
        let (_, since) = clock(model.begun, &model.zone);
        (format!("log holds since {}", &since[..5]), Role::Ok)
    };
    let who = [(visible::line(&model.agent).into_owned(), Role::Header), dot(), log];
    let who: Vec<(&str, Role)> = who.iter().map(|(text, role)| (text.as_str(), *role)).collect();
    // Whether the log holds is never pushed out.
    let until = canvas.right(area.x + 20, area.right() - 1, area.y, &who).saturating_sub(2);
    let mut parts = vec![("countersign watch".to_owned(), Role::Brand)];
    if let Some(queue) = &model.queue {
        parts.push((format!("   {} waiting", thousands(queue.counts.waiting)), Role::Header));
        if queue.counts.overdue > 0 {
            parts.extend([dot(), (format!("{} overdue", thousands(queue.counts.overdue)), Role::Warn)]);
        }
        if queue.troubled > 0 {
            parts.extend([dot(), (format!("{} not sent", queue.troubled), Role::Danger)]);
        }
        if let Some(oldest) = queue.counts.oldest {
            parts.extend([dot(), (format!("oldest {}", model.now.since(oldest)), Role::Quiet)]);
        }
        if queue.under_way > 0 {
            parts.extend([dot(), (format!("{} on their way", queue.under_way), Role::Staged)]);
        }
    }
    put(canvas, area.x + 1, area.y, until, &parts);
}

fn put(canvas: &mut Canvas<'_>, mut x: u16, y: u16, until: u16, parts: &[Part]) -> u16 {
    for (text, role) in parts {
        let room = usize::from(until.saturating_sub(x));
        x = canvas.put(x, y, until, text, *role);
        if visible::width(text) > room {
            // Cut once is enough.
            break;
        }
    }
    x
}

fn foot(model: &Model, canvas: &mut Canvas<'_>, area: Rect) -> Option<Position> {
    let (mut x, y, until) = (area.x + 1, area.bottom() - 1, area.right() - 1);
    let mut caret = None;
    if let Front::Filter(text) = &model.front {
        x = canvas.put(x, y, until, "filter: ", Role::Quiet);
        // The end of what is written stays in sight.
        let shown = visible::line(text);
        let room = usize::from(until.saturating_sub(x + 1));
        let mut from = 0;
        while visible::width(&shown[from..]) > room {
            from += shown[from..].chars().next().map_or(1, char::len_utf8);
        }
        x = canvas.put(x, y, until, &shown[from..], Role::Text);
        caret = Some(Position { x, y });
        x += 3;
    }
    let said = model.notice.as_deref().map(|text| (text, Role::Warn));
    if let Some((text, role)) = said.or(model.broken.as_deref().map(|text| (text, Role::Danger))) {
        let glyph = if role == Role::Danger { "✗ " } else { "! " };
        x = canvas.put(x, y, until, &format!("{glyph}{}", visible::line(text)), role) + 3;
    }
    for binding in TABLE.iter().filter(|b| b.modes.contains(&model.mode())) {
        let Some(hint) = binding.hint.filter(|_| serves(model, binding.command)) else { continue };
        let key = binding.keys[0];
        let width = u16::try_from(key.len() + hint.len() + 1).unwrap_or(u16::MAX);
        if x.saturating_add(width) >= until {
            break;
        }
        x = canvas.parts(x, y, until, &[(key, Role::Key), (" ", Role::Hint), (hint, Role::Hint)]) + 3;
    }
    caret
}

/// Whether a hint is worth its room now.
fn serves(model: &Model, command: Command) -> bool {
    match command {
        Command::Back => {
            model.mode() != Mode::Feed || !model.filter.text.is_empty() || model.selected.is_some()
        }
        Command::Last => model.selected.is_some(),
        _ => true,
    }
}

fn overview(model: &Model, canvas: &mut Canvas<'_>, body: Rect) {
    if body.width >= BESIDE {
        let feed_area = Rect { width: body.width - FIGURES - 1, ..body };
        canvas.vertical_rule(feed_area.right(), body.y + 1, body.bottom());
        feed(model, canvas, feed_area);
        figures(model, canvas, Rect { x: feed_area.right() + 1, width: FIGURES, ..body });
        return;
    }
    let (verdicts, emotions) = (shares(model), feelings(model));
    put(canvas, body.x + 1, body.y + 1, body.right(), &verdicts);
    put(canvas, body.x + 1, body.y + 2, body.right(), &emotions);
    canvas.rule(body.x, body.right(), body.y + 3);
    feed(model, canvas, Rect { y: body.y + 3, height: body.height - 3, ..body });
}

/// The verdicts in one line.
fn shares(model: &Model) -> Vec<Part> {
    let tally = &model.tally;
    if tally.private {
        return vec![(format!("figures are {OF_A_TEAM}"), Role::Quiet)];
    }
    let mut parts = vec![(format!("{} decisions", thousands(tally.decisions)), Role::Text)];
    for (verdict, n) in VERDICTS.iter().zip(tally.verdicts).filter(|(_, n)| *n > 0) {
        parts.push((" · ".to_owned(), Role::Faint));
        parts.push((format!("{} {} %", word(verdict.as_str()), percent(n, tally.decisions)), Role::Text));
    }
    for (n, what) in tally.checks.iter().zip(["warned", "overridden"]).filter(|(n, _)| **n > 0) {
        parts.push((" · ".to_owned(), Role::Faint));
        parts.push((format!("{n} {what}"), Role::Warn));
    }
    parts
}

/// The emotions in one line, the most felt first.
fn feelings(model: &Model) -> Vec<Part> {
    let mut parts: Vec<Part> = Vec::new();
    for (emotion, n) in felt(model) {
        if !parts.is_empty() {
            parts.push((" · ".to_owned(), Role::Faint));
        }
        parts.push((format!("{emotion} "), Role::of_emotion(emotion)));
        parts.push((n.to_string(), Role::Text));
    }
    parts
}

fn felt(model: &Model) -> Vec<(Emotion, u64)> {
    let mut felt: Vec<_> =
        Emotion::ALL.into_iter().zip(model.tally.emotions).filter(|(_, n)| *n > 0).collect();
    felt.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    felt
}

fn word(log_word: &str) -> String {
    log_word.replace('_', " ")
}

fn percent(n: u64, of: u64) -> u64 {
    (n * 100 + of / 2).checked_div(of).unwrap_or(0)
}

fn feed(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let filter = visible::line(&model.filter.text).into_owned();
    let title = [(filter.as_str(), Role::Match)];
    canvas.title(area, "Log", if filter.is_empty() { &[] } else { &title });
    let rows: Vec<&Entry> = model.wanted().collect();
    let height = usize::from(area.height - 1);
    if rows.is_empty() {
        let text = if model.filter.text.is_empty() {
            "no entry yet"
        } else {
            "no entry is like this; esc shows all"
        };
        canvas.put(area.x + 1, area.y + 2, area.right(), text, Role::Quiet);
        return;
    }
    // The newest row stands at the bottom; a chosen one somewhere in the middle, at the same place while rows come.
    let chosen = model.selected.map(|n| rows.partition_point(|e| e.n < n).min(rows.len() - 1));
    let end = chosen.map_or(rows.len(), |at| (at + 1 + height / 2).min(rows.len()));
    let from = end.saturating_sub(height);
    let end = (from + height).min(rows.len());
    for (entry, y) in rows[from..end].iter().zip(area.y + 1..) {
        let is_current = entry.n == rows[chosen.unwrap_or(rows.len() - 1)].n;
        row(model, entry, is_current.then_some(chosen.is_some()), canvas, Rect { y, height: 1, ..area });
    }
    if end < rows.len() {
        let more = format!(" {} newer ", rows.len() - end);
        canvas.right(area.x, area.right(), area.bottom() - 1, &[(&more, Role::Accent)]);
    }
}

fn row(model: &Model, entry: &Entry, chosen: Option<bool>, canvas: &mut Canvas<'_>, area: Rect) {
    if chosen == Some(true) {
        canvas.ground(area, Role::Selection);
    }
    let mark = if chosen.is_some() { "▌" } else { " " };
    let mut x = canvas.put(area.x, area.y, area.right(), mark, Role::SelectionMark);
    if let Some(fault) = &entry.fault {
        x = canvas.put(x, area.y, area.right(), &format!("✗ {} ", visible::line(fault)), Role::Danger);
    }
    let Some(parsed) = entry.parsed() else {
        let raw = String::from_utf8_lossy(&entry.raw).into_owned();
        canvas.put_foreign(x, area.y, area.right(), &raw, Role::Quiet);
        return;
    };
    let at = parsed.text("ts").and_then(|ts| ts.parse().ok());
    let time = at.map_or_else(|| "--:--:--".to_owned(), |at| clock(at, &model.zone).1);
    x = canvas.put(x, area.y, area.right(), &format!("{time}  "), Role::Quiet);
    put(
        canvas,
        x,
        area.y,
        area.right().saturating_sub(1),
        &told(&parsed, model.joined(&parsed).as_ref(), Times::LeftOut),
    );
}

/// Cells of a bar's name.
const NAME: u16 = 15;
/// Cells of a bar.
const BAR: u64 = 10;

/// Words, a bar and a number.
fn bar(canvas: &mut Canvas<'_>, area: Rect, y: u16, name: &str, n: u64, most: u64, role: Role) {
    if y >= area.bottom() {
        return;
    }
    canvas.put(area.x + 1, y, area.x + NAME, name, role);
    let filled = if most == 0 { 0 } else { (n * BAR).div_ceil(most) };
    let full = "▇".repeat(usize::try_from(filled).unwrap_or(0));
    let rest = "▁".repeat(usize::try_from(BAR - filled).unwrap_or(0));
    let x = canvas.put(area.x + NAME + 1, y, area.right(), &full, role);
    canvas.put(x, y, area.right(), &rest, Role::Faint);
    canvas.right(x, area.right() - 1, y, &[(&thousands(n), Role::Text)]);
}

/// What stands where a figure would tell of a few people.
const OF_A_TEAM: &str = "told of five agents or more";

fn figures(model: &Model, canvas: &mut Canvas<'_>, area: Rect) {
    let tally = &model.tally;
    if tally.private {
        canvas.title(area, "Decisions", &[]);
        canvas.put(area.x + 1, area.y + 1, area.right(), OF_A_TEAM, Role::Quiet);
        return;
    }
    let count = thousands(tally.decisions);
    canvas.title(area, "Decisions", &[(&count, Role::Text)]);
    let mut y = area.y + 1;
    let most = tally.verdicts.into_iter().max().unwrap_or(0);
    for (verdict, n) in VERDICTS.iter().zip(tally.verdicts) {
        bar(canvas, area, y, &word(verdict.as_str()), n, most, Role::Text);
        y += 1;
    }
    canvas.put(area.x + 1, y + 1, area.right(), "Emotions", Role::Title);
    y += 2;
    let felt = felt(model);
    let most = felt.first().map_or(0, |(_, n)| *n);
    for (emotion, n) in felt {
        bar(canvas, area, y, emotion.as_str(), n, most, Role::of_emotion(emotion));
        y += 1;
    }
    let checks = [
        ("warned", tally.checks[0], Role::CheckWarn),
        ("overridden", tally.checks[1], Role::CheckBlock),
        ("corrected", tally.acts[0], Role::Text),
        ("AI errors", tally.acts[1], Role::Warn),
        ("taken back", tally.acts[2], Role::Text),
        ("refused", tally.acts[3], Role::Text),
    ];
    canvas.put(area.x + 1, y + 1, area.right(), "Checks and second thoughts", Role::Title);
    y += 2;
    let most = checks.iter().map(|(_, n, _)| *n).max().unwrap_or(0);
    for (name, n, role) in checks {
        // What has not happened needs no colour.
        bar(canvas, area, y, name, n, most, if n > 0 { role } else { Role::Quiet });
        y += 1;
    }
    if y + 2 < area.bottom() {
        canvas.put(area.x + 1, y + 1, area.right(), "The team's time to decide", Role::Title);
        let text = match tally.active {
            Some(span) => format!("half of them under {} s", span.as_seconds() + 1),
            None => OF_A_TEAM.to_owned(),
        };
        canvas.put(area.x + 1, y + 2, area.right(), &text, Role::Quiet);
    }
}

/// How far it can be scrolled.
fn decision(model: &Model, opened: &Opened, canvas: &mut Canvas<'_>, area: Rect) -> usize {
    let id = opened.id.to_string();
    canvas.title(area, "Decision", &[(&id, Role::Quiet)]);
    let inner = Rect { x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 1 };
    let mut flow = Flow::default();
    if let Some(parsed) = opened.entry.parsed() {
        let at = parsed.text("ts").and_then(|ts| ts.parse().ok());
        let (day, time) = at.map_or_else(Default::default, |at| clock(at, &model.zone));
        flow.say(&format!("{day} {time}"), Role::Quiet, inner.width);
        let mut parts: Vec<Piece> = Vec::new();
        for (text, role) in told(&parsed, None, Times::LeftOut) {
            parts.push(Piece::new(text, role));
        }
        flow.rows.push(FlowRow::of_parts(parts));
        flow.gap();
    }
    match &opened.text {
        TextState::Awaited => flow.say("opening; the log notes it first", Role::Quiet, inner.width),
        TextState::Gone => {
            flow.say(
                "its text does not exist any more: forgotten, or kept elsewhere",
                Role::Quiet,
                inner.width,
            );
        }
        TextState::Failed(why) => flow.say(&visible::line(why), Role::Danger, inner.width),
        TextState::Here(decision) => texts(decision, &mut flow, inner.width),
    }
    scrolled(&flow, opened.top, canvas, inner)
}

/// Draws rows from `top` on and says whether more follow; how far they can be scrolled.
fn scrolled(flow: &Flow, top: usize, canvas: &mut Canvas<'_>, inner: Rect) -> usize {
    let last_top = flow.last_top(inner.height);
    flow.draw(canvas, inner, top.min(last_top));
    if top < last_top {
        canvas.right(inner.x, inner.right(), inner.bottom() - 1, &[(" more below ", Role::Accent)]);
    }
    last_top
}

fn texts(decision: &Decision, flow: &mut Flow, width: u16) {
    let agent = visible::line(&decision.agent).into_owned();
    let note = format!("the log notes that you opened this; {agent} can see it");
    flow.say(&note, Role::Note, width);
    flow.gap();
    let heading =
        |flow: &mut Flow, text: &str| flow.rows.push(FlowRow::of_parts(vec![Piece::new(text, Role::Title)]));
    if let Some(draft) = &decision.draft_text {
        heading(flow, "Draft of the AI");
        flow.text(draft, width, 2, Role::Ai, &[], None);
        flow.gap();
    }
    heading(flow, "Sent");
    flow.text(&decision.text, width, 2, Role::Text, &[], None);
    flow.gap();
    match &decision.draft_text {
        None => flow.say("there was no draft: a person wrote this", Role::Quiet, width),
        Some(draft) if *draft == decision.text => {
            flow.say("sent as the AI wrote it", Role::Quiet, width);
        }
        Some(draft) => {
            heading(flow, "Difference");
            let (old, new) = (visible::text(draft), visible::text(&decision.text));
            flow.rows.extend(lay_out(old.as_str(), new.as_str(), width).rows);
        }
    }
}

/// How far it can be scrolled.
fn help(top: usize, canvas: &mut Canvas<'_>, area: Rect) -> usize {
    canvas.title(area, "Keys", &[]);
    let inner = Rect { x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 1 };
    let mut flow = Flow::default();
    for binding in TABLE {
        let keys = format!("{:<20}", binding.keys.join("  "));
        flow.rows
            .push(FlowRow::of_parts(vec![Piece::new(keys, Role::Key), Piece::new(binding.what, Role::Text)]));
    }
    flow.gap();
    flow.say(
        "A filter is words and conditions: verdict=edit emotion!=neutral agent~ann risk=high",
        Role::Quiet,
        inner.width,
    );
    scrolled(&flow, top, canvas, inner)
}
