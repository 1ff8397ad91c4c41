//! The worker: one process that serves one session.
//!
//! It loads the device, says that it is ready, waits for the broker to hand it a connection, greets the client, and serves it
//! until one of the two goes away. It never serves another.

mod addresses;
mod calls;
mod control;
pub mod driver;
mod events;
#[cfg(test)]
mod fake;
pub mod forward;
#[allow(
    non_snake_case,
    clippy::let_and_return,
    clippy::unnecessary_cast,
    clippy::needless_borrows_for_generic_args
)]
mod generated;
pub mod handles;
pub mod hostile;
mod nvml;
#[allow(non_snake_case, reason = "functions with the driver's names")]
mod older;
#[allow(non_snake_case, reason = "functions with the driver's names")]
mod quota;
pub mod reports;
pub mod said;
pub mod sandbox;
mod session;
mod staging;

use std::collections::HashSet;
use std::ffi::CStr;
use std::fmt;
use std::fs::File;
use std::io::{ErrorKind, IoSlice};
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pillion_cpu_device::{DeviceOptions, MOST_DEVICES, driver_table};
use pillion_cuda_abi::types::{CUdevice, CUdevice_attribute, CUuuid};
use pillion_cuda_abi::visible::visible;
use pillion_cuda_abi::{API_VERSION, CUresult, DriverTable, FUNCTIONS};
use pillion_protocol::command::{OF_CACHES, OF_PACKING, cuda};
use pillion_protocol::{
    Decoder, DeviceSnapshot, Encoder, Hello, Opcodes, Reply, Violation, Welcome,
};
pub use pillion_tenancy::Share;
use pillion_transport::{Connection, Handoff, Interest, Poller};

use crate::account::Page;
use crate::user::Rights;
use reports::Report;
use sandbox::Sandbox;
pub use session::End;
use session::{Output, Session, is_refusal};

use crate::cache::Cache;

/// The oldest CUDA that the CPU device can pretend to be.
const OLDEST_CUDA: u32 = 11080;

/// What executes a session's commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Device {
    /// NVIDIA's driver.
    Nvidia,
    /// So many CPU devices: at least one, at most [`MOST_DEVICES`].
    Cpu(usize),
}

impl fmt::Display for Device {
    /// As `--device` takes it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Device::Nvidia => f.write_str("nvidia"),
            Device::Cpu(1) => f.write_str("cpu"),
            Device::Cpu(count) => write!(f, "cpu:{count}"),
        }
    }
}

impl FromStr for Device {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "nvidia" => return Ok(Device::Nvidia),
            "cpu" => return Ok(Device::Cpu(1)),
            _ => {}
        }
        let count = text.strip_prefix("cpu:").and_then(|n| n.parse().ok());
        match count {
            Some(count @ 1..=MOST_DEVICES) => Ok(Device::Cpu(count)),
            _ => Err(format!(
                "there is no device {text}: nvidia, cpu, or cpu:N for N CPU devices, of which there are at most {MOST_DEVICES}"
            )),
        }
    }
}

/// What the workers that wait for clients may hold of the device.
#[derive(Debug, Clone, Copy)]
pub struct Ahead {
    /// How many of them there are.
    pub workers: usize,
    /// Bytes of device memory for all of them together; `None`: a 32nd of the device's.
    pub memory: Option<u64>,
}

/// The part of a device's memory that workers without a client hold by default: one of so many.
const SHARE: u64 = 32;
/// Bytes that a context holds, roughly: 500 to 860 MB were measured.
const CONTEXT: u64 = 700 << 20;

impl Ahead {
    /// Whether a worker may make its context before anybody asks, on a device with so many bytes.
    fn allows(self, total: u64) -> bool {
        let memory = self.memory.unwrap_or(total / SHARE);
        memory / self.workers.max(1) as u64 >= CONTEXT
    }
}

/// Makes the first device's primary context, for whoever comes. Where that fails, the client's own try says why.
fn make_context(table: &DriverTable) -> Result<(), CUresult> {
    let retain = table
        .cuDevicePrimaryCtxRetain
        .ok_or(CUresult::CUDA_ERROR_NOT_SUPPORTED)?;
    let mut raw = std::ptr::null_mut();
    // SAFETY: a local, and an ordinal that there is.
    match unsafe { retain(&raw mut raw, 0) } {
        CUresult::CUDA_SUCCESS => Ok(()),
        status => {
            tracing::debug!(status = status.0, "no context could be made ahead");
            Err(status)
        }
    }
}

