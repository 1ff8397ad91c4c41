//! The functions that mean something on the client.
#![allow(non_snake_case, reason = "NVML's names")]

use core::ffi::{CStr, c_char};
use std::time::Duration;

use pillion_protocol::Process;
use pillion_protocol::nvml::{self, Argument, Memory, status};

use crate::session::{Library, Session};
use crate::{Result, Return, code, handle};

/// Writes through a program's pointer.
///
/// # Safety
///
/// `place` is null, which NVML refuses, or may be written.
pub unsafe fn put<T>(place: *mut T, value: T) -> Result {
    if place.is_null() {
        return Err(status::INVALID_ARGUMENT);
    }
    // SAFETY: as the caller promises.
    unsafe { place.write_unaligned(value) };
    Ok(())
}

/// Exported functions: each returns its body's code.
macro_rules! functions {
    ($($(#[$doc:meta])* fn $name:ident($($parameter:ident: $type:ty),*) $body:block)*) => {$(
        $(#[$doc])*
        ///
        /// # Safety
        ///
        /// As NVML's manual says.
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($parameter: $type),*) -> Return {
            let body = || -> Result { $body };
            code(body())
        }
    )*};
}

// ---- the library --------------------------------------------------------------------------------------------------------

functions! {
    /// Opens a session, unless there is one.
    fn nvmlInit() { Library::initialise() }
    /// As [`nvmlInit`].
    fn nvmlInit_v2() { Library::initialise() }
    /// As [`nvmlInit`]: the flags say what may be missing, and nothing is ever attached here.
    fn nvmlInitWithFlags(_flags: u32) { Library::initialise() }
    /// Ends the session with its last user.
    fn nvmlShutdown() { Library::shut_down() }
}

/// What a code means.
#[unsafe(no_mangle)]
pub extern "C" fn nvmlErrorString(result: Return) -> *const c_char {
    let text = match result {
        0 => c"Success",
        1 => c"Uninitialized",
        2 => c"Invalid Argument",
        3 => c"Not Supported",
        4 => c"Insufficient Permissions",
        5 => c"Already Initialized",
        6 => c"Not Found",
        7 => c"Insufficient Size",
        8 => c"Insufficient External Power",
        9 => c"Driver Not Loaded",
        10 => c"Timeout",
        11 => c"Interrupt Request Issue",
        12 => c"NVML Shared Library Not Found",
        13 => c"Function Not Found",
        14 => c"Corrupted infoROM",
        15 => c"GPU is lost",
        16 => c"GPU requires reset",
        17 => c"The operating system has blocked the request",
        18 => c"Driver/library version mismatch",
        19 => c"In use by another client",
        20 => c"Insufficient Memory",
        21 => c"No data",
        22 => c"The requested vGPU operation is not available on target device, because ECC is enabled",
        23 => c"Insufficient Resources",
        24 => c"Frequency not supported",
        25 => c"Argument version mismatch",
        26 => c"Deprecated",
        27 => c"Not Ready",
        28 => c"GPU not found",
        29 => c"Invalid state",
        30 => c"Reset type not supported",
        _ => c"Unknown Error",
    };
    text.as_ptr()
}

// ---- devices ------------------------------------------------------------------------------------------------------------

functions! {
    /// How many devices the server has for this client.
    fn nvmlDeviceGetCount_v2(count: *mut u32) {
        let devices = Library::current()?.devices();
        // SAFETY: as the caller promises.
        unsafe { put(count, devices as u32) }
    }
    /// As [`nvmlDeviceGetCount_v2`].
    fn nvmlDeviceGetCount(count: *mut u32) {
        let devices = Library::current()?.devices();
        // SAFETY: as the caller promises.
        unsafe { put(count, devices as u32) }
    }
    /// A device's handle.
    fn nvmlDeviceGetHandleByIndex_v2(index: u32, device: *mut usize) {
        // SAFETY: as the caller promises.
        unsafe { by_index(index, device) }
    }
    /// As [`nvmlDeviceGetHandleByIndex_v2`].
    fn nvmlDeviceGetHandleByIndex(index: u32, device: *mut usize) {
        // SAFETY: as the caller promises.
        unsafe { by_index(index, device) }
    }
    /// A device's number.
    fn nvmlDeviceGetIndex(device: usize, index: *mut u32) {
        let device = handle::index(device, Library::current()?.devices())?;
        // SAFETY: as the caller promises.
        unsafe { put(index, device as u32) }
    }
    /// No handle is of a part of a GPU.
    fn nvmlDeviceIsMigDeviceHandle(device: usize, is: *mut u32) {
        handle::index(device, Library::current()?.devices())?;
        // SAFETY: as the caller promises.
        unsafe { put(is, 0) }
    }
    /// No handle is of a part of a GPU.
    fn nvmlDeviceGetDeviceHandleFromMigDeviceHandle(device: usize, _whole: *mut usize) {
        handle::index(device, Library::current()?.devices())?;
        Err(status::NOT_SUPPORTED)
    }
    /// There are no S-class units.
    fn nvmlUnitGetCount(count: *mut u32) {
        Library::current()?;
        // SAFETY: as the caller promises.
        unsafe { put(count, 0) }
    }
    /// A server does not tell of GPUs that its driver leaves out.
    fn nvmlGetExcludedDeviceCount(count: *mut u32) {
        Library::current()?;
        // SAFETY: as the caller promises.
        unsafe { put(count, 0) }
    }
    /// Samples of a GPU's counters do not travel, so no device has them.
    fn nvmlGpmQueryDeviceSupport(device: usize, support: *mut [u32; 2]) {
        handle::index(device, Library::current()?.devices())?;
        if support.is_null() {
            return Err(status::INVALID_ARGUMENT);
        }
        // SAFETY: as the caller promises: the version, then whether it is supported.
        unsafe { put(support.cast::<u32>().add(1), 0) }
    }
}

/// A device's handle.
///
/// # Safety
///
/// As NVML's manual says.
pub unsafe fn by_index(index: u32, device: *mut usize) -> Result {
    if index as usize >= Library::current()?.devices() {
        return Err(status::INVALID_ARGUMENT);
    }
    // SAFETY: as the caller promises.
    unsafe { put(device, handle::of(index as usize)) }
}

// ---- processors: the client's, all equally far from a GPU elsewhere -------------------------------------------------------

functions! {
    /// Every processor of this machine.
    fn nvmlDeviceGetCpuAffinity(device: usize, words: u32, set: *mut u64) {
        // SAFETY: as the caller promises.
        unsafe { processors(device, words, set) }
    }
    /// As [`nvmlDeviceGetCpuAffinity`].
    fn nvmlDeviceGetCpuAffinityWithinScope(device: usize, words: u32, set: *mut u64, _scope: u32) {
        // SAFETY: as the caller promises.
        unsafe { processors(device, words, set) }
    }
    /// Every processor will do, so the thread stays where it is.
    fn nvmlDeviceSetCpuAffinity(device: usize) {
        handle::index(device, Library::current()?.devices()).map(|_| ())
    }
    /// As [`nvmlDeviceSetCpuAffinity`].
    fn nvmlDeviceClearCpuAffinity(device: usize) {
        handle::index(device, Library::current()?.devices()).map(|_| ())
    }
}

unsafe fn processors(device: usize, words: u32, set: *mut u64) -> Result {
    handle::index(device, Library::current()?.devices())?;
    if words == 0 || set.is_null() {
        return Err(status::INVALID_ARGUMENT);
    }
    // SAFETY: asks for a number.
    let count = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) }.max(1) as usize;
    for word in 0..words as usize {
        let bits = count.saturating_sub(word * 64);
        let mask = if bits >= 64 {
            u64::MAX
        } else {
            (1 << bits) - 1
        };
        // SAFETY: as the caller promises, so many words.
        unsafe { set.add(word).write_unaligned(mask) };
    }
    Ok(())
}

