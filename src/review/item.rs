//! `countersign.item/1`: one pending reply with its conversation, one JSON object per line.

use super::{
    Channel, ConversationId, CustomerId, Draft, Emotion, ItemId, MessageId, Reading, ReadingSource, Stamp,
};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use serde_json::{Map, Value};

/// The value of `schema` that this program reads.
pub const SCHEMA: &str = "countersign.item/1";
/// A line of import, without its line feed, has at most this many bytes.
pub const MAX_LINE_BYTES: usize = 1 << 20;
/// A conversation has at most this many messages.
pub const MAX_MESSAGES: usize = 2_000;
/// A message or draft has at most this many characters.
pub const MAX_TEXT_CHARS: usize = 200_000;

/// One pending reply with its conversation; the unit of the queue.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Item {
    /// Identity in the queue.
    pub id: ItemId,
    /// Where it came from; handed back with the reply.
    #[serde(rename = "source")]
    pub origin: Origin,
    /// What was said, oldest first.
    pub conversation: Conversation,
    /// The AI's proposed reply; absent where none may or could be made.
    pub draft: Option<Draft>,
    /// The reading the item brought along.
    pub emotion: Option<Reading>,
    /// What it is about, in the sender's words.
    pub topics: Vec<String>,
    /// When an answer is due.
    pub due_at: Option<Stamp>,
    /// Higher goes first among otherwise equal items.
    pub priority: i32,
    /// Top-level keys this program does not know; handed back with the reply.
    pub extra: Map<String, Value>,
}

/// Where an item came from, opaque to us.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The system's name.
    #[serde(default)]
    pub system: String,
    /// What that system needs to find the conversation again.
    #[serde(default, rename = "ref")]
    pub reference: Value,
    /// Whatever that system wants back.
    #[serde(default)]
    pub state: Value,
}

/// What customer, agents and AI have said, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Identity.
    pub id: ConversationId,
    /// How the customer writes.
    #[serde(default)]
    pub channel: Channel,
    /// Subject line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// BCP 47 language tag.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// The conversation in its own system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Who answers in this conversation.
    #[serde(default)]
    pub owner: Owner,
    /// The customer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<Customer>,
    /// Oldest first; at least one is the customer's.
    pub messages: Vec<Message>,
}

/// Who answers in a conversation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Owner {
    /// The AI drafts.
    #[default]
    Ai,
    /// A person has taken over; the AI is silent.
    Person,
}

/// The customer of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Customer {
    /// Identity.
    pub id: CustomerId,
    /// Name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// For instance `consumer`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// For instance `gold`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// Whether AI may be used: true, false, or null where nobody asked.
    #[serde(default)]
    pub ai_consent: Consent,
    /// How they like to be written to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preferences: Option<String>,
}

/// A customer's word on AI. `true`, `false` or `null` in JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Option<bool>", into = "Option<bool>")]
pub enum Consent {
    /// AI may draft.
    Yes,
    /// No AI text, no AI reading (P7).
    No,
    /// Nobody asked; policy decides.
    #[default]
    Unknown,
}

impl From<Option<bool>> for Consent {
    fn from(value: Option<bool>) -> Self {
        match value {
            Some(true) => Self::Yes,
            Some(false) => Self::No,
            None => Self::Unknown,
        }
    }
}

impl From<Consent> for Option<bool> {
    fn from(value: Consent) -> Self {
        match value {
            Consent::Yes => Some(true),
            Consent::No => Some(false),
            Consent::Unknown => None,
        }
    }
}

/// Who wrote a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sender {
    /// The customer.
    Customer,
    /// A person of the firm.
    Agent,
    /// The AI.
    Ai,
    /// A machine notice.
    System,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Identity within the conversation.
    pub id: MessageId,
    /// Who wrote it.
    pub from: Sender,
    /// Name to show.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Stamp>,
    /// The words as they came in; never shown raw (P6).
    pub text: String,
    /// Recipients.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub to: Vec<String>,
    /// Further recipients.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cc: Vec<String>,
    /// Files that came along (not stored here).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}

/// A file that came with a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// File name.
    pub name: String,
    /// Media type.
    #[serde(default, rename = "type", skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Size in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
}

/// Why a line is no item: which field, what is wrong with it. Holds no text of the line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {reason}")]
pub struct ItemFault {
    /// Path of the field, `conversation.messages[3].at`; `line` for the line as a whole.
    pub field: String,
    /// What is wrong and what is expected.
    pub reason: String,
}

