//! What only TLS does: who is believed, and what becomes of streams that somebody tampers with.

mod common;

use common::{
    CONNECT, by_hand, exchange, files, free_port, identity, port, receive, send, stranger, trusting,
};
use pillion_test_support::Random;
use pillion_test_support::certificates::{Authority, Signed};
use pillion_transport::conformance::{guarded, meet, meet_by};
use pillion_transport::tls::{
    ClientSettings, Pin, ServerFiles, ServerSettings, TlsError, Trust, hostile_handoff,
    hostile_records,
};
use pillion_transport::{
    ConnectError, ConnectOptions, Connection, Interest, ListenError, ListenOptions, Listener, Uri,
    connect_with, listen,
};
use rcgen::string::Ia5String;
use rcgen::{CertificateParams, SanType, date_time_ymd};
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
use std::{fs, thread};

fn listener(files: ServerFiles) -> Box<dyn Listener> {
    listener_of(ServerSettings::read(files, |_| {}).unwrap())
}

fn listener_of(settings: ServerSettings) -> Box<dyn Listener> {
    let options = ListenOptions::default().tls(Arc::new(settings));
    listen(&"tls://127.0.0.1:0".parse().unwrap(), &options).unwrap()
}

/// A server that an authority vouches for, and the authority.
fn vouched_for() -> (Authority, Box<dyn Listener>) {
    let authority = Authority::new();
    let listener = listener(files(authority.server("server")));
    (authority, listener)
}

fn options(settings: ClientSettings) -> ConnectOptions {
    ConnectOptions::new(CONNECT).tls(settings)
}

/// What client and server make of each other. The server waits for a byte of the client's before it says that it is content.
fn shake(
    listener: &dyn Listener,
    settings: ClientSettings,
) -> (Result<Connection, TlsError>, Result<Connection, TlsError>) {
    thread::scope(|scope| {
        let far = scope.spawn(|| {
            let mut far = listener.accept().unwrap();
            far.establish(None, CONNECT).map_err(|error| tls(&error))?;
            Ok(far)
        });
        let near = connect_with(&listener.uri(), &options(settings));
        let near = near.map_err(|error| match error {
            ConnectError::Tls { error, .. } => error,
            other => panic!("{other:?}"),
        });
        (near, far.join().unwrap())
    })
}

/// Its time is over, or is still to come.
fn was(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2001, 1, 1);
    params.not_after = date_time_ymd(2002, 1, 1);
}

fn will_be(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2901, 1, 1);
    params.not_after = date_time_ymd(2902, 1, 1);
}

fn tls(error: &std::io::Error) -> TlsError {
    match TlsError::of(error) {
        Some(error) => error.clone(),
        None => panic!("{error:?}"),
    }
}

#[test]
fn a_server_is_believed_for_what_its_certificate_says() {
    let authority = Authority::new();
    let identity = authority.server("server");
    let pin = ServerSettings::read(files(identity.clone()), |_| {})
        .unwrap()
        .pin();
    let listener = listener(files(identity));
    let (mut near, mut far) = meet(&*listener, &options(trusting(&authority)));
    exchange(&mut near, &mut far);
    assert!(near.peer.encrypted && near.peer.is_private() && far.peer.encrypted);
    let shown = near.peer.certificate.as_ref().unwrap();
    assert_eq!((shown.fingerprint, shown.name.as_str()), (pin.0, ""));
    assert_eq!(far.peer.certificate, None);

    let (near, far) = shake(&*listener, ClientSettings::new(Trust::Pin(pin)));
    exchange(&mut near.unwrap(), &mut far.unwrap());

    // A name other than the URI's host, which it has; and one that it has not.
    let mut named = trusting(&authority);
    named.name = Some("localhost".to_owned());
    let (near, far) = shake(&*listener, named.clone());
    exchange(&mut near.unwrap(), &mut far.unwrap());
    named.name = Some("elsewhere.example".to_owned());
    let (near, far) = shake(&*listener, named);
    let error = near.unwrap_err().to_string();
    assert!(
        error.contains("not for elsewhere.example") && error.contains("localhost"),
        "{error}"
    );
    assert!(matches!(far.unwrap_err(), TlsError::Refused(_)));
}

