//! What becomes of sessions whose other side is gone without a word: a cut cable, a machine without power.

mod common;

use std::io::{BufRead, BufReader, ErrorKind, IoSlice, IoSliceMut, Read};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use common::{Client, Folder, Server, alive, eventually};
use pillion_transport::{
    ConnectOptions, Interest, KeepAlive, ListenOptions, Uri, connect, connect_with, listen,
};

/// Says to the test program that it is the client in the other network, and where its server is.
const ROLE: &str = "PILLION_TEST_HALF_OPEN";
/// The shortest bound that there is.
const SECONDS: u32 = KeepAlive::LEAST;

/// Another network, one cable away.
struct Network {
    name: String,
    cable: String,
    /// The host's address.
    here: String,
}

impl Network {
    /// The `number`th; why there is none, it says itself.
    fn new(number: u8) -> Option<Self> {
        if !rustix::process::getuid().is_root() {
            eprintln!("only root can make networks: not tested");
            return None;
        }
        let id = std::process::id();
        // Addresses for documentation, which nobody has.
        let address = |host| format!("198.51.100.{}", number * 4 + host);
        let network = Network {
            name: format!("pillion-{id}-{number}"),
            cable: format!("pl{id}n{number}"),
            here: address(1),
        };
        let Network { name, cable, here } = &network;
        let there = address(2);
        let commands = [
            format!("netns add {name}"),
            format!("link add {cable} type veth peer name eth0 netns {name}"),
            format!("addr add {here}/30 dev {cable}"),
            format!("link set {cable} up"),
            format!("-n {name} addr add {there}/30 dev eth0"),
            format!("-n {name} link set eth0 up"),
        ];
        if commands.iter().all(|command| ip(command)) {
            return Some(network);
        }
        eprintln!("`ip` (iproute2) makes no network here: not tested");
        None
    }

    /// This test program there, as the client of what listens at `uri`.
    fn client(&self, role: &str, uri: &Uri) -> Child {
        Command::new("ip")
            .args(["netns", "exec", &self.name])
            .arg(std::env::current_exe().unwrap())
            .args([role, "--exact", "--nocapture", "--test-threads=1"])
            .env(ROLE, uri.to_string())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap()
    }

    fn cut(&self) {
        assert!(ip(&format!("link set {} down", self.cable)));
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        ip(&format!("netns delete {}", self.name));
    }
}

fn ip(arguments: &str) -> bool {
    let done = Command::new("ip").args(arguments.split(' ')).status();
    done.is_ok_and(|status| status.success())
}

#[test]
fn a_cut_cable_ends_a_session_on_both_sides_in_time() {
    let Some(network) = Network::new(0) else {
        return;
    };
    let folder = Folder::new();
    let [unix, _, shm] = Server::places(&folder);
    let settings = format!(
        "dead-after = {SECONDS}\ninsecure = true\nlisten = ['{unix}', 'tcp://{}:0', '{shm}']\n",
        network.here
    );
    std::fs::write(folder.path("pillion.toml"), settings).unwrap();
    let server = Server::configured(folder);
    let mut client = network.client("client", &server.tcp);
    let mut said = BufReader::new(client.stdout.take().unwrap());
    let mut line = String::new();
    while !line.starts_with("welcomed") {
        line.clear();
        assert!(said.read_line(&mut line).unwrap() > 0, "{}", server.log());
    }
    // One that nobody has cut off, and that says as little.
    let mut other = Client::greeted(&server.unix);
    let sessions = server.status().sessions;
    assert_eq!(sessions.len(), 2);
    let worker = sessions
        .iter()
        .find(|session| session.listener == server.tcp.to_string())
        .unwrap()
        .worker_pid;
    let cut = Instant::now();
    network.cut();
    eventually("the session's worker ends", || !alive(worker));
    let took = cut.elapsed();
    // Not at once either: a link that is away for a moment costs nothing.
    let bound = Duration::from_secs(u64::from(SECONDS));
    assert!(took > bound / 3 && took < bound * 5, "it took {took:?}");
    line.clear();
    said.read_to_string(&mut line).unwrap();
    assert!(client.wait().unwrap().success(), "{line}");
    assert!(line.contains("gone: "), "{line}");
    other.ping();
    assert_eq!(server.status().sessions.len(), 1);
}

/// What waits for a peer who does not read has as long as he is there, and no longer.
#[test]
fn a_cut_cable_is_told_from_a_peer_that_does_not_read() {
    let Some(network) = Network::new(1) else {
        return;
    };
    let uri = format!("tcp://{}:0", network.here).parse().unwrap();
    let mut options = ListenOptions::default().insecure(true);
    options.keep_alive = SECONDS.to_string().parse().unwrap();
    let listener = listen(&uri, &options).unwrap();
    let mut peer = network.client("who_does_not_read", &listener.uri());
    let mut end = listener.accept().unwrap();
    let block = vec![7; 1 << 16];
    let bound = Duration::from_secs(u64::from(SECONDS));
    let mut quiet = Instant::now();
    // It takes some more after the first refusal.
    while quiet.elapsed() < bound * 3 {
        match end.sender.try_send(&[IoSlice::new(&block)]) {
            Ok(_) => quiet = Instant::now(),
            Err(error) => assert_eq!(error.kind(), ErrorKind::WouldBlock),
        }
        let wait = end.poller.wait(Interest::WRITABLE, None, Some(bound / 3));
        assert!(!wait.unwrap().closed, "he is there");
    }
    network.cut();
    let cut = Instant::now();
    // Nobody is asked more often than half of the time that he has not read for, which is part of what it takes.
    while !end.poller.wait(Interest::NONE, None, None).unwrap().closed {}
    let took = cut.elapsed();
    assert!(took < bound * 20, "it took {took:?}");
    let error = end.sender.try_send(&[IoSlice::new(b"x")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TimedOut);
    peer.kill().unwrap();
    peer.wait().unwrap();
}

/// Not a test of its own: who does not read, in the other network.
#[test]
fn who_does_not_read() {
    let Ok(uri) = std::env::var(ROLE) else {
        return;
    };
    let _connection = connect(&uri.parse().unwrap(), Duration::from_secs(10)).unwrap();
    // It is killed long before.
    std::thread::sleep(Duration::from_secs(600));
}

/// Not a test of its own: the client in the other network.
#[test]
fn client() {
    let Ok(uri) = std::env::var(ROLE) else {
        return;
    };
    let keep: KeepAlive = SECONDS.to_string().parse().unwrap();
    let options = ConnectOptions::new(Duration::from_secs(10)).keep_alive(keep);
    let connection = connect_with(&uri.parse().unwrap(), &options).unwrap();
    let mut client = Client::over(connection);
    client.welcomed();
    // Behind what the test harness has begun to say.
    println!("\nwelcomed");
    let connection = client.into_connection();
    let limit = Some(Duration::from_secs(u64::from(SECONDS) * 5));
    let ready = connection.poller.wait(Interest::READABLE, None, limit);
    assert!(ready.unwrap().readable, "it would wait for ever");
    let mut receiver = connection.receiver;
    let heard = receiver.try_recv(&mut [IoSliceMut::new(&mut [0; 64])]);
    println!("gone: {}", heard.unwrap_err());
}
