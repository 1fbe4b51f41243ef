//! The plain front, as a program: lines in, lines out.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

#[path = "plain/desk.rs"]
mod desk;

#[path = "plain/script.rs"]
mod script;

#[path = "plain/terminal.rs"]
mod terminal;
