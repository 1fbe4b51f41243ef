//! Thresholds and calibration from the development parts, and the figures for the card.
//!
//! Figures of the care view are given twice: with what ships (chosen on all of the development part, so a little too
//! good), and cross-fitted (chosen on four fifths, measured on the fifth).

use crate::Plan;
use crate::data::{self, CareDev, Documents, column};
use crate::optimise::{Dice, sigmoid};
use countersign::care::recognise::model::{
    self, BASIC, BASIC_NAMES, CARE_LABELS, Decide, Header, INTENSITY, Logits, Model, PERSON, SHADE_NAMES,
    SHADES,
};
use countersign::care::recognise::{asks_person, care_shares, confidence};
use countersign::review::Emotion;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

type Res<T> = Result<T, Box<dyn Error>>;

/// Precision, recall and F1 of a yes or no.
#[derive(Clone, Copy, Default)]
pub struct Tally {
    hit: f32,
    wrong: f32,
    missed: f32,
}
impl Tally {
    pub fn add(&mut self, said: bool, is: bool) {
        match (said, is) {
            (true, true) => self.hit += 1.0,
            (true, false) => self.wrong += 1.0,
            (false, true) => self.missed += 1.0,
            _ => {}
        }
    }
    pub fn f1(&self) -> f32 {
        let all = 2.0 * self.hit + self.wrong + self.missed;
        if all == 0.0 { 0.0 } else { 2.0 * self.hit / all }
    }
    pub fn precision(&self) -> f32 {
        if self.hit + self.wrong == 0.0 { 1.0 } else { self.hit / (self.hit + self.wrong) }
    }
    pub fn recall(&self) -> f32 {
        if self.hit + self.missed == 0.0 { 1.0 } else { self.hit / (self.hit + self.missed) }
    }
}

fn f1_at(pairs: &[(f32, bool)], level: f32) -> f32 {
    let mut t = Tally::default();
    for (z, is) in pairs {
        t.add(*z >= level, *is);
    }
    t.f1()
}

/// The logit at which the mean F1 over the sets is best; the curve is smoothed, since one lucky message moves it.
fn level(sets: &[&[(f32, bool)]], prior: f32, pull: f32) -> f32 {
    let mut top = (f32::MIN, prior);
    let mut t = -5.0_f32;
    while t < 3.0 {
        let mut score = 0.0;
        for set in sets {
            for (shift, share) in [(-0.3, 0.15), (-0.15, 0.2), (0.0, 0.3), (0.15, 0.2), (0.3, 0.15)] {
                score += share * f1_at(set, t + shift) / sets.len() as f32;
            }
        }
        score -= pull * (t - prior).abs();
        if score > top.0 {
            top = (score, t);
        }
        t += 0.05;
    }
    top.1
}

/// Fits `sigmoid(a z + b)`.
fn platt(pairs: &[(f32, bool)]) -> [f32; 2] {
    let (mut a, mut b) = (1.0_f32, 0.0_f32);
    for _ in 0..400 {
        let (mut ga, mut gb, mut haa, mut hab, mut hbb) = (0.1 * (a - 1.0), 0.1 * b, 0.1, 0.0, 0.1);
        for (z, is) in pairs {
            let p = sigmoid(a * z + b);
            let e = p - f32::from(u8::from(*is));
            let h = p * (1.0 - p);
            ga += e * z;
            gb += e;
            haa += h * z * z;
            hab += h * z;
            hbb += h;
        }
        let det = (haa * hbb - hab * hab).max(1e-6);
        let (da, db) = ((ga * hbb - gb * hab) / det, (gb * haa - ga * hab) / det);
        a = (a - 0.5 * da).clamp(0.05, 5.0);
        b = (b - 0.5 * db).clamp(-8.0, 8.0);
    }
    [a, b]
}

