//! Agents' corrections as a file that the recogniser's next training takes in. Never from customers who want no AI.

use super::{Desk, DeskError, blocking};
use crate::channel::lines::Lines;
use crate::review::{CustomerId, Emotion, ItemId, MessageId};
use serde::{Deserialize, Serialize};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;

/// One line. A later line of the same id replaces an earlier one.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Correction {
    /// `ITEM/MESSAGE`.
    id: String,
    /// BCP 47 tag.
    lang: Option<String>,
    text: String,
    /// What a person says; none before they have said it.
    label: Option<Emotion>,
    /// What was said before: by the item, or else by the recogniser.
    was: Option<Emotion>,
    /// Whose message it is: their no, and being forgotten, take it away.
    customer: CustomerId,
}

impl Desk {
    /// What a correction of this message is about; none where its text may not be kept for training (P7), or is gone.
    pub(super) async fn before_correction(
        &self,
        item: &ItemId,
        message: &MessageId,
    ) -> Result<Option<Correction>, DeskError> {
        let Some(open) = self.open_item(item.clone()).await? else { return Ok(None) };
        // What the recogniser said must be known to the log before a person says otherwise.
        self.keep_fresh().await?;
        if open.wants_no_ai() {
            return Ok(None);
        }
        let conversation = &open.item.conversation;
        Ok(conversation.messages.iter().find(|m| m.id == *message).map(|m| Correction {
            id: format!("{item}/{message}"),
            lang: conversation.language.clone(),
            text: m.text.clone(),
            label: None,
            was: open.uncorrected(message).map(|r| r.emotion),
            customer: open.item.customer_id(),
        }))
    }

    /// Writes a correction down.
    pub(super) async fn keep_correction(
        &self,
        before: Correction,
        emotion: Emotion,
    ) -> Result<(), DeskError> {
        let path = self.folder.corrections();
        let correction = Correction { label: Some(emotion), ..before };
        let written = {
            let path = path.clone();
            blocking(move || append(&path, &correction)).await
        };
        written.map_err(|why| DeskError::Folder { path, why })
    }
}

fn append(path: &Path, correction: &Correction) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(correction)?;
    line.push(b'\n');
    // A line that breaks off is cut before the next one is written.
    let mut locked = Lines::new(path).lock()?;
    locked.file.seek(SeekFrom::End(0))?;
    locked.file.write_all(&line)?;
    locked.file.sync_data()
}

/// Takes customers' messages out of the file.
pub(super) fn forget(path: &Path, customers: &[CustomerId]) -> Result<(), DeskError> {
    let keep = |line: String| {
        // What cannot be read is nobody's: it goes as well.
        let stays = serde_json::from_str::<Correction>(&line).is_ok_and(|c| !customers.contains(&c.customer));
        Ok(stays.then_some(line))
    };
    Lines::new(path).rewrite(keep).map_err(|why| DeskError::Folder { path: path.to_owned(), why })
}
