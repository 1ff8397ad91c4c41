//! What is particular to memory shared with a virtual machine: which part of it a connection gets, and peers that do not keep to the
//! rules. The guest's device is a file here, which it is mapped like.

use pillion_transport::{
    Connection, Handoff, Interest, ListenOptions, Listener, ListenerClosed, Uri, connect, listen,
};
use rustix::mm::{MapFlags, ProtFlags, mmap};
use std::fs::{File, OpenOptions, Permissions, set_permissions};
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::os::unix::fs::{FileExt, PermissionsExt};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);
/// Rings of 64 KiB each, and 64 KiB before them.
const STRIDE: u64 = 192 << 10;

/// A file that is a guest's memory, and where to meet.
struct Memory {
    path: PathBuf,
    socket: PathBuf,
}

impl Memory {
    fn new(size: u64) -> Memory {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("pillion-ivshmem-{}-{n}", std::process::id());
        let path = std::env::temp_dir().join(name);
        File::create(&path).unwrap().set_len(size).unwrap();
        set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        let socket = path.with_extension("sock");
        Memory { path, socket }
    }

    fn uri(&self) -> Uri {
        format!(
            "ivshmem://{}@unix://{}",
            self.path.display(),
            self.socket.display()
        )
        .parse()
        .unwrap()
    }

    fn listen(&self) -> Box<dyn Listener> {
        listen(
            &self.uri(),
            &ListenOptions::default().buffer_bytes(64 << 10),
        )
        .unwrap()
    }

    /// A word of the memory, of a part.
    fn word(&self, part: u64, at: usize) -> &'static AtomicU64 {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&self.path)
            .unwrap();
        let (open, shared) = (ProtFlags::READ | ProtFlags::WRITE, MapFlags::SHARED);
        let offset = part * STRIDE;
        // SAFETY: a new mapping at an address of the kernel's choice, never unmapped, of which an aligned word is looked at.
        unsafe {
            let start = mmap(std::ptr::null_mut(), 64 << 10, open, shared, &file, offset).unwrap();
            &*start.cast::<u8>().add(at).cast::<AtomicU64>()
        }
    }

    /// Which part has this turn.
    fn part_of(&self, turn: u64) -> u64 {
        let file = File::open(&self.path).unwrap();
        let parts = file.metadata().unwrap().len() / STRIDE;
        let mut word = [0; 8];
        (0..parts)
            .find(|part| {
                file.read_exact_at(&mut word, part * STRIDE + (16 << 10))
                    .unwrap();
                u64::from_le_bytes(word) == turn
            })
            .unwrap()
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

fn try_recv(connection: &mut Connection) -> std::io::Result<usize> {
    let mut bytes = [0; 4096];
    connection
        .receiver
        .try_recv(&mut [IoSliceMut::new(&mut bytes)])
}

/// What comes of a connection for which there may be no memory.
fn outcome(uri: &Uri) -> std::io::Result<Connection> {
    let mut connection = connect(uri, SOON).unwrap();
    loop {
        match connection.sender.try_send(&[IoSlice::new(b"x")]) {
            Ok(_) => return Ok(connection),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                connection
                    .poller
                    .wait(Interest::READABLE, None, Some(Duration::from_millis(1)))
                    .unwrap();
            }
            Err(error) => return Err(error),
        }
    }
}

/// With a server that keeps what it accepts.
fn serving<T>(memory: &Memory, test: impl FnOnce(&dyn Listener) -> T) -> T {
    let listener = memory.listen();
    thread::scope(|scope| {
        let closer = listener.closer();
        let accepting = scope.spawn(|| {
            let mut kept = Vec::new();
            loop {
                match listener.accept() {
                    Ok(connection) => kept.push(connection),
                    Err(error) if ListenerClosed::is(&error) => return kept.len(),
                    Err(error) => panic!("{error}"),
                }
                // What has been left by its client.
                kept.retain(|end: &Connection| {
                    !end.poller
                        .wait(Interest::NONE, None, Some(Duration::ZERO))
                        .unwrap()
                        .closed
                });
            }
        });
        let result = test(&*listener);
        closer.close();
        accepting.join().unwrap();
        result
    })
}

