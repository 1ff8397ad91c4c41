//! What a hostile client, or a broken broker, can say to a worker: the entries of fuzzing.
//!
//! Sessions run on the CPU device, in this process. What would not come to an end there by itself, or would take all of the
//! machine's memory, is taken out of the device's table: it costs nobody but the session that asks for it.

use std::ffi::{c_uint, c_void};
use std::io::{self, ErrorKind, IoSlice, IoSliceMut};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use pillion_cpu_device::{DeviceOptions, driver_table};
use pillion_cuda_abi::types::{CUcontext, CUfunction, CUlaunchConfig, CUstream};
use pillion_cuda_abi::{CUresult, DriverTable, FUNCTIONS, Variant};
use pillion_protocol::command::{
    CALL_THREAD, CopyHead, LaunchHead, Load, PackedUpload, UploadHead, cuda,
};
use pillion_protocol::handle::{BY_SERVER, Kind, pack};
use pillion_protocol::packed::{Method, Packer};
use pillion_protocol::{
    DeviceSnapshot, Encoder, HEADER_LEN, Header, Interface, Reply, ReplyHeader, nvml,
};
use pillion_transport::{
    Connection, Handoff, Interest, PeerInfo, Poller, Ready, Receiver, Script, Sender, Waker,
    scripted,
};
use zerocopy::IntoBytes;

use super::calls::Calls;
use super::nvml::Management;
use super::reports::Report;
use super::said::Said;
use super::session::{Output, Session};
use super::{Device, Welcoming, assignment, snapshot};

/// Bytes of memory that each device has.
const MEMORY: u64 = 64 << 20;
/// Most bytes of host memory that are registered at once.
const MOST_REGISTERED: usize = 4 << 20;
/// Most threads of a launch.
const MOST_THREADS: u64 = 4096;
/// Most commands of one session.
const MOST_COMMANDS: usize = 400;
/// Most bytes that one command may be answered with before the client's next: far beyond what any is.
const MOST_HEARD: usize = 256 << 20;
/// How often a client has nothing to say before it leaves.
const LINGERS: usize = 40;

const KERNEL: &[u8] =
    b".version 7.0\n.target sm_75\n.address_size 64\n.visible .entry k(.param .u64 p, .param .u32 n)\n{\nret;\n}\n\0";

/// Commands that sessions are mostly made of, with their bodies, so that sessions get far: small letters are a live handle (stream
/// `s`, event `e`, graph `g`, node `o`, executable graph `x`, context `c`, user object `u`, pool `p`), capital ones a fresh one;
/// `a` is an address, `h` one of the host's, `l` a length, `n` a small number, `t` a turn, `w` what to wait for, `d` no
/// dependencies, `y` a node, `b` bytes to the end, `z` a zero.
const FORMS: &[(u16, &str, &str)] = &[
    (cuda::SYNCHRONIZE, "", "w"),
    (cuda::QUERY, "", "w"),
    (cuda::MEM_FREE, "", "a"),
    (cuda::MEM_GRANT, "", "l"),
    (cuda::MEM_QUIET, "", ""),
    (cuda::MEM_EXPORT, "", "a"),
    (cuda::ADDRESS_RANGE, "", "a"),
    (cuda::HOST_MAP, "", "hln"),
    (cuda::HOST_UNMAP, "", "h"),
    (cuda::HOST_WRITE, "", "hb"),
    (cuda::HOST_WRITE, "", "ab"),
    (cuda::HOST_READ, "", "hl"),
    (cuda::HOST_READ, "", "al"),
    (cuda::HOST_FUNCTION, "", "sn"),
    (cuda::CALL_DONE, "", "t"),
    (cuda::USER_OBJECT, "", "Unnn"),
    (cuda::BEGIN_CAPTURE, "", "snz"),
    (cuda::END_CAPTURE, "", "sG"),
    (cuda::CAPTURE_INFO, "", "s"),
    (cuda::GRAPH_LIST, "", "ngz"),
    (cuda::NODE_ADD, "", "gdy"),
    (cuda::NODE_SET, "", "zoy"),
    (cuda::NODE_GET, "", "o"),
    (cuda::GRAPH_INSTANTIATE, "", "Xgns"),
    (cuda::GRAPH_UPDATE, "", "xg"),
    (cuda::GRAPH_DOT, "", "gnz"),
    (cuda::CONTEXT_CREATE, "", "Cnnz"),
    (cuda::CONTEXT_DESTROY, "", "c"),
    (cuda::PRIMARY_RETAIN, "", "nC"),
    (cuda::PRIMARY_RESET, "", "n"),
    (cuda::DEVICE_POOL, "", "Pnn"),
    (cuda::SHARE_EXPORT, "", "npz"),
    (cuda::LINK_CREATE, "", "Lz"),
    (cuda::LINK_DESTROY, "", "L"),
    (0, "cuMemGetInfo_v2", ""),
    (0, "cuMemAlloc_v2", "l"),
    (0, "cuMemAllocManaged", "ln"),
    (0, "cuMemAllocAsync", "ls"),
    (0, "cuMemFreeAsync", "as"),
    (0, "cuMemsetD8Async", "anls"),
    (0, "cuMemcpyDtoDAsync_v2", "aals"),
    (0, "cuStreamCreate", "Sn"),
    (0, "cuStreamDestroy_v2", "s"),
    (0, "cuStreamWaitEvent", "sez"),
    (0, "cuEventCreate", "En"),
    (0, "cuEventDestroy_v2", "e"),
    (0, "cuEventRecord", "es"),
    (0, "cuEventElapsedTime_v2", "ee"),
    (0, "cuGraphCreate", "Gz"),
    (0, "cuGraphClone", "Gg"),
    (0, "cuGraphDestroy", "g"),
    (0, "cuGraphExecDestroy", "x"),
    (0, "cuUserObjectRelease", "un"),
];

