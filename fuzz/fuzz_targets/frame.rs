//! Frames, commands, replies and greetings from an untrusted peer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| pillion_protocol::read_everything(data));
