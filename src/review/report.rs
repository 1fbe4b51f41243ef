//! Reports of the AI's errors: who says so, and how far a report is looked into.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Who found the error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reporter {
    /// An agent, at the console or the shell.
    #[default]
    Agent,
    /// The customer; an agent wrote it down.
    Customer,
}

impl Reporter {
    /// The word of the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Customer => "customer",
        }
    }
}

/// How far a report is looked into.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportState {
    /// Nobody has looked into it.
    #[default]
    Open,
    /// It is an error.
    Confirmed,
    /// It is an error, and what caused it is mended.
    Fixed,
    /// It is none.
    NotAnError,
}

impl ReportState {
    /// All, in the order in which a report goes through them.
    pub const ALL: [Self; 4] = [Self::Open, Self::Confirmed, Self::Fixed, Self::NotAnError];
    /// The word of the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Confirmed => "confirmed",
            Self::Fixed => "fixed",
            Self::NotAnError => "not_an_error",
        }
    }
}

impl fmt::Display for ReportState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The word is no state of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is none of open, confirmed, fixed, not_an_error")]
pub struct UnknownReportState;

impl FromStr for ReportState {
    type Err = UnknownReportState;
    fn from_str(word: &str) -> Result<Self, UnknownReportState> {
        Self::ALL.into_iter().find(|state| state.as_str() == word).ok_or(UnknownReportState)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_reads_back_and_the_error_names_all_of_them() {
        for state in ReportState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
            assert!(UnknownReportState.to_string().contains(state.as_str()));
        }
        assert_eq!("closed".parse::<ReportState>(), Err(UnknownReportState));
    }
}