/// A session after the greeting, with a client that sends `bytes` as they are. Nothing may panic, hang or write out of place, and
/// what is answered has to be frames.
pub fn frames(bytes: &[u8]) {
    let mut script = Script::new(bytes.to_vec());
    script.lingers = LINGERS;
    if let [shape, rest @ ..] = bytes {
        script.piece = [usize::MAX, 1, 7, 100][usize::from(shape & 3)];
        script.hears = [0, 1000][usize::from(shape >> 2 & 1)];
        script.says = rest.to_vec();
    }
    let (connection, heard) = scripted(script);
    serve(connection);
    let heard = heard.take();
    let mut rest = &heard[..];
    while let Some(header) = rest.first_chunk::<HEADER_LEN>() {
        let header = ReplyHeader::parse(header).expect("a reply is a frame");
        let Some(body) = rest.get(HEADER_LEN..HEADER_LEN + header.len.get() as usize) else {
            // The client has closed the connection before it has heard everything.
            return;
        };
        Reply::decode(&header, body).expect("a reply is one that clients know");
        rest = &rest[HEADER_LEN + body.len()..];
    }
}

/// A session with a client that makes commands of `bytes`: of any opcode, with bodies that have handles and addresses where those
/// might be. It starts with a context, streams, events, memory and a kernel, and knows which addresses and turns it was given.
pub fn commands(bytes: &[u8]) {
    let client = Arc::new(Mutex::new(Client::new(bytes)));
    let connection = Connection::new(
        Box::new(Ear(client.clone())),
        Box::new(Mouth(client.clone())),
        Arc::new(Patient),
        PeerInfo::new("a hostile client", true),
    );
    serve(connection);
}

