//! Certificates for tests, and connections.
#![allow(dead_code, reason = "every test file uses another part")]

use pillion_transport::tls::{ClientSettings, Identity, ServerFiles, ServerSettings, Trust};
use pillion_transport::{ConnectOptions, Connection, Interest, ListenOptions, Listener, Uri};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, date_time_ymd,
};
use std::fs;
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// An authority, and a folder for what it signs.
pub struct Authority {
    folder: PathBuf,
    name: String,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    /// One that nobody knows yet, with a folder of its own.
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("authority-{}-{n}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        Self::in_folder(folder, &format!("authority {n} for tests"))
    }

    /// One that has the same name, and another key.
    pub fn impostor(&self) -> Self {
        let name = self.name.clone();
        let folder = self.folder.with_extension("impostor");
        Self::in_folder(folder, &name)
    }

    fn in_folder(folder: PathBuf, name: &str) -> Self {
        fs::create_dir_all(&folder).unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        fs::write(folder.join("ca.pem"), issuer.pem()).unwrap();
        Self {
            folder,
            name: name.to_owned(),
            issuer,
        }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn authority(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// A certificate for a server of these names, as `change` would have it.
    pub fn server_as(
        &self,
        file: &str,
        names: &[&str],
        change: impl FnOnce(&mut CertificateParams),
    ) -> Identity {
        let names: Vec<_> = names.iter().map(|name| name.to_string()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        change(&mut params);
        self.sign(file, params)
    }

    pub fn server(&self, file: &str) -> Identity {
        self.server_as(file, &["localhost", "127.0.0.1"], |_| {})
    }

    /// A certificate for a client of this name, as `change` would have it.
    pub fn client_as(
        &self,
        file: &str,
        name: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Identity {
        let mut params = CertificateParams::new([]).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        change(&mut params);
        self.sign(file, params)
    }

    pub fn client(&self, file: &str, name: &str) -> Identity {
        self.client_as(file, name, |_| {})
    }

    fn sign(&self, file: &str, params: CertificateParams) -> Identity {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let identity = Identity {
            certificate: self.folder.join(format!("{file}.pem")),
            key: self.folder.join(format!("{file}.key")),
        };
        fs::write(&identity.certificate, certificate.pem()).unwrap();
        fs::write(&identity.key, key.serialize_pem()).unwrap();
        identity
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Long ago, and still to come.
pub fn was(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2001, 1, 1);
    params.not_after = date_time_ymd(2002, 1, 1);
}

pub fn will_be(params: &mut CertificateParams) {
    params.not_before = date_time_ymd(2901, 1, 1);
    params.not_after = date_time_ymd(2902, 1, 1);
}

/// A server of this identity that asks clients for nothing.
pub fn files(identity: Identity) -> ServerFiles {
    ServerFiles {
        identity,
        client_authorities: None,
        client_optional: false,
    }
}

/// What tests of several processes share: made by the first.
pub struct Shared(PathBuf);

pub fn shared() -> Shared {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _one = ONE_AT_A_TIME.lock().unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shared-authority");
    if !folder.exists() {
        let made = folder.with_extension(std::process::id().to_string());
        let authority = Authority::in_folder(made.clone(), "shared authority for tests");
        authority.server("server");
        // Whoever comes second finds it made, and the name taken.
        let _ = fs::rename(&made, &folder);
    }
    Shared(folder)
}

impl Shared {
    pub fn authority(&self) -> PathBuf {
        self.0.join("ca.pem")
    }

    pub fn server(&self) -> ServerFiles {
        files(Identity {
            certificate: self.0.join("server.pem"),
            key: self.0.join("server.key"),
        })
    }
}

/// Time limit of connecting, which on one machine takes none.
pub const CONNECT: Duration = Duration::from_secs(30);

/// Whom a client trusts.
pub fn trusting(authority: &Authority) -> ClientSettings {
    ClientSettings::new(Trust::Authorities(authority.authority()))
}

/// What is shown, and what trusts it.
pub fn secured(authority: &Authority) -> (Identity, ListenOptions, ConnectOptions) {
    let identity = authority.server("server");
    let settings = ServerSettings::read(files(identity.clone()), |_| {}).unwrap();
    let trust = trusting(authority);
    (
        identity,
        ListenOptions::default().tls(Arc::new(settings)),
        ConnectOptions::new(CONNECT).tls(trust),
    )
}

/// The port that is listened at.
pub fn port(listener: &dyn Listener) -> u16 {
    match listener.uri() {
        Uri::Ws { port, .. } | Uri::Wss { port, .. } => port,
        other => panic!("{other}"),
    }
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
