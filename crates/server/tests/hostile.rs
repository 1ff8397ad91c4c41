//! What hostile peers say does no harm: the entries of the fuzz targets, for a bounded number of random inputs.
//!
//! `PILLION_TEST_SEED` replays the input that a failure names, and `PILLION_TEST_CASES` sets how many of each kind are tried.

use std::backtrace::Backtrace;
use std::io::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use pillion_protocol::{Encoder, Header, Hello, Interface};
use pillion_server::hostile;
use pillion_test_support::Random;
use zerocopy::IntoBytes;

/// The input that is being tried, and how many have been.
static SEED: AtomicU64 = AtomicU64::new(0);
static TRIED: AtomicU64 = AtomicU64::new(0);
static WATCHED: Mutex<bool> = Mutex::new(false);

/// Input for those who read.
trait Input {
    /// Random bytes, at most so many.
    fn some_bytes(&mut self, most: usize) -> Vec<u8>;
    /// `bytes` with some changed, and cut.
    fn damaged(&mut self, bytes: Vec<u8>) -> Vec<u8>;
}

impl Input for Random {
    fn some_bytes(&mut self, most: usize) -> Vec<u8> {
        let len = self.below(most + 1);
        (0..len).map(|_| self.next() as u8).collect()
    }

    fn damaged(&mut self, mut bytes: Vec<u8>) -> Vec<u8> {
        for _ in 0..self.below(4) {
            let at = self.below(bytes.len());
            bytes[at] = self.next() as u8;
        }
        if self.below(3) == 0 {
            bytes.truncate(self.below(bytes.len() + 1));
        }
        bytes
    }
}

/// A panic says which input it came of. One in the device would be caught there, so it ends the process here.
fn watch() {
    let mut watched = WATCHED.lock().unwrap();
    if std::mem::replace(&mut *watched, true) {
        return;
    }
    std::panic::set_hook(Box::new(|info| {
        give_up(&format!("{info}\n{}", Backtrace::capture()))
    }));
    std::thread::spawn(|| {
        let mut before = u64::MAX;
        loop {
            std::thread::sleep(Duration::from_secs(300));
            let tried = TRIED.load(Ordering::SeqCst);
            if tried == before {
                give_up("an input has been read for minutes");
            }
            before = tried;
        }
    });
}

/// Ends the process. What the test has printed is lost with it, so this goes to the standard error itself.
fn give_up(reason: &str) -> ! {
    let seed = SEED.load(Ordering::SeqCst);
    let _ = writeln!(std::io::stderr(), "{reason}\nPILLION_TEST_SEED={seed}");
    std::process::abort();
}

fn number(name: &str) -> Option<u64> {
    Some(std::env::var(name).ok()?.parse().expect("a number"))
}

/// Gives `entry` what `make` makes of each of so many seeds.
fn attempt(cases: u64, make: impl Fn(&mut Random) -> Vec<u8>, entry: fn(&[u8])) {
    // One at a time: what is printed on failure is of one of them.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap();
    watch();
    let replay = number("PILLION_TEST_SEED");
    let first = replay.unwrap_or_else(|| {
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap();
        now.as_nanos() as u64
    });
    let cases = match replay {
        Some(_) => 1,
        None => number("PILLION_TEST_CASES").unwrap_or(cases),
    };
    for seed in (0..cases).map(|n| first.wrapping_add(n)) {
        SEED.store(seed, Ordering::SeqCst);
        entry(&make(&mut Random::from_seed(seed)));
        TRIED.fetch_add(1, Ordering::SeqCst);
    }
    // The last input of this kind is no reason to end while there are others.
    TRIED.fetch_add(1, Ordering::SeqCst);
}

fn hello(random: &mut Random) -> Vec<u8> {
    let tokens = ["a-token-that-is-long", "a-token-that-is-wrong", ""];
    let token = tokens[random.below(tokens.len())];
    let mut hello = Hello::new(13000, 42, token, "a\u{7}program");
    if random.below(2) == 0 {
        let lists = ["0", "1,0", "GPU-00,GPU-1", "", "MIG-7", "0,0"];
        hello.devices = Some(lists[random.below(lists.len())].to_string());
        hello.by_bus = random.below(2) == 0;
    }
    let mut body = Vec::new();
    hello.encode(&mut Encoder::new(&mut body));
    body
}

#[test]
fn commands_of_any_kind() {
    attempt(300, |random| random.some_bytes(1200), hostile::commands);
}

