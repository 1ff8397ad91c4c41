//! The device's beginning, its contexts and their limits.

use std::collections::BTreeSet;
use std::ffi::{c_int, c_uint, c_ulonglong};
use std::sync::{Arc, Mutex, PoisonError};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;
use pillion_cuda_abi::visible::{Identity, visible};
use pillion_tenancy::Share;

use super::memory::{Devices, Memory};
use super::pool::Pools;
use super::{
    Answer, CONTEXT, CONTEXTS, DEVICE, Device, INVALID, MOST_DEVICES, OPTIONS, State, alive,
    capture, check_fault, current, current_device, device, device_of, functions, module, name,
    write,
};
use crate::engine::{self, AddressSpace, Engine};

/// What is known of a context. Its device is in its handle.
pub struct Context {
    flags: u32,
    id: u64,
    /// The contexts whose memory its kernels have been given access to.
    peers: BTreeSet<u64>,
}

impl Context {
    fn new(flags: u32, id: u64) -> Context {
        Context {
            flags,
            id,
            peers: BTreeSet::new(),
        }
    }
}

/// What is known of a device's primary context, whether it exists or not.
#[derive(Default)]
pub struct Primary {
    retained: u32,
    flags: u32,
}

/// The handle of a device's primary context; `name` gives no number as low as this.
fn primary(device: CUdevice) -> u64 {
    CONTEXT << 48 | 0x10 | device as u64
}

/// Held while the devices begin, which they do once.
static INIT: Mutex<()> = Mutex::new(());

/// One device.
fn only(device: CUdevice) -> Devices {
    let mut devices = Devices::default();
    devices.set(device, true);
    devices
}

fn begin() -> Answer<Device> {
    let options = OPTIONS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
        .unwrap_or_default();
    let there = options.devices.clamp(1, MOST_DEVICES);
    let all: Vec<Identity> = (0..there).map(device::identity).collect();
    let list = std::env::var_os("CUDA_VISIBLE_DEVICES");
    let list = list.as_ref().map(|list| list.to_string_lossy());
    // The devices' numbers follow their PCI addresses anyway.
    let units = visible(list.as_deref(), false, &all);
    if units.is_empty() {
        return Err(CUresult::CUDA_ERROR_NO_DEVICE);
    }
    let space = Arc::new(AddressSpace::new());
    let memory = options
        .memory
        .unwrap_or_else(|| device::default_memory(there));
    let threads = options.threads.unwrap_or_else(engine::host_threads);
    let share = options.share.unwrap_or(Share::ALL);
    let engine = |_: &usize| Engine::with_share(threads, share);
    Ok(Device {
        engines: units.iter().map(engine).collect(),
        memory: Arc::new(Memory::new(space.clone(), units.len(), memory)),
        space,
        cancel: Arc::default(),
        conditions: Mutex::default(),
        state: Mutex::new(State {
            pools: Pools::new(units.len()),
            ..State::default()
        }),
        units,
    })
}

impl Device {
    /// Lets the kernels of a context's device reach what another context has, if any context of theirs asks for that.
    fn update_peers(&self, state: &State, device: CUdevice, owner: CUdevice) {
        let mut own = state
            .contexts
            .iter()
            .filter(|(c, _)| device_of(**c) == device);
        let access = own.any(|(_, c)| c.peers.iter().any(|peer| device_of(*peer) == owner));
        self.memory.set_peer(device, owner, access);
    }

    /// Ends what a context has, but its memory. What is answered must be dropped after the state is unlocked.
    fn end_context(&self, state: &mut State, context: u64) -> Vec<Box<dyn Send>> {
        let mut gone: Vec<Box<dyn Send>> = Vec::new();
        for graph in capture::context_gone(state, context) {
            gone.push(Box::new(graph));
        }
        state.streams.retain(|_, stream| stream.context != context);
        let State { events, ipc, .. } = &mut *state;
        events.retain(|handle, event| {
            let stays = event.context != context;
            if !stays {
                ipc.forget(*handle);
            }
            stays
        });
        state.legacy.remove(&context);
        let mut changed = BTreeSet::new();
        for (own, known) in &mut state.contexts {
            if *own == context {
                let peers = std::mem::take(&mut known.peers);
                changed.extend(peers.into_iter().map(|peer| (*own, peer)));
            } else if known.peers.remove(&context) {
                changed.insert((*own, context));
            }
        }
        for (own, peer) in changed {
            self.update_peers(state, device_of(own), device_of(peer));
        }
        gone
    }

    /// Ends a primary context and all that it has.
    fn end_primary(&self, device: CUdevice) -> Answer {
        let context = primary(device);
        let _ = self.synchronize(context);
        let mut state = self.state();
        let gone = self.end_context(&mut state, context);
        state.pools.forget(device);
        let is_of = |start| self.memory.find(start).is_some_and(|a| a.device == device);
        state.ipc.forget_memory(is_of);
        state.managed.forget_device(device);
        // Graphs are of no context: they end with the last one.
        let last = state
            .primaries
            .values()
            .all(|primary| primary.retained == 0)
            && state
                .contexts
                .keys()
                .all(|other| *other == primary(device_of(*other)));
        let graphs = (last || self.units.len() == 1).then(|| std::mem::take(&mut state.graphs));
        // Dropped when the state is unlocked: the program may want to know of the end of its objects.
        drop(state);
        drop((gone, graphs));
        module::reset(self, context);
        self.end_memory(context);
        self.memory.free_all(device);
        Ok(())
    }

