//! `pillion top`, in a terminal and without one.

mod common;
#[path = "common/pty.rs"]
mod pty;

use std::io::{BufRead, BufReader};
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use common::{Client, Folder, Said, Server, client, eventually, send, text};
use pillion_protocol::Hello;
use pty::Pty;
use rustix::process::Signal;
use serde_json::Value;

const KEYS: &str = "q end  Tab table";

fn top(server: &Server, width: u16, height: u16) -> Pty {
    let mut command = client();
    command.args([
        "top",
        "--interval",
        "0.1",
        "--server",
        &server.unix.to_string(),
    ]);
    let pty = Pty::start(command, width, height);
    pty.shows(KEYS);
    assert!(pty.is_raw());
    pty
}

/// It ends by itself, well, and leaves the terminal as it was.
#[track_caller]
fn ends(mut pty: Pty) {
    assert_eq!(pty.wait().code(), Some(0));
    pty.is_given_back();
}

fn named(server: &Server, name: &str) -> Client {
    let mut client = Client::connect(&server.tcp);
    client.hello(&Hello::new(13000, 4242, "", name));
    assert!(matches!(client.hear(), Said::Welcome(_)));
    client
}

#[test]
fn sessions_are_seen_and_keys_work() {
    let server = Server::start(&[]);
    let mut pty = top(&server, 110, 24);
    pty.shows("no sessions");
    pty.shows(&format!("Pillion {}", env!("CARGO_PKG_VERSION")));
    pty.shows(&server.unix.to_string());
    pty.shows("GPU 0 Pillion CPU Device");
    let first = named(&server, "first");
    let second = named(&server, "sec\u{202e}ond");
    pty.shows(" sessions 2  identities 1  queue 0");
    pty.until("both are there", |screen| {
        let text = screen.text();
        let rows = text
            .lines()
            .filter(|line| line.starts_with("anonymous") && line.contains(" 4242 "));
        rows.count() == 2 && text.contains("anonymous first") && text.contains("sec\u{fffd}ond")
    });
    pty.shows("busy▼");
    pty.press("r");
    pty.shows("busy▲");
    pty.press("ss");
    pty.shows("in/s▼");
    pty.press("<");
    pty.shows("launch/s▼");
    pty.press("/FIR");
    pty.shows("filter: FIR");
    pty.shows(" sessions 1 of 2 ");
    pty.shows_no("sec\u{fffd}ond");
    pty.press("\r");
    pty.shows("with FIR");
    pty.press("/\x1b");
    pty.shows_no("with FIR");
    pty.shows("sec\u{fffd}ond");
    pty.press("\t");
    pty.shows("begun");
    pty.press("t");
    pty.shows("nobody waits for a place on the devices");
    pty.press("\x1b[Z");
    pty.shows("begun");
    pty.press("?");
    pty.shows("sort by the next column");
    pty.press("q");
    pty.shows("begun");
    pty.press("\t\t");
    pty.shows("anonymous first");
    drop((first, second));
    pty.shows("no sessions");
    pty.press("q");
    ends(pty);
}

#[test]
fn rows_are_scrolled_through() {
    let server = Server::start(&[]);
    let _clients: Vec<_> = (0..8)
        .map(|number| named(&server, &format!("program{number}")))
        .collect();
    let mut pty = top(&server, 100, 10);
    pty.shows(" sessions 8 ");
    // By when they began.
    pty.press("<<<<<");
    pty.shows("program▲");
    pty.shows("program0");
    pty.shows_no("program7");
    for (keys, seen, not) in [
        ("\x1b[6~\x1b[6~\x1b[6~", "program7", "program0"),
        ("\x1b[5~\x1b[5~\x1b[5~", "program0", "program7"),
        ("\x1b[F", "program7", "program0"),
        ("\x1b[H", "program0", "program7"),
        (
            "\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B\x1b[B",
            "program7",
            "program0",
        ),
        (
            "\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A",
            "program0",
            "program7",
        ),
    ] {
        pty.press(keys);
        pty.shows(seen);
        pty.shows_no(not);
    }
    pty.press("\x03");
    ends(pty);
}

#[test]
fn the_terminal_may_change_its_size() {
    let server = Server::start(&[]);
    let mut pty = top(&server, 60, 12);
    pty.resize(30, 6);
    pty.shows("too small:\n30 x 6\nof 40 x 10");
    // Keys work there, too.
    pty.press("t");
    pty.resize(130, 30);
    pty.until("all of it is used", |screen| {
        let text = screen.text();
        let lines: Vec<_> = text.lines().collect();
        lines[0].ends_with(&server.unix.to_string())
            && lines[0].chars().count() == 130
            && lines[29].starts_with(KEYS)
            && text.contains("begun")
    });
    pty.press("\x1b");
    ends(pty);
}

