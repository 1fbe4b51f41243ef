//! Joins the log with what the queue knows about items: topics, segments, the newest message, who asked for a person.

use super::figures::record::{About, Asking, Id, Known, Names, Newest};
use crate::desk::{Desk, DeskError, Particulars};

/// Everything the queue knows that figures need; names go to the record's names.
///
/// # Errors
/// The queue cannot be reached.
pub async fn known(desk: &Desk, names: &mut Names) -> Result<Known, DeskError> {
    let mut known = Known::default();
    desk.particulars(|item| add(&mut known, names, item)).await?;
    Ok(known)
}

fn add(known: &mut Known, names: &mut Names, item: Particulars) {
    let conversation = Id::of(item.conversation.as_str());
    let mut keep = |text: &String| names.keep(text);
    let about = About {
        topics: item.topics.iter().map(&mut keep).collect(),
        segment: item.segment.as_ref().map(&mut keep),
        model: item.model.as_ref().map(&mut keep),
    };
    known.items.insert(Id::of(item.item.as_str()), about);
    let asking = |(at, answered)| Asking { conversation, at, answered };
    known.asked.extend(item.asked.into_iter().map(asking));
    if let Some((message, at, emotion)) = item.newest {
        let newest = Newest { message: Id::of(message.as_str()), at, emotion, closed: item.closed };
        let there = known.newest.entry(conversation).or_insert(newest);
        // Items of one conversation follow each other: the last one tells.
        if there.at <= at {
            *there = newest;
        }
    }
}
