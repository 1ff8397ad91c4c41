//! Arrays: memory of a shape, which copies reach by coordinates and kernels only through textures and surfaces.

use std::collections::HashMap;
use std::ffi::{c_uint, c_void};
use std::sync::Arc;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::copy::{Place, copy_later, copy_now, line};
use super::memory::{Devices, Memory, Reserved};
use super::{
    ARRAY, Answer, BAD_HANDLE, INVALID, State, UNSUPPORTED, alive, capture, current,
    current_device, device, functions, name, write,
};

/// The most elements that a side of an array has, as with compute capability 9.0.
const MAX_SIDE: usize = 131_072;
const FLAGS: c_uint = CUDA_ARRAY3D_LAYERED
    | CUDA_ARRAY3D_SURFACE_LDST
    | CUDA_ARRAY3D_CUBEMAP
    | CUDA_ARRAY3D_TEXTURE_GATHER
    | CUDA_ARRAY3D_COLOR_ATTACHMENT;

/// The arrays, and the chains of them.
#[derive(Default)]
pub struct Arrays {
    all: HashMap<u64, Arc<Array>>,
    /// The arrays of each chain of levels, from the largest on.
    chains: HashMap<u64, Vec<u64>>,
}

/// An array.
pub struct Array {
    descriptor: CUDA_ARRAY3D_DESCRIPTOR,
    bytes: Reserved,
    /// Bytes of an element.
    pub element: usize,
    /// Bytes of a row.
    pub row: usize,
    /// Rows of a slice.
    pub rows: usize,
    /// Slices or layers.
    pub slices: usize,
    /// The chain whose level it is.
    chain: Option<u64>,
    /// Where it is counted, and the device.
    memory: Arc<Memory>,
    device: CUdevice,
}

impl Drop for Array {
    fn drop(&mut self) {
        self.memory.discharge(self.device, self.bytes.len);
    }
}

impl Array {
    fn new(descriptor: &CUDA_ARRAY3D_DESCRIPTOR, chain: Option<u64>) -> Answer<Arc<Array>> {
        let device = alive()?;
        let own = current_device()?;
        let d = *descriptor;
        let channels = matches!(d.NumChannels, 1 | 2 | 4);
        let layered = d.Flags & CUDA_ARRAY3D_LAYERED != 0;
        // A slice without rows is a line, unless lines are layers.
        let shape = d.Width > 0 && (d.Height > 0 || d.Depth == 0 || layered);
        let cube = d.Flags & CUDA_ARRAY3D_CUBEMAP != 0;
        let cubic = d.Width == d.Height && d.Depth > 0 && d.Depth.is_multiple_of(6);
        let sides = [d.Width, d.Height, d.Depth];
        if !channels
            || !shape
            || layered && d.Depth == 0
            || cube && (!cubic || !layered && d.Depth != 6)
            || d.Flags & !FLAGS != 0
            || sides.iter().any(|side| *side > MAX_SIDE)
        {
            return Err(INVALID);
        }
        let element = size_of_format(d.Format)? * d.NumChannels as usize;
        let (rows, slices) = (d.Height.max(1), d.Depth.max(1));
        let row = d.Width * element;
        let out = CUresult::CUDA_ERROR_OUT_OF_MEMORY;
        let len = row.checked_mul(rows).and_then(|n| n.checked_mul(slices));
        let len = len.ok_or(out)? as u64;
        device.memory.charge(own, len)?;
        let bytes = device.memory.reserve(own, len, Devices::default());
        let bytes = bytes.inspect_err(|_| device.memory.discharge(own, len))?;
        Ok(Arc::new(Array {
            descriptor: d,
            bytes,
            element,
            row,
            rows,
            slices,
            chain,
            memory: device.memory.clone(),
            device: own,
        }))
    }

    /// Its first byte.
    pub fn start(&self) -> u64 {
        self.bytes.start
    }
}

