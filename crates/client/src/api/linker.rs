//! Linking (`cuLink*`): the server links, with what this side has sent it.

use core::ffi::{c_char, c_uint, c_void};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{CUjit_option, CUjitInputType, CUlinkState};
use pillion_protocol::command::{Loaded, cuda};
use pillion_protocol::handle::Kind;
use pillion_protocol::{Decoder, Encoder, Interface};

use super::module::{give_logs, jit_options, read_file};
use super::upload::with_upload;
use crate::entry::{Result, out};
use crate::forward::{Fresh, checked, retire, text_of};
use crate::session::Session;

/// The links of a session.
#[derive(Default)]
pub struct Links(Mutex<HashMap<u64, Link>>);

/// A link that has begun. CUDA writes logs and values to where the program said at its beginning, until its end.
struct Link {
    options: Vec<CUjit_option>,
    values: *mut *mut c_void,
    /// The sizes of the log buffers as they were given: each log is written anew.
    given: Vec<*mut c_void>,
    image: Vec<u8>,
}

// SAFETY: the pointers are the program's, which keeps them valid until the link ends, whichever thread uses it.
unsafe impl Send for Link {}

impl Links {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Link>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn encode_options(body: &mut Encoder<'_>, options: &[(u32, u64)]) {
    body.scalar(options.len());
    for (option, value) in options {
        body.scalar(*option);
        body.scalar(*value);
    }
}

/// `cuLinkCreate`
pub unsafe fn cuLinkCreate(
    count: c_uint,
    options: *mut CUjit_option,
    values: *mut *mut c_void,
    state: *mut CUlinkState,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuLinkCreate_v2(count, options, values, state) }
}

/// `cuLinkCreate_v2`
pub unsafe fn cuLinkCreate_v2(
    count: c_uint,
    options: *mut CUjit_option,
    values: *mut *mut c_void,
    state: *mut CUlinkState,
) -> Result<()> {
    let session = Session::current()?;
    super::context::current()?;
    // SAFETY: CUDA's contract for the arguments.
    let sent = unsafe { jit_options(count, options, values)? };
    let fresh = Fresh::new(Kind::Link, state.cast())?;
    session
        .link
        .call(Interface::Cuda, cuda::LINK_CREATE, |body| {
            let mut body = Encoder::new(body);
            body.scalar(fresh.id());
            encode_options(&mut body, &sent);
            Ok(())
        })?;
    // SAFETY: CUDA's contract: arrays of `count`.
    let (options, given) = unsafe {
        match count {
            0 => (Vec::new(), Vec::new()),
            n => (
                core::slice::from_raw_parts(options, n as usize).to_vec(),
                core::slice::from_raw_parts(values, n as usize).to_vec(),
            ),
        }
    };
    session.links.lock().insert(
        fresh.id(),
        Link {
            options,
            values,
            given,
            image: Vec::new(),
        },
    );
    // SAFETY: not null, as `Fresh` has checked.
    unsafe { state.write(fresh.keep() as CUlinkState) };
    Ok(())
}

/// Reads the status of a step of a link, and gives the program its logs.
fn step(session: &Session, link: u64, answer: &mut Decoder<'_>) -> Result<()> {
    let links = session.links.lock();
    let known = links
        .get(&link)
        .ok_or(CUresult::CUDA_ERROR_INVALID_HANDLE)?;
    let unknown = |_| CUresult::CUDA_ERROR_UNKNOWN;
    let status: CUresult = answer.scalar().map_err(unknown)?;
    let loaded = Loaded::decode(answer, known.options.len()).map_err(unknown)?;
    if !known.options.is_empty() {
        // SAFETY: the program keeps what it gave at the link's beginning until the link's end, by CUDA's contract.
        unsafe {
            for (index, option) in known.options.iter().enumerate() {
                if matches!(
                    *option,
                    CUjit_option::CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES
                        | CUjit_option::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES
                ) {
                    *known.values.add(index) = known.given[index];
                }
            }
            give_logs(
                known.options.len() as c_uint,
                known.options.as_ptr(),
                known.values,
                &loaded,
            );
        }
    }
    match status {
        CUresult::CUDA_SUCCESS => Ok(()),
        status => Err(status),
    }
}

