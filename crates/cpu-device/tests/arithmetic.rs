//! Every arithmetic instruction on random operands, against a reference in Rust.

mod common;

use common::{Device, Random, ptx};

/// Runs `instruction` (with operands `%d`, `%a`, `%b`, `%c`) on many operands and compares with `reference`.
fn check(
    instruction: &str,
    types: [&str; 4],
    operands: impl Fn(&mut Random) -> [u64; 3],
    reference: impl Fn([u64; 3]) -> u64,
) {
    let mut random = Random::new();
    let register = |t: &str| match t {
        "8" => ".b16",
        "16" => ".b16",
        "32" => ".b32",
        _ => ".b64",
    };
    let load = |r: &str, t: &str, at: u32| match t {
        "8" => format!("ld.global.u8 {r}, [%p+{at}];"),
        _ => format!("ld.global.b{t} {r}, [%p+{at}];"),
    };
    let store = match types[0] {
        "8" => "st.global.u8 [%q], %d;".to_owned(),
        t => format!("st.global.b{t} [%q], %d;"),
    };
    let text = ptx(&format!(
        ".visible .entry k(.param .u64 in, .param .u64 out, .param .u32 n) {{\n\
         .reg .b64 %p, %q, %o;\n.reg .b32 %i, %t, %u, %n;\n.reg .pred %x;\n\
         .reg {} %d;\n.reg {} %a;\n.reg {} %b;\n.reg {} %c;\n\
         mov.u32 %i, %ctaid.x;\nmov.u32 %t, %ntid.x;\nmov.u32 %u, %tid.x;\nmad.lo.s32 %i, %i, %t, %u;\n\
         ld.param.u32 %n, [n];\nsetp.ge.u32 %x, %i, %n;\n@%x bra DONE;\n\
         ld.param.u64 %p, [in];\nld.param.u64 %q, [out];\n\
         mul.wide.u32 %o, %i, 24;\nadd.s64 %p, %p, %o;\nmul.wide.u32 %o, %i, 8;\nadd.s64 %q, %q, %o;\n\
         {}\n{}\n{}\n{instruction}\n{store}\nDONE:\nret;\n}}\n",
        register(types[0]),
        register(types[1]),
        register(types[2]),
        register(types[3]),
        load("%a", types[1], 0),
        load("%b", types[2], 8),
        load("%c", types[3], 16),
    ));
    let device = Device::new(&text);
    let n = 1000usize;
    let inputs: Vec<[u64; 3]> = (0..n).map(|_| operands(&mut random)).collect();
    let input = device.buffer64(inputs.as_flattened());
    let output = device.buffer64(&vec![0; n]);
    device
        .run("k", 16, 64, &[input.address(), output.address(), n as u64])
        .unwrap();
    let bits: u32 = types[0].parse().unwrap();
    let mask = if bits == 64 {
        u64::MAX
    } else {
        (1 << bits) - 1
    };
    for (operands, got) in inputs.iter().zip(output.u64s()) {
        let want = reference(*operands) & mask;
        assert_eq!(
            got, want,
            "{instruction} on {operands:#x?}: got {got:#x}, want {want:#x}"
        );
    }
}

fn integers(instruction: &str, types: [&str; 4], reference: impl Fn([u64; 3]) -> u64) {
    check(
        instruction,
        types,
        |r| [r.integer(), r.integer(), r.integer()],
        reference,
    );
}

fn floats(instruction: &str, reference: impl Fn(f32, f32, f32) -> f32) {
    check(
        instruction,
        ["32"; 4],
        |r| [r.f32().into(), r.f32().into(), r.f32().into()],
        |[a, b, c]| {
            let r = reference(
                f32::from_bits(a as u32),
                f32::from_bits(b as u32),
                f32::from_bits(c as u32),
            );
            u64::from(if r.is_nan() { 0x7fff_ffff } else { r.to_bits() })
        },
    );
}

const I32: [&str; 4] = ["32"; 4];
const I64: [&str; 4] = ["64"; 4];
const I16: [&str; 4] = ["16"; 4];

