//! Both ends of a connection by each transport, in this process.

use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::path::PathBuf;
use std::time::Duration;

use pillion_transport::{Connection, Interest, ListenOptions, Uri};

/// The transports.
pub const TRANSPORTS: [&str; 3] = ["unix", "shm", "tcp"];

/// A connection by a transport: the client's end and the server's.
///
/// # Errors
///
/// The transport's.
pub fn connect(transport: &str) -> io::Result<(Connection, Connection)> {
    let path = socket(transport);
    let uri = match transport {
        "tcp" => "tcp://127.0.0.1:0".to_string(),
        _ => format!("{transport}://{}", path.display()),
    };
    let uri: Uri = uri.parse().map_err(io::Error::other)?;
    let listener =
        pillion_transport::listen(&uri, &ListenOptions::default()).map_err(io::Error::other)?;
    let ours = pillion_transport::connect(&listener.uri(), Duration::from_secs(10))
        .map_err(io::Error::other)?;
    let theirs = listener.accept()?;
    Ok((ours, theirs))
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
