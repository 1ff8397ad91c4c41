//! The part of CUDA's driver interface that is measured, with its errors as sentences.

use std::ffi::{CStr, CString, c_int, c_uint, c_void};

use anyhow::{Context, Result, anyhow, bail};
use pillion_cuda_abi::types::*;
use pillion_cuda_abi::{CUresult, DriverTable};
use pillion_server::worker::driver;

use super::Driver;
use crate::libdir;

/// A device with its primary context, which is current in the thread that opened it.
pub struct Cuda {
    table: DriverTable,
    device: CUdevice,
}

/// Calls a function of the table.
macro_rules! call {
    ($cuda:expr, $function:ident($($argument:expr),*)) => {{
        let Some(function) = $cuda.table.$function else {
            bail!(concat!("the driver has no ", stringify!($function)));
        };
        // SAFETY: every call below passes pointers to values that outlive it, and handles that the driver has given and that
        // their owners keep alive.
        let status = unsafe { function($($argument),*) };
        $cuda.check(stringify!($function), status)
    }};
}

impl Cuda {
    /// Loads the driver, and makes the first device's primary context current.
    pub fn open(driver: Driver) -> Result<Self> {
        let table = match driver {
            // Of the places that were looked at, what the loader found says enough.
            Driver::Native => driver::load()
                .map_err(|reasons| anyhow!("{}", reasons.split(';').next().unwrap_or_default()))?,
            Driver::Pillion => pillions()?,
        };
        let mut cuda = Cuda { table, device: 0 };
        call!(cuda, cuInit(0))?;
        let mut device = 0;
        call!(cuda, cuDeviceGet(&mut device, 0))?;
        cuda.device = device;
        let mut context = std::ptr::null_mut();
        call!(cuda, cuDevicePrimaryCtxRetain(&mut context, device))?;
        call!(cuda, cuCtxSetCurrent(context))?;
        Ok(cuda)
    }

    pub fn device_name(&self) -> Result<String> {
        let mut name = [0u8; 256];
        call!(
            self,
            cuDeviceGetName(name.as_mut_ptr().cast(), 255, self.device)
        )?;
        let name = CStr::from_bytes_until_nul(&name).context("the device's name has no end")?;
        Ok(name.to_string_lossy().into_owned())
    }

    pub fn driver_version(&self) -> Result<u32> {
        let mut version: c_int = 0;
        call!(self, cuDriverGetVersion(&mut version))?;
        Ok(version.try_into()?)
    }

    pub fn attribute(&self, which: CUdevice_attribute) -> Result<i32> {
        let mut value = 0;
        call!(self, cuDeviceGetAttribute(&mut value, which, self.device))?;
        Ok(value)
    }

    /// Whether the current context is of the device that was opened.
    pub fn is_current(&self) -> Result<bool> {
        let mut device = -1;
        call!(self, cuCtxGetDevice(&mut device))?;
        Ok(device == self.device)
    }

    /// Waits for everything.
    pub fn synchronize(&self) -> Result<()> {
        call!(self, cuCtxSynchronize())
    }

    /// Device memory, which is freed when dropped.
    pub fn allocate(&self, bytes: usize) -> Result<DeviceMemory<'_>> {
        let mut address = 0;
        call!(self, cuMemAlloc_v2(&mut address, bytes))?;
        Ok(DeviceMemory {
            cuda: self,
            address,
            bytes,
        })
    }

    /// Pinned host memory, zeroed.
    pub fn pinned(&self, bytes: usize) -> Result<PinnedMemory<'_>> {
        let mut start = std::ptr::null_mut();
        call!(self, cuMemHostAlloc(&mut start, bytes, 0))?;
        let mut memory = PinnedMemory {
            cuda: self,
            start: start.cast(),
            bytes: 0,
        };
        if memory.start.is_null() {
            bail!("cuMemHostAlloc: success, and no memory");
        }
        // SAFETY: the driver has just given this memory for reading and writing.
        unsafe { memory.start.write_bytes(0, bytes) };
        memory.bytes = bytes;
        Ok(memory)
    }

    /// Compiles and loads PTX.
    pub fn load(&self, ptx: &CStr) -> Result<Module<'_>> {
        let mut module = std::ptr::null_mut();
        call!(self, cuModuleLoadData(&mut module, ptx.as_ptr().cast()))?;
        Ok(Module { cuda: self, module })
    }

    pub fn stream(&self) -> Result<Stream<'_>> {
        let mut stream = std::ptr::null_mut();
        call!(
            self,
            cuStreamCreate(
                &mut stream,
                CUstream_flags::CU_STREAM_NON_BLOCKING.0 as c_uint
            )
        )?;
        Ok(Stream { cuda: self, stream })
    }

    pub fn event(&self) -> Result<Event<'_>> {
        let mut event = std::ptr::null_mut();
        call!(self, cuEventCreate(&mut event, 0))?;
        Ok(Event { cuda: self, event })
    }

    fn check(&self, function: &str, status: CUresult) -> Result<()> {
        if status == CUresult::CUDA_SUCCESS {
            return Ok(());
        }
        let mut name = std::ptr::null();
        if let Some(ask) = self.table.cuGetErrorName {
            // SAFETY: it writes the address of a constant string, or null.
            unsafe { ask(status, &mut name) };
        }
        if name.is_null() {
            bail!("{function}: error {}", status.0);
        }
        // SAFETY: a constant string of the driver's.
        let name = unsafe { CStr::from_ptr(name) };
        bail!("{function}: {}", name.to_string_lossy())
    }
}

