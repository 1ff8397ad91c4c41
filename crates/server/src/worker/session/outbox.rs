//! What goes to the client: answers, data, and what kernels print.

use std::io::{ErrorKind, IoSlice};
use std::os::fd::AsRawFd;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use pillion_cuda_abi::types::CUresult;
use pillion_protocol::packed::Method;
use pillion_protocol::{CHUNK, Reply, packed};
use pillion_transport::Interest;

use super::super::staging::Buffer;
use super::{DataHead, INBOX, OK, OUTBOX_LIMIT, Outgoing, Session};

impl Session {
    pub(super) fn answer(&mut self, sequence: u64, status: CUresult, body: &[u8]) {
        self.push(sequence, |own, out| {
            Reply::Answer { status, body }.encode(own, sequence, out)
        });
    }

    /// Answers with success and what `answers` holds.
    pub(super) fn answer_own(&mut self, sequence: u64) {
        let body = std::mem::take(&mut self.answers);
        self.answer(sequence, OK, &body);
        self.answers = body;
    }

    pub(super) fn push(&mut self, _answers: u64, encode: impl FnOnce(u64, &mut Vec<u8>)) {
        self.sequence += 1;
        if self
            .output
            .back()
            .is_none_or(|last| last.payload.is_some() || last.bytes.len() > INBOX)
        {
            self.output.push_back(Outgoing {
                bytes: Vec::new(),
                sent: 0,
                payload: None,
                unpacked: None,
            });
        }
        if let Some(last) = self.output.back_mut() {
            let before = last.bytes.len();
            encode(self.sequence, &mut last.bytes);
            self.output_len += last.bytes.len() - before;
        }
        #[cfg(test)]
        {
            self.most_output = self.most_output.max(self.output_len);
        }
    }

    /// Queues what is in host memory of the session's, which `host_range` or the maps have checked.
    pub(super) fn push_host(&mut self, sequence: u64, place: *const u8, len: u64) {
        let mut offset = 0;
        while offset < len {
            if !self.make_room() {
                return;
            }
            let n = (len - offset).min(CHUNK as u64) as usize;
            // SAFETY: within memory of the session's, which lives until it is unmapped; what a kernel writes meanwhile may or may
            // not be in it.
            let bytes =
                unsafe { std::slice::from_raw_parts(place.add(offset as usize), n) }.to_vec();
            self.push(sequence, |own, out| {
                Reply::Data {
                    offset,
                    bytes: &bytes,
                }
                .encode(own, sequence, out)
            });
            offset += n as u64;
        }
    }

    /// Sends until there is room for more, where one command is answered with more than may wait to be sent. The client reads while
    /// it cannot send, so this comes to an end. Where it does not, there is none: the session is over, as the loop finds out.
    fn make_room(&mut self) -> bool {
        while self.output_len >= OUTBOX_LIMIT {
            match self.send() {
                Ok(true) => continue,
                Ok(false) => {}
                Err(_) => return false,
            }
            let interest = Interest::WRITABLE;
            let wait = Some(Duration::from_secs(1));
            let waited = self.connection.poller.wait(interest, None, wait);
            let failed = |error: std::io::Error| error.kind() != ErrorKind::Interrupted;
            if waited.is_err_and(failed) || self.broker_ends().is_some() {
                return false;
            }
        }
        true
    }

    /// Queues a data frame whose bytes are sent from the buffer that the device wrote.
    pub(super) fn push_data(
        &mut self,
        sequence: u64,
        offset: u64,
        buffer: Buffer,
        len: usize,
        packs: Option<Method>,
    ) {
        if let Some(method) = packs.filter(|_| len >= packed::LEAST) {
            self.sequence += 1;
            let head = DataHead {
                own: self.sequence,
                answers: sequence,
                offset,
            };
            self.output.push_back(Outgoing {
                bytes: Vec::new(),
                sent: 0,
                payload: Some((buffer, len)),
                unpacked: Some((head, method)),
            });
            self.output_len += len;
            return;
        }
        if len <= 4096 {
            // SAFETY: the event behind the copy has happened; the buffer is the session's.
            let bytes = unsafe { buffer.bytes(len) };
            self.push(sequence, |own, out| {
                Reply::Data { offset, bytes }.encode(own, sequence, out)
            });
            self.staging.give_back(buffer);
            return;
        }
        self.push(sequence, |own, out| {
            Reply::encode_data_head(offset, len, own, sequence, out)
        });
        if let Some(last) = self.output.back_mut() {
            last.payload = Some((buffer, len));
        }
        self.output_len += len;
    }

