//! Whom a client and a server trust, and who they are: files, read and made into what rustls wants.

use super::error::{TlsError, WrongPin};
use super::handshake::Secrets;
use super::record::MAX_UNDER_KEY;
use ring::digest;
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, ring as provider};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::{NoServerSessionStorage, WebPkiClientVerifier};
use rustls::{
    CertificateError, ClientConfig, DigitallySignedStruct, OtherError, RootCertStore, ServerConfig,
    SignatureScheme,
};
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Where systems keep the authorities that they trust: Debian, Fedora, SUSE, Alpine.
const SYSTEM_AUTHORITIES: &[&str] = &[
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
/// How often a server looks whether its files have changed, at most.
const LOOK: Duration = Duration::from_secs(1);

/// The SHA-256 of a certificate as it travels (DER): `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Pin(pub [u8; 32]);

impl Pin {
    /// Of this certificate.
    #[must_use]
    pub fn of(certificate: &[u8]) -> Self {
        let mut pin = [0; 32];
        pin.copy_from_slice(digest::digest(&digest::SHA256, certificate).as_ref());
        Self(pin)
    }
}

impl FromStr for Pin {
    type Err = String;

    /// Parses `sha256:HEX`, with colons between the bytes or without, as other programs print it.
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is no fingerprint: write sha256: and the 64 hexadecimal digits that the server prints"
            )
        };
        let digits = text.strip_prefix("sha256:").ok_or_else(wrong)?;
        let digits: Vec<u8> = digits.bytes().filter(|byte| *byte != b':').collect();
        let mut pin = [0; 32];
        if digits.len() != 2 * pin.len() {
            return Err(wrong());
        }
        for (byte, pair) in pin.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |digit: u8| char::from(digit).to_digit(16).ok_or_else(wrong);
            *byte = (digit(pair[0])? << 4 | digit(pair[1])?) as u8;
        }
        Ok(Self(pin))
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Whom a client takes for the server.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Trust {
    /// Who has a certificate for the host's name from an authority that this system trusts.
    #[default]
    System,
    /// The same from an authority in this file (PEM).
    Authorities(PathBuf),
    /// Who has this very certificate, whatever it says of itself.
    Pin(Pin),
}

/// A certificate, with those between it and an authority, and its key: two files (PEM).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The certificate, followed by those between it and an authority.
    pub certificate: PathBuf,
    /// Its key.
    pub key: PathBuf,
}

impl Identity {
    fn read(&self) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), TlsError> {
        let chain = certificates(&self.certificate)?;
        let key = PrivateKeyDer::from_pem_file(&self.key).map_err(|error| {
            let problem = match error {
                rustls::pki_types::pem::Error::NoItemsFound => {
                    "has no private key (PEM)".to_owned()
                }
                error => format!("cannot be read as a private key: {error}"),
            };
            file(&self.key, problem)
        })?;
        Ok((chain, key))
    }

    /// What rustls does not like about them.
    fn mistake(&self, error: rustls::Error) -> TlsError {
        match error {
            rustls::Error::InconsistentKeys(_) => file(
                &self.key,
                format!("is not the key of {}", self.certificate.display()),
            ),
            rustls::Error::InvalidCertificate(error) => file(
                &self.certificate,
                format!("is no usable certificate: {error}"),
            ),
            error => file(&self.key, format!("cannot be used: {error}")),
        }
    }
}

/// How a client comes to `tls://` servers.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ClientSettings {
    /// Whom it trusts.
    pub trust: Trust,
    /// Who it is, if it says so.
    pub identity: Option<Identity>,
    /// The name that the server's certificate has to be for, where it is another than the URI's host.
    pub name: Option<String>,
    /// Records after which keys are replaced, where that is to be sooner than must be.
    pub rekey_after: Option<u64>,
}

impl ClientSettings {
    /// With this trust, and nothing to show.
    #[must_use]
    pub fn new(trust: Trust) -> Self {
        Self {
            trust,
            ..Self::default()
        }
    }

    /// Reads every file there is, and says what is wrong with it.
    ///
    /// # Errors
    /// The first that cannot be used.
    pub fn check(&self) -> Result<(), TlsError> {
        self.config(Arc::default()).map(|_| ())
    }

