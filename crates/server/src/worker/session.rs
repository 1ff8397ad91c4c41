//! One session: reads commands, executes them in order, and pushes what becomes of them.
//!
//! The loop never waits for the device. Whatever has to be waited for is an event in `waits`, which the loop asks after
//! between commands; what it finds done is answered. When there is nothing to do it stays awake for a moment, then sleeps
//! until the client sends something or, while the device works, for a small part of the time that has passed.
//!
//! A host function holds a stream until the client has run it, and the client's word that it has comes through this loop. So
//! while one is on its way, nothing is called over which the driver may wait for the device: frees are held back, and commands
//! that load code wait until the host functions have been run ([`Session::let_calls_end`]).

mod fault;
mod graph;
mod host;
mod incoming;
mod link;
mod meter;
mod parking;
mod share;
#[cfg(test)]
mod tests;
mod turn;

pub use fault::is_refusal;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::ffi::{CStr, CString, c_void};
use std::io::{ErrorKind, IoSlice, IoSliceMut};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pillion_cuda_abi::types::{
    CUDA_MEMCPY3D, CUarray, CUcontext, CUctxCreateParams, CUdevice, CUevent, CUexecAffinityParam,
    CUexecAffinityType, CUfunction, CUfunction_attribute, CUjit_option, CUkernel,
    CUlaunchAttribute, CUlaunchAttributeID, CUlaunchConfig, CUlibrary, CUmemorytype, CUmodule,
    CUpointer_attribute, CUresult, CUstream,
};
use pillion_cuda_abi::{DriverTable, FUNCTIONS, State, Variant, plain_from_bytes};
use pillion_protocol::command::{
    Box3D, CALL_THREAD, COPY_KEEP, COPY_PACK, COPY_PACK_SMALL, COPY_SYNCHRONOUS, CopyHead,
    FUNCTION_ATTRIBUTES, FunctionInfo, HOST_STANDS_IN, KnownCopy, LAUNCH_COOPERATIVE,
    LAUNCH_EXTENDED, LaunchHead, Load, Loaded, MAX_GRANT, MAX_LAUNCH_ATTRIBUTES, MAX_LOG,
    MAX_PARAMETER_BYTES, MAX_PARAMETERS, MAX_UPLOAD, MAX_UPLOADS, PackedUpload, SEND_IMAGE,
    UploadHead, UploadKnown, Wait, cuda, session as op,
};
use pillion_protocol::handle::Kind;
use pillion_protocol::numbers::Numbers;
use pillion_protocol::packed::{self, Method, Packer};
use pillion_protocol::{CHUNK, Decoder, Encoder, HEADER_LEN, Header, Interface, Reply, Violation};
use pillion_transport::sharing::{Sharing, Ticket};
use pillion_transport::{Connection, Interest, Spin};
use zerocopy::FromBytes;

use super::calls::{Calls, host_function};
use super::control::Control;
use super::events::Events;
use super::forward::Failure;
use super::generated;
use super::handles::{ContextState, Handles, Place};
use super::nvml::Management;
use super::quota;
use super::said::Said;
use super::staging::{self, BUFFER, Buffer, Staging};
use crate::account::{Account, Page};
use crate::cache::{Cache, Hash};
use host::{HostMap, HostMemory};
use incoming::Incoming;
use meter::Meter;
use parking::Parking;
use turn::Turn;

/// Bytes that one read takes at most.
const INBOX: usize = 4 << 20;
/// Bytes waiting to be sent beyond which no more commands are read.
const OUTBOX_LIMIT: usize = 64 << 20;
/// Launches behind a host function that is not run yet, beyond which the driver may wait for it.
const LAUNCHES_BEHIND_CALL: u32 = 500;
/// Most grants of memory that a session has at once.
const MOST_GRANTS: usize = 4096;
/// Most frees that are held back before the host functions have to come to their end.
const MOST_HELD: usize = 64;
/// How long a session that has ended goes on writing what it has to keep.
const LAST_WRITES: Duration = Duration::from_secs(10);
/// Most bytes that are reserved for an image because its client says that they come.
const MOST_RESERVED: usize = 64 << 20;
/// What ends an image for the driver.
const ZEROES: [u8; 16] = [0; 16];
/// Most bytes read ahead.
const READ_AHEAD: usize = 64 << 20;
/// Opcodes of forwarded functions that mean something to the worker.
const MEM_GET_INFO: u16 = 330;
const MEM_ALLOC: u16 = 331;
const MEM_ALLOC_PITCH: u16 = 332;
const MEM_ALLOC_MANAGED: u16 = 570;
const MEM_ALLOC_ASYNC: u16 = 350;
const MEM_ALLOC_FROM_POOL: u16 = 351;
const MEM_CREATE: u16 = 335;
const MEM_FREE_ASYNC: u16 = 352;
const COPY_ON_DEVICE: u16 = 370;
const LAST_MEMSET: u16 = 376;
const STREAM_DESTROY: u16 = 392;
const STREAM_WAIT_EVENT: u16 = 393;
const LAST_MEMORY_OPERATION: u16 = 401;
const EVENT_CREATE: u16 = 410;
const LAST_OF_EVENTS: u16 = 415;
const GRAPH_LAUNCH: u16 = 532;
const EVENT_RECORD: u16 = 411;
const EVENT_RECORD_FLAGS: u16 = 412;
const EVENT_DESTROY: u16 = 413;
const CONTEXT_RECORD_EVENT: u16 = 282;

const OK: CUresult = CUresult::CUDA_SUCCESS;
/// The connection is at its end, as whoever reads it finds out.
const BROKEN: Failure = Failure::Status(CUresult::CUDA_ERROR_UNKNOWN);
const NOT_SUPPORTED: Failure = Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED);

/// How a session ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// The client said goodbye or went away.
    Client,
    /// The broker went away.
    Broker,
    /// The broker ends it, and has said why.
    Ended,
    /// The client broke the protocol.
    Violation(Violation),
}

/// A session and all that it holds.
pub struct Session {
    table: DriverTable,
    connection: Connection,
    control: Option<Control>,
    input: Vec<u8>,
    start: usize,
    end: usize,
    /// How far the input is filled at once, unless a command needs more.
    window: usize,
    /// The copy that is being read to its place: then the input is empty.
    incoming: Option<Incoming>,
    output: VecDeque<Outgoing>,
    output_len: usize,
    /// The most that it was.
    #[cfg(test)]
    most_output: usize,
    sequence: u64,
    handles: Handles,
    events: Events,
    staging: Staging,
    waits: VecDeque<Waiting>,
    primaries: HashMap<CUdevice, u64>,
    uploads: HashMap<u64, Upload>,
    uploading: u64,
    images: HashMap<u64, Arc<Vec<u8>>>,
    /// What clients of the same identity have sent before.
    cache: Option<Cache>,
    /// How the parameters of their kernels lie, where the driver does not tell.
    layouts: HashMap<u64, HashMap<String, Vec<(u32, u32)>>>,
    functions: HashMap<u64, Function>,
    /// The modules of each library.
    library_modules: HashMap<u64, Vec<u64>>,
    /// What the program has allocated: how many bytes, in which context.
    allocations: HashMap<u64, (u64, u64)>,
    /// Those that the client divides by itself.
    grants: HashSet<u64>,
    /// What other sessions were told of memory of this one, by where it begins.
    exported: HashMap<u64, Ticket>,
    host: HostMemory,
    /// Managed memory, by where it begins: its length.
    managed: BTreeMap<u64, u64>,
    /// Where each of the program's events was last recorded.
    event_streams: Numbers<Place>,
    calls: &'static Calls,
    /// Host functions in streams that the client has not run yet.
    awaited_calls: HashSet<u64>,
    /// Launches issued since the first of those.
    launched_behind: u32,
    /// Bytes that were read ahead of their turn.
    ahead: Vec<u8>,
    /// Commands that were executed ahead of their turn, by their numbers.
    early: HashSet<u64>,
    /// The handles of user objects, by the client's numbers for what it runs when they are gone.
    user_objects: HashMap<u64, u64>,
    /// There is pinned memory for copies behind host functions.
    prepared: bool,
    /// Some graph may have host functions in it.
    graph_calls: bool,
    /// Launches of graphs, since there are host functions in some, that have not come to their end.
    awaited_graphs: u32,
    /// What is freed once no host function is on its way, with its context.
    held: Vec<(u64, What)>,
    /// Captures that have begun and not ended.
    captures: Vec<Capture>,
    links: HashMap<u64, link::Link>,
    sharing: Sharing,
    answers: Vec<u8>,
    answered: Vec<bool>,
    prints: bool,
    /// Something was allocated in the order of a stream.
    pools: bool,
    /// This worker has retained the first device's primary context before there was a client: until the client retains one, or
    /// shows that it wants none.
    warm: bool,
    /// This worker retains the first device's primary context until the program does.
    lent: bool,
    /// Memory was asked about in it.
    lent_for_memory: bool,
    printed: Output,
    management: Management,
    spin: Spin,
    /// Bulk data is unpacked, and packed where the client asks for it. If not, the client was not told of the opcodes.
    pub packs: bool,
    /// The client may ask about the devices, and not use them.
    pub asks_only: bool,
    /// The broker hears of faults, as others have their devices at the same time.
    pub tells_faults: bool,
    /// What the broker has said of something that is not whole yet.
    /// Why the broker ends the session. Not in [`End`], which every command passes on.
    why: String,
    /// What to pack of what the client asks for.
    packer: Packer,
    /// What it uses.
    pub account: Account,
    /// Where the broker sees that.
    pub page: Option<Page>,
    meter: Meter,
    /// Its turn on the device, where that is shared by turns.
    turn: Option<Turn>,
    parking: Parking,
    /// The broker has said something, and there was no pause in which it was heard.
    is_called: bool,
}

struct Upload {
    total: u64,
    bytes: Vec<u8>,
    /// The client has named it by this hash, and the bytes were not there.
    missing: Option<Hash>,
}

/// An upload that is whole.
struct Uploaded {
    bytes: Vec<u8>,
    /// To be kept under this hash.
    keep: Option<Hash>,
}

#[derive(Debug, Clone)]
struct Function {
    parameters: Vec<(u32, u32)>,
    /// The driver has it as a kernel of a library.
    kernel: bool,
    /// The module or library that it dies with; 0 where that is not known.
    container: u64,
}

struct Outgoing {
    bytes: Vec<u8>,
    sent: usize,
    payload: Option<(Buffer, usize)>,
    /// The payload is to be packed if that is worth it; its header comes with that, when it is its turn to be sent.
    unpacked: Option<(DataHead, Method)>,
}

/// What is to be said before the bytes of a data frame.
#[derive(Clone, Copy)]
struct DataHead {
    own: u64,
    answers: u64,
    offset: u64,
}

impl DataHead {
    /// Appends it, as that of a frame of so many bytes as they are.
    fn encode(self, len: usize, out: &mut Vec<u8>) {
        Reply::encode_data_head(self.offset, len, self.own, self.answers, out);
    }
}

/// A capture.
struct Capture {
    /// Where it began.
    place: Place,
    /// The driver's number for it.
    id: u64,
    /// The graph that this side has named because the program asked for it; none that was there before.
    graph: Option<u64>,
}

/// Something that waits for the device.
struct Waiting {
    events: Vec<Awaited>,
    context: u64,
    /// It covers everything in its context, so it comes after every earlier one that does.
    whole: bool,
    since: Instant,
    /// Commands when it began, if it covers all that was issued to its stream before.
    behind: Option<u64>,
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Awaited {
    Own(CUevent),
    Program(CUevent),
}

enum What {
    Answer(u64),
    Completed(u64),
    Data {
        sequence: u64,
        buffer: Buffer,
        len: usize,
        offset: u64,
        last: bool,
        /// The client takes it packed, too, and would have this.
        packs: Option<Method>,
    },
    /// Host memory that stands in for what a graph copies, as the device has it.
    HostData {
        sequence: u64,
        place: u64,
        len: u64,
    },
    Free(u64),
    /// The answer to [`cuda::MEM_QUIET`].
    Quiet(u64),
    HostUnmap(HostMap),
    /// A graph that may have had host functions has come to its end.
    GraphDone,
    Nothing,
}

/// What the device prints: files that stand for the process's standard streams, and how far they have been read.
#[derive(Debug)]
pub struct Output {
    /// Standard output and standard error.
    pub files: [Option<OwnedFd>; 2],
    /// Bytes already sent of each.
    pub read: [u64; 2],
}

impl What {
    /// Whether memory ends with it, or what the client takes for its end.
    fn ends_memory(&self) -> bool {
        matches!(self, What::Free(_) | What::Quiet(_) | What::HostUnmap(_))
    }
}

impl Session {
    /// A session over a connection whose greeting is done.
    pub fn new(
        table: DriverTable,
        connection: Connection,
        control: Option<OwnedFd>,
        printed: Output,
        management: Management,
        warm: bool,
        cache: Option<Cache>,
    ) -> std::io::Result<Self> {
        let mut answered = vec![false; 1024];
        for function in FUNCTIONS
            .iter()
            .filter(|f| f.variant == Variant::Plain && f.state != State::Absent)
        {
            if let Some(opcode) = function.opcode {
                answered[opcode as usize] = generated::answered(opcode);
            }
        }
        let calls = Calls::get()?;
        let control = control.map(|socket| Control::new(socket, calls));
        Ok(Session {
            calls,
            awaited_calls: HashSet::new(),
            launched_behind: 0,
            ahead: Vec::new(),
            early: HashSet::new(),
            user_objects: HashMap::new(),
            prepared: false,
            graph_calls: false,
            awaited_graphs: 0,
            held: Vec::new(),
            captures: Vec::new(),
            links: HashMap::new(),
            sharing: Sharing::default(),
            handles: Handles::new(table.clone()),
            table,
            connection,
            control: control.transpose()?,
            input: vec![0; INBOX],
            start: 0,
            end: 0,
            window: incoming::WINDOW,
            incoming: None,
            output: VecDeque::new(),
            output_len: 0,
            #[cfg(test)]
            most_output: 0,
            sequence: 0,
            events: Events::default(),
            staging: Staging::default(),
            waits: VecDeque::new(),
            primaries: HashMap::new(),
            uploads: HashMap::new(),
            uploading: 0,
            images: HashMap::new(),
            cache,
            layouts: HashMap::new(),
            functions: HashMap::new(),
            library_modules: HashMap::new(),
            managed: BTreeMap::new(),
            allocations: HashMap::new(),
            grants: HashSet::new(),
            exported: HashMap::new(),
            host: HostMemory::default(),
            event_streams: Numbers::default(),
            answers: Vec::new(),
            answered,
            prints: false,
            pools: false,
            warm,
            lent: false,
            lent_for_memory: false,
            printed,
            management,
            spin: Spin::new(),
            packs: true,
            asks_only: false,
            tells_faults: false,
            why: String::new(),
            packer: Packer::default(),
            account: Account::default(),
            page: None,
            meter: Meter::default(),
            turn: None,
            parking: Parking::default(),
            is_called: false,
        })
    }

