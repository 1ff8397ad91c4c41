//! What strangers ask a listener of WebSockets for, what they send behind that, and what a broken broker says a connection is.
#![no_main]

use pillion_transport::ws;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    ws::hostile_heads(data);
    ws::hostile_frames(data);
    ws::hostile_handoff(data);
});
