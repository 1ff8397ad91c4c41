//! The protocol's own commands: those with a meaning of their own. Opcodes from 256 are forwarded functions, whose bodies
//! are their parameters in order (scalars, handles and structs first, then arrays), as `functions.def` says.

use pillion_cuda_abi::types::CUDA_MEMCPY3D;
use zerocopy::little_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::{Decoder, Encoder, Violation};

/// Opcodes of [`crate::Interface::Session`].
pub mod session {
    /// [`crate::Hello`]; the first frame of a connection.
    pub const HELLO: u16 = 1;
    /// Answered at once with the bytes that it carries.
    pub const PING: u16 = 2;
    /// The client ends the session. No answer; the server frees everything.
    pub const GOODBYE: u16 = 3;
    /// Empty. In place of [`HELLO`], to the broker, over a Unix socket and by the server's own user or root: answered with the
    /// server's state as JSON in UTF-8 (`pillion status --json` prints it), after which the server closes the connection. It
    /// makes no session.
    pub const STATUS: u16 = 16;
    /// [`crate::Hello`]. In place of [`HELLO`], to the broker: answered with the sessions of the same identity from the same
    /// machine ([`crate::Process`]), after which the server closes the connection. It makes no session.
    pub const PROCESSES: u16 = 17;
    /// `greeting: bytes` ([`crate::Hello`]), and the rest is an order as JSON in UTF-8, such as `{"cancel":{"session":"1f"}}`. In place of
    /// [`HELLO`], to the broker: what is done of it is answered with JSON, what is not with [`crate::Reply::End`]; after that the server closes
    /// the connection. It makes no session.
    pub const ORDER: u16 = 18;
}

