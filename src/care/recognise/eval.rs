//! How well the recogniser reads a labelled file: `countersign emotion --eval FILE`.
//!
//! A line is a JSON object (`text`, and `labels` or `primary` or `label`; `language` or `lang`, `asks_person` if
//! known) or tab-separated: text, labels with commas between, language. The first label is the strongest one. Which
//! view is measured follows from the labels' names: the first of care, basic, shades that knows them all; in a file that
//! says of every message only whether a person is asked for, that alone.

use super::model::{BASIC_NAMES, SHADE_NAMES};
use super::{Output, read};
use crate::review::Emotion;
use serde::Deserialize;
use std::fmt;

/// Why a labelled file cannot be measured. Holds no text of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EvalFault {
    /// A line is neither of the two forms.
    #[error(
        "line {line} does not read as a labelled message: {reason}; expected JSON with text and labels, or text, tab, labels"
    )]
    Line {
        /// Counted from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// No view has all the labels.
    #[error(
        "line {line}: no view has the label {label:?}; care has anger, frustration, disappointment, worry, sadness, confusion, surprise, gratitude, joy, neutral"
    )]
    Label {
        /// Where the label first stands, counted from 1.
        line: usize,
        /// The label.
        label: String,
    },
    /// Nothing to measure.
    #[error("the file holds no labelled message; expected one per line")]
    Empty,
}

/// One label's figures.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Figures {
    /// Messages that have the label.
    pub support: usize,
    /// Messages that were given it.
    pub said: usize,
    /// Messages where both hold.
    pub hit: usize,
}

impl Figures {
    /// Share of what was said that is right; nothing said is nothing wrong, and counts as 0.
    pub fn precision(&self) -> f64 {
        ratio(self.hit, self.said)
    }
    /// Share of what there is that was found.
    pub fn recall(&self) -> f64 {
        ratio(self.hit, self.support)
    }
    /// Harmonic mean of the two.
    pub fn f1(&self) -> f64 {
        ratio(2 * self.hit, self.said + self.support)
    }
    fn add(&mut self, said: bool, is: bool) {
        self.support += usize::from(is);
        self.said += usize::from(said);
        self.hit += usize::from(said && is);
    }
}

/// What a labelled file says about the recogniser.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// `care`, `basic`, `shades`, or `person` where the file has no labels.
    pub view: &'static str,
    /// The view's labels.
    pub names: Vec<&'static str>,
    /// Messages read.
    pub messages: usize,
    /// For the care view by first label, for the others by every label over its threshold.
    pub figures: Vec<Figures>,
    /// Share of messages whose strongest label is the first one of the file.
    pub accuracy: f64,
    /// Mean F1 of the labels that occur in the file.
    pub macro_f1: f64,
    /// Expected calibration error of the strongest label, ten equal bins.
    pub calibration_error: f64,
    /// Messages that were read as unsure (care view).
    pub unsure: usize,
    /// "Asks for a person", where the file says so.
    pub person: Option<Figures>,
    /// First label of the file by strongest label read.
    pub confusion: Vec<Vec<usize>>,
}

struct Row {
    text: String,
    labels: Vec<String>,
    language: Option<String>,
    asks_person: Option<bool>,
}

#[derive(Deserialize)]
struct JsonRow {
    text: String,
    #[serde(default)]
    labels: Vec<String>,
    #[serde(alias = "label")]
    primary: Option<String>,
    #[serde(alias = "lang")]
    language: Option<String>,
    asks_person: Option<bool>,
}

/// Measures the recogniser on a labelled file's content.
pub fn eval(content: &str) -> Result<Report, EvalFault> {
    let mut rows = Vec::new();
    for (at, line) in content.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let row = row(line).map_err(|reason| EvalFault::Line { line: at + 1, reason })?;
        rows.push((at + 1, row));
    }
    let (view, names) = view_of(&rows)?;
    let column = |name: &str| names.iter().position(|n| *n == name);
    let size = names.len();
    let mut figures = vec![Figures::default(); size];
    let mut confusion = vec![vec![0; size]; size];
    let mut sure = Vec::new();
    let mut person = Figures::default();
    let (mut right, mut unsure, mut persons) = (0, 0, false);
    for (_, row) in &rows {
        let output = read(&row.text, row.language.as_deref());
        let is: Vec<usize> = row.labels.iter().filter_map(|l| column(l)).collect();
        if let Some(&first) = is.first() {
            let (top, confidence, said) = said(view, &output);
            confusion[first][top] += 1;
            let hit = if view == "care" { first == top } else { is.contains(&top) };
            right += usize::from(hit);
            sure.push((confidence, hit));
            unsure += usize::from(output.unsure);
            for (label, figures) in figures.iter_mut().enumerate() {
                if view == "care" {
                    figures.add(top == label, first == label);
                } else {
                    figures.add(said.contains(&label), is.contains(&label));
                }
            }
        }
        if let Some(asks) = row.asks_person {
            persons = true;
            person.add(output.asks_person, asks);
        }
    }
    let present: Vec<f64> = figures.iter().filter(|f| f.support > 0).map(Figures::f1).collect();
    Ok(Report {
        view,
        names,
        messages: rows.len(),
        macro_f1: present.iter().sum::<f64>() / count(present.len().max(1)),
        accuracy: ratio(right, rows.len()),
        calibration_error: calibration_error(&sure),
        unsure,
        person: persons.then_some(person),
        figures,
        confusion,
    })
}

