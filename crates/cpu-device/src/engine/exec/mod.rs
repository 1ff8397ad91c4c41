//! The warp interpreter.
//!
//! [`Block::run`] takes turns among a block's warps; [`Cpu::run`] executes one warp until it waits, ends, faults or has had
//! its share.

// Lanes are numbered: a loop over them indexes several arrays and a mask alike.
#![allow(clippy::needless_range_loop)]

mod alu;
mod builtin;
mod mem;
mod state;
mod warp;

pub(crate) use state::{Block, Launch, Outcome, Worker};

use super::fault::{Fault, Site};
use super::ir::*;
use super::program::function_index;
use state::{Frame, NO_FRAME, Split, Sync, Wait, Warp};

/// Why a warp stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Exit {
    /// All lanes have ended.
    Done,
    /// No split can go on before a barrier completes or other lanes come.
    Blocked,
    /// Its share is used up; whether it may be waiting for somebody in a loop.
    Yield { spinning: bool },
}

type Checked<T> = Result<T, Box<Fault>>;

/// Backward branches, calls and the like that a warp may do in one go.
const BUDGET: i32 = 2048;
/// What an operation that is typical of waiting loops costs of it.
const SPIN_COST: i32 = 32;

/// One warp on the processor.
struct Cpu<'a> {
    regs: *mut u8,
    consts: *const u8,
    function: &'a Function,
    /// The running split.
    mask: u32,
    pc: u32,
    frame: u32,
    depth: u32,
    /// Result of the barrier reduction that the split has waited for.
    resumed: Option<u32>,
    /// The split was made to go on though lanes that it waits for have not come.
    forced: bool,
    /// The running split keeps its turn although it is not the first in code order.
    fair: bool,
    budget: i32,
    spun: bool,
    warp: &'a mut Warp,
    shared: *mut u8,
    shared_bytes: u32,
    ctaid: [u32; 3],
    sync: &'a mut Sync,
    launch: &'a Launch,
    worker: &'a mut Worker,
}

