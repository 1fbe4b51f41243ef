//! The four stages of care, pure functions of text.
pub mod check;
