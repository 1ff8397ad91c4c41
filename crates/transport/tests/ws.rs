//! What only WebSockets do: HTTP, frames that others made, proxies, and peers without manners.

mod common;

use common::{CONNECT, by_hand, exchange, free_port, port, receive, secured, send, stranger};
use pillion_test_support::Random;
use pillion_test_support::certificates::Authority;
use pillion_transport::conformance::{guarded, meet, meet_by};
use pillion_transport::ws::{Proxies, WsError, hostile_frames, hostile_handoff, hostile_heads};
use pillion_transport::{
    ConnectOptions, Connection, Interest, ListenError, ListenOptions, Listener, Uri, connect_with,
    listen,
};
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8a;

fn listener() -> Box<dyn Listener> {
    listener_with(ListenOptions::default())
}

fn listener_with(options: ListenOptions) -> Box<dyn Listener> {
    listen(&"ws://127.0.0.1:0/gpu".parse().unwrap(), &options).unwrap()
}

fn options() -> ConnectOptions {
    ConnectOptions::new(CONNECT)
}

/// The question that everybody asks.
const QUESTION: &str = "GET /gpu HTTP/1.1\r\nHost: gpu\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
     Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: pillion\r\n\r\n";

fn head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            other => panic!("{other:?} behind {:?}", String::from_utf8_lossy(&head)),
        }
    }
    String::from_utf8(head).unwrap()
}

/// A stranger's socket, and what a listener makes of what he says first.
fn greeted(listener: &dyn Listener, says: &[u8]) -> (TcpStream, std::io::Result<Connection>) {
    greeted_within(listener, says, CONNECT)
}

fn greeted_within(
    listener: &dyn Listener,
    says: &[u8],
    patience: Duration,
) -> (TcpStream, std::io::Result<Connection>) {
    let mut stranger = stranger(listener);
    stranger.write_all(says).unwrap();
    stranger.set_read_timeout(Some(CONNECT)).unwrap();
    let mut far = listener.accept().unwrap();
    let established = thread::spawn(move || far.establish(None, patience).map(|()| far));
    (stranger, established.join().unwrap())
}

/// A stranger with a WebSocket, and the server's end of it.
fn upgraded(listener: &dyn Listener) -> (TcpStream, Connection) {
    let (mut stranger, far) = greeted(listener, QUESTION.as_bytes());
    let answer = head(&mut stranger);
    assert!(answer.starts_with("HTTP/1.1 101 "), "{answer}");
    assert!(answer.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
    (stranger, far.unwrap())
}

/// A frame, as a client's where there is a mask.
fn frame(first: u8, payload: &[u8], mask: Option<[u8; 4]>) -> Vec<u8> {
    let masked = if mask.is_some() { 0x80 } else { 0 };
    let mut frame = vec![first];
    match payload.len() {
        n @ 0..=125 => frame.push(masked | n as u8),
        n @ 126..=0xffff => {
            frame.push(masked | 126);
            frame.extend((n as u16).to_be_bytes());
        }
        n => {
            frame.push(masked | 127);
            frame.extend((n as u64).to_be_bytes());
        }
    }
    frame.extend(mask.unwrap_or_default().iter().take(mask.map_or(0, |_| 4)));
    let mask = mask.unwrap_or_default();
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b));
    frame
}

/// The next frame: its first byte and its payload. `None` at the end.
fn next_frame(stream: &mut impl Read) -> Option<(u8, Vec<u8>)> {
    let mut two = [0; 2];
    stream.read_exact(&mut two).ok()?;
    let length = match two[1] & 0x7f {
        126 => {
            let mut length = [0; 2];
            stream.read_exact(&mut length).ok()?;
            u64::from(u16::from_be_bytes(length))
        }
        127 => {
            let mut length = [0; 8];
            stream.read_exact(&mut length).ok()?;
            u64::from_be_bytes(length)
        }
        length => u64::from(length),
    };
    let mut mask = [0; 4];
    if two[1] & 0x80 != 0 {
        stream.read_exact(&mut mask).ok()?;
    }
    let mut payload = vec![0; length as usize];
    stream.read_exact(&mut payload).ok()?;
    let changed = payload.iter().zip(mask.iter().cycle()).map(|(a, b)| a ^ b);
    Some((two[0], changed.collect()))
}

