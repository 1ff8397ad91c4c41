//! Pillion's CPU device: runs CUDA kernels, given as PTX, on the processor.
//!
//! [`engine`] compiles PTX and executes it.

pub mod engine;
