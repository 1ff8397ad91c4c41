//! Memory of every kind, copies and values through the device's table.

mod common;

use std::ffi::c_void;
use std::ptr::null_mut;
use std::sync::{Mutex, mpsc};

use common::driver::*;
use common::{Random, ptx};
use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

#[test]
fn rows_are_copied_between_all_kinds_of_memory() {
    let _device = device();
    let mut random = Random::new();
    for _ in 0..60 {
        let mut next = |n: u64| random.below(n) as usize;
        let (width, height) = (1 + next(40), 1 + next(9));
        let (from_pitch, to_pitch) = (width + 9 + next(9), width + 9 + next(9));
        let ((x, y), (u, v)) = ((next(9), next(4)), (next(9), next(4)));
        let source: Vec<u8> = (0..from_pitch * (height + y))
            .map(|_| next(256) as u8)
            .collect();
        let mut model: Vec<u8> = (0..to_pitch * (height + v))
            .map(|_| next(256) as u8)
            .collect();
        let mut there = model.clone();
        let (from, to) = (upload(&source), upload(&model));
        let mut request: CUDA_MEMCPY2D = zeroed();
        let (kind_from, kind_to) = (next(3), next(3));
        request.srcHost = source.as_ptr().cast();
        request.srcDevice = from;
        request.srcMemoryType = [
            CUmemorytype::CU_MEMORYTYPE_HOST,
            CUmemorytype::CU_MEMORYTYPE_DEVICE,
            CUmemorytype::CU_MEMORYTYPE_UNIFIED,
        ][kind_from];
        request.dstHost = there.as_mut_ptr().cast();
        request.dstDevice = to;
        request.dstMemoryType = [
            CUmemorytype::CU_MEMORYTYPE_HOST,
            CUmemorytype::CU_MEMORYTYPE_DEVICE,
            CUmemorytype::CU_MEMORYTYPE_UNIFIED,
        ][kind_to];
        (request.srcPitch, request.dstPitch) = (from_pitch, to_pitch);
        (request.srcXInBytes, request.srcY) = (x, y);
        (request.dstXInBytes, request.dstY) = (u, v);
        (request.WidthInBytes, request.Height) = (width, height);
        match next(3) {
            0 => good!(cuMemcpy2D_v2(&request)),
            1 => good!(cuMemcpy2DUnaligned_v2(&request)),
            _ => {
                let s = stream(1);
                good!(cuMemcpy2DAsync_v2(&request, s));
                good!(cuStreamSynchronize(s));
                good!(cuStreamDestroy_v2(s));
            }
        }
        for row in 0..height {
            let (at, of) = ((v + row) * to_pitch + u, (y + row) * from_pitch + x);
            model[at..at + width].copy_from_slice(&source[of..of + width]);
        }
        if kind_to > 0 {
            there = download(to, model.len());
        }
        assert_eq!(there, model);
        if kind_from == 1 {
            request.Height += 1 + y;
            request.srcY += 1;
            assert_eq!(call!(cuMemcpy2D_v2(&request)), INVALID, "past the end");
        }
        good!(cuMemFree_v2(from));
        good!(cuMemFree_v2(to));
    }
}