/// What the management library's side is asked.
pub fn management(bytes: &[u8]) {
    let (_, devices) = device();
    let mut management = Management::new(Device::Cpu(devices.len()), devices);
    let Some((first, body)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let number = u16::from_le_bytes(*first);
    let some = nvml::FUNCTIONS[usize::from(number) % nvml::FUNCTIONS.len()].number;
    for opcode in [number, some, nvml::OPEN] {
        if let Ok(answer) = management.command(opcode, body) {
            assert!(answer.len() <= pillion_protocol::MAX_BODY);
            let Some(function) = nvml::function(opcode).filter(|_| opcode != nvml::OPEN) else {
                continue;
            };
            let request = nvml::decode_request(function, body).expect("it was understood before");
            nvml::decode_answer(function, &request, &answer).expect("clients understand it");
        }
    }
}

/// What a broker and its worker say to each other over the control socket.
pub fn handoff(bytes: &[u8]) {
    let mut words = bytes.to_vec();
    while let Ok(Some(told)) = Report::take(&mut words) {
        assert_eq!(Report::take(&mut told.encode()), Ok(Some(told)));
    }
    let mut words = bytes.to_vec();
    while let Ok(Some(_)) = Said::take(&mut words) {}
    if let Ok(Welcoming { hello, .. }) = assignment(bytes) {
        let _ = hello.negotiate();
    }
    let (Ok((broker, worker)), Some((how, bytes))) = (UnixStream::pair(), bytes.split_first())
    else {
        return;
    };
    // More would not fit the socket's buffer, and no message is longer.
    let bytes = &bytes[..bytes.len().min(pillion_transport::MAX_MESSAGE + 8)];
    let fds = [worker.as_fd(); 3];
    let sent = match how & 3 {
        // A message that is one, but whose words may be anything.
        0 => pillion_transport::send_fds(&broker, bytes, &fds[..usize::from(how >> 2 & 3)]).is_ok(),
        1 => {
            let split = usize::from(*how).min(bytes.len());
            Handoff {
                scheme: [
                    "unix", "tcp", "tls", "", "shm", "vsock", "ivshmem", "IVSHMEM", "ws", "wss",
                ][usize::from(how >> 2 & 7)]
                .to_string(),
                fds: Vec::new(),
                state: bytes[..split].to_vec().into(),
            }
            .send(&broker, &bytes[split..])
            .is_ok()
        }
        _ => io::Write::write_all(&mut &broker, bytes).is_ok(),
    };
    drop(broker);
    if sent && let Ok(Some((handoff, note))) = Handoff::receive(&worker) {
        let _ = assignment(&note);
        let _ = Connection::from_handoff(handoff);
    }
}

// ---- the session's side -------------------------------------------------------------------------------------------------

/// The CPU device, with what it has to say of itself.
fn device() -> &'static (DriverTable, Vec<DeviceSnapshot>) {
    static DEVICE: OnceLock<(DriverTable, Vec<DeviceSnapshot>)> = OnceLock::new();
    DEVICE.get_or_init(|| {
        let table = driver_table(DeviceOptions {
            devices: 2,
            memory: Some(MEMORY),
            threads: Some(1),
            ..DeviceOptions::default()
        });
        let (devices, _) = snapshot(&table).expect("the CPU device starts");
        (table, devices)
    })
}

/// The device's table, less what one process cannot have done to itself a thousand times.
fn bounded() -> DriverTable {
    let mut table = device().0.clone();
    table.cuLaunchKernel = Some(launch);
    table.cuLaunchKernelEx = Some(launch_extended);
    table.cuLaunchCooperativeKernel = Some(launch_cooperative);
    table.cuMemHostRegister_v2 = Some(register);
    // A graph may have kernels of any size in it, and a stream may wait for a value that never comes.
    table.cuGraphLaunch = None;
    table.cuStreamWaitValue32_v2 = None;
    table.cuStreamWaitValue64_v2 = None;
    table.cuStreamBatchMemOp_v2 = None;
    table
}

fn is_small(shape: [c_uint; 6]) -> bool {
    let threads = shape
        .iter()
        .try_fold(1u64, |n, side| n.checked_mul((*side).into()));
    threads.is_some_and(|threads| threads <= MOST_THREADS)
}

