//! countersign: the AI drafts, a person countersigns.
//!
//! Nothing reaches a customer that a person has not read, and every verdict leaves a line that nobody can quietly
//! change. This page is the map.
pub mod channel;
pub mod care;
pub mod console;
pub mod desk;
pub mod fault;
pub mod ledger;
pub mod queue;
pub mod review;
pub mod supervise;
pub mod visible;
