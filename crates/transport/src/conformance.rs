//! What every transport has to do, as tests.
//!
//! [`suite!`](crate::suite) instantiates all of it for one transport, in a test of its crate:
//!
//! ```ignore
//! pillion_transport::suite!(tcp, || "tcp://127.0.0.1:0".parse().unwrap());
//! ```
//!
//! A transport that needs settings takes them as a third argument, a `fn() -> (ConnectOptions, ListenOptions)`, which children of the
//! tests call as well.
//!
//! Contents are random. The seed is printed; `PILLION_TEST_SEED` repeats it. No test asserts how fast anything is; a test
//! that hangs is aborted by a watchdog after [`PATIENCE`].

use crate::{
    ConnectOptions, Connection, Handoff, Interest, ListenError, ListenOptions, Listener,
    ListenerClosed, Poller, Receiver, Sender, Uri, Waker, connect_with, listen,
};
use pillion_test_support::Random;
use rustix::io::{FdFlags, fcntl_getfd};
use std::io::{ErrorKind, IoSlice, IoSliceMut, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, mpsc};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

/// How long a test may take before it counts as hanging.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// Time limit of connecting, which on one machine takes none.
const CONNECT: Duration = Duration::from_secs(30);

/// Says to a test binary that it is the child of a test, and which.
const CHILD: &str = "PILLION_TEST_CHILD";
/// Where that child connects to.
const CHILD_URI: &str = "PILLION_TEST_URI";

/// Instantiates the suite as a module of tests. `$fresh` is a `fn() -> Uri` that makes an address to listen at which no
/// other test uses.
#[macro_export]
macro_rules! suite {
    ($name:ident, $fresh:expr) => {
        $crate::suite!($name, $fresh, $crate::conformance::plain);
    };
    ($name:ident, $fresh:expr, $options:expr) => {
        $crate::suite!($name, $fresh, $options, || None);
    };
    // `$lacking` is a `fn() -> Option<String>` that says what this machine lacks for the transport; its tests are skipped then.
    ($name:ident, $fresh:expr, $options:expr, $lacking:expr) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            /// Not a test: what the children of the tests do.
            #[test]
            fn child() {
                $crate::conformance::child($options);
            }

            $crate::suite!(@tests $fresh, $options, $lacking;
                order
                large_payloads
                vectored
                full_duplex
                back_pressure
                shutdown_of_one_direction
                shutdown_without_room
                peer_closes
                peer_is_killed
                empty_buffers
                waker
                no_wake_is_lost
                several_waiters
                timeouts
                handoff_within_the_process
                handoff_to_a_child
                many_at_once
                accept_ends
                address_in_use
                nobody_listens
                close_on_exec
                nothing_leaks
            );
        }
    };
    // Only these tests: of a transport that passes the others in another setting.
    ($name:ident, $fresh:expr, $options:expr, $lacking:expr, only $($test:ident)*) => {
        mod $name {
            #[allow(unused_imports)]
            use super::*;

            /// Not a test: what the children of the tests do.
            #[test]
            fn child() {
                $crate::conformance::child($options);
            }

            $crate::suite!(@tests $fresh, $options, $lacking; $($test)*);
        }
    };
    (@tests $fresh:expr, $options:expr, $lacking:expr; $($test:ident)*) => {
        $(
            #[test]
            fn $test() {
                let lacking: fn() -> Option<String> = $lacking;
                if let Some(reason) = lacking() {
                    return $crate::conformance::skipped(stringify!($test), &reason);
                }
                let rig = $crate::conformance::Rig {
                    fresh: $fresh,
                    child: concat!(module_path!(), "::child"),
                    options: $options,
                };
                $crate::conformance::guarded(stringify!($test), move || $crate::conformance::$test(&rig));
            }
        )*
    };
}

/// What the suite needs to know of a transport.
pub struct Rig {
    /// Makes an address to listen at.
    pub fresh: fn() -> Uri,
    /// Full name of the test that is the entry of child processes.
    pub child: &'static str,
    /// What to connect and to listen with.
    pub options: Options,
}

/// What to connect and to listen with.
pub type Options = fn() -> (ConnectOptions, ListenOptions);

/// Nothing in particular.
#[must_use]
pub fn plain() -> (ConnectOptions, ListenOptions) {
    (ConnectOptions::new(CONNECT), ListenOptions::default())
}

/// Both ends of a connection to a listener that nobody else connects to, the connecting one first.
pub fn meet(listener: &dyn Listener, options: &ConnectOptions) -> (Connection, Connection) {
    meet_by(&listener.uri(), listener, options)
}

/// The same by way of somebody in between, who is at `uri` and leads to the listener.
pub fn meet_by(
    uri: &Uri,
    listener: &dyn Listener,
    options: &ConnectOptions,
) -> (Connection, Connection) {
    thread::scope(|scope| {
        let far = scope.spawn(|| {
            let mut far = listener.accept().unwrap();
            far.establish(None, CONNECT).unwrap();
            far
        });
        let near = connect_with(uri, options).unwrap();
        (near, far.join().unwrap())
    })
}

