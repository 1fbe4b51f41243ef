//! What is wrong with a keymap or a theme, and where. Knows neither.

use std::fmt;
use std::ops::Range;

/// One fault in a file of settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file, or the name of a shipped one.
    pub path: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What to write instead.
    pub hint: String,
}

impl fmt::Display for Fault {
    /// `path:line:column: what - hint`. Words from the file are made safe where the fault is made.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { path, line, column, what, hint } = self;
        write!(f, "{path}:{line}:{column}: {what} - {hint}")
    }
}

/// Collects the faults of one file, all at once.
#[derive(Debug)]
pub(crate) struct Faults<'a> {
    path: &'a str,
    text: &'a str,
    found: Vec<(usize, Fault)>,
}

impl<'a> Faults<'a> {
    pub(crate) const fn new(path: &'a str, text: &'a str) -> Self {
        Self { path, text, found: Vec::new() }
    }

    /// Notes a fault at these bytes of the file.
    pub(crate) fn add(&mut self, at: &Range<usize>, what: impl Into<String>, hint: impl Into<String>) {
        let before = self.text.get(..at.start).unwrap_or(self.text);
        let line_start = before.rfind('\n').map_or(0, |lf| lf + 1);
        let fault = Fault {
            path: self.path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: before[line_start..].chars().count() + 1,
            what: what.into(),
            hint: hint.into(),
        };
        self.found.push((at.start, fault));
    }

    /// All of them, in the order of the file.
    pub(crate) fn into_vec(mut self) -> Vec<Fault> {
        self.found.sort_by_key(|(at, _)| *at);
        self.found.into_iter().map(|(_, fault)| fault).collect()
    }
}

/// The known name that is closest to `word`, if it can be what was meant.
pub fn nearest<'n>(word: &str, names: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let word: Vec<char> = word.to_lowercase().chars().take(40).collect();
    let reach = (word.len() / 3).max(1);
    names
        .into_iter()
        .map(|name| (distance(&word, &name.chars().collect::<Vec<_>>()), name))
        .filter(|(distance, _)| *distance <= reach)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Insertions, deletions, replacements and swaps of neighbours from `a` to `b`.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for (i, from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let replaced = rows[i][j] + usize::from(from != to);
            let mut best = replaced.min(rows[i][j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *from == b[j - 1] && a[i - 1] == *to {
                best = best.min(rows[i - 1][j - 1] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_what_was_meant_or_none() {
        let names = ["approve", "edit", "take_over", "snooze"];
        for (word, meant) in [
            ("aprove", Some("approve")),
            ("takeover", Some("take_over")),
            ("edti", Some("edit")),
            ("Snoze", Some("snooze")),
            ("delete", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, names), meant, "{word}");
        }
    }
}
