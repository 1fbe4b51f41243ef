//! What the model looks at: hashed word 1-2 grams, in-word character 2-5 grams, character 1-3 grams where a script
//! has no spaces, emoji, runs of punctuation, numbers by shape, elongation, capitals, negation.
//!
//! Training and reading share this code, so the model file is only valid with the features it was trained with:
//! [`REVISION`] is written into the file and checked when it is opened. Names after `@`, links and addresses are
//! masked: a company's name must not carry a label. Each feature counts once in a message, with the words that it
//! was first seen in; nothing of the text is kept beside its byte ranges.

mod letter;

use letter::{Kind, denies, handle, kind, link, plain_letter, plain_mark};
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

/// Changes whenever a feature changes its meaning or its hash.
pub const REVISION: u32 = 2;

/// A feature that belongs to the whole message, not to a word.
pub const NO_WORD: u32 = u32::MAX;

/// Longest part of a word that is looked at, in characters.
const MAX_WORD: usize = 40;

/// Longest message that is read whole, in bytes. A longer one is read at its start and its end: what a customer
/// feels stands there, and the time for a message stays bounded.
pub const MAX_BYTES: usize = 16_384;
/// Of those, the bytes taken from the end of a longer message.
const TAIL_BYTES: usize = 4_096;

/// A word, an ideograph, an emoji, a number or a run of punctuation: the unit of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

/// One feature: its hash, and the first and last word that it covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature {
    /// Well-mixed 64 bits.
    pub hash: u64,
    /// Index into [`Features::words`], or [`NO_WORD`].
    pub first: u32,
    /// Index into [`Features::words`], or [`NO_WORD`].
    pub last: u32,
}

/// The features of one message; the buffers are kept from message to message.
#[derive(Clone, Debug, Default)]
pub struct Features {
    /// The message's words in order.
    pub words: Vec<Word>,
    /// Each feature once.
    pub items: Vec<Feature>,
    seen: Seen,
    letters: Vec<char>,
}

// One namespace per kind of feature, so that the same characters never meet across kinds.
const WORD: u64 = 0x01;
const PAIR: u64 = 0x02;
const GRAM: u64 = 0x03;
const IDEO: u64 = 0x04;
const SIGN: u64 = 0x05;
const FORM: u64 = 0x06;
const DENIED: u64 = 0x07;
const WHOLE: u64 = 0x08;
const TRIPLE: u64 = 0x09;
const PART: u64 = 0x0a;
const BEHIND: u64 = 0x0b;

const fn step(hash: u64, value: u64) -> u64 {
    (hash ^ value).wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(29)
}

