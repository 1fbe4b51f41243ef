//! How things stand in the queue: what a list shows of an item, and what opening it shows.

use super::{
    Channel, CloseReason, ConversationId, Corrected, DecisionId, Draft, Item, ItemId, Message, MessageId,
    Opinions, Owner, Rank, Reading, ReadingSource, Risk, Seen, Sender, SessionId, Stamp, Verdict, Why,
};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// The state of an item (DESIGN.md, section 11).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Waits for a verdict.
    Open,
    /// One agent has decided, a second must agree.
    Second,
    /// Decided; its reply is on its way or gone.
    Decided,
    /// Closed without a reply, or replaced.
    Closed,
}

impl State {
    /// The word of stores and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Second => "second",
            Self::Decided => "decided",
            Self::Closed => "closed",
        }
    }
}

/// What there is of a draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftState {
    /// A draft is there.
    Ready,
    /// None came.
    Absent,
    /// Sent back: the AI is asked for another one.
    Drafting,
    /// A person owns the conversation; the AI's draft is kept aside (P5).
    Silenced,
    /// The customer does not want AI (P7).
    NoConsent,
}

/// Who holds an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The agent.
    pub agent: String,
    /// The agent's session.
    pub session: SessionId,
    /// Until when, if not renewed.
    pub until: Stamp,
}

/// A claim that was granted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lease {
    /// Which item.
    pub item: ItemId,
    /// Counts up with each claim; a verdict carries it.
    pub fence: u64,
    /// Until when, if not renewed.
    pub until: Stamp,
    /// From whom it was taken by force.
    pub taken_from: Option<String>,
}

/// What a list shows of an item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// Identity.
    pub id: ItemId,
    /// The conversation.
    pub conversation: ConversationId,
    /// The customer's name, foreign text.
    pub customer: Option<String>,
    /// Subject or the beginning of the newest customer message, foreign text.
    pub preview: String,
    /// How it travels.
    pub channel: Channel,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// Open, decided, closed.
    pub state: State,
    /// What there is of a draft.
    pub draft: DraftState,
    /// The reading of the newest customer message that has one, without its evidence.
    pub reading: Option<Reading>,
    /// Risk by policy.
    pub risk: Risk,
    /// Sort key.
    pub rank: Rank,
    /// Why it stands where it stands.
    pub why: Why,
    /// Who holds it.
    pub holder: Option<Holder>,
    /// Transferred to, or owned by, this agent.
    pub assigned: Option<String>,
    /// Hidden until then.
    pub snoozed_until: Option<Stamp>,
    /// How many messages the customer wrote since anybody answered.
    pub unanswered: u32,
    /// The revision at which it last changed.
    pub revision: u64,
}

/// An internal note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Who wrote it.
    pub by: String,
    /// When.
    pub at: Stamp,
    /// What, foreign text.
    pub text: String,
}

/// The way of a settled reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyState {
    /// Waits out its window; can be taken back.
    Held,
    /// Ready to be sent.
    Due,
    /// A worker is sending it.
    Sending,
    /// Gone out.
    Sent,
    /// Will be tried again.
    Failed,
    /// Given up; a person decides.
    Dead,
    /// Nobody can tell whether it went; a person decides.
    Unsure,
    /// Taken back.
    Undone,
}

impl ReplyState {
    /// The word of stores, the log and JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Due => "due",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Dead => "dead",
            Self::Unsure => "unsure",
            Self::Undone => "undone",
        }
    }
}

/// A reply on its way, as `:held` and the tray show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The decision.
    pub decision: DecisionId,
    /// The item.
    pub item: ItemId,
    /// The customer's name, foreign text.
    pub customer: Option<String>,
    /// Who signed.
    pub agent: String,
    /// What was decided.
    pub verdict: Verdict,
    /// How it stands.
    pub state: ReplyState,
    /// When the window ends.
    pub until: Stamp,
}

/// A decision that stands or stood on an item of this conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PastDecision {
    /// The decision.
    pub decision: DecisionId,
    /// The item.
    pub item: ItemId,
    /// The customer's name, foreign text.
    pub customer: Option<String>,
    /// Who.
    pub agent: String,
    /// When.
    pub at: Stamp,
    /// What.
    pub verdict: Verdict,
    /// What became of the reply.
    pub state: ReplyState,
    /// What was sent or would be, foreign text.
    pub text: String,
}

