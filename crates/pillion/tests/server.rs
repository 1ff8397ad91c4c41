//! A server and its clients, good, bad and many.

mod common;

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

use common::{
    Client, Folder, Said, Server, alive, children, descriptors, eventually, memory, pillion, send,
    silent, text, there,
};
use pillion_protocol::command::session as op;
use pillion_protocol::{Encoder, HEADER_LEN, Header, Hello, Interface, MAX_HELLO};
use pillion_test_support::Random;
use rustix::process::Signal;
use zerocopy::IntoBytes;

#[test]
fn it_tells_of_itself() {
    let server = Server::start(&[]);
    for uri in [&server.unix, &server.tcp] {
        let output = pillion()
            .args(["devices", "--json", "--server", &uri.to_string()])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let listing: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(listing["server"], uri.to_string());
        let device = &listing["devices"][0];
        assert!(device["memory_bytes"].as_u64().unwrap() > 0);
        assert!(!device["name"].as_str().unwrap().is_empty());
        let table = pillion()
            .args(["devices", "--server", &uri.to_string()])
            .output()
            .unwrap();
        assert!(text(&table.stdout).contains(device["uuid"].as_str().unwrap()));
        assert!(!text(&table.stdout).contains('\u{1b}'), "colours in a pipe");
    }
    let _client = Client::greeted(&server.tcp);
    eventually("the session is listed alone", || {
        let status = server.status();
        status.sessions.len() == 1 && status.sessions[0].pid == std::process::id()
    });
    let status = server.status();
    assert_eq!(
        (status.device.as_str(), status.pid, status.draining),
        ("cpu", server.pid(), false)
    );
    assert_eq!(status.sessions[0].program, "test");
    assert!(children(server.pid()).contains(&status.sessions[0].worker_pid));
    let table = pillion()
        .args(["status", "--server", &server.unix.to_string()])
        .output()
        .unwrap();
    assert!(text(&table.stdout).contains(&status.sessions[0].id[..8]));

    // Nobody learns of others over TCP.
    let mut client = Client::connect(&server.tcp);
    client.frame(Interface::Session, op::STATUS, 0, &[]);
    assert!(matches!(client.hear(), Said::End(reason) if reason.contains("on its own machine")));
}

#[test]
fn auto_takes_the_gpu_exactly_where_one_works() {
    let folder = Folder::new();
    let socket = format!("unix://{}", folder.path("nvidia").display());
    let mut command = pillion();
    command.args(["serve", "--device", "nvidia", "--listen", &socket]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut line).unwrap();
    let works = line.starts_with("listening on");
    if works {
        send(child.id(), Signal::TERM);
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.success(), works);
    if !works {
        let stderr = text(&output.stderr);
        assert!(
            stderr.contains("the nvidia device does not start"),
            "{stderr}"
        );
    }
    assert!(!there(&folder.path("nvidia")));

    let server = Server::start(&["--device", "auto"]);
    let status = server.status();
    assert_eq!(status.device, if works { "nvidia" } else { "cpu" });
    eventually("the log says why", || {
        server.log().contains(&status.device_reason)
    });
    assert!(!server.log().contains("ERROR"), "{}", server.log());
    Client::greeted(&server.unix).ping();
}

#[test]
fn the_doctor_measures_it() {
    let server = Server::start(&[]);
    let both = format!("{},{}", server.unix, server.tcp);
    let output = pillion()
        .args(["doctor", "--json", "--server", &both])
        .output()
        .unwrap();
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let servers = report["servers"].as_array().unwrap();
    assert_eq!(servers.len(), 2, "{report:#}");
    for figures in servers {
        for figure in ["first_answer", "round_trip", "bandwidth"] {
            assert!(figures[figure].as_f64().unwrap() > 0.0, "{figures}");
        }
    }
    for finding in report["findings"].as_array().unwrap() {
        if finding["check"].as_str().unwrap().contains("://") {
            assert_eq!(finding["verdict"], "ok", "{finding}");
        }
    }
}

