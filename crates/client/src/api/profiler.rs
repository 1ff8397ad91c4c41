//! Profiling (`cudaProfiler.h`): there is no profiler to be started or stopped on this side, and programs that say where they want
//! one go on as they do natively without one.

use core::ffi::{c_char, c_void};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::CUresult as Status;

use super::context;
use crate::entry::{Result, entry};
use crate::session::Session;

/// Functions of the driver whose header is not `cuda.h`: name, the CUDA version that introduced it, address.
pub static OTHERS: [(&str, u32, crate::generated::Pointer); 3] = [
    (
        "cuProfilerInitialize",
        4000,
        crate::generated::Pointer(cuProfilerInitialize as *const c_void),
    ),
    (
        "cuProfilerStart",
        4000,
        crate::generated::Pointer(cuProfilerStart as *const c_void),
    ),
    (
        "cuProfilerStop",
        4000,
        crate::generated::Pointer(cuProfilerStop as *const c_void),
    ),
];

fn in_a_context() -> Result<()> {
    Session::current()?;
    context::current().map(|_| ())
}

/// CUDA's `cuProfilerInitialize`, which no driver since CUDA 11 supports.
///
/// # Safety
///
/// As CUDA documents for its arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuProfilerInitialize(
    _: *const c_char,
    _: *const c_char,
    _: u32,
) -> Status {
    entry("cuProfilerInitialize", || {
        Err(CUresult::CUDA_ERROR_NOT_SUPPORTED)
    })
}

/// CUDA's `cuProfilerStart`.
///
/// # Safety
///
/// None of it: there are no arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuProfilerStart() -> Status {
    entry("cuProfilerStart", in_a_context)
}

/// CUDA's `cuProfilerStop`.
///
/// # Safety
///
/// None of it: there are no arguments.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn cuProfilerStop() -> Status {
    entry("cuProfilerStop", in_a_context)
}
