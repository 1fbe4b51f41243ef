//! The second stage of care: what lies behind the feeling. So far: the words by which a customer asks for a person.

use super::recognise::asks_person;
use std::ops::Range;

/// Ends of sentences.
pub(super) const SENTENCE: &[char] = &['.', '!', '?', '\n', '…', '。', '！', '？', '؟', '।'];
/// Ends of their parts.
pub(super) const CLAUSE: &[char] = &[',', ';', ':', '(', ')', '，', '；', '：', '、', '،'];

/// The part of a text that asks for a person, as a byte range: one clause, or the sentence where no clause alone does.
pub fn asking_words(text: &str) -> Option<Range<usize>> {
    let sentence = parts(text, 0..text.len(), SENTENCE).find(|part| asks_person(&text[part.clone()]))?;
    let clause = parts(text, sentence.clone(), CLAUSE).find(|part| asks_person(&text[part.clone()]));
    Some(clause.unwrap_or(sentence))
}

/// What stands between the marks in a part of a text, without the blanks around it.
pub(super) fn parts<'a>(
    text: &'a str,
    of: Range<usize>,
    marks: &'a [char],
) -> impl Iterator<Item = Range<usize>> + 'a {
    let mut next = of.start;
    text[of].split_inclusive(marks).map(move |part| {
        let start = next + part.len() - part.trim_start().len();
        next += part.len();
        start..start + part.trim_end_matches(marks).trim().len()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_that_ask_for_a_person_are_found_in_their_sentence() {
        for (text, words) in [
            ("Nobody answers. Can I please talk to a person? Thanks.", "Can I please talk to a person"),
            ("I am tired of this, let me speak to a human being, now!", "let me speak to a human being"),
            ("Третий раз пишу! Соедините меня с оператором.", "Соедините меня с оператором"),
            ("快递还没到。请转人工客服！", "请转人工客服"),
            (
                "Es reicht. Ich möchte mit einem Mitarbeiter sprechen.",
                "Ich möchte mit einem Mitarbeiter sprechen",
            ),
            ("¿Dónde está? Quiero hablar con una persona.", "Quiero hablar con una persona"),
        ] {
            let found = asking_words(text).map(|range| &text[range]);
            assert_eq!(found, Some(words), "{text}");
        }
        assert_eq!(asking_words("Where is my parcel? A person told me it had left."), None);
        assert_eq!(asking_words(""), None);
    }

    proptest::proptest! {
        #[test]
        fn any_text_ends_on_its_characters(text in ".{0,80}") {
            let text = format!("{text} let me talk to a person");
            if let Some(range) = asking_words(&text) {
                proptest::prop_assert!(text.get(range).is_some_and(asks_person));
            }
        }
    }
}