#[test]
fn the_doctor_says_which_way_it_takes() {
    let server = Server::start(&[]);
    let usual = server.folder.path("pillion");
    std::fs::create_dir_all(&usual).unwrap();
    let doctor = |place: &str| {
        let output = pillion()
            .args(["doctor", "--json", "--server", place])
            .env("XDG_RUNTIME_DIR", &server.folder.0)
            .output()
            .unwrap();
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = report["findings"].as_array().unwrap();
        let of_place = findings.iter().find(|finding| finding["check"] == place);
        of_place.unwrap()["finding"].as_str().unwrap().to_string()
    };
    let shm = format!("shm://{}", usual.join("pillion.shm").display());
    let unix = format!("unix://{}", usual.join("pillion.sock").display());
    // Sockets that there are, of a server elsewhere: what is tried is what is found.
    std::os::unix::fs::symlink(server.folder.path("s"), usual.join("pillion.sock")).unwrap();
    let said = doctor("auto");
    assert!(
        said.contains(&format!("{shm}: not tried, no server")),
        "{said}"
    );
    assert!(said.contains(&format!("{unix}: taken")), "{said}");
    assert!(said.contains("tcp://127.0.0.1:7717: not needed"), "{said}");
    std::os::unix::fs::symlink(server.folder.path("m"), usual.join("pillion.shm")).unwrap();
    let said = doctor("localhost");
    assert!(said.contains(&format!("{shm}: taken")), "{said}");
    assert!(said.contains("tls://localhost:7718: not needed"), "{said}");
}

/// Clock ticks, hundredths of a second, that a process has worked.
fn ticks(pid: u32) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let (_, rest) = stat.rsplit_once(") ").unwrap();
    let words = rest.split(' ').skip(11).take(2);
    words.map(|ticks| ticks.parse::<u64>().unwrap()).sum()
}

#[test]
fn who_has_nothing_to_do_does_nothing() {
    let folder = Folder::new();
    let places = Server::places(&folder).map(|place| format!("[[endpoint]]\nlisten = '{place}'\n"));
    std::fs::write(folder.path("pillion.toml"), places.concat()).unwrap();
    // One has settings that may be read again, and the other has none.
    for server in [Server::start(&[]), Server::configured(folder)] {
        let session = Client::greeted(&server.unix);
        eventually("a worker is there for the next", || {
            server.status().workers.ready == 1
        });
        let everybody: Vec<u32> = [vec![server.pid()], children(server.pid())].concat();
        assert!(everybody.len() == 3, "{everybody:?}");
        let worked = || everybody.iter().map(|pid| ticks(*pid)).collect::<Vec<_>>();
        let before = worked();
        std::thread::sleep(Duration::from_secs(2));
        // Some looks at the clock, and not the 200 of one that never sleeps, on a machine that others use, too.
        for ((pid, before), after) in everybody.iter().zip(before).zip(worked()) {
            assert!(
                after - before < 15,
                "{pid} has worked for {} ticks",
                after - before
            );
        }
        drop(session);
    }
}

#[test]
fn the_first_signal_lets_sessions_end() {
    let mut server = Server::start(&[]);
    let mut client = Client::greeted(&server.unix);
    server.signal(Signal::TERM);
    let socket = server.folder.path("s");
    eventually("the socket is gone", || !there(&socket));
    client.ping();
    assert!(alive(server.pid()));
    drop(client);
    assert!(server.wait().success());
    let left = std::fs::read_dir(&server.folder.0).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    // The content cache is meant to stay.
    assert_eq!(left, ["pillion"]);
}

#[test]
fn the_second_signal_ends_sessions() {
    let mut server = Server::start(&[]);
    let mut client = Client::greeted(&server.tcp);
    let workers = children(server.pid());
    server.signal(Signal::INT);
    eventually("it drains", || server.log().contains("shutting down"));
    client.ping();
    server.signal(Signal::TERM);
    assert!(server.wait().success());
    while client.hear() != Said::Closed {}
    assert!(workers.iter().all(|&worker| !alive(worker)));
}

