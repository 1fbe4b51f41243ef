//! A session holds `sessions/<id>.lock` for life: whoever can lock the file knows that its process is dead.

use crate::review::SessionId;
use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// This process's own session.
pub struct Session {
    path: PathBuf,
    _lock: File,
}

/// The session of a process that is no more; held so that nobody else tidies up after it at the same time.
pub struct Dead {
    /// Identity.
    pub id: SessionId,
    path: PathBuf,
    _lock: File,
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

/// Whether the open file is still the one of that name.
fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let ours = file.metadata()?;
    match std::fs::metadata(path) {
        Ok(named) => Ok((named.dev(), named.ino()) == (ours.dev(), ours.ino())),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

impl Session {
    /// Begins a session in `folder`.
    ///
    /// # Errors
    /// What the system said.
    pub fn begin(folder: &Path, id: SessionId) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let path = folder.join(format!("{id}.lock"));
        loop {
            let lock = open(&path)?;
            lock.lock()?;
            // Between the two a recovery may have found the file unlocked, taken it for a dead session's and tidied it
            // away: a lock on a file without a name tells nobody that this session lives.
            if is_at(&lock, &path)? {
                return Ok(Self { path, _lock: lock });
            }
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        // Left behind it would only be found dead later.
        let _ = std::fs::remove_file(&self.path);
    }
}

impl Dead {
    /// Its claims are given back and its verdicts settled: the trace goes.
    pub fn tidy(self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// All sessions of this folder: those alive and those dead.
///
/// # Errors
/// What the system said.
pub fn all(folder: &Path) -> io::Result<(Vec<SessionId>, Vec<Dead>)> {
    let (mut living, mut dead) = (Vec::new(), Vec::new());
    let entries = match std::fs::read_dir(folder) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok((living, dead)),
        entries => entries?,
    };
    for entry in entries {
        let path = entry?.path();
        let name = path.file_stem().and_then(|n| n.to_str()).unwrap_or_default();
        let Ok(id) = name.parse() else { continue };
        let Ok(lock) = OpenOptions::new().read(true).write(true).open(&path) else { continue };
        match lock.try_lock() {
            Ok(()) => dead.push(Dead { id, path, _lock: lock }),
            Err(TryLockError::WouldBlock) => living.push(id),
            Err(TryLockError::Error(e)) => return Err(e),
        }
    }
    Ok((living, dead))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_was_tidied_away_while_it_began_begins_again() {
        let dir = tempfile::tempdir().unwrap();
        let id = SessionId(uuid::Uuid::now_v7());
        let path = dir.path().join(format!("{id}.lock"));
        std::fs::write(&path, "").unwrap();
        let mut dead = all(dir.path()).unwrap().1;
        let folder = dir.path().to_owned();
        let beginning = std::thread::spawn(move || Session::begin(&folder, id).unwrap());
        std::thread::sleep(std::time::Duration::from_millis(100));
        dead.remove(0).tidy();
        let session = beginning.join().unwrap();
        assert_eq!(all(dir.path()).unwrap().0, [id]);
        drop(session);
    }

    #[test]
    fn a_session_lives_as_long_as_its_value() {
        let dir = tempfile::tempdir().unwrap();
        let id = SessionId(uuid::Uuid::now_v7());
        let session = Session::begin(dir.path(), id).unwrap();
        assert_eq!(all(dir.path()).unwrap().0, [id]);
        std::fs::write(dir.path().join(format!("{}.lock", uuid::Uuid::now_v7())), "").unwrap();
        let (living, dead) = all(dir.path()).unwrap();
        assert_eq!((living.len(), dead.len()), (1, 1));
        dead.into_iter().for_each(Dead::tidy);
        drop(session);
        let (living, dead) = all(dir.path()).unwrap();
        assert_eq!((living.len(), dead.len()), (0, 0));
    }
}