fn row(line: &str) -> Result<Row, String> {
    let row = if line.trim_start().starts_with('{') {
        let row: JsonRow = serde_json::from_str(line).map_err(|fault| fault.to_string())?;
        let mut labels = row.labels;
        if let Some(primary) = row.primary {
            labels.retain(|label| *label != primary);
            labels.insert(0, primary);
        }
        Row { text: row.text, labels, language: row.language, asks_person: row.asks_person }
    } else {
        let mut parts = line.split('\t');
        let text = parts.next().unwrap_or_default().to_owned();
        let labels = parts.next().ok_or("there is no tab")?;
        let labels = labels.split(',').map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect();
        let language = parts.next().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned);
        Row { text, labels, language, asks_person: None }
    };
    if row.labels.is_empty() && row.asks_person.is_none() { Err("there is no label".into()) } else { Ok(row) }
}

/// The first view that knows every label; `person` where there is no label at all.
fn view_of(rows: &[(usize, Row)]) -> Result<(&'static str, Vec<&'static str>), EvalFault> {
    if rows.is_empty() {
        return Err(EvalFault::Empty);
    }
    let bare = rows.iter().find(|(_, row)| row.labels.is_empty());
    if let Some((line, _)) = bare {
        if rows.iter().all(|(_, row)| row.labels.is_empty()) {
            return Ok(("person", Vec::new()));
        }
        return Err(EvalFault::Line {
            line: *line,
            reason: "there is no label, and other lines have one".into(),
        });
    }
    let care: Vec<&'static str> = Emotion::ALL.iter().map(|e| e.as_str()).collect();
    for (view, names) in [("care", care), ("basic", BASIC_NAMES.to_vec()), ("shades", SHADE_NAMES.to_vec())] {
        if stranger(rows, &names).is_none() {
            return Ok((view, names));
        }
    }
    // Named is what the largest view does not know; where all three know their part, what care does not.
    let (line, label) =
        stranger(rows, &SHADE_NAMES).or_else(|| stranger(rows, &BASIC_NAMES)).unwrap_or((1, String::new()));
    Err(EvalFault::Label { line, label })
}

fn stranger(rows: &[(usize, Row)], names: &[&str]) -> Option<(usize, String)> {
    rows.iter().find_map(|(line, row)| {
        row.labels.iter().find(|label| !names.contains(&label.as_str())).map(|label| (*line, label.clone()))
    })
}

/// Strongest label, its confidence, and all labels over their thresholds.
fn said(view: &str, output: &Output) -> (usize, f32, Vec<usize>) {
    let care = |emotion: Emotion| Emotion::ALL.iter().position(|e| *e == emotion).unwrap_or_default();
    match view {
        "care" => (care(output.label), output.confidence, output.labels.iter().map(|e| care(*e)).collect()),
        "basic" => {
            let labels = output.basic.labels.clone();
            (labels[0], output.basic.scores[labels[0]], labels)
        }
        _ => {
            let labels = output.shades.labels.clone();
            (labels[0], output.shades.scores[labels[0]], labels)
        }
    }
}

fn calibration_error(sure: &[(f32, bool)]) -> f64 {
    let mut bins = [(0.0_f64, 0.0_f64); 10];
    for (confidence, right) in sure {
        let bin = (0..10_u8).rev().find(|n| f32::from(*n) / 10.0 <= *confidence).unwrap_or(0);
        let (said, was) = &mut bins[usize::from(bin)];
        *said += f64::from(*confidence);
        *was += f64::from(u8::from(*right));
    }
    bins.iter().map(|(said, was)| (said - was).abs()).sum::<f64>() / count(sure.len().max(1))
}

#[expect(clippy::cast_precision_loss, reason = "files have far fewer than 2^52 lines")]
fn count(n: usize) -> f64 {
    n as f64
}

fn ratio(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { count(part) / count(whole) }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} view, {} messages", self.view, self.messages)?;
        if self.view != "person" {
            self.write_labels(f)?;
        }
        if let Some(p) = &self.person {
            let (precision, recall, support) = (p.precision(), p.recall(), p.support);
            writeln!(f, "asks for a person  precision {precision:.3} recall {recall:.3} ({support} ask)")?;
        }
        if self.view != "person" {
            self.write_confusion(f)?;
        }
        Ok(())
    }
}

impl Report {
    fn write_labels(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{:>16} {:>9} {:>9} {:>9} {:>9}", "label", "precision", "recall", "F1", "messages")?;
        for (name, x) in self.names.iter().zip(&self.figures) {
            let (p, r, f1) = (x.precision(), x.recall(), x.f1());
            writeln!(f, "{name:>16} {p:>9.3} {r:>9.3} {f1:>9.3} {:>9}", x.support)?;
        }
        writeln!(f, "\nmacro-F1           {:.3}", self.macro_f1)?;
        writeln!(f, "accuracy           {:.3}", self.accuracy)?;
        writeln!(f, "calibration error  {:.3}", self.calibration_error)?;
        if self.view == "care" {
            writeln!(f, "unsure             {}", self.unsure)?;
        }
        Ok(())
    }

    fn write_confusion(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\nrows: the file's first label; columns: the label read")?;
        for (name, row) in self.names.iter().zip(&self.confusion) {
            write!(f, "{name:>16}")?;
            for n in row {
                write!(f, " {n:>5}")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}