// ---- processes ------------------------------------------------------------------------------------------------------------

/// Which list of processes. The numbers are those of the functions that travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// `nvmlDeviceGetComputeRunningProcesses_v3`.
    Compute,
    /// `nvmlDeviceGetGraphicsRunningProcesses_v3`.
    Graphics,
    /// `nvmlDeviceGetMPSComputeRunningProcesses_v3`.
    Mps,
}

/// A program of this client that uses a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Running {
    /// Its process number here.
    pub pid: u32,
    /// Bytes of device memory that it uses, or all ones where nobody knows.
    pub used: u64,
    /// The parts of the device that it uses.
    pub instances: [u32; 2],
    /// Its name.
    pub program: String,
}

impl Running {
    /// As `nvmlProcessInfo_t`.
    fn info(&self) -> [u8; 24] {
        let mut info = [0; 24];
        info[..4].copy_from_slice(&self.pid.to_le_bytes());
        info[8..16].copy_from_slice(&self.used.to_le_bytes());
        info[16..20].copy_from_slice(&self.instances[0].to_le_bytes());
        info[20..].copy_from_slice(&self.instances[1].to_le_bytes());
        info
    }
}

/// The programs of this client that use a device.
///
/// # Errors
///
/// What the server's NVML answers.
pub fn running(session: &mut Session, device: usize, list: List) -> Result<Vec<Running>> {
    let name = match list {
        List::Compute => "nvmlDeviceGetComputeRunningProcesses_v3",
        List::Graphics => "nvmlDeviceGetGraphicsRunningProcesses_v3",
        List::Mps => "nvmlDeviceGetMPSComputeRunningProcesses_v3",
    };
    let infos = list_of(session, name, device, None)?;
    if infos.is_empty() {
        return Ok(Vec::new());
    }
    Ok(ours(&infos, session.processes()))
}

