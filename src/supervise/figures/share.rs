//! Shares, how sure they are, and whether two of them differ.

use serde::Serialize;

/// The 97.5th percentile of the normal distribution: two sides of 95 %.
const Z: f64 = 1.959_963_984_540_054;

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    /// Those that are so.
    pub count: u64,
    /// All of them.
    pub of: u64,
}

/// A 95 % interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
}

impl Interval {
    /// Whether a value lies outside.
    pub fn excludes(self, value: f64) -> bool {
        value < self.low || value > self.high
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts lie far below 2^52")]
const fn real(n: u64) -> f64 {
    n as f64
}

impl Share {
    /// `count` of `of`.
    pub const fn new(count: u64, of: u64) -> Self {
        Self { count, of }
    }

    /// How many of `all` are so.
    pub fn among<T>(all: impl IntoIterator<Item = T>, so: impl Fn(T) -> bool) -> Self {
        all.into_iter().fold(Self::default(), |mut share, one| {
            share.of += 1;
            share.count += u64::from(so(one));
            share
        })
    }

    /// 0 to 1; none of nothing.
    pub fn value(self) -> Option<f64> {
        (self.of > 0).then(|| real(self.count) / real(self.of))
    }

    /// The 95 % score interval of Wilson (Probable inference, the law of succession, and statistical inference, JASA 22,
    /// 1927): unlike the textbook's it holds for few cases and for shares near 0 and 1.
    ///
    /// `(p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n)`
    pub fn interval(self) -> Option<Interval> {
        let (p, n) = (self.value()?, real(self.of));
        let centre = p + Z * Z / (2.0 * n);
        let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + Z * Z / n;
        // The ends of 0 of n and n of n are exactly 0 and 1; rounding would miss them.
        let low = if self.count == 0 { 0.0 } else { (centre - half) / scale };
        let high = if self.count == self.of { 1.0 } else { (centre + half) / scale };
        Some(Interval { low, high })
    }
}

/// The 95 % interval of `a - b`, from the Wilson intervals of both (Newcombe, Interval estimation for the difference
/// between independent proportions, Statistics in Medicine 17, 1998, method 10).
pub fn difference(a: Share, b: Share) -> Option<Interval> {
    let (p, q) = (a.value()?, b.value()?);
    let (ia, ib) = (a.interval()?, b.interval()?);
    let low = p - q - ((p - ia.low).powi(2) + (ib.high - q).powi(2)).sqrt();
    let high = p - q + ((ia.high - p).powi(2) + (q - ib.low).powi(2)).sqrt();
    Some(Interval { low, high })
}

/// How likely a difference at least this large is where there is none: the two-sided score test of two shares, pooled,
/// without continuity correction (it is Pearson's chi-squared test of the two-by-two table).
pub fn p_value(a: Share, b: Share) -> Option<f64> {
    let (p, q) = (a.value()?, b.value()?);
    let pooled = real(a.count + b.count) / real(a.of + b.of);
    let variance = pooled * (1.0 - pooled) * (1.0 / real(a.of) + 1.0 / real(b.of));
    if variance <= 0.0 {
        return Some(1.0);
    }
    Some(libm::erfc((p - q).abs() / (2.0 * variance).sqrt()))
}

/// Adjusts the p-values of comparisons made together, so that the chance of even one false alarm among all of them stays
/// 5 % (Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6, 1979).
pub fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|a, b| p_values[*a].total_cmp(&p_values[*b]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (rank, n) in order.into_iter().enumerate() {
        let left = real((p_values.len() - rank) as u64);
        largest = largest.max((p_values[n] * left).min(1.0));
        adjusted[n] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 5e-5
    }

    #[test]
    fn wilson_intervals_are_those_of_the_tables() {
        // Newcombe, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17, 1998, table I:
        // method 3 for 81/263, 15/148, 0/20 and 1/29.
        for (count, of, low, high) in [
            (81, 263, 0.2553, 0.3662),
            (15, 148, 0.0624, 0.1605),
            (0, 20, 0.0, 0.1611),
            (1, 29, 0.0061, 0.1718),
        ] {
            let found = Share::new(count, of).interval().unwrap();
            assert!(near(found.low, low) && near(found.high, high), "{count}/{of}: {found:?}");
        }
        assert_eq!(Share::new(0, 0).interval(), None);
        assert!(near(Share::new(7, 7).interval().unwrap().high, 1.0));
    }

    #[test]
    fn the_interval_of_a_difference_is_that_of_the_paper() {
        // Newcombe 1998 (difference), table II, method 10: 56/70 - 48/80, 9/10 - 3/10, 10/10 - 0/20, 0/10 - 0/20.
        for (a, b, low, high) in [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((10, 10), (0, 20), 0.6791, 1.0),
            ((0, 10), (0, 20), -0.1611, 0.2775),
        ] {
            let found = difference(Share::new(a.0, a.1), Share::new(b.0, b.1)).unwrap();
            assert!(near(found.low, low) && near(found.high, high), "{a:?} {b:?}: {found:?}");
        }
    }

    #[test]
    fn the_test_of_two_shares_is_the_chi_squared_of_the_table() {
        // 15 of 25 against 5 of 25: chi-squared 8.3333 with one degree of freedom, p 0.003892.
        let p = p_value(Share::new(15, 25), Share::new(5, 25)).unwrap();
        assert!((p - 0.003_892).abs() < 1e-6, "{p}");
        assert_eq!(p_value(Share::new(0, 9), Share::new(0, 7)), Some(1.0));
        assert_eq!(p_value(Share::new(0, 0), Share::new(1, 7)), None);
    }

    #[test]
    fn holm_steps_down() {
        // 0.01 x 4, 0.013 x 3, 0.04 x 2 and 0.04 x 1, none below the one before.
        let adjusted = holm(&[0.04, 0.01, 0.04, 0.013]);
        for (found, expected) in adjusted.iter().zip([0.08, 0.04, 0.08, 0.04]) {
            assert!(near(*found, expected), "{adjusted:?}");
        }
        assert_eq!(holm(&[]), [0.0; 0]);
    }

    proptest! {
        #[test]
        fn an_interval_holds_its_share_and_shrinks_with_more_cases(count in 0_u64..500, more in 1_u64..500) {
            let share = Share::new(count, count + more);
            let (p, found) = (share.value().unwrap(), share.interval().unwrap());
            prop_assert!(0.0 <= found.low && found.low <= p && p <= found.high && found.high <= 1.0);
            let wide = found.high - found.low;
            let ten = Share::new(count * 10, (count + more) * 10).interval().unwrap();
            prop_assert!(ten.high - ten.low < wide);
            let same = difference(share, share).unwrap();
            prop_assert!(same.low <= 0.0 && same.high >= 0.0);
        }

        #[test]
        fn holm_never_makes_a_difference_surer(p in prop::collection::vec(0.0_f64..=1.0, 0..20)) {
            for (before, after) in p.iter().zip(holm(&p)) {
                prop_assert!(*before <= after && after <= 1.0);
            }
        }
    }
}
