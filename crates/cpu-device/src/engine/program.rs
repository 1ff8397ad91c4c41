//! A compiled program: what its kernels and variables look like, and its code.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use super::ir::Function;
use super::memory::{AddressSpace, CODE_WINDOW};
use super::{link, parser};

/// Limits for the compilation of untrusted text. The defaults fit any program nvcc makes.
#[derive(Clone, Debug)]
pub struct CompileOptions {
    /// Bytes of text accepted in all sources together.
    pub max_source_bytes: usize,
    /// Bytes that all initialised variables together may take.
    pub max_global_bytes: u64,
}

impl Default for CompileOptions {
    fn default() -> CompileOptions {
        CompileOptions {
            max_source_bytes: 512 << 20,
            max_global_bytes: 8 << 30,
        }
    }
}

/// What is wrong with a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompileErrorKind {
    /// The text is not PTX, or breaks its rules: `CUDA_ERROR_INVALID_PTX`.
    InvalidPtx,
    /// Valid PTX that this device cannot execute: `CUDA_ERROR_NOT_SUPPORTED` (or `CUDA_ERROR_INVALID_PTX`).
    NotSupported,
    /// A `.version` newer than 9.x, or a `.target` that is no `sm_*`: `CUDA_ERROR_UNSUPPORTED_PTX_VERSION`.
    UnsupportedVersion,
    /// A symbol is declared `.extern` and defined nowhere, or defined twice: `CUDA_ERROR_INVALID_PTX` at load,
    /// `CUDA_ERROR_UNKNOWN`-class link errors in `cuLinkComplete`.
    Link,
    /// The program is larger than the limits of [`CompileOptions`]: `CUDA_ERROR_OUT_OF_MEMORY`.
    TooLarge,
}

/// Why a program was refused: kind, place and a message that reads like a line of ptxas' log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CompileError {
    /// What is wrong.
    pub kind: CompileErrorKind,
    /// Index of the source text in the slice given to [`Program::compile`].
    pub source_index: usize,
    /// Line in that text, from 1; 0 when no line is to blame.
    pub line: u32,
    /// One line for the JIT error log: place, severity, what, and where it helps what to do.
    pub message: String,
}

/// A kernel parameter in the parameter buffer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    /// Byte offset in the buffer.
    pub offset: u32,
    /// Length in bytes.
    pub size: u32,
    /// Alignment in bytes.
    pub align: u32,
}

/// A kernel (`.entry`), as `cuFuncGetAttribute` and `cuFuncGetParamInfo` describe it.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// Its (mangled) name.
    pub name: String,
    /// Its parameters in order.
    pub params: Vec<Param>,
    /// Length of the parameter buffer in bytes.
    pub param_bytes: u32,
    /// Static shared memory a block, in bytes (`CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES`).
    pub static_shared_bytes: u32,
    /// Alignment of dynamic shared memory; it begins at the static size rounded up to this.
    pub dynamic_shared_align: u32,
    /// Local memory a thread, in bytes, without called functions (`CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES`).
    pub local_bytes: u32,
    /// Bytes of constant variables of the program (`CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES`).
    pub const_bytes: u32,
    /// The most threads a block may have (`.maxntid`, `.reqntid`, else 1024).
    pub max_threads: u32,
    /// Exact block shape demanded by `.reqntid`.
    pub required_block: Option<[u32; 3]>,
    /// 32-bit registers a thread needs here; an estimate of what a GPU would use, 16 to 255.
    pub registers: u32,
    /// Architecture that its PTX was compiled for, 75 for `.target sm_75` (`CU_FUNC_ATTRIBUTE_PTX_VERSION`).
    pub ptx_version: u32,
    pub(crate) function: u32,
}

/// State space of a module-scope variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Space {
    /// `.global`, `__device__`.
    Global,
    /// `.const`, `__constant__`.
    Const,
}

/// What a relocation's value is computed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelocationTarget {
    /// Address of the variable with this index in [`Program::globals`].
    Global(u32),
    /// Address of a function, as indirect calls take it.
    Function(u32),
}

