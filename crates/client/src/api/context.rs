//! Contexts: which there are, and which is current to whom.

use core::ffi::{c_int, c_uint, c_ulonglong};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{PoisonError, RwLock};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CUcontext, CUctxCreateParams, CUdevice, CUexecAffinityParam, CUexecAffinityType, CUlimit,
};
use pillion_protocol::command::{Wait, cuda};
use pillion_protocol::handle::Kind;
use pillion_protocol::numbers::Numbers;
use pillion_protocol::{Encoder, Interface, Welcome};

use super::capture;
use crate::entry::{Result, out};
use crate::forward::{Fresh, wait_for};
use crate::names::Names;
use crate::session::Session;
use crate::{remote, thread};

/// `CU_CTX_FLAGS_MASK` of CUDA 13.0.
const FLAGS: c_uint = 0xff;

/// The contexts of a session.
#[derive(Debug)]
pub struct Contexts {
    /// By device ordinal. The handle of a primary context is known before it exists.
    primary: Vec<u64>,
    all: RwLock<Numbers<Context>>,
    /// Rises when a context is destroyed, so that the device that threads remember of it is looked up again. That of a primary context
    /// is always the same.
    epoch: AtomicU64,
}

#[derive(Debug, Clone)]
struct Context {
    device: CUdevice,
    id: u64,
    flags: c_uint,
    /// Primary contexts live while somebody retains them.
    retained: u32,
    primary: bool,
    /// It is a green context's.
    green: bool,
    api_version: c_uint,
    /// Answers that do not change unless this process changes them.
    limits: HashMap<u32, usize>,
    priorities: Option<(c_int, c_int)>,
}

impl Context {
    fn new(device: CUdevice, id: u64, primary: bool) -> Self {
        Context {
            device,
            id,
            flags: 0,
            retained: u32::from(!primary),
            primary,
            green: false,
            api_version: 3020,
            limits: HashMap::new(),
            priorities: None,
        }
    }

    fn is_live(&self) -> bool {
        self.retained > 0
    }
}

/// Unique over the process, as `cuCtxGetId` promises.
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

impl Contexts {
    /// Names the primary contexts of the server's devices.
    ///
    /// # Errors
    ///
    /// Where there are more devices than names.
    pub fn new(welcome: &Welcome, names: &Names) -> Result<Self> {
        let mut primary = Vec::new();
        let mut all = Numbers::default();
        for device in 0..welcome.devices.len() {
            let handle = names.name(Kind::Context)?;
            primary.push(handle);
            all.insert(
                handle,
                Context::new(
                    device as CUdevice,
                    NEXT_ID.fetch_add(1, Ordering::Relaxed),
                    true,
                ),
            );
        }
        Ok(Contexts {
            primary,
            all: RwLock::new(all),
            epoch: AtomicU64::new(1),
        })
    }

    fn read<T>(&self, context: u64, look: impl FnOnce(&Context) -> T) -> Result<T> {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        all.get(&context)
            .map(look)
            .ok_or(CUresult::CUDA_ERROR_INVALID_CONTEXT)
    }

    /// Whether a context is a green context's, which may end without this side's doing.
    pub fn is_green(&self, context: u64) -> bool {
        self.read(context, |context| context.green) == Ok(true)
    }

    /// Whether a context is the only one that lives.
    pub fn is_alone(&self, context: u64) -> bool {
        let all = self.all.read().unwrap_or_else(PoisonError::into_inner);
        all.iter()
            .all(|(handle, other)| *handle == context || !other.is_live())
    }

    fn change<T>(&self, context: u64, change: impl FnOnce(&mut Context) -> T) -> Result<T> {
        let mut all = self.all.write().unwrap_or_else(PoisonError::into_inner);
        all.get_mut(&context)
            .map(change)
            .ok_or(CUresult::CUDA_ERROR_INVALID_CONTEXT)
    }
}

