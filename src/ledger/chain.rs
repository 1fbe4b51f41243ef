//! Hashes, and the rule that ties one line to the next.

use super::line::Shape;
use sha2::{Digest, Sha256};
use std::fmt;

/// A SHA-256; printed as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// What the first line names as its former hash.
    pub const ZERO: Self = Self([0; 32]);

    /// Reads exactly 64 lower-case hex digits.
    pub fn from_hex(text: &str) -> Option<Self> {
        let digits: &[u8; 64] = text.as_bytes().try_into().ok()?;
        let mut bytes = [0; 32];
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
        }
        Some(Self(bytes))
    }
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut hex = [0_u8; 64];
        for (pair, byte) in hex.chunks_exact_mut(2).zip(self.0) {
            pair[0] = b"0123456789abcdef"[usize::from(byte >> 4)];
            pair[1] = b"0123456789abcdef"[usize::from(byte & 15)];
        }
        f.write_str(std::str::from_utf8(&hex).map_err(|_| fmt::Error)?)
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The leaf hash of RFC 6962, section 2.1: SHA-256 over 0x00 and the bytes.
pub fn leaf_hash(signed: &[u8]) -> Hash {
    let mut sha = Sha256::new();
    sha.update([0]);
    sha.update(signed);
    Hash(sha.finalize().into())
}

/// The newest line known to be good: what the next one must follow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    pub seq: u64,
    pub hash: Hash,
    /// RFC 3339; sorts as text.
    pub ts: String,
}

impl Link {
    /// Whether `shape` may follow `former`, and its own hash is right: `hash`, if it was reckoned before. In words what
    /// is wrong.
    pub fn check(former: Option<&Self>, shape: &Shape<'_>, hash: Option<Hash>) -> Result<(), String> {
        let (seq, prev) = former.map_or((1, Hash::ZERO), |link| (link.seq + 1, link.hash));
        Self::check_alone(shape, hash)?;
        if shape.seq != seq {
            return Err(format!("has seq {} where {seq} must follow", shape.seq));
        }
        if shape.prev != prev {
            return Err("does not name the hash of the line before it".to_owned());
        }
        Ok(())
    }
    /// Whether a line's own hash is right, where the line before it is not known.
    pub fn check_alone(shape: &Shape<'_>, hash: Option<Hash>) -> Result<(), String> {
        if hash.unwrap_or_else(|| leaf_hash(shape.signed)) == shape.hash {
            return Ok(());
        }
        Err("its bytes do not have the hash it names".to_owned())
    }
    pub fn of(shape: &Shape<'_>) -> Self {
        Self { seq: shape.seq, hash: shape.hash, ts: shape.ts.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_reads_back_and_only_lower_case_is_one() {
        let hash = leaf_hash(b"");
        assert_eq!(hash.to_string(), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
        assert_eq!(Hash::from_hex(&hash.to_string()), Some(hash));
        assert_eq!(Hash::from_hex(&hash.to_string().to_uppercase()), None);
        assert_eq!(Hash::from_hex(&hash.to_string()[1..]), None);
    }
}
