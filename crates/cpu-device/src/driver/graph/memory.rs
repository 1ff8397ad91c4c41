//! Memory that graphs allocate: its address is fixed with the node, its bytes are there from a launch until they are freed.

use std::collections::HashMap;
use std::ffi::c_void;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::super::memory::{Devices, Reserved};
use super::super::{Answer, Device, INVALID, Raw, alive, array, device, functions};

/// The memory of one allocation node.
pub struct GraphMemory {
    /// The memory.
    pub reserved: Reserved,
    /// The node's parameters.
    params: Raw<CUDA_MEM_ALLOC_NODE_PARAMS>,
    access: Vec<CUmemAccessDesc>,
    /// Whether the launches so far, in the order of their calls, leave it allocated.
    allocated: AtomicBool,
}

impl GraphMemory {
    /// Memory as a node's parameters ask for.
    ///
    /// # Safety
    ///
    /// `params` has as many descriptions of access as it says.
    pub unsafe fn new(params: &CUDA_MEM_ALLOC_NODE_PARAMS) -> Answer<Arc<GraphMemory>> {
        let device = alive()?;
        let props = &params.poolProps;
        if props.allocType != CUmemAllocationType::CU_MEM_ALLOCATION_TYPE_PINNED
            || props.location.type_ != CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE
            || props.handleTypes != CUmemAllocationHandleType::CU_MEM_HANDLE_TYPE_NONE
        {
            return Err(INVALID);
        }
        super::super::device::check(props.location.id).map_err(|_| INVALID)?;
        // SAFETY: as the caller promises.
        let access = unsafe { array(params.accessDescs, params.accessDescCount) }?.to_vec();
        let own = props.location.id;
        let mut reach = Devices::default();
        for access in &access {
            if access.location.type_ != CUmemLocationType::CU_MEM_LOCATION_TYPE_DEVICE
                || access.flags != CUmemAccess_flags::CU_MEM_ACCESS_FLAGS_PROT_READWRITE
            {
                return Err(INVALID);
            }
            super::super::device::check(access.location.id).map_err(|_| INVALID)?;
            reach.set(access.location.id, true);
        }
        let size = params.bytesize as u64;
        let reserved = device.memory.reserve(own, size, reach)?;
        let memory = Arc::new(GraphMemory {
            params: Raw(CUDA_MEM_ALLOC_NODE_PARAMS {
                dptr: reserved.start,
                accessDescs: std::ptr::null(),
                ..*params
            }),
            reserved,
            access,
            allocated: AtomicBool::new(false),
        });
        device.state().graphs.memory.add(memory.clone());
        Ok(memory)
    }

    /// The parameters, with the address; their pointers are valid as long as this.
    pub fn params(&self) -> CUDA_MEM_ALLOC_NODE_PARAMS {
        let mut params = self.params.0;
        if !self.access.is_empty() {
            params.accessDescs = self.access.as_ptr();
        }
        params
    }

    /// The device whose memory it is.
    fn device(&self) -> CUdevice {
        self.params.0.poolProps.location.id
    }

    /// Whether it is allocated now. Asked and changed under the state's lock only, which orders it.
    pub fn allocated(&self) -> bool {
        self.allocated.load(Ordering::Relaxed)
    }

    /// Says whether it is allocated from now on.
    pub fn set_allocated(&self, allocated: bool) {
        self.allocated.store(allocated, Ordering::Relaxed);
    }
}

/// The memory of every graph, by address.
#[derive(Default)]
pub struct Memories {
    all: HashMap<u64, Arc<GraphMemory>>,
    used_high: HashMap<CUdevice, u64>,
    reserved_high: HashMap<CUdevice, u64>,
}

impl Memories {
    fn add(&mut self, memory: Arc<GraphMemory>) {
        self.all.insert(memory.reserved.start, memory);
        self.note();
    }

    /// The memory that begins at an address.
    pub fn find(&self, start: u64) -> Option<&Arc<GraphMemory>> {
        self.all.get(&start)
    }