/// The handle of a device's primary context, whether it exists or not.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_DEVICE`.
pub fn primary(device: CUdevice) -> Result<u64> {
    let contexts = &Session::current()?.contexts;
    usize::try_from(device)
        .ok()
        .and_then(|device| contexts.primary.get(device).copied())
        .ok_or(CUresult::CUDA_ERROR_INVALID_DEVICE)
}

/// The device of a context.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_CONTEXT`.
#[inline]
pub fn device_of(context: u64) -> Result<CUdevice> {
    let contexts = &Session::current()?.contexts;
    // Acquire: pairs with the release in `cuCtxDestroy_v2`; what a thread remembers is of contexts that have not died since.
    let epoch = contexts.epoch.load(Ordering::Acquire);
    let known = DEVICE.try_with(core::cell::Cell::get).unwrap_or_default();
    if (known.0, known.1) == (context, epoch) {
        return Ok(known.2);
    }
    look_up_device(contexts, context, epoch)
}

#[cold]
fn look_up_device(contexts: &Contexts, context: u64, epoch: u64) -> Result<CUdevice> {
    let device = contexts.read(context, |context| context.device)?;
    let _ = DEVICE.try_with(|known| known.set((context, epoch, device)));
    Ok(device)
}

thread_local! {
    /// The device of the context that was asked for last, and the epoch at which it was true.
    static DEVICE: core::cell::Cell<(u64, u64, CUdevice)> = const { core::cell::Cell::new((0, 0, 0)) };
}

/// The unique number of a context.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_CONTEXT`.
pub fn id_of(context: u64) -> Result<u64> {
    Session::current()?
        .contexts
        .read(context, |context| context.id)
}

/// The calling thread's context.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_CONTEXT` where none is current, as every function says that needs one.
#[inline]
pub fn current() -> Result<u64> {
    match thread::current_context() {
        0 => Err(CUresult::CUDA_ERROR_INVALID_CONTEXT),
        context => Ok(context),
    }
}

fn given_or_current(context: CUcontext) -> Result<u64> {
    if context.is_null() {
        current()
    } else {
        Ok(context as u64)
    }
}

/// `cuDevicePrimaryCtxRetain`
pub unsafe fn cuDevicePrimaryCtxRetain(pctx: *mut CUcontext, device: CUdevice) -> Result<()> {
    let session = Session::current()?;
    let context = primary(device)?;
    // SAFETY: CUDA's contract for the argument.
    let pctx = unsafe { out(pctx)? };
    // Counted under the lock, so that of two threads one creates it and the other finds it created.
    let mut all = session
        .contexts
        .all
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    let state = all
        .get_mut(&context)
        .ok_or(CUresult::CUDA_ERROR_INVALID_CONTEXT)?;
    if state.retained == 0 {
        session
            .link
            .call(Interface::Cuda, cuda::PRIMARY_RETAIN, |body| {
                let mut body = Encoder::new(body);
                body.scalar(device);
                body.scalar(context);
                Ok(())
            })?;
    }
    state.retained += 1;
    pctx.write(context as CUcontext);
    Ok(())
}

/// `cuDevicePrimaryCtxRelease`
pub unsafe fn cuDevicePrimaryCtxRelease(device: CUdevice) -> Result<()> {
    let session = Session::current()?;
    let context = primary(device)?;
    let last = session.contexts.change(context, |context| {
        if context.retained == 0 {
            return Err(CUresult::CUDA_ERROR_INVALID_CONTEXT);
        }
        context.retained -= 1;
        Ok(context.retained == 0)
    })??;
    if last {
        end_primary(session, device, context, cuda::PRIMARY_RELEASE)
    } else {
        Ok(())
    }
}

/// `cuDevicePrimaryCtxRelease_v2`
pub unsafe fn cuDevicePrimaryCtxRelease_v2(device: CUdevice) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuDevicePrimaryCtxRelease(device) }
}

