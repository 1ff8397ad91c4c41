//! The threads that run blocks.

use std::collections::VecDeque;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;

use pillion_tenancy::Share;

use super::exec::{Block, Launch, Outcome, Worker};
use super::fault::Fault;
use super::share::{self, Free, Pace, Ration, Rationed};
use super::{LaunchConfig, LaunchEnv, MAX_SHARED_BYTES, MAX_THREADS_PER_BLOCK};

/// Most unfinished blocks of a launch that a thread keeps while they spin, unless the launch is cooperative.
const RESIDENT: usize = 64;

/// Bytes of shared memory that cooperative groups keep for themselves, in programs that use it; zero when a block begins.
pub(crate) const RESERVED_SHARED: u32 = 1024;

/// Number of threads an engine has by default: one for each processor.
pub(crate) fn host_threads() -> usize {
    static COUNT: OnceLock<usize> = OnceLock::new();
    *COUNT.get_or_init(|| std::thread::available_parallelism().map_or(1, usize::from))
}

/// Threads that execute launches: one for each processor, or a share of those. Launches share them block by block.
pub struct Engine {
    shared: Arc<Shared>,
    threads: Vec<JoinHandle<()>>,
}

impl fmt::Debug for Engine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Engine")
            .field("threads", &self.threads.len())
            .finish()
    }
}

impl Default for Engine {
    fn default() -> Engine {
        Engine::new()
    }
}

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    /// Work has come, or the engine ends.
    work: Condvar,
    /// A launch has ended.
    ended: Condvar,
}

#[derive(Default)]
struct Queue {
    /// Launches that have blocks to give out.
    launches: VecDeque<Arc<Launch>>,
    quit: bool,
}

impl Engine {
    /// An engine with a thread for each processor.
    pub fn new() -> Engine {
        Engine::with_threads(host_threads())
    }

    /// An engine with that many threads, at least one.
    pub fn with_threads(threads: usize) -> Engine {
        Engine::with_share(threads, Share::ALL)
    }

    /// An engine with a share of that many threads, at least one, which use no more than that share of the processors that all of
    /// them would have: over any stretch of time that share of it and of ten milliseconds more, and besides, for each thread, half a
    /// millisecond and a turn of a warp.
    pub fn with_share(threads: usize, share: Share) -> Engine {
        let ration = Ration::of(threads, share, host_threads()).map(Arc::new);
        let count = share::threads(threads, share);
        let shared = Arc::new(Shared::default());
        let threads = (0..count)
            .filter_map(|n| {
                let (shared, ration) = (shared.clone(), ration.clone());
                let worker = Worker::new(n as u32, count as u32);
                let name = format!("pillion-sm{n}");
                std::thread::Builder::new()
                    .name(name)
                    .spawn(move || match ration {
                        Some(ration) => work(&shared, worker, Rationed::new(ration)),
                        None => work(&shared, worker, Free),
                    })
                    .ok()
            })
            .collect();
        Engine { shared, threads }
    }

    /// Number of threads.
    pub fn threads(&self) -> usize {
        self.threads.len()
    }

