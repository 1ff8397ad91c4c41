//! One session: reads commands, executes them in order, and pushes what becomes of them.
//!
//! The loop never waits for the device. Whatever has to be waited for is an event in `waits`, which the loop asks after
//! between commands; what it finds done is answered. When there is nothing to do it stays awake for a moment, then sleeps
//! until the client sends something or, while the device works, for a small part of the time that has passed.
//!
//! Here is the loop, and which command leads where; what a command does is in the modules below.

mod calls;
mod code;
mod context;
mod copy;
mod fault;
mod graph;
mod host;
mod incoming;
mod launch;
mod link;
mod meter;
mod outbox;
mod parking;
mod share;
#[cfg(test)]
mod tests;
mod turn;
mod wait;

pub use fault::is_refusal;

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::io::{ErrorKind, IoSliceMut};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use pillion_cuda_abi::types::{CUcontext, CUdevice, CUevent, CUlibrary, CUmodule, CUresult};
use pillion_cuda_abi::{DriverTable, FUNCTIONS, State, Variant};
use pillion_protocol::command::{HOST_STANDS_IN, MAX_GRANT, cuda, session as op};
use pillion_protocol::handle::Kind;
use pillion_protocol::numbers::Numbers;
use pillion_protocol::packed::{Method, Packer};
use pillion_protocol::{CHUNK, Decoder, Encoder, HEADER_LEN, Header, Interface, Reply, Violation};
use pillion_transport::sharing::{Sharing, Ticket};
use pillion_transport::{Connection, Interest, Spin};

use super::calls::Calls;
use super::control::Control;
use super::events::Events;
use super::forward::Failure;
use super::generated;
use super::handles::{ContextState, Handles, Place};
use super::nvml::Management;
use super::quota;
use super::said::Said;
use super::staging::{BUFFER, Buffer, Staging};
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
/// Most grants of memory that a session has at once.
const MOST_GRANTS: usize = 4096;
/// How long a session that has ended goes on writing what it has to keep.
const LAST_WRITES: Duration = Duration::from_secs(10);
/// Opcodes of forwarded functions that mean something to the worker.
const MODULE_GLOBAL: u16 = 301;
const LIBRARY_GLOBAL: u16 = 303;
const LIBRARY_MANAGED: u16 = 304;
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
            let pause = self.rest(idle_since);
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
                MODULE_GLOBAL | LIBRARY_GLOBAL | LIBRARY_MANAGED => {
                    let address = Decoder::new(&self.answers).pod::<u64>();
                    self.parking.is_managed |= address.is_ok_and(|at| self.is_managed(at));
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
            self.parking.is_managed = true;
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
}

/// What a command leads to.
enum Outcome<'a> {
    /// An answer of success with this body.
    Answered(&'a [u8]),
    /// No answer, or one that comes by another way.
    Silent,
}

fn check(status: CUresult) -> Result<(), Failure> {
    if status == OK {
        Ok(())
    } else {
        Err(Failure::Status(status))
    }
}

const _: () = assert!(CHUNK <= BUFFER);
