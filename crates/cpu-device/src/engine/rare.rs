//! Scalar functions for the operations that have no vector loop: directed roundings, saturation, half precision, unusual
//! conversions and bit operations. Each works on one lane; values are zero-extended bits.
//!
//! Floating-point functions take their variant as a packed [`Config`], so that one function serves all of them.

use super::ir::{LaneFn, LaneFn4};
use super::types::Type;

/// Modifiers of a floating-point instruction.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Flags {
    pub rounding: &'static str,
    pub ftz: bool,
    pub sat: bool,
    pub satfinite: bool,
    pub relu: bool,
    pub approx: bool,
    pub full: bool,
    pub nan: bool,
    pub xorsign: bool,
    pub abs: bool,
}

impl Flags {
    fn unmodified(&self) -> bool {
        self.nearest()
            && !(self.sat || self.satfinite || self.relu || self.nan || self.xorsign || self.abs)
    }

    /// Round to nearest even, nothing else.
    pub(crate) fn plain(&self) -> bool {
        self.unmodified() && !self.ftz && !self.approximate()
    }

    /// Round to nearest even, subnormals flushed, nothing else.
    pub(crate) fn only_ftz(&self) -> bool {
        self.unmodified() && self.ftz && !self.approximate()
    }

    pub(crate) fn nearest(&self) -> bool {
        matches!(self.rounding, "" | "rn")
    }

