//! From a program image to a compiled program.

use std::ffi::{c_uint, c_void};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::CUjit_option;
use pillion_image::raw::{self, RawKind};
use pillion_image::{Capability, Fatbin};

use crate::engine::{CompileError, CompileErrorKind, CompileOptions, Program};

/// Most bytes of PTX that one image may unpack to.
const MAX_PTX: u64 = 512 << 20;

/// What stands between the texts of an image that a linker made: a comment to those who read PTX.
const NEXT: &str = "// pillion: the next of the linked texts\n";

/// CUDA's code, and what the JIT error log says.
pub type Refusal = (CUresult, String);

/// Compiles the PTX in an image.
///
/// # Errors
///
/// CUDA's code, and what the JIT error log says.
///
/// # Safety
///
/// `pointer` is an image as `cuModuleLoadData` takes it.
pub unsafe fn program(pointer: *const c_void) -> Result<Program, Refusal> {
    // SAFETY: as the caller promises.
    let image = unsafe { raw::measure(pointer) }
        .map_err(|error| (CUresult::CUDA_ERROR_INVALID_IMAGE, error.to_string()))?;
    let mut texts = Vec::new();
    match image.kind {
        RawKind::Text => texts.push(text(image.bytes.to_vec())?),
        RawKind::Elf => return Err(no_binary()),
        RawKind::Fatbin if image.prelinked.is_empty() => texts.push(ptx(image.bytes)?),
        RawKind::Fatbin => {
            // What was linked holds machine code; what it was linked from is linked anew.
            for part in image.prelinked {
                texts.push(ptx(part)?);
            }
        }
    }
    compile(&texts)
}

/// Compiles texts, of which each may be several that were linked, into one program.
///
/// # Errors
///
/// As [`program`].
pub fn compile(texts: &[String]) -> Result<Program, Refusal> {
    let texts: Vec<&str> = texts.iter().flat_map(|text| text.split(NEXT)).collect();
    Program::compile(&texts, &CompileOptions::default()).map_err(refusal)
}

/// Looks for what is wrong with one text of several, whatever it wants of the others.
pub fn check(text: &str) -> Result<(), Refusal> {
    let texts: Vec<&str> = text.split(NEXT).collect();
    match Program::compile(&texts, &CompileOptions::default()) {
        Err(error) if error.kind != CompileErrorKind::Link => Err(refusal(error)),
        _ => Ok(()),
    }
}

fn refusal(error: CompileError) -> Refusal {
    let status = match error.kind {
        CompileErrorKind::UnsupportedVersion => CUresult::CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
        CompileErrorKind::TooLarge => CUresult::CUDA_ERROR_OUT_OF_MEMORY,
        CompileErrorKind::NotSupported => CUresult::CUDA_ERROR_NOT_SUPPORTED,
        CompileErrorKind::InvalidPtx | CompileErrorKind::Link => CUresult::CUDA_ERROR_INVALID_PTX,
    };
    (status, error.message)
}

/// An image of several texts, which [`program`] takes.
pub fn joined(texts: &[String]) -> Vec<u8> {
    let mut image = texts.join(&format!("\n{NEXT}")).into_bytes();
    image.push(0);
    image
}

/// What is said of machine code.
pub fn no_binary() -> Refusal {
    let what = "the image has machine code only, and the CPU device executes PTX: \
                build with -gencode arch=compute_75,code=compute_75";
    (CUresult::CUDA_ERROR_NO_BINARY_FOR_GPU, what.to_string())
}

/// The best PTX of a fat binary for this device.
pub fn ptx(bytes: &[u8]) -> Result<String, Refusal> {
    let invalid =
        |error: pillion_image::ImageError| (CUresult::CUDA_ERROR_INVALID_IMAGE, error.to_string());
    let fatbin = Fatbin::parse(bytes).map_err(invalid)?;
    let capability = Capability { major: 9, minor: 0 };
    let entries = fatbin.ptx_for(capability);
    let entry = entries.first().ok_or_else(no_binary)?;
    text(entry.decompress(MAX_PTX).map_err(invalid)?.into_owned())
}

/// A text without the zeros behind it.
pub fn text(mut bytes: Vec<u8>) -> Result<String, Refusal> {
    while bytes.last() == Some(&0) {
        bytes.pop();
    }
    String::from_utf8(bytes).map_err(|_| {
        (
            CUresult::CUDA_ERROR_INVALID_PTX,
            "the PTX is not text".to_string(),
        )
    })
}

/// Puts a message into the caller's error log, if it gave one.
///
/// # Safety
///
/// Options as `cuModuleLoadDataEx` takes them.
pub unsafe fn give_log(
    count: c_uint,
    options: *mut CUjit_option,
    values: *mut *mut c_void,
    log: &str,
) {
    if options.is_null() || values.is_null() {
        return;
    }
    // SAFETY: arrays of `count`, as the caller promises.
    let find = |wanted| (0..count as usize).find(|index| unsafe { *options.add(*index) } == wanted);
    let buffer = find(CUjit_option::CU_JIT_ERROR_LOG_BUFFER);
    let size = find(CUjit_option::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
    if let (Some(buffer), Some(size)) = (buffer, size) {
        // SAFETY: a buffer of the size that the other option says.
        unsafe {
            let (place, room) = (
                (*values.add(buffer)).cast::<u8>(),
                *values.add(size) as usize,
            );
            if place.is_null() || room == 0 {
                return;
            }
            let n = log.len().min(room - 1);
            std::ptr::copy_nonoverlapping(log.as_ptr(), place, n);
            place.add(n).write(0);
            *values.add(size) = n as *mut c_void;
        }
    }
}
