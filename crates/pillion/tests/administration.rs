//! What an operator has a server do while it runs, and what it writes down of its sessions.

mod common;

use std::path::Path;
use std::process::Output;

use common::{
    Client, Folder, Said, Server, Shared, eventually, is_at, pillion, send, text, welcome,
};
use pillion_protocol::Decoder;
use pillion_transport::Uri;
use rustix::process::Signal;
use serde_json::Value;

/// `cuMemGetInfo_v2`.
const MEM_GET_INFO: u16 = 330;

/// `pillion`, with a token or without.
fn orders(server: &Uri, token: &str, words: &[&str]) -> Output {
    pillion()
        .args(words)
        .args(["--server", &server.to_string()])
        .env("PILLION_TOKEN", token)
        .output()
        .unwrap()
}

#[track_caller]
fn obeyed(server: &Uri, token: &str, words: &[&str]) -> String {
    let output = orders(server, token, words);
    assert!(
        output.status.success(),
        "{words:?}: {}",
        text(&output.stderr)
    );
    text(&output.stdout)
}

#[track_caller]
fn refused(server: &Uri, token: &str, words: &[&str]) -> String {
    let output = orders(server, token, words);
    let said = text(&output.stderr);
    assert!(
        !output.status.success(),
        "{words:?}: {}",
        text(&output.stdout)
    );
    assert!(!said.contains("panicked"), "{said}");
    said
}

/// How a session ends that is there.
fn end(client: &mut Client) -> String {
    loop {
        match client.hear() {
            Said::End(reason) => return reason,
            Said::Queued(_) => {}
            other => panic!("no end but {other:?}"),
        }
    }
}

fn id(shared: &Shared, identity: &str) -> String {
    let status = shared.server.status();
    let mut sessions = status.sessions.iter();
    let session = sessions.find(|session| session.identity == identity);
    session.expect(identity).id.clone()
}

#[test]
fn sessions_are_ended_by_those_who_may() {
    let shared = Shared::start("cpu", &["ada", "bob", "eve:admin", "root:manage"], "");
    let [unix, tcp] = [&shared.server.unix, &shared.server.tcp];
    let [ada, bob, eve, root] = ["ada", "bob", "eve", "root"].map(|name| shared.token(name));
    let mut first = shared.comes("ada");
    welcome(&mut first);
    let session = id(&shared, "ada");
    // Nobody else, and not at all who only asks.
    assert!(refused(tcp, bob, &["cancel", &session]).contains("yours"));
    assert!(refused(tcp, eve, &["cancel", &session]).contains("good for admin"));
    assert!(refused(tcp, "", &["cancel", &session]).contains("PILLION_TOKEN"));
    assert!(refused(unix, "", &["cancel", "0"]).contains("four digits"));
    assert!(refused(unix, "", &["cancel", "zzzz"]).contains("pillion status"));
    assert!(refused(unix, "", &["cancel", "w99"]).contains("pillion status"));
    first.ping();
    // Whose it is.
    obeyed(
        tcp,
        ada,
        &["cancel", &session, "--reason", "enough\u{1b}[2J"],
    );
    let reason = end(&mut first);
    assert!(reason.contains("ada has ended it: enough[2J"), "{reason}");
    assert_eq!(first.hear(), Said::Closed);
    // Who may anything, from afar and here, by the beginning of the name.
    for (server, token) in [(tcp, root), (unix, "")] {
        let mut client = shared.comes("bob");
        welcome(&mut client);
        let session = id(&shared, "bob");
        let said = obeyed(server, token, &["cancel", &session[..8], "--json"]);
        let said: Value = serde_json::from_str(&said).unwrap();
        assert!(said["said"][0].as_str().unwrap().contains(&session));
        assert!(end(&mut client).contains("the operator has ended it"));
        eventually("its worker has gone", || {
            shared.server.status().sessions.is_empty()
        });
    }
    for (words, said) in [
        (&["drain"][..], "manage"),
        (&["reload"], "manage"),
        (&["change", "abcd", "--weight", "3"], "manage"),
    ] {
        assert!(refused(tcp, ada, words).contains(said));
    }
    let tenants = shared.server.status().tenants;
    let of = |name: &str| tenants.iter().find(|line| line.identity == name).unwrap();
    assert_eq!(
        (of("ada").begun, of("ada").failed, of("bob").failed),
        (1, 1, 2)
    );
}

