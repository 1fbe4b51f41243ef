//! Items in: a stream of lines, each stored or refused by itself.

use super::{Desk, DeskError};
use crate::queue::{Arrival, Intake};
use crate::review::{Item, MAX_LINE_BYTES};
use std::io::{BufRead, Read};

/// Lines per transaction.
const BATCH: usize = 4_000;

/// What came of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// New in the queue.
    pub new: u64,
    /// Replaced what was there.
    pub superseded: u64,
    /// Was there already.
    pub unchanged: u64,
    /// Refused, each told by itself.
    pub refused: u64,
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.new += other.new;
        self.superseded += other.superseded;
        self.unchanged += other.unchanged;
        self.refused += other.refused;
    }
}

/// A line that was not taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefusedLine {
    /// Counted from 1.
    pub line: u64,
    /// Path of the field.
    pub field: String,
    /// What is wrong and what is expected.
    pub reason: String,
}

/// What the caller hears while lines come in.
pub enum News<'a> {
    /// So many bytes have been read so far.
    Progress(u64),
    /// A line was refused.
    Refused(&'a RefusedLine),
}

/// One line of at most [`MAX_LINE_BYTES`], or why there is none.
enum Line {
    Text(String),
    Blank,
    Bad(&'static str, String),
    End,
}

/// Reads a line without ever holding more than the limit.
fn next_line(from: &mut impl BufRead, bytes: &mut u64) -> std::io::Result<Line> {
    let mut line = Vec::new();
    let limit = MAX_LINE_BYTES as u64 + 1;
    let read = from.by_ref().take(limit).read_until(b'\n', &mut line)?;
    *bytes += read as u64;
    if read == 0 {
        return Ok(Line::End);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() > MAX_LINE_BYTES {
        *bytes += from.skip_until(b'\n')? as u64;
        return Ok(Line::Bad("line", format!("is longer than {MAX_LINE_BYTES} bytes")));
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    if line.iter().all(u8::is_ascii_whitespace) {
        return Ok(Line::Blank);
    }
    Ok(match String::from_utf8(line) {
        Ok(text) => Line::Text(text),
        Err(e) => {
            let at = e.utf8_error().valid_up_to() + 1;
            Line::Bad("line", format!("is not UTF-8 at byte {at}"))
        }
    })
}

impl Desk {
    /// Takes in every good line of `from`; bad ones are told by `news` and counted.
    ///
    /// # Errors
    /// The input cannot be read, or the queue cannot be reached; lines taken before stay taken.
    pub async fn import(
        &self,
        from: &mut (impl BufRead + Send),
        mut news: impl FnMut(News<'_>),
    ) -> Result<Tally, DeskError> {
        let mut tally = Tally::default();
        let (mut number, mut bytes) = (0, 0);
        let mut batch: Vec<Arrival> = Vec::with_capacity(BATCH);
        let mut numbers: Vec<u64> = Vec::with_capacity(BATCH);
        let mut under_way = None;
        loop {
            number += 1;
            let line = next_line(from, &mut bytes).map_err(|why| DeskError::Input { line: number, why })?;
            let mut refuse = |field: &str, reason: String| {
                tally.refused += 1;
                news(News::Refused(&RefusedLine { line: number, field: field.to_owned(), reason }));
            };
            let end = matches!(line, Line::End);
            match line {
                Line::Text(text) => match Item::parse(&text) {
                    Ok(item) => {
                        batch.push(Arrival { item, line: text });
                        numbers.push(number);
                    }
                    Err(fault) => refuse(&fault.field, fault.reason),
                },
                Line::Bad(field, reason) => refuse(field, reason),
                Line::Blank | Line::End => {}
            }
            if batch.len() == BATCH || (end && !batch.is_empty()) {
                // The queue's thread writes one batch while this one reads the next.
                let next = self.queue.intake(std::mem::replace(&mut batch, Vec::with_capacity(BATCH)));
                let next = (next, std::mem::replace(&mut numbers, Vec::with_capacity(BATCH)));
                if let Some((answer, numbers)) = under_way.replace(next) {
                    count(answer.await?, &numbers, &mut tally, &mut news);
                }
                news(News::Progress(bytes));
            }
            if end {
                if let Some((answer, numbers)) = under_way.take() {
                    count(answer.await?, &numbers, &mut tally, &mut news);
                }
                news(News::Progress(bytes));
                return Ok(tally);
            }
        }
    }
}

fn count(answers: Vec<Intake>, numbers: &[u64], tally: &mut Tally, news: &mut impl FnMut(News<'_>)) {
    for (answer, number) in answers.into_iter().zip(numbers) {
        let reason = match answer {
            Intake::New => {
                tally.new += 1;
                continue;
            }
            Intake::Superseded => {
                tally.superseded += 1;
                continue;
            }
            Intake::Unchanged => {
                tally.unchanged += 1;
                continue;
            }
            Intake::Older => "is older than what the queue holds: a lower draft version or fewer messages",
            Intake::Conflict => {
                "contradicts what the queue holds: the same draft version or message has another text"
            }
        };
        tally.refused += 1;
        let field = if answer == Intake::Older { "draft.version" } else { "draft.text" };
        news(News::Refused(&RefusedLine {
            line: *number,
            field: field.to_owned(),
            reason: reason.to_owned(),
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_bounded_whatever_comes() {
        let long = "x".repeat(MAX_LINE_BYTES + 7);
        let fits = "y".repeat(MAX_LINE_BYTES);
        let input = format!("{long}\n{fits}\n\r\n  \nlast");
        let mut from = input.as_bytes();
        let mut bytes = 0;
        let mut next = || next_line(&mut from, &mut bytes).unwrap();
        assert!(matches!(next(), Line::Bad("line", reason) if reason.contains("1048576")));
        assert!(matches!(next(), Line::Text(t) if t.len() == MAX_LINE_BYTES));
        assert!(matches!(next(), Line::Blank));
        assert!(matches!(next(), Line::Blank));
        assert!(matches!(next(), Line::Text(t) if t == "last"));
        assert!(matches!(next(), Line::End));
        assert_eq!(bytes, input.len() as u64);
        let mut bad: &[u8] = b"ab\xff\n";
        assert!(matches!(next_line(&mut bad, &mut bytes).unwrap(), Line::Bad(_, r) if r.contains("byte 3")));
    }
}