unsafe extern "C" fn launch(
    function: CUfunction,
    gx: c_uint,
    gy: c_uint,
    gz: c_uint,
    bx: c_uint,
    by: c_uint,
    bz: c_uint,
    shared: c_uint,
    stream: CUstream,
    parameters: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> CUresult {
    match device().0.cuLaunchKernel {
        // SAFETY: the arguments of the function that this stands for.
        Some(launch) if is_small([gx, gy, gz, bx, by, bz]) => unsafe {
            launch(
                function, gx, gy, gz, bx, by, bz, shared, stream, parameters, extra,
            )
        },
        _ => CUresult::CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES,
    }
}

unsafe extern "C" fn launch_cooperative(
    function: CUfunction,
    gx: c_uint,
    gy: c_uint,
    gz: c_uint,
    bx: c_uint,
    by: c_uint,
    bz: c_uint,
    shared: c_uint,
    stream: CUstream,
    parameters: *mut *mut c_void,
) -> CUresult {
    match device().0.cuLaunchCooperativeKernel {
        // SAFETY: as above.
        Some(launch) if is_small([gx, gy, gz, bx, by, bz]) => unsafe {
            launch(function, gx, gy, gz, bx, by, bz, shared, stream, parameters)
        },
        _ => CUresult::CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES,
    }
}

unsafe extern "C" fn launch_extended(
    config: *const CUlaunchConfig,
    function: CUfunction,
    parameters: *mut *mut c_void,
    extra: *mut *mut c_void,
) -> CUresult {
    // SAFETY: the worker's own struct.
    let c = unsafe { &*config };
    let shape = [
        c.gridDimX,
        c.gridDimY,
        c.gridDimZ,
        c.blockDimX,
        c.blockDimY,
        c.blockDimZ,
    ];
    match device().0.cuLaunchKernelEx {
        // SAFETY: as above.
        Some(launch) if is_small(shape) => unsafe { launch(config, function, parameters, extra) },
        _ => CUresult::CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES,
    }
}

unsafe extern "C" fn register(start: *mut c_void, len: usize, flags: c_uint) -> CUresult {
    match device().0.cuMemHostRegister_v2 {
        // SAFETY: as above.
        Some(register) if len <= MOST_REGISTERED => unsafe { register(start, len, flags) },
        _ => CUresult::CUDA_ERROR_OUT_OF_MEMORY,
    }
}

/// Serves a connection, and ends what the session leaves: here no process ends with it.
fn serve(connection: Connection) {
    // The host functions that wait for a client are this process's, so there is one session at a time.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = lock(&ONE);
    let (_, devices) = device();
    let management = Management::new(Device::Cpu(devices.len()), devices);
    let printed = Output {
        files: [None, None],
        read: [0, 0],
    };
    let mut session = Session::new(
        bounded(),
        connection,
        None,
        printed,
        management,
        false,
        None,
    )
    .expect("a session needs a descriptor and no more");
    let _ = session.run();
    let calls = Calls::get().expect("the session has made it");
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // No client says any more that its host functions are done.
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                calls.abandon();
                std::thread::sleep(Duration::from_micros(200));
            }
        });
        session.abandon();
        let table = &device().0;
        for ordinal in 0..devices.len() as i32 {
            let reset = table.cuDevicePrimaryCtxReset_v2.expect("it is there");
            // SAFETY: an ordinal; nobody uses the context any more.
            let _ = unsafe { reset(ordinal) };
        }
        let set = table.cuCtxSetCurrent.expect("it is there");
        // SAFETY: null.
        let _ = unsafe { set(std::ptr::null_mut::<c_void>() as CUcontext) };
        over.store(true, Ordering::Relaxed);
    });
    calls.abandon();
}

// ---- the client's side --------------------------------------------------------------------------------------------------

/// A client that makes commands of bytes.
struct Client {
    bytes: Vec<u8>,
    at: usize,
    /// Frames that are ready to be sent.
    ready: Vec<u8>,
    sequence: u64,
    commands: usize,
    lingers: usize,
    /// Bytes that arrive at once, at most.
    piece: usize,
    /// Of what it hears, the frame that is not whole yet.
    heard: Vec<u8>,
    /// How many bytes it has heard since its last command.
    since: usize,
    /// Frames of the server so far.
    frames: u64,
    /// What answers with an address, by its number.
    asked: Vec<u64>,
    addresses: Vec<u64>,
    turns: Vec<u64>,
    /// By kind, how many handles it has named.
    named: [u32; Kind::ALL.len() + 1],
    /// The server has ended the session.
    ended: bool,
}

/// Opcodes that there are.
fn opcodes() -> &'static [u16] {
    static ALL: OnceLock<Vec<u16>> = OnceLock::new();
    ALL.get_or_init(|| {
        let forwarded = FUNCTIONS.iter().filter_map(|function| function.opcode);
        cuda::ALL.iter().copied().chain(forwarded).collect()
    })
}

fn opcode(symbol: &str) -> u16 {
    FUNCTIONS
        .iter()
        .find(|f| f.symbol == symbol && f.variant == Variant::Plain)
        .and_then(|function| function.opcode)
        .expect("a function that is forwarded")
}

