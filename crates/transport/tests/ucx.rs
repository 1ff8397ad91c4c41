//! What is particular to UCX: that it may not be there, and peers that do not keep to the rules.

mod common;

use common::{receive_some, send};
use pillion_transport::conformance::{meet, skipped};
use pillion_transport::{
    ConnectOptions, Connection, Handoff, Interest, ListenOptions, Uri, connect, listen, ucx,
};
use std::io::{ErrorKind, IoSlice, IoSliceMut, Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::Duration;

const SOON: Duration = Duration::from_secs(30);
/// Says to a child of a test what it is.
const ROLE: &str = "PILLION_TEST_UCX_ROLE";

/// Whether there is UCX here; `PILLION_TEST_UCX` says that it must be.
fn there(test: &str) -> bool {
    match ucx::version() {
        Ok(_) => true,
        Err(error) if std::env::var_os("PILLION_TEST_UCX").is_some() => panic!("{error}"),
        Err(error) => {
            skipped(test, &error.to_string());
            false
        }
    }
}

fn any() -> Uri {
    "ucx://127.0.0.1:0".parse().unwrap()
}

/// The library is looked for once in a process, so this is asked in another.
fn child(role: &str, library: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["as_a_child", "--exact", "--nocapture", "--test-threads=1"])
        .env(ROLE, role);
    if !library.is_empty() {
        command.env("PILLION_UCX", library);
    }
    command
}

/// Not a test of its own.
#[test]
fn as_a_child() {
    match std::env::var(ROLE).as_deref() {
        Ok("errors") => {
            let listening = listen(&any(), &ListenOptions::default()).err().unwrap();
            // Behind what the harness has begun to say.
            println!("\nsaid {listening}");
            let connecting = connect(&any(), SOON).unwrap_err();
            println!("said {connecting}");
        }
        Ok("manners") => manners(),
        Ok("serves a liar") => serve_a_liar(),
        _ => {}
    }
}

#[test]
fn where_there_is_no_ucx_an_error_says_what_to_do() {
    for (library, words) in [
        ("/nowhere/libucp.so.0", "install version 1.13 or newer"),
        // A library, but not that.
        ("libc.so.6", "has no ucp_get_version"),
    ] {
        let output = child("errors", library).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
        let said: Vec<_> = said
            .lines()
            .filter_map(|l| l.strip_prefix("said "))
            .collect();
        let [listening, connecting] = said[..] else {
            panic!("{said:?}");
        };
        assert!(
            listening.starts_with("cannot listen on ucx://127.0.0.1:0"),
            "{listening}"
        );
        assert!(
            connecting.starts_with("cannot connect to ucx://127.0.0.1:0"),
            "{connecting}"
        );
        for sentence in [listening, connecting] {
            assert!(
                sentence.contains(words) && sentence.contains("PILLION_UCX"),
                "{sentence}"
            );
        }
    }
}

/// UCX leaves a program's signal handlers, its memory functions, its environment and its standard output alone.
#[test]
fn it_leaves_the_program_alone() {
    if there("it_leaves_the_program_alone") {
        let output = child("manners", "").output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}{output:?}");
        assert!(!said.contains("UCX"), "{said}");
    }
}

fn manners() {
    let handlers = || -> Vec<usize> {
        (1..32)
            .map(|signal| {
                // SAFETY: plain data, which the call fills; nothing is set.
                let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
                // SAFETY: as above.
                unsafe { libc::sigaction(signal, std::ptr::null(), &raw mut action) };
                action.sa_sigaction
            })
            .collect()
    };
    // The beginnings of what UCX would patch.
    let code = || -> Vec<[u8; 16]> {
        [
            c"mmap", c"munmap", c"mremap", c"brk", c"madvise", c"shmat", c"free", c"malloc",
        ]
        .into_iter()
        .map(|name| {
            // SAFETY: a C string; functions are longer than that, and readable.
            unsafe { *libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()).cast::<[u8; 16]>() }
        })
        .collect()
    };
    let environment = || std::env::vars_os().collect::<Vec<_>>();
    let before = (handlers(), code(), environment());
    let (mut near, mut far) = pair();
    exchange(&mut near, &mut far);
    assert_eq!((handlers(), code(), environment()), before);
}

