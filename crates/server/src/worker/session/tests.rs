//! The session over a device that does what a test tells it.

use super::super::fake::{fake, table};
use super::*;
use crate::turn::{self, Word};
use crate::worker::reports::{Report, Why};

use std::io::IoSlice;
use std::sync::PoisonError;

use pillion_protocol::command::{CALL_THREAD, COPY_PACK, COPY_PACK_SMALL};
use pillion_protocol::handle::pack;
use pillion_protocol::{ReplyHeader, packed};
use pillion_test_support::Random;
use zerocopy::IntoBytes;

use crate::worker::Device;
use crate::worker::calls::ALONE;

const CONTEXT: u64 = pack_of(Kind::Context, 0);
const STREAM: u64 = pack_of(Kind::Stream, 0);
const NEW_STREAM: u16 = 390;
const MEMSET: u16 = 371;
const INVALID: CUresult = CUresult::CUDA_ERROR_INVALID_VALUE;
const NOT_READY: CUresult = CUresult::CUDA_ERROR_NOT_READY;

const fn pack_of(kind: Kind, index: u32) -> u64 {
    (kind as u64) << 56 | index as u64
}

/// What a client has heard.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Said {
    Answer(CUresult, Vec<u8>),
    Data(u64, Vec<u8>),
    Packed(u64, usize, Vec<u8>),
    Completed(CUresult),
    AsyncError(CUresult),
    Call(u64, u64),
}

/// The client's end.
struct Client {
    connection: Connection,
    sequence: u64,
    heard: Vec<u8>,
}

impl Client {
    /// Appends a command, and answers its number.
    fn send(&mut self, opcode: u16, words: &[u64], bytes: &[u8]) -> u64 {
        let frame = self.frame(opcode, words, bytes);
        self.send_bytes(&frame);
        self.sequence
    }

    /// A command, which is the next to be sent.
    fn frame(&mut self, opcode: u16, words: &[u64], bytes: &[u8]) -> Vec<u8> {
        self.sequence += 1;
        let len = words.len() * 8 + bytes.len();
        // As the client's threads that run host functions say it.
        let thread = match opcode {
            cuda::CALL_DONE => CALL_THREAD,
            _ => 0,
        };
        let header = Header::new(Interface::Cuda, opcode, len, self.sequence, CONTEXT, thread);
        let mut frame = header.as_bytes().to_vec();
        frame.extend(words.iter().flat_map(|word| word.to_le_bytes()));
        frame.extend_from_slice(bytes);
        frame
    }

    fn send_bytes(&mut self, frame: &[u8]) {
        let mut sent = 0;
        while sent < frame.len() {
            match self
                .connection
                .sender
                .try_send(&[IoSlice::new(&frame[sent..])])
            {
                Ok(n) => sent += n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let wait = self.connection.poller.wait(Interest::WRITABLE, None, None);
                    wait.unwrap();
                }
                Err(error) => panic!("{error}"),
            }
        }
    }

    fn copy(&mut self, opcode: u16, device: u64, len: usize, bytes: &[u8]) -> u64 {
        self.send(opcode, &[device, len as u64, STREAM, 0], bytes)
    }

    /// What has arrived, with the commands that it is of.
    fn hear(&mut self) -> Vec<(u64, Said)> {
        let mut part = vec![0; 1 << 20];
        while let Ok(n) = self
            .connection
            .receiver
            .try_recv(&mut [IoSliceMut::new(&mut part)])
        {
            assert!(n > 0, "the session has ended");
            self.heard.extend_from_slice(&part[..n]);
        }
        let mut said = Vec::new();
        let mut at = 0;
        while let Some(header) = self.heard[at..].first_chunk() {
            let header = ReplyHeader::parse(header).unwrap();
            let body = at + HEADER_LEN;
            let end = body + header.len.get() as usize;
            if end > self.heard.len() {
                break;
            }
            let one = match Reply::decode(&header, &self.heard[body..end]).unwrap() {
                Reply::Answer { status, body } => Said::Answer(status, body.to_vec()),
                Reply::Data { offset, bytes } => Said::Data(offset, bytes.to_vec()),
                Reply::Packed { offset, len, block } => Said::Packed(offset, len, block.to_vec()),
                Reply::Completed { status } => Said::Completed(status),
                Reply::AsyncError { status } => Said::AsyncError(status),
                Reply::Call { call, turn } => Said::Call(call, turn),
                other => panic!("{other:?}"),
            };
            said.push((header.answers.get(), one));
            at = end;
        }
        self.heard.drain(..at);
        said
    }

    /// Waits until something has arrived.
    fn listen(&mut self) -> Vec<(u64, Said)> {
        loop {
            let said = self.hear();
            if !said.is_empty() {
                return said;
            }
            let wait = self.connection.poller.wait(Interest::READABLE, None, None);
            wait.unwrap();
        }
    }
}

/// A session and its client, in one thread.
struct Rig {
    session: Session,
    client: Client,
}

fn session(table: DriverTable) -> (Session, Client) {
    let (ours, theirs) = Connection::pair().unwrap();
    let printed = Output {
        files: [None, None],
        read: [0, 0],
    };
    let management = Management::new(Device::Cpu(1), &[]);
    let session = Session::new(table, ours, None, printed, management, false, None).unwrap();
    let client = Client {
        connection: theirs,
        sequence: 0,
        heard: Vec::new(),
    };
    (session, client)
}

impl Rig {
    /// A session with a context and a stream.
    fn new(table: DriverTable) -> Self {
        fake(|device| device.room = 64 << 20);
        let (session, client) = session(table);
        let mut rig = Rig { session, client };
        assert_eq!(rig.call(cuda::PRIMARY_RETAIN, &[0, CONTEXT]), OK);
        rig.post(NEW_STREAM, &[STREAM, 0]);
        rig
    }

    /// Lets the session do what there is to do.
    fn pass(&mut self) {
        for _ in 0..1000 {
            if !self.session.pass().unwrap() {
                return;
            }
        }
        panic!("the session always finds something to do");
    }

    fn hear(&mut self) -> Vec<(u64, Said)> {
        self.pass();
        let said = self.client.hear();
        self.pass();
        said
    }

    /// Sends a command that is answered at once, and answers how and with what.
    fn ask(&mut self, opcode: u16, words: &[u64]) -> (CUresult, Vec<u8>) {
        let sequence = self.client.send(opcode, words, &[]);
        match &self.hear()[..] {
            [(of, Said::Answer(status, body))] if *of == sequence => (*status, body.clone()),
            other => panic!("{other:?}"),
        }
    }

    fn call(&mut self, opcode: u16, words: &[u64]) -> CUresult {
        self.ask(opcode, words).0
    }

    /// Sends a command that is not answered.
    fn post(&mut self, opcode: u16, words: &[u64]) {
        self.client.send(opcode, words, &[]);
        assert_eq!(self.hear(), []);
    }

    fn allocate(&mut self, len: usize) -> u64 {
        let (status, body) = self.ask(MEM_ALLOC, &[len as u64]);
        assert_eq!(status, OK);
        Decoder::new(&body).pod().unwrap()
    }

    fn stream(&self) -> u64 {
        fake(|device| device.made()[0])
    }
}

fn done(sequence: u64, status: CUresult) -> (u64, Said) {
    (sequence, Said::Answer(status, Vec::new()))
}

#[test]
fn a_wait_is_for_the_record_that_there_was() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut random = Random::new();
    let mut rig = Rig::new(table());
    let event = pack(Kind::Event, 0, 0);
    rig.post(EVENT_CREATE, &[event, 2]);
    let memory = rig.allocate(64);
    for _ in 0..20 {
        let fill = |rig: &mut Rig, count| {
            for _ in 0..count {
                rig.client.send(MEMSET, &[memory, 7, 64, STREAM], &[]);
            }
            rig.pass();
        };
        let stream = rig.stream();
        let (before, behind) = (random.below(5), 1 + random.below(5));
        fill(&mut rig, before);
        rig.client.send(EVENT_RECORD, &[event, STREAM], &[]);
        let waits = [
            rig.client.send(cuda::SYNCHRONIZE, &[2, event], &[]),
            rig.client.send(cuda::SYNCHRONIZE, &[2, event], &[]),
        ];
        assert_eq!(rig.hear(), []);
        // What comes next must not be waited for, but for what had been issued when the event was recorded anew.
        rig.client.send(EVENT_RECORD, &[event, STREAM], &[]);
        rig.pass();
        let covered = fake(|device| device.pending(stream));
        fill(&mut rig, behind);
        if random.below(2) == 0 {
            rig.client.send(EVENT_RECORD, &[event, STREAM], &[]);
        }
        // All before the first record, but not itself.
        fake(|device| device.advance(stream, before));
        assert_eq!(rig.hear(), []);
        fake(|device| device.advance(stream, covered - before));
        let mut said = rig.hear();
        said.sort_by_key(|(of, _)| *of);
        assert_eq!(said, waits.map(|wait| done(wait, OK)));
        assert!(fake(|device| device.pending(stream)) >= behind);
        fake(|device| device.advance_all(usize::MAX));
        assert_eq!(rig.hear(), []);
    }
    // Who waits for an event that is destroyed waits for what it was recorded behind.
    rig.client.send(MEMSET, &[memory, 7, 64, STREAM], &[]);
    rig.client.send(EVENT_RECORD, &[event, STREAM], &[]);
    let wait = rig.client.send(cuda::SYNCHRONIZE, &[2, event], &[]);
    let destroy = rig.client.send(EVENT_DESTROY, &[event], &[]);
    let said = rig.hear();
    assert!(
        !said.iter().any(|(of, _)| *of == wait),
        "{said:?}, {destroy}"
    );
    fake(|device| device.advance_all(usize::MAX));
    assert_eq!(rig.hear(), [done(wait, OK)]);
}