/// `cuDevicePrimaryCtxReset`
pub unsafe fn cuDevicePrimaryCtxReset(device: CUdevice) -> Result<()> {
    let session = Session::current()?;
    let context = primary(device)?;
    // Nobody retains what has been reset: the next retain makes it anew, under the same handle.
    let live = session
        .contexts
        .change(context, |context| std::mem::take(&mut context.retained) > 0)?;
    if live {
        end_primary(session, device, context, cuda::PRIMARY_RESET)
    } else {
        Ok(())
    }
}

/// `cuDevicePrimaryCtxReset_v2`
pub unsafe fn cuDevicePrimaryCtxReset_v2(device: CUdevice) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuDevicePrimaryCtxReset(device) }
}

fn end_primary(session: &Session, device: CUdevice, context: u64, opcode: u16) -> Result<()> {
    forget(session, context);
    let ended = session.link.call(Interface::Cuda, opcode, |body| {
        Encoder::new(body).scalar(device);
        Ok(())
    });
    ended.map(|_| ())
}

/// What this side keeps for a context dies with it.
fn forget(session: &Session, context: u64) {
    crate::export_tables::context_destroyed(context);
    session.modules.forget_context(session, context);
    session.streams.forget_context(session, context);
    session.events.forget_context(session, context);
    session.memory.forget_context(session, context);
    session.shared.forget_context(context);
    session.graphs.forget_context(context);
}

/// `cuDevicePrimaryCtxSetFlags`
pub unsafe fn cuDevicePrimaryCtxSetFlags(device: CUdevice, flags: c_uint) -> Result<()> {
    let session = Session::current()?;
    let context = primary(device)?;
    if flags & !FLAGS != 0 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    session
        .link
        .call(Interface::Cuda, cuda::PRIMARY_SET_FLAGS, |body| {
            let mut body = Encoder::new(body);
            body.scalar(device);
            body.scalar(flags);
            Ok(())
        })?;
    session
        .contexts
        .change(context, |context| context.flags = flags)
}

/// `cuDevicePrimaryCtxSetFlags_v2`
pub unsafe fn cuDevicePrimaryCtxSetFlags_v2(device: CUdevice, flags: c_uint) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuDevicePrimaryCtxSetFlags(device, flags) }
}

/// `cuDevicePrimaryCtxGetState`
pub unsafe fn cuDevicePrimaryCtxGetState(
    device: CUdevice,
    flags: *mut c_uint,
    active: *mut c_int,
) -> Result<()> {
    let context = primary(device)?;
    // SAFETY: CUDA's contract for the arguments.
    let (flags, active) = unsafe { (out(flags)?, out(active)?) };
    let state = Session::current()?
        .contexts
        .read(context, |context| (context.flags, context.is_live()))?;
    flags.write(state.0);
    active.write(c_int::from(state.1));
    Ok(())
}

fn create(
    pctx: *mut CUcontext,
    sms: u64,
    flags: c_uint,
    device: CUdevice,
    api_version: c_uint,
) -> Result<()> {
    let session = Session::current()?;
    primary(device)?;
    if flags & !FLAGS != 0 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let fresh = Fresh::new(Kind::Context, pctx.cast())?;
    let handle = fresh.id();
    session
        .link
        .call(Interface::Cuda, cuda::CONTEXT_CREATE, |body| {
            let mut body = Encoder::new(body);
            body.scalar(handle);
            body.scalar(flags);
            body.scalar(device);
            body.scalar(sms);
            Ok(())
        })?;
    let mut context = Context::new(device, NEXT_ID.fetch_add(1, Ordering::Relaxed), false);
    context.flags = flags;
    context.api_version = api_version;
    session
        .contexts
        .all
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(handle, context);
    thread::push_context(fresh.keep());
    // SAFETY: not null, as `Fresh::new` has checked; valid by CUDA's contract.
    unsafe { pctx.write(handle as CUcontext) };
    Ok(())
}

/// `cuCtxCreate`
pub unsafe fn cuCtxCreate(pctx: *mut CUcontext, flags: c_uint, device: CUdevice) -> Result<()> {
    create(pctx, 0, flags, device, 3010)
}

