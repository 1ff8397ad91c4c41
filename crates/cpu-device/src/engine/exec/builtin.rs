//! Functions that the device runtime provides: `vprintf`, `malloc`, `free`, `__assertfail`, `cudaGraphSetConditional`.

use super::super::fault::Fault;
use super::super::ir::{Builtin, CallSite, Piece};
use super::{Checked, Cpu};

/// Longest string that is read from device memory.
const MAX_STRING: usize = 64 << 10;
/// Longest field that a format may ask for.
const MAX_WIDTH: usize = 4096;

impl Cpu<'_> {
    /// # Safety
    /// As for [`Cpu::execute`].
    pub(super) unsafe fn builtin(
        &mut self,
        builtin: Builtin,
        site: &CallSite,
        m: u32,
    ) -> Checked<()> {
        let base = self.warp.frames[self.frame as usize].local_base;
        let argument = |s: &Self, n: usize, lane: usize| -> u64 {
            let Some(piece) = site.args.get(n) else {
                return 0;
            };
            let word = |k: u32| {
                let row = s.warp.local.get(((base + piece.offset) / 4 + k) as usize);
                u64::from(row.map_or(0, |r| r[lane]))
            };
            if piece.size > 4 {
                word(0) | word(1) << 32
            } else {
                word(0)
            }
        };
        for lane in 0..32 {
            if m >> lane & 1 == 0 {
                continue;
            }
            match builtin {
                Builtin::Vprintf => {
                    let (format, list) = (argument(self, 0, lane), argument(self, 1, lane));
                    let count = self.printf(lane, format, list)?;
                    self.set_result(site, lane, count);
                }
                Builtin::Malloc => {
                    let size = argument(self, 0, lane);
                    let address = self
                        .launch
                        .env
                        .heap
                        .as_ref()
                        .and_then(|heap| heap.allocate(size))
                        .unwrap_or(0);
                    self.set_result(site, lane, address);
                }
                Builtin::Free => {
                    let address = argument(self, 0, lane);
                    if let (Some(heap), true) = (&self.launch.env.heap, address != 0)
                        && !heap.release(address)
                    {
                        return Err(self
                            .illegal("free of an address that malloc did not return", 1 << lane));
                    }
                }
                Builtin::SetCondition => {
                    let (handle, value) = (argument(self, 0, lane), argument(self, 1, lane));
                    if let Some(set) = &self.launch.env.set_condition {
                        set(handle, value as u32);
                    }
                }
                Builtin::AssertFail => {
                    let mut strings = Vec::new();
                    for n in [0, 1, 3] {
                        let bytes = match argument(self, n, lane) {
                            0 => Vec::new(),
                            address => self.string(lane, address)?,
                        };
                        strings.push(String::from_utf8_lossy(&bytes).into_owned());
                    }
                    let line = argument(self, 2, lane) as u32;
                    let fault = self.site(1 << lane);
                    let ([bx, by, bz], [tx, ty, tz]) = (fault.block, fault.thread);
                    let text = format!(
                        "{}:{line}: {}: block: [{bx},{by},{bz}], thread: [{tx},{ty},{tz}] Assertion `{}` failed.\n",
                        strings[1], strings[2], strings[0]
                    );
                    self.output(text.as_bytes());
                    return Err(Box::new(Fault::Assert { site: fault }));
                }
            }
        }
        Ok(())
    }

    fn set_result(&mut self, site: &CallSite, lane: usize, value: u64) {
        let base = self.warp.frames[self.frame as usize].local_base;
        if let Some(&Piece { offset, size }) = site.results.first() {
            for k in 0..(size.div_ceil(4)).min(2) {
                if let Some(row) = self.warp.local.get_mut(((base + offset) / 4 + k) as usize) {
                    row[lane] = (value >> (32 * k)) as u32;
                }
            }
        }
    }

    fn output(&self, bytes: &[u8]) {
        if let Some(sink) = &self.launch.env.output {
            sink(bytes);
        }
    }

    fn string(&mut self, lane: usize, address: u64) -> Checked<Vec<u8>> {
        let mut text = Vec::new();
        let mut byte = [0];
        while text.len() < MAX_STRING {
            self.read_generic(lane, address.wrapping_add(text.len() as u64), &mut byte)?;
            if byte[0] == 0 {
                break;
            }
            text.push(byte[0]);
        }
        Ok(text)
    }

    /// Formats as C's printf; arguments lie in a buffer, each aligned to its size. Returns the number of arguments, as CUDA
    /// does.
    fn printf(&mut self, lane: usize, format: u64, list: u64) -> Checked<u64> {
        let format = self.string(lane, format)?;
        let mut out = Vec::with_capacity(format.len() + 32);
        let mut offset = 0u64;
        let mut count = 0;
        let mut i = 0;
        while i < format.len() {
            let c = format[i];
            i += 1;
            if c != b'%' {
                out.push(c);
                continue;
            }
            if format.get(i) == Some(&b'%') {
                out.push(b'%');
                i += 1;
                continue;
            }
            let start = i;
            let mut spec = Spec::default();
            while let Some(&flag) = format.get(i) {
                match flag {
                    b'-' => spec.left = true,
                    b'+' => spec.plus = true,
                    b' ' => spec.space = true,
                    b'#' => spec.alternate = true,
                    b'0' => spec.zero = true,
                    _ => break,
                }
                i += 1;
            }
            let mut number = |s: &mut Self, i: &mut usize| -> Checked<i64> {
                if format.get(*i) == Some(&b'*') {
                    *i += 1;
                    count += 1;
                    return Ok(i64::from(s.argument(lane, list, &mut offset, 4)? as i32));
                }
                let mut n = 0i64;
                while let Some(d) = format.get(*i).filter(|d| d.is_ascii_digit()) {
                    n = (n * 10 + i64::from(d - b'0')).min(MAX_WIDTH as i64);
                    *i += 1;
                }
                Ok(n)
            };
            let width = number(self, &mut i)?;
            spec.left |= width < 0;
            spec.width = (width.unsigned_abs() as usize).min(MAX_WIDTH);
            if format.get(i) == Some(&b'.') {
                i += 1;
                let precision = number(self, &mut i)?;
                spec.precision = usize::try_from(precision).ok().map(|p| p.min(MAX_WIDTH));
            }
            let mut size = 4;
            while let Some(&modifier) = format.get(i) {
                match modifier {
                    b'l' | b'j' | b'z' | b't' | b'L' | b'q' => size = 8,
                    b'h' => size = if size == 2 { 1 } else { 2 },
                    _ => break,
                }
                i += 1;
            }
            let Some(&conversion) = format.get(i) else {
                out.extend_from_slice(&format[start - 1..]);
                break;
            };
            i += 1;
            count += 1;
            match conversion {
                b'd' | b'i' => {
                    let v =
                        self.argument(lane, list, &mut offset, if size == 8 { 8 } else { 4 })?;
                    let v = match size {
                        8 => v as i64,
                        4 => i64::from(v as i32),
                        2 => i64::from(v as i16),
                        _ => i64::from(v as i8),
                    };
                    spec.integer(&mut out, v.unsigned_abs().to_string(), v < 0, true);
                }
                b'u' | b'x' | b'X' | b'o' => {
                    let v =
                        self.argument(lane, list, &mut offset, if size == 8 { 8 } else { 4 })?;
                    let v = match size {
                        8 => v,
                        4 => u64::from(v as u32),
                        2 => u64::from(v as u16),
                        _ => u64::from(v as u8),
                    };
                    let text = match conversion {
                        b'u' => v.to_string(),
                        b'x' if spec.alternate && v != 0 => format!("0x{v:x}"),
                        b'X' if spec.alternate && v != 0 => format!("0X{v:X}"),
                        b'o' if spec.alternate && v != 0 => format!("0{v:o}"),
                        b'x' => format!("{v:x}"),
                        b'X' => format!("{v:X}"),
                        _ => format!("{v:o}"),
                    };
                    spec.integer(&mut out, text, false, false);
                }
                b'c' => {
                    let v = self.argument(lane, list, &mut offset, 4)?;
                    spec.pad(&mut out, &[v as u8]);
                }
                b'p' => {
                    let v = self.argument(lane, list, &mut offset, 8)?;
                    spec.pad(&mut out, format!("0x{v:x}").as_bytes());
                }
                b's' => {
                    let address = self.argument(lane, list, &mut offset, 8)?;
                    let text = if address == 0 {
                        b"(null)".to_vec()
                    } else {
                        self.string(lane, address)?
                    };
                    let end = spec.precision.unwrap_or(text.len()).min(text.len());
                    spec.pad(&mut out, &text[..end]);
                }
                b'f' | b'F' | b'e' | b'E' | b'g' | b'G' | b'a' | b'A' => {
                    let v = f64::from_bits(self.argument(lane, list, &mut offset, 8)?);
                    spec.float(&mut out, v, conversion);
                }
                _ => {
                    count -= 1;
                    out.extend_from_slice(&format[start - 1..i]);
                }
            }
            if out.len() > 1 << 20 {
                break;
            }
        }
        self.output(&out);
        Ok(count)
    }

    /// The next argument of a list, of that many bytes.
    fn argument(&mut self, lane: usize, list: u64, offset: &mut u64, size: u64) -> Checked<u64> {
        *offset = offset.next_multiple_of(size);
        let mut bytes = [0; 8];
        self.read_generic(
            lane,
            list.wrapping_add(*offset),
            &mut bytes[..size as usize],
        )?;
        *offset += size;
        Ok(u64::from_le_bytes(bytes))
    }
}