/// Bytes of a channel.
fn size_of_format(format: CUarray_format) -> Answer<usize> {
    use CUarray_format as F;
    match format {
        F::CU_AD_FORMAT_UNSIGNED_INT8 | F::CU_AD_FORMAT_SIGNED_INT8 => Ok(1),
        F::CU_AD_FORMAT_UNSIGNED_INT16 | F::CU_AD_FORMAT_SIGNED_INT16 | F::CU_AD_FORMAT_HALF => {
            Ok(2)
        }
        F::CU_AD_FORMAT_UNSIGNED_INT32 | F::CU_AD_FORMAT_SIGNED_INT32 | F::CU_AD_FORMAT_FLOAT => {
            Ok(4)
        }
        CUarray_format(0) => Err(INVALID),
        _ => Err(UNSUPPORTED),
    }
}

impl State {
    /// The array of that handle.
    pub fn array(&self, handle: CUarray) -> Answer<&Arc<Array>> {
        self.arrays.all.get(&(handle as u64)).ok_or(BAD_HANDLE)
    }
}

fn create(descriptor: &CUDA_ARRAY3D_DESCRIPTOR) -> Answer<CUarray> {
    current()?;
    capture::potentially_unsafe(&mut alive()?.state())?;
    let array = Array::new(descriptor, None)?;
    let handle = name(ARRAY);
    alive()?.state().arrays.all.insert(handle, array);
    Ok(handle as CUarray)
}

fn destroy(handle: CUarray) -> Answer {
    let device = device()?;
    capture::potentially_unsafe(&mut device.state())?;
    device.settle(device.memory.devices());
    let mut state = device.state();
    if state.array(handle)?.chain.is_some() {
        // It ends with its chain.
        return Err(BAD_HANDLE);
    }
    state.arrays.all.remove(&(handle as u64));
    Ok(())
}

fn create_chain(descriptor: &CUDA_ARRAY3D_DESCRIPTOR, levels: c_uint) -> Answer<CUmipmappedArray> {
    current()?;
    let longest = descriptor
        .Width
        .max(descriptor.Height)
        .max(descriptor.Depth);
    let most = usize::BITS - longest.leading_zeros();
    if levels == 0 || descriptor.Width == 0 {
        return Err(INVALID);
    }
    let layered = descriptor.Flags & (CUDA_ARRAY3D_LAYERED | CUDA_ARRAY3D_CUBEMAP) != 0;
    let chain = name(ARRAY);
    let mut made = Vec::new();
    for level in 0..levels.min(most) {
        let half = |side: usize| if side == 0 { 0 } else { (side >> level).max(1) };
        let descriptor = CUDA_ARRAY3D_DESCRIPTOR {
            Width: half(descriptor.Width),
            Height: half(descriptor.Height),
            Depth: if layered {
                descriptor.Depth
            } else {
                half(descriptor.Depth)
            },
            ..*descriptor
        };
        made.push((name(ARRAY), Array::new(&descriptor, Some(chain))?));
    }
    let mut state = alive()?.state();
    let handles = made.iter().map(|(handle, _)| *handle).collect();
    state.arrays.all.extend(made);
    state.arrays.chains.insert(chain, handles);
    Ok(chain as CUmipmappedArray)
}

fn destroy_chain(chain: CUmipmappedArray) -> Answer {
    let device = device()?;
    device.settle(device.memory.devices());
    let mut state = device.state();
    let levels = state
        .arrays
        .chains
        .remove(&(chain as u64))
        .ok_or(BAD_HANDLE)?;
    for level in levels {
        state.arrays.all.remove(&level);
    }
    Ok(())
}

fn descriptor(handle: CUarray) -> Answer<CUDA_ARRAY3D_DESCRIPTOR> {
    Ok(device()?.state().array(handle)?.descriptor)
}

/// A place in an array of one line, as the copies of bytes name it.
fn at(array: CUarray, offset: usize) -> Place {
    Place::Array(array, offset)
}

