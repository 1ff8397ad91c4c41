//! Arithmetic on 32 lanes at once.
//!
//! Each operation computes all lanes into a temporary and then writes those that are enabled; the loops have a fixed
//! length and no branches, so the compiler makes vector code of them.

use std::mem::MaybeUninit;

use super::super::ir::*;
use super::super::memory::{CODE_WINDOW, LOCAL_WINDOW, PARAM_WINDOW, SHARED_WINDOW};
use super::Cpu;

/// All lanes.
const FULL: u32 = u32::MAX;

impl Cpu<'_> {
    /// Address of an operand.
    #[inline(always)]
    pub(super) fn at(&self, operand: u32) -> *mut u8 {
        let base = if operand & CONST_BIT != 0 {
            self.consts.cast_mut()
        } else {
            self.regs
        };
        // The offset is in bounds for every operand of compiled code; nothing is accessed here.
        base.wrapping_add((operand & !CONST_BIT) as usize)
    }

    /// A source: one value a lane.
    #[inline(always)]
    pub(super) fn src<T>(&self, operand: u32) -> *const [T; 32] {
        self.at(operand).cast_const().cast()
    }

    /// A predicate: one bit a lane.
    ///
    /// # Safety
    /// `operand` is a predicate of the running frame or a constant.
    #[inline(always)]
    pub(super) unsafe fn pred(&self, operand: u32) -> u32 {
        // SAFETY: the operand is in bounds and 4-byte aligned, as predicates are.
        unsafe { self.at(operand).cast_const().cast::<u32>().read() }
    }

    /// Writes the enabled lanes of a predicate.
    ///
    /// # Safety
    /// `operand` is a predicate of the running frame.
    #[inline(always)]
    pub(super) unsafe fn put_pred(&self, operand: u32, value: u32, m: u32) {
        let p = self.at(operand).cast::<u32>();
        // SAFETY: as in `pred`; results never lie in the constant area.
        unsafe { p.write(p.read() & !m | value & m) };
    }

    /// Writes the enabled lanes of a register.
    ///
    /// # Safety
    /// `operand` is a register of the running frame, as wide as `T`.
    #[inline(always)]
    pub(super) unsafe fn put<T: Copy>(&self, operand: u32, values: &[T; 32], m: u32) {
        let d = self.at(operand).cast::<[T; 32]>();
        // SAFETY: in bounds and aligned by construction of the frame; `values` is a local of the caller, not in it.
        unsafe {
            if m == FULL {
                d.write(*values);
            } else {
                blend(d, values, m);
            }
        }
    }

    #[inline(always)]
    unsafe fn un<A: Copy, D: Copy>(&self, i: &Inst, m: u32, f: impl Fn(A) -> D) {
        let a = self.src::<A>(i.a);
        let mut t = [const { MaybeUninit::<D>::uninit() }; 32];
        // SAFETY: operands are in bounds (see `Cpu::execute`); all of `t` is written before it is read.
        unsafe {
            for l in 0..32 {
                t[l].write(f((*a)[l]));
            }
            self.put::<D>(i.d, &*(&raw const t).cast(), m);
        }
    }

    #[inline(always)]
    unsafe fn bin<A: Copy, B: Copy, D: Copy>(&self, i: &Inst, m: u32, f: impl Fn(A, B) -> D) {
        let (a, b) = (self.src::<A>(i.a), self.src::<B>(i.b));
        let mut t = [const { MaybeUninit::<D>::uninit() }; 32];
        // SAFETY: as in `un`.
        unsafe {
            for l in 0..32 {
                t[l].write(f((*a)[l], (*b)[l]));
            }
            self.put::<D>(i.d, &*(&raw const t).cast(), m);
        }
    }

    #[inline(always)]
    unsafe fn tri<A: Copy, B: Copy, C: Copy, D: Copy>(
        &self,
        i: &Inst,
        m: u32,
        f: impl Fn(A, B, C) -> D,
    ) {
        let (a, b, c) = (self.src::<A>(i.a), self.src::<B>(i.b), self.src::<C>(i.c));
        let mut t = [const { MaybeUninit::<D>::uninit() }; 32];
        // SAFETY: as in `un`.
        unsafe {
            for l in 0..32 {
                t[l].write(f((*a)[l], (*b)[l], (*c)[l]));
            }
            self.put::<D>(i.d, &*(&raw const t).cast(), m);
        }
    }

    #[inline(always)]
    unsafe fn cmp<T: Copy>(&self, i: &Inst, m: u32, f: impl Fn(T, T) -> bool) {
        let (a, b) = (self.src::<T>(i.a), self.src::<T>(i.b));
        let mut r = 0u32;
        // SAFETY: as in `un`.
        unsafe {
            for l in 0..32 {
                r |= u32::from(f((*a)[l], (*b)[l])) << l;
            }
            self.put_pred(i.d, r, m);
        }
    }

    #[inline(always)]
    unsafe fn compare<T: Copy + PartialOrd>(&self, i: &Inst, m: u32) {
        // SAFETY: as in `un`.
        unsafe {
            match i.flags & !NEGATED_GUARD {
                x if x == Cmp::Eq as u16 => self.cmp::<T>(i, m, |a, b| a == b),
                x if x == Cmp::Ne as u16 => self.cmp::<T>(i, m, |a, b| a != b),
                x if x == Cmp::Lt as u16 => self.cmp::<T>(i, m, |a, b| a < b),
                x if x == Cmp::Le as u16 => self.cmp::<T>(i, m, |a, b| a <= b),
                x if x == Cmp::Gt as u16 => self.cmp::<T>(i, m, |a, b| a > b),
                _ => self.cmp::<T>(i, m, |a, b| a >= b),
            }
        }
    }

    /// Comparisons of floating-point numbers: ordered ones are false, unordered ones true when one is a NaN.
    #[inline(always)]
    #[allow(clippy::neg_cmp_op_on_partial_ord, clippy::double_comparisons)]
    unsafe fn compare_float<T: Copy + PartialOrd>(&self, i: &Inst, m: u32) {
        // SAFETY: as in `un`.
        unsafe {
            match i.flags & !NEGATED_GUARD {
                x if x == Cmp::Ne as u16 => self.cmp::<T>(i, m, |a, b| a < b || a > b),
                x if x == Cmp::Equ as u16 => self.cmp::<T>(i, m, |a, b| !(a < b || a > b)),
                x if x == Cmp::Neu as u16 => self.cmp::<T>(i, m, |a, b| a != b),
                x if x == Cmp::Ltu as u16 => self.cmp::<T>(i, m, |a, b| !(a >= b)),
                x if x == Cmp::Leu as u16 => self.cmp::<T>(i, m, |a, b| !(a > b)),
                x if x == Cmp::Gtu as u16 => self.cmp::<T>(i, m, |a, b| !(a <= b)),
                x if x == Cmp::Geu as u16 => self.cmp::<T>(i, m, |a, b| !(a < b)),
                x if x == Cmp::Num as u16 => {
                    self.cmp::<T>(i, m, |a, b| a.partial_cmp(&b).is_some())
                }
                x if x == Cmp::Nan as u16 => {
                    self.cmp::<T>(i, m, |a, b| a.partial_cmp(&b).is_none())
                }
                _ => self.compare::<T>(i, m),
            }
        }
    }

    /// Executes `i` if it is arithmetic; `false` if not.
    ///
    /// # Safety
    /// As for [`Cpu::execute`].
    #[inline(always)]
    #[allow(clippy::too_many_lines)]
    pub(super) unsafe fn alu(&mut self, i: &Inst, m: u32) -> bool {
        // SAFETY: operands of compiled code are in bounds and of the widths that the operation has (see `Cpu::execute`).
        unsafe {
            match i.op {
                Op::Nop => {}
                Op::Mov32 => self.un::<u32, u32>(i, m, |a| a),
                Op::Mov64 => self.un::<u64, u64>(i, m, |a| a),
                Op::Pack64 => {
                    self.bin::<u32, u32, u64>(i, m, |a, b| u64::from(a) | u64::from(b) << 32)
                }
                Op::Unpack64 => {
                    let a = *self.src::<u64>(i.a);
                    self.put::<u32>(i.d, &a.map(|a| a as u32), m);
                    self.put::<u32>(i.e, &a.map(|a| (a >> 32) as u32), m);
                }
                Op::MovPred => self.put_pred(i.d, self.pred(i.a), m),
                Op::NotPred => self.put_pred(i.d, !self.pred(i.a), m),
                Op::AndPred => self.put_pred(i.d, self.pred(i.a) & self.pred(i.b), m),
                Op::OrPred => self.put_pred(i.d, self.pred(i.a) | self.pred(i.b), m),
                Op::XorPred => self.put_pred(i.d, self.pred(i.a) ^ self.pred(i.b), m),
                Op::SelectPred => {
                    let c = self.pred(i.c);
                    self.put_pred(i.d, self.pred(i.a) & c | self.pred(i.b) & !c, m);
                }

                Op::Add32 => self.bin::<u32, u32, u32>(i, m, u32::wrapping_add),
                Op::Sub32 => self.bin::<u32, u32, u32>(i, m, u32::wrapping_sub),
                Op::Mul32 => self.bin::<u32, u32, u32>(i, m, u32::wrapping_mul),
                Op::Mad32 => self
                    .tri::<u32, u32, u32, u32>(i, m, |a, b, c| a.wrapping_mul(b).wrapping_add(c)),
                Op::And32 => self.bin::<u32, u32, u32>(i, m, |a, b| a & b),
                Op::Or32 => self.bin::<u32, u32, u32>(i, m, |a, b| a | b),
                Op::Xor32 => self.bin::<u32, u32, u32>(i, m, |a, b| a ^ b),
                Op::Not32 => self.un::<u32, u32>(i, m, |a| !a),
                Op::Neg32 => self.un::<u32, u32>(i, m, u32::wrapping_neg),
                Op::Abs32 => self.un::<i32, i32>(i, m, i32::wrapping_abs),
                Op::Shl32 => {
                    self.bin::<u32, u32, u32>(i, m, |a, b| if b > 31 { 0 } else { a << (b & 31) })
                }
                Op::ShrU32 => {
                    self.bin::<u32, u32, u32>(i, m, |a, b| if b > 31 { 0 } else { a >> (b & 31) })
                }
                Op::ShrS32 => self.bin::<i32, u32, i32>(i, m, |a, b| a >> (b.min(31) & 31)),
                Op::MinU32 => self.bin::<u32, u32, u32>(i, m, u32::min),
                Op::MaxU32 => self.bin::<u32, u32, u32>(i, m, u32::max),
                Op::MinS32 => self.bin::<i32, i32, i32>(i, m, i32::min),
                Op::MaxS32 => self.bin::<i32, i32, i32>(i, m, i32::max),
                Op::DivU32 => {
                    self.bin::<u32, u32, u32>(i, m, |a, b| a.checked_div(b).unwrap_or(u32::MAX))
                }
                Op::DivS32 => self
                    .bin::<i32, i32, i32>(i, m, |a, b| if b == 0 { -1 } else { a.wrapping_div(b) }),
                Op::RemU32 => self.bin::<u32, u32, u32>(i, m, |a, b| a.checked_rem(b).unwrap_or(a)),
                Op::RemS32 => self
                    .bin::<i32, i32, i32>(i, m, |a, b| if b == 0 { a } else { a.wrapping_rem(b) }),
                Op::MulHiU32 => self.bin::<u32, u32, u32>(i, m, |a, b| {
                    ((u64::from(a) * u64::from(b)) >> 32) as u32
                }),
                Op::MulHiS32 => self.bin::<i32, i32, i32>(i, m, |a, b| {
                    ((i64::from(a) * i64::from(b)) >> 32) as i32
                }),
                Op::Popc32 => self.un::<u32, u32>(i, m, u32::count_ones),
                Op::Clz32 => self.un::<u32, u32>(i, m, u32::leading_zeros),
                Op::Brev32 => self.un::<u32, u32>(i, m, u32::reverse_bits),
                Op::Sext8 => self.un::<u32, i32>(i, m, |a| i32::from(a as i8)),
                Op::Sext16 => self.un::<u32, i32>(i, m, |a| i32::from(a as i16)),
                Op::Zext8 => self.un::<u32, u32>(i, m, |a| a & 0xff),
                Op::Zext16 => self.un::<u32, u32>(i, m, |a| a & 0xffff),
                Op::Lop3 => {
                    // Each bit of the table stands for one combination of the three inputs.
                    let t: [u32; 8] =
                        std::array::from_fn(|n| if i.x >> n & 1 != 0 { u32::MAX } else { 0 });
                    self.tri::<u32, u32, u32, u32>(i, m, |a, b, c| {
                        !a & (!b & (!c & t[0] | c & t[1]) | b & (!c & t[2] | c & t[3]))
                            | a & (!b & (!c & t[4] | c & t[5]) | b & (!c & t[6] | c & t[7]))
                    });
                }
                Op::ShfL => {
                    let wrap = i.flags & 1 != 0;
                    self.tri::<u32, u32, u32, u32>(i, m, |a, b, c| {
                        let n = if wrap { c & 31 } else { c.min(32) };
                        ((u64::from(b) << 32 | u64::from(a)) << n >> 32) as u32
                    });
                }
                Op::ShfR => {
                    let wrap = i.flags & 1 != 0;
                    self.tri::<u32, u32, u32, u32>(i, m, |a, b, c| {
                        let n = if wrap { c & 31 } else { c.min(32) };
                        ((u64::from(b) << 32 | u64::from(a)) >> n) as u32
                    });
                }
                Op::Selp32 => {
                    let c = self.pred(i.c);
                    let (a, b) = (self.src::<u32>(i.a), self.src::<u32>(i.b));
                    let t: [u32; 32] =
                        std::array::from_fn(|l| if c >> l & 1 != 0 { (*a)[l] } else { (*b)[l] });
                    self.put::<u32>(i.d, &t, m);
                }
                Op::Selp64 => {
                    let c = self.pred(i.c);
                    let (a, b) = (self.src::<u64>(i.a), self.src::<u64>(i.b));
                    let t: [u64; 32] =
                        std::array::from_fn(|l| if c >> l & 1 != 0 { (*a)[l] } else { (*b)[l] });
                    self.put::<u64>(i.d, &t, m);
                }
                Op::Prmt => self.tri::<u32, u32, u32, u32>(i, m, |a, b, c| {
                    let all = u64::from(b) << 32 | u64::from(a);
                    let mut r = 0;
                    for n in 0..4 {
                        let selector = c >> (4 * n);
                        let byte = (all >> (8 * (selector & 7))) as u8;
                        let byte = if selector & 8 != 0 {
                            (byte as i8 >> 7) as u8
                        } else {
                            byte
                        };
                        r |= u32::from(byte) << (8 * n);
                    }
                    r
                }),
                Op::BfeU32 => self.tri::<u32, u32, u32, u32>(i, m, |a, b, c| {
                    let (pos, len) = (b & 0xff, c & 0xff);
                    let field = if pos > 31 { 0 } else { a >> pos };
                    if len > 31 {
                        field
                    } else {
                        field & ((1 << len) - 1)
                    }
                }),
                Op::BfeS32 => self.tri::<u32, u32, u32, u32>(i, m, |a, b, c| {
                    let (pos, len) = (b & 0xff, c & 0xff);
                    if len == 0 {
                        return 0;
                    }
                    let field = (a as i32 >> pos.min(31)) as u32;
                    if len > 31 {
                        field
                    } else {
                        ((field << (32 - len)) as i32 >> (32 - len)) as u32
                    }
                }),
                Op::Bfi32 => {
                    let f = self.src::<u32>(i.f);
                    let (a, b, c) = (
                        self.src::<u32>(i.a),
                        self.src::<u32>(i.b),
                        self.src::<u32>(i.c),
                    );
                    let t: [u32; 32] = std::array::from_fn(|l| {
                        let (pos, len) = ((*c)[l] & 0xff, (*f)[l] & 0xff);
                        let ones = if len > 31 { u32::MAX } else { (1 << len) - 1 };
                        let mask = if pos > 31 { 0 } else { ones << pos };
                        let field = if pos > 31 { 0 } else { (*a)[l] << pos };
                        (*b)[l] & !mask | field & mask
                    });
                    self.put::<u32>(i.d, &t, m);
                }

                Op::Add64 => self.bin::<u64, u64, u64>(i, m, u64::wrapping_add),
                Op::Sub64 => self.bin::<u64, u64, u64>(i, m, u64::wrapping_sub),
                Op::Mul64 => self.bin::<u64, u64, u64>(i, m, u64::wrapping_mul),
                Op::Mad64 => self
                    .tri::<u64, u64, u64, u64>(i, m, |a, b, c| a.wrapping_mul(b).wrapping_add(c)),
                Op::And64 => self.bin::<u64, u64, u64>(i, m, |a, b| a & b),
                Op::Or64 => self.bin::<u64, u64, u64>(i, m, |a, b| a | b),
                Op::Xor64 => self.bin::<u64, u64, u64>(i, m, |a, b| a ^ b),
                Op::Not64 => self.un::<u64, u64>(i, m, |a| !a),
                Op::Neg64 => self.un::<u64, u64>(i, m, u64::wrapping_neg),
                Op::Abs64 => self.un::<i64, i64>(i, m, i64::wrapping_abs),
                Op::Shl64 => {
                    self.bin::<u64, u32, u64>(i, m, |a, b| if b > 63 { 0 } else { a << (b & 63) })
                }
                Op::ShrU64 => {
                    self.bin::<u64, u32, u64>(i, m, |a, b| if b > 63 { 0 } else { a >> (b & 63) })
                }
                Op::ShrS64 => self.bin::<i64, u32, i64>(i, m, |a, b| a >> (b.min(63) & 63)),
                Op::MinU64 => self.bin::<u64, u64, u64>(i, m, u64::min),
                Op::MaxU64 => self.bin::<u64, u64, u64>(i, m, u64::max),
                Op::MinS64 => self.bin::<i64, i64, i64>(i, m, i64::min),
                Op::MaxS64 => self.bin::<i64, i64, i64>(i, m, i64::max),
                Op::DivU64 => {
                    self.bin::<u64, u64, u64>(i, m, |a, b| a.checked_div(b).unwrap_or(u64::MAX))
                }
                Op::DivS64 => self
                    .bin::<i64, i64, i64>(i, m, |a, b| if b == 0 { -1 } else { a.wrapping_div(b) }),
                Op::RemU64 => self.bin::<u64, u64, u64>(i, m, |a, b| a.checked_rem(b).unwrap_or(a)),
                Op::RemS64 => self
                    .bin::<i64, i64, i64>(i, m, |a, b| if b == 0 { a } else { a.wrapping_rem(b) }),
                Op::MulHiU64 => {
                    self.bin::<u64, u64, u64>(i, m, |a, b| {
                        ((u128::from(a) * u128::from(b)) >> 64) as u64
                    });
                }
                Op::MulHiS64 => {
                    self.bin::<i64, i64, i64>(i, m, |a, b| {
                        ((i128::from(a) * i128::from(b)) >> 64) as i64
                    });
                }
                Op::Popc64 => self.un::<u64, u32>(i, m, u64::count_ones),
                Op::Clz64 => self.un::<u64, u32>(i, m, u64::leading_zeros),
                Op::MulWideU => self.bin::<u32, u32, u64>(i, m, |a, b| u64::from(a) * u64::from(b)),
                Op::MulWideS => self.bin::<i32, i32, i64>(i, m, |a, b| i64::from(a) * i64::from(b)),
                Op::MadWideU => {
                    self.tri::<u32, u32, u64, u64>(i, m, |a, b, c| {
                        (u64::from(a) * u64::from(b)).wrapping_add(c)
                    });
                }
                Op::MadWideS => {
                    self.tri::<i32, i32, i64, i64>(i, m, |a, b, c| {
                        (i64::from(a) * i64::from(b)).wrapping_add(c)
                    });
                }
                Op::ExtendU => self.un::<u32, u64>(i, m, u64::from),
                Op::ExtendS => self.un::<i32, i64>(i, m, i64::from),
                Op::Truncate => self.un::<u64, u32>(i, m, |a| a as u32),

                Op::SetpU32 => self.compare::<u32>(i, m),
                Op::SetpS32 => self.compare::<i32>(i, m),
                Op::SetpU64 => self.compare::<u64>(i, m),
                Op::SetpS64 => self.compare::<i64>(i, m),
                Op::SetpF32 => self.compare_float::<f32>(i, m),
                Op::SetpF64 => self.compare_float::<f64>(i, m),

                Op::AddF32 => self.bin::<f32, f32, u32>(i, m, |a, b| canonical(a + b)),
                Op::SubF32 => self.bin::<f32, f32, u32>(i, m, |a, b| canonical(a - b)),
                Op::MulF32 => self.bin::<f32, f32, u32>(i, m, |a, b| canonical(a * b)),
                Op::FmaF32 => {
                    self.tri::<f32, f32, f32, u32>(i, m, |a, b, c| canonical(a.mul_add(b, c)))
                }
                Op::AddFtzF32 => {
                    self.bin::<f32, f32, u32>(i, m, |a, b| flushed(flush(a) + flush(b)))
                }
                Op::SubFtzF32 => {
                    self.bin::<f32, f32, u32>(i, m, |a, b| flushed(flush(a) - flush(b)))
                }
                Op::MulFtzF32 => {
                    self.bin::<f32, f32, u32>(i, m, |a, b| flushed(flush(a) * flush(b)))
                }
                Op::FmaFtzF32 => {
                    self.tri::<f32, f32, f32, u32>(i, m, |a, b, c| {
                        flushed(flush(a).mul_add(flush(b), flush(c)))
                    });
                }
                Op::DivF32 => self.bin::<f32, f32, u32>(i, m, |a, b| canonical(a / b)),
                Op::RcpF32 => self.un::<f32, u32>(i, m, |a| canonical(1.0 / a)),
                Op::SqrtF32 => self.un::<f32, u32>(i, m, |a| canonical(a.sqrt())),
                Op::MinF32 => self.bin::<f32, f32, u32>(i, m, |a, b| {
                    // Equal numbers may be zeros of both signs: the negative one is less.
                    let equal = f32::from_bits(a.to_bits() | b.to_bits());
                    let r = if a < b {
                        a
                    } else if b < a {
                        b
                    } else if a == b {
                        equal
                    } else if a.is_nan() {
                        b
                    } else {
                        a
                    };
                    canonical(r)
                }),
                Op::MaxF32 => self.bin::<f32, f32, u32>(i, m, |a, b| {
                    let equal = f32::from_bits(a.to_bits() & b.to_bits());
                    let r = if a > b {
                        a
                    } else if b > a {
                        b
                    } else if a == b {
                        equal
                    } else if a.is_nan() {
                        b
                    } else {
                        a
                    };
                    canonical(r)
                }),
                Op::FlushF32 => self.un::<f32, f32>(i, m, flush),
                Op::AddF64 => self.bin::<f64, f64, f64>(i, m, |a, b| a + b),
                Op::SubF64 => self.bin::<f64, f64, f64>(i, m, |a, b| a - b),
                Op::MulF64 => self.bin::<f64, f64, f64>(i, m, |a, b| a * b),
                Op::FmaF64 => self.tri::<f64, f64, f64, f64>(i, m, f64::mul_add),
                Op::DivF64 => self.bin::<f64, f64, f64>(i, m, |a, b| a / b),
                Op::RcpF64 => self.un::<f64, f64>(i, m, |a| 1.0 / a),
                Op::SqrtF64 => self.un::<f64, f64>(i, m, f64::sqrt),
                Op::MinF64 => self.bin::<f64, f64, f64>(i, m, |a, b| {
                    let equal = f64::from_bits(a.to_bits() | b.to_bits());
                    if a < b {
                        a
                    } else if b < a {
                        b
                    } else if a == b {
                        equal
                    } else if a.is_nan() {
                        b
                    } else {
                        a
                    }
                }),
                Op::MaxF64 => self.bin::<f64, f64, f64>(i, m, |a, b| {
                    let equal = f64::from_bits(a.to_bits() & b.to_bits());
                    if a > b {
                        a
                    } else if b > a {
                        b
                    } else if a == b {
                        equal
                    } else if a.is_nan() {
                        b
                    } else {
                        a
                    }
                }),
                Op::F32FromS32 => self.un::<i32, f32>(i, m, |a| a as f32),
                Op::F32FromU32 => self.un::<u32, f32>(i, m, |a| a as f32),
                Op::F64FromS32 => self.un::<i32, f64>(i, m, f64::from),
                Op::F64FromU32 => self.un::<u32, f64>(i, m, f64::from),
                Op::F64FromF32 => self.un::<f32, f64>(i, m, f64::from),
                Op::F32FromF64 => self.un::<f64, u32>(i, m, |a| canonical(a as f32)),
                Op::S32FromF32 => self.un::<f32, i32>(i, m, |a| a as i32),
                Op::U32FromF32 => self.un::<f32, u32>(i, m, |a| a as u32),
                Op::S32FromF64 => {
                    self.un::<f64, i32>(i, m, |a| if a.is_nan() { i32::MIN } else { a as i32 })
                }
                Op::AddImm64 => {
                    let x = i.x;
                    self.un::<u64, u64>(i, m, |a| a.wrapping_add(x));
                }
                _ => return false,
            }
        }
        true
    }

    /// The operations that need no speed.
    ///
    /// # Safety
    /// As for [`Cpu::execute`].
    pub(super) unsafe fn special(&mut self, i: &Inst, m: u32) {
        // SAFETY: as in `alu`.
        unsafe {
            match i.op {
                Op::Lane => {
                    // SAFETY: `x` of this operation is made from a `LaneFn` and nothing else.
                    let f = std::mem::transmute::<usize, LaneFn>(i.x as usize);
                    let flags = i.flags;
                    let (a, b, c) = (
                        self.widened(i.a, flags >> 2),
                        self.widened(i.b, flags >> 4),
                        self.widened(i.c, flags >> 6),
                    );
                    let mut t = [0u64; 32];
                    for l in 0..32 {
                        if m >> l & 1 != 0 {
                            t[l] = f(a[l], b[l], c[l]);
                        }
                    }
                    self.put_any(i.d, &t, flags, m);
                }
                Op::Lane4 => {
                    // SAFETY: `x` of this operation is made from a `LaneFn4` and nothing else.
                    let f = std::mem::transmute::<usize, LaneFn4>(i.x as usize);
                    let flags = i.flags;
                    let (a, b) = (self.widened(i.a, flags >> 2), self.widened(i.b, flags >> 4));
                    let (c, e) = (self.widened(i.c, flags >> 6), self.widened(i.f, flags >> 8));
                    let mut t = [0u64; 32];
                    for l in 0..32 {
                        if m >> l & 1 != 0 {
                            t[l] = f(a[l], b[l], c[l], e[l]);
                        }
                    }
                    self.put_any(i.d, &t, flags, m);
                }
                Op::Mov128 => {
                    let halves = [*self.src::<u64>(i.a), *self.src::<u64>(i.a + SLOT64)];
                    self.put128(i.d, &halves, m);
                }
                Op::Pack128 => {
                    let halves = [*self.src::<u64>(i.a), *self.src::<u64>(i.b)];
                    self.put128(i.d, &halves, m);
                }
                Op::Unpack128 => {
                    let low = *self.src::<u64>(i.a);
                    let high = *self.src::<u64>(i.a + SLOT64);
                    self.put::<u64>(i.d, &low, m);
                    self.put::<u64>(i.e, &high, m);
                }
                Op::AddCarry32 | Op::SubBorrow32 => {
                    let (a, b, c) = (*self.src::<u32>(i.a), *self.src::<u32>(i.b), self.pred(i.c));
                    let (mut t, mut carry) = ([0; 32], 0);
                    for l in 0..32 {
                        let input = c >> l & 1 != 0;
                        let (r, out) = if i.op == Op::AddCarry32 {
                            let (r, x) = a[l].overflowing_add(b[l]);
                            let (r, y) = r.overflowing_add(u32::from(input));
                            (r, x | y)
                        } else {
                            let (r, x) = a[l].overflowing_sub(b[l]);
                            let (r, y) = r.overflowing_sub(u32::from(input));
                            (r, x | y)
                        };
                        t[l] = r;
                        carry |= u32::from(out) << l;
                    }
                    self.put::<u32>(i.d, &t, m);
                    self.put_pred(i.e, carry, m);
                }
                Op::AddCarry64 | Op::SubBorrow64 => {
                    let (a, b, c) = (*self.src::<u64>(i.a), *self.src::<u64>(i.b), self.pred(i.c));
                    let (mut t, mut carry) = ([0; 32], 0);
                    for l in 0..32 {
                        let input = c >> l & 1 != 0;
                        let (r, out) = if i.op == Op::AddCarry64 {
                            let (r, x) = a[l].overflowing_add(b[l]);
                            let (r, y) = r.overflowing_add(u64::from(input));
                            (r, x | y)
                        } else {
                            let (r, x) = a[l].overflowing_sub(b[l]);
                            let (r, y) = r.overflowing_sub(u64::from(input));
                            (r, x | y)
                        };
                        t[l] = r;
                        carry |= u32::from(out) << l;
                    }
                    self.put::<u64>(i.d, &t, m);
                    self.put_pred(i.e, carry, m);
                }
                Op::Special32 => {
                    let t = self
                        .special_register(Special::from_number(i.x))
                        .map(|v| v as u32);
                    self.put::<u32>(i.d, &t, m);
                }
                Op::Special64 => {
                    let t = self.special_register(Special::from_number(i.x));
                    self.put::<u64>(i.d, &t, m);
                }
                Op::LeaLocal => {
                    let base = self.warp.frames[self.frame as usize].local_base;
                    self.put::<u64>(i.d, &[u64::from(base).wrapping_add(i.x); 32], m);
                }
                Op::ActiveMask => self.put::<u32>(i.d, &[m; 32], m),
                Op::IsSpace => {
                    let a = *self.src::<u64>(i.a);
                    let mut r = 0;
                    for l in 0..32 {
                        let window = a[l] & !0xffff_ffff;
                        let inside = match i.flags & !NEGATED_GUARD {
                            mem::SHARED => window == SHARED_WINDOW,
                            mem::LOCAL => window == LOCAL_WINDOW,
                            mem::PARAM => window == PARAM_WINDOW,
                            mem::GLOBAL => a[l] < CODE_WINDOW,
                            _ => false,
                        };
                        r |= u32::from(inside) << l;
                    }
                    self.put_pred(i.d, r, m);
                }
                _ => {}
            }
        }
    }

    /// A source of any width, zero-extended.
    ///
    /// # Safety
    /// `operand` is of the width that the code says.
    unsafe fn widened(&self, operand: u32, code: u16) -> [u64; 32] {
        // SAFETY: as the caller guarantees; unused operands stand for the constant area's start, which is long enough.
        unsafe {
            match code & 3 {
                W64 => *self.src::<u64>(operand),
                WPRED => {
                    let p = self.pred(operand);
                    std::array::from_fn(|l| u64::from(p >> l & 1))
                }
                _ => (*self.src::<u32>(operand)).map(u64::from),
            }
        }
    }

    /// # Safety
    /// `operand` is a result of the width that the code says.
    unsafe fn put_any(&self, operand: u32, t: &[u64; 32], code: u16, m: u32) {
        // SAFETY: as the caller guarantees.
        unsafe {
            match code & 3 {
                W64 => self.put::<u64>(operand, t, m),
                WPRED => {
                    let mut r = 0;
                    for l in 0..32 {
                        r |= ((t[l] & 1) as u32) << l;
                    }
                    self.put_pred(operand, r, m);
                }
                _ => self.put::<u32>(operand, &t.map(|v| v as u32), m),
            }
        }
    }

    /// Writes a 128-bit register: low halves, high halves.
    ///
    /// # Safety
    /// `operand` is a 128-bit register of the running frame.
    pub(super) unsafe fn put128(&self, operand: u32, halves: &[[u64; 32]; 2], m: u32) {
        // SAFETY: as the caller guarantees; the high halves follow the low ones.
        unsafe {
            self.put::<u64>(operand, &halves[0], m);
            self.put::<u64>(operand + SLOT64, &halves[1], m);
        }
    }
}

/// Writes the lanes in `m`. Kept out of the interpreter loop, so that its code does not grow by a second variant of every
/// operation.
///
/// # Safety
/// `d` is valid for reads and writes.
#[inline(never)]
unsafe fn blend<T: Copy>(d: *mut [T; 32], values: &[T; 32], m: u32) {
    // SAFETY: as the caller guarantees.
    unsafe {
        let mut new = d.read();
        for l in 0..32 {
            new[l] = if m >> l & 1 != 0 { values[l] } else { new[l] };
        }
        d.write(new);
    }
}

/// Single-precision results that are NaNs are all the same one.
#[inline(always)]
fn canonical(x: f32) -> u32 {
    if x.is_nan() { 0x7fff_ffff } else { x.to_bits() }
}

/// Flushes a subnormal to a zero of its sign.
#[inline(always)]
fn flush(x: f32) -> f32 {
    let bits = x.to_bits();
    f32::from_bits(if bits & 0x7f80_0000 == 0 {
        bits & 0x8000_0000
    } else {
        bits
    })
}

#[inline(always)]
fn flushed(x: f32) -> u32 {
    canonical(flush(x))
}