    /// Serves until the session ends.
    pub fn run(&mut self) -> End {
        let mut idle_since = Instant::now();
        let mut idle = false;
        let mut passes = 0u32;
        loop {
            match self.pass() {
                Ok(true) => {
                    let now = Instant::now();
                    if std::mem::take(&mut idle) {
                        self.spin.learn(now - idle_since);
                    }
                    idle_since = now;
                    self.measure(now);
                    if self.is_called
                        && let Err(end) = self.obey(&mut idle_since)
                    {
                        return self.finish(end);
                    }
                    continue;
                }
                Ok(false) => {}
                Err(end) => return self.finish(end),
            }
            idle = true;
            passes += 1;
            if self.spin.stays_awake(idle_since) {
                continue;
            }
            let look = self.measure_before_sleep(idle_since);
            let pause = self.rest();
            let timeout = self.patience().or(look).or(pause);
            let timeout = Some(timeout.unwrap_or(Duration::from_secs(1)));
            let interest = Interest {
                readable: self.output_len < OUTBOX_LIMIT && !self.stalls(),
                writable: self.output_len > 0,
            };
            let waker = Some(self.calls.waker());
            match self.connection.poller.wait(interest, waker, timeout) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return self.finish(End::Client),
            }
            if let Err(end) = self.obey(&mut idle_since) {
                return self.finish(end);
            }
            if self.waits.is_empty() || passes.is_multiple_of(1024) {
                self.push_output();
            }
        }
    }

    /// Hears what the broker says, and does it.
    fn obey(&mut self, idle_since: &mut Instant) -> Result<(), End> {
        if let Some(end) = self.broker_ends() {
            return Err(end);
        }
        self.is_called = false;
        if std::mem::take(&mut self.parking.is_asked) {
            self.park()?;
            // It may have executed what came meanwhile.
            *idle_since = Instant::now();
            self.measure(*idle_since);
        }
        Ok(())
    }

    /// Does what there is to do, and answers whether there was anything.
    fn pass(&mut self) -> Result<bool, End> {
        let mut progress = false;
        if self.output_len < OUTBOX_LIMIT {
            progress |= self.receive()?;
        }
        progress |= self.poll();
        if self.calls.any() {
            self.push_calls();
            progress = true;
        }
        if !self.held.is_empty() && !self.has_calls() {
            self.let_go();
            progress = true;
        }
        progress |= self.send().map_err(|_| End::Client)?;
        Ok(progress)
    }

    /// After how long to ask again after what is awaited, if anything is: a small part of what has passed, so that a long kernel is
    /// asked after seldom, a short one at once. The last that was begun counts: it may be a short one beside a long one.
    fn patience(&self) -> Option<Duration> {
        let passed = self.waits.back()?.since.elapsed();
        Some((passed / 64).clamp(Duration::from_micros(5), Duration::from_millis(1)))
    }

    fn finish(&mut self, end: End) -> End {
        self.publish();
        let reason = match &end {
            End::Violation(violation) => {
                tracing::warn!("the client broke the protocol: {violation}");
                Some(format!("the client broke the protocol: {violation}"))
            }
            End::Ended => Some(std::mem::take(&mut self.why)),
            End::Client | End::Broker => None,
        };
        if let Some(reason) = reason {
            self.push(0, |sequence, out| {
                Reply::End { reason: &reason }.encode(sequence, 0, out)
            });
            let _ = self.send();
        }
        tracing::info!(
            commands = self.account.commands,
            launches = self.account.launches,
            bytes_in = self.account.bytes_in,
            bytes_out = self.account.bytes_out,
            bytes_cached = self.account.bytes_cached,
            bytes_saved = self.account.bytes_saved,
            peak_memory = self.account.peak_memory,
            gpu_seconds = self.account.busy as f64 / 1e9,
            objects = self.handles.count(),
            allocations = self.allocations.len(),
            "session ended"
        );
        if let Some(cache) = &self.cache {
            cache.finish(LAST_WRITES);
        }
        end
    }

    /// Ends what would otherwise end with the process. What others have issued to the device may take a while.
    pub fn abandon(&mut self) {
        let contexts: Vec<u64> = self.handles.contexts.keys().copied().collect();
        for handle in contexts {
            let raw = self.handles.contexts[&handle].raw;
            let _ = self.leave_context(handle);
            if !self.primaries.values().any(|primary| *primary == handle)
                && let Some(destroy) = self.table.cuCtxDestroy_v2
            {
                // SAFETY: a live context of this session, of which nothing is used any more.
                let _ = unsafe { destroy(raw as CUcontext) };
            }
        }
        for wait in std::mem::take(&mut self.waits) {
            if let What::HostUnmap(map) = wait.what {
                self.host.release(&self.table, map);
            }
        }
        for (_, what) in std::mem::take(&mut self.held) {
            if let What::HostUnmap(map) = what {
                self.host.release(&self.table, map);
            }
        }
        self.host.release_all(&self.table);
    }

    /// How the broker has ended the session, if it has. It says why once, and then it is gone; whoever asks again hears the same.
    fn broker_ends(&mut self) -> Option<End> {
        if !self.why.is_empty() {
            return Some(End::Ended);
        }
        let control = self.control.as_ref().filter(|control| control.any())?;
        let (said, is_over) = control.take();
        for said in said {
            match said {
                Said::Quota(bytes) => {
                    if let Some(quota) = quota::of_session() {
                        quota.set(bytes);
                    }
                }
                Said::Look => self.look_for_fault(),
                Said::Park => self.parking.is_asked = true,
                Said::Return => self.parking.may_return = true,
                Said::End(why) => {
                    self.why = why;
                    return Some(End::Ended);
                }
            }
        }
        is_over.then_some(End::Broker)
    }

    // ---- in -------------------------------------------------------------------------------------------------------------

    fn receive(&mut self) -> Result<bool, End> {
        if self.stalls() {
            // What is there has to be executed first.
            self.take_input()?;
            return Ok(!self.stalls());
        }
        let (room, came) = match self.incoming.take() {
            Some(incoming) => match self.receive_incoming(incoming)? {
                Some(0) => return Ok(true),
                Some(behind) => (incoming::NARROW, behind),
                None => return Ok(false),
            },
            None => {
                let room = self.room_to_read();
                match self.fill(room)? {
                    Some(n) => (room, n),
                    None => return Ok(false),
                }
            }
        };
        self.end += came;
        self.take_input()?;
        self.adjust_window(came == room);
        Ok(true)
    }

    /// A command that has come waits for its turn.
    fn stalls(&self) -> bool {
        self.turn.as_ref().is_some_and(|turn| turn.stalls)
    }

