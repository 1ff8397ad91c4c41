//! UCX's library, loaded when the first address asks for it, and as much of its interface as is needed here.
//!
//! The declarations follow UCX's documentation (openucx.readthedocs.io). Its structures grow at their ends only and say by a mask which
//! fields are set, so what is written here holds for every version from [`OLDEST`] on.

use crate::thread::unsignalled;
use std::env;
use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::fmt;
use std::ptr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicPtr, Ordering};

/// The oldest version whose sends take memory that the caller has registered.
pub(crate) const OLDEST: (u32, u32) = (1, 13);

/// What the library is looked for as, unless this variable names its file.
const NAME: &CStr = c"libucp.so.0";
const VARIABLE: &str = "PILLION_UCX";
/// UCX's own variable for the devices that it may use.
pub(crate) const DEVICES: &str = "UCX_NET_DEVICES";

pub(crate) type Status = i8;
/// An error, nothing (done), or a request that is under way.
pub(crate) type StatusPtr = *mut c_void;

pub(crate) const OK: Status = 0;
pub(crate) const IN_PROGRESS: Status = 1;
pub(crate) const BUSY: Status = -15;
/// Errors are the pointers from here on.
const LAST_ERROR: isize = -100;

pub(crate) const FEATURE_WAKEUP: u64 = 1 << 4;
pub(crate) const FEATURE_AM: u64 = 1 << 6;
const API_MAJOR: c_uint = 1;
pub(crate) const SERIALIZED: c_int = 1;
const ERRORS_OF_PEERS: c_int = 1;
const CLOSE_BY_FORCE: u32 = 1;

const OP_CALLBACK: u32 = 1 << 1;
const OP_USER_DATA: u32 = 1 << 2;
const OP_FLAGS: u32 = 1 << 4;
const OP_MEMORY_TYPE: u32 = 1 << 6;
const OP_MEMORY: u32 = 1 << 8;

/// A message goes at once, and its receiver does not fetch it.
const SEND_AT_ONCE: u32 = 1 << 1;

/// What was sent has not arrived yet: there is a descriptor to fetch it by.
pub(crate) const RECEIVED_RENDEZVOUS: u64 = 1 << 17;

macro_rules! opaque {
    ($($name:ident)*) => {
        $(
            #[repr(C)]
            pub(crate) struct $name([u8; 0]);
        )*
    };
}
opaque!(Context Worker Endpoint Memory Config);

#[repr(C)]
struct Params {
    field_mask: u64,
    features: u64,
    request_size: usize,
    request_init: *const c_void,
    request_cleanup: *const c_void,
    tag_sender_mask: u64,
    mt_workers_shared: c_int,
    estimated_num_eps: usize,
    estimated_num_ppn: usize,
    name: *const c_char,
}

#[repr(C)]
struct WorkerParams {
    field_mask: u64,
    thread_mode: c_int,
    cpu_mask: [u64; 16],
    events: c_uint,
    user_data: *mut c_void,
    event_fd: c_int,
    flags: u64,
    name: *const c_char,
    am_alignment: usize,
    client_id: u64,
}

pub(crate) type OnError = unsafe extern "C" fn(*mut c_void, *mut Endpoint, Status);

#[repr(C)]
struct EndpointParams {
    field_mask: u64,
    address: *const u8,
    err_mode: c_int,
    on_error: Option<OnError>,
    on_error_arg: *mut c_void,
    user_data: *mut c_void,
    flags: c_uint,
    sockaddr: [usize; 2],
    conn_request: *mut c_void,
    name: *const c_char,
    local_sockaddr: [usize; 2],
}

pub(crate) type OnSent = unsafe extern "C" fn(*mut c_void, Status, *mut c_void);
pub(crate) type OnReceived = unsafe extern "C" fn(*mut c_void, Status, usize, *mut c_void);

#[repr(C)]
#[derive(Clone, Copy)]
union Callback {
    sent: OnSent,
    received: OnReceived,
    none: *const c_void,
}

