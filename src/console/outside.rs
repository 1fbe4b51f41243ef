//! Another program's turn at the terminal: `$VISUAL` or `$EDITOR`, or whatever runs while we are stopped.
//!
//! Knows no model and draws nothing. Invariant: an editor never outlives the console that started it, and what was
//! saved in it is taken, whoever ended it (P9).

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use std::io;
use std::process::{Child, Command, ExitStatus};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Whether another program has the terminal: what is typed then, Ctrl-C among it, is meant for that program.
static LENT: AtomicBool = AtomicBool::new(false);
/// When it was given back by that program.
static RETURNED: Mutex<Option<Instant>> = Mutex::new(None);
/// A signal may be heard a moment after the program that it ended is gone.
const ECHO: Duration = Duration::from_millis(500);

/// The editor that runs. Its id is taken out before it is free for another process.
static EDITOR: Mutex<Option<Pid>> = Mutex::new(None);
/// The console leaves: no editor is to run any more.
static OVER: AtomicBool = AtomicBool::new(false);

/// While `work` runs, the terminal is another program's.
pub fn meanwhile<T>(work: impl FnOnce() -> T) -> T {
    LENT.store(true, Ordering::SeqCst);
    let result = work();
    *RETURNED.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    LENT.store(false, Ordering::SeqCst);
    result
}

/// Whether another program has the terminal, or has had it a moment ago.
pub fn has_terminal() -> bool {
    let returned = *RETURNED.lock().unwrap_or_else(PoisonError::into_inner);
    LENT.load(Ordering::SeqCst) || returned.is_some_and(|at| at.elapsed() < ECHO)
}

fn editor() -> MutexGuard<'static, Option<Pid>> {
    EDITOR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The console leaves: the editor is told to end, or, with `force`, ended.
pub fn end(force: bool) {
    OVER.store(true, Ordering::SeqCst);
    if let Some(pid) = *editor() {
        // It may have ended by itself.
        let _ = kill_process(pid, if force { Signal::KILL } else { Signal::TERM });
    }
}

/// `$VISUAL` or `$EDITOR` on a private temporary file; the new text, or why the old one stays.
pub fn edit(text: &str) -> Result<String, String> {
    let named = |name: &str| std::env::var(name).ok().filter(|v| !v.trim().is_empty());
    let editor = named("VISUAL").or_else(|| named("EDITOR")).unwrap_or_else(|| "vi".to_owned());
    let file = tempfile::Builder::new()
        .prefix("countersign-")
        .suffix(".txt")
        .tempfile()
        .and_then(|mut file| io::Write::write_all(&mut file, text.as_bytes()).map(|()| file))
        .map_err(|e| format!("no temporary file can be made ({e})"))?;
    // The variable may hold arguments, assignments and quotes: the shell splits it, `env` takes what stands before
    // the program, and the shell is out of the way, so that a signal reaches the editor itself.
    let status = Command::new("sh")
        .args(["-c", &format!("exec env {editor} \"$1\""), "sh"])
        .arg(file.path())
        .spawn()
        .and_then(wait)
        .map_err(|e| format!("{editor} cannot be started ({e})"))?;
    // What was saved in an editor that we ended ourselves is as good as what was typed here.
    if !status.success() && !OVER.load(Ordering::SeqCst) {
        return Err(format!("{editor} ended with {status}; your text is as it was"));
    }
    let edited = std::fs::read(file.path()).map_err(|e| format!("the edited text cannot be read ({e})"))?;
    let edited = String::from_utf8(edited)
        .map_err(|_| "the edited text is not UTF-8; your text is as it was".to_owned())?;
    // Editors end a file with a line feed that nobody typed.
    Ok(match (text.ends_with('\n'), edited.strip_suffix('\n')) {
        (false, Some(stripped)) => stripped.to_owned(),
        _ => edited,
    })
}

/// Waits for the editor, which can be told to end meanwhile.
fn wait(mut child: Child) -> io::Result<ExitStatus> {
    let pid = Pid::from_child(&child);
    *editor() = Some(pid);
    if OVER.load(Ordering::SeqCst) {
        // The word to leave came while it started.
        end(false);
    }
    // Waited for without being reaped: until then its id is its own.
    while waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT)
        .is_err_and(|e| e == rustix::io::Errno::INTR)
    {}
    *editor() = None;
    child.wait()
}
