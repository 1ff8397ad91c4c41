//! PTX text: telling it, and the parameters of its kernels.

use crate::error::ImageError;
use crate::image::{Kernel, Param};
use std::collections::HashSet;

/// The most bytes of a kernel's parameters that is believed. The driver's limit is 32,764.
const MAX_PARAM_BYTES: u64 = 1 << 16;

/// The kernels that the PTX defines or declares, in its order, each once.
///
/// Parameters lie as PTX ISA "Kernel Function Parameters" says: each at the next multiple of its alignment, which is that of
/// its type unless `.align` asks for more.
///
/// # Errors
/// [`ImageError::Ptx`] with the line of an `.entry` whose parameters are not understood. Nothing else in the text is checked.
pub fn kernels(text: &[u8]) -> Result<Vec<Kernel>, ImageError> {
    let mut tokens = Tokens::new(until_zero(text));
    let mut seen = HashSet::new();
    let mut kernels = Vec::new();
    while let Some(token) = tokens.next() {
        if token == b".entry" {
            let kernel = entry(&mut tokens)?;
            if seen.insert(kernel.name.clone()) {
                kernels.push(kernel);
            }
        }
    }
    Ok(kernels)
}

/// What `.target` names first, as in `sm_90a`.
#[must_use]
pub fn target(text: &[u8]) -> Option<&str> {
    let mut tokens = Tokens::new(until_zero(text));
    tokens.find(|t| *t == b".target")?;
    tokens.next().and_then(|t| str::from_utf8(t).ok())
}

/// The text in `bytes`: to the first zero, without a byte order mark and white space around it. `None`: nothing is left.
pub(crate) fn text(bytes: &[u8]) -> Option<&[u8]> {
    let text = until_zero(bytes);
    let text = text
        .strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(text)
        .trim_ascii();
    (!text.is_empty()).then_some(text)
}

/// `bytes` to its first zero.
pub(crate) fn until_zero(bytes: &[u8]) -> &[u8] {
    bytes
        .iter()
        .position(|&b| b == 0)
        .map_or(bytes, |end| &bytes[..end])
}

/// Whether the first thing in `text` that is no comment is `.version`, with which every PTX module begins.
pub(crate) fn looks_like(text: &[u8]) -> bool {
    Tokens::new(text).next() == Some(b".version")
}

/// Parses what follows `.entry`: `NAME`, and `( PARAM, ... )` if there are any.
fn entry(tokens: &mut Tokens<'_>) -> Result<Kernel, ImageError> {
    let name = tokens.identifier("a kernel's name is missing after .entry")?;
    let mut kernel = Kernel {
        name: name.to_owned(),
        params: Vec::new(),
        param_bytes: 0,
    };
    if tokens.peek() != Some(b"(") {
        return Ok(kernel);
    }
    tokens.next();
    if tokens.peek() == Some(b")") {
        tokens.next();
        return Ok(kernel);
    }
    loop {
        let (size, align) = param(tokens)?;
        let offset = u64::from(kernel.param_bytes).next_multiple_of(align);
        let end = offset.saturating_add(size);
        if end > MAX_PARAM_BYTES {
            return Err(tokens.error("a kernel's parameters are larger than any driver allows"));
        }
        // Both fit: they are at most MAX_PARAM_BYTES.
        kernel.params.push(Param {
            offset: offset as u32,
            size: size as u32,
        });
        kernel.param_bytes = end as u32;
        match tokens.next() {
            Some(b",") => {}
            Some(b")") => return Ok(kernel),
            _ => return Err(tokens.error("a kernel's parameter is followed by neither , nor )")),
        }
    }
}

/// Parses `.param .align A .TYPE .ptr .SPACE .align A NAME[N]` and returns size and alignment.
fn param(tokens: &mut Tokens<'_>) -> Result<(u64, u64), ImageError> {
    if tokens.next() != Some(b".param") {
        return Err(tokens.error("a kernel's parameter does not begin with .param"));
    }
    let mut align = None;
    let mut element = None;
    let mut vector = 1;
    let mut pointer = false;
    while let Some(directive) = tokens.peek().filter(|t| t.starts_with(b".")) {
        tokens.next();
        match directive {
            b".align" => {
                let n = tokens
                    .number()
                    .filter(|n| n.is_power_of_two() && *n <= 4096);
                let n = n.ok_or_else(|| {
                    tokens.error(".align of a kernel's parameter is no power of two")
                })?;
                // After .ptr it is the alignment of what the parameter points to.
                if !pointer {
                    align = Some(n);
                }
            }
            b".ptr" => pointer = true,
            b".v2" => vector = 2,
            b".v4" => vector = 4,
            b".const" | b".global" | b".local" | b".shared" if pointer => {}
            _ => {
                let size = type_size(directive);
                element = Some(
                    size.ok_or_else(|| tokens.error("a kernel's parameter has an unknown type"))?,
                );
            }
        }
    }
    let element: u64 =
        element.ok_or_else(|| tokens.error("a kernel's parameter has no type"))? * vector;
    tokens.identifier("a kernel's parameter has no name")?;
    let mut size = element;
    while tokens.peek() == Some(b"[") {
        tokens.next();
        let count = tokens
            .number()
            .ok_or_else(|| tokens.error("the size of a kernel's array parameter is no number"))?;
        size = size.saturating_mul(count);
        if tokens.next() != Some(b"]") {
            return Err(tokens.error("a kernel's array parameter lacks its ]"));
        }
    }
    Ok((size, align.unwrap_or(1).max(element)))
}

