//! What a frame really showed (P2): a verdict counts only for this.

use super::{DraftId, Item, ItemId, MessageId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// What one frame showed of an item. Two are equal if a verdict on one holds for the other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// The item.
    pub item: ItemId,
    /// The draft's id and version; none where the item has no draft.
    pub draft: Option<(DraftId, u32)>,
    /// The newest message, whoever wrote it.
    pub last_message: MessageId,
    /// First 16 hex digits of the SHA-256 of the recipients, one a line.
    pub recipients: String,
}

/// What differs between what was seen and what is there now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// The customer or somebody else wrote.
    Message,
    /// The draft is another one, or gone.
    Draft,
    /// The reply would go to others.
    Recipients,
}

/// A `--seen` token that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no token of `countersign show`; run `show ITEM --json` again and pass its `seen`")]
pub struct BadToken;

impl Seen {
    /// What there is to see of `item` now.
    pub fn of(item: &Item) -> Option<Self> {
        Some(Self {
            item: item.id.clone(),
            draft: item.draft.as_ref().map(|d| (d.id.clone(), d.version)),
            last_message: item.last_message()?.id.clone(),
            recipients: recipients_hash(&item.conversation.recipients()),
        })
    }

    /// The first difference, in the order the queue checks: message, draft, recipients.
    pub fn change(&self, now: &Self) -> Option<Change> {
        if self.last_message != now.last_message {
            Some(Change::Message)
        } else if self.draft != now.draft {
            Some(Change::Draft)
        } else if self.recipients != now.recipients {
            Some(Change::Recipients)
        } else {
            None
        }
    }

    /// The token that `show --json` gives and `decide --seen` takes: `DRAFT/VERSION/MESSAGE/RECIPIENTS`.
    pub fn token(&self) -> String {
        let (draft, version) = self.draft.as_ref().map_or(("-", 0), |(id, v)| (id.as_str(), *v));
        format!("{draft}/{version}/{}/{}", self.last_message, self.recipients)
    }

    /// Reads a token back for `item`.
    ///
    /// # Errors
    /// The text is no such token.
    pub fn from_token(item: ItemId, token: &str) -> Result<Self, BadToken> {
        let mut parts = token.split('/');
        let mut next = || parts.next().ok_or(BadToken);
        let (draft, version, message, recipients) = (next()?, next()?, next()?, next()?);
        let version: u32 = version.parse().map_err(|_| BadToken)?;
        let draft = match (draft, version) {
            ("-", 0) => None,
            (_, 0) => return Err(BadToken),
            (id, v) => Some((id.parse().map_err(|_| BadToken)?, v)),
        };
        let hex = recipients.len() == 16 && recipients.bytes().all(|b| b.is_ascii_hexdigit());
        if parts.next().is_some() || !hex {
            return Err(BadToken);
        }
        let last_message = message.parse().map_err(|_| BadToken)?;
        Ok(Self { item, draft, last_message, recipients: recipients.to_owned() })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Message => "a new message has come in",
            Self::Draft => "the draft has changed",
            Self::Recipients => "the recipients have changed",
        })
    }
}

fn recipients_hash(recipients: &[String]) -> String {
    let digest = Sha256::digest(recipients.join("\n").as_bytes());
    digest.iter().take(8).map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_reads_back_and_nonsense_does_not() {
        let item: ItemId = "tick-41".parse().unwrap();
        let seen = Seen {
            item: item.clone(),
            draft: Some(("d-3".parse().unwrap(), 2)),
            last_message: "m1".parse().unwrap(),
            recipients: recipients_hash(&["a@b.c".to_owned()]),
        };
        assert_eq!(Seen::from_token(item.clone(), &seen.token()), Ok(seen.clone()));
        let bare = Seen { draft: None, ..seen };
        assert_eq!(Seen::from_token(item.clone(), &bare.token()), Ok(bare));
        for bad in [
            "",
            "d/1/m",
            "d/x/m/0123456789abcdef",
            "-/1/m/0123456789abcdeg",
            "d/0/m/0123456789abcdef",
            "d/1/m/0123456789abcdef/x",
        ] {
            assert_eq!(Seen::from_token(item.clone(), bad), Err(BadToken), "{bad}");
        }
    }
}
