//! Loads, stores, atomics, address conversion and copies.

use super::*;

/// A memory operand resolved to its space.
enum Address {
    /// Frame-local memory at a constant offset.
    Frame(u32),
    /// Kernel parameters at a constant offset.
    Param(u32),
    /// Register (or constant) plus offset, in a space; whether the register is 64 bits wide.
    Register {
        space: u16,
        a: u32,
        offset: i32,
        wide: bool,
    },
}

impl<'a> Lower<'a, '_> {
    /// Lowers the instruction if it is one of these; `false` if not.
    pub(super) fn memory(&mut self, i: &Instruction<'a>) -> Result<bool> {
        match i.op {
            "ld" | "ldu" => self.load(i)?,
            "st" => self.store(i)?,
            "atom" | "red" => self.atomic(i)?,
            "cvta" => self.cvta(i)?,
            "isspacep" => self.isspacep(i)?,
            "mapa" => {
                // The one block of a cluster has rank 0: its addresses stay what they are.
                self.arity(i, 3..=3)?;
                let bits = self.ty(i)?.bits();
                let v = self.source(&i.operands[1], bits)?;
                let out = self.result(&i.operands[0], bits)?;
                self.op(
                    if bits == 64 { Op::Mov64 } else { Op::Mov32 },
                    out.d,
                    v,
                    TRUE,
                    TRUE,
                );
                self.finish(out, false)?;
            }
            "getctarank" => {
                let out = self.result(&i.operands[0], 32)?;
                let zero = self.c32(0);
                self.op(Op::Mov32, out.d, zero, TRUE, TRUE);
                self.finish(out, false)?;
            }
            "prefetch" | "prefetchu" | "applypriority" | "discard" | "createpolicy" => {
                if i.op == "createpolicy" {
                    let out = self.result(&i.operands[0], 64)?;
                    let zero = self.c64(0);
                    self.op(Op::Mov64, out.d, zero, TRUE, TRUE);
                    self.finish(out, false)?;
                }
            }
            "membar" | "fence" => self.emit(Inst::new(Op::Fence)),
            "cp" => self.copy_async(i)?,
            "ldmatrix" => self.load_matrix(i)?,
            "alloca" => {
                self.arity(i, 2..=3)?;
                let size = self.source(&i.operands[1], 64)?;
                let align = match i.operands.get(2) {
                    Some(Operand::Int(n))
                        if *n > 0 && (*n as u64).is_power_of_two() && *n <= 4096 =>
                    {
                        *n as u64
                    }
                    None => 8,
                    _ => {
                        return Err(
                            self.invalid("alignment of alloca must be a power of two up to 4096")
                        );
                    }
                };
                let out = self.result(&i.operands[0], 64)?;
                self.emit(Inst {
                    d: out.d,
                    a: size,
                    x: align,
                    ..Inst::new(Op::Alloca)
                });
                self.finish(out, false)?;
            }
            "stacksave" => {
                let out = self.result(&i.operands[0], 64)?;
                self.op(Op::StackSave, out.d, TRUE, TRUE, TRUE);
                self.finish(out, false)?;
            }
            "stackrestore" => {
                self.arity(i, 1..=1)?;
                let a = self.source(&i.operands[0], 64)?;
                self.op(Op::StackRestore, NONE, a, TRUE, TRUE);
            }
            "mbarrier" => self.mbarrier(i)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn space(&self, i: &Instruction<'a>) -> u16 {
        for m in &i.modifiers {
            match m.split("::").next().unwrap_or(m) {
                "global" | "const" => return mem::GLOBAL,
                "shared" => return mem::SHARED,
                "local" => return mem::LOCAL,
                "param" => return mem::PARAM,
                _ => {}
            }
        }
        mem::GENERIC
    }

    fn address(
        &mut self,
        i: &Instruction<'a>,
        operand: &Operand<'a>,
        space: u16,
        bytes: u32,
    ) -> Result<Address> {
        let Operand::Memory(base, offset) = operand else {
            return Err(self.invalid(format!("'{}' needs an address in brackets", i.text)));
        };
        let in_piece = |s: &Self, piece: Piece| {
            let at = i64::from(piece.offset).wrapping_add(*offset);
            // Accesses past a parameter stay inside the frame: padding is readable, what is beyond is not.
            if *offset < 0
                || offset.saturating_add(i64::from(bytes))
                    > i64::from(piece.size.next_multiple_of(16))
            {
                return Err(s.invalid(format!(
                    "address out of the bounds of '{}'",
                    base.unwrap_or("")
                )));
            }
            if at % i64::from(bytes.min(16)) != 0 && bytes <= 4 {
                return Err(s.invalid(format!("misaligned access to '{}'", base.unwrap_or(""))));
            }
            Ok(at as u32)
        };
        let offset = *offset;
        let found = base.and_then(|name| self.lookup(name));
        let (space, a) = match (base, found) {
            (_, Some(Name::Local(piece))) if matches!(space, mem::PARAM | mem::LOCAL) => {
                if piece.size == 0 {
                    return Err(self.invalid("access to a variable without size"));
                }
                let at = in_piece(self, piece)?;
                self.local = self.local.max(u64::from(at + bytes).next_multiple_of(4));
                return Ok(Address::Frame(at));
            }
            (_, Some(Name::Param(piece))) if matches!(space, mem::PARAM | mem::GENERIC) => {
                return Ok(Address::Param(in_piece(self, piece)?));
            }
            (None, _) => (space, self.c64(0)),
            (Some(name), Some(Name::Reg(v))) => match self.reg(v).class {
                Class::R32 | Class::R64 => (space, v),
                _ => return Err(self.invalid(format!("'{name}' is no address"))),
            },
            (Some(name), Some(Name::Local(piece))) => {
                let d = self.temp(Class::R64);
                self.emit(Inst {
                    d,
                    x: u64::from(piece.offset),
                    ..Inst::new(Op::LeaLocal)
                });
                let _ = name;
                (
                    if space == mem::GENERIC {
                        mem::LOCAL
                    } else {
                        space
                    },
                    d,
                )
            }
            (Some(_), Some(Name::Shared(at))) => (
                if space == mem::GENERIC {
                    mem::SHARED
                } else {
                    space
                },
                self.c32(at),
            ),
            (Some(name), Some(_)) => return Err(self.invalid(format!("'{name}' is no address"))),
            (Some(name), None) => {
                let space = match self.scope.symbol(name) {
                    Some(Symbol::Shared(_) | Symbol::DynamicShared) if space == mem::GENERIC => {
                        mem::SHARED
                    }
                    _ => space,
                };
                let class = if space == mem::SHARED {
                    Class::R32
                } else {
                    Class::R64
                };
                (space, self.symbol_address(name, 0, class)?)
            }
        };
        let wide = if a & CONST_BIT != 0 {
            self.constant_is_wide(a)
        } else {
            self.reg(a).class == Class::R64
        };
        if i32::try_from(offset).is_err() {
            let full = if wide {
                a
            } else {
                self.fit(a, Class::R64, "address")?
            };
            let (d, imm) = (self.temp(Class::R64), self.c64(offset as u64));
            self.op(Op::Add64, d, full, imm, TRUE);
            return Ok(Address::Register {
                space,
                a: d,
                offset: 0,
                wide: true,
            });
        }
        // A device function's parameters lie in its local memory.
        let space = if space == mem::PARAM && !self.entry {
            mem::LOCAL
        } else {
            space
        };
        Ok(Address::Register {
            space,
            a,
            offset: offset as i32,
            wide,
        })
    }

    fn constant_is_wide(&self, operand: u32) -> bool {
        let at = operand & !CONST_BIT;
        self.constants
            .entries
            .iter()
            .rev()
            .find(|e| e.0 == at)
            .is_some_and(|e| matches!(e.1, ConstValue::B64(_) | ConstValue::Address(..)))
    }

    fn site(&mut self) -> Result<u64> {
        let site = self.sites;
        self.sites += 1;
        if site >= 1 << 24 {
            return Err(self.invalid("too many memory accesses in one function"));
        }
        Ok(u64::from(site))
    }

    fn access_flags(&self, i: &Instruction<'a>) -> u16 {
        let mut flags = 0;
        for m in &i.modifiers {
            match *m {
                "volatile" | "relaxed" | "mmio" => flags |= mem::SPIN,
                "acquire" | "release" | "acq_rel" | "sc" => flags |= mem::SPIN | mem::ORDERED,
                _ => {}
            }
        }
        flags
    }

    fn load(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 2..=3)?;
        let ty = self.ty(i)?;
        if ty == Type::Pred {
            return Err(self.invalid("predicates cannot be loaded"));
        }
        let mut vector_name = None;
        if let Operand::Name(name) = &i.operands[0]
            && let Some(Name::Vector(items)) = self.lookup(name)
        {
            vector_name = Some(items);
        }
        let items: Vec<Option<Operand<'a>>> = match &vector_name {
            Some(items) => items.iter().map(|_| None).collect(),
            None => {
                let operand: &Operand<'a> = &i.operands[0];
                let operand = operand.clone();
                match operand {
                    Operand::Vector(v) => v.into_iter().map(Some).collect(),
                    one => vec![Some(one)],
                }
            }
        };
        let expected = vector_length(i);
        if items.len() != expected {
            return Err(self.invalid(format!(
                "operand of '{}' does not fit its vector length",
                i.text
            )));
        }
        let space = self.space(i);
        let address = self.address(i, &i.operands[1], space, ty.bytes() * expected as u32)?;
        let bits = ty.bits();
        let class = class_of(bits);
        // Destinations: those of the element's class are written directly, others through a temporary.
        let mut outs = Vec::with_capacity(items.len());
        for (n, item) in items.iter().enumerate() {
            outs.push(match (item, &vector_name) {
                (Some(item), _) => self.result(item, bits)?,
                (None, Some(names)) => Output {
                    d: names[n],
                    target: None,
                },
                (None, None) => Output {
                    d: self.temp(class),
                    target: None,
                },
            });
            if self.reg(outs[n].d).class != class {
                return Err(self.invalid(format!("destination of the wrong type for '{}'", i.text)));
            }
        }
        // A signed or unsigned extension to exactly 32 bits is done by the load itself.
        let mut kind = kind_of(ty);
        let mut finish = true;
        if let [out] = outs[..]
            && let Some((target, bits)) = out.target
            && bits < 32
            && self.reg(target).class == Class::R32
            && self.reg(target).bits == 32
        {
            outs[0] = Output {
                d: target,
                target: None,
            };
            finish = false;
        } else if bits < 32 {
            kind = unsigned_kind(kind);
        }
        let flags = kind | self.access_flags(i);
        self.emit_access(
            Op::Load,
            flags,
            &outs.iter().map(|o| o.d).collect::<Vec<_>>(),
            address,
        )?;
        if finish {
            for out in outs {
                self.finish(out, ty.is_signed())?;
            }
        }
        Ok(())
    }

    /// Emits a load or store of one element or a vector of them.
    fn emit_access(&mut self, op: Op, flags: u16, items: &[u32], address: Address) -> Result<()> {
        let store = op == Op::Store;
        let mut inst = Inst::new(op);
        inst.flags = flags;
        if items.len() > 1 {
            inst.flags |= (items.len().trailing_zeros() as u16) << mem::VECTOR_SHIFT;
            inst.e = self.lists.len() as u32;
            self.lists.extend_from_slice(items);
        } else if store {
            inst.b = items[0];
        } else {
            inst.d = items[0];
        }
        match address {
            Address::Frame(at) => {
                inst.op = if store { Op::StoreFrame } else { Op::LoadFrame };
                inst.x = u64::from(at);
            }
            Address::Param(at) => {
                if store {
                    return Err(self.invalid("kernel parameters cannot be written"));
                }
                inst.op = Op::LoadParam;
                inst.x = u64::from(at);
            }
            Address::Register {
                space,
                a,
                offset,
                wide,
            } => {
                inst.a = a;
                inst.flags |= space << mem::SPACE_SHIFT | if wide { mem::ADDRESS64 } else { 0 };
                inst.x = u64::from(offset as u32) | self.site()? << 32;
            }
        }
        self.emit(inst);
        Ok(())
    }

    fn store(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 2..=3)?;
        let ty = self.ty(i)?;
        if ty == Type::Pred {
            return Err(self.invalid("predicates cannot be stored"));
        }
        let bits = ty.bits();
        let mut values = Vec::new();
        match &i.operands[1] {
            Operand::Vector(items) => {
                for item in items {
                    values.push(self.source(item, bits)?);
                }
            }
            Operand::Name(name) => match self.lookup(name) {
                Some(Name::Vector(items)) => values = items,
                _ => values.push(self.source(&i.operands[1], bits)?),
            },
            other => values.push(self.source(other, bits)?),
        }
        for &v in &values {
            if v & CONST_BIT == 0 && self.reg(v).class != class_of(bits) {
                return Err(self.invalid(format!("source of the wrong type for '{}'", i.text)));
            }
        }
        if values.len() != vector_length(i) {
            return Err(self.invalid(format!(
                "operand of '{}' does not fit its vector length",
                i.text
            )));
        }
        let space = self.space(i);
        let address = self.address(i, &i.operands[0], space, ty.bytes() * values.len() as u32)?;
        let flags = unsigned_kind(kind_of(ty)) | self.access_flags(i);
        self.emit_access(Op::Store, flags, &values, address)
    }

    fn atomic(&mut self, i: &Instruction<'a>) -> Result<()> {
        let ty = self.ty(i)?;
        let red = i.op == "red";
        if vector_length(i) > 1 {
            return self.vector_reduction(i, ty, red);
        }
        let first = usize::from(!red);
        let operation = i.modifiers.iter().find_map(|m| match *m {
            "add" | "min" | "max" | "inc" | "dec" | "and" | "or" | "xor" | "exch" | "cas" => {
                Some(*m)
            }
            _ => None,
        });
        let Some(operation) = operation else {
            return Err(self.invalid(format!("unknown operation in '{}'", i.text)));
        };
        let operands = first + 2 + usize::from(operation == "cas");
        // A cache policy may follow.
        self.arity(i, operands..=operands + 1)?;
        let Some(atom) = atom_of(operation, ty) else {
            return Err(self.unsupported(i));
        };
        let bits = ty.bits();
        let space = self.space(i);
        let address = self.address(i, &i.operands[first], space, ty.bytes())?;
        let b = self.source(&i.operands[first + 1], bits)?;
        let c = if operation == "cas" {
            self.source(&i.operands[first + 2], bits)?
        } else {
            TRUE
        };
        let out = if red {
            None
        } else {
            Some(self.result(&i.operands[0], bits)?)
        };
        let d = match out {
            Some(out) => out.d,
            None => self.temp(class_of(bits)),
        };
        self.emit_atomic(i, ty, atom, address, d, b, c)?;
        match out {
            Some(out) => self.finish(out, ty.is_signed()),
            None => Ok(()),
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn emit_atomic(
        &mut self,
        i: &Instruction<'a>,
        ty: Type,
        atom: Atom,
        address: Address,
        d: u32,
        b: u32,
        c: u32,
    ) -> Result<()> {
        let Address::Register {
            space,
            a,
            offset,
            wide,
        } = address
        else {
            return Err(self.invalid(format!(
                "'{}' works on global and shared memory only",
                i.text
            )));
        };
        if !matches!(space, mem::GLOBAL | mem::SHARED | mem::GENERIC) {
            return Err(self.invalid(format!(
                "'{}' works on global and shared memory only",
                i.text
            )));
        }
        let flags = unsigned_kind(kind_of(ty))
            | space << mem::SPACE_SHIFT
            | if wide { mem::ADDRESS64 } else { 0 };
        let x = u64::from(offset as u32) | self.site()? << 32 | (atom as u64) << 56;
        self.emit(Inst {
            flags,
            d,
            a,
            b,
            c,
            x,
            ..Inst::new(Op::Atomic)
        });
        Ok(())
    }

    /// `red.global.v4.f32.add` and friends: element by element, as the ISA guarantees no more.
    fn vector_reduction(&mut self, i: &Instruction<'a>, ty: Type, red: bool) -> Result<()> {
        let n = vector_length(i);
        let first = usize::from(!red);
        self.arity(i, first + 2..=first + 3)?;
        let operation = i
            .modifiers
            .iter()
            .copied()
            .find(|m| matches!(*m, "add" | "min" | "max"));
        let atom = operation.and_then(|o| atom_of(o, ty));
        let (Some(atom), Operand::Vector(items)) = (atom, &i.operands[first + 1]) else {
            return Err(self.unsupported(i));
        };
        let Operand::Memory(base, offset) = &i.operands[first] else {
            return Err(self.invalid(format!("'{}' needs an address in brackets", i.text)));
        };
        let space = self.space(i);
        let mut values = Vec::new();
        for item in items {
            values.push(self.source(item, ty.bits())?);
        }
        if values.len() != n {
            return Err(self.invalid(format!(
                "operand of '{}' does not fit its vector length",
                i.text
            )));
        }
        let mut results = Vec::new();
        for (k, &b) in values.iter().enumerate() {
            let at = Operand::Memory(*base, offset.wrapping_add(k as i64 * i64::from(ty.bytes())));
            let address = self.address(i, &at, space, ty.bytes())?;
            let d = self.temp(class_of(ty.bits()));
            self.emit_atomic(i, ty, atom, address, d, b, TRUE)?;
            results.push(d);
        }
        if let (false, Operand::Vector(targets)) = (red, &i.operands[0]) {
            for (target, d) in targets.iter().zip(results) {
                self.move_to_result(target, d, ty.bits())?;
            }
        }
        Ok(())
    }

    fn move_to_result(&mut self, target: &Operand<'a>, v: u32, bits: u32) -> Result<()> {
        let out = self.result(target, bits)?;
        self.op(
            if bits == 64 { Op::Mov64 } else { Op::Mov32 },
            out.d,
            v,
            TRUE,
            TRUE,
        );
        self.finish(out, false)
    }

    fn cvta(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 2..=2)?;
        let bits = self.ty(i)?.bits();
        let to = i.modifiers.contains(&"to");
        let window = match self.space(i) {
            mem::SHARED => super::super::memory::SHARED_WINDOW,
            mem::LOCAL => super::super::memory::LOCAL_WINDOW,
            mem::PARAM => {
                if self.entry {
                    super::super::memory::PARAM_WINDOW
                } else {
                    super::super::memory::LOCAL_WINDOW
                }
            }
            mem::GLOBAL => 0,
            _ => return Err(self.invalid(format!("'{}' lacks a state space", i.text))),
        };
        if bits != 64 {
            return Err(Problem::unsupported(
                self.line,
                "32-bit generic addresses are not supported",
            ));
        }
        let a = self.source(&i.operands[1], 64)?;
        let out = self.result(&i.operands[0], 64)?;
        if window == 0 {
            self.op(Op::Mov64, out.d, a, TRUE, TRUE);
        } else {
            let x = if to { window.wrapping_neg() } else { window };
            self.emit(Inst {
                d: out.d,
                a,
                x,
                ..Inst::new(Op::AddImm64)
            });
        }
        self.finish(out, false)
    }

    fn isspacep(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 2..=2)?;
        let space = match i
            .modifiers
            .first()
            .map(|m| m.split("::").next().unwrap_or(m))
        {
            Some("global") => mem::GLOBAL,
            Some("const") => 7,
            Some("shared") => mem::SHARED,
            Some("local") => mem::LOCAL,
            Some("param") => mem::PARAM,
            _ => return Err(self.invalid(format!("'{}' lacks a state space", i.text))),
        };
        let a = self.source(&i.operands[1], 64)?;
        let out = self.result(&i.operands[0], 1)?;
        self.emit(Inst {
            flags: space,
            d: out.d,
            a,
            ..Inst::new(Op::IsSpace)
        });
        self.finish(out, false)
    }

    /// `cp.async`: copied at once, so that commits and waits have nothing to do.
    fn copy_async(&mut self, i: &Instruction<'a>) -> Result<()> {
        if i.modifiers.first() != Some(&"async") {
            return Err(self.unsupported(i));
        }
        match i.modifiers.get(1) {
            Some(&("commit_group" | "wait_group" | "wait_all")) => return Ok(()),
            Some(&"mbarrier") => {
                // Arrival after the copies, which have been made: `.noinc` counts as a normal arrival.
                if !i.modifiers.contains(&"noinc") {
                    return Ok(());
                }
                let a = self.shared_address(&i.operands[0])?;
                let one = self.c32(1);
                let d = self.temp(Class::R64);
                self.emit(Inst {
                    flags: 1,
                    d,
                    a,
                    b: one,
                    ..Inst::new(Op::Mbarrier)
                });
                return Ok(());
            }
            _ => {}
        }
        self.arity(i, 3..=5)?;
        let Operand::Int(size @ (4 | 8 | 16)) = i.operands[2] else {
            return Err(self.invalid("cp.async copies 4, 8 or 16 bytes"));
        };
        let to = self.shared_address(&i.operands[0])?;
        let from = match self.address(i, &i.operands[1], mem::GLOBAL, size as u32)? {
            Address::Register {
                a, offset, wide, ..
            } => {
                let a = if wide {
                    a
                } else {
                    self.fit(a, Class::R64, "address")?
                };
                let (d, imm) = (self.temp(Class::R64), self.c64(i64::from(offset) as u64));
                self.op(Op::Add64, d, a, imm, TRUE);
                d
            }
            _ => return Err(self.invalid("cp.async reads global memory")),
        };
        let all = self.c32(size as u32);
        let count = match i.operands.get(3) {
            None => all,
            Some(Operand::Name(name)) => match self.lookup(name) {
                Some(Name::Reg(v)) if self.reg(v).class == Class::Pred => {
                    let (zero, d) = (self.c32(0), self.temp(Class::R32));
                    self.op(Op::Selp32, d, zero, all, v);
                    d
                }
                // A cache policy.
                Some(Name::Reg(v)) if self.reg(v).class == Class::R64 => all,
                _ => self.source(&i.operands[3], 32)?,
            },
            Some(other) => self.source(other, 32)?,
        };
        let x = size as u64 | self.site()? << 32;
        self.emit(Inst {
            a: to,
            b: from,
            c: count,
            x,
            ..Inst::new(Op::CopyAsync)
        });
        Ok(())
    }

    /// A shared memory operand, `[a+offset]`, as a 32-bit register with its address.
    fn shared_address(&mut self, operand: &Operand<'a>) -> Result<u32> {
        let Operand::Memory(Some(name), offset) = operand else {
            return Err(self.invalid("expected an address in shared memory"));
        };
        let base = self.source(&Operand::Name(name), 32)?;
        if *offset == 0 {
            return Ok(base);
        }
        let (d, imm) = (self.temp(Class::R32), self.c32(*offset as u32));
        self.op(Op::Add32, d, base, imm, TRUE);
        Ok(d)
    }

    fn load_matrix(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 2..=2)?;
        let count = i.modifiers.iter().find_map(|m| match *m {
            "x1" => Some(0u64),
            "x2" => Some(1),
            "x4" => Some(2),
            _ => None,
        });
        let (Some(count), true, true) = (
            count,
            i.modifiers.contains(&"m8n8"),
            i.modifiers.contains(&"b16"),
        ) else {
            return Err(self.unsupported(i));
        };
        let a = self.shared_address(&i.operands[1])?;
        let items = match &i.operands[0] {
            Operand::Vector(items) => items.clone(),
            one => vec![one.clone()],
        };
        if items.len() != 1 << count {
            return Err(self.invalid(format!("wrong number of destinations for '{}'", i.text)));
        }
        let mut outs = Vec::new();
        for item in &items {
            outs.push(self.result(item, 32)?);
        }
        let e = self.lists.len() as u32;
        self.lists.extend(outs.iter().map(|o| o.d));
        let x = count | u64::from(i.modifiers.contains(&"trans")) << 2;
        self.emit(Inst {
            e,
            a,
            x,
            ..Inst::new(Op::LoadMatrix)
        });
        for out in outs {
            self.finish(out, false)?;
        }
        Ok(())
    }

    /// `mbarrier` objects in shared memory. Kinds, in the flags of [`Op::Mbarrier`]: 0 init, 1 arrive, 2 `test_wait` by
    /// state, 3 by parity, 4 inval, 5 pending count, 6 arrive without completing, 7 drop, 8 expect bytes (none come).
    fn mbarrier(&mut self, i: &Instruction<'a>) -> Result<()> {
        let kind = i.modifiers.first().copied().unwrap_or("");
        match kind {
            "init" => {
                self.arity(i, 2..=2)?;
                let a = self.shared_address(&i.operands[0])?;
                let b = self.source(&i.operands[1], 32)?;
                self.emit(Inst {
                    flags: 0,
                    a,
                    b,
                    ..Inst::new(Op::Mbarrier)
                });
            }
            "inval" => {}
            "arrive" | "arrive_drop" => {
                if i.modifiers.contains(&"expect_tx")
                    || i.modifiers.iter().any(|m| m.contains("cluster"))
                {
                    return Err(self.unsupported(i));
                }
                self.arity(i, 1..=3)?;
                let (target, rest) = match &i.operands[0] {
                    Operand::Memory(..) => (None, &i.operands[..]),
                    other => (Some(other), &i.operands[1..]),
                };
                let Some(address) = rest.first() else {
                    return Err(self.invalid("mbarrier without an address"));
                };
                let a = self.shared_address(address)?;
                let b = match rest.get(1) {
                    Some(count) => self.source(count, 32)?,
                    None => self.c32(1),
                };
                let out = match target {
                    Some(target) => self.result(target, 64)?,
                    None => Output {
                        d: self.temp(Class::R64),
                        target: None,
                    },
                };
                let flags = if kind == "arrive" { 1 } else { 7 };
                self.emit(Inst {
                    flags,
                    d: out.d,
                    a,
                    b,
                    ..Inst::new(Op::Mbarrier)
                });
                self.finish(out, false)?;
            }
            "test_wait" | "try_wait" => {
                self.arity(i, 3..=4)?;
                let a = self.shared_address(&i.operands[1])?;
                let parity = i.modifiers.contains(&"parity");
                let b = self.source(&i.operands[2], if parity { 32 } else { 64 })?;
                let out = self.result(&i.operands[0], 1)?;
                self.emit(Inst {
                    flags: if parity { 3 } else { 2 },
                    e: out.d,
                    a,
                    b,
                    ..Inst::new(Op::Mbarrier)
                });
                self.finish(out, false)?;
            }
            "pending_count" => {
                self.arity(i, 2..=2)?;
                let a = self.source(&i.operands[1], 64)?;
                let out = self.result(&i.operands[0], 32)?;
                self.emit(Inst {
                    flags: 5,
                    d: out.d,
                    a,
                    ..Inst::new(Op::Mbarrier)
                });
                self.finish(out, false)?;
            }
            _ => return Err(self.unsupported(i)),
        }
        Ok(())
    }
}

