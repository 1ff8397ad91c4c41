//! Functions of the program, called in the order of a stream.

use std::ffi::{c_uint, c_void};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::operation::Operation;
use super::queue::Work;
use super::{INVALID, alive, capture, current, functions, in_program};

/// A function of the program and what it is given.
#[derive(Clone, Copy)]
pub struct HostCall {
    function: unsafe extern "C" fn(*mut c_void),
    data: u64,
}

impl HostCall {
    /// The call, unless there is no function.
    pub fn new(function: CUhostFn, data: *mut c_void) -> Option<HostCall> {
        Some(HostCall {
            function: function?,
            data: data as u64,
        })
    }

    /// As it was given.
    pub fn params(&self) -> CUDA_HOST_NODE_PARAMS {
        CUDA_HOST_NODE_PARAMS {
            fn_: Some(self.function),
            userData: self.data as *mut c_void,
        }
    }

    /// Calls it. It may block for as long as it likes, since only its stream's thread waits for it.
    pub fn run(&self) -> u32 {
        // SAFETY: the program gave the function and its argument to be called by any thread.
        in_program(|| unsafe { (self.function)(self.data as *mut c_void) });
        0
    }
}

functions! {
    cuLaunchHostFunc(stream: CUstream, function: CUhostFn, data: *mut c_void) {
        let call = HostCall::new(function, data).ok_or(INVALID)?;
        current()?;
        alive()?.issue(stream as u64, Operation::HostCall(call))
    }
    cuStreamAddCallback(stream: CUstream, callback: CUstreamCallback, data: *mut c_void, flags: c_uint) {
        let callback = callback.ok_or(INVALID)?;
        if flags != 0 {
            return Err(INVALID);
        }
        current()?;
        let (stream, data) = (stream as u64, data as u64);
        // Unlike a host function, a callback is called after a fault too, and told of it.
        let call = move |fault| {
            // Called as a host function is.
            in_program(|| callback(stream as CUstream, CUresult(fault), data as *mut c_void));
        };
        let mut state = alive()?.state();
        state.check_stream(stream)?;
        if capture::route(&mut state, stream)? {
            return Err(capture::unsupported(&mut state, stream));
        }
        state.queue(stream, Vec::new(), Work::Always(Box::new(call)))?;
        Ok(())
    }
}
