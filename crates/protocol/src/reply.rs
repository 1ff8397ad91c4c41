//! What a server sends.

use pillion_cuda_abi::CUresult;
use zerocopy::IntoBytes;

use crate::frame::{HEADER_LEN, ReplyHeader};
use crate::{Decoder, Encoder, Violation};

/// One frame of the server, taken apart. The header's `answers` says which command it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply<'a> {
    /// The greeting's answer: [`crate::Welcome`].
    Welcome(&'a [u8]),
    /// The answer to a command.
    Answer {
        /// How it ended.
        status: CUresult,
        /// What it said besides.
        body: &'a [u8],
    },
    /// A part of a device-to-host copy.
    Data {
        /// Where in the copy's destination it belongs.
        offset: u64,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// A part of a device-to-host copy, [packed](crate::packed): only where the copy asked for it
    /// ([`crate::command::COPY_PACK`]).
    Packed {
        /// Where in the copy's destination it belongs.
        offset: u64,
        /// Bytes of it once it is unpacked; at most [`crate::CHUNK`].
        len: usize,
        /// It, packed.
        block: &'a [u8],
    },
    /// What a query found unfinished has finished.
    Completed {
        /// How.
        status: CUresult,
    },
    /// A command that nobody waits for has failed.
    AsyncError {
        /// How.
        status: CUresult,
    },
    /// Text that the device printed.
    Output {
        /// 1 for standard output, 2 for standard error.
        stream: u32,
        /// The bytes.
        bytes: &'a [u8],
    },
    /// The device has come to a host function, or has let go of a user object.
    Call {
        /// The client's number for it.
        call: u64,
        /// What [`crate::command::cuda::CALL_DONE`] has to name; 0 where nothing waits for it.
        turn: u64,
    },
    /// Before [`Reply::Welcome`]: there is no room on the devices yet. Comes again when that changes, and every few seconds; only to who
    /// [waits](crate::Hello::waits).
    Queued {
        /// The client's place in the queue; 1 is next.
        position: u64,
    },
    /// The session is over.
    End {
        /// Why, as a sentence for the user.
        reason: &'a str,
    },
}

const WELCOME: u16 = 1;
const ANSWER: u16 = 2;
const DATA: u16 = 3;
const COMPLETED: u16 = 4;
const ASYNC_ERROR: u16 = 5;
const OUTPUT: u16 = 6;
const END: u16 = 7;
const CALL: u16 = 8;
const PACKED: u16 = 9;
const QUEUED: u16 = 10;

impl<'a> Reply<'a> {
    /// The number on the wire of a [`Reply::Data`] frame, whose bytes a receiver may want to read straight to their place.
    pub const DATA: u16 = DATA;
    /// Bytes of a [`Reply::Data`] body before the data.
    pub const DATA_HEAD: usize = 8;

    /// Takes the frame with this header and body apart.
    ///
    /// # Errors
    ///
    /// Where the frame is malformed.
    pub fn decode(header: &ReplyHeader, body: &'a [u8]) -> Result<Self, Violation> {
        let mut decoder = Decoder::new(body);
        let status = |d: &mut Decoder<'a>| d.scalar::<CUresult>();
        Ok(match header.kind.get() {
            WELCOME => Reply::Welcome(decoder.rest()),
            ANSWER => Reply::Answer {
                status: status(&mut decoder)?,
                body: decoder.rest(),
            },
            DATA => Reply::Data {
                offset: decoder.scalar()?,
                bytes: decoder.rest(),
            },
            PACKED => Reply::Packed {
                offset: decoder.scalar()?,
                len: decoder.at_most("the length of a part", crate::CHUNK as u64)? as usize,
                block: decoder.rest(),
            },
            COMPLETED => Reply::Completed {
                status: status(&mut decoder)?,
            },
            ASYNC_ERROR => Reply::AsyncError {
                status: status(&mut decoder)?,
            },
            OUTPUT => Reply::Output {
                stream: decoder.scalar()?,
                bytes: decoder.rest(),
            },
            CALL => Reply::Call {
                call: decoder.scalar()?,
                turn: decoder.scalar()?,
            },
            QUEUED => Reply::Queued {
                position: decoder.scalar()?,
            },
            END => Reply::End {
                reason: std::str::from_utf8(decoder.rest())
                    .map_err(|_| Violation::MalformedText)?,
            },
            other => return Err(Violation::UnknownReply(other)),
        })
    }

    /// Appends what comes before the bytes of a [`Reply::Data`] frame: a sender may have the bytes elsewhere.
    pub fn encode_data_head(
        offset: u64,
        len: usize,
        sequence: u64,
        answers: u64,
        out: &mut Vec<u8>,
    ) {
        let header = ReplyHeader::new(DATA, Self::DATA_HEAD + len, sequence, answers);
        out.extend_from_slice(header.as_bytes());
        Encoder::new(out).scalar(offset);
    }

    /// Appends header and body to `out`. The body must fit a frame.
    pub fn encode(&self, sequence: u64, answers: u64, out: &mut Vec<u8>) {
        let start = out.len();
        out.resize(start + HEADER_LEN, 0);
        let mut body = Encoder::new(out);
        let kind = match self {
            Reply::Welcome(bytes) => {
                body.rest(bytes);
                WELCOME
            }
            Reply::Answer {
                status,
                body: bytes,
            } => {
                body.scalar(*status);
                body.rest(bytes);
                ANSWER
            }
            Reply::Data { offset, bytes } => {
                body.scalar(*offset);
                body.rest(bytes);
                DATA
            }
            Reply::Packed { offset, len, block } => {
                body.scalar(*offset);
                body.scalar(*len);
                body.rest(block);
                PACKED
            }
            Reply::Completed { status } => {
                body.scalar(*status);
                COMPLETED
            }
            Reply::AsyncError { status } => {
                body.scalar(*status);
                ASYNC_ERROR
            }
            Reply::Output { stream, bytes } => {
                body.scalar(*stream);
                body.rest(bytes);
                OUTPUT
            }
            Reply::Call { call, turn } => {
                body.scalar(*call);
                body.scalar(*turn);
                CALL
            }
            Reply::Queued { position } => {
                body.scalar(*position);
                QUEUED
            }
            Reply::End { reason } => {
                body.rest(reason.as_bytes());
                END
            }
        };
        let header = ReplyHeader::new(kind, out.len() - start - HEADER_LEN, sequence, answers);
        out[start..start + HEADER_LEN].copy_from_slice(header.as_bytes());
    }
}
