//! The console without a screen: lines in, lines out. For screen readers, terminals that cannot move a cursor, and
//! scripts.
//!
//! It drives the same [`Model`] by the same `update` and the same [`Effects`] as the screen does; only what is shown and
//! what is typed differ. Nothing is ever drawn over: one line for each change of state, appended. Promises hold here as
//! there:
//!
//! * P2: an item counts as shown once its whole page has left the program (`printed`). What changes afterwards is told
//!   in a line; a verdict on it is refused, and the change is printed.
//! * Careful verdicts: a verdict is its whole name and Enter. At a terminal it counts only as the one line of its
//!   read, not within 300 ms of a new page and not twice within a second; so no paste and no stuck key gives one.
//! * A script (standard input is no terminal) has no hand that could slip, but may be wrong about what lies before it: its
//!   verdicts name their item (`approve tick-41`), each line waits until the one before it is done, and the first
//!   line that cannot be done ends the run, so that what follows is never read as something else. Exit codes: 1 a
//!   line was not understood or the system failed, 4 something was refused, 5 the log cannot be written.
//! * P9: a line counts as typed with its Enter, and is saved within the second; the end of the input saves at once.

mod answers;
mod choose;
mod lines;
mod page;
mod paper;
mod printed;
mod talk;
mod tell;
mod words;
mod write;

use super::command::{Command, Mode};
use super::effects::Effects;
use super::message::{Action, Effect, Input, Outcome, Shown, Signal};
use super::model::{KeyNames, Model, Setup};
use super::outside;
use super::run::{Left, Woken, wait_for};
use super::terminal::{Caught, hear_signals};
use super::update::update;
use crate::desk::Desk;
use crate::review::{Span, Stamp};
use answers::{answers, asks};
use lines::{Came, Reader};
use paper::Paper;
use std::io::{self, IsTerminal, Write};
use std::sync::{Arc, mpsc};
use tell::Told;
use uuid::Uuid;

/// Cells of a line where the terminal does not say.
const COLUMNS: u16 = 80;
/// How long a line waits for what is under way before it is read all the same.
const PATIENCE: Span = Span::seconds(10);

/// What the plain console starts with.
#[derive(Clone, Debug)]
pub struct Start {
    /// Where the queue is, in a word.
    pub place: String,
    /// The store has never held an item.
    pub first_start: bool,
}

/// Why the plain console could not go on.
#[derive(Debug, thiserror::Error)]
pub enum PlainError {
    /// Input, output or a thread failed.
    #[error("the lines cannot be read or printed ({0}); what you typed is kept")]
    Lines(#[from] io::Error),
    /// A line of a script could not be done; nothing after it was read.
    #[error("line {line}: {why}; nothing after it was read")]
    Stopped {
        /// Counted from 1.
        line: usize,
        /// What kind of failure.
        stop: Stop,
        /// What was said about it.
        why: String,
    },
}

/// Why a script ended before its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// A line was not understood, or the system failed.
    Fault,
    /// What it asked for was refused.
    Refused,
    /// The log cannot be written.
    LedgerClosed,
}

/// Whatever wakes the loop.
enum Event {
    Came(Came),
    Outcome(Outcome),
    Leave(i32),
}

/// Who sits here, and in front of what.
struct Seat {
    /// Lines come from a hand at a terminal, not from a script.
    by_hand: bool,
    /// Lines go to a terminal.
    screen: bool,
    /// A prompt stands at the end of the output.
    prompted: bool,
}

struct Plain {
    model: Model,
    shown: Shown,
    effects: Effects,
    desk: Arc<Desk>,
    paper: Paper,
    told: Told,
    seat: Seat,
    /// The reader has been asked for a line.
    asked: bool,
    /// Effects that will be answered.
    pending: usize,
    /// When the last of them was asked.
    pending_since: Stamp,
    /// Lines read so far.
    line: usize,
    /// The line in hand has signed something.
    signed: bool,
    stop: Option<(Stop, String)>,
    leave: Option<bool>,
    left: Left,
}

