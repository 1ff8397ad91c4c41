//! Modules, libraries and the functions in them.

use core::ffi::{CStr, c_char, c_int, c_uint, c_void};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::CString;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::{
    CUdevice, CUdevice_attribute, CUdeviceptr, CUfunction, CUfunction_attribute, CUjit_option,
    CUkernel, CUlibrary, CUlibraryOption, CUmodule, CUmoduleLoadingMode,
};
use pillion_image::raw::{self, RawKind};
use pillion_image::{Capability, Fatbin};
use pillion_protocol::command::{
    FUNCTION_ATTRIBUTES, FunctionInfo, Load, Loaded, MAX_OPTIONS, cuda,
};
use pillion_protocol::handle::Kind;
use pillion_protocol::numbers::Numbers;
use pillion_protocol::{Encoder, Interface};

use super::memory::{self, RegionKind};
use super::old_launch::Setup;
use super::upload::with_upload;
use super::{context, occupancy};
use crate::entry::{Result, out};
use crate::forward::{Fresh, checked, text_of};
use crate::log::{self, Level};
use crate::remote;
use crate::session::Session;

/// What the program has loaded.
#[derive(Debug, Default)]
pub struct Modules {
    functions: RwLock<Numbers<Arc<Function>>>,
    containers: Mutex<HashMap<u64, Container>>,
}

/// A module or a library.
#[derive(Debug)]
struct Container {
    /// The context that it lives in; 0 for a library, which lives in all.
    context: u64,
    /// Functions by name, so that a name is asked for once.
    functions: HashMap<CString, u64>,
    /// Of a library, its module in each context.
    modules: HashMap<u64, u64>,
    /// Variables that the address map knows of.
    globals: Vec<u64>,
}

/// A function or a kernel.
#[derive(Debug)]
pub struct Function {
    /// Its handle.
    pub handle: u64,
    /// Its name.
    pub name: CString,
    /// How its parameters lie, and the attributes it was loaded with.
    pub info: FunctionInfo,
    /// Bytes of its parameter block.
    pub parameter_bytes: usize,
    /// The module or library that it is from; 0 where that is not known.
    pub container: u64,
    /// The server has it as a kernel of a library.
    kernel: bool,
    /// The device of a function's context; a kernel is of none.
    pub device: Option<CUdevice>,
    attributes: Mutex<Attributes>,
    /// Of a kernel, its function in each context.
    in_context: Mutex<HashMap<u64, u64>>,
    /// What a program of before CUDA 4.0 has set for its launches.
    pub setup: Mutex<Setup>,
}

/// A function's attributes.
#[derive(Debug)]
struct Attributes {
    /// As it was loaded with them.
    loaded: [i32; FUNCTION_ATTRIBUTES],
    /// As the program has set them: each for one device.
    set: Vec<(CUdevice, CUfunction_attribute, i32)>,
}

impl Function {
    /// An attribute's value now, of a kernel on that device; `None` for one that the server could not tell.
    pub fn attribute(&self, attribute: CUfunction_attribute, device: CUdevice) -> Option<i32> {
        let device = self.device.unwrap_or(device);
        let attributes = self
            .attributes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let set = attributes.set.iter();
        let mut set = set.filter(|(of, which, _)| (*of, *which) == (device, attribute));
        let value = match set.next() {
            Some((.., value)) => Some(*value),
            None => attributes.loaded.get(attribute.0 as usize).copied(),
        };
        value.filter(|value| *value != i32::MIN)
    }

    /// Has the server load a function that was found by enumeration, and say what it could not before. What it cannot say then
    /// either stays unknown.
    fn load(&self) {
        let Ok(session) = Session::current() else {
            return;
        };
        let answer = session
            .link
            .call(Interface::Cuda, cuda::FUNCTION_INFO, |body| {
                Encoder::new(body).scalar(self.handle);
                Ok(())
            });
        if let Ok(answer) = answer
            && let Ok(info) = FunctionInfo::decode(&mut answer.decoder())
        {
            self.attributes
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .loaded = info.attributes;
        }
    }

    fn set_attribute(&self, attribute: CUfunction_attribute, device: CUdevice, value: i32) {
        if self.device.is_some_and(|own| own != device) {
            return;
        }
        let mut attributes = self
            .attributes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let set = &mut attributes.set;
        set.retain(|(of, which, _)| (*of, *which) != (device, attribute));
        set.push((device, attribute, value));
        occupancy::forget(self.handle);
    }
}

impl Modules {
    /// A function by its handle.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_HANDLE`.
    #[inline]
    pub fn function(&self, handle: u64) -> Result<Arc<Function>> {
        let functions = self
            .functions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        functions
            .get(&handle)
            .cloned()
            .ok_or(CUresult::CUDA_ERROR_INVALID_HANDLE)
    }

