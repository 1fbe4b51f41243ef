//! The decision log: one JSON line per event, each bound to the one before by a hash, on disk before anything
//! leaves (P1).
//!
//! Holds no free text: ids, words, numbers and keyed hashes, printable ASCII. Knows nothing of queue, desk or
//! channel, and reads no clock and no randomness: moments and ids come in.
//! Invariant: what [`Ledger::append`] has acknowledged is on disk, whole, once, and in order; nothing that stands
//! is ever changed. A process that may run under a file size limit must ignore `SIGXFSZ`, so that the limit
//! is a refusal and not a death. The format is DESIGN.md, section 6; a line's hash can be checked with `sha256sum`:
//!
//! ```text
//! l=$(tail -n 1 current.jsonl); (printf '\0'; printf '%s' "${l%,\"hash\"*}") | sha256sum
//! ```

mod anchor;
mod append;
mod backwards;
mod batch;
mod blocks;
mod catch_up;
mod chain;
mod checkpoint;
mod decision;
mod disk;
pub mod entry;
mod fields;
mod folder;
mod follow;
mod key;
mod line;
mod lines;
mod lock;
mod note;
mod prove;
mod read;
mod report;
pub mod scan;
mod snapshot;
mod tree;
mod verify;
mod walk;
mod witness;
mod writer;

pub use anchor::{AnchorError, Anchored, Anchoring};
pub use append::{AppendError, Ledger, LedgerError, Options, Standing};

pub use checkpoint::CHECKPOINTS;
pub use decision::DecisionLine;
pub use disk::{Disk, RealDisk};
pub use entry::Entry;
pub use fields::{FIELDS, Kind};
pub use folder::{CURRENT, DOUBT, HEAD, LOCK, QUARANTINE};
pub use follow::{Follower, Start, Told, Woken, follow};
pub use key::{KeyError, load as load_key, load_or_make as load_or_make_key};
pub use note::{BadKey, PublicKey, SecretKey};
pub use prove::Trust;
pub use read::{FromError, Line, Mark, Parsed, Reader, read_from};
pub use report::{Anchors, Level, Problem, Report, Unanchored, Witness};
pub use verify::{prove, verify};
pub use walk::{Fault, ReadError};
pub use witness::WitnessError;
