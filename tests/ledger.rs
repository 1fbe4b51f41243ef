//! The decision log from outside: what is written, what a damaged log says of itself, what a crash leaves.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

#[path = "ledger/anchor.rs"]
mod anchor;
#[path = "ledger/append.rs"]
mod append;
#[path = "ledger/crash.rs"]
mod crash;
#[path = "ledger/damage.rs"]
mod damage;
#[path = "ledger/follow.rs"]
mod follow;
#[path = "ledger/format.rs"]
mod format;
#[path = "ledger/reference.rs"]
mod reference;
#[path = "ledger/support.rs"]
mod support;
#[path = "ledger/witness.rs"]
mod witness;
