//! Several devices of one process: what each has for itself, and what the kernels of one reach of another.

mod common;

use std::ffi::{CString, c_char, c_void};
use std::ptr::null_mut;
use std::sync::{Mutex, MutexGuard, Once, PoisonError};

use common::Random;
use common::driver::{MEMORY, OK, OPTIONS, allocate, call, free_memory, good};
use pillion_cpu_device::DeviceOptions;
use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

const ILLEGAL: CUresult = CUresult::CUDA_ERROR_ILLEGAL_ADDRESS;
/// The program sees the third of the machine's devices first, and then the first two.
const VISIBLE: &str = "2,0,1";
const DEVICES: usize = 3;

/// One test at a time: a fault ends a device for all of them.
fn devices() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    static BEGIN: Once = Once::new();
    let guard = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    BEGIN.call_once(|| {
        // SAFETY: before the first test does anything, and the others wait for the lock meanwhile.
        unsafe { std::env::set_var("CUDA_VISIBLE_DEVICES", VISIBLE) };
        let options = DeviceOptions {
            devices: DEVICES + 1,
            memory: Some(MEMORY),
            threads: Some(2),
            ..DeviceOptions::default()
        };
        assert!(OPTIONS.set(options).is_ok());
    });
    good!(cuInit(0));
    guard
}

fn context(device: i32) -> CUcontext {
    let mut context = null_mut();
    good!(cuDevicePrimaryCtxRetain(&mut context, device));
    context
}

fn enter(device: i32) {
    good!(cuCtxSetCurrent(context(device)));
    let mut now = -1;
    good!(cuCtxGetDevice(&mut now));
    assert_eq!(now, device);
}

/// Copies a word from `from` to `to`, adding one.
const COPY: &str = ".version 8.0 .target sm_80 .address_size 64
    .visible .global .u32 variable = 5;
    .visible .entry copy(.param .u64 to, .param .u64 from) {
    .reg .b64 %a, %b; .reg .b32 %v;
    ld.param.u64 %a, [to]; ld.param.u64 %b, [from];
    ld.global.u32 %v, [%b]; add.u32 %v, %v, 1; st.global.u32 [%a], %v; ret; }";

fn kernel() -> CUfunction {
    let (text, name) = (CString::new(COPY).unwrap(), CString::new("copy").unwrap());
    let (mut module, mut function) = (null_mut(), null_mut());
    good!(cuModuleLoadData(&mut module, text.as_ptr().cast()));
    good!(cuModuleGetFunction(&mut function, module, name.as_ptr()));
    function
}

fn launch(function: CUfunction, stream: CUstream, to: u64, from: u64) -> CUresult {
    let (mut to, mut from) = (to, from);
    let mut params: [*mut c_void; 2] = [(&raw mut to).cast(), (&raw mut from).cast()];
    let params = params.as_mut_ptr();
    call!(cuLaunchKernel(
        function,
        1,
        1,
        1,
        1,
        1,
        1,
        0,
        stream,
        params,
        null_mut()
    ))
}

fn write(at: u64, value: u32) {
    good!(cuMemcpyHtoD_v2(at, (&raw const value).cast(), 4));
}

fn read(at: u64) -> u32 {
    let mut value = 0u32;
    good!(cuMemcpyDtoH_v2((&raw mut value).cast(), at, 4));
    value
}

#[test]
fn visible_devices_are_those_that_the_variable_names() {
    let _one = devices();
    let mut count = 0;
    good!(cuDeviceGetCount(&mut count));
    assert_eq!(count as usize, DEVICES);
    let mut device = 0;
    let refused = call!(cuDeviceGet(&mut device, count));
    assert_eq!(refused, CUresult::CUDA_ERROR_INVALID_DEVICE);
    for (device, unit) in [(0, 2u8), (1, 0), (2, 1)] {
        let mut uuid = CUuuid { bytes: [0; 16] };
        good!(cuDeviceGetUuid_v2(&mut uuid, device));
        assert_eq!(uuid.bytes[0] as u8, b'0' + unit);
        let mut bus = [0 as c_char; 32];
        good!(cuDeviceGetPCIBusId(bus.as_mut_ptr(), 32, device));
        let text: Vec<u8> = bus
            .iter()
            .map(|c| *c as u8)
            .take_while(|c| *c != 0)
            .collect();
        assert_eq!(text, format!("0000:{unit:02x}:00.0").into_bytes());
    }
}