#[test]
fn integer_arithmetic() {
    integers("add.s32 %d, %a, %b;", I32, |[a, b, _]| a.wrapping_add(b));
    integers("sub.u64 %d, %a, %b;", I64, |[a, b, _]| a.wrapping_sub(b));
    integers("add.s16 %d, %a, %b;", I16, |[a, b, _]| a.wrapping_add(b));
    integers("sub.u16 %d, %a, %b;", I16, |[a, b, _]| a.wrapping_sub(b));
    integers("mul.lo.s16 %d, %a, %b;", I16, |[a, b, _]| a.wrapping_mul(b));
    integers("mul.hi.s16 %d, %a, %b;", I16, |[a, b, _]| {
        ((a as i16 as i32 * b as i16 as i32) >> 16) as u64
    });
    integers(
        "mul.wide.s16 %d, %a, %b;",
        ["32", "16", "16", "16"],
        |[a, b, _]| (a as i16 as i32 * b as i16 as i32) as u64,
    );
    integers(
        "mul.wide.u16 %d, %a, %b;",
        ["32", "16", "16", "16"],
        |[a, b, _]| a as u16 as u64 * b as u16 as u64,
    );
    integers("mad.lo.s32 %d, %a, %b, %c;", I32, |[a, b, c]| {
        a.wrapping_mul(b).wrapping_add(c)
    });
    integers("mad.hi.s32 %d, %a, %b, %c;", I32, |[a, b, c]| {
        ((a as i32 as i64 * b as i32 as i64) >> 32) as u64 as u32 as u64 + (c as u32 as u64)
    });
    integers("mul.hi.u64 %d, %a, %b;", I64, |[a, b, _]| {
        ((a as u128 * b as u128) >> 64) as u64
    });
    integers("mul.hi.s64 %d, %a, %b;", I64, |[a, b, _]| {
        ((a as i64 as i128 * b as i64 as i128) >> 64) as u64
    });
    integers(
        "mul.wide.s32 %d, %a, %b;",
        ["64", "32", "32", "32"],
        |[a, b, _]| (a as i32 as i64 * b as i32 as i64) as u64,
    );
    integers(
        "mad.wide.u32 %d, %a, %b, %c;",
        ["64", "32", "32", "64"],
        |[a, b, c]| (a as u32 as u64 * b as u32 as u64).wrapping_add(c),
    );
    integers("div.s32 %d, %a, %b;", I32, |[a, b, _]| {
        if b as i32 == 0 {
            u64::MAX
        } else {
            (a as i32).wrapping_div(b as i32) as u64
        }
    });
    integers(
        "rem.u64 %d, %a, %b;",
        I64,
        |[a, b, _]| if b == 0 { a } else { a % b },
    );
    integers("div.u16 %d, %a, %b;", I16, |[a, b, _]| {
        (a as u16).checked_div(b as u16).map_or(u64::MAX, u64::from)
    });
    integers("rem.s16 %d, %a, %b;", I16, |[a, b, _]| {
        if b as i16 == 0 {
            a
        } else {
            (a as i16).wrapping_rem(b as i16) as u64
        }
    });
    integers("min.s16 %d, %a, %b;", I16, |[a, b, _]| {
        (a as i16).min(b as i16) as u64
    });
    integers("max.u32 %d, %a, %b;", I32, |[a, b, _]| {
        (a as u32).max(b as u32).into()
    });
    integers("min.s64 %d, %a, %b;", I64, |[a, b, _]| {
        (a as i64).min(b as i64) as u64
    });
    integers("abs.s16 %d, %a;", I16, |[a, ..]| {
        (a as i16).wrapping_abs() as u64
    });
    integers("abs.s32 %d, %a;", I32, |[a, ..]| {
        (a as i32).wrapping_abs() as u64
    });
    integers("neg.s64 %d, %a;", I64, |[a, ..]| a.wrapping_neg());
    integers("sad.s32 %d, %a, %b, %c;", I32, |[a, b, c]| {
        c.wrapping_add((a as i32).abs_diff(b as i32).into())
    });
    integers("add.sat.s32 %d, %a, %b;", I32, |[a, b, _]| {
        (a as i32).saturating_add(b as i32) as u64
    });
    integers("mul24.lo.s32 %d, %a, %b;", I32, |[a, b, _]| {
        let f = |x: u64| ((x as i32) << 8 >> 8) as i64;
        (f(a) * f(b)) as u64
    });
    integers("mad24.hi.u32 %d, %a, %b, %c;", I32, |[a, b, c]| {
        ((((a & 0xff_ffff) * (b & 0xff_ffff)) >> 16) as u32)
            .wrapping_add(c as u32)
            .into()
    });
}

#[test]
fn carry_chains() {
    integers(
        "{ .reg .b32 al, ah, bl, bh, l, h;\nmov.b64 {al, ah}, %a;\nmov.b64 {bl, bh}, %b;\n\
         add.cc.u32 l, al, bl;\naddc.u32 h, ah, bh;\nmov.b64 %d, {l, h}; }",
        I64,
        |[a, b, _]| a.wrapping_add(b),
    );
    integers(
        "{ .reg .b32 al, ah, bl, bh, l, h;\nmov.b64 {al, ah}, %a;\nmov.b64 {bl, bh}, %b;\n\
         sub.cc.u32 l, al, bl;\nsubc.u32 h, ah, bh;\nmov.b64 %d, {l, h}; }",
        I64,
        |[a, b, _]| a.wrapping_sub(b),
    );
    integers(
        "{ .reg .b32 al, ah, bl, bh, l, h, t;\nmov.b64 {al, ah}, %a;\nmov.b64 {bl, bh}, %b;\nmov.u32 t, 0;\n\
         mad.lo.cc.u32 l, al, bl, 7;\nmadc.hi.u32 h, al, bl, t;\nmov.b64 %d, {l, h}; }",
        I64,
        |[a, b, _]| (a as u32 as u64 * b as u32 as u64) + 7,
    );
}

