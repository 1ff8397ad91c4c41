//! What a peer sends behind the handshake, and what a broken broker says a connection is.
#![no_main]

use pillion_transport::tls;

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    tls::hostile_records(data);
    tls::hostile_handoff(data);
});