#[test]
fn batches_copy_each_of_their_ranges() {
    let _device = device();
    let mut random = Random::new();
    let s = stream(1);
    for _ in 0..20 {
        let count = 1 + random.below(6) as usize;
        let len = 64;
        let (from, to) = (upload(&[0; 512]), upload(&[0; 512]));
        let noise = random_bytes(&mut random, 512);
        good!(cuMemcpyHtoD_v2(from, noise.as_ptr().cast(), 512));
        let mut host = random_bytes(&mut random, len);
        let mut targets: Vec<u64> = (0..count).map(|n| to + (n * len) as u64).collect();
        let mut sources: Vec<u64> = (0..count).map(|n| from + (n * len) as u64).collect();
        sources[0] = host.as_ptr() as u64;
        let mut sizes: Vec<usize> = (0..count).map(|_| 1 + random.below(64) as usize).collect();
        let order = [
            CUmemcpySrcAccessOrder::CU_MEMCPY_SRC_ACCESS_ORDER_STREAM,
            CUmemcpySrcAccessOrder::CU_MEMCPY_SRC_ACCESS_ORDER_DURING_API_CALL,
        ];
        let mut attributes: [CUmemcpyAttributes; 1] = [zeroed()];
        let which = random.below(2) as usize;
        attributes[0].srcAccessOrder = order[which];
        let mut first = [0];
        let mut want = vec![0u8; 512];
        for n in 0..count {
            let source = if n == 0 { &host[..] } else { &noise[n * len..] };
            want[n * len..][..sizes[n]].copy_from_slice(&source[..sizes[n]]);
        }
        let gate = Gate::new();
        gate.hold(s);
        let mut batch = |stream| {
            call!(cuMemcpyBatchAsync_v2(
                targets.as_mut_ptr(),
                sources.as_mut_ptr(),
                sizes.as_mut_ptr(),
                count,
                attributes.as_mut_ptr(),
                first.as_mut_ptr(),
                1,
                stream
            ))
        };
        assert_eq!(batch(null_mut()), INVALID, "not on the default stream");
        assert_eq!(batch(s), OK);
        if which == 1 {
            // It was read during the call.
            host.fill(0xcc);
        }
        gate.open();
        good!(cuStreamSynchronize(s));
        assert_eq!(download(to, 512), want);
        good!(cuMemFree_v2(from));
        good!(cuMemFree_v2(to));
        gate.end();
    }
    good!(cuStreamDestroy_v2(s));
}

#[test]
fn one_device_is_its_own_peer() {
    let _device = device();
    let mut context = null_mut();
    good!(cuCtxGetCurrent(&mut context));
    let (a, b) = (upload(&[1; 64]), upload(&[2; 64]));
    good!(cuMemcpyPeer(b, context, a, context, 32));
    let mut want = [2; 64];
    want[..32].fill(1);
    assert_eq!(download(b, 64), want);
    let s = stream(1);
    good!(cuMemcpyPeerAsync(b, context, a, context, 64, s));
    good!(cuStreamSynchronize(s));
    assert_eq!(download(b, 64), [1; 64]);
    let mut request: CUDA_MEMCPY3D_PEER = zeroed();
    request.srcMemoryType = CUmemorytype::CU_MEMORYTYPE_DEVICE;
    request.dstMemoryType = CUmemorytype::CU_MEMORYTYPE_DEVICE;
    (request.srcContext, request.dstContext) = (context, context);
    (request.srcDevice, request.dstDevice) = (a, b);
    (request.srcPitch, request.dstPitch) = (8, 8);
    (request.WidthInBytes, request.Height, request.Depth) = (4, 2, 1);
    good!(cuMemsetD8_v2(a, 7, 64));
    good!(cuMemcpy3DPeer(&request));
    let got = download(b, 16);
    assert_eq!(got, [7, 7, 7, 7, 1, 1, 1, 1, 7, 7, 7, 7, 1, 1, 1, 1]);
    good!(cuStreamDestroy_v2(s));
    good!(cuMemFree_v2(a));
    good!(cuMemFree_v2(b));
}

#[test]
fn fills_at_once_are_done_when_they_return() {
    let _device = device();
    let mut random = Random::new();
    let at = upload(&[0; 256]);
    let mut model = [0u8; 256];
    for _ in 0..50 {
        let value = random.next() as u32;
        let (width, height) = (1 + random.below(8) as usize, 1 + random.below(7) as usize);
        let size = 1usize << random.below(3);
        let bytes = &value.to_le_bytes()[..size];
        match size {
            1 => good!(cuMemsetD2D8_v2(at, 32, value as u8, width, height)),
            2 => good!(cuMemsetD2D16_v2(at, 32, value as u16, width, height)),
            _ => good!(cuMemsetD2D32_v2(at, 32, value, width, height)),
        }
        for row in model.chunks_mut(32).take(height) {
            row[..width * size]
                .chunks_mut(size)
                .for_each(|e| e.copy_from_slice(bytes));
        }
        good!(cuMemsetD16_v2(at + 240, value as u16, 8));
        model[240..]
            .chunks_mut(2)
            .for_each(|e| e.copy_from_slice(&value.to_le_bytes()[..2]));
        assert_eq!(download(at, 256), model);
    }
    assert_eq!(
        call!(cuMemsetD2D32_v2(at, 30, 0, 1, 2)),
        INVALID,
        "a pitch that no element fits"
    );
    assert_eq!(call!(cuMemsetD2D8_v2(at, 4, 0, 8, 2)), INVALID);
    good!(cuMemFree_v2(at));
}

