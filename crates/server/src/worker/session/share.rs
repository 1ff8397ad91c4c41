//! Allocations and pools that sessions hand to each other.

use std::ffi::{c_int, c_void};
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

use pillion_cuda_abi::types::{
    CUdeviceptr, CUipcMemHandle, CUmemAllocationHandleType, CUmemGenericAllocationHandle,
    CUmemoryPool, CUresult,
};
use pillion_protocol::command::cuda;
use pillion_protocol::handle::Kind;
use pillion_protocol::{Decoder, Encoder, Violation};
use pillion_transport::sharing;

use super::super::forward::Failure;
use super::{NOT_SUPPORTED, Session, check};

const AS_DESCRIPTOR: CUmemAllocationHandleType =
    CUmemAllocationHandleType::CU_MEM_HANDLE_TYPE_POSIX_FILE_DESCRIPTOR;

/// Bytes of a driver's own handle for another process.
const HANDLE: usize = size_of::<CUipcMemHandle>();
/// What a file with such a handle begins with.
const MARK: &[u8; 16] = b"pillion-handle-1";

impl Session {
    /// Shares the driver's own handle of memory. A client that gives out parts of it says of each where it lies, for which the driver's
    /// handle has no room. Leaves the answer's body in `answers`.
    pub(super) fn export_memory(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let address: u64 = body.scalar()?;
        body.end()?;
        if !self.allocations.contains_key(&address) || self.managed.contains_key(&address) {
            return Err(Failure::Status(CUresult::CUDA_ERROR_INVALID_VALUE));
        }
        let ticket = match self.exported.get(&address) {
            Some(ticket) => *ticket,
            None => {
                let export = self.table.cuIpcGetMemHandle.ok_or(NOT_SUPPORTED)?;
                // SAFETY: bytes, for which zero is a value.
                let mut handle: CUipcMemHandle = unsafe { std::mem::zeroed() };
                // SAFETY: a local, and memory of this session.
                check(unsafe { export(&raw mut handle, address) })?;
                let bytes = handle.reserved.map(|byte| byte as u8);
                let mut shared = || {
                    let close = rustix::fs::MemfdFlags::CLOEXEC;
                    let file = rustix::fs::memfd_create("pillion-handle", close)?;
                    rustix::io::write(&file, &[&MARK[..], &bytes].concat())?;
                    self.sharing.share(file)
                };
                let ticket: io::Result<sharing::Ticket> = shared();
                let failed = |_| Failure::Status(CUresult::CUDA_ERROR_OPERATING_SYSTEM);
                let ticket = ticket.map_err(failed)?;
                self.exported.insert(address, ticket);
                ticket
            }
        };
        Encoder::new(&mut self.answers).bytes(&ticket);
        Ok(())
    }

    /// Opens memory that another session has shared so.
    pub(super) fn import_memory(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let bytes = body.bytes()?;
        let ticket: sharing::Ticket = bytes
            .try_into()
            .map_err(|_| Violation::Truncated { missing: 32 })?;
        let flags: u32 = body.scalar()?;
        body.end()?;
        let open = self.table.cuIpcOpenMemHandle_v2.ok_or(NOT_SUPPORTED)?;
        let invalid = || Failure::Status(CUresult::CUDA_ERROR_INVALID_VALUE);
        let file = sharing::redeem(&ticket).map_err(|_| invalid())?;
        // A ticket may be of something else, which need not be a file that can be read.
        let mut content = [0u8; MARK.len() + HANDLE];
        let read = rustix::io::pread(&file, &mut content, 0).map_err(|_| invalid())?;
        let Some(handle) = content.strip_prefix(MARK).filter(|_| read == content.len()) else {
            return Err(invalid());
        };
        // SAFETY: bytes, for which zero is a value.
        let mut driver: CUipcMemHandle = unsafe { std::mem::zeroed() };
        for (to, from) in driver.reserved.iter_mut().zip(handle) {
            *to = *from as _;
        }
        let mut address: CUdeviceptr = 0;
        // SAFETY: a local; the driver checks its handle.
        check(unsafe { open(&raw mut address, driver, flags) })?;
        Encoder::new(&mut self.answers).scalar(address);
        Ok(())
    }

    /// Memory ends: nobody can open it any more.
    pub(super) fn unshare(&mut self, address: u64) {
        if let Some(ticket) = self.exported.remove(&address) {
            self.sharing.end(&ticket);
        }
    }

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
