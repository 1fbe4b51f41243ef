//! The exclusive lock on the log, innermost of all locks: held for one append, waited for a bounded time.

use super::folder;
use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

/// Held until dropped, or until the process dies.
#[derive(Debug)]
pub struct Held(File);

impl Drop for Held {
    fn drop(&mut self) {
        // Closing the file unlocks as well; this only does it where a failure cannot matter.
        let _ = self.0.unlock();
    }
}

/// Takes the lock of this name; none if others hold it all the time up to `wait`.
pub fn exclusive(dir: &Path, name: &str, wait: Duration) -> io::Result<Option<Held>> {
    let file = folder::private(false, false).open(dir.join(name))?;
    take(file, wait, File::try_lock)
}

/// Takes the lock beside other readers; none if a writer holds it all the time up to `wait`.
pub fn shared(dir: &Path, wait: Duration) -> io::Result<Option<Held>> {
    take(File::open(dir.join(folder::LOCK))?, wait, File::try_lock_shared)
}

fn take(
    file: File,
    wait: Duration,
    attempt: fn(&File) -> Result<(), TryLockError>,
) -> io::Result<Option<Held>> {
    let begun = Instant::now();
    // An append takes about a millisecond: ask often at first, then spare the processor.
    let mut pause = Duration::from_micros(100);
    loop {
        match attempt(&file) {
            Ok(()) => return Ok(Some(Held(file))),
            Err(TryLockError::Error(e)) if e.kind() != io::ErrorKind::Interrupted => return Err(e),
            Err(_) if begun.elapsed() >= wait => return Ok(None),
            Err(_) => std::thread::sleep(pause),
        }
        pause = (pause * 2).min(Duration::from_millis(4));
    }
}