#[test]
fn whoever_asks_for_something_else_gets_its_number() {
    guarded("statuses", || {
        let listener = listener();
        let replaced = |from: &str, to: &str| QUESTION.replacen(from, to, 1);
        for (says, number) in [
            ("GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_owned(), 404),
            (replaced("GET", "POST"), 405),
            (replaced("Upgrade: websocket\r\n", ""), 426),
            (replaced("Version: 13", "Version: 7"), 426),
            (replaced("HTTP/1.1", "HTTP/1.0"), 505),
            (replaced("Host", "Origin: http://a\r\nHost"), 403),
            (replaced("Host", "Content-Length: 9\r\nHost"), 400),
            (replaced("Host", "Transfer-Encoding: chunked\r\nHost"), 400),
            (replaced("Protocol: pillion", "Protocol: chat"), 400),
            ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(), 505),
            ("PLN1\u{1}\0\0".to_owned(), 400),
            ("\u{16}\u{3}\u{1}".to_owned(), 400),
            (format!("GET /{}", "x".repeat(9000)), 431),
            (
                replaced("Host", &format!("{}Host", "A: b\r\n".repeat(70))),
                431,
            ),
        ] {
            let (mut stranger, far) = greeted(&*listener, says.as_bytes());
            let error = far.unwrap_err();
            assert!(
                matches!(WsError::of(&error), Some(WsError::Refused { status, .. }) if *status == number),
                "{says:?}: {error}"
            );
            let answer = head(&mut stranger);
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {number} ")),
                "{says:?}: {answer}"
            );
            // And that is all.
            let mut rest = Vec::new();
            stranger.read_to_end(&mut rest).unwrap();
            assert!(answer.contains(&format!("Content-Length: {}\r\n", rest.len())));
        }
        for (method, body) in [("GET", "ok\n"), ("HEAD", "")] {
            let says = format!("{method} /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
            let (mut probe, far) = greeted(&*listener, says.as_bytes());
            assert!(matches!(
                WsError::of(&far.unwrap_err()),
                Some(WsError::Probe)
            ));
            assert!(head(&mut probe).starts_with("HTTP/1.1 200 OK\r\n"));
            let mut rest = String::new();
            probe.read_to_string(&mut rest).unwrap();
            assert_eq!(rest, body);
        }
    });
}

/// However slowly a head comes, it has one time limit; who sends nothing is told nothing that he could take for an answer to something.
#[test]
fn a_slow_head_runs_out_of_time() {
    guarded("slow", || {
        let listener = listener();
        for says in [&b""[..], b"GET /gpu HTT"] {
            let (mut stranger, far) = greeted_within(&*listener, says, Duration::from_millis(200));
            let error = far.unwrap_err();
            assert!(matches!(
                WsError::of(&error),
                Some(WsError::Refused { status: 408, .. })
            ));
            assert!(head(&mut stranger).starts_with("HTTP/1.1 408 "));
        }
        // One that goes on and on, byte by byte.
        let mut stranger = stranger(&*listener);
        let mut far = listener.accept().unwrap();
        let drip = thread::spawn(move || {
            stranger.write_all(b"GET /gpu HTTP/1.1\r\nX: ").unwrap();
            while stranger.write_all(b"y").is_ok() {
                thread::sleep(Duration::from_millis(5));
            }
        });
        let error = far.establish(None, Duration::from_millis(300)).unwrap_err();
        assert!(matches!(
            WsError::of(&error),
            Some(WsError::Refused { status: 408, .. })
        ));
        drop(far);
        drip.join().unwrap();
    });
}

