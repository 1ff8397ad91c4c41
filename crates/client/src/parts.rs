//! Blocks of memory, and the parts of them that are handed out. Addresses only: nothing here touches the memory.
//!
//! A block is what the server has given; a part begins at a multiple of [`ALIGNMENT`] from its start. The smallest piece that is
//! large enough is taken, and a part that comes back is one with the free pieces on both sides of it, within its block.

use std::collections::{BTreeMap, BTreeSet};

/// What CUDA's own allocations are aligned to, or less.
pub const ALIGNMENT: u64 = 512;

/// The blocks of one context.
#[derive(Debug, Default)]
pub struct Parts {
    /// By where they begin.
    blocks: BTreeMap<u64, Block>,
    /// What is free: where it begins and how long it is. No two of one block touch.
    free: BTreeMap<u64, u64>,
    /// The same by length.
    by_length: BTreeSet<(u64, u64)>,
    /// Bytes that are free.
    room: u64,
    /// Bytes of blocks of which nothing is handed out.
    unused: u64,
    /// How often a block came to be unused.
    clock: u64,
}

#[derive(Debug, Clone, Copy)]
struct Block {
    len: u64,
    /// Bytes that are handed out.
    taken: u64,
    /// When nothing was any more.
    since: u64,
}

/// Bytes that a part takes of a block that has `room` from where it begins: the last of a block may be shorter than a multiple.
fn size(len: u64, room: u64) -> u64 {
    len.checked_next_multiple_of(ALIGNMENT)
        .map_or(room, |whole| whole.min(room))
}

impl Parts {
    /// Whether there may be a block at `start`: it has bytes, and shares none with another.
    fn fits(&self, start: u64, len: u64) -> bool {
        let Some(end) = start.checked_add(len) else {
            return false;
        };
        let before = self.blocks.range(..end).next_back();
        len > 0 && before.is_none_or(|(other, block)| other + block.len <= start)
    }

    /// Enters a block of which nothing is handed out. Answers false where there can be none.
    pub fn enter(&mut self, start: u64, len: u64) -> bool {
        if !self.fits(start, len) {
            return false;
        }
        self.clock += 1;
        let block = Block {
            len,
            taken: 0,
            since: self.clock,
        };
        self.blocks.insert(start, block);
        self.put(start, len);
        self.unused += len;
        true
    }

    /// Enters a block of which all is handed out as one part. Answers false where there can be none.
    pub fn enter_taken(&mut self, start: u64, len: u64) -> bool {
        if !self.fits(start, len) {
            return false;
        }
        let block = Block {
            len,
            taken: len,
            since: 0,
        };
        self.blocks.insert(start, block);
        true
    }

    /// Hands out `len` bytes, of a piece that has at most `slack` more. There must be at least one byte.
    pub fn take(&mut self, len: u64, slack: u64) -> Option<u64> {
        let (piece, start) = self.by_length.range((len, 0)..).next().copied()?;
        let whole = size(len, piece);
        if piece - whole > slack {
            return None;
        }
        self.by_length.remove(&(piece, start));
        self.free.remove(&start);
        if whole < piece {
            self.free.insert(start + whole, piece - whole);
            self.by_length.insert((piece - whole, start + whole));
        }
        self.room -= whole;
        if let Some((_, block)) = self.blocks.range_mut(..=start).next_back() {
            if block.taken == 0 {
                self.unused -= block.len;
            }
            block.taken += whole;
        }
        Some(start)
    }

    /// Takes back a part of `len` bytes that was handed out at `start`.
    pub fn give(&mut self, start: u64, len: u64) {
        let Some((from, block)) = self.blocks.range_mut(..=start).next_back() else {
            return;
        };
        let (from, end) = (*from, *from + block.len);
        let whole = size(len, end.saturating_sub(start));
        block.taken = block.taken.saturating_sub(whole);
        if block.taken == 0 {
            self.clock += 1;
            block.since = self.clock;
            self.unused += block.len;
        }
        let (mut first, mut last) = (start, start + whole);
        if let Some((before, piece)) = self.free.range(..start).next_back()
            && *before >= from
            && before + piece == start
        {
            first = *before;
        }
        if last < end
            && let Some(piece) = self.free.get(&last)
        {
            last += piece;
        }
        if first < start {
            self.lift(first, start - first);
        }
        if last > start + whole {
            self.lift(start + whole, last - start - whole);
        }
        self.put(first, last - first);
    }