fn fault(field: impl Into<String>, reason: impl Into<String>) -> ItemFault {
    ItemFault { field: field.into(), reason: reason.into() }
}

/// Reads one value and names the path inside it where it fails.
fn read<'a, T: Deserialize<'a>>(field: &str, raw: &'a RawValue) -> Result<T, ItemFault> {
    serde_json::from_str(raw.get()).or_else(|_| {
        let mut de = serde_json::Deserializer::from_str(raw.get());
        serde_path_to_error::deserialize(&mut de).map_err(|e| {
            let inner = e.path().to_string();
            let path = match inner.as_str() {
                "." => field.to_owned(),
                rest if rest.starts_with('[') => format!("{field}{rest}"),
                rest => format!("{field}.{rest}"),
            };
            // serde's message quotes the offending value, which is foreign text: its kind is enough.
            fault(path, plain_reason(&e.into_inner().to_string()))
        })
    })
}

/// serde's reason without position and without the quoted foreign value.
fn plain_reason(message: &str) -> String {
    let message = message.rsplit_once(" at line ").map_or(message, |(m, _)| m);
    for (opens, closes) in [('"', "\", expected"), ('`', "`, expected")] {
        if let (Some(from), Some(to)) = (message.find(opens), message.rfind(closes))
            && to > from
        {
            return format!("{}{}", message[..from].trim_end(), &message[to + 1..]);
        }
    }
    message.to_owned()
}

/// The reading an item brings along: a bare label, or an object.
#[derive(Deserialize)]
#[serde(untagged)]
enum ForeignReading {
    Label(String),
    Full {
        label: String,
        #[serde(default)]
        confidence: Option<f64>,
        #[serde(default)]
        intensity: Option<f64>,
        #[serde(default)]
        unsure: bool,
        #[serde(default)]
        asks_person: bool,
        #[serde(default)]
        message: Option<MessageId>,
        #[serde(default)]
        evidence: Vec<ForeignEvidence>,
    },
}