impl Client {
    fn new(bytes: &[u8]) -> Self {
        let mut client = Client {
            bytes: bytes.to_vec(),
            at: 0,
            ready: Vec::new(),
            sequence: 0,
            commands: 0,
            lingers: LINGERS,
            piece: usize::MAX,
            heard: Vec::new(),
            since: 0,
            frames: 0,
            asked: Vec::new(),
            addresses: Vec::new(),
            turns: Vec::new(),
            named: [0; Kind::ALL.len() + 1],
            ended: false,
        };
        client.piece = [usize::MAX, 1, 33, 1000][usize::from(client.byte() & 3)];
        client.begin();
        for (kind, count) in [
            (Kind::Context, 1),
            (Kind::Stream, 2),
            (Kind::Event, 2),
            (Kind::Module, 1),
            (Kind::Function, 1),
        ] {
            client.named[kind as usize] = count;
        }
        client
    }

    /// What every program does first.
    fn begin(&mut self) {
        let context = pack(Kind::Context, 0, 0);
        self.words(cuda::PRIMARY_RETAIN, 0, &[0, context]);
        for index in 0..2 {
            let stream = pack(Kind::Stream, 0, index);
            self.words(
                opcode("cuStreamCreate"),
                context,
                &[stream, u64::from(index)],
            );
            let event = pack(Kind::Event, 0, index);
            self.words(opcode("cuEventCreate"), context, &[event, 2]);
            self.asked.push(self.sequence + 1);
            self.words(opcode("cuMemAlloc_v2"), context, &[1 << 16]);
        }
        let head = UploadHead {
            upload: 1.into(),
            total: (KERNEL.len() as u64).into(),
            offset: 0.into(),
        };
        self.frame(
            cuda::UPLOAD,
            context,
            0,
            &[head.as_bytes(), KERNEL].concat(),
        );
        let load = Load {
            handle: pack(Kind::Module, 0, 0),
            upload: 1,
            options: Vec::new(),
            library_options: Vec::new(),
            parts: Vec::new(),
        };
        let mut body = Vec::new();
        load.encode(&mut Encoder::new(&mut body));
        self.frame(cuda::MODULE_LOAD, context, 0, &body);
        body.clear();
        let mut encoder = Encoder::new(&mut body);
        encoder.scalar(load.handle);
        encoder.scalar(pack(Kind::Function, 0, 0));
        encoder.text("k");
        self.frame(cuda::MODULE_FUNCTION, context, 0, &body);
    }

    fn words(&mut self, opcode: u16, context: u64, words: &[u64]) {
        let body: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.frame(opcode, context, 0, &body);
    }

    fn frame(&mut self, opcode: u16, context: u64, thread: u32, body: &[u8]) {
        self.send(Interface::Cuda, opcode, context, thread, body);
    }

    fn send(&mut self, to: Interface, opcode: u16, context: u64, thread: u32, body: &[u8]) {
        self.sequence += 1;
        // A session may have itself wait for its own host functions, by letting a thread that runs them do what waits for the
        // device. It harms nobody else, but would not come to an end here.
        let may_wait = !matches!(opcode, cuda::CALL_DONE | cuda::HOST_WRITE | cuda::HOST_READ);
        let thread = match may_wait {
            true => thread & !CALL_THREAD,
            false => thread,
        };
        let header = Header::new(to, opcode, body.len(), self.sequence, context, thread);
        self.ready.extend_from_slice(header.as_bytes());
        self.ready.extend_from_slice(body);
    }

    fn byte(&mut self) -> u8 {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        byte
    }

    fn number(&mut self, len: usize) -> u64 {
        (0..len).fold(0, |n, at| n | u64::from(self.byte()) << (8 * at))
    }

