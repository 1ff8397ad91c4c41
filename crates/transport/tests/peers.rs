//! WebSockets through and with programs that others made: nginx in front of a server, tinyproxy in front of a client, and Python's
//! `websockets` as a client.
//!
//! What is not installed is skipped, and said to be, unless `PILLION_TEST_PEERS` says that it has to be there.

mod common;

use common::{CONNECT, free_port, port, receive_some, secured, send};
use pillion_test_support::certificates::Authority;
use pillion_test_support::{Folder, Random};
use pillion_transport::conformance::{guarded, skipped};
use pillion_transport::ws::Proxies;
use pillion_transport::{
    ConnectOptions, Connection, Interest, ListenOptions, Listener, Uri, connect_with, listen,
};
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs, thread};

/// Whether a test cannot run here, for lack of a program.
fn lacks(test: &str, program: &str, there: bool) -> bool {
    if there {
        return false;
    }
    assert!(
        env::var_os("PILLION_TEST_PEERS").is_none(),
        "{program} is not there"
    );
    skipped(test, &format!("{program} is not installed"));
    true
}

/// Where a program is that a test is with; without it the test cannot run here.
fn find(test: &str, program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    let found = env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/bin".into()])
        .map(|folder| folder.join(program))
        .find(|file| file.is_file());
    match lacks(test, program, found.is_some()) {
        true => None,
        false => found,
    }
}

/// A program in a folder of its own that ends with the test.
struct Peer {
    child: Child,
    _folder: Folder,
}

impl Drop for Peer {
    fn drop(&mut self) {
        // nginx ends its own children only when it is asked.
        let _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        let _ = self.child.wait();
    }
}

impl Peer {
    /// Started with a configuration, and accepting at `port`.
    fn start(program: &Path, flag: &str, more: &[&str], configuration: &str, port: u16) -> Self {
        let folder = Folder::new();
        let file = folder.path("configuration");
        let configuration = configuration.replace("FOLDER", folder.0.to_str().unwrap());
        fs::write(&file, configuration).unwrap();
        let child = Command::new(program)
            .args(more)
            .arg(flag)
            .arg(&file)
            .stdin(Stdio::null())
            .spawn()
            .unwrap();
        let mut peer = Self {
            child,
            _folder: folder,
        };
        while TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(peer.child.try_wait().unwrap().is_none(), "it ends");
            thread::sleep(Duration::from_millis(10));
        }
        peer
    }

    /// nginx, with this inside of `http`, and its word for what passes WebSockets on.
    fn nginx(program: &Path, http: &str, port: u16) -> Self {
        let configuration = format!(
            "daemon off; worker_processes 1; pid FOLDER/pid; error_log FOLDER/error.log;\n\
             events {{ worker_connections 64; }}\n\
             http {{ access_log off; client_body_temp_path FOLDER/a; proxy_temp_path FOLDER/b;\n\
             fastcgi_temp_path FOLDER/c; uwsgi_temp_path FOLDER/d; scgi_temp_path FOLDER/e;\n\
             proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;\n\
             proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;\n{http}\n}}\n"
        );
        Self::start(program, "-c", &["-e", "stderr"], &configuration, port)
    }
}

/// A listener that sends back what comes, in another process's hands as it were, and answers how many bytes that were.
fn echo(listener: Box<dyn Listener>) -> thread::JoinHandle<Vec<std::io::Result<usize>>> {
    thread::spawn(move || {
        let mut all = Vec::new();
        loop {
            let Ok(mut far) = listener.accept() else {
                return all;
            };
            if far.establish(None, CONNECT).is_err() {
                // A look whether the port is open, or a probe.
                continue;
            }
            let mut far = Connection::from_handoff(far.handoff().unwrap()).unwrap();
            let mut room = vec![0; 300_000];
            let mut total = 0;
            all.push(loop {
                match receive_some(&mut far, &mut room) {
                    Ok(0) => {
                        far.sender.shutdown().unwrap();
                        break Ok(total);
                    }
                    Ok(n) => {
                        total += n;
                        send(&mut far, &room[..n]);
                    }
                    Err(error) => break Err(error),
                }
            });
        }
    })
}

