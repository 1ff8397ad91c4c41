//! `ucx://` from one end to the other: who dies costs his own session, tokens travel by its control, and what settings allow.

mod common;

use common::{
    Client, Folder, Listening, Said, alive, ask, children, eventually, fails, pillion, send,
    status, text, works,
};
use pillion_server::broker::{SessionStatus, Status};
use pillion_transport::{Uri, ucx};
use rustix::process::Signal;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};
use std::thread;

/// Says to a child of a test that it is a client, and of whom.
const CLIENT_OF: &str = "PILLION_TEST_UCX_CLIENT_OF";

/// Whether there is UCX here; `PILLION_TEST_UCX` says that it must be.
fn lacks_ucx(test: &str) -> bool {
    match ucx::version() {
        Ok(_) => false,
        Err(error) if std::env::var_os("PILLION_TEST_UCX").is_some() => panic!("{error}"),
        Err(error) => {
            eprintln!("skipped: {test}: {error}");
            true
        }
    }
}

/// A server that listens on a Unix socket and over UCX, with a control by TCP and one by TLS.
struct Server {
    listening: Listening,
    unix: Uri,
    ucx: Uri,
    /// Over TLS.
    sealed: String,
    pin: String,
    folder: Folder,
}

impl Server {
    fn start(options: &[&str]) -> Self {
        Self::start_in(Folder::new(), options)
    }

    fn start_in(folder: Folder, options: &[&str]) -> Self {
        let socket = format!("unix://{}", folder.path("s").display());
        let addresses = [&*socket, "ucx://127.0.0.1:0", "ucx://tls://127.0.0.1:0"];
        let mut listening = Listening::start(&folder, &addresses, options);
        let [unix, ucx, sealed] = listening.uris();
        let pin = listening.pin(&sealed);
        Server {
            listening,
            unix: unix.parse().unwrap(),
            ucx: ucx.parse().unwrap(),
            sealed,
            pin,
            folder,
        }
    }

    fn log(&self) -> String {
        self.listening.log()
    }

    fn status(&self) -> Status {
        status(&self.unix)
    }

    fn worker(&self) -> u32 {
        self.status().sessions[0].worker_pid
    }

    /// Waits until no session runs, and no worker serves one.
    fn settle(&self) {
        eventually("all sessions have ended", || {
            let status = self.status();
            status.sessions.is_empty() && status.workers.serving + status.workers.stopping == 0
        });
    }
}

/// What UCX leaves where it uses shared memory, or is looked into.
fn debris() -> Vec<String> {
    let mut found: Vec<_> = ["/dev/shm", "/tmp"]
        .iter()
        .flat_map(|folder| fs::read_dir(folder).unwrap().flatten())
        .filter(|entry| entry.file_name().to_string_lossy().starts_with("ucx"))
        .map(|entry| entry.path().display().to_string())
        .collect();
    found.sort();
    found
}

/// Not a test of its own: a client that is there until it is killed.
#[test]
fn as_a_client() {
    if let Ok(uri) = std::env::var(CLIENT_OF) {
        let mut client = Client::greeted(&uri.parse().unwrap());
        client.ping();
        println!("\nserved");
        loop {
            thread::park();
        }
    }
}

#[test]
fn a_killed_client_ends_its_session() {
    if lacks_ucx("a_killed_client_ends_its_session") {
        return;
    }
    let (server, before) = (Server::start(&[]), debris());
    let mut other = Client::greeted(&server.ucx);
    let mut client = Command::new(std::env::current_exe().unwrap())
        .args(["as_a_client", "--exact", "--nocapture", "--test-threads=1"])
        .env(CLIENT_OF, server.ucx.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(client.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap() == "served"));
    let of = |session: &SessionStatus| session.worker_pid;
    let workers: Vec<_> = server.status().sessions.iter().map(of).collect();
    assert_eq!(workers.len(), 2);
    send(client.id(), Signal::KILL);
    client.wait().unwrap();
    eventually("its session ends", || server.status().sessions.len() == 1);
    let left = server.worker();
    for worker in workers {
        eventually("its worker ends", || worker == left || !alive(worker));
    }
    other.ping();
    drop(other);
    server.settle();
    assert_eq!(debris(), before);
}

#[test]
fn a_killed_worker_costs_its_own_session() {
    if lacks_ucx("a_killed_worker_costs_its_own_session") {
        return;
    }
    let (server, before) = (Server::start(&[]), debris());
    let mut first = Client::greeted(&server.ucx);
    let victim = server.worker();
    let mut second = Client::greeted(&server.ucx);
    send(victim, Signal::KILL);
    assert_eq!(first.hear(), Said::Closed);
    second.ping();
    Client::greeted(&server.ucx).ping();
    eventually("it is told", || {
        server.log().contains("was killed by signal 9")
    });
    drop((first, second));
    server.settle();
    assert_eq!(debris(), before);
}