    /// Notes what the program has set of a function on a device. A kernel and its functions in that device's contexts have their
    /// attributes in common.
    fn set_attribute(
        &self,
        handle: u64,
        attribute: CUfunction_attribute,
        device: CUdevice,
        value: i32,
    ) {
        let functions = self
            .functions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        for function in functions.values() {
            let kin = {
                let in_context = function
                    .in_context
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                function.handle == handle || in_context.values().any(|other| *other == handle)
            };
            if kin {
                function.set_attribute(attribute, device, value);
            }
        }
        let Some(function) = functions.get(&handle) else {
            return;
        };
        let in_context = function
            .in_context
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        for other in in_context.values().filter_map(|other| functions.get(other)) {
            other.set_attribute(attribute, device, value);
        }
    }

    /// A kernel as function and as kernel, as far as the program has both: runtimes look for the one that they gave.
    pub fn both(&self, context: u64, function: &Function) -> (u64, u64) {
        if function.kernel {
            let in_context = function
                .in_context
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            return (
                in_context.get(&context).copied().unwrap_or(0),
                function.handle,
            );
        }
        let functions = self
            .functions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        let kernel = functions.values().find(|kernel| {
            let in_context = kernel
                .in_context
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            in_context.values().any(|handle| *handle == function.handle)
        });
        (function.handle, kernel.map_or(0, |kernel| kernel.handle))
    }

    fn containers(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Container>> {
        self.containers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn enter(&self, container: u64, context: u64) {
        self.containers().insert(
            container,
            Container {
                context,
                functions: HashMap::new(),
                modules: HashMap::new(),
                globals: Vec::new(),
            },
        );
    }

    /// Enters a function that the server has named.
    pub fn discover(
        &self,
        container: u64,
        handle: u64,
        name: &CStr,
        info: FunctionInfo,
        kernel: bool,
    ) {
        self.enter_function(container, handle, name, info, kernel);
        if let Some(known) = self.containers().get_mut(&container) {
            known.functions.insert(name.to_owned(), handle);
        }
    }

    fn enter_function(
        &self,
        container: u64,
        handle: u64,
        name: &CStr,
        info: FunctionInfo,
        kernel: bool,
    ) {
        let attributes = Attributes {
            loaded: info.attributes,
            set: Vec::new(),
        };
        let own = context::current().and_then(context::device_of).ok();
        let function = Function {
            handle,
            kernel,
            name: name.to_owned(),
            device: own.filter(|_| !kernel),
            attributes: Mutex::new(attributes),
            parameter_bytes: info.parameter_bytes(),
            info,
            container,
            in_context: Mutex::default(),
            setup: Mutex::default(),
        };
        self.functions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(handle, Arc::new(function));
    }

    /// Forgets a module or library and everything in it. Answers false where there is none.
    fn forget(&self, session: &Session, handle: u64) -> bool {
        let Some(container) = self.containers().remove(&handle) else {
            return false;
        };
        for start in container.globals {
            session.memory.forget_global(session, start);
        }
        for module in container.modules.into_values() {
            self.forget(session, module);
            session.names.give_back(module);
        }
        self.functions
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|function, entry| {
                if entry.container == handle {
                    occupancy::forget(*function);
                    session.names.give_back(*function);
                }
                entry.container != handle
            });
        true
    }

    /// Forgets the modules of a context that has died. Libraries outlive it.
    pub fn forget_context(&self, session: &Session, context: u64) {
        let dead: Vec<u64> = self
            .containers()
            .iter()
            .filter(|(_, container)| container.context == context)
            .map(|(handle, _)| *handle)
            .collect();
        for module in dead {
            self.forget(session, module);
            session.names.give_back(module);
        }
        for container in self.containers().values_mut() {
            container.modules.remove(&context);
        }
        let functions = self
            .functions
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        for function in functions.values() {
            function
                .in_context
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .remove(&context);
        }
    }
}

/// Finds out what a program gave as an image, and what of it the server can use: the bytes to send, and where they are several fat
/// binaries, the length of each.
///
/// # Safety
///
/// `image` is an image as CUDA takes one, and stays so for `'a`.
unsafe fn usable<'a>(session: &Session, image: *const c_void) -> Result<(Cow<'a, [u8]>, Vec<u64>)> {
    // SAFETY: as the caller promises.
    let image = unsafe { raw::measure::<'a>(image) }.map_err(|error| {
        log::write(
            Level::Warn,
            format_args!("an image cannot be loaded: {error}"),
        );
        CUresult::CUDA_ERROR_INVALID_IMAGE
    })?;
    let whole = match image.kind {
        RawKind::Fatbin if !image.prelinked.is_empty() => {
            // What was linked is machine code. For a device that cannot run that, the driver links the objects anew.
            let mut whole = Vec::new();
            let mut parts = Vec::new();
            for part in core::iter::once(image.bytes).chain(image.prelinked.iter().copied()) {
                let chosen = if session.welcome.ptx_only {
                    chosen(session, part)
                } else {
                    None
                };
                let part = chosen.as_deref().unwrap_or(part);
                parts.push(part.len() as u64);
                whole.extend_from_slice(part);
            }
            return Ok((Cow::Owned(whole), parts));
        }
        RawKind::Fatbin => match chosen(session, image.bytes) {
            Some(chosen) => Cow::Owned(chosen),
            None => Cow::Borrowed(image.bytes),
        },
        RawKind::Elf => Cow::Borrowed(image.bytes),
        RawKind::Text => {
            // The driver reads PTX up to its zero.
            let mut text = image.bytes.to_vec();
            text.push(0);
            Cow::Owned(text)
        }
    };
    Ok((whole, Vec::new()))
}

