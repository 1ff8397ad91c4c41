//! The device's table for tests, and what they all need of it.
//!
//! With `PILLION_TEST_DRIVER=libcuda.so.1` the table is that library's: what a test says of CUDA can so be held against
//! NVIDIA's driver, where there is a GPU. A test of what only this device does (its accounts, its faults) fails there.
#![allow(unused_imports, unused_macros)]

use std::ffi::{CString, c_void};
use std::ptr::null_mut;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use pillion_cpu_device::{DeviceOptions, driver_table};
use pillion_cuda_abi::types::*;
use pillion_cuda_abi::{CUresult, DriverTable};

use super::Random;

pub const OK: CUresult = CUresult::CUDA_SUCCESS;
pub const INVALID: CUresult = CUresult::CUDA_ERROR_INVALID_VALUE;
pub const BAD_HANDLE: CUresult = CUresult::CUDA_ERROR_INVALID_HANDLE;
pub const NOT_READY: CUresult = CUresult::CUDA_ERROR_NOT_READY;
pub const MEMORY: u64 = 256 << 20;

/// Calls a function of the table.
macro_rules! call {
    ($name:ident($($arg:expr),* $(,)?)) => {{
        let function = $crate::common::driver::table().$name.expect(stringify!($name));
        // SAFETY: every pointer that a test gives is to memory of the size that the call takes, which outlives the work.
        unsafe { function($($arg),*) }
    }};
}

/// Calls a function that must succeed.
macro_rules! good {
    ($name:ident($($arg:expr),* $(,)?)) => {
        assert_eq!(
            $crate::common::driver::call!($name($($arg),*)),
            $crate::common::driver::OK,
            stringify!($name)
        )
    };
}
pub(crate) use {call, good};

/// What the device is to be, if not what most tests have; given before anything is called.
pub static OPTIONS: OnceLock<DeviceOptions> = OnceLock::new();

pub fn table() -> &'static DriverTable {
    static TABLE: OnceLock<DriverTable> = OnceLock::new();
    TABLE.get_or_init(|| match std::env::var("PILLION_TEST_DRIVER") {
        Ok(library) => loaded(&library),
        Err(_) => driver_table(OPTIONS.get().cloned().unwrap_or(DeviceOptions {
            devices: 1,
            memory: Some(MEMORY),
            threads: Some(2),
            ..DeviceOptions::default()
        })),
    })
}

/// The table of a driver's library.
fn loaded(library: &str) -> DriverTable {
    let name = CString::new(library).unwrap();
    // SAFETY: a library of the tester's choice, which stays loaded.
    let handle = unsafe { libc::dlopen(name.as_ptr(), libc::RTLD_NOW) };
    assert!(!handle.is_null(), "{library} cannot be loaded");
    // SAFETY: symbols of a CUDA driver have the signatures of the table.
    unsafe { DriverTable::load(|symbol| libc::dlsym(handle, symbol.as_ptr())) }
}

/// A C structure or union of the headers with all its bytes zero.
pub fn zeroed<T: pillion_cuda_abi::Plain>() -> T {
    // SAFETY: every bit pattern is a value of such a type.
    unsafe { std::mem::zeroed() }
}

/// One test at a time has the device, since the legacy stream and the accounts are the whole process's.
pub fn device() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    attach();
    guard
}

/// Makes the primary context this thread's.
pub fn attach() {
    good!(cuInit(0));
    let mut context = null_mut();
    good!(cuDevicePrimaryCtxRetain(&mut context, 0));
    good!(cuCtxSetCurrent(context));
}

pub fn allocate(len: usize) -> u64 {
    let mut pointer = 0;
    good!(cuMemAlloc_v2(&mut pointer, len));
    assert_eq!(pointer % 256, 0, "the alignment of cuMemAlloc");
    pointer
}

pub fn upload(bytes: &[u8]) -> u64 {
    let pointer = allocate(bytes.len());
    good!(cuMemcpyHtoD_v2(pointer, bytes.as_ptr().cast(), bytes.len()));
    pointer
}