    /// Makes the next command, if there are bytes for one.
    fn next(&mut self) -> bool {
        if self.at >= self.bytes.len() || self.commands >= MOST_COMMANDS {
            return false;
        }
        self.commands += 1;
        self.since = 0;
        let choice = self.number(2) as u16;
        let how = self.byte();
        let thread = u32::from(how & 3) | if how & 4 != 0 { CALL_THREAD } else { 0 };
        let context = match how >> 3 & 3 {
            0 => 0,
            1 => pack(Kind::Context, 0, 1),
            _ => pack(Kind::Context, 0, 0),
        };
        let mut body = Vec::new();
        match how >> 5 {
            // A body of a form of its own, which words would seldom have.
            0 => return self.shaped(choice, context, thread),
            2.. if how & 0x20 == 0 => return self.formed(choice, context, thread),
            1 => {
                let len = usize::from(self.byte());
                body.extend((0..len).map(|_| self.byte()));
                let to = [Interface::Session, Interface::Nvml][usize::from(choice & 1)];
                self.send(to, choice >> 1, context, thread, &body);
                return true;
            }
            _ => {}
        }
        let known = opcodes();
        let opcode = match choice {
            0xff00.. => choice,
            _ => known[usize::from(choice) % known.len()],
        };
        for _ in 0..self.byte() % 16 {
            self.token(&mut body);
        }
        if matches!(opcode, 330..=360 | 570..=580 | cuda::HOST_MAP) {
            self.asked.push(self.sequence + 1);
        }
        self.frame(opcode, context, thread, &body);
        true
    }

    /// A command of [`FORMS`].
    fn formed(&mut self, choice: u16, context: u64, thread: u32) -> bool {
        let (number, symbol, form) = FORMS[usize::from(choice) % FORMS.len()];
        let opcode = if symbol.is_empty() {
            number
        } else {
            opcode(symbol)
        };
        let mut words = Vec::new();
        for letter in form.chars() {
            match letter {
                'a' => {
                    let address = self.address();
                    // As it was given, as often as not: what ends memory wants it so.
                    words.push(match self.byte() & 1 {
                        0 => address,
                        _ => address & !0xffff,
                    });
                }
                'h' => words.push(0x7000_0000_0000 + u64::from(self.byte()) * 1000),
                'l' => words.push(self.number(2)),
                'n' => words.push(u64::from(self.byte() % 6)),
                'z' => words.push(0),
                't' => {
                    let which = usize::from(self.byte());
                    let turn = self.turns.get(which % self.turns.len().max(1));
                    words.push(turn.copied().unwrap_or(1));
                }
                'w' => {
                    let what = u64::from(self.byte() % 3);
                    let handle = match what {
                        0 => 0,
                        1 => self.handle('s'),
                        _ => self.handle('e'),
                    };
                    words.extend([what, handle]);
                }
                // A count, then of an array its count and the size of its elements; no edges.
                'd' => words.extend([0, 0, 8, 0]),
                'y' => {
                    let kind = [5, 3, 6, 7, 11, 4, 0][usize::from(self.byte() % 7)];
                    words.push(kind);
                    match kind {
                        3 => words.push(7),
                        6 | 7 => words.push(self.handle('e')),
                        11 => words.push(self.address()),
                        4 => words.extend([self.handle('g'), 0]),
                        0 => {
                            words.push(pack(Kind::Function, 0, 0));
                            words.extend([0, 1, 1, 1, 32, 1, 1, 0, 16, 0, 0]);
                        }
                        _ => {}
                    }
                }
                'b' => words.resize(words.len() + usize::from(self.byte()), 0x0707),
                letter => words.push(self.handle(letter)),
            }
        }
        self.asked.push(self.sequence + 1);
        let body: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        self.frame(opcode, context, thread, &body);
        true
    }

    /// A handle of the kind that a letter stands for: a fresh one for a capital letter.
    fn handle(&mut self, letter: char) -> u64 {
        let kind = match letter.to_ascii_lowercase() {
            's' => Kind::Stream,
            'e' => Kind::Event,
            'g' => Kind::Graph,
            'o' => Kind::GraphNode,
            'x' => Kind::GraphExec,
            'c' => Kind::Context,
            'u' => Kind::UserObject,
            'p' => Kind::MemoryPool,
            _ => Kind::Link,
        };
        if letter.is_ascii_uppercase() {
            let index = self.named[kind as usize];
            self.named[kind as usize] += 1;
            return pack(kind, 0, index);
        }
        let which = u32::from(self.byte());
        match (kind, which) {
            (Kind::Stream, 0..32) => u64::from(which & 2),
            // The server names nodes.
            (Kind::GraphNode, _) => pack(kind, 0, which & 7) | BY_SERVER,
            _ => pack(kind, 0, which % self.named[kind as usize].max(1)),
        }
    }

