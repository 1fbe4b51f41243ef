//! Walks the lines of the log in order and checks that each follows from the one before.
//!
//! The one loop that catching up, recovery and `verify` share. It keeps one line in memory.

use super::chain::{Hash, Link};
use super::folder::FileName;
use super::line::Shape;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// A line that is not as it must be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file} line {line} (byte {offset}) {reason}")]
pub struct Fault {
    /// Name of the file within the folder.
    pub file: String,
    /// Number of the line, from 1; 0 where there is no such file.
    pub line: u64,
    /// Where the line begins, in bytes.
    pub offset: u64,
    /// What is wrong, in words.
    pub reason: String,
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

struct Open {
    file: FileName,
    reader: BufReader<io::Take<File>>,
    offset: u64,
    /// Lines read so far, where the walk began at the file's beginning.
    lines: Option<u64>,
}

impl Open {
    /// A fault of the line that begins at `start`, the one after those counted.
    fn fault(&self, dir: &Path, start: u64, reason: impl Into<String>) -> Fault {
        match self.lines {
            Some(n) => {
                Fault { file: self.file.to_string(), line: n + 1, offset: start, reason: reason.into() }
            }
            None => Fault::at(dir, &self.file, start, reason),
        }
    }
}

/// The walk.
pub struct Walk {
    dir: PathBuf,
    files: VecDeque<FileName>,
    open: Option<Open>,
    from: u64,
    limit: Option<u64>,
    link: Option<Link>,
    buffer: Vec<u8>,
    torn: Option<Torn>,
}

impl Walk {
    /// A walk through `files` (all of the log, oldest first), beginning after `from`. Of the newest file only the
    /// first `limit` bytes are read: what comes later may still be being written.
    pub fn new(dir: &Path, files: Vec<FileName>, from: Option<Place>, limit: Option<u64>) -> Self {
        let mut files = VecDeque::from(files);
        let (start, link) = match from {
            Some(place) => {
                files.retain(|f| *f >= place.file);
                (place.end, Some(place.link))
            }
            None => (0, None),
        };
        Self {
            dir: dir.to_owned(),
            files,
            open: None,
            from: start,
            limit,
            link,
            buffer: Vec::with_capacity(2_048),
            torn: None,
        }
    }

    /// After the end: the bytes after the last line feed.
    pub fn torn(&mut self) -> Option<Torn> {
        self.torn.take()
    }

    /// The next line; none at the end.
    pub fn next(&mut self) -> Result<Option<Step<'_>>, ReadError> {
        let end = loop {
            let Some(open) = &mut self.open else {
                if self.open_next()? {
                    continue;
                }
                return Ok(None);
            };
            self.buffer.clear();
            let read = open
                .reader
                .read_until(b'\n', &mut self.buffer)
                .map_err(ReadError::io(self.dir.join(open.file.to_string())))?;
            let last = self.files.is_empty();
            if read > 0 && self.buffer.ends_with(b"\n") {
                break open.offset + read as u64;
            }
            let reason = match (read, last, open.offset) {
                (0, false, 0) => "is empty, and there are files after it",
                (0, ..) => {
                    self.open = None;
                    continue;
                }
                (_, true, start) => {
                    let (file, bytes) = (open.file.clone(), std::mem::take(&mut self.buffer));
                    self.torn = Some(Torn { file, start, bytes });
                    self.open = None;
                    return Ok(None);
                }
                (_, false, _) => "has no line feed, and there are files after it",
            };
            return Err(ReadError::Broken(open.fault(&self.dir, open.offset, reason)));
        };
        let Some(open) = &mut self.open else { return Ok(None) };
        let start = std::mem::replace(&mut open.offset, end);
        let line = &self.buffer[..self.buffer.len() - 1];
        let broken = |reason: String| ReadError::Broken(open.fault(&self.dir, start, reason));
        let shape = Shape::read(line).map_err(|e| broken(e.to_owned()))?;
        Link::check(self.link.as_ref(), &shape).map_err(broken)?;
        if start == 0 && shape.kind != "header" {
            return Err(broken("is the first of its file and no header".to_owned()));
        }
        open.lines = open.lines.map(|n| n + 1);
        match &mut self.link {
            Some(link) => {
                (link.seq, link.hash) = (shape.seq, shape.hash);
                link.ts.clear();
                link.ts.push_str(shape.ts);
            }
            none => *none = Some(Link::of(&shape)),
        }
        Ok(Some(Step { file: &open.file, start, end, first: start == 0, line, shape }))
    }

    /// Opens the next file; false if there is none.
    fn open_next(&mut self) -> Result<bool, ReadError> {
        let Some(file) = self.files.pop_front() else { return Ok(false) };
        let offset = std::mem::take(&mut self.from);
        let path = self.dir.join(file.to_string());
        let limit = if self.files.is_empty() { self.limit.unwrap_or(u64::MAX) } else { u64::MAX };
        let reader = File::open(&path)
            .and_then(|mut f| {
                f.seek(SeekFrom::Start(offset))?;
                Ok(BufReader::with_capacity(1 << 18, f.take(limit.saturating_sub(offset))))
            })
            .map_err(ReadError::io(path))?;
        self.open = Some(Open { file, reader, offset, lines: (offset == 0).then_some(0) });
        Ok(true)
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