#[test]
fn who_waits_can_be_sent_away_or_preferred() {
    let shared = Shared::start("cpu", &["ada", "bob"], "[everybody]\nmode = 'exclusive'\n");
    let unix = &shared.server.unix;
    let mut first = shared.comes("ada");
    welcome(&mut first);
    // One after the other: their greetings may overtake each other.
    let waits = |place| {
        let mut client = shared.comes("bob");
        is_at(&mut client, place);
        client
    };
    let mut waiting = [waits(1), waits(2), waits(3)];
    let names: Vec<String> = shared
        .server
        .status()
        .queue
        .into_iter()
        .map(|one| one.id)
        .collect();
    assert_eq!(names.len(), 3);
    assert!(
        refused(
            &shared.server.tcp,
            shared.token("ada"),
            &["cancel", &names[1]]
        )
        .contains("yours")
    );
    obeyed(unix, "", &["cancel", &names[1]]);
    assert!(end(&mut waiting[1]).contains("the operator has ended it"));
    is_at(&mut waiting[2], 2);
    assert!(refused(unix, "", &["change", &names[2]]).contains("nothing is said"));
    assert!(refused(unix, "", &["change", &names[2], "--weight", "5000"]).contains("1 to 1000"));
    assert!(refused(unix, "", &["change", &names[2], "--memory", "1M"]).contains("16 MiB"));
    obeyed(
        unix,
        "",
        &["change", &names[2], "--priority", "high", "--memory", "64M"],
    );
    is_at(&mut waiting[2], 1);
    drop(first);
    let welcomed = welcome(&mut waiting[2]);
    assert_eq!(welcomed.devices[0].total_memory, 64 << 20);
}

#[test]
fn a_running_session_has_more_or_less_memory_from_then_on() {
    let shared = Shared::start(
        "cpu",
        &["ada", "bob"],
        "[[identity]]\nname = 'ada'\nmemory = '64M'\n",
    );
    let unix = &shared.server.unix;
    let mut client = shared.comes("ada");
    welcome(&mut client);
    let context = client.primary_context();
    let session = id(&shared, "ada");
    for megabytes in [200u64, 32, 100] {
        obeyed(
            unix,
            "",
            &[
                "change",
                &session,
                "--memory",
                &format!("{megabytes}M"),
                "--weight",
                "7",
            ],
        );
        // The worker looks when it has nothing to do.
        eventually("the worker has heard of it", || {
            let asked = client.command(MEM_GET_INFO, context, &[]);
            let answer = client.succeeds(asked).unwrap();
            let mut answer = Decoder::new(&answer);
            let (free, total): (u64, u64) = (answer.scalar().unwrap(), answer.scalar().unwrap());
            assert!(free <= total);
            total == megabytes << 20
        });
        assert_eq!(shared.server.status().gpus[0].promised, megabytes << 20);
    }
    assert!(refused(unix, "", &["change", &session, "--memory", "900T"]).contains("ask for less"));
    let mut other = shared.comes("bob");
    welcome(&mut other);
    let session = id(&shared, "bob");
    let said = refused(unix, "", &["change", &session, "--memory", "64M"]);
    assert!(said.contains("without a quota"), "{said}");
}

#[test]
fn a_server_is_drained_and_its_settings_are_read_again() {
    let mut shared = Shared::start("cpu", &["ada"], "");
    let unix = shared.server.unix.clone();
    let settings = shared.server.folder.path("pillion.toml");
    let good = std::fs::read_to_string(&settings).unwrap();
    std::fs::write(&settings, format!("wram = 3\n{good}")).unwrap();
    let said = refused(&unix, "", &["reload"]);
    assert!(
        said.contains("`wram`") && said.contains("pillion.toml:1") && said.contains("stay"),
        "{said}"
    );
    std::fs::write(&settings, format!("max-sessions = 1\n{good}")).unwrap();
    obeyed(&unix, "", &["reload"]);
    assert_eq!(shared.server.status().max_sessions, 1);
    let mut client = shared.comes("ada");
    welcome(&mut client);
    assert!(end(&mut shared.comes("ada")).contains("as many sessions as it may"));
    let said = obeyed(&unix, "", &["drain"]);
    assert!(
        said.contains("accepts nobody any more") && said.contains("(1)"),
        "{said}"
    );
    client.ping();
    // It listens nowhere any more.
    shared.server.signal(Signal::TERM);
    assert!(end(&mut client).contains("shutting down"));
    assert!(shared.server.wait().success());
    let mut flat = Server::start(&[]);
    let mut client = Client::greeted(&flat.tcp);
    assert!(refused(&flat.unix, "", &["reload"]).contains("nothing to read again"));
    client.ping();
    obeyed(&flat.unix, "", &["drain", "--timeout", "0"]);
    assert!(end(&mut client).contains("shutting down"));
    assert!(flat.wait().success());
}

