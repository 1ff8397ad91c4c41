//! Requests to Callgrind, as its manual describes them. Outside Valgrind they do nothing.

use std::ffi::CStr;

/// Callgrind's own begin with the letters CT.
const TOOL: usize = (b'C' as usize) << 24 | (b'T' as usize) << 16;
const TOGGLE_COLLECT: usize = TOOL + 2;
const DUMP_STATS_AT: usize = TOOL + 3;
const START_INSTRUMENTATION: usize = TOOL + 4;
const STOP_INSTRUMENTATION: usize = TOOL + 5;

/// Begins to look at what the process does: only what is looked at can be counted.
pub fn start() {
    request(START_INSTRUMENTATION, 0);
}

/// Looks away.
pub fn stop() {
    request(STOP_INSTRUMENTATION, 0);
}

/// Begins to count what the calling thread does, or ends it.
#[inline(always)]
pub fn toggle() {
    request(TOGGLE_COLLECT, 0);
}

/// Writes what has been counted, under a name.
pub fn dump(name: &CStr) {
    request(DUMP_STATS_AT, name.as_ptr() as usize);
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn request(number: usize, argument: usize) -> usize {
    let arguments = [number, argument, 0, 0, 0, 0];
    let mut result = 0usize;
    // SAFETY: Valgrind's sequence for a request: rotations by 128 bits in all, and an exchange of a register with itself, which
    // change nothing on a processor. Valgrind reads the arguments, and puts its answer into rdx.
    unsafe {
        core::arch::asm!(
            "rol rdi, 3",
            "rol rdi, 13",
            "rol rdi, 61",
            "rol rdi, 51",
            "xchg rbx, rbx",
            in("rax") arguments.as_ptr(),
            inout("rdx") result,
            options(nostack),
        );
    }
    result
}

#[cfg(not(target_arch = "x86_64"))]
fn request(_: usize, _: usize) -> usize {
    0
}
