//! `ws://` and `wss://` from one end to the other, and what people are told when something is wrong with an address.

mod common;

use common::{Folder, Listening, ask, eventually, fails, pillion, text, works};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Output, Stdio};
use std::thread;

/// A server that listens as a WebSocket, with TLS and without.
struct Server {
    listening: Listening,
    plain: String,
    sealed: String,
    tcp: String,
    pin: String,
}

impl Server {
    fn start(folder: &Folder, options: &[&str]) -> Self {
        let addresses = [
            "ws://127.0.0.1:0/gpu",
            "wss://127.0.0.1:0/gpu",
            "tcp://127.0.0.1:0",
        ];
        let mut listening = Listening::start(folder, &addresses, options);
        let [plain, sealed, tcp] = listening.uris();
        let pin = listening.pin(&sealed);
        Server {
            listening,
            plain,
            sealed,
            tcp,
            pin,
        }
    }

    fn log(&self) -> String {
        self.listening.log()
    }

    /// `pillion devices` at that address, with these variables.
    fn devices(&self, uri: &str, variables: &[(&str, &str)]) -> Output {
        self.ask(&["devices"], uri, variables)
    }

    fn ask(&self, arguments: &[&str], uri: &str, variables: &[(&str, &str)]) -> Output {
        let trust = ("PILLION_TLS_PIN", &*self.pin);
        ask(uri, arguments, &[&[trust], variables].concat())
    }
}

#[test]
fn it_is_a_way_to_the_server() {
    let folder = Folder::new();
    let server = Server::start(&folder, &[]);
    works(&server.devices(&server.plain, &[]));
    works(&server.devices(&server.sealed, &[]));
    let swapped = |uri: &str, scheme: &str| {
        let (_, rest) = uri.split_once("://").unwrap();
        let end = if scheme.starts_with("ws") {
            rest.len()
        } else {
            rest.find('/').unwrap()
        };
        format!("{scheme}://{}", &rest[..end])
    };
    let at = |uri: &str| server.devices(uri, &[]);
    fails(
        &at(&swapped(&server.plain, "tcp")),
        "speaks HTTP: write ws://",
    );
    fails(&at(&swapped(&server.plain, "wss")), "no TLS");
    fails(&at(&swapped(&server.sealed, "ws")), "write wss://");
    fails(
        &at(&server.plain.replace("/gpu", "/other")),
        "listens at another path",
    );
    let bare = server.tcp.replace("tcp://", "ws://");
    fails(&at(&bare), "cannot connect");
    let doctor = server.ask(&["doctor", "--json"], &server.sealed, &[]);
    assert!(
        text(&doctor.stdout).contains("none leads to"),
        "{}",
        text(&doctor.stdout)
    );
    // Whoever asks whether it lives is told so, and is no line in a log that anybody reads.
    let address = server.plain.strip_prefix("ws://").unwrap();
    let mut probe = TcpStream::connect(address.strip_suffix("/gpu").unwrap()).unwrap();
    probe
        .write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    let mut said = String::new();
    probe.read_to_string(&mut said).unwrap();
    assert!(
        said.starts_with("HTTP/1.1 200 ") && said.ends_with("ok\n"),
        "{said}"
    );
    eventually("the log has the probe", || {
        server.log().contains("asked whether the server lives")
    });
    let log = server.log();
    let mut lines = log.lines();
    assert!(lines.any(|line| line.contains("DEBUG") && line.contains("asked whether")));
}

#[test]
fn a_proxy_of_the_environment_is_taken_and_named() {
    let folder = Folder::new();
    let server = Server::start(&folder, &[]);
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", proxy.local_addr().unwrap());
    thread::spawn(move || {
        for client in proxy.incoming() {
            let mut client = client.unwrap();
            let _ = client.read(&mut [0; 1000]);
            let _ = client.write_all(b"HTTP/1.1 403 Not here\r\n\r\n");
        }
    });
    let by = |name, uri: &str| server.devices(uri, &[(name, &address)]);
    for uri in [&server.plain, &server.sealed] {
        fails(
            &by("PILLION_PROXY", uri),
            &format!("the proxy {address} does not let through"),
        );
        // Not to this machine, nor where it is not for.
        works(&by("ALL_PROXY", uri));
    }
    works(&by("PILLION_PROXY", &server.tcp));
    let far = "wss://gpu.invalid/gpu";
    fails(&by("HTTPS_PROXY", far), "answers 403 Not here");
    let besides = [("HTTPS_PROXY", &*address), ("NO_PROXY", ".invalid")];
    fails(&server.devices(far, &besides), "cannot find the host");
    fails(
        &server.devices(far, &[("HTTPS_PROXY", "socks5://x")]),
        "HTTPS_PROXY: only proxies with http://",
    );
    let doctor = server.ask(&["doctor", "--json"], far, &[("HTTPS_PROXY", &address)]);
    let said = text(&doctor.stdout);
    assert!(
        said.contains(&format!("{address} leads to wss://gpu.invalid:443/gpu")),
        "{said}"
    );
}

#[test]
fn tokens_come_by_both_and_never_in_the_clear() {
    let folder = Folder::new();
    let tokens = folder.private("tokens", "ada a-token-that-is-long\n");
    let file = tokens.display().to_string();
    let server = Server::start(&folder, &["--token-file", &file]);
    for uri in [&server.plain, &server.sealed] {
        works(&server.devices(uri, &[("PILLION_TOKEN", "a-token-that-is-long")]));
        fails(&server.devices(uri, &[]), "wants a token");
    }
    // As open as tcp://, and no further.
    for (options, words) in [
        (
            &["--token-file", &*file][..],
            "tokens would travel in the clear",
        ),
        (&[][..], "neither encrypts nor asks who comes"),
    ] {
        let refused = pillion()
            .args([
                "serve",
                "--device",
                "cpu",
                "--cache",
                "off",
                "--listen",
                "ws://0.0.0.0:0",
            ])
            .args(options)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        fails(&refused, words);
    }
}
