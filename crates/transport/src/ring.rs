//! A ring of bytes with one writer and one reader, in memory that two processes share.
//!
//! Positions count all bytes that ever passed, so they never run backwards. Each side keeps its own position to itself, publishes
//! it in the shared [`Control`], and believes the other's only after a look at whether it can be true: a peer that scribbles on
//! the memory ends its own connection.
//!
//! ```text
//! writer                                       reader
//! copies bytes in                              says that it waits
//! publishes the tail          --- data --->    (fence) looks at the tail once more
//! (fence) does the reader wait?                sleeps
//! rings if so                 --- bell --->    wakes
//! ```
//!
//! The two fences are each other's partner: either the reader's last look sees the new tail, or the writer sees that the reader
//! waits. The other direction, a writer that waits for room, is the same with the roles exchanged. What a bell is, the owner of
//! the ring decides.
//!
//! The atomics are a parameter, so that the tests of this module check the very same code in a model of memory.

use std::io::{IoSlice, IoSliceMut};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};

/// The atomics that a ring is made of.
pub(crate) trait Atomics {
    /// A position.
    type Position: Atomic<u64>;
    /// A flag.
    type Flag: Atomic<u32>;
    /// A fence of all orders.
    fn fence();
}

/// One atomic value.
pub(crate) trait Atomic<T> {
    fn load(&self, order: std::sync::atomic::Ordering) -> T;
    fn store(&self, value: T, order: std::sync::atomic::Ordering);
    fn swap(&self, value: T, order: std::sync::atomic::Ordering) -> T;
}

/// The processor's own.
#[derive(Debug)]
pub(crate) enum Real {}

impl Atomics for Real {
    type Position = std::sync::atomic::AtomicU64;
    type Flag = std::sync::atomic::AtomicU32;

    #[inline]
    fn fence() {
        std::sync::atomic::fence(SeqCst);
    }
}

macro_rules! atomic {
    ($($type:ty: $value:ty),*) => {$(
        impl Atomic<$value> for $type {
            #[inline]
            fn load(&self, order: std::sync::atomic::Ordering) -> $value {
                self.load(order)
            }
            #[inline]
            fn store(&self, value: $value, order: std::sync::atomic::Ordering) {
                self.store(value, order);
            }
            #[inline]
            fn swap(&self, value: $value, order: std::sync::atomic::Ordering) -> $value {
                self.swap(value, order)
            }
        }
    )*};
}

atomic!(std::sync::atomic::AtomicU64: u64, std::sync::atomic::AtomicU32: u32);

/// A value on a cache line of its own, with the one that the processor fetches beside it.
#[repr(C, align(128))]
#[derive(Debug, Default)]
pub(crate) struct Line<T>(T);

/// What both sides of a ring see beside its bytes. All zero is an empty ring.
#[repr(C)]
#[derive(Debug)]
pub(crate) struct Control<A: Atomics> {
    /// Bytes written. The writer's.
    tail: Line<A::Position>,
    /// Bytes read. The reader's.
    head: Line<A::Position>,
    /// The reader sleeps, or is about to. Set by the reader, taken by the writer, who then rings.
    reader_waits: Line<A::Flag>,
    /// The writer sleeps for room, or is about to. Set by the writer, taken by the reader.
    writer_waits: Line<A::Flag>,
    /// Nothing more will be written. The writer's.
    ended: Line<A::Flag>,
}

/// The bytes of a ring.
pub(crate) trait Bytes {
    /// How many there are: a power of two.
    fn capacity(&self) -> usize;

    /// Copies into the ring at `at`, which with the length is within the capacity.
    fn write(&self, at: usize, bytes: &[u8]);

    /// Copies out of the ring.
    fn read(&self, at: usize, bytes: &mut [u8]);
}

/// The peer's position cannot be true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scribbled;

impl<A: Atomics> Control<A> {
    /// Whether there is something to read, or will never be again.
    pub(crate) fn readable(&self) -> bool {
        // Acquire, for the writer's release: what is seen to be there can be read.
        self.tail.0.load(Acquire) != self.head.0.load(Relaxed) || self.has_ended()
    }

    /// Whether there is room in a ring of so many bytes.
    pub(crate) fn writable(&self, capacity: usize) -> bool {
        let used = self
            .tail
            .0
            .load(Relaxed)
            .wrapping_sub(self.head.0.load(Acquire));
        used < capacity as u64
    }

    /// Whether the writer has written its last.
    pub(crate) fn has_ended(&self) -> bool {
        // Acquire, for the release in `end`: the last bytes are there to be seen.
        self.ended.0.load(Acquire) != 0
    }

