//! Sessions that have a device at the same time as others.

mod common;

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use common::{
    Folder, Neighbour, Said, Shared, alive, driver_program, eventually, is_at, program, send, text,
    welcome,
};
use pillion_cuda_abi::types::CUdevice_attribute;
use pillion_server::broker::SessionStatus;
use rustix::process::Signal;

const IDENTITIES: &str = "[[identity]]\nname = 'crowd'\nmode = 'dense'\nshare = 30\nmemory = '256M'\n\
    [[identity]]\nname = 'faults'\nmode = 'dense'\nshare = 50\n\
    [[identity]]\nname = 'open'\nmode = 'dense'\n";

/// Stands in for NVIDIA's control daemon: it listens where workers look for it, and says who it is.
const DAEMON: &str = "#!/bin/sh\n\
    [ \"$1\" = -f ] || exit 9\n\
    echo $$ > \"$CUDA_MPS_PIPE_DIRECTORY/pid\"\n\
    touch \"$CUDA_MPS_LOG_DIRECTORY/control.log\" \"$CUDA_MPS_PIPE_DIRECTORY/control\"\n\
    while :; do sleep 1; done\n";

fn sessions(shared: &Shared) -> HashMap<String, SessionStatus> {
    let sessions = shared.server.status().sessions.into_iter();
    sessions
        .map(|session| (session.identity.clone(), session))
        .collect()
}

/// What a process was started with.
fn environment(pid: u32) -> HashMap<String, String> {
    let bytes = std::fs::read(format!("/proc/{pid}/environ")).unwrap();
    let text = text(&bytes);
    let variables = text.split('\0').filter_map(|line| line.split_once('='));
    variables
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect()
}

#[test]
fn shares_are_promised_once_and_a_fault_ends_those_whom_it_has_broken() {
    let shared = Shared::start("cpu", &["crowd", "faults", "open", "alone"], IDENTITIES);
    for name in ["crowd", "faults"] {
        driver_program(&shared.server.folder, name);
    }
    let mut neighbour = Neighbour::start(&shared);
    let mut second = shared.comes("faults");
    // Half of the multiprocessors, and at least one.
    let which = CUdevice_attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT;
    let seen = welcome(&mut second).devices[0].attributes[which.0 as usize];
    let mut asks = shared.greets("alone", |hello| hello.only_asks = true);
    let whole = welcome(&mut asks).devices[0].attributes[which.0 as usize];
    assert_eq!(seen, (0, (whole.1 / 2).max(1)));
    drop(asks);
    second.ping();
    let modes: HashMap<_, _> = sessions(&shared)
        .into_iter()
        .map(|(name, session)| (name, session.mode))
        .collect();
    assert_eq!(modes["crowd"], "dense 30%");
    assert_eq!(modes["faults"], "dense 50%");
    // 130 of 100, whoever has no share beside those who have, and an isolated one: all of them wait.
    let mut third = shared.comes("faults");
    is_at(&mut third, 1);
    let mut open = shared.comes("open");
    let mut alone = shared.comes("alone");
    for waits in [&mut open, &mut alone] {
        assert!(matches!(waits.hear(), Said::Queued(1..=3)));
    }
    drop(second);
    welcome(&mut third);
    third.ping();
    drop((third, open, alone));
    eventually("nobody else is there", || sessions(&shared).len() == 1);
    // Whose fault it is: the session is ended, and another can begin at once. Here nobody else is broken by it.
    for _ in 0..3 {
        let output = program(&shared, "faults", "illegal").output().unwrap();
        // It hears of its fault, or already that its session is over.
        assert!(!text(&output.stdout).contains("instead of 0"), "{output:?}");
        eventually("its session is over", || {
            !sessions(&shared).contains_key("faults")
        });
        assert!(neighbour.goes_on(3));
    }
    let ends = shared.server.log();
    let ends = ends.matches("it came to the CUDA error 700").count();
    assert!((1..=3).contains(&ends), "{}", shared.server.log());
    let output = program(&shared, "faults", "assert").output().unwrap();
    assert!(text(&output.stdout).contains("PASS"), "{output:?}");
    assert!(neighbour.goes_on(3));
}

/// Where daemons of servers that have their temporary files there listen.
fn daemons_below(folder: &Path) -> Vec<String> {
    let found = std::fs::read_dir(folder).unwrap();
    let paths = found.map(|entry| entry.unwrap().path());
    let own = paths.filter(|path| path.display().to_string().contains("/pillion-mps-"));
    own.map(|path| path.join("pipe").display().to_string())
        .collect()
}