#[repr(C)]
struct RequestParam {
    op_attr_mask: u32,
    flags: u32,
    request: *mut c_void,
    cb: Callback,
    datatype: u64,
    user_data: *mut c_void,
    reply_buffer: *mut c_void,
    memory_type: c_int,
    recv_info: *mut c_void,
    memh: *mut Memory,
}

pub(crate) type OnMessage = unsafe extern "C" fn(
    *mut c_void,
    *const u8,
    usize,
    *mut c_void,
    usize,
    *const ReceiveParam,
) -> Status;

#[repr(C)]
struct HandlerParam {
    field_mask: u64,
    id: c_uint,
    flags: u32,
    cb: OnMessage,
    arg: *mut c_void,
}

#[repr(C)]
pub(crate) struct ReceiveParam {
    pub(crate) recv_attr: u64,
    reply_ep: *mut Endpoint,
}

#[repr(C)]
struct MapParams {
    field_mask: u64,
    address: *mut c_void,
    length: usize,
    flags: c_uint,
    prot: c_uint,
    memory_type: c_int,
}

// As UCX's own headers have them on the architectures that it knows.
const _: () = {
    assert!(size_of::<Params>() == 80 && size_of::<WorkerParams>() == 200);
    assert!(size_of::<EndpointParams>() == 104 && size_of::<RequestParam>() == 72);
    assert!(size_of::<HandlerParam>() == 32 && size_of::<MapParams>() == 40);
    assert!(std::mem::offset_of!(EndpointParams, user_data) == 40);
    assert!(std::mem::offset_of!(RequestParam, memh) == 64);
};

/// Declares the functions' table and what fills it.
macro_rules! functions {
    ($($name:ident: fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        /// UCX's functions.
        struct Functions {
            $($name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
        }

        impl Functions {
            /// Looks all of them up, or names the one that is missing.
            ///
            /// # Safety
            /// `handle` is UCX's library.
            unsafe fn find(handle: *mut c_void) -> Result<Self, &'static str> {
                Ok(Self {
                    $($name: {
                        // SAFETY: the caller's word for the handle; the name ends with a zero.
                        let found = unsafe {
                            libc::dlsym(handle, concat!(stringify!($name), "\0").as_ptr().cast())
                        };
                        if found.is_null() {
                            return Err(stringify!($name));
                        }
                        // SAFETY: the function of this name has this type, by UCX's documentation.
                        unsafe { std::mem::transmute::<*mut c_void, unsafe extern "C" fn($($argument),*) $(-> $result)?>(found) }
                    },)*
                })
            }
        }
    };
}

functions! {
    ucp_get_version: fn(*mut c_uint, *mut c_uint, *mut c_uint);
    ucp_config_read: fn(*const c_char, *const c_char, *mut *mut Config) -> Status;
    ucp_config_modify: fn(*mut Config, *const c_char, *const c_char) -> Status;
    ucp_config_release: fn(*mut Config);
    ucp_init_version: fn(c_uint, c_uint, *const Params, *const Config, *mut *mut Context) -> Status;
    ucp_worker_create: fn(*mut Context, *const WorkerParams, *mut *mut Worker) -> Status;
    ucp_worker_destroy: fn(*mut Worker);
    ucp_worker_get_address: fn(*mut Worker, *mut *mut u8, *mut usize) -> Status;
    ucp_worker_release_address: fn(*mut Worker, *mut u8);
    ucp_worker_get_efd: fn(*mut Worker, *mut c_int) -> Status;
    ucp_worker_arm: fn(*mut Worker) -> Status;
    ucp_worker_progress: fn(*mut Worker) -> c_uint;
    ucp_worker_set_am_recv_handler: fn(*mut Worker, *const HandlerParam) -> Status;
    ucp_ep_create: fn(*mut Worker, *const EndpointParams, *mut *mut Endpoint) -> Status;
    ucp_ep_close_nbx: fn(*mut Endpoint, *const RequestParam) -> StatusPtr;
    ucp_am_send_nbx: fn(*mut Endpoint, c_uint, *const u8, usize, *const u8, usize, *const RequestParam) -> StatusPtr;
    ucp_am_recv_data_nbx: fn(*mut Worker, *mut c_void, *mut u8, usize, *const RequestParam) -> StatusPtr;
    ucp_am_data_release: fn(*mut Worker, *mut c_void);
    ucp_request_check_status: fn(*mut c_void) -> Status;
    ucp_request_free: fn(*mut c_void);
    ucp_mem_map: fn(*mut Context, *const MapParams, *mut *mut Memory) -> Status;
    ucp_mem_unmap: fn(*mut Context, *mut Memory) -> Status;
}

/// A version of UCX.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    /// Counts what its users would have to be changed for.
    pub major: u8,
    /// Counts what was added.
    pub minor: u8,
    /// Counts what was mended.
    pub release: u8,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.release)
    }
}

