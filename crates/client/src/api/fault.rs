//! Faults in memory that the program and kernels both use: the handler of SIGSEGV, and its neighbours.
//!
//! The program may have a handler of its own, installed before or after: a language's runtime has one for its stacks and null
//! pointers, a crash reporter for its reports. This one stays in front of them, since a fault in shared memory is no failure, and
//! passes on whatever is not its own.

use core::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError, mpsc};

use crate::session::Session;
use crate::thread;

/// The session, to which a handler has no other way.
static SESSION: OnceLock<&'static Session> = OnceLock::new();
/// The handlers that were there before, the newest first. Entries are never freed: a handler may be walking them.
static OTHERS: AtomicPtr<Other> = AtomicPtr::new(core::ptr::null_mut());
/// Where a thread that has no room to fetch has it done.
static SERVICE: OnceLock<Mutex<mpsc::Sender<Request>>> = OnceLock::new();

struct Other {
    action: libc::sigaction,
    older: *mut Other,
}

/// The page is there, and closed.
const SEGV_ACCERR: c_int = 2;

/// Most handlers that are kept. Whoever installs them again and again is in the list by then.
const MOST_OTHERS: usize = 64;

/// Gets ready for faults: once, when a program first has memory that needs it.
pub fn install(session: &'static Session) {
    let _ = SESSION.set(session);
    SERVICE.get_or_init(|| {
        let (sender, requests) = mpsc::channel();
        // Where no thread can be made, requests are served where they arise.
        let _ = std::thread::Builder::new()
            .name("pillion-faults".into())
            .spawn(move || serve(&requests));
        Mutex::new(sender)
    });
    stay();
}

/// Puts the handler in front, if it is not there: before pages are closed.
pub fn stay() {
    // SAFETY: zero is a value of the struct; asks only.
    let now = unsafe {
        let mut now: libc::sigaction = core::mem::zeroed();
        if libc::sigaction(libc::SIGSEGV, core::ptr::null(), &raw mut now) != 0 {
            return;
        }
        now
    };
    if now.sa_sigaction == on_fault as *const () as usize {
        return;
    }
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    let newest = OTHERS.load(Ordering::Acquire);
    let known = others(newest)
        .next()
        .is_some_and(|other| other.sa_sigaction == now.sa_sigaction);
    if !known && others(newest).count() < MOST_OTHERS {
        let entry = Box::new(Other {
            action: now,
            older: newest,
        });
        // Release: pairs with the acquire of whoever walks the list.
        OTHERS.store(Box::into_raw(entry), Ordering::Release);
    }
    // SAFETY: zero is a value of the struct; the handler has the signature that SA_SIGINFO asks for.
    unsafe {
        let mut action: libc::sigaction = core::mem::zeroed();
        action.sa_sigaction = on_fault as *const () as usize;
        // Not deferred: fetching may itself fault, elsewhere. On the thread's other stack where it has one: for the handlers
        // behind this one, which may be there to tell that the usual one is used up.
        action.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER | libc::SA_RESTART | libc::SA_ONSTACK;
        libc::sigemptyset(&raw mut action.sa_mask);
        libc::sigaction(libc::SIGSEGV, &raw const action, core::ptr::null_mut());
    }
}

fn others(newest: *mut Other) -> impl Iterator<Item = libc::sigaction> {
    let mut next = newest;
    core::iter::from_fn(move || {
        // SAFETY: null or an entry, which is never freed nor changed.
        let other = unsafe { next.as_ref() }?;
        next = other.older;
        Some(other.action)
    })
}

extern "C" fn on_fault(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel's description of the fault, or the copy that `pass_on` makes; errno is the thread's own.
    let (address, errno) = unsafe { ((*info).si_addr() as u64, libc::__errno_location()) };
    // SAFETY: as above.
    let kept = unsafe { *errno };
    // SAFETY: as above.
    let closed = unsafe { (*info).si_code } == SEGV_ACCERR;
    let resolved = SESSION
        .get()
        .filter(|session| closed && session.shared.sees(address))
        .is_some_and(|session| {
            if is_cramped(context) {
                ask(session, address, writes(context))
            } else {
                resolve(session, address, writes(context))
            }
        });
    // SAFETY: as above.
    unsafe { *errno = kept };
    if !resolved {
        pass_on(signal, info, context);
    }
}

