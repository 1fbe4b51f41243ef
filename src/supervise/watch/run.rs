//! The supervisor's loop: drains what is ready, lets `update` decide, has effects done, then draws once.
//!
//! The only I/O of the screen: the log is followed in one thread, desk and queue are asked in another, so that neither
//! stops the screen (P8).

use super::super::filter::Condition;
use super::super::form::fault_line;
use super::model::{KEPT, Model, Queue};
use super::update::{Action, Effect, Input, update};
use super::view::{Shown, render};
use crate::console::keymap;
use crate::console::run::{FindTheme, Left, RunError, Woken, wait_for};
use crate::console::terminal::{Caught, Read, Reader, Terminal, give_back_on_panic, hear_signals};
use crate::console::theme::{AUTO, Ground, Theme};
use crate::desk::{Desk, DeskError, Folder};
use crate::ledger::scan::{Upto, last_lines};
use crate::ledger::{Start as From, Told, follow};
use crate::review::{ReplyState, Stamp};
use crossterm::event::{Event as Key, KeyEventKind};
use jiff::tz::TimeZone;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::sync::{Arc, mpsc};

/// What the screen starts with.
pub struct Start {
    /// The theme asked for, `auto` among them.
    pub theme: String,
    /// Finds it.
    pub find_theme: FindTheme,
    /// Ask the terminal for its background colour.
    pub ask_background: bool,
    /// Only entries from this moment on.
    pub since: Option<Stamp>,
}

/// Whatever wakes the loop.
enum Event {
    Read(io::Result<Read>),
    Caught(Caught),
    Did(Action),
}

struct Loop {
    model: Model,
    theme: Theme,
    start: Start,
    terminal: Terminal,
    reader: Option<Reader>,
    ask: mpsc::Sender<Effect>,
    desk: Arc<Desk>,
    dirty: bool,
    /// How far what lies in front can be scrolled, by the last frame.
    last_top: usize,
    left: Option<Left>,
    /// A stop of our own will be followed by a SIGCONT after which everything is taken already.
    stopped_ourselves: bool,
}

/// Runs the screen until the supervisor leaves.
///
/// # Errors
/// See [`RunError`].
pub fn run(desk: Arc<Desk>, start: Start) -> Result<Left, RunError> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(RunError::NoTerminal("`countersign tail -f` and `stats`"));
    }
    let theme = (start.find_theme)(&start.theme, None).map_err(RunError::Theme)?;
    let log = Folder { root: desk.folder.root.clone() }.log();
    let since = start.since.map(Condition::since);
    let wanted = |line: &[u8]| since.as_ref().is_none_or(|since| since.holds(line));
    let (lines, upto) =
        last_lines(&log, start.since, KEPT, wanted).map_err(|e| RunError::Terminal(io::Error::other(e)))?;
    give_back_on_panic();
    let (tell, inbox) = mpsc::channel();
    let on_signal = tell.clone();
    hear_signals(move |caught| {
        // The loop may have ended; then nobody wants to know.
        let _ = on_signal.send(Event::Caught(caught));
    })?;
    let ask = ask_in_a_thread(desk.clone(), tell.clone())?;
    let terminal = Terminal::take(false)?;
    let model = Model::new(desk.who.agent.clone(), TimeZone::system(), terminal.size()?, desk.now());
    let mut this = Loop {
        model,
        theme,
        terminal,
        reader: None,
        ask,
        desk,
        dirty: true,
        last_top: 0,
        left: None,
        stopped_ourselves: false,
        start,
    };
    this.act(Action::Lines(lines.into_iter().map(|line| (line, None)).collect()))?;
    this.effect(Effect::AskQueue)?;
    follow_in_a_thread(&log, upto, tell.clone())?;
    this.draw()?;
    let answer = if this.start.ask_background { Some(this.terminal.ask_background()?) } else { None };
    let clock = this.desk.clone();
    this.reader =
        Some(Reader::start(answer, move || clock.now(), move |read| tell.send(Event::Read(read)).is_ok())?);
    this.turn(&inbox)
}

/// Follows the log for as long as the program lives.
fn follow_in_a_thread(log: &Path, upto: Upto, tell: mpsc::Sender<Event>) -> io::Result<()> {
    let mut follower = follow(log, From::After(upto))?;
    std::thread::Builder::new().name("log".to_owned()).spawn(move || {
        loop {
            let action = match follower.ready() {
                Ok(told) if told.is_empty() => match follower.wait(None) {
                    Ok(_) => continue,
                    Err(why) => Action::Broken(format!("the log cannot be followed any more ({why})")),
                },
                Ok(told) => said(told),
                Err(why) => Action::Broken(format!("the log cannot be read any more ({why})")),
            };
            let over = matches!(&action, Action::Broken(_));
            if tell.send(Event::Did(action)).is_err() || over {
                return;
            }
        }
    })?;
    Ok(())
}

fn said(told: Vec<Told>) -> Action {
    let mut lines = Vec::new();
    for one in told {
        match one {
            Told::Line(raw, fault) => lines.push((raw, fault.map(|fault| fault_line(&fault)))),
            Told::CutBack { lost: Some(fault) } => lines.push((Vec::new(), Some(fault_line(&fault)))),
            Told::CutBack { lost: None } => {}
            Told::Replaced => {
                lines.push((Vec::new(), Some("broken: another log stands here now".to_owned())));
            }
        }
    }
    Action::Lines(lines)
}

