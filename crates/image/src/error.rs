//! What can be wrong with an image.

/// An image that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImageError {
    /// It ends before what it says it holds.
    #[error(
        "the image is cut off: its {what} needs {needed} bytes at offset {offset}, and it has {length} in all; load the whole file"
    )]
    Truncated {
        /// Which part.
        what: &'static str,
        /// Where that part begins.
        offset: u64,
        /// How many bytes it needs.
        needed: u64,
        /// How many bytes there are.
        length: u64,
    },
    /// It is neither a fat binary nor a cubin nor PTX.
    #[error(
        "the image begins with {first:02x?}, which is no fat binary, cubin or PTX; pass what nvcc, NVRTC or nvJitLink made"
    )]
    Unrecognized {
        /// Its first bytes, up to 8.
        first: Vec<u8>,
    },
    /// It is a wrapper, whose fat binary is somewhere else in the memory of the process that has it.
    #[error(
        "the image is only the wrapper of a fat binary, whose pointer means nothing here; send the fat binary itself"
    )]
    Wrapper,
    /// A pointer in the wrapper is null.
    #[error("the pointer to the {what} is null; pass the address of an image")]
    Null {
        /// To what.
        what: &'static str,
    },
    /// A field has a value that the format does not have.
    #[error(
        "the image's {what} is {value}, which the format does not allow; it is damaged, or newer than this build of Pillion"
    )]
    Field {
        /// Which field.
        what: &'static str,
        /// What it holds.
        value: u64,
    },
    /// Larger than any real one, or than the caller allows.
    #[error("the image's {what} has {size} bytes, more than the {limit} allowed")]
    TooLarge {
        /// Which part.
        what: &'static str,
        /// Its size in bytes.
        size: u64,
        /// The most that is allowed.
        limit: u64,
    },
    /// The payload is compressed in a way that this build cannot undo.
    #[error("the entry is {how}, which this build cannot read; compile with -compress-mode=none")]
    NotDecodable {
        /// In what way.
        how: &'static str,
    },
    /// The compressed payload is damaged.
    #[error("the compressed entry is damaged: {reason}")]
    Compressed {
        /// What the decoder said.
        reason: String,
    },
    /// The PTX cannot be understood.
    #[error("PTX line {line}: {reason}")]
    Ptx {
        /// The line, counted from 1.
        line: u32,
        /// What is wrong there.
        reason: &'static str,
    },
}