    /// Executes what is in the input.
    fn take_input(&mut self) -> Result<(), End> {
        // The buffer is taken so that commands may borrow their bodies from it while they change the session.
        let input = std::mem::take(&mut self.input);
        let result = self.take_frames(&input);
        self.input = input;
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        } else if self.start > 0 {
            self.input.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
        }
        result
    }

    /// Reads up to so many bytes into the input. Answers how many came, if any.
    fn fill(&mut self, room: usize) -> Result<Option<usize>, End> {
        let place = &mut self.input[self.end..self.end + room];
        if !self.ahead.is_empty() {
            let n = self.ahead.len().min(room);
            place[..n].copy_from_slice(&self.ahead[..n]);
            self.ahead.drain(..n);
            return Ok(Some(n));
        }
        let read = self
            .connection
            .receiver
            .try_recv(&mut [IoSliceMut::new(place)]);
        self.arrived(read)
    }

    /// What a read came to: how many bytes, if any.
    fn arrived(&mut self, read: std::io::Result<usize>) -> Result<Option<usize>, End> {
        match read {
            Ok(0) => Err(End::Client),
            Ok(n) => {
                self.account.bytes_in += n as u64;
                Ok(Some(n))
            }
            Err(error)
                if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) =>
            {
                Ok(None)
            }
            Err(_) => Err(End::Client),
        }
    }

    fn take_frames(&mut self, input: &[u8]) -> Result<(), End> {
        loop {
            let bytes = &input[self.start..self.end];
            let Some(header) = bytes.first_chunk::<HEADER_LEN>() else {
                return Ok(());
            };
            let header = Header::parse(header).map_err(End::Violation)?;
            if self.asks_only && header.interface == Interface::Cuda as u8 {
                return Err(End::Violation(Violation::OutOfOrder(
                    "this session is for asking about the devices (nvml), as its token or its greeting says, and this command is for using them",
                )));
            }
            if self.turn.is_some() && !self.has_turn(&header, &bytes[HEADER_LEN..]) {
                return Ok(());
            }
            let len = header.len.get() as usize;
            let Some(body) = bytes.get(HEADER_LEN..HEADER_LEN + len) else {
                if self.begin_incoming(&header, &bytes[HEADER_LEN..]) {
                    self.start = self.end;
                }
                return Ok(());
            };
            self.start += HEADER_LEN + len;
            if !self.early.is_empty() && self.early.remove(&header.sequence.get()) {
                continue;
            }
            self.account.commands += 1;
            if self.has_calls() && self.may_wait(&header, body) {
                self.let_calls_end(&input[self.start..self.end])?;
            }
            self.command(&header, body)?;
        }
    }

    /// Whether the driver may make this thread wait for the device over a command: it does when it loads code, makes streams or
    /// memory, and takes only so many launches before it waits for the oldest. Of what is issued to streams it is known not to.
    fn may_wait(&mut self, header: &Header, body: &[u8]) -> bool {
        // A host function needs its own commands to come to its end.
        if header.interface != Interface::Cuda as u8 || header.thread.get() & CALL_THREAD != 0 {
            return false;
        }
        if self.held.len() > MOST_HELD {
            return true;
        }
        match header.opcode.get() {
            cuda::LAUNCH | GRAPH_LAUNCH => {
                self.launched_behind += 1;
                self.launched_behind > LAUNCHES_BEHIND_CALL
            }
            // Pinned memory for a copy is what there is, until the device is done with some: more cannot be had now.
            cuda::COPY_TO_DEVICE | cuda::BOX_TO_DEVICE | cuda::COPY_PACKED => {
                let len = match header.opcode.get() {
                    cuda::COPY_PACKED => CHUNK,
                    _ => body.len(),
                };
                let context = header.context.get();
                let Session {
                    staging,
                    events,
                    table,
                    ..
                } = self;
                !staging.has_room(table, events, context, len)
            }
            cuda::COPY_TO_HOST => {
                let head = CopyHead::ref_from_prefix(body).map(|(head, _)| head);
                head.is_ok_and(|head| {
                    let (place, len) = (head.device.get(), head.len.get());
                    !self.host.stands_in(place, len)
                        && !self.staging.has_buffers(header.context.get(), len)
                })
            }
            cuda::BOX_TO_HOST => {
                let context = header.context.get();
                !self.staging.has_buffers(context, BUFFER as u64)
            }
            cuda::SYNCHRONIZE
            | cuda::QUERY
            | cuda::UPLOAD
            | cuda::UPLOAD_KNOWN
            | cuda::UPLOAD_PACKED
            | cuda::BOX_ON_DEVICE
            | cuda::MEM_FREE
            | cuda::MEM_QUIET
            | cuda::HOST_FUNCTION
            | cuda::CALL_DONE
            | cuda::CAPTURE_INFO
            | cuda::HOST_WRITE
            | cuda::HOST_READ => false,
            MEM_GET_INFO
            | MEM_ALLOC_ASYNC..=MEM_FREE_ASYNC
            | COPY_ON_DEVICE..=LAST_MEMSET
            | STREAM_WAIT_EVENT..=LAST_MEMORY_OPERATION
            | EVENT_CREATE..=LAST_OF_EVENTS => false,
            _ => true,
        }
    }

    /// Before a command over which the driver may wait for the device: the host functions that the device waits for come to their
    /// end. What the threads that run them say is behind commands that are not due yet, so it is read ahead and executed. `rest`
    /// is what has been read behind the command.
    fn let_calls_end(&mut self, rest: &[u8]) -> Result<(), End> {
        tracing::debug!(calls = ?self.awaited_calls, "waiting for host functions");
        let mut stream = rest.to_vec();
        let mut at = 0;
        let known = rest.len();
        stream.append(&mut self.ahead);
        loop {
            while let Some(header) = stream[at.min(stream.len())..].first_chunk::<HEADER_LEN>() {
                let header = Header::parse(header).map_err(End::Violation)?;
                let body = at + HEADER_LEN;
                let end = body + header.len.get() as usize;
                if end > stream.len() {
                    break;
                }
                if header.thread.get() & CALL_THREAD != 0
                    && !self.early.contains(&header.sequence.get())
                {
                    self.early.insert(header.sequence.get());
                    self.account.commands += 1;
                    self.command(&header, &stream[body..end])?;
                }
                at = end;
            }
            if !self.has_calls() {
                break;
            }
            let mut progress = self.poll();
            if self.calls.any() {
                self.push_calls();
                progress = true;
            }
            progress |= self.send().map_err(|_| End::Client)?;
            if stream.len() < known + READ_AHEAD {
                let mut part = vec![0; 256 << 10];
                match self
                    .connection
                    .receiver
                    .try_recv(&mut [IoSliceMut::new(&mut part)])
                {
                    Ok(0) => return Err(End::Client),
                    Ok(n) => {
                        self.account.bytes_in += n as u64;
                        stream.extend_from_slice(&part[..n]);
                        progress = true;
                    }
                    Err(error)
                        if matches!(
                            error.kind(),
                            ErrorKind::WouldBlock | ErrorKind::Interrupted
                        ) => {}
                    Err(_) => return Err(End::Client),
                }
            }
            if !progress {
                let interest = Interest {
                    readable: stream.len() < known + READ_AHEAD,
                    writable: self.output_len > 0,
                };
                let waker = Some(self.calls.waker());
                let timeout = Some(Duration::from_millis(1));
                match self.connection.poller.wait(interest, waker, timeout) {
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(_) => return Err(End::Client),
                }
                if let Some(end) = self.broker_ends() {
                    return Err(end);
                }
            }
        }
        tracing::debug!("host functions have been run");
        stream.drain(..known);
        self.ahead = stream;
        Ok(())
    }

    /// The client has run a host function.
    fn end_call(&mut self, turn: u64) {
        if let Some(call) = self.calls.release(turn) {
            self.awaited_calls.remove(&call);
            if !self.has_calls() {
                self.launched_behind = 0;
            }
        }
    }

    fn command(&mut self, header: &Header, body: &[u8]) -> Result<(), End> {
        let sequence = header.sequence.get();
        let opcode = header.opcode.get();
        tracing::trace!(sequence, opcode, thread = header.thread.get(), "command");
        match Interface::try_from(header.interface).map_err(End::Violation)? {
            Interface::Session => match opcode {
                op::PING => {
                    self.answer(sequence, OK, body);
                    Ok(())
                }
                op::GOODBYE => Err(End::Client),
                other => Err(End::Violation(Violation::UnknownOpcode(other))),
            },
            Interface::Nvml => {
                // Asking takes no context.
                self.cool();
                let answer = self.management.command(opcode, body);
                self.answer(sequence, OK, &answer.map_err(End::Violation)?);
                Ok(())
            }
            Interface::Cuda => {
                let executed = self
                    .enter(header)
                    .and_then(|()| self.execute(opcode, sequence, body));
                match executed {
                    Ok(Outcome::Silent) => Ok(()),
                    other => self.executed(opcode, sequence, other),
                }
            }
        }
    }

    /// Answers what a command came to.
    fn executed(
        &mut self,
        opcode: u16,
        sequence: u64,
        executed: Result<Outcome<'_>, Failure>,
    ) -> Result<(), End> {
        match executed {
            Ok(Outcome::Answered(body)) => {
                let body = body.to_vec();
                self.answer(sequence, OK, &body);
            }
            Ok(Outcome::Silent) => {}
            Err(Failure::Violation(violation)) => return Err(End::Violation(violation)),
            Err(Failure::Status(status)) if self.is_answered(opcode) => {
                self.count_error(status);
                self.answer(sequence, status, &[])
            }
            Err(Failure::Status(status)) => {
                self.count_error(status);
                tracing::debug!(
                    opcode,
                    name = generated::name(opcode),
                    status = status.0,
                    "failed"
                );
                self.push(sequence, |own, out| {
                    Reply::AsyncError { status }.encode(own, sequence, out)
                });
            }
        }
        Ok(())
    }

    fn is_answered(&self, opcode: u16) -> bool {
        match opcode {
            cuda::UPLOAD
            | cuda::UPLOAD_KNOWN
            | cuda::UPLOAD_PACKED
            | cuda::LAUNCH
            | cuda::COPY_TO_DEVICE
            | cuda::COPY_PACKED
            | cuda::BOX_TO_DEVICE
            | cuda::BOX_ON_DEVICE
            | cuda::HOST_FUNCTION
            | cuda::CALL_DONE
            | cuda::HOST_WRITE
            | cuda::HOST_UNMAP => false,
            0..=255 => true,
            _ => self.answered.get(opcode as usize).copied().unwrap_or(true),
        }
    }

    /// Makes the command's context current.
    fn enter(&mut self, header: &Header) -> Result<(), Failure> {
        let context = header.context.get();
        let thread = header.thread.get();
        self.handles.set_thread(thread);
        if context == self.handles.current {
            return Ok(());
        }
        // A context that has died, or a primary one that nobody has retained yet (the runtime makes it current before it
        // retains it), is as none.
        let (context, raw) = self
            .handles
            .contexts
            .get(&context)
            .map_or((0, 0), |state| (context, state.raw));
        if context == self.handles.current {
            return Ok(());
        }
        let set = self.table.cuCtxSetCurrent.ok_or(NOT_SUPPORTED)?;
        // SAFETY: null, or a live context of this session.
        check(unsafe { set(raw as CUcontext) })?;
        self.handles.current = context;
        Ok(())
    }

    /// The driver's stream of a handle.
    fn stream(&mut self, handle: u64) -> Result<u64, Failure> {
        self.handles.find(Kind::Stream, handle)
    }

    fn execute<'a>(
        &mut self,
        opcode: u16,
        sequence: u64,
        bytes: &'a [u8],
    ) -> Result<Outcome<'a>, Failure> {
        let mut body = Decoder::new(bytes);
        match opcode {
            cuda::LAUNCH => self.launch(bytes).map(|()| Outcome::Silent),
            cuda::COPY_TO_DEVICE => self.copy_to_device(bytes).map(|()| Outcome::Silent),
            cuda::COPY_PACKED | cuda::UPLOAD_PACKED => {
                self.packed(opcode, bytes).map(|()| Outcome::Silent)
            }
            cuda::COPY_KNOWN => {
                self.copy_known(bytes)?;
                self.answer_own(sequence);
                Ok(Outcome::Silent)
            }
            cuda::COPY_TO_HOST => self.copy_to_host(sequence, bytes).map(|()| Outcome::Silent),
            cuda::BOX_TO_DEVICE | cuda::BOX_TO_HOST | cuda::BOX_ON_DEVICE => self
                .copy_box(opcode, sequence, &mut body)
                .map(|()| Outcome::Silent),
            cuda::SYNCHRONIZE => self
                .synchronize(sequence, &mut body)
                .map(|()| Outcome::Silent),
            cuda::QUERY => self.query(sequence, &mut body).map(|()| Outcome::Silent),
            cuda::UPLOAD => self.upload(bytes).map(|()| Outcome::Silent),
            cuda::UPLOAD_KNOWN => self.upload_known(bytes).map(|()| Outcome::Silent),
            cuda::MODULE_LOAD | cuda::LIBRARY_LOAD => {
                self.load(opcode, &mut body)?;
                self.answer_own(sequence);
                Ok(Outcome::Silent)
            }
            cuda::MODULE_FUNCTION | cuda::LIBRARY_KERNEL | cuda::KERNEL_FUNCTION => {
                self.function(opcode, &mut body)?;
                self.answer_own(sequence);
                Ok(Outcome::Silent)
            }
            cuda::MAX_ACTIVE_CLUSTERS | cuda::MAX_POTENTIAL_CLUSTER_SIZE => {
                let value = self.clusters(opcode, bytes)?;
                self.answers.clear();
                Encoder::new(&mut self.answers).scalar(value);
                self.answer_own(sequence);
                Ok(Outcome::Silent)
            }
            cuda::HOST_MAP => {
                let (address, len, flags): (u64, u64, u64) =
                    (body.scalar()?, body.scalar()?, body.scalar()?);
                body.end()?;
                let stands_in = flags & u64::from(HOST_STANDS_IN) != 0;
                let mapped = self.host.map(&self.table, address, len, stands_in);
                let device = mapped.map_err(Failure::Status)?;
                self.answers.clear();
                Encoder::new(&mut self.answers).scalar(device);
                self.answer_own(sequence);
                Ok(Outcome::Silent)
            }
            cuda::HOST_COMMON => {
                let (address, len): (u64, u64) = (body.scalar()?, body.scalar()?);
                body.end()?;
                // Taken whatever comes of it: the next is for the next command.
                let memory = match &self.connection.descriptors {
                    Some(descriptors) => descriptors.receive().ok(),
                    None => None,
                };
                let memory = memory.ok_or(CUresult::CUDA_ERROR_INVALID_VALUE);
                let mapped = memory.and_then(|memory| {
                    let memory = memory.as_fd();
                    self.host.map_common(&self.table, address, len, memory)
                });
                mapped.map_err(Failure::Status)?;
                self.answer(sequence, OK, &[]);
                Ok(Outcome::Silent)
            }
            cuda::HOST_WRITE => {
                let address: u64 = body.scalar()?;
                let bytes = body.rest();
                let place = self.host_range(address, bytes.len() as u64)?;
                // SAFETY: within memory of the session's, which lives until it is unmapped. Kernels that run now see the
                // bytes change, as they would natively.
                unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), place, bytes.len()) };
                Ok(Outcome::Silent)
            }
            cuda::HOST_READ => {
                let (address, len): (u64, u64) = (body.scalar()?, body.scalar()?);
                body.end()?;
                let place = self.host_range(address, len)?;
                self.push_host(sequence, place, len);
                self.answer(sequence, OK, &[]);
                Ok(Outcome::Silent)
            }
            cuda::ADDRESS_RANGE => {
                let address: u64 = body.scalar()?;
                body.end()?;
                let ask = self.table.cuMemGetAddressRange_v2.ok_or(NOT_SUPPORTED)?;
                let (mut base, mut size) = (0, 0usize);
                if self.handles.current == 0 {
                    self.lend_context()?;
                    self.lent_for_memory = true;
                }
                // SAFETY: locals.
                check(unsafe { ask(&raw mut base, &raw mut size, address) })?;
                let managed = self.is_managed(address);
                if managed {
                    self.managed.insert(base, size as u64);
                }
                self.answers.clear();
                let mut answer = Encoder::new(&mut self.answers);
                answer.scalar(base);
                answer.scalar(size);
                answer.scalar(u32::from(managed));
                self.answer_own(sequence);
                Ok(Outcome::Silent)
            }
            cuda::SHARE_EXPORT | cuda::SHARE_IMPORT | cuda::MEM_EXPORT | cuda::MEM_IMPORT => {
                self.answers.clear();
                self.parking.is_shared = true;
                match opcode {
                    cuda::MEM_EXPORT => self.export_memory(&mut body)?,
                    cuda::MEM_IMPORT => self.import_memory(&mut body)?,
                    _ => self.share(opcode, &mut body)?,
                }
                self.answer_own(sequence);
                Ok(Outcome::Silent)
            }
            cuda::MEM_GRANT => {
                let address = self.grant(&mut body)?;
                self.answers.clear();
                Encoder::new(&mut self.answers).scalar(address);
                self.answer_own(sequence);
                Ok(Outcome::Silent)
            }
            cuda::MEM_QUIET => {
                body.end()?;
                self.wait_for_context(What::Quiet(sequence))?;
                Ok(Outcome::Silent)
            }
            cuda::HOST_FUNCTION | cuda::CALL_DONE => {
                self.call(opcode, &mut body).map(|()| Outcome::Silent)
            }
            cuda::USER_OBJECT..=cuda::FUNCTION_INFO => {
                self.answers.clear();
                match opcode {
                    cuda::LINK_CREATE..=cuda::LINK_DESTROY => self.link(opcode, &mut body)?,
                    _ => self.graph(opcode, &mut body)?,
                }
                self.answer_own(sequence);
                Ok(Outcome::Silent)
            }
            0..=255 => self
                .control(opcode, &mut body)
                .map(|()| Outcome::Answered(&[])),
            _ => self
                .forward(opcode, sequence, bytes)
                .map(|()| Outcome::Silent),
        }
    }

    /// Releases the context that was made ahead. Where the client has retained it, it stays.
    fn cool(&mut self) {
        if std::mem::take(&mut self.warm)
            && let Some(release) = self.table.cuDevicePrimaryCtxRelease_v2
        {
            // SAFETY: an ordinal; retained once by `make_context`.
            let _ = unsafe { release(0) };
        }
    }

    /// Commands that are answered with a status alone.
    fn control(&mut self, opcode: u16, body: &mut Decoder<'_>) -> Result<(), Failure> {
        match opcode {
            cuda::PRIMARY_RETAIN => {
                let device: CUdevice = body.scalar()?;
                let handle = body.scalar()?;
                body.end()?;
                let retain = self.table.cuDevicePrimaryCtxRetain.ok_or(NOT_SUPPORTED)?;
                let mut raw = std::ptr::null_mut();
                // SAFETY: a local.
                check(unsafe { retain(&raw mut raw, device) })?;
                self.cool();
                if (device == 0 || !self.lent_for_memory)
                    && std::mem::take(&mut self.lent)
                    && let Some(release) = self.table.cuDevicePrimaryCtxRelease_v2
                {
                    // From here the program's own retain keeps it, or nobody on a device that the program may never use.
                    // SAFETY: an ordinal.
                    let _ = unsafe { release(0) };
                    if self.handles.current == 0
                        && let Some(set) = self.table.cuCtxSetCurrent
                    {
                        // SAFETY: null.
                        let _ = unsafe { set(std::ptr::null_mut()) };
                    }
                }
                if !self.handles.is_bound(Kind::Context, handle) {
                    self.handles.vacant(Kind::Context, handle)?;
                }
                self.handles.bind(Kind::Context, handle, raw as u64);
                self.primaries.insert(device, handle);
                self.handles
                    .contexts
                    .insert(handle, ContextState::new(raw as u64, device));
                Ok(())
            }
            cuda::PRIMARY_RELEASE | cuda::PRIMARY_RESET => {
                let device: CUdevice = body.scalar()?;
                body.end()?;
                let end = match opcode {
                    cuda::PRIMARY_RELEASE => self.table.cuDevicePrimaryCtxRelease_v2,
                    _ => self.table.cuDevicePrimaryCtxReset_v2,
                };
                let end = end.ok_or(NOT_SUPPORTED)?;
                if let Some(handle) = self.primaries.remove(&device) {
                    self.leave_context(handle)?;
                }
                // SAFETY: an ordinal.
                check(unsafe { end(device) })?;
                if opcode == cuda::PRIMARY_RESET
                    && let Some(release) = self.table.cuDevicePrimaryCtxRelease_v2
                {
                    // The session retained it once; the next use retains it again.
                    // SAFETY: an ordinal.
                    let _ = unsafe { release(device) };
                }
                Ok(())
            }
            cuda::PRIMARY_SET_FLAGS => {
                let (device, flags) = (body.scalar()?, body.scalar()?);
                body.end()?;
                let set = self
                    .table
                    .cuDevicePrimaryCtxSetFlags_v2
                    .ok_or(NOT_SUPPORTED)?;
                // SAFETY: numbers.
                check(unsafe { set(device, flags) })
            }
            cuda::CONTEXT_CREATE => {
                self.cool();
                self.create_context(body)
            }
            cuda::CONTEXT_DESTROY => {
                let handle = body.scalar()?;
                body.end()?;
                let raw = self.handles.find(Kind::Context, handle)?;
                self.leave_context(handle)?;
                self.handles.forget(Kind::Context, handle);
                let destroy = self.table.cuCtxDestroy_v2.ok_or(NOT_SUPPORTED)?;
                // SAFETY: a live context of this session, of which nothing is used any more.
                check(unsafe { destroy(raw as CUcontext) })
            }
            cuda::MODULE_UNLOAD => {
                let handle = body.scalar()?;
                body.end()?;
                let raw = self.handles.find(Kind::Module, handle)?;
                self.handles.forget(Kind::Module, handle);
                let unload = self.table.cuModuleUnload.ok_or(NOT_SUPPORTED)?;
                // SAFETY: a live module of this session.
                let status = unsafe { unload(raw as CUmodule) };
                self.images.remove(&handle);
                self.layouts.remove(&handle);
                self.forget_functions(handle);
                check(status)
            }
            cuda::LIBRARY_UNLOAD => {
                let handle = body.scalar()?;
                body.end()?;
                let raw = self.handles.find(Kind::Library, handle)?;
                self.handles.forget(Kind::Library, handle);
                let unload = self.table.cuLibraryUnload.ok_or(NOT_SUPPORTED)?;
                // SAFETY: a live library of this session.
                let status = unsafe { unload(raw as CUlibrary) };
                self.images.remove(&handle);
                self.layouts.remove(&handle);
                self.forget_functions(handle);
                for module in self.library_modules.remove(&handle).unwrap_or_default() {
                    self.handles.forget(Kind::Module, module);
                    self.forget_functions(module);
                }
                check(status)
            }
            cuda::LIBRARY_MODULE => {
                let (library, handle) = (body.scalar()?, body.scalar()?);
                body.end()?;
                let of = library;
                let library = self.handles.find(Kind::Library, library)?;
                self.handles.vacant(Kind::Module, handle)?;
                let module_of = self.table.cuLibraryGetModule.ok_or(NOT_SUPPORTED)?;
                let mut raw = std::ptr::null_mut();
                // SAFETY: a local, and a live library.
                check(unsafe { module_of(&raw mut raw, library as CUlibrary) })?;
                self.handles.bind(Kind::Module, handle, raw as u64);
                self.library_modules.entry(of).or_default().push(handle);
                Ok(())
            }
            cuda::MEM_FREE => {
                let address = body.scalar()?;
                body.end()?;
                if !self.allocations.contains_key(&address) {
                    return Err(Failure::Status(CUresult::CUDA_ERROR_INVALID_VALUE));
                }
                self.managed.remove(&address);
                self.wait_for_context(What::Free(address))
            }
            cuda::HOST_UNMAP => {
                let address: u64 = body.scalar()?;
                body.end()?;
                match self.host.unmap(address) {
                    Some(map) => self.wait_for_context(What::HostUnmap(map)),
                    None => Ok(()),
                }
            }
            cuda::DEVICE_POOL => {
                let (handle, device, which): (u64, CUdevice, u32) =
                    (body.scalar()?, body.scalar()?, body.scalar()?);
                body.end()?;
                self.handles.vacant(Kind::MemoryPool, handle)?;
                let pool_of = match which {
                    0 => self.table.cuDeviceGetDefaultMemPool,
                    _ => self.table.cuDeviceGetMemPool,
                };
                let mut raw = std::ptr::null_mut();
                // SAFETY: a local.
                check(unsafe { pool_of.ok_or(NOT_SUPPORTED)?(&raw mut raw, device) })?;
                self.handles.bind(Kind::MemoryPool, handle, raw as u64);
                Ok(())
            }
            other => Err(Failure::Violation(Violation::UnknownOpcode(other))),
        }
    }

    /// Host functions, on their way to the device and back.
    fn call(&mut self, opcode: u16, body: &mut Decoder<'_>) -> Result<(), Failure> {
        if opcode == cuda::CALL_DONE {
            let turn = body.scalar()?;
            body.end()?;
            self.end_call(turn);
            return Ok(());
        }
        let stream: u64 = body.scalar()?;
        let call: u64 = body.scalar()?;
        body.end()?;
        if !self.prepared {
            // While a host function is on its way no memory can be pinned.
            self.prepared = true;
            self.staging.prepare(&self.table, &self.handles)?;
        }
        let stream = self.stream(stream)?;
        let launch = self.table.cuLaunchHostFunc.ok_or(NOT_SUPPORTED)?;
        let captured = self.handles.is_capturing(stream);
        // SAFETY: a live stream; the function takes any word.
        check(unsafe { launch(stream as CUstream, Some(host_function), call as *mut c_void) })?;
        if captured {
            self.graph_calls = true;
        } else {
            self.awaited_calls.insert(call);
        }
        Ok(())
    }

    /// Says which host functions have their turn. What their streams have copied before goes first.
    fn push_calls(&mut self) {
        for turn in self.calls.take() {
            if turn.turn == 0
                && let Some(object) = self.user_objects.remove(&turn.call)
            {
                self.handles.forget(Kind::UserObject, object);
            }
            self.push_data_before(self.waits.len());
            self.push(0, |own, out| {
                Reply::Call {
                    call: turn.call,
                    turn: turn.turn,
                }
                .encode(own, 0, out)
            });
        }
    }

    fn create_context(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let handle = body.scalar()?;
        let (flags, device, sms): (u32, CUdevice, u64) =
            (body.scalar()?, body.scalar()?, body.scalar()?);
        body.end()?;
        self.handles.vacant(Kind::Context, handle)?;
        let mut raw = std::ptr::null_mut();
        let create = self.table.cuCtxCreate_v4.ok_or(NOT_SUPPORTED)?;
        // SAFETY: a struct of numbers and pointers, for which zero is a value.
        let mut affinity: CUexecAffinityParam = unsafe { std::mem::zeroed() };
        affinity.type_ = CUexecAffinityType::CU_EXEC_AFFINITY_TYPE_SM_COUNT;
        affinity.param.smCount.val = sms as u32;
        let mut params = CUctxCreateParams {
            execAffinityParams: &raw mut affinity,
            numExecAffinityParams: 1,
            cigParams: std::ptr::null_mut(),
        };
        let params = if sms == 0 {
            std::ptr::null_mut()
        } else {
            &raw mut params
        };
        // SAFETY: locals.
        check(unsafe { create(&raw mut raw, params, flags, device) })?;
        // The driver has pushed it; commands say which context they want.
        self.handles.current = handle;
        self.handles.bind(Kind::Context, handle, raw as u64);
        self.handles
            .contexts
            .insert(handle, ContextState::new(raw as u64, device));
        Ok(())
    }

    /// Ends what this worker itself has in a context, before the context ends.
    fn leave_context(&mut self, handle: u64) -> Result<(), Failure> {
        {
            let Session {
                staging,
                handles,
                events,
                table,
                ..
            } = self;
            // Events behind what this context's slabs are read by, while there are streams to record them in.
            let _ = staging.fence(table, handles, events);
        }
        let Some(state) = self.handles.contexts.remove(&handle) else {
            return Ok(());
        };
        let set = self.table.cuCtxSetCurrent.ok_or(NOT_SUPPORTED)?;
        // SAFETY: a live context.
        check(unsafe { set(state.raw as CUcontext) })?;
        if let Some(synchronize) = self.table.cuCtxSynchronize {
            // What is under way has to be answered before its events die. The program asked for the end of everything.
            // SAFETY: no arguments.
            let _ = unsafe { synchronize() };
        }
        // What another context's streams do with this one's memory comes to its end as well.
        while let Some(wait) = self.waits.iter().find(|wait| wait.context == handle) {
            let awaited = wait.events.last().copied();
            if !self.poll() {
                match awaited {
                    Some(Awaited::Own(event) | Awaited::Program(event)) => {
                        self.events.wait(&self.table, event);
                        if !self.poll() {
                            break;
                        }
                    }
                    None => break,
                }
            }
        }
        self.waits.retain(|wait| wait.context != handle);
        // Events and pinned memory die with the context that they were made in; the events have happened.
        let Session {
            waits,
            handles,
            events,
            staging,
            output,
            output_len,
            table,
            ..
        } = self;
        for wait in waits {
            wait.events.retain(|awaited| match awaited {
                Awaited::Own(event) => events.context(*event) != handle,
                Awaited::Program(event) => handles.context_of_event(*event as u64) != Some(handle),
            });
        }
        // What is not sent yet must not be read from there any more.
        for outgoing in output {
            if let Some((buffer, len)) = outgoing.payload
                && buffer.is_of(handle)
            {
                // It is sent as it is: to pack it later there would have to be another place for it.
                if let Some((head, _)) = outgoing.unpacked.take() {
                    head.encode(len, &mut outgoing.bytes);
                    *output_len += outgoing.bytes.len();
                }
                // SAFETY: the event behind the copy has happened; the buffer dies below.
                outgoing
                    .bytes
                    .extend_from_slice(unsafe { buffer.bytes(len) });
                outgoing.payload = None;
            }
        }
        // Behind its slabs go events of other contexts, which live.
        staging.leave(table, events, handle);
        events.forget_context(handle);
        handles.forget_context(handle);
        self.captures.retain(|of| of.place.context != handle);
        self.handles.captures = !self.captures.is_empty();
        self.event_streams
            .retain(|_, place| place.context != handle);
        // Its memory ends with it, and addresses may come again.
        let freed = |(of, what): &(u64, What)| *of == handle && matches!(what, What::Free(_));
        self.held.retain(|held| !freed(held));
        for (address, (len, _)) in self.allocations.extract_if(|_, (_, of)| *of == handle) {
            self.managed.remove(&address);
            self.grants.remove(&address);
            if let Some(ticket) = self.exported.remove(&address) {
                self.sharing.end(&ticket);
            }
            self.account.release(len);
        }
        // SAFETY: null.
        let _ = unsafe { set(std::ptr::null_mut()) };
        self.handles.current = 0;
        Ok(())
    }

    fn forward(&mut self, opcode: u16, sequence: u64, bytes: &[u8]) -> Result<(), Failure> {
        let mut body = Decoder::new(bytes);
        let mut ended = None;
        match opcode {
            EVENT_RECORD | EVENT_RECORD_FLAGS => {
                let (event, stream): (u64, u64) = (body.scalar()?, body.scalar()?);
                let raw = self.handles.find(Kind::Event, event)?;
                let stream = self.stream(stream)?;
                self.detach(raw)?;
                self.event_streams.insert(raw, self.handles.place(stream));
            }
            EVENT_DESTROY | CONTEXT_RECORD_EVENT => {
                let event = if opcode == EVENT_DESTROY {
                    body.scalar()?
                } else {
                    let _: u64 = body.scalar()?;
                    body.scalar()?
                };
                let raw = self.handles.find(Kind::Event, event)?;
                self.detach(raw)?;
                self.event_streams.remove(&raw);
            }
            STREAM_DESTROY => {
                let raw = self.handles.find(Kind::Stream, body.scalar()?)?;
                // What it was given before a capture that it is part of has events behind it already.
                if !self.handles.is_capturing(raw) {
                    self.fence(raw)?;
                }
                self.staging.forget_stream(self.handles.place(raw));
                ended = Some(raw);
                self.event_streams.retain(|_, place| place.stream != raw);
            }
            STREAM_WAIT_EVENT if self.handles.captures => {
                // The event may be of a capture, of which the stream then becomes a part.
                let raw = self.stream(body.scalar()?)?;
                if !self.handles.is_capturing(raw) {
                    self.leave_to_capture(raw)?;
                }
            }
            _ => {}
        }
        self.pools |= matches!(opcode, MEM_ALLOC_ASYNC | MEM_ALLOC_FROM_POOL);
        let mut answers = std::mem::take(&mut self.answers);
        answers.clear();
        let mut result = self.dispatch(opcode, bytes, &mut answers);
        if matches!(
            opcode,
            MEM_ALLOC
                | MEM_ALLOC_PITCH
                | MEM_ALLOC_MANAGED
                | MEM_ALLOC_ASYNC
                | MEM_ALLOC_FROM_POOL
                | MEM_CREATE
        ) && result == Ok(CUresult::CUDA_ERROR_OUT_OF_MEMORY)
            && self.is_freeing()
        {
            // What has been freed but not yet given back may be enough.
            while self.is_freeing() {
                if self.has_calls() {
                    // The device waits for a host function, and this loop for the device: the program has to do without.
                    break;
                }
                if !self.held.is_empty() {
                    self.let_go();
                    continue;
                }
                if !self.poll() {
                    std::thread::yield_now();
                }
            }
            answers.clear();
            result = self.dispatch(opcode, bytes, &mut answers);
        }
        self.answers = answers;
        if opcode == GRAPH_LAUNCH && self.graph_calls && result == Ok(OK) {
            let mut body = Decoder::new(bytes);
            let (_exec, stream): (u64, u64) = (body.scalar()?, body.scalar()?);
            let stream = self.stream(stream)?;
            if !self.handles.is_capturing(stream) {
                let event = self.record(stream)?;
                self.push_wait(vec![Awaited::Own(event)], false, What::GraphDone);
                self.awaited_graphs += 1;
            }
        }
        if let Some(raw) = ended {
            // Looking it up for its end has noted it as used.
            self.handles.drop_stream(raw);
        }
        let status = result?;
        if status == OK {
            match opcode {
                MEM_ALLOC | MEM_ALLOC_PITCH | MEM_ALLOC_MANAGED => {
                    self.note_allocation(opcode, bytes)
                }
                MEM_GET_INFO => self.count_pending_frees(),
                _ => {}
            }
        }
        if !self.is_answered(opcode) {
            return check(status);
        }
        if status == OK {
            self.answer_own(sequence);
            return Ok(());
        }
        check(status)
    }

    /// Whether memory that the program has freed is not free yet.
    fn is_freeing(&self) -> bool {
        !self.held.is_empty()
            || self
                .waits
                .iter()
                .any(|wait| matches!(wait.what, What::Free(_)))
    }

    fn dispatch(
        &mut self,
        opcode: u16,
        bytes: &[u8],
        answers: &mut Vec<u8>,
    ) -> Result<CUresult, Failure> {
        generated::dispatch(
            opcode,
            &mut Decoder::new(bytes),
            &mut self.handles,
            &self.table,
            &mut Encoder::new(answers),
        )
    }

    /// What the program has freed is free to it, also where the device is not done with it yet.
    fn count_pending_frees(&mut self) {
        let pending = self.waits.iter().filter_map(|wait| match wait.what {
            What::Free(address) => self.allocations.get(&address),
            _ => None,
        });
        let pending: u64 = pending.map(|(len, _)| len).sum();
        let mut answer = Decoder::new(&self.answers);
        if let (Ok(free), Ok(total)) = (answer.pod::<u64>(), answer.pod::<u64>()) {
            self.answers.clear();
            let mut answer = Encoder::new(&mut self.answers);
            answer.pod(&free.saturating_add(pending).min(total));
            answer.pod(&total);
        }
    }

    fn note_allocation(&mut self, opcode: u16, bytes: &[u8]) {
        let mut answer = Decoder::new(&self.answers);
        let mut body = Decoder::new(bytes);
        let address = answer.pod::<u64>().unwrap_or(0);
        let len = match opcode {
            MEM_ALLOC | MEM_ALLOC_MANAGED => body.scalar::<u64>().unwrap_or(0),
            _ => {
                let _ = body.scalar::<u64>();
                let height = body.scalar::<u64>().unwrap_or(0);
                answer.pod::<u64>().unwrap_or(0).saturating_mul(height)
            }
        };
        if opcode == MEM_ALLOC_MANAGED {
            self.managed.insert(address, len);
        }
        self.hold(address, len);
    }

    /// The session has memory in the current context.
    fn hold(&mut self, address: u64, len: u64) {
        let context = self.handles.current;
        self.allocations.insert(address, (len, context));
        self.account.hold(len);
    }

    /// Memory for the client to divide. It asks for more than the program does, so that there is none is no failure: nothing is waited
    /// for, and the client asks for what the program wants.
    fn grant(&mut self, body: &mut Decoder<'_>) -> Result<u64, Failure> {
        let len = body.at_most("the length of a grant", MAX_GRANT)?;
        body.end()?;
        if self.grants.len() >= MOST_GRANTS {
            return Err(Failure::Status(CUresult::CUDA_ERROR_OUT_OF_MEMORY));
        }
        let allocate = self.table.cuMemAlloc_v2.ok_or(NOT_SUPPORTED)?;
        let mut address = 0;
        // SAFETY: a local.
        check(unsafe { allocate(&raw mut address, len as usize) })?;
        self.grants.insert(address);
        self.hold(address, len);
        Ok(address)
    }

    // ---- copies ---------------------------------------------------------------------------------------------------------

    fn copy_to_device(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let (head, data) = CopyHead::ref_from_prefix(bytes).map_err(|_| Violation::Truncated {
            missing: size_of::<CopyHead>(),
        })?;
        if head.len.get() != data.len() as u64 {
            return Err(Violation::OutOfRange {
                what: "the length of a copy",
                value: head.len.get(),
            }
            .into());
        }
        self.copy_bytes(head, 0, data)?;
        self.keep_copied(head, data);
        Ok(())
    }

    #[cold]
    fn packed(&mut self, opcode: u16, bytes: &[u8]) -> Result<(), Failure> {
        if !self.packs {
            // It is not among the opcodes that the client was told.
            return Err(Violation::UnknownOpcode(opcode).into());
        }
        match opcode {
            cuda::COPY_PACKED => self.copy_packed(bytes),
            _ => self.upload_packed(bytes),
        }
    }

    /// Unpacks a copy to where the device reads it.
    fn copy_packed(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let (head, block) = CopyHead::ref_from_prefix(bytes).map_err(|_| Violation::Truncated {
            missing: size_of::<CopyHead>(),
        })?;
        let value = head.len.get();
        if value == 0 || value > CHUNK as u64 {
            return Err(Violation::OutOfRange {
                what: "the length of a copy",
                value,
            }
            .into());
        }
        let len = value as usize;
        let stream = self.stream(head.stream.get())?;
        let place = self.room(len, stream)?;
        // SAFETY: `room` answers that many bytes, which nothing else uses before the copy is issued; the driver gives pinned memory
        // with bytes in it.
        let data = unsafe { std::slice::from_raw_parts_mut(place as *mut u8, len) };
        packed::unpack(block, data)?;
        self.account.bytes_saved += (len as u64).saturating_sub(block.len() as u64);
        self.copy_staged(head, 0, place, len, stream)?;
        self.keep_copied(head, data);
        Ok(())
    }

    /// Keeps what the client has asked to be kept of a copy.
    #[inline]
    fn keep_copied(&mut self, head: &CopyHead, data: &[u8]) {
        if head.flags.get() & COPY_KEEP != 0
            && let Some(cache) = &mut self.cache
        {
            cache.keep(None, Arc::new(data.to_vec()), data.len());
        }
    }

    /// Copies bytes to the device, so far behind where the head says.
    fn copy_bytes(&mut self, head: &CopyHead, offset: u64, data: &[u8]) -> Result<(), Failure> {
        let stream = self.stream(head.stream.get())?;
        let place = self.stage(data, stream)?;
        self.copy_staged(head, offset, place, data.len(), stream)
    }

    /// Copies what has been put into pinned memory for it.
    #[inline]
    fn copy_staged(
        &mut self,
        head: &CopyHead,
        offset: u64,
        place: usize,
        len: usize,
        stream: u64,
    ) -> Result<(), Failure> {
        let copy = self.table.cuMemcpyHtoDAsync_v2.ok_or(NOT_SUPPORTED)?;
        // SAFETY: staged bytes, which stay until the event behind this copy; the driver checks the device address.
        check(unsafe {
            copy(
                head.device.get().wrapping_add(offset),
                place as *const c_void,
                len,
                stream as CUstream,
            )
        })?;
        self.copied(head.flags.get(), stream)
    }

    /// Puts events behind all that was issued to a stream, which can then end, so that later waits for everything in its context
    /// cover it.
    fn fence(&mut self, stream: u64) -> Result<(), Failure> {
        let Session {
            staging,
            handles,
            events,
            table,
            ..
        } = self;
        staging.fence(table, handles, events)?;
        let event = self.record(stream)?;
        self.push_wait(vec![Awaited::Own(event)], true, What::Nothing);
        Ok(())
    }

    /// A stream is about to become part of a capture. From then on there can be no events behind what was issued to it before: they
    /// would become part of the graph, and asking after one would end the capture. Nor can the program's events be asked after that
    /// it may now record there anew.
    fn leave_to_capture(&mut self, stream: u64) -> Result<(), Failure> {
        self.fence(stream)?;
        let place = self.handles.place(stream);
        let theirs = self.event_streams.iter();
        let theirs = theirs.filter(|(_, of)| **of == place);
        let theirs: Vec<u64> = theirs.map(|(event, _)| *event).collect();
        theirs.into_iter().try_for_each(|event| self.detach(event))
    }

    /// Copies to the device what is there of bytes that the client names. Leaves the answer's body in `answers`.
    fn copy_known(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let known = KnownCopy::decode(bytes)?;
        let mut found = 0u64;
        for (index, (start, len, hash)) in known.chunks().enumerate() {
            let Some(cache) = &self.cache else {
                // It is not among the opcodes that the client was told.
                return Err(Violation::UnknownOpcode(cuda::COPY_KNOWN).into());
            };
            if let Some(bytes) = cache.find(hash, len) {
                self.copy_bytes(known.head, start, &bytes)?;
                self.account.bytes_cached += len;
                found |= 1 << index;
            }
        }
        self.answers.clear();
        Encoder::new(&mut self.answers).scalar(found);
        Ok(())
    }

    /// Puts bytes where the device can read them while the stream gets there.
    fn stage(&mut self, data: &[u8], stream: u64) -> Result<usize, Failure> {
        let place = self.room(data.len(), stream)?;
        // SAFETY: `room` answers that many bytes, which nothing else uses.
        unsafe { std::ptr::copy_nonoverlapping(data.as_ptr(), place as *mut u8, data.len()) };
        Ok(place)
    }

    /// Pinned memory for bytes that go to the device on a stream.
    #[inline]
    fn room(&mut self, len: usize, stream: u64) -> Result<usize, Failure> {
        let Session {
            staging,
            handles,
            events,
            table,
            ..
        } = self;
        let stream = handles.place(stream);
        staging.room(table, handles, events, len, stream)
    }

    /// After a copy that the program called synchronously, everything in every stream comes later.
    fn copied(&mut self, flags: u32, stream: u64) -> Result<(), Failure> {
        if flags & COPY_SYNCHRONOUS == 0 {
            return Ok(());
        }
        let Session {
            handles,
            events,
            table,
            ..
        } = self;
        let by = handles.place(stream);
        if handles.is_capturing_at(by) {
            return Ok(());
        }
        handles.copied(by, |handles| events.record(table, handles, by))
    }

    fn copy_to_host(&mut self, sequence: u64, bytes: &[u8]) -> Result<(), Failure> {
        let (head, rest) = CopyHead::ref_from_prefix(bytes).map_err(|_| Violation::Truncated {
            missing: size_of::<CopyHead>(),
        })?;
        if !rest.is_empty() {
            return Err(Violation::Trailing(rest.len()).into());
        }
        let (device, len) = (head.device.get(), head.len.get());
        let stream = self.stream(head.stream.get())?;
        if self.host.stands_in(device, len) {
            let event = self.record(stream)?;
            let what = What::HostData {
                sequence,
                place: device,
                len,
            };
            self.push_wait(vec![Awaited::Own(event)], false, what);
            return Ok(());
        }
        let copy = self.table.cuMemcpyDtoHAsync_v2.ok_or(NOT_SUPPORTED)?;
        let packs = match head.flags.get() {
            flags if !self.packs || flags & COPY_PACK == 0 => None,
            flags if flags & COPY_PACK_SMALL == 0 => Some(Method::Lz4),
            _ => Some(Method::Zstd),
        };
        let mut offset = 0;
        while offset < len {
            let n = staging::part(offset, len);
            self.let_buffers_go()?;
            let buffer = self.buffer(n)?;
            // SAFETY: a buffer of at least `n` bytes that nothing else uses; the driver checks the device address.
            let status = unsafe {
                copy(
                    buffer.start as *mut c_void,
                    device.wrapping_add(offset),
                    n,
                    stream as CUstream,
                )
            };
            if status != OK {
                self.staging.give_back(buffer);
                // What is under way already arrives, but the answer is this.
                for wait in &mut self.waits {
                    if let What::Data {
                        sequence: of, last, ..
                    } = &mut wait.what
                        && *of == sequence
                    {
                        *last = false;
                    }
                }
                return Err(Failure::Status(status));
            }
            let event = self.record(stream)?;
            let last = offset + n as u64 == len;
            self.push_wait(
                vec![Awaited::Own(event)],
                false,
                What::Data {
                    sequence,
                    buffer,
                    len: n,
                    offset,
                    last,
                    packs,
                },
            );
            offset += n as u64;
        }
        if len == 0 {
            self.answer(sequence, OK, &[]);
        }
        Ok(())
    }

    /// While the line is busy with what is under way, the next part of a copy waits for a buffer that is still in the processor's
    /// cache, unless the client has more to say: then all of the copy is issued, so that nothing else waits for the line.
    fn let_buffers_go(&mut self) -> Result<(), Failure> {
        let mut idle_since = Instant::now();
        // Behind a host function the device waits for this loop.
        while self.staging.keeps_busy(&self.handles) && !self.has_calls() {
            if self.start < self.end || !self.ahead.is_empty() {
                break;
            }
            let progress = self.poll() | self.send().map_err(|_| BROKEN)?;
            let mut interest = Interest::READABLE;
            let mut timeout = Duration::ZERO;
            if progress {
                idle_since = Instant::now();
            } else if idle_since.elapsed() >= self.spin.limit() {
                interest.writable = self.output_len > 0;
                timeout = self.patience().unwrap_or(Duration::from_millis(1));
            }
            match self.connection.poller.wait(interest, None, Some(timeout)) {
                Ok(ready) if ready.readable || ready.closed => break,
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(BROKEN),
                _ => {}
            }
        }
        Ok(())
    }

    /// A buffer for the way back. Where all are under way, earlier copies are finished and sent first.
    fn buffer(&mut self, len: usize) -> Result<Buffer, Failure> {
        loop {
            let Session {
                staging,
                handles,
                table,
                ..
            } = self;
            if let Some(buffer) = staging.buffer(table, handles, len)? {
                return Ok(buffer);
            }
            let any = self.poll();
            let sent = self.send().map_err(|_| BROKEN)?;
            if any || sent {
                continue;
            }
            let interest = Interest {
                readable: false,
                writable: self.output_len > 0,
            };
            let wait = Some(Duration::from_micros(50));
            match self.connection.poller.wait(interest, None, wait) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(BROKEN),
                _ => {}
            }
        }
    }

    fn copy_box(
        &mut self,
        opcode: u16,
        sequence: u64,
        body: &mut Decoder<'_>,
    ) -> Result<(), Failure> {
        let request = Box3D::decode(body)?;
        let data = body.rest();
        let mut copy: CUDA_MEMCPY3D = request.copy;
        let stream = self.stream(request.stream)?;
        for (kind, array) in [
            (copy.srcMemoryType, &mut copy.srcArray),
            (copy.dstMemoryType, &mut copy.dstArray),
        ] {
            if kind == CUmemorytype::CU_MEMORYTYPE_ARRAY {
                *array = self.handles.find(Kind::Array, *array as u64)? as CUarray;
            }
        }
        let on_device = |kind| {
            kind == CUmemorytype::CU_MEMORYTYPE_DEVICE || kind == CUmemorytype::CU_MEMORYTYPE_ARRAY
        };
        let run = self.table.cuMemcpy3DAsync_v2.ok_or(NOT_SUPPORTED)?;
        let host = match opcode {
            cuda::BOX_ON_DEVICE => {
                if !data.is_empty()
                    || !on_device(copy.srcMemoryType)
                    || !on_device(copy.dstMemoryType)
                {
                    return Err(
                        Violation::OutOfOrder("a box on the device has no host side").into(),
                    );
                }
                // SAFETY: device sides, whose addresses the driver checks.
                return check(unsafe { run(&copy, stream as CUstream) });
            }
            _ => request.packed_len().ok_or(Violation::OutOfRange {
                what: "the size of a box",
                value: copy.WidthInBytes as u64,
            })?,
        };
        if opcode == cuda::BOX_TO_DEVICE {
            if data.len() != host || !on_device(copy.dstMemoryType) {
                return Err(Violation::OutOfRange {
                    what: "the size of a box",
                    value: data.len() as u64,
                }
                .into());
            }
            copy.srcMemoryType = CUmemorytype::CU_MEMORYTYPE_HOST;
            copy.srcHost = self.stage(data, stream)? as *const c_void;
            (copy.srcXInBytes, copy.srcY, copy.srcZ) = (0, 0, 0);
            (copy.srcPitch, copy.srcHeight) = (copy.WidthInBytes, copy.Height);
            // SAFETY: staged bytes of the box's size; the driver checks the device side.
            check(unsafe { run(&copy, stream as CUstream) })?;
            return self.copied(request.flags, stream);
        }
        if !data.is_empty() || !on_device(copy.srcMemoryType) {
            return Err(Violation::Trailing(data.len()).into());
        }
        let buffer = self.buffer(host)?;
        copy.dstMemoryType = CUmemorytype::CU_MEMORYTYPE_HOST;
        copy.dstHost = buffer.start as *mut c_void;
        (copy.dstXInBytes, copy.dstY, copy.dstZ) = (0, 0, 0);
        (copy.dstPitch, copy.dstHeight) = (copy.WidthInBytes, copy.Height);
        // SAFETY: a buffer of the box's size that nothing else uses; the driver checks the device side.
        let status = unsafe { run(&copy, stream as CUstream) };
        if status != OK {
            self.staging.give_back(buffer);
            return Err(Failure::Status(status));
        }
        let event = self.record(stream)?;
        let what = What::Data {
            sequence,
            buffer,
            len: host,
            offset: 0,
            last: true,
            packs: None,
        };
        self.push_wait(vec![Awaited::Own(event)], false, what);
        Ok(())
    }

    /// Whether the device says of an address that it is managed memory.
    fn is_managed(&self, address: u64) -> bool {
        let Some(ask) = self.table.cuPointerGetAttribute else {
            return false;
        };
        let mut managed = 0u32;
        // SAFETY: a local of the attribute's type.
        let status = unsafe {
            ask(
                (&raw mut managed).cast(),
                CUpointer_attribute::CU_POINTER_ATTRIBUTE_IS_MANAGED,
                address,
            )
        };
        status == OK && managed != 0
    }

    /// A range of host memory that kernels use in place.
    fn host_range(&self, address: u64, len: u64) -> Result<*mut u8, Failure> {
        let end = address
            .checked_add(len)
            .ok_or(Failure::Status(CUresult::CUDA_ERROR_INVALID_VALUE))?;
        let inside = self.host.range(address, len);
        // Managed memory of a process that has no context yet is read and written where it lies, too.
        let managed = self
            .managed
            .range(..=address)
            .next_back()
            .is_some_and(|(start, size)| end <= start + size);
        match inside.or(managed.then_some(address)) {
            Some(place) => Ok(place as *mut u8),
            None => Err(Failure::Status(CUresult::CUDA_ERROR_INVALID_VALUE)),
        }
    }

    // ---- modules --------------------------------------------------------------------------------------------------------

    fn upload(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let (head, data) =
            UploadHead::ref_from_prefix(bytes).map_err(|_| Violation::Truncated {
                missing: size_of::<UploadHead>(),
            })?;
        self.upload_part(head, data)
    }

    fn upload_packed(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let part = PackedUpload::decode(bytes)?;
        let mut data = vec![0; part.len];
        packed::unpack(part.block, &mut data)?;
        self.account.bytes_saved += (part.len as u64).saturating_sub(part.block.len() as u64);
        self.upload_part(part.head, &data)
    }

    fn upload_part(&mut self, head: &UploadHead, data: &[u8]) -> Result<(), Failure> {
        let (number, total, offset) = (head.upload.get(), head.total.get(), head.offset.get());
        let wrong = |what, value| Err(Failure::Violation(Violation::OutOfRange { what, value }));
        if total > MAX_UPLOAD {
            return wrong("the length of an upload", total);
        }
        self.room_for_upload(number)?;
        let upload = self.uploads.entry(number).or_insert(Upload {
            total,
            bytes: Vec::new(),
            missing: None,
        });
        if upload.bytes.is_empty() {
            // What is larger than any image that is grows as it comes.
            let room = (total as usize).min(MOST_RESERVED) + ZEROES.len();
            upload.bytes.reserve_exact(room);
        }
        if upload.total != total
            || upload.bytes.len() as u64 != offset
            || offset + data.len() as u64 > total
        {
            return wrong("the offset of an upload", offset);
        }
        self.uploading += data.len() as u64;
        if self.uploading > MAX_UPLOAD {
            return wrong("the length of all uploads", self.uploading);
        }
        upload.bytes.extend_from_slice(data);
        Ok(())
    }

    fn room_for_upload(&self, number: u64) -> Result<(), Violation> {
        if self.uploads.len() >= MAX_UPLOADS && !self.uploads.contains_key(&number) {
            return Err(Violation::OutOfOrder("there are too many uploads"));
        }
        Ok(())
    }

    /// An image that may be there from before.
    fn upload_known(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let Some(cache) = &self.cache else {
            // It is not among the opcodes that the client was told.
            return Err(Violation::UnknownOpcode(cuda::UPLOAD_KNOWN).into());
        };
        let known = UploadKnown::decode(bytes)?;
        let (number, total) = (known.upload.get(), known.total.get());
        if self.uploads.contains_key(&number) {
            return Err(Violation::OutOfOrder("an upload begins twice").into());
        }
        self.room_for_upload(number)?;
        if self.uploading + total > MAX_UPLOAD {
            return Err(Violation::OutOfRange {
                what: "the length of all uploads",
                value: self.uploading + total,
            }
            .into());
        }
        let (bytes, missing) = match cache.find(&known.hash, total) {
            Some(bytes) => (bytes, None),
            None => (Vec::new(), Some(known.hash)),
        };
        self.uploading += bytes.len() as u64;
        self.account.bytes_cached += bytes.len() as u64;
        let upload = Upload {
            total,
            bytes,
            missing,
        };
        self.uploads.insert(number, upload);
        Ok(())
    }

    /// Takes an upload that a command names; `None` where the client has to send it first, which `answers` says then.
    fn uploaded(&mut self, number: u64) -> Result<Option<Uploaded>, Failure> {
        let invalid = Violation::OutOfOrder("a command names an upload that is not whole");
        let Some(upload) = self.uploads.get(&number) else {
            return Err(invalid.into());
        };
        if upload.missing.is_some() && upload.bytes.is_empty() {
            self.answers.clear();
            Encoder::new(&mut self.answers).scalar(SEND_IMAGE);
            return Ok(None);
        }
        self.uploading -= upload.bytes.len() as u64;
        let whole = upload.bytes.len() as u64 == upload.total;
        match self.uploads.remove(&number) {
            Some(upload) if whole => Ok(Some(Uploaded {
                bytes: upload.bytes,
                keep: upload.missing,
            })),
            _ => Err(invalid.into()),
        }
    }

    /// Keeps what the client has sent, and named by this hash before, for its next sessions.
    fn keep(&mut self, hash: Option<Hash>, bytes: &Arc<Vec<u8>>, len: usize) {
        if let (Some(cache), Some(hash)) = (&mut self.cache, hash) {
            cache.keep(Some(hash), Arc::clone(bytes), len);
        }
    }

    /// Leaves the answer's body in `answers`.
    fn load(&mut self, opcode: u16, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let load = Load::decode(body)?;
        body.end()?;
        let kind = if opcode == cuda::MODULE_LOAD {
            Kind::Module
        } else {
            Kind::Library
        };
        self.handles.vacant(kind, load.handle)?;
        let Some(upload) = self.uploaded(load.upload)? else {
            return Ok(());
        };
        let mut image = upload.bytes;
        let len = image.len();
        self.prints = self.prints
            || len > 4 << 20
            || is_compressed(&image)
            || memchr::memmem::find(&image, b"vprintf").is_some();
        // Whoever reads text stops at a zero; whoever reads a structure does not read beyond it.
        image.extend_from_slice(&ZEROES);
        let image = Arc::new(image);
        let parts = self.parts(&load, &image)?;
        let pointer = parts
            .as_ref()
            .map_or(image.as_ptr().cast::<c_void>(), |parts| {
                parts.wrapper.as_ptr().cast()
            });
        let mut jit = Jit::new(&load.options);
        let (status, raw) = match kind {
            Kind::Module => {
                let function = self.table.cuModuleLoadDataEx.ok_or(NOT_SUPPORTED)?;
                let mut raw = std::ptr::null_mut();
                // SAFETY: an image that ends in zeroes, and options with buffers of the sizes they say.
                let status = unsafe {
                    function(
                        &raw mut raw,
                        pointer,
                        jit.options.len() as u32,
                        jit.options.as_mut_ptr(),
                        jit.values.as_mut_ptr(),
                    )
                };
                (status, raw as u64)
            }
            _ => {
                let function = self.table.cuLibraryLoadData.ok_or(NOT_SUPPORTED)?;
                let mut raw = std::ptr::null_mut();
                let none = std::ptr::null_mut();
                // SAFETY: as above; no library options.
                let status = unsafe {
                    function(
                        &raw mut raw,
                        pointer,
                        jit.options.as_mut_ptr(),
                        jit.values.as_mut_ptr(),
                        jit.options.len() as u32,
                        none,
                        std::ptr::null_mut(),
                        0,
                    )
                };
                (status, raw as u64)
            }
        };
        let loaded = jit.loaded();
        self.answers.clear();
        let mut answer = Encoder::new(&mut self.answers);
        answer.scalar(status);
        loaded.encode(&mut answer);
        if status == OK {
            self.handles.bind(kind, load.handle, raw);
            self.keep(upload.keep, &image, len);
            // The driver may load lazily from it.
            self.images.insert(load.handle, image);
            if let Some(parts) = parts {
                // As long as the session: small, and seldom.
                std::mem::forget(parts);
            }
        }
        Ok(())
    }

    fn parts(&self, load: &Load, image: &[u8]) -> Result<Option<Parts>, Failure> {
        if load.parts.is_empty() {
            return Ok(None);
        }
        let total = load
            .parts
            .iter()
            .try_fold(0u64, |sum, part| sum.checked_add(*part));
        if total.is_none_or(|total| total > image.len() as u64) {
            return Err(Violation::OutOfRange {
                what: "the length of parts",
                value: total.unwrap_or(u64::MAX),
            }
            .into());
        }
        let mut starts = Vec::new();
        let mut at = 0;
        for part in &load.parts {
            starts.push(image[at..].as_ptr() as u64);
            at += *part as usize;
        }
        let data = starts.remove(0);
        starts.push(0);
        let list = starts.into_boxed_slice();
        // { magic, version 2, data, list }
        let wrapper = Box::new([0x2_4662_43b1u64, data, list.as_ptr() as u64]);
        Ok(Some(Parts {
            wrapper,
            _list: list,
        }))
    }

    /// Leaves the answer's body in `answers`.
    fn function(&mut self, opcode: u16, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let from: u64 = body.scalar()?;
        let handle: u64 = body.scalar()?;
        self.handles.vacant(Kind::Function, handle)?;
        let mut raw_function = std::ptr::null_mut();
        let mut raw_kernel = std::ptr::null_mut();
        let kernel = opcode == cuda::LIBRARY_KERNEL;
        let container = match opcode {
            cuda::KERNEL_FUNCTION => self.functions.get(&from).map_or(0, |of| of.container),
            _ => from,
        };
        let mut name = CString::default();
        match opcode {
            cuda::MODULE_FUNCTION => {
                name = body.text()?;
                let module = self.handles.find(Kind::Module, from)?;
                let find = self.table.cuModuleGetFunction.ok_or(NOT_SUPPORTED)?;
                // SAFETY: a local, a live module, a C string.
                check(unsafe { find(&raw mut raw_function, module as CUmodule, name.as_ptr()) })?;
            }
            cuda::LIBRARY_KERNEL => {
                name = body.text()?;
                let library = self.handles.find(Kind::Library, from)?;
                let find = self.table.cuLibraryGetKernel.ok_or(NOT_SUPPORTED)?;
                // SAFETY: a local, a live library, a C string.
                check(unsafe { find(&raw mut raw_kernel, library as CUlibrary, name.as_ptr()) })?;
            }
            _ => {
                let of = self.handles.find(Kind::Function, from)?;
                let find = self.table.cuKernelGetFunction.ok_or(NOT_SUPPORTED)?;
                // SAFETY: a local and a live kernel.
                check(unsafe { find(&raw mut raw_function, of as CUkernel) })?;
            }
        }
        body.end()?;
        let raw = if kernel {
            raw_kernel as u64
        } else {
            raw_function as u64
        };
        if self.handles.current == 0 {
            self.lend_context()?;
        }
        let mut info = self.function_info(raw, kernel);
        if info.parameters.is_empty() {
            info.parameters = match opcode {
                cuda::KERNEL_FUNCTION => {
                    let of = self.functions.get(&from);
                    of.map_or_else(Vec::new, |of| of.parameters.clone())
                }
                _ => self.parameters(container, &name),
            };
        }
        if kernel {
            self.handles.bind_free(Kind::Function, handle, raw);
        } else {
            self.handles.bind(Kind::Function, handle, raw);
        }
        self.functions.insert(
            handle,
            Function {
                parameters: info.parameters.clone(),
                kernel,
                container,
            },
        );
        self.answers.clear();
        info.encode(&mut Encoder::new(&mut self.answers));
        Ok(())
    }

    /// How a kernel's parameters lie, from its image: drivers before CUDA 12.4 do not tell. The kernel of any machine code or
    /// text does, since all come from one source.
    fn parameters(&mut self, container: u64, kernel: &CStr) -> Vec<(u32, u32)> {
        if self.table.cuFuncGetParamInfo.is_some() {
            return Vec::new();
        }
        let library = self
            .library_modules
            .iter()
            .find(|(_, modules)| modules.contains(&container));
        let container = library.map_or(container, |(library, _)| *library);
        let kernels = self.layouts.entry(container).or_insert_with(|| {
            let image = self
                .images
                .get(&container)
                .map_or(&[][..], |image| image.as_slice());
            let mut kernels = HashMap::new();
            for kernel in pillion_image::kernels(image, MAX_UPLOAD) {
                let parameters = kernel.params.iter();
                let parameters = parameters.map(|param| (param.offset, param.size)).collect();
                kernels.entry(kernel.name).or_insert(parameters);
            }
            kernels
        });
        kernel
            .to_str()
            .ok()
            .and_then(|name| kernels.get(name))
            .cloned()
            .unwrap_or_default()
    }

    /// Forgets the functions of a module or library that has gone.
    fn forget_functions(&mut self, container: u64) {
        let handles = &mut self.handles;
        self.functions.retain(|handle, function| {
            if function.container == container {
                handles.forget(Kind::Function, *handle);
            }
            function.container != container
        });
    }

    /// The driver tells of a kernel only where there is a context, and runtimes ask for kernels before they retain one. The
    /// first device's primary context serves, which the program is about to retain.
    fn lend_context(&mut self) -> Result<(), Failure> {
        if self.lent {
            return Ok(());
        }
        let retain = self.table.cuDevicePrimaryCtxRetain.ok_or(NOT_SUPPORTED)?;
        let set = self.table.cuCtxSetCurrent.ok_or(NOT_SUPPORTED)?;
        let mut raw = std::ptr::null_mut();
        // SAFETY: a local.
        check(unsafe { retain(&raw mut raw, 0) })?;
        self.lent = true;
        // Commands of the program still find that it has no context: `enter` sets what they ask for.
        // SAFETY: the context that was retained above.
        check(unsafe { set(raw) })
    }

    fn function_info(&self, raw: u64, kernel: bool) -> FunctionInfo {
        let mut info = FunctionInfo {
            parameters: Vec::new(),
            attributes: [i32::MIN; FUNCTION_ATTRIBUTES],
        };
        for index in 0..MAX_PARAMETERS {
            let (mut offset, mut size) = (0usize, 0usize);
            // SAFETY: locals, and a live kernel or function.
            let status = unsafe {
                match (
                    kernel,
                    self.table.cuKernelGetParamInfo,
                    self.table.cuFuncGetParamInfo,
                ) {
                    (true, Some(ask), _) => {
                        ask(raw as CUkernel, index, &raw mut offset, &raw mut size)
                    }
                    (false, _, Some(ask)) => {
                        ask(raw as CUfunction, index, &raw mut offset, &raw mut size)
                    }
                    _ => CUresult::CUDA_ERROR_NOT_SUPPORTED,
                }
            };
            if status != OK || offset + size > MAX_PARAMETER_BYTES {
                break;
            }
            info.parameters.push((offset as u32, size as u32));
        }
        let device = self
            .handles
            .contexts
            .get(&self.handles.current)
            .map_or(0, |state| state.device);
        for (index, place) in info.attributes.iter_mut().enumerate() {
            let attribute = CUfunction_attribute(index as u32);
            let mut value = 0;
            // SAFETY: as above.
            let status = unsafe {
                match (
                    kernel,
                    self.table.cuKernelGetAttribute,
                    self.table.cuFuncGetAttribute,
                ) {
                    (true, Some(ask), _) => ask(&raw mut value, attribute, raw as CUkernel, device),
                    (false, _, Some(ask)) => ask(&raw mut value, attribute, raw as CUfunction),
                    _ => CUresult::CUDA_ERROR_NOT_SUPPORTED,
                }
            };
            if status == OK {
                *place = value;
            }
        }
        info
    }

    // ---- launches -------------------------------------------------------------------------------------------------------

    fn launch(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let (head, attributes, block) = launch_parts(bytes)?;
        let stream = self.stream(head.stream.get())?;
        let function = self.handles.find(Kind::Function, head.function.get())? as CUfunction;
        let mut len = block.len();
        // CU_LAUNCH_PARAM_BUFFER_POINTER, CU_LAUNCH_PARAM_BUFFER_SIZE, CU_LAUNCH_PARAM_END
        let mut extra = [
            std::ptr::without_provenance_mut(1),
            block.as_ptr().cast_mut().cast(),
            std::ptr::without_provenance_mut(2),
            (&raw mut len).cast(),
            std::ptr::null_mut(),
        ];
        let extra = if block.is_empty() {
            std::ptr::null_mut()
        } else {
            extra.as_mut_ptr()
        };
        let [gx, gy, gz] = head.grid.map(|n| n.get());
        let [bx, by, bz] = head.block.map(|n| n.get());
        let shared = head.shared.get();
        self.account.launches += 1;
        if head.flags.get() & LAUNCH_COOPERATIVE != 0 {
            let known = self
                .functions
                .get(&head.function.get())
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_INVALID_HANDLE))?;
            let mut pointers = Vec::with_capacity(known.parameters.len());
            for (offset, size) in &known.parameters {
                let range = *offset as usize..(*offset + *size) as usize;
                let value = block.get(range).ok_or(Violation::OutOfRange {
                    what: "the length of parameters",
                    value: len as u64,
                })?;
                pointers.push(value.as_ptr().cast_mut().cast::<c_void>());
            }
            let run = self.table.cuLaunchCooperativeKernel.ok_or(NOT_SUPPORTED)?;
            // SAFETY: a live function and stream; a pointer for each parameter, into the block.
            return check(unsafe {
                run(
                    function,
                    gx,
                    gy,
                    gz,
                    bx,
                    by,
                    bz,
                    shared,
                    stream as CUstream,
                    pointers.as_mut_ptr(),
                )
            });
        }
        if head.flags.get() & LAUNCH_EXTENDED != 0 {
            let mut attributes = self.attributes(attributes)?;
            let config = CUlaunchConfig {
                gridDimX: gx,
                gridDimY: gy,
                gridDimZ: gz,
                blockDimX: bx,
                blockDimY: by,
                blockDimZ: bz,
                sharedMemBytes: shared,
                hStream: stream as CUstream,
                attrs: attributes.as_mut_ptr(),
                numAttrs: attributes.len() as u32,
            };
            let run = self.table.cuLaunchKernelEx.ok_or(NOT_SUPPORTED)?;
            // SAFETY: a live function and stream, and parameters as the block says.
            return check(unsafe { run(&config, function, std::ptr::null_mut(), extra) });
        }
        let run = self.table.cuLaunchKernel.ok_or(NOT_SUPPORTED)?;
        // SAFETY: a live function and stream, and parameters as the block says.
        check(unsafe {
            run(
                function,
                gx,
                gy,
                gz,
                bx,
                by,
                bz,
                shared,
                stream as CUstream,
                std::ptr::null_mut(),
                extra,
            )
        })
    }

    fn attributes(&mut self, bytes: &[u8]) -> Result<Vec<CUlaunchAttribute>, Failure> {
        let mut list: Vec<CUlaunchAttribute> = bytes
            .chunks_exact(size_of::<CUlaunchAttribute>())
            .map(plain_from_bytes)
            .collect();
        for attribute in &mut list {
            match attribute.id {
                CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT => {
                    // SAFETY: the id says which member is set; any bits are a value of it.
                    let event = unsafe { attribute.value.programmaticEvent.event } as u64;
                    attribute.value.programmaticEvent.event =
                        self.handles.find(Kind::Event, event)? as CUevent;
                }
                CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_LAUNCH_COMPLETION_EVENT => {
                    // SAFETY: the id says which member is set; any bits are a value of it.
                    let event = unsafe { attribute.value.launchCompletionEvent.event } as u64;
                    attribute.value.launchCompletionEvent.event =
                        self.handles.find(Kind::Event, event)? as CUevent;
                }
                CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE => {
                    return Err(NOT_SUPPORTED);
                }
                _ => {}
            }
        }
        Ok(list)
    }

    fn clusters(&mut self, opcode: u16, bytes: &[u8]) -> Result<i32, Failure> {
        let (head, attributes, _) = launch_parts(bytes)?;
        let stream = self.stream(head.stream.get())?;
        let function = self.handles.find(Kind::Function, head.function.get())? as CUfunction;
        let mut attributes = self.attributes(attributes)?;
        let [gx, gy, gz] = head.grid.map(|n| n.get());
        let [bx, by, bz] = head.block.map(|n| n.get());
        let config = CUlaunchConfig {
            gridDimX: gx,
            gridDimY: gy,
            gridDimZ: gz,
            blockDimX: bx,
            blockDimY: by,
            blockDimZ: bz,
            sharedMemBytes: head.shared.get(),
            hStream: stream as CUstream,
            attrs: attributes.as_mut_ptr(),
            numAttrs: attributes.len() as u32,
        };
        let ask = match opcode {
            cuda::MAX_ACTIVE_CLUSTERS => self.table.cuOccupancyMaxActiveClusters,
            _ => self.table.cuOccupancyMaxPotentialClusterSize,
        };
        let mut value = 0;
        // SAFETY: a local, a live function, and a configuration with its attributes.
        check(unsafe { ask.ok_or(NOT_SUPPORTED)?(&raw mut value, function, &config) })?;
        Ok(value)
    }

    // ---- waits ----------------------------------------------------------------------------------------------------------

    /// Records an event of this worker's own on a stream.
    fn record(&mut self, stream: u64) -> Result<CUevent, Failure> {
        let place = self.handles.place(stream);
        self.events.record(&self.table, &self.handles, place)
    }

    fn push_wait(&mut self, events: Vec<Awaited>, whole: bool, what: What) {
        let context = self.handles.current;
        let own = |awaited: &Awaited| matches!(awaited, Awaited::Own(_));
        self.waits.push_back(Waiting {
            behind: events.iter().all(own).then_some(self.account.commands),
            events,
            context,
            whole,
            since: Instant::now(),
            what,
        });
    }

    /// Waits for everything issued so far in the current context, and what ends memory for everything in every context: streams
    /// of another device may use it, too.
    fn wait_for_context(&mut self, what: What) -> Result<(), Failure> {
        let invalid = Failure::Status(CUresult::CUDA_ERROR_INVALID_CONTEXT);
        let current = self.handles.current;
        let mut others = Vec::new();
        if what.ends_memory() {
            for (context, state) in &self.handles.contexts {
                let streams = state.dirty.iter().filter(|_| *context != current);
                others.extend(streams.map(|stream| Place {
                    context: *context,
                    stream: *stream,
                }));
            }
        }
        let state = self.handles.contexts.get_mut(&current).ok_or(invalid)?;
        // Earlier waits for the whole context come first, so only what was used since needs an event.
        let mut dirty = std::mem::take(&mut state.dirty);
        if !dirty.contains(&0) {
            // Work that this side knows no stream of, such as a memset on the legacy stream.
            dirty.push(0);
        }
        if self.handles.captures {
            // An event on a stream that captures would become part of the graph. What was issued before has one behind it already.
            dirty.retain(|stream| !self.handles.is_capturing(*stream));
            others.retain(|place| !self.handles.is_capturing_at(*place));
        }
        let mut events = Vec::with_capacity(dirty.len() + others.len());
        for stream in dirty {
            events.push(Awaited::Own(self.record(stream)?));
        }
        for place in others {
            let event = self.events.record(&self.table, &self.handles, place)?;
            events.push(Awaited::Own(event));
        }
        self.push_wait(events, true, what);
        Ok(())
    }

    fn synchronize(&mut self, sequence: u64, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let wait = Wait::decode(body)?;
        body.end()?;
        match wait {
            Wait::Context => self.wait_for_context(What::Answer(sequence)),
            Wait::Stream(handle) => {
                let stream = self.stream(handle)?;
                if self.handles.is_capturing(stream) {
                    // The driver refuses at once, and ends the capture.
                    let wait = self.table.cuStreamSynchronize.ok_or(NOT_SUPPORTED)?;
                    // SAFETY: a live stream.
                    check(unsafe { wait(stream as CUstream) })?;
                }
                let event = self.record(stream)?;
                self.push_wait(vec![Awaited::Own(event)], false, What::Answer(sequence));
                Ok(())
            }
            Wait::Event(handle) => {
                let event = self.handles.find(Kind::Event, handle)? as CUevent;
                self.push_wait(vec![Awaited::Program(event)], false, What::Answer(sequence));
                Ok(())
            }
        }
    }

    fn query(&mut self, sequence: u64, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let wait = Wait::decode(body)?;
        body.end()?;
        let awaited = match wait {
            Wait::Context => {
                return Err(Violation::OutOfOrder("a context cannot be queried").into());
            }
            Wait::Stream(handle) => {
                let stream = self.stream(handle)?;
                // An event recorded now would not have happened yet even on an idle stream.
                let ask = self.table.cuStreamQuery.ok_or(NOT_SUPPORTED)?;
                // SAFETY: a live stream of the current context.
                match unsafe { ask(stream as CUstream) } {
                    OK => {
                        self.push_wait(Vec::new(), false, What::Answer(sequence));
                        return Ok(());
                    }
                    CUresult::CUDA_ERROR_NOT_READY => {}
                    // An error of the device, or of a stream that captures.
                    status => return Err(Failure::Status(status)),
                }
                Awaited::Own(self.record(stream)?)
            }
            Wait::Event(handle) => {
                Awaited::Program(self.handles.find(Kind::Event, handle)? as CUevent)
            }
        };
        let (Awaited::Own(event) | Awaited::Program(event)) = awaited;
        match Events::query(&self.table, event) {
            CUresult::CUDA_ERROR_NOT_READY => {
                self.answer(sequence, CUresult::CUDA_ERROR_NOT_READY, &[]);
                self.push_wait(vec![awaited], false, What::Completed(sequence));
            }
            // Data of earlier copies goes first, as with every other way to learn of it.
            OK => self.push_wait(vec![awaited], false, What::Answer(sequence)),
            // Asked again the driver may say something else, such as of an event that a capture has recorded.
            status => {
                if let Awaited::Own(event) = awaited {
                    self.events.give_back(event);
                }
                return Err(Failure::Status(status));
            }
        }
        Ok(())
    }

    /// Before a program's event is recorded anew or destroyed: whoever waits for its last record gets an event of the
    /// worker's own on the same stream.
    fn detach(&mut self, raw: u64) -> Result<(), Failure> {
        let program = Awaited::Program(raw as CUevent);
        if !self.waits.iter().any(|wait| wait.events.contains(&program)) {
            return Ok(());
        }
        let done = Events::query(&self.table, raw as CUevent) != CUresult::CUDA_ERROR_NOT_READY;
        let stream = self.event_streams.get(&raw).copied();
        for index in 0..self.waits.len() {
            while let Some(at) = self.waits[index]
                .events
                .iter()
                .position(|awaited| *awaited == program)
            {
                match stream {
                    Some(place) if !(done || self.handles.is_capturing_at(place)) => {
                        let own = self.events.record(&self.table, &self.handles, place)?;
                        self.waits[index].events[at] = Awaited::Own(own);
                    }
                    _ => {
                        let wait = &mut self.waits[index];
                        wait.events.swap_remove(at);
                        // The wait that was left when the stream began to capture comes first.
                        wait.whole |= !done;
                    }
                }
            }
        }
        Ok(())
    }

    /// Asks after what is waited for, in the order in which it was issued, and answers what has happened. Answers whether
    /// anything has.
    fn poll(&mut self) -> bool {
        let mut any = false;
        let mut index = 0;
        // The contexts in which something earlier that covers everything has not happened.
        let mut held: Vec<u64> = Vec::new();
        while index < self.waits.len() {
            let context = self.waits[index].context;
            let whole = self.waits[index].whole;
            let ends_memory = self.waits[index].what.ends_memory();
            if whole && (held.contains(&context) || ends_memory && !held.is_empty()) {
                index += 1;
                continue;
            }
            match self.happened(index) {
                None => {
                    if whole {
                        held.push(context);
                    }
                    index += 1;
                }
                Some(status) => {
                    any = true;
                    // What this covers may have happened since it was asked after. Its data goes first: before what
                    // says that it is there, and before later data for the same place.
                    index -= self.push_data_before(index);
                    if let Some(wait) = self.waits.remove(index) {
                        self.settle(wait, status);
                    }
                }
            }
        }
        any
    }

    /// Whether everything that the wait at `index` waits for has happened, and how.
    fn happened(&mut self, index: usize) -> Option<CUresult> {
        let mut result = OK;
        let wait = &mut self.waits[index];
        while let Some(awaited) = wait.events.last().copied() {
            let (Awaited::Own(event) | Awaited::Program(event)) = awaited;
            match Events::query(&self.table, event) {
                CUresult::CUDA_ERROR_NOT_READY => return None,
                status => {
                    if status != OK {
                        result = status;
                    }
                    if (self.prints || self.pools)
                        && matches!(wait.what, What::Answer(_) | What::Data { last: true, .. })
                        && let Some(flush) = self.table.cuEventSynchronize
                    {
                        // It has happened, so this returns at once; it makes the driver write what the device printed, and count
                        // what streams have freed as free.
                        // SAFETY: a live event.
                        let _ = unsafe { flush(event) };
                    }
                    if result != OK {
                        return Some(result);
                    }
                    wait.events.pop();
                    if let Awaited::Own(event) = awaited {
                        self.events.give_back(event);
                    }
                }
            }
        }
        Some(result)
    }

    /// Sends the data of copies before `index` that has arrived. Answers how many waits it ended.
    fn push_data_before(&mut self, index: usize) -> usize {
        let mut ended = 0;
        let mut at = 0;
        while at < index - ended {
            if matches!(
                self.waits[at].what,
                What::Data { .. } | What::HostData { .. }
            ) && let Some(status) = self.happened(at)
                && let Some(wait) = self.waits.remove(at)
            {
                self.settle(wait, status);
                ended += 1;
            } else {
                at += 1;
            }
        }
        ended
    }

    fn settle(&mut self, wait: Waiting, status: CUresult) {
        self.count_wait(&wait, status);
        match wait.what {
            What::Answer(sequence) => {
                self.push_printed(status);
                self.answer(sequence, status, &[]);
            }
            What::Completed(sequence) => {
                self.push_printed(status);
                self.push(sequence, |own, out| {
                    Reply::Completed { status }.encode(own, sequence, out)
                });
            }
            What::Data {
                sequence,
                buffer,
                len,
                offset,
                last,
                packs,
            } => {
                if status == OK {
                    self.push_data(sequence, offset, buffer, len, packs);
                } else {
                    self.staging.give_back(buffer);
                }
                if last {
                    self.push_printed(status);
                    self.answer(sequence, status, &[]);
                }
            }
            What::HostData {
                sequence,
                place,
                len,
            } => {
                // Its pages go after everything that was issued before; those of another context may have gone.
                if status == OK && self.host.is_there(place, len) {
                    self.push_host(sequence, place as *const u8, len);
                }
                self.answer(sequence, status, &[]);
            }
            What::Free(address) => {
                if self.has_calls() {
                    self.held.push((wait.context, What::Free(address)));
                    return;
                }
                if let Some(free) = self.table.cuMemFree_v2 {
                    self.in_context(wait.context, |_| {
                        // SAFETY: an address that cuMemAlloc gave this session and nothing issued uses any more.
                        let _ = unsafe { free(address) };
                    });
                }
                self.grants.remove(&address);
                self.unshare(address);
                if let Some((len, _)) = self.allocations.remove(&address) {
                    self.account.release(len);
                }
            }
            What::Quiet(sequence) => self.answer(sequence, status, &[]),
            What::HostUnmap(_) if self.has_calls() => {
                self.held.push((wait.context, wait.what));
            }
            What::HostUnmap(map) => self.host.release(&self.table, map),
            What::GraphDone => self.awaited_graphs -= 1,
            What::Nothing => {}
        }
    }

    /// Whether a host function is on its way: the device may be waiting for this loop.
    fn has_calls(&self) -> bool {
        !self.awaited_calls.is_empty() || self.awaited_graphs > 0
    }

    /// Frees what was held back.
    fn let_go(&mut self) {
        for (context, what) in std::mem::take(&mut self.held) {
            let wait = Waiting {
                events: Vec::new(),
                context,
                whole: false,
                since: Instant::now(),
                behind: None,
                what,
            };
            self.settle(wait, OK);
        }
    }

    fn in_context(&mut self, context: u64, work: impl FnOnce(&mut Self)) {
        let own = self.handles.current;
        let raw = |session: &Self, handle| {
            session
                .handles
                .contexts
                .get(&handle)
                .map_or(0, |state| state.raw)
        };
        let (theirs, ours) = (raw(self, context), raw(self, own));
        let set = self.table.cuCtxSetCurrent;
        if own != context
            && let Some(set) = set
        {
            // SAFETY: a live context or null.
            let _ = unsafe { set(theirs as CUcontext) };
        }
        work(self);
        if own != context
            && let Some(set) = set
        {
            // SAFETY: a live context or null.
            let _ = unsafe { set(ours as CUcontext) };
        }
    }

    // ---- out ------------------------------------------------------------------------------------------------------------

    fn answer(&mut self, sequence: u64, status: CUresult, body: &[u8]) {
        self.push(sequence, |own, out| {
            Reply::Answer { status, body }.encode(own, sequence, out)
        });
    }

    /// Answers with success and what `answers` holds.
    fn answer_own(&mut self, sequence: u64) {
        let body = std::mem::take(&mut self.answers);
        self.answer(sequence, OK, &body);
        self.answers = body;
    }

    fn push(&mut self, _answers: u64, encode: impl FnOnce(u64, &mut Vec<u8>)) {
        self.sequence += 1;
        if self
            .output
            .back()
            .is_none_or(|last| last.payload.is_some() || last.bytes.len() > INBOX)
        {
            self.output.push_back(Outgoing {
                bytes: Vec::new(),
                sent: 0,
                payload: None,
                unpacked: None,
            });
        }
        if let Some(last) = self.output.back_mut() {
            let before = last.bytes.len();
            encode(self.sequence, &mut last.bytes);
            self.output_len += last.bytes.len() - before;
        }
        #[cfg(test)]
        {
            self.most_output = self.most_output.max(self.output_len);
        }
    }

    /// Queues what is in host memory of the session's, which `host_range` or the maps have checked.
    fn push_host(&mut self, sequence: u64, place: *const u8, len: u64) {
        let mut offset = 0;
        while offset < len {
            if !self.make_room() {
                return;
            }
            let n = (len - offset).min(CHUNK as u64) as usize;
            // SAFETY: within memory of the session's, which lives until it is unmapped; what a kernel writes meanwhile may or may
            // not be in it.
            let bytes =
                unsafe { std::slice::from_raw_parts(place.add(offset as usize), n) }.to_vec();
            self.push(sequence, |own, out| {
                Reply::Data {
                    offset,
                    bytes: &bytes,
                }
                .encode(own, sequence, out)
            });
            offset += n as u64;
        }
    }

    /// Sends until there is room for more, where one command is answered with more than may wait to be sent. The client reads while
    /// it cannot send, so this comes to an end. Where it does not, there is none: the session is over, as the loop finds out.
    fn make_room(&mut self) -> bool {
        while self.output_len >= OUTBOX_LIMIT {
            match self.send() {
                Ok(true) => continue,
                Ok(false) => {}
                Err(_) => return false,
            }
            let interest = Interest::WRITABLE;
            let wait = Some(Duration::from_secs(1));
            let waited = self.connection.poller.wait(interest, None, wait);
            let failed = |error: std::io::Error| error.kind() != ErrorKind::Interrupted;
            if waited.is_err_and(failed) || self.broker_ends().is_some() {
                return false;
            }
        }
        true
    }

    /// Queues a data frame whose bytes are sent from the buffer that the device wrote.
    fn push_data(
        &mut self,
        sequence: u64,
        offset: u64,
        buffer: Buffer,
        len: usize,
        packs: Option<Method>,
    ) {
        if let Some(method) = packs.filter(|_| len >= packed::LEAST) {
            self.sequence += 1;
            let head = DataHead {
                own: self.sequence,
                answers: sequence,
                offset,
            };
            self.output.push_back(Outgoing {
                bytes: Vec::new(),
                sent: 0,
                payload: Some((buffer, len)),
                unpacked: Some((head, method)),
            });
            self.output_len += len;
            return;
        }
        if len <= 4096 {
            // SAFETY: the event behind the copy has happened; the buffer is the session's.
            let bytes = unsafe { buffer.bytes(len) };
            self.push(sequence, |own, out| {
                Reply::Data { offset, bytes }.encode(own, sequence, out)
            });
            self.staging.give_back(buffer);
            return;
        }
        self.push(sequence, |own, out| {
            Reply::encode_data_head(offset, len, own, sequence, out)
        });
        if let Some(last) = self.output.back_mut() {
            last.payload = Some((buffer, len));
        }
        self.output_len += len;
    }

    /// Packs the payload that is the next to be sent, or sends it as it is: whichever it is, its header is there then.
    fn pack_front(&mut self) {
        let Some(front) = self.output.front_mut() else {
            return;
        };
        let (Some((head, method)), Some((buffer, len))) = (front.unpacked.take(), front.payload)
        else {
            return;
        };
        let DataHead {
            own,
            answers,
            offset,
        } = head;
        // SAFETY: the event behind the copy has happened; the buffer is given back below, or once it has been sent.
        let whole = unsafe { buffer.bytes(len) };
        let mut block = Vec::new();
        if self.packer.pack(method, whole, &mut block) {
            let block = &block[..];
            Reply::Packed { offset, len, block }.encode(own, answers, &mut front.bytes);
            front.payload = None;
            self.output_len -= len;
            self.staging.give_back(buffer);
            self.account.bytes_saved += (len - block.len()) as u64;
        } else {
            head.encode(len, &mut front.bytes);
        }
        self.output_len += front.bytes.len();
    }

    fn send(&mut self) -> std::io::Result<bool> {
        let mut any = false;
        let mut packed = false;
        while let Some(front) = self.output.front() {
            if front.unpacked.is_some() {
                // Packing takes its time: one at a time, and commands between them.
                if std::mem::replace(&mut packed, true) && any {
                    break;
                }
                self.pack_front();
            }
            let Some(front) = self.output.front_mut() else {
                break;
            };
            let head = &front.bytes[front.sent.min(front.bytes.len())..];
            let tail = match front.payload {
                Some((buffer, len)) => {
                    // SAFETY: the event behind the copy has happened; the buffer is given back only below.
                    let whole = unsafe { buffer.bytes(len) };
                    &whole[front.sent.saturating_sub(front.bytes.len())..]
                }
                None => &[],
            };
            if head.is_empty() && tail.is_empty() {
                let done = self.output.pop_front();
                if let Some((buffer, _)) = done.and_then(|done| done.payload) {
                    self.staging.give_back(buffer);
                }
                continue;
            }
            match self
                .connection
                .sender
                .try_send(&[IoSlice::new(head), IoSlice::new(tail)])
            {
                Ok(n) => {
                    front.sent += n;
                    self.output_len -= n;
                    self.account.bytes_out += n as u64;
                    any = true;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(any)
    }

    /// Before the program is told that something has happened: what kernels have printed until then, where any of them may, and what
    /// the driver says of a failure.
    fn push_printed(&mut self, status: CUresult) {
        if self.prints || status != OK {
            self.push_output();
        }
    }

    /// Sends what the device has printed.
    fn push_output(&mut self) {
        for index in 0..2 {
            let Some(file) = &self.printed.files[index] else {
                continue;
            };
            let Ok(stat) = rustix::fs::fstat(file) else {
                continue;
            };
            let size = stat.st_size as u64;
            while self.printed.read[index] < size {
                let mut bytes = vec![0; (size - self.printed.read[index]).min(64 << 10) as usize];
                let Some(file) = &self.printed.files[index] else {
                    break;
                };
                // SAFETY: the descriptor is open as long as the session.
                let file = unsafe { BorrowedFd::borrow_raw(file.as_raw_fd()) };
                let Ok(n) = rustix::io::pread(file, &mut bytes, self.printed.read[index]) else {
                    break;
                };
                if n == 0 {
                    break;
                }
                // What has been read need not be kept; the offsets stay.
                let _ = rustix::fs::fallocate(
                    file,
                    rustix::fs::FallocateFlags::PUNCH_HOLE | rustix::fs::FallocateFlags::KEEP_SIZE,
                    self.printed.read[index],
                    n as u64,
                );
                self.printed.read[index] += n as u64;
                let stream = index as u32 + 1;
                self.push(0, |own, out| {
                    Reply::Output {
                        stream,
                        bytes: &bytes[..n],
                    }
                    .encode(own, 0, out)
                });
            }
        }
    }
}

/// What a command leads to.
enum Outcome<'a> {
    /// An answer of success with this body.
    Answered(&'a [u8]),
    /// No answer, or one that comes by another way.
    Silent,
}

/// What stands in for the wrapper that a linked fat binary has in a program.
struct Parts {
    wrapper: Box<[u64; 3]>,
    _list: Box<[u64]>,
}

/// JIT options with the buffers that they name.
struct Jit {
    options: Vec<CUjit_option>,
    values: Vec<*mut c_void>,
    info: Vec<u8>,
    error: Vec<u8>,
    /// How many options the client gave; the others are this worker's.
    asked: usize,
}

impl Jit {
    fn new(asked: &[(u32, u64)]) -> Self {
        let mut jit = Jit {
            options: Vec::new(),
            values: Vec::new(),
            info: Vec::new(),
            error: Vec::new(),
            asked: asked.len(),
        };
        let size = |wanted: CUjit_option| {
            let found = asked.iter().find(|(option, _)| *option == wanted.0);
            found.map_or(0, |(_, value)| (*value).min(MAX_LOG)) as usize
        };
        jit.info = vec![0; size(CUjit_option::CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES)];
        // A log is made whether the program asks or not: it is what explains a failure.
        jit.error = vec![0; size(CUjit_option::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES).max(8192)];
        for (option, value) in asked {
            let option = CUjit_option(*option);
            jit.options.push(option);
            jit.values.push(match option {
                CUjit_option::CU_JIT_INFO_LOG_BUFFER => jit.info.as_mut_ptr().cast(),
                CUjit_option::CU_JIT_ERROR_LOG_BUFFER => jit.error.as_mut_ptr().cast(),
                CUjit_option::CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES => jit.info.len() as *mut c_void,
                CUjit_option::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES => jit.error.len() as *mut c_void,
                _ => *value as *mut c_void,
            });
        }
        if !jit.options.contains(&CUjit_option::CU_JIT_ERROR_LOG_BUFFER) {
            jit.options.push(CUjit_option::CU_JIT_ERROR_LOG_BUFFER);
            jit.values.push(jit.error.as_mut_ptr().cast());
            jit.options
                .push(CUjit_option::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
            jit.values.push(jit.error.len() as *mut c_void);
        }
        jit
    }

    /// The options that are numbers, and no buffers.
    fn only(asked: &[(u32, u64)]) -> Self {
        let numbers = asked.iter().filter(|(option, _)| {
            !matches!(
                CUjit_option(*option),
                CUjit_option::CU_JIT_INFO_LOG_BUFFER
                    | CUjit_option::CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES
                    | CUjit_option::CU_JIT_ERROR_LOG_BUFFER
                    | CUjit_option::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES
            )
        });
        let (options, values) = numbers
            .map(|(option, value)| (CUjit_option(*option), *value as *mut c_void))
            .unzip();
        Jit {
            options,
            values,
            info: Vec::new(),
            error: Vec::new(),
            asked: 0,
        }
    }

    fn loaded(&self) -> Loaded {
        let text = |log: &[u8]| {
            log[..log.iter().position(|byte| *byte == 0).unwrap_or(log.len())].to_vec()
        };
        Loaded {
            values: self
                .values
                .iter()
                .take(self.asked)
                .map(|value| *value as u64)
                .collect(),
            info_log: text(&self.info),
            error_log: text(&self.error),
        }
    }
}

/// Whether a fat binary's entries are compressed, so that their text cannot be looked through.
fn is_compressed(image: &[u8]) -> bool {
    match pillion_image::Fatbin::parse(image) {
        Ok(fatbin) => fatbin.entries.iter().any(|entry| {
            entry.flags & (pillion_image::flags::LZ4 | pillion_image::flags::ZSTD) != 0
        }),
        Err(_) => false,
    }
}

fn launch_parts(bytes: &[u8]) -> Result<(&LaunchHead, &[u8], &[u8]), Violation> {
    let (head, rest) = LaunchHead::ref_from_prefix(bytes).map_err(|_| Violation::Truncated {
        missing: size_of::<LaunchHead>(),
    })?;
    let attributes = head.attributes.get();
    if attributes > MAX_LAUNCH_ATTRIBUTES {
        return Err(Violation::OutOfRange {
            what: "the number of launch attributes",
            value: u64::from(attributes),
        });
    }
    let split = attributes as usize * size_of::<CUlaunchAttribute>();
    let parameters = head.parameters.get() as usize;
    if parameters > MAX_PARAMETER_BYTES || rest.len() != split + parameters {
        return Err(Violation::OutOfRange {
            what: "the length of parameters",
            value: parameters as u64,
        });
    }
    let (attributes, parameters) = rest.split_at(split);
    Ok((head, attributes, parameters))
}

fn check(status: CUresult) -> Result<(), Failure> {
    if status == OK {
        Ok(())
    } else {
        Err(Failure::Status(status))
    }
}

const _: () = assert!(CHUNK <= BUFFER);