/// `cuCtxCreate_v2`
pub unsafe fn cuCtxCreate_v2(pctx: *mut CUcontext, flags: c_uint, device: CUdevice) -> Result<()> {
    create(pctx, 0, flags, device, 3020)
}

/// `cuCtxCreate_v3`
pub unsafe fn cuCtxCreate_v3(
    pctx: *mut CUcontext,
    params: *mut CUexecAffinityParam,
    count: c_int,
    flags: c_uint,
    device: CUdevice,
) -> Result<()> {
    // SAFETY: CUDA's contract for the arguments.
    let sms = unsafe { affinity(params, count)? };
    create(pctx, sms, flags, device, 11040)
}

/// `cuCtxCreate_v4`
pub unsafe fn cuCtxCreate_v4(
    pctx: *mut CUcontext,
    params: *mut CUctxCreateParams,
    flags: c_uint,
    device: CUdevice,
) -> Result<()> {
    let mut sms = 0;
    // SAFETY: null, or CUDA's contract for the argument.
    if let Some(params) = unsafe { params.as_ref() } {
        if !params.cigParams.is_null() {
            return Err(CUresult::CUDA_ERROR_NOT_SUPPORTED);
        }
        // SAFETY: CUDA's contract for the struct's members.
        sms = unsafe { affinity(params.execAffinityParams, params.numExecAffinityParams)? };
    }
    create(pctx, sms, flags, device, 12050)
}

/// The number of SMs that `params` ask for; 0 for none.
unsafe fn affinity(params: *const CUexecAffinityParam, count: c_int) -> Result<u64> {
    match (count, params.is_null()) {
        (0, _) => Ok(0),
        (1, false) => {
            // SAFETY: one parameter, by CUDA's contract.
            let param = unsafe { *params };
            if param.type_ != CUexecAffinityType::CU_EXEC_AFFINITY_TYPE_SM_COUNT {
                return Err(CUresult::CUDA_ERROR_UNSUPPORTED_EXEC_AFFINITY);
            }
            // SAFETY: the type says which member is set.
            Ok(u64::from(unsafe { param.param.smCount.val }))
        }
        _ => Err(CUresult::CUDA_ERROR_INVALID_VALUE),
    }
}

/// `cuCtxDestroy_v2`
pub unsafe fn cuCtxDestroy_v2(context: CUcontext) -> Result<()> {
    let session = Session::current()?;
    let handle = context as u64;
    let primary = session.contexts.read(handle, |context| context.primary)?;
    if primary {
        return Err(CUresult::CUDA_ERROR_INVALID_CONTEXT);
    }
    forget(session, handle);
    session
        .contexts
        .all
        .write()
        .unwrap_or_else(PoisonError::into_inner)
        .remove(&handle);
    // Release: pairs with the acquire in `device_of`; a thread that still remembers the context looks again, and finds none.
    session.contexts.epoch.fetch_add(1, Ordering::Release);
    if thread::current_context() == handle {
        thread::pop_context();
    }
    let ended = session
        .link
        .call(Interface::Cuda, cuda::CONTEXT_DESTROY, |body| {
            Encoder::new(body).scalar(handle);
            Ok(())
        });
    session.names.give_back(handle);
    ended.map(|_| ())
}

/// `cuCtxDestroy`
pub unsafe fn cuCtxDestroy(context: CUcontext) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuCtxDestroy_v2(context) }
}

/// `cuCtxAttach`: an old way to count uses of the current context.
pub unsafe fn cuCtxAttach(pctx: *mut CUcontext, flags: c_uint) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    let pctx = unsafe { out(pctx)? };
    if flags != 0 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let context = current()?;
    session
        .contexts
        .change(context, |context| context.retained += 1)?;
    pctx.write(context as CUcontext);
    Ok(())
}