#[test]
fn the_drain_timeout_ends_sessions() {
    let mut server = Server::start(&["--drain-timeout", "1"]);
    let mut client = Client::greeted(&server.unix);
    server.signal(Signal::TERM);
    assert!(server.wait().success());
    while client.hear() != Said::Closed {}
}

#[test]
fn a_signal_without_sessions_ends_it_at_once() {
    let mut server = Server::start(&[]);
    // One that never greets is no reason to stay.
    let _silent = Client::connect(&server.unix);
    server.signal(Signal::TERM);
    assert!(server.wait().success());
}

/// What the kernel says of a process, by the words that its lines begin with.
fn said_of(pid: u32, what: &str) -> Vec<String> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(what));
    let words = line.unwrap().trim_start_matches(':').split_whitespace();
    words.map(str::to_string).collect()
}

#[test]
fn workers_have_none_of_roots_rights() {
    if !rustix::process::getuid().is_root() {
        return eprintln!("only root can start workers as another user: not tested");
    }
    let worker_of = |server: &Server| {
        let session = Client::greeted(&server.unix);
        let worker = server.status().sessions[0].worker_pid;
        (worker, session)
    };
    for options in [&[][..], &["--user", "nobody"], &["--user", "65534"]] {
        let mut server = Server::start(options);
        let (worker, mut session) = worker_of(&server);
        // The usual one may be `pillion`, where there is such a user.
        let uid = said_of(worker, "Uid")[0].parse::<u32>().unwrap();
        assert!(uid != 0 && (options.is_empty() || uid == 65534));
        for ids in ["Uid", "Gid"] {
            let ids = said_of(worker, ids);
            assert!(ids.len() == 4 && ids.iter().all(|id| *id != "0"), "{ids:?}");
        }
        assert!(!said_of(worker, "Groups").contains(&"0".to_string()));
        for rights in ["CapPrm", "CapEff", "CapInh", "CapAmb"] {
            assert_eq!(said_of(worker, rights), ["0000000000000000"]);
        }
        // What it keeps is its own, and it is able to.
        let cache = std::fs::metadata(server.folder.path("pillion")).unwrap();
        assert_eq!(std::os::unix::fs::MetadataExt::uid(&cache), uid);
        session.ping();
        // The kernel forgets whose end is the worker's when the worker changes its user.
        server.child.kill().unwrap();
        server.child.wait().unwrap();
        eventually("the worker ends", || !alive(worker));
    }
    let server = Server::start(&["--user", "root"]);
    let (worker, _session) = worker_of(&server);
    assert_eq!(said_of(worker, "Uid"), ["0"; 4]);
}

#[test]
fn a_user_that_there_is_not_is_told_before_anything_is_served() {
    let output = pillion()
        .args(["serve", "--device", "cpu", "--user", "no-such-user"])
        .output()
        .unwrap();
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("useradd --system no-such-user"), "{said}");
}

#[test]
fn a_killed_broker_leaves_nothing_but_a_socket_that_the_next_one_takes() {
    let mut server = Server::start(&[]);
    let mut client = Client::greeted(&server.tcp);
    client.ping();
    eventually("a warm worker and a session", || {
        children(server.pid()).len() == 2
    });
    let workers = children(server.pid());
    server.signal(Signal::KILL);
    server.wait();
    for worker in workers {
        eventually("the worker ends", || !alive(worker));
    }
    while client.hear() != Said::Closed {}
    let folder = std::mem::replace(&mut server.folder, Folder::new());
    assert!(there(&folder.path("s")));
    let server = Server::start_in(folder, &[]);
    Client::greeted(&server.unix).ping();
}