    /// Says that the reader is about to sleep: it has to look once more afterwards.
    pub(crate) fn announce_reader(&self) {
        self.reader_waits.0.store(1, Relaxed);
        A::fence();
    }

    /// Says that the writer is about to sleep: it has to look once more afterwards.
    pub(crate) fn announce_writer(&self) {
        self.writer_waits.0.store(1, Relaxed);
        A::fence();
    }

    /// The writer's last word. Answers whether to ring.
    #[must_use]
    pub(crate) fn end(&self) -> bool {
        self.ended.0.store(1, Release);
        Self::wanted(&self.reader_waits.0)
    }

    /// After something was published: whether the other side waits for it. It is told once.
    #[inline]
    fn wanted(flag: &A::Flag) -> bool {
        A::fence();
        flag.load(Relaxed) != 0 && flag.swap(0, Relaxed) != 0
    }
}

/// The writing end.
#[derive(Debug)]
pub(crate) struct Producer {
    tail: u64,
    /// The reader's position when last looked at.
    head: u64,
}

impl Producer {
    /// Goes on at a position, which nobody else writes from.
    pub(crate) fn at(tail: u64) -> Self {
        // As if there were no room: it looks before it writes.
        let head = tail.wrapping_sub(u64::MAX / 2);
        Self { tail, head }
    }

    /// Where it is.
    pub(crate) fn position(&self) -> u64 {
        self.tail
    }

    /// Writes as much of `parts`, in order, as there is room for. Answers how many bytes that was, and whether to ring.
    #[inline]
    pub(crate) fn write<A: Atomics>(
        &mut self,
        control: &Control<A>,
        ring: &impl Bytes,
        parts: &[IoSlice<'_>],
    ) -> Result<(usize, bool), Scribbled> {
        let wanted: usize = parts.iter().map(|part| part.len()).sum();
        let capacity = ring.capacity();
        let mut room = capacity.saturating_sub(self.tail.wrapping_sub(self.head) as usize);
        if room < wanted {
            // Acquire, for the release in `read`: what it has read may be written over.
            self.head = control.head.0.load(Acquire);
            let used = self.tail.wrapping_sub(self.head);
            if used > capacity as u64 {
                return Err(Scribbled);
            }
            room = capacity - used as usize;
        }
        let mut left = room.min(wanted);
        if left == 0 {
            return Ok((0, false));
        }
        let written = left;
        for part in parts {
            let mut bytes = &part[..part.len().min(left)];
            left -= bytes.len();
            while !bytes.is_empty() {
                let at = self.tail as usize & (capacity - 1);
                let (now, rest) = bytes.split_at(bytes.len().min(capacity - at));
                ring.write(at, now);
                self.tail = self.tail.wrapping_add(now.len() as u64);
                bytes = rest;
            }
        }
        // Release, for the acquire in `read` and `readable`.
        control.tail.0.store(self.tail, Release);
        Ok((written, Control::<A>::wanted(&control.reader_waits.0)))
    }
}

/// The reading end.
#[derive(Debug)]
pub(crate) struct Consumer {
    head: u64,
    /// The writer's position when last looked at.
    tail: u64,
}

impl Consumer {
    /// Goes on at a position, which nobody else reads from.
    pub(crate) fn at(head: u64) -> Self {
        Self { head, tail: head }
    }

    /// Where it is.
    pub(crate) fn position(&self) -> u64 {
        self.head
    }