#[test]
fn streams_wait_for_values_as_their_flags_say() {
    let _device = device();
    let s = stream(1);
    let word = upload(&[0; 16]);
    let set = |value: u64| good!(cuMemcpyHtoD_v2(word, (&raw const value).cast(), 8));
    // Flag, what is waited for, what does not do, what does.
    for (flags, value, not, then) in [
        (0, 10, 9, 10),
        (0, 10, u64::MAX, 11),
        (1, 10, 11, 10),
        (2, 0b110, 0b1001, 0b100),
        (3, !0b110, !0u64, !0b100),
    ] {
        for wide in [true, false] {
            set(not);
            if wide {
                good!(cuStreamWaitValue64_v2(s, word, value, flags));
            } else {
                good!(cuStreamWaitValue32_v2(s, word, value as u32, flags));
            }
            std::thread::sleep(std::time::Duration::from_millis(2));
            assert_eq!(call!(cuStreamQuery(s)), NOT_READY, "{flags} {not}");
            set(then);
            good!(cuStreamSynchronize(s));
        }
    }
    good!(cuStreamWriteValue64_v2(s, word + 8, 0x1_0000_0007, 0));
    good!(cuStreamWriteValue32_v2(s, word + 8, 9, 0));
    good!(cuStreamSynchronize(s));
    assert_eq!(download(word + 8, 8), 0x1_0000_0009u64.to_le_bytes());
    for (at, flags) in [(word + 2, 1), (word, 9), (8, 1)] {
        let got = call!(cuStreamWaitValue32_v2(s, at, 0, flags));
        assert_eq!(got, INVALID, "{at:#x} {flags}");
    }
    good!(cuStreamDestroy_v2(s));
    good!(cuMemFree_v2(word));
}

#[test]
fn kernels_reach_registered_and_pinned_memory() {
    let _device = device();
    let text = ptx(ADD);
    let module = module(&text);
    let kernel = function(module, "add");
    let s = stream(1);
    let mut random = Random::new();
    let mut own: Vec<u32> = (0..4096).map(|_| random.next() as u32).collect();
    let (start, len) = (own.as_mut_ptr(), own.len() * 4);
    let want: Vec<u32> = own.iter().map(|w| w.wrapping_add(3)).collect();
    good!(cuMemHostRegister_v2(start.cast(), len, 2));
    assert_eq!(
        call!(cuMemHostRegister_v2(start.cast(), len, 0)),
        CUresult::CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED
    );
    let mut at = 0;
    good!(cuMemHostGetDevicePointer_v2(&mut at, start.cast(), 0));
    assert_eq!(at, start as u64);
    let mut flags = 0;
    good!(cuMemHostGetFlags(&mut flags, start.cast()));
    assert_eq!(flags & 2, 2);
    assert_eq!(add(kernel, s, at, 4096, 3), OK);
    good!(cuStreamSynchronize(s));
    assert_eq!(call!(cuMemFreeHost(start.cast())), INVALID, "not allocated");
    good!(cuMemHostUnregister(start.cast()));
    assert_eq!(own, want);
    assert_eq!(
        call!(cuMemHostUnregister(start.cast())),
        CUresult::CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED
    );
    assert_eq!(call!(cuMemHostRegister_v2(start.cast(), 0, 0)), INVALID);

    let mut pinned: *mut c_void = null_mut();
    good!(cuMemHostAlloc(&mut pinned, 256, 1));
    // SAFETY: 256 bytes that were just allocated, which no kernel uses now.
    unsafe { pinned.cast::<u32>().write(5) };
    good!(cuMemHostGetDevicePointer_v2(&mut at, pinned, 0));
    assert_eq!(add(kernel, s, at, 1, 4), OK);
    good!(cuStreamSynchronize(s));
    // SAFETY: as above.
    assert_eq!(unsafe { pinned.cast::<u32>().read() }, 9);
    assert_eq!(
        call!(cuMemHostUnregister(pinned)),
        CUresult::CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED
    );
    assert_eq!(call!(cuMemFree_v2(pinned as u64)), INVALID);
    good!(cuMemFreeHost(pinned));
    assert_eq!(call!(cuMemFreeHost(pinned)), INVALID);
    let mut none: *mut c_void = null_mut();
    assert_eq!(call!(cuMemHostAlloc(&mut none, 16, 64)), INVALID);
    good!(cuModuleUnload(module));
    good!(cuStreamDestroy_v2(s));
}

