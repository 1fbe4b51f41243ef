//! What customers feel, read by our recogniser: at once for what is opened.

use super::{Desk, DeskError, blocking};
use crate::care::recognise;
use crate::review::{ItemId, Message, OpenItem};

/// An opened item waits for at most so many of its unread messages, the newest ones.
const AT_ONCE: usize = 100;

impl Desk {
    /// Opens an item with all that its screen shows; what nobody has read yet of the customer's newest messages is read
    /// now.
    ///
    /// # Errors
    /// The queue cannot be reached.
    pub async fn open_item(&self, item: ItemId) -> Result<Option<OpenItem>, DeskError> {
        let Some(mut open) = self.queue.open(item).await? else { return Ok(None) };
        let unread: Vec<Message> = open.unread().into_iter().take(AT_ONCE).cloned().collect();
        if unread.is_empty() {
            return Ok(Some(open));
        }
        let language = open.item.conversation.language.clone();
        let read = blocking(move || {
            unread.iter().map(|message| recognise::reading(message, language.as_deref())).collect()
        });
        open.hear(read.await);
        Ok(Some(open))
    }
}
