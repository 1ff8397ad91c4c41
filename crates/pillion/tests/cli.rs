//! What the command line says to those who get it wrong, and what `run` does to the program that it starts.

mod common;

use std::os::unix::fs::PermissionsExt;
use std::process::Output;

use common::{Folder, pillion, text};

fn fails(arguments: &[&str], code: i32, says: &[&str]) -> Output {
    let output = pillion().args(arguments).output().unwrap();
    let stderr = text(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {stderr}");
    for word in says {
        assert!(
            stderr.contains(word),
            "{arguments:?} does not say {word:?}: {stderr}"
        );
    }
    assert!(!stderr.contains("panicked"), "{stderr}");
    output
}

#[test]
fn wrong_options_are_told() {
    fails(&["devices", "--sever", "x"], 2, &["--sever", "Usage"]);
    fails(&["sing"], 2, &["sing"]);
    fails(&[], 2, &["Usage"]);
    fails(&["run"], 2, &["PROGRAM"]);
    fails(&["serve", "--device", "abacus"], 2, &["abacus", "nvidia"]);
    fails(&["serve", "--warm", "-1"], 2, &[]);
}

#[test]
fn wrong_addresses_are_told() {
    for command in ["devices", "doctor", "status"] {
        fails(
            &[command, "--server", "gpu-box:77"],
            2,
            &["tls://gpu-box:77", "tcp://gpu-box:77"],
        );
        fails(
            &[command, "--server", "carrier-pigeon://coop"],
            2,
            &["carrier-pigeon"],
        );
    }
    fails(&["serve", "--listen", "unix://relative"], 2, &["relative"]);
    // Nobody can make a socket there.
    let nowhere = ["serve", "--device", "cpu", "--listen", "unix:///proc/s"];
    let output = fails(&nowhere, 1, &["/proc/s", "os error"]);
    // The cause is part of the sentence, and does not follow it once more.
    assert_eq!(text(&output.stderr).matches("os error").count(), 1);
    fails(
        &["serve", "--device", "cpu", "--listen", "tcp://0.0.0.0:0"],
        1,
        &["--insecure"],
    );
}

#[test]
fn a_server_that_is_not_there_is_told_in_one_line() {
    for uri in ["tcp://127.0.0.1:1", "unix:///nonexistent/s"] {
        let output = fails(&["devices", "--server", uri], 1, &[uri, "pillion serve"]);
        assert_eq!(text(&output.stderr).lines().count(), 1);
        assert!(output.stdout.is_empty());
    }
    // A machine that there is not, which is said once, whatever ways there would be to it.
    let output = fails(
        &["devices", "--server", "no-such-machine.invalid"],
        1,
        &["no-such-machine.invalid"],
    );
    assert_eq!(
        text(&output.stderr).matches("cannot find the host").count(),
        1
    );
    let output = fails(
        &["status", "--server", "unix:///nonexistent/s"],
        1,
        &["/nonexistent/s"],
    );
    assert_eq!(text(&output.stderr).lines().count(), 1);
    fails(
        &["status", "--server", "tcp://127.0.0.1:1"],
        1,
        &["on its own machine"],
    );
}

#[test]
fn without_a_client_library_it_is_said_how_to_make_one() {
    let folder = Folder::new();
    let program = folder.path("pillion");
    // By another process: what this one has open for writing, a child of another test's may hold open, and then it cannot be executed.
    let copied = std::process::Command::new("cp")
        .arg(env!("CARGO_BIN_EXE_pillion"))
        .arg(&program)
        .status();
    assert!(copied.unwrap().success());
    for arguments in [&["libdir"][..], &["run", "--", "true"]] {
        let output = std::process::Command::new(&program)
            .env_remove("PILLION_LIBDIR")
            .args(arguments)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(
            text(&output.stderr).contains("cargo xtask dist"),
            "{}",
            text(&output.stderr)
        );
    }
    let output = pillion()
        .arg("libdir")
        .env("PILLION_LIBDIR", &folder.0)
        .output()
        .unwrap();
    assert!(!output.status.success() && text(&output.stderr).contains("PILLION_LIBDIR"));

    let beside = folder.path("pillion-lib");
    std::fs::create_dir(&beside).unwrap();
    std::fs::write(beside.join("libcuda.so.1"), "").unwrap();
    let output = std::process::Command::new(&program)
        .env_remove("PILLION_LIBDIR")
        .arg("libdir")
        .output()
        .unwrap();
    assert_eq!(
        text(&output.stdout).trim(),
        beside.canonicalize().unwrap().to_str().unwrap()
    );
}

#[test]
fn a_library_for_other_machines_is_not_taken() {
    let folder = Folder::new();
    // The beginning of an ELF file of 64 bits, little-endian, a shared library.
    let mut head = *b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x03\0\0\0";
    let own = std::fs::read(env!("CARGO_BIN_EXE_pillion")).unwrap()[18];
    for (machine, name) in [(62, "x86-64"), (183, "aarch64"), (8, "ELF number 8")] {
        head[18] = machine;
        std::fs::write(folder.path("libcuda.so.1"), head).unwrap();
        for arguments in [&["libdir"][..], &["run", "--", "true"]] {
            let output = pillion()
                .args(arguments)
                .env("PILLION_LIBDIR", &folder.0)
                .env("PILLION_SERVER", "unix:///nonexistent/s")
                .output()
                .unwrap();
            assert_eq!(output.status.success(), machine == own);
            let said = format!("libcuda.so.1 is for {name}");
            let said = said.replace("ELF", "machines of ELF");
            assert_eq!(text(&output.stderr).contains(&said), machine != own);
        }
    }
}

/// A folder that passes for one with the client library: no program of these tests loads it.
fn library() -> Folder {
    let folder = Folder::new();
    std::fs::write(folder.path("libcuda.so.1"), "").unwrap();
    folder
}

#[test]
fn run_becomes_the_program() {
    let library = library();
    let run = |arguments: &[&str]| {
        let mut command = pillion();
        command
            .args(["run", "--server", "unix:///nonexistent/s", "--"])
            .args(arguments);
        command
            .env("PILLION_LIBDIR", &library.0)
            .env("LD_LIBRARY_PATH", "/nonexistent/lib");
        let output = command.output().unwrap();
        let stderr = text(&output.stderr);
        let ours: Vec<_> = stderr
            .lines()
            .filter(|line| line.contains("no server can be reached"))
            .collect();
        assert_eq!(ours.len(), 1, "not one clear line: {stderr}");
        output
    };
    let output = run(&[
        "sh",
        "-c",
        "echo \"$PILLION_SERVER|$LD_LIBRARY_PATH|$TRITON_LIBCUDA_PATH\"; exit 37",
    ]);
    assert_eq!(output.status.code(), Some(37));
    let folder = library.0.canonicalize().unwrap();
    let folder = folder.display();
    assert_eq!(
        text(&output.stdout).trim(),
        format!("unix:///nonexistent/s|{folder}:/nonexistent/lib|{folder}")
    );
    let output = run(&["sh", "-c", "kill -SEGV $$"]);
    assert_eq!(
        std::os::unix::process::ExitStatusExt::signal(&output.status),
        Some(11)
    );
    // Options after the program are the program's.
    assert_eq!(
        text(&run(&["echo", "--server", "x", "--help"]).stdout),
        "--server x --help\n"
    );

    assert_eq!(run(&["/nonexistent/program"]).status.code(), Some(127));
    let file = library.private("no-program", "");
    assert_eq!(run(&[file.to_str().unwrap()]).status.code(), Some(126));
}

#[test]
fn several_servers_reach_the_program() {
    let library = library();
    let output = pillion()
        .args(["run", "--", "sh", "-c", "echo $PILLION_SERVER"])
        .env("PILLION_LIBDIR", &library.0)
        .env("PILLION_SERVER", "unix:///nonexistent/s, tcp://127.0.0.1:1")
        .output()
        .unwrap();
    assert_eq!(
        text(&output.stdout),
        "unix:///nonexistent/s,tcp://127.0.0.1:1\n"
    );
}

#[test]
fn settings_that_are_malformed_are_told() {
    let folder = Folder::new();
    let file = folder.path("pillion.toml");
    let name = file.to_str().unwrap();
    fails(&["serve", "--config", name], 1, &["cannot read", name]);
    std::fs::write(&file, "devise = 'cpu'\n").unwrap();
    fails(&["serve", "--config", name], 1, &["devise"]);
    std::fs::write(&file, "device = 'cpu'\nlisten = ['nowhere']\n").unwrap();
    fails(&["serve", "--config", name], 1, &["nowhere"]);

    let tokens = folder.path("tokens");
    std::fs::write(&tokens, "ada 0123456789abcdef\n").unwrap();
    std::fs::set_permissions(&tokens, std::fs::Permissions::from_mode(0o644)).unwrap();
    let arguments = [
        "serve",
        "--device",
        "cpu",
        "--listen",
        "tcp://127.0.0.1:0",
        "--token-file",
        tokens.to_str().unwrap(),
    ];
    let output = fails(&arguments, 1, &["chmod 600"]);
    assert!(
        !text(&output.stderr).contains("0123456789abcdef"),
        "a token is in the message"
    );
}

#[test]
fn a_worker_is_not_for_hands() {
    let by_hand = |control: &'static str, account: &'static str| {
        let descriptors = ["--control-fd", control, "--account-fd", account];
        [&["worker", "--device", "cpu"], &descriptors[..]].concat()
    };
    for (control, account) in [("0", "5"), ("5", "1"), ("5", "5")] {
        fails(&by_hand(control, account), 1, &["pillion serve"]);
    }
    // Numbers that are not open, or no socket and no memory: it ends.
    let output = pillion().args(by_hand("77", "78")).output().unwrap();
    assert!(
        !output.status.success() && !text(&output.stderr).contains("panicked"),
        "{}",
        text(&output.stderr)
    );
}

#[test]
fn a_doctor_who_finds_something_says_what_to_do() {
    let library = library();
    let output = pillion()
        .args(["doctor", "--json", "--server", "tcp://127.0.0.1:1"])
        .env("PILLION_LIBDIR", &library.0)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["well"], false);
    let findings = report["findings"].as_array().unwrap();
    for check in ["client library", "tcp://127.0.0.1:1"] {
        let finding = findings
            .iter()
            .find(|finding| finding["check"] == check)
            .unwrap();
        assert_eq!(finding["verdict"], "problem");
        assert!(
            finding["advice"]
                .as_str()
                .is_some_and(|advice| !advice.is_empty())
        );
    }
}