/// The minor version that takes what names this machine, in an address of its loopback device's, for an address on the network, to which
/// it finds no route (UCX's `uct_tcp_iface_is_reachable_v2`; 1.21 does not).
const LOST_AT_HOME: u8 = 20;

/// UCX, loaded into this process for good.
pub(crate) struct Library {
    functions: Functions,
    pub(crate) version: Version,
    status_string: Option<unsafe extern "C" fn(Status) -> *const c_char>,
}

/// Why there is no UCX here.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Missing {
    /// The library is not there, or cannot be loaded.
    Library {
        /// What the loader said.
        reason: String,
    },
    /// It is older than what is needed.
    TooOld {
        /// Its version.
        version: String,
    },
    /// It is something else.
    Foreign {
        /// A function that it does not have.
        function: &'static str,
    },
    /// It cannot reach a peer on this machine over the loopback device, and was told of no other.
    NoLoopback {
        /// Its version.
        version: Version,
    },
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor) = OLDEST;
        match self {
            Self::Library { reason } => write!(
                f,
                "UCX cannot be loaded ({reason}); install version {major}.{minor} or newer (Debian and Ubuntu: libucx0, RHEL and Fedora: \
                 ucx, Python: libucx-cu12), or name its libucp.so.0 in {VARIABLE}"
            ),
            Self::TooOld { version } => write!(
                f,
                "UCX {version} is too old: install {major}.{minor} or newer, or name its libucp.so.0 in {VARIABLE}"
            ),
            Self::Foreign { function } => write!(
                f,
                "what is loaded as UCX has no {function}: name libucp.so.0 of UCX {major}.{minor} or newer in {VARIABLE}"
            ),
            Self::NoLoopback { version } => write!(
                f,
                "UCX {version} does not reach peers on its own machine over the loopback device: install another version and name its \
                 libucp.so.0 in {VARIABLE}, or another device in UCX_NET_DEVICES, or use shm:// there"
            ),
        }
    }
}

impl std::error::Error for Missing {}

/// What went wrong in UCX, in its own words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure(pub(crate) String);

impl From<Failure> for std::io::Error {
    fn from(Failure(reason): Failure) -> Self {
        Self::other(reason)
    }
}

/// UCX, loaded by the first call.
///
/// # Errors
/// Why it is not there.
pub(crate) fn library() -> Result<&'static Library, Missing> {
    static LIBRARY: OnceLock<Result<Library, Missing>> = OnceLock::new();
    LIBRARY.get_or_init(load).as_ref().map_err(Clone::clone)
}

