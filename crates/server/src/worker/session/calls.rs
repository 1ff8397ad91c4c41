//! Host functions, which the client runs.
//!
//! A host function holds a stream until the client has run it, and the client's word that it has comes through the session's loop. So
//! while one is on its way, nothing is called over which the driver may wait for the device: frees are held back, and commands
//! that load code wait until the host functions have been run ([`Session::let_calls_end`]).

use std::ffi::c_void;
use std::io::{ErrorKind, IoSliceMut};
use std::time::Duration;

use pillion_cuda_abi::types::CUstream;
use pillion_protocol::command::{CALL_THREAD, CopyHead, cuda};
use pillion_protocol::handle::Kind;
use pillion_protocol::{CHUNK, Decoder, HEADER_LEN, Header, Interface, Reply};
use pillion_transport::Interest;
use zerocopy::FromBytes;

use super::super::calls::host_function;
use super::super::forward::Failure;
use super::super::staging::BUFFER;
use super::{
    COPY_ON_DEVICE, EVENT_CREATE, End, GRAPH_LAUNCH, LAST_MEMORY_OPERATION, LAST_MEMSET,
    LAST_OF_EVENTS, MEM_ALLOC_ASYNC, MEM_FREE_ASYNC, MEM_GET_INFO, NOT_SUPPORTED,
    STREAM_WAIT_EVENT, Session, check,
};

/// Launches behind a host function that is not run yet, beyond which the driver may wait for it.
const LAUNCHES_BEHIND_CALL: u32 = 500;
/// Most frees that are held back before the host functions have to come to their end.
const MOST_HELD: usize = 64;
/// Most bytes read ahead.
const READ_AHEAD: usize = 64 << 20;

impl Session {
    /// Whether the driver may make this thread wait for the device over a command: it does when it loads code, makes streams or
    /// memory, and takes only so many launches before it waits for the oldest. Of what is issued to streams it is known not to.
    pub(super) fn may_wait(&mut self, header: &Header, body: &[u8]) -> bool {
        // A host function needs its own commands to come to its end.
        if header.interface != Interface::Cuda as u8 || header.thread.get() & CALL_THREAD != 0 {
            return false;
        }
        if self.held.len() > MOST_HELD {
            return true;
        }
        match header.opcode.get() {
            cuda::LAUNCH | GRAPH_LAUNCH => {
                self.launched_behind += 1;
                self.launched_behind > LAUNCHES_BEHIND_CALL
            }
            // Pinned memory for a copy is what there is, until the device is done with some: more cannot be had now.
            cuda::COPY_TO_DEVICE | cuda::BOX_TO_DEVICE | cuda::COPY_PACKED => {
                let len = match header.opcode.get() {
                    cuda::COPY_PACKED => CHUNK,
                    _ => body.len(),
                };
                let context = header.context.get();
                let Session {
                    staging,
                    events,
                    table,
                    ..
                } = self;
                !staging.has_room(table, events, context, len)
            }
            cuda::COPY_TO_HOST => {
                let head = CopyHead::ref_from_prefix(body).map(|(head, _)| head);
                head.is_ok_and(|head| {
                    let (place, len) = (head.device.get(), head.len.get());
                    !self.host.stands_in(place, len)
                        && !self.staging.has_buffers(header.context.get(), len)
                })
            }
            cuda::BOX_TO_HOST => {
                let context = header.context.get();
                !self.staging.has_buffers(context, BUFFER as u64)
            }
            cuda::SYNCHRONIZE
            | cuda::QUERY
            | cuda::UPLOAD
            | cuda::UPLOAD_KNOWN
            | cuda::UPLOAD_PACKED
            | cuda::BOX_ON_DEVICE
            | cuda::MEM_FREE
            | cuda::MEM_QUIET
            | cuda::HOST_FUNCTION
            | cuda::CALL_DONE
            | cuda::CAPTURE_INFO
            | cuda::HOST_WRITE
            | cuda::HOST_READ => false,
            MEM_GET_INFO
            | MEM_ALLOC_ASYNC..=MEM_FREE_ASYNC
            | COPY_ON_DEVICE..=LAST_MEMSET
            | STREAM_WAIT_EVENT..=LAST_MEMORY_OPERATION
            | EVENT_CREATE..=LAST_OF_EVENTS => false,
            _ => true,
        }
    }