fn range_attribute(which: u32, at: u64, len: usize, count: usize) -> Vec<i32> {
    let mut values = vec![77i32; count];
    good!(cuMemRangeGetAttribute(
        values.as_mut_ptr().cast(),
        4 * count,
        CUmem_range_attribute(which),
        at,
        len
    ));
    values
}

#[test]
fn managed_memory_keeps_what_is_advised() {
    let _device = device();
    let before = free_memory();
    let s = stream(1);
    let mut at = 0;
    let len = 1 << 20;
    assert_eq!(call!(cuMemAllocManaged(&mut at, len, 4)), INVALID);
    good!(cuMemAllocManaged(&mut at, len, 1));
    good!(cuMemsetD8_v2(at, 5, len));
    assert!(download(at, len) == vec![5; len]);
    let half = len / 2;
    let advise = |start, len, advice, place| {
        let advice = CUmem_advise(advice);
        call!(cuMemAdvise(start, len, advice, place))
    };
    assert_eq!(advise(at, half, 1, 0), OK);
    assert_eq!(range_attribute(1, at, half, 1), [1]);
    assert_eq!(range_attribute(1, at, len, 1), [0], "half of it");
    assert_eq!(range_attribute(1, at + half as u64, half, 1), [0]);
    assert_eq!(advise(at, len, 3, -1), OK);
    assert_eq!(range_attribute(2, at, len, 1), [-1]);
    assert_eq!(advise(at, 4096, 3, 0), OK);
    assert_eq!(range_attribute(2, at, 4096, 1), [0]);
    assert_eq!(range_attribute(2, at, len, 1), [-2], "not the same");
    assert_eq!(advise(at, 4096, 4, 0), OK);
    assert_eq!(range_attribute(2, at, 4096, 1), [-2]);
    assert_eq!(advise(at, len, 5, 0), OK);
    assert_eq!(range_attribute(3, at, len, 3), [0, -2, -2]);
    assert_eq!(advise(at, len, 5, -1), OK);
    assert_eq!(advise(at, len, 6, 0), OK);
    assert_eq!(range_attribute(3, at, len, 3), [-1, -2, -2]);
    assert_eq!(range_attribute(4, at, len, 1), [-2]);
    good!(cuMemPrefetchAsync(at, len, 0, s));
    assert_eq!(range_attribute(4, at, len, 1), [0]);
    let mut place: CUmemLocation = zeroed();
    place.type_ = CUmemLocationType::CU_MEM_LOCATION_TYPE_HOST;
    good!(cuMemPrefetchAsync_v2(at, half, place, 0, s));
    assert_eq!(range_attribute(4, at, half, 1), [-1]);
    let mut both = [0i32; 2];
    let mut places: [*mut c_void; 2] = [(&raw mut both[0]).cast(), (&raw mut both[1]).cast()];
    let mut sizes = [4, 4];
    let mut which = [CUmem_range_attribute(1), CUmem_range_attribute(4)];
    good!(cuMemRangeGetAttributes(
        places.as_mut_ptr(),
        sizes.as_mut_ptr(),
        which.as_mut_ptr(),
        2,
        at,
        half
    ));
    assert_eq!(both, [1, -1]);
    let (mut starts, mut sizes) = ([at, at + half as u64], [half, half]);
    let (mut locations, mut first) = ([place], [0]);
    good!(cuMemPrefetchBatchAsync(
        starts.as_mut_ptr(),
        sizes.as_mut_ptr(),
        2,
        locations.as_mut_ptr(),
        first.as_mut_ptr(),
        1,
        0,
        s
    ));
    assert_eq!(range_attribute(4, at, len, 1), [-1]);
    good!(cuMemDiscardBatchAsync(
        starts.as_mut_ptr(),
        sizes.as_mut_ptr(),
        2,
        0,
        s
    ));
    good!(cuStreamAttachMemAsync(s, at, 0, 4));
    assert_eq!(
        call!(cuStreamAttachMemAsync(null_mut(), at, 0, 4)),
        INVALID,
        "one stream only, which is none"
    );
    assert_eq!(advise(at, 2 * len, 1, 0), INVALID, "past the end");
    assert_ne!(advise(at, len, 3, 5), OK, "no such device");
    let plain = upload(&[0; 64]);
    assert_eq!(advise(plain, 64, 1, 0), INVALID, "not managed");
    good!(cuStreamSynchronize(s));
    good!(cuMemFree_v2(at));
    good!(cuMemFree_v2(plain));
    assert_eq!(advise(at, len, 1, 0), INVALID, "freed");
    assert_eq!(free_memory(), before);
    good!(cuStreamDestroy_v2(s));
}

