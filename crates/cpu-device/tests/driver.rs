//! The device through its function table, as a worker uses it.

mod common;

use std::ffi::{CString, c_void};
use std::process::Command;
use std::ptr::{null, null_mut};

use common::driver::*;
use common::{Random, ptx};
use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

#[test]
fn copies_move_what_they_say() {
    let _device = device();
    let mut random = Random::new();
    let before = free_memory();
    for _ in 0..50 {
        let len = 1 + random.below(70_000) as usize;
        let source = random_bytes(&mut random, len);
        let from = upload(&source);
        let mut model = random_bytes(&mut random, len);
        let to = upload(&model);
        let n = 1 + random.below(len as u64) as usize;
        let (a, b) = (
            random.below((len - n + 1) as u64) as usize,
            random.below((len - n + 1) as u64) as usize,
        );
        model[a..a + n].copy_from_slice(&source[b..b + n]);
        let (there, here) = (to + a as u64, from + b as u64);
        let s = stream(1);
        match random.below(4) {
            0 => good!(cuMemcpyDtoDAsync_v2(there, here, n, s)),
            1 => good!(cuMemcpy(there, here, n)),
            2 => good!(cuMemcpyHtoDAsync_v2(
                there,
                source[b..].as_ptr().cast(),
                n,
                s
            )),
            _ => {
                let mut middle = vec![0u8; n];
                good!(cuMemcpyDtoHAsync_v2(middle.as_mut_ptr().cast(), here, n, s));
                good!(cuStreamSynchronize(s));
                good!(cuMemcpyHtoD_v2(there, middle.as_ptr().cast(), n));
            }
        }
        good!(cuStreamSynchronize(s));
        assert_eq!(download(to, len), model);
        let past = len - a + 1;
        assert_eq!(
            call!(cuMemcpyHtoDAsync_v2(there, source.as_ptr().cast(), past, s)),
            INVALID,
            "a copy past the end"
        );
        good!(cuStreamDestroy_v2(s));
        good!(cuMemFree_v2(from));
        good!(cuMemFree_v2(to));
        assert_eq!(call!(cuMemFree_v2(to)), INVALID, "freed twice");
    }
    assert_eq!(free_memory(), before, "every byte came back");
}

#[test]
fn boxes_and_fills_keep_to_their_rows() {
    let _device = device();
    let mut random = Random::new();
    for _ in 0..50 {
        let mut next = |n: u64| random.below(n) as usize;
        let (width, height, depth) = (1 + next(40), 1 + next(9), 1 + next(5));
        let (x, y, z) = (next(8), next(4), next(3));
        let (pitch, rows) = (width + x + next(9), height + y + next(3));
        let source: Vec<u8> = (0..width * height * depth)
            .map(|_| next(256) as u8)
            .collect();
        let mut model: Vec<u8> = (0..pitch * rows * (depth + z))
            .map(|_| next(256) as u8)
            .collect();
        let to = upload(&model);
        for (k, plane) in source.chunks(width * height).enumerate() {
            for (j, row) in plane.chunks(width).enumerate() {
                let at = (z + k) * pitch * rows + (y + j) * pitch + x;
                model[at..at + width].copy_from_slice(row);
            }
        }
        // SAFETY: a C structure of integers and pointers, for which zero is a value.
        let mut request: CUDA_MEMCPY3D = unsafe { std::mem::zeroed() };
        request.srcMemoryType = CUmemorytype::CU_MEMORYTYPE_HOST;
        request.srcHost = source.as_ptr().cast();
        request.dstMemoryType = CUmemorytype::CU_MEMORYTYPE_DEVICE;
        request.dstDevice = to;
        (request.dstXInBytes, request.dstY, request.dstZ) = (x, y, z);
        (request.dstPitch, request.dstHeight) = (pitch, rows);
        (request.WidthInBytes, request.Height, request.Depth) = (width, height, depth);
        good!(cuMemcpy3DAsync_v2(&request, null_mut()));
        good!(cuStreamSynchronize(null_mut()));
        assert_eq!(download(to, model.len()), model);
        request.Depth += 1;
        request.dstZ = z + 1;
        assert_eq!(call!(cuMemcpy3DAsync_v2(&request, null_mut())), INVALID);

        let value = next(256) as u8;
        good!(cuMemsetD2D8Async(to, pitch, value, width, rows, null_mut()));
        for row in model.chunks_mut(pitch).take(rows) {
            row[..width].fill(value);
        }
        assert_eq!(download(to, model.len()), model);
        let words = model.len() / 4;
        good!(cuMemsetD32Async(to, 0x0102_0304, words, null_mut()));
        for word in model.chunks_exact_mut(4) {
            word.copy_from_slice(&[4, 3, 2, 1]);
        }
        assert_eq!(download(to, model.len()), model);
        assert_eq!(
            call!(cuMemsetD32Async(to, 0, words + 1, null_mut())),
            INVALID
        );
        assert_eq!(
            call!(cuMemsetD16Async(to + 1, 0, 1, null_mut())),
            INVALID,
            "misaligned"
        );
        good!(cuMemFree_v2(to));
    }
}

