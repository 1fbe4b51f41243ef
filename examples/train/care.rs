//! The care labels, intensity and "asks for a person", on top of a model that has the other views.

use crate::data::Documents;
use crate::learn::{Heads, featurise, learn};
use crate::{Plan, Res};
use countersign::care::recognise::model::{self, BASIC, CARE, CARE_LABELS, CROSS, Model, Part};

/// Learns the care table anew; the model's other tables stay as they are.
pub fn make(bytes: &[u8], documents: &Documents, plan: &Plan) -> Res<Vec<u8>> {
    let held_out = plan.get("held-out", 0.0) > 0.0;
    let f = featurise(documents);
    let old = Model::open(bytes)?;
    // What the other two views say of each text.
    let mut cross = vec![0.0_f32; documents.len() * CROSS];
    let mut mean = vec![0.0_f32; CROSS];
    let mut counted = [0_f32; 2];
    let english: Vec<bool> = documents.iter().map(|d| d.lang == "en").collect();
    for (at, d) in documents.iter().enumerate() {
        let Some(z) = old.sums(&d.text, Some(&d.lang)) else { continue };
        let row = &mut cross[at * CROSS..(at + 1) * CROSS];
        row[..BASIC].copy_from_slice(&z.basic);
        if english[at] {
            row[BASIC..].copy_from_slice(&z.shades);
        }
        if d.set == "care" {
            counted[0] += 1.0;
            counted[1] += f32::from(u8::from(english[at]));
            mean.iter_mut().zip(row).for_each(|(m, x)| *m += *x);
        }
    }
    for (k, m) in mean.iter_mut().enumerate() {
        *m /= counted[usize::from(k >= BASIC)].max(1.0);
    }
    for (at, row) in cross.chunks_mut(CROSS).enumerate() {
        for (k, x) in row.iter_mut().enumerate() {
            *x = if k >= BASIC && !english[at] { 0.0 } else { *x - mean[k] };
        }
    }
    let care = learn(
        &f,
        documents,
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
            keep: plan.keep("care", 80_000.0),
            settings: plan.settings("care", 10.0, 0.1, 0.2, 4.0),
            dense: Some((CROSS, &cross)),
            dense_width: CARE_LABELS,
        },
    );
    let mut header = old.header.clone();
    header.care_bias.clone_from(&care.bias);
    header.cross = care.dense.chunks(CROSS).map(<[f32]>::to_vec).collect();
    header.cross_mean = mean;
    let made = model::write(
        header,
        [Part::New(care.table), Part::Kept(old.basic), Part::Kept(old.shades), Part::Kept(old.tongue)],
    );
    if held_out {
        held_back(&made, documents, &english)?;
    }
    Ok(made)
}

/// How many of the corpus' messages that were held back get their first label.
fn held_back(bytes: &[u8], documents: &Documents, english: &[bool]) -> Res<()> {
    let model = Model::open(bytes)?;
    let (mut right, mut all) = ([0; 2], [0; 2]);
    for (at, d) in documents.iter().enumerate().filter(|(at, d)| d.set == "care" && at % 10 == 9) {
        let Some(z) = model.sums(&d.text, None) else { continue };
        let top = model::best(z.care[..CARE_LABELS].iter().copied());
        let is = model::best(d.care.value[..CARE_LABELS].iter().copied());
        let en = usize::from(english[at]);
        right[en] += usize::from(top == is);
        all[en] += 1;
    }
    println!(
        "care corpus, tenth held back: other {} of {}, english {} of {}",
        right[0], all[0], right[1], all[1]
    );
    Ok(())
}
