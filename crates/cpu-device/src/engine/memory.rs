//! Device-visible memory: which host addresses a kernel may touch, and the generic address windows.
//!
//! Global and constant memory *are* host memory at its own addresses. The [`AddressSpace`] lists the ranges a kernel may
//! touch; everything else is an illegal address. Shared, local and kernel-parameter memory are not host addresses: they
//! live in fixed 4 GiB windows of the generic address space ([`SHARED_WINDOW`], [`LOCAL_WINDOW`], [`PARAM_WINDOW`]) that no
//! user-space mapping of a 64-bit host can occupy.

use std::any::Any;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

/// Generic addresses `SHARED_WINDOW .. SHARED_WINDOW + 4 GiB` are the shared memory of the accessing thread's block.
pub const SHARED_WINDOW: u64 = 0xFD00_0000_0000;
/// Generic addresses `LOCAL_WINDOW .. LOCAL_WINDOW + 4 GiB` are the local memory (stack) of the accessing thread.
pub const LOCAL_WINDOW: u64 = 0xFE00_0000_0000;
/// Generic addresses `PARAM_WINDOW .. PARAM_WINDOW + 4 GiB` are the parameters of the running kernel, read-only.
pub const PARAM_WINDOW: u64 = 0xFC00_0000_0000;
/// Addresses of functions as device code sees them; they can be called, never read.
pub const CODE_WINDOW: u64 = 0xFB00_0000_0000;

/// What keeps the memory of a range alive while a running kernel may still reach it.
pub type Owner = Arc<dyn Any + Send + Sync>;

/// A range of host memory that kernels may touch.
#[derive(Clone)]
pub struct Range {
    /// First address.
    pub base: u64,
    /// Length in bytes.
    pub size: u64,
    /// Whether stores and atomics are allowed.
    pub writable: bool,
    /// Kept until the last snapshot that holds the range is gone.
    owner: Option<Owner>,
}

impl fmt::Debug for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:#x}+{:#x}{}",
            self.base,
            self.size,
            if self.writable { "" } else { " ro" }
        )
    }
}

impl Range {
    /// What keeps the memory alive, as given to [`AddressSpace::insert`].
    pub fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref()
    }

    /// Address one past the last byte.
    pub fn end(&self) -> u64 {
        self.base + self.size
    }
}

/// Why a range was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RangeError {
    /// The range is empty, wraps around, or reaches into the windows of the other state spaces.
    #[error("the range {base:#x}+{size:#x} is empty, wraps around or lies outside user memory")]
    Invalid {
        /// First address.
        base: u64,
        /// Length in bytes.
        size: u64,
    },
    /// The range overlaps one that is already there; remove that one first.
    #[error("the range {base:#x}+{size:#x} overlaps one that is already mapped")]
    Overlap {
        /// First address.
        base: u64,
        /// Length in bytes.
        size: u64,
    },
}

/// An immutable list of ranges, sorted by address.
#[derive(Debug, Default)]
pub struct Snapshot {
    pub(crate) version: u64,
    ranges: Vec<Range>,
}

impl Snapshot {
    /// The range that holds all of `address .. address + size`, if there is one.
    pub fn find(&self, address: u64, size: u64) -> Option<&Range> {
        let after = self.ranges.partition_point(|r| r.base <= address);
        let range = self.ranges.get(after.checked_sub(1)?)?;
        (address.checked_add(size)? <= range.end()).then_some(range)
    }

    /// All of them, by address.
    pub fn ranges(&self) -> impl ExactSizeIterator<Item = &Range> {
        self.ranges.iter()
    }

    /// Whether ranges that follow each other without a gap hold all of `address .. address + size`, for reading or, with
    /// `write`, for writing too.
    pub fn covers(&self, address: u64, size: u64, write: bool) -> bool {
        let Some(end) = address.checked_add(size) else {
            return false;
        };
        let after = self.ranges.partition_point(|r| r.base <= address);
        let mut at = address;
        for range in &self.ranges[after.saturating_sub(1)..] {
            if at >= end || range.base > at || write && !range.writable {
                break;
            }
            at = at.max(range.end());
        }
        at >= end
    }
}

/// The ranges of host memory that kernels of one context may touch.
///
/// Changing it (allocation, free) takes a lock; a running kernel works on an immutable [`Snapshot`] and notices a newer
/// version by one relaxed load. A range's `owner` is dropped only when no snapshot holds it any more, so memory whose
/// owner unmaps it on drop is never unmapped under a kernel that still sees it.
#[derive(Default)]
pub struct AddressSpace {
    version: AtomicU64,
    current: RwLock<Arc<Snapshot>>,
    // Writers rebuild the snapshot from here, so that many allocations cost one clone of the list each, not a parse of it.
    ranges: Mutex<BTreeMap<u64, Range>>,
}

