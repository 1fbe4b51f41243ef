//! `verify`, and where the log is

use super::{Done, Failure, print_json};
use crate::config::Config;
use crate::desk::Folder;
use crate::{ledger, visible};
use indicatif::ProgressBar;
use std::io::{IsTerminal, Write};

/// The folder of the log, which must be there.
pub fn folder(config: &Config) -> Result<std::path::PathBuf, Failure> {
    let log = Folder { root: config.data.value.clone() }.log();
    if log.is_dir() {
        return Ok(log);
    }
    Err(Failure::usage(format!(
        "{}: there is no log yet; the first verdict makes it, or name another folder with --data",
        log.display()
    )))
}

pub fn verify(config: &Config, json: bool) -> Done {
    let log = folder(config)?;
    let bar =
        if std::io::stderr().is_terminal() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    let report = ledger::verify(&log, &mut |bytes| bar.set_position(bytes))?;
    bar.finish_and_clear();
    if json {
        let problem = report.problem.as_ref().map(|(problem, fault)| {
            serde_json::json!({ "problem": format!("{problem:?}"), "where": fault.to_string() })
        });
        print_json(&serde_json::json!({
            "level": report.level.map(|l| l.to_string()),
            "entries": report.entries,
            "files": report.files,
            "bytes": report.bytes,
            "unanchored_entries": report.unanchored.entries,
            "unanchored_minutes": report.unanchored.minutes,
            "problem": problem,
            "exit_code": report.exit_code(),
        }))?;
    } else {
        for line in report.to_string().lines() {
            writeln!(std::io::stdout(), "{}", visible::line(line))?;
        }
    }
    match report.exit_code() {
        0 => Ok(()),
        code => Err(Failure { code, message: String::new() }),
    }
}
