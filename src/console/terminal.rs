//! The terminal itself: taken, read, drawn on and given back, whatever happens.
//!
//! One plain reader thread with `poll` and a channel (not crossterm's `EventStream`, which keeps only its first waker).
//! Invariant: every mode that was set is undone in reverse order on leaving, on a panic, on a signal and around
//! another program; a second giving-back does nothing.

mod background;
mod screen;

pub use background::Answer;
pub use screen::Screen;

use super::outside;
use super::theme::Rgb;
use crate::review::Stamp;
use crate::visible;
use crossterm::event::{
    self, DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange, Event,
};
use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::layout::Size;
use std::io::{self, IsTerminal, Stdout, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Asks for clicks and wheel only, not for motion.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// How often the reader looks whether it shall pause or end.
const READER_TURN: Duration = Duration::from_millis(100);

/// Whether the modes are set at present; the panic hook and signals ask.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// The terminal, taken.
pub struct Terminal {
    screen: ratatui::Terminal<Screen<Stdout>>,
    mouse: bool,
    /// The next frame draws every cell.
    anew: bool,
}

/// Columns and rows. One call of the system, for each frame; crossterm opens the terminal anew for it.
fn measure() -> io::Result<Size> {
    if let Ok(size) = rustix::termios::tcgetwinsize(io::stdout())
        && size.ws_col > 0
        && size.ws_row > 0
    {
        return Ok(Size::new(size.ws_col, size.ws_row));
    }
    let (columns, rows) = crossterm::terminal::size()?;
    Ok(Size::new(columns, rows))
}

fn set_modes(mouse: bool) -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    let mut out = io::stdout();
    execute!(out, EnterAlternateScreen, EnableBracketedPaste, EnableFocusChange, cursor::Hide)?;
    if mouse {
        out.write_all(MOUSE_ON.as_bytes())?;
    }
    out.flush()
}

/// Undoes all modes, in reverse order. Safe to call from a panic hook or a signal's thread, any number of times.
pub fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    // Nothing can be done about a terminal that is gone.
    let _ = out.write_all(MOUSE_OFF.as_bytes());
    let _ = execute!(
        out,
        EndSynchronizedUpdate,
        cursor::Show,
        cursor::SetCursorStyle::DefaultUserShape,
        DisableFocusChange,
        DisableBracketedPaste,
        LeaveAlternateScreen
    );
    let _ = disable_raw_mode();
}

/// From now on a panic, in any thread, gives the terminal back, says what happened and ends the program.
///
/// Takes the place of the standard hook: its message may quote a customer's text, and would do so raw (P6).
pub fn give_back_on_panic() {
    std::panic::set_hook(Box::new(|panic| {
        let was_taken = TAKEN.load(Ordering::SeqCst);
        give_back();
        let payload = panic.payload();
        let what = payload
            .downcast_ref::<&str>()
            .copied()
            .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
            .unwrap_or("without a word");
        let place = panic.location().map_or_else(String::new, |at| format!(" at {at}"));
        let mut err = io::stderr().lock();
        // Nobody may be left to read it.
        let _ = writeln!(err, "countersign: panicked{place}: {}", visible::line(what));
        let trace = std::backtrace::Backtrace::capture();
        if trace.status() == std::backtrace::BacktraceStatus::Captured {
            let _ = writeln!(err, "{trace}");
        }
        if was_taken {
            let _ =
                writeln!(err, "countersign: a fault of the program; what you typed is kept, start it again");
            // Other threads would go on drawing on a terminal that is the shell's again.
            std::process::exit(101);
        }
    }));
}

impl Terminal {
    /// Takes the terminal.
    ///
    /// # Errors
    /// It cannot be written to, or is none.
    pub fn take(mouse: bool) -> io::Result<Self> {
        set_modes(mouse)?;
        let screen = ratatui::Terminal::new(Screen::new(io::stdout(), measure))?;
        Ok(Self { screen, mouse, anew: false })
    }

