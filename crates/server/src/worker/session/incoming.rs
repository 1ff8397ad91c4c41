//! Copies to the device whose bytes are read from the connection straight to where the device reads them.
//!
//! A command that has arrived whole is executed from the input. Of a long copy of which only the beginning is there, the place is
//! taken at once, and what is still to come is read into it, with nothing in between. Until the last byte is there nothing else is
//! executed, so to everything else the copy begins when it would have begun.

use std::io::IoSliceMut;

use pillion_protocol::command::{CopyHead, cuda};
use pillion_protocol::{HEADER_LEN, Header, Interface};
use zerocopy::FromBytes;

use super::{End, Failure, INBOX, Outcome, Session};

/// Copies from this size on are read to their place. Shorter ones are as quickly moved.
const LEAST: usize = 32 << 10;
/// How far the input is filled behind or before such a copy: what else of one is read there has to be moved.
pub(super) const NARROW: usize = 4 << 10;
/// How far it is filled at first.
pub(super) const WINDOW: usize = 64 << 10;

/// A copy that is arriving.
pub(super) struct Incoming {
    sequence: u64,
    head: CopyHead,
    /// The driver's stream.
    stream: u64,
    /// Pinned memory for all of it, which is the device's once the copy is issued.
    place: usize,
    filled: usize,
}

impl Incoming {
    fn len(&self) -> usize {
        self.head.len.get() as usize
    }
}

impl Session {
    /// How many bytes are to be read behind those that the input holds.
    pub(super) fn room_to_read(&self) -> usize {
        let there = &self.input[self.start..self.end];
        let missing = match there.first_chunk().map(Header::parse) {
            // Too little of a copy to know where it goes.
            Some(Ok(header))
                if is_copy(&header) && there.len() < HEADER_LEN + size_of::<CopyHead>() =>
            {
                0
            }
            Some(Ok(header)) => {
                (HEADER_LEN + header.len.get() as usize).saturating_sub(there.len())
            }
            _ => 0,
        };
        self.window.max(missing).min(self.input.len() - self.end)
    }

    /// Learns from whether as much came as there was room for.
    pub(super) fn adjust_window(&mut self, filled: bool) {
        if self.incoming.is_some() {
            self.window = NARROW;
        } else if filled {
            self.window = (self.window * 4).min(INBOX);
        }
    }

    /// Takes the place for a copy of which `body` has arrived so far, if it is one that is read there. What else is wrong with the
    /// command is told when it is there whole.
    #[cold]
    pub(super) fn begin_incoming(&mut self, header: &Header, body: &[u8]) -> bool {
        let Ok((head, data)) = CopyHead::ref_from_prefix(body) else {
            return false;
        };
        let len = head.len.get();
        // Behind host functions commands may have to wait their turn, as a whole.
        if !is_copy(header)
            || u64::from(header.len.get()) - size_of::<CopyHead>() as u64 != len
            || len < LEAST as u64
            || !self.early.is_empty()
            || !self.ahead.is_empty()
            || self.has_calls()
            || self.enter(header).is_err()
        {
            return false;
        }
        let Ok(stream) = self.stream(head.stream.get()) else {
            return false;
        };
        let Ok(place) = self.room(len as usize, stream) else {
            return false;
        };
        // SAFETY: `room` answers `len` bytes, which nothing else uses, and `data` is shorter.
        unsafe { std::ptr::copy_nonoverlapping(data.as_ptr(), place as *mut u8, data.len()) };
        self.account.commands += 1;
        self.incoming = Some(Incoming {
            sequence: header.sequence.get(),
            head: *head,
            stream,
            place,
            filled: data.len(),
        });
        true
    }

    /// Reads of the copy that is arriving, and issues it once it is there. Answers how many bytes have come behind it, if anything has
    /// come.
    pub(super) fn receive_incoming(
        &mut self,
        mut incoming: Incoming,
    ) -> Result<Option<usize>, End> {
        let missing = incoming.len() - incoming.filled;
        // SAFETY: the rest of the place, which is nobody else's before the copy is issued; the driver gives pinned memory with bytes
        // in it.
        let rest = unsafe {
            std::slice::from_raw_parts_mut((incoming.place + incoming.filled) as *mut u8, missing)
        };
        let behind = &mut self.input[..NARROW];
        let parts = &mut [IoSliceMut::new(rest), IoSliceMut::new(behind)];
        let read = self.connection.receiver.try_recv(parts);
        let came = self.arrived(read)?;
        match came {
            Some(n) if n >= missing => {
                let issued = self.issue_incoming(&incoming);
                self.executed(cuda::COPY_TO_DEVICE, incoming.sequence, issued)?;
                Ok(Some(n - missing))
            }
            _ => {
                incoming.filled += came.unwrap_or(0);
                self.incoming = Some(incoming);
                Ok(came.map(|_| 0))
            }
        }
    }

    fn issue_incoming(&mut self, incoming: &Incoming) -> Result<Outcome<'static>, Failure> {
        let (head, place, len) = (&incoming.head, incoming.place, incoming.len());
        self.copy_staged(head, 0, place, len, incoming.stream)?;
        // SAFETY: the place is filled, and the device only reads it.
        let bytes = unsafe { std::slice::from_raw_parts(place as *const u8, len) };
        self.keep_copied(head, bytes);
        Ok(Outcome::Silent)
    }
}

fn is_copy(header: &Header) -> bool {
    header.interface == Interface::Cuda as u8 && header.opcode.get() == cuda::COPY_TO_DEVICE
}