/// Of a fat binary that is understood, the part that the context's device will use.
fn chosen(session: &Session, fatbin: &[u8]) -> Option<Vec<u8>> {
    let device = context::current().and_then(context::device_of).unwrap_or(0);
    let attributes = &session.welcome.devices.get(device as usize)?.attributes;
    let value = |attribute: CUdevice_attribute| {
        attributes
            .get(attribute.0 as usize)
            .map(|(_, value)| *value as u32)
    };
    let capability = Capability {
        major: value(CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR)?,
        minor: value(CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR)?,
    };
    // A library serves every device of the session; with unlike devices it is sent whole.
    let alike = |other: &pillion_protocol::DeviceSnapshot| {
        let index = CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR.0 as usize;
        other.attributes.get(index) == attributes.get(index)
            && other.attributes.get(index + 1) == attributes.get(index + 1)
    };
    if !session.welcome.devices.iter().all(alike) {
        return None;
    }
    let fatbin = Fatbin::parse(fatbin).ok()?;
    if session.welcome.ptx_only {
        fatbin.only_ptx_for(capability)
    } else {
        fatbin.only_for(capability)
    }
}

/// JIT options as the wire carries them.
///
/// # Safety
///
/// Arrays of `count`, as CUDA takes them.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_VALUE` where they are missing, `CUDA_ERROR_NOT_SUPPORTED` for options that name addresses.
pub unsafe fn jit_options(
    count: c_uint,
    options: *const CUjit_option,
    values: *const *mut c_void,
) -> Result<Vec<(u32, u64)>> {
    if count == 0 {
        return Ok(Vec::new());
    }
    if u64::from(count) > MAX_OPTIONS || options.is_null() || values.is_null() {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    // SAFETY: as the caller promises.
    let pairs = (0..count as usize).map(|i| unsafe { (*options.add(i), *values.add(i)) });
    pairs
        .map(|(option, value)| match option {
            // Pointers mean nothing at the other end: buffers come back as bytes.
            CUjit_option::CU_JIT_INFO_LOG_BUFFER | CUjit_option::CU_JIT_ERROR_LOG_BUFFER => {
                Ok((option.0, u64::from(!value.is_null())))
            }
            CUjit_option::CU_JIT_GLOBAL_SYMBOL_NAMES
            | CUjit_option::CU_JIT_GLOBAL_SYMBOL_ADDRESSES
            | CUjit_option::CU_JIT_REFERENCED_KERNEL_NAMES
            | CUjit_option::CU_JIT_REFERENCED_VARIABLE_NAMES => {
                Err(CUresult::CUDA_ERROR_NOT_SUPPORTED)
            }
            _ => Ok((option.0, value as u64)),
        })
        .collect()
}

/// Gives back what a load says in its options.
///
/// # Safety
///
/// As [`jit_options`], with buffers as the options say.
pub unsafe fn give_logs(
    count: c_uint,
    options: *const CUjit_option,
    values: *mut *mut c_void,
    loaded: &Loaded,
) {
    let find = |wanted: CUjit_option| {
        // SAFETY: as the caller promises.
        (0..count as usize).find(|i| unsafe { *options.add(*i) } == wanted)
    };
    let logs = [
        (
            CUjit_option::CU_JIT_INFO_LOG_BUFFER,
            CUjit_option::CU_JIT_INFO_LOG_BUFFER_SIZE_BYTES,
            &loaded.info_log,
        ),
        (
            CUjit_option::CU_JIT_ERROR_LOG_BUFFER,
            CUjit_option::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES,
            &loaded.error_log,
        ),
    ];
    for (buffer, size, log) in logs {
        let (Some(buffer), Some(size)) = (find(buffer), find(size)) else {
            continue;
        };
        // SAFETY: the buffer has as many bytes as the size option says; the log is cut to that, with its zero.
        unsafe {
            let (place, room) = (
                (*values.add(buffer)).cast::<u8>(),
                *values.add(size) as usize,
            );
            if place.is_null() || room == 0 {
                continue;
            }
            let n = log.len().min(room - 1);
            core::ptr::copy_nonoverlapping(log.as_ptr(), place, n);
            place.add(n).write(0);
            *values.add(size) = n as *mut c_void;
        }
    }
    for option in [
        CUjit_option::CU_JIT_WALL_TIME,
        CUjit_option::CU_JIT_THREADS_PER_BLOCK,
    ] {
        if let Some(i) = find(option)
            && let Some(value) = loaded.values.get(i)
        {
            // SAFETY: as the caller promises.
            unsafe { *values.add(i) = *value as *mut c_void };
        }
    }
}

/// Loads a module or a library. A load that fails answers with its logs, so the status is in the answer's body.
///
/// # Safety
///
/// As for `cuModuleLoadDataEx` and `cuLibraryLoadData`.
unsafe fn load(
    opcode: u16,
    handle: u64,
    image: *const c_void,
    jit: (c_uint, *const CUjit_option, *mut *mut c_void),
    library_options: Vec<(u32, u64)>,
) -> Result<()> {
    let session = Session::current()?;
    // SAFETY: as the caller promises.
    let options = unsafe { jit_options(jit.0, jit.1, jit.2)? };
    // SAFETY: as the caller promises.
    let (image, parts) = unsafe { usable(session, image)? };
    let load = Load {
        handle,
        upload: 0,
        options,
        library_options,
        parts,
    };
    let answer = with_upload(session, &image, |upload| {
        session.link.call(Interface::Cuda, opcode, |body| {
            let load = Load {
                upload,
                ..load.clone()
            };
            load.encode(&mut Encoder::new(body));
            Ok(())
        })
    })?;
    let mut decoder = answer.decoder();
    let status: CUresult = decoder.scalar().map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)?;
    let loaded = Loaded::decode(&mut decoder, load.options.len())
        .map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)?;
    if jit.0 > 0 {
        // SAFETY: as the caller promises.
        unsafe { give_logs(jit.0, jit.1, jit.2, &loaded) };
    }
    if status == CUresult::CUDA_SUCCESS {
        return Ok(());
    }
    if !loaded.error_log.is_empty() {
        log::write(
            Level::Warn,
            format_args!(
                "the server cannot load an image: {}",
                String::from_utf8_lossy(&loaded.error_log).trim_end()
            ),
        );
    }
    Err(status)
}

