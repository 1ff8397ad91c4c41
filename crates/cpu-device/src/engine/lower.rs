//! Lowers parsed functions to [`ir`](super::ir): resolves names, picks operations, lays out frames.

use std::collections::HashMap;

use super::ast::{
    Body, FunctionDef, Instruction, Operand, Prototype, Statement, VarSpace, Variable,
};
use super::cfg::{self, Draft};
use super::ir::*;
use super::parser::Problem;
use super::rare;
use super::types::Type;

pub(super) type Result<T> = std::result::Result<T, Problem>;

mod alu;
mod control;
mod memory;

/// Most instructions of one function.
const MAX_CODE: usize = 8 << 20;
/// Largest frame in local memory.
const MAX_LOCAL_BYTES: u64 = 512 << 10;

/// Register classes, each with an area of its own in the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Pred = 0,
    R32 = 1,
    R64 = 2,
    R128 = 3,
}

/// What a module-scope name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Symbol {
    Global(u32),
    /// Static shared memory at this offset of every block.
    Shared(u32),
    /// `.extern .shared name[]`: the dynamic shared memory.
    DynamicShared,
    Function(u32),
    Builtin(Builtin),
    /// Declared `.extern` and defined nowhere.
    Unresolved,
}

/// What lowering asks the linker.
pub(crate) trait Scope {
    /// The symbol of that name.
    fn symbol(&self, name: &str) -> Option<Symbol>;
    /// The offset of a shared variable declared in the body of the function being lowered.
    fn body_shared(&self, name: &str) -> Option<u32>;
}

/// Lowers one function. `parameters` is the layout of a kernel's parameter buffer.
pub(crate) fn lower(
    def: &FunctionDef<'_>,
    body: &Body<'_>,
    scope: &dyn Scope,
    parameters: &[Piece],
) -> Result<Function> {
    let lower = Lower {
        scope,
        entry: def.entry,
        scopes: vec![(0, HashMap::new())],
        next_scope: 1,
        labels: HashMap::new(),
        targets: HashMap::new(),
        prototypes: HashMap::new(),
        code: Vec::new(),
        lines: Vec::new(),
        lists: Vec::new(),
        tables: Vec::new(),
        label_at: Vec::new(),
        regs: Vec::new(),
        temps: Vec::new(),
        constants: Constants {
            entries: Vec::new(),
            bytes: 64,
        },
        constant_index: HashMap::new(),
        calls: Vec::new(),
        local: 0,
        sites: 0,
        guard: TRUE,
        guard_flag: 0,
        line: def.line,
        carry: None,
        results: Vec::new(),
    };
    lower.function(def, body, parameters)
}

#[derive(Clone, Copy, Debug)]
struct Reg {
    class: Class,
    /// Declared width in bits; 1 for predicates.
    bits: u32,
}

#[derive(Clone, Debug)]
enum Name {
    Reg(u32),
    /// `%r<7>`: first register and their number.
    Family(u32, u32),
    /// Vector register: the registers of its elements.
    Vector(Vec<u32>),
    /// In the frame's local memory.
    Local(Piece),
    /// In the kernel's parameter buffer.
    Param(Piece),
    Shared(u32),
}

/// Where a register lies that stands for a parameter declared `.reg`.
#[derive(Clone, Copy)]
struct RegParam {
    reg: u32,
    piece: Piece,
}

