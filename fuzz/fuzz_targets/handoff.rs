//! What a broken broker says to its worker, and a worker to its broker.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pillion_server::hostile::handoff(data));