unsafe fn load_module(
    module: *mut CUmodule,
    image: *const c_void,
    jit: (c_uint, *const CUjit_option, *mut *mut c_void),
) -> Result<()> {
    let session = Session::current()?;
    let context = context::current()?;
    let fresh = Fresh::new(Kind::Module, module.cast())?;
    // SAFETY: the caller's contract is the same.
    unsafe { load(cuda::MODULE_LOAD, fresh.id(), image, jit, Vec::new())? };
    session.modules.enter(fresh.id(), context);
    // SAFETY: not null, as `Fresh::new` has checked.
    unsafe { module.write(fresh.keep() as CUmodule) };
    Ok(())
}

const NO_OPTIONS: (c_uint, *const CUjit_option, *mut *mut c_void) =
    (0, core::ptr::null(), core::ptr::null_mut());

/// `cuModuleLoadData`
pub unsafe fn cuModuleLoadData(module: *mut CUmodule, image: *const c_void) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { load_module(module, image, NO_OPTIONS) }
}

/// `cuModuleLoadDataEx`
pub unsafe fn cuModuleLoadDataEx(
    module: *mut CUmodule,
    image: *const c_void,
    count: c_uint,
    options: *mut CUjit_option,
    values: *mut *mut c_void,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { load_module(module, image, (count, options, values)) }
}

/// `cuModuleLoadFatBinary`
pub unsafe fn cuModuleLoadFatBinary(module: *mut CUmodule, image: *const c_void) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { load_module(module, image, NO_OPTIONS) }
}

/// The file `name`, with a zero behind it: it is the client's, so the client reads it.
pub unsafe fn read_file(name: *const c_char) -> Result<Vec<u8>> {
    use std::os::unix::ffi::OsStrExt;
    // SAFETY: CUDA's contract for the argument.
    let name = unsafe { text_of(name)? };
    let path = std::path::Path::new(std::ffi::OsStr::from_bytes(name.to_bytes()));
    let mut bytes = std::fs::read(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => CUresult::CUDA_ERROR_FILE_NOT_FOUND,
        _ => CUresult::CUDA_ERROR_INVALID_VALUE,
    })?;
    // What measures an image trusts what the image says of itself, so a file that says more than it has is refused.
    let pillion = pillion_image::Image::parse(&bytes);
    if let Err(error) = pillion {
        log::write(Level::Warn, format_args!("{}: {error}", path.display()));
        return Err(CUresult::CUDA_ERROR_INVALID_IMAGE);
    }
    bytes.push(0);
    Ok(bytes)
}