    /// Before a command over which the driver may wait for the device: the host functions that the device waits for come to their
    /// end. What the threads that run them say is behind commands that are not due yet, so it is read ahead and executed. `rest`
    /// is what has been read behind the command.
    pub(super) fn let_calls_end(&mut self, rest: &[u8]) -> Result<(), End> {
        tracing::debug!(calls = ?self.awaited_calls, "waiting for host functions");
        let mut stream = rest.to_vec();
        let mut at = 0;
        let known = rest.len();
        stream.append(&mut self.ahead);
        loop {
            while let Some(header) = stream[at.min(stream.len())..].first_chunk::<HEADER_LEN>() {
                let header = Header::parse(header).map_err(End::Violation)?;
                let body = at + HEADER_LEN;
                let end = body + header.len.get() as usize;
                if end > stream.len() {
                    break;
                }
                if header.thread.get() & CALL_THREAD != 0
                    && !self.early.contains(&header.sequence.get())
                {
                    self.early.insert(header.sequence.get());
                    self.account.commands += 1;
                    self.command(&header, &stream[body..end])?;
                }
                at = end;
            }
            if !self.has_calls() {
                break;
            }
            let mut progress = self.poll();
            if self.calls.any() {
                self.push_calls();
                progress = true;
            }
            progress |= self.send().map_err(|_| End::Client)?;
            if stream.len() < known + READ_AHEAD {
                let mut part = vec![0; 256 << 10];
                match self
                    .connection
                    .receiver
                    .try_recv(&mut [IoSliceMut::new(&mut part)])
                {
                    Ok(0) => return Err(End::Client),
                    Ok(n) => {
                        self.account.bytes_in += n as u64;
                        stream.extend_from_slice(&part[..n]);
                        progress = true;
                    }
                    Err(error)
                        if matches!(
                            error.kind(),
                            ErrorKind::WouldBlock | ErrorKind::Interrupted
                        ) => {}
                    Err(_) => return Err(End::Client),
                }
            }
            if !progress {
                let interest = Interest {
                    readable: stream.len() < known + READ_AHEAD,
                    writable: self.output_len > 0,
                };
                let waker = Some(self.calls.waker());
                let timeout = Some(Duration::from_millis(1));
                match self.connection.poller.wait(interest, waker, timeout) {
                    Ok(_) => {}
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(_) => return Err(End::Client),
                }
                if let Some(end) = self.broker_ends() {
                    return Err(end);
                }
            }
        }
        tracing::debug!("host functions have been run");
        stream.drain(..known);
        self.ahead = stream;
        Ok(())
    }

    /// The client has run a host function.
    fn end_call(&mut self, turn: u64) {
        if let Some(call) = self.calls.release(turn) {
            self.awaited_calls.remove(&call);
            if !self.has_calls() {
                self.launched_behind = 0;
            }
        }
    }

    /// Host functions, on their way to the device and back.
    pub(super) fn call(&mut self, opcode: u16, body: &mut Decoder<'_>) -> Result<(), Failure> {
        if opcode == cuda::CALL_DONE {
            let turn = body.scalar()?;
            body.end()?;
            self.end_call(turn);
            return Ok(());
        }
        let stream: u64 = body.scalar()?;
        let call: u64 = body.scalar()?;
        body.end()?;
        if !self.prepared {
            // While a host function is on its way no memory can be pinned.
            self.prepared = true;
            self.staging.prepare(&self.table, &self.handles)?;
        }
        let stream = self.stream(stream)?;
        let launch = self.table.cuLaunchHostFunc.ok_or(NOT_SUPPORTED)?;
        let captured = self.handles.is_capturing(stream);
        // SAFETY: a live stream; the function takes any word.
        check(unsafe { launch(stream as CUstream, Some(host_function), call as *mut c_void) })?;
        if captured {
            self.graph_calls = true;
        } else {
            self.awaited_calls.insert(call);
        }
        Ok(())
    }

    /// Says which host functions have their turn. What their streams have copied before goes first.
    pub(super) fn push_calls(&mut self) {
        for turn in self.calls.take() {
            if turn.turn == 0
                && let Some(object) = self.user_objects.remove(&turn.call)
            {
                self.handles.forget(Kind::UserObject, object);
            }
            self.push_data_before(self.waits.len());
            self.push(0, |own, out| {
                Reply::Call {
                    call: turn.call,
                    turn: turn.turn,
                }
                .encode(own, 0, out)
            });
        }
    }

    /// Whether a host function is on its way: the device may be waiting for this loop.
    pub(super) fn has_calls(&self) -> bool {
        !self.awaited_calls.is_empty() || self.awaited_graphs > 0
    }
}