#[test]
fn a_device_that_is_not_ready_for_long_holds_up_nobody_else() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut rig = Rig::new(table());
    let memory = rig.allocate(64);
    rig.client.send(MEMSET, &[memory, 7, 64, STREAM], &[]);
    let sync = rig.client.send(cuda::SYNCHRONIZE, &[1, STREAM], &[]);
    let query = rig.client.send(cuda::QUERY, &[1, STREAM], &[]);
    assert_eq!(rig.hear(), [done(query, NOT_READY)]);
    for round in 0..2000 {
        // Other commands are answered meanwhile, and nothing is answered twice.
        let (status, body) = rig.ask(MEM_GET_INFO, &[]);
        assert_eq!((status, body.len()), (OK, 32), "round {round}");
    }
    fake(|device| device.advance_all(usize::MAX));
    assert_eq!(rig.hear(), [done(sync, OK), (query, Said::Completed(OK))]);
    for _ in 0..10 {
        assert_eq!(rig.hear(), []);
    }
}

#[test]
fn an_error_of_a_call_that_nobody_waits_for_is_told_once() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut rig = Rig::new(table());
    let memory = rig.allocate(64);
    fake(|device| {
        device.eager = true;
        let failure = CUresult::CUDA_ERROR_ILLEGAL_STATE;
        device.failures.insert("cuMemsetD8Async", [failure].into());
    });
    let first = rig.client.send(MEMSET, &[memory, 1, 64, STREAM], &[]);
    let _second = rig.client.send(MEMSET, &[memory, 2, 64, STREAM], &[]);
    let sync = rig.client.send(cuda::SYNCHRONIZE, &[1, STREAM], &[]);
    let failed = Said::AsyncError(CUresult::CUDA_ERROR_ILLEGAL_STATE);
    assert_eq!(rig.hear(), [(first, failed), done(sync, OK)]);
    assert_eq!(fake(|device| device.read(memory)), [2; 64]);
    // One that the device finds later is found by whoever asks, and copies behind it arrive nowhere.
    fake(|device| {
        let failure = CUresult::CUDA_ERROR_LAUNCH_FAILED;
        device.failures.insert("cuEventQuery", [failure].into());
    });
    let sync = rig.client.send(cuda::SYNCHRONIZE, &[1, STREAM], &[]);
    let failed = CUresult::CUDA_ERROR_LAUNCH_FAILED;
    assert_eq!(rig.hear(), [done(sync, failed)]);
    assert_eq!(rig.call(MEM_GET_INFO, &[]), OK);
}

#[test]
fn a_failed_copy_to_the_host_is_answered_once() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut random = Random::new();
    let mut rig = Rig::new(table());
    let len = 3 * BUFFER + 1 + random.below(BUFFER - 1);
    let memory = rig.allocate(len);
    for fails in 0..4 {
        fake(|device| {
            let mut answers = VecDeque::new();
            // The others do what they should.
            answers.extend((0..fails).map(|_| OK));
            answers.push_back(INVALID);
            device.failures.insert("cuMemcpyDtoHAsync_v2", answers);
        });
        let copy = rig.client.copy(cuda::COPY_TO_HOST, memory, len, &[]);
        let mut said = rig.hear();
        fake(|device| device.advance_all(usize::MAX));
        for _ in 0..100 {
            said.extend(rig.hear());
        }
        let answers: Vec<_> = said
            .iter()
            .filter(|(_, said)| matches!(said, Said::Answer(..)))
            .collect();
        assert_eq!(answers, [&done(copy, INVALID)], "after {fails} parts");
        fake(|device| device.failures.clear());
    }
}

#[test]
fn what_a_driver_lacks_is_refused_and_nothing_else() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut lacking = table();
    lacking.cuMemsetD8Async = None;
    lacking.cuMemGetInfo_v2 = None;
    lacking.cuLaunchHostFunc = None;
    lacking.cuMemcpyHtoDAsync_v2 = None;
    lacking.cuStreamQuery = None;
    lacking.cuMemHostRegister_v2 = None;
    let mut rig = Rig::new(lacking);
    let refused = CUresult::CUDA_ERROR_NOT_SUPPORTED;
    let memory = rig.allocate(64);
    let graph = pack(Kind::Graph, 0, 0);
    let library = pack(Kind::Library, 0, 0);
    for (opcode, words) in [
        (MEM_GET_INFO, &[][..]),
        (cuda::QUERY, &[1, STREAM]),
        (cuda::HOST_MAP, &[0x7000_0000_0000, 4096, 0]),
        (cuda::PRIMARY_SET_FLAGS, &[0, 0]),
        (cuda::CONTEXT_CREATE, &[pack(Kind::Context, 0, 1), 0, 0, 0]),
        (cuda::DEVICE_POOL, &[pack(Kind::MemoryPool, 0, 0), 0, 0]),
        (cuda::ADDRESS_RANGE, &[memory]),
        (cuda::MEM_EXPORT, &[memory]),
        (cuda::BEGIN_CAPTURE, &[STREAM, 0, 0]),
        (cuda::END_CAPTURE, &[STREAM, graph]),
        (cuda::CAPTURE_INFO, &[STREAM]),
        (cuda::USER_OBJECT, &[pack(Kind::UserObject, 0, 0), 1, 1, 1]),
        (cuda::LINK_CREATE, &[pack(Kind::Link, 0, 0), 0]),
        (501, &[graph, 0]),
        (MEM_ALLOC_ASYNC, &[64, STREAM]),
        (MEM_ALLOC_MANAGED, &[64, 1]),
    ] {
        assert_eq!(rig.call(opcode, words), refused, "opcode {opcode}");
    }
    assert_eq!(
        rig.call(cuda::LIBRARY_UNLOAD, &[library]),
        CUresult::CUDA_ERROR_INVALID_HANDLE
    );
    // What nobody waits for is refused all the same.
    let unanswered = [
        rig.client.send(MEMSET, &[memory, 1, 64, STREAM], &[]),
        rig.client.copy(cuda::COPY_TO_DEVICE, memory, 8, &[1; 8]),
        rig.client.send(cuda::HOST_FUNCTION, &[STREAM, 1], &[]),
    ];
    let expected = unanswered.map(|of| (of, Said::AsyncError(refused)));
    assert_eq!(rig.hear(), expected);
    // The list that the client is greeted with does not have them, and has what is there.
    let opcodes = crate::worker::opcodes(&rig.session.table, false, true);
    assert!(opcodes.contains(MEM_ALLOC) && opcodes.contains(cuda::LAUNCH));
    assert!(!opcodes.contains(MEM_GET_INFO) && !opcodes.contains(MEMSET));
    let sync = rig.client.send(cuda::SYNCHRONIZE, &[0, 0], &[]);
    rig.pass();
    fake(|device| device.advance_all(usize::MAX));
    assert_eq!(rig.hear(), [done(sync, OK)]);
}