fn resolve(session: &Session, address: u64, writes: bool) -> bool {
    // A host function may not call CUDA, but it may look at memory.
    let in_call = thread::in_call();
    thread::set_in_call(false);
    let resolved = session.shared.touched(session, address, writes);
    thread::set_in_call(in_call);
    resolved
}

// ---- little stack ---------------------------------------------------------------------------------------------------------

/// Bytes of stack that fetching may take, generously.
const ROOM: usize = 64 << 10;

/// Whether the handler runs on a stack of the program's making that may be too small for fetching.
fn is_cramped(context: *mut c_void) -> bool {
    let here = 0u8;
    // SAFETY: the kernel hands the handler a ucontext.
    let stack = unsafe { &(*context.cast::<libc::ucontext_t>()).uc_stack };
    let below = (&raw const here as usize).wrapping_sub(stack.ss_sp as usize);
    stack.ss_flags & libc::SS_DISABLE == 0 && below < stack.ss_size && below < ROOM
}

/// A fault that is served by another thread while its own waits.
struct Request {
    address: u64,
    writes: bool,
    /// On the waiting thread's stack.
    outcome: *const AtomicU32,
}

// SAFETY: what it points to is an atomic that outlives the request: its thread waits for it.
unsafe impl Send for Request {}

const WAITING: u32 = 0;
const RESOLVED: u32 = 1;
const FOREIGN: u32 = 2;

fn ask(session: &Session, address: u64, writes: bool) -> bool {
    let outcome = AtomicU32::new(WAITING);
    let request = Request {
        address,
        writes,
        outcome: &raw const outcome,
    };
    let sent = SERVICE.get().is_some_and(|service| {
        let service = service.lock().unwrap_or_else(PoisonError::into_inner);
        service.send(request).is_ok()
    });
    if !sent {
        return resolve(session, address, writes);
    }
    loop {
        // Acquire: pairs with the release in `serve`; the pages are open.
        match outcome.load(Ordering::Acquire) {
            WAITING => {
                let _ = rustix::thread::futex::wait(
                    &outcome,
                    rustix::thread::futex::Flags::PRIVATE,
                    WAITING,
                    None,
                );
            }
            other => return other == RESOLVED,
        }
    }
}

fn serve(requests: &mpsc::Receiver<Request>) {
    for request in requests {
        let resolved = SESSION
            .get()
            .is_some_and(|session| resolve(session, request.address, request.writes));
        // SAFETY: the waiting thread's, which waits until this is written. Waking an address that has gone since is harmless.
        unsafe {
            (*request.outcome).store(if resolved { RESOLVED } else { FOREIGN }, Ordering::Release);
            libc::syscall(
                libc::SYS_futex,
                request.outcome,
                libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG,
                1,
            );
        }
    }
}

/// Whether the fault was a write, where the processor says so. Elsewhere a block is opened for reading first.
fn writes(context: *mut c_void) -> bool {
    // SAFETY: the kernel hands the handler a ucontext.
    let context = unsafe { &*context.cast::<libc::ucontext_t>() };
    #[cfg(target_arch = "x86_64")]
    {
        context.uc_mcontext.gregs[libc::REG_ERR as usize] & 2 != 0
    }
    #[cfg(target_arch = "aarch64")]
    {
        const RECORDS_AT: usize = size_of::<libc::mcontext_t>() - RECORDS;
        let registers = (&raw const context.uc_mcontext).cast::<u8>();
        // SAFETY: the last part of the struct: bytes, in which any may be.
        let records = unsafe { core::slice::from_raw_parts(registers.add(RECORDS_AT), RECORDS) };
        says_written(records).unwrap_or(false)
    }
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    {
        let _ = context;
        false
    }
}

/// Bytes of records that ARM's kernels put behind the registers.
#[cfg(any(target_arch = "aarch64", test))]
const RECORDS: usize = 4096;

