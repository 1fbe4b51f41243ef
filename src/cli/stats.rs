//! `stats`

use super::args::{StatsArgs, ViewArgs};
use super::tail::moment_of;
use super::{Done, Failure, desk, log, print_json, wait};
use crate::config::Config;
use crate::queue::sqlite::system_clock;
use crate::review::{Span, Stamp};
use crate::supervise::figures::group::{By, Eyes};
use crate::supervise::figures::record::{Known, Period, Record};
use crate::supervise::gather::gather;
use crate::supervise::known::known;
use crate::supervise::stats::table::Table;
use crate::supervise::stats::{self, Look};
use jiff::tz::TimeZone;
use std::io::Write;

/// Drift looks back over five weeks.
const LOOK_BACK: Span = Span::hours(35 * 24);

pub fn run(config: &Config, args: &StatsArgs) -> Done {
    if args.by.len() > 2 {
        return Err(Failure::usage("--by takes one or two at once; leave one out"));
    }
    let now = system_clock()();
    let period = period(args.since.as_deref(), args.until.as_deref(), now)?;
    let mut record = gather(&log::folder(config)?, period.since.map(|since| reach_back(period, since, now)))?;
    // Drift and the seven days are counted from where the log ends: a copy of an old log gives the same figures.
    let now = period.until.unwrap_or(record.newest);
    let ViewArgs { effect, quality, errors } = args.view;
    let joins = effect || quality || errors || args.by.iter().copied().any(By::needs_queue);
    let known = if joins { queue_knows(config, &mut record)? } else { Known::default() };
    let eyes = eyes(config);
    let look = Look { record: &record, known: &known, period, now, eyes: &eyes };
    let tables = if effect {
        stats::effect(look, &args.by)
    } else if quality {
        stats::quality(look, args.reading_limit)
    } else if errors {
        stats::reported(look)
    } else {
        let (tables, named) = stats::decisions(look, &args.by);
        tell_the_named(config, &eyes, &named)?;
        tables
    };
    print(&tables, args)
}

/// The moment from which the log must be read, so that the period before and the weeks before are in it.
fn reach_back(period: Period, since: Stamp, now: Stamp) -> Stamp {
    let before = period.before(now).and_then(|before| before.since).unwrap_or(since);
    before.min(period.until.unwrap_or(now).minus(LOOK_BACK))
}

/// What `--since` and `--until` say.
pub fn period(since: Option<&str>, until: Option<&str>, now: Stamp) -> Result<Period, Failure> {
    let zone = TimeZone::system();
    let since = moment_of("since", since, now, &zone)?;
    let until = moment_of("until", until, now, &zone)?;
    if since.zip(until).is_some_and(|(since, until)| since >= until) {
        return Err(Failure::usage("--until must be later than --since"));
    }
    Ok(Period { since, until })
}

/// Who looks, and what the firm's policy allows.
pub fn eyes(config: &Config) -> Eyes {
    Eyes {
        me: config.agent.value.clone(),
        teams: config.policy.teams.clone(),
        purpose: config.policy.agent_figures_purpose.clone(),
    }
}

fn queue_knows(config: &Config, record: &mut Record) -> Result<Known, Failure> {
    let desk = desk(config)?;
    Ok(wait(known(&desk, &mut record.names))??)
}

/// First the log, then the figures: nobody is looked at in secret.
fn tell_the_named(config: &Config, eyes: &Eyes, named: &[String]) -> Done {
    let Some(purpose) = eyes.purpose.as_deref().filter(|_| !named.is_empty()) else { return Ok(()) };
    let desk = desk(config)?;
    wait(async {
        for agent in named {
            desk.note_access(agent, None, purpose).await?;
        }
        Ok(())
    })?
}

fn print(tables: &[Table], args: &StatsArgs) -> Done {
    let mut out = std::io::stdout().lock();
    if args.json {
        return tables.iter().flat_map(Table::json).try_for_each(|row| print_json(&row));
    }
    let pages: Vec<String> = tables.iter().map(if args.csv { Table::csv } else { Table::text }).collect();
    let text = if args.csv { Table::csv_head() + &pages.concat() } else { pages.join("\n") };
    Ok(out.write_all(text.as_bytes())?)
}
