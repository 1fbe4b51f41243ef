//! The whole command surface: which command runs what, how it prints, which exit code it ends with.
//!
//! Text goes to a terminal through `visible`; output that is no terminal is ASCII JSON where `--json` asks for it.
//! Invariant: one place knows exit codes ([`Failure`]), and every failure prints one line that says what to do.

mod args;
mod console;
mod customer;
mod decide;
mod emotion;
mod explain;
mod export;
mod import;
mod inspect;
mod log;
mod page;
mod report;
mod settings;
mod stats;
mod tail;
mod watch;

use crate::config::{Config, ConfigError, Said};
use crate::desk::{Desk, DeskError, Setup, shortfall};
use crate::queue::QueueError;
use crate::queue::sqlite::system_clock;
use crate::{ledger, visible};
use args::{Cli, Command};
use clap::{CommandFactory, Parser};
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

/// Why a command ended otherwise than well.
pub struct Failure {
    /// The exit code.
    pub code: u8,
    /// For a person, safe to show: one line, or a line for each of several faults; empty where all has been said.
    pub message: String,
}

impl Failure {
    /// One line, made safe to show: names and reasons in it may be foreign.
    fn new(code: u8, message: &str) -> Self {
        Self { code, message: visible::line(message).into_owned() }
    }
    /// Usage or I/O.
    fn usage(message: impl AsRef<str>) -> Self {
        Self::new(1, message.as_ref())
    }
    /// All faults of a file at once, one a line.
    fn all(told: &[String]) -> Self {
        let lines: Vec<_> = told.iter().map(|line| visible::line(line)).collect();
        Self { code: 1, message: lines.join("\n") }
    }
    /// `tail`: a line of the log is broken, as `verify` has it.
    const BROKEN: u8 = 2;
    /// `import`: some lines were refused, each was told.
    const SOME_REFUSED: u8 = 3;
    /// `decide`: the queue refused.
    const REFUSED: u8 = 4;
    /// The ledger cannot be opened or written: nothing was signed.
    const LEDGER_CLOSED: u8 = 5;
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}
impl From<QueueError> for Failure {
    fn from(error: QueueError) -> Self {
        Self::usage(error.to_string())
    }
}
impl From<DeskError> for Failure {
    fn from(error: DeskError) -> Self {
        let code = match error {
            DeskError::Ledger(_) | DeskError::Append(_) | DeskError::RolledBack { .. } => Self::LEDGER_CLOSED,
            _ => 1,
        };
        Self::new(code, &error.to_string())
    }
}
impl From<ledger::ReadError> for Failure {
    fn from(error: ledger::ReadError) -> Self {
        Self::usage(error.to_string())
    }
}
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        // Whoever reads our output may stop reading.
        match error.kind() {
            std::io::ErrorKind::BrokenPipe => Self { code: 0, message: String::new() },
            _ => Self::usage(format!("the output cannot be written ({error})")),
        }
    }
}

type Done = Result<(), Failure>;

/// Runs what the command line says.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // clap's own code for usage is 2, which `verify` uses for a broken chain.
            let code = u8::from(error.use_stderr());
            // clap repeats what was typed; it may act on the terminal, and colours are not worth that.
            let typed: Vec<_> = std::env::args_os().map(|arg| arg.to_string_lossy().into_owned()).collect();
            if typed.iter().all(|arg| visible::line(arg) == **arg) {
                let _ = error.print();
            } else {
                let _ = write!(std::io::stderr(), "{}", visible::text(&error.render().to_string()));
            }
            return ExitCode::from(code);
        }
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            if !failure.message.is_empty() {
                let _ = writeln!(std::io::stderr(), "countersign: {}", failure.message);
            }
            ExitCode::from(failure.code)
        }
    }
}

