//! What an operator, or a script of one's, writes into a server's settings.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pillion_server::hostile::configuration(data));
