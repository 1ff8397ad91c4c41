//! What can go wrong with WebSockets and with proxies, each with what to do about it.

use std::fmt;
use std::io;
use std::sync::Arc;

/// Most characters of what a stranger says that are repeated.
const MAX_QUOTED: usize = 120;

/// Why there is no WebSocket, or no longer.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum WsError {
    /// What answers speaks no HTTP. `tls`: it speaks TLS.
    NotHttp {
        /// It speaks TLS.
        tls: bool,
    },
    /// The other side's HTTP is none.
    Malformed(&'static str),
    /// A server of something else answers, or a proxy on the way.
    Status {
        /// The number of its answer.
        status: u16,
        /// What it says of it.
        reason: String,
    },
    /// The server is elsewhere.
    Moved {
        /// Where.
        to: String,
    },
    /// It has agreed to something else than was asked for.
    Disagrees(&'static str),
    /// The proxy does not let through.
    Proxy {
        /// Which, without its password.
        proxy: String,
        /// What it has answered, or done.
        answer: String,
        /// Whether it wants to know who comes.
        wants_credentials: bool,
    },
    /// What the environment says about proxies is not understood.
    Setting(String),
    /// A client asks for what there is not. For the server's log.
    Refused {
        /// The number it was answered.
        status: u16,
        /// Why.
        reason: &'static str,
    },
    /// Somebody has asked whether the server lives, and was told so.
    Probe,
    /// The other side has ended the connection with an error.
    Closed {
        /// Its number.
        code: u16,
        /// What it says of it.
        reason: String,
    },
    /// It has sent text, of which there is none here.
    Text,
    /// The other side breaks the rules.
    Broken(&'static str),
    /// The stream was cut off before the peer had ended it.
    Truncated,
    /// The kernel's word, or that of TLS.
    Io(Arc<io::Error>),
}

impl WsError {
    /// The one inside of an error of a connection, if there is one.
    #[must_use]
    pub fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }

    pub(crate) fn closed(code: u16, reason: &str) -> Self {
        Self::Closed {
            code,
            reason: quoted(reason),
        }
    }

    pub(crate) fn status(status: u16, reason: &str) -> Self {
        Self::Status {
            status,
            reason: quoted(reason),
        }
    }

    fn kind(&self) -> io::ErrorKind {
        match self {
            Self::Truncated => io::ErrorKind::ConnectionReset,
            Self::Closed { .. } | Self::Probe => io::ErrorKind::ConnectionAborted,
            Self::Io(error) => error.kind(),
            Self::Proxy { .. } | Self::Status { .. } => io::ErrorKind::PermissionDenied,
            Self::Setting(_) => io::ErrorKind::InvalidInput,
            _ => io::ErrorKind::InvalidData,
        }
    }
}

/// What a stranger says, as it may be shown.
pub(crate) fn quoted(text: &str) -> String {
    text.chars()
        .take(MAX_QUOTED)
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

impl From<WsError> for io::Error {
    fn from(error: WsError) -> Self {
        match error {
            WsError::Io(error) => match Arc::try_unwrap(error) {
                Ok(error) => error,
                Err(error) => io::Error::new(error.kind(), WsError::Io(error)),
            },
            error => io::Error::new(error.kind(), error),
        }
    }
}

impl From<io::Error> for WsError {
    fn from(error: io::Error) -> Self {
        match Self::of(&error) {
            Some(inner) => inner.clone(),
            None => Self::Io(Arc::new(error)),
        }
    }
}

impl fmt::Display for WsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHttp { tls: true } => f.write_str("it speaks TLS: write wss:// in front"),
            Self::NotHttp { tls: false } => f.write_str(
                "what answers there is no HTTP: a Pillion server that clients reach without a proxy has tcp:// or tls://",
            ),
            Self::Malformed(what) => write!(f, "what answers there speaks no proper HTTP: {what}"),
            Self::Status { status, reason } => {
                write!(f, "the answer is {status} {reason}")?;
                f.write_str(match status {
                    200..=299 | 400 | 426 => {
                        ": a web server answers that does not pass WebSockets on to Pillion (with nginx, set the headers Upgrade and \
                         Connection, and proxy_http_version 1.1)"
                    }
                    401 | 403 => ": who runs it has to let this client through",
                    404 => ": the server listens at another path, or a proxy in front of it knows no such path",
                    502..=504 => ": a proxy in front does not reach the server: check that `pillion serve` runs where it looks",
                    _ => "",
                })
            }
            Self::Moved { to } => write!(f, "it has moved to {to}: write that address, with ws:// or wss://"),
            Self::Disagrees(what) => {
                write!(f, "{what}: something in between does not know WebSockets, or the address is another server's")
            }
            Self::Proxy {
                proxy,
                answer,
                wants_credentials,
            } => {
                write!(f, "the proxy {proxy} {answer}")?;
                f.write_str(match wants_credentials {
                    true => ": write it as http://USER:PASSWORD@HOST:PORT",
                    false => "; PILLION_PROXY names another proxy, or none",
                })
            }
            Self::Setting(what) => f.write_str(what),
            Self::Refused { status, reason } => write!(f, "answered {status}: {reason}"),
            Self::Probe => f.write_str("asked whether the server lives"),
            Self::Closed { code, reason } if reason.is_empty() => {
                write!(f, "the other side ended the connection ({code})")
            }
            Self::Closed { code, reason } => write!(f, "the other side ended the connection ({code}): {reason}"),
            Self::Text => f.write_str("the other side sends text: it is no Pillion"),
            Self::Broken(what) => write!(f, "{what}: the other side is broken, or something in between is"),
            Self::Truncated => f.write_str("the connection was cut off"),
            Self::Io(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for WsError {}
