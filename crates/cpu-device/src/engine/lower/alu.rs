//! Arithmetic, logic, comparison, conversion and data movement.

use super::*;

type FloatFlags = rare::Flags;

impl<'a> Lower<'a, '_> {
    /// Lowers the instruction if it is one of these; `false` if not.
    pub(super) fn alu(&mut self, i: &Instruction<'a>) -> Result<bool> {
        match i.op {
            "add" | "sub" | "min" | "max" | "div" | "rem" => self.binary(i)?,
            "addc" | "subc" => self.carry_add(i, i.op == "subc", true)?,
            "mul" => self.mul(i)?,
            "mad" | "madc" => self.mad(i)?,
            "fma" => self.fma(i)?,
            "mul24" | "mad24" => self.mul24(i)?,
            "sad" => self.sad(i)?,
            "abs" | "neg" | "sqrt" | "rcp" | "rsqrt" | "sin" | "cos" | "lg2" | "ex2" | "tanh" => {
                self.unary(i)?
            }
            "popc" | "clz" | "brev" | "bfind" => self.bits(i)?,
            "and" | "or" | "xor" | "not" | "cnot" => self.logic(i)?,
            "shl" | "shr" => self.shift(i)?,
            "lop3" => self.lop3(i)?,
            "shf" => self.funnel(i)?,
            "bfe" => self.bfe(i)?,
            "bfi" => self.bfi(i)?,
            "prmt" => self.prmt(i)?,
            "bmsk" | "szext" | "fns" | "dp4a" | "dp2a" => self.misc_integer(i)?,
            "setp" => self.setp(i)?,
            "set" => self.set(i)?,
            "selp" => self.selp(i)?,
            "slct" => self.slct(i)?,
            "testp" => self.testp(i)?,
            "copysign" => {
                let ty = self.ty(i)?;
                self.lane_op(
                    i,
                    ty,
                    ty.bits(),
                    &[ty.bits(), ty.bits()],
                    rare::copysign(ty),
                )?;
            }
            "mov" => self.mov(i)?,
            "cvt" => self.cvt(i)?,
            _ if is_video(i.op) => self.video(i)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// An operation by a scalar function, with results and sources of the given widths.
    fn lane_op(
        &mut self,
        i: &Instruction<'a>,
        ty: Type,
        d: u32,
        sources: &[u32],
        f: Option<LaneFn>,
    ) -> Result<()> {
        self.arity(i, sources.len() + 1..=sources.len() + 1)?;
        let Some(f) = f else {
            return Err(self.unsupported(i));
        };
        let mut s = [TRUE; 3];
        let mut widths = [W32; 3];
        for (n, &bits) in sources.iter().enumerate() {
            s[n] = self.source(&i.operands[n + 1], bits)?;
            widths[n] = width(bits);
        }
        let out = self.result(&i.operands[0], d)?;
        self.lane(out.d, width(d), s, widths, f);
        self.finish(out, ty.is_signed())
    }

    /// The same by a function that takes its variant as fourth operand.
    fn configured(
        &mut self,
        i: &Instruction<'a>,
        d: u32,
        sources: &[u32],
        f: Option<rare::Configured>,
    ) -> Result<()> {
        self.arity(i, sources.len() + 1..=sources.len() + 1)?;
        let Some((f, config)) = f else {
            return Err(self.unsupported(i));
        };
        let mut s = [TRUE; 3];
        let mut flags = width(d) | W64 << 8;
        for (n, &bits) in sources.iter().enumerate() {
            s[n] = self.source(&i.operands[n + 1], bits)?;
            flags |= width(bits) << (2 + 2 * n);
        }
        let config = self.c64(config);
        let out = self.result(&i.operands[0], d)?;
        let x = f as usize as u64;
        self.emit(Inst {
            flags,
            d: out.d,
            a: s[0],
            b: s[1],
            c: s[2],
            f: config,
            x,
            ..Inst::new(Op::Lane4)
        });
        self.finish(out, false)
    }

    fn lane(&mut self, d: u32, w: u16, s: [u32; 3], widths: [u16; 3], f: LaneFn) {
        let flags = w | widths[0] << 2 | widths[1] << 4 | widths[2] << 6;
        self.emit(Inst {
            flags,
            d,
            a: s[0],
            b: s[1],
            c: s[2],
            x: f as usize as u64,
            ..Inst::new(Op::Lane)
        });
    }

    /// Integer operation on two sources by an operation of 32 or one of 64 bits; narrower ones go through 32.
    fn int2(&mut self, i: &Instruction<'a>, ty: Type, op32: Op, op64: Op) -> Result<()> {
        self.arity(i, 3..=3)?;
        let bits = ty.bits();
        let mut a = self.source(&i.operands[1], bits)?;
        let mut b = self.source(&i.operands[2], bits)?;
        if bits < 32 && ty.is_signed() {
            a = self.extend_small(a, bits, true);
            b = self.extend_small(b, bits, true);
        }
        self.int_result(&i.operands[0], ty, |s, d| {
            s.op(if bits == 64 { op64 } else { op32 }, d, a, b, TRUE)
        })
    }

    /// Emits an integer operation whose 32-bit result has to be cut to the type's width.
    fn int_result(
        &mut self,
        operand: &Operand<'a>,
        ty: Type,
        f: impl FnOnce(&mut Self, u32),
    ) -> Result<()> {
        let out = self.result(operand, ty.bits())?;
        if ty.bits() < 32 {
            let t = self.temp(Class::R32);
            f(self, t);
            self.op(
                if ty.bits() == 8 {
                    Op::Zext8
                } else {
                    Op::Zext16
                },
                out.d,
                t,
                TRUE,
                TRUE,
            );
        } else {
            f(self, out.d);
        }
        self.finish(out, ty.is_signed())
    }

    fn binary(&mut self, i: &Instruction<'a>) -> Result<()> {
        let ty = self.ty(i)?;
        if ty.is_integer() && ty != Type::B128 {
            if i.modifiers.contains(&"cc") {
                return self.carry_add(i, i.op == "sub", false);
            }
            if i.modifiers.contains(&"sat") {
                return self.lane_op(i, ty, 32, &[32, 32], rare::add_saturating(i.op, ty));
            }
            let signed = ty.is_signed();
            let (op32, op64) = match (i.op, signed) {
                ("add", _) => (Op::Add32, Op::Add64),
                ("sub", _) => (Op::Sub32, Op::Sub64),
                ("min", true) => (Op::MinS32, Op::MinS64),
                ("min", false) => (Op::MinU32, Op::MinU64),
                ("max", true) => (Op::MaxS32, Op::MaxS64),
                ("max", false) => (Op::MaxU32, Op::MaxU64),
                ("div", true) => (Op::DivS32, Op::DivS64),
                ("div", false) => (Op::DivU32, Op::DivU64),
                ("rem", true) => (Op::RemS32, Op::RemS64),
                _ => (Op::RemU32, Op::RemU64),
            };
            if i.modifiers.contains(&"relu") {
                return self.lane_op(
                    i,
                    ty,
                    ty.bits(),
                    &[ty.bits(), ty.bits()],
                    rare::relu(i.op, ty),
                );
            }
            return self.int2(i, ty, op32, op64);
        }
        let flags = float_flags(i);
        // Three-input min and max.
        if matches!(i.op, "min" | "max") && i.operands.len() == 4 && ty == Type::F32 {
            return self.lane_op(i, ty, 32, &[32, 32, 32], rare::minmax3(i.op, &flags));
        }
        let native = match (i.op, ty, flags.plain(), flags.only_ftz()) {
            ("add", Type::F32, true, _) => Some(Op::AddF32),
            ("sub", Type::F32, true, _) => Some(Op::SubF32),
            ("add", Type::F32, _, true) => Some(Op::AddFtzF32),
            ("sub", Type::F32, _, true) => Some(Op::SubFtzF32),
            ("div", Type::F32, _, _)
                if flags.approximate() && !flags.ftz || flags.plain() && i.op == "div" =>
            {
                Some(Op::DivF32)
            }
            ("min", Type::F32, true, _) => Some(Op::MinF32),
            ("max", Type::F32, true, _) => Some(Op::MaxF32),
            ("add", Type::F64, true, _) => Some(Op::AddF64),
            ("sub", Type::F64, true, _) => Some(Op::SubF64),
            ("div", Type::F64, true, _) => Some(Op::DivF64),
            ("min", Type::F64, true, _) => Some(Op::MinF64),
            ("max", Type::F64, true, _) => Some(Op::MaxF64),
            _ => None,
        };
        let bits = ty.bits();
        match native {
            Some(op) => {
                self.arity(i, 3..=3)?;
                let a = self.source(&i.operands[1], bits)?;
                let b = self.source(&i.operands[2], bits)?;
                let out = self.result(&i.operands[0], bits)?;
                self.op(op, out.d, a, b, TRUE);
                self.finish(out, false)
            }
            None if matches!(ty, Type::U16x2 | Type::S16x2) => self.lane_op(
                i,
                ty,
                bits,
                &[bits, bits],
                rare::packed16(i.op, ty, flags.relu),
            ),
            None => self.configured(i, bits, &[bits, bits], rare::float(i.op, ty, &flags)),
        }
    }

    fn carry_flag(&mut self) -> u32 {
        if let Some(v) = self.carry {
            return v;
        }
        self.regs.push(Reg {
            class: Class::Pred,
            bits: 1,
        });
        let v = self.regs.len() as u32 - 1;
        self.carry = Some(v);
        v
    }

    fn carry_add(&mut self, i: &Instruction<'a>, subtract: bool, with_carry: bool) -> Result<()> {
        self.arity(i, 3..=3)?;
        let ty = self.ty(i)?;
        let bits = ty.bits();
        if bits < 32 || !ty.is_integer() || bits > 64 {
            return Err(self.invalid(format!("wrong type for '{}'", i.text)));
        }
        let a = self.source(&i.operands[1], bits)?;
        let b = self.source(&i.operands[2], bits)?;
        let out = self.result(&i.operands[0], bits)?;
        self.carry_op(i, subtract, with_carry, bits, out.d, a, b)?;
        self.finish(out, false)
    }

    #[allow(clippy::too_many_arguments)]
    fn carry_op(
        &mut self,
        i: &Instruction<'a>,
        subtract: bool,
        input: bool,
        bits: u32,
        d: u32,
        a: u32,
        b: u32,
    ) -> Result<()> {
        let flag = self.carry_flag();
        let c = if input { flag } else { self.number(0, 1) };
        let e = if i.modifiers.contains(&"cc") {
            flag
        } else {
            self.temp(Class::Pred)
        };
        let op = match (subtract, bits) {
            (false, 32) => Op::AddCarry32,
            (true, 32) => Op::SubBorrow32,
            (false, _) => Op::AddCarry64,
            (true, _) => Op::SubBorrow64,
        };
        self.emit(Inst {
            d,
            e,
            a,
            b,
            c,
            ..Inst::new(op)
        });
        Ok(())
    }

    fn mul(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 3..=3)?;
        let ty = self.ty(i)?;
        if !ty.is_integer() {
            let flags = float_flags(i);
            let op = match ty {
                Type::F32 if flags.plain() => Op::MulF32,
                Type::F32 if flags.only_ftz() => Op::MulFtzF32,
                Type::F64 if flags.plain() => Op::MulF64,
                _ => {
                    return self.configured(
                        i,
                        ty.bits(),
                        &[ty.bits(), ty.bits()],
                        rare::float("mul", ty, &flags),
                    );
                }
            };
            let a = self.source(&i.operands[1], ty.bits())?;
            let b = self.source(&i.operands[2], ty.bits())?;
            let out = self.result(&i.operands[0], ty.bits())?;
            self.op(op, out.d, a, b, TRUE);
            return self.finish(out, false);
        }
        let out = self.result(
            &i.operands[0],
            if i.modifiers.contains(&"wide") {
                ty.bits() * 2
            } else {
                ty.bits()
            },
        )?;
        let a = self.source(&i.operands[1], ty.bits())?;
        let b = self.source(&i.operands[2], ty.bits())?;
        self.product(i, ty, out.d, a, b)?;
        self.finish(out, ty.is_signed())
    }

    /// `mul.lo`, `mul.hi` or `mul.wide` of integers into `d`.
    fn product(&mut self, i: &Instruction<'a>, ty: Type, d: u32, a: u32, b: u32) -> Result<()> {
        let signed = ty.is_signed();
        let part = ["lo", "hi", "wide"]
            .into_iter()
            .find(|p| i.modifiers.contains(p));
        let op = match (part, ty.bits(), signed) {
            (Some("lo"), 32, _) => Op::Mul32,
            (Some("lo"), 64, _) => Op::Mul64,
            (Some("hi"), 32, true) => Op::MulHiS32,
            (Some("hi"), 32, false) => Op::MulHiU32,
            (Some("hi"), 64, true) => Op::MulHiS64,
            (Some("hi"), 64, false) => Op::MulHiU64,
            (Some("wide"), 32, true) => Op::MulWideS,
            (Some("wide"), 32, false) => Op::MulWideU,
            (Some("wide"), 64, _) => {
                let (low, high) = (self.temp(Class::R64), self.temp(Class::R64));
                self.op(Op::Mul64, low, a, b, TRUE);
                self.op(
                    if signed { Op::MulHiS64 } else { Op::MulHiU64 },
                    high,
                    a,
                    b,
                    TRUE,
                );
                self.op(Op::Pack128, d, low, high, TRUE);
                return Ok(());
            }
            (Some(part), 16, _) => {
                let (a, b) = (
                    self.extend_small(a, 16, signed),
                    self.extend_small(b, 16, signed),
                );
                if part == "wide" {
                    self.op(Op::Mul32, d, a, b, TRUE);
                    return Ok(());
                }
                let t = self.temp(Class::R32);
                self.op(Op::Mul32, t, a, b, TRUE);
                let t = if part == "hi" {
                    let (h, n) = (self.temp(Class::R32), self.c32(16));
                    self.op(Op::ShrU32, h, t, n, TRUE);
                    h
                } else {
                    t
                };
                self.op(Op::Zext16, d, t, TRUE, TRUE);
                return Ok(());
            }
            _ => {
                return Err(self.invalid(format!(
                    "'{}' needs .lo, .hi or .wide and an integer type",
                    i.text
                )));
            }
        };
        self.op(op, d, a, b, TRUE);
        Ok(())
    }

    fn mad(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 4..=4)?;
        let ty = self.ty(i)?;
        if !ty.is_integer() {
            return self.fma(i);
        }
        let bits = ty.bits();
        let wide = i.modifiers.contains(&"wide");
        let out_bits = if wide { bits * 2 } else { bits };
        if out_bits > 64 {
            return Err(self.invalid(format!("wrong type for '{}'", i.text)));
        }
        let a = self.source(&i.operands[1], bits)?;
        let b = self.source(&i.operands[2], bits)?;
        let c = self.source(&i.operands[3], out_bits)?;
        let out = self.result(&i.operands[0], out_bits)?;
        let carry = i.op == "madc" || i.modifiers.contains(&"cc");
        if i.modifiers.contains(&"sat") {
            let hi = self.temp(Class::R32);
            self.product(i, ty, hi, a, b)?;
            let f = rare::add_saturating("add", Type::S32).expect("it exists");
            self.lane(out.d, W32, [hi, c, TRUE], [W32; 3], f);
        } else if carry {
            if !matches!(bits, 32 | 64) {
                return Err(self.invalid(format!("wrong type for '{}'", i.text)));
            }
            let p = self.temp(class_of(out_bits));
            self.product(i, ty, p, a, b)?;
            self.carry_op(i, false, i.op == "madc", out_bits, out.d, p, c)?;
        } else {
            match (wide, i.modifiers.contains(&"lo"), bits) {
                (true, _, 32) => {
                    self.op(
                        if ty.is_signed() {
                            Op::MadWideS
                        } else {
                            Op::MadWideU
                        },
                        out.d,
                        a,
                        b,
                        c,
                    );
                }
                (false, true, 32) => self.op(Op::Mad32, out.d, a, b, c),
                (false, true, 64) => self.op(Op::Mad64, out.d, a, b, c),
                _ => {
                    let p = self.temp(class_of(out_bits));
                    self.product(i, ty, p, a, b)?;
                    if out_bits < 32 {
                        let t = self.temp(Class::R32);
                        self.op(Op::Add32, t, p, c, TRUE);
                        self.op(Op::Zext16, out.d, t, TRUE, TRUE);
                    } else {
                        self.op(
                            if out_bits == 64 { Op::Add64 } else { Op::Add32 },
                            out.d,
                            p,
                            c,
                            TRUE,
                        );
                    }
                }
            }
        }
        self.finish(out, ty.is_signed())
    }

    fn fma(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 4..=4)?;
        let ty = self.ty(i)?;
        let flags = float_flags(i);
        let bits = ty.bits();
        let op = match ty {
            Type::F32 if flags.plain() => Op::FmaF32,
            Type::F32 if flags.only_ftz() => Op::FmaFtzF32,
            Type::F64 if flags.plain() => Op::FmaF64,
            _ => {
                return self.configured(
                    i,
                    bits,
                    &[bits, bits, bits],
                    rare::float("fma", ty, &flags),
                );
            }
        };
        let a = self.source(&i.operands[1], bits)?;
        let b = self.source(&i.operands[2], bits)?;
        let c = self.source(&i.operands[3], bits)?;
        let out = self.result(&i.operands[0], bits)?;
        self.op(op, out.d, a, b, c);
        self.finish(out, false)
    }

    fn mul24(&mut self, i: &Instruction<'a>) -> Result<()> {
        let ty = self.ty(i)?;
        let hi = i.modifiers.contains(&"hi");
        if i.op == "mul24" {
            return self.lane_op(i, ty, 32, &[32, 32], rare::mul24(ty, hi));
        }
        if i.modifiers.contains(&"sat") {
            return Err(self.unsupported(i));
        }
        self.lane_op(i, ty, 32, &[32, 32, 32], rare::mad24(ty, hi))
    }

    fn sad(&mut self, i: &Instruction<'a>) -> Result<()> {
        let ty = self.ty(i)?;
        let bits = ty.bits();
        self.lane_op(i, ty, bits, &[bits, bits, bits], rare::sad(ty))
    }

    fn unary(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 2..=2)?;
        let ty = self.ty(i)?;
        let bits = ty.bits();
        if ty.is_integer() && bits <= 64 {
            let (op32, op64) = match i.op {
                "abs" => (Op::Abs32, Op::Abs64),
                "neg" => (Op::Neg32, Op::Neg64),
                _ => return Err(self.invalid(format!("wrong type for '{}'", i.text))),
            };
            let mut a = self.source(&i.operands[1], bits)?;
            if bits < 32 {
                a = self.extend_small(a, bits, true);
            }
            return self.int_result(&i.operands[0], ty, |s, d| {
                s.op(if bits == 64 { op64 } else { op32 }, d, a, TRUE, TRUE);
            });
        }
        let flags = float_flags(i);
        let op = match (i.op, ty) {
            ("sqrt", Type::F32) if !flags.ftz && flags.nearest() => Op::SqrtF32,
            ("rcp", Type::F32) if !flags.ftz && flags.nearest() => Op::RcpF32,
            ("sqrt", Type::F64) if flags.nearest() => Op::SqrtF64,
            ("rcp", Type::F64) if flags.nearest() && !flags.approx => Op::RcpF64,
            _ => return self.configured(i, bits, &[bits], rare::float(i.op, ty, &flags)),
        };
        let a = self.source(&i.operands[1], bits)?;
        let out = self.result(&i.operands[0], bits)?;
        self.op(op, out.d, a, TRUE, TRUE);
        self.finish(out, false)
    }

    fn bits(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 2..=2)?;
        let ty = self.ty(i)?;
        let bits = ty.bits();
        if !matches!(bits, 32 | 64) || !ty.is_integer() {
            return Err(self.invalid(format!("wrong type for '{}'", i.text)));
        }
        let op = match (i.op, bits) {
            ("popc", 32) => Op::Popc32,
            ("popc", _) => Op::Popc64,
            ("clz", 32) => Op::Clz32,
            ("clz", _) => Op::Clz64,
            ("brev", 32) => Op::Brev32,
            ("brev", _) => return self.lane_op(i, ty, 64, &[64], rare::brev64()),
            _ => {
                let amount = i.modifiers.contains(&"shiftamt");
                return self.lane_op(i, Type::U32, 32, &[bits], rare::bfind(ty, amount));
            }
        };
        let a = self.source(&i.operands[1], bits)?;
        let out = self.result(&i.operands[0], 32)?;
        self.op(op, out.d, a, TRUE, TRUE);
        self.finish(out, false)
    }

    fn logic(&mut self, i: &Instruction<'a>) -> Result<()> {
        let ty = self.ty(i)?;
        let bits = ty.bits();
        if ty == Type::Pred {
            let op = match i.op {
                "and" => Op::AndPred,
                "or" => Op::OrPred,
                "xor" => Op::XorPred,
                "not" => Op::NotPred,
                _ => return Err(self.invalid(format!("wrong type for '{}'", i.text))),
            };
            let binary = i.op != "not";
            self.arity(i, 2 + usize::from(binary)..=2 + usize::from(binary))?;
            let a = self.source(&i.operands[1], 1)?;
            let b = if binary {
                self.source(&i.operands[2], 1)?
            } else {
                TRUE
            };
            let out = self.result(&i.operands[0], 1)?;
            self.op(op, out.d, a, b, TRUE);
            return self.finish(out, false);
        }
        if bits > 64 {
            return Err(self.invalid(format!("wrong type for '{}'", i.text)));
        }
        match i.op {
            "and" => self.int2(i, ty, Op::And32, Op::And64),
            "or" => self.int2(i, ty, Op::Or32, Op::Or64),
            "xor" => self.int2(i, ty, Op::Xor32, Op::Xor64),
            "cnot" => self.lane_op(i, ty, bits, &[bits], rare::cnot()),
            _ => {
                self.arity(i, 2..=2)?;
                let a = self.source(&i.operands[1], bits)?;
                self.int_result(&i.operands[0], ty, |s, d| {
                    s.op(
                        if bits == 64 { Op::Not64 } else { Op::Not32 },
                        d,
                        a,
                        TRUE,
                        TRUE,
                    );
                })
            }
        }
    }

    fn shift(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 3..=3)?;
        let ty = self.ty(i)?;
        let bits = ty.bits();
        if !ty.is_integer() || bits > 64 {
            return Err(self.invalid(format!("wrong type for '{}'", i.text)));
        }
        let mut a = self.source(&i.operands[1], bits)?;
        let b = self.source(&i.operands[2], 32)?;
        let signed = ty.is_signed();
        if bits < 32 && signed {
            a = self.extend_small(a, bits, true);
        }
        let op = match (i.op, signed, bits) {
            ("shl", _, 64) => Op::Shl64,
            ("shl", ..) => Op::Shl32,
            (_, true, 64) => Op::ShrS64,
            (_, true, _) => Op::ShrS32,
            (_, false, 64) => Op::ShrU64,
            _ => Op::ShrU32,
        };
        self.int_result(&i.operands[0], ty, |s, d| s.op(op, d, a, b, TRUE))
    }

    fn lop3(&mut self, i: &Instruction<'a>) -> Result<()> {
        // `lop3.BoolOp.b32 d|p, a, b, c, immLut, q` also makes a predicate.
        self.arity(i, 5..=6)?;
        let (d, p) = match &i.operands[0] {
            Operand::Pair(d, p) => ((**d).clone(), Some((**p).clone())),
            d => (d.clone(), None),
        };
        let a = self.source(&i.operands[1], 32)?;
        let b = self.source(&i.operands[2], 32)?;
        let c = self.source(&i.operands[3], 32)?;
        let Operand::Int(table) = i.operands[4] else {
            return Err(self.invalid("the table of lop3 must be a constant"));
        };
        let out = self.result(&d, 32)?;
        let t = self.temp(Class::R32);
        let x = table as u64 & 0xff;
        if let (Some(p), Some(q)) = (p, i.operands.get(5)) {
            let q = self.source(q, 1)?;
            self.emit(Inst {
                d: t,
                a,
                b,
                c,
                x,
                ..Inst::new(Op::Lop3)
            });
            let nonzero = self.temp(Class::Pred);
            let zero = self.c32(0);
            self.emit(Inst {
                flags: Cmp::Ne as u16,
                d: nonzero,
                a: t,
                b: zero,
                ..Inst::new(Op::SetpU32)
            });
            let p = self.result(&p, 1)?;
            self.op(
                if i.modifiers.contains(&"and") {
                    Op::AndPred
                } else {
                    Op::OrPred
                },
                p.d,
                nonzero,
                q,
                TRUE,
            );
            self.op(Op::Mov32, out.d, t, TRUE, TRUE);
        } else {
            self.emit(Inst {
                d: out.d,
                a,
                b,
                c,
                x,
                ..Inst::new(Op::Lop3)
            });
        }
        self.finish(out, false)
    }

    fn funnel(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 4..=4)?;
        let a = self.source(&i.operands[1], 32)?;
        let b = self.source(&i.operands[2], 32)?;
        let c = self.source(&i.operands[3], 32)?;
        let out = self.result(&i.operands[0], 32)?;
        let op = if i.modifiers.contains(&"l") {
            Op::ShfL
        } else {
            Op::ShfR
        };
        let flags = u16::from(i.modifiers.contains(&"wrap"));
        self.emit(Inst {
            flags,
            d: out.d,
            a,
            b,
            c,
            ..Inst::new(op)
        });
        self.finish(out, false)
    }

    fn bfe(&mut self, i: &Instruction<'a>) -> Result<()> {
        let ty = self.ty(i)?;
        if ty.bits() == 64 {
            return self.lane_op(i, ty, 64, &[64, 32, 32], rare::bfe64(ty));
        }
        self.arity(i, 4..=4)?;
        let a = self.source(&i.operands[1], 32)?;
        let b = self.source(&i.operands[2], 32)?;
        let c = self.source(&i.operands[3], 32)?;
        let out = self.result(&i.operands[0], 32)?;
        self.op(
            if ty.is_signed() {
                Op::BfeS32
            } else {
                Op::BfeU32
            },
            out.d,
            a,
            b,
            c,
        );
        self.finish(out, false)
    }

    fn bfi(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 5..=5)?;
        let bits = self.ty(i)?.bits();
        let a = self.source(&i.operands[1], bits)?;
        let b = self.source(&i.operands[2], bits)?;
        let c = self.source(&i.operands[3], 32)?;
        let f = self.source(&i.operands[4], 32)?;
        let out = self.result(&i.operands[0], bits)?;
        match bits {
            32 => self.emit(Inst {
                d: out.d,
                a,
                b,
                c,
                f,
                ..Inst::new(Op::Bfi32)
            }),
            64 => {
                let flags = W64 | W64 << 2 | W64 << 4;
                let x = rare::bfi64 as LaneFn4 as usize as u64;
                self.emit(Inst {
                    flags,
                    d: out.d,
                    a,
                    b,
                    c,
                    f,
                    x,
                    ..Inst::new(Op::Lane4)
                });
            }
            _ => return Err(self.invalid(format!("wrong type for '{}'", i.text))),
        }
        self.finish(out, false)
    }

    fn prmt(&mut self, i: &Instruction<'a>) -> Result<()> {
        if let Some(mode) = i.modifiers.iter().find(|m| **m != "b32") {
            let f = rare::prmt(mode);
            return self.lane_op(i, Type::B32, 32, &[32, 32, 32], f);
        }
        self.arity(i, 4..=4)?;
        let a = self.source(&i.operands[1], 32)?;
        let b = self.source(&i.operands[2], 32)?;
        let c = self.source(&i.operands[3], 32)?;
        let out = self.result(&i.operands[0], 32)?;
        self.op(Op::Prmt, out.d, a, b, c);
        self.finish(out, false)
    }

    fn misc_integer(&mut self, i: &Instruction<'a>) -> Result<()> {
        let ty = self.ty(i)?;
        match i.op {
            "bmsk" => self.lane_op(
                i,
                ty,
                32,
                &[32, 32],
                rare::bmsk(i.modifiers.contains(&"wrap")),
            ),
            "szext" => self.lane_op(
                i,
                ty,
                32,
                &[32, 32],
                rare::szext(ty, i.modifiers.contains(&"wrap")),
            ),
            "fns" => self.lane_op(i, ty, 32, &[32, 32, 32], Some(rare::fns)),
            _ => {
                let types: Vec<Type> = i.modifiers.iter().filter_map(|m| Type::parse(m)).collect();
                let [ta, tb] = types[..] else {
                    return Err(self.invalid(format!("'{}' needs two types", i.text)));
                };
                let f = if i.op == "dp4a" {
                    rare::dp4a(ta, tb)
                } else {
                    rare::dp2a(ta, tb, i.modifiers.contains(&"hi"))
                };
                self.lane_op(i, ty, 32, &[32, 32, 32], f)
            }
        }
    }

    fn video(&mut self, i: &Instruction<'a>) -> Result<()> {
        let types: Vec<Type> = i.modifiers.iter().filter_map(|m| Type::parse(m)).collect();
        let (saturate, add) = (i.modifiers.contains(&"sat"), i.modifiers.contains(&"add"));
        let f = rare::video(i.op, &types, saturate, add);
        let known = i
            .modifiers
            .iter()
            .all(|m| Type::parse(m).is_some() || matches!(*m, "sat" | "add"));
        self.configured(i, 32, &[32, 32, 32], f.filter(|_| known))
    }

    /// Emits a comparison into a predicate temporary.
    fn compare(
        &mut self,
        i: &Instruction<'a>,
        cmp: &str,
        ty: Type,
        a: &Operand<'a>,
        b: &Operand<'a>,
    ) -> Result<u32> {
        let bits = ty.bits();
        let mut a = self.source(a, bits)?;
        let mut b = self.source(b, bits)?;
        let Some(mut cmp) = comparison(cmp, ty) else {
            return Err(self.invalid(format!("unknown comparison in '{}'", i.text)));
        };
        let op = match ty {
            Type::F32 => {
                if i.modifiers.contains(&"ftz") {
                    a = self.unary_temp(Op::FlushF32, a);
                    b = self.unary_temp(Op::FlushF32, b);
                }
                Op::SetpF32
            }
            Type::F64 => Op::SetpF64,
            Type::F16 | Type::Bf16 => {
                for v in [&mut a, &mut b] {
                    let d = self.temp(Class::R32);
                    let f = rare::widen(ty, i.modifiers.contains(&"ftz"));
                    self.lane(d, W32, [*v, TRUE, TRUE], [W32; 3], f);
                    *v = d;
                }
                Op::SetpF32
            }
            _ if ty.is_integer() && bits <= 64 => {
                let signed = ty.is_signed();
                if bits < 32 && signed {
                    a = self.extend_small(a, bits, true);
                    b = self.extend_small(b, bits, true);
                }
                // Unsigned names of orderings are equal to the plain ones on unsigned types.
                cmp = match cmp {
                    Cmp::Ltu => Cmp::Lt,
                    Cmp::Leu => Cmp::Le,
                    Cmp::Gtu => Cmp::Gt,
                    Cmp::Geu => Cmp::Ge,
                    other => other,
                };
                match (signed, bits) {
                    (true, 64) => Op::SetpS64,
                    (true, _) => Op::SetpS32,
                    (false, 64) => Op::SetpU64,
                    (false, _) => Op::SetpU32,
                }
            }
            _ => return Err(self.unsupported(i)),
        };
        let d = self.temp(Class::Pred);
        self.emit(Inst {
            flags: cmp as u16,
            d,
            a,
            b,
            ..Inst::new(op)
        });
        Ok(d)
    }

    fn unary_temp(&mut self, op: Op, a: u32) -> u32 {
        let d = self.temp(Class::R32);
        self.op(op, d, a, TRUE, TRUE);
        d
    }

    fn setp(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 3..=4)?;
        let ty = self.ty(i)?;
        let cmp = i.modifiers.first().copied().unwrap_or("");
        let (p, q) = match &i.operands[0] {
            Operand::Pair(p, q) => ((**p).clone(), Some((**q).clone())),
            p => (p.clone(), None),
        };
        if matches!(ty, Type::F16x2 | Type::Bf16x2) {
            // One comparison for each half: `p|q`.
            let Some(q) = q else {
                return Err(self.invalid(format!("'{}' needs two destinations", i.text)));
            };
            let half = if ty == Type::F16x2 {
                Type::F16
            } else {
                Type::Bf16
            };
            let a = self.source(&i.operands[1], 32)?;
            let b = self.source(&i.operands[2], 32)?;
            let c = match i.operands.get(3) {
                Some(c) => Some(self.source(c, 1)?),
                None => None,
            };
            let Some(cmp) = comparison(cmp, Type::F32) else {
                return Err(self.invalid(format!("unknown comparison in '{}'", i.text)));
            };
            let mut results = [TRUE; 2];
            for (n, result) in results.iter_mut().enumerate() {
                let (x, y) = (self.temp(Class::R32), self.temp(Class::R32));
                let f = rare::widen_half(half, n == 1, i.modifiers.contains(&"ftz"));
                self.lane(x, W32, [a, TRUE, TRUE], [W32; 3], f);
                self.lane(y, W32, [b, TRUE, TRUE], [W32; 3], f);
                let d = self.temp(Class::Pred);
                self.emit(Inst {
                    flags: cmp as u16,
                    d,
                    a: x,
                    b: y,
                    ..Inst::new(Op::SetpF32)
                });
                *result = self.combine(i, d, c)?;
            }
            for (operand, v) in [(p, results[0]), (q, results[1])] {
                let out = self.result(&operand, 1)?;
                self.op(Op::MovPred, out.d, v, TRUE, TRUE);
                self.finish(out, false)?;
            }
            return Ok(());
        }
        // The common form needs no temporary.
        if q.is_none() && i.operands.len() == 3 {
            let t = self.compare(i, cmp, ty, &i.operands[1], &i.operands[2])?;
            let out = self.result(&p, 1)?;
            let last = self.code.last_mut().expect("the comparison was emitted");
            if out.target.is_none() && last.d == t {
                last.d = out.d;
                return Ok(());
            }
            self.op(Op::MovPred, out.d, t, TRUE, TRUE);
            return self.finish(out, false);
        }
        let c = match i.operands.get(3) {
            Some(c) => Some(self.source(c, 1)?),
            None => None,
        };
        let t = self.compare(i, cmp, ty, &i.operands[1], &i.operands[2])?;
        let first = self.combine(i, t, c)?;
        let second = match q {
            Some(_) => {
                let n = self.temp(Class::Pred);
                self.op(Op::NotPred, n, t, TRUE, TRUE);
                Some(self.combine(i, n, c)?)
            }
            None => None,
        };
        let out = self.result(&p, 1)?;
        self.op(Op::MovPred, out.d, first, TRUE, TRUE);
        self.finish(out, false)?;
        if let (Some(q), Some(second)) = (q, second) {
            let out = self.result(&q, 1)?;
            self.op(Op::MovPred, out.d, second, TRUE, TRUE);
            self.finish(out, false)?;
        }
        Ok(())
    }

    /// Combines a comparison with predicate `c` by the boolean operator in the modifiers.
    fn combine(&mut self, i: &Instruction<'a>, t: u32, c: Option<u32>) -> Result<u32> {
        let Some(c) = c else { return Ok(t) };
        let op = if i.modifiers.contains(&"and") {
            Op::AndPred
        } else if i.modifiers.contains(&"or") {
            Op::OrPred
        } else if i.modifiers.contains(&"xor") {
            Op::XorPred
        } else {
            return Err(self.invalid(format!("'{}' lacks .and, .or or .xor", i.text)));
        };
        let d = self.temp(Class::Pred);
        self.op(op, d, t, c, TRUE);
        Ok(d)
    }

    fn set(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 3..=4)?;
        let types: Vec<Type> = i.modifiers.iter().filter_map(|m| Type::parse(m)).collect();
        let cmp = i.modifiers.first().copied().unwrap_or("");
        let [td, ts] = types[..] else {
            return Err(self.invalid(format!("'{}' needs two types", i.text)));
        };
        let c = match i.operands.get(3) {
            Some(c) => Some(self.source(c, 1)?),
            None => None,
        };
        let (yes, no): (u64, u64) = match td {
            Type::F32 => (u64::from(1f32.to_bits()), 0),
            Type::F16 => (0x3c00, 0),
            Type::Bf16 => (0x3f80, 0),
            _ => (u64::MAX, 0),
        };
        if matches!(ts, Type::F16x2 | Type::Bf16x2) {
            let half = if ts == Type::F16x2 {
                Type::F16
            } else {
                Type::Bf16
            };
            let a = self.source(&i.operands[1], 32)?;
            let b = self.source(&i.operands[2], 32)?;
            let one = match td {
                Type::F16x2 => 0x3c00,
                Type::Bf16x2 => 0x3f80,
                _ => 0xffffu32,
            };
            let Some(cmp) = comparison(cmp, Type::F32) else {
                return Err(self.invalid(format!("unknown comparison in '{}'", i.text)));
            };
            let zero = self.c32(0);
            let mut parts = [zero; 2];
            for (n, part) in parts.iter_mut().enumerate() {
                let (x, y) = (self.temp(Class::R32), self.temp(Class::R32));
                let f = rare::widen_half(half, n == 1, i.modifiers.contains(&"ftz"));
                self.lane(x, W32, [a, TRUE, TRUE], [W32; 3], f);
                self.lane(y, W32, [b, TRUE, TRUE], [W32; 3], f);
                let p = self.temp(Class::Pred);
                self.emit(Inst {
                    flags: cmp as u16,
                    d: p,
                    a: x,
                    b: y,
                    ..Inst::new(Op::SetpF32)
                });
                let p = self.combine(i, p, c)?;
                let (yes, d) = (self.c32(one << (16 * n)), self.temp(Class::R32));
                self.op(Op::Selp32, d, yes, zero, p);
                *part = d;
            }
            let out = self.result(&i.operands[0], 32)?;
            self.op(Op::Or32, out.d, parts[0], parts[1], TRUE);
            return self.finish(out, false);
        }
        let t = self.compare(i, cmp, ts, &i.operands[1], &i.operands[2])?;
        let p = self.combine(i, t, c)?;
        let bits = td.bits();
        let (yes, no) = (self.number(yes, bits), self.number(no, bits));
        let out = self.result(&i.operands[0], bits)?;
        self.op(
            if bits == 64 { Op::Selp64 } else { Op::Selp32 },
            out.d,
            yes,
            no,
            p,
        );
        self.finish(out, false)
    }

    fn selp(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 4..=4)?;
        let ty = self.ty(i)?;
        let bits = reg_bits(ty);
        let a = self.source(&i.operands[1], bits)?;
        let b = self.source(&i.operands[2], bits)?;
        let c = self.source(&i.operands[3], 1)?;
        let out = self.result(&i.operands[0], bits)?;
        let op = match class_of(bits) {
            Class::R64 => Op::Selp64,
            Class::R32 => Op::Selp32,
            Class::Pred => Op::SelectPred,
            Class::R128 => return Err(self.unsupported(i)),
        };
        self.op(op, out.d, a, b, c);
        self.finish(out, false)
    }

    /// `slct.dtype.ctype d, a, b, c`: `a` if `c` >= 0.
    fn slct(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 4..=4)?;
        let types: Vec<Type> = i.modifiers.iter().filter_map(|m| Type::parse(m)).collect();
        let [td, tc] = types[..] else {
            return Err(self.invalid(format!("'{}' needs two types", i.text)));
        };
        let bits = td.bits();
        let a = self.source(&i.operands[1], bits)?;
        let b = self.source(&i.operands[2], bits)?;
        let p = self.compare(
            i,
            "ge",
            if tc == Type::F32 { tc } else { Type::S32 },
            &i.operands[3],
            &Operand::Int(0),
        )?;
        let out = self.result(&i.operands[0], bits)?;
        self.op(
            if bits == 64 { Op::Selp64 } else { Op::Selp32 },
            out.d,
            a,
            b,
            p,
        );
        self.finish(out, false)
    }

    fn testp(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 2..=2)?;
        let ty = self.ty(i)?;
        let test = i.modifiers.first().copied().unwrap_or("");
        let Some(f) = rare::testp(test, ty) else {
            return Err(self.invalid(format!("unknown test in '{}'", i.text)));
        };
        let a = self.source(&i.operands[1], ty.bits())?;
        let out = self.result(&i.operands[0], 1)?;
        self.lane(
            out.d,
            WPRED,
            [a, TRUE, TRUE],
            [width(ty.bits()), W32, W32],
            f,
        );
        self.finish(out, false)
    }

    fn mov(&mut self, i: &Instruction<'a>) -> Result<()> {
        self.arity(i, 2..=2)?;
        let ty = self.ty(i)?;
        let bits = reg_bits(ty);
        match (&i.operands[0], &i.operands[1]) {
            (Operand::Vector(d), Operand::Vector(s)) if d.len() == s.len() => {
                let mut values = Vec::with_capacity(s.len());
                for s in s {
                    values.push(self.source(s, bits)?);
                }
                for (d, v) in d.iter().zip(values) {
                    self.move_to(d, v, bits)?;
                }
                Ok(())
            }
            (Operand::Vector(d), source) => {
                let v = self.source(source, bits)?;
                self.unpack(i, d, v, bits)
            }
            (d, Operand::Vector(s)) => {
                let v = self.pack(i, s, bits)?;
                self.move_to(d, v, bits)
            }
            (d, Operand::Name(name)) => {
                // Moves of whole vector registers.
                if let (Some(Name::Vector(from)), Operand::Name(to)) = (self.lookup(name), d)
                    && let Some(Name::Vector(to)) = self.lookup(to)
                    && from.len() == to.len()
                {
                    for (t, f) in to.into_iter().zip(from) {
                        self.op(
                            if bits == 64 { Op::Mov64 } else { Op::Mov32 },
                            t,
                            f,
                            TRUE,
                            TRUE,
                        );
                    }
                    return Ok(());
                }
                let v = self.source(&i.operands[1], bits)?;
                self.move_to(d, v, bits)
            }
            (d, s) => {
                let v = self.source(s, bits)?;
                self.move_to(d, v, bits)
            }
        }
    }

    fn move_to(&mut self, d: &Operand<'a>, v: u32, bits: u32) -> Result<()> {
        if matches!(d, Operand::Sink) {
            return Ok(());
        }
        let out = self.result(d, bits)?;
        let op = match class_of(bits) {
            Class::Pred => Op::MovPred,
            Class::R32 => Op::Mov32,
            Class::R64 => Op::Mov64,
            Class::R128 => Op::Mov128,
        };
        self.op(op, out.d, v, TRUE, TRUE);
        self.finish(out, false)
    }

    /// `{a, b, ...}` as one value of `bits` bits, first element lowest.
    fn pack(&mut self, i: &Instruction<'a>, items: &[Operand<'a>], bits: u32) -> Result<u32> {
        let n = items.len() as u32;
        if !matches!(n, 2 | 4 | 8 | 16) || bits / n < 8 || bits < 16 {
            return Err(self.invalid(format!("wrong number of elements for '{}'", i.text)));
        }
        let each = bits / n;
        let mut values = Vec::with_capacity(items.len());
        for item in items {
            values.push(self.source(item, each)?);
        }
        let mut each = each;
        while values.len() > 1 {
            let mut wider = Vec::with_capacity(values.len() / 2);
            for pair in values.chunks(2) {
                let (low, high) = (pair[0], pair[1]);
                let d = match each {
                    64 => {
                        let d = self.temp(Class::R128);
                        self.op(Op::Pack128, d, low, high, TRUE);
                        d
                    }
                    32 => {
                        let d = self.temp(Class::R64);
                        self.op(Op::Pack64, d, low, high, TRUE);
                        d
                    }
                    _ => {
                        let (t, d) = (self.temp(Class::R32), self.temp(Class::R32));
                        let n = self.c32(each);
                        self.op(Op::Shl32, t, high, n, TRUE);
                        self.op(Op::Or32, d, t, low, TRUE);
                        d
                    }
                };
                wider.push(d);
            }
            values = wider;
            each *= 2;
        }
        Ok(values[0])
    }

    /// One value of `bits` bits into `{a, b, ...}`.
    fn unpack(
        &mut self,
        i: &Instruction<'a>,
        items: &[Operand<'a>],
        v: u32,
        bits: u32,
    ) -> Result<()> {
        let n = items.len() as u32;
        if !matches!(n, 2 | 4 | 8 | 16) || bits / n < 8 || bits < 16 {
            return Err(self.invalid(format!("wrong number of elements for '{}'", i.text)));
        }
        let mut values = vec![v];
        let mut each = bits;
        while values.len() < items.len() {
            let half = each / 2;
            let mut narrower = Vec::with_capacity(values.len() * 2);
            for v in values {
                let (low, high) = match each {
                    128 => {
                        let (d, e) = (self.temp(Class::R64), self.temp(Class::R64));
                        self.emit(Inst {
                            d,
                            e,
                            a: v,
                            ..Inst::new(Op::Unpack128)
                        });
                        (d, e)
                    }
                    64 => {
                        let (d, e) = (self.temp(Class::R32), self.temp(Class::R32));
                        self.emit(Inst {
                            d,
                            e,
                            a: v,
                            ..Inst::new(Op::Unpack64)
                        });
                        (d, e)
                    }
                    _ => {
                        let low = self.extend_small(v, half, false);
                        let (high, n) = (self.temp(Class::R32), self.c32(half));
                        self.op(Op::ShrU32, high, v, n, TRUE);
                        (low, high)
                    }
                };
                narrower.extend([low, high]);
            }
            values = narrower;
            each = half;
        }
        for (item, v) in items.iter().zip(values) {
            self.move_to(item, v, each)?;
        }
        Ok(())
    }

    fn cvt(&mut self, i: &Instruction<'a>) -> Result<()> {
        if i.modifiers.contains(&"pack") {
            return self.cvt_pack(i);
        }
        let types: Vec<Type> = i.modifiers.iter().filter_map(|m| Type::parse(m)).collect();
        let flags = float_flags(i);
        let [to, from] = types[..] else {
            return Err(self.unsupported(i));
        };
        if i.operands.len() == 3 {
            // `cvt.rn.f16x2.f32 d, a, b`: a goes to the upper half.
            let f = rare::cvt_pair(to, from, &flags);
            return self.configured(i, to.bits(), &[from.bits(), from.bits()], f);
        }
        self.arity(i, 2..=2)?;
        if to.is_integer() && from.is_integer() && !flags.sat {
            // Truncate to the narrower of the two, extend by the source's sign.
            let narrow = to.bits().min(from.bits());
            let a = self.source_of_any_width(&i.operands[1], from.bits())?;
            let target = self.dest(&i.operands[0], class_of(to.bits()))?;
            let reg = self.reg(target);
            let signed = if from.bits() < to.bits() {
                from.is_signed()
            } else {
                to.is_signed()
            };
            if from.bits() == 64 && to.bits() == 64 {
                self.op(Op::Mov64, target, a, TRUE, TRUE);
                return Ok(());
            }
            let mut v = a;
            if from.bits() == 64 {
                v = self.temp(Class::R32);
                self.op(Op::Truncate, v, a, TRUE, TRUE);
            }
            v = self.extend_small(v, narrow, signed);
            if to.bits() < 32 && from.bits() < to.bits() && signed {
                // Sign-extended to 16 bits; what is above depends on the destination register below.
            }
            match (reg.class, to.bits()) {
                (Class::R64, 64) => {
                    self.op(
                        if from.is_signed() {
                            Op::ExtendS
                        } else {
                            Op::ExtendU
                        },
                        target,
                        v,
                        TRUE,
                        TRUE,
                    );
                }
                (Class::R64, _) => self.op(
                    if to.is_signed() {
                        Op::ExtendS
                    } else {
                        Op::ExtendU
                    },
                    target,
                    v,
                    TRUE,
                    TRUE,
                ),
                (Class::R32, _) => {
                    if to.bits() == 16 && narrow < 16 && reg.bits > 16 {
                        v = self.extend_small(v, 16, to.is_signed());
                    }
                    if reg.bits < 32 {
                        v = self.extend_small(v, reg.bits, false);
                    }
                    self.op(Op::Mov32, target, v, TRUE, TRUE);
                }
                _ => return Err(self.invalid(format!("wrong destination for '{}'", i.text))),
            }
            return Ok(());
        }
        let a = self.source_of_any_width(&i.operands[1], from.bits())?;
        let out = self.result(&i.operands[0], to.bits())?;
        let native = match (to, from) {
            (Type::F32, Type::S32) if flags.nearest() && !flags.sat => Some(Op::F32FromS32),
            (Type::F32, Type::U32) if flags.nearest() && !flags.sat => Some(Op::F32FromU32),
            (Type::F64, Type::S32) => Some(Op::F64FromS32),
            (Type::F64, Type::U32) => Some(Op::F64FromU32),
            (Type::F64, Type::F32) if !flags.ftz && !flags.sat => Some(Op::F64FromF32),
            (Type::F32, Type::F64) if flags.nearest() && !flags.ftz && !flags.sat => {
                Some(Op::F32FromF64)
            }
            (Type::S32, Type::F32) if flags.rounding == "rzi" && !flags.ftz => Some(Op::S32FromF32),
            (Type::U32, Type::F32) if flags.rounding == "rzi" && !flags.ftz => Some(Op::U32FromF32),
            (Type::S32, Type::F64) if flags.rounding == "rzi" => Some(Op::S32FromF64),
            _ => None,
        };
        match native {
            Some(op) => self.op(op, out.d, a, TRUE, TRUE),
            None => {
                let Some((f, config)) = rare::cvt(to, from, &flags) else {
                    return Err(self.unsupported(i));
                };
                let config = self.c64(config);
                let flags = width(to.bits()) | width(from.bits()) << 2 | W64 << 8;
                self.emit(Inst {
                    flags,
                    d: out.d,
                    a,
                    f: config,
                    x: f as usize as u64,
                    ..Inst::new(Op::Lane4)
                });
            }
        }
        self.finish(out, to.is_signed())
    }

    /// Source of `cvt`: its register may be wider than the type.
    fn source_of_any_width(&mut self, operand: &Operand<'a>, bits: u32) -> Result<u32> {
        let v = self.source(operand, bits)?;
        if bits < 32 && v & CONST_BIT == 0 && self.reg(v).bits > bits {
            return Ok(self.extend_small(v, bits, false));
        }
        Ok(v)
    }

    fn cvt_pack(&mut self, i: &Instruction<'a>) -> Result<()> {
        let types: Vec<Type> = i.modifiers.iter().filter_map(|m| Type::parse(m)).collect();
        match types[..] {
            [to, Type::S32] => self.lane_op(i, Type::B32, 32, &[32, 32], rare::cvt_pack(to)),
            [to, Type::S32, Type::B32] => {
                self.lane_op(i, Type::B32, 32, &[32, 32, 32], rare::cvt_pack(to))
            }
            _ => Err(self.unsupported(i)),
        }
    }
}