#[test]
fn every_connection_has_a_part_of_its_own_until_all_are_taken() {
    let memory = Memory::new(5 * STRIDE + 4096);
    let uri = memory.uri();
    let listener = memory.listen();
    let mut ends = Vec::new();
    for number in 0..5 {
        let mut near = connect(&uri, SOON).unwrap();
        let far = listener.accept().unwrap();
        near.sender
            .try_send(&[IoSlice::new(&[number; 100])])
            .unwrap();
        ends.push((near, far));
    }
    let refused = thread::scope(|scope| {
        // It goes on to the next connection that it can serve.
        let next = scope.spawn(|| listener.accept().unwrap());
        let refused = outcome(&uri).unwrap_err();
        assert!(refused.to_string().contains("in use"), "{refused}");
        // A part is free as soon as its server's end is gone, whatever the client does.
        let (near, far) = ends.remove(0);
        drop(far);
        let mut again = outcome(&uri).unwrap();
        let mut served = next.join().unwrap();
        assert_eq!(try_recv(&mut served).unwrap(), 1);
        // The part's former client finds that it is another's, and leaves it alone.
        let mut near = near;
        assert!(near.sender.try_send(&[IoSlice::new(b"too late")]).is_err());
        assert!(try_recv(&mut near).is_err());
        near.sender.shutdown().unwrap();
        again.sender.try_send(&[IoSlice::new(b"mine")]).unwrap();
        assert_eq!(try_recv(&mut served).unwrap(), 4);
        refused
    });
    assert_eq!(refused.kind(), ErrorKind::InvalidData);
    for (number, (_, far)) in ends.iter_mut().enumerate() {
        let mut bytes = [0; 200];
        assert_eq!(
            far.receiver
                .try_recv(&mut [IoSliceMut::new(&mut bytes)])
                .unwrap(),
            100
        );
        assert!(
            bytes[..100]
                .iter()
                .all(|byte| usize::from(*byte) == number + 1)
        );
    }
}

#[test]
fn memory_that_is_not_there_or_not_fit_is_said_so() {
    let small = Memory::new(STRIDE - 4096);
    let open = Memory::new(4 * STRIDE);
    set_permissions(&open.path, Permissions::from_mode(0o666)).unwrap();
    for (memory, word) in [(small, "1 MiB"), (open, "not everybody")] {
        let error = serving(&memory, |_| outcome(&memory.uri()).unwrap_err());
        assert!(error.to_string().contains(word), "{error}");
    }
    // The server's path leads nowhere, or to other memory than the client's.
    let ours = Memory::new(4 * STRIDE);
    for (size, word) in [
        (None, "has not the memory"),
        (Some(4 * STRIDE), "not the same"),
    ] {
        let theirs = Memory::new(size.unwrap_or(0));
        if size.is_none() {
            std::fs::remove_file(&theirs.path).unwrap();
        }
        let uri = format!(
            "ivshmem://{}@unix://{}",
            ours.path.display(),
            theirs.socket.display()
        );
        let error = serving(&theirs, |_| outcome(&uri.parse().unwrap()).unwrap_err());
        assert!(error.to_string().contains(word), "{error}");
    }
    // Nor has the client any.
    std::fs::remove_file(&ours.path).unwrap();
    let error = connect(&ours.uri(), SOON).unwrap_err();
    assert!(
        error.to_string().contains(&ours.uri().to_string()),
        "{error}"
    );
}

#[test]
fn a_server_of_another_kind_is_an_error_and_not_a_wait() {
    let memory = Memory::new(4 * STRIDE);
    let listener = std::os::unix::net::UnixListener::bind(&memory.socket).unwrap();
    for answer in [
        &b"HTTP/1.1 400 Bad Request\r\nand so on"[..],
        b"PLNIVS01",
        b"PLNIVS01\0\0\0\0\0\0\0\0\0\0\x10\0\0\0\0\0\x01\0\0\0\0\0\0\0",
        b"PLNIVS01\0\0\0\0\0\0\0\0\0\0\x01\0\0\0\0\0\x01\0\0\0\0\0\0\0",
        b"PLNIVS01\0\xff\xff\xff\xff\xff\xff\xff\0\0\x01\0\0\0\0\0\x01\0\0\0\0\0\0\0",
    ] {
        let mut connection = connect(&memory.uri(), SOON).unwrap();
        let (mut other, _) = listener.accept().unwrap();
        assert_eq!(
            try_recv(&mut connection).unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
        // In pieces.
        let (first, rest) = answer.split_at(3);
        other.write_all(first).unwrap();
        assert_eq!(
            try_recv(&mut connection).unwrap_err().kind(),
            ErrorKind::WouldBlock
        );
        other.write_all(rest).unwrap();
        drop(other);
        let ready = connection
            .poller
            .wait(Interest::READABLE, None, Some(SOON))
            .unwrap();
        assert!(ready.readable && ready.closed, "{ready:?}");
        let error = try_recv(&mut connection).unwrap_err();
        assert_ne!(error.kind(), ErrorKind::WouldBlock, "{error}");
    }
    std::fs::remove_file(&memory.socket).unwrap();
}

#[test]
fn positions_that_cannot_be_true_end_the_connection_and_no_other() {
    let memory = Memory::new(8 * STRIDE);
    let listener = memory.listen();
    let mut honest = connect(&memory.uri(), SOON).unwrap();
    let mut served = listener.accept().unwrap();
    for wrong in [1 << 63, (64 << 10) + 6] {
        let mut rogue = UnixStream::connect(&memory.socket).unwrap();
        let mut victim = listener.accept().unwrap();
        let mut message = [0; 32];
        rogue.read_exact(&mut message).unwrap();
        let turn = u64::from_le_bytes(message[24..].try_into().unwrap());
        let part = memory.part_of(turn);
        // Whose turn it is is not for the client to say.
        memory.word(part, 16 << 10).store(7, Ordering::SeqCst);
        memory.word(part, 0).store(5, Ordering::SeqCst);
        assert_eq!(try_recv(&mut victim).unwrap(), 5);
        victim.sender.try_send(&[IoSlice::new(b"x")]).unwrap();
        // The tail of the ring to the server, and the head of the one to the client.
        memory.word(part, 0).store(wrong, Ordering::SeqCst);
        assert_eq!(
            try_recv(&mut victim).unwrap_err().kind(),
            ErrorKind::InvalidData
        );
        memory
            .word(part, (32 << 10) + 128)
            .store(wrong, Ordering::SeqCst);
        let error = victim
            .sender
            .try_send(&[IoSlice::new(&[0; 64 << 10])])
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidData);
    }
    honest
        .sender
        .try_send(&[IoSlice::new(b"still here")])
        .unwrap();
    assert_eq!(try_recv(&mut served).unwrap(), 10);
}

