//! The loop: drains what is ready, lets `update` decide, has effects done, then draws once if anything came.
//!
//! The only place where model, view, terminal and effects meet. Owns no state of its own beyond them: what the last
//! frame showed travels with every input (P2).

use super::chord::Chord;
use super::effects::Effects;
use super::keymap::{self, Keymap};
use super::keys::Keys;
use super::message::{Action, Effect, Input, Outcome, Shown, Signal};
use super::model::{KeyNames, Model, Setup};
use super::outside;
use super::terminal::{Caught, Read, Reader, Terminal, give_back_on_panic, hear_signals};
use super::theme::{AUTO, Ground, Rgb, Theme};
use super::update::update;
use super::view::View;
use crate::desk::Desk;
use crate::review::{Span, Stamp};
use crossterm::event::{Event as Key, KeyEventKind, MouseButton, MouseEvent, MouseEventKind};
use std::io;
use std::sync::{Arc, mpsc};
use std::time::Duration;
use uuid::Uuid;

/// Finds a theme by name, for a background where that is known; an error is a line for the agent.
pub type FindTheme = Box<dyn Fn(&str, Option<Ground>) -> Result<Theme, String>>;

/// What the console starts with.
#[expect(clippy::struct_excessive_bools, reason = "settings that have nothing to do with each other")]
pub struct Start {
    /// Where the queue is, in a word.
    pub place: String,
    /// The keys.
    pub keymap: Keymap,
    /// The theme asked for, `auto` among them.
    pub theme: String,
    /// Names of the themes there are.
    pub themes: Vec<String>,
    /// Finds them.
    pub find_theme: FindTheme,
    /// Ask the terminal for its background colour.
    pub ask_background: bool,
    /// The store has never held an item.
    pub first_start: bool,
    /// Capture the mouse from the start.
    pub mouse: bool,
    /// Ring when something needs attention.
    pub bell: bool,
    /// What the agent should know from the start, for instance faults in a keymap file.
    pub notices: Vec<String>,
}

/// Why the console could not go on.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Standard input or output is no terminal; what to use there.
    #[error("this is no terminal; use {0}")]
    NoTerminal(&'static str),
    /// The terminal failed.
    #[error("the terminal failed ({0}); what you typed is kept")]
    Terminal(#[from] io::Error),
    /// The theme cannot be used.
    #[error("{0}")]
    Theme(String),
}

/// How the console was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// By the agent's word.
    Asked,
    /// By a signal, or because the terminal went away.
    Signal(i32),
}

/// Whatever wakes the loop.
enum Event {
    Read(io::Result<Read>),
    Outcome(Outcome),
    Caught(Caught),
}

/// How long the first frame waits for the queue's first rows: a frame that says "loading" for a moment only flickers.
const FIRST_ROWS: Duration = Duration::from_millis(25);

struct Loop {
    model: Model,
    view: View,
    theme: Theme,
    keymap: Keymap,
    keys: Keys,
    shown: Shown,
    terminal: Terminal,
    reader: Option<Reader>,
    effects: Effects,
    desk: Arc<Desk>,
    find_theme: FindTheme,
    /// What the terminal has said its background is.
    ground: Option<Ground>,
    bell: bool,
    dirty: bool,
    /// Set once: leave, sending what is held or not.
    leave: Option<bool>,
    left: Left,
    /// A stop of our own will be followed by a SIGCONT after which everything is taken already.
    stopped_ourselves: bool,
}

/// Why a front's loop goes on.
pub(crate) enum Woken<T> {
    /// Something came.
    By(T),
    /// The time is over.
    InTime,
    /// Nothing can come any more.
    ForGood,
}

/// Waits for something to come, at most so long.
pub(crate) fn wait_for<T>(inbox: &mpsc::Receiver<T>, at_most: Option<Span>) -> Woken<T> {
    let Some(span) = at_most else { return inbox.recv().map_or(Woken::ForGood, Woken::By) };
    match inbox.recv_timeout(Duration::from_millis(u64::try_from(span.millis()).unwrap_or(0))) {
        Ok(event) => Woken::By(event),
        Err(mpsc::RecvTimeoutError::Timeout) => Woken::InTime,
        Err(mpsc::RecvTimeoutError::Disconnected) => Woken::ForGood,
    }
}

