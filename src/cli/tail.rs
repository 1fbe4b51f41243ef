//! `tail`

use super::args::{ColorChoice, TailArgs, WhichArgs};
use super::{Done, Failure, console, log, settings, wait};
use crate::config::Config;
use crate::console::theme::{AUTO, Depth, Theme};
use crate::desk::Folder;
use crate::queue::Queue;
use crate::queue::sqlite::{SqliteQueue, system_clock};
use crate::review::Stamp;
use crate::supervise::filter::Condition;
use crate::supervise::form::{Form, Join, Json, Pretty};
use crate::supervise::moment::moment;
use crate::supervise::tail::{self, Out, TailError, Wanted};
use crate::supervise::told::Joined;
use jiff::tz::TimeZone;
use std::io::{BufWriter, IsTerminal, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

impl From<TailError> for Failure {
    fn from(error: TailError) -> Self {
        Self::usage(error.to_string())
    }
}

/// How many lines are shown where nothing says which.
const LINES: u64 = 10;

pub fn run(config: &Config, args: &TailArgs, color: ColorChoice) -> Done {
    let wanted = wanted(args, system_clock()(), &TimeZone::system())?;
    let dir = log::folder(config)?;
    let stdout = std::io::stdout();
    let broken = Arc::new(AtomicBool::new(false));
    if args.follow {
        end_on_signals(broken.clone())?;
    }
    let mut stderr = std::io::stderr();
    let mut form: Box<dyn Form> = if args.pretty || (stdout.is_terminal() && !args.json) {
        Box::new(pretty(config, color)?)
    } else {
        Box::new(Json { faults: &mut stderr })
    };
    let mut to = BufWriter::with_capacity(1 << 16, stdout.lock());
    let mut out = Out { form: form.as_mut(), to: &mut to, fd: Some(stdout.as_fd()), broken: &broken };
    tail::tail(&dir, &wanted, &mut out)?;
    // What a reader that has gone did not take is nobody's loss.
    let _ = to.flush();
    if broken.load(Ordering::SeqCst) {
        return Err(Failure { code: Failure::BROKEN, message: String::new() });
    }
    Ok(())
}

/// The moment that a flag names.
pub fn moment_of(
    flag: &str,
    text: Option<&str>,
    now: Stamp,
    zone: &TimeZone,
) -> Result<Option<Stamp>, Failure> {
    let read = text.map(|text| moment(text, now, zone).map_err(|e| (text, e))).transpose();
    read.map_err(|(text, e)| Failure::usage(format!("--{flag} {text}: {e}")))
}

fn wanted(args: &TailArgs, now: Stamp, zone: &TimeZone) -> Result<Wanted, Failure> {
    let (conditions, since) = conditions(&args.which, now, zone)?;
    let last = args.lines.or(conditions.is_empty().then_some(LINES));
    Ok(Wanted { last, conditions, since, follow: args.follow, check: args.check })
}

/// The conditions that the command line names, and from when on they can hold at all.
pub fn conditions(
    which: &WhichArgs,
    now: Stamp,
    zone: &TimeZone,
) -> Result<(Vec<Condition>, Option<Stamp>), Failure> {
    let since = moment_of("since", which.since.as_deref(), now, zone)?;
    let until = moment_of("until", which.until.as_deref(), now, zone)?;
    let mut conditions: Vec<Condition> = since.map(Condition::since).into_iter().collect();
    conditions.extend(until.map(Condition::until));
    for text in &which.conditions {
        conditions.push(text.parse().map_err(|e| Failure::usage(format!("--where: {e}")))?);
    }
    Ok((conditions, since))
}

fn pretty(config: &Config, color: ColorChoice) -> Result<Pretty<'static>, Failure> {
    let name = config.theme.value.as_str();
    let theme = match console::depth(color) {
        Depth::None => None,
        // The terminal's own palette is right on any background, and needs no question.
        _ if name == AUTO => Some(Theme::shipped(AUTO, None, Depth::Ansi16).unwrap_or_default()),
        depth => Some(settings::theme(config, name, None, depth)?.0),
    };
    if theme.is_some() {
        // Whether there is colour is decided here, once.
        crossterm::style::force_color_output(true);
    }
    Ok(Pretty { theme, zone: TimeZone::system(), columns: Box::new(columns), join: join(config)?, day: None })
}

/// How wide the terminal is now; none where the output is no terminal.
fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    (size.ws_col > 0).then(|| usize::from(size.ws_col))
}

/// The texts that still exist. A log without a store beside it, a copy for instance, has none.
fn join(config: &Config) -> Result<Join<'static>, Failure> {
    let path = Folder { root: config.data.value.clone() }.queue();
    if !path.is_file() {
        return Ok(Box::new(|_| None));
    }
    let queue = SqliteQueue::open(&path, config.policy.clone(), system_clock())?;
    Ok(Box::new(move |id| {
        let decision = wait(queue.texts(id)).ok()?.ok()??;
        Some(Joined { item: decision.seen.item, text: decision.text })
    }))
}

/// Following ends by a signal: its exit code must still say that a line was broken.
fn end_on_signals(broken: Arc<AtomicBool>) -> std::io::Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        if let Some(signal) = signals.forever().next() {
            let broken = broken.load(Ordering::SeqCst);
            std::process::exit(if broken { i32::from(Failure::BROKEN) } else { 128 + signal });
        }
    })?;
    Ok(())
}
