//! Who gets a place on the devices, and who waits for one.

mod common;

use std::io::Read;
use std::process::{Command, Stdio};

use common::{
    Client, Folder, Said, Shared, driver_program, eventually, is_at, pillion, text, welcome,
};
use pillion_protocol::{Hello, Interface, command};
use rustix::process::Signal;

#[test]
fn whoever_is_to_be_alone_is_and_others_wait_for_it() {
    let shared = Shared::start(
        "cpu:2",
        &["ada", "bob"],
        "[[identity]]\nname = 'ada'\nmode = 'exclusive'\ngpu-count = 1\n",
    );
    let (mut first, mut second) = (shared.comes("ada"), shared.comes("ada"));
    for client in [&mut first, &mut second] {
        assert_eq!(welcome(client).devices.len(), 1);
    }
    let mut gpus = shared.gpus();
    gpus.sort();
    assert_eq!(gpus, [[0], [1]]);
    first.ping();
    second.ping();
    let mut third = shared.comes("ada");
    is_at(&mut third, 1);
    let mut fourth = shared.comes("ada");
    is_at(&mut fourth, 2);
    // Bob would be beside somebody who is to be alone.
    let mut bob = shared.comes("bob");
    assert!(matches!(bob.hear(), Said::Queued(1..=3)));
    let queue = shared.server.status().queue;
    let places: Vec<usize> = queue.iter().map(|waiting| waiting.position).collect();
    assert_eq!(places, [1, 2, 3]);
    assert!(queue.iter().any(|waiting| waiting.identity == "bob"));
    let shown = pillion()
        .args(["status", "--server", &shared.server.unix.to_string()])
        .output()
        .unwrap();
    let shown = text(&shown.stdout);
    assert!(shown.contains("waiting for a place on the GPUs"), "{shown}");
    assert!(shown.contains("bob") && shown.contains("busy"), "{shown}");
    // Who asks about the devices does not use them.
    let mut asks = shared.greets("bob", |hello| hello.only_asks = true);
    assert_eq!(welcome(&mut asks).devices.len(), 2);
    // Nor may it, whatever it has said.
    asks.frame(Interface::Cuda, command::cuda::PRIMARY_RETAIN, 1, &[0; 16]);
    assert!(matches!(asks.hear(), Said::End(_)));
    drop(asks);
    // Who has waited and leaves is in nobody's way. Bob has used nothing yet, so he is before them.
    is_at(&mut fourth, 3);
    drop(third);
    is_at(&mut fourth, 2);
    drop(first);
    assert_eq!(welcome(&mut fourth).devices.len(), 1);
    fourth.ping();
    second.ping();
    drop((second, fourth));
    // Bob sees both, as nobody has said anything else of him.
    assert_eq!(welcome(&mut bob).devices.len(), 2);
    bob.ping();
    eventually("one session is left", || shared.gpus() == [[0, 1]]);
}

#[test]
fn somebody_sees_the_devices_that_he_may_be_on_and_no_others() {
    let shared = Shared::start(
        "cpu:3",
        &["ada", "bob"],
        "[[identity]]\nname = 'ada'\ngpus = '0,2'\n[[identity]]\nname = 'bob'\ngpus = '1'\n",
    );
    let all = welcome(&mut shared.greets("ada", |hello| hello.only_asks = true)).devices;
    assert_eq!(all.len(), 2);
    let seen = |name: &str, list: Option<&str>| {
        let mut client = shared.greets(name, |hello| hello.devices = list.map(str::to_string));
        let devices = welcome(&mut client).devices;
        let gpus = shared.gpus().pop().unwrap();
        (
            devices.iter().map(|device| device.uuid).collect::<Vec<_>>(),
            gpus,
        )
    };
    let uuids: Vec<[u8; 16]> = all.iter().map(|device| device.uuid).collect();
    assert_eq!(seen("ada", None), (uuids.clone(), vec![0, 2]));
    assert_eq!(seen("ada", Some("1")), (vec![uuids[1]], vec![2]));
    assert_eq!(
        seen("ada", Some("1,0")),
        (vec![uuids[1], uuids[0]], vec![0, 2])
    );
    assert_eq!(seen("ada", Some("")), (vec![], vec![]));
    assert_eq!(seen("ada", Some("2")), (vec![], vec![]));
    let none = |hello: &mut Hello| (hello.only_asks, hello.devices) = (true, Some(String::new()));
    assert!(welcome(&mut shared.greets("bob", none)).devices.is_empty());
    let (theirs, gpus) = seen("bob", None);
    assert_eq!((theirs.len(), gpus), (1, vec![1]));
    assert!(!uuids.contains(&theirs[0]));
}