#[test]
fn memory_is_freed_behind_what_uses_it_and_counts_as_free_before() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut random = Random::new();
    let mut rig = Rig::new(table());
    let room = 64 << 20;
    for _ in 0..10 {
        let len = room / 2 + 1 + random.below(room / 4);
        let first = rig.allocate(len);
        rig.client
            .send(MEMSET, &[first, 7, len as u64, STREAM], &[]);
        let before = fake(|device| device.count("cuMemFree_v2"));
        assert_eq!(rig.call(cuda::MEM_FREE, &[first]), OK);
        assert_eq!(rig.call(cuda::MEM_FREE, &[first + 1]), INVALID);
        // The device is not done with it, but the program is.
        assert_eq!(fake(|device| device.count("cuMemFree_v2")), before);
        let (_, body) = rig.ask(MEM_GET_INFO, &[]);
        let mut body = Decoder::new(&body);
        let (free, total): (u64, u64) = (body.pod().unwrap(), body.pod().unwrap());
        assert_eq!((free, total), (room as u64, room as u64));
        // The next allocation needs it: the worker asks after it until it is free, and tries again.
        fake(|device| device.progress = 1 + random.below(5));
        let tries = fake(|device| device.count("cuMemAlloc_v2"));
        let second = rig.allocate(len);
        assert_eq!(fake(|device| device.count("cuMemAlloc_v2")), tries + 2);
        assert_eq!(fake(|device| device.count("cuMemFree_v2")), before + 1);
        // With nothing to wait for, it is out of memory at once.
        let tries = fake(|device| device.count("cuMemAlloc_v2"));
        let status = rig.call(MEM_ALLOC, &[len as u64]);
        assert_eq!(status, CUresult::CUDA_ERROR_OUT_OF_MEMORY);
        assert_eq!(fake(|device| device.count("cuMemAlloc_v2")), tries + 1);
        assert_eq!(rig.call(cuda::MEM_FREE, &[second]), OK);
        fake(|device| {
            device.progress = 0;
            device.advance_all(usize::MAX);
        });
        rig.pass();
        assert_eq!(fake(|device| device.allocated()), 0);
        assert!(rig.session.account.peak_memory as usize >= len);
    }
}

#[test]
fn memory_that_the_client_divides_is_the_sessions_and_quiet_is_when_all_streams_are() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut random = Random::new();
    let mut rig = Rig::new(table());
    let other = pack(Kind::Stream, 0, 1);
    rig.post(NEW_STREAM, &[other, 1]);
    let word = |body: &[u8]| Decoder::new(body).scalar::<u64>().unwrap();
    for _ in 0..20 {
        let len = 1 + random.below(1 << 20);
        let (status, body) = rig.ask(cuda::MEM_GRANT, &[len as u64]);
        let block = word(&body);
        assert_eq!((status, fake(|device| device.allocated())), (OK, len));
        assert_eq!(rig.session.account.memory, len as u64);
        let mut left = [STREAM, other].map(|stream| {
            let fills = random.below(4);
            for fill in 0..fills {
                rig.client
                    .send(MEMSET, &[block, fill as u64, 1, stream], &[]);
            }
            fills
        });
        let quiet = rig.client.send(cuda::MEM_QUIET, &[], &[]);
        assert_eq!(
            rig.hear(),
            [],
            "events on an idle device have not happened either"
        );
        // What is issued later is not waited for.
        rig.client.send(MEMSET, &[block, 9, 1, STREAM], &[]);
        rig.pass();
        let streams = fake(|device| device.made());
        while left != [0, 0] {
            let which = random.below(2);
            if left[which] > 0 {
                fake(|device| device.advance(streams[which], 1));
                left[which] -= 1;
            }
            assert_eq!(rig.hear(), []);
        }
        let pending = fake(|device| device.pending(streams[0]));
        fake(|device| {
            device.advance(streams[0], pending - 1);
            device.advance(streams[1], usize::MAX);
            device.advance(0, usize::MAX);
        });
        assert_eq!(rig.hear(), [done(quiet, OK)]);
        // There is no memory for another: that is said at once, though some is about to be free.
        assert_eq!(rig.call(cuda::MEM_FREE, &[block]), OK);
        let tries = fake(|device| device.count("cuMemAlloc_v2"));
        fake(|device| device.room = len);
        let status = rig.call(cuda::MEM_GRANT, &[len as u64]);
        assert_eq!(status, CUresult::CUDA_ERROR_OUT_OF_MEMORY);
        assert_eq!(fake(|device| device.count("cuMemAlloc_v2")), tries + 1);
        assert_eq!(rig.call(cuda::MEM_FREE, &[block + 1]), INVALID);
        fake(|device| device.advance_all(usize::MAX));
        rig.pass();
        fake(|device| device.room = 64 << 20);
        assert_eq!(fake(|device| device.allocated()), 0);
        assert_eq!(rig.session.account.memory, 0);
        assert_eq!(rig.call(cuda::MEM_FREE, &[block]), INVALID);
        assert_eq!(rig.call(cuda::MEM_EXPORT, &[block]), INVALID);
    }
    // There is an end to how many a session has, and to how long one is.
    for _ in 0..MOST_GRANTS {
        assert_eq!(rig.call(cuda::MEM_GRANT, &[1]), OK);
    }
    let status = rig.call(cuda::MEM_GRANT, &[1]);
    assert_eq!(status, CUresult::CUDA_ERROR_OUT_OF_MEMORY);
    // They end with their context.
    assert_eq!(rig.call(cuda::PRIMARY_RESET, &[0]), OK);
    assert!(rig.session.grants.is_empty());
    assert_eq!(rig.session.account.memory, 0);
    rig.client.send(cuda::MEM_GRANT, &[MAX_GRANT + 1], &[]);
    assert!(matches!(
        rig.session.pass(),
        Err(End::Violation(Violation::OutOfRange { .. }))
    ));
}

#[test]
fn pinned_memory_is_used_again_only_behind_the_event_that_says_so() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut random = Random::new();
    let mut rig = Rig::new(table());
    let other = pack(Kind::Stream, 0, 1);
    rig.post(NEW_STREAM, &[other, 1]);
    // More than all slabs together hold, so that every slab is used several times.
    let len = 12 << 20;
    let memory = rig.allocate(len);
    let mut expected = vec![0u8; len];
    let mut sent = 0;
    while sent < 200 << 20 {
        let n = 1 + random.below(CHUNK);
        let at = random.below(len - n);
        let bytes = random.bytes(n);
        // Two streams, each with a half of its own: copies of one are in order.
        let (stream, half) = [(STREAM, 0), (other, 1)][random.below(2)];
        let at = if half == 0 { at / 2 } else { len / 2 + at / 2 };
        let n = n.min(len / 2 * (half + 1) - at);
        let words = [memory + at as u64, n as u64, stream, 0];
        expected[at..at + n].copy_from_slice(&bytes[..n]);
        // The socket's buffer holds less than a command.
        let session = &mut rig.session;
        std::thread::scope(|scope| {
            let client = &mut rig.client;
            let sending = scope.spawn(|| client.send(cuda::COPY_TO_DEVICE, &words, &bytes[..n]));
            while !sending.is_finished() {
                session.pass().unwrap();
            }
        });
        rig.pass();
        sent += n;
        // The device is behind, by how much changes.
        if random.below(3) == 0 {
            let streams = fake(|device| device.made());
            let (which, count) = (random.below(2), random.below(8));
            fake(|device| device.advance(streams[which], count));
        }
    }
    fake(|device| device.advance_all(usize::MAX));
    assert!(
        fake(|device| device.read(memory)) == expected,
        "other bytes have arrived"
    );
    let pinned = fake(|device| device.pinned());
    assert!(pinned <= 64 * crate::worker::staging::SLAB, "{pinned}");
    assert!(pinned < sent, "nothing was used again");
}

/// Copies of every length around those at which the worker reads them to their place, other commands between them, cut anywhere.
#[test]
fn copies_arrive_whole_however_they_are_cut() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut random = Random::new();
    let mut rig = Rig::new(table());
    fake(|device| device.eager = true);
    let len = 4 << 20;
    let memory = rig.allocate(len);
    let mut expected = vec![0; len];
    let mut read_to_place = 0;
    for _ in 0..60 {
        let (mut stream, mut failures, mut answers) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..1 + random.below(6) {
            let n = match random.below(4) {
                0 => random.below(200),
                1 => (32 << 10) - 40 + random.below(80),
                2 => CHUNK - random.below(100),
                _ => 1 + random.below(CHUNK),
            };
            let at = random.below(len - n);
            let bytes = random.bytes(n);
            let place = memory + at as u64;
            let right = random.below(5) > 0;
            let on = if right { STREAM } else { STREAM + 7 };
            let words = [place, n as u64, on, 0];
            stream.extend(rig.client.frame(cuda::COPY_TO_DEVICE, &words, &bytes));
            if right {
                expected[at..at + n].copy_from_slice(&bytes);
            } else {
                failures.push(rig.client.sequence);
            }
            if random.below(2) == 0 {
                stream.extend(rig.client.frame(cuda::QUERY, &[1, STREAM], &[]));
                answers.push(rig.client.sequence);
            }
        }
        let mut rest = &stream[..];
        let mut said = Vec::new();
        while !rest.is_empty() {
            let most = [40, 5000, 100_000][random.below(3)];
            let (piece, behind) = rest.split_at(rest.len().min(1 + random.below(most)));
            rig.client.send_bytes(piece);
            said.extend(rig.hear());
            read_to_place += usize::from(rig.session.incoming.is_some());
            rest = behind;
        }
        let (told, answered): (Vec<_>, Vec<_>) = said
            .into_iter()
            .partition(|(_, said)| matches!(said, Said::AsyncError(_)));
        assert_eq!(told.iter().map(|(of, _)| *of).collect::<Vec<_>>(), failures);
        let all: Vec<_> = answers.into_iter().map(|of| done(of, OK)).collect();
        assert_eq!(answered, all);
        assert!(rig.session.incoming.is_none());
    }
    assert!(read_to_place > 100, "{read_to_place}");
    assert!(
        fake(|device| device.read(memory)) == expected,
        "other bytes have arrived"
    );
}

