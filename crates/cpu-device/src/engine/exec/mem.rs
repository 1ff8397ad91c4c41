//! Memory accesses of a warp.
//!
//! An access goes in two steps: the lanes' addresses are checked and turned into host addresses, then the elements are
//! moved. Inactive lanes take the address of an active one, so that loads need no branches. Plain accesses of racing
//! threads are races in the program as they are on a GPU; here they are at worst torn between elements, never between
//! the bytes of an aligned element of up to 8 bytes, because the processor moves those at once. Volatile, relaxed and
//! ordered accesses are not even torn between the elements of a vector, as GPUs do not tear them and programs know.

use std::sync::atomic::{AtomicU8, AtomicU16, AtomicU32, AtomicU64, Ordering, fence};

use super::super::fault::Fault;
use super::super::ir::*;
use super::super::memory::{CODE_WINDOW, LOCAL_WINDOW, PARAM_WINDOW, SHARED_WINDOW};
use super::super::rare;
use super::{Checked, Cpu};

/// Flags of a load of 32 bits from shared memory by a 32-bit address.
const SHARED32: u16 = mem::SHARED << mem::SPACE_SHIFT | mem::B32;

/// Host addresses of the lanes, and whether all of them are next to each other or all the same.
struct Lanes {
    host: [u64; 32],
    shape: Shape,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Scattered,
    /// Lane `l` is at the first address plus `l` times the size of the access.
    Contiguous,
    Same,
}

