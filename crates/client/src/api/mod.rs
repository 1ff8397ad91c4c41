//! What each function does: the room behind the exported C functions.
//!
//! Every function here has its exported name and C parameters, and answers a [`crate::entry::Result`]. They are `unsafe`
//! because the program's pointers are: each may be followed only as CUDA documents for it.

#![allow(non_snake_case, clippy::missing_safety_doc, clippy::too_many_arguments)]
// What is exported begins with `cu`; the helpers of the modules are named through their modules.
#![allow(ambiguous_glob_reexports)]

pub mod bounce;
pub mod callback;
pub mod capture;
pub mod context;
pub mod copy;
pub mod device;
pub mod error;
pub mod event;
pub mod fault;
pub mod grants;
pub mod graph;
pub mod green;
pub mod init;
pub mod ipc;
pub mod known_copy;
pub mod launch;
pub mod line;
pub mod linker;
pub mod memory;
pub mod module;
pub mod narrow;
pub mod notices;
pub mod occupancy;
pub mod old_launch;
pub mod packing;
pub mod pointer;
pub mod procaddr;
pub mod profiler;
pub mod shared;
pub mod stream;
pub mod upload;

pub use callback::*;
pub use capture::*;
pub use context::*;
pub use copy::*;
pub use device::*;
pub use error::*;
pub use event::*;
pub use graph::*;
pub use green::*;
pub use init::*;
pub use ipc::*;
pub use launch::*;
pub use linker::*;
pub use memory::*;
pub use module::*;
pub use narrow::*;
pub use notices::*;
pub use occupancy::*;
pub use old_launch::*;
pub use pointer::*;
pub use procaddr::*;
pub use stream::*;

pub use crate::export_tables::cuGetExportTable;

use pillion_cuda_abi::types::CUstream;

/// Which stream a function without a stream argument means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DefaultStream {
    /// The legacy default stream.
    Legacy,
    /// The calling thread's (`_ptds`, `_ptsz`).
    PerThread,
}

impl DefaultStream {
    /// The stream's handle.
    pub fn stream(self) -> CUstream {
        match self {
            DefaultStream::Legacy => pillion_protocol::handle::LEGACY_STREAM as CUstream,
            DefaultStream::PerThread => pillion_protocol::handle::PER_THREAD_STREAM as CUstream,
        }
    }
}