functions! {
    cuArrayCreate_v2(place: *mut CUarray, asked: *const CUDA_ARRAY_DESCRIPTOR) {
        let asked = asked.as_ref().ok_or(INVALID)?;
        if place.is_null() {
            return Err(INVALID);
        }
        write(place, create(&CUDA_ARRAY3D_DESCRIPTOR {
            Width: asked.Width,
            Height: asked.Height,
            Depth: 0,
            Format: asked.Format,
            NumChannels: asked.NumChannels,
            Flags: 0,
        })?)
    }
    cuArray3DCreate_v2(place: *mut CUarray, asked: *const CUDA_ARRAY3D_DESCRIPTOR) {
        let asked = asked.as_ref().ok_or(INVALID)?;
        if place.is_null() {
            return Err(INVALID);
        }
        write(place, create(asked)?)
    }
    cuArrayGetDescriptor_v2(place: *mut CUDA_ARRAY_DESCRIPTOR, array: CUarray) {
        let d = descriptor(array)?;
        write(place, CUDA_ARRAY_DESCRIPTOR { Width: d.Width, Height: d.Height, Format: d.Format, NumChannels: d.NumChannels })
    }
    cuArray3DGetDescriptor_v2(place: *mut CUDA_ARRAY3D_DESCRIPTOR, array: CUarray) { write(place, descriptor(array)?) }
    cuArrayGetMemoryRequirements(place: *mut CUDA_ARRAY_MEMORY_REQUIREMENTS, array: CUarray, ordinal: CUdevice) {
        super::device::check(ordinal)?;
        descriptor(array)?;
        // Only what maps its memory later says how much that must be.
        Err(INVALID)
    }
    cuArrayGetSparseProperties(place: *mut CUDA_ARRAY_SPARSE_PROPERTIES, array: CUarray) {
        descriptor(array)?;
        Err(INVALID)
    }
    cuArrayGetPlane(place: *mut CUarray, array: CUarray, plane: c_uint) {
        descriptor(array)?;
        // No format that this device knows has planes.
        Err(INVALID)
    }
    cuArrayDestroy(array: CUarray) { destroy(array) }
    cuMipmappedArrayCreate(place: *mut CUmipmappedArray, asked: *const CUDA_ARRAY3D_DESCRIPTOR, levels: c_uint) {
        let asked = asked.as_ref().ok_or(INVALID)?;
        if place.is_null() {
            return Err(INVALID);
        }
        write(place, create_chain(asked, levels)?)
    }
    cuMipmappedArrayGetLevel(place: *mut CUarray, chain: CUmipmappedArray, level: c_uint) {
        let state = device()?.state();
        let levels = state.arrays.chains.get(&(chain as u64)).ok_or(BAD_HANDLE)?;
        write(place, *levels.get(level as usize).ok_or(INVALID)? as CUarray)
    }
    cuMipmappedArrayDestroy(chain: CUmipmappedArray) { destroy_chain(chain) }

    cuMemcpyAtoA_v2(to: CUarray, to_offset: usize, from: CUarray, from_offset: usize, len: usize) {
        copy_now(&line(at(to, to_offset), at(from, from_offset), len))
    }
    cuMemcpyAtoD_v2(to: CUdeviceptr, from: CUarray, offset: usize, len: usize) {
        copy_now(&line(Place::Device(to), at(from, offset), len))
    }
    cuMemcpyDtoA_v2(to: CUarray, offset: usize, from: CUdeviceptr, len: usize) {
        copy_now(&line(at(to, offset), Place::Device(from), len))
    }
    cuMemcpyAtoH_v2(to: *mut c_void, from: CUarray, offset: usize, len: usize) {
        copy_now(&line(Place::Host(to as u64), at(from, offset), len))
    }
    cuMemcpyHtoA_v2(to: CUarray, offset: usize, from: *const c_void, len: usize) {
        copy_now(&line(at(to, offset), Place::Host(from as u64), len))
    }
    cuMemcpyAtoHAsync_v2(to: *mut c_void, from: CUarray, offset: usize, len: usize, stream: CUstream) {
        copy_later(&line(Place::Host(to as u64), at(from, offset), len), stream)
    }
    cuMemcpyHtoAAsync_v2(to: CUarray, offset: usize, from: *const c_void, len: usize, stream: CUstream) {
        copy_later(&line(at(to, offset), Place::Host(from as u64), len), stream)
    }
}
