//! Makes the emotion model, from the labelled sets to the file in the binary:
//!
//! ```text
//! cargo run --release --example train -- --data ../shared/data/emotion
//! ```
//!
//! Fixed seeds; one thread. What else it does:
//!
//! | | |
//! |---|---|
//! | `--corrections FILE` | also learns from agents' corrections, the desk's `corrections.jsonl`: `{"id","lang","text","label","was"}` |
//! | `--only care` | learns only the care labels anew, on the tables of the model that is there (a minute) |
//! | `--only calibrate` | chooses thresholds and calibration anew, and prints the figures of the card |
//! | `--only corpus` | the corpus' agreement and near-duplicates |
//! | `--only person` | the rules for "asks for a person" on the corpus |
//! | `--out FILE`, `--corpus DIR` | another model file, another corpus |

#![allow(
    missing_docs,
    clippy::pedantic,
    clippy::needless_range_loop,
    clippy::type_complexity,
    reason = "a tool that is run by hand; its output is the documentation, and its loops run over columns"
)]

mod calibrate;
mod care;
mod corpus;
mod data;
mod learn;
mod optimise;
mod views;

use data::Documents;
use optimise::Settings;
use std::collections::HashMap;
use std::error::Error;
use std::path::PathBuf;

type Res<T> = Result<T, Box<dyn Error>>;

/// What can be set from the command line; the defaults make the shipped model.
pub struct Plan {
    data: PathBuf,
    corpus: PathBuf,
    out: PathBuf,
    only: Option<String>,
    corrections: Option<PathBuf>,
    values: HashMap<String, f32>,
}

impl Plan {
    fn parse() -> Res<Self> {
        let mut plan = Self {
            data: "../shared/data/emotion".into(),
            corpus: "training/care".into(),
            out: "src/care/recognise/model.bin".into(),
            only: None,
            corrections: None,
            values: HashMap::new(),
        };
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            let value = args.next().ok_or_else(|| format!("{arg} needs a value"))?;
            match arg.as_str() {
                "--data" => plan.data = value.into(),
                "--corpus" => plan.corpus = value.into(),
                "--out" => plan.out = value.into(),
                "--corrections" => plan.corrections = Some(value.into()),
                "--only" => plan.only = Some(value),
                other => {
                    plan.values.insert(other.trim_start_matches('-').to_owned(), value.parse()?);
                }
            }
        }
        Ok(plan)
    }
    /// A number by name, for trying out; see the card for what was tried.
    pub fn get(&self, name: &str, default: f32) -> f32 {
        self.values.get(name).copied().unwrap_or(default)
    }
    fn settings(&self, name: &str, epochs: f32, rate: f32, decay: f32, runs: f32) -> Settings {
        Settings {
            epochs: self.get(&format!("{name}-epochs"), epochs) as usize,
            rate: self.get(&format!("{name}-rate"), rate),
            decay: self.get(&format!("{name}-decay"), decay),
            dense_decay: self.get(&format!("{name}-dense-decay"), 0.0),
            runs: self.get(&format!("{name}-runs"), runs) as usize,
        }
    }
    /// How many features a table keeps.
    fn keep(&self, name: &str, most: f32) -> usize {
        self.get(&format!("{name}-keep"), most) as usize
    }
}

fn main() -> Res<()> {
    let plan = Plan::parse()?;
    let corpus = data::care_corpus(&plan.corpus)?;
    match plan.only.as_deref() {
        Some("corpus") => {
            corpus::agreement(&corpus);
            corpus::near_duplicates(&corpus, &data::care_dev(&plan.data)?);
            return Ok(());
        }
        Some("person") => {
            corpus::person_rules(&corpus);
            return calibrate::persons(&plan.out, &corpus);
        }
        Some("calibrate") => return calibrate::recalibrate(&plan.data, &plan.out, &plan),
        Some("care") | None => {}
        Some(other) => return Err(format!("--only {other}: corpus, person, care or calibrate").into()),
    }
    let care = care_documents(&corpus, &plan)?;
    let base = if plan.only.is_some() {
        std::fs::read(&plan.out)?
    } else {
        let mut all = view_documents(&plan)?;
        all.extend(care.iter().cloned());
        eprintln!("{} documents", all.len());
        views::make(&all, &plan)
    };
    let bytes = care::make(&base, &care, &plan)?;
    std::fs::write(&plan.out, &bytes)?;
    eprintln!("{}: {} bytes", plan.out.display(), bytes.len());
    calibrate::recalibrate(&plan.data, &plan.out, &plan)
}

/// What the care table learns from.
fn care_documents(corpus: &[data::CareLine], plan: &Plan) -> Res<Documents> {
    let mut documents = data::care_documents(corpus, plan.get("plain", 1.0));
    documents.extend(data::phrases(&plan.corpus, plan.get("phrases", 2.0))?);
    if let Some(file) = &plan.corrections {
        documents.extend(data::corrections(file, plan.get("correction", 1.0))?);
    }
    for (name, lang) in data::BRIGHTER {
        documents.extend(data::brighter(&plan.data, 'b', "train", name, lang)?);
    }
    documents.retain(|d| !d.text.trim().is_empty());
    Ok(documents)
}

/// What the other views learn from; the language table also has the care documents.
fn view_documents(plan: &Plan) -> Res<Documents> {
    let mut documents = data::goemotions(&plan.data, "train")?;
    for (name, lang) in data::BRIGHTER {
        documents.extend(data::brighter(&plan.data, 'a', "train", name, lang)?);
    }
    documents.extend(data::cedr(&plan.data, false)?);
    documents.extend(data::xed(&plan.data, plan.get("xed", 0.03))?);
    documents.retain(|d| !d.text.trim().is_empty());
    Ok(documents)
}