/// Runs the plain console until the agent leaves or the input ends.
///
/// # Errors
/// See [`PlainError`].
pub fn run(desk: Arc<Desk>, start: Start) -> Result<Left, PlainError> {
    let (tell, inbox) = mpsc::channel();
    let on_signal = tell.clone();
    hear_signals(move |caught| {
        if let Caught::Leave(signal) = caught {
            // The loop may have ended; then nobody wants to know.
            let _ = on_signal.send(Event::Leave(signal));
        }
    })?;
    let outcomes = tell.clone();
    let effects = Effects::start(
        desk.clone(),
        Arc::new(move |outcome| {
            // The loop may have ended; then nobody wants to know.
            let _ = outcomes.send(Event::Outcome(outcome));
        }),
    )?;
    let (by_hand, screen) = (io::stdin().is_terminal(), io::stdout().is_terminal());
    let reader = Reader::start(by_hand, move |came| tell.send(Event::Came(came)).is_ok())?;
    let setup = Setup {
        agent: desk.who.agent.clone(),
        session: desk.who.session,
        place: start.place,
        policy_rev: desk.policy().revision(),
        zone: jiff::tz::TimeZone::system(),
        themes: Vec::new(),
        theme: String::new(),
        keys: names(),
        first_start: start.first_start,
    };
    let now = desk.now();
    let mut this = Plain {
        model: Model::new(setup, COLUMNS, 24, now),
        shown: printed::nothing(now),
        effects,
        desk,
        paper: Paper::new(usize::from(COLUMNS)),
        told: Told::default(),
        seat: Seat { by_hand, screen, prompted: false },
        asked: false,
        pending: 0,
        pending_since: now,
        line: 0,
        signed: false,
        stop: None,
        leave: None,
        left: Left::Asked,
    };
    this.act(Action::Start);
    let ended = this.turn(&inbox, &reader);
    if ended.is_err() {
        // Nobody reads what is printed: what is written is saved, and nothing else is done.
        this.act(Action::Outcome(Outcome::Signal(Signal::Leave)));
    }
    let Plain { effects, leave, left, stop, line, .. } = this;
    effects.finish(leave.unwrap_or(false));
    ended?;
    stop.map_or(Ok(left), |(stop, why)| Err(PlainError::Stopped { line, stop, why }))
}

/// In the place of keys: what `update` says to press is a word to be typed.
fn names() -> KeyNames {
    let name = |c: Command| vec![format!("`{}`", words::spoken(c.name()))];
    let all = Mode::ALL.iter().flat_map(|mode| Command::of(*mode).map(|c| (*mode, c, name(c))));
    KeyNames(all.collect())
}

impl Plain {
    fn turn(&mut self, inbox: &mpsc::Receiver<Event>, reader: &Reader) -> Result<(), PlainError> {
        while self.leave.is_none() {
            self.tell()?;
            if self.stop.is_some() {
                self.leave_now();
                continue;
            }
            // A line is asked for only when it can be done: so none is judged by what was there before.
            if !self.asked && self.is_quiet() {
                self.asked = true;
                self.prompt()?;
                reader.next();
            }
            let now = self.desk.now();
            let patience = (!self.asked).then(|| self.pending_since.plus(PATIENCE)).filter(|at| *at > now);
            let page = self.page_waits().map(|at| at.max(now));
            let wakes = [self.model.next_deadline(now), patience, page];
            let next = wakes.into_iter().flatten().min();
            let first = match wait_for(inbox, next.map(|at| at.since(now))) {
                Woken::By(event) => Some(event),
                Woken::InTime => {
                    self.act(Action::Tick);
                    None
                }
                Woken::ForGood => return Ok(()),
            };
            for event in first.into_iter().chain(inbox.try_iter().collect::<Vec<_>>()) {
                if self.leave.is_none() {
                    self.take(event)?;
                }
            }
        }
        self.tell()
    }

