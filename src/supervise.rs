//! What supervisors use: the log live and filtered, exports, figures, and the screen of `watch`.
//!
//! Reads the ledger, never writes it, and knows nothing of the queue: what the store still knows of a decision comes in
//! as a function. Rows are told in the console's roles, so that its themes fit here too.
//! Invariant: whatever stands in a log, nothing that acts on a terminal leaves here (P6).

pub mod csv;
pub mod explain;
pub mod export;
pub mod figures;
pub mod filter;
pub mod form;
pub mod gather;
pub mod known;
pub mod me;
pub mod moment;
pub mod report;
pub mod stats;
pub mod tail;
pub mod told;
pub mod watch;
