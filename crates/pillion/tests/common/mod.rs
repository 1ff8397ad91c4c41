//! A server in a process of its own, and a client that speaks the bare protocol.
#![allow(dead_code, reason = "every test file uses another part")]

use std::io::{BufRead, BufReader, ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::AsFd;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Output, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use pillion_cuda_abi::CUresult;
use pillion_protocol::command::{CALL_THREAD, cuda, session as op};
use pillion_protocol::handle::{Kind, pack};
use pillion_protocol::{
    Encoder, HEADER_LEN, Header, Hello, Interface, Reply, ReplyHeader, Welcome,
};
use pillion_server::broker::Status;
pub use pillion_test_support::Folder;
use pillion_test_support::certificates::Signed;
use pillion_transport::{Connection, Interest, Uri, connect};
use rustix::process::{Resource, getrlimit, setrlimit};
use zerocopy::IntoBytes;

/// Nothing here takes long; whatever lasts this long hangs. Generous, because test machines are slow and shared.
pub const WATCHDOG: Duration = Duration::from_secs(120);

/// The program under test, without what the tester's environment says.
pub fn pillion() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pillion"));
    for name in [
        "PILLION_SERVER",
        "PILLION_TOKEN",
        "PILLION_LIBDIR",
        "PILLION_LOG",
        "PILLION_CPU_CUDA",
        "PILLION_CACHE",
        "PILLION_COMPRESSION",
        "LD_LIBRARY_PATH",
        "CUDA_VISIBLE_DEVICES",
        "CUDA_DEVICE_ORDER",
    ] {
        command.env_remove(name);
    }
    // Servers keep their caches here, unless they have a folder of their own.
    command.env("XDG_CACHE_HOME", env!("CARGO_TARGET_TMPDIR"));
    command
}

