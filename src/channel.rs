//! Where replies leave. A channel sends a reply once per id, and can say later whether it did.
//!
//! Knows nothing of the queue or the ledger; it gets a finished [`Reply`]. Invariant: `send` answers `Sent` only if
//! the reply is out for good, `Failed` and `Dead` only if it surely is not.

pub mod file;

use crate::review::{DecisionId, Reply};

/// How a send went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sending {
    /// It is out.
    Sent,
    /// It surely did not go; trying again may help.
    Failed {
        /// What the channel said; no customer text.
        why: String,
    },
    /// It surely did not go, and trying again will not help.
    Dead {
        /// What the channel said; no customer text.
        why: String,
    },
    /// Nobody can tell.
    Unsure {
        /// What the channel said; no customer text.
        why: String,
    },
}

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
    fn send(&self, reply: &Reply) -> Sending;
    /// Looks for a reply that may have been sent before a crash.
    fn look_up(&self, id: DecisionId) -> Trace;
    /// Takes the text of these replies out of what this channel keeps.
    ///
    /// # Errors
    /// What the system said; nothing was changed then.
    fn forget(&self, ids: &[DecisionId]) -> std::io::Result<()>;
}
