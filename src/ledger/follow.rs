//! Follows the log as it grows, through rotation and recreation, without looking at the clock.
//!
//! Takes lines as they are and says of each whether it follows from the one before: following does not stop where
//! `verify` would, it marks the place and goes on.

use super::backwards;
use super::chain::Link;
use super::folder::{self, FileName, HeadFile};
use super::line::Shape;
use super::scan::Upto;
use super::walk::{Fault, link_at};
use rustix::fd::BorrowedFd;
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

mod watch;

use watch::Watch;
pub use watch::Woken;

/// At most so many bytes are taken in one go.
const CHUNK: usize = 64 << 10;

/// Where following begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the first line of all.
    First,
    /// At the `n`-th line from the end; 0 shows only what is new.
    Last(u64),
    /// Behind what has been read already.
    After(Upto),
}

/// What following yields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A whole line without its line feed, and why it does not follow from the line before, if so.
    Line(Vec<u8>, Option<Fault>),
    /// Lines at the end were taken away again; `lost` says why that must not be. An append that was refused is cut
    /// back, which is in order.
    CutBack {
        /// What is wrong, in words.
        lost: Option<Fault>,
    },
    /// Another log stands here now; it is told from its beginning.
    Replaced,
}

/// Yields whole lines as they come.
#[derive(Debug)]
pub struct Follower {
    dir: PathBuf,
    file: Option<(FileName, File)>,
    offset: u64,
    watch: Watch,
    /// What the next line must follow; none where that is not known.
    link: Option<Link>,
    /// Whether the next line may be the first of all: nothing was read before it.
    at_first: bool,
}

/// Follows the log in `dir`.
///
/// # Errors
/// The folder is not there or cannot be read.
pub fn follow(dir: &Path, start: Start) -> io::Result<Follower> {
    // The watch comes first: what is written while we look for the start wakes us.
    let watch = Watch::new(dir)?;
    let from = match start {
        Start::First => None,
        Start::Last(n) => backwards::start_of_last_in(dir, n)?,
        Start::After(Upto(place)) => place,
    };
    let mut follower =
        Follower { dir: dir.to_owned(), file: None, offset: 0, watch, link: None, at_first: from.is_none() };
    if let Some((name, offset)) = from {
        follower.at_first = offset == 0 && folder::list(dir)?.first() == Some(&name);
        follower.open(name)?;
        follower.offset = offset;
        follower.link = follower.link_before()?;
    }
    Ok(follower)
}

impl Follower {
    /// What is there and was not yet told; empty if there is nothing at present. Gives a bounded number: ask again
    /// until it is empty, then [`wait`](Self::wait).
    ///
    /// # Errors
    /// The folder or a file cannot be read.
    pub fn ready(&mut self) -> io::Result<Vec<Told>> {
        loop {
            if self.file.is_none() {
                let Some(oldest) = folder::list_if_there(&self.dir)?.into_iter().next() else {
                    return Ok(Vec::new());
                };
                self.open(oldest)?;
            }
            let told = self.read_lines()?;
            if !told.is_empty() {
                return Ok(told);
            }
            // Only at the end of a file, and rarely: has it been replaced, cut, or followed by another?
            let Some((name, file)) = &self.file else { return Ok(Vec::new()) };
            let name = name.clone();
            let there = match std::fs::metadata(self.dir.join(name.to_string())) {
                Ok(there) => Some((there.dev(), there.ino())),
                Err(e) if e.kind() == io::ErrorKind::NotFound => None,
                Err(e) => return Err(e),
            };
            let ours = file.metadata()?;
            if there != Some((ours.dev(), ours.ino())) {
                (self.file, self.link, self.at_first) = (None, None, true);
                return Ok(vec![Told::Replaced]);
            }
            if ours.len() < self.offset {
                self.offset = ours.len();
                self.link = self.link_before()?;
                return Ok(vec![Told::CutBack { lost: self.lost(&name, ours.len())? }]);
            }
            let files = folder::list_if_there(&self.dir)?;
            let Some(next) = files.into_iter().find(|next| *next > name) else { return Ok(Vec::new()) };
            // The last lines may have come between the read above and the rotation.
            let told = self.read_lines()?;
            self.open(next)?;
            if !told.is_empty() {
                return Ok(told);
            }
        }
    }

    /// Sleeps until something in the folder has changed since the last call, or until nobody reads any more from what
    /// is written to.
    ///
    /// # Errors
    /// The folder cannot be watched any more.
    pub fn wait(&mut self, written_to: Option<BorrowedFd<'_>>) -> io::Result<Woken> {
        self.watch.wait(&self.dir, written_to)
    }

