//! The real program in a pseudo terminal: keys in, screen and files out. A terminal of our own reads every byte, answers
//! what is asked, and waits for what shall be on screen; nothing sleeps and hopes.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

#[path = "pty/foreign.rs"]
mod foreign;
#[path = "pty/kept.rs"]
mod kept;
#[path = "pty/looks.rs"]
mod looks;
#[path = "pty/place.rs"]
mod place;
#[path = "pty/restore.rs"]
mod restore;
#[path = "pty/sixty.rs"]
mod sixty;
#[path = "pty/story.rs"]
mod story;
#[path = "pty/tty.rs"]
mod tty;
#[path = "pty/two.rs"]
mod two;
#[path = "pty/watch.rs"]
mod watch;