fn run(cli: Cli) -> Done {
    let said = Said { data: cli.data, config: cli.config, agent: cli.agent };
    let place = |said: &Said| Config::load(said);
    match cli.command {
        None => console::run(&place(&said)?, &cli.console, cli.color),
        Some(Command::Demo { console }) => console::demo(&place(&said)?, &console, cli.color),
        Some(Command::Import { files, json }) => import::run(&place(&said)?, &files, json),
        Some(Command::List { words, all, limit, json }) => {
            inspect::list(&place(&said)?, &words.join(" "), all, limit, json)
        }
        Some(Command::Show { item, json }) => inspect::show(&place(&said)?, &item, json),
        Some(Command::Decide { item, verdict, seen, override_checks, json }) => {
            decide::run(&place(&said)?, &item, &verdict, &seen, override_checks, json)
        }
        Some(Command::Tail { tail }) => tail::run(&place(&said)?, &tail, cli.color),
        Some(Command::Watch { theme, since }) => {
            watch::run(&place(&said)?, theme.as_deref(), &since, cli.color)
        }
        Some(Command::Export { format, which }) => export::run(&place(&said)?, format, &which),
        Some(Command::Stats { stats }) => stats::run(&place(&said)?, &stats),
        Some(Command::Report { page, .. }) if page.is_asked() => page::run(&place(&said)?, &page),
        Some(Command::Report { what, report, .. }) => report::run(&place(&said)?, what.as_ref(), &report),
        Some(Command::Explain { item, lang }) => explain::run(&place(&said)?, &item, lang.as_deref()),
        Some(Command::Verify { key, witness, json }) => log::verify(&place(&said)?, key, witness, json),
        Some(Command::Checkpoint) => log::checkpoint(&place(&said)?),
        Some(Command::Consent { customer, word }) => customer::consent(&place(&said)?, &customer, word),
        Some(Command::Forget { customer, yes }) => customer::forget(&place(&said)?, &customer, yes),
        Some(Command::Emotion { text, json, eval }) => emotion::run(text.as_deref(), json, eval.as_deref()),
        Some(Command::Keys { what }) => settings::keys(&place(&said)?, what),
        Some(Command::Themes { what }) => settings::themes(&place(&said)?, what),
        Some(Command::Config { what }) => settings::config(&said, what),
        Some(Command::Completions { shell }) => {
            // clap's generator panics where it cannot write.
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "countersign", &mut script);
            Ok(std::io::stdout().write_all(&script)?)
        }
        Some(Command::Man) => Ok(clap_mangen::Man::new(Cli::command()).render(&mut std::io::stdout())?),
    }
}

/// Warnings that belong on no screen go to `countersign.log` in the data folder; the file is opened for each, since
/// there are few.
fn keep_warnings(folder: &Path) {
    use std::os::unix::fs::OpenOptionsExt;
    let path = folder.join("countersign.log");
    let open = move || -> Box<dyn Write> {
        let file = std::fs::OpenOptions::new().create(true).append(true).mode(0o600).open(&path);
        // Without the file there is nowhere left to say so.
        file.map_or_else(|_| Box::new(std::io::sink()) as Box<dyn Write>, |f| Box::new(f))
    };
    let log =
        tracing_subscriber::fmt().with_ansi(false).with_max_level(tracing::Level::WARN).with_writer(open);
    // A second desk in one process writes to the first one's file.
    let _ = log.try_init();
}

/// A desk on the configured folder.
fn desk(config: &Config) -> Result<Desk, Failure> {
    keep_warnings(&config.data.value);
    let setup =
        Setup { agent: config.agent.value.clone(), policy: config.policy.clone(), clock: system_clock() };
    Ok(Desk::open(&config.data.value, setup)?.witnessed_by(config.witness.clone()))
}

/// Signs how the log stands where that is due. It holds nothing up: what fails is told, and tried again.
async fn anchor_if_due(desk: &Desk) {
    if let Some(why) = shortfall(&desk.anchor_if_due().await) {
        let _ = writeln!(std::io::stderr(), "countersign: {}", visible::line(&why));
    }
}

/// Runs a future to its end; the stores' own threads do the work.
fn wait<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map(|runtime| runtime.block_on(future))
        .map_err(|e| Failure::usage(format!("the program cannot start its loop ({e})")))
}

/// One JSON object as a line of ASCII: it cannot attack the terminal of whoever looks at it.
fn print_json(value: &impl serde::Serialize) -> Done {
    let json = serde_json::to_string(value).map_err(|e| Failure::usage(e.to_string()))?;
    writeln!(std::io::stdout(), "{}", visible::ascii_json(&json))?;
    Ok(())
}