impl Cpu<'_> {
    /// Addresses of an access: register plus offset, inactive lanes as the first active one.
    #[inline(always)]
    unsafe fn addresses(&self, i: &Inst, m: u32) -> [u64; 32] {
        let offset = i64::from(i.x as u32 as i32) as u64;
        // SAFETY: operands are in bounds (see `Cpu::execute`).
        let mut t: [u64; 32] = unsafe {
            if i.flags & mem::ADDRESS64 != 0 {
                let a = self.src::<u64>(i.a);
                std::array::from_fn(|l| (*a)[l].wrapping_add(offset))
            } else {
                let a = self.src::<u32>(i.a);
                std::array::from_fn(|l| u64::from((*a)[l].wrapping_add(offset as u32)))
            }
        };
        if m != u32::MAX {
            let first = t[(m.trailing_zeros() & 31) as usize];
            for (l, t) in t.iter_mut().enumerate() {
                *t = if m >> l & 1 != 0 { *t } else { first };
            }
        }
        t
    }

    /// Checks addresses in global memory.
    #[inline(always)]
    fn global(
        &mut self,
        m: u32,
        a: &[u64; 32],
        size: u32,
        align: u32,
        write: bool,
        site: u32,
    ) -> Checked<Lanes> {
        let site = (self.function.first_site + site) as usize;
        let (base, end) = self.worker.sites[site];
        // Without branches or comparisons, which 64-bit vectors do badly: the sign bit of `bad` tells whether an address
        // lies below the range, or above the last place where the access fits.
        let limit = end.wrapping_sub(base).wrapping_sub(u64::from(size));
        let (mut bad, mut or) = (limit, 0);
        for &a in a {
            let offset = a.wrapping_sub(base);
            bad |= offset | limit.wrapping_sub(offset);
            or |= a;
        }
        if or & u64::from(align - 1) != 0 {
            return Err(self.misaligned(m, a, size, align));
        }
        if bad >> 63 != 0 {
            self.find_ranges(m, a, size, write, site)?;
        }
        Ok(Lanes {
            host: *a,
            shape: shape(a, size),
        })
    }

    /// Checks each lane against the address space, and remembers the range of the first for next time.
    #[cold]
    fn find_ranges(
        &mut self,
        m: u32,
        a: &[u64; 32],
        size: u32,
        write: bool,
        site: usize,
    ) -> Checked<()> {
        if self.worker.snapshot.version != self.launch.env.space.version() {
            self.worker.snapshot = self.launch.env.space.snapshot();
            self.worker.sites.fill((u64::MAX, 0));
        }
        let snapshot = self.worker.snapshot.clone();
        let mut first = true;
        let mut last = (u64::MAX, 0);
        for l in 0..32 {
            if m >> l & 1 == 0 {
                continue;
            }
            let address = a[l as usize];
            if address >= last.0
                && address
                    .checked_add(u64::from(size))
                    .is_some_and(|end| end <= last.1)
            {
                continue;
            }
            match snapshot.find(address, u64::from(size)) {
                Some(range) if range.writable || !write => {
                    last = (range.base, range.end());
                    if first {
                        self.worker.sites[site] = last;
                        first = false;
                    }
                }
                _ => {
                    let site = self.site(1 << l);
                    return Err(Box::new(Fault::IllegalAddress {
                        address,
                        size,
                        site,
                    }));
                }
            }
        }
        Ok(())
    }

    /// Checks offsets in shared memory.
    #[inline(always)]
    fn shared_lanes(&self, m: u32, a: &[u64; 32], size: u32, align: u32) -> Checked<Lanes> {
        let mut or = 0;
        let mut most = 0;
        for &a in a {
            most = most.max(a);
            or |= a;
        }
        if or & u64::from(align - 1) != 0 {
            return Err(self.misaligned(m, a, size, align));
        }
        if most >= u64::from(self.shared_bytes)
            || most + u64::from(size) > u64::from(self.shared_bytes)
        {
            return Err(self.outside(m, a, size, u64::from(self.shared_bytes)));
        }
        let base = self.shared as u64;
        let mut host = *a;
        for h in &mut host {
            *h = h.wrapping_add(base);
        }
        Ok(Lanes {
            host,
            shape: shape(a, size),
        })
    }

    #[cold]
    fn misaligned(&self, m: u32, a: &[u64; 32], size: u32, align: u32) -> Box<Fault> {
        for l in 0..32 {
            let address = a[l as usize];
            if m >> l & 1 != 0 && address & u64::from(align - 1) != 0 {
                return Box::new(Fault::MisalignedAddress {
                    address,
                    size,
                    site: self.site(1 << l),
                });
            }
        }
        self.illegal("misaligned access", m)
    }

    #[cold]
    fn outside(&self, m: u32, a: &[u64; 32], size: u32, limit: u64) -> Box<Fault> {
        for l in 0..32 {
            let address = a[l as usize];
            if m >> l & 1 != 0
                && address
                    .checked_add(u64::from(size))
                    .is_none_or(|end| end > limit)
            {
                return Box::new(Fault::IllegalAddress {
                    address,
                    size,
                    site: self.site(1 << l),
                });
            }
        }
        self.illegal("access out of bounds", m)
    }

    /// Which enabled lanes have generic addresses in each space: global, shared, local, parameters; addresses in spaces
    /// other than global become offsets.
    fn classify(&self, m: u32, a: &mut [u64; 32]) -> [(u16, u32); 4] {
        let mut masks = [0u32; 4];
        for l in 0..32 {
            if m >> l & 1 == 0 {
                continue;
            }
            let class = match a[l] & !0xffff_ffff {
                SHARED_WINDOW => 1,
                LOCAL_WINDOW => 2,
                PARAM_WINDOW => 3,
                _ => 0,
            };
            masks[class] |= 1 << l;
            if class != 0 {
                a[l] &= 0xffff_ffff;
            }
        }
        [
            (mem::GLOBAL, masks[0]),
            (mem::SHARED, masks[1]),
            (mem::LOCAL, masks[2]),
            (mem::PARAM, masks[3]),
        ]
    }

    /// # Safety
    /// As for [`Cpu::execute`].
    #[inline(always)]
    pub(super) unsafe fn load(&mut self, i: &Inst, m: u32) -> Checked<()> {
        if m == 0 {
            return Ok(());
        }
        let n = 1u32 << ((i.flags & mem::VECTOR) >> mem::VECTOR_SHIFT);
        let size = mem::bytes(i.flags) * n;
        if i.flags & (mem::SPIN | mem::ORDERED) != 0 {
            self.spin();
        }
        if i.flags & (mem::SPACE | mem::ADDRESS64 | mem::KIND | mem::VECTOR) == SHARED32 {
            // SAFETY: as the caller guarantees.
            return unsafe { self.load_shared32(i, m) };
        }
        // SAFETY: as the caller guarantees; the lanes are checked before elements are moved.
        unsafe {
            let a = self.addresses(i, m);
            match (i.flags & mem::SPACE) >> mem::SPACE_SHIFT {
                mem::GLOBAL => {
                    let lanes = self.global(m, &a, size, size, false, (i.x >> 32) as u32)?;
                    self.gather(i, m, &lanes, n);
                }
                mem::SHARED => {
                    let lanes = self.shared_lanes(m, &a, size, size)?;
                    self.gather(i, m, &lanes, n);
                }
                mem::GENERIC if a.iter().all(|&a| a < CODE_WINDOW) => {
                    let lanes = self.global(m, &a, size, size, false, (i.x >> 32) as u32)?;
                    self.gather(i, m, &lanes, n);
                }
                space => self.load_slow(i, m, a, space, size, n)?,
            }
        }
        if i.flags & mem::ORDERED != 0 {
            fence(Ordering::Acquire);
        }
        Ok(())
    }

    /// The most frequent access of tiled kernels: 32 bits from shared memory by a 32-bit address.
    ///
    /// # Safety
    /// As for [`Cpu::execute`].
    #[inline(always)]
    unsafe fn load_shared32(&mut self, i: &Inst, m: u32) -> Checked<()> {
        let offset = i.x as u32;
        // SAFETY: operands are in bounds (see `Cpu::execute`); elements are checked before they are read.
        unsafe {
            let a = self.src::<u32>(i.a);
            #[cfg(target_arch = "x86_64")]
            if self.worker.fast && m == u32::MAX {
                let limit = self.shared_bytes.wrapping_sub(4);
                if shared_words(self.shared, a, offset, limit, self.at(i.d).cast()) {
                    return Ok(());
                }
            }
            let mut t: [u32; 32] = std::array::from_fn(|l| (*a)[l].wrapping_add(offset));
            if m != u32::MAX {
                let first = t[(m.trailing_zeros() & 31) as usize];
                for (l, t) in t.iter_mut().enumerate() {
                    *t = if m >> l & 1 != 0 { *t } else { first };
                }
            }
            // The sign bit tells of an offset beyond the last place for a word, or of one that is not a multiple of 4.
            let limit = self.shared_bytes.wrapping_sub(4);
            let mut bad = limit;
            for &x in &t {
                bad |= x | limit.wrapping_sub(x) | x << 30 | x << 31;
            }
            if bad >> 31 != 0 {
                self.shared_lanes(m, &t.map(u64::from), 4, 4)?;
            }
            let base = self.shared.cast_const();
            let mut r = [0; 32];
            for l in 0..32 {
                r[l] = base.add(t[l] as usize).cast::<u32>().read();
            }
            self.put::<u32>(i.d, &r, m);
        }
        Ok(())
    }

    /// Loads from local memory, parameters, and by generic addresses.
    ///
    /// # Safety
    /// As for [`Cpu::execute`].
    #[inline(never)]
    unsafe fn load_slow(
        &mut self,
        i: &Inst,
        m: u32,
        mut a: [u64; 32],
        space: u16,
        size: u32,
        n: u32,
    ) -> Checked<()> {
        let classes = if space == mem::GENERIC {
            self.classify(m, &mut a)
        } else {
            [(space, m), (0, 0), (0, 0), (0, 0)]
        };
        for (space, m) in classes {
            if m == 0 {
                continue;
            }
            let mut a = a;
            let first = a[m.trailing_zeros() as usize];
            for (l, a) in a.iter_mut().enumerate() {
                if m >> l & 1 == 0 {
                    *a = first;
                }
            }
            // SAFETY: as the caller guarantees; the lanes are checked before elements are moved.
            unsafe {
                match space {
                    mem::GLOBAL => {
                        let lanes = self.global(m, &a, size, size, false, (i.x >> 32) as u32)?;
                        self.gather(i, m, &lanes, n);
                    }
                    mem::SHARED => {
                        let lanes = self.shared_lanes(m, &a, size, size)?;
                        self.gather(i, m, &lanes, n);
                    }
                    mem::LOCAL => {
                        self.check_local(m, &a, size)?;
                        self.local_load(i, m, &a, n);
                    }
                    _ => {
                        // Parameters may be loaded at any multiple of the element's size.
                        let limit = self.launch.params.len() as u64;
                        if a.iter().any(|a| a % u64::from(size / n) != 0) {
                            return Err(self.misaligned(m, &a, size, size / n));
                        }
                        if a.iter().any(|a| a + u64::from(size) > limit) {
                            return Err(self.outside(m, &a, size, limit));
                        }
                        let base = self.launch.params.as_ptr() as u64;
                        let lanes = Lanes {
                            host: a.map(|a| a + base),
                            shape: Shape::Scattered,
                        };
                        self.gather_elements(i, m, &lanes, n);
                    }
                }
            }
        }
        Ok(())
    }

    /// Moves elements from checked host addresses to registers.
    ///
    /// # Safety
    /// Every lane's address is readable for the whole access and aligned to all of it.
    #[inline(always)]
    unsafe fn gather(&mut self, i: &Inst, m: u32, lanes: &Lanes, n: u32) {
        // SAFETY: as the caller guarantees.
        unsafe {
            if i.flags & mem::SPIN != 0 && (n > 1 || i.flags & mem::KIND == mem::B128) {
                self.gather_whole(i, m, lanes, n);
            } else {
                self.gather_elements(i, m, lanes, n);
            }
        }
    }

    /// The same, element by element.
    ///
    /// # Safety
    /// Every lane's address is readable for the whole access and aligned to an element.
    #[inline(always)]
    unsafe fn gather_elements(&mut self, i: &Inst, m: u32, lanes: &Lanes, n: u32) {
        let lists = self.function.lists.as_ptr();
        for e in 0..n {
            let d = if n > 1 {
                // SAFETY: a vector access has a list of its length at `e`.
                unsafe { *lists.add((i.e + e) as usize) }
            } else {
                i.d
            };
            // SAFETY: as the caller guarantees.
            unsafe { self.gather_one(i, d, m, lanes, e, n) };
        }
    }

    /// Loads of vectors and of 128 bits that other threads may store meanwhile: whole. CUB, for one, has the state of a tile
    /// and its sum in a vector.
    ///
    /// # Safety
    /// Every lane's address is readable for the whole access and aligned to all of it.
    #[inline(never)]
    unsafe fn gather_whole(&mut self, i: &Inst, m: u32, lanes: &Lanes, n: u32) {
        let kind = i.flags & mem::KIND;
        let bytes = mem::bytes(i.flags);
        // SAFETY: as the caller guarantees.
        let t = lanes
            .host
            .map(|host| unsafe { load_whole(host, n * bytes) });
        for e in 0..n {
            let at = (e * bytes) as usize;
            let word = |l: usize| t[l][at / 8] >> (at % 8 * 8);
            // SAFETY: a vector access has a list of its length at `e`, of registers as wide as its elements.
            unsafe {
                let d = if n > 1 {
                    *self.function.lists.as_ptr().add((i.e + e) as usize)
                } else {
                    i.d
                };
                match kind {
                    mem::B32 => {
                        self.put::<u32>(d, &std::array::from_fn(|l| word(l) as u32), m);
                    }
                    mem::B64 => self.put::<u64>(d, &std::array::from_fn(word), m),
                    mem::B128 => self.put128(d, &[t.map(|t| t[0]), t.map(|t| t[1])], m),
                    _ => {
                        let t: [u32; 32] = std::array::from_fn(|l| narrow(word(l) as u32, kind));
                        self.put::<u32>(d, &t, m);
                    }
                }
            }
        }
    }

    #[inline(always)]
    unsafe fn gather_one(&mut self, i: &Inst, d: u32, m: u32, lanes: &Lanes, e: u32, n: u32) {
        let kind = i.flags & mem::KIND;
        let at = u64::from(e * mem::bytes(i.flags));
        // SAFETY: as the caller guarantees. Elements are read by volatile or relaxed atomic loads, or, where all lanes are
        // next to each other, by one copy; other threads may write the same bytes meanwhile only if the program races.
        unsafe {
            match kind {
                mem::B32 => {
                    let t: [u32; 32] = match lanes.shape {
                        Shape::Contiguous if n == 1 => {
                            (lanes.host[0] as *const [u32; 32]).read_unaligned()
                        }
                        Shape::Same => [((lanes.host[0] + at) as *const u32).read_volatile(); 32],
                        _ => {
                            let mut t = [0; 32];
                            #[cfg(target_arch = "x86_64")]
                            if self.worker.fast {
                                gather_global(at, &lanes.host, &mut t);
                                self.put::<u32>(d, &t, m);
                                return;
                            }
                            for l in 0..32 {
                                t[l] = ((lanes.host[l] + at) as *const u32).read_volatile();
                            }
                            t
                        }
                    };
                    self.put::<u32>(d, &t, m);
                }
                mem::B64 => {
                    let t: [u64; 32] = match lanes.shape {
                        Shape::Contiguous if n == 1 => {
                            (lanes.host[0] as *const [u64; 32]).read_unaligned()
                        }
                        Shape::Same => [((lanes.host[0] + at) as *const u64).read_volatile(); 32],
                        _ => {
                            let mut t = [0; 32];
                            for l in 0..32 {
                                t[l] = ((lanes.host[l] + at) as *const u64).read_volatile();
                            }
                            t
                        }
                    };
                    self.put::<u64>(d, &t, m);
                }
                mem::B128 => {
                    let mut halves = [[0; 32]; 2];
                    for l in 0..32 {
                        let v = ((lanes.host[l] + at) as *const [u64; 2]).read_unaligned();
                        (halves[0][l], halves[1][l]) = (v[0], v[1]);
                    }
                    self.put128(d, &halves, m);
                }
                mem::U8 | mem::S8 => {
                    let mut t = [0; 32];
                    for l in 0..32 {
                        t[l] = u32::from(((lanes.host[l] + at) as *const u8).read_volatile());
                    }
                    if kind == mem::S8 {
                        t = t.map(|v| v as i8 as u32);
                    }
                    self.put::<u32>(d, &t, m);
                }
                _ => {
                    let mut t = [0; 32];
                    for l in 0..32 {
                        t[l] = u32::from(((lanes.host[l] + at) as *const u16).read_volatile());
                    }
                    if kind == mem::S16 {
                        t = t.map(|v| v as i16 as u32);
                    }
                    self.put::<u32>(d, &t, m);
                }
            }
        }
    }

    /// # Safety
    /// As for [`Cpu::execute`].
    #[inline(always)]
    pub(super) unsafe fn store(&mut self, i: &Inst, m: u32) -> Checked<()> {
        if m == 0 {
            return Ok(());
        }
        if i.flags & mem::ORDERED != 0 {
            fence(Ordering::SeqCst);
        }
        let n = 1u32 << ((i.flags & mem::VECTOR) >> mem::VECTOR_SHIFT);
        let size = mem::bytes(i.flags) * n;
        // SAFETY: as the caller guarantees; the lanes are checked before elements are moved.
        unsafe {
            let a = self.addresses(i, m);
            match (i.flags & mem::SPACE) >> mem::SPACE_SHIFT {
                mem::GLOBAL => {
                    let lanes = self.global(m, &a, size, size, true, (i.x >> 32) as u32)?;
                    self.scatter(i, m, &lanes, n);
                }
                mem::SHARED => {
                    let lanes = self.shared_lanes(m, &a, size, size)?;
                    self.scatter(i, m, &lanes, n);
                }
                mem::GENERIC if a.iter().all(|&a| a < CODE_WINDOW) => {
                    let lanes = self.global(m, &a, size, size, true, (i.x >> 32) as u32)?;
                    self.scatter(i, m, &lanes, n);
                }
                space => self.store_slow(i, m, a, space, size, n)?,
            }
        }
        if i.flags & mem::ORDERED != 0 {
            fence(Ordering::SeqCst);
        }
        Ok(())
    }

    /// Stores to local memory and by generic addresses.
    ///
    /// # Safety
    /// As for [`Cpu::execute`].
    #[inline(never)]
    unsafe fn store_slow(
        &mut self,
        i: &Inst,
        m: u32,
        mut a: [u64; 32],
        space: u16,
        size: u32,
        n: u32,
    ) -> Checked<()> {
        let classes = if space == mem::GENERIC {
            self.classify(m, &mut a)
        } else {
            [(space, m), (0, 0), (0, 0), (0, 0)]
        };
        for (space, m) in classes {
            if m == 0 {
                continue;
            }
            let mut a = a;
            let first = a[m.trailing_zeros() as usize];
            for (l, a) in a.iter_mut().enumerate() {
                if m >> l & 1 == 0 {
                    *a = first;
                }
            }
            // SAFETY: as the caller guarantees; the lanes are checked before elements are moved.
            unsafe {
                match space {
                    mem::GLOBAL => {
                        let lanes = self.global(m, &a, size, size, true, (i.x >> 32) as u32)?;
                        self.scatter(i, m, &lanes, n);
                    }
                    mem::SHARED => {
                        let lanes = self.shared_lanes(m, &a, size, size)?;
                        self.scatter(i, m, &lanes, n);
                    }
                    mem::LOCAL => {
                        self.check_local(m, &a, size)?;
                        self.local_store(i, m, &a, n);
                    }
                    _ => {
                        let address = first;
                        let what = "a store";
                        return Err(Box::new(Fault::InvalidAddressSpace {
                            address,
                            what,
                            site: self.site(m),
                        }));
                    }
                }
            }
        }
        Ok(())
    }

    /// Moves elements from registers to checked host addresses.
    ///
    /// # Safety
    /// Every enabled lane's address is writable for the whole access and aligned to all of it.
    #[inline(always)]
    unsafe fn scatter(&mut self, i: &Inst, m: u32, lanes: &Lanes, n: u32) {
        let lists = self.function.lists.as_ptr();
        let kind = i.flags & mem::KIND;
        if i.flags & mem::SPIN != 0 && (n > 1 || kind == mem::B128) {
            // SAFETY: as the caller guarantees.
            return unsafe { self.scatter_whole(i, m, lanes, n) };
        }
        for e in 0..n {
            let at = u64::from(e * mem::bytes(i.flags));
            // SAFETY: a vector access has a list of its length at `e`; the rest as the caller guarantees (see `gather_one`
            // for races).
            unsafe {
                let s = if n > 1 {
                    *lists.add((i.e + e) as usize)
                } else {
                    i.b
                };
                match kind {
                    mem::B32 => {
                        let t = *self.src::<u32>(s);
                        if n == 1 && m == u32::MAX && lanes.shape == Shape::Contiguous {
                            (lanes.host[0] as *mut [u32; 32]).write_unaligned(t);
                        } else {
                            for l in 0..32 {
                                if m >> l & 1 != 0 {
                                    ((lanes.host[l] + at) as *mut u32).write_volatile(t[l]);
                                }
                            }
                        }
                    }
                    mem::B64 => {
                        let t = *self.src::<u64>(s);
                        if n == 1 && m == u32::MAX && lanes.shape == Shape::Contiguous {
                            (lanes.host[0] as *mut [u64; 32]).write_unaligned(t);
                        } else {
                            for l in 0..32 {
                                if m >> l & 1 != 0 {
                                    ((lanes.host[l] + at) as *mut u64).write_volatile(t[l]);
                                }
                            }
                        }
                    }
                    mem::B128 => {
                        let (low, high) = (*self.src::<u64>(s), *self.src::<u64>(s + SLOT64));
                        for l in 0..32 {
                            if m >> l & 1 != 0 {
                                ((lanes.host[l] + at) as *mut [u64; 2])
                                    .write_unaligned([low[l], high[l]]);
                            }
                        }
                    }
                    mem::U8 | mem::S8 => {
                        let t = *self.src::<u32>(s);
                        for l in 0..32 {
                            if m >> l & 1 != 0 {
                                ((lanes.host[l] + at) as *mut u8).write_volatile(t[l] as u8);
                            }
                        }
                    }
                    _ => {
                        let t = *self.src::<u32>(s);
                        for l in 0..32 {
                            if m >> l & 1 != 0 {
                                ((lanes.host[l] + at) as *mut u16).write_volatile(t[l] as u16);
                            }
                        }
                    }
                }
            }
        }
    }

    /// Stores of vectors and of 128 bits that other threads may load meanwhile: whole, like [`Cpu::gather_whole`].
    ///
    /// # Safety
    /// Every enabled lane's address is writable for the whole access and aligned to all of it.
    #[inline(never)]
    unsafe fn scatter_whole(&mut self, i: &Inst, m: u32, lanes: &Lanes, n: u32) {
        let bytes = mem::bytes(i.flags);
        let mut t = [[0u64; 4]; 32];
        for e in 0..n {
            let at = (e * bytes) as usize;
            // SAFETY: a vector access has a list of its length at `e`, of registers as wide as its elements.
            unsafe {
                let s = if n > 1 {
                    *self.function.lists.as_ptr().add((i.e + e) as usize)
                } else {
                    i.b
                };
                match bytes {
                    16 => {
                        let (low, high) = (*self.src::<u64>(s), *self.src::<u64>(s + SLOT64));
                        for l in 0..32 {
                            (t[l][0], t[l][1]) = (low[l], high[l]);
                        }
                    }
                    8 => {
                        let value = *self.src::<u64>(s);
                        for l in 0..32 {
                            t[l][at / 8] = value[l];
                        }
                    }
                    _ => {
                        let value = *self.src::<u32>(s);
                        let mask = u64::MAX >> (64 - 8 * bytes);
                        for l in 0..32 {
                            t[l][at / 8] |= (u64::from(value[l]) & mask) << (at % 8 * 8);
                        }
                    }
                }
            }
        }
        for l in (0..32).filter(|l| m >> l & 1 != 0) {
            // SAFETY: as the caller guarantees.
            unsafe { store_whole(lanes.host[l], n * bytes, &t[l]) };
        }
    }

    /// Checks offsets in local memory.
    fn check_local(&self, m: u32, a: &[u64; 32], size: u32) -> Checked<()> {
        let limit = self.warp.local.len() as u64 * 4;
        let align = u64::from(size.min(16));
        if a.iter().any(|a| a & (align - 1) != 0) {
            return Err(self.misaligned(m, a, size, align as u32));
        }
        if a.iter().any(|a| a + u64::from(size) > limit) {
            return Err(self.outside(m, a, size, limit));
        }
        Ok(())
    }

    /// A 32-bit word of the lanes' local memory at checked byte offsets.
    fn local_words(&self, a: &[u64; 32], at: u64) -> [u32; 32] {
        let first = a[0];
        if a.iter().all(|&a| a == first) {
            return self.warp.local[((first + at) / 4) as usize];
        }
        std::array::from_fn(|l| self.warp.local[((a[l] + at) / 4) as usize][l])
    }

    unsafe fn local_load(&mut self, i: &Inst, m: u32, a: &[u64; 32], n: u32) {
        let kind = i.flags & mem::KIND;
        for e in 0..n {
            let d = if n > 1 {
                self.function.lists[(i.e + e) as usize]
            } else {
                i.d
            };
            let at = u64::from(e * mem::bytes(i.flags));
            // SAFETY: `d` is a register of the element's width.
            unsafe {
                match kind {
                    mem::B32 | mem::S32 => {
                        let t = self.local_words(a, at);
                        self.put::<u32>(d, &t, m);
                    }
                    mem::B64 => {
                        let t = self.local_doubles(a, at);
                        self.put::<u64>(d, &t, m);
                    }
                    mem::B128 => {
                        let t = [self.local_doubles(a, at), self.local_doubles(a, at + 8)];
                        self.put128(d, &t, m);
                    }
                    _ => {
                        let words = self.local_words(a, at);
                        let t: [u32; 32] = std::array::from_fn(|l| {
                            narrow(words[l] >> (8 * ((a[l] + at) & 3)), kind)
                        });
                        self.put::<u32>(d, &t, m);
                    }
                }
            }
        }
    }

    fn local_doubles(&self, a: &[u64; 32], at: u64) -> [u64; 32] {
        let (low, high) = (self.local_words(a, at), self.local_words(a, at + 4));
        std::array::from_fn(|l| u64::from(low[l]) | u64::from(high[l]) << 32)
    }

    unsafe fn local_store(&mut self, i: &Inst, m: u32, a: &[u64; 32], n: u32) {
        let kind = i.flags & mem::KIND;
        for e in 0..n {
            let s = if n > 1 {
                self.function.lists[(i.e + e) as usize]
            } else {
                i.b
            };
            let at = u64::from(e * mem::bytes(i.flags));
            // SAFETY: `s` is a register of the element's width.
            let (low, high) = unsafe {
                match kind {
                    mem::B64 => (*self.src::<u64>(s), [0; 32]),
                    mem::B128 => (*self.src::<u64>(s), *self.src::<u64>(s + SLOT64)),
                    _ => ((*self.src::<u32>(s)).map(u64::from), [0; 32]),
                }
            };
            for l in 0..32 {
                if m >> l & 1 != 0 {
                    let at = a[l] + at;
                    let word = (at / 4) as usize;
                    let local = &mut self.warp.local;
                    match kind {
                        mem::U8 | mem::S8 | mem::U16 | mem::S16 => {
                            let shift = 8 * (at & 3) as u32;
                            let mask = if matches!(kind, mem::U8 | mem::S8) {
                                0xffu32
                            } else {
                                0xffff
                            } << shift;
                            local[word][l] =
                                local[word][l] & !mask | (low[l] as u32) << shift & mask;
                        }
                        mem::B32 | mem::S32 => local[word][l] = low[l] as u32,
                        _ => {
                            local[word][l] = low[l] as u32;
                            local[word + 1][l] = (low[l] >> 32) as u32;
                            if kind == mem::B128 {
                                local[word + 2][l] = high[l] as u32;
                                local[word + 3][l] = (high[l] >> 32) as u32;
                            }
                        }
                    }
                }
            }
        }
    }

    /// Load from a constant place in the frame's local memory.
    ///
    /// # Safety
    /// As for [`Cpu::execute`]; the place is inside the frame's local memory, which was grown to hold it.
    #[inline(always)]
    pub(super) unsafe fn load_frame_memory(&mut self, i: &Inst, m: u32) {
        let base = u64::from(self.warp.frames[self.frame as usize].local_base) + i.x;
        let n = 1u32 << ((i.flags & mem::VECTOR) >> mem::VECTOR_SHIFT);
        if n == 1 && i.flags & mem::KIND == mem::B32 && base & 3 == 0 {
            // SAFETY: as the caller guarantees.
            unsafe { self.put::<u32>(i.d, &self.warp.local[(base / 4) as usize], m) };
            return;
        }
        // SAFETY: as the caller guarantees.
        unsafe { self.local_load(i, m, &[base; 32], n) };
    }

    /// Store to a constant place in the frame's local memory.
    ///
    /// # Safety
    /// As for [`Cpu::load_frame_memory`].
    #[inline(always)]
    pub(super) unsafe fn store_frame_memory(&mut self, i: &Inst, m: u32) {
        let base = u64::from(self.warp.frames[self.frame as usize].local_base) + i.x;
        let n = 1u32 << ((i.flags & mem::VECTOR) >> mem::VECTOR_SHIFT);
        if n == 1 && i.flags & mem::KIND == mem::B32 && base & 3 == 0 {
            // SAFETY: as the caller guarantees.
            let t = unsafe { *self.src::<u32>(i.b) };
            let row = &mut self.warp.local[(base / 4) as usize];
            for l in 0..32 {
                row[l] = if m >> l & 1 != 0 { t[l] } else { row[l] };
            }
            return;
        }
        // SAFETY: as the caller guarantees.
        unsafe { self.local_store(i, m, &[base; 32], n) };
    }

    /// Load from a constant place in the kernel's parameters: the same for all lanes.
    ///
    /// # Safety
    /// As for [`Cpu::execute`]. The place is inside the parameter buffer, which is padded.
    pub(super) unsafe fn load_param(&mut self, i: &Inst, m: u32) {
        let n = 1u32 << ((i.flags & mem::VECTOR) >> mem::VECTOR_SHIFT);
        let size = mem::bytes(i.flags) as usize;
        for e in 0..n {
            let d = if n > 1 {
                self.function.lists[(i.e + e) as usize]
            } else {
                i.d
            };
            let at = i.x as usize + e as usize * size;
            let mut bytes = [0u8; 16];
            if let Some(b) = self.launch.params.get(at..at + size) {
                bytes[..size].copy_from_slice(b);
            }
            let low = u64::from_le_bytes(std::array::from_fn(|n| bytes[n]));
            let high = u64::from_le_bytes(std::array::from_fn(|n| bytes[n + 8]));
            // SAFETY: `d` is a register of the element's width.
            unsafe {
                match i.flags & mem::KIND {
                    mem::B64 => self.put::<u64>(d, &[low; 32], m),
                    mem::B128 => self.put128(d, &[[low; 32], [high; 32]], m),
                    kind => self.put::<u32>(d, &[narrow(low as u32, kind); 32], m),
                }
            }
        }
    }

    /// # Safety
    /// As for [`Cpu::execute`].
    pub(super) unsafe fn atomic(&mut self, i: &Inst, m: u32) -> Checked<()> {
        if m == 0 {
            return Ok(());
        }
        self.spin();
        let size = mem::bytes(i.flags);
        let site = (i.x >> 32) as u32 & 0xff_ffff;
        let atom = (i.x >> 56) as u8;
        // SAFETY: as the caller guarantees; the lanes are checked before anything is accessed.
        unsafe {
            let mut a = self.addresses(i, m);
            let space = (i.flags & mem::SPACE) >> mem::SPACE_SHIFT;
            let classes = if space == mem::GENERIC {
                self.classify(m, &mut a)
            } else {
                [(space, m), (0, 0), (0, 0), (0, 0)]
            };
            for (space, m) in classes {
                if m == 0 {
                    continue;
                }
                let mut a = a;
                let first = a[m.trailing_zeros() as usize];
                for (l, a) in a.iter_mut().enumerate() {
                    if m >> l & 1 == 0 {
                        *a = first;
                    }
                }
                let lanes = match space {
                    mem::GLOBAL => self.global(m, &a, size, size, true, site)?,
                    mem::SHARED => self.shared_lanes(m, &a, size, size)?,
                    mem::LOCAL => {
                        self.atomic_local(i, m, &a, size, atom)?;
                        continue;
                    }
                    _ => {
                        let site = self.site(m);
                        return Err(Box::new(Fault::InvalidAddressSpace {
                            address: first,
                            what: "an atomic",
                            site,
                        }));
                    }
                };
                let host = &lanes.host;
                match size {
                    16 => {
                        let (bl, bh) = (*self.src::<u64>(i.b), *self.src::<u64>(i.b + SLOT64));
                        let (cl, ch) = if i.c == TRUE {
                            (bl, bh)
                        } else {
                            (*self.src::<u64>(i.c), *self.src::<u64>(i.c + SLOT64))
                        };
                        let mut halves = [[0; 32]; 2];
                        for l in 0..32 {
                            if m >> l & 1 != 0 {
                                let wide =
                                    |low: u64, high: u64| u128::from(low) | u128::from(high) << 64;
                                let (b, c) = (wide(bl[l], bh[l]), wide(cl[l], ch[l]));
                                let old =
                                    atomic128(host[l] as *mut u128, atom == Atom::Cas as u8, b, c);
                                (halves[0][l], halves[1][l]) = (old as u64, (old >> 64) as u64);
                            }
                        }
                        self.put128(i.d, &halves, m);
                    }
                    8 => {
                        let b = *self.src::<u64>(i.b);
                        let c = if i.c == TRUE {
                            b
                        } else {
                            *self.src::<u64>(i.c)
                        };
                        let mut t = [0; 32];
                        for l in 0..32 {
                            if m >> l & 1 != 0 {
                                t[l] = atomic64(
                                    AtomicU64::from_ptr(host[l] as *mut u64),
                                    atom,
                                    b[l],
                                    c[l],
                                );
                            }
                        }
                        self.put::<u64>(i.d, &t, m);
                    }
                    4 => {
                        let b = *self.src::<u32>(i.b);
                        let c = if i.c == TRUE {
                            b
                        } else {
                            *self.src::<u32>(i.c)
                        };
                        let mut t = [0; 32];
                        for l in 0..32 {
                            if m >> l & 1 != 0 {
                                t[l] = atomic32(
                                    AtomicU32::from_ptr(host[l] as *mut u32),
                                    atom,
                                    b[l],
                                    c[l],
                                );
                            }
                        }
                        self.put::<u32>(i.d, &t, m);
                    }
                    _ => {
                        let b = *self.src::<u32>(i.b);
                        let c = if i.c == TRUE {
                            b
                        } else {
                            *self.src::<u32>(i.c)
                        };
                        let mut t = [0; 32];
                        for l in 0..32 {
                            if m >> l & 1 != 0 {
                                t[l] = u32::from(if size == 2 {
                                    let p = AtomicU16::from_ptr(host[l] as *mut u16);
                                    update16(p, |v| {
                                        combine32(atom, u32::from(v), b[l], c[l]) as u16
                                    })
                                } else {
                                    let p = AtomicU8::from_ptr(host[l] as *mut u8);
                                    let f = |v: u8| {
                                        Some(combine32(atom, u32::from(v), b[l], c[l]) as u8)
                                    };
                                    u16::from(
                                        p.fetch_update(Ordering::SeqCst, Ordering::SeqCst, f)
                                            .unwrap_or_default(),
                                    )
                                });
                            }
                        }
                        self.put::<u32>(i.d, &t, m);
                    }
                }
            }
        }
        Ok(())
    }

    /// Atomics on the thread's own local memory, by generic addresses: nobody else can see them.
    ///
    /// # Safety
    /// As for [`Cpu::execute`].
    unsafe fn atomic_local(
        &mut self,
        i: &Inst,
        m: u32,
        a: &[u64; 32],
        size: u32,
        atom: u8,
    ) -> Checked<()> {
        self.check_local(m, a, size)?;
        if !matches!(size, 4 | 8) {
            let site = self.site(m);
            return Err(Box::new(Fault::InvalidAddressSpace {
                address: a[0],
                what: "an atomic",
                site,
            }));
        }
        // SAFETY: operands are of the access' width.
        unsafe {
            let wide = |s: &Self, o: u32| {
                if size == 8 {
                    *s.src::<u64>(o)
                } else {
                    (*s.src::<u32>(o)).map(u64::from)
                }
            };
            let b = wide(self, i.b);
            let c = if i.c == TRUE { b } else { wide(self, i.c) };
            let mut t = [0u64; 32];
            for l in 0..32 {
                if m >> l & 1 == 0 {
                    continue;
                }
                let word = (a[l] / 4) as usize;
                if size == 8 {
                    let old = u64::from(self.warp.local[word][l])
                        | u64::from(self.warp.local[word + 1][l]) << 32;
                    let new = combine64(atom, old, b[l], c[l]);
                    self.warp.local[word][l] = new as u32;
                    self.warp.local[word + 1][l] = (new >> 32) as u32;
                    t[l] = old;
                } else {
                    let old = self.warp.local[word][l];
                    self.warp.local[word][l] = combine32(atom, old, b[l] as u32, c[l] as u32);
                    t[l] = u64::from(old);
                }
            }
            if size == 8 {
                self.put::<u64>(i.d, &t, m);
            } else {
                self.put::<u32>(i.d, &t.map(|v| v as u32), m);
            }
        }
        Ok(())
    }

    /// # Safety
    /// As for [`Cpu::execute`].
    pub(super) unsafe fn copy_async(&mut self, i: &Inst, m: u32) -> Checked<()> {
        let size = (i.x & 0xff) as u32;
        // SAFETY: as the caller guarantees; each lane is checked before it is copied.
        unsafe {
            let (to, from, count) = (
                *self.src::<u32>(i.a),
                *self.src::<u64>(i.b),
                *self.src::<u32>(i.c),
            );
            for l in 0..32 {
                if m >> l & 1 == 0 {
                    continue;
                }
                let lane = 1u32 << l;
                let target = self
                    .shared_lanes(lane, &[u64::from(to[l]); 32], size, size)?
                    .host[0];
                let count = count[l].min(size);
                let mut bytes = [0u8; 16];
                if count > 0 {
                    let source = self
                        .global(
                            lane,
                            &[from[l]; 32],
                            count,
                            size.min(4),
                            false,
                            (i.x >> 32) as u32,
                        )?
                        .host[0];
                    std::ptr::copy_nonoverlapping(
                        source as *const u8,
                        bytes.as_mut_ptr(),
                        count as usize,
                    );
                }
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), target as *mut u8, size as usize);
            }
        }
        Ok(())
    }

    /// `ldmatrix`: rows of eight 16-bit elements, spread over the warp.
    ///
    /// # Safety
    /// As for [`Cpu::execute`].
    pub(super) unsafe fn load_matrix(&mut self, i: &Inst, m: u32) -> Checked<()> {
        if m != u32::MAX {
            return if m == 0 {
                Ok(())
            } else {
                Err(self.illegal("ldmatrix needs all lanes of the warp", m))
            };
        }
        let n = 1usize << (i.x & 3);
        let transpose = i.x & 4 != 0;
        // SAFETY: as the caller guarantees; rows are checked before they are read.
        unsafe {
            let a = *self.src::<u32>(i.a);
            let mut results = [[0u32; 32]; 4];
            for (k, result) in results.iter_mut().enumerate().take(n) {
                let rows = self.shared_lanes(
                    u32::MAX,
                    &std::array::from_fn(|l| u64::from(a[8 * k + l % 8])),
                    16,
                    16,
                )?;
                let element = |row: usize, column: usize| {
                    u32::from(((rows.host[row] + 2 * column as u64) as *const u16).read_volatile())
                };
                for l in 0..32 {
                    let (row, column) = (l / 4, l % 4 * 2);
                    result[l] = if transpose {
                        element(column, row) | element(column + 1, row) << 16
                    } else {
                        element(row, column) | element(row, column + 1) << 16
                    };
                }
            }
            for (k, result) in results.iter().enumerate().take(n) {
                self.put::<u32>(self.function.lists[i.e as usize + k], result, m);
            }
        }
        Ok(())
    }

    /// Reads bytes of global, constant, shared, local or parameter memory by a lane's generic address.
    pub(super) fn read_generic(
        &mut self,
        lane: usize,
        address: u64,
        bytes: &mut [u8],
    ) -> Checked<()> {
        for (n, byte) in bytes.iter_mut().enumerate() {
            let address = address.wrapping_add(n as u64);
            let offset = address & 0xffff_ffff;
            let found = match address & !0xffff_ffff {
                SHARED_WINDOW if offset < u64::from(self.shared_bytes) => {
                    // SAFETY: the offset is inside the block's shared memory.
                    Some(unsafe { self.shared.add(offset as usize).read_volatile() })
                }
                LOCAL_WINDOW => {
                    let row = self.warp.local.get((offset / 4) as usize);
                    row.map(|r| (r[lane] >> (8 * (offset & 3))) as u8)
                }
                PARAM_WINDOW => self.launch.params.get(offset as usize).copied(),
                SHARED_WINDOW => None,
                _ => self.worker.snapshot.find(address, 1).map(|_| {
                    // SAFETY: the byte is in a readable range that the snapshot keeps alive.
                    unsafe { (address as *const u8).read_volatile() }
                }),
            };
            match found {
                Some(value) => *byte = value,
                None => {
                    let site = self.site(1 << lane);
                    return Err(Box::new(Fault::IllegalAddress {
                        address,
                        size: 1,
                        site,
                    }));
                }
            }
        }
        Ok(())
    }
}