/// `splitmix64`'s finaliser (Steele, Lea, Flood 2014): every bit of the hash depends on every bit put in.
const fn finish(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// Which hashes this message already has: open addressing, emptied by raising the stamp.
#[derive(Clone, Debug, Default)]
struct Seen {
    slots: Vec<(u32, u64)>,
    stamp: u32,
    used: usize,
}

impl Seen {
    fn clear(&mut self) {
        self.used = 0;
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 || self.slots.is_empty() {
            self.slots.clear();
            self.slots.resize(2_048, (0, 0));
            self.stamp = 1;
        }
    }

    /// Whether the hash is new.
    fn insert(&mut self, hash: u64) -> bool {
        if (self.used + 1) * 2 > self.slots.len() {
            self.grow();
        }
        let mask = self.slots.len() - 1;
        let mut at = low_bits(hash) & mask;
        loop {
            let (stamp, held) = self.slots[at];
            if stamp != self.stamp {
                self.slots[at] = (self.stamp, hash);
                self.used += 1;
                return true;
            }
            if held == hash {
                return false;
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let old = std::mem::take(&mut self.slots);
        self.slots.resize(old.len() * 2, (0, 0));
        let mask = self.slots.len() - 1;
        for (stamp, hash) in old {
            if stamp == self.stamp {
                let mut at = low_bits(hash) & mask;
                while self.slots[at].0 == self.stamp {
                    at = (at + 1) & mask;
                }
                self.slots[at] = (stamp, hash);
            }
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low bits are what is wanted")]
const fn low_bits(hash: u64) -> usize {
    hash as usize
}

/// What the scan remembers from word to word.
#[derive(Default)]
struct Run {
    /// Hash and index of the word before, while nothing but spaces came between.
    before: Option<(u64, u32)>,
    /// The one before that.
    before_that: Option<(u64, u32)>,
    /// Hash of the last letters of the word before.
    tail: u64,
    /// How many following words are still denied.
    denied: u8,
    /// Last two ideographs.
    ideographs: [Option<char>; 2],
    words: u32,
    shouted: u32,
    exclaimed: u32,
    asked: u32,
    emoji: u32,
}

impl Features {
    /// Reads a message; what was there before is forgotten.
    pub fn extract(&mut self, text: &str) {
        self.words.clear();
        self.items.clear();
        self.seen.clear();
        let mut run = Run::default();
        if text.len() <= MAX_BYTES {
            self.scan(text, 0, &mut run);
        } else {
            let head = text.floor_char_boundary(MAX_BYTES - TAIL_BYTES);
            let tail = text.ceil_char_boundary(text.len() - TAIL_BYTES);
            self.scan(&text[..head], 0, &mut run);
            run.before = None;
            self.scan(&text[tail..], tail, &mut run);
        }
        if !self.words.is_empty() {
            self.whole(&run);
        }
    }

    fn push(&mut self, hash: u64, first: u32, last: u32) {
        let hash = finish(hash);
        if self.seen.insert(hash) {
            self.items.push(Feature { hash, first, last });
        }
    }

    fn word_at(&mut self, start: usize, end: usize) -> u32 {
        self.words.push(Word { start, end });
        u32::try_from(self.words.len() - 1).unwrap_or(NO_WORD)
    }

    fn scan(&mut self, text: &str, offset: usize, run: &mut Run) {
        let mut at = 0;
        while let Some(c) = text[at..].chars().next() {
            let rest = &text[at..];
            let kind = kind(c);
            if kind != Kind::Ideograph {
                run.ideographs = [None; 2];
            }
            let end = at
                + match kind {
                    Kind::Space | Kind::Silent => c.len_utf8(),
                    Kind::Letter => match link(rest) {
                        Some(length) => self.masked(length, 1, run),
                        None => self.letters(rest, offset + at, run),
                    },
                    Kind::Digit => self.number(rest, offset + at, run),
                    Kind::Ideograph => self.ideograph(c, offset + at, run),
                    Kind::Emoji => {
                        let index = self.word_at(offset + at, offset + at + c.len_utf8());
                        run.emoji += 1;
                        self.push(step(SIGN, u64::from(u32::from(c))), index, index);
                        c.len_utf8()
                    }
                    Kind::Mark => match handle(rest) {
                        Some(length) => self.masked(length, 2, run),
                        None => self.marks(rest, offset + at, run),
                    },
                };
            at = end;
        }
    }

    /// A name after `@`, or a link: that there is one may count, which one may not.
    fn masked(&mut self, length: usize, what: u64, run: &mut Run) -> usize {
        self.push(step(FORM, what), NO_WORD, NO_WORD);
        run.before = None;
        length
    }

    fn number(&mut self, rest: &str, start: usize, run: &mut Run) -> usize {
        let length = rest
            .char_indices()
            .find(|(_, c)| !c.is_numeric() && !matches!(c, '.' | ',' | ':' | '/' | '-'))
            .map_or(rest.len(), |(at, _)| at);
        let whole = &rest[..length];
        let trimmed = whole.trim_end_matches(['.', ',', ':', '/', '-']);
        let digits = trimmed.chars().filter(|c| c.is_numeric()).count().min(9);
        let index = self.word_at(start, start + trimmed.len());
        let hash = step(step(SIGN, 0x30), digits as u64);
        self.push(hash, index, index);
        // Small numbers say something: "3 weeks", "5th time".
        let bare = if digits <= 2 { fold(WORD, trimmed.chars()) } else { hash };
        self.push(bare, index, index);
        self.join(bare, index, run);
        trimmed.len()
    }

    fn ideograph(&mut self, c: char, start: usize, run: &mut Run) -> usize {
        let index = self.word_at(start, start + c.len_utf8());
        let one = step(IDEO, u64::from(u32::from(c)));
        self.push(one, index, index);
        if let Some(b) = run.ideographs[1] {
            let two = step(step(step(IDEO, 2), u64::from(u32::from(b))), u64::from(u32::from(c)));
            self.push(two, index - 1, index);
            if let Some(a) = run.ideographs[0] {
                let three = step(
                    step(step(step(IDEO, 3), u64::from(u32::from(a))), u64::from(u32::from(b))),
                    u64::from(u32::from(c)),
                );
                self.push(three, index - 2, index);
            }
        }
        run.ideographs = [run.ideographs[1], Some(c)];
        run.before = None;
        c.len_utf8()
    }

    /// A run of punctuation, as far as it repeats or mixes: `!!`, `?!`, `...`, `:(`, `)))`.
    fn marks(&mut self, rest: &str, start: usize, run: &mut Run) -> usize {
        let mut length = 0;
        let mut hash = SIGN;
        let mut count = 0_u32;
        for c in rest.chars() {
            if kind(c) != Kind::Mark || c == '@' && count > 0 {
                break;
            }
            let c = plain_mark(c);
            match c {
                '!' => run.exclaimed += 1,
                '?' => run.asked += 1,
                _ => {}
            }
            count += 1;
            if count <= 3 {
                hash = step(hash, u64::from(u32::from(c)));
            }
            length += rest[length..].chars().next().map_or(0, char::len_utf8);
        }
        let index = self.word_at(start, start + length);
        self.push(hash, index, index);
        // A smile is few characters among many words: its parts, its length and what it follows speak with it.
        let mut last = None;
        for c in rest[..length].chars().take(MAX_WORD).map(plain_mark) {
            let part = step(PART, u64::from(u32::from(c)));
            self.push(part, index, index);
            if let Some(before) = last {
                self.push(step(part, u64::from(u32::from(before))), index, index);
            }
            last = Some(c);
        }
        self.push(step(step(hash, PART), u64::from(count.min(6))), index, index);
        if let Some((before, at)) = run.before {
            self.push(step(step(BEHIND, before), hash), at, index);
            self.push(step(step(BEHIND, run.tail), hash), at, index);
        }
        if rest.len() == length {
            self.push(step(step(BEHIND, WHOLE), hash), index, index);
        }
        if rest.starts_with(['.', ',', '!', '?', ';', ':', '。', '，', '！', '？', '；', '…', '।', '؟', '،'])
        {
            run.denied = 0;
        }
        run.before = None;
        run.before_that = None;
        length
    }

    fn letters(&mut self, rest: &str, start: usize, run: &mut Run) -> usize {
        let mut letters = std::mem::take(&mut self.letters);
        letters.clear();
        letters.push(' ');
        let (mut length, mut same, mut long, mut upper, mut lower) = (0, 0_u32, false, 0_u32, 0_u32);
        let mut raw = None;
        let mut chars = rest.chars().peekable();
        while let Some(c) = chars.next() {
            let inside = match kind(c) {
                Kind::Letter | Kind::Silent => true,
                Kind::Mark if matches!(c, '\'' | '’' | 'ʼ') => {
                    chars.peek().is_some_and(|next| kind(*next) == Kind::Letter)
                }
                Kind::Mark => c.general_category_group() == GeneralCategoryGroup::Mark,
                _ => false,
            };
            if !inside {
                break;
            }
            length += c.len_utf8();
            if kind(c) == Kind::Silent {
                continue;
            }
            upper += u32::from(c.is_uppercase());
            lower += u32::from(c.is_lowercase());
            for c in c.to_lowercase() {
                let c = plain_letter(c);
                same = if raw == Some(c) { same + 1 } else { 0 };
                raw = Some(c);
                if same >= 2 {
                    long = true;
                } else if letters.len() <= MAX_WORD {
                    letters.push(c);
                }
            }
        }
        if length == 0 {
            self.letters = letters;
            return rest.chars().next().map_or(1, char::len_utf8);
        }
        letters.push(' ');
        let index = self.word_at(start, start + length);
        let bare = &letters[1..letters.len() - 1];
        let hash = fold(WORD, bare.iter().copied());
        run.words += 1;
        self.push(hash, index, index);
        for from in 0..letters.len() {
            let mut gram = GRAM;
            for (count, c) in letters[from..].iter().take(5).enumerate() {
                gram = step(gram, u64::from(u32::from(*c)));
                if count >= 1 {
                    self.push(step(gram, count as u64), index, index);
                }
            }
        }
        if long {
            self.push(step(FORM, 3), index, index);
        }
        if upper >= 3 && lower == 0 {
            run.shouted += 1;
            self.push(step(step(FORM, 4), hash), index, index);
        }
        if run.denied > 0 {
            run.denied -= 1;
            self.push(step(DENIED, hash), index, index);
        }
        if denies(bare) {
            run.denied = 3;
        }
        self.join(hash, index, run);
        run.tail = fold(GRAM, bare[bare.len().saturating_sub(3)..].iter().copied());
        self.letters = letters;
        length
    }

    /// Pairs and triples of neighbouring words.
    fn join(&mut self, hash: u64, index: u32, run: &mut Run) {
        if let Some((before, at)) = run.before {
            self.push(step(step(PAIR, before), hash), at, index);
            if let Some((first, from)) = run.before_that {
                self.push(step(step(step(TRIPLE, first), before), hash), from, index);
            }
        }
        run.before_that = run.before;
        run.before = Some((hash, index));
    }

    /// What is true of the message as a whole.
    fn whole(&mut self, run: &Run) {
        let size = |count: u32| u64::from(count.checked_ilog2().map_or(0, |n| n + 1));
        let words = u32::try_from(self.words.len()).unwrap_or(u32::MAX);
        for (what, value) in [
            (1, size(words)),
            (2, size(run.exclaimed)),
            (3, size(run.asked)),
            (4, size(run.shouted)),
            (5, size(run.emoji)),
        ] {
            self.push(step(step(WHOLE, what), value), NO_WORD, NO_WORD);
        }
        if run.words >= 4 && run.shouted * 2 > run.words {
            self.push(step(WHOLE, 6), NO_WORD, NO_WORD);
        }
        self.push(WHOLE, NO_WORD, NO_WORD);
    }
}

/// A well-mixed number for a run of bytes.
pub(super) fn mixed(bytes: impl Iterator<Item = u8>) -> u64 {
    finish(bytes.fold(WHOLE, |hash, byte| step(hash, u64::from(byte))))
}

fn fold(seed: u64, chars: impl Iterator<Item = char>) -> u64 {
    chars.fold(seed, |hash, c| step(hash, u64::from(u32::from(c))))
}