#[test]
fn a_client_that_leaves_within_a_copy_ends_its_session() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut random = Random::new();
    for _ in 0..5 {
        let mut rig = Rig::new(table());
        fake(|device| device.eager = true);
        let memory = rig.allocate(CHUNK);
        let bytes = vec![7; CHUNK];
        let words = [memory, CHUNK as u64, STREAM, 0];
        let frame = rig.client.frame(cuda::COPY_TO_DEVICE, &words, &bytes);
        let cut = 64 + random.below(CHUNK - 64);
        for piece in frame[..cut].chunks(100_000) {
            rig.client.send_bytes(piece);
            rig.pass();
        }
        // Nothing has come to the device, and nobody waits for the rest with anything in hand.
        assert_eq!(fake(|device| device.count("cuMemcpyHtoDAsync_v2")), 0);
        assert!(rig.session.incoming.is_some());
        rig.client.connection.sender.shutdown().unwrap();
        assert_eq!(rig.session.run(), End::Client);
        assert_eq!(fake(|device| device.count("cuMemcpyHtoDAsync_v2")), 0);
        rig.session.abandon();
        fake(|device| *device = Default::default());
    }
}

/// Bytes of which the given part of a hundred is random.
fn mixture(random: &mut Random, len: usize, part: usize) -> Vec<u8> {
    let mut bytes = random.bytes(len);
    for (index, line) in bytes.chunks_mut(64).enumerate() {
        if index % 100 >= part {
            line.fill(index as u8);
        }
    }
    bytes
}

#[test]
fn packed_copies_arrive_and_come_back_as_they_were() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut random = Random::new();
    let mut rig = Rig::new(table());
    fake(|device| device.eager = true);
    let len = 5 * CHUNK + 777;
    let memory = rig.allocate(len);
    let mut expected = vec![0; len];
    for part in [0, 40, 100, 10] {
        for (index, place) in expected.chunks_mut(CHUNK).enumerate() {
            let bytes = mixture(&mut random, place.len(), part);
            place.copy_from_slice(&bytes);
            let at = memory + (index * CHUNK) as u64;
            let words = [at, bytes.len() as u64, STREAM, 0];
            let mut block = Vec::new();
            let frame = if Packer::default().try_pack(Method::Zstd, &bytes, &mut block) {
                rig.client.frame(cuda::COPY_PACKED, &words, &block)
            } else {
                rig.client.frame(cuda::COPY_TO_DEVICE, &words, &bytes)
            };
            for piece in frame.chunks(100_000) {
                rig.client.send_bytes(piece);
                assert_eq!(rig.hear(), []);
            }
        }
        assert!(
            fake(|device| device.read(memory)) == expected,
            "other bytes have arrived"
        );
        // Back again: packed only where the client asks for it, and where it is worth it.
        for flags in [0, COPY_PACK, COPY_PACK | COPY_PACK_SMALL].map(u64::from) {
            rig.session.packer = Packer::default();
            let words = [memory, len as u64, STREAM, flags];
            let copy = rig.client.send(cuda::COPY_TO_HOST, &words, &[]);
            let mut got = vec![0; len];
            let (mut packed, mut plain) = (0, 0);
            'hearing: loop {
                for (of, said) in rig.hear() {
                    assert_eq!(of, copy);
                    match said {
                        Said::Data(offset, bytes) => {
                            got[offset as usize..][..bytes.len()].copy_from_slice(&bytes);
                            plain += 1;
                        }
                        Said::Packed(offset, n, block) => {
                            let place = &mut got[offset as usize..][..n];
                            let method = if flags & u64::from(COPY_PACK_SMALL) == 0 {
                                Method::Lz4
                            } else {
                                Method::Zstd
                            };
                            assert_eq!(block[0], method as u8);
                            packed::unpack(&block, place).unwrap();
                            packed += 1;
                        }
                        said => {
                            assert_eq!(said, Said::Answer(OK, Vec::new()));
                            break 'hearing;
                        }
                    }
                }
            }
            assert!(got == expected, "other bytes have come back");
            let asked = flags != 0 && part < 100;
            assert_eq!((packed > 0, plain > 1), (asked, !asked), "{part}, {flags}");
            assert_eq!(rig.session.output_len, 0);
        }
    }
    // All buffers are back.
    assert!(!rig.session.staging.keeps_busy(&rig.session.handles));
}

#[test]
fn an_image_may_come_in_packed_parts_and_others() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut random = Random::new();
    let mut rig = Rig::new(table());
    let image = mixture(&mut random, 2 * CHUNK + 100_000, 20);
    for (index, part) in image.chunks(CHUNK).enumerate() {
        let words = [1, image.len() as u64, (index * CHUNK) as u64];
        let mut block = Vec::new();
        let frame = if index != 1 && Packer::default().try_pack(Method::Zstd, part, &mut block) {
            let words = [&words[..], &[part.len() as u64]].concat();
            rig.client.frame(cuda::UPLOAD_PACKED, &words, &block)
        } else {
            rig.client.frame(cuda::UPLOAD, &words, part)
        };
        for piece in frame.chunks(100_000) {
            rig.client.send_bytes(piece);
            assert_eq!(rig.hear(), []);
        }
    }
    assert!(rig.session.uploads[&1].bytes == image);
    assert!(rig.session.account.bytes_saved > CHUNK as u64 / 2);
    // One more is more than the whole.
    let mut block = Vec::new();
    assert!(Packer::default().try_pack(Method::Zstd, &[7; CHUNK], &mut block));
    let words = [1, image.len() as u64, image.len() as u64, CHUNK as u64];
    rig.client.send(cuda::UPLOAD_PACKED, &words, &block);
    let end = (0..20).find_map(|_| rig.session.pass().err());
    assert!(matches!(
        end,
        Some(End::Violation(Violation::OutOfRange { .. }))
    ));
}

/// Bombs, blocks that are cut, and lengths that no copy may have, as copies and as parts of images.
#[test]
fn what_is_not_packed_as_it_says_ends_the_session() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut block = Vec::new();
    assert!(Packer::default().try_pack(Method::Zstd, &vec![7; CHUNK], &mut block));
    let chunk = CHUNK as u64;
    let cut = &block[..block.len() - 1];
    for (len, block) in [
        (chunk - 1, &block[..]),
        (1, &block),
        (0, &block),
        (0, &[]),
        (chunk, cut),
        (chunk, &[]),
        (chunk + 1, &block),
        (u64::MAX, &block),
    ] {
        for (opcode, words) in [
            (cuda::COPY_PACKED, [0x1000, len, STREAM, 0]),
            (cuda::UPLOAD_PACKED, [1, chunk * 2, 0, len]),
        ] {
            let mut rig = Rig::new(table());
            rig.client.send(opcode, &words, block);
            let end = (0..20).find_map(|_| rig.session.pass().err());
            assert!(
                matches!(end, Some(End::Violation(_))),
                "{opcode}, {len}: {end:?}"
            );
            let held = fake(|device| device.count("cuMemcpyHtoDAsync_v2"));
            assert_eq!(held, 0, "nothing of it reaches the device");
        }
    }
    for opcode in [cuda::COPY_PACKED, cuda::UPLOAD_PACKED] {
        let mut rig = Rig::new(table());
        rig.session.packs = false;
        rig.client.send(opcode, &[0x1000, chunk, STREAM, 0], &block);
        let end = (0..20).find_map(|_| rig.session.pass().err());
        let refused = End::Violation(Violation::UnknownOpcode(opcode));
        assert_eq!(end, Some(refused));
    }
}