fn load() -> Result<Library, Missing> {
    let named = env::var_os(VARIABLE).filter(|name| !name.is_empty());
    let name = match named {
        Some(name) => {
            CString::new(std::os::unix::ffi::OsStringExt::into_vec(name)).map_err(|_| {
                Missing::Library {
                    reason: format!("{VARIABLE} has a zero in it"),
                }
            })?
        }
        None => NAME.to_owned(),
    };
    let flags = libc::RTLD_NOW | libc::RTLD_LOCAL | libc::RTLD_NODELETE;
    // SAFETY: the name ends with a zero. What the library does when it is loaded is what it does in every program that is linked to it.
    let handle = quietly(|| unsafe { libc::dlopen(name.as_ptr(), flags) });
    if handle.is_null() {
        // SAFETY: nothing is written; the text is this thread's until its next call of the loader.
        let reason = unsafe { libc::dlerror() };
        let reason = if reason.is_null() {
            String::new()
        } else {
            // SAFETY: ends with a zero, and lives until then.
            unsafe { CStr::from_ptr(reason) }
                .to_string_lossy()
                .into_owned()
        };
        return Err(Missing::Library { reason });
    }
    // SAFETY: the library has just been loaded.
    let functions =
        unsafe { Functions::find(handle) }.map_err(|function| Missing::Foreign { function })?;
    let (mut major, mut minor, mut release) = (0, 0, 0);
    // SAFETY: three places of the type that is written.
    unsafe { (functions.ucp_get_version)(&raw mut major, &raw mut minor, &raw mut release) };
    if (major, minor) < OLDEST || major != API_MAJOR {
        return Err(Missing::TooOld {
            version: format!("{major}.{minor}.{release}"),
        });
    }
    let version = Version {
        major: major.try_into().unwrap_or(u8::MAX),
        minor: minor.try_into().unwrap_or(u8::MAX),
        release: release.try_into().unwrap_or(u8::MAX),
    };
    // It is in a library that this one needs, where dlsym looks too.
    // SAFETY: the name ends with a zero.
    let found = unsafe { libc::dlsym(handle, c"ucs_status_string".as_ptr()) };
    let status_string = (!found.is_null()).then(|| {
        // SAFETY: the function of this name has this type, by UCX's documentation.
        unsafe {
            std::mem::transmute::<*mut c_void, unsafe extern "C" fn(Status) -> *const c_char>(found)
        }
    });
    Ok(Library {
        functions,
        version,
        status_string,
    })
}

/// What UCX must not do in a program that is not its own: handle its signals, patch its memory functions, look for GPUs, start threads
/// to be looked into, write to its standard output. It reads this from the environment, when it is loaded and when a context is made.
const MANNERS: &[&CStr] = &[
    c"UCX_HANDLE_ERRORS=none",
    c"UCX_ERROR_SIGNALS=",
    c"UCX_DEBUG_SIGNO=0",
    c"UCX_MEM_EVENTS=n",
    c"UCX_MEM_MMAP_HOOK_MODE=none",
    c"UCX_MEM_MALLOC_HOOKS=n",
    c"UCX_MEM_CUDA_HOOK_MODE=none",
    c"UCX_MEMTYPE_CACHE=n",
    c"UCX_MODULES=^cuda,rocm,ze,gaudi",
    c"UCX_VFS_ENABLE=n",
    c"UCX_LOG_FILE=stderr",
    c"UCX_WARN_UNUSED_ENV_VARS=n",
    // Shared memory is found by its name: a worker cannot look into other processes.
    c"UCX_POSIX_USE_PROC_LINK=n",
];

/// And, unless the user asks for more: what it cannot do it says by its results, and a peer that has gone is nothing to be told of.
const LOG_LEVEL: &CStr = c"UCX_LOG_LEVEL=fatal";

unsafe extern "C" {
    static environ: AtomicPtr<*const c_char>;
}

/// Runs `load` in an environment that has [`MANNERS`] as well.
///
/// Threads may read the environment meanwhile, and setting variables in it would take what they read away. So there is another array for
/// as long as that, with the same strings, and it stays for whoever still reads it.
fn quietly<T>(load: impl FnOnce() -> T) -> T {
    // SAFETY: the C library's, a pointer, which other threads may change: an atomic.
    let place = unsafe { &environ };
    let before = place.load(Ordering::Acquire);
    let mut with: Vec<*const c_char> = MANNERS.iter().map(|entry| entry.as_ptr()).collect();
    if env::var_os("UCX_LOG_LEVEL").is_none() {
        with.push(LOG_LEVEL.as_ptr());
    }
    let mut at = before;
    // SAFETY: an array of strings that ends with a null, and is there for as long as nobody sets variables in a process with threads.
    while !at.is_null() && !unsafe { *at }.is_null() {
        // SAFETY: as above.
        let entry = unsafe { CStr::from_ptr(*at) }.to_bytes();
        let name = entry.split(|byte| *byte == b'=').next();
        let replaced = MANNERS
            .iter()
            .any(|own| own.to_bytes().split(|byte| *byte == b'=').next() == name);
        if !replaced {
            // SAFETY: as above.
            with.push(unsafe { *at });
        }
        // SAFETY: not the last one.
        at = unsafe { at.add(1) };
    }
    with.push(ptr::null());
    let with = with.leak().as_mut_ptr();
    place.store(with, Ordering::Release);
    let result = unsignalled(load);
    // Whoever has set a variable meanwhile has made another array, which stays.
    let _ = place.compare_exchange(with, before, Ordering::AcqRel, Ordering::Relaxed);
    result
}