#[test]
fn events_order_streams() {
    let _device = device();
    let gate = Gate::new();
    let (first, second) = (stream(1), stream(1));
    let (a, b) = (upload(&[0; 64]), upload(&[9; 64]));
    let (start, end) = (event(0), event(0));
    good!(cuEventRecord(start, first));
    gate.hold(first);
    good!(cuMemsetD8Async(a, 5, 64, first));
    good!(cuEventRecord(end, first));
    good!(cuStreamWaitEvent(second, end, 0));
    good!(cuMemcpyDtoDAsync_v2(b, a, 64, second));
    for _ in 0..20 {
        assert_eq!(call!(cuStreamQuery(first)), NOT_READY);
        assert_eq!(call!(cuStreamQuery(second)), NOT_READY);
        assert_eq!(call!(cuEventQuery(end)), NOT_READY);
        std::thread::yield_now();
    }
    let mut took = -1.0;
    assert_eq!(call!(cuEventElapsedTime(&mut took, start, end)), NOT_READY);
    std::thread::sleep(std::time::Duration::from_millis(20));
    gate.open();
    good!(cuStreamSynchronize(second));
    good!(cuEventQuery(end));
    good!(cuEventElapsedTime(&mut took, start, end));
    assert!(took >= 15.0, "held for 20 ms, measured {took}");
    assert_eq!(download(b, 64), [5; 64]);

    let (untimed, unrecorded) = (event(2), event(0));
    good!(cuEventRecord(untimed, first));
    good!(cuEventSynchronize(untimed));
    assert_eq!(
        call!(cuEventElapsedTime(&mut took, start, untimed)),
        BAD_HANDLE
    );
    assert_eq!(
        call!(cuEventElapsedTime(&mut took, start, unrecorded)),
        BAD_HANDLE
    );
    good!(cuEventQuery(unrecorded));
    for gone in [start, end, untimed, unrecorded] {
        good!(cuEventDestroy_v2(gone));
        assert_eq!(call!(cuEventRecord(gone, first)), BAD_HANDLE);
    }
    for gone in [first, second] {
        good!(cuStreamDestroy_v2(gone));
        assert_eq!(call!(cuStreamSynchronize(gone)), BAD_HANDLE);
    }
    good!(cuMemFree_v2(a));
    good!(cuMemFree_v2(b));
    gate.end();
}

#[test]
fn the_legacy_stream_waits_and_is_waited_for() {
    let _device = device();
    let gate = Gate::new();
    let (blocking, other, free) = (stream(0), stream(0), stream(1));
    let a = upload(&[1; 64]);
    let mark = event(0);
    gate.hold(blocking);
    good!(cuMemsetD8Async(a, 2, 64, blocking));
    // Behind the blocking stream; the next is behind this one although its own stream is empty.
    good!(cuMemsetD8Async(a, 3, 32, null_mut()));
    good!(cuEventRecord(mark, null_mut()));
    good!(cuMemsetD8Async(a, 4, 16, other));
    // Behind nobody.
    let mut seen = [0u8; 64];
    good!(cuMemcpyDtoHAsync_v2(seen.as_mut_ptr().cast(), a, 64, free));
    good!(cuStreamSynchronize(free));
    assert_eq!(seen, [1; 64]);
    assert_eq!(call!(cuEventQuery(mark)), NOT_READY);
    assert_eq!(call!(cuStreamQuery(other)), NOT_READY);
    // Work of a stream that is destroyed is done, and is still waited for.
    good!(cuStreamDestroy_v2(blocking));
    gate.open();
    let got = download(a, 64);
    assert_eq!(&got[..16], [4; 16]);
    assert_eq!(&got[16..32], [3; 16]);
    assert_eq!(&got[32..], [2; 32]);
    good!(cuEventDestroy_v2(mark));
    good!(cuStreamDestroy_v2(other));
    good!(cuStreamDestroy_v2(free));
    good!(cuMemFree_v2(a));
    gate.end();
}

