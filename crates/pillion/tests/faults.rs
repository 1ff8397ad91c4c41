//! What goes wrong in one session is nothing to the others.

mod common;

use std::io::Read;
use std::process::Child;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::{Neighbour, Shared, driver_program, eventually, program, send, text};
use rustix::process::Signal;

/// A program that goes wrong by itself, as it should.
fn goes_wrong(shared: &Shared, kind: &str) {
    let output = program(shared, "faults", kind).output().unwrap();
    let printed = text(&output.stdout);
    assert!(
        output.status.success() && printed.contains("PASS"),
        "{kind}: {printed}{}",
        text(&output.stderr)
    );
}

/// One that goes on until it is killed, or its worker or itself is stopped, and has begun to.
fn goes_on(shared: &Shared, kind: &str) -> Child {
    let mut child = program(shared, "faults", kind).spawn().unwrap();
    let mut said = [0; 6];
    child
        .stdout
        .as_mut()
        .unwrap()
        .read_exact(&mut said)
        .unwrap();
    assert_eq!(&said, b"going\n");
    child
}

fn faulty(shared: &Shared) -> Option<u32> {
    let sessions = shared.server.status().sessions.into_iter();
    let mut own = sessions.filter(|session| session.identity == "faults");
    own.next().map(|session| session.worker_pid)
}

/// Says that it is over, however it ends.
struct Ends<'a>(&'a AtomicBool);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn neighbours_lose_nothing(tables: &str) {
    let tables = format!("[[identity]]\nname = 'faults'\nmemory = '256M'\n{tables}");
    let shared = Shared::start("cpu", &["crowd", "faults"], &tables);
    for name in ["crowd", "faults"] {
        driver_program(&shared.server.folder, name);
    }
    let (over, rounds) = (AtomicBool::new(false), AtomicU64::new(0));
    let mut neighbour = Neighbour::start(&shared);
    std::thread::scope(|scope| {
        let watch = scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                assert!(neighbour.goes_on(20));
                rounds.fetch_add(1, Ordering::Relaxed);
            }
        });
        let ends = Ends(&over);
        let goes_on_beside = |what: &str| {
            let before = rounds.load(Ordering::Relaxed);
            eventually(&format!("others work beside {what}"), || {
                assert!(
                    !watch.is_finished(),
                    "the neighbour has failed beside {what}"
                );
                rounds.load(Ordering::Relaxed) > before + 3
            });
        };
        for kind in ["illegal", "assert", "memory"] {
            goes_wrong(&shared, kind);
            goes_on_beside(kind);
        }
        for kind in ["endless", "unread"] {
            for how in [
                "the program is killed",
                "its worker is killed",
                "it is stopped",
            ] {
                let mut child = goes_on(&shared, kind);
                let mut worker = None;
                eventually("its session is there", || {
                    worker = faulty(&shared);
                    worker.is_some()
                });
                goes_on_beside(kind);
                match how {
                    "the program is killed" => send(child.id(), Signal::KILL),
                    "its worker is killed" => send(worker.unwrap(), Signal::KILL),
                    _ => {
                        send(child.id(), Signal::STOP);
                        goes_on_beside("one that does not read");
                        send(child.id(), Signal::KILL);
                    }
                }
                goes_on_beside(how);
                eventually("its session is over", || faulty(&shared).is_none());
                let _ = child.kill();
                child.wait().unwrap();
            }
        }
        drop(ends);
        watch.join().unwrap();
    });
    drop(neighbour);
    eventually("no session is left", || {
        shared.server.status().sessions.is_empty()
    });
}

#[test]
fn neighbours_lose_nothing_by_any_fault() {
    neighbours_lose_nothing("");
}

#[test]
fn neighbours_lose_nothing_by_any_fault_where_sessions_take_turns() {
    neighbours_lose_nothing("[sharing]\nturns = true\n");
}