#[test]
fn each_device_has_memory_of_its_own() {
    let _one = devices();
    let mut random = Random::new();
    enter(0);
    let before = free_memory();
    enter(1);
    let all = free_memory();
    let len = 1 + random.below(MEMORY / 2) as usize;
    let at = allocate(len);
    assert_eq!(free_memory(), all - len);
    let mut more = 0;
    let refused = call!(cuMemAlloc_v2(&mut more, all - len + 1));
    assert_eq!(refused, CUresult::CUDA_ERROR_OUT_OF_MEMORY);
    enter(0);
    assert_eq!(free_memory(), before, "another device's is not touched");
    let whole = allocate(before);
    good!(cuMemFree_v2(whole));
    // Freed with any device current.
    good!(cuMemFree_v2(at));
    enter(1);
    assert_eq!(free_memory(), all);
}

#[test]
fn streams_and_events_are_of_one_device() {
    let _one = devices();
    let bad = CUresult::CUDA_ERROR_INVALID_HANDLE;
    let (mut streams, mut events, mut kernels) = ([null_mut(); 2], [null_mut(); 2], Vec::new());
    for device in 0..2 {
        enter(device);
        good!(cuStreamCreate(&mut streams[device as usize], 1));
        good!(cuEventCreate(&mut events[device as usize], 0));
        kernels.push(kernel());
    }
    let at = allocate(8);
    write(at, 41);
    assert_eq!(
        launch(kernels[0], null_mut(), at + 4, at),
        bad,
        "a function of another context"
    );
    assert_eq!(
        launch(kernels[1], streams[0], at + 4, at),
        bad,
        "a stream of another context"
    );
    assert_eq!(launch(kernels[1], streams[1], at + 4, at), OK);
    assert_eq!(call!(cuEventRecord(events[0], streams[1])), bad);
    good!(cuEventRecord(events[1], streams[1]));
    good!(cuStreamWaitEvent(streams[0], events[1], 0));
    good!(cuEventRecord(events[0], streams[0]));
    good!(cuEventSynchronize(events[0]));
    assert_eq!(read(at + 4), 42);
    let mut ms = 0.0;
    assert_eq!(
        call!(cuEventElapsedTime(&mut ms, events[0], events[1])),
        bad
    );
    // A copy may go into any stream.
    good!(cuMemcpyDtoDAsync_v2(at, at + 4, 4, streams[0]));
    good!(cuStreamSynchronize(streams[0]));
    assert_eq!(read(at), 42);
}

#[test]
fn a_library_has_variables_on_each_device_and_one_of_what_is_managed() {
    let _one = devices();
    let text = ".version 8.0 .target sm_80 .address_size 64
        .visible .global .u32 own = 5;
        .visible .global .attribute(.managed) .u32 shared = 6;";
    let text = CString::new(text).unwrap();
    let mut library = null_mut();
    enter(0);
    good!(cuLibraryLoadData(
        &mut library,
        text.as_ptr().cast(),
        null_mut(),
        null_mut(),
        0,
        null_mut(),
        null_mut(),
        0
    ));
    let find = |name: &str| {
        let (name, mut at, mut len) = (CString::new(name).unwrap(), 0, 0);
        good!(cuLibraryGetGlobal(
            &mut at,
            &mut len,
            library,
            name.as_ptr()
        ));
        at
    };
    let (own, shared) = (find("own"), find("shared"));
    write(own, 50);
    write(shared, 60);
    enter(1);
    assert_ne!(find("own"), own);
    assert_eq!(read(find("own")), 5);
    assert_eq!(find("shared"), shared);
    assert_eq!(
        read(shared),
        60,
        "what the second device finds is not what was loaded"
    );
    good!(cuLibraryUnload(library));
}

