//! What is particular to shared memory: what passes before the rings are there, peers that do not keep to the rules, descriptors
//! beside the bytes.

use pillion_transport::{
    Connection, Interest, ListenOptions, Listener, Uri, connect, listen, memory,
};
use rustix::mm::{MapFlags, ProtFlags, mmap};
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);

fn path() -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let n = NEXT.fetch_add(1, Ordering::Relaxed);
    std::env::temp_dir().join(format!("pillion-test-shm-{}-{n}.shm", std::process::id()))
}

fn listener() -> (Box<dyn Listener>, Uri) {
    let uri = Uri::Shm { path: path() };
    (listen(&uri, &ListenOptions::default()).unwrap(), uri)
}

fn pair() -> (Connection, Connection) {
    let (listener, uri) = listener();
    let near = connect(&uri, SOON).unwrap();
    (near, listener.accept().unwrap())
}

/// A client that has the memory and does with it what it likes.
struct Rogue {
    socket: UnixStream,
    fds: Vec<OwnedFd>,
    words: *const AtomicU64,
    capacity: usize,
}

impl Rogue {
    fn new(listener: &dyn Listener, uri: &Uri) -> (Rogue, Connection) {
        let Uri::Shm { path } = uri else {
            panic!("{uri}")
        };
        let socket = UnixStream::connect(path).unwrap();
        let served = listener.accept().unwrap();
        let mut message = [0; 16];
        let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(8))];
        let mut control = rustix::net::RecvAncillaryBuffer::new(&mut space);
        rustix::net::recvmsg(
            &socket,
            &mut [IoSliceMut::new(&mut message)],
            &mut control,
            rustix::net::RecvFlags::empty(),
        )
        .unwrap();
        let mut fds = Vec::new();
        for part in control.drain() {
            if let rustix::net::RecvAncillaryMessage::ScmRights(arrived) = part {
                fds.extend(arrived);
            }
        }
        assert_eq!(&message[..8], b"PLNSHM01");
        let capacity = u64::from_le_bytes(message[8..].try_into().unwrap()) as usize;
        let (open, shared) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED);
        // SAFETY: a new mapping at an address of the kernel's choice, never unmapped.
        let words =
            unsafe { mmap(std::ptr::null_mut(), 64 << 10, open, shared, &fds[0], 0).unwrap() };
        let rogue = Rogue {
            socket,
            fds,
            words: words.cast(),
            capacity,
        };
        (rogue, served)
    }

    /// A position of a ring: 0 the tail, 1 the head.
    fn position(&self, ring: usize, which: usize) -> &AtomicU64 {
        // SAFETY: within the first 64 KiB, which are mapped.
        unsafe { &*self.words.add((ring * (32 << 10) + which * 128) / 8) }
    }
}

fn try_recv(connection: &mut Connection) -> std::io::Result<usize> {
    let mut bytes = [0; 4096];
    connection
        .receiver
        .try_recv(&mut [IoSliceMut::new(&mut bytes)])
}

#[test]
fn positions_that_cannot_be_true_end_the_connection_and_no_other() {
    let (listener, uri) = listener();
    let mut honest = connect(&uri, SOON).unwrap();
    let mut served = listener.accept().unwrap();
    for wrong in [1 << 63, 1 << 40, 0] {
        let (rogue, mut victim) = Rogue::new(&*listener, &uri);
        let wrong = if wrong == 0 {
            rogue.capacity as u64 + 1
        } else {
            wrong
        };
        rogue.position(0, 0).store(wrong, Ordering::SeqCst);
        let error = try_recv(&mut victim).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{error}");

        rogue.position(1, 1).store(wrong, Ordering::SeqCst);
        let error = victim.sender.try_send(&[IoSlice::new(b"x")]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData, "{error}");
    }
    // The server's own positions are its own, whatever is written over them.
    let (rogue, mut victim) = Rogue::new(&*listener, &uri);
    rogue.position(0, 0).store(3, Ordering::SeqCst);
    assert_eq!(try_recv(&mut victim).unwrap(), 3);
    rogue.position(0, 1).store(0, Ordering::SeqCst);
    rogue.position(0, 0).store(5, Ordering::SeqCst);
    assert_eq!(try_recv(&mut victim).unwrap(), 2);
    for _ in 0..3 {
        victim.sender.try_send(&[IoSlice::new(&[7; 1000])]).unwrap();
        rogue.position(1, 0).store(0, Ordering::SeqCst);
    }
    victim.sender.try_send(&[IoSlice::new(b"x")]).unwrap();
    assert_eq!(rogue.position(1, 0).load(Ordering::SeqCst), 3001);

    honest
        .sender
        .try_send(&[IoSlice::new(b"still here")])
        .unwrap();
    assert_eq!(try_recv(&mut served).unwrap(), 10);
}