/// `cuCtxDetach`: ends one use.
pub unsafe fn cuCtxDetach(context: CUcontext) -> Result<()> {
    let last = Session::current()?
        .contexts
        .change(context as u64, |context| {
            let last = context.retained <= 1 && !context.primary;
            if !last {
                context.retained = context.retained.saturating_sub(1);
            }
            last
        })?;
    if last {
        // SAFETY: the caller's contract is the same.
        unsafe { cuCtxDestroy_v2(context) }
    } else {
        Ok(())
    }
}

/// `cuCtxPushCurrent_v2`
pub unsafe fn cuCtxPushCurrent_v2(context: CUcontext) -> Result<()> {
    let session = Session::current()?;
    if !context.is_null() {
        session.contexts.read(context as u64, |_| ())?;
    }
    thread::push_context(context as u64);
    Ok(())
}

/// `cuCtxPushCurrent`
pub unsafe fn cuCtxPushCurrent(context: CUcontext) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuCtxPushCurrent_v2(context) }
}

/// `cuCtxPopCurrent_v2`
pub unsafe fn cuCtxPopCurrent_v2(pctx: *mut CUcontext) -> Result<()> {
    Session::current()?;
    if thread::current_context() == 0 && !thread::has_pushed() {
        return Err(CUresult::CUDA_ERROR_INVALID_CONTEXT);
    }
    let context = thread::pop_context();
    // SAFETY: null, which CUDA allows here, or valid.
    if let Some(pctx) = unsafe { pctx.as_mut() } {
        *pctx = context as CUcontext;
    }
    Ok(())
}

/// `cuCtxPopCurrent`
pub unsafe fn cuCtxPopCurrent(pctx: *mut CUcontext) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuCtxPopCurrent_v2(pctx) }
}

/// `cuCtxSetCurrent`
pub unsafe fn cuCtxSetCurrent(context: CUcontext) -> Result<()> {
    let session = Session::current()?;
    // A primary context may be made current before it is retained; CUDA refuses only what was never a context.
    if !context.is_null() && context as u64 != thread::current_context() {
        session.contexts.read(context as u64, |_| ())?;
    }
    thread::set_current_context(context as u64);
    Ok(())
}

/// `cuCtxGetCurrent`
pub unsafe fn cuCtxGetCurrent(pctx: *mut CUcontext) -> Result<()> {
    Session::current()?;
    // SAFETY: CUDA's contract for the argument.
    unsafe { out(pctx)? }.write(thread::current_context() as CUcontext);
    Ok(())
}

/// `cuCtxGetDevice`: frameworks ask it more often than anything else.
pub unsafe fn cuCtxGetDevice(device: *mut CUdevice) -> Result<()> {
    Session::current()?;
    let context = current()?;
    // SAFETY: CUDA's contract for the argument.
    unsafe { out(device)? }.write(device_of(context)?);
    Ok(())
}

/// `cuCtxGetDevice_v2`
pub unsafe fn cuCtxGetDevice_v2(device: *mut CUdevice, context: CUcontext) -> Result<()> {
    if context.is_null() {
        // SAFETY: the caller's contract is the same.
        return unsafe { cuCtxGetDevice(device) };
    }
    // SAFETY: CUDA's contract for the argument.
    unsafe { out(device)? }.write(device_of(context as u64)?);
    Ok(())
}

/// `cuCtxGetFlags`
pub unsafe fn cuCtxGetFlags(flags: *mut c_uint) -> Result<()> {
    let context = current()?;
    // SAFETY: CUDA's contract for the argument.
    unsafe { out(flags)? }.write(
        Session::current()?
            .contexts
            .read(context, |context| context.flags)?,
    );
    Ok(())
}

/// `cuCtxSetFlags`
pub unsafe fn cuCtxSetFlags(flags: c_uint) -> Result<()> {
    let context = current()?;
    // SAFETY: no pointers.
    unsafe { remote::cuCtxSetFlags(flags)? };
    Session::current()?
        .contexts
        .change(context, |context| context.flags = flags)
}

