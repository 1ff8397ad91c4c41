//! Modules and libraries, their kernels and variables.

use std::collections::HashMap;
use std::ffi::{CString, c_char, c_int, c_uint, c_void};
use std::sync::Arc;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::memory::Devices;
use super::{
    Answer, BAD_HANDLE, Device, FUNCTION, INVALID, MODULE, MOST_DEVICES, State, alive, current,
    current_device, device, device_of, functions, image, memory, name, text, write,
};
use crate::engine::{self, Kernel, Module, Program};

/// A module, which is of one context, or a library, which has variables of its own on each device.
pub struct Container {
    program: Arc<Program>,
    /// The context that a module is of.
    context: Option<u64>,
    instances: HashMap<CUdevice, Instance>,
    /// The managed variables, which all devices have in common.
    shared: HashMap<String, u64>,
}

/// A program with memory for its variables on a device.
struct Instance {
    module: Arc<Module>,
    globals: Vec<u64>,
}

/// A kernel with a handle.
pub struct Function {
    /// The module or library that it is of.
    pub container: u64,
    /// Its name, where the program may read it.
    name: CString,
    /// The kernel.
    pub kernel: Kernel,
    /// The most dynamic shared memory that a launch on each device may ask for.
    dynamic_shared: [i32; MOST_DEVICES],
}

impl Function {
    /// The most dynamic shared memory that a launch on a device may ask for.
    pub fn dynamic_shared(&self, device: CUdevice) -> i32 {
        let known = usize::try_from(device).ok();
        let known = known.and_then(|device| self.dynamic_shared.get(device));
        known.copied().unwrap_or(0)
    }
}

/// A library's handle or a kernel's, and the device if what is named is what it is there: its module or its function.
fn split(handle: u64) -> (u64, Option<CUdevice>) {
    let device = (handle & 0xf) as CUdevice - 1;
    (handle & !0xf, (device >= 0).then_some(device))
}

/// The handle of a library's module or a kernel's function on a device.
fn on(handle: u64, device: CUdevice) -> u64 {
    handle & !0xf | (device as u64 + 1)
}

impl State {
    fn container(&self, handle: u64) -> Answer<(&Container, Option<CUdevice>)> {
        let (handle, device) = split(handle);
        let container = self.containers.get(&handle).ok_or(BAD_HANDLE)?;
        Ok((container, container.context.map(device_of).or(device)))
    }

    /// A function or a kernel, and the device that a function is of.
    pub fn function(&self, handle: u64) -> Answer<(&Function, Option<CUdevice>)> {
        let (handle, device) = split(handle);
        let function = self.functions.get(&handle).ok_or(BAD_HANDLE)?;
        let (_, of) = self.container(function.container)?;
        Ok((function, of.or(device)))
    }
}

impl Device {
    /// What a container is on a device.
    pub fn module(&self, state: &mut State, handle: u64, own: CUdevice) -> Answer<Arc<Module>> {
        let container = state.containers.get_mut(&split(handle).0);
        let container = container.ok_or(BAD_HANDLE)?;
        if let Some(instance) = container.instances.get(&own) {
            return Ok(instance.module.clone());
        }
        if container.context.is_some() {
            return Err(BAD_HANDLE);
        }
        let (program, shared) = (container.program.clone(), &mut container.shared);
        let instance = instantiate(self, own, program, shared).map_err(|(status, _)| status)?;
        let module = instance.module.clone();
        container.instances.insert(own, instance);
        Ok(module)
    }
}

/// Ends the modules of a context. Libraries outlive it; if it is a primary one, their variables begin anew.
pub fn reset(owner: &Device, context: u64) {
    unload_all(owner, context);
    let mut state = owner.state();
    for container in state.containers.values_mut() {
        let gone = container.instances.remove(&device_of(context));
        for start in gone.into_iter().flat_map(|instance| instance.globals) {
            let _ = owner.memory.free(start, |_| true);
        }
        if container.instances.is_empty() {
            for (_, start) in container.shared.drain() {
                let _ = owner.memory.free(start, |_| true);
            }
        }
    }
}

/// Ends the modules of a context.
pub fn unload_all(owner: &Device, context: u64) {
    let mut state = owner.state();
    let of = |container: &Container| container.context == Some(context);
    let modules = state.containers.iter().filter(|(_, c)| of(c));
    let modules: Vec<u64> = modules.map(|(handle, _)| *handle).collect();
    for module in modules {
        forget(owner, &mut state, module);
    }
}