#[derive(Default)]
struct Spec {
    left: bool,
    plus: bool,
    space: bool,
    alternate: bool,
    zero: bool,
    width: usize,
    precision: Option<usize>,
}

impl Spec {
    fn pad(&self, out: &mut Vec<u8>, text: &[u8]) {
        let fill = self.width.saturating_sub(text.len());
        if !self.left {
            out.extend(std::iter::repeat_n(b' ', fill));
        }
        out.extend_from_slice(text);
        if self.left {
            out.extend(std::iter::repeat_n(b' ', fill));
        }
    }

    fn sign(&self, negative: bool, signed: bool) -> &'static str {
        match (negative, signed) {
            (true, _) => "-",
            (false, true) if self.plus => "+",
            (false, true) if self.space => " ",
            _ => "",
        }
    }

    fn integer(&self, out: &mut Vec<u8>, digits: String, negative: bool, signed: bool) {
        let sign = self.sign(negative, signed);
        let digits = match self.precision {
            Some(0) if digits == "0" => String::new(),
            Some(p) => format!("{digits:0>p$}"),
            None if self.zero && !self.left => {
                let (prefix, body) = match digits.get(..2) {
                    Some("0x" | "0X") => digits.split_at(2),
                    _ => ("", digits.as_str()),
                };
                let n = self.width.saturating_sub(sign.len() + prefix.len());
                format!("{prefix}{body:0>n$}")
            }
            None => digits,
        };
        self.pad(out, format!("{sign}{digits}").as_bytes());
    }

    fn float(&self, out: &mut Vec<u8>, v: f64, conversion: u8) {
        let upper = conversion.is_ascii_uppercase();
        let sign = self.sign(
            v.is_sign_negative() && !v.is_nan() || v.is_nan() && v.is_sign_negative(),
            true,
        );
        let x = v.abs();
        if !x.is_finite() {
            let text = if x.is_nan() { "nan" } else { "inf" };
            let text = format!("{sign}{text}");
            self.pad(
                out,
                if upper { text.to_uppercase() } else { text }.as_bytes(),
            );
            return;
        }
        let precision = self.precision.unwrap_or(6);
        let mut body = match conversion.to_ascii_lowercase() {
            b'f' => {
                let mut s = format!("{x:.precision$}");
                if self.alternate && precision == 0 {
                    s.push('.');
                }
                s
            }
            b'e' => exponent(x, precision),
            b'a' => hexadecimal(x, self.precision),
            _ => {
                let p = precision.max(1);
                let scientific = exponent(x, p - 1);
                let e: i32 = scientific
                    .rsplit('e')
                    .next()
                    .and_then(|e| e.parse().ok())
                    .unwrap_or(0);
                let mut s = if e < -4 || e >= p as i32 {
                    scientific
                } else {
                    format!("{x:.*}", (p as i32 - 1 - e).max(0) as usize)
                };
                if !self.alternate {
                    let (mantissa, tail) = match s.find('e') {
                        Some(n) => (s[..n].to_owned(), s[n..].to_owned()),
                        None => (s.clone(), String::new()),
                    };
                    if mantissa.contains('.') {
                        s = format!(
                            "{}{tail}",
                            mantissa.trim_end_matches('0').trim_end_matches('.')
                        );
                    }
                }
                s
            }
        };
        if upper {
            body = body.to_uppercase();
        }
        if self.zero && !self.left {
            let n = self.width.saturating_sub(sign.len());
            body = format!("{body:0>n$}");
        }
        self.pad(out, format!("{sign}{body}").as_bytes());
    }
}

