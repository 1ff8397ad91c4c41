//! One side's part in UCX: a worker, an endpoint at the peer's, and two rings of its own memory.
//!
//! The stream travels as active messages, each of which says where in the stream its bytes belong and how much of the other direction
//! its sender has consumed. A byte's place in the stream is its place in the sender's ring, from which it is sent, and in the receiver's,
//! to which it comes: nothing is allocated, messages may arrive in any order, and no more may be on its way than the receiver's ring has
//! room for. Small messages are copied; large ones UCX fetches by RDMA where there is that, from ring to ring.

use super::control::{Cookie, Introduction, WINDOWS};
use super::library::{
    Begun, Context, DEVICES, Endpoint, Failure, IN_PROGRESS, Library, Memory, OK, Op,
    RECEIVED_RENDEZVOUS, ReceiveParam, Status, Version, Worker, library,
};
use rustix::fd::BorrowedFd;
use rustix::mm::{MapFlags, ProtFlags, mmap_anonymous, munmap};
use std::cell::{Cell, RefCell, UnsafeCell};
use std::collections::VecDeque;
use std::env;
use std::ffi::{CStr, c_void};
use std::fmt;
use std::io::{self, IoSlice, IoSliceMut};
use std::ptr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Bytes of a ring unless asked otherwise: what a fast line has on its way, several times.
pub(crate) const CAPACITY: usize = 4 << 20;
/// Most bytes of a message: what is received of one goes on while the next comes.
const CHUNK: usize = 256 << 10;
/// Most messages that may be on their way, for each of which there is a header that stays.
const OPS: usize = 256;
/// The number of our messages among a worker's.
const MESSAGE: u32 = 7;
/// A message's header: the cookie, where in the stream its bytes belong, how much its sender has consumed.
const HEADER: usize = 32;
/// How often to go on while UCX has something to do.
const ROUNDS: usize = 64;

/// The contexts of this process: for peers on this machine, and for others. They stay.
static CONTEXTS: Mutex<[usize; 2]> = Mutex::new([0; 2]);

/// The context for peers on this machine, or for any.
fn context(library: &Library, local: bool) -> Result<*mut Context, Failure> {
    let mut contexts = CONTEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    let place = &mut contexts[usize::from(local)];
    if *place == 0 {
        let transports = env::var(TRANSPORTS).ok();
        let devices = env::var_os(DEVICES).is_some();
        let settings = settings(library.version, local, transports.as_deref(), devices);
        *place = library.context(&settings)? as usize;
    }
    Ok(*place as *mut Context)
}

/// UCX's own variable for the transports that it may use.
const TRANSPORTS: &str = "UCX_TLS";

/// Most bytes that UCX sends in one piece over TCP: a message of [`CHUNK`] with what UCX puts before it, and some to spare.
const SEGMENT: &CStr = c"320k";

/// The first minor version that knows a transport's settings by the names that the user has for them, and before that without the prefix.
const WITH_PREFIX: u8 = 17;

/// What is asked of UCX besides what the user has: `transports` are the user's, and `devices` says that those are.
fn settings(
    version: Version,
    local: bool,
    transports: Option<&str>,
    devices: bool,
) -> Vec<(&'static CStr, &'static CStr)> {
    let mut settings = vec![
        // The control connection says whether the peer lives. A look at its process is not possible from where workers are.
        (c"KEEPALIVE_INTERVAL", c"inf"),
        // Says how much the other side takes in one piece. Versions before 1.17 and later ones do not get on otherwise, once that is not
        // what it usually is.
        (c"ADDRESS_VERSION", c"v2"),
    ];
    if transports.is_none_or(|list| allows(list, &["tcp"])) {
        // A message is one piece over TCP, too, instead of up to 32 that its receiver puts together in another place.
        let names = match version.minor < WITH_PREFIX {
            true => [c"TX_SEG_SIZE", c"RX_SEG_SIZE"],
            false => [c"TCP_TX_SEG_SIZE", c"TCP_RX_SEG_SIZE"],
        };
        settings.extend(names.map(|name| (name, SEGMENT)));
    }
    match transports {
        // Neither what would load a GPU's driver nor what looks into the other process, as all of UCX's shared memory does: workers
        // may do neither, and `shm://` is faster. Not every version has all of them, which is not the user's to hear.
        None => settings.extend([
            (c"TLS", c"^cuda,rocm,ze,gaudi,posix,sysv,cma,knem,xpmem"),
            (c"WARN_INVALID_CONFIG", c"n"),
        ]),
        // UCX uses no shared memory otherwise where errors are to be handled. Where there is none, it would complain of this.
        Some(list) if allows(list, &["sm", "shm", "mm", "posix", "sysv", "xpmem"]) => {
            settings.push((c"MM_ERROR_HANDLING", c"y"));
        }
        Some(_) => {}
    }
    if local && !devices {
        // UCX listens on all devices that it uses.
        settings.push((c"NET_DEVICES", c"lo"));
    }
    settings
}

