//! A thread for calls of the driver that wait for the device by themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Sender, channel};

use pillion_cuda_abi::DriverTable;
use pillion_cuda_abi::types::CUcontext;

/// Frees memory. Ends with the session's process.
pub struct Reaper {
    frees: Sender<(u64, u64)>,
    left: Arc<AtomicUsize>,
}

impl Reaper {
    /// Starts the thread; `None` where there can be none, and then frees stay where they were.
    pub fn start(table: DriverTable) -> Option<Self> {
        let (frees, todo) = channel::<(u64, u64)>();
        let left = Arc::new(AtomicUsize::new(0));
        let done = left.clone();
        std::thread::Builder::new()
            .name("free".to_string())
            .spawn(move || {
                for (context, address) in todo {
                    if let (Some(set), Some(free)) = (table.cuCtxSetCurrent, table.cuMemFree_v2) {
                        // SAFETY: a context of this session; where it has died the call fails.
                        let _ = unsafe { set(context as CUcontext) };
                        // SAFETY: an address that cuMemAlloc gave this session and nothing issued uses any more.
                        let _ = unsafe { free(address) };
                    }
                    // Release: whoever sees the count sees the memory free.
                    done.fetch_sub(1, Ordering::Release);
                }
            })
            .ok()?;
        Some(Reaper { frees, left })
    }

    /// Frees `address`, of this context, soon.
    pub fn free(&self, context: u64, address: u64) {
        self.left.fetch_add(1, Ordering::Relaxed);
        if self.frees.send((context, address)).is_err() {
            self.left.fetch_sub(1, Ordering::Relaxed);
        }
    }

    /// Whether something is not free yet.
    pub fn is_busy(&self) -> bool {
        self.left.load(Ordering::Acquire) > 0
    }
}