unsafe extern "C" fn receive(data: *mut c_void) {
    // SAFETY: the test gives a receiver that outlives the call.
    let receiver = unsafe { &*data.cast::<Mutex<mpsc::Receiver<()>>>() };
    // An end of the test is an end of the wait.
    let _ = receiver.lock().unwrap().recv();
}

#[test]
fn events_and_waits_of_a_context_are_of_all_its_streams() {
    let _device = device();
    let (first, second) = (stream(1), stream(0));
    let (all, a) = (event(2), upload(&[0; 64]));
    // Held by the host, since every stream that could open a gate will wait.
    let (open, held) = mpsc::channel::<()>();
    let held = Mutex::new(held);
    let place = (&raw const held).cast_mut().cast();
    good!(cuLaunchHostFunc(first, Some(receive), place));
    let mut context = null_mut();
    good!(cuCtxGetCurrent(&mut context));
    good!(cuCtxRecordEvent(context, all));
    assert_eq!(call!(cuEventQuery(all)), NOT_READY);
    good!(cuCtxWaitEvent(context, all));
    good!(cuMemsetD8Async(a, 1, 64, second));
    std::thread::sleep(std::time::Duration::from_millis(2));
    assert_eq!(call!(cuStreamQuery(second)), NOT_READY);
    open.send(()).unwrap();
    good!(cuStreamSynchronize(second));
    good!(cuEventQuery(all));
    assert_eq!(download(a, 64), [1; 64]);
    good!(cuEventDestroy_v2(all));
    good!(cuStreamDestroy_v2(first));
    good!(cuStreamDestroy_v2(second));
    good!(cuMemFree_v2(a));
}

