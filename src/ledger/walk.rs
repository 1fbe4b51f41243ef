//! Walks the lines of the log in order and checks that each follows from the one before.
//!
//! The one loop that catching up, recovery, anchoring and `verify` share; a [`Source`] gives it the lines.

use super::chain::{Hash, Link};
use super::folder::FileName;
use super::line::Shape;
use super::lines::Lines;
use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// A line that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Name of the file within the folder; of a witness's file, its path.
    pub file: String,
    /// Number of the line, from 1; 0 where there is no such file.
    pub line: u64,
    /// Where the line begins, in bytes.
    pub offset: u64,
    /// What is wrong, in words.
    pub reason: String,
}

impl std::error::Error for Fault {}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, offset, reason } = self;
        match line {
            0 => write!(f, "{file} {reason}"),
            _ => write!(f, "{file} line {line} (byte {offset}) {reason}"),
        }
    }
}

impl Fault {
    /// A fault at `offset`; counts the lines before it.
    pub(super) fn at(dir: &Path, file: &FileName, offset: u64, reason: impl Into<String>) -> Self {
        let line = lines_before(&dir.join(file.to_string()), offset).map_or(0, |n| n + 1);
        Self { file: file.to_string(), line, offset, reason: reason.into() }
    }
}

fn lines_before(path: &Path, offset: u64) -> io::Result<u64> {
    let mut reader = BufReader::with_capacity(1 << 16, File::open(path)?.take(offset));
    let mut lines = 0;
    loop {
        let block = reader.fill_buf()?;
        if block.is_empty() {
            return Ok(lines);
        }
        lines += block.iter().map(|b| u64::from(*b == b'\n')).sum::<u64>();
        let read = block.len();
        reader.consume(read);
    }
}

/// Reading the log ended early.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A line is wrong. Nothing after it can be trusted.
    #[error("the log is broken: {0}; run `countersign verify` and restore the log from a copy")]
    Broken(Fault),
    /// The system could not read.
    #[error("{path} cannot be read ({why}); check that it is there and yours")]
    Io {
        /// What was to be read.
        path: PathBuf,
        /// What the system said.
        why: io::Error,
    },
}

impl ReadError {
    pub(super) fn io(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        |why| Self::Io { path: path.into(), why }
    }
}

/// A place just after a line that is known to be good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub file: FileName,
    /// Where the line's line feed ends, in bytes.
    pub end: u64,
    pub link: Link,
}

/// Bytes after the last line feed of the newest file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Torn {
    pub file: FileName,
    pub start: u64,
    pub bytes: Vec<u8>,
}

/// One good line.
#[derive(Debug)]
pub struct Step<'a> {
    pub file: &'a FileName,
    pub start: u64,
    pub end: u64,
    /// Whether it is the first of its file.
    pub first: bool,
    /// The line without its line feed.
    pub line: &'a [u8],
    pub shape: Shape<'a>,
}

impl Step<'_> {
    /// The place just after it.
    pub fn place(&self) -> Place {
        Place { file: self.file.clone(), end: self.end, link: Link::of(&self.shape) }
    }
}

/// What a source of lines gives next.
pub enum Piece<'a> {
    /// A line without its line feed, and its leaf hash if that is known already.
    Line { file: &'a FileName, start: u64, bytes: &'a [u8], hash: Option<Hash> },
    /// Bytes after the last line feed of the newest file.
    Torn(Torn),
    /// What may not stand in a log's file.
    Wrong { file: &'a FileName, start: u64, reason: &'static str },
    /// There is no more.
    End,
}

impl<'a> Piece<'a> {
    /// What the end of a file amounts to, where `rest` follows its last line feed at `start`; none if it is in order.
    pub fn end_of(file: &'a FileName, newest: bool, start: u64, rest: &[u8]) -> Option<Self> {
        let reason = match (rest, newest) {
            ([], true) => return None,
            ([], false) if start > 0 => return None,
            ([], false) => "is empty, and there are files after it",
            (_, true) => return Some(Self::Torn(Torn { file: file.clone(), start, bytes: rest.to_vec() })),
            (_, false) => "has no line feed, and there are files after it",
        };
        Some(Self::Wrong { file, start, reason })
    }
}

/// Where lines come from, in the order of the log.
pub trait Source {
    /// The next piece.
    fn next(&mut self) -> Result<Piece<'_>, ReadError>;
}

