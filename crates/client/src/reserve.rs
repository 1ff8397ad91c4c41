//! Keeps the addresses of device memory free on this side.
//!
//! A device pointer is the server's real address. CUDA tells host from device memory by the address alone, so no host
//! allocation of the program may ever lie where the server's device memory lies: every device range is reserved here, without
//! memory behind it, in blocks of two megabytes.

use std::collections::BTreeMap;
use std::ffi::c_void;
use std::sync::{Mutex, PoisonError};

use rustix::mm::{MapFlags, ProtFlags};

const BLOCK: u64 = 2 << 20;

/// The reserved ranges: start to end, disjoint, multiples of two megabytes.
#[derive(Debug, Default)]
pub struct Reservations(Mutex<BTreeMap<u64, u64>>);

impl Reservations {
    /// Reserves the blocks that hold `[address, address + len)`. Answers false where the program has something there
    /// already.
    pub fn reserve(&self, address: u64, len: u64) -> bool {
        let start = address / BLOCK * BLOCK;
        let Some(end) = address
            .checked_add(len.max(1))
            .and_then(|e| e.checked_next_multiple_of(BLOCK))
        else {
            return false;
        };
        let mut ranges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut gaps = Vec::new();
        let mut at = start;
        for (from, to) in ranges.range(..end).filter(|(_, to)| **to > start) {
            if *from > at {
                gaps.push((at, *from));
            }
            at = at.max(*to);
        }
        if at < end {
            gaps.push((at, end));
        }
        for (index, (from, to)) in gaps.iter().enumerate() {
            if !map(*from, *to) {
                for (from, to) in &gaps[..index] {
                    unmap(*from, *to);
                }
                return false;
            }
        }
        for (from, to) in gaps {
            ranges.insert(from, to);
        }
        true
    }
}

fn map(from: u64, to: u64) -> bool {
    // 1 << 20: MAP_FIXED_NOREPLACE, which fails instead of replacing what is there.
    let flags = MapFlags::PRIVATE | MapFlags::NORESERVE | MapFlags::FIXED_NOREPLACE;
    // SAFETY: NOREPLACE touches no existing mapping.
    let mapped = unsafe {
        rustix::mm::mmap_anonymous(
            from as *mut c_void,
            (to - from) as usize,
            ProtFlags::empty(),
            flags,
        )
    };
    match mapped {
        Ok(at) if at as u64 == from => true,
        // A kernel older than the flag takes the address as a hint.
        Ok(elsewhere) => {
            unmap(elsewhere as u64, elsewhere as u64 + (to - from));
            false
        }
        Err(_) => false,
    }
}

fn unmap(from: u64, to: u64) {
    // SAFETY: the range was mapped by `map` just now and nobody knows of it.
    let _ = unsafe { rustix::mm::munmap(from as *mut c_void, (to - from) as usize) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_kept_and_the_programs_own_are_respected() {
        let reservations = Reservations::default();
        let base = 0x3020_0000_0000;
        assert!(reservations.reserve(base, 100));
        assert!(reservations.reserve(base + 4096, 3 * BLOCK));
        assert!(reservations.reserve(base - BLOCK, 10 * BLOCK));
        let own = Box::new([0u8; 64]);
        assert!(!reservations.reserve(own.as_ptr() as u64, 64));
        assert!(!reservations.reserve(u64::MAX - 10, 64));
    }
}
