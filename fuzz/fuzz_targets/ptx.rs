//! PTX from an untrusted program: compiling never panics.
#![no_main]

use pillion_cpu_device::engine::{CompileOptions, Program};

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        let _ = Program::compile(&[text], &CompileOptions::default());
    }
});
