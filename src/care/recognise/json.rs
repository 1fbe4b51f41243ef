//! The command's output: one JSON object for one text.
use super::{BASIC_NAMES, Output, SHADE_NAMES, View};
use serde_json::{Map, Value, json as value};

/// One text as the command's JSON object, without a line end.
pub fn json(text: &str) -> String {
    object(text, &super::read(text, None)).to_string()
}

/// Probabilities with four digits: more would pretend.
fn rounded(x: f32) -> f64 {
    (f64::from(x) * 10_000.0).round() / 10_000.0
}

fn view<const N: usize>(view: &View<N>, names: &[&'static str; N]) -> Value {
    let scores: Map<String, Value> = names
        .iter()
        .zip(&view.scores)
        .map(|(name, score)| ((*name).to_owned(), value!(rounded(*score))))
        .collect();
    value!({"labels": view.named(names), "scores": scores})
}

fn object(text: &str, output: &Output) -> Value {
    let evidence: Vec<Value> = output
        .evidence
        .iter()
        .map(|s| {
            let words = text.get(s.start..s.end).unwrap_or_default();
            value!({"start": s.start, "end": s.end, "text": words, "weight": rounded(s.weight)})
        })
        .collect();
    value!({
        "language": output.language,
        "label": output.label,
        "labels": output.labels,
        "confidence": rounded(output.confidence),
        "intensity": rounded(output.intensity),
        "unsure": output.unsure,
        "asks_person": output.asks_person,
        "basic": view(&output.basic, &BASIC_NAMES),
        "shades": view(&output.shades, &SHADE_NAMES),
        "evidence": evidence,
    })
}
