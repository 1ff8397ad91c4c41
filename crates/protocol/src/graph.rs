//! Graphs on the wire: what a node does, and how nodes hang together.

use pillion_cuda_abi::types::{
    CUDA_MEMCPY3D, CUDA_MEMSET_NODE_PARAMS, CUgraphEdgeData, CUmemAccessDesc, CUmemPoolProps,
    CUstreamBatchMemOpParams,
};

use crate::command::MAX_PARAMETER_BYTES;
use crate::{Decoder, Encoder, Violation};

/// Most nodes, edges or dependencies in one frame.
pub const MAX_LIST: u64 = 40_000;
/// Most operations of one node of memory operations (CUDA's own limit is 256).
pub const MAX_OPERATIONS: u64 = 256;
/// Most devices that an allocation is opened to.
pub const MAX_ACCESS: u64 = 1024;

/// What a node does: `CUgraphNodeParams` with handles of this session. The numbers on the wire are `CUgraphNodeType`'s.
#[derive(Clone)]
pub enum Node {
    /// A kernel.
    Kernel(KernelNode),
    /// A copy. Host sides are not here: the client has put memory of the device in their place.
    Copy {
        /// CUDA's description.
        copy: CUDA_MEMCPY3D,
        /// The context that it runs in.
        context: u64,
    },
    /// A memset.
    Fill {
        /// CUDA's description.
        fill: CUDA_MEMSET_NODE_PARAMS,
        /// The context that it runs in.
        context: u64,
    },
    /// A host function.
    Host {
        /// The client's number for it.
        call: u64,
    },
    /// Another graph as one node.
    Graph {
        /// That graph.
        graph: u64,
        /// `CUgraphChildGraphNodeOwnership`.
        ownership: u32,
    },
    /// Nothing.
    Empty,
    /// A wait for an event.
    WaitEvent(u64),
    /// A record of an event.
    RecordEvent(u64),
    /// An allocation.
    Allocate {
        /// Where.
        pool: CUmemPoolProps,
        /// Who else may use it.
        access: Vec<CUmemAccessDesc>,
        /// Bytes.
        size: u64,
        /// Where it lies; known once the node is there.
        address: u64,
    },
    /// The end of an allocation.
    Free(u64),
    /// Writes to and waits for memory.
    Operations {
        /// The context that they run in.
        context: u64,
        /// As `cuStreamBatchMemOp` takes them.
        flags: u32,
        /// The operations.
        operations: Vec<CUstreamBatchMemOpParams>,
    },
    /// Graphs that run or do not.
    Conditional {
        /// The number that kernels set.
        handle: u64,
        /// `CUgraphConditionalNodeType`.
        kind: u32,
        /// How many graphs.
        size: u32,
        /// The context that they run in.
        context: u64,
    },
}

/// A kernel in a graph.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KernelNode {
    /// Function or kernel.
    pub function: u64,
    /// The context that it runs in; 0 for the current one.
    pub context: u64,
    /// Blocks in x, y, z.
    pub grid: [u32; 3],
    /// Threads a block in x, y, z.
    pub block: [u32; 3],
    /// Bytes of dynamic shared memory a block.
    pub shared: u32,
    /// The parameter block.
    pub parameters: Vec<u8>,
}

const KERNEL: u64 = 0;
const COPY: u64 = 1;
const FILL: u64 = 2;
const HOST: u64 = 3;
const GRAPH: u64 = 4;
const EMPTY: u64 = 5;
const WAIT_EVENT: u64 = 6;
const RECORD_EVENT: u64 = 7;
const ALLOCATE: u64 = 10;
const FREE: u64 = 11;
const OPERATIONS: u64 = 12;
const CONDITIONAL: u64 = 13;

impl Node {
    /// Appends it.
    pub fn encode(&self, body: &mut Encoder<'_>) {
        match self {
            Node::Kernel(kernel) => {
                body.scalar(KERNEL);
                body.scalar(kernel.function);
                body.scalar(kernel.context);
                for n in kernel.grid.iter().chain(&kernel.block) {
                    body.scalar(*n);
                }
                body.scalar(kernel.shared);
                body.bytes(&kernel.parameters);
            }
            Node::Copy { copy, context } => {
                body.scalar(COPY);
                body.pod(copy);
                body.scalar(*context);
            }
            Node::Fill { fill, context } => {
                body.scalar(FILL);
                body.pod(fill);
                body.scalar(*context);
            }
            Node::Host { call } => {
                body.scalar(HOST);
                body.scalar(*call);
            }
            Node::Graph { graph, ownership } => {
                body.scalar(GRAPH);
                body.scalar(*graph);
                body.scalar(*ownership);
            }
            Node::Empty => body.scalar(EMPTY),
            Node::WaitEvent(event) => {
                body.scalar(WAIT_EVENT);
                body.scalar(*event);
            }
            Node::RecordEvent(event) => {
                body.scalar(RECORD_EVENT);
                body.scalar(*event);
            }
            Node::Allocate {
                pool,
                access,
                size,
                address,
            } => {
                body.scalar(ALLOCATE);
                body.pod(pool);
                body.scalar(access.len());
                body.pods(access);
                body.scalar(*size);
                body.scalar(*address);
            }
            Node::Free(address) => {
                body.scalar(FREE);
                body.scalar(*address);
            }
            Node::Operations {
                context,
                flags,
                operations,
            } => {
                body.scalar(OPERATIONS);
                body.scalar(*context);
                body.scalar(*flags);
                body.scalar(operations.len());
                body.pods(operations);
            }
            Node::Conditional {
                handle,
                kind,
                size,
                context,
            } => {
                body.scalar(CONDITIONAL);
                body.scalar(*handle);
                body.scalar(*kind);
                body.scalar(*size);
                body.scalar(*context);
            }
        }
    }

