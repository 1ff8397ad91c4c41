//! State of launches, blocks and warps.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::super::LaunchEnv;
use super::super::fault::{Fault, Site};
use super::super::ir::{Line, lines};
use super::super::memory::Snapshot;
use super::super::program::Module;
use super::super::share::Pace;
use super::{Checked, Cpu, Exit};

/// A running launch, shared by the threads that work on it.
pub(crate) struct Launch {
    pub id: u64,
    pub module: Arc<Module>,
    pub kernel: usize,
    pub grid: [u32; 3],
    pub block: [u32; 3],
    pub dynamic_shared: u32,
    pub shared_bytes: u32,
    /// Parameters, padded with zeros.
    pub params: Vec<u8>,
    pub env: LaunchEnv,
    pub cooperative: bool,
    /// Address of the grid workspace of a cooperative launch.
    pub workspace: u64,
    /// Most bytes of local memory a thread may use.
    pub stack_bytes: u64,
    pub total: u64,
    pub next: AtomicU64,
    pub finished: AtomicU64,
    pub stop: AtomicBool,
    pub fault: Mutex<Option<Fault>>,
    pub steps: AtomicU64,
}

impl Launch {
    pub(crate) fn kernel_name(&self) -> &str {
        &self.module.program.kernels[self.kernel].name
    }

    /// Ends the launch with that fault, unless it has one already.
    pub(crate) fn fail(&self, fault: Fault) {
        self.fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get_or_insert(fault);
        self.stop.store(true, Ordering::Release);
    }

    /// Whether it has failed, or was cancelled.
    pub(crate) fn has_to_end(&self) -> bool {
        let cancel = self.env.cancel.as_ref();
        cancel.is_some_and(|c| c.load(Ordering::Relaxed)) || self.stop.load(Ordering::Relaxed)
    }

    /// Accounts for `steps` and asks whether the launch has to end.
    pub(super) fn charge(&self, steps: u64) -> Checked<()> {
        let over = match self.env.step_limit {
            Some(limit) => self.steps.fetch_add(steps, Ordering::Relaxed) + steps > limit,
            None => false,
        };
        if over || self.has_to_end() {
            Err(Box::new(Fault::Cancelled))
        } else {
            Ok(())
        }
    }
}

/// What a pool thread keeps while it works on a launch.
pub(crate) struct Worker {
    pub number: u32,
    /// How many the engine has.
    pub threads: u32,
    /// The processor has the features of the fast interpreter loop.
    #[cfg(target_arch = "x86_64")]
    pub fast: bool,
    launch: u64,
    pub(super) snapshot: Arc<Snapshot>,
    /// The range that each access site used last: first address and end.
    pub(super) sites: Vec<(u64, u64)>,
}

impl Worker {
    pub(crate) fn new(number: u32, threads: u32) -> Worker {
        Worker {
            number,
            threads,
            #[cfg(target_arch = "x86_64")]
            fast: ["avx2", "fma", "bmi1", "bmi2", "lzcnt", "popcnt"]
                .iter()
                .all(|f| has_feature(f)),
            launch: 0,
            snapshot: Arc::default(),
            sites: Vec::new(),
        }
    }

    /// Prepares for a block of `launch`.
    fn enter(&mut self, launch: &Launch) {
        if self.launch != launch.id || self.snapshot.version != launch.env.space.version() {
            self.launch = launch.id;
            self.snapshot = launch.env.space.snapshot();
            self.sites.clear();
            self.sites
                .resize(launch.module.program.sites as usize, (u64::MAX, 0));
        }
    }

    /// Forgets what belongs to a launch, so that memory it could reach can go.
    pub(crate) fn leave(&mut self) {
        self.launch = 0;
        self.snapshot = Arc::default();
        self.sites = Vec::new();
    }
}

#[cfg(target_arch = "x86_64")]
fn has_feature(name: &str) -> bool {
    match name {
        "avx2" => is_x86_feature_detected!("avx2"),
        "fma" => is_x86_feature_detected!("fma"),
        "bmi1" => is_x86_feature_detected!("bmi1"),
        "bmi2" => is_x86_feature_detected!("bmi2"),
        "lzcnt" => is_x86_feature_detected!("lzcnt"),
        _ => is_x86_feature_detected!("popcnt"),
    }
}

