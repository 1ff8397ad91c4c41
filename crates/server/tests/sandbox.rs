//! What a process can still do once it is shut in as a worker is, and what it cannot.

use std::ffi::CString;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream, UdpSocket};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use pillion_server::worker::sandbox::{Sandbox, enter};
use pillion_test_support::Folder;

/// What says to the test program that it is the process that is to be shut in, and how.
const ROLE: &str = "PILLION_TEST_SANDBOX";

/// And that it may use the network.
const NETWORK: &str = "PILLION_TEST_NETWORK";

/// What a worker may use of the user's, and what not.
fn folders() -> Folder {
    let folder = Folder::new();
    for name in ["cache", "home", "private"] {
        fs::create_dir(folder.path(name)).unwrap();
    }
    fs::write(folder.path("private/token"), "secret").unwrap();
    folder
}

/// What only Landlock refuses.
const OF_FILES: [&str; 7] = [
    "no file of another's",
    "no writing there",
    "no file beside it",
    "no listing there",
    "no removing there",
    "no users",
    "no environment of another's",
];

/// Whether this kernel has Landlock, and has not switched it off.
fn has_landlock() -> bool {
    const VERSION: u32 = 1;
    // SAFETY: asks for a number; nothing is read or made.
    let version = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            std::ptr::null::<libc::c_void>(),
            0usize,
            VERSION,
        )
    };
    version > 0
}

/// What a process finds that is shut in this way: a line for everything it tries.
fn tried(sandbox: Sandbox) -> String {
    tried_with(sandbox, &[])
}

fn tried_with(sandbox: Sandbox, variables: &[&str]) -> String {
    let folder = folders();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let program = std::env::current_exe().unwrap();
    let output = Command::new(&program)
        .args(["child", "--exact", "--nocapture", "--test-threads=1"])
        .env(ROLE, sandbox.to_string())
        .envs(variables.iter().map(|name| (*name, "1")))
        .env("HOME", folder.0.join("home"))
        .env("PILLION_TEST_FOLDER", &folder.0)
        .env(
            "PILLION_TEST_PORT",
            listener.local_addr().unwrap().port().to_string(),
        )
        // As a place of libraries a worker may read it.
        .env("LD_LIBRARY_PATH", program.parent().unwrap())
        .env_remove("CUDA_CACHE_PATH")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}{output:?}");
    let lines = said.lines().filter_map(|line| line.strip_prefix("tried "));
    lines.map(|line| format!("{line}\n")).collect()
}

#[test]
fn a_worker_has_what_it_needs_and_nothing_else() {
    has_what_it_needs(&tried(Sandbox::On), &[]);
}

#[test]
fn a_worker_for_ucx_has_the_network_besides() {
    let network = [
        "no connection",
        "no listening",
        "no packets",
        "no network's settings",
    ];
    has_what_it_needs(&tried_with(Sandbox::On, &[NETWORK]), &network);
}

/// All that it needs, nothing that it does not, and of that what is said besides.
fn has_what_it_needs(said: &str, besides: &[&str]) {
    let restricts_files = has_landlock();
    if !restricts_files {
        eprintln!("this kernel has no Landlock: what concerns files is not looked at");
    }
    for line in said.lines() {
        let (what, came) = line.split_once(": ").unwrap();
        let allowed = !what.starts_with("no ") || besides.contains(&what);
        let is_of_files = OF_FILES.iter().any(|what| line.starts_with(what));
        if is_of_files && !restricts_files {
            continue;
        }
        assert_eq!(came == "ok", allowed, "{line}\n{said}");
        // Refused for what it is, not for another reason.
        assert!(allowed || came == "EPERM" || came == "EACCES", "{line}");
    }
    assert!(said.lines().count() > 30, "{said}");
}

