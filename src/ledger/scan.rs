//! Reads chosen keys out of the bytes of a line, unchecked, and passes over the rest: for whoever looks at the whole
//! history and needs a few figures of each line.
//!
//! Why a search is enough: a line is flat, without blanks, and every quote inside a string is escaped. So `,"key":`
//! can stand in it only where that key stands; and since the order of keys is fixed, one pass finds them all. A line
//! that was tampered with may give nonsense, never a panic; proof is `verify`'s work.

use super::folder::{self, FileName};
use super::walk::ReadError;
use crate::review::Stamp;
use memchr::memmem::Finder;
use memchr::{memchr, memrchr};
use std::borrow::Cow;
use std::collections::VecDeque;
use std::fs::File;
use std::io::Read;
use std::ops::ControlFlow;
use std::path::Path;

/// So much of a file is taken in one go: small enough to stay in the processor's cache while it is looked at.
const BLOCK: usize = 256 << 10;

/// The value of one key, where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// An integer.
    Int(i64),
    /// A string.
    Text(Text<'a>),
}

impl<'a> Value<'a> {
    /// The integer, if it is one.
    pub const fn int(self) -> Option<i64> {
        match self {
            Self::Int(n) => Some(n),
            _ => None,
        }
    }
    /// The string, if it is one.
    pub const fn text(self) -> Option<Text<'a>> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Reads the value that `bytes` begins with; none for one that the log's format does not have.
    fn at(bytes: &'a [u8]) -> Option<Self> {
        let (value, rest) = match bytes.first()? {
            b'"' => {
                let text = Text::at(&bytes[1..])?;
                (Self::Text(text), &bytes[text.0.len() + 2..])
            }
            b'n' => (Self::Null, bytes.strip_prefix(b"null")?),
            _ => {
                let (n, rest) = integer(bytes)?;
                (Self::Int(n), rest)
            }
        };
        matches!(rest.first(), Some(b',' | b'}')).then_some(value)
    }
}

fn integer(bytes: &[u8]) -> Option<(i64, &[u8])> {
    let (negative, digits) = match bytes.strip_prefix(b"-") {
        Some(digits) => (true, digits),
        None => (false, bytes),
    };
    let end = digits.iter().position(|b| !b.is_ascii_digit())?;
    let n = digits[..end].iter().try_fold(0_i64, |n, digit| {
        let digit = i64::from(digit - b'0');
        n.checked_mul(10)?.checked_add(if negative { -digit } else { digit })
    })?;
    (end > 0).then_some((n, &digits[end..]))
}

/// A string of the log, still escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text<'a>(&'a str);

impl<'a> Text<'a> {
    /// As it stands between its quotes. Ids, words, moments and hashes hold no escapes, so this is their value.
    pub const fn escaped(self) -> &'a str {
        self.0
    }

    /// What it says. Foreign: it goes through `visible` before it is shown.
    pub fn read(self) -> Cow<'a, str> {
        if memchr(b'\\', self.0.as_bytes()).is_none() {
            return Cow::Borrowed(self.0);
        }
        // Escapes of half a character are none that this program writes: they are told as they stand.
        let read = serde_json::from_str(&format!("\"{}\"", self.0));
        read.map_or(Cow::Borrowed(self.0), Cow::Owned)
    }

    /// The string that begins here, behind its first quote.
    fn at(bytes: &'a [u8]) -> Option<Self> {
        let mut end = 0;
        loop {
            end += memchr(b'"', &bytes[end..])?;
            let slashes = bytes[..end].iter().rev().take_while(|b| **b == b'\\').count();
            if slashes % 2 == 0 {
                return std::str::from_utf8(&bytes[..end]).ok().map(Self);
            }
            end += 1;
        }
    }
}

/// One key, ready to be looked for in many lines.
#[derive(Clone, Debug)]
pub struct Key(Finder<'static>);

impl Key {
    /// A key of the log.
    pub fn new(name: &str) -> Self {
        Self(Finder::new(&format!(",\"{name}\":")).into_owned())
    }

    /// The value of this key in a line without its line feed; none where the line has no such key.
    pub fn find<'a>(&self, line: &'a [u8]) -> Option<Value<'a>> {
        Value::at(&line[self.value_in(line)?..])
    }

    /// Where this key's value begins.
    fn value_in(&self, line: &[u8]) -> Option<usize> {
        let needle = self.0.needle();
        // The first key of a line has a brace before it, all others a comma.
        if line.first() == Some(&b'{') && line[1..].starts_with(&needle[1..]) {
            return Some(needle.len());
        }
        Some(self.0.find(line)? + needle.len())
    }
}

/// Several keys, read in one pass when they are named in the order in which the log writes them (in any other order
/// they are found as well, in more time).
#[derive(Clone, Debug)]
pub struct Keys<const N: usize>([Key; N]);

impl<const N: usize> Keys<N> {
    /// These keys.
    pub fn new(names: [&str; N]) -> Self {
        Self(names.map(Key::new))
    }