/// Whether this machine has a device for RDMA.
fn has_rdma() -> bool {
    std::fs::read_dir("/sys/class/infiniband").is_ok_and(|mut devices| devices.next().is_some())
}

/// Whether a list of UCX's transports, which may say which are not meant, allows what goes by one of these names.
fn allows(list: &str, names: &[&str]) -> bool {
    let is_named = |list: &str| {
        let mut listed = list
            .split(',')
            .map(|name| name.trim().trim_start_matches('\\'));
        listed.any(|name| names.contains(&name))
    };
    match list.strip_prefix('^') {
        Some(rest) => !is_named(rest),
        None => list == "all" || is_named(list),
    }
}

/// Anonymous memory whose length is a power of two, registered with UCX.
struct Ring {
    library: &'static Library,
    context: *mut Context,
    start: *mut u8,
    length: usize,
    memory: *mut Memory,
}

impl Ring {
    fn new(library: &'static Library, context: *mut Context, length: usize) -> io::Result<Self> {
        // SAFETY: new memory, at a place of the kernel's choice.
        let start = unsafe {
            mmap_anonymous(
                ptr::null_mut(),
                length,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::PRIVATE,
            )
        }?;
        let mut ring = Self {
            library,
            context,
            start: start.cast(),
            length,
            memory: ptr::null_mut(),
        };
        // A child of the program's has no business there, and must not take pages away from a device that writes to them.
        // SAFETY: the mapping from above.
        unsafe { libc::madvise(start, length, libc::MADV_DONTFORK) };
        // SAFETY: the context stays; the memory is there until it is released.
        ring.memory = unsafe { library.register(context, ring.start, length) }?;
        Ok(ring)
    }

    /// Where a byte of the stream has its place, and how many follow before the ring begins anew.
    fn at(&self, position: u64) -> (*mut u8, usize) {
        let offset = (position as usize) & (self.length - 1);
        // SAFETY: within the mapping.
        (unsafe { self.start.add(offset) }, self.length - offset)
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: the worker that used it is gone, and so are its requests.
        unsafe {
            if !self.memory.is_null() {
                self.library.release(self.context, self.memory);
            }
            let _ = munmap(self.start.cast(), self.length);
        }
    }
}

/// A part of the peer's stream that does not follow what is there yet, or has not arrived.
struct Part {
    at: u64,
    length: usize,
    here: bool,
}

/// What callbacks see. They run within calls of UCX's, which are made by who has the connection's lock.
struct Board {
    library: &'static Library,
    /// What the peer's messages have to show.
    cookie: Cookie,
    /// The receive ring.
    start: *mut u8,
    window: usize,
    /// The stream from the peer has been consumed to here, by who receives.
    consumed: Cell<u64>,
    /// And is there to here.
    ready: Cell<u64>,
    /// What lies beyond, in order.
    parts: RefCell<VecDeque<Part>>,
    /// What is to be fetched.
    fetches: RefCell<Vec<(*mut c_void, u64, usize)>>,
    /// The stream to the peer has been sent to here.
    sent: Cell<u64>,
    /// And the peer has consumed it to here.
    acknowledged: Cell<u64>,
    /// UCX needs it no longer to here.
    released: Cell<u64>,
    /// Messages on their way: where each ends, and whether UCX is done with it.
    ops: RefCell<VecDeque<(u64, bool)>>,
    /// The number of the first of them.
    first_op: Cell<u64>,
    /// Where who is receiving wants what comes next, and how much: it need not lie in the ring first.
    wanted: Cell<(*mut u8, usize)>,
    /// Something above has changed.
    changed: Cell<bool>,
    /// The peer's version of UCX.
    version: Cell<Version>,
    failed: RefCell<Option<(io::ErrorKind, String)>>,
}