/// The same attempts succeed where nothing is shut, so it is that which refuses them.
#[test]
fn it_is_the_sandbox_that_refuses() {
    for sandbox in [Sandbox::Off, Sandbox::Log] {
        let said = tried(sandbox);
        let refused = said
            .lines()
            .filter(|line| line.starts_with("no ") && !line.ends_with(": ok"));
        // These are not permitted to everybody anyway.
        let refused: Vec<_> = refused
            .filter(|line| {
                !["mount", "namespace", "keys", "virtual machines"]
                    .iter()
                    .any(|word| line.contains(word))
            })
            .collect();
        assert!(refused.is_empty(), "{sandbox}: {refused:?}");
    }
}

/// Not a test of its own: the process that is shut in.
#[test]
fn child() {
    let Ok(role) = std::env::var(ROLE) else {
        return;
    };
    let folder = PathBuf::from(std::env::var_os("PILLION_TEST_FOLDER").unwrap());
    let port: u16 = std::env::var("PILLION_TEST_PORT").unwrap().parse().unwrap();
    let mut report = String::new();
    // The harness has threads, which a worker does not have yet: files are restricted of this one and those that it makes.
    let network = std::env::var_os(NETWORK).is_some();
    enter(role.parse().unwrap(), network, Some(&folder.join("cache"))).unwrap();
    let mut tell = |what: &str, came: io::Result<()>| {
        let came = match came {
            Ok(()) => "ok".to_owned(),
            Err(error) => match error.raw_os_error() {
                Some(libc::EPERM) => "EPERM".to_owned(),
                Some(libc::EACCES) => "EACCES".to_owned(),
                _ => error.to_string(),
            },
        };
        writeln!(report, "tried {what}: {came}").unwrap();
    };
    needed(&folder, &mut tell);
    not_needed(&folder, port, &mut tell);
    io::stdout()
        .write_all(format!("\n{report}").as_bytes())
        .unwrap();
}

fn needed(folder: &Path, tell: &mut impl FnMut(&str, io::Result<()>)) {
    let kept = folder.join("cache/by-ada");
    tell("a folder in the cache", fs::create_dir_all(&kept));
    tell("a file in the cache", fs::write(kept.join("tmp"), "bytes"));
    tell(
        "renaming it",
        fs::rename(kept.join("tmp"), kept.join("hash")),
    );
    tell("reading it", fs::read(kept.join("hash")).map(drop));
    tell("listing them", fs::read_dir(&kept).map(drop));
    tell("removing it", fs::remove_file(kept.join("hash")));
    let compiled = folder.join("home/.nv/ComputeCache");
    tell("the driver's cache", fs::create_dir_all(&compiled));
    tell("a file in it", fs::write(compiled.join("index"), "bytes"));
    let shared = format!("/dev/shm/pillion-test-{}", std::process::id());
    tell("shared memory", fs::write(&shared, "bytes"));
    tell("removing that", fs::remove_file(&shared));
    tell("a library", fs::read("/proc/self/exe").map(drop));
    tell(
        "what the kernel says",
        fs::read("/proc/self/maps").map(drop),
    );
    tell("the devices", fs::read("/proc/devices").map(drop));
    let thread = std::thread::Builder::new().name("named".into());
    let joined = thread.spawn(|| ()).map(|thread| thread.join().unwrap());
    tell("a thread", joined);
    tell("a Unix socket", UnixStream::pair().map(drop));
    // SAFETY: a C string; the descriptor is nobody else's.
    let memory = unsafe { OwnedFd::from_raw_fd(libc::memfd_create(c"graph".as_ptr(), 0)) };
    let again = format!("/proc/self/fd/{}", memory.as_raw_fd());
    tell(
        "memory as a file, by its name",
        File::create(again).map(drop),
    );
    tell("random numbers", random());
    // SAFETY: a signal of no meaning, to itself.
    tell(
        "asking after itself",
        done(i64::from(unsafe { libc::kill(libc::getpid(), 0) })),
    );
}

fn random() -> io::Result<()> {
    File::open("/dev/urandom")?.read_exact(&mut [0; 8])
}