#[test]
fn logic_and_shifts() {
    integers("and.b32 %d, %a, %b;", I32, |[a, b, _]| a & b);
    integers("or.b16 %d, %a, %b;", I16, |[a, b, _]| a | b);
    integers("xor.b64 %d, %a, %b;", I64, |[a, b, _]| a ^ b);
    integers("not.b16 %d, %a;", I16, |[a, ..]| !a);
    integers("cnot.b32 %d, %a;", I32, |[a, ..]| u64::from(a as u32 == 0));
    let shifts = |r: &mut Random| {
        [
            r.integer(),
            if r.below(8) == 0 {
                r.integer()
            } else {
                r.below(70)
            },
            0,
        ]
    };
    check("shl.b32 %d, %a, %b;", I32, shifts, |[a, b, _]| {
        a.checked_shl(b as u32).unwrap_or(0) & if b as u32 > 31 { 0 } else { u64::MAX }
    });
    check("shr.u32 %d, %a, %b;", I32, shifts, |[a, b, _]| {
        (a as u32).checked_shr(b as u32).unwrap_or(0).into()
    });
    check("shr.s32 %d, %a, %b;", I32, shifts, |[a, b, _]| {
        ((a as i32) >> (b as u32).min(31)) as u64
    });
    check(
        "shl.b64 %d, %a, %b;",
        ["64", "64", "32", "32"],
        shifts,
        |[a, b, _]| a.checked_shl(b as u32).unwrap_or(0),
    );
    check(
        "shr.s64 %d, %a, %b;",
        ["64", "64", "32", "32"],
        shifts,
        |[a, b, _]| ((a as i64) >> (b as u32).min(63)) as u64,
    );
    check(
        "shr.s16 %d, %a, %b;",
        ["16", "16", "32", "32"],
        shifts,
        |[a, b, _]| ((a as i16) >> (b as u32).min(15)) as u64,
    );
    check(
        "shl.b16 %d, %a, %b;",
        ["16", "16", "32", "32"],
        shifts,
        |[a, b, _]| {
            if b as u32 > 15 { 0 } else { a << (b as u32) }
        },
    );
    integers("lop3.b32 %d, %a, %b, %c, 0xD2;", I32, |[a, b, c]| {
        (0..32)
            .map(|n| (0xD2u64 >> ((a >> n & 1) * 4 + (b >> n & 1) * 2 + (c >> n & 1)) & 1) << n)
            .sum()
    });
    integers("shf.l.wrap.b32 %d, %a, %b, %c;", I32, |[a, b, c]| {
        ((((b as u32 as u64) << 32 | a as u32 as u64) << (c & 31)) >> 32) as u32 as u64
    });
    integers("shf.r.clamp.b32 %d, %a, %b, %c;", I32, |[a, b, c]| {
        ((b as u32 as u64) << 32 | a as u32 as u64) >> (c as u32).min(32)
    });
    integers("prmt.b32 %d, %a, %b, %c;", I32, |[a, b, c]| {
        let all = (b as u32 as u64) << 32 | a as u32 as u64;
        (0..4)
            .map(|n| {
                let s = c >> (4 * n);
                let byte = (all >> (8 * (s & 7))) as u8;
                u64::from(if s & 8 != 0 {
                    (byte as i8 >> 7) as u8
                } else {
                    byte
                }) << (8 * n)
            })
            .sum()
    });
}

