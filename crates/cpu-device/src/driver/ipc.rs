//! Memory and events that several processes use: `cuIpc...`.
//!
//! A handle names a file by a ticket that nobody guesses ([`sharing`]). The file is the memory itself, or the page of the event.

use std::collections::HashMap;
use std::ffi::{c_char, c_uint};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;
use pillion_transport::sharing::{self, Sharing, Ticket};

use super::memory::{Devices, Kind};
use super::shared_event::SharedEvent;
use super::stream::Event;
use super::{
    Answer, BAD_HANDLE, EVENT, INVALID, State, alive, capture, check_fault, current,
    current_device, device, functions, name, write,
};

/// What is said of a handle that this process gave itself.
const OWN: CUresult = CUresult::CUDA_ERROR_INVALID_CONTEXT;
const OF_MEMORY: &[u8; 8] = b"pillionM";
const OF_EVENT: &[u8; 8] = b"pillionE";
const OF_POOL: &[u8; 8] = b"pillionP";

/// What this process shares and what it has of others.
#[derive(Default)]
pub struct Ipc {
    sharing: Sharing,
    /// What was given of memory, by address, and of events, by handle.
    given: HashMap<u64, Bytes>,
    /// Memory of others: where it is and how often it was opened.
    opened: HashMap<Ticket, (u64, u32)>,
}

/// The bytes that processes give each other.
pub type Bytes = [u8; 64];

/// What they say.
struct Content {
    ticket: Ticket,
    len: u64,
    pool: u64,
}

fn encode(what: &[u8; 8], content: &Content) -> Bytes {
    let mut bytes = [0; 64];
    bytes[..8].copy_from_slice(what);
    bytes[8..40].copy_from_slice(&content.ticket);
    bytes[40..48].copy_from_slice(&content.len.to_le_bytes());
    bytes[48..56].copy_from_slice(&content.pool.to_le_bytes());
    bytes
}

fn decode(what: &[u8; 8], bytes: &Bytes) -> Answer<Content> {
    let number = |at: usize| {
        let mut number = [0; 8];
        number.copy_from_slice(&bytes[at..at + 8]);
        u64::from_le_bytes(number)
    };
    let mut ticket = Ticket::default();
    ticket.copy_from_slice(&bytes[8..40]);
    if !bytes.starts_with(what) || bytes[56..].iter().any(|byte| *byte != 0) {
        return Err(INVALID);
    }
    Ok(Content {
        ticket,
        len: number(40),
        pool: number(48),
    })
}

impl Ipc {
    /// Shares a file under the address or handle of what it is.
    fn give(
        &mut self,
        name: u64,
        what: &[u8; 8],
        file: std::os::fd::OwnedFd,
        len: u64,
        pool: u64,
    ) -> Answer<Bytes> {
        let ticket = self.sharing.share(file);
        let ticket = ticket.map_err(|_| CUresult::CUDA_ERROR_OPERATING_SYSTEM)?;
        let bytes = encode(what, &Content { ticket, len, pool });
        self.given.insert(name, bytes);
        Ok(bytes)
    }

    /// Whether memory or events are shared with other processes now.
    pub fn is_in_use(&self) -> bool {
        !self.given.is_empty() || !self.opened.is_empty()
    }

    /// Gives something no longer, as it is freed or destroyed. Who has it keeps it.
    pub fn forget(&mut self, name: u64) {
        let Some(bytes) = self.given.remove(&name) else {
            return;
        };
        let mut ticket = Ticket::default();
        ticket.copy_from_slice(&bytes[8..40]);
        self.sharing.end(&ticket);
    }

    /// Forgets the memory that ends: what is given of it, and what was opened.
    pub fn forget_memory(&mut self, ends: impl Fn(u64) -> bool) {
        let given: Vec<u64> = self.given.keys().copied().collect();
        let memory = given.into_iter().filter(|name| name >> 48 != EVENT);
        for name in memory.filter(|start| ends(*start)) {
            self.forget(name);
        }
        self.opened.retain(|_, (start, _)| !ends(*start));
    }

    /// The bytes by which another process imports memory of a pool.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_OPERATING_SYSTEM`.
    pub fn give_of_pool(
        &mut self,
        start: u64,
        file: &std::os::fd::OwnedFd,
        len: u64,
        pool: u64,
    ) -> Answer<Bytes> {
        if let Some(bytes) = self.given.get(&start) {
            return Ok(*bytes);
        }
        let file = file.try_clone();
        let file = file.map_err(|_| CUresult::CUDA_ERROR_OPERATING_SYSTEM)?;
        self.give(start, OF_POOL, file, len, pool)
    }
}

/// Maps memory of another process's pool, which `pool` has to be, as a device's, and says how long it is.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_VALUE` for bytes that mean no such memory, or none any more; `CUDA_ERROR_OUT_OF_MEMORY`.
pub fn import_of_pool(
    bytes: &Bytes,
    pool: u64,
    own: CUdevice,
    access: Devices,
) -> Answer<(u64, u64)> {
    let content = decode(OF_POOL, bytes)?;
    if content.pool != pool {
        return Err(INVALID);
    }
    let device = alive()?;
    if device.state().ipc.sharing.gave(&content.ticket) {
        return Err(OWN);
    }
    let file = sharing::redeem(&content.ticket).map_err(|_| INVALID)?;
    let len = content.len;
    let start = device.memory.import(own, &file, len, Kind::Pool, access)?;
    Ok((start, len))
}