#[test]
fn pools_have_attributes_limits_and_access() {
    let _device = device();
    let s = stream(1);
    let mut props: CUmemPoolProps = zeroed();
    let mut pool = null_mut();
    assert_eq!(call!(cuMemPoolCreate(&mut pool, &props)), INVALID);
    props.allocType = CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED;
    props.location.type_ = CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE;
    props.maxSize = 1 << 20;
    good!(cuMemPoolCreate(&mut pool, &props));
    let (mut a, mut b) = (0, 0);
    good!(cuMemAllocFromPoolAsync(&mut a, 1 << 20, pool, s));
    assert_eq!(
        call!(cuMemAllocFromPoolAsync(&mut b, 1, pool, s)),
        CUresult::CUDA_ERROR_OUT_OF_MEMORY,
        "the pool is full"
    );
    let attribute = |which| {
        let mut value = 0u64;
        good!(cuMemPoolGetAttribute(pool, which, (&raw mut value).cast()));
        value
    };
    use CUmemPool_attribute as A;
    good!(cuMemFreeAsync(a, s));
    good!(cuStreamSynchronize(s));
    assert_eq!(attribute(A::CU_MEMPOOL_ATTR_USED_MEM_CURRENT), 0);
    assert_eq!(attribute(A::CU_MEMPOOL_ATTR_USED_MEM_HIGH), 1 << 20);
    let (mut zero, mut one) = (0u64, 1u64);
    let high = A::CU_MEMPOOL_ATTR_USED_MEM_HIGH;
    assert_eq!(
        call!(cuMemPoolSetAttribute(pool, high, (&raw mut one).cast())),
        INVALID
    );
    good!(cuMemPoolSetAttribute(pool, high, (&raw mut zero).cast()));
    assert_eq!(attribute(high), 0);
    let threshold = A::CU_MEMPOOL_ATTR_RELEASE_THRESHOLD;
    let mut most = u64::MAX;
    good!(cuMemPoolSetAttribute(
        pool,
        threshold,
        (&raw mut most).cast()
    ));
    assert_eq!(attribute(threshold), u64::MAX);
    let mut location = props.location;
    let mut flags = CUmemAccess_flags(9);
    good!(cuMemPoolGetAccess(&mut flags, pool, &mut location));
    assert_eq!(flags, CUmemAccess_flags::CU_MEM_ACCESS_FLAGS_PROT_READWRITE);
    let mut none: CUmemAccessDesc = zeroed();
    none.location = location;
    assert_eq!(
        call!(cuMemPoolSetAccess(pool, &none, 1)),
        INVALID,
        "its own device keeps its access"
    );
    good!(cuMemPoolTrimTo(pool, 0));
    let pinned = CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED;
    let (mut default, mut seen) = (null_mut(), null_mut());
    good!(cuMemGetMemPool(&mut default, &mut location, pinned));
    good!(cuMemSetMemPool(&mut location, pinned, pool));
    good!(cuDeviceGetMemPool(&mut seen, 0));
    assert_eq!(seen, pool);
    good!(cuMemSetMemPool(&mut location, pinned, default));
    good!(cuMemGetDefaultMemPool(&mut seen, &mut location, pinned));
    assert_eq!(seen, default);
    good!(cuDeviceSetMemPool(0, pool));
    good!(cuMemAllocAsync(&mut a, 4096, s));
    good!(cuStreamSynchronize(s));
    assert_eq!(attribute(A::CU_MEMPOOL_ATTR_USED_MEM_CURRENT), 4096);
    good!(cuMemFreeAsync(a, s));
    good!(cuStreamSynchronize(s));
    good!(cuMemPoolDestroy(pool));
    let (mut current, mut default) = (null_mut(), null_mut());
    good!(cuDeviceGetMemPool(&mut current, 0));
    good!(cuDeviceGetDefaultMemPool(&mut default, 0));
    assert_eq!(current, default);
    assert_ne!(call!(cuMemPoolDestroy(default)), OK);
    good!(cuStreamDestroy_v2(s));
}

