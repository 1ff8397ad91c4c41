//! A process's device memory that is moved to the host and back.

mod common;

use std::ffi::c_int;
use std::ptr::null_mut;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use common::Random;
use common::driver::{
    MEMORY, NOT_READY, OK, allocate, attach, call, device, download, good, stream, upload, zeroed,
};
use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

const ILLEGAL_STATE: CUresult = CUresult::CUDA_ERROR_ILLEGAL_STATE;

fn pid() -> c_int {
    std::process::id() as c_int
}

fn state() -> CUprocessState {
    let mut state = CUprocessState::CU_PROCESS_STATE_FAILED;
    good!(cuCheckpointProcessGetState(pid(), &mut state));
    state
}

fn lock(timeout: u32) -> CUresult {
    let mut args: CUcheckpointLockArgs = zeroed();
    args.timeoutMs = timeout;
    call!(cuCheckpointProcessLock(pid(), &mut args))
}

/// Whether memory can be read at an address: the kernel says so, and does not fault.
fn is_there(address: u64) -> bool {
    let mut byte = [0u8; 1];
    let local = libc::iovec {
        iov_base: byte.as_mut_ptr().cast(),
        iov_len: 1,
    };
    let remote = libc::iovec {
        iov_base: address as *mut _,
        iov_len: 1,
    };
    // SAFETY: reads a byte of this process's into a local, or fails.
    unsafe { libc::process_vm_readv(libc::getpid(), &local, 1, &remote, 1, 0) == 1 }
}

#[test]
fn memory_is_away_while_it_is_checkpointed_and_comes_back_as_it_was() {
    let _device = device();
    let mut random = Random::new();
    let mut bytes = |len: usize| -> Vec<u8> { (0..len).map(|_| random.next() as u8).collect() };
    // Odd lengths, so that the last page is not full.
    let contents: Vec<Vec<u8>> = [1, 4096, 70_001, 9 << 20].map(&mut bytes).into();
    let places: Vec<u64> = contents.iter().map(|bytes| upload(bytes)).collect();
    let mut pinned = null_mut();
    good!(cuMemAllocHost_v2(&mut pinned, 5000));
    let pinned = pinned as u64;
    let said = bytes(5000);
    // SAFETY: pinned memory of that length.
    unsafe { std::ptr::copy_nonoverlapping(said.as_ptr(), pinned as *mut u8, 5000) };
    let free = common::driver::free_memory();
    for _ in 0..3 {
        assert_eq!(state(), CUprocessState::CU_PROCESS_STATE_RUNNING);
        assert_eq!(lock(0), OK);
        assert_eq!(state(), CUprocessState::CU_PROCESS_STATE_LOCKED);
        good!(cuCheckpointProcessCheckpoint(pid(), null_mut()));
        assert_eq!(state(), CUprocessState::CU_PROCESS_STATE_CHECKPOINTED);
        assert!(places.iter().all(|place| !is_there(*place)));
        assert!(is_there(pinned) && is_there(pinned + 4999));
        assert_eq!(
            call!(cuCheckpointProcessUnlock(pid(), null_mut())),
            ILLEGAL_STATE
        );
        good!(cuCheckpointProcessRestore(pid(), null_mut()));
        assert!(places.iter().all(|place| is_there(*place)));
        good!(cuCheckpointProcessUnlock(pid(), null_mut()));
        for (place, bytes) in places.iter().zip(&contents) {
            assert!(download(*place, bytes.len()) == *bytes);
        }
        // SAFETY: as above.
        assert!(unsafe { std::slice::from_raw_parts(pinned as *const u8, 5000) } == said);
    }
    assert_eq!(common::driver::free_memory(), free);
    // What is allocated later lies elsewhere.
    let more = allocate(4096);
    assert!(!places.contains(&more));
    for place in places.into_iter().chain([more]) {
        good!(cuMemFree_v2(place));
    }
    good!(cuMemFreeHost(pinned as *mut _));
}

#[test]
fn physical_memory_comes_back_wherever_it_is_mapped() {
    let _device = device();
    let mut prop: CUmemAllocationProp = zeroed();
    prop.type_ = CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED;
    prop.location.type_ = CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE;
    let mut access: CUmemAccessDesc = zeroed();
    access.location = prop.location;
    access.flags = CUmemAccess_flags::CU_MEM_ACCESS_FLAGS_PROT_READWRITE;
    let len = 4 << 20;
    let (mut physical, mut place) = (0, 0);
    good!(cuMemCreate(&mut physical, len, &prop, 0));
    good!(cuMemAddressReserve(&mut place, 2 * len, 0, 0, 0));
    for at in [place, place + len as u64] {
        good!(cuMemMap(at, len, 0, physical, 0));
        good!(cuMemSetAccess(at, len, &access, 1));
    }
    let mut random = Random::new();
    let bytes: Vec<u8> = (0..len).map(|_| random.next() as u8).collect();
    good!(cuMemcpyHtoD_v2(place, bytes.as_ptr().cast(), len));
    assert_eq!(lock(0), OK);
    good!(cuCheckpointProcessCheckpoint(pid(), null_mut()));
    assert!(!is_there(place) && !is_there(place + len as u64));
    good!(cuCheckpointProcessRestore(pid(), null_mut()));
    good!(cuCheckpointProcessUnlock(pid(), null_mut()));
    assert!(download(place + len as u64, len) == bytes);
    good!(cuMemUnmap(place, 2 * len));
    good!(cuMemAddressFree(place, 2 * len));
    good!(cuMemRelease(physical));
}

