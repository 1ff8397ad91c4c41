//! Bodies: words, plain structs, arrays and text, each padded to eight bytes.
//!
//! A scalar is one 64-bit word. A struct is a word with its size, then its bytes: a reader takes as many as it knows and
//! zeroes the rest. An array is a word with its count, a word with its element size, then the bytes. Text and bytes are a
//! word with the length, then the bytes.

use std::ffi::CString;

use pillion_cuda_abi::{Plain, Scalar, plain_from_bytes, plain_to_bytes};
use thiserror::Error;

/// What a peer sent that it may not send. It ends the session.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Violation {
    /// A body longer than a frame may carry.
    #[error("a frame of {0} bytes is longer than the limit of {max}", max = crate::MAX_BODY)]
    FrameTooLong(u32),
    /// A body that ends before what it has to hold.
    #[error("a body ends {missing} bytes early")]
    Truncated {
        /// Bytes that are missing.
        missing: usize,
    },
    /// A body with more than it has to hold.
    #[error("a body has {0} bytes too many")]
    Trailing(usize),
    /// An interface that this side does not know.
    #[error("unknown interface {0}")]
    UnknownInterface(u8),
    /// An opcode that this side does not know.
    #[error("unknown opcode {0}")]
    UnknownOpcode(u16),
    /// A reply that this side does not know.
    #[error("unknown reply {0}")]
    UnknownReply(u16),
    /// A number that is out of the range it has here.
    #[error("{what} is {value}, out of range")]
    OutOfRange {
        /// What the number means.
        what: &'static str,
        /// What it was.
        value: u64,
    },
    /// Packed bytes that are none, or that are more or fewer than was said.
    #[error("packed data is not the {0} bytes that it says it is")]
    Packed(usize),
    /// Text that is not UTF-8, or holds a NUL.
    #[error("a text is malformed")]
    MalformedText,
    /// A frame where another was due.
    #[error("{0}")]
    OutOfOrder(&'static str),
    /// A greeting of something that is not Pillion.
    #[error("the peer does not speak Pillion")]
    NotPillion,
}

/// Appends a body to a buffer.
#[derive(Debug)]
pub struct Encoder<'a> {
    buffer: &'a mut Vec<u8>,
}

impl<'a> Encoder<'a> {
    /// Appends to `buffer`.
    pub fn new(buffer: &'a mut Vec<u8>) -> Self {
        Encoder { buffer }
    }

    /// One word.
    #[inline]
    pub fn scalar(&mut self, value: impl Scalar) {
        self.buffer
            .extend_from_slice(&value.to_word().to_le_bytes());
    }

    /// A struct.
    pub fn pod<T: Plain>(&mut self, value: &T) {
        self.bytes(plain_to_bytes(std::slice::from_ref(value)));
    }

    /// A struct that may be missing.
    pub fn maybe_pod<T: Plain>(&mut self, value: Option<&T>) {
        self.scalar(u32::from(value.is_some()));
        if let Some(value) = value {
            self.pod(value);
        }
    }

    /// An array that may be missing.
    pub fn maybe_pods<T: Plain>(&mut self, values: Option<&[T]>) {
        self.scalar(u32::from(values.is_some()));
        if let Some(values) = values {
            self.pods(values);
        }
    }

    /// An array.
    pub fn pods<T: Plain>(&mut self, values: &[T]) {
        self.scalar(values.len());
        self.scalar(size_of::<T>());
        self.padded(plain_to_bytes(values));
    }

    /// Bytes with their length.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.scalar(bytes.len());
        self.padded(bytes);
    }

    /// Text with its length.
    pub fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    /// The bytes alone: what is last in a body needs no length.
    pub fn rest(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    fn padded(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        self.buffer.resize(self.buffer.len() + pad(bytes.len()), 0);
    }
}

/// Takes a body apart.
#[derive(Debug, Clone)]
pub struct Decoder<'a> {
    bytes: &'a [u8],
}

