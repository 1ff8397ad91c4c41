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
//! [`PROTOCOL_VERSION`] names what the sender speaks, and [`Hello::oldest`] what it still understands; a server that has no
//! version in common refuses with a sentence. Opcodes never change meaning; [`Hello`] and [`Welcome`] only grow at their
//! end, and a reader ignores what it does not know. What was added since the first version is absent where an older side speaks.
//!
//! Within a version a server may have fewer opcodes than its client: because it is older, or because its driver lacks the
//! functions, or because its operator has switched something off ([content caches](command::OF_CACHES),
//! [packing](command::OF_PACKING)). [`Welcome::opcodes`] lists what it has. The client answers every other call itself, with
//! `CUDA_ERROR_NOT_SUPPORTED`; an opcode that is not listed ends the session of who sends it.

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

/// What this crate speaks.
pub const PROTOCOL_VERSION: u32 = 1;
/// The oldest version that it still understands.
pub const OLDEST_VERSION: u32 = 1;
/// The TCP port of a server.
pub const DEFAULT_PORT: u16 = 7717;
/// Bytes of a large copy or image that one frame carries at most; larger ones are cut.
pub const CHUNK: usize = 1 << 20;
