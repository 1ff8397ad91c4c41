//! Capture and graphs.
//!
//! A capture runs on the device's own stream, so whatever the client issues to it becomes part of the graph as natively. The
//! worker's thread is in relaxed mode and begins captures in relaxed mode: which thread may do what during a capture is a
//! matter of the client's threads, and is decided there.

use std::ffi::{CString, c_void};
use std::io::Read;
use std::os::fd::AsRawFd;

use pillion_cuda_abi::types::{
    CU_LAUNCH_PARAM_BUFFER_POINTER_AS_INT, CU_LAUNCH_PARAM_BUFFER_SIZE_AS_INT,
    CUDA_BATCH_MEM_OP_NODE_PARAMS, CUDA_GRAPH_INSTANTIATE_PARAMS, CUDA_KERNEL_NODE_PARAMS,
    CUDA_MEM_ALLOC_NODE_PARAMS, CUDA_MEMCPY3D, CUDA_MEMSET_NODE_PARAMS, CUarray, CUcontext,
    CUdevResource, CUevent, CUfunction, CUgraph, CUgraphChildGraphNodeOwnership,
    CUgraphConditionalNodeType, CUgraphEdgeData, CUgraphExec, CUgraphExecUpdateResultInfo,
    CUgraphNode, CUgraphNodeParams, CUgraphNodeType, CUgreenCtx, CUkernel, CUlibrary,
    CUmemAccessDesc, CUmemorytype, CUmodule, CUresult, CUstream, CUstreamBatchMemOpParams,
    CUstreamCaptureMode, CUstreamCaptureStatus, CUuserObject,
};
use pillion_protocol::command::cuda;
use pillion_protocol::graph::{Dependencies, KernelNode, List, MAX_LIST, Node};
use pillion_protocol::handle::Kind;
use pillion_protocol::{CHUNK, Decoder, Encoder, Violation};

use super::super::calls::{host_function, user_object_gone};
use super::super::forward::{Failure, zeroed};
use super::super::handles::ContextState;
use super::{Capture, NOT_SUPPORTED, OK, Session, check};

/// What a node's description points to.
#[derive(Default)]
struct Kept {
    parameters: Vec<u8>,
    pointers: Vec<*mut c_void>,
    len: usize,
    access: Vec<CUmemAccessDesc>,
    operations: Vec<CUstreamBatchMemOpParams>,
}

impl Session {
    /// Executes a command of this room, and leaves the answer's body in `answers`.
    pub(super) fn graph(&mut self, opcode: u16, body: &mut Decoder<'_>) -> Result<(), Failure> {
        match opcode {
            cuda::USER_OBJECT => self.user_object(body),
            cuda::BEGIN_CAPTURE => self.begin_capture(body),
            cuda::END_CAPTURE => self.end_capture(body),
            cuda::CAPTURE_INFO => self.capture_info(body),
            cuda::GRAPH_LIST => self.graph_list(body),
            cuda::NODE_ADD => self.node_add(body),
            cuda::NODE_SET => self.node_set(body),
            cuda::NODE_GET => self.node_get(body),
            cuda::GRAPH_INSTANTIATE => self.instantiate(body),
            cuda::GRAPH_UPDATE => self.update(body),
            cuda::GRAPH_DOT => self.dot(body),
            cuda::ENUMERATE => self.enumerate(body),
            cuda::FUNCTION_INFO => self.load_function(body),
            cuda::SPLIT_RESOURCE => self.split_resource(body),
            cuda::GREEN_CONTEXT => self.green_context(body),
            cuda::GREEN_STREAM => self.green_stream(body),
            cuda::GREEN_DESTROY => self.green_destroy(body),
            other => Err(Failure::Violation(Violation::UnknownOpcode(other))),
        }
    }

