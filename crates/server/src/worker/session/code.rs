//! Code: images on their way from the client, modules and libraries, and what is known of their kernels.

use std::collections::HashMap;
use std::ffi::{CStr, CString, c_void};
use std::sync::Arc;

use pillion_cuda_abi::types::{
    CUfunction, CUfunction_attribute, CUjit_option, CUkernel, CUlibrary, CUmodule, CUresult,
};
use pillion_protocol::command::{
    FUNCTION_ATTRIBUTES, FunctionInfo, Load, Loaded, MAX_LOG, MAX_PARAMETER_BYTES, MAX_PARAMETERS,
    MAX_UPLOAD, MAX_UPLOADS, PackedUpload, SEND_IMAGE, UploadHead, UploadKnown, cuda,
};
use pillion_protocol::handle::Kind;
use pillion_protocol::{Decoder, Encoder, Violation, packed};
use zerocopy::FromBytes;

use super::super::forward::Failure;
use super::{Function, NOT_SUPPORTED, OK, Session, Upload, Uploaded, check};
use crate::cache::Hash;

/// Most bytes that are reserved for an image because its client says that they come.
const MOST_RESERVED: usize = 64 << 20;
/// What ends an image for the driver.
const ZEROES: [u8; 16] = [0; 16];

impl Session {
    pub(super) fn upload(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let (head, data) =
            UploadHead::ref_from_prefix(bytes).map_err(|_| Violation::Truncated {
                missing: size_of::<UploadHead>(),
            })?;
        self.upload_part(head, data)
    }

    pub(super) fn upload_packed(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let part = PackedUpload::decode(bytes)?;
        let mut data = vec![0; part.len];
        packed::unpack(part.block, &mut data)?;
        self.account.bytes_saved += (part.len as u64).saturating_sub(part.block.len() as u64);
        self.upload_part(part.head, &data)
    }

    fn upload_part(&mut self, head: &UploadHead, data: &[u8]) -> Result<(), Failure> {
        let (number, total, offset) = (head.upload.get(), head.total.get(), head.offset.get());
        let wrong = |what, value| Err(Failure::Violation(Violation::OutOfRange { what, value }));
        if total > MAX_UPLOAD {
            return wrong("the length of an upload", total);
        }
        self.room_for_upload(number)?;
        let upload = self.uploads.entry(number).or_insert(Upload {
            total,
            bytes: Vec::new(),
            missing: None,
        });
        if upload.bytes.is_empty() {
            // What is larger than any image that is grows as it comes.
            let room = (total as usize).min(MOST_RESERVED) + ZEROES.len();
            upload.bytes.reserve_exact(room);
        }
        if upload.total != total
            || upload.bytes.len() as u64 != offset
            || offset + data.len() as u64 > total
        {
            return wrong("the offset of an upload", offset);
        }
        self.uploading += data.len() as u64;
        if self.uploading > MAX_UPLOAD {
            return wrong("the length of all uploads", self.uploading);
        }
        upload.bytes.extend_from_slice(data);
        Ok(())
    }

    fn room_for_upload(&self, number: u64) -> Result<(), Violation> {
        if self.uploads.len() >= MAX_UPLOADS && !self.uploads.contains_key(&number) {
            return Err(Violation::OutOfOrder("there are too many uploads"));
        }
        Ok(())
    }

    /// An image that may be there from before.
    pub(super) fn upload_known(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let Some(cache) = &self.cache else {
            // It is not among the opcodes that the client was told.
            return Err(Violation::UnknownOpcode(cuda::UPLOAD_KNOWN).into());
        };
        let known = UploadKnown::decode(bytes)?;
        let (number, total) = (known.upload.get(), known.total.get());
        if self.uploads.contains_key(&number) {
            return Err(Violation::OutOfOrder("an upload begins twice").into());
        }
        self.room_for_upload(number)?;
        if self.uploading + total > MAX_UPLOAD {
            return Err(Violation::OutOfRange {
                what: "the length of all uploads",
                value: self.uploading + total,
            }
            .into());
        }
        let (bytes, missing) = match cache.find(&known.hash, total) {
            Some(bytes) => (bytes, None),
            None => (Vec::new(), Some(known.hash)),
        };
        self.uploading += bytes.len() as u64;
        self.account.bytes_cached += bytes.len() as u64;
        let upload = Upload {
            total,
            bytes,
            missing,
        };
        self.uploads.insert(number, upload);
        Ok(())
    }

