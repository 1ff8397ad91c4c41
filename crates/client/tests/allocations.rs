//! `cuMemAlloc` and `cuMemFree` against a server that does what a test tells it: it has so much memory and no more, and takes its time
//! to say that the device has done everything.
//!
//! A process has one session, so everything is one test.

use std::collections::BTreeMap;
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cuda::generated::exports as exported;
use cuda::session::Session;
use pillion_cuda_abi::types::{CUcontext, CUdeviceptr};
use pillion_cuda_abi::{API_VERSION, CUresult};
use pillion_protocol::command::{MAX_GRANT, cuda as op};
use pillion_protocol::{
    Decoder, DeviceSnapshot, Encoder, HEADER_LEN, Header, Opcodes, PROTOCOL_VERSION, Reply, Welcome,
};
use pillion_test_support::Random;
use pillion_transport::{Connection, Interest};

/// Bytes of the device.
const MEMORY: u64 = 1 << 30;
/// Most bytes of an allocation that is a part of a block, for a device of that size.
const PART: u64 = 2 << 20;
const ALIGNMENT: u64 = 512;
const MEM_GET_INFO: u16 = 330;
const MEM_ALLOC: u16 = 331;
const MEMSET: u16 = 371;
const OK: CUresult = CUresult::CUDA_SUCCESS;
const OUT_OF_MEMORY: CUresult = CUresult::CUDA_ERROR_OUT_OF_MEMORY;
const INVALID: CUresult = CUresult::CUDA_ERROR_INVALID_VALUE;

/// What the server has done.
#[derive(Default)]
struct State {
    /// What it has given, by address.
    given: BTreeMap<u64, u64>,
    next: u64,
    /// The highest number of a command that was answered by saying that everything before it has happened.
    done: u64,
    /// How many blocks, how much of what the program has asked for itself, and how many answers about the device were asked for.
    asked: [usize; 3],
    wrong: Vec<String>,
    /// It takes its time to say what has happened.
    slow: bool,
}

impl State {
    fn used(&self) -> u64 {
        self.given.values().sum()
    }

    fn give(&mut self, len: u64) -> Result<u64, CUresult> {
        if self.used() + len > MEMORY {
            return Err(OUT_OF_MEMORY);
        }
        let start = 0x0600_0000_0000 + self.next;
        self.next += len.next_multiple_of(2 << 20);
        self.given.insert(start, len);
        Ok(start)
    }
}

struct Server {
    connection: Connection,
    buffer: Vec<u8>,
    sequence: u64,
    /// Questions that are not answered yet.
    held: Vec<u64>,
    random: Random,
    state: Arc<Mutex<State>>,
}

impl Server {
    fn run(mut self) {
        loop {
            let mut part = vec![0; 1 << 16];
            let parts = &mut [IoSliceMut::new(&mut part)];
            match self.connection.receiver.try_recv(parts) {
                Ok(0) => return,
                Ok(n) => self.buffer.extend_from_slice(&part[..n]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let patience = (!self.held.is_empty()).then_some(Duration::from_micros(300));
                    let poller = &self.connection.poller;
                    let ready = poller.wait(Interest::READABLE, None, patience).unwrap();
                    if !ready.readable {
                        self.release();
                    }
                }
                Err(_) => return,
            }
            while let Some(head) = self.buffer.first_chunk::<HEADER_LEN>() {
                let header = Header::parse(head).unwrap();
                let end = HEADER_LEN + header.len.get() as usize;
                if self.buffer.len() < end {
                    break;
                }
                let body: Vec<u8> = self.buffer.drain(..end).skip(HEADER_LEN).collect();
                self.command(&header, &body);
            }
        }
    }

    fn command(&mut self, header: &Header, body: &[u8]) {
        let sequence = header.sequence.get();
        let word = || Decoder::new(body).scalar::<u64>().unwrap();
        let mut out = Vec::new();
        let state = self.state.clone();
        let mut state = state.lock().unwrap();
        let status = match header.opcode.get() {
            op::MEM_GRANT => {
                state.asked[0] += 1;
                assert!((1..=MAX_GRANT).contains(&word()));
                state
                    .give(word())
                    .map(|start| Encoder::new(&mut out).scalar(start))
            }
            MEM_ALLOC => {
                state.asked[1] += 1;
                state
                    .give(word())
                    .map(|start| Encoder::new(&mut out).pod(&start))
            }
            op::MEM_FREE => match state.given.remove(&word()) {
                Some(_) => Ok(()),
                None => {
                    let wrong = format!("{:#x} is freed and was not given", word());
                    state.wrong.push(wrong);
                    Err(INVALID)
                }
            },
            MEM_GET_INFO => {
                let mut out = Encoder::new(&mut out);
                out.pod(&(MEMORY - state.used()));
                out.pod(&MEMORY);
                Ok(())
            }
            op::MEM_QUIET => {
                state.asked[2] += 1;
                self.held.push(sequence);
                if !state.slow {
                    drop(state);
                    self.release();
                }
                return;
            }
            op::SYNCHRONIZE => {
                state.done = state.done.max(sequence);
                Ok(())
            }
            MEMSET => return,
            op::PRIMARY_RETAIN | op::PRIMARY_RESET => {
                state.given.clear();
                Ok(())
            }
            other => {
                state.wrong.push(format!("opcode {other}"));
                Err(INVALID)
            }
        };
        let slow = state.slow;
        drop(state);
        self.reply(sequence, status.err().unwrap_or(OK), &out);
        if slow && self.random.number_below(4) == 0 {
            self.release();
        }
    }