impl Board {
    fn fail(&self, kind: io::ErrorKind, reason: impl Into<String>) {
        self.changed.set(true);
        if let Ok(mut failed) = self.failed.try_borrow_mut() {
            failed.get_or_insert_with(|| (kind, reason.into()));
        }
    }

    fn violated(&self, what: &str) {
        self.fail(io::ErrorKind::InvalidData, what);
    }

    /// UCX cannot go on. Where the peer has another version that may be why.
    fn broke(&self, reason: impl fmt::Display) {
        let reason = with_versions(reason, self.library.version, self.version.get());
        self.fail(io::ErrorKind::ConnectionReset, reason);
    }

    /// A message. Answers where its bytes go, if they may.
    fn place(&self, header: &[u8; HEADER], length: usize, here: bool) -> Option<(*mut u8, u64)> {
        let (cookie, rest) = header.split_first_chunk::<16>()?;
        let (at, consumed) = rest.split_first_chunk::<8>()?;
        if *cookie != self.cookie || self.failed.borrow().is_some() {
            // From somebody else, who is not this connection's peer.
            return None;
        }
        let (at, consumed) = (
            u64::from_le_bytes(*at),
            u64::from_le_bytes(*consumed.first_chunk()?),
        );
        if consumed > self.sent.get() {
            self.violated("the peer has received more than was sent");
            return None;
        }
        if consumed > self.acknowledged.get() {
            self.acknowledged.set(consumed);
            self.changed.set(true);
        }
        if length == 0 {
            return None;
        }
        let end = at.checked_add(length as u64);
        let limit = self.consumed.get() + self.window as u64;
        let offset = (at as usize) & (self.window - 1);
        if at < self.ready.get()
            || end.is_none_or(|end| end > limit)
            || length > CHUNK
            || offset + length > self.window
        {
            self.violated("the peer sends what there is no room for");
            return None;
        }
        let mut parts = self.parts.borrow_mut();
        let after = parts.iter().rposition(|part| part.at <= at);
        let next = after.map_or(0, |index| index + 1);
        let overlaps = after.is_some_and(|index| {
            let part = &parts[index];
            part.at + part.length as u64 > at
        }) || parts
            .get(next)
            .is_some_and(|part| at + length as u64 > part.at);
        if overlaps {
            self.violated("the peer sends the same twice");
            return None;
        }
        parts.insert(next, Part { at, length, here });
        // SAFETY: within the ring, as was just looked at.
        Some((unsafe { self.start.add(offset) }, at))
    }

    /// What is there in one piece is ready.
    fn advance(&self) {
        let mut parts = self.parts.borrow_mut();
        while let Some(part) = parts.front()
            && part.here
            && part.at == self.ready.get()
        {
            self.ready.set(part.at + part.length as u64);
            self.changed.set(true);
            parts.pop_front();
        }
    }

    /// What was to be fetched from there is here.
    fn fetched(&self, at: u64) {
        if let Some(part) = self
            .parts
            .borrow_mut()
            .iter_mut()
            .find(|part| part.at == at)
        {
            part.here = true;
        }
        self.advance();
    }

    /// UCX is done with a message.
    fn done(&self, number: u64) {
        let mut ops = self.ops.borrow_mut();
        if let Some(op) = usize::try_from(number.wrapping_sub(self.first_op.get()))
            .ok()
            .and_then(|index| ops.get_mut(index))
        {
            op.1 = true;
        }
        while let Some((end, true)) = ops.front() {
            self.released.set(*end);
            self.first_op.set(self.first_op.get() + 1);
            ops.pop_front();
            self.changed.set(true);
        }
    }
}

