//! Faults that are not a session's alone.
//!
//! After a fault nothing works in a context any more, and a program that has its device to itself, or in turns, is told so by its own
//! calls until it ends. Of sessions that have a device at the same time (MPS), others can be broken by it, and nobody new may come until all
//! of these have ended: so the broker has to know.

use pillion_cuda_abi::is_sticky;
use pillion_cuda_abi::types::CUcontext;

use super::{CUresult, OK, Session};
use crate::worker::reports::Report;

/// Whether nothing works for a process after this error. Of `CUDA_ERROR_ASSERT` the others on the device were seen to notice nothing, and it
/// keeps nobody out.
fn is_fault(status: CUresult) -> bool {
    match status {
        CUresult::CUDA_ERROR_ASSERT => false,
        CUresult::CUDA_ERROR_CONTAINED
        | CUresult::CUDA_ERROR_MPS_CONNECTION_FAILED
        | CUresult::CUDA_ERROR_MPS_RPC_FAILURE
        | CUresult::CUDA_ERROR_MPS_SERVER_NOT_READY
        | CUresult::CUDA_ERROR_MPS_CLIENT_TERMINATED
        | CUresult::CUDA_ERROR_EXTERNAL_DEVICE => true,
        _ => is_sticky(status),
    }
}

/// Whether MPS has refused a process its context, as it does after a fault until all who are broken have gone. Mostly it says so; 999 was
/// seen as well.
pub fn is_refusal(status: CUresult) -> bool {
    is_fault(status) || status == CUresult::CUDA_ERROR_UNKNOWN
}

impl Session {
    /// Counts what a command or a wait has come to, if that is an error, and reports it if others are concerned.
    pub(super) fn count_error(&mut self, status: CUresult) {
        if matches!(status, OK | CUresult::CUDA_ERROR_NOT_READY) {
            return;
        }
        self.account.errors += 1;
        if self.tells_faults && is_fault(status) {
            // Once: the broker ends the session.
            self.tells_faults = false;
            if let Some(control) = &self.control {
                control.report(&Report::Fault(status.0));
            }
        }
    }

    /// Looks whether somebody else's fault has broken what this session has on its devices.
    pub(super) fn look_for_fault(&mut self) {
        // To ask while a stream captures may end the capture; what the capturing program does next says it as well.
        if !self.tells_faults || self.handles.captures {
            return;
        }
        let Some(ask) = self.table.cuStreamQuery else {
            return;
        };
        // SAFETY: the default stream of the current context, if there is one.
        let state = || Ok(unsafe { ask(std::ptr::null_mut()) });
        let contexts: Vec<u64> = self.handles.contexts.keys().copied().collect();
        for context in &contexts {
            if let Ok(status) = self.handles.within(*context, state) {
                self.count_error(status);
            }
        }
        // The one that was made ahead, and is nobody's yet.
        if contexts.is_empty()
            && let (Some(retain), Some(release), Some(set)) = (
                self.table.cuDevicePrimaryCtxRetain,
                self.table.cuDevicePrimaryCtxRelease_v2,
                self.table.cuCtxSetCurrent,
            )
        {
            let mut raw: CUcontext = std::ptr::null_mut();
            // SAFETY: a local, and a device that there is.
            let mut status = unsafe { retain(&raw mut raw, 0) };
            if status == OK {
                // SAFETY: a context that was just retained; afterwards there is none, as before, and it is given back once.
                unsafe {
                    status = set(raw);
                    if status == OK {
                        status = ask(std::ptr::null_mut());
                    }
                    let _ = set(std::ptr::null_mut());
                    let _ = release(0);
                }
            }
            self.count_error(status);
        }
    }
}