pub(super) const NO_FRAME: u32 = u32::MAX;

/// What a split waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    Ready,
    /// Completion of this block barrier.
    Barrier(u8),
    /// Arrival of these lanes at the warp-level operation where the split stands.
    Lanes {
        need: u32,
        barrier: bool,
    },
}

/// Lanes of a warp that are at the same place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Split {
    pub frame: u32,
    pub pc: u32,
    pub mask: u32,
    /// Depth of calls.
    pub depth: u32,
    pub wait: Wait,
    pub resumed: Option<u32>,
    pub forced: bool,
}

/// A function's registers for the lanes that called it together.
pub(super) struct Frame {
    pub regs: Vec<Line>,
    pub function: u32,
    pub parent: u32,
    pub return_pc: u32,
    /// First byte of the frame in the lanes' local memory, and one past its last.
    pub local_base: u32,
    pub local_top: u32,
    /// Lanes that are in it or in functions called from it.
    pub lanes: u32,
}

pub(super) struct Warp {
    pub index: u32,
    pub live: u32,
    pub splits: Vec<Split>,
    pub frames: Vec<Frame>,
    pub free: Vec<u32>,
    /// Local memory, a row for each word: word `w` of lane `l` is `local[w][l]`.
    pub local: Vec<[u32; 32]>,
    pub tid: [[u32; 32]; 3],
    pub fair_turn: bool,
    /// What is left of its share; kept while it waits, so that loops with barriers in them are accounted too.
    pub budget: i32,
    done: bool,
    runnable: bool,
}

impl Warp {
    fn new(index: u32, threads: u32, block: [u32; 3], launch: &Launch) -> Warp {
        let mut tid = [[0; 32]; 3];
        let mut live = 0u32;
        for l in 0..32u32 {
            let t = index * 32 + l;
            if t < threads {
                live |= 1 << l;
                tid[0][l as usize] = t % block[0];
                tid[1][l as usize] = t / block[0] % block[1];
                tid[2][l as usize] = t / (block[0] * block[1]);
            }
        }
        let kernel = &launch.module.program.kernels[launch.kernel];
        let function = &launch.module.program.functions[kernel.function as usize];
        let mut warp = Warp {
            index,
            live,
            splits: Vec::with_capacity(4),
            frames: Vec::new(),
            free: Vec::new(),
            local: Vec::new(),
            tid,
            fair_turn: false,
            budget: super::BUDGET,
            done: false,
            runnable: true,
        };
        warp.grow_local(function.local_bytes);
        let frame = Frame {
            regs: Vec::new(),
            function: kernel.function,
            parent: NO_FRAME,
            return_pc: 0,
            local_base: 0,
            local_top: function.local_bytes,
            lanes: live,
        };
        let frame = warp.new_frame(frame, function.frame_bytes);
        warp.splits.push(Split {
            frame,
            pc: 0,
            mask: live,
            depth: 0,
            wait: Wait::Ready,
            resumed: None,
            forced: false,
        });
        warp
    }

    /// Starts over for another block of the same launch.
    fn reset(&mut self, threads: u32, launch: &Launch) {
        let full = threads - (self.index * 32).min(threads);
        self.live = if full >= 32 {
            u32::MAX
        } else {
            (1 << full) - 1
        };
        let kernel = &launch.module.program.kernels[launch.kernel];
        let function = &launch.module.program.functions[kernel.function as usize];
        self.free.clear();
        self.free.extend(1..self.frames.len() as u32);
        self.frames[0].function = kernel.function;
        self.frames[0].parent = NO_FRAME;
        self.frames[0].local_base = 0;
        self.frames[0].local_top = function.local_bytes;
        self.frames[0].lanes = self.live;
        let bytes = function.frame_bytes as usize;
        if self.frames[0].regs.len() * 64 < bytes {
            self.frames[0].regs = lines(bytes);
        }
        self.splits.clear();
        let split = Split {
            frame: 0,
            pc: 0,
            mask: self.live,
            depth: 0,
            wait: Wait::Ready,
            resumed: None,
            forced: false,
        };
        self.splits.push(split);
        self.fair_turn = false;
        self.budget = super::BUDGET;
        self.done = false;
        self.runnable = true;
    }