#[test]
fn a_killed_worker_costs_its_own_session() {
    let server = Server::start(&[]);
    let mut first = Client::greeted(&server.unix);
    let victim = server.status().sessions[0].worker_pid;
    let mut second = Client::greeted(&server.tcp);
    send(victim, Signal::KILL);
    assert_eq!(first.hear(), Said::Closed);
    second.ping();
    Client::greeted(&server.unix).ping();
    eventually("the victim is reaped", || {
        !children(server.pid()).contains(&victim)
    });
    assert!(
        server.log().contains("was killed by signal 9"),
        "{}",
        server.log()
    );
}

#[test]
fn a_killed_warm_worker_is_replaced() {
    let server = Server::start(&[]);
    let warm = children(server.pid());
    send(warm[0], Signal::KILL);
    eventually("another is warm", || {
        let now = children(server.pid());
        now.len() == 1 && now != warm && server.status().workers.ready == 1
    });
    Client::greeted(&server.unix).ping();
}

#[test]
fn who_only_asks_leaves_the_context_that_was_made_ahead_to_others() {
    let server = Server::start(&["--warm-memory", "100000"]);
    let made_for = |pid: u32| {
        let line = std::fs::read(format!("/proc/{pid}/cmdline")).expect("a worker of ours");
        let line = String::from_utf8_lossy(&line).replace('\0', " ");
        match line.contains("--ready-memory 0 ") {
            true => "asking",
            false => "working",
        }
    };
    for _ in 0..3 {
        eventually("one of each is ready", || {
            server.status().workers.ready == 2
        });
        let ready = children(server.pid());
        let mut asking = Client::connect(&server.unix);
        asking.hello(&Hello {
            only_asks: true,
            ..Hello::new(13000, 1, "", "asks")
        });
        assert!(matches!(asking.hear(), Said::Welcome(_)));
        asking.ping();
        let mut working = Client::greeted(&server.unix);
        working.ping();
        let status = server.status();
        let worker_of = |program: &str| {
            let mut sessions = status.sessions.iter();
            let session = sessions.find(|session| session.program.contains(program));
            session.expect("it has a session").worker_pid
        };
        let (asked, works) = (worker_of("asks"), worker_of("test"));
        assert_eq!((made_for(asked), made_for(works)), ("asking", "working"));
        assert!(
            ready.contains(&asked) && ready.contains(&works),
            "both were there before anybody came"
        );
    }
}

