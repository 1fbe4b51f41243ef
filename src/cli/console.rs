//! The console and the demo: everything the loop needs is found and checked before the screen opens.

use super::args::{ColorChoice, ConsoleArgs};
use super::{Done, Failure, desk, settings, wait};
use crate::config::Config;
use crate::console::plain::{self, PlainError, Stop};
use crate::console::run::{FindTheme, Left, RunError, Start};
use crate::console::theme::{self, AUTO, Depth};
use crate::demo::{self, DemoError};
use crate::desk::Desk;
use crate::queue::sqlite::system_clock;
use std::io::IsTerminal;
use std::sync::Arc;

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Self::usage(error.to_string())
    }
}

impl From<PlainError> for Failure {
    fn from(error: PlainError) -> Self {
        let code = match &error {
            // Whoever reads our output may stop reading.
            PlainError::Lines(e) if e.kind() == std::io::ErrorKind::BrokenPipe => {
                return Self { code: 0, message: String::new() };
            }
            PlainError::Lines(_) | PlainError::Stopped { stop: Stop::Fault, .. } => 1,
            PlainError::Stopped { stop: Stop::Refused, .. } => Self::REFUSED,
            PlainError::Stopped { stop: Stop::LedgerClosed, .. } => Self::LEDGER_CLOSED,
        };
        Self { code, message: error.to_string() }
    }
}

/// Whether the plain front is wanted: by word, or by a terminal that cannot move its cursor.
fn is_plain(args: &ConsoleArgs) -> bool {
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    args.plain || (dumb && std::io::stdin().is_terminal())
}

impl From<DemoError> for Failure {
    fn from(error: DemoError) -> Self {
        Self::usage(error.to_string())
    }
}

/// How many colours to use: `--color`, then `NO_COLOR`, then what the terminal can.
pub fn depth(color: ColorChoice) -> Depth {
    let unset = |name: &str| std::env::var_os(name).is_none_or(|v| v.is_empty());
    if color == ColorChoice::Never || (color == ColorChoice::Auto && !unset("NO_COLOR")) {
        return Depth::None;
    }
    match supports_color::on(supports_color::Stream::Stdout) {
        Some(level) if level.has_16m => Depth::True,
        Some(level) if level.has_256 => Depth::Indexed,
        Some(_) => Depth::Ansi16,
        None if color == ColorChoice::Always => Depth::Ansi16,
        None => Depth::None,
    }
}

/// Finds themes by name or file, made for so many colours.
pub fn find_theme(config: &Config, depth: Depth) -> FindTheme {
    let config = config.clone();
    Box::new(move |name, ground| {
        settings::theme(&config, name, ground, depth).map(|(theme, _)| theme).map_err(|f| f.message)
    })
}

/// Whether a theme depends on the terminal's background.
pub fn asks_background(theme: &str, depth: Depth) -> bool {
    theme == AUTO && depth != Depth::None && depth != Depth::Ansi16
}

/// What the loop starts with, by configuration and command line.
fn start(config: &Config, args: &ConsoleArgs, color: ColorChoice, place: &str) -> Result<Start, Failure> {
    let depth = depth(color);
    let keymap = args.keymap.as_deref().unwrap_or(&config.keymap.value);
    let theme = args.theme.as_deref().unwrap_or(&config.theme.value).to_owned();
    let (keymap, mut notices) = settings::keymap(config, keymap)?;
    let (_, faults) = settings::theme(config, &theme, None, depth)?;
    notices.extend(faults);
    let mut themes: Vec<String> = vec![AUTO.to_owned()];
    themes.extend(theme::SHIPPED.iter().map(|(name, _)| (*name).to_owned()));
    Ok(Start {
        place: place.to_owned(),
        keymap,
        ask_background: asks_background(&theme, depth),
        theme,
        themes,
        find_theme: find_theme(config, depth),
        first_start: false,
        mouse: config.mouse.value,
        bell: config.bell.value,
        notices,
    })
}

/// What the agent sits in front of, with all it starts with.
enum Front {
    Screen(Box<Start>),
    Plain(plain::Start),
}

impl Front {
    fn of(config: &Config, args: &ConsoleArgs, color: ColorChoice, place: &str) -> Result<Self, Failure> {
        if is_plain(args) {
            return Ok(Self::Plain(plain::Start { place: place.to_owned(), first_start: false }));
        }
        start(config, args, color, place).map(|start| Self::Screen(Box::new(start)))
    }

    fn run(self, desk: Arc<Desk>) -> Done {
        match self {
            Self::Screen(start) => left(crate::console::run::run(desk, *start)?),
            Self::Plain(start) => left(plain::run(desk, start)?),
        }
    }
}

pub fn run(config: &Config, args: &ConsoleArgs, color: ColorChoice) -> Done {
    let mut front = Front::of(config, args, color, "embedded")?;
    let desk = Arc::new(desk(config)?);
    // A store that has never changed has never held an item.
    let first = wait(desk.queue().changes(u64::MAX))??.revision == 0;
    match &mut front {
        Front::Screen(start) => start.first_start = first,
        Front::Plain(start) => start.first_start = first,
    }
    front.run(desk)
}

/// A signal's end is told as a shell tells it of any program.
pub fn left(how: Left) -> Done {
    match how {
        Left::Asked => Ok(()),
        Left::Signal(signal) => {
            Err(Failure { code: u8::try_from(128 + signal).unwrap_or(1), message: String::new() })
        }
    }
}

/// The console on a sample queue, with a colleague at work in a thread of their own; the folder goes afterwards.
pub fn demo(config: &Config, args: &ConsoleArgs, color: ColorChoice) -> Done {
    let folder = tempfile::Builder::new()
        .prefix("countersign-demo-")
        .tempdir()
        .map_err(|e| Failure::usage(format!("no folder can be made for the demo ({e}); set TMPDIR")))?;
    let mut config = config.clone();
    folder.path().clone_into(&mut config.data.value);
    // No real witness is told of play.
    config.witness = None;
    if config.agent.value == demo::COLLEAGUE {
        "anna".clone_into(&mut config.agent.value);
    }
    let front = Front::of(&config, args, color, "demo")?;
    let colleague = demo::colleague(folder.path(), config.policy.clone(), system_clock())?;
    let now = colleague.now();
    wait(demo::prepare(&colleague, now))??;
    let desk = Arc::new(desk(&config)?);
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let play = std::thread::Builder::new().name("colleague".to_owned()).spawn(move || {
        wait(async {
            tokio::select! {
                _ = stopped => {}
                Err(why) = demo::play(&colleague, now) => tracing::warn!(%why, "the colleague stopped"),
            }
            colleague.end().await
        })
    })?;
    let ended = front.run(desk);
    // The colleague may have stopped before; then nobody listens.
    let _ = stop.send(());
    let _ = play.join();
    ended
}
