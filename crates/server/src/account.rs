//! What a session uses, counted where it is used and seen where it is asked for.
//!
//! A worker counts in an [`Account`] of its own and writes it now and then to a [`Page`], memory that it has in common with the broker.
//! So nobody asks a worker anything and no worker wakes the broker; and what a worker had used is known after it was killed, too. A
//! worker that somebody has taken over can write what it likes there: of its own session, and of no other.

use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, ftruncate, memfd_create};
use rustix::mm::{MapFlags, ProtFlags, mmap, munmap};
use serde::{Deserialize, Serialize};

/// How many classes of waits there are: below 2 µs, below 4, and so on; the last has all from half a second on.
pub const WAITS: usize = 20;

macro_rules! account {
    ($($(#[$doc:meta])* $field:ident,)*) => {
        /// What a session has used so far.
        #[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Account {
            $($(#[$doc])* pub $field: u64,)*
            /// Waits of the program for the device that have come to their end, by how long they took: the first class is below 2 µs,
            /// each further one ends at twice the time of the one before it, and the last has all the others.
            pub waits: [u64; WAITS],
        }

        /// Words of an account.
        const WORDS: usize = [$(stringify!($field)),*].len() + WAITS;

        impl Account {
            fn words(&self) -> [u64; WORDS] {
                let mut words = [0; WORDS];
                let (counters, waits) = words.split_at_mut(WORDS - WAITS);
                counters.copy_from_slice(&[$(self.$field),*]);
                waits.copy_from_slice(&self.waits);
                words
            }

            fn from_words(words: &[u64; WORDS]) -> Self {
                let mut words = words.iter().copied();
                let mut next = || words.next().unwrap_or(0);
                Account {
                    $($field: next(),)*
                    waits: std::array::from_fn(|_| next()),
                }
            }
        }
    };
}

account! {
    /// Commands executed.
    commands,
    /// Kernels launched.
    launches,
    /// Bytes received.
    bytes_in,
    /// Bytes sent.
    bytes_out,
    /// Bytes that the client named by their hash, and that were there.
    bytes_cached,
    /// Bytes that were not sent, in either direction, because what has them was packed.
    bytes_saved,
    /// Bytes of device memory that it holds through `cuMemAlloc` and its like: what the client divides by itself counts whole, used or
    /// not. Pools, physical memory and arrays are not in it; a quota counts those.
    memory,
    /// The most that was.
    peak_memory,
    /// Nanoseconds during which the device had something of it to do, alone or beside others.
    busy,
    /// Nanoseconds that the program has waited for the device, in all the waits of `waits`.
    waited,
    /// Commands that came to an error, and waits.
    errors,
}

/// In which class of [`Account::waits`] a time is.
#[must_use]
pub fn class_of(time: Duration) -> usize {
    let micros = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
    let class = (u64::BITS - (micros >> 1).leading_zeros()) as usize;
    class.min(WAITS - 1)
}

/// Nanoseconds, as far as they can be counted.
#[must_use]
pub fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

impl Account {
    /// Counts a wait of the program's.
    pub fn waited(&mut self, time: Duration) {
        self.waits[class_of(time)] += 1;
        self.waited = self.waited.saturating_add(nanos(time));
    }

    /// What both have used together; of `peak_memory` the larger one. What a worker has written that somebody has taken over may be
    /// anything.
    #[must_use]
    pub fn and(&self, other: &Account) -> Account {
        let (ours, theirs) = (self.words(), other.words());
        let words = std::array::from_fn(|index| ours[index].saturating_add(theirs[index]));
        Account {
            peak_memory: self.peak_memory.max(other.peak_memory),
            ..Account::from_words(&words)
        }
    }

    /// Counts memory that the session has got.
    pub fn hold(&mut self, bytes: u64) {
        self.memory += bytes;
        self.peak_memory = self.peak_memory.max(self.memory);
    }

    /// Counts memory that it has no longer.
    pub fn release(&mut self, bytes: u64) {
        self.memory = self.memory.saturating_sub(bytes);
    }
}

/// Bytes of a page: an account, and behind it the word of [`crate::turn`] and that of [`Page::idle_since`].
const LEN: usize = (WORDS + 2) * 8;
/// In the place of since when a session is idle: it is not.
const WORKS: u64 = 0;

/// An account in memory that two processes have in common. Each word is read and written whole; together they may be of different
/// moments.
#[derive(Debug)]
pub struct Page {
    memory: OwnedFd,
    place: NonNull<AtomicU64>,
}

// SAFETY: what the pointer leads to is shared memory that is used by atomic operations alone.
unsafe impl Send for Page {}
// SAFETY: as above.
unsafe impl Sync for Page {}

impl Page {
    /// A new one, with nothing used.
    ///
    /// # Errors
    ///
    /// The kernel's: no descriptor, no memory.
    pub fn new() -> io::Result<Self> {
        let memory = memfd_create(
            "pillion-account",
            MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING,
        )?;
        ftruncate(&memory, LEN as u64)?;
        fcntl_add_seals(
            &memory,
            SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL,
        )?;
        Self::open(memory)
    }

    /// One that another process has made.
    ///
    /// # Errors
    ///
    /// The kernel's; or it is not that.
    pub fn open(memory: OwnedFd) -> io::Result<Self> {
        let seals = rustix::fs::fcntl_get_seals(&memory)?;
        let length = rustix::fs::fstat(&memory)?.st_size;
        // Otherwise somebody could take the memory away under us.
        if !seals.contains(SealFlags::SHRINK) || length != LEN as i64 {
            return Err(io::ErrorKind::InvalidData.into());
        }
        // SAFETY: new memory, at a place of the kernel's choice.
        let place = unsafe {
            mmap(
                std::ptr::null_mut(),
                LEN,
                ProtFlags::READ | ProtFlags::WRITE,
                MapFlags::SHARED,
                &memory,
                0,
            )
        }?;
        let place = NonNull::new(place.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
        Ok(Page { memory, place })
    }

    /// The memory, for the other process.
    pub fn memory(&self) -> impl AsFd + '_ {
        &self.memory
    }

    fn words(&self) -> &[AtomicU64; WORDS] {
        // SAFETY: so many bytes are mapped, from the beginning of a page, for as long as this value; atomics may be shared.
        unsafe { self.place.cast().as_ref() }
    }

    /// What both sides agree by who has the turn.
    pub fn turn(&self) -> &AtomicU64 {
        // SAFETY: the page has two words more than an account, and atomics may be shared.
        unsafe { self.place.add(WORDS).as_ref() }
    }

    fn idle(&self) -> &AtomicU64 {
        // SAFETY: the page has two words more than an account, and atomics may be shared.
        unsafe { self.place.add(WORDS + 1).as_ref() }
    }

    /// Writes since when neither the session nor the device has anything to do; `None`: one of them has.
    pub fn set_idle(&self, since: Option<Instant>) {
        let word = since.map_or(WORKS, |since| {
            clock().saturating_sub(nanos(since.elapsed()))
        });
        self.idle().store(word, Ordering::Relaxed);
    }

    /// Reads it. It has been looked at a hundredth of a second ago, or so.
    pub fn idle_since(&self, now: Instant) -> Option<Instant> {
        match self.idle().load(Ordering::Relaxed) {
            WORKS => None,
            since => now.checked_sub(Duration::from_nanos(clock().saturating_sub(since))),
        }
    }

    /// Writes what has been used.
    pub fn write(&self, account: &Account) {
        for (word, value) in self.words().iter().zip(account.words()) {
            word.store(value, Ordering::Relaxed);
        }
    }

    /// Reads it.
    pub fn read(&self) -> Account {
        let words = self.words();
        Account::from_words(&std::array::from_fn(|index| {
            words[index].load(Ordering::Relaxed)
        }))
    }
}

/// What both processes' clocks say: nanoseconds.
fn clock() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    // Never what stands for no time.
    (seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)).max(1)
}

impl Drop for Page {
    fn drop(&mut self) {
        // SAFETY: the mapping of this value, to which nothing leads any more.
        let _ = unsafe { munmap(self.place.as_ptr().cast(), LEN) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_have_classes() {
        let mut account = Account::default();
        for micros in [0, 1, 2, 3, 4, 1023, 1024, u64::MAX >> 20] {
            account.waited(Duration::from_micros(micros));
        }
        let mut expected = [0; WAITS];
        (expected[0], expected[1], expected[2]) = (2, 2, 1);
        (expected[9], expected[10], expected[WAITS - 1]) = (1, 1, 1);
        assert_eq!(account.waits, expected);
    }

    #[test]
    fn both_sides_see_the_same() {
        let ours = Page::new().unwrap();
        let theirs = ours.memory().as_fd().try_clone_to_owned().unwrap();
        let theirs = Page::open(theirs).unwrap();
        let mut account = Account {
            commands: 1,
            launches: 2,
            ..Account::default()
        };
        account.hold(7);
        account.release(9);
        account.waited(Duration::from_secs(9));
        theirs.write(&account);
        let read = ours.read();
        assert_eq!(read, account);
        assert_eq!((read.memory, read.peak_memory), (0, 7));
        ours.turn().store(5, Ordering::Relaxed);
        assert_eq!(theirs.turn().load(Ordering::Relaxed), 5);
        assert_eq!(ours.read(), account);
        let now = Instant::now();
        assert_eq!(ours.idle_since(now), None);
        theirs.set_idle(Some(now.checked_sub(Duration::from_secs(3)).unwrap()));
        let since = ours.idle_since(Instant::now()).unwrap();
        // It is put down as of another clock, which is read some moments apart.
        assert!(since < now && now < since + Duration::from_secs(3600));
        theirs.set_idle(None);
        assert_eq!(ours.idle_since(now), None);
        // A worker may write anything.
        ours.idle().store(u64::MAX, Ordering::Relaxed);
        assert_eq!(theirs.idle_since(now), Some(now));
        assert_eq!(ours.read(), account);
        let json = serde_json::to_string(&read).unwrap();
        assert_eq!(serde_json::from_str::<Account>(&json).unwrap(), read);
    }

    #[test]
    fn accounts_are_added() {
        let mut one = Account {
            busy: u64::MAX,
            launches: 3,
            ..Account::default()
        };
        one.hold(5);
        one.waited(Duration::from_micros(3));
        let mut other = Account {
            busy: 1,
            launches: 4,
            ..Account::default()
        };
        other.hold(9);
        other.release(8);
        let both = one.and(&other);
        assert_eq!((both.busy, both.launches), (u64::MAX, 7));
        assert_eq!((both.memory, both.peak_memory), (6, 9));
        assert_eq!((both.waited, both.waits[1]), (3000, 1));
    }

    #[test]
    fn other_memory_is_no_page() {
        let memory = memfd_create("other", MemfdFlags::CLOEXEC).unwrap();
        ftruncate(&memory, LEN as u64).unwrap();
        assert!(Page::open(memory).is_err());
        let short = memfd_create("other", MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING).unwrap();
        fcntl_add_seals(&short, SealFlags::SHRINK | SealFlags::GROW).unwrap();
        assert!(Page::open(short).is_err());
    }
}