    /// Reads one.
    ///
    /// # Errors
    ///
    /// Where the body is malformed.
    pub fn decode(body: &mut Decoder<'_>) -> Result<Self, Violation> {
        Ok(match body.scalar::<u64>()? {
            KERNEL => {
                let (function, context) = (body.scalar()?, body.scalar()?);
                let mut shape = [0; 7];
                for n in &mut shape {
                    *n = body.scalar()?;
                }
                let [gx, gy, gz, bx, by, bz, shared] = shape;
                let parameters = body.bytes()?;
                if parameters.len() > MAX_PARAMETER_BYTES {
                    return Err(Violation::OutOfRange {
                        what: "the length of parameters",
                        value: parameters.len() as u64,
                    });
                }
                Node::Kernel(KernelNode {
                    function,
                    context,
                    grid: [gx, gy, gz],
                    block: [bx, by, bz],
                    shared,
                    parameters: parameters.to_vec(),
                })
            }
            COPY => Node::Copy {
                copy: body.pod()?,
                context: body.scalar()?,
            },
            FILL => Node::Fill {
                fill: body.pod()?,
                context: body.scalar()?,
            },
            HOST => Node::Host {
                call: body.scalar()?,
            },
            GRAPH => Node::Graph {
                graph: body.scalar()?,
                ownership: body.scalar()?,
            },
            EMPTY => Node::Empty,
            WAIT_EVENT => Node::WaitEvent(body.scalar()?),
            RECORD_EVENT => Node::RecordEvent(body.scalar()?),
            ALLOCATE => {
                let pool = body.pod()?;
                let count = body.at_most("the number of devices with access", MAX_ACCESS)?;
                Node::Allocate {
                    pool,
                    access: body.pods(count as usize)?,
                    size: body.scalar()?,
                    address: body.scalar()?,
                }
            }
            FREE => Node::Free(body.scalar()?),
            OPERATIONS => {
                let (context, flags) = (body.scalar()?, body.scalar()?);
                let count = body.at_most("the number of memory operations", MAX_OPERATIONS)?;
                Node::Operations {
                    context,
                    flags,
                    operations: body.pods(count as usize)?,
                }
            }
            CONDITIONAL => Node::Conditional {
                handle: body.scalar()?,
                kind: body.scalar()?,
                size: body.at_most("the number of a condition's graphs", 1024)? as u32,
                context: body.scalar()?,
            },
            value => {
                return Err(Violation::OutOfRange {
                    what: "the type of a node",
                    value,
                });
            }
        })
    }
}

/// What a node comes after.
#[derive(Clone, Default)]
pub struct Dependencies {
    /// The nodes.
    pub nodes: Vec<u64>,
    /// What each edge means, where the program says.
    pub edges: Option<Vec<CUgraphEdgeData>>,
}

impl Dependencies {
    /// Appends them.
    pub fn encode(&self, body: &mut Encoder<'_>) {
        body.scalar(self.nodes.len());
        body.pods(&self.nodes);
        body.maybe_pods(self.edges.as_deref());
    }

    /// Reads them.
    ///
    /// # Errors
    ///
    /// Where the body is malformed.
    pub fn decode(body: &mut Decoder<'_>) -> Result<Self, Violation> {
        let count = body.at_most("the number of dependencies", MAX_LIST)? as usize;
        Ok(Dependencies {
            nodes: body.pods(count)?,
            edges: body.maybe_pods(count)?,
        })
    }
}

/// Which nodes [`crate::command::cuda::GRAPH_LIST`] asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// All of a graph.
    Nodes = 0,
    /// Those of a graph that depend on none.
    Roots = 1,
    /// Both ends of every edge of a graph.
    Edges = 2,
    /// Those that a node depends on.
    Dependencies = 3,
    /// Those that depend on a node.
    Dependents = 4,
}

impl List {
    /// Reads it.
    ///
    /// # Errors
    ///
    /// Where the body is malformed.
    pub fn decode(body: &mut Decoder<'_>) -> Result<Self, Violation> {
        Ok(match body.at_most("which nodes", 4)? {
            0 => List::Nodes,
            1 => List::Roots,
            2 => List::Edges,
            3 => List::Dependencies,
            _ => List::Dependents,
        })
    }
}
