//! Words of memory as signals: a stream waits for a value, or writes one.

use std::ffi::c_uint;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::*;

use super::operation::Operation;
use super::{Answer, Device, INVALID, Raw, UNSUPPORTED, alive, array, current, functions};

/// The most operations that one batch may have.
const MAX_BATCH: c_uint = 256;
/// How long a wait that finds its value missing sleeps before it looks again.
const PAUSE: Duration = Duration::from_micros(50);

/// A batch of waits and writes, done in order.
pub struct Values {
    params: Vec<Raw<CUstreamBatchMemOpParams>>,
    flags: u32,
    steps: Vec<Step>,
}

enum Step {
    Wait(Word, Test),
    Write(Word),
    Barrier,
}

/// A word of 4 or 8 bytes and the value that it is compared with, or gets.
struct Word {
    address: u64,
    wide: bool,
    value: u64,
}

#[derive(Clone, Copy)]
enum Test {
    GreaterOrEqual,
    Equal,
    And,
    Nor,
}

impl Values {
    /// Checks a batch as `cuStreamBatchMemOp` documents.
    pub fn new(params: &[CUstreamBatchMemOpParams], flags: c_uint) -> Answer<Values> {
        if params.len() > MAX_BATCH as usize || flags != 0 {
            return Err(INVALID);
        }
        let device = alive()?;
        let steps = params.iter().map(|params| Step::new(device, params));
        Ok(Values {
            steps: steps.collect::<Answer<_>>()?,
            params: params.iter().copied().map(Raw).collect(),
            flags,
        })
    }

    /// The batch as it was given: its length, a pointer that is valid as long as this, and its flags.
    pub fn params(&self) -> (c_uint, *mut CUstreamBatchMemOpParams, c_uint) {
        let first = self.params.as_ptr().cast_mut().cast();
        (self.params.len() as c_uint, first, self.flags)
    }

    /// Does all of it. A wait ends with its value, or with the device.
    pub fn run(&self, device: &Device) -> u32 {
        for step in &self.steps {
            let (word, write) = match step {
                Step::Wait(word, _) => (word, false),
                Step::Write(word) => (word, true),
                Step::Barrier => continue,
            };
            // Held until the step is done, so that the word stays mapped.
            let snapshot = device.space.snapshot();
            if !snapshot.covers(word.address, if word.wide { 8 } else { 4 }, write) {
                return CUresult::CUDA_ERROR_ILLEGAL_ADDRESS.0;
            }
            match step {
                Step::Wait(word, test) => {
                    while !test.holds(word) && !device.cancel.load(Ordering::Relaxed) {
                        std::thread::sleep(PAUSE);
                    }
                }
                Step::Write(word) => word.store(),
                Step::Barrier => {}
            }
        }
        0
    }
}

impl Step {
    fn new(device: &Device, params: &CUstreamBatchMemOpParams) -> Answer<Step> {
        use CUstreamBatchMemOpType as T;
        // SAFETY: every member begins with the operation.
        let operation = unsafe { params.operation };
        let wide = matches!(
            operation,
            T::CU_STREAM_MEM_OP_WAIT_VALUE_64 | T::CU_STREAM_MEM_OP_WRITE_VALUE_64
        );
        match operation {
            T::CU_STREAM_MEM_OP_WAIT_VALUE_32 | T::CU_STREAM_MEM_OP_WAIT_VALUE_64 => {
                // SAFETY: the member that the operation names; numbers throughout.
                let (wait, value) =
                    unsafe { (params.waitValue, params.waitValue.__bindgen_anon_1.value64) };
                let test = Test::new(wait.flags)?;
                Ok(Step::Wait(
                    Word::new(device, wait.address, wide, value)?,
                    test,
                ))
            }
            T::CU_STREAM_MEM_OP_WRITE_VALUE_32 | T::CU_STREAM_MEM_OP_WRITE_VALUE_64 => {
                // SAFETY: as above.
                let (write, value) = unsafe {
                    (
                        params.writeValue,
                        params.writeValue.__bindgen_anon_1.value64,
                    )
                };
                if write.flags > CUstreamWriteValue_flags::CU_STREAM_WRITE_VALUE_NO_MEMORY_BARRIER.0
                {
                    return Err(INVALID);
                }
                Ok(Step::Write(Word::new(device, write.address, wide, value)?))
            }
            // What a stream's thread does is ordered for everybody anyway.
            T::CU_STREAM_MEM_OP_BARRIER => Ok(Step::Barrier),
            T::CU_STREAM_MEM_OP_FLUSH_REMOTE_WRITES => Err(UNSUPPORTED),
            _ => Err(INVALID),
        }
    }
}

impl Word {
    fn new(device: &Device, address: u64, wide: bool, value: u64) -> Answer<Word> {
        let len = if wide { 8 } else { 4 };
        if !address.is_multiple_of(len) || !device.reaches(address, len, false) {
            return Err(INVALID);
        }
        let value = if wide { value } else { value & 0xffff_ffff };
        Ok(Word {
            address,
            wide,
            value,
        })
    }

    // Acquire and Release are partners of each other, and of whatever the program uses on its side of the memory.
    fn load(&self) -> u64 {
        // SAFETY: mapped while `Values::run` holds a snapshot of the space, and aligned.
        unsafe {
            if self.wide {
                AtomicU64::from_ptr(self.address as *mut u64).load(Ordering::Acquire)
            } else {
                u64::from(AtomicU32::from_ptr(self.address as *mut u32).load(Ordering::Acquire))
            }
        }
    }