    /// Packs the payload that is the next to be sent, or sends it as it is: whichever it is, its header is there then.
    fn pack_front(&mut self) {
        let Some(front) = self.output.front_mut() else {
            return;
        };
        let (Some((head, method)), Some((buffer, len))) = (front.unpacked.take(), front.payload)
        else {
            return;
        };
        let DataHead {
            own,
            answers,
            offset,
        } = head;
        // SAFETY: the event behind the copy has happened; the buffer is given back below, or once it has been sent.
        let whole = unsafe { buffer.bytes(len) };
        let mut block = Vec::new();
        if self.packer.pack(method, whole, &mut block) {
            let block = &block[..];
            Reply::Packed { offset, len, block }.encode(own, answers, &mut front.bytes);
            front.payload = None;
            self.output_len -= len;
            self.staging.give_back(buffer);
            self.account.bytes_saved += (len - block.len()) as u64;
        } else {
            head.encode(len, &mut front.bytes);
        }
        self.output_len += front.bytes.len();
    }

    pub(super) fn send(&mut self) -> std::io::Result<bool> {
        let mut any = false;
        let mut packed = false;
        while let Some(front) = self.output.front() {
            if front.unpacked.is_some() {
                // Packing takes its time: one at a time, and commands between them.
                if std::mem::replace(&mut packed, true) && any {
                    break;
                }
                self.pack_front();
            }
            let Some(front) = self.output.front_mut() else {
                break;
            };
            let head = &front.bytes[front.sent.min(front.bytes.len())..];
            let tail = match front.payload {
                Some((buffer, len)) => {
                    // SAFETY: the event behind the copy has happened; the buffer is given back only below.
                    let whole = unsafe { buffer.bytes(len) };
                    &whole[front.sent.saturating_sub(front.bytes.len())..]
                }
                None => &[],
            };
            if head.is_empty() && tail.is_empty() {
                let done = self.output.pop_front();
                if let Some((buffer, _)) = done.and_then(|done| done.payload) {
                    self.staging.give_back(buffer);
                }
                continue;
            }
            match self
                .connection
                .sender
                .try_send(&[IoSlice::new(head), IoSlice::new(tail)])
            {
                Ok(n) => {
                    front.sent += n;
                    self.output_len -= n;
                    self.account.bytes_out += n as u64;
                    any = true;
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(any)
    }

    /// Before the program is told that something has happened: what kernels have printed until then, where any of them may, and what
    /// the driver says of a failure.
    pub(super) fn push_printed(&mut self, status: CUresult) {
        if self.prints || status != OK {
            self.push_output();
        }
    }

    /// Sends what the device has printed.
    pub(super) fn push_output(&mut self) {
        for index in 0..2 {
            let Some(file) = &self.printed.files[index] else {
                continue;
            };
            let Ok(stat) = rustix::fs::fstat(file) else {
                continue;
            };
            let size = stat.st_size as u64;
            while self.printed.read[index] < size {
                let mut bytes = vec![0; (size - self.printed.read[index]).min(64 << 10) as usize];
                let Some(file) = &self.printed.files[index] else {
                    break;
                };
                // SAFETY: the descriptor is open as long as the session.
                let file = unsafe { BorrowedFd::borrow_raw(file.as_raw_fd()) };
                let Ok(n) = rustix::io::pread(file, &mut bytes, self.printed.read[index]) else {
                    break;
                };
                if n == 0 {
                    break;
                }
                // What has been read need not be kept; the offsets stay.
                let _ = rustix::fs::fallocate(
                    file,
                    rustix::fs::FallocateFlags::PUNCH_HOLE | rustix::fs::FallocateFlags::KEEP_SIZE,
                    self.printed.read[index],
                    n as u64,
                );
                self.printed.read[index] += n as u64;
                let stream = index as u32 + 1;
                self.push(0, |own, out| {
                    Reply::Output {
                        stream,
                        bytes: &bytes[..n],
                    }
                    .encode(own, 0, out)
                });
            }
        }
    }
}
