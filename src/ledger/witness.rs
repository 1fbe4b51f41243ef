//! The witness: a folder of somebody else's that takes checkpoints and gives none back.
//!
//! Asked for nothing but to open, create and append: its files may allow no reading, no cutting and no renaming, and its
//! folder may lie on a file system that hangs.

use super::checkpoint;
use super::note::PublicKey;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

/// How long to wait for a witness before going on without it.
const PATIENCE: Duration = Duration::from_secs(10);

/// The witness does not have the checkpoint.
#[derive(Debug, thiserror::Error)]
#[error(
    "the witness has not got the newest checkpoint: {path} could not be written ({why}); \
     make it writable, the next checkpoint covers this one"
)]
pub struct WitnessError {
    /// The witness's file.
    pub path: PathBuf,
    /// What the system said.
    pub why: io::Error,
}

/// Name of the file in which a witness keeps this key's checkpoints.
pub fn file_name(key: &PublicKey) -> String {
    let name = key.name().chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    name.collect::<String>() + ".txt"
}

/// Gives the witness a checkpoint.
pub fn give(folder: &Path, key: &PublicKey, note: String) -> Result<(), WitnessError> {
    let path = folder.join(file_name(key));
    let (done, wait) = channel();
    let file = path.clone();
    // A thread of its own: a dead network folder holds it for ever, and nobody else.
    let given = thread::Builder::new().name("witness".to_owned()).spawn(move || {
        let _ = done.send(append(&file, &note));
    });
    let why = match given.map(|_| wait.recv_timeout(PATIENCE)) {
        Ok(Ok(Ok(()))) => return Ok(()),
        Ok(Ok(Err(why))) | Err(why) => why,
        Ok(Err(RecvTimeoutError::Timeout)) => {
            io::Error::new(io::ErrorKind::TimedOut, format!("no answer within {} s", PATIENCE.as_secs()))
        }
        Ok(Err(RecvTimeoutError::Disconnected)) => io::Error::other("the thread that writes it stopped"),
    };
    Err(WitnessError { path, why })
}

fn append(path: &Path, note: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().append(true).create(true).mode(0o644).open(path)?;
    let text = checkpoint::entry(end(path).as_deref(), note);
    // One write: two consoles at once do not mix their notes.
    let taken = file.write(text.as_bytes())?;
    if taken < text.len() {
        let why = format!("only {taken} of {} bytes were taken; its disk is full", text.len());
        return Err(io::Error::new(io::ErrorKind::StorageFull, why));
    }
    file.sync_all()
}

/// The last two bytes, where reading is allowed.
fn end(path: &Path) -> Option<Vec<u8>> {
    let mut file = File::open(path).ok()?;
    let length = file.seek(SeekFrom::End(0)).ok()?;
    file.seek(SeekFrom::Start(length.saturating_sub(2))).ok()?;
    let mut end = Vec::new();
    file.take(2).read_to_end(&mut end).ok()?;
    Some(end)
}