fn handle_of_memory(start: u64) -> Answer<Bytes> {
    let device = alive()?;
    let context = current()?;
    capture::potentially_unsafe(&mut device.state())?;
    // Memory is moved while nobody uses it, on whichever device.
    let mut state = loop {
        device.settle(device.memory.devices());
        check_fault(context)?;
        let state = device.state();
        if state
            .everything(|_| true)
            .iter()
            .all(|done| done.ended().is_some())
        {
            break state;
        }
    };
    if let Some(bytes) = state.ipc.given.get(&start) {
        return Ok(*bytes);
    }
    // SAFETY: everything has ended, and the state is locked, so nothing is queued.
    let (file, len) = unsafe { device.memory.move_to_file(start) }?;
    state.ipc.give(start, OF_MEMORY, file, len, 0)
}

fn open_memory(bytes: &Bytes, flags: c_uint) -> Answer<u64> {
    if flags & !CUipcMem_flags::CU_IPC_MEM_LAZY_ENABLE_PEER_ACCESS.0 != 0 {
        return Err(INVALID);
    }
    let content = decode(OF_MEMORY, bytes)?;
    let device = alive()?;
    let own = current_device()?;
    capture::potentially_unsafe(&mut device.state())?;
    {
        let ipc = &mut device.state().ipc;
        if ipc.sharing.gave(&content.ticket) {
            return Err(OWN);
        }
        if let Some((start, times)) = ipc.opened.get_mut(&content.ticket) {
            *times += 1;
            // It may have been opened for another device.
            device.memory.grant(*start, own, true);
            return Ok(*start);
        }
    }
    let file = sharing::redeem(&content.ticket).map_err(|_| INVALID)?;
    let (len, nobody) = (content.len, Devices::default());
    let memory = &device.memory;
    let start = memory.import(own, &file, len, Kind::Imported, nobody)?;
    device.state().ipc.opened.insert(content.ticket, (start, 1));
    Ok(start)
}

fn close_memory(start: u64) -> Answer {
    let device = device()?;
    {
        let mut state = device.state();
        capture::potentially_unsafe(&mut state)?;
        let opened = &mut state.ipc.opened;
        let mut known = opened.iter_mut().filter(|(_, (at, _))| *at == start);
        let (ticket, (_, times)) = known.next().ok_or(INVALID)?;
        *times -= 1;
        if *times > 0 {
            return Ok(());
        }
        let ticket = *ticket;
        opened.remove(&ticket);
    }
    device.settle(device.memory.users(start));
    device
        .memory
        .free(start, |allocation| allocation.kind == Kind::Imported)
}

fn handle_of_event(event: u64) -> Answer<Bytes> {
    let mut state = alive()?.state();
    let State { events, ipc, .. } = &mut *state;
    let event_known = events.get(&event).ok_or(BAD_HANDLE)?;
    if let Some(bytes) = ipc.given.get(&event) {
        return Ok(*bytes);
    }
    let file = event_known.file().ok_or(BAD_HANDLE)?.try_clone();
    let file = file.map_err(|_| CUresult::CUDA_ERROR_OPERATING_SYSTEM)?;
    ipc.give(event, OF_EVENT, file, 0, 0)
}

fn open_event(bytes: &Bytes) -> Answer<u64> {
    let content = decode(OF_EVENT, bytes)?;
    let device = alive()?;
    let context = current()?;
    if device.state().ipc.sharing.gave(&content.ticket) {
        return Err(OWN);
    }
    let file = sharing::redeem(&content.ticket).map_err(|_| INVALID)?;
    let event = Event::of_others(SharedEvent::open(&file)?, context);
    let handle = name(EVENT);
    device.state().events.insert(handle, event);
    Ok(handle)
}

fn as_chars(bytes: Bytes) -> [c_char; 64] {
    bytes.map(|byte| byte as c_char)
}

fn as_bytes(chars: [c_char; 64]) -> Bytes {
    chars.map(|byte| byte as u8)
}

functions! {
    cuIpcGetMemHandle(place: *mut CUipcMemHandle, pointer: CUdeviceptr) {
        if place.is_null() {
            return Err(INVALID);
        }
        write(place, CUipcMemHandle { reserved: as_chars(handle_of_memory(pointer)?) })
    }
    cuIpcOpenMemHandle_v2(place: *mut CUdeviceptr, handle: CUipcMemHandle, flags: c_uint) {
        if place.is_null() {
            return Err(INVALID);
        }
        write(place, open_memory(&as_bytes(handle.reserved), flags)?)
    }
    cuIpcCloseMemHandle(pointer: CUdeviceptr) { close_memory(pointer) }
    cuIpcGetEventHandle(place: *mut CUipcEventHandle, event: CUevent) {
        if place.is_null() {
            return Err(INVALID);
        }
        write(place, CUipcEventHandle { reserved: as_chars(handle_of_event(event as u64)?) })
    }
    cuIpcOpenEventHandle(place: *mut CUevent, handle: CUipcEventHandle) {
        if place.is_null() {
            return Err(INVALID);
        }
        write(place, open_event(&as_bytes(handle.reserved))? as CUevent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handles_say_what_was_put_into_them() {
        let content = Content {
            ticket: std::array::from_fn(|n| n as u8 ^ 0x5a),
            len: 0x0123_4567_89ab_cdef,
            pool: u64::MAX - 1,
        };
        let bytes = encode(OF_POOL, &content);
        let again = decode(OF_POOL, &bytes).unwrap();
        assert_eq!(again.ticket, content.ticket);
        assert_eq!((again.len, again.pool), (content.len, content.pool));
        // Of another kind, or with anything beyond.
        assert_eq!(decode(OF_MEMORY, &bytes).err(), Some(INVALID));
        assert_eq!(decode(OF_EVENT, &[0; 64]).err(), Some(INVALID));
        let mut longer = bytes;
        longer[63] = 1;
        assert_eq!(decode(OF_POOL, &longer).err(), Some(INVALID));
    }
}
