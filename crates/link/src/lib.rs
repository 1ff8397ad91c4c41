//! A link between a client and a server, emulated in user space, for measurements and fault tests.
//!
//! A [`Relay`] accepts connections at one URI, makes one to the server for each, and passes the bytes on as a [`Link`] of a
//! given round trip, rate and jitter would: in order, none lost, and as late as the link makes them. It can also cut the
//! connection after some time or some bytes. Every transport of `pillion-transport` will do on either side.
//!
//! # What is emulated
//!
//! Each direction is a line of its own. Bytes enter it at `rate`, one behind the other, and leave it half a round trip after
//! they have entered, plus a random part of `jitter`; order is kept. A connection takes one round trip to be made, as TCP's
//! handshake does. What finds the line busy waits in front of it, and when too much waits there the relay stops reading, so
//! that the sender feels it. Nothing holds up bytes on their way: as many are under way as the rate and the delay allow.
//!
//! What is not: loss and retransmission, TCP's slow start, and the headers of packets, so `rate` counts payload. The figures
//! are those of the link; the hop through the relay adds what it takes the kernel to wake its threads, some tens of
//! microseconds each way.
//!
//! Rates and delays are never undercut: a byte is delivered when it is due by the clock, or later where the machine is
//! busy, and lateness does not add up.

mod line;
mod relay;
mod settings;

pub use relay::{Relay, Statistics};
pub use settings::{Cut, Link, ParseError, Rate, parse_duration};
