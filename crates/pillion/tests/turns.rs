//! Sessions that give a device work in turns.

mod common;

use std::io::Read;
use std::process::{Child, ChildStdin};
use std::sync::{Mutex, PoisonError};

use common::{Shared, driver_program, eventually, program_of, send, text};
use pillion_server::broker::{SessionStatus, TenantStatus};
use rustix::process::Signal;

/// One at a time: they want all of the processors.
static ALONE: Mutex<()> = Mutex::new(());

const SHARING: &str = "[sharing]\nturns = true\nquantum = 4\n";

/// A program that always has work, until it is told to end.
struct Greedy {
    child: Child,
    input: Option<ChildStdin>,
}

impl Greedy {
    fn start(shared: &Shared, name: &str, at_once: u32) -> Self {
        let at_once = at_once.to_string();
        let mut child = program_of(shared, name, "turns", &at_once).spawn().unwrap();
        let input = child.stdin.take();
        Greedy { child, input }
    }

    /// All that it gave the device was executed, once.
    #[track_caller]
    fn ends_well(mut self) {
        drop(self.input.take());
        let (mut printed, mut said) = (Vec::new(), Vec::new());
        self.child
            .stdout
            .take()
            .unwrap()
            .read_to_end(&mut printed)
            .unwrap();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_end(&mut said)
            .unwrap();
        let is_well = self.child.wait().unwrap().success();
        assert!(
            is_well && text(&printed).contains("PASS"),
            "{}{}",
            text(&printed),
            text(&said)
        );
    }
}

impl Drop for Greedy {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn shared(tables: &str) -> Shared {
    let shared = Shared::start("cpu", &["light", "heavy"], &format!("{SHARING}{tables}"));
    driver_program(&shared.server.folder, "turns");
    shared
}

fn of(shared: &Shared, name: &str) -> TenantStatus {
    let tenants = shared.server.status().tenants.into_iter();
    let mut own = tenants.filter(|tenant| tenant.identity == name);
    own.next().unwrap_or_default()
}

fn session(shared: &Shared, name: &str) -> SessionStatus {
    let sessions = shared.server.status().sessions.into_iter();
    let mut own = sessions.filter(|session| session.identity == name);
    own.next().unwrap()
}

fn launches(shared: &Shared, name: &str) -> u64 {
    of(shared, name).used.launches
}

/// What part of the device's time `light` has, over two seconds of it that both want, once they have wanted it for a second. On a machine with
/// much else to do that is not what the weights say: whoever is not executed has nothing for the device. But it is far from a half.
fn part(shared: &Shared) -> f64 {
    let busy = || ["light", "heavy"].map(|name| of(shared, name).used.busy);
    let passes = |nanoseconds: u64| {
        let before = busy();
        let mut after = before;
        eventually("the device works for both", || {
            after = busy();
            let all = after[0] + after[1] - before[0] - before[1];
            all > nanoseconds && after[0] > before[0] && after[1] > before[1]
        });
        (before, after)
    };
    passes(1_000_000_000);
    let (before, after) = passes(2_000_000_000);
    let light = (after[0] - before[0]) as f64;
    light / (light + (after[1] - before[1]) as f64)
}

#[test]
fn who_always_has_work_gets_the_device_by_weight() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let shared = shared(
        "[[identity]]\nname = 'light'\nweight = 30\n[[identity]]\nname = 'heavy'\nweight = 70\n",
    );
    // The one gives much at once, which is of no use to it.
    let light = Greedy::start(&shared, "light", 200);
    let heavy = Greedy::start(&shared, "heavy", 50);
    let measured = part(&shared);
    eprintln!("30 of 100 is {measured:.3}");
    assert!((0.1..0.43).contains(&measured), "{measured}");
    // Several of one's own share one's part.
    let more = [0; 2].map(|_| Greedy::start(&shared, "light", 20));
    eventually("all of them work", || of(&shared, "light").sessions == 3);
    let measured = part(&shared);
    eprintln!("three of 30 are {measured:.3}");
    assert!((0.1..0.43).contains(&measured), "{measured}");
    // And another weight counts at once.
    for other in more {
        other.ends_well();
    }
    let id = session(&shared, "light").id;
    let output = common::pillion()
        .args(["change", &id, "--weight", "210", "--server"])
        .arg(shared.server.unix.to_string())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let measured = part(&shared);
    eprintln!("210 of 280 is {measured:.3}");
    assert!((0.57..0.9).contains(&measured), "{measured}");
    light.ends_well();
    heavy.ends_well();
}

#[test]
fn who_has_the_turn_and_does_nothing_loses_it() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let shared = shared("");
    let greedy = [
        Greedy::start(&shared, "light", 5),
        Greedy::start(&shared, "heavy", 5),
    ];
    for name in ["light", "heavy"] {
        eventually("both work", || launches(&shared, name) > 100);
    }
    // Whether it has the turn just now or not.
    let stopped = session(&shared, "light").worker_pid;
    send(stopped, Signal::STOP);
    let before = launches(&shared, "heavy");
    eventually("the other works", || {
        launches(&shared, "heavy") > before + 500
    });
    send(stopped, Signal::CONT);
    let before = launches(&shared, "light");
    eventually("it works again", || {
        launches(&shared, "light") > before + 100
    });
    // And one that has gone has no turn.
    send(stopped, Signal::KILL);
    let before = launches(&shared, "heavy");
    eventually("the other works", || {
        launches(&shared, "heavy") > before + 500
    });
    let [_, heavy] = greedy;
    heavy.ends_well();
    eventually("no session is left", || {
        shared.server.status().sessions.is_empty()
    });
}
