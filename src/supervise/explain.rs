//! `countersign explain ITEM`: plain sentences for the customer about how a reply came about. Only what is known is said.

mod words;

use crate::review::{
    Consent, Decision, DraftState, Emotion, OpenItem, Owner, PastDecision, ReadingSource, ReplyState, Stamp,
    Verdict, measure,
};
use words::Words;

/// The languages that there are words in.
pub fn languages() -> impl Iterator<Item = &'static str> {
    words::LANGUAGES.iter().map(|words| words.tag)
}

/// A decision on the item, with what the store still holds of it.
pub type Signed = (PastDecision, Option<Decision>);

/// Everything that can be said about an item, a sentence or a source a line. `signed` are its decisions, oldest first; `lang` is
/// a BCP 47 tag, the conversation's own where none is given. Holds foreign text: it goes through `visible` before it is shown.
pub fn explain(open: &OpenItem, signed: &[Signed], lang: Option<&str>) -> Vec<String> {
    let words = words::words(lang.or(open.item.conversation.language.as_deref()));
    let mut lines = vec![words.about.replace("{item}", open.item.id.as_str()), String::new()];
    let standing: Vec<_> = signed.iter().filter(|(past, _)| past.state != ReplyState::Undone).collect();
    for (past, decision) in &standing {
        reply(words, open, past, decision.as_ref(), &mut lines);
        lines.push(String::new());
    }
    if standing.is_empty() {
        let waits = usize::from(open.row.draft == DraftState::Ready);
        lines.extend([words.nothing_yet[waits].to_owned(), String::new()]);
    } else {
        let by_ai = standing.iter().any(|(past, _)| past.verdict.sends_ai_text());
        let had_draft = open.item.draft.is_some() || open.silenced.is_some();
        lines.push(data(words, open, by_ai || had_draft));
    }
    reading(words, open, &mut lines);
    lines.extend([String::new(), words.object.to_owned()]);
    lines
}

/// `2026-11-20, 09:03 UTC`
fn moment(at: Stamp) -> String {
    let text = at.to_string();
    format!("{}, {} UTC", &text[..10], &text[11..16])
}

fn reply(
    words: &Words,
    open: &OpenItem,
    past: &PastDecision,
    decision: Option<&Decision>,
    lines: &mut Vec<String>,
) {
    let way = match past.state {
        ReplyState::Sent => 0,
        ReplyState::Dead => 2,
        ReplyState::Unsure => 3,
        _ => 1,
    };
    lines.push(words.replies[way].replace("{at}", &moment(past.at)));
    let wrote = words.wrote[match past.verdict {
        Verdict::Approve => 0,
        Verdict::Edit => 1,
        // Handed back, the AI may draft again.
        Verdict::TakeOver if open.owner == Owner::Person => 2,
        Verdict::TakeOver | Verdict::Reply => 3,
    }];
    let model = decision.and_then(|decision| decision.metrics.model.as_deref());
    let model = model.map_or_else(String::new, |name| words.model.replace("{name}", name));
    let share =
        decision.and_then(|decision| measure(decision.draft_text.as_deref(), &decision.text).ai_share_milli);
    let share = share.map_or_else(|| "?".to_owned(), |milli| ((milli + 5) / 10).to_string());
    lines.push(wrote.replace("{share}", &share).replace("{model}", &model));
    if past.verdict.sends_ai_text() {
        sources(words, open, decision, lines);
    }
}

/// The sources of the draft that was signed; an older draft's are gone with it.
fn sources(words: &Words, open: &OpenItem, decision: Option<&Decision>, lines: &mut Vec<String>) {
    let signed = decision.and_then(|decision| decision.seen.draft.as_ref());
    let draft = open.item.draft.as_ref().or(open.silenced.as_ref());
    let kept = draft
        .filter(|draft| signed.is_some_and(|(id, version)| (id, *version) == (&draft.id, draft.version)));
    match kept.map(|draft| &draft.sources[..]) {
        None => lines.push(words.sources_gone.to_owned()),
        Some([]) => lines.push(words.no_sources.to_owned()),
        Some(sources) => {
            lines.push(words.sources.to_owned());
            lines.extend(sources.iter().map(|source| match &source.url {
                Some(url) => format!("- {} ({url})", source.title),
                None => format!("- {}", source.title),
            }));
        }
    }
}