/// Two ends of a connection that goes over UCX, the connecting one first.
fn pair() -> (Connection, Connection) {
    let listener = listen(&any(), &ListenOptions::default().in_place()).unwrap();
    meet(&*listener, &ConnectOptions::new(SOON))
}

/// Each hears just what the other says.
fn exchange(near: &mut Connection, far: &mut Connection) {
    let say = |from: &mut Connection, to: &mut Connection, bytes: &[u8]| {
        send(from, bytes);
        let mut room = [0; 64];
        let count = receive_some(to, &mut room).unwrap();
        assert_eq!(&room[..count], bytes);
    };
    for _ in 0..3 {
        say(near, far, b"question");
        say(far, near, b"answer");
    }
}

/// What goes over UCX cannot be handed on; before that it can.
#[test]
fn what_goes_over_ucx_stays_in_its_process() {
    if !there("what_goes_over_ucx_stays_in_its_process") {
        return;
    }
    let (mut near, mut far) = pair();
    exchange(&mut near, &mut far);
    let error = far.handoff().unwrap_err().to_string();
    assert!(error.contains("stays in its process"), "{error}");
}

#[test]
fn a_malformed_state_is_refused() {
    let (one, _other) = std::os::unix::net::UnixStream::pair().unwrap();
    for state in [vec![], vec![2], vec![0; 9], vec![1; 40], vec![0xff; 100]] {
        let handoff = Handoff {
            scheme: "ucx".to_owned(),
            fds: vec![one.try_clone().unwrap().into()],
            state: state.into(),
        };
        let error = Connection::from_handoff(handoff).unwrap_err().to_string();
        assert!(error.contains("malformed"), "{error}");
    }
}

#[test]
fn only_loopback_unless_it_is_said() {
    if !there("only_loopback_unless_it_is_said") {
        return;
    }
    for address in ["ucx://0.0.0.0:0", "ucx://tls://0.0.0.0:0"] {
        let error = listen(&address.parse().unwrap(), &ListenOptions::default())
            .err()
            .unwrap();
        assert!(error.to_string().contains("neither encrypted"), "{error}");
    }
}

/// A peer whose worker's address is nonsense, of any length, ends its own session, whatever UCX makes of it: an error, or the end of the
/// process, which serves nobody else.
#[test]
fn a_made_up_address_ends_its_own_session() {
    if !there("a_made_up_address_ends_its_own_session") {
        return;
    }
    let output = child("serves a liar", "").output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    // A crash of UCX's is the worker's own.
    let crashed = output.status.code().is_none();
    assert!(
        crashed || said.contains("all were refused"),
        "{said}{output:?}"
    );
}

fn serve_a_liar() {
    let listener = listen(&any(), &ListenOptions::default().in_place()).unwrap();
    let port = listener.uri().to_string();
    let port: u16 = port.rsplit(':').next().unwrap().parse().unwrap();
    for (length, byte) in [
        (1, 0u8),
        (8, 0xff),
        (100, 0x41),
        (32 << 10, 0xff),
        (4096, 1),
    ] {
        let liar = thread::spawn(move || {
            let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
            let mut said = b"PLNUCX02".to_vec();
            said.push(1);
            said.extend_from_slice(&(24 + length as u32).to_le_bytes());
            said.extend_from_slice(&[9; 16]);
            said.extend_from_slice(&(1u32 << 20).to_le_bytes());
            said.extend_from_slice(&[1, 16, 0, 1]);
            said.resize(said.len() + length, byte);
            stream.write_all(&said).unwrap();
            // Until the other side gives up.
            stream.set_read_timeout(Some(SOON)).unwrap();
            let _ = stream.read_to_end(&mut Vec::new());
        });
        let mut end = listener.accept().unwrap();
        end.establish(None, SOON).unwrap();
        loop {
            let mut bytes = [0; 64];
            match end.receiver.try_recv(&mut [IoSliceMut::new(&mut bytes)]) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    let sent = end.sender.try_send(&[IoSlice::new(b"x")]);
                    if sent.is_err_and(|error| error.kind() != ErrorKind::WouldBlock) {
                        break;
                    }
                    let wait = Some(Duration::from_millis(200));
                    end.poller.wait(Interest::READABLE, None, wait).unwrap();
                }
                Err(_) => break,
                Ok(_) => panic!("it says something"),
            }
        }
        drop(end);
        liar.join().unwrap();
    }
    println!("\nall were refused");
}
