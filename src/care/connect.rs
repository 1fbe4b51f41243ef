//! The fourth stage of care: keeping the relationship. So far: what the customer has been told to expect and when, so
//! that an answer does not speak as if nothing had been said.

use super::understand::{CLAUSE, SENTENCE, parts};
use std::ops::Range;

/// Units of time as they begin, in lower case; a number stands before them.
const UNITS: &[&str] = &[
    "day",
    "hour",
    "minute",
    "week", // English
    "tag",
    "stunde",
    "woche",
    "werktag",
    "arbeitstag", // German
    "día",
    "dia",
    "hora",
    "semana",
    "minuto", // Spanish
    "день",
    "дня",
    "дней",
    "час",
    "недел",
    "минут", // Russian
    "天",
    "个工作日",
    "工作日",
    "小时",
    "周",
    "分钟", // Chinese
];
/// Days that need no number.
const DAYS: &[&str] = &["tomorrow", "morgen", "mañana", "завтра", "明天"];
/// Words that may stand between the number and its unit: `5 working days`.
const BETWEEN: usize = 1;

/// The part of our own earlier message that names a time to wait, as a byte range: one clause.
pub fn time_named(text: &str) -> Option<Range<usize>> {
    parts(text, 0..text.len(), SENTENCE)
        .flat_map(|sentence| parts(text, sentence, CLAUSE))
        .find(|part| names_a_time(&text[part.clone()]))
}

fn names_a_time(clause: &str) -> bool {
    let clause = clause.to_lowercase();
    let words: Vec<&str> = clause.split_whitespace().collect();
    words.iter().enumerate().any(|(at, word)| {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        // Where words have no blanks between them the number and its unit are one, and may stand anywhere.
        DAYS.iter().any(|day| bare == *day || (!day.is_ascii() && word.contains(day) && is_ideographic(word)))
            || number_and_unit(word)
            || (bare.ends_with(|c: char| c.is_ascii_digit())
                && words[at + 1..].iter().take(BETWEEN + 1).any(|next| begins_with_unit(next)))
    })
}

fn is_ideographic(word: &str) -> bool {
    word.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
}

/// `5天`, `48h` is none.
fn number_and_unit(word: &str) -> bool {
    let digits = word.match_indices(|c: char| c.is_ascii_digit());
    digits.map(|(at, digit)| &word[at + digit.len()..]).any(begins_with_unit)
}

fn begins_with_unit(word: &str) -> bool {
    UNITS.iter().any(|unit| word.starts_with(unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_was_named_is_found_with_its_clause() {
        for (text, words) in [
            ("Thank you. Refunds take up to 5 days, as a rule.", "Refunds take up to 5 days"),
            ("We reply within 2 working days.", "We reply within 2 working days"),
            ("Your courier comes tomorrow!", "Your courier comes tomorrow"),
            ("Die Prüfung dauert 3 Werktage.", "Die Prüfung dauert 3 Werktage"),
            ("Le llamaremos en 24 horas; gracias.", "Le llamaremos en 24 horas"),
            ("Мы ответим в течение 3 рабочих дней.", "Мы ответим в течение 3 рабочих дней"),
            ("您好，退款会在5个工作日内到账。", "退款会在5个工作日内到账"),
        ] {
            assert_eq!(time_named(text).map(|range| &text[range]), Some(words), "{text}");
        }
    }

    #[test]
    fn an_order_number_or_a_price_names_no_time() {
        for text in
            ["Your order 58-1142 is here.", "It costs 42.90.", "Monday is fine", "", "在2026年", "Good day"]
        {
            assert_eq!(time_named(text), None, "{text}");
        }
    }
}
