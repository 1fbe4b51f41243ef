//! Points at which a test can kill the process, to prove that recovery holds at each of them.
//!
//! Only in builds with debug assertions; elsewhere every function here is empty. A point is named in the environment
//! as `COUNTERSIGN_KILL_AT=ledger.synced`, or `ledger.synced:3` for the third time it is reached. The
//! environment is read once. Invariant: without that variable nothing here has any effect.

/// The environment variable that names the point.
pub const KILL_AT: &str = "COUNTERSIGN_KILL_AT";

/// Kills this process with `SIGKILL` if `point` is the armed one.
#[cfg(debug_assertions)]
pub fn reach(point: &'static str) {
    if armed(point) {
        die();
    }
}

/// Kills this process with `SIGKILL`.
#[cfg(debug_assertions)]
pub fn die() -> ! {
    use rustix::process::{Signal, getpid, kill_process};
    // The signal may take effect only after the call returns: nothing may run on meanwhile.
    let _ = kill_process(getpid(), Signal::KILL);
    loop {
        std::thread::park();
    }
}

/// Whether `point` is the armed one and this is the time to die. Counts, so ask once per passage.
#[cfg(debug_assertions)]
pub fn armed(point: &'static str) -> bool {
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU32, Ordering};
    static ARMED: OnceLock<Option<(String, AtomicU32)>> = OnceLock::new();
    let armed = ARMED.get_or_init(|| {
        let value = std::env::var(KILL_AT).ok()?;
        let (name, times) = match value.split_once(':') {
            Some((name, times)) => (name.to_owned(), times.parse().unwrap_or(1)),
            None => (value, 1),
        };
        Some((name, AtomicU32::new(times)))
    });
    match armed {
        Some((name, left)) if name == point => left.fetch_sub(1, Ordering::Relaxed) == 1,
        _ => false,
    }
}

/// Nothing, in a release build.
#[cfg(not(debug_assertions))]
#[inline]
pub fn reach(_point: &'static str) {}

/// Not to be reached: nothing is armed in a release build.
#[cfg(not(debug_assertions))]
pub fn die() -> ! {
    std::process::abort()
}

/// Never, in a release build.
#[cfg(not(debug_assertions))]
#[inline]
pub fn armed(_point: &'static str) -> bool {
    false
}
