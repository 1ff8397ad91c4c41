//! What libraries keep in a context: a value and a destructor for each key.
//!
//! The runtime looks its own state up before every call, so reading takes no lock. The table of entries is a chain of
//! blocks that only grows; an entry that was taken out is marked and used again.

use core::ffi::c_void;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use pillion_cuda_abi::CUresult;
use pillion_cuda_abi::types::CUcontext;

use crate::thread;

type Destructor = extern "C" fn(CUcontext, *mut c_void, *mut c_void);

const BLOCK: usize = 64;

/// One value. `context` is written last and cleared first, so a reader that finds it finds the rest.
struct Entry {
    context: AtomicU64,
    key: AtomicUsize,
    value: AtomicUsize,
    destructor: AtomicUsize,
}

struct Block {
    entries: [Entry; BLOCK],
    next: AtomicPtr<Block>,
}

impl Block {
    const fn new() -> Self {
        Block {
            entries: [const {
                Entry {
                    context: AtomicU64::new(0),
                    key: AtomicUsize::new(0),
                    value: AtomicUsize::new(0),
                    destructor: AtomicUsize::new(0),
                }
            }; BLOCK],
            next: AtomicPtr::new(core::ptr::null_mut()),
        }
    }
}

static FIRST: Block = Block::new();
/// Held by whoever changes entries.
static WRITER: Mutex<()> = Mutex::new(());

/// Every entry, block by block.
fn entries() -> impl Iterator<Item = &'static Entry> {
    let mut block = Some(&FIRST);
    core::iter::from_fn(move || {
        let here = block?;
        // Acquire: pairs with the release in `add`; the block is whole. SAFETY: null, or a block that is never freed.
        block = unsafe { here.next.load(Ordering::Acquire).as_ref() };
        Some(here)
    })
    .flat_map(|block| block.entries.iter())
}

fn find(context: u64, key: usize) -> Option<&'static Entry> {
    entries().find(|entry| {
        // Acquire: pairs with the release in `add`; key and value are those of this context's entry.
        entry.context.load(Ordering::Acquire) == context && entry.key.load(Ordering::Relaxed) == key
    })
}

/// The context that an argument means: null and -1 are the current one.
fn meant(context: CUcontext) -> Option<u64> {
    let context = match context as u64 {
        0 | u64::MAX => thread::current_context(),
        context => context,
    };
    (context != 0).then_some(context)
}

pub(super) extern "C" fn get(
    value: *mut *mut c_void,
    context: CUcontext,
    key: *mut c_void,
) -> CUresult {
    let Some(context) = meant(context) else {
        return CUresult::CUDA_ERROR_INVALID_CONTEXT;
    };
    match find(context, key as usize) {
        Some(entry) if !value.is_null() => {
            let found = entry.value.load(Ordering::Acquire);
            // Another thread may have taken the entry out and used it again meanwhile.
            let key = key as usize;
            if entry.key.load(Ordering::Acquire) != key
                || entry.context.load(Ordering::Acquire) != context
            {
                return CUresult::CUDA_ERROR_INVALID_HANDLE;
            }
            // SAFETY: the library's pointer.
            unsafe { value.write(found as *mut c_void) };
            CUresult::CUDA_SUCCESS
        }
        Some(_) => CUresult::CUDA_ERROR_INVALID_VALUE,
        None => CUresult::CUDA_ERROR_INVALID_HANDLE,
    }
}

pub(super) extern "C" fn put(
    context: CUcontext,
    key: *mut c_void,
    value: *mut c_void,
    destructor: Option<Destructor>,
) -> CUresult {
    let Some(context) = meant(context) else {
        return CUresult::CUDA_ERROR_INVALID_CONTEXT;
    };
    let _writer = WRITER.lock().unwrap_or_else(PoisonError::into_inner);
    let destructor = destructor.map_or(0, |destructor| destructor as usize);
    if let Some(entry) = find(context, key as usize) {
        entry.destructor.store(destructor, Ordering::Relaxed);
        entry.value.store(value as usize, Ordering::Relaxed);
    } else {
        add(context, key as usize, value as usize, destructor);
    }
    CUresult::CUDA_SUCCESS
}

