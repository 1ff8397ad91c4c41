//! Which addresses this process uses, and which it leaves to the client's program.

use std::ffi::c_void;
use std::os::fd::BorrowedFd;
use std::sync::OnceLock;

use rustix::mm::{MapFlags, ProtFlags};

/// Where a program's own mappings usually are begins here: above are its libraries, heap and stack.
const PROGRAMS: usize = 0x4000_0000_0000;

/// Device pointers are addresses of this process, and the client keeps each free on its side. So that it can, this process keeps
/// its mappings, and the driver's, below where programs have theirs: what is free above is taken, without memory.
pub fn leave_to_the_program() {
    let Ok(maps) = std::fs::read_to_string("/proc/self/maps") else {
        return;
    };
    let mut gaps = Vec::new();
    let mut at = PROGRAMS;
    for line in maps.lines() {
        let range = line.split(' ').next().unwrap_or_default();
        let mut ends = range
            .split('-')
            .map(|end| usize::from_str_radix(end, 16).unwrap_or(0));
        let (start, end) = (ends.next().unwrap_or(0), ends.next().unwrap_or(0));
        // The stack grows down, by as much as its limit, and the heap up.
        let room = if line.ends_with("[stack]") {
            16 << 20
        } else {
            0
        };
        gaps.push((at, start.saturating_sub(room)));
        at = at.max(if line.ends_with("[heap]") {
            end + (4 << 30)
        } else {
            end
        });
        if end > 0x7fff_ffff_ffff {
            break;
        }
    }
    gaps.retain(|(start, end)| {
        start < end
            && map(
                *start,
                end - start,
                ProtFlags::empty(),
                MapFlags::NORESERVE | MapFlags::FIXED_NOREPLACE,
                None,
            )
    });
    let _ = LEFT.set(gaps);
}

/// What is kept free, as starts and ends.
static LEFT: OnceLock<Vec<(usize, usize)>> = OnceLock::new();

fn is_left(at: usize, len: usize) -> bool {
    LEFT.get().is_some_and(|left| {
        left.iter()
            .any(|(start, end)| *start <= at && at + len <= *end)
    })
}

fn map(
    at: usize,
    len: usize,
    protection: ProtFlags,
    flags: MapFlags,
    shared: Option<BorrowedFd<'_>>,
) -> bool {
    let place = at as *mut c_void;
    // SAFETY: with NOREPLACE no existing mapping is touched; without, the caller has seen that nothing is there but what keeps
    // addresses free.
    let mapped = unsafe {
        match shared {
            Some(memory) => {
                rustix::mm::mmap(place, len, protection, MapFlags::SHARED | flags, memory, 0)
            }
            None => rustix::mm::mmap_anonymous(place, len, protection, MapFlags::PRIVATE | flags),
        }
    };
    match mapped {
        Ok(got) if got as usize == at => true,
        Ok(elsewhere) => {
            // SAFETY: mapped just now, known to nobody.
            let _ = unsafe { rustix::mm::munmap(elsewhere, len) };
            false
        }
        Err(_) => false,
    }
}

/// Maps memory at an address of the program's: fresh, or what the program has there itself. Answers false where this process has
/// something there.
pub fn map_for_the_program(at: usize, len: usize, shared: Option<BorrowedFd<'_>>) -> bool {
    let flags = if is_left(at, len) {
        MapFlags::FIXED
    } else {
        MapFlags::FIXED_NOREPLACE
    };
    map(at, len, ProtFlags::READ | ProtFlags::WRITE, flags, shared)
}

/// Ends such memory.
pub fn unmap_for_the_program(at: usize, len: usize) {
    if is_left(at, len) {
        map(
            at,
            len,
            ProtFlags::empty(),
            MapFlags::NORESERVE | MapFlags::FIXED,
            None,
        );
        return;
    }
    // SAFETY: mapped by `map_for_the_program`, and used by nobody any more.
    let _ = unsafe { rustix::mm::munmap(at as *mut c_void, len) };
}
