//! Keyed hashes: what the log holds instead of text and customers.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// HMAC-SHA256 of `text` under `key`, 64 hex digits.
#[expect(clippy::missing_panics_doc, reason = "HMAC takes keys of any length")]
pub fn mac(key: &[u8; 32], text: &str) -> String {
    let mut hmac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    hmac.update(text.as_bytes());
    hmac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::mac;

    #[test]
    fn a_known_hash_comes_out() {
        // Reference: `printf customer | openssl dgst -sha256 -mac HMAC -macopt hexkey:00…00`.
        let hash = mac(&[0; 32], "customer");
        assert_eq!(hash, "3950b0eb307a449ecace8c4a5efe1ff6ab333c1323c128cf2164116352ca6743");
    }

    #[test]
    fn a_mac_is_that_of_rfc_4231_case_2_padded_to_our_key_length() {
        // HMAC pads short keys with zeros, so test case 2 holds for its key padded to 32 bytes.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        assert_eq!(
            mac(&key, "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