struct Lower<'a, 's> {
    scope: &'s dyn Scope,
    entry: bool,
    scopes: Vec<(u32, HashMap<&'a str, Name>)>,
    next_scope: u32,
    labels: HashMap<(u32, &'a str), u32>,
    targets: HashMap<(u32, &'a str), Vec<&'a str>>,
    prototypes: HashMap<(u32, &'a str), Prototype<'a>>,
    code: Vec<Inst>,
    lines: Vec<u32>,
    lists: Vec<u32>,
    tables: Vec<Vec<u32>>,
    label_at: Vec<u32>,
    /// Declared registers; temporaries are numbered from [`TEMP`] on until the end.
    regs: Vec<Reg>,
    temps: Vec<Reg>,
    constants: Constants,
    constant_index: HashMap<ConstValue, u32>,
    calls: Vec<CallSite>,
    local: u64,
    sites: u32,
    guard: u32,
    guard_flag: u16,
    line: u32,
    /// The carry flag (`CC.CF`).
    carry: Option<u32>,
    /// Results declared `.reg`, stored to their pieces on return.
    results: Vec<RegParam>,
}

/// First number of temporaries while lowering.
const TEMP: u32 = 1 << 30;

fn class_of(bits: u32) -> Class {
    match bits {
        1 => Class::Pred,
        128 => Class::R128,
        64 => Class::R64,
        _ => Class::R32,
    }
}

fn reg_bits(ty: Type) -> u32 {
    if ty == Type::Pred { 1 } else { ty.bits() }
}

impl<'a> Lower<'a, '_> {
    fn function(
        mut self,
        def: &FunctionDef<'a>,
        body: &Body<'a>,
        parameters: &[Piece],
    ) -> Result<Function> {
        let mut params = Vec::new();
        let mut results = Vec::new();
        let mut moves = Vec::new();
        if self.entry {
            for (v, &piece) in def.params.iter().zip(parameters) {
                self.declare(v.name, Name::Param(piece), v.line)?;
            }
        } else {
            for v in &def.params {
                let piece = self.reserve(v)?;
                params.push(piece);
                if v.space == VarSpace::Reg {
                    let reg = self.register(v.ty);
                    self.declare(v.name, Name::Reg(reg), v.line)?;
                    moves.push(RegParam { reg, piece });
                } else {
                    self.declare(v.name, Name::Local(piece), v.line)?;
                }
            }
            for v in &def.returns {
                let piece = self.reserve(v)?;
                results.push(piece);
                if v.space == VarSpace::Reg {
                    let reg = self.register(v.ty);
                    self.declare(v.name, Name::Reg(reg), v.line)?;
                    self.results.push(RegParam { reg, piece });
                } else {
                    self.declare(v.name, Name::Local(piece), v.line)?;
                }
            }
        }
        for m in moves {
            self.load_piece(m.reg, m.piece);
        }
        self.collect_labels(body)?;
        self.next_scope = 1;
        for statement in &body.statements {
            self.statement(statement)?;
            if self.code.len() > MAX_CODE || self.regs.len() + self.temps.len() >= TEMP as usize {
                return Err(Problem::new(
                    super::program::CompileErrorKind::TooLarge,
                    self.line,
                    format!("function '{}' is too large", def.name),
                ));
            }
        }
        (self.guard, self.guard_flag) = (TRUE, 0);
        self.ret();
        // Labels that were declared but stand at the end.
        let end = self.code.len() as u32 - 1;
        for at in &mut self.label_at {
            *at = (*at).min(end);
        }
        let reserved_shared = self
            .code
            .iter()
            .any(|i| i.op == Op::Special32 && i.x == Special::ReservedShared as u64);
        let declared = self.regs.len() as u32;
        let renumber = |v: u32| {
            if v & CONST_BIT == 0 && v >= TEMP {
                v - TEMP + declared
            } else {
                v
            }
        };
        for inst in &mut self.code {
            let is_list = inst.list().is_some();
            for v in [
                &mut inst.guard,
                &mut inst.a,
                &mut inst.b,
                &mut inst.c,
                &mut inst.f,
                &mut inst.d,
            ] {
                *v = renumber(*v);
            }
            if !is_list {
                inst.e = renumber(inst.e);
            }
        }
        for v in &mut self.lists {
            *v = renumber(*v);
        }
        let mut draft = Draft {
            code: self.code,
            lines: self.lines,
            lists: self.lists,
            tables: self.tables,
            labels: self.label_at,
            classes: self
                .regs
                .iter()
                .chain(&self.temps)
                .map(|r| r.class)
                .collect(),
            first_temporary: declared,
        };
        let frame_bytes = cfg::finish(&mut draft);
        self.constants.bytes = self.constants.bytes.max(64 + SLOT64);
        Ok(Function {
            name: def.name.to_owned(),
            code: draft.code,
            lines: draft.lines,
            lists: draft.lists,
            calls: self.calls,
            tables: draft.tables,
            constants: self.constants,
            frame_bytes,
            local_bytes: (self.local as u32).next_multiple_of(16),
            params,
            results,
            sites: self.sites,
            reserved_shared,
            callable: !def.entry,
            line: def.line,
            ..Function::default()
        })
    }

    fn collect_labels(&mut self, body: &Body<'a>) -> Result<()> {
        let mut stack = vec![0];
        for statement in &body.statements {
            let scope = *stack.last().unwrap_or(&0);
            match statement {
                Statement::OpenScope => {
                    stack.push(self.next_scope);
                    self.next_scope += 1;
                }
                Statement::CloseScope => {
                    stack.pop();
                }
                Statement::Label(name, line) => {
                    let label = self.label_at.len() as u32;
                    self.label_at.push(u32::MAX);
                    if self.labels.insert((scope, name), label).is_some() {
                        return Err(Problem::invalid(
                            *line,
                            format!("label '{name}' is defined twice"),
                        ));
                    }
                }
                Statement::Targets(name, targets) => {
                    self.targets.insert((scope, name), targets.clone());
                }
                Statement::Prototype(name, prototype) => {
                    self.prototypes.insert((scope, name), prototype.clone());
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn statement(&mut self, statement: &Statement<'a>) -> Result<()> {
        match statement {
            Statement::OpenScope => {
                self.scopes.push((self.next_scope, HashMap::new()));
                self.next_scope += 1;
            }
            Statement::CloseScope => {
                self.scopes.pop();
            }
            Statement::Label(name, _) => {
                let scope = self.scopes.last().map_or(0, |s| s.0);
                let label = self.labels[&(scope, *name)];
                self.label_at[label as usize] = self.code.len() as u32;
            }
            Statement::Targets(..) | Statement::Prototype(..) => {}
            Statement::Variable(v) => self.variable(v)?,
            Statement::Instruction(i) => {
                self.line = i.line;
                self.guarded(i)?;
            }
        }
        Ok(())
    }

    fn variable(&mut self, v: &Variable<'a>) -> Result<()> {
        match v.space {
            VarSpace::Reg => {
                let name = if let Some(count) = v.count {
                    let first = self.regs.len() as u32;
                    let bits = reg_bits(v.ty);
                    if self.regs.len() + count as usize > TEMP as usize / 4 {
                        return Err(Problem::invalid(v.line, "too many registers"));
                    }
                    self.regs.extend(std::iter::repeat_n(
                        Reg {
                            class: class_of(bits),
                            bits,
                        },
                        count as usize,
                    ));
                    Name::Family(first, count)
                } else if v.lanes > 1 {
                    Name::Vector((0..v.lanes).map(|_| self.register(v.ty)).collect())
                } else {
                    Name::Reg(self.register(v.ty))
                };
                self.declare(v.name, name, v.line)
            }
            VarSpace::Local | VarSpace::Param => {
                let piece = self.reserve(v)?;
                self.declare(v.name, Name::Local(piece), v.line)
            }
            VarSpace::Shared => match self.scope.body_shared(v.name) {
                Some(offset) => self.declare(v.name, Name::Shared(offset), v.line),
                None => Ok(()),
            },
            VarSpace::Global | VarSpace::Const => Err(Problem::unsupported(
                v.line,
                format!("variable '{}' inside a function is not supported", v.name),
            )),
        }
    }

    /// Room for a variable in the frame's local memory.
    fn reserve(&mut self, v: &Variable<'a>) -> Result<Piece> {
        let align = v.align.clamp(4, 128);
        let offset = self.local.next_multiple_of(align);
        let end = offset + v.size.max(1);
        if end > MAX_LOCAL_BYTES {
            let message = format!(
                "local variable '{}' exceeds the {MAX_LOCAL_BYTES} bytes a thread may have",
                v.name
            );
            return Err(Problem::new(
                super::program::CompileErrorKind::TooLarge,
                v.line,
                message,
            ));
        }
        self.local = end.next_multiple_of(4);
        Ok(Piece {
            offset: offset as u32,
            size: v.size as u32,
        })
    }

    fn declare(&mut self, name: &'a str, what: Name, line: u32) -> Result<()> {
        let scope = &mut self.scopes.last_mut().expect("the outermost scope stays").1;
        if scope.insert(name, what).is_some() && name != "_" {
            return Err(Problem::invalid(
                line,
                format!("'{name}' is declared twice"),
            ));
        }
        Ok(())
    }

    fn register(&mut self, ty: Type) -> u32 {
        let bits = reg_bits(ty);
        self.regs.push(Reg {
            class: class_of(bits),
            bits,
        });
        self.regs.len() as u32 - 1
    }

    fn temp(&mut self, class: Class) -> u32 {
        let bits = match class {
            Class::Pred => 1,
            Class::R32 => 32,
            Class::R64 => 64,
            Class::R128 => 128,
        };
        self.temps.push(Reg { class, bits });
        TEMP + self.temps.len() as u32 - 1
    }

    fn reg(&self, v: u32) -> Reg {
        if v >= TEMP {
            self.temps[(v - TEMP) as usize]
        } else {
            self.regs[v as usize]
        }
    }

    /// Name lookup, innermost scope first.
    fn lookup(&self, name: &str) -> Option<Name> {
        for (_, scope) in self.scopes.iter().rev() {
            if let Some(found) = scope.get(name) {
                return Some(found.clone());
            }
        }
        // `%r12` of the family `%r`.
        let digits = name.len() - name.bytes().rev().take_while(u8::is_ascii_digit).count();
        let (prefix, number) = name.split_at(digits);
        if number.is_empty() || (number.len() > 1 && number.starts_with('0')) {
            return None;
        }
        let number: u32 = number.parse().ok()?;
        for (_, scope) in self.scopes.iter().rev() {
            if let Some(&Name::Family(first, count)) = scope.get(prefix)
                && number < count
            {
                return Some(Name::Reg(first + number));
            }
        }
        None
    }

    fn label(&self, name: &str) -> Result<u32> {
        for (scope, _) in self.scopes.iter().rev() {
            if let Some(&label) = self.labels.get(&(*scope, name)) {
                return Ok(label);
            }
        }
        Err(self.invalid(format!("unknown label '{name}'")))
    }

    fn invalid(&self, message: impl Into<String>) -> Problem {
        Problem::invalid(self.line, message)
    }

    fn unsupported(&self, i: &Instruction<'_>) -> Problem {
        Problem::unsupported(
            self.line,
            format!(
                "instruction '{}' is not supported by the CPU device",
                i.text
            ),
        )
    }

    fn emit(&mut self, inst: Inst) {
        let mut inst = inst;
        inst.guard = self.guard;
        inst.flags |= self.guard_flag;
        self.code.push(inst);
        self.lines.push(self.line);
    }

    fn op(&mut self, op: Op, d: u32, a: u32, b: u32, c: u32) {
        self.emit(Inst {
            d,
            a,
            b,
            c,
            ..Inst::new(op)
        });
    }

    fn constant(&mut self, value: ConstValue) -> u32 {
        if let Some(&at) = self.constant_index.get(&value) {
            return at;
        }
        let wide = matches!(value, ConstValue::B64(_) | ConstValue::Address(..));
        let at = self.constants.bytes;
        self.constants.bytes += if wide { SLOT64 } else { SLOT32 };
        self.constants.entries.push((at, value));
        self.constant_index.insert(value, at | CONST_BIT);
        at | CONST_BIT
    }

    fn c32(&mut self, value: u32) -> u32 {
        self.constant(ConstValue::B32(value))
    }

    fn c64(&mut self, value: u64) -> u32 {
        self.constant(ConstValue::B64(value))
    }

    fn guarded(&mut self, i: &Instruction<'a>) -> Result<()> {
        (self.guard, self.guard_flag) = (TRUE, 0);
        if let Some((name, negated)) = i.guard {
            let mut guard = self.predicate_register(name)?;
            // An instruction that also writes its guard is expanded with a copy of it.
            let writes = match i.operands.first() {
                Some(Operand::Name(n)) => *n == name,
                Some(Operand::Pair(a, b)) => [a, b]
                    .iter()
                    .any(|o| matches!(***o, Operand::Name(n) if n == name)),
                _ => false,
            };
            if writes {
                let copy = self.temp(Class::Pred);
                self.op(Op::MovPred, copy, guard, TRUE, TRUE);
                guard = copy;
            }
            self.guard = guard;
            self.guard_flag = if negated { NEGATED_GUARD } else { 0 };
        }
        self.instruction(i)
    }

    fn predicate_register(&mut self, name: &str) -> Result<u32> {
        match self.lookup(name) {
            Some(Name::Reg(v)) if self.reg(v).class == Class::Pred => Ok(v),
            _ => Err(self.invalid(format!("'{name}' is no predicate"))),
        }
    }

    fn instruction(&mut self, i: &Instruction<'a>) -> Result<()> {
        if self.alu(i)? || self.memory(i)? || self.control(i)? {
            return Ok(());
        }
        Err(self.invalid(format!("unknown instruction '{}'", i.text)))
    }

    /// Checks the number of operands.
    fn arity(&self, i: &Instruction<'a>, n: std::ops::RangeInclusive<usize>) -> Result<()> {
        if n.contains(&i.operands.len()) {
            return Ok(());
        }
        Err(self.invalid(format!("wrong number of operands for '{}'", i.text)))
    }

    /// The type in the modifiers: the last one.
    fn ty(&self, i: &Instruction<'a>) -> Result<Type> {
        i.modifiers
            .iter()
            .rev()
            .find_map(|m| Type::parse(m))
            .ok_or_else(|| self.invalid(format!("instruction '{}' lacks a type", i.text)))
    }

    /// A source of `bits` bits (1 for a predicate) in a register of that class; narrower registers are zero-extended,
    /// wider ones truncated.
    fn source(&mut self, operand: &Operand<'a>, bits: u32) -> Result<u32> {
        let class = class_of(bits);
        match operand {
            Operand::Name(name) => {
                if let Some(found) = self.lookup(name) {
                    return match found {
                        Name::Reg(v) => self.fit(v, class, name),
                        Name::Local(piece) => {
                            let d = self.temp(Class::R64);
                            self.emit(Inst {
                                d,
                                x: u64::from(piece.offset),
                                ..Inst::new(Op::LeaLocal)
                            });
                            self.fit(d, class, name)
                        }
                        // In the parameter state space an address is an offset.
                        Name::Param(piece) => Ok(self.number(u64::from(piece.offset), bits)),
                        Name::Shared(offset) => Ok(self.number(u64::from(offset), bits)),
                        Name::Vector(_) | Name::Family(..) => {
                            Err(self.invalid(format!("'{name}' is no scalar")))
                        }
                    };
                }
                if let Some(number) = special(name, None) {
                    return self.special(number, class);
                }
                match *name {
                    "WARP_SZ" => return Ok(self.number(32, bits)),
                    _ if name.starts_with('%') => {
                        return Err(self.invalid(format!("unknown register '{name}'")));
                    }
                    _ => {}
                }
                self.symbol_address(name, 0, class)
            }
            Operand::NameOffset(name, offset) => match self.lookup(name) {
                Some(Name::Reg(_) | Name::Vector(_) | Name::Family(..)) => {
                    Err(self.invalid(format!("'{name}' plus a constant is no operand")))
                }
                Some(Name::Local(piece)) => {
                    let d = self.temp(Class::R64);
                    let x = u64::from(piece.offset).wrapping_add(*offset as u64);
                    self.emit(Inst {
                        d,
                        x,
                        ..Inst::new(Op::LeaLocal)
                    });
                    self.fit(d, class, name)
                }
                Some(Name::Param(piece)) => {
                    Ok(self.number(u64::from(piece.offset).wrapping_add(*offset as u64), bits))
                }
                Some(Name::Shared(at)) => {
                    Ok(self.number(u64::from(at).wrapping_add(*offset as u64), bits))
                }
                None => self.symbol_address(name, *offset, class),
            },
            Operand::Component(name, component) => {
                if let Some(Name::Vector(items)) = self.lookup(name) {
                    let index = match *component {
                        "x" | "r" => 0,
                        "y" | "g" => 1,
                        "z" | "b" => 2,
                        "w" | "a" => 3,
                        _ => usize::MAX,
                    };
                    let v = items.get(index).copied();
                    let v = v.ok_or_else(|| {
                        self.invalid(format!("'{name}' has no component '{component}'"))
                    })?;
                    return self.fit(v, class, name);
                }
                match special(name, Some(component)) {
                    Some(number) => self.special(number, class),
                    None => Err(self.invalid(format!("unknown register '{name}.{component}'"))),
                }
            }
            Operand::Int(value) => Ok(self.number(*value as u64, bits)),
            Operand::F32(value) if bits == 64 => {
                Ok(self.c64(f64::from(f32::from_bits(*value)).to_bits()))
            }
            Operand::F32(value) => Ok(self.number(u64::from(*value), bits)),
            Operand::F64(value) if bits == 64 => Ok(self.c64(*value)),
            Operand::F64(value) if bits == 32 => {
                Ok(self.c32((f64::from_bits(*value) as f32).to_bits()))
            }
            Operand::Negated(inner) if bits == 1 => {
                let a = self.source(inner, 1)?;
                let d = self.temp(Class::Pred);
                self.op(Op::NotPred, d, a, TRUE, TRUE);
                Ok(d)
            }
            Operand::Negated(inner) => {
                let a = self.source(inner, bits)?;
                let d = self.temp(class);
                self.op(
                    if class == Class::R64 {
                        Op::Neg64
                    } else {
                        Op::Neg32
                    },
                    d,
                    a,
                    TRUE,
                    TRUE,
                );
                Ok(d)
            }
            _ => Err(self.invalid("operand of the wrong form")),
        }
    }

    /// A constant of that many bits.
    fn number(&mut self, value: u64, bits: u32) -> u32 {
        match bits {
            1 if value != 0 => TRUE,
            1 => {
                let d = self.temp(Class::Pred);
                self.op(Op::NotPred, d, TRUE, TRUE, TRUE);
                d
            }
            64 => self.c64(value),
            128 => {
                let (low, high) = (self.c64(value), self.c64(((value as i64) >> 63) as u64));
                let d = self.temp(Class::R128);
                self.op(Op::Pack128, d, low, high, TRUE);
                d
            }
            32 => self.c32(value as u32),
            _ => self.c32(value as u32 & ((1 << bits) - 1)),
        }
    }

    /// `v` in a register of `class`.
    fn fit(&mut self, v: u32, class: Class, name: &str) -> Result<u32> {
        let have = self.reg(v).class;
        let op = match (have, class) {
            _ if have == class => return Ok(v),
            (Class::R32, Class::R64) => Op::ExtendU,
            (Class::R64, Class::R32) => Op::Truncate,
            _ => {
                return Err(self.invalid(format!(
                    "register '{name}' is of the wrong type for this instruction"
                )));
            }
        };
        let d = self.temp(class);
        self.op(op, d, v, TRUE, TRUE);
        Ok(d)
    }

    fn special(&mut self, number: Special, class: Class) -> Result<u32> {
        let wide = matches!(
            number,
            Special::Clock64 | Special::GlobalTimer | Special::GridId
        );
        let (op, have) = if wide {
            (Op::Special64, Class::R64)
        } else {
            (Op::Special32, Class::R32)
        };
        let d = self.temp(have);
        self.emit(Inst {
            d,
            x: number as u64,
            ..Inst::new(op)
        });
        self.fit(d, class, "special register")
    }

    fn symbol_address(&mut self, name: &str, offset: i64, class: Class) -> Result<u32> {
        let (of, wide) = match self.scope.symbol(name) {
            Some(Symbol::Global(g)) => (AddressOf::Global(g), class == Class::R64),
            Some(Symbol::Function(f)) => (AddressOf::Function(f), class == Class::R64),
            Some(Symbol::Shared(at)) => {
                let value = u64::from(at).wrapping_add(offset as u64);
                return Ok(self.number(value, if class == Class::R64 { 64 } else { 32 }));
            }
            Some(Symbol::DynamicShared) => {
                let base = self.special(Special::DynamicSharedBase, Class::R32)?;
                let base = self.fit(base, class, name)?;
                if offset == 0 {
                    return Ok(base);
                }
                let d = self.temp(class);
                let (op, imm) = match class {
                    Class::R64 => (Op::Add64, self.c64(offset as u64)),
                    _ => (Op::Add32, self.c32(offset as u32)),
                };
                self.op(op, d, base, imm, TRUE);
                return Ok(d);
            }
            Some(Symbol::Builtin(_)) => {
                return Err(Problem::unsupported(
                    self.line,
                    format!("the address of builtin '{name}' is not supported"),
                ));
            }
            Some(Symbol::Unresolved) => {
                return Err(Problem::new(
                    super::program::CompileErrorKind::Link,
                    self.line,
                    format!("unresolved extern symbol '{name}'"),
                ));
            }
            None => return Err(self.invalid(format!("unknown symbol '{name}'"))),
        };
        match class {
            _ if wide => Ok(self.constant(ConstValue::Address(of, offset))),
            Class::R32 => Ok(self.constant(ConstValue::Address32(of, offset))),
            _ => Err(self.invalid(format!("the address of '{name}' does not fit here"))),
        }
    }

    /// A destination register, or a fresh one for `_`.
    fn dest(&mut self, operand: &Operand<'a>, class: Class) -> Result<u32> {
        match operand {
            Operand::Sink => Ok(self.temp(class)),
            Operand::Name(name) => match self.lookup(name) {
                Some(Name::Reg(v)) => Ok(v),
                _ if name.starts_with('%') => {
                    Err(self.invalid(format!("unknown register '{name}'")))
                }
                _ => Err(self.invalid(format!("'{name}' cannot be written"))),
            },
            Operand::Component(name, component) => {
                let index = "xyzw".find(component).filter(|_| component.len() == 1);
                match (self.lookup(name), index) {
                    (Some(Name::Vector(items)), Some(n)) if n < items.len() => Ok(items[n]),
                    _ => Err(self.invalid(format!("'{name}.{component}' cannot be written"))),
                }
            }
            _ => Err(self.invalid("destination of the wrong form")),
        }
    }

    /// A destination for a result of `bits` bits, signed or not: the register to write and, if that is not the operand
    /// itself, what `finish` has to copy it to.
    fn result(&mut self, operand: &Operand<'a>, bits: u32) -> Result<Output> {
        let class = class_of(bits);
        let target = self.dest(operand, class)?;
        let reg = self.reg(target);
        if reg.class == class
            && (reg.bits == bits || reg.bits >= 32 && bits == 32 || class != Class::R32)
        {
            return Ok(Output {
                d: target,
                target: None,
            });
        }
        let d = self.temp(class);
        Ok(Output {
            d,
            target: Some((target, bits)),
        })
    }

    /// Copies a result to the operand if it is of another width: extends it by sign or zero, or truncates it.
    fn finish(&mut self, output: Output, signed: bool) -> Result<()> {
        let Some((target, bits)) = output.target else {
            return Ok(());
        };
        let reg = self.reg(target);
        let mut v = output.d;
        match (class_of(bits), reg.class) {
            (Class::R32, Class::R32) => {
                // Values of fewer than 32 bits lie zero-extended in registers of their width.
                if bits < 32 && bits < reg.bits && signed {
                    v = self.extend_small(v, bits, true);
                }
                if reg.bits < 32 {
                    v = self.extend_small(v, reg.bits, false);
                }
                self.op(Op::Mov32, target, v, TRUE, TRUE);
            }
            (Class::R32, Class::R64) => {
                if bits < 32 {
                    v = self.extend_small(v, bits, signed);
                }
                self.op(
                    if signed { Op::ExtendS } else { Op::ExtendU },
                    target,
                    v,
                    TRUE,
                    TRUE,
                );
            }
            (Class::R64, Class::R32) => {
                let t = self.temp(Class::R32);
                self.op(Op::Truncate, t, v, TRUE, TRUE);
                if reg.bits < 32 {
                    v = self.extend_small(t, reg.bits, false);
                } else {
                    v = t;
                }
                self.op(Op::Mov32, target, v, TRUE, TRUE);
            }
            (a, b) if a == b => self.op(
                match a {
                    Class::Pred => Op::MovPred,
                    Class::R64 => Op::Mov64,
                    _ => Op::Mov128,
                },
                target,
                v,
                TRUE,
                TRUE,
            ),
            _ => {
                return Err(
                    self.invalid("destination register of the wrong type for this instruction")
                );
            }
        }
        Ok(())
    }

    /// The low 8 or 16 bits of a 32-bit register, extended to 32.
    fn extend_small(&mut self, v: u32, bits: u32, signed: bool) -> u32 {
        let op = match (bits, signed) {
            (8, true) => Op::Sext8,
            (8, false) => Op::Zext8,
            (16, true) => Op::Sext16,
            (16, false) => Op::Zext16,
            _ => return v,
        };
        let d = self.temp(Class::R32);
        self.op(op, d, v, TRUE, TRUE);
        d
    }

    fn load_piece(&mut self, d: u32, piece: Piece) {
        let flags = match self.reg(d).bits {
            8 => mem::U8,
            16 => mem::U16,
            64 => mem::B64,
            128 => mem::B128,
            _ => mem::B32,
        };
        self.emit(Inst {
            d,
            flags,
            x: u64::from(piece.offset),
            ..Inst::new(Op::LoadFrame)
        });
    }

    fn store_piece(&mut self, v: u32, bits: u32, piece: Piece) {
        let flags = match bits {
            8 => mem::U8,
            16 => mem::U16,
            64 => mem::B64,
            128 => mem::B128,
            _ => mem::B32,
        };
        self.emit(Inst {
            b: v,
            flags,
            x: u64::from(piece.offset),
            ..Inst::new(Op::StoreFrame)
        });
    }

    /// Return from a device function, or the end of a kernel.
    fn ret(&mut self) {
        if self.entry {
            self.emit(Inst::new(Op::Exit));
            return;
        }
        for r in self.results.clone() {
            let bits = self.reg(r.reg).bits;
            self.store_piece(r.reg, bits, r.piece);
        }
        self.emit(Inst::new(Op::Ret));
    }
}

/// Where an instruction's result goes.
#[derive(Clone, Copy)]
struct Output {
    d: u32,
    target: Option<(u32, u32)>,
}

/// The special register of that name.
fn special(name: &str, component: Option<&str>) -> Option<Special> {
    use Special::*;
    let three = |all: [Special; 3]| match component? {
        "x" => Some(all[0]),
        "y" => Some(all[1]),
        "z" => Some(all[2]),
        "w" => Some(Zero),
        _ => None,
    };
    match name {
        "%tid" => return three([TidX, TidY, TidZ]),
        "%ntid" => return three([NtidX, NtidY, NtidZ]),
        "%ctaid" => return three([CtaidX, CtaidY, CtaidZ]),
        "%nctaid" => return three([NctaidX, NctaidY, NctaidZ]),
        // A cluster is one block.
        "%clusterid" => return three([CtaidX, CtaidY, CtaidZ]),
        "%nclusterid" => return three([NctaidX, NctaidY, NctaidZ]),
        "%cluster_ctaid" => return three([Zero, Zero, Zero]),
        "%cluster_nctaid" => return three([One, One, One]),
        _ if component.is_some() => return None,
        _ => {}
    }
    Some(match name {
        "%laneid" => LaneId,
        "%warpid" => WarpId,
        "%nwarpid" => NwarpId,
        "%smid" => SmId,
        "%nsmid" => NsmId,
        "%gridid" => GridId,
        "%lanemask_eq" => MaskEq,
        "%lanemask_le" => MaskLe,
        "%lanemask_lt" => MaskLt,
        "%lanemask_ge" => MaskGe,
        "%lanemask_gt" => MaskGt,
        "%clock" => Clock,
        "%clock_hi" => ClockHi,
        "%clock64" => Clock64,
        "%globaltimer" => GlobalTimer,
        "%globaltimer_lo" => {
            return Some(GlobalTimer);
        }
        "%globaltimer_hi" => GlobalTimerHi,
        "%dynamic_smem_size" => DynamicShared,
        "%total_smem_size" => TotalShared,
        "%aggr_smem_size" => TotalShared,
        "%envreg1" => EnvReg1,
        "%envreg2" => EnvReg2,
        "%cluster_ctarank" => Zero,
        "%cluster_nctarank" => One,
        "%is_explicit_cluster" => Zero,
        "%reserved_smem_offset_begin" | "%reserved_smem_offset_0" | "%reserved_smem_offset_1" => {
            ReservedShared
        }
        _ if name
            .strip_prefix("%envreg")
            .is_some_and(|n| n.parse::<u32>().is_ok_and(|n| n < 32)) =>
        {
            Zero
        }
        _ if name
            .strip_prefix("%pm")
            .is_some_and(|n| n.bytes().next().is_some_and(|b| b.is_ascii_digit())) =>
        {
            Zero
        }
        _ => return None,
    })
}
