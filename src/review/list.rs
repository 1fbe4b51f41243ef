//! Which rows of the queue are asked for.

use super::{ItemId, Rank};

/// Which rows a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListQuery {
    /// Fuzzy words on customer, subject, id, topic; empty shows all.
    pub filter: String,
    /// Rows after this one in queue order.
    pub after: Option<(Rank, ItemId)>,
    /// At most so many rows.
    pub limit: usize,
    /// Which items.
    pub scope: Scope,
}

/// Which items a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Scope {
    /// Open and not snoozed.
    #[default]
    Waiting,
    /// Snoozed.
    Snoozed,
    /// Everything, also decided and closed.
    All,
}
