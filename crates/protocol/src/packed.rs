//! Bulk data in fewer bytes, for slow lines: LZ4, in its block format.
//!
//! Who sends decides of every part whether to pack it, and learns from what came of the last ones ([`Judge`]). Who receives is told
//! beforehand how many bytes a part has, makes exactly so many, and takes anything else for a violation: nothing is allocated by what a
//! block says of itself.

use crate::Violation;

/// Parts from this size on are packed.
pub const LEAST: usize = 16 << 10;
/// Bytes of a part that are tried for what the whole would come to.
const SAMPLE: usize = 64 << 10;
/// Parts that are sent as they are between one try and the next, at most.
const MOST_PAUSE: u32 = 31;

/// Appends `bytes`, packed. Answers false, and appends nothing, where that saves less than a fifth of them.
pub fn pack(bytes: &[u8], out: &mut Vec<u8>) -> bool {
    let start = out.len();
    out.resize(
        start + lz4_flex::block::get_maximum_output_size(bytes.len()),
        0,
    );
    match lz4_flex::block::compress_into(bytes, &mut out[start..]) {
        Ok(len) if len <= bytes.len() / 5 * 4 => {
            out.truncate(start + len);
            true
        }
        _ => {
            out.truncate(start);
            false
        }
    }
}

/// Unpacks `block`, which has to be as many bytes as `out`. Where it is not, what `out` holds means nothing.
///
/// # Errors
///
/// [`Violation::Packed`].
pub fn unpack(block: &[u8], out: &mut [u8]) -> Result<(), Violation> {
    match lz4_flex::block::decompress_into(block, out) {
        Ok(len) if len == out.len() => Ok(()),
        _ => Err(Violation::Packed(out.len())),
    }
}

/// Decides of each part whether to pack it: random data, of which nothing can be saved, is to cost next to nothing.
#[derive(Debug, Default)]
pub struct Judge {
    /// The last part was worth it.
    trusts: bool,
    /// Tries in vain since one was worth it.
    misses: u32,
    /// Parts that are to be sent as they are.
    pause: u32,
}

impl Judge {
    /// Appends a part, packed, if that seems to be worth it and is. Answers whether it has.
    pub fn pack(&mut self, bytes: &[u8], out: &mut Vec<u8>) -> bool {
        if bytes.len() < LEAST {
            return false;
        }
        if self.pause > 0 {
            self.pause -= 1;
            return false;
        }
        if !self.trusts && bytes.len() > SAMPLE {
            // From the middle: what stands at the beginning is often of another kind.
            let start = (bytes.len() - SAMPLE) / 2;
            let before = out.len();
            let saves = pack(&bytes[start..start + SAMPLE], out);
            out.truncate(before);
            if !saves {
                return self.learn(false);
            }
        }
        let packed = pack(bytes, out);
        self.learn(packed)
    }

    /// The last part was not worth it after all.
    pub fn regret(&mut self) {
        self.learn(false);
    }

    fn learn(&mut self, packed: bool) -> bool {
        self.trusts = packed;
        if packed {
            self.misses = 0;
        } else {
            self.misses = (self.misses + 1).min(5);
            self.pause = ((1 << self.misses) - 1).min(MOST_PAUSE);
        }
        packed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CHUNK;
    use proptest::prelude::*;

    /// Bytes of which a part is random and the rest repeats.
    fn bytes(seed: u64, len: usize, random: u64) -> Vec<u8> {
        let mut state = seed | 1;
        (0..len)
            .map(|at| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                if at as u64 / 64 % 100 < random {
                    state as u8
                } else {
                    (at / 100) as u8
                }
            })
            .collect()
    }

    #[test]
    fn what_is_packed_comes_back_around_every_limit() {
        for around in [LEAST, SAMPLE, CHUNK] {
            for len in around - 3..=around + 3 {
                for random in [0, 30, 100] {
                    let bytes = bytes(len as u64, len, random);
                    let mut out = vec![9; 5];
                    let packed = pack(&bytes, &mut out);
                    assert_eq!(packed, random < 100, "{len}, {random}");
                    assert_eq!(out[..5], [9; 5]);
                    if packed {
                        assert!(out.len() - 5 <= len / 5 * 4);
                        let mut back = vec![1; len];
                        unpack(&out[5..], &mut back).unwrap();
                        assert!(back == bytes);
                    } else {
                        assert_eq!(out.len(), 5);
                    }
                }
            }
        }
    }

    #[test]
    fn a_block_that_is_not_as_long_as_it_says_is_refused() {
        // A bomb: 255 times as long as the block.
        let zeros = vec![0; CHUNK];
        let mut block = Vec::new();
        assert!(pack(&zeros, &mut block) && block.len() < CHUNK / 200);
        unpack(&block, &mut vec![1; CHUNK]).unwrap();
        for len in [0, 1, block.len(), CHUNK - 1, CHUNK + 1, 2 * CHUNK] {
            let refused = unpack(&block, &mut vec![0; len]);
            assert_eq!(refused, Err(Violation::Packed(len)));
        }
        for cut in [0, 1, block.len() - 1] {
            assert!(unpack(&block[..cut], &mut vec![0; CHUNK]).is_err());
        }
    }

    #[test]
    fn random_data_is_hardly_tried_and_better_data_soon_found() {
        let (noise, text) = (bytes(7, CHUNK, 100), bytes(8, CHUNK, 10));
        let mut judge = Judge::default();
        let mut out = Vec::new();
        let mut tries = 0;
        for _ in 0..1000 {
            tries += usize::from(judge.pause == 0);
            assert!(!judge.pack(&noise, &mut out));
            assert!(out.is_empty());
        }
        assert!(tries <= 1000 / 32 + 6, "{tries}");
        let found = (0..40).position(|_| judge.pack(&text, &mut out));
        assert!(found.is_some());
        for _ in 0..100 {
            assert!(judge.pack(&text, &mut out));
        }
        // What is mixed is packed where it pays.
        assert!(!judge.pack(&noise, &mut out));
        assert!(!judge.pack(&text, &mut out));
        assert!(judge.pack(&text, &mut out));
        assert!(!judge.pack(&text[..LEAST - 1], &mut out));
        assert!(judge.pack(&text[..LEAST], &mut out));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn whatever_is_packed_comes_back(
            seed in any::<u64>(),
            len in 0usize..200_000,
            random in 0u64..101,
        ) {
            let bytes = bytes(seed, len, random);
            let mut judge = Judge::default();
            let mut out = Vec::new();
            if judge.pack(&bytes, &mut out) {
                let mut back = vec![0; len];
                prop_assert_eq!(unpack(&out, &mut back), Ok(()));
                prop_assert!(back == bytes);
            } else {
                prop_assert!(out.is_empty());
            }
        }

        #[test]
        fn blocks_that_mean_nothing_do_no_harm(
            block in proptest::collection::vec(any::<u8>(), 0..400),
            len in 0usize..70_000,
        ) {
            let mut out = vec![0; len];
            let _ = unpack(&block, &mut out);
        }
    }
}
