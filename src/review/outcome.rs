//! What became of a decision: the words of queue and log.

use serde::{Deserialize, Serialize};

/// What became of a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The queue accepted it.
    Settled,
    /// The queue refused it.
    Refused,
    /// Its reply was taken back.
    Undone,
    /// It never reached the ledger.
    Withdrawn,
    /// Its reply is out.
    Sent,
    /// Its reply will not go.
    Dead,
    /// Nobody can tell whether its reply went.
    Unsure,
}

impl Outcome {
    /// The word of the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Settled => "settled",
            Self::Refused => "refused",
            Self::Undone => "undone",
            Self::Withdrawn => "withdrawn",
            Self::Sent => "sent",
            Self::Dead => "dead",
            Self::Unsure => "unsure",
        }
    }

    const ALL: [Self; 7] =
        [Self::Settled, Self::Refused, Self::Undone, Self::Withdrawn, Self::Sent, Self::Dead, Self::Unsure];
}

/// The word is no outcome that this program knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no outcome that this program knows")]
pub struct UnknownOutcome;

impl std::str::FromStr for Outcome {
    type Err = UnknownOutcome;
    fn from_str(text: &str) -> Result<Self, UnknownOutcome> {
        Self::ALL.into_iter().find(|o| o.as_str() == text).ok_or(UnknownOutcome)
    }
}