#[test]
fn calls_wait_until_the_process_is_unlocked() {
    let _device = device();
    let bytes = [7u8; 100];
    let place = upload(&bytes);
    assert_eq!(lock(0), OK);
    assert_eq!(lock(0), ILLEGAL_STATE);
    let (sender, received) = channel();
    let reader = std::thread::spawn(move || {
        attach();
        sender.send(download(place, 100)).unwrap();
    });
    good!(cuCheckpointProcessCheckpoint(pid(), null_mut()));
    // If the call did not wait, it would fault.
    let early = received.recv_timeout(Duration::from_millis(50));
    assert_eq!(early, Err(RecvTimeoutError::Timeout));
    good!(cuCheckpointProcessRestore(pid(), null_mut()));
    let early = received.recv_timeout(Duration::from_millis(50));
    assert_eq!(early, Err(RecvTimeoutError::Timeout));
    good!(cuCheckpointProcessUnlock(pid(), null_mut()));
    assert_eq!(received.recv().unwrap(), bytes);
    reader.join().unwrap();
    good!(cuMemFree_v2(place));
}

#[test]
fn a_lock_waits_for_work_and_gives_up() {
    static IS_OVER: AtomicBool = AtomicBool::new(false);
    unsafe extern "C" fn waits(_: *mut std::ffi::c_void) {
        while !IS_OVER.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
    }
    let _device = device();
    let own = stream(0);
    good!(cuLaunchHostFunc(own, Some(waits), null_mut()));
    assert_eq!(lock(20), NOT_READY);
    // It is open again.
    assert_eq!(state(), CUprocessState::CU_PROCESS_STATE_RUNNING);
    let place = allocate(100);
    let ends = std::thread::spawn(|| IS_OVER.store(true, Ordering::SeqCst));
    assert_eq!(lock(0), OK);
    ends.join().unwrap();
    good!(cuCheckpointProcessUnlock(pid(), null_mut()));
    good!(cuStreamSynchronize(own));
    good!(cuStreamDestroy_v2(own));
    good!(cuMemFree_v2(place));
}

#[test]
fn what_cannot_be_is_refused() {
    let _device = device();
    for status in [
        call!(cuCheckpointProcessCheckpoint(pid(), null_mut())),
        call!(cuCheckpointProcessRestore(pid(), null_mut())),
        call!(cuCheckpointProcessUnlock(pid(), null_mut())),
    ] {
        assert_eq!(status, ILLEGAL_STATE);
    }
    assert_ne!(call!(cuCheckpointProcessLock(1, null_mut())), OK);
    assert_ne!(call!(cuCheckpointProcessLock(-1, null_mut())), OK);
    // Managed memory stays, as with NVIDIA's driver 580.
    let mut managed = 0;
    good!(cuMemAllocManaged(&mut managed, 4, 1));
    assert_eq!(lock(0), OK);
    let status = call!(cuCheckpointProcessCheckpoint(pid(), null_mut()));
    assert_eq!(status, CUresult::CUDA_ERROR_NOT_SUPPORTED);
    good!(cuCheckpointProcessUnlock(pid(), null_mut()));
    good!(cuMemFree_v2(managed));
    // Memory that other processes may have stays, and everything goes on.
    let bytes = [9u8; 64];
    let place = upload(&bytes);
    let mut handle: CUipcMemHandle = zeroed();
    good!(cuIpcGetMemHandle(&mut handle, place));
    assert_eq!(lock(0), OK);
    assert_ne!(call!(cuCheckpointProcessCheckpoint(pid(), null_mut())), OK);
    assert_eq!(state(), CUprocessState::CU_PROCESS_STATE_LOCKED);
    good!(cuCheckpointProcessUnlock(pid(), null_mut()));
    assert_eq!(download(place, 64), bytes);
    good!(cuMemFree_v2(place));
    assert_eq!(lock(0), OK);
    good!(cuCheckpointProcessCheckpoint(pid(), null_mut()));
    good!(cuCheckpointProcessRestore(pid(), null_mut()));
    good!(cuCheckpointProcessUnlock(pid(), null_mut()));
    assert!(common::driver::free_memory() as u64 <= MEMORY);
}
