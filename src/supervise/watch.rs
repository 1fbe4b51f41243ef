//! `countersign watch`: the supervisor's screen. The log as it grows, the state of the queue, what is felt and decided,
//! and one decision with draft, sent text and their difference.
//!
//! As in the console `update` decides, `view` shows and `run` does; the looks, the terminal's guard and the reader are
//! the console's. Invariants: a text is shown only after the log says who opened it; nothing here tells how fast one
//! person works, for times are shown for teams of five or more (DESIGN.md, section 12).

pub mod command;
pub mod model;
pub mod run;
pub mod update;
pub mod view;
