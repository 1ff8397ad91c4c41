//! Pillion's CPU device: runs CUDA kernels, given as PTX, on the processor.
//!
//! [`engine`] compiles PTX and executes it; [`driver_table`] presents it as a driver, for a Pillion worker to use as it
//! uses NVIDIA's.
//!
//! It may be a part of a device that it presents ([`DeviceOptions::share`]): fewer multiprocessors, which use no more than their share of
//! the processors. So sessions that share a GPU by NVIDIA's MPS can be tried without one.

mod driver;
pub mod engine;

pub use driver::{DeviceOptions, MOST_DEVICES, driver_table};
