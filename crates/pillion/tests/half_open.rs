//! What becomes of sessions whose other side is gone without a word: a cut cable, a machine without power.

mod common;

use std::io::{BufRead, BufReader, IoSliceMut, Read};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{Client, Folder, Server, alive, eventually};
use pillion_transport::{ConnectOptions, Interest, KeepAlive, connect_with};

/// Says to the test program that it is the client in the other network, and where its server is.
const ROLE: &str = "PILLION_TEST_HALF_OPEN";
/// The shortest bound that there is.
const SECONDS: u32 = KeepAlive::LEAST;
/// Of the host's end and of the other one: addresses for documentation, which nobody has.
const ADDRESSES: [&str; 2] = ["198.51.100.1", "198.51.100.2"];

/// Another network, one cable away.
struct Network {
    name: String,
    cable: String,
}

impl Network {
    fn new() -> Option<Self> {
        let id = std::process::id();
        let network = Network {
            name: format!("pillion-{id}"),
            cable: format!("pl{id}"),
        };
        let Network { name, cable } = &network;
        let [here, there] = ADDRESSES;
        let commands = [
            format!("netns add {name}"),
            format!("link add {cable} type veth peer name eth0 netns {name}"),
            format!("addr add {here}/30 dev {cable}"),
            format!("link set {cable} up"),
            format!("-n {name} addr add {there}/30 dev eth0"),
            format!("-n {name} link set eth0 up"),
        ];
        commands
            .iter()
            .all(|command| ip(command))
            .then_some(network)
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
    if !rustix::process::getuid().is_root() {
        return eprintln!("only root can make networks: not tested");
    }
    let Some(network) = Network::new() else {
        return eprintln!("`ip` (iproute2) makes no network here: not tested");
    };
    let folder = Folder::new();
    let [unix, _, shm] = Server::places(&folder);
    let settings = format!(
        "dead-after = {SECONDS}\ninsecure = true\nlisten = ['{unix}', 'tcp://{}:0', '{shm}']\n",
        ADDRESSES[0]
    );
    std::fs::write(folder.path("pillion.toml"), settings).unwrap();
    let server = Server::configured(folder);
    let mut client = Command::new("ip")
        .args(["netns", "exec", &network.name])
        .arg(std::env::current_exe().unwrap())
        .args(["client", "--exact", "--nocapture", "--test-threads=1"])
        .env(ROLE, server.tcp.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
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
    assert!(ip(&format!("link set {} down", network.cable)));
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
