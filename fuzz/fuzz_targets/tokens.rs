//! What a token file may hold.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pillion_server::hostile::tokens(data));