/// Opcodes of [`crate::Interface::Cuda`] below 256. Each says what its body is and what its answer holds after the status.
pub mod cuda {
    macro_rules! opcodes {
        ($($(#[$doc:meta])* $name:ident = $number:literal;)*) => {
            $($(#[$doc])* pub const $name: u16 = $number;)*
            /// All of them.
            pub const ALL: &[u16] = &[$($number),*];
        };
    }

    opcodes! {
        /// `device: scalar, context: new handle`. `cuDevicePrimaryCtxRetain`; a second retain of one device names the same
        /// context. Answered.
        PRIMARY_RETAIN = 1;
        /// `device`. `cuDevicePrimaryCtxRelease`. Answered.
        PRIMARY_RELEASE = 2;
        /// `device`. `cuDevicePrimaryCtxReset`; ends every handle that lived in it. Answered.
        PRIMARY_RESET = 3;
        /// `device, flags`. `cuDevicePrimaryCtxSetFlags`. Answered.
        PRIMARY_SET_FLAGS = 4;
        /// `context: new handle, flags, device, SMs (0: no affinity)`. `cuCtxCreate`. Answered.
        CONTEXT_CREATE = 5;
        /// `context`. `cuCtxDestroy`; ends every handle that lived in it. Answered.
        CONTEXT_DESTROY = 6;
        /// [`super::Wait`]. Answered when everything issued before it to the context, stream or event has happened.
        SYNCHRONIZE = 7;
        /// [`super::Wait`]. Answered at once with success or `CUDA_ERROR_NOT_READY`; in the latter case a
        /// [`crate::Reply::Completed`] follows when it has happened.
        QUERY = 8;
        /// [`super::UploadHead`], then bytes. A part of an image. No answer.
        UPLOAD = 10;
        /// [`super::Load`]. `cuModuleLoadDataEx`. The answer succeeds also where the load fails: its body is the load's own status
        /// (scalar), then [`super::Loaded`], so that the logs of a failure arrive.
        MODULE_LOAD = 11;
        /// `module`. Answered.
        MODULE_UNLOAD = 12;
        /// `module, function: new handle, name: text`. Answered with [`super::FunctionInfo`].
        MODULE_FUNCTION = 13;
        /// [`super::Load`]. `cuLibraryLoadData`. Answered as [`MODULE_LOAD`].
        LIBRARY_LOAD = 14;
        /// `library`. Answered.
        LIBRARY_UNLOAD = 15;
        /// `library, kernel: new handle, name: text`. Answered with [`super::FunctionInfo`].
        LIBRARY_KERNEL = 16;
        /// `library, module: new handle`. `cuLibraryGetModule` in the command's context. Answered.
        LIBRARY_MODULE = 17;
        /// `kernel, function: new handle`. `cuKernelGetFunction` in the command's context. Answered with
        /// [`super::FunctionInfo`].
        KERNEL_FUNCTION = 18;
        /// [`super::LaunchHead`], then attributes, then parameters. No answer.
        LAUNCH = 20;
        /// [`super::LaunchHead`], then attributes; which: scalar in `shared`'s place is not used.
        /// `cuOccupancyMaxActiveClusters`. Answered with the number of clusters.
        MAX_ACTIVE_CLUSTERS = 21;
        /// As [`MAX_ACTIVE_CLUSTERS`] for `cuOccupancyMaxPotentialClusterSize`: answered with the size.
        MAX_POTENTIAL_CLUSTER_SIZE = 22;
        /// [`super::CopyHead`], then the bytes. Host to device. No answer.
        COPY_TO_DEVICE = 30;
        /// [`super::CopyHead`]. Device to host: [`crate::Reply::Data`], then an answer.
        COPY_TO_HOST = 31;
        /// [`super::Box3D`], then host bytes, packed. At most [`crate::CHUNK`] of them. No answer.
        BOX_TO_DEVICE = 32;
        /// [`super::Box3D`]. Host bytes come back packed, as [`COPY_TO_HOST`]'s do.
        BOX_TO_HOST = 33;
        /// [`super::Box3D`] between device memories. No answer.
        BOX_ON_DEVICE = 34;
        /// `address`. `cuMemFree`; happens once everything issued before it has. Answered at once with the status of the
        /// address.
        MEM_FREE = 35;
        /// `address, length, flags`. Host memory that the device may reach: the worker keeps memory at the same address, or where
        /// that cannot be, elsewhere. Answered with the address for the device.
        HOST_MAP = 36;
        /// `address`. Ends [`HOST_MAP`], once everything issued before it has happened. No answer.
        HOST_UNMAP = 37;
        /// `pool: new handle, device, which: 0 default, 1 current`. Answered.
        DEVICE_POOL = 38;
        /// `address`. `cuMemGetAddressRange`. Answered with the base, the size, and 1 where it is managed memory, else 0.
        ADDRESS_RANGE = 39;
        /// `stream, call`. `cuLaunchHostFunc`: when the stream gets there, [`crate::Reply::Call`] is pushed, and the stream goes on
        /// once [`CALL_DONE`] has come. No answer.
        HOST_FUNCTION = 40;
        /// `turn`, as [`crate::Reply::Call`] named it. No answer.
        CALL_DONE = 41;
        /// `object: new handle, call, references, flags`. `cuUserObjectCreate`: [`crate::Reply::Call`] is pushed, with no turn, when
        /// the last reference goes. Answered.
        USER_OBJECT = 42;
        /// `stream, mode, graph (0: a new one)`, then with a graph [`crate::graph::Dependencies`]. `cuStreamBeginCapture`.
        /// Answered.
        BEGIN_CAPTURE = 50;
        /// `stream, graph: new handle`. `cuStreamEndCapture`. Answered with the graph's handle: the new one, or the one that it
        /// had.
        END_CAPTURE = 51;
        /// `stream`. `cuStreamGetCaptureInfo`. Answered with the status, and where the stream captures, the capture's number, the
        /// graph's handle and [`crate::graph::Dependencies`].
        CAPTURE_INFO = 52;
        /// [`crate::graph::List`], then the handle of the graph or node, then how many to pass over. Answered with how many there
        /// are in all, how many follow, the nodes, for edges the nodes at their other ends, and what the edges mean.
        GRAPH_LIST = 53;
        /// `graph`, then [`crate::graph::Dependencies`] and [`crate::graph::Node`]. `cuGraphAddNode`. Answered with the node's
        /// handle; for an allocation its address follows, for a condition the handles of its graphs.
        NODE_ADD = 54;
        /// `executable graph or 0, node`, then [`crate::graph::Node`]. `cuGraphNodeSetParams`, `cuGraphExecNodeSetParams`.
        /// Answered.
        NODE_SET = 55;
        /// `node`. Answered with [`crate::graph::Node`]. A function that the client has not named is answered with a name of the
        /// server's, and its [`super::FunctionInfo`] follows.
        NODE_GET = 56;
        /// `executable graph: new handle, graph, flags, upload stream`. `cuGraphInstantiateWithParams`. The answer succeeds also
        /// where this fails: its body is the status (scalar), the result, the node at fault or 0, and 1 if the graph allocates memory.
        GRAPH_INSTANTIATE = 57;
        /// `executable graph, graph`. `cuGraphExecUpdate`. The answer succeeds also where this fails: its body is the status
        /// (scalar), the result, and two nodes or 0.
        GRAPH_UPDATE = 58;
        /// `graph, flags, offset`. `cuGraphDebugDotPrint`. Answered with the length of the text, and bytes of it from there on.
        GRAPH_DOT = 59;
        /// `link: new handle`, then JIT options as in [`super::Load`]. `cuLinkCreate`. Answered.
        LINK_CREATE = 60;
        /// `link, upload, type, name: text`, then JIT options. `cuLinkAddData`. Answered as [`MODULE_LOAD`]: the status, then
        /// [`super::Loaded`] of the link's own options.
        LINK_ADD = 61;
        /// `link, offset`. `cuLinkComplete`. Answered as [`LINK_ADD`]; then the length of the image, and bytes of it from the
        /// offset on.
        LINK_COMPLETE = 62;
        /// `link`. Answered.
        LINK_DESTROY = 63;
        /// `which: 0 module, 1 library; handle; first`. `cuModuleEnumerateFunctions`, `cuLibraryEnumerateKernels`. Answered with
        /// how many there are and how many follow, and of each its handle, its name and its [`super::FunctionInfo`].
        ENUMERATE = 64;
        /// `groups, input, flags, fewest`. `cuDevSmResourceSplitByCount`. Answered with the number of groups, the groups, and what
        /// remains.
        SPLIT_RESOURCE = 65;
        /// `green context, context: new handle`. `cuCtxFromGreenCtx`. Answered with the context's handle, its device.
        GREEN_CONTEXT = 66;
        /// `green context, stream: new handle, flags, priority`. `cuGreenCtxStreamCreate`. Answered.
        GREEN_STREAM = 67;
        /// `green context`. `cuGreenCtxDestroy`. Answered.
        GREEN_DESTROY = 68;
        /// `function`. Loads it, and is answered with its [`super::FunctionInfo`].
        FUNCTION_INFO = 69;
        /// `address`, then bytes. What the program has written to memory of [`HOST_MAP`]; at once. No answer.
        HOST_WRITE = 70;
        /// `address, length`. What is in memory of [`HOST_MAP`] now: [`crate::Reply::Data`], then an answer.
        HOST_READ = 71;
        /// `which: 0 allocation, 1 pool; handle, flags`. `cuMemExportToShareableHandle`, `cuMemPoolExportToShareableHandle` as a
        /// descriptor. Answered with the 32 bytes by which another session of this server can import it.
        SHARE_EXPORT = 72;
        /// `which, handle: new handle, flags`, then those bytes. `cuMemImportFromShareableHandle`,
        /// `cuMemPoolImportFromShareableHandle`. Answered.
        SHARE_IMPORT = 73;
        /// `address, length`. Host memory that both sides have, of which the client has sent the descriptor beside the connection just
        /// before: the worker maps it at the same address, where the device can reach it. Ended by [`HOST_UNMAP`]. Answered; an error
        /// means that there is no such memory, and the descriptor is closed.
        HOST_COMMON = 74;
        /// `length`, at most [`super::MAX_GRANT`]. Memory of the device (`cuMemAlloc` in the command's context) that the client divides
        /// among allocations by itself, and gives back with [`MEM_FREE`]. Where the device does not have it, that is answered at once:
        /// nothing is waited for. Answered with its address.
        MEM_GRANT = 75;
        /// Empty. Answered once everything issued before, in whatever context, has happened, as memory is freed then: what the program
        /// had given up by then may be used again.
        MEM_QUIET = 76;
        /// `address` of memory of `cuMemAlloc` or [`MEM_GRANT`]. `cuIpcGetMemHandle`, for parts of it as well: answered with 32 bytes by
        /// which another session of this server can open all of it, as long as this one lives.
        MEM_EXPORT = 77;
        /// Those bytes, `flags`. `cuIpcOpenMemHandle`. Answered with the address, which `cuIpcCloseMemHandle` takes.
        MEM_IMPORT = 78;
        /// [`super::UploadKnown`]. In place of the parts of an image, where the server may have it from before: the command that
        /// names the upload finds it whole, or is answered with [`super::SEND_IMAGE`]. No answer.
        UPLOAD_KNOWN = 80;
        /// [`super::KnownCopy`]: host to device, what the server has of these bytes from before. Answered with a word in which the
        /// bit of every chunk is set that it had; the client sends the others ([`COPY_TO_DEVICE`]).
        COPY_KNOWN = 81;
        /// [`super::CopyHead`] of at most [`crate::CHUNK`] bytes, then those [packed](crate::packed). As [`COPY_TO_DEVICE`]. No answer.
        COPY_PACKED = 84;
        /// [`super::PackedUpload`]. As [`UPLOAD`]. No answer.
        UPLOAD_PACKED = 85;
        // 82 and 83 had blocks that did not say what they are packed with.
    }
}

/// Opcodes that only a server with a content cache has.
pub const OF_CACHES: &[u16] = &[cuda::UPLOAD_KNOWN, cuda::COPY_KNOWN];

/// Opcodes that only a server has that packs and unpacks bulk data ([`crate::packed`]). One that has them may also answer
/// [`cuda::COPY_TO_HOST`] with [`crate::Reply::Packed`], where [`COPY_PACK`] asks for it.
pub const OF_PACKING: &[u16] = &[cuda::COPY_PACKED, cuda::UPLOAD_PACKED];

/// Set in the number of a thread that runs host functions. Its commands may be executed before earlier ones of other threads,
/// where those have to wait for the device, and the device for the host function.
pub const CALL_THREAD: u32 = 1 << 31;

/// A flag of [`cuda::HOST_MAP`]: the memory stands in for host memory that a graph copies to or from. [`cuda::COPY_TO_HOST`] of it
/// waits for the stream and then takes what is there, without the device: drivers copy from host to host themselves, and wait.
pub const HOST_STANDS_IN: u32 = 1;

/// Most bytes of one [`cuda::MEM_GRANT`].
pub const MAX_GRANT: u64 = 256 << 20;

/// What [`cuda::SYNCHRONIZE`] and [`cuda::QUERY`] wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wait {
    /// Everything in the command's context.
    Context,
    /// A stream (handle or default stream).
    Stream(u64),
    /// An event's last record.
    Event(u64),
}

impl Wait {
    /// Appends it.
    pub fn encode(self, body: &mut Encoder<'_>) {
        let (tag, handle) = match self {
            Wait::Context => (0u32, 0),
            Wait::Stream(handle) => (1, handle),
            Wait::Event(handle) => (2, handle),
        };
        body.scalar(tag);
        body.scalar(handle);
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// Where the body is malformed.
    pub fn decode(body: &mut Decoder<'_>) -> Result<Self, Violation> {
        let tag = body.at_most("what to wait for", 2)?;
        let handle = body.scalar()?;
        Ok(match tag {
            0 => Wait::Context,
            1 => Wait::Stream(handle),
            _ => Wait::Event(handle),
        })
    }
}

/// A part of an upload.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct UploadHead {
    /// The client's number for the upload.
    pub upload: U64,
    /// Bytes of the whole.
    pub total: U64,
    /// Where this part begins. Parts come in order.
    pub offset: U64,
}

/// A packed part of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackedUpload<'a> {
    /// Where it belongs.
    pub head: &'a UploadHead,
    /// Bytes of it once it is unpacked; at most [`crate::CHUNK`].
    pub len: usize,
    /// It, [packed](crate::packed).
    pub block: &'a [u8],
}

impl<'a> PackedUpload<'a> {
    /// What precedes the block.
    pub fn encode_head(head: &UploadHead, len: usize, body: &mut Encoder<'_>) {
        body.rest(head.as_bytes());
        body.scalar(len);
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// Where the body is malformed, or unpacked longer than a part may be.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Violation> {
        let (head, rest) =
            UploadHead::ref_from_prefix(bytes).map_err(|_| Violation::Truncated {
                missing: size_of::<UploadHead>() - bytes.len(),
            })?;
        let mut body = Decoder::new(rest);
        let len = body.at_most("the length of a part", crate::CHUNK as u64)? as usize;
        let block = body.rest();
        Ok(PackedUpload { head, len, block })
    }
}

/// An image by its hash. Where the command that names the upload ([`cuda::MODULE_LOAD`], [`cuda::LIBRARY_LOAD`],
/// [`cuda::LINK_ADD`]) is answered with [`SEND_IMAGE`], the upload stays as it is: the client sends its parts ([`cuda::UPLOAD`],
/// under the same number) and the command again. The server keeps what it was sent so, if its bytes have that hash.
///
/// ```text
/// -- UploadKnown{upload, total, hash} -->         -- UploadKnown{upload, total, hash} -->
/// -- Load{upload} ---------------------->         -- Load{upload} ---------------------->
/// <---------------- the load's result --          <---------------------- SEND_IMAGE --
///                                                 -- parts of the upload --------------->
///                                                 -- Load{upload} ---------------------->
///                                                 <---------------- the load's result --
/// ```
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct UploadKnown {
    /// The client's number for the upload.
    pub upload: U64,
    /// Bytes of the whole, at least one.
    pub total: U64,
    /// BLAKE3 of them.
    pub hash: [u8; 32],
}

impl UploadKnown {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// Where the body is malformed, or no upload may be as long.
    pub fn decode(bytes: &[u8]) -> Result<Self, Violation> {
        let (known, rest) = Self::read_from_prefix(bytes).map_err(|_| Violation::Truncated {
            missing: size_of::<Self>() - bytes.len(),
        })?;
        if !rest.is_empty() {
            return Err(Violation::Trailing(rest.len()));
        }
        let value = known.total.get();
        if value == 0 || value > MAX_UPLOAD {
            return Err(Violation::OutOfRange {
                what: "the length of an upload",
                value,
            });
        }
        Ok(known)
    }
}

/// In the place of a load's own status: the server does not have the image that [`cuda::UPLOAD_KNOWN`] named. Nothing follows.
pub const SEND_IMAGE: u32 = u32::MAX;
/// Most uploads that no command has consumed yet.
pub const MAX_UPLOADS: usize = 1 << 16;
/// Most bytes of one uploaded image.
pub const MAX_UPLOAD: u64 = 4 << 30;
/// Most fat binaries of one upload.
pub const MAX_PARTS: u64 = 1 << 16;
/// Most options of one load.
pub const MAX_OPTIONS: u64 = 64;
/// Most bytes of a JIT log.
pub const MAX_LOG: u64 = 1 << 20;

/// A module or library to load from an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Load {
    /// The handle that it gets.
    pub handle: u64,
    /// The upload with the image, which this consumes.
    pub upload: u64,
    /// JIT options with their values as numbers. Log buffers are named by their sizes alone: the logs come back in
    /// [`Loaded`]; output options (wall time, threads per block) likewise.
    pub options: Vec<(u32, u64)>,
    /// Library options; empty for a module.
    pub library_options: Vec<(u32, u64)>,
    /// Where the upload is a linked fat binary followed by those it was linked from (`nvcc -rdc=true`): the length of each in
    /// bytes, the linked one first. The worker presents them to the device behind a wrapper of version 2. Empty where the
    /// upload is one image.
    pub parts: Vec<u64>,
}

impl Load {
    /// Appends it.
    pub fn encode(&self, body: &mut Encoder<'_>) {
        body.scalar(self.handle);
        body.scalar(self.upload);
        for list in [&self.options, &self.library_options] {
            body.scalar(list.len());
            for (option, value) in list {
                body.scalar(*option);
                body.scalar(*value);
            }
        }
        body.pods(&self.parts);
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// Where the body is malformed.
    pub fn decode(body: &mut Decoder<'_>) -> Result<Self, Violation> {
        let handle = body.scalar()?;
        let upload = body.scalar()?;
        let mut lists = [Vec::new(), Vec::new()];
        for list in &mut lists {
            for _ in 0..body.at_most("the number of options", MAX_OPTIONS)? {
                list.push((body.scalar()?, body.scalar()?));
            }
        }
        let [options, library_options] = lists;
        let parts = body.clone().at_most("the number of parts", MAX_PARTS)?;
        let parts = body.pods(parts as usize)?;
        Ok(Load {
            handle,
            upload,
            options,
            library_options,
            parts,
        })
    }
}

/// What a load says besides its status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Values of the output options, in the order of [`Load::options`] (the others as they were sent).
    pub values: Vec<u64>,
    /// `CU_JIT_INFO_LOG_BUFFER`.
    pub info_log: Vec<u8>,
    /// `CU_JIT_ERROR_LOG_BUFFER`.
    pub error_log: Vec<u8>,
}

impl Loaded {
    /// Appends it.
    pub fn encode(&self, body: &mut Encoder<'_>) {
        body.pods(&self.values);
        body.bytes(&self.info_log);
        body.bytes(&self.error_log);
    }