/// Loads a word for each lane from `base` plus address plus `offset`. `false`, and nothing is loaded, if one lies above
/// `limit` or is misaligned. By eights: tiles make rows of neighbours and of equal words, seldom anything else.
///
/// # Safety
/// The processor has AVX2; `addresses` and `out` are registers, possibly the same; words up to `limit` are readable.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn shared_words(
    base: *const u8,
    addresses: *const [u32; 32],
    offset: u32,
    limit: u32,
    out: *mut [u32; 32],
) -> bool {
    use std::arch::x86_64::*;
    // SAFETY: as the caller guarantees; vectors lie in the registers, and words are checked before they are read.
    unsafe {
        let offset = _mm256_set1_epi32(offset as i32);
        let most = _mm256_set1_epi32(limit as i32);
        let address = |n: usize| {
            _mm256_add_epi32(
                _mm256_loadu_si256(addresses.cast::<__m256i>().add(n)),
                offset,
            )
        };
        // The sign bit tells of an address beyond the last place for a word, or of one that is not a multiple of 4.
        let mut bad = most;
        for n in 0..4 {
            let x = address(n);
            let low = _mm256_or_si256(_mm256_slli_epi32::<30>(x), _mm256_slli_epi32::<31>(x));
            bad = _mm256_or_si256(
                bad,
                _mm256_or_si256(low, _mm256_or_si256(x, _mm256_sub_epi32(most, x))),
            );
        }
        if _mm256_movemask_ps(_mm256_castsi256_ps(bad)) != 0 {
            return false;
        }
        let steps = _mm256_setr_epi32(0, 4, 8, 12, 16, 20, 24, 28);
        for n in 0..4 {
            // Written in order: a register that is source and destination is read before it is overwritten.
            let x = address(n);
            let low = _mm256_castsi256_si128(x);
            let first = _mm256_broadcastd_epi32(low);
            let differ = _mm256_xor_si256(x, first);
            let apart = _mm256_xor_si256(x, _mm256_add_epi32(first, steps));
            let at = base.add(_mm_cvtsi128_si32(low) as usize);
            let words = if _mm256_testz_si256(apart, apart) != 0 {
                _mm256_loadu_si256(at.cast())
            } else if _mm256_testz_si256(differ, differ) != 0 {
                _mm256_set1_epi32(at.cast::<i32>().read())
            } else {
                _mm256_i32gather_epi32::<1>(base.cast(), x)
            };
            _mm256_storeu_si256(out.cast::<__m256i>().add(n), words);
        }
    }
    true
}

