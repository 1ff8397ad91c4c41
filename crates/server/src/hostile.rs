//! What hostile peers can say to a server: the entries of fuzzing. Each reads `bytes` as one of them would send them; nothing may
//! panic, hang or take more memory than the bytes and the limits allow.

use std::path::Path;

use crate::tokens::{Tokens, records};

pub use crate::broker::greeting;
pub use crate::worker::hostile::{commands, frames, handoff, management};

/// A configuration file. Whatever is wrong with it has a place in it.
pub fn configuration(bytes: &[u8]) {
    if let Ok(text) = str::from_utf8(bytes) {
        for problem in crate::settings::problems(text) {
            let place = problem.place.as_ref().expect("what is wrong is somewhere");
            assert!(place.line >= 1 && place.line <= text.lines().count() + 1);
            assert!(!problem.to_string().is_empty());
        }
    }
}

/// A token file, of either kind.
pub fn tokens(bytes: &[u8]) {
    if let Ok(text) = str::from_utf8(bytes) {
        let path = Path::new("tokens");
        let _ = Tokens::parse(text, path);
        if let Ok(read) = records(text, path) {
            // What was read is written so that it reads the same.
            let again = records(&crate::tokens::write(&read), path);
            assert_eq!(again.expect("it was good before"), read);
        }
    }
}