/// The order matters: each fault ends a device, so all of them are in one test, which takes devices that no other test needs.
#[test]
fn kernels_reach_what_they_were_given_access_to_and_nothing_else() {
    let _one = devices();
    let owner = context(0);
    enter(0);
    let theirs = allocate(4);
    write(theirs, 7);
    enter(2);
    let (own, function) = (allocate(4), kernel());
    let invalid = CUresult::CUDA_ERROR_INVALID_CONTEXT;
    assert_eq!(call!(cuCtxEnablePeerAccess(context(2), 0)), invalid);
    let refused = CUresult::CUDA_ERROR_PEER_ACCESS_NOT_ENABLED;
    assert_eq!(call!(cuCtxDisablePeerAccess(owner)), refused);
    good!(cuCtxEnablePeerAccess(owner, 0));
    let again = CUresult::CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED;
    assert_eq!(call!(cuCtxEnablePeerAccess(owner, 0)), again);
    assert_eq!(launch(function, null_mut(), own, theirs), OK);
    assert_eq!(read(own), 8);
    // What is allocated later is reached too, and a pool's memory is not.
    enter(0);
    let later = allocate(4);
    write(later, 70);
    let mut pooled = 0;
    good!(cuMemAllocAsync(&mut pooled, 4, null_mut()));
    good!(cuCtxSynchronize());
    write(pooled, 700);
    enter(2);
    assert_eq!(launch(function, null_mut(), own, later), OK);
    assert_eq!(read(own), 71);
    // Unless the pool says so.
    let mut pool = null_mut();
    good!(cuDeviceGetDefaultMemPool(&mut pool, 0));
    let mut access = CUmemAccessDesc {
        location: CUmemLocation {
            type_: CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE,
            id: 2,
        },
        flags: CUmemAccess_flags::CU_MEM_ACCESS_FLAGS_PROT_READWRITE,
    };
    good!(cuMemPoolSetAccess(pool, &access, 1));
    assert_eq!(launch(function, null_mut(), own, pooled), OK);
    assert_eq!(read(own), 701);
    access.flags = CUmemAccess_flags::CU_MEM_ACCESS_FLAGS_PROT_NONE;
    good!(cuMemPoolSetAccess(pool, &access, 1));
    // Managed and pinned memory is everybody's.
    let (mut managed, mut pinned) = (0, null_mut());
    enter(0);
    good!(cuMemAllocManaged(&mut managed, 4, 1));
    good!(cuMemHostAlloc(&mut pinned, 4, 0));
    write(managed, 1000);
    enter(2);
    assert_eq!(launch(function, null_mut(), pinned as u64, managed), OK);
    good!(cuCtxSynchronize());
    assert_eq!(read(pinned as u64), 1001);
    // And without access there is a fault, which is the second device's alone.
    good!(cuCtxDisablePeerAccess(owner));
    good!(cuMemcpyPeer(own, context(2), theirs, owner, 4));
    assert_eq!(read(own), 7, "copies need no access");
    assert_eq!(launch(function, null_mut(), own, theirs), OK);
    assert_eq!(call!(cuCtxSynchronize()), ILLEGAL);
    let mut more = 0;
    assert_eq!(call!(cuMemAlloc_v2(&mut more, 4)), ILLEGAL);
    enter(0);
    good!(cuCtxSynchronize());
    assert_eq!(read(theirs), 7);
    let own = kernel();
    assert_eq!(launch(own, null_mut(), later, theirs), OK);
    assert_eq!(read(later), 8);
}
