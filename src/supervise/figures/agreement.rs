//! How far the recogniser agrees with people, and whether its confidence can be believed.

use super::share::{Interval, Share};
use crate::review::Emotion;
use serde::Serialize;

/// One message read by the recogniser, and what a person made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judged {
    /// What was read.
    pub read: Emotion,
    /// 0 to 1000; none where the reading named none.
    pub confidence_milli: Option<u16>,
    /// What it is: a person's correction, else what was read and shown to a person who did not object.
    pub truth: Emotion,
}

impl Judged {
    fn right(self) -> bool {
        self.read == self.truth
    }
}

/// Agreement beyond chance.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Kappa {
    /// 1 where all agree, 0 where no more agree than by chance; may be below.
    pub value: f64,
    /// Of 95 %.
    pub interval: Interval,
}

/// Cohen's kappa of reading and truth (A coefficient of agreement for nominal scales, Educational and Psychological Measurement
/// 20, 1960): `(po - pe) / (1 - pe)`, where `po` is the share that agrees and `pe` the share that would by chance, given how
/// often either names each label; standard error `√(po(1-po) / (n (1-pe)²))`, ibid. None where chance alone would agree.
pub fn kappa(judged: &[Judged]) -> Option<Kappa> {
    let share = |so: &dyn Fn(&Judged) -> bool| Share::among(judged, so).value();
    let observed = share(&|j| j.right())?;
    let mut chance = 0.0;
    for label in Emotion::ALL {
        chance += share(&|j| j.read == label)? * share(&|j| j.truth == label)?;
    }
    if chance >= 1.0 {
        return None;
    }
    let value = (observed - chance) / (1.0 - chance);
    #[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^52")]
    let error = (observed * (1.0 - observed) / judged.len() as f64).sqrt() / (1.0 - chance);
    let half = 1.959_963_984_540_054 * error;
    Some(Kappa { value, interval: Interval { low: (value - half).max(-1.0), high: (value + half).min(1.0) } })
}

/// Readings of about the same confidence.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bin {
    /// From this confidence on, in tenths, up to the next.
    pub tenth: u8,
    /// How sure they said they were, on average, 0 to 1.
    pub confidence: f64,
    /// How many of them were right.
    pub right: Share,
}

/// Whether "80 % sure" is right in 80 of 100 cases.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibration {
    /// Ten bins of equal width, those without a reading left out.
    pub bins: Vec<Bin>,
    /// Expected calibration error: the mean distance of confidence and share right, weighted by the bins' sizes (Naeini, Cooper,
    /// Hauskrecht, Obtaining well calibrated probabilities using Bayesian binning, AAAI 2015). 0 is best.
    pub ece: f64,
    /// Brier score of "this label is right": the mean square of confidence minus 1 or 0 (Brier, Verification of forecasts
    /// expressed in terms of probability, Monthly Weather Review 78, 1950). 0 is best; always saying 0.5 gives 0.25.
    pub brier: f64,
    /// How many readings.
    pub n: u64,
}

/// The reliability table with its two sums. None where no reading named a confidence.
pub fn calibration(judged: &[Judged]) -> Option<Calibration> {
    let mut sums = [(0.0_f64, Share::default()); 10];
    let mut squares = 0.0;
    for one in judged {
        let Some(milli) = one.confidence_milli else { continue };
        let confidence = f64::from(milli.min(1_000)) / 1_000.0;
        let (sum, right) = &mut sums[usize::from(milli.min(999) / 100)];
        *sum += confidence;
        right.of += 1;
        right.count += u64::from(one.right());
        squares += (confidence - f64::from(u8::from(one.right()))).powi(2);
    }
    let n: u64 = sums.iter().map(|(_, right)| right.of).sum();
    let part = |share: u64| Share::new(share, n).value();
    let mut ece = 0.0;
    let mut bins = Vec::new();
    for (tenth, (sum, right)) in (0_u8..).zip(sums) {
        let Some(accuracy) = right.value() else { continue };
        #[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^52")]
        let confidence = sum / right.of as f64;
        ece += part(right.of)? * (confidence - accuracy).abs();
        bins.push(Bin { tenth, confidence, right });
    }
    #[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^52")]
    let brier = squares / n as f64;
    (n > 0).then_some(Calibration { bins, ece, brier, n })
}

#[cfg(test)]
mod tests {
    use super::*;
    use Emotion::{Anger, Joy, Neutral};

    fn judged(read: Emotion, truth: Emotion, milli: u16) -> Judged {
        Judged { read, truth, confidence_milli: Some(milli) }
    }

    fn times(n: usize, one: Judged) -> Vec<Judged> {
        vec![one; n]
    }

    #[test]
    fn kappa_of_the_textbook_table() {
        // Two raters, yes/yes 20, yes/no 5, no/yes 10, no/no 15: po 0.7, pe 0.5, kappa 0.4, standard error 0.1296.
        let all = [
            times(20, judged(Anger, Anger, 500)),
            times(5, judged(Anger, Neutral, 500)),
            times(10, judged(Neutral, Anger, 500)),
            times(15, judged(Neutral, Neutral, 500)),
        ]
        .concat();
        let found = kappa(&all).unwrap();
        assert!((found.value - 0.4).abs() < 1e-12, "{found:?}");
        assert!((found.interval.low - (0.4 - 1.959_964 * 0.129_615)).abs() < 1e-5, "{found:?}");
        assert_eq!(kappa(&times(9, judged(Joy, Joy, 1))), None, "one label only: chance agrees as well");
        assert_eq!(kappa(&[]), None);
    }

    #[test]
    fn calibration_by_hand() {
        // 0.9 said four times and right three times; 0.2 said twice and right once.
        let all = [
            times(3, judged(Anger, Anger, 900)),
            times(1, judged(Anger, Joy, 900)),
            times(1, judged(Joy, Joy, 200)),
            times(1, judged(Joy, Anger, 200)),
        ]
        .concat();
        let found = calibration(&all).unwrap();
        assert_eq!(
            found.bins.iter().map(|b| (b.tenth, b.right)).collect::<Vec<_>>(),
            [(2, Share::new(1, 2)), (9, Share::new(3, 4))]
        );
        // 2/6 x |0.2 - 0.5| + 4/6 x |0.9 - 0.75| = 0.1 + 0.1
        assert!((found.ece - 0.2).abs() < 1e-12, "{found:?}");
        // (3 x 0.01 + 0.81 + 0.64 + 0.04) / 6
        assert!((found.brier - 1.52 / 6.0).abs() < 1e-12, "{found:?}");
        let sure = calibration(&times(3, judged(Anger, Anger, 1_000))).unwrap();
        assert_eq!((sure.bins[0].tenth, sure.ece, sure.brier), (9, 0.0, 0.0));
        assert_eq!(calibration(&[]), None);
    }
}