impl<'a> Decoder<'a> {
    /// Reads from `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Decoder { bytes }
    }

    /// One word.
    #[inline]
    pub fn scalar<T: Scalar>(&mut self) -> Result<T, Violation> {
        let Some((word, rest)) = self.bytes.split_first_chunk::<8>() else {
            return Err(Violation::Truncated {
                missing: 8 - self.bytes.len(),
            });
        };
        self.bytes = rest;
        Ok(T::from_word(u64::from_le_bytes(*word)))
    }

    /// One word that must be at most `max`; `what` names it in the error.
    pub fn at_most(&mut self, what: &'static str, max: u64) -> Result<u64, Violation> {
        let value: u64 = self.scalar()?;
        if value > max {
            Err(Violation::OutOfRange { what, value })
        } else {
            Ok(value)
        }
    }

    /// A struct; what the sender did not know of it is zero.
    pub fn pod<T: Plain>(&mut self) -> Result<T, Violation> {
        Ok(plain_from_bytes(self.bytes()?))
    }

    /// A struct that may be missing.
    pub fn maybe_pod<T: Plain>(&mut self) -> Result<Option<T>, Violation> {
        match self.at_most("whether a value is there", 1)? {
            0 => Ok(None),
            _ => self.pod().map(Some),
        }
    }

    /// An array that may be missing, and otherwise must have `count` elements.
    pub fn maybe_pods<T: Plain>(&mut self, count: usize) -> Result<Option<Vec<T>>, Violation> {
        match self.at_most("whether an array is there", 1)? {
            0 => Ok(None),
            _ => self.pods(count).map(Some),
        }
    }

    /// An array that must have `count` elements.
    pub fn pods<T: Plain>(&mut self, count: usize) -> Result<Vec<T>, Violation> {
        let have: u64 = self.scalar()?;
        if have != count as u64 {
            return Err(Violation::OutOfRange {
                what: "the length of an array",
                value: have,
            });
        }
        let size = self.at_most("the size of an element", 1 << 16)? as usize;
        let len = count.checked_mul(size).ok_or(Violation::OutOfRange {
            what: "the length of an array",
            value: have,
        })?;
        if size == 0 {
            return Err(Violation::OutOfRange {
                what: "the size of an element",
                value: 0,
            });
        }
        let bytes = self.padded(len)?;
        Ok(bytes.chunks_exact(size).map(plain_from_bytes).collect())
    }

    /// Bytes with their length.
    pub fn bytes(&mut self) -> Result<&'a [u8], Violation> {
        let len: u64 = self.scalar()?;
        self.padded(usize::try_from(len).unwrap_or(usize::MAX))
    }

    /// Text without NULs, for a C callee.
    pub fn text(&mut self) -> Result<CString, Violation> {
        CString::new(self.bytes()?).map_err(|_| Violation::MalformedText)
    }

    /// UTF-8 text.
    pub fn string(&mut self) -> Result<&'a str, Violation> {
        std::str::from_utf8(self.bytes()?).map_err(|_| Violation::MalformedText)
    }

    /// All that is left.
    pub fn rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.bytes)
    }

    /// Whether nothing is left.
    pub fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Checks that nothing is left.
    ///
    /// # Errors
    ///
    /// [`Violation::Trailing`].
    pub fn end(&self) -> Result<(), Violation> {
        if self.bytes.is_empty() {
            Ok(())
        } else {
            Err(Violation::Trailing(self.bytes.len()))
        }
    }

    fn padded(&mut self, len: usize) -> Result<&'a [u8], Violation> {
        let whole = len.saturating_add(pad(len));
        if whole > self.bytes.len() {
            return Err(Violation::Truncated {
                missing: whole - self.bytes.len(),
            });
        }
        let (taken, rest) = self.bytes.split_at(whole);
        self.bytes = rest;
        Ok(&taken[..len])
    }
}

fn pad(len: usize) -> usize {
    len.wrapping_neg() & 7
}