    /// Local memory up to that many bytes a lane.
    pub(super) fn grow_local(&mut self, bytes: u32) {
        let rows = bytes.div_ceil(4) as usize;
        if self.local.len() < rows {
            self.local.resize(rows, [0; 32]);
        }
    }

    /// Adds a frame, in the memory of a free one if possible.
    pub(super) fn new_frame(&mut self, mut frame: Frame, bytes: u32) -> u32 {
        let number = self.free.pop();
        if let Some(n) = number {
            frame.regs = std::mem::take(&mut self.frames[n as usize].regs);
        }
        if frame.regs.len() * 64 < bytes as usize {
            frame.regs = lines(bytes as usize);
        }
        match number {
            Some(n) => {
                self.frames[n as usize] = frame;
                n
            }
            None => {
                self.frames.push(frame);
                self.frames.len() as u32 - 1
            }
        }
    }

    /// Merges splits that are at the same place.
    pub(super) fn merge(&mut self) {
        let mut i = 0;
        while i < self.splits.len() {
            let s = self.splits[i];
            if s.wait == Wait::Ready && s.resumed.is_none() && !s.forced {
                let mut j = i + 1;
                while j < self.splits.len() {
                    let t = self.splits[j];
                    if t.frame == s.frame
                        && t.pc == s.pc
                        && t.wait == Wait::Ready
                        && t.resumed.is_none()
                        && !t.forced
                    {
                        self.splits[i].mask |= t.mask;
                        self.splits.remove(j);
                    } else {
                        j += 1;
                    }
                }
            }
            i += 1;
        }
    }

    /// Lets splits go on that wait for lanes all of which are there by now, though at other instructions, or have ended.
    pub(super) fn release_collectives(&mut self) -> bool {
        let mut at_barrier = 0;
        for s in &self.splits {
            if let Wait::Lanes { barrier: true, .. } = s.wait {
                at_barrier |= s.mask;
            }
        }
        let mut released = false;
        let live = self.live;
        for i in 0..self.splits.len() {
            let Wait::Lanes { need, barrier } = self.splits[i].wait else {
                continue;
            };
            let here = self.splits[i];
            let mut present = here.mask;
            if barrier {
                present |= at_barrier;
            } else {
                for s in &self.splits {
                    if s.frame == here.frame && s.pc == here.pc {
                        present |= s.mask;
                    }
                }
            }
            if need & live & !present == 0 {
                self.splits[i].wait = Wait::Ready;
                self.splits[i].forced = barrier;
                released = true;
            }
        }
        released
    }

    /// Lets all splits go on that wait for lanes: they will not come.
    fn force_collectives(&mut self) -> bool {
        let mut released = false;
        for s in &mut self.splits {
            if let Wait::Lanes { .. } = s.wait {
                s.wait = Wait::Ready;
                s.forced = true;
                released = true;
            }
        }
        released
    }
}

/// Number of block barriers: 16 of the program's and one for cluster barriers.
pub(super) const BARRIERS: usize = 17;

#[derive(Clone, Copy)]
pub(super) struct BarrierState {
    /// Lanes of each warp that have arrived.
    lanes: [u32; 32],
    /// Warps of which all lanes have arrived.
    warps: u32,
    /// Threads that complete it; 0 for all of the block.
    threads: u32,
    /// Accumulated count of true predicates, and whether all were true.
    count: u32,
    all: bool,
    used: bool,
}

const NEW_BARRIER: BarrierState = BarrierState {
    lanes: [0; 32],
    warps: 0,
    threads: 0,
    count: 0,
    all: true,
    used: false,
};

/// Barriers of a block.
pub(super) struct Sync {
    barriers: [BarrierState; BARRIERS],
    /// Live lanes of each warp, and the number of warps.
    live: [u32; 32],
    warps: usize,
    /// Barriers that are complete, with their reductions: count and conjunction.
    completed: Vec<(u8, u32, bool)>,
}

