//! Sleeps until the log's folder changes: woken by inotify, and where that cannot be had, by looking now and then.

use rustix::event::{PollFd, PollFlags, poll};
use rustix::fd::BorrowedFd;
use rustix::io::Errno;
use std::io;
use std::path::Path;
use std::time::Duration;

/// How often a folder is looked at that cannot be watched, or is gone.
const NOW_AND_THEN: Duration = Duration::from_millis(250);

/// Wakes when something in a folder changes.
#[derive(Debug)]
pub enum Watch {
    /// The system tells.
    #[cfg(target_os = "linux")]
    Told(told::Told),
    /// Nobody tells.
    Polled,
}

/// Why a wait has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    /// Something may have changed.
    Changed,
    /// Nobody reads any more what is written.
    Unread,
}

impl Watch {
    /// Watches a folder.
    ///
    /// # Errors
    /// It is not there, or may not be read.
    pub fn new(dir: &Path) -> io::Result<Self> {
        std::fs::read_dir(dir)?;
        #[cfg(target_os = "linux")]
        match told::Told::new(dir) {
            Ok(told) => return Ok(Self::Told(told)),
            // The system's watches are used up, or it has none.
            Err(Errno::MFILE | Errno::NFILE | Errno::NOSPC | Errno::NOMEM | Errno::NOSYS | Errno::PERM) => {}
            Err(e) => return Err(e.into()),
        }
        Ok(Self::Polled)
    }

    /// Sleeps until something has changed since the last call, or nobody reads `reader` any more.
    pub fn wait(&mut self, dir: &Path, reader: Option<BorrowedFd<'_>>) -> io::Result<Woken> {
        match self {
            #[cfg(target_os = "linux")]
            Self::Told(told) if !told.is_lost() => {
                if sleep(Some(told.as_fd()), reader, None)? == Woken::Unread {
                    return Ok(Woken::Unread);
                }
                told.drain()?;
                Ok(Woken::Changed)
            }
            #[cfg(target_os = "linux")]
            Self::Told(told) => {
                // The folder itself is gone. Nothing can tell us when it comes back.
                let woken = sleep(None, reader, Some(NOW_AND_THEN))?;
                told.find_again(dir)?;
                Ok(woken)
            }
            Self::Polled => sleep(None, reader, Some(NOW_AND_THEN)),
        }
    }
}

fn sleep(
    told: Option<BorrowedFd<'_>>,
    reader: Option<BorrowedFd<'_>>,
    at_most: Option<Duration>,
) -> io::Result<Woken> {
    // Of the reader nothing is asked: that it has gone is told unasked.
    let reader = reader.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::empty()));
    let told = told.map(|fd| PollFd::from_borrowed_fd(fd, PollFlags::IN));
    let has_reader = reader.is_some();
    let mut fds: Vec<PollFd<'_>> = reader.into_iter().chain(told).collect();
    let at_most = at_most.map(rustix::event::Timespec::try_from).transpose().map_err(io::Error::other)?;
    match poll(&mut fds, at_most.as_ref()) {
        Err(Errno::INTR) => Ok(Woken::Changed),
        Err(e) => Err(e.into()),
        Ok(_) if has_reader && fds[0].revents().intersects(PollFlags::ERR | PollFlags::HUP) => {
            Ok(Woken::Unread)
        }
        Ok(_) => Ok(Woken::Changed),
    }
}

#[cfg(target_os = "linux")]
mod told {
    use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
    use rustix::fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags};
    use rustix::io::Errno;
    use std::io;
    use std::mem::MaybeUninit;
    use std::path::Path;

    /// inotify on a folder.
    #[derive(Debug)]
    pub struct Told {
        inotify: OwnedFd,
        lost: bool,
    }

    fn add(inotify: &OwnedFd, dir: &Path) -> rustix::io::Result<()> {
        // Also when a file goes: as long as the follower holds it open, the folder it was in counts as still there,
        // and its own end is not told.
        let what = WatchFlags::MODIFY
            | WatchFlags::CREATE
            | WatchFlags::DELETE
            | WatchFlags::MOVED_TO
            | WatchFlags::DELETE_SELF
            | WatchFlags::MOVE_SELF
            | WatchFlags::ONLYDIR;
        inotify::add_watch(inotify, dir, what).map(drop)
    }

    impl Told {
        pub fn new(dir: &Path) -> rustix::io::Result<Self> {
            let inotify = inotify::init(CreateFlags::CLOEXEC | CreateFlags::NONBLOCK)?;
            add(&inotify, dir)?;
            Ok(Self { inotify, lost: false })
        }

        pub fn as_fd(&self) -> BorrowedFd<'_> {
            self.inotify.as_fd()
        }

        /// Whether the folder has gone.
        pub const fn is_lost(&self) -> bool {
            self.lost
        }

        /// Watches it again if it is there again.
        pub fn find_again(&mut self, dir: &Path) -> io::Result<()> {
            match add(&self.inotify, dir) {
                Ok(()) => self.lost = false,
                Err(Errno::NOENT) => {}
                Err(e) => return Err(e.into()),
            }
            Ok(())
        }

        /// Takes all that was told: what it was does not matter, the follower looks for itself.
        pub fn drain(&mut self) -> io::Result<()> {
            let mut buffer = [MaybeUninit::<u8>::uninit(); 4_096];
            let mut reader = Reader::new(&self.inotify, &mut buffer);
            loop {
                let event = match reader.next() {
                    Ok(event) => event,
                    Err(Errno::AGAIN) => return Ok(()),
                    Err(Errno::INTR) => continue,
                    Err(e) => return Err(e.into()),
                };
                let gone = ReadFlags::DELETE_SELF | ReadFlags::MOVE_SELF | ReadFlags::IGNORED;
                self.lost |= event.events().intersects(gone);
            }
        }
    }
}
