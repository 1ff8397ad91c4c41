//! `cuGetProcAddress`: how every CUDA runtime since 11.3 finds the driver's functions.

use core::ffi::{CStr, c_char, c_int, c_void};

use pillion_cuda_abi::types::{CUdriverProcAddressQueryResult, cuuint64_t};
use pillion_cuda_abi::{API_VERSION, CUresult, FUNCTIONS, Unresolved, resolve};

use super::profiler::OTHERS;
use crate::entry::{Result, out};
use crate::generated::POINTERS;
use crate::log::{self, Level};
use crate::session::Session;

/// `CU_GET_PROC_ADDRESS_PER_THREAD_DEFAULT_STREAM`
const PER_THREAD: u64 = 2;
/// Flags that CUDA 13.0 knows: default, legacy stream, per-thread stream.
const FLAGS: u64 = 3;

/// The CUDA version of the oldest driver that a server may have.
const OLDEST_DRIVER: u32 = 11080;

/// The address of the entry point that a program built for `version` gets for `name`.
unsafe fn look_up(
    name: *const c_char,
    version: c_int,
    flags: cuuint64_t,
) -> Result<core::result::Result<*const c_void, Unresolved>> {
    if name.is_null() || flags & !FLAGS != 0 || flags == FLAGS {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    // SAFETY: CUDA's contract: a C string.
    let name = unsafe { CStr::from_ptr(name) };
    let Ok(version) = u32::try_from(version) else {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    };
    let Ok(name) = name.to_str() else {
        return Ok(Err(Unresolved::NotFound));
    };
    let known = driver_version(name, version);
    if version > known {
        log::write(
            Level::Debug,
            format_args!("{name} is asked for as of CUDA {version}, and the server has {known}"),
        );
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    if let Some((_, _, pointer)) = OTHERS
        .iter()
        .find(|(other, since, _)| *other == name && *since <= version)
    {
        return Ok(Ok(pointer.0));
    }
    let found = match resolve(name, version, flags == PER_THREAD) {
        // What cannot work is not handed out: runtimes then say which newer driver the program would need.
        Ok(index) if !FUNCTIONS[index].state.works() => Err(Unresolved::NotFound),
        Ok(index) => Ok(POINTERS[index].0),
        // What only a newer driver than the server's has, this driver has not.
        Err(Unresolved::VersionNotSufficient) if resolve(name, known, false).is_err() => {
            Err(Unresolved::NotFound)
        }
        Err(reason) => Err(reason),
    };
    if let Err(reason) = found {
        log::write(
            Level::Debug,
            format_args!("there is no {name} as of CUDA {version}: {reason:?}"),
        );
    }
    Ok(found)
}

/// The driver's version, as far as it matters for a function: the server is not asked where every server that there can be has
/// the same answer.
fn driver_version(name: &str, version: u32) -> u32 {
    let settled = version <= OLDEST_DRIVER && resolve(name, version, false).is_ok();
    match settled {
        true => API_VERSION,
        // Without a server, what this library has.
        false => Session::connect().map_or(API_VERSION, Session::cuda_version),
    }
}

/// `cuGetProcAddress`, as CUDA 11.3 to 11.8 have it.
pub unsafe fn cuGetProcAddress(
    name: *const c_char,
    pointer: *mut *mut c_void,
    version: c_int,
    flags: cuuint64_t,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    let (pointer, found) = unsafe { (out(pointer)?, look_up(name, version, flags)?) };
    match found {
        Ok(address) => {
            pointer.write(address.cast_mut());
            Ok(())
        }
        Err(_) => Err(CUresult::CUDA_ERROR_NOT_FOUND),
    }
}

/// `cuGetProcAddress_v2`
pub unsafe fn cuGetProcAddress_v2(
    name: *const c_char,
    pointer: *mut *mut c_void,
    version: c_int,
    flags: cuuint64_t,
    status: *mut CUdriverProcAddressQueryResult,
) -> Result<()> {
    use CUdriverProcAddressQueryResult as R;
    // SAFETY: the caller's contract is the same.
    let (pointer, found) = unsafe { (out(pointer)?, look_up(name, version, flags)?) };
    let (address, result) = match found {
        Ok(address) => (address.cast_mut(), R::CU_GET_PROC_ADDRESS_SUCCESS),
        Err(Unresolved::NotFound) => (
            core::ptr::null_mut(),
            R::CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND,
        ),
        Err(Unresolved::VersionNotSufficient) => (
            core::ptr::null_mut(),
            R::CU_GET_PROC_ADDRESS_VERSION_NOT_SUFFICIENT,
        ),
    };
    pointer.write(address);
    // SAFETY: null, which CUDA allows here, or valid.
    if let Some(status) = unsafe { status.as_mut() } {
        *status = result;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(name: &CStr, version: i32, flags: u64) -> (CUresult, usize, u32) {
        let mut pointer = core::ptr::without_provenance_mut(1);
        let mut status = CUdriverProcAddressQueryResult(99);
        // SAFETY: locals.
        let result = unsafe {
            cuGetProcAddress_v2(
                name.as_ptr(),
                &raw mut pointer,
                version,
                flags,
                &raw mut status,
            )
        };
        (
            result.err().unwrap_or(CUresult::CUDA_SUCCESS),
            pointer as usize,
            status.0,
        )
    }

    #[test]
    fn programs_get_what_they_were_built_for() {
        use crate::generated::exports::*;
        let ok = CUresult::CUDA_SUCCESS;
        assert_eq!(
            ask(c"cuMemAlloc", 13000, 0),
            (ok, cuMemAlloc_v2 as *const () as usize, 0)
        );
        assert_eq!(
            ask(c"cuLaunchKernel", 13000, 2),
            (ok, cuLaunchKernel_ptsz as *const () as usize, 0)
        );
        assert_eq!(
            ask(c"cuMemcpyHtoD", 13000, 2),
            (ok, cuMemcpyHtoD_v2_ptds as *const () as usize, 0)
        );
        assert_eq!(
            ask(c"cuGetProcAddress", 12000, 0),
            (ok, cuGetProcAddress_v2 as *const () as usize, 0)
        );
        assert_eq!(
            ask(c"cuGetProcAddress", 11080, 0),
            (ok, cuGetProcAddress as *const () as usize, 0)
        );
        assert_eq!(ask(c"cuLibraryLoadData", 11080, 0), (ok, 0, 2));
        assert_eq!(ask(c"cuNoSuchThing", 13000, 0), (ok, 0, 1));
        assert_eq!(ask(c"", 13000, 0), (ok, 0, 1));
        assert_eq!(
            ask(c"cuInit", 99999, 0).0,
            CUresult::CUDA_ERROR_INVALID_VALUE
        );
        assert_eq!(
            ask(c"cuInit", 13000, 4).0,
            CUresult::CUDA_ERROR_INVALID_VALUE
        );
    }
}