/// Takes a container and all that it has away.
fn forget(owner: &Device, state: &mut State, handle: u64) {
    let Some(container) = state.containers.remove(&handle) else {
        return;
    };
    state
        .functions
        .retain(|_, function| function.container != handle);
    let instances = container.instances.into_values();
    let globals = instances.flat_map(|instance| instance.globals);
    for start in globals.chain(container.shared.into_values()) {
        let _ = owner.memory.free(start, |_| true);
    }
}

/// Gives a program's variables memory on a device. Managed ones are as they are where another device has them already.
fn instantiate(
    device: &Device,
    own: CUdevice,
    program: Arc<Program>,
    shared: &mut HashMap<String, u64>,
) -> Result<Instance, (CUresult, String)> {
    let mut globals = Vec::new();
    let mut fresh = HashMap::new();
    let known = &*shared;
    let mut allocate = |global: &engine::Global| {
        if let Some(start) = known.get(&global.name).filter(|_| global.managed) {
            return Some(*start);
        }
        let kind = match global.managed {
            true => memory::Kind::Shared,
            false => memory::Kind::Own,
        };
        let start = device.memory.allocate(own, global.size.max(1), kind).ok()?;
        match global.managed {
            true => {
                fresh.insert(global.name.clone(), start);
            }
            false => globals.push(start),
        }
        Some(start)
    };
    let keep = |global: &engine::Global| global.managed && known.contains_key(&global.name);
    match Module::instantiate_but(program, &device.space, &mut allocate, &keep) {
        Ok(module) => {
            shared.extend(fresh);
            let module = Arc::new(module);
            Ok(Instance { module, globals })
        }
        Err(error) => {
            for start in globals.into_iter().chain(fresh.into_values()) {
                let _ = device.memory.free(start, |_| true);
            }
            Err((CUresult::CUDA_ERROR_OUT_OF_MEMORY, error.to_string()))
        }
    }
}

unsafe fn load(
    place: *mut u64,
    pointer: *const c_void,
    jit: (c_uint, *mut CUjit_option, *mut *mut c_void),
    library: bool,
) -> Answer {
    let device = alive()?;
    if place.is_null() || pointer.is_null() {
        return Err(INVALID);
    }
    let context = match library {
        true => None,
        false => Some(current()?),
    };
    // SAFETY: the caller's contract: an image as CUDA takes it.
    let result = unsafe { image::program(pointer) }.and_then(|program| {
        let mut container = Container {
            program: Arc::new(program),
            context,
            instances: HashMap::new(),
            shared: HashMap::new(),
        };
        // A library that is loaded without a context gets its variables where it is first used.
        if let Ok(own) = current_device() {
            let (program, shared) = (container.program.clone(), &mut container.shared);
            let instance = instantiate(device, own, program, shared)?;
            container.instances.insert(own, instance);
        }
        Ok(container)
    });
    match result {
        Ok(container) => {
            let handle = name(MODULE);
            device.state().containers.insert(handle, container);
            write(place, handle)
        }
        Err((status, log)) => {
            // SAFETY: the caller's options and buffers.
            unsafe { image::give_log(jit.0, jit.1, jit.2, &log) };
            Err(status)
        }
    }
}

fn unload(handle: u64, library: bool) -> Answer {
    let device = device()?;
    let check = |state: &State| match state.containers.get(&handle) {
        Some(container) if container.context.is_none() == library => {
            let mut of = Devices::default();
            container
                .instances
                .keys()
                .for_each(|own| of.set(*own, true));
            Ok(of)
        }
        _ => Err(BAD_HANDLE),
    };
    // In two statements, so that the state is unlocked meanwhile.
    let of = check(&device.state())?;
    // A kernel that runs may use it.
    device.settle(of);
    let mut state = device.state();
    check(&state)?;
    forget(device, &mut state, handle);
    Ok(())
}

/// A function of a module, a kernel of a library, or a function of a library's module.
fn function(handle: u64, wanted: &str) -> Answer<u64> {
    let mut state = alive()?.state();
    let (container, device) = split(handle);
    let kernel = state
        .container(container)?
        .0
        .program
        .kernel(wanted)
        .ok_or(CUresult::CUDA_ERROR_NOT_FOUND)?
        .clone();
    let of_device = |handle| device.map_or(handle, |device| on(handle, device));
    let known = state
        .functions
        .iter()
        .find(|(_, function)| function.container == container && function.kernel.name == wanted);
    if let Some((known, _)) = known {
        return Ok(of_device(*known));
    }
    let fresh = name(FUNCTION);
    let dynamic_shared = (48 << 10) - (kernel.static_shared_bytes as i32).min(48 << 10);
    state.functions.insert(
        fresh,
        Function {
            container,
            name: CString::new(wanted).map_err(|_| INVALID)?,
            kernel,
            dynamic_shared: [dynamic_shared; MOST_DEVICES],
        },
    );
    Ok(of_device(fresh))
}