#[derive(Deserialize)]
struct ForeignEvidence {
    text: String,
    #[serde(default)]
    weight: f64,
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=1000 first")]
fn thousandths(value: f64) -> u16 {
    (value * 1_000.0).round().clamp(0.0, 1_000.0) as u16
}

impl ForeignReading {
    fn resolve(self, conversation: &Conversation) -> Result<Reading, ItemFault> {
        let (label, confidence, intensity, unsure, asks_person, message, evidence) = match self {
            Self::Label(label) => (label, None, None, false, false, None, Vec::new()),
            Self::Full { label, confidence, intensity, unsure, asks_person, message, evidence } => {
                (label, confidence, intensity, unsure, asks_person, message, evidence)
            }
        };
        let emotion: Emotion = label.parse().map_err(|e| fault("emotion.label", format!("{e}")))?;
        let read = match &message {
            Some(id) => conversation.messages.iter().find(|m| m.id == *id),
            None => conversation.last_customer_message(),
        };
        let Some(read) = read else {
            return Err(fault("emotion.message", "names no message of this conversation"));
        };
        let evidence = evidence
            .iter()
            .filter(|e| !e.text.is_empty())
            .filter_map(|e| {
                let start = read.text.find(&e.text)?;
                #[expect(clippy::cast_possible_truncation, reason = "clamped first")]
                let weight_milli = (e.weight * 1_000.0).clamp(-1e6, 1e6) as i32;
                Some(super::Evidence { start, end: start + e.text.len(), weight_milli })
            })
            .collect();
        let neutral = emotion == Emotion::Neutral;
        Ok(Reading {
            message: read.id.clone(),
            emotion,
            confidence_milli: confidence.map_or(1_000, thousandths),
            intensity_milli: intensity.map_or(if neutral { 0 } else { 500 }, thousandths),
            unsure,
            asks_person,
            evidence,
            source: ReadingSource::Item,
        })
    }
}

impl Conversation {
    /// The customer's newest message.
    pub fn last_customer_message(&self) -> Option<&Message> {
        self.messages.iter().rev().find(|m| m.from == Sender::Customer)
    }
    /// Who gets the reply: sender of the newest customer message where mail names one, else nobody by address.
    pub fn recipients(&self) -> Vec<String> {
        let mut all = Vec::new();
        if let Some(last) = self.last_customer_message() {
            all.extend(last.cc.iter().cloned());
        }
        if let Some(customer) = &self.customer {
            all.insert(0, customer.name.clone().unwrap_or_else(|| customer.id.to_string()));
        }
        all
    }
    /// What the customer wrote since anybody last answered, newest first.
    pub fn waiting_messages(&self) -> impl Iterator<Item = &Message> {
        let since = self.messages.iter().rev().take_while(|m| !matches!(m.from, Sender::Agent | Sender::Ai));
        since.filter(|m| m.from == Sender::Customer)
    }
    /// How many messages the customer wrote since anybody last answered.
    pub fn unanswered(&self) -> usize {
        self.waiting_messages().count()
    }
    /// Since when the customer waits: the first message nobody has answered.
    pub fn waiting_since(&self) -> Option<Stamp> {
        self.waiting_messages().last().and_then(|m| m.at)
    }
}

impl Item {
    /// Reads one line of import.
    ///
    /// # Errors
    /// The first field that is missing, of the wrong kind, over a limit or at odds with another.
    pub fn parse(line: &str) -> Result<Self, ItemFault> {
        if line.len() > MAX_LINE_BYTES {
            return Err(fault("line", format!("is longer than {MAX_LINE_BYTES} bytes")));
        }
        let raw: RawObject<'_> = serde_json::from_str(line).map_err(|e| {
            let what = plain_reason(&e.to_string());
            fault("line", format!("is not a JSON object ({what}, column {})", e.column()))
        })?;
        let mut schema = None;
        let (mut id, mut origin, mut conversation, mut draft) = (None, None, None, None);
        let (mut emotion, mut topics, mut due_at, mut priority) = (None, None, None, None);
        let mut extra = Map::new();
        for (key, value) in raw.0 {
            match &*key {
                "schema" => schema = Some(read::<String>("schema", value)?),
                "id" => id = Some(read::<ItemId>("id", value)?),
                "source" => origin = read::<Option<Origin>>("source", value)?,
                "conversation" => conversation = Some(read::<Conversation>("conversation", value)?),
                "draft" => draft = read::<Option<Draft>>("draft", value)?,
                "emotion" => emotion = read::<Option<ForeignReading>>("emotion", value)?,
                "topics" => topics = read::<Option<Vec<String>>>("topics", value)?,
                "due_at" => due_at = read::<Option<Stamp>>("due_at", value)?,
                "priority" => priority = read::<Option<i32>>("priority", value)?,
                _ => {
                    extra.insert(key.clone().into_owned(), read::<Value>(&key, value)?);
                }
            }
        }
        match schema.as_deref() {
            Some(SCHEMA) => {}
            Some(_) => return Err(fault("schema", format!("must be \"{SCHEMA}\""))),
            None => return Err(fault("schema", format!("is missing; must be \"{SCHEMA}\""))),
        }
        let conversation = conversation.ok_or_else(|| fault("conversation", "is missing"))?;
        check(&conversation, draft.as_ref())?;
        let emotion = emotion.map(|e| e.resolve(&conversation)).transpose()?;
        Ok(Self {
            id: id.ok_or_else(|| fault("id", "is missing"))?,
            origin: origin.unwrap_or_default(),
            conversation,
            draft,
            emotion,
            topics: topics.unwrap_or_default(),
            due_at,
            priority: priority.unwrap_or_default(),
            extra,
        })
    }

    /// The customer's id, or the conversation's where no customer is named: what texts and keys are filed under.
    pub fn customer_id(&self) -> CustomerId {
        match &self.conversation.customer {
            Some(customer) => customer.id.clone(),
            None => CustomerId::from(&self.conversation.id),
        }
    }

    /// The newest message of all, whoever wrote it.
    pub fn last_message(&self) -> Option<&Message> {
        self.conversation.messages.last()
    }
}

