//! What the tests of several crates need.

#[cfg(feature = "certificates")]
pub mod certificates;
mod folder;

pub use folder::Folder;

use std::hash::{BuildHasher, RandomState};

/// Random numbers that are good enough for contents, and fast (SplitMix64).
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// Seeded by `PILLION_TEST_SEED`, else at random. Prints the seed.
    #[must_use]
    pub fn new() -> Self {
        let seed = match std::env::var("PILLION_TEST_SEED") {
            Ok(seed) => seed.parse().expect("PILLION_TEST_SEED is a number"),
            Err(_) => RandomState::new().hash_one(0),
        };
        println!("PILLION_TEST_SEED={seed}");
        Self(seed)
    }

    /// The same numbers for the same seed.
    #[must_use]
    pub fn from_seed(seed: u64) -> Self {
        Self(seed)
    }

    /// Any number.
    #[allow(clippy::should_implement_trait, reason = "they never end")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut x = self.0;
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        self.number_below(end as u64) as usize
    }

    /// The same of 64 bits.
    pub fn number_below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    /// A number from 1 to 2^17, as often small as large.
    pub fn size(&mut self) -> usize {
        let bits = 1 + self.below(17);
        1 + self.below(1 << bits)
    }

    /// So many random bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(count + 8);
        while bytes.len() < count {
            bytes.extend_from_slice(&self.next().to_le_bytes());
        }
        bytes.truncate(count);
        bytes
    }
}

impl Default for Random {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the generator's authors have it.
    #[test]
    fn a_seed_gives_the_known_numbers() {
        let mut random = Random::from_seed(1_234_567);
        let numbers = [(); 3].map(|()| random.next());
        assert_eq!(
            numbers,
            [
                6_457_827_717_110_365_317,
                3_203_168_211_198_807_973,
                9_817_491_932_198_370_423
            ]
        );
    }
}
