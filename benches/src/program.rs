//! A program of the client library, with the worker that serves it in a thread of the same process.

use std::ffi::c_void;
use std::sync::{Mutex, PoisonError};

use cuda::generated::exports as exported;
use cuda::session::Session;
use pillion_cuda_abi::types::{
    CUcontext, CUdevice, CUdevice_attribute, CUdeviceptr, CUevent, CUfunction, CUmodule,
    CUpointer_attribute, CUstream,
};
use pillion_cuda_abi::{API_VERSION, CUresult};
use pillion_protocol::{PROTOCOL_VERSION, Welcome};
use pillion_server::worker;
use pillion_transport::Connection;

use crate::device;
use crate::gate::Gate;

/// A kernel with the parameters of a typical one.
const KERNEL: &std::ffi::CStr = c"
.version 7.0
.target sm_75
.address_size 64
.visible .entry scaled_sum(
    .param .u64 a, .param .u64 b, .param .u64 c, .param .u32 count, .param .f32 scale)
{
    ret;
}
";

/// Bytes of each of its host memories.
pub const LEN: usize = 2 << 20;
/// Bytes of each of its memories of the device.
pub const ROOM: usize = 64 << 20;

/// The stream of a launch.
#[derive(Debug, Clone, Copy)]
pub enum On {
    /// The default stream.
    Default,
    /// One that the program has made.
    Own,
}

/// A process's use of CUDA. There is one in a process.
pub struct Program {
    /// What holds what it sends.
    pub gate: Gate,
    function: CUfunction,
    stream: CUstream,
    event: CUevent,
    memory: [CUdeviceptr; 3],
    pageable: Vec<u8>,
    pinned: *mut c_void,
}

fn check(status: CUresult) {
    assert_eq!(status, CUresult::CUDA_SUCCESS, "the program's call failed");
}

impl Program {
    /// Begins a session over a connection, whose other end a worker gets, and makes what the program uses.
    ///
    /// # Panics
    ///
    /// Where that fails, or has been done in this process before.
    pub fn new(mut ours: Connection, theirs: Connection) -> Self {
        static BEGUN: Mutex<bool> = Mutex::new(false);
        let begun = std::mem::replace(
            &mut *BEGUN.lock().unwrap_or_else(PoisonError::into_inner),
            true,
        );
        assert!(!begun, "a process has one session");
        let table = device::table();
        let (devices, driver_version) = worker::snapshot(&table).expect("the CPU device starts");
        let welcome = Welcome {
            version: PROTOCOL_VERSION,
            session: [7; 16],
            driver_version: driver_version.min(API_VERSION),
            description: "a device that does nothing".to_string(),
            devices: devices.clone(),
            ptx_only: true,
            opcodes: worker::opcodes(&table, false, false),
            chosen: true,
            build: pillion_protocol::BUILD.to_string(),
        };
        std::thread::spawn(move || worker::serve_in_place(table, &devices, theirs));
        let gate = Gate::default();
        ours.sender = gate.before(ours.sender);
        // Memory that both sides have at one address cannot be had twice in one process.
        ours.descriptors = None;
        Session::adopt(ours, welcome).expect("a session");
        Self::set_up(gate)
    }

    fn set_up(gate: Gate) -> Self {
        let mut context: CUcontext = std::ptr::null_mut();
        let mut module: CUmodule = std::ptr::null_mut();
        let mut program = Program {
            gate,
            function: std::ptr::null_mut(),
            stream: std::ptr::null_mut(),
            event: std::ptr::null_mut(),
            memory: [0; 3],
            pageable: vec![7; LEN],
            pinned: std::ptr::null_mut(),
        };
        // SAFETY: CUDA's functions as its manual calls them, with places of this function's.
        unsafe {
            check(exported::cuInit(0));
            check(exported::cuDevicePrimaryCtxRetain(&raw mut context, 0));
            check(exported::cuCtxSetCurrent(context));
            check(exported::cuModuleLoadData(
                &raw mut module,
                KERNEL.as_ptr().cast(),
            ));
            check(exported::cuModuleGetFunction(
                &raw mut program.function,
                module,
                c"scaled_sum".as_ptr(),
            ));
            // CU_STREAM_NON_BLOCKING
            check(exported::cuStreamCreate(&raw mut program.stream, 1));
            // CU_EVENT_DISABLE_TIMING
            check(exported::cuEventCreate(&raw mut program.event, 2));
            for memory in &mut program.memory {
                check(exported::cuMemAlloc_v2(memory, ROOM));
            }
        }
        program
    }

    /// Allocates pinned memory, after which each launch looks for it among its parameters.
    pub fn pin(&mut self) {
        // SAFETY: a place of this struct's.
        check(unsafe { exported::cuMemHostAlloc(&raw mut self.pinned, LEN, 0) });
    }

