//! What a hostile peer says to the broker first, and what a hostile server answers to a greeting.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    pillion_server::hostile::greeting(data);
    pillion_dial::welcome(data);
    pillion_dial::answers(data);
});
