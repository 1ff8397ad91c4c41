//! The link over a connection whose other end a test drives.

use super::*;

use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::time::Duration;

use pillion_protocol::{Encoder, Reply};
use pillion_transport::Interest;

/// The other end of a connection, driven by a test.
struct Server {
    connection: Connection,
    buffer: Vec<u8>,
    sequence: u64,
}

impl Server {
    fn read(&mut self, len: usize) -> Option<Vec<u8>> {
        while self.buffer.len() < len {
            let mut part = vec![0; 1 << 16];
            match self
                .connection
                .receiver
                .try_recv(&mut [IoSliceMut::new(&mut part)])
            {
                Ok(0) => return None,
                Ok(n) => self.buffer.extend_from_slice(&part[..n]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.connection
                        .poller
                        .wait(Interest::READABLE, None, None)
                        .unwrap();
                }
                Err(_) => return None,
            }
        }
        Some(self.buffer.drain(..len).collect())
    }

    fn command(&mut self) -> Option<(Header, Vec<u8>)> {
        let head = self.read(HEADER_LEN)?;
        let header = Header::parse(head.first_chunk().unwrap()).unwrap();
        let body = self.read(header.len.get() as usize)?;
        Some((header, body))
    }

    fn reply(&mut self, answers: u64, reply: Reply<'_>) {
        let mut bytes = Vec::new();
        self.sequence += 1;
        reply.encode(self.sequence, answers, &mut bytes);
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            match self.connection.sender.try_send(&[IoSlice::new(rest)]) {
                Ok(n) => rest = &rest[n..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.connection
                        .poller
                        .wait(Interest::WRITABLE, None, None)
                        .unwrap();
                }
                Err(_) => return,
            }
        }
    }
}

fn pair() -> (Arc<Link>, Server) {
    let (link, server) = pair_without_its_thread();
    let io = link.clone();
    std::thread::spawn(move || io.run());
    (link, server)
}

fn pair_without_its_thread() -> (Arc<Link>, Server) {
    let (ours, theirs) = Connection::pair().unwrap();
    (
        Arc::new(Link::new(ours, Vec::new(), Opcodes::all()).unwrap()),
        Server {
            connection: theirs,
            buffer: Vec::new(),
            sequence: 0,
        },
    )
}

fn word(answer: &Answer) -> u64 {
    answer.decoder().scalar().unwrap()
}

/// Pseudo-random numbers, from a seed that a failure can be replayed with.
fn random(seed: &mut u64) -> u64 {
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    *seed
}

#[test]
fn threads_get_their_own_answers_whatever_the_order() {
    let (link, mut server) = pair();
    let threads = 8;
    let rounds = 200u64;
    let serving = std::thread::spawn(move || {
        let mut held: Vec<(u64, u64)> = Vec::new();
        let mut seed = 42;
        let mut posts = 0;
        let mut last = 0;
        while let Some((header, body)) = server.command() {
            assert_eq!(header.sequence.get(), last + 1, "commands come in order");
            last = header.sequence.get();
            if header.opcode.get() == 9 {
                posts += 1;
                continue;
            }
            held.push((last, Decoder::new(&body).scalar().unwrap()));
            // Answers are held back while other threads have something to say, and given in a random order.
            while held.len() >= 4 || (!held.is_empty() && !random(&mut seed).is_multiple_of(3)) {
                let (sequence, value) = held.swap_remove(random(&mut seed) as usize % held.len());
                let mut out = Vec::new();
                Encoder::new(&mut out).scalar(value * 3 + 1);
                server.reply(
                    sequence,
                    Reply::Answer {
                        status: CUresult::CUDA_SUCCESS,
                        body: &out,
                    },
                );
            }
            for (sequence, value) in held.drain(..) {
                let mut out = Vec::new();
                Encoder::new(&mut out).scalar(value * 3 + 1);
                server.reply(
                    sequence,
                    Reply::Answer {
                        status: CUresult::CUDA_SUCCESS,
                        body: &out,
                    },
                );
            }
        }
        posts
    });
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let link = link.clone();
            scope.spawn(move || {
                for round in 0..rounds {
                    for _ in 0..round % 5 {
                        link.post(9, |_| Ok(())).unwrap();
                    }
                    let value = thread << 32 | round;
                    let answer = link
                        .call(Interface::Cuda, 8, |body| {
                            Encoder::new(body).scalar(value);
                            Ok(())
                        })
                        .unwrap();
                    assert_eq!(word(&answer), value * 3 + 1);
                }
            });
        }
    });
    link.lose("the test is over");
    drop(link);
    // The I/O thread ends, and with the last reference the connection.
    assert_eq!(
        serving.join().unwrap(),
        threads * (0..rounds).map(|r| r % 5).sum::<u64>()
    );
}