impl Rig {
    fn listener(&self) -> Box<dyn Listener> {
        listen(&(self.fresh)(), &self.to_listen()).unwrap()
    }

    fn to_listen(&self) -> ListenOptions {
        (self.options)().1
    }

    fn to_connect(&self) -> ConnectOptions {
        (self.options)().0
    }

    /// Two ends of a connection with the transport's own buffers.
    fn pair(&self) -> (Connection, Connection) {
        self.pair_with(None)
    }

    /// Two ends of a connection, the connecting one first.
    fn pair_with(&self, buffer_bytes: Option<usize>) -> (Connection, Connection) {
        let (mut to_connect, mut to_listen) = (self.options)();
        to_listen.buffer_bytes = buffer_bytes;
        to_connect.buffer_bytes = buffer_bytes;
        let listener = listen(&(self.fresh)(), &to_listen).unwrap();
        meet(&*listener, &to_connect)
    }

    /// This test binary again, as the child that does `role`.
    fn child(&self, role: &str) -> Command {
        let mut command = Command::new(env::current_exe().unwrap());
        // The first part of a module's path is the crate, which names of tests lack.
        let test = self
            .child
            .split_once("::")
            .map_or(self.child, |(_, test)| test);
        command
            .args([test, "--exact", "--nocapture", "--test-threads=1"])
            .env(CHILD, role);
        command
    }
}

/// Says that a test was skipped, and why, past what captures the output of tests that pass.
pub fn skipped(test: &str, reason: &str) {
    let _ = writeln!(std::io::stderr(), "skipped {test}: {reason}");
}

/// Runs `test`, and aborts the process when it hangs.
pub fn guarded(name: &'static str, test: impl FnOnce() + Send + 'static) {
    let (done, finished) = mpsc::channel::<()>();
    thread::spawn(move || {
        if finished.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout) {
            eprintln!("{name} hangs");
            std::process::abort();
        }
    });
    test();
    drop(done);
}

/// Sends all of `bytes`, waiting where it must.
fn send_all(sender: &mut dyn Sender, poller: &dyn Poller, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match sender.try_send(&[IoSlice::new(bytes)]) {
            Ok(n) => {
                assert!(n > 0 && n <= bytes.len());
                bytes = &bytes[n..];
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                poller.wait(Interest::WRITABLE, None, None).unwrap();
            }
            Err(e) => panic!("sending failed: {e}"),
        }
    }
}

/// Receives at least one byte, or 0 at the end, waiting where it must.
fn receive(receiver: &mut dyn Receiver, poller: &dyn Poller, buf: &mut [u8]) -> usize {
    loop {
        match receiver.try_recv(&mut [IoSliceMut::new(buf)]) {
            Ok(n) => return n,
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                poller.wait(Interest::READABLE, None, None).unwrap();
            }
            Err(e) => panic!("receiving failed: {e}"),
        }
    }
}

/// Receives exactly `count` bytes.
fn receive_exactly(receiver: &mut dyn Receiver, poller: &dyn Poller, count: usize) -> Vec<u8> {
    let mut bytes = vec![0; count];
    let mut filled = 0;
    while filled < count {
        match receive(receiver, poller, &mut bytes[filled..]) {
            0 => panic!("the stream ended after {filled} of {count} bytes"),
            n => filled += n,
        }
    }
    bytes
}

/// Receives to the end of the stream.
fn receive_all(receiver: &mut dyn Receiver, poller: &dyn Poller) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut chunk = vec![0; 1 << 16];
    loop {
        match receive(receiver, poller, &mut chunk) {
            0 => return bytes,
            n => bytes.extend_from_slice(&chunk[..n]),
        }
    }
}

/// Compares without printing megabytes.
#[track_caller]
fn assert_same(got: &[u8], sent: &[u8]) {
    assert_eq!(got.len(), sent.len(), "bytes were lost or added");
    if let Some(at) = got.iter().zip(sent).position(|(a, b)| a != b) {
        panic!(
            "byte {at} of {} is {} instead of {}",
            sent.len(),
            got[at],
            sent[at]
        );
    }
}

/// Bytes arrive in the order in which they were sent, whatever the pieces on either side.
pub fn order(rig: &Rig) {
    let mut rng = Random::new();
    let (near, far) = rig.pair();
    let data = rng.bytes(8 << 20);
    let (mut sizes_out, mut sizes_in) = (rng.clone(), Random::from_seed(rng.next()));
    thread::scope(|scope| {
        let (mut sender, poller) = (near.sender, near.poller);
        let data = &data;
        scope.spawn(move || {
            let mut rest = &data[..];
            while !rest.is_empty() {
                let n = sizes_out.size().min(rest.len());
                send_all(&mut *sender, &*poller, &rest[..n]);
                rest = &rest[n..];
            }
            sender.shutdown().unwrap();
        });
        let (mut receiver, poller) = (far.receiver, far.poller);
        let mut got = Vec::new();
        let mut buf = vec![0; 1 << 17];
        loop {
            let room = sizes_in.size();
            match receive(&mut *receiver, &*poller, &mut buf[..room]) {
                0 => break,
                n => got.extend_from_slice(&buf[..n]),
            }
        }
        assert_same(&got, data);
    });
}

