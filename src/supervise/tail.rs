//! `countersign tail`: the lines of the log that are wanted, then the new ones as they come.
//!
//! Looking back is unchecked and takes the whole history at the speed of the disk; following and `check` hold each
//! line against the one before, mark a broken one at once and go on.

use super::filter::Condition;
use super::form::{Form, fault_line};
use crate::ledger::scan::{each_line, last_lines};
use crate::ledger::{Follower, ReadError, Start, Told, Woken, follow};
use rustix::fd::BorrowedFd;
use std::collections::VecDeque;
use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// Showing the log ended early.
#[derive(Debug, thiserror::Error)]
pub enum TailError {
    /// The log cannot be read.
    #[error(
        "the log in {path} cannot be read ({why}); check that it is there and yours, or name another with --data"
    )]
    Read {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
    /// A file of the log cannot be read.
    #[error(transparent)]
    History(#[from] ReadError),
    /// The lines cannot be written.
    #[error("the lines of the log cannot be written ({why})")]
    Write {
        /// What the system said.
        why: io::Error,
    },
}

/// Which lines are shown.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// So many from the end; all without.
    pub last: Option<u64>,
    /// Only those for which all of these hold.
    pub conditions: Vec<Condition>,
    /// None is older than this: whole files are left out by it.
    pub since: Option<crate::review::Stamp>,
    /// Go on as the log grows.
    pub follow: bool,
    /// Hold each line against the one before, from the first that is looked at.
    pub check: bool,
}

impl Wanted {
    fn holds(&self, line: &[u8]) -> bool {
        self.conditions.iter().all(|condition| condition.holds(line))
    }
}

/// Where lines go.
pub struct Out<'a> {
    /// How they are written.
    pub form: &'a mut dyn Form,
    /// To what.
    pub to: &'a mut dyn Write,
    /// Whose reader may go away while nothing is written.
    pub fd: Option<BorrowedFd<'a>>,
    /// Set as soon as a line is found broken.
    pub broken: &'a AtomicBool,
}

/// Why a tail came to its end.
enum End {
    Error(TailError),
    /// Nobody reads any more, which is a quiet end.
    Unread,
}

impl From<io::Error> for End {
    fn from(why: io::Error) -> Self {
        match why.kind() {
            io::ErrorKind::BrokenPipe => Self::Unread,
            _ => Self::Error(TailError::Write { why }),
        }
    }
}

impl From<TailError> for End {
    fn from(error: TailError) -> Self {
        Self::Error(error)
    }
}

/// Shows the lines of the log in `dir` that are wanted; with `follow` for ever.
///
/// A reader that goes away (`| head`) is a quiet end. What is broken is told and noted in `out`, and is no error here.
///
/// # Errors
/// The log cannot be read, or `out` not written.
pub fn tail(dir: &Path, wanted: &Wanted, out: &mut Out<'_>) -> Result<(), TailError> {
    match show(dir, wanted, out) {
        Ok(()) | Err(End::Unread) => Ok(()),
        Err(End::Error(error)) => Err(error),
    }
}

/// The last so many wanted lines, until all that is there has been looked at.
type Held = (u64, VecDeque<Vec<u8>>);

fn show(dir: &Path, wanted: &Wanted, out: &mut Out<'_>) -> Result<(), End> {
    let start = match wanted.last {
        Some(n) if wanted.conditions.is_empty() => Start::Last(n),
        _ if wanted.check => Start::First,
        _ => {
            let upto = history(dir, wanted, out)?;
            if !wanted.follow {
                return Ok(out.to.flush()?);
            }
            Start::After(upto)
        }
    };
    let unread = |why| TailError::Read { path: dir.to_owned(), why };
    let mut follower = follow(dir, start.clone()).map_err(unread)?;
    // Only what was looked back on is counted from the end.
    let mut held: Option<Held> = wanted.last.filter(|_| start == Start::First).map(|n| (n, VecDeque::new()));
    loop {
        let told = follower.ready().map_err(unread)?;
        if told.is_empty() {
            for line in held.take().into_iter().flat_map(|(_, lines)| lines) {
                out.form.line(&line, out.to)?;
            }
            out.to.flush()?;
            if !wanted.follow || wait(&mut follower, out).map_err(unread)? == Woken::Unread {
                return Ok(());
            }
            continue;
        }
        for one in told {
            take(one, wanted, &mut held, out)?;
        }
        if wanted.follow && held.is_none() {
            // A writer that never rests must not keep its reader waiting.
            out.to.flush()?;
        }
    }
}

fn wait(follower: &mut Follower, out: &Out<'_>) -> io::Result<Woken> {
    follower.wait(out.fd)
}

/// Shows what is wanted of the lines that are there, unchecked.
fn history(dir: &Path, wanted: &Wanted, out: &mut Out<'_>) -> Result<crate::ledger::scan::Upto, End> {
    if let Some(most) = wanted.last {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let (lines, upto) =
            last_lines(dir, wanted.since, most, |line| wanted.holds(line)).map_err(TailError::History)?;
        for line in lines {
            out.form.line(&line, out.to)?;
        }
        return Ok(upto);
    }
    let mut written = Ok(());
    let upto = each_line(dir, wanted.since, |line| {
        if wanted.holds(line) {
            written = out.form.line(line, out.to);
        }
        if written.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    written?;
    Ok(upto.map_err(TailError::History)?)
}

fn take(told: Told, wanted: &Wanted, held: &mut Option<Held>, out: &mut Out<'_>) -> Result<(), End> {
    let checked = wanted.follow || wanted.check;
    match told {
        Told::Line(line, fault) => {
            if let Some(fault) = fault.filter(|_| checked) {
                broken(&fault_line(&fault), out)?;
            }
            if wanted.holds(&line) {
                match held {
                    Some((most, lines)) => {
                        lines.push_back(line);
                        if lines.len() as u64 > *most {
                            lines.pop_front();
                        }
                    }
                    None => out.form.line(&line, out.to)?,
                }
            }
        }
        Told::CutBack { lost: Some(fault) } if checked => broken(&fault_line(&fault), out)?,
        Told::Replaced if checked => {
            broken("broken: another log stands here now; it is told from its beginning", out)?;
        }
        Told::CutBack { .. } | Told::Replaced => {}
    }
    Ok(())
}

fn broken(what: &str, out: &mut Out<'_>) -> io::Result<()> {
    out.broken.store(true, Ordering::SeqCst);
    out.form.fault(what, out.to)
}
