//! A private file of lines that several processes append to and one may rewrite: a line is there whole or not at all.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// The file.
pub struct Lines {
    /// Where it is.
    pub path: PathBuf,
}

/// Exclusive use of the file, until dropped.
pub struct Locked {
    _lock: File,
    /// Open for reading and writing; its last line is whole.
    pub file: File,
}

impl Lines {
    /// The file at `path`; it is made with the first line.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    fn private() -> OpenOptions {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        options
    }

    /// The lock is a file of its own: the file itself is replaced by [`Lines::rewrite`].
    ///
    /// # Errors
    /// What the system said.
    pub fn lock(&self) -> io::Result<Locked> {
        let lock = Self::private().open(self.path.with_extension("lock"))?;
        lock.lock()?;
        let mut file = Self::private().open(&self.path)?;
        cut_torn_line(&mut file)?;
        Ok(Locked { _lock: lock, file })
    }

    /// Puts what `change` makes of each line in its place, or nothing; all at once.
    ///
    /// # Errors
    /// What the system said; nothing was changed then.
    pub fn rewrite(&self, change: impl Fn(String) -> io::Result<Option<String>>) -> io::Result<()> {
        if !self.path.exists() {
            return Ok(());
        }
        let mut locked = self.lock()?;
        locked.file.rewind()?;
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
        for line in BufReader::new(&locked.file).split(b'\n') {
            // A damaged line must not keep the others from being changed.
            if let Some(line) = change(String::from_utf8_lossy(&line?).into_owned())? {
                writeln!(fresh, "{line}")?;
            }
        }
        fresh.as_file().sync_all()?;
        fresh.persist(&self.path)?;
        Ok(())
    }
}

/// A line without its line feed was never acknowledged. It must not grow together with the next one.
fn cut_torn_line(file: &mut File) -> io::Result<()> {
    let length = file.seek(SeekFrom::End(0))?;
    let mut end = length;
    let mut block = [0_u8; 4_096];
    while end > 0 {
        let from = end.saturating_sub(block.len() as u64);
        let part = &mut block[..usize::try_from(end - from).unwrap_or(0)];
        file.seek(SeekFrom::Start(from))?;
        file.read_exact(part)?;
        if let Some(at) = part.iter().rposition(|b| *b == b'\n') {
            end = from + at as u64 + 1;
            break;
        }
        end = from;
    }
    if end < length {
        file.set_len(end)?;
    }
    Ok(())
}