#[test]
fn bit_fields() {
    let fields = |r: &mut Random| [r.integer(), r.below(40), r.below(40)];
    let bit = |a: u64, n: u64, width: u64| if n < width { a >> n & 1 } else { 0 };
    // The definition in the ISA, bit by bit.
    let bfe = move |a: u64, pos: u64, len: u64, width: u64, signed: bool| -> u64 {
        let (pos, len) = (pos & 0xff, len & 0xff);
        let sign = if !signed || len == 0 {
            0
        } else {
            bit(a, (pos + len - 1).min(width - 1), width)
        };
        (0..width)
            .map(|i| {
                (if i < len && pos + i < width {
                    bit(a, pos + i, width)
                } else {
                    sign
                }) << i
            })
            .sum()
    };
    check("bfe.u32 %d, %a, %b, %c;", I32, fields, move |[a, b, c]| {
        bfe(a, b, c, 32, false)
    });
    check("bfe.s32 %d, %a, %b, %c;", I32, fields, move |[a, b, c]| {
        bfe(a, b, c, 32, true)
    });
    let wide = |r: &mut Random| [r.integer(), r.below(70), r.below(70)];
    check(
        "bfe.u64 %d, %a, %b, %c;",
        ["64", "64", "32", "32"],
        wide,
        move |[a, b, c]| bfe(a, b, c, 64, false),
    );
    check(
        "bfe.s64 %d, %a, %b, %c;",
        ["64", "64", "32", "32"],
        wide,
        move |[a, b, c]| bfe(a, b, c, 64, true),
    );
    let insert = |a: u64, b: u64, pos: u64, len: u64, width: u64| -> u64 {
        let mut r = b;
        for i in 0..len {
            if pos + i < width {
                r = r & !(1 << (pos + i)) | (if i < width { a >> i & 1 } else { 0 }) << (pos + i);
            }
        }
        r
    };
    check(
        "bfi.b32 %d, %a, %b, %c, 7;",
        I32,
        |r| [r.integer(), r.integer(), r.below(40)],
        move |[a, b, c]| insert(a, b, c, 7, 32),
    );
    check(
        "bfi.b64 %d, %a, %b, %c, 33;",
        ["64", "64", "64", "32"],
        |r| [r.integer(), r.integer(), r.below(70)],
        move |[a, b, c]| insert(a, b, c, 33, 64),
    );
    integers("popc.b32 %d, %a;", I32, |[a, ..]| {
        (a as u32).count_ones().into()
    });
    integers("popc.b64 %d, %a;", ["32", "64", "64", "64"], |[a, ..]| {
        a.count_ones().into()
    });
    integers("clz.b32 %d, %a;", I32, |[a, ..]| {
        (a as u32).leading_zeros().into()
    });
    integers("clz.b64 %d, %a;", ["32", "64", "64", "64"], |[a, ..]| {
        a.leading_zeros().into()
    });
    integers("brev.b32 %d, %a;", I32, |[a, ..]| {
        (a as u32).reverse_bits().into()
    });
    integers("brev.b64 %d, %a;", I64, |[a, ..]| a.reverse_bits());
    integers("bfind.u32 %d, %a;", I32, |[a, ..]| {
        (a as u32).checked_ilog2().map_or(u64::MAX, u64::from)
    });
    integers("bfind.shiftamt.s32 %d, %a;", I32, |[a, ..]| {
        let a = a as i32;
        ((a ^ a >> 31) as u32)
            .checked_ilog2()
            .map_or(u64::MAX, |n| 31 - u64::from(n))
    });
    integers("dp4a.s32.u32 %d, %a, %b, %c;", I32, |[a, b, c]| {
        let sum: i32 = (0..4)
            .map(|n| i32::from((a >> (8 * n)) as i8) * i32::from((b >> (8 * n)) as u8))
            .sum();
        (c as i32).wrapping_add(sum) as u64
    });
    integers("dp2a.hi.u32.s32 %d, %a, %b, %c;", I32, |[a, b, c]| {
        let sum: i64 = (0..2)
            .map(|n| i64::from((a >> (16 * n)) as u16) * i64::from((b >> (16 + 8 * n)) as i8))
            .sum();
        (c as u32).wrapping_add(sum as u32).into()
    });
}

#[test]
fn single_precision() {
    floats("add.f32 %d, %a, %b;", |a, b, _| a + b);
    floats("sub.rn.f32 %d, %a, %b;", |a, b, _| a - b);
    floats("mul.f32 %d, %a, %b;", |a, b, _| a * b);
    floats("fma.rn.f32 %d, %a, %b, %c;", f32::mul_add);
    floats("div.rn.f32 %d, %a, %b;", |a, b, _| a / b);
    floats("sqrt.rn.f32 %d, %a;", |a, _, _| a.sqrt());
    floats("rcp.rn.f32 %d, %a;", |a, _, _| 1.0 / a);
    let flush = |x: f32| {
        if x.is_subnormal() {
            0f32.copysign(x)
        } else {
            x
        }
    };
    floats("add.ftz.f32 %d, %a, %b;", move |a, b, _| {
        flush(flush(a) + flush(b))
    });
    floats("mul.ftz.f32 %d, %a, %b;", move |a, b, _| {
        flush(flush(a) * flush(b))
    });
    floats("fma.rn.ftz.f32 %d, %a, %b, %c;", move |a, b, c| {
        flush(flush(a).mul_add(flush(b), flush(c)))
    });
    let saturate = |x: f32| {
        if x.is_nan() {
            0.0
        } else {
            x.clamp(0.0, 1.0) + 0.0
        }
    };
    floats("add.sat.f32 %d, %a, %b;", move |a, b, _| saturate(a + b));
    floats("fma.rn.sat.f32 %d, %a, %b, %c;", move |a, b, c| {
        saturate(a.mul_add(b, c))
    });
    let min = |a: f32, b: f32| match (a.is_nan(), b.is_nan()) {
        (true, _) => b,
        (_, true) => a,
        _ if a == b => {
            if a.is_sign_negative() {
                a
            } else {
                b
            }
        }
        _ => {
            if a < b {
                a
            } else {
                b
            }
        }
    };
    floats("min.f32 %d, %a, %b;", move |a, b, _| min(a, b));
    floats("max.f32 %d, %a, %b;", move |a, b, _| -min(-a, -b));
    floats("min.NaN.f32 %d, %a, %b;", move |a, b, _| {
        if a.is_nan() || b.is_nan() {
            f32::NAN
        } else {
            min(a, b)
        }
    });
    check(
        "neg.f32 %d, %a;",
        I32,
        |r| [r.f32().into(), 0, 0],
        |[a, ..]| a ^ 0x8000_0000,
    );
    check(
        "abs.f32 %d, %a;",
        I32,
        |r| [r.f32().into(), 0, 0],
        |[a, ..]| a & 0x7fff_ffff,
    );
    check(
        "copysign.f32 %d, %a, %b;",
        I32,
        |r| [r.f32().into(), r.f32().into(), 0],
        |[a, b, _]| a & 0x8000_0000 | b & 0x7fff_ffff,
    );
}