    pub(crate) fn approximate(&self) -> bool {
        self.approx || self.full
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Round {
    Nearest,
    Zero,
    Down,
    Up,
    NearestAway,
}

/// A floating-point operation with its variant, packed into an operand.
#[derive(Clone, Copy)]
struct Config {
    op: u8,
    to: u8,
    from: u8,
    round: Round,
    bits: u16,
}

const FTZ: u16 = 1;
const SAT: u16 = 2;
const SATFINITE: u16 = 4;
const RELU: u16 = 8;
const NAN: u16 = 16;
const XORSIGN: u16 = 32;
const INTEGRAL: u16 = 64;
const APPROX: u16 = 128;

const ADD: u8 = 0;
const SUB: u8 = 1;
const MUL: u8 = 2;
const DIV: u8 = 3;
const MIN: u8 = 4;
const MAX: u8 = 5;
const FMA: u8 = 6;
const ABS: u8 = 7;
const NEG: u8 = 8;
const SQRT: u8 = 9;
const RCP: u8 = 10;
const RSQRT: u8 = 11;
const SIN: u8 = 12;
const COS: u8 = 13;
const LG2: u8 = 14;
const EX2: u8 = 15;
const TANH: u8 = 16;

const TYPES: [Type; 17] = [
    Type::U8,
    Type::S8,
    Type::U16,
    Type::S16,
    Type::U32,
    Type::S32,
    Type::U64,
    Type::S64,
    Type::F16,
    Type::Bf16,
    Type::F32,
    Type::F64,
    Type::Tf32,
    Type::F16x2,
    Type::Bf16x2,
    Type::E4m3x2,
    Type::E5m2x2,
];

fn type_number(ty: Type) -> Option<u8> {
    let ty = match ty {
        Type::B8 => Type::U8,
        Type::B16 => Type::U16,
        Type::B32 => Type::U32,
        Type::B64 => Type::U64,
        other => other,
    };
    TYPES.iter().position(|&t| t == ty).map(|n| n as u8)
}

impl Config {
    fn new(op: u8, to: Type, from: Type, flags: &Flags) -> Option<Config> {
        let (round, integral) = match flags.rounding {
            "" | "rn" => (Round::Nearest, false),
            "rz" => (Round::Zero, false),
            "rm" => (Round::Down, false),
            "rp" => (Round::Up, false),
            "rna" => (Round::NearestAway, false),
            "rni" => (Round::Nearest, true),
            "rzi" => (Round::Zero, true),
            "rmi" => (Round::Down, true),
            _ => (Round::Up, true),
        };
        let mut bits = 0;
        for (set, bit) in [
            (flags.ftz, FTZ),
            (flags.sat, SAT),
            (flags.satfinite, SATFINITE),
            (flags.relu, RELU),
            (flags.nan, NAN),
            (flags.xorsign, XORSIGN),
            (integral, INTEGRAL),
            (flags.approximate(), APPROX),
        ] {
            if set {
                bits |= bit;
            }
        }
        Some(Config {
            op,
            to: type_number(to)?,
            from: type_number(from)?,
            round,
            bits,
        })
    }

    fn pack(self) -> u64 {
        u64::from(self.op)
            | u64::from(self.to) << 8
            | u64::from(self.from) << 16
            | (self.round as u64) << 24
            | u64::from(self.bits) << 32
    }

    fn unpack(value: u64) -> Config {
        let round = match (value >> 24) as u8 {
            0 => Round::Nearest,
            1 => Round::Zero,
            2 => Round::Down,
            3 => Round::Up,
            _ => Round::NearestAway,
        };
        Config {
            op: value as u8,
            to: (value >> 8) as u8,
            from: (value >> 16) as u8,
            round,
            bits: (value >> 32) as u16,
        }
    }

    fn has(self, bit: u16) -> bool {
        self.bits & bit != 0
    }

    fn to(self) -> Type {
        TYPES[usize::from(self.to) % TYPES.len()]
    }

    fn from(self) -> Type {
        TYPES[usize::from(self.from) % TYPES.len()]
    }
}

/// A scalar function and the configuration to give it as its fourth operand.
pub(crate) type Configured = (LaneFn4, u64);

/// A floating-point operation of one to three operands.
pub(crate) fn float(op: &str, ty: Type, flags: &Flags) -> Option<Configured> {
    let op = match op {
        "add" => ADD,
        "sub" => SUB,
        "mul" => MUL,
        "div" => DIV,
        "min" => MIN,
        "max" => MAX,
        "fma" | "mad" => FMA,
        "abs" => ABS,
        "neg" => NEG,
        "sqrt" => SQRT,
        "rcp" => RCP,
        "rsqrt" => RSQRT,
        "sin" => SIN,
        "cos" => COS,
        "lg2" => LG2,
        "ex2" => EX2,
        "tanh" => TANH,
        _ => return None,
    };
    if !matches!(
        ty,
        Type::F16 | Type::Bf16 | Type::F16x2 | Type::Bf16x2 | Type::F32 | Type::F64
    ) {
        return None;
    }
    let config = Config::new(op, ty, ty, flags)?;
    let f: LaneFn4 = match ty {
        Type::F32 => float32,
        Type::F64 => float64,
        Type::F16 | Type::Bf16 => float16,
        _ => float16x2,
    };
    Some((f, config.pack()))
}

fn float32(a: u64, b: u64, c: u64, config: u64) -> u64 {
    let k = Config::unpack(config);
    let flush = |x: u64| {
        let x = x as u32;
        f32::from_bits(if k.has(FTZ) && x & 0x7f80_0000 == 0 {
            x & 0x8000_0000
        } else {
            x
        })
    };
    let (a, b, c) = (flush(a), flush(b), flush(c));
    let r = match k.op {
        MIN | MAX => minmax32(a, b, k),
        ABS => return u64::from(a.to_bits() & 0x7fff_ffff),
        NEG => return u64::from(a.to_bits() ^ 0x8000_0000),
        RSQRT => (1.0 / f64::from(a).sqrt()) as f32,
        SIN => f64::from(a).sin() as f32,
        COS => f64::from(a).cos() as f32,
        LG2 => f64::from(a).log2() as f32,
        EX2 => f64::from(a).exp2() as f32,
        TANH => f64::from(a).tanh() as f32,
        // Full-range division may be inaccurate; the exact result is within its bounds.
        op => exact32(op, a, b, c, k.round),
    };
    let mut bits = r.to_bits();
    if r.is_nan() {
        bits = 0x7fff_ffff;
    }
    if k.has(SAT) {
        bits = if r.is_nan() {
            0
        } else {
            (r.clamp(0.0, 1.0) + 0.0).to_bits()
        };
    }
    if k.has(FTZ) && bits & 0x7f80_0000 == 0 {
        bits &= 0x8000_0000;
    }
    if k.has(RELU) && bits >> 31 != 0 && bits & 0x7fff_ffff <= 0x7f80_0000 {
        bits = 0;
    }
    u64::from(bits)
}

fn minmax32(a: f32, b: f32, k: Config) -> f32 {
    let sign = (a.to_bits() ^ b.to_bits()) & 0x8000_0000;
    let (a, b) = if k.has(XORSIGN) {
        (a.abs(), b.abs())
    } else {
        (a, b)
    };
    let r = if a.is_nan() || b.is_nan() {
        if k.has(NAN) || a.is_nan() && b.is_nan() {
            return f32::NAN;
        }
        if a.is_nan() { b } else { a }
    } else if a == b {
        // Negative zero is less than positive zero.
        if (k.op == MIN) == a.is_sign_negative() {
            a
        } else {
            b
        }
    } else if (k.op == MIN) == (a < b) {
        a
    } else {
        b
    };
    if k.has(XORSIGN) {
        f32::from_bits(r.to_bits() & 0x7fff_ffff | sign)
    } else {
        r
    }
}

/// `add`, `sub`, `mul`, `div`, `fma`, `sqrt`, `rcp` with any rounding: the result rounded to nearest is moved by at most one
/// unit, in the direction that the sign of its error tells.
fn exact32(op: u8, a: f32, b: f32, c: f32, round: Round) -> f32 {
    let b = if op == SUB { -b } else { b };
    let r = match op {
        ADD | SUB => a + b,
        MUL => a * b,
        DIV => a / b,
        SQRT => a.sqrt(),
        RCP => 1.0 / a,
        _ => a.mul_add(b, c),
    };
    if round == Round::Nearest || r.is_nan() {
        return r;
    }
    let (wa, wb, wc) = (f64::from(a), f64::from(b), f64::from(c));
    let finite = a.is_finite()
        && (b.is_finite() || matches!(op, SQRT | RCP))
        && (c.is_finite() || op != FMA);
    if r.is_infinite() {
        // A true infinity stays; an overflow becomes the largest finite number when rounding towards zero.
        let from_zero = matches!(op, DIV) && b == 0.0 || op == RCP && a == 0.0;
        if !finite || from_zero {
            return r;
        }
        let toward = round == Round::Zero || (round == Round::Down) == (r > 0.0);
        return if toward { f32::MAX.copysign(r) } else { r };
    }
    if !finite {
        return r;
    }
    let wr = f64::from(r);
    // Sign of (exact - r).
    let error = match op {
        ADD | SUB => {
            let (s, e) = two_sum(wa, wb);
            if s != wr { s - wr } else { e }
        }
        MUL => wa * wb - wr,
        DIV => (-wr).mul_add(wb, wa) * wb.signum(),
        RCP => (-wr).mul_add(wa, 1.0) * wa.signum(),
        SQRT => (-wr).mul_add(wr, wa),
        _ => {
            let (s, e) = two_sum(wa * wb, wc);
            if s != wr { s - wr } else { e }
        }
    };
    // A sum that is exactly zero is -0 when rounding down, unless both were +0.
    if error == 0.0 {
        if r == 0.0 && matches!(op, ADD | SUB | FMA) {
            let (x, y) = if op == FMA { (wa * wb, wc) } else { (wa, wb) };
            let (nx, ny) = (x.is_sign_negative(), y.is_sign_negative());
            if nx != ny {
                return if round == Round::Down { -0.0 } else { 0.0 };
            }
        }
        return r;
    }
    step32(r, error, round)
}

fn step32(r: f32, error: f64, round: Round) -> f32 {
    let negative = if r == 0.0 { error < 0.0 } else { r < 0.0 };
    match round {
        Round::Zero if negative && error > 0.0 => r.next_up(),
        Round::Zero if !negative && error < 0.0 => r.next_down(),
        Round::Up if error > 0.0 => r.next_up(),
        Round::Down if error < 0.0 => r.next_down(),
        _ => r,
    }
}

fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let s = a + b;
    let bb = s - a;
    (s, (a - (s - bb)) + (b - bb))
}

fn float64(a: u64, b: u64, c: u64, config: u64) -> u64 {
    let k = Config::unpack(config);
    let (a, b, c) = (f64::from_bits(a), f64::from_bits(b), f64::from_bits(c));
    let r = match k.op {
        MIN | MAX => {
            if a.is_nan() {
                b
            } else if b.is_nan() {
                a
            } else if a == b {
                if (k.op == MIN) == a.is_sign_negative() {
                    a
                } else {
                    b
                }
            } else if (k.op == MIN) == (a < b) {
                a
            } else {
                b
            }
        }
        ABS => return a.to_bits() & !(1 << 63),
        NEG => return a.to_bits() ^ 1 << 63,
        // The gross approximations deliver the upper half of the number.
        RCP if k.has(APPROX) => return (1.0 / flush64(a)).to_bits() & !0xffff_ffff,
        RSQRT => {
            return (1.0 / flush64(a).sqrt()).to_bits()
                & if k.has(FTZ) { !0xffff_ffff } else { !0 };
        }
        op => exact64(op, a, b, c, k.round),
    };
    if k.has(SAT) {
        return if r.is_nan() {
            0
        } else {
            (r.clamp(0.0, 1.0) + 0.0).to_bits()
        };
    }
    r.to_bits()
}

fn flush64(x: f64) -> f64 {
    if x.is_subnormal() {
        0f64.copysign(x)
    } else {
        x
    }
}

fn exact64(op: u8, a: f64, b: f64, c: f64, round: Round) -> f64 {
    let b = if op == SUB { -b } else { b };
    let r = match op {
        ADD | SUB => a + b,
        MUL => a * b,
        DIV => a / b,
        SQRT => a.sqrt(),
        RCP => 1.0 / a,
        _ => a.mul_add(b, c),
    };
    if round == Round::Nearest || r.is_nan() {
        return r;
    }
    let finite = a.is_finite()
        && (b.is_finite() || matches!(op, SQRT | RCP))
        && (c.is_finite() || op != FMA);
    if r.is_infinite() {
        let from_zero = matches!(op, DIV) && b == 0.0 || op == RCP && a == 0.0;
        if !finite || from_zero {
            return r;
        }
        let toward = round == Round::Zero || (round == Round::Down) == (r > 0.0);
        return if toward { f64::MAX.copysign(r) } else { r };
    }
    if !finite {
        return r;
    }
    // Tiny products and quotients have errors below the smallest number: scale them up first.
    let up = 2f64.powi(600);
    let error = match op {
        ADD | SUB if a == 0.0 || b == 0.0 => 0.0,
        // The error term of a sum may overflow although the sum does not.
        ADD | SUB => return fma64(a, 1.0, b, round),
        MUL if r.abs() < 1e-250 => {
            let (sa, sb) = (scale_up(a), scale_up(b));
            if a == 0.0 || b == 0.0 {
                0.0
            } else {
                product_error(sa.0, sb.0, r, sa.1 + sb.1)
            }
        }
        MUL => a.mul_add(b, -r),
        DIV if a.abs() < 1e-200 => (-(r * up)).mul_add(b, a * up) * b.signum(),
        DIV => (-r).mul_add(b, a) * b.signum(),
        RCP => (-r).mul_add(a, 1.0) * a.signum(),
        SQRT if a < 1e-200 => (-(r * 2f64.powi(300))).mul_add(r * 2f64.powi(300), a * up),
        SQRT => (-r).mul_add(r, a),
        _ if a == 0.0 || b == 0.0 => 0.0,
        _ => return fma64(a, b, c, round),
    };
    if error == 0.0 {
        if r == 0.0 && matches!(op, ADD | SUB | FMA) {
            let (x, y) = if op == FMA { (a * b, c) } else { (a, b) };
            if x.is_sign_negative() != y.is_sign_negative() {
                return if round == Round::Down { -0.0 } else { 0.0 };
            }
        }
        return r;
    }
    let negative = if r == 0.0 { error < 0.0 } else { r < 0.0 };
    match round {
        Round::Zero if negative && error > 0.0 => r.next_up(),
        Round::Zero if !negative && error < 0.0 => r.next_down(),
        Round::Up if error > 0.0 => r.next_up(),
        Round::Down if error < 0.0 => r.next_down(),
        _ => r,
    }
}

/// `a * b + c` rounded towards a side; all are finite, and the product is not zero.
fn fma64(a: f64, b: f64, c: f64, round: Round) -> f64 {
    let parts = |x: f64| {
        let field = (x.to_bits() >> 52 & 0x7ff) as i32;
        let fraction = x.to_bits() & ((1 << 52) - 1);
        let implicit = u64::from(field != 0) << 52;
        (u128::from(fraction | implicit), field.max(1) - 1075)
    };
    // The leading bit of a mantissa that is not zero goes to bit 125.
    let normal = |m: u128, e: i32| {
        let shift = m.leading_zeros() as i32 - 2;
        (m << shift, e - shift)
    };
    let ((ma, ea), (mb, eb), (mc, ec)) = (parts(a), parts(b), parts(c));
    let product_negative = a.is_sign_negative() != b.is_sign_negative();
    let (mut x, mut ex) = normal(ma * mb, ea + eb);
    let mut negative = product_negative;
    if mc != 0 {
        let (mut y, mut ey) = normal(mc, ec);
        if (ey, y) > (ex, x) {
            ((x, ex), (y, ey)) = ((y, ey), (x, ex));
            negative = c.is_sign_negative();
        }
        // What falls off the smaller one stays visible in its last bit.
        let distance = (ex - ey) as u32;
        let lost = distance > 127 || y & ((1 << distance) - 1) != 0;
        y = y.checked_shr(distance).unwrap_or(0) | u128::from(lost);
        if product_negative == c.is_sign_negative() {
            x += y;
        } else {
            x -= y;
        }
    }
    if x == 0 {
        return if round == Round::Down { -0.0 } else { 0.0 };
    }
    let exponent = (ex + 127 - x.leading_zeros() as i32).max(-1022);
    let shift = exponent - 52 - ex;
    let (mut m, inexact) = match shift {
        ..=0 => ((x << -shift) as u64, false),
        1..=127 => ((x >> shift) as u64, x & ((1 << shift) - 1) != 0),
        _ => (0, true),
    };
    let away = match round {
        Round::Up => !negative,
        Round::Down => negative,
        _ => false,
    };
    m += u64::from(inexact && away);
    // A mantissa's leading bit counts the exponent up by one; so does a carry out of it.
    ex = exponent + 1022;
    let infinity = f64::INFINITY.to_bits();
    let magnitude = if ex > 2046 {
        infinity
    } else {
        ((ex as u64) << 52) + m
    };
    let magnitude = if magnitude < infinity {
        magnitude
    } else {
        infinity - u64::from(!away)
    };
    f64::from_bits(magnitude | u64::from(negative) << 63)
}

/// `x` as a number in [1, 2) or (-2, -1] and an exponent.
fn scale_up(x: f64) -> (f64, i32) {
    let (x, extra) = if x.is_subnormal() {
        (x * 2f64.powi(64), -64)
    } else {
        (x, 0)
    };
    let exponent = ((x.to_bits() >> 52) & 0x7ff) as i32 - 1023;
    (
        f64::from_bits(x.to_bits() & !(0x7ff << 52) | 1023 << 52),
        exponent + extra,
    )
}

/// Sign of `a * b * 2^exponent - r`.
fn product_error(a: f64, b: f64, r: f64, exponent: i32) -> f64 {
    // r scaled by 2^-exponent is exact unless it is zero or far away.
    let mut scaled = r;
    let mut left = -exponent;
    while left > 0 {
        let step = left.min(1000);
        scaled *= 2f64.powi(step);
        left -= step;
    }
    a.mul_add(b, -scaled)
}

/// Decodes half precision (f16 or bf16).
fn decode16(bits: u16, ty: Type) -> f64 {
    if ty == Type::Bf16 {
        return f64::from(f32::from_bits(u32::from(bits) << 16));
    }
    let sign = if bits >> 15 != 0 { -1.0 } else { 1.0 };
    let exponent = i32::from(bits >> 10 & 31);
    let mantissa = f64::from(bits & 0x3ff);
    sign * match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        e => (1024.0 + mantissa) * f64::from_bits(((e - 25 + 1023) as u64) << 52),
    }
}

