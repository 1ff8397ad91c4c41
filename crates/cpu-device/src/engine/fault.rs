//! How a launch can fail.

use std::fmt;

/// The thread that caused a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Name of the kernel.
    pub kernel: String,
    /// `blockIdx` of the thread.
    pub block: [u32; 3],
    /// `threadIdx` of the thread.
    pub thread: [u32; 3],
    /// Line of the instruction in its PTX text; 0 if unknown.
    pub line: u32,
}

impl fmt::Display for Site {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ([bx, by, bz], [tx, ty, tz]) = (self.block, self.thread);
        write!(
            f,
            "kernel '{}', block ({bx},{by},{bz}), thread ({tx},{ty},{tz}), PTX line {}",
            self.kernel, self.line
        )
    }
}

/// Why a launch did not run to its end. Every fault but [`Fault::InvalidLaunch`] and [`Fault::Cancelled`] is sticky in
/// CUDA: the context is lost. The `CUresult` to report is [`Fault::code`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A load, store or atomic outside every allocation: `CUDA_ERROR_ILLEGAL_ADDRESS` (700).
    #[error("illegal address {address:#x} ({size} bytes) in {site}")]
    IllegalAddress {
        /// The address.
        address: u64,
        /// Bytes accessed.
        size: u32,
        /// Who.
        site: Box<Site>,
    },
    /// An access not aligned to its size: `CUDA_ERROR_MISALIGNED_ADDRESS` (716).
    #[error("misaligned address {address:#x} ({size} bytes) in {site}")]
    MisalignedAddress {
        /// The address.
        address: u64,
        /// Bytes accessed.
        size: u32,
        /// Who.
        site: Box<Site>,
    },
    /// A generic address used where its state space is not allowed: `CUDA_ERROR_INVALID_ADDRESS_SPACE` (717).
    #[error("address {address:#x} is in a state space that {what} does not accept, in {site}")]
    InvalidAddressSpace {
        /// The address.
        address: u64,
        /// The operation.
        what: &'static str,
        /// Who.
        site: Box<Site>,
    },
    /// A device-side `assert` failed (its message has gone to the output): `CUDA_ERROR_ASSERT` (710).
    #[error("a device-side assertion failed in {site}")]
    Assert {
        /// Who.
        site: Box<Site>,
    },
    /// `trap`, or a pure virtual call: `CUDA_ERROR_LAUNCH_FAILED` (719).
    #[error("trap in {site}")]
    Trap {
        /// Who.
        site: Box<Site>,
    },
    /// An instruction with operands it does not allow: `CUDA_ERROR_ILLEGAL_INSTRUCTION` (715).
    #[error("illegal instruction: {what}, in {site}")]
    IllegalInstruction {
        /// What is not allowed.
        what: &'static str,
        /// Who.
        site: Box<Site>,
    },
    /// An indirect call to something that is no function: `CUDA_ERROR_INVALID_PC` (718).
    #[error("call of {address:#x}, which is no function, in {site}")]
    InvalidPc {
        /// What was called.
        address: u64,
        /// Who.
        site: Box<Site>,
    },
    /// Calls too deep or local arrays too large for the stack limit: `CUDA_ERROR_HARDWARE_STACK_ERROR` (714).
    #[error("stack of {limit} bytes exceeded in {site}")]
    StackOverflow {
        /// The limit in bytes a thread.
        limit: u64,
        /// Who.
        site: Box<Site>,
    },
    /// Every thread of a block waits for another one: `CUDA_ERROR_LAUNCH_TIMEOUT` (702), where a GPU would hang.
    #[error("deadlock: all threads of a block wait at barriers, in {site}")]
    Deadlock {
        /// One of them.
        site: Box<Site>,
    },
    /// The launch was cancelled, or ran into the step limit of its [`LaunchEnv`](super::LaunchEnv):
    /// `CUDA_ERROR_LAUNCH_TIMEOUT` (702).
    #[error("the launch was cancelled")]
    Cancelled,
    /// The configuration does not fit the kernel or the device: `CUDA_ERROR_INVALID_VALUE` (1); nothing ran.
    #[error("invalid launch: {0}")]
    InvalidLaunch(String),
    /// The host had no memory for the blocks' state: `CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES` (701); nothing ran.
    #[error("out of resources: {0}")]
    OutOfResources(String),
}

impl Fault {
    /// The numeric `CUresult` that stands for this fault.
    pub fn code(&self) -> u32 {
        match self {
            Fault::IllegalAddress { .. } => 700,
            Fault::MisalignedAddress { .. } => 716,
            Fault::InvalidAddressSpace { .. } => 717,
            Fault::Assert { .. } => 710,
            Fault::Trap { .. } => 719,
            Fault::IllegalInstruction { .. } => 715,
            Fault::InvalidPc { .. } => 718,
            Fault::StackOverflow { .. } => 714,
            Fault::Deadlock { .. } | Fault::Cancelled => 702,
            Fault::InvalidLaunch(_) => 1,
            Fault::OutOfResources(_) => 701,
        }
    }

    /// Whether the context is lost, so that every later call has to report this fault too.
    pub fn is_sticky(&self) -> bool {
        !matches!(self, Fault::InvalidLaunch(_) | Fault::OutOfResources(_))
    }
}