/// A reason, and which versions of UCX are on either side where they differ.
fn with_versions(reason: impl fmt::Display, here: Version, there: Version) -> String {
    if here == there {
        return reason.to_string();
    }
    format!(
        "{reason} (UCX {here} here and {there} there, which may not get on: install the same on both sides)"
    )
}

/// A message has come.
unsafe extern "C" fn on_message(
    arg: *mut c_void,
    header: *const u8,
    header_len: usize,
    data: *mut c_void,
    length: usize,
    param: *const ReceiveParam,
) -> Status {
    // SAFETY: what the handler was set with, which lives longer than the worker, and is used by who has the lock alone.
    let board = unsafe { &*arg.cast::<Board>() };
    if header_len != HEADER {
        return OK;
    }
    // SAFETY: so many bytes are there, aligned or not.
    let header = unsafe { &*header.cast::<[u8; HEADER]>() };
    // SAFETY: UCX's, for the length of the call.
    let fetch = unsafe { (*param).recv_attr } & RECEIVED_RENDEZVOUS != 0;
    let Some((place, at)) = board.place(header, length, !fetch) else {
        return OK;
    };
    if fetch {
        board.fetches.borrow_mut().push((data, at, length));
        // The descriptor is kept.
        return IN_PROGRESS;
    }
    let data = data.cast::<u8>();
    let (wanted, room) = board.wanted.get();
    // Only what nothing is ahead of, neither in the ring nor on its way.
    let count = match at == board.consumed.get() {
        true => room.min(length),
        false => 0,
    };
    // SAFETY: so many bytes have come; so many are free at the place, and wanted by who is in `Ucx::receive`. UCX's memory is neither's.
    unsafe {
        ptr::copy_nonoverlapping(data, wanted, count);
        ptr::copy_nonoverlapping(data.add(count), place.add(count), length - count);
    }
    board.advance();
    if count > 0 {
        board.consumed.set(at + count as u64);
        // SAFETY: within what is wanted, or at its end.
        board
            .wanted
            .set((unsafe { wanted.add(count) }, room - count));
    }
    OK
}

/// A message has been sent.
unsafe extern "C" fn on_sent(request: *mut c_void, status: Status, number: *mut c_void) {
    let (board, number) = unpack(number);
    // SAFETY: as of `on_message`: a worker is destroyed before its board.
    let Some(board) = (unsafe { board.as_ref() }) else {
        return;
    };
    // SAFETY: the request is done, and nobody asks after it.
    unsafe { board.library.free(request) };
    if status != OK {
        board.broke(format_args!(
            "UCX cannot send: {}",
            board.library.describe(status)
        ));
    }
    board.done(number);
}

/// What was to be fetched has come.
unsafe extern "C" fn on_fetched(
    request: *mut c_void,
    status: Status,
    _length: usize,
    at: *mut c_void,
) {
    let (board, at) = unpack(at);
    // SAFETY: as of `on_sent`.
    let Some(board) = (unsafe { board.as_ref() }) else {
        return;
    };
    // SAFETY: as of `on_sent`.
    unsafe { board.library.free(request) };
    match status {
        OK => board.fetched(at),
        status => board.broke(format_args!(
            "UCX cannot receive: {}",
            board.library.describe(status)
        )),
    }
}

/// The endpoint has failed.
unsafe extern "C" fn on_error(arg: *mut c_void, _endpoint: *mut Endpoint, status: Status) {
    // SAFETY: as of `on_message`.
    let board = unsafe { &*arg.cast::<Board>() };
    board.broke(format_args!(
        "UCX lost the peer: {}",
        board.library.describe(status)
    ));
}

/// What a request's callback is told: a number, and in a place of its own whose it is.
struct Note {
    board: *const Board,
    number: u64,
}

fn unpack(note: *mut c_void) -> (*const Board, u64) {
    // SAFETY: requests are given a note of `Ucx::notes`, which is not used again before they are done.
    let note = unsafe { &*note.cast::<Note>() };
    (note.board, note.number)
}

/// What stays while a message is on its way.
struct Slot {
    header: [u8; HEADER],
    note: Note,
}

