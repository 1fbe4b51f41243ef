//! What the log holds now: read from the last known place on, never from the beginning.
//!
//! Called under the lock, so nobody writes meanwhile: bytes after the last line feed are torn, not on their way.

use super::backwards::last_line_end;
use super::chain::Hash;
use super::folder::{self, FileName, HeadFile};
use super::walk::{Fault, Place, ReadError, Torn, Walk, place_at};
use std::fs::File;
use std::path::Path;

/// What was found.
#[derive(Debug, Default)]
pub struct Found {
    /// After the last whole line; none in an empty log.
    pub tail: Option<Place>,
    /// Bytes after it.
    pub torn: Option<Torn>,
    /// Newest files without a byte: made just before a crash.
    pub empty: Vec<FileName>,
    /// There are entries, but no readable `head.json`.
    pub head_lost: bool,
}

/// Catches up from `known`, or from `head.json`, or from the last line.
///
/// # Errors
/// A line that does not follow; a log that has lost what `known` or `head.json` names.
pub fn catch_up(dir: &Path, known: Option<&Place>) -> Result<Found, ReadError> {
    let mut files = folder::list(dir).map_err(ReadError::io(dir))?;
    let head = folder::head(dir).map_err(ReadError::io(dir.join(folder::HEAD)))?;
    let mut found = Found { empty: trim_empty(dir, &mut files)?, ..Found::default() };
    let start = match (known, &head) {
        (Some(place), _) => Some(same_place(dir, &place.file, place.end, place.link.seq, place.link.hash)?),
        (None, HeadFile::Read(head, hash, file)) => {
            Some(same_place(dir, file, head.length, head.seq, *hash)?)
        }
        (None, HeadFile::Missing | HeadFile::Unreadable) => last_place(dir, &files)?,
    };
    found.head_lost = start.is_some() && matches!(head, HeadFile::Missing | HeadFile::Unreadable);
    let mut tail = start.clone();
    let mut walk = Walk::new(dir, files, start, None);
    while let Some(step) = walk.next()? {
        tail = Some(step.place());
    }
    found.torn = walk.torn();
    if let HeadFile::Read(head, _, file) = &head {
        let (end, seq) = tail.as_ref().map_or((None, 0), |p| (Some((&p.file, p.end)), p.link.seq));
        if end < Some((file, head.length)) || seq < head.seq {
            let reason = format!("is cut: head.json knows {} entries, {seq} are there", head.seq);
            let at = end.map_or(0, |(_, end)| end);
            return Err(ReadError::Broken(Fault::at(dir, file, at, reason)));
        }
    }
    found.tail = tail;
    Ok(found)
}

/// Takes newest files that hold nothing off the list.
pub fn trim_empty(dir: &Path, files: &mut Vec<FileName>) -> Result<Vec<FileName>, ReadError> {
    let mut empty = Vec::new();
    while let Some(newest) = files.last() {
        let path = dir.join(newest.to_string());
        if std::fs::metadata(&path).map_err(ReadError::io(path))?.len() > 0 {
            break;
        }
        empty.extend(files.pop());
    }
    Ok(empty)
}

fn same_place(dir: &Path, file: &FileName, end: u64, seq: u64, hash: Hash) -> Result<Place, ReadError> {
    place_at(dir, file, end, Some((seq, hash)))
        .map_err(ReadError::io(dir.join(file.to_string())))?
        .map_err(|reason| ReadError::Broken(Fault::at(dir, file, end, reason)))
}

/// Without any anchor: after the last whole line of the newest file that has one.
fn last_place(dir: &Path, files: &[FileName]) -> Result<Option<Place>, ReadError> {
    for file in files.iter().rev() {
        let path = dir.join(file.to_string());
        let end = File::open(&path)
            .and_then(|f| last_line_end(&f, f.metadata()?.len()))
            .map_err(ReadError::io(&path))?;
        if end > 0 {
            return place_at(dir, file, end, None)
                .map_err(ReadError::io(path))?
                .map(Some)
                .map_err(|reason| ReadError::Broken(Fault::at(dir, file, end, reason)));
        }
    }
    Ok(None)
}