#[test]
fn a_server_that_goes_away_is_waited_for() {
    let mut server = Server::start(&[]);
    let before = named(&server, "before");
    let mut pty = top(&server, 110, 24);
    pty.shows("anonymous before");
    let folder = std::mem::replace(&mut server.folder, Folder::new());
    server.signal(Signal::KILL);
    server.wait();
    pty.shows("NO ANSWER for ");
    // What was known is still there, keys work, and time goes on.
    pty.shows("anonymous before");
    pty.press("\t");
    pty.shows("begun");
    pty.press("\t\t");
    pty.has_shown("NO ANSWER for 2 s");
    pty.has_shown("NO ANSWER for 3 s");
    drop(before);
    drop(server);
    let server = Server::start_in(folder, &[]);
    pty.shows_no("NO ANSWER");
    pty.has_shown(&format!(
        "ANOTHER SERVER answers here now: process {}",
        server.pid()
    ));
    pty.shows("no sessions");
    let _after = named(&server, "after");
    pty.shows("anonymous after");
    pty.press("q");
    ends(pty);
}

/// One that is there and says nothing: whoever waits for it must not be whom the keys wait for.
#[test]
fn a_server_that_hangs_does_not_hold_the_keys() {
    let server = Server::start(&[]);
    let mut pty = top(&server, 110, 24);
    server.signal(Signal::STOP);
    pty.shows("NO ANSWER for ");
    pty.press("\t");
    pty.shows("begun");
    server.signal(Signal::CONT);
    pty.shows_no("NO ANSWER");
    server.signal(Signal::STOP);
    pty.shows("NO ANSWER for ");
    pty.press("q");
    ends(pty);
    server.signal(Signal::CONT);
}

#[test]
fn a_signal_ends_it_and_gives_the_terminal_back() {
    let server = Server::start(&[]);
    for signal in [Signal::TERM, Signal::HUP, Signal::INT] {
        let mut pty = top(&server, 80, 24);
        send(pty.child.id(), signal);
        assert_eq!(pty.wait().signal(), Some(signal.as_raw()));
        pty.is_given_back();
    }
}

#[test]
fn a_signal_ends_it_though_the_terminal_takes_nothing() {
    let server = Server::start(&[]);
    let mut pty = top(&server, 80, 24);
    pty.takes_nothing();
    send(pty.child.id(), Signal::TERM);
    assert_eq!(pty.wait().signal(), Some(Signal::TERM.as_raw()));
    assert!(!pty.is_raw());
}

#[test]
fn who_waits_is_seen() {
    let folder = Folder::new();
    let [unix, tcp, shm] = Server::places(&folder);
    let settings = format!(
        "cache = 'off'\n[everybody]\nmode = 'exclusive'\n\
         [[endpoint]]\nlisten = '{unix}'\n[[endpoint]]\nlisten = '{tcp}'\n[[endpoint]]\nlisten = '{shm}'\n"
    );
    std::fs::write(folder.path("pillion.toml"), settings).unwrap();
    let server = Server::configured(folder);
    let first = named(&server, "first");
    let mut second = Client::connect(&server.tcp);
    let waits = true;
    second.hello(&Hello {
        waits,
        ..Hello::new(13000, 4343, "", "second")
    });
    assert_eq!(second.hear(), Said::Queued(1));
    let mut pty = top(&server, 120, 24);
    pty.shows("exclusive");
    pty.shows(" sessions 1  identities 1  queue 1");
    pty.press("tt");
    pty.until("it is the next", |screen| {
        let text = screen.text();
        let row = text.lines().find(|line| line.contains("second"));
        row.is_some_and(|row| {
            let words: Vec<_> = row.split_whitespace().collect();
            words[..4] == ["1", "anonymous", "second", "4343"]
        })
    });
    drop(first);
    pty.shows("nobody waits for a place on the devices");
    let mut said = second.hear();
    while matches!(said, Said::Queued(_)) {
        said = second.hear();
    }
    assert!(matches!(said, Said::Welcome(_)), "{said:?}");
    pty.press("t");
    pty.shows("anonymous second");
    pty.press("q");
    ends(pty);
}

#[test]
fn without_a_server_the_terminal_is_not_taken() {
    let folder = Folder::new();
    let [nowhere, ..] = Server::places(&folder);
    let mut command = client();
    command.args(["top", "--server", &nowhere]);
    let mut pty = Pty::start(command, 100, 24);
    assert_eq!(pty.wait().code(), Some(1));
    pty.shows("pillion: ");
    assert!(!pty.seen().contains('\x1b'), "{}", pty.seen());
    for options in [&["--once"][..], &["--json"], &[]] {
        let output = client()
            .args(["top", "--server", &nowhere])
            .args(options)
            .output()
            .unwrap();
        assert!(!output.status.success() && output.stdout.is_empty());
        assert!(
            text(&output.stderr).contains(&nowhere),
            "{}",
            text(&output.stderr)
        );
    }
    let output = client()
        .args(["top", "--server", "tcp://127.0.0.1:1"])
        .output()
        .unwrap();
    common::fails(&output, "PILLION_TOKEN for administration");
    for options in [
        &["--once", "--json"][..],
        &["--interval", "0"],
        &["--interval", "soon"],
    ] {
        let output = client().arg("top").args(options).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
    }
}

