//! Bulk data in fewer bytes, for slow lines: LZ4 (its block format), or Zstandard where the line is so slow that it is worth the time.
//!
//! Who sends decides of every part whether to pack it, and learns from what came of the last ones ([`Packer`]). Who receives is told
//! beforehand how many bytes a part has, makes exactly so many, and takes anything else for a violation: nothing is allocated by what a
//! block says of itself.

use std::fmt;

use zstd_safe::{CCtx, CParameter, DCtx};

use crate::Violation;

/// Parts from this size on are packed.
pub const LEAST: usize = 16 << 10;
/// Bytes of a part that are tried for what the whole would come to.
const SAMPLE: usize = 64 << 10;
/// Parts that are sent as they are between one try and the next, at most.
const MOST_PAUSE: u32 = 31;
/// Of Zstandard: the next levels take longer and save little more.
const LEVEL: i32 = 1;

/// What a part is packed with: the first byte of its block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Method {
    /// Quick; finds what repeats.
    Lz4 = 1,
    /// A few times slower; also saves where some values are only more frequent than others, as the exponents of floating-point numbers.
    Zstd = 2,
}

impl Method {
    /// All of them.
    pub const ALL: [Method; 2] = [Method::Lz4, Method::Zstd];

    /// The most bytes of a block, with which it is still worth being sent in place of so many.
    fn most(self, len: usize) -> usize {
        match self {
            Method::Lz4 => len / 5 * 4,
            // The line is so slow that a little is worth it.
            Method::Zstd => len - len / 32,
        }
    }
}

/// Unpacks `block`, which has to be as many bytes as `out`. Where it is not, what `out` holds means nothing.
///
/// # Errors
///
/// [`Violation::Packed`].
pub fn unpack(block: &[u8], out: &mut [u8]) -> Result<(), Violation> {
    const LZ4: u8 = Method::Lz4 as u8;
    const ZSTD: u8 = Method::Zstd as u8;
    let len = match block {
        [LZ4, data @ ..] => lz4_flex::block::decompress_into(data, out).ok(),
        // In one piece to where it belongs, so that there is no window, whatever size the block gives one.
        [ZSTD, data @ ..] => {
            DCtx::try_create().and_then(|mut zstd| zstd.decompress(out, data).ok())
        }
        _ => None,
    };
    match len {
        Some(len) if len == out.len() => Ok(()),
        _ => Err(Violation::Packed(out.len())),
    }
}

/// Packs parts, and decides of each whether to: random data, of which nothing can be saved, is to cost next to nothing.
#[derive(Default)]
pub struct Packer {
    /// The last part was worth it.
    trusts: bool,
    /// Tries in vain since one was worth it.
    misses: u32,
    /// Parts that are to be sent as they are.
    pause: u32,
    /// Once it has been needed. It has more than a megabyte.
    zstd: Option<CCtx<'static>>,
}

impl Packer {
    /// Appends a part, packed, if that seems to be worth it and is. Answers whether it has.
    pub fn pack(&mut self, method: Method, bytes: &[u8], out: &mut Vec<u8>) -> bool {
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
            let saves = self.try_pack(method, &bytes[start..start + SAMPLE], out);
            out.truncate(before);
            if !saves {
                return self.learn(false);
            }
        }
        let packed = self.try_pack(method, bytes, out);
        self.learn(packed)
    }

    /// Appends `bytes`, packed. Answers false, and appends nothing, where that saves too little.
    pub fn try_pack(&mut self, method: Method, bytes: &[u8], out: &mut Vec<u8>) -> bool {
        let start = out.len();
        out.push(method as u8);
        let most = method.most(bytes.len());
        let len = match method {
            Method::Lz4 => {
                let room = lz4_flex::block::get_maximum_output_size(bytes.len());
                out.resize(start + 1 + room, 0);
                lz4_flex::block::compress_into(bytes, &mut out[start + 1..]).ok()
            }
            Method::Zstd => {
                // What needs more room than this is not worth it.
                out.resize(start + most, 0);
                self.zstd()
                    .and_then(|zstd| zstd.compress2(&mut out[start + 1..], bytes).ok())
            }
        };
        let worth = len.filter(|len| *len < most);
        out.truncate(start + worth.map_or(0, |len| 1 + len));
        worth.is_some()
    }

    /// The last part was not worth it after all.
    pub fn regret(&mut self) {
        self.learn(false);
    }

    fn zstd(&mut self) -> Option<&mut CCtx<'static>> {
        if self.zstd.is_none() {
            let mut zstd = CCtx::try_create()?;
            zstd.set_parameter(CParameter::CompressionLevel(LEVEL))
                .ok()?;
            zstd.set_parameter(CParameter::ContentSizeFlag(false))
                .ok()?;
            self.zstd = Some(zstd);
        }
        self.zstd.as_mut()
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