impl fmt::Debug for AddressSpace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("AddressSpace")
            .field(&self.snapshot())
            .finish()
    }
}

impl AddressSpace {
    /// An empty address space.
    pub fn new() -> AddressSpace {
        AddressSpace::default()
    }

    /// Lets kernels touch `base .. base + size`. `owner` (for example the mapping, unmapped when dropped) is kept until
    /// the range has been removed and no running kernel can reach it.
    ///
    /// # Safety
    /// Every byte of the range is mapped, readable (and writable if `writable`) host memory for as long as `owner` lives,
    /// or, without an owner, until the range has been removed and the launches that ran until then have ended. The host
    /// holds no reference (`&`, `&mut`) to those bytes while kernels run.
    pub unsafe fn insert(
        &self,
        base: u64,
        size: u64,
        writable: bool,
        owner: Option<Owner>,
    ) -> Result<(), RangeError> {
        let end = base
            .checked_add(size)
            .filter(|&end| size > 0 && base > 0 && end <= CODE_WINDOW);
        let Some(end) = end else {
            return Err(RangeError::Invalid { base, size });
        };
        let mut ranges = self.ranges.lock().unwrap_or_else(PoisonError::into_inner);
        if ranges
            .range(..end)
            .next_back()
            .is_some_and(|(_, r)| r.end() > base)
        {
            return Err(RangeError::Overlap { base, size });
        }
        ranges.insert(
            base,
            Range {
                base,
                size,
                writable,
                owner,
            },
        );
        self.publish(&ranges);
        Ok(())
    }

    /// Removes the range that begins at `base` and returns it. Its owner stays alive in snapshots of running kernels.
    pub fn remove(&self, base: u64) -> Option<Range> {
        let mut ranges = self.ranges.lock().unwrap_or_else(PoisonError::into_inner);
        let range = ranges.remove(&base)?;
        self.publish(&ranges);
        Some(range)
    }

    /// The range that holds all of `address .. address + size`, if there is one.
    pub fn find(&self, address: u64, size: u64) -> Option<Range> {
        self.snapshot().find(address, size).cloned()
    }

    /// The present list of ranges.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Number of the newest snapshot; grows by one with every change.
    pub fn version(&self) -> u64 {
        self.version.load(Ordering::Relaxed)
    }

    /// Copies `data` into the space, for example a variable's initial value. Fails when the range is not mapped writable.
    pub fn write(&self, address: u64, data: &[u8]) -> Result<(), RangeError> {
        let size = data.len() as u64;
        let snapshot = self.snapshot();
        match snapshot.find(address, size) {
            Some(range) if range.writable => {
                // SAFETY: the range is mapped writable host memory (contract of `insert`), held alive by `snapshot`, and
                // nobody holds a reference to it, so a raw copy is sound.
                unsafe {
                    std::ptr::copy_nonoverlapping(data.as_ptr(), address as *mut u8, data.len())
                };
                Ok(())
            }
            _ => Err(RangeError::Invalid {
                base: address,
                size,
            }),
        }
    }

    fn publish(&self, ranges: &BTreeMap<u64, Range>) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let version = current.version + 1;
        *current = Arc::new(Snapshot {
            version,
            ranges: ranges.values().cloned().collect(),
        });
        // Relaxed is enough: it only tells readers to take the lock, which orders everything else.
        self.version.store(version, Ordering::Relaxed);
    }
}

/// Memory for device-side `malloc` and `free`: a fixed region of device memory, handed out by first fit.
#[derive(Debug)]
pub struct DeviceHeap {
    base: u64,
    size: u64,
    blocks: Mutex<HeapBlocks>,
}

#[derive(Debug, Default)]
struct HeapBlocks {
    used: BTreeMap<u64, u64>,
    free: BTreeMap<u64, u64>,
}

impl DeviceHeap {
    /// A heap over `base .. base + size`, which the caller has inserted writable into the address space.
    pub fn new(base: u64, size: u64) -> DeviceHeap {
        let start = base.next_multiple_of(16);
        let usable = (base + size).saturating_sub(start) & !15;
        let mut free = BTreeMap::new();
        if usable > 0 {
            free.insert(start, usable);
        }
        DeviceHeap {
            base,
            size,
            blocks: Mutex::new(HeapBlocks {
                used: BTreeMap::new(),
                free,
            }),
        }
    }

