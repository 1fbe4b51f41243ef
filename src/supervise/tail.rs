//! `countersign tail`: the last lines of the log, then the new ones as they come, as JSON lines.

use crate::ledger::{Start, follow};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

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
    /// The lines cannot be written.
    #[error("the lines of the log cannot be written ({why})")]
    Write {
        /// What the system said.
        why: io::Error,
    },
}

/// Writes the last `n` lines of the log in `dir` to `out`, then, with `live`, all that come, for ever. Reads from the
/// back: the size of the log does not matter.
///
/// A reader that goes away (`| head`) is a quiet end.
///
/// # Errors
/// The log cannot be read, or `out` not written.
pub fn tail(dir: &Path, n: u64, live: bool, out: &mut dyn Write) -> Result<(), TailError> {
    let unread = |why| TailError::Read { path: dir.to_owned(), why };
    let mut follower = follow(dir, Start::Last(n)).map_err(unread)?;
    loop {
        let lines = follower.ready().map_err(unread)?;
        let written = lines.iter().try_for_each(|line| put(line, out));
        if lines.is_empty() {
            match written.and_then(|()| out.flush()) {
                Ok(()) if live => follower.wait().map_err(unread)?,
                done => return quiet(done),
            }
        } else if written.is_err() {
            return quiet(written);
        }
    }
}

fn quiet(done: io::Result<()>) -> Result<(), TailError> {
    match done {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => Err(TailError::Write { why }),
        _ => Ok(()),
    }
}

/// A line of ours is printable ASCII. One that is not has been tampered with, and still must not act on a terminal.
fn put(line: &[u8], out: &mut dyn Write) -> io::Result<()> {
    if line.iter().all(|b| matches!(b, b' '..=b'~')) {
        out.write_all(line)?;
    } else {
        for b in line {
            match b {
                b' '..=b'~' => out.write_all(&[*b])?,
                _ => write!(out, "<{b:02X}>")?,
            }
        }
    }
    out.write_all(b"\n")
}