/// `cuModuleLoad`
pub unsafe fn cuModuleLoad(module: *mut CUmodule, name: *const c_char) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    let bytes = unsafe { read_file(name)? };
    // SAFETY: checked to be a whole image.
    unsafe { load_module(module, bytes.as_ptr().cast(), NO_OPTIONS) }
}

fn unload(opcode: u16, kind: Kind, handle: u64) -> Result<()> {
    let session = Session::current()?;
    let handle = checked(kind, handle)?;
    if !session.modules.forget(session, handle) {
        return Err(CUresult::CUDA_ERROR_INVALID_HANDLE);
    }
    let ended = session.link.call(Interface::Cuda, opcode, |body| {
        Encoder::new(body).scalar(handle);
        Ok(())
    });
    session.names.give_back(handle);
    ended.map(|_| ())
}

/// `cuModuleUnload`
pub unsafe fn cuModuleUnload(module: CUmodule) -> Result<()> {
    unload(cuda::MODULE_UNLOAD, Kind::Module, module as u64)
}

/// `cuModuleGetLoadingMode`
pub unsafe fn cuModuleGetLoadingMode(mode: *mut CUmoduleLoadingMode) -> Result<()> {
    Session::current()?;
    let eager = std::env::var_os("CUDA_MODULE_LOADING")
        .is_some_and(|value| value.eq_ignore_ascii_case("EAGER"));
    // SAFETY: CUDA's contract for the argument.
    unsafe { out(mode)? }.write(if eager {
        CUmoduleLoadingMode::CU_MODULE_EAGER_LOADING
    } else {
        CUmoduleLoadingMode::CU_MODULE_LAZY_LOADING
    });
    Ok(())
}

/// A function of a module or library, asked for once by name.
unsafe fn function(
    opcode: u16,
    kind: Kind,
    container: u64,
    place: *const c_void,
    name: *const c_char,
) -> Result<u64> {
    let session = Session::current()?;
    let container = checked(kind, container)?;
    // SAFETY: CUDA's contract for the argument.
    let name = unsafe { text_of(name)? };
    match session.modules.containers().get(&container) {
        None => return Err(CUresult::CUDA_ERROR_INVALID_HANDLE),
        Some(known) => {
            if let Some(handle) = known.functions.get(name) {
                return Ok(*handle);
            }
        }
    }
    let fresh = Fresh::new(Kind::Function, place)?;
    let answer = session.link.call(Interface::Cuda, opcode, |body| {
        let mut body = Encoder::new(body);
        body.scalar(container);
        body.scalar(fresh.id());
        body.bytes(name.to_bytes());
        Ok(())
    })?;
    let info =
        FunctionInfo::decode(&mut answer.decoder()).map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)?;
    let handle = fresh.keep();
    session
        .modules
        .enter_function(container, handle, name, info, kind == Kind::Library);
    if let Some(known) = session.modules.containers().get_mut(&container) {
        known.functions.insert(name.to_owned(), handle);
    }
    Ok(handle)
}

/// `cuModuleGetFunction`
pub unsafe fn cuModuleGetFunction(
    place: *mut CUfunction,
    module: CUmodule,
    name: *const c_char,
) -> Result<()> {
    // SAFETY: CUDA's contract for the arguments.
    unsafe {
        out(place)?;
        let handle = function(
            cuda::MODULE_FUNCTION,
            Kind::Module,
            module as u64,
            place.cast(),
            name,
        )?;
        place.write(handle as CUfunction);
    }
    Ok(())
}

/// Enters a variable that the server has told the address of. Module memory is the server's like any other: the address is kept
/// free, if it still is.
///
/// # Errors
///
/// As [`memory::enter_managed`].
fn enter_global(
    session: &'static Session,
    container: u64,
    start: u64,
    len: u64,
    managed: impl FnOnce() -> Result<bool>,
) -> Result<()> {
    if session.memory.find(start).is_some() {
        return Ok(());
    }
    if managed()? {
        memory::enter_managed(session, start, len)?;
    } else {
        let context = context::current().unwrap_or(0);
        session
            .memory
            .insert(start, len, RegionKind::Global, context);
    }
    if let Some(known) = session.modules.containers().get_mut(&container) {
        known.globals.push(start);
    }
    Ok(())
}

/// `cuModuleGetGlobal_v2`: of a managed variable too, which runtimes before CUDA 13 find in this way.
pub unsafe fn cuModuleGetGlobal_v2(
    pointer: *mut CUdeviceptr,
    bytes: *mut usize,
    module: CUmodule,
    name: *const c_char,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe {
        global(
            module as u64,
            pointer,
            bytes,
            |start, len| remote::cuModuleGetGlobal_v2(start, len, module, name),
            memory::is_managed,
        )
    }
}

