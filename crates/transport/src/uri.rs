//! Addresses of servers, and the table of transports.

use crate::connection::Connection;
use crate::error::{ConnectError, ListenError, NotTransferable, UriError};
use crate::handoff::Handoff;
use crate::listener::{ListenOptions, Listener};
use crate::ws::wss;
use crate::{ConnectOptions, ivshmem, shm, tcp, tls, ucx, unix, vsock, ws};
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

/// The port of a `tcp://` URI that names none.
pub const DEFAULT_PORT: u16 = 7717;

/// The port of a `tls://` URI that names none: another than `tcp://` has, so that a server can listen at both.
pub const DEFAULT_TLS_PORT: u16 = 7718;

/// The port of a `ucx://` URI that names none, for the same reason.
pub const DEFAULT_UCX_PORT: u16 = 7727;

/// Makes [`Uri`] and the dispatch to the transports' modules out of the table below.
macro_rules! transports {
    ($(
        $(#[$doc:meta])*
        $variant:ident { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* } = $scheme:literal in $module:ident;
    )*) => {
        /// The address of a server: which transport, and where.
        ///
        /// Parsed by [`FromStr`], printed by [`Display`](fmt::Display) in the form that parses to the same.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Uri {
            $(
                $(#[$doc])*
                $variant { $($(#[$field_doc])* $field: $type,)* },
            )*
        }

        /// The schemes that this build knows.
        pub const SCHEMES: &[&str] = &[$($scheme),*];

        impl Uri {
            /// The part before `://`.
            #[must_use]
            pub fn scheme(&self) -> &'static str {
                match self {
                    $(Self::$variant { .. } => $scheme,)*
                }
            }
        }

        impl fmt::Display for Uri {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$variant { $($field),* } => {
                        f.write_str(concat!($scheme, "://"))?;
                        $module::display($($field,)* f)
                    })*
                }
            }
        }

        fn parse(scheme: &str, rest: &str) -> Option<Result<Uri, UriError>> {
            match scheme {
                $($scheme => Some($module::parse(rest)),)*
                _ => None,
            }
        }

        pub(crate) fn connect(uri: &Uri, options: &ConnectOptions) -> Result<Connection, ConnectError> {
            match uri {
                $(Uri::$variant { $($field),* } => $module::connect($($field,)* options),)*
            }
        }

        pub(crate) fn listen(uri: &Uri, options: &ListenOptions) -> Result<Box<dyn Listener>, ListenError> {
            match uri {
                $(Uri::$variant { $($field),* } => $module::listen($($field,)* options),)*
            }
        }

        pub(crate) fn adopt(handoff: Handoff) -> Result<Connection, NotTransferable> {
            match handoff.scheme.as_str() {
                $($scheme => $module::adopt(handoff),)*
                _ => Err(NotTransferable::unknown_scheme(&handoff.scheme)),
            }
        }
    };
}

transports! {
    /// A TCP connection, not encrypted.
    Tcp {
        /// Host name, IPv4 address, or IPv6 address without its brackets.
        host: String,
        /// Port; 0 lets the kernel choose when listening.
        port: u16,
    } = "tcp" in tcp;
    /// A Unix socket in the file system.
    Unix {
        /// Absolute path of the socket, at most 107 bytes.
        path: PathBuf,
    } = "unix" in unix;
    /// A TCP connection with TLS 1.3.
    Tls {
        /// As of [`Uri::Tcp`], and the name that the server's certificate is for.
        host: String,
        /// Port; 0 lets the kernel choose when listening.
        port: u16,
    } = "tls" in tls;
    /// A WebSocket, not encrypted.
    Ws {
        /// As of [`Uri::Tcp`].
        host: String,
        /// Port; 0 lets the kernel choose when listening.
        port: u16,
        /// What to ask for there; `/` where nothing is said.
        path: String,
    } = "ws" in ws;
    /// A WebSocket in TLS 1.3.
    Wss {
        /// As of [`Uri::Tls`].
        host: String,
        /// Port; 0 lets the kernel choose when listening.
        port: u16,
        /// As of [`Uri::Ws`].
        path: String,
    } = "wss" in wss;
    /// Rings in memory shared with a server on the same machine.
    Shm {
        /// Absolute path of the socket over which the memory is handed out, at most 107 bytes.
        path: PathBuf,
    } = "shm" in shm;
    /// A socket between a virtual machine and its host.
    Vsock {
        /// Which machine: 2 is the host, 1 this one, the largest number any (when listening).
        cid: u32,
        /// Port, of a space of its own; 0 lets the kernel choose when listening.
        port: u32,
    } = "vsock" in vsock;
    /// Rings in memory shared between a virtual machine and its host.
    Ivshmem {
        /// The memory: a file, the folder of a PCI device, or `auto`.
        memory: PathBuf,
        /// Where client and server meet, of `tcp`, `unix` or `vsock`.
        control: Box<Uri>,
    } = "ivshmem" in ivshmem;
    /// UCX: RDMA over InfiniBand and RoCE where there is any, not encrypted.
    Ucx {
        /// Where client and server meet, of `tcp` or `tls`.
        control: Box<Uri>,
    } = "ucx" in ucx;
}

impl Uri {
    /// Where its two sides meet: another address where it is made of one, else itself.
    #[must_use]
    pub fn meeting(&self) -> &Self {
        match self {
            Self::Ivshmem { control, .. } | Self::Ucx { control } => control,
            other => other,
        }
    }

    /// Whether it is encrypted, by certificates: what [`tls`] has settings for.
    #[must_use]
    pub fn has_certificates(&self) -> bool {
        matches!(self.meeting(), Self::Tls { .. } | Self::Wss { .. })
    }

    /// Whether a proxy may lead to it: what [`ConnectOptions::proxies`] is for.
    #[must_use]
    pub fn may_have_proxies(&self) -> bool {
        matches!(self, Self::Ws { .. } | Self::Wss { .. })
    }

    /// Whether it leads to a server on the same hardware by its kind alone: sending is as fast as reading then.
    #[must_use]
    pub fn stays_here(&self) -> bool {
        matches!(
            self,
            Self::Unix { .. } | Self::Shm { .. } | Self::Vsock { .. } | Self::Ivshmem { .. }
        )
    }
}

impl FromStr for Uri {
    type Err = UriError;

    /// Parses `SCHEME://ADDRESS`.
    ///
    /// # Errors
    /// [`UriError`] quotes what was given and says what to write instead.
    fn from_str(text: &str) -> Result<Self, UriError> {
        let Some((scheme, rest)) = text.split_once("://") else {
            return Err(UriError::NoScheme {
                given: text.to_owned(),
            });
        };
        let scheme = scheme.to_ascii_lowercase();
        match parse(&scheme, rest) {
            Some(parsed) => parsed,
            None => Err(UriError::UnknownScheme { scheme }),
        }
    }
}