/// `cuCtxGetId`
pub unsafe fn cuCtxGetId(context: CUcontext, id: *mut c_ulonglong) -> Result<()> {
    let context = given_or_current(context)?;
    // SAFETY: CUDA's contract for the argument.
    unsafe { out(id)? }.write(id_of(context)?);
    Ok(())
}

/// `cuCtxGetApiVersion`
pub unsafe fn cuCtxGetApiVersion(context: CUcontext, version: *mut c_uint) -> Result<()> {
    let context = given_or_current(context)?;
    let found = Session::current()?
        .contexts
        .read(context, |context| context.api_version)?;
    // SAFETY: CUDA's contract for the argument.
    unsafe { out(version)? }.write(found);
    Ok(())
}

/// `cuCtxSynchronize`
pub unsafe fn cuCtxSynchronize() -> Result<()> {
    let session = Session::current()?;
    current()?;
    capture::permit(session)?;
    wait_for(session, Wait::Context)
}

/// `cuCtxSynchronize_v2`
pub unsafe fn cuCtxSynchronize_v2(context: CUcontext) -> Result<()> {
    let session = Session::current()?;
    let context = given_or_current(context)?;
    session.contexts.read(context, |_| ())?;
    capture::permit(session)?;
    // The command carries the context that is to be waited for.
    thread::in_context(context, || wait_for(session, Wait::Context))
}

/// `cuCtxGetLimit`, which cuBLAS and cuDNN ask before many calls.
pub unsafe fn cuCtxGetLimit(value: *mut usize, limit: CUlimit) -> Result<()> {
    let session = Session::current()?;
    let context = current()?;
    // SAFETY: CUDA's contract for the argument.
    let place = unsafe { out(value)? };
    if let Some(known) = session
        .contexts
        .read(context, |context| context.limits.get(&limit.0).copied())?
    {
        place.write(known);
        return Ok(());
    }
    let mut found = 0;
    // SAFETY: a local.
    unsafe { remote::cuCtxGetLimit(&raw mut found, limit)? };
    session
        .contexts
        .change(context, |context| context.limits.insert(limit.0, found))?;
    place.write(found);
    Ok(())
}

/// `cuCtxSetLimit`
pub unsafe fn cuCtxSetLimit(limit: CUlimit, value: usize) -> Result<()> {
    let context = current()?;
    // SAFETY: no pointers.
    unsafe { remote::cuCtxSetLimit(limit, value)? };
    // The driver may have chosen another value; one limit may move another.
    Session::current()?
        .contexts
        .change(context, |context| context.limits.clear())
}

/// `cuCtxGetStreamPriorityRange`
pub unsafe fn cuCtxGetStreamPriorityRange(least: *mut c_int, greatest: *mut c_int) -> Result<()> {
    let session = Session::current()?;
    let context = current()?;
    let known = session
        .contexts
        .read(context, |context| context.priorities)?;
    let (low, high) = match known {
        Some(range) => range,
        None => {
            let (mut low, mut high) = (0, 0);
            // SAFETY: locals.
            unsafe { remote::cuCtxGetStreamPriorityRange(&raw mut low, &raw mut high)? };
            session
                .contexts
                .change(context, |context| context.priorities = Some((low, high)))?;
            (low, high)
        }
    };
    // SAFETY: null, which CUDA allows here, or valid.
    unsafe {
        if let Some(least) = least.as_mut() {
            *least = low;
        }
        if let Some(greatest) = greatest.as_mut() {
            *greatest = high;
        }
    }
    Ok(())
}

/// Enters a context that a green context is.
///
/// # Errors
///
/// As [`Session::current`].
pub fn enter(handle: u64, device: CUdevice) -> Result<()> {
    let id = NEXT_ID.fetch_add(1, Ordering::Relaxed);
    let mut all = Session::current()?
        .contexts
        .all
        .write()
        .unwrap_or_else(PoisonError::into_inner);
    let mut context = Context::new(device, id, false);
    context.green = true;
    all.insert(handle, context);
    Ok(())
}
