//! `emotion [TEXT]`: what the recogniser reads in a message, offline.

use super::{Done, Failure};
use crate::care::recognise;
use crate::visible;
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
        // A line that is a JSON string stands for its text: so a message may hold line feeds.
        let decoded: Option<String> = serde_json::from_str(&text).ok();
        writeln!(out, "{}", line(decoded.as_deref().unwrap_or(&text), json))?;
    }
    Ok(())
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