/// Words at 32 addresses plus `at`.
///
/// # Safety
/// The processor has AVX2; all words are readable.
#[cfg(target_arch = "x86_64")]
#[inline]
#[target_feature(enable = "avx2")]
unsafe fn gather_global(at: u64, addresses: &[u64; 32], out: &mut [u32; 32]) {
    use std::arch::x86_64::{_mm_storeu_si128, _mm256_i64gather_epi32, _mm256_loadu_si256};
    for n in 0..8 {
        // SAFETY: as the caller guarantees; the vectors lie in the arrays.
        unsafe {
            let index = _mm256_loadu_si256(addresses.as_ptr().add(4 * n).cast());
            let words = _mm256_i64gather_epi32::<1>(at as *const i32, index);
            _mm_storeu_si128(out.as_mut_ptr().add(4 * n).cast(), words);
        }
    }
}

/// Loads `size` bytes (a power of two up to 32), of which up to 16 at once: processors with AVX promise that of aligned vectors.
///
/// # Safety
/// The address is readable for `size` bytes and aligned to them.
unsafe fn load_whole(at: u64, size: u32) -> [u64; 4] {
    let mut t = [0; 4];
    // SAFETY: as the caller guarantees.
    unsafe {
        match size {
            1 => t[0] = u64::from((at as *const u8).read_volatile()),
            2 => t[0] = u64::from((at as *const u16).read_volatile()),
            4 => t[0] = u64::from((at as *const u32).read_volatile()),
            8 => t[0] = (at as *const u64).read_volatile(),
            _ => {
                for n in 0..(size as usize / 16).min(2) {
                    (t[2 * n], t[2 * n + 1]) = load16(at + 16 * n as u64);
                }
            }
        }
    }
    t
}

