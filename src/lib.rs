//! countersign: the AI drafts, a person countersigns.
//!
//! Nothing reaches a customer that a person has not read, and every verdict leaves a line that nobody can quietly
//! change. This page is the map.
//!
//! # The rooms
//!
//! | room | what it is for |
//! |---|---|
//! | [`review`] | the domain: items, decisions, refusals, policy, priority; no I/O and no clock |
//! | [`visible`] | foreign text made safe and honest to show |
//! | [`care`] | the four stages of care, pure functions of text |
//! | [`queue`] | where items wait: the trait, its contract, and SQLite |
//! | [`ledger`] | the decision log: append, read, follow, verify |
//! | [`channel`] | where replies leave: a file |
//! | [`desk`] | the only place where queue, ledger and channel meet: intake, commit, undo, outbox, recovery |
//! | [`console`] | the terminal: a pure model, its views, and the only screen I/O |
//! | [`supervise`] | what supervisors use: the log live and filtered, exports, figures, reports of errors, the screen of `watch` |
//! | [`demo`] | the sample queue of `countersign demo`, and a colleague who works on it |
//! | [`config`] | settings and where each came from |
//! | [`cli`] | the whole command surface |
//! | [`fault`] | points at which a test can kill the process |
//!
//! # Who may import whom
//!
//! `tests/map.rs` reads the `use crate::` lines and holds this. `fault` may be named anywhere.
//!
//! ```text
//! review, visible                                              nothing of ours
//! care                                                         review, visible
//! queue, ledger, channel                                       review
//! desk                                                         review, care, queue, ledger, channel
//! supervise                                                    ledger, review, visible, desk, console
//! config                                                       review, visible
//! console: model, message, update                              review, care, console::command, console::editor; never tokio, ratatui, crossterm, std::fs, a clock
//! console: chord, command, keys, keymap, theme, fault, editor  review, visible, console; never desk, queue, ledger, tokio, std::fs, a clock
//! console: view                                                console, review, care, visible; never desk, queue, ledger, tokio
//! console: terminal, outside                                   console, review, visible; never desk, queue, ledger
//! console: run, effects, plain                                 review, care, visible, queue, ledger, channel, desk, console, supervise
//! demo                                                         review, queue, desk; never ratatui, crossterm, std::fs
//! cli                                                          all
//! ```
//!
//! # The promises
//!
//! DESIGN.md numbers them P1 to P10; tests carry the numbers in their names. In short: first the ledger (P1), what you
//! saw is what you sign (P2), one verdict stands (P3), decided is never lost and nothing is sent twice (P4), after a
//! take-over the AI is silent (P5), foreign text cannot act (P6), a customer's no is a no (P7), the screen never waits
//! (P8), no half-written text is lost (P9), nothing fails silently (P10).

pub mod care;
pub mod channel;
pub mod cli;
pub mod config;
pub mod console;
pub mod demo;
pub mod desk;
pub mod fault;
pub mod ledger;
pub mod queue;
pub mod review;
pub mod supervise;
pub mod visible;