/// Of what a GPU's driver lists, the workers of this client's programs, as those programs.
fn ours(infos: &[[u8; 24]], processes: &[Process]) -> Vec<Running> {
    let field = |info: &[u8; 24], at: usize| {
        u32::from_le_bytes([info[at], info[at + 1], info[at + 2], info[at + 3]])
    };
    infos
        .iter()
        .filter_map(|info| {
            let process = processes.iter().find(|p| p.worker == field(info, 0))?;
            Some(Running {
                pid: process.pid,
                used: u64::from(field(info, 8)) | u64::from(field(info, 12)) << 32,
                instances: [field(info, 16), field(info, 20)],
                program: process.program.clone(),
            })
        })
        .collect()
}

/// All elements of a function's array, whose parameters are a device, the array and its count in any order, and a time.
fn list_of<const SIZE: usize>(
    session: &mut Session,
    name: &str,
    device: usize,
    since: Option<u64>,
) -> Result<Vec<[u8; SIZE]>> {
    const MOST: u32 = 1024;
    let function = nvml::FUNCTIONS
        .iter()
        .find(|function| function.name == name)
        .ok_or(status::FUNCTION_NOT_FOUND)?;
    let arguments: Vec<Argument> = function
        .parameters
        .iter()
        .map(|role| match role {
            nvml::Role::Device => Argument::Value(device as u64),
            nvml::Role::Count => Argument::Memory(Memory::of(&MOST.to_le_bytes())),
            nvml::Role::Long => Argument::Value(since.unwrap_or(0)),
            _ => Argument::Memory(Memory::zeroed(0)),
        })
        .collect();
    let (code, written) = session.call(function, &arguments)?;
    if code != status::SUCCESS {
        return Err(code);
    }
    let at = function
        .parameters
        .iter()
        .position(|role| matches!(role, nvml::Role::Array(_)));
    let bytes = at.and_then(|at| written[at].as_deref()).unwrap_or_default();
    Ok(bytes.as_chunks().0.to_vec())
}

/// Gives a program a list as NVML does: as many as there are, or how many there would be.
///
/// # Safety
///
/// `count` is null or may be read and written; `place` is null or has room for as many elements.
unsafe fn give<const SIZE: usize>(
    list: &[[u8; SIZE]],
    count: *mut u32,
    place: *mut [u8; SIZE],
) -> Result {
    if count.is_null() {
        return Err(status::INVALID_ARGUMENT);
    }
    // SAFETY: as the caller promises.
    let room = unsafe { count.read_unaligned() } as usize;
    // SAFETY: as the caller promises.
    unsafe { put(count, list.len() as u32) }?;
    if list.len() > room {
        return Err(status::INSUFFICIENT_SIZE);
    }
    if !list.is_empty() && place.is_null() {
        return Err(status::INVALID_ARGUMENT);
    }
    for (index, element) in list.iter().enumerate() {
        // SAFETY: there is room for so many.
        unsafe { place.add(index).write_unaligned(*element) };
    }
    Ok(())
}