    /// Reads as much as there is and `parts` have room for. Answers how many bytes that was, and whether to ring.
    #[inline]
    pub(crate) fn read<A: Atomics>(
        &mut self,
        control: &Control<A>,
        ring: &impl Bytes,
        parts: &mut [IoSliceMut<'_>],
    ) -> Result<(usize, bool), Scribbled> {
        let capacity = ring.capacity();
        let room: usize = parts.iter().map(|part| part.len()).sum();
        if (self.tail.wrapping_sub(self.head) as usize) < room {
            // Acquire, for the release in `write`: the bytes up to there are in place.
            self.tail = control.tail.0.load(Acquire);
            if self.tail.wrapping_sub(self.head) > capacity as u64 {
                return Err(Scribbled);
            }
        }
        let mut left = (self.tail.wrapping_sub(self.head) as usize).min(room);
        if left == 0 {
            return Ok((0, false));
        }
        let taken = left;
        for part in parts {
            let len = part.len().min(left);
            let mut bytes = &mut part[..len];
            left -= len;
            while !bytes.is_empty() {
                let at = self.head as usize & (capacity - 1);
                let (now, rest) = bytes.split_at_mut(bytes.len().min(capacity - at));
                ring.read(at, now);
                self.head = self.head.wrapping_add(now.len() as u64);
                bytes = rest;
            }
        }
        // Release, for the acquire in `write`: the reader is done with these bytes.
        control.head.0.store(self.head, Release);
        Ok((taken, Control::<A>::wanted(&control.writer_waits.0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use loom::sync::{Arc, Condvar, Mutex};
    use std::sync::atomic::Ordering;

    /// The model checker's.
    #[derive(Debug)]
    enum Model {}

    impl Atomics for Model {
        type Position = loom::sync::atomic::AtomicU64;
        type Flag = loom::sync::atomic::AtomicU32;

        fn fence() {
            loom::sync::atomic::fence(SeqCst);
        }
    }

    atomic!(loom::sync::atomic::AtomicU64: u64, loom::sync::atomic::AtomicU32: u32);

    fn control<A: Atomics>() -> Control<A>
    where
        A::Position: Default,
        A::Flag: Default,
    {
        Control {
            tail: Line::default(),
            head: Line::default(),
            reader_waits: Line::default(),
            writer_waits: Line::default(),
            ended: Line::default(),
        }
    }

    /// Cells that tell when two threads touch one of them at once.
    struct Cells(Vec<loom::cell::UnsafeCell<u8>>);

    // SAFETY: the model checks what this claims: a cell is never touched by two threads at once.
    unsafe impl Sync for Cells {}
    // SAFETY: bytes.
    unsafe impl Send for Cells {}

    impl Bytes for Cells {
        fn capacity(&self) -> usize {
            self.0.len()
        }

        fn write(&self, at: usize, bytes: &[u8]) {
            for (cell, byte) in self.0[at..].iter().zip(bytes) {
                // SAFETY: the model fails the test if another thread has it.
                cell.with_mut(|place| unsafe { *place = *byte });
            }
        }

        fn read(&self, at: usize, bytes: &mut [u8]) {
            for (cell, byte) in self.0[at..].iter().zip(bytes) {
                // SAFETY: as above.
                *byte = cell.with(|place| unsafe { *place });
            }
        }
    }

    /// As the kernel's event counter: rings are remembered.
    #[derive(Default)]
    struct Bell(Mutex<bool>, Condvar);

    impl Bell {
        fn ring(&self) {
            *self.0.lock().unwrap() = true;
            self.1.notify_one();
        }

        fn wait(&self) {
            let mut rung = self.0.lock().unwrap();
            while !*rung {
                rung = self.1.wait(rung).unwrap();
            }
            *rung = false;
        }
    }

    struct Shared {
        control: Control<Model>,
        cells: Cells,
        reader: Bell,
        writer: Bell,
    }

    /// A writer and a reader that sleep whenever they can: a bell that is not rung is a deadlock, which the model finds, and so is
    /// a byte that is read before it is written.
    fn passes(capacity: usize, total: u8, at_once: usize) {
        let mut model = loom::model::Builder::new();
        model.preemption_bound = Some(3);
        model.check(move || {
            let shared = Arc::new(Shared {
                control: control(),
                cells: Cells(
                    (0..capacity)
                        .map(|_| loom::cell::UnsafeCell::new(0))
                        .collect(),
                ),
                reader: Bell::default(),
                writer: Bell::default(),
            });
            let there = shared.clone();
            let writer = loom::thread::spawn(move || {
                let mut producer = Producer::at(0);
                let bytes: Vec<u8> = (1..=total).collect();
                let mut sent = 0;
                while sent < bytes.len() {
                    let part = &bytes[sent..(sent + at_once).min(bytes.len())];
                    let parts = [IoSlice::new(part)];
                    let (n, ring) = producer
                        .write(&there.control, &there.cells, &parts)
                        .unwrap();
                    if ring {
                        there.reader.ring();
                    }
                    sent += n;
                    if n == 0 {
                        there.control.announce_writer();
                        if !there.control.writable(capacity) {
                            there.writer.wait();
                        }
                    }
                }
                if there.control.end() {
                    there.reader.ring();
                }
            });
            let mut consumer = Consumer::at(0);
            let mut got = Vec::new();
            loop {
                let mut bytes = [0; 4];
                let mut parts = [IoSliceMut::new(&mut bytes)];
                let (n, ring) = consumer
                    .read(&shared.control, &shared.cells, &mut parts)
                    .unwrap();
                if ring {
                    shared.writer.ring();
                }
                got.extend_from_slice(&bytes[..n]);
                if n > 0 {
                    continue;
                }
                if shared.control.has_ended() {
                    // What was written before the end is there now.
                    if shared.control.tail.0.load(Acquire) == consumer.position() {
                        break;
                    }
                    continue;
                }
                shared.control.announce_reader();
                if !shared.control.readable() {
                    shared.reader.wait();
                }
            }
            writer.join().unwrap();
            assert_eq!(got, (1..=total).collect::<Vec<u8>>());
        });
    }

    #[test]
    fn no_bell_is_missed_and_no_byte_early() {
        passes(2, 3, 1);
    }

    #[test]
    fn a_full_ring_wraps_in_the_model() {
        passes(2, 5, 2);
    }

    /// Plain memory, for what needs no model.
    struct Plain(std::cell::RefCell<Vec<u8>>);

    impl Bytes for Plain {
        fn capacity(&self) -> usize {
            self.0.borrow().len()
        }

        fn write(&self, at: usize, bytes: &[u8]) {
            self.0.borrow_mut()[at..at + bytes.len()].copy_from_slice(bytes);
        }

        fn read(&self, at: usize, bytes: &mut [u8]) {
            bytes.copy_from_slice(&self.0.borrow()[at..at + bytes.len()]);
        }
    }

    fn plain(capacity: usize) -> (Control<Real>, Plain) {
        (control(), Plain(std::cell::RefCell::new(vec![0; capacity])))
    }

    proptest::proptest! {
        #[test]
        fn bytes_pass_in_order(
            start in 0..u64::MAX,
            steps in proptest::collection::vec((0usize..100, 0usize..100), 1..200),
        ) {
            let (control, ring) = plain(64);
            control.head.0.store(start, Ordering::Relaxed);
            control.tail.0.store(start, Ordering::Relaxed);
            let (mut producer, mut consumer) = (Producer::at(start), Consumer::at(start));
            let (mut sent, mut received) = (0u32, 0u32);
            for (write, read) in steps {
                let bytes: Vec<u8> = (0..write).map(|i| (sent + i as u32) as u8).collect();
                let (a, b) = bytes.split_at(write / 3);
                let (n, ring_bell) = producer
                    .write(&control, &ring, &[IoSlice::new(a), IoSlice::new(b)])
                    .unwrap();
                assert!(!ring_bell && n == write.min(64 - (sent - received) as usize));
                sent += n as u32;
                let mut bytes = vec![0; read];
                let (a, b) = bytes.split_at_mut(read / 2);
                let (n, _) = consumer
                    .read(&control, &ring, &mut [IoSliceMut::new(a), IoSliceMut::new(b)])
                    .unwrap();
                assert_eq!(n, read.min((sent - received) as usize));
                for byte in &bytes[..n] {
                    assert_eq!(*byte, received as u8);
                    received += 1;
                }
                assert_eq!(control.readable(), sent != received);
                assert_eq!(control.writable(64), sent - received < 64);
            }
        }
    }

    #[test]
    fn positions_that_cannot_be_true_are_refused() {
        let mut bytes = [0; 8];
        for wrong in [65, u64::MAX - 64, 1 << 63] {
            let (control, ring) = plain(64);
            control.tail.0.store(wrong, Ordering::Relaxed);
            let read = Consumer::at(0).read(&control, &ring, &mut [IoSliceMut::new(&mut bytes)]);
            assert_eq!(read, Err(Scribbled));
            let (control, ring) = plain(64);
            control.head.0.store(wrong, Ordering::Relaxed);
            let written = Producer::at(0).write(&control, &ring, &[IoSlice::new(&[1])]);
            assert_eq!(written, Err(Scribbled));
        }
    }

    #[test]
    fn who_waits_is_told_once() {
        let (control, ring) = plain(64);
        let mut producer = Producer::at(0);
        control.announce_reader();
        assert_eq!(
            producer.write(&control, &ring, &[IoSlice::new(&[1])]),
            Ok((1, true))
        );
        assert_eq!(
            producer.write(&control, &ring, &[IoSlice::new(&[1])]),
            Ok((1, false))
        );
        control.announce_writer();
        let mut bytes = [0; 1];
        let mut consumer = Consumer::at(0);
        let mut parts = [IoSliceMut::new(&mut bytes)];
        assert_eq!(consumer.read(&control, &ring, &mut parts), Ok((1, true)));
        assert_eq!(consumer.read(&control, &ring, &mut parts), Ok((1, false)));
        control.announce_reader();
        assert!(control.end() && control.readable() && control.has_ended());
    }
}