/// Precision (with the implicit bit), smallest normal exponent, largest exponent.
fn format(ty: Type) -> (u32, i32, i32) {
    match ty {
        Type::F16 => (11, -14, 15),
        Type::Bf16 => (8, -126, 127),
        Type::Tf32 => (11, -126, 127),
        Type::E4m3x2 => (4, -6, 8),
        Type::E5m2x2 => (3, -14, 15),
        _ => (24, -126, 127),
    }
}

/// Rounds a number (not a NaN) to a format: sign, and exponent and mantissa bits. Overflow gives an exponent beyond the
/// largest.
fn encode(x: f64, ty: Type, round: Round) -> (bool, u64) {
    let (precision, least, largest) = format(ty);
    let negative = x.is_sign_negative();
    let x = x.abs();
    let infinity = ((largest - least + 2) as u64) << (precision - 1);
    if x == 0.0 {
        return (negative, 0);
    }
    if x.is_infinite() {
        return (negative, infinity);
    }
    let exponent = (((x.to_bits() >> 52) & 0x7ff) as i32 - 1023).max(least);
    if exponent > largest {
        let toward = matches!(round, Round::Zero)
            || round == Round::Down && !negative
            || round == Round::Up && negative;
        return (negative, if toward { infinity - 1 } else { infinity });
    }
    let quantum = exponent - (precision as i32 - 1);
    let scaled = x * f64::from_bits(((1023 - quantum) as u64) << 52);
    let whole = scaled.floor();
    let fraction = scaled - whole;
    let mut m = whole as u64;
    let up = match round {
        Round::Nearest => fraction > 0.5 || fraction == 0.5 && m & 1 == 1,
        Round::NearestAway => fraction >= 0.5,
        Round::Zero => false,
        Round::Down => fraction > 0.0 && negative,
        Round::Up => fraction > 0.0 && !negative,
    };
    m += u64::from(up);
    let implicit = 1u64 << (precision - 1);
    let bits = if m < implicit {
        m
    } else {
        (((exponent - least + 1) as u64) << (precision - 1)) + (m - implicit)
    };
    (negative, bits.min(infinity))
}