/// What a request is given.
pub(crate) struct Op {
    param: RequestParam,
}

impl Op {
    fn new(mask: u32, callback: Callback, user_data: *mut c_void, memory: *mut Memory) -> Self {
        Self {
            param: RequestParam {
                op_attr_mask: mask,
                flags: 0,
                request: ptr::null_mut(),
                cb: callback,
                datatype: 0,
                user_data,
                reply_buffer: ptr::null_mut(),
                // The processor's: UCX need not find out whose it is.
                memory_type: 0,
                recv_info: ptr::null_mut(),
                memh: memory,
            },
        }
    }

    /// A send of so many bytes from registered memory, which the receiver may fetch unless they go `at_once`.
    ///
    /// No bytes lie in no memory: from 1.15 on, a UCX that was built to check its parameters, as those of Debian and Ubuntu are, refuses
    /// them where memory is named that they are not in.
    pub(crate) fn send(
        sent: OnSent,
        user_data: *mut c_void,
        memory: *mut Memory,
        length: usize,
        at_once: bool,
    ) -> Self {
        let mask = OP_CALLBACK | OP_USER_DATA | OP_MEMORY_TYPE | OP_FLAGS;
        let names_none = memory.is_null() || length == 0;
        let memory_too = if names_none { 0 } else { OP_MEMORY };
        let mut op = Self::new(mask | memory_too, Callback { sent }, user_data, memory);
        op.param.flags = if at_once { SEND_AT_ONCE } else { 0 };
        op
    }

    /// A receive into registered memory.
    pub(crate) fn receive(
        received: OnReceived,
        user_data: *mut c_void,
        memory: *mut Memory,
    ) -> Self {
        let mask = OP_CALLBACK | OP_USER_DATA | OP_MEMORY_TYPE;
        let memory_too = if memory.is_null() { 0 } else { OP_MEMORY };
        Self::new(mask | memory_too, Callback { received }, user_data, memory)
    }

    fn bare(flags: u32) -> Self {
        let none = Callback { none: ptr::null() };
        let mut op = Self::new(OP_FLAGS, none, ptr::null_mut(), ptr::null_mut());
        op.param.flags = flags;
        op
    }
}

/// What became of a request.
pub(crate) enum Begun {
    /// It is done already, and its callback is not called.
    Done,
    /// Its callback will be called.
    UnderWay(*mut c_void),
}

impl Library {
    /// Whether peers on this machine can be reached.
    pub(crate) fn reaches_home(&self) -> Result<(), Missing> {
        match self.version {
            version if version.minor == LOST_AT_HOME && env::var_os(DEVICES).is_none() => {
                Err(Missing::NoLoopback { version })
            }
            _ => Ok(()),
        }
    }

    /// UCX's words for a status.
    pub(crate) fn describe(&self, status: Status) -> String {
        let text = self
            .status_string
            // SAFETY: any number may be asked for.
            .map(|describe| unsafe { describe(status) })
            .filter(|text| !text.is_null());
        match text {
            // SAFETY: a constant of UCX's.
            Some(text) => unsafe { CStr::from_ptr(text) }
                .to_string_lossy()
                .into_owned(),
            None => format!("error {status}"),
        }
    }

    fn check(&self, what: &str, status: Status) -> Result<(), Failure> {
        match status {
            OK => Ok(()),
            status => Err(Failure(format!("UCX {what}: {}", self.describe(status)))),
        }
    }

    fn begun(&self, what: &str, status: StatusPtr) -> Result<Begun, Failure> {
        match status as isize {
            0 => Ok(Begun::Done),
            error @ LAST_ERROR..0 => Err(Failure(format!(
                "UCX {what}: {}",
                self.describe(error as Status)
            ))),
            _ => Ok(Begun::UnderWay(status)),
        }
    }

