//! What the driver tells a program of its own accord: log messages, and notifications of a device. This one has nothing to
//! tell, so that registering is all there is to it, and the log is empty. Flags are reserved, and NVIDIA's driver does not look
//! at them.

use core::ffi::{c_char, c_uint, c_void};
use std::collections::BTreeMap;
use std::ffi::{CStr, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CUasyncCallback, CUasyncCallbackHandle, CUdevice, CUlogIterator, CUlogsCallback,
    CUlogsCallbackHandle,
};

use super::device;
use crate::entry::{Result, out};

/// The callbacks of the process.
static CALLBACKS: Mutex<Callbacks> = Mutex::new(Callbacks {
    last: 0,
    live: BTreeMap::new(),
});

/// What a callback is registered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Log,
    Device(CUdevice),
}

#[derive(Debug)]
struct Callbacks {
    last: usize,
    live: BTreeMap<usize, Source>,
}

impl Callbacks {
    fn lock() -> MutexGuard<'static, Self> {
        CALLBACKS.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A handle that no other callback of the process ever had.
    fn enter(&mut self, source: Source) -> usize {
        self.last += 1;
        self.live.insert(self.last, source);
        self.last
    }

    fn remove(&mut self, handle: usize, source: Source) -> Result<()> {
        if self.live.get(&handle) != Some(&source) {
            return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
        }
        self.live.remove(&handle);
        Ok(())
    }
}

/// `cuLogsRegisterCallback`
pub unsafe fn cuLogsRegisterCallback(
    callback: CUlogsCallback,
    _data: *mut c_void,
    place: *mut CUlogsCallbackHandle,
) -> Result<()> {
    callback.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    let handle = Callbacks::lock().enter(Source::Log);
    if !place.is_null() {
        // SAFETY: CUDA's contract for the argument, which may be null.
        unsafe { place.write(handle as CUlogsCallbackHandle) };
    }
    Ok(())
}

/// `cuLogsUnregisterCallback`
pub unsafe fn cuLogsUnregisterCallback(callback: CUlogsCallbackHandle) -> Result<()> {
    Callbacks::lock().remove(callback as usize, Source::Log)
}

/// `cuLogsCurrent`
pub unsafe fn cuLogsCurrent(iterator: *mut CUlogIterator, _flags: c_uint) -> Result<()> {
    // SAFETY: CUDA's contract for the argument.
    let iterator = unsafe { out(iterator)? };
    iterator.write(0);
    Ok(())
}

/// `cuLogsDumpToFile`: an empty file.
pub unsafe fn cuLogsDumpToFile(
    _iterator: *mut CUlogIterator,
    path: *const c_char,
    _flags: c_uint,
) -> Result<()> {
    if path.is_null() {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    // SAFETY: CUDA's contract: a C string.
    let path = unsafe { CStr::from_ptr(path) };
    std::fs::File::create(OsStr::from_bytes(path.to_bytes()))
        .map(|_| ())
        .map_err(|_| CUresult::CUDA_ERROR_INVALID_VALUE)
}

/// `cuLogsDumpToMemory`: an empty text.
pub unsafe fn cuLogsDumpToMemory(
    _iterator: *mut CUlogIterator,
    buffer: *mut c_char,
    size: *mut usize,
    _flags: c_uint,
) -> Result<()> {
    if buffer.is_null() || size.is_null() {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    // SAFETY: CUDA's contract for the arguments: `*size` writable bytes.
    unsafe {
        if size.replace(0) > 0 {
            buffer.write(0);
        }
    }
    Ok(())
}

/// `cuDeviceRegisterAsyncNotification`
pub unsafe fn cuDeviceRegisterAsyncNotification(
    device: CUdevice,
    callback: CUasyncCallback,
    _data: *mut c_void,
    place: *mut CUasyncCallbackHandle,
) -> Result<()> {
    device::snapshot(device)?;
    callback.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    // SAFETY: CUDA's contract for the argument.
    let place = unsafe { out(place)? };
    let handle = Callbacks::lock().enter(Source::Device(device));
    place.write(handle as CUasyncCallbackHandle);
    Ok(())
}

/// `cuDeviceUnregisterAsyncNotification`
pub unsafe fn cuDeviceUnregisterAsyncNotification(
    device: CUdevice,
    callback: CUasyncCallbackHandle,
) -> Result<()> {
    device::snapshot(device)?;
    Callbacks::lock().remove(callback as usize, Source::Device(device))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pillion_cuda_abi::types::CUlogLevel;

    const INVALID: Result<()> = Err(CUresult::CUDA_ERROR_INVALID_VALUE);

    unsafe extern "C" fn ignore(_: *mut c_void, _: CUlogLevel, _: *mut c_char, _: usize) {}

    #[test]
    fn callbacks_are_registered_once_and_unregistered_once() {
        let mut handle = core::ptr::null_mut();
        let null = core::ptr::null_mut();
        // SAFETY: locals.
        unsafe {
            assert_eq!(cuLogsRegisterCallback(None, null, &raw mut handle), INVALID);
            assert_eq!(
                cuLogsRegisterCallback(Some(ignore), null, &raw mut handle),
                Ok(())
            );
            assert!(!handle.is_null());
            assert_eq!(cuLogsUnregisterCallback(handle), Ok(()));
            assert_eq!(cuLogsUnregisterCallback(handle), INVALID);
            assert_eq!(cuLogsUnregisterCallback(core::ptr::null_mut()), INVALID);
        }
        let mut callbacks = Callbacks {
            last: 0,
            live: BTreeMap::new(),
        };
        let of_device = callbacks.enter(Source::Device(1));
        assert_eq!(callbacks.remove(of_device, Source::Log), INVALID);
        assert_eq!(callbacks.remove(of_device, Source::Device(0)), INVALID);
        assert_eq!(callbacks.remove(of_device, Source::Device(1)), Ok(()));
    }

    #[test]
    fn the_log_is_empty() {
        let (mut iterator, mut size) = (7, 16);
        let mut buffer = [b'x' as c_char; 16];
        // SAFETY: locals.
        unsafe {
            assert_eq!(cuLogsCurrent(core::ptr::null_mut(), 0), INVALID);
            assert_eq!(cuLogsCurrent(&raw mut iterator, 0), Ok(()));
            let dumped =
                cuLogsDumpToMemory(&raw mut iterator, buffer.as_mut_ptr(), &raw mut size, 0);
            assert_eq!((dumped, size, buffer[0]), (Ok(()), 0, 0));
            let nowhere = core::ptr::null_mut();
            let dumped = cuLogsDumpToMemory(&raw mut iterator, nowhere, &raw mut size, 0);
            assert_eq!(dumped, INVALID);
        }
    }
}
