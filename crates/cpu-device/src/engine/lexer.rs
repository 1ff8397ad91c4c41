//! Tokens of PTX text.

use super::parser::Problem;
use super::program::CompileErrorKind;

/// A token with its line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token<'a> {
    pub kind: TokenKind<'a>,
    pub line: u32,
    /// Byte offsets in the text.
    pub start: u32,
    pub end: u32,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum TokenKind<'a> {
    /// `add`, `%r1`, `$L__BB0_1`, `_`, with no dots in it.
    Word(&'a str),
    /// `.name` (a directive, modifier or vector component), without the dot.
    Dot(&'a str),
    /// Integer constant, and whether it is marked unsigned.
    Int(u64),
    F32(u32),
    F64(u64),
    Text(&'a str),
    /// A punctuation byte.
    Punct(u8),
    End,
}

/// Splits `text` into tokens; the last one is `End`.
pub(crate) fn tokenize(text: &str) -> Result<Vec<Token<'_>>, Problem> {
    let bytes = text.as_bytes();
    if bytes.len() > u32::MAX as usize / 2 {
        return Err(Problem::new(
            CompileErrorKind::TooLarge,
            0,
            "text of more than 2 GiB",
        ));
    }
    let mut tokens = Vec::with_capacity(bytes.len() / 4 + 1);
    let mut at = 0;
    let mut line = 1;
    while at < bytes.len() {
        let start = at;
        let c = bytes[at];
        let kind = match c {
            b'\n' => {
                line += 1;
                at += 1;
                continue;
            }
            b' ' | b'\t' | b'\r' | 0 => {
                at += 1;
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at = bytes[at..]
                    .iter()
                    .position(|&b| b == b'\n')
                    .map_or(bytes.len(), |n| at + n);
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at += 2;
                loop {
                    match bytes.get(at) {
                        None => return Err(Problem::invalid(line, "comment without an end")),
                        Some(b'*') if bytes.get(at + 1) == Some(&b'/') => break,
                        Some(b'\n') => line += 1,
                        Some(_) => {}
                    }
                    at += 1;
                }
                at += 2;
                continue;
            }
            b'"' => {
                at += 1;
                while bytes.get(at).is_some_and(|&b| b != b'"' && b != b'\n') {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                if bytes.get(at) != Some(&b'"') {
                    return Err(Problem::invalid(line, "string without an end"));
                }
                at += 1;
                match text.get(start + 1..at - 1) {
                    Some(s) => TokenKind::Text(s),
                    None => return Err(Problem::invalid(line, "malformed string")),
                }
            }
            b'0'..=b'9' => {
                let (kind, end) =
                    number(text, at).ok_or_else(|| Problem::invalid(line, "malformed number"))?;
                at = end;
                kind
            }
            b'.' if bytes.get(at + 1).is_some_and(|&b| is_word(b)) => {
                at += 1;
                while bytes.get(at).is_some_and(|&b| is_word(b)) {
                    at += 1;
                }
                // `ld.shared::cluster`: the qualified name is one modifier.
                while bytes.get(at) == Some(&b':')
                    && bytes.get(at + 1) == Some(&b':')
                    && bytes.get(at + 2).is_some_and(|&b| is_word(b))
                {
                    at += 2;
                    while bytes.get(at).is_some_and(|&b| is_word(b)) {
                        at += 1;
                    }
                }
                TokenKind::Dot(&text[start + 1..at])
            }
            _ if is_word(c) => {
                at += 1;
                while bytes.get(at).is_some_and(|&b| is_word(b)) {
                    at += 1;
                }
                TokenKind::Word(&text[start..at])
            }
            b'.' | b',' | b';' | b':' | b'(' | b')' | b'[' | b']' | b'{' | b'}' | b'<' | b'>'
            | b'+' | b'-' | b'*' | b'/' | b'!' | b'~' | b'&' | b'|' | b'^' | b'=' | b'@' | b'?' => {
                at += 1;
                TokenKind::Punct(c)
            }
            _ => {
                return Err(Problem::invalid(
                    line,
                    format!("unexpected character {:?}", c as char),
                ));
            }
        };
        tokens.push(Token {
            kind,
            line,
            start: start as u32,
            end: at as u32,
        });
    }
    tokens.push(Token {
        kind: TokenKind::End,
        line,
        start: at as u32,
        end: at as u32,
    });
    Ok(tokens)
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'%')
}

/// A number that begins at `at`: its token and its end.
fn number(text: &str, at: usize) -> Option<(TokenKind<'_>, usize)> {
    let bytes = text.as_bytes();
    let digits = |from: usize, radix: u32| {
        from + bytes[from..]
            .iter()
            .take_while(|&&b| (b as char).is_digit(radix))
            .count()
    };
    let integer = |from: usize, radix: u32| {
        let end = digits(from, radix);
        let value = u64::from_str_radix(&text[from..end], radix).ok()?;
        let end = if bytes.get(end) == Some(&b'U') {
            end + 1
        } else {
            end
        };
        (!bytes.get(end).is_some_and(|&b| is_word(b))).then_some((TokenKind::Int(value), end))
    };
    match (bytes[at], bytes.get(at + 1)) {
        (b'0', Some(b'x' | b'X')) => integer(at + 2, 16),
        (b'0', Some(b'b' | b'B')) => integer(at + 2, 2),
        (b'0', Some(b'f' | b'F')) if digits(at + 2, 16) == at + 10 => Some((
            TokenKind::F32(u32::from_str_radix(&text[at + 2..at + 10], 16).ok()?),
            at + 10,
        )),
        (b'0', Some(b'd' | b'D')) if digits(at + 2, 16) == at + 18 => Some((
            TokenKind::F64(u64::from_str_radix(&text[at + 2..at + 18], 16).ok()?),
            at + 18,
        )),
        _ => {
            let whole = digits(at, 10);
            let fraction = bytes.get(whole) == Some(&b'.')
                && bytes
                    .get(whole + 1)
                    .is_none_or(|b| !b.is_ascii_alphabetic());
            let exponent = matches!(bytes.get(whole), Some(b'e' | b'E'));
            if fraction || exponent {
                let mut end = if fraction {
                    digits(whole + 1, 10)
                } else {
                    whole
                };
                if matches!(bytes.get(end), Some(b'e' | b'E')) {
                    let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
                    end = digits(end + 1 + sign, 10);
                }
                return Some((
                    TokenKind::F64(text[at..end].parse::<f64>().ok()?.to_bits()),
                    end,
                ));
            }
            if bytes[at] == b'0' && whole > at + 1 {
                integer(at + 1, 8)
            } else {
                integer(at, 10)
            }
        }
    }
}
