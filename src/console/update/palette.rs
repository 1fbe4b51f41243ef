//! Which commands a few letters mean: fuzzy over name, key and description.

use super::super::command::{Command, Mode};
use super::super::model::KeyNames;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// The commands of the panes that match `query`, best first; all of them, in the table's order, without one.
pub fn matches(query: &str, keys: &KeyNames) -> Vec<Command> {
    let all = Command::of(Mode::Normal).filter(|c| *c != Command::Palette);
    // An argument typed after the name must not hide the command.
    let words = Command::parse_line(query).map_or(query.trim(), |(command, rest)| {
        if rest.is_empty() || command.argument().is_none() { query.trim() } else { command.name() }
    });
    if words.is_empty() {
        return all.collect();
    }
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(words, CaseMatching::Ignore, Normalization::Smart);
    let mut buffer = Vec::new();
    let mut score = |text: &str| pattern.score(Utf32Str::new(text, &mut buffer), &mut matcher);
    let said = words.to_lowercase();
    let mut found: Vec<(u32, Command)> = all
        .filter_map(|command| {
            let key = keys.all(Mode::Normal, command).iter().any(|k| k == words);
            // The name counts for most, its key for all, the description for what is left.
            let by_name = score(&command.name().replace('_', " ")).map(|s| s * 3);
            let by_hint = score(command.hint()).map(|s| s * 2);
            // Letters strewn over a sentence mean nothing: the description must hold the words as they are.
            let by_what = (said.len() > 2 && command.what().to_lowercase().contains(&said)).then_some(1);
            let best = by_name.max(by_hint).max(by_what);
            if key { Some((u32::MAX, command)) } else { best.map(|s| (s, command)) }
        })
        .collect();
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    // A best match that is far better than the rest stands without them.
    let best = found.iter().map(|(s, _)| *s).filter(|s| *s < u32::MAX).max().unwrap_or(0);
    found.retain(|(s, _)| *s >= best / 3 || *s == 1);
    found.into_iter().map(|(_, command)| command).collect()
}
