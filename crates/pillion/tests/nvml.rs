//! The management library, in C programs that load it, on the CPU device.

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use common::{Client, Folder, Said, Server, WATCHDOG, text};
use pillion_protocol::command::session as op;
use pillion_protocol::{Encoder, Hello, Interface, Process, Welcome, nvml};
use pillion_transport::Uri;

/// A folder with the library under its name, and the C programs of `tests/nvml`.
struct Programs {
    folder: Folder,
}

impl Programs {
    fn build() -> Self {
        let folder = Folder::new();
        // Cargo puts this test's dependencies beside it.
        let test = std::env::current_exe().unwrap();
        let library = test.parent().unwrap().join("libnvidia_ml.so");
        assert!(library.is_file(), "no {}", library.display());
        std::os::unix::fs::symlink(library, folder.path("libnvidia-ml.so.1")).unwrap();
        for name in ["query", "behaviour"] {
            let source = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../../tests/nvml")
                .join(format!("{name}.c"));
            let status = Command::new("cc")
                .args(["-O1", "-w", "-pthread", "-o"])
                .arg(folder.path(name))
                .arg(source)
                .arg("-ldl")
                .status()
                .unwrap();
            assert!(status.success());
        }
        Programs { folder }
    }

    fn run(&self, name: &str, server: &str, arguments: &[PathBuf]) -> Output {
        self.command(name, server).args(arguments).output().unwrap()
    }

    fn command(&self, name: &str, server: &str) -> Command {
        let mut command = Command::new("timeout");
        command
            .arg(WATCHDOG.as_secs().to_string())
            .arg(self.folder.path(name))
            .env("LD_LIBRARY_PATH", &self.folder.0)
            .env("PILLION_SERVER", server)
            .env_remove("PILLION_LOG")
            .env_remove("PILLION_TOKEN");
        command
    }
}

fn welcome(uri: &Uri) -> Box<Welcome> {
    let mut client = Client::connect(uri);
    client.hello(&Hello::new(13000, 1, "", "test"));
    match client.hear() {
        Said::Welcome(welcome) => welcome,
        other => panic!("no welcome but {other:?}"),
    }
}

#[test]
fn a_program_sees_the_device_that_cuda_shows() {
    let server = Server::start(&[]);
    let programs = Programs::build();
    for uri in [&server.unix, &server.tcp] {
        let output = programs.run("query", &uri.to_string(), &[]);
        let printed = text(&output.stdout);
        assert!(output.status.success(), "{printed}{}", text(&output.stderr));
        let welcome = welcome(uri);
        assert!(printed.contains(&format!("GPUs: {}\n", welcome.devices.len())));
        for (index, device) in welcome.devices.iter().enumerate() {
            let hex: String = device.uuid.iter().map(|b| format!("{b:02x}")).collect();
            let uuid = [
                &hex[..8],
                &hex[8..12],
                &hex[12..16],
                &hex[16..20],
                &hex[20..],
            ];
            for line in [
                format!("{index} nvmlDeviceGetName: {}\n", device.name),
                format!("{index} nvmlDeviceGetUUID: GPU-{}\n", uuid.join("-")),
                format!("{index} total memory: {}\n", device.total_memory),
                format!(
                    "{index} nvmlDeviceGetCudaComputeCapability: {} {}\n",
                    device.attributes[75].1, device.attributes[76].1
                ),
                format!("{index} by its UUID: status 0, the same\n"),
                format!("{index} by its bus: status 0, the same\n"),
                format!("{index} name in 4 bytes: status 7\n"),
                format!("{index} name nowhere: status 2\n"),
                "after the end: status 1\n".to_string(),
            ] {
                assert!(printed.contains(&line), "no {line}in\n{printed}");
            }
        }
    }
    server.settle();
}

#[test]
fn a_difference_is_told() {
    let server = Server::start(&[]);
    let programs = Programs::build();
    let uri = server.unix.to_string();
    let first = text(&programs.run("query", &uri, &[]).stdout);
    let file = programs.folder.path("expected");
    std::fs::write(&file, &first).unwrap();
    let same = programs.run("query", &uri, std::slice::from_ref(&file));
    assert!(same.status.success(), "{}", text(&same.stderr));
    let changed = first.replace("nvmlDeviceGetBrand: 0", "nvmlDeviceGetBrand: 1");
    std::fs::write(&file, changed).unwrap();
    let differs = programs.run("query", &uri, &[file]);
    assert_eq!(differs.status.code(), Some(1));
    assert!(text(&differs.stderr).contains("got      0 nvmlDeviceGetBrand: 0"));
}