/// Hundreds of mebibytes pass through small kernel buffers, both ways at once.
pub fn large_payloads(rig: &Rig) {
    const BLOCK: usize = 1 << 20;
    const BLOCKS: usize = 128;
    let mut rng = Random::new();
    // Much less, and a TCP whose window is below a loopback packet crawls from one timer to the next.
    let (near, far) = rig.pair_with(Some(1 << 14));
    let blocks = [rng.bytes(BLOCK), rng.bytes(BLOCK)];
    thread::scope(|scope| {
        for (end, mine, other) in [(near, 0, 1), (far, 1, 0)] {
            let Connection {
                mut sender,
                mut receiver,
                poller,
                ..
            } = end;
            let receive_poller = Arc::clone(&poller);
            let (out, expected) = (&blocks[mine], &blocks[other]);
            scope.spawn(move || {
                for i in 0..BLOCKS {
                    // Rotated, so that a lost or doubled block would show.
                    send_all(&mut *sender, &*poller, &out[i..]);
                    send_all(&mut *sender, &*poller, &out[..i]);
                }
                sender.shutdown().unwrap();
            });
            scope.spawn(move || {
                for i in 0..BLOCKS {
                    let got = receive_exactly(&mut *receiver, &*receive_poller, BLOCK);
                    assert!(
                        got[..BLOCK - i] == expected[i..] && got[BLOCK - i..] == expected[..i],
                        "block {i} differs"
                    );
                }
                assert_eq!(receive(&mut *receiver, &*receive_poller, &mut [0]), 0);
            });
        }
    });
}

/// Many slices in one call, more than the kernel takes at once, some of them empty.
pub fn vectored(rig: &Rig) {
    let mut rng = Random::new();
    let (mut near, mut far) = rig.pair();
    for round in 0..20 {
        let count = [1, 2, 3, 100, 1024, 1025, 3000][rng.below(7)];
        let largest = 1 + rng.below(200);
        let parts: Vec<_> = (0..count)
            .map(|_| {
                let n = rng.below(largest + 1);
                rng.bytes(n)
            })
            .collect();
        let whole = parts.concat();
        let mut sent = 0;
        let mut got = Vec::new();
        while got.len() < whole.len() {
            // What is not sent yet, as slices.
            let mut skip = sent;
            let slices: Vec<_> = parts
                .iter()
                .map(|p| {
                    let s = skip.min(p.len());
                    skip -= s;
                    IoSlice::new(&p[s..])
                })
                .collect();
            // Once in a while the slices begin with many empty ones: they must not be taken for the end.
            let first = slices
                .iter()
                .position(|s| !s.is_empty())
                .unwrap_or(slices.len());
            if sent < whole.len() {
                match near.sender.try_send(&slices[first..]) {
                    Ok(n) => {
                        assert!(n > 0);
                        sent += n;
                    }
                    Err(e) => assert_eq!(e.kind(), ErrorKind::WouldBlock, "{e}"),
                }
            }
            let mut rooms: Vec<_> = (0..1 + rng.below(1500))
                .map(|_| vec![0; rng.below(100)])
                .collect();
            rooms.push(vec![0; 1]);
            let mut into: Vec<_> = rooms.iter_mut().map(|r| IoSliceMut::new(r)).collect();
            far.poller.wait(Interest::READABLE, None, None).unwrap();
            let room: usize = into.iter().take(1024).map(|s| s.len()).sum();
            if room == 0 {
                continue;
            }
            match far.receiver.try_recv(&mut into) {
                Ok(n) => {
                    assert!(n > 0 && n <= rooms.iter().map(Vec::len).sum());
                    got.extend_from_slice(&rooms.concat()[..n]);
                }
                Err(e) => assert_eq!(e.kind(), ErrorKind::WouldBlock, "{e}"),
            }
        }
        assert_eq!(sent, whole.len(), "round {round}");
        assert_same(&got, &whole);
    }
}

/// One thread on each side sends and receives at the same time, as the client does: no cycle of waits.
pub fn full_duplex(rig: &Rig) {
    let mut rng = Random::new();
    let (near, far) = rig.pair();
    let data = [rng.bytes(24 << 20), rng.bytes(24 << 20)];
    thread::scope(|scope| {
        for (end, mine, other) in [(near, 0, 1), (far, 1, 0)] {
            let (out, expected) = (&data[mine], &data[other]);
            let mut end = end;
            scope.spawn(move || {
                let (mut sent, mut filled) = (0, 0);
                let mut got = vec![0; expected.len()];
                while sent < out.len() || filled < got.len() {
                    let interest = Interest {
                        readable: filled < got.len(),
                        writable: sent < out.len(),
                    };
                    let ready = end.poller.wait(interest, None, None).unwrap();
                    if ready.writable {
                        match end.sender.try_send(&[IoSlice::new(&out[sent..])]) {
                            Ok(n) => sent += n,
                            Err(e) => assert_eq!(e.kind(), ErrorKind::WouldBlock, "{e}"),
                        }
                    }
                    if ready.readable {
                        match end
                            .receiver
                            .try_recv(&mut [IoSliceMut::new(&mut got[filled..])])
                        {
                            Ok(n) => {
                                assert!(n > 0, "ended early");
                                filled += n;
                            }
                            Err(e) => assert_eq!(e.kind(), ErrorKind::WouldBlock, "{e}"),
                        }
                    }
                }
                assert_same(&got, expected);
                end
            });
        }
    });
}

