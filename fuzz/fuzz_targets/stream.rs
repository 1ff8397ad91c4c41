//! Bytes of a hostile client behind its greeting.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pillion_server::hostile::frames(data));