/// The walk.
pub struct Walk<S = Lines> {
    dir: PathBuf,
    source: S,
    link: Option<Link>,
    /// Lines of this file read so far, where the walk began at the file's beginning.
    lines: Option<u64>,
    torn: Option<Torn>,
}

impl Walk {
    /// A walk through `files` (all of the log, oldest first), beginning after `from`. Of the newest file only the
    /// first `limit` bytes are read: what comes later may still be being written.
    pub fn new(dir: &Path, mut files: Vec<FileName>, from: Option<Place>, limit: Option<u64>) -> Self {
        let (start, link) = match from {
            Some(place) => {
                files.retain(|f| *f >= place.file);
                (place.end, Some(place.link))
            }
            None => (0, None),
        };
        Self { link, ..Self::through(dir, Lines::new(dir, files, start, limit)) }
    }
}

impl<S: Source> Walk<S> {
    /// A walk from the first line of all.
    pub fn through(dir: &Path, source: S) -> Self {
        Self { dir: dir.to_owned(), source, link: None, lines: None, torn: None }
    }

    /// After the end: the bytes after the last line feed.
    pub fn torn(&mut self) -> Option<Torn> {
        self.torn.take()
    }

    /// The next line; none at the end.
    pub fn next(&mut self) -> Result<Option<Step<'_>>, ReadError> {
        let (dir, lines) = (&self.dir, &mut self.lines);
        // A fault of the line that begins at `start`, the one after those counted.
        let fault = |lines: Option<u64>, file: &FileName, start: u64, reason: String| {
            ReadError::Broken(match lines {
                Some(n) => Fault { file: file.to_string(), line: n + 1, offset: start, reason },
                None => Fault::at(dir, file, start, reason),
            })
        };
        let (file, start, line, hash) = match self.source.next()? {
            Piece::Line { file, start, bytes, hash } => (file, start, bytes, hash),
            Piece::Torn(torn) => {
                self.torn = Some(torn);
                return Ok(None);
            }
            Piece::Wrong { file, start, reason } => {
                let before = if start == 0 { Some(0) } else { *lines };
                return Err(fault(before, file, start, reason.to_owned()));
            }
            Piece::End => return Ok(None),
        };
        if start == 0 {
            *lines = Some(0);
        }
        let broken = |reason: String| fault(*lines, file, start, reason);
        let shape = Shape::read(line).map_err(|e| broken(e.to_owned()))?;
        Link::check(self.link.as_ref(), &shape, hash).map_err(broken)?;
        if start == 0 && shape.kind != "header" {
            return Err(broken("is the first of its file and no header".to_owned()));
        }
        *lines = lines.map(|n| n + 1);
        match &mut self.link {
            Some(link) => {
                (link.seq, link.hash) = (shape.seq, shape.hash);
                link.ts.clear();
                link.ts.push_str(shape.ts);
            }
            none => *none = Some(Link::of(&shape)),
        }
        Ok(Some(Step { file, start, end: start + line.len() as u64 + 1, first: start == 0, line, shape }))
    }
}

/// The place after the line of `file` that ends at `end`, if that line is whole, has the hash it names, and is the
/// one expected. In words what is wrong.
pub fn place_at(
    dir: &Path,
    file: &FileName,
    end: u64,
    expected: Option<(u64, Hash)>,
) -> io::Result<Result<Place, &'static str>> {
    let handle = match File::open(dir.join(file.to_string())) {
        Ok(handle) => handle,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Err("is not there")),
        Err(e) => return Err(e),
    };
    Ok(link_at(&handle, end, expected)?.map(|link| Place { file: file.clone(), end, link }))
}

/// As [`place_at`], for an open file.
pub fn link_at(
    file: &File,
    end: u64,
    expected: Option<(u64, Hash)>,
) -> io::Result<Result<Link, &'static str>> {
    if file.metadata()?.len() < end {
        return Ok(Err("is shorter than it was"));
    }
    let Some(line) = super::backwards::line_ending_at(file, end)? else {
        return Ok(Err("has no line that ends here"));
    };
    let shape = match Shape::read(&line) {
        Ok(shape) => shape,
        Err(reason) => return Ok(Err(reason)),
    };
    if super::chain::leaf_hash(shape.signed) != shape.hash {
        return Ok(Err("has a last line whose bytes do not have the hash it names"));
    }
    match expected {
        Some((seq, hash)) if (seq, hash) != (shape.seq, shape.hash) => {
            Ok(Err("holds another entry here than the one that was written"))
        }
        _ => Ok(Ok(Link::of(&shape))),
    }
}
