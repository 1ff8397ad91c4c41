//! What the paths that programs take most often cost.
//!
//! `counts` runs each of them under Valgrind and counts: instructions, system calls, calls into the C library, allocations.
//! `cargo xtask bench-guard` compares that with `instructions.toml`, so that a change that makes a launch dearer is seen when it is
//! made, on any machine. The benches measure the time of the same paths, and of copies through each transport
//! (`cargo bench -p pillion-benches`).
//!
//! At one end is a [`Program`](program::Program), which calls the client library's exported functions, and at the other a worker on
//! a [`device`] that does nothing, in the same process.

pub mod callgrind;
pub mod counting;
pub mod device;
pub mod frames;
pub mod gate;
pub mod program;
pub mod wires;
