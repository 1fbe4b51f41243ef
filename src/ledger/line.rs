//! The shape of a line: how it is written, and how its few chain fields are found by position.
//!
//! `{"v":1,"seq":N,"ts":"…","type":"…","id":"…", body ,"prev":"…","hash":"…"}`, printable ASCII, then a line feed.
//! Nothing here parses JSON: a line is taken as bytes, and each of its bytes is either under the hash or fixed.

use super::chain::{Hash, leaf_hash};
use crate::review::Stamp;
use std::fmt::Write;
use uuid::Uuid;

/// The version this program writes. New keys raise it.
pub const VERSION: u32 = 1;
/// Names (agents, models, languages, revisions) are cut to this many characters; ids are never cut.
pub const MAX_NAME_CHARS: usize = 256;

/// `,"hash":"` + 64 + `"}`.
pub const HASH_BYTES: usize = 9 + 64 + 2;
/// `,"prev":"` + 64 + `"`.
const PREV_BYTES: usize = 9 + 64 + 1;
/// `2026-11-20T09:01:00.000Z`.
pub const TS_BYTES: usize = 24;
const ID_BYTES: usize = 36;

/// The value of one key.
pub enum Field {
    Null,
    Text(String),
    Int(i64),
}

impl From<&str> for Field {
    fn from(text: &str) -> Self {
        Self::Text(text.chars().take(MAX_NAME_CHARS).collect())
    }
}
impl From<&String> for Field {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}
impl From<Stamp> for Field {
    fn from(at: Stamp) -> Self {
        Self::Text(at.to_string())
    }
}
impl From<Uuid> for Field {
    fn from(id: Uuid) -> Self {
        Self::Text(id.to_string())
    }
}
macro_rules! int_field {
    ($($int:ty),+) => {$(
        impl From<$int> for Field {
            fn from(n: $int) -> Self {
                Self::Int(i64::try_from(n).unwrap_or(i64::MAX))
            }
        }
    )+};
}
int_field!(u16, u32, u64, usize, i64);
impl<T: Into<Self>> From<Option<T>> for Field {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// The keys of one entry, in order.
#[derive(Default)]
pub struct Body(String);

impl Body {
    /// Adds a key.
    pub fn put(&mut self, key: &'static str, value: impl Into<Field>) -> &mut Self {
        push_key(&mut self.0, key);
        match value.into() {
            Field::Null => self.0.push_str("null"),
            Field::Int(n) => push_fmt(&mut self.0, format_args!("{n}")),
            Field::Text(text) => push_text(&mut self.0, &text),
        }
        self
    }
    #[cfg(test)]
    pub fn text(&self) -> &str {
        &self.0
    }
}

fn push_fmt(out: &mut String, what: std::fmt::Arguments<'_>) {
    out.write_fmt(what).expect("writing to a String cannot fail");
}

fn push_key(out: &mut String, key: &str) {
    push_fmt(out, format_args!(",\"{key}\":"));
}

/// A JSON string of printable ASCII: whatever else there is becomes `\uXXXX`.
fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    push_fmt(out, format_args!("\\u{unit:04x}"));
                }
            }
        }
    }
    out.push('"');
}

