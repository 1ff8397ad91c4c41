//! `cuGetExportTable`: the tables of functions that NVIDIA's runtime and libraries take from a driver besides its symbols.
//!
//! A table is an array of words: its size in bytes, then function pointers. What the libraries were seen to call is served;
//! every other slot is callable and answers `CUDA_ERROR_NOT_SUPPORTED`. A table that is not served is refused, which every
//! library but the runtime's own takes.

#[cfg(feature = "integrity-answer")]
mod integrity;
mod storage;

use core::ffi::{c_int, c_uint, c_void};

use pillion_cuda_abi::types::{
    CUcontext, CUdevice, CUdevice_attribute, CUfunction, CUmodule, CUresult, CUstream, CUuuid,
};

use crate::api;
use crate::entry::{Result, out};
use crate::session::Session;
use crate::thread;

pub use storage::context_destroyed;

/// A word of a table: its size, or the address of a function.
#[derive(Clone, Copy)]
#[repr(transparent)]
struct Word(*const c_void);

// SAFETY: sizes and addresses of code; nothing is read or written through them here.
unsafe impl Sync for Word {}

const OK: CUresult = CUresult::CUDA_SUCCESS;

fn code(result: Result<()>) -> CUresult {
    result.err().unwrap_or(OK)
}

/// What fills the slots that nobody was seen to use.
extern "C" fn unknown() -> CUresult {
    CUresult::CUDA_ERROR_NOT_SUPPORTED
}

/// A table of `N` words with the size first, and functions in the slots that are known.
const fn sized<const N: usize>(known: &[(usize, Word)]) -> [Word; N] {
    let mut table = [Word(unknown as *const c_void); N];
    table[0] = Word(core::ptr::without_provenance(N * 8));
    let mut i = 0;
    while i < known.len() {
        table[known[i].0] = known[i].1;
        i += 1;
    }
    table
}

macro_rules! slot {
    ($index:literal, $function:expr) => {
        ($index, Word($function as *const c_void))
    };
}

/// The runtime's own interface.
static RUNTIME: [Word; 13] = sized(&[
    slot!(1, module_from_wrapper),
    slot!(2, primary_context),
    slot!(6, module_from_wrapper_ext),
    slot!(7, wrapper_gone),
    slot!(8, module_from_fatbin_ext),
    slot!(12, load_compilers),
]);
/// Switches for tools: all off.
static HOOKS: [Word; 7] = sized(&[slot!(2, runtime_callbacks), slot!(6, more_callbacks)]);
/// The calling thread's context.
static THREAD: [Word; 3] = sized(&[slot!(2, thread_context)]);
/// What libraries keep in a context. This one has no size word.
static STORAGE: [Word; 4] = [
    Word(storage::put as *const c_void),
    Word(storage::delete as *const c_void),
    Word(storage::get as *const c_void),
    Word(core::ptr::null()),
];
/// The check of the driver.
#[cfg(feature = "integrity-answer")]
static INTEGRITY: [Word; 3] = sized(&[slot!(1, check_integrity), slot!(2, integrity_done)]);
/// Checks of a context: none finds anything.
static CONTEXT_CHECKS: [Word; 15] = sized(&[slot!(2, check_context), slot!(3, check_process)]);
/// Identities of contexts and streams.
static IDENTITIES: [Word; 93] = sized(&[
    slot!(3, context_device),
    slot!(4, context_id),
    slot!(39, stream_id),
    slot!(51, stream_object),
]);
/// The functions of a module.
static MODULE_FUNCTIONS: [Word; 99] = sized(&[slot!(7, each_function)]);
/// Asked by cuBLASLt, which falls back where it answers nothing.
static MATRIX_HINTS: [Word; 17] = sized(&[]);
/// Asked by frameworks at start.
static FRAMEWORK_HINTS: [Word; 34] = sized(&[]);

