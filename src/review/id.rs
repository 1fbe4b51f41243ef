//! Identities. Foreign ids match `[A-Za-z0-9._:-]{1,128}`; our own are UUIDv7, so that they sort by time.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An id that does not match its pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadId {
    /// Not 1 to 128 of the allowed characters.
    #[error("an id has 1 to 128 characters of A-Z a-z 0-9 . _ : -")]
    Pattern,
    /// Not a UUID.
    #[error("is not a UUID")]
    Uuid,
}

fn valid(text: &str) -> bool {
    (1..=128).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b':' | b'-'))
}

macro_rules! foreign_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(std::sync::Arc<str>);

        impl $name {
            /// The id as it came in.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                if valid(text) { Ok(Self(text.into())) } else { Err(BadId::Pattern) }
            }
        }
        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.as_str().to_owned()
            }
        }
    )+};
}

foreign_id! {
    /// One pending reply with its conversation.
    ItemId,
    /// A conversation in the helpdesk or mailbox it came from.
    ConversationId,
    /// A customer.
    CustomerId,
    /// One message of a conversation.
    MessageId,
    /// An AI draft; a newer version keeps the id.
    DraftId,
}

impl From<&ConversationId> for CustomerId {
    /// Where no customer is named, the conversation stands for them.
    fn from(id: &ConversationId) -> Self {
        Self(id.0.clone())
    }
}

macro_rules! own_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }
        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                text.parse().map(Self).map_err(|_| BadId::Uuid)
            }
        }
    )+};
}

own_id! {
    /// One decision; the idempotency key of its reply all the way out.
    DecisionId,
    /// One run of a console or command by one agent.
    SessionId,
    /// One write to the queue; the same request sent twice counts once.
    RequestId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_hold_their_pattern() {
        assert!("tick-41".parse::<ItemId>().is_ok());
        assert!("a.B_c:9-".parse::<ItemId>().is_ok());
        assert!("x".repeat(128).parse::<ItemId>().is_ok());
        for bad in ["", "a b", "a/b", "é", "a\n", &"x".repeat(129)] {
            assert_eq!(bad.parse::<ItemId>(), Err(BadId::Pattern), "{bad:?}");
        }
    }
}
