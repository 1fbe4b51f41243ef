//! The first stage of care: which emotion a message expresses, how sure that is, and which words say so.
//!
//! A linear model of our own inside the binary (`recognise/MODEL_CARD.md` has its data, figures and limits). It knows
//! the text and, if it is told, the language; not who wrote it, no history, no clock, no network. The same input
//! gives the same output on every run. Invariant: a reading of any text ends without failing, its evidence lies on
//! character boundaries of that text, and the weights of the evidence are what the words really added to the score.

pub mod eval;
pub mod features;
pub mod model;

mod evidence;
mod json;
mod person;

pub use eval::{EvalFault, eval};
pub use evidence::Span;
pub use json::json;

use crate::review::{Emotion, Evidence, Message, Reading, ReadingSource};
use features::{Feature, Features};
use model::{
    BASIC, BASIC_NAMES, CARE_LABELS, Hit, INTENSITY, Logits, Model, PERSON, SHADE_NAMES, SHADES, best,
};
use std::cell::RefCell;
use std::sync::LazyLock;

/// Which model file this binary carries; the log's `recogniser_rev`.
pub const REVISION: &str = concat!("linear-", env!("CARGO_PKG_VERSION"), "-4");

static SHIPPED: LazyLock<Model<'static>> = LazyLock::new(|| {
    Model::open(include_bytes!("recognise/model.bin"))
        .expect("the model in the binary is opened by a test of this very build")
});

/// One view of a reading: the labels over their thresholds, and every label's probability.
#[derive(Clone, Debug, PartialEq)]
pub struct View<const N: usize> {
    /// Columns of the labels over their thresholds, most probable first.
    pub labels: Vec<usize>,
    /// Calibrated, 0 to 1.
    pub scores: [f32; N],
}

/// What one text says.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// Language code (ISO 639), as hinted or guessed; `und` where there is nothing to guess from.
    pub language: String,
    /// The strongest label; also given when `unsure`.
    pub label: Emotion,
    /// The labels over their thresholds, strongest first; holds `label`.
    pub labels: Vec<Emotion>,
    /// Share of readings with this confidence that are right, 0 to 1.
    pub confidence: f32,
    /// 0 to 1.
    pub intensity: f32,
    /// Too little to go by.
    pub unsure: bool,
    /// The customer asks to reach a human.
    pub asks_person: bool,
    /// Anger, disgust, fear, joy, sadness, surprise, neutral.
    pub basic: View<BASIC>,
    /// The 28 labels of `GoEmotions`; trained on English.
    pub shades: View<SHADES>,
    /// The words that drove `label`, in the order of the text.
    pub evidence: Vec<Span>,
}

#[derive(Default)]
struct Scratch {
    features: Features,
    hits: Vec<Hit>,
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::default();
}

/// Reads a text with the model in the binary. `language` is a code such as `en` or `pt-BR`; without one, or with one
/// that the model does not know, the language is guessed.
pub fn read(text: &str, language: Option<&str>) -> Output {
    SHIPPED.read(text, language)
}

/// Reads a customer's message: what the product shows, sorts by and logs.
pub fn reading(message: &Message, language: Option<&str>) -> Reading {
    let output = read(&message.text, language);
    Reading {
        message: message.id.clone(),
        emotion: output.label,
        confidence_milli: milli(output.confidence),
        intensity_milli: milli(output.intensity),
        unsure: output.unsure,
        asks_person: output.asks_person,
        evidence: output
            .evidence
            .iter()
            .map(|span| Evidence {
                start: span.start,
                end: span.end,
                weight_milli: signed_milli(span.weight),
            })
            .collect(),
        source: ReadingSource::Recogniser,
    }
}

/// Probabilities of the ten care labels, in [`Emotion::ALL`]'s order, before the confidence is calibrated; all zero
/// where the text has no words.
pub fn shares(text: &str) -> [f32; CARE_LABELS] {
    let decide = &SHIPPED.header.decide;
    SHIPPED.sums(text, None).map_or([0.0; CARE_LABELS], |logits| {
        care_shares(&logits.care, &decide.care_offset, decide.care_temperature)
    })
}