    fn reply(&mut self) -> Encoder<'_> {
        Encoder::new(&mut self.answers)
    }

    fn user_object(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let (handle, call): (u64, u64) = (body.scalar()?, body.scalar()?);
        let (references, flags): (u32, u32) = (body.scalar()?, body.scalar()?);
        body.end()?;
        self.handles.vacant(Kind::UserObject, handle)?;
        let create = self.table.cuUserObjectCreate.ok_or(NOT_SUPPORTED)?;
        let mut raw: CUuserObject = std::ptr::null_mut();
        // SAFETY: a local; the destructor takes any word.
        check(unsafe {
            create(
                &raw mut raw,
                call as *mut c_void,
                Some(user_object_gone),
                references,
                flags,
            )
        })?;
        self.handles.bind(Kind::UserObject, handle, raw as u64);
        self.user_objects.insert(call, handle);
        Ok(())
    }

    // ---- capture --------------------------------------------------------------------------------------------------------

    fn begin_capture(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let (stream, _mode, graph): (u64, u32, u64) =
            (body.scalar()?, body.scalar()?, body.scalar()?);
        let stream = self.stream(stream)? as CUstream;
        let relaxed = CUstreamCaptureMode::CU_STREAM_CAPTURE_MODE_RELAXED;
        if let Some(exchange) = self.table.cuThreadExchangeStreamCaptureMode {
            let mut mode = relaxed;
            // SAFETY: a local.
            let _ = unsafe { exchange(&raw mut mode) };
        }
        if !self.handles.is_capturing(stream as u64) {
            self.leave_to_capture(stream as u64)?;
        }
        if graph == 0 {
            body.end()?;
            let begin = self.table.cuStreamBeginCapture_v2.ok_or(NOT_SUPPORTED)?;
            // SAFETY: a live stream.
            check(unsafe { begin(stream, relaxed) })?;
        } else {
            let (nodes, edges) = self.dependencies(body)?;
            body.end()?;
            let graph = self.handles.find(Kind::Graph, graph)? as CUgraph;
            let begin = self
                .table
                .cuStreamBeginCaptureToGraph
                .ok_or(NOT_SUPPORTED)?;
            // SAFETY: live objects, and arrays of the length given.
            check(unsafe {
                begin(
                    stream,
                    graph,
                    nodes.as_ptr() as *const CUgraphNode,
                    edges
                        .as_ref()
                        .map_or(std::ptr::null(), |list| list.as_ptr()),
                    nodes.len(),
                    relaxed,
                )
            })?;
        }
        let mut status = CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_NONE;
        let mut id = 0;
        if let Some(ask) = self.table.cuStreamGetCaptureInfo_v3 {
            let (graph, nodes, edges) = (
                std::ptr::null_mut(),
                std::ptr::null_mut(),
                std::ptr::null_mut(),
            );
            let count = std::ptr::null_mut();
            // SAFETY: a live stream, locals, and nothing where nothing is asked for.
            let _ = unsafe {
                ask(
                    stream,
                    &raw mut status,
                    &raw mut id,
                    graph,
                    nodes,
                    edges,
                    count,
                )
            };
        }
        self.captures.push(Capture {
            place: self.handles.place(stream as u64),
            id,
            graph: None,
        });
        self.handles.captures = true;
        Ok(())
    }

    fn end_capture(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let (stream, handle): (u64, u64) = (body.scalar()?, body.scalar()?);
        body.end()?;
        self.handles.vacant(Kind::Graph, handle)?;
        let stream = self.stream(stream)? as CUstream;
        let capturing = self.handles.is_capturing(stream as u64);
        let end = self.table.cuStreamEndCapture.ok_or(NOT_SUPPORTED)?;
        let mut raw: CUgraph = std::ptr::null_mut();
        // SAFETY: a live stream and a local.
        let status = unsafe { end(stream, &raw mut raw) };
        if capturing && !self.handles.is_capturing(stream as u64) {
            let place = self.handles.place(stream as u64);
            for capture in self.captures.extract_if(.., |of| of.place == place) {
                // Of a capture that was not valid there is no graph.
                if let Some(graph) = capture.graph.filter(|_| raw.is_null()) {
                    self.handles.forget(Kind::Graph, graph);
                }
            }
            self.handles.captures = !self.captures.is_empty();
        }
        check(status)?;
        let named = match self.handles.name_of(Kind::Graph, raw as u64) {
            Some(named) => named,
            None => {
                self.handles.bind(Kind::Graph, handle, raw as u64);
                handle
            }
        };
        self.reply().scalar(named);
        Ok(())
    }

    fn capture_info(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let stream: u64 = body.scalar()?;
        body.end()?;
        let stream = self.stream(stream)? as CUstream;
        let mut status = CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_NONE;
        let (mut id, mut count) = (0, 0usize);
        let mut graph: CUgraph = std::ptr::null_mut();
        let (mut nodes, mut edges) = (std::ptr::null(), std::ptr::null());
        let ask = self.table.cuStreamGetCaptureInfo_v3.ok_or(NOT_SUPPORTED)?;
        // SAFETY: a live stream and locals.
        check(unsafe {
            ask(
                stream,
                &raw mut status,
                &raw mut id,
                &raw mut graph,
                &raw mut nodes,
                &raw mut edges,
                &raw mut count,
            )
        })?;
        self.reply().scalar(status);
        if status != CUstreamCaptureStatus::CU_STREAM_CAPTURE_STATUS_ACTIVE {
            self.reply().scalar(id);
            return Ok(());
        }
        let is_new = self.handles.name_of(Kind::Graph, graph as u64).is_none();
        let graph = self.handles.name(Kind::Graph, graph as u64)?;
        if let Some(capture) = self.captures.iter_mut().find(|of| is_new && of.id == id) {
            capture.graph = Some(graph);
        }
        // Nodes that come to light belong to it.
        self.handles.find(Kind::Graph, graph)?;
        let mut dependencies = Dependencies::default();
        if !nodes.is_null() && count as u64 <= MAX_LIST {
            // SAFETY: the driver's arrays, which live until the next call on this stream.
            let list = unsafe { std::slice::from_raw_parts(nodes, count) };
            for node in list {
                let name = self.handles.name(Kind::GraphNode, *node as u64)?;
                dependencies.nodes.push(name);
            }
            if !edges.is_null() {
                // SAFETY: as above.
                let list: &[CUgraphEdgeData] = unsafe { std::slice::from_raw_parts(edges, count) };
                dependencies.edges = Some(list.to_vec());
            }
        }
        let mut reply = self.reply();
        reply.scalar(id);
        reply.scalar(graph);
        dependencies.encode(&mut reply);
        Ok(())
    }

    fn dependencies(
        &mut self,
        body: &mut Decoder<'_>,
    ) -> Result<(Vec<u64>, Option<Vec<CUgraphEdgeData>>), Failure> {
        let mut dependencies = Dependencies::decode(body)?;
        for node in &mut dependencies.nodes {
            *node = self.handles.find(Kind::GraphNode, *node)?;
        }
        Ok((dependencies.nodes, dependencies.edges))
    }

    // ---- nodes ----------------------------------------------------------------------------------------------------------

    fn node_add(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let graph = self.handles.find(Kind::Graph, body.scalar()?)? as CUgraph;
        let (nodes, edges) = self.dependencies(body)?;
        let node = Node::decode(body)?;
        body.end()?;
        let mut kept = Kept::default();
        let mut params = self.describe(&node, &mut kept)?;
        let add = self.table.cuGraphAddNode_v2.ok_or(NOT_SUPPORTED)?;
        let mut raw: CUgraphNode = std::ptr::null_mut();
        // SAFETY: live objects; arrays of the length given; a description whose pointers are kept.
        check(unsafe {
            add(
                &raw mut raw,
                graph,
                nodes.as_ptr() as *const CUgraphNode,
                edges
                    .as_ref()
                    .map_or(std::ptr::null(), |list| list.as_ptr()),
                nodes.len(),
                &raw mut params,
            )
        })?;
        let name = self.handles.name(Kind::GraphNode, raw as u64)?;
        self.reply().scalar(name);
        match node {
            Node::Allocate { .. } => {
                // SAFETY: the type that was described, to which the driver has added the address.
                let address = unsafe { params.__bindgen_anon_1.alloc.dptr };
                self.reply().scalar(address);
            }
            Node::Conditional { size, .. } => {
                // SAFETY: the type that was described; the driver's array of so many graphs lives as long as the graph.
                let graphs = unsafe {
                    let list = params.__bindgen_anon_1.conditional.phGraph_out;
                    if list.is_null() {
                        &[][..]
                    } else {
                        std::slice::from_raw_parts(list, size as usize)
                    }
                };
                self.reply().scalar(graphs.len());
                for graph in graphs {
                    let name = self.handles.name(Kind::Graph, *graph as u64)?;
                    self.reply().scalar(name);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn node_set(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let (exec, handle): (u64, u64) = (body.scalar()?, body.scalar()?);
        let node = Node::decode(body)?;
        body.end()?;
        let mut kept = Kept::default();
        let mut params = self.describe(&node, &mut kept)?;
        let raw = self.handles.find(Kind::GraphNode, handle)? as CUgraphNode;
        if exec == 0 {
            let set = self.table.cuGraphNodeSetParams.ok_or(NOT_SUPPORTED)?;
            // SAFETY: a live node; a description whose pointers are kept.
            return check(unsafe { set(raw, &raw mut params) });
        }
        let exec = self.handles.find(Kind::GraphExec, exec)? as CUgraphExec;
        let set = self.table.cuGraphExecNodeSetParams.ok_or(NOT_SUPPORTED)?;
        // SAFETY: as above.
        check(unsafe { set(exec, raw, &raw mut params) })
    }

    fn context_or_current(&mut self, handle: u64) -> Result<CUcontext, Failure> {
        match handle {
            0 => Ok(self
                .handles
                .contexts
                .get(&self.handles.current)
                .map_or(std::ptr::null_mut(), |state| state.raw as CUcontext)),
            handle => Ok(self.handles.find(Kind::Context, handle)? as CUcontext),
        }
    }

    /// CUDA's description of a node; `kept` holds what it points to.
    fn describe(&mut self, node: &Node, kept: &mut Kept) -> Result<CUgraphNodeParams, Failure> {
        let mut params: CUgraphNodeParams = zeroed();
        match node {
            Node::Kernel(kernel) => self.describe_kernel(kernel, kept, &mut params)?,
            Node::Copy { copy, context } => {
                let context = self.context_or_current(*context)?;
                params.type_ = CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEMCPY;
                params.__bindgen_anon_1.memcpy.copyCtx = context;
                params.__bindgen_anon_1.memcpy.copyParams = self.arrays(copy)?;
            }
            Node::Fill { fill, context } => {
                let context = self.context_or_current(*context)?;
                params.type_ = CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEMSET;
                // SAFETY: it began as zeroes, which are a value of every member.
                let memset = unsafe { &mut params.__bindgen_anon_1.memset };
                memset.dst = fill.dst;
                memset.pitch = fill.pitch;
                memset.value = fill.value;
                memset.elementSize = fill.elementSize;
                memset.width = fill.width;
                memset.height = fill.height;
                memset.ctx = context;
            }
            Node::Host { call } => {
                self.graph_calls = true;
                params.type_ = CUgraphNodeType::CU_GRAPH_NODE_TYPE_HOST;
                params.__bindgen_anon_1.host.fn_ = Some(host_function);
                params.__bindgen_anon_1.host.userData = *call as *mut c_void;
            }
            Node::Graph { graph, ownership } => {
                params.type_ = CUgraphNodeType::CU_GRAPH_NODE_TYPE_GRAPH;
                params.__bindgen_anon_1.graph.graph =
                    self.handles.find(Kind::Graph, *graph)? as CUgraph;
                params.__bindgen_anon_1.graph.ownership =
                    CUgraphChildGraphNodeOwnership(*ownership as _);
            }
            Node::Empty => params.type_ = CUgraphNodeType::CU_GRAPH_NODE_TYPE_EMPTY,
            Node::WaitEvent(event) => {
                params.type_ = CUgraphNodeType::CU_GRAPH_NODE_TYPE_WAIT_EVENT;
                params.__bindgen_anon_1.eventWait.event =
                    self.handles.find(Kind::Event, *event)? as CUevent;
            }
            Node::RecordEvent(event) => {
                params.type_ = CUgraphNodeType::CU_GRAPH_NODE_TYPE_EVENT_RECORD;
                params.__bindgen_anon_1.eventRecord.event =
                    self.handles.find(Kind::Event, *event)? as CUevent;
            }
            Node::Allocate {
                pool, access, size, ..
            } => {
                kept.access.clone_from(access);
                params.type_ = CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEM_ALLOC;
                // SAFETY: it began as zeroes, which are a value of every member.
                let alloc = unsafe { &mut params.__bindgen_anon_1.alloc };
                alloc.poolProps = *pool;
                alloc.poolProps.win32SecurityAttributes = std::ptr::null_mut();
                alloc.accessDescs = kept.access.as_ptr();
                alloc.accessDescCount = kept.access.len();
                alloc.bytesize = *size as usize;
                alloc.dptr = 0;
            }
            Node::Free(address) => {
                params.type_ = CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEM_FREE;
                params.__bindgen_anon_1.free.dptr = *address;
            }
            Node::Operations {
                context,
                flags,
                operations,
            } => {
                let context = self.context_or_current(*context)?;
                kept.operations.clone_from(operations);
                params.type_ = CUgraphNodeType::CU_GRAPH_NODE_TYPE_BATCH_MEM_OP;
                // SAFETY: it began as zeroes, which are a value of every member.
                let batch = unsafe { &mut params.__bindgen_anon_1.memOp };
                batch.ctx = context;
                batch.flags = *flags;
                batch.count = kept.operations.len() as u32;
                batch.paramArray = kept.operations.as_mut_ptr();
            }
            Node::Conditional {
                handle,
                kind,
                size,
                context,
            } => {
                let context = self.context_or_current(*context)?;
                params.type_ = CUgraphNodeType::CU_GRAPH_NODE_TYPE_CONDITIONAL;
                // SAFETY: it began as zeroes, which are a value of every member.
                let conditional = unsafe { &mut params.__bindgen_anon_1.conditional };
                conditional.handle = *handle;
                conditional.type_ = CUgraphConditionalNodeType(*kind as _);
                conditional.size = *size;
                conditional.phGraph_out = std::ptr::null_mut();
                conditional.ctx = context;
            }
        }
        Ok(params)
    }

    fn describe_kernel(
        &mut self,
        kernel: &KernelNode,
        kept: &mut Kept,
        params: &mut CUgraphNodeParams,
    ) -> Result<(), Failure> {
        let function = self.handles.find(Kind::Function, kernel.function)?;
        let known = self.functions.get(&kernel.function);
        let is_kernel = known.is_some_and(|known| known.kernel);
        kept.parameters.clone_from(&kernel.parameters);
        kept.len = kept.parameters.len();
        let layout = known.map_or(&[][..], |known| &known.parameters[..]);
        let start = kept.parameters.as_mut_ptr();
        for (offset, size) in layout {
            if (*offset + *size) as usize > kept.len {
                return Err(Violation::OutOfRange {
                    what: "the length of parameters",
                    value: kept.len as u64,
                }
                .into());
            }
            // SAFETY: within the block, as checked.
            kept.pointers
                .push(unsafe { start.add(*offset as usize) }.cast());
        }
        params.type_ = CUgraphNodeType::CU_GRAPH_NODE_TYPE_KERNEL;
        let context = match kernel.context {
            0 => std::ptr::null_mut(),
            context => self.handles.find(Kind::Context, context)? as CUcontext,
        };
        // SAFETY: it began as zeroes, which are a value of every member.
        let node = unsafe { &mut params.__bindgen_anon_1.kernel };
        if is_kernel {
            node.kern = function as CUkernel;
        } else {
            node.func = function as CUfunction;
        }
        [node.gridDimX, node.gridDimY, node.gridDimZ] = kernel.grid;
        [node.blockDimX, node.blockDimY, node.blockDimZ] = kernel.block;
        node.sharedMemBytes = kernel.shared;
        node.kernelParams = kept.pointers.as_mut_ptr();
        node.ctx = context;
        Ok(())
    }

    /// A copy with the driver's arrays in place of handles.
    pub(super) fn arrays(&mut self, copy: &CUDA_MEMCPY3D) -> Result<CUDA_MEMCPY3D, Failure> {
        let mut copy = *copy;
        for (kind, array) in [
            (copy.srcMemoryType, &mut copy.srcArray),
            (copy.dstMemoryType, &mut copy.dstArray),
        ] {
            match kind {
                CUmemorytype::CU_MEMORYTYPE_ARRAY => {
                    *array = self.handles.find(Kind::Array, *array as u64)? as CUarray;
                }
                CUmemorytype::CU_MEMORYTYPE_HOST => {
                    return Err(Violation::OutOfOrder("a node has no host side").into());
                }
                _ => {}
            }
        }
        Ok(copy)
    }

    fn node_get(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let handle: u64 = body.scalar()?;
        body.end()?;
        let raw = self.handles.find(Kind::GraphNode, handle)? as CUgraphNode;
        let mut kind = CUgraphNodeType::CU_GRAPH_NODE_TYPE_EMPTY;
        let type_of = self.table.cuGraphNodeGetType.ok_or(NOT_SUPPORTED)?;
        // SAFETY: a live node and a local.
        check(unsafe { type_of(raw, &raw mut kind) })?;
        let mut found = None;
        let node = match kind {
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_KERNEL => {
                let (kernel, fresh) = self.kernel_of(raw)?;
                found = fresh;
                Node::Kernel(kernel)
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEMCPY => {
                let get = self.table.cuGraphMemcpyNodeGetParams.ok_or(NOT_SUPPORTED)?;
                let mut copy: CUDA_MEMCPY3D = zeroed();
                // SAFETY: a live node of this type and a local.
                check(unsafe { get(raw, &raw mut copy) })?;
                for array in [&mut copy.srcArray, &mut copy.dstArray] {
                    let name = self.handles.name_of(Kind::Array, *array as u64);
                    *array = name.unwrap_or(0) as CUarray;
                }
                Node::Copy { copy, context: 0 }
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEMSET => {
                let get = self.table.cuGraphMemsetNodeGetParams.ok_or(NOT_SUPPORTED)?;
                let mut fill: CUDA_MEMSET_NODE_PARAMS = zeroed();
                // SAFETY: as above.
                check(unsafe { get(raw, &raw mut fill) })?;
                Node::Fill { fill, context: 0 }
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_HOST => {
                let get = self.table.cuGraphHostNodeGetParams.ok_or(NOT_SUPPORTED)?;
                let mut host = zeroed();
                // SAFETY: as above.
                check(unsafe { get(raw, &raw mut host) })?;
                Node::Host {
                    call: host.userData as u64,
                }
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEM_ALLOC => {
                let get = self
                    .table
                    .cuGraphMemAllocNodeGetParams
                    .ok_or(NOT_SUPPORTED)?;
                let mut alloc: CUDA_MEM_ALLOC_NODE_PARAMS = zeroed();
                // SAFETY: as above.
                check(unsafe { get(raw, &raw mut alloc) })?;
                let access = if alloc.accessDescs.is_null() {
                    Vec::new()
                } else {
                    // SAFETY: the driver's array of so many descriptions.
                    unsafe { std::slice::from_raw_parts(alloc.accessDescs, alloc.accessDescCount) }
                        .to_vec()
                };
                Node::Allocate {
                    pool: alloc.poolProps,
                    access,
                    size: alloc.bytesize as u64,
                    address: alloc.dptr,
                }
            }
            CUgraphNodeType::CU_GRAPH_NODE_TYPE_BATCH_MEM_OP => {
                let get = self
                    .table
                    .cuGraphBatchMemOpNodeGetParams
                    .ok_or(NOT_SUPPORTED)?;
                let mut batch: CUDA_BATCH_MEM_OP_NODE_PARAMS = zeroed();
                // SAFETY: as above.
                check(unsafe { get(raw, &raw mut batch) })?;
                let operations = if batch.paramArray.is_null() {
                    Vec::new()
                } else {
                    // SAFETY: the driver's array of so many operations.
                    unsafe { std::slice::from_raw_parts(batch.paramArray, batch.count as usize) }
                        .to_vec()
                };
                Node::Operations {
                    context: self
                        .handles
                        .name_of(Kind::Context, batch.ctx as u64)
                        .unwrap_or(0),
                    flags: batch.flags,
                    operations,
                }
            }
            // The others are asked for by functions of their own.
            _ => return Err(Failure::Status(CUresult::CUDA_ERROR_INVALID_VALUE)),
        };
        node.encode(&mut self.reply());
        if let Some(info) = found {
            info.encode(&mut self.reply());
        }
        Ok(())
    }

    fn kernel_of(
        &mut self,
        raw: CUgraphNode,
    ) -> Result<(KernelNode, Option<pillion_protocol::command::FunctionInfo>), Failure> {
        let get = self
            .table
            .cuGraphKernelNodeGetParams_v2
            .ok_or(NOT_SUPPORTED)?;
        let mut params: CUDA_KERNEL_NODE_PARAMS = zeroed();
        // SAFETY: a live kernel node and a local.
        check(unsafe { get(raw, &raw mut params) })?;
        let is_kernel = params.func.is_null();
        let own = if is_kernel {
            params.kern as u64
        } else {
            params.func as u64
        };
        let mut info = self.function_info(own, is_kernel);
        let known = self
            .handles
            .name_of(Kind::Function, own)
            .or_else(|| self.handles.name_of(Kind::Function, params.kern as u64))
            .or_else(|| self.kernel_behind(own));
        let (function, found) = match known {
            Some(function) => (function, None),
            None => (self.discover(own, is_kernel, 0, &info)?, Some(info.clone())),
        };
        if info.parameters.is_empty()
            && let Some(known) = self.functions.get(&function)
        {
            info.parameters.clone_from(&known.parameters);
        }
        let mut parameters = vec![0u8; info.parameter_bytes()];
        if !params.kernelParams.is_null() {
            for (index, (offset, size)) in info.parameters.iter().enumerate() {
                let place = &mut parameters[*offset as usize..(*offset + *size) as usize];
                // SAFETY: the driver's array has a pointer for each parameter, to a value of its size.
                unsafe {
                    let value = *params.kernelParams.add(index);
                    place.copy_from_slice(std::slice::from_raw_parts(value.cast(), *size as usize));
                }
            }
        } else if !params.extra.is_null() {
            // SAFETY: the driver's list has the marks of `cuLaunchKernel`, each with its value, and ends with a zero.
            unsafe {
                let (mut block, mut len) = (std::ptr::null::<u8>(), 0);
                let mut at = params.extra;
                while !(*at).is_null() {
                    match *at as usize as u32 {
                        CU_LAUNCH_PARAM_BUFFER_POINTER_AS_INT => block = (*at.add(1)).cast(),
                        CU_LAUNCH_PARAM_BUFFER_SIZE_AS_INT => len = *(*at.add(1)).cast::<usize>(),
                        _ => break,
                    }
                    at = at.add(2);
                }
                if !block.is_null() {
                    let n = len.min(parameters.len());
                    parameters[..n].copy_from_slice(std::slice::from_raw_parts(block, n));
                }
            }
        }
        let node = KernelNode {
            function,
            context: self
                .handles
                .name_of(Kind::Context, params.ctx as u64)
                .unwrap_or(0),
            grid: [params.gridDimX, params.gridDimY, params.gridDimZ],
            block: [params.blockDimX, params.blockDimY, params.blockDimZ],
            shared: params.sharedMemBytes,
            parameters,
        };
        Ok((node, found))
    }

    /// The kernel of a library whose function in the current context this is: a node may show one for the other.
    fn kernel_behind(&mut self, function: u64) -> Option<u64> {
        let function_of = self.table.cuKernelGetFunction?;
        let kernels: Vec<u64> = self
            .functions
            .iter()
            .filter(|(_, known)| known.kernel)
            .map(|(handle, _)| *handle)
            .collect();
        for handle in kernels {
            let Ok(kernel) = self.handles.find(Kind::Function, handle) else {
                continue;
            };
            let mut found = std::ptr::null_mut();
            // SAFETY: a live kernel and a local.
            let status = unsafe { function_of(&raw mut found, kernel as CUkernel) };
            if status == OK && found as u64 == function {
                self.handles.alias(Kind::Function, function, handle);
                return Some(handle);
            }
        }
        None
    }

    /// Names a function that the client has not.
    fn discover(
        &mut self,
        raw: u64,
        kernel: bool,
        container: u64,
        info: &pillion_protocol::command::FunctionInfo,
    ) -> Result<u64, Failure> {
        let handle = self.handles.name(Kind::Function, raw)?;
        self.functions.insert(
            handle,
            super::Function {
                parameters: info.parameters.clone(),
                kernel,
                container,
            },
        );
        Ok(handle)
    }

    // ---- graphs ---------------------------------------------------------------------------------------------------------

    fn graph_list(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let list = List::decode(body)?;
        let (handle, first): (u64, u64) = (body.scalar()?, body.scalar()?);
        body.end()?;
        let mut count = 0usize;
        let none = std::ptr::null_mut();
        let (mut nodes, mut ends, mut edges) = (Vec::new(), Vec::new(), Vec::new());
        // The first round asks how many there are.
        for round in 0..2 {
            if round == 1 {
                nodes = vec![0u64; count];
                ends = vec![0u64; count];
                edges = vec![zeroed::<CUgraphEdgeData>(); count];
            }
            let (to, from, data) = if round == 0 {
                (none, none, std::ptr::null_mut())
            } else {
                (
                    nodes.as_mut_ptr() as *mut CUgraphNode,
                    ends.as_mut_ptr() as *mut CUgraphNode,
                    edges.as_mut_ptr(),
                )
            };
            let table = &self.table;
            // SAFETY: live objects, and arrays of the length that the driver has said, or none.
            let status = unsafe {
                match list {
                    List::Nodes | List::Roots => {
                        let graph = self.handles.find(Kind::Graph, handle)? as CUgraph;
                        let ask = match list {
                            List::Nodes => table.cuGraphGetNodes,
                            _ => table.cuGraphGetRootNodes,
                        };
                        ask.ok_or(NOT_SUPPORTED)?(graph, to, &raw mut count)
                    }
                    List::Edges => {
                        let graph = self.handles.find(Kind::Graph, handle)? as CUgraph;
                        let ask = table.cuGraphGetEdges_v2.ok_or(NOT_SUPPORTED)?;
                        ask(graph, to, from, data, &raw mut count)
                    }
                    List::Dependencies | List::Dependents => {
                        let node = self.handles.find(Kind::GraphNode, handle)? as CUgraphNode;
                        let ask = match list {
                            List::Dependencies => table.cuGraphNodeGetDependencies_v2,
                            _ => table.cuGraphNodeGetDependentNodes_v2,
                        };
                        ask.ok_or(NOT_SUPPORTED)?(node, to, data, &raw mut count)
                    }
                }
            };
            check(status)?;
            if count == 0 {
                break;
            }
        }
        let total = count.min(nodes.len());
        let first = (first as usize).min(total);
        let end = (first + MAX_LIST as usize).min(total);
        let mut names = Vec::new();
        for raw in &nodes[first..end] {
            names.push(self.handles.name(Kind::GraphNode, *raw)?);
        }
        let mut others = Vec::new();
        if list == List::Edges {
            for raw in &ends[first..end] {
                others.push(self.handles.name(Kind::GraphNode, *raw)?);
            }
        }
        let mut reply = self.reply();
        reply.scalar(total);
        reply.scalar(names.len());
        reply.pods(&names);
        if list == List::Edges {
            reply.pods(&others);
        }
        if !matches!(list, List::Nodes | List::Roots) {
            reply.pods(&edges[first..end]);
        }
        Ok(())
    }

    fn instantiate(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let (handle, graph): (u64, u64) = (body.scalar()?, body.scalar()?);
        let (flags, stream): (u64, u64) = (body.scalar()?, body.scalar()?);
        body.end()?;
        self.handles.vacant(Kind::GraphExec, handle)?;
        let graph = self.handles.find(Kind::Graph, graph)? as CUgraph;
        let upload =
            pillion_cuda_abi::types::CUgraphInstantiate_flags::CUDA_GRAPH_INSTANTIATE_FLAG_UPLOAD;
        let mut params: CUDA_GRAPH_INSTANTIATE_PARAMS = zeroed();
        params.flags = flags;
        if flags & u64::from(upload.0) != 0 {
            params.hUploadStream = self.stream(stream)? as CUstream;
        }
        let make = self
            .table
            .cuGraphInstantiateWithParams
            .ok_or(NOT_SUPPORTED)?;
        let mut raw: CUgraphExec = std::ptr::null_mut();
        // SAFETY: a live graph and locals.
        let status = unsafe { make(&raw mut raw, graph, &raw mut params) };
        if status == OK {
            self.handles.bind(Kind::GraphExec, handle, raw as u64);
        }
        let node = self
            .handles
            .name(Kind::GraphNode, params.hErrNode_out as u64)?;
        let allocates = status == OK && self.allocates(graph);
        let mut reply = self.reply();
        reply.scalar(status);
        reply.scalar(params.result_out.0);
        reply.scalar(node);
        reply.scalar(u32::from(allocates));
        Ok(())
    }

    /// Whether a graph has a node that allocates memory: launching it again may fail at once.
    fn allocates(&self, graph: CUgraph) -> bool {
        let (Some(list), Some(type_of)) =
            (self.table.cuGraphGetNodes, self.table.cuGraphNodeGetType)
        else {
            return false;
        };
        let mut count = 0usize;
        // SAFETY: a live graph, a local.
        if unsafe { list(graph, std::ptr::null_mut(), &raw mut count) } != OK {
            return false;
        }
        let mut nodes: Vec<CUgraphNode> = vec![std::ptr::null_mut(); count];
        // SAFETY: as above, and an array of the length that the driver has said.
        if count == 0 || unsafe { list(graph, nodes.as_mut_ptr(), &raw mut count) } != OK {
            return false;
        }
        nodes.iter().any(|node| {
            let mut kind = CUgraphNodeType::CU_GRAPH_NODE_TYPE_EMPTY;
            // SAFETY: a live node and a local.
            let status = unsafe { type_of(*node, &raw mut kind) };
            status == OK && kind == CUgraphNodeType::CU_GRAPH_NODE_TYPE_MEM_ALLOC
        })
    }

    fn update(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let (exec, graph): (u64, u64) = (body.scalar()?, body.scalar()?);
        body.end()?;
        let exec = self.handles.find(Kind::GraphExec, exec)? as CUgraphExec;
        let graph = self.handles.find(Kind::Graph, graph)? as CUgraph;
        let update = self.table.cuGraphExecUpdate_v2.ok_or(NOT_SUPPORTED)?;
        let mut info: CUgraphExecUpdateResultInfo = zeroed();
        // SAFETY: live objects and a local.
        let status = unsafe { update(exec, graph, &raw mut info) };
        let node = self.handles.name(Kind::GraphNode, info.errorNode as u64)?;
        let from = self
            .handles
            .name(Kind::GraphNode, info.errorFromNode as u64)?;
        let mut reply = self.reply();
        reply.scalar(status);
        reply.scalar(info.result.0);
        reply.scalar(node);
        reply.scalar(from);
        Ok(())
    }

    fn dot(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let (graph, flags, offset): (u64, u32, u64) =
            (body.scalar()?, body.scalar()?, body.scalar()?);
        body.end()?;
        let graph = self.handles.find(Kind::Graph, graph)? as CUgraph;
        let print = self.table.cuGraphDebugDotPrint.ok_or(NOT_SUPPORTED)?;
        let failed = |_| Failure::Status(CUresult::CUDA_ERROR_OPERATING_SYSTEM);
        let file = rustix::fs::memfd_create("graph", rustix::fs::MemfdFlags::CLOEXEC)
            .map_err(|errno| failed(std::io::Error::from(errno)))?;
        let path = CString::new(format!("/proc/self/fd/{}", file.as_raw_fd()))
            .map_err(|_| NOT_SUPPORTED)?;
        // SAFETY: a live graph and a C string.
        check(unsafe { print(graph, path.as_ptr(), flags) })?;
        let mut text = Vec::new();
        let mut file = std::fs::File::from(file);
        std::io::Seek::rewind(&mut file).map_err(failed)?;
        file.read_to_end(&mut text).map_err(failed)?;
        let first = (offset as usize).min(text.len());
        let end = (first + CHUNK / 2).min(text.len());
        let mut reply = self.reply();
        reply.scalar(text.len());
        reply.bytes(&text[first..end]);
        Ok(())
    }

    fn enumerate(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let which = body.at_most("where functions are looked for", 1)?;
        let (handle, first): (u64, u64) = (body.scalar()?, body.scalar()?);
        body.end()?;
        let container = handle;
        let mut count = 0u32;
        let mut list: Vec<u64> = Vec::new();
        for round in 0..2 {
            if round == 1 {
                list = vec![0; count as usize];
            }
            let table = &self.table;
            // SAFETY: live objects; an array of the length that the driver has said.
            check(unsafe {
                match (which, round) {
                    (0, 0) => {
                        let module = self.handles.find(Kind::Module, handle)? as CUmodule;
                        table.cuModuleGetFunctionCount.ok_or(NOT_SUPPORTED)?(&raw mut count, module)
                    }
                    (0, _) => {
                        let module = self.handles.find(Kind::Module, handle)? as CUmodule;
                        let ask = table.cuModuleEnumerateFunctions.ok_or(NOT_SUPPORTED)?;
                        ask(list.as_mut_ptr() as *mut CUfunction, count, module)
                    }
                    (_, 0) => {
                        let library = self.handles.find(Kind::Library, handle)? as CUlibrary;
                        table.cuLibraryGetKernelCount.ok_or(NOT_SUPPORTED)?(&raw mut count, library)
                    }
                    _ => {
                        let library = self.handles.find(Kind::Library, handle)? as CUlibrary;
                        let ask = table.cuLibraryEnumerateKernels.ok_or(NOT_SUPPORTED)?;
                        ask(list.as_mut_ptr() as *mut CUkernel, count, library)
                    }
                }
            })?;
        }
        if self.handles.current == 0 {
            self.lend_context()?;
        }
        let kernels = which == 1;
        let mut entries = Vec::new();
        let mut followed = 0u64;
        for raw in list.iter().skip(first as usize) {
            let info = self.function_info(*raw, kernels);
            let name = self.function_name(*raw, kernels);
            let handle = match self.handles.name_of(Kind::Function, *raw) {
                Some(handle) => handle,
                None => self.discover(*raw, kernels, container, &info)?,
            };
            let mut entry = Encoder::new(&mut entries);
            entry.scalar(handle);
            entry.bytes(&name);
            info.encode(&mut entry);
            followed += 1;
            if entries.len() > CHUNK / 2 {
                break;
            }
        }
        let mut reply = self.reply();
        reply.scalar(list.len());
        reply.scalar(followed);
        reply.rest(&entries);
        Ok(())
    }

    /// Tells of a function that was found but not loaded yet, which it is now.
    fn load_function(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let handle: u64 = body.scalar()?;
        body.end()?;
        let raw = self.handles.find(Kind::Function, handle)?;
        let kernel = self
            .functions
            .get(&handle)
            .is_some_and(|known| known.kernel);
        if !kernel && let Some(load) = self.table.cuFuncLoad {
            // SAFETY: a live function.
            check(unsafe { load(raw as CUfunction) })?;
        }
        let info = self.function_info(raw, kernel);
        info.encode(&mut self.reply());
        Ok(())
    }

    fn function_name(&self, raw: u64, kernel: bool) -> Vec<u8> {
        let mut name = std::ptr::null();
        // SAFETY: a live function or kernel, and a local.
        let status = unsafe {
            match (kernel, self.table.cuKernelGetName, self.table.cuFuncGetName) {
                (true, Some(ask), _) => ask(&raw mut name, raw as CUkernel),
                (false, _, Some(ask)) => ask(&raw mut name, raw as CUfunction),
                _ => CUresult::CUDA_ERROR_NOT_SUPPORTED,
            }
        };
        if status != OK || name.is_null() {
            return Vec::new();
        }
        // SAFETY: the driver's text lives as long as the function.
        unsafe { std::ffi::CStr::from_ptr(name) }
            .to_bytes()
            .to_vec()
    }

    // ---- green contexts -------------------------------------------------------------------------------------------------

    fn split_resource(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let groups = body.at_most("the number of groups", 1024)? as usize;
        let input: CUdevResource = body.pod()?;
        let (flags, fewest): (u32, u32) = (body.scalar()?, body.scalar()?);
        body.end()?;
        let split = self
            .table
            .cuDevSmResourceSplitByCount
            .ok_or(NOT_SUPPORTED)?;
        let mut list: Vec<CUdevResource> = vec![zeroed(); groups];
        let mut remaining: CUdevResource = zeroed();
        let mut count = groups as u32;
        let place = if groups == 0 {
            std::ptr::null_mut()
        } else {
            list.as_mut_ptr()
        };
        // SAFETY: locals, and an array of the length given or none.
        check(unsafe {
            split(
                place,
                &raw mut count,
                &raw const input,
                &raw mut remaining,
                flags,
                fewest,
            )
        })?;
        let mut reply = self.reply();
        reply.scalar(count);
        let given = list.len().min(count as usize);
        reply.scalar(given);
        reply.pods(&list[..given]);
        reply.pod(&remaining);
        Ok(())
    }

    fn green_context(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let (green, handle): (u64, u64) = (body.scalar()?, body.scalar()?);
        body.end()?;
        self.handles.vacant(Kind::Context, handle)?;
        let green = self.handles.find(Kind::GreenContext, green)? as CUgreenCtx;
        let of = self.table.cuCtxFromGreenCtx.ok_or(NOT_SUPPORTED)?;
        let mut raw: CUcontext = std::ptr::null_mut();
        // SAFETY: a live green context and a local.
        check(unsafe { of(&raw mut raw, green) })?;
        let set = self.table.cuCtxSetCurrent.ok_or(NOT_SUPPORTED)?;
        let device_of = self.table.cuCtxGetDevice.ok_or(NOT_SUPPORTED)?;
        let mut device = 0;
        // SAFETY: a live context and a local.
        check(unsafe {
            match set(raw) {
                OK => device_of(&raw mut device),
                status => status,
            }
        })?;
        let named = match self.handles.name_of(Kind::Context, raw as u64) {
            Some(named) => named,
            None => {
                self.handles.bind(Kind::Context, handle, raw as u64);
                self.handles
                    .contexts
                    .insert(handle, ContextState::new(raw as u64, device));
                handle
            }
        };
        self.handles.current = named;
        let mut reply = self.reply();
        reply.scalar(named);
        reply.scalar(device);
        Ok(())
    }

    fn green_stream(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let (green, handle): (u64, u64) = (body.scalar()?, body.scalar()?);
        let (flags, priority): (u32, i32) = (body.scalar()?, body.scalar()?);
        body.end()?;
        self.handles.vacant(Kind::Stream, handle)?;
        let green = self.handles.find(Kind::GreenContext, green)? as CUgreenCtx;
        let make = self.table.cuGreenCtxStreamCreate.ok_or(NOT_SUPPORTED)?;
        let mut raw: CUstream = std::ptr::null_mut();
        // SAFETY: a live green context and a local.
        check(unsafe { make(&raw mut raw, green, flags, priority) })?;
        self.handles.bind(Kind::Stream, handle, raw as u64);
        Ok(())
    }

    fn green_destroy(&mut self, body: &mut Decoder<'_>) -> Result<(), Failure> {
        let handle: u64 = body.scalar()?;
        body.end()?;
        let green = self.handles.find(Kind::GreenContext, handle)?;
        let mut context: CUcontext = std::ptr::null_mut();
        if let Some(of) = self.table.cuCtxFromGreenCtx {
            // SAFETY: a live green context and a local.
            let _ = unsafe { of(&raw mut context, green as CUgreenCtx) };
        }
        if let Some(named) = self.handles.name_of(Kind::Context, context as u64) {
            self.leave_context(named)?;
            self.handles.forget(Kind::Context, named);
        }
        self.handles.forget(Kind::GreenContext, handle);
        let destroy = self.table.cuGreenCtxDestroy.ok_or(NOT_SUPPORTED)?;
        // SAFETY: a live green context, of which nothing is used any more.
        check(unsafe { destroy(green as CUgreenCtx) })
    }
}