/// One whose length is not what it says is told to the client, however it came.
#[test]
fn a_copy_that_is_shorter_than_its_command_ends_the_session() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    for wrong in [1u64, (CHUNK + 1) as u64, u64::MAX] {
        let mut rig = Rig::new(table());
        let words = [0x1000, wrong, STREAM, 0];
        let bytes = vec![7; CHUNK];
        let frame = rig.client.frame(cuda::COPY_TO_DEVICE, &words, &bytes);
        let mut pieces = frame.chunks(100_000);
        let end = loop {
            rig.client.send_bytes(pieces.next().expect("it ends"));
            if let Err(end) = (0..20).try_for_each(|_| rig.session.pass().map(drop)) {
                break end;
            }
        };
        assert!(
            matches!(end, End::Violation(Violation::OutOfRange { value, .. }) if value == wrong)
        );
    }
}

#[test]
fn what_is_not_sent_outlives_the_context_that_it_was_copied_in() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    [0, COPY_PACK].into_iter().for_each(outlives_its_context);
}

fn outlives_its_context(flags: u32) {
    let mut random = Random::new();
    let mut rig = Rig::new(table());
    let len = 5 << 20;
    let memory = rig.allocate(len);
    let bytes = mixture(&mut random, len, 80);
    fake(|device| {
        device.eager = true;
        // SAFETY: memory of the device's of that length.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), memory as *mut u8, len) };
    });
    let words = [memory, len as u64, STREAM, flags.into()];
    let copy = rig.client.send(cuda::COPY_TO_HOST, &words, &[]);
    let reset = rig.client.send(cuda::PRIMARY_RESET, &[0], &[]);
    // The client reads nothing yet, and what it is to read was in memory that is gone.
    let resets = fake(|device| device.count("cuDevicePrimaryCtxReset_v2"));
    rig.pass();
    let now = fake(|device| device.count("cuDevicePrimaryCtxReset_v2"));
    assert_eq!(now, resets + 1);
    let mut arrived = vec![0; len];
    let mut answers = Vec::new();
    while answers.len() < 2 {
        for (of, said) in rig.hear() {
            match said {
                Said::Data(offset, part) => {
                    assert_eq!(of, copy);
                    arrived[offset as usize..][..part.len()].copy_from_slice(&part);
                }
                said => answers.push((of, said)),
            }
        }
    }
    assert_eq!(answers, [done(copy, OK), done(reset, OK)]);
    assert!(arrived == bytes, "other bytes have arrived");
    assert_eq!(rig.session.output_len, 0);
    rig.session.abandon();
    fake(|device| *device = Default::default());
}

/// A session in a thread of its own, with a device that was prepared there; answers what `then` finds there afterwards.
fn beside<T: Send + 'static>(
    prepare: impl FnOnce() + Send + 'static,
    then: impl FnOnce(&Session) -> T + Send + 'static,
) -> (Client, std::thread::JoinHandle<T>) {
    let (sender, receiver) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        fake(|device| device.room = 1 << 30);
        prepare();
        let (mut session, client) = session(table());
        sender.send(client).unwrap();
        assert_eq!(session.run(), End::Client);
        then(&session)
    });
    let mut client = receiver.recv().unwrap();
    client.send(cuda::PRIMARY_RETAIN, &[0, CONTEXT], &[]);
    client.send(NEW_STREAM, &[STREAM, 0], &[]);
    assert_eq!(client.listen(), [done(1, OK)]);
    (client, thread)
}

fn address(client: &mut Client, len: usize) -> u64 {
    client.send(MEM_ALLOC, &[len as u64], &[]);
    match &client.listen()[..] {
        [(_, Said::Answer(OK, body))] => Decoder::new(body).pod().unwrap(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_client_that_does_not_read_costs_bounded_memory_and_nothing_is_lost() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut random = Random::new();
    let (mut client, thread) = beside(
        || fake(|device| device.eager = true),
        |_| fake(|device| device.pinned()),
    );
    let len = 20 << 20;
    let memory = address(&mut client, len);
    let expected = random.bytes(len);
    for (index, part) in expected.chunks(CHUNK).enumerate() {
        let at = memory + (index * CHUNK) as u64;
        client.copy(cuda::COPY_TO_DEVICE, at, part.len(), part);
    }
    // Thirty times the outbox, all in all, in commands that fit the worker's first look.
    let mut copies = VecDeque::new();
    for _ in 0..100 {
        let at = random.below(len - 1);
        let n = 1 + random.below(len - at);
        copies.push_back((
            client.copy(cuda::COPY_TO_HOST, memory + at as u64, n, &[]),
            at,
            n,
        ));
    }
    // It may sleep as long as it likes: what matters is what has arrived in the end.
    std::thread::sleep(Duration::from_millis(300));
    let mut got = 0;
    while let Some((sequence, at, n)) = copies.front().copied() {
        for (of, said) in client.listen() {
            let (sequence, at, n) = match copies.front() {
                Some(front) => *front,
                None => (sequence, at, n),
            };
            assert_eq!(of, sequence);
            match said {
                Said::Data(offset, part) => {
                    assert_eq!(offset as usize, got);
                    assert!(part[..] == expected[at + got..][..part.len()]);
                    got += part.len();
                }
                said => {
                    assert_eq!((said, got), (Said::Answer(OK, Vec::new()), n));
                    copies.pop_front();
                    got = 0;
                }
            }
        }
    }
    drop(client);
    let pinned = thread.join().unwrap();
    // At most all buffers of both sizes, and all slabs.
    assert!(
        pinned <= (256 << 20) + (256 << 16) + (128 << 20),
        "{pinned}"
    );
}

#[test]
fn commands_are_read_no_further_than_their_answers_have_room() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut random = Random::new();
    let (client, thread) = beside(|| (), |session| session.most_output);
    let Connection {
        mut sender,
        mut receiver,
        ..
    } = client.connection;
    let body = random.bytes(CHUNK);
    let pings = 3 * OUTBOX_LIMIT / CHUNK;
    let mut bytes = Vec::new();
    for sequence in 2..2 + pings as u64 {
        let header = Header::new(Interface::Session, op::PING, CHUNK, sequence, 0, 0);
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(&body);
    }
    // Sends until nothing goes any more, and only then begins to read.
    let (mut sent, mut stuck) = (0, 0);
    let mut heard = Vec::new();
    let each = HEADER_LEN + 8 + CHUNK;
    let mut part = vec![0; 1 << 20];
    while heard.len() < pings * each {
        match sender.try_send(&[IoSlice::new(&bytes[sent..])]) {
            Ok(n) if n > 0 => {
                sent += n;
                stuck = if stuck < 200 { 0 } else { stuck };
            }
            _ if sent < bytes.len() && stuck < 200 => {
                stuck += 1;
                std::thread::sleep(Duration::from_millis(1));
            }
            _ => {
                if let Ok(n) = receiver.try_recv(&mut [IoSliceMut::new(&mut part)]) {
                    heard.extend_from_slice(&part[..n]);
                }
            }
        }
    }
    for (index, frame) in heard.chunks(each).enumerate() {
        let header = ReplyHeader::parse(frame.first_chunk().unwrap()).unwrap();
        assert_eq!(header.answers.get(), 2 + index as u64);
        assert!(
            frame[HEADER_LEN + 8..] == body,
            "other bytes have come back"
        );
    }
    sender.shutdown().unwrap();
    let most = thread.join().unwrap();
    assert!(most <= OUTBOX_LIMIT + INBOX + CHUNK, "{most}");
}

#[test]
fn a_copy_that_finds_no_pinned_memory_leaves_none_missing() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut rig = Rig::new(table());
    let memory = rig.allocate(BUFFER);
    let failure = CUresult::CUDA_ERROR_OUT_OF_MEMORY;
    fake(|device| {
        device.eager = true;
        let failures = std::iter::repeat_n(failure, 300).collect();
        device.failures.insert("cuMemHostAlloc", failures);
    });
    // More often than there are buffers: one that was not made must not be waited for.
    for _ in 0..300 {
        let copy = rig.client.copy(cuda::COPY_TO_HOST, memory, BUFFER, &[]);
        assert_eq!(rig.hear(), [done(copy, failure)]);
    }
    let copy = rig.client.copy(cuda::COPY_TO_HOST, memory, BUFFER, &[]);
    let mut said = Vec::new();
    while !said.contains(&done(copy, OK)) {
        said.extend(rig.hear());
    }
    let arrived = said.iter().map(|(_, said)| match said {
        Said::Data(_, bytes) => bytes.len(),
        _ => 0,
    });
    assert_eq!(arrived.sum::<usize>(), BUFFER);
}

