//! The outbox: replies whose window has ended leave through the channel. Every console runs it.

use super::{Desk, DeskError, blocking};
use crate::channel::Trace;
use crate::fault;
use crate::queue::{Delivery, Parcel};
use crate::review::{DecisionId, SessionId};

/// What became of one reply.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivered {
    /// Whose reply.
    pub decision: DecisionId,
    /// How it went.
    pub how: Delivery,
}

impl Desk {
    /// Sends every reply that is due; what became of each.
    ///
    /// # Errors
    /// The queue cannot be reached.
    pub async fn deliver(&self) -> Result<Vec<Delivered>, DeskError> {
        let mut done = Vec::new();
        while let Some(Parcel { reply, fence, .. }) = self.queue.take_due(self.who.session).await? {
            fault::reach("outbox.taken");
            let decision = reply.id;
            let channel = self.channel.clone();
            let how: Delivery = blocking(move || channel.send(&reply)).await;
            fault::reach("outbox.sent");
            self.queue.delivered(decision, fence, how.clone()).await?;
            done.push(Delivered { decision, how });
        }
        Ok(done)
    }

    /// Replies whose worker died while sending: the channel knows, or a person must.
    pub(super) async fn pick_up_stranded(&self, living: Vec<SessionId>) -> Result<usize, DeskError> {
        let stranded = self.queue.stranded(living).await?;
        let count = stranded.len();
        for Parcel { reply, fence, .. } in stranded {
            let (channel, id) = (self.channel.clone(), reply.id);
            match blocking(move || channel.look_up(id)).await {
                Trace::Found => self.queue.delivered(id, fence, Delivery::Sent).await?,
                Trace::Absent => self.queue.requeue(id, fence).await?,
                Trace::Unknown => {
                    let why = "the program stopped while sending, and the channel cannot tell".to_owned();
                    self.queue.delivered(id, fence, Delivery::Unsure { why }).await?
                }
            };
        }
        Ok(count)
    }
}
