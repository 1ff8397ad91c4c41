//! Decoded code: what the warp interpreter executes.
//!
//! An operand is a byte offset into the running frame's registers or, with [`CONST_BIT`], into the function's constant
//! area; both hold one value per lane, so an instruction never asks whether an operand is an immediate. Frame layout:
//! predicates (a `u32` lane mask each), then 32-bit registers (`[u32; 32]`), then 64-bit ones (`[u64; 32]`), then 128-bit
//! ones (two `[u64; 32]`, low halves first). Registers narrower than 32 bits lie zero-extended in 32-bit ones.

use super::program::RelocationTarget;

/// Set in an operand that lies in the constant area.
pub(crate) const CONST_BIT: u32 = 1 << 31;
/// Offset, in the constant area, of the predicate that is true in all lanes.
pub(crate) const TRUE: u32 = CONST_BIT;
/// Bytes of a 32-bit register.
pub(crate) const SLOT32: u32 = 128;
/// Bytes of a 64-bit register.
pub(crate) const SLOT64: u32 = 256;

/// A scalar function applied to each active lane, for operations that are too rare for a vector loop of their own. It
/// takes up to three operands, zero-extended, and returns the result in the low bits.
pub(crate) type LaneFn = fn(u64, u64, u64) -> u64;
/// The same with four operands.
pub(crate) type LaneFn4 = fn(u64, u64, u64, u64) -> u64;

/// An instruction. Fields mean: `d`, `e` results; `a`, `b`, `c`, `f` sources; `x` whatever else [`Op`] says.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub(crate) struct Inst {
    pub op: Op,
    /// [`NEGATED_GUARD`] and bits that depend on the operation.
    pub flags: u16,
    /// Predicate that enables lanes.
    pub guard: u32,
    pub d: u32,
    pub e: u32,
    pub a: u32,
    pub b: u32,
    pub c: u32,
    pub f: u32,
    pub x: u64,
}

/// A result field that is not used.
pub(crate) const NONE: u32 = u32::MAX;

impl Inst {
    /// An unguarded instruction without operands.
    pub(crate) fn new(op: Op) -> Inst {
        Inst {
            op,
            flags: 0,
            guard: TRUE,
            d: NONE,
            e: NONE,
            a: TRUE,
            b: TRUE,
            c: TRUE,
            f: TRUE,
            x: 0,
        }
    }

    /// Whether field `e` is an operand list, and whether its operands are results.
    pub(crate) fn list(&self) -> Option<(usize, bool)> {
        let n = match self.op {
            Op::Load | Op::LoadFrame | Op::LoadParam | Op::Store | Op::StoreFrame => {
                1 << ((self.flags & mem::VECTOR) >> mem::VECTOR_SHIFT)
            }
            Op::LoadMatrix => 1 << (self.x & 3),
            _ => return None,
        };
        (n > 1 || self.op == Op::LoadMatrix)
            .then_some((n, !matches!(self.op, Op::Store | Op::StoreFrame)))
    }
}

/// In [`Inst::flags`]: lanes with a false guard are enabled.
pub(crate) const NEGATED_GUARD: u16 = 1 << 15;

/// Width codes of [`Op::Lane`] operands.
pub(crate) const W32: u16 = 0;
pub(crate) const W64: u16 = 1;
pub(crate) const WPRED: u16 = 2;

/// In the flags of memory operations.
pub(crate) mod mem {
    /// Bits 0..3: what is accessed.
    pub(crate) const KIND: u16 = 7;
    pub(crate) const U8: u16 = 0;
    pub(crate) const S8: u16 = 1;
    pub(crate) const U16: u16 = 2;
    pub(crate) const S16: u16 = 3;
    pub(crate) const B32: u16 = 4;
    pub(crate) const S32: u16 = 5;
    pub(crate) const B64: u16 = 6;
    pub(crate) const B128: u16 = 7;
    /// The address register is 64 bits wide.
    pub(crate) const ADDRESS64: u16 = 1 << 4;
    /// Bits 5..7: log2 of the vector length; if not 0, field `e` is the operand list.
    pub(crate) const VECTOR_SHIFT: u16 = 5;
    pub(crate) const VECTOR: u16 = 3 << VECTOR_SHIFT;
    /// Bits 7..10: the state space.
    pub(crate) const SPACE_SHIFT: u16 = 7;
    pub(crate) const SPACE: u16 = 7 << SPACE_SHIFT;
    pub(crate) const GLOBAL: u16 = 0;
    pub(crate) const SHARED: u16 = 1;
    pub(crate) const LOCAL: u16 = 2;
    pub(crate) const GENERIC: u16 = 3;
    pub(crate) const PARAM: u16 = 4;
    /// The access may be part of a spin loop: volatile, relaxed or acquire.
    pub(crate) const SPIN: u16 = 1 << 10;
    /// The access orders others: acquire or release.
    pub(crate) const ORDERED: u16 = 1 << 11;

