//! Tables by numbers that a client gives: its handles and sequence numbers. They are looked up with every command, and the standard
//! library's hash, which is for keys of strangers, takes a good part of what a command takes. Who chose numbers that collide would slow
//! down its own process, or the worker that serves nobody else.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A table by such numbers.
pub type Numbers<T> = HashMap<u64, T, BuildHasherDefault<Fold>>;

/// An odd number without a pattern: 2^64 divided by the golden ratio.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Multiplies, and folds the upper half of the product onto the lower: every bit of the number moves bits at both ends, which are those
/// that tables look at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Fold(u64);

impl Hasher for Fold {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.write_u64(u64::from_le_bytes(word));
        }
    }

    #[inline]
    fn write_u64(&mut self, number: u64) {
        let product = u128::from(self.0 ^ number) * u128::from(SPREAD);
        self.0 = product as u64 ^ (product >> 64) as u64;
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;
    use std::hash::{BuildHasher, BuildHasherDefault};

    use crate::handle::{Kind, pack};

    #[test]
    fn handles_and_sequence_numbers_spread_over_a_table() {
        let hash = |number: u64| BuildHasherDefault::<Fold>::default().hash_one(number);
        let (count, buckets) = (10_000, 16_384);
        let runs: [&dyn Fn(u32) -> u64; 4] = [
            &|i| pack(Kind::Function, 0, i),
            &|i| pack(Kind::Event, i, 7),
            &|i| pack(Kind::Stream, i % 64, i / 64),
            &u64::from,
        ];
        for (which, run) in runs.iter().enumerate() {
            let hashes: Vec<u64> = (0..count).map(|i| hash(run(i))).collect();
            let distinct = |part: &dyn Fn(u64) -> u64| {
                let parts = hashes.iter().map(|hash| part(*hash));
                parts.collect::<HashSet<u64>>().len()
            };
            // Numbers thrown at random hit 7,500 of the buckets. A table tells entries of a bucket apart by the upper seven bits.
            assert!(distinct(&|hash| hash % buckets) > 6_000, "run {which}");
            assert_eq!(distinct(&|hash| hash >> 57), 128, "run {which}");
            assert_eq!(distinct(&|hash| hash), count as usize, "run {which}");
        }
    }
}