/// The first handles of a container's functions, in the order of its text.
///
/// # Safety
///
/// Room for `count` handles.
unsafe fn enumerate(place: *mut u64, count: c_uint, handle: u64) -> Answer {
    let program = {
        let state = alive()?.state();
        state.container(handle)?.0.program.clone()
    };
    if place.is_null() && count > 0 {
        return Err(INVALID);
    }
    let kernels = program.kernels().iter().take(count as usize);
    for (n, kernel) in kernels.enumerate() {
        let known = function(handle, &kernel.name)?;
        // SAFETY: as the caller promises.
        unsafe { place.add(n).write(known) };
    }
    Ok(())
}

/// How many functions a container has.
fn count(handle: u64) -> Answer<c_uint> {
    let state = device()?.state();
    Ok(state.container(handle)?.0.program.kernels().len() as c_uint)
}

/// The address of a function's name, valid as long as its handle.
fn function_name(handle: u64) -> Answer<*const c_char> {
    let state = device()?.state();
    let (function, _) = state.function(handle).map_err(|_| INVALID)?;
    Ok(function.name.as_ptr())
}

/// The module that a function is of.
fn module_of(handle: u64) -> Answer<u64> {
    let state = device()?.state();
    let (function, of) = state.function(handle)?;
    let (container, _) = state.container(function.container)?;
    if container.context.is_some() {
        return Ok(function.container);
    }
    let device = of.map_or_else(current_device, Ok)?;
    Ok(on(function.container, device))
}

/// The library that a kernel is of.
fn library_of(handle: u64) -> Answer<u64> {
    let state = device()?.state();
    let (function, _) = state.function(handle)?;
    Ok(function.container)
}

fn managed(handle: u64, pointer: *mut u64, bytes: *mut usize, wanted: *const c_char) -> Answer {
    let name = text(wanted)?;
    {
        let state = alive()?.state();
        let known = state.container(handle)?.0.program.global(&name);
        if !known.is_some_and(|global| global.managed) {
            return Err(CUresult::CUDA_ERROR_NOT_FOUND);
        }
    }
    global(handle, pointer, bytes, wanted)
}

fn global(handle: u64, pointer: *mut u64, bytes: *mut usize, wanted: *const c_char) -> Answer {
    let wanted = text(wanted)?;
    let device = alive()?;
    let mut state = device.state();
    let (container, of) = state.container(handle)?;
    let known = container.program.global(&wanted);
    // A managed variable is everybody's, also of those who have no context yet.
    let own = match known.is_some_and(|global| global.managed) {
        true => of.or(current_device().ok()).unwrap_or(0),
        false => of.map_or_else(current_device, Ok)?,
    };
    let module = device.module(&mut state, handle, own)?;
    let (address, len) = module
        .global_address(&wanted)
        .ok_or(CUresult::CUDA_ERROR_NOT_FOUND)?;
    if !pointer.is_null() {
        write(pointer, address)?;
    }
    if !bytes.is_null() {
        write(bytes, len as usize)?;
    }
    Ok(())
}

fn parameter(handle: u64, index: usize, offset: *mut usize, size: *mut usize) -> Answer {
    let state = device()?.state();
    let (function, _) = state.function(handle)?;
    let param = function.kernel.params.get(index).ok_or(INVALID)?;
    write(offset, param.offset as usize)?;
    if size.is_null() {
        Ok(())
    } else {
        write(size, param.size as usize)
    }
}

/// An attribute of a function, or of a kernel on some device or the current one.
fn attribute(
    handle: u64,
    attribute: CUfunction_attribute,
    device: Option<CUdevice>,
) -> Answer<c_int> {
    use CUfunction_attribute as A;
    let state = super::device()?.state();
    let (function, of) = state.function(handle)?;
    let kernel = &function.kernel;
    Ok(match attribute {
        A::CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK => kernel.max_threads as c_int,
        A::CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES => kernel.static_shared_bytes as c_int,
        A::CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES => kernel.const_bytes as c_int,
        A::CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES => kernel.local_bytes as c_int,
        A::CU_FUNC_ATTRIBUTE_NUM_REGS => kernel.registers as c_int,
        // A program chooses its parameters by what its kernels were compiled for.
        A::CU_FUNC_ATTRIBUTE_PTX_VERSION => kernel.ptx_version as c_int,
        A::CU_FUNC_ATTRIBUTE_BINARY_VERSION => 90,
        A::CU_FUNC_ATTRIBUTE_CACHE_MODE_CA => 0,
        A::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES => {
            let own = device.or(of).map_or_else(current_device, Ok)?;
            function.dynamic_shared(own)
        }
        A::CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT => -1,
        CUfunction_attribute(10..=15) => 0,
        _ => return Err(INVALID),
    })
}