/// What lay before whoever wrote. Of an AI only where one is known to have taken part.
fn data(words: &Words, open: &OpenItem, with_ai: bool) -> String {
    let conversation = &open.item.conversation;
    let known = conversation.customer.as_ref().map(|customer| {
        [&customer.name, &customer.segment, &customer.tier, &customer.preferences].map(Option::is_some)
    });
    let named = words.particulars.iter().zip(known.unwrap_or_default()).filter(|(_, known)| *known);
    let named: Vec<&str> = named.map(|(word, _)| *word).collect();
    let more = if named.is_empty() { String::new() } else { format!("{}{}", words.record, named.join(", ")) };
    words.data[usize::from(!with_ai)]
        .replace("{n}", &conversation.messages.len().to_string())
        .replace("{more}", &more)
}

fn reading(words: &Words, open: &OpenItem, lines: &mut Vec<String>) {
    let refused = open.item.conversation.customer.as_ref().is_some_and(|c| c.ai_consent == Consent::No);
    if refused || open.row.draft == DraftState::NoConsent {
        lines.push(words.no_ai.to_owned());
        return;
    }
    let name = |emotion: Emotion| words.emotions[emotion as usize];
    let Some(counts) = open.reading() else { return };
    if let Some(read) = open.uncorrected(&counts.message) {
        let sentence = if read.source == ReadingSource::Item { words.brought } else { words.read };
        let sure = ((read.confidence_milli + 5) / 10).to_string();
        lines.push(sentence.replace("{emotion}", name(read.emotion)).replace("{sure}", &sure));
    }
    if counts.source == ReadingSource::Person {
        lines.push(words.corrected.replace("{emotion}", name(counts.emotion)));
    }
    lines.push(words.reading_use.to_owned());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_fills_in_the_same_places() {
        let places = |text: &str| {
            let mut found: Vec<_> = text
                .match_indices('{')
                .map(|(at, _)| text[at..].split('}').next().unwrap().to_owned())
                .collect();
            found.sort();
            found
        };
        let english = &words::LANGUAGES[0];
        let all = |w: &Words| {
            let mut all = vec![w.about, w.model, w.read, w.brought, w.corrected, w.object, w.no_ai];
            all.extend(w.replies.iter().chain(&w.wrote).chain(&w.nothing_yet).chain(&w.data));
            all
        };
        for words in words::LANGUAGES {
            for (theirs, ours) in all(words).into_iter().zip(all(english)) {
                assert_eq!(places(theirs), places(ours), "{}: {theirs}", words.tag);
            }
        }
    }

    #[test]
    fn the_words_to_answer_are_those_of_the_closing_lines() {
        use crate::review::{Disclosure, closing_lines};
        for words in words::LANGUAGES {
            let closing = closing_lines(Disclosure::AiChecked, Some(words.tag));
            let capitals = |text: &str| -> Vec<String> {
                let parts = text.split(|c: char| !c.is_alphabetic());
                parts
                    .filter(|w| w.chars().count() > 3 && w.chars().all(char::is_uppercase))
                    .map(str::to_owned)
                    .collect()
            };
            let quoted = |text: &str| -> Vec<String> {
                text.split('“').skip(1).filter_map(|rest| rest.split('”').next()).map(str::to_owned).collect()
            };
            let mut theirs = [capitals(closing), quoted(closing)].concat();
            let mut ours = [capitals(words.object), quoted(words.object)].concat();
            theirs.sort();
            ours.sort();
            assert_eq!(ours, theirs, "{}", words.tag);
            assert!(!ours.is_empty());
        }
    }

    #[test]
    fn a_language_without_words_gets_the_first() {
        assert_eq!(words::words(Some("pt-BR")).tag, "en");
        assert_eq!(words::words(Some("zh_Hant")).tag, "zh");
        assert_eq!(words::words(None).tag, "en");
        assert_eq!(languages().collect::<Vec<_>>(), ["en", "de", "es", "ru", "zh"]);
    }
}
