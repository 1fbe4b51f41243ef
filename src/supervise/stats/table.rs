//! A table of figures, printed for people, as JSON lines, or as CSV.
//!
//! JSON holds one object a row, CSV one line a figure: whoever reads either needs no column that another table lacks.

use crate::supervise::csv;
use crate::supervise::figures::share::{Interval, Share};
use crate::supervise::figures::spread::Spread;
use crate::visible;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// One figure.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// There is none.
    Absent,
    /// There is one, and it is not shown to this reader.
    Hidden,
    /// A word; may be foreign.
    Text(String),
    /// How many.
    Count(u64),
    /// So many of so many, with its interval.
    Share(Share),
    /// Lengths of time in milliseconds.
    Times(Spread),
    /// Sizes.
    Sizes(Spread),
    /// An interval of differences of shares.
    Difference(Interval),
    /// Any other number.
    Number(f64),
}

impl Cell {
    /// A share, if there is anything to share.
    pub const fn share(share: Share) -> Self {
        if share.of == 0 { Self::Absent } else { Self::Share(share) }
    }
    /// Lengths of time.
    pub fn times(spread: Option<Spread>) -> Self {
        spread.map_or(Self::Absent, Self::Times)
    }
    /// Sizes.
    pub fn sizes(spread: Option<Spread>) -> Self {
        spread.map_or(Self::Absent, Self::Sizes)
    }

    fn text(&self) -> String {
        match self {
            Self::Absent => "-".to_owned(),
            Self::Hidden => "hidden".to_owned(),
            Self::Text(text) => visible::line(text).into_owned(),
            Self::Count(n) => n.to_string(),
            Self::Share(share) => {
                let percent = |p: f64| (p * 100.0).round();
                let value = share.value().map_or(0.0, percent);
                match share.interval() {
                    Some(Interval { low, high }) => format!("{value} {}-{}", percent(low), percent(high)),
                    None => "-".to_owned(),
                }
            }
            Self::Times(Spread { p50, p90, p99, .. }) => [p50, p90, p99].map(|ms| length(*ms)).join(" "),
            Self::Sizes(Spread { p50, p90, p99, .. }) => format!("{p50} {p90} {p99}"),
            Self::Difference(Interval { low, high }) => {
                format!("{:+} to {:+}", (low * 100.0).round(), (high * 100.0).round())
            }
            Self::Number(n) => format!("{n:.3}"),
        }
    }

    fn json(&self) -> Value {
        match self {
            Self::Absent => Value::Null,
            Self::Hidden => "hidden".into(),
            Self::Text(text) => text.as_str().into(),
            Self::Count(n) => (*n).into(),
            Self::Number(n) => rounded(*n),
            _ => Value::Object(self.parts().into_iter().map(|(name, n)| (name.to_owned(), n)).collect()),
        }
    }

    /// The numbers of a cell that holds several.
    fn parts(&self) -> Vec<(&'static str, Value)> {
        match self {
            Self::Share(share) => {
                let ends = share.interval();
                vec![
                    ("count", share.count.into()),
                    ("of", share.of.into()),
                    ("share", share.value().map_or(Value::Null, rounded)),
                    ("low", ends.map_or(Value::Null, |i| rounded(i.low))),
                    ("high", ends.map_or(Value::Null, |i| rounded(i.high))),
                ]
            }
            Self::Times(Spread { n, p50, p90, p99 }) => {
                vec![("n", json!(n)), ("p50_ms", json!(p50)), ("p90_ms", json!(p90)), ("p99_ms", json!(p99))]
            }
            Self::Sizes(Spread { n, p50, p90, p99 }) => {
                vec![("n", json!(n)), ("p50", json!(p50)), ("p90", json!(p90)), ("p99", json!(p99))]
            }
            Self::Difference(Interval { low, high }) => {
                vec![("low", rounded(*low)), ("high", rounded(*high))]
            }
            _ => Vec::new(),
        }
    }
}