    /// Reads it; `options` is how many were sent.
    ///
    /// # Errors
    ///
    /// Where the body is malformed.
    pub fn decode(body: &mut Decoder<'_>, options: usize) -> Result<Self, Violation> {
        Ok(Loaded {
            values: body.pods(options)?,
            info_log: body.bytes()?.to_vec(),
            error_log: body.bytes()?.to_vec(),
        })
    }
}

/// How many of a function's attributes travel with it: `CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK` (0) to
/// `CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED` (15).
pub const FUNCTION_ATTRIBUTES: usize = 16;
/// Most parameters of a kernel.
pub const MAX_PARAMETERS: usize = 8192;
/// Most bytes of a kernel's parameters (CUDA's limit is 32,764).
pub const MAX_PARAMETER_BYTES: usize = 32 << 10;

/// What a client has to know of a function to launch it without asking again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FunctionInfo {
    /// Offset and size, in bytes, of each parameter.
    pub parameters: Vec<(u32, u32)>,
    /// Attributes 0 to 15; `i32::MIN` where the driver could not tell.
    pub attributes: [i32; FUNCTION_ATTRIBUTES],
}

impl FunctionInfo {
    /// Bytes of the parameter block.
    pub fn parameter_bytes(&self) -> usize {
        self.parameters
            .iter()
            .map(|(offset, size)| (offset + size) as usize)
            .max()
            .unwrap_or(0)
    }