/// The body of the functions that list processes. `SIZE` is that of their structs: process number and memory, and in later
/// versions the parts of the device.
unsafe fn list<const SIZE: usize>(
    device: usize,
    count: *mut u32,
    infos: *mut [u8; SIZE],
    list: List,
) -> Result {
    let mut session = Library::current()?;
    let device = handle::index(device, session.devices())?;
    let running = running(&mut session, device, list)?;
    let infos_of_ours: Vec<[u8; SIZE]> = running
        .iter()
        .map(|process| {
            let mut info = [0; SIZE];
            info.copy_from_slice(&process.info()[..SIZE]);
            info
        })
        .collect();
    // SAFETY: as the caller promises.
    unsafe { give(&infos_of_ours, count, infos) }
}

macro_rules! lists {
    ($($name:ident $size:literal $list:ident)*) => {
        functions! {$(
            /// This client's programs that use the device.
            fn $name(device: usize, count: *mut u32, infos: *mut [u8; $size]) {
                // SAFETY: as the caller promises.
                unsafe { list(device, count, infos, List::$list) }
            }
        )*}
    };
}

lists! {
    nvmlDeviceGetComputeRunningProcesses 16 Compute
    nvmlDeviceGetComputeRunningProcesses_v2 24 Compute
    nvmlDeviceGetComputeRunningProcesses_v3 24 Compute
    nvmlDeviceGetGraphicsRunningProcesses 16 Graphics
    nvmlDeviceGetGraphicsRunningProcesses_v2 24 Graphics
    nvmlDeviceGetGraphicsRunningProcesses_v3 24 Graphics
    nvmlDeviceGetMPSComputeRunningProcesses 16 Mps
    nvmlDeviceGetMPSComputeRunningProcesses_v2 24 Mps
    nvmlDeviceGetMPSComputeRunningProcesses_v3 24 Mps
}

/// A list of processes as `nvmlDeviceGetRunningProcessDetailList` takes it.
#[repr(C)]
pub struct DetailList {
    version: u32,
    mode: u32,
    count: u32,
    processes: *mut [u8; 40],
}

const DETAIL_LIST: u32 = 1 << 24 | size_of::<DetailList>() as u32;

functions! {
    /// This client's programs that use the device, of one kind.
    fn nvmlDeviceGetRunningProcessDetailList(device: usize, details: *mut DetailList) {
        let mut session = Library::current()?;
        let device = handle::index(device, session.devices())?;
        // SAFETY: as the caller promises.
        let details = unsafe { details.as_mut() }.ok_or(status::INVALID_ARGUMENT)?;
        if details.version != DETAIL_LIST {
            return Err(status::ARGUMENT_VERSION_MISMATCH);
        }
        let list = match details.mode {
            0 => List::Compute,
            1 => List::Graphics,
            2 => List::Mps,
            _ => return Err(status::INVALID_ARGUMENT),
        };
        let running = running(&mut session, device, list)?;
        // Each as in the shorter lists, then memory that is protected from the host.
        let ours: Vec<[u8; 40]> = running
            .iter()
            .map(|process| {
                let mut whole = [0; 40];
                whole[..24].copy_from_slice(&process.info());
                whole
            })
            .collect();
        // SAFETY: as the caller promises.
        unsafe { give(&ours, &raw mut details.count, details.processes) }
    }
    /// How much of the device each of this client's programs uses.
    fn nvmlDeviceGetProcessUtilization(
        device: usize,
        samples: *mut [u8; 32],
        count: *mut u32,
        since: u64
    ) {
        let mut session = Library::current()?;
        let device = handle::index(device, session.devices())?;
        let name = "nvmlDeviceGetProcessUtilization";
        let all: Vec<[u8; 32]> = list_of(&mut session, name, device, Some(since))?;
        let processes = session.processes();
        let ours: Vec<[u8; 32]> = all
            .into_iter()
            .filter_map(|mut sample| {
                let worker = u32::from_le_bytes(*sample.first_chunk()?);
                let process = processes.iter().find(|process| process.worker == worker)?;
                sample[..4].copy_from_slice(&process.pid.to_le_bytes());
                Some(sample)
            })
            .collect();
        // SAFETY: as the caller promises.
        unsafe { give(&ours, count, samples) }
    }
    /// The name of a program: one of this client's, or any process of this machine.
    fn nvmlSystemGetProcessName(pid: u32, name: *mut c_char, length: u32) {
        let mut session = Library::current()?;
        if name.is_null() || length == 0 {
            return Err(status::INVALID_ARGUMENT);
        }
        let known = session.processes().iter().find(|process| process.pid == pid);
        let text = match known {
            Some(process) => process.program.clone().into_bytes(),
            None => {
                let line = std::fs::read(format!("/proc/{pid}/cmdline"));
                let line = line.map_err(|_| status::NOT_FOUND)?;
                CStr::from_bytes_until_nul(&line).map_or(Vec::new(), |text| text.to_bytes().to_vec())
            }
        };
        let len = text.len().min(length as usize - 1);
        // SAFETY: as the caller promises, room for `length` bytes, of which these are fewer.
        unsafe {
            name.cast::<u8>().copy_from_nonoverlapping(text.as_ptr(), len);
            name.add(len).write(0);
        }
        Ok(())
    }
}