#[test]
fn launches_are_checked_and_their_parameters_copied() {
    let _device = device();
    let mut random = Random::new();
    let text = ptx(ADD);
    let module = module(&text);
    let kernel = function(module, "add");
    let words: Vec<u32> = (0..1000).map(|_| random.next() as u32).collect();
    let bytes: Vec<u8> = words.iter().flat_map(|w| w.to_le_bytes()).collect();
    let at = upload(&bytes);
    let by = random.next() as u32;
    let gate = Gate::new();
    let s = stream(1);
    gate.hold(s);
    // The parameters' places are gone before the kernel begins.
    assert_eq!(add(kernel, s, at, 1000, by), OK);
    gate.open();
    good!(cuStreamSynchronize(s));
    let want: Vec<u8> = words
        .iter()
        .flat_map(|w| w.wrapping_add(by).to_le_bytes())
        .collect();
    assert_eq!(download(at, bytes.len()), want);

    let mut zero = [0u64; 3];
    let mut params = zero
        .each_mut()
        .map(|p| std::ptr::from_mut(p).cast::<c_void>());
    for (grid, block, shared) in [
        ([0, 1, 1], [1, 1, 1], 0),
        ([1, 1, 1], [1, 0, 1], 0),
        ([1, 1, 1], [1025, 1, 1], 0),
        ([1, 1, 1], [32, 33, 1], 0),
        ([1, 1, 1], [1, 1, 65], 0),
        ([1, 65536, 1], [1, 1, 1], 0),
        ([1, 1, 1], [1, 1, 1], (48 << 10) + 1),
    ] {
        let [gx, gy, gz]: [u32; 3] = grid;
        let [bx, by, bz]: [u32; 3] = block;
        let p = params.as_mut_ptr();
        let got = call!(cuLaunchKernel(
            kernel,
            gx,
            gy,
            gz,
            bx,
            by,
            bz,
            shared,
            s,
            p,
            null_mut()
        ));
        assert_eq!(got, INVALID, "{grid:?} {block:?} {shared}");
    }
    assert_eq!(
        add(s.cast(), s, at, 1, 1),
        BAD_HANDLE,
        "a stream is no function"
    );
    assert_eq!(
        add(kernel, kernel.cast(), at, 1, 1),
        BAD_HANDLE,
        "a function is no stream"
    );
    let mut found = null_mut();
    let none = call!(cuModuleGetFunction(&mut found, module, c"none".as_ptr()));
    assert_eq!(none, CUresult::CUDA_ERROR_NOT_FOUND);
    let (mut variable, mut len) = (0, 0);
    good!(cuModuleGetGlobal_v2(
        &mut variable,
        &mut len,
        module,
        c"variable".as_ptr()
    ));
    assert_eq!(
        (len, download(variable, 4)),
        (4, 77u32.to_le_bytes().to_vec())
    );
    good!(cuModuleUnload(module));
    assert_eq!(call!(cuModuleUnload(module)), BAD_HANDLE);
    assert_eq!(add(kernel, s, at, 1, 1), BAD_HANDLE, "its module is gone");
    good!(cuStreamDestroy_v2(s));
    good!(cuMemFree_v2(at));
    gate.end();
}

