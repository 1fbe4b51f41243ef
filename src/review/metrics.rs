//! Figures about an edit.

use unicode_segmentation::UnicodeSegmentation;

/// Above this many graphemes on either side no edit distance is counted.
const MAX_GRAPHEMES: usize = 10_000;

/// Sizes and distance of draft and sent text, as the log keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Measure {
    /// Characters (Unicode scalar values) of the draft.
    pub draft_chars: usize,
    /// Words of the draft by Unicode word boundaries (UAX 29).
    pub draft_words: usize,
    /// Characters of the text sent.
    pub sent_chars: usize,
    /// Graphemes inserted, deleted or replaced, white space ignored; none above 10,000.
    pub edit_distance: Option<usize>,
    /// Share of the sent text that is the draft's, 0 to 1000.
    pub ai_share_milli: Option<u16>,
}

/// Measures `sent` against `draft`.
pub fn measure(draft: Option<&str>, sent: &str) -> Measure {
    let edit_distance = draft.and_then(|d| edit_distance(d, sent));
    let ai_share_milli = edit_distance.zip(draft).map(|(distance, draft)| {
        let longest = graphemes(draft).len().max(graphemes(sent).len()).max(1);
        let share = 1_000 - (distance * 1_000 / longest).min(1_000);
        u16::try_from(share).unwrap_or(0)
    });
    Measure {
        draft_chars: draft.map_or(0, |d| d.chars().count()),
        draft_words: draft.map_or(0, |d| d.unicode_words().count()),
        sent_chars: sent.chars().count(),
        edit_distance,
        ai_share_milli: if draft.is_none() { Some(0) } else { ai_share_milli },
    }
}

fn graphemes(text: &str) -> Vec<&str> {
    text.graphemes(true).filter(|g| !g.chars().all(char::is_whitespace)).collect()
}

/// Levenshtein distance in graphemes, white space ignored; none if either side has more than 10,000.
///
/// Common ends are cut first, then one row of the classic table is kept (Wagner and Fischer 1974).
pub fn edit_distance(a: &str, b: &str) -> Option<usize> {
    if a == b {
        return Some(0);
    }
    let (a, b) = (graphemes(a), graphemes(b));
    if a.len() > MAX_GRAPHEMES || b.len() > MAX_GRAPHEMES {
        return None;
    }
    let front = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[front..], &b[front..]);
    let back = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[..a.len() - back], &b[..b.len() - back]);
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    Some(row[b.len()])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn distance_counts_graphemes_and_ignores_white_space() {
        for (a, b, distance) in [
            ("", "", 0),
            ("kitten", "sitting", 3),
            ("a b c", "abc", 0),
            ("привет", "привёт", 1),
            ("👩‍👩‍👧 ok", "ok", 1),
            ("今天", "明天", 1),
        ] {
            assert_eq!(edit_distance(a, b), Some(distance), "{a} {b}");
        }
        assert_eq!(edit_distance(&"x".repeat(10_001), "x"), None);
    }

    proptest! {
        #[test]
        fn distance_is_a_metric(a in "[ab ё]{0,12}", b in "[ab ё]{0,12}", c in "[ab ё]{0,12}") {
            let d = |x: &str, y: &str| edit_distance(x, y).unwrap();
            prop_assert_eq!(d(&a, &b), d(&b, &a));
            prop_assert!(d(&a, &c) <= d(&a, &b) + d(&b, &c));
        }
    }
}
