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
            if !map(*from, *to) && !is_beyond(*from, *to) {
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

/// Behind the last address that this process has anything at unless it asks for one that is higher, a power of two. It may have fewer
/// than the server, whose device memory then lies where nothing of the program's can.
pub fn end_of_addresses() -> u64 {
    // SAFETY: a query without side effects.
    let name = unsafe { libc::getauxval(libc::AT_EXECFN) };
    // The kernel puts the program's name behind the first stack, which is at the end.
    match name {
        0 => u64::MAX,
        name => name.checked_next_power_of_two().unwrap_or(u64::MAX),
    }
}

/// Whether this process has nothing in a range that could not be mapped, and will have nothing there.
fn is_beyond(from: u64, to: u64) -> bool {
    from >= end_of_addresses()
        && std::fs::read_to_string("/proc/self/maps").is_ok_and(|maps| is_free(&maps, from, to))
}

/// Whether a range is in none of a process's mappings, which the kernel lists one a line, as `start-end` and more.
fn is_free(maps: &str, from: u64, to: u64) -> bool {
    maps.lines().all(|line| {
        let ends = line.split(' ').next().and_then(|ends| ends.split_once('-'));
        let hex = |text| u64::from_str_radix(text, 16).ok();
        ends.and_then(|(start, end)| Some(hex(start)? >= to || hex(end)? <= from)) == Some(true)
    })
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

    #[test]
    fn nothing_is_in_the_way_where_nothing_can_be() {
        let end = end_of_addresses();
        assert!(end.is_power_of_two());
        let here = &raw const end as u64;
        assert!(here < end, "{here:x} of {end:x}");
        let reservations = Reservations::default();
        assert!(!reservations.reserve(here, 1));
        assert!(reservations.reserve(end, 1));
        assert!(reservations.reserve(end + (5 << 30), 10 << 30));
        assert!(reservations.reserve(end * 2 - 1, 1));
    }

    #[test]
    fn a_range_is_free_where_no_mapping_has_any_of_it() {
        let maps = "7000-9000 r--p 00000000 fe:00 12 /lib/a b-c\n\
                    a000-b000 rw-p 00000000 00:00 0 \n";
        for (from, to, free) in [
            (0, 0x7000, true),
            (0, 0x7001, false),
            (0x8000, 0x8001, false),
            (0x9000, 0xa000, true),
            (0x8fff, 0xa000, false),
            (0, u64::MAX, false),
            (0xb000, u64::MAX, true),
        ] {
            assert_eq!(is_free(maps, from, to), free, "{from:x}-{to:x}");
        }
        assert!(!is_free("what is this", 1, 2));
    }
}