    /// Appends it.
    pub fn encode(&self, body: &mut Encoder<'_>) {
        body.scalar(self.parameters.len());
        for (offset, size) in &self.parameters {
            body.scalar(u64::from(*offset) << 32 | u64::from(*size));
        }
        body.pods(&self.attributes);
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// Where the body is malformed, or a parameter lies beyond what CUDA allows.
    pub fn decode(body: &mut Decoder<'_>) -> Result<Self, Violation> {
        let count = body.at_most("the number of parameters", MAX_PARAMETERS as u64)?;
        let mut parameters = Vec::with_capacity(count as usize);
        for _ in 0..count {
            let word: u64 = body.scalar()?;
            let (offset, size) = ((word >> 32) as u32, word as u32);
            if u64::from(offset) + u64::from(size) > MAX_PARAMETER_BYTES as u64 {
                return Err(Violation::OutOfRange {
                    what: "a parameter's end",
                    value: word,
                });
            }
            parameters.push((offset, size));
        }
        let list: Vec<i32> = body.pods(FUNCTION_ATTRIBUTES)?;
        let mut attributes = [0; FUNCTION_ATTRIBUTES];
        attributes.copy_from_slice(&list);
        Ok(FunctionInfo {
            parameters,
            attributes,
        })
    }
}

/// The fixed part of a launch. `attributes` C structs (`CUlaunchAttribute`, 72 bytes each, with handles of this session where
/// they name events) follow, then `parameters` bytes of the parameter block.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct LaunchHead {
    /// Function or kernel.
    pub function: U64,
    /// Stream.
    pub stream: U64,
    /// Blocks in x, y, z.
    pub grid: [U32; 3],
    /// Threads a block in x, y, z.
    pub block: [U32; 3],
    /// Bytes of dynamic shared memory a block.
    pub shared: U32,
    /// [`LAUNCH_COOPERATIVE`], [`LAUNCH_EXTENDED`].
    pub flags: U32,
    /// How many attributes follow.
    pub attributes: U32,
    /// Bytes of the parameter block.
    pub parameters: U32,
}

