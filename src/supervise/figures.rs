//! Figures about drafts and their review: plain arithmetic over what the log says, in memory.
//!
//! Pure: no file, no clock, no screen; `gather` reads, `stats` prints, and whatever else shows figures takes them from here,
//! so that a share means the same on every page. Each formula stands with its source where it is written.
//! Invariant: only decisions that stand are counted (never one that was refused, withdrawn or undone), each once, however
//! often the log tells of it. The product judges drafts, not agents: [`group::Eyes`] says whose figures may be shown to whom.

pub mod agreement;
pub mod decided;
pub mod effect;
pub mod errors;
pub mod group;
pub mod quality;
pub mod record;
pub mod share;
pub mod spread;

/// Groups of fewer decisions are not shown: their shares say nothing, and point at single cases.
pub const LEAST: usize = 10;
/// So many agents make a team whose figures others may see.
pub const TEAM: usize = 5;