    /// Takes an upload that a command names; `None` where the client has to send it first, which `answers` says then.
    pub(super) fn uploaded(&mut self, number: u64) -> Result<Option<Uploaded>, Failure> {
        let invalid = Violation::OutOfOrder("a command names an upload that is not whole");
        let Some(upload) = self.uploads.get(&number) else {
            return Err(invalid.into());
        };
        if upload.missing.is_some() && upload.bytes.is_empty() {
            self.answers.clear();
            Encoder::new(&mut self.answers).scalar(SEND_IMAGE);
            return Ok(None);
        }
        self.uploading -= upload.bytes.len() as u64;
        let whole = upload.bytes.len() as u64 == upload.total;
        match self.uploads.remove(&number) {
            Some(upload) if whole => Ok(Some(Uploaded {
                bytes: upload.bytes,
                keep: upload.missing,
            })),
            _ => Err(invalid.into()),
        }
    }

    /// Keeps what the client has sent, and named by this hash before, for its next sessions.
    pub(super) fn keep(&mut self, hash: Option<Hash>, bytes: &Arc<Vec<u8>>, len: usize) {
        if let (Some(cache), Some(hash)) = (&mut self.cache, hash) {
            cache.keep(Some(hash), Arc::clone(bytes), len);
        }
    }

    /// Leaves the answer's body in `answers`.
    pub(super) fn load(&mut self, opcode: u16, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let load = Load::decode(body)?;
        body.end()?;
        let kind = if opcode == cuda::MODULE_LOAD {
            Kind::Module
        } else {
            Kind::Library
        };
        self.handles.vacant(kind, load.handle)?;
        let Some(upload) = self.uploaded(load.upload)? else {
            return Ok(());
        };
        let mut image = upload.bytes;
        let len = image.len();
        self.prints = self.prints
            || len > 4 << 20
            || is_compressed(&image)
            || memchr::memmem::find(&image, b"vprintf").is_some();
        // Whoever reads text stops at a zero; whoever reads a structure does not read beyond it.
        image.extend_from_slice(&ZEROES);
        let image = Arc::new(image);
        let parts = self.parts(&load, &image)?;
        let pointer = parts
            .as_ref()
            .map_or(image.as_ptr().cast::<c_void>(), |parts| {
                parts.wrapper.as_ptr().cast()
            });
        let mut jit = Jit::new(&load.options);
        let (status, raw) = match kind {
            Kind::Module => {
                let function = self.table.cuModuleLoadDataEx.ok_or(NOT_SUPPORTED)?;
                let mut raw = std::ptr::null_mut();
                // SAFETY: an image that ends in zeroes, and options with buffers of the sizes they say.
                let status = unsafe {
                    function(
                        &raw mut raw,
                        pointer,
                        jit.options.len() as u32,
                        jit.options.as_mut_ptr(),
                        jit.values.as_mut_ptr(),
                    )
                };
                (status, raw as u64)
            }
            _ => {
                let function = self.table.cuLibraryLoadData.ok_or(NOT_SUPPORTED)?;
                let mut raw = std::ptr::null_mut();
                let none = std::ptr::null_mut();
                // SAFETY: as above; no library options.
                let status = unsafe {
                    function(
                        &raw mut raw,
                        pointer,
                        jit.options.as_mut_ptr(),
                        jit.values.as_mut_ptr(),
                        jit.options.len() as u32,
                        none,
                        std::ptr::null_mut(),
                        0,
                    )
                };
                (status, raw as u64)
            }
        };
        let loaded = jit.loaded();
        self.answers.clear();
        let mut answer = Encoder::new(&mut self.answers);
        answer.scalar(status);
        loaded.encode(&mut answer);
        if status == OK {
            self.handles.bind(kind, load.handle, raw);
            self.keep(upload.keep, &image, len);
            // The driver may load lazily from it.
            self.images.insert(load.handle, image);
            if let Some(parts) = parts {
                // As long as the session: small, and seldom.
                std::mem::forget(parts);
            }
        }
        Ok(())
    }

