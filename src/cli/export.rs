//! `export`

use super::args::{ExportFormat, WhichArgs};
use super::{Done, desk, log, tail, wait};
use crate::config::Config;
use crate::supervise::export::{self, LNAV, Taken};
use jiff::tz::TimeZone;
use std::io::{self, BufWriter, Write};

pub fn run(config: &Config, format: ExportFormat, which: &WhichArgs) -> Done {
    let mut out = BufWriter::new(io::stdout().lock());
    let what = match format {
        ExportFormat::Lnav => {
            out.write_all(LNAV.as_bytes())?;
            return Ok(out.flush()?);
        }
        ExportFormat::Csv => "csv",
        ExportFormat::Pairs => "pairs",
    };
    let dir = log::folder(config)?;
    let desk = desk(config)?;
    let (conditions, since) = tail::conditions(which, desk.now(), &TimeZone::system())?;
    let taken = Taken { conditions, since };
    // Noted before the first line leaves: what cannot be noted is not exported.
    wait(desk.note_access(what, None, "export"))??;
    let (mut rows, mut left_out, mut failed) = (0_u64, 0_u64, None);
    if format == ExportFormat::Csv {
        export::csv_head(&mut out)?;
    }
    let exported = export::decisions(&dir, &taken, &mut |logged| {
        if format == ExportFormat::Csv {
            rows += 1;
            return export::csv_row(&logged, &mut out);
        }
        let Some(id) = logged.id().filter(|_| logged.stands()) else { return Ok(()) };
        match wait(desk.lesson(id)).and_then(|lesson| Ok(lesson?)) {
            Ok(Some(decision)) => {
                rows += 1;
                export::pair(&logged, &decision, &mut out)
            }
            Ok(None) => {
                left_out += 1;
                Ok(())
            }
            Err(failure) => {
                failed = Some(failure);
                Err(io::Error::other("the queue does not answer"))
            }
        }
    });
    if let Some(failure) = failed {
        return Err(failure);
    }
    match exported {
        Err(crate::supervise::tail::TailError::Write { why }) => return Err(why.into()),
        done => done?,
    }
    out.flush()?;
    let without = match left_out {
        0 => String::new(),
        n => format!("; {n} left out: forgotten, or the customer does not want AI"),
    };
    let _ = writeln!(io::stderr(), "{rows} exported as {what}{without}");
    Ok(())
}