#[test]
fn a_server_is_not_believed_otherwise() {
    let (authority, other) = (Authority::new(), Authority::new());
    let impostor = authority.impostor();
    let mut wrong_name = trusting(&authority);
    wrong_name.name = Some("not a name".to_owned());
    let nowhere = ClientSettings::new(Trust::Authorities("/nowhere.pem".into()));
    let names = &["127.0.0.1"][..];
    for (identity, settings, word) in [
        (authority.server("a"), trusting(&other), "not trusted here"),
        (
            impostor.server("b"),
            trusting(&authority),
            "only by one of the same name",
        ),
        (
            authority.server("b"),
            ClientSettings::default(),
            "is not trusted here",
        ),
        (
            authority.server_as("c", names, was),
            trusting(&authority),
            "has expired",
        ),
        (
            authority.server_as("d", names, will_be),
            trusting(&authority),
            "not valid yet",
        ),
        (
            authority.server_as("e", &["gpu.example"], |_| {}),
            trusting(&authority),
            "not for 127.0.0.1, but for gpu.example:",
        ),
        (
            authority.client("f", "a client's"),
            trusting(&authority),
            "refused",
        ),
        (
            authority.server("g"),
            ClientSettings::new(Trust::Pin(Pin([3; 32]))),
            "PILLION_TLS_PIN",
        ),
        (authority.server("h"), wrong_name, "PILLION_TLS_NAME"),
        (authority.server("i"), nowhere, "/nowhere.pem"),
    ] {
        let listener = listener(files(identity));
        let (near, far) = shake(&*listener, settings);
        let error = near.unwrap_err().to_string();
        // The system may have no authorities at all.
        assert!(
            error.contains(word) || (word == "is not trusted here" && error.contains("no list")),
            "{error}"
        );
        assert!(far.is_err());
    }
}

#[test]
fn a_client_shows_who_it_is_where_it_has_to() {
    let (authority, clients, strangers) = (Authority::new(), Authority::new(), Authority::new());
    let mut required = files(authority.server("server"));
    required.client_authorities = Some(clients.ca());
    let mut optional = required.clone();
    optional.client_optional = true;
    let (required, optional) = (listener(required), listener(optional));
    let settings = |shows: Option<Signed>| {
        let mut settings = trusting(&authority);
        settings.identity = shows.map(identity);
        settings
    };
    let san = |name: SanType| {
        move |params: &mut CertificateParams| {
            params
                .subject_alt_names
                .push(SanType::IpAddress([10, 0, 0, 1].into()));
            params.subject_alt_names.push(name);
            params
                .subject_alt_names
                .push(SanType::DnsName(Ia5String::try_from("later").unwrap()));
        }
    };
    let ia5 = |text: &str| Ia5String::try_from(text).unwrap();
    for (identity, name) in [
        (clients.client("ada", "Ada Lovelace"), "Ada Lovelace"),
        (
            clients.client_as(
                "mail",
                "Ada",
                san(SanType::Rfc822Name(ia5("ada@example.org"))),
            ),
            "ada@example.org",
        ),
        (
            clients.client_as("uri", "Ada", san(SanType::URI(ia5("spiffe://lab/ada")))),
            "spiffe://lab/ada",
        ),
        (
            clients.client_as("host", "Ada", san(SanType::DnsName(ia5("ada.example")))),
            "ada.example",
        ),
        (clients.client("odd", "a\nb"), "a\u{fffd}b"),
        (clients.client("long", &"x".repeat(60)), &"x".repeat(60)),
    ] {
        for listener in [&required, &optional] {
            let (near, far) = shake(&**listener, settings(Some(identity.clone())));
            let (mut near, mut far) = (near.unwrap(), far.unwrap());
            exchange(&mut near, &mut far);
            assert_eq!(far.peer.certificate.as_ref().unwrap().name, name);
            // It is still known when the connection has changed its process.
            let peer = far.peer.clone();
            let mut far = Connection::from_handoff(far.handoff().unwrap()).unwrap();
            assert_eq!(far.peer, peer);
            exchange(&mut near, &mut far);
        }
    }
    let (near, far) = shake(&*optional, settings(None));
    let mut far = far.unwrap();
    assert_eq!(far.peer.certificate, None);
    exchange(&mut near.unwrap(), &mut far);

    for (identity, word) in [
        (None, "wants a client's certificate"),
        (Some(strangers.client("stranger", "Eve")), "our certificate"),
        (
            Some(clients.client_as("old", "Ada", was)),
            "our certificate",
        ),
        (Some(clients.server("server")), "our certificate"),
    ] {
        let (near, far) = shake(&*required, settings(identity));
        assert!(far.is_err());
        // The client's handshake ends before the server has looked.
        let error = match near {
            Ok(mut near) => tls(&receive(&mut near, 1).1.unwrap_err()),
            Err(error) => error,
        };
        assert!(error.to_string().contains(word), "{error}");
    }
    // The key has to be the certificate's.
    let (ada, eve) = (clients.client("a", "Ada"), clients.client("e", "Eve"));
    let mixed = Signed {
        certificate: eve.certificate,
        key: ada.key,
    };
    let error = settings(Some(mixed)).check().unwrap_err().to_string();
    assert!(error.contains("is not the key of"), "{error}");
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let authority = Authority::new();
    let good = authority.server("server");
    let empty = authority.folder().join("empty");
    fs::write(&empty, "").unwrap();
    let wrong = authority.folder().join("wrong");
    fs::write(
        &wrong,
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    )
    .unwrap();
    let with = |certificate: &std::path::Path, key: &std::path::Path| {
        files(Signed {
            certificate: certificate.to_owned(),
            key: key.to_owned(),
        })
    };
    let mut no_clients = files(good.clone());
    no_clients.client_authorities = Some(wrong.clone());
    for (files, name) in [
        (with(&empty, &good.key), "empty"),
        (with(&good.certificate, &empty), "empty"),
        (with(&wrong, &good.key), "wrong"),
        (with(&good.certificate, &good.certificate), "server.pem"),
        (no_clients, "wrong"),
    ] {
        let error = ServerSettings::read(files, |_| {}).unwrap_err().to_string();
        assert!(error.contains(name), "{error}");
    }
    let uri: Uri = "tls://127.0.0.1:0".parse().unwrap();
    assert!(matches!(
        listen(&uri, &ListenOptions::default()),
        Err(ListenError::NoCertificate { .. })
    ));
}