    pub(super) fn launch(&self, config: &LaunchConfig<'_>, env: &LaunchEnv) -> Result<(), Fault> {
        let workspace = if config.cooperative {
            Some(Workspace::new(env)?)
        } else {
            None
        };
        let launch = Arc::new(prepare(
            config,
            env,
            workspace.as_ref().map_or(0, Workspace::address),
        )?);
        if self.threads.is_empty() {
            return Err(Fault::OutOfResources(
                "no thread could be started to run kernels".into(),
            ));
        }
        {
            let mut queue = self
                .shared
                .queue
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            queue.launches.push_back(launch.clone());
            if launch.total == 1 {
                self.shared.work.notify_one()
            } else {
                self.shared.work.notify_all()
            }
            while launch.finished.load(Ordering::Acquire) < launch.total {
                queue = self
                    .shared
                    .ended
                    .wait(queue)
                    .unwrap_or_else(PoisonError::into_inner);
            }
        }
        let fault = launch
            .fault
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match fault {
            Some(fault) => Err(fault),
            None => Ok(()),
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.shared
            .queue
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .quit = true;
        self.shared.work.notify_all();
        for thread in self.threads.drain(..) {
            // A thread that panicked has nothing left to clean up.
            let _ = thread.join();
        }
    }
}

/// The word that blocks of a cooperative launch meet at, as cooperative groups expect it: a size, then the barrier.
struct Workspace {
    memory: Arc<[AtomicU64; 16]>,
    env: LaunchEnv,
}

impl Workspace {
    fn new(env: &LaunchEnv) -> Result<Workspace, Fault> {
        let memory: Arc<[AtomicU64; 16]> = Arc::new(std::array::from_fn(|_| AtomicU64::new(0)));
        memory[0].store(128, Ordering::Relaxed);
        let workspace = Workspace {
            memory,
            env: env.clone(),
        };
        // SAFETY: the memory is alive, writable and, being atomics, never referenced as plain data; the space holds it by
        // its owner until no kernel can see it.
        let inserted = unsafe {
            env.space.insert(
                workspace.address(),
                128,
                true,
                Some(workspace.memory.clone()),
            )
        };
        inserted.map_err(|e| {
            Fault::OutOfResources(format!("no workspace for a cooperative launch: {e}"))
        })?;
        Ok(workspace)
    }