    /// A context with these settings, each of which is tried: versions differ in what they know.
    pub(crate) fn context(&self, settings: &[(&CStr, &CStr)]) -> Result<*mut Context, Failure> {
        let mut config = ptr::null_mut();
        // SAFETY: without a prefix and a file; a local is filled.
        let status =
            unsafe { (self.functions.ucp_config_read)(ptr::null(), ptr::null(), &raw mut config) };
        self.check("cannot read its settings", status)?;
        for (name, value) in settings {
            // SAFETY: the configuration that was just made, and strings that end with a zero.
            unsafe { (self.functions.ucp_config_modify)(config, name.as_ptr(), value.as_ptr()) };
        }
        let params = Params {
            // Features, and how many endpoints there will be.
            field_mask: 1 | 1 << 6,
            features: FEATURE_AM | FEATURE_WAKEUP,
            request_size: 0,
            request_init: ptr::null(),
            request_cleanup: ptr::null(),
            tag_sender_mask: 0,
            mt_workers_shared: 0,
            estimated_num_eps: 1,
            estimated_num_ppn: 0,
            name: ptr::null(),
        };
        let mut context = ptr::null_mut();
        let (major, minor) = OLDEST;
        // SAFETY: structures as of that version of the interface, which lives longer than the call.
        let status = quietly(|| unsafe {
            (self.functions.ucp_init_version)(
                major,
                minor,
                &raw const params,
                config,
                &raw mut context,
            )
        });
        // SAFETY: made above, and not used any more.
        unsafe { (self.functions.ucp_config_release)(config) };
        self.check("cannot start", status)?;
        Ok(context)
    }

    /// A worker of a context, which one thread at a time may use.
    ///
    /// # Safety
    /// The context is there.
    pub(crate) unsafe fn worker(&self, context: *mut Context) -> Result<*mut Worker, Failure> {
        let params = WorkerParams {
            // The thread mode.
            field_mask: 1,
            thread_mode: SERIALIZED,
            cpu_mask: [0; 16],
            events: 0,
            user_data: ptr::null_mut(),
            event_fd: 0,
            flags: 0,
            name: ptr::null(),
            am_alignment: 0,
            client_id: 0,
        };
        let mut worker = ptr::null_mut();
        // SAFETY: the caller's word for the context; a local is filled.
        let status = unsignalled(|| unsafe {
            (self.functions.ucp_worker_create)(context, &raw const params, &raw mut worker)
        });
        self.check("cannot make a worker", status)?;
        Ok(worker)
    }

    /// Ends a worker, and what it has.
    ///
    /// # Safety
    /// It is there, and not used any more.
    pub(crate) unsafe fn destroy(&self, worker: *mut Worker) {
        // SAFETY: the caller's word.
        unsafe { (self.functions.ucp_worker_destroy)(worker) }
    }

    /// By what a peer reaches a worker.
    ///
    /// # Safety
    /// The worker is there.
    pub(crate) unsafe fn address(&self, worker: *mut Worker) -> Result<Vec<u8>, Failure> {
        let (mut address, mut length) = (ptr::null_mut(), 0);
        // SAFETY: the caller's word for the worker; locals are filled.
        let status = unsafe {
            (self.functions.ucp_worker_get_address)(worker, &raw mut address, &raw mut length)
        };
        self.check("has no address", status)?;
        // SAFETY: so many bytes are there until it is released.
        let bytes = unsafe { std::slice::from_raw_parts(address, length) }.to_vec();
        // SAFETY: made above, and copied.
        unsafe { (self.functions.ucp_worker_release_address)(worker, address) };
        Ok(bytes)
    }

    /// What becomes readable when a worker that is armed has something to do. It belongs to the worker.
    ///
    /// # Safety
    /// The worker is there.
    pub(crate) unsafe fn descriptor(&self, worker: *mut Worker) -> Result<c_int, Failure> {
        let mut descriptor = -1;
        // SAFETY: the caller's word for the worker; a local is filled.
        let status = unsafe { (self.functions.ucp_worker_get_efd)(worker, &raw mut descriptor) };
        self.check("cannot be waited for", status)?;
        Ok(descriptor)
    }

