//! Initialisation and versions.

use core::ffi::{c_int, c_uint};

use pillion_cuda_abi::{API_VERSION, CUresult};

use crate::entry::{Result, out};
use crate::session::Session;

/// `cuInit`: connects to the server.
pub unsafe fn cuInit(flags: c_uint) -> Result<()> {
    if flags != 0 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    Session::initialise()
}

/// `cuDriverGetVersion`: the server's, as far as this library's function table reaches. It may be asked before `cuInit`.
pub unsafe fn cuDriverGetVersion(version: *mut c_int) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let version = unsafe { out(version)? };
    version.write(match Session::connect() {
        Ok(session) => session.cuda_version() as c_int,
        // A driver without a device has a version too.
        Err(CUresult::CUDA_ERROR_NO_DEVICE) => API_VERSION as c_int,
        Err(status) => return Err(status),
    });
    Ok(())
}