    /// Bytes of one element.
    pub(crate) fn bytes(flags: u16) -> u32 {
        match flags & KIND {
            U8 | S8 => 1,
            U16 | S16 => 2,
            B32 | S32 => 4,
            B64 => 8,
            _ => 16,
        }
    }
}

/// Comparison codes of the `Setp` operations, in the flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
#[allow(missing_docs)]
pub(crate) enum Cmp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Equ,
    Neu,
    Ltu,
    Leu,
    Gtu,
    Geu,
    Num,
    Nan,
}

/// Operations. `x` is mentioned where it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum Op {
    Nop,
    /// Jump of the enabled lanes to instruction `x`.
    Bra,
    /// Jump through table `x` by index `a`.
    BraIndex,
    /// Falls into a join: other lanes may wait there.
    Fall,
    /// Call number `x`; `a` is the address if it is indirect.
    Call,
    Ret,
    Exit,
    Trap,

    Mov32,
    Mov64,
    Mov128,
    /// `d` (128 bits) from 64-bit halves `a` (low), `b`.
    Pack128,
    /// 64-bit `d` (low), `e` from 128-bit `a`.
    Unpack128,
    /// 64-bit `d` from 32-bit `a` (low), `b`.
    Pack64,
    /// 32-bit `d` (low), `e` from 64-bit `a`.
    Unpack64,
    MovPred,
    NotPred,
    AndPred,
    OrPred,
    XorPred,
    /// `d` = `c` ? `a` : `b`, on predicates.
    SelectPred,

    Add32,
    Sub32,
    Mul32,
    Mad32,
    And32,
    Or32,
    Xor32,
    Not32,
    Neg32,
    Abs32,
    Shl32,
    ShrU32,
    ShrS32,
    MinU32,
    MaxU32,
    MinS32,
    MaxS32,
    DivU32,
    DivS32,
    RemU32,
    RemS32,
    MulHiU32,
    MulHiS32,
    Popc32,
    Clz32,
    Brev32,
    Sext8,
    Sext16,
    Zext8,
    Zext16,
    /// Bitwise function of `a`, `b`, `c` with truth table `x`.
    Lop3,
    /// Funnel shift left of (`b`:`a`) by `c`, clamped or wrapped (flag 1).
    ShfL,
    ShfR,
    Selp32,
    Prmt,
    BfeU32,
    BfeS32,
    /// `d` = `a` inserted into `b` at position `c`, `f` bits.
    Bfi32,

    Add64,
    Sub64,
    Mul64,
    Mad64,
    And64,
    Or64,
    Xor64,
    Not64,
    Neg64,
    Abs64,
    /// The shift amount `b` of 64-bit shifts is a 32-bit register.
    Shl64,
    ShrU64,
    ShrS64,
    MinU64,
    MaxU64,
    MinS64,
    MaxS64,
    DivU64,
    DivS64,
    RemU64,
    RemS64,
    MulHiU64,
    MulHiS64,
    Selp64,
    Popc64,
    Clz64,

    MulWideU,
    MulWideS,
    MadWideU,
    MadWideS,
    /// 64-bit `d` from 32-bit `a`.
    ExtendU,
    ExtendS,
    /// 32-bit `d` from 64-bit `a`.
    Truncate,

    /// `d` = `a` + `b` + carry predicate `c`; carry out to `e`. `Carry` forms of subtraction use borrow.
    AddCarry32,
    SubBorrow32,
    AddCarry64,
    SubBorrow64,

    SetpU32,
    SetpS32,
    SetpU64,
    SetpS64,
    SetpF32,
    SetpF64,

    AddF32,
    SubF32,
    MulF32,
    FmaF32,
    AddFtzF32,
    SubFtzF32,
    MulFtzF32,
    FmaFtzF32,
    DivF32,
    RcpF32,
    SqrtF32,
    MinF32,
    MaxF32,
    /// Flushes subnormals to zero.
    FlushF32,
    AddF64,
    SubF64,
    MulF64,
    FmaF64,
    DivF64,
    RcpF64,
    SqrtF64,
    MinF64,
    MaxF64,

    F32FromS32,
    F32FromU32,
    F64FromS32,
    F64FromU32,
    F64FromF32,
    F32FromF64,
    /// Truncating, saturating.
    S32FromF32,
    U32FromF32,
    S32FromF64,

    /// [`LaneFn`] in `x`; flags: two bits each of width of `d`, `a`, `b`, `c`.
    Lane,
    /// [`LaneFn4`] in `x`; flags: widths of `d`, then of the four sources.
    Lane4,

    /// Special register number `x` ([`Special`]), 32 bits.
    Special32,
    Special64,
    /// Address, in the frame's local memory, of offset `x`.
    LeaLocal,

    /// Load to `d` or list `e` from `a` + `x` (low 32 bits, signed); `x` >> 32 is the site number.
    Load,
    /// Store of `b` or list `e`.
    Store,
    /// Load from offset `x` of the frame's own local memory (also parameters of device functions).
    LoadFrame,
    StoreFrame,
    /// Load from offset `x` of the kernel's parameters.
    LoadParam,
    /// Atomic on `a` + `x` (low 32 bits), operands `b`, `c`; `x` >> 56 is the [`Atom`], bits 32 to 56 the site.
    Atomic,
    /// Conversion between generic and window addresses: `d` = `a` + `x`.
    AddImm64,
    /// `d` (predicate) = whether generic address `a` is in the space of the flags.
    IsSpace,
    /// Asynchronous copy to shared `a` from global `b`: `x` has copy size, `c` source size.
    CopyAsync,
    /// Matrix load from shared memory, `x`: count and transposition.
    LoadMatrix,

    /// Memory fence.
    Fence,
    /// Hint that others should run.
    Pause,

    /// Block barrier: [`Barrier`] kind in flags, `a` id, `b` threads (0 if `x` is 0), `c` predicate.
    Barrier,
    /// Warp-level operations with member mask `c`.
    SyncWarp,
    /// Kind in flags; `a` value, `b` lane, `f` clamp and segment. `e` predicate.
    Shuffle,
    /// Kind in flags; `a` predicate; `d`.
    Vote,
    Match,
    Redux,
    /// `d` predicate.
    Elect,
    ActiveMask,

    /// `mbarrier` operations on shared `a`; kind in flags.
    Mbarrier,
    /// Stack allocation of `a` bytes; `x` alignment.
    Alloca,
    StackSave,
    StackRestore,
}