#[test]
fn what_the_settings_say_now_holds_for_those_who_wait() {
    let tables = |ada: &str, bob: &str| {
        format!(
            "[everybody]\nmode = 'exclusive'\n[[identity]]\nname = 'ada'\n{ada}\n[[identity]]\nname = 'bob'\n{bob}\n"
        )
    };
    let before = tables("priority = 'high'", "priority = 'low'");
    let shared = Shared::start("cpu", &["ada", "bob", "eve"], &before);
    let unix = &shared.server.unix;
    let mut first = shared.comes("eve");
    welcome(&mut first);
    let mut bob = shared.comes("bob");
    is_at(&mut bob, 1);
    let mut ada = shared.comes("ada");
    is_at(&mut ada, 1);
    is_at(&mut bob, 2);
    let settings = shared.server.folder.path("pillion.toml");
    let said = std::fs::read_to_string(&settings).unwrap();
    let now = said.replace(&before, &tables("memory = '900T'", "memory = '64M'"));
    std::fs::write(&settings, now).unwrap();
    obeyed(unix, "", &["reload"]);
    // What can never be had is refused now as it would have been then.
    assert!(end(&mut ada).contains("ask for less"));
    drop(first);
    assert_eq!(welcome(&mut bob).devices[0].total_memory, 64 << 20);
}

fn records(path: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    // The last one may be on its way.
    let whole = text.rfind('\n').map_or(0, |end| end + 1);
    let lines = text[..whole].lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().unwrap()
}

#[test]
fn what_sessions_have_used_is_written_down() {
    let folder = Folder::new();
    let path = folder.path("sessions.jsonl");
    let settings = format!(
        "accounting = '{}'\naccounting-interval = 1\n",
        path.display()
    );
    let shared = Shared::start_in(folder, "cpu", &["ada", "bob"], &settings, "");
    let mut client = shared.comes("ada");
    welcome(&mut client);
    client.ping();
    let of = |id: &str, event: &str| {
        let all = records(&path).into_iter();
        let mut found = all
            .filter(|line| line["session"].is_null() && line["id"] == id && line["event"] == event);
        found.next_back()
    };
    let ada = id(&shared, "ada");
    eventually("it is written that it lasts", || {
        of(&ada, "interim").is_some()
    });
    let begin = of(&ada, "begin").unwrap();
    assert_eq!(
        (&begin["identity"], &begin["program"]),
        (&"ada".into(), &"test".into())
    );
    assert!(begin.get("why").is_none() && begin["gpus"] == serde_json::json!([0]));
    drop(client);
    eventually("it is written that it has ended", || {
        of(&ada, "end").is_some()
    });
    let end = of(&ada, "end").unwrap();
    assert_eq!(
        (&end["failed"], &end["why"]),
        (&false.into(), &"its client has left".into())
    );
    assert!(end["used"]["commands"].as_u64().unwrap() >= 1, "{end}");
    assert!(end["used"]["bytes_in"].as_u64().unwrap() > 0, "{end}");
    // A worker that is killed has its line all the same.
    let mut client = shared.comes("bob");
    welcome(&mut client);
    client.ping();
    let bob = id(&shared, "bob");
    let status = shared.server.status();
    let session = status
        .sessions
        .iter()
        .find(|session| session.id == bob)
        .unwrap();
    send(session.worker_pid, Signal::KILL);
    eventually("it is written that it has ended", || {
        of(&bob, "end").is_some()
    });
    let end = of(&bob, "end").unwrap();
    assert_eq!(end["failed"], true);
    assert!(end["why"].as_str().unwrap().contains("signal 9"), "{end}");
    // A file that is nowhere is told of at once.
    let output = pillion()
        .args([
            "serve",
            "--device",
            "cpu",
            "--listen",
            "tcp://127.0.0.1:0",
            "--accounting",
            "/nowhere/at/all",
        ])
        .output()
        .unwrap();
    assert!(!output.status.success() && text(&output.stderr).contains("--accounting"));
}