/// Rounds an exact value given as a pair of f64 (value and error) towards a direction, to f32.
fn directed(value: f64, error: f64, up: bool) -> f32 {
    let r = value as f32;
    let exact_above = f64::from(r) < value || f64::from(r) == value && error > 0.0;
    let exact_below = f64::from(r) > value || f64::from(r) == value && error < 0.0;
    match (up, exact_above, exact_below) {
        (true, true, _) => r.next_up(),
        (false, _, true) => r.next_down(),
        _ => r,
    }
}

#[test]
fn directed_roundings() {
    // Products of f32 are exact in f64.
    let normal = |r: &mut Random| {
        let f = |r: &mut Random| {
            u64::from(r.next() as u32 & 0x807f_ffff | (110 + r.below(30) as u32) << 23)
        };
        [f(r), f(r), f(r)]
    };
    let f = |x: u64| f64::from(f32::from_bits(x as u32));
    check("mul.rp.f32 %d, %a, %b;", I32, normal, move |[a, b, _]| {
        directed(f(a) * f(b), 0.0, true).to_bits().into()
    });
    check("mul.rm.f32 %d, %a, %b;", I32, normal, move |[a, b, _]| {
        directed(f(a) * f(b), 0.0, false).to_bits().into()
    });
    check("mul.rz.f32 %d, %a, %b;", I32, normal, move |[a, b, _]| {
        let p = f(a) * f(b);
        directed(p, 0.0, p < 0.0).to_bits().into()
    });
    // Sums of numbers of similar size too.
    check("add.rz.f32 %d, %a, %b;", I32, normal, move |[a, b, _]| {
        let s = f(a) + f(b);
        directed(s, 0.0, s < 0.0).to_bits().into()
    });
    // Quotients: the direction of the remainder decides.
    check("div.rp.f32 %d, %a, %b;", I32, normal, move |[a, b, _]| {
        let mut q = (f(a) / f(b)) as f32;
        let above = |q: f32| {
            let p = f64::from(q) * f(b);
            if f(b) > 0.0 { p >= f(a) } else { p <= f(a) }
        };
        while !above(q) {
            q = q.next_up();
        }
        while above(q.next_down()) {
            q = q.next_down();
        }
        q.to_bits().into()
    });
    check("sqrt.rm.f32 %d, %a;", I32, normal, move |[a, ..]| {
        let x = f(a);
        if x < 0.0 {
            return 0x7fff_ffff;
        }
        let mut q = x.sqrt() as f32;
        while f64::from(q) * f64::from(q) > x {
            q = q.next_down();
        }
        while f64::from(q.next_up()) * f64::from(q.next_up()) <= x {
            q = q.next_up();
        }
        q.to_bits().into()
    });
}

#[test]
fn double_precision() {
    let run = |instruction: &str, reference: &dyn Fn(f64, f64, f64) -> f64| {
        let n = |x: u64| f64::from_bits(x);
        check(
            instruction,
            I64,
            |r| {
                let mut f = || loop {
                    let x = r.f64();
                    if !f64::from_bits(x).is_nan() {
                        return x;
                    }
                };
                [f(), f(), f()]
            },
            |[a, b, c]| reference(n(a), n(b), n(c)).to_bits(),
        );
    };
    run("add.f64 %d, %a, %b;", &|a, b, _| a + b);
    run("mul.f64 %d, %a, %b;", &|a, b, _| a * b);
    run("fma.rn.f64 %d, %a, %b, %c;", &f64::mul_add);
    run("div.rn.f64 %d, %a, %b;", &|a, b, _| a / b);
    run("neg.f64 %d, %a;", &|a, _, _| -a);
    check(
        "sqrt.rn.f64 %d, %a;",
        I64,
        |r| [r.f64() & !(1 << 63), 0, 0],
        |[a, ..]| {
            let r = f64::from_bits(a).sqrt();
            if r.is_nan() { a | 1 << 51 } else { r.to_bits() }
        },
    );
    // Rounding up never gives less than rounding down, and at most the next number.
    for op in ["add", "mul", "div"] {
        let finite = |r: &mut Random| {
            let f = |r: &mut Random| r.next() & 0x800f_ffff_ffff_ffff | (1000 + r.below(40)) << 52;
            [f(r), f(r), 0]
        };
        check(
            &format!(
                "{{ .reg .f64 x, y;\n{op}.rp.f64 x, %a, %b;\n{op}.rm.f64 y, %a, %b;\nsub.s64 %d, x, y; }}"
            ),
            I64,
            finite,
            |[a, b, _]| {
                let (a, b) = (f64::from_bits(a), f64::from_bits(b));
                let (r, exact) = match op {
                    "add" => {
                        let s = a + b;
                        let t = s - a;
                        (s, (a - (s - t)) + (b - t) == 0.0)
                    }
                    "mul" => (a * b, a.mul_add(b, -(a * b)) == 0.0),
                    _ => (a / b, (a / b).mul_add(-b, a) == 0.0),
                };
                // Bits of negative numbers go the other way.
                if exact {
                    0
                } else if r < 0.0 {
                    u64::MAX
                } else {
                    1
                }
            },
        );
    }
}