    fn parts(&self, load: &Load, image: &[u8]) -> Result<Option<Parts>, Failure> {
        if load.parts.is_empty() {
            return Ok(None);
        }
        let total = load
            .parts
            .iter()
            .try_fold(0u64, |sum, part| sum.checked_add(*part));
        if total.is_none_or(|total| total > image.len() as u64) {
            return Err(Violation::OutOfRange {
                what: "the length of parts",
                value: total.unwrap_or(u64::MAX),
            }
            .into());
        }
        let mut starts = Vec::new();
        let mut at = 0;
        for part in &load.parts {
            starts.push(image[at..].as_ptr() as u64);
            at += *part as usize;
        }
        let data = starts.remove(0);
        starts.push(0);
        let list = starts.into_boxed_slice();
        // { magic, version 2, data, list }
        let wrapper = Box::new([0x2_4662_43b1u64, data, list.as_ptr() as u64]);
        Ok(Some(Parts {
            wrapper,
            _list: list,
        }))
    }

    /// Leaves the answer's body in `answers`.
    pub(super) fn function(&mut self, opcode: u16, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let from: u64 = body.scalar()?;
        let handle: u64 = body.scalar()?;
        self.handles.vacant(Kind::Function, handle)?;
        let mut raw_function = std::ptr::null_mut();
        let mut raw_kernel = std::ptr::null_mut();
        let kernel = opcode == cuda::LIBRARY_KERNEL;
        let container = match opcode {
            cuda::KERNEL_FUNCTION => self.functions.get(&from).map_or(0, |of| of.container),
            _ => from,
        };
        let mut name = CString::default();
        match opcode {
            cuda::MODULE_FUNCTION => {
                name = body.text()?;
                let module = self.handles.find(Kind::Module, from)?;
                let find = self.table.cuModuleGetFunction.ok_or(NOT_SUPPORTED)?;
                // SAFETY: a local, a live module, a C string.
                check(unsafe { find(&raw mut raw_function, module as CUmodule, name.as_ptr()) })?;
            }
            cuda::LIBRARY_KERNEL => {
                name = body.text()?;
                let library = self.handles.find(Kind::Library, from)?;
                let find = self.table.cuLibraryGetKernel.ok_or(NOT_SUPPORTED)?;
                // SAFETY: a local, a live library, a C string.
                check(unsafe { find(&raw mut raw_kernel, library as CUlibrary, name.as_ptr()) })?;
            }
            _ => {
                let of = self.handles.find(Kind::Function, from)?;
                let find = self.table.cuKernelGetFunction.ok_or(NOT_SUPPORTED)?;
                // SAFETY: a local and a live kernel.
                check(unsafe { find(&raw mut raw_function, of as CUkernel) })?;
            }
        }
        body.end()?;
        let raw = if kernel {
            raw_kernel as u64
        } else {
            raw_function as u64
        };
        if self.handles.current == 0 {
            self.lend_context()?;
        }
        let mut info = self.function_info(raw, kernel);
        if info.parameters.is_empty() {
            info.parameters = match opcode {
                cuda::KERNEL_FUNCTION => {
                    let of = self.functions.get(&from);
                    of.map_or_else(Vec::new, |of| of.parameters.clone())
                }
                _ => self.parameters(container, &name),
            };
        }
        if kernel {
            self.handles.bind_free(Kind::Function, handle, raw);
        } else {
            self.handles.bind(Kind::Function, handle, raw);
        }
        self.functions.insert(
            handle,
            Function {
                parameters: info.parameters.clone(),
                kernel,
                container,
            },
        );
        self.answers.clear();
        info.encode(&mut Encoder::new(&mut self.answers));
        Ok(())
    }