impl Sync {
    /// Arrival of lanes of a warp. `true` when that completes the barrier.
    pub(super) fn arrive(
        &mut self,
        id: u8,
        warp: u32,
        lanes: u32,
        threads: u32,
        votes: u32,
    ) -> bool {
        let b = &mut self.barriers[usize::from(id)];
        b.used = true;
        b.threads = threads;
        b.count += (votes & lanes).count_ones();
        b.all &= lanes & !votes == 0;
        b.lanes[warp as usize] |= lanes;
        self.check(id)
    }

    fn check(&mut self, id: u8) -> bool {
        let b = &mut self.barriers[usize::from(id)];
        if !b.used {
            return false;
        }
        b.warps = 0;
        let mut expected = 0;
        let warps = self.warps;
        for (&arrived, &live) in b.lanes[..warps].iter().zip(&self.live[..warps]) {
            expected += u32::from(live != 0);
            // A warp counts when all of its lanes that still live have come.
            b.warps += u32::from(arrived != 0 && live & !arrived == 0);
        }
        let complete = if b.threads == 0 {
            b.warps >= expected
        } else {
            b.warps * 32 >= b.threads
        };
        if complete {
            self.completed.push((id, b.count, b.all));
            *b = NEW_BARRIER;
        }
        complete
    }

    pub(super) fn lanes_ended(&mut self, warp: u32, _lanes: u32, live: u32) {
        self.live[warp as usize] = live;
        for id in 0..BARRIERS as u8 {
            self.check(id);
        }
    }
}

/// How a block's turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Finished,
    /// Its warps may wait for other blocks.
    Spinning,
    /// It has had its share of time.
    Preempted,
}

/// A block: resumable between turns.
pub(crate) struct Block {
    pub launch: Arc<Launch>,
    ctaid: [u32; 3],
    warps: Vec<Warp>,
    shared: Vec<Line>,
    sync: Sync,
}

impl Block {
    /// Block number `number` of a launch, in the memory of a finished one of the same launch if there is one.
    pub(crate) fn new(launch: &Arc<Launch>, number: u64, old: Option<Block>) -> Block {
        let [gx, gy, _] = launch.grid.map(u64::from);
        let ctaid = [
            (number % gx) as u32,
            (number / gx % gy) as u32,
            (number / (gx * gy)) as u32,
        ];
        let threads = launch.block.iter().product::<u32>();
        let mut block = match old.filter(|b| Arc::ptr_eq(&b.launch, launch)) {
            Some(mut block) => {
                for warp in &mut block.warps {
                    warp.reset(threads, launch);
                }
                block
            }
            None => Block {
                launch: launch.clone(),
                ctaid,
                warps: (0..threads.div_ceil(32))
                    .map(|w| Warp::new(w, threads, launch.block, launch))
                    .collect(),
                shared: lines(launch.shared_bytes as usize),
                sync: Sync {
                    barriers: [NEW_BARRIER; BARRIERS],
                    live: [0; 32],
                    warps: 0,
                    completed: Vec::new(),
                },
            },
        };
        block.ctaid = ctaid;
        if launch.module.program.reserved_shared {
            let used = (launch.shared_bytes - super::super::pool::RESERVED_SHARED) as usize / 64;
            block.shared[used..].fill(Line([0; 16]));
        }
        block.sync = Sync {
            barriers: [NEW_BARRIER; BARRIERS],
            live: [0; 32],
            warps: block.warps.len(),
            completed: Vec::new(),
        };
        for warp in &block.warps {
            block.sync.live[warp.index as usize] = warp.live;
        }
        block
    }

