//! The log's lines one after the other, from any place on. Keeps one line in memory.

use super::folder::FileName;
use super::walk::{Piece, ReadError, Source};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

struct Open {
    file: FileName,
    reader: BufReader<std::io::Take<File>>,
    offset: u64,
}

/// The lines.
pub struct Lines {
    dir: PathBuf,
    files: VecDeque<FileName>,
    open: Option<Open>,
    from: u64,
    limit: Option<u64>,
    buffer: Vec<u8>,
}

impl Lines {
    /// The lines of `files`, from byte `from` of the first one on, and of the newest up to `limit`.
    pub fn new(dir: &Path, files: Vec<FileName>, from: u64, limit: Option<u64>) -> Self {
        let files = VecDeque::from(files);
        Self { dir: dir.to_owned(), files, open: None, from, limit, buffer: Vec::with_capacity(2_048) }
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
        self.open = Some(Open { file, reader, offset });
        Ok(true)
    }

    /// Reads on within the open file; whether a whole line was there.
    fn read(&mut self) -> Result<bool, ReadError> {
        let Some(open) = &mut self.open else { return Ok(false) };
        self.buffer.clear();
        open.reader
            .read_until(b'\n', &mut self.buffer)
            .map_err(ReadError::io(self.dir.join(open.file.to_string())))?;
        Ok(self.buffer.ends_with(b"\n"))
    }
}

impl Source for Lines {
    fn next(&mut self) -> Result<Piece<'_>, ReadError> {
        while !self.read()? {
            // At the end of a file, or before the first one. What is wrong with an end is told once: nobody reads on.
            let wrong = self.open.as_ref().is_some_and(|open| {
                Piece::end_of(&open.file, self.files.is_empty(), open.offset, &self.buffer).is_some()
            });
            if wrong || !self.open_next()? {
                let Some(open) = &self.open else { return Ok(Piece::End) };
                let end = Piece::end_of(&open.file, self.files.is_empty(), open.offset, &self.buffer);
                return Ok(end.unwrap_or(Piece::End));
            }
        }
        let Some(open) = &mut self.open else { return Ok(Piece::End) };
        let start = open.offset;
        open.offset += self.buffer.len() as u64;
        let bytes = &self.buffer[..self.buffer.len() - 1];
        Ok(Piece::Line { file: &open.file, start, bytes, hash: None })
    }
}
