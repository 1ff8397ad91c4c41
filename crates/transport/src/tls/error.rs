//! What can go wrong with TLS, each with what to do about it.

use super::settings::Pin;
use rustls::{AlertDescription, CertificateError, PeerIncompatible};
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

/// Why there is no secure connection, or no longer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TlsError {
    /// A file with certificates or a key cannot be used.
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// Nobody has said whom to trust, and the system has no list of authorities.
    NoTrust,
    /// The host's name cannot stand in a certificate.
    Name {
        /// The name.
        name: String,
    },
    /// What arrived is no TLS.
    NotTls,
    /// The peer speaks TLS, but not 1.3, or with nothing that we know.
    Incompatible,
    /// The peer's certificate does not convince us. The sentence says why.
    Certificate(String),
    /// The peer has shown no certificate.
    NoCertificate,
    /// The server's certificate is not the one that was pinned.
    Pin {
        /// The one that it has.
        found: Pin,
    },
    /// The peer says that something is wrong, by the number of an alert.
    Refused(u8),
    /// The stream was cut off before the peer had ended it.
    Truncated,
    /// The peer breaks the rules, or somebody in between has changed something.
    Broken(&'static str),
    /// The handshake failed otherwise.
    Handshake(String),
    /// The kernel's word.
    Io(Arc<io::Error>),
}

impl TlsError {
    /// The one inside of an error of a connection, if there is one.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    /// What rustls says.
    pub(crate) fn from_rustls(error: rustls::Error) -> Self {
        use rustls::Error;
        match error {
            Error::InvalidCertificate(error) => Self::certificate(error),
            Error::NoCertificatesPresented => Self::NoCertificate,
            Error::AlertReceived(alert) => Self::Refused(u8::from(alert)),
            Error::PeerIncompatible(
                PeerIncompatible::ServerDoesNotSupportTls12Or13
                | PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig
                | PeerIncompatible::SupportedVersionsExtensionRequired
                | PeerIncompatible::Tls13RequiredForQuic
                | PeerIncompatible::Tls12NotOffered
                | PeerIncompatible::Tls12NotOfferedOrEnabled
                | PeerIncompatible::NoCipherSuitesInCommon
                | PeerIncompatible::NoKxGroupsInCommon,
            ) => Self::Incompatible,
            Error::DecryptError => Self::Broken("a record is not what the peer has sent"),
            other => Self::Handshake(other.to_string()),
        }
    }

    fn certificate(error: CertificateError) -> Self {
        if let CertificateError::Other(other) = &error
            && let Some(WrongPin(found)) = other.0.downcast_ref()
        {
            return Self::Pin { found: *found };
        }
        Self::Certificate(match error {
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                "it has expired: its owner has to renew it (or a clock is wrong)".to_owned()
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                "it is not valid yet: a clock is wrong".to_owned()
            }
            CertificateError::UnknownIssuer => {
                "it comes from an authority that is not trusted here: a client trusts what PILLION_TLS_CA or PILLION_TLS_PIN \
                 says, a server what --tls-client-ca says"
                    .to_owned()
            }
            CertificateError::BadSignature => {
                "it was not signed by the authority that is trusted here, only by one of the same name".to_owned()
            }
            CertificateError::NotValidForName => "it is for another name: set PILLION_TLS_NAME to one that it has".to_owned(),
            CertificateError::NotValidForNameContext {
                expected,
                presented,
            } => format!(
                "it is not for {}, but for {}: connect to one of those names, or set PILLION_TLS_NAME to it",
                expected.to_str(),
                if presented.is_empty() {
                    "no host".to_owned()
                } else {
                    let names: Vec<_> = presented.iter().map(|name| bare(name)).collect();
                    names.join(", ")
                }
            ),
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                "it is meant for something else: a server's must allow server authentication, a client's client \
                 authentication"
                    .to_owned()
            }
            other => other.to_string(),
        })
    }

    fn kind(&self) -> io::ErrorKind {
        match self {
            Self::Truncated => io::ErrorKind::ConnectionReset,
            Self::Refused(_) => io::ErrorKind::ConnectionAborted,
            Self::Io(error) => error.kind(),
            Self::Certificate(_) | Self::Pin { .. } | Self::NoCertificate => {
                io::ErrorKind::PermissionDenied
            }
            _ => io::ErrorKind::InvalidData,
        }
    }
}

impl From<TlsError> for io::Error {
    fn from(error: TlsError) -> Self {
        io::Error::new(error.kind(), error)
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, problem } => write!(f, "{} {problem}", path.display()),
            Self::NoTrust => f.write_str(
                "this system has no list of certificate authorities: set PILLION_TLS_CA to the server's authority, or \
                 PILLION_TLS_PIN to what its operator says",
            ),
            Self::Name { name } => write!(
                f,
                "{name:?} is no name that a certificate can have: set PILLION_TLS_NAME to the one it has"
            ),
            Self::NotTls => f.write_str("what arrived is no TLS: one side has tls://, the other has not"),
            Self::Incompatible => f.write_str("the other side does not speak TLS 1.3"),
            Self::Certificate(why) => write!(f, "the other side's certificate is refused: {why}"),
            Self::NoCertificate => f.write_str(
                "the other side has shown no certificate: a client sets PILLION_TLS_CERT and PILLION_TLS_KEY",
            ),
            Self::Pin { found } => write!(
                f,
                "the server's certificate is not the one in PILLION_TLS_PIN but {found}: if its operator says that this is \
                 right, set PILLION_TLS_PIN to it; if not, somebody is in between"
            ),
            Self::Refused(alert) => {
                let what = match AlertDescription::from(*alert) {
                    AlertDescription::CertificateRequired => {
                        "it wants a client's certificate: set PILLION_TLS_CERT and PILLION_TLS_KEY"
                    }
                    AlertDescription::UnknownCA => {
                        "it does not know the authority of our certificate"
                    }
                    AlertDescription::CertificateExpired => {
                        "our certificate has expired, or is not valid yet"
                    }
                    AlertDescription::BadCertificate
                    | AlertDescription::CertificateUnknown
                    | AlertDescription::UnsupportedCertificate
                    | AlertDescription::DecryptError => "it does not take our certificate",
                    AlertDescription::ProtocolVersion => "it does not speak TLS 1.3",
                    AlertDescription::NoApplicationProtocol => "it is no Pillion server",
                    other => return write!(f, "the other side ends the connection: {other:?}"),
                };
                write!(f, "the other side refuses the connection: {what}")
            }
            Self::Truncated => f.write_str("the connection was cut off"),
            Self::Broken(what) => write!(
                f,
                "{what}: the connection was tampered with, or the other side is broken"
            ),
            Self::Handshake(what) => write!(f, "no secure connection: {what}"),
            Self::Io(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for TlsError {}

impl From<io::Error> for TlsError {
    fn from(error: io::Error) -> Self {
        match Self::of(&error) {
            Some(inner) => inner.clone(),
            None => Self::Io(Arc::new(error)),
        }
    }
}

/// A name as people write it, out of what rustls makes of it: `DnsName("gpu")`.
fn bare(name: &str) -> &str {
    name.split('"').nth(1).unwrap_or(name)
}

/// The certificate of a server is not the pinned one.
#[derive(Debug)]
pub(crate) struct WrongPin(pub(crate) Pin);

impl fmt::Display for WrongPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "another certificate was pinned than {}", self.0)
    }
}

impl std::error::Error for WrongPin {}