/// Sends so much there, and expects it back.
fn verify(near: &mut Connection, rng: &mut Random, count: usize) {
    let data = rng.bytes(count);
    let mut got = vec![0; count];
    let (mut sent, mut filled) = (0, 0);
    while filled < count {
        let part = &data[sent..(sent + rng.size()).min(count)];
        if !part.is_empty() {
            match near.sender.try_send(&[IoSlice::new(part)]) {
                Ok(n) => sent += n,
                Err(e) => assert_eq!(e.kind(), ErrorKind::WouldBlock, "{e}"),
            }
        }
        match near
            .receiver
            .try_recv(&mut [IoSliceMut::new(&mut got[filled..])])
        {
            Ok(n) => {
                assert!(n > 0, "cut off");
                filled += n;
            }
            Err(e) if e.kind() == ErrorKind::WouldBlock => {
                let interest = Interest {
                    readable: true,
                    writable: sent < count,
                };
                near.poller.wait(interest, None, None).unwrap();
            }
            Err(e) => panic!("{e}"),
        }
    }
    assert!(got == data);
}

#[test]
fn nginx_in_front_of_a_server() {
    let Some(nginx) = find("nginx_in_front_of_a_server", "nginx") else {
        return;
    };
    guarded("nginx", move || {
        let authority = Authority::new();
        let (identity, listening, connecting) = secured(&authority);
        let plain = listen(&"ws://127.0.0.1:0/gpu".parse().unwrap(), &listening).unwrap();
        let sealed = listen(&"wss://localhost:0/gpu".parse().unwrap(), &listening).unwrap();
        let (in_the_clear, by_tls) = (free_port(), free_port());
        let (to_plain, to_sealed) = (port(&*plain), port(&*sealed));
        let _peer = Peer::nginx(
            &nginx,
            &format!(
                "server {{ listen 127.0.0.1:{in_the_clear}; location / {{ proxy_pass http://127.0.0.1:{to_plain}; }} }}\n\
                 server {{ listen 127.0.0.1:{by_tls} ssl; ssl_protocols TLSv1.3; ssl_certificate {}; ssl_certificate_key {};\n\
                 location /gpu {{ proxy_pass http://127.0.0.1:{to_plain}; }}\n\
                 location /sealed {{ proxy_pass https://127.0.0.1:{to_sealed}/gpu; proxy_ssl_verify on;\n\
                 proxy_ssl_protocols TLSv1.3; proxy_ssl_name localhost; proxy_ssl_trusted_certificate {}; }} }}",
                identity.certificate.display(),
                identity.key.display(),
                authority.ca().display(),
            ),
            in_the_clear,
        );
        let closers = [plain.closer(), sealed.closer()];
        let echoes = [echo(plain), echo(sealed)];
        let mut rng = Random::new();
        let mut expected = [0, 0];
        for (uri, which) in [
            (format!("ws://127.0.0.1:{in_the_clear}/gpu"), 0),
            (format!("wss://localhost:{by_tls}/gpu"), 0),
            (format!("wss://localhost:{by_tls}/sealed"), 1),
        ] {
            let uri: Uri = uri.parse().unwrap();
            let mut near = connect_with(&uri, &connecting).unwrap();
            let count = 6_000_000;
            verify(&mut near, &mut rng, count);
            expected[which] += 1;
            // A farewell passes it, and is answered.
            near.sender.shutdown().unwrap();
            assert_eq!(receive_some(&mut near, &mut [0]).unwrap(), 0, "{uri}");
        }
        // What it says where it knows no such path, and where nobody listens behind it.
        let lost: Uri = format!("wss://localhost:{by_tls}/nowhere").parse().unwrap();
        let error = connect_with(&lost, &connecting).unwrap_err().to_string();
        assert!(error.contains("404") && error.contains("path"), "{error}");
        let lost: Uri = format!("ws://127.0.0.1:{in_the_clear}/other")
            .parse()
            .unwrap();
        let error = connect_with(&lost, &connecting).unwrap_err().to_string();
        assert!(error.contains("404") && error.contains("path"), "{error}");
        // A probe, as an ingress sends it.
        let mut probe = TcpStream::connect(("127.0.0.1", in_the_clear)).unwrap();
        std::io::Write::write_all(&mut probe, b"GET /healthz HTTP/1.0\r\n\r\n").unwrap();
        let mut said = String::new();
        probe.read_to_string(&mut said).unwrap();
        assert!(
            said.starts_with("HTTP/1.1 200 OK") && said.ends_with("ok\n"),
            "{said}"
        );
        closers.iter().for_each(|closer| closer.close());
        for (echo, expected) in echoes.into_iter().zip(expected) {
            let sessions = echo.join().unwrap();
            assert_eq!(sessions.len(), expected);
            assert!(sessions.iter().all(Result::is_ok), "{sessions:?}");
        }
        let gone: Uri = format!("ws://127.0.0.1:{in_the_clear}/gpu")
            .parse()
            .unwrap();
        let error = connect_with(&gone, &connecting).unwrap_err().to_string();
        assert!(
            error.contains("502") && error.contains("does not reach"),
            "{error}"
        );
    });
}