#[test]
fn a_client_that_breaks_the_rules_is_told_and_not_believed() {
    guarded("rules", || {
        let listener = listener();
        let mask = Some([1, 2, 3, 4]);
        let long = |length: u64| {
            let mut frame = vec![BINARY, 0xff];
            frame.extend(length.to_be_bytes());
            frame.extend([0; 4]);
            frame
        };
        for (frames, code) in [
            (frame(BINARY, b"x", None), 1002u16),
            (frame(PING, b"", None), 1002),
            (frame(0xc2, b"x", mask), 1002),
            (frame(0x92, b"x", mask), 1002),
            (frame(0x81, b"x", mask), 1003),
            (frame(0x83, b"x", mask), 1002),
            (frame(0x8f, b"x", mask), 1002),
            (frame(0x09, b"x", mask), 1002),
            (frame(PING, &[0; 126], mask), 1002),
            (frame(0x80, b"x", mask), 1002),
            (
                [frame(0x02, b"", mask), frame(0x02, b"", mask)].concat(),
                1002,
            ),
            (long(1 << 63), 1002),
            (long(5), 1002),
            (frame(CLOSE, b"x", mask), 1002),
            (frame(CLOSE, &[0x03, 0xed], mask), 1002),
            (frame(CLOSE, &[0x03, 0xe8, 0xff], mask), 1002),
        ] {
            // Behind data that is right, which still arrives.
            for before in [&b""[..], b"before"] {
                let (mut stranger, mut far) = upgraded(&*listener);
                if !before.is_empty() {
                    stranger.write_all(&frame(BINARY, before, mask)).unwrap();
                }
                stranger.write_all(&frames).unwrap();
                let (got, end) = receive(&mut far, 100);
                assert_eq!(got, before);
                let error = end.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InvalidData, "{error}");
                let closing = next_frame(&mut stranger).expect("a farewell");
                assert_eq!(
                    closing,
                    (CLOSE, code.to_be_bytes().to_vec()),
                    "{frames:?}: {error}"
                );
                assert!(next_frame(&mut stranger).is_none());
                // For good.
                assert!(receive(&mut far, 1).1.is_err());
                assert!(far.sender.try_send(&[IoSlice::new(b"x")]).is_err());
                let ready = far.poller.wait(Interest::BOTH, None, None).unwrap();
                assert!(ready.closed && ready.readable);
                assert!(far.handoff().is_err());
            }
        }
        // One that ends in the middle, or without a farewell.
        for part in [&b""[..], &[BINARY], &frame(BINARY, b"some", mask)[..8]] {
            let (mut stranger, mut far) = upgraded(&*listener);
            stranger.write_all(part).unwrap();
            drop(stranger);
            let error = receive(&mut far, 10).1.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionReset, "{error}");
        }
    });
}