/// Four digits after the point: more than the intervals allow, and the same text on every machine.
fn rounded(n: f64) -> Value {
    json!((n * 10_000.0).round() / 10_000.0)
}

/// `0.8s`, `12s`, `4m`, `1.9h`, `3.2d`: about two digits.
pub fn length(ms: i64) -> String {
    let tenths = |unit: i64, name: &str| format!("{}.{}{name}", ms / unit, ms % unit * 10 / unit);
    match ms {
        ..10_000 => tenths(1_000, "s"),
        10_000..60_000 => format!("{}s", ms / 1_000),
        60_000..3_600_000 => format!("{}m", ms / 60_000),
        3_600_000..172_800_000 => tenths(3_600_000, "h"),
        _ => tenths(86_400_000, "d"),
    }
}

/// A table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Table {
    /// Its word, for JSON and CSV.
    pub name: &'static str,
    /// What it shows, for people.
    pub title: String,
    /// What the rows are, as many as each row has labels.
    pub by: Vec<&'static str>,
    /// The figures: a word for JSON and CSV, and a headline for people.
    pub columns: Vec<(&'static str, &'static str)>,
    /// Labels and cells.
    pub rows: Vec<(Vec<String>, Vec<Cell>)>,
    /// What must be said with it.
    pub notes: Vec<String>,
}

impl Table {
    /// For people: columns under headlines, then what must be said.
    pub fn text(&self) -> String {
        let mut page = format!("{}\n", visible::line(&self.title));
        let heads = self.by.iter().copied().chain(self.columns.iter().map(|(_, head)| *head));
        let mut lines: Vec<Vec<String>> = vec![heads.map(str::to_owned).collect()];
        for (labels, cells) in &self.rows {
            let labels = labels.iter().map(|label| visible::clip(&visible::line(label), 24).into_owned());
            lines.push(labels.chain(cells.iter().map(Cell::text)).collect());
        }
        if !self.rows.is_empty() {
            let widths: Vec<usize> = (0..lines[0].len())
                .map(|column| lines.iter().map(|line| visible::width(&line[column])).max().unwrap_or(0))
                .collect();
            for line in &lines {
                let mut text = String::from(" ");
                for (n, (cell, width)) in line.iter().zip(&widths).enumerate() {
                    let pad = width - visible::width(cell);
                    // Labels begin at the left, figures end at the right.
                    let pad = " ".repeat(pad);
                    let (before, after) = if n < self.by.len() { ("", &pad[..]) } else { (&pad[..], "") };
                    let _ = write!(text, " {before}{cell}{after} ");
                }
                page.push_str(text.trim_end());
                page.push('\n');
            }
        }
        for note in &self.notes {
            let _ = writeln!(page, "  {}", visible::line(note));
        }
        page
    }

    /// One object a row.
    pub fn json(&self) -> Vec<Value> {
        let row = |(labels, cells): &(Vec<String>, Vec<Cell>)| {
            let mut object = Map::from_iter([("table".to_owned(), self.name.into())]);
            let labels =
                self.by.iter().zip(labels).map(|(by, label)| ((*by).to_owned(), visible::line(label).into()));
            object.extend(labels);
            object.extend(
                self.columns.iter().zip(cells).map(|((key, _), cell)| ((*key).to_owned(), cell.json())),
            );
            Value::Object(object)
        };
        self.rows.iter().map(row).collect()
    }

    /// The first line of all CSV.
    pub fn csv_head() -> String {
        csv::line(["table", "group", "figure", "part", "value"])
    }

