//! Barriers, warp-level operations and special registers.

use std::time::Instant;

use super::super::fault::Fault;
use super::super::ir::*;
use super::state::Wait;
use super::{Checked, Cpu, Exit, SPIN_COST};

impl Cpu<'_> {
    /// `bar`, `barrier` and `barrier.cluster`.
    ///
    /// # Safety
    /// As for [`Cpu::execute`].
    pub(super) unsafe fn barrier(&mut self, i: &Inst, m: u32) -> Checked<Option<Exit>> {
        let kind = i.flags & !NEGATED_GUARD;
        // Lanes whose guard is false go on behind it.
        if m != self.mask {
            let beyond = super::Split {
                pc: self.pc + 1,
                mask: self.mask & !m,
                ..self.current()
            };
            self.warp.splits.push(beyond);
            self.mask = m;
        }
        // SAFETY: operands are in bounds (see `Cpu::execute`).
        let (ids, counts, votes) =
            unsafe { (*self.src::<u32>(i.a), *self.src::<u32>(i.b), self.pred(i.c)) };
        if let Some(result) = self.resumed.take() {
            let count = result & 0x7fff_ffff;
            let value = match kind {
                k if k == BarrierKind::RedPopc as u16 => count,
                k if k == BarrierKind::RedAnd as u16 => result >> 31,
                k if k == BarrierKind::RedOr as u16 => u32::from(count != 0),
                _ => 0,
            };
            if i.d != NONE {
                // SAFETY: as above; `d` is a 32-bit register.
                unsafe { self.put::<u32>(i.d, &[value; 32], m) };
            }
            self.pc += 1;
            return self.reschedule();
        }
        let lane = m.trailing_zeros() as usize;
        let cluster =
            kind == BarrierKind::ClusterArrive as u16 || kind == BarrierKind::ClusterWait as u16;
        let (id, threads) = if cluster {
            (16, 0)
        } else {
            (ids[lane], if i.x != 0 { counts[lane] } else { 0 })
        };
        // Lanes may name different barriers: the others come back to it.
        let mut same = m;
        for l in 0..32 {
            if !cluster && m >> l & 1 != 0 && ids[l] != id {
                same &= !(1 << l);
            }
        }
        if same != m {
            let others = super::Split {
                mask: m & !same,
                ..self.current()
            };
            self.warp.splits.push(others);
            self.mask = same;
        }
        if id >= super::state::BARRIERS as u32
            || (i.x != 0 && (threads == 0 || threads % 32 != 0 || threads > 1024))
        {
            return Err(self.illegal("barrier number or thread count out of range", same));
        }
        if kind == BarrierKind::ClusterArrive as u16 {
            // The wait that follows is where the barrier is: all of a block's threads arrive and then wait.
            self.pc += 1;
            return Ok(None);
        }
        self.budget -= 1;
        let warp = self.warp.index;
        let complete = self.sync.arrive(id as u8, warp, same, threads, votes);
        if kind == BarrierKind::Arrive as u16 {
            self.pc += 1;
            self.park(Wait::Ready);
        } else {
            self.park(Wait::Barrier(id as u8));
        }
        let _ = complete;
        if self.pick() {
            Ok(None)
        } else {
            Ok(Some(self.idle()))
        }
    }

    /// Operations of the lanes of a warp with each other. They wait for the lanes in the member mask.
    ///
    /// # Safety
    /// As for [`Cpu::execute`].
    pub(super) unsafe fn collective(&mut self, i: &Inst, m: u32) -> Checked<Option<Exit>> {
        // SAFETY: operands are in bounds (see `Cpu::execute`); `c` is a 32-bit register.
        let mut members = unsafe { *self.src::<u32>(i.c) };
        let unsynchronised = i.x != 0 && matches!(i.op, Op::Shuffle | Op::Vote);
        let mut there = m;
        if unsynchronised || self.forced {
            members = [m; 32];
            there = u32::MAX;
        } else {
            let mut need = 0;
            for l in 0..32 {
                if m >> l & 1 != 0 {
                    need |= members[l];
                }
            }
            if need & self.warp.live & !m != 0 {
                // Others have to come. Those that wait here already come along.
                if m != self.mask {
                    let beyond = super::Split {
                        pc: self.pc + 1,
                        mask: self.mask & !m,
                        ..self.current()
                    };
                    self.warp.splits.push(beyond);
                    self.mask = m;
                }
                let (frame, pc) = (self.frame, self.pc);
                let mut joined = false;
                self.warp.splits.retain(|s| {
                    let here =
                        s.frame == frame && s.pc == pc && matches!(s.wait, Wait::Lanes { .. });
                    if here {
                        joined = true;
                        self.mask |= s.mask;
                    }
                    !here
                });
                if joined {
                    // Tried again with them: it either goes on or waits with all of them.
                    return self.collective_again(i, need);
                }
                let barrier = i.op == Op::SyncWarp;
                self.park(Wait::Lanes { need, barrier });
                return if self.pick() {
                    Ok(None)
                } else {
                    Ok(Some(self.idle()))
                };
            }
        }
        // SAFETY: as the caller guarantees.
        unsafe { self.collective_now(i, m, &members, there) };
        self.forced = false;
        self.pc += 1;
        Ok(None)
    }

    /// After lanes that waited at the instruction have joined the running split: waits on if some are still missing.
    fn collective_again(&mut self, i: &Inst, need: u32) -> Checked<Option<Exit>> {
        // SAFETY: `c` is a 32-bit register of the frame (see `Cpu::execute`).
        let members = unsafe { *self.src::<u32>(i.c) };
        let mut need = need;
        for l in 0..32 {
            if self.mask >> l & 1 != 0 {
                need |= members[l];
            }
        }
        if need & self.warp.live & !self.mask == 0 {
            return Ok(None);
        }
        self.park(Wait::Lanes {
            need,
            barrier: i.op == Op::SyncWarp,
        });
        if self.pick() {
            Ok(None)
        } else {
            Ok(Some(self.idle()))
        }
    }

    /// `there` has the lanes that a shuffle can read. The value of another is undefined; it is 0 as on a GPU, where sums over a
    /// part of a warp rely on it.
    ///
    /// # Safety
    /// As for [`Cpu::execute`].
    unsafe fn collective_now(&mut self, i: &Inst, m: u32, members: &[u32; 32], there: u32) {
        let flags = i.flags & !NEGATED_GUARD;
        // SAFETY: operands are in bounds and of the operation's widths (see `Cpu::execute`).
        unsafe {
            match i.op {
                Op::Shuffle => {
                    let (a, b, f) = (
                        *self.src::<u32>(i.a),
                        *self.src::<u32>(i.b),
                        *self.src::<u32>(i.f),
                    );
                    let (mut t, mut p) = ([0; 32], 0);
                    for l in 0..32usize {
                        let lane = l as i32;
                        let (b, clamp) = ((b[l] & 31) as i32, (f[l] & 31) as i32);
                        let segment = (f[l] >> 8 & 31) as i32;
                        let most = lane & segment | clamp & !segment;
                        let least = lane & segment;
                        let (j, inside) = match flags {
                            0 => (lane - b, lane - b >= most),
                            1 => (lane + b, lane + b <= most),
                            2 => (lane ^ b, lane ^ b <= most),
                            _ => (least | b & !segment, (least | b & !segment) <= most),
                        };
                        let j = if inside { j } else { lane };
                        let from = (j & 31) as usize;
                        t[l] = if there >> from & 1 != 0 { a[from] } else { 0 };
                        p |= u32::from(inside) << l;
                    }
                    self.put::<u32>(i.d, &t, m);
                    self.put_pred(i.e, p, m);
                }
                Op::Vote => {
                    let p = self.pred(i.a);
                    let mut t = [0; 32];
                    let mut r = 0;
                    for l in 0..32 {
                        let group = members[l] & m;
                        let yes = p & group;
                        t[l] = yes;
                        let value = match flags {
                            0 => yes == group,
                            1 => yes != 0,
                            _ => yes == group || yes == 0,
                        };
                        r |= u32::from(value) << l;
                    }
                    if flags == 3 {
                        self.put::<u32>(i.d, &t, m);
                    } else {
                        self.put_pred(i.e, r, m);
                    }
                }
                Op::Match => {
                    let a: [u64; 32] = if flags & 2 != 0 {
                        *self.src::<u64>(i.a)
                    } else {
                        (*self.src::<u32>(i.a)).map(u64::from)
                    };
                    let (mut t, mut p) = ([0; 32], 0);
                    for l in 0..32 {
                        let group = members[l] & m;
                        let mut equal = 0;
                        for k in 0..32 {
                            equal |= u32::from(group >> k & 1 != 0 && a[k] == a[l]) << k;
                        }
                        if flags & 1 != 0 {
                            let all = equal == group;
                            t[l] = if all { group } else { 0 };
                            p |= u32::from(all) << l;
                        } else {
                            t[l] = equal;
                        }
                    }
                    self.put::<u32>(i.d, &t, m);
                    self.put_pred(i.e, p, m);
                }
                Op::Redux => {
                    let a = *self.src::<u32>(i.a);
                    let mut t = [0; 32];
                    let mut done = 0u32;
                    for l in 0..32 {
                        if m >> l & 1 == 0 || done >> l & 1 != 0 {
                            continue;
                        }
                        let group = members[l] & m;
                        let value = (0..32)
                            .filter(|k| group >> k & 1 != 0)
                            .map(|k| a[k])
                            .reduce(|x, y| reduce(flags, x, y))
                            .unwrap_or(0);
                        for k in l..32 {
                            if m >> k & 1 != 0 && members[k] == members[l] {
                                t[k] = value;
                                done |= 1 << k;
                            }
                        }
                    }
                    self.put::<u32>(i.d, &t, m);
                }
                Op::Elect => {
                    let mut p = 0;
                    let t = std::array::from_fn(|l| {
                        let leader = (members[l] & m).trailing_zeros() & 31;
                        p |= u32::from(leader == l as u32) << l;
                        leader
                    });
                    self.put::<u32>(i.d, &t, m);
                    self.put_pred(i.e, p, m);
                }
                _ => {}
            }
        }
    }

    pub(super) fn special_register(&self, register: Special) -> [u64; 32] {
        use Special::*;
        let lane = |f: fn(u32) -> u32| std::array::from_fn(|l| u64::from(f(l as u32)));
        let threads = self.launch.block.iter().product::<u32>();
        let nanoseconds = || {
            std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .map_or(0, |d| d.as_nanos() as u64)
        };
        let value: u64 = match register {
            TidX => return self.warp.tid[0].map(u64::from),
            TidY => return self.warp.tid[1].map(u64::from),
            TidZ => return self.warp.tid[2].map(u64::from),
            LaneId => return lane(|l| l),
            MaskEq => return lane(|l| 1 << l),
            MaskLe => return lane(|l| u32::MAX >> (31 - l)),
            MaskLt => return lane(|l| (1 << l) - 1),
            MaskGe => return lane(|l| u32::MAX << l),
            MaskGt => return lane(|l| (u32::MAX << l) & !(1 << l)),
            NtidX => self.launch.block[0].into(),
            NtidY => self.launch.block[1].into(),
            NtidZ => self.launch.block[2].into(),
            CtaidX => self.ctaid[0].into(),
            CtaidY => self.ctaid[1].into(),
            CtaidZ => self.ctaid[2].into(),
            NctaidX => self.launch.grid[0].into(),
            NctaidY => self.launch.grid[1].into(),
            NctaidZ => self.launch.grid[2].into(),
            WarpId => self.warp.index.into(),
            NwarpId => threads.div_ceil(32).into(),
            SmId => self.worker.number.into(),
            NsmId => self.worker.threads.into(),
            GridId => self.launch.id,
            Clock => clock() & 0xffff_ffff,
            ClockHi => clock() >> 32,
            Clock64 => clock(),
            GlobalTimer => nanoseconds(),
            GlobalTimerHi => nanoseconds() >> 32,
            DynamicShared => self.launch.dynamic_shared.into(),
            TotalShared => self.shared_bytes.into(),
            DynamicSharedBase => {
                let program = &self.launch.module.program;
                let kernel = &program.kernels[self.launch.kernel];
                program.functions[kernel.function as usize]
                    .dynamic_shared_base
                    .into()
            }
            EnvReg1 => self.launch.workspace >> 32,
            EnvReg2 => self.launch.workspace & 0xffff_ffff,
            Zero => 0,
            One => 1,
            ReservedShared => self
                .shared_bytes
                .saturating_sub(super::super::pool::RESERVED_SHARED)
                .into(),
        };
        [value; 32]
    }

    /// `alloca`, `stacksave`, `stackrestore`.
    ///
    /// # Safety
    /// As for [`Cpu::execute`].
    pub(super) unsafe fn stack(&mut self, i: &Inst, m: u32) -> Checked<()> {
        if m == 0 {
            return Ok(());
        }
        let frame = self.frame as usize;
        // SAFETY: operands are in bounds (see `Cpu::execute`) and 64 bits wide.
        unsafe {
            match i.op {
                Op::Alloca => {
                    let sizes = *self.src::<u64>(i.a);
                    // All lanes get room for the largest size among them, at the same address.
                    let size = (0..32)
                        .filter(|l| m >> l & 1 != 0)
                        .map(|l| sizes[l])
                        .max()
                        .unwrap_or(0);
                    let start =
                        u64::from(self.warp.frames[frame].local_top).next_multiple_of(i.x.max(16));
                    let end = start
                        .checked_add(size)
                        .and_then(|e| e.checked_next_multiple_of(16));
                    match end.filter(|&e| e <= self.launch.stack_bytes) {
                        Some(end) => {
                            self.warp.frames[frame].local_top = end as u32;
                            self.warp.grow_local(end as u32);
                            self.put::<u64>(i.d, &[start; 32], m);
                        }
                        None => {
                            let limit = self.launch.stack_bytes;
                            return Err(Box::new(Fault::StackOverflow {
                                limit,
                                site: self.site(m),
                            }));
                        }
                    }
                }
                Op::StackSave => {
                    let top = self.warp.frames[frame].local_top;
                    self.put::<u64>(i.d, &[u64::from(top); 32], m);
                }
                _ => {
                    let saved = (*self.src::<u64>(i.a))[m.trailing_zeros() as usize];
                    let f = &mut self.warp.frames[frame];
                    let least = f.local_base + self.function.local_bytes;
                    // Lanes that are elsewhere may still use what is above.
                    if m == f.lanes && saved >= u64::from(least) && saved <= u64::from(f.local_top)
                    {
                        f.local_top = saved as u32;
                    }
                }
            }
        }
        Ok(())
    }

    /// `mbarrier` objects: 64 bits in shared memory: phase (bit 63), expected arrivals (20 bits from 32), pending (20 bits).
    ///
    /// # Safety
    /// As for [`Cpu::execute`].
    pub(super) unsafe fn mbarrier(&mut self, i: &Inst, m: u32) -> Checked<()> {
        const COUNT: u64 = 0xf_ffff;
        let kind = i.flags & !NEGATED_GUARD;
        // SAFETY: operands are in bounds (see `Cpu::execute`).
        unsafe {
            if kind == 5 {
                let t = (*self.src::<u64>(i.a)).map(|s| (s & COUNT) as u32);
                self.put::<u32>(i.d, &t, m);
                return Ok(());
            }
            let a = *self.src::<u32>(i.a);
            let wide = kind == 2;
            let (mut states, mut done) = ([0u64; 32], 0u32);
            for l in 0..32 {
                if m >> l & 1 == 0 {
                    continue;
                }
                let at = u64::from(a[l]);
                let b = if wide {
                    (*self.src::<u64>(i.b))[l]
                } else {
                    u64::from((*self.src::<u32>(i.b))[l])
                };
                if at % 8 != 0 || at + 8 > u64::from(self.shared_bytes) {
                    return Err(Box::new(Fault::IllegalAddress {
                        address: at,
                        size: 8,
                        site: self.site(1 << l),
                    }));
                }
                let object = self.shared.add(at as usize).cast::<u64>();
                let mut v = object.read();
                match kind {
                    0 => v = (b & COUNT) << 32 | b & COUNT,
                    1 | 7 => {
                        states[l] = v;
                        let pending = (v & COUNT).saturating_sub(b);
                        if kind == 7 {
                            let expected = (v >> 32 & COUNT).saturating_sub(b);
                            v = v & !(COUNT << 32) | expected << 32;
                        }
                        v = v & !COUNT | pending;
                        if pending == 0 {
                            v = (v ^ 1 << 63) & !COUNT | v >> 32 & COUNT;
                        }
                    }
                    2 => done |= u32::from((v ^ b) >> 63 != 0) << l,
                    _ => done |= u32::from(v >> 63 != b & 1) << l,
                }
                object.write(v);
            }
            match kind {
                1 | 7 if i.d != NONE => self.put::<u64>(i.d, &states, m),
                2 | 3 => {
                    self.put_pred(i.e, done, m);
                    if done & m != m {
                        self.spun = true;
                        self.budget -= SPIN_COST;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// A counter that runs at about one step a nanosecond.
fn clock() -> u64 {
    static START: std::sync::OnceLock<Instant> = std::sync::OnceLock::new();
    START.get_or_init(Instant::now).elapsed().as_nanos() as u64
}

fn reduce(kind: u16, x: u32, y: u32) -> u32 {
    let signed = kind & 8 != 0;
    if kind & 16 != 0 {
        let f = |v: u32| f32::from_bits(if kind & 32 != 0 { v & 0x7fff_ffff } else { v });
        let (a, b) = (f(x), f(y));
        if a.is_nan() || b.is_nan() {
            if kind & 64 != 0 || a.is_nan() && b.is_nan() {
                return 0x7fff_ffff;
            }
            return if a.is_nan() { b.to_bits() } else { a.to_bits() };
        }
        let first = if a == b { a.is_sign_negative() } else { a < b };
        return if (kind & 7 == 1) == first {
            a.to_bits()
        } else {
            b.to_bits()
        };
    }
    match (kind & 7, signed) {
        (0, _) => x.wrapping_add(y),
        (1, true) => (x as i32).min(y as i32) as u32,
        (1, false) => x.min(y),
        (2, true) => (x as i32).max(y as i32) as u32,
        (2, false) => x.max(y),
        (3, _) => x & y,
        (4, _) => x | y,
        _ => x ^ y,
    }
}