/// One side's part in UCX.
pub(crate) struct Ucx {
    library: &'static Library,
    worker: *mut Worker,
    /// Null until the peer is known.
    endpoint: *mut Endpoint,
    descriptor: i32,
    outward: Ring,
    inward: Ring,
    board: Box<Board>,
    slots: Box<[UnsafeCell<Slot>]>,
    /// Of fetches: as many as can be under way, for each has at least a byte of the ring; freed when done.
    #[expect(
        clippy::vec_box,
        reason = "UCX has their addresses, which must not change"
    )]
    fetching: Vec<Box<Note>>,
    /// What the peer's messages show, and its ring has.
    peer: Option<(Cookie, usize)>,
    /// There may be RDMA on this side, and then, once the peer is known, on both: large messages are fetched. TCP only waits for it, and
    /// versions do it in ways of their own.
    fetches: bool,
    /// What the peer has been told of what is consumed.
    told: u64,
}

// SAFETY: what the pointers lead to is this value's alone, or UCX's, which takes any thread as long as it is one at a time.
unsafe impl Send for Ucx {}

impl Ucx {
    /// A side that the peer can reach. `local`: it is on this machine.
    pub(crate) fn new(local: bool, capacity: usize) -> io::Result<Self> {
        let library = library().map_err(io::Error::other)?;
        if local {
            library.reaches_home().map_err(io::Error::other)?;
        }
        let context = context(library, local)?;
        let capacity = capacity
            .clamp(*WINDOWS.start(), *WINDOWS.end())
            .next_power_of_two();
        let mut cookie = [0; 16];
        io::Read::read_exact(&mut std::fs::File::open("/dev/urandom")?, &mut cookie)?;
        let outward = Ring::new(library, context, capacity)?;
        let inward = Ring::new(library, context, capacity)?;
        let board = Box::new(Board {
            library,
            cookie,
            start: inward.start,
            window: capacity,
            consumed: Cell::new(0),
            ready: Cell::new(0),
            parts: RefCell::default(),
            fetches: RefCell::default(),
            sent: Cell::new(0),
            acknowledged: Cell::new(0),
            released: Cell::new(0),
            ops: RefCell::new(VecDeque::with_capacity(OPS)),
            first_op: Cell::new(0),
            wanted: Cell::new((ptr::null_mut(), 0)),
            changed: Cell::new(false),
            version: Cell::new(library.version),
            failed: RefCell::default(),
        });
        let slots = (0..OPS)
            .map(|_| {
                UnsafeCell::new(Slot {
                    header: [0; HEADER],
                    note: Note {
                        board: &raw const *board,
                        number: 0,
                    },
                })
            })
            .collect();
        // SAFETY: the context stays.
        let worker = unsafe { library.worker(context) }?;
        let mut ucx = Self {
            library,
            worker,
            endpoint: ptr::null_mut(),
            descriptor: -1,
            outward,
            inward,
            board,
            slots,
            fetching: Vec::new(),
            peer: None,
            fetches: !local && has_rdma(),
            told: 0,
        };
        let board = (&raw const *ucx.board).cast_mut().cast();
        // SAFETY: the worker is there; the board lives longer, and callbacks only read the reference.
        unsafe {
            ucx.descriptor = library.descriptor(worker)?;
            library.handle(worker, MESSAGE, on_message, board)?;
        }
        // SAFETY: a number that is open for as long as the worker.
        let descriptor = unsafe { BorrowedFd::borrow_raw(ucx.descriptor) };
        rustix::io::fcntl_setfd(descriptor, rustix::io::FdFlags::CLOEXEC)?;
        Ok(ucx)
    }

    /// What the peer has to know.
    pub(crate) fn introduction(&self) -> io::Result<Introduction> {
        Ok(Introduction {
            cookie: self.board.cookie,
            window: self.board.window,
            version: self.library.version,
            fetches: self.fetches,
            // SAFETY: the worker is there.
            address: unsafe { self.library.address(self.worker) }?,
        })
    }

