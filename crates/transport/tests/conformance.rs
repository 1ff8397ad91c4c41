//! Every transport of this crate passes the suite.

use pillion_transport::{Uri, suite};
use std::sync::atomic::{AtomicU32, Ordering};

suite!(tcp, || "tcp://127.0.0.1:0".parse().unwrap());
suite!(tcp_ipv6_or_whatever_localhost_is, || "tcp://localhost:0"
    .parse()
    .unwrap());
suite!(unix, fresh_socket);
suite!(shm, || match fresh_socket() {
    Uri::Unix { path } => Uri::Shm { path },
    other => other,
});

fn fresh_socket() -> Uri {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    Uri::Unix {
        path: std::env::temp_dir().join(format!("pillion-test-{}-{n}.sock", std::process::id())),
    }
}
