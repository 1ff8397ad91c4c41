//! What only TCP does, and what goes over it.

mod common;

use common::{CONNECT, free_port, secured};
use pillion_test_support::certificates::Authority;
use pillion_transport::conformance::meet;
use pillion_transport::{
    ConnectError, ConnectOptions, Connection, Interest, ListenError, ListenOptions, Ready, Uri,
    connect, connect_with, listen,
};
use rustix::net::sockopt;
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::net::TcpListener;
use std::time::{Duration, Instant};

fn uri(text: &str) -> Uri {
    text.parse().unwrap()
}

#[test]
fn only_loopback_is_bound_unless_told_otherwise() {
    for address in [
        "0.0.0.0",
        "[::]",
        "10.1.2.3",
        "192.0.2.1",
        "[2001:db8::1]",
        "[::ffff:10.0.0.1]",
    ] {
        let uri = uri(&format!("tcp://{address}:0"));
        match listen(&uri, &ListenOptions::default()).map(|_| ()) {
            Err(e @ ListenError::NotLoopback { .. }) => {
                let text = e.to_string();
                assert!(
                    text.contains(&uri.to_string()) && text.contains("--insecure"),
                    "{text}"
                );
            }
            other => panic!("{address}: {other:?}"),
        }
    }
    for address in ["127.0.0.1", "127.8.9.10", "localhost"] {
        let listener = listen(
            &uri(&format!("tcp://{address}:0")),
            &ListenOptions::default(),
        )
        .unwrap();
        connect(&listener.uri(), CONNECT).unwrap();
        assert!(listener.accept().unwrap().peer.local);
    }

    let everywhere = listen(
        &uri("tcp://0.0.0.0:0"),
        &ListenOptions::default().insecure(true),
    )
    .unwrap();
    let Uri::Tcp { host, port } = everywhere.uri() else {
        panic!("{}", everywhere.uri())
    };
    assert_eq!(host, "0.0.0.0");
    assert_ne!(port, 0);
    let near = connect(&uri(&format!("tcp://127.0.0.1:{port}")), CONNECT).unwrap();
    let far = everywhere.accept().unwrap();
    assert!(near.peer.local && far.peer.local);
    assert_eq!(near.peer.description, format!("127.0.0.1:{port}"));
}

#[test]
fn the_socket_is_set_up() {
    let listener = listen(&uri("tcp://127.0.0.1:0"), &ListenOptions::default()).unwrap();
    let near = connect(&listener.uri(), CONNECT).unwrap();
    let far = listener.accept().unwrap();
    for end in [near, far] {
        let handoff = end.handoff().unwrap();
        let socket = &handoff.fds[0];
        assert!(sockopt::tcp_nodelay(socket).unwrap());
        assert!(sockopt::socket_keepalive(socket).unwrap());
        assert_eq!(
            sockopt::tcp_keepidle(socket).unwrap(),
            Duration::from_secs(30)
        );
        assert_eq!(
            sockopt::tcp_keepintvl(socket).unwrap(),
            Duration::from_secs(10)
        );
        assert_eq!(sockopt::tcp_keepcnt(socket).unwrap(), 3);
        assert_eq!(sockopt::tcp_user_timeout(socket).unwrap(), 60_000);
        Connection::from_handoff(handoff).unwrap();
    }
}

/// A program that is stopped, or a worker whose device is busy, for longer than a peer may be silent.
#[test]
fn who_does_not_read_is_not_dead() {
    const BOUND: u32 = 8;
    let authority = Authority::new();
    let (_, mut server, mut client) = secured(&authority);
    server.keep_alive = BOUND.to_string().parse().unwrap();
    client.keep_alive = server.keep_alive;
    let (server, client) = (&server, &client);
    let silent = |scheme| {
        let uri = format!("{scheme}://127.0.0.1:0").parse().unwrap();
        let listener = listen(&uri, server).unwrap();
        let (mut near, mut far) = meet(&*listener, client);
        let mut sent = 0;
        let block = vec![7; 1 << 16];
        let full = loop {
            match near.sender.try_send(&[IoSlice::new(&block)]) {
                Ok(n) => sent += n,
                Err(error) => break error,
            }
        };
        assert_eq!(full.kind(), ErrorKind::WouldBlock);
        let until = Instant::now() + Duration::from_secs(u64::from(BOUND) * 3);
        while let left = until.saturating_duration_since(Instant::now())
            && !left.is_zero()
        {
            let ready = near.poller.wait(Interest::READABLE, None, Some(left));
            assert_eq!(ready.unwrap(), Ready::default(), "{scheme}");
        }
        let mut room = vec![0; 1 << 16];
        while sent > 0 {
            far.poller.wait(Interest::READABLE, None, None).unwrap();
            match far.receiver.try_recv(&mut [IoSliceMut::new(&mut room)]) {
                Ok(n) => {
                    assert!(n > 0 && room[..n].iter().all(|byte| *byte == 7));
                    sent -= n;
                    // The last of what was begun goes on as there is room.
                    let wait = near.poller.wait(Interest::NONE, None, Some(Duration::ZERO));
                    assert!(!wait.unwrap().closed, "{scheme}");
                }
                Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock, "{scheme}"),
            }
        }
    };
    std::thread::scope(|scope| {
        for scheme in ["tcp", "tls", "ws", "wss"] {
            scope.spawn(move || silent(scheme));
        }
    });
}

/// A server that does not answer: its queue of connections is full, so that the kernel drops what comes.
#[test]
fn connecting_gives_up() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    rustix::net::listen(&listener, 0).unwrap();
    let uri = uri(&format!("tcp://{}", listener.local_addr().unwrap()));
    let options = ConnectOptions::new(Duration::from_millis(200));
    let mut queued = Vec::new();
    let error = loop {
        match connect_with(&uri, &options) {
            Ok(connection) => queued.push(connection),
            Err(error) => break error,
        }
        assert!(queued.len() < 100, "the queue never fills");
    };
    assert!(matches!(error, ConnectError::TimedOut { .. }), "{error:?}");
    assert!(error.to_string().contains(&uri.to_string()));
}

#[test]
fn every_address_of_a_name_is_told_of() {
    // Nobody is on the port that was just free.
    let port = free_port();
    match connect(&uri(&format!("tcp://localhost:{port}")), CONNECT) {
        Err(ConnectError::Tcp { tried, .. }) => {
            assert!(!tried.is_empty() && tried.iter().all(|t| t.address.port() == port))
        }
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        connect(&uri("tcp://127.0.0.1:0"), CONNECT),
        Err(ConnectError::Address(_))
    ));
    let unknown = connect(&uri("tcp://no-such-host.invalid"), CONNECT);
    assert!(
        matches!(unknown, Err(ConnectError::Resolve { .. })),
        "{unknown:?}"
    );
}

#[test]
fn what_is_no_tcp_connection_is_not_taken_over() {
    let (pair, _other) = Connection::pair().unwrap();
    let mut handoff = pair.handoff().unwrap();
    handoff.scheme = "tcp".to_owned();
    assert!(Connection::from_handoff(handoff).is_err());

    let (pair, _other) = Connection::pair().unwrap();
    let mut handoff = pair.handoff().unwrap();
    handoff.scheme = "pigeon".to_owned();
    assert!(
        Connection::from_handoff(handoff)
            .unwrap_err()
            .to_string()
            .contains("pigeon")
    );

    let (pair, _other) = Connection::pair().unwrap();
    let mut handoff = pair.handoff().unwrap();
    handoff.fds.clear();
    assert!(Connection::from_handoff(handoff).is_err());
}
