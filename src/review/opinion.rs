//! Whose word on an emotion counts: a person's correction before the item's own before the recogniser's.

use super::{Conversation, Emotion, Message, MessageId, Reading, ReadingSource, Sender, Stamp};
use serde::Serialize;
use std::collections::HashMap;

/// Who corrected the reading of a message, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Corrected {
    /// Which message.
    pub message: MessageId,
    /// The agent.
    pub by: String,
    /// When.
    pub at: Stamp,
}

/// What is said of the emotions in one conversation, message by message, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opinions {
    /// The reading that counts, for each customer message that has one.
    pub readings: Vec<Reading>,
    /// The recogniser's, where another one counts.
    pub seconds: Vec<Reading>,
}

impl Opinions {
    /// Weighs what a person, the item (`brought`) and the recogniser say of each customer message.
    pub fn of(
        conversation: &Conversation,
        brought: Option<&Reading>,
        corrections: &HashMap<MessageId, Emotion>,
        recognised: Vec<Reading>,
    ) -> Self {
        let mut recognised: HashMap<MessageId, Reading> =
            recognised.into_iter().map(|r| (r.message.clone(), r)).collect();
        let mut opinions = Self::default();
        for message in conversation.messages.iter().filter(|m| m.from == Sender::Customer) {
            let own = brought.filter(|r| r.message == message.id);
            let read = recognised.remove(&message.id);
            let corrected = corrections.get(&message.id).map(|emotion| {
                let read: Vec<&Reading> = own.into_iter().chain(&read).collect();
                correct(message, *emotion, &read)
            });
            let asks = read.as_ref().is_some_and(|r| r.asks_person);
            match corrected.or_else(|| own.cloned()) {
                Some(counts) => {
                    // A wish for a person is a wish for a person, whoever heard it.
                    let asks_person = counts.asks_person || asks;
                    opinions.readings.push(Reading { asks_person, ..counts });
                    opinions.seconds.extend(read);
                }
                None => opinions.readings.extend(read),
            }
        }
        opinions
    }

    /// Whether the customer asks for a person: in the newest message, or in any that nobody has answered yet.
    pub fn ask_for_person(&self, conversation: &Conversation) -> bool {
        let asks = |id: &MessageId| self.readings.iter().any(|r| r.message == *id && r.asks_person);
        self.readings.last().is_some_and(|r| r.asks_person)
            || conversation.waiting_messages().any(|m| asks(&m.id))
    }
}

/// What a person says, with the rest of what was read; the strongest voice first.
fn correct(message: &Message, emotion: Emotion, read: &[&Reading]) -> Reading {
    let unread = if emotion == Emotion::Neutral { 0 } else { 500 };
    let felt = read.iter().find(|r| r.emotion != Emotion::Neutral);
    let agrees = read.iter().find(|r| r.emotion == emotion);
    Reading {
        message: message.id.clone(),
        emotion,
        confidence_milli: 1_000,
        intensity_milli: agrees.or(felt).map_or(unread, |r| r.intensity_milli),
        unsure: false,
        asks_person: read.iter().any(|r| r.asks_person),
        evidence: agrees.map(|r| r.evidence.clone()).unwrap_or_default(),
        source: ReadingSource::Person,
    }
}