    /// A part of a body.
    fn token(&mut self, body: &mut Vec<u8>) {
        let tag = self.byte();
        let word = match tag {
            0..64 => u64::from(tag % 16),
            64..136 => {
                let kind = Kind::ALL[usize::from(tag) % Kind::ALL.len()];
                let index = self.byte();
                let by_server = if index & 0x80 != 0 { BY_SERVER } else { 0 };
                pack(kind, u32::from(index >> 4 & 1), u32::from(index & 7)) | by_server
            }
            136..176 => self.address(),
            176..184 => {
                let which = self.byte();
                self.turns
                    .get(usize::from(which) % self.turns.len().max(1))
                    .copied()
                    .unwrap_or(0)
            }
            184..192 => u64::from(self.byte()),
            192..200 => self.number(4),
            200..208 => self.number(8),
            208..216 => 1 << (self.byte() & 63),
            216..220 => u64::MAX - u64::from(self.byte()),
            220..224 => [0, 2][usize::from(tag & 1)],
            224..240 => {
                // Bytes with their length, such as a struct, that are words themselves.
                let len = usize::from(self.byte()) % 40;
                let mut bytes = Vec::new();
                for _ in 0..len.min(12) {
                    let word = self.number(1);
                    bytes.extend_from_slice(&word.to_le_bytes());
                }
                bytes.resize(len * 8, 0);
                let at = usize::from(self.byte()) * 8;
                let address = self.address();
                if let Some(place) = bytes.get_mut(at..at + 8) {
                    place.copy_from_slice(&address.to_le_bytes());
                }
                Encoder::new(body).bytes(&bytes);
                return;
            }
            240..248 => {
                let text = ["k", "", "p", "nothing"][usize::from(self.byte() & 3)];
                Encoder::new(body).text(text);
                return;
            }
            _ => {
                let len = usize::from(self.byte());
                let byte = self.byte();
                body.resize(body.len() + len, byte);
                return;
            }
        };
        body.extend_from_slice(&word.to_le_bytes());
    }

    /// Mostly an address that there is.
    fn address(&mut self) -> u64 {
        let which = usize::from(self.byte());
        let offset = u64::from(self.byte()) * 64;
        match self.addresses.get(which % (self.addresses.len() + 1)) {
            Some(address) => address.wrapping_add(offset),
            None => 0x7000_0000_0000 + which as u64 * 0x1000 + offset,
        }
    }

    fn shaped(&mut self, choice: u16, context: u64, thread: u32) -> bool {
        let stream = match self.byte() & 3 {
            0 => 0,
            1 => 2,
            index => pack(Kind::Stream, 0, u32::from(index - 2)),
        };
        match choice % 5 {
            0 | 1 => {
                let device = self.address();
                let len = self.number(2);
                let head = CopyHead {
                    device: device.into(),
                    len: len.into(),
                    stream: stream.into(),
                    flags: u32::from(self.byte() & 5).into(),
                    reserved: 0.into(),
                };
                let mut body = head.as_bytes().to_vec();
                if choice.is_multiple_of(5) {
                    body.resize(body.len() + len as usize, 7);
                    self.frame(cuda::COPY_TO_DEVICE, context, thread, &body);
                } else {
                    self.frame(cuda::COPY_TO_HOST, context, thread, &body);
                }
            }
            2 => {
                let mut side = || (u32::from(self.byte() % 5)).into();
                let (grid, block) = ([side(), side(), side()], [side(), side(), side()]);
                let parameters = self.byte() % 20;
                let head = LaunchHead {
                    function: pack(Kind::Function, 0, 0).into(),
                    stream: stream.into(),
                    grid,
                    block,
                    shared: u32::from(self.byte()).into(),
                    flags: u32::from(self.byte() & 3).into(),
                    attributes: u32::from(self.byte() % 3).into(),
                    parameters: u32::from(parameters).into(),
                };
                let mut body = head.as_bytes().to_vec();
                let attributes = head.attributes.get() as usize * 72;
                for _ in 0..attributes + usize::from(parameters) {
                    let byte = self.byte();
                    body.push(byte);
                }
                self.frame(cuda::LAUNCH, context, thread, &body);
            }
            3 => {
                // A block that is one, as often as not with another length than it has.
                let mut block = Vec::new();
                let plain = vec![self.byte(); 1 << (self.byte() % 18)];
                let method = Method::ALL[usize::from(self.byte() & 1)];
                Packer::default().try_pack(method, &plain, &mut block);
                let len = plain.len() + usize::from(self.byte() & 1);
                if self.byte() & 1 == 0 {
                    let head = CopyHead {
                        device: self.address().into(),
                        len: (len as u64).into(),
                        stream: stream.into(),
                        flags: 0.into(),
                        reserved: 0.into(),
                    };
                    let body = [head.as_bytes(), &block].concat();
                    self.frame(cuda::COPY_PACKED, context, thread, &body);
                } else {
                    let head = UploadHead {
                        upload: self.number(1).into(),
                        total: (len as u64).into(),
                        offset: 0.into(),
                    };
                    let mut body = Vec::new();
                    PackedUpload::encode_head(&head, len, &mut Encoder::new(&mut body));
                    body.extend_from_slice(&block);
                    self.frame(cuda::UPLOAD_PACKED, context, thread, &body);
                }
            }
            _ => {
                let len = self.number(1);
                let head = UploadHead {
                    upload: self.number(1).into(),
                    total: (len + self.number(1) % 2).into(),
                    offset: 0.into(),
                };
                let mut body = head.as_bytes().to_vec();
                for _ in 0..len {
                    let byte = self.byte();
                    body.push(byte);
                }
                self.frame(cuda::UPLOAD, context, thread, &body);
            }
        }
        true
    }