/// Fills a free entry. The caller holds `WRITER`.
fn add(context: u64, key: usize, value: usize, destructor: usize) {
    let entry = entries()
        .find(|entry| entry.context.load(Ordering::Relaxed) == 0)
        .unwrap_or_else(|| {
            let mut last = &FIRST;
            // SAFETY: null, or a block that is never freed.
            while let Some(next) = unsafe { last.next.load(Ordering::Acquire).as_ref() } {
                last = next;
            }
            let block: &'static Block = Box::leak(Box::new(Block::new()));
            // Release: pairs with the acquire in `entries`.
            last.next
                .store(core::ptr::from_ref(block).cast_mut(), Ordering::Release);
            &block.entries[0]
        });
    entry.key.store(key, Ordering::Relaxed);
    entry.value.store(value, Ordering::Relaxed);
    entry.destructor.store(destructor, Ordering::Relaxed);
    // Release: pairs with the acquire in `find`.
    entry.context.store(context, Ordering::Release);
}

pub(super) extern "C" fn delete(context: CUcontext, key: *mut c_void) -> CUresult {
    let Some(context) = meant(context) else {
        return CUresult::CUDA_ERROR_INVALID_CONTEXT;
    };
    let _writer = WRITER.lock().unwrap_or_else(PoisonError::into_inner);
    match find(context, key as usize) {
        Some(entry) => {
            entry.context.store(0, Ordering::Release);
            CUresult::CUDA_SUCCESS
        }
        None => CUresult::CUDA_ERROR_INVALID_HANDLE,
    }
}

/// Runs the destructors of a context that dies.
pub fn context_destroyed(context: u64) {
    let mut dead = Vec::new();
    {
        let _writer = WRITER.lock().unwrap_or_else(PoisonError::into_inner);
        for entry in entries().filter(|entry| entry.context.load(Ordering::Relaxed) == context) {
            let part = |part: &AtomicUsize| part.load(Ordering::Relaxed);
            dead.push((
                part(&entry.key),
                part(&entry.value),
                part(&entry.destructor),
            ));
            entry.context.store(0, Ordering::Release);
        }
    }
    // Without the lock: a destructor may come back here.
    for (key, value, destructor) in dead {
        if destructor != 0 {
            // SAFETY: the address of the function that the library gave with the value.
            let destructor: Destructor = unsafe { core::mem::transmute(destructor) };
            destructor(
                context as CUcontext,
                key as *mut c_void,
                value as *mut c_void,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static ENDED: AtomicUsize = AtomicUsize::new(0);

    extern "C" fn end(_: CUcontext, key: *mut c_void, value: *mut c_void) {
        ENDED.fetch_add(key as usize * value as usize, Ordering::Relaxed);
    }

    fn look(context: u64, key: usize) -> core::result::Result<usize, CUresult> {
        let mut value = core::ptr::null_mut();
        match get(&raw mut value, context as CUcontext, key as *mut c_void) {
            CUresult::CUDA_SUCCESS => Ok(value as usize),
            status => Err(status),
        }
    }

    #[test]
    fn values_live_as_long_as_their_context() {
        let (one, two) = (0x0100_0000_0000_0001u64, 0x0100_0000_0000_0002u64);
        let put = |context: u64, key: usize, value: usize| {
            put(
                context as CUcontext,
                key as *mut c_void,
                value as *mut c_void,
                Some(end),
            )
        };
        assert_eq!(look(0, 1), Err(CUresult::CUDA_ERROR_INVALID_CONTEXT));
        for key in 1..200 {
            assert_eq!(look(one, key), Err(CUresult::CUDA_ERROR_INVALID_HANDLE));
            put(one, key, key + 1);
            put(two, key, key + 2);
        }
        put(one, 5, 50);
        assert_eq!(
            (look(one, 5), look(two, 5), look(one, 199)),
            (Ok(50), Ok(7), Ok(200))
        );
        assert_eq!(
            delete(two as CUcontext, 5 as *mut c_void),
            CUresult::CUDA_SUCCESS
        );
        assert_eq!(
            delete(two as CUcontext, 5 as *mut c_void),
            CUresult::CUDA_ERROR_INVALID_HANDLE
        );
        assert_eq!(look(two, 5), Err(CUresult::CUDA_ERROR_INVALID_HANDLE));
        let expected: usize = (1..200)
            .map(|key| key * if key == 5 { 50 } else { key + 1 })
            .sum();
        context_destroyed(one);
        assert_eq!(ENDED.load(Ordering::Relaxed), expected);
        assert_eq!(look(one, 7), Err(CUresult::CUDA_ERROR_INVALID_HANDLE));
        assert_eq!(look(two, 7), Ok(9));
    }
}