    /// Columns and rows.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.screen.size()?;
        Ok((size.width, size.height))
    }

    /// Draws one frame; the terminal shows it at once or not at all.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn draw(&mut self, render: impl FnOnce(&mut ratatui::Frame<'_>)) -> io::Result<()> {
        self.clear_if_asked()?;
        self.screen.draw(render)?;
        self.screen.backend_mut().send()
    }

    /// Forgets what is on screen: the next frame draws every cell.
    pub const fn forget_screen(&mut self) {
        self.anew = true;
    }

    /// Not by `clear`, which asks the terminal where its cursor is and fails after two seconds on a mute one: a resize
    /// to the size there is clears all the same.
    fn clear_if_asked(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.anew) {
            return Ok(());
        }
        self.screen.backend_mut().begin_anew();
        let size = self.screen.size()?;
        self.screen.resize(ratatui::layout::Rect::from((ratatui::layout::Position::ORIGIN, size)))
    }

    /// Sets all modes once more, after somebody else has had the terminal unasked: a stop and SIGCONT from outside.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn take_again(&mut self) -> io::Result<()> {
        // Given back first: entering the other screen twice would forget where the shell's cursor stood.
        give_back();
        set_modes(self.mouse)?;
        self.forget_screen();
        Ok(())
    }

    /// Asks for mouse clicks, or no longer.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn set_mouse(&mut self, on: bool) -> io::Result<()> {
        self.mouse = on;
        let mut out = io::stdout();
        out.write_all(if on { MOUSE_ON } else { MOUSE_OFF }.as_bytes())?;
        out.flush()
    }

    /// Asks what the background is; the answer comes as a [`Read`], or never.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn ask_background(&mut self) -> io::Result<Answer> {
        let mut out = io::stdout();
        out.write_all(background::ASK)?;
        out.flush()?;
        Ok(Answer::default())
    }

    /// Rings.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn bell(&mut self) -> io::Result<()> {
        let mut out = io::stdout();
        out.write_all(b"\x07")?;
        out.flush()
    }

    /// Gives the terminal to something else meanwhile, then takes it again and forgets what was on screen.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn lend<T>(&mut self, reader: &Reader, work: impl FnOnce() -> T) -> io::Result<T> {
        reader.pause();
        give_back();
        let result = outside::meanwhile(work);
        set_modes(self.mouse)?;
        self.forget_screen();
        reader.go_on();
        Ok(result)
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        give_back();
    }
}

/// What came in one read, and when.
#[derive(Debug)]
pub struct Read {
    /// Keys, pastes, sizes, focus, in order.
    pub events: Vec<Event>,
    /// Nothing came beside it.
    pub alone: bool,
    /// The terminal has said what its background is.
    pub background: Option<Rgb>,
    /// When it was read.
    pub at: Stamp,
}

/// The thread that reads the terminal.
pub struct Reader {
    paused: Arc<AtomicBool>,
    resting: Arc<AtomicBool>,
}

impl Reader {
    /// Begins to read, and to wait for `answer` if the terminal was asked. `tell` gets what was read, and an error once,
    /// if the terminal is gone.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(
        mut answer: Option<Answer>,
        now: impl Fn() -> Stamp + Send + 'static,
        tell: impl Fn(io::Result<Read>) -> bool + Send + 'static,
    ) -> io::Result<Self> {
        let paused = Arc::new(AtomicBool::new(false));
        let resting = Arc::new(AtomicBool::new(false));
        let reader = Self { paused: paused.clone(), resting: resting.clone() };
        std::thread::Builder::new().name("reader".to_owned()).spawn(move || {
            loop {
                if paused.load(Ordering::SeqCst) {
                    resting.store(true, Ordering::SeqCst);
                    std::thread::park_timeout(Duration::from_millis(10));
                    continue;
                }
                resting.store(false, Ordering::SeqCst);
                let read = match event::poll(READER_TURN) {
                    Ok(false) => continue,
                    Ok(true) => drain().map(|events| {
                        let alone = events.len() == 1;
                        let (events, background) = match &mut answer {
                            Some(answer) => answer.sift(events),
                            None => (events, None),
                        };
                        Read { events, alone, background, at: now() }
                    }),
                    Err(e) => Err(e),
                };
                let over = read.is_err();
                if !tell(read) || over {
                    return;
                }
            }
        })?;
        Ok(reader)
    }

    /// Stops reading, so that another program gets its keys; returns once the thread rests.
    pub fn pause(&self) {
        self.paused.store(true, Ordering::SeqCst);
        while !self.resting.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    /// Reads again.
    pub fn go_on(&self) {
        self.paused.store(false, Ordering::SeqCst);
    }
}