    /// Takes note of what is in use.
    pub fn note(&mut self) {
        let devices: Vec<CUdevice> = self.all.values().map(|memory| memory.device()).collect();
        for device in devices {
            let (used, reserved) = (self.used(device), self.reserved(device));
            let high = self.used_high.entry(device).or_default();
            *high = used.max(*high);
            let high = self.reserved_high.entry(device).or_default();
            *high = reserved.max(*high);
        }
    }

    /// Frees what the program has left allocated, at a call that says so.
    pub fn free(&self, start: u64) -> Option<Arc<GraphMemory>> {
        let memory = self.all.get(&start).filter(|memory| memory.allocated())?;
        memory.set_allocated(false);
        Some(memory.clone())
    }

    /// Forgets memory that no graph has and that is not allocated.
    pub fn forget_unused(&mut self) {
        self.all
            .retain(|_, memory| memory.allocated() || Arc::strong_count(memory) > 1);
    }

    fn holds(&self, address: u64, len: u64) -> bool {
        self.all.values().any(|memory| {
            let (start, all) = (memory.reserved.start, memory.reserved.len);
            address >= start && (address - start).checked_add(len).is_some_and(|n| n <= all)
        })
    }

    fn of(&self, device: CUdevice) -> impl Iterator<Item = &Arc<GraphMemory>> {
        let all = self.all.values();
        all.filter(move |memory| memory.device() == device)
    }

    fn used(&self, device: CUdevice) -> u64 {
        let used = self.of(device).filter(|memory| memory.allocated());
        used.map(|memory| memory.reserved.len).sum()
    }

    fn reserved(&self, device: CUdevice) -> u64 {
        self.of(device).map(|memory| memory.reserved.len).sum()
    }
}

impl Device {
    /// Whether kernels can read a range, or write it too, or will be able to when the graph that allocates it is launched.
    pub fn reaches(&self, address: u64, len: u64, write: bool) -> bool {
        self.space.snapshot().covers(address, len, write)
            || self.state().graphs.memory.holds(address, len)
    }
}

functions! {
    cuDeviceGetGraphMemAttribute(ordinal: CUdevice, which: CUgraphMem_attribute, value: *mut c_void) {
        use CUgraphMem_attribute as A;
        super::super::device::check(ordinal)?;
        let state = device()?.state();
        let memory = &state.graphs.memory;
        let found = match which {
            A::CU_GRAPH_MEM_ATTR_USED_MEM_CURRENT => memory.used(ordinal),
            A::CU_GRAPH_MEM_ATTR_USED_MEM_HIGH => memory.used_high.get(&ordinal).copied().unwrap_or(0),
            A::CU_GRAPH_MEM_ATTR_RESERVED_MEM_CURRENT => memory.reserved(ordinal),
            A::CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH => memory.reserved_high.get(&ordinal).copied().unwrap_or(0),
            _ => return Err(INVALID),
        };
        super::write(value.cast::<u64>(), found)
    }
    cuDeviceSetGraphMemAttribute(ordinal: CUdevice, which: CUgraphMem_attribute, value: *mut c_void) {
        use CUgraphMem_attribute as A;
        super::super::device::check(ordinal)?;
        // Only a high watermark can be set, and only back to what is.
        if value.is_null() || value.cast::<u64>().read_unaligned() != 0 {
            return Err(INVALID);
        }
        let mut state = device()?.state();
        let memory = &mut state.graphs.memory;
        let (used, reserved) = (memory.used(ordinal), memory.reserved(ordinal));
        match which {
            A::CU_GRAPH_MEM_ATTR_USED_MEM_HIGH => memory.used_high.insert(ordinal, used),
            A::CU_GRAPH_MEM_ATTR_RESERVED_MEM_HIGH => memory.reserved_high.insert(ordinal, reserved),
            _ => return Err(INVALID),
        };
        Ok(())
    }
    cuDeviceGraphMemTrim(ordinal: CUdevice) {
        super::super::device::check(ordinal)?;
        device()?.state().graphs.memory.forget_unused();
        Ok::<(), CUresult>(())
    }
}