pub fn download(pointer: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    good!(cuMemcpyDtoH_v2(bytes.as_mut_ptr().cast(), pointer, len));
    bytes
}

pub fn free_memory() -> usize {
    let (mut free, mut total) = (0, 0);
    good!(cuMemGetInfo_v2(&mut free, &mut total));
    assert_eq!(total as u64, MEMORY);
    free
}

pub fn stream(flags: u32) -> CUstream {
    let mut stream = null_mut();
    good!(cuStreamCreate(&mut stream, flags));
    stream
}

pub fn event(flags: u32) -> CUevent {
    let mut event = null_mut();
    good!(cuEventCreate(&mut event, flags));
    event
}

pub fn random_bytes(random: &mut Random, len: usize) -> Vec<u8> {
    (0..len).map(|_| random.next() as u8).collect()
}

/// A place in device memory at which a stream waits until the test opens it.
pub struct Gate {
    word: u64,
    opener: CUstream,
}

impl Gate {
    pub fn new() -> Gate {
        let word = upload(&[0; 4]);
        Gate {
            word,
            opener: stream(1),
        }
    }

    pub fn hold(&self, stream: CUstream) {
        good!(cuStreamWaitValue32_v2(stream, self.word, 1, 1));
    }

    /// Opens it and gives back what it used; what it held must be synchronised with after that.
    pub fn open(&self) {
        self.let_go();
        good!(cuStreamSynchronize(self.opener));
    }

    /// Opens it, and waits for nothing: what it held may be the end of the device.
    pub fn let_go(&self) {
        good!(cuStreamWriteValue32_v2(self.opener, self.word, 1, 0));
    }

    pub fn end(self) {
        good!(cuStreamDestroy_v2(self.opener));
        good!(cuMemFree_v2(self.word));
    }
}

impl Drop for Gate {
    /// A test that fails must not hold the next ones.
    fn drop(&mut self) {
        if std::thread::panicking() {
            let _ = call!(cuStreamWriteValue32_v2(self.opener, self.word, 1, 0));
        }
    }
}

/// Adds `by` to each of `n` words at `at`.
pub const ADD: &str = ".visible .entry add(.param .u64 at, .param .u32 n, .param .u32 by) {
    .reg .b64 %p, %o; .reg .b32 %i, %t, %u, %n, %v, %b; .reg .pred %x;
    mov.u32 %i, %ctaid.x; mov.u32 %t, %ntid.x; mov.u32 %u, %tid.x; mad.lo.s32 %i, %i, %t, %u;
    ld.param.u32 %n, [n]; setp.ge.u32 %x, %i, %n; @%x bra DONE;
    ld.param.u64 %p, [at]; ld.param.u32 %b, [by];
    mul.wide.u32 %o, %i, 4; add.s64 %p, %p, %o;
    ld.global.u32 %v, [%p]; add.u32 %v, %v, %b; st.global.u32 [%p], %v;
    DONE: ret; }
    .visible .entry die() { trap; ret; }
    .global .u32 variable = 77;";

pub fn module(text: &str) -> CUmodule {
    let text = CString::new(text).unwrap();
    let mut module = null_mut();
    good!(cuModuleLoadData(&mut module, text.as_ptr().cast()));
    module
}

pub fn function(module: CUmodule, name: &str) -> CUfunction {
    let name = CString::new(name).unwrap();
    let mut function = null_mut();
    good!(cuModuleGetFunction(&mut function, module, name.as_ptr()));
    function
}

pub fn add(kernel: CUfunction, stream: CUstream, at: u64, n: u32, by: u32) -> CUresult {
    let (mut at, mut n, mut by) = (at, n, by);
    let mut params: [*mut c_void; 3] = [
        (&raw mut at).cast(),
        (&raw mut n).cast(),
        (&raw mut by).cast(),
    ];
    let blocks = n.div_ceil(64);
    call!(cuLaunchKernel(
        kernel,
        blocks,
        1,
        1,
        64,
        1,
        1,
        0,
        stream,
        params.as_mut_ptr(),
        null_mut()
    ))
}