/// Runs the console until the agent leaves.
///
/// # Errors
/// See [`RunError`].
pub fn run(desk: Arc<Desk>, start: Start) -> Result<Left, RunError> {
    use std::io::IsTerminal;
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(RunError::NoTerminal("--plain, or `countersign list` and `decide`"));
    }
    let theme = (start.find_theme)(&start.theme, None).map_err(RunError::Theme)?;
    give_back_on_panic();
    let (tell, inbox) = mpsc::channel();
    let on_signal = tell.clone();
    hear_signals(move |caught| {
        // The loop may have ended; then nobody wants to know.
        let _ = on_signal.send(Event::Caught(caught));
    })?;
    let outcomes = tell.clone();
    let effects = Effects::start(
        desk.clone(),
        Arc::new(move |outcome| {
            // The loop may have ended; then nobody wants to know.
            let _ = outcomes.send(Event::Outcome(outcome));
        }),
    )?;
    let terminal = Terminal::take(start.mouse)?;
    let (columns, rows) = terminal.size()?;
    let setup = Setup {
        agent: desk.who.agent.clone(),
        session: desk.who.session,
        place: start.place,
        policy_rev: desk.policy().revision(),
        zone: jiff::tz::TimeZone::system(),
        themes: start.themes,
        theme: start.theme.clone(),
        keys: KeyNames::from(&start.keymap),
        first_start: start.first_start,
    };
    let mut this = Loop {
        model: Model::new(setup, columns, rows, desk.now()),
        view: View::new(),
        theme,
        keymap: start.keymap,
        keys: Keys::default(),
        shown: Shown::default(),
        terminal,
        reader: None,
        effects,
        desk,
        find_theme: start.find_theme,
        ground: None,
        bell: start.bell,
        dirty: true,
        leave: None,
        left: Left::Asked,
        stopped_ourselves: false,
    };
    this.act(Action::Start)?;
    for notice in start.notices {
        this.act(Action::Outcome(Outcome::Notice(notice)))?;
    }
    this.first_frame(&inbox)?;
    let answer = if start.ask_background { Some(this.terminal.ask_background()?) } else { None };
    let clock = this.desk.clone();
    let now = move || clock.now();
    this.reader = Some(Reader::start(answer, now, move |read| tell.send(Event::Read(read)).is_ok())?);
    let ended = this.turn(&inbox);
    if ended.is_err() {
        // The screen is gone, the text is not: it is saved before all else ends (P9).
        let _ = this.act(Action::Outcome(Outcome::Signal(Signal::Leave)));
    }
    let Loop { terminal, effects, leave, left, .. } = this;
    drop(terminal);
    effects.finish(leave.unwrap_or(false));
    ended.map(|()| left)
}

impl Loop {
    fn turn(&mut self, inbox: &mpsc::Receiver<Event>) -> Result<(), RunError> {
        while self.leave.is_none() {
            self.draw()?;
            let now = self.desk.now();
            let first = match wait_for(inbox, self.model.next_deadline(now).map(|at| at.since(now))) {
                Woken::By(event) => Some(event),
                Woken::InTime => {
                    self.act(Action::Tick)?;
                    None
                }
                Woken::ForGood => return Ok(()),
            };
            // Drain, then draw once: 200 keys cost one frame.
            for event in first.into_iter().chain(inbox.try_iter().collect::<Vec<_>>()) {
                if self.leave.is_none() {
                    self.take(event)?;
                }
            }
        }
        Ok(())
    }

    fn first_frame(&mut self, inbox: &mpsc::Receiver<Event>) -> Result<(), RunError> {
        let until = std::time::Instant::now() + FIRST_ROWS;
        while self.model.looking.as_ref().is_none_or(|l| l.open.is_none()) && self.leave.is_none() {
            let left = until.saturating_duration_since(std::time::Instant::now());
            match inbox.recv_timeout(left) {
                Ok(event) => self.take(event)?,
                Err(_) => break,
            }
        }
        self.draw()
    }

    /// The terminal has said what its background is: `auto` can choose.
    fn fit_theme(&mut self, background: Rgb) {
        self.ground = Some(Ground::of(background));
        if self.model.setup.theme == AUTO
            && let Ok(theme) = (self.find_theme)(AUTO, self.ground)
        {
            self.theme = theme;
            self.dirty = true;
        }
    }

    fn take(&mut self, event: Event) -> Result<(), RunError> {
        match event {
            Event::Read(Ok(read)) => self.read(read),
            Event::Outcome(outcome) => self.act(Action::Outcome(outcome)),
            // The terminal is gone: save and leave.
            Event::Read(Err(_)) => self.act(Action::Outcome(Outcome::Signal(Signal::Leave))),
            Event::Caught(Caught::Leave(signal)) => {
                self.left = Left::Signal(signal);
                self.act(Action::Outcome(Outcome::Signal(Signal::Leave)))
            }
            // Whoever had the terminal while we were stopped may have set it otherwise and written on it.
            Event::Caught(Caught::Continue) => {
                if !std::mem::take(&mut self.stopped_ourselves) {
                    self.terminal.take_again()?;
                }
                self.act(Action::Outcome(Outcome::Signal(Signal::Continue)))?;
                let (columns, rows) = self.terminal.size()?;
                self.act(Action::Resize { columns, rows })
            }
        }
    }

