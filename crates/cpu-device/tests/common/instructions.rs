//! Random instructions with what they have to compute, written from the PTX ISA's descriptions.

use num_bigint::BigInt;

use crate::common::Random;
use crate::exact::{BF16, F16, F32, F64, Format, Mode, Value};

/// Width of a register.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    W16,
    W32,
    W64,
}

use Kind::*;

impl Kind {
    pub const ALL: [Kind; 3] = [W16, W32, W64];

    pub fn bits(self) -> u32 {
        [16, 32, 64][self as usize]
    }

    pub fn name(self) -> &'static str {
        ["%h", "%w", "%d"][self as usize]
    }

    pub fn mask(self) -> u64 {
        u64::MAX >> (64 - self.bits())
    }

    pub fn literal(self, value: u64) -> String {
        format!("{:#x}", value & self.mask())
    }

    /// A random value, often a special one of some type that the register may hold.
    pub fn value(self, r: &mut Random) -> u64 {
        let half = |r: &mut Random| {
            const SPECIAL: [u64; 12] = [
                0, 0x8000, 0x3c00, 0x3f80, 0x7c00, 0xff80, 0x7fff, 1, 0x83ff, 0x7bff, 0x0400,
                0x0080,
            ];
            if r.below(3) == 0 {
                SPECIAL[r.below(12) as usize]
            } else {
                r.next() & 0xffff
            }
        };
        self.mask()
            & match (self, r.below(3)) {
                (_, 0) => r.integer(),
                (W16, _) => half(r),
                (W32, 1) => half(r) | half(r) << 16,
                (W32, _) => u64::from(r.f32()),
                (W64, 1) => r.f64(),
                (W64, _) => match r.below(3) {
                    // Where results are subnormal, or overflow.
                    0 => r.next() & 0x800f_ffff_ffff_ffff | r.below(80) << 52,
                    1 => r.next() & 0x800f_ffff_ffff_ffff | (1960 + r.below(87)) << 52,
                    _ => r.next() & 0xc00f_ffff_ffff_ffff | (400 + r.below(250)) << 52,
                },
            }
    }
}

/// What a result has to be.
#[derive(Clone, Copy, Debug)]
pub enum Check {
    /// These bits.
    Bits(u64),
    /// These bits, or any NaN for a NaN.
    Number(u64, Format),
    /// An f32 that differs by no more than a part of the value, or than an absolute bound.
    Near(f64, f64, f64),
    /// Whatever the hardware does.
    Unspecified,
}

use Check::*;

impl Check {
    pub fn accepts(self, got: u64, kind: Kind) -> bool {
        match self {
            Bits(want) => got == want & kind.mask(),
            Number(want, f) => got == want || f.is_nan(want) && f.is_nan(got),
            Near(want, relative, absolute) => {
                let got = f64::from(f32::from_bits(got as u32));
                let error = (got - want).abs();
                got == want
                    || got.is_nan() && want.is_nan()
                    || error <= absolute.max(want.abs() * relative)
                    || want.abs() > f64::from(f32::MAX)
                        && got.is_infinite()
                        && (got > 0.0) == (want > 0.0)
            }
            Unspecified => true,
        }
    }
}

pub struct Instruction {
    /// The text, with `{d}` for the result and `{a}`, `{b}`, `{c}`, `{e}` for the sources.
    pub text: String,
    pub destination: Kind,
    pub sources: Vec<Kind>,
    /// Sources may be integer literals.
    pub immediate: bool,
    pub reference: Box<dyn Fn([u64; 4]) -> Check>,
}

pub fn random(r: &mut Random) -> Instruction {
    match r.below(10) {
        0 | 1 => integer(r),
        2 | 3 => bits(r),
        4 | 5 => float(r),
        6 => half(r),
        7 => comparison(r),
        8 => conversion(r),
        _ => approximate(r),
    }
}

fn new(
    text: String,
    destination: Kind,
    sources: &[Kind],
    reference: impl Fn([u64; 4]) -> Check + 'static,
) -> Instruction {
    Instruction {
        text,
        destination,
        sources: sources.to_vec(),
        immediate: false,
        reference: Box::new(reference),
    }
}

fn choose<T: Copy>(r: &mut Random, from: &[T]) -> T {
    from[r.below(from.len() as u64) as usize]
}

