//! What supervisors need of the desk: what the log does not hold about items, and the entries that their judgement of
//! reports leaves.

use super::{Desk, DeskError};
use crate::care::recognise::asks_person;
use crate::ledger::Entry;
use crate::review::{
    CloseReason, ConversationId, Emotion, ItemId, Kept, MessageId, ReportState, Sender, Stamp,
};
use uuid::Uuid;

/// Items read at a time.
const PAGE: usize = 500;

/// What figures need of an item.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Particulars {
    /// Which.
    pub item: ItemId,
    /// Its conversation.
    pub conversation: ConversationId,
    /// What it is about, foreign text.
    pub topics: Vec<String>,
    /// The customer's segment, foreign text.
    pub segment: Option<String>,
    /// The model of its draft, foreign text.
    pub model: Option<String>,
    /// The customer's newest message, when it came, and the emotion in it, if it was read and the reading is sure.
    pub newest: Option<(MessageId, Stamp, Option<Emotion>)>,
    /// When the customer asked for a person, and when a person of the firm wrote next, as the conversation itself tells.
    pub asked: Vec<(Stamp, Option<Stamp>)>,
    /// Why it was closed without a reply.
    pub closed: Option<CloseReason>,
}

impl Particulars {
    fn of(kept: Kept) -> Self {
        let Kept { item, arrived, reading, closed } = kept;
        let conversation = item.conversation;
        let newest = conversation.last_customer_message().map(|message| {
            let felt = reading.filter(|reading| reading.message == message.id && !reading.unsure);
            (message.id.clone(), message.at.unwrap_or(arrived), felt.map(|reading| reading.emotion))
        });
        // The rules that protect customers run whatever they said about AI (P7).
        let asking = conversation
            .messages
            .iter()
            .enumerate()
            .filter(|(_, message)| message.from == Sender::Customer && asks_person(&message.text));
        let answered =
            |n: usize| conversation.messages[n..].iter().find(|message| message.from == Sender::Agent);
        let asked = asking
            .map(|(n, message)| (message.at.unwrap_or(arrived), answered(n).and_then(|answer| answer.at)))
            .collect();
        Self {
            item: item.id,
            topics: item.topics,
            segment: conversation.customer.as_ref().and_then(|customer| customer.segment.clone()),
            model: item.draft.and_then(|draft| draft.model),
            newest,
            asked,
            closed,
            conversation: conversation.id.clone(),
        }
    }
}

impl Desk {
    /// Gives `each` what is known of every item whose text is still there.
    ///
    /// # Errors
    /// The queue cannot be reached.
    pub async fn particulars(&self, mut each: impl FnMut(Particulars)) -> Result<(), DeskError> {
        let mut after = None;
        loop {
            let page = self.queue.kept(after, PAGE).await?;
            let Some(last) = page.last() else { return Ok(()) };
            after = Some(last.item.id.clone());
            for kept in page {
                each(Particulars::of(kept));
            }
        }
    }

    /// Logs how far a report is looked into now, and by whom.
    ///
    /// # Errors
    /// The log cannot be written.
    pub async fn judge_report(
        &self,
        report: Uuid,
        state: ReportState,
        owner: Option<String>,
    ) -> Result<(), DeskError> {
        let entry = Entry::ReportState { report, state, owner, who: self.ledger_who() };
        self.append(vec![(Uuid::now_v7(), entry)]).await.map(drop)
    }
}