fn check(conversation: &Conversation, draft: Option<&Draft>) -> Result<(), ItemFault> {
    let messages = &conversation.messages;
    if messages.len() > MAX_MESSAGES {
        return Err(fault("conversation.messages", format!("holds more than {MAX_MESSAGES} messages")));
    }
    if conversation.last_customer_message().is_none() {
        return Err(fault("conversation.messages", "holds no message from the customer"));
    }
    let too_long = |text: &str| text.len() > MAX_TEXT_CHARS && text.chars().count() > MAX_TEXT_CHARS;
    let mut seen = std::collections::HashSet::with_capacity(messages.len());
    for (n, message) in messages.iter().enumerate() {
        if too_long(&message.text) {
            let reason = format!("is longer than {MAX_TEXT_CHARS} characters");
            return Err(fault(format!("conversation.messages[{n}].text"), reason));
        }
        if !seen.insert(&message.id) {
            return Err(fault(format!("conversation.messages[{n}].id"), "stands twice in this conversation"));
        }
    }
    let Some(draft) = draft else { return Ok(()) };
    if draft.version == 0 {
        return Err(fault("draft.version", "must be 1 or more"));
    }
    if too_long(&draft.text) {
        return Err(fault("draft.text", format!("is longer than {MAX_TEXT_CHARS} characters")));
    }
    match &draft.in_reply_to {
        Some(id) if !seen.contains(id) => {
            Err(fault("draft.in_reply_to", "names no message of this conversation"))
        }
        _ => Ok(()),
    }
}

/// A JSON object whose values are not yet read; keys in order, a key twice is an error.
struct RawObject<'a>(Vec<(std::borrow::Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for RawObject<'de> {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = RawObject<'de>;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a JSON object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries: Vec<(std::borrow::Cow<'de, str>, &'de RawValue)> = Vec::with_capacity(8);
                while let Some((key, value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                    if entries.iter().any(|(k, _)| *k == key.0) {
                        return Err(serde::de::Error::custom("a key stands twice"));
                    }
                    entries.push((key.0, value));
                }
                Ok(RawObject(entries))
            }
        }
        d.deserialize_map(Visitor)
    }
}

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] std::borrow::Cow<'a, str>);

/// A number from 0 to 1 in JSON, thousandths in memory.
pub(super) mod milli {
    use serde::{Deserialize, Deserializer, Serializer};

