//! The body of a `decision` entry: how a verdict came about, in ids, words, numbers and keyed hashes.

use super::entry::Word;
use super::line::Body;
use crate::review::{
    Channel, ConversationId, Decision, DecisionId, Disclosure, DraftId, ItemId, MessageId, Metrics,
    SessionId, Verdict, mac, measure,
};

/// What the log keeps of a decision. The field order is the key order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DecisionLine {
    /// The item.
    pub item: ItemId,
    /// The conversation.
    pub conversation: ConversationId,
    /// HMAC of the word "customer" under the customer's key, 64 hex digits.
    pub customer: String,
    /// How the reply leaves.
    pub channel: Channel,
    /// BCP 47 tag.
    pub lang: Option<String>,
    /// Who decided.
    pub agent: String,
    /// In which session.
    pub session: SessionId,
    /// What.
    pub verdict: Verdict,
    /// Why, where a verdict names a reason.
    pub reason: Option<Word>,
    /// The draft as seen, with its version.
    pub draft: Option<(DraftId, u32)>,
    /// The newest message as seen.
    pub last_message: MessageId,
    /// Emotion, risk, checks, times and what was on screen.
    pub metrics: Metrics,
    /// HMAC of the draft's text.
    pub draft_mac: Option<String>,
    /// HMAC of the text sent, without disclosure lines.
    pub sent_mac: String,
    /// Characters of the draft.
    pub draft_chars: Option<usize>,
    /// Words of the draft.
    pub draft_words: Option<usize>,
    /// Characters of the text sent.
    pub sent_chars: usize,
    /// Graphemes changed, white space ignored.
    pub edit_distance: Option<usize>,
    /// Share of the text that is the draft's, 0 to 1000.
    pub ai_share_milli: Option<u16>,
    /// How the reply says it was made.
    pub disclosure: Disclosure,
}

impl DecisionLine {
    /// What the log keeps of `decision`, with hashes under the customer's `key`.
    pub fn of(decision: &Decision, key: &[u8; 32]) -> Self {
        let draft = decision.draft_text.as_deref();
        let sizes = measure(draft, &decision.text);
        Self {
            item: decision.seen.item.clone(),
            conversation: decision.conversation.clone(),
            customer: mac(key, "customer"),
            channel: decision.channel,
            lang: decision.language.clone(),
            agent: decision.agent.clone(),
            session: decision.session,
            verdict: decision.verdict,
            reason: None,
            draft: decision.seen.draft.clone(),
            last_message: decision.seen.last_message.clone(),
            metrics: decision.metrics.clone(),
            draft_mac: draft.map(|text| mac(key, text)),
            sent_mac: mac(key, &decision.text),
            draft_chars: draft.map(|_| sizes.draft_chars),
            draft_words: draft.map(|_| sizes.draft_words),
            sent_chars: sizes.sent_chars,
            edit_distance: sizes.edit_distance,
            ai_share_milli: sizes.ai_share_milli,
            disclosure: decision.disclosure,
        }
    }

    pub(super) fn write(&self, body: &mut Body) {
        let m = &self.metrics;
        let (draft, version) = match &self.draft {
            Some((id, version)) => (Some(id.as_str()), Some(*version)),
            None => (None, None),
        };
        body.put("item", self.item.as_str())
            .put("conversation", self.conversation.as_str())
            .put("customer", &self.customer)
            .put("channel", self.channel.as_str())
            .put("lang", self.lang.as_deref())
            .put("agent", &self.agent)
            .put("session", self.session.0)
            .put("verdict", self.verdict.as_str())
            .put("reason", self.reason.as_ref().map(Word::as_str))
            .put("draft", draft)
            .put("draft_version", version)
            .put("last_message", self.last_message.as_str())
            .put("emotion", m.emotion.map(crate::review::Emotion::as_str))
            .put("emotion_confidence_milli", m.emotion_confidence_milli)
            .put("emotion_corrected", m.emotion_corrected.map(crate::review::Emotion::as_str))
            .put("intensity_milli", m.intensity_milli)
            .put("risk", m.risk.as_str())
            .put("checks_warned", m.checks_warned)
            .put("checks_overridden", m.checks_overridden)
            .put("model", m.model.as_deref())
            .put("prompt_rev", m.prompt_rev.as_deref())
            .put("policy_rev", &m.policy_rev)
            .put("second_of", m.second_of.map(|DecisionId(id)| id))
            .put("draft_mac", self.draft_mac.as_deref())
            .put("sent_mac", &self.sent_mac)
            .put("draft_chars", self.draft_chars)
            .put("draft_words", self.draft_words)
            .put("sent_chars", self.sent_chars)
            .put("edit_distance", self.edit_distance)
            .put("ai_share_milli", self.ai_share_milli)
            .put("waited_ms", m.waited_ms)
            .put("shown_ms", m.shown_ms)
            .put("active_ms", m.active_ms)
            .put("viewed_milli", m.viewed_milli)
            .put("hidden_chars", m.hidden_chars)
            .put("disclosure", self.disclosure.as_str());
    }
}