#[test]
fn bad_greetings_are_refused_and_disturb_nobody() {
    let mut random = Random::new();
    let server = Server::start(&[]);
    let mut witness = Client::greeted(&server.unix);
    let frame = |interface: u8, opcode: u16, body: &[u8]| {
        let mut header = Header::new(Interface::Session, opcode, body.len(), 0, 0, 0);
        header.interface = interface;
        [header.as_bytes(), body].concat()
    };
    let greeting = |version, oldest| {
        let mut hello = Hello::new(13000, 1, "", "from the future");
        (hello.version, hello.oldest) = (version, oldest);
        let mut body = Vec::new();
        hello.encode(&mut Encoder::new(&mut body));
        body
    };
    let mut too_long = Header::new(Interface::Session, op::HELLO, 0, 0, 0, 0);
    too_long.len.set(MAX_HELLO as u32 + 1);
    let mut far_too_long = too_long;
    far_too_long.len.set(u32::MAX);
    let good = greeting(1, 1);
    let cases: Vec<(&str, Vec<u8>, &str)> = vec![
        (
            "HTTP",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n".to_vec(),
            "no Pillion client",
        ),
        (
            "a longer greeting than may be",
            too_long.as_bytes().to_vec(),
            "longer than the limit",
        ),
        (
            "a frame longer than may be",
            far_too_long.as_bytes().to_vec(),
            "longer than the limit",
        ),
        (
            "a later version",
            frame(0, op::HELLO, &greeting(99, 98)),
            "upgrade the server",
        ),
        (
            "an earlier version",
            frame(0, op::HELLO, &greeting(0, 0)),
            "upgrade the client",
        ),
        ("no greeting", frame(0, op::PING, &good), "opcode 2"),
        ("an unknown opcode", frame(0, 4711, &good), "opcode 4711"),
        (
            "another interface",
            frame(77, op::HELLO, &good),
            "interface 77",
        ),
        (
            "an empty greeting",
            frame(0, op::HELLO, &[]),
            "no Pillion client",
        ),
        (
            "another magic",
            frame(0, op::HELLO, &[7; 64]),
            "no Pillion client",
        ),
        (
            "a greeting that is cut",
            frame(0, op::HELLO, &good[..good.len() - 8]),
            "early",
        ),
        (
            "text that is none",
            frame(
                0,
                op::HELLO,
                &[&good[..40], &16u64.to_le_bytes(), &[0xff; 24]].concat(),
            ),
            "malformed",
        ),
    ];
    let before = server.status().refused;
    let mut count = 0;
    for uri in [&server.unix, &server.tcp] {
        for (what, bytes, says) in &cases {
            let mut client = Client::connect(uri);
            client.send(bytes);
            match client.hear() {
                Said::End(reason) => assert!(reason.contains(says), "{what}: {reason}"),
                other => panic!("{what}: {other:?}"),
            }
            assert_eq!(client.hear(), Said::Closed, "{what}");
            count += 1;
            witness.ping();
        }
        for _ in 0..50 {
            let len = HEADER_LEN + (random.next() % 5000) as usize;
            let bytes = random.bytes(len);
            let mut client = Client::connect(uri);
            client.send(&bytes);
            match client.hear() {
                Said::End(_) => {}
                other => panic!("random bytes: {other:?}"),
            }
            count += 1;
        }
        // Half a greeting, and gone.
        let whole = frame(0, op::HELLO, &good);
        for _ in 0..50 {
            Client::connect(uri).send(&whole[..(random.next() as usize) % whole.len()]);
        }
        Client::greeted(uri).ping();
    }
    witness.ping();
    assert_eq!(server.status().refused - before, count);
    assert_eq!(
        server.log().matches("refused:").count() as u64,
        server.status().refused,
        "each is logged once"
    );
    assert!(!server.log().contains("panicked"), "{}", server.log());
    drop(witness);
    server.settle();
}

#[test]
fn what_breaks_the_protocol_after_the_greeting_costs_one_session() {
    let mut random = Random::new();
    let server = Server::start(&[]);
    let mut witness = Client::greeted(&server.unix);
    for _ in 0..20 {
        let mut client = Client::greeted(&server.tcp);
        let mut bytes = random.bytes(4096);
        // A frame that is too long, so that it is broken whatever the rest is.
        bytes[..4].copy_from_slice(&u32::MAX.to_le_bytes());
        client.send(&bytes);
        while !matches!(client.hear(), Said::End(_) | Said::Closed) {}
        witness.ping();
    }
    drop(witness);
    server.settle();
}

#[test]
fn silent_connections_are_bounded_and_disturb_nobody() {
    let server = Server::start(&[]);
    let before = descriptors(server.pid());
    let mut waiting: Vec<Client> = (0..400).map(|_| Client::connect(&server.tcp)).collect();
    Client::greeted(&server.tcp).ping();
    Client::greeted(&server.unix).ping();
    // The oldest had to go, and heard why; a later one is still there.
    assert!(matches!(waiting[0].hear(), Said::End(reason) if reason.contains("no room")));
    assert!(descriptors(server.pid()) < before + 3 * 300);
    let mut last = waiting.pop().unwrap();
    last.hello(&Hello::new(13000, 1, "", "late"));
    assert!(matches!(last.hear(), Said::Welcome(_)));
    last.ping();
    let crowd = silent(&server.tcp, 10_000);
    Client::greeted(&server.tcp).ping();
    last.ping();
    assert!(descriptors(server.pid()) < before + 3 * 350);
    drop((crowd, waiting, last));
    server.settle();
    eventually("their descriptors are closed", || {
        descriptors(server.pid()) <= before
    });
}