    /// Takes a block out of which everything is one part that was handed out. Answers false where `start` begins none.
    pub fn end_taken(&mut self, start: u64, len: u64) -> bool {
        let whole = self
            .blocks
            .get(&start)
            .is_some_and(|block| block.taken == block.len && block.len == len);
        if whole {
            self.blocks.remove(&start);
        }
        whole
    }

    /// The block that holds `address`: where it begins, and its length.
    pub fn block(&self, address: u64) -> Option<(u64, u64)> {
        let (start, block) = self.blocks.range(..=address).next_back()?;
        (address - start < block.len).then_some((*start, block.len))
    }

    /// Takes a block out of which nothing is handed out, where such blocks have more than `keep` bytes: the one that has been so
    /// longest. Answers where it begins, and its length.
    pub fn surplus(&mut self, keep: u64) -> Option<(u64, u64)> {
        if self.unused <= keep {
            return None;
        }
        let unused = self.blocks.iter().filter(|(_, block)| block.taken == 0);
        let (start, block) = unused.min_by_key(|(_, block)| block.since)?;
        let (start, len) = (*start, block.len);
        self.blocks.remove(&start);
        self.lift(start, len);
        self.unused -= len;
        Some((start, len))
    }

    /// Bytes that a part of `len` bytes takes at `start`.
    pub fn size_of(&self, start: u64, len: u64) -> u64 {
        let block = self.block(start);
        size(len, block.map_or(0, |(from, all)| from + all - start))
    }

    /// Bytes that are free.
    pub fn room(&self) -> u64 {
        self.room
    }

    fn put(&mut self, start: u64, len: u64) {
        self.free.insert(start, len);
        self.by_length.insert((len, start));
        self.room += len;
    }

    fn lift(&mut self, start: u64, len: u64) {
        self.free.remove(&start);
        self.by_length.remove(&(len, start));
        self.room -= len;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is said to the parts.
    #[derive(Debug, Clone)]
    enum Step {
        Enter(u64),
        EnterTaken(u64),
        Take(u64, u64),
        Overlap(prop::sample::Index, prop::sample::Index, u64),
        Give(prop::sample::Index),
        EndTaken(prop::sample::Index),
        Surplus(u64),
    }

    fn len() -> impl Strategy<Value = u64> {
        prop_oneof![1..2000u64, 1..200_000u64, Just(512), Just(4096)]
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            1 => len().prop_map(Step::Enter),
            1 => len().prop_map(Step::EnterTaken),
            6 => (len(), prop_oneof![Just(u64::MAX), 0..5000u64]).prop_map(|(len, slack)| Step::Take(len, slack)),
            1 => (any::<prop::sample::Index>(), any::<prop::sample::Index>(), len()).prop_map(|(which, shift, len)| Step::Overlap(which, shift, len)),
            5 => any::<prop::sample::Index>().prop_map(Step::Give),
            1 => any::<prop::sample::Index>().prop_map(Step::EndTaken),
            1 => (0..300_000u64).prop_map(Step::Surplus),
        ]
    }

    /// The same, as a list of bytes would have it.
    #[derive(Default)]
    struct Model {
        blocks: Vec<(u64, u64)>,
        /// Where a part begins, its length, and where the next may begin.
        parts: Vec<(u64, u64, u64)>,
    }

    impl Model {
        /// What is free, as pieces that are as long as they can be.
        fn free(&self) -> Vec<(u64, u64)> {
            let mut pieces = Vec::new();
            for (start, len) in &self.blocks {
                let mut at = *start;
                let mut inside: Vec<_> = self
                    .parts
                    .iter()
                    .filter(|(part, ..)| (*start..start + len).contains(part))
                    .collect();
                inside.sort_unstable();
                for (part, _, end) in inside {
                    if *part > at {
                        pieces.push((at, part - at));
                    }
                    at = *end;
                }
                if at < start + len {
                    pieces.push((at, start + len - at));
                }
            }
            pieces.sort_unstable();
            pieces
        }

        fn block_of(&self, address: u64) -> (u64, u64) {
            *self
                .blocks
                .iter()
                .find(|(start, len)| (*start..start + len).contains(&address))
                .unwrap()
        }

