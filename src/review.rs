//! The domain: items, decisions, refusals, policy, priority.
//!
//! Knows nothing of terminals, stores, files or clocks; every time, random value and identity comes in as an
//! argument. Invariant: a value of these types is already valid (ids match their pattern, limits hold), so no
//! other room checks them again.

mod decision;
mod delivery;
mod disclosure;
mod draft;
mod edit;
mod emotion;
mod id;
mod item;
mod list;
mod mac;
mod metrics;
mod opinion;
mod outcome;
mod policy;
mod priority;
mod refusal;
mod reply;
mod report;
mod routing;
mod seen;
mod stamp;
mod standing;

pub use decision::{Decision, Metrics, Settled, Verdict};
pub use delivery::Delivery;
pub use disclosure::{Disclosure, closing_lines};
pub use draft::{Draft, Source};
pub use edit::{Base, SavedEdit};
pub use emotion::{Emotion, Evidence, Reading, ReadingSource, UnknownEmotion};
pub use id::{
    BadId, ConversationId, CustomerId, DecisionId, DraftId, ItemId, MessageId, RequestId, SessionId,
};
pub use item::{
    Attachment, Consent, Conversation, Customer, Item, ItemFault, MAX_LINE_BYTES, MAX_MESSAGES,
    MAX_TEXT_CHARS, Message, Origin, Owner, SCHEMA as ITEM_SCHEMA, Sender,
};
pub use list::{ListQuery, Scope};
pub use mac::mac;
pub use metrics::{Measure, edit_distance, measure};
pub use opinion::{Corrected, Opinions};
pub use outcome::{Outcome, UnknownOutcome};
pub use policy::{Channel, Policy, Risk};
pub use priority::{Class, Need, Rank, Why};
pub use refusal::{Refusal, RefusalRule};
pub use reply::{REPLY_SCHEMA, Reply};
pub use report::{ReportState, Reporter, UnknownReportState};
pub use routing::{AiError, CloseReason, Routing, SendBackReason};
pub use seen::{BadToken, Change, Seen};
pub use stamp::{BadStamp, Span, Stamp};
pub use standing::{
    Counts, DraftState, Held, Holder, Kept, Lease, Note, OpenItem, PastDecision, ReplyState, Row, State,
};