/// Offset and temperature of the care labels that make the development part most probable, held near zero.
///
/// The rarer a label, the more it is then helped, by `even` of the logarithm of its share: the most probable label is
/// the best bet for accuracy, but an agent who is never told of the rare ones has no use for it.
fn care_fit(rows: &[(&Logits, &CareDev)], hold: f32, even: f32) -> (Vec<f32>, f32) {
    let (mut offset, mut slope) = (vec![0.0_f32; CARE_LABELS], 1.0_f32);
    for _ in 0..3_000 {
        let mut g: Vec<f32> = offset.iter().map(|o| hold * o).collect();
        let mut gs = 1.0 * (slope - 1.0);
        for (z, dev) in rows {
            let scaled: Vec<f32> = z.care[..CARE_LABELS].to_vec();
            let shift: Vec<f32> = offset.iter().map(|o| o / slope).collect();
            let p = care_shares(&scaled, &shift, 1.0 / slope);
            for c in 0..CARE_LABELS {
                let e = p[c] - f32::from(u8::from(column(dev.primary) == c));
                g[c] += e;
                gs += e * scaled[c];
            }
        }
        let n = rows.len() as f32;
        for (o, g) in offset.iter_mut().zip(&g) {
            *o -= 1.0 * g / n;
        }
        slope = (slope - 0.05 * gs / n).clamp(0.2, 3.0);
    }
    let total = rows.len() as f32 + 40.0;
    let help = |c: usize| {
        let count = rows.iter().filter(|(_, d)| column(d.primary) == c).count() as f32;
        -even * ((count + 4.0) / total).ln()
    };
    (offset.iter().enumerate().map(|(c, o)| (o + help(c)) / slope).collect(), 1.0 / slope)
}

/// Expected calibration error in ten equal bins.
pub fn ece(pairs: &[(f32, bool)]) -> f32 {
    let mut bins = [(0.0_f32, 0.0_f32, 0.0_f32); 10];
    for (p, right) in pairs {
        let bin = &mut bins[((p * 10.0) as usize).min(9)];
        bin.0 += 1.0;
        bin.1 += p;
        bin.2 += f32::from(u8::from(*right));
    }
    bins.iter().map(|(_, p, r)| (p - r).abs()).sum::<f32>() / pairs.len().max(1) as f32
}

struct CareFigures {
    macro_f1: f32,
    accuracy: f32,
    ece: f32,
    table: [[usize; CARE_LABELS]; CARE_LABELS],
}

fn care_figures(said: &[(usize, f32)], dev: &[&CareDev]) -> CareFigures {
    let mut table = [[0; CARE_LABELS]; CARE_LABELS];
    let mut sure = Vec::new();
    for ((label, confidence), d) in said.iter().zip(dev) {
        table[column(d.primary)][*label] += 1;
        sure.push((*confidence, *label == column(d.primary)));
    }
    let mut f1 = Vec::new();
    for c in 0..CARE_LABELS {
        let hit = table[c][c];
        let is: usize = table[c].iter().sum();
        let says: usize = table.iter().map(|r| r[c]).sum();
        if is > 0 {
            f1.push(2.0 * hit as f32 / (is + says) as f32);
        }
    }
    CareFigures {
        macro_f1: f1.iter().sum::<f32>() / f1.len() as f32,
        accuracy: sure.iter().filter(|s| s.1).count() as f32 / sure.len() as f32,
        ece: ece(&sure),
        table,
    }
}

fn decided(z: &Logits, offset: &[f32], temperature: f32) -> (usize, f32) {
    let p = care_shares(&z.care, offset, temperature);
    let top = model::best(p.iter().copied()).expect("ten labels");
    (top, p[top])
}

fn top_platt(rows: &[(&Logits, &CareDev)], offset: &[f32], temperature: f32) -> [f32; 2] {
    let pairs: Vec<(f32, bool)> = rows
        .iter()
        .map(|(z, d)| {
            let (top, p) = decided(z, offset, temperature);
            ((p.clamp(1e-4, 0.9999) / (1.0 - p.clamp(1e-4, 0.9999))).ln(), top == column(d.primary))
        })
        .collect();
    platt(&pairs)
}

