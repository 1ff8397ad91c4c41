//! From C to Rust and back: what every exported function does besides its own work.

use std::sync::Mutex;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::CUstream;

use crate::log;

/// A result that carries CUDA's code.
pub type Result<T = ()> = core::result::Result<T, CUresult>;

/// Runs the body of an exported function and answers its code. A panic ends the process: it cannot be allowed to unwind
/// into C, and a client whose state is unknown must not go on (`extern "C"` sees to that).
#[inline(always)]
pub fn entry(name: &'static str, body: impl FnOnce() -> Result<()>) -> CUresult {
    let status = match body() {
        Ok(()) => CUresult::CUDA_SUCCESS,
        Err(status) => status,
    };
    if log::traces() {
        log::write(log::Level::Trace, format_args!("{name} -> {}", status.0));
    }
    status
}

/// What a function answers that Pillion does not have. Says so once per function.
#[cold]
pub fn unsupported(name: &'static str) -> CUresult {
    static SAID: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    let mut said = SAID.lock().unwrap_or_else(|e| e.into_inner());
    if !said.contains(&name) {
        said.push(name);
        log::write(
            log::Level::Warn,
            format_args!("{name} is not supported by this version of Pillion"),
        );
    }
    CUresult::CUDA_ERROR_NOT_SUPPORTED
}

/// The stream that an argument of a `_ptsz` function means.
pub fn per_thread(stream: CUstream) -> CUstream {
    if stream.is_null() {
        pillion_protocol::handle::PER_THREAD_STREAM as CUstream
    } else {
        stream
    }
}

/// `CUDA_ERROR_INVALID_VALUE` for a null pointer.
///
/// # Safety
///
/// `pointer` is null or valid for writes of a `T`.
pub unsafe fn out<'a, T>(pointer: *mut T) -> Result<&'a mut core::mem::MaybeUninit<T>> {
    // SAFETY: as the caller promises; uninitialised memory is fine for `MaybeUninit`.
    unsafe { pointer.cast::<core::mem::MaybeUninit<T>>().as_mut() }
        .ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)
}