/// Half precision from a number, with NaNs canonical.
fn encode16(x: f64, ty: Type, round: Round) -> u16 {
    if x.is_nan() {
        return 0x7fff;
    }
    let (negative, bits) = encode(x, ty, round);
    bits as u16 | u16::from(negative) << 15
}

/// A sum of which the last bit tells whether it was inexact, so that rounding it again is right.
fn add_odd(a: f64, b: f64) -> f64 {
    let (s, e) = two_sum(a, b);
    if e == 0.0 || !s.is_finite() || e.is_nan() || s.to_bits() & 1 == 1 {
        return s;
    }
    let away = (e > 0.0) == (s > 0.0);
    f64::from_bits(if away {
        s.to_bits() + 1
    } else {
        s.to_bits() - 1
    })
}

fn float16(a: u64, b: u64, c: u64, config: u64) -> u64 {
    let k = Config::unpack(config);
    let ty = if k.to() == Type::Bf16 || k.to() == Type::Bf16x2 {
        Type::Bf16
    } else {
        Type::F16
    };
    u64::from(half(a as u16, b as u16, c as u16, k, ty))
}

fn float16x2(a: u64, b: u64, c: u64, config: u64) -> u64 {
    let low = float16(a, b, c, config);
    let high = float16(a >> 16, b >> 16, c >> 16, config);
    low | high << 16
}

fn half(a: u16, b: u16, c: u16, k: Config, ty: Type) -> u16 {
    let flush = |bits: u16| {
        let exponent = if ty == Type::Bf16 { 0x7f80 } else { 0x7c00 };
        if k.has(FTZ) && bits & exponent == 0 {
            bits & 0x8000
        } else {
            bits
        }
    };
    let (a, b, c) = (flush(a), flush(b), flush(c));
    match k.op {
        ABS => return a & 0x7fff,
        NEG => return a ^ 0x8000,
        _ => {}
    }
    let (x, y, z) = (decode16(a, ty), decode16(b, ty), decode16(c, ty));
    let r = match k.op {
        ADD => add_odd(x, y),
        SUB => add_odd(x, -y),
        MUL => x * y,
        FMA => add_odd(x * y, z),
        MIN | MAX => {
            return half_minmax(a, b, x, y, k);
        }
        EX2 => x.exp2(),
        TANH => x.tanh(),
        DIV => x / y,
        SQRT => x.sqrt(),
        RCP => 1.0 / x,
        RSQRT => 1.0 / x.sqrt(),
        SIN => x.sin(),
        COS => x.cos(),
        _ => x.log2(),
    };
    if k.has(SAT) {
        return if r.is_nan() {
            0
        } else {
            flush(encode16(r.clamp(0.0, 1.0) + 0.0, ty, k.round))
        };
    }
    // Negative zero becomes positive, too.
    if k.has(RELU) && r <= 0.0 {
        return 0;
    }
    flush(encode16(r, ty, k.round))
}

fn half_minmax(a: u16, b: u16, x: f64, y: f64, k: Config) -> u16 {
    let sign = (a ^ b) & 0x8000;
    let (a, b, x, y) = if k.has(XORSIGN) {
        (a & 0x7fff, b & 0x7fff, x.abs(), y.abs())
    } else {
        (a, b, x, y)
    };
    let r = match (x.is_nan(), y.is_nan()) {
        (true, true) => return 0x7fff,
        (true, false) | (false, true) if k.has(NAN) => return 0x7fff,
        (true, false) => b,
        (false, true) => a,
        _ if x == y => {
            if (k.op == MIN) == (a >> 15 != 0) {
                a
            } else {
                b
            }
        }
        _ if (k.op == MIN) == (x < y) => a,
        _ => b,
    };
    if k.has(XORSIGN) { r & 0x7fff | sign } else { r }
}

/// Three-input minimum or maximum of f32.
pub(crate) fn minmax3(op: &str, flags: &Flags) -> Option<LaneFn> {
    fn three<const MAXIMUM: bool, const NANS: bool>(a: u64, b: u64, c: u64) -> u64 {
        let bits = if NANS { NAN } else { 0 };
        let k = Config {
            op: if MAXIMUM { MAX } else { MIN },
            to: 0,
            from: 0,
            round: Round::Nearest,
            bits,
        };
        let f = |x: u64| f32::from_bits(x as u32);
        let r = minmax32(minmax32(f(a), f(b), k), f(c), k);
        u64::from(if r.is_nan() { 0x7fff_ffff } else { r.to_bits() })
    }
    if flags.ftz || flags.xorsign {
        return None;
    }
    Some(match (op == "max", flags.nan) {
        (false, false) => three::<false, false>,
        (false, true) => three::<false, true>,
        (true, false) => three::<true, false>,
        (true, true) => three::<true, true>,
    })
}

/// `cvt` between any two scalar types, or between packed pairs of the same number of elements.
pub(crate) fn cvt(to: Type, from: Type, flags: &Flags) -> Option<Configured> {
    let packed = |t: Type| matches!(t, Type::F16x2 | Type::Bf16x2 | Type::E4m3x2 | Type::E5m2x2);
    if packed(to) != packed(from) {
        return None;
    }
    let f: LaneFn4 = if packed(to) { convert_packed } else { convert };
    Some((f, Config::new(0, to, from, flags)?.pack()))
}

