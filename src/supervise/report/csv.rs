//! The report's tables as one file of comma-separated values, a line for each figure: section, row, column, value.

use super::Report;
use super::sections::sections;
use crate::supervise::csv;

/// The whole file.
pub fn text(report: &Report) -> String {
    let mut text = csv::line(["section", "row", "column", "value"]);
    for section in sections(report) {
        for row in &section.rows {
            for (column, value) in section.head.iter().zip(row).skip(1) {
                text.push_str(&csv::line([section.title, &row[0], column, value]));
            }
        }
    }
    text
}