#[test]
fn a_certificate_is_read_again_when_it_changes() {
    let authority = Authority::new();
    let identity = authority.server("server");
    let reports = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&reports);
    let settings = ServerSettings::read(files(identity.clone()), move |read| {
        told.lock().unwrap().push(read.map_err(|e| e.to_string()));
    })
    .unwrap();
    let stale = settings.stale();
    let listener = listener_of(settings);
    let shown = || {
        let (near, far) = shake(&*listener, trusting(&authority));
        exchange(&mut near.unwrap(), &mut far.unwrap())
    };
    let pin = || {
        let (near, far) = shake(&*listener, trusting(&authority));
        far.unwrap();
        near.unwrap().peer.certificate.unwrap().fingerprint
    };
    shown();
    let first = pin();
    assert_eq!(first, pin());
    // A new one, noticed by itself.
    let new = authority.server("new");
    fs::rename(&new.certificate, &identity.certificate).unwrap();
    fs::rename(&new.key, &identity.key).unwrap();
    while pin() == first {
        thread::sleep(Duration::from_millis(100));
    }
    let second = pin();
    // Half of one, noticed because somebody said so: the one before goes on.
    fs::write(&identity.certificate, "not a certificate").unwrap();
    stale.store(true, Ordering::Relaxed);
    assert_eq!(pin(), second);
    stale.store(true, Ordering::Relaxed);
    fs::write(&identity.key, "not a key").unwrap();
    assert_eq!(pin(), second);
    let third = authority.server("third");
    fs::rename(&third.certificate, &identity.certificate).unwrap();
    fs::rename(&third.key, &identity.key).unwrap();
    stale.store(true, Ordering::Relaxed);
    assert_ne!(pin(), second);
    let reports = reports.lock().unwrap();
    assert!(reports.first().unwrap().is_ok() && reports.last().unwrap().is_ok());
    assert!(reports.iter().any(|report| report.is_err()));
}

#[test]
fn whoever_speaks_no_tls_is_told_so_and_the_other_way_round() {
    let (authority, listener) = vouched_for();
    for greeting in [
        &b"PLN1 or whatever it is"[..],
        b"GET / HTTP/1.1\r\n\r\n",
        b"x",
        &[22, 9, 9, 0, 5],
    ] {
        let mut plain = stranger(&*listener);
        plain.write_all(greeting).unwrap();
        let mut far = listener.accept().unwrap();
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut answer = Vec::new();
                plain.read_to_end(&mut answer).unwrap();
                assert_eq!(answer, [21, 3, 3, 0, 2, 2, 10], "a TLS alert");
                plain.shutdown(Shutdown::Both).unwrap();
            });
            let error = far.establish(None, CONNECT).unwrap_err();
            assert!(matches!(tls(&error), TlsError::NotTls), "{error}");
        });
        // It is of no use afterwards, and says so.
        assert!(far.sender.try_send(&[IoSlice::new(b"x")]).is_err());
        assert!(far.handoff().is_err());
    }

    let (plain, uri) = by_hand("tls", "");
    thread::scope(|scope| {
        scope.spawn(|| {
            let (mut socket, _) = plain.accept().unwrap();
            socket.write_all(b"this is no TLS at all").unwrap();
            let _ = socket.read_to_end(&mut Vec::new());
        });
        match connect_with(&uri, &options(trusting(&authority))) {
            Err(ConnectError::Tls {
                error: TlsError::NotTls,
                ..
            }) => {}
            other => panic!("{other:?}"),
        }
    });
}

