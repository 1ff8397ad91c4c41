//! The host memory that graphs use, and what stands for it on the server.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use pillion_cuda_abi::types::CUDA_MEMCPY3D;
use pillion_protocol::command::{COPY_SYNCHRONOUS, CopyHead, HOST_STANDS_IN, cuda};
use pillion_protocol::{CHUNK, Encoder, Interface};
use zerocopy::IntoBytes;
use zerocopy::little_endian::{U32, U64};

use super::super::context;
use super::{UNKNOWN, lock};
use crate::entry::Result;
use crate::link::Destination;
use crate::session::Session;
use crate::thread;

/// The host memory that a graph uses.
#[derive(Default)]
pub struct GraphMemory {
    /// Its copies, with the node of each where it is known.
    pub(super) copies: Mutex<Vec<(u64, Arc<HostCopy>)>>,
    /// Descriptions of copy nodes as the program gave them.
    pub(super) described: Mutex<HashMap<u64, Described>>,
    /// It has host functions, or a graph within it has.
    calls: AtomicBool,
    /// The numbers of its own. They are kept as long as this is: by graphs, executable graphs and launches that have not ended.
    functions: Mutex<Vec<u64>>,
    /// What holds those of graphs within it.
    within: Mutex<Vec<Arc<GraphMemory>>>,
}

impl GraphMemory {
    /// Enters a copy, of a node that may not be known yet. Answers the device memory that stands for the host's.
    ///
    /// # Errors
    ///
    /// Those of an allocation.
    pub fn add(&self, host: Destination, to_device: bool) -> Result<u64> {
        let copy = Arc::new(HostCopy::new(host, to_device)?);
        let staging = copy.staging;
        lock(&self.copies).push((0, copy));
        Session::current()?.graphs.any.store(true, Ordering::SeqCst);
        Ok(staging)
    }

    /// Says that the graph has a host function.
    pub fn note_call(&self) {
        self.calls.store(true, Ordering::SeqCst);
        if let Ok(session) = Session::current() {
            session.graphs.any.store(true, Ordering::SeqCst);
        }
    }

    /// Holds a host function from now on.
    pub fn own(&self, call: u64) {
        self.note_call();
        lock(&self.functions).push(call);
    }

    /// What holds the host functions that a launch may call.
    pub(super) fn called(self: &Arc<Self>) -> Vec<Arc<GraphMemory>> {
        let mut all = lock(&self.within).clone();
        if self.calls.load(Ordering::SeqCst) {
            all.push(self.clone());
        }
        all
    }

    /// Takes in what a graph launched inside this one uses.
    pub(super) fn extend(&self, copies: &[(u64, Arc<HostCopy>)], called: Vec<Arc<GraphMemory>>) {
        // The nodes are others there.
        lock(&self.copies).extend(copies.iter().map(|(_, copy)| (0, copy.clone())));
        if !called.is_empty() {
            self.note_call();
            lock(&self.within).extend(called);
        }
    }

    pub(super) fn is_used(&self) -> bool {
        self.calls.load(Ordering::SeqCst) || !lock(&self.copies).is_empty()
    }

    /// While a host function of the graph has its turn: what the graph has copied to the host so far arrives.
    pub fn fetch(&self, session: &'static Session) {
        let copies = lock(&self.copies).clone();
        for (_, copy) in copies.iter().filter(|(_, copy)| !copy.to_device) {
            let _ = copy.fetch_now(session);
        }
    }

    /// Behind a host function of the graph: what it has written is what the graph's later copies read.
    pub fn send_behind(&self, session: &'static Session) {
        let copies = lock(&self.copies).clone();
        for (_, copy) in copies.iter().filter(|(_, copy)| copy.to_device) {
            let _ = copy.send(session);
        }
    }
}

impl Drop for GraphMemory {
    fn drop(&mut self) {
        let functions = std::mem::take(&mut *lock(&self.functions));
        if !functions.is_empty()
            && let Ok(session) = Session::current()
        {
            for call in functions {
                session.calls.forget(call);
            }
        }
    }
}

/// A copy as the program has described it.
#[derive(Clone, Copy)]
pub(super) struct Described(pub(super) CUDA_MEMCPY3D);

// SAFETY: the addresses in it are numbers here.
unsafe impl Send for Described {}

/// A copy between host memory and its stand-in on the server.
///
/// The stand-in is host memory as well, which the device reaches by the same address: while a host function has its turn, its bytes
/// are exchanged without the device, which may be waiting. (Streams share the device's queues, so that what one of them waits for
/// may hold up another.)
pub struct HostCopy {
    pub(super) to_device: bool,
    host: Destination,
    /// Where the server has it, and where the device finds it.
    name: u64,
    pub(super) staging: u64,
    context: u64,
    /// What was sent last: only what has changed since is sent again.
    sent: Mutex<Vec<u8>>,
}

impl HostCopy {
    /// Memory of the server's that stands for `host`.
    ///
    /// # Errors
    ///
    /// Those of an allocation.
    pub(super) fn new(host: Destination, to_device: bool) -> Result<Self> {
        let session = Session::current()?;
        let context = context::current()?;
        let len = host.len().max(1);
        let name = fresh_name(len as u64);
        let answer = session.link.call(Interface::Cuda, cuda::HOST_MAP, |body| {
            let mut body = Encoder::new(body);
            body.scalar(name);
            body.scalar(len);
            body.scalar(u64::from(HOST_STANDS_IN));
            Ok(())
        })?;
        let staging = answer.decoder().scalar().map_err(|_| UNKNOWN)?;
        Ok(HostCopy {
            to_device,
            host,
            name,
            staging,
            context,
            sent: Mutex::default(),
        })
    }

