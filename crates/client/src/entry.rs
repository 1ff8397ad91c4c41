//! From C to Rust and back: what every exported function does besides its own work.

use std::sync::Mutex;

use pillion_cuda_abi::types::CUstream;
use pillion_cuda_abi::{CUresult, FUNCTIONS};

use crate::log;
use crate::session::Session;

/// A result that carries CUDA's code.
pub type Result<T = ()> = core::result::Result<T, CUresult>;

/// Runs the body of an exported function and answers its code. A panic ends the process: it cannot be allowed to unwind
/// into C, and a client whose state is unknown must not go on (`extern "C"` sees to that).
#[inline(always)]
pub fn entry(name: &'static str, body: impl FnOnce() -> Result<()>) -> CUresult {
    let status = match body() {
        Ok(()) => CUresult::CUDA_SUCCESS,
        Err(CUresult::CUDA_ERROR_NOT_SUPPORTED) => refused(name),
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
    once(
        name,
        format_args!("{name} is not supported by this version of Pillion"),
    );
    CUresult::CUDA_ERROR_NOT_SUPPORTED
}

/// What a function answers that the server refuses. Says so once per function where the reason is that the server, or its driver,
/// is older than this library: what else is not supported, a program that asks expects.
#[cold]
fn refused(name: &'static str) -> CUresult {
    let status = CUresult::CUDA_ERROR_NOT_SUPPORTED;
    let (Some(session), Some(index)) = (Session::connected(), pillion_cuda_abi::find(name)) else {
        return status;
    };
    let function = &FUNCTIONS[index];
    let (needs, has) = (function.version, session.cuda_version());
    let server = &session.welcome.description;
    if needs > has {
        once(
            name,
            format_args!(
                "{name} came with CUDA {}, and the server has CUDA {} ({server}): it needs a newer driver",
                Version(needs),
                Version(has)
            ),
        );
    } else if function
        .opcode
        .is_some_and(|opcode| !session.link.executes(opcode))
    {
        once(
            name,
            format_args!(
                "{name} is not executed by the server ({server}): its device does not have it, or its Pillion is older than this one"
            ),
        );
    }
    status
}

/// Says something of a function, once.
fn once(name: &'static str, message: core::fmt::Arguments<'_>) {
    static SAID: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    let mut said = SAID.lock().unwrap_or_else(|e| e.into_inner());
    if !said.contains(&name) {
        said.push(name);
        log::write(log::Level::Warn, message);
    }
}

/// A version of CUDA, for people.
struct Version(u32);

impl core::fmt::Display for Version {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}.{}", self.0 / 1000, self.0 % 1000 / 10)
    }
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
