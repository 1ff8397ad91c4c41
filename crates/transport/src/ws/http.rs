//! The heads of HTTP/1.1 messages by which a connection becomes a WebSocket (RFC 6455, section 4), or a tunnel. No I/O.
//!
//! What a stranger asks is held against the strictest reading: who asks for a WebSocket of Pillion's does it in one way, and whatever
//! proxies may understand in two ways is refused.

use super::error::{WsError, quoted};
use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};
use std::io;

/// What both sides say that they speak inside.
pub(crate) const PROTOCOL: &str = "pillion";
/// The most bytes of a head.
pub(crate) const MAX_HEAD: usize = 8 << 10;
/// The most fields of a head.
const MAX_FIELDS: usize = 64;
/// Where anybody may ask whether the server lives.
const HEALTH: &str = "/healthz";
/// Of RFC 6455, section 1.3.
const MAGIC: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// A head as far as it has come.
#[derive(Default)]
pub(crate) struct Partial {
    bytes: Vec<u8>,
}

/// Why a head is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoHead {
    /// It never becomes one.
    NotHttp,
    /// It is too long.
    TooLong,
}

impl Partial {
    /// Takes the next byte. Answers whether it was the last.
    pub(crate) fn push(&mut self, byte: u8) -> Result<bool, NoHead> {
        // Known at once: who speaks something else may wait for an answer to that.
        let good = match self.bytes.len() {
            0 => byte.is_ascii_uppercase(),
            _ => byte >= b' ' && byte != 0x7f || matches!(byte, b'\t' | b'\r' | b'\n'),
        };
        // A line that ends otherwise may end for one reader and not for another.
        let ends_well = (byte == b'\n') == (self.bytes.last() == Some(&b'\r'));
        if !good || !ends_well {
            return Err(NoHead::NotHttp);
        }
        if self.bytes.len() == MAX_HEAD {
            return Err(NoHead::TooLong);
        }
        self.bytes.push(byte);
        Ok(self.bytes.ends_with(b"\r\n\r\n"))
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// What a client has asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Asked {
    /// A WebSocket.
    WebSocket {
        /// What shows that the answer is to this.
        accept: String,
        /// For whom somebody says that he asks.
        forwarded_for: Option<String>,
    },
    /// Whether the server lives. `body`: and to be told so in words.
    Health {
        /// It wants a body.
        body: bool,
    },
    /// What there is not.
    Nothing {
        /// The number of the answer.
        status: u16,
        /// Why.
        reason: &'static str,
    },
}

fn nothing(status: u16, reason: &'static str) -> Asked {
    Asked::Nothing { status, reason }
}

/// What a whole head asks for, where `path` is what is listened at.
pub(crate) fn asked(head: &[u8], path: &str) -> Asked {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    match request.parse(head) {
        Ok(httparse::Status::Complete(length)) if length == head.len() => {}
        Err(httparse::Error::TooManyHeaders) => return nothing(431, "there are too many fields"),
        Err(httparse::Error::Version) => return nothing(505, "only HTTP/1.1 is spoken here"),
        _ => return nothing(400, "this is no request"),
    }
    let (Some(method), Some(target), Some(version)) =
        (request.method, request.path, request.version)
    else {
        return nothing(400, "this is no request");
    };
    let fields = Fields(request.headers);
    if version != 1 && target != HEALTH {
        return nothing(505, "only HTTP/1.1 is spoken here");
    }
    // No request here has a body: who sees one where another sees none reads on elsewhere.
    if fields.has("transfer-encoding") || fields.all("content-length").any(|length| length != b"0")
    {
        return nothing(400, "there must be no body");
    }
    if fields.all("host").count() != 1 && version == 1 {
        return nothing(400, "there has to be one host");
    }
    let upgrade = fields.lists("upgrade", "websocket");
    if target == HEALTH && !upgrade {
        return match method {
            "GET" | "HEAD" => Asked::Health {
                body: method == "GET",
            },
            _ => nothing(405, "this can only be asked for"),
        };
    }
    if target != path {
        return nothing(404, "there is nothing at this path");
    }
    if method != "GET" {
        return nothing(405, "a WebSocket is asked for by GET");
    }
    if !upgrade || !fields.lists("connection", "upgrade") {
        return nothing(426, "only WebSockets are spoken here");
    }
    // Pages of others in somebody's browser have no business here, and a browser cannot help but say so.
    if fields.has("origin") {
        return nothing(403, "browsers have no business here");
    }
    if fields.only("sec-websocket-version") != Some(b"13") {
        return nothing(426, "only version 13 is spoken here");
    }
    let key = match fields.only("sec-websocket-key") {
        Some(key) if BASE64.decode(key).is_ok_and(|key| key.len() == 16) => key,
        _ => return nothing(400, "there is no key"),
    };
    if !fields.lists("sec-websocket-protocol", PROTOCOL) {
        return nothing(400, "the protocol inside has to be pillion");
    }
    let forwarded_for = fields.all("x-forwarded-for").next();
    Asked::WebSocket {
        accept: accept(key),
        forwarded_for: forwarded_for
            .map(|whom| quoted(&String::from_utf8_lossy(whom)))
            .filter(|whom| !whom.is_empty()),
    }
}

/// The answer to who asks for a WebSocket and gets it.
pub(crate) fn welcome(accept: &str) -> String {
    format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\
         Sec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n"
    )
}

