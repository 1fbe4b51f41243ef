//! Which lines are wanted: `verdict=edit`, `agent!=anna`, `active_ms>30s`, `model~mini`.
//!
//! Looks at bytes, reads only the keys that are asked for, and so keeps up with the disk. A line without the key, or
//! with null in it, is like no value: only `field=null` finds the null, and only `!=` a null that is something else.

use super::moment::span;
use crate::console::fault::nearest;
use crate::ledger::scan::{Key, Value};
use crate::ledger::{FIELDS, Kind};
use crate::review::{Span, Stamp};
use crate::visible;
use std::cmp::Ordering;

/// One condition on a line.
#[derive(Clone, Debug)]
pub struct Condition {
    key: Key,
    op: Op,
    wanted: Wanted,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Op {
    Is,
    IsNot,
    More,
    Less,
    AtLeast,
    AtMost,
    Has,
}

/// Longer signs first, so that `>=` is not read as `>`.
const OPS: [(&str, Op); 7] = [
    ("!=", Op::IsNot),
    (">=", Op::AtLeast),
    ("<=", Op::AtMost),
    ("=", Op::Is),
    (">", Op::More),
    ("<", Op::Less),
    ("~", Op::Has),
];

#[derive(Clone, Debug, PartialEq, Eq)]
enum Wanted {
    Null,
    Number(i64),
    Text(String),
}

/// The text is no condition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCondition {
    /// It has no sign in it.
    #[error("`{text}` is no condition; write field=value, or with !=, >, <, >=, <=, or ~ for \"contains\"")]
    NoSign {
        /// What was written, safe to show.
        text: String,
    },
    /// The log has no such key.
    #[error("the log has no field `{field}`{hint}")]
    UnknownField {
        /// What was written, safe to show.
        field: String,
        /// A nearer name, if there is one.
        hint: String,
    },
    /// The key holds numbers.
    #[error("`{field}` holds numbers, and `{value}` is none{hint}")]
    NoNumber {
        /// The key.
        field: String,
        /// What was written, safe to show.
        value: String,
        /// What else may be written.
        hint: &'static str,
    },
    /// The sign does not go with the value.
    #[error("`{text}`: ~ looks for a part of a text; `{field}` is a number or null, compare it with = or >")]
    NoText {
        /// What was written, safe to show.
        text: String,
        /// The key.
        field: String,
    },
}

impl std::str::FromStr for Condition {
    type Err = BadCondition;

    fn from_str(text: &str) -> Result<Self, BadCondition> {
        let shown = || visible::line(text).into_owned();
        let sign = text
            .find(['=', '!', '>', '<', '~'])
            .and_then(|at| OPS.iter().find(|(sign, _)| text[at..].starts_with(sign)).map(|op| (at, op)));
        let Some((at, (sign, op))) = sign else { return Err(BadCondition::NoSign { text: shown() }) };
        let (field, value) = (text[..at].trim(), text[at + sign.len()..].trim());
        let Some((field, kind)) = FIELDS.iter().find(|(name, _)| *name == field) else {
            let hint = match nearest(field, FIELDS.iter().map(|(name, _)| *name)) {
                Some(name) => format!("; do you mean `{name}`?"),
                None => {
                    "; `countersign tail -n 1 --where type=decision` shows a line with its fields".to_owned()
                }
            };
            return Err(BadCondition::UnknownField { field: visible::line(field).into_owned(), hint });
        };
        let wanted = match (value, kind) {
            ("null", _) => Wanted::Null,
            (_, Kind::Text) => Wanted::Text(value.to_owned()),
            (_, Kind::Number) => Wanted::Number(number(field, value)?),
        };
        if *op == Op::Has && !matches!(wanted, Wanted::Text(_)) {
            return Err(BadCondition::NoText { text: shown(), field: (*field).to_owned() });
        }
        let wanted = match wanted {
            Wanted::Text(text) if *op == Op::Has => Wanted::Text(text.to_lowercase()),
            wanted => wanted,
        };
        Ok(Self { key: Key::new(field), op: *op, wanted })
    }
}

fn number(field: &str, value: &str) -> Result<i64, BadCondition> {
    let is_time = field.ends_with("_ms");
    let spanned = || span(value).filter(|_| is_time).map(Span::millis);
    value.parse().ok().or_else(spanned).ok_or_else(|| BadCondition::NoNumber {
        field: field.to_owned(),
        value: visible::line(value).into_owned(),
        hint: if is_time { "; write milliseconds, or 10s, 5m, 2h" } else { "" },
    })
}

