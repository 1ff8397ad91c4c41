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

pub mod account;
pub mod broker;
pub mod cache;
pub mod hostile;
pub mod settings;
pub mod tokens;
pub mod turn;
pub mod user;
mod web;
pub mod worker;

pub use broker::{DeviceChoice, ServeError, serve};

/// Fills `bytes` with the kernel's random ones.
fn random(bytes: &mut [u8]) -> rustix::io::Result<()> {
    let mut have = 0;
    while have < bytes.len() {
        match rustix::rand::getrandom(&mut bytes[have..], rustix::rand::GetRandomFlags::empty()) {
            Ok(n) => have += n,
            Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