/// Special registers.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Special {
    TidX,
    TidY,
    TidZ,
    NtidX,
    NtidY,
    NtidZ,
    CtaidX,
    CtaidY,
    CtaidZ,
    NctaidX,
    NctaidY,
    NctaidZ,
    LaneId,
    WarpId,
    NwarpId,
    SmId,
    NsmId,
    GridId,
    MaskEq,
    MaskLe,
    MaskLt,
    MaskGe,
    MaskGt,
    Clock,
    ClockHi,
    Clock64,
    GlobalTimer,
    GlobalTimerHi,
    DynamicShared,
    TotalShared,
    /// Address of the dynamic shared memory.
    DynamicSharedBase,
    EnvReg1,
    EnvReg2,
    Zero,
    One,
    /// Address of the shared memory that cooperative groups keep for themselves.
    ReservedShared,
}

impl Special {
    const ALL: [Special; 36] = {
        use Special::*;
        [
            TidX,
            TidY,
            TidZ,
            NtidX,
            NtidY,
            NtidZ,
            CtaidX,
            CtaidY,
            CtaidZ,
            NctaidX,
            NctaidY,
            NctaidZ,
            LaneId,
            WarpId,
            NwarpId,
            SmId,
            NsmId,
            GridId,
            MaskEq,
            MaskLe,
            MaskLt,
            MaskGe,
            MaskGt,
            Clock,
            ClockHi,
            Clock64,
            GlobalTimer,
            GlobalTimerHi,
            DynamicShared,
            TotalShared,
            DynamicSharedBase,
            EnvReg1,
            EnvReg2,
            Zero,
            One,
            ReservedShared,
        ]
    };

    /// The register with this number in [`Inst::x`].
    pub(crate) fn from_number(n: u64) -> Special {
        Special::ALL
            .get(n as usize)
            .copied()
            .unwrap_or(Special::Zero)
    }
}

/// Operations of `atom` and `red`.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Atom {
    Add,
    AddF16,
    AddF16x2,
    AddBf16,
    AddBf16x2,
    AddF32,
    AddF64,
    MinU,
    MaxU,
    MinS,
    MaxS,
    MinF16,
    MaxF16,
    MinBf16,
    MaxBf16,
    Inc,
    Dec,
    And,
    Or,
    Xor,
    Exch,
    Cas,
}

/// Kinds of block barriers.
#[allow(missing_docs)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u16)]
pub(crate) enum BarrierKind {
    Sync,
    Arrive,
    RedPopc,
    RedAnd,
    RedOr,
    ClusterArrive,
    ClusterWait,
}

