//! Replies and pushes of a hostile server, as the client library reads them.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| cuda::hostile::replies(data));
