//! Both ends of a connection by each transport, in this process.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use pillion_transport::tls::{ClientSettings, Identity, ServerFiles, ServerSettings, Trust};
use pillion_transport::{ConnectOptions, Connection, Interest, ListenOptions, Listener, Uri};

/// The transports.
pub const TRANSPORTS: [&str; 6] = ["unix", "shm", "tcp", "tls", "ws", "wss"];

/// A connection by a transport: the client's end and the server's.
///
/// # Errors
///
/// The transport's.
pub fn connect(transport: &str) -> io::Result<(Connection, Connection)> {
    Meeting::new(transport)?.connect()
}

/// A listener of a transport, and what it takes to connect to it.
pub struct Meeting {
    listener: Box<dyn Listener>,
    options: ConnectOptions,
}

impl Meeting {
    /// In this process.
    ///
    /// # Errors
    ///
    /// The transport's.
    pub fn new(transport: &str) -> io::Result<Self> {
        let path = socket(transport);
        let uri = match transport {
            "tcp" | "tls" | "ws" | "wss" => format!("{transport}://127.0.0.1:0"),
            _ => format!("{transport}://{}", path.display()),
        };
        let uri: Uri = uri.parse().map_err(io::Error::other)?;
        let mut listening = ListenOptions::default();
        let mut options = ConnectOptions::new(Duration::from_secs(10));
        if matches!(transport, "tls" | "wss") {
            let settings = certificate(&path)?;
            options = options.tls(ClientSettings::new(Trust::Pin(settings.pin())));
            listening = listening.tls(Arc::new(settings));
        }
        let listener = pillion_transport::listen(&uri, &listening).map_err(io::Error::other)?;
        Ok(Self { listener, options })
    }

    /// A connection: the client's end and the server's.
    ///
    /// # Errors
    ///
    /// The transport's.
    pub fn connect(&self) -> io::Result<(Connection, Connection)> {
        std::thread::scope(|scope| {
            let theirs = scope.spawn(|| {
                let mut theirs = self.listener.accept()?;
                theirs.establish(None, self.options.timeout)?;
                Ok::<_, io::Error>(theirs)
            });
            let ours = pillion_transport::connect_with(&self.listener.uri(), &self.options)
                .map_err(io::Error::other)?;
            let theirs = theirs.join().expect("it accepts")?;
            Ok((ours, theirs))
        })
    }
}

/// A certificate in a file that is there for as long as it takes to read it.
fn certificate(path: &Path) -> io::Result<ServerSettings> {
    let made =
        rcgen::generate_simple_self_signed(["localhost".to_string()]).map_err(io::Error::other)?;
    std::fs::write(path, made.cert.pem() + &made.signing_key.serialize_pem())?;
    let identity = Identity {
        certificate: path.to_owned(),
        key: path.to_owned(),
    };
    let files = ServerFiles {
        identity,
        client_authorities: None,
        client_optional: false,
    };
    let settings = ServerSettings::read(files, |_| {}).map_err(io::Error::other);
    let _ = std::fs::remove_file(path);
    settings
}

fn socket(transport: &str) -> PathBuf {
    let name = format!("pillion-benches-{transport}-{}", std::process::id());
    std::env::temp_dir().join(name)
}

/// Sends all of `bytes`, waiting where there is no room.
///
/// # Errors
///
/// The transport's.
pub fn send(connection: &mut Connection, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match connection.sender.try_send(&[IoSlice::new(bytes)]) {
            Ok(n) => bytes = &bytes[n..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                connection.poller.wait(Interest::WRITABLE, None, None)?;
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Receives something, waiting until there is. Answers how many bytes; 0 at the end.
///
/// # Errors
///
/// The transport's.
pub fn receive(connection: &mut Connection, bytes: &mut [u8]) -> io::Result<usize> {
    loop {
        match connection
            .receiver
            .try_recv(&mut [IoSliceMut::new(&mut *bytes)])
        {
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                connection.poller.wait(Interest::READABLE, None, None)?;
            }
            received => return received,
        }
    }
}
