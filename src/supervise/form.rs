//! How a line leaves: as ASCII JSON for programs, as painted rows for people.
//!
//! Invariant: whatever stands in a log, nothing leaves that could act on a terminal, neither at once nor after
//! `jq -r` has read it (P6).

use super::told::{Joined, Part, Times, clock, decision_of, told};
use crate::console::theme::{Role, Theme};
use crate::ledger::{Fault, Parsed};
use crate::review::{DecisionId, Stamp};
use crate::visible;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use memchr::memmem;
use ratatui::backend::IntoCrossterm;
use std::borrow::Cow;
use std::io::{self, Write};

/// A way to write lines.
pub trait Form {
    /// Writes a line of the log.
    ///
    /// # Errors
    /// It cannot be written.
    fn line(&mut self, raw: &[u8], out: &mut dyn Write) -> io::Result<()>;
    /// Says what is wrong with the line that follows, or with the log.
    ///
    /// # Errors
    /// It cannot be written.
    fn fault(&mut self, what: &str, out: &mut dyn Write) -> io::Result<()>;
}

/// What is wrong, in one line.
pub fn fault_line(fault: &Fault) -> String {
    visible::line(&format!("broken: {fault}")).into_owned()
}

/// ASCII JSON; faults go elsewhere, so that the output stays JSON.
pub struct Json<'a> {
    /// Where faults are told, usually standard error.
    pub faults: &'a mut dyn Write,
}

impl Form for Json<'_> {
    fn line(&mut self, raw: &[u8], out: &mut dyn Write) -> io::Result<()> {
        // Folded, not `all`: without an early exit the compiler checks many bytes at once.
        if raw.iter().fold(true, |ok, b| ok & matches!(b, b' '..=b'~')) {
            out.write_all(&inert(raw))?;
        } else {
            // A line of ours is printable ASCII. One that is not has been tampered with.
            for b in raw {
                match b {
                    b' '..=b'~' => out.write_all(&[*b])?,
                    _ => write!(out, "<{b:02X}>")?,
                }
            }
        }
        out.write_all(b"\n")
    }

    fn fault(&mut self, what: &str, _: &mut dyn Write) -> io::Result<()> {
        writeln!(self.faults, "countersign: {what}")
    }
}

/// The line with every value safe to print once it has been read: a name that would act on a terminal shows what it
/// holds instead. Other lines, nearly all, stay as they are, byte for byte.
pub fn inert(raw: &[u8]) -> Cow<'_, [u8]> {
    let unchanged = Cow::Borrowed(raw);
    // Only escapes can hide what is no printable ASCII.
    if memmem::find(raw, b"\\").is_none() {
        return unchanged;
    }
    let Ok(entry) = serde_json::from_slice::<serde_json::Map<String, serde_json::Value>>(raw) else {
        return unchanged;
    };
    let mut changed = false;
    let mut safe = |text: &str| {
        let shown = visible::line(text);
        changed |= shown != text;
        shown.into_owned()
    };
    let entry: serde_json::Map<_, _> = entry
        .iter()
        .map(|(key, value)| (safe(key), value.as_str().map_or_else(|| value.clone(), |v| safe(v).into())))
        .collect();
    match serde_json::to_string(&entry) {
        Ok(json) if changed => Cow::Owned(visible::ascii_json(&json).into_owned().into_bytes()),
        _ => unchanged,
    }
}

/// Asks the store what it still knows of a decision.
pub type Join<'a> = Box<dyn FnMut(DecisionId) -> Option<Joined> + 'a>;

/// Painted rows.
pub struct Pretty<'a> {
    /// The looks; none writes words alone.
    pub theme: Option<Theme>,
    /// Whose midnight parts the days.
    pub zone: TimeZone,
    /// Cells across, asked anew for each row; none where rows may be of any length.
    pub columns: Box<dyn Fn() -> Option<usize> + 'a>,
    /// The texts.
    pub join: Join<'a>,
    /// The day of the row before.
    pub day: Option<Date>,
}

impl Form for Pretty<'_> {
    fn line(&mut self, raw: &[u8], out: &mut dyn Write) -> io::Result<()> {
        let entry = std::str::from_utf8(raw).ok().and_then(Parsed::read);
        let Some(entry) = entry else {
            let shown = visible::line(&String::from_utf8_lossy(raw)).into_owned();
            return self.row(&[("unreadable: ".to_owned(), Role::Danger), (shown, Role::Quiet)], out);
        };
        let at = entry.text("ts").and_then(|ts| ts.parse::<Stamp>().ok());
        let time = match at.map(|at| clock(at, &self.zone)) {
            Some((day, time)) => {
                if self.day.replace(day) != Some(day) {
                    self.row(&[(day.strftime("%A, %Y-%m-%d").to_string(), Role::Title)], out)?;
                }
                time
            }
            None => "--:--:--".to_owned(),
        };
        let joined = decision_of(&entry).and_then(|id| (self.join)(id));
        let mut parts = vec![(format!("{time}  "), Role::Quiet)];
        parts.extend(told(&entry, joined.as_ref(), Times::Shown));
        self.row(&parts, out)
    }

    fn fault(&mut self, what: &str, out: &mut dyn Write) -> io::Result<()> {
        // Never cut: it is what one must read.
        out.write_all(paint(&[(format!("✗ {what}"), Role::Danger)], self.theme.as_ref()).as_bytes())?;
        out.write_all(b"\n")
    }
}

impl Pretty<'_> {
    fn row(&self, parts: &[Part], out: &mut dyn Write) -> io::Result<()> {
        let mut room = (self.columns)().unwrap_or(usize::MAX);
        let mut fitting = Vec::new();
        for (text, role) in parts {
            let clipped = visible::clip(text, room);
            room -= visible::width(&clipped).min(room);
            fitting.push((clipped.into_owned(), *role));
            if room == 0 {
                break;
            }
        }
        out.write_all(paint(&fitting, self.theme.as_ref()).as_bytes())?;
        out.write_all(b"\n")
    }
}

/// Parts with the escapes of their looks. The texts are safe already: no escape but ours is in the row.
fn paint(parts: &[Part], theme: Option<&Theme>) -> String {
    let row = parts.iter().map(|(text, role)| match theme {
        Some(theme) => theme.style(*role).into_crossterm().apply(text).to_string(),
        None => text.clone(),
    });
    row.collect::<String>().trim_end().to_owned()
}