    fn address(&self) -> u64 {
        self.memory.as_ptr() as u64
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        self.env.space.remove(self.address());
    }
}

/// Checks a configuration and makes a launch of it.
fn prepare(config: &LaunchConfig<'_>, env: &LaunchEnv, workspace: u64) -> Result<Launch, Fault> {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let invalid = |message: String| Err(Fault::InvalidLaunch(message));
    let program = &config.module.program;
    let Some(&kernel) = program.kernel_names.get(config.kernel) else {
        return invalid(format!("the program has no kernel '{}'", config.kernel));
    };
    let kernel = kernel as usize;
    let k = &program.kernels[kernel];
    let [bx, by, bz] = config.block;
    let threads = [bx, by, bz]
        .iter()
        .try_fold(1u32, |a, &b| a.checked_mul(b))
        .unwrap_or(0);
    if threads == 0 || threads > k.max_threads.min(MAX_THREADS_PER_BLOCK) || bz > 64 {
        return invalid(format!(
            "a block of {bx}x{by}x{bz} threads; '{}' allows up to {}",
            k.name, k.max_threads
        ));
    }
    if k.required_block.is_some_and(|shape| shape != config.block) {
        return invalid(format!(
            "a block of {bx}x{by}x{bz} threads where '{}' requires another shape",
            k.name
        ));
    }
    let [gx, gy, gz] = config.grid;
    if gx == 0 || gy == 0 || gz == 0 || gx > i32::MAX as u32 || gy > 65535 || gz > 65535 {
        return invalid(format!("a grid of {gx}x{gy}x{gz} blocks"));
    }
    if config.params.len() < k.param_bytes as usize {
        let (have, want) = (config.params.len(), k.param_bytes);
        return invalid(format!(
            "{have} bytes of parameters where '{}' takes {want}",
            k.name
        ));
    }
    let function = &program.functions[k.function as usize];
    let shared = u64::from(function.dynamic_shared_base) + u64::from(config.dynamic_shared);
    let shared = if config.dynamic_shared == 0 {
        u64::from(k.static_shared_bytes)
    } else {
        shared
    };
    if shared > u64::from(MAX_SHARED_BYTES) + 1024 {
        return invalid(format!(
            "{shared} bytes of shared memory a block; the most is {MAX_SHARED_BYTES}"
        ));
    }
    let shared = if program.reserved_shared {
        shared.next_multiple_of(16) + u64::from(RESERVED_SHARED)
    } else {
        shared
    };
    let mut params = config.params[..k.param_bytes as usize].to_vec();
    params.resize((params.len() + 64).next_multiple_of(64), 0);
    Ok(Launch {
        id: NEXT.fetch_add(1, Ordering::Relaxed),
        module: config.module.clone(),
        kernel,
        grid: config.grid,
        block: config.block,
        dynamic_shared: config.dynamic_shared,
        shared_bytes: shared as u32,
        params,
        env: env.clone(),
        cooperative: config.cooperative,
        workspace,
        stack_bytes: u64::from(function.local_bytes) + u64::from(env.stack_limit),
        total: u64::from(gx) * u64::from(gy) * u64::from(gz),
        next: AtomicU64::new(0),
        finished: AtomicU64::new(0),
        stop: AtomicBool::new(false),
        fault: Mutex::new(None),
        steps: AtomicU64::new(0),
    })
}

/// What a pool thread does.
fn work(shared: &Shared, mut worker: Worker, mut pace: impl Pace) {
    // Blocks that have begun and given way to others.
    let mut resident: VecDeque<Block> = VecDeque::new();
    let mut spare: Option<Block> = None;
    let mut fresh = true;
    loop {
        let block = if fresh {
            next_block(shared, &mut spare)
        } else {
            None
        };
        let mut block = match block.or_else(|| resident.pop_front()) {
            Some(block) => block,
            None => {
                spare = None;
                worker.leave();
                let mut queue = shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
                while queue.launches.is_empty() && !queue.quit {
                    queue = shared
                        .work
                        .wait(queue)
                        .unwrap_or_else(PoisonError::into_inner);
                }
                if queue.launches.is_empty() && queue.quit {
                    return;
                }
                fresh = true;
                continue;
            }
        };
        let launch = block.launch.clone();
        match block.run(&mut worker, &mut pace) {
            Ok(Outcome::Finished) => {
                finish(shared, &launch, 1);
                spare = Some(block);
                fresh = resident.len() < RESIDENT || launch.cooperative;
            }
            Ok(outcome) => {
                let spinning = outcome == Outcome::Spinning;
                resident.push_back(block);
                // A spinning block may wait for one that has not begun. One that only works needs no company, except that
                // other launches have to get on too.
                let room = resident.len() < RESIDENT || launch.cooperative;
                fresh = room && (spinning || others_wait(shared, &launch));
                if spinning && !fresh && resident.len() == 1 {
                    std::thread::yield_now();
                }
                if spinning && resident.len() > 1 {
                    std::thread::yield_now();
                }
            }
            Err(fault) => {
                launch.fail(*fault);
                drop(block);
                // Blocks that have not begun never will.
                let left = launch.total
                    - launch
                        .next
                        .swap(launch.total, Ordering::AcqRel)
                        .min(launch.total);
                finish(shared, &launch, 1 + left);
                fresh = true;
            }
        }
    }
}

/// Whether launches other than this one have blocks to give out.
fn others_wait(shared: &Shared, launch: &Arc<Launch>) -> bool {
    let queue = shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
    queue.launches.iter().any(|l| !Arc::ptr_eq(l, launch))
}

/// The next block that has not begun, of the launches in turn.
fn next_block(shared: &Shared, spare: &mut Option<Block>) -> Option<Block> {
    let (launch, number) = {
        let mut queue = shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let launch = queue.launches.pop_front()?;
            let number = launch.next.fetch_add(1, Ordering::AcqRel);
            if number >= launch.total {
                continue;
            }
            if number + 1 < launch.total {
                queue.launches.push_back(launch.clone());
            }
            break (launch, number);
        }
    };
    Some(Block::new(&launch, number, spare.take()))
}

/// Notes that blocks of a launch have ended, and tells who waits for it.
fn finish(shared: &Shared, launch: &Launch, blocks: u64) {
    let done = launch.finished.fetch_add(blocks, Ordering::AcqRel) + blocks;
    if done >= launch.total {
        // Taking the lock orders this after the waiter's check.
        let _queue = shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        shared.ended.notify_all();
    }
}