    /// Ends the memory that was allocated in a context, and what is known of it.
    fn end_memory(&self, context: u64) {
        let gone = self.memory.free_of_context(context);
        let mut state = self.state();
        for start in gone {
            state.host_flags.remove(&start);
            state.managed.forget(start);
            state.ipc.forget(start);
        }
    }
}

fn create(place: *mut CUcontext, flags: c_uint, on: CUdevice) -> Answer {
    let handle = name(CONTEXT) | on as u64;
    let owner = device()?;
    check_fault(handle)?;
    owner
        .state()
        .contexts
        .insert(handle, Context::new(flags, handle));
    CONTEXTS.with_borrow_mut(|stack| stack.push(handle));
    write(place, handle as CUcontext)
}

functions! {
    cuInit(flags: c_uint) {
        if flags != 0 {
            return Err(INVALID);
        }
        let _one = INIT.lock().unwrap_or_else(PoisonError::into_inner);
        if DEVICE.get().is_none() {
            let device = begin()?;
            DEVICE.get_or_init(|| device);
        }
        Ok(())
    }
    cuDevicePrimaryCtxRetain(place: *mut CUcontext, device: CUdevice) {
        device::check(device)?;
        let mut state = crate::driver::device()?.state();
        let known = state.primaries.entry(device).or_default();
        known.retained += 1;
        let (flags, context) = (known.flags, primary(device));
        state.contexts.entry(context).or_insert_with(|| Context::new(flags, context & 0xff));
        write(place, context as CUcontext)
    }
    cuDevicePrimaryCtxRelease_v2(device: CUdevice) {
        device::check(device)?;
        let owner = crate::driver::device()?;
        let last = {
            let mut state = owner.state();
            let known = state.primaries.entry(device).or_default();
            known.retained = known.retained.checked_sub(1).ok_or(CUresult::CUDA_ERROR_INVALID_CONTEXT)?;
            known.retained == 0
        };
        if last { owner.end_primary(device) } else { Ok(()) }
    }
    cuDevicePrimaryCtxReset_v2(device: CUdevice) {
        device::check(device)?;
        crate::driver::device()?.end_primary(device)
    }
    cuDevicePrimaryCtxSetFlags_v2(device: CUdevice, flags: c_uint) {
        device::check(device)?;
        crate::driver::device()?.state().primaries.entry(device).or_default().flags = flags;
        Ok(())
    }
    cuCtxCreate_v4(place: *mut CUcontext, params: *mut CUctxCreateParams, flags: c_uint, device: CUdevice) {
        device::check(device)?;
        if !params.is_null() {
            return Err(CUresult::CUDA_ERROR_UNSUPPORTED_EXEC_AFFINITY);
        }
        create(place, flags, device)
    }
    cuCtxCreate_v2(place: *mut CUcontext, flags: c_uint, device: CUdevice) {
        device::check(device)?;
        create(place, flags, device)
    }
    cuCtxDestroy_v2(context: CUcontext) {
        let (owner, context) = (device()?, context as u64);
        if !owner.state().contexts.contains_key(&context) {
            return Err(CUresult::CUDA_ERROR_INVALID_CONTEXT);
        }
        let _ = owner.synchronize(context);
        let mut state = owner.state();
        let gone = owner.end_context(&mut state, context);
        state.contexts.remove(&context).ok_or(CUresult::CUDA_ERROR_INVALID_CONTEXT)?;
        drop(state);
        drop(gone);
        module::unload_all(owner, context);
        owner.end_memory(context);
        CONTEXTS.with_borrow_mut(|stack| {
            if stack.last() == Some(&context) {
                stack.pop();
            }
        });
        Ok(())
    }
    cuCtxEnablePeerAccess(peer: CUcontext, flags: c_uint) {
        let (own, peer, device) = (current()?, peer as u64, alive()?);
        if flags != 0 {
            return Err(INVALID);
        }
        let mut state = device.state();
        if own == peer || !state.contexts.contains_key(&peer) {
            return Err(CUresult::CUDA_ERROR_INVALID_CONTEXT);
        }
        if device_of(own) == device_of(peer) {
            return Err(CUresult::CUDA_ERROR_PEER_ACCESS_UNSUPPORTED);
        }
        let known = state.contexts.get_mut(&own).ok_or(CUresult::CUDA_ERROR_INVALID_CONTEXT)?;
        if !known.peers.insert(peer) {
            return Err(CUresult::CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED);
        }
        device.update_peers(&state, device_of(own), device_of(peer));
        Ok(())
    }
    cuCtxDisablePeerAccess(peer: CUcontext) {
        let (own, peer, device) = (current()?, peer as u64, alive()?);
        let enabled = |state: &State| {
            let known = state.contexts.get(&own);
            state.contexts.contains_key(&peer) && known.is_some_and(|known| known.peers.contains(&peer))
        };
        // In two statements, so that the state is unlocked while what uses the memory comes to its end.
        let is_enabled = enabled(&device.state());
        if !is_enabled {
            let known = device.state().contexts.contains_key(&peer);
            return Err(match known {
                true => CUresult::CUDA_ERROR_PEER_ACCESS_NOT_ENABLED,
                false => CUresult::CUDA_ERROR_INVALID_CONTEXT,
            });
        }
        device.settle(only(device_of(own)));
        let mut state = device.state();
        if let Some(known) = state.contexts.get_mut(&own) {
            known.peers.remove(&peer);
        }
        device.update_peers(&state, device_of(own), device_of(peer));
        Ok(())
    }
    cuCtxSetCurrent(context: CUcontext) {
        let context = context as u64;
        if context != 0 && !device()?.state().contexts.contains_key(&context) {
            return Err(CUresult::CUDA_ERROR_INVALID_CONTEXT);
        }
        CONTEXTS.with_borrow_mut(|stack| {
            stack.pop();
            stack.push(context);
        });
        Ok(())
    }
    cuCtxGetCurrent(place: *mut CUcontext) {
        write(place, current().unwrap_or(0) as CUcontext)
    }
    cuCtxGetDevice(place: *mut CUdevice) { write(place, current_device()?) }
    cuCtxGetFlags(place: *mut c_uint) {
        let context = current()?;
        let flags = device()?.state().contexts.get(&context).map_or(0, |context| context.flags);
        write(place, flags)
    }
    cuCtxSetFlags(flags: c_uint) {
        let context = current()?;
        if let Some(context) = device()?.state().contexts.get_mut(&context) {
            context.flags = flags;
        }
        Ok(())
    }
    cuCtxGetId(context: CUcontext, place: *mut c_ulonglong) {
        let context = if context.is_null() { current()? } else { context as u64 };
        let id = device()?.state().contexts.get(&context).map(|context| context.id);
        write(place, id.ok_or(CUresult::CUDA_ERROR_INVALID_CONTEXT)?)
    }
    cuCtxSynchronize() {
        let context = current()?;
        capture::observe_context(&mut device()?.state(), context)?;
        device()?.synchronize(context)
    }
    cuCtxSetLimit(limit: CUlimit, value: usize) {
        let own = current_device()?;
        if limit.0 > CUlimit::CU_LIMIT_PERSISTING_L2_CACHE_SIZE.0 {
            return Err(CUresult::CUDA_ERROR_UNSUPPORTED_LIMIT);
        }
        let mut state = alive()?.state();
        if limit == CUlimit::CU_LIMIT_MALLOC_HEAP_SIZE && state.heaps.contains_key(&own) {
            // As on a GPU: not once a kernel has used it.
            return Err(INVALID);
        }
        state.limits.insert((own, limit.0), value);
        Ok(())
    }
    cuCtxGetLimit(place: *mut usize, limit: CUlimit) {
        let own = current_device()?;
        let known = alive()?.state().limits.get(&(own, limit.0)).copied();
        write(place, match (known, limit) {
            (Some(value), _) => value,
            (None, CUlimit::CU_LIMIT_STACK_SIZE) => 1024,
            (None, CUlimit::CU_LIMIT_PRINTF_FIFO_SIZE) => 1 << 20,
            (None, CUlimit::CU_LIMIT_MALLOC_HEAP_SIZE) => 8 << 20,
            (None, CUlimit::CU_LIMIT_DEV_RUNTIME_SYNC_DEPTH) => 2,
            (None, CUlimit::CU_LIMIT_DEV_RUNTIME_PENDING_LAUNCH_COUNT) => 2048,
            (None, CUlimit::CU_LIMIT_MAX_L2_FETCH_GRANULARITY) => 64,
            (None, CUlimit::CU_LIMIT_PERSISTING_L2_CACHE_SIZE) => 0,
            _ => return Err(CUresult::CUDA_ERROR_UNSUPPORTED_LIMIT),
        })
    }
    cuCtxGetCacheConfig(place: *mut CUfunc_cache) { current()?; write(place, CUfunc_cache(0)) }
    cuCtxSetCacheConfig(config: CUfunc_cache) { current().map(|_| ()) }
    cuCtxGetSharedMemConfig(place: *mut CUsharedconfig) { current()?; write(place, CUsharedconfig(1)) }
    cuCtxSetSharedMemConfig(config: CUsharedconfig) { current().map(|_| ()) }
    cuCtxResetPersistingL2Cache() { current().map(|_| ()) }
    cuCtxGetStreamPriorityRange(least: *mut c_int, greatest: *mut c_int) {
        write(least, 0)?;
        write(greatest, -5)
    }
}