/// `cvt` of two f32 to a packed pair; the first operand is the upper half.
pub(crate) fn cvt_pair(to: Type, from: Type, flags: &Flags) -> Option<Configured> {
    fn pair(a: u64, b: u64, _: u64, config: u64) -> u64 {
        let k = Config::unpack(config);
        let width = if matches!(k.to(), Type::F16x2 | Type::Bf16x2) {
            16
        } else {
            8
        };
        let element = |x: u64| to_narrow(f64::from(f32::from_bits(x as u32)), k, k.to());
        element(b) | element(a) << width
    }
    if from != Type::F32 || !matches!(to, Type::F16x2 | Type::Bf16x2 | Type::E4m3x2 | Type::E5m2x2)
    {
        return None;
    }
    Some((pair, Config::new(0, to, from, flags)?.pack()))
}

/// A number in one of the narrow formats, as bits.
fn to_narrow(x: f64, k: Config, ty: Type) -> u64 {
    let ty = match ty {
        Type::F16x2 => Type::F16,
        Type::Bf16x2 => Type::Bf16,
        other => other,
    };
    let x = if k.has(RELU) && x <= 0.0 { 0.0 } else { x };
    match ty {
        Type::E4m3x2 => {
            if x.is_nan() {
                return 0x7f;
            }
            // No infinity: exponent 15 holds numbers up to 448, overflow saturates.
            let (negative, bits) = encode(x, ty, k.round);
            bits.min(0x7e) | u64::from(negative) << 7
        }
        Type::E5m2x2 => {
            if x.is_nan() {
                return 0x7f;
            }
            let (negative, bits) = encode(x, ty, k.round);
            bits.min(0x7b) | u64::from(negative) << 7
        }
        Type::Tf32 => {
            if x.is_nan() {
                return 0x7fff_ffff;
            }
            let (negative, bits) = encode(x, ty, k.round);
            let bits = if k.has(SATFINITE) {
                bits.min(0x3_fbff)
            } else {
                bits
            };
            bits << 13 | u64::from(negative) << 31
        }
        _ => {
            if x.is_nan() {
                return 0x7fff;
            }
            let mut bits = encode16(x, ty, k.round);
            let infinity = if ty == Type::Bf16 { 0x7f80 } else { 0x7c00 };
            if k.has(SATFINITE) && bits & 0x7fff == infinity {
                bits -= 1;
            }
            u64::from(bits)
        }
    }
}

fn from_narrow(bits: u64, ty: Type) -> f64 {
    match ty {
        Type::F16 | Type::F16x2 => decode16(bits as u16, Type::F16),
        Type::Bf16 | Type::Bf16x2 => decode16(bits as u16, Type::Bf16),
        Type::E5m2x2 => decode16((bits as u16 & 0xff) << 8, Type::F16),
        _ => {
            let sign = if bits & 0x80 != 0 { -1.0 } else { 1.0 };
            let (exponent, mantissa) = ((bits >> 3 & 15) as i32, (bits & 7) as f64);
            sign * match (exponent, bits & 7) {
                (15, 7) => f64::NAN,
                (0, _) => mantissa * 2f64.powi(-9),
                _ => (8.0 + mantissa) * 2f64.powi(exponent - 10),
            }
        }
    }
}

fn convert_packed(a: u64, _: u64, _: u64, config: u64) -> u64 {
    let k = Config::unpack(config);
    let width = |t: Type| {
        if matches!(t, Type::F16x2 | Type::Bf16x2) {
            16
        } else {
            8
        }
    };
    let (wf, wt) = (width(k.from()), width(k.to()));
    let element = |x: u64| to_narrow(from_narrow(x & ((1 << wf) - 1), k.from()), k, k.to());
    element(a) | element(a >> wf) << wt
}

fn convert(a: u64, _: u64, _: u64, config: u64) -> u64 {
    let k = Config::unpack(config);
    let (to, from) = (k.to(), k.from());
    let ftz32 = |x: f32| {
        if k.has(FTZ) && x.is_subnormal() {
            0f32.copysign(x)
        } else {
            x
        }
    };
    let value: f64 = match from {
        Type::F16 | Type::Bf16 => decode16(a as u16, from),
        Type::F32 => f64::from(ftz32(f32::from_bits(a as u32))),
        Type::F64 => f64::from_bits(a),
        _ => {
            let integer = integer(a, from);
            if to.is_integer() {
                return clamp_integer(integer, to);
            }
            if to == Type::F64 && !k.has(SAT) {
                return integer_to_f64(integer, k.round).to_bits();
            }
            let x = odd_to_f64(integer.unsigned_abs());
            if integer < 0 { -x } else { x }
        }
    };
    let quiet = value.is_nan();
    if to.is_integer() {
        if quiet {
            let wide = from == Type::F64 || to.bits() == 64;
            return if wide { 1 << (to.bits() - 1) } else { 0 };
        }
        let rounded = round_integral(value, k.round);
        let limit = 2f64.powi(65);
        return clamp_integer(rounded.clamp(-limit, limit) as i128, to);
    }
    // Without an integral rounding a conversion to the same or a wider type is exact.
    let value = if k.has(INTEGRAL) && !quiet {
        round_integral(value, k.round)
    } else {
        value
    };
    let value = if k.has(SAT) {
        if quiet {
            0.0
        } else {
            value.clamp(0.0, 1.0) + 0.0
        }
    } else if k.has(RELU) && value < 0.0 {
        0.0
    } else {
        value
    };
    match to {
        Type::F64 => {
            if from == Type::F64 && quiet && !k.has(SAT) {
                return a | 1 << 51;
            }
            value.to_bits()
        }
        Type::F32 => {
            if value.is_nan() {
                return 0x7fff_ffff;
            }
            let (negative, bits) = encode(value, Type::F32, k.round);
            let bits = bits as u32 | u32::from(negative) << 31;
            u64::from(ftz32(f32::from_bits(bits)).to_bits())
        }
        other => to_narrow(value, k, other),
    }
}

/// An integer of up to 64 bits, rounded.
fn integer_to_f64(x: i128, round: Round) -> f64 {
    let r = x as f64;
    // The conversion rounds to nearest; what is left tells the direction of its error.
    let error = x - r as i128;
    match round {
        Round::Zero if error != 0 && (error < 0) != (x < 0) => {
            if x < 0 {
                r.next_up()
            } else {
                r.next_down()
            }
        }
        Round::Up if error > 0 => r.next_up(),
        Round::Down if error < 0 => r.next_down(),
        _ => r,
    }
}

/// A magnitude as f64 such that its last bit is set if it is inexact.
fn odd_to_f64(magnitude: u128) -> f64 {
    let length = 128 - magnitude.leading_zeros();
    if length <= 53 {
        return magnitude as u64 as f64;
    }
    let shift = length - 53;
    let sticky = magnitude & ((1 << shift) - 1) != 0;
    let m = (magnitude >> shift) as u64 | u64::from(sticky);
    m as f64 * 2f64.powi(shift as i32)
}

