//! The Merkle tree over the log's entries, RFC 6962, section 2.1: a leaf's hash is its line's own `hash`.
//!
//! Only the roots of the perfect subtrees are kept, at most one for each bit of the size.

use super::chain::Hash;
use sha2::{Digest, Sha256};

/// The tree over the first so many entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// Roots of perfect subtrees, the largest first.
    peaks: Vec<Hash>,
}

impl Tree {
    /// A tree as it was kept; none where the number of peaks does not fit the size.
    pub fn of(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (size.count_ones() as usize == peaks.len()).then_some(Self { size, peaks })
    }

    /// Number of entries.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the perfect subtrees, the largest first.
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds the next entry.
    pub fn push(&mut self, leaf: Hash) {
        // Each trailing one of the size is a subtree as large as the one that grows here.
        let full = self.size.trailing_ones() as usize;
        let node = self.peaks.drain(self.peaks.len() - full..).rfold(leaf, |right, left| node(&left, &right));
        self.peaks.push(node);
        self.size += 1;
    }

    /// The tree's hash.
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return Hash(Sha256::digest([]).into()) };
        peaks.fold(*last, |right, left| node(left, &right))
    }
}

fn node(left: &Hash, right: &Hash) -> Hash {
    let mut both = [1; 65];
    both[1..33].copy_from_slice(&left.0);
    both[33..].copy_from_slice(&right.0);
    Hash(Sha256::digest(both).into())
}

#[cfg(test)]
mod tests {
    use super::super::chain::leaf_hash;
    use super::*;

    /// RFC 6962, section 2.1, word for word.
    fn mth(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Hash(Sha256::digest([]).into()),
            [one] => *one,
            _ => {
                let k = leaves.len().next_power_of_two() / 2;
                node(&mth(&leaves[..k]), &mth(&leaves[k..]))
            }
        }
    }

    #[test]
    fn it_grows_as_the_rfc_defines_it_and_is_kept_and_restored_at_any_size() {
        let leaves: Vec<Hash> = (0_u32..300).map(|n| leaf_hash(&n.to_le_bytes())).collect();
        let mut tree = Tree::default();
        for n in 0..leaves.len() {
            assert_eq!(tree.root(), mth(&leaves[..n]), "{n} entries");
            assert_eq!(Tree::of(tree.size(), tree.peaks().to_vec()), Some(tree.clone()));
            tree.push(leaves[n]);
        }
        assert_eq!(Tree::of(3, vec![leaves[0]]), None);
    }

    #[test]
    fn known_roots_of_the_certificate_transparency_test_vectors() {
        // The inputs and roots that Certificate Transparency implementations test with.
        let inputs: [&[u8]; 8] = [
            b"",
            &[0x00],
            &[0x10],
            &[0x20, 0x21],
            &[0x30, 0x31],
            &[0x40, 0x41, 0x42, 0x43],
            &[0x50, 0x51, 0x52, 0x53, 0x54, 0x55, 0x56, 0x57],
            &[0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f],
        ];
        let mut tree = Tree::default();
        let mut roots = vec![tree.root().to_string()];
        for input in inputs {
            tree.push(leaf_hash(input));
            roots.push(tree.root().to_string());
        }
        for (n, root) in [
            (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
            (2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
            (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
            (7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
            (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
        ] {
            assert_eq!(roots[n], root, "{n} entries");
        }
    }
}
