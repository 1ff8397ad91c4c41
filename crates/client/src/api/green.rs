//! Green contexts: parts of a GPU.

use core::ffi::{c_int, c_uint};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{CUcontext, CUdevResource, CUevent, CUgreenCtx, CUstream};
use pillion_protocol::command::cuda;
use pillion_protocol::handle::Kind;
use pillion_protocol::{Encoder, Interface, Violation};

use super::shared::Done;
use super::{context, event, stream};
use crate::entry::{Result, out};
use crate::forward::{Fresh, checked, retire};
use crate::remote;
use crate::session::Session;

/// The streams that green contexts have made, with the green context of each.
#[derive(Debug, Default)]
pub struct GreenStreams(Mutex<HashMap<u64, u64>>);

/// The green context that made a stream, or 0.
///
/// # Errors
///
/// As [`Session::current`].
pub fn owner_of(stream: u64) -> Result<u64> {
    let all = &Session::current()?.green_streams.0;
    let all = all.lock().unwrap_or_else(PoisonError::into_inner);
    Ok(all.get(&stream).copied().unwrap_or(0))
}

/// `cuDevSmResourceSplitByCount`
pub unsafe fn cuDevSmResourceSplitByCount(
    result: *mut CUdevResource,
    groups: *mut c_uint,
    input: *const CUdevResource,
    remaining: *mut CUdevResource,
    flags: c_uint,
    fewest: c_uint,
) -> Result<()> {
    let invalid = CUresult::CUDA_ERROR_INVALID_VALUE;
    // SAFETY: CUDA's contract for the arguments.
    let (groups, input) = unsafe {
        (
            groups.as_mut().ok_or(invalid)?,
            input.as_ref().ok_or(invalid)?,
        )
    };
    let room = if result.is_null() { 0 } else { *groups };
    let answer = Session::current()?
        .link
        .call(Interface::Cuda, cuda::SPLIT_RESOURCE, |body| {
            let mut body = Encoder::new(body);
            body.scalar(room);
            body.pod(input);
            body.scalar(flags);
            body.scalar(fewest);
            Ok(())
        })?;
    let mut decoder = answer.decoder();
    let read = (|| {
        let count: u32 = decoder.scalar()?;
        let given = decoder.at_most("the number of groups", u64::from(room))? as usize;
        let list: Vec<CUdevResource> = decoder.pods(given)?;
        Ok::<_, Violation>((count, list, decoder.pod::<CUdevResource>()?))
    })();
    let (count, list, rest) = read.map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)?;
    *groups = count;
    for (index, group) in list.into_iter().enumerate() {
        // SAFETY: the program gave room for `*groups`, and the server answered no more.
        unsafe { result.add(index).write(group) };
    }
    // SAFETY: CUDA's contract for the argument; null is passed over.
    if let Some(remaining) = unsafe { remaining.as_mut() } {
        *remaining = rest;
    }
    Ok(())
}

/// `cuCtxFromGreenCtx`
pub unsafe fn cuCtxFromGreenCtx(place: *mut CUcontext, green: CUgreenCtx) -> Result<()> {
    let session = Session::current()?;
    let green = checked(Kind::GreenContext, green as u64)?;
    let fresh = Fresh::new(Kind::Context, place.cast())?;
    let answer = session
        .link
        .call(Interface::Cuda, cuda::GREEN_CONTEXT, |body| {
            let mut body = Encoder::new(body);
            body.scalar(green);
            body.scalar(fresh.id());
            Ok(())
        })?;
    let mut decoder = answer.decoder();
    let read = (|| Ok::<_, Violation>((decoder.scalar::<u64>()?, decoder.scalar::<c_int>()?)))();
    let (context, device) = read.map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)?;
    if context == fresh.id() {
        context::enter(fresh.keep(), device)?;
    }
    // SAFETY: not null, as `Fresh` has checked.
    unsafe { place.write(context as CUcontext) };
    Ok(())
}

/// `cuGreenCtxDestroy`
pub unsafe fn cuGreenCtxDestroy(green: CUgreenCtx) -> Result<()> {
    let session = Session::current()?;
    let handle = checked(Kind::GreenContext, green as u64)?;
    session
        .link
        .call(Interface::Cuda, cuda::GREEN_DESTROY, |body| {
            Encoder::new(body).scalar(handle);
            Ok(())
        })?;
    session
        .green_streams
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .retain(|_, owner| *owner != handle);
    retire(handle);
    Ok(())
}

/// `cuGreenCtxStreamCreate`
pub unsafe fn cuGreenCtxStreamCreate(
    place: *mut CUstream,
    green: CUgreenCtx,
    flags: c_uint,
    priority: c_int,
) -> Result<()> {
    let session = Session::current()?;
    let green = checked(Kind::GreenContext, green as u64)?;
    // SAFETY: CUDA's contract for the argument.
    let checked_place = unsafe { out(place)? };
    let fresh = Fresh::new(Kind::Stream, place.cast())?;
    session
        .link
        .call(Interface::Cuda, cuda::GREEN_STREAM, |body| {
            let mut body = Encoder::new(body);
            body.scalar(green);
            body.scalar(fresh.id());
            body.scalar(flags);
            body.scalar(priority);
            Ok(())
        })?;
    let handle = fresh.keep();
    stream::enter(handle, context::current().unwrap_or(0), flags, priority)?;
    session
        .green_streams
        .0
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(handle, green);
    checked_place.write(handle as CUstream);
    Ok(())
}

/// `cuGreenCtxRecordEvent`
pub unsafe fn cuGreenCtxRecordEvent(green: CUgreenCtx, event: CUevent) -> Result<()> {
    let shared = event::note_record(event, Done::Nothing)?;
    // SAFETY: no pointers.
    unsafe { remote::cuGreenCtxRecordEvent(green, event)? };
    event::arrive(shared);
    Ok(())
}