type Scored = BTreeMap<(&'static str, String), Vec<(Logits, data::Document)>>;

fn score(model: &Model, documents: Documents) -> Scored {
    let mut out = Scored::new();
    for d in documents {
        if let Some(z) = model.sums(&d.text, None) {
            out.entry((d.set, d.lang.clone())).or_default().push((z, d));
        }
    }
    out
}

fn column_pairs(rows: &[(Logits, data::Document)], c: usize) -> Vec<(f32, bool)> {
    rows.iter().filter(|(_, d)| d.basic.known[c]).map(|(z, d)| (z.basic[c], d.basic.value[c] > 0.5)).collect()
}

fn dev_documents(data: &Path) -> Res<Documents> {
    let mut documents = data::goemotions(data, "dev")?;
    for (name, lang) in data::BRIGHTER {
        documents.extend(data::brighter(data, 'a', "dev", name, lang)?);
    }
    documents.extend(data::cedr(data, true)?);
    Ok(documents)
}

pub fn recalibrate(data: &Path, file: &Path, plan: &Plan) -> Res<()> {
    let bytes = std::fs::read(file)?;
    let model = Model::open(&bytes)?;
    let mut header = model.header.clone();
    let dev = data::care_dev(data)?;
    let z: Vec<Logits> =
        dev.iter().map(|d| model.sums(&d.text, None).ok_or("an empty message")).collect::<Result<_, _>>()?;
    let rows: Vec<(&Logits, &CareDev)> = z.iter().zip(&dev).collect();
    let hold = plan.get("hold", 150.0);
    let even = plan.get("even", 0.0);

    // Care: cross-fitted figures first.
    let mut order: Vec<usize> = (0..rows.len()).collect();
    Dice(0xCA11_B8A7_E000_0001).shuffle(&mut order);
    let (mut said, mut is, mut base, mut multi) =
        (vec![], vec![], vec![], vec![Tally::default(); CARE_LABELS]);
    for fold in 0..5 {
        let train: Vec<_> =
            order.iter().enumerate().filter(|(n, _)| n % 5 != fold).map(|(_, r)| rows[*r]).collect();
        let (offset, temperature) = care_fit(&train, hold, even);
        let p = top_platt(&train, &offset, temperature);
        for r in order.iter().enumerate().filter(|(n, _)| n % 5 == fold).map(|(_, r)| *r) {
            let (top, share) = decided(rows[r].0, &offset, temperature);
            said.push((top, confidence(share, p)));
            base.push(decided(rows[r].0, &[0.0; CARE_LABELS], 1.0));
            is.push(rows[r].1);
        }
    }
    let plain = care_figures(&base, &is);
    let cross = care_figures(&said, &is);
    println!(
        "care dev, uncalibrated: macro-F1 {:.3} accuracy {:.3} ece {:.3}",
        plain.macro_f1, plain.accuracy, plain.ece
    );
    println!(
        "care dev, cross-fitted: macro-F1 {:.3} accuracy {:.3} ece {:.3}",
        cross.macro_f1, cross.accuracy, cross.ece
    );

    let (offset, temperature) = care_fit(&rows, hold, even);
    let d = &mut header.decide;
    d.care_platt = top_platt(&rows, &offset, temperature);
    let said: Vec<(usize, f32)> = rows
        .iter()
        .map(|(z, _)| {
            let (top, share) = decided(z, &offset, temperature);
            (top, confidence(share, d.care_platt))
        })
        .collect();
    let all = care_figures(&said, &dev.iter().collect::<Vec<_>>());
    println!(
        "care dev, as shipped:   macro-F1 {:.3} accuracy {:.3} ece {:.3}",
        all.macro_f1, all.accuracy, all.ece
    );
    for (lang, src) in
        dev.iter().map(|d| (d.lang.clone(), d.src.clone())).collect::<std::collections::BTreeSet<_>>()
    {
        let part: Vec<_> = said.iter().zip(&dev).filter(|(_, d)| d.lang == lang && d.src == src).collect();
        let right = part.iter().filter(|((l, _), d)| *l == column(d.primary)).count();
        println!("  {lang} {src}: {right} of {} right", part.len());
    }
    println!("  rows: said by people; columns: anger frust disap worry sadn conf surp grat joy neut");
    for (c, row) in cross.table.iter().enumerate() {
        println!("  {:>15} {row:?}", Emotion::ALL[c]);
    }
    // Labels beside the first, one level for all: the rare labels have too few examples for their own.
    let mut top = (f32::MIN, 0.3);
    for step in 10..60 {
        let t = step as f32 / 100.0;
        let mut micro = Tally::default();
        for (z, dev) in &rows {
            let p = care_shares(&z.care, &offset, temperature);
            let first = model::best(p.iter().copied()).expect("ten labels");
            for c in 0..CARE_LABELS - 1 {
                let says = first != CARE_LABELS - 1 && (c == first || p[c] >= t);
                micro.add(says, dev.labels.contains(&Emotion::ALL[c]));
            }
        }
        if micro.f1() > top.0 {
            top = (micro.f1(), t);
        }
    }
    println!("  labels: micro-F1 {:.3} at level {:.2}", top.0, top.1);
    d.care_also = vec![top.1; CARE_LABELS];
    for (z, dev) in &rows {
        let p = care_shares(&z.care, &offset, temperature);
        let first = model::best(p.iter().copied()).expect("ten labels");
        for (c, t) in multi.iter_mut().enumerate() {
            t.add(c == first, column(dev.primary) == c);
        }
    }
    for (c, t) in multi.iter().enumerate() {
        println!("    {:>15} P {:.2} R {:.2} F {:.2}", Emotion::ALL[c], t.precision(), t.recall(), t.f1());
    }
    d.care_offset = offset;
    d.care_temperature = temperature;
    d.sure = plan.get("sure", 0.5);
    let unsure = said.iter().filter(|s| s.1 < d.sure).count();
    let right_sure = said.iter().zip(&dev).filter(|(s, x)| s.1 >= d.sure && s.0 == column(x.primary)).count();
    println!(
        "  unsure: {unsure} of {}; of the rest {:.3} right",
        said.len(),
        right_sure as f32 / (said.len() - unsure) as f32
    );
    let grades: f32 =
        rows.iter().map(|(z, d)| (sigmoid(z.care[INTENSITY]) - d.intensity / 3.0).abs()).sum::<f32>()
            / rows.len() as f32;
    println!(
        "  intensity: mean absolute error {grades:.3}, correlation {:.3}",
        correlation(&rows.iter().map(|(z, d)| (sigmoid(z.care[INTENSITY]), d.intensity)).collect::<Vec<_>>())
    );
    let mut person = Tally::default();
    d.person = plan.get("person", 0.5);
    d.person_with_rule = plan.get("person-with-rule", 0.01);
    for (z, x) in &rows {
        let asked = sigmoid(z.care[PERSON]);
        let says = asked >= if asks_person(&x.text) { d.person_with_rule } else { d.person };
        person.add(says, x.asks_person);
    }
    println!(
        "  asks a person: precision {:.3} recall {:.3} of {}",
        person.precision(),
        person.recall(),
        dev.iter().filter(|x| x.asks_person).count()
    );

    deletion(&model, &header, &dev);
    let (start, mut spans, mut bytes_read) = (on_processor(), 0, 0);
    for _ in 0..20 {
        for x in &dev {
            spans += model.read(&x.text, None).evidence.len();
            bytes_read += x.text.len();
        }
    }
    let reads = 20 * dev.len();
    let each = (on_processor() - start) * 1e6 / reads as f64;
    println!(
        "time: {each:.1} microseconds a message of {} bytes, {} spans",
        bytes_read / reads,
        spans / reads
    );
    views(&model, &mut header, dev_documents(data)?, plan);
    let out = model::with_header(&bytes, &header)?;
    std::fs::write(file, out)?;
    let _: &Decide = &header.decide;
    Ok(())
}

/// Seconds this thread has spent on a processor: the machine may be busy with other work. Linux only; elsewhere 0.
fn on_processor() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|n| n.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}

