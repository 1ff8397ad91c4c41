//! The relay between real connections. What is asserted of time is only how long something takes at least; how late bytes
//! are due is tested exactly, without a clock, beside `line.rs`.

use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use pillion_link::{Cut, Link, Relay};
use pillion_test_support::Random;
use pillion_transport::{Connection, Interest, ListenOptions, Uri, connect, listen};

/// Whatever lasts this long hangs. Generous, because test machines are slow and shared.
const WATCHDOG: Duration = Duration::from_secs(120);

fn fresh_tcp() -> Uri {
    "tcp://127.0.0.1:0".parse().unwrap()
}

fn fresh_unix() -> Uri {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("pillion-link-{}-{n}.sock", std::process::id());
    Uri::Unix {
        path: std::env::temp_dir().join(name),
    }
}

/// Two ends of a connection with a relay between them.
struct Rig {
    relay: Relay,
    near: Connection,
    far: Connection,
    /// When the client began to connect.
    begun: Instant,
}

impl Rig {
    fn new(link: Link, client_side: Uri, server_side: Uri) -> Self {
        let server = listen(&server_side, &ListenOptions::default()).unwrap();
        let relay = relay(link, client_side, server.uri());
        let begun = Instant::now();
        let near = connect(relay.uri(), WATCHDOG).unwrap();
        let far = server.accept().unwrap();
        Rig {
            relay,
            near,
            far,
            begun,
        }
    }
}

fn relay(link: Link, client_side: Uri, server: Uri) -> Relay {
    let listener = listen(&client_side, &ListenOptions::default()).unwrap();
    Relay::start(listener, vec![server], link, |_| ()).unwrap()
}

fn ms(count: u64) -> Duration {
    Duration::from_millis(count)
}

/// Sends all of it; says whether the peer took it.
fn send(connection: &mut Connection, mut bytes: &[u8]) -> bool {
    while !bytes.is_empty() {
        match connection.sender.try_send(&[IoSlice::new(bytes)]) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                wait(connection, Interest::WRITABLE)
            }
            Err(_) => return false,
        }
    }
    true
}

/// Receives up to so many bytes; fewer only where the connection ends before.
fn recv(connection: &mut Connection, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len];
    let mut have = 0;
    while have < len {
        let slice = &mut [IoSliceMut::new(&mut bytes[have..])];
        match connection.receiver.try_recv(slice) {
            Ok(0) => break,
            Ok(count) => have += count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                wait(connection, Interest::READABLE)
            }
            Err(_) => break,
        }
    }
    bytes.truncate(have);
    bytes
}

fn wait(connection: &Connection, interest: Interest) {
    let ready = connection
        .poller
        .wait(interest, None, Some(WATCHDOG))
        .unwrap();
    assert!(
        ready.readable || ready.writable || ready.closed,
        "nothing happens"
    );
}

#[test]
fn a_round_trip_takes_at_least_what_was_asked_for() {
    for (client_side, server_side) in [
        (fresh_tcp(), fresh_tcp()),
        (fresh_unix(), fresh_tcp()),
        (fresh_tcp(), fresh_unix()),
    ] {
        let rtt = ms(12);
        let link = Link {
            rtt,
            ..Link::default()
        };
        let mut rig = Rig::new(link, client_side, server_side);
        for round in 0..20u8 {
            let sent = Instant::now();
            assert!(send(&mut rig.near, &[round; 3]));
            assert_eq!(recv(&mut rig.far, 3), [round; 3]);
            assert!(sent.elapsed() >= rtt / 2, "{:?}", sent.elapsed());
            assert!(send(&mut rig.far, &[!round]));
            assert_eq!(recv(&mut rig.near, 1), [!round]);
            assert!(sent.elapsed() >= rtt, "{:?}", sent.elapsed());
            if round == 0 {
                // Making the connection took one, too.
                assert!(rig.begun.elapsed() >= 2 * rtt);
            }
        }
        let statistics = rig.relay.stop();
        assert_eq!((statistics.to_server, statistics.to_client), (60, 20));
        assert_eq!((statistics.connections, statistics.failed), (1, 0));
    }
}