fn set_attribute(
    handle: u64,
    attribute: CUfunction_attribute,
    value: c_int,
    device: Option<CUdevice>,
) -> Answer {
    let mut state = alive()?.state();
    let (_, of) = state.function(handle)?;
    let own = device.or(of).map_or_else(current_device, Ok)?;
    let function = state.functions.get_mut(&split(handle).0);
    let function = function.ok_or(BAD_HANDLE)?;
    match attribute {
        CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES => {
            let most =
                engine::MAX_SHARED_BYTES as c_int - function.kernel.static_shared_bytes as c_int;
            if !(0..=most).contains(&value) {
                return Err(INVALID);
            }
            let place = function.dynamic_shared.get_mut(own as usize);
            *place.ok_or(CUresult::CUDA_ERROR_INVALID_DEVICE)? = value;
            Ok(())
        }
        CUfunction_attribute::CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT
            if (-1..=100).contains(&value) =>
        {
            Ok(())
        }
        _ => Err(INVALID),
    }
}

/// Blocks of that shape that a multiprocessor holds at once.
pub fn resident_blocks(function: u64, threads: i32, shared: usize) -> Answer<i32> {
    let device = alive()?;
    let state = device.state();
    let (function, _) = state.function(function)?;
    if threads <= 0 || threads as u32 > function.kernel.max_threads {
        return Err(INVALID);
    }
    let warps = (threads as u32).div_ceil(32);
    let by_threads = 64 / warps;
    let per_block = function.kernel.static_shared_bytes as usize + shared + 1024;
    let by_shared = ((228 << 10) / per_block) as u32;
    let by_registers = 65536 / (function.kernel.registers.next_multiple_of(8) * 32 * warps).max(1);
    Ok(by_threads.min(by_shared).min(by_registers).min(32) as i32)
}