#[test]
fn the_library_behaves() {
    let server = Server::start(&[]);
    let programs = Programs::build();
    for uri in [&server.unix, &server.tcp] {
        let output = programs.run("behaviour", &uri.to_string(), &[]);
        assert_eq!(text(&output.stdout), "ok\n", "{}", text(&output.stderr));
        assert!(output.status.success());
        assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
    }
    server.settle();
}

#[test]
fn without_a_server_there_is_no_driver() {
    let programs = Programs::build();
    let nowhere = Uri::Unix {
        path: programs.folder.path("nothing"),
    };
    let output = programs.run("behaviour", &nowhere.to_string(), &[]);
    assert_eq!(text(&output.stdout), "no driver\n");
    assert!(output.stderr.is_empty(), "{}", text(&output.stderr));
}

#[test]
fn a_server_that_goes_away_is_a_gpu_that_is_lost() {
    let mut server = Server::start(&[]);
    let programs = Programs::build();
    let mut program = programs
        .command("behaviour", &server.unix.to_string())
        .arg("lost")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    assert_eq!(lines.next().unwrap().unwrap(), "ready");
    server.signal(rustix::process::Signal::KILL);
    server.wait();
    program.stdin.take().unwrap().write_all(b"\n").unwrap();
    assert_eq!(lines.next().unwrap().unwrap(), "ok");
    assert!(program.wait().unwrap().success());
}

#[test]
fn a_session_is_answered_or_ended() {
    let server = Server::start(&[]);
    let mut client = Client::greeted(&server.unix);
    client.frame(Interface::Nvml, nvml::OPEN, 1, &[]);
    let Said::Answer(answer) = client.hear() else {
        panic!("no answer");
    };
    assert_eq!(answer, [[0; 8], 1u64.to_le_bytes()].concat());
    client.ping();
    let name = nvml::FUNCTIONS
        .iter()
        .find(|function| function.name == "nvmlDeviceGetName")
        .unwrap();
    let words = |words: &[u64]| -> Vec<u8> { words.iter().flat_map(|w| w.to_le_bytes()).collect() };
    client.frame(Interface::Nvml, name.number, 2, &words(&[0, 1, 96]));
    assert!(matches!(client.hear(), Said::Answer(_)));
    // A function that there is not, as a newer client may have: 13 is NVML's word for it.
    client.frame(Interface::Nvml, 60_000, 3, b"arguments");
    assert_eq!(client.hear(), Said::Answer(13u64.to_le_bytes().to_vec()));
    // A device that there is not, a body that ends early or late, too much room.
    for (opcode, body) in [
        (name.number, words(&[1, 1, 96])),
        (name.number, words(&[0, 1])),
        (name.number, words(&[0, 1, 96, 0])),
        (name.number, words(&[0, 1, u64::MAX])),
        (name.number, words(&[0, 2, 96])),
    ] {
        let mut client = Client::greeted(&server.unix);
        client.frame(Interface::Nvml, opcode, 1, &body);
        let said = client.hear();
        assert!(
            matches!(&said, Said::End(reason) if reason.contains("broke the protocol")),
            "{said:?}"
        );
    }
    drop(client);
    server.settle();
}

#[test]
fn a_client_hears_of_its_own_programs() {
    let server = Server::start(&[]);
    let ask = |uri: &Uri| {
        let mut body = Vec::new();
        Hello::new(13000, 1, "", "asks").encode(&mut Encoder::new(&mut body));
        let mut client = Client::connect(uri);
        client.frame(Interface::Session, op::PROCESSES, 0, &body);
        match client.hear() {
            Said::Answer(answer) => Process::decode(&answer).unwrap(),
            other => panic!("no answer but {other:?}"),
        }
    };
    assert_eq!(ask(&server.unix), []);
    let mut client = Client::connect(&server.unix);
    client.hello(&Hello::new(13000, 4711, "", "a program"));
    assert!(matches!(client.hear(), Said::Welcome(_)));
    let sessions = server.status().sessions;
    let expected = Process {
        worker: sessions[0].worker_pid,
        pid: 4711,
        program: "a program".to_string(),
    };
    assert_eq!(ask(&server.unix), [expected]);
    // Who comes in by TCP is somebody else.
    assert_eq!(ask(&server.tcp), []);
}
