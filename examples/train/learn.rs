//! One group of heads: from documents to a table of the features that matter most.

use crate::data::{Document, Documents};
use crate::optimise::{self, Problem, Settings, Solution};
use countersign::care::recognise::features::Features;
use countersign::care::recognise::model::{self, TableSource};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

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

/// All documents' features as small numbers.
pub struct Featured {
    pub hashes: Vec<u64>,
    pub rows: Vec<Vec<u32>>,
    pub unit: Vec<f32>,
    /// The group of each feature, within which its rarity is measured; empty where all are one.
    pub group: Vec<u16>,
}

pub fn featurise(documents: &Documents) -> Featured {
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
    Featured { hashes, rows, unit, group: Vec::new() }
}

/// One group of heads, learnt and pruned to the features that matter most.
pub struct Learnt {
    pub table: TableSource,
    pub bias: Vec<f32>,
    pub dense: Vec<f32>,
}

const NOWHERE: u32 = u32::MAX;

pub struct Heads<'a> {
    pub name: &'a str,
    pub width: usize,
    pub softmax: usize,
    pub least: u32,
    pub rarity: f32,
    pub keep: usize,
    pub settings: Settings,
    pub dense: Option<(usize, &'a [f32])>,
    pub dense_width: usize,
}

pub fn learn(
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
    let mut chosen: Vec<u32> =
        (0..f.hashes.len() as u32).filter(|id| frequency[*id as usize] >= heads.least).collect();
    let candidates = chosen.len();
    let run = |chosen: &[u32]| -> Solution {
        let mut place = vec![NOWHERE; f.hashes.len()];
        for (row, id) in chosen.iter().enumerate() {
            place[*id as usize] = row as u32;
        }
        let rows: Vec<Vec<u32>> = used
            .iter()
            .map(|d| f.rows[*d].iter().map(|id| place[*id as usize]).filter(|row| *row != NOWHERE).collect())
            .collect();
        let counts: Vec<u32> = chosen.iter().map(|id| frequency[*id as usize]).collect();
        let scale = rarities(f, &used, chosen, &counts, heads.rarity);
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
            dense_width: heads.dense_width,
            frequency: &counts,
        };
        optimise::solve(&problem, heads.settings)
    };
    let mut solution = run(&chosen);
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
        solution = run(&chosen);
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
    }
}

/// Rarer features weigh more, as the logarithm of their rarity to a power; over all texts of a group, one in the mean.
fn rarities(f: &Featured, used: &[usize], chosen: &[u32], counts: &[u32], power: f32) -> Vec<f32> {
    let group = |id: u32| f.group.get(id as usize).map_or(0, |group| usize::from(*group));
    let groups = f.group.iter().max().map_or(1, |most| usize::from(*most) + 1);
    let (mut texts, mut seen) = (vec![0_u32; groups], vec![usize::MAX; groups]);
    for d in used {
        for id in &f.rows[*d] {
            if seen[group(*id)] != *d {
                seen[group(*id)] = *d;
                texts[group(*id)] += 1;
            }
        }
    }
    let (mut weighted, mut occurrences) = (vec![0.0_f32; groups], vec![0.0_f32; groups]);
    let mut scale: Vec<f32> = Vec::with_capacity(chosen.len());
    for (id, n) in chosen.iter().zip(counts) {
        let rarity = (texts[group(*id)] as f32 / *n as f32).max(1.0).ln().max(0.1).powf(power);
        weighted[group(*id)] += *n as f32 * rarity;
        occurrences[group(*id)] += *n as f32;
        scale.push(rarity);
    }
    for (id, scale) in chosen.iter().zip(&mut scale) {
        *scale *= occurrences[group(*id)] / weighted[group(*id)].max(1e-9);
    }
    scale
}