#[test]
fn memory_is_kept_for_those_to_whom_it_is_promised() {
    let first = Shared::start("cpu", &["ada"], "");
    let total = welcome(&mut first.comes("ada")).devices[0].total_memory;
    drop(first);
    let part = total * 6 / 10;
    let shared = Shared::start(
        "cpu",
        &["ada", "bob", "eve"],
        &format!(
            "[everybody]\nmemory = {part}\n[[identity]]\nname = 'bob'\nmemory = {}\n[[identity]]\nname = 'eve'\nmemory = {}\n",
            total / 5,
            total + 1
        ),
    );
    let mut ada = shared.comes("ada");
    assert_eq!(welcome(&mut ada).devices[0].total_memory, part);
    let mut other = shared.comes("ada");
    is_at(&mut other, 1);
    // There is room for less.
    assert_eq!(
        welcome(&mut shared.comes("bob")).devices[0].total_memory,
        total / 5
    );
    match shared.comes("eve").hear() {
        Said::End(reason) => assert!(reason.contains("ask for less"), "{reason}"),
        other => panic!("{other:?}"),
    }
    drop(ada);
    assert_eq!(welcome(&mut other).devices[0].total_memory, part);
}

#[test]
fn the_higher_class_goes_first_and_older_clients_wait_without_a_word() {
    let shared = Shared::start(
        "cpu",
        &["low", "high"],
        "[everybody]\nmode = 'exclusive'\n[[identity]]\nname = 'low'\npriority = 'low'\n[[identity]]\nname = 'high'\npriority = 'high'\n",
    );
    let mut first = shared.comes("low");
    welcome(&mut first);
    let mut low = shared.comes("low");
    is_at(&mut low, 1);
    let mut older = shared.greets("low", |hello| hello.waits = false);
    let mut high = shared.comes("high");
    is_at(&mut high, 1);
    // It may have been told so before.
    match low.hear() {
        Said::Queued(2 | 3) => {}
        other => panic!("{other:?}"),
    }
    drop(first);
    welcome(&mut high);
    drop(high);
    welcome(&mut low);
    drop(low);
    // The first thing that it hears.
    assert!(matches!(older.hear(), Said::Welcome(_)));
}

#[test]
fn a_program_says_that_it_waits_and_then_runs() {
    let shared = Shared::start(
        "cpu",
        &["ada"],
        "[everybody]\nmode = 'exclusive'\nmemory = '64M'\n",
    );
    let mut first = shared.comes("ada");
    welcome(&mut first);
    let folder = &shared.server.folder;
    driver_program(folder, "quota");
    let mut program = Command::new(folder.path("quota"))
        .args(["0", "7"])
        .env("LD_LIBRARY_PATH", &folder.0)
        .env("PILLION_SERVER", shared.server.unix.to_string())
        .env("PILLION_TOKEN", shared.token("ada"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    eventually("somebody waits", || shared.server.status().queue.len() == 1);
    drop(first);
    let mut said = String::new();
    program
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut said)
        .unwrap();
    assert!(program.wait().unwrap().success(), "{said}");
    assert!(said.contains("number 1 in its queue"), "{said}");
}

#[test]
fn those_who_wait_hear_of_the_servers_end() {
    let mut shared = Shared::start("cpu", &["ada"], "[everybody]\nmode = 'exclusive'\n");
    let mut first = shared.comes("ada");
    welcome(&mut first);
    let mut waiting: Vec<Client> = (0..20).map(|_| shared.comes("ada")).collect();
    for client in &mut waiting {
        assert!(matches!(client.hear(), Said::Queued(_)));
    }
    shared.server.signal(Signal::TERM);
    for client in &mut waiting {
        let end = loop {
            match client.hear() {
                Said::Queued(_) => {}
                Said::End(reason) => break reason,
                other => panic!("{other:?}"),
            }
        };
        assert!(end.contains("shutting down"), "{end}");
    }
    first.ping();
    drop(first);
    assert!(shared.server.wait().success());
}

#[test]
fn what_contradicts_itself_is_told_with_its_line() {
    let check = |tables: &str| {
        let folder = Folder::new();
        std::fs::write(folder.path("pillion.toml"), tables).unwrap();
        let output = pillion()
            .args(["serve", "--check", "--config"])
            .arg(folder.path("pillion.toml"))
            .output()
            .unwrap();
        (output.status.success(), text(&output.stderr))
    };
    for (tables, said) in [
        ("[everybody]\nmode = 'crowded'\n", "there are"),
        ("[everybody]\ngpus = '0,x'\n", "no list of GPUs"),
        ("[everybody]\ngpus = '0,1'\ngpu-count = 3\n", "cannot see 3"),
        ("[everybody]\nweight = 5000\n", "1 to 1000"),
        ("[sharing]\nfill = 'pile'\n", "`pack`"),
        ("[sharing]\npatiense = 3\n", "patience"),
    ] {
        let (fine, errors) = check(tables);
        assert!(!fine && errors.contains(said), "{tables}: {errors}");
        assert!(errors.contains("pillion.toml:"), "{errors}");
    }
    let (fine, errors) = check(
        "[everybody]\nmode = 'exclusive'\npriority = 'high'\nweight = 30\ngpus = '0,2'\ngpu-count = 1\nmemory = '1G'\n[sharing]\nfill = 'pack'\npatience = 60\nhalf-life = 600\nmax-waiting = 10\n",
    );
    assert!(fine, "{errors}");
}
