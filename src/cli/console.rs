//! The console and the demo: everything the loop needs is found and checked before the screen opens.

use super::args::{ColorChoice, ConsoleArgs};
use super::{Done, Failure, desk, settings};
use crate::config::Config;
use crate::console::run::{Left, RunError, Start};
use crate::console::theme::{self, AUTO, Depth};
use std::sync::Arc;

impl From<RunError> for Failure {
    fn from(error: RunError) -> Self {
        Self::usage(error.to_string())
    }
}

/// How many colours to use: `--color`, then `NO_COLOR`, then what the terminal can.
fn depth(color: ColorChoice) -> Depth {
    let unset = |name: &str| std::env::var_os(name).is_none_or(|v| v.is_empty());
    if color == ColorChoice::Never || (color == ColorChoice::Auto && !unset("NO_COLOR")) {
        return Depth::None;
    }
    match supports_color::on(supports_color::Stream::Stdout) {
        Some(level) if level.has_16m => Depth::True,
        Some(level) if level.has_256 => Depth::Indexed,
        Some(_) => Depth::Ansi16,
        None if color == ColorChoice::Always => Depth::Ansi16,
        None => Depth::None,
    }
}

/// What the loop starts with, by configuration and command line.
fn start(config: &Config, args: &ConsoleArgs, color: ColorChoice, place: &str) -> Result<Start, Failure> {
    let depth = depth(color);
    let keymap = args.keymap.as_deref().unwrap_or(&config.keymap.value);
    let theme = args.theme.as_deref().unwrap_or(&config.theme.value).to_owned();
    let (keymap, mut notices) = settings::keymap(config, keymap)?;
    let (_, faults) = settings::theme(config, &theme, None, depth)?;
    notices.extend(faults);
    let mut themes: Vec<String> = vec![AUTO.to_owned()];
    themes.extend(theme::SHIPPED.iter().map(|(name, _)| (*name).to_owned()));
    let finder = config.clone();
    Ok(Start {
        place: place.to_owned(),
        keymap,
        ask_background: theme == AUTO && depth != Depth::None && depth != Depth::Ansi16,
        theme,
        themes,
        find_theme: Box::new(move |name, ground| {
            settings::theme(&finder, name, ground, depth).map(|(theme, _)| theme).map_err(|f| f.message)
        }),
        mouse: config.mouse.value,
        bell: config.bell.value,
        notices,
    })
}

pub fn run(config: &Config, args: &ConsoleArgs, color: ColorChoice) -> Done {
    let start = start(config, args, color, "embedded")?;
    let desk = Arc::new(desk(config)?);
    match crate::console::run::run(desk, start)? {
        Left::Asked => Ok(()),
        // As a shell tells it of any program that a signal ended.
        Left::Signal(signal) => {
            Err(Failure { code: u8::try_from(128 + signal).unwrap_or(1), message: String::new() })
        }
    }
}
