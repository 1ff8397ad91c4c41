//! A session's end of the socket to the broker. A thread hears what comes, so that a session that sleeps is woken, and one that does not
//! asks no kernel whether there is something.

use std::os::fd::{AsFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::calls::Calls;
use super::reports::Report;
use super::said::Said;

/// The socket, and what has come by it.
pub struct Control {
    socket: OwnedFd,
    heard: Arc<Heard>,
}

#[derive(Default)]
struct Heard {
    /// There is something that was not taken.
    any: AtomicBool,
    words: Mutex<Words>,
}

#[derive(Default)]
struct Words {
    said: Vec<Said>,
    /// The broker has gone, or says what no broker says.
    is_over: bool,
}

impl Control {
    /// Listens from now on, and wakes with the waker of `calls`.
    ///
    /// # Errors
    ///
    /// The kernel's: no descriptor, no thread.
    pub fn new(socket: OwnedFd, calls: &'static Calls) -> std::io::Result<Self> {
        let heard = Arc::new(Heard::default());
        let (ours, theirs) = (socket.try_clone()?, Arc::clone(&heard));
        let thread = std::thread::Builder::new()
            .name("pillion-control".to_string())
            .stack_size(128 << 10);
        thread.spawn(move || hear(&ours, &theirs, calls))?;
        Ok(Control { socket, heard })
    }

    /// Whether [`take`](Self::take) would answer something.
    #[inline]
    pub fn any(&self) -> bool {
        // Acquire: pairs with the release in `tell`.
        self.heard.any.load(Ordering::Acquire)
    }

    /// What the broker has said since the last call; and whether there will be no more, which stays so.
    pub fn take(&self) -> (Vec<Said>, bool) {
        let mut words = self.heard.words();
        // Relaxed: what sets it holds the lock.
        self.heard.any.store(words.is_over, Ordering::Relaxed);
        (std::mem::take(&mut words.said), words.is_over)
    }

    /// Tells the broker something. Where it cannot be told, it has gone.
    pub fn report(&self, report: &Report) {
        super::report(&self.socket, report);
    }
}

impl Heard {
    fn words(&self) -> std::sync::MutexGuard<'_, Words> {
        self.words.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn tell(&self, calls: &Calls, change: impl FnOnce(&mut Words)) {
        let mut words = self.words();
        change(&mut words);
        // Release: pairs with the acquire in `any`.
        self.any.store(true, Ordering::Release);
        drop(words);
        calls.waker().wake();
    }
}

/// Hears what the broker says, until there is no more.
fn hear(socket: impl AsFd, heard: &Heard, calls: &Calls) {
    let mut bytes = Vec::new();
    let mut piece = [0; 1024];
    loop {
        match rustix::io::read(&socket, &mut piece) {
            Ok(n @ 1..) => bytes.extend_from_slice(&piece[..n]),
            Err(rustix::io::Errno::INTR) => continue,
            Ok(0) | Err(_) => return heard.tell(calls, |words| words.is_over = true),
        }
        loop {
            match Said::take(&mut bytes) {
                Ok(None) => break,
                Ok(Some(said)) => heard.tell(calls, |words| words.said.push(said)),
                Err(violation) => {
                    tracing::error!("the broker says what no broker says: {violation}");
                    return heard.tell(calls, |words| words.is_over = true);
                }
            }
        }
    }
}
