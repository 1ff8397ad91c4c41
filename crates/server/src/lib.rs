//! The Pillion server: a [`broker`] that listens, admits and accounts, and one [`worker`] process per session that executes
//! commands on a device.
//!
//! ```text
//! client --- listener --- handshake --- supervisor --- control socket --- worker process --- driver
//!            (thread per   (bounded      (owns every                       (one session,
//!             listener)     threads)      child)                            then it ends)
//! ```
//!
//! The broker never touches a device and never reads a command: once a client has greeted, its connection moves into a worker
//! by descriptor passing, and the broker's copy is closed.

pub mod broker;
pub mod cache;
pub mod hostile;
pub mod worker;

pub use broker::{Config, DeviceChoice, ServeError, serve};