#[test]
fn a_slow_greeting_runs_out_of_time() {
    let server = Server::start(&[]);
    let mut slow = Client::connect(&server.unix);
    slow.send(&[0]);
    assert!(matches!(slow.hear(), Said::End(reason) if reason.contains("10 seconds")));
    assert_eq!(slow.hear(), Said::Closed);
}

#[test]
fn tokens_open_the_door() {
    let folder = Folder::new();
    let file = folder.private("tokens", "ada 0123456789abcdef\ngrace fedcba9876543210\n");
    let server = Server::start(&["--token-file", file.to_str().unwrap()]);
    for uri in [&server.unix, &server.tcp] {
        for (token, says) in [
            ("", "PILLION_TOKEN"),
            ("0123456789abcdee", "not one of"),
            ("ada", "not one of"),
        ] {
            let mut client = Client::connect(uri);
            client.hello(&Hello::new(13000, 1, token, "test"));
            assert!(
                matches!(client.hear(), Said::End(reason) if reason.contains(says)),
                "{token}"
            );
        }
        let mut client = Client::connect(uri);
        client.hello(&Hello::new(13000, 1, "fedcba9876543210", "test"));
        assert!(matches!(client.hear(), Said::Welcome(_)));
        client.ping();
        assert_eq!(server.status().sessions[0].identity, "grace");
        drop(client);
        server.settle();
    }
    let devices = |token: &str| {
        let mut command = pillion();
        command
            .args(["devices", "--server", &server.tcp.to_string()])
            .env("PILLION_TOKEN", token);
        command.output().unwrap().status.success()
    };
    assert!(devices("0123456789abcdef") && !devices("wrong"));
    assert!(
        !server.log().contains("0123456789abcde") && !server.log().contains("fedcba98"),
        "a token is in the log"
    );
}

#[test]
fn sessions_beyond_the_limit_are_refused_politely() {
    let server = Server::start(&["--max-sessions", "2"]);
    let mut first = Client::greeted(&server.unix);
    let second = Client::greeted(&server.tcp);
    let mut third = Client::connect(&server.tcp);
    third.hello(&Hello::new(13000, 1, "", "third"));
    assert!(matches!(third.hear(), Said::End(reason) if reason.contains("--max-sessions")));
    first.ping();
    drop(second);
    eventually("there is room again", || {
        server.status().sessions.len() == 1
    });
    Client::greeted(&server.tcp).ping();
}

#[test]
fn names_cannot_play_tricks() {
    let server = Server::start(&[]);
    let mut client = Client::connect(&server.unix);
    let name = format!("\u{1b}[2J\nfake line{}", "x".repeat(5000));
    client.hello(&Hello::new(13000, 1, "", &name));
    assert!(matches!(client.hear(), Said::Welcome(_)));
    let program = &server.status().sessions[0].program;
    assert!(
        program.contains("fake line")
            && !program.contains(char::is_control)
            && program.chars().count() <= 256
    );
    assert!(!server.log().contains("\u{1b}[2J"));
}

