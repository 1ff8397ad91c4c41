//! The handshake, which is rustls', one record at a time, so that not a byte behind it is lost in there.

use super::error::TlsError;
use super::record::{
    ALERT, CHANGE_CIPHER_SPEC, DATA, HANDSHAKE, Inbound, Keys, MAX_RECORD, Outbound, Suite,
    record_length,
};
use super::settings::{ClientSettings, Pin};
use super::stream::{self, Parts, State};
use crate::connection::{Connection, Establish, PeerCertificate, PeerInfo};
use crate::poller::{Interest, wait_fd};
use crate::waker::Waker;
use rustix::fd::{AsFd, OwnedFd};
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags, Shutdown, recv, send, shutdown};
use rustls::pki_types::CertificateDer;
use rustls::{
    CipherSuite, ClientConnection, ConnectionTrafficSecrets, KeyLog, ServerConfig, ServerConnection,
};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// The alert by which others tell us from a server of something else.
const NOT_TLS: [u8; 7] = [ALERT, 3, 3, 0, 2, 2, 10];
/// How long a peer that was turned away may take to read why.
const FAREWELL: Duration = Duration::from_secs(2);
/// Most characters of a certificate's name that are kept.
const MAX_NAME: usize = 256;

type Name = fn(&CertificateDer<'_>) -> Option<String>;

/// A connection whose peer is not known yet.
pub(crate) struct Handshake {
    socket: OwnedFd,
    peer: PeerInfo,
    tls: rustls::Connection,
    secrets: Arc<Secrets>,
    limit: u64,
    /// Finds the peer's name in its certificate. A client has no use for it, nor for the code.
    name: Name,
    /// What has arrived and is not rustls' yet.
    input: Vec<u8>,
    /// What is rustls' to say and not sent yet.
    output: Vec<u8>,
}

impl Handshake {
    /// The client's side.
    pub(crate) fn client(
        socket: OwnedFd,
        peer: PeerInfo,
        host: &str,
        settings: &ClientSettings,
        protocol: &[u8],
    ) -> Result<Self, TlsError> {
        let secrets = Arc::<Secrets>::default();
        let mut config = settings.config(Arc::clone(&secrets))?;
        config.alpn_protocols = vec![protocol.to_vec()];
        let tls = ClientConnection::new(Arc::new(config), settings.name(host)?)
            .map_err(TlsError::from_rustls)?;
        Ok(Self::new(
            socket,
            peer,
            tls.into(),
            secrets,
            settings.limit(),
            |_| None,
        ))
    }

    /// The server's side.
    pub(crate) fn server(
        socket: OwnedFd,
        peer: PeerInfo,
        config: &ServerConfig,
        limit: u64,
        protocol: &[u8],
    ) -> Result<Self, TlsError> {
        let secrets = Arc::<Secrets>::default();
        let mut config = config.clone();
        config.alpn_protocols = vec![protocol.to_vec()];
        config.key_log = Arc::clone(&secrets) as _;
        let tls = ServerConnection::new(Arc::new(config)).map_err(TlsError::from_rustls)?;
        Ok(Self::new(socket, peer, tls.into(), secrets, limit, name))
    }

    fn new(
        socket: OwnedFd,
        peer: PeerInfo,
        tls: rustls::Connection,
        secrets: Arc<Secrets>,
        limit: u64,
        name: Name,
    ) -> Self {
        Self {
            socket,
            peer,
            tls,
            secrets,
            limit,
            name,
            input: Vec::new(),
            output: Vec::new(),
        }
    }

    /// Goes on until it is done, or cannot without waiting: for what.
    fn advance(&mut self) -> Result<Option<Interest>, TlsError> {
        loop {
            while self.tls.wants_write() {
                self.tls.write_tls(&mut self.output)?;
            }
            if !self.flush()? {
                return Ok(Some(Interest::WRITABLE));
            }
            if !self.tls.is_handshaking() {
                return Ok(None);
            }
            if self.take_record()? {
                continue;
            }
            let have = self.input.len();
            self.input.resize(MAX_RECORD, 0);
            let read = recv(&self.socket, &mut self.input[have..], RecvFlags::DONTWAIT);
            let count = match &read {
                Ok((count, _)) => *count,
                Err(_) => 0,
            };
            self.input.truncate(have + count);
            match read {
                Ok(_) if count == 0 => return Err(TlsError::Truncated),
                Ok(_) | Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(Some(Interest::READABLE)),
                Err(error) => return Err(io::Error::from(error).into()),
            }
        }
    }

    /// Gives rustls the next record, if it is whole.
    fn take_record(&mut self) -> Result<bool, TlsError> {
        let any = |kind| matches!(kind, CHANGE_CIPHER_SPEC | ALERT | HANDSHAKE | DATA);
        let length = match record_length(&self.input, any)? {
            Some(length) if length <= self.input.len() => length,
            _ => return Ok(false),
        };
        let mut record = &self.input[..length];
        while !record.is_empty() {
            self.tls.read_tls(&mut record)?;
        }
        self.input.drain(..length);
        if let Err(error) = self.tls.process_new_packets() {
            // The peer shall know why.
            while self.tls.wants_write() {
                self.tls.write_tls(&mut self.output)?;
            }
            let _ = self.flush();
            return Err(TlsError::from_rustls(error));
        }
        Ok(true)
    }

    /// Sends what is to be said. Answers whether that was all of it.
    fn flush(&mut self) -> Result<bool, TlsError> {
        const FLAGS: SendFlags = SendFlags::NOSIGNAL.union(SendFlags::DONTWAIT);
        while !self.output.is_empty() {
            match send(&self.socket, &self.output, FLAGS) {
                Ok(count) => drop(self.output.drain(..count)),
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => return Ok(false),
                Err(error) => return Err(io::Error::from(error).into()),
            }
        }
        Ok(true)
    }

    /// After a failure: waits until the peer has read why, since closing a socket with unread bytes throws away what was sent.
    fn farewell(&self, waker: Option<&Waker>) {
        let _ = shutdown(&self.socket, Shutdown::Write);
        let deadline = Instant::now() + FAREWELL;
        let mut waste = [0; 4096];
        loop {
            match recv(&self.socket, &mut waste, RecvFlags::DONTWAIT) {
                Ok((0, _)) => return,
                Ok(_) | Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    let interest = Interest::READABLE;
                    match wait_fd(self.socket.as_fd(), interest, waker, Some(left)) {
                        Ok(ready) if !ready.woken => {}
                        _ => return,
                    }
                }
                Err(_) => return,
            }
            if Instant::now() >= deadline {
                return;
            }
        }
    }

    /// The connection, once it is done.
    fn finish(self) -> Result<Parts, TlsError> {
        let of_server = matches!(self.tls, rustls::Connection::Client(_));
        let suite = match self.tls.negotiated_cipher_suite().map(|s| s.suite()) {
            Some(CipherSuite::TLS13_AES_128_GCM_SHA256) => Suite::Aes128,
            Some(CipherSuite::TLS13_AES_256_GCM_SHA384) => Suite::Aes256,
            Some(CipherSuite::TLS13_CHACHA20_POLY1305_SHA256) => Suite::ChaCha,
            _ => return Err(TlsError::Incompatible),
        };
        let mut peer = self.peer;
        peer.encrypted = true;
        peer.certificate = self
            .tls
            .peer_certificates()
            .and_then(<[_]>::first)
            .map(|shown| certificate(shown, self.name));
        let extracted = self
            .tls
            .dangerous_extract_secrets()
            .map_err(TlsError::from_rustls)?;
        let (ours, theirs) = self.secrets.take(of_server);
        let keys = |secret: &[u8], (sequence, check): (u64, ConnectionTrafficSecrets)| {
            Keys::new(suite, secret, sequence, self.limit)
                // rustls has derived the same.
                .filter(|keys| same(keys, &check))
                .ok_or(TlsError::Broken("the handshake has left no keys"))
        };
        let outbound = Outbound::new(keys(&ours, extracted.tx)?);
        let inbound = Inbound::new(keys(&theirs, extracted.rx)?, of_server)
            .resumed(&[], &self.input)
            .ok_or(TlsError::Broken("too much has come behind the handshake"))?;
        Ok(stream::assemble(
            self.socket,
            State::new(peer, outbound, inbound),
        )?)
    }
}

