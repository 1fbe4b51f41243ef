//! Makes the emotion model, from the labelled sets to the file in the binary:
//!
//! ```text
//! cargo run --release --example train -- --data ../shared/data/emotion
//! ```
//!
//! Fixed seeds; one thread. `--only corpus` prints the corpus' agreement and near-duplicates instead.

#![allow(
    missing_docs,
    clippy::pedantic,
    clippy::needless_range_loop,
    clippy::type_complexity,
    reason = "a tool that is run by hand; its output is the documentation, and its loops run over columns"
)]

mod calibrate;
mod corpus;
mod data;
mod optimise;

use countersign::care::recognise::features::{self, Features};
use countersign::care::recognise::model::{
    self, BASIC, CARE, CARE_LABELS, CROSS, Decide, Header, Model, SHADES, Shape, TONGUES, TableSource,
};
use data::{Document, Documents};
use optimise::{Problem, Settings, Solution};
use std::collections::HashMap;
use std::error::Error;
use std::hash::{BuildHasherDefault, Hasher};
use std::path::PathBuf;

type Res<T> = Result<T, Box<dyn Error>>;

/// Feature hashes are mixed already.
#[derive(Default)]
struct Plain(u64);
impl Hasher for Plain {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, _: &[u8]) {
        unreachable!("only u64 keys are hashed")
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = n;
    }
}
type Ids = HashMap<u64, u32, BuildHasherDefault<Plain>>;

/// What can be set from the command line; the defaults make the shipped model.
pub struct Plan {
    data: PathBuf,
    corpus: PathBuf,
    out: PathBuf,
    only: Option<String>,
    values: HashMap<String, f32>,
}

