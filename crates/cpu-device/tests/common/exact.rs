//! Floating-point arithmetic by exact integers: slow, and with nothing in common with the engine's.
#![allow(dead_code)]

use num_bigint::{BigInt, BigUint, Sign};

/// A binary floating-point format: precision with the implicit bit, least normal and largest exponent, width in bits, bits of
/// the canonical NaN.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Format {
    pub precision: i64,
    pub least: i64,
    pub largest: i64,
    pub width: u32,
    pub nan: u64,
}

pub const F16: Format = Format {
    precision: 11,
    least: -14,
    largest: 15,
    width: 16,
    nan: 0x7fff,
};
pub const BF16: Format = Format {
    precision: 8,
    least: -126,
    largest: 127,
    width: 16,
    nan: 0x7fff,
};
pub const F32: Format = Format {
    precision: 24,
    least: -126,
    largest: 127,
    width: 32,
    nan: 0x7fff_ffff,
};
pub const F64: Format = Format {
    precision: 53,
    least: -1022,
    largest: 1023,
    width: 64,
    nan: 0x7fff_ffff_ffff_ffff,
};

/// Directions of rounding, as PTX names them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Mode {
    Rn,
    Rz,
    Rm,
    Rp,
    Rna,
}

/// A value: for `Finite`, the integer times two to the exponent. Zeros keep their sign apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Nan,
    Infinite(bool),
    Zero(bool),
    Finite(BigInt, i64),
}

use Value::*;

impl Format {
    fn mantissa_bits(self) -> u32 {
        self.precision as u32 - 1
    }

    pub fn sign(self, bits: u64) -> bool {
        bits >> (self.width - 1) & 1 != 0
    }

    pub fn infinity(self) -> u64 {
        ((self.largest - self.least + 2) as u64) << self.mantissa_bits()
    }

    pub fn magnitude(self, bits: u64) -> u64 {
        bits & ((1 << (self.width - 1)) - 1)
    }

    pub fn is_nan(self, bits: u64) -> bool {
        self.magnitude(bits) > self.infinity()
    }

    pub fn is_subnormal(self, bits: u64) -> bool {
        (1..1 << self.mantissa_bits()).contains(&self.magnitude(bits))
    }

    /// Subnormal numbers as zeros of their sign.
    pub fn flush(self, bits: u64) -> u64 {
        if self.is_subnormal(bits) {
            bits ^ self.magnitude(bits)
        } else {
            bits
        }
    }

    pub fn decode(self, bits: u64) -> Value {
        let (negative, magnitude) = (self.sign(bits), self.magnitude(bits));
        if magnitude > self.infinity() {
            return Nan;
        }
        if magnitude == self.infinity() {
            return Infinite(negative);
        }
        if magnitude == 0 {
            return Zero(negative);
        }
        let m = self.mantissa_bits();
        let (exponent, fraction) = ((magnitude >> m) as i64, magnitude & ((1 << m) - 1));
        let (integer, exponent) = if exponent == 0 {
            (fraction, self.least)
        } else {
            (fraction | 1 << m, exponent - 1 + self.least)
        };
        let integer = BigInt::from(integer);
        Finite(
            if negative { -integer } else { integer },
            exponent - self.mantissa_bits() as i64,
        )
    }

    /// The bits of a value rounded to this format.
    pub fn encode(self, value: &Value, mode: Mode) -> u64 {
        let sign = |negative: bool| u64::from(negative) << (self.width - 1);
        match value {
            Nan => self.nan,
            Infinite(n) => sign(*n) | self.infinity(),
            Zero(n) => sign(*n),
            Finite(m, e) => self.round(m, &BigUint::from(1u8), *e, mode),
        }
    }

    /// `n / d * 2^e` rounded to this format; `n` is not zero.
    pub fn round(self, n: &BigInt, d: &BigUint, e: i64, mode: Mode) -> u64 {
        let negative = n.sign() == Sign::Minus;
        let n = n.magnitude();
        // Exponent of the leading bit of the quotient.
        let mut top = n.bits() as i64 - d.bits() as i64;
        if shifted(n, -top) < shifted(d, top) {
            top -= 1;
        }
        let quantum = (top + e).max(self.least) - (self.precision - 1);
        let shift = e - quantum;
        let (n, d) = (shifted(n, shift), shifted(d, -shift));
        let whole = &n / &d;
        let rest = &n % &d;
        let twice = &rest << 1;
        let up = match mode {
            Mode::Rn => twice > d || twice == d && whole.bit(0),
            Mode::Rna => twice >= d,
            Mode::Rz => false,
            Mode::Rm => negative && rest != BigUint::ZERO,
            Mode::Rp => !negative && rest != BigUint::ZERO,
        };
        let m = u64::try_from(whole).unwrap() + u64::from(up);
        // A mantissa that reaches the next power of two carries into the exponent by itself.
        let base = ((quantum + self.precision - 1 - self.least) as u64) << self.mantissa_bits();
        let bits = if m == 0 { 0 } else { base + m };
        let bits = if bits >= self.infinity() {
            let to_zero = match mode {
                Mode::Rz => true,
                Mode::Rm => !negative,
                Mode::Rp => negative,
                _ => false,
            };
            self.infinity() - u64::from(to_zero)
        } else {
            bits
        };
        bits | u64::from(negative) << (self.width - 1)
    }