    pub(crate) fn name(&self, host: &str) -> Result<ServerName<'static>, TlsError> {
        let name = self.name.as_deref().unwrap_or(host);
        // The zone of an address is nobody's business but this machine's.
        let name = name.split_once('%').map_or(name, |(address, _)| address);
        ServerName::try_from(name.to_owned()).map_err(|_| TlsError::Name {
            name: name.to_owned(),
        })
    }

    pub(crate) fn limit(&self) -> u64 {
        self.rekey_after.unwrap_or(MAX_UNDER_KEY)
    }

    pub(crate) fn config(&self, secrets: Arc<Secrets>) -> Result<ClientConfig, TlsError> {
        let builder = ClientConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(TlsError::from_rustls)?;
        let builder = match &self.trust {
            Trust::System => builder.with_root_certificates(system()?),
            Trust::Authorities(path) => builder.with_root_certificates(authorities(path)?),
            Trust::Pin(pin) => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(Pinned {
                    pin: *pin,
                    algorithms: provider::default_provider().signature_verification_algorithms,
                })),
        };
        let mut config = match &self.identity {
            None => builder.with_no_client_auth(),
            Some(identity) => {
                let (chain, key) = identity.read()?;
                builder
                    .with_client_auth_cert(chain, key)
                    .map_err(|error| identity.mistake(error))?
            }
        };
        // A session of ours is one connection: there is nothing to resume, and no ticket to lose.
        config.resumption = Resumption::disabled();
        config.enable_secret_extraction = true;
        config.key_log = secrets;
        Ok(config)
    }
}

/// The files of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFiles {
    /// Who it is.
    pub identity: Identity,
    /// Authorities of clients' certificates (PEM). `None`: clients show none.
    pub client_authorities: Option<PathBuf>,
    /// A client may come without a certificate all the same.
    pub client_optional: bool,
}

impl ServerFiles {
    fn config(&self) -> Result<(Arc<ServerConfig>, Pin), TlsError> {
        let builder = ServerConfig::builder_with_provider(provider())
            .with_protocol_versions(&[&rustls::version::TLS13])
            .map_err(TlsError::from_rustls)?;
        let builder = match &self.client_authorities {
            None => builder.with_no_client_auth(),
            Some(path) => {
                let roots = Arc::new(authorities(path)?);
                let mut verifier = WebPkiClientVerifier::builder_with_provider(roots, provider());
                if self.client_optional {
                    verifier = verifier.allow_unauthenticated();
                }
                let verifier = verifier
                    .build()
                    .map_err(|error| file(path, format!("cannot be used: {error}")))?;
                builder.with_client_cert_verifier(verifier)
            }
        };
        let (chain, key) = self.identity.read()?;
        let pin = Pin::of(&chain[0]);
        let mut config = builder
            .with_single_cert(chain, key)
            .map_err(|error| self.identity.mistake(error))?;
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        config.enable_secret_extraction = true;
        Ok((Arc::new(config), pin))
    }

    /// By what a change of any of them shows.
    fn stamps(&self) -> Vec<Option<(u64, u64, i64, i64)>> {
        [&self.identity.certificate, &self.identity.key]
            .into_iter()
            .chain(&self.client_authorities)
            .map(|path| {
                let data = fs::metadata(path).ok()?;
                Some((data.ino(), data.size(), data.mtime(), data.mtime_nsec()))
            })
            .collect()
    }
}

/// Who is told how reading the files again went.
type Report = dyn Fn(Result<(), TlsError>) + Send + Sync;

/// What a server shows and asks for, kept up to date with its files.
pub struct ServerSettings {
    files: ServerFiles,
    limit: u64,
    current: Mutex<Current>,
    stale: Arc<AtomicBool>,
    report: Box<Report>,
}

struct Current {
    config: Arc<ServerConfig>,
    pin: Pin,
    stamps: Vec<Option<(u64, u64, i64, i64)>>,
    looked: Instant,
}