#[test]
fn bells_for_nothing_wake_nobody_for_long() {
    let memory = Memory::new(8 * STRIDE);
    let listener = memory.listen();
    let mut rogue = UnixStream::connect(&memory.socket).unwrap();
    let victim = listener.accept().unwrap();
    rogue.write_all(&[1; 10_000]).unwrap();
    let ready = victim
        .poller
        .wait(Interest::READABLE, None, Some(Duration::from_millis(50)))
        .unwrap();
    assert!(!ready.readable && !ready.closed, "{ready:?}");
    drop(rogue);
    victim.poller.wait_for_end().unwrap();
    let ready = victim
        .poller
        .wait(Interest::READABLE, None, Some(SOON))
        .unwrap();
    assert!(ready.readable && ready.closed, "{ready:?}");
}

#[test]
fn what_another_process_gives_up_is_looked_at() {
    let memory = Memory::new(4 * STRIDE);
    let adopt = |[side, control]: [u8; 2], numbers: &[u64], more: &[u8]| {
        let (socket, _other) = UnixStream::pair().unwrap();
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .open(&memory.path)
            .unwrap();
        let mut state = vec![control, side];
        for number in numbers {
            state.extend_from_slice(&number.to_le_bytes());
        }
        state.extend_from_slice(more);
        Connection::from_handoff(Handoff {
            scheme: "ivshmem".to_owned(),
            fds: vec![socket.into(), file.into()],
            state: state.into(),
        })
    };
    // The server's end, met over a Unix socket; capacity, positions, where, and whose turn.
    adopt([1, 1], &[64 << 10, 0, 0, STRIDE, 1], b"").unwrap();
    for (part, numbers, more) in [
        ([2, 1], [64 << 10, 0, 0, 0, 1], &b""[..]),
        ([1, 3], [64 << 10, 0, 0, 0, 1], b""),
        // The socket is not one of TCP's.
        ([1, 0], [64 << 10, 0, 0, 0, 1], b""),
        ([1, 1], [(64 << 10) + 1, 0, 0, 0, 1], b""),
        ([1, 1], [0, 0, 0, 0, 1], b""),
        ([1, 1], [1 << 63, 0, 0, 0, 1], b""),
        ([1, 1], [64 << 10, 0, 0, 4 * STRIDE - 4096, 1], b""),
        ([1, 1], [64 << 10, 0, 0, u64::MAX - 100, 1], b""),
        ([1, 1], [64 << 10, 0, 0, 100, 1], b""),
        ([1, 1], [64 << 10, 0, 0, 0, 1], b"x"),
    ] {
        adopt(part, &numbers, more).unwrap_err();
    }
    adopt([1, 1], &[64 << 10, 0, 0, 0], b"").unwrap_err();
}

/// Whatever is written into the memory while bytes pass, each side comes to an end, and the next connection is as good as ever.
#[test]
fn scribbling_costs_the_connections_that_are_there() {
    let memory = Memory::new(8 * STRIDE);
    let uri = memory.uri();
    let listener = memory.listen();
    let stop = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let file = OpenOptions::new().write(true).open(&memory.path).unwrap();
            let mut random = 7u64;
            while !stop.load(Ordering::Relaxed) {
                for part in 0..8 {
                    for ring in 0..2 {
                        for line in 0..5 {
                            random = random.wrapping_mul(6364136223846793005).wrapping_add(1);
                            let word = random >> (random >> 58);
                            let at = part * STRIDE + ring * (32 << 10) + line * 128;
                            file.write_all_at(&word.to_le_bytes(), at).unwrap();
                        }
                    }
                }
            }
        });
        for _ in 0..100 {
            let near = connect(&uri, SOON).unwrap();
            let far = listener.accept().unwrap();
            for mut end in [far, near] {
                let block = [3; 10_000];
                for _ in 0..20 {
                    let _ = end.sender.try_send(&[IoSlice::new(&block)]);
                    let _ = try_recv(&mut end);
                    let pause = Some(Duration::from_micros(50));
                    let _ = end.poller.wait(Interest::BOTH, None, pause);
                }
            }
        }
        stop.store(true, Ordering::Relaxed);
    });
    let mut near = connect(&uri, SOON).unwrap();
    let mut far = listener.accept().unwrap();
    near.sender.try_send(&[IoSlice::new(b"well")]).unwrap();
    assert_eq!(try_recv(&mut far).unwrap(), 4);
}