#[test]
fn what_does_not_compile_is_told_in_the_log() {
    let _device = device();
    for (text, status, told) in [
        (
            ptx(".visible .entry k() { frobnicate.b32 1; ret; }"),
            CUresult::CUDA_ERROR_INVALID_PTX,
            "frobnicate",
        ),
        (
            ".version 99.0\n.target sm_90\n.address_size 64\n".to_owned(),
            CUresult::CUDA_ERROR_UNSUPPORTED_PTX_VERSION,
            "99",
        ),
    ] {
        let text = CString::new(text).unwrap();
        let mut log = [0xffu8; 200];
        let mut options = [
            CUjit_option::CU_JIT_ERROR_LOG_BUFFER,
            CUjit_option::CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES,
        ];
        for room in [200usize, 10] {
            let mut values: [*mut c_void; 2] = [log.as_mut_ptr().cast(), room as *mut c_void];
            let mut module = null_mut();
            let got = call!(cuModuleLoadDataEx(
                &mut module,
                text.as_ptr().cast(),
                2,
                options.as_mut_ptr(),
                values.as_mut_ptr()
            ));
            let end = log.iter().position(|b| *b == 0).expect("a log with an end");
            assert!(end < room, "within its buffer");
            let said = String::from_utf8_lossy(&log[..end]).into_owned();
            if room == 200 {
                assert_eq!(got, status, "{said}");
                assert!(said.contains(told), "{said}");
            }
        }
    }
    let mut module = null_mut();
    assert_eq!(call!(cuModuleLoadData(&mut module, null())), INVALID);
}

#[test]
fn pools_count_what_they_gave() {
    let _device = device();
    let before = free_memory();
    let s = stream(1);
    // SAFETY: a C structure of integers and pointers, for which zero is a value.
    let mut props: CUmemPoolProps = unsafe { std::mem::zeroed() };
    props.allocType = CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED;
    props.location.type_ = CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE;
    let mut pools = [null_mut(); 2];
    for pool in &mut pools {
        good!(cuMemPoolCreate(pool, &props));
    }
    let used = |pool| {
        let mut used = 0u64;
        let which = CUmemPool_attribute::CU_MEMPOOL_ATTR_USED_MEM_CURRENT;
        good!(cuMemPoolGetAttribute(pool, which, (&raw mut used).cast()));
        used
    };
    let (mut a, mut b) = (0, 0);
    good!(cuMemAllocFromPoolAsync(&mut a, 4096, pools[0], s));
    good!(cuMemAllocFromPoolAsync(&mut b, 8192, pools[1], s));
    assert_eq!((used(pools[0]), used(pools[1])), (4096, 8192));
    let gate = Gate::new();
    gate.hold(s);
    good!(cuMemFreeAsync(a, s));
    assert_eq!(
        call!(cuMemFreeAsync(a, s)),
        INVALID,
        "freed twice before the first is done"
    );
    gate.open();
    good!(cuStreamSynchronize(s));
    assert_eq!((used(pools[0]), used(pools[1])), (0, 8192));
    good!(cuMemFreeAsync(b, s));
    good!(cuStreamSynchronize(s));
    assert_eq!(used(pools[1]), 0);
    assert_eq!(call!(cuMemFreeAsync(b, s)), INVALID, "freed twice");
    let mut much = 0;
    let out = CUresult::CUDA_ERROR_OUT_OF_MEMORY;
    assert_eq!(
        call!(cuMemAllocAsync(&mut much, MEMORY as usize + 1, s)),
        out
    );
    assert_eq!(call!(cuMemAlloc_v2(&mut much, MEMORY as usize + 1)), out);
    for pool in pools {
        good!(cuMemPoolDestroy(pool));
    }
    good!(cuStreamDestroy_v2(s));
    gate.end();
    assert_eq!(free_memory(), before);
}

