//! The log's lines with their hashes, read and reckoned ahead in blocks by as many threads as the machine has cores.
//!
//! A line's hash depends on nothing but its own bytes: only the order is left to whoever walks. Memory stays bounded:
//! a thread is at most a few blocks ahead.

use super::chain::{Hash, leaf_hash};
use super::folder::FileName;
use super::line::HASH_BYTES;
use super::walk::{Piece, ReadError, Source};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

/// Bytes of a block; its last line may reach beyond.
const BLOCK: u64 = 256 << 10;
/// How many finished blocks may wait for their turn, for each thread.
const AHEAD: usize = 4;
/// A log of fewer blocks is read without threads.
const WORTH_THREADS: usize = 8;
const MAX_THREADS: usize = 16;

/// A part of a file: the lines that begin in it.
#[derive(Clone, Copy, Debug)]
struct Part {
    file: usize,
    from: u64,
    upto: u64,
    /// Where the file ends.
    end: u64,
}

/// The lines of a part.
#[derive(Default)]
struct Block {
    bytes: Vec<u8>,
    /// Where the first byte stands in the file.
    offset: u64,
    /// Where the first line begins within the bytes.
    first: usize,
    /// For each line its end without the line feed, and its leaf hash.
    lines: Vec<(usize, Hash)>,
}

struct Plan {
    dir: PathBuf,
    files: Vec<FileName>,
    parts: Vec<Part>,
}

impl Plan {
    fn open(&self, file: usize) -> Result<File, ReadError> {
        let path = self.dir.join(self.files[file].to_string());
        File::open(&path).map_err(ReadError::io(path))
    }

    /// The block of one part. `open` keeps the file between two of them.
    fn block(&self, part: &Part, open: &mut Option<(usize, File)>) -> Result<Block, ReadError> {
        if open.as_ref().is_none_or(|(file, _)| *file != part.file) {
            *open = Some((part.file, self.open(part.file)?));
        }
        let Some((_, file)) = open else { return Ok(Block::default()) };
        Block::read(file, part)
            .map_err(|why| ReadError::Io { path: self.dir.join(self.files[part.file].to_string()), why })
    }
}

impl Block {
    fn read(file: &File, part: &Part) -> io::Result<Self> {
        // One byte more in front: whether a line begins right at `from`.
        let offset = part.from.saturating_sub(1);
        let mut bytes = Vec::new();
        read_on(file, &mut bytes, offset, part.upto - offset)?;
        let first = match (part.from, memchr::memchr(b'\n', &bytes)) {
            (0, _) => 0,
            (_, Some(lf)) => lf + 1,
            // Within one long line, which belongs to the part where it begins.
            (_, None) => return Ok(Self { first: bytes.len(), bytes, offset, lines: Vec::new() }),
        };
        while bytes.last() != Some(&b'\n') && first < bytes.len() {
            let had = bytes.len();
            let left = part.end.saturating_sub(offset + had as u64);
            if read_on(file, &mut bytes, offset, left.min(4 << 10))? == 0 {
                break;
            }
            if let Some(lf) = memchr::memchr(b'\n', &bytes[had..]) {
                bytes.truncate(had + lf + 1);
            }
        }
        let mut start = first;
        let lines = memchr::memchr_iter(b'\n', &bytes[first..])
            .map(|lf| {
                let line = &bytes[start..first + lf];
                start = first + lf + 1;
                // A line too short to name its hash has none that matters: it is refused by its shape.
                let signed = &line[..line.len().saturating_sub(HASH_BYTES)];
                (first + lf, leaf_hash(signed))
            })
            .collect();
        Ok(Self { bytes, offset, first, lines })
    }

    /// Where line `n` begins within the bytes; after the last one, where the rest does.
    fn start(&self, n: usize) -> usize {
        if n == 0 { self.first } else { self.lines[n - 1].0 + 1 }
    }
}