#[test]
fn conversions() {
    let float = |r: &mut Random| [u64::from(r.f32()), 0, 0];
    let double = |r: &mut Random| [r.f64(), 0, 0];
    let f = |a: u64| f32::from_bits(a as u32);
    let d = f64::from_bits;
    check("cvt.rzi.s32.f32 %d, %a;", I32, float, move |[a, ..]| {
        f(a) as i32 as u64
    });
    check("cvt.rzi.u32.f32 %d, %a;", I32, float, move |[a, ..]| {
        (f(a) as u32).into()
    });
    check("cvt.rni.s32.f32 %d, %a;", I32, float, move |[a, ..]| {
        f(a).round_ties_even() as i32 as u64
    });
    check(
        "cvt.rmi.s64.f32 %d, %a;",
        ["64", "32", "32", "32"],
        float,
        move |[a, ..]| {
            if f(a).is_nan() {
                1 << 63
            } else {
                f(a).floor() as i64 as u64
            }
        },
    );
    check("cvt.rpi.u64.f64 %d, %a;", I64, double, move |[a, ..]| {
        if d(a).is_nan() {
            1 << 63
        } else {
            d(a).ceil() as u64
        }
    });
    check(
        "cvt.rzi.u8.f32 %d, %a;",
        ["16", "32", "32", "32"],
        float,
        move |[a, ..]| u64::from(f(a) as u8),
    );
    check(
        "cvt.rzi.s16.f32 %d, %a;",
        ["16", "32", "32", "32"],
        float,
        move |[a, ..]| f(a) as i16 as u64,
    );
    check(
        "cvt.rn.f32.s32 %d, %a;",
        I32,
        |r| [r.integer(), 0, 0],
        |[a, ..]| (a as i32 as f32).to_bits().into(),
    );
    check(
        "cvt.rn.f32.u64 %d, %a;",
        ["32", "64", "64", "64"],
        |r| [r.integer(), 0, 0],
        |[a, ..]| (a as f32).to_bits().into(),
    );
    check(
        "cvt.rn.f32.s64 %d, %a;",
        ["32", "64", "64", "64"],
        |r| [r.integer(), 0, 0],
        |[a, ..]| (a as i64 as f32).to_bits().into(),
    );
    check(
        "cvt.rn.f64.u64 %d, %a;",
        I64,
        |r| [r.integer(), 0, 0],
        |[a, ..]| (a as f64).to_bits(),
    );
    check(
        "cvt.rz.f64.s64 %d, %a;",
        I64,
        |r| [r.integer(), 0, 0],
        |[a, ..]| {
            let r = a as i64 as f64;
            let over = (r as i128).abs() > (a as i64 as i128).abs();
            (if over {
                if r > 0.0 { r.next_down() } else { r.next_up() }
            } else {
                r
            })
            .to_bits()
        },
    );
    check(
        "cvt.rn.f32.f64 %d, %a;",
        ["32", "64", "64", "64"],
        double,
        move |[a, ..]| {
            let r = d(a) as f32;
            if r.is_nan() {
                0x7fff_ffff
            } else {
                r.to_bits().into()
            }
        },
    );
    check(
        "cvt.f64.f32 %d, %a;",
        ["64", "32", "32", "32"],
        |r| [u64::from(r.f32() & 0xff00_0000), 0, 0],
        move |[a, ..]| f64::from(f(a)).to_bits(),
    );
    check("cvt.rni.f32.f32 %d, %a;", I32, float, move |[a, ..]| {
        let r = f(a).round_ties_even();
        if r.is_nan() {
            0x7fff_ffff
        } else {
            r.to_bits().into()
        }
    });
    check("cvt.sat.f32.f32 %d, %a;", I32, float, move |[a, ..]| {
        if f(a).is_nan() {
            0
        } else {
            (f(a).clamp(0.0, 1.0) + 0.0).to_bits().into()
        }
    });
    integers("cvt.s32.s8 %d, %a;", I32, |[a, ..]| a as i8 as u64);
    integers("cvt.u16.u32 %d, %a;", ["16", "32", "32", "32"], |[a, ..]| a);
    integers(
        "cvt.s64.s32 %d, %a;",
        ["64", "32", "32", "32"],
        |[a, ..]| a as i32 as u64,
    );
    integers(
        "cvt.u64.u16 %d, %a;",
        ["64", "16", "16", "16"],
        |[a, ..]| a as u16 as u64,
    );
    integers("cvt.s16.s8 %d, %a;", ["16", "16", "16", "16"], |[a, ..]| {
        a as i8 as u64
    });
    integers("cvt.u32.u64 %d, %a;", ["32", "64", "64", "64"], |[a, ..]| a);
    integers(
        "cvt.sat.s8.s32 %d, %a;",
        ["32", "32", "32", "32"],
        |[a, ..]| (a as i32).clamp(-128, 127) as u64,
    );
    integers(
        "cvt.sat.u8.s32 %d, %a;",
        ["32", "32", "32", "32"],
        |[a, ..]| (a as i32).clamp(0, 255) as u64,
    );
    integers(
        "cvt.sat.u32.s64 %d, %a;",
        ["32", "64", "64", "64"],
        |[a, ..]| (a as i64).clamp(0, i64::from(u32::MAX)) as u64,
    );
}

