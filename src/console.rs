//! The terminal: what the agent sees and types.
pub mod chord;
pub mod command;
pub mod fault;
pub mod keymap;
pub mod theme;
