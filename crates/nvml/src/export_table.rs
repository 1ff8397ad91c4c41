//! The table of unnamed functions that `nvidia-smi` asks for.
//!
//! NVIDIA documents nothing of it. Its first word is its size in bytes; the others are functions. What is known of it, the
//! open stand-ins for this library have found by watching `nvidia-smi` 580: which entries list processes, and that an entry
//! for a device which is given a pointer is expected to write a number there.

use core::ffi::c_void;

use pillion_protocol::nvml::status;

use crate::api::{List, Running, by_index, put, running};
use crate::session::Library;
use crate::{Result, Return, code, handle};

/// The table's name.
const NAME: [u8; 16] = [
    0xc4, 0xfe, 0x3e, 0x6c, 0xc9, 0x8f, 0x6c, 0x4e, 0xa3, 0x27, 0xee, 0x69, 0x6e, 0x12, 0xf7, 0xc4,
];
const ENTRIES: usize = 512;

type Entry = unsafe extern "C" fn(usize, usize, usize, usize) -> Return;

struct Table([*const c_void; ENTRIES]);

// SAFETY: a number and addresses of code; nothing is written.
unsafe impl Sync for Table {}

static TABLE: Table = {
    let mut table = [unknown as Entry as *const c_void; ENTRIES];
    table[0] = core::ptr::without_provenance(ENTRIES * size_of::<usize>());
    table[81] = device_by_index as Entry as *const c_void;
    table[213] = compute_processes as Entry as *const c_void;
    table[214] = graphics_processes as Entry as *const c_void;
    table[215] = mps_processes as Entry as *const c_void;
    // The fastest link that the machine's bus could have, and a mode that GPUs do not have any more.
    table[230] = not_supported as Entry as *const c_void;
    table[249] = not_supported as Entry as *const c_void;
    Table(table)
};

/// Gives the table out.
///
/// # Safety
///
/// `table` is null or may be written, `name` is null or has sixteen bytes.
#[unsafe(no_mangle)]
#[allow(non_snake_case, reason = "NVML's name")]
pub unsafe extern "C" fn nvmlInternalGetExportTable(
    table: *mut *const c_void,
    name: *const [u8; 16],
) -> Return {
    // SAFETY: as the caller promises.
    match unsafe { name.as_ref() } {
        // SAFETY: as the caller promises.
        Some(name) if *name == NAME => code(unsafe { put(table, (&raw const TABLE.0).cast()) }),
        Some(_) => status::NOT_FOUND,
        None => status::INVALID_ARGUMENT,
    }
}

/// Nobody knows what it should do. It succeeds, because `nvidia-smi` gives up where some of them fail; a number that it is to
/// write is 0.
unsafe extern "C" fn unknown(device: usize, place: usize, _: usize, _: usize) -> Return {
    let Ok(session) = Library::current() else {
        return status::UNINITIALIZED;
    };
    let is_pointer = place >= 1 << 16 && place.is_multiple_of(align_of::<u32>());
    if handle::index(device, session.devices()).is_ok() && is_pointer {
        // SAFETY: what is not a small number there, is a pointer to a number.
        unsafe { (place as *mut u32).write(0) };
    }
    status::SUCCESS
}

unsafe extern "C" fn not_supported(_: usize, _: usize, _: usize, _: usize) -> Return {
    status::NOT_SUPPORTED
}

unsafe extern "C" fn device_by_index(index: usize, place: usize, _: usize, _: usize) -> Return {
    // SAFETY: as for the function with a name.
    code(unsafe { by_index(index as u32, place as *mut usize) })
}

unsafe extern "C" fn compute_processes(
    device: usize,
    count: usize,
    place: usize,
    _: usize,
) -> Return {
    // SAFETY: as the caller promises.
    code(unsafe {
        processes(
            device,
            count as *mut u32,
            place as *mut Listed,
            List::Compute,
        )
    })
}

unsafe extern "C" fn graphics_processes(
    device: usize,
    count: usize,
    place: usize,
    _: usize,
) -> Return {
    // SAFETY: as the caller promises.
    code(unsafe {
        processes(
            device,
            count as *mut u32,
            place as *mut Listed,
            List::Graphics,
        )
    })
}

unsafe extern "C" fn mps_processes(device: usize, count: usize, place: usize, _: usize) -> Return {
    // SAFETY: as the caller promises.
    code(unsafe { processes(device, count as *mut u32, place as *mut Listed, List::Mps) })
}

/// A process in these lists.
#[repr(C)]
#[derive(Clone, Copy)]
struct Listed {
    pid: u32,
    used: u64,
    instances: [u32; 2],
    protected: u64,
    name: [u8; 4096],
}

const _: () = assert!(size_of::<Listed>() == 4128);

/// Lists as many processes as there is room for.
///
/// # Safety
///
/// `count` is null or says how many there is room for at `place`.
unsafe fn processes(device: usize, count: *mut u32, place: *mut Listed, list: List) -> Result {
    let mut session = Library::current()?;
    let device = handle::index(device, session.devices())?;
    if count.is_null() {
        return Err(status::INVALID_ARGUMENT);
    }
    let room = match place.is_null() {
        true => 0,
        // SAFETY: as the caller promises.
        false => unsafe { count.read() },
    };
    let running = running(&mut session, device, list).unwrap_or_default();
    let shown = running.len().min(room as usize);
    for (index, process) in running.iter().take(shown).enumerate() {
        // SAFETY: there is room for so many.
        unsafe { place.add(index).write(listed(process)) };
    }
    // SAFETY: as the caller promises.
    unsafe { put(count, shown as u32) }
}

fn listed(process: &Running) -> Listed {
    let mut name = [0; 4096];
    let text = process.program.as_bytes();
    let len = text.len().min(name.len() - 1);
    name[..len].copy_from_slice(&text[..len]);
    Listed {
        pid: process.pid,
        used: process.used,
        instances: process.instances,
        protected: 0,
        name,
    }
}
