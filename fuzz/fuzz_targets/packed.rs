//! Packed bulk data from an untrusted peer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pillion_protocol::read_packed(data));
