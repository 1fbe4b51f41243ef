//! The terminal itself: taken, read, drawn on and given back, whatever happens.
//!
//! One plain reader thread with `poll` and a channel (not crossterm's `EventStream`, which keeps only its first waker).
//! Invariant: every mode that was set is undone in reverse order on leaving, on a panic, on a signal and around
//! another program; a second giving-back does nothing.

use crate::review::Stamp;
use crossterm::event::{
    self, DisableBracketedPaste, DisableFocusChange, EnableBracketedPaste, EnableFocusChange, Event,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::backend::CrosstermBackend;
use std::io::{self, BufWriter, Stdout, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;

/// Asks for clicks and wheel only, not for motion.
const MOUSE_ON: &str = "\x1b[?1000h\x1b[?1006h";
const MOUSE_OFF: &str = "\x1b[?1006l\x1b[?1000l";

/// How often the reader looks whether it shall pause or end.
const READER_TURN: Duration = Duration::from_millis(100);

/// Whether the modes are set at present; the panic hook and signals ask.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// A whole frame leaves in one write.
type Backend = CrosstermBackend<BufWriter<Stdout>>;

/// The terminal, taken.
pub struct Terminal {
    screen: ratatui::Terminal<Backend>,
    mouse: bool,
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
pub fn give_back_on_panic() {
    let former = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let was_taken = TAKEN.load(Ordering::SeqCst);
        give_back();
        former(panic);
        if was_taken {
            // Other threads would go on drawing on a terminal that is the shell's again.
            eprintln!("countersign: a fault of the program; what you typed is kept, start it again");
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
        // crossterm's own NO_COLOR breaks reverse and bold; themes without colour honour it instead.
        crossterm::style::force_color_output(true);
        set_modes(mouse)?;
        let out = BufWriter::with_capacity(1 << 16, io::stdout());
        let screen = ratatui::Terminal::new(CrosstermBackend::new(out))?;
        Ok(Self { screen, mouse })
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
        queue!(self.screen.backend_mut(), BeginSynchronizedUpdate)?;
        let drawn = self.screen.draw(render).map(drop);
        // Also after an error: else the terminal waits for the end of the frame.
        queue!(self.screen.backend_mut(), EndSynchronizedUpdate)?;
        io::Write::flush(self.screen.backend_mut())?;
        drawn
    }

    /// Forgets what is on screen: the next frame draws every cell.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn forget_screen(&mut self) -> io::Result<()> {
        self.screen.clear()
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
        let result = work();
        set_modes(self.mouse)?;
        self.forget_screen()?;
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
    /// When it was read.
    pub at: Stamp,
}

/// The thread that reads the terminal.
pub struct Reader {
    paused: Arc<AtomicBool>,
    resting: Arc<AtomicBool>,
}

impl Reader {
    /// Begins to read. `tell` gets what was read, and an error once, if the terminal is gone.
    ///
    /// # Errors
    /// The system gives no thread.
    pub fn start(
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
                    Ok(true) => drain().map(|events| Read { events, at: now() }),
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

/// A signal that reached the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Caught {
    /// SIGTERM or SIGHUP.
    Leave(i32),
    /// SIGCONT.
    Continue,
}

/// Hears signals in a thread of its own; a terminal that blocks does not stop it. If the program has not left two
/// seconds after it was told to, the thread gives the terminal back and ends it.
///
/// # Errors
/// The system refuses the handlers or the thread.
pub fn hear_signals(tell: mpsc::Sender<Caught>) -> io::Result<()> {
    use signal_hook::consts::{SIGCONT, SIGHUP, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGTERM, SIGHUP, SIGCONT])?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        for signal in signals.forever() {
            if signal == SIGCONT {
                let _ = tell.send(Caught::Continue);
                continue;
            }
            let _ = tell.send(Caught::Leave(signal));
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_secs(2));
                give_back();
                std::process::exit(128 + signal);
            });
        }
    })?;
    Ok(())
}