/// Stores likewise.
///
/// # Safety
/// The address is writable for `size` bytes and aligned to them.
unsafe fn store_whole(at: u64, size: u32, t: &[u64; 4]) {
    // SAFETY: as the caller guarantees.
    unsafe {
        match size {
            1 => (at as *mut u8).write_volatile(t[0] as u8),
            2 => (at as *mut u16).write_volatile(t[0] as u16),
            4 => (at as *mut u32).write_volatile(t[0] as u32),
            8 => (at as *mut u64).write_volatile(t[0]),
            _ => {
                for n in 0..(size as usize / 16).min(2) {
                    store16(at + 16 * n as u64, t[2 * n], t[2 * n + 1]);
                }
            }
        }
    }
}

/// # Safety
/// 16 bytes are readable at the address, which is a multiple of 16.
#[cfg(target_arch = "x86_64")]
unsafe fn load16(at: u64) -> (u64, u64) {
    let (low, high);
    // SAFETY: reads what the caller says is readable. Written as an instruction so that the compiler does not split it.
    unsafe {
        std::arch::asm!(
            "movdqa {v}, [{at}]",
            "movq {low}, {v}",
            "psrldq {v}, 8",
            "movq {high}, {v}",
            v = out(xmm_reg) _,
            at = in(reg) at,
            low = lateout(reg) low,
            high = lateout(reg) high,
            options(nostack, preserves_flags, readonly)
        );
    }
    (low, high)
}

