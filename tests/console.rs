//! The pure console: keys in, screen out. A small world answers the effects; nothing real is touched.

#![expect(clippy::unwrap_used, reason = "a test says by its panic what went wrong")]

#[path = "console/world.rs"]
mod world;

#[path = "console/stage.rs"]
mod stage;

#[path = "console/around.rs"]
mod around;

#[path = "console/care.rs"]
mod care;

#[path = "console/kept.rs"]
mod kept;

#[path = "console/mouse.rs"]
mod mouse;

#[path = "console/stories.rs"]
mod stories;

#[path = "console/chaos.rs"]
mod chaos;

#[path = "console/screens.rs"]
mod screens;

#[path = "console/look.rs"]
mod look;

#[path = "console/watch.rs"]
mod watch;