/// An item, opened: everything its screen shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OpenItem {
    /// The item as it may be shown: without a draft that consent or ownership forbids.
    pub item: Item,
    /// As the list shows it.
    pub row: Row,
    /// Counts up with each claim.
    pub fence: u64,
    /// Who answers in this conversation now.
    pub owner: Owner,
    /// A draft that came although a person owns the conversation; never shown as text, never sent.
    pub silenced: Option<Draft>,
    /// Internal notes, oldest first.
    pub notes: Vec<Note>,
    /// The reading that counts of each customer message that has one, oldest first: a person's correction before what
    /// the item brought before the recogniser's; its `source` says which.
    pub readings: Vec<Reading>,
    /// What the recogniser says where another reading counts, oldest first; see [`OpenItem::second_opinion`].
    pub second_opinions: Vec<Reading>,
    /// Who corrected which message's reading.
    pub corrected: Vec<Corrected>,
    /// What the AI already said, decided and sent in this conversation, newest first.
    pub past: Vec<PastDecision>,
}

impl OpenItem {
    /// What a frame that shows all of this has shown.
    pub fn seen(&self) -> Option<Seen> {
        Seen::of(&self.item)
    }
    /// The reading of the newest customer message that has one.
    pub fn reading(&self) -> Option<&Reading> {
        self.readings.last()
    }
    /// Whether a draft of the AI may be shown, edited and signed here.
    pub fn ai_may_speak(&self) -> bool {
        self.item.draft.is_some()
            && self.owner == Owner::Ai
            && !matches!(self.row.draft, DraftState::NoConsent | DraftState::Silenced)
    }
    /// What the recogniser says of a message where another reading counts and it is sure of another label.
    pub fn second_opinion(&self, message: &MessageId) -> Option<&Reading> {
        let counts = self.readings.iter().find(|r| r.message == *message)?;
        let second = self.second_opinions.iter().find(|r| r.message == *message)?;
        (!second.unsure && second.emotion != counts.emotion).then_some(second)
    }
    /// Whose words show why: the reading that counts, or our recogniser's where the item brought a bare label.
    pub fn evident(&self, message: &MessageId) -> Option<&Reading> {
        let of = |r: &&Reading| r.message == *message;
        let counts = self.readings.iter().find(of)?;
        let bare = counts.source == ReadingSource::Item && counts.evidence.is_empty();
        let second = if bare { self.second_opinions.iter().find(of) } else { None };
        second.or(Some(counts))
    }
    /// What was read of a message before any person's correction: the item's word, or else the recogniser's.
    pub fn uncorrected(&self, message: &MessageId) -> Option<&Reading> {
        let of = |r: &&Reading| r.message == *message;
        let counts = self.readings.iter().find(of)?;
        if counts.source != ReadingSource::Person {
            return Some(counts);
        }
        self.item.emotion.as_ref().filter(of).or_else(|| self.second_opinions.iter().find(of))
    }
    /// Whether the customer's word, or the policy, keeps every AI text and reading away (P7).
    pub fn wants_no_ai(&self) -> bool {
        self.row.draft == DraftState::NoConsent
    }
    /// The customer's messages that the recogniser may read and has not read, newest first. None where the customer's
    /// word forbids it (P7).
    pub fn unread(&self) -> Vec<&Message> {
        if self.wants_no_ai() {
            return Vec::new();
        }
        let read: HashSet<&MessageId> = self.recognised().map(|r| &r.message).collect();
        let messages = self.item.conversation.messages.iter().rev();
        messages.filter(|m| m.from == Sender::Customer && !read.contains(&m.id)).collect()
    }
    fn recognised(&self) -> impl Iterator<Item = &Reading> {
        let counting = self.readings.iter().filter(|r| r.source == ReadingSource::Recogniser);
        counting.chain(&self.second_opinions)
    }
    /// Takes in what the recogniser has read just now.
    pub fn hear(&mut self, read: Vec<Reading>) {
        let corrections = self
            .readings
            .iter()
            .filter(|r| r.source == ReadingSource::Person)
            .map(|r| (r.message.clone(), r.emotion))
            .collect();
        let recognised = self.recognised().cloned().chain(read).collect();
        let (conversation, brought) = (&self.item.conversation, self.item.emotion.as_ref());
        let Opinions { readings, seconds } = Opinions::of(conversation, brought, &corrections, recognised);
        self.readings = readings;
        self.second_opinions = seconds;
        self.row.reading = self.readings.last().map(Reading::in_short);
    }
}

/// An item as the store keeps it, whatever became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    /// The item as it came in, less what a customer's word forbids.
    pub item: Item,
    /// When it came.
    pub arrived: Stamp,
    /// The reading that counts, of the newest customer message that has one.
    pub reading: Option<Reading>,
    /// Why it was closed without a reply.
    pub closed: Option<CloseReason>,
}

/// The figures of the header line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Open and not snoozed.
    pub waiting: u64,
    /// Of those, overdue.
    pub overdue: u64,
    /// The oldest arrival among them.
    pub oldest: Option<Stamp>,
}
