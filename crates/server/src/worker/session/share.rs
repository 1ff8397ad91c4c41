//! Allocations and pools that sessions hand to each other.

use std::ffi::{c_int, c_void};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use pillion_cuda_abi::types::{
    CUmemAllocationHandleType, CUmemGenericAllocationHandle, CUmemoryPool, CUresult,
};
use pillion_protocol::command::cuda;
use pillion_protocol::handle::Kind;
use pillion_protocol::{Decoder, Encoder, Violation};
use pillion_transport::sharing;

use super::super::forward::Failure;
use super::{NOT_SUPPORTED, Session, check};

const AS_DESCRIPTOR: CUmemAllocationHandleType =
    CUmemAllocationHandleType::CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;

impl Session {
    /// Leaves the answer's body in `answers`.
    pub(super) fn share(&mut self, opcode: u16, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let pool = body.at_most("what is shared", 1)? == 1;
        let (handle, flags): (u64, u64) = (body.scalar()?, body.scalar()?);
        let kind = if pool {
            Kind::MemoryPool
        } else {
            Kind::Allocation
        };
        let failed = |_| Failure::Status(CUresult::CUDA_ERROR_OPERATING_SYSTEM);
        if opcode == cuda::SHARE_EXPORT {
            body.end()?;
            let raw = self.handles.find(kind, handle)?;
            let mut descriptor: c_int = -1;
            let place = (&raw mut descriptor).cast::<c_void>();
            // SAFETY: a live object, and room for a descriptor.
            check(unsafe {
                if pool {
                    let export = self
                        .table
                        .cuMemPoolExportToShareableHandle
                        .ok_or(NOT_SUPPORTED)?;
                    export(place, raw as CUmemoryPool, AS_DESCRIPTOR, flags)
                } else {
                    let export = self
                        .table
                        .cuMemExportToShareableHandle
                        .ok_or(NOT_SUPPORTED)?;
                    export(
                        place,
                        raw as CUmemGenericAllocationHandle,
                        AS_DESCRIPTOR,
                        flags,
                    )
                }
            })?;
            // SAFETY: the driver has opened it for its caller.
            let descriptor = unsafe { OwnedFd::from_raw_fd(descriptor) };
            let ticket = self.sharing.share(descriptor).map_err(failed)?;
            Encoder::new(&mut self.answers).bytes(&ticket);
            return Ok(());
        }
        let bytes = body.bytes()?;
        let ticket: sharing::Ticket = bytes
            .try_into()
            .map_err(|_| Violation::Truncated { missing: 32 })?;
        body.end()?;
        self.handles.vacant(kind, handle)?;
        let invalid = |_| Failure::Status(CUresult::CUDA_ERROR_INVALID_VALUE);
        let descriptor = sharing::redeem(&ticket).map_err(invalid)?;
        let number = descriptor.as_raw_fd() as usize as *mut c_void;
        let raw = if pool {
            let import = self
                .table
                .cuMemPoolImportFromShareableHandle
                .ok_or(NOT_SUPPORTED)?;
            let mut raw: CUmemoryPool = std::ptr::null_mut();
            // SAFETY: a local and an open descriptor.
            check(unsafe { import(&raw mut raw, number, AS_DESCRIPTOR, flags) })?;
            raw as u64
        } else {
            let import = self
                .table
                .cuMemImportFromShareableHandle
                .ok_or(NOT_SUPPORTED)?;
            let mut raw: CUmemGenericAllocationHandle = 0;
            // SAFETY: as above.
            check(unsafe { import(&raw mut raw, number, AS_DESCRIPTOR) })?;
            raw
        };
        self.handles.bind_free(kind, handle, raw);
        Ok(())
    }
}