#[test]
fn data_arrives_whole_and_before_what_covers_it() {
    let (link, mut server) = pair();
    let sizes = [1usize, 7, 4096, 100_000, 3 << 20];
    let serving = std::thread::spawn(move || {
        let mut seed = 7;
        while let Some((header, body)) = server.command() {
            let sequence = header.sequence.get();
            if header.opcode.get() == 31 {
                let len: u64 = Decoder::new(&body).scalar().unwrap();
                let mut offset = 0;
                while offset < len {
                    let n = (random(&mut seed) % (1 << 20) + 1).min(len - offset);
                    let bytes: Vec<u8> =
                        (offset..offset + n).map(|i| (i * 31 + len) as u8).collect();
                    server.reply(
                        sequence,
                        Reply::Data {
                            offset,
                            bytes: &bytes,
                        },
                    );
                    offset += n;
                }
            }
            server.reply(
                sequence,
                Reply::Answer {
                    status: CUresult::CUDA_SUCCESS,
                    body: &[],
                },
            );
        }
    });
    let fill = |len: usize| {
        move |body: &mut Vec<u8>| {
            Encoder::new(body).scalar(len);
            Ok(())
        }
    };
    for len in sizes {
        let mut memory = vec![0u8; len];
        let destination = Destination::Linear {
            start: Place(memory.as_mut_ptr()),
            len,
        };
        link.post_into(31, destination, fill(len)).unwrap();
        link.call(Interface::Cuda, 7, |_| Ok(())).unwrap();
        assert!(
            memory
                .iter()
                .enumerate()
                .all(|(i, byte)| *byte == (i * 31 + len) as u8),
            "{len} bytes"
        );
        assert!(!link.has_arrivals());
        // Rows with gaps between them, which must stay as they are.
        let (width, height, depth, pitch, slice) = (10, 3, 2, 16, 64);
        let mut memory = vec![0xeeu8; slice * depth];
        let start = Place(memory.as_mut_ptr());
        let destination = Destination::Rows {
            start,
            width,
            height,
            depth,
            pitch,
            slice,
        };
        link.call_into(Interface::Cuda, 31, Some(destination), None, fill(60))
            .unwrap();
        for (i, byte) in memory.iter().enumerate() {
            let (z, y, x) = (i / slice, i % slice / pitch, i % slice % pitch);
            let inside = y < height && x < width;
            let expected = if inside {
                (((z * height + y) * width + x) * 31 + 60) as u8
            } else {
                0xee
            };
            assert_eq!(*byte, expected, "byte {i}");
        }
    }
    link.lose("the test is over");
    drop(link);
    serving.join().unwrap();
}

