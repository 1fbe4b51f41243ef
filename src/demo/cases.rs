//! The cases as lines of import, and what happens to them later. Both are files of this folder: `cases.jsonl` holds
//! one item a line, `steps.jsonl` what a customer writes later or an AI drafts anew.
//!
//! In these files a time is an offset from now (`-42m`, `+2h`, `+0s`), so that the queue is as fresh on every day.

use crate::review::{Span, Stamp};
use serde::Deserialize;
use serde_json::{Map, Value};

const CASES: &str = include_str!("cases.jsonl");
const STEPS: &str = include_str!("steps.jsonl");

/// The keys that hold a time.
const TIMES: [&str; 3] = ["at", "created_at", "due_at"];

/// Why the embedded files always read.
const TESTED: &str = "the embedded file is read by a test";

/// When a step happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum When {
    /// Before the console opens: an older draft, superseded by the one in the case.
    Before,
    /// While the agent looks: the customer writes again, then a new draft comes.
    WritesAgain,
    /// While the agent looks: a new draft comes.
    NewDraft,
}

/// What happens to a case.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Step {
    #[serde(rename = "step")]
    pub when: When,
    pub item: String,
    #[serde(default)]
    message: Option<Value>,
    #[serde(default)]
    emotion: Option<Value>,
    draft: Value,
}

/// One line of import for each case, with its times counted from `now`.
pub fn cases(now: Stamp) -> Vec<String> {
    CASES.lines().map(|line| resolved(line, now).to_string()).collect()
}

/// Every step, in the order of the file.
pub(super) fn steps() -> Vec<Step> {
    STEPS.lines().map(|line| serde_json::from_str(line).expect(TESTED)).collect()
}

/// The line of `item` as [`cases`] gave it at `start`.
pub(super) fn case(item: &str, start: Stamp) -> Option<Map<String, Value>> {
    let lines = CASES.lines().map(|line| resolved(line, start));
    lines.filter_map(into_object).find(|case| case.get("id").and_then(Value::as_str) == Some(item))
}

impl Step {
    /// The case once the message has come in. What is known of the earlier messages stays, the draft too.
    pub fn with_message(&self, mut case: Map<String, Value>, now: Stamp) -> Map<String, Value> {
        let messages = case.get_mut("conversation").and_then(|c| c.get_mut("messages"));
        if let (Some(Value::Array(messages)), Some(message)) = (messages, &self.message) {
            messages.push(with_times(message.clone(), now));
        }
        case
    }

    /// The case once the new draft has come in, and with it a new reading where the step brings one.
    pub fn with_draft(&self, mut case: Map<String, Value>, now: Stamp) -> Map<String, Value> {
        case.insert("draft".to_owned(), with_times(self.draft.clone(), now));
        if let Some(emotion) = &self.emotion {
            case.insert("emotion".to_owned(), emotion.clone());
        }
        case
    }
}

/// A case as a line of import.
pub(super) fn line(case: Map<String, Value>) -> String {
    Value::Object(case).to_string()
}

fn into_object(value: Value) -> Option<Map<String, Value>> {
    match value {
        Value::Object(map) => Some(map),
        _ => None,
    }
}

fn resolved(line: &str, now: Stamp) -> Value {
    with_times(serde_json::from_str(line).expect(TESTED), now)
}

/// The value with each offset replaced by the time it means. What is no offset stays, and intake will refuse it.
fn with_times(mut value: Value, now: Stamp) -> Value {
    match &mut value {
        Value::Object(map) => {
            for (key, value) in map.iter_mut() {
                let time = value.as_str().filter(|_| TIMES.contains(&key.as_str())).and_then(offset);
                *value = match time {
                    Some(span) => Value::String(now.plus(span).to_string()),
                    None => with_times(value.take(), now),
                };
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| *value = with_times(value.take(), now)),
        _ => {}
    }
    value
}

/// `-42m`, `-2d3h10m`: a sign, then numbers, each with one of `s m h d`.
fn offset(text: &str) -> Option<Span> {
    let (sign, mut rest) = match text.as_bytes().first()? {
        b'-' => (-1, &text[1..]),
        b'+' => (1, &text[1..]),
        _ => return None,
    };
    let mut millis: i64 = 0;
    loop {
        let end = rest.find(|c: char| !c.is_ascii_digit())?;
        let one = match rest.as_bytes()[end] {
            b's' => Span::seconds(1),
            b'm' => Span::minutes(1),
            b'h' => Span::hours(1),
            b'd' => Span::hours(24),
            _ => return None,
        };
        millis = one.millis().checked_mul(rest[..end].parse().ok()?)?.checked_add(millis)?;
        rest = &rest[end + 1..];
        if rest.is_empty() {
            return millis.checked_mul(sign).map(Span);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_offset_is_a_sign_and_numbers_with_units() {
        for (text, span) in [
            ("-42m", Some(Span::minutes(-42))),
            ("+2h", Some(Span::hours(2))),
            ("-3d", Some(Span::hours(-72))),
            ("-2d3h10m", Some(Span::minutes(-(51 * 60 + 10)))),
            ("+0s", Some(Span(0))),
            ("-1h2", None),
            ("-1h-2m", None),
            ("-h", None),
            ("42m", None),
            ("-m", None),
            ("-", None),
            ("+", None),
            ("", None),
            ("--1m", None),
            ("-1.5h", None),
            ("-1w", None),
            ("-4é", None),
            ("-99999999999999999d", None),
            ("2026-11-20T09:01:00Z", None),
        ] {
            assert_eq!(offset(text), span, "{text}");
        }
    }

    #[test]
    fn times_are_counted_from_now_and_texts_are_left_alone() {
        let line = r#"{"due_at":"+1h","messages":[{"at":"-2m","text":"-2m"}],"at":"noon"}"#;
        let value = resolved(line, Stamp(0)).to_string();
        assert_eq!(
            value,
            r#"{"due_at":"1970-01-01T01:00:00.000Z","messages":[{"at":"1969-12-31T23:58:00.000Z","text":"-2m"}],"at":"noon"}"#
        );
    }
}