    /// Everything that was issued before the questions so far has happened.
    fn release(&mut self) {
        for sequence in std::mem::take(&mut self.held) {
            let mut state = self.state.lock().unwrap();
            state.done = state.done.max(sequence);
            drop(state);
            self.reply(sequence, OK, &[]);
        }
    }

    fn reply(&mut self, answers: u64, status: CUresult, body: &[u8]) {
        let mut bytes = Vec::new();
        self.sequence += 1;
        Reply::Answer { status, body }.encode(self.sequence, answers, &mut bytes);
        let mut rest = &bytes[..];
        while !rest.is_empty() {
            match self.connection.sender.try_send(&[IoSlice::new(rest)]) {
                Ok(n) => rest = &rest[n..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let poller = &self.connection.poller;
                    poller.wait(Interest::WRITABLE, None, None).unwrap();
                }
                Err(_) => return,
            }
        }
    }
}

/// The program, and what it knows.
struct Program {
    state: Arc<Mutex<State>>,
    live: BTreeMap<u64, u64>,
    /// What was freed, with the newest command then.
    freed: Vec<(u64, u64, u64)>,
}

impl Program {
    fn allocate(&mut self, len: u64) -> Result<u64, CUresult> {
        let mut start: CUdeviceptr = 0;
        // SAFETY: a local.
        match unsafe { exported::cuMemAlloc_v2(&raw mut start, len as usize) } {
            OK => {}
            status => return Err(status),
        }
        assert_eq!(start % ALIGNMENT, 0);
        let state = self.state.lock().unwrap();
        let (block, all) = state.given.range(..=start).next_back().expect("a block");
        assert!(start + len <= block + all, "beyond what the server gave");
        let before = self.live.range(..start + len).next_back();
        assert!(
            before.is_none_or(|(other, len)| other + len <= start),
            "given twice"
        );
        self.freed.retain(|(other, bytes, number)| {
            let touches = *other < start + len && start < other + bytes;
            assert!(
                !touches || *number <= state.done,
                "{start:#x} was freed at {number}, and all has happened up to {} only",
                state.done
            );
            !touches
        });
        drop(state);
        self.live.insert(start, len);
        Ok(start)
    }

    fn free(&mut self, start: u64) {
        let len = self.live.remove(&start).unwrap();
        let number = Session::current().unwrap().link.issued();
        // SAFETY: no pointers of this side.
        assert_eq!(unsafe { exported::cuMemFree_v2(start) }, OK);
        // SAFETY: as above.
        assert_eq!(unsafe { exported::cuMemFree_v2(start) }, INVALID);
        self.freed.push((start, len, number));
    }

    fn free_all(&mut self) {
        while let Some((start, _)) = self.live.first_key_value() {
            self.free(*start);
        }
    }

    fn some(&self, random: &mut Random) -> Option<u64> {
        let which = random.number_below(self.live.len().max(1) as u64) as usize;
        self.live.keys().nth(which).copied()
    }

    /// Gives the device something to do.
    fn work(&self, on: u64) {
        // SAFETY: memory of the program's.
        let status = unsafe { exported::cuMemsetD8Async(on, 1, 1, std::ptr::null_mut()) };
        assert_eq!(status, OK);
    }

    fn synchronize(&self) {
        // SAFETY: no arguments.
        assert_eq!(unsafe { exported::cuCtxSynchronize() }, OK);
    }

    /// What is free is what the program does not have.
    fn look(&self) {
        let (mut free, mut total) = (0, 0);
        // SAFETY: locals.
        let status = unsafe { exported::cuMemGetInfo_v2(&raw mut free, &raw mut total) };
        assert_eq!((status, total as u64), (OK, MEMORY));
        let exact: u64 = self.live.values().sum();
        let whole = |len: &u64| len.next_multiple_of(ALIGNMENT);
        let whole: u64 = self.live.values().map(whole).sum();
        let used = MEMORY - free as u64;
        assert!((exact..=whole).contains(&used), "{used} of {exact}");
    }