/// Strangers who say nothing, or a byte now and then, cost whoever establishes the time that he gives them, and not more.
#[test]
fn nobody_is_waited_for_longer_than_was_said() {
    let (authority, listener) = vouched_for();
    let patience = Duration::from_millis(300);
    for trickles in [false, true] {
        let mut stranger = stranger(&*listener);
        let mut far = listener.accept().unwrap();
        let over = AtomicBool::new(false);
        thread::scope(|scope| {
            scope.spawn(|| {
                let mut hello = [22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3]
                    .into_iter()
                    .chain([7; 100]);
                while trickles && !over.load(Ordering::Relaxed) {
                    let _ = hello.next().map(|byte| stranger.write_all(&[byte]));
                    thread::sleep(Duration::from_millis(20));
                }
            });
            let error = far.establish(None, patience).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TimedOut);
            over.store(true, Ordering::Relaxed);
        });
    }
    // A waker ends it as well.
    let _stranger = stranger(&*listener);
    let mut far = listener.accept().unwrap();
    let waker = pillion_transport::Waker::new().unwrap();
    waker.wake();
    let error = far.establish(Some(&waker), CONNECT).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interrupted);

    // And a server that says nothing costs its client the timeout.
    let (_silent, uri) = by_hand("tls", "");
    let mut options = options(trusting(&authority));
    options.timeout = patience;
    assert!(matches!(
        connect_with(&uri, &options),
        Err(ConnectError::TimedOut { .. })
    ));
}

/// A greeting of TLS 1.2, as its clients begin: refused with the alert that says so.
#[test]
fn nothing_older_than_tls_1_3_is_spoken() {
    let (authority, listener) = vouched_for();
    let extensions = [
        &[0, 10, 0, 4, 0, 2, 0, 23][..],  // groups: secp256r1
        &[0, 11, 0, 2, 1, 0],             // points: uncompressed
        &[0, 13, 0, 6, 0, 4, 4, 3, 8, 4], // signatures: ECDSA and RSA-PSS with SHA-256
        &[0, 23, 0, 0],                   // extended master secret
    ]
    .concat();
    let mut hello = vec![3, 3];
    hello.extend_from_slice(&[9; 32]);
    hello.push(0);
    hello.extend_from_slice(&[0, 4, 0xc0, 0x2b, 0xc0, 0x2f]); // ECDHE with AES-128-GCM
    hello.extend_from_slice(&[1, 0]);
    hello.extend_from_slice(&(extensions.len() as u16).to_be_bytes());
    hello.extend_from_slice(&extensions);
    let mut record = vec![22, 3, 1];
    record.extend_from_slice(&(hello.len() as u16 + 4).to_be_bytes());
    record.extend_from_slice(&[1, 0, 0, hello.len() as u8]);
    record.extend_from_slice(&hello);
    let mut old = stranger(&*listener);
    old.write_all(&record).unwrap();
    let mut far = listener.accept().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            let mut answer = Vec::new();
            old.read_to_end(&mut answer).unwrap();
            assert_eq!(answer[0], 21);
            assert_eq!(answer[5..7], [2, 70], "protocol_version");
            old.shutdown(Shutdown::Both).unwrap();
        });
        let error = far.establish(None, CONNECT).unwrap_err();
        assert!(matches!(tls(&error), TlsError::Incompatible), "{error}");
    });

    // A server that answers with 1.2.
    let (downgraded, uri) = by_hand("tls", "");
    let mut hello = vec![22, 3, 3, 0, 44, 2, 0, 0, 40, 3, 3];
    hello.extend_from_slice(&[9; 32]);
    hello.extend_from_slice(&[0, 0xc0, 0x2f, 0, 0, 0]);
    thread::scope(|scope| {
        scope.spawn(|| {
            let (mut socket, _) = downgraded.accept().unwrap();
            socket.write_all(&hello).unwrap();
            let _ = socket.read_to_end(&mut Vec::new());
        });
        match connect_with(&uri, &options(trusting(&authority))) {
            Err(ConnectError::Tls { error, .. }) => assert!(
                matches!(error, TlsError::Incompatible | TlsError::Handshake(_)),
                "{error:?}"
            ),
            other => panic!("{other:?}"),
        }
    });
}

/// What becomes of a record on its way.
enum Fate {
    Passes,
    /// It is the last that passes, and so many bytes of it.
    Cut(usize),
}

/// Somebody in between, for one connection: sees every record, may change it, and says what becomes of it. True: towards the server.
fn between(
    server: &Uri,
    change: impl Fn(bool, &mut Vec<u8>) -> Fate + Send + Sync + 'static,
) -> Uri {
    let Uri::Tls { host, port } = server else {
        panic!()
    };
    let server: SocketAddr = format!("{host}:{port}").parse().unwrap();
    let (middle, uri) = by_hand("tls", "");
    thread::spawn(move || {
        let near = middle.accept().unwrap().0;
        let far = TcpStream::connect(server).unwrap();
        let carry = |to_server: bool, mut from: &TcpStream, mut to: &TcpStream| {
            loop {
                let mut record = vec![0; 5];
                if from.read_exact(&mut record).is_err() {
                    break;
                }
                let length = usize::from(u16::from_be_bytes([record[3], record[4]]));
                record.resize(5 + length, 0);
                if from.read_exact(&mut record[5..]).is_err() {
                    break;
                }
                match change(to_server, &mut record) {
                    Fate::Passes => {
                        if to.write_all(&record).is_err() {
                            break;
                        }
                    }
                    Fate::Cut(at) => {
                        let _ = to.write_all(&record[..at]);
                        break;
                    }
                }
            }
            let _ = to.shutdown(Shutdown::Write);
            // What the other direction still has to say goes on.
            let _ = std::io::copy(&mut from, &mut std::io::sink());
        };
        thread::scope(|scope| {
            scope.spawn(|| carry(true, &near, &far));
            carry(false, &far, &near);
        });
    });
    uri
}