    /// Takes what the server has said apart. It may only say what clients understand.
    fn hear(&mut self, bytes: &[u8]) {
        assert!(!self.ended, "nothing follows the end");
        self.since += bytes.len();
        assert!(
            self.since <= MOST_HEARD,
            "one command is answered with too much"
        );
        self.heard.extend_from_slice(bytes);
        let mut at = 0;
        while let Some(header) = self.heard[at..].first_chunk::<HEADER_LEN>() {
            let header = ReplyHeader::parse(header).expect("a reply is a frame");
            let end = at + HEADER_LEN + header.len.get() as usize;
            let Some(body) = self.heard.get(at + HEADER_LEN..end) else {
                break;
            };
            self.frames += 1;
            assert_eq!(header.sequence.get(), self.frames);
            assert!(header.answers.get() <= self.sequence);
            match Reply::decode(&header, body).expect("a reply is one that clients know") {
                Reply::Answer {
                    status: CUresult::CUDA_SUCCESS,
                    body,
                } if self.asked.contains(&header.answers.get()) => {
                    let words = body.as_chunks().0.iter().copied().map(u64::from_le_bytes);
                    // A struct's word is behind its size.
                    self.addresses
                        .extend(words.take(2).filter(|word| *word > 4096));
                }
                Reply::Call { turn, .. } if turn != 0 => self.turns.push(turn),
                Reply::End { .. } => self.ended = true,
                _ => {}
            }
            at = end;
        }
        self.heard.drain(..at);
    }
}

struct Ear(Arc<Mutex<Client>>);

impl Sender for Ear {
    fn try_send(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        let mut client = lock(&self.0);
        bufs.iter()
            .filter(|buf| !buf.is_empty())
            .for_each(|buf| client.hear(buf));
        Ok(bufs.iter().map(|buf| buf.len()).sum())
    }

    fn shutdown(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct Mouth(Arc<Mutex<Client>>);

impl Receiver for Mouth {
    fn try_recv(&mut self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
        let mut client = lock(&self.0);
        if client.ready.is_empty() && !client.next() {
            if client.lingers == 0 {
                return Ok(0);
            }
            client.lingers -= 1;
            return Err(ErrorKind::WouldBlock.into());
        }
        let Some(buf) = bufs.iter_mut().find(|buf| !buf.is_empty()) else {
            return Err(ErrorKind::InvalidInput.into());
        };
        let n = client.ready.len().min(buf.len()).min(client.piece);
        buf[..n].copy_from_slice(&client.ready[..n]);
        client.ready.drain(..n);
        Ok(n)
    }
}

/// A wait gives the device some time.
struct Patient;

impl Poller for Patient {
    fn wait(
        &self,
        interest: Interest,
        waker: Option<&Waker>,
        timeout: Option<Duration>,
    ) -> io::Result<Ready> {
        std::thread::sleep(timeout.unwrap_or_default().min(Duration::from_micros(50)));
        Ok(Ready {
            readable: interest.readable,
            writable: interest.writable,
            woken: waker.is_some_and(Waker::drain),
            closed: false,
        })
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