/// Waits until `condition` holds; panics when it never does.
pub fn eventually(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + WATCHDOG;
    while !condition() {
        assert!(Instant::now() < deadline, "it never happened that {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// A server with a Unix, a TCP and a shared-memory listener, on the CPU device unless its options say otherwise.
pub struct Server {
    pub child: Child,
    pub unix: Uri,
    pub tcp: Uri,
    pub shm: Uri,
    pub folder: Folder,
    said: BufReader<ChildStdout>,
    log: Arc<Mutex<String>>,
}

impl Server {
    pub fn start(options: &[&str]) -> Self {
        Self::start_in(Folder::new(), options)
    }

    pub fn start_in(folder: Folder, options: &[&str]) -> Self {
        Self::start_with(folder, options, &[])
    }

    /// A server whose CPU device is like a driver of this CUDA version.
    pub fn of_cuda(version: &str) -> Self {
        Self::start_with(Folder::new(), &[], &[("PILLION_CPU_CUDA", version)])
    }

    /// With variables in its environment.
    pub fn start_with(folder: Folder, options: &[&str], variables: &[(&str, &str)]) -> Self {
        let [socket, tcp, shared] = Self::places(&folder);
        let device: &[&str] = match options.contains(&"--device") {
            true => &[],
            false => &["--device", "cpu"],
        };
        let mut command = pillion();
        command
            .args([
                "serve", "--listen", &socket, "--listen", &tcp, "--listen", &shared,
            ])
            .args(device)
            .args(options)
            .envs(variables.iter().copied());
        Self::spawn(folder, command)
    }

    /// Where servers in that folder listen: by a Unix socket, TCP and shared memory.
    pub fn places(folder: &Folder) -> [String; 3] {
        [
            format!("unix://{}", folder.path("s").display()),
            "tcp://127.0.0.1:0".to_string(),
            format!("shm://{}", folder.path("m").display()),
        ]
    }

    /// A server whose settings, in `pillion.toml` of that folder, have endpoints at just its [places](Self::places).
    pub fn configured(folder: Folder) -> Self {
        Self::configured_on(folder, "cpu")
    }

    /// As [`Server::configured`], on that device.
    pub fn configured_on(folder: Folder, device: &str) -> Self {
        Self::configured_with(folder, device, &[])
    }

    /// And with these variables in its environment.
    pub fn configured_with(folder: Folder, device: &str, variables: &[(&str, &str)]) -> Self {
        let mut command = pillion();
        command.args(["serve", "--device", device, "--config"]);
        command.envs(variables.iter().copied());
        command.arg(folder.path("pillion.toml"));
        Self::spawn(folder, command)
    }

    fn spawn(folder: Folder, mut command: Command) -> Self {
        let [socket, ..] = Self::places(&folder);
        let mut child = command
            .env("XDG_CACHE_HOME", &folder.0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = log_of(&mut child);
        let mut uris = Vec::new();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        for line in said.by_ref().lines().take(3) {
            let line = line.unwrap();
            uris.push(
                line.strip_prefix("listening on ")
                    .expect(&line)
                    .parse::<Uri>()
                    .unwrap(),
            );
        }
        assert_eq!(
            uris.len(),
            3,
            "the server did not start: {}",
            log.lock().unwrap()
        );
        let shm = uris.pop().unwrap();
        let tcp = uris.pop().unwrap();
        let unix = uris.pop().unwrap();
        assert_eq!(unix.to_string(), socket);
        Server {
            child,
            unix,
            tcp,
            shm,
            folder,
            said,
            log,
        }
    }

    /// Where it listens besides its three places: what it says next.
    pub fn listens(&mut self) -> Uri {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        let uri = line.trim_end().strip_prefix("listening on ");
        uri.expect(&line).parse().unwrap()
    }

    /// Where its web page is: what it says next.
    pub fn web(&mut self) -> SocketAddr {
        let mut line = String::new();
        self.said.read_line(&mut line).unwrap();
        let address = line.trim_end().strip_prefix("web page at http://");
        let address = address.and_then(|address| address.strip_suffix('/'));
        address.expect(&line).parse().unwrap()
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }

    pub fn signal(&self, signal: rustix::process::Signal) {
        send(self.pid(), signal);
    }

    pub fn wait(&mut self) -> ExitStatus {
        let mut status = None;
        eventually("the server ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap()
    }

    /// Its state.
    pub fn status(&self) -> Status {
        status(&self.unix)
    }

    /// Waits until no session runs and only the warm worker is left.
    pub fn settle(&self) {
        eventually("only a warm worker is left", || {
            let status = self.status();
            status.sessions.is_empty()
                && status.workers.ready == 1
                && status.workers.serving + status.workers.starting + status.workers.stopping == 0
        });
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- server's log\n{}", self.log());
        }
    }
}

/// The state of the server at `uri`, as `pillion status --json` prints it.
pub fn status(uri: &Uri) -> Status {
    let output = pillion()
        .args(["status", "--json", "--server", &uri.to_string()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A running `pillion link`.
pub struct Link {
    child: Child,
    output: BufReader<ChildStdout>,
    pub uri: Uri,
}

impl Link {
    pub fn start(server: &Uri, options: &[&str]) -> Self {
        let mut child = pillion()
            .args(["link", "--listen", "tcp://127.0.0.1:0"])
            .args(["--server", &server.to_string()])
            .args(options)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        output.read_line(&mut line).unwrap();
        let uri = line
            .trim()
            .strip_prefix("listening on ")
            .expect(&line)
            .parse()
            .unwrap();
        Link { child, output, uri }
    }

    /// Ends it; what it printed to its standard output since it began to listen, and to its standard error.
    pub fn end(mut self) -> (String, String) {
        send(self.child.id(), rustix::process::Signal::TERM);
        let mut printed = String::new();
        self.output.read_to_string(&mut printed).unwrap();
        let output = self.child.wait_with_output().unwrap();
        assert!(output.status.success());
        (printed, text(&output.stderr))
    }
}

pub fn send(pid: u32, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(pid as i32).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

/// Whether a process is there, and is no zombie.
pub fn alive(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ")
        .is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

/// Child processes of a process, zombies too.
pub fn children(pid: u32) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let Ok(child) = entry.file_name().to_string_lossy().parse::<u32>() else {
            continue;
        };
        let stat = std::fs::read_to_string(format!("/proc/{child}/stat")).unwrap_or_default();
        let parent = stat
            .rsplit_once(") ")
            .and_then(|(_, rest)| rest.split(' ').nth(1)?.parse().ok());
        if parent == Some(pid) {
            found.push(child);
        }
    }
    found
}

/// So many connections that say nothing, or as many as this process may have.
pub fn silent(uri: &Uri, count: usize) -> Vec<TcpStream> {
    let (Uri::Tcp { host, port } | Uri::Tls { host, port }) = uri else {
        panic!("{uri} has no port");
    };
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).unwrap();
    // Other tests of this process need some, too.
    let most = limit.maximum.unwrap_or(u64::MAX).saturating_sub(1000);
    let count = count.min(most as usize);
    eprintln!("{count} connections that say nothing");
    let connect = |_| TcpStream::connect((host.as_str(), *port)).unwrap();
    // Where the kernel has no room for more that wait, each has to try again some time later: not one after the other.
    std::thread::scope(|scope| {
        let part = || scope.spawn(|| (0..count / 32).map(connect).collect::<Vec<_>>());
        let parts: Vec<_> = (0..32).map(|_| part()).collect();
        let joined = parts.into_iter().map(|part| part.join().unwrap());
        joined.flatten().collect()
    })
}

/// Open descriptors of a process.
pub fn descriptors(pid: u32) -> usize {
    std::fs::read_dir(format!("/proc/{pid}/fd"))
        .unwrap()
        .count()
}

/// Resident memory of a process, in KiB.
pub fn memory(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// What a peer says, as far as these tests care.
#[derive(Debug, PartialEq, Eq)]
pub enum Said {
    Welcome(Box<Welcome>),
    Answer(Vec<u8>),
    End(String),
    /// It waits for a place on the devices.
    Queued(u64),
    /// The connection is over.
    Closed,
}

/// A client of the bare protocol.
pub struct Client {
    connection: Connection,
    sequence: u64,
}

impl Client {
    pub fn connect(uri: &Uri) -> Self {
        Self::over(connect(uri, Duration::from_secs(30)).unwrap())
    }

    pub fn over(connection: Connection) -> Self {
        Client {
            connection,
            sequence: 0,
        }
    }

    pub fn into_connection(self) -> Connection {
        self.connection
    }

    /// A connection with a session.
    pub fn greeted(uri: &Uri) -> Self {
        let mut client = Self::connect(uri);
        client.welcomed();
        client
    }

    /// Begins a session.
    pub fn welcomed(&mut self) {
        self.hello(&Hello::new(13000, std::process::id(), "", "test"));
        match self.hear() {
            Said::Welcome(welcome) => assert!(!welcome.devices.is_empty()),
            other => panic!("no welcome but {other:?}"),
        }
    }

    pub fn hello(&mut self, hello: &Hello) {
        let body = body(|b| hello.encode(b));
        self.frame(Interface::Session, op::HELLO, 0, &body);
    }

    /// Passes a descriptor beside the bytes.
    pub fn pass(&mut self, descriptor: impl AsFd) {
        let descriptors = self.connection.descriptors.as_ref().unwrap();
        descriptors.send(descriptor.as_fd()).unwrap();
    }

    pub fn frame(&mut self, interface: Interface, opcode: u16, sequence: u64, body: &[u8]) {
        let mut bytes = Header::new(interface, opcode, body.len(), sequence, 0, 0)
            .as_bytes()
            .to_vec();
        bytes.extend_from_slice(body);
        self.send(&bytes);
    }

    /// Sends bytes, as many as the peer takes before it closes.
    pub fn send(&mut self, bytes: &[u8]) {
        let deadline = Instant::now() + WATCHDOG;
        let mut sent = 0;
        while sent < bytes.len() {
            assert!(
                Instant::now() < deadline,
                "the peer does not take what is sent"
            );
            match self
                .connection
                .sender
                .try_send(&[IoSlice::new(&bytes[sent..])])
            {
                Ok(n) => sent += n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.connection
                        .poller
                        .wait(Interest::WRITABLE, None, Some(WATCHDOG))
                        .unwrap();
                }
                Err(_) => return,
            }
        }
    }

    /// The session answers.
    pub fn ping(&mut self) {
        self.sequence += 1;
        let body = self.sequence.to_le_bytes();
        self.frame(Interface::Session, op::PING, self.sequence, &body);
        assert_eq!(self.hear(), Said::Answer(body.to_vec()));
    }

    pub fn hear(&mut self) -> Said {
        let mut header = [0; HEADER_LEN];
        if !self.fill(&mut header) {
            return Said::Closed;
        }
        let header = ReplyHeader::parse(&header).unwrap();
        let mut body = vec![0; header.len.get() as usize];
        if !self.fill(&mut body) {
            return Said::Closed;
        }
        match Reply::decode(&header, &body).unwrap() {
            Reply::Welcome(bytes) => Said::Welcome(Box::new(Welcome::decode(bytes).unwrap())),
            Reply::Answer { status, body } => {
                assert_eq!(status.0, 0);
                Said::Answer(body.to_vec())
            }
            Reply::End { reason } => Said::End(reason.to_string()),
            Reply::Queued { position } => Said::Queued(position),
            other => panic!("unexpected {other:?}"),
        }
    }

    /// The next frame, whatever it is; nothing once the connection is over.
    pub fn next_frame(&mut self) -> Option<(ReplyHeader, Vec<u8>)> {
        let mut header = [0; HEADER_LEN];
        if !self.fill(&mut header) {
            return None;
        }
        let header = ReplyHeader::parse(&header).unwrap();
        let mut body = vec![0; header.len.get() as usize];
        self.fill(&mut body).then_some((header, body))
    }

    /// A connection with a session, and its [context](Self::primary_context).
    pub fn with_context(uri: &Uri) -> (Self, u64) {
        let mut client = Self::greeted(uri);
        let context = client.primary_context();
        (client, context)
    }

    /// Retains the first device's primary context, under the name that comes back.
    pub fn primary_context(&mut self) -> u64 {
        let context = pack(Kind::Context, 0, 0);
        let retain = body(|b| {
            b.scalar(0u32);
            b.scalar(context);
        });
        let sequence = self.command(cuda::PRIMARY_RETAIN, 0, &retain);
        self.succeeds(sequence).expect("an answer");
        context
    }

    /// The body of the answer to a command, which has to be that it has succeeded; `None` where the session ends instead.
    pub fn succeeds(&mut self, sequence: u64) -> Option<Vec<u8>> {
        loop {
            let (header, bytes) = self.next_frame()?;
            match Reply::decode(&header, &bytes).unwrap() {
                Reply::Answer { status, body } if header.answers.get() == sequence => {
                    assert_eq!(status, CUresult::CUDA_SUCCESS);
                    return Some(body.to_vec());
                }
                Reply::End { .. } => return None,
                _ => {}
            }
        }
    }

    /// A CUDA command in a context.
    pub fn command(&mut self, opcode: u16, context: u64, body: &[u8]) -> u64 {
        self.sequence += 1;
        let (len, sequence) = (body.len(), self.sequence);
        // As a client's threads that run host functions say it.
        let thread = match opcode {
            cuda::CALL_DONE => CALL_THREAD,
            _ => 0,
        };
        let header = Header::new(Interface::Cuda, opcode, len, sequence, context, thread);
        let mut bytes = header.as_bytes().to_vec();
        bytes.extend_from_slice(body);
        self.send(&bytes);
        self.sequence
    }

    /// Sends a command unless the peer takes nothing for that long: whether it was sent whole.
    pub fn offers(&mut self, opcode: u16, context: u64, body: &[u8], patience: Duration) -> bool {
        self.sequence += 1;
        let sequence = self.sequence;
        let header = Header::new(Interface::Cuda, opcode, body.len(), sequence, context, 0);
        let bytes = [header.as_bytes(), body].concat();
        let mut sent = 0;
        while sent < bytes.len() {
            let rest = [IoSlice::new(&bytes[sent..])];
            match self.connection.sender.try_send(&rest) {
                Ok(n) => sent += n,
                Err(error) => {
                    assert_eq!(error.kind(), ErrorKind::WouldBlock);
                    let poller = &self.connection.poller;
                    let ready = poller.wait(Interest::WRITABLE, None, Some(patience));
                    if !ready.unwrap().writable {
                        return false;
                    }
                }
            }
        }
        true
    }

    fn fill(&mut self, buffer: &mut [u8]) -> bool {
        let deadline = Instant::now() + WATCHDOG;
        let mut have = 0;
        while have < buffer.len() {
            match self
                .connection
                .receiver
                .try_recv(&mut [IoSliceMut::new(&mut buffer[have..])])
            {
                Ok(0) => return false,
                Ok(n) => have += n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    assert!(Instant::now() < deadline, "the peer says nothing");
                    self.connection
                        .poller
                        .wait(Interest::READABLE, None, Some(WATCHDOG))
                        .unwrap();
                }
                Err(_) => return false,
            }
        }
        true
    }
}

/// The body of a command.
pub fn body(write: impl FnOnce(&mut Encoder<'_>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut Encoder::new(&mut bytes));
    bytes
}

/// What a process logs, as far as it has come.
pub fn log_of(child: &mut Child) -> Arc<Mutex<String>> {
    let log = Arc::new(Mutex::new(String::new()));
    let (mut stderr, copy) = (child.stderr.take().unwrap(), Arc::clone(&log));
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(n @ 1..) = stderr.read(&mut buffer) {
            copy.lock()
                .unwrap()
                .push_str(&String::from_utf8_lossy(&buffer[..n]));
        }
    });
    log
}

/// Text that a command printed.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Whether `path` is there.
pub fn there(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Puts a program of `tests/driver` into the folder, and the client library under the driver's name.
pub fn driver_program(folder: &Folder, name: &str) {
    // Cargo puts this test's dependencies beside it.
    let test = std::env::current_exe().unwrap();
    let library = test.parent().unwrap().join("libcuda.so");
    assert!(library.is_file(), "no {}", library.display());
    // Another program may have it there already.
    if !there(&folder.path("libcuda.so.1")) {
        std::os::unix::fs::symlink(library, folder.path("libcuda.so.1")).unwrap();
    }
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/driver");
    let status = Command::new("cc")
        .args(["-O1", "-w", "-o"])
        .arg(folder.path(name))
        .arg(source.join(format!("{name}.c")))
        .arg("-ldl")
        .status()
        .unwrap();
    assert!(status.success());
}

/// The program as a client of whom nothing is known but what a test says.
pub fn client() -> Command {
    let mut command = pillion();
    for name in [
        "TLS_CA", "TLS_PIN", "TLS_NAME", "TLS_CERT", "TLS_KEY", "PROXY", "TOKEN",
    ] {
        command.env_remove(format!("PILLION_{name}"));
    }
    for name in ["HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "HTTP_PROXY"] {
        command.env_remove(name).env_remove(name.to_lowercase());
    }
    command
}

/// What that client says of the server at `uri`, with these variables in its environment.
pub fn ask(uri: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
    client()
        .args(arguments)
        .env("PILLION_SERVER", uri)
        .envs(variables.iter().copied())
        .output()
        .unwrap()
}

/// How a server is told to show this certificate.
pub fn shown(signed: &Signed) -> [&str; 4] {
    let Signed { certificate, key } = signed;
    let [certificate, key] = [certificate, key].map(|file| file.to_str().unwrap());
    ["--tls-cert", certificate, "--tls-key", key]
}

/// It has found its device.
#[track_caller]
pub fn works(output: &Output) {
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("Pillion CPU Device"));
}

/// It says these words, and fails.
#[track_caller]
pub fn fails(output: &Output, words: &str) {
    let said = text(&output.stderr);
    assert!(!output.status.success() && said.contains(words), "{said}");
}

/// A server in front of the CPU device that is only listened to: what it says, and what it logs.
pub struct Listening {
    pub child: Child,
    log: Arc<Mutex<String>>,
    said: std::io::Lines<BufReader<ChildStdout>>,
}

impl Listening {
    /// At these addresses, with state of its own in `folder`.
    pub fn start(folder: &Folder, addresses: &[&str], options: &[&str]) -> Self {
        let mut child = pillion()
            .args(["serve", "--device", "cpu", "--cache", "off"])
            .args(addresses.iter().flat_map(|address| ["--listen", address]))
            .args(options)
            .env("XDG_STATE_HOME", &folder.0)
            .env("PILLION_LOG", "debug")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let log = log_of(&mut child);
        let said = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, log, said }
    }

    fn line(&mut self) -> String {
        self.said.next().expect("it has ended").unwrap()
    }

    /// The next addresses that it says it listens at.
    pub fn uris<const COUNT: usize>(&mut self) -> [String; COUNT] {
        [(); COUNT].map(|()| {
            let line = self.line();
            line.strip_prefix("listening on ").expect(&line).to_owned()
        })
    }

    /// What it tells clients of this address to set, when it has made its certificate itself.
    pub fn pin(&mut self, uri: &str) -> String {
        let line = self.line();
        let said = format!("clients set PILLION_SERVER={uri} PILLION_TLS_PIN=");
        line.strip_prefix(&said).expect(&line).to_owned()
    }

    pub fn log(&self) -> String {
        self.log.lock().unwrap().clone()
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if std::thread::panicking() {
            eprintln!("--- server's log\n{}", self.log());
        }
    }
}

/// A server with these tables in its settings, and a token for each of these names, or for a name and a scope (`ada:manage`).
pub struct Shared {
    pub server: Server,
    tokens: Vec<(String, String)>,
}

impl Shared {
    pub fn start(device: &str, names: &[&str], tables: &str) -> Self {
        Self::start_in(Folder::new(), device, names, "", tables)
    }

    /// With its state in `folder`, and these keys before the tables.
    pub fn start_in(
        folder: Folder,
        device: &str,
        names: &[&str],
        keys: &str,
        tables: &str,
    ) -> Self {
        Self::start_with(folder, device, names, keys, tables, &[])
    }

    /// And with these variables in its environment.
    pub fn start_with(
        folder: Folder,
        device: &str,
        names: &[&str],
        keys: &str,
        tables: &str,
        variables: &[(&str, &str)],
    ) -> Self {
        let file = folder.path("tokens.toml");
        let mut tokens = Vec::new();
        for name in names {
            let (of, scope) = name.split_once(':').unwrap_or((name, "cuda"));
            let output = pillion()
                .args(["token", "create", of, "--scope", scope, "--file"])
                .arg(&file)
                .output()
                .unwrap();
            assert!(output.status.success(), "{}", text(&output.stderr));
            tokens.push((of.to_string(), text(&output.stdout).trim().to_string()));
        }
        let [unix, tcp, shm] = Server::places(&folder);
        let settings = format!(
            "cache = 'off'\ntoken-file = '{}'\n{keys}\
             [[endpoint]]\nlisten = '{unix}'\n[[endpoint]]\nlisten = '{tcp}'\n[[endpoint]]\nlisten = '{shm}'\n{tables}",
            file.display()
        );
        std::fs::write(folder.path("pillion.toml"), settings).unwrap();
        Shared {
            server: Server::configured_with(folder, device, variables),
            tokens,
        }
    }

    pub fn token(&self, name: &str) -> &str {
        &self.tokens.iter().find(|(of, _)| of == name).unwrap().1
    }

    /// Somebody greets, and waits if need be.
    pub fn comes(&self, name: &str) -> Client {
        self.greets(name, |_| {})
    }

    pub fn greets(&self, name: &str, change: impl FnOnce(&mut Hello)) -> Client {
        let mut client = Client::connect(&self.server.tcp);
        let mut hello = Hello::new(13000, std::process::id(), self.token(name), "test");
        hello.waits = true;
        change(&mut hello);
        client.hello(&hello);
        client
    }

    /// The numbers of the devices of each session, the oldest first.
    pub fn gpus(&self) -> Vec<Vec<usize>> {
        let sessions = self.server.status().sessions;
        sessions.into_iter().map(|session| session.gpus).collect()
    }
}

/// What a client is welcomed with, however long it has to wait.
pub fn welcome(client: &mut Client) -> Box<Welcome> {
    loop {
        match client.hear() {
            Said::Welcome(welcome) => return welcome,
            Said::Queued(_) => {}
            other => panic!("no welcome but {other:?}"),
        }
    }
}

/// What a client hears until it is at that place.
pub fn is_at(client: &mut Client, place: u64) {
    let deadline = Instant::now() + WATCHDOG;
    loop {
        assert!(Instant::now() < deadline, "it never was at {place}");
        match client.hear() {
            Said::Queued(position) if position == place => return,
            Said::Queued(position) => assert!(position > place, "{position} is behind {place}"),
            other => panic!("not at {place} but {other:?}"),
        }
    }
}

/// A program of `tests/driver`, as somebody's who is called as it is.
pub fn program(shared: &Shared, name: &str, argument: &str) -> Command {
    program_of(shared, name, name, argument)
}

/// The same, as that of `name`.
pub fn program_of(shared: &Shared, name: &str, program: &str, argument: &str) -> Command {
    let folder = &shared.server.folder;
    let mut command = Command::new(folder.path(program));
    command
        .arg(argument)
        .env("LD_LIBRARY_PATH", &folder.0)
        .env("PILLION_SERVER", shared.server.unix.to_string())
        .env("PILLION_TOKEN", shared.token(name))
        .env_remove("PILLION_LOG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// A session that looks at everything that comes back.
pub struct Neighbour {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Neighbour {
    pub fn start(shared: &Shared) -> Self {
        let mut child = program(shared, "crowd", "7").spawn().unwrap();
        let input = child.stdin.take().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut neighbour = Neighbour {
            child,
            input,
            output,
        };
        let mut line = String::new();
        neighbour.output.read_line(&mut line).unwrap();
        assert_eq!(line, "ready\n");
        neighbour
    }

    /// Whether so many rounds come to what they should.
    pub fn goes_on(&mut self, count: usize) -> bool {
        let mut line = String::new();
        let asked = writeln!(self.input, "{count}");
        asked.is_ok()
            && self.output.read_line(&mut line).is_ok()
            && line.split_whitespace().count() == count
    }
}

impl Drop for Neighbour {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
