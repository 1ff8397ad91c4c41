//! `libcuda.so.1`: the drop-in driver library that carries a program's CUDA calls to a Pillion server.
//!
//! Data flows one way. The exported C functions ([`generated::exports`], made from the function table) turn arguments into
//! types once and enter [`api`], which answers from the client's own state or builds a command; [`forward`] encodes the
//! commands that need no code of their own. [`link`] puts commands of all threads into one ordered stream, and lets whoever
//! waits read what the server sends. [`session`] is what the process knows of its server.
//!
//! The library starts one thread, installs no signal handler, never unwinds into C, and writes nothing to the program's
//! standard output but what the device printed.

pub mod api;
pub mod copier;
pub mod entry;
pub mod export_tables;
pub mod forward;
pub mod hostile;
pub mod link;
pub mod log;
pub mod names;
pub mod parts;
pub mod reserve;
pub mod session;
pub mod thread;

/// What `cargo xtask gen` makes from CUDA's headers and `functions.def`.
pub mod generated {
    /// The exported C functions.
    #[allow(non_snake_case, clippy::too_many_arguments)]
    pub mod exports;
    /// The forwarders.
    #[allow(
        non_snake_case,
        clippy::too_many_arguments,
        clippy::unnecessary_cast,
        clippy::useless_conversion
    )]
    #[allow(unused_unsafe)]
    pub mod remote;

    /// The address of an exported function.
    pub struct Pointer(pub *const core::ffi::c_void);

    // SAFETY: the address of code; nothing is read or written through it here.
    unsafe impl Sync for Pointer {}

    pub use exports::POINTERS;
}

pub use generated::remote;

/// Tells a Pillion server that looks for NVIDIA's driver that this library is not it.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
pub static pillion_client_marker: u32 = 1;