/// Tells the broker something. Answers whether it can be told.
fn report(control: impl AsFd, report: &Report) -> bool {
    let bytes = report.encode();
    let mut left = &bytes[..];
    while !left.is_empty() {
        match rustix::io::write(&control, left) {
            Ok(n) => left = &left[n..],
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
        }
    }
    true
}

/// Attributes that a snapshot holds; CUDA 13.0 has fewer.
const ATTRIBUTES: u32 = 200;

/// What a worker is started with.
#[derive(Debug)]
pub struct Start<'a> {
    /// The socket to the broker.
    pub control: OwnedFd,
    /// Where the broker sees what the session uses: the memory of a [`Page`].
    pub page: OwnedFd,
    /// What executes.
    pub device: Device,
    /// What may be made before there is a client.
    pub ahead: Ahead,
    /// The folder of the content cache, and its size in bytes.
    pub cache: Option<(&'a Path, u64)>,
    /// Whom it becomes.
    pub user: Option<&'a Rights>,
    /// How it is shut in.
    pub sandbox: Sandbox,
    /// It is for `ucx://`.
    pub network: bool,
    /// It shares its devices with others at the same time, and their faults.
    pub dense: bool,
    /// The socket by which it hears of its turns on the device, where there are turns.
    pub turns: Option<OwnedFd>,
    /// The share of each device's multiprocessors that it has. NVIDIA's driver goes by its own settings in the environment, so this
    /// is for the CPU device.
    pub share: Option<Share>,
}

