//! The PTX engine: compiles PTX text and runs its kernels on the host's cores.
//!
//! ```text
//!  text --lexer, parser--> ast --link, lower--> ir (per function: warp instructions, register slots, constants)
//!       Program::compile                                      |
//!                                   Module::instantiate (addresses of variables)
//!                                                             |
//!                         launch --> pool (blocks on threads) --> exec (a warp at a time, 32 lanes an instruction)
//! ```
//!
//! * A **warp** is the unit of execution: one decoded instruction works on 32 lanes under an active mask. Registers are
//!   structures of arrays, so the loops over lanes are vector code.
//! * Lanes that take different ways become *splits* of the warp, each with its own program counter. The split that is
//!   deepest in calls, and of those the one that is first in the code's order, runs; splits that meet merge again. As the
//!   code is laid out so that a region's join comes after it, this reconverges at immediate post-dominators or earlier. A
//!   split that keeps looping while others wait gives way to them, so spin locks between lanes make progress.
//! * A **block** is a resumable state. Its warps are switched at barriers and in spin loops, and a pool thread switches
//!   between blocks when one spins, so grid-wide barriers and flags between blocks make progress too.
//! * An engine may have a **share** of its device: fewer threads, which rest between turns of warps where even so they would use more
//!   than that share of the processors.
//! * Every address is checked against the [`AddressSpace`] before it is touched.

mod ast;
mod cfg;
mod exec;
mod fault;
mod ir;
mod lexer;
mod link;
mod lower;
mod memory;
mod parser;
mod pool;
mod program;
mod rare;
mod share;
mod types;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub use fault::{Fault, Site};
pub use memory::{
    AddressSpace, CODE_WINDOW, DeviceHeap, LOCAL_WINDOW, Owner, PARAM_WINDOW, Range, RangeError,
    SHARED_WINDOW, Snapshot,
};
pub use pool::Engine;
pub(crate) use pool::host_threads;
pub use program::{
    CompileError, CompileErrorKind, CompileOptions, Global, InstantiateError, Kernel, Module,
    Param, Program, Relocation, RelocationTarget, Space,
};

/// Lanes of a warp.
pub const WARP_SIZE: u32 = 32;
/// The most threads a block may have.
pub const MAX_THREADS_PER_BLOCK: u32 = 1024;
/// The most shared memory a block may have, static and dynamic together, in bytes (opt-in maximum of compute capability 9.0).
pub const MAX_SHARED_BYTES: u32 = 227 * 1024;
/// The largest parameter buffer of a kernel, in bytes.
pub const MAX_PARAM_BYTES: u32 = 32764;

/// What to run, and in what shape. Borrowed: a launch blocks until it has ended.
#[derive(Clone, Copy, Debug)]
pub struct LaunchConfig<'a> {
    /// The module.
    pub module: &'a Arc<Module>,
    /// Name of the kernel.
    pub kernel: &'a str,
    /// Blocks in x, y, z.
    pub grid: [u32; 3],
    /// Threads of a block in x, y, z.
    pub block: [u32; 3],
    /// Dynamic shared memory a block, in bytes.
    pub dynamic_shared: u32,
    /// All blocks have to make progress together (`cuLaunchCooperativeKernel`).
    pub cooperative: bool,
    /// The parameter buffer: at least [`Kernel::param_bytes`] bytes, each parameter at its offset.
    pub params: &'a [u8],
}

/// Where device `printf` and failed assertions write: called with whole lines' worth of bytes, from pool threads.
pub type OutputSink = Arc<dyn Fn(&[u8]) + Send + Sync>;

/// Receives the handle and the value of `cudaGraphSetConditional`.
pub type ConditionSink = Arc<dyn Fn(u64, u32) + Send + Sync>;

/// What a launch can reach besides its code.
#[derive(Clone)]
pub struct LaunchEnv {
    /// The memory that kernels may touch.
    pub space: Arc<AddressSpace>,
    /// Receives the output of `printf` and of failed assertions; without one it is dropped.
    pub output: Option<OutputSink>,
    /// Memory of device-side `malloc`; without one, `malloc` returns null.
    pub heap: Option<Arc<DeviceHeap>>,
    /// Sets the values that the conditional nodes of graphs test; without one, nothing does.
    pub set_condition: Option<ConditionSink>,
    /// Stops the launch soon after it becomes true, also out of endless loops.
    pub cancel: Option<Arc<AtomicBool>>,
    /// Bytes of stack a thread may use for calls beyond what the kernel itself declares (`CU_LIMIT_STACK_SIZE`).
    pub stack_limit: u32,
    /// Branches, calls and barrier waits that all warps together may execute before the launch is cancelled; for fuzzing.
    pub step_limit: Option<u64>,
}

impl LaunchEnv {
    /// An environment with that memory, 64 KiB of stack, and nothing else.
    pub fn new(space: Arc<AddressSpace>) -> LaunchEnv {
        LaunchEnv {
            space,
            output: None,
            heap: None,
            set_condition: None,
            cancel: None,
            stack_limit: 64 << 10,
            step_limit: None,
        }
    }
}

impl fmt::Debug for LaunchEnv {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LaunchEnv")
            .field("space", &self.space)
            .field("output", &self.output.is_some())
            .field("heap", &self.heap)
            .field("set_condition", &self.set_condition.is_some())
            .field("cancel", &self.cancel)
            .field("stack_limit", &self.stack_limit)
            .field("step_limit", &self.step_limit)
            .finish()
    }
}

/// Runs a kernel and returns when all its blocks have ended or one has faulted. May be called from many threads at once;
/// concurrent launches share the engine's threads.
///
/// # Errors
/// See [`Fault`]. [`Fault::InvalidLaunch`] means that nothing ran.
pub fn launch(engine: &Engine, config: &LaunchConfig<'_>, env: &LaunchEnv) -> Result<(), Fault> {
    engine.launch(config, env)
}