/// A whole line with its line feed, and its hash.
pub fn seal(seq: u64, ts: Stamp, kind: &str, id: Uuid, body: &Body, prev: &Hash) -> (String, Hash) {
    let mut line = String::with_capacity(body.0.len() + 320);
    push_fmt(
        &mut line,
        format_args!(r#"{{"v":{VERSION},"seq":{seq},"ts":"{ts}","type":"{kind}","id":"{id}""#),
    );
    line.push_str(&body.0);
    push_fmt(&mut line, format_args!(r#","prev":"{prev}""#));
    let hash = leaf_hash(line.as_bytes());
    push_fmt(&mut line, format_args!(",\"hash\":\"{hash}\"}}\n"));
    (line, hash)
}

/// The fields of a line that the chain needs, found by position.
#[derive(Clone, Copy, Debug)]
pub struct Shape<'a> {
    pub seq: u64,
    /// RFC 3339; sorts as text.
    pub ts: &'a str,
    pub kind: &'a str,
    pub id: &'a str,
    pub prev: Hash,
    pub hash: Hash,
    /// What the hash is over.
    pub signed: &'a [u8],
}

impl<'a> Shape<'a> {
    /// Reads a line without its line feed. The hash is not yet compared with the bytes.
    ///
    /// # Errors
    /// In words, what is not as it must be.
    pub fn read(line: &'a [u8]) -> Result<Self, &'static str> {
        // Folded, not `all`: without an early exit the compiler checks many bytes at once.
        if !line.iter().fold(true, |ok, b| ok & matches!(b, b' '..=b'~')) {
            return Err("holds a byte that is no printable ASCII");
        }
        let text = std::str::from_utf8(line).map_err(|_| "is not ASCII")?;
        let signed = text.len().checked_sub(HASH_BYTES).ok_or("is too short for an entry")?;
        let (covered, tail) = text.split_at(signed);
        let hash = tail
            .strip_prefix(",\"hash\":\"")
            .and_then(|rest| rest.strip_suffix("\"}"))
            .and_then(Hash::from_hex)
            .ok_or("does not end with its hash")?;
        let start = covered.len().checked_sub(PREV_BYTES).ok_or("is too short for an entry")?;
        let (head, prev) = covered.split_at(start);
        let prev = prev
            .strip_prefix(",\"prev\":\"")
            .and_then(|rest| rest.strip_suffix('"'))
            .and_then(Hash::from_hex)
            .ok_or("names no former hash")?;
        let (seq, ts, kind, id) = front(head).ok_or("does not begin as an entry does")?;
        Ok(Self { seq, ts, kind, id, prev, hash, signed: covered.as_bytes() })
    }
}

fn front(head: &str) -> Option<(u64, &str, &str, &str)> {
    let rest = head.strip_prefix("{\"v\":")?;
    let (_, rest) = number(rest)?;
    let (seq, rest) = number(rest.strip_prefix(",\"seq\":")?)?;
    let (ts, rest) = rest.strip_prefix(",\"ts\":\"")?.split_at_checked(TS_BYTES)?;
    let rest = rest.strip_prefix("\",\"type\":\"")?;
    let (kind, rest) = rest.split_once('"')?;
    let (id, rest) = rest.strip_prefix(",\"id\":\"")?.split_at_checked(ID_BYTES)?;
    let rest = rest.strip_prefix('"')?;
    let word = !kind.is_empty() && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let body = rest.is_empty() || rest.starts_with(",\"");
    (word && body && is_ts(ts)).then_some((seq, ts, kind, id))
}

/// A decimal number as this program prints it, and what follows.
fn number(text: &str) -> Option<(u64, &str)> {
    let end = text.bytes().position(|b| !b.is_ascii_digit())?;
    let (digits, rest) = text.split_at(end);
    let canonical = digits == "0" || !digits.starts_with('0');
    canonical.then(|| digits.parse().ok()).flatten().map(|n| (n, rest))
}

fn is_ts(ts: &str) -> bool {
    ts.bytes()
        .zip(b"0000-00-00T00:00:00.000Z")
        .all(|(b, p)| if *p == b'0' { b.is_ascii_digit() } else { b == *p })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_printable_ascii_and_reads_back_as_json() {
        for hostile in ["a\"b\\c", "\u{1b}[31m\r\n\t\0\u{7f}", "Анна 👩‍👧 \u{202e}", "\u{9b}2J", "plain"]
        {
            let mut out = String::new();
            push_text(&mut out, hostile);
            assert!(out.bytes().all(|b| (b' '..=b'~').contains(&b)), "{out:?}");
            assert_eq!(serde_json::from_str::<String>(&out).unwrap(), hostile);
        }
    }

    #[test]
    fn a_sealed_line_has_its_shape_and_a_long_name_is_cut() {
        let mut body = Body::default();
        body.put("agent", &*"ж".repeat(5_000)).put("n", 3_u32).put("none", None::<u32>);
        let (line, hash) = seal(7, Stamp(0), "session", Uuid::nil(), &body, &Hash::ZERO);
        let shape = Shape::read(line.trim_end().as_bytes()).unwrap();
        assert_eq!((shape.seq, shape.kind, shape.ts), (7, "session", "1970-01-01T00:00:00.000Z"));
        assert_eq!((shape.hash, shape.prev), (hash, Hash::ZERO));
        assert_eq!(line.matches("\\u0436").count(), MAX_NAME_CHARS);
        assert!(line.contains(r#","n":3,"none":null,"prev":"#), "{line}");
    }
}