#[test]
fn packed_data_is_unpacked_to_its_place_and_nowhere_else() {
    use pillion_protocol::packed::{Method, Packer};

    let text: Vec<u8> = (0..300_000usize).map(|at| (at / 90) as u8).collect();
    let mut block = Vec::new();
    assert!(Packer::default().try_pack(Method::Zstd, &text, &mut block));
    let copy = |len: usize, offset: u64, said: usize, rows: bool| {
        let (link, mut server) = pair();
        let mut memory = vec![0xee; len + 100];
        let start = Place(memory.as_mut_ptr());
        let destination = if rows {
            let (width, height, depth) = (len / 3, 3, 1);
            let (pitch, slice) = (width, len);
            Destination::Rows {
                start,
                width,
                height,
                depth,
                pitch,
                slice,
            }
        } else {
            Destination::Linear { start, len }
        };
        let answer = std::thread::scope(|scope| {
            let link = &link;
            let waiting = scope.spawn(move || {
                let to = Some(destination);
                link.call_into(Interface::Cuda, 31, to, None, |_| Ok(()))
            });
            let of = server.command().unwrap().0.sequence.get();
            let (len, block) = (said, &block[..]);
            server.reply(of, Reply::Packed { offset, len, block });
            let (status, body) = (CUresult::CUDA_SUCCESS, &[][..]);
            server.reply(of, Reply::Answer { status, body });
            waiting.join().unwrap().map(|_| ())
        });
        (answer, memory)
    };
    for rows in [false, true] {
        for (len, offset) in [(300_000, 0), (600_000, 0), (600_000, 123_456)] {
            let (answer, memory) = copy(len, offset, text.len(), rows);
            assert_eq!(answer, Ok(()));
            let offset = offset as usize;
            let inside = offset..offset + text.len();
            assert!(memory[inside.clone()] == text);
            let around = memory[..offset].iter().chain(&memory[inside.end..]);
            assert!(around.eq(vec![&0xee; len + 100 - text.len()]));
        }
        // More than there is room for, more than there is, and less.
        for (len, offset, said) in [
            (299_999, 0, 300_000),
            (600_000, 300_001, 300_000),
            (300_000, u64::MAX, 300_000),
            (600_000, 0, 300_001),
            (600_000, 0, 299_999),
        ] {
            let (answer, memory) = copy(len, offset, said, rows);
            assert_eq!(answer, Err(LOST));
            assert!(memory[len..].iter().all(|byte| *byte == 0xee));
        }
    }
}

#[test]
fn bulk_in_both_directions_does_not_lock_up() {
    let (link, mut server) = pair();
    let serving = std::thread::spawn(move || {
        let mut sum = 0u64;
        let noise = vec![5u8; 200_000];
        while let Some((header, body)) = server.command() {
            sum += body.iter().map(|byte| u64::from(*byte)).sum::<u64>();
            // More is pushed than the client ever asks to see, before anything else is read.
            for _ in 0..4 {
                server.reply(
                    0,
                    Reply::Output {
                        stream: 2,
                        bytes: &[],
                    },
                );
                server.reply(
                    u64::MAX,
                    Reply::Answer {
                        status: CUresult::CUDA_SUCCESS,
                        body: &noise,
                    },
                );
            }
            server.reply(
                header.sequence.get(),
                Reply::Answer {
                    status: CUresult::CUDA_SUCCESS,
                    body: &[],
                },
            );
        }
        sum
    });
    let payload = vec![1u8; 1 << 20];
    for _ in 0..40 {
        link.post_bulk(30, &[1; 32], &payload).unwrap();
    }
    link.call(Interface::Cuda, 7, |_| Ok(())).unwrap();
    link.lose("the test is over");
    drop(link);
    assert_eq!(serving.join().unwrap(), 40 * ((1 << 20) + 32));
}

