//! `report --html`, `--markdown`, `--csv`, `--audit`: the report written down

use super::args::PageArgs;
use super::{Done, Failure, desk, log, stats, wait};
use crate::config::Config;
use crate::desk::{Desk, DeskError};
use crate::queue::sqlite::system_clock;
use crate::queue::{ListQuery, Queue};
use crate::review::{ReplyState, Stamp};
use crate::supervise::gather::gather;
use crate::supervise::known::known;
use crate::supervise::report::audit::{self, Ask};
use crate::supervise::report::{Report, Standing, csv, html, markdown};
use crate::{ledger, visible};
use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// So many rows are asked for at once.
const AT_ONCE: usize = 1_000;

pub fn run(config: &Config, args: &PageArgs) -> Done {
    let folder = log::folder(config)?;
    let proof = log::proof(config, &folder)?;
    if let Some(dir) = &args.audit {
        return pack(&folder, dir, args, &proof);
    }
    let period = stats::period(args.since.as_deref(), args.until.as_deref(), system_clock()())?;
    // All of it: the page compares with the time before, and an error reported early may be open still.
    let mut record = gather(&folder, None)?;
    let desk = desk(config)?;
    let known = wait(known(&desk, &mut record.names))??;
    let now = period.until.map_or(record.newest, |until| until.min(record.newest));
    let standing = wait(standing(&desk, now))??;
    let report = Report::of(&record, &known, &standing, proof, period);
    let save = |path: &Option<PathBuf>, write: fn(&Report) -> String| {
        path.as_deref().map_or(Ok(()), |path| save(path, &write(&report)))
    };
    save(&args.html, html::page)?;
    save(&args.markdown, markdown::text)?;
    save(&args.csv, csv::text)
}

/// What the queue knows of items and replies at the moment that the page is about.
async fn standing(desk: &Desk, now: Stamp) -> Result<Standing, DeskError> {
    let queue: &dyn Queue = desk.queue();
    let mut standing = Standing::default();
    let mut after = None;
    loop {
        let rows = queue.list(ListQuery { after, limit: AT_ONCE, ..ListQuery::default() }).await?;
        standing.due.extend(rows.iter().map(|row| row.rank.due).filter(|due| *due < now));
        match rows.last() {
            Some(last) if rows.len() == AT_ONCE => after = Some((last.rank, last.id.clone())),
            _ => break,
        }
    }
    let mut after = None;
    loop {
        let replies = queue.unsent(after, AT_ONCE).await?;
        let count = |state| replies.iter().filter(|reply| reply.state == state).count() as u64;
        standing.dead += count(ReplyState::Dead);
        standing.unsure += count(ReplyState::Unsure);
        match replies.last() {
            Some(last) if replies.len() == AT_ONCE => after = Some(last.decision),
            _ => break,
        }
    }
    Ok(standing)
}

fn pack(folder: &Path, dir: &Path, args: &PageArgs, proof: &ledger::Report) -> Done {
    let seed = match &args.seed {
        Some(seed) => seed.clone(),
        None => uuid::Uuid::now_v7().simple().to_string(),
    };
    let packed = audit::pack(dir, &Ask { log: folder, proof, seed: &seed, sample: args.sample })
        .map_err(|error| Failure::usage(error.to_string()))?;
    let line = format!(
        "{}: {} of {} decisions, seed {seed}; {} lines on policy, {} accesses, {} erasures",
        dir.display(),
        packed.sampled,
        packed.decisions,
        packed.policy,
        packed.accesses,
        packed.erasures
    );
    Ok(writeln!(std::io::stdout(), "{}", visible::line(&line))?)
}

/// `-` is the standard output. What is there is replaced; others may not read it.
fn save(path: &Path, text: &str) -> Done {
    if path == Path::new("-") {
        return Ok(std::io::stdout().write_all(text.as_bytes())?);
    }
    let written = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path);
    written.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|why| {
        Failure::usage(format!("{} cannot be written ({why}); name another file", path.display()))
    })
}