impl Plan {
    fn parse() -> Res<Self> {
        let mut plan = Self {
            data: "../shared/data/emotion".into(),
            corpus: "training/care".into(),
            out: "src/care/recognise/model.bin".into(),
            only: None,
            values: HashMap::new(),
        };
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            let value = args.next().ok_or_else(|| format!("{arg} needs a value"))?;
            match arg.as_str() {
                "--data" => plan.data = value.into(),
                "--corpus" => plan.corpus = value.into(),
                "--out" => plan.out = value.into(),
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
}

/// All documents' features as small numbers.
struct Featured {
    hashes: Vec<u64>,
    rows: Vec<Vec<u32>>,
    unit: Vec<f32>,
    /// How many documents have each feature.
    common: Vec<u32>,
}

fn featurise(documents: &Documents) -> Featured {
    let (mut ids, mut hashes, mut rows, mut unit) =
        (Ids::default(), Vec::new(), Vec::<Vec<u32>>::new(), Vec::new());
    let mut features = Features::default();
    for d in documents {
        features.extract(&d.text);
        unit.push(model::unit(features.items.len()));
        rows.push(
            features
                .items
                .iter()
                .map(|item| {
                    *ids.entry(item.hash).or_insert_with(|| {
                        hashes.push(item.hash);
                        (hashes.len() - 1) as u32
                    })
                })
                .collect(),
        );
    }
    let mut common = vec![0; hashes.len()];
    for id in rows.iter().flatten() {
        common[*id as usize] += 1;
    }
    Featured { hashes, rows, unit, common }
}

/// One group of heads, learnt and pruned to the features that matter most.
struct Learnt {
    table: TableSource,
    bias: Vec<f32>,
    dense: Vec<f32>,
    /// Row in the table of each feature number.
    place: Vec<u32>,
}

const NOWHERE: u32 = u32::MAX;

struct Heads<'a> {
    name: &'a str,
    width: usize,
    softmax: usize,
    least: u32,
    /// In how many documents of all sets together a feature must occur.
    least_anywhere: u32,
    rarity: f32,
    keep: usize,
    settings: Settings,
    dense: Option<(usize, &'a [f32])>,
}

fn learn(
    f: &Featured,
    documents: &Documents,
    pick: &dyn Fn(usize, &Document) -> Option<(Vec<f32>, Vec<bool>, f32)>,
    heads: &Heads,
) -> Learnt {
    let width = heads.width;
    let (mut used, mut target, mut known, mut weight, mut dense) = (vec![], vec![], vec![], vec![], vec![]);
    for (at, d) in documents.iter().enumerate() {
        if let Some((t, k, w)) = pick(at, d) {
            used.push(at);
            target.extend(t);
            known.extend(k);
            weight.push(w);
            if let Some((n, values)) = heads.dense {
                dense.extend_from_slice(&values[at * n..(at + 1) * n]);
            }
        }
    }
    let unit: Vec<f32> = used.iter().map(|d| f.unit[*d]).collect();
    let mut frequency = vec![0_u32; f.hashes.len()];
    for d in &used {
        for id in &f.rows[*d] {
            frequency[*id as usize] += 1;
        }
    }
    let mut chosen: Vec<u32> = (0..f.hashes.len() as u32)
        .filter(|id| frequency[*id as usize] >= heads.least && f.common[*id as usize] >= heads.least_anywhere)
        .collect();
    let candidates = chosen.len();
    let run = |chosen: &[u32]| -> (Solution, Vec<u32>) {
        let mut place = vec![NOWHERE; f.hashes.len()];
        for (row, id) in chosen.iter().enumerate() {
            place[*id as usize] = row as u32;
        }
        let rows: Vec<Vec<u32>> = used
            .iter()
            .map(|d| f.rows[*d].iter().map(|id| place[*id as usize]).filter(|row| *row != NOWHERE).collect())
            .collect();
        let counts: Vec<u32> = chosen.iter().map(|id| frequency[*id as usize]).collect();
        // Rarer features weigh more, as the logarithm of their rarity to a power; on the mean over all texts, one.
        let rarity = |n: u32| (used.len() as f32 / n as f32).max(1.0).ln().max(0.1).powf(heads.rarity);
        let occurrences: f32 = counts.iter().map(|n| *n as f32).sum();
        let mean = counts.iter().map(|n| *n as f32 * rarity(*n)).sum::<f32>() / occurrences.max(1.0);
        let scale: Vec<f32> = counts.iter().map(|n| rarity(*n) / mean).collect();
        let problem = Problem {
            scale: &scale,
            name: heads.name,
            width,
            softmax: heads.softmax,
            rows: &rows,
            unit: &unit,
            target: &target,
            known: &known,
            weight: &weight,
            dense: heads.dense.map(|(n, _)| (n, dense.as_slice())),
            frequency: &counts,
        };
        (optimise::solve(&problem, heads.settings), place)
    };
    let (mut solution, mut place) = run(&chosen);
    if chosen.len() > heads.keep {
        // What a feature explains over all documents: its count times its squared weights.
        let worth = |row: usize| -> f32 {
            let square: f32 = solution.weights[row * width..(row + 1) * width].iter().map(|w| w * w).sum();
            square * (frequency[chosen[row] as usize] as f32)
        };
        let mut order: Vec<usize> = (0..chosen.len()).collect();
        order.sort_by(|a, b| worth(*b).total_cmp(&worth(*a)).then(a.cmp(b)));
        order.truncate(heads.keep);
        order.sort_unstable();
        chosen = order.into_iter().map(|row| chosen[row]).collect();
        (solution, place) = run(&chosen);
    }
    eprintln!("{}: {} documents, {candidates} features, kept {}", heads.name, used.len(), chosen.len());
    Learnt {
        table: TableSource {
            width,
            hashes: chosen.iter().map(|id| f.hashes[*id as usize]).collect(),
            weights: solution.weights,
        },
        bias: solution.bias,
        dense: solution.dense,
        place,
    }
}

impl Learnt {
    fn logits(&self, f: &Featured, document: usize) -> Vec<f32> {
        let width = self.table.width;
        let mut z = vec![0.0; width];
        for id in &f.rows[document] {
            let row = self.place[*id as usize];
            if row != NOWHERE {
                let row = row as usize;
                for (z, w) in z.iter_mut().zip(&self.table.weights[row * width..(row + 1) * width]) {
                    *z += w;
                }
            }
        }
        z.iter().zip(&self.bias).map(|(z, b)| z * f.unit[document] + b).collect()
    }
}

fn main() -> Res<()> {
    let plan = Plan::parse()?;
    let corpus = data::care_corpus(&plan.corpus)?;
    if plan.only.as_deref() == Some("corpus") {
        corpus::agreement(&corpus);
        corpus::near_duplicates(&corpus, &data::care_dev(&plan.data)?);
        return Ok(());
    }
    if plan.only.as_deref() == Some("person") {
        corpus::person_rules(&corpus);
        return calibrate::persons(&plan.out, &corpus);
    }
    if plan.only.as_deref() == Some("calibrate") {
        return calibrate::recalibrate(&plan.data, &plan.out, &plan);
    }
    let held_out = plan.get("held-out", 0.0) > 0.0;
    let mut documents = data::care_documents(&corpus);
    documents.extend(data::phrases(&plan.corpus, plan.get("phrases", 2.0))?);
    documents.extend(data::goemotions(&plan.data, "train", plan.get("go-care", 0.0))?);
    for (name, lang) in data::BRIGHTER {
        documents.extend(data::brighter(&plan.data, 'a', "train", name, lang)?);
        documents.extend(data::brighter(&plan.data, 'b', "train", name, lang)?);
    }
    documents.extend(data::cedr(&plan.data, false)?);
    documents.extend(data::xed(&plan.data, plan.get("xed", 0.03))?);
    documents.retain(|d| !d.text.trim().is_empty());
    eprintln!("{} documents", documents.len());
    let f = featurise(&documents);
    eprintln!("{} features", f.hashes.len());

    let settings = |name: &str, epochs: f32, rate: f32, decay: f32, runs: f32| Settings {
        epochs: plan.get(&format!("{name}-epochs"), epochs) as usize,
        rate: plan.get(&format!("{name}-rate"), rate),
        decay: plan.get(&format!("{name}-decay"), decay),
        dense_decay: plan.get(&format!("{name}-dense-decay"), 0.0),
        runs: plan.get(&format!("{name}-runs"), runs) as usize,
    };
    let keep = |name: &str, most: f32| plan.get(&format!("{name}-keep"), most) as usize;

    let tongues = tongues(&documents);
    let tongue_of: HashMap<&str, usize> =
        tongues.iter().enumerate().map(|(at, t)| (t.as_str(), at)).collect();
    let mut many = vec![0_usize; tongues.len()];
    for d in &documents {
        many[tongue_of[d.lang.as_str()]] += 1;
    }
    let tongue = learn(
        &f,
        &documents,
        &|at, d| {
            let column = tongue_of[d.lang.as_str()];
            // At most some two thousand of a language, so that none is drowned.
            let every = (many[column] / 2_000).max(1);
            (at % every == 0).then(|| {
                let mut t = vec![0.0; TONGUES];
                t[column] = 1.0;
                (t, vec![true; TONGUES], 1.0)
            })
        },
        &Heads {
            name: "language",
            rarity: plan.get("language-rarity", 0.0),
            width: TONGUES,
            softmax: tongues.len(),
            least: 5,
            least_anywhere: 0,
            keep: keep("language", 6_000.0),
            settings: settings("language", 3.0, 0.05, 1.0, 1.0),
            dense: None,
        },
    );
    let basic = learn(
        &f,
        &documents,
        &|_, d| {
            d.basic.any().then(|| {
                (
                    d.basic.value.to_vec(),
                    d.basic.known.to_vec(),
                    if d.set == "goemotions" { 1.0 } else { d.weight },
                )
            })
        },
        &Heads {
            name: "basic",
            rarity: plan.get("basic-rarity", 0.5),
            width: BASIC,
            softmax: 0,
            least: 3,
            least_anywhere: 0,
            keep: keep("basic", 250_000.0),
            settings: settings("basic", 14.0, 0.3, 0.15, 2.0),
            dense: None,
        },
    );
    let shades = learn(
        &f,
        &documents,
        &|_, d| d.shades.any().then(|| (d.shades.value.to_vec(), d.shades.known.to_vec(), 1.0)),
        &Heads {
            name: "shades",
            rarity: plan.get("shades-rarity", 1.0),
            width: SHADES,
            softmax: 0,
            least: 3,
            least_anywhere: 0,
            keep: keep("shades", 60_000.0),
            settings: settings("shades", 6.0, 0.1, 0.3, 3.0),
            dense: None,
        },
    );

    // The care labels also see what the other two views say.
    let mut cross = vec![0.0_f32; documents.len() * CROSS];
    let mut mean = vec![0.0_f32; CROSS];
    let mut counted = [0_f32; 2];
    let english: Vec<bool> = documents.iter().map(|d| d.lang == "en").collect();
    for at in (0..documents.len()).filter(|at| documents[*at].care.any()) {
        let b = basic.logits(&f, at);
        let s = shades.logits(&f, at);
        cross[at * CROSS..at * CROSS + BASIC].copy_from_slice(&b);
        cross[at * CROSS + BASIC..(at + 1) * CROSS].copy_from_slice(&s);
        if documents[at].set == "care" {
            counted[0] += 1.0;
            b.iter().enumerate().for_each(|(k, x)| mean[k] += x);
            if english[at] {
                counted[1] += 1.0;
                s.iter().enumerate().for_each(|(k, x)| mean[BASIC + k] += x);
            }
        }
    }
    for (k, m) in mean.iter_mut().enumerate() {
        *m /= counted[usize::from(k >= BASIC)].max(1.0);
    }
    for at in 0..documents.len() {
        for k in 0..CROSS {
            let x = &mut cross[at * CROSS + k];
            *x = if k >= BASIC && !english[at] { 0.0 } else { *x - mean[k] };
        }
    }
    let care = learn(
        &f,
        &documents,
        &|at, d| {
            let held_back = held_out && d.set == "care" && at % 10 == 9;
            (d.care.any() && !held_back).then(|| (d.care.value.to_vec(), d.care.known.to_vec(), d.weight))
        },
        &Heads {
            name: "care",
            rarity: plan.get("care-rarity", 1.0),
            width: CARE,
            softmax: CARE_LABELS,
            least: plan.get("care-least", 2.0) as u32,
            least_anywhere: plan.get("care-anywhere", 0.0) as u32,
            keep: keep("care", 80_000.0),
            settings: settings("care", 10.0, 0.1, 0.2, 4.0),
            dense: Some((CROSS, &cross)),
        },
    );

    if held_out {
        let (mut right, mut all) = ([0; 2], [0; 2]);
        for at in (0..documents.len()).filter(|at| documents[*at].set == "care" && at % 10 == 9) {
            let mut z = care.logits(&f, at);
            for c in 0..CARE_LABELS {
                z[c] += (0..CROSS).map(|k| care.dense[c * CROSS + k] * cross[at * CROSS + k]).sum::<f32>();
            }
            let top = model::best(z[..CARE_LABELS].iter().copied());
            let is = model::best(documents[at].care.value[..CARE_LABELS].iter().copied());
            let en = usize::from(english[at]);
            right[en] += usize::from(top == is);
            all[en] += 1;
        }
        println!(
            "care corpus, tenth held back: other {} of {}, english {} of {}",
            right[0], all[0], right[1], all[1]
        );
    }
    let header = Header {
        features: features::REVISION,
        shapes: [Shape::default(); 4],
        care_bias: care.bias.clone(),
        cross: care.dense.chunks(CROSS).map(<[f32]>::to_vec).collect(),
        cross_mean: mean,
        basic_bias: basic.bias.clone(),
        shades_bias: shades.bias.clone(),
        tongue_bias: tongue.bias[..tongues.len()].to_vec(),
        basic_of_shades: vec![0.0; BASIC],
        decide: Decide {
            care_offset: vec![0.0; CARE_LABELS],
            care_temperature: 1.0,
            care_platt: [1.0, 0.0],
            care_also: vec![0.3; CARE_LABELS],
            sure: 0.4,
            person: 0.5,
            person_with_rule: 0.2,
            basic: vec![vec![0.0; BASIC]; tongues.len()],
            shades: vec![0.0; SHADES],
            basic_platt: vec![[1.0, 0.0]; BASIC],
            shades_platt: vec![[1.0, 0.0]; SHADES],
        },
        tongues,
    };
    let bytes = model::write(header, [care.table, basic.table, shades.table, tongue.table]);
    std::fs::write(&plan.out, &bytes)?;
    eprintln!("{}: {} bytes", plan.out.display(), bytes.len());
    let opened = Model::open(&bytes)?;
    let _ = opened;
    calibrate::recalibrate(&plan.data, &plan.out, &plan)
}

fn tongues(documents: &Documents) -> Vec<String> {
    let mut all: Vec<String> = documents.iter().map(|d| d.lang.clone()).collect();
    all.sort();
    all.dedup();
    all
}
