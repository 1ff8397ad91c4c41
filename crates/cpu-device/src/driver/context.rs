//! The device's beginning, its contexts and their limits.

use std::ffi::{c_int, c_uint, c_ulonglong};
use std::sync::{Arc, Mutex, PoisonError};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::managed::Managed;
use super::memory::Memory;
use super::pool::Pools;
use super::{
    Answer, CONTEXT, CONTEXTS, DEVICE, Device, INVALID, OPTIONS, State, alive, capture, current,
    device, functions, module, name, write,
};
use crate::engine::{AddressSpace, Engine};

/// What is known of a context.
pub struct Context {
    flags: u32,
    id: u64,
}

const PRIMARY: u64 = CONTEXT << 48 | 1;

fn begin() -> Device {
    let options = OPTIONS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone()
        .unwrap_or_default();
    let space = Arc::new(AddressSpace::new());
    let memory = options.memory.unwrap_or_else(device::default_memory);
    Device {
        engine: options
            .threads
            .map_or_else(Engine::new, Engine::with_threads),
        memory: Arc::new(Memory::new(space.clone(), memory)),
        space,
        cancel: Arc::default(),
        conditions: Mutex::default(),
        state: Mutex::new(State {
            pools: Pools::new(),
            ..State::default()
        }),
    }
}

fn create(place: *mut CUcontext, flags: c_uint) -> Answer {
    let handle = name(CONTEXT);
    let context = Context { flags, id: handle };
    alive()?.state().contexts.insert(handle, context);
    CONTEXTS.with_borrow_mut(|stack| stack.push(handle));
    write(place, handle as CUcontext)
}

functions! {
    cuInit(flags: c_uint) {
        if flags != 0 {
            return Err(INVALID);
        }
        DEVICE.get_or_init(begin);
        Ok(())
    }
    cuDevicePrimaryCtxRetain(place: *mut CUcontext, device: CUdevice) {
        device::check(device)?;
        let mut state = crate::driver::device()?.state();
        state.primary_retained += 1;
        let flags = state.primary_flags;
        state.contexts.entry(PRIMARY).or_insert(Context { flags, id: 1 });
        write(place, PRIMARY as CUcontext)
    }
    cuDevicePrimaryCtxRelease_v2(device: CUdevice) {
        device::check(device)?;
        let owner = crate::driver::device()?;
        let _ = owner.synchronize();
        let mut state = owner.state();
        if state.primary_retained == 0 {
            return Err(CUresult::CUDA_ERROR_INVALID_CONTEXT);
        }
        state.primary_retained -= 1;
        Ok(())
    }
    cuDevicePrimaryCtxReset_v2(device: CUdevice) {
        device::check(device)?;
        let owner = crate::driver::device()?;
        let _ = owner.synchronize();
        let mut state = owner.state();
        state.streams.clear();
        state.events.clear();
        state.pools.forget();
        state.captures.clear();
        state.managed = Managed::default();
        // Dropped when the state is unlocked: the program may want to know of the end of its objects.
        let graphs = std::mem::take(&mut state.graphs);
        drop(state);
        drop(graphs);
        module::reset(owner)
    }
    cuDevicePrimaryCtxSetFlags_v2(device: CUdevice, flags: c_uint) {
        device::check(device)?;
        crate::driver::device()?.state().primary_flags = flags;
        Ok(())
    }
    cuCtxCreate_v4(place: *mut CUcontext, params: *mut CUctxCreateParams, flags: c_uint, device: CUdevice) {
        device::check(device)?;
        if !params.is_null() {
            return Err(CUresult::CUDA_ERROR_UNSUPPORTED_EXEC_AFFINITY);
        }
        create(place, flags)
    }
    cuCtxCreate_v2(place: *mut CUcontext, flags: c_uint, device: CUdevice) {
        device::check(device)?;
        create(place, flags)
    }
    cuCtxDestroy_v2(context: CUcontext) {
        let owner = device()?;
        let _ = owner.synchronize();
        owner.state().contexts.remove(&(context as u64)).ok_or(CUresult::CUDA_ERROR_INVALID_CONTEXT)?;
        CONTEXTS.with_borrow_mut(|stack| {
            if stack.last() == Some(&(context as u64)) {
                stack.pop();
            }
        });
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
    cuCtxGetDevice(place: *mut CUdevice) {
        current()?;
        write(place, 0)
    }
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
        current()?;
        capture::observe_all(&mut device()?.state())?;
        device()?.synchronize()
    }
    cuCtxSetLimit(limit: CUlimit, value: usize) {
        current()?;
        if limit.0 > CUlimit::CU_LIMIT_PERSISTING_L2_CACHE_SIZE.0 {
            return Err(CUresult::CUDA_ERROR_UNSUPPORTED_LIMIT);
        }
        let mut state = alive()?.state();
        if limit == CUlimit::CU_LIMIT_MALLOC_HEAP_SIZE && state.heap.is_some() {
            // As on a GPU: not once a kernel has used it.
            return Err(INVALID);
        }
        state.limits.insert(limit.0, value);
        Ok(())
    }
    cuCtxGetLimit(place: *mut usize, limit: CUlimit) {
        current()?;
        let known = alive()?.state().limits.get(&limit.0).copied();
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