/// A sender whose peer does not receive is told so, and loses nothing of what was taken.
pub fn back_pressure(rig: &Rig) {
    let mut rng = Random::new();
    let (mut near, mut far) = rig.pair_with(Some(1 << 16));
    for _ in 0..3 {
        let data = rng.bytes(1 << 20);
        let mut sent = Vec::new();
        // A TCP peer takes some more after the first refusal, so go on until it stays full.
        loop {
            match near.sender.try_send(&[IoSlice::new(&data)]) {
                Ok(n) => sent.extend_from_slice(&data[..n]),
                Err(e) => {
                    assert_eq!(e.kind(), ErrorKind::WouldBlock, "{e}");
                    let ready = near
                        .poller
                        .wait(Interest::WRITABLE, None, Some(Duration::from_millis(300)))
                        .unwrap();
                    if !ready.writable {
                        break;
                    }
                }
            }
            assert!(sent.len() < 1 << 30, "it takes everything");
        }
        assert!(!sent.is_empty());
        let got = receive_exactly(&mut *far.receiver, &*far.poller, sent.len());
        assert_same(&got, &sent);
        let nothing = far.receiver.try_recv(&mut [IoSliceMut::new(&mut [0; 10])]);
        assert_eq!(nothing.unwrap_err().kind(), ErrorKind::WouldBlock);
        let ready = near.poller.wait(Interest::WRITABLE, None, None).unwrap();
        assert!(
            ready.writable && !ready.readable && !ready.woken && !ready.closed,
            "{ready:?}"
        );
    }
}

/// One side says that it is done and goes on receiving.
pub fn shutdown_of_one_direction(rig: &Rig) {
    let mut rng = Random::new();
    let (mut near, mut far) = rig.pair();
    let (question, answer) = (rng.bytes(300_000), rng.bytes(3_000_000));
    thread::scope(|scope| {
        scope.spawn(|| {
            let got = receive_all(&mut *far.receiver, &*far.poller);
            assert_same(&got, &question);
            // The end stays the end.
            assert_eq!(receive(&mut *far.receiver, &*far.poller, &mut [0]), 0);
            let ready = far.poller.wait(Interest::READABLE, None, None).unwrap();
            assert!(ready.readable && !ready.closed, "{ready:?}");
            send_all(&mut *far.sender, &*far.poller, &answer);
            far.sender.shutdown().unwrap();
        });
        send_all(&mut *near.sender, &*near.poller, &question);
        near.sender.shutdown().unwrap();
        near.sender.shutdown().unwrap();
        let late = near.sender.try_send(&[IoSlice::new(b"late")]).unwrap_err();
        assert_ne!(late.kind(), ErrorKind::WouldBlock);
        let got = receive_all(&mut *near.receiver, &*near.poller);
        assert_same(&got, &answer);
    });
    let ready = near.poller.wait(Interest::NONE, None, None).unwrap();
    assert!(ready.closed, "both directions are shut: {ready:?}");
}

/// The end is told of although there was no room for it when it was said, and nobody waits or sends afterwards.
pub fn shutdown_without_room(rig: &Rig) {
    let mut rng = Random::new();
    let (mut near, mut far) = rig.pair_with(Some(1 << 16));
    let piece = rng.bytes(20_000);
    let (mut sent, mut got) = (Vec::new(), Vec::new());
    let mut room = vec![0; 1 << 16];
    // Until there is no room for the first byte of a piece. Where room never ends there, it has been tried often enough.
    for round in 0.. {
        let rest = &piece[sent.len() % piece.len()..];
        let begins = rest.len() == piece.len();
        if begins && round > 1000 {
            break;
        }
        match near.sender.try_send(&[IoSlice::new(rest)]) {
            Ok(n) => sent.extend_from_slice(&rest[..n]),
            Err(e) => {
                assert_eq!(e.kind(), ErrorKind::WouldBlock, "{e}");
                if begins {
                    break;
                }
                // What has been begun is brought to its end: the peer would take it for cut off.
                if let Ok(n) = far.receiver.try_recv(&mut [IoSliceMut::new(&mut room)]) {
                    got.extend_from_slice(&room[..n]);
                }
            }
        }
    }
    near.sender.shutdown().unwrap();
    // Not all of it is dropped: unread pings would cut the connection off.
    let _kept = near.receiver;
    drop((near.sender, near.poller));
    got.extend(receive_all(&mut *far.receiver, &*far.poller));
    assert_same(&got, &sent);
}