/// Builtin functions that nvcc declares `.extern`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Builtin {
    Vprintf,
    Malloc,
    Free,
    AssertFail,
    SetCondition,
}

impl Builtin {
    /// The builtin of that name.
    pub(crate) fn parse(name: &str) -> Option<Builtin> {
        Some(match name {
            "vprintf" => Builtin::Vprintf,
            "malloc" => Builtin::Malloc,
            "free" => Builtin::Free,
            "__assertfail" => Builtin::AssertFail,
            "cudaGraphSetConditional" => Builtin::SetCondition,
            _ => return None,
        })
    }
}

/// Who is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Function(u32),
    Builtin(Builtin),
    /// The address is in the instruction's operand `a`.
    Indirect,
}

/// A piece of a frame's local memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Piece {
    pub offset: u32,
    pub size: u32,
}

/// A call site: where in the caller's frame the arguments lie and the results go.
#[derive(Clone, Debug)]
pub(crate) struct CallSite {
    pub target: Target,
    pub args: Vec<Piece>,
    pub results: Vec<Piece>,
}

/// A constant operand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ConstValue {
    B32(u32),
    B64(u64),
    /// An address, plus this.
    Address(AddressOf, i64),
    /// The low 32 bits of that.
    Address32(AddressOf, i64),
}

/// Whose address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum AddressOf {
    Global(u32),
    Function(u32),
}

/// The constants of a function, before addresses are known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Constants {
    /// Offsets in the area (without [`CONST_BIT`]) and values.
    pub entries: Vec<(u32, ConstValue)>,
    /// Length of the area in bytes.
    pub bytes: u32,
}

/// A cache line.
#[derive(Clone, Copy, Debug)]
#[repr(C, align(64))]
pub(crate) struct Line(pub [u32; 16]);

/// Zeroed cache lines for at least `bytes` bytes.
pub(crate) fn lines(bytes: usize) -> Vec<Line> {
    vec![Line([0; 16]); bytes.div_ceil(64).max(1)]
}

/// The constants of a function, one value a lane.
#[derive(Debug)]
pub(crate) struct ConstArea {
    lines: Vec<Line>,
}

impl ConstArea {
    /// First byte.
    pub(crate) fn as_ptr(&self) -> *const u8 {
        self.lines.as_ptr().cast()
    }
}

impl Constants {
    /// Fills in addresses and broadcasts every constant to 32 lanes.
    pub(crate) fn place(&self, resolve: impl Fn(RelocationTarget) -> u64) -> ConstArea {
        let mut lines = lines(self.bytes as usize);
        lines[0].0[0] = u32::MAX;
        let address = |of: AddressOf, addend: i64| {
            let target = match of {
                AddressOf::Global(i) => RelocationTarget::Global(i),
                AddressOf::Function(i) => RelocationTarget::Function(i),
            };
            resolve(target).wrapping_add(addend as u64)
        };
        for &(offset, value) in &self.entries {
            let first = offset as usize / 4;
            let (value, words) = match value {
                ConstValue::B32(v) => (u64::from(v), 1),
                ConstValue::B64(v) => (v, 2),
                ConstValue::Address(of, addend) => (address(of, addend), 2),
                ConstValue::Address32(of, addend) => (address(of, addend), 1),
            };
            for i in 0..32 * words {
                let word = first + i;
                lines[word / 16].0[word % 16] = (value >> (32 * (i % words))) as u32;
            }
        }
        ConstArea { lines }
    }
}

/// A compiled function.
#[derive(Clone, Debug, Default)]
pub(crate) struct Function {
    pub name: String,
    pub code: Vec<Inst>,
    /// PTX line of each instruction.
    pub lines: Vec<u32>,
    /// Operand lists.
    pub lists: Vec<u32>,
    pub calls: Vec<CallSite>,
    pub tables: Vec<Vec<u32>>,
    pub constants: Constants,
    /// Bytes of a register frame.
    pub frame_bytes: u32,
    /// Bytes of local memory of a frame: parameters, results, variables, argument areas.
    pub local_bytes: u32,
    /// Where in local memory the incoming parameters and the results lie (device functions).
    pub params: Vec<Piece>,
    pub results: Vec<Piece>,
    /// Number of memory access sites.
    pub sites: u32,
    /// Number of the function's first site in the program.
    pub first_site: u32,
    /// Kernels: bytes of static shared memory, and where dynamic shared memory begins.
    pub static_shared: u32,
    pub dynamic_shared_base: u32,
    /// Whether it asks for the shared memory that cooperative groups keep for themselves.
    pub reserved_shared: bool,
    /// Whether device code can call it: it is no kernel.
    pub callable: bool,
    /// Line of the definition.
    pub line: u32,
}
