//! Program images as the CUDA driver API takes them: fat binaries, cubins, PTX text.
//!
//! [`Image::parse`] reads one from bytes. [`raw::measure`] finds out where one ends that a program gave as a bare pointer,
//! as to `cuModuleLoadData`. [`Fatbin::only_for`] keeps of a fat binary what one GPU can use. [`cubin::kernels`] and
//! [`ptx::kernels`] tell how the parameters of kernels are laid out.
//!
//! Images come from programs and over the wire, so nothing in them is believed: every size is checked against the bytes
//! that are there, every error is an [`ImageError`], and no input makes anything here panic.
//!
//! # What is behind a pointer (told by its first `u32`, little endian)
//!
//! | first bytes | what | length |
//! |---|---|---|
//! | `0x466243b1` | a wrapper: `u32 magic, u32 version (1, 2), pointer to a fat binary, pointer` | 24; the last pointer of version 2 is an array, ended by null, of the fat binaries that were linked |
//! | `0xba55ed50` | a fat binary: `u32 magic, u16 version (1), u16 header size, u64 size of the entries` | header and entries |
//! | `7f 45 4c 46` | a cubin: an ELF file for the machine 190 | to the end of its last part |
//! | anything else | PTX text | to its terminating zero |
//!
//! # An entry of a fat binary
//!
//! | offset | field |
//! |---|---|
//! | 0 | `u16` kind: 1 PTX, 2 cubin, 8 LTO-IR |
//! | 2 | `u16` version: 0x101 |
//! | 4 | `u32` header size: 64 and more, a multiple of 8 |
//! | 8 | `u64` payload size, padded to 8; the next entry follows it |
//! | 16 | `u32` size of the compressed payload without padding, 0 if it is not compressed |
//! | 20 | `u32` offset in the header of `u32 offset, u32 length` of the options of the compiler, 0 if there are none |
//! | 24, 26 | `u16` minor and major version of the payload's own format |
//! | 28 | `u32` compute capability times ten |
//! | 32, 36 | `u32` offset in the header and length of the name |
//! | 40 | `u64` flags, see [`flags`] |
//! | 56 | `u64` size of the payload when it is no longer compressed |

#![deny(unsafe_code)]

pub mod cubin;
#[cfg(feature = "decompress")]
mod decompress;
mod elf;
mod error;
mod fatbin;
mod image;
pub mod ptx;
pub mod raw;
mod reader;

pub use elf::Elf;
pub use error::ImageError;
pub use fatbin::{Builder, Compression, Entry, Fatbin, Flavour, Kind, flags};
pub use image::{Capability, Image, Kernel, Param};

/// The most bytes of one image, compressed or not. The largest that NVIDIA's libraries carry are under a tenth of it.
pub const MAX_IMAGE: u64 = 4 << 30;

/// The kernels of everything that an image holds, each as often as it is held; what is damaged or of no known kind has none.
/// `limit` is the most bytes to unpack of each image in a fat binary.
#[cfg(feature = "decompress")]
pub fn kernels(bytes: &[u8], limit: u64) -> Vec<Kernel> {
    let mut found = Vec::new();
    let mut of = |kind, bytes: &[u8]| match kind {
        Kind::Elf => found.extend(cubin::kernels(bytes).unwrap_or_default()),
        Kind::Ptx => found.extend(ptx::kernels(bytes).unwrap_or_default()),
        _ => {}
    };
    match Image::parse(bytes) {
        Ok(Image::Fatbin(fatbin)) => {
            for entry in &fatbin.entries {
                if let Ok(payload) = entry.decompress(limit) {
                    of(entry.kind, &payload);
                }
            }
        }
        Ok(Image::Elf(_)) => of(Kind::Elf, bytes),
        Ok(Image::Ptx(text)) => of(Kind::Ptx, text),
        Err(_) => {}
    }
    found
}

/// Reads `bytes` in every way that there is and throws the results away: the entry for fuzzing and damage tests, to which
/// any panic, endless loop or memory far beyond the input is a finding.
#[cfg(feature = "decompress")]
pub fn read_everything(bytes: &[u8]) {
    let _ = cubin::kernels(bytes);
    let _ = ptx::kernels(bytes);
    let _ = ptx::target(bytes);
    let _ = kernels(bytes, 1 << 20);
    let Ok(Image::Fatbin(fatbin)) = Image::parse(bytes) else {
        return;
    };
    for cc in [(7, 5), (9, 0), (12, 1)] {
        for kept in [fatbin.only_for(cc), fatbin.only_ptx_for(cc)]
            .into_iter()
            .flatten()
        {
            // What is chosen is a fat binary of the same make.
            assert!(
                Fatbin::parse(&kept).is_ok_and(|kept| kept.understood && !kept.entries.is_empty())
            );
        }
        let _ = fatbin.ptx_for(cc);
    }
    for entry in &fatbin.entries {
        if let Ok(bytes) = entry.decompress(1 << 20) {
            let _ = cubin::kernels(&bytes);
            let _ = ptx::kernels(&bytes);
        }
    }
}