    pub fn add(self, a: &Value, b: &Value, mode: Mode) -> u64 {
        let zero = |n: bool| self.encode(&Zero(n), mode);
        match (a, b) {
            (Nan, _) | (_, Nan) => self.nan,
            (Infinite(x), Infinite(y)) if x != y => self.nan,
            (Infinite(_), _) => self.encode(a, mode),
            (_, Infinite(_)) => self.encode(b, mode),
            (Zero(x), Zero(y)) if x == y => zero(*x),
            (Zero(_), Zero(_)) => zero(mode == Mode::Rm),
            (Zero(_), _) => self.encode(b, mode),
            (_, Zero(_)) => self.encode(a, mode),
            (Finite(m, e), Finite(n, f)) => {
                let least = (*e).min(*f);
                let sum = (m << (e - least) as u64) + (n << (f - least) as u64);
                if sum == BigInt::ZERO {
                    zero(mode == Mode::Rm)
                } else {
                    self.encode(&Finite(sum, least), mode)
                }
            }
        }
    }

    pub fn div(self, a: &Value, b: &Value, mode: Mode) -> u64 {
        let negative = a.negative() != b.negative();
        match (a, b) {
            (Nan, _) | (_, Nan) | (Infinite(_), Infinite(_)) | (Zero(_), Zero(_)) => self.nan,
            (Infinite(_), _) | (_, Zero(_)) => self.encode(&Infinite(negative), mode),
            (Zero(_), _) | (_, Infinite(_)) => self.encode(&Zero(negative), mode),
            (Finite(m, e), Finite(n, f)) => {
                let m = if n.sign() == Sign::Minus {
                    -m
                } else {
                    m.clone()
                };
                self.round(&m, n.magnitude(), e - f, mode)
            }
        }
    }

    pub fn sqrt(self, a: &Value, mode: Mode) -> u64 {
        match a {
            Nan => self.nan,
            Zero(_) => self.encode(a, mode),
            _ if a.negative() => self.nan,
            Finite(m, e) => {
                let odd = e.rem_euclid(2);
                let radicand = m.magnitude() << (odd as u64 + 160);
                let root = radicand.sqrt();
                let sticky = &root * &root != radicand;
                let n = (BigInt::from(root) << 1) + u8::from(sticky);
                self.round(&n, &BigUint::from(1u8), (e - odd) / 2 - 81, mode)
            }
            _ => self.encode(a, mode),
        }
    }
}

fn shifted(x: &BigUint, by: i64) -> BigUint {
    if by > 0 { x << by as u64 } else { x.clone() }
}

impl Value {
    pub fn negative(&self) -> bool {
        match self {
            Nan => false,
            Infinite(n) | Zero(n) => *n,
            Finite(m, _) => m.sign() == Sign::Minus,
        }
    }

    pub fn negated(&self) -> Value {
        match self {
            Nan => Nan,
            Infinite(n) => Infinite(!n),
            Zero(n) => Zero(!n),
            Finite(m, e) => Finite(-m, *e),
        }
    }

    /// The exact product.
    pub fn times(&self, other: &Value) -> Value {
        let negative = self.negative() != other.negative();
        match (self, other) {
            (Nan, _) | (_, Nan) | (Infinite(_), Zero(_)) | (Zero(_), Infinite(_)) => Nan,
            (Infinite(_), _) | (_, Infinite(_)) => Infinite(negative),
            (Zero(_), _) | (_, Zero(_)) => Zero(negative),
            (Finite(m, e), Finite(n, f)) => Finite(m * n, e + f),
        }
    }

    /// An integer.
    pub fn from_integer(x: i128) -> Value {
        if x == 0 {
            Zero(false)
        } else {
            Finite(BigInt::from(x), 0)
        }
    }

    /// Rounded to an integer: `None` for NaN; infinities are beyond every type's range. A zero result keeps the sign.
    pub fn integral(&self, mode: Mode) -> Option<BigInt> {
        Some(match self {
            Nan => return None,
            Infinite(negative) => {
                let huge: BigInt = BigInt::from(1) << 2000;
                if *negative { -huge } else { huge }
            }
            Zero(_) => BigInt::ZERO,
            Finite(m, e) if *e >= 0 => m << *e as u64,
            Finite(m, e) => {
                let negative = m.sign() == Sign::Minus;
                let d = BigUint::from(1u8) << -e as u64;
                let whole = m.magnitude() / &d;
                let rest = m.magnitude() % &d;
                let twice = &rest << 1;
                let up = match mode {
                    Mode::Rn => twice > d || twice == d && whole.bit(0),
                    Mode::Rna => twice >= d,
                    Mode::Rz => false,
                    Mode::Rm => negative && rest != BigUint::ZERO,
                    Mode::Rp => !negative && rest != BigUint::ZERO,
                };
                let x = BigInt::from(whole + u8::from(up));
                if negative { -x } else { x }
            }
        })
    }

    /// Less, equal or greater; `None` where one is a NaN.
    pub fn compare(&self, other: &Value) -> Option<std::cmp::Ordering> {
        let rank = |v: &Value| match v {
            Infinite(true) => -1,
            Infinite(false) => 1,
            _ => 0,
        };
        let whole = |v: &Value, least: i64| match v {
            Finite(m, e) => m << (e - least) as u64,
            _ => BigInt::ZERO,
        };
        let exponent = |v: &Value| match v {
            Finite(_, e) => *e,
            _ => 0,
        };
        if *self == Nan || *other == Nan {
            return None;
        }
        let least = exponent(self).min(exponent(other));
        Some((rank(self), whole(self, least)).cmp(&(rank(other), whole(other, least))))
    }
}