fn round_integral(x: f64, round: Round) -> f64 {
    match round {
        Round::Nearest => x.round_ties_even(),
        Round::NearestAway => x.round(),
        Round::Zero => x.trunc(),
        Round::Down => x.floor(),
        Round::Up => x.ceil(),
    }
}

fn integer(a: u64, ty: Type) -> i128 {
    match ty {
        Type::S8 => i128::from(a as i8),
        Type::S16 => i128::from(a as i16),
        Type::S32 => i128::from(a as i32),
        Type::S64 => i128::from(a as i64),
        Type::U8 => i128::from(a as u8),
        Type::U16 => i128::from(a as u16),
        Type::U32 => i128::from(a as u32),
        _ => i128::from(a),
    }
}

fn clamp_integer(x: i128, ty: Type) -> u64 {
    let bits = ty.bits();
    let (low, high) = if ty.is_signed() {
        (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
    } else {
        (0, (1 << bits) - 1)
    };
    let x: i128 = x.clamp(low, high);
    x as u64
        & if bits == 64 {
            u64::MAX
        } else {
            (1 << bits) - 1
        }
}

/// f16 or bf16 to f32 bits.
pub(crate) fn widen(ty: Type, ftz: bool) -> LaneFn {
    widen_half(ty, false, ftz)
}

/// One half of a packed pair to f32 bits.
pub(crate) fn widen_half(ty: Type, upper: bool, ftz: bool) -> LaneFn {
    fn f16<const UPPER: bool, const FLUSH: bool>(a: u64, _: u64, _: u64) -> u64 {
        let bits = if UPPER { (a >> 16) as u16 } else { a as u16 };
        let bits = if FLUSH && bits & 0x7c00 == 0 {
            bits & 0x8000
        } else {
            bits
        };
        u64::from((decode16(bits, Type::F16) as f32).to_bits())
    }
    fn bf16<const UPPER: bool>(a: u64, _: u64, _: u64) -> u64 {
        if UPPER {
            a & 0xffff_0000
        } else {
            a << 16 & 0xffff_0000
        }
    }
    match (ty == Type::Bf16, upper, ftz) {
        (true, false, _) => bf16::<false>,
        (true, true, _) => bf16::<true>,
        (false, false, false) => f16::<false, false>,
        (false, false, true) => f16::<false, true>,
        (false, true, false) => f16::<true, false>,
        (false, true, true) => f16::<true, true>,
    }
}

/// Half-precision sums and extrema for atomics: `op` as in [`float`] on one element.
pub(crate) fn half_atomic(bf16: bool, op: &str, a: u16, b: u16) -> u16 {
    let ty = if bf16 { Type::Bf16 } else { Type::F16 };
    let op = match op {
        "min" => MIN,
        "max" => MAX,
        _ => ADD,
    };
    half(
        a,
        b,
        0,
        Config {
            op,
            to: 0,
            from: 0,
            round: Round::Nearest,
            bits: 0,
        },
        ty,
    )
}

pub(crate) fn copysign(ty: Type) -> Option<LaneFn> {
    match ty {
        Type::F32 => Some(|a, b, _| a & 0x8000_0000 | b & 0x7fff_ffff),
        Type::F64 => Some(|a, b, _| a & 1 << 63 | b & !(1 << 63)),
        _ => None,
    }
}

pub(crate) fn add_saturating(op: &str, ty: Type) -> Option<LaneFn> {
    match (op, ty) {
        ("add", Type::S32) => Some(|a, b, _| u64::from((a as i32).saturating_add(b as i32) as u32)),
        ("sub", Type::S32) => Some(|a, b, _| u64::from((a as i32).saturating_sub(b as i32) as u32)),
        _ => None,
    }
}

pub(crate) fn relu(op: &str, ty: Type) -> Option<LaneFn> {
    match (op, ty) {
        ("min", Type::S32) => Some(|a, b, _| u64::from((a as i32).min(b as i32).max(0) as u32)),
        ("max", Type::S32) => Some(|a, b, _| u64::from((a as i32).max(b as i32).max(0) as u32)),
        _ => None,
    }
}

/// Integer operations on pairs of 16-bit values.
pub(crate) fn packed16(op: &str, ty: Type, relu: bool) -> Option<LaneFn> {
    fn both(a: u64, b: u64, f: impl Fn(i32, i32) -> i32, signed: bool) -> u64 {
        let get = |x: u64| {
            if signed {
                i32::from(x as i16)
            } else {
                i32::from(x as u16)
            }
        };
        u64::from(f(get(a), get(b)) as u16) | u64::from(f(get(a >> 16), get(b >> 16)) as u16) << 16
    }
    Some(match (op, ty, relu) {
        ("add", ..) => |a, b, _| both(a, b, i32::wrapping_add, false),
        ("sub", ..) => |a, b, _| both(a, b, i32::wrapping_sub, false),
        ("min", Type::U16x2, _) => |a, b, _| both(a, b, i32::min, false),
        ("max", Type::U16x2, _) => |a, b, _| both(a, b, i32::max, false),
        ("min", _, false) => |a, b, _| both(a, b, i32::min, true),
        ("max", _, false) => |a, b, _| both(a, b, i32::max, true),
        ("min", _, true) => |a, b, _| both(a, b, |x, y| x.min(y).max(0), true),
        ("max", _, true) => |a, b, _| both(a, b, |x, y| x.max(y).max(0), true),
        _ => return None,
    })
}

fn low24(x: u64, signed: bool) -> i64 {
    let x = x as u32;
    if signed {
        i64::from((x << 8) as i32 >> 8)
    } else {
        i64::from(x & 0xff_ffff)
    }
}

pub(crate) fn mul24(ty: Type, hi: bool) -> Option<LaneFn> {
    fn m<const S: bool, const H: bool>(a: u64, b: u64, _: u64) -> u64 {
        let p = low24(a, S) * low24(b, S);
        u64::from(if H { (p >> 16) as u32 } else { p as u32 })
    }
    Some(match (ty, hi) {
        (Type::S32, false) => m::<true, false>,
        (Type::S32, true) => m::<true, true>,
        (Type::U32, false) => m::<false, false>,
        (Type::U32, true) => m::<false, true>,
        _ => return None,
    })
}

pub(crate) fn mad24(ty: Type, hi: bool) -> Option<LaneFn> {
    fn m<const S: bool, const H: bool>(a: u64, b: u64, c: u64) -> u64 {
        let p = low24(a, S) * low24(b, S);
        u64::from((if H { (p >> 16) as u32 } else { p as u32 }).wrapping_add(c as u32))
    }
    Some(match (ty, hi) {
        (Type::S32, false) => m::<true, false>,
        (Type::S32, true) => m::<true, true>,
        (Type::U32, false) => m::<false, false>,
        (Type::U32, true) => m::<false, true>,
        _ => return None,
    })
}

pub(crate) fn sad(ty: Type) -> Option<LaneFn> {
    Some(match ty {
        Type::U16 => |a, b, c| u64::from((a as u16).abs_diff(b as u16).wrapping_add(c as u16)),
        Type::S16 => |a, b, c| u64::from((a as i16).abs_diff(b as i16).wrapping_add(c as u16)),
        Type::U32 => |a, b, c| u64::from((a as u32).abs_diff(b as u32).wrapping_add(c as u32)),
        Type::S32 => |a, b, c| u64::from((a as i32).abs_diff(b as i32).wrapping_add(c as u32)),
        Type::U64 => |a, b, c| a.abs_diff(b).wrapping_add(c),
        Type::S64 => |a, b, c| (a as i64).abs_diff(b as i64).wrapping_add(c),
        _ => return None,
    })
}

pub(crate) fn cnot() -> Option<LaneFn> {
    Some(|a, _, _| u64::from(a == 0))
}

pub(crate) fn brev64() -> Option<LaneFn> {
    Some(|a, _, _| a.reverse_bits())
}

pub(crate) fn bfind(ty: Type, shift_amount: bool) -> Option<LaneFn> {
    fn find(x: u64, bits: u32, amount: bool) -> u64 {
        if x == 0 {
            return 0xffff_ffff;
        }
        let position = 63 - x.leading_zeros();
        u64::from(if amount {
            bits - 1 - position
        } else {
            position
        })
    }
    Some(match (ty, shift_amount) {
        (Type::U32, false) => |a, _, _| find(a as u32 as u64, 32, false),
        (Type::U32, true) => |a, _, _| find(a as u32 as u64, 32, true),
        (Type::S32, false) => {
            |a, _, _| find(((a as i32) ^ (a as i32 >> 31)) as u32 as u64, 32, false)
        }
        (Type::S32, true) => {
            |a, _, _| find(((a as i32) ^ (a as i32 >> 31)) as u32 as u64, 32, true)
        }
        (Type::U64, false) => |a, _, _| find(a, 64, false),
        (Type::U64, true) => |a, _, _| find(a, 64, true),
        (Type::S64, false) => |a, _, _| find(((a as i64) ^ (a as i64 >> 63)) as u64, 64, false),
        (Type::S64, true) => |a, _, _| find(((a as i64) ^ (a as i64 >> 63)) as u64, 64, true),
        _ => return None,
    })
}

pub(crate) fn bfe64(ty: Type) -> Option<LaneFn> {
    fn extract(a: u64, pos: u64, len: u64, signed: bool) -> u64 {
        let (pos, len) = (pos as u32 & 0xff, len as u32 & 0xff);
        if len == 0 {
            return 0;
        }
        let sign = if signed {
            a >> (pos + len - 1).min(63) & 1
        } else {
            0
        };
        let field = a.checked_shr(pos).unwrap_or(0);
        let available = 64u32.saturating_sub(pos).min(len);
        let mask = if available >= 64 {
            u64::MAX
        } else {
            (1 << available) - 1
        };
        if sign != 0 {
            field & mask | !mask
        } else {
            field & mask
        }
    }
    match ty {
        Type::U64 => Some(|a, b, c| extract(a, b, c, false)),
        Type::S64 => Some(|a, b, c| extract(a, b, c, true)),
        _ => None,
    }
}

pub(crate) fn bfi64(a: u64, b: u64, pos: u64, len: u64) -> u64 {
    let (pos, len) = (pos as u32 & 0xff, len as u32 & 0xff);
    if pos >= 64 || len == 0 {
        return b;
    }
    let mask = if len >= 64 { u64::MAX } else { (1 << len) - 1 } << pos;
    b & !mask | a << pos & mask
}

pub(crate) fn prmt(mode: &str) -> Option<LaneFn> {
    fn pick(a: u64, b: u64, selectors: [u32; 4]) -> u64 {
        let all = a & 0xffff_ffff | b << 32;
        (0..4)
            .map(|i| (all >> (8 * (selectors[i] & 7)) & 0xff) << (8 * i))
            .sum()
    }
    Some(match mode {
        "f4e" => |a, b, c| {
            let n = c as u32 & 3;
            pick(a, b, [n, n + 1, n + 2, n + 3])
        },
        "b4e" => |a, b, c| {
            let n = c as u32 & 3;
            pick(a, b, [n, n + 7, n + 6, n + 5])
        },
        "rc8" => |a, b, c| pick(a, b, [c as u32 & 3; 4]),
        "ecl" => |a, b, c| {
            let n = c as u32 & 3;
            pick(a, b, [n, n.max(1), n.max(2), 3])
        },
        "ecr" => |a, b, c| {
            let n = c as u32 & 3;
            pick(a, b, [0, n.min(1), n.min(2), n])
        },
        "rc16" => |a, b, c| {
            let n = 2 * (c as u32 & 1);
            pick(a, b, [n, n + 1, n, n + 1])
        },
        _ => return None,
    })
}

pub(crate) fn bmsk(wrap: bool) -> Option<LaneFn> {
    fn mask(start: u32, len: u32) -> u64 {
        let ones = if len >= 32 { u32::MAX } else { (1 << len) - 1 };
        u64::from(ones.checked_shl(start).unwrap_or(0))
    }
    Some(if wrap {
        |a, b, _| mask(a as u32 & 31, b as u32 & 31)
    } else {
        |a, b, _| mask((a as u32).min(32), (b as u32).min(32))
    })
}

pub(crate) fn szext(ty: Type, wrap: bool) -> Option<LaneFn> {
    fn extend(a: u32, n: u32, signed: bool) -> u64 {
        u64::from(match n {
            0 => 0,
            32.. => a,
            n if signed => ((a << (32 - n)) as i32 >> (32 - n)) as u32,
            n => a & ((1 << n) - 1),
        })
    }
    Some(match (ty == Type::S32, wrap) {
        (true, true) => |a, b, _| extend(a as u32, b as u32 & 31, true),
        (true, false) => |a, b, _| extend(a as u32, b as u32, true),
        (false, true) => |a, b, _| extend(a as u32, b as u32 & 31, false),
        (false, false) => |a, b, _| extend(a as u32, b as u32, false),
    })
}

/// Find the n-th set bit (PTX `fns`).
pub(crate) fn fns(mask: u64, base: u64, offset: u64) -> u64 {
    let (mask, base, offset) = (mask as u32, base as u32, offset as i32);
    if base > 31 {
        return 0xffff_ffff;
    }
    if offset == 0 {
        return if mask >> base & 1 != 0 {
            u64::from(base)
        } else {
            0xffff_ffff
        };
    }
    let mut left = offset.unsigned_abs();
    let mut position = base as i32;
    let step = offset.signum();
    while (0..32).contains(&position) {
        if mask >> position & 1 != 0 {
            left -= 1;
            if left == 0 {
                return position as u64;
            }
        }
        position += step;
    }
    0xffff_ffff
}

pub(crate) fn dp4a(ta: Type, tb: Type) -> Option<LaneFn> {
    fn dot<const SA: bool, const SB: bool>(a: u64, b: u64, c: u64) -> u64 {
        let byte = |x: u64, i: u32, signed: bool| {
            let v = (x >> (8 * i)) as u8;
            if signed {
                i32::from(v as i8)
            } else {
                i32::from(v)
            }
        };
        let sum = (0..4).map(|i| byte(a, i, SA) * byte(b, i, SB)).sum::<i32>();
        u64::from((c as i32).wrapping_add(sum) as u32)
    }
    let signed = |t: Type| match t {
        Type::S32 => Some(true),
        Type::U32 => Some(false),
        _ => None,
    };
    Some(match (signed(ta)?, signed(tb)?) {
        (true, true) => dot::<true, true>,
        (true, false) => dot::<true, false>,
        (false, true) => dot::<false, true>,
        (false, false) => dot::<false, false>,
    })
}

pub(crate) fn dp2a(ta: Type, tb: Type, hi: bool) -> Option<LaneFn> {
    fn dot<const SA: bool, const SB: bool, const HI: bool>(a: u64, b: u64, c: u64) -> u64 {
        let b = if HI { b >> 16 } else { b };
        let mut sum = c as u32;
        for i in 0..2 {
            let x = (a >> (16 * i)) as u16;
            let y = (b >> (8 * i)) as u8;
            let x = if SA {
                i64::from(x as i16)
            } else {
                i64::from(x)
            };
            let y = if SB { i64::from(y as i8) } else { i64::from(y) };
            sum = sum.wrapping_add((x * y) as u32);
        }
        u64::from(sum)
    }
    let signed = |t: Type| match t {
        Type::S32 => Some(true),
        Type::U32 => Some(false),
        _ => None,
    };
    Some(match (signed(ta)?, signed(tb)?, hi) {
        (true, true, true) => dot::<true, true, true>,
        (true, true, false) => dot::<true, true, false>,
        (true, false, true) => dot::<true, false, true>,
        (true, false, false) => dot::<true, false, false>,
        (false, true, true) => dot::<false, true, true>,
        (false, true, false) => dot::<false, true, false>,
        (false, false, true) => dot::<false, false, true>,
        (false, false, false) => dot::<false, false, false>,
    })
}

pub(crate) fn testp(test: &str, ty: Type) -> Option<LaneFn> {
    macro_rules! test {
        ($f:expr) => {
            match ty {
                Type::F32 => |a, _, _| {
                    u64::from($f(
                        f64::from(f32::from_bits(a as u32)),
                        (a as u32 & 0x7f80_0000 == 0),
                    ))
                },
                Type::F64 => {
                    |a, _, _| u64::from($f(f64::from_bits(a), (a & 0x7ff0_0000_0000_0000 == 0)))
                }
                _ => return None,
            }
        };
    }
    let f: LaneFn = match test {
        "finite" => test!(|x: f64, _: bool| x.is_finite()),
        "infinite" => test!(|x: f64, _: bool| x.is_infinite()),
        "number" => test!(|x: f64, _: bool| !x.is_nan()),
        "notanumber" => test!(|x: f64, _: bool| x.is_nan()),
        "normal" => test!(|x: f64, small: bool| x.is_finite() && !small),
        "subnormal" => test!(|x: f64, small: bool| x != 0.0 && small),
        _ => return None,
    };
    Some(f)
}

pub(crate) fn cvt_pack(to: Type) -> Option<LaneFn> {
    fn sat(x: u64, low: i32, high: i32) -> u64 {
        u64::from((x as i32).clamp(low, high) as u32)
    }
    Some(match to {
        Type::S16 => {
            |a, b, _| (sat(a, -32768, 32767) & 0xffff) << 16 | sat(b, -32768, 32767) & 0xffff
        }
        Type::U16 => |a, b, _| sat(a, 0, 65535) << 16 | sat(b, 0, 65535),
        Type::S8 => |a, b, c| {
            c << 16 & 0xffff_0000 | (sat(a, -128, 127) & 0xff) << 8 | sat(b, -128, 127) & 0xff
        },
        Type::U8 => |a, b, c| c << 16 & 0xffff_0000 | sat(a, 0, 255) << 8 | sat(b, 0, 255),
        _ => return None,
    })
}

/// SIMD video instructions on two or four lanes of a word, without masks and selectors: `vadd`, `vsub`, `vabsdiff`, `vmin`,
/// `vmax`, unsigned `vavrg`. With `add`, the lanes' results are summed to the third operand.
pub(crate) fn video(op: &str, types: &[Type], saturate: bool, add: bool) -> Option<Configured> {
    let (name, lanes) = match op.as_bytes().last()? {
        b'2' => (&op[..op.len() - 1], 2u64),
        b'4' => (&op[..op.len() - 1], 4),
        _ => return None,
    };
    let signed = |t: &Type| match t {
        Type::S32 => Some(true),
        Type::U32 => Some(false),
        _ => None,
    };
    let [d, a, b] = types else { return None };
    let (d, a, b) = (signed(d)?, signed(a)?, signed(b)?);
    let code = match name {
        "vadd" => 0u64,
        "vsub" => 1,
        "vabsdiff" => 2,
        "vmin" => 3,
        "vmax" => 4,
        "vavrg" if !a && !b => 5,
        _ => return None,
    };
    let mut config = code | lanes << 8;
    for (n, set) in [d, a, b, saturate, add].into_iter().enumerate() {
        config |= u64::from(set) << (16 + n);
    }
    Some((video_lanes, config))
}

fn video_lanes(a: u64, b: u64, c: u64, config: u64) -> u64 {
    let lanes = config >> 8 & 0xff;
    let bits = 32 / lanes.max(1) as u32;
    let flag = |n: u32| config >> (16 + n) & 1 != 0;
    let mask = (1u64 << bits) - 1;
    let element = |x: u64, lane: u64, signed: bool| {
        let v = x >> (lane as u32 * bits) & mask;
        if signed && v >> (bits - 1) != 0 {
            v as i64 - (1 << bits)
        } else {
            v as i64
        }
    };
    let mut packed = 0;
    let mut sum = c as u32;
    for lane in 0..lanes {
        let (x, y) = (element(a, lane, flag(1)), element(b, lane, flag(2)));
        let mut r = match config & 0xff {
            0 => x + y,
            1 => x - y,
            2 => (x - y).abs(),
            3 => x.min(y),
            4 => x.max(y),
            _ => (x + y + 1) >> 1,
        };
        if flag(3) {
            let (low, high) = if flag(0) {
                (-(1 << (bits - 1)), (1 << (bits - 1)) - 1)
            } else {
                (0, mask as i64)
            };
            r = r.clamp(low, high);
        }
        packed |= (r as u64 & mask) << (lane as u32 * bits);
        sum = sum.wrapping_add(r as u32);
    }
    if flag(4) { u64::from(sum) } else { packed }
}