#[test]
fn random_bytes_pass_both_ways_at_once() {
    let mut random = Random::new();
    let links = [
        Link::default(),
        Link {
            rtt: ms(7),
            ..Link::default()
        },
        Link {
            rtt: ms(3),
            rate: Some("200mbit".parse().unwrap()),
            jitter: ms(2),
            ..Link::default()
        },
    ];
    for link in links {
        for server_side in [fresh_tcp(), fresh_unix()] {
            let Rig {
                relay,
                mut near,
                mut far,
                ..
            } = Rig::new(link.clone(), fresh_tcp(), server_side);
            let up = random.bytes(3_000_017);
            let down = random.bytes(2_000_003);
            let mut near_out = Connection::pair().unwrap().0;
            let mut far_out = Connection::pair().unwrap().0;
            // Sender and receiver of a connection belong to different threads; the rest of the pairs is not used.
            std::mem::swap(&mut near_out.sender, &mut near.sender);
            near_out.poller = Arc::clone(&near.poller);
            std::mem::swap(&mut far_out.sender, &mut far.sender);
            far_out.poller = Arc::clone(&far.poller);
            let seeds = [random.next(), random.next()];
            let in_parts = |connection: &mut Connection, mut bytes: &[u8], seed| {
                let mut random = Random::from_seed(seed);
                while !bytes.is_empty() {
                    let shift = random.next() % 18;
                    let len = (1 + random.next() as usize % (1 << shift)).min(bytes.len());
                    assert!(send(connection, &bytes[..len]));
                    bytes = &bytes[len..];
                }
                connection.sender.shutdown().unwrap();
            };
            thread::scope(|scope| {
                scope.spawn(|| in_parts(&mut near_out, &up, seeds[0]));
                scope.spawn(|| in_parts(&mut far_out, &down, seeds[1]));
                scope.spawn(|| {
                    assert!(recv(&mut far, up.len() + 1) == up, "other bytes arrived");
                });
                assert!(
                    recv(&mut near, down.len() + 1) == down,
                    "other bytes arrived"
                );
            });
            let statistics = relay.statistics();
            assert_eq!(
                (statistics.to_server, statistics.to_client),
                (up.len() as u64, down.len() as u64)
            );
        }
    }
}

#[test]
fn the_rate_is_not_exceeded() {
    let link = Link {
        rtt: ms(4),
        rate: Some("40mbit".parse().unwrap()),
        ..Link::default()
    };
    let bytes = Random::new().bytes(1_000_000);
    let mut rig = Rig::new(link, fresh_tcp(), fresh_unix());
    // A link that was idle for a while has saved nothing up.
    for _ in 0..2 {
        thread::sleep(ms(20));
        let begun = Instant::now();
        thread::scope(|scope| {
            scope.spawn(|| assert!(send(&mut rig.near, &bytes)));
            assert!(recv(&mut rig.far, bytes.len()) == bytes);
        });
        assert!(begun.elapsed() >= ms(200 + 2), "{:?}", begun.elapsed());
    }
}

#[test]
fn one_direction_may_end_before_the_other() {
    let link = Link {
        rtt: ms(6),
        ..Link::default()
    };
    let mut rig = Rig::new(link, fresh_unix(), fresh_tcp());
    assert!(send(&mut rig.near, b"question"));
    rig.near.sender.shutdown().unwrap();
    assert_eq!(recv(&mut rig.far, 100), b"question");
    assert!(send(&mut rig.far, b"answer"));
    drop(rig.far);
    assert_eq!(recv(&mut rig.near, 100), b"answer");
}

#[test]
fn what_was_said_before_the_end_arrives() {
    // The server refuses with a word and closes, while the client goes on sending.
    let link = Link {
        rtt: ms(10),
        ..Link::default()
    };
    let mut rig = Rig::new(link, fresh_tcp(), fresh_unix());
    assert!(send(&mut rig.near, &[1; 1000]));
    recv(&mut rig.far, 1000);
    assert!(send(&mut rig.far, b"no"));
    drop(rig.far);
    send(&mut rig.near, &[2; 100_000]);
    assert_eq!(recv(&mut rig.near, 100), b"no");
    // In the end the client cannot send either.
    let begun = Instant::now();
    while send(&mut rig.near, &[3; 1000]) {
        assert!(begun.elapsed() < WATCHDOG);
        thread::sleep(ms(1));
    }
}

#[test]
fn a_cut_by_bytes_lets_exactly_these_pass_and_both_ends_see_it() {
    let mut random = Random::new();
    for (client_side, server_side) in [(fresh_tcp(), fresh_unix()), (fresh_unix(), fresh_tcp())] {
        let limit = 100_000 + random.next() % 100_000;
        let link = Link {
            rtt: ms(2),
            cut: Some(Cut::Bytes(limit)),
            ..Link::default()
        };
        let mut rig = Rig::new(link, client_side, server_side);
        let (up, down) = (random.bytes(400_000), random.bytes(400_000));
        let (got_up, got_down) = thread::scope(|scope| {
            let far = &mut rig.far;
            let near = &mut rig.near;
            let (up, down) = (&up, &down);
            let far = scope.spawn(move || {
                // In turn, so that one thread is enough for an end.
                let mut got = Vec::new();
                for part in down.chunks(10_000) {
                    let some = recv(far, 10_000);
                    let over = some.len() < 10_000;
                    got.extend(some);
                    if over || !send(far, part) {
                        break;
                    }
                }
                got.extend(recv(far, 1 << 20));
                got
            });
            let mut got = Vec::new();
            for part in up.chunks(10_000) {
                if !send(near, part) {
                    break;
                }
                let some = recv(near, 10_000);
                let over = some.len() < 10_000;
                got.extend(some);
                if over {
                    break;
                }
            }
            got.extend(recv(near, 1 << 20));
            (far.join().unwrap(), got)
        });
        assert!(got_up == up[..got_up.len()] && got_down == down[..got_down.len()]);
        // TCP may drop what it has received when the connection ends under it; the relay has delivered all of it.
        assert!((got_up.len() + got_down.len()) as u64 <= limit);
        let statistics = rig.relay.stop();
        assert_eq!(statistics.to_server + statistics.to_client, limit);
        assert_eq!(statistics.cut, 1);
    }
}