    fn read(&mut self, read: Read) -> Result<(), RunError> {
        if let Some(background) = read.background {
            self.fit_theme(background);
        }
        for event in read.events {
            let action = match event {
                Key::Key(key) if key.kind != KeyEventKind::Release => {
                    self.effects.key_fell(read.at);
                    keymap::chord(&key).and_then(|chord| self.press(chord, read.at, read.alone))
                }
                Key::Paste(text) => Some(Action::Paste(text)),
                Key::Resize(columns, rows) => Some(Action::Resize { columns, rows }),
                Key::FocusGained => Some(Action::Focus(true)),
                Key::FocusLost => Some(Action::Focus(false)),
                Key::Mouse(mouse) => self.mouse(mouse),
                Key::Key(_) => None,
            };
            if let Some(action) = action {
                self.act(action)?;
            }
            if self.leave.is_some() {
                return Ok(());
            }
        }
        Ok(())
    }

    fn press(&mut self, chord: Chord, at: Stamp, alone: bool) -> Option<Action> {
        self.keys.press(&self.keymap, self.model.mode(), chord, at, alone)
    }

    fn mouse(&self, mouse: MouseEvent) -> Option<Action> {
        let under = self.shown.hit(mouse.column, mouse.row)?;
        match mouse.kind {
            MouseEventKind::ScrollDown => Some(Action::Wheel(under, 1)),
            MouseEventKind::ScrollUp => Some(Action::Wheel(under, -1)),
            MouseEventKind::Down(MouseButton::Left) => Some(Action::Click(under)),
            _ => None,
        }
    }

    fn act(&mut self, action: Action) -> Result<(), RunError> {
        let now = self.desk.now();
        self.dirty |= !self.model.is_unseen(&action, now);
        let input = Input { action, shown: self.shown.clone(), now, fresh: Uuid::now_v7() };
        for effect in update(&mut self.model, input) {
            self.effect(effect)?;
        }
        Ok(())
    }

    fn effect(&mut self, effect: Effect) -> Result<(), RunError> {
        match effect {
            Effect::Bell => {
                if self.bell {
                    self.terminal.bell()?;
                }
            }
            Effect::SetMouse(on) => self.terminal.set_mouse(on)?,
            Effect::Redraw => self.terminal.forget_screen(),
            Effect::UseTheme(name) => match (self.find_theme)(&name, self.ground) {
                Ok(theme) => self.theme = theme,
                Err(why) => self.act(Action::Outcome(Outcome::Failed {
                    tried: Box::new(Effect::UseTheme(name)),
                    why,
                    remedy: "`countersign themes` lists them".to_owned(),
                }))?,
            },
            Effect::Suspend => self.suspend()?,
            Effect::ExternalEditor { item, text } => {
                let Some(reader) = &self.reader else { return Ok(()) };
                let text = self.terminal.lend(reader, || outside::edit(&text))?;
                self.act(Action::Outcome(Outcome::ExternalEdited { item, text }))?;
            }
            Effect::Quit { send_held } => self.leave = Some(send_held),
            other => self.effects.ask(other),
        }
        Ok(())
    }

    /// Ctrl-Z: the shell gets its terminal, the group stops; afterwards everything is taken again.
    fn suspend(&mut self) -> Result<(), RunError> {
        let Some(reader) = &self.reader else { return Ok(()) };
        self.stopped_ourselves = true;
        self.terminal.lend(reader, || {
            // Stops here; goes on with SIGCONT.
            let _ = rustix::process::kill_current_process_group(rustix::process::Signal::TSTP);
        })?;
        let (columns, rows) = self.terminal.size()?;
        self.act(Action::Resize { columns, rows })
    }

    fn draw(&mut self) -> Result<(), RunError> {
        if !std::mem::take(&mut self.dirty) {
            return Ok(());
        }
        assert!(!crate::fault::armed("console.panic"), "by a test\u{1b}]2;owned\u{7}");
        let (view, model, theme) = (&mut self.view, &self.model, &self.theme);
        let mut shown = Shown::default();
        self.terminal.draw(|frame| shown = view.draw(model, theme, frame))?;
        self.shown = shown;
        Ok(())
    }
}