#[test]
fn pings_are_answered_by_whoever_comes_by() {
    guarded("pings", || {
        let listener = listener();
        let mask = Some([9, 8, 7, 6]);
        let (mut stranger, mut far) = upgraded(&*listener);
        for payload in [&b""[..], b"who is there?", &[7; 125]] {
            stranger.write_all(&frame(PING, payload, mask)).unwrap();
            stranger.write_all(&frame(PONG, b"unasked", mask)).unwrap();
            stranger.write_all(&frame(BINARY, b"x", mask)).unwrap();
            assert_eq!(receive(&mut far, 1).0, b"x");
            assert_eq!(next_frame(&mut stranger).unwrap(), (PONG, payload.to_vec()));
        }
        // Within a message, and within a frame of ours that has begun: then behind it.
        let block = vec![3; 1 << 20];
        let mut sent = 0;
        while let Ok(n) = far.sender.try_send(&[IoSlice::new(&block)]) {
            sent += n;
        }
        let parts = [
            frame(0x02, b"a", mask),
            frame(PING, b"now", mask),
            frame(0x80, b"b", mask),
        ];
        stranger.write_all(&parts.concat()).unwrap();
        assert_eq!(receive(&mut far, 2).0, b"ab");
        let reader = thread::spawn(move || {
            let (mut got, mut pongs) = (0, Vec::new());
            while pongs.is_empty() {
                match next_frame(&mut stranger).unwrap() {
                    (BINARY, payload) => {
                        assert!(payload.iter().all(|byte| *byte == 3));
                        got += payload.len();
                    }
                    pong => pongs.push(pong),
                }
            }
            (got, pongs)
        });
        // Somebody sends the rest of the frame, and nobody anything more: who waits sends the pong.
        sent += far
            .sender
            .try_send(&[IoSlice::new(&block)])
            .or_else(|_| {
                far.poller.wait(Interest::WRITABLE, None, None).unwrap();
                far.sender.try_send(&[IoSlice::new(&block)])
            })
            .unwrap();
        while !reader.is_finished() {
            let limit = Some(Duration::from_millis(10));
            far.poller.wait(Interest::NONE, None, limit).unwrap();
            // A frame may have been opened by that call.
            if let Ok(n) = far.sender.try_send(&[IoSlice::new(&block)]) {
                sent += n;
            }
        }
        let (got, pongs) = reader.join().unwrap();
        assert!(got <= sent);
        assert_eq!(pongs, [(PONG, b"now".to_vec())]);
    });
}

/// Pings without end keep nobody busy, and of those that cannot be answered yet only one is kept.
#[test]
fn a_flood_of_pings_is_nothing() {
    guarded("flood", || {
        let listener = listener();
        let (mut stranger, mut far) = upgraded(&*listener);
        let flood = frame(PING, &[5; 125], Some([1; 4])).repeat(20_000);
        let sender = thread::spawn(move || {
            stranger.write_all(&flood).unwrap();
            stranger
                .write_all(&frame(BINARY, b"x", Some([1; 4])))
                .unwrap();
            stranger
        });
        let mut calls = 0;
        let mut byte = [0];
        while far
            .receiver
            .try_recv(&mut [IoSliceMut::new(&mut byte)])
            .is_err()
        {
            calls += 1;
            far.poller.wait(Interest::READABLE, None, None).unwrap();
        }
        assert_eq!(byte, *b"x");
        assert!(calls > 20_000 / 65, "{calls}");
        drop(sender.join().unwrap());
    });
}

#[test]
fn who_is_quiet_pings() {
    guarded("quiet", || {
        let mut quick = ListenOptions::default();
        quick.quiet = Duration::from_millis(20);
        let listener = listener_with(quick);
        let (mut stranger, far) = upgraded(&*listener);
        let waiter = thread::spawn(move || far.poller.wait(Interest::READABLE, None, None));
        for _ in 0..5 {
            assert_eq!(next_frame(&mut stranger).unwrap(), (PING, Vec::new()));
        }
        stranger
            .write_all(&frame(BINARY, b"x", Some([1; 4])))
            .unwrap();
        assert!(waiter.join().unwrap().unwrap().readable);

        // A client does, too, and masks it; and again in another process.
        let (server, uri) = by_hand("ws", "/gpu");
        let mut quick = options();
        quick.quiet = Duration::from_millis(20);
        let client = thread::spawn(move || connect_with(&uri, &quick).unwrap());
        let mut stranger = welcoming(&server);
        let near = client.join().unwrap();
        let near = Connection::from_handoff(near.handoff().unwrap()).unwrap();
        let poller = Arc::clone(&near.poller);
        let waiter = thread::spawn(move || poller.wait(Interest::NONE, None, Some(CONNECT)));
        for _ in 0..3 {
            let mut frame = [0; 6];
            stranger.read_exact(&mut frame).unwrap();
            assert_eq!(frame[..2], [PING, 0x80]);
        }
        drop(stranger);
        drop(near);
        let _ = waiter.join().unwrap();
    });
}

/// A server made by hand that takes whoever comes.
fn welcoming(server: &TcpListener) -> TcpStream {
    let (mut stream, _) = server.accept().unwrap();
    let asked = head(&mut stream);
    stream.write_all(answer(&asked).as_bytes()).unwrap();
    stream
}

