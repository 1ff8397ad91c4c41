//! Descriptors between processes.

use pillion_test_support::Random;
use pillion_transport::{MAX_FDS, MAX_MESSAGE, recv_fds, send_fds};
use rustix::io::{FdFlags, fcntl_getfd};
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::thread;

/// A pipe's two ends, to see that a descriptor is the right one.
fn pipe() -> (OwnedFd, OwnedFd) {
    rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC).unwrap()
}

#[test]
fn messages_keep_their_bounds_and_descriptors() {
    let mut rng = Random::new();
    for nonblocking in [false, true] {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(nonblocking).unwrap();
        theirs.set_nonblocking(nonblocking).unwrap();
        let messages: Vec<_> = (0..50)
            .map(|i| {
                let length = [0, 1, 7, 8, 9, 1000, MAX_MESSAGE][rng.below(7)];
                let fds = if i == 0 {
                    MAX_FDS
                } else {
                    rng.below(MAX_FDS + 1)
                };
                (rng.bytes(length), fds)
            })
            .collect();
        thread::scope(|scope| {
            scope.spawn(|| {
                for (message, count) in &messages {
                    let pipes: Vec<_> = (0..*count).map(|_| pipe()).collect();
                    for (i, (_, writer)) in pipes.iter().enumerate() {
                        rustix::io::write(writer, &[i as u8; 3]).unwrap();
                    }
                    let fds: Vec<_> = pipes.iter().map(|(reader, _)| reader.as_fd()).collect();
                    send_fds(&ours, message, &fds).unwrap();
                }
                ours.shutdown(std::net::Shutdown::Both).unwrap();
            });
            for (message, count) in &messages {
                let (got, fds) = recv_fds(&theirs, MAX_MESSAGE).unwrap().unwrap();
                assert_eq!(&got, message);
                assert_eq!(fds.len(), *count);
                for (i, fd) in fds.into_iter().enumerate() {
                    assert!(fcntl_getfd(&fd).unwrap().contains(FdFlags::CLOEXEC));
                    let mut buf = [0; 10];
                    assert_eq!(rustix::io::read(&fd, &mut buf).unwrap(), 3);
                    assert_eq!(buf[..3], [i as u8; 3]);
                }
            }
            assert!(recv_fds(&theirs, MAX_MESSAGE).unwrap().is_none());
        });
    }
}

#[test]
fn bounds_are_kept() {
    let (ours, theirs) = UnixStream::pair().unwrap();
    let (reader, _writer) = pipe();
    let too_many = vec![reader.as_fd(); MAX_FDS + 1];
    assert_eq!(
        send_fds(&ours, b"x", &too_many).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    let too_long = vec![0; MAX_MESSAGE + 1];
    assert_eq!(
        send_fds(&ours, &too_long, &[]).unwrap_err().kind(),
        ErrorKind::InvalidInput
    );
    // Nothing of them was sent.
    send_fds(&ours, b"after", &[]).unwrap();
    assert_eq!(recv_fds(&theirs, 5).unwrap().unwrap().0, b"after");
    send_fds(&ours, b"longer", &[]).unwrap();
    assert_eq!(
        recv_fds(&theirs, 5).unwrap_err().kind(),
        ErrorKind::InvalidData
    );
}

#[test]
fn nonsense_is_an_error() {
    for (bytes, kind) in [
        (&[1, 0][..], ErrorKind::UnexpectedEof),
        (&[4, 0, 0, 0, 0, 0, 0, 0, b'x'], ErrorKind::UnexpectedEof),
        (&[1, 0, 0, 0, 0, 0, 0, 0], ErrorKind::UnexpectedEof),
        (&[0xff; 8], ErrorKind::InvalidData),
        (&[1, 0, 0, 0, 2, 0, 0, 0, b'x'], ErrorKind::InvalidData),
        (&[1, 0, 0, 0, 17, 0, 0, 0, b'x'], ErrorKind::InvalidData),
    ] {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        ours.write_all(bytes).unwrap();
        drop(ours);
        assert_eq!(
            recv_fds(&theirs, MAX_MESSAGE).unwrap_err().kind(),
            kind,
            "{bytes:?}"
        );
    }
    // A message that is no handoff.
    for message in [
        &b""[..],
        b"\x05tcp",
        b"\x03tcp\x00\x00\x00",
        b"\x03tcp\xff\x00\x00\x00",
        b"\x01\xff\0\0\0\0",
    ] {
        let (ours, theirs) = UnixStream::pair().unwrap();
        send_fds(&ours, message, &[]).unwrap();
        let error = pillion_transport::Handoff::receive(&theirs).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{message:?}");
    }
}

/// The sender's descriptor and the receiver's are the same open file.
#[test]
fn a_descriptor_is_shared() {
    let path = std::env::temp_dir().join(format!("pillion-descriptor-{}", std::process::id()));
    let mut file = File::options()
        .read(true)
        .write(true)
        .create_new(true)
        .open(&path)
        .unwrap();
    std::fs::remove_file(&path).unwrap();
    let (ours, theirs) = UnixStream::pair().unwrap();
    send_fds(&ours, b"file", &[file.as_fd()]).unwrap();
    let (_, mut fds) = recv_fds(&theirs, 10).unwrap().unwrap();
    let mut received = File::from(fds.remove(0));
    received.write_all(b"written there").unwrap();
    file.rewind().unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    assert_eq!(text, "written there");
}