/// The table of the library that the loader finds, which has to be Pillion's.
fn pillions() -> Result<DriverTable> {
    // SAFETY: what loads is a CUDA driver or Pillion's client library, whose initialisers this process is for.
    let library = unsafe { libloading::Library::new(libdir::LIBRARY) }?;
    // SAFETY: only the address is looked at.
    if unsafe { library.get::<*const u32>(libdir::MARKER) }.is_err() {
        bail!(
            "the loader finds another {} before Pillion's",
            libdir::LIBRARY
        );
    }
    // It stays loaded as long as the process.
    let library = Box::leak(Box::new(library));
    let find = |name: &'static CStr| {
        // SAFETY: only the address is taken; the table knows the type.
        let symbol = unsafe { library.get::<*mut c_void>(name.to_bytes_with_nul()) };
        symbol.map_or(std::ptr::null_mut(), |symbol| *symbol)
    };
    // SAFETY: Pillion's client library has CUDA's functions with CUDA's signatures, and is never unloaded.
    Ok(unsafe { DriverTable::load(find) })
}

/// Device memory.
pub struct DeviceMemory<'a> {
    cuda: &'a Cuda,
    address: CUdeviceptr,
    bytes: usize,
}

impl DeviceMemory<'_> {
    /// What kernels are given.
    pub fn address(&self) -> CUdeviceptr {
        self.address
    }

    /// Copies from the host, to `offset` bytes behind the beginning.
    pub fn write(&self, offset: usize, from: &[u8]) -> Result<()> {
        let cuda = self.cuda;
        self.within(offset, from.len())?;
        let to = self.address + offset as u64;
        call!(cuda, cuMemcpyHtoD_v2(to, from.as_ptr().cast(), from.len()))
    }

    /// Copies to the host.
    pub fn read(&self, offset: usize, to: &mut [u8]) -> Result<()> {
        let cuda = self.cuda;
        self.within(offset, to.len())?;
        let from = self.address + offset as u64;
        call!(
            cuda,
            cuMemcpyDtoH_v2(to.as_mut_ptr().cast(), from, to.len())
        )
    }

    /// Frees it now, which tells of errors.
    pub fn free(self) -> Result<()> {
        let (cuda, address) = (self.cuda, self.address);
        std::mem::forget(self);
        call!(cuda, cuMemFree_v2(address))
    }

    fn within(&self, offset: usize, len: usize) -> Result<()> {
        match offset.checked_add(len) {
            Some(end) if end <= self.bytes => Ok(()),
            _ => bail!("{len} bytes at {offset} are not within {}", self.bytes),
        }
    }
}

impl Drop for DeviceMemory<'_> {
    fn drop(&mut self) {
        let freed: Result<()> = (|| call!(self.cuda, cuMemFree_v2(self.address)))();
        // What is wrong here has been wrong at an earlier call, which told.
        drop(freed);
    }
}

/// Pinned host memory.
pub struct PinnedMemory<'a> {
    cuda: &'a Cuda,
    start: *mut u8,
    bytes: usize,
}

impl AsMut<[u8]> for PinnedMemory<'_> {
    fn as_mut(&mut self) -> &mut [u8] {
        // SAFETY: the driver gave this memory, it was written once, and nobody else uses it: copies are synchronous.
        unsafe { std::slice::from_raw_parts_mut(self.start, self.bytes) }
    }
}

impl Drop for PinnedMemory<'_> {
    fn drop(&mut self) {
        let freed: Result<()> = (|| call!(self.cuda, cuMemFreeHost(self.start.cast())))();
        // As above.
        drop(freed);
    }
}