    /// How a kernel's parameters lie, from its image: drivers before CUDA 12.4 do not tell. The kernel of any machine code or
    /// text does, since all come from one source.
    pub(super) fn parameters(&mut self, container: u64, kernel: &CStr) -> Vec<(u32, u32)> {
        if self.table.cuFuncGetParamInfo.is_some() {
            return Vec::new();
        }
        let library = self
            .library_modules
            .iter()
            .find(|(_, modules)| modules.contains(&container));
        let container = library.map_or(container, |(library, _)| *library);
        let kernels = self.layouts.entry(container).or_insert_with(|| {
            let image = self
                .images
                .get(&container)
                .map_or(&[][..], |image| image.as_slice());
            let mut kernels = HashMap::new();
            for kernel in pillion_image::kernels(image, MAX_UPLOAD) {
                let parameters = kernel.params.iter();
                let parameters = parameters.map(|param| (param.offset, param.size)).collect();
                kernels.entry(kernel.name).or_insert(parameters);
            }
            kernels
        });
        kernel
            .to_str()
            .ok()
            .and_then(|name| kernels.get(name))
            .cloned()
            .unwrap_or_default()
    }

    /// Forgets the functions of a module or library that has gone.
    pub(super) fn forget_functions(&mut self, container: u64) {
        let handles = &mut self.handles;
        self.functions.retain(|handle, function| {
            if function.container == container {
                handles.forget(Kind::Function, *handle);
            }
            function.container != container
        });
    }

    /// The driver tells of a kernel only where there is a context, and runtimes ask for kernels before they retain one. The
    /// first device's primary context serves, which the program is about to retain.
    pub(super) fn lend_context(&mut self) -> Result<(), Failure> {
        if self.lent {
            return Ok(());
        }
        let retain = self.table.cuDevicePrimaryCtxRetain.ok_or(NOT_SUPPORTED)?;
        let set = self.table.cuCtxSetCurrent.ok_or(NOT_SUPPORTED)?;
        let mut raw = std::ptr::null_mut();
        // SAFETY: a local.
        check(unsafe { retain(&raw mut raw, 0) })?;
        self.lent = true;
        // Commands of the program still find that it has no context: `enter` sets what they ask for.
        // SAFETY: the context that was retained above.
        check(unsafe { set(raw) })
    }

    pub(super) fn function_info(&self, raw: u64, kernel: bool) -> FunctionInfo {
        let mut info = FunctionInfo {
            parameters: Vec::new(),
            attributes: [i32::MIN; FUNCTION_ATTRIBUTES],
        };
        for index in 0..MAX_PARAMETERS {
            let (mut offset, mut size) = (0usize, 0usize);
            // SAFETY: locals, and a live kernel or function.
            let status = unsafe {
                match (
                    kernel,
                    self.table.cuKernelGetParamInfo,
                    self.table.cuFuncGetParamInfo,
                ) {
                    (true, Some(ask), _) => {
                        ask(raw as CUkernel, index, &raw mut offset, &raw mut size)
                    }
                    (false, _, Some(ask)) => {
                        ask(raw as CUfunction, index, &raw mut offset, &raw mut size)
                    }
                    _ => CUresult::CUDA_ERROR_NOT_SUPPORTED,
                }
            };
            if status != OK || offset + size > MAX_PARAMETER_BYTES {
                break;
            }
            info.parameters.push((offset as u32, size as u32));
        }
        let device = self
            .handles
            .contexts
            .get(&self.handles.current)
            .map_or(0, |state| state.device);
        for (index, place) in info.attributes.iter_mut().enumerate() {
            let attribute = CUfunction_attribute(index as u32);
            let mut value = 0;
            // SAFETY: as above.
            let status = unsafe {
                match (
                    kernel,
                    self.table.cuKernelGetAttribute,
                    self.table.cuFuncGetAttribute,
                ) {
                    (true, Some(ask), _) => ask(&raw mut value, attribute, raw as CUkernel, device),
                    (false, _, Some(ask)) => ask(&raw mut value, attribute, raw as CUfunction),
                    _ => CUresult::CUDA_ERROR_NOT_SUPPORTED,
                }
            };
            if status == OK {
                *place = value;
            }
        }
        info
    }
}