#[test]
fn memory_that_both_sides_use_is_told_of_as_fast_as_the_client_reads() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut random = Random::new();
    let len = 4 * OUTBOX_LIMIT;
    let place = 0x1300_0000_0000u64;
    let (most, watched) = std::sync::mpsc::channel();
    let (mut client, thread) = beside(
        || (),
        move |session| {
            most.send(session.most_output).unwrap();
        },
    );
    client.send(cuda::HOST_MAP, &[place, len as u64, 0], &[]);
    assert!(matches!(&client.listen()[..], [(_, Said::Answer(OK, _))]));
    let bytes = random.bytes(CHUNK);
    let at = random.below(len - CHUNK) as u64;
    client.send(cuda::HOST_WRITE, &[place + at], &bytes);
    let read = client.send(cuda::HOST_READ, &[place, len as u64], &[]);
    let mut got = 0u64;
    loop {
        let said = client.listen();
        for (of, said) in said {
            assert_eq!(of, read);
            let Said::Data(offset, part) = said else {
                assert_eq!((said, got), (Said::Answer(OK, Vec::new()), len as u64));
                drop(client);
                thread.join().unwrap();
                let kept = watched.recv().unwrap();
                assert!(kept <= OUTBOX_LIMIT + 2 * CHUNK, "{kept}");
                return;
            };
            assert_eq!(offset, got);
            for (index, byte) in part.iter().enumerate().step_by(97) {
                let index = (offset + index as u64).wrapping_sub(at) as usize;
                assert_eq!(*byte, bytes.get(index).copied().unwrap_or(0));
            }
            got += part.len() as u64;
        }
    }
}

#[test]
fn why_the_broker_ends_a_session_is_told_though_the_client_did_not_read() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let len = 4 * OUTBOX_LIMIT;
    let place = 0x1400_0000_0000u64;
    let mut rig = Rig::new(table());
    assert_eq!(rig.call(cuda::HOST_MAP, &[place, len as u64, 0]), OK);
    let (broker, control) = std::os::unix::net::UnixStream::pair().unwrap();
    let control = Control::new(control.into(), rig.session.calls).unwrap();
    // It is there when the session looks for the first time, which is when there is no more room.
    let said = crate::worker::said::Said::End("it has had enough".to_string());
    rustix::io::write(&broker, &said.encode()).unwrap();
    drop(broker);
    while !control.any() {
        std::thread::yield_now();
    }
    rig.session.control = Some(control);
    rig.client.send(cuda::HOST_READ, &[place, len as u64], &[]);
    assert_eq!(rig.session.run(), End::Ended);
    assert!(rig.session.output.iter().any(|said| {
        let reason = b"it has had enough";
        said.bytes.windows(reason.len()).any(|part| part == reason)
    }));
}

#[test]
fn copies_behind_a_host_function_wait_for_it_before_the_worker_waits_for_them() {
    let _alone = ALONE.write().unwrap_or_else(PoisonError::into_inner);
    let mut random = Random::new();
    for to_device in [true, false] {
        // Streams go on whenever the worker asks after something.
        let (mut client, thread) = beside(
            || fake(|device| device.progress = 1),
            |_| fake(|device| std::mem::take(&mut device.mistakes)),
        );
        let len = 24 << 20;
        let memory = address(&mut client, len);
        let expected = random.bytes(len);
        client.send(cuda::HOST_FUNCTION, &[STREAM, 77], &[]);
        // Any event has the device go on.
        client.send(cuda::SYNCHRONIZE, &[1, STREAM], &[]);
        let mut called = None;
        let mut answers = Vec::new();
        let mut take = |said: Vec<(u64, Said)>| {
            for (of, said) in said {
                match said {
                    Said::Call(77, turn) => called = Some(turn),
                    said => answers.push((of, said)),
                }
            }
            called
        };
        let turn = loop {
            if let Some(turn) = take(client.listen()) {
                break turn;
            }
        };
        // More than is pinned ahead: the host function has to come to its end before more can be.
        if to_device {
            for (index, part) in expected.chunks(CHUNK).enumerate() {
                let at = memory + (index * CHUNK) as u64;
                client.copy(cuda::COPY_TO_DEVICE, at, part.len(), part);
            }
        } else {
            client.copy(cuda::COPY_TO_HOST, memory, len, &[]);
        }
        std::thread::sleep(Duration::from_millis(50));
        client.send(cuda::CALL_DONE, &[turn], &[]);
        let last = client.copy(cuda::COPY_TO_HOST, memory, len, &[]);
        let mut got = vec![0; len];
        'reading: loop {
            for (of, said) in client.listen() {
                match said {
                    Said::Data(offset, part) if of == last => {
                        got[offset as usize..][..part.len()].copy_from_slice(&part);
                    }
                    Said::Answer(status, _) if of == last => {
                        assert_eq!(status, OK);
                        break 'reading;
                    }
                    _ => {}
                }
            }
        }
        if to_device {
            assert!(got == expected, "other bytes have arrived");
        }
        drop(client);
        let mistakes = thread.join().unwrap();
        assert!(mistakes.is_empty(), "{mistakes:?}");
    }
}

#[test]
fn what_the_device_has_to_do_is_measured() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut rig = Rig::new(table());
    let memory = rig.allocate(64);
    let other = pack(Kind::Stream, 0, 1);
    rig.post(NEW_STREAM, &[other, 0]);
    let sleep = || {
        let began = Instant::now();
        std::thread::sleep(Duration::from_millis(5));
        began
    };
    let measure = |rig: &mut Rig| {
        rig.pass();
        rig.session.measure(Instant::now());
        rig.session.measure_before_sleep(Instant::now());
        rig.pass();
    };
    fake(|device| device.advance_all(usize::MAX));
    measure(&mut rig);
    // A wait for the only stream shows when it is idle.
    for _ in 0..3 {
        rig.client.send(MEMSET, &[memory, 7, 64, STREAM], &[]);
        measure(&mut rig);
        let sync = rig.client.send(cuda::SYNCHRONIZE, &[1, STREAM], &[]);
        measure(&mut rig);
        let (before, began) = (rig.session.account.busy, sleep());
        fake(|device| device.advance_all(usize::MAX));
        assert_eq!(rig.hear(), [done(sync, OK)]);
        let passed = (rig.session.account.busy - before) as u128;
        assert!(
            passed >= 5_000_000 && passed < 2 * began.elapsed().as_nanos(),
            "{passed}"
        );
        // Nothing is counted while there is nothing to do.
        let before = rig.session.account.busy;
        sleep();
        measure(&mut rig);
        assert_eq!(rig.session.account.busy, before);
    }
    assert_eq!(rig.session.account.waits.iter().sum::<u64>(), 3);
    // Nor is the device idle while a program waits for all of it, however long.
    let before = rig.session.account.busy;
    rig.client.send(MEMSET, &[memory, 7, 64, STREAM], &[]);
    let sync = rig.client.send(cuda::SYNCHRONIZE, &[0, 0], &[]);
    for _ in 0..3 {
        measure(&mut rig);
        sleep();
        assert!(!rig.session.is_idle());
    }
    fake(|device| device.advance_all(usize::MAX));
    assert_eq!(rig.hear(), [done(sync, OK)]);
    assert!(rig.session.is_idle());
    assert!(rig.session.account.busy - before >= 15_000_000);
    // Of who never waits the streams are looked at, whichever is the last to be idle.
    for stream in [STREAM, other] {
        let before = rig.session.account.busy;
        rig.client.send(MEMSET, &[memory, 7, 64, STREAM], &[]);
        rig.client.send(MEMSET, &[memory, 7, 64, other], &[]);
        measure(&mut rig);
        sleep();
        measure(&mut rig);
        // What has passed counts before all is done.
        assert!(rig.session.account.busy - before >= 5_000_000);
        let raw = fake(|device| device.made()[usize::from(stream == STREAM)]);
        fake(|device| while device.advance(raw, 1) {});
        measure(&mut rig);
        sleep();
        fake(|device| device.advance_all(usize::MAX));
        measure(&mut rig);
        assert!(rig.session.account.busy - before >= 10_000_000);
        let before = rig.session.account.busy;
        sleep();
        measure(&mut rig);
        assert_eq!(rig.session.account.busy, before);
    }
    // What a context takes with it is not waited for.
    rig.client.send(MEMSET, &[memory, 7, 64, other], &[]);
    measure(&mut rig);
    sleep();
    measure(&mut rig);
    fake(|device| device.advance_all(usize::MAX));
    assert_eq!(rig.call(cuda::PRIMARY_RESET, &[0]), OK);
    measure(&mut rig);
    let before = rig.session.account.busy;
    sleep();
    measure(&mut rig);
    assert_eq!(rig.session.account.busy, before);
}

