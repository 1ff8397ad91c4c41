//! Idle sessions whose memory is moved to the host for others, and back when their programs go on.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};

use common::{
    Folder, Shared, WATCHDOG, alive, driver_program, eventually, pillion, send, text, welcome,
};
use pillion_server::broker::{SessionState, SessionStatus};
use pillion_test_support::Random;
use pillion_transport::Uri;
use rustix::process::Signal;

/// A program that does what it is told.
struct Program {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
}

impl Program {
    /// One whose memory can be moved.
    fn start(shared: &Shared, name: &str, uri: &Uri) -> Self {
        Self::without(&["managed", "variable"], shared, name, uri)
    }

    fn without(kinds: &[&str], shared: &Shared, name: &str, uri: &Uri) -> Self {
        let folder = &shared.server.folder;
        let mut child = Command::new(folder.path("parking"))
            .arg(Random::new().next().to_string())
            .args(kinds)
            .env("LD_LIBRARY_PATH", &folder.0)
            .env("PILLION_SERVER", uri.to_string())
            .env("PILLION_TOKEN", shared.token(name))
            .env_remove("PILLION_LOG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let input = child.stdin.take();
        let printed = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in printed.lines().map_while(Result::ok) {
                // Nobody listens any more.
                let _ = sender.send(line);
            }
        });
        Program {
            child,
            input,
            lines,
        }
    }

    /// Tells it to do something, and does not wait for it.
    fn tell(&mut self, order: &str) {
        writeln!(self.input.as_mut().unwrap(), "{order}").unwrap();
    }

    #[track_caller]
    fn hears(&mut self, answer: &str) {
        let said = self.lines.recv_timeout(WATCHDOG);
        assert_eq!(said.as_deref(), Ok(answer));
    }

    #[track_caller]
    fn does(&mut self, order: &str) {
        self.tell(order);
        self.hears("ok");
    }

    /// Lets it end, and waits for that. Whether it was content.
    fn ends(mut self) -> bool {
        drop(self.input.take());
        let mut status = None;
        eventually("the program ends", || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        status.unwrap().success()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const NAMES: [&str; 3] = ["ada", "bob", "eve"];

/// A server that promises each session so many per cent of its device, and has these keys in `[sharing]`.
fn shared(percent: u64, keys: &str) -> Shared {
    let first = Shared::start("cpu", &["ada"], "");
    let total = welcome(&mut first.comes("ada")).devices[0].total_memory;
    drop(first);
    let memory = total / 100 * percent;
    let shared = Shared::start(
        "cpu",
        &NAMES,
        &format!("[everybody]\nmemory = {memory}\n[sharing]\npark-after = 1\n{keys}"),
    );
    driver_program(&shared.server.folder, "parking");
    shared
}

const PARKS: &str = "park = true\npark-memory = '1T'\n";

fn of(shared: &Shared, name: &str) -> Option<SessionStatus> {
    let sessions = shared.server.status().sessions.into_iter();
    let mut own = sessions.filter(|session| session.identity == name);
    own.next()
}

fn is(shared: &Shared, name: &str, state: SessionState) {
    eventually(&format!("{name} is {state}"), || {
        of(shared, name).is_some_and(|session| session.state == state)
    });
}

fn waits(shared: &Shared, name: &str) {
    eventually(&format!("{name} waits"), || {
        let queue = shared.server.status().queue;
        queue.iter().any(|waiting| waiting.identity == name)
    });
}

/// Two sessions that do not fit together, and take turns in going on.
fn alternate(shared: &Shared, uris: [&Uri; 2], rounds: usize) {
    let mut first = Program::start(shared, "ada", uris[0]);
    first.hears("ready");
    first.does("step");
    let mut second = Program::start(shared, "bob", uris[1]);
    second.hears("ready");
    let parked = of(shared, "ada").unwrap();
    assert_eq!((parked.state, parked.parked), (SessionState::Parked, 1));
    let gpu = &shared.server.status().gpus[0];
    assert_eq!((gpu.sessions, gpu.parked), (1, 1));
    // What it holds is on the host.
    assert!(parked.parked_memory > 4 << 20 && parked.used.memory == 0);
    second.does("step");
    second.does("check");
    for _ in 0..rounds {
        // Memory, what kernels make of it, pinned memory and the module's variable: all are as they were, where they were.
        for program in [&mut first, &mut second] {
            program.does("check");
            program.does("step");
            program.does("step");
            program.does("check");
        }
    }
    for name in ["ada", "bob"] {
        let times = of(shared, name).unwrap().parked;
        assert!(times >= rounds as u64, "{name}: {times}");
    }
    assert!(first.ends() && second.ends());
}

#[test]
fn more_than_fit_go_on_where_they_were() {
    let shared = shared(60, PARKS);
    let server = &shared.server;
    alternate(&shared, [&server.unix, &server.tcp], 3);
    alternate(&shared, [&server.shm, &server.shm], 2);
    server.settle();
}

#[test]
fn a_connection_with_layers_is_left_alone_meanwhile() {
    let mut shared = shared(
        60,
        &format!("{PARKS}[[endpoint]]\nlisten = 'ws://127.0.0.1:0'\n"),
    );
    let uri = shared.server.listens();
    alternate(&shared, [&uri, &uri], 1);
    shared.server.settle();
}

#[test]
fn a_parked_session_has_no_turn() {
    let shared = shared(60, &format!("{PARKS}turns = true\n"));
    alternate(&shared, [&shared.server.tcp, &shared.server.shm], 2);
    shared.server.settle();
}

#[test]
fn who_has_work_or_shares_memory_is_not_parked() {
    let shared = shared(30, PARKS);
    let uri = &shared.server.tcp;
    let mut ada = Program::start(&shared, "ada", uri);
    ada.hears("ready");
    ada.does("hold");
    let mut sharing = Program::start(&shared, "ada", uri);
    sharing.hears("ready");
    sharing.does("share");
    let mut bob = Program::start(&shared, "bob", uri);
    bob.hears("ready");
    bob.does("step");
    // The two others have said nothing for longer.
    let mut eve = Program::start(&shared, "eve", uri);
    eve.hears("ready");
    eve.does("check");
    is(&shared, "bob", SessionState::Parked);
    let others = shared.server.status().sessions;
    let others = others.iter().filter(|session| session.identity == "ada");
    let others: Vec<(SessionState, u64)> = others.map(|one| (one.state, one.parked)).collect();
    assert_eq!(others, [(SessionState::Running, 0); 2]);
    ada.does("release");
    ada.does("check");
    sharing.does("check");
    bob.does("check");
    eve.does("check");
    for program in [ada, bob, eve, sharing] {
        assert!(program.ends());
    }
}

#[test]
fn who_has_managed_memory_is_not_parked() {
    for without in ["managed", "variable"] {
        let shared = shared(60, PARKS);
        let uri = &shared.server.shm;
        let mut ada = Program::without(&[without], &shared, "ada", uri);
        ada.hears("ready");
        ada.does("step");
        let mut bob = Program::start(&shared, "bob", uri);
        eventually("it was asked", || {
            shared.server.log().contains("is not parked")
        });
        assert_eq!(of(&shared, "ada").unwrap().state, SessionState::Running);
        waits(&shared, "bob");
        ada.does("step");
        ada.does("check");
        assert!(ada.ends());
        bob.hears("ready");
        bob.does("check");
        assert!(bob.ends());
        shared.server.settle();
    }
}

#[test]
fn a_parked_program_or_worker_that_is_killed_costs_nobody_else() {
    let shared = shared(60, PARKS);
    let uri = &shared.server.shm;
    // The program.
    let mut ada = Program::start(&shared, "ada", uri);
    ada.hears("ready");
    let mut bob = Program::start(&shared, "bob", uri);
    bob.hears("ready");
    let worker = of(&shared, "ada").unwrap().worker_pid;
    assert_eq!(of(&shared, "ada").unwrap().state, SessionState::Parked);
    send(ada.child.id(), Signal::KILL);
    eventually("its worker ends", || !alive(worker));
    eventually("its session ends", || of(&shared, "ada").is_none());
    assert_eq!(shared.server.status().gpus[0].parked, 0);
    bob.does("check");
    // One that waits to come back: who has the place works on.
    bob.does("hold");
    let mut eve = Program::start(&shared, "eve", uri);
    waits(&shared, "eve");
    bob.does("release");
    eve.hears("ready");
    eve.does("hold");
    bob.tell("check");
    is(&shared, "bob", SessionState::Waiting);
    send(bob.child.id(), Signal::KILL);
    eventually("its session ends", || of(&shared, "bob").is_none());
    // The worker.
    eve.does("release");
    let mut bob = Program::start(&shared, "bob", uri);
    bob.hears("ready");
    let worker = of(&shared, "eve").unwrap();
    assert_eq!(worker.state, SessionState::Parked);
    send(worker.worker_pid, Signal::KILL);
    eventually("its session ends", || of(&shared, "eve").is_none());
    assert!(!eve.ends() || shared.server.log().contains("was killed by signal 9"));
    bob.does("step");
    bob.does("check");
    assert!(bob.ends());
    shared.server.settle();
}

#[test]
fn a_parked_session_is_cancelled_and_the_server_drains() {
    let mut shared = shared(60, PARKS);
    let mut ada = Program::start(&shared, "ada", &shared.server.tcp);
    ada.hears("ready");
    let mut bob = Program::start(&shared, "bob", &shared.server.tcp);
    bob.hears("ready");
    let status = of(&shared, "ada").unwrap();
    assert_eq!(status.state, SessionState::Parked);
    let run = |words: &[&str]| {
        let mut command = pillion();
        command.args(words).arg("--server");
        command
            .arg(shared.server.unix.to_string())
            .output()
            .unwrap()
    };
    let shown = text(&run(&["status"]).stdout);
    assert!(shown.contains("(parked 1x)"), "{shown}");
    let changed = run(&["change", &status.id, "--memory", "64M"]);
    let said = text(&changed.stderr);
    assert!(
        !changed.status.success() && said.contains("parked"),
        "{said}"
    );
    assert!(run(&["cancel", &status.id]).status.success());
    eventually("its session ends", || of(&shared, "ada").is_none());
    eventually("its worker ends", || !alive(status.worker_pid));
    ada.tell("check");
    let heard = ada.lines.recv_timeout(WATCHDOG).unwrap_or_default();
    assert_ne!(heard, "ok");
    // With one that is parked: it may come back, and goes on.
    let mut eve = Program::start(&shared, "eve", &shared.server.tcp);
    eve.hears("ready");
    is(&shared, "bob", SessionState::Parked);
    shared.server.signal(Signal::TERM);
    eventually("it drains", || {
        shared.server.log().contains("shutting down")
    });
    bob.does("check");
    eve.does("check");
    assert!(eve.ends() && bob.ends());
    assert!(shared.server.wait().success());
}

#[test]
fn nobody_is_parked_without_room_on_the_host() {
    // It is not enough for an exchange of two.
    let shared = shared(60, "park = true\npark-memory = '1G'\n");
    let uri = &shared.server.tcp;
    let mut ada = Program::start(&shared, "ada", uri);
    ada.hears("ready");
    let mut bob = Program::start(&shared, "bob", uri);
    waits(&shared, "bob");
    // Idle for longer than it takes.
    eventually("some time has passed", || {
        let queue = shared.server.status().queue;
        queue.iter().any(|waiting| waiting.seconds >= 4)
    });
    let session = of(&shared, "ada").unwrap();
    assert_eq!((session.state, session.parked), (SessionState::Running, 0));
    // Other settings count at once.
    let path = shared.server.folder.path("pillion.toml");
    let settings = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, settings.replace("'1G'", "'1T'")).unwrap();
    shared.server.signal(Signal::HUP);
    bob.hears("ready");
    bob.does("check");
    is(&shared, "ada", SessionState::Parked);
    ada.does("check");
    assert!(ada.ends() && bob.ends());
}

#[test]
fn settings_that_park_nobody_are_told() {
    for (keys, said) in [
        ("park = true", "nobody has a quota"),
        ("park-after = 5", "without `park = true`"),
        ("park-memory = '1G'", "without `park = true`"),
        ("park = true\npark-after = 0", "park-after"),
        ("park = true\npark-memory = 'much'", "is no size"),
        (
            "park = true\npark-memory = '3G'\n[everybody]\nmemory = '2G'",
            "twice what the smallest quota",
        ),
    ] {
        let folder = Folder::new();
        let path = folder.path("pillion.toml");
        std::fs::write(
            &path,
            format!("listen = ['unix:///tmp/x']\n[sharing]\n{keys}\n"),
        )
        .unwrap();
        let mut check = pillion();
        let output = check.args(["serve", "--check", "--config"]).arg(&path);
        let output = output.output().unwrap();
        let all = format!("{}{}", text(&output.stdout), text(&output.stderr));
        assert!(all.contains(said), "{keys}: {all}");
    }
}