#[test]
fn a_cut_by_time_ends_both_sides_and_not_before() {
    for busy in [false, true] {
        let link = Link {
            rtt: ms(5),
            rate: Some("8kbit".parse().unwrap()),
            cut: Some(Cut::Time(ms(60))),
            ..Link::default()
        };
        let mut rig = Rig::new(link, fresh_tcp(), fresh_tcp());
        if busy {
            // What the line would carry in 50 s is under way.
            assert!(send(&mut rig.near, &[1; 50_000]));
        }
        let arrived = recv(&mut rig.far, 50_000).len();
        assert!(rig.begun.elapsed() >= ms(60));
        assert!(arrived < 50_000);
        assert_eq!(recv(&mut rig.near, 1), []);
        assert_eq!(rig.relay.stop().cut, 1);
    }
}

#[test]
fn without_a_server_the_client_sees_the_end_and_somebody_is_told() {
    let gone = listen(&fresh_tcp(), &ListenOptions::default())
        .unwrap()
        .uri();
    let told = Arc::new(Mutex::new(String::new()));
    let listener = listen(&fresh_tcp(), &ListenOptions::default()).unwrap();
    let hear = Arc::clone(&told);
    let relay = Relay::start(listener, vec![gone.clone()], Link::default(), move |what| {
        hear.lock().unwrap().push_str(what);
    })
    .unwrap();
    let mut near = connect(relay.uri(), WATCHDOG).unwrap();
    assert_eq!(recv(&mut near, 1), []);
    assert_eq!(relay.stop().failed, 1);
    let told = told.lock().unwrap();
    assert!(told.contains(&gone.to_string()), "{told}");
}

#[test]
fn the_second_server_is_taken_where_the_first_is_not_there() {
    let gone = listen(&fresh_tcp(), &ListenOptions::default())
        .unwrap()
        .uri();
    let there = listen(&fresh_unix(), &ListenOptions::default()).unwrap();
    let listener = listen(&fresh_tcp(), &ListenOptions::default()).unwrap();
    let servers = vec![gone, there.uri()];
    let relay = Relay::start(listener, servers, Link::default(), |_| ()).unwrap();
    let mut near = connect(relay.uri(), WATCHDOG).unwrap();
    let mut far = there.accept().unwrap();
    assert!(send(&mut near, b"x"));
    assert_eq!(recv(&mut far, 1), b"x");
}

#[test]
fn stopping_ends_what_goes_on() {
    let link = Link {
        rtt: Duration::from_secs(600),
        ..Link::default()
    };
    let mut rig = Rig::new(link, fresh_unix(), fresh_unix());
    // It would arrive in an hour.
    assert!(send(&mut rig.near, &[5; 100]));
    assert_eq!(rig.relay.stop().to_server, 0);
    assert_eq!(recv(&mut rig.near, 1), []);
    assert_eq!(recv(&mut rig.far, 1), []);
}

#[test]
fn several_connections_are_links_of_their_own() {
    let server = listen(&fresh_unix(), &ListenOptions::default()).unwrap();
    let link = Link {
        rtt: ms(2),
        rate: Some("4mbit".parse().unwrap()),
        ..Link::default()
    };
    let relay = relay(link, fresh_tcp(), server.uri());
    thread::scope(|scope| {
        for i in 0..8u8 {
            let uri = relay.uri().clone();
            scope.spawn(move || {
                let mut near = connect(&uri, WATCHDOG).unwrap();
                assert!(send(&mut near, &[i; 5000]));
                near.sender.shutdown().unwrap();
                assert_eq!(recv(&mut near, 6000), [!i; 5000]);
            });
        }
        for _ in 0..8 {
            let mut far = server.accept().unwrap();
            scope.spawn(move || {
                let got = recv(&mut far, 6000);
                assert_eq!(got, [got[0]; 5000]);
                let answer: Vec<u8> = got.iter().map(|byte| !byte).collect();
                assert!(send(&mut far, &answer));
            });
        }
    });
    let statistics = relay.stop();
    assert_eq!(statistics.connections, 8);
    assert_eq!(
        (statistics.to_server, statistics.to_client),
        (40_000, 40_000)
    );
}