/// # Safety
/// 16 bytes are readable at the address, which is a multiple of 16.
#[cfg(not(target_arch = "x86_64"))]
unsafe fn load16(at: u64) -> (u64, u64) {
    let at = at as *const u64;
    // SAFETY: as the caller guarantees.
    unsafe { (at.read_volatile(), at.add(1).read_volatile()) }
}

/// # Safety
/// 16 bytes are writable at the address, which is a multiple of 16.
#[cfg(target_arch = "x86_64")]
unsafe fn store16(at: u64, low: u64, high: u64) {
    // SAFETY: writes what the caller says is writable; as in `load16`.
    unsafe {
        std::arch::asm!(
            "movq {v}, {low}",
            "movq {w}, {high}",
            "punpcklqdq {v}, {w}",
            "movdqa [{at}], {v}",
            v = out(xmm_reg) _,
            w = out(xmm_reg) _,
            at = in(reg) at,
            low = in(reg) low,
            high = in(reg) high,
            options(nostack, preserves_flags)
        );
    }
}

/// # Safety
/// 16 bytes are writable at the address, which is a multiple of 16.
#[cfg(not(target_arch = "x86_64"))]
unsafe fn store16(at: u64, low: u64, high: u64) {
    let at = at as *mut u64;
    // SAFETY: as the caller guarantees.
    unsafe {
        at.write_volatile(low);
        at.add(1).write_volatile(high);
    }
}