/// A connection by way of somebody in between, with random data on its way in one direction, and what arrives of it.
fn through(
    change: impl Fn(bool, &mut Vec<u8>) -> Fate + Send + Sync + 'static,
    to_server: bool,
    data: &[u8],
) -> (Vec<u8>, std::io::Result<()>) {
    let (authority, listener) = vouched_for();
    let armed = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&armed);
    let uri = between(&listener.uri(), move |to, record| {
        if to == to_server && seen.load(Ordering::SeqCst) {
            change(to, record)
        } else {
            Fate::Passes
        }
    });
    let (mut near, mut far) = meet_by(&uri, &*listener, &options(trusting(&authority)));
    exchange(&mut near, &mut far);
    armed.store(true, Ordering::SeqCst);
    let (mut from, mut to) = if to_server { (near, far) } else { (far, near) };
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut rest = data;
            while !rest.is_empty() {
                match from.sender.try_send(&[IoSlice::new(rest)]) {
                    Ok(n) => rest = &rest[n..],
                    Err(e) if e.kind() == ErrorKind::WouldBlock => {
                        from.poller.wait(Interest::WRITABLE, None, None).unwrap();
                    }
                    // The other side has had enough.
                    Err(_) => break,
                }
            }
            let _ = from.sender.shutdown();
        });
        receive(&mut to, data.len() + 1)
    })
}

#[test]
fn whatever_is_changed_ends_the_connection() {
    guarded("whatever_is_changed_ends_the_connection", || {
        let mut rng = Random::new();
        let data = rng.bytes(200_000);
        // Untouched, to begin with: the same way carries everything, and the end.
        for to_server in [true, false] {
            let (got, end) = through(|_, _| Fate::Passes, to_server, &data);
            assert!(got == data && end.is_ok());
        }
        for round in 0..40 {
            let to_server = round % 2 == 0;
            let (which, seed) = (rng.below(14), rng.next() as usize);
            let seen = AtomicUsize::new(0);
            let how = round % 5;
            let kept = Mutex::new(None::<Vec<u8>>);
            let change = move |_: bool, record: &mut Vec<u8>| {
                let n = seen.fetch_add(1, Ordering::Relaxed);
                match how {
                    // A bit, anywhere: in the header, in what it carries, in what proves it. Not in the length, as more would be waited
                    // for than comes: those are cut off below.
                    0 | 1 if n == which => {
                        let at = [0, 1]
                            .into_iter()
                            .chain(5..record.len())
                            .nth(seed % (record.len() - 3));
                        record[at.unwrap()] ^= 1 << (seed % 7);
                    }
                    // Twice the same.
                    2 if n == which => record.extend_from_within(..),
                    // Two in the wrong order.
                    3 if n == which => *kept.lock().unwrap() = Some(std::mem::take(record)),
                    3 if n == which + 1 => {
                        let kept = kept.lock().unwrap().take().unwrap();
                        record.extend_from_slice(&kept);
                    }
                    // One is left out.
                    4 if n == which => record.clear(),
                    _ => {}
                }
                Fate::Passes
            };
            let (got, end) = through(change, to_server, &data);
            assert!(data.starts_with(&got), "what arrives is what was sent");
            // The last record is the peer's word that it has ended. If it is the one that is hurt or missing, the data is whole.
            assert!(
                end.is_err() || (how == 2 && got == data),
                "round {round}, record {which}: {} bytes and a clean end",
                got.len()
            );
        }
    });
}

#[test]
fn a_stream_that_is_cut_off_does_not_look_ended() {
    guarded("a_stream_that_is_cut_off_does_not_look_ended", || {
        let mut rng = Random::new();
        let data = rng.bytes(100_000);
        for round in 0..16 {
            let (which, at) = (rng.below(8), rng.next() as usize);
            let seen = AtomicUsize::new(0);
            let change = move |_: bool, record: &mut Vec<u8>| {
                if seen.fetch_add(1, Ordering::Relaxed) == which {
                    // Also between two records.
                    Fate::Cut(if at % 3 == 0 { 0 } else { at % record.len() })
                } else {
                    Fate::Passes
                }
            };
            let (got, end) = through(change, round % 2 == 0, &data);
            assert!(data.starts_with(&got));
            let error = end.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
            assert!(matches!(tls(&error), TlsError::Truncated), "{error}");
        }
    });
}

