//! Every transport of this crate passes the suite.

mod common;

use pillion_transport::tls::{ClientSettings, ServerSettings, Trust};
use pillion_transport::{ConnectOptions, ListenOptions, Uri, listen, suite};
use rustix::fs::{MemfdFlags, Mode, fchmod, ftruncate, memfd_create};
use std::os::fd::AsRawFd;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

suite!(tcp, || "tcp://127.0.0.1:0".parse().unwrap());
suite!(tcp_ipv6_or_whatever_localhost_is, || "tcp://localhost:0"
    .parse()
    .unwrap());
suite!(unix, fresh_socket);
suite!(shm, || match fresh_socket() {
    Uri::Unix { path } => Uri::Shm { path },
    other => other,
});
// What a virtual machine has, or a host that loads the module vsock_loopback. `PILLION_TEST_VSOCK` says that it must be there.
suite!(
    vsock,
    || "vsock://local:0".parse().unwrap(),
    pillion_transport::conformance::plain,
    || {
        let uri = "vsock://local:0".parse().unwrap();
        match listen(&uri, &ListenOptions::default()) {
            Ok(_) => None,
            Err(error) if std::env::var_os("PILLION_TEST_VSOCK").is_some() => panic!("{error}"),
            Err(error) => Some(error.to_string()),
        }
    }
);

suite!(tls, || "tls://127.0.0.1:0".parse().unwrap(), secured);
// Keys are replaced after every few records, in both directions.
suite!(
    tls_with_new_keys_all_the_time,
    || "tls://localhost:0".parse().unwrap(),
    secured_anew
);

suite!(ws, || "ws://127.0.0.1:0".parse().unwrap());
suite!(
    wss,
    || "wss://localhost:0/some/where".parse().unwrap(),
    secured
);
// A ping is due all the time, in both directions, and gets between everything that it may.
suite!(
    ws_with_pings_all_the_time,
    || "ws://127.0.0.1:0".parse().unwrap(),
    restless
);
suite!(
    wss_with_pings_and_new_keys_all_the_time,
    || "wss://127.0.0.1:0".parse().unwrap(),
    secured_and_restless
);

fn restless() -> (ConnectOptions, ListenOptions) {
    hurried(pillion_transport::conformance::plain())
}

fn secured_and_restless() -> (ConnectOptions, ListenOptions) {
    hurried(secured_anew())
}

fn hurried(
    (mut connect, mut listen): (ConnectOptions, ListenOptions),
) -> (ConnectOptions, ListenOptions) {
    connect.quiet = Duration::from_millis(1);
    listen.quiet = connect.quiet;
    (connect, listen)
}

/// A certificate that all processes of these tests share, and what trusts it.
fn secured() -> (ConnectOptions, ListenOptions) {
    static SETTINGS: OnceLock<(ConnectOptions, ListenOptions)> = OnceLock::new();
    SETTINGS.get_or_init(|| secured_with(u64::MAX)).clone()
}

fn secured_anew() -> (ConnectOptions, ListenOptions) {
    static SETTINGS: OnceLock<(ConnectOptions, ListenOptions)> = OnceLock::new();
    SETTINGS.get_or_init(|| secured_with(20)).clone()
}

fn secured_with(records: u64) -> (ConnectOptions, ListenOptions) {
    let shared = common::shared();
    let mut client = ClientSettings::new(Trust::Authorities(shared.ca()));
    client.rekey_after = Some(records);
    let server = ServerSettings::read(shared.server(), |_| {}).unwrap();
    (
        ConnectOptions::new(Duration::from_secs(30)).tls(client),
        ListenOptions::default().tls(Arc::new(server.rekey_after(records))),
    )
}

// Handed on; until then a greeting's worth of bytes goes over the control connection.
suite!(
    ucx,
    || "ucx://127.0.0.1:0".parse().unwrap(), pillion_transport::conformance::plain, lacks_ucx,
    only handoff_within_the_process handoff_to_a_child peer_closes peer_is_killed empty_buffers waker timeouts accept_ends address_in_use
        nobody_listens close_on_exec nothing_leaks
);
// Over UCX from the beginning, as a worker and a client are.
suite!(
    ucx_in_place, || "ucx://127.0.0.1:0".parse().unwrap(), served_in_place, lacks_ucx,
    only order large_payloads vectored full_duplex back_pressure shutdown_of_one_direction shutdown_without_room peer_closes peer_is_killed empty_buffers
        waker no_wake_is_lost several_waiters timeouts many_at_once
);
suite!(
    ucx_with_tls, || "ucx://tls://127.0.0.1:0".parse().unwrap(), secured_in_place, lacks_ucx,
    only order full_duplex back_pressure shutdown_of_one_direction shutdown_without_room peer_closes peer_is_killed no_wake_is_lost several_waiters
);

fn served_in_place() -> (ConnectOptions, ListenOptions) {
    let (connect, listen) = pillion_transport::conformance::plain();
    (connect, listen.in_place())
}

fn secured_in_place() -> (ConnectOptions, ListenOptions) {
    let (connect, listen) = secured();
    (connect, listen.in_place())
}

/// Which of UCX's own transports are tested, `UCX_TLS` says. `PILLION_TEST_UCX` says that UCX must be there.
fn lacks_ucx() -> Option<String> {
    match pillion_transport::ucx::version() {
        Ok(_) => None,
        Err(error) if std::env::var_os("PILLION_TEST_UCX").is_some() => panic!("{error}"),
        Err(error) => Some(error.to_string()),
    }
}

suite!(ivshmem, || Uri::Ivshmem {
    memory: memory(),
    control: Box::new(fresh_socket()),
});
suite!(ivshmem_over_tcp, || Uri::Ivshmem {
    memory: memory(),
    control: Box::new("tcp://127.0.0.1:0".parse().unwrap()),
});

/// Memory of a test's own, with parts enough for its connections, which goes with this process.
fn memory() -> PathBuf {
    let memory = memfd_create("pillion-test", MemfdFlags::CLOEXEC).unwrap();
    ftruncate(&memory, 300 << 20).unwrap();
    fchmod(&memory, Mode::RUSR | Mode::WUSR).unwrap();
    let path = format!("/proc/{}/fd/{}", std::process::id(), memory.as_raw_fd());
    // A listener opens it with every connection.
    std::mem::forget(memory);
    path.into()
}

fn fresh_socket() -> Uri {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    Uri::Unix {
        path: std::env::temp_dir().join(format!("pillion-test-{}-{n}.sock", std::process::id())),
    }
}