    #[expect(clippy::ref_option, clippy::trivially_copy_pass_by_ref, reason = "the signature is serde's")]
    pub fn serialize<S: Serializer>(value: &Option<u16>, s: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(v) => s.serialize_f64(f64::from(*v) / 1_000.0),
            None => s.serialize_none(),
        }
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Option<u16>, D::Error> {
        let value = Option::<f64>::deserialize(d)?;
        match value {
            None => Ok(None),
            Some(v) if (0.0..=1.0).contains(&v) => Ok(Some(super::thousandths(v))),
            Some(_) => Err(serde::de::Error::custom("must lie between 0 and 1")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(patch: &str) -> String {
        let mut base: Value = serde_json::from_str(
            r#"{"schema":"countersign.item/1","id":"tick-41","conversation":{"id":"c-7","channel":"email",
            "customer":{"id":"u-9","name":"Ana","ai_consent":null},
            "messages":[{"id":"m1","from":"customer","at":"2026-11-20T09:01:00Z","text":"Again! Third time."}]},
            "draft":{"id":"d-3","in_reply_to":"m1","text":"Dear Ana","confidence":0.71}}"#,
        )
        .unwrap();
        let patch: Value = serde_json::from_str(patch).unwrap();
        for (pointer, value) in patch.as_object().unwrap() {
            let (parent, key) = pointer.rsplit_once('/').unwrap();
            let parent = base.pointer_mut(parent).unwrap();
            match parent {
                Value::Object(map) => {
                    map.insert(key.to_owned(), value.clone());
                }
                Value::Array(list) => list.push(value.clone()),
                _ => panic!("no container at {pointer}"),
            }
        }
        base.to_string()
    }

    #[test]
    fn an_item_reads_with_its_defaults_and_keeps_unknown_keys() {
        let item = Item::parse(&line(r#"{"/campaign":{"a":1},"/emotion":"anger"}"#)).unwrap();
        assert_eq!(item.draft.as_ref().unwrap().version, 1);
        assert_eq!(item.draft.as_ref().unwrap().confidence_milli, Some(710));
        assert_eq!(item.extra["campaign"]["a"], 1);
        assert_eq!(item.emotion.as_ref().unwrap().emotion, Emotion::Anger);
        assert_eq!(item.conversation.owner, Owner::Ai);
    }

    #[test]
    fn evidence_becomes_byte_ranges_of_the_message() {
        let item = Item::parse(&line(
            r#"{"/emotion":{"label":"anger","confidence":0.83,"evidence":[{"text":"Third time","weight":0.4},{"text":"not there"}]}}"#,
        ))
        .unwrap();
        let reading = item.emotion.unwrap();
        assert_eq!(reading.confidence_milli, 830);
        assert_eq!(reading.evidence, [crate::review::Evidence { start: 7, end: 17, weight_milli: 400 }]);
    }

    #[test]
    fn p10_each_fault_names_its_field_and_reason() {
        for (patch, field, reason) in [
            (r#"{"/schema":"countersign.item/2"}"#, "schema", "must be"),
            (r#"{"/id":"a b"}"#, "id", "an id has 1 to 128"),
            (r#"{"/conversation":null}"#, "conversation", "invalid type: null"),
            (r#"{"/conversation/id":"é"}"#, "conversation.id", "an id has"),
            (r#"{"/conversation/channel":7}"#, "conversation.channel", "expected"),
            (r#"{"/conversation/messages":[]}"#, "conversation.messages", "no message from the customer"),
            (
                r#"{"/conversation/messages/-":{"id":"m2","from":"robot","text":""}}"#,
                "conversation.messages[1].from",
                "unknown variant",
            ),
            (
                r#"{"/conversation/messages/-":{"id":"m1","from":"agent","text":""}}"#,
                "conversation.messages[1].id",
                "twice",
            ),
            (
                r#"{"/conversation/messages/-":{"id":"m2","from":"agent","at":"noon","text":""}}"#,
                "conversation.messages[1].at",
                "RFC 3339",
            ),
            (r#"{"/draft/version":0}"#, "draft.version", "1 or more"),
            (r#"{"/draft/version":-1}"#, "draft.version", "invalid value"),
            (r#"{"/draft/confidence":7}"#, "draft.confidence", "between 0 and 1"),
            (r#"{"/draft/in_reply_to":"m9"}"#, "draft.in_reply_to", "names no message"),
            (r#"{"/emotion":"rage"}"#, "emotion.label", "is none of anger"),
            (r#"{"/due_at":"soon"}"#, "due_at", "RFC 3339"),
            (r#"{"/priority":1.5}"#, "priority", "expected i32"),
        ] {
            let fault = Item::parse(&line(patch)).unwrap_err();
            assert_eq!(fault.field, field, "{patch}: {fault}");
            assert!(fault.reason.contains(reason), "{patch}: {fault}");
        }
        let fault = Item::parse("{nope").unwrap_err();
        assert_eq!(fault.field, "line");
        assert_eq!(Item::parse("[]").unwrap_err().field, "line");
    }

    #[test]
    fn p6_a_fault_never_repeats_foreign_text() {
        let fault = Item::parse(&line(
            r#"{"/conversation/messages/-":{"id":"m2","from":"agent","text":{"\u001b[31mevil":1}}}"#,
        ))
        .unwrap_err();
        assert!(!fault.to_string().contains('\u{1b}'), "{fault:?}");
        let fault = Item::parse(&line(r#"{"/draft/version":"\u001b[2Jevil"}"#)).unwrap_err();
        assert!(!fault.to_string().contains("evil"), "{fault:?}");
    }

    #[test]
    fn limits_hold_at_their_edges() {
        let text = "ä".repeat(MAX_TEXT_CHARS);
        assert!(Item::parse(&line(&format!(r#"{{"/draft/text":"{text}"}}"#))).is_ok());
        let fault = Item::parse(&line(&format!(r#"{{"/draft/text":"{text}ä"}}"#))).unwrap_err();
        assert_eq!(fault.field, "draft.text");
        let fault = Item::parse(&" ".repeat(MAX_LINE_BYTES + 1)).unwrap_err();
        assert!(fault.reason.contains("1048576"));
        let many: Vec<Value> = (0..=MAX_MESSAGES)
            .map(|n| serde_json::json!({"id": format!("m{n}"), "from": "customer", "text": "x"}))
            .collect();
        let patch =
            |n: usize| serde_json::json!({ "/conversation/messages": many[..n], "/draft": null }).to_string();
        assert!(Item::parse(&line(&patch(MAX_MESSAGES))).is_ok());
        assert!(Item::parse(&line(&patch(MAX_MESSAGES + 1))).unwrap_err().reason.contains("2000 messages"));
    }
}
