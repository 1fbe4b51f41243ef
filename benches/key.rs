//! What a key costs between the keyboard and the terminal: `j` decided, the next item drawn, the bytes made; beside a
//! bare ratatui program that puts the same words in three panes and knows nothing of what they mean.
//!
//! `cargo bench --bench key [-- ITEMS]`

#[path = "support/bench.rs"]
mod bench;

use bench::{Times, count, desk, folder, head, line, row, runtime, timed};
use countersign::console::command::Command;
use countersign::console::keymap::Keymap;
use countersign::console::message::{Action, Effect, Input, KeyPress, Outcome, Shown};
use countersign::console::model::{KeyNames, Model, Setup};
use countersign::console::terminal::Screen;
use countersign::console::theme::{Depth, Theme};
use countersign::console::update::update;
use countersign::console::view::View;
use countersign::desk::Desk;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::{Constraint, Layout, Rect, Size};
use ratatui::widgets::{Block, Borders, Paragraph, Wrap};
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::cell::Cell;
use std::rc::Rc;

const COLUMNS: u16 = 120;
const ROWS: u16 = 40;
const PRESSES: usize = 1_000;

/// The console without its threads and its terminal.
struct Console {
    desk: Desk,
    model: Model,
    view: View,
    theme: Theme,
    shown: Shown,
    screen: Terminal<Screen<Vec<u8>>>,
}

impl Console {
    fn new(desk: Desk) -> Self {
        let keymap = Keymap::default();
        let setup = Setup {
            agent: desk.who.agent.clone(),
            session: desk.who.session,
            place: "embedded".to_owned(),
            policy_rev: desk.policy().rev.clone(),
            zone: jiff::tz::TimeZone::UTC,
            themes: vec!["dark".to_owned()],
            theme: "dark".to_owned(),
            keys: KeyNames::from(&keymap),
            first_start: false,
        };
        let size = || Ok(Size::new(COLUMNS, ROWS));
        Self {
            model: Model::new(setup, COLUMNS, ROWS, desk.now()),
            desk,
            view: View::new(),
            theme: Theme::shipped("dark", None, Depth::True).expect("it is shipped"),
            shown: Shown::default(),
            screen: Terminal::new(Screen::new(Vec::new(), size)).expect("memory can be drawn on"),
        }
    }

    fn act(&mut self, action: Action) -> Vec<Effect> {
        let (now, fresh) = (self.desk.now(), uuid::Uuid::now_v7());
        update(&mut self.model, Input { action, shown: self.shown.clone(), now, fresh })
    }

    /// What the effects' thread does beside the screen.
    async fn answer(&mut self, effects: Vec<Effect>) {
        let mut asked = std::collections::VecDeque::from(effects);
        while let Some(effect) = asked.pop_front() {
            let queue = self.desk.queue();
            let outcome = match effect {
                Effect::LoadList(ask) => {
                    let rows = queue.list(ask.clone()).await.expect("the queue lists");
                    Outcome::ListLoaded { ask, rows }
                }
                Effect::LoadCounts => Outcome::CountsLoaded(queue.counts().await.expect("the queue counts")),
                Effect::Open { item } => {
                    let open = queue.open(item.clone()).await.expect("the queue opens").map(Box::new);
                    Outcome::Opened { item, open, edits: Vec::new() }
                }
                _ => continue,
            };
            asked.extend(self.act(Action::Outcome(outcome)));
        }
    }

    fn draw(&mut self) {
        let Self { model, view, theme, shown, screen, .. } = self;
        screen.draw(|frame| *shown = view.draw(model, theme, frame)).expect("memory can be drawn on");
        screen.backend_mut().send().expect("memory can be written");
    }

    fn bytes(&mut self) -> usize {
        let out = self.screen.backend_mut().out_mut();
        let bytes = out.len();
        out.clear();
        bytes
    }
}

/// Counts what is written, and forgets it.
#[derive(Clone, Default)]
struct Counter(Rc<Cell<usize>>);

impl std::io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.set(self.0.get() + bytes.len());
        Ok(bytes.len())
    }
    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The same words, wrapped anew each time and drawn by the library's own means.
fn bare(frame: &mut ratatui::Frame<'_>, names: &str, said: &str, draft: &str) {
    let panes =
        Layout::horizontal([Constraint::Length(26), Constraint::Percentage(50), Constraint::Percentage(50)])
            .split(frame.area());
    for (text, area) in [names, said, draft].into_iter().zip(panes.iter()) {
        let block = Block::new().borders(Borders::RIGHT | Borders::TOP);
        frame.render_widget(Paragraph::new(text).wrap(Wrap { trim: false }).block(block), *area);
    }
}

/// The words of the frame that our console has just drawn.
fn words(console: &Console) -> (String, String, String) {
    let list = &console.model.list;
    let names: Vec<_> = list.lines.iter().skip(list.top).take(13).map(|l| l.row.preview.as_str()).collect();
    let open = console.model.looking.as_ref().and_then(|l| l.open.as_deref()).expect("it was loaded ahead");
    let said: Vec<_> = open.item.conversation.messages.iter().map(|m| m.text.as_str()).collect();
    let draft = open.item.draft.as_ref().map(|d| d.text.clone()).unwrap_or_default();
    (names.join("\n\n\n"), said.join("\n\n"), draft)
}

fn median(mut bytes: Vec<usize>) -> usize {
    bytes.sort_unstable();
    bytes.get(bytes.len() / 2).copied().unwrap_or_default()
}

fn main() {
    let items = count(2_000);
    let dir = folder();
    let desk = desk(dir.path());
    let runtime = runtime();
    let lines: String = (0..items).map(|n| line(n) + "\n").collect();
    runtime.block_on(desk.import(&mut lines.as_bytes(), |_| ())).expect("the items go in");
    let mut console = Console::new(desk);
    let effects = console.act(Action::Start);
    runtime.block_on(console.answer(effects));
    console.draw();
    console.bytes();
    let viewport = Viewport::Fixed(Rect::new(0, 0, COLUMNS, ROWS));
    let written = Counter::default();
    let backend = CrosstermBackend::new(written.clone());
    let mut peer =
        Terminal::with_options(backend, TerminalOptions { viewport }).expect("no terminal is asked");
    let (mut ours, mut theirs) = (Times::default(), Times::default());
    let (mut our_bytes, mut their_bytes) = (Vec::new(), Vec::new());
    for _ in 0..PRESSES.min(items.saturating_sub(1)) {
        let at = console.desk.now();
        let key = Some(KeyPress { chord: "j".to_owned(), at, alone: true });
        let (time, effects) = timed(|| {
            let effects = console.act(Action::Command { command: Command::Next, count: None, key });
            console.draw();
            effects
        });
        ours.add(time);
        our_bytes.push(console.bytes());
        let (names, said, draft) = words(&console);
        let (time, drawn) = timed(|| peer.draw(|frame| bare(frame, &names, &said, &draft)).map(drop));
        drawn.expect("memory can be drawn on");
        theirs.add(time);
        their_bytes.push(written.0.take());
        runtime.block_on(console.answer(effects));
    }
    println!("{items} items, {PRESSES} presses of j, {COLUMNS}x{ROWS}\n");
    head("bare ratatui");
    row("a key, decided and drawn", &ours, &theirs);
    println!("\nbytes a key, median: {} beside {}", median(our_bytes), median(their_bytes));
}