/// Bytes of a fundamental type.
fn type_size(directive: &[u8]) -> Option<u64> {
    Some(match directive {
        b".b8" | b".u8" | b".s8" => 1,
        b".b16" | b".u16" | b".s16" | b".f16" | b".bf16" => 2,
        b".b32" | b".u32" | b".s32" | b".f32" | b".f16x2" | b".bf16x2" => 4,
        b".b64" | b".u64" | b".s64" | b".f64" | b".texref" | b".samplerref" | b".surfref" => 8,
        b".b128" => 16,
        _ => return None,
    })
}

/// The words and signs of PTX, without comments.
#[derive(Clone)]
struct Tokens<'a> {
    text: &'a [u8],
    at: usize,
}

impl<'a> Tokens<'a> {
    fn new(text: &'a [u8]) -> Self {
        Self { text, at: 0 }
    }

    fn peek(&self) -> Option<&'a [u8]> {
        self.clone().next()
    }

    fn identifier(&mut self, missing: &'static str) -> Result<&'a str, ImageError> {
        let token = self.next().filter(|t| {
            t.first()
                .is_some_and(|b| is_word(*b) && *b != b'.' && !b.is_ascii_digit())
        });
        token
            .and_then(|t| str::from_utf8(t).ok())
            .ok_or_else(|| self.error(missing))
    }

    /// An integer literal: decimal, 0x, 0b, or octal with a leading 0; U at its end changes nothing.
    fn number(&mut self) -> Option<u64> {
        let token = str::from_utf8(self.next()?).ok()?;
        let token = token.strip_suffix('U').unwrap_or(token);
        let (digits, radix) = match token.as_bytes() {
            [b'0', b'x' | b'X', ..] => (&token[2..], 16),
            [b'0', b'b' | b'B', ..] => (&token[2..], 2),
            [b'0', _, ..] => (&token[1..], 8),
            _ => (token, 10),
        };
        u64::from_str_radix(digits, radix).ok()
    }

    /// An error at the line of the last token.
    fn error(&self, reason: &'static str) -> ImageError {
        let before = &self.text[..self.at.min(self.text.len())];
        let line = 1 + before.iter().filter(|&&b| b == b'\n').count();
        ImageError::Ptx {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            reason,
        }
    }

    /// The rest of the text from `self.at`, after white space and comments.
    fn skip_blank(&mut self) -> &'a [u8] {
        loop {
            let rest = &self.text[self.at.min(self.text.len())..];
            let blank = match rest {
                [b'/', b'/', ..] => rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len()),
                [b'/', b'*', body @ ..] => body
                    .windows(2)
                    .position(|w| w == b"*/")
                    .map_or(rest.len(), |end| end + 4),
                [b, ..] if b.is_ascii_whitespace() || *b == 0x0b => 1,
                _ => return rest,
            };
            self.at += blank;
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.skip_blank();
        let length = match rest {
            [] => return None,
            // A string may hold anything, .entry too.
            [b'"', body @ ..] => {
                let mut end = 0;
                while end < body.len() && body[end] != b'"' {
                    end += if body[end] == b'\\' { 2 } else { 1 };
                }
                (end + 2).min(rest.len())
            }
            [b, ..] if is_word(*b) => {
                // A dot begins a word and does not go on with one, except in numbers, which matter to nobody here.
                1 + rest[1..]
                    .iter()
                    .position(|&b| !is_word(b) || b == b'.')
                    .unwrap_or(rest.len() - 1)
            }
            _ => 1,
        };
        self.at += length;
        Some(&rest[..length])
    }
}

/// Whether a byte belongs to identifiers, directives and numbers.
fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'%' | b'.') || b >= 0x80
}