/// `1.500000e+01`.
fn exponent(x: f64, precision: usize) -> String {
    let s = format!("{x:.precision$e}");
    let (mantissa, e) = s.split_once('e').unwrap_or((&s, "0"));
    let e: i32 = e.parse().unwrap_or(0);
    format!("{mantissa}e{}{:02}", if e < 0 { '-' } else { '+' }, e.abs())
}

/// `0x1.8p+1`.
fn hexadecimal(x: f64, precision: Option<usize>) -> String {
    let bits = x.to_bits();
    let mut exponent = (bits >> 52 & 0x7ff) as i32;
    let mut mantissa = bits & ((1 << 52) - 1);
    let mut whole = u64::from(exponent != 0);
    if x == 0.0 {
        exponent = 0;
    } else {
        exponent = exponent.max(1) - 1023;
    }
    let mut digits = 13;
    if let Some(p) = precision.filter(|&p| p < 13) {
        let shift = 4 * (13 - p) as u32;
        let all = whole << 52 | mantissa;
        let half = 1u64 << (shift - 1);
        let odd = all >> shift & 1;
        let rounded = (all + half - 1 + odd) >> shift << shift;
        whole = rounded >> 52;
        mantissa = rounded & ((1 << 52) - 1);
        digits = p;
    }
    let mut fraction = format!("{mantissa:013x}")[..digits].to_owned();
    match precision {
        None => fraction.truncate(fraction.trim_end_matches('0').len()),
        Some(p) => fraction.extend(std::iter::repeat_n('0', p.saturating_sub(13))),
    }
    let dot = if fraction.is_empty() { "" } else { "." };
    format!("0x{whole}{dot}{fraction}p{exponent:+}")
}
