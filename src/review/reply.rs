//! `countersign.reply/1`: what a channel gets.

use super::{Channel, ConversationId, DecisionId, Disclosure, ItemId, MessageId, Origin, Stamp, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The value of `schema`.
pub const REPLY_SCHEMA: &str = "countersign.reply/1";

/// A settled reply. `id` is the decision's: the key by which a channel sends it once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// Always [`REPLY_SCHEMA`].
    pub schema: String,
    /// The decision's id.
    pub id: DecisionId,
    /// The item it answers.
    pub item: ItemId,
    /// The conversation it belongs to.
    pub conversation: ConversationId,
    /// How it travels.
    pub channel: Channel,
    /// The newest customer message.
    pub in_reply_to: Option<MessageId>,
    /// What was decided.
    pub verdict: Verdict,
    /// What the customer gets, disclosure lines included.
    pub text: String,
    /// How it was made.
    pub disclosure: Disclosure,
    /// BCP 47 tag.
    pub language: Option<String>,
    /// Who signed.
    pub agent: String,
    /// When.
    pub decided_at: Stamp,
    /// As the item brought it.
    pub source: Origin,
    /// As the item brought them.
    pub extra: Map<String, Value>,
}