/// What a peer sent before it closed still arrives; then the end shows on both directions, and nobody gets SIGPIPE.
pub fn peer_closes(rig: &Rig) {
    // The Rust runtime ignores SIGPIPE, and the programs that the client is loaded into do not.
    // SAFETY: no handler is installed, only the default restored, which a correct transport never meets.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    let mut rng = Random::new();
    let (mut near, mut far) = rig.pair();
    let last = rng.bytes(20_000);
    send_all(&mut *far.sender, &*far.poller, &last);
    drop(far);
    assert_same(&receive_all(&mut *near.receiver, &*near.poller), &last);
    let data = rng.bytes(1 << 16);
    let error = loop {
        match near
            .sender
            .try_send(&[IoSlice::new(&data), IoSlice::new(&data)])
        {
            Ok(_) => {}
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                near.poller.wait(Interest::WRITABLE, None, None).unwrap();
            }
            Err(e) => break e,
        }
    };
    assert!(
        matches!(
            error.kind(),
            ErrorKind::BrokenPipe | ErrorKind::ConnectionReset
        ),
        "{error:?}"
    );
    let ready = near.poller.wait(Interest::BOTH, None, None).unwrap();
    assert!(
        ready.closed && ready.readable && ready.writable,
        "{ready:?}"
    );
    // One slice takes another way through the kernel.
    assert!(near.sender.try_send(&[IoSlice::new(&data)]).is_err());
    near.sender.shutdown().unwrap();

    // A peer that leaves without having received what was sent to it: a reset, or the end. Not a hang.
    let (mut near, far) = rig.pair();
    send_all(&mut *near.sender, &*near.poller, b"never received");
    drop(far);
    near.poller.wait(Interest::READABLE, None, None).unwrap();
    loop {
        match near.receiver.try_recv(&mut [IoSliceMut::new(&mut [0; 10])]) {
            Ok(0) => break,
            Err(e) if e.kind() == ErrorKind::ConnectionReset => break,
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                near.poller.wait(Interest::READABLE, None, None).unwrap();
            }
            other => panic!("{other:?}"),
        }
    }
}

/// A peer's process that is killed shows as the end, also to those who only wait for something else.
pub fn peer_is_killed(rig: &Rig) {
    let listener = rig.listener();
    let mut child = rig
        .child("wait")
        .env(CHILD_URI, listener.uri().to_string())
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let mut end = listener.accept().unwrap();
    end.establish(None, CONNECT).unwrap();
    assert_eq!(
        receive_exactly(&mut *end.receiver, &*end.poller, 5),
        b"ready"
    );
    let waiters: Vec<_> = [Interest::READABLE, Interest::BOTH]
        .into_iter()
        .map(|interest| {
            let poller = Arc::clone(&end.poller);
            thread::spawn(move || {
                loop {
                    let ready = poller.wait(interest, None, None).unwrap();
                    if ready.readable || ready.closed {
                        return;
                    }
                    // Only writable: let the peer's end come.
                    thread::sleep(Duration::from_millis(1));
                }
            })
        })
        .chain([{
            let poller = Arc::clone(&end.poller);
            thread::spawn(move || poller.wait_for_end().unwrap())
        }])
        .collect();
    child.kill().unwrap();
    child.wait().unwrap();
    for waiter in waiters {
        waiter.join().unwrap();
    }
    let mut buf = [0; 10];
    match end.receiver.try_recv(&mut [IoSliceMut::new(&mut buf)]) {
        Ok(0) => {}
        Err(e) if e.kind() == ErrorKind::ConnectionReset => {}
        other => panic!("{other:?}"),
    }
}

