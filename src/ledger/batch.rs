//! What one append writes: whole lines for one file, with the entries the ledger adds by itself.

use super::chain::{Hash, Link, leaf_hash};
use super::entry::Entry;
use super::folder::FileName;
use super::line::seal;
use super::read::Mark;
use super::walk::Place;
use crate::review::{Span, Stamp};
use uuid::Uuid;

/// Two sessions take their time before they wait for the lock: a moment up to this much older than the last
/// entry's is that wait, not the clock, and the entry bears the last one's moment.
const WAIT_NOT_CLOCK: Span = Span::seconds(10);
/// The last millisecond of the year 9999: later ones have no RFC 3339 form.
const LAST_MOMENT: Stamp = Stamp(253_402_207_200_999);

/// Whole lines, ready to be written to one file.
pub struct Batch {
    pub file: FileName,
    /// Length of the file before, in bytes; 0 for a new one.
    pub offset: u64,
    pub text: String,
    /// Of the last line.
    pub link: Link,
    /// Of the last line.
    pub ts: Stamp,
    /// Of the caller's entries, not of the ledger's own.
    pub marks: Vec<Mark>,
}

/// Where the next entries go, and when.
pub struct Begin {
    file: FileName,
    offset: u64,
    link: Link,
    /// The moment of what the ledger writes before a clock step: it still belongs to the old time.
    before: Stamp,
    now: Stamp,
}

impl Begin {
    /// After the last known place, at `now`: in the same file, or in a new one where the day has changed or the file
    /// has reached `max_file_bytes`.
    pub fn after(known: Option<&Place>, now: Stamp, max_file_bytes: u64) -> Self {
        let now = now.clamp(Stamp(0), LAST_MOMENT);
        let last = known.and_then(|p| p.link.ts.parse().ok()).unwrap_or(now);
        let before = now.max(last);
        let now = if last.since(now) > WAIT_NOT_CLOCK { now } else { before };
        let day = before.utc_day();
        let (file, offset) = match known {
            Some(p) if p.file.day >= day && p.end < max_file_bytes => (p.file.clone(), p.end),
            Some(p) => (p.file.next(&day), 0),
            None => (FileName::first(&day), 0),
        };
        let genesis = Link { seq: 0, hash: Hash::ZERO, ts: String::new() };
        Self { file, offset, link: known.map_or(genesis, |p| p.link.clone()), before, now }
    }

    /// The lines: a header for a new file, what the ledger has put right (`own`), a step of the clock, the entries.
    pub fn fill(self, chain: Option<Uuid>, salt: Uuid, own: &[Entry], entries: &[(Uuid, Entry)]) -> Batch {
        let Self { file, offset, link, before, now } = self;
        let mut batch = Batch { file, offset, text: String::new(), link, ts: before, marks: Vec::new() };
        if offset == 0 {
            let id = batch.own_id(salt);
            batch.push(id, &Entry::Header { chain: chain.unwrap_or(id) });
        }
        for entry in own {
            batch.push(batch.own_id(salt), entry);
        }
        batch.ts = now;
        if now < before {
            batch.push(batch.own_id(salt), &Entry::ClockStep { back_ms: before.since(now).millis() });
        }
        for (id, entry) in entries {
            batch.push(*id, entry);
            let mark = batch.mark();
            batch.marks.push(mark);
        }
        batch
    }
}

impl Batch {
    fn push(&mut self, id: Uuid, entry: &Entry) {
        let seq = self.link.seq + 1;
        let (line, hash) = seal(seq, self.ts, entry.kind(), id, &entry.body(), &self.link.hash);
        self.text.push_str(&line);
        self.link = Link { seq, hash, ts: self.ts.to_string() };
    }

    /// A `UUIDv7` for an entry that the ledger writes itself, drawn from its place in the chain and from the
    /// caller's id, so that no randomness is needed here.
    fn own_id(&self, salt: Uuid) -> Uuid {
        let seed = leaf_hash(format!("{salt} {} {}", self.link.seq, self.link.hash).as_bytes());
        let mut random = [0; 10];
        random.copy_from_slice(&seed.0[..10]);
        let millis = u64::try_from(self.ts.0).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }

    /// Length of the file after the lines, in bytes.
    pub fn end(&self) -> u64 {
        self.offset + self.text.len() as u64
    }

    /// The last line's.
    pub fn mark(&self) -> Mark {
        Mark {
            seq: self.link.seq,
            hash: self.link.hash.to_string(),
            file: self.file.to_string(),
            offset: self.end(),
        }
    }
}
