//! What leaves: whoever sends takes all of the outbox, and the I/O thread sends what nobody else does.

use std::io::{self, ErrorKind, IoSlice};
use std::sync::TryLockError;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use pillion_transport::{Interest, Sender};

use super::{Link, lock};

/// How long the I/O thread leaves the outbox alone after it has sent it. Where it runs far from the program's thread, every look at what
/// that writes costs both of them; and a run of launches keeps the device busy for longer. Who waits sends at once.
const PACE: Duration = Duration::from_micros(10);
/// Pauses of the processor between two looks for something to send.
const LOOKS_AWAY: usize = 8;

pub(super) struct Writer {
    pub(super) sender: Box<dyn Sender>,
    pub(super) buffer: Vec<u8>,
}

impl Link {
    /// The I/O thread: sends what nobody sends, and looks in when nobody reads.
    pub fn run(&self) {
        self.send_and_look();
        // Whoever ended the session may have held the writer's role; here it is free sooner or later.
        let _ = lock(&self.writer).sender.shutdown();
    }

    fn send_and_look(&self) {
        let mut quiet = Duration::from_millis(10);
        let mut active = Instant::now();
        let mut seen = u64::MAX;
        while self.lost.get().is_none() {
            // Who stays awake leaves the outbox's lock alone, which the program's threads are about to take. Relaxed: the look below,
            // before this thread sleeps, is under the lock.
            let issued = self.issued.load(Ordering::Relaxed);
            let is_new = std::mem::replace(&mut seen, issued) != issued;
            if is_new && !lock(&self.outbox).buffer.is_empty() && self.flush() {
                let now = Instant::now();
                self.commands.learn(now - active);
                active = now;
                quiet = Duration::from_millis(10);
                // What follows at once goes together.
                while !self.commands.limit().is_zero() && now.elapsed() < PACE {
                    std::hint::spin_loop();
                }
                continue;
            }
            if self.commands.stays_awake(active) {
                // Not at every turn: each look takes the word from the core that writes it.
                (0..LOOKS_AWAY).for_each(|_| std::hint::spin_loop());
                continue;
            }
            // SeqCst with the mutex: whoever appends after the look below sees `parked`.
            self.parked.store(true, Ordering::SeqCst);
            if !lock(&self.outbox).buffer.is_empty() && self.writer.try_lock().is_ok() {
                self.parked.store(false, Ordering::SeqCst);
                seen = u64::MAX;
                continue;
            }
            let ready = self
                .poller
                .wait(Interest::NONE, Some(&self.waker), Some(quiet));
            self.parked.store(false, Ordering::SeqCst);
            match ready {
                Ok(ready) if ready.woken => {
                    // There was something to send, be it that another thread has sent it.
                    let now = Instant::now();
                    self.commands.learn(now - active);
                    active = now;
                    quiet = Duration::from_millis(10);
                }
                Ok(_) => {
                    if let Ok(mut inbox) = self.inbox.try_lock() {
                        while self.receive(&mut inbox) {}
                        drop(inbox);
                        self.promote();
                    }
                    quiet = (quiet * 2).min(Duration::from_secs(1));
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return self.lose(&error.to_string()),
            }
        }
    }

    /// Sends the outbox, unless another thread is at it, who will send this too. Answers whether this thread sent.
    pub fn flush(&self) -> bool {
        let mut sent = false;
        loop {
            let mut writer = match self.writer.try_lock() {
                Ok(writer) => writer,
                Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
                Err(TryLockError::WouldBlock) => return sent,
            };
            loop {
                {
                    let mut outbox = lock(&self.outbox);
                    if outbox.buffer.is_empty() {
                        break;
                    }
                    std::mem::swap(&mut outbox.buffer, &mut writer.buffer);
                }
                let Writer { sender, buffer } = &mut *writer;
                let result = self.send(&mut **sender, buffer, &[]);
                buffer.clear();
                sent = true;
                if let Err(error) = result {
                    self.lose(&error.to_string());
                    return sent;
                }
            }
            drop(writer);
            // Who appended while this thread held the role, and found it taken, relies on this second look.
            if lock(&self.outbox).buffer.is_empty() {
                return sent;
            }
        }
    }

    pub(super) fn send(
        &self,
        sender: &mut dyn Sender,
        mut head: &[u8],
        mut payload: &[u8],
    ) -> io::Result<()> {
        while !head.is_empty() || !payload.is_empty() {
            if self.lost.get().is_some() {
                return Err(ErrorKind::ConnectionAborted.into());
            }
            match sender.try_send(&[IoSlice::new(head), IoSlice::new(payload)]) {
                Ok(n) => {
                    let first = n.min(head.len());
                    head = &head[first..];
                    payload = &payload[n - first..];
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    // The server may be waiting for us to read.
                    match self.inbox.try_lock() {
                        Ok(mut inbox) => {
                            let ready = self.poller.wait(
                                Interest::BOTH,
                                None,
                                Some(Duration::from_millis(100)),
                            )?;
                            if ready.readable {
                                self.receive(&mut inbox);
                            }
                            drop(inbox);
                            self.promote();
                        }
                        Err(_) => {
                            self.poller.wait(
                                Interest::WRITABLE,
                                None,
                                Some(Duration::from_millis(100)),
                            )?;
                        }
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