/// Runs a worker. Returns when the session is over.
pub fn run(start: Start<'_>) -> ExitCode {
    let Start {
        control,
        page,
        device,
        ahead,
        cache,
        user,
        sandbox,
        network,
        dense,
        turns,
        share,
    } = start;
    die_with_parent();
    // While the device works, the loop sleeps for some microseconds at a time: the kernel is not to add fifty to each.
    // SAFETY: sets a number of this thread's.
    unsafe { libc::prctl(libc::PR_SET_TIMERSLACK, 1u64, 0, 0, 0) };
    addresses::leave_to_the_program();
    let printed = match redirect() {
        Ok(printed) => printed,
        Err(error) => {
            eprintln!("pillion worker: cannot set up its standard streams: {error}");
            return ExitCode::FAILURE;
        }
    };
    let page = match Page::open(page) {
        Ok(page) => page,
        Err(error) => {
            tracing::error!("the broker's page cannot be mapped: {error}");
            return ExitCode::FAILURE;
        }
    };
    // Before there is a thread, and before anything of a stranger's is there.
    if let Some(user) = user {
        if let Err(reason) = user.take() {
            tracing::error!("{reason}");
            return ExitCode::FAILURE;
        }
        // The kernel forgets that with the user.
        die_with_parent();
    }
    // What it is linked to may lie anywhere. It starts no thread yet.
    if network && let Err(error) = pillion_transport::ucx::version() {
        // It was there when the broker began to listen.
        tracing::error!("{error}");
        return ExitCode::FAILURE;
    }
    if let Err(reason) = sandbox::enter(sandbox, network, cache.map(|(folder, _)| folder)) {
        tracing::error!("the worker cannot be shut in: {reason}");
        return ExitCode::FAILURE;
    }
    let mut table = match load(device, share) {
        Ok(table) => table,
        Err(reason) => {
            tracing::error!("{reason}");
            return ExitCode::FAILURE;
        }
    };
    let (mut devices, driver_version) = match snapshot(&table) {
        Ok(snapshot) => snapshot,
        Err(status) => {
            let hint = match std::env::var("CUDA_VISIBLE_DEVICES") {
                Ok(list) if status == CUresult::CUDA_ERROR_NO_DEVICE => {
                    format!(
                        " (no device is visible: CUDA_VISIBLE_DEVICES={list:?} in the server's environment)"
                    )
                }
                _ => String::new(),
            };
            tracing::error!("the device does not start: CUDA error {}{hint}", status.0);
            if dense && is_refusal(status) {
                report(&control, &Report::Fault(status.0));
            }
            return ExitCode::FAILURE;
        }
    };
    // Before it says that it is ready: who comes is not to pay for somebody's fault, after which there may be no context for a while.
    if dense && let Err(status) = make_context(&table) {
        tracing::error!(
            "there can be no context beside others: CUDA error {}",
            status.0
        );
        if is_refusal(status) {
            report(&control, &Report::Fault(status.0));
        }
        return ExitCode::FAILURE;
    }
    let found = reports::found(&devices);
    if !report(&control, &Report::Ready(found.clone())) {
        return ExitCode::SUCCESS;
    }
    // After that: a client that comes now waits no longer than it would for its own context.
    let first = devices.first().map(|device| device.total_memory);
    let is_allowed = first.is_some_and(|total| ahead.allows(total));
    let warm = dense || is_allowed && make_context(&table).is_ok();
    let (handoff, note) = match Handoff::receive(control.as_fd()) {
        Ok(Some(assignment)) => assignment,
        Ok(None) => return ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("the broker's assignment is malformed: {error}");
            return ExitCode::FAILURE;
        }
    };
    let Welcoming {
        identity,
        cached,
        packs,
        asks_only,
        takes_turns,
        memory,
        hello,
    } = match assignment(&note) {
        Ok(welcoming) => welcoming,
        Err(reason) => {
            tracing::error!("{reason}");
            return ExitCode::FAILURE;
        }
    };
    let mut connection = match Connection::from_handoff(handoff) {
        Ok(connection) => connection,
        Err(error) => {
            tracing::error!("the connection cannot be taken over: {error}");
            return ExitCode::FAILURE;
        }
    };
    if let Some(limit) = memory {
        let nvidia = matches!(device, Device::Nvidia);
        let own = devices.iter().map(|device| match nvidia {
            true => nvml::OwnMemory::of(device),
            false => None,
        });
        table = quota::impose(table, limit, own.collect(), nvidia);
        for device in &mut devices {
            device.total_memory = device.total_memory.min(limit);
        }
    }
    let management = nvml::Management::new(device, &devices);
    // What asks for another order was given a worker that has it, and asks for nothing any more.
    let identities: Vec<_> = found.into_iter().map(|device| device.identity).collect();
    let seen = visible(hello.devices.as_deref(), hello.by_bus, &identities);
    if !seen.iter().copied().eq(0..seen.len()) {
        tracing::error!("the client asks for devices in an order that this worker does not have");
        return ExitCode::FAILURE;
    }
    devices.truncate(seen.len());
    let cache = cache.filter(|_| !cached.is_empty()).map(|(root, size)| {
        let tag: String = identity.iter().map(|byte| format!("{byte:02x}")).collect();
        Cache::new(root, size, &cached, &tag)
    });
    let welcome = Welcome {
        version: hello.version.min(pillion_protocol::PROTOCOL_VERSION),
        session: identity,
        driver_version: driver_version.min(API_VERSION),
        description: describe(device, driver_version, &devices),
        devices,
        ptx_only: matches!(device, Device::Cpu(_)),
        opcodes: opcodes(&table, cache.is_some(), packs),
        chosen: true,
        build: pillion_protocol::BUILD.to_string(),
    };
    tracing::info!(
        program = hello.program,
        pid = hello.pid,
        peer = connection.peer.description,
        "session begins"
    );
    outlive(connection.poller.clone());
    if let Err(error) = greet(&mut connection, &welcome) {
        tracing::info!("the client cannot be greeted: {error}");
        return ExitCode::SUCCESS;
    }
    let session = Session::new(
        table,
        connection,
        Some(control),
        printed,
        management,
        warm,
        cache,
    );
    let end = match session {
        Ok(mut session) => {
            session.packs = packs;
            session.page = Some(page);
            session.asks_only = asks_only;
            session.tells_faults = dense;
            let turns = turns.filter(|_| takes_turns);
            match turns.map(|socket| session.take_turns(socket)).transpose() {
                Ok(_) => session.run(),
                Err(error) => {
                    tracing::error!("the session cannot hear of its turns: {error}");
                    return ExitCode::FAILURE;
                }
            }
        }
        Err(error) => {
            tracing::error!("the session cannot be set up: {error}");
            return ExitCode::FAILURE;
        }
    };
    // What the session holds goes with the process; a driver that is stuck in a kernel must not keep it.
    leave(match end {
        End::Violation(_) => 2,
        End::Client | End::Broker | End::Ended => 0,
    })
}