fn answer(asked: &str) -> String {
    let key = asked.split("Sec-WebSocket-Key: ").nth(1).unwrap();
    let mut context = ring::digest::Context::new(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY);
    context.update(key.split("\r\n").next().unwrap().as_bytes());
    context.update(b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    let accept =
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, context.finish());
    format!(
        "HTTP/1.1 101 Fine\r\nupgrade: WebSocket\r\nCONNECTION: keep-alive,Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\
         Sec-WebSocket-Protocol: pillion\r\nServer: somebody\r\n\r\n"
    )
}

#[test]
fn a_server_that_breaks_the_rules_is_not_believed() {
    guarded("servers", || {
        type Change = fn(String) -> String;
        let refused: &[(Change, &str)] = &[
            (
                |good| good.replacen("101", "200", 1),
                "does not pass WebSockets on",
            ),
            (
                |good| good.replacen("101 Fine", "502 Bad Gateway", 1),
                "502 Bad Gateway",
            ),
            (
                |good| good.replacen("101 Fine", "301 Gone\r\nLocation: https://b/", 1),
                "https://b/",
            ),
            (
                |good| good.replacen("Accept: ", "Accept: A", 1),
                "has not seen",
            ),
            (
                |good| good.replacen("Protocol: pillion", "Protocol: chat", 1),
                "no Pillion",
            ),
            (
                |good| good.replacen("Server", "Sec-WebSocket-Extensions: x\r\nServer", 1),
                "extensions",
            ),
            (
                |_| "\u{15}\u{3}\u{3}\0\u{2}\u{2}\n".to_owned(),
                "write wss://",
            ),
            (|_| "SSH-2.0-OpenSSH_9.2\r\n\r\n".to_owned(), "proper HTTP"),
            (|_| "\0\0\0".to_owned(), "no HTTP"),
            (|_| format!("HTTP/1.1 101 {}", "x".repeat(9000)), "too long"),
            (|good| good[..20].to_owned(), "ends early"),
            (|_| String::new(), "cut off"),
        ];
        let (server, uri) = by_hand("ws", "/gpu");
        for (change, word) in refused {
            let client = {
                let uri = uri.clone();
                thread::spawn(move || connect_with(&uri, &options()).map(drop))
            };
            let (mut stream, _) = server.accept().unwrap();
            let asked = head(&mut stream);
            assert!(
                asked.starts_with("GET /gpu HTTP/1.1\r\nHost: 127.0.0.1:"),
                "{asked}"
            );
            stream.write_all(change(answer(&asked)).as_bytes()).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            let error = client.join().unwrap().unwrap_err().to_string();
            assert!(
                error.contains(word) && error.contains(&uri.to_string()),
                "{error}"
            );
        }
        // One that never answers.
        let mut hasty = options();
        hasty.timeout = Duration::from_millis(200);
        let error = connect_with(&uri, &hasty).unwrap_err().to_string();
        assert!(error.contains("did not answer"), "{error}");
        drop(server.accept().unwrap());

        for (frames, word) in [
            (frame(BINARY, b"x", Some([1, 2, 3, 4])), "masked"),
            (frame(0x81, b"x", None), "text"),
            (frame(CLOSE, &[0x03, 0xf3, b'n', b'o'], None), "(1011): no"),
            (frame(CLOSE, &[0x03, 0xf5], None), "(1013)"),
        ] {
            let client = {
                let uri = uri.clone();
                thread::spawn(move || connect_with(&uri, &options()).unwrap())
            };
            let mut stream = welcoming(&server);
            let mut near = client.join().unwrap();
            // It has come with the answer, or just behind it.
            stream.write_all(&frames).unwrap();
            let error = receive(&mut near, 1).1.unwrap_err().to_string();
            assert!(error.contains(word), "{error}");
        }
    });
}

