//! Looks for meanings.
mod role;
pub use role::Role;