#[inline(always)]
fn shape(a: &[u64; 32], size: u32) -> Shape {
    let (mut apart, mut differ) = (0, 0);
    for (l, &x) in a.iter().enumerate() {
        differ |= x ^ a[0];
        apart |= x ^ a[0].wrapping_add(l as u64 * u64::from(size));
    }
    match (differ, apart) {
        (0, _) => Shape::Same,
        (_, 0) => Shape::Contiguous,
        _ => Shape::Scattered,
    }
}

/// A narrow element extended to 32 bits.
fn narrow(v: u32, kind: u16) -> u32 {
    match kind {
        mem::U8 => v & 0xff,
        mem::S8 => v as i8 as u32,
        mem::U16 => v & 0xffff,
        mem::S16 => v as i16 as u32,
        _ => v,
    }
}

/// What an atomic writes, given the old value.
fn combine32(atom: u8, old: u32, b: u32, c: u32) -> u32 {
    let f = f32::from_bits;
    let halves = |bf16: bool, op: &str| {
        let low = rare::half_atomic(bf16, op, old as u16, b as u16);
        let high = rare::half_atomic(bf16, op, (old >> 16) as u16, (b >> 16) as u16);
        u32::from(low) | u32::from(high) << 16
    };
    match atom {
        x if x == Atom::Add as u8 => old.wrapping_add(b),
        x if x == Atom::AddF32 as u8 => {
            let r = f(old) + f(b);
            if r.is_nan() { 0x7fff_ffff } else { r.to_bits() }
        }
        x if x == Atom::AddF16x2 as u8 || x == Atom::AddF16 as u8 => halves(false, "add"),
        x if x == Atom::AddBf16x2 as u8 || x == Atom::AddBf16 as u8 => halves(true, "add"),
        x if x == Atom::MinF16 as u8 => halves(false, "min"),
        x if x == Atom::MaxF16 as u8 => halves(false, "max"),
        x if x == Atom::MinBf16 as u8 => halves(true, "min"),
        x if x == Atom::MaxBf16 as u8 => halves(true, "max"),
        x if x == Atom::MinU as u8 => old.min(b),
        x if x == Atom::MaxU as u8 => old.max(b),
        x if x == Atom::MinS as u8 => (old as i32).min(b as i32) as u32,
        x if x == Atom::MaxS as u8 => (old as i32).max(b as i32) as u32,
        x if x == Atom::Inc as u8 => {
            if old >= b {
                0
            } else {
                old + 1
            }
        }
        x if x == Atom::Dec as u8 => {
            if old == 0 || old > b {
                b
            } else {
                old - 1
            }
        }
        x if x == Atom::And as u8 => old & b,
        x if x == Atom::Or as u8 => old | b,
        x if x == Atom::Xor as u8 => old ^ b,
        x if x == Atom::Cas as u8 => {
            if old == b {
                c
            } else {
                old
            }
        }
        _ => b,
    }
}