/// `Close` ends one direction, and the other when it has said so itself.
#[test]
fn a_farewell_is_the_end_of_one_direction() {
    guarded("farewell", || {
        let listener = listener();
        let mask = Some([4, 3, 2, 1]);
        for farewell in [&[][..], &[0x03, 0xe8], &[0x03, 0xe9, b'b', b'y', b'e']] {
            let (mut stranger, mut far) = upgraded(&*listener);
            stranger.write_all(&frame(BINARY, b"last", mask)).unwrap();
            stranger.write_all(&frame(CLOSE, farewell, mask)).unwrap();
            // Nothing counts behind it.
            stranger.write_all(&frame(BINARY, b"more", mask)).unwrap();
            assert_eq!(receive(&mut far, 10).0, b"last");
            assert!(receive(&mut far, 1).1.is_ok());
            let ready = far.poller.wait(Interest::READABLE, None, None).unwrap();
            assert!(ready.readable && !ready.closed);
            far.poller.wait_for_end().unwrap();
            send(&mut far, b"answer");
            // Also in another process.
            let mut far = Connection::from_handoff(far.handoff().unwrap()).unwrap();
            assert!(matches!(receive(&mut far, 1), (got, Ok(())) if got.is_empty()));
            send(&mut far, b"another");
            far.sender.shutdown().unwrap();
            for expected in [&b"answer"[..], b"another"] {
                assert_eq!(
                    next_frame(&mut stranger).unwrap(),
                    (BINARY, expected.to_vec())
                );
            }
            assert_eq!(
                next_frame(&mut stranger).unwrap(),
                (CLOSE, vec![0x03, 0xe8])
            );
            assert!(next_frame(&mut stranger).is_none());
        }
    });
}

