//! The program's contexts, and the one that was made ahead of it.

use pillion_cuda_abi::types::{
    CUcontext, CUctxCreateParams, CUdevice, CUexecAffinityParam, CUexecAffinityType,
};
use pillion_protocol::Decoder;
use pillion_protocol::handle::Kind;

use super::super::forward::Failure;
use super::super::handles::ContextState;
use super::{Awaited, NOT_SUPPORTED, Session, What, check};

impl Session {
    pub(super) fn create_context(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let handle = body.scalar()?;
        let (flags, device, sms): (u32, CUdevice, u64) =
            (body.scalar()?, body.scalar()?, body.scalar()?);
        body.end()?;
        self.handles.vacant(Kind::Context, handle)?;
        let mut raw = std::ptr::null_mut();
        let create = self.table.cuCtxCreate_v4.ok_or(NOT_SUPPORTED)?;
        // SAFETY: a struct of numbers and pointers, for which zero is a value.
        let mut affinity: CUexecAffinityParam = unsafe { std::mem::zeroed() };
        affinity.type_ = CUexecAffinityType::CU_EXEC_AFFINITY_TYPE_SM_COUNT;
        affinity.param.smCount.val = sms as u32;
        let mut params = CUctxCreateParams {
            execAffinityParams: &raw mut affinity,
            numExecAffinityParams: 1,
            cigParams: std::ptr::null_mut(),
        };
        let params = if sms == 0 {
            std::ptr::null_mut()
        } else {
            &raw mut params
        };
        // SAFETY: locals.
        check(unsafe { create(&raw mut raw, params, flags, device) })?;
        // The driver has pushed it; commands say which context they want.
        self.handles.current = handle;
        self.handles.bind(Kind::Context, handle, raw as u64);
        self.handles
            .contexts
            .insert(handle, ContextState::new(raw as u64, device));
        Ok(())
    }

    /// Ends what this worker itself has in a context, before the context ends.
    pub(super) fn leave_context(&mut self, handle: u64) -> Result<(), Failure> {
        {
            let Session {
                staging,
                handles,
                events,
                table,
                ..
            } = self;
            // Events behind what this context's slabs are read by, while there are streams to record them in.
            let _ = staging.fence(table, handles, events);
        }
        let Some(state) = self.handles.contexts.remove(&handle) else {
            return Ok(());
        };
        let set = self.table.cuCtxSetCurrent.ok_or(NOT_SUPPORTED)?;
        // SAFETY: a live context.
        check(unsafe { set(state.raw as CUcontext) })?;
        if let Some(synchronize) = self.table.cuCtxSynchronize {
            // What is under way has to be answered before its events die. The program asked for the end of everything.
            // SAFETY: no arguments.
            let _ = unsafe { synchronize() };
        }
        // What another context's streams do with this one's memory comes to its end as well.
        while let Some(wait) = self.waits.iter().find(|wait| wait.context == handle) {
            let awaited = wait.events.last().copied();
            if !self.poll() {
                match awaited {
                    Some(Awaited::Own(event) | Awaited::Program(event)) => {
                        self.events.wait(&self.table, event);
                        if !self.poll() {
                            break;
                        }
                    }
                    None => break,
                }
            }
        }
        self.waits.retain(|wait| wait.context != handle);
        // Events and pinned memory die with the context that they were made in; the events have happened.
        let Session {
            waits,
            handles,
            events,
            staging,
            output,
            output_len,
            table,
            ..
        } = self;
        for wait in waits {
            wait.events.retain(|awaited| match awaited {
                Awaited::Own(event) => events.context(*event) != handle,
                Awaited::Program(event) => handles.context_of_event(*event as u64) != Some(handle),
            });
        }
        // What is not sent yet must not be read from there any more.
        for outgoing in output {
            if let Some((buffer, len)) = outgoing.payload
                && buffer.is_of(handle)
            {
                // It is sent as it is: to pack it later there would have to be another place for it.
                if let Some((head, _)) = outgoing.unpacked.take() {
                    head.encode(len, &mut outgoing.bytes);
                    *output_len += outgoing.bytes.len();
                }
                // SAFETY: the event behind the copy has happened; the buffer dies below.
                outgoing
                    .bytes
                    .extend_from_slice(unsafe { buffer.bytes(len) });
                outgoing.payload = None;
            }
        }
        // Behind its slabs go events of other contexts, which live.
        staging.leave(table, events, handle);
        events.forget_context(handle);
        handles.forget_context(handle);
        self.captures.retain(|of| of.place.context != handle);
        self.handles.captures = !self.captures.is_empty();
        self.event_streams
            .retain(|_, place| place.context != handle);
        // Its memory ends with it, and addresses may come again.
        let freed = |(of, what): &(u64, What)| *of == handle && matches!(what, What::Free(_));
        self.held.retain(|held| !freed(held));
        for (address, (len, _)) in self.allocations.extract_if(|_, (_, of)| *of == handle) {
            self.managed.remove(&address);
            self.grants.remove(&address);
            if let Some(ticket) = self.exported.remove(&address) {
                self.sharing.end(&ticket);
            }
            self.account.release(len);
        }
        // SAFETY: null.
        let _ = unsafe { set(std::ptr::null_mut()) };
        self.handles.current = 0;
        Ok(())
    }

    pub(super) fn in_context(&mut self, context: u64, work: impl FnOnce(&mut Self)) {
        let own = self.handles.current;
        let raw = |session: &Self, handle| {
            session
                .handles
                .contexts
                .get(&handle)
                .map_or(0, |state| state.raw)
        };
        let (theirs, ours) = (raw(self, context), raw(self, own));
        let set = self.table.cuCtxSetCurrent;
        if own != context
            && let Some(set) = set
        {
            // SAFETY: a live context or null.
            let _ = unsafe { set(theirs as CUcontext) };
        }
        work(self);
        if own != context
            && let Some(set) = set
        {
            // SAFETY: a live context or null.
            let _ = unsafe { set(ours as CUcontext) };
        }
    }

    /// Releases the context that was made ahead. Where the client has retained it, it stays.
    pub(super) fn cool(&mut self) {
        if std::mem::take(&mut self.warm)
            && let Some(release) = self.table.cuDevicePrimaryCtxRelease_v2
        {
            // SAFETY: an ordinal; retained once by `make_context`.
            let _ = unsafe { release(0) };
        }
    }
}