// ---- events: sets are as real as programs can tell, and nothing ever happens ----------------------------------------------

functions! {
    /// A set of events.
    fn nvmlEventSetCreate(set: *mut usize) {
        let mut session = Library::current()?;
        let number = session.event_sets.last().map_or(1, |last| last + 1);
        // SAFETY: as the caller promises.
        unsafe { put(set, number) }?;
        session.event_sets.push(number);
        Ok(())
    }
    /// Forgets a set.
    fn nvmlEventSetFree(set: usize) {
        let mut session = Library::current()?;
        let at = known(&session, set)?;
        session.event_sets.remove(at);
        Ok(())
    }
    /// Takes notice.
    fn nvmlDeviceRegisterEvents(device: usize, _types: u64, set: usize) {
        let session = Library::current()?;
        handle::index(device, session.devices())?;
        known(&session, set).map(|_| ())
    }
    /// Waits for as long as the program would.
    fn nvmlEventSetWait_v2(set: usize, data: *mut u8, timeout: u32) {
        wait(set, data, timeout)
    }
    /// As [`nvmlEventSetWait_v2`].
    fn nvmlEventSetWait(set: usize, data: *mut u8, timeout: u32) {
        wait(set, data, timeout)
    }
}

fn known(session: &Session, set: usize) -> Result<usize> {
    let at = session.event_sets.iter().position(|known| *known == set);
    at.ok_or(status::INVALID_ARGUMENT)
}

fn wait(set: usize, data: *mut u8, timeout: u32) -> Result {
    {
        let session = Library::current()?;
        known(&session, set)?;
        if data.is_null() {
            return Err(status::INVALID_ARGUMENT);
        }
        // Other threads' calls go on meanwhile.
    }
    std::thread::sleep(Duration::from_millis(u64::from(timeout)));
    Err(status::TIMEOUT)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(pid: u32, used: u64) -> [u8; 24] {
        let mut info = [0xff; 24];
        info[..4].copy_from_slice(&pid.to_le_bytes());
        info[8..16].copy_from_slice(&used.to_le_bytes());
        info
    }

    #[test]
    fn workers_are_shown_as_the_programs_that_they_work_for() {
        let process = |worker, pid, program: &str| Process {
            worker,
            pid,
            program: program.to_string(),
        };
        let processes = [process(70, 7, "seven"), process(80, 8, "eight")];
        let infos = [info(60, 1), info(80, 5 << 30), info(7, 2)];
        let running = ours(&infos, &processes);
        assert_eq!(
            running,
            [Running {
                pid: 8,
                used: 5 << 30,
                instances: [u32::MAX; 2],
                program: "eight".to_string(),
            }]
        );
    }

    #[test]
    fn lists_are_given_as_far_as_there_is_room() {
        let list = [[1u8; 16], [2; 16]];
        let mut place = [[0u8; 16]; 2];
        let mut count = 1;
        // SAFETY: locals.
        let mut call = |count: &mut u32| unsafe { give(&list, count, place.as_mut_ptr()) };
        assert_eq!(call(&mut count), Err(status::INSUFFICIENT_SIZE));
        assert_eq!(count, 2);
        assert_eq!(call(&mut count), Ok(()));
        assert_eq!(place, list);
        let mut none = 0;
        // SAFETY: as NVML allows, a null array for no elements.
        let result = unsafe { give::<16>(&[], &raw mut none, core::ptr::null_mut()) };
        assert_eq!(result, Ok(()));
    }
}