#[test]
fn a_killed_broker_ends_its_sessions() {
    if lacks_ucx("a_killed_broker_ends_its_sessions") {
        return;
    }
    let (mut server, before) = (Server::start(&[]), debris());
    let mut client = Client::greeted(&server.ucx);
    client.ping();
    let workers = children(server.listening.child.id());
    assert!(!workers.is_empty());
    send(server.listening.child.id(), Signal::KILL);
    server.listening.child.wait().unwrap();
    for worker in workers {
        eventually("the worker ends", || !alive(worker));
    }
    assert_eq!(client.hear(), Said::Closed);
    drop(client);
    assert_eq!(debris(), before);
    // And are in nobody's way.
    let folder = std::mem::replace(&mut server.folder, Folder::new());
    let server = Server::start_in(folder, &[]);
    Client::greeted(&server.ucx).ping();
}

#[test]
fn a_token_travels_by_a_control_with_tls() {
    if lacks_ucx("a_token_travels_by_a_control_with_tls") {
        return;
    }
    const TOKEN: &str = "a-token-that-is-long-enough";
    let folder = Folder::new();
    let file = folder.private("tokens", format!("ada {TOKEN}\n"));
    let server = Server::start(&["--token-file", file.to_str().unwrap()]);
    let devices = |variables: &[(&str, &str)]| ask(&server.sealed, &["devices"], variables);
    let trust = ("PILLION_TLS_PIN", server.pin.as_str());
    works(&devices(&[trust, ("PILLION_TOKEN", TOKEN)]));
    assert!(server.log().contains("identity=\"ada\""));
    fails(&devices(&[trust]), "wants a token");
    fails(
        &devices(&[trust, ("PILLION_TOKEN", "another-token-of-that-kind")]),
        "not one of this server's",
    );
    // Whoever does not know the server does not tell it.
    let stranger = devices(&[("PILLION_TOKEN", TOKEN)]);
    assert!(!stranger.status.success(), "{}", text(&stranger.stderr));
}

/// What a `[[endpoint]]` or option is answered with, without anything of UCX's being needed.
#[test]
fn settings_say_what_is_in_the_clear() {
    let folder = Folder::new();
    let file = folder.path("pillion.toml");
    let check = |text: &str| {
        fs::write(&file, text).unwrap();
        let output = pillion()
            .args(["serve", "--check", "--config"])
            .arg(&file)
            .env("XDG_STATE_HOME", &folder.0)
            .output()
            .unwrap();
        let said = common::text(&output.stderr) + &common::text(&output.stdout);
        (output.status.success(), said)
    };
    let endpoint =
        |uri: &str, more: &str| check(&format!("[[endpoint]]\nlisten = '{uri}'\n{more}\n"));
    for uri in ["ucx://0.0.0.0", "ucx://tls://0.0.0.0"] {
        let (good, said) = endpoint(uri, "");
        assert!(!good && said.contains("pillion.toml:2:"), "{said}");
        assert!(said.contains("insecure = true in this endpoint"), "{said}");
        let (good, said) = endpoint(uri, "insecure = true");
        assert!(
            good && said.contains("whoever is between reads along"),
            "{said}"
        );
    }
    let (_, said) = endpoint("ucx://tls://0.0.0.0", "");
    assert!(
        said.contains("UCX encrypts nothing but the greeting"),
        "{said}"
    );
    for uri in ["ucx://127.0.0.1", "ucx://tls://127.0.0.1"] {
        let (good, said) = endpoint(uri, "");
        assert!(good, "{said}");
        let (_, said) = endpoint(uri, "insecure = true");
        assert!(said.contains("`insecure` says nothing here"), "{said}");
    }
    for (uri, more, words) in [
        (
            "ucx://127.0.0.1",
            "authentication = 'certificate'",
            "only tls:// and wss:// have certificates",
        ),
        (
            "ucx://tls://127.0.0.1",
            "authentication = 'certificate'",
            "needs `client-ca`",
        ),
        (
            "ucx://127.0.0.1",
            "tls = { certificate = '/c', key = '/k' }",
            "`tls` is for tls:// and wss://",
        ),
        ("ucx://127.0.0.1", "mode = 0o600", "`mode` is for sockets"),
        (
            "ucx://127.0.0.1",
            "authentication = 'token'",
            "needs a `token-file`",
        ),
        ("ucx://unix:///tmp/x", "", "is not a host"),
    ] {
        let (good, said) = endpoint(uri, more);
        assert!(!good && said.contains(words), "{uri} {more}: {said}");
    }
    let (good, said) =
        check("listen = ['ucx://127.0.0.1:7727', 'ucx://localhost', 'ucx://127.0.0.1']");
    assert!(!good && said.contains("is already"), "{said}");
    // Several that the kernel finds ports for.
    let (good, said) = check("listen = ['ucx://127.0.0.1:0', 'ucx://127.0.0.1:0']");
    assert!(good, "{said}");
}

/// What is started with an option answers as its settings do, and does not begin to listen.
#[test]
fn an_open_address_has_to_be_asked_for() {
    for uri in ["ucx://0.0.0.0:0", "ucx://tls://0.0.0.0:0"] {
        let mut child = pillion()
            .args(["serve", "--device", "cpu", "--listen", uri])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut said)
            .unwrap();
        assert!(!child.wait().unwrap().success());
        assert!(said.contains("--insecure"), "{said}");
    }
}
