//! Checkpoints: signed statements of how long the log was and which tree its entries made, in C2SP's text
//! (`c2sp.org/tlog-checkpoint`), and the files that collect them.
//!
//! A file only ever grows, by one note and a blank line at a time; it may belong to somebody else and allow nothing but
//! appending. So what a full disk has cut short stays where it is, and the next note begins after a blank line.

use super::chain::Hash;
use super::note::{DASH, Line, PublicKey, SIGNATURE_CHARS};
use base64ct::{Base64, Encoding};
use uuid::Uuid;

/// The file beside the log.
pub const CHECKPOINTS: &str = "checkpoints.txt";

/// What a checkpoint says: the first `size` entries of this log have this tree hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Which log, by its chain.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Tree hash of RFC 6962.
    pub root: Hash,
}

impl Checkpoint {
    /// The first line of all checkpoints of this chain.
    pub fn origin(chain: Uuid) -> String {
        format!("countersign/log/{chain}")
    }

    /// The text that is signed.
    pub fn text(&self) -> String {
        format!("{}\n{}\n{}\n", self.origin, self.size, Base64::encode_string(&self.root.0))
    }

    /// Reads the text. Lines after the third are passed over, as the format has it.
    fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next()?, lines.next()?, lines.next()?);
        let canonical = size == "0" || !size.starts_with('0');
        let mut bytes = [0; 32];
        let whole = Base64::decode(root, &mut bytes).ok()?.len() == bytes.len();
        let sound = canonical && whole && size.bytes().all(|b| b.is_ascii_digit());
        Some(Self { origin: origin.to_owned(), size: size.parse().ok()?, root: Hash(bytes) })
            .filter(|_| sound)
    }
}

/// A checkpoint as it stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// Number of its first line, from 1.
    pub line: u64,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// What it says; true only if a known key has signed it.
    pub says: Checkpoint,
    text: String,
    signatures: Vec<Line>,
}

/// Whose signature a checkpoint bears.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signed {
    /// A known key's.
    By(PublicKey),
    /// Only others'; the first one's name and id.
    ByOthers(String),
    /// It names a known key, whose signature it is not.
    Falsely(PublicKey),
}

impl Noted {
    /// Who signed it, of the keys that are trusted.
    pub fn signed(&self, trusted: &[PublicKey]) -> Signed {
        let named =
            self.signatures.iter().find_map(|line| Some((line, trusted.iter().find(|k| line.names(k))?)));
        match named {
            Some((line, key)) if key.signed(&self.text, line.signature()) => Signed::By(key.clone()),
            Some((_, key)) => Signed::Falsely(key.clone()),
            None => Signed::ByOthers(self.signatures.first().map_or_else(String::new, Line::short)),
        }
    }
}

/// What stands in a file of checkpoints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A checkpoint.
    Note(Noted),
    /// What was cut short while it was being written, on a full disk or by a crash.
    Cut,
    /// Something else, at this line and byte.
    Damaged(u64, u64),
}

/// Lines without a blank one among them.
struct Paragraph<'a> {
    line: u64,
    offset: u64,
    lines: Vec<&'a [u8]>,
}

fn paragraphs(bytes: &[u8]) -> Vec<Paragraph<'_>> {
    let mut found: Vec<Paragraph<'_>> = Vec::new();
    let (mut offset, mut blank) = (0, true);
    for (n, line) in bytes.split(|b| *b == b'\n').enumerate() {
        if !line.is_empty() {
            match found.last_mut() {
                Some(paragraph) if !blank => paragraph.lines.push(line),
                _ => found.push(Paragraph { line: n as u64 + 1, offset, lines: vec![line] }),
            }
        }
        blank = line.is_empty();
        offset += line.len() as u64 + 1;
    }
    found
}

