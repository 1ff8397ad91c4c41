//! Where a server listens, and a client looks, when nobody says.

use std::path::PathBuf;

use crate::uri::{DEFAULT_PORT, Uri};

/// The socket of a server of this user: `$XDG_RUNTIME_DIR/pillion/pillion.sock`, or below `/tmp` in a folder of the user's.
#[must_use]
pub fn default_socket() -> PathBuf {
    match std::env::var_os("XDG_RUNTIME_DIR") {
        Some(folder) if !folder.is_empty() => PathBuf::from(folder).join("pillion/pillion.sock"),
        _ => PathBuf::from(format!(
            "/tmp/pillion-{}/pillion.sock",
            rustix::process::getuid().as_raw()
        )),
    }
}

/// The socket over which that server hands out shared memory: in the same folder.
#[must_use]
pub fn default_shm_socket() -> PathBuf {
    default_socket().with_extension("shm")
}

/// Shared memory, the Unix socket of the user, then TCP on loopback: from the fastest to the one that goes furthest.
#[must_use]
pub fn default_uris() -> [Uri; 3] {
    [
        Uri::Shm {
            path: default_shm_socket(),
        },
        Uri::Unix {
            path: default_socket(),
        },
        Uri::Tcp {
            host: "127.0.0.1".to_owned(),
            port: DEFAULT_PORT,
        },
    ]
}
