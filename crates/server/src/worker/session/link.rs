//! Linking on the device (`cuLink*`).

use std::ffi::CString;
use std::sync::Arc;

use pillion_cuda_abi::types::{CUjitInputType, CUlinkState, CUresult};
use pillion_protocol::command::{MAX_OPTIONS, cuda};
use pillion_protocol::handle::Kind;
use pillion_protocol::{CHUNK, Decoder, Encoder, Violation};

use super::super::forward::Failure;
use super::code::Jit;
use super::{NOT_SUPPORTED, OK, Session, check};

/// A link that has begun.
pub struct Link {
    raw: u64,
    /// The driver writes logs here until the link ends.
    jit: Jit,
    /// The image, once it is complete.
    image: Vec<u8>,
}

impl Session {
    /// Executes a command of this room, and leaves the answer's body in `answers`.
    pub(super) fn link(&mut self, opcode: u16, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let handle: u64 = body.scalar()?;
        match opcode {
            cuda::LINK_CREATE => self.link_create(handle, body),
            cuda::LINK_ADD => self.link_add(handle, body),
            cuda::LINK_COMPLETE => self.link_complete(handle, body),
            _ => {
                body.end()?;
                let raw = self.handles.find(Kind::Link, handle)?;
                self.handles.forget(Kind::Link, handle);
                let destroy = self.table.cuLinkDestroy.ok_or(NOT_SUPPORTED)?;
                // SAFETY: a live link; the buffers of its options are dropped after it.
                let status = unsafe { destroy(raw as CUlinkState) };
                self.links.remove(&handle);
                check(status)
            }
        }
    }

    fn link_create(&mut self, handle: u64, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let options = options(body)?;
        body.end()?;
        self.handles.vacant(Kind::Link, handle)?;
        let create = self.table.cuLinkCreate_v2.ok_or(NOT_SUPPORTED)?;
        let mut jit = Jit::new(&options);
        let mut raw: CUlinkState = std::ptr::null_mut();
        // SAFETY: options with buffers of the sizes they say, which are kept as long as the link.
        check(unsafe {
            create(
                jit.options.len() as u32,
                jit.options.as_mut_ptr(),
                jit.values.as_mut_ptr(),
                &raw mut raw,
            )
        })?;
        self.handles.bind(Kind::Link, handle, raw as u64);
        self.links.insert(
            handle,
            Link {
                raw: raw as u64,
                jit,
                image: Vec::new(),
            },
        );
        Ok(())
    }

    fn link_add(&mut self, handle: u64, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let upload: u64 = body.scalar()?;
        let kind: u32 = body.scalar()?;
        let name: CString = body.text()?.to_owned();
        let options = options(body)?;
        body.end()?;
        let Some(upload) = self.uploaded(upload)? else {
            return Ok(());
        };
        let raw = self.handles.find(Kind::Link, handle)?;
        let add = self.table.cuLinkAddData_v2.ok_or(NOT_SUPPORTED)?;
        let mut data = upload.bytes;
        let len = data.len();
        // Whoever reads text stops at a zero.
        data.extend_from_slice(&[0; 16]);
        let mut own = Jit::only(&options);
        // SAFETY: a live link; bytes with their length; options that are numbers.
        let status = unsafe {
            add(
                raw as CUlinkState,
                CUjitInputType(kind),
                data.as_mut_ptr().cast(),
                len,
                name.as_ptr(),
                own.options.len() as u32,
                own.options.as_mut_ptr(),
                own.values.as_mut_ptr(),
            )
        };
        if status == OK {
            self.keep(upload.keep, &Arc::new(data), len);
        }
        self.link_answer(handle, status)
    }

    fn link_answer(&mut self, handle: u64, status: CUresult) -> Result<(), Failure> {
        let loaded = self
            .links
            .get(&handle)
            .map(|link| link.jit.loaded())
            .unwrap_or_default();
        let mut answer = Encoder::new(&mut self.answers);
        answer.scalar(status);
        loaded.encode(&mut answer);
        Ok(())
    }

    fn link_complete(&mut self, handle: u64, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let offset: u64 = body.scalar()?;
        body.end()?;
        self.handles.find(Kind::Link, handle)?;
        let complete = self.table.cuLinkComplete.ok_or(NOT_SUPPORTED)?;
        let Some(link) = self.links.get_mut(&handle) else {
            return Err(Failure::Status(CUresult::CUDA_ERROR_INVALID_HANDLE));
        };
        let mut status = OK;
        if link.image.is_empty() {
            let (mut image, mut len) = (std::ptr::null_mut(), 0usize);
            // SAFETY: a live link and locals.
            status = unsafe { complete(link.raw as CUlinkState, &raw mut image, &raw mut len) };
            if status == OK {
                // SAFETY: the driver's image of that length, which lives as long as the link.
                link.image = unsafe { std::slice::from_raw_parts(image.cast(), len) }.to_vec();
            }
        }
        let image = std::mem::take(&mut link.image);
        self.link_answer(handle, status)?;
        let first = (offset as usize).min(image.len());
        let end = (first + CHUNK / 2).min(image.len());
        let mut answer = Encoder::new(&mut self.answers);
        answer.scalar(image.len());
        answer.bytes(&image[first..end]);
        if let Some(link) = self.links.get_mut(&handle) {
            link.image = image;
        }
        Ok(())
    }
}

/// JIT options as a load has them.
fn options(body: &mut Decoder<'_>) -> Result<Vec<(u32, u64)>, Violation> {
    let count = body.at_most("the number of options", MAX_OPTIONS)?;
    (0..count)
        .map(|_| Ok((body.scalar()?, body.scalar()?)))
        .collect()
}