#[test]
fn many_sessions_leak_nothing() {
    let server = Server::start(&[]);
    let one = |number: usize| Client::greeted([&server.unix, &server.tcp][number % 2]).ping();
    // What is allocated once is allocated now.
    (0..20).for_each(one);
    server.settle();
    let (fds, mem) = (descriptors(server.pid()), memory(server.pid()));

    let mut clients: Vec<Client> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..64)
            .map(|number| {
                let uri = if number % 2 == 0 {
                    &server.unix
                } else {
                    &server.tcp
                };
                scope.spawn(move || Client::greeted(uri))
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    clients.iter_mut().for_each(Client::ping);
    let status = server.status();
    assert_eq!(status.sessions.len(), 64);
    let workers: std::collections::HashSet<u32> = status
        .sessions
        .iter()
        .map(|session| session.worker_pid)
        .collect();
    assert_eq!(workers.len(), 64, "a worker serves one session");
    drop(clients);
    server.settle();

    (0..1000).for_each(one);
    server.settle();
    assert!(server.status().served >= 1084);
    eventually("descriptors are as before", || {
        descriptors(server.pid()) <= fds
    });
    assert_eq!(children(server.pid()).len(), 1);
    let grown = memory(server.pid()).saturating_sub(mem);
    assert!(grown < 16 << 10, "the broker has grown by {grown} KiB");
}

#[test]
fn a_client_that_gives_up_early_costs_nothing() {
    let server = Server::start(&[]);
    for _ in 0..50 {
        let mut client = Client::connect(&server.unix);
        client.hello(&Hello::new(13000, 1, "", "hasty"));
    }
    Client::greeted(&server.tcp).ping();
    server.settle();
    assert_eq!(children(server.pid()).len(), 1);
}

#[test]
fn a_client_sees_the_devices_that_it_asks_for() {
    let server = Server::start(&["--device", "cpu:3"]);
    let seen = |devices: Option<&str>, by_bus: bool| seen(&server, devices, by_bus);
    assert_eq!(seen(None, false), "012");
    assert_eq!(seen(None, true), "012");
    for (list, expected) in [
        ("0,1,2", "012"),
        ("0,1", "01"),
        ("0,7", "0"),
        ("", ""),
        ("-1", ""),
        ("2,0", "20"),
        ("1", "1"),
        ("1,7,0", "1"),
        ("1,0,1", ""),
        ("GPU-32", "2"),
        ("GPU-32,GPU-30206465", "20"),
        ("GPU-32,GPU-3,GPU-31", "2"),
        ("no list at all\u{0}\n", ""),
    ] {
        assert_eq!(seen(Some(list), false), expected, "{list:?}");
    }
    // Several at once, with different wishes, and one who leaves before a worker of its kind is there.
    for _ in 0..4 {
        let mut hasty = Client::connect(&server.unix);
        hasty.hello(&Hello {
            devices: Some("2,1,0".to_string()),
            ..Hello::new(13000, 1, "", "hasty")
        });
    }
    std::thread::scope(|scope| {
        for list in ["2,1", "1,2", "2", "0", "1", "2,1"] {
            let seen = &seen;
            scope.spawn(move || assert_eq!(seen(Some(list), false), list.replace(',', "")));
        }
    });
    eventually("only workers that see everything are left", || {
        let status = server.status();
        status.workers.serving == 0 && status.workers.ready == 1 && status.workers.starting == 0
    });
}

#[test]
fn a_servers_own_list_is_what_clients_choose_of() {
    let own = [("CUDA_VISIBLE_DEVICES", " 2, 0,nonsense")];
    let server = Server::start_with(Folder::new(), &["--device", "cpu:3"], &own);
    for (list, expected) in [
        (None, "20"),
        (Some("0"), "2"),
        (Some("1"), "0"),
        (Some("1,0"), "02"),
        (Some("2"), ""),
        (Some("GPU-30"), "0"),
        (Some("GPU-31"), ""),
    ] {
        assert_eq!(seen(&server, list, false), expected, "{list:?}");
    }
}

/// The devices that a greeting shows, by the digit with which their UUIDs begin.
fn seen(server: &Server, devices: Option<&str>, by_bus: bool) -> String {
    let mut client = Client::connect(&server.unix);
    client.hello(&Hello {
        devices: devices.map(str::to_string),
        by_bus,
        ..Hello::new(13000, 1, "", "chooses")
    });
    match client.hear() {
        Said::Welcome(welcome) => {
            assert!(welcome.chosen);
            client.ping();
            let digits = welcome.devices.iter();
            digits.map(|device| device.uuid[0] as char).collect()
        }
        other => panic!("no welcome but {other:?}"),
    }
}
