//! Which words drove the label.
//!
//! Exact: the score of a label is a sum over features, so each feature's part of it is known; a feature's part goes
//! to the words it covers, in equal shares. What is counted is the label's score above the mean of the ten, because
//! only differences decide. What belongs to the message as a whole (its length, that it has a link) is no word's and
//! stands in no evidence.

use super::features::{Features, NO_WORD};
use super::model::{BASIC, CARE_LABELS, Hit, Model, SHADES, Table, unit};

/// How many labels share the mean.
const LABELS: f32 = 10.0;
/// Most words shown for one message.
const MOST: usize = 12;
/// A word weaker than this share of the strongest one is not shown.
const LEAST_SHARE: f32 = 0.15;

/// Words that spoke for or against the label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// First byte in the text.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// What they added to the label's score, in logits; below zero speaks against it.
    pub weight: f32,
}

/// The strongest words for and against the label in column `label`, in the order of the text.
pub(super) fn of(
    model: &Model<'_>,
    features: &Features,
    hits: &[Hit],
    label: usize,
    english: bool,
) -> Vec<Span> {
    let mut words = weights(model, features, hits, label, english);
    let strongest = words.iter().fold(0.0_f32, |most, span| most.max(span.weight.abs()));
    if strongest <= 0.0 {
        return Vec::new();
    }
    words.retain(|span| span.weight.abs() >= strongest * LEAST_SHARE);
    words.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()).then(a.start.cmp(&b.start)));
    words.truncate(MOST);
    words.sort_by_key(|span| span.start);
    joined(words)
}

/// Every word with what it added to the label's score.
fn weights(model: &Model<'_>, features: &Features, hits: &[Hit], label: usize, english: bool) -> Vec<Span> {
    let unit = unit(features.items.len());
    let cross = &model.header.cross;
    let above = |n: usize| {
        let mean = cross.iter().map(|row| row[n]).sum::<f32>() / LABELS;
        cross[label][n] - mean
    };
    let mut own = [-1.0 / LABELS; CARE_LABELS];
    own[label] += 1.0;
    let basic: [f32; BASIC] = std::array::from_fn(above);
    let shades: [f32; SHADES] = std::array::from_fn(|n| if english { above(BASIC + n) } else { 0.0 });
    let mut words: Vec<Span> =
        features.words.iter().map(|w| Span { start: w.start, end: w.end, weight: 0.0 }).collect();
    for hit in hits {
        let item = features.items[hit.feature as usize];
        if item.first == NO_WORD {
            continue;
        }
        let part = unit
            * (dot(&model.care, hit.care, &own)
                + dot(&model.basic, hit.basic, &basic)
                + dot(&model.shades, hit.shades, &shades));
        let covered = &mut words[item.first as usize..=item.last as usize];
        let share = part / many(covered.len());
        for word in covered {
            word.weight += share;
        }
    }
    words
}

#[expect(clippy::cast_precision_loss, reason = "a feature covers at most three words")]
const fn many(words: usize) -> f32 {
    words as f32
}

fn dot(table: &Table<'_>, row: Option<u32>, with: &[f32]) -> f32 {
    let Some(row) = row else { return 0.0 };
    let (scale, weights) = table.row(row as usize);
    scale * weights.iter().zip(with).map(|(w, x)| f32::from(w.cast_signed()) * x).sum::<f32>()
}

/// Neighbours without a gap (ideographs) that pull the same way become one span.
fn joined(words: Vec<Span>) -> Vec<Span> {
    let mut out: Vec<Span> = Vec::with_capacity(words.len());
    for word in words {
        match out.last_mut() {
            Some(last) if last.end == word.start && (last.weight > 0.0) == (word.weight > 0.0) => {
                last.end = word.end;
                last.weight += word.weight;
            }
            _ => out.push(word),
        }
    }
    out
}
