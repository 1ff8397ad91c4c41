//! An image of any kind, and what all kinds have in common.

use crate::elf::Elf;
use crate::error::ImageError;
use crate::fatbin::{self, Fatbin};
use crate::ptx;
use crate::reader::u32_at;
use std::fmt;

/// First `u32` of a wrapper (`__fatBinC_Wrapper_t`).
pub(crate) const WRAPPER_MAGIC: u32 = 0x4662_43b1;
/// First bytes of an ELF file.
pub(crate) const ELF_MAGIC: [u8; 4] = *b"\x7fELF";

/// A program image.
#[derive(Clone, Debug)]
pub enum Image<'a> {
    /// Several images, of which the driver chooses one.
    Fatbin(Fatbin<'a>),
    /// Machine code for one compute capability.
    Elf(Elf<'a>),
    /// PTX text, without the byte order mark, white space and zeros around it.
    Ptx(&'a [u8]),
}

impl<'a> Image<'a> {
    /// Reads the image that `bytes` begins with. What follows a fat binary or a cubin is ignored, as the driver does.
    ///
    /// Of a fat binary the headers of all entries are checked, of a cubin all section headers, of PTX only that it looks
    /// like it: text with a `.version` directive.
    ///
    /// # Errors
    /// [`ImageError`]; [`ImageError::Wrapper`] for a wrapper, which only [`raw::measure`](crate::raw::measure) can follow.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, ImageError> {
        match u32_at(bytes, 0) {
            Some(WRAPPER_MAGIC) => Err(ImageError::Wrapper),
            Some(fatbin::MAGIC) => Fatbin::parse(bytes).map(Self::Fatbin),
            Some(magic) if magic.to_le_bytes() == ELF_MAGIC => Elf::parse(bytes).map(Self::Elf),
            _ => match ptx::text(bytes) {
                Some(text) if ptx::looks_like(text) => Ok(Self::Ptx(text)),
                _ => Err(ImageError::Unrecognized {
                    first: bytes[..bytes.len().min(8)].to_vec(),
                }),
            },
        }
    }
}

/// A compute capability: `(9, 0)` is `sm_90`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Capability {
    /// The generation.
    pub major: u32,
    /// The step within it.
    pub minor: u32,
}

impl Capability {
    /// From the number in names like `sm_90`: the last digit is the minor one.
    #[must_use]
    pub fn from_sm(sm: u32) -> Self {
        Self {
            major: sm / 10,
            minor: sm % 10,
        }
    }
}

impl From<(u32, u32)> for Capability {
    fn from((major, minor): (u32, u32)) -> Self {
        Self { major, minor }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

/// A kernel and the layout of its parameters, as `cuLaunchKernel` packs them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kernel {
    /// The name that `cuModuleGetFunction` takes.
    pub name: String,
    /// Its parameters in the order of `kernelParams`.
    pub params: Vec<Param>,
    /// Bytes of the whole block of parameters: the end of the last.
    pub param_bytes: u32,
}

/// Where one parameter lies in the block of parameters, both in bytes, as `cuFuncGetParamInfo` reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// From the beginning of the block.
    pub offset: u32,
    /// Of the parameter.
    pub size: u32,
}