#[test]
fn nginx_does_not_cut_off_who_is_idle() {
    let Some(nginx) = find("nginx_does_not_cut_off_who_is_idle", "nginx") else {
        return;
    };
    guarded("idle", move || {
        let front = free_port();
        let mut listening = ListenOptions::default();
        // What the server sends counts, and that alone.
        listening.quiet = Duration::from_millis(300);
        let mut connecting = ConnectOptions::new(CONNECT);
        connecting.quiet = Duration::from_secs(3600);
        let alive = listen(&"ws://127.0.0.1:0".parse().unwrap(), &listening).unwrap();
        listening.quiet = connecting.quiet;
        let silent = listen(&"ws://127.0.0.1:0".parse().unwrap(), &listening).unwrap();
        let _peer = Peer::nginx(
            &nginx,
            &format!(
                "server {{ listen 127.0.0.1:{front}; proxy_read_timeout 1s;\n\
                 location /alive {{ proxy_pass http://127.0.0.1:{}/; }}\n\
                 location /silent {{ proxy_pass http://127.0.0.1:{}/; }} }}",
                port(&*alive),
                port(&*silent)
            ),
            front,
        );
        let (_alive, _silent) = (echo(alive), echo(silent));
        let near = |path: &str| {
            let uri = format!("ws://127.0.0.1:{front}/{path}").parse().unwrap();
            connect_with(&uri, &connecting).unwrap()
        };
        let (mut alive, mut silent) = (near("alive"), near("silent"));
        let mut rng = Random::new();
        verify(&mut alive, &mut rng, 1000);
        verify(&mut silent, &mut rng, 1000);
        thread::sleep(Duration::from_millis(3500));
        verify(&mut alive, &mut rng, 1000);
        // So that is what it does otherwise.
        let end = receive_some(&mut silent, &mut [0]);
        assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    });
}

#[test]
fn tinyproxy_in_front_of_a_client() {
    let Some(tinyproxy) = find("tinyproxy_in_front_of_a_client", "tinyproxy") else {
        return;
    };
    guarded("tinyproxy", move || {
        let authority = Authority::new();
        let (_, listening, connecting) = secured(&authority);
        let plain = listen(&"ws://127.0.0.1:0".parse().unwrap(), &listening).unwrap();
        let sealed = listen(&"wss://localhost:0".parse().unwrap(), &listening).unwrap();
        let (front, plain_port, sealed_port) = (free_port(), port(&*plain), port(&*sealed));
        let _peer = Peer::start(
            &tinyproxy,
            "-c",
            &["-d"],
            &format!(
                "Port {front}\nListen 127.0.0.1\nTimeout 600\nMaxClients 20\nLogFile \"FOLDER/log\"\nPidFile \"FOLDER/pid\"\n\
                 BasicAuth me secret\nConnectPort {plain_port}\nConnectPort {sealed_port}\n"
            ),
            front,
        );
        let closers = [plain.closer(), sealed.closer()];
        let echoes = [echo(plain), echo(sealed)];
        let by = |credentials: &str| {
            let address = format!("http://{credentials}127.0.0.1:{front}");
            let proxies = Proxies::of(|name| (name == "PILLION_PROXY").then(|| address.clone()));
            connecting.clone().proxies(proxies.unwrap())
        };
        let mut rng = Random::new();
        for uri in [
            format!("ws://127.0.0.1:{plain_port}"),
            format!("wss://localhost:{sealed_port}"),
        ] {
            let uri: Uri = uri.parse().unwrap();
            let mut near = connect_with(&uri, &by("me:secret@")).unwrap();
            verify(&mut near, &mut rng, 6_000_000);
            near.sender.shutdown().unwrap();
            assert_eq!(receive_some(&mut near, &mut [0]).unwrap(), 0, "{uri}");
            for (credentials, word) in [("", "asks who comes"), ("me:wrong@", "does not know")] {
                let error = connect_with(&uri, &by(credentials))
                    .unwrap_err()
                    .to_string();
                // Versions differ in what they answer to a wrong password.
                assert!(
                    error.contains(word) || error.contains("does not let through"),
                    "{error}"
                );
                assert!(
                    error.contains(&format!("http://127.0.0.1:{front}")),
                    "{error}"
                );
            }
        }
        // A port that it does not lead to.
        let other: Uri = format!("wss://127.0.0.1:{front}").parse().unwrap();
        let error = connect_with(&other, &by("me:secret@"))
            .unwrap_err()
            .to_string();
        assert!(error.contains("it answers 403"), "{error}");
        closers.iter().for_each(|closer| closer.close());
        for echo in echoes {
            let sessions = echo.join().unwrap();
            assert!(sessions.len() == 1 && sessions[0].is_ok(), "{sessions:?}");
        }
    });
}