/// The tables by their identities.
fn table(id: [u8; 16]) -> Option<&'static [Word]> {
    Some(match id {
        [
            0x6b,
            0xd5,
            0xfb,
            0x6c,
            0x5b,
            0xf4,
            0xe7,
            0x4a,
            0x89,
            0x87,
            0xd9,
            0x39,
            0x12,
            0xfd,
            0x9d,
            0xf9,
        ] => &RUNTIME,
        [
            0xa0,
            0x94,
            0x79,
            0x8c,
            0x2e,
            0x74,
            0x2e,
            0x74,
            0x93,
            0xf2,
            0x08,
            0x00,
            0x20,
            0x0c,
            0x0a,
            0x66,
        ] => &HOOKS,
        [
            0x42,
            0xd8,
            0x5a,
            0x81,
            0x23,
            0xf6,
            0xcb,
            0x47,
            0x82,
            0x98,
            0xf6,
            0xe7,
            0x8a,
            0x3a,
            0xec,
            0xdc,
        ] => &THREAD,
        [
            0xc6,
            0x93,
            0x33,
            0x6e,
            0x11,
            0x21,
            0xdf,
            0x11,
            0xa8,
            0xc3,
            0x68,
            0xf3,
            0x55,
            0xd8,
            0x95,
            0x93,
        ] => &STORAGE,
        #[cfg(feature = "integrity-answer")]
        [
            0xd4,
            0x08,
            0x20,
            0x55,
            0xbd,
            0xe6,
            0x70,
            0x4b,
            0x8d,
            0x34,
            0xba,
            0x12,
            0x3c,
            0x66,
            0xe1,
            0xf2,
        ] => &INTEGRITY,
        [
            0x26,
            0x3e,
            0x88,
            0x60,
            0x7c,
            0xd2,
            0x61,
            0x43,
            0x92,
            0xf6,
            0xbb,
            0xd5,
            0x00,
            0x6d,
            0xfa,
            0x7e,
        ] => &CONTEXT_CHECKS,
        [
            0x21,
            0x31,
            0x8c,
            0x60,
            0x97,
            0x14,
            0x32,
            0x48,
            0x8c,
            0xa6,
            0x41,
            0xff,
            0x73,
            0x24,
            0xc8,
            0xf2,
        ] => &IDENTITIES,
        [
            0x6e,
            0x16,
            0x3f,
            0xbe,
            0xb9,
            0x58,
            0x44,
            0x4d,
            0x83,
            0x5c,
            0xe1,
            0x82,
            0xaf,
            0xf1,
            0x99,
            0x1e,
        ] => &MODULE_FUNCTIONS,
        [
            0x17,
            0x34,
            0xdc,
            0x26,
            0x80,
            0x0d,
            0x47,
            0x45,
            0x87,
            0x26,
            0xc0,
            0xf1,
            0xe7,
            0xdd,
            0x8b,
            0xca,
        ] => &MATRIX_HINTS,
        [
            0x69,
            0xa2,
            0x8e,
            0x9f,
            0x24,
            0x49,
            0x8b,
            0x47,
            0xb0,
            0x30,
            0xc5,
            0xda,
            0x33,
            0x0e,
            0xa4,
            0xe9,
        ] => &FRAMEWORK_HINTS,
        _ => return None,
    })
}

/// `cuGetExportTable`
#[allow(non_snake_case, clippy::missing_safety_doc)]
pub unsafe fn cuGetExportTable(place: *mut *const c_void, id: *const CUuuid) -> Result<()> {
    // SAFETY: CUDA's contract for the arguments.
    let place = unsafe { out(place)? };
    // SAFETY: CUDA's contract for the arguments.
    let id = unsafe { id.as_ref() }.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    let id = id.bytes.map(|byte| byte as u8);
    match table(id) {
        Some(table) => {
            place.write(table.as_ptr().cast());
            Ok(())
        }
        None => {
            place.write(core::ptr::null());
            Err(CUresult::CUDA_ERROR_INVALID_VALUE)
        }
    }
}

// ---- the runtime's interface ---------------------------------------------------------------------------------------------

extern "C" fn primary_context(place: *mut CUcontext, device: CUdevice) -> CUresult {
    code(api::context::primary(device).and_then(|context| {
        // SAFETY: the runtime's pointer.
        unsafe { out(place)? }.write(context as CUcontext);
        Ok(())
    }))
}

extern "C" fn module_from_wrapper(module: *mut CUmodule, wrapper: *const c_void) -> CUresult {
    // SAFETY: the runtime gives a wrapper as nvcc makes it.
    code(unsafe { api::cuModuleLoadData(module, wrapper) })
}

extern "C" fn module_from_wrapper_ext(
    module: *mut CUmodule,
    wrapper: *const c_void,
    _: *mut c_void,
    _: *mut c_void,
    _: c_uint,
) -> CUresult {
    module_from_wrapper(module, wrapper)
}

extern "C" fn module_from_fatbin_ext(
    fatbin: *const c_void,
    module: *mut CUmodule,
    _: *mut c_void,
    _: *mut c_void,
    _: c_uint,
) -> CUresult {
    module_from_wrapper(module, fatbin)
}

extern "C" fn wrapper_gone(_: *const c_void) {}

extern "C" fn load_compilers() -> CUresult {
    OK
}

// ---- tools ---------------------------------------------------------------------------------------------------------------

/// One switch for each function of the runtime; a runtime with more functions than switches would read beyond.
static SWITCHES: [u32; 4096] = [0; 4096];

extern "C" fn runtime_callbacks(buffer: *mut *const u32, count: *mut usize) {
    // SAFETY: the runtime's pointers, or null.
    unsafe {
        if let (Some(buffer), Some(count)) = (buffer.as_mut(), count.as_mut()) {
            *buffer = SWITCHES.as_ptr();
            *count = SWITCHES.len();
        }
    }
}

extern "C" fn more_callbacks(buffer: *mut *const u32, count: *mut usize) {
    // SAFETY: the runtime's pointers, or null.
    unsafe {
        if let (Some(buffer), Some(count)) = (buffer.as_mut(), count.as_mut()) {
            *buffer = SWITCHES.as_ptr();
            *count = 256;
        }
    }
}

// ---- contexts ------------------------------------------------------------------------------------------------------------