fn daemons(shared: &Shared) -> Vec<String> {
    daemons_below(&shared.server.folder.0)
}

fn daemon_in(pipes: &str) -> u32 {
    let number = std::fs::read_to_string(format!("{pipes}/pid"));
    number.unwrap().trim().parse().unwrap()
}

/// A folder with a program that stands in for the daemon.
fn with_daemon(text: &str) -> (Folder, String) {
    let folder = Folder::new();
    let path = folder.path("control");
    std::fs::write(&path, text).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let path = path.display().to_string();
    (folder, path)
}

#[test]
fn mps_is_started_for_dense_sessions_and_comes_back_when_it_has_ended() {
    let (folder, daemon) = with_daemon(DAEMON);
    let temporary = folder.0.display().to_string();
    let mut shared = Shared::start_with(
        folder,
        "cpu",
        &["crowd", "open", "alone"],
        "",
        IDENTITIES,
        &[("PILLION_MPS_CONTROL", &daemon), ("TMPDIR", &temporary)],
    );
    driver_program(&shared.server.folder, "crowd");
    // Not for others.
    let mut alone = shared.comes("alone");
    welcome(&mut alone);
    let isolated = environment(sessions(&shared)["alone"].worker_pid);
    assert!(!isolated.keys().any(|name| name.starts_with("CUDA_MPS")));
    assert_eq!(daemons(&shared), [""; 0]);
    drop(alone);
    let mut neighbour = Neighbour::start(&shared);
    assert!(neighbour.goes_on(3));
    let pipes = daemons(&shared).pop().unwrap();
    let first = daemon_in(&pipes);
    let dense = environment(sessions(&shared)["crowd"].worker_pid);
    assert_eq!(dense["CUDA_MPS_PIPE_DIRECTORY"], pipes);
    assert_eq!(dense["CUDA_MPS_ACTIVE_THREAD_PERCENTAGE"], "30");
    assert_eq!(dense["CUDA_MPS_PINNED_DEVICE_MEM_LIMIT"], "0=1280M");
    let mode = |path: &str| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&pipes), 0o700);
    // With it go those that it has.
    send(first, Signal::KILL);
    eventually("the session is over", || sessions(&shared).is_empty());
    assert!(!neighbour.goes_on(3));
    assert!(
        shared.server.log().contains(
            "NVIDIA's MPS, by which dense sessions share a device, is not there any more"
        ),
        "{}",
        shared.server.log()
    );
    drop(neighbour);
    let mut open = shared.comes("open");
    welcome(&mut open);
    open.ping();
    let left = daemons(&shared);
    let second = daemon_in(&left[0]);
    assert!(
        first != second && pipes != left[0] && left.len() == 1,
        "{left:?}"
    );
    let dense = environment(sessions(&shared)["open"].worker_pid);
    assert!(!dense.contains_key("CUDA_MPS_ACTIVE_THREAD_PERCENTAGE"));
    assert_eq!(dense["CUDA_MPS_PIPE_DIRECTORY"], left[0]);
    // Neither is left of a broker that is killed; the folder goes when the next one needs one.
    shared.server.signal(Signal::KILL);
    shared.server.wait();
    eventually("the daemon has ended", || !alive(second));
    assert_eq!(daemons(&shared), left);
    let (next, daemon) = with_daemon(DAEMON);
    let of_the_first = shared.server.folder.0.clone();
    let mut shared = Shared::start_with(
        next,
        "cpu",
        &["open"],
        "",
        IDENTITIES,
        &[("PILLION_MPS_CONTROL", &daemon), ("TMPDIR", &temporary)],
    );
    let mut open = shared.comes("open");
    welcome(&mut open);
    let now = daemons_below(&of_the_first);
    assert!(now.len() == 1 && now != left, "{now:?}");
    drop(open);
    shared.server.signal(Signal::TERM);
    shared.server.wait();
    assert_eq!(daemons_below(&of_the_first), [""; 0]);
}

#[test]
fn who_cannot_have_mps_hears_why() {
    let (folder, daemon) = with_daemon("#!/bin/sh\necho no driver >&2\nexit 3\n");
    let shared = Shared::start_with(
        folder,
        "cpu",
        &["open", "alone"],
        "",
        IDENTITIES,
        &[("PILLION_MPS_CONTROL", &daemon)],
    );
    let mut open = shared.comes("open");
    let said = open.hear();
    assert!(
        matches!(&said, Said::End(why) if why.contains("NVIDIA's MPS") && why.contains("exited with status 3")),
        "{said:?}"
    );
    // Others are none the worse for it.
    let mut alone = shared.comes("alone");
    welcome(&mut alone);
    alone.ping();
}