    fn store(&self) {
        // SAFETY: as above.
        unsafe {
            if self.wide {
                AtomicU64::from_ptr(self.address as *mut u64).store(self.value, Ordering::Release);
            } else {
                AtomicU32::from_ptr(self.address as *mut u32)
                    .store(self.value as u32, Ordering::Release);
            }
        }
    }
}

impl Test {
    fn new(flags: c_uint) -> Answer<Test> {
        let flush = CUstreamWaitValue_flags::CU_STREAM_WAIT_VALUE_FLUSH.0;
        Ok(match flags & !flush {
            0 => Test::GreaterOrEqual,
            1 => Test::Equal,
            2 => Test::And,
            3 => Test::Nor,
            _ => return Err(INVALID),
        })
    }

    fn holds(self, word: &Word) -> bool {
        let (now, value) = (word.load(), word.value);
        match self {
            // Cyclic comparison, as CU_STREAM_WAIT_VALUE_GEQ documents.
            Test::GreaterOrEqual if word.wide => now.wrapping_sub(value) as i64 >= 0,
            Test::GreaterOrEqual => (now as u32).wrapping_sub(value as u32) as i32 >= 0,
            Test::Equal => now == value,
            Test::And => now & value != 0,
            Test::Nor if word.wide => !(now | value) != 0,
            Test::Nor => !(now | value) as u32 != 0,
        }
    }
}

/// Queues one wait or write.
fn one(stream: CUstream, write: bool, wide: bool, word: (u64, u64), flags: c_uint) -> Answer {
    use CUstreamBatchMemOpType as T;
    let operation = match (write, wide) {
        (false, false) => T::CU_STREAM_MEM_OP_WAIT_VALUE_32,
        (false, true) => T::CU_STREAM_MEM_OP_WAIT_VALUE_64,
        (true, false) => T::CU_STREAM_MEM_OP_WRITE_VALUE_32,
        (true, true) => T::CU_STREAM_MEM_OP_WRITE_VALUE_64,
    };
    let mut params = CUstreamBatchMemOpParams { pad: [0; 6] };
    let (address, value64) = word;
    if write {
        params.writeValue = CUstreamBatchMemOpParams_union_CUstreamMemOpWriteValueParams_st {
            operation,
            address,
            __bindgen_anon_1:
                CUstreamBatchMemOpParams_union_CUstreamMemOpWriteValueParams_st__bindgen_ty_1 {
                    value64,
                },
            flags,
            alias: 0,
        };
    } else {
        params.waitValue = CUstreamBatchMemOpParams_union_CUstreamMemOpWaitValueParams_st {
            operation,
            address,
            __bindgen_anon_1:
                CUstreamBatchMemOpParams_union_CUstreamMemOpWaitValueParams_st__bindgen_ty_1 {
                    value64,
                },
            flags,
            alias: 0,
        };
    }
    batch(stream, &[params], 0)
}

fn batch(stream: CUstream, params: &[CUstreamBatchMemOpParams], flags: c_uint) -> Answer {
    current()?;
    let values = Values::new(params, flags)?;
    alive()?.issue(stream as u64, Operation::Values(Arc::new(values)))
}

functions! {
    cuStreamWriteValue32_v2(stream: CUstream, address: CUdeviceptr, value: cuuint32_t, flags: c_uint) {
        one(stream, true, false, (address, u64::from(value)), flags)
    }
    cuStreamWriteValue64_v2(stream: CUstream, address: CUdeviceptr, value: cuuint64_t, flags: c_uint) {
        one(stream, true, true, (address, value), flags)
    }
    cuStreamWaitValue32_v2(stream: CUstream, address: CUdeviceptr, value: cuuint32_t, flags: c_uint) {
        one(stream, false, false, (address, u64::from(value)), flags)
    }
    cuStreamWaitValue64_v2(stream: CUstream, address: CUdeviceptr, value: cuuint64_t, flags: c_uint) {
        one(stream, false, true, (address, value), flags)
    }
    cuStreamBatchMemOp_v2(stream: CUstream, count: c_uint, params: *mut CUstreamBatchMemOpParams, flags: c_uint) {
        if count > MAX_BATCH {
            return Err(INVALID);
        }
        batch(stream, array(params, count as usize)?, flags)
    }
    cuStreamWriteValue32(stream: CUstream, address: CUdeviceptr, value: cuuint32_t, flags: c_uint) {
        one(stream, true, false, (address, u64::from(value)), flags)
    }
    cuStreamWriteValue64(stream: CUstream, address: CUdeviceptr, value: cuuint64_t, flags: c_uint) {
        one(stream, true, true, (address, value), flags)
    }
    cuStreamWaitValue32(stream: CUstream, address: CUdeviceptr, value: cuuint32_t, flags: c_uint) {
        one(stream, false, false, (address, u64::from(value)), flags)
    }
    cuStreamWaitValue64(stream: CUstream, address: CUdeviceptr, value: cuuint64_t, flags: c_uint) {
        one(stream, false, true, (address, value), flags)
    }
    cuStreamBatchMemOp(stream: CUstream, count: c_uint, params: *mut CUstreamBatchMemOpParams, flags: c_uint) {
        if count > MAX_BATCH {
            return Err(INVALID);
        }
        batch(stream, array(params, count as usize)?, flags)
    }
}
