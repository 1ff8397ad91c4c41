//! Frames: a fixed header, then a body.

use zerocopy::little_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::Violation;

/// Bytes of a header, in both directions.
pub const HEADER_LEN: usize = 32;
/// Most bytes that a body may have: a chunk of data, and room for what describes it.
pub const MAX_BODY: usize = crate::CHUNK + (64 << 10);

/// Which part of the server a frame is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Interface {
    /// The session itself: hello, ping, goodbye.
    Session = 0,
    /// The CUDA driver API.
    Cuda = 1,
    /// The management library: [`crate::nvml`].
    Nvml = 2,
}

impl TryFrom<u8> for Interface {
    type Error = Violation;
    fn try_from(byte: u8) -> Result<Self, Violation> {
        match byte {
            0 => Ok(Interface::Session),
            1 => Ok(Interface::Cuda),
            2 => Ok(Interface::Nvml),
            other => Err(Violation::UnknownInterface(other)),
        }
    }
}

/// The header of a client's frame.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct Header {
    /// Bytes of the body.
    pub len: U32,
    /// [`Interface`].
    pub interface: u8,
    /// 0; readers ignore it.
    pub flags: u8,
    /// What to do: [`crate::command`], or an opcode of the function table.
    pub opcode: U16,
    /// The command's place in the session's order, from 1.
    pub sequence: U64,
    /// The context that was current to the calling thread (a handle, or 0).
    pub context: U64,
    /// The calling thread, numbered by the client from 0.
    pub thread: U32,
    /// 0; readers ignore it.
    pub reserved: U32,
}

/// The header of a server's frame.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct ReplyHeader {
    /// Bytes of the body.
    pub len: U32,
    /// [`Interface`].
    pub interface: u8,
    /// 0; readers ignore it.
    pub flags: u8,
    /// [`crate::Reply`].
    pub kind: U16,
    /// The frame's place in what the server sent, from 1.
    pub sequence: U64,
    /// The sequence number of the command that this belongs to, or 0.
    pub answers: U64,
    /// 0; readers ignore it.
    pub reserved: U64,
}

const _: () = assert!(size_of::<Header>() == HEADER_LEN && size_of::<ReplyHeader>() == HEADER_LEN);

impl Header {
    /// A header for a body of `len` bytes.
    pub fn new(
        interface: Interface,
        opcode: u16,
        len: usize,
        sequence: u64,
        context: u64,
        thread: u32,
    ) -> Self {
        debug_assert!(len <= MAX_BODY);
        Header {
            len: U32::new(len as u32),
            interface: interface as u8,
            flags: 0,
            opcode: U16::new(opcode),
            sequence: U64::new(sequence),
            context: U64::new(context),
            thread: U32::new(thread),
            reserved: U32::ZERO,
        }
    }

    /// The header in `bytes`.
    ///
    /// # Errors
    ///
    /// Where the body would be longer than [`MAX_BODY`].
    pub fn parse(bytes: &[u8; HEADER_LEN]) -> Result<Self, Violation> {
        let header: Header = zerocopy::transmute!(*bytes);
        check(header.len.get())?;
        Ok(header)
    }
}

impl ReplyHeader {
    /// A header for a body of `len` bytes.
    pub fn new(kind: u16, len: usize, sequence: u64, answers: u64) -> Self {
        debug_assert!(len <= MAX_BODY);
        ReplyHeader {
            len: U32::new(len as u32),
            interface: Interface::Cuda as u8,
            flags: 0,
            kind: U16::new(kind),
            sequence: U64::new(sequence),
            answers: U64::new(answers),
            reserved: U64::ZERO,
        }
    }

    /// The header in `bytes`.
    ///
    /// # Errors
    ///
    /// Where the body would be longer than [`MAX_BODY`].
    pub fn parse(bytes: &[u8; HEADER_LEN]) -> Result<Self, Violation> {
        let header: ReplyHeader = zerocopy::transmute!(*bytes);
        check(header.len.get())?;
        Ok(header)
    }
}

fn check(len: u32) -> Result<(), Violation> {
    if len as usize > MAX_BODY {
        Err(Violation::FrameTooLong(len))
    } else {
        Ok(())
    }
}
