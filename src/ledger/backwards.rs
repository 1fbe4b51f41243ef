//! Finds line ends from the back of a file, so that a log of any size opens and tails at once.

use super::folder::{self, FileName};
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

const BLOCK: u64 = 16 << 10;

/// The line that ends at `end` with a line feed, without it; none if no line ends there.
pub fn line_ending_at(file: &File, end: u64) -> io::Result<Option<Vec<u8>>> {
    let mut start = end;
    let mut bytes = Vec::new();
    loop {
        let from = start.saturating_sub(if bytes.is_empty() { 2_048 } else { BLOCK });
        if from == start {
            // At the beginning of the file: the whole of it is one line, if there is any.
            return Ok(if bytes.pop() == Some(b'\n') { Some(bytes) } else { None });
        }
        let mut block = read_at(file, from, start - from)?;
        if bytes.is_empty() && block.last() != Some(&b'\n') {
            return Ok(None);
        }
        block.append(&mut bytes);
        bytes = block;
        start = from;
        let body = bytes.len() - 1;
        if let Some(lf) = bytes[..body].iter().rposition(|b| *b == b'\n') {
            bytes.pop();
            return Ok(Some(bytes.split_off(lf + 1)));
        }
    }
}

/// Where the `n`-th line from the back begins, counted among the whole lines before `end`; or how many there
/// are in all, if fewer.
pub fn start_of_last(file: &File, end: u64, n: u64) -> io::Result<Result<u64, u64>> {
    let mut upto = end;
    // The line feed that ends line k from the back is the k-th found; the one before line n ends line n + 1.
    let mut found = 0;
    while upto > 0 {
        let from = upto.saturating_sub(BLOCK);
        let block = read_at(file, from, upto - from)?;
        for (i, _) in block.iter().enumerate().rev().filter(|(_, b)| **b == b'\n') {
            if found == n {
                return Ok(Ok(from + i as u64 + 1));
            }
            found += 1;
        }
        upto = from;
    }
    Ok(if found == n { Ok(0) } else { Err(found) })
}

/// The end of the last whole line before `end`; 0 if there is none.
pub fn last_line_end(file: &File, end: u64) -> io::Result<u64> {
    Ok(start_of_last(file, end, 0)?.unwrap_or(0))
}

/// The file and byte at which the last `n` lines of the log begin; none for an empty log.
pub fn start_of_last_in(dir: &Path, mut n: u64) -> io::Result<Option<(FileName, u64)>> {
    let mut oldest = None;
    for name in folder::list(dir)?.into_iter().rev() {
        let file = File::open(dir.join(name.to_string()))?;
        let end = file.metadata()?.len();
        match start_of_last(&file, end, n)? {
            Ok(start) => return Ok(Some((name, start))),
            Err(lines) => n -= lines,
        }
        oldest = Some((name, 0));
    }
    Ok(oldest)
}

fn read_at(file: &File, offset: u64, len: u64) -> io::Result<Vec<u8>> {
    let mut block = vec![0; usize::try_from(len).map_err(io::Error::other)?];
    file.read_exact_at(&mut block, offset)?;
    Ok(block)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn line_ends_are_found_in_files_of_any_shape() {
        let long = "x".repeat(40_000);
        for text in ["", "\n", "a", "a\n", "a\nb\n\nc", "a\nbb\nccc\n", &format!("{long}\n{long}\n"), &long] {
            let mut file = tempfile::tempfile().unwrap();
            file.write_all(text.as_bytes()).unwrap();
            let end = text.len() as u64;
            let lines: Vec<&str> = text.split_inclusive('\n').filter(|l| l.ends_with('\n')).collect();
            let torn = text.len() - lines.iter().map(|l| l.len()).sum::<usize>();
            assert_eq!(last_line_end(&file, end).unwrap(), end - torn as u64);
            let whole =
                lines.last().filter(|_| torn == 0).map(|l| l.trim_end_matches('\n').as_bytes().to_vec());
            assert_eq!(line_ending_at(&file, end).unwrap(), whole, "{:?}", &text[..text.len().min(20)]);
            for n in 0..=lines.len() {
                let tail: usize = lines[lines.len() - n..].iter().map(|l| l.len()).sum();
                let start = (text.len() - torn - tail) as u64;
                assert_eq!(start_of_last(&file, end, n as u64).unwrap(), Ok(start), "{n}");
            }
            let more = start_of_last(&file, end, lines.len() as u64 + 1).unwrap();
            assert_eq!(more, Err(lines.len() as u64));
        }
    }
}