/// Asks desk and queue, one after the other.
fn ask_in_a_thread(desk: Arc<Desk>, tell: mpsc::Sender<Event>) -> io::Result<mpsc::Sender<Effect>> {
    let (ask, asked) = mpsc::channel::<Effect>();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
    std::thread::Builder::new().name("effects".to_owned()).spawn(move || {
        for effect in asked {
            let action = match effect {
                Effect::Open(id) => {
                    let text = runtime.block_on(desk.open_text(id));
                    Action::Text(id, text.map(|text| text.map(Box::new)).map_err(|e| e.to_string()))
                }
                Effect::AskQueue => Action::Queue(runtime.block_on(queue(&desk)).map_err(|e| e.to_string())),
                Effect::Redraw | Effect::Suspend | Effect::Quit => continue,
            };
            if tell.send(Event::Did(action)).is_err() {
                return;
            }
        }
    })?;
    Ok(ask)
}

async fn queue(desk: &Desk) -> Result<Queue, DeskError> {
    let counts = desk.queue().counts().await?;
    let (mut under_way, mut troubled) = (0, 0);
    for held in desk.queue().held(None).await? {
        match held.state {
            ReplyState::Dead | ReplyState::Unsure => troubled += 1,
            _ => under_way += 1,
        }
    }
    Ok(Queue { counts, under_way, troubled })
}

impl Loop {
    fn turn(&mut self, inbox: &mpsc::Receiver<Event>) -> Result<Left, RunError> {
        loop {
            if let Some(left) = self.left {
                return Ok(left);
            }
            self.draw()?;
            let now = self.desk.now();
            let first = match wait_for(inbox, Some(self.model.next_deadline().since(now))) {
                Woken::By(event) => event,
                Woken::InTime => Event::Did(Action::Tick),
                Woken::ForGood => return Ok(Left::Asked),
            };
            // Drain, then draw once.
            for event in std::iter::once(first).chain(inbox.try_iter().collect::<Vec<_>>()) {
                self.take(event)?;
            }
        }
    }

    fn take(&mut self, event: Event) -> Result<(), RunError> {
        match event {
            Event::Did(action) => self.act(action),
            Event::Read(Ok(read)) => self.read(read),
            // The terminal is gone.
            Event::Read(Err(_)) => {
                self.left = Some(Left::Signal(signal_hook::consts::SIGHUP));
                Ok(())
            }
            Event::Caught(Caught::Leave(signal)) => {
                self.left = Some(Left::Signal(signal));
                Ok(())
            }
            Event::Caught(Caught::Continue) => {
                if !std::mem::take(&mut self.stopped_ourselves) {
                    self.terminal.take_again()?;
                }
                self.resize()
            }
        }
    }

    fn resize(&mut self) -> Result<(), RunError> {
        let (columns, rows) = self.terminal.size()?;
        self.act(Action::Resize(columns, rows))
    }

    fn read(&mut self, read: Read) -> Result<(), RunError> {
        if let Some(background) = read.background
            && self.start.theme == AUTO
            && let Ok(theme) = (self.start.find_theme)(AUTO, Some(Ground::of(background)))
        {
            (self.theme, self.dirty) = (theme, true);
        }
        for event in read.events {
            let action = match event {
                Key::Key(key) if key.kind != KeyEventKind::Release => keymap::chord(&key).map(Action::Press),
                Key::Paste(text) => Some(Action::Paste(text)),
                Key::Resize(columns, rows) => Some(Action::Resize(columns, rows)),
                _ => None,
            };
            if let Some(action) = action {
                self.act(action)?;
            }
        }
        Ok(())
    }

    fn act(&mut self, action: Action) -> Result<(), RunError> {
        self.dirty = true;
        let now = self.desk.now();
        for effect in update(&mut self.model, Input { action, now, last_top: self.last_top }) {
            self.effect(effect)?;
        }
        Ok(())
    }

    fn effect(&mut self, effect: Effect) -> Result<(), RunError> {
        match effect {
            Effect::Quit => self.left = Some(Left::Asked),
            Effect::Redraw => self.terminal.forget_screen(),
            Effect::Suspend => {
                let Some(reader) = &self.reader else { return Ok(()) };
                self.stopped_ourselves = true;
                self.terminal.lend(reader, || {
                    // Stops here; goes on with SIGCONT.
                    let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
                })?;
                self.resize()?;
            }
            // The thread ends only with the program.
            asked @ (Effect::Open(_) | Effect::AskQueue) => drop(self.ask.send(asked)),
        }
        Ok(())
    }

    fn draw(&mut self) -> Result<(), RunError> {
        if !std::mem::take(&mut self.dirty) {
            return Ok(());
        }
        assert!(!crate::fault::armed("watch.panic"), "by a test\u{1b}]2;owned\u{7}");
        let (model, theme) = (&self.model, &self.theme);
        let mut shown = Shown::default();
        self.terminal.draw(|frame| {
            let area = frame.area();
            shown = render(model, theme, area, frame.buffer_mut());
            if let Some(caret) = shown.caret {
                frame.set_cursor_position(caret);
            }
        })?;
        self.last_top = shown.last_top;
        Ok(())
    }
}
