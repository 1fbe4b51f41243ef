//! The terminal: what the agent sees and types.
//!
//! `update` decides, `view` shows, `run` does. [`model`], [`message`] and [`update`] are pure: no terminal, store,
//! file or clock; [`view`] draws a model and gives back what it showed. Invariant: a verdict is made only from what
//! the last drawn frame showed (P2).

pub mod chord;
pub mod command;
pub mod editor;
pub mod effects;
pub mod fault;
pub mod keymap;
pub mod keys;
pub mod message;
pub mod model;
pub mod outside;
pub mod plain;
pub mod run;
pub mod terminal;
pub mod theme;
pub mod update;
pub mod view;
