//! What supervisors use: the live log now; the pretty form, `watch`, `stats` and `report` later.
//!
//! Reads the ledger, never writes it, and knows nothing of the queue or the console.
//! Invariant: whatever stands in a log, nothing but printable ASCII and line feeds leaves here (P6).

pub mod figures;
pub mod gather;
pub mod tail;