    /// Brings the host's bytes to the server, at once: natively a launch that has not ended sees what the program writes, too.
    pub(super) fn send(&self, session: &Session) -> Result<()> {
        let len = self.host.len();
        let mut bytes = vec![0; len.min(CHUNK)];
        let mut sent = lock(&self.sent);
        let first = sent.is_empty();
        if !first && !self.to_device {
            // The device has written it since, as it has the host's memory behind the last launch.
            return Ok(());
        }
        sent.resize(len, 0);
        for offset in (0..len).step_by(CHUNK) {
            let part = &mut bytes[..(len - offset).min(CHUNK)];
            // SAFETY: the program gave the memory to the graph, as long as that may be launched.
            unsafe { self.host.read(offset, part) };
            let before = &mut sent[offset..offset + part.len()];
            if !first && before == part {
                continue;
            }
            before.copy_from_slice(part);
            let mut head = Vec::new();
            Encoder::new(&mut head).scalar(self.name + offset as u64);
            session.link.post_bulk(cuda::HOST_WRITE, &head, part)?;
        }
        Ok(())
    }

    /// Brings the server's bytes to the host when `stream` gets there.
    pub(super) fn fetch(&self, session: &Session, stream: u64) -> Result<()> {
        if self.host.len() == 0 {
            return Ok(());
        }
        let head = copy_head(self.staging, self.host.len(), stream, 0);
        session
            .link
            .post_into(cuda::COPY_TO_HOST, self.host, |body| {
                body.extend_from_slice(head.as_bytes());
                Ok(())
            })?;
        Ok(())
    }

    /// Brings the server's bytes to the host at once.
    fn fetch_now(&self, session: &Session) -> Result<()> {
        if self.host.len() == 0 {
            return Ok(());
        }
        session.link.call_into(
            Interface::Cuda,
            cuda::HOST_READ,
            Some(self.host),
            None,
            |body| {
                let mut body = Encoder::new(body);
                body.scalar(self.name);
                body.scalar(self.host.len());
                Ok(())
            },
        )?;
        Ok(())
    }

    /// Puts the host's memory in the place of what stands for it.
    pub(super) fn unveil(&self, copy: &mut CUDA_MEMCPY3D) {
        use pillion_cuda_abi::types::CUmemorytype as Type;
        let (start, pitch, height) = match self.host {
            Destination::Linear { start, len } => (start.0, len, 1),
            Destination::Rows {
                start,
                pitch,
                slice,
                ..
            } => (start.0, pitch, slice / pitch.max(1)),
        };
        if self.to_device
            && copy.srcMemoryType != Type::CU_MEMORYTYPE_ARRAY
            && [copy.srcDevice, copy.srcHost as u64].contains(&self.staging)
        {
            copy.srcMemoryType = Type::CU_MEMORYTYPE_HOST;
            copy.srcHost = start.cast();
            copy.srcDevice = 0;
            (copy.srcPitch, copy.srcHeight) = (pitch, height);
        } else if !self.to_device
            && copy.dstMemoryType != Type::CU_MEMORYTYPE_ARRAY
            && [copy.dstDevice, copy.dstHost as u64].contains(&self.staging)
        {
            copy.dstMemoryType = Type::CU_MEMORYTYPE_HOST;
            copy.dstHost = start.cast();
            copy.dstDevice = 0;
            (copy.dstPitch, copy.dstHeight) = (pitch, height);
        }
    }

    /// What is under way to the host's side arrives.
    pub(super) fn settle(&self, session: &Session) {
        let extent = self.host.extent();
        session.link.settle(extent.start, extent.end);
    }
}

impl Drop for HostCopy {
    fn drop(&mut self) {
        let Ok(session) = Session::current() else {
            return;
        };
        let own = thread::current_context();
        thread::set_current_context(self.context);
        // The last to let go may be a thread that runs a host function, ahead of launches that still use it.
        let _ = thread::in_turn(|| {
            session.link.post(cuda::HOST_UNMAP, |body| {
                Encoder::new(body).scalar(self.name);
                Ok(())
            })
        });
        thread::set_current_context(own);
    }
}

/// An address for memory of the server's that this side has no use for: where no program has anything, and not one that was given
/// out before, as the work that uses that may not have ended.
fn fresh_name(len: u64) -> u64 {
    const FIRST: u64 = 0x1f00_0000_0000;
    const SPAN: u64 = 8 << 40;
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let len = len.min(SPAN).next_multiple_of(64 << 10);
    loop {
        let at = NEXT.fetch_add(len, Ordering::Relaxed) % SPAN;
        // Not across the end of the span.
        if at + len <= SPAN {
            return FIRST + at;
        }
    }
}

fn copy_head(device: u64, len: usize, stream: u64, flags: u32) -> CopyHead {
    debug_assert!(flags & !COPY_SYNCHRONOUS == 0);
    CopyHead {
        device: U64::new(device),
        len: U64::new(len as u64),
        stream: U64::new(stream),
        flags: U32::new(flags),
        reserved: U32::ZERO,
    }
}
