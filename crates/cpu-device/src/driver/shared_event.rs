//! What the processes that share an event know of its records: a page that each of them maps.
//!
//! ```text
//!  recorder: begin() -> a number; its place says "pending"; `latest` says the number
//!            end()   -> the place says "ended"; `changes` is counted up and whoever sleeps on it wakes
//!  waiter:   latest(), and until the number's place says "ended" sleeps on `changes`
//! ```
//!
//! Places are used again after [`PLACES`] records. Who finds a later record in the place that he waits for waits for that one.

use std::ffi::c_void;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use rustix::mm::{MapFlags, ProtFlags};
use rustix::process::Pid;
use rustix::thread::futex;

use super::{Answer, INVALID, file};
use pillion_cuda_abi::CUresult;

const PAGE: usize = 4096;
const PLACES: usize = 252;
/// How long a waiter sleeps before he looks whether the recorder still lives.
const DOZE: Duration = Duration::from_millis(100);

/// A page of zeros is an event that was never recorded.
#[repr(C)]
struct Page {
    /// The number of the newest record.
    latest: AtomicU64,
    /// The number that was last given to one.
    given: AtomicU64,
    /// Counts ends.
    changes: AtomicU32,
    _reserved: [u32; 11],
    places: [Place; PLACES],
}

#[repr(C)]
struct Place {
    /// Twice the number of the record that it is about, and one more when that has ended.
    state: AtomicU64,
    /// The process that recorded.
    process: AtomicU32,
    _reserved: u32,
}

const _: () = assert!(size_of::<Page>() == PAGE);

/// An event that several processes record and wait for.
pub struct SharedEvent(*const Page);

// SAFETY: the page is changed by atomic operations only, and stays mapped as long as this value lives.
unsafe impl Send for SharedEvent {}
// SAFETY: as above.
unsafe impl Sync for SharedEvent {}

impl Drop for SharedEvent {
    fn drop(&mut self) {
        // SAFETY: mapped by `open` with this length, and nobody has a reference to it any more.
        let _ = unsafe { rustix::mm::munmap(self.0 as *mut c_void, PAGE) };
    }
}

impl SharedEvent {
    /// A new one, and the file by which other processes open it.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_OUT_OF_MEMORY`.
    pub fn create() -> Answer<(Self, OwnedFd)> {
        let file = file::create(PAGE as u64)?;
        Ok((Self::open(&file)?, file))
    }

    /// That of another process.
    ///
    /// # Errors
    ///
    /// `CUDA_ERROR_INVALID_VALUE` for a file that is none, `CUDA_ERROR_OUT_OF_MEMORY`.
    pub fn open(file: &OwnedFd) -> Answer<Self> {
        if file::len(file)? != PAGE as u64 {
            return Err(INVALID);
        }
        let access = ProtFlags::READ | ProtFlags::WRITE;
        let null = std::ptr::null_mut();
        // SAFETY: a new mapping at a place of the kernel's choice; the file is as long and cannot shrink.
        let got =
            unsafe { rustix::mm::mmap(null, PAGE, access, MapFlags::SHARED, file.as_fd(), 0) };
        let page = got.map_err(|_| CUresult::CUDA_ERROR_OUT_OF_MEMORY)?;
        Ok(SharedEvent(page as *const Page))
    }

    fn page(&self) -> &Page {
        // SAFETY: mapped while `self` lives, aligned as pages are, and any bytes are a `Page`.
        unsafe { &*self.0 }
    }

    fn place(&self, number: u64) -> &Place {
        &self.page().places[(number % PLACES as u64) as usize]
    }

    /// Notes a record, which [`SharedEvent::end`] has to end.
    pub fn begin(&self) -> u64 {
        let page = self.page();
        let number = page.given.fetch_add(1, Ordering::Relaxed) + 1;
        let place = self.place(number);
        let own = rustix::process::getpid().as_raw_nonzero().get();
        place.process.store(own as u32, Ordering::Relaxed);
        // Release: who sees this state sees the process; partner of the acquire in `has_ended`.
        place.state.store(2 * number, Ordering::Release);
        // AcqRel: who sees the number sees its place; partner of `latest`.
        page.latest.fetch_max(number, Ordering::AcqRel);
        number
    }

    /// The record has happened.
    pub fn end(&self, number: u64) {
        let pending = 2 * number;
        // AcqRel: what was done before the record is seen behind it; partner of the acquire in `has_ended`. A place that was
        // used again is a later record's.
        let _ = self.place(number).state.compare_exchange(
            pending,
            pending + 1,
            Ordering::AcqRel,
            Ordering::Relaxed,
        );
        let changes = &self.page().changes;
        // AcqRel: whoever sees the count sees the state; partner of the acquire in `wait`.
        changes.fetch_add(1, Ordering::AcqRel);
        let _ = futex::wake(changes, futex::Flags::empty(), i32::MAX as u32);
    }

    /// The number of the newest record, 0 for none.
    pub fn latest(&self) -> u64 {
        self.page().latest.load(Ordering::Acquire)
    }

    /// Whether a record has happened.
    pub fn has_ended(&self, number: u64) -> bool {
        let state = self.place(number).state.load(Ordering::Acquire);
        state & 1 != 0 || state == 0
    }

    /// Waits until it has. A record of a process that is no more has happened: its work ended with it.
    pub fn wait(&self, number: u64) {
        let page = self.page();
        let doze = DOZE.try_into().ok();
        loop {
            let seen = page.changes.load(Ordering::Acquire);
            if self.has_ended(number) {
                return;
            }
            let timeout = futex::wait(&page.changes, futex::Flags::empty(), seen, doze.as_ref());
            if timeout == Err(rustix::io::Errno::TIMEDOUT) {
                let place = self.place(number);
                let process = place.process.load(Ordering::Relaxed);
                let alive = Pid::from_raw(process as i32)
                    .is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok());
                if !alive {
                    let state = place.state.load(Ordering::Acquire);
                    if place.process.load(Ordering::Relaxed) == process {
                        self.end(state / 2);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_seen_through_every_mapping() {
        let (one, file) = SharedEvent::create().unwrap();
        let two = SharedEvent::open(&file).unwrap();
        assert_eq!(two.latest(), 0);
        let first = one.begin();
        assert_eq!(two.latest(), first);
        let second = two.begin();
        assert_eq!(one.latest(), second);
        one.end(second);
        assert!(two.has_ended(second) && !two.has_ended(first));
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| two.wait(first));
            std::thread::sleep(Duration::from_millis(30));
            assert!(!waiter.is_finished());
            one.end(first);
            waiter.join().unwrap();
        });
    }

    #[test]
    fn a_place_that_is_used_again_stands_for_its_later_record() {
        let (event, _) = SharedEvent::create().unwrap();
        let numbers: Vec<u64> = (0..=PLACES).map(|_| event.begin()).collect();
        let (first, last) = (numbers[0], numbers[PLACES]);
        event.end(first);
        assert!(!event.has_ended(first));
        event.end(last);
        assert!(event.has_ended(first) && event.has_ended(last));
    }

    #[test]
    fn the_records_of_a_process_that_is_gone_have_happened() {
        let (event, _) = SharedEvent::create().unwrap();
        let number = event.begin();
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let gone = child.id();
        child.wait().unwrap();
        event.place(number).process.store(gone, Ordering::Relaxed);
        event.wait(number);
        assert!(event.has_ended(number));
    }

    #[test]
    fn a_file_of_another_length_is_no_event() {
        let file = file::create(2 * PAGE as u64).unwrap();
        assert_eq!(SharedEvent::open(&file).err(), Some(INVALID));
    }
}