    /// Their values in a line without its line feed, in the order of the names.
    pub fn read<'a>(&self, line: &'a [u8]) -> [Option<Value<'a>>; N] {
        let mut at = 0;
        std::array::from_fn(|n| {
            let key = &self.0[n];
            let found = match key.value_in(&line[at..]) {
                Some(found) => at + found,
                None => key.value_in(&line[..at])?,
            };
            at = found;
            Value::at(&line[found..])
        })
    }
}

/// How far the log has been read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Upto(pub(super) Option<(FileName, u64)>);

/// Gives every whole line of the log in `dir` to `each`, oldest first, without its line feed and unchecked, until it
/// breaks off. With `since`, files that end before that day are not opened: what comes may still be older.
///
/// # Errors
/// The folder or a file cannot be read.
pub fn each_line(
    dir: &Path,
    since: Option<Stamp>,
    mut each: impl FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<Upto, ReadError> {
    let mut upto = Upto::default();
    let mut block = vec![0; BLOCK];
    for name in files_since(dir, since)? {
        let (end, flow) = lines_of(dir, &name, &mut block, &mut each)?;
        upto = Upto(Some((name, end)));
        if flow.is_break() {
            break;
        }
    }
    Ok(upto)
}

/// The last `most` lines that `keep` wants, oldest first, read from the newest file backwards, so that the size of the
/// log does not matter where enough of them are new. And how far the newest file was read.
///
/// # Errors
/// The folder or a file cannot be read.
pub fn last_lines(
    dir: &Path,
    since: Option<Stamp>,
    most: usize,
    mut keep: impl FnMut(&[u8]) -> bool,
) -> Result<(Vec<Vec<u8>>, Upto), ReadError> {
    let mut upto = Upto::default();
    let mut kept: VecDeque<Vec<u8>> = VecDeque::new();
    let mut block = vec![0; BLOCK];
    for name in files_since(dir, since)?.into_iter().rev() {
        let room = most - kept.len();
        if room == 0 && upto.0.is_some() {
            break;
        }
        let mut newest: VecDeque<Vec<u8>> = VecDeque::new();
        let (end, _) = lines_of(dir, &name, &mut block, &mut |line| {
            if room > 0 && keep(line) {
                if newest.len() == room {
                    newest.pop_front();
                }
                newest.push_back(line.to_vec());
            }
            ControlFlow::Continue(())
        })?;
        newest.append(&mut kept);
        kept = newest;
        upto.0.get_or_insert((name, end));
    }
    Ok((kept.into(), upto))
}

/// The files that may hold entries of that time, oldest first: no entry stands in a file of an earlier day than its own.
fn files_since(dir: &Path, since: Option<Stamp>) -> Result<Vec<FileName>, ReadError> {
    let day = since.map(Stamp::utc_day).unwrap_or_default();
    let mut files = folder::list(dir).map_err(ReadError::io(dir))?;
    files.retain(|name| name.day >= day);
    Ok(files)
}

/// Gives the whole lines of one file to `each`; where the last one ended.
fn lines_of(
    dir: &Path,
    name: &FileName,
    block: &mut Vec<u8>,
    each: &mut impl FnMut(&[u8]) -> ControlFlow<()>,
) -> Result<(u64, ControlFlow<()>), ReadError> {
    let path = dir.join(name.to_string());
    File::open(&path).and_then(|file| lines_in(file, block, each)).map_err(ReadError::io(path))
}

fn lines_in(
    mut file: File,
    block: &mut Vec<u8>,
    each: &mut impl FnMut(&[u8]) -> ControlFlow<()>,
) -> std::io::Result<(u64, ControlFlow<()>)> {
    let (mut filled, mut ended) = (0, 0);
    loop {
        if filled == block.len() {
            // A line that is longer than a block.
            block.resize(2 * filled, 0);
        }
        let read = file.read(&mut block[filled..])?;
        if read == 0 {
            return Ok((ended, ControlFlow::Continue(())));
        }
        // What was there before holds no line feed.
        let Some(last) = memrchr(b'\n', &block[filled..filled + read]) else {
            filled += read;
            continue;
        };
        let (end, all) = (filled + last + 1, filled + read);
        let mut rest = &block[..end];
        while let Some(lf) = memchr(b'\n', rest) {
            let (line, more) = (&rest[..lf], &rest[lf + 1..]);
            ended += lf as u64 + 1;
            if each(line).is_break() {
                return Ok((ended, ControlFlow::Break(())));
            }
            rest = more;
        }
        block.copy_within(end..all, 0);
        filled = all - end;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::line::Body;
    use proptest::prelude::*;

    /// What serde makes of a key.
    fn known(line: &str, name: &str) -> Option<serde_json::Value> {
        serde_json::from_str::<serde_json::Map<_, _>>(line).unwrap().get(name).cloned()
    }

    fn as_json(value: Value<'_>) -> serde_json::Value {
        match value {
            Value::Null => serde_json::Value::Null,
            Value::Int(n) => n.into(),
            Value::Text(text) => text.read().into(),
        }
    }

    const NAMES: [&str; 6] = ["v", "type", "agent", "verdict", "n", "hash"];

    /// Texts that look like the line around them, among any others.
    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            ".{0,12}",
            "[,\\\\\":{}a-z]{0,20}",
            prop::sample::select(vec![
                r#","verdict":"#,
                r#"","verdict":"edit"#,
                r#"\","verdict":1"#,
                "verdict",
                ",",
                "\\",
                "\",",
                "null",
                "Анна\u{202e}\u{1b}[2J",
            ])
            .prop_map(str::to_owned),
        ]
    }

    fn field() -> impl Strategy<Value = Option<Result<i64, String>>> {
        prop_oneof![Just(None), any::<i64>().prop_map(|n| Some(Ok(n))), text().prop_map(|t| Some(Err(t)))]
    }

    proptest! {
        #[test]
        fn every_key_is_read_as_a_json_parser_reads_it(
            fields in prop::collection::vec((prop::sample::select(NAMES[1..].to_vec()), field()), 0..8),
            order in Just(NAMES).prop_shuffle(),
        ) {
            let mut body = Body::default();
            let mut put = Vec::new();
            for (name, field) in &fields {
                if put.contains(name) {
                    continue;
                }
                put.push(*name);
                match field {
                    None => body.put(name, None::<i64>),
                    Some(Ok(n)) => body.put(name, *n),
                    Some(Err(text)) => body.put(name, text),
                };
            }
            let line = format!("{{\"v\":1{}}}", body.text());
            let found = Keys::new(order).read(line.as_bytes());
            for (name, value) in order.iter().zip(found) {
                prop_assert_eq!(value.map(as_json), known(&line, name), "{} in {}", name, line);
                prop_assert_eq!(value, Key::new(name).find(line.as_bytes()));
            }
        }

        #[test]
        fn any_bytes_are_borne(line in prop::collection::vec(prop::sample::select(b"{},:\"\\v1-n\xff agent".to_vec()), 0..60)) {
            for name in NAMES {
                if let Some(Value::Text(text)) = Key::new(name).find(&line) {
                    let _ = text.read();
                }
            }
            let _ = Keys::new(NAMES).read(&line);
        }

        #[test]
        fn the_lines_of_files_come_whole_and_in_order(
            files in prop::collection::vec(prop::collection::vec(0_usize..600_000, 0..5), 0..4),
            torn in 0_usize..3,
        ) {
            let dir = tempfile::tempdir().unwrap();
            let mut all = Vec::new();
            for (n, lengths) in files.iter().enumerate() {
                let lines: Vec<String> = lengths.iter().map(|len| format!("{len}{}", "x".repeat(*len))).collect();
                let text: String = lines.iter().map(|l| format!("{l}\n")).collect();
                let path = dir.path().join(format!("decisions-2026-11-2{n}-00.jsonl"));
                std::fs::write(path, text + &"y".repeat(torn)).unwrap();
                all.push(lines);
            }
            let told = |since: Option<Stamp>, most: usize| {
                let mut told = Vec::new();
                each_line(dir.path(), since, |line| {
                    told.push(String::from_utf8(line.to_vec()).unwrap());
                    if told.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                }).unwrap();
                told
            };
            let whole = all.concat();
            prop_assert_eq!(&told(None, usize::MAX), &whole);
            prop_assert_eq!(&told(None, 2), &whole[..whole.len().min(2)]);
            let long = |line: &[u8]| line.len() > 1_000;
            for most in [0, 1, 2, 100] {
                let (last, upto) = last_lines(dir.path(), None, most, long).unwrap();
                let wanted: Vec<_> = whole.iter().filter(|l| long(l.as_bytes())).map(|l| l.clone().into_bytes()).collect();
                prop_assert_eq!(&last[..], &wanted[wanted.len().saturating_sub(most)..]);
                prop_assert_eq!(upto, each_line(dir.path(), None, |_| ControlFlow::Continue(())).unwrap());
            }
            let day: Stamp = "2026-11-21T23:59:00Z".parse().unwrap();
            prop_assert_eq!(told(Some(day), usize::MAX), all.into_iter().skip(1).flatten().collect::<Vec<_>>());
        }
    }

    #[test]
    fn values_that_the_format_does_not_have_are_none() {
        for value in ["1.5", "true", "[1]", "{}", "9999999999999999999", "-", "01x", "nul", "\"open", "1"] {
            let line = format!("{{\"v\":1,\"n\":{value}");
            assert_eq!(Key::new("n").find(line.as_bytes()), None, "{line}");
        }
        let least = format!("{{\"v\":1,\"n\":{}}}", i64::MIN);
        assert_eq!(Key::new("n").find(least.as_bytes()), Some(Value::Int(i64::MIN)));
        let half = br#"{"v":1,"n":"a\ud800"}"#;
        assert_eq!(Key::new("n").find(half).unwrap().text().unwrap().read(), r"a\ud800");
    }
}