/// How far the label's share falls when the two words that spoke most for it are deleted, and when two others are.
fn deletion(model: &Model, header: &Header, dev: &[CareDev]) {
    let mut model = model.clone();
    model.header.clone_from(header);
    let d = &model.header.decide;
    let share = |text: &str, label: usize| {
        model
            .sums(text, None)
            .map_or(0.0, |z| care_shares(&z.care, &d.care_offset, d.care_temperature)[label])
    };
    let mut dice = Dice(0xDE1E_7E00_0000_0001);
    let (mut top, mut other, mut count) = (0.0, 0.0, 0.0_f32);
    for x in dev {
        let output = model.read(&x.text, None);
        let label = column(output.label);
        let mut spans = output.evidence.clone();
        spans.retain(|s| s.weight > 0.0);
        spans.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        let words: Vec<(usize, usize)> = x
            .text
            .split_whitespace()
            .map(|w| (w.as_ptr() as usize - x.text.as_ptr() as usize, w.len()))
            .map(|(at, len)| (at, at + len))
            .collect();
        if spans.len() < 2 || words.len() < 6 {
            continue;
        }
        let cut = |mut ranges: Vec<(usize, usize)>| {
            ranges.sort_unstable();
            let mut text = x.text.clone();
            for (a, b) in ranges.iter().rev() {
                text.replace_range(a..b, "");
            }
            share(&text, label)
        };
        let before = share(&x.text, label);
        top += before - cut(spans.iter().take(2).map(|s| (s.start, s.end)).collect());
        let first = dice.below(words.len());
        let second = (first + 1 + dice.below(words.len() - 1)) % words.len();
        other += before - cut(vec![words[first], words[second]]);
        count += 1.0;
    }
    println!(
        "  deletion, {count} messages: two strongest -{:.3}, two random words -{:.3}",
        top / count,
        other / count
    );
}