fn combine64(atom: u8, old: u64, b: u64, c: u64) -> u64 {
    match atom {
        x if x == Atom::Add as u8 => old.wrapping_add(b),
        x if x == Atom::AddF64 as u8 => (f64::from_bits(old) + f64::from_bits(b)).to_bits(),
        x if x == Atom::MinU as u8 => old.min(b),
        x if x == Atom::MaxU as u8 => old.max(b),
        x if x == Atom::MinS as u8 => (old as i64).min(b as i64) as u64,
        x if x == Atom::MaxS as u8 => (old as i64).max(b as i64) as u64,
        x if x == Atom::And as u8 => old & b,
        x if x == Atom::Or as u8 => old | b,
        x if x == Atom::Xor as u8 => old ^ b,
        x if x == Atom::Cas as u8 => {
            if old == b {
                c
            } else {
                old
            }
        }
        _ => b,
    }
}

fn atomic32(p: &AtomicU32, atom: u8, b: u32, c: u32) -> u32 {
    const ORDER: Ordering = Ordering::SeqCst;
    match atom {
        x if x == Atom::Add as u8 => p.fetch_add(b, ORDER),
        x if x == Atom::And as u8 => p.fetch_and(b, ORDER),
        x if x == Atom::Or as u8 => p.fetch_or(b, ORDER),
        x if x == Atom::Xor as u8 => p.fetch_xor(b, ORDER),
        x if x == Atom::Exch as u8 => p.swap(b, ORDER),
        x if x == Atom::Cas as u8 => p
            .compare_exchange(b, c, ORDER, ORDER)
            .unwrap_or_else(|old| old),
        _ => {
            let mut old = p.load(Ordering::Relaxed);
            loop {
                match p.compare_exchange_weak(
                    old,
                    combine32(atom, old, b, c),
                    ORDER,
                    Ordering::Relaxed,
                ) {
                    Ok(old) => return old,
                    Err(now) => old = now,
                }
            }
        }
    }
}

fn atomic64(p: &AtomicU64, atom: u8, b: u64, c: u64) -> u64 {
    const ORDER: Ordering = Ordering::SeqCst;
    match atom {
        x if x == Atom::Add as u8 => p.fetch_add(b, ORDER),
        x if x == Atom::Exch as u8 => p.swap(b, ORDER),
        x if x == Atom::Cas as u8 => p
            .compare_exchange(b, c, ORDER, ORDER)
            .unwrap_or_else(|old| old),
        _ => {
            let mut old = p.load(Ordering::Relaxed);
            loop {
                match p.compare_exchange_weak(
                    old,
                    combine64(atom, old, b, c),
                    ORDER,
                    Ordering::Relaxed,
                ) {
                    Ok(old) => return old,
                    Err(now) => old = now,
                }
            }
        }
    }
}

fn update16(p: &AtomicU16, f: impl Fn(u16) -> u16) -> u16 {
    p.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |v| Some(f(v)))
        .unwrap_or_default()
}

/// `atom.cas.b128` and `atom.exch.b128`.
///
/// # Safety
/// `p` is 16-byte aligned, readable and writable.
unsafe fn atomic128(p: *mut u128, cas: bool, b: u128, c: u128) -> u128 {
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("cmpxchg16b") {
        // SAFETY: the processor has the instruction; the pointer as the caller guarantees.
        return unsafe { atomic128_native(p, cas, b, c) };
    }
    // Without a native operation, a lock: atomic among the device's threads.
    static LOCK: std::sync::Mutex<()> = std::sync::Mutex::new(());
    let _guard = LOCK
        .lock()
        .unwrap_or_else(std::sync::PoisonError::into_inner);
    // SAFETY: as the caller guarantees.
    unsafe {
        let old = p.read_volatile();
        if !cas {
            p.write_volatile(b);
        } else if old == b {
            p.write_volatile(c);
        }
        old
    }
}

/// # Safety
/// As for [`atomic128`], and the processor has `cmpxchg16b`.
#[cfg(target_arch = "x86_64")]
unsafe fn atomic128_native(p: *mut u128, cas: bool, b: u128, c: u128) -> u128 {
    // SAFETY: as the caller guarantees.
    unsafe {
        if cas {
            return compare_exchange128(p, b, c);
        }
        let mut old = p.read_volatile();
        loop {
            let now = compare_exchange128(p, old, b);
            if now == old {
                return old;
            }
            old = now;
        }
    }
}

/// # Safety
/// As for [`atomic128_native`].
#[cfg(target_arch = "x86_64")]
unsafe fn compare_exchange128(p: *mut u128, expected: u128, new: u128) -> u128 {
    let (mut low, mut high) = (expected as u64, (expected >> 64) as u64);
    // SAFETY: the pointer is as the caller guarantees. `rbx`, which the compiler keeps for itself, is restored; the
    // instruction changes nothing else than it says.
    unsafe {
        std::arch::asm!(
            "xchg rsi, rbx",
            "lock cmpxchg16b [rdi]",
            "mov rbx, rsi",
            in("rdi") p,
            inout("rsi") new as u64 => _,
            in("rcx") (new >> 64) as u64,
            inout("rax") low,
            inout("rdx") high,
            options(nostack),
        );
    }
    u128::from(low) | u128::from(high) << 64
}