#[test]
fn the_memory_cannot_be_taken_away() {
    let (listener, uri) = listener();
    let (rogue, mut victim) = Rogue::new(&*listener, &uri);
    for len in [0, 4096, 1 << 30] {
        assert!(rustix::fs::ftruncate(&rogue.fds[0], len).is_err());
    }
    assert!(rustix::fs::fcntl_add_seals(&rogue.fds[0], rustix::fs::SealFlags::WRITE).is_err());
    // Bells that nobody rings, or that are rung for nothing, and bytes in the socket that nobody asked for.
    let mut rogue = rogue;
    rogue.socket.write_all(&[1; 100]).unwrap();
    for bell in &rogue.fds[1..] {
        rustix::io::write(bell, &u64::MAX.wrapping_sub(1).to_ne_bytes()).unwrap();
    }
    let wait = victim
        .poller
        .wait(Interest::BOTH, None, Some(SOON))
        .unwrap();
    assert!(wait.writable && !wait.readable && !wait.closed, "{wait:?}");
    let wait = victim
        .poller
        .wait(Interest::READABLE, None, Some(Duration::from_millis(50)))
        .unwrap();
    assert!(!wait.readable && !wait.closed, "{wait:?}");
    drop(rogue.socket);
    let wait = victim
        .poller
        .wait(Interest::READABLE, None, Some(SOON))
        .unwrap();
    assert!(wait.readable && wait.closed, "{wait:?}");
    assert_eq!(try_recv(&mut victim).unwrap(), 0);
}

#[test]
fn a_server_of_another_kind_is_an_error_and_not_a_wait() {
    let path = path();
    let listener = UnixListener::bind(&path).unwrap();
    for answer in [
        &b"HTTP/1.1 400 Bad Request\r\n"[..],
        b"PLNSHM01",
        b"PLNSHM01\0\0\x10\0\0\0\0\0",
    ] {
        let mut connection = connect(&Uri::Shm { path: path.clone() }, SOON).unwrap();
        let mut buffer = [0; 16];
        let (mut other, _) = listener.accept().unwrap();
        let early = connection
            .sender
            .try_send(&[IoSlice::new(b"hello")])
            .unwrap_err();
        assert_eq!(early.kind(), ErrorKind::WouldBlock);
        other.write_all(answer).unwrap();
        let ready = connection
            .poller
            .wait(Interest::READABLE, None, Some(SOON))
            .unwrap();
        assert!(ready.readable && ready.closed, "{ready:?}");
        let error = connection
            .receiver
            .try_recv(&mut [IoSliceMut::new(&mut buffer)])
            .unwrap_err();
        assert_ne!(error.kind(), ErrorKind::WouldBlock, "{error}");
        drop(connection);
        assert_eq!(other.read(&mut buffer).unwrap_or(0), 0);
    }
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn memory_that_is_not_sealed_is_not_mapped() {
    let path = path();
    let listener = UnixListener::bind(&path).unwrap();
    let mut connection = connect(&Uri::Shm { path: path.clone() }, SOON).unwrap();
    let (other, _) = listener.accept().unwrap();
    let open = rustix::fs::memfd_create("test", rustix::fs::MemfdFlags::ALLOW_SEALING).unwrap();
    let capacity = 1usize << 20;
    rustix::fs::ftruncate(&open, (64 << 10) + 2 * capacity as u64).unwrap();
    let mut message = *b"PLNSHM01\0\0\0\0\0\0\0\0";
    message[8..].copy_from_slice(&(capacity as u64).to_le_bytes());
    let mut space = [std::mem::MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(5))];
    let mut control = rustix::net::SendAncillaryBuffer::new(&mut space);
    let fds = [open.as_fd(); 5];
    control.push(rustix::net::SendAncillaryMessage::ScmRights(&fds));
    let flags = rustix::net::SendFlags::empty();
    rustix::net::sendmsg(&other, &[IoSlice::new(&message)], &mut control, flags).unwrap();
    let error = connection
        .sender
        .try_send(&[IoSlice::new(b"x")])
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData, "{error}");
    std::fs::remove_file(&path).unwrap();
}

#[test]
fn descriptors_pass_in_order_both_ways() {
    let (mut near, mut far) = pair();
    assert_eq!(
        far.descriptors
            .as_ref()
            .unwrap()
            .receive()
            .unwrap_err()
            .kind(),
        ErrorKind::WouldBlock
    );
    for (from, to) in [(&near, &far), (&far, &near)] {
        let (from, to) = (
            from.descriptors.as_ref().unwrap(),
            to.descriptors.as_ref().unwrap(),
        );
        for text in ["first", "second", "third"] {
            let file = memory::make("test", 4096).unwrap();
            rustix::io::pwrite(&file, text.as_bytes(), 0).unwrap();
            from.send(file.as_fd()).unwrap();
        }
        for text in ["first", "second", "third"] {
            let file = to.receive().unwrap();
            memory::check(&file, 4096).unwrap();
            let mut found = vec![0; text.len()];
            rustix::io::pread(&file, &mut found, 0).unwrap();
            assert_eq!(found, text.as_bytes());
        }
        assert_eq!(to.receive().unwrap_err().kind(), ErrorKind::WouldBlock);
    }
    // The bytes do not mind.
    near.sender.try_send(&[IoSlice::new(b"bytes")]).unwrap();
    assert_eq!(try_recv(&mut far).unwrap(), 5);
    far.sender.try_send(&[IoSlice::new(b"more")]).unwrap();
    assert_eq!(try_recv(&mut near).unwrap(), 4);
}

#[test]
fn a_message_without_a_descriptor_is_none() {
    let (listener, uri) = listener();
    let (mut rogue, victim) = Rogue::new(&*listener, &uri);
    rogue.socket.write_all(&[1]).unwrap();
    let error = victim.descriptors.as_ref().unwrap().receive().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidData);
}