    /// Meets the peer.
    pub(crate) fn meet(&mut self, peer: &Introduction) -> io::Result<()> {
        let board = (&raw const *self.board).cast_mut().cast();
        self.board.version.set(peer.version);
        self.fetches &= peer.fetches;
        // SAFETY: the worker is there, and the board lives longer.
        let endpoint = unsafe {
            self.library
                .endpoint(self.worker, &peer.address, on_error, board)
        };
        self.endpoint = endpoint.map_err(|Failure(reason)| {
            io::Error::other(with_versions(reason, self.library.version, peer.version))
        })?;
        self.peer = Some((peer.cookie, peer.window));
        Ok(())
    }

    /// Whether the peer is known.
    pub(crate) fn has_met(&self) -> bool {
        !self.endpoint.is_null()
    }

    /// What becomes readable when there is something to do, once it was armed. Open for as long as this.
    pub(crate) fn descriptor(&self) -> i32 {
        self.descriptor
    }

    /// Has the descriptor tell. False: there is something to do already.
    pub(crate) fn arm(&self) -> io::Result<bool> {
        // SAFETY: the worker is there, and this thread has the lock.
        Ok(unsafe { self.library.arm(self.worker) }?)
    }

    /// Whether there is something new to receive, or more room to send, since this was asked last.
    pub(crate) fn has_changed(&self) -> bool {
        self.board.changed.replace(false)
    }

    /// Does what there is to do.
    pub(crate) fn progress(&mut self) {
        for _ in 0..ROUNDS {
            // SAFETY: the worker is there, this thread has the lock, and the board is there.
            let again = unsafe { self.library.progress(self.worker) };
            self.fetch();
            if !again {
                break;
            }
        }
        self.acknowledge();
    }

    /// Begins to fetch what has been offered.
    fn fetch(&mut self) {
        if self.board.fetches.borrow().is_empty() {
            return;
        }
        let fetches = self.board.fetches.take();
        // Those that are done are forgotten when others begin.
        let parts = self.board.parts.borrow();
        self.fetching.retain(|note| {
            parts
                .iter()
                .any(|part| part.at == note.number && !part.here)
        });
        drop(parts);
        for (descriptor, at, length) in fetches {
            if self.board.failed.borrow().is_some() {
                // SAFETY: a descriptor that was kept, and is given back once.
                unsafe { self.library.refuse(self.worker, descriptor) };
                continue;
            }
            let note = Box::new(Note {
                board: &raw const *self.board,
                number: at,
            });
            let data = (&raw const *note).cast_mut().cast();
            self.fetching.push(note);
            let op = Op::receive(on_fetched, data, self.inward.memory);
            let (place, _) = self.inward.at(at);
            // SAFETY: the part's place in the ring, which nobody uses before it is here; the note stays until then.
            match unsafe {
                self.library
                    .fetch(self.worker, descriptor, place, length, &op)
            } {
                Ok(Begun::Done) => self.board.fetched(at),
                Ok(Begun::UnderWay(_)) => {}
                Err(Failure(reason)) => {
                    self.board.broke(reason);
                }
            }
        }
    }

    /// Tells the peer what is consumed, when that has become much.
    fn acknowledge(&mut self) {
        let consumed = self.board.consumed.get();
        if self.has_met()
            && consumed - self.told >= self.board.window as u64 / 4
            && self.board.ops.borrow().len() < OPS
        {
            self.post(ptr::null(), 0);
        }
    }

    /// Sends a message with so many bytes of the ring. There is a slot for it.
    fn post(&mut self, data: *const u8, length: usize) {
        let Some((cookie, _)) = self.peer else {
            return;
        };
        let at = self.board.sent.get();
        let consumed = self.board.consumed.get();
        let number = {
            let mut ops = self.board.ops.borrow_mut();
            ops.push_back((at + length as u64, false));
            self.board.first_op.get() + ops.len() as u64 - 1
        };
        self.board.sent.set(at + length as u64);
        self.told = consumed;
        let mut header = [0; HEADER];
        header[..16].copy_from_slice(&cookie);
        header[16..24].copy_from_slice(&at.to_le_bytes());
        header[24..].copy_from_slice(&consumed.to_le_bytes());
        let slot = self.slots[(number % OPS as u64) as usize].get();
        // SAFETY: the slot's last message is done, so nobody reads it; this thread has the lock.
        let (header, note) = unsafe {
            (*slot).header = header;
            (*slot).note.number = number;
            (
                (&raw const (*slot).header).cast::<u8>(),
                (&raw mut (*slot).note).cast::<c_void>(),
            )
        };
        let op = Op::send(on_sent, note, self.outward.memory, length, !self.fetches);
        // SAFETY: the endpoint is there; header and data stay until the message is done, which `done` hears.
        match unsafe {
            self.library.send(
                self.endpoint,
                MESSAGE,
                (header, HEADER),
                (data, length),
                &op,
            )
        } {
            Ok(Begun::Done) => self.board.done(number),
            Ok(Begun::UnderWay(_)) => {}
            Err(Failure(reason)) => self.board.broke(reason),
        }
    }