/// Nothing to send is no error; no room to receive is one, and never looks like the end.
pub fn empty_buffers(rig: &Rig) {
    let (mut near, mut far) = rig.pair();
    assert_eq!(near.sender.try_send(&[]).unwrap(), 0);
    assert_eq!(
        near.sender
            .try_send(&[IoSlice::new(b""), IoSlice::new(b"")])
            .unwrap(),
        0
    );
    assert_eq!(
        far.receiver.try_recv(&mut []).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    let none = far
        .receiver
        .try_recv(&mut [IoSliceMut::new(&mut []), IoSliceMut::new(&mut [])]);
    assert_eq!(none.unwrap_err().kind(), ErrorKind::InvalidInput);
    send_all(&mut *near.sender, &*near.poller, b"x");
    assert_eq!(receive_exactly(&mut *far.receiver, &*far.poller, 1), b"x");
}

/// A wake ends a wait, now or the next, once.
pub fn waker(rig: &Rig) {
    let (near, _far) = rig.pair();
    let waker = Arc::new(Waker::new().unwrap());
    let ready = near
        .poller
        .wait(Interest::READABLE, Some(&waker), Some(Duration::ZERO))
        .unwrap();
    assert_eq!(ready, crate::Ready::default());
    // Before the wait, and twice.
    waker.wake();
    waker.wake();
    let ready = near
        .poller
        .wait(Interest::READABLE, Some(&waker), None)
        .unwrap();
    assert!(ready.woken && !ready.readable && !ready.closed, "{ready:?}");
    let ready = near
        .poller
        .wait(Interest::READABLE, Some(&waker), Some(Duration::ZERO))
        .unwrap();
    assert!(!ready.woken, "a wake counts once");
    // During the wait.
    let (poller, other) = (Arc::clone(&near.poller), Arc::clone(&waker));
    let waiter = thread::spawn(move || poller.wait(Interest::NONE, Some(&other), None).unwrap());
    thread::sleep(Duration::from_millis(20));
    waker.wake();
    assert!(waiter.join().unwrap().woken);
    // Together with something else that is ready.
    waker.wake();
    let ready = near
        .poller
        .wait(Interest::BOTH, Some(&waker), None)
        .unwrap();
    assert!(
        ready.woken && ready.writable && !ready.readable,
        "{ready:?}"
    );
}

/// However wakes and waits fall, the waiter sees everything that was announced before a wake.
pub fn no_wake_is_lost(rig: &Rig) {
    const THREADS: u64 = 4;
    const WAKES: u64 = 20_000;
    let (near, _far) = rig.pair();
    let waker = Waker::new().unwrap();
    let announced = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for i in 0..WAKES {
                    // Relaxed: the waker orders it.
                    announced.fetch_add(1, Ordering::Relaxed);
                    waker.wake();
                    if i % 64 == 0 {
                        thread::yield_now();
                    }
                }
            });
        }
        // A lost wake would leave this waiting for ever.
        while announced.load(Ordering::Relaxed) < THREADS * WAKES {
            assert!(
                near.poller
                    .wait(Interest::READABLE, Some(&waker), None)
                    .unwrap()
                    .woken
            );
        }
    });
}

/// Threads that wait on one connection at once each return for their own reason.
pub fn several_waiters(rig: &Rig) {
    let (mut near, mut far) = rig.pair_with(Some(1 << 16));
    // Full, so that nobody is writable.
    let block = [7; 1 << 16];
    let mut sent = 0;
    loop {
        match near.sender.try_send(&[IoSlice::new(&block)]) {
            Ok(n) => sent += n,
            Err(_) => {
                if !near
                    .poller
                    .wait(Interest::WRITABLE, None, Some(Duration::from_millis(300)))
                    .unwrap()
                    .writable
                {
                    break;
                }
            }
        }
    }
    let waker = Waker::new().unwrap();
    let (done, finished) = mpsc::channel();
    thread::scope(|scope| {
        for (name, interest, waker) in [
            ("reader", Interest::READABLE, None),
            ("writer", Interest::WRITABLE, None),
            ("woken", Interest::NONE, Some(&waker)),
        ] {
            let (poller, done) = (&near.poller, done.clone());
            scope.spawn(move || {
                done.send((name, poller.wait(interest, waker, None).unwrap()))
                    .unwrap()
            });
        }
        // Let them begin to wait; whether they have does not change what must come out.
        thread::sleep(Duration::from_millis(50));
        assert!(finished.try_recv().is_err(), "nobody had a reason yet");

        waker.wake();
        let (name, ready) = finished.recv().unwrap();
        assert!(
            name == "woken" && ready.woken && !ready.readable && !ready.writable,
            "{name} {ready:?}"
        );

        send_all(&mut *far.sender, &*far.poller, b"x");
        let (name, ready) = finished.recv().unwrap();
        assert!(
            name == "reader" && ready.readable && !ready.woken && !ready.writable,
            "{name} {ready:?}"
        );

        receive_exactly(&mut *far.receiver, &*far.poller, sent);
        let (name, ready) = finished.recv().unwrap();
        assert!(
            name == "writer" && ready.writable && !ready.readable && !ready.woken,
            "{name} {ready:?}"
        );
    });
}

/// A wait lasts as long as it was told to and then says that nothing is ready.
pub fn timeouts(rig: &Rig) {
    let (near, _far) = rig.pair();
    for timeout in [
        Duration::ZERO,
        Duration::from_nanos(1),
        Duration::from_micros(50),
        Duration::from_millis(30),
    ] {
        let before = Instant::now();
        let ready = near
            .poller
            .wait(Interest::READABLE, None, Some(timeout))
            .unwrap();
        assert_eq!(ready, crate::Ready::default());
        assert!(before.elapsed() >= timeout);
    }
    // The longest that can be said is not an error, and what is ready ends it.
    let ready = near
        .poller
        .wait(Interest::WRITABLE, None, Some(Duration::MAX))
        .unwrap();
    assert!(ready.writable);
}

