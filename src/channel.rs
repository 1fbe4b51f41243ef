//! Where replies leave. A channel sends a reply once per id, and can say later whether it did.
//!
//! Knows nothing of the queue or the ledger; it gets a finished [`Reply`]. Invariant: `send` answers `Sent` only if
//! the reply is out for good, `Failed` and `Dead` only if it surely is not.

pub mod file;
pub mod lines;

use crate::review::{DecisionId, Delivery, Reply};

/// What a channel knows of a reply after a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trace {
    /// It went.
    Found,
    /// It surely did not.
    Absent,
    /// The channel cannot tell.
    Unknown,
}

/// Where replies leave. Calls block; they are made off the drawing path.
pub trait Channel: Send + Sync {
    /// Sends a reply; its id is the idempotency key.
    fn send(&self, reply: &Reply) -> Delivery;
    /// Looks for a reply that may have been sent before a crash.
    fn look_up(&self, id: DecisionId) -> Trace;
    /// Takes the text of these replies out of what this channel keeps.
    ///
    /// # Errors
    /// What the system said; nothing was changed then.
    fn forget(&self, ids: &[DecisionId]) -> std::io::Result<()>;
}