    /// How many bytes there is room for.
    fn room(&self) -> usize {
        let Some((_, window)) = self.peer else {
            return 0;
        };
        if self.board.ops.borrow().len() >= OPS {
            return 0;
        }
        let sent = self.board.sent.get();
        // A message without bytes may be what ends last.
        let held = (sent - self.board.released.get().min(sent)) as usize;
        let ahead = (sent - self.board.acknowledged.get()) as usize;
        (self.outward.length - held.min(self.outward.length)).min(window - ahead.min(window))
    }

    /// Sends what there is room for.
    pub(crate) fn send(&mut self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
        self.error()?;
        if self.room() == 0 {
            self.progress();
            self.error()?;
        }
        let window = self.peer.map_or(1, |(_, window)| window);
        let mut bufs = bufs
            .iter()
            .map(|buf| &buf[..])
            .filter(|buf| !buf.is_empty());
        let mut rest = bufs.next().unwrap_or_default();
        let mut total = 0;
        while !rest.is_empty() {
            let at = self.board.sent.get();
            let (place, until) = self.outward.at(at);
            let most = self
                .room()
                .min(CHUNK)
                .min(until)
                .min(window - (at as usize & (window - 1)));
            if most == 0 {
                break;
            }
            let mut filled = 0;
            while filled < most && !rest.is_empty() {
                let (now, later) = rest.split_at(rest.len().min(most - filled));
                // SAFETY: so many bytes of the ring are free: UCX and the peer are done with what was there.
                unsafe {
                    ptr::copy_nonoverlapping(now.as_ptr(), place.add(filled), now.len());
                }
                filled += now.len();
                rest = match later {
                    [] => bufs.next().unwrap_or_default(),
                    later => later,
                };
            }
            self.post(place, filled);
            total += filled;
            if self.board.failed.borrow().is_some() {
                break;
            }
        }
        match total {
            0 => Err(io::ErrorKind::WouldBlock.into()),
            total => Ok(total),
        }
    }