/// The broker's end of a session that takes turns.
struct Arbiter {
    socket: OwnedFd,
    page: Page,
}

impl Arbiter {
    fn of(rig: &mut Rig) -> Self {
        let page = Page::new().unwrap();
        let shared = page.memory().as_fd().try_clone_to_owned().unwrap();
        rig.session.page = Some(Page::open(shared).unwrap());
        let (socket, worker) = rustix::net::socketpair(
            rustix::net::AddressFamily::UNIX,
            rustix::net::SocketType::SEQPACKET,
            rustix::net::SocketFlags::CLOEXEC,
            None,
        )
        .unwrap();
        rustix::io::ioctl_fionbio(&socket, true).unwrap();
        rig.session.take_turns(worker).unwrap();
        Arbiter { socket, page }
    }

    fn word(&self) -> Word<'_> {
        Word(self.page.turn())
    }

    fn hears(&self) -> Option<turn::Says> {
        let mut said = [0; turn::MESSAGE + 1];
        let n = rustix::io::read(&self.socket, &mut said).ok()?;
        turn::Says::decode(&said[..n])
    }

    fn grants(&self, how: u8) {
        self.word().grant();
        let mut message = [0; turn::MESSAGE];
        message[0] = how;
        rustix::io::write(&self.socket, &message).unwrap();
    }
}

#[test]
fn nothing_is_given_to_the_device_without_the_turn() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut rig = Rig::new(table());
    let memory = rig.allocate(64);
    fake(|device| device.advance_all(usize::MAX));
    let arbiter = Arbiter::of(&mut rig);
    let (word, says) = (arbiter.word(), || arbiter.hears());
    let grant = |how| arbiter.grants(how);
    let given = || fake(|device| device.count("cuMemsetD8Async"));
    let give = |rig: &mut Rig, count| {
        for _ in 0..count {
            rig.client.send(MEMSET, &[memory, 7, 64, STREAM], &[]);
        }
        rig.pass();
    };
    // What comes by the socket is heard by another thread.
    let until = |rig: &mut Rig, count| {
        while given() < count {
            rig.pass();
            std::thread::yield_now();
        }
    };
    let before = given();
    give(&mut rig, 3);
    rig.pass();
    assert_eq!(
        (given(), says(), says()),
        (before, Some(turn::Says::Asks), None)
    );
    // What is asked of nobody's device is answered.
    grant(turn::GRANTED_ALONE);
    until(&mut rig, before + 3);
    give(&mut rig, 100);
    assert_eq!((given(), says()), (before + 103, None));
    // Wanted: nothing more, and once the device has done what it had the turn goes back.
    assert!(!word.want());
    give(&mut rig, 1);
    rig.session.rest(Instant::now());
    assert_eq!((given(), says()), (before + 103, None));
    fake(|device| device.advance_all(usize::MAX));
    rig.pass();
    match says() {
        Some(turn::Says::Returns(returned)) => {
            assert!(returned.after == turn::After::Again && !returned.busy.is_zero());
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(
        (given(), word.take_up()),
        (before + 103, turn::Holds::Nothing)
    );
    // While others want it, a slice at a time.
    grant(turn::GRANTED);
    until(&mut rig, before + 104);
    give(&mut rig, 100);
    let some = given();
    assert!((before + 105..before + 204).contains(&some), "{some}");
    rig.pass();
    assert_eq!(given(), some);
    while given() < before + 204 {
        let some = given();
        fake(|device| device.advance_all(usize::MAX));
        rig.pass();
        assert!(given() > some);
    }
    fake(|device| device.advance_all(usize::MAX));
    // Who has nothing to do gives it back, sooner or later.
    let returned = loop {
        rig.pass();
        rig.session.measure(Instant::now());
        rig.session.measure_before_sleep(Instant::now());
        rig.session.rest(Instant::now());
        match says() {
            None => std::thread::yield_now(),
            said => break said,
        }
    };
    assert!(
        matches!(
            returned,
            Some(turn::Says::Returns(turn::Returned {
                after: turn::After::Pause(_),
                ..
            }))
        ),
        "{returned:?}"
    );
    // Alone and idle, it is taken without a word; and asked for again.
    give(&mut rig, 1);
    assert_eq!(says(), Some(turn::Says::Asks));
    grant(turn::GRANTED_ALONE);
    until(&mut rig, before + 205);
    fake(|device| device.advance_all(usize::MAX));
    rig.session.measure(Instant::now());
    rig.session.measure_before_sleep(Instant::now());
    rig.session.rest(Instant::now());
    assert!(word.want());
    give(&mut rig, 1);
    assert_eq!((given(), says()), (before + 205, Some(turn::Says::Asks)));
    // Without a broker there are no turns.
    drop(arbiter);
    until(&mut rig, before + 206);
}

/// What a session says that waits for the device, as its program does, and returns the turn.
fn returns(rig: &mut Rig, arbiter: &Arbiter) -> turn::Returned {
    loop {
        rig.pass();
        rig.session.measure(Instant::now());
        rig.session.measure_before_sleep(Instant::now());
        rig.session.rest(Instant::now());
        match arbiter.hears() {
            None => std::thread::yield_now(),
            Some(turn::Says::Returns(returned)) => return returned,
            Some(turn::Says::Asks) => panic!("it has the turn"),
        }
    }
}

#[test]
fn a_turn_goes_back_before_the_device_is_done() {
    const PATIENCE: Duration = Duration::from_millis(5);
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let mut rig = Rig::new(table());
    let memory = rig.allocate(64);
    fake(|device| device.advance_all(usize::MAX));
    let arbiter = Arbiter::of(&mut rig);
    let given = || fake(|device| device.count("cuMemsetD8Async"));
    let before = given();
    // To wait for the device takes no turn.
    let sync = rig.client.send(cuda::SYNCHRONIZE, &[1, STREAM], &[]);
    let answered = |rig: &mut Rig, sync| {
        loop {
            rig.pass();
            fake(|device| device.advance_all(usize::MAX));
            let heard = rig.client.hear();
            if heard.iter().any(|(of, _)| *of == sync) {
                return;
            }
        }
    };
    answered(&mut rig, sync);
    assert_eq!(arbiter.hears(), None);
    let step = |rig: &mut Rig| {
        let count = given();
        rig.client.send(MEMSET, &[memory, 7, 64, STREAM], &[]);
        rig.pass();
        assert_eq!(arbiter.hears(), Some(turn::Says::Asks));
        arbiter.grants(turn::GRANTED);
        while given() == count {
            rig.pass();
            std::thread::yield_now();
        }
        let sync = rig.client.send(cuda::SYNCHRONIZE, &[1, STREAM], &[]);
        rig.pass();
        sync
    };
    let sync = step(&mut rig);
    // Nobody knows how long it will take.
    rig.session.rest(Instant::now());
    assert_eq!(arbiter.word().take_up(), turn::Holds::Turn);
    let returned = loop {
        let turn = rig.session.turn.as_mut().unwrap();
        turn.expects(Duration::from_micros(300));
        rig.session.rest(Instant::now());
        // This machine may have had something else to do for longer than that.
        match arbiter.hears() {
            Some(turn::Says::Returns(returned)) => break returned,
            other => assert_eq!(other, None),
        }
    };
    assert!(matches!(returned.after, turn::After::Pause(_)));
    assert!(!returned.ahead.is_zero() && returned.ahead <= Duration::from_micros(300));
    assert_eq!(returned.late, Duration::ZERO);
    assert_eq!(arbiter.word().take_up(), turn::Holds::Nothing);
    // It takes longer, which is said the next time, and then no more.
    std::thread::sleep(PATIENCE);
    answered(&mut rig, sync);
    step(&mut rig);
    fake(|device| device.advance_all(usize::MAX));
    let returned = returns(&mut rig, &arbiter);
    assert!(
        returned.late >= PATIENCE - Duration::from_millis(1),
        "{returned:?}"
    );
    step(&mut rig);
    fake(|device| device.advance_all(usize::MAX));
    assert_eq!(returns(&mut rig, &arbiter).late, Duration::ZERO);
    // What is little goes with the step also when the turn is wanted; more does not.
    step(&mut rig);
    let count = given();
    assert!(!arbiter.word().want());
    let copy = rig.client.copy(cuda::COPY_TO_HOST, memory, 64, &[]);
    rig.client.send(MEMSET, &[memory, 8, 64, STREAM], &[]);
    answered(&mut rig, copy);
    assert_eq!(given(), count);
    assert_eq!(returns(&mut rig, &arbiter).after, turn::After::Again);
    assert!(given() == count && count == before + 4);
}

/// A session and the broker's end of its control socket.
fn parkable() -> (Rig, std::os::unix::net::UnixStream) {
    let mut rig = Rig::new(table());
    fake(|device| device.advance_all(usize::MAX));
    rig.pass();
    let (broker, control) = std::os::unix::net::UnixStream::pair().unwrap();
    let control = Control::new(control.into(), rig.session.calls).unwrap();
    rig.session.control = Some(control);
    (rig, broker)
}

fn say(broker: &std::os::unix::net::UnixStream, said: super::Said) {
    rustix::io::write(broker, &said.encode()).unwrap();
}

/// What the session has told its broker since.
fn told(broker: &std::os::unix::net::UnixStream, count: usize) -> Vec<Report> {
    let (mut bytes, mut told) = (Vec::new(), Vec::new());
    while told.len() < count {
        let mut part = [0; 256];
        let n = rustix::io::read(broker, &mut part).unwrap();
        assert!(n > 0, "it says no more than {told:?}");
        bytes.extend_from_slice(&part[..n]);
        while let Some(report) = Report::take(&mut bytes).unwrap() {
            told.push(report);
        }
    }
    told
}

#[test]
fn a_parked_session_makes_no_call_and_goes_on_where_it_was() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let (mut rig, broker) = parkable();
    let memory = rig.allocate(64);
    fake(|device| device.eager = true);
    let Rig { session, client } = &mut rig;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            assert_eq!(told(&broker, 1), [Report::Parked]);
            client.send(MEMSET, &[memory, 7, 64, STREAM], &[]);
            assert_eq!(told(&broker, 1), [Report::Wants]);
            // That is left where it is until there is a place.
            for _ in 0..50 {
                client.send(MEMSET, &[memory, 9, 64, STREAM], &[]);
            }
            say(&broker, super::Said::Return);
            assert_eq!(told(&broker, 1), [Report::Back]);
        });
        assert_eq!(session.park(), Ok(()));
    });
    let sync = rig.client.send(cuda::SYNCHRONIZE, &[1, STREAM], &[]);
    assert_eq!(rig.hear(), [done(sync, OK)]);
    fake(|device| {
        assert_eq!(device.mistakes, [""; 0]);
        assert_eq!(device.read(memory), [9; 64]);
        assert_eq!(device.count("cuMemsetD8Async"), 51);
    });
}