    /// One line a number.
    pub fn csv(&self) -> String {
        let mut lines = String::new();
        for (labels, cells) in &self.rows {
            let group = labels.join(" / ");
            for ((key, _), cell) in self.columns.iter().zip(cells) {
                let parts = match cell {
                    Cell::Absent => continue,
                    Cell::Hidden | Cell::Text(_) | Cell::Count(_) | Cell::Number(_) => {
                        vec![("", cell.json())]
                    }
                    _ => cell.parts(),
                };
                for (part, value) in parts {
                    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    lines += &csv::line([self.name, &group, key, part, &value]);
                }
            }
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let share = Cell::share(Share::new(81, 263));
        let spread = Spread { n: 3, p50: 900, p90: 42_000, p99: 7_200_000 };
        Table {
            name: "decisions",
            title: "Decisions".to_owned(),
            by: vec!["model"],
            columns: vec![("n", "n"), ("approve", "approve %"), ("waited", "waited"), ("active", "active")],
            rows: vec![
                (
                    vec!["m-1".to_owned()],
                    vec![Cell::Count(263), share, Cell::times(Some(spread)), Cell::Hidden],
                ),
                (
                    vec!["=cmd|'/c \"x\"".to_owned()],
                    vec![Cell::Count(7), Cell::Absent, Cell::Absent, Cell::Absent],
                ),
            ],
            notes: vec!["2 small groups are hidden".to_owned()],
        }
    }

    #[test]
    fn people_read_columns_under_headlines() {
        let expected = "Decisions
  model           n  approve %        waited  active
  m-1           263   31 26-37  0.9s 42s 2.0h  hidden
  =cmd|'/c \"x\"    7          -             -       -
  2 small groups are hidden
";
        let squeeze = |text: &str| {
            text.lines().map(|l| l.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
        };
        let text = table().text();
        assert_eq!(squeeze(&text), squeeze(expected));
        let ends: Vec<_> = text.lines().skip(1).take(3).map(str::len).collect();
        assert!(ends.iter().all(|end| *end == ends[0]), "columns stand under each other:\n{text}");
    }

    #[test]
    fn lengths_have_about_two_digits() {
        for (ms, text) in [
            (0, "0.0s"),
            (9_990, "9.9s"),
            (10_000, "10s"),
            (61_000, "1m"),
            (6_900_000, "1.9h"),
            (172_800_000, "2.0d"),
        ] {
            assert_eq!(length(ms), text);
        }
    }

    #[test]
    fn programs_read_objects_and_lines() {
        let json = table().json();
        assert_eq!(
            json[0].to_string(),
            r#"{"table":"decisions","model":"m-1","n":263,"approve":{"count":81,"of":263,"share":0.308,"low":0.2553,"high":0.3662},"waited":{"n":3,"p50_ms":900,"p90_ms":42000,"p99_ms":7200000},"active":"hidden"}"#
        );
        assert_eq!(json[1]["approve"], Value::Null);
        let csv = table().csv();
        assert!(csv.starts_with("decisions,m-1,n,,263\r\ndecisions,m-1,approve,count,81\r\n"), "{csv}");
        assert!(
            csv.contains("decisions,m-1,approve,low,0.2553\r\n") && csv.contains(",active,,hidden\r\n"),
            "{csv}"
        );
        assert!(csv.contains("decisions,\"'=cmd|'/c \"\"x\"\"\",n,,7\r\n"), "{csv}");
    }

    #[test]
    fn p6_no_label_acts_in_a_terminal_or_a_spreadsheet() {
        for hostile in ["=1+1", "\u{1b}[2J", "a\r\nb", "\u{202e}x"] {
            let mut table = table();
            table.rows[0].0[0] = hostile.to_owned();
            // As `jq -r` would print it.
            let raw = table.json()[0]["model"].as_str().unwrap().to_owned();
            assert!(!raw.chars().any(char::is_control) && !raw.contains('\u{202e}'), "{raw:?}");
            for text in [table.text().replace('\n', ""), table.csv().replace("\r\n", "")] {
                assert!(!text.chars().any(char::is_control) && !text.contains('\u{202e}'), "{text:?}");
                assert!(!text.contains(",=1"), "{text:?}");
            }
        }
    }
}