/// A place in a variable's initial value where an address goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relocation {
    /// Byte offset in the variable.
    pub offset: u64,
    /// Bytes written there, 1 to 8, little endian.
    pub size: u32,
    /// Whose address.
    pub target: RelocationTarget,
    /// Added to the address.
    pub addend: i64,
    /// The value is shifted right by this many bits before it is written (`0xff00(symbol)` in PTX).
    pub shift: u32,
}

/// A module-scope variable.
#[derive(Clone, Debug)]
pub struct Global {
    /// Its (mangled) name; file-local variables of different sources may share one.
    pub name: String,
    /// Length in bytes.
    pub size: u64,
    /// Alignment in bytes, a power of two.
    pub align: u64,
    /// State space.
    pub space: Space,
    /// Whether `cuModuleGetGlobal` finds it (`.visible`, `.weak`, `.common` or file-local: nvcc makes all of them public
    /// in whole-program mode, so this is only false for names hidden by another source).
    pub visible: bool,
    /// `.attribute(.managed)`.
    pub managed: bool,
    /// Initial value; shorter than `size` means zero-filled.
    pub init: Vec<u8>,
    /// Addresses in the initial value.
    pub relocations: Vec<Relocation>,
}

/// A compiled and linked program, independent of any memory: instantiate it as a [`Module`] to run it.
pub struct Program {
    pub(crate) kernels: Vec<Kernel>,
    pub(crate) kernel_names: HashMap<String, u32>,
    pub(crate) globals: Vec<Global>,
    pub(crate) global_names: HashMap<String, u32>,
    pub(crate) functions: Vec<Function>,
    /// Memory access sites of all functions.
    pub(crate) sites: u32,
    /// Whether a function uses the shared memory that cooperative groups keep for themselves.
    pub(crate) reserved_shared: bool,
}

impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("kernels", &self.kernels)
            .field("globals", &self.globals.len())
            .finish()
    }
}

impl Program {
    /// Compiles PTX texts (ISA versions up to 9.x, 64-bit addresses) and links them into one program, as `cuModuleLoadData`
    /// does with one and `cuLinkAddData`/`cuLinkComplete` with several.
    ///
    /// # Errors
    /// The first problem found, with its line. Text that is valid PTX but needs what this device lacks (tensor-core
    /// instructions, textures, ...) is [`CompileErrorKind::NotSupported`] and names the instruction.
    pub fn compile(sources: &[&str], options: &CompileOptions) -> Result<Program, CompileError> {
        let bytes: usize = sources.iter().map(|s| s.len()).sum();
        if bytes > options.max_source_bytes {
            return Err(CompileError {
                kind: CompileErrorKind::TooLarge,
                source_index: 0,
                line: 0,
                message: format!(
                    "ptx fatal   : {bytes} bytes of text exceed the limit of {}",
                    options.max_source_bytes
                ),
            });
        }
        let mut modules = Vec::with_capacity(sources.len());
        for (index, source) in sources.iter().enumerate() {
            modules.push(parser::parse(source).map_err(|e| e.located(index))?);
        }
        link::link(&modules, options)
    }

    /// All kernels, in the order of the text.
    pub fn kernels(&self) -> &[Kernel] {
        &self.kernels
    }

    /// The kernel of that name.
    pub fn kernel(&self, name: &str) -> Option<&Kernel> {
        Some(&self.kernels[*self.kernel_names.get(name)? as usize])
    }

    /// All module-scope `.global` and `.const` variables.
    pub fn globals(&self) -> &[Global] {
        &self.globals
    }

    /// The variable of that name.
    pub fn global(&self, name: &str) -> Option<&Global> {
        Some(&self.globals[*self.global_names.get(name)? as usize])
    }
}

/// Why a program could not be placed in memory.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstantiateError {
    /// The allocator had no memory for a variable.
    #[error("no device memory for variable '{name}' of {size} bytes")]
    OutOfMemory {
        /// The variable.
        name: String,
        /// Its length in bytes.
        size: u64,
    },
    /// The allocator returned memory that is misaligned or not writable in the address space.
    #[error(
        "the memory at {address:#x} given to variable '{name}' is not aligned and mapped writable"
    )]
    BadAllocation {
        /// The variable.
        name: String,
        /// What the allocator returned.
        address: u64,
    },
}