impl Establish for Handshake {
    fn establish(
        self: Box<Self>,
        waker: Option<&Waker>,
        timeout: Duration,
    ) -> io::Result<Connection> {
        self.settle(waker, timeout).map(Parts::connection)
    }
}

impl Handshake {
    /// As [`Establish::establish`].
    pub(crate) fn settle(mut self, waker: Option<&Waker>, timeout: Duration) -> io::Result<Parts> {
        let deadline = Instant::now().checked_add(timeout);
        loop {
            match self.advance() {
                Ok(None) => return Ok(self.finish()?),
                Ok(Some(interest)) => {
                    let left = deadline.map(|d| d.saturating_duration_since(Instant::now()));
                    if left.is_some_and(|left| left.is_zero()) {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                    let ready = wait_fd(self.socket.as_fd(), interest, waker, left)?;
                    if ready.woken {
                        return Err(io::ErrorKind::Interrupted.into());
                    }
                }
                Err(error) => {
                    if matches!(error, TlsError::NotTls)
                        && matches!(self.tls, rustls::Connection::Server(_))
                    {
                        self.output.extend_from_slice(&NOT_TLS);
                        let _ = self.flush();
                    }
                    // Whoever turned us away has nothing more to hear.
                    if matches!(self.tls, rustls::Connection::Server(_))
                        && !matches!(error, TlsError::Refused(_) | TlsError::Truncated)
                    {
                        self.farewell(waker);
                    }
                    return Err(error.into());
                }
            }
        }
    }
}

/// Whether rustls would go on with the same.
fn same(keys: &Keys, check: &ConnectionTrafficSecrets) -> bool {
    let (suite, iv) = match check {
        ConnectionTrafficSecrets::Aes128Gcm { iv, .. } => (Suite::Aes128, iv),
        ConnectionTrafficSecrets::Aes256Gcm { iv, .. } => (Suite::Aes256, iv),
        ConnectionTrafficSecrets::Chacha20Poly1305 { iv, .. } => (Suite::ChaCha, iv),
        _ => return false,
    };
    suite == keys.suite() && iv.as_ref() == keys.iv()
}

/// Takes from rustls the secrets that keys are derived from, which it hands out in no other way: without them no side could replace its
/// keys later, in another process.
#[derive(Default)]
pub(crate) struct Secrets {
    /// The client's and the server's.
    both: Mutex<[Zeroizing<Vec<u8>>; 2]>,
}

const LABELS: [&str; 2] = ["CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"];

impl Secrets {
    /// Ours and the peer's.
    fn take(&self, we_are_client: bool) -> (Zeroizing<Vec<u8>>, Zeroizing<Vec<u8>>) {
        let mut both = self.both.lock().unwrap_or_else(PoisonError::into_inner);
        let [client, server] = std::mem::take(&mut *both);
        match we_are_client {
            true => (client, server),
            false => (server, client),
        }
    }
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secrets")
    }
}