fn vector_length(i: &Instruction<'_>) -> usize {
    i.modifiers
        .iter()
        .find_map(|m| match *m {
            "v2" => Some(2),
            "v4" => Some(4),
            "v8" => Some(8),
            _ => None,
        })
        .unwrap_or(1)
}

fn kind_of(ty: Type) -> u16 {
    match (ty.bytes(), ty.is_signed()) {
        (1, false) => mem::U8,
        (1, true) => mem::S8,
        (2, false) => mem::U16,
        (2, true) => mem::S16,
        (4, _) => mem::B32,
        (8, _) => mem::B64,
        _ => mem::B128,
    }
}

fn unsigned_kind(kind: u16) -> u16 {
    match kind {
        mem::S8 => mem::U8,
        mem::S16 => mem::U16,
        other => other,
    }
}

fn atom_of(operation: &str, ty: Type) -> Option<Atom> {
    let integer = ty.is_integer();
    Some(match (operation, ty) {
        ("add", Type::F16) => Atom::AddF16,
        ("add", Type::F16x2) => Atom::AddF16x2,
        ("add", Type::Bf16) => Atom::AddBf16,
        ("add", Type::Bf16x2) => Atom::AddBf16x2,
        ("add", Type::F32) => Atom::AddF32,
        ("add", Type::F64) => Atom::AddF64,
        ("min", Type::F16 | Type::F16x2) => Atom::MinF16,
        ("max", Type::F16 | Type::F16x2) => Atom::MaxF16,
        ("min", Type::Bf16 | Type::Bf16x2) => Atom::MinBf16,
        ("max", Type::Bf16 | Type::Bf16x2) => Atom::MaxBf16,
        ("exch", Type::F32 | Type::F64) => Atom::Exch,
        _ if !integer || ty.bits() < 16 => return None,
        ("exch", _) if ty.bits() >= 32 => Atom::Exch,
        ("cas", _) => Atom::Cas,
        _ if !matches!(ty.bits(), 32 | 64) => return None,
        ("add", _) => Atom::Add,
        ("min", _) if ty.is_signed() => Atom::MinS,
        ("min", _) => Atom::MinU,
        ("max", _) if ty.is_signed() => Atom::MaxS,
        ("max", _) => Atom::MaxU,
        ("inc", _) if ty.bits() == 32 => Atom::Inc,
        ("dec", _) if ty.bits() == 32 => Atom::Dec,
        ("and", _) => Atom::And,
        ("or", _) => Atom::Or,
        ("xor", _) => Atom::Xor,
        _ => return None,
    })
}
