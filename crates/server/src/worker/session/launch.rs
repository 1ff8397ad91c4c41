//! Launches of kernels.

use std::ffi::c_void;

use pillion_cuda_abi::plain_from_bytes;
use pillion_cuda_abi::types::{
    CUevent, CUfunction, CUlaunchAttribute, CUlaunchAttributeID, CUlaunchConfig, CUresult, CUstream,
};
use pillion_protocol::Violation;
use pillion_protocol::command::{
    LAUNCH_COOPERATIVE, LAUNCH_EXTENDED, LaunchHead, MAX_LAUNCH_ATTRIBUTES, MAX_PARAMETER_BYTES,
    cuda,
};
use pillion_protocol::handle::Kind;
use zerocopy::FromBytes;

use super::super::forward::Failure;
use super::{NOT_SUPPORTED, Session, check};

impl Session {
    pub(super) fn launch(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let (head, attributes, block) = launch_parts(bytes)?;
        let stream = self.stream(head.stream.get())?;
        let function = self.handles.find(Kind::Function, head.function.get())? as CUfunction;
        let mut len = block.len();
        // CU_LAUNCH_PARAM_BUFFER_POINTER, CU_LAUNCH_PARAM_BUFFER_SIZE, CU_LAUNCH_PARAM_END
        let mut extra = [
            std::ptr::without_provenance_mut(1),
            block.as_ptr().cast_mut().cast(),
            std::ptr::without_provenance_mut(2),
            (&raw mut len).cast(),
            std::ptr::null_mut(),
        ];
        let extra = if block.is_empty() {
            std::ptr::null_mut()
        } else {
            extra.as_mut_ptr()
        };
        let [gx, gy, gz] = head.grid.map(|n| n.get());
        let [bx, by, bz] = head.block.map(|n| n.get());
        let shared = head.shared.get();
        self.account.launches += 1;
        if head.flags.get() & LAUNCH_COOPERATIVE != 0 {
            let known = self
                .functions
                .get(&head.function.get())
                .ok_or(Failure::Status(CUresult::CUDA_ERROR_INVALID_HANDLE))?;
            let mut pointers = Vec::with_capacity(known.parameters.len());
            for (offset, size) in &known.parameters {
                let range = *offset as usize..(*offset + *size) as usize;
                let value = block.get(range).ok_or(Violation::OutOfRange {
                    what: "the length of parameters",
                    value: len as u64,
                })?;
                pointers.push(value.as_ptr().cast_mut().cast::<c_void>());
            }
            let run = self.table.cuLaunchCooperativeKernel.ok_or(NOT_SUPPORTED)?;
            // SAFETY: a live function and stream; a pointer for each parameter, into the block.
            return check(unsafe {
                run(
                    function,
                    gx,
                    gy,
                    gz,
                    bx,
                    by,
                    bz,
                    shared,
                    stream as CUstream,
                    pointers.as_mut_ptr(),
                )
            });
        }
        if head.flags.get() & LAUNCH_EXTENDED != 0 {
            let mut attributes = self.attributes(attributes)?;
            let config = configuration(head, stream as CUstream, &mut attributes);
            let run = self.table.cuLaunchKernelEx.ok_or(NOT_SUPPORTED)?;
            // SAFETY: a live function and stream, and parameters as the block says.
            return check(unsafe { run(&config, function, std::ptr::null_mut(), extra) });
        }
        let run = self.table.cuLaunchKernel.ok_or(NOT_SUPPORTED)?;
        // SAFETY: a live function and stream, and parameters as the block says.
        check(unsafe {
            run(
                function,
                gx,
                gy,
                gz,
                bx,
                by,
                bz,
                shared,
                stream as CUstream,
                std::ptr::null_mut(),
                extra,
            )
        })
    }

    pub(super) fn attributes(&mut self, bytes: &[u8]) -> Result<Vec<CUlaunchAttribute>, Failure> {
        let mut list: Vec<CUlaunchAttribute> = bytes
            .chunks_exact(size_of::<CUlaunchAttribute>())
            .map(plain_from_bytes)
            .collect();
        for attribute in &mut list {
            match attribute.id {
                CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_EVENT => {
                    // SAFETY: the id says which member is set; any bits are a value of it.
                    let event = unsafe { attribute.value.programmaticEvent.event } as u64;
                    attribute.value.programmaticEvent.event =
                        self.handles.find(Kind::Event, event)? as CUevent;
                }
                CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_LAUNCH_COMPLETION_EVENT => {
                    // SAFETY: the id says which member is set; any bits are a value of it.
                    let event = unsafe { attribute.value.launchCompletionEvent.event } as u64;
                    attribute.value.launchCompletionEvent.event =
                        self.handles.find(Kind::Event, event)? as CUevent;
                }
                CUlaunchAttributeID::CU_LAUNCH_ATTRIBUTE_DEVICE_UPDATABLE_KERNEL_NODE => {
                    return Err(NOT_SUPPORTED);
                }
                _ => {}
            }
        }
        Ok(list)
    }

    pub(super) fn clusters(&mut self, opcode: u16, bytes: &[u8]) -> Result<i32, Failure> {
        let (head, attributes, _) = launch_parts(bytes)?;
        let stream = self.stream(head.stream.get())?;
        let function = self.handles.find(Kind::Function, head.function.get())? as CUfunction;
        let mut attributes = self.attributes(attributes)?;
        let config = configuration(head, stream as CUstream, &mut attributes);
        let ask = match opcode {
            cuda::MAX_ACTIVE_CLUSTERS => self.table.cuOccupancyMaxActiveClusters,
            _ => self.table.cuOccupancyMaxPotentialClusterSize,
        };
        let mut value = 0;
        // SAFETY: a local, a live function, and a configuration with its attributes.
        check(unsafe { ask.ok_or(NOT_SUPPORTED)?(&raw mut value, function, &config) })?;
        Ok(value)
    }
}

/// What is launched, as the driver takes it. It points to the attributes, which have to outlive it.
fn configuration(
    head: &LaunchHead,
    stream: CUstream,
    attributes: &mut [CUlaunchAttribute],
) -> CUlaunchConfig {
    let [gx, gy, gz] = head.grid.map(|n| n.get());
    let [bx, by, bz] = head.block.map(|n| n.get());
    CUlaunchConfig {
        gridDimX: gx,
        gridDimY: gy,
        gridDimZ: gz,
        blockDimX: bx,
        blockDimY: by,
        blockDimZ: bz,
        sharedMemBytes: head.shared.get(),
        hStream: stream,
        attrs: attributes.as_mut_ptr(),
        numAttrs: attributes.len() as u32,
    }
}

fn launch_parts(bytes: &[u8]) -> Result<(&LaunchHead, &[u8], &[u8]), Violation> {
    let (head, rest) = LaunchHead::ref_from_prefix(bytes).map_err(|_| Violation::Truncated {
        missing: size_of::<LaunchHead>(),
    })?;
    let attributes = head.attributes.get();
    if attributes > MAX_LAUNCH_ATTRIBUTES {
        return Err(Violation::OutOfRange {
            what: "the number of launch attributes",
            value: u64::from(attributes),
        });
    }
    let split = attributes as usize * size_of::<CUlaunchAttribute>();
    let parameters = head.parameters.get() as usize;
    if parameters > MAX_PARAMETER_BYTES || rest.len() != split + parameters {
        return Err(Violation::OutOfRange {
            what: "the length of parameters",
            value: parameters as u64,
        });
    }
    let (attributes, parameters) = rest.split_at(split);
    Ok((head, attributes, parameters))
}