unsafe fn add(
    state: CUlinkState,
    kind: CUjitInputType,
    bytes: &[u8],
    name: *const c_char,
    options: &[(u32, u64)],
) -> Result<()> {
    let session = Session::current()?;
    let link = checked(Kind::Link, state as u64)?;
    let name = if name.is_null() {
        c""
    } else {
        // SAFETY: CUDA's contract for the argument.
        unsafe { text_of(name)? }
    };
    let answer = with_upload(session, bytes, |upload| {
        session.link.call(Interface::Cuda, cuda::LINK_ADD, |body| {
            let mut body = Encoder::new(body);
            body.scalar(link);
            body.scalar(upload);
            body.scalar(kind.0);
            body.bytes(name.to_bytes());
            encode_options(&mut body, options);
            Ok(())
        })
    })?;
    step(session, link, &mut answer.decoder())
}

/// `cuLinkAddData`
pub unsafe fn cuLinkAddData(
    state: CUlinkState,
    kind: CUjitInputType,
    data: *mut c_void,
    len: usize,
    name: *const c_char,
    count: c_uint,
    options: *mut CUjit_option,
    values: *mut *mut c_void,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuLinkAddData_v2(state, kind, data, len, name, count, options, values) }
}

/// `cuLinkAddData_v2`
pub unsafe fn cuLinkAddData_v2(
    state: CUlinkState,
    kind: CUjitInputType,
    data: *mut c_void,
    len: usize,
    name: *const c_char,
    count: c_uint,
    options: *mut CUjit_option,
    values: *mut *mut c_void,
) -> Result<()> {
    if data.is_null() || len == 0 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    // SAFETY: CUDA's contract for the arguments.
    unsafe {
        let options = jit_options(count, options, values)?;
        let bytes = core::slice::from_raw_parts(data.cast::<u8>(), len);
        add(state, kind, bytes, name, &options)
    }
}

/// `cuLinkAddFile`
pub unsafe fn cuLinkAddFile(
    state: CUlinkState,
    kind: CUjitInputType,
    path: *const c_char,
    count: c_uint,
    options: *mut CUjit_option,
    values: *mut *mut c_void,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuLinkAddFile_v2(state, kind, path, count, options, values) }
}

/// `cuLinkAddFile_v2`: the file is one of this machine's.
pub unsafe fn cuLinkAddFile_v2(
    state: CUlinkState,
    kind: CUjitInputType,
    path: *const c_char,
    count: c_uint,
    options: *mut CUjit_option,
    values: *mut *mut c_void,
) -> Result<()> {
    // SAFETY: CUDA's contract for the arguments.
    unsafe {
        let options = jit_options(count, options, values)?;
        let bytes = read_file(path)?;
        add(state, kind, &bytes, path, &options)
    }
}

/// `cuLinkComplete`: the image lives as long as the link.
pub unsafe fn cuLinkComplete(
    state: CUlinkState,
    image: *mut *mut c_void,
    len: *mut usize,
) -> Result<()> {
    let session = Session::current()?;
    let link = checked(Kind::Link, state as u64)?;
    // SAFETY: CUDA's contract for the argument.
    let image = unsafe { out(image)? };
    let mut bytes = Vec::new();
    loop {
        let answer = session
            .link
            .call(Interface::Cuda, cuda::LINK_COMPLETE, |body| {
                let mut body = Encoder::new(body);
                body.scalar(link);
                body.scalar(bytes.len());
                Ok(())
            })?;
        let mut decoder = answer.decoder();
        step(session, link, &mut decoder)?;
        let unknown = |_| CUresult::CUDA_ERROR_UNKNOWN;
        let total: u64 = decoder.scalar().map_err(unknown)?;
        let part = decoder.bytes().map_err(unknown)?;
        bytes.extend_from_slice(part);
        if part.is_empty() || bytes.len() as u64 >= total {
            break;
        }
    }
    let mut links = session.links.lock();
    let known = links
        .get_mut(&link)
        .ok_or(CUresult::CUDA_ERROR_INVALID_HANDLE)?;
    known.image = bytes;
    image.write(known.image.as_mut_ptr().cast());
    // SAFETY: CUDA's contract for the argument; null is passed over.
    if let Some(len) = unsafe { len.as_mut() } {
        *len = known.image.len();
    }
    Ok(())
}

/// `cuLinkDestroy`
pub unsafe fn cuLinkDestroy(state: CUlinkState) -> Result<()> {
    let session = Session::current()?;
    let link = checked(Kind::Link, state as u64)?;
    session
        .link
        .call(Interface::Cuda, cuda::LINK_DESTROY, |body| {
            Encoder::new(body).scalar(link);
            Ok(())
        })?;
    session.links.lock().remove(&link);
    retire(link);
    Ok(())
}