impl Cpu<'_> {
    /// Runs the warp until it has to stop.
    fn run(&mut self) -> Checked<Exit> {
        if !self.pick() {
            return Ok(self.idle());
        }
        #[cfg(target_arch = "x86_64")]
        if self.worker.fast {
            // SAFETY: `fast` says that the processor has these features; the rest as for `execute`.
            return unsafe { self.run_fast() };
        }
        // SAFETY: the split that was picked has a valid frame, loaded by `load_frame`.
        unsafe { self.execute() }
    }

    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "avx2,fma,bmi1,bmi2,lzcnt,popcnt")]
    unsafe fn run_fast(&mut self) -> Checked<Exit> {
        // SAFETY: as the caller guarantees.
        unsafe { self.execute() }
    }

    fn idle(&self) -> Exit {
        if self.warp.splits.is_empty() {
            Exit::Done
        } else {
            Exit::Blocked
        }
    }

    /// The interpreter loop.
    ///
    /// # Safety
    /// `regs`, `consts` and `function` belong to frame `frame`, and `pc` is in the function's code. Operands of compiled
    /// code lie in the frame and constant area by construction (`cfg::assign` makes all offsets), so reading and writing
    /// them through raw pointers is in bounds; a register's bytes are shared only with the identical register.
    #[inline(always)]
    unsafe fn execute(&mut self) -> Checked<Exit> {
        loop {
            // SAFETY: `pc` is in the code: it only moves to the next instruction (a function's last one ends the split) or
            // to branch targets, which are block starts.
            let inst = unsafe { &*self.function.code.as_ptr().add(self.pc as usize) };
            let mut m = self.mask;
            if inst.guard != TRUE {
                // SAFETY: operands are in bounds, see above.
                let guard = unsafe { self.pred(inst.guard) };
                m &= if inst.flags & NEGATED_GUARD != 0 {
                    !guard
                } else {
                    guard
                };
            }
            // SAFETY: operands are in bounds, see above.
            if unsafe { self.alu(inst, m) } {
                self.pc += 1;
                continue;
            }
            match inst.op {
                Op::Load => {
                    // SAFETY: as above.
                    unsafe { self.load(inst, m)? };
                    self.pc += 1;
                }
                Op::Store => {
                    // SAFETY: as above.
                    unsafe { self.store(inst, m)? };
                    self.pc += 1;
                }
                Op::LoadFrame => {
                    // SAFETY: as above.
                    unsafe { self.load_frame_memory(inst, m) };
                    self.pc += 1;
                }
                Op::StoreFrame => {
                    // SAFETY: as above.
                    unsafe { self.store_frame_memory(inst, m) };
                    self.pc += 1;
                }
                Op::LoadParam => {
                    // SAFETY: as above.
                    unsafe { self.load_param(inst, m) };
                    self.pc += 1;
                }
                Op::Bra => {
                    let target = inst.x as u32;
                    if m == self.mask {
                        if target <= self.pc {
                            self.budget -= 1;
                        }
                        self.pc = target;
                    } else if m == 0 {
                        self.pc += 1;
                    } else {
                        let split = Split {
                            pc: target,
                            mask: m,
                            ..self.current()
                        };
                        self.warp.splits.push(split);
                        self.mask &= !m;
                        self.pc += 1;
                        self.budget -= i32::from(target < self.pc);
                    }
                    if (!self.warp.splits.is_empty() || self.budget < 0)
                        && let Some(exit) = self.reschedule()?
                    {
                        return Ok(exit);
                    }
                }
                Op::Fall => {
                    self.pc += 1;
                    if !self.warp.splits.is_empty()
                        && let Some(exit) = self.reschedule()?
                    {
                        return Ok(exit);
                    }
                }
                _ => {
                    // SAFETY: as above.
                    if let Some(exit) = unsafe { self.rest(inst, m)? } {
                        return Ok(exit);
                    }
                }
            }
        }
    }

    /// Everything that is neither plain arithmetic nor a plain access.
    ///
    /// # Safety
    /// As for [`Cpu::execute`].
    #[inline(never)]
    unsafe fn rest(&mut self, inst: &Inst, m: u32) -> Checked<Option<Exit>> {
        match inst.op {
            Op::Exit => {
                if m != 0 {
                    self.pc += 1;
                    self.end_lanes(m);
                    return self.reschedule();
                }
                self.pc += 1;
            }
            Op::Ret => {
                if m == 0 {
                    self.pc += 1;
                    return Ok(None);
                }
                self.budget -= 1;
                self.return_lanes(m);
                return self.reschedule();
            }
            Op::Call => {
                if m == 0 {
                    self.pc += 1;
                    return Ok(None);
                }
                self.budget -= 1;
                // SAFETY: as the caller guarantees.
                unsafe { self.call(inst, m)? };
                return self.reschedule();
            }
            Op::BraIndex => {
                if m != 0 {
                    // SAFETY: as the caller guarantees.
                    unsafe { self.branch_index(inst, m)? };
                    return self.reschedule();
                }
                self.pc += 1;
            }
            Op::Trap => {
                if m != 0 {
                    return Err(Box::new(Fault::Trap { site: self.site(m) }));
                }
                self.pc += 1;
            }
            Op::Barrier => {
                if m == 0 {
                    self.pc += 1;
                    return Ok(None);
                }
                // SAFETY: as the caller guarantees.
                return unsafe { self.barrier(inst, m) };
            }
            Op::SyncWarp | Op::Shuffle | Op::Vote | Op::Match | Op::Redux | Op::Elect => {
                if m == 0 {
                    self.pc += 1;
                    return Ok(None);
                }
                // SAFETY: as the caller guarantees.
                return unsafe { self.collective(inst, m) };
            }
            Op::Atomic => {
                // SAFETY: as the caller guarantees.
                unsafe { self.atomic(inst, m)? };
                self.pc += 1;
            }
            Op::CopyAsync => {
                // SAFETY: as the caller guarantees.
                unsafe { self.copy_async(inst, m)? };
                self.pc += 1;
            }
            Op::LoadMatrix => {
                // SAFETY: as the caller guarantees.
                unsafe { self.load_matrix(inst, m)? };
                self.pc += 1;
            }
            Op::Mbarrier => {
                // SAFETY: as the caller guarantees.
                unsafe { self.mbarrier(inst, m)? };
                self.pc += 1;
            }
            Op::Alloca | Op::StackSave | Op::StackRestore => {
                // SAFETY: as the caller guarantees.
                unsafe { self.stack(inst, m)? };
                self.pc += 1;
            }
            Op::Fence => {
                std::sync::atomic::fence(std::sync::atomic::Ordering::SeqCst);
                self.spin();
                self.pc += 1;
            }
            Op::Pause => {
                self.spin();
                self.budget -= SPIN_COST;
                self.pc += 1;
            }
            _ => {
                // SAFETY: as the caller guarantees.
                unsafe { self.special(inst, m) };
                self.pc += 1;
            }
        }
        Ok(None)
    }

    /// Notes an operation that is typical of loops that wait for others.
    fn spin(&mut self) {
        self.spun = true;
        self.budget -= SPIN_COST;
    }

    fn current(&self) -> Split {
        Split {
            frame: self.frame,
            pc: self.pc,
            mask: self.mask,
            depth: self.depth,
            wait: Wait::Ready,
            resumed: None,
            forced: false,
        }
    }

    /// Puts the running split back among the others.
    fn park(&mut self, wait: Wait) {
        if self.mask != 0 {
            let split = Split {
                wait,
                resumed: self.resumed.take(),
                forced: self.forced,
                ..self.current()
            };
            self.warp.splits.push(split);
            self.mask = 0;
        }
        self.forced = false;
    }

    /// After a transfer of control: merges splits that have met, gives the turn to the one that comes first, and sees to
    /// it that everybody gets a turn. `Some` if the warp has to stop.
    #[inline(never)]
    fn reschedule(&mut self) -> Checked<Option<Exit>> {
        if self.budget < 0 {
            self.launch.charge(BUDGET as u64)?;
            self.budget = BUDGET;
            let spinning = std::mem::take(&mut self.spun);
            self.park(Wait::Ready);
            self.rotate();
            return Ok(Some(if self.warp.splits.is_empty() {
                Exit::Done
            } else {
                Exit::Yield { spinning }
            }));
        }
        if self.mask != 0 && self.warp.splits.is_empty() {
            return Ok(None);
        }
        let stay = self.fair && self.mask != 0;
        let (frame, pc) = (self.frame, self.pc);
        self.park(Wait::Ready);
        if stay {
            self.warp.merge();
            if let Some(n) = self
                .warp
                .splits
                .iter()
                .position(|s| s.frame == frame && s.pc == pc && s.wait == Wait::Ready)
            {
                self.take(n);
                return Ok(None);
            }
        }
        if self.pick() {
            Ok(None)
        } else {
            Ok(Some(self.idle()))
        }
    }

    /// When the running split has used up its share, the longest waiting one is next, for one turn.
    fn rotate(&mut self) {
        self.warp.merge();
        let ready = self
            .warp
            .splits
            .iter()
            .filter(|s| s.wait == Wait::Ready)
            .count();
        self.warp.fair_turn = ready > 1 && !self.fair;
    }

    /// Makes the split that comes first the running one: deepest in calls, then first in code. `false` if all wait.
    fn pick(&mut self) -> bool {
        self.warp.merge();
        self.fair = false;
        if std::mem::take(&mut self.warp.fair_turn)
            && let Some(n) = self.warp.splits.iter().position(|s| s.wait == Wait::Ready)
        {
            self.take(n);
            self.fair = true;
            self.budget = BUDGET / 8;
            return true;
        }
        loop {
            let best = (self.warp.splits.iter().enumerate())
                .filter(|(_, s)| s.wait == Wait::Ready)
                .min_by_key(|(_, s)| (u32::MAX - s.depth, s.pc));
            if let Some((n, _)) = best {
                self.take(n);
                return true;
            }
            if !self.warp.release_collectives() {
                return false;
            }
        }
    }

    fn take(&mut self, n: usize) {
        // The order of the others is kept: it tells who has waited longest.
        let split = self.warp.splits.remove(n);
        (self.frame, self.pc, self.mask, self.depth) =
            (split.frame, split.pc, split.mask, split.depth);
        (self.resumed, self.forced) = (split.resumed, split.forced);
        self.load_frame();
    }

    fn load_frame(&mut self) {
        let frame = &mut self.warp.frames[self.frame as usize];
        let module: &super::program::Module = &self.launch.module;
        self.regs = frame.regs.as_mut_ptr().cast();
        self.function = &self.launch.module.program.functions[frame.function as usize];
        self.consts = module.constants[frame.function as usize].as_ptr();
    }

    /// Ends lanes of the running split.
    fn end_lanes(&mut self, m: u32) {
        self.mask &= !m;
        self.warp.live &= !m;
        let mut frame = self.frame;
        while frame != NO_FRAME {
            let f = &mut self.warp.frames[frame as usize];
            f.lanes &= !m;
            let parent = f.parent;
            if f.lanes == 0 {
                self.warp.free.push(frame);
            }
            frame = parent;
        }
        self.sync.lanes_ended(self.warp.index, m, self.warp.live);
    }

    /// Lets lanes return to their caller, with the results.
    fn return_lanes(&mut self, m: u32) {
        let frame = &mut self.warp.frames[self.frame as usize];
        let (parent, return_pc, base) = (frame.parent, frame.return_pc, frame.local_base);
        frame.lanes &= !m;
        let empty = frame.lanes == 0;
        if parent == NO_FRAME {
            // A kernel's frame has no caller; `Ret` is not compiled there.
            self.end_lanes(m);
            return;
        }
        let caller = &self.warp.frames[parent as usize];
        let caller_function = &self.launch.module.program.functions[caller.function as usize];
        let site = match caller_function.code[return_pc as usize - 1].op {
            Op::Call => Some(caller_function.code[return_pc as usize - 1].x as usize),
            _ => None,
        };
        let caller_base = caller.local_base;
        if let Some(site) = site {
            let results = &caller_function.calls[site].results;
            for (to, from) in results.iter().zip(&self.function.results) {
                self.copy_piece(
                    caller_base + to.offset,
                    base + from.offset,
                    to.size.min(from.size),
                    m,
                );
            }
        }
        let split = Split {
            frame: parent,
            pc: return_pc,
            mask: m,
            depth: self.depth - 1,
            wait: Wait::Ready,
            resumed: None,
            forced: false,
        };
        self.mask &= !m;
        if empty {
            self.warp.free.push(self.frame);
        }
        if self.mask != 0 {
            self.pc += 1;
        }
        self.warp.splits.push(split);
    }

    /// Calls a function for the lanes in `m`; lanes with other targets become splits that call next.
    ///
    /// # Safety
    /// As for [`Cpu::execute`].
    unsafe fn call(&mut self, inst: &Inst, m: u32) -> Checked<()> {
        let function = self.function;
        let site = &function.calls[inst.x as usize];
        let mut lanes = m;
        let callee = match site.target {
            Target::Function(f) => f,
            Target::Builtin(builtin) => {
                // SAFETY: as the caller guarantees.
                unsafe { self.builtin(builtin, site, m)? };
                self.pc += 1;
                return Ok(());
            }
            Target::Indirect => {
                // SAFETY: the operand is a 64-bit register of the frame.
                let addresses = unsafe { *self.src::<u64>(inst.a) };
                let first = addresses[m.trailing_zeros() as usize];
                for l in 0..32 {
                    if m >> l & 1 != 0 && addresses[l as usize] != first {
                        lanes &= !(1 << l);
                    }
                }
                let functions = &self.launch.module.program.functions;
                let callee = function_index(first).filter(|&f| {
                    // A kernel cannot be called from device code.
                    functions.get(f as usize).is_some_and(|f| f.callable)
                });
                match callee {
                    Some(f) => f,
                    None => {
                        return Err(Box::new(Fault::InvalidPc {
                            address: first,
                            site: self.site(lanes),
                        }));
                    }
                }
            }
        };
        // Lanes whose guard is false go on behind the call; those with other targets come back to it.
        let beyond = self.mask & !m;
        if beyond != 0 {
            let split = Split {
                pc: self.pc + 1,
                mask: beyond,
                ..self.current()
            };
            self.warp.splits.push(split);
        }
        let others = m & !lanes;
        if others != 0 {
            let split = Split {
                mask: others,
                ..self.current()
            };
            self.warp.splits.push(split);
        }
        let called = &self.launch.module.program.functions[callee as usize];
        let caller = &self.warp.frames[self.frame as usize];
        let caller_base = caller.local_base;
        let local_base = caller.local_top;
        let top = u64::from(local_base) + u64::from(called.local_bytes);
        if top > self.launch.stack_bytes {
            return Err(Box::new(Fault::StackOverflow {
                limit: self.launch.stack_bytes,
                site: self.site(lanes),
            }));
        }
        if self.depth >= 1 << 20 {
            return Err(Box::new(Fault::StackOverflow {
                limit: self.launch.stack_bytes,
                site: self.site(lanes),
            }));
        }
        self.warp.grow_local(top as u32);
        for (from, to) in site.args.iter().zip(&called.params) {
            self.copy_piece(
                local_base + to.offset,
                caller_base + from.offset,
                to.size.min(from.size),
                lanes,
            );
        }
        let frame = self.warp.new_frame(
            Frame {
                regs: Vec::new(),
                function: callee,
                parent: self.frame,
                return_pc: self.pc + 1,
                local_base,
                local_top: top as u32,
                lanes,
            },
            called.frame_bytes,
        );
        self.frame = frame;
        self.depth += 1;
        self.pc = 0;
        self.mask = lanes;
        self.load_frame();
        Ok(())
    }

    /// Copies bytes between places of the lanes' local memory.
    fn copy_piece(&mut self, to: u32, from: u32, size: u32, m: u32) {
        for word in 0..size.div_ceil(4) {
            let row = self.warp.local[(from / 4 + word) as usize];
            let target = &mut self.warp.local[(to / 4 + word) as usize];
            for l in 0..32 {
                if m >> l & 1 != 0 {
                    target[l] = row[l];
                }
            }
        }
    }

    /// # Safety
    /// As for [`Cpu::execute`].
    unsafe fn branch_index(&mut self, inst: &Inst, m: u32) -> Checked<()> {
        // SAFETY: the operand is a 32-bit register of the frame.
        let index = unsafe { *self.src::<u32>(inst.a) };
        let table = &self.function.tables[inst.x as usize];
        let mut left = m;
        let beyond = self.mask & !m;
        if beyond != 0 {
            let split = Split {
                pc: self.pc + 1,
                mask: beyond,
                ..self.current()
            };
            self.warp.splits.push(split);
        }
        while left != 0 {
            let value = index[left.trailing_zeros() as usize];
            let mut lanes = 0;
            for l in 0..32 {
                if left >> l & 1 != 0 && index[l as usize] == value {
                    lanes |= 1 << l;
                }
            }
            let Some(&pc) = table.get(value as usize) else {
                return Err(self.illegal("brx.idx index out of range", lanes));
            };
            self.budget -= i32::from(pc <= self.pc);
            let split = Split {
                pc,
                mask: lanes,
                ..self.current()
            };
            self.warp.splits.push(split);
            left &= !lanes;
        }
        self.mask = 0;
        Ok(())
    }

    #[cold]
    fn illegal(&self, what: &'static str, m: u32) -> Box<Fault> {
        Box::new(Fault::IllegalInstruction {
            what,
            site: self.site(m),
        })
    }

    /// The first of the lanes `m`, for a fault.
    #[cold]
    fn site(&self, m: u32) -> Box<Site> {
        let lane = (m.trailing_zeros() % 32) as usize;
        Box::new(Site {
            kernel: self.launch.kernel_name().to_owned(),
            block: self.ctaid,
            thread: [
                self.warp.tid[0][lane],
                self.warp.tid[1][lane],
                self.warp.tid[2][lane],
            ],
            line: self
                .function
                .lines
                .get(self.pc as usize)
                .copied()
                .unwrap_or(0),
        })
    }
}