#[test]
fn threads_do_not_disturb_each_other() {
    let _device = device();
    let seed = Random::new().next();
    let before = free_memory();
    let text = ptx(ADD);
    let module = module(&text);
    let kernel = function(module, "add") as usize;
    std::thread::scope(|scope| {
        for thread in 0..8u64 {
            scope.spawn(move || {
                attach();
                let mut random = Random::from_seed(seed ^ thread);
                const N: usize = 300;
                let s = stream((thread & 1) as u32);
                let mut model = [vec![0u32; N], vec![0u32; N]];
                let memory = [upload(&[0; 4 * N]), upload(&[0; 4 * N])];
                for _ in 0..100 {
                    let from = random.below(2) as usize;
                    let value = random.next() as u32;
                    let n = 1 + random.below(N as u64) as usize;
                    match random.below(4) {
                        0 => {
                            good!(cuMemsetD32Async(memory[from], value, n, s));
                            model[from][..n].fill(value);
                        }
                        1 => {
                            let got = add(kernel as CUfunction, s, memory[from], n as u32, value);
                            assert_eq!(got, OK);
                            for word in &mut model[from][..n] {
                                *word = word.wrapping_add(value);
                            }
                        }
                        2 => {
                            let to = memory[1 - from];
                            good!(cuMemcpyDtoDAsync_v2(to, memory[from], 4 * n, s));
                            let copied = model[from][..n].to_vec();
                            model[1 - from][..n].copy_from_slice(&copied);
                        }
                        _ => {
                            let mut got = vec![0u32; n];
                            let place = got.as_mut_ptr().cast();
                            good!(cuMemcpyDtoHAsync_v2(place, memory[from], 4 * n, s));
                            good!(cuStreamSynchronize(s));
                            assert_eq!(got, model[from][..n]);
                        }
                    }
                }
                good!(cuStreamSynchronize(s));
                for (memory, model) in memory.iter().zip(&model) {
                    let want: Vec<u8> = model.iter().flat_map(|w| w.to_le_bytes()).collect();
                    assert_eq!(download(*memory, 4 * N), want);
                    good!(cuMemFree_v2(*memory));
                }
                good!(cuStreamDestroy_v2(s));
            });
        }
    });
    good!(cuModuleUnload(module));
    assert_eq!(free_memory(), before);
}

/// The rest runs in a process of its own, since a fault ends the device.
#[test]
fn faults_stay() {
    const NAME: &str = "PILLION_TEST_FAULT";
    let Ok(which) = std::env::var(NAME) else {
        for which in ["trap", "address"] {
            let child = Command::new(std::env::current_exe().unwrap())
                .args(["--exact", "faults_stay", "--nocapture"])
                .env(NAME, which)
                .output()
                .unwrap();
            let said = String::from_utf8_lossy(&child.stdout).into_owned()
                + &String::from_utf8_lossy(&child.stderr);
            assert!(
                child.status.success() && said.contains("1 passed"),
                "{which}: {said}"
            );
        }
        return;
    };
    let _device = device();
    let text = ptx(ADD);
    let module = module(&text);
    let gate = Gate::new();
    let s = stream(1);
    let a = upload(&[1; 64]);
    gate.hold(s);
    let want = if which == "trap" {
        let die = function(module, "die");
        let got = call!(cuLaunchKernel(
            die,
            1,
            1,
            1,
            1,
            1,
            1,
            0,
            s,
            null_mut(),
            null_mut()
        ));
        assert_eq!(got, OK, "the fault is not the launch's");
        CUresult::CUDA_ERROR_LAUNCH_FAILED
    } else {
        // Far behind every allocation.
        assert_eq!(
            add(function(module, "add"), s, a + 0x10_0000_0000, 17, 1),
            OK
        );
        CUresult::CUDA_ERROR_ILLEGAL_ADDRESS
    };
    let mut seen = [7u8; 64];
    good!(cuMemcpyDtoHAsync_v2(seen.as_mut_ptr().cast(), a, 64, s));
    gate.let_go();
    let got = call!(cuStreamSynchronize(s));
    assert_eq!(got, want);
    assert_eq!(seen, [7; 64], "what came after the fault was not done");
    let mut pointer = 0;
    assert_eq!(call!(cuMemAlloc_v2(&mut pointer, 16)), got);
    assert_eq!(call!(cuMemcpyDtoH_v2(seen.as_mut_ptr().cast(), a, 64)), got);
    assert_eq!(call!(cuStreamQuery(s)), got);
    assert_eq!(call!(cuCtxSynchronize()), got);
    assert_eq!(call!(cuCtxSynchronize()), got, "still");
}