/// `cuLaunchCooperativeKernel`.
pub const LAUNCH_COOPERATIVE: u32 = 1;
/// `cuLaunchKernelEx`.
pub const LAUNCH_EXTENDED: u32 = 2;
/// Most attributes of one launch.
pub const MAX_LAUNCH_ATTRIBUTES: u32 = 64;

/// A linear copy between host and device.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, FromBytes, IntoBytes, Immutable, KnownLayout, Unaligned,
)]
#[repr(C)]
pub struct CopyHead {
    /// Device address.
    pub device: U64,
    /// Bytes.
    pub len: U64,
    /// Stream.
    pub stream: U64,
    /// [`COPY_SYNCHRONOUS`], [`COPY_KEEP`], [`COPY_PACK`], [`COPY_PACK_SMALL`].
    pub flags: U32,
    /// 0.
    pub reserved: U32,
}

/// The program called a synchronous copy: everything that it issues later, in whatever stream, sees the data.
pub const COPY_SYNCHRONOUS: u32 = 1;
/// Of [`cuda::COPY_TO_DEVICE`], to a server that has [`cuda::COPY_KNOWN`]: what is sent may be named in a later copy.
pub const COPY_KEEP: u32 = 2;
/// Of [`cuda::COPY_TO_HOST`], to a server that has [`cuda::COPY_PACKED`]: what comes back may be packed.
pub const COPY_PACK: u32 = 4;
/// With [`COPY_PACK`]: the line is so slow that the better method is worth its time ([`crate::packed::Method::Zstd`]).
pub const COPY_PACK_SMALL: u32 = 8;
/// Most chunks of one [`KnownCopy`]: as many as its answer has bits.
pub const MAX_KNOWN: usize = 64;