/// Width code of a source of `bits` bits.
fn width(bits: u32) -> u16 {
    match bits {
        64 => W64,
        1 => WPRED,
        _ => W32,
    }
}

fn comparison(name: &str, ty: Type) -> Option<Cmp> {
    Some(match name {
        "eq" => Cmp::Eq,
        "ne" => Cmp::Ne,
        "lt" | "lo" => Cmp::Lt,
        "le" | "ls" => Cmp::Le,
        "gt" | "hi" => Cmp::Gt,
        "ge" | "hs" => Cmp::Ge,
        "equ" if ty.is_float() => Cmp::Equ,
        "neu" if ty.is_float() => Cmp::Neu,
        "ltu" if ty.is_float() => Cmp::Ltu,
        "leu" if ty.is_float() => Cmp::Leu,
        "gtu" if ty.is_float() => Cmp::Gtu,
        "geu" if ty.is_float() => Cmp::Geu,
        "num" if ty.is_float() => Cmp::Num,
        "nan" if ty.is_float() => Cmp::Nan,
        _ => return None,
    })
}

fn float_flags(i: &Instruction<'_>) -> FloatFlags {
    let mut flags = FloatFlags::default();
    for m in &i.modifiers {
        match *m {
            "rn" | "rz" | "rm" | "rp" | "rni" | "rzi" | "rmi" | "rpi" | "rna" => {
                flags.rounding = match *m {
                    "rn" => "rn",
                    "rz" => "rz",
                    "rm" => "rm",
                    "rp" => "rp",
                    "rni" => "rni",
                    "rzi" => "rzi",
                    "rmi" => "rmi",
                    "rna" => "rna",
                    _ => "rpi",
                }
            }
            "ftz" => flags.ftz = true,
            "sat" => flags.sat = true,
            "satfinite" => flags.satfinite = true,
            "relu" => flags.relu = true,
            "approx" => flags.approx = true,
            "full" => flags.full = true,
            "NaN" => flags.nan = true,
            "xorsign" => flags.xorsign = true,
            "abs" => flags.abs = true,
            _ => {}
        }
    }
    flags
}

fn is_video(op: &str) -> bool {
    matches!(
        op,
        "vadd" | "vsub" | "vabsdiff" | "vmin" | "vmax" | "vshl" | "vshr" | "vmad" | "vset"
    ) || matches!(
        op.trim_end_matches(['2', '4']),
        "vadd" | "vsub" | "vavrg" | "vabsdiff" | "vmin" | "vmax" | "vset"
    )
}
