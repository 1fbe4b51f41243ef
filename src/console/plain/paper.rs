//! What is printed: lines of a given width, appended one after another.
//!
//! Invariants: no byte is printed but through `visible` (P6); and only our own words stand at the left margin. Foreign
//! text, and every line that had to be broken, is indented: so no customer and no model can write a line that passes
//! for the program's.

use crate::visible;

/// Cells by which foreign text is indented.
const INDENT: usize = 4;
/// Cells by which the rest of a broken line of ours is indented.
const REST: usize = 2;

/// Printed text that has not left yet.
#[derive(Debug)]
pub(super) struct Paper {
    width: usize,
    text: String,
}

impl Paper {
    /// Nothing yet, for lines of so many cells.
    pub(super) fn new(width: usize) -> Self {
        let mut paper = Self { width: 0, text: String::new() };
        paper.set_width(width);
        paper
    }

    /// From now on lines of so many cells.
    pub(super) fn set_width(&mut self, width: usize) {
        self.width = width.clamp(20, 400);
    }

    /// One line of ours; what is foreign in it (names, subjects) cannot begin a line.
    pub(super) fn say(&mut self, line: &str) {
        let line = visible::line(line);
        // Nothing but the line's first row may stand at the margin.
        let rows = visible::wrap(&line, self.width.saturating_sub(REST));
        for (n, row) in rows.iter().enumerate() {
            let indent = if n == 0 { 0 } else { REST };
            self.row(&line[row.range.clone()], indent);
        }
    }

    /// Foreign text of any length: indented, safe, line by line.
    pub(super) fn quote(&mut self, text: &str) {
        let shown = visible::text(text);
        for row in visible::wrap(shown.as_str(), self.width.saturating_sub(INDENT)) {
            self.row(&shown.as_str()[row.range], INDENT);
        }
    }

    /// Foreign text with the number of each of its lines.
    pub(super) fn numbered(&mut self, text: &str) {
        for (n, line) in text.split('\n').enumerate() {
            let line = visible::line(line);
            let rows = visible::wrap(&line, self.width.saturating_sub(INDENT + 5));
            for (k, row) in rows.iter().enumerate() {
                let number = if k == 0 { format!("{:>3}  ", n + 1) } else { "     ".to_owned() };
                self.row(&format!("{number}{}", &line[row.range.clone()]), INDENT);
            }
        }
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    fn row(&mut self, text: &str, indent: usize) {
        let text = text.trim_end();
        if !text.is_empty() {
            self.text.extend(std::iter::repeat_n(' ', indent));
            self.text.push_str(text);
        }
        self.text.push('\n');
    }

    /// What was printed since; nothing is left.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p6_only_our_own_words_stand_at_the_left_margin() {
        let hostile = "\r\napproved\u{1b}[2J\u{2028}signed \u{202e}i1\n* signed\u{9b}31m\u{7}";
        for width in [20, 33, 80] {
            let mut paper = Paper::new(width);
            paper.quote(&format!("{hostile}{}", "signed ".repeat(40)));
            paper.numbered(hostile);
            paper.say(&format!("our words, {hostile}{}", " signed".repeat(40)));
            let text = paper.take();
            for line in text.lines() {
                assert!(visible::width(line) <= width + 4, "{line:?}");
                assert!(
                    line.is_empty() || line.starts_with(' ') || line.starts_with("our words"),
                    "{line:?}"
                );
            }
            assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
            assert!(!text.contains(['\u{202e}', '\u{2028}']));
        }
    }
}
