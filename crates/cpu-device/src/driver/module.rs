//! Modules and libraries, their kernels and variables.

use std::ffi::{CString, c_char, c_int, c_uint, c_void};
use std::sync::Arc;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::{
    Answer, BAD_HANDLE, Device, FUNCTION, INVALID, MODULE, alive, device as device_of, functions,
    image, memory, name, text, write,
};
use crate::engine::{self, Kernel, Module};

/// A module or a library.
pub struct Container {
    module: Arc<Module>,
    globals: Vec<u64>,
    library: bool,
}

/// A kernel with a handle.
pub struct Function {
    container: u64,
    /// Its name, where the program may read it.
    name: CString,
    /// The kernel.
    pub kernel: Kernel,
    /// Its module.
    pub module: Arc<Module>,
    /// The most dynamic shared memory that a launch may ask for.
    pub dynamic_shared: i32,
}

/// Ends the context's memory and modules. A library outlives it; its variables begin anew.
pub fn reset(owner: &Device) -> Answer {
    let mut state = owner.state();
    let modules: Vec<u64> = state
        .containers
        .iter()
        .filter(|(_, c)| !c.library)
        .map(|(handle, _)| *handle)
        .collect();
    state.containers.retain(|_, container| container.library);
    state
        .functions
        .retain(|_, function| !modules.contains(&function.container));
    let libraries: Vec<(u64, Arc<Module>, Vec<u64>)> = state
        .containers
        .iter_mut()
        .map(|(handle, c)| (*handle, c.module.clone(), std::mem::take(&mut c.globals)))
        .collect();
    drop(state);
    owner.memory.free_all();
    for (handle, module, globals) in libraries {
        for start in globals {
            let _ = owner.memory.free(start, |_| true);
        }
        let (module, globals) =
            instantiate(owner, module.program().clone()).map_err(|(status, _)| status)?;
        let mut state = owner.state();
        for function in state
            .functions
            .values_mut()
            .filter(|function| function.container == handle)
        {
            function.module = module.clone();
        }
        if let Some(container) = state.containers.get_mut(&handle) {
            container.module = module;
            container.globals = globals;
        }
    }
    Ok(())
}