    /// Receives what is there. 0: nothing is.
    pub(crate) fn receive(&mut self, bufs: &mut [IoSliceMut<'_>]) -> usize {
        let mut total = 0;
        if !self.readable()
            && let Some(first) = bufs.iter_mut().find(|buf| !buf.is_empty())
        {
            let length = first.len();
            self.board.wanted.set((first.as_mut_ptr(), length));
            self.progress();
            let (_, left) = self.board.wanted.replace((ptr::null_mut(), 0));
            total = length - left;
        }
        // What has come straight is not to be overwritten.
        let mut skip = total;
        for buf in bufs {
            let here = skip.min(buf.len());
            skip -= here;
            let mut rest = &mut buf[here..];
            while !rest.is_empty() {
                let at = self.board.consumed.get();
                let (place, until) = self.inward.at(at);
                let there = (self.board.ready.get() - at) as usize;
                let count = rest.len().min(there).min(until);
                if count == 0 {
                    self.acknowledge();
                    return total;
                }
                let (now, later) = rest.split_at_mut(count);
                // SAFETY: so many bytes are there, and nobody writes to them before they are consumed.
                unsafe { ptr::copy_nonoverlapping(place, now.as_mut_ptr(), count) };
                self.board.consumed.set(at + count as u64);
                total += count;
                rest = later;
            }
        }
        self.acknowledge();
        total
    }

    /// Whether there is something to receive.
    pub(crate) fn readable(&self) -> bool {
        self.board.ready.get() > self.board.consumed.get()
    }

    /// Whether there is room to send.
    pub(crate) fn writable(&self) -> bool {
        self.room() > 0
    }

    /// Bytes of the stream to the peer.
    pub(crate) fn sent(&self) -> u64 {
        self.board.sent.get()
    }

    /// Bytes of the stream from the peer that have come.
    pub(crate) fn come(&self) -> u64 {
        self.board.ready.get()
    }

    /// Why nothing goes any more, if that is so.
    pub(crate) fn error(&self) -> io::Result<()> {
        match &*self.board.failed.borrow() {
            Some((kind, reason)) => Err(io::Error::new(*kind, reason.clone())),
            None => Ok(()),
        }
    }
}

impl Drop for Ucx {
    fn drop(&mut self) {
        /// How long UCX may take to close a connection without asking the peer.
        const CLOSING: Duration = Duration::from_millis(500);
        if !self.endpoint.is_null() {
            // SAFETY: the endpoint is there, and not used any more.
            if let Ok(Begun::UnderWay(request)) = unsafe { self.library.close(self.endpoint) } {
                let begun = Instant::now();
                // SAFETY: it is under way until it says that it is done.
                while !unsafe { self.library.finished(request) } && begun.elapsed() < CLOSING {
                    self.progress();
                }
            }
            self.endpoint = ptr::null_mut();
        }
        // SAFETY: nothing uses the worker any more. What it has used goes after it.
        unsafe { self.library.destroy(self.worker) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(minor: u8) -> Version {
        Version {
            major: 1,
            minor,
            release: 0,
        }
    }

    #[test]
    fn ucx_is_asked_for_what_the_user_has_not_said() {
        let names = |transports, devices| -> Vec<_> {
            settings(version(17), true, transports, devices)
                .into_iter()
                .map(|(name, _)| name.to_str().unwrap())
                .collect()
        };
        let (tx, rx) = ("TCP_TX_SEG_SIZE", "TCP_RX_SEG_SIZE");
        let always = ["KEEPALIVE_INTERVAL", "ADDRESS_VERSION"];
        assert_eq!(names(None, true)[..2], always);
        assert_eq!(
            names(None, true)[2..],
            [tx, rx, "TLS", "WARN_INVALID_CONFIG"]
        );
        assert_eq!(names(None, false)[6..], ["NET_DEVICES"]);
        // What is not used UCX would complain of.
        assert_eq!(names(Some("rc,ud"), true), always);
        assert_eq!(names(Some("rc, tcp"), true)[2..], [tx, rx]);
        assert_eq!(names(Some("^posix,sysv"), true)[2..], [tx, rx]);
        let shared = "MM_ERROR_HANDLING";
        assert_eq!(names(Some("shm,self"), true)[2..], [shared]);
        assert_eq!(names(Some("\\posix"), true)[2..], [shared]);
        assert_eq!(names(Some("^tcp"), true)[2..], [shared]);
        assert_eq!(names(Some("all"), true)[2..], [tx, rx, shared]);
        // As older versions have it.
        let older = settings(version(16), true, Some("tcp"), true);
        assert_eq!(
            older[2..],
            [(c"TX_SEG_SIZE", SEGMENT), (c"RX_SEG_SIZE", SEGMENT)]
        );
        // Others reach this machine by any of its devices.
        assert!(
            settings(version(17), false, None, false)
                .iter()
                .all(|(name, _)| *name != c"NET_DEVICES")
        );
    }

    #[test]
    fn a_segment_holds_a_message() {
        let kilobytes = SEGMENT.to_str().unwrap().strip_suffix('k').unwrap();
        assert!(kilobytes.parse::<usize>().unwrap() << 10 >= CHUNK + (4 << 10));
    }

    #[test]
    fn versions_are_told_where_they_differ() {
        assert_eq!(with_versions("lost", version(16), version(16)), "lost");
        let said = with_versions("lost", version(16), version(22));
        assert!(
            said.starts_with("lost (UCX 1.16.0 here and 1.22.0 there"),
            "{said}"
        );
    }
}