/// A connection goes on in other hands, with what was under way, even while somebody waits on it.
pub fn handoff_within_the_process(rig: &Rig) {
    let mut rng = Random::new();
    let (mut near, mut far) = rig.pair();
    let (early, late, back) = (rng.bytes(5000), rng.bytes(5000), rng.bytes(5000));
    send_all(&mut *near.sender, &*near.poller, &early);
    // Some of it received before, some after.
    assert_same(
        &receive_exactly(&mut *far.receiver, &*far.poller, 1000),
        &early[..1000],
    );
    let (peer, kept) = (far.peer.clone(), Arc::clone(&far.poller));
    let handoff = far.handoff().unwrap();
    assert_eq!(handoff.scheme, listen_scheme(rig));
    let (ours, theirs) = UnixStream::pair().unwrap();
    let note = rng.bytes(3000);
    handoff.send(&ours, &note).unwrap();
    let (handoff, got_note) = Handoff::receive(&theirs).unwrap().unwrap();
    assert_same(&got_note, &note);
    let mut far = Connection::from_handoff(handoff).unwrap();
    assert_eq!(far.peer, peer);
    send_all(&mut *near.sender, &*near.poller, &late);
    near.sender.shutdown().unwrap();
    let got = receive_all(&mut *far.receiver, &*far.poller);
    assert_same(&got, &[&early[1000..], &late].concat());
    send_all(&mut *far.sender, &*far.poller, &back);
    drop((far, kept));
    assert_same(&receive_all(&mut *near.receiver, &*near.poller), &back);

    drop(ours);
    assert!(
        Handoff::receive(&theirs).unwrap().is_none(),
        "the end is no handoff"
    );
}

fn listen_scheme(rig: &Rig) -> &'static str {
    (rig.fresh)().scheme()
}

/// As between broker and worker: this process accepts, a child serves.
pub fn handoff_to_a_child(rig: &Rig) {
    let mut rng = Random::new();
    let listener = rig.listener();
    let (ours, theirs) = UnixStream::pair().unwrap();
    let mut child = rig
        .child("serve")
        .stdin(Stdio::from(OwnedFd::from(theirs)))
        .spawn()
        .unwrap();
    let mut ends = Vec::new();
    for key in 1..=3u8 {
        let (near, far) = meet(&*listener, &rig.to_connect());
        far.handoff().unwrap().send(&ours, &[key]).unwrap();
        ends.push((key, near));
    }
    drop((ours, listener));
    for (key, mut near) in ends {
        let data = rng.bytes(2 << 20);
        thread::scope(|scope| {
            scope.spawn(|| {
                send_all(&mut *near.sender, &*near.poller, &data);
                near.sender.shutdown().unwrap();
            });
            let got = receive_all(&mut *near.receiver, &*near.poller);
            let expected: Vec<_> = data.iter().map(|b| b ^ key).collect();
            assert_same(&got, &expected);
        });
    }
    assert!(child.wait().unwrap().success());
}

/// Many connections of one listener, accepted by several threads, do not mix.
pub fn many_at_once(rig: &Rig) {
    const CLIENTS: usize = 64;
    let listener = rig.listener();
    let uri = listener.uri();
    let mut rng = Random::new();
    let seeds: Vec<_> = (0..CLIENTS).map(|_| rng.next()).collect();
    let together = Barrier::new(CLIENTS);
    thread::scope(|scope| {
        for seed in seeds {
            let (uri, together) = (&uri, &together);
            scope.spawn(move || {
                let mut end = connect_with(uri, &rig.to_connect()).unwrap();
                together.wait();
                let data = Random::from_seed(seed).bytes(30_000);
                send_all(&mut *end.sender, &*end.poller, &data);
                end.sender.shutdown().unwrap();
                assert_same(&receive_all(&mut *end.receiver, &*end.poller), &data);
            });
        }
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..CLIENTS / 4 {
                    let mut end = listener.accept().unwrap();
                    scope.spawn(move || {
                        end.establish(None, CONNECT).unwrap();
                        let got = receive_all(&mut *end.receiver, &*end.poller);
                        send_all(&mut *end.sender, &*end.poller, &got);
                    });
                }
            });
        }
    });
}

/// The closer ends every accept, waiting or later; a closed listener's address is free again once it is dropped.
pub fn accept_ends(rig: &Rig) {
    let listener = rig.listener();
    let uri = listener.uri();
    let closer = listener.closer();
    assert!(!closer.is_closed());
    thread::scope(|scope| {
        let waiting: Vec<_> = (0..3)
            .map(|_| scope.spawn(|| listener.accept().unwrap_err()))
            .collect();
        thread::sleep(Duration::from_millis(20));
        closer.clone().close();
        for waiter in waiting {
            let error = waiter.join().unwrap();
            assert!(ListenerClosed::is(&error), "{error:?}");
        }
    });
    assert!(closer.is_closed());
    assert!(ListenerClosed::is(&listener.accept().unwrap_err()));
    drop(listener);
    assert!(connect_with(&uri, &rig.to_connect()).is_err());
    let again = listen(&uri, &rig.to_listen()).unwrap();
    assert_eq!(again.uri(), uri);
    // A closer outlives its listener.
    closer.close();
    meet(&*again, &rig.to_connect());
}