    fn open(&mut self, name: FileName) -> io::Result<()> {
        match File::open(self.dir.join(name.to_string())) {
            Ok(file) => {
                self.file = Some((name, file));
                self.offset = 0;
                Ok(())
            }
            // Gone between listing and opening: the next round sees what is there.
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                self.file = None;
                Ok(())
            }
            Err(e) => Err(e),
        }
    }

    /// The line that ends where reading goes on; the last one of the former file at a file's beginning.
    fn link_before(&self) -> io::Result<Option<Link>> {
        let Some((name, file)) = &self.file else { return Ok(None) };
        if self.offset > 0 {
            return Ok(link_at(file, self.offset, None)?.ok());
        }
        let former = folder::list_if_there(&self.dir)?.into_iter().rfind(|former| former < name);
        let Some(former) = former else { return Ok(None) };
        let former = File::open(self.dir.join(former.to_string()))?;
        let end = former.metadata()?.len();
        Ok(link_at(&former, end, None)?.ok())
    }

    /// Why a file may not end at `length`: it was longer on disk.
    fn lost(&self, name: &FileName, length: u64) -> io::Result<Option<Fault>> {
        let HeadFile::Read(head, _, file) = folder::head(&self.dir)? else { return Ok(None) };
        let cut = file == *name && head.length > length;
        Ok(cut.then(|| Fault::at(&self.dir, name, length, "is cut: more entries were on disk")))
    }

    /// Whole lines from here on, each held against the one before; moves behind them.
    fn read_lines(&mut self) -> io::Result<Vec<Told>> {
        let Some((_, file)) = &self.file else { return Ok(Vec::new()) };
        let lines = whole_lines(file, self.offset)?;
        let mut told = Vec::with_capacity(lines.len());
        for line in lines {
            let fault = self.check(&line);
            self.offset += line.len() as u64 + 1;
            told.push(Told::Line(line, fault));
        }
        Ok(told)
    }

    /// Whether the line at the present offset follows from the one before. The next one is held against it in any
    /// case, so that one fault is told once.
    fn check(&mut self, line: &[u8]) -> Option<Fault> {
        let former = self.link.take();
        let fault = match Shape::read(line) {
            Err(reason) => Some(reason.to_owned()),
            Ok(shape) => {
                self.link = Some(Link::of(&shape));
                let checked = if former.is_some() || self.at_first {
                    Link::check(former.as_ref(), &shape, None)
                } else {
                    Link::check_alone(&shape, None)
                };
                let header = self.offset > 0 || shape.kind == "header";
                checked
                    .err()
                    .or_else(|| (!header).then(|| "is the first of its file and no header".to_owned()))
            }
        };
        self.at_first = false;
        let name = &self.file.as_ref()?.0;
        fault.map(|reason| Fault::at(&self.dir, name, self.offset, reason))
    }
}

fn whole_lines(file: &File, offset: u64) -> io::Result<Vec<Vec<u8>>> {
    let mut want = CHUNK;
    loop {
        let mut block = vec![0; want];
        let mut got = 0;
        while got < want {
            match file.read_at(&mut block[got..], offset + got as u64)? {
                0 => break,
                n => got += n,
            }
        }
        block.truncate(got);
        let Some(last) = block.iter().rposition(|b| *b == b'\n') else {
            if got < want {
                return Ok(Vec::new());
            }
            // A line longer than a chunk: no line of ours, but it is passed on whole.
            want *= 2;
            continue;
        };
        block.truncate(last);
        return Ok(block.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Entry, Ledger};
    use crate::review::Stamp;
    use rustix::fd::AsFd;
    use std::time::Duration;
    use uuid::Uuid;

    fn log() -> (tempfile::TempDir, Ledger) {
        let dir = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(dir.path()).unwrap();
        write(&ledger);
        (dir, ledger)
    }

    fn write(ledger: &Ledger) {
        ledger.append(Stamp(0), &[(Uuid::nil(), Entry::ClockStep { back_ms: 1 })]).unwrap();
    }

    /// What comes while we wait, however often we are woken.
    fn awaited(follower: &mut Follower) -> Vec<Told> {
        loop {
            let told = follower.ready().unwrap();
            if !told.is_empty() {
                return told;
            }
            assert_eq!(follower.wait(None).unwrap(), Woken::Changed);
        }
    }

    #[test]
    fn where_nothing_tells_of_changes_the_folder_is_looked_at_now_and_then() {
        let (dir, ledger) = log();
        let mut follower = follow(dir.path(), Start::Last(0)).unwrap();
        follower.watch = Watch::Polled;
        let thread = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(20));
            write(&ledger);
        });
        assert!(matches!(&awaited(&mut follower)[..], [Told::Line(_, None)]));
        thread.join().unwrap();
    }

    #[test]
    fn waiting_ends_when_nobody_reads_any_more() {
        let (dir, _ledger) = log();
        for polled in [false, true] {
            let mut follower = follow(dir.path(), Start::Last(0)).unwrap();
            if polled {
                follower.watch = Watch::Polled;
            }
            let (reader, writer) = std::io::pipe().unwrap();
            let thread = std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(20));
                drop(reader);
            });
            while follower.wait(Some(writer.as_fd())).unwrap() == Woken::Changed {}
            thread.join().unwrap();
        }
    }
}
