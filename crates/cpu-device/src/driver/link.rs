//! The linker: several images become one.

use std::ffi::{c_char, c_uint, c_void};
use std::sync::{Arc, Mutex, PoisonError};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::image::{self, Refusal};
use super::{
    Answer, BAD_HANDLE, INVALID, LINK, alive, array, device, functions, name, text, write, write_if,
};

/// A link that has begun.
pub struct Link {
    texts: Vec<String>,
    /// What was linked, where the program may read it.
    image: Option<Vec<u8>>,
    /// Where the program wants to read errors: options and values of its own, which outlive the link.
    options: (c_uint, u64, u64),
}

/// A link by its handle.
pub type Shared = Arc<Mutex<Link>>;

fn link(handle: CUlinkState) -> Answer<Shared> {
    let state = device()?.state();
    state.links.get(&(handle as u64)).cloned().ok_or(BAD_HANDLE)
}

impl Link {
    /// Tells an error to the program's log.
    fn refuse(&self, (status, message): Refusal) -> CUresult {
        let (count, options, values) = self.options;
        // SAFETY: the options of `cuLinkCreate`, which the program keeps as long as the link.
        unsafe {
            image::give_log(
                count,
                options as *mut CUjit_option,
                values as *mut *mut c_void,
                &message,
            );
        }
        status
    }

    fn add(&mut self, kind: CUjitInputType, bytes: &[u8]) -> Answer {
        if self.image.is_some() {
            // As CUDA has it: what is complete takes no more.
            return Err(INVALID);
        }
        let added = match kind {
            CUjitInputType::CU_JIT_INPUT_PTX => image::text(bytes.to_vec()),
            CUjitInputType::CU_JIT_INPUT_FATBINARY => image::ptx(bytes),
            CUjitInputType::CU_JIT_INPUT_CUBIN
            | CUjitInputType::CU_JIT_INPUT_OBJECT
            | CUjitInputType::CU_JIT_INPUT_LIBRARY => Err(image::no_binary()),
            _ => return Err(INVALID),
        };
        let text = added
            .and_then(|text| image::check(&text).map(|()| text))
            .map_err(|refusal| self.refuse(refusal))?;
        self.texts.push(text);
        Ok(())
    }

    fn complete(&mut self) -> Answer<(*mut c_void, usize)> {
        if self.image.is_none() {
            image::compile(&self.texts).map_err(|refusal| self.refuse(refusal))?;
            self.image = Some(image::joined(&self.texts));
        }
        let image = self.image.as_ref().ok_or(INVALID)?;
        Ok((image.as_ptr().cast_mut().cast(), image.len()))
    }
}

fn create(
    count: c_uint,
    options: *mut CUjit_option,
    values: *mut *mut c_void,
    place: *mut CUlinkState,
) -> Answer {
    if place.is_null() || count > 0 && (options.is_null() || values.is_null()) {
        return Err(INVALID);
    }
    let handle = name(LINK);
    let link = Link {
        texts: Vec::new(),
        image: None,
        options: (count, options as u64, values as u64),
    };
    alive()?
        .state()
        .links
        .insert(handle, Arc::new(Mutex::new(link)));
    write(place, handle as CUlinkState)
}

/// # Safety
///
/// `len` bytes at `data`.
unsafe fn add_data(
    handle: CUlinkState,
    kind: CUjitInputType,
    data: *mut c_void,
    len: usize,
) -> Answer {
    let link = link(handle)?;
    if data.is_null() || len == 0 {
        return Err(INVALID);
    }
    // SAFETY: as the caller promises.
    let bytes = unsafe { array(data.cast_const().cast::<u8>(), len) }?;
    link.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .add(kind, bytes)
}

fn add_file(handle: CUlinkState, kind: CUjitInputType, path: *const c_char) -> Answer {
    let link = link(handle)?;
    let bytes = std::fs::read(text(path)?).map_err(|_| CUresult::CUDA_ERROR_FILE_NOT_FOUND)?;
    link.lock()
        .unwrap_or_else(PoisonError::into_inner)
        .add(kind, &bytes)
}

functions! {
    cuLinkCreate(count: c_uint, options: *mut CUjit_option, values: *mut *mut c_void, place: *mut CUlinkState) {
        create(count, options, values, place)
    }
    cuLinkCreate_v2(count: c_uint, options: *mut CUjit_option, values: *mut *mut c_void, place: *mut CUlinkState) {
        create(count, options, values, place)
    }
    cuLinkAddData(link: CUlinkState, kind: CUjitInputType, data: *mut c_void, len: usize, shown: *const c_char, count: c_uint, options: *mut CUjit_option, values: *mut *mut c_void) {
        add_data(link, kind, data, len)
    }
    cuLinkAddData_v2(link: CUlinkState, kind: CUjitInputType, data: *mut c_void, len: usize, shown: *const c_char, count: c_uint, options: *mut CUjit_option, values: *mut *mut c_void) {
        add_data(link, kind, data, len)
    }
    cuLinkAddFile(link: CUlinkState, kind: CUjitInputType, path: *const c_char, count: c_uint, options: *mut CUjit_option, values: *mut *mut c_void) {
        add_file(link, kind, path)
    }
    cuLinkAddFile_v2(link: CUlinkState, kind: CUjitInputType, path: *const c_char, count: c_uint, options: *mut CUjit_option, values: *mut *mut c_void) {
        add_file(link, kind, path)
    }
    cuLinkComplete(handle: CUlinkState, place: *mut *mut c_void, size: *mut usize) {
        if place.is_null() {
            return Err(INVALID);
        }
        let link = link(handle)?;
        let (image, len) = link.lock().unwrap_or_else(PoisonError::into_inner).complete()?;
        write_if(size, len);
        write(place, image)
    }
    cuLinkDestroy(handle: CUlinkState) {
        device()?.state().links.remove(&(handle as u64)).map(|_| ()).ok_or(BAD_HANDLE)
    }
}
