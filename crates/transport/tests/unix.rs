//! What only Unix sockets do.

use pillion_test_support::Folder;
use pillion_transport::{
    ConnectError, ConnectOptions, ListenError, ListenOptions, Listener, Uri, connect, connect_with,
    listen,
};
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixDatagram, UnixListener};
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(30);

fn entries(folder: &Folder) -> usize {
    fs::read_dir(&folder.0).unwrap().count()
}

fn listen_at(path: &Path) -> Result<Box<dyn Listener>, ListenError> {
    listen(
        &Uri::Unix {
            path: path.to_owned(),
        },
        &ListenOptions::default(),
    )
}

fn connect_to(path: &Path) -> Result<pillion_transport::Connection, ConnectError> {
    connect(
        &Uri::Unix {
            path: path.to_owned(),
        },
        CONNECT,
    )
}

#[test]
fn the_file_is_the_owners_and_goes_with_the_listener() {
    let folder = Folder::new();
    let path = folder.path("socket");
    // The most permissive umask there is; it is the process's, and the other tests do not care.
    rustix::process::umask(rustix::fs::Mode::empty());
    let listener = listen_at(&path).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o7777,
        0o600
    );
    assert_eq!(entries(&folder), 1, "no lock file, no temporary file");
    assert_eq!(listener.uri(), Uri::Unix { path: path.clone() });
    drop(listener);
    assert_eq!(entries(&folder), 0);
}

#[test]
fn a_stale_file_is_taken_over() {
    let folder = Folder::new();
    let path = folder.path("socket");
    // std leaves the file behind, as a killed server does.
    drop(UnixListener::bind(&path).unwrap());
    assert!(path.exists());
    match connect_to(&path) {
        Err(ConnectError::Unix { error, .. }) => {
            assert_eq!(error.kind(), std::io::ErrorKind::ConnectionRefused)
        }
        other => panic!("{other:?}"),
    }
    let listener = listen_at(&path).unwrap();
    connect_to(&path).unwrap();
    listener.accept().unwrap();
}

#[test]
fn what_is_in_use_or_no_socket_is_left_alone() {
    let folder = Folder::new();
    let path = folder.path("socket");
    let theirs = UnixListener::bind(&path).unwrap();
    assert!(matches!(
        listen_at(&path).map(|_| ()),
        Err(ListenError::InUse { .. })
    ));
    // Also when its queue is full.
    rustix::net::listen(&theirs, 0).unwrap();
    let _queued: Vec<_> = (0..3).map(|_| connect_briefly(&path)).collect();
    assert!(matches!(
        listen_at(&path).map(|_| ()),
        Err(ListenError::InUse { .. })
    ));
    assert!(path.exists());

    let file = folder.path("file");
    fs::write(&file, "precious").unwrap();
    match listen_at(&file).map(|_| ()) {
        Err(e @ ListenError::NotASocket { .. }) => assert!(e.to_string().contains("file")),
        other => panic!("{other:?}"),
    }
    assert_eq!(fs::read(&file).unwrap(), b"precious");

    let link = folder.path("link");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    assert!(matches!(
        listen_at(&link).map(|_| ()),
        Err(ListenError::NotASocket { .. })
    ));

    let datagram = folder.path("datagram");
    let _theirs = UnixDatagram::bind(&datagram).unwrap();
    assert!(matches!(
        listen_at(&datagram).map(|_| ()),
        Err(ListenError::InUse { .. })
    ));

    let nowhere = folder.path("missing/socket");
    assert!(
        listen_at(&nowhere)
            .map(|_| ())
            .unwrap_err()
            .to_string()
            .contains("make the directory")
    );
}

fn connect_briefly(path: &Path) -> Result<pillion_transport::Connection, ConnectError> {
    let options = ConnectOptions::new(Duration::from_millis(100));
    connect_with(
        &Uri::Unix {
            path: path.to_owned(),
        },
        &options,
    )
}

#[test]
fn connecting_gives_up() {
    let folder = Folder::new();
    let path = folder.path("socket");
    let theirs = UnixListener::bind(&path).unwrap();
    rustix::net::listen(&theirs, 0).unwrap();
    let mut queued = Vec::new();
    let error = loop {
        match connect_briefly(&path) {
            Ok(connection) => queued.push(connection),
            Err(error) => break error,
        }
        assert!(queued.len() < 10, "the queue never fills");
    };
    assert!(matches!(error, ConnectError::TimedOut { .. }), "{error:?}");
    let missing = connect_to(&folder.path("missing")).unwrap_err();
    assert!(missing.to_string().contains("pillion serve"), "{missing}");
}

/// Of many that find the same stale file at once, exactly one listens, and its file stays.
#[test]
fn one_wins_a_stale_file() {
    let folder = Folder::new();
    let path = folder.path("socket");
    for _ in 0..20 {
        drop(UnixListener::bind(&path).unwrap());
        let together = Barrier::new(8);
        let won: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        together.wait();
                        match listen_at(&path) {
                            Ok(listener) => Some(listener),
                            Err(ListenError::InUse { .. }) => None,
                            Err(e) => panic!("{e}"),
                        }
                    })
                })
                .collect();
            threads
                .into_iter()
                .filter_map(|t| t.join().unwrap())
                .collect()
        });
        assert_eq!(won.len(), 1);
        connect_to(&path).unwrap();
        drop(won);
        assert!(!path.exists());
    }
}

#[test]
fn anothers_file_is_not_removed() {
    let folder = Folder::new();
    let path = folder.path("socket");
    let first = listen_at(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let second = listen_at(&path).unwrap();
    let inode = fs::metadata(&path).unwrap().ino();
    drop(first);
    assert_eq!(fs::metadata(&path).unwrap().ino(), inode);
    connect_to(&path).unwrap();
    drop(second);
    assert!(!path.exists());
}

#[test]
fn the_peer_is_known() {
    let folder = Folder::new();
    let listener = listen_at(&folder.path("socket")).unwrap();
    let near = connect_to(&folder.path("socket")).unwrap();
    let far = listener.accept().unwrap();
    for end in [near, far] {
        assert!(end.peer.local);
        assert_eq!(end.peer.pid, Some(std::process::id()));
        assert_eq!(end.peer.uid, Some(rustix::process::getuid().as_raw()));
    }
}

#[test]
fn a_path_may_be_as_long_as_the_kernel_takes() {
    let folder = Folder::new();
    let longest = folder
        .0
        .join("x".repeat(107 - folder.0.as_os_str().len() - 1));
    assert_eq!(longest.as_os_str().len(), 107);
    let _listener = listen_at(&longest).unwrap();
    connect_to(&longest).unwrap();
    let mut longer = longest.into_os_string();
    longer.push("x");
    assert!(matches!(
        listen_at(longer.as_ref()).map(|_| ()),
        Err(ListenError::Address(_))
    ));
    assert!(matches!(
        connect_to(longer.as_ref()),
        Err(ConnectError::Address(_))
    ));
}