/// Whether the customer asks to reach a human, by the rules alone: for texts that must not go to the recogniser.
pub fn asks_person(text: &str) -> bool {
    person::asks(text)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0..=1000 first")]
fn milli(share: f32) -> u16 {
    (share * 1_000.0).round().clamp(0.0, 1_000.0) as u16
}

#[expect(clippy::cast_possible_truncation, reason = "clamped first")]
fn signed_milli(weight: f32) -> i32 {
    (weight * 1_000.0).round().clamp(-100_000.0, 100_000.0) as i32
}

/// The logistic function.
pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// Probabilities of the ten labels: the offset and the temperature are part of the model's calibration.
pub fn care_shares(care: &[f32], offset: &[f32], temperature: f32) -> [f32; CARE_LABELS] {
    let z: [f32; CARE_LABELS] = std::array::from_fn(|n| (care[n] + offset[n]) / temperature);
    let most = z.iter().fold(f32::MIN, |most, z| most.max(*z));
    let shares = z.map(|z| (z - most).exp());
    let sum: f32 = shares.iter().sum();
    shares.map(|share| share / sum)
}

/// From the top probability to the share of readings that are right.
pub fn confidence(top: f32, platt: [f32; 2]) -> f32 {
    let top = top.clamp(1e-4, 1.0 - 1e-4);
    sigmoid(platt[0] * (top / (1.0 - top)).ln() + platt[1])
}

impl Model<'_> {
    /// Reads a text with this model.
    pub fn read(&self, text: &str, language: Option<&str>) -> Output {
        SCRATCH.with_borrow_mut(|scratch| self.read_in(text, language, scratch))
    }

    /// The sums behind a reading, for calibration; `None` where the text has no words.
    pub fn sums(&self, text: &str, language: Option<&str>) -> Option<Logits> {
        SCRATCH.with_borrow_mut(|scratch| self.sums_in(text, language, scratch))
    }

    fn sums_in(&self, text: &str, language: Option<&str>, scratch: &mut Scratch) -> Option<Logits> {
        scratch.features.extract(text);
        if scratch.features.words.is_empty() {
            return None;
        }
        let items = &scratch.features.items;
        let tongues = self.tongue_sums(items);
        let named = language.and_then(|code| self.tongue_named(code));
        let tongue = named.unwrap_or_else(|| self.tongue_of(&tongues));
        Some(self.logits(items, &tongues, tongue, &mut scratch.hits))
    }

    fn read_in(&self, text: &str, language: Option<&str>, scratch: &mut Scratch) -> Output {
        let Some(logits) = self.sums_in(text, language, scratch) else { return silent(language) };
        let decide = &self.header.decide;
        let shares = care_shares(&logits.care, &decide.care_offset, decide.care_temperature);
        let top = best(shares.iter().copied()).unwrap_or(CARE_LABELS - 1);
        let label = Emotion::ALL[top];
        let confidence = confidence(shares[top], decide.care_platt);
        let mut labels: Vec<usize> =
            (0..CARE_LABELS).filter(|n| shares[*n] >= decide.care_also[*n]).collect();
        labels.retain(|n| *n != top && label != Emotion::Neutral && Emotion::ALL[*n] != Emotion::Neutral);
        labels.sort_by(|a, b| shares[*b].total_cmp(&shares[*a]));
        labels.insert(0, top);
        let strength = sigmoid(logits.care[INTENSITY]);
        let evidence =
            evidence::of(self, &scratch.features, &scratch.hits, top, self.speaks_shades(logits.tongue));
        let asked = sigmoid(logits.care[PERSON]);
        let level = match person::asks(text) {
            true => decide.person_with_rule,
            false if person::speaks_of_a_number(text) => f32::INFINITY,
            false => decide.person,
        };
        Output {
            language: self.language_of(text, &scratch.features, logits.tongue, language),
            label,
            labels: labels.into_iter().map(|n| Emotion::ALL[n]).collect(),
            confidence,
            intensity: strength * if label == Emotion::Neutral { 1.0 - shares[top] } else { 1.0 },
            // Without a word that the model knows, only the base rates have spoken.
            unsure: confidence < decide.sure || evidence.is_empty(),
            asks_person: asked >= level,
            basic: view(
                &self.basic_view(&logits),
                &decide.basic[logits.tongue],
                &decide.basic_platt,
                BASIC - 1,
            ),
            shades: view(&logits.shades, &decide.shades, &decide.shades_platt, SHADES - 1),
            evidence,
        }
    }

    /// The hint as it was given, or the guess without its country; none where no letters that are known spoke for it.
    fn language_of(&self, text: &str, features: &Features, tongue: usize, hint: Option<&str>) -> String {
        if let Some(hint) = hint.filter(|code| self.tongue_named(code).is_some()) {
            return hint.trim().to_owned();
        }
        let speaks = |item: &Feature| {
            let word = features.words.get(item.first as usize);
            let letters = word.is_some_and(|w| text[w.start..w.end].contains(char::is_alphabetic));
            letters && self.tongue.find(item.hash).is_some()
        };
        if !features.items.iter().any(speaks) {
            return "und".to_owned();
        }
        let code = self.header.tongues.get(tongue).map_or("und", String::as_str);
        code.split('-').next().unwrap_or(code).to_owned()
    }
}

/// Nothing was said: neutral, and no confidence in that.
fn silent(language: Option<&str>) -> Output {
    let neutral = |n: usize, last: usize| if n == last { 1.0 } else { 0.0 };
    Output {
        language: language.map_or("und", str::trim).to_owned(),
        label: Emotion::Neutral,
        labels: vec![Emotion::Neutral],
        confidence: 0.0,
        intensity: 0.0,
        unsure: true,
        asks_person: false,
        basic: View { labels: vec![BASIC - 1], scores: std::array::from_fn(|n| neutral(n, BASIC - 1)) },
        shades: View { labels: vec![SHADES - 1], scores: std::array::from_fn(|n| neutral(n, SHADES - 1)) },
        evidence: Vec::new(),
    }
}

/// The labels over their thresholds; where there is none, the last column, which is neutral.
fn view<const N: usize>(logits: &[f32; N], levels: &[f32], platt: &[[f32; 2]], last: usize) -> View<N> {
    let scores: [f32; N] = std::array::from_fn(|n| sigmoid(platt[n][0] * logits[n] + platt[n][1]));
    let mut labels: Vec<usize> = (0..N).filter(|n| logits[*n] >= levels[*n]).collect();
    labels.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    if labels.is_empty() {
        labels.push(last);
    }
    View { labels, scores }
}

impl<const N: usize> View<N> {
    /// The labels' names, taken from the view's table of names.
    pub fn named(&self, names: &[&'static str; N]) -> Vec<&'static str> {
        self.labels.iter().map(|n| names[*n]).collect()
    }
}

impl Output {
    /// Names of the basic view's labels.
    pub fn basic_labels(&self) -> Vec<&'static str> {
        self.basic.named(&BASIC_NAMES)
    }
    /// Names of the shades' labels.
    pub fn shade_labels(&self) -> Vec<&'static str> {
        self.shades.named(&SHADE_NAMES)
    }
}