/// What stands in for the wrapper that a linked fat binary has in a program.
struct Parts {
    wrapper: Box<[u64; 3]>,
    _list: Box<[u64]>,
}

/// JIT options with the buffers that they name.
pub(super) struct Jit {
    pub(super) options: Vec<CUjit_option>,
    pub(super) values: Vec<*mut c_void>,
    info: Vec<u8>,
    error: Vec<u8>,
    /// How many options the client gave; the others are this worker's.
    asked: usize,
}

impl Jit {
    pub(super) fn new(asked: &[(u32, u64)]) -> Self {
        let mut jit = Jit {
            options: Vec::new(),
            values: Vec::new(),
            info: Vec::new(),
            error: Vec::new(),
            asked: asked.len(),
        };
        let size = |wanted: CUjit_option| {
            let found = asked.iter().find(|(option, _)| *option == wanted.0);
            found.map_or(0, |(_, value)| (*value).min(MAX_LOG)) as usize
        };
        jit.info = vec![0; size(CUjit_option::CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES)];
        // A log is made whether the program asks or not: it is what explains a failure.
        jit.error = vec![0; size(CUjit_option::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES).max(8192)];
        for (option, value) in asked {
            let option = CUjit_option(*option);
            jit.options.push(option);
            jit.values.push(match option {
                CUjit_option::CU_JIT_INFO_LOG_BUFFER => jit.info.as_mut_ptr().cast(),
                CUjit_option::CU_JIT_ERROR_LOG_BUFFER => jit.error.as_mut_ptr().cast(),
                CUjit_option::CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES => jit.info.len() as *mut c_void,
                CUjit_option::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES => jit.error.len() as *mut c_void,
                _ => *value as *mut c_void,
            });
        }
        if !jit.options.contains(&CUjit_option::CU_JIT_ERROR_LOG_BUFFER) {
            jit.options.push(CUjit_option::CU_JIT_ERROR_LOG_BUFFER);
            jit.values.push(jit.error.as_mut_ptr().cast());
            jit.options
                .push(CUjit_option::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES);
            jit.values.push(jit.error.len() as *mut c_void);
        }
        jit
    }

    /// The options that are numbers, and no buffers.
    pub(super) fn only(asked: &[(u32, u64)]) -> Self {
        let numbers = asked.iter().filter(|(option, _)| {
            !matches!(
                CUjit_option(*option),
                CUjit_option::CU_JIT_INFO_LOG_BUFFER
                    | CUjit_option::CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES
                    | CUjit_option::CU_JIT_ERROR_LOG_BUFFER
                    | CUjit_option::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES
            )
        });
        let (options, values) = numbers
            .map(|(option, value)| (CUjit_option(*option), *value as *mut c_void))
            .unzip();
        Jit {
            options,
            values,
            info: Vec::new(),
            error: Vec::new(),
            asked: 0,
        }
    }

    pub(super) fn loaded(&self) -> Loaded {
        let text = |log: &[u8]| {
            log[..log.iter().position(|byte| *byte == 0).unwrap_or(log.len())].to_vec()
        };
        Loaded {
            values: self
                .values
                .iter()
                .take(self.asked)
                .map(|value| *value as u64)
                .collect(),
            info_log: text(&self.info),
            error_log: text(&self.error),
        }
    }
}

/// Whether a fat binary's entries are compressed, so that their text cannot be looked through.
fn is_compressed(image: &[u8]) -> bool {
    match pillion_image::Fatbin::parse(image) {
        Ok(fatbin) => fatbin.entries.iter().any(|entry| {
            entry.flags & (pillion_image::flags::LZ4 | pillion_image::flags::ZSTD) != 0
        }),
        Err(_) => false,
    }
}
