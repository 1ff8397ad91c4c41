//! Connections of tests, and what they do with certificates.
#![allow(dead_code, reason = "every test file uses another part")]

use pillion_test_support::certificates::{Authority, Signed};
use pillion_transport::tls::{ClientSettings, Identity, ServerFiles, ServerSettings, Trust};
use pillion_transport::{ConnectOptions, Connection, Interest, ListenOptions, Listener, Uri};
use std::fs;
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Time limit of connecting, which on one machine takes none.
pub const CONNECT: Duration = Duration::from_secs(30);

/// Who shows this certificate.
pub fn identity(signed: Signed) -> Identity {
    Identity {
        certificate: signed.certificate,
        key: signed.key,
    }
}

/// A server with this certificate that asks clients for nothing.
pub fn files(signed: Signed) -> ServerFiles {
    ServerFiles {
        identity: identity(signed),
        client_authorities: None,
        client_optional: false,
    }
}

/// Whom a client trusts.
pub fn trusting(authority: &Authority) -> ClientSettings {
    ClientSettings::new(Trust::Authorities(authority.ca()))
}

/// What is shown, and what trusts it.
pub fn secured(authority: &Authority) -> (Signed, ListenOptions, ConnectOptions) {
    let signed = authority.server("server");
    let settings = ServerSettings::read(files(signed.clone()), |_| {}).unwrap();
    let trust = trusting(authority);
    (
        signed,
        ListenOptions::default().tls(Arc::new(settings)),
        ConnectOptions::new(CONNECT).tls(trust),
    )
}

/// What tests of several processes share: made by the first.
pub struct Shared(PathBuf);

pub fn shared() -> Shared {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shared-authority");
    if !folder.exists() {
        let made = folder.with_extension(std::process::id().to_string());
        fs::create_dir_all(&made).unwrap();
        Authority::in_folder(&made).server("server");
        // Whoever comes second finds it made, and the name taken.
        if fs::rename(&made, &folder).is_err() {
            let _ = fs::remove_dir_all(&made);
        }
    }
    Shared(folder)
}

impl Shared {
    pub fn ca(&self) -> PathBuf {
        self.0.join("ca.pem")
    }

    pub fn server(&self) -> ServerFiles {
        files(Signed {
            certificate: self.0.join("server.pem"),
            key: self.0.join("server.key"),
        })
    }
}

/// The port that is listened at.
pub fn port(listener: &dyn Listener) -> u16 {
    match listener.uri() {
        Uri::Tls { port, .. } | Uri::Ws { port, .. } | Uri::Wss { port, .. } => port,
        other => panic!("{other}"),
    }
}

/// A socket there of somebody who has said nothing yet.
pub fn stranger(listener: &dyn Listener) -> TcpStream {
    TcpStream::connect(("127.0.0.1", port(listener))).unwrap()
}

/// A server that is played by hand, and where clients take it for one of that scheme, with that path.
pub fn by_hand(scheme: &str, path: &str) -> (TcpListener, Uri) {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let uri = format!("{scheme}://{}{path}", server.local_addr().unwrap());
    (server, uri.parse().unwrap())
}

/// A port that nobody has, for a program that cannot choose one itself.
pub fn free_port() -> u16 {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    socket.local_addr().unwrap().port()
}

/// Sends all of it.
pub fn send(end: &mut Connection, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match end.sender.try_send(&[IoSlice::new(bytes)]) {
            Ok(n) => bytes = &bytes[n..],
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                end.poller.wait(Interest::WRITABLE, None, None).unwrap();
            }
            Err(e) => panic!("sending failed: {e}"),
        }
    }
}

/// Receives so many bytes, or fewer before an end or an error.
pub fn receive(end: &mut Connection, count: usize) -> (Vec<u8>, std::io::Result<()>) {
    let mut got = vec![0; count];
    let mut filled = 0;
    while filled < count {
        match end
            .receiver
            .try_recv(&mut [IoSliceMut::new(&mut got[filled..])])
        {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                end.poller.wait(Interest::READABLE, None, None).unwrap();
            }
            Err(e) => {
                got.truncate(filled);
                return (got, Err(e));
            }
        }
    }
    got.truncate(filled);
    (got, Ok(()))
}

/// Receives something; nothing at the end.
pub fn receive_some(end: &mut Connection, room: &mut [u8]) -> std::io::Result<usize> {
    loop {
        match end.receiver.try_recv(&mut [IoSliceMut::new(&mut *room)]) {
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                end.poller.wait(Interest::READABLE, None, None).unwrap();
            }
            received => return received,
        }
    }
}

/// Each hears the other.
pub fn exchange(near: &mut Connection, far: &mut Connection) {
    send(near, b"question");
    assert_eq!(receive(far, 8).0, b"question");
    send(far, b"answer");
    assert_eq!(receive(near, 6).0, b"answer");
}