impl KeyLog for Secrets {
    fn log(&self, label: &str, _client_random: &[u8], secret: &[u8]) {
        if let Some(whose) = LABELS.iter().position(|known| *known == label) {
            self.both.lock().unwrap_or_else(PoisonError::into_inner)[whose] =
                Zeroizing::new(secret.to_vec());
        }
    }

    fn will_log(&self, label: &str) -> bool {
        LABELS.contains(&label)
    }
}

fn certificate(certificate: &CertificateDer<'_>, name: Name) -> PeerCertificate {
    PeerCertificate {
        name: name(certificate)
            .unwrap_or_default()
            .chars()
            .take(MAX_NAME)
            .map(|c| if c.is_control() { '\u{fffd}' } else { c })
            .collect(),
        fingerprint: Pin::of(certificate).0,
    }
}

/// The first e-mail address, host name or URI that a certificate is for, else its common name.
#[cfg(feature = "server")]
fn name(certificate: &CertificateDer<'_>) -> Option<String> {
    use x509_cert::Certificate;
    use x509_cert::der::Decode;
    use x509_cert::der::asn1::{Ia5String, PrintableStringRef, TeletexStringRef, Utf8StringRef};
    use x509_cert::der::oid::db::rfc4519::CN;
    use x509_cert::ext::pkix::SubjectAltName;
    use x509_cert::ext::pkix::name::GeneralName;

    let certificate = Certificate::from_der(certificate).ok()?;
    let certificate = certificate.tbs_certificate();
    let alternatives = certificate.get_extension::<SubjectAltName>().ok()?;
    let text = |text: &Ia5String| text.to_string();
    let first = alternatives.and_then(|(_, names)| {
        names.0.iter().find_map(|name| match name {
            GeneralName::Rfc822Name(name)
            | GeneralName::DnsName(name)
            | GeneralName::UniformResourceIdentifier(name) => Some(text(name)),
            _ => None,
        })
    });
    first.or_else(|| {
        let common = certificate.subject().iter().find(|part| part.oid == CN)?;
        let value = &common.value;
        let utf8 = value
            .decode_as::<Utf8StringRef<'_>>()
            .map(|s| s.to_string());
        utf8.or_else(|_| {
            value
                .decode_as::<PrintableStringRef<'_>>()
                .map(|s| s.to_string())
        })
        .or_else(|_| {
            value
                .decode_as::<TeletexStringRef<'_>>()
                .map(|s| s.to_string())
        })
        .ok()
    })
}

/// Only a server has a use for it.
#[cfg(not(feature = "server"))]
fn name(_certificate: &CertificateDer<'_>) -> Option<String> {
    None
}