impl fmt::Debug for Packer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Packer")
            .field("trusts", &self.trusts)
            .field("misses", &self.misses)
            .field("pause", &self.pause)
            .finish_non_exhaustive()
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
                    for method in Method::ALL {
                        let mut out = vec![9; 5];
                        let packed = Packer::default().try_pack(method, &bytes, &mut out);
                        assert_eq!(packed, random < 100, "{method:?}, {len}, {random}");
                        assert_eq!(out[..5], [9; 5]);
                        if packed {
                            assert!(out.len() - 5 <= method.most(len));
                            let mut back = vec![1; len];
                            unpack(&out[5..], &mut back).unwrap();
                            assert!(back == bytes);
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn a_block_that_is_not_as_long_as_it_says_is_refused() {
        // A bomb: 255 times as long as the block.
        let zeros = vec![0; CHUNK];
        for method in Method::ALL {
            let mut block = Vec::new();
            assert!(Packer::default().try_pack(method, &zeros, &mut block));
            assert!(block.len() < CHUNK / 200);
            unpack(&block, &mut vec![1; CHUNK]).unwrap();
            for len in [0, 1, block.len(), CHUNK - 1, CHUNK + 1, 2 * CHUNK] {
                let refused = unpack(&block, &mut vec![0; len]);
                assert_eq!(refused, Err(Violation::Packed(len)));
            }
            for cut in [0, 1, block.len() - 1] {
                assert!(unpack(&block[..cut], &mut vec![0; CHUNK]).is_err());
            }
            for other in [0, 3, 255] {
                block[0] = other;
                assert!(unpack(&block, &mut vec![0; CHUNK]).is_err());
            }
        }
        assert!(unpack(&[], &mut []).is_err());
    }

    #[test]
    fn what_is_only_more_frequent_is_packed_where_that_is_worth_the_time() {
        // As numbers whose first byte is one of a few.
        let mut numbers = bytes(11, CHUNK, 100);
        numbers.iter_mut().step_by(2).for_each(|byte| *byte &= 7);
        let mut out = Vec::new();
        let mut packer = Packer::default();
        assert!(!packer.try_pack(Method::Lz4, &numbers, &mut out) && out.is_empty());
        assert!(packer.try_pack(Method::Zstd, &numbers, &mut out));
        // Three bits of every second byte are all there is of it, and one of which kind a byte is.
        assert!(out.len() < CHUNK / 16 * 13 + CHUNK / 50, "{}", out.len());
        let mut back = vec![0; CHUNK];
        unpack(&out, &mut back).unwrap();
        assert!(back == numbers);
    }

    #[test]
    fn random_data_is_hardly_tried_and_better_data_soon_found() {
        let (noise, text) = (bytes(7, CHUNK, 100), bytes(8, CHUNK, 10));
        let mut packer = Packer::default();
        let mut out = Vec::new();
        let mut tries = 0;
        for _ in 0..1000 {
            tries += usize::from(packer.pause == 0);
            assert!(!packer.pack(Method::Lz4, &noise, &mut out));
            assert!(out.is_empty());
        }
        assert!(tries <= 1000 / 32 + 6, "{tries}");
        let found = (0..40).position(|_| packer.pack(Method::Lz4, &text, &mut out));
        assert!(found.is_some());
        for _ in 0..100 {
            assert!(packer.pack(Method::Lz4, &text, &mut out));
        }
        // What is mixed is packed where it pays.
        assert!(!packer.pack(Method::Lz4, &noise, &mut out));
        assert!(!packer.pack(Method::Lz4, &text, &mut out));
        assert!(packer.pack(Method::Lz4, &text, &mut out));
        assert!(!packer.pack(Method::Lz4, &text[..LEAST - 1], &mut out));
        assert!(packer.pack(Method::Lz4, &text[..LEAST], &mut out));
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
            for method in Method::ALL {
                let mut out = Vec::new();
                if Packer::default().pack(method, &bytes, &mut out) {
                    let mut back = vec![0; len];
                    prop_assert_eq!(unpack(&out, &mut back), Ok(()));
                    prop_assert!(back == bytes);
                } else {
                    prop_assert!(out.is_empty());
                }
            }
        }

        #[test]
        fn blocks_that_mean_nothing_do_no_harm(
            method in 0u8..4,
            mut block in proptest::collection::vec(any::<u8>(), 0..400),
            len in 0usize..70_000,
        ) {
            if let Some(first) = block.first_mut() {
                *first = method;
            }
            let mut out = vec![0; len];
            let _ = unpack(&block, &mut out);
        }
    }
}