/// The person rules and the head on the tenth of the corpus that a model learnt with `--held-out 1` has not seen.
pub fn persons(file: &Path, lines: &[data::CareLine]) -> Res<()> {
    let bytes = std::fs::read(file)?;
    let model = Model::open(&bytes)?;
    let mut tallies = [Tally::default(); 4];
    for line in lines.iter().enumerate().filter(|(at, _)| at % 10 == 9).map(|(_, l)| l) {
        let Some(z) = model.sums(&line.text, None) else { continue };
        let (rule, head) = (asks_person(&line.text), sigmoid(z.care[PERSON]));
        for (tally, says) in tallies.iter_mut().zip([
            rule,
            head >= 0.5,
            rule || head >= 0.3,
            rule && head >= 0.01 || head >= 0.4,
        ]) {
            tally.add(says, line.asks_person);
        }
    }
    for (name, t) in ["rules", "head .5", "rules or head .3", "as shipped"].iter().zip(tallies) {
        println!("{name}: precision {:.3} recall {:.3}", t.precision(), t.recall());
    }
    Ok(())
}

fn correlation(pairs: &[(f32, f32)]) -> f32 {
    let n = pairs.len() as f32;
    let (mx, my) = (pairs.iter().map(|p| p.0).sum::<f32>() / n, pairs.iter().map(|p| p.1).sum::<f32>() / n);
    let cov: f32 = pairs.iter().map(|p| (p.0 - mx) * (p.1 - my)).sum();
    let (vx, vy): (f32, f32) =
        (pairs.iter().map(|p| (p.0 - mx).powi(2)).sum(), pairs.iter().map(|p| (p.1 - my).powi(2)).sum());
    cov / (vx * vy).sqrt().max(1e-9)
}

/// Where a language has two registers: how far comments follow the shades (English only) and how sure it must be
/// that a text is a story, label by label; the pair that is best over both sets, each at one common threshold.
fn mixtures(model: &Model, header: &mut Header, scored: &Scored, plan: &Plan) {
    let registers = header.registers.clone();
    for (at, register) in registers.iter().enumerate() {
        let code = &header.tongues[register.tongue];
        let english = model.speaks_shades(register.tongue);
        let follows = if english { 10 } else { 0 };
        for c in 0..BASIC {
            let mut top = (f32::MIN, 0.0, 0.0);
            for story in [-1.0, -0.5, 0.0, 0.5, -2.0, -3.0] {
                for follow in (0..=follows).step_by(2).map(|step| step as f32 / 10.0) {
                    let sets = scored.iter().filter(|((_, lang), _)| lang == code).map(|((set, _), rows)| {
                        let pairs: Vec<(f32, bool)> = rows
                            .iter()
                            .filter(|(_, d)| d.basic.known[c])
                            .map(|(z, d)| (z.basic_mixed(c, follow, story), d.basic.value[c] > 0.5))
                            .collect();
                        (if *set == "brighter" { 1.0 } else { plan.get("comments", 2.0) }, pairs)
                    });
                    let sets: Vec<(f32, Vec<(f32, bool)>)> = sets.filter(|(_, p)| !p.is_empty()).collect();
                    let slices: Vec<&[(f32, bool)]> = sets.iter().map(|(_, p)| p.as_slice()).collect();
                    let t = level(&slices, -1.0, 0.0);
                    let f1 = sets.iter().map(|(w, p)| w * f1_at(p, t)).sum::<f32>();
                    if f1 > top.0 + 0.004 {
                        top = (f1, follow, story);
                    }
                }
            }
            if english {
                header.basic_of_shades[c] = top.1;
            }
            header.decide.stories[at][c] = top.2;
        }
    }
    println!("basic from shades: {:?}; stories: {:?}", header.basic_of_shades, header.decide.stories);
}