/// Any other answer.
pub(crate) fn answer(status: u16, text: &str, body: bool) -> String {
    let (reason, more) = match status {
        200 => ("OK", ""),
        403 => ("Forbidden", ""),
        404 => ("Not Found", ""),
        405 => ("Method Not Allowed", "Allow: GET\r\n"),
        408 => ("Request Timeout", ""),
        426 => (
            "Upgrade Required",
            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
        ),
        431 => ("Request Header Fields Too Large", ""),
        505 => ("HTTP Version Not Supported", ""),
        _ => ("Bad Request", ""),
    };
    let connection = if status == 426 {
        "Upgrade, close"
    } else {
        "close"
    };
    let length = text.len() + 1;
    let mut answer = format!(
        "HTTP/1.1 {status} {reason}\r\n{more}Connection: {connection}\r\nCache-Control: no-store\r\n\
         Content-Type: text/plain\r\nContent-Length: {length}\r\n\r\n"
    );
    if body {
        answer.push_str(text);
        answer.push('\n');
    }
    answer
}

/// A client's question, and what the answer has to show.
pub(crate) struct Question {
    pub(crate) text: String,
    accept: String,
}

impl Question {
    /// For the WebSocket at this path of a host, as it is called in a URI.
    pub(crate) fn new(authority: &str, path: &str) -> io::Result<Self> {
        let mut key = [0; 16];
        SystemRandom::new()
            .fill(&mut key)
            .map_err(|_| io::Error::other("the system has no random numbers"))?;
        let key = BASE64.encode(key);
        Ok(Self {
            accept: accept(key.as_bytes()),
            text: format!(
                "GET {path} HTTP/1.1\r\nHost: {authority}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n"
            ),
        })
    }

    /// Whether the answer is what was asked for.
    pub(crate) fn check(&self, head: &[u8]) -> Result<(), WsError> {
        let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
        let (status, reason) = response(head, &mut fields)?;
        let fields = Fields(&fields);
        match status {
            101 => {}
            300..=399 => {
                let to = fields.all("location").next().unwrap_or_default();
                let to = quoted(&String::from_utf8_lossy(to));
                return Err(WsError::Moved { to });
            }
            _ => return Err(WsError::status(status, &reason)),
        }
        if !fields.lists("upgrade", "websocket") || !fields.lists("connection", "upgrade") {
            return Err(WsError::Disagrees("the answer is to another question"));
        }
        if fields.only("sec-websocket-accept") != Some(self.accept.as_bytes()) {
            return Err(WsError::Disagrees("the answer has not seen the question"));
        }
        if fields.has("sec-websocket-extensions") {
            return Err(WsError::Disagrees(
                "the answer has extensions that nobody asked for",
            ));
        }
        if fields.only("sec-websocket-protocol") != Some(PROTOCOL.as_bytes()) {
            return Err(WsError::Disagrees("what answers is no Pillion server"));
        }
        Ok(())
    }
}

