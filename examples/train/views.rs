//! The languages, the basic view and the shades: a model file whose care table is still empty.

use crate::Plan;
use crate::data::{Document, Documents};
use crate::learn::{Featured, Heads, featurise, learn};
use countersign::care::recognise::features;
use countersign::care::recognise::model::{
    self, BASIC, CARE, CARE_LABELS, CROSS, Decide, Header, Part, Register, SHADES, Shape, TONGUES,
    TableSource,
};
use std::collections::HashMap;

/// One bias for each set of stories, and one for the subtitles.
const SETS: usize = STORIES.len() + 1;

/// Where one language has two sets of labels that do not mean the same: the set of stories beside the comments.
const STORIES: [(&str, &str); 2] = [("en", "brighter"), ("ru", "brighter")];

fn story_of(d: &Document) -> Option<usize> {
    STORIES.iter().position(|(lang, set)| d.lang == *lang && d.set == *set)
}

/// Every language's features apart, and a story's once more beside the language's own (Daumé 2007).
fn by_language(f: &Featured, documents: &Documents) -> Featured {
    let (mut ids, mut hashes, mut group) = (HashMap::<(u64, u32), u32>::new(), Vec::new(), Vec::new());
    let (mut rows, mut groups) = (Vec::new(), HashMap::<u64, u16>::new());
    for (d, row) in documents.iter().zip(&f.rows) {
        let mut all = Vec::new();
        if d.basic.any() {
            let story = story_of(d).map(|_| model::salt(&d.lang, true));
            for salt in std::iter::once(model::salt(&d.lang, false)).chain(story) {
                let next = groups.len() as u16;
                let own_group = *groups.entry(salt).or_insert(next);
                all.extend(row.iter().map(|id| {
                    *ids.entry((salt, *id)).or_insert_with(|| {
                        group.push(own_group);
                        hashes.push(f.hashes[*id as usize] ^ salt);
                        (hashes.len() - 1) as u32
                    })
                }));
            }
        }
        rows.push(all);
    }
    Featured { hashes, rows, unit: f.unit.clone(), group }
}
/// Learns the three tables from all documents.
pub fn make(documents: &Documents, plan: &Plan) -> Vec<u8> {
    let f = &featurise(documents);
    eprintln!("{} features", f.hashes.len());
    let tongues = languages(documents);
    let tongue_of: HashMap<&str, usize> =
        tongues.iter().enumerate().map(|(at, t)| (t.as_str(), at)).collect();
    let mut many = vec![0_usize; tongues.len()];
    for d in documents {
        many[tongue_of[d.lang.as_str()]] += 1;
    }
    let tongue = learn(
        f,
        documents,
        &|at, d| {
            let column = tongue_of[d.lang.as_str()];
            // At most some two thousand of a language, so that none is drowned; of English, which is what most
            // messages that say nothing else are, four times as many.
            let most = if d.lang == "en" { 8_000 } else { 2_000 };
            let sampled = at % (many[column] / most).max(1) == 0;
            // Of the many comments every other one tells enough.
            let told = d.basic.any() && d.set != "xed" && (d.set != "goemotions" || at % 2 == 0);
            let register = STORIES.iter().position(|(lang, _)| told && *lang == d.lang);
            (sampled || register.is_some()).then(|| {
                let (mut t, mut k) = (vec![0.0; TONGUES], vec![false; TONGUES]);
                if sampled {
                    t[column] = 1.0;
                    k[..tongues.len()].fill(true);
                }
                if let Some(register) = register {
                    t[tongues.len() + register] = f32::from(u8::from(story_of(d).is_some()));
                    k[tongues.len() + register] = true;
                }
                (t, k, 1.0)
            })
        },
        &Heads {
            name: "language",
            rarity: plan.get("language-rarity", 0.0),
            width: TONGUES,
            softmax: tongues.len(),
            least: 5,
            keep: plan.keep("language", 10_000.0),
            settings: plan.settings("language", 3.0, 0.2, 0.3, 1.0),
            dense: None,
            dense_width: 0,
        },
    );
    // The bias of each set of stories, and of the subtitles.
    let apart = by_language(f, documents);
    let mut sets = vec![0.0_f32; documents.len() * SETS];
    for (at, d) in documents.iter().enumerate() {
        if let Some(set) = story_of(d).or((d.set == "xed").then_some(STORIES.len())) {
            sets[at * SETS + set] = 1.0;
        }
    }
    let basic = learn(
        &apart,
        documents,
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
            rarity: plan.get("basic-rarity", 1.0),
            width: BASIC,
            softmax: 0,
            least: 3,
            keep: plan.keep("basic", 300_000.0),
            settings: plan.settings("basic", 12.0, 0.5, 0.7, 1.0),
            dense: Some((SETS, &sets)),
            dense_width: BASIC,
        },
    );
    let registers: Vec<Register> = (0..STORIES.len())
        .map(|at| Register {
            tongue: tongue_of[STORIES[at].0],
            bias: (0..BASIC).map(|c| basic.dense[c * SETS + at]).collect(),
            story_bias: tongue.bias[tongues.len() + at],
        })
        .collect();
    let shades = learn(
        f,
        documents,
        &|_, d| d.shades.any().then(|| (d.shades.value.to_vec(), d.shades.known.to_vec(), 1.0)),
        &Heads {
            name: "shades",
            rarity: plan.get("shades-rarity", 1.0),
            width: SHADES,
            softmax: 0,
            least: 3,
            keep: plan.keep("shades", 60_000.0),
            settings: plan.settings("shades", 6.0, 0.1, 0.3, 3.0),
            dense: None,
            dense_width: 0,
        },
    );

    let header = Header {
        features: features::REVISION,
        shapes: [Shape::default(); 4],
        care_bias: vec![0.0; CARE],
        cross: vec![vec![0.0; CROSS]; CARE_LABELS],
        cross_mean: vec![0.0; CROSS],
        basic_bias: basic.bias,
        shades_bias: shades.bias,
        tongue_bias: tongue.bias[..tongues.len()].to_vec(),
        basic_of_shades: vec![0.0; BASIC],
        registers,
        decide: Decide {
            care_offset: vec![0.0; CARE_LABELS],
            care_temperature: 1.0,
            care_platt: [1.0, 0.0],
            care_also: vec![0.3; CARE_LABELS],
            sure: 0.4,
            stories: vec![vec![0.0; BASIC]; STORIES.len()],
            person: 0.5,
            person_with_rule: 0.2,
            basic: vec![vec![0.0; BASIC]; tongues.len()],
            shades: vec![0.0; SHADES],
            basic_platt: vec![[1.0, 0.0]; BASIC],
            shades_platt: vec![[1.0, 0.0]; SHADES],
        },
        tongues,
    };
    let care = TableSource { width: CARE, ..TableSource::default() };
    let parts = [care, basic.table, shades.table, tongue.table].map(Part::New);
    model::write(header, parts)
}

fn languages(documents: &Documents) -> Vec<String> {
    let mut all: Vec<String> = documents.iter().map(|d| d.lang.clone()).collect();
    all.sort();
    all.dedup();
    all
}