/// `cuLibraryGetGlobal`
pub unsafe fn cuLibraryGetGlobal(
    pointer: *mut CUdeviceptr,
    bytes: *mut usize,
    library: CUlibrary,
    name: *const c_char,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe {
        global(
            library as u64,
            pointer,
            bytes,
            |start, len| remote::cuLibraryGetGlobal(start, len, library, name),
            memory::is_managed,
        )
    }
}

/// `cuLibraryGetManaged`
pub unsafe fn cuLibraryGetManaged(
    pointer: *mut CUdeviceptr,
    bytes: *mut usize,
    library: CUlibrary,
    name: *const c_char,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe {
        global(
            library as u64,
            pointer,
            bytes,
            |start, len| remote::cuLibraryGetManaged(start, len, library, name),
            |_| Ok(true),
        )
    }
}

unsafe fn global(
    container: u64,
    pointer: *mut CUdeviceptr,
    bytes: *mut usize,
    ask: impl FnOnce(*mut CUdeviceptr, *mut usize) -> Result<()>,
    managed: impl FnOnce(u64) -> Result<bool>,
) -> Result<()> {
    let session = Session::current()?;
    if pointer.is_null() && bytes.is_null() {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let (mut start, mut len) = (0, 0);
    ask(&raw mut start, &raw mut len)?;
    enter_global(session, container, start, len as u64, || managed(start))?;
    // SAFETY: null, which CUDA allows here, or valid.
    unsafe {
        if let Some(pointer) = pointer.as_mut() {
            *pointer = start;
        }
        if let Some(bytes) = bytes.as_mut() {
            *bytes = len;
        }
    }
    Ok(())
}

/// `cuLibraryLoadData`
pub unsafe fn cuLibraryLoadData(
    library: *mut CUlibrary,
    image: *const c_void,
    jit: *mut CUjit_option,
    jit_values: *mut *mut c_void,
    jit_count: c_uint,
    options: *mut CUlibraryOption,
    _values: *mut *mut c_void,
    count: c_uint,
) -> Result<()> {
    let session = Session::current()?;
    if count > 0 && options.is_null() {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    let fresh = Fresh::new(Kind::Library, library.cast())?;
    // What the options say is about this process: that the image stays where it is (the server has its own copy), and
    // tables of host functions.
    // SAFETY: the caller's contract is the same.
    unsafe {
        load(
            cuda::LIBRARY_LOAD,
            fresh.id(),
            image,
            (jit_count, jit, jit_values),
            Vec::new(),
        )?
    };
    session.modules.enter(fresh.id(), 0);
    // SAFETY: not null, as `Fresh::new` has checked.
    unsafe { library.write(fresh.keep() as CUlibrary) };
    Ok(())
}

/// `cuLibraryLoadFromFile`
pub unsafe fn cuLibraryLoadFromFile(
    library: *mut CUlibrary,
    name: *const c_char,
    jit: *mut CUjit_option,
    jit_values: *mut *mut c_void,
    jit_count: c_uint,
    options: *mut CUlibraryOption,
    values: *mut *mut c_void,
    count: c_uint,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    let bytes = unsafe { read_file(name)? };
    let image = bytes.as_ptr().cast();
    // SAFETY: checked to be a whole image; the rest is the caller's contract.
    unsafe {
        cuLibraryLoadData(
            library, image, jit, jit_values, jit_count, options, values, count,
        )
    }
}

/// `cuLibraryUnload`
pub unsafe fn cuLibraryUnload(library: CUlibrary) -> Result<()> {
    unload(cuda::LIBRARY_UNLOAD, Kind::Library, library as u64)
}

/// `cuLibraryGetKernel`
pub unsafe fn cuLibraryGetKernel(
    place: *mut CUkernel,
    library: CUlibrary,
    name: *const c_char,
) -> Result<()> {
    // SAFETY: CUDA's contract for the arguments.
    unsafe {
        out(place)?;
        let handle = function(
            cuda::LIBRARY_KERNEL,
            Kind::Library,
            library as u64,
            place.cast(),
            name,
        )?;
        place.write(handle as CUkernel);
    }
    Ok(())
}

/// `cuLibraryGetModule`
pub unsafe fn cuLibraryGetModule(module: *mut CUmodule, library: CUlibrary) -> Result<()> {
    let session = Session::current()?;
    let context = context::current()?;
    let handle = checked(Kind::Library, library as u64)?;
    // SAFETY: CUDA's contract for the argument.
    unsafe { out(module)? };
    let known = match session.modules.containers().get(&handle) {
        None => return Err(CUresult::CUDA_ERROR_INVALID_HANDLE),
        Some(container) => container.modules.get(&context).copied(),
    };
    let found = match known {
        Some(found) => found,
        None => {
            let fresh = Fresh::new(Kind::Module, module.cast())?;
            session
                .link
                .call(Interface::Cuda, cuda::LIBRARY_MODULE, |body| {
                    let mut body = Encoder::new(body);
                    body.scalar(handle);
                    body.scalar(fresh.id());
                    Ok(())
                })?;
            let found = fresh.keep();
            session.modules.enter(found, context);
            if let Some(container) = session.modules.containers().get_mut(&handle) {
                container.modules.insert(context, found);
            }
            found
        }
    };
    // SAFETY: not null, as checked above.
    unsafe { module.write(found as CUmodule) };
    Ok(())
}

/// `cuKernelGetFunction`: the kernel itself does where a function is asked for.
pub unsafe fn cuKernelGetFunction(place: *mut CUfunction, kernel: CUkernel) -> Result<()> {
    let session = Session::current()?;
    let context = context::current()?;
    // SAFETY: CUDA's contract for the argument.
    let place_checked = unsafe { out(place)? };
    let entry = session.modules.function(kernel as u64)?;
    let known = entry
        .in_context
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .get(&context)
        .copied();
    if let Some(known) = known {
        place_checked.write(known as CUfunction);
        return Ok(());
    }
    let fresh = Fresh::new(Kind::Function, place.cast())?;
    let answer = session
        .link
        .call(Interface::Cuda, cuda::KERNEL_FUNCTION, |body| {
            let mut body = Encoder::new(body);
            body.scalar(entry.handle);
            body.scalar(fresh.id());
            Ok(())
        })?;
    let info =
        FunctionInfo::decode(&mut answer.decoder()).map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)?;
    let handle = fresh.keep();
    session
        .modules
        .enter_function(entry.container, handle, &entry.name, info, false);
    entry
        .in_context
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(context, handle);
    place_checked.write(handle as CUfunction);
    Ok(())
}

/// `cuKernelGetLibrary`
pub unsafe fn cuKernelGetLibrary(library: *mut CUlibrary, kernel: CUkernel) -> Result<()> {
    let entry = Session::current()?.modules.function(kernel as u64)?;
    let container = checked(Kind::Library, entry.container)?;
    // SAFETY: CUDA's contract for the argument.
    unsafe { out(library)? }.write(container as CUlibrary);
    Ok(())
}

/// `cuFuncGetModule`
pub unsafe fn cuFuncGetModule(module: *mut CUmodule, function: CUfunction) -> Result<()> {
    let entry = Session::current()?.modules.function(function as u64)?;
    match checked(Kind::Module, entry.container) {
        Ok(container) => {
            // SAFETY: CUDA's contract for the argument.
            unsafe { out(module)? }.write(container as CUmodule);
            Ok(())
        }
        // A kernel's function is in its library's module.
        // SAFETY: the caller's contract is the same.
        Err(_) => unsafe { cuLibraryGetModule(module, entry.container as CUlibrary) },
    }
}

/// `cuFuncGetName`
pub unsafe fn cuFuncGetName(name: *mut *const c_char, function: CUfunction) -> Result<()> {
    let entry = Session::current()?.modules.function(function as u64)?;
    // SAFETY: CUDA's contract for the argument. The name lives as long as the function, which the registry keeps.
    unsafe { out(name)? }.write(entry.name.as_ptr());
    Ok(())
}

/// `cuKernelGetName`
pub unsafe fn cuKernelGetName(name: *mut *const c_char, kernel: CUkernel) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuFuncGetName(name, kernel as CUfunction) }
}