/// A copy to the device whose bytes are named by their hashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownCopy<'a> {
    /// Where to. At most [`MAX_KNOWN`] chunks.
    pub head: &'a CopyHead,
    /// BLAKE3 of each chunk. All chunks are [`crate::CHUNK`] bytes, but for the last one.
    pub hashes: &'a [[u8; 32]],
}

impl<'a> KnownCopy<'a> {
    /// Appends it.
    pub fn encode(&self, body: &mut Encoder<'_>) {
        body.rest(self.head.as_bytes());
        body.rest(self.hashes.as_bytes());
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// Where the body is malformed, or has not as many hashes as the copy has chunks.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Violation> {
        let (head, rest) = CopyHead::ref_from_prefix(bytes).map_err(|_| Violation::Truncated {
            missing: size_of::<CopyHead>() - bytes.len(),
        })?;
        let value = head.len.get();
        if value == 0 || value > (MAX_KNOWN * crate::CHUNK) as u64 {
            return Err(Violation::OutOfRange {
                what: "the length of a copy",
                value,
            });
        }
        let count = (value as usize).div_ceil(crate::CHUNK);
        let needed = count * 32;
        if rest.len() < needed {
            return Err(Violation::Truncated {
                missing: needed - rest.len(),
            });
        }
        match <[[u8; 32]]>::ref_from_bytes_with_elems(rest, count) {
            Ok(hashes) => Ok(KnownCopy { head, hashes }),
            Err(_) => Err(Violation::Trailing(rest.len() - needed)),
        }
    }