#[test]
fn arrays_are_copied_by_their_coordinates() {
    let _device = device();
    let before = free_memory();
    let mut random = Random::new();
    for _ in 0..60 {
        let mut next = |n: u64| random.below(n) as usize;
        let channels = [1, 2, 4][next(3)];
        let element = 4 * channels;
        let (width, height, depth) = (1 + next(9), 1 + next(6), 1 + next(4));
        let mut descriptor: CUDA_ARRAY3D_DESCRIPTOR = zeroed();
        (descriptor.Width, descriptor.Height, descriptor.Depth) = (width, height, depth);
        descriptor.Format = CUarray_format::CU_AD_FORMAT_FLOAT;
        descriptor.NumChannels = channels as u32;
        let mut array = null_mut();
        good!(cuArray3DCreate_v2(&mut array, &descriptor));
        let mut seen: CUDA_ARRAY3D_DESCRIPTOR = zeroed();
        good!(cuArray3DGetDescriptor_v2(&mut seen, array));
        assert_eq!(
            (seen.Width, seen.Height, seen.Depth, seen.NumChannels),
            (width, height, depth, channels as u32)
        );
        let size = width * element * height * depth;
        let mut model: Vec<u8> = (0..size).map(|_| next(256) as u8).collect();
        let host = |request: &mut CUDA_MEMCPY3D, bytes: &[u8], from: bool| {
            let kind = CUmemorytype::CU_MEMORYTYPE_HOST;
            if from {
                request.srcMemoryType = kind;
                request.srcHost = bytes.as_ptr().cast();
            } else {
                request.dstMemoryType = kind;
                request.dstHost = bytes.as_ptr().cast_mut().cast();
            }
        };
        let all = |request: &mut CUDA_MEMCPY3D| {
            (request.WidthInBytes, request.Height, request.Depth) =
                (width * element, height, depth);
        };
        let mut into: CUDA_MEMCPY3D = zeroed();
        host(&mut into, &model, true);
        into.dstMemoryType = CUmemorytype::CU_MEMORYTYPE_ARRAY;
        into.dstArray = array;
        all(&mut into);
        good!(cuMemcpy3D_v2(&into));
        // A part anew, from the device.
        let (x, y, z) = (next(width as u64), next(height as u64), next(depth as u64));
        let (w, h, d) = (
            1 + next((width - x) as u64),
            1 + next((height - y) as u64),
            1 + next((depth - z) as u64),
        );
        let part: Vec<u8> = (0..w * element * h * d).map(|_| next(256) as u8).collect();
        let at = upload(&part);
        let mut some: CUDA_MEMCPY3D = zeroed();
        some.srcMemoryType = CUmemorytype::CU_MEMORYTYPE_DEVICE;
        some.srcDevice = at;
        (some.srcPitch, some.srcHeight) = (w * element, h);
        some.dstMemoryType = CUmemorytype::CU_MEMORYTYPE_ARRAY;
        some.dstArray = array;
        (some.dstXInBytes, some.dstY, some.dstZ) = (x * element, y, z);
        (some.WidthInBytes, some.Height, some.Depth) = (w * element, h, d);
        let s = stream(1);
        good!(cuMemcpy3DAsync_v2(&some, s));
        good!(cuStreamSynchronize(s));
        for (n, row) in part.chunks(w * element).enumerate() {
            let (j, k) = (y + n % h, z + n / h);
            let to = ((k * height + j) * width + x) * element;
            model[to..to + row.len()].copy_from_slice(row);
        }
        let back = vec![0u8; size];
        let mut out: CUDA_MEMCPY3D = zeroed();
        out.srcMemoryType = CUmemorytype::CU_MEMORYTYPE_ARRAY;
        out.srcArray = array;
        host(&mut out, &back, false);
        all(&mut out);
        good!(cuMemcpy3D_v2(&out));
        assert_eq!(back, model);
        some.dstXInBytes += element * (width - w - x + 1);
        assert_eq!(call!(cuMemcpy3D_v2(&some)), INVALID, "past the row");
        good!(cuMemFree_v2(at));
        good!(cuStreamDestroy_v2(s));
        good!(cuArrayDestroy(array));
        assert_eq!(call!(cuArrayDestroy(array)), BAD_HANDLE);
    }
    assert_eq!(free_memory(), before);
}

