//! Counts what happens between two points of one thread.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::ffi::CString;

use crate::callgrind;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, which counts what each thread asks it for.
#[derive(Debug)]
pub struct Counting;

impl Counting {
    fn count() {
        // A thread that ends may still free and allocate; nobody counts that.
        let _ = ALLOCATIONS.try_with(|count| count.set(count.get() + 1));
    }
}

// SAFETY: the system's allocator does it all.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        Self::count();
        // SAFETY: the caller's contract is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        Self::count();
        // SAFETY: the caller's contract is the same.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, memory: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        Self::count();
        // SAFETY: the caller's contract is the same.
        unsafe { System.realloc(memory, layout, size) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's contract is the same.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// A count that has begun, of the calling thread.
#[derive(Debug)]
pub struct Count {
    allocations: u64,
}

impl Count {
    /// Begins.
    #[inline(always)]
    pub fn begin() -> Self {
        callgrind::start();
        let allocations = ALLOCATIONS.get();
        callgrind::toggle();
        Count { allocations }
    }

    /// Ends, and answers how many allocations there were. What Callgrind has counted goes into its file under this name.
    #[inline(always)]
    pub fn end(self, name: &str) -> u64 {
        callgrind::toggle();
        let allocations = ALLOCATIONS.get() - self.allocations;
        if let Ok(name) = CString::new(name) {
            callgrind::dump(&name);
        }
        callgrind::stop();
        allocations
    }
}
