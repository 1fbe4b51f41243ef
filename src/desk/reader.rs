//! The thread that reads what waits, beside whatever else a console does: it steps back for the screen and stops within a
//! message.

use super::Desk;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

/// How long after another console's reader may have died its work is taken up.
const MINUTE: Duration = Duration::from_mins(1);

/// A reader at work until it is dropped.
pub struct Reader {
    wake: Option<mpsc::SyncSender<()>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Reader {
    /// Begins to read.
    ///
    /// # Errors
    /// The system gives no thread or no loop.
    pub fn start(desk: Arc<Desk>) -> std::io::Result<Self> {
        let (wake, woken) = mpsc::sync_channel(1);
        let stop = Arc::new(AtomicBool::new(false));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        let stopped = stop.clone();
        let thread = std::thread::Builder::new().name("reader".to_owned()).spawn(move || {
            // On Linux this is the thread's own rank, elsewhere it would be the whole program's.
            #[cfg(target_os = "linux")]
            let _ = rustix::process::nice(10);
            while !stopped.load(Ordering::Relaxed) {
                // A queue that cannot be reached says so to whoever looks at it; here it is only asked again.
                let _ = runtime.block_on(desk.read_all(&stopped));
                if let Err(mpsc::RecvTimeoutError::Disconnected) = woken.recv_timeout(MINUTE) {
                    return;
                }
            }
        })?;
        Ok(Self { wake: Some(wake), stop, thread: Some(thread) })
    }

    /// Something has come in or was opened.
    pub fn wake(&self) {
        // It looks anew after each time it was woken: once is enough.
        let _ = self.wake.as_ref().map(|wake| wake.try_send(()));
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.wake = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