/// What the broker says with a connection.
#[derive(Debug, PartialEq, Eq)]
pub struct Note<'a> {
    /// The session's identity.
    pub session: [u8; 16],
    /// The client's folder in the content cache; empty where nothing is cached for it.
    pub cached: &'a str,
    /// Bulk data is packed on slow lines.
    pub packs: bool,
    /// The client may ask about the devices, and not use them.
    pub asks_only: bool,
    /// The session gives the device work only when it has the turn.
    pub takes_turns: bool,
    /// Bytes of each device's memory that the session may hold.
    pub memory: Option<u64>,
    /// The greeting's body, without the token.
    pub hello: &'a [u8],
}

/// Bits of a note.
const PACKS: u32 = 1;
const ASKS_ONLY: u32 = 2;
const TAKES_TURNS: u32 = 4;

impl<'a> Note<'a> {
    /// As bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.session.to_vec();
        let mut body = Encoder::new(&mut bytes);
        body.text(self.cached);
        let flags = [
            (self.packs, PACKS),
            (self.asks_only, ASKS_ONLY),
            (self.takes_turns, TAKES_TURNS),
        ];
        let set = flags.iter().filter(|(set, _)| *set);
        body.scalar(set.map(|(_, flag)| flag).sum::<u32>());
        // No session may hold nothing.
        body.scalar(self.memory.unwrap_or(0));
        body.rest(self.hello);
        bytes
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// Where it is malformed.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Violation> {
        let (session, rest) = bytes
            .split_first_chunk()
            .ok_or(Violation::Truncated { missing: 16 })?;
        let mut body = Decoder::new(rest);
        let cached = body.string()?;
        let flags: u32 = body.scalar()?;
        let memory: u64 = body.scalar()?;
        Ok(Note {
            session: *session,
            cached,
            packs: flags & PACKS != 0,
            asks_only: flags & ASKS_ONLY != 0,
            takes_turns: flags & TAKES_TURNS != 0,
            memory: (memory > 0).then_some(memory),
            hello: body.rest(),
        })
    }
}

/// Whom a worker is to welcome.
struct Welcoming {
    /// The session's.
    identity: [u8; 16],
    /// The client's folder in the content cache; empty where nothing is cached for it.
    cached: String,
    packs: bool,
    asks_only: bool,
    takes_turns: bool,
    memory: Option<u64>,
    hello: Hello,
}

/// What the broker's note says.
fn assignment(note: &[u8]) -> Result<Welcoming, String> {
    let note = Note::decode(note)
        .map_err(|violation| format!("the broker's assignment is malformed: {violation}"))?;
    let hello = Hello::decode(note.hello)
        .map_err(|violation| format!("the client's greeting is malformed: {violation}"))?;
    Ok(Welcoming {
        identity: note.session,
        cached: note.cached.to_string(),
        packs: note.packs,
        asks_only: note.asks_only,
        takes_turns: note.takes_turns,
        memory: note.memory,
        hello,
    })
}

/// Serves a session in this process, on any table of driver functions, over a connection whose greeting is done: what a benchmark
/// of the worker needs. Returns when the session is over; what it holds of the device stays.
///
/// # Errors
///
/// The kernel's.
pub fn serve_in_place(
    table: DriverTable,
    devices: &[DeviceSnapshot],
    connection: Connection,
) -> std::io::Result<End> {
    let printed = Output {
        files: [None, None],
        read: [0, 0],
    };
    let management = nvml::Management::new(Device::Cpu(1), devices);
    Ok(Session::new(table, connection, None, printed, management, false, None)?.run())
}

/// How long a session goes on behind its client: what the client has sent is executed, and what is to be kept is written.
const BEHIND: Duration = Duration::from_secs(20);