impl ServerSettings {
    /// Reads the files. `report` is told, by whichever thread accepts next, how it went whenever they were read again: if they cannot
    /// be used, what was read before goes on.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn read(
        files: ServerFiles,
        report: impl Fn(Result<(), TlsError>) + Send + Sync + 'static,
    ) -> Result<Self, TlsError> {
        // Before they are read: what changes meanwhile is read again.
        let stamps = files.stamps();
        let (config, pin) = files.config()?;
        Ok(Self {
            files,
            limit: MAX_UNDER_KEY,
            current: Mutex::new(Current {
                config,
                pin,
                stamps,
                looked: Instant::now(),
            }),
            stale: Arc::default(),
            report: Box::new(report),
        })
    }

    /// The same, replacing keys after so many records where that is sooner than must be.
    #[must_use]
    pub fn rekey_after(mut self, records: u64) -> Self {
        self.limit = records;
        self
    }

    /// Set it, and the files are read again before the next connection is accepted: for a signal's handler.
    #[must_use]
    pub fn stale(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.stale)
    }

    /// The certificate that is shown now.
    #[must_use]
    pub fn pin(&self) -> Pin {
        self.lock().pin
    }

    /// The files.
    #[must_use]
    pub fn files(&self) -> &ServerFiles {
        &self.files
    }

    pub(crate) fn limit(&self) -> u64 {
        self.limit
    }

    /// What to show the next client.
    pub(crate) fn config(&self) -> Arc<ServerConfig> {
        let (config, read) = {
            let mut current = self.lock();
            let told = self.stale.swap(false, Ordering::Relaxed);
            let read = if told || current.looked.elapsed() >= LOOK {
                current.looked = Instant::now();
                let stamps = self.files.stamps();
                let changed = told || stamps != current.stamps;
                // Also if they cannot be used: that is said once.
                current.stamps = stamps;
                changed.then(|| {
                    (current.config, current.pin) = self.files.config()?;
                    Ok(())
                })
            } else {
                None
            };
            (Arc::clone(&current.config), read)
        };
        if let Some(read) = read {
            (self.report)(read);
        }
        config
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Current> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for ServerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerSettings")
            .field("files", &self.files)
            .finish_non_exhaustive()
    }
}

/// What there is to encrypt with. The client's order counts: where the processor does AES, the cipher that is the fastest, else
/// the one that needs no such help.
fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| {
        use provider::cipher_suite::{
            TLS13_AES_128_GCM_SHA256, TLS13_AES_256_GCM_SHA384, TLS13_CHACHA20_POLY1305_SHA256,
        };
        #[cfg(target_arch = "x86_64")]
        let aes = std::arch::is_x86_feature_detected!("aes");
        #[cfg(target_arch = "aarch64")]
        let aes = std::arch::is_aarch64_feature_detected!("aes");
        #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
        let aes = false;
        let mut provider = provider::default_provider();
        provider.cipher_suites = vec![
            TLS13_AES_128_GCM_SHA256,
            TLS13_AES_256_GCM_SHA384,
            TLS13_CHACHA20_POLY1305_SHA256,
        ];
        if !aes {
            provider.cipher_suites.rotate_right(1);
        }
        Arc::new(provider)
    });
    Arc::clone(&PROVIDER)
}

fn file(path: &Path, problem: impl Into<String>) -> TlsError {
    TlsError::File {
        path: path.to_owned(),
        problem: problem.into(),
    }
}

/// The certificates in a file, at least one.
fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let found = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| file(path, format!("cannot be read: {error}")))?;
    if found.is_empty() {
        return Err(file(path, "has no certificate (PEM)"));
    }
    Ok(found)
}

fn authorities(path: &Path) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for certificate in certificates(path)? {
        roots.add(certificate).map_err(|error| {
            file(
                path,
                format!("has a certificate that is no authority's: {error}"),
            )
        })?;
    }
    Ok(roots)
}

/// What the system trusts. An entry that cannot be read is the system's affair.
fn system() -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for path in SYSTEM_AUTHORITIES {
        if let Ok(found) = certificates(Path::new(path)) {
            roots.add_parsable_certificates(found);
            break;
        }
    }
    if roots.is_empty() {
        return Err(TlsError::NoTrust);
    }
    Ok(roots)
}

/// Trusts one certificate: what it says of itself does not count, that the server has its key does.
#[derive(Debug)]
struct Pinned {
    pin: Pin,
    algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for Pinned {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let found = Pin::of(end_entity);
        if found != self.pin {
            let other = OtherError(Arc::new(WrongPin(found)));
            return Err(CertificateError::Other(other).into());
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _certificate: &CertificateDer<'_>,
        _signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("TLS 1.2 is not spoken".to_owned()))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        rustls::crypto::verify_tls13_signature(message, certificate, signature, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_what_programs_print() {
        let pin = Pin::of(b"x");
        assert_eq!(pin.to_string().parse(), Ok(pin));
        let colons: Vec<_> = pin.0.iter().map(|byte| format!("{byte:02X}")).collect();
        assert_eq!(format!("sha256:{}", colons.join(":")).parse(), Ok(pin));
        for wrong in ["", "sha256:", "sha256:00", "sha1:00", &pin.to_string()[7..]] {
            assert!(wrong.parse::<Pin>().is_err(), "{wrong}");
        }
        let wrong = pin.to_string().replace(|c: char| c.is_ascii_digit(), "g");
        assert!(wrong.parse::<Pin>().is_err());
    }
}