#[test]
fn what_was_said_once_counts_once() {
    // Everything that a client has said to a server, said to it again.
    let (authority, listener) = vouched_for();
    let said = Arc::new(Mutex::new(Vec::new()));
    let heard = Arc::clone(&said);
    let uri = between(&listener.uri(), move |to_server, record| {
        if to_server {
            heard.lock().unwrap().extend_from_slice(record);
        }
        Fate::Passes
    });
    let (mut near, mut far) = meet_by(&uri, &*listener, &options(trusting(&authority)));
    exchange(&mut near, &mut far);
    drop((far, near));
    let mut again = stranger(&*listener);
    again.write_all(&said.lock().unwrap()).unwrap();
    let mut far = listener.accept().unwrap();
    thread::scope(|scope| {
        scope.spawn(|| {
            let _ = again.read_to_end(&mut Vec::new());
            let _ = again.shutdown(Shutdown::Both);
        });
        let error = far.establish(None, CONNECT).unwrap_err();
        assert!(matches!(tls(&error), TlsError::Broken(_)), "{error}");
    });
}

#[test]
fn a_peer_that_trickles_is_understood() {
    guarded("a_peer_that_trickles_is_understood", || {
        let (authority, listener) = vouched_for();
        let (slow, uri) = by_hand("tls", "");
        let trickle = |mut from: &TcpStream, mut to: &TcpStream| {
            to.set_nodelay(true).unwrap();
            let mut byte = [0];
            while matches!(from.read(&mut byte), Ok(1)) {
                if to.write_all(&byte).is_err() {
                    break;
                }
            }
            let _ = to.shutdown(Shutdown::Write);
        };
        thread::scope(|scope| {
            scope.spawn(|| {
                let near = slow.accept().unwrap().0;
                let far = stranger(&*listener);
                thread::scope(|scope| {
                    scope.spawn(|| trickle(&near, &far));
                    trickle(&far, &near);
                });
            });
            let (mut near, mut far) = meet_by(&uri, &*listener, &options(trusting(&authority)));
            exchange(&mut near, &mut far);
            let data = Random::new().bytes(40_000);
            send(&mut near, &data);
            near.sender.shutdown().unwrap();
            assert!(receive(&mut far, data.len() + 1).0 == data);
            drop(far);
            assert_eq!(receive(&mut near, 1).0, b"");
        });
    });
}

/// Both ends change hands again and again, in the middle of streams in both directions, of which some is read and some is not, and
/// keys are replaced meanwhile.
#[test]
fn a_connection_changes_hands_in_the_middle_of_everything() {
    guarded(
        "a_connection_changes_hands_in_the_middle_of_everything",
        || {
            // What of a direction is on its way, at most, with the frames of what a call has sent: the two together can come along.
            const MOST: usize = 18_000;
            const FRAMES: usize = 64;
            let mut rng = Random::new();
            let authority = Authority::new();
            let settings = ServerSettings::read(files(authority.server("server")), |_| {}).unwrap();
            let listener = listener_of(settings.rekey_after(15));
            let mut client = trusting(&authority);
            client.rekey_after = Some(11);
            let (near, far) = shake(&*listener, client);
            let mut ends = [near.unwrap(), far.unwrap()];
            let data = [rng.bytes(3 << 20), rng.bytes(3 << 20)];
            let (mut sent, mut got) = ([0, 0], [Vec::new(), Vec::new()]);
            let mut moved = 0;
            let mut sends = [0, 0];
            while (0..2).any(|i| got[i].len() < data[i].len()) {
                let i = rng.below(2);
                let out = &data[i][sent[i]..];
                if sent[i] == got[i].len() {
                    sends[i] = 0;
                }
                let room = MOST.saturating_sub(sent[i] - got[i].len() + sends[i] * FRAMES);
                let n = rng.size().min(out.len()).min(room);
                if n > 0 {
                    sends[i] += 1;
                    match ends[i].sender.try_send(&[IoSlice::new(&out[..n])]) {
                        Ok(n) => sent[i] += n,
                        Err(e) => assert_eq!(e.kind(), ErrorKind::WouldBlock, "{e}"),
                    }
                }
                // Direction i arrives at the other end.
                let mut room = vec![0; rng.size()];
                match ends[1 - i]
                    .receiver
                    .try_recv(&mut [IoSliceMut::new(&mut room)])
                {
                    Ok(n) => got[i].extend_from_slice(&room[..n]),
                    Err(e) => assert_eq!(e.kind(), ErrorKind::WouldBlock, "{e}"),
                }
                if rng.below(8) == 0 {
                    let i = rng.below(2);
                    let [near, far] = ends;
                    let (changing, staying) = if i == 0 { (near, far) } else { (far, near) };
                    let (ours, theirs) = UnixStream::pair().unwrap();
                    let handoff = changing.handoff().unwrap();
                    handoff.send(&ours, b"note").unwrap();
                    let (handoff, _) = pillion_transport::Handoff::receive(&theirs)
                        .unwrap()
                        .unwrap();
                    let changed = Connection::from_handoff(handoff).unwrap();
                    ends = if i == 0 {
                        [changed, staying]
                    } else {
                        [staying, changed]
                    };
                    moved += 1;
                }
            }
            assert!(got == data && moved > 10);
            // And the end is one.
            let [mut near, far] = ends;
            drop(far);
            assert_eq!(receive(&mut near, 1).0, b"");
        },
    );
}

