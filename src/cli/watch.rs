//! `watch`

use super::args::ColorChoice;
use super::{Done, Failure, console, desk, settings};
use crate::config::Config;
use crate::supervise::moment::moment;
use crate::supervise::watch::run::{self, Start};
use jiff::tz::TimeZone;
use std::sync::Arc;

pub fn run(config: &Config, theme: Option<&str>, since: &str, color: ColorChoice) -> Done {
    let depth = console::depth(color);
    let theme = theme.unwrap_or(&config.theme.value).to_owned();
    // A faulty theme is told before the screen opens.
    settings::theme(config, &theme, None, depth)?;
    let desk = Arc::new(desk(config)?);
    let since = moment(since, desk.now(), &TimeZone::system())
        .map_err(|e| Failure::usage(format!("--since {since}: {e}")))?;
    let start = Start {
        ask_background: console::asks_background(&theme, depth),
        theme,
        find_theme: console::find_theme(config, depth),
        since: Some(since),
    };
    console::left(run::run(desk, start)?)
}