    /// Runs the block until it has ended, waits for others, or has had its share.
    pub(crate) fn run(&mut self, worker: &mut Worker, pace: &mut impl Pace) -> Checked<Outcome> {
        let launch = self.launch.clone();
        worker.enter(&launch);
        let mut rounds = 0u32;
        loop {
            let mut alive = false;
            let mut ran = false;
            let mut progress = false;
            for w in 0..self.warps.len() {
                if self.warps[w].done {
                    continue;
                }
                alive = true;
                if !self.warps[w].runnable {
                    continue;
                }
                ran = true;
                pace.before_turn(&launch);
                let exit = self.run_warp(w, &launch, worker)?;
                match exit {
                    Exit::Done => {
                        self.warps[w].done = true;
                        progress = true;
                    }
                    Exit::Blocked => {
                        self.warps[w].runnable = false;
                        progress = true;
                    }
                    Exit::Yield { spinning } => progress |= !spinning,
                }
                self.complete_barriers();
            }
            if !alive {
                return Ok(Outcome::Finished);
            }
            if launch.stop.load(Ordering::Relaxed) {
                return Err(Box::new(Fault::Cancelled));
            }
            if !ran {
                // Every warp waits. Lanes that a warp-level operation waits for will not come: let those go on without.
                let mut freed = false;
                for warp in &mut self.warps {
                    if !warp.done && warp.force_collectives() {
                        warp.runnable = true;
                        freed = true;
                    }
                }
                if !freed {
                    return Err(Box::new(Fault::Deadlock {
                        site: self.first_site(&launch),
                    }));
                }
                continue;
            }
            rounds += 1;
            if !progress {
                return Ok(Outcome::Spinning);
            }
            if rounds >= 256 {
                return Ok(Outcome::Preempted);
            }
        }
    }

    fn first_site(&self, launch: &Launch) -> Box<Site> {
        let warp = self.warps.iter().find(|w| !w.done);
        let thread = warp.map_or([0; 3], |w| {
            let lane = (w.live.trailing_zeros() % 32) as usize;
            [w.tid[0][lane], w.tid[1][lane], w.tid[2][lane]]
        });
        let line = warp
            .and_then(|w| w.splits.first().map(|s| (w, s)))
            .map_or(0, |(w, s)| {
                let f =
                    &launch.module.program.functions[w.frames[s.frame as usize].function as usize];
                f.lines.get(s.pc as usize).copied().unwrap_or(0)
            });
        Box::new(Site {
            kernel: launch.kernel_name().to_owned(),
            block: self.ctaid,
            thread,
            line,
        })
    }

    // There is a `run` for each pace, and neither is to pay for the other.
    #[inline(always)]
    fn run_warp(&mut self, w: usize, launch: &Launch, worker: &mut Worker) -> Checked<Exit> {
        let function = &launch.module.program.functions
            [launch.module.program.kernels[launch.kernel].function as usize];
        let shared_bytes = launch.shared_bytes;
        let mut cpu = Cpu {
            regs: std::ptr::null_mut(),
            consts: std::ptr::null(),
            function,
            mask: 0,
            pc: 0,
            frame: 0,
            depth: 0,
            resumed: None,
            forced: false,
            fair: false,
            budget: self.warps[w].budget,
            spun: false,
            warp: &mut self.warps[w],
            shared: self.shared.as_mut_ptr().cast(),
            shared_bytes,
            ctaid: self.ctaid,
            sync: &mut self.sync,
            launch,
            worker,
        };
        let exit = cpu.run();
        let left = cpu.budget;
        self.warps[w].budget = left;
        exit
    }

    #[inline(always)]
    fn complete_barriers(&mut self) {
        while let Some((id, count, all)) = self.sync.completed.pop() {
            for warp in &mut self.warps {
                for split in &mut warp.splits {
                    if split.wait == Wait::Barrier(id) {
                        split.wait = Wait::Ready;
                        split.resumed = Some(count | u32::from(all) << 31);
                        warp.runnable = true;
                    }
                }
                // Lanes that came to the barrier at different times go on together.
                let mut i = 0;
                while i < warp.splits.len() {
                    let mut j = i + 1;
                    while j < warp.splits.len() {
                        let (s, t) = (warp.splits[i], warp.splits[j]);
                        if s.resumed.is_some()
                            && s.resumed == t.resumed
                            && s.frame == t.frame
                            && s.pc == t.pc
                        {
                            warp.splits[i].mask |= t.mask;
                            warp.splits.remove(j);
                        } else {
                            j += 1;
                        }
                    }
                    i += 1;
                }
            }
        }
    }
}
