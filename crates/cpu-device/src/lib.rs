//! Pillion's CPU device: runs CUDA kernels, given as PTX, on the processor.
//!
//! [`engine`] compiles PTX and executes it; [`driver_table`] presents it as a driver, for a Pillion worker to use as it
//! uses NVIDIA's.

mod driver;
pub mod engine;

pub use driver::{DeviceOptions, MOST_DEVICES, driver_table};