/// Appends up to `want` bytes, as many as there are; returns how many.
fn read_on(file: &File, bytes: &mut Vec<u8>, offset: u64, want: u64) -> io::Result<usize> {
    let had = bytes.len();
    bytes.resize(had + usize::try_from(want).map_err(io::Error::other)?, 0);
    let mut got = had;
    while got < bytes.len() {
        match file.read_at(&mut bytes[got..], offset + got as u64) {
            Ok(0) => break,
            Ok(n) => got += n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
    bytes.truncate(got);
    Ok(got - had)
}

/// The lines.
pub struct Blocks {
    plan: Arc<Plan>,
    /// The part in work, and the line of it that comes next.
    part: usize,
    line: usize,
    block: Option<Block>,
    open: Option<(usize, File)>,
    /// One for each thread; part `n` comes from thread `n % threads`.
    ahead: Vec<Receiver<Result<Block, ReadError>>>,
}

impl Blocks {
    /// The lines of `files`, of the newest only the first `limit` bytes.
    pub fn new(dir: &Path, files: Vec<FileName>, limit: Option<u64>) -> Result<Self, ReadError> {
        Self::of(dir, files, limit, BLOCK, None)
    }

    /// The same in blocks of another size, and with so many threads.
    fn of(
        dir: &Path,
        files: Vec<FileName>,
        limit: Option<u64>,
        size: u64,
        threads: Option<usize>,
    ) -> Result<Self, ReadError> {
        let mut parts = Vec::new();
        for (file, name) in files.iter().enumerate() {
            let path = dir.join(name.to_string());
            let length = std::fs::metadata(&path).map_err(ReadError::io(path))?.len();
            let end = if file + 1 == files.len() { length.min(limit.unwrap_or(length)) } else { length };
            let starts = (0..end.max(1)).step_by(usize::try_from(size).unwrap_or(usize::MAX));
            parts.extend(starts.map(|from| Part { file, from, upto: end.min(from + size), end }));
        }
        let plan = Arc::new(Plan { dir: dir.to_owned(), files, parts });
        let threads = threads.unwrap_or_else(|| match thread::available_parallelism() {
            Ok(cores) if plan.parts.len() >= WORTH_THREADS => cores.get().min(MAX_THREADS),
            _ => 0,
        });
        let ahead = (0..threads).map_while(|n| work(&plan, n, threads)).collect::<Vec<_>>();
        // Where the system gives fewer threads than asked for, none is better than a gap.
        let ahead = if ahead.len() == threads { ahead } else { Vec::new() };
        Ok(Self { plan, part: 0, line: 0, block: None, open: None, ahead })
    }

    /// All bytes of the log that are read.
    pub fn bytes(&self) -> u64 {
        self.plan.parts.iter().map(|p| p.upto - p.from).sum()
    }

    fn fetch(&mut self) -> Result<Block, ReadError> {
        match self.ahead.len() {
            0 => self.plan.block(&self.plan.parts[self.part], &mut self.open),
            n => self.ahead[self.part % n].recv().unwrap_or_else(|_| {
                let why = io::Error::other("a thread that reads ahead has stopped");
                Err(ReadError::Io { path: self.plan.dir.clone(), why })
            }),
        }
    }
}

/// A thread that reads every `step`-th part.
fn work(plan: &Arc<Plan>, first: usize, step: usize) -> Option<Receiver<Result<Block, ReadError>>> {
    let (send, receive) = sync_channel(AHEAD);
    let plan = plan.clone();
    let run = move |send: SyncSender<_>| {
        let mut open = None;
        for part in plan.parts.iter().skip(first).step_by(step) {
            let block = plan.block(part, &mut open);
            let failed = block.is_err();
            // Nobody listens any more: a fault was found before.
            if send.send(block).is_err() || failed {
                return;
            }
        }
    };
    thread::Builder::new().name("verify".to_owned()).spawn(move || run(send)).ok()?;
    Some(receive)
}

impl Source for Blocks {
    fn next(&mut self) -> Result<Piece<'_>, ReadError> {
        while self.block.as_ref().is_none_or(|block| self.line == block.lines.len()) {
            let part = self.plan.parts.get(self.part);
            if let (Some(part), Some(block)) = (part, &self.block) {
                // A part without a line begin is all within a longer line: what is wrong there is told where it begins.
                let start = block.start(block.lines.len());
                let (rest, last) = (&block.bytes[start..], part.upto == part.end);
                let newest = part.file + 1 == self.plan.files.len();
                let at = block.offset + start as u64;
                if (last || !rest.is_empty())
                    && Piece::end_of(&self.plan.files[0], newest, at, rest).is_some()
                {
                    let rest = rest.to_vec();
                    self.part = usize::MAX;
                    self.block = None;
                    let file = &self.plan.files[part.file];
                    return Ok(Piece::end_of(file, newest, at, &rest).unwrap_or(Piece::End));
                }
                self.part += 1;
            }
            self.block = None;
            if self.part >= self.plan.parts.len() {
                return Ok(Piece::End);
            }
            self.block = Some(self.fetch()?);
            self.line = 0;
        }
        let (Some(block), Some(part)) = (&self.block, self.plan.parts.get(self.part)) else {
            return Ok(Piece::End);
        };
        let start = block.start(self.line);
        let (end, hash) = block.lines[self.line];
        self.line += 1;
        let file = &self.plan.files[part.file];
        let at = block.offset + start as u64;
        Ok(Piece::Line { file, start: at, bytes: &block.bytes[start..end], hash: Some(hash) })
    }
}

#[cfg(test)]
mod tests {
    use super::super::lines::Lines;
    use super::*;

    /// All that a source gives, up to its end or the first wrong thing.
    fn all(mut source: impl Source) -> Vec<String> {
        let mut told = Vec::new();
        let end = loop {
            match source.next().unwrap() {
                Piece::Line { file, start, bytes, hash } => {
                    let signed = &bytes[..bytes.len().saturating_sub(HASH_BYTES)];
                    assert!(hash.is_none_or(|h| h == leaf_hash(signed)));
                    told.push(format!("{file} {start} {}", String::from_utf8_lossy(bytes)));
                }
                Piece::Torn(torn) => break format!("{torn:?}"),
                Piece::Wrong { file, start, reason } => break format!("{file} {start} {reason}"),
                Piece::End => break "the end".to_owned(),
            }
        };
        told.push(end);
        told
    }

    #[test]
    fn in_blocks_of_any_size_and_with_any_threads_the_lines_are_the_same() {
        let long = "x".repeat(9_000);
        let texts: [[&str; 3]; 8] = [
            ["a\n", "bb\nccc\n", "dddd\n"],
            ["a\nbb\n\n\nccc\n", "d\n", "torn"],
            ["a\n", "", "b\n"],
            ["a\nno line feed", "b\n", "c\n"],
            ["a\n", "b\n", ""],
            [&format!("{long}\n{long}\n"), &format!("a\n{long}\nb\n"), &long],
            [&format!("a\n{long}"), "b\n", "c\n"],
            ["\n", "\n\n", "\n"],
        ];
        for text in texts {
            let dir = tempfile::tempdir().unwrap();
            let mut files = Vec::new();
            for (n, text) in text.iter().enumerate() {
                let file = FileName { day: "2026-11-20".to_owned(), number: u32::try_from(n).unwrap() };
                std::fs::write(dir.path().join(file.to_string()), text).unwrap();
                files.push(file);
            }
            for limit in [None, Some(text[2].len() as u64), Some(text[2].len() as u64 / 2)] {
                let expected = all(Lines::new(dir.path(), files.clone(), 0, limit));
                for size in (1..6).chain([100, 4_096, 9_001, BLOCK]) {
                    for threads in [0, 1, 3] {
                        let blocks =
                            Blocks::of(dir.path(), files.clone(), limit, size, Some(threads)).unwrap();
                        assert_eq!(all(blocks), expected, "{size} bytes, {threads} threads, {text:.60?}");
                    }
                }
            }
        }
    }
}