fn not_needed(folder: &Path, port: u16, tell: &mut impl FnMut(&str, io::Result<()>)) {
    let token = folder.join("private/token");
    tell("no file of another's", fs::read(&token).map(drop));
    tell("no writing there", fs::write(&token, "other"));
    tell(
        "no file beside it",
        fs::write(folder.join("private/new"), "x"),
    );
    tell(
        "no listing there",
        fs::read_dir(folder.join("private")).map(drop),
    );
    tell("no removing there", fs::remove_file(&token));
    fs::write(folder.join("private/token"), "secret").unwrap_or(());
    tell("no users", fs::read("/etc/passwd").map(drop));
    // SAFETY: getppid takes nothing.
    let parent = unsafe { libc::getppid() };
    let others = format!("/proc/{parent}/environ");
    tell("no environment of another's", fs::read(others).map(drop));
    tell("no program", Command::new("/bin/true").status().map(drop));
    // SAFETY: the child does nothing but end.
    let forked = unsafe { libc::fork() };
    if forked == 0 {
        // SAFETY: ends the child.
        unsafe { libc::_exit(0) };
    }
    tell("no process", done(i64::from(forked)));
    tell(
        "no connection",
        TcpStream::connect(("127.0.0.1", port)).map(drop),
    );
    tell("no listening", TcpListener::bind("127.0.0.1:0").map(drop));
    tell("no packets", UdpSocket::bind("127.0.0.1:0").map(drop));
    let socket = |family, kind| {
        // SAFETY: integers; the descriptor is left to the process's end.
        done(i64::from(unsafe { libc::socket(family, kind, 0) }))
    };
    tell(
        "no network's settings",
        socket(libc::AF_NETLINK, libc::SOCK_RAW),
    );
    tell(
        "no virtual machines",
        socket(libc::AF_VSOCK, libc::SOCK_STREAM),
    );
    // SAFETY: a signal of no meaning.
    tell(
        "no signal to others",
        done(i64::from(unsafe { libc::kill(parent, 0) })),
    );
    let path = CString::new(folder.join("cache").to_str().unwrap()).unwrap();
    let nothing = std::ptr::null::<libc::c_void>();
    // SAFETY: what is refused does nothing; what is not works on the folders of this test, on this process, and on memory of its own.
    unsafe {
        tell(
            "no other rights",
            done(i64::from(libc::chmod(path.as_ptr(), 0o700))),
        );
        tell(
            "no other owner",
            done(i64::from(libc::chown(
                path.as_ptr(),
                libc::getuid(),
                libc::getgid(),
            ))),
        );
        tell(
            "no namespace",
            done(libc::syscall(libc::SYS_unshare, libc::CLONE_NEWUTS)),
        );
        let none = std::ptr::null();
        let mounted = libc::mount(path.as_ptr(), path.as_ptr(), none, libc::MS_BIND, nothing);
        tell("no mount", done(i64::from(mounted)));
        if mounted == 0 {
            // Root's: the folder could not be removed.
            libc::umount(path.as_ptr());
        }
        let own = libc::iovec {
            iov_base: (&raw mut *tell).cast(),
            iov_len: 1,
        };
        let mut byte = 0u8;
        let to = libc::iovec {
            iov_base: (&raw mut byte).cast(),
            iov_len: 1,
        };
        tell(
            "no memory of a process",
            done(
                libc::process_vm_readv(libc::getpid(), &raw const to, 1, &raw const own, 1, 0)
                    as i64,
            ),
        );
        tell(
            "no descriptor of a process",
            done(libc::syscall(libc::SYS_pidfd_open, libc::getpid(), 0)),
        );
        tell("no keys", done(libc::syscall(libc::SYS_keyctl, 0, -1, 1)));
        tell(
            "no other personality",
            done(i64::from(libc::personality(0xffff_ffff))),
        );
        tell(
            "no queue to the kernel",
            done(libc::syscall(libc::SYS_inotify_init1, 0)),
        );
    }
}

fn done(result: i64) -> io::Result<()> {
    match result {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
