//! Whether a customer asks to reach a human, by rule.
//!
//! A verb of reaching (`put me through`, `соедините`) followed within a few words by a human (`an adviser`,
//! `с оператором`), a word of asking before a call to oneself (`could somebody ... ring me`), a fixed turn of phrase
//! (`please call me`), or a message that is nothing but the word (`agent`). What is told (`I spoke to an agent`)
//! uses other verbs; what is declined (`no need to call me`) is looked for before the verb. The phrases are in
//! `person.txt`. Precision comes first: the model's own head catches some of what no rule says.

use crate::care::understand::SENTENCE;
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// Longest message that is looked at whole, in bytes; of a longer one so much of the start, and less of the end.
const MOST_BYTES: usize = 16_384;
/// Bytes of a longer message's end that are looked at.
const TAIL_BYTES: usize = 4_096;
/// How many words may stand between the verb and the human.
const GAP: usize = 5;
/// How many words may stand between a word of asking and the call.
const ASKING_GAP: usize = 12;
/// The same in characters, where a script has no spaces.
const PIECE_GAP: usize = 14;

/// The sections of `person.txt`.
struct Tables {
    /// By their first word, each with its further words and what must stand around it.
    phrases: HashMap<&'static str, Vec<Phrase>>,
    human: HashSet<&'static str>,
    filler: HashSet<&'static str>,
    request: HashSet<&'static str>,
    alone: HashSet<&'static str>,
    declined: Vec<String>,
    told: HashSet<&'static str>,
    joins: HashSet<&'static str>,
    number: Vec<&'static str>,
    pieces: Vec<&'static str>,
    pieces_request: Vec<&'static str>,
    pieces_call: Vec<&'static str>,
    pieces_declined: Vec<&'static str>,
}

struct Phrase {
    rest: Vec<&'static str>,
    needs: Needs,
}

/// What must stand around a phrase.
#[derive(Clone, Copy, PartialEq)]
enum Needs {
    Nothing,
    HumanNear,
    HumanNext,
    RequestBefore,
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut sections: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut section = "";
    for line in include_str!("person.txt").lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(name) => section = name,
            None => sections.entry(section).or_default().extend(line.split('|').map(str::trim)),
        }
    }
    let mut take = |name: &str| sections.remove(name).unwrap_or_default();
    let plain: HashSet<&str> = take("plain").into_iter().collect();
    let reach = take("reach").into_iter().map(|phrase| (phrase, Needs::HumanNear));
    let mut all: Vec<(&str, Needs)> = reach.filter(|(phrase, _)| !plain.contains(phrase)).collect();
    all.extend(plain.iter().map(|phrase| (*phrase, Needs::HumanNext)));
    all.extend(take("turns").into_iter().map(|phrase| (phrase, Needs::Nothing)));
    all.extend(take("call").into_iter().map(|phrase| (phrase, Needs::RequestBefore)));
    let mut phrases: HashMap<&str, Vec<Phrase>> = HashMap::new();
    for (whole, needs) in all {
        let mut rest = whole.split(' ');
        let first = rest.next().unwrap_or_default();
        phrases.entry(first).or_default().push(Phrase { rest: rest.collect(), needs });
    }
    Tables {
        phrases,
        human: take("human").into_iter().collect(),
        filler: take("filler").into_iter().collect(),
        request: take("request").into_iter().collect(),
        alone: take("alone").into_iter().collect(),
        declined: take("declined").into_iter().map(|no| format!(" {no} ")).collect(),
        told: take("told").into_iter().collect(),
        joins: take("joins").into_iter().collect(),
        number: take("number"),
        pieces: take("pieces"),
        pieces_request: take("pieces request"),
        pieces_call: take("pieces call"),
        pieces_declined: take("pieces declined"),
    }
});

/// Whether the text asks for a person.
pub(super) fn asks(text: &str) -> bool {
    if text.len() <= MOST_BYTES {
        return asks_in(text);
    }
    let head = &text[..text.floor_char_boundary(MOST_BYTES)];
    let tail = &text[text.ceil_char_boundary(text.len() - TAIL_BYTES)..];
    // From its first whole sentence: the half one may have lost the words that decline.
    let whole = tail.find(SENTENCE).map_or(tail, |end| &tail[end..]);
    asks_in(head) || asks_in(whole)
}

/// Whether the text speaks of a number to call: who asks for one asks for a fact, unless a rule says otherwise. The model
/// alone does not tell the two apart.
pub(super) fn speaks_of_a_number(text: &str) -> bool {
    let head = text[..text.floor_char_boundary(MOST_BYTES)].to_lowercase();
    TABLES.number.iter().any(|piece| head.contains(piece))
}