fn views(model: &Model, header: &mut Header, documents: Documents, plan: &Plan) {
    let mut scored = score(model, documents);
    mixtures(model, header, &scored, plan);
    let mut mixed = model.clone();
    mixed.header.clone_from(header);
    for (z, _) in scored.values_mut().flatten() {
        z.basic = mixed.basic_view(z);
    }
    let go = &scored[&("goemotions", "en".to_owned())];
    let d = &mut header.decide;
    let mut shades = Vec::new();
    for c in 0..SHADES {
        let pairs: Vec<(f32, bool)> =
            go.iter().map(|(z, x)| (z.shades[c], x.shades.value[c] > 0.5)).collect();
        d.shades[c] = level(&[&pairs], -1.5, 0.002);
        d.shades_platt[c] = platt(&pairs);
        shades.push(f1_at(&pairs, d.shades[c]));
    }
    println!("GoEmotions dev, 28 labels: macro-F1 {:.4}", shades.iter().sum::<f32>() / 28.0);
    if plan.get("verbose", 0.0) > 0.0 {
        for (n, f) in SHADE_NAMES.iter().zip(&shades) {
            println!("    {n}: {f:.3}");
        }
    }
    // One set of thresholds for all languages first; each language then moves away from it as far as its part says.
    let sets: Vec<&Vec<(Logits, data::Document)>> = scored.values().collect();
    let mut common = [0.0; BASIC];
    for c in 0..BASIC {
        let pairs: Vec<Vec<(f32, bool)>> =
            sets.iter().map(|rows| column_pairs(rows, c)).filter(|p| p.iter().any(|x| x.1)).collect();
        common[c] = level(&pairs.iter().map(Vec::as_slice).collect::<Vec<_>>(), -1.0, 0.0);
        let all: Vec<(f32, bool)> = pairs.concat();
        d.basic_platt[c] = platt(&all);
    }
    for (at, lang) in header.tongues.iter().enumerate() {
        for c in 0..BASIC {
            let pairs: Vec<Vec<(f32, bool)>> = scored
                .iter()
                .filter(|((_, l), _)| l == lang)
                .map(|(_, rows)| column_pairs(rows, c))
                .filter(|p| p.iter().filter(|x| x.1).count() >= 3)
                .collect();
            d.basic[at][c] = if pairs.is_empty() {
                common[c]
            } else {
                level(&pairs.iter().map(Vec::as_slice).collect::<Vec<_>>(), common[c], 0.01)
            };
        }
    }
    println!("| set | language | macro-F1 | own thresholds | language guessed |\n|---|---|---|---|---|");
    let mut brighter = Vec::new();
    for ((set, lang), rows) in &scored {
        let at = header.tongues.iter().position(|t| t == lang).expect("every language has a column");
        let labels: Vec<usize> = (0..if *set == "goemotions" { BASIC } else { BASIC - 1 })
            .filter(|c| rows[0].1.basic.known[*c])
            .collect();
        // The message's own guess decides which thresholds it gets, as in the product.
        let mut f1 = 0.0;
        let mut each = String::new();
        for c in &labels {
            let mut t = Tally::default();
            for (z, x) in rows {
                t.add(z.basic[*c] >= d.basic[z.tongue][*c], x.basic.value[*c] > 0.5);
            }
            f1 += t.f1() / labels.len() as f32;
            each += &format!(" {} {:.2}", BASIC_NAMES[*c], t.f1());
        }
        let guessed = rows.iter().filter(|(z, _)| z.tongue == at).count() as f32 / rows.len() as f32;
        let own: f32 = labels
            .iter()
            .map(|c| {
                let pairs = column_pairs(rows, *c);
                f1_at(&pairs, level(&[&pairs], -1.0, 0.0)) / labels.len() as f32
            })
            .sum();
        println!("| {set} | {lang} | {f1:.3} | {own:.3} | {guessed:.2} |{each}");
        if *set == "brighter" {
            brighter.push(f1);
        }
    }
    println!(
        "mean over {} BRIGHTER languages: {:.3}",
        brighter.len(),
        brighter.iter().sum::<f32>() / brighter.len() as f32
    );
}
