//! Bulk data is packed over slow lines, where both sides want that and it pays; what is copied is the same either way.

mod common;

use std::process::Command;

use common::{Client, Folder, Link, Said, Server, WATCHDOG, driver_program, eventually, text};
use pillion_protocol::Hello;
use pillion_protocol::command::{OF_PACKING, cuda};
use pillion_transport::Uri;
use serde_json::Value;

/// Bytes of each of a program's copies: three of them in each direction.
const LEN: u64 = 6 << 20;
const ALL: u64 = 3 * LEN;

/// The program that copies, and the client library.
fn program() -> Folder {
    let folder = Folder::new();
    driver_program(&folder, "copies");
    folder
}

/// Copies data in which each random byte stands `run` times, with 0 numbers with a byte of eight values, and checks it.
fn copy(program: &Folder, uri: &Uri, run: u32, env: &[(&str, &str)]) {
    let output = Command::new("timeout")
        .arg(WATCHDOG.as_secs().to_string())
        .arg(program.path("copies"))
        .args([&LEN.to_string(), "3", &run.to_string()])
        .env("LD_LIBRARY_PATH", &program.0)
        .env("PILLION_SERVER", uri.to_string())
        // What is named is not sent at all.
        .env("PILLION_CACHE", "off")
        .env_remove("PILLION_COMPRESSION")
        .env_remove("PILLION_LOG")
        .env_remove("PILLION_TOKEN")
        .envs(env.iter().copied())
        .output()
        .unwrap();
    let said = format!("{}{}", text(&output.stdout), text(&output.stderr));
    assert_eq!(said, "copied\n");
}

/// What crosses a slow line to the server and back meanwhile, in bytes.
fn crossed(program: &Folder, server: &Server, run: u32, env: &[(&str, &str)]) -> (u64, u64) {
    let link = Link::start(&server.tcp, &["--rate", "200mbit", "--json"]);
    copy(program, &link.uri, run, env);
    let (printed, _) = link.end();
    let report: Value = serde_json::from_str(&printed).expect(&printed);
    let of = |name: &str| report[name].as_u64().expect(&printed);
    (of("bytes_to_server"), of("bytes_to_client"))
}

#[test]
fn what_can_be_packed_crosses_a_slow_line_packed() {
    let program = program();
    let server = Server::start(&[]);
    let (there, back) = crossed(&program, &server, 64, &[]);
    // The first chunk is what the line is measured with.
    assert!(there < (1 << 20) + ALL / 3, "{there}");
    assert!(back < ALL / 3, "{back}");
    eventually("the log says what was saved", || {
        server.log().contains("bytes_saved=")
    });
    // On a line so slow, also what never repeats, but has less in it than bytes.
    let (there, back) = crossed(&program, &server, 0, &[]);
    assert!(
        there < ALL / 10 * 9 && back < ALL / 10 * 9,
        "{there}, {back}"
    );
    // Of random bytes nothing can be saved, and next to nothing is spent.
    let (there, back) = crossed(&program, &server, 1, &[]);
    for crossed in [there, back] {
        assert!((ALL..ALL + ALL / 100).contains(&crossed), "{crossed}");
    }
    server.settle();
}

#[test]
fn either_side_may_want_none() {
    let program = program();
    let server = Server::start(&[]);
    let off = [("PILLION_COMPRESSION", "off")];
    let (there, back) = crossed(&program, &server, 64, &off);
    assert!(there >= ALL && back >= ALL, "{there}, {back}");
    let without = Server::start(&["--compression", "off"]);
    let (there, back) = crossed(&program, &without, 64, &[]);
    assert!(there >= ALL && back >= ALL, "{there}, {back}");
    // Such a server is as one that is older.
    let mut client = Client::connect(&without.tcp);
    client.hello(&Hello::new(13000, 1, "", "test"));
    let Said::Welcome(welcome) = client.hear() else {
        panic!("no welcome");
    };
    assert!(welcome.opcodes.contains(cuda::COPY_TO_DEVICE));
    for opcode in OF_PACKING {
        assert!(!welcome.opcodes.contains(*opcode));
    }
    drop(client);
    // Over a path of this machine there is nothing to be won.
    for uri in [&server.unix, &server.shm] {
        copy(&program, uri, 64, &[]);
    }
    server.settle();
    let log = server.log();
    let ended = log.lines().filter(|line| line.contains("session ended"));
    let saved: Vec<_> = ended
        .map(|line| line.split_once(" bytes_saved=").expect(line).1)
        .map(|rest| rest.split(' ').next().unwrap())
        .collect();
    assert_eq!(saved, ["0"; 3]);
}
