//! How lengths and sizes are spread.

use serde::Serialize;

/// The middle and the far end of some values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Spread {
    /// How many values.
    pub n: u64,
    /// Half of them are at most this.
    pub p50: i64,
    /// Nine of ten are at most this.
    pub p90: i64,
    /// Ninety-nine of a hundred are at most this.
    pub p99: i64,
}

impl Spread {
    /// Percentiles by nearest rank: the smallest value that at least that share of all values does not exceed. Always one of
    /// the values themselves (definition 1 of Hyndman and Fan, Sample quantiles in statistical packages, The American
    /// Statistician 50, 1996). None of nothing.
    pub fn of(values: impl IntoIterator<Item = i64>) -> Option<Self> {
        let mut values: Vec<i64> = values.into_iter().collect();
        let n = values.len();
        if n == 0 {
            return None;
        }
        let mut at = |percent: usize| {
            let rank = (n * percent).div_ceil(100).max(1);
            *values.select_nth_unstable(rank - 1).1
        };
        Some(Self { n: n as u64, p50: at(50), p90: at(90), p99: at(99) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn percentiles_are_values_by_nearest_rank() {
        assert_eq!(Spread::of([]), None);
        assert_eq!(Spread::of([7]), Some(Spread { n: 1, p50: 7, p90: 7, p99: 7 }));
        // The textbook's example: of 15, 20, 35, 40, 50 the 50th percentile is 35.
        assert_eq!(Spread::of([50, 15, 40, 20, 35]).unwrap().p50, 35);
        assert_eq!(Spread::of(1..=200), Some(Spread { n: 200, p50: 100, p90: 180, p99: 198 }));
    }

    proptest! {
        #[test]
        fn at_least_that_share_of_the_values_is_not_above(values in prop::collection::vec(-50_i64..50, 1..60)) {
            let found = Spread::of(values.clone()).unwrap();
            for (percent, value) in [(50, found.p50), (90, found.p90), (99, found.p99)] {
                let up_to = |limit| values.iter().filter(|v| **v <= limit).count();
                prop_assert!(up_to(value) * 100 >= values.len() * percent);
                prop_assert!(up_to(value - 1) * 100 < values.len() * percent);
            }
        }
    }
}