/// What one thread has read from the socket and left, another that waits already is told of.
#[test]
fn who_waits_hears_of_what_another_left() {
    guarded("who_waits_hears_of_what_another_left", || {
        let (authority, listener) = vouched_for();
        let (mut near, mut far) = meet(&*listener, &options(trusting(&authority)));
        for _ in 0..50 {
            let poller = Arc::clone(&far.poller);
            let (told, hears) = mpsc::channel();
            let waiter = thread::spawn(move || {
                told.send(()).unwrap();
                // The first wait may end because the kernel has something.
                loop {
                    let ready = poller
                        .wait(Interest::READABLE, None, Some(Duration::from_secs(20)))
                        .unwrap();
                    assert!(ready.readable, "it was never told");
                    if told.send(()).is_err() {
                        return;
                    }
                }
            });
            hears.recv().unwrap();
            send(&mut near, b"two bytes and more");
            let mut byte = [0];
            loop {
                match far.receiver.try_recv(&mut [IoSliceMut::new(&mut byte)]) {
                    Ok(n) => break assert_eq!(n, 1),
                    Err(e) => assert_eq!(e.kind(), ErrorKind::WouldBlock),
                }
            }
            // What the kernel had is read; the rest is still told of, again and again.
            for _ in 0..10 {
                hears.recv().unwrap();
            }
            drop(hears);
            waiter.join().unwrap();
            assert_eq!(receive(&mut far, 17).0, b"wo bytes and more");
            let ready = far
                .poller
                .wait(Interest::READABLE, None, Some(Duration::ZERO))
                .unwrap();
            assert!(!ready.readable, "nothing is left");
        }
    });
}

/// A child that was forked off, and ends, says nothing on its parent's connection.
#[test]
fn a_forked_child_leaves_the_connection_alone() {
    let (authority, listener) = vouched_for();
    let (mut near, mut far) = meet(&*listener, &options(trusting(&authority)));
    exchange(&mut near, &mut far);
    // SAFETY: the child frees memory, which glibc keeps usable over a fork, closes descriptors, and ends without anything else.
    let child = unsafe { libc::fork() };
    if child == 0 {
        drop(near);
        // SAFETY: as above.
        unsafe { libc::_exit(0) };
    }
    let mut status = 0;
    // SAFETY: `status` is there to be written.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0);
    exchange(&mut near, &mut far);
    drop(near);
    assert!(
        receive(&mut far, 1).1.is_ok(),
        "the parent ends it properly"
    );
}

/// OpenSSL's own client and server, where they are installed: another implementation of the same standard.
fn openssl(arguments: &[&str]) -> Option<std::process::Child> {
    Command::new("openssl")
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()
}