/// What of a state does not change while nobody does anything.
fn lasting(mut status: Value) -> Value {
    let changes = |of: &mut Value, names: &[&str]| {
        for name in names {
            of.as_object_mut().unwrap().remove(*name).unwrap();
        }
    };
    changes(&mut status, &["uptime_seconds", "workers"]);
    for session in status["sessions"].as_array_mut().unwrap() {
        changes(session, &["seconds", "used"]);
    }
    for tenant in status["tenants"].as_array_mut().unwrap() {
        changes(tenant, &["used"]);
    }
    status
}

#[test]
fn programs_read_lines_of_json() {
    let mut server = Server::start(&[]);
    let mut client = named(&server, "a program");
    let quiet = named(&server, "quiet");
    let mut child = common::client()
        .args([
            "top",
            "--json",
            "--interval",
            "0.1",
            "--server",
            &server.unix.to_string(),
        ])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut next = || -> Value { serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap() };
    let first = next();
    let status = serde_json::to_value(server.status()).unwrap();
    assert_eq!(lasting(first["status"].clone()), lasting(status.clone()));
    assert_eq!(first["server"], server.unix.to_string());
    assert!(first["error"].is_null() && first["time"].as_f64().unwrap() > 1.7e9);
    assert!(first["seconds"].as_f64().unwrap() > 0.0);
    let ids: Vec<_> = status["sessions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|of| of["id"].as_str().unwrap())
        .collect();
    // What is sent is seen, as that session's, its identity's, and in all.
    let bytes_in = |of: &Value| of["bytes_in"].as_f64().unwrap();
    let mut line = first;
    eventually("bytes are counted", || {
        client.ping();
        line = next();
        bytes_in(&line["sessions"][ids[0]]) > 0.0 && bytes_in(&line["sessions"][ids[1]]) == 0.0
    });
    assert_eq!(line["status"]["sessions"][0]["program"], "a program");
    assert_eq!(
        bytes_in(&line["identities"]["anonymous"]),
        bytes_in(&line["total"])
    );
    assert_eq!(
        bytes_in(&line["sessions"][ids[0]]),
        bytes_in(&line["total"])
    );
    for rate in ["busy", "launches", "bytes_out"] {
        assert!(line["total"][rate].as_f64().unwrap() >= 0.0, "{rate}");
    }
    drop(quiet);
    eventually("a session is gone", || {
        next()["status"]["sessions"].as_array().unwrap().len() == 1
    });
    server.signal(Signal::KILL);
    server.wait();
    eventually("that is told", || {
        line = next();
        !line["error"].is_null()
    });
    assert!(
        line["error"]
            .as_str()
            .unwrap()
            .contains(&server.unix.to_string()),
        "{line}"
    );
    assert!(line["status"].is_null() && line["total"].is_null());
    // Who reads no further is nothing to complain of.
    drop(lines);
    assert!(child.wait().unwrap().success());
}

#[test]
fn one_look_is_printed_where_there_is_no_terminal() {
    let server = Server::start(&[]);
    let _clients = [named(&server, "one"), named(&server, "two\u{2066}")];
    for options in [&["--once"][..], &[]] {
        let output = client()
            .args([
                "top",
                "--interval",
                "0.1",
                "--server",
                &server.unix.to_string(),
            ])
            .args(options)
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", text(&output.stderr));
        let printed = text(&output.stdout);
        assert!(
            !printed.contains('\x1b') && !printed.contains('\u{2066}'),
            "{printed}"
        );
        let words: Vec<Vec<&str>> = printed
            .lines()
            .map(|line| line.split_whitespace().collect())
            .collect();
        let status = server.status();
        assert_eq!(words[0][..2], ["Pillion", &format!("{},", status.version)]);
        assert!(
            printed.contains("0 launches/s, 2 sessions of at most"),
            "{printed}"
        );
        for (session, program) in status.sessions.iter().zip(["one", "two\u{fffd}"]) {
            let (pid, identity) = (session.pid.to_string(), session.identity.as_str());
            let row = words
                .iter()
                .find(|row| row.get(1) == Some(&program))
                .unwrap();
            assert_eq!((row[0], row[2]), (identity, pid.as_str()));
            assert_eq!(row[3], session.peer);
        }
        let gpu = words
            .iter()
            .find(|row| row.get(1) == Some(&"Pillion"))
            .unwrap();
        assert_eq!(
            gpu.last().copied(),
            Some(status.gpus[0].sessions.to_string().as_str())
        );
        let identity = words
            .iter()
            .rfind(|row| row.first() == Some(&"anonymous"))
            .unwrap();
        assert_eq!(identity[1], status.tenants[0].sessions.to_string());
    }
}