/// `cuFuncGetParamInfo`
pub unsafe fn cuFuncGetParamInfo(
    function: CUfunction,
    index: usize,
    offset: *mut usize,
    size: *mut usize,
) -> Result<()> {
    let entry = Session::current()?.modules.function(function as u64)?;
    let (at, len) = entry
        .info
        .parameters
        .get(index)
        .copied()
        .ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?;
    // SAFETY: CUDA's contract for the arguments; the size may be null.
    unsafe {
        out(offset)?.write(at as usize);
        if let Some(size) = size.as_mut() {
            *size = len as usize;
        }
    }
    Ok(())
}

/// `cuKernelGetParamInfo`
pub unsafe fn cuKernelGetParamInfo(
    kernel: CUkernel,
    index: usize,
    offset: *mut usize,
    size: *mut usize,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { cuFuncGetParamInfo(kernel as CUfunction, index, offset, size) }
}

/// `cuFuncGetAttribute`
pub unsafe fn cuFuncGetAttribute(
    value: *mut c_int,
    attribute: CUfunction_attribute,
    function: CUfunction,
) -> Result<()> {
    // SAFETY: the caller's contract is the same.
    unsafe { attribute_on(value, attribute, function as u64, own_device()) }
}

/// The current context's device; the first where there is none.
pub fn own_device() -> CUdevice {
    context::current().and_then(context::device_of).unwrap_or(0)
}