#[test]
fn openssls_client_is_served() {
    guarded("openssls_client_is_served", || {
        let (authority, listener) = vouched_for();
        let address = format!("127.0.0.1:{}", port(&*listener));
        let ca = authority.ca();
        for suite in [
            "TLS_AES_128_GCM_SHA256",
            "TLS_AES_256_GCM_SHA384",
            "TLS_CHACHA20_POLY1305_SHA256",
        ] {
            let Some(mut client) = openssl(&[
                "s_client",
                "-connect",
                &address,
                "-CAfile",
                ca.to_str().unwrap(),
                "-verify_return_error",
                "-ciphersuites",
                suite,
                "-nocommands",
                "-quiet",
            ]) else {
                eprintln!("there is no openssl here");
                return;
            };
            let mut far = listener.accept().unwrap();
            far.establish(None, CONNECT).unwrap();
            let data = Random::new().bytes(100_000);
            let mut input = client.stdin.take().unwrap();
            thread::scope(|scope| {
                let data = &data;
                scope.spawn(move || input.write_all(data).unwrap());
                assert!(receive(&mut far, data.len()).0 == *data);
            });
            send(&mut far, &data);
            far.sender.shutdown().unwrap();
            let output = client.wait_with_output().unwrap();
            assert!(output.stdout == data, "{suite}");
        }
        // It asks for new keys, in both directions, and for none.
        let mut client = openssl(&["s_client", "-connect", &address]).unwrap();
        let mut far = listener.accept().unwrap();
        far.establish(None, CONNECT).unwrap();
        let mut input = client.stdin.take().unwrap();
        for (command, line) in [("k", "one"), ("K", "two"), ("K", "three"), ("k", "four")] {
            // It takes a command only where that is all that there is to read.
            input.write_all(format!("{line}\n").as_bytes()).unwrap();
            assert_eq!(
                receive(&mut far, line.len() + 1).0,
                format!("{line}\n").as_bytes()
            );
            send(&mut far, format!("<{line}>").as_bytes());
            input.write_all(format!("{command}\n").as_bytes()).unwrap();
            thread::sleep(Duration::from_millis(300));
        }
        input.write_all(b"last\n").unwrap();
        assert_eq!(receive(&mut far, 5).0, b"last\n");
        send(&mut far, b"<the end>");
        far.sender.shutdown().unwrap();
        let output = client.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        for part in ["<one>", "<two>", "<three>", "<four>", "<the end>"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(String::from_utf8_lossy(&output.stderr).contains("KEYUPDATE"));
    });
}

#[test]
fn openssls_older_client_is_refused() {
    let (_authority, listener) = vouched_for();
    let address = format!("127.0.0.1:{}", port(&*listener));
    let Some(client) = openssl(&["s_client", "-connect", &address, "-tls1_2"]) else {
        eprintln!("there is no openssl here");
        return;
    };
    let mut far = listener.accept().unwrap();
    let error = far.establish(None, CONNECT).unwrap_err();
    assert!(matches!(tls(&error), TlsError::Incompatible), "{error}");
    let output = client.wait_with_output().unwrap();
    assert!(!output.status.success());
}

#[test]
fn openssls_server_is_ridden() {
    guarded("openssls_server_is_ridden", || {
        let authority = Authority::new();
        let identity = authority.server("server");
        let port = free_port();
        // It sends tickets, which are of no use to us, and turns every line around.
        let Some(mut server) = openssl(&[
            "s_server",
            "-accept",
            &format!("127.0.0.1:{port}"),
            "-cert",
            identity.certificate.to_str().unwrap(),
            "-key",
            identity.key.to_str().unwrap(),
            "-rev",
            "-tls1_3",
        ]) else {
            eprintln!("there is no openssl here");
            return;
        };
        let uri: Uri = format!("tls://127.0.0.1:{port}").parse().unwrap();
        let mut settings = trusting(&authority);
        settings.rekey_after = Some(9);
        let mut near = loop {
            match connect_with(&uri, &options(settings.clone())) {
                Ok(near) => break near,
                Err(ConnectError::Tcp { .. }) => thread::sleep(Duration::from_millis(20)),
                Err(other) => panic!("{other}"),
            }
        };
        for n in 0..12 {
            let line = format!("line {n:05}");
            send(&mut near, format!("{line}\n").as_bytes());
            let turned: String = line.chars().rev().chain(['\n']).collect();
            assert_eq!(
                String::from_utf8_lossy(&receive(&mut near, turned.len()).0),
                turned
            );
        }
        near.sender.shutdown().unwrap();
        server.kill().unwrap();
        server.wait().unwrap();
    });
}

/// A bounded run of what is fuzzed: genuine records with anything inside, anything as records, and states that no broker has sent.
#[test]
fn whatever_comes_is_read_or_refused() {
    let mut rng = Random::new();
    for _ in 0..3000 {
        let n = rng.below(400);
        let mut bytes = rng.bytes(n);
        if let Some(how) = bytes.first_mut()
            && rng.below(2) == 0
        {
            *how |= 1;
            // Often of a kind that means something.
            let mut at = 1;
            while at + 1 < bytes.len() {
                bytes[at] = [20, 21, 22, 23, 23, 23, 0][rng.below(7)];
                bytes[at + 1] = rng.below(9) as u8;
                if bytes[at] == 22 && at + 6 < bytes.len() {
                    bytes[at + 1] = 5;
                    bytes[at + 2..at + 7].copy_from_slice(&[24, 0, 0, 1, rng.below(3) as u8]);
                }
                at += 2 + usize::from(bytes[at + 1]);
            }
        }
        hostile_records(&bytes);
        hostile_handoff(&bytes);
    }
    // One that is right, damaged.
    let (authority, listener) = vouched_for();
    let (near, _far) = shake(&*listener, trusting(&authority));
    let state = near.unwrap().handoff().unwrap().state;
    for _ in 0..3000 {
        let mut state = state.to_vec();
        let at = rng.below(state.len());
        match rng.below(3) {
            0 => state.truncate(at),
            1 => state[at] = rng.next() as u8,
            _ => state.extend_from_slice(&[0; 3]),
        }
        hostile_handoff(&state);
    }
}
