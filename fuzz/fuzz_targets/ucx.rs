//! What a peer says over the control connection of `ucx://`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pillion_transport::ucx::hostile_control(data));
