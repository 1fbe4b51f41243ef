//! How the sending of a reply went.

/// How sending went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It is out.
    Sent,
    /// It surely did not go; try again.
    Failed {
        /// What the channel said; no customer text.
        why: String,
    },
    /// It surely did not go and never will.
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
