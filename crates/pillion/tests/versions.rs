//! Clients and servers, programs and drivers of other versions than each other.

mod common;

use std::process::{Command, Stdio};

use common::{Client, Folder, Said, Server, WATCHDOG, body, driver_program, pillion, text};
use pillion_protocol::command::{cuda, session as op};
use pillion_protocol::{BUILD, Hello, Interface, OLDEST_VERSION, PROTOCOL_VERSION, Welcome};

/// Runs `tests/driver/versions.c` through the client library: what it printed, and what came on standard error.
fn versions(server: &Server, lookups: &[&str]) -> (String, String) {
    let folder = Folder::new();
    driver_program(&folder, "versions");
    let output = Command::new("timeout")
        .arg(WATCHDOG.as_secs().to_string())
        .arg(folder.path("versions"))
        .args(lookups)
        .env("LD_LIBRARY_PATH", &folder.0)
        .env("PILLION_SERVER", server.unix.to_string())
        .env_remove("PILLION_LOG")
        .env_remove("PILLION_TOKEN")
        .output()
        .unwrap();
    let (printed, said) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{printed}{said}");
    // The parent and its child.
    assert_eq!(printed.matches("data moved").count(), 2, "{printed}");
    (printed, said)
}

#[test]
fn programs_see_a_server_with_an_older_driver_as_what_it_is() {
    let server = Server::of_cuda("12.4");
    let (printed, said) = versions(
        &server,
        &[
            "cuMemAlloc@3020",
            "cuGraphGetEdges@12030",
            "cuGraphGetEdges@12040",
            "cuLibraryLoadData@11080",
            // Newer than the driver: the number, or what it would name.
            "cuMemAlloc@12050",
            "cuMemAlloc@13000",
            "cuEventElapsedTime@12080",
            "cuDeviceGetHostAtomicCapabilities@12040",
            "cuNoSuchFunction@12040",
        ],
    );
    let expected = [
        "version 12040",
        "cuMemAlloc@3020: 0, 0 status 0 found",
        "cuGraphGetEdges@12030: 0, 0 status 0 found",
        "cuGraphGetEdges@12040: 0, 0 status 0 found",
        "cuLibraryLoadData@11080: 500, 0 status 2 null",
        "cuMemAlloc@12050: 1, 1",
        "cuMemAlloc@13000: 1, 1",
        "cuEventElapsedTime@12080: 1, 1",
        "cuDeviceGetHostAtomicCapabilities@12040: 500, 0 status 1 null",
        "cuNoSuchFunction@12040: 500, 0 status 1 null",
    ];
    let lines: Vec<&str> = printed.lines().take(expected.len()).collect();
    assert_eq!(lines, expected);
    // A program that calls it all the same is told, and its user once.
    let answer = "cuDeviceGetHostAtomicCapabilities: 801\n";
    assert_eq!(printed.matches(answer).count(), 4, "{printed}");
    assert_eq!(
        said,
        "pillion: cuDeviceGetHostAtomicCapabilities came with CUDA 13.0, and the server has CUDA 12.4 (CPU device, CUDA 12.4, \
         Pillion CPU Device): it needs a newer driver\n"
    );
}

#[test]
fn what_the_newest_server_does_not_execute_is_said_once_too() {
    let server = Server::start(&[]);
    let (printed, said) = versions(
        &server,
        &[
            "cuMemAlloc@13000",
            "cuEventElapsedTime@12080",
            "cuMemAlloc@13010",
        ],
    );
    assert!(printed.starts_with(
        "version 13000\ncuMemAlloc@13000: 0, 0 status 0 found\ncuEventElapsedTime@12080: 0, 0 status 0 found\n\
         cuMemAlloc@13010: 1, 1\n"
    ));
    assert!(printed.contains("cuDeviceGetHostAtomicCapabilities: 801\n"));
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(
        said.contains("cuDeviceGetHostAtomicCapabilities is not executed by the server"),
        "{said}"
    );
}

