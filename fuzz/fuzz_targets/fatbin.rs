//! Program images from an untrusted program.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    let _ = pillion_image::read_everything(data);
});