/// A program with addresses: its variables have memory and its code refers to them.
pub struct Module {
    pub(crate) program: Arc<Program>,
    addresses: Vec<u64>,
    /// Constant operands of each function, broadcast to 32 lanes, with symbol addresses filled in.
    pub(crate) constants: Vec<super::ir::ConstArea>,
}

impl fmt::Debug for Module {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Module")
            .field("program", &self.program)
            .field("addresses", &self.addresses)
            .finish()
    }
}

impl Module {
    /// Gives every variable memory through `allocate` (which returns the address of zeroed memory that it has inserted
    /// writable into `space`), and writes the initial values. The memory belongs to the caller and has to outlive the
    /// module's launches.
    pub fn instantiate(
        program: Arc<Program>,
        space: &AddressSpace,
        allocate: &mut dyn FnMut(&Global) -> Option<u64>,
    ) -> Result<Module, InstantiateError> {
        Self::instantiate_but(program, space, allocate, &|_| false)
    }

    /// The same, but variables of which `keep` says so keep the values that lie at their addresses.
    ///
    /// # Errors
    ///
    /// As [`Module::instantiate`].
    pub fn instantiate_but(
        program: Arc<Program>,
        space: &AddressSpace,
        allocate: &mut dyn FnMut(&Global) -> Option<u64>,
        keep: &dyn Fn(&Global) -> bool,
    ) -> Result<Module, InstantiateError> {
        let mut addresses = Vec::with_capacity(program.globals.len());
        for global in &program.globals {
            let address = allocate(global).ok_or_else(|| InstantiateError::OutOfMemory {
                name: global.name.clone(),
                size: global.size,
            })?;
            let mapped = space
                .find(address, global.size.max(1))
                .is_some_and(|r| r.writable);
            if address % global.align != 0 || !mapped {
                return Err(InstantiateError::BadAllocation {
                    name: global.name.clone(),
                    address,
                });
            }
            addresses.push(address);
        }
        let mut module = Module {
            program,
            addresses,
            constants: Vec::new(),
        };
        for (index, global) in module.program.globals.iter().enumerate() {
            let mut bytes = global.init.clone();
            for r in &global.relocations {
                let value = (module.resolve(r.target).wrapping_add(r.addend as u64) >> r.shift)
                    .to_le_bytes();
                let start = r.offset as usize;
                let end = start + r.size as usize;
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[start..end].copy_from_slice(&value[..r.size as usize]);
            }
            let address = module.addresses[index];
            if !bytes.is_empty() && !keep(global) {
                space
                    .write(address, &bytes)
                    .map_err(|_| InstantiateError::BadAllocation {
                        name: global.name.clone(),
                        address,
                    })?;
            }
        }
        module.constants = module
            .program
            .functions
            .iter()
            .map(|f| f.constants.place(|t| module.resolve(t)))
            .collect();
        Ok(module)
    }

    /// The program.
    pub fn program(&self) -> &Arc<Program> {
        &self.program
    }

    /// Address and length in bytes of the variable of that name, as `cuModuleGetGlobal` returns them.
    pub fn global_address(&self, name: &str) -> Option<(u64, u64)> {
        let index = *self.program.global_names.get(name)? as usize;
        Some((self.addresses[index], self.program.globals[index].size))
    }

    /// Addresses of all variables, in the order of [`Program::globals`].
    pub fn addresses(&self) -> &[u64] {
        &self.addresses
    }

    fn resolve(&self, target: RelocationTarget) -> u64 {
        match target {
            RelocationTarget::Global(index) => self.addresses[index as usize],
            RelocationTarget::Function(index) => function_address(index),
        }
    }
}

/// The address that device code sees for the function with this index.
pub(crate) fn function_address(index: u32) -> u64 {
    CODE_WINDOW + (u64::from(index) + 1) * 16
}

/// The index of the function at an address that device code calls, if that is one.
pub(crate) fn function_index(address: u64) -> Option<u32> {
    let offset = address.checked_sub(CODE_WINDOW + 16)?;
    (offset % 16 == 0 && offset / 16 < u64::from(u32::MAX)).then_some((offset / 16) as u32)
}