/// An address where somebody accepts is refused, and he goes on undisturbed.
pub fn address_in_use(rig: &Rig) {
    let listener = rig.listener();
    for _ in 0..2 {
        match listen(&listener.uri(), &rig.to_listen()) {
            Err(ListenError::InUse { uri }) => assert_eq!(uri, listener.uri().to_string()),
            Err(e) => panic!("{e:?}"),
            Ok(_) => panic!("two listen at {}", listener.uri()),
        }
    }
    // The attempts may have left a connection to accept that ended at once; ours still comes.
    thread::scope(|scope| {
        // Some transports send nothing before the other side has accepted.
        let near = scope.spawn(|| {
            let mut near = connect_with(&listener.uri(), &rig.to_connect()).unwrap();
            send_all(&mut *near.sender, &*near.poller, b"ours");
            near
        });
        loop {
            let mut far = listener.accept().unwrap();
            if far.establish(None, CONNECT).is_err() {
                continue;
            }
            let mut buf = [0; 4];
            if receive(&mut *far.receiver, &*far.poller, &mut buf) == 4 {
                assert_eq!(&buf, b"ours");
                break;
            }
        }
        near.join().unwrap();
    });
}

/// Connecting where nobody listens is an error that names the address.
pub fn nobody_listens(rig: &Rig) {
    let listener = rig.listener();
    let uri = listener.uri();
    drop(listener);
    let error = connect_with(&uri, &rig.to_connect()).unwrap_err();
    assert!(error.to_string().contains(&uri.to_string()), "{error}");
}

/// No descriptor is inherited by the programs that a process starts.
pub fn close_on_exec(rig: &Rig) {
    let closes = |fd: &OwnedFd| fcntl_getfd(fd).unwrap().contains(FdFlags::CLOEXEC);
    let (near, far) = rig.pair();
    let (ours, theirs) = UnixStream::pair().unwrap();
    for end in [near, far] {
        let handoff = end.handoff().unwrap();
        assert!(handoff.fds.iter().all(closes));
        handoff.send(&ours, b"").unwrap();
        let (handoff, _) = Handoff::receive(&theirs).unwrap().unwrap();
        assert!(!handoff.fds.is_empty() && handoff.fds.iter().all(closes));
    }
    let waker = Waker::new().unwrap();
    assert!(
        fcntl_getfd(waker.as_fd())
            .unwrap()
            .contains(FdFlags::CLOEXEC)
    );
}

/// Sessions one after another leave no descriptor behind. In a child, where no other test opens any.
pub fn nothing_leaks(rig: &Rig) {
    let uri = (rig.fresh)().to_string();
    let status = rig
        .child("leak")
        .env(CHILD_URI, uri)
        .stdin(Stdio::null())
        .status()
        .unwrap();
    assert!(status.success());
}

/// What the children of the tests do; nothing in a process that is no such child.
pub fn child(options: Options) {
    let uri = || env::var(CHILD_URI).unwrap().parse::<Uri>().unwrap();
    match env::var(CHILD).as_deref() {
        Ok("wait") => guarded("wait", move || {
            let mut end = connect_with(&uri(), &options().0).unwrap();
            send_all(&mut *end.sender, &*end.poller, b"ready");
            // To be killed; if the parent is gone instead, this ends, too.
            receive_all(&mut *end.receiver, &*end.poller);
        }),
        Ok("serve") => guarded("serve", || {
            let stdin = std::io::stdin();
            thread::scope(|scope| {
                while let Some((handoff, note)) = Handoff::receive(stdin.as_fd()).unwrap() {
                    let mut end = Connection::from_handoff(handoff).unwrap();
                    scope.spawn(move || {
                        let mut buf = vec![0; 1 << 16];
                        loop {
                            let n = receive(&mut *end.receiver, &*end.poller, &mut buf);
                            if n == 0 {
                                break;
                            }
                            buf[..n].iter_mut().for_each(|b| *b ^= note[0]);
                            send_all(&mut *end.sender, &*end.poller, &buf[..n]);
                        }
                    });
                }
            });
        }),
        Ok("leak") => guarded("leak", move || {
            let open = || fs::read_dir("/proc/self/fd").unwrap().count();
            let session = || {
                let listener = listen(&uri(), &options().1).unwrap();
                let (near, far) = meet(&*listener, &options().0);
                let far = far.handoff().unwrap();
                let (ours, theirs) = UnixStream::pair().unwrap();
                far.send(&ours, b"").unwrap();
                let far = Connection::from_handoff(Handoff::receive(&theirs).unwrap().unwrap().0)
                    .unwrap();
                let _waker = Waker::new().unwrap();
                assert!(listen(&listener.uri(), &options().1).is_err());
                drop((near, far));
            };
            session();
            let before = open();
            (0..100).for_each(|_| session());
            assert_eq!(open(), before);
        }),
        Ok(role) => panic!("unknown child {role}"),
        Err(_) => {}
    }
}