    /// Has the descriptor tell of what comes from now on. False: something has come already.
    ///
    /// # Safety
    /// The worker is there, and no other thread uses it.
    pub(crate) unsafe fn arm(&self, worker: *mut Worker) -> Result<bool, Failure> {
        // SAFETY: the caller's word.
        match unsafe { (self.functions.ucp_worker_arm)(worker) } {
            BUSY => Ok(false),
            status => self.check("cannot be waited for", status).map(|()| true),
        }
    }

    /// Does what there is to do, and calls callbacks. Answers whether there was anything.
    ///
    /// # Safety
    /// The worker is there, no other thread uses it, and so is what its callbacks were given.
    #[inline]
    pub(crate) unsafe fn progress(&self, worker: *mut Worker) -> bool {
        // SAFETY: the caller's word.
        unsafe { (self.functions.ucp_worker_progress)(worker) != 0 }
    }

    /// Has messages with this number given to a callback.
    ///
    /// # Safety
    /// The worker is there; `arg` is what the callback expects, for as long as the worker is.
    pub(crate) unsafe fn handle(
        &self,
        worker: *mut Worker,
        id: u32,
        callback: OnMessage,
        arg: *mut c_void,
    ) -> Result<(), Failure> {
        let param = HandlerParam {
            // All but the flags.
            field_mask: 1 | 1 << 2 | 1 << 3,
            id,
            flags: 0,
            cb: callback,
            arg,
        };
        // SAFETY: the caller's word for the worker and the argument.
        let status =
            unsafe { (self.functions.ucp_worker_set_am_recv_handler)(worker, &raw const param) };
        self.check("takes no messages", status)
    }

    /// An endpoint at the worker with this address, which a stranger may have made up: it is followed by zeros, as UCX is not told how
    /// long it is.
    ///
    /// # Safety
    /// The worker is there; `arg` is what the callback expects, for as long as the endpoint is.
    pub(crate) unsafe fn endpoint(
        &self,
        worker: *mut Worker,
        address: &[u8],
        on_error: OnError,
        arg: *mut c_void,
    ) -> Result<*mut Endpoint, Failure> {
        let mut padded = vec![0; address.len() + PADDING];
        padded[..address.len()].copy_from_slice(address);
        let params = EndpointParams {
            // The address, how errors are handled, and by whom.
            field_mask: 1 | 1 << 1 | 1 << 2,
            address: padded.as_ptr(),
            err_mode: ERRORS_OF_PEERS,
            on_error: Some(on_error),
            on_error_arg: arg,
            user_data: ptr::null_mut(),
            flags: 0,
            sockaddr: [0; 2],
            conn_request: ptr::null_mut(),
            name: ptr::null(),
            local_sockaddr: [0; 2],
        };
        let mut endpoint = ptr::null_mut();
        // SAFETY: the caller's word for the worker and the argument; the address lives longer than the call.
        let status = unsignalled(|| unsafe {
            (self.functions.ucp_ep_create)(worker, &raw const params, &raw mut endpoint)
        });
        self.check("cannot reach the peer", status)?;
        Ok(endpoint)
    }

    /// Begins to close an endpoint, for good and without asking the peer.
    ///
    /// # Safety
    /// The endpoint is there, and not used any more; no other thread uses its worker.
    pub(crate) unsafe fn close(&self, endpoint: *mut Endpoint) -> Result<Begun, Failure> {
        let op = Op::bare(CLOSE_BY_FORCE);
        // SAFETY: the caller's word.
        let status = unsafe { (self.functions.ucp_ep_close_nbx)(endpoint, &raw const op.param) };
        self.begun("cannot close a connection", status)
    }

    /// Whether a request without a callback is done; it is gone then.
    ///
    /// # Safety
    /// The request is under way, or done and not yet gone; no other thread uses its worker.
    pub(crate) unsafe fn finished(&self, request: *mut c_void) -> bool {
        // SAFETY: the caller's word.
        if unsafe { (self.functions.ucp_request_check_status)(request) } == IN_PROGRESS {
            return false;
        }
        // SAFETY: it is done, and nobody asks after it again.
        unsafe { (self.functions.ucp_request_free)(request) };
        true
    }

