//! The wire between a Pillion client and a Pillion server. This documentation is its specification.
//!
//! The crate is sans-IO: it turns values into bytes and bytes into values, and knows nothing of sockets. Everything that
//! arrives is untrusted; decoding is bounded and fails with a [`Violation`], never with a panic.
//!
//! # A session
//!
//! ```text
//! client                                   broker                         worker
//!   | -- Hello{versions, token, program} --> |                               |
//!   |    (refused: <-- End{reason} --)       | -- connection, Hello -------> |
//!   | <------------------ Welcome{session, driver version, devices} -------- |
//!   | -- Command seq 1 ---------------------------------------------------> |  executed in order,
//!   | -- Command seq 2 ---------------------------------------------------> |  never waiting for the device
//!   | <------------------------------------------------- Answer to seq 2 -- |
//!   | <------------------------------------------- Data of seq 7, in parts - |
//!   | <------------------------------------------------- Answer to seq 7 -- |
//!   | -- Goodbye, or the connection closes -------------------------------> |
//! ```
//!
//! Both directions are sequences of frames. A frame is a 32-byte [`Header`] and a body of at most [`MAX_BODY`] bytes. All
//! numbers are little-endian.
//!
//! # Order
//!
//! A client process sends one stream of commands. The server executes them in that order, whichever thread issued them. A
//! command's *answer*, where it has one, may come after answers to later commands: a synchronisation is answered when the
//! device has got there. What a client may rely on:
//!
//! * [`Reply::Data`] of a copy precedes its [`Reply::Answer`], and both precede the answer to any later synchronisation that
//!   covers the copy.
//! * [`Reply::Output`] (device `printf`) precedes the answer to the synchronisation that covers the kernel.
//! * [`Reply::AsyncError`] precedes every answer to a command later than the one that failed.
//!
//! # Numbers
//!
//! Commands carry a sequence number that rises by one; server frames carry their own, and name in `answers` the command that
//! they belong to. Together with the session's identity this is what resuming after a cut link will need.
//!
//! # Handles
//!
//! The client names its own objects (see [`handle`]): a handle is 64 bits of kind, generation and index. Streams have two
//! names that need no creation: 0 is the legacy default stream of the command's context, 2 the default stream of the
//! command's thread. Device pointers are the server's real addresses.
//!
//! # Versions
//!
//! [`PROTOCOL_VERSION`] names what the sender speaks, and [`OLDEST_VERSION`] what it still understands; a session speaks the newest that
//! both do. Where there is none, the server ends it with a sentence that says which of the two to upgrade: it is the server that has
//! heard both, so that a server need not be known to the client to be understood. [`Hello::build`] and [`Welcome::build`] are for such
//! sentences, and decide nothing.
//!
//! **What a version promises.** A frame's header, what an opcode, a reply or a field of theirs means, and in which order what happens,
//! stay as they are for as long as the version is spoken. Numbers are never used again. All of this may come without a new version:
//!
//! * An opcode. [`Welcome::opcodes`] lists those that the server has; the client sends no other, and answers what it would need them
//!   for itself: by another way, or with `CUDA_ERROR_NOT_SUPPORTED`. An opcode that is not listed ends the session of who sends it.
//! * A field at the end of [`Hello`], [`Welcome`] or a struct within a body, and a bit in a word of flags of these two. A reader passes
//!   over what it does not know, and takes what its peer does not say for zero, or for nothing.
//! * A reply, or a new form of one, for those who have asked for it: by an opcode, a flag of a command
//!   ([`COPY_PACK`](command::COPY_PACK)), or a bit of [`Hello`]. A reply that a client does not know ends its session.
//!
//! Everything else that changes is a new version: more or fewer words in a command's body, whose reader takes no other number than its
//! own; another meaning; another order. Whoever raises it keeps speaking the one before, so that [`OLDEST_VERSION`] follows a release
//! later at the earliest, and says here what is different.
//!
//! A server may also have fewer opcodes than its version because its driver lacks the functions, or because its operator has switched
//! something off ([content caches](command::OF_CACHES), [packing](command::OF_PACKING)). How long pages of memory are, and which
//! addresses a process may have, is told by nobody: each side rounds to its own.
//!
//! | version | what is different |
//! |---|---|
//! | 1 | the first |

#![forbid(unsafe_code)]

mod codec;
pub mod command;
mod frame;
pub mod graph;
pub mod handle;
mod hello;
mod hostile;
pub mod numbers;
pub mod nvml;
pub mod packed;
mod processes;
mod reply;

pub use codec::{Decoder, Encoder, Violation};
pub use frame::{HEADER_LEN, Header, Interface, MAX_BODY, ReplyHeader};
pub use hello::{DeviceSnapshot, Hello, MAX_DEVICE_LIST, MAX_HELLO, Opcodes, Welcome};
pub use hostile::{read_everything, read_packed};
pub use processes::Process;
pub use reply::Reply;

/// What this side is called, for people: what the wire means is told by [`PROTOCOL_VERSION`] alone.
pub const BUILD: &str = env!("CARGO_PKG_VERSION");
/// What this crate speaks.
pub const PROTOCOL_VERSION: u32 = 1;
/// The oldest version that it still understands.
pub const OLDEST_VERSION: u32 = 1;
/// The TCP port of a server.
pub const DEFAULT_PORT: u16 = 7717;
/// Bytes of a large copy or image that one frame carries at most; larger ones are cut.
pub const CHUNK: usize = 1 << 20;