fn greet(client: &mut Client, hello: &Hello, more: &[u8]) -> Said {
    let greeting = [&body(|b| hello.encode(b))[..], more].concat();
    client.frame(Interface::Session, op::HELLO, 0, &greeting);
    client.hear()
}

fn newer(oldest: u32) -> Hello {
    Hello {
        version: PROTOCOL_VERSION + 6,
        oldest,
        ..Hello::new(15000, 1, "", "from the future")
    }
}

#[test]
fn a_newer_client_is_served_by_what_both_speak() {
    let server = Server::start(&[]);
    for uri in [&server.unix, &server.tcp] {
        let mut client = Client::connect(uri);
        let Said::Welcome(welcome) =
            greet(&mut client, &newer(OLDEST_VERSION), b"what version 7 says")
        else {
            panic!("no welcome");
        };
        let Welcome {
            version, opcodes, ..
        } = *welcome;
        assert_eq!(version, PROTOCOL_VERSION);
        assert!(cuda::ALL.iter().all(|opcode| opcodes.contains(*opcode)));
        // Those of a later version are not there, so that the client need not try.
        assert!((60000..=u16::MAX).all(|opcode| !opcodes.contains(opcode)));
        client.ping();
    }
}

#[test]
fn a_client_that_cannot_be_served_is_told_who_is_to_upgrade() {
    let server = Server::start(&[]);
    let too_new = Hello {
        build: "9.1.0".into(),
        ..newer(PROTOCOL_VERSION + 1)
    };
    let too_old = Hello {
        version: OLDEST_VERSION - 1,
        oldest: OLDEST_VERSION - 1,
        ..Hello::new(13000, 1, "", "from the past")
    };
    for (hello, whose, says) in [
        (
            too_new,
            "the client (Pillion 9.1.0)",
            ": upgrade the server",
        ),
        (too_old, "the client (Pillion", ": upgrade the client"),
    ] {
        for uri in [&server.unix, &server.tcp] {
            let mut client = Client::connect(uri);
            match greet(&mut client, &hello, &[]) {
                Said::End(reason) => {
                    assert!(reason.starts_with(whose), "{reason}");
                    assert!(reason.ends_with(says), "{reason}");
                    let this = format!("this server (Pillion {BUILD})");
                    assert!(reason.contains(&this), "{reason}");
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

#[test]
fn a_server_with_an_older_driver_lists_what_that_has() {
    let newest = Server::start(&[]);
    let older = Server::of_cuda("11.8");
    let opcodes = |server: &Server| {
        let mut client = Client::connect(&server.unix);
        match greet(&mut client, &Hello::new(13000, 1, "", "test"), &[]) {
            Said::Welcome(welcome) => (welcome.driver_version, welcome.opcodes),
            other => panic!("{other:?}"),
        }
    };
    let ((all, newest), (old, older)) = (opcodes(&newest), opcodes(&older));
    assert_eq!((all, old), (13000, 11080));
    for function in pillion_cuda_abi::FUNCTIONS {
        let Some(opcode) = function.opcode else {
            continue;
        };
        assert!(
            newest.contains(opcode) || !older.contains(opcode),
            "{}",
            function.symbol
        );
        if function.version <= 11080 {
            assert_eq!(
                older.contains(opcode),
                newest.contains(opcode),
                "{}",
                function.symbol
            );
        }
    }
    let lost = (0..=u16::MAX).filter(|opcode| newest.contains(*opcode) && !older.contains(*opcode));
    assert!(lost.count() > 0);
}

#[test]
fn a_version_that_no_driver_has_is_told() {
    for version in ["12", "10.2", "99.0", "new"] {
        let output = pillion()
            .args(["serve", "--device", "cpu", "--listen", "tcp://127.0.0.1:0"])
            .env("PILLION_CPU_CUDA", version)
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said = text(&output.stderr);
        assert!(!output.status.success());
        assert!(
            said.contains(&format!("PILLION_CPU_CUDA={version} is no version")),
            "{said}"
        );
    }
}