/// What it runs. Every message goes there in pieces of its own, and all comes back; in between it asks whether we live.
const CLIENT: &str = r#"
import asyncio, hashlib, os, random, ssl, sys
import websockets

async def main(uri, ca):
    context = ssl.create_default_context(cafile=ca) if uri.startswith("wss") else None
    options = dict(subprotocols=["pillion"], max_size=None, ssl=context, ping_interval=0.05, ping_timeout=20)
    async with websockets.connect(uri, compression=None, proxy=None, **options) as peer:
        assert peer.subprotocol == "pillion"
        sent, got = hashlib.sha256(), hashlib.sha256()
        total = 0
        async def talk():
            nonlocal total
            for _ in range(200):
                message = os.urandom(random.choice([0, 1, 125, 126, 4000, 65535, 65536, 200000]))
                total += len(message)
                sent.update(message)
                if random.random() < 0.5:
                    cut = random.randrange(len(message) + 1)
                    await peer.send([message[:cut], message[cut:]])
                else:
                    await peer.send(message)
                if random.random() < 0.1:
                    await (await peer.ping(os.urandom(random.randrange(126))))
        async def hear():
            count = 0
            while count < total or not talking.done():
                try:
                    message = await asyncio.wait_for(peer.recv(), 1)
                except asyncio.TimeoutError:
                    continue
                assert isinstance(message, bytes)
                got.update(message)
                count += len(message)
        talking = asyncio.create_task(talk())
        await asyncio.gather(talking, hear())
        assert sent.digest() == got.digest()
    assert peer.close_code == 1000, peer.close_code
    # It asks for compression where nobody forbids it, and does without.
    options.pop("ping_interval")
    async with websockets.connect(uri, proxy=None, **options) as peer:
        await peer.send(b"x" * 1000)
        assert await peer.recv() == b"x" * 1000
        assert not peer.protocol.extensions
    # Text is no Pillion.
    async with websockets.connect(uri, proxy=None, **options) as peer:
        await peer.send("text")
        try:
            await peer.recv()
        except websockets.ConnectionClosedError as end:
            assert end.rcvd.code == 1003, end
        else:
            sys.exit("text was taken")

asyncio.run(main(sys.argv[1], sys.argv[2]))
print("well")
"#;

#[test]
fn pythons_websockets_as_a_client() {
    // Where CI puts it.
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/peers");
    let python = move || {
        let mut python = Command::new("python3");
        python.env("PYTHONPATH", &packages).stdin(Stdio::null());
        python
    };
    let there = python()
        .args(["-c", "import websockets"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if lacks(
        "pythons_websockets_as_a_client",
        "the Python package websockets",
        there,
    ) {
        return;
    }
    guarded("python", move || {
        let authority = Authority::new();
        let (_, listening, _) = secured(&authority);
        for uri in ["ws://127.0.0.1:0/gpu", "wss://localhost:0/gpu"] {
            let listener = listen(&uri.parse().unwrap(), &listening).unwrap();
            let (uri, closer) = (listener.uri(), listener.closer());
            let echo = echo(listener);
            let output = python()
                .args(["-c", CLIENT])
                .arg(uri.to_string())
                .arg(authority.ca())
                .output()
                .unwrap();
            assert!(
                output.status.success() && output.stdout == b"well\n",
                "{uri}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
            closer.close();
            let sessions = echo.join().unwrap();
            assert!(sessions.len() == 3, "{sessions:?}");
            assert!(
                sessions[0].is_ok() && sessions[1].is_ok() && sessions[2].is_err(),
                "{sessions:?}"
            );
        }
    });
}