#[test]
fn frames_of_any_kind() {
    let frames = |random: &mut Random| {
        let mut bytes = vec![random.next() as u8];
        for sequence in 1..2 + random.below(20) {
            let body = random.some_bytes(60);
            let interface = [Interface::Cuda, Interface::Session, Interface::Nvml];
            let interface = interface[random.below(20).saturating_sub(17)];
            let opcode = random.below(640) as u16;
            let header = Header::new(interface, opcode, body.len(), sequence as u64, 0, 0);
            bytes.extend_from_slice(header.as_bytes());
            bytes.extend_from_slice(&body);
        }
        random.damaged(bytes)
    };
    attempt(300, frames, hostile::frames);
}

#[test]
fn questions_to_the_management_library() {
    attempt(5000, |random| random.some_bytes(200), hostile::management);
}

#[test]
fn greetings() {
    let order = |random: &mut Random| {
        let orders = [
            "\"reload\"",
            "{\"drain\":{\"timeout\":5}}",
            "{\"cancel\":{\"session\":\"abcd\",\"reason\":\"\\u0007\"}}",
            "{\"change\":{\"session\":\"w1\",\"weight\":7}}",
        ];
        let mut body = Vec::new();
        let mut encoder = Encoder::new(&mut body);
        encoder.bytes(&hello(random));
        encoder.rest(orders[random.below(orders.len())].as_bytes());
        body
    };
    let greeting = |random: &mut Random| {
        let opcode = [1, 1, 1, 16, 17, 18][random.below(6)];
        let body = match opcode {
            18 => order(random),
            _ => hello(random),
        };
        let header = Header::new(Interface::Session, opcode, body.len(), 0, 0, 0);
        let mut bytes = vec![random.next() as u8];
        bytes.extend_from_slice(header.as_bytes());
        bytes.extend_from_slice(&body);
        random.damaged(bytes)
    };
    attempt(1000, greeting, hostile::greeting);
}

/// Lines of files that are right, in any order and damaged.
fn text(random: &mut Random, lines: &[&str]) -> Vec<u8> {
    let mut text = Vec::new();
    for _ in 0..random.below(12) {
        text.extend_from_slice(lines[random.below(lines.len())].as_bytes());
        text.push(b'\n');
    }
    if !text.is_empty() && random.below(2) == 0 {
        let some = b"\"'[]{}=.#,\n\t 0x-_\xff";
        for _ in 0..random.below(6) {
            let at = random.below(text.len());
            text[at] = some[random.below(some.len())];
        }
    }
    text
}

#[test]
fn settings() {
    let lines = [
        "listen = ['tcp://127.0.0.1:0', 'unix:///s', 5]",
        "[[endpoint]]",
        "listen = 'tcp://[::1]:7717'",
        "authentication = 'either'",
        "identities = ['ada', \"bob\"]",
        "tls = { certificate = '/c', key = '/k', client-ca = '/a' }",
        "mode = 0o660",
        "max-sessions = 99999999999999999999999999",
        "[[identity]]",
        "name = 'ada'",
        "uid = -1",
        "certificate = 'sha256:\u{e9}'",
        "[failed-attempts]",
        "per-minute = 1e9",
        "cache-size = '5\u{1f600}G'",
        "device = \"\"\"cpu:8",
        "endpoint = 1979-05-27T07:32:00Z",
    ];
    attempt(
        20_000,
        |random| text(random, &lines),
        hostile::configuration,
    );
}

#[test]
fn token_files() {
    let hash = format!("hash = 'blake3:{}'", "0f".repeat(32));
    let lines = [
        "version = 1",
        "[[token]]",
        "[[token]]\nid = '0123456789ab'\nidentity = 'ada'\ncreated = '2026-01-01T00:00:00Z'\nscopes = ['cuda']",
        &hash,
        "id = 'ffffffffffff'",
        "created = '9999-12-31T23:59:59Z'",
        "expires = '1970-01-01T00:00:00.999Z'",
        "revoked = '2026-02-30T00:00:00Z'",
        "scopes = ['nvml', 'admin', 'nvml']",
        "endpoints = [\"tcp://\\u00e9\", '']",
        "ada 0123456789abcdef",
        "# nothing",
    ];
    attempt(20_000, |random| text(random, &lines), hostile::tokens);
}

#[test]
fn handoffs() {
    let handoff = |random: &mut Random| {
        let mut bytes = vec![random.next() as u8];
        match random.below(3) {
            0 => bytes.extend(random.some_bytes(100)),
            _ => {
                let scheme = ["unix", "tcp", "vsock", "ivshmem", "x"][random.below(5)];
                bytes.push(scheme.len() as u8);
                bytes.extend_from_slice(scheme.as_bytes());
                bytes.extend_from_slice(&0u32.to_le_bytes());
                bytes.extend_from_slice(&[9; 16]);
                bytes.extend(hello(random));
            }
        }
        random.damaged(bytes)
    };
    attempt(2000, handoff, hostile::handoff);
}
