//! Questions to the server's side of the management library, and answers to the client's.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    pillion_server::hostile::management(data);
    nvidia_ml::hostile::answer(data);
});