extern "C" fn thread_context(place: *mut CUcontext) -> CUresult {
    let context = thread::current_context();
    // SAFETY: the library's pointer, or null.
    if let Some(place) = unsafe { place.as_mut() } {
        *place = context as CUcontext;
    }
    if context == 0 {
        CUresult::CUDA_ERROR_INVALID_CONTEXT
    } else {
        OK
    }
}

extern "C" fn check_context(_: CUcontext, flag: *mut u32, _: *mut *const c_void) -> CUresult {
    // SAFETY: the runtime's pointer, or null.
    if let Some(flag) = unsafe { flag.as_mut() } {
        *flag = 0;
    }
    OK
}

extern "C" fn check_process() -> u32 {
    0
}

fn given_or_current(context: CUcontext) -> Result<u64> {
    if context.is_null() {
        api::context::current()
    } else {
        Ok(context as u64)
    }
}

extern "C" fn context_device(context: CUcontext, place: *mut CUdevice) -> CUresult {
    code(given_or_current(context).and_then(|context| {
        let device = api::context::device_of(context)?;
        // SAFETY: the library's pointer.
        unsafe { out(place)? }.write(device);
        Ok(())
    }))
}

extern "C" fn context_id(context: CUcontext, place: *mut u64) -> CUresult {
    code(given_or_current(context).and_then(|context| {
        let id = api::context::id_of(context)?;
        // SAFETY: the library's pointer.
        unsafe { out(place)? }.write(id);
        Ok(())
    }))
}

/// What stands for a stream between the two calls below: a default stream's own number with a bit that makes it no null.
const OBJECT: u64 = 1 << 48;

extern "C" fn stream_object(
    context: CUcontext,
    stream: CUstream,
    place: *mut u64,
    per_thread: c_int,
) -> CUresult {
    let _ = context;
    code((|| {
        let stream = match stream as u64 {
            0 if per_thread != 0 => pillion_protocol::handle::PER_THREAD_STREAM,
            stream => api::stream::check(stream)?,
        };
        // SAFETY: the library's pointer.
        unsafe { out(place)? }.write(stream | OBJECT);
        Ok(())
    })())
}

extern "C" fn stream_id(context: CUcontext, object: u64, place: *mut u64) -> CUresult {
    code(given_or_current(context).and_then(|context| {
        let stream = match object & !OBJECT {
            default if default <= 2 => default,
            // A handle's generation may have that bit itself.
            _ if api::stream::check(object).is_ok() => object,
            without => without,
        };
        let id = api::stream::id_of(context, stream)?;
        // SAFETY: the library's pointer.
        unsafe { out(place)? }.write(id);
        Ok(())
    }))
}

type EachFunction = extern "C" fn(*mut c_void, CUfunction);

extern "C" fn each_function(
    _: CUcontext,
    module: CUmodule,
    each: Option<EachFunction>,
    data: *mut c_void,
) -> u32 {
    let Ok(functions) =
        api::module::functions_of(pillion_protocol::handle::Kind::Module, module as u64)
    else {
        return 0;
    };
    if let Some(each) = each {
        for function in &functions {
            each(data, *function as CUfunction);
        }
    }
    functions.len() as u32
}

// ---- integrity -----------------------------------------------------------------------------------------------------------

#[cfg(feature = "integrity-answer")]
extern "C" fn check_integrity(version: u32, time: u64, result: *mut u64) -> CUresult {
    code((|| {
        let session = Session::connect()?;
        let devices: Vec<integrity::DeviceSubject> = (0..session.welcome.devices.len())
            .map(|index| {
                let device = &session.welcome.devices[index];
                let word = |attribute: CUdevice_attribute| {
                    device
                        .attributes
                        .get(attribute.0 as usize)
                        .map_or(0, |(_, value)| *value)
                };
                let pci = [
                    word(CUdevice_attribute::CU_DEVICE_ATTRIBUTE_PCI_DOMAIN_ID),
                    word(CUdevice_attribute::CU_DEVICE_ATTRIBUTE_PCI_BUS_ID),
                    word(CUdevice_attribute::CU_DEVICE_ATTRIBUTE_PCI_DEVICE_ID),
                ];
                (device.uuid, pci)
            })
            .collect();
        let mut driver_version = 0;
        // SAFETY: a local.
        unsafe { api::cuDriverGetVersion(&raw mut driver_version)? };
        let subject = integrity::Subject {
            driver_version: driver_version as u32,
            version,
            pid: std::process::id(),
            // SAFETY: a query of the calling thread.
            thread: unsafe { libc::pthread_self() } as u32,
            addresses: [
                RUNTIME.as_ptr() as u64,
                INTEGRITY.as_ptr() as u64,
                INTEGRITY[1].0 as u64,
            ],
            time,
        };
        let answer = integrity::answer(&subject, &devices);
        if result.is_null() {
            return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
        }
        // SAFETY: the runtime's pointer to two words.
        unsafe {
            result.write(answer[0]);
            result.add(1).write(answer[1]);
        }
        Ok(())
    })())
}

#[cfg(feature = "integrity-answer")]
extern "C" fn integrity_done(_: c_int) -> CUresult {
    OK
}