/// The question for a tunnel.
pub(crate) fn tunnel(authority: &str, credentials: Option<&str>) -> String {
    let credentials = match credentials {
        Some(both) => format!("Proxy-Authorization: Basic {}\r\n", BASE64.encode(both)),
        None => String::new(),
    };
    format!("CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{credentials}\r\n")
}

/// What a proxy says to that: the number, and what it says of it.
pub(crate) fn tunneled(head: &[u8]) -> Result<(u16, String), WsError> {
    let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
    response(head, &mut fields)
}

fn response<'a>(
    head: &'a [u8],
    fields: &mut [httparse::Header<'a>],
) -> Result<(u16, String), WsError> {
    let mut response = httparse::Response::new(fields);
    match response.parse(head) {
        Ok(httparse::Status::Complete(length)) if length == head.len() => {}
        Err(httparse::Error::TooManyHeaders) => {
            return Err(WsError::Malformed("there are too many fields"));
        }
        _ => return Err(WsError::Malformed("the answer is none")),
    }
    let status = response.code.unwrap_or_default();
    Ok((status, quoted(response.reason.unwrap_or_default())))
}

/// Of RFC 6455, section 4.2.2.
fn accept(key: &[u8]) -> String {
    // Nothing rests on this but that the answer is to the question, so that SHA-1 will do.
    let mut context = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    context.update(key);
    context.update(MAGIC);
    BASE64.encode(context.finish())
}

/// The fields of a head.
struct Fields<'a, 'h>(&'a [httparse::Header<'h>]);