    /// Where each chunk begins in the copy, how long it is, and its hash.
    pub fn chunks(&self) -> impl Iterator<Item = (u64, u64, &'a [u8; 32])> {
        let (len, chunk) = (self.head.len.get(), crate::CHUNK as u64);
        let starts = (0..len).step_by(crate::CHUNK);
        starts
            .zip(self.hashes)
            .map(move |(start, hash)| (start, chunk.min(len - start), hash))
    }
}

/// A two- or three-dimensional copy. Host sides are packed: the worker ignores the description's host pointer, pitch and
/// height, and takes rows of `WidthInBytes` one behind the other.
#[derive(Clone, Copy)]
pub struct Box3D {
    /// CUDA's description, with handles of this session for arrays.
    pub copy: CUDA_MEMCPY3D,
    /// Stream.
    pub stream: u64,
    /// [`COPY_SYNCHRONOUS`].
    pub flags: u32,
}

impl Box3D {
    /// Appends it; host bytes follow.
    pub fn encode(&self, body: &mut Encoder<'_>) {
        body.pod(&self.copy);
        body.scalar(self.stream);
        body.scalar(self.flags);
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// Where the body is malformed.
    pub fn decode(body: &mut Decoder<'_>) -> Result<Self, Violation> {
        Ok(Box3D {
            copy: body.pod()?,
            stream: body.scalar()?,
            flags: body.scalar()?,
        })
    }

    /// Bytes of the packed box, if a frame can carry them.
    pub fn packed_len(&self) -> Option<usize> {
        let c = &self.copy;
        let len = c.WidthInBytes.checked_mul(c.Height)?.checked_mul(c.Depth)?;
        (len <= crate::CHUNK).then_some(len)
    }
}