/// Somebody in between who takes frames apart and puts them together as he likes.
fn reframe(mut from: TcpStream, mut to: TcpStream, of_client: bool, mut rng: Random) {
    let mut in_message = false;
    while let Some((first, payload)) = next_frame(&mut from) {
        let mask = of_client.then(|| (rng.next() as u32).to_ne_bytes());
        let mut out = Vec::new();
        if first != BINARY {
            out.extend(frame(first, &payload, mask));
        } else {
            let mut rest = &payload[..];
            while !rest.is_empty() {
                let n = rng.size().min(rest.len());
                let last = rng.below(3) == 0;
                let code = if in_message { 0 } else { 2 };
                let first = if last { 0x80 | code } else { code };
                in_message = !last;
                out.extend(frame(first, &rest[..n], mask));
                rest = &rest[n..];
                // In between, things of his own.
                match rng.below(8) {
                    0 => out.extend(frame(PING, b"still there?", mask)),
                    1 => out.extend(frame(PONG, &rng.bytes(125), mask)),
                    2 => {
                        out.extend(frame(if in_message { 0 } else { 2 }, b"", mask));
                        in_message = true;
                    }
                    _ => {}
                }
            }
        }
        if to.write_all(&out).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

#[test]
fn whoever_is_in_between_may_frame_anew() {
    guarded("reframing", || {
        let listener = listener();
        let (middle, uri) = by_hand("ws", "/gpu");
        let mut rng = Random::new();
        let server = port(&*listener);
        let (r1, r2) = (rng.clone(), rng.clone());
        let relay = thread::spawn(move || {
            let (mut client, _) = middle.accept().unwrap();
            let mut server = TcpStream::connect(("127.0.0.1", server)).unwrap();
            server.write_all(head(&mut client).as_bytes()).unwrap();
            client.write_all(head(&mut server).as_bytes()).unwrap();
            let (c, s) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            let up = thread::spawn(move || reframe(c, s, true, r1));
            reframe(server, client, false, r2);
            up.join().unwrap();
        });
        let (mut near, mut far) = meet_by(&uri, &*listener, &options());
        let (up, down) = (rng.bytes(4 << 20), rng.bytes(4 << 20));
        thread::scope(|scope| {
            scope.spawn(|| {
                let (got, end) = receive(&mut far, up.len() + 1);
                end.unwrap();
                assert!(got == up);
                send(&mut far, &down);
                far.sender.shutdown().unwrap();
            });
            send(&mut near, &up);
            near.sender.shutdown().unwrap();
            let (got, end) = receive(&mut near, down.len() + 1);
            end.unwrap();
            assert!(got == down);
        });
        relay.join().unwrap();
    });
}

#[test]
fn for_whom_somebody_asks_is_known_and_counts_for_nothing() {
    let listener = listener();
    let says = QUESTION.replacen("Host", "X-Forwarded-For: 192.0.2.7, 10.0.0.1\r\nHost", 1);
    let (_stranger, far) = greeted(&*listener, says.as_bytes());
    let far = far.unwrap();
    let peer = far.peer.clone();
    assert_eq!(peer.forwarded_for.as_deref(), Some("192.0.2.7, 10.0.0.1"));
    // Where it comes from is what the kernel says.
    assert!(
        peer.description
            .parse::<std::net::SocketAddr>()
            .unwrap()
            .ip()
            .is_loopback()
    );
    assert!(peer.to_string().contains("192.0.2.7"));
    let far = Connection::from_handoff(far.handoff().unwrap()).unwrap();
    assert_eq!(far.peer, peer);
}

#[test]
fn it_is_as_open_as_tcp_and_as_closed_as_tls() {
    let anywhere: Uri = "ws://0.0.0.0:0".parse().unwrap();
    let error = listen(&anywhere, &ListenOptions::default())
        .map(drop)
        .unwrap_err();
    assert!(matches!(error, ListenError::NotLoopback { .. }), "{error}");
    assert!(error.to_string().contains("wss://"), "{error}");
    assert!(listen(&anywhere, &ListenOptions::default().insecure(true)).is_ok());
    let error = listen(
        &"wss://127.0.0.1:0".parse().unwrap(),
        &ListenOptions::default(),
    );
    assert!(matches!(error, Err(ListenError::NoCertificate { .. })));
}

/// A proxy that answers so. What it lets through it passes on.
fn proxy(answer: &'static str) -> (u16, thread::JoinHandle<String>) {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = proxy.local_addr().unwrap().port();
    let serve = thread::spawn(move || {
        let (mut client, _) = proxy.accept().unwrap();
        let asked = head(&mut client);
        client.write_all(answer.as_bytes()).unwrap();
        if answer.contains(" 200 ") {
            let to = asked.split(' ').nth(1).unwrap();
            let mut server = TcpStream::connect(to).unwrap();
            let (mut c, mut s) = (client.try_clone().unwrap(), server.try_clone().unwrap());
            let up = thread::spawn(move || {
                let _ = std::io::copy(&mut c, &mut s);
                let _ = s.shutdown(Shutdown::Write);
            });
            let _ = std::io::copy(&mut server, &mut client);
            let _ = client.shutdown(Shutdown::Write);
            up.join().unwrap();
        }
        asked
    });
    (port, serve)
}

fn by_proxy(options: ConnectOptions, address: &str) -> ConnectOptions {
    let address = address.to_owned();
    let proxies = Proxies::of(|name| (name == "PILLION_PROXY").then(|| address.clone()));
    options.proxies(proxies.unwrap())
}

#[test]
fn a_proxy_leads_to_both() {
    guarded("proxies", || {
        let authority = Authority::new();
        let (_, listening, connecting) = secured(&authority);
        for scheme in ["ws", "wss"] {
            let uri = format!("{scheme}://127.0.0.1:0/gpu").parse().unwrap();
            let listener = listen(&uri, &listening).unwrap();
            let to = format!("127.0.0.1:{}", port(&*listener));
            let (port, serve) = proxy("HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n");
            let options = by_proxy(
                connecting.clone(),
                &format!("http://me:p%40ss@127.0.0.1:{port}"),
            );
            let (mut near, mut far) = meet(&*listener, &options);
            exchange(&mut near, &mut far);
            // Who is behind a proxy on this machine is not on this machine.
            assert!(!near.peer.local && near.peer.encrypted == (scheme == "wss"));
            assert!(near.peer.to_string().starts_with(&to), "{}", near.peer);
            drop((near, far));
            let asked = serve.join().unwrap();
            assert_eq!(
                asked,
                format!(
                    "CONNECT {to} HTTP/1.1\r\nHost: {to}\r\nProxy-Authorization: Basic bWU6cEBzcw==\r\n\r\n"
                )
            );
        }
    });
}

#[test]
fn a_proxy_that_does_not_lead_there_is_named() {
    guarded("refusals", || {
        let uri: Uri = "wss://gpu.invalid/gpu".parse().unwrap();
        for (answer, words) in [
            (
                "HTTP/1.1 407 Who?\r\n\r\n",
                "asks who comes (407): write it as",
            ),
            (
                "HTTP/1.1 403 Filtered\r\n\r\n",
                "answers 403 Filtered; PILLION_PROXY names",
            ),
            (
                "HTTP/1.0 502 Bad Gateway\r\n\r\n",
                "gpu.invalid:443: it answers 502",
            ),
            ("SSH-2.0-x\r\n\r\n", "something else than HTTP"),
            ("\0", "something else than HTTP"),
            ("", "without a word"),
        ] {
            let (port, serve) = proxy(answer);
            let address = format!("127.0.0.1:{port}");
            let error = connect_with(&uri, &by_proxy(options(), &address));
            let error = error.unwrap_err().to_string();
            for word in [words, &format!("http://{address}"), "wss://gpu.invalid"] {
                assert!(error.contains(word), "{error}");
            }
            serve.join().unwrap();
        }
        let (port, serve) = proxy("HTTP/1.1 407 Who?\r\n\r\n");
        let known = by_proxy(options(), &format!("me:secret@127.0.0.1:{port}"));
        let error = connect_with(&uri, &known).unwrap_err().to_string();
        assert!(
            error.contains("does not know this user") && !error.contains("secret"),
            "{error}"
        );
        serve.join().unwrap();
        // None there, or none that has an address.
        for (address, word) in [
            (format!("127.0.0.1:{}", free_port()), "cannot be reached"),
            ("proxy.invalid:3128".to_owned(), "has no address"),
        ] {
            let error = connect_with(&uri, &by_proxy(options(), &address));
            let error = error.unwrap_err().to_string();
            assert!(error.contains(word) && error.contains(&address), "{error}");
        }
    });
}

/// What is right, damaged.
#[test]
fn nothing_that_strangers_say_does_harm() {
    let mut rng = Random::new();
    let mask = Some([1, 2, 3, 4]);
    let stream = [
        frame(BINARY, b"hello", mask),
        frame(0x02, &[0; 200], mask),
        frame(PING, b"?", mask),
        frame(0x80, &[0; 70_000], mask),
        frame(CLOSE, &[0x03, 0xe8], mask),
    ]
    .concat();
    let listener = listener();
    let (mut stranger, mut far) = upgraded(&*listener);
    stranger.write_all(&stream[..300]).unwrap();
    assert_eq!(receive(&mut far, 20).0.len(), 20);
    let state = far.handoff().unwrap().state.to_vec();
    for _ in 0..1_000 {
        let (mut frames, mut head, mut state) =
            (stream.clone(), QUESTION.as_bytes().to_vec(), state.clone());
        for bytes in [&mut frames, &mut head, &mut state] {
            for _ in 0..1 + rng.below(4) {
                let at = rng.below(bytes.len().min(400));
                bytes[at] = rng.next() as u8;
            }
            let end = rng.below(bytes.len() + 1);
            if rng.below(2) == 0 {
                bytes.truncate(end);
            }
            bytes.insert(0, rng.next() as u8);
        }
        hostile_frames(&frames);
        hostile_heads(&head[1..]);
        hostile_handoff(&state);
    }
}