        fn unused(&self) -> Vec<(u64, u64)> {
            let used = |(start, len): &(u64, u64)| {
                let mut parts = self.parts.iter();
                parts.any(|(part, ..)| (*start..start + len).contains(part))
            };
            self.blocks.iter().filter(|b| !used(b)).copied().collect()
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn parts_never_overlap_and_become_one_again(steps in prop::collection::vec(step(), 1..200), touching in any::<bool>()) {
            let mut parts = Parts::default();
            let mut model = Model::default();
            let mut next = 0x10_0000u64;
            let place = |next: &mut u64, len: u64| {
                let start = *next;
                // Blocks may touch one another, and are two all the same.
                *next += len.next_multiple_of(512) + if touching { 0 } else { 512 };
                start
            };
            for step in steps {
                match step {
                    Step::Enter(len) => {
                        let len = len.next_multiple_of(512);
                        let start = place(&mut next, len);
                        prop_assert!(parts.enter(start, len));
                        model.blocks.push((start, len));
                    }
                    Step::EnterTaken(len) => {
                        let start = place(&mut next, len);
                        prop_assert!(parts.enter_taken(start, len));
                        model.blocks.push((start, len));
                        model.parts.push((start, len, start + len));
                    }
                    Step::Take(len, slack) => {
                        let free = model.free();
                        let best = free.iter().map(|(_, piece)| *piece).filter(|piece| *piece >= len).min();
                        let best = best.filter(|best| best.saturating_sub(len.next_multiple_of(512)) <= slack);
                        match parts.take(len, slack) {
                            Some(start) => {
                                let piece = free.iter().find(|(at, _)| *at == start).copied();
                                prop_assert_eq!(piece.map(|(_, len)| len), best, "the smallest that is large enough");
                                prop_assert_eq!((start - model.block_of(start).0) % ALIGNMENT, 0);
                                let whole = len.next_multiple_of(512).min(best.unwrap());
                                model.parts.push((start, len, start + whole));
                            }
                            None => prop_assert_eq!(best, None),
                        }
                    }
                    Step::Overlap(which, shift, len) => {
                        // What a server may say that gives the same memory twice.
                        if !model.blocks.is_empty() {
                            let (start, all) = model.blocks[which.index(model.blocks.len())];
                            let start = start + shift.index(all as usize) as u64;
                            prop_assert!(!parts.enter(start, len) && !parts.enter_taken(start, len));
                            prop_assert!(!parts.enter(start - len, len + 1) && !parts.enter(start, u64::MAX));
                        }
                    }
                    Step::Give(which) => {
                        if !model.parts.is_empty() {
                            let (start, len, _) = model.parts.swap_remove(which.index(model.parts.len()));
                            parts.give(start, len);
                        }
                    }
                    Step::EndTaken(which) => {
                        if !model.parts.is_empty() {
                            let at = which.index(model.parts.len());
                            let (start, len, _) = model.parts[at];
                            let block = model.block_of(start);
                            prop_assert_eq!(parts.end_taken(start, len), block == (start, len));
                            if block == (start, len) {
                                model.parts.swap_remove(at);
                                model.blocks.retain(|other| *other != block);
                            }
                        }
                    }
                    Step::Surplus(keep) => {
                        let unused = model.unused();
                        let bytes: u64 = unused.iter().map(|(_, len)| len).sum();
                        match parts.surplus(keep) {
                            Some(block) => {
                                prop_assert!(bytes > keep && unused.contains(&block));
                                model.blocks.retain(|other| *other != block);
                            }
                            None => prop_assert!(bytes <= keep),
                        }
                    }
                }
                let free = model.free();
                prop_assert_eq!(parts.free.iter().map(|(a, b)| (*a, *b)).collect::<Vec<_>>(), free.clone());
                prop_assert_eq!(parts.room(), free.iter().map(|(_, len)| len).sum::<u64>());
                prop_assert_eq!(parts.unused, model.unused().iter().map(|(_, len)| len).sum::<u64>());
                let by_length: BTreeSet<_> = free.iter().map(|(start, len)| (*len, *start)).collect();
                prop_assert_eq!(&parts.by_length, &by_length);
            }
            // With everything given back, every block is one piece, and all of them go.
            for (start, len, _) in model.parts.drain(..) {
                parts.give(start, len);
            }
            let mut blocks = model.blocks.clone();
            blocks.sort_unstable();
            prop_assert_eq!(parts.free.iter().map(|(a, b)| (*a, *b)).collect::<Vec<_>>(), blocks);
            while let Some(block) = parts.surplus(0) {
                model.blocks.retain(|other| *other != block);
            }
            prop_assert!(model.blocks.is_empty() && parts.free.is_empty() && parts.room() == 0);
        }
    }
}