/// Gives a program's variables memory.
fn instantiate(
    device: &Device,
    program: Arc<engine::Program>,
) -> Result<(Arc<Module>, Vec<u64>), (CUresult, String)> {
    let mut globals = Vec::new();
    let mut allocate = |global: &engine::Global| {
        let kind = if global.managed {
            memory::Kind::ManagedVariable
        } else {
            memory::Kind::Own
        };
        let start = device.memory.allocate(global.size.max(1), kind).ok()?;
        globals.push(start);
        Some(start)
    };
    match Module::instantiate(program, &device.space, &mut allocate) {
        Ok(module) => Ok((Arc::new(module), globals)),
        Err(error) => Err((CUresult::CUDA_ERROR_OUT_OF_MEMORY, error.to_string())),
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
    // SAFETY: the caller's contract: an image as CUDA takes it.
    let result = unsafe { image::program(pointer) }
        .and_then(|program| instantiate(device, Arc::new(program)));
    match result {
        Ok((module, globals)) => {
            let handle = name(MODULE);
            device.state().containers.insert(
                handle,
                Container {
                    module,
                    globals,
                    library,
                },
            );
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
    let device = device_of()?;
    // A kernel that runs may use it.
    let _ = device.synchronize();
    let mut state = device.state();
    match state.containers.get(&handle) {
        Some(container) if container.library == library => {}
        _ => return Err(BAD_HANDLE),
    }
    let container = state.containers.remove(&handle).ok_or(BAD_HANDLE)?;
    state
        .functions
        .retain(|_, function| function.container != handle);
    drop(state);
    for start in container.globals {
        let _ = device.memory.free(start, |_| true);
    }
    Ok(())
}

fn function(handle: u64, wanted: &str) -> Answer<u64> {
    let device = alive()?;
    let mut state = device.state();
    let module = state
        .containers
        .get(&handle)
        .ok_or(BAD_HANDLE)?
        .module
        .clone();
    let kernel = module
        .program()
        .kernel(wanted)
        .ok_or(CUresult::CUDA_ERROR_NOT_FOUND)?
        .clone();
    let known = state
        .functions
        .iter()
        .find(|(_, function)| function.container == handle && function.kernel.name == wanted);
    if let Some((known, _)) = known {
        return Ok(*known);
    }
    let fresh = name(FUNCTION);
    let dynamic_shared = (48 << 10) - (kernel.static_shared_bytes as i32).min(48 << 10);
    state.functions.insert(
        fresh,
        Function {
            container: handle,
            name: CString::new(wanted).map_err(|_| INVALID)?,
            kernel,
            module,
            dynamic_shared,
        },
    );
    Ok(fresh)
}

/// The first handles of a container's functions, in the order of its text.
///
/// # Safety
///
/// Room for `count` handles.
unsafe fn enumerate(place: *mut u64, count: c_uint, handle: u64) -> Answer {
    let module = {
        let state = alive()?.state();
        let container = state.containers.get(&handle).ok_or(BAD_HANDLE)?;
        container.module.clone()
    };
    if place.is_null() && count > 0 {
        return Err(INVALID);
    }
    let kernels = module.program().kernels().iter().take(count as usize);
    for (n, kernel) in kernels.enumerate() {
        let known = function(handle, &kernel.name)?;
        // SAFETY: as the caller promises.
        unsafe { place.add(n).write(known) };
    }
    Ok(())
}

/// The address of a function's name, valid as long as its handle.
fn function_name(handle: u64) -> Answer<*const c_char> {
    let state = device_of()?.state();
    let function = state.functions.get(&handle).ok_or(INVALID)?;
    Ok(function.name.as_ptr())
}

/// The module or library that a function is of.
fn container_of(handle: u64) -> Answer<u64> {
    let state = device_of()?.state();
    let function = state.functions.get(&handle).ok_or(BAD_HANDLE)?;
    Ok(function.container)
}

fn managed(handle: u64, pointer: *mut u64, bytes: *mut usize, wanted: *const c_char) -> Answer {
    let name = text(wanted)?;
    {
        let state = alive()?.state();
        let container = state.containers.get(&handle).ok_or(BAD_HANDLE)?;
        let known = container.module.program().global(&name);
        if !known.is_some_and(|global| global.managed) {
            return Err(CUresult::CUDA_ERROR_NOT_FOUND);
        }
    }
    global(handle, pointer, bytes, wanted)
}

fn global(handle: u64, pointer: *mut u64, bytes: *mut usize, wanted: *const c_char) -> Answer {
    let wanted = text(wanted)?;
    let state = alive()?.state();
    let container = state.containers.get(&handle).ok_or(BAD_HANDLE)?;
    let (address, len) = container
        .module
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
    let state = device_of()?.state();
    let function = state.functions.get(&handle).ok_or(BAD_HANDLE)?;
    let param = function.kernel.params.get(index).ok_or(INVALID)?;
    write(offset, param.offset as usize)?;
    if size.is_null() {
        Ok(())
    } else {
        write(size, param.size as usize)
    }
}

fn attribute(handle: u64, attribute: CUfunction_attribute) -> Answer<c_int> {
    use CUfunction_attribute as A;
    let state = device_of()?.state();
    let function = state.functions.get(&handle).ok_or(BAD_HANDLE)?;
    let kernel = &function.kernel;
    Ok(match attribute {
        A::CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK => kernel.max_threads as c_int,
        A::CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES => kernel.static_shared_bytes as c_int,
        A::CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES => kernel.const_bytes as c_int,
        A::CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES => kernel.local_bytes as c_int,
        A::CU_FUNC_ATTRIBUTE_NUM_REGS => kernel.registers as c_int,
        A::CU_FUNC_ATTRIBUTE_PTX_VERSION | A::CU_FUNC_ATTRIBUTE_BINARY_VERSION => 90,
        A::CU_FUNC_ATTRIBUTE_CACHE_MODE_CA => 0,
        A::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES => function.dynamic_shared,
        A::CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT => -1,
        CUfunction_attribute(10..=15) => 0,
        _ => return Err(INVALID),
    })
}

fn set_attribute(handle: u64, attribute: CUfunction_attribute, value: c_int) -> Answer {
    let mut state = alive()?.state();
    let function = state.functions.get_mut(&handle).ok_or(BAD_HANDLE)?;
    match attribute {
        CUfunction_attribute::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES => {
            let most =
                engine::MAX_SHARED_BYTES as c_int - function.kernel.static_shared_bytes as c_int;
            if !(0..=most).contains(&value) {
                return Err(INVALID);
            }
            function.dynamic_shared = value;
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
    let function = state.functions.get(&function).ok_or(BAD_HANDLE)?;
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
        let count = device_of()?.state().containers.get(&(module as u64)).ok_or(BAD_HANDLE)?.module.program().kernels().len();
        write(place, count as c_uint)
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
        let count = device_of()?.state().containers.get(&(library as u64)).ok_or(BAD_HANDLE)?.module.program().kernels().len();
        write(place, count as c_uint)
    }
    cuLibraryGetModule(place: *mut CUmodule, library: CUlibrary) {
        if !device_of()?.state().containers.contains_key(&(library as u64)) {
            return Err(BAD_HANDLE);
        }
        write(place, library as u64 as CUmodule)
    }
    cuLibraryGetGlobal(pointer: *mut CUdeviceptr, bytes: *mut usize, library: CUlibrary, wanted: *const c_char) {
        global(library as u64, pointer, bytes, wanted)
    }
    cuLibraryGetManaged(pointer: *mut CUdeviceptr, bytes: *mut usize, library: CUlibrary, wanted: *const c_char) {
        managed(library as u64, pointer, bytes, wanted)
    }
    cuLibraryGetUnifiedFunction(place: *mut *mut c_void, library: CUlibrary, wanted: *const c_char) {
        text(wanted)?;
        device_of()?.state().containers.get(&(library as u64)).ok_or(BAD_HANDLE)?;
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
        write(place, container_of(function as u64)? as CUmodule)
    }
    cuKernelGetLibrary(place: *mut CUlibrary, kernel: CUkernel) {
        write(place, container_of(kernel as u64)? as CUlibrary)
    }
    cuKernelGetFunction(place: *mut CUfunction, kernel: CUkernel) {
        if !device_of()?.state().functions.contains_key(&(kernel as u64)) {
            return Err(BAD_HANDLE);
        }
        write(place, kernel as u64 as CUfunction)
    }
    cuKernelGetParamInfo(kernel: CUkernel, index: usize, offset: *mut usize, size: *mut usize) {
        parameter(kernel as u64, index, offset, size)
    }
    cuFuncGetParamInfo(function: CUfunction, index: usize, offset: *mut usize, size: *mut usize) {
        parameter(function as u64, index, offset, size)
    }
    cuKernelGetAttribute(place: *mut c_int, which: CUfunction_attribute, kernel: CUkernel, device: CUdevice) {
        write(place, attribute(kernel as u64, which)?)
    }
    cuFuncGetAttribute(place: *mut c_int, which: CUfunction_attribute, function: CUfunction) {
        write(place, attribute(function as u64, which)?)
    }
    cuKernelSetAttribute(which: CUfunction_attribute, value: c_int, kernel: CUkernel, device: CUdevice) {
        set_attribute(kernel as u64, which, value)
    }
    cuFuncSetAttribute(function: CUfunction, which: CUfunction_attribute, value: c_int) {
        set_attribute(function as u64, which, value)
    }
    cuKernelSetCacheConfig(kernel: CUkernel, config: CUfunc_cache, device: CUdevice) { Ok(()) }
    cuFuncSetCacheConfig(function: CUfunction, config: CUfunc_cache) { Ok(()) }
    cuFuncSetSharedMemConfig(function: CUfunction, config: CUsharedconfig) { Ok(()) }
    cuFuncIsLoaded(place: *mut CUfunctionLoadingState, function: CUfunction) {
        container_of(function as u64)?;
        write(place, CUfunctionLoadingState::CU_FUNCTION_LOADING_STATE_LOADED)
    }
    cuFuncLoad(function: CUfunction) { container_of(function as u64).map(|_| ()) }
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
        let fixed = attribute(function as u64, CUfunction_attribute::CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES)? as usize;
        write(place, ((228usize << 10) / blocks as usize).saturating_sub(fixed + 1024).min((227 << 10) - fixed))
    }
    cuOccupancyMaxActiveClusters(place: *mut c_int, function: CUfunction, config: *const CUlaunchConfig) {
        write(place, super::device::multiprocessors())
    }
    cuOccupancyMaxPotentialClusterSize(place: *mut c_int, function: CUfunction, config: *const CUlaunchConfig) {
        write(place, 1)
    }
}