#[test]
fn lines_and_levels_are_arrays_too() {
    let _device = device();
    let before = free_memory();
    let mut descriptor: CUDA_ARRAY_DESCRIPTOR = zeroed();
    (descriptor.Width, descriptor.NumChannels) = (64, 1);
    descriptor.Format = CUarray_format::CU_AD_FORMAT_UNSIGNED_INT8;
    let (mut a, mut b) = (null_mut(), null_mut());
    good!(cuArrayCreate_v2(&mut a, &descriptor));
    good!(cuArrayCreate_v2(&mut b, &descriptor));
    let bytes: Vec<u8> = (0..64).collect();
    let mut back = [0u8; 64];
    good!(cuMemcpyHtoA_v2(a, 0, bytes.as_ptr().cast(), 64));
    good!(cuMemcpyAtoA_v2(b, 10, a, 20, 30));
    good!(cuMemcpyAtoH_v2(back.as_mut_ptr().cast(), b, 10, 30));
    assert_eq!(back[..30], bytes[20..50]);
    let at = upload(&[0; 64]);
    good!(cuMemcpyAtoD_v2(at, a, 4, 60));
    assert_eq!(download(at, 60), bytes[4..]);
    good!(cuMemcpyDtoA_v2(b, 0, at, 64));
    good!(cuMemcpyAtoH_v2(back.as_mut_ptr().cast(), b, 0, 60));
    assert_eq!(back[..60], bytes[4..]);
    let past = call!(cuMemcpyAtoH_v2(back.as_mut_ptr().cast(), b, 5, 60));
    assert_eq!(past, INVALID);
    descriptor.NumChannels = 3;
    let mut none = null_mut();
    assert_eq!(call!(cuArrayCreate_v2(&mut none, &descriptor)), INVALID);
    for gone in [a, b] {
        good!(cuArrayDestroy(gone));
    }
    let mut descriptor: CUDA_ARRAY3D_DESCRIPTOR = zeroed();
    (descriptor.Width, descriptor.Height) = (16, 4);
    descriptor.NumChannels = 1;
    descriptor.Format = CUarray_format::CU_AD_FORMAT_HALF;
    let mut chain = null_mut();
    good!(cuMipmappedArrayCreate(&mut chain, &descriptor, 5));
    let mut seen: CUDA_ARRAY3D_DESCRIPTOR = zeroed();
    for (n, shape) in [(16, 4), (8, 2), (4, 1), (2, 1), (1, 1)]
        .into_iter()
        .enumerate()
    {
        good!(cuMipmappedArrayGetLevel(&mut a, chain, n as u32));
        good!(cuArray3DGetDescriptor_v2(&mut seen, a));
        assert_eq!((seen.Width, seen.Height), shape);
    }
    assert_ne!(call!(cuArrayDestroy(a)), OK, "it ends with its chain");
    assert_eq!(call!(cuMipmappedArrayGetLevel(&mut a, chain, 5)), INVALID);
    good!(cuMipmappedArrayDestroy(chain));
    good!(cuMemFree_v2(at));
    assert_eq!(free_memory(), before);
}

#[test]
fn what_was_allocated_in_a_context_ends_with_it() {
    let _device = device();
    let all = || {
        let (mut on_device, mut managed, mut pinned) = (0, 0, null_mut());
        good!(cuMemAlloc_v2(&mut on_device, 1000));
        good!(cuMemAllocManaged(&mut managed, 1000, 1));
        good!(cuMemHostAlloc(&mut pinned, 1000, CU_MEMHOSTALLOC_PORTABLE));
        (on_device, managed, pinned)
    };
    let ended = |(on_device, managed, pinned): (u64, u64, *mut c_void)| {
        let (mut base, mut len, mut flags, mut advice) = (0, 0, 0u32, 0u32);
        let not_found = CUresult::CUDA_ERROR_NOT_FOUND;
        for address in [on_device, managed, pinned as u64] {
            let found = call!(cuMemGetAddressRange_v2(&mut base, &mut len, address));
            assert_eq!(found, not_found);
        }
        assert_eq!(call!(cuMemHostGetFlags(&mut flags, pinned)), INVALID);
        let which = CUmem_range_attribute::CU_MEM_RANGE_ATTRIBUTE_READ_MOSTLY;
        let place = (&raw mut advice).cast();
        let asked = call!(cuMemRangeGetAttribute(place, 4, which, managed, 1000));
        assert_eq!(asked, INVALID);
    };
    let before = free_memory();
    let mut context = null_mut();
    good!(cuCtxCreate_v2(&mut context, 0, 0));
    let memory = all();
    good!(cuCtxDestroy_v2(context));
    ended(memory);
    attach();
    assert_eq!(free_memory(), before);
    let memory = all();
    good!(cuDevicePrimaryCtxReset_v2(0));
    ended(memory);
    attach();
}
