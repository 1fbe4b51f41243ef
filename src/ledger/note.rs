//! Signed notes and their keys, as C2SP defines them (`c2sp.org/signed-note`), with Ed25519.
//!
//! A note is a text, a blank line, and signature lines: an em dash, the key's name, and base64 of the key's id and the
//! signature. Our own few lines: the crates that do this bring a second generation of the same cryptography along.

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};
use std::fmt;
use std::str::FromStr;

/// Signature type: Ed25519 over the note's text.
const ED25519: u8 = 1;
/// What begins a signature line.
pub const DASH: &str = "\u{2014} ";
/// A signature of ours in base64: 4 bytes of id, 64 of signature.
pub const SIGNATURE_CHARS: usize = 92;
/// What begins the text of a secret key.
const SECRET: &str = "PRIVATE+KEY+";

/// A key that checks signatures. As text `name+id+base64`: a "verifier key".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    name: String,
    key: VerifyingKey,
}

/// The text is no verifier key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no verifier key; one looks like NAME+1a2b3c4d+BASE64, and `countersign config key` prints it")]
pub struct BadKey;

impl PublicKey {
    /// The key's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// First four bytes of SHA-256 over name, line feed, signature type and key.
    pub fn id(&self) -> [u8; 4] {
        let mut sha = Sha256::new();
        sha.update(self.name.as_bytes());
        sha.update([b'\n', ED25519]);
        sha.update(self.key.as_bytes());
        let digest = sha.finalize();
        [digest[0], digest[1], digest[2], digest[3]]
    }

    /// `name+id`: enough to tell keys apart, too short to trust.
    pub fn short(&self) -> String {
        format!("{}+{}", self.name, hex(&self.id()))
    }

    /// Whether `signature` is this key's over `text`.
    pub fn signed(&self, text: &str, signature: &[u8]) -> bool {
        Signature::from_slice(signature).is_ok_and(|s| self.key.verify_strict(text.as_bytes(), &s).is_ok())
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// `name+id+base64`, of a public key or, after its prefix, a secret one.
fn fields(text: &str) -> Option<(&str, &str, [u8; 32])> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let mut bytes = [0; 33];
    let key = Base64::decode(key, &mut bytes).ok()?;
    let (kind, key) = key.split_first()?;
    let sound = *kind == ED25519 && !name.is_empty() && !name.contains(char::is_whitespace);
    Some((name, id, key.try_into().ok()?)).filter(|_| sound)
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519][..], self.key.as_bytes()].concat();
        write!(f, "{}+{}", self.short(), Base64::encode_string(&key))
    }
}

impl FromStr for PublicKey {
    type Err = BadKey;
    fn from_str(text: &str) -> Result<Self, BadKey> {
        let (name, id, key) = fields(text.trim()).ok_or(BadKey)?;
        let key = VerifyingKey::from_bytes(&key).map_err(|_| BadKey)?;
        let key = Self { name: name.to_owned(), key };
        if hex(&key.id()) == id { Ok(key) } else { Err(BadKey) }
    }
}

/// A key that signs. Never shown: it has no `Debug`.
pub struct SecretKey {
    name: String,
    key: SigningKey,
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SecretKey").field("name", &self.name).finish_non_exhaustive()
    }
}

impl SecretKey {
    /// The key that 32 random bytes make, named after its public part.
    pub fn of(seed: &[u8; 32]) -> Self {
        let key = SigningKey::from_bytes(seed);
        let digest = Sha256::digest(key.verifying_key().as_bytes());
        Self { name: format!("countersign/key/{}", hex(&digest[..8])), key }
    }

    /// Its public part.
    pub fn public(&self) -> PublicKey {
        PublicKey { name: self.name.clone(), key: self.key.verifying_key() }
    }

    /// The key as text, as Go's `note` package writes it.
    pub fn text(&self) -> String {
        let seed = [&[ED25519][..], self.key.as_bytes()].concat();
        format!("{SECRET}{}+{}", self.public().short(), Base64::encode_string(&seed))
    }

    /// Reads what [`text`](Self::text) gave.
    pub fn read(text: &str) -> Option<Self> {
        let (name, id, seed) = fields(text.trim().strip_prefix(SECRET)?)?;
        let key = Self { name: name.to_owned(), key: SigningKey::from_bytes(&seed) };
        (hex(&key.public().id()) == id).then_some(key)
    }

    /// The whole note: `text`, which ends with a line feed, a blank line, the signature.
    pub fn sign(&self, text: &str) -> String {
        let signature = self.key.sign(text.as_bytes()).to_bytes();
        let signature = [&self.public().id()[..], &signature].concat();
        format!("{text}\n{DASH}{} {}\n", self.name, Base64::encode_string(&signature))
    }
}

/// One signature line, of a key known or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    name: String,
    id: [u8; 4],
    signature: Vec<u8>,
}

impl Line {
    /// Reads a signature line without its line feed.
    pub fn read(line: &str) -> Option<Self> {
        let (name, signature) = line.strip_prefix(DASH)?.split_once(' ')?;
        let bytes = Base64::decode_vec(signature).ok()?;
        let (id, signature) = bytes.split_first_chunk()?;
        let sound = !name.is_empty() && !name.contains('+') && !name.contains(char::is_whitespace);
        sound.then(|| Self { name: name.to_owned(), id: *id, signature: signature.to_vec() })
    }

    /// Whether `key` names itself here; a name and an id prove nothing yet.
    pub fn names(&self, key: &PublicKey) -> bool {
        (self.name.as_str(), self.id) == (key.name(), key.id())
    }

    /// The key's name and id as the line has them.
    pub fn short(&self) -> String {
        format!("{}+{}", self.name, hex(&self.id))
    }

    /// The signature itself.
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_go_implementations_example_key_and_note_are_read_and_written_byte_for_byte() {
        // golang.org/x/mod/sumdb/note, example_test.go.
        let secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
        let public = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
        let line = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=";
        let key = SecretKey::read(secret).unwrap();
        assert_eq!((key.text(), key.public().to_string()), (secret.to_owned(), public.to_owned()));
        assert_eq!(key.sign(text), format!("{text}\n{line}\n"));
        let key: PublicKey = public.parse().unwrap();
        let line = Line::read(line).unwrap();
        assert!(line.names(&key) && key.signed(text, line.signature()));
        assert!(!key.signed(&text.replace("you", "we"), line.signature()));
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let good = SecretKey::of(&[7; 32]).public().to_string();
        assert_eq!(good.parse::<PublicKey>().unwrap().to_string(), good);
        let (name, rest) = good.split_once('+').unwrap();
        for bad in [
            String::new(),
            name.to_owned(),
            format!("x{good}"),
            format!("+{rest}"),
            format!("a b+{rest}"),
            good[..good.len() - 4].to_owned(),
            format!("{good}AAAA"),
        ] {
            assert_eq!(bad.parse::<PublicKey>(), Err(BadKey), "{bad}");
        }
        assert!(SecretKey::read(&good).is_none(), "a public key is no secret one");
    }

    #[test]
    fn a_secret_key_is_not_printed_by_mistake() {
        let key = SecretKey::of(&[7; 32]);
        assert!(!format!("{key:?}").contains("Bwc"), "{key:?}");
    }
}