impl Paragraph<'_> {
    fn begins_signed(&self) -> bool {
        // Cut short, perhaps within the dash.
        self.lines[0].starts_with(DASH.as_bytes()) || DASH.as_bytes().starts_with(self.lines[0])
    }
    /// The beginning of a text and nothing after it: of three lines, perhaps not the last byte.
    fn is_cut_text(&self) -> bool {
        self.lines.len() <= 3 && self.lines.iter().all(|l| l.is_ascii())
    }
    /// One signature that ends too early.
    fn is_cut_signature(&self) -> bool {
        let words: Vec<_> = self.lines[0].split(|b| *b == b' ').collect();
        let short = words.last().is_some_and(|word| word.len() < SIGNATURE_CHARS);
        self.lines.len() == 1 && words.len() <= 3 && short
    }
    fn text(&self) -> Option<String> {
        self.lines.iter().map(|l| Some(std::str::from_utf8(l).ok()?.to_owned() + "\n")).collect()
    }
    fn signatures(&self) -> Option<Vec<Line>> {
        self.lines.iter().map(|l| Line::read(std::str::from_utf8(l).ok()?)).collect()
    }
}

/// Reads a file of checkpoints.
pub fn read(bytes: &[u8]) -> Vec<Found> {
    let paragraphs = paragraphs(bytes);
    let mut found = Vec::new();
    let mut rest = paragraphs.iter().peekable();
    while let Some(text) = rest.next() {
        let (line, offset) = (text.line, text.offset);
        let damaged = Found::Damaged(line, offset);
        if text.begins_signed() {
            // A signature without a text.
            found.push(damaged);
            continue;
        }
        let Some(signed) = rest.next_if(|next| next.begins_signed()) else {
            found.push(if text.is_cut_text() { Found::Cut } else { damaged });
            continue;
        };
        if signed.is_cut_signature() {
            found.push(Found::Cut);
            continue;
        }
        let note = || {
            let signatures = signed.signatures()?;
            let text = text.text()?;
            Some(Noted { line, offset, says: Checkpoint::read(&text)?, text, signatures })
        };
        found.push(note().map_or(damaged, Found::Note));
    }
    found
}

/// What to write after `before`, the last bytes of the file as far as they are known, so that `note` stands alone.
pub fn entry(before: Option<&[u8]>, note: &str) -> String {
    let apart = match before {
        Some([]) => "",
        Some(end) if end.ends_with(b"\n\n") => "",
        _ => "\n\n",
    };
    format!("{apart}{note}\n")
}

#[cfg(test)]
mod tests {
    use super::super::chain::leaf_hash;
    use super::super::note::SecretKey;
    use super::*;

    fn note(key: &SecretKey, size: u64) -> String {
        let root = leaf_hash(&size.to_le_bytes());
        key.sign(&Checkpoint { origin: Checkpoint::origin(Uuid::nil()), size, root }.text())
    }

    fn file(sizes: std::ops::Range<u64>) -> String {
        sizes.map(|size| entry(Some(b"\n\n"), &note(&SecretKey::of(&[7; 32]), size))).collect()
    }

    #[test]
    fn notes_read_back_and_every_changed_byte_is_seen() {
        let sound = file(9..12);
        let trusted = [SecretKey::of(&[7; 32]).public()];
        let is_sound = |f: &Found| matches!(f, Found::Note(n) if matches!(n.signed(&trusted), Signed::By(_)));
        let holds = |bytes: &[u8]| read(bytes).iter().all(|f| *f == Found::Cut || is_sound(f));
        let sizes: Vec<u64> = read(sound.as_bytes())
            .iter()
            .filter_map(|f| if let Found::Note(n) = f { Some(n.says.size) } else { None })
            .collect();
        assert_eq!(sizes, [9, 10, 11]);
        assert!(holds(sound.as_bytes()));
        let mut bytes = sound.clone().into_bytes();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                bytes[at] ^= 1 << bit;
                // The line feeds after the last signature hold nothing.
                let empty = at >= sound.len() - 2;
                assert!(empty || !holds(&bytes), "byte {at} bit {bit}: {:?}", read(&bytes));
                bytes[at] = sound.as_bytes()[at];
            }
        }
    }

    #[test]
    fn what_was_cut_short_spoils_nothing_that_comes_after() {
        let (first, last) = (file(1..2), note(&SecretKey::of(&[7; 32]), 3));
        let torn = note(&SecretKey::of(&[7; 32]), 2);
        for cut in 1..torn.len() - 1 {
            let before = [first.as_bytes(), &torn.as_bytes()[..cut]].concat();
            for known in [Some(&before[..]), None] {
                let found = read(&[&before, entry(known, &last).as_bytes()].concat());
                assert!(
                    matches!(&found[..], [Found::Note(_), Found::Cut, Found::Note(_)]),
                    "{cut}: {found:?}"
                );
            }
        }
    }
}