    fn take(&mut self, event: Event) -> Result<(), PlainError> {
        match event {
            Event::Came(came) => {
                self.asked = false;
                match came? {
                    Some(line) => {
                        // The terminal has shown the line's own end.
                        self.seat.prompted = false;
                        self.line += 1;
                        self.effects.key_fell(self.desk.now());
                        self.hear_line(&line);
                    }
                    None => self.input_ended(),
                }
            }
            Event::Outcome(outcome) => {
                if answers(&outcome) {
                    self.pending = self.pending.saturating_sub(1);
                }
                self.judge(&outcome);
                self.act(Action::Outcome(outcome));
            }
            Event::Leave(signal) => {
                self.left = Left::Signal(signal);
                self.leave_now();
            }
        }
        Ok(())
    }

    /// Nothing is under way that the next line could depend on.
    fn is_quiet(&self) -> bool {
        let looking = self.model.looking.as_ref();
        let there = looking.is_none_or(|l| l.open.is_some() || self.model.under_way.failed.contains(&l.item));
        let settled = self.pending == 0 && self.model.list.loaded && there;
        // A script that has asked to leave has nothing more to say; a hand may still change its mind.
        let stays = self.seat.by_hand || self.model.leaving.is_none();
        stays && (settled || self.desk.now() >= self.pending_since.plus(PATIENCE))
    }

    fn act(&mut self, action: Action) {
        let input = Input { action, shown: self.shown.clone(), now: self.desk.now(), fresh: Uuid::now_v7() };
        for effect in update(&mut self.model, input) {
            self.effect(effect);
        }
    }

    fn effect(&mut self, effect: Effect) {
        match effect {
            // Nothing is drawn, coloured or clicked here, and a stop is the shell's own.
            Effect::Bell | Effect::SetMouse(_) | Effect::UseTheme(_) | Effect::Redraw | Effect::Suspend => {}
            Effect::ExternalEditor { item, text } => {
                let text = outside::meanwhile(|| outside::edit(&text));
                self.act(Action::Outcome(Outcome::ExternalEdited { item, text }));
            }
            Effect::Quit { send_held } => self.leave = Some(send_held),
            other => {
                if asks(&other) {
                    self.pending += 1;
                    self.pending_since = self.desk.now();
                }
                self.signed |= matches!(other, Effect::Commit { .. });
                self.effects.ask(other);
            }
        }
    }

    /// The end of the input leaves as a signal does: nobody is there to be asked.
    fn input_ended(&mut self) {
        if self.model.leaving.is_some() {
            // Never asked again: nothing more can come.
            self.asked = true;
            return;
        }
        self.leave_now();
    }

    fn leave_now(&mut self) {
        let held = self.model.tray.on_the_way();
        if held > 0 {
            let replies = if held == 1 { "1 reply is".to_owned() } else { format!("{held} replies are") };
            self.paper
                .say(&format!("{replies} still held; the next console on this queue sends what is due"));
        }
        self.act(Action::Outcome(Outcome::Signal(Signal::Leave)));
    }

    /// Lets what was printed leave the program.
    fn flush(&mut self) -> io::Result<()> {
        let text = self.paper.take();
        if text.is_empty() {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        if std::mem::take(&mut self.seat.prompted) {
            out.write_all(b"\n")?;
        }
        out.write_all(text.as_bytes())?;
        out.flush()?;
        if self.asked {
            drop(out);
            self.prompt()?;
        }
        Ok(())
    }

    /// Says whose turn it is, where somebody sits.
    fn prompt(&mut self) -> io::Result<()> {
        if !self.seat.by_hand || !self.seat.screen {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        out.write_all(match self.model.mode() {
            Mode::Edit => b"text: ",
            Mode::Menu | Mode::Confirm => b"number: ",
            _ => b"> ",
        })?;
        out.flush()?;
        self.seat.prompted = true;
        Ok(())
    }
}