/// All that can be read without waiting; at least one event is there.
fn drain() -> io::Result<Vec<Event>> {
    let mut events = vec![event::read()?];
    while events.len() < 4_096 && event::poll(Duration::ZERO)? {
        events.push(event::read()?);
    }
    Ok(events)
}

/// Something from outside that concerns the whole program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caught {
    /// SIGTERM, SIGHUP, SIGINT or SIGQUIT, or the terminal is gone, which is told as SIGHUP.
    Leave(i32),
    /// SIGCONT.
    Continue,
}

/// How long the program may take to leave once it was told to.
const LEAVE_WITHIN: Duration = Duration::from_secs(2);
/// How long a terminal that takes nothing more may hold up its own giving-back.
const LAST_WORD: Duration = Duration::from_millis(300);

/// Hears signals and the end of the terminal, in threads of their own; a terminal that blocks does not stop them. If
/// the program has not left two seconds after it was told to, it is ended; an editor that it started, with it.
///
/// # Errors
/// The system refuses the handlers or the threads.
pub fn hear_signals(tell: impl Fn(Caught) + Clone + Send + 'static) -> io::Result<()> {
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGHUP, SIGINT, SIGQUIT, SIGCONT])?;
    let on_hang_up = tell.clone();
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            // Ctrl-C in an editor goes to all of the foreground, us among it.
            let for_the_other = matches!(signal, SIGINT | SIGQUIT) && outside::has_terminal();
            if signal == SIGCONT {
                tell(Caught::Continue);
            } else if !for_the_other {
                tell_to_leave(&tell, signal);
            }
        }
    })?;
    // A pipe that ends is no hang-up: what it held is read first.
    if !io::stdin().is_terminal() {
        return Ok(());
    }
    // A shell may keep the hang-up to itself. crossterm's reader then turns in a circle on a terminal that is gone and
    // never says so.
    std::thread::Builder::new().name("line".to_owned()).spawn(move || {
        if wait_for_hang_up() {
            tell_to_leave(&on_hang_up, SIGHUP);
        }
    })?;
    Ok(())
}

fn tell_to_leave(tell: &impl Fn(Caught), signal: i32) {
    tell(Caught::Leave(signal));
    outside::end(false);
    std::thread::spawn(move || {
        std::thread::sleep(LEAVE_WITHIN);
        outside::end(true);
        // Writing may block, and hold the lock of the output while it does: it is not waited for.
        let _ = std::thread::Builder::new().spawn(give_back);
        std::thread::sleep(LAST_WORD);
        let _ = disable_raw_mode();
        std::process::exit(128 + signal);
    });
}

/// Waits until nobody is at the other end of the terminal. False where the system cannot tell.
fn wait_for_hang_up() -> bool {
    use rustix::event::{PollFd, PollFlags, poll};
    let stdin = io::stdin();
    loop {
        // Asks for nothing: an end is told unasked, and keys do not wake.
        let mut line = [PollFd::new(&stdin, PollFlags::empty())];
        match poll(&mut line, None) {
            Ok(_) if line[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) => return true,
            Err(rustix::io::Errno::INTR) => {}
            _ => return false,
        }
    }
}