#[test]
fn what_cannot_be_parked_stays_as_it_is() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let (mut rig, broker) = parkable();
    let stays = |rig: &mut Rig, why| {
        assert_eq!(rig.session.park(), Ok(()));
        assert_eq!(told(&broker, 1), [Report::Stays(why)]);
        assert!(!fake(|device| device.locked));
    };
    // Work on the device.
    let memory = rig.allocate(64);
    rig.client.send(MEMSET, &[memory, 7, 64, STREAM], &[]);
    rig.pass();
    stays(&mut rig, Why::Busy);
    fake(|device| device.advance_all(usize::MAX));
    // Half a command.
    let frame = rig.client.frame(MEMSET, &[memory, 8, 64, STREAM], &[]);
    rig.client.send_bytes(&frame[..30]);
    rig.pass();
    stays(&mut rig, Why::Busy);
    rig.client.send_bytes(&frame[30..]);
    rig.pass();
    fake(|device| device.advance_all(usize::MAX));
    // The driver is not done, does not lock, or cannot.
    let unknown = CUresult::CUDA_ERROR_UNKNOWN;
    for (name, status, why) in [
        ("cuCheckpointProcessLock", NOT_READY, Why::Busy),
        ("cuCheckpointProcessLock", unknown, Why::Cannot),
        ("cuCheckpointProcessCheckpoint", unknown, Why::Cannot),
    ] {
        fake(|device| device.failures.insert(name, [status].into()));
        stays(&mut rig, why);
    }
    assert_eq!(fake(|device| device.count("cuCheckpointProcessRestore")), 0);
    assert_eq!(fake(|device| device.read(memory)), [8; 64]);
    // Nor could what it has in common with others be moved, so it is not tried.
    let locks = fake(|device| device.count("cuCheckpointProcessLock"));
    rig.session.parking.is_shared = true;
    stays(&mut rig, Why::Cannot);
    rig.session.parking.is_shared = false;
    rig.session.parking.is_managed = true;
    stays(&mut rig, Why::Cannot);
    rig.session.parking.is_managed = false;
    rig.session.table.cuCheckpointProcessRestore = None;
    stays(&mut rig, Why::Cannot);
    assert_eq!(
        fake(|device| device.count("cuCheckpointProcessLock")),
        locks
    );
}

#[test]
fn a_session_that_never_pauses_hears_that_it_is_asked() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    let (mut rig, broker) = parkable();
    let ours = Page::new().unwrap();
    let theirs = ours.memory().as_fd().try_clone_to_owned().unwrap();
    rig.session.page = Some(Page::open(theirs).unwrap());
    let memory = rig.allocate(64);
    rig.client.send(MEMSET, &[memory, 7, 64, STREAM], &[]);
    rig.pass();
    let mut now = Instant::now();
    rig.session.measure(now);
    assert!(!rig.session.is_called);
    assert_eq!(ours.idle_since(now), None);
    say(&broker, super::Said::Park);
    // A thread hears it.
    while !rig.session.is_called {
        now += Duration::from_secs(1);
        rig.session.measure(now);
        std::thread::yield_now();
    }
    let mut since = now;
    assert_eq!(rig.session.obey(&mut since), Ok(()));
    assert_eq!(told(&broker, 1), [Report::Stays(Why::Busy)]);
    assert!(!rig.session.is_called);
    // Idle is who has nothing to do, and the device neither.
    fake(|device| device.advance_all(usize::MAX));
    rig.pass();
    rig.session.measure_before_sleep(since);
    let shown = ours.idle_since(Instant::now()).unwrap();
    assert!(shown <= Instant::now());
}

#[test]
fn a_session_that_is_not_moved_back_ends_with_a_sentence() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    for fails in [
        &["cuCheckpointProcessRestore"][..],
        &["cuCheckpointProcessUnlock"],
        &["cuCheckpointProcessCheckpoint", "cuCheckpointProcessUnlock"],
    ] {
        let (mut rig, broker) = parkable();
        fake(|device| {
            for name in fails {
                let failure = CUresult::CUDA_ERROR_OUT_OF_MEMORY;
                device.failures.insert(name, [failure].into());
            }
        });
        let is_parked = fails.len() == 1;
        let Rig { session, .. } = &mut rig;
        let end = std::thread::scope(|scope| {
            scope.spawn(|| {
                if is_parked {
                    assert_eq!(told(&broker, 1), [Report::Parked]);
                    say(&broker, super::Said::Return);
                }
                assert_eq!(told(&broker, 1), [Report::Lost(2)]);
            });
            session.park()
        });
        assert_eq!(end, Err(End::Ended));
        rig.session.finish(End::Ended);
        let mut bytes = vec![0; 4096];
        let read = rig
            .client
            .connection
            .receiver
            .try_recv(&mut [IoSliceMut::new(&mut bytes)]);
        let said = String::from_utf8_lossy(&bytes[..read.unwrap()]).into_owned();
        assert!(
            said.contains("cannot be moved back to the device (CUDA error 2)"),
            "{said}"
        );
        assert_eq!(fake(|device| std::mem::take(&mut device.mistakes)), [""; 0]);
        fake(|device| device.locked = false);
    }
}

#[test]
fn a_parked_session_ends_without_the_driver() {
    let _beside = ALONE.read().unwrap_or_else(PoisonError::into_inner);
    for (wants, expected) in [
        (false, End::Client),
        (true, End::Client),
        (false, End::Ended),
        (true, End::Ended),
        (true, End::Broker),
    ] {
        let (rig, broker) = parkable();
        let Rig {
            mut session,
            mut client,
        } = rig;
        let ends = expected.clone();
        let other = std::thread::spawn(move || {
            assert_eq!(told(&broker, 1), [Report::Parked]);
            if wants {
                client.send(MEM_GET_INFO, &[], &[]);
                assert_eq!(told(&broker, 1), [Report::Wants]);
            }
            match ends {
                End::Client => drop(client),
                End::Broker => return (Some(client), None),
                _ => {
                    say(&broker, super::Said::End("it is late".to_string()));
                    return (Some(client), Some(broker));
                }
            }
            (None, Some(broker))
        });
        assert_eq!(session.park(), Err(expected.clone()));
        session.finish(expected);
        drop(session);
        other.join().unwrap();
        fake(|device| {
            assert_eq!(std::mem::take(&mut device.mistakes), [""; 0]);
            assert_eq!(device.count("cuCheckpointProcessRestore"), 0);
            device.locked = false;
        });
    }
}
