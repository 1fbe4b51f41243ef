//! The order of the queue where time alone changes it: lifts, due times, ends of a snooze.

use super::{Desk, DeskError};
use crate::review::Stamp;
use std::time::Duration;

/// Parts counted in one go, at most: far more than a queue has, so that no fault can make this endless.
const PARTS: usize = 1_000;
/// Others write between two parts.
const BREATH: Duration = Duration::from_millis(2);

impl Desk {
    /// Counts every rank anew whose moment has come; the moment of the next one.
    ///
    /// # Errors
    /// The queue cannot be reached.
    pub async fn count_ranks(&self) -> Result<Option<Stamp>, DeskError> {
        for _ in 0..PARTS {
            let next = self.queue.refresh().await?;
            if next.is_none_or(|at| at > self.now()) {
                return Ok(next);
            }
            tokio::time::sleep(BREATH).await;
        }
        Ok(None)
    }
}
