//! PTX as written: directives, variables, functions and instructions, names unresolved.

use super::types::Type;

/// One PTX text.
#[derive(Debug, Default)]
pub(crate) struct Source<'a> {
    /// Architecture that it was compiled for: 75 for `sm_75`.
    pub target: u32,
    pub variables: Vec<Variable<'a>>,
    pub functions: Vec<FunctionDef<'a>>,
    pub aliases: Vec<(&'a str, &'a str, u32)>,
}

/// State space of a declared variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum VarSpace {
    Reg,
    Global,
    Const,
    Shared,
    Local,
    Param,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) enum Linkage {
    #[default]
    Internal,
    Extern,
    Visible,
    Weak,
    Common,
}

/// A declared variable or, in `Reg` space, a register (or `count` of them).
#[derive(Clone, Debug)]
pub(crate) struct Variable<'a> {
    pub name: &'a str,
    pub linkage: Linkage,
    pub space: VarSpace,
    pub ty: Type,
    pub align: u64,
    /// Length in bytes; 0 for `name[]`.
    pub size: u64,
    /// Vector elements (1, 2, 4, 8).
    pub lanes: u32,
    /// `%r<7>`: number of registers `%r0`..`%r6`.
    pub count: Option<u32>,
    pub managed: bool,
    pub init: Vec<Init<'a>>,
    pub line: u32,
}

/// A piece of an initialiser.
#[derive(Clone, Debug)]
pub(crate) struct Init<'a> {
    /// Byte offset in the variable.
    pub offset: u64,
    /// Bytes.
    pub size: u32,
    pub value: InitValue<'a>,
}

#[derive(Clone, Debug)]
pub(crate) enum InitValue<'a> {
    Bits(u64),
    /// Address of a symbol plus an addend, shifted right.
    Symbol {
        name: &'a str,
        addend: i64,
        shift: u32,
    },
}

#[derive(Debug)]
pub(crate) struct FunctionDef<'a> {
    pub name: &'a str,
    pub linkage: Linkage,
    pub entry: bool,
    pub returns: Vec<Variable<'a>>,
    pub params: Vec<Variable<'a>>,
    pub max_threads: Option<u32>,
    pub required_block: Option<[u32; 3]>,
    pub body: Option<Body<'a>>,
    pub line: u32,
}

/// Signature of an indirect call.
#[derive(Clone, Debug)]
pub(crate) struct Prototype<'a> {
    pub params: Vec<Variable<'a>>,
}

/// A function's statements, with its nested scopes flattened: `OpenScope` and `CloseScope` bracket them.
#[derive(Debug, Default)]
pub(crate) struct Body<'a> {
    pub statements: Vec<Statement<'a>>,
}

#[derive(Debug)]
pub(crate) enum Statement<'a> {
    OpenScope,
    CloseScope,
    Label(&'a str, u32),
    Variable(Variable<'a>),
    /// `label: .branchtargets a, b;` or `.calltargets`.
    Targets(&'a str, Vec<&'a str>),
    Prototype(&'a str, Prototype<'a>),
    Instruction(Box<Instruction<'a>>),
}

#[derive(Debug)]
pub(crate) struct Instruction<'a> {
    /// `@p` or `@!p`.
    pub guard: Option<(&'a str, bool)>,
    /// All of the dotted name, for messages: `add.rn.f32`.
    pub text: &'a str,
    /// `add`.
    pub op: &'a str,
    /// `rn`, `f32`.
    pub modifiers: Vec<&'a str>,
    pub operands: Vec<Operand<'a>>,
    pub line: u32,
}

#[derive(Clone, Debug)]
pub(crate) enum Operand<'a> {
    /// A register, special register, label, variable or function.
    Name(&'a str),
    /// `%r1.x` of a vector register or special register: name and component.
    Component(&'a str, &'a str),
    /// `name+imm` as a value.
    NameOffset(&'a str, i64),
    /// `-name` or `!name`.
    Negated(Box<Operand<'a>>),
    /// An integer constant; as bits.
    Int(i64),
    /// `0f3F800000`.
    F32(u32),
    /// `0d3FF0000000000000`, or a decimal floating-point constant.
    F64(u64),
    /// `[base+offset]`; `None` for an absolute address.
    Memory(Option<&'a str>, i64),
    /// `{a, b, c, d}`.
    Vector(Vec<Operand<'a>>),
    /// `(a, b)`: arguments or results of a call.
    List(Vec<Operand<'a>>),
    /// `a|b`: value and predicate results.
    Pair(Box<Operand<'a>>, Box<Operand<'a>>),
    /// `_`.
    Sink,
}