/// One of the modifiers, or none.
fn maybe(r: &mut Random, modifier: &'static str) -> &'static str {
    choose(r, &["", modifier])
}

fn kind(bits: u32) -> Kind {
    match bits {
        64 => W64,
        32 => W32,
        _ => W16,
    }
}

fn extend(x: u64, bits: u32, signed: bool) -> i128 {
    let x = i128::from(x) & ((1 << bits) - 1);
    if signed && x >> (bits - 1) != 0 {
        x - (1 << bits)
    } else {
        x
    }
}

fn integer(r: &mut Random) -> Instruction {
    let signed = r.below(2) == 0;
    let bits = choose(r, &[16, 32, 32, 64]);
    let t = format!("{}{bits}", if signed { 's' } else { 'u' });
    let (k, w) = (kind(bits), kind(2 * bits));
    let x = move |v: u64| extend(v, bits, signed);
    // The upper half of a product that may have 128 bits.
    let high = move |a: u64, b: u64| {
        if bits == 64 && !signed {
            ((u128::from(a) * u128::from(b)) >> 64) as i128
        } else {
            (x(a) * x(b)) >> bits
        }
    };
    let low = move |a: u64, b: u64| x(a).wrapping_mul(x(b));
    let ok = |v: i128| Bits(v as u64);
    let s32 = |v: u64| i128::from(v as i32);
    let mut i = match r.below(22) {
        0 => new(
            format!("add.{t} {{d}}, {{a}}, {{b}};"),
            k,
            &[k, k],
            move |v| ok(x(v[0]) + x(v[1])),
        ),
        1 => new(
            format!("sub.{t} {{d}}, {{a}}, {{b}};"),
            k,
            &[k, k],
            move |v| ok(x(v[0]) - x(v[1])),
        ),
        2 => new(
            format!("mul.lo.{t} {{d}}, {{a}}, {{b}};"),
            k,
            &[k, k],
            move |v| ok(low(v[0], v[1])),
        ),
        3 => new(
            format!("mul.hi.{t} {{d}}, {{a}}, {{b}};"),
            k,
            &[k, k],
            move |v| ok(high(v[0], v[1])),
        ),
        4 if bits < 64 => new(
            format!("mul.wide.{t} {{d}}, {{a}}, {{b}};"),
            w,
            &[k, k],
            move |v| ok(low(v[0], v[1])),
        ),
        5 if bits < 64 => new(
            format!("mad.wide.{t} {{d}}, {{a}}, {{b}}, {{c}};"),
            w,
            &[k, k, w],
            move |v| ok(low(v[0], v[1]) + i128::from(v[2])),
        ),
        4 | 6 => new(
            format!("mad.lo.{t} {{d}}, {{a}}, {{b}}, {{c}};"),
            k,
            &[k, k, k],
            move |v| ok(low(v[0], v[1]).wrapping_add(x(v[2]))),
        ),
        5 | 7 => new(
            format!("mad.hi.{t} {{d}}, {{a}}, {{b}}, {{c}};"),
            k,
            &[k, k, k],
            move |v| ok(high(v[0], v[1]) + x(v[2])),
        ),
        8 => new(
            format!("div.{t} {{d}}, {{a}}, {{b}};"),
            k,
            &[k, k],
            move |v| match x(v[1]) {
                0 => Unspecified,
                b => ok(x(v[0]) / b),
            },
        ),
        9 => new(
            format!("rem.{t} {{d}}, {{a}}, {{b}};"),
            k,
            &[k, k],
            move |v| match x(v[1]) {
                0 => Unspecified,
                b => ok(x(v[0]) % b),
            },
        ),
        10 => new(
            format!("min.{t} {{d}}, {{a}}, {{b}};"),
            k,
            &[k, k],
            move |v| ok(x(v[0]).min(x(v[1]))),
        ),
        11 => new(
            format!("max.{t} {{d}}, {{a}}, {{b}};"),
            k,
            &[k, k],
            move |v| ok(x(v[0]).max(x(v[1]))),
        ),
        12 => new(format!("abs.s{bits} {{d}}, {{a}};"), k, &[k], move |v| {
            ok(extend(v[0], bits, true).abs())
        }),
        13 => new(format!("neg.s{bits} {{d}}, {{a}};"), k, &[k], move |v| {
            ok(-extend(v[0], bits, true))
        }),
        14 => new(
            format!("sad.{t} {{d}}, {{a}}, {{b}}, {{c}};"),
            k,
            &[k, k, k],
            move |v| ok((x(v[0]) - x(v[1])).abs() + x(v[2])),
        ),
        15 => {
            let subtract = r.below(2) == 0;
            let op = if subtract { "sub" } else { "add" };
            new(
                format!("{op}.sat.s32 {{d}}, {{a}}, {{b}};"),
                W32,
                &[W32, W32],
                move |v| {
                    let b = if subtract { -s32(v[1]) } else { s32(v[1]) };
                    ok((s32(v[0]) + b).clamp(-1 << 31, (1 << 31) - 1))
                },
            )
        }
        16 => new(
            "mad.hi.sat.s32 {d}, {a}, {b}, {c};".into(),
            W32,
            &[W32; 3],
            move |v| {
                ok((((s32(v[0]) * s32(v[1])) >> 32) + s32(v[2])).clamp(-1 << 31, (1 << 31) - 1))
            },
        ),
        17 => {
            let least = r.below(2) == 0;
            let op = if least { "min" } else { "max" };
            new(
                format!("{op}.relu.s32 {{d}}, {{a}}, {{b}};"),
                W32,
                &[W32, W32],
                move |v| {
                    let (a, b) = (s32(v[0]), s32(v[1]));
                    ok(if least { a.min(b) } else { a.max(b) }.max(0))
                },
            )
        }
        18 => {
            let (upper, add) = (r.below(2) == 0, r.below(2) == 0);
            let t = if signed { "s32" } else { "u32" };
            let op = if add { "mad24" } else { "mul24" };
            let half = if upper { "hi" } else { "lo" };
            let c = if add { ", {c}" } else { "" };
            new(
                format!("{op}.{half}.{t} {{d}}, {{a}}, {{b}}{c};"),
                W32,
                &[W32; 3][..2 + usize::from(add)],
                move |v| {
                    let p = extend(v[0], 24, signed) * extend(v[1], 24, signed);
                    ok((p >> if upper { 16 } else { 0 }) + if add { i128::from(v[2]) } else { 0 })
                },
            )
        }
        19 => {
            let bits = choose(r, &[32, 64]);
            let (k, m) = (kind(bits), u128::from(kind(bits).mask()));
            let tmp = if bits == 64 { "%v0" } else { "%t0" };
            let subtract = r.below(2) == 0;
            let op = if subtract { "sub" } else { "add" };
            new(
                format!("{op}.cc.u{bits} {tmp}, {{a}}, {{b}}; {op}c.u{bits} {{d}}, {{c}}, {tmp};"),
                k,
                &[k; 3],
                move |v| {
                    let [a, b, c] = [v[0], v[1], v[2]].map(u128::from);
                    Bits(if subtract {
                        let t = a.wrapping_sub(b) & m;
                        c.wrapping_sub(t).wrapping_sub(u128::from(a < b)) as u64
                    } else {
                        (c + ((a + b) & m) + ((a + b) >> bits)) as u64
                    })
                },
            )
        }
        20 => {
            let (sa, sb) = (r.below(2) == 0, r.below(2) == 0);
            let name = |s: bool| if s { "s32" } else { "u32" };
            new(
                format!("dp4a.{}.{} {{d}}, {{a}}, {{b}}, {{c}};", name(sa), name(sb)),
                W32,
                &[W32; 3],
                move |v| {
                    ok((0..4).fold(i128::from(v[2]), |sum, n| {
                        sum + extend(v[0] >> (8 * n), 8, sa) * extend(v[1] >> (8 * n), 8, sb)
                    }))
                },
            )
        }
        _ => {
            let (sa, sb, upper) = (r.below(2) == 0, r.below(2) == 0, r.below(2) == 0);
            let name = |s: bool| if s { "s32" } else { "u32" };
            new(
                format!(
                    "dp2a.{}.{}.{} {{d}}, {{a}}, {{b}}, {{c}};",
                    if upper { "hi" } else { "lo" },
                    name(sa),
                    name(sb)
                ),
                W32,
                &[W32; 3],
                move |v| {
                    let at = if upper { 16 } else { 0 };
                    ok((0..2).fold(i128::from(v[2]), |sum, n| {
                        sum + extend(v[0] >> (16 * n), 16, sa) * extend(v[1] >> (at + 8 * n), 8, sb)
                    }))
                },
            )
        }
    };
    i.immediate = true;
    i
}

fn bits(r: &mut Random) -> Instruction {
    let bits = choose(r, &[16, 32, 64]);
    let wide = choose(r, &[32u32, 64]);
    let (k, w) = (kind(bits), kind(wide));
    let signed = r.below(2) == 0;
    let s = if signed { 's' } else { 'u' };
    let top = u64::from(wide) - 1;
    let bit = |x: u64, n: u64| x >> n & 1;
    match r.below(20) {
        0 => {
            let (op, f): (_, fn(u64, u64) -> u64) = choose(
                r,
                &[
                    ("and", |a, b| a & b),
                    ("or", |a, b| a | b),
                    ("xor", |a, b| a ^ b),
                ],
            );
            new(
                format!("{op}.b{bits} {{d}}, {{a}}, {{b}};"),
                k,
                &[k, k],
                move |v| Bits(f(v[0], v[1])),
            )
        }
        1 => new(format!("not.b{bits} {{d}}, {{a}};"), k, &[k], |v| {
            Bits(!v[0])
        }),
        2 => new(format!("cnot.b{bits} {{d}}, {{a}};"), k, &[k], |v| {
            Bits((v[0] == 0).into())
        }),
        3 => new(format!("popc.b{wide} {{d}}, {{a}};"), W32, &[w], move |v| {
            Bits((0..=top).map(|n| bit(v[0], n)).sum())
        }),
        4 => new(format!("clz.b{wide} {{d}}, {{a}};"), W32, &[w], move |v| {
            Bits((0..=top).rev().take_while(|&n| bit(v[0], n) == 0).count() as u64)
        }),
        5 => new(format!("brev.b{wide} {{d}}, {{a}};"), w, &[w], move |v| {
            Bits((0..=top).map(|n| bit(v[0], n) << (top - n)).sum())
        }),
        6 => {
            let shift = r.below(2) == 0;
            let modifier = if shift { ".shiftamt" } else { "" };
            new(
                format!("bfind{modifier}.{s}{wide} {{d}}, {{a}};"),
                W32,
                &[w],
                move |v| {
                    let a = if signed && bit(v[0], top) == 1 {
                        !v[0]
                    } else {
                        v[0]
                    };
                    Bits(match (0..=top).rev().find(|&n| bit(a, n) == 1) {
                        None => 0xffff_ffff,
                        Some(n) => {
                            if shift {
                                top - n
                            } else {
                                n
                            }
                        }
                    })
                },
            )
        }
        7 => new(
            format!("bfe.{s}{wide} {{d}}, {{a}}, {{b}}, {{c}};"),
            w,
            &[w, W32, W32],
            move |v| {
                let (pos, len) = (v[1] & 0xff, v[2] & 0xff);
                let fill = if !signed || len == 0 {
                    0
                } else {
                    bit(v[0], (pos + len - 1).min(top))
                };
                Bits(
                    (0..=top)
                        .map(|n| {
                            (if n < len && pos + n <= top {
                                bit(v[0], pos + n)
                            } else {
                                fill
                            }) << n
                        })
                        .sum(),
                )
            },
        ),
        8 => new(
            format!("bfi.b{wide} {{d}}, {{a}}, {{b}}, {{c}}, {{e}};"),
            w,
            &[w, w, W32, W32],
            move |v| {
                let (pos, len) = (v[2] & 0xff, v[3] & 0xff);
                Bits(
                    (0..=top)
                        .map(|n| {
                            (if n >= pos && n < pos + len {
                                bit(v[0], n - pos)
                            } else {
                                bit(v[1], n)
                            }) << n
                        })
                        .sum(),
                )
            },
        ),
        9 => new(
            format!("shl.b{bits} {{d}}, {{a}}, {{b}};"),
            k,
            &[k, W32],
            move |v| Bits(if v[1] >= bits.into() { 0 } else { v[0] << v[1] }),
        ),
        10 => new(
            format!("shr.{s}{bits} {{d}}, {{a}}, {{b}};"),
            k,
            &[k, W32],
            move |v| Bits((extend(v[0], bits, signed) >> v[1].min(64)) as u64),
        ),
        11 | 12 => {
            let (left, wrap) = (r.below(2) == 0, r.below(2) == 0);
            let name = format!(
                "shf.{}.{}",
                if left { 'l' } else { 'r' },
                if wrap { "wrap" } else { "clamp" }
            );
            new(
                format!("{name}.b32 {{d}}, {{a}}, {{b}}, {{c}};"),
                W32,
                &[W32; 3],
                move |v| {
                    let n = if wrap { v[2] & 31 } else { v[2].min(32) };
                    let both = u128::from(v[1]) << 32 | u128::from(v[0]);
                    Bits(if left { both << n >> 32 } else { both >> n } as u64)
                },
            )
        }
        13 => {
            let mode = choose(
                r,
                &["", "", ".f4e", ".b4e", ".rc8", ".ecl", ".ecr", ".rc16"],
            );
            new(
                format!("prmt.b32{mode} {{d}}, {{a}}, {{b}}, {{c}};"),
                W32,
                &[W32; 3],
                move |v| {
                    let bytes = [v[0].to_le_bytes(), v[1].to_le_bytes()];
                    let byte = |n: u64| u64::from(bytes[n as usize / 4][n as usize % 4]);
                    let n = v[2] & 3;
                    // Rows of the table of modes, most significant byte first.
                    let table = match mode {
                        "" => {
                            let pick = |at: u32| {
                                let selector = v[2] >> (4 * at);
                                let b = byte(selector & 7);
                                if selector & 8 == 0 {
                                    b
                                } else {
                                    0xff * (b >> 7)
                                }
                            };
                            return Bits((0..4).map(|at| pick(at) << (8 * at)).sum());
                        }
                        ".f4e" => [[3, 2, 1, 0], [4, 3, 2, 1], [5, 4, 3, 2], [6, 5, 4, 3]],
                        ".b4e" => [[5, 6, 7, 0], [6, 7, 0, 1], [7, 0, 1, 2], [0, 1, 2, 3]],
                        ".rc8" => [[0; 4], [1; 4], [2; 4], [3; 4]],
                        ".ecl" => [[3, 2, 1, 0], [3, 2, 1, 1], [3, 2, 2, 2], [3, 3, 3, 3]],
                        ".ecr" => [[0, 0, 0, 0], [1, 1, 1, 0], [2, 2, 1, 0], [3, 2, 1, 0]],
                        _ => [[1, 0, 1, 0], [3, 2, 3, 2], [1, 0, 1, 0], [3, 2, 3, 2]],
                    };
                    Bits(table[n as usize].iter().fold(0, |d, &b| d << 8 | byte(b)))
                },
            )
        }
        14 => {
            let table = r.below(256);
            new(
                format!("lop3.b32 {{d}}, {{a}}, {{b}}, {{c}}, {table:#x};"),
                W32,
                &[W32; 3],
                move |v| {
                    Bits(
                        (0..32)
                            .map(|n| {
                                bit(table, bit(v[0], n) << 2 | bit(v[1], n) << 1 | bit(v[2], n))
                                    << n
                            })
                            .sum(),
                    )
                },
            )
        }
        15 => {
            let wrap = r.below(2) == 0;
            let mode = if wrap { "wrap" } else { "clamp" };
            new(
                format!("bmsk.{mode}.b32 {{d}}, {{a}}, {{b}};"),
                W32,
                &[W32; 2],
                move |v| {
                    let (a, b) = if wrap {
                        (v[0] & 31, v[1] & 31)
                    } else {
                        (v[0], v[1])
                    };
                    Bits(
                        (0..32)
                            .filter(|&n| n >= a && n - a < b)
                            .map(|n| 1 << n)
                            .sum(),
                    )
                },
            )
        }
        16 => {
            let wrap = r.below(2) == 0;
            let mode = if wrap { "wrap" } else { "clamp" };
            new(
                format!("szext.{mode}.{s}32 {{d}}, {{a}}, {{b}};"),
                W32,
                &[W32; 2],
                move |v| {
                    let n = if wrap { v[1] & 31 } else { v[1].min(32) };
                    Bits(if n == 0 {
                        0
                    } else {
                        extend(v[0], n as u32, signed) as u64
                    })
                },
            )
        }
        17 => new("fns.b32 {d}, {a}, {b}, {c};".into(), W32, &[W32; 3], |v| {
            let (mask, base, offset) = (v[0], v[1], v[2] as u32 as i32);
            if base > 31 {
                return Unspecified;
            }
            let set = |n: &u64| mask >> n & 1 == 1;
            let found = match offset {
                0 => Some(base).filter(set),
                1.. => (base..32).filter(set).nth(offset as usize - 1),
                _ => (0..=base)
                    .rev()
                    .filter(set)
                    .nth(offset.unsigned_abs() as usize - 1),
            };
            Bits(found.unwrap_or(0xffff_ffff))
        }),
        18 => new(
            format!("setp.ne.u32 %x, {{c}}, 0; selp.b{bits} {{d}}, {{a}}, {{b}}, %x;"),
            k,
            &[k, k, W32],
            |v| Bits(if v[2] != 0 { v[0] } else { v[1] }),
        ),
        _ => new(
            format!("slct.b{wide}.s32 {{d}}, {{a}}, {{b}}, {{c}};"),
            w,
            &[w, w, W32],
            |v| Bits(if v[2] as i32 >= 0 { v[0] } else { v[1] }),
        ),
    }
}

const MODES: [(&str, Mode); 4] = [
    (".rn", Mode::Rn),
    (".rz", Mode::Rz),
    (".rm", Mode::Rm),
    (".rp", Mode::Rp),
];

/// The bits clamped to [0, 1], NaN to zero.
fn saturate(f: Format, bits: u64) -> u64 {
    let one = ((-f.least + 1) as u64) << (f.precision - 1);
    if f.is_nan(bits) || f.sign(bits) {
        0
    } else {
        bits.min(one)
    }
}

fn float(r: &mut Random) -> Instruction {
    let double = r.below(2) == 0;
    let (t, f, k) = if double {
        ("f64", F64, W64)
    } else {
        ("f32", F32, W32)
    };
    let (m, mode) = choose(r, &MODES);
    let ftz = if double { "" } else { maybe(r, ".ftz") };
    let op = choose(
        r,
        &[
            "add", "sub", "mul", "fma", "div", "rcp", "sqrt", "min", "max", "abs", "neg",
            "copysign", "testp",
        ],
    );
    let sat = match op {
        "add" | "sub" | "mul" | "fma" if !double => maybe(r, ".sat"),
        _ => "",
    };
    let flush = move |x: u64| if ftz.is_empty() { x } else { f.flush(x) };
    // NaNs are canonical in f32; what f64 gives is not said.
    let result = move |bits: u64| {
        if sat.is_empty() {
            Number(flush(bits), f)
        } else {
            Bits(saturate(f, flush(bits)))
        }
    };
    let canonical = move |c: Check| match c {
        Number(bits, F32) => Bits(bits),
        other => other,
    };
    match op {
        "abs" => new(format!("abs{ftz}.{t} {{d}}, {{a}};"), k, &[k], move |v| {
            Number(f.magnitude(flush(v[0])), f)
        }),
        "neg" => new(format!("neg{ftz}.{t} {{d}}, {{a}};"), k, &[k], move |v| {
            Number(flush(v[0]) ^ 1 << (f.width - 1), f)
        }),
        "copysign" => new(
            format!("copysign.{t} {{d}}, {{a}}, {{b}};"),
            k,
            &[k, k],
            move |v| Bits(f.magnitude(v[1]) | v[0] ^ f.magnitude(v[0])),
        ),
        "testp" => {
            let test = choose(
                r,
                &[
                    "finite",
                    "infinite",
                    "number",
                    "notanumber",
                    "normal",
                    "subnormal",
                ],
            );
            new(
                format!("testp.{test}.{t} %x, {{a}}; selp.b32 {{d}}, 1, 0, %x;"),
                W32,
                &[k],
                move |v| {
                    let (m, infinity) = (f.magnitude(v[0]), f.infinity());
                    Bits(u64::from(match test {
                        "finite" => m < infinity,
                        "infinite" => m == infinity,
                        "number" => m <= infinity,
                        "notanumber" => m > infinity,
                        "normal" => m < infinity && m >= 1 << (f.precision - 1),
                        _ => f.is_subnormal(v[0]),
                    }))
                },
            )
        }
        "min" | "max" => {
            let nan = if double { "" } else { maybe(r, ".NaN") };
            let xorsign = if double { "" } else { maybe(r, ".xorsign.abs") };
            new(
                format!("{op}{ftz}{nan}{xorsign}.{t} {{d}}, {{a}}, {{b}};"),
                k,
                &[k, k],
                move |v| {
                    canonical(Number(
                        extreme(
                            f,
                            op,
                            flush(v[0]),
                            flush(v[1]),
                            !nan.is_empty(),
                            !xorsign.is_empty(),
                        ),
                        f,
                    ))
                },
            )
        }
        "rcp" | "sqrt" => new(
            format!("{op}{m}{ftz}.{t} {{d}}, {{a}};"),
            k,
            &[k],
            move |v| {
                let a = f.decode(flush(v[0]));
                canonical(result(if op == "sqrt" {
                    f.sqrt(&a, mode)
                } else {
                    f.div(&Value::from_integer(1), &a, mode)
                }))
            },
        ),
        _ => {
            let c = if op == "fma" { ", {c}" } else { "" };
            let sources = if op == "fma" { 3 } else { 2 };
            new(
                format!("{op}{m}{ftz}{sat}.{t} {{d}}, {{a}}, {{b}}{c};"),
                k,
                &[k; 3][..sources],
                move |v| {
                    let [a, b, c] = [v[0], v[1], v[2]].map(|x| f.decode(flush(x)));
                    canonical(result(arithmetic(f, op, &a, &b, &c, mode)))
                },
            )
        }
    }
}

fn arithmetic(f: Format, op: &str, a: &Value, b: &Value, c: &Value, mode: Mode) -> u64 {
    match op {
        "add" => f.add(a, b, mode),
        "sub" => f.add(a, &b.negated(), mode),
        "mul" => f.encode(&a.times(b), mode),
        "div" => f.div(a, b, mode),
        _ => f.add(&a.times(b), c, mode),
    }
}

fn extreme(f: Format, op: &str, a: u64, b: u64, nan: bool, xorsign: bool) -> u64 {
    let sign = u64::from(f.sign(a) != f.sign(b)) << (f.width - 1);
    let (a, b) = if xorsign {
        (f.magnitude(a), f.magnitude(b))
    } else {
        (a, b)
    };
    // Negative zero is less than positive zero: order by the bits.
    let rank = |x: u64| {
        if f.sign(x) {
            -1 - f.magnitude(x) as i128
        } else {
            f.magnitude(x) as i128
        }
    };
    let d = match (f.is_nan(a), f.is_nan(b)) {
        (true, true) => return f.nan,
        (true, false) | (false, true) if nan => return f.nan,
        (true, false) => b,
        (false, true) => a,
        _ if (op == "min") == (rank(a) <= rank(b)) => a,
        _ => b,
    };
    if xorsign { f.magnitude(d) | sign } else { d }
}

fn half(r: &mut Random) -> Instruction {
    let f = choose(r, &[F16, BF16]);
    let packed = r.below(2) == 0;
    let t = format!(
        "{}{}",
        if f == F16 { "f16" } else { "bf16" },
        if packed { "x2" } else { "" }
    );
    let k = if packed { W32 } else { W16 };
    let op = choose(
        r,
        &[
            "add", "sub", "mul", "fma", "fma", "min", "max", "abs", "neg",
        ],
    );
    let ftz = if f == F16 { maybe(r, ".ftz") } else { "" };
    let flush = move |x: u64| if ftz.is_empty() { x } else { f.flush(x) };
    let (mut modifier, mut rounding, mut nan, mut xorsign) = ("", "", "", "");
    match op {
        "add" | "sub" | "mul" => {
            rounding = ".rn";
            modifier = if f == F16 { maybe(r, ".sat") } else { "" };
        }
        "fma" => {
            rounding = ".rn";
            modifier = choose(r, &["", ".relu", if f == F16 { ".sat" } else { "" }]);
        }
        "min" | "max" => {
            nan = maybe(r, ".NaN");
            xorsign = maybe(r, ".xorsign.abs");
        }
        _ => {}
    }
    let sources = match op {
        "abs" | "neg" => 1,
        "fma" => 3,
        _ => 2,
    };
    let operands = &", {a}, {b}, {c}"[..5 * sources];
    let one = move |a: u64, b: u64, c: u64| -> u64 {
        let [a, b, c] = [a, b, c].map(|x| flush(x & 0xffff));
        match op {
            "abs" => a & 0x7fff,
            "neg" => a ^ 0x8000,
            "min" | "max" => extreme(f, op, a, b, !nan.is_empty(), !xorsign.is_empty()),
            _ => {
                let [a, b, c] = [a, b, c].map(|x| f.decode(x));
                let bits = flush(arithmetic(f, op, &a, &b, &c, Mode::Rn));
                match modifier {
                    ".sat" => saturate(f, bits),
                    ".relu" if !f.is_nan(bits) && f.sign(bits) => 0,
                    _ => bits,
                }
            }
        }
    };
    new(
        format!("{op}{rounding}{ftz}{nan}{xorsign}{modifier}.{t} {{d}}{operands};"),
        k,
        &[k; 3][..sources],
        move |v| {
            let low = one(v[0], v[1], v[2]);
            if !packed {
                return if sources == 1 {
                    Number(low, f)
                } else {
                    Bits(low)
                };
            }
            let high = one(v[0] >> 16, v[1] >> 16, v[2] >> 16);
            // The sign and payload of a NaN that only changes its sign are not said.
            if sources == 1 && (f.is_nan(low) || f.is_nan(high)) {
                Unspecified
            } else {
                Bits(high << 16 | low)
            }
        },
    )
}

/// How two operands compare; `None` where one is a NaN.
type Order = Box<dyn Fn(u64, u64) -> Option<std::cmp::Ordering>>;

fn comparison(r: &mut Random) -> Instruction {
    use std::cmp::Ordering::*;
    let accepts = |op: &str, order: Option<std::cmp::Ordering>| match (op, order) {
        ("num", o) => o.is_some(),
        ("nan", o) => o.is_none(),
        (op, None) => op.ends_with('u') && op.len() == 3,
        (op, Some(o)) => match &op[..2] {
            "eq" => o == Equal,
            "ne" => o != Equal,
            "lt" | "lo" => o == Less,
            "le" | "ls" => o != Greater,
            "gt" | "hi" => o == Greater,
            _ => o != Less,
        },
    };
    let float = r.below(2) == 0;
    let (t, op, k, order): (String, _, _, Order) = if float {
        let (t, f, k) = choose(
            r,
            &[("f32", F32, W32), ("f64", F64, W64), ("f16", F16, W16)],
        );
        let op = choose(
            r,
            &[
                "eq", "ne", "lt", "le", "gt", "ge", "equ", "neu", "ltu", "leu", "gtu", "geu",
                "num", "nan",
            ],
        );
        let ftz = if f == F64 { "" } else { maybe(r, ".ftz") };
        let flush = move |x| if ftz.is_empty() { x } else { f.flush(x) };
        (
            format!("{op}{ftz}.{t}"),
            op,
            k,
            Box::new(move |a, b| f.decode(flush(a)).compare(&f.decode(flush(b)))),
        )
    } else {
        let bits = choose(r, &[16, 32, 64]);
        let signed = r.below(2) == 0;
        let mut ops = vec!["eq", "ne", "lt", "le", "gt", "ge"];
        if !signed {
            ops.extend(["lo", "ls", "hi", "hs"]);
        }
        let op = choose(r, &ops);
        let t = if signed { 's' } else { 'u' };
        (
            format!("{op}.{t}{bits}"),
            op,
            kind(bits),
            Box::new(move |a, b| Some(extend(a, bits, signed).cmp(&extend(b, bits, signed)))),
        )
    };
    let holds = move |v: &[u64; 4]| accepts(op, order(v[0], v[1]));
    match r.below(4) {
        0 if k != W16 => {
            let (compare, ty) = t.rsplit_once('.').unwrap();
            let (d, yes) = choose(
                r,
                &[
                    ("u32", 0xffff_ffff),
                    ("s32", 0xffff_ffff),
                    ("f32", 0x3f80_0000),
                ],
            );
            new(
                format!("set.{compare}.{d}.{ty} {{d}}, {{a}}, {{b}};"),
                W32,
                &[k, k],
                move |v| Bits(if holds(&v) { yes } else { 0 }),
            )
        }
        1 => new(
            format!(
                "setp.{t} %x|%y, {{a}}, {{b}}; selp.b32 %t0, 1, 0, %x; selp.b32 %t1, 2, 0, %y; or.b32 {{d}}, %t0, %t1;"
            ),
            W32,
            &[k, k],
            move |v| Bits(if holds(&v) { 1 } else { 2 }),
        ),
        2 => {
            let (op, f): (_, fn(bool, bool) -> bool) = choose(
                r,
                &[
                    ("and", |a, b| a & b),
                    ("or", |a, b| a | b),
                    ("xor", |a, b| a ^ b),
                ],
            );
            let (compare, ty) = t.split_once('.').unwrap();
            new(
                format!(
                    "setp.ne.s32 %x, {{c}}, 0; setp.{compare}.{op}.{ty} %y, {{a}}, {{b}}, !%x; selp.b32 {{d}}, 1, 0, %y;"
                ),
                W32,
                &[k, k, W32],
                move |v| Bits(f(holds(&v), v[2] == 0).into()),
            )
        }
        _ => new(
            format!("setp.{t} %x, {{a}}, {{b}}; selp.b32 {{d}}, 1, 0, %x;"),
            W32,
            &[k, k],
            move |v| Bits(holds(&v).into()),
        ),
    }
}

fn conversion(r: &mut Random) -> Instruction {
    let int = |r: &mut Random| (choose(r, &[8u32, 16, 32, 64]), r.below(2) == 0);
    let name = |(bits, signed): (u32, bool)| format!("{}{bits}", if signed { 's' } else { 'u' });
    // A narrow type may be in a wider register.
    let holder = |r: &mut Random, bits: u32| match bits {
        8 | 16 => choose(r, &[W16, W32]),
        bits => kind(bits),
    };
    let floats = [("f16", F16, W16), ("f32", F32, W32), ("f64", F64, W64)];
    let clamp = |x: i128, (bits, signed): (u32, bool)| {
        if signed {
            x.clamp(-1 << (bits - 1), (1 << (bits - 1)) - 1)
        } else {
            x.clamp(0, (1 << bits) - 1)
        }
    };
    const INTEGRAL: [(&str, Mode); 4] = [
        (".rni", Mode::Rn),
        (".rzi", Mode::Rz),
        (".rmi", Mode::Rm),
        (".rpi", Mode::Rp),
    ];
    match r.below(8) {
        0 | 1 => {
            let (to, from) = (int(r), int(r));
            let sat = maybe(r, ".sat");
            let (d, a) = (holder(r, to.0), holder(r, from.0));
            new(
                format!("cvt{sat}.{}.{} {{d}}, {{a}};", name(to), name(from)),
                d,
                &[a],
                move |v| {
                    let x = extend(v[0], from.0, from.1);
                    let x = if sat.is_empty() { x } else { clamp(x, to) };
                    Bits(extend(x as u64, to.0, to.1) as u64)
                },
            )
        }
        2 => {
            let from = int(r);
            let (t, f, d) = choose(r, &floats);
            let (m, mode) = choose(r, &MODES);
            let a = holder(r, from.0);
            new(
                format!("cvt{m}.{t}.{} {{d}}, {{a}};", name(from)),
                d,
                &[a],
                move |v| Bits(f.encode(&Value::from_integer(extend(v[0], from.0, from.1)), mode)),
            )
        }
        3 | 4 => {
            let to = int(r);
            let (t, f, a) = choose(r, &floats);
            let (m, mode) = choose(r, &INTEGRAL);
            let ftz = if f == F32 { maybe(r, ".ftz") } else { "" };
            let d = holder(r, to.0);
            new(
                format!("cvt{m}{ftz}.{}.{t} {{d}}, {{a}};", name(to)),
                d,
                &[a],
                move |v| {
                    let a = if ftz.is_empty() { v[0] } else { f.flush(v[0]) };
                    let Some(x) = f.decode(a).integral(mode) else {
                        // 8-bit results are those of a wider conversion; which, is not said.
                        return if to.0 == 8 || to.0 == 16 && f == F64 {
                            Unspecified
                        } else if f == F64 || to.0 == 64 {
                            Bits(1 << (to.0 - 1))
                        } else {
                            Bits(0)
                        };
                    };
                    let limit = BigInt::from(1u128 << 100);
                    let x = i128::try_from(x.clamp(-limit.clone(), limit)).unwrap();
                    Bits(extend(clamp(x, to) as u64, to.0, to.1) as u64)
                },
            )
        }
        5 => {
            let ((t, f, d), (s, g, a)) = (choose(r, &floats), choose(r, &floats));
            let ftz = if f == F32 || g == F32 {
                maybe(r, ".ftz")
            } else {
                ""
            };
            let sat = maybe(r, ".sat");
            let (m, mode) = if f == g {
                choose(r, &INTEGRAL)
            } else if f.width < g.width {
                choose(r, &MODES)
            } else {
                ("", Mode::Rn)
            };
            new(
                format!("cvt{m}{ftz}{sat}.{t}.{s} {{d}}, {{a}};"),
                d,
                &[a],
                move |v| {
                    let flush = |h: Format, x: u64| {
                        if ftz.is_empty() || h != F32 {
                            x
                        } else {
                            h.flush(x)
                        }
                    };
                    let value = g.decode(flush(g, v[0]));
                    let value = match value {
                        Value::Finite(..) if f == g => match value.integral(mode) {
                            Some(x) if x != BigInt::ZERO => Value::Finite(x, 0),
                            _ => Value::Zero(value.negative()),
                        },
                        other => other,
                    };
                    let bits = flush(f, f.encode(&value, mode));
                    if sat.is_empty() {
                        Number(bits, f)
                    } else {
                        Bits(saturate(f, bits))
                    }
                },
            )
        }
        6 => {
            let f = choose(r, &[F16, BF16]);
            let t = if f == F16 { "f16" } else { "bf16" };
            let (m, mode) = choose(r, &MODES[..2]);
            let relu = maybe(r, ".relu");
            let pair = r.below(2) == 0;
            let one = move |x: u64| {
                let bits = f.encode(&F32.decode(x), mode);
                if !relu.is_empty() && !f.is_nan(bits) && f.sign(bits) {
                    0
                } else {
                    bits
                }
            };
            if pair {
                new(
                    format!("cvt{m}{relu}.{t}x2.f32 {{d}}, {{a}}, {{b}};"),
                    W32,
                    &[W32, W32],
                    move |v| Bits(one(v[0]) << 16 | one(v[1])),
                )
            } else {
                new(
                    format!("cvt{m}{relu}.{t}.f32 {{d}}, {{a}};"),
                    W16,
                    &[W32],
                    move |v| Bits(one(v[0])),
                )
            }
        }
        _ => {
            let upper = r.below(2) == 0;
            if upper {
                new("cvt.rna.tf32.f32 {d}, {a};".into(), W32, &[W32], |v| {
                    const TF32: Format = Format {
                        precision: 11,
                        least: -126,
                        largest: 127,
                        width: 19,
                        nan: 0x3ffff,
                    };
                    let a = F32.decode(v[0]);
                    if a == Value::Nan {
                        Bits(F32.nan)
                    } else {
                        Bits(TF32.encode(&a, Mode::Rna) << 13)
                    }
                })
            } else {
                let (t, f) = choose(
                    r,
                    &[
                        // E4M3 has no infinity: its last binade holds numbers, up to 448. The sign is moved out of the way.
                        (
                            "e4m3x2",
                            Format {
                                precision: 4,
                                least: -6,
                                largest: 8,
                                width: 16,
                                nan: 0x7f,
                            },
                        ),
                        (
                            "e5m2x2",
                            Format {
                                precision: 3,
                                least: -14,
                                largest: 15,
                                width: 16,
                                nan: 0x7f,
                            },
                        ),
                    ],
                );
                let relu = maybe(r, ".relu");
                let largest = if t == "e4m3x2" { 0x7e } else { 0x7b };
                let one = move |x: u64| {
                    let a = F32.decode(x);
                    if a == Value::Nan {
                        return f.nan;
                    }
                    let bits = f.encode(&a, Mode::Rn);
                    let sign = u64::from(f.sign(bits)) << 7;
                    if sign != 0 && !relu.is_empty() {
                        0
                    } else {
                        sign | f.magnitude(bits).min(largest)
                    }
                };
                new(
                    format!("cvt.rn.satfinite{relu}.{t}.f32 {{d}}, {{a}}, {{b}};"),
                    W16,
                    &[W32, W32],
                    move |v| Bits(one(v[0]) << 8 | one(v[1])),
                )
            }
        }
    }
}

/// Approximations, within the errors that the PTX ISA states.
fn approximate(r: &mut Random) -> Instruction {
    let ulp = 2f64.powi(-23);
    let ftz = maybe(r, ".ftz");
    let flush = move |x: u64| {
        f64::from(f32::from_bits(
            if ftz.is_empty() { x } else { F32.flush(x) } as u32,
        ))
    };
    // Below this, results may have been flushed.
    let tiny = if ftz.is_empty() {
        2f64.powi(-149)
    } else {
        2f64.powi(-126)
    };
    let (op, f, relative, absolute): (_, fn(f64) -> f64, f64, f64) = match r.below(8) {
        0 => ("rcp", |x| 1.0 / x, ulp, tiny),
        1 => ("rsqrt", |x| 1.0 / x.sqrt(), 2f64.powf(-22.9), tiny),
        2 => ("sqrt", f64::sqrt, 2f64.powi(-22), tiny),
        3 => ("ex2", f64::exp2, 2.0 * ulp, tiny),
        4 => ("lg2", f64::log2, 0.0, 2f64.powi(-22)),
        5 => ("sin", f64::sin, 0.0, 2f64.powf(-20.5)),
        6 => ("cos", f64::cos, 0.0, 2f64.powf(-20.5)),
        _ => {
            let kind = choose(r, &["approx", "full"]);
            return new(
                format!("div.{kind}{ftz}.f32 {{d}}, {{a}}, {{b}};"),
                W32,
                &[W32, W32],
                move |v| {
                    let (a, b) = (flush(v[0]), flush(v[1]));
                    let large = 2f64.powi(126);
                    if b.is_finite() && b.abs() > large || a.is_finite() && (a / b).abs() > large {
                        return Unspecified;
                    }
                    Near(a / b, 2.0 * ulp, tiny)
                },
            );
        }
    };
    new(
        format!("{op}.approx{ftz}.f32 {{d}}, {{a}};"),
        W32,
        &[W32],
        move |v| {
            let x = flush(v[0]);
            // Far from zero the error of sine and cosine grows; that of the logarithm is relative.
            if matches!(op, "sin" | "cos") && x.is_finite() && x.abs() > std::f64::consts::TAU {
                return Unspecified;
            }
            let want = f(x);
            Near(
                want,
                if op == "lg2" { 2.0 * ulp } else { relative },
                absolute,
            )
        },
    )
}