impl Condition {
    /// Only decisions.
    pub fn decisions() -> Self {
        Self { key: Key::new("type"), op: Op::Is, wanted: Wanted::Text("decision".to_owned()) }
    }

    /// Not before this moment.
    pub fn since(at: Stamp) -> Self {
        Self { key: Key::new("ts"), op: Op::AtLeast, wanted: Wanted::Text(at.to_string()) }
    }

    /// Before this moment.
    pub fn until(at: Stamp) -> Self {
        Self { key: Key::new("ts"), op: Op::Less, wanted: Wanted::Text(at.to_string()) }
    }

    /// Whether a line, without its line feed, is wanted.
    pub fn holds(&self, line: &[u8]) -> bool {
        let Some(value) = self.key.find(line) else { return false };
        if self.op == Op::Has {
            let Wanted::Text(part) = &self.wanted else { return false };
            return value.text().is_some_and(|text| text.read().to_lowercase().contains(part));
        }
        let order = match (value, &self.wanted) {
            (Value::Null, Wanted::Null) => Some(Ordering::Equal),
            (Value::Int(n), Wanted::Number(wanted)) => Some(n.cmp(wanted)),
            (Value::Text(text), Wanted::Text(wanted)) => Some(text.read().as_ref().cmp(wanted)),
            _ => None,
        };
        match self.op {
            Op::Is => order == Some(Ordering::Equal),
            Op::IsNot => order != Some(Ordering::Equal),
            Op::More => order == Some(Ordering::Greater),
            Op::Less => order == Some(Ordering::Less),
            Op::AtLeast => order.is_some_and(Ordering::is_ge),
            Op::AtMost => order.is_some_and(Ordering::is_le),
            Op::Has => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"v":1,"seq":7,"ts":"2026-11-20T09:01:00.000Z","type":"decision","id":"x","lang":null,"agent":"\u0410\u043d\u043d\u0430 B","verdict":"edit","edit_distance":37,"active_ms":41000,"hash":"ab"}"#;

    #[test]
    fn conditions_find_what_they_say() {
        for (condition, holds) in [
            ("verdict=edit", true),
            (" verdict = edit ", true),
            ("verdict=approve", false),
            ("verdict!=approve", true),
            ("verdict~DI", true),
            ("verdict~x", false),
            ("agent=Анна B", true),
            ("agent~анна", true),
            ("edit_distance>36", true),
            ("edit_distance>37", false),
            ("edit_distance>=37", true),
            ("edit_distance<=37", true),
            ("edit_distance<37", false),
            ("edit_distance!=37", false),
            ("active_ms>40s", true),
            ("active_ms>1m", false),
            ("lang=null", true),
            ("lang!=en", true),
            ("lang!=null", false),
            ("lang~e", false),
            ("lang<z", false),
            ("ts>=2026-11-20", true),
            ("seq=7", true),
            ("v=1", true),
            // A line without the key is none that was asked for.
            ("model!=x", false),
            ("model=null", false),
        ] {
            let read: Condition = condition.parse().unwrap_or_else(|e| panic!("{condition}: {e}"));
            assert_eq!(read.holds(LINE.as_bytes()), holds, "{condition}");
        }
    }

    #[test]
    fn p10_what_is_no_condition_is_told_with_what_to_write() {
        for (text, told) in [
            ("verdict", "write field=value"),
            ("", "write field=value"),
            ("!", "write field=value"),
            ("verdikt=edit", "no field `verdikt`; do you mean `verdict`?"),
            ("=edit", "the log has no field ``"),
            ("\u{1b}[2J=edit", "no field `␛[2J`"),
            ("edit_distance>many", "`edit_distance` holds numbers, and `many` is none"),
            ("edit_distance>10s", "holds numbers"),
            ("active_ms>soon", "write milliseconds, or 10s, 5m, 2h"),
            ("edit_distance~3", "compare it with = or >"),
        ] {
            let error = text.parse::<Condition>().unwrap_err().to_string();
            assert!(error.contains(told), "{text}: {error}");
        }
    }

    #[test]
    fn a_line_lies_in_a_span_of_time_or_not() {
        let at = |text: &str| text.parse::<Stamp>().unwrap();
        let same = at("2026-11-20T09:01:00Z");
        assert!(Condition::since(same).holds(LINE.as_bytes()));
        assert!(!Condition::since(at("2026-11-20T09:01:00.001Z")).holds(LINE.as_bytes()));
        assert!(!Condition::until(same).holds(LINE.as_bytes()));
        assert!(Condition::until(at("2026-11-20T09:01:00.001Z")).holds(LINE.as_bytes()));
    }
}