    /// Launches a kernel.
    #[inline]
    pub fn launch(&self, on: On) {
        let stream = match on {
            On::Default => std::ptr::null_mut(),
            On::Own => self.stream,
        };
        let [mut a, mut b, mut c] = self.memory;
        let (mut count, mut scale) = (1u32 << 18, 0.5f32);
        let mut parameters: [*mut c_void; 5] = [
            (&raw mut a).cast(),
            (&raw mut b).cast(),
            (&raw mut c).cast(),
            (&raw mut count).cast(),
            (&raw mut scale).cast(),
        ];
        // SAFETY: a function of this session, with a pointer for each of its parameters.
        check(unsafe {
            exported::cuLaunchKernel(
                self.function,
                1024,
                1,
                1,
                256,
                1,
                1,
                0,
                stream,
                parameters.as_mut_ptr(),
                std::ptr::null_mut(),
            )
        });
    }

    /// Copies pageable memory to the device, asynchronously.
    #[inline]
    pub fn copy_to_device(&self, len: usize) {
        let from = &self.pageable[..len];
        // SAFETY: that many bytes on both sides.
        check(unsafe {
            exported::cuMemcpyHtoDAsync_v2(
                self.memory[0],
                from.as_ptr().cast(),
                len,
                std::ptr::null_mut(),
            )
        });
    }

    /// Copies memory of the device to pinned memory, asynchronously.
    #[inline]
    pub fn copy_to_pinned(&self, len: usize) {
        assert!(!self.pinned.is_null() && len <= LEN);
        // SAFETY: that many bytes on both sides.
        check(unsafe {
            exported::cuMemcpyDtoHAsync_v2(self.pinned, self.memory[0], len, std::ptr::null_mut())
        });
    }

    /// Copies to the device, and waits until it is there.
    pub fn write(&self, from: &[u8]) {
        assert!(from.len() <= ROOM);
        // SAFETY: that many bytes on both sides.
        check(unsafe {
            exported::cuMemcpyHtoD_v2(self.memory[0], from.as_ptr().cast(), from.len())
        });
        self.synchronize();
    }

    /// Copies from the device.
    pub fn read(&self, to: &mut [u8]) {
        assert!(to.len() <= ROOM);
        // SAFETY: that many bytes on both sides.
        check(unsafe {
            exported::cuMemcpyDtoH_v2(to.as_mut_ptr().cast(), self.memory[0], to.len())
        });
    }

    /// Records an event.
    #[inline]
    pub fn record(&self) {
        // SAFETY: an event and a stream of this session.
        check(unsafe { exported::cuEventRecord(self.event, self.stream) });
    }

    /// Asks for the current device.
    #[inline]
    pub fn current_device(&self) -> CUdevice {
        let mut device = -1;
        // SAFETY: a local.
        check(unsafe { exported::cuCtxGetDevice(&raw mut device) });
        device
    }

    /// Asks for the current context.
    #[inline]
    pub fn current_context(&self) -> CUcontext {
        let mut context = std::ptr::null_mut();
        // SAFETY: a local.
        check(unsafe { exported::cuCtxGetCurrent(&raw mut context) });
        context
    }

    /// Asks for the number of multiprocessors.
    #[inline]
    pub fn device_attribute(&self) -> i32 {
        let mut value = 0;
        let which = CUdevice_attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
        // SAFETY: a local.
        check(unsafe { exported::cuDeviceGetAttribute(&raw mut value, which, 0) });
        value
    }

    /// Asks what kind of memory an address within its own is.
    #[inline]
    pub fn pointer_attribute(&self) -> u32 {
        let mut kind = 0u32;
        let which = CUpointer_attribute::CU_POINTER_ATTRIBUTE_MEMORY_TYPE;
        // SAFETY: a local of the attribute's type.
        check(unsafe {
            exported::cuPointerGetAttribute((&raw mut kind).cast(), which, self.memory[1] + 4096)
        });
        kind
    }

    /// Allocates memory of the device, which it keeps.
    #[inline]
    pub fn allocate(&self, len: usize) -> u64 {
        let mut memory = 0;
        // SAFETY: a local.
        check(unsafe { exported::cuMemAlloc_v2(&raw mut memory, len) });
        memory
    }

    /// Allocates memory of the device and frees it.
    #[inline]
    pub fn allocate_and_free(&self, len: usize) {
        let memory = self.allocate(len);
        // SAFETY: what was allocated.
        check(unsafe { exported::cuMemFree_v2(memory) });
    }

    /// Waits for everything.
    pub fn synchronize(&self) {
        // SAFETY: no arguments.
        check(unsafe { exported::cuCtxSynchronize() });
    }
}
