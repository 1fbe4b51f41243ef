//! What customers feel, read by our recogniser: at once for what is opened, in the background for all that waits.
//!
//! One reader at a time on a machine: it holds `reading.lock`. A text of a customer who wants no AI meets only the rules
//! that protect (P7). What was read is kept by the queue with the recogniser's revision; another revision reads anew.

use super::{Desk, DeskError, blocking, corrections};
use crate::care::recognise::{self, REVISION};
use crate::queue::{Heard, Unread, What};
use crate::review::{ItemId, Message, OpenItem, Reading};
use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// An opened item waits for so many of its unread messages, or so much text, and no more: the newest first.
const AT_ONCE: usize = 100;
const AT_ONCE_BYTES: usize = 64 << 10;
/// Items read between two looks at whether to stop: a few milliseconds of the queue's time.
const BATCH: usize = 100;
/// Others use the queue between two batches.
const BREATH: Duration = Duration::from_millis(2);

fn read(messages: &[Message], language: Option<&str>) -> Vec<Reading> {
    messages.iter().map(|message| recognise::reading(message, language)).collect()
}

/// What is heard in an item's unread messages; `consented` says by which means.
fn hear(unread: Unread, consented: bool) -> Heard {
    let Unread { item, newest, language, messages, .. } = unread;
    let what = if consented {
        What::Readings(read(&messages, language.as_deref()))
    } else {
        What::AsksPerson(messages.iter().any(|m| recognise::asks_person(&m.text)))
    };
    Heard { item, newest: Some(newest), what }
}

impl Desk {
    /// Opens an item with all that its screen shows; what nobody has read yet of the customer's newest messages is read
    /// now, and kept by the next [`Desk::read_all`].
    ///
    /// # Errors
    /// The queue cannot be reached.
    pub async fn open_item(&self, item: ItemId) -> Result<Option<OpenItem>, DeskError> {
        let Some(mut open) = self.queue.open(item.clone()).await? else { return Ok(None) };
        let mut bytes = 0;
        let fits = |message: &&Message| {
            bytes += message.text.len();
            bytes <= AT_ONCE_BYTES
        };
        let unread: Vec<Message> =
            open.unread().into_iter().take(AT_ONCE).take_while(fits).cloned().collect();
        if unread.is_empty() {
            return Ok(Some(open));
        }
        let language = open.item.conversation.language.clone();
        let readings = blocking(move || read(&unread, language.as_deref())).await;
        open.hear(readings.clone());
        let newest = open.item.last_message().filter(|_| open.unread().is_empty()).map(|m| m.id.clone());
        let heard = Heard { item, newest, what: What::Readings(readings) };
        self.fresh.lock().unwrap_or_else(PoisonError::into_inner).push(heard);
        Ok(Some(open))
    }

    /// Whether something was read that the queue does not have yet.
    pub fn has_fresh(&self) -> bool {
        !self.fresh.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Gives the queue what was read of opened items.
    pub(super) async fn keep_fresh(&self) -> Result<(), DeskError> {
        let fresh = std::mem::take(&mut *self.fresh.lock().unwrap_or_else(PoisonError::into_inner));
        if fresh.is_empty() { Ok(()) } else { Ok(self.queue.keep_heard(REVISION.to_owned(), fresh).await?) }
    }

    /// Reads what waits and was not read yet, until nothing is left or `stop` is set; how many items. None while another
    /// console on this machine does so. Works where it is called: to be called on a thread of its own.
    ///
    /// # Errors
    /// The queue cannot be reached, or the lock not be made; what was read before is kept.
    pub async fn read_all(&self, stop: &AtomicBool) -> Result<usize, DeskError> {
        self.keep_fresh().await?;
        let Some(_alone) = self.reads_alone()? else { return Ok(0) };
        let mut count = 0;
        for consented in [false, true] {
            let mut last = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                let unread = if consented {
                    self.queue.unread(REVISION.to_owned(), BATCH).await?
                } else {
                    self.queue.unheard(REVISION.to_owned(), BATCH).await?
                };
                // The same again: the queue did not take it, and would not the next time.
                if unread.is_empty() || unread == last {
                    break;
                }
                last.clone_from(&unread);
                if !consented {
                    self.train_no_more(&unread).await?;
                }
                let goes_on = |_: &Unread| !stop.load(Ordering::Relaxed);
                let heard: Vec<Heard> =
                    unread.into_iter().take_while(goes_on).map(|unread| hear(unread, consented)).collect();
                count += heard.len();
                self.queue.keep_heard(REVISION.to_owned(), heard).await?;
                self.keep_fresh().await?;
                tokio::time::sleep(BREATH).await;
            }
        }
        Ok(count)
    }

    /// A no may come with an item or a stricter policy: what was corrected before goes as well.
    async fn train_no_more(&self, unread: &[Unread]) -> Result<(), DeskError> {
        let customers: Vec<_> = unread.iter().map(|unread| unread.customer.clone()).collect();
        let path = self.folder.corrections();
        blocking(move || corrections::forget(&path, &customers)).await
    }

    fn reads_alone(&self) -> Result<Option<File>, DeskError> {
        let path = self.folder.reading_lock();
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let lock = options.open(&path).map_err(|why| DeskError::Folder { path, why })?;
        Ok(lock.try_lock().is_ok().then_some(lock))
    }
}
