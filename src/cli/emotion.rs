//! `emotion [TEXT]`: what the recogniser reads in a message, offline.

use super::{Done, Failure};
use crate::care::recognise;
use crate::visible;
use serde::de::{Deserialize, Deserializer, Visitor};
use std::fmt;
use std::io::{BufRead, Write};
use std::path::Path;

pub fn run(text: Option<&str>, json: bool, eval: Option<&Path>) -> Done {
    if let Some(file) = eval {
        return measure(file);
    }
    let mut out = std::io::stdout().lock();
    if let Some(text) = text {
        return Ok(writeln!(out, "{}", line(text, json))?);
    }
    for message in std::io::stdin().lock().split(b'\n') {
        let message = message.map_err(|e| Failure::usage(format!("standard input: cannot be read ({e})")))?;
        let (text, _) = visible::decode(&message);
        writeln!(out, "{}", line(decoded(&text).as_deref().unwrap_or(&text), json))?;
    }
    Ok(())
}

/// A line that is a JSON string stands for its text: so a message may hold line feeds.
fn decoded(line: &str) -> Option<String> {
    serde_json::from_str(line).ok().or_else(|| {
        // JavaScript writes a character that was cut in two as one escaped surrogate, which is no character.
        let Halves(bytes) = serde_json::from_str(line).ok()?;
        // Else it only looks like JSON: without this a line with raw control characters would pass.
        (!line.trim().contains(char::is_control)).then(|| String::from_utf8_lossy(&bytes).into_owned())
    })
}

/// The text of a JSON string in UTF-8, with U+FFFD for each lone surrogate.
struct Halves(Vec<u8>);

impl<'de> Deserialize<'de> for Halves {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_bytes(Halves(Vec::new()))
    }
}

impl Visitor<'_> for Halves {
    type Value = Self;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }
    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self, E> {
        let mut bytes = bytes.to_vec();
        let mut from = 0;
        // A surrogate comes as the three bytes that its number would have.
        while let Some(at) = bytes[from..].windows(2).position(|two| two[0] == 0xed && two[1] >= 0xa0) {
            from += at + 3;
            bytes[from - 3..from].copy_from_slice("\u{fffd}".as_bytes());
        }
        Ok(Self(bytes))
    }
}

fn line(text: &str, json: bool) -> String {
    if json {
        return visible::ascii_json(&recognise::json(text)).into_owned();
    }
    let read = recognise::read(text, None);
    let unsure = if read.unsure { "unsure, perhaps " } else { "" };
    let person = if read.asks_person { "; asks for a person" } else { "" };
    format!("{unsure}{} {:.2}, intensity {:.2}{person}", read.label, read.confidence, read.intensity)
}

fn measure(file: &Path) -> Done {
    let name = visible::line(&file.display().to_string()).into_owned();
    let content =
        std::fs::read_to_string(file).map_err(|e| Failure::usage(format!("{name}: cannot be read ({e})")))?;
    let report = recognise::eval(&content).map_err(|e| Failure::usage(format!("{name}: {e}")))?;
    Ok(write!(std::io::stdout(), "{report}")?)
}