/// Ends the process some time after its client has gone, should it not have ended by itself: the loop that executes commands sees that
/// only between them, and a driver that waits for a kernel without end does not come back.
fn outlive(poller: Arc<dyn Poller>) {
    let watch = move || {
        if poller.wait_for_end().is_ok() {
            std::thread::sleep(BEHIND);
            tracing::warn!(
                "the client went {} seconds ago, and the device's driver does not come back from a call",
                BEHIND.as_secs()
            );
            leave(3);
        }
    };
    // Where there is no room for a thread, the session does without.
    let _ = std::thread::Builder::new()
        .name("outlive".to_string())
        .stack_size(128 << 10)
        .spawn(watch);
}

/// Ends the process at once, without running the driver's exit handlers.
fn leave(code: i32) -> ! {
    // SAFETY: ends the process.
    unsafe { libc::_exit(code) }
}

/// The broker's death ends the worker, whatever it is doing.
fn die_with_parent() {
    let _ = rustix::process::set_parent_process_death_signal(Some(rustix::process::Signal::KILL));
}

/// Puts files in place of the standard streams, so that what the device prints can be sent, and keeps the real standard error
/// for the log.
fn redirect() -> std::io::Result<Output> {
    let log = rustix::io::dup(rustix::stdio::stderr())?;
    rustix::io::fcntl_setfd(&log, rustix::io::FdFlags::CLOEXEC)?;
    let log = File::from(log);
    let filter = tracing_subscriber::EnvFilter::try_from_env("PILLION_LOG")
        .unwrap_or_else(|_| "info".into());
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(Mutex::new(log))
        .with_ansi(false)
        .try_init();
    let file = |name| {
        let file = rustix::fs::memfd_create(name, rustix::fs::MemfdFlags::CLOEXEC)?;
        // Several threads of a driver may write at once.
        rustix::fs::fcntl_setfl(&file, rustix::fs::OFlags::APPEND)?;
        Ok::<_, std::io::Error>(file)
    };
    let (out, err) = (file("device-stdout")?, file("device-stderr")?);
    rustix::stdio::dup2_stdout(&out)?;
    rustix::stdio::dup2_stderr(&err)?;
    Ok(Output {
        files: [Some(out), Some(err)],
        read: [0, 0],
    })
}

/// What a worker executes: its own commands, with those of caches and of packing or without, and the functions that its driver has.
pub fn opcodes(table: &DriverTable, caches: bool, packs: bool) -> Opcodes {
    let mut there = HashSet::new();
    table.clone().retain(|symbol| {
        there.insert(symbol);
        true
    });
    let forwarded = FUNCTIONS
        .iter()
        .filter(|function| there.contains(function.symbol))
        .filter_map(|function| function.opcode);
    let own = cuda::ALL.iter().copied();
    let own = own.filter(|opcode| caches || !OF_CACHES.contains(opcode));
    let own = own.filter(|opcode| packs || !OF_PACKING.contains(opcode));
    own.chain(forwarded).collect()
}

fn load(device: Device, share: Option<Share>) -> Result<DriverTable, String> {
    let table = match device {
        Device::Nvidia => driver::load()?,
        Device::Cpu(devices) => {
            let cuda = std::env::var("PILLION_CPU_CUDA").ok();
            driver_table(DeviceOptions {
                devices,
                cuda: cuda.as_deref().map(cuda_version).transpose()?,
                share,
                ..DeviceOptions::default()
            })
        }
    };
    Ok(older::complete(table))
}

/// The number that CUDA has for a version such as 12.4.
fn cuda_version(text: &str) -> Result<u32, String> {
    text.split_once('.')
        .and_then(|(major, minor)| {
            Some((major.parse::<u32>().ok()?, minor.parse::<u32>().ok()?))
        })
        .map(|(major, minor)| major.saturating_mul(1000).saturating_add(minor.saturating_mul(10)))
        .filter(|version| (OLDEST_CUDA..=API_VERSION).contains(version))
        .ok_or_else(|| {
            format!(
                "PILLION_CPU_CUDA={text} is no version of CUDA that the CPU device can have: give one from 11.8 to {}.{}, or none",
                API_VERSION / 1000,
                API_VERSION % 1000 / 10
            )
        })
}