unsafe fn attribute_on(
    value: *mut c_int,
    attribute: CUfunction_attribute,
    function: u64,
    device: CUdevice,
) -> Result<()> {
    let entry = Session::current()?.modules.function(function)?;
    // SAFETY: CUDA's contract for the argument.
    let value = unsafe { out(value)? };
    if entry.attribute(attribute, device).is_none() {
        entry.load();
    }
    value.write(
        entry
            .attribute(attribute, device)
            .ok_or(CUresult::CUDA_ERROR_INVALID_VALUE)?,
    );
    Ok(())
}

/// `cuFuncSetAttribute`: waited for, because libraries try values to see whether they are taken.
pub unsafe fn cuFuncSetAttribute(
    function: CUfunction,
    attribute: CUfunction_attribute,
    value: c_int,
) -> Result<()> {
    let entry = Session::current()?.modules.function(function as u64)?;
    let device = entry.device.unwrap_or_else(own_device);
    if entry.attribute(attribute, device) == Some(value) {
        return Ok(());
    }
    // SAFETY: no pointers.
    unsafe { remote::cuFuncSetAttribute(function, attribute, value)? };
    Session::current()?
        .modules
        .set_attribute(entry.handle, attribute, device, value);
    Ok(())
}

/// `cuKernelGetAttribute`
pub unsafe fn cuKernelGetAttribute(
    value: *mut c_int,
    attribute: CUfunction_attribute,
    kernel: CUkernel,
    device: CUdevice,
) -> Result<()> {
    context::primary(device)?;
    // SAFETY: the caller's contract is the same.
    unsafe { attribute_on(value, attribute, kernel as u64, device) }
}

/// `cuKernelSetAttribute`
pub unsafe fn cuKernelSetAttribute(
    attribute: CUfunction_attribute,
    value: c_int,
    kernel: CUkernel,
    device: CUdevice,
) -> Result<()> {
    context::primary(device)?;
    let entry = Session::current()?.modules.function(kernel as u64)?;
    if entry.attribute(attribute, device) == Some(value) {
        return Ok(());
    }
    // SAFETY: no pointers.
    unsafe { remote::cuKernelSetAttribute(attribute, value, kernel, device)? };
    Session::current()?
        .modules
        .set_attribute(entry.handle, attribute, device, value);
    Ok(())
}

/// The functions of a module, or the kernels of a library, whether the program has asked for them by name or not.
///
/// # Errors
///
/// `CUDA_ERROR_INVALID_HANDLE`.
pub fn functions_of(kind: Kind, container: u64) -> Result<Vec<u64>> {
    let session = Session::current()?;
    let container = checked(kind, container)?;
    if !session.modules.containers().contains_key(&container) {
        return Err(CUresult::CUDA_ERROR_INVALID_HANDLE);
    }
    let mut all = Vec::new();
    loop {
        let answer = session
            .link
            .call(Interface::Cuda, cuda::ENUMERATE, |body| {
                let mut body = Encoder::new(body);
                body.scalar(u32::from(kind == Kind::Library));
                body.scalar(container);
                body.scalar(all.len());
                Ok(())
            })?;
        let mut decoder = answer.decoder();
        let read = (|| {
            let (total, count): (u64, u64) = (decoder.scalar()?, decoder.scalar()?);
            for _ in 0..count {
                let handle: u64 = decoder.scalar()?;
                let name = CString::new(decoder.bytes()?).unwrap_or_default();
                let info = FunctionInfo::decode(&mut decoder)?;
                if session.modules.function(handle).is_err() {
                    session
                        .modules
                        .discover(container, handle, &name, info, kind == Kind::Library);
                }
                all.push(handle);
            }
            Ok::<_, pillion_protocol::Violation>(count == 0 || all.len() as u64 >= total)
        })();
        if read.map_err(|_| CUresult::CUDA_ERROR_UNKNOWN)? {
            return Ok(all);
        }
    }
}

/// `cuModuleEnumerateFunctions`
pub unsafe fn cuModuleEnumerateFunctions(
    places: *mut CUfunction,
    count: c_uint,
    module: CUmodule,
) -> Result<()> {
    let all = functions_of(Kind::Module, module as u64)?;
    // SAFETY: the caller's contract is the same.
    unsafe { give_functions(&all, places.cast(), count) }
}

/// `cuLibraryEnumerateKernels`
pub unsafe fn cuLibraryEnumerateKernels(
    places: *mut CUkernel,
    count: c_uint,
    library: CUlibrary,
) -> Result<()> {
    let all = functions_of(Kind::Library, library as u64)?;
    // SAFETY: the caller's contract is the same.
    unsafe { give_functions(&all, places.cast(), count) }
}

unsafe fn give_functions(all: &[u64], places: *mut u64, count: c_uint) -> Result<()> {
    if places.is_null() || count == 0 {
        return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
    }
    for (index, handle) in all.iter().take(count as usize).enumerate() {
        // SAFETY: the program gave room for `count`.
        unsafe { places.add(index).write(*handle) };
    }
    Ok(())
}
