//! The report as Markdown, for wikis and mail: the same words and tables, without the pictures.

use super::sections::sections;
use super::{Report, words};
use crate::visible;
use std::fmt::Write;

/// The whole text.
pub fn text(report: &Report) -> String {
    let mut text = format!(
        "# What was decided\n\n{}\n\n**{}**\n\n## To act on\n\n",
        inert(&words::period(report)),
        inert(&words::proof(&report.proof))
    );
    for (n, act) in report.acts.iter().enumerate() {
        let _ = writeln!(text, "{}. {} {}", n + 1, inert(&act.what), inert(&act.remedy));
    }
    match (report.acts.len(), report.more_acts) {
        (0, _) => text.push_str("Nothing: no fault, nobody overdue, no open report.\n"),
        (_, 0) => {}
        (_, more) => {
            let _ = writeln!(text, "\nAnd {more} more of less weight.");
        }
    }
    for section in sections(report) {
        let _ = write!(text, "\n## {}\n\n{}\n", inert(section.title), inert(&section.said));
        if section.rows.is_empty() {
            continue;
        }
        let line = |cells: &mut dyn Iterator<Item = String>| {
            format!("| {} |\n", cells.collect::<Vec<_>>().join(" | "))
        };
        text.push('\n');
        text.push_str(&line(&mut section.head.iter().map(|cell| inert(cell))));
        let ruler = |n: usize| if n == 0 { "---" } else { "---:" }.to_owned();
        text.push_str(&line(&mut (0..section.head.len()).map(ruler)));
        for row in &section.rows {
            text.push_str(&line(&mut row.iter().map(|cell| inert(cell))));
        }
    }
    text
}

/// Foreign text may hold what Markdown or the HTML in it would act on.
fn inert(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible::line(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '!' | '#' | '~' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