/// Starts the device, and reads what clients ask of it: its devices, and the version of its driver.
///
/// # Errors
///
/// The driver's, and `CUDA_ERROR_NOT_FOUND` where it lacks a function that every driver has.
pub fn snapshot(table: &DriverTable) -> Result<(Vec<DeviceSnapshot>, u32), CUresult> {
    let missing = CUresult::CUDA_ERROR_NOT_FOUND;
    let check = |status| {
        if status == CUresult::CUDA_SUCCESS {
            Ok(())
        } else {
            Err(status)
        }
    };
    let mut version = 0;
    let mut count = 0;
    // SAFETY: CUDA's signatures, with locals for what they write.
    unsafe {
        check(table.cuInit.ok_or(missing)?(0))?;
        check(table.cuDriverGetVersion.ok_or(missing)?(&raw mut version))?;
        check(table.cuDeviceGetCount.ok_or(missing)?(&raw mut count))?;
    }
    let mut devices = Vec::new();
    for ordinal in 0..count {
        let mut device: CUdevice = 0;
        let mut name = [0; 256];
        let mut uuid = CUuuid { bytes: [0; 16] };
        let mut bus = [0; 64];
        let mut total = 0usize;
        // SAFETY: as above; buffers with their lengths.
        unsafe {
            check(table.cuDeviceGet.ok_or(missing)?(&raw mut device, ordinal))?;
            check(table.cuDeviceGetName.ok_or(missing)?(
                name.as_mut_ptr(),
                256,
                device,
            ))?;
            check(table.cuDeviceGetUuid_v2.ok_or(missing)?(
                &raw mut uuid,
                device,
            ))?;
            check(table.cuDeviceTotalMem_v2.ok_or(missing)?(
                &raw mut total,
                device,
            ))?;
            check(table.cuDeviceGetPCIBusId.ok_or(missing)?(
                bus.as_mut_ptr(),
                64,
                device,
            ))?;
        }
        let ask = table.cuDeviceGetAttribute.ok_or(missing)?;
        let attributes = (0..ATTRIBUTES)
            .map(|attribute| {
                let mut value = 0;
                // SAFETY: a local.
                let status = unsafe { ask(&raw mut value, CUdevice_attribute(attribute), device) };
                (status.0, value)
            })
            .collect();
        let text = |bytes: &[std::ffi::c_char]| {
            // SAFETY: the driver has ended the text with a zero, and the last byte is one.
            unsafe { CStr::from_ptr(bytes.as_ptr()) }
                .to_string_lossy()
                .into_owned()
        };
        name[255] = 0;
        bus[63] = 0;
        devices.push(DeviceSnapshot {
            name: text(&name),
            uuid: uuid.bytes.map(|byte| byte as u8),
            total_memory: total as u64,
            pci_bus_id: text(&bus),
            attributes,
        });
    }
    Ok((devices, version as u32))
}

fn describe(device: Device, version: u32, devices: &[DeviceSnapshot]) -> String {
    let names: Vec<&str> = devices.iter().map(|device| device.name.as_str()).collect();
    let kind = match device {
        Device::Nvidia => "NVIDIA driver",
        Device::Cpu(_) => "CPU device",
    };
    format!(
        "{kind}, CUDA {}.{}, {}",
        version / 1000,
        version % 1000 / 10,
        names.join(", ")
    )
}

fn greet(connection: &mut Connection, welcome: &Welcome) -> std::io::Result<()> {
    let mut body = Vec::new();
    welcome.encode(&mut Encoder::new(&mut body));
    let mut bytes = Vec::new();
    Reply::Welcome(&body).encode(1, 0, &mut bytes);
    let mut sent = 0;
    while sent < bytes.len() {
        match connection.sender.try_send(&[IoSlice::new(&bytes[sent..])]) {
            Ok(n) => sent += n,
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                let ready = connection.poller.wait(
                    Interest::WRITABLE,
                    None,
                    Some(Duration::from_secs(10)),
                )?;
                if !ready.writable {
                    return Err(ErrorKind::TimedOut.into());
                }
            }
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
