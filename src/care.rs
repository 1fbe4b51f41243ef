//! Care in four stages, after Huang and Rust, "The Caring Machine" (Journal of Marketing): **recognise** the emotion,
//! **understand** what lies behind it, help **manage** it with advice specific to this customer, **connect**: keep
//! the relationship. Beside the stages stand the checks of a draft.
//!
//! Pure functions of text and of the domain's values; no store, no clock, no screen. Invariant: what a stage says
//! comes with the words it is about, so that a person can see why and disagree.

pub mod check;
pub mod connect;
pub mod recognise;
pub mod trend;
pub mod understand;

pub use check::{Check, Level, checks};