fn asks_in(text: &str) -> bool {
    if text.chars().any(|c| c >= '\u{3040}') && TABLES.pieces_ask(text) {
        return true;
    }
    let text = text.to_lowercase().replace(['’', 'ʼ'], "'");
    let words = words(&text);
    if words.is_empty() {
        return false;
    }
    if words.iter().all(|w| TABLES.alone.contains(w)) && words.iter().any(|w| TABLES.human.contains(w)) {
        return true;
    }
    (0..words.len()).any(|at| {
        TABLES.phrases.get(words[at]).is_some_and(|phrases| {
            phrases.iter().any(|phrase| {
                let (before, behind) = (&words[..at], &words[at + 1..]);
                behind.starts_with(&phrase.rest)
                    && TABLES.fits(phrase.needs, before, &behind[phrase.rest.len()..])
                    && !TABLES.declined(&text, before, words[at])
                    && !behind.iter().take(GAP).any(|w| TABLES.told.contains(w))
            })
        })
    })
}

impl Tables {
    fn fits(&self, needs: Needs, before: &[&str], behind: &[&str]) -> bool {
        let human = |w: &&str| self.human.contains(*w);
        let mut next = behind.iter().take(GAP);
        match needs {
            Needs::Nothing => true,
            Needs::HumanNear => next.any(human),
            Needs::HumanNext => next.find(|w| !self.filler.contains(*w) || human(w)).is_some_and(human),
            Needs::RequestBefore => before.iter().rev().take(ASKING_GAP).any(|w| self.request.contains(w)),
        }
    }

    /// Whether the words just before, in the same clause, say that it is declined.
    fn declined(&self, text: &str, before: &[&str], verb: &str) -> bool {
        let place = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
        let mut behind = verb;
        let near = before.iter().rev().take(6).take_while(|word| {
            let between = &text[place(word) + word.len()..place(behind)];
            behind = word;
            !between.contains([',', '.', ';', ':', '!', '?', '\n', '…', '—']) && !self.joins.contains(*word)
        });
        let mut near: Vec<&str> = near.copied().collect();
        near.reverse();
        let tail = format!(" {} ", near.join(" "));
        self.declined.iter().any(|no| tail.contains(no))
    }

    fn pieces_ask(&self, text: &str) -> bool {
        let has = |pieces: &[&str], text: &str| pieces.iter().any(|piece| text.contains(piece));
        text.split(['。', '！', '？', '!', '?', '\n']).any(|sentence| {
            let before = |piece: &str| -> Option<&str> {
                let before = &sentence[..sentence.find(piece)?];
                let from = before.char_indices().rev().nth(PIECE_GAP - 1).map_or(0, |(at, _)| at);
                Some(&before[from..])
            };
            self.pieces.iter().filter_map(|piece| before(piece)).any(|before| {
                let clause = before.rsplit(['，', ',', '、']).next().unwrap_or_default();
                !has(&self.pieces_declined, clause)
            }) || self
                .pieces_call
                .iter()
                .filter_map(|call| before(call))
                .any(|before| has(&self.pieces_request, before) && !has(&self.pieces_declined, before))
        })
    }
}

/// The words of a text in lower case, without punctuation.
fn words(text: &str) -> Vec<&str> {
    text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '\'' | '-') && !is_mark(c))
        .map(|w| w.trim_matches(['\'', '-']))
        .filter(|w| !w.is_empty())
        .collect()
}

/// Signs of Indic and Arabic scripts that belong to a word.
const fn is_mark(c: char) -> bool {
    matches!(c, '\u{93c}' | '\u{94d}' | '\u{900}'..='\u{903}' | '\u{93e}'..='\u{94c}' | '\u{64b}'..='\u{652}')
}

#[cfg(test)]
mod tests {
    use super::asks;

    #[test]
    fn p7_of_a_long_message_the_end_is_heard_as_well_as_the_start() {
        let story = "The parcel did not come. ".repeat(4_000);
        for wish in ["Put me through to a human.", "请转人工。", "Соедините меня с оператором."]
        {
            assert!(asks(&format!("{wish} {story}")), "{wish}");
            assert!(asks(&format!("{story}{wish}")), "{wish}");
        }
        assert!(!asks(&format!("I spoke to {story} an agent.")));
    }

    #[test]
    fn a_person_is_asked_for_in_many_languages_and_told_or_declined_is_not_asked() {
        let yes = [
            "agent",
            "OPERATOR please!!",
            "Can I talk to a real person about this?",
            "put me through to your manager, now",
            "Please call me on 01632 960 774",
            "соедините меня с живым человеком",
            "Дайте уже оператора",
            "Ich möchte mit einem Mitarbeiter sprechen",
            "Quiero hablar con una persona",
            "je voudrais parler à un conseiller",
            "vorrei parlare con un operatore",
            "quero falar com um atendente",
            "转人工",
            "担当者と話したいです",
        ];
        let no = [
            "",
            "I spoke to an agent yesterday and she was lovely",
            "The person who delivered it was kind",
            "No need to call me, an email is fine",
            "I don't want to talk to an agent, just cancel it",
            "Where is my parcel?",
            "Оператор сказал взять талон",
            "Der Mitarbeiter war sehr nett",
            "el agente fue muy amable",
        ];
        for text in yes {
            assert!(asks(text), "{text}");
        }
        for text in no {
            assert!(!asks(text), "{text}");
        }
    }
}
