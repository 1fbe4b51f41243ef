//! Follows the log as it grows, through rotation and recreation, without looking at the clock.
//!
//! Takes lines as they are, unchecked: following must not stop where `verify` would.

use super::backwards;
use super::folder::{self, FileName};
use std::fs::File;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// At most so many bytes are taken in one go.
const CHUNK: usize = 64 << 10;

/// Where following begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// At the first line of all.
    First,
    /// At the `n`-th line from the end; 0 shows only what is new.
    Last(u64),
}

/// Yields whole lines as they come.
#[derive(Debug)]
pub struct Follower {
    dir: PathBuf,
    file: Option<(FileName, File)>,
    offset: u64,
    watch: watch::Watch,
}

/// Follows the log in `dir`.
///
/// # Errors
/// The folder is not there or cannot be watched.
pub fn follow(dir: &Path, start: Start) -> io::Result<Follower> {
    // The watch comes first: what is written while we look for the start wakes us.
    let watch = watch::Watch::new(dir)?;
    let from = match start {
        Start::First => None,
        Start::Last(n) => backwards::start_of_last_in(dir, n)?,
    };
    let mut follower = Follower { dir: dir.to_owned(), file: None, offset: 0, watch };
    if let Some((name, offset)) = from {
        follower.open(name)?;
        follower.offset = offset;
    }
    Ok(follower)
}

impl Follower {
    /// The whole lines that are there and were not yet given, without their line feeds; empty if there are none
    /// at present. Gives a bounded number: ask again until it is empty, then [`wait`](Self::wait).
    pub fn ready(&mut self) -> io::Result<Vec<Vec<u8>>> {
        loop {
            if self.file.is_none() {
                let Some(oldest) = folder::list_if_there(&self.dir)?.into_iter().next() else {
                    return Ok(Vec::new());
                };
                self.open(oldest)?;
            }
            let Some((name, file)) = &self.file else { return Ok(Vec::new()) };
            let lines = read_lines(file, &mut self.offset)?;
            if !lines.is_empty() {
                return Ok(lines);
            }
            // Only at the end of a file, and rarely: has it been replaced, cut, or followed by another?
            let name = name.clone();
            let there = match std::fs::metadata(self.dir.join(name.to_string())) {
                Ok(there) => Some((there.dev(), there.ino())),
                Err(e) if e.kind() == io::ErrorKind::NotFound => None,
                Err(e) => return Err(e),
            };
            let ours = file.metadata()?;
            if there != Some((ours.dev(), ours.ino())) {
                // Another log stands here now: it is told from its beginning.
                self.file = None;
                continue;
            }
            // A refused append was cut back: what comes next begins where the file ends.
            self.offset = self.offset.min(ours.len());
            let files = folder::list_if_there(&self.dir)?;
            let Some(next) = files.into_iter().find(|next| *next > name) else { return Ok(Vec::new()) };
            // The last lines may have come between the read above and the rotation.
            let lines = read_lines(file, &mut self.offset)?;
            self.open(next)?;
            if !lines.is_empty() {
                return Ok(lines);
            }
        }
    }

    /// Sleeps until something in the folder has changed since the last call.
    pub fn wait(&mut self) -> io::Result<()> {
        self.watch.wait(&self.dir)
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
}

/// Whole lines from `offset` on; moves it behind them.
fn read_lines(file: &File, offset: &mut u64) -> io::Result<Vec<Vec<u8>>> {
    let mut want = CHUNK;
    loop {
        let mut block = vec![0; want];
        let mut got = 0;
        while got < want {
            match file.read_at(&mut block[got..], *offset + got as u64)? {
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
        *offset += last as u64 + 1;
        return Ok(block.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect());
    }
}

#[cfg(target_os = "linux")]
mod watch {
    use rustix::fd::OwnedFd;
    use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
    use std::io;
    use std::mem::MaybeUninit;
    use std::path::Path;
    use std::time::Duration;

    /// Wakes when something in a folder changes.
    #[derive(Debug)]
    pub struct Watch {
        inotify: OwnedFd,
        lost: bool,
    }

    fn add(inotify: &OwnedFd, dir: &Path) -> io::Result<()> {
        // Also when a file goes: as long as the follower holds it open, the folder it was in counts as still there,
        // and its own end is not told.
        let what = WatchFlags::MODIFY
            | WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVED_TO
            | WatchFlags::DELETE_SELF
            | WatchFlags::MOVE_SELF
            | WatchFlags::ONLYDIR;
        inotify::add_watch(inotify, dir, what).map(|_| ()).map_err(Into::into)
    }

    impl Watch {
        pub fn new(dir: &Path) -> io::Result<Self> {
            let inotify = inotify::init(CreateFlags::CLOEXEC)?;
            add(&inotify, dir)?;
            Ok(Self { inotify, lost: false })
        }

        pub fn wait(&mut self, dir: &Path) -> io::Result<()> {
            if self.lost {
                // The folder itself is gone. Nothing can tell us when it comes back, so look now and then.
                std::thread::sleep(Duration::from_secs(1));
                match add(&self.inotify, dir) {
                    Ok(()) => self.lost = false,
                    Err(e) if e.kind() == io::ErrorKind::NotFound => {}
                    Err(e) => return Err(e),
                }
                return Ok(());
            }
            let mut buffer = [MaybeUninit::<u8>::uninit(); 4_096];
            let mut reader = Reader::new(&self.inotify, &mut buffer);
            loop {
                let event = match reader.next() {
                    Ok(event) => event,
                    Err(rustix::io::Errno::INTR) => continue,
                    Err(e) => return Err(e.into()),
                };
                let gone = ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF | ReadFlags::IGNORED;
                self.lost |= event.events().intersects(gone);
                if reader.is_buffer_empty() {
                    return Ok(());
                }
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod watch {
    use std::io;
    use std::path::Path;
    use std::time::Duration;

    /// Wakes now and then: this platform has no watch that this program knows.
    #[derive(Debug)]
    pub struct Watch;

    impl Watch {
        pub fn new(_dir: &Path) -> io::Result<Self> {
            Ok(Self)
        }
        pub fn wait(&mut self, _dir: &Path) -> io::Result<()> {
            std::thread::sleep(Duration::from_millis(250));
            Ok(())
        }
    }
}