impl<'a> Fields<'a, '_> {
    fn all(&self, name: &'static str) -> impl Iterator<Item = &'a [u8]> {
        let named = self
            .0
            .iter()
            .filter(move |field| field.name.eq_ignore_ascii_case(name));
        named.map(|field| field.value.trim_ascii())
    }

    fn has(&self, name: &'static str) -> bool {
        self.all(name).next().is_some()
    }

    /// The value of a field that must not be there twice.
    fn only(&self, name: &'static str) -> Option<&'a [u8]> {
        let mut all = self.all(name);
        all.next().filter(|_| all.next().is_none())
    }

    /// Whether a field that is a list has this in it.
    fn lists(&self, name: &'static str, word: &str) -> bool {
        self.all(name)
            .flat_map(|list| list.split(|byte| *byte == b','))
            .any(|one| one.trim_ascii().eq_ignore_ascii_case(word.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &[&str] = &[
        "GET /gpu HTTP/1.1",
        "Host: gpu.example",
        "Upgrade: websocket",
        "Connection: keep-alive, Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: other, pillion",
    ];

    fn head(lines: &[&str]) -> Vec<u8> {
        (lines.join("\r\n") + "\r\n\r\n").into_bytes()
    }

    /// The good one with a line replaced, added (where it begins with `+`) or left out.
    fn with(line: &str) -> Vec<u8> {
        let mut lines = GOOD.to_vec();
        match line.strip_prefix('+') {
            Some(more) => lines.push(more),
            None => {
                let name = line.split([':', ' ']).next().unwrap();
                let at = lines.iter().position(|known| {
                    let known = known.split([':', ' ']).next();
                    known.is_some_and(|known| known.eq_ignore_ascii_case(name))
                });
                match (at, line.ends_with(": -")) {
                    (Some(at), true) => drop(lines.remove(at)),
                    (Some(at), false) => lines[at] = line,
                    (None, _) => lines[0] = line,
                }
            }
        }
        head(&lines)
    }

    fn status(head: &[u8]) -> u16 {
        match asked(head, "/gpu") {
            Asked::WebSocket { .. } => 101,
            Asked::Health { .. } => 200,
            Asked::Nothing { status, .. } => status,
        }
    }

    #[test]
    fn who_asks_as_he_should_is_answered() {
        // The example of RFC 6455, section 1.3.
        let good = asked(&head(GOOD), "/gpu");
        let Asked::WebSocket {
            accept,
            forwarded_for: None,
        } = good
        else {
            panic!("{good:?}")
        };
        assert_eq!(accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        let forwarded = asked(&with("+X-Forwarded-For: 10.0.0.9\t\u{1}x"), "/gpu");
        assert!(
            matches!(forwarded, Asked::Nothing { status: 400, .. }),
            "{forwarded:?}"
        );
        let long = format!("+X-Forwarded-For: 10.0.0.9, {}", "9".repeat(1000));
        let Asked::WebSocket { forwarded_for, .. } = asked(&with(&long), "/gpu") else {
            panic!()
        };
        let forwarded_for = forwarded_for.unwrap();
        assert!(forwarded_for.starts_with("10.0.0.9, 9") && forwarded_for.len() == 120);
        for same in [
            "upgrade: WebSocket",
            "CONNECTION: upgrade",
            "+Content-Length: 0",
        ] {
            assert_eq!(status(&with(same)), 101, "{same}");
        }
    }

    #[test]
    fn whoever_asks_otherwise_gets_the_right_number() {
        for (line, number) in [
            ("GET / HTTP/1.1", 404),
            ("GET /gpu/ HTTP/1.1", 404),
            ("GET /gpu?x HTTP/1.1", 404),
            ("GET http://gpu.example/gpu HTTP/1.1", 404),
            ("POST /gpu HTTP/1.1", 405),
            ("CONNECT gpu:443 HTTP/1.1", 404),
            ("PRI * HTTP/2.0", 505),
            ("GET /gpu HTTP/1.0", 505),
            ("GET /gpu HTTP/1.2", 505),
            ("GET /gpu", 400),
            ("GET  /gpu HTTP/1.1", 400),
            ("Host: -", 400),
            ("+Host: other", 400),
            ("Upgrade: -", 426),
            ("Upgrade: h2c", 426),
            ("Connection: close", 426),
            ("Sec-WebSocket-Version: 8", 426),
            ("+Sec-WebSocket-Version: 13", 426),
            ("Sec-WebSocket-Key: -", 400),
            ("Sec-WebSocket-Key: AAAA", 400),
            ("Sec-WebSocket-Key: ????????????????????????", 400),
            ("+Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", 400),
            ("Sec-WebSocket-Protocol: -", 400),
            ("Sec-WebSocket-Protocol: chat", 400),
            ("+Origin: https://evil.example", 403),
            ("+Content-Length: 5", 400),
            ("+Content-Length: 0, 5", 400),
            ("+Content-Length: +0", 400),
            ("+Transfer-Encoding: chunked", 400),
            ("+Transfer-Encoding : chunked", 400),
            ("+ Transfer-Encoding: chunked", 400),
            ("+Transfer-Encoding: identity", 400),
            ("+X: a\rContent-Length: 5", 400),
            ("+X", 400),
        ] {
            assert_eq!(status(&with(line)), number, "{line}");
        }
        let many = "X: y\r\n".repeat(MAX_FIELDS);
        assert_eq!(status(&with(&format!("+{}Y: z", many))), 431);
        for (line, number) in [
            ("GET /healthz HTTP/1.1", 200),
            ("HEAD /healthz HTTP/1.1", 200),
            ("POST /healthz HTTP/1.1", 405),
        ] {
            assert_eq!(status(&head(&[line, "Host: x"])), number);
        }
        assert_eq!(status(&head(&["GET /healthz HTTP/1.0"])), 200);
        for number in [200, 400, 403, 404, 405, 408, 426, 431, 505] {
            let text = answer(number, "because", true);
            let mut fields = [httparse::EMPTY_HEADER; MAX_FIELDS];
            let end = text.find("\r\n\r\n").unwrap() + 4;
            assert_eq!(
                response(&text.as_bytes()[..end], &mut fields).unwrap().0,
                number
            );
            let length = Fields(&fields).only("content-length").unwrap();
            assert_eq!(
                str::from_utf8(length).unwrap(),
                (text.len() - end).to_string()
            );
            assert!(!answer(number, "because", false).contains("because"));
        }
    }

    #[test]
    fn a_head_ends_once_for_everybody() {
        let push = |bytes: &[u8]| {
            let mut partial = Partial::default();
            for (at, byte) in bytes.iter().enumerate() {
                match partial.push(*byte) {
                    Ok(true) => return Ok(Some(at + 1)),
                    Ok(false) => {}
                    Err(error) => return Err(error),
                }
            }
            Ok(None)
        };
        let good = head(GOOD);
        assert_eq!(push(&good), Ok(Some(good.len())));
        assert_eq!(push(&good[..good.len() - 1]), Ok(None));
        for bad in [
            &b"GET / HTTP/1.1\n\n"[..],
            b"GET / HTTP/1.1\r\nA: b\n\r\n",
            b"GET / HTTP/1.1\rX",
            b"PLN\0",
            b"\x16\x03\x01",
            b"get",
            b"\r\n",
            b"GET /\x7f",
        ] {
            assert_eq!(push(bad), Err(NoHead::NotHttp), "{bad:?}");
        }
        let endless = [&b"GET /"[..], &[b'x'; MAX_HEAD]].concat();
        assert_eq!(push(&endless), Err(NoHead::TooLong));
    }

    #[test]
    fn only_the_answer_to_the_question_will_do() {
        let question = Question::new("gpu.example", "/gpu").unwrap();
        let accept = match asked(question.text.as_bytes(), "/gpu") {
            Asked::WebSocket { accept, .. } => accept,
            other => panic!("{other:?}"),
        };
        let good = welcome(&accept);
        question.check(good.as_bytes()).unwrap();
        for (from, to, word) in [
            (
                "101 Switching Protocols",
                "200 OK",
                "does not pass WebSockets on",
            ),
            (
                "101 Switching Protocols",
                "502 Bad\u{7}Gateway",
                "does not reach",
            ),
            ("101 Switching Protocols", "404", "path"),
            ("HTTP/1.1 101", "HTTP/1.1 301", "has moved"),
            ("HTTP/1.1", "HTTP/3", "proper HTTP"),
            ("Upgrade: websocket", "Upgrade: h2c", "another question"),
            (
                "Connection: Upgrade",
                "Connection: close",
                "another question",
            ),
            (&*accept, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", "has not seen"),
            ("Protocol: pillion", "Protocol: chat", "no Pillion"),
            (
                "Upgrade:",
                "Sec-WebSocket-Extensions: permessage-deflate\r\nUpgrade:",
                "extensions",
            ),
        ] {
            let error = question.check(good.replacen(from, to, 1).as_bytes());
            let error = error.unwrap_err().to_string();
            assert!(
                error.contains(word) || (to.contains('\u{7}') && error.contains("proper")),
                "{error}"
            );
        }
        let other = Question::new("gpu.example", "/gpu").unwrap();
        assert_ne!(other.accept, question.accept);
    }

    #[test]
    fn a_tunnel_is_asked_for() {
        assert_eq!(
            tunnel("gpu:443", Some("Aladdin:open sesame")),
            "CONNECT gpu:443 HTTP/1.1\r\nHost: gpu:443\r\nProxy-Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n\r\n"
        );
        assert_eq!(
            tunneled(b"HTTP/1.0 200 Connection established\r\n\r\n").unwrap(),
            (200, "Connection established".to_owned())
        );
        assert!(tunneled(b"SSH-2.0-x\r\n\r\n").is_err());
    }
}
