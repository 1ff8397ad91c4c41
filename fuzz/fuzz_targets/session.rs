//! Commands of a hostile client, of every opcode, in sessions on the CPU device.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pillion_server::hostile::commands(data));
