//! HTTP as a browser speaks it, by hand: what is not as it has to be is seen.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::common::{WATCHDOG, text};

/// A connection of a browser's.
pub struct Http(pub BufReader<TcpStream>);

/// What is answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut named = self.headers.iter().filter(|(own, _)| own == name);
        let value = named.next();
        assert!(named.next().is_none(), "{name} twice");
        value.map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub fn good(self) -> Self {
        assert_eq!(self.status, 200, "{}", text(&self.body));
        self
    }

    /// What browsers have to know of every answer.
    #[track_caller]
    pub fn is_guarded(&self) {
        let policy = self.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'self';") && !policy.contains("unsafe"));
        assert_eq!(self.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(self.header("x-frame-options"), Some("DENY"));
        assert_eq!(self.header("cache-control"), Some("no-store"));
        assert!(self.header("access-control-allow-origin").is_none());
    }
}

impl Http {
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(WATCHDOG)).unwrap();
        stream.set_write_timeout(Some(WATCHDOG)).unwrap();
        Http(BufReader::new(stream))
    }

    pub fn say(&mut self, words: &str) {
        self.0.get_mut().write_all(words.as_bytes()).unwrap();
    }

    pub fn get(&mut self, path: &str, headers: &[&str]) -> Answer {
        self.ask("GET", path, headers)
    }

    pub fn ask(&mut self, method: &str, path: &str, headers: &[&str]) -> Answer {
        let mut head = format!("{method} {path} HTTP/1.1\r\n");
        if !headers.iter().any(|line| line.starts_with("Host:")) {
            head += "Host: 127.0.0.1\r\n";
        }
        for line in headers {
            head += &format!("{line}\r\n");
        }
        self.say(&format!("{head}\r\n"));
        self.hear(method).expect("there is an answer")
    }

    /// The answer to a request with that method, unless the connection is over.
    pub fn hear(&mut self, method: &str) -> Option<Answer> {
        let mut line = || {
            let mut line = String::new();
            self.0.read_line(&mut line).ok()?;
            Some(line.strip_suffix("\r\n")?.to_string())
        };
        let first = line()?;
        let mut words = first.split(' ');
        assert_eq!(words.next(), Some("HTTP/1.1"));
        let status: u16 = words.next().unwrap().parse().unwrap();
        let mut headers = Vec::new();
        loop {
            let line = line()?;
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(": ").unwrap();
            headers.push((name.to_ascii_lowercase(), value.to_string()));
        }
        let mut answer = Answer {
            status,
            headers,
            body: Vec::new(),
        };
        assert!(answer.header("transfer-encoding").is_none());
        if method != "HEAD" {
            let len = answer
                .header("content-length")
                .map_or(0, |len| len.parse().unwrap());
            answer.body = vec![0; len];
            self.0.read_exact(&mut answer.body).unwrap();
        }
        Some(answer)
    }

    /// Whether the other side closes it and says nothing more.
    pub fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        // Somebody who closes with bytes unread resets the connection.
        let _ = self.0.read_to_end(&mut rest);
        rest.is_empty()
    }
}

pub fn bearer(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}

pub fn basic(token: &str) -> String {
    format!(
        "Authorization: Basic {}",
        BASE64.encode(format!("me:{token}"))
    )
}
