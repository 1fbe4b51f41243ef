//! The optimiser: stochastic gradient with a step per weight (`AdaGrad`), L2 towards zero, fixed order of shuffles.

use indicatif::{ProgressBar, ProgressStyle};

/// What to learn.
pub struct Problem<'a> {
    pub name: &'a str,
    /// Columns; the first `softmax` of them share one softmax, the others are logistic.
    pub width: usize,
    pub softmax: usize,
    /// Features of each document, as rows of the weight matrix.
    pub rows: &'a [Vec<u32>],
    /// What each feature of a document is multiplied with.
    pub unit: &'a [f32],
    /// Targets and whether they are known, document by document.
    pub target: &'a [f32],
    pub known: &'a [bool],
    pub weight: &'a [f32],
    /// Dense inputs to the first `dense_width` columns, if any: how many, and their values.
    pub dense: Option<(usize, &'a [f32])>,
    pub dense_width: usize,
    /// How many documents have each feature.
    pub frequency: &'a [u32],
    /// What each feature is multiplied with while learning; folded into the weights at the end.
    pub scale: &'a [f32],
}

#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub epochs: usize,
    pub rate: f32,
    /// Strength of L2, as 1/C of the usual notation.
    pub decay: f32,
    pub dense_decay: f32,
    /// Runs with other shuffles, whose weights are averaged: it costs time, not size.
    pub runs: usize,
}

#[derive(Clone, Debug, Default)]
pub struct Solution {
    /// Feature by feature.
    pub weights: Vec<f32>,
    pub bias: Vec<f32>,
    /// Column by column.
    pub dense: Vec<f32>,
}

/// xorshift64*; seeds are fixed so that a model can be made again.
pub struct Dice(pub u64);
impl Dice {
    pub fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        ((self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize) % limit.max(1)
    }
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

pub fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

/// Learns; the mean of all runs.
pub fn solve(problem: &Problem, settings: Settings) -> Solution {
    let mut mean = Solution::default();
    for run in 0..settings.runs.max(1) {
        let next = solve_once(problem, settings, run as u64);
        if run == 0 {
            mean = next;
            continue;
        }
        let share = 1.0 / (run + 1) as f32;
        for (mean, next) in
            [(&mut mean.weights, next.weights), (&mut mean.bias, next.bias), (&mut mean.dense, next.dense)]
        {
            for (m, n) in mean.iter_mut().zip(next) {
                *m += (n - *m) * share;
            }
        }
    }
    mean
}

fn solve_once(problem: &Problem, settings: Settings, run: u64) -> Solution {
    match problem.width {
        12 => solve_wide::<12>(problem, settings, run),
        7 => solve_wide::<7>(problem, settings, run),
        28 => solve_wide::<28>(problem, settings, run),
        40 => solve_wide::<40>(problem, settings, run),
        other => unreachable!("no table is {other} wide"),
    }
}

fn solve_wide<const W: usize>(p: &Problem, s: Settings, run: u64) -> Solution {
    let count = p.frequency.len();
    let mut weights = vec![[0.0_f32; W]; count];
    let mut past = vec![[1e-6_f32; W]; count];
    let (mut bias, mut bias_past) = ([0.0_f32; W], [1e-2_f32; W]);
    let inputs = p.dense.map_or(0, |(n, _)| n);
    let mut dense = vec![0.0_f32; inputs * p.dense_width];
    let mut dense_past = vec![1e-2_f32; inputs * p.dense_width];
    let mut order: Vec<usize> =
        (0..p.rows.len()).filter(|d| p.known[d * W..(d + 1) * W].iter().any(|k| *k)).collect();
    // Start from the base rates.
    for c in 0..W {
        let (mut up, mut all) = (1e-3_f32, 2e-3_f32);
        for d in order.iter().filter(|d| p.known[*d * W + c]) {
            up += p.weight[*d] * p.target[d * W + c];
            all += p.weight[*d];
        }
        let share = (up / all).clamp(1e-4, 0.9999);
        bias[c] = if c < p.softmax { share.ln() } else { (share / (1.0 - share)).ln() };
    }
    let mut dice = Dice(0x5EED_0000_0000_0001 + run);
    let bar = ProgressBar::new((s.epochs * order.len()) as u64);
    if let Ok(style) =
        ProgressStyle::with_template("{msg:>10} {bar:40} {percent:>3}% {elapsed} of {duration} {eta}")
    {
        bar.set_style(style);
    }
    bar.set_message(p.name.to_owned());
    let total = (s.epochs * order.len()) as f32;
    let mut step = 0_usize;
    for _ in 0..s.epochs {
        dice.shuffle(&mut order);
        for d in &order {
            let d = *d;
            let rate = s.rate * (1.0 - 0.95 * step as f32 / total);
            step += 1;
            if step.is_multiple_of(4096) {
                bar.inc(4096);
            }
            let unit = p.unit[d];
            let mut z = [0.0_f32; W];
            for row in &p.rows[d] {
                let scale = p.scale[*row as usize];
                for (z, w) in z.iter_mut().zip(&weights[*row as usize]) {
                    *z += scale * w;
                }
            }
            for (z, b) in z.iter_mut().zip(&bias) {
                *z = *z * unit + b;
            }
            if let Some((n, values)) = p.dense {
                let x = &values[d * n..(d + 1) * n];
                for c in 0..p.dense_width {
                    z[c] += x.iter().zip(&dense[c * n..]).map(|(x, w)| x * w).sum::<f32>();
                }
            }
            let known = &p.known[d * W..(d + 1) * W];
            let target = &p.target[d * W..(d + 1) * W];
            let open: [f32; W] = std::array::from_fn(|c| f32::from(u8::from(known[c])) * p.weight[d]);
            let mut error = [0.0_f32; W];
            if p.softmax > 0 && known[0] {
                let most = z[..p.softmax].iter().fold(f32::MIN, |m, z| m.max(*z));
                let sum: f32 = z[..p.softmax].iter().map(|z| (z - most).exp()).sum();
                for c in 0..p.softmax {
                    error[c] = (z[c] - most).exp() / sum - target[c];
                }
            }
            for c in p.softmax..W {
                if known[c] {
                    error[c] = sigmoid(z[c]) - target[c];
                }
            }
            for e in &mut error {
                *e *= p.weight[d];
            }
            for c in 0..W {
                bias_past[c] += error[c] * error[c];
                bias[c] -= rate * 0.1 * error[c] / bias_past[c].sqrt();
            }
            if let Some((n, values)) = p.dense {
                for c in 0..p.dense_width {
                    for k in 0..n {
                        let at = c * n + k;
                        if values[d * n + k] == 0.0 {
                            continue;
                        }
                        let g = error[c] * values[d * n + k] + s.dense_decay / total * dense[at];
                        dense_past[at] += g * g;
                        dense[at] -= rate * 0.3 * g / dense_past[at].sqrt();
                    }
                }
            }
            for row in &p.rows[d] {
                let row = *row as usize;
                let decay = s.decay / p.frequency[row] as f32;
                let unit = unit * p.scale[row];
                let (w, past) = (&mut weights[row], &mut past[row]);
                for c in 0..W {
                    let g = error[c] * unit + decay * open[c] * w[c];
                    past[c] += g * g;
                    w[c] -= rate * g / past[c].sqrt();
                }
            }
        }
    }
    bar.finish_and_clear();
    for (w, scale) in weights.iter_mut().zip(p.scale) {
        w.iter_mut().for_each(|w| *w *= scale);
    }
    Solution { weights: weights.concat(), bias: bias.to_vec(), dense }
}