functions! {
    cuModuleLoadData(place: *mut CUmodule, image: *const c_void) {
        load(place.cast(), image, (0, std::ptr::null_mut(), std::ptr::null_mut()), false)
    }
    cuModuleLoadDataEx(place: *mut CUmodule, image: *const c_void, count: c_uint, options: *mut CUjit_option, values: *mut *mut c_void) {
        load(place.cast(), image, (count, options, values), false)
    }
    cuModuleUnload(module: CUmodule) { unload(module as u64, false) }
    cuModuleGetFunction(place: *mut CUfunction, module: CUmodule, wanted: *const c_char) {
        write(place, function(module as u64, &text(wanted)?)? as CUfunction)
    }
    cuModuleGetFunctionCount(place: *mut c_uint, module: CUmodule) {
        write(place, count(module as u64)?)
    }
    cuModuleGetGlobal_v2(pointer: *mut CUdeviceptr, bytes: *mut usize, module: CUmodule, wanted: *const c_char) {
        global(module as u64, pointer, bytes, wanted)
    }
    cuLibraryLoadData(place: *mut CUlibrary, image: *const c_void, options: *mut CUjit_option, values: *mut *mut c_void, count: c_uint, _library: *mut CUlibraryOption, _settings: *mut *mut c_void, _len: c_uint) {
        load(place.cast(), image, (count, options, values), true)
    }
    cuLibraryUnload(library: CUlibrary) { unload(library as u64, true) }
    cuLibraryGetKernel(place: *mut CUkernel, library: CUlibrary, wanted: *const c_char) {
        write(place, function(library as u64, &text(wanted)?)? as CUkernel)
    }
    cuLibraryGetKernelCount(place: *mut c_uint, library: CUlibrary) {
        write(place, count(library as u64)?)
    }
    cuLibraryGetModule(place: *mut CUmodule, library: CUlibrary) {
        let device = alive()?;
        let own = current_device()?;
        device.module(&mut device.state(), library as u64, own)?;
        write(place, on(library as u64, own) as CUmodule)
    }
    cuLibraryGetGlobal(pointer: *mut CUdeviceptr, bytes: *mut usize, library: CUlibrary, wanted: *const c_char) {
        global(library as u64, pointer, bytes, wanted)
    }
    cuLibraryGetManaged(pointer: *mut CUdeviceptr, bytes: *mut usize, library: CUlibrary, wanted: *const c_char) {
        managed(library as u64, pointer, bytes, wanted)
    }
    cuLibraryGetUnifiedFunction(place: *mut *mut c_void, library: CUlibrary, wanted: *const c_char) {
        text(wanted)?;
        device()?.state().container(library as u64)?;
        // Unified functions are for devices that call the host's code.
        Err(CUresult::CUDA_ERROR_NOT_FOUND)
    }
    cuLibraryEnumerateKernels(place: *mut CUkernel, count: c_uint, library: CUlibrary) {
        enumerate(place.cast(), count, library as u64)
    }
    cuModuleEnumerateFunctions(place: *mut CUfunction, count: c_uint, module: CUmodule) {
        enumerate(place.cast(), count, module as u64)
    }
    cuKernelGetName(place: *mut *const c_char, kernel: CUkernel) { write(place, function_name(kernel as u64)?) }
    cuFuncGetName(place: *mut *const c_char, function: CUfunction) { write(place, function_name(function as u64)?) }
    cuFuncGetModule(place: *mut CUmodule, function: CUfunction) {
        write(place, module_of(function as u64)? as CUmodule)
    }
    cuKernelGetLibrary(place: *mut CUlibrary, kernel: CUkernel) {
        write(place, library_of(kernel as u64)? as CUlibrary)
    }
    cuKernelGetFunction(place: *mut CUfunction, kernel: CUkernel) {
        let own = current_device()?;
        device()?.state().function(kernel as u64)?;
        write(place, on(kernel as u64, own) as CUfunction)
    }
    cuKernelGetParamInfo(kernel: CUkernel, index: usize, offset: *mut usize, size: *mut usize) {
        parameter(kernel as u64, index, offset, size)
    }
    cuFuncGetParamInfo(function: CUfunction, index: usize, offset: *mut usize, size: *mut usize) {
        parameter(function as u64, index, offset, size)
    }
    cuKernelGetAttribute(place: *mut c_int, which: CUfunction_attribute, kernel: CUkernel, device: CUdevice) {
        super::device::check(device)?;
        write(place, attribute(kernel as u64, which, Some(device))?)
    }
    cuFuncGetAttribute(place: *mut c_int, which: CUfunction_attribute, function: CUfunction) {
        write(place, attribute(function as u64, which, None)?)
    }
    cuKernelSetAttribute(which: CUfunction_attribute, value: c_int, kernel: CUkernel, device: CUdevice) {
        super::device::check(device)?;
        set_attribute(kernel as u64, which, value, Some(device))
    }
    cuFuncSetAttribute(function: CUfunction, which: CUfunction_attribute, value: c_int) {
        set_attribute(function as u64, which, value, None)
    }
    cuKernelSetCacheConfig(kernel: CUkernel, config: CUfunc_cache, device: CUdevice) { Ok(()) }
    cuFuncSetCacheConfig(function: CUfunction, config: CUfunc_cache) { Ok(()) }
    cuFuncSetSharedMemConfig(function: CUfunction, config: CUsharedconfig) { Ok(()) }
    cuFuncIsLoaded(place: *mut CUfunctionLoadingState, function: CUfunction) {
        module_of(function as u64)?;
        write(place, CUfunctionLoadingState::CU_FUNCTION_LOADING_STATE_LOADED)
    }
    cuFuncLoad(function: CUfunction) { module_of(function as u64).map(|_| ()) }
    cuOccupancyMaxActiveBlocksPerMultiprocessor(place: *mut c_int, function: CUfunction, block: c_int, shared: usize) {
        write(place, resident_blocks(function as u64, block, shared)?)
    }
    cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(place: *mut c_int, function: CUfunction, block: c_int, shared: usize, flags: c_uint) {
        write(place, resident_blocks(function as u64, block, shared)?)
    }
    cuOccupancyAvailableDynamicSMemPerBlock(place: *mut usize, function: CUfunction, blocks: c_int, block: c_int) {
        if blocks <= 0 {
            return Err(INVALID);
        }
        resident_blocks(function as u64, block, 0)?;
        let fixed = attribute(function as u64, CUfunction_attribute::CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, None)? as usize;
        write(place, ((228usize << 10) / blocks as usize).saturating_sub(fixed + 1024).min((227 << 10) - fixed))
    }
    cuOccupancyMaxActiveClusters(place: *mut c_int, function: CUfunction, config: *const CUlaunchConfig) {
        write(place, super::device::multiprocessors())
    }
    cuOccupancyMaxPotentialClusterSize(place: *mut c_int, function: CUfunction, config: *const CUlaunchConfig) {
        write(place, 1)
    }
}
