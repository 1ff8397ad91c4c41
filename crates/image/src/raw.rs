//! Measuring an image behind a bare pointer.
//!
//! `cuModuleLoadData`, `cuLibraryLoadData` and their like take a pointer without a length. The only module here that is not
//! safe code.

#![allow(unsafe_code)]

use crate::MAX_IMAGE;
use crate::elf;
use crate::error::ImageError;
use crate::fatbin;
use crate::image::{ELF_MAGIC, WRAPPER_MAGIC};
use crate::reader::{u32_at, u64_at};
use std::ffi::c_void;

/// The most fat binaries that one wrapper links. Programs have one for each of their source files.
const MAX_PRELINKED: usize = 1 << 16;

/// What was found behind a pointer.
#[derive(Clone, Debug)]
pub struct RawImage<'a> {
    /// What it is.
    pub kind: RawKind,
    /// All of it; for a wrapper, the fat binary that it points to.
    pub bytes: &'a [u8],
    /// Of a wrapper of version 2 (`-rdc=true`), the fat binaries of the objects that were linked into `bytes`: it holds only
    /// machine code, and these are linked anew where only their PTX will do.
    pub prelinked: Vec<&'a [u8]>,
}

/// What an image behind a pointer is, told from its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RawKind {
    /// A fat binary, also when a wrapper pointed to it.
    Fatbin,
    /// A cubin.
    Elf,
    /// Anything else: text up to its terminating zero, which is not part of it.
    Text,
}

/// Finds out what is at `image` and where it ends, reading only what the format says is there.
///
/// # Errors
/// [`ImageError`] when a pointer is null, a magic number or size is one that the format does not have, or the image has more
/// than [`MAX_IMAGE`] bytes.
///
/// # Safety
/// `image` is null or points to an image as `cuModuleLoadData` takes it (see the [crate]'s table), complete, readable, and
/// unchanged for `'a`, and so do the pointers in a wrapper. This is what that function asks of its caller, too.
pub unsafe fn measure<'a>(image: *const c_void) -> Result<RawImage<'a>, ImageError> {
    let image: *const u8 = image.cast();
    if image.is_null() {
        return Err(ImageError::Null { what: "image" });
    }
    // PTX may be shorter than four bytes, so these come one by one, up to a zero.
    let mut first = [0; 4];
    for (i, byte) in first.iter_mut().enumerate() {
        // SAFETY: every kind of image has this byte: a text has all up to its zero, where we stop, and the others are longer.
        *byte = unsafe { image.add(i).read() };
        if *byte == 0 {
            break;
        }
    }
    let magic = u32::from_le_bytes(first);
    if magic == WRAPPER_MAGIC {
        // SAFETY: what begins so is a wrapper of 24 bytes, with pointers as the caller promises.
        return unsafe { wrapper(image) };
    }
    let (kind, bytes) = if magic == fatbin::MAGIC {
        // SAFETY: what begins so is a fat binary, whole as the caller promises.
        (RawKind::Fatbin, unsafe { fatbin(image) }?)
    } else if first == ELF_MAGIC {
        // SAFETY: what begins so is an ELF file, whole as the caller promises.
        (RawKind::Elf, unsafe { cubin(image) }?)
    } else {
        // SAFETY: anything else is text with a zero at its end, as the caller promises.
        (RawKind::Text, unsafe { text(image) }?)
    };
    Ok(RawImage {
        kind,
        bytes,
        prelinked: Vec::new(),
    })
}

/// # Safety
/// `image` points to a wrapper, and its pointers are null or point to fat binaries, as in [`measure`].
unsafe fn wrapper<'a>(image: *const u8) -> Result<RawImage<'a>, ImageError> {
    // SAFETY: a wrapper is 24 bytes.
    let fields: [u8; 24] = unsafe { image.cast::<[u8; 24]>().read() };
    let version = u32_at(&fields, 4).unwrap_or_default();
    if !(1..=2).contains(&version) {
        return Err(ImageError::Field {
            what: "version of the fat binary's wrapper",
            value: version.into(),
        });
    }
    // The pointers are read from memory that the caller vouches for, with whatever provenance they were stored.
    let pointer = |at| {
        std::ptr::with_exposed_provenance::<u8>(u64_at(&fields, at).unwrap_or_default() as usize)
    };
    // SAFETY: the caller promises that the wrapper points to a fat binary, and null is turned away.
    let bytes = unsafe { fatbin(pointer(8)) }?;
    let mut found = RawImage {
        kind: RawKind::Fatbin,
        bytes,
        prelinked: Vec::new(),
    };
    let array: *const *const u8 = pointer(16).cast();
    // In version 1 it is a file name that nobody reads.
    if version == 2 && !array.is_null() {
        loop {
            // SAFETY: the array goes on to its first null, which we have not met.
            let member = unsafe { array.add(found.prelinked.len()).read_unaligned() };
            if member.is_null() {
                break;
            }
            if found.prelinked.len() == MAX_PRELINKED {
                let value = MAX_PRELINKED as u64;
                return Err(ImageError::Field {
                    what: "number of linked fat binaries, at least",
                    value,
                });
            }
            // SAFETY: the caller promises that the array's members are fat binaries.
            found.prelinked.push(unsafe { fatbin(member) }?);
        }
    }
    Ok(found)
}

/// # Safety
/// `image` is null or points to a fat binary, as in [`measure`].
unsafe fn fatbin<'a>(image: *const u8) -> Result<&'a [u8], ImageError> {
    if image.is_null() {
        return Err(ImageError::Null { what: "fat binary" });
    }
    // SAFETY: a fat binary is at least its header.
    let header: [u8; fatbin::HEADER] = unsafe { image.cast::<[u8; fatbin::HEADER]>().read() };
    let length = fatbin::measure(&header)?;
    // SAFETY: a fat binary has as many bytes as its header says; at most MAX_IMAGE, so they fit isize.
    Ok(unsafe { std::slice::from_raw_parts(image, length as usize) })
}

/// # Safety
/// `image` points to an ELF file, as in [`measure`].
unsafe fn cubin<'a>(image: *const u8) -> Result<&'a [u8], ImageError> {
    let length = elf::measure(&mut |offset, out| {
        if offset.saturating_add(out.len() as u64) > MAX_IMAGE {
            return Err(ImageError::TooLarge {
                what: "cubin",
                size: offset,
                limit: MAX_IMAGE,
            });
        }
        // SAFETY: `measure` asks for the file header and for headers where the ones before say that they are, so within
        // the file; `out` is ours and apart from it.
        unsafe {
            std::ptr::copy_nonoverlapping(image.add(offset as usize), out.as_mut_ptr(), out.len())
        };
        Ok(())
    })?;
    // SAFETY: the file reaches to the end of its last part, which is what was measured; at most MAX_IMAGE.
    Ok(unsafe { std::slice::from_raw_parts(image, length as usize) })
}

/// # Safety
/// `image` points to text that ends with a zero, as in [`measure`].
unsafe fn text<'a>(image: *const u8) -> Result<&'a [u8], ImageError> {
    // SAFETY: as the caller promises.
    let text = unsafe { std::ffi::CStr::from_ptr(image.cast()) }.to_bytes();
    match text.len() as u64 {
        0..=MAX_IMAGE => Ok(text),
        size => Err(ImageError::TooLarge {
            what: "PTX",
            size,
            limit: MAX_IMAGE,
        }),
    }
}
