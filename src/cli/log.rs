//! `verify`, `checkpoint`, and where the log is

use super::import::bar;
use super::{Done, Failure, print_json};
use crate::config::Config;
use crate::desk::{DeskError, Folder, shortfall};
use crate::ledger::{Ledger, PublicKey, Report, Trust, Witness};
use crate::queue::sqlite::system_clock;
use crate::{ledger, visible};
use std::io::Write;
use std::path::{Path, PathBuf};

fn data(config: &Config) -> Folder {
    Folder { root: config.data.value.clone() }
}

/// The folder of the log, which must be there.
pub fn folder(config: &Config) -> Result<PathBuf, Failure> {
    let log = data(config).log();
    if log.is_dir() {
        return Ok(log);
    }
    Err(Failure::usage(format!(
        "{}: there is no log yet; the first verdict makes it, or name another folder with --data",
        log.display()
    )))
}

/// `key`: those that whoever asks trusts; without any, the workstation's own.
pub fn verify(config: &Config, keys: Vec<PublicKey>, witness: Option<PathBuf>, json: bool) -> Done {
    let log = folder(config)?;
    let witness = witness.or_else(|| config.witness.clone());
    let trust = if keys.is_empty() {
        data(config).trust(witness.as_deref()).map_err(DeskError::from)?
    } else {
        Trust { keys, keys_named: true, witness }
    };
    let report = prove(&log, &trust)?;
    if json {
        print_json(&told(&report))?;
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

/// What `verify` finds with the keys and the witness of the configuration.
pub fn proof(config: &Config, log: &Path) -> Result<Report, Failure> {
    prove(log, &data(config).trust(config.witness.as_deref()).map_err(DeskError::from)?)
}

fn prove(log: &Path, trust: &Trust) -> Result<Report, Failure> {
    let bar = bar(Some(0), "verify");
    let report = ledger::prove(log, trust, &mut |done, all| {
        bar.set_length(all);
        bar.set_position(done);
    })?;
    bar.finish_and_clear();
    Ok(report)
}

fn told(report: &Report) -> serde_json::Value {
    let problem = report.problem.as_ref().map(|(problem, fault)| {
        serde_json::json!({
            "problem": format!("{problem:?}"),
            "where": fault.to_string(),
            "file": fault.file,
            "line": fault.line,
            "byte": fault.offset,
            "reason": fault.reason,
        })
    });
    let (witness, witness_checkpoints, witness_entries) = match &report.anchors.witness {
        Witness::NotAsked => ("not_asked", None, None),
        Witness::Unreachable(_) => ("unreachable", None, None),
        Witness::Knows { checkpoints, entries } => ("asked", Some(*checkpoints), Some(*entries)),
    };
    serde_json::json!({
        "level": report.level.map(|l| l.to_string()),
        "entries": report.entries,
        "files": report.files,
        "bytes": report.bytes,
        "chain": report.chain,
        "unanchored_entries": report.unanchored.entries,
        "unanchored_minutes": report.unanchored.minutes,
        "checkpoints": report.anchors.checkpoints,
        "checkpoints_cut": report.anchors.cut,
        "keys": report.anchors.keys,
        "keys_named": report.anchors.keys_named,
        "witness": witness,
        "witness_checkpoints": witness_checkpoints,
        "witness_entries": witness_entries,
        "in_doubt": report.in_doubt,
        "problem": problem,
        "exit_code": report.exit_code(),
    })
}

/// Signs how the log stands.
pub fn checkpoint(config: &Config) -> Done {
    let log = Ledger::open(&folder(config)?).map_err(DeskError::from)?;
    let with = data(config).anchoring(config.witness.as_deref(), system_clock()())?;
    let made = log.anchor(&with).map_err(DeskError::from)?;
    let text = match &made {
        None => "nothing is new since the last checkpoint".to_owned(),
        Some(made) if !made.anew => {
            let now =
                if matches!(made.witness, Some(Ok(()))) { "; the witness now has that one" } else { "" };
            format!("nothing is new since the last checkpoint, of {} entries{now}", made.size)
        }
        Some(made) => {
            let there = if matches!(made.witness, Some(Ok(()))) { " and at the witness" } else { "" };
            format!("a checkpoint of {} entries is signed, beside the log{there}", made.size)
        }
    };
    writeln!(std::io::stdout(), "{text}")?;
    shortfall(&Ok(made)).map_or(Ok(()), |why| Err(Failure::usage(why)))
}