/// f16 to f32 by its definition.
fn half(bits: u64) -> f32 {
    let (sign, exponent, mantissa) = (
        (bits >> 15 & 1) as u32,
        (bits >> 10 & 31) as i32,
        (bits & 0x3ff) as f32,
    );
    let x = match exponent {
        0 => mantissa * 2f32.powi(-24),
        31 if mantissa == 0.0 => f32::INFINITY,
        31 => f32::NAN,
        e => (1024.0 + mantissa) * 2f32.powi(e - 25),
    };
    if sign != 0 { -x } else { x }
}

/// The f16 nearest to a value, found by search; ties to even.
fn to_half(x: f64) -> u64 {
    if x.is_nan() {
        return 0x7fff;
    }
    let sign = if x.is_sign_negative() { 0x8000 } else { 0 };
    let x = x.abs();
    if x >= 65520.0 {
        return sign | 0x7c00;
    }
    let (mut low, mut high) = (0u64, 0x7bff);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if f64::from(half(middle)) <= x {
            low = middle
        } else {
            high = middle - 1
        }
    }
    let (below, above) = (
        f64::from(half(low)),
        if low == 0x7bff {
            65536.0
        } else {
            f64::from(half(low + 1))
        },
    );
    let up = (x - below) > (above - x) || (x - below) == (above - x) && low & 1 == 1;
    sign | (low + u64::from(up))
}

#[test]
fn half_precision() {
    let halves = |r: &mut Random| {
        let f = |r: &mut Random| {
            if r.below(3) == 0 {
                r.next() & 0xffff
            } else {
                to_half((r.next() as i16) as f64 / 64.0)
            }
        };
        [f(r), f(r), f(r)]
    };
    let h = |x: u64| f64::from(half(x));
    check("add.f16 %d, %a, %b;", I16, halves, move |[a, b, _]| {
        to_half(h(a) + h(b))
    });
    check("mul.f16 %d, %a, %b;", I16, halves, move |[a, b, _]| {
        to_half(h(a) * h(b))
    });
    check("sub.rn.f16 %d, %a, %b;", I16, halves, move |[a, b, _]| {
        to_half(h(a) - h(b))
    });
    check(
        "cvt.f32.f16 %d, %a;",
        ["32", "16", "16", "16"],
        halves,
        move |[a, ..]| {
            if half(a).is_nan() {
                0x7fff_ffff
            } else {
                half(a).to_bits().into()
            }
        },
    );
    check(
        "cvt.rn.f16.f32 %d, %a;",
        ["16", "32", "32", "32"],
        |r| [r.f32().into(), 0, 0],
        |[a, ..]| to_half(f64::from(f32::from_bits(a as u32))),
    );
    check(
        "cvt.rn.f16.f64 %d, %a;",
        ["16", "64", "64", "64"],
        |r| [r.f64(), 0, 0],
        |[a, ..]| to_half(f64::from_bits(a)),
    );
    check(
        "fma.rn.f16x2 %d, %a, %b, %c;",
        I32,
        |r| {
            let f = |r: &mut Random| {
                to_half((r.next() as i8) as f64 / 8.0) | to_half((r.next() as i8) as f64) << 16
            };
            [f(r), f(r), f(r)]
        },
        move |[a, b, c]| {
            // These products and sums are exact in f64.
            let one =
                |s: u32| to_half(h(a >> s & 0xffff) * h(b >> s & 0xffff) + h(c >> s & 0xffff));
            one(0) | one(16) << 16
        },
    );
    check(
        "cvt.rn.f16x2.f32 %d, %a, %b;",
        I32,
        |r| [r.f32().into(), r.f32().into(), 0],
        |[a, b, _]| {
            let f = |x: u64| to_half(f64::from(f32::from_bits(x as u32)));
            f(b) | f(a) << 16
        },
    );
    check(
        "cvt.rn.bf16.f32 %d, %a;",
        ["16", "32", "32", "32"],
        |r| [r.f32().into(), 0, 0],
        |[a, ..]| {
            if f32::from_bits(a as u32).is_nan() {
                return 0x7fff;
            }
            (a + 0x7fff + (a >> 16 & 1)) >> 16
        },
    );
    check(
        "{ .reg .pred p;\nsetp.lt.f16 p, %a, %b;\nselp.b16 %d, 1, 0, p; }",
        I16,
        halves,
        move |[a, b, _]| u64::from(h(a) < h(b)),
    );
}