/// A loaded module.
pub struct Module<'a> {
    cuda: &'a Cuda,
    module: CUmodule,
}

impl<'a> Module<'a> {
    pub fn kernel(&self, name: &str) -> Result<Kernel<'a>> {
        let cuda = self.cuda;
        let name = CString::new(name)?;
        let mut function = std::ptr::null_mut();
        call!(
            cuda,
            cuModuleGetFunction(&mut function, self.module, name.as_ptr())
        )?;
        Ok(Kernel { cuda, function })
    }

    /// Unloads it, which makes its kernels invalid.
    pub fn unload(self) -> Result<()> {
        let cuda = self.cuda;
        call!(cuda, cuModuleUnload(self.module))
    }
}

/// A kernel of a module.
#[derive(Clone, Copy)]
pub struct Kernel<'a> {
    cuda: &'a Cuda,
    function: CUfunction,
}

impl Kernel<'_> {
    /// Launches `blocks` of `threads` each. The arguments are 8 bytes each, of which a kernel reads as many as its parameter has.
    pub fn launch(
        &self,
        blocks: u32,
        threads: u32,
        stream: Option<&Stream<'_>>,
        arguments: &mut [u64],
    ) -> Result<()> {
        const MOST: usize = 4;
        let cuda = self.cuda;
        let mut pointers = [std::ptr::null_mut::<c_void>(); MOST];
        for (pointer, argument) in pointers.iter_mut().zip(arguments) {
            *pointer = std::ptr::from_mut(argument).cast();
        }
        let stream = stream.map_or(std::ptr::null_mut(), |stream| stream.stream);
        call!(
            cuda,
            cuLaunchKernel(
                self.function,
                blocks,
                1,
                1,
                threads,
                1,
                1,
                0,
                stream,
                pointers.as_mut_ptr(),
                std::ptr::null_mut()
            )
        )
    }
}

/// A stream that does not wait for the default one.
pub struct Stream<'a> {
    cuda: &'a Cuda,
    stream: CUstream,
}

impl<'a> Stream<'a> {
    pub fn synchronize(&self) -> Result<()> {
        let cuda = self.cuda;
        call!(cuda, cuStreamSynchronize(self.stream))
    }

    /// Memory of the stream's pool.
    pub fn allocate(&self, bytes: usize) -> Result<CUdeviceptr> {
        let cuda = self.cuda;
        let mut address = 0;
        call!(cuda, cuMemAllocAsync(&mut address, bytes, self.stream))?;
        Ok(address)
    }

    /// Gives it back.
    pub fn free(&self, address: CUdeviceptr) -> Result<()> {
        let cuda = self.cuda;
        call!(cuda, cuMemFreeAsync(address, self.stream))
    }

    /// What `record` gives to the stream, as a graph that can be launched.
    pub fn capture(&self, record: impl FnOnce() -> Result<()>) -> Result<Graph<'a>> {
        let cuda = self.cuda;
        let mode = CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_RELAXED;
        call!(cuda, cuStreamBeginCapture_v2(self.stream, mode))?;
        let recorded = record();
        let mut graph = std::ptr::null_mut();
        call!(cuda, cuStreamEndCapture(self.stream, &mut graph))?;
        recorded?;
        let mut executable = std::ptr::null_mut();
        call!(cuda, cuGraphInstantiateWithFlags(&mut executable, graph, 0))?;
        call!(cuda, cuGraphDestroy(graph))?;
        Ok(Graph { cuda, executable })
    }
}

/// An executable graph.
pub struct Graph<'a> {
    cuda: &'a Cuda,
    executable: CUgraphExec,
}

impl Graph<'_> {
    pub fn launch(&self, stream: &Stream<'_>) -> Result<()> {
        let cuda = self.cuda;
        call!(cuda, cuGraphLaunch(self.executable, stream.stream))
    }
}

/// An event.
pub struct Event<'a> {
    cuda: &'a Cuda,
    event: CUevent,
}

impl Event<'_> {
    pub fn record(&self) -> Result<()> {
        let cuda = self.cuda;
        call!(cuda, cuEventRecord(self.event, std::ptr::null_mut()))
    }

    pub fn synchronize(&self) -> Result<()> {
        let cuda = self.cuda;
        call!(cuda, cuEventSynchronize(self.event))
    }

    /// An error unless it has happened.
    pub fn query(&self) -> Result<()> {
        let cuda = self.cuda;
        call!(cuda, cuEventQuery(self.event))
    }
}