    /// The region: first address and length in bytes.
    pub fn region(&self) -> (u64, u64) {
        (self.base, self.size)
    }

    /// `malloc` of CUDA C++: 16-byte aligned memory, or `None` when nothing fits (the kernel then gets a null pointer).
    pub fn allocate(&self, size: u64) -> Option<u64> {
        let size = size.max(1).checked_next_multiple_of(16)?;
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let (&address, &length) = blocks.free.iter().find(|(_, length)| **length >= size)?;
        blocks.free.remove(&address);
        if length > size {
            blocks.free.insert(address + size, length - size);
        }
        blocks.used.insert(address, size);
        Some(address)
    }

    /// `free` of CUDA C++. A pointer that `allocate` did not return is refused with `false`.
    pub fn release(&self, address: u64) -> bool {
        let mut blocks = self.blocks.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(mut length) = blocks.used.remove(&address) else {
            return false;
        };
        let mut address = address;
        if let Some(next) = blocks.free.remove(&(address + length)) {
            length += next;
        }
        if let Some((&before, &size)) = blocks.free.range(..address).next_back()
            && before + size == address
        {
            address = before;
            length += size;
        }
        blocks.free.insert(address, length);
        true
    }

    /// Bytes handed out and not yet released.
    pub fn used(&self) -> u64 {
        self.blocks
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .used
            .values()
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_found_only_when_they_hold_the_whole_access() {
        let space = AddressSpace::new();
        // SAFETY: nothing is accessed through these ranges.
        unsafe {
            space.insert(0x1000, 0x100, true, None).unwrap();
            space.insert(0x1100, 0x10, false, None).unwrap();
            assert_eq!(
                space.insert(0x10ff, 2, true, None),
                Err(RangeError::Overlap {
                    base: 0x10ff,
                    size: 2
                })
            );
            assert!(matches!(
                space.insert(u64::MAX - 1, 4, true, None),
                Err(RangeError::Invalid { .. })
            ));
            assert!(matches!(
                space.insert(0, 4, true, None),
                Err(RangeError::Invalid { .. })
            ));
        }
        assert!(space.find(0x10fc, 4).is_some_and(|r| r.writable));
        assert!(space.find(0x10fd, 4).is_none());
        assert!(space.find(0xfff, 1).is_none());
        assert!(space.find(0x110f, 1).is_some_and(|r| !r.writable));
        let snapshot = space.snapshot();
        assert!(snapshot.covers(0x1000, 0x110, false) && snapshot.covers(0x10fe, 2, true));
        assert!(!snapshot.covers(0x1000, 0x111, false) && !snapshot.covers(0xfff, 2, false));
        assert!(!snapshot.covers(0x1000, 0x110, true));
        assert!(snapshot.covers(0x5000, 0, true) && !snapshot.covers(u64::MAX, 2, false));
        assert!(space.find(u64::MAX, 4).is_none());
        let version = space.version();
        assert!(space.remove(0x1000).is_some());
        assert!(space.remove(0x1000).is_none());
        assert!(space.find(0x1000, 1).is_none());
        assert_eq!(space.version(), version + 1);
    }

    #[test]
    fn an_owner_lives_as_long_as_a_snapshot_sees_its_range() {
        let space = AddressSpace::new();
        let owner: Owner = Arc::new(());
        let watch = Arc::downgrade(&owner);
        // SAFETY: nothing is accessed through the range.
        unsafe { space.insert(0x1000, 0x100, true, Some(owner)).unwrap() };
        let snapshot = space.snapshot();
        drop(space.remove(0x1000));
        assert!(watch.upgrade().is_some());
        drop(snapshot);
        assert!(watch.upgrade().is_none());
    }

    #[test]
    fn the_heap_gives_back_what_was_released() {
        let heap = DeviceHeap::new(0x1008, 0x1000);
        let a = heap.allocate(100).unwrap();
        let b = heap.allocate(100).unwrap();
        let c = heap.allocate(1).unwrap();
        assert!(a.is_multiple_of(16) && b >= a + 100 && c >= b + 100);
        assert!(heap.allocate(0x1000).is_none());
        assert!(heap.release(b) && !heap.release(b) && heap.release(a) && heap.release(c));
        assert_eq!(heap.used(), 0);
        assert!(heap.allocate(0xff0).is_some());
        assert!(heap.allocate(u64::MAX).is_none());
    }
}