/// Whether the fault was a write, as one of these records says, if one does: emulators have none.
#[cfg(any(target_arch = "aarch64", test))]
fn says_written(records: &[u8]) -> Option<bool> {
    /// `ESR_MAGIC`: the record of the syndrome register.
    const SYNDROME: u32 = 0x4553_5201;
    /// The register's classes of faults in data, by a program and by the kernel for it.
    const IN_DATA: [u64; 2] = [0x24, 0x25];
    let mut rest = records;
    loop {
        let (magic, beyond) = rest.split_first_chunk()?;
        let (size, body) = beyond.split_first_chunk()?;
        let size = u32::from_ne_bytes(*size) as usize;
        if u32::from_ne_bytes(*magic) == SYNDROME {
            let syndrome = u64::from_ne_bytes(*body.first_chunk()?);
            let of_data = IN_DATA.contains(&(syndrome >> 26 & 0x3f));
            return of_data.then_some(syndrome & 1 << 6 != 0);
        }
        // The last record has no size.
        if size < 8 {
            return None;
        }
        rest = rest.get(size..)?;
    }
}

// ---- other handlers -------------------------------------------------------------------------------------------------------

/// A description of a fault as words, to be marked. A handler that was installed after this one may pass the fault back; how
/// far down the list it has come is told by the end of the description, which the kernel leaves zero.
type Words = [u64; size_of::<libc::siginfo_t>() / 8];

const MARK: u64 = 0x5069_6c6c_696f_6e21;
const MARK_AT: usize = size_of::<Words>() / 8 - 2;

/// A fault that is not this library's: whoever handled it before does, or the process ends as it would have.
fn pass_on(signal: c_int, info: *mut libc::siginfo_t, context: *mut c_void) {
    // SAFETY: the kernel's description, or the copy below: both have all of the struct's bytes, in which any word may be.
    let mut passed = unsafe { info.cast::<Words>().read_unaligned() };
    let level = match passed[MARK_AT] {
        MARK => passed[MARK_AT + 1] as usize,
        _ => 0,
    };
    passed[MARK_AT] = MARK;
    passed[MARK_AT + 1] = level as u64 + 1;
    let mut rest = others(OTHERS.load(Ordering::Acquire)).skip(level);
    match rest.next() {
        Some(other) if other.sa_sigaction == libc::SIG_IGN => {}
        Some(other) if other.sa_sigaction != libc::SIG_DFL => {
            if other.sa_flags & libc::SA_SIGINFO != 0 {
                // SAFETY: the flag says that the handler has this signature.
                let handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) =
                    unsafe { core::mem::transmute(other.sa_sigaction) };
                handler(signal, (&raw mut passed).cast(), context);
            } else {
                // SAFETY: without the flag the handler has this signature.
                let handler: extern "C" fn(c_int) =
                    unsafe { core::mem::transmute(other.sa_sigaction) };
                handler(signal);
            }
        }
        _ => {
            // SAFETY: zero is a value of the struct, and means the default. The instruction faults again and ends the process.
            unsafe {
                let default: libc::sigaction = core::mem::zeroed();
                libc::sigaction(signal, &raw const default, core::ptr::null_mut());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(all: &[(u32, &[u8])]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (magic, body) in all {
            bytes.extend_from_slice(&magic.to_ne_bytes());
            bytes.extend_from_slice(&(8 + body.len() as u32).to_ne_bytes());
            bytes.extend_from_slice(body);
        }
        bytes.resize(RECORDS, 0);
        bytes
    }

    #[test]
    fn arms_records_say_what_a_fault_was() {
        // A permission fault of a program at the third level, as the kernel tells of it.
        let (read, write) = (0x9200_000f_u64, 0x9200_004f_u64);
        let floats = (0x4650_8001, &[0x53; 520][..]);
        for (syndrome, written) in [
            (read, Some(false)),
            (write, Some(true)),
            // Of the kernel on behalf of a program.
            (write | 1 << 26, Some(true)),
            // Of an instruction.
            (0x8200_004f, None),
        ] {
            let syndrome = syndrome.to_ne_bytes();
            let one = (0x4553_5201, &syndrome[..]);
            for all in [&[one][..], &[floats, one], &[floats, one, floats]] {
                assert_eq!(says_written(&records(all)), written, "{syndrome:x?}");
            }
        }
    }

    #[test]
    fn records_without_a_syndrome_and_broken_ones_say_nothing() {
        assert_eq!(says_written(&records(&[(0x4650_8001, &[1; 520])])), None);
        assert_eq!(says_written(&[]), None);
        let mut long = records(&[(0x4650_8001, &[1; 8])]);
        long[4..8].copy_from_slice(&u32::MAX.to_ne_bytes());
        assert_eq!(says_written(&long), None);
        let cut = records(&[(0x4553_5201, &[0xff; 8])]);
        assert_eq!(says_written(&cut[..12]), None);
    }
}