#[test]
fn errors_of_unanswered_commands_surface_once_and_sticky_ones_for_good() {
    let (link, mut server) = pair();
    let serving = std::thread::spawn(move || {
        while let Some((header, body)) = server.command() {
            let sequence = header.sequence.get();
            match header.opcode.get() {
                20 => server.reply(
                    sequence,
                    Reply::AsyncError {
                        status: CUresult(Decoder::new(&body).scalar().unwrap()),
                    },
                ),
                _ => server.reply(
                    sequence,
                    Reply::Answer {
                        status: CUresult::CUDA_SUCCESS,
                        body: &[],
                    },
                ),
            }
        }
    });
    let fail = |status: CUresult| {
        link.post(20, |body| {
            Encoder::new(body).scalar(status);
            Ok(())
        })
    };
    let sync = || link.call(Interface::Cuda, 7, |_| Ok(())).map(|_| ());
    fail(CUresult::CUDA_ERROR_INVALID_VALUE).unwrap();
    assert_eq!(sync(), Err(CUresult::CUDA_ERROR_INVALID_VALUE));
    assert_eq!(sync(), Ok(()));
    fail(CUresult::CUDA_ERROR_ILLEGAL_ADDRESS).unwrap();
    assert_eq!(sync(), Err(CUresult::CUDA_ERROR_ILLEGAL_ADDRESS));
    assert_eq!(sync(), Err(CUresult::CUDA_ERROR_ILLEGAL_ADDRESS));
    assert_eq!(
        fail(CUresult::CUDA_ERROR_INVALID_VALUE).map(|_| ()),
        Err(CUresult::CUDA_ERROR_ILLEGAL_ADDRESS)
    );
    link.lose("the test is over");
    drop(link);
    serving.join().unwrap();
}

/// Threads that have watches under way and wait for none of them are no readers.
#[test]
fn the_readers_role_goes_to_who_waits() {
    for _ in 0..30 {
        // Nobody else looks in.
        let (link, mut server) = pair_without_its_thread();
        for _ in 0..20 {
            let watch = Arc::new(Watch::for_this_thread());
            link.post_watched(7, watch, |_| Ok(())).unwrap();
        }
        let (done, finished) = std::sync::mpsc::channel();
        for _ in 0..2 {
            let (link, done) = (link.clone(), done.clone());
            std::thread::spawn(move || {
                let answer = link.call(Interface::Cuda, 7, |_| Ok(()));
                done.send(answer.map(|_| ())).unwrap();
            });
        }
        let calls: Vec<u64> = (0..22)
            .map(|_| server.command().unwrap().0.sequence.get())
            .skip(20)
            .collect();
        for call in calls {
            let (status, body) = (CUresult::CUDA_SUCCESS, &[][..]);
            server.reply(call, Reply::Answer { status, body });
            let told = finished.recv_timeout(Duration::from_secs(60));
            assert_eq!(told.expect("a thread that waits is told"), Ok(()));
        }
    }
}

#[test]
fn a_completion_of_what_was_no_query_ends_the_session() {
    let (link, mut server) = pair();
    let copied = {
        let start = Place(std::ptr::dangling_mut());
        let destination = Destination::Linear { start, len: 0 };
        link.post_into(31, destination, |_| Ok(())).unwrap()
    };
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| link.call(Interface::Cuda, 7, |_| Ok(())));
        let (copy, _) = server.command().unwrap();
        let (call, _) = server.command().unwrap();
        assert_eq!(copy.sequence.get(), copied);
        // Nobody is told of one that nobody asked for.
        let status = CUresult::CUDA_SUCCESS;
        server.reply(99, Reply::Completed { status });
        server.reply(call.sequence.get(), Reply::Completed { status });
        assert_eq!(waiting.join().unwrap().map(|_| ()), Err(LOST));
    });
    assert!(!link.has_arrivals());
}

#[test]
fn a_server_that_goes_away_or_misbehaves_frees_whoever_waits() {
    for misbehave in [false, true] {
        let (link, mut server) = pair();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                let link = link.clone();
                scope.spawn(move || {
                    let answer = link.call(Interface::Cuda, 7, |_| Ok(()));
                    assert_eq!(answer.map(|_| ()), Err(LOST));
                    assert_eq!(link.post(9, |_| Ok(())).map(|_| ()), Err(LOST));
                });
            }
            for _ in 0..4 {
                server.command().unwrap();
            }
            if misbehave {
                let _ = server
                    .connection
                    .sender
                    .try_send(&[IoSlice::new(&[0xff; 4096])]);
                while server.command().is_some() {}
            } else {
                drop(server);
            }
        });
    }
}