#[test]
fn comparisons() {
    let select =
        |cmp: &str| format!("{{ .reg .pred p;\nsetp.{cmp} p, %a, %b;\nselp.b32 %d, 1, 0, p; }}");
    for (name, f) in [
        ("eq", (|a, b| a == b) as fn(i64, i64) -> bool),
        ("ne", |a, b| a != b),
        ("lt", |a, b| a < b),
        ("le", |a, b| a <= b),
        ("gt", |a, b| a > b),
        ("ge", |a, b| a >= b),
    ] {
        let close = |r: &mut Random| {
            let a = r.integer();
            [a, if r.below(3) == 0 { a } else { r.integer() }, 0]
        };
        check(
            &select(&format!("{name}.s32")),
            I32,
            close,
            move |[a, b, _]| f(a as i32 as i64, b as i32 as i64).into(),
        );
        check(
            &select(&format!("{name}.u32")),
            I32,
            close,
            move |[a, b, _]| f(a as u32 as i64, b as u32 as i64).into(),
        );
        check(
            &select(&format!("{name}.s64")),
            ["32", "64", "64", "64"],
            close,
            move |[a, b, _]| f(a as i64, b as i64).into(),
        );
        check(
            &select(&format!("{name}.s16")),
            ["32", "16", "16", "16"],
            close,
            move |[a, b, _]| f(a as i16 as i64, b as i16 as i64).into(),
        );
    }
    for (name, f) in [
        ("eq", (|a, b| a == b) as fn(f32, f32) -> bool),
        ("ne", |a, b| a != b && !a.is_nan() && !b.is_nan()),
        ("lt", |a, b| a < b),
        ("ge", |a, b| a >= b),
        ("equ", |a, b| a == b || a.is_nan() || b.is_nan()),
        ("neu", |a, b| a != b),
        ("ltu", |a, b| a < b || a.is_nan() || b.is_nan()),
        ("leu", |a, b| a <= b || a.is_nan() || b.is_nan()),
        ("gtu", |a, b| a > b || a.is_nan() || b.is_nan()),
        ("geu", |a, b| a >= b || a.is_nan() || b.is_nan()),
        ("num", |a, b| !a.is_nan() && !b.is_nan()),
        ("nan", |a, b| a.is_nan() || b.is_nan()),
    ] {
        check(
            &select(&format!("{name}.f32")),
            I32,
            |r| [r.f32().into(), r.f32().into(), 0],
            move |[a, b, _]| f(f32::from_bits(a as u32), f32::from_bits(b as u32)).into(),
        );
    }
    integers(
        "{ .reg .pred p, q, s;\nsetp.ne.s32 s, %c, 0;\nsetp.lt.and.s32 p|q, %a, %b, s;\nselp.b32 %d, 1, 0, p;\n@q add.s32 %d, %d, 2; }",
        I32,
        |[a, b, c]| {
            let s = c as u32 != 0;
            let less = (a as i32) < (b as i32);
            u64::from(less && s) + 2 * u64::from(!less && s)
        },
    );
    integers("set.gt.u32.s32 %d, %a, %b;", I32, |[a, b, _]| {
        if a as i32 > b as i32 { u64::MAX } else { 0 }
    });
    integers("slct.s32.s32 %d, %a, %b, %c;", I32, |[a, b, c]| {
        if c as i32 >= 0 { a } else { b }
    });
}

#[test]
fn simd_video() {
    let bytes = |x: u64| (0..4).map(move |n| (x >> (8 * n)) as u8);
    integers(
        "vabsdiff4.u32.u32.u32 %d, %a, %b, %c;",
        I32,
        move |[a, b, _]| {
            let lanes: Vec<u8> = bytes(a).zip(bytes(b)).map(|(x, y)| x.abs_diff(y)).collect();
            u32::from_le_bytes(lanes.try_into().unwrap()).into()
        },
    );
    integers(
        "vabsdiff4.u32.u32.u32.add %d, %a, %b, %c;",
        I32,
        move |[a, b, c]| {
            bytes(a)
                .zip(bytes(b))
                .fold(c as u32, |sum, (x, y)| {
                    sum.wrapping_add(x.abs_diff(y).into())
                })
                .into()
        },
    );
    integers("vadd2.s32.s32.s32.sat %d, %a, %b, %c;", I32, |[a, b, _]| {
        let half = |s: u32| ((a >> s) as i16).saturating_add((b >> s) as i16) as u16;
        u64::from(half(0)) | u64::from(half(16)) << 16
    });
    integers(
        "vavrg4.u32.u32.u32 %d, %a, %b, %c;",
        I32,
        move |[a, b, _]| {
            let lanes: Vec<u8> = bytes(a)
                .zip(bytes(b))
                .map(|(x, y)| (u16::from(x) + u16::from(y)).div_ceil(2) as u8)
                .collect();
            u32::from_le_bytes(lanes.try_into().unwrap()).into()
        },
    );
}