    /// Gives a request back that is done.
    ///
    /// # Safety
    /// As [`Library::finished`].
    pub(crate) unsafe fn free(&self, request: *mut c_void) {
        // SAFETY: the caller's word.
        unsafe { (self.functions.ucp_request_free)(request) }
    }

    /// Sends a message.
    ///
    /// # Safety
    /// The endpoint is there, no other thread uses its worker, and header and data stay as they are until the request is done.
    pub(crate) unsafe fn send(
        &self,
        endpoint: *mut Endpoint,
        id: u32,
        (header, header_len): (*const u8, usize),
        (data, data_len): (*const u8, usize),
        op: &Op,
    ) -> Result<Begun, Failure> {
        // SAFETY: the caller's word.
        let status = unsafe {
            (self.functions.ucp_am_send_nbx)(
                endpoint,
                id,
                header,
                header_len,
                data,
                data_len,
                &raw const op.param,
            )
        };
        self.begun("cannot send", status)
    }

    /// Fetches the data of a message that has not arrived yet.
    ///
    /// # Safety
    /// The worker is there, and no other thread uses it; the descriptor is one that it gave; nobody uses the memory until the request
    /// is done.
    pub(crate) unsafe fn fetch(
        &self,
        worker: *mut Worker,
        descriptor: *mut c_void,
        data: *mut u8,
        data_len: usize,
        op: &Op,
    ) -> Result<Begun, Failure> {
        // SAFETY: the caller's word.
        let status = unsafe {
            (self.functions.ucp_am_recv_data_nbx)(
                worker,
                descriptor,
                data,
                data_len,
                &raw const op.param,
            )
        };
        self.begun("cannot receive", status)
    }

    /// Refuses the data of a message that has not arrived yet.
    ///
    /// # Safety
    /// As [`Library::fetch`].
    pub(crate) unsafe fn refuse(&self, worker: *mut Worker, descriptor: *mut c_void) {
        // SAFETY: the caller's word.
        unsafe { (self.functions.ucp_am_data_release)(worker, descriptor) }
    }

    /// Registers memory with all devices of a context.
    ///
    /// # Safety
    /// The context is there, and so are so many bytes, until they are released.
    pub(crate) unsafe fn register(
        &self,
        context: *mut Context,
        start: *mut u8,
        length: usize,
    ) -> Result<*mut Memory, Failure> {
        let params = MapParams {
            // Address, length and kind.
            field_mask: 1 | 1 << 1 | 1 << 4,
            address: start.cast(),
            length,
            flags: 0,
            prot: 0,
            memory_type: 0,
        };
        let mut memory = ptr::null_mut();
        // SAFETY: the caller's word; a local is filled.
        let status =
            unsafe { (self.functions.ucp_mem_map)(context, &raw const params, &raw mut memory) };
        self.check(
            "cannot register memory (is the limit of locked memory too low?)",
            status,
        )?;
        Ok(memory)
    }

    /// The reverse of [`Library::register`].
    ///
    /// # Safety
    /// The memory is registered with this context, and no request uses it.
    pub(crate) unsafe fn release(&self, context: *mut Context, memory: *mut Memory) {
        // SAFETY: the caller's word.
        unsafe { (self.functions.ucp_mem_unmap)(context, memory) };
    }
}

/// Zeros behind a peer's address: more than any length in it can lead to.
const PADDING: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    unsafe extern "C" fn on_sent(_: *mut c_void, _: Status, _: *mut c_void) {}

    /// UCX as distributions build it refuses it otherwise, and what only acknowledges ended the session.
    #[test]
    fn a_message_without_bytes_names_no_memory() {
        let memory = ptr::NonNull::<Memory>::dangling().as_ptr();
        let names = |length, memory| {
            let op = Op::send(on_sent, ptr::null_mut(), memory, length, false);
            op.param.op_attr_mask & OP_MEMORY != 0
        };
        assert!(names(1, memory));
        assert!(!names(0, memory));
        assert!(!names(1, ptr::null_mut()));
    }
}