    /// What the server was asked for so far.
    fn asked(&self) -> [usize; 3] {
        let state = self.state.lock().unwrap();
        assert!(state.wrong.is_empty(), "{:?}", state.wrong);
        state.asked
    }
}

fn begin(random: &Random) -> Program {
    let (ours, theirs) = Connection::pair().unwrap();
    let state = Arc::<Mutex<State>>::default();
    let server = Server {
        connection: theirs,
        buffer: Vec::new(),
        sequence: 0,
        held: Vec::new(),
        random: random.clone(),
        state: state.clone(),
    };
    std::thread::spawn(move || server.run());
    let device = DeviceSnapshot {
        total_memory: MEMORY,
        ..DeviceSnapshot::default()
    };
    let welcome = Welcome {
        version: PROTOCOL_VERSION,
        session: [7; 16],
        driver_version: API_VERSION,
        description: "a device that has memory and nothing else".to_string(),
        devices: vec![device],
        ptx_only: true,
        opcodes: Opcodes::all(),
        chosen: true,
        build: pillion_protocol::BUILD.to_string(),
    };
    Session::adopt(ours, welcome).expect("a session");
    let mut context: CUcontext = std::ptr::null_mut();
    // SAFETY: CUDA's functions as its manual calls them, with locals.
    unsafe {
        assert_eq!(exported::cuInit(0), OK);
        let retained = exported::cuDevicePrimaryCtxRetain(&raw mut context, 0);
        assert_eq!(retained, OK);
        assert_eq!(exported::cuCtxSetCurrent(context), OK);
    }
    Program {
        state,
        live: BTreeMap::new(),
        freed: Vec::new(),
    }
}

/// A step of a program that allocates, frees and has the device work.
fn step(program: &mut Program, random: &mut Random) {
    match random.number_below(20) {
        0..8 => {
            let len = match random.number_below(20) {
                0 => PART + random.number_below(60 << 20),
                1..4 => 1 + random.number_below(PART),
                _ => 1 + random.number_below(20_000),
            };
            if let Err(status) = program.allocate(len) {
                assert_eq!(status, OUT_OF_MEMORY);
                program.free_all();
            }
        }
        8..15 => {
            if let Some(start) = program.some(random) {
                if random.number_below(2) == 0 {
                    program.work(start);
                }
                program.free(start);
            }
        }
        15..18 => {
            if let Some(start) = program.some(random) {
                program.work(start);
            }
        }
        18 if random.number_below(20) == 0 => program.synchronize(),
        19 if random.number_below(20) == 0 => program.look(),
        _ => {}
    }
}

#[test]
fn memory_is_given_once_at_a_time_and_all_there_is() {
    let seed = std::env::var("PILLION_TEST_SEED").map_or_else(
        |_| {
            let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
            now.as_nanos() as u64
        },
        |seed| seed.parse().expect("a number"),
    );
    println!("PILLION_TEST_SEED={seed}");
    let mut random = Random::from_seed(seed);
    let mut program = begin(&random);
    assert_eq!(program.asked(), [0; 3], "who allocates nothing has nothing");

    // Over and over, with nothing to wait for: nobody is asked.
    for _ in 0..100 {
        let start = program.allocate(1 << 20).unwrap();
        program.free(start);
    }
    assert_eq!(program.asked()[1], 0);
    program.synchronize();
    let before = program.asked();
    for _ in 0..1000 {
        let start = program.allocate(1 + random.number_below(1 << 20)).unwrap();
        program.free(start);
    }
    assert_eq!(program.asked(), before);

    for slow in [false, true] {
        program.state.lock().unwrap().slow = slow;
        for _ in 0..20_000 {
            step(&mut program, &mut random);
        }
        program.look();
        program.free_all();
        program.look();

        // All that there is can be had in small pieces, but for what is over of blocks of other lengths,
        let mut small = Vec::new();
        while let Ok(start) = program.allocate(1 << 20) {
            program.work(start);
            small.push(start);
        }
        assert!(small.len() as u64 >= (MEMORY >> 20) - 16, "{}", small.len());
        // also where they come and go,
        for _ in 0..200 {
            let which = random.number_below(small.len() as u64) as usize;
            program.free(small[which]);
            small[which] = program.allocate(1 << 20).unwrap();
            program.work(small[which]);
        }
        program.look();
        program.free_all();
        // and in one.
        let all = program.allocate(MEMORY).unwrap();
        assert_eq!(program.allocate(1), Err(OUT_OF_MEMORY));
        program.look();
        program.free(all);
    }

    // With the context everything ends, on both sides.
    let start = program.allocate(100).unwrap();
    // SAFETY: an ordinal.
    assert_eq!(unsafe { exported::cuDevicePrimaryCtxReset_v2(0) }, OK);
    // SAFETY: no pointers of this side.
    assert_eq!(unsafe { exported::cuMemFree_v2(start) }, INVALID);
    program.asked();
}
