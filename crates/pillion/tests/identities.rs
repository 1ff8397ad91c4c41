//! Who may come in: tokens, users and endpoints, from the command line to the log.

mod common;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use common::{Client, Folder, Said, Server, eventually, pillion, text};
use pillion_protocol::{Hello, Interface};
use pillion_test_support::certificates::Authority;
use pillion_transport::Uri;
use rustix::process::Signal;

/// `pillion token` with that file.
fn token(file: &Path, arguments: &[&str]) -> Output {
    let output = pillion()
        .arg("token")
        .args(arguments)
        .arg("--file")
        .arg(file)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    output
}

/// A new token, and its public part.
fn made(file: &Path, arguments: &[&str]) -> (String, String) {
    let output = token(file, &[&["create"], arguments].concat());
    let token = text(&output.stdout).trim().to_string();
    let id = token.split('_').nth(1).unwrap().to_string();
    assert!(text(&output.stderr).contains(&id) && !text(&output.stderr).contains(&token));
    (token, id)
}

fn hello(token: &str) -> Hello {
    Hello::new(13000, std::process::id(), token, "test")
}

/// What a client hears that comes with this greeting, and the client.
fn greet(uri: &Uri, hello: &Hello) -> (Client, Said) {
    let mut client = Client::connect(uri);
    client.hello(hello);
    let said = client.hear();
    (client, said)
}

/// A client with a session.
fn welcomed(uri: &Uri, token: &str) -> Client {
    match greet(uri, &hello(token)) {
        (client, Said::Welcome(_)) => client,
        (_, other) => panic!("no welcome but {other:?}"),
    }
}

/// Why a client is refused.
fn refused(uri: &Uri, token: &str) -> String {
    match greet(uri, &hello(token)) {
        (_, Said::End(reason)) => reason,
        (_, other) => panic!("not refused but {other:?}"),
    }
}

fn with_tokens(file: &Path) -> Server {
    Server::start(&["--token-file", file.to_str().unwrap()])
}

fn over(mut client: Client) {
    while client.hear() != Said::Closed {}
}

#[test]
fn a_revoked_token_opens_nothing_and_what_it_opened_is_ended() {
    let folder = Folder::new();
    let file = folder.path("tokens.toml");
    let (ada, ada_id) = made(&file, &["ada"]);
    let (bob, _) = made(&file, &["bob"]);
    let server = with_tokens(&file);
    let first = welcomed(&server.tcp, &ada);
    let mut other = welcomed(&server.unix, &bob);
    let status = server.status();
    let session = &status.sessions[0];
    assert_eq!(
        (session.identity.as_str(), session.token.as_deref()),
        ("ada", Some(ada_id.as_str()))
    );
    assert_eq!(session.listener, server.tcp.to_string());
    let table = pillion()
        .args(["status", "--server", &server.unix.to_string()])
        .output()
        .unwrap();
    let table = text(&table.stdout);
    assert!(table.contains(&ada_id) && table.contains(&server.tcp.to_string()));

    // Nobody comes, and it is noticed all the same.
    token(&file, &["revoke", &ada_id]);
    let mut first = first;
    match first.hear() {
        Said::End(reason) => assert_eq!(
            reason,
            "the server ends the session: its token has been revoked"
        ),
        other => panic!("{other:?}"),
    }
    over(first);
    other.ping();
    assert!(refused(&server.tcp, &ada).contains("has been revoked"));
    eventually("the end is logged", || {
        server.log().lines().any(|line| {
            line.contains("session ends: its token has been revoked")
                && line.contains("identity=\"ada\"")
                && line.contains(&ada_id)
                && line.contains("program=\"test\"")
                && line.contains("seconds=")
        })
    });
    // A token that is made while the server runs.
    let (carol, _) = made(&file, &["carol"]);
    welcomed(&server.shm, &carol).ping();
    // One that is not in the file any more.
    std::fs::write(&file, "version = 1\n").unwrap();
    over(other);
    drop(welcomed_none(&server, &[&ada, &bob, &carol]));
    let log = server.log();
    for token in [ada, bob, carol] {
        let secret = token.rsplit('_').next().unwrap();
        assert!(!log.contains(&secret[..16]), "a token is in the log");
    }
    assert!(log.contains("session begins") && log.contains("refused: the token"));
}

/// Nobody with these tokens is welcome.
fn welcomed_none(server: &Server, tokens: &[&str]) -> Vec<String> {
    tokens
        .iter()
        .map(|token| refused(&server.unix, token))
        .collect()
}

#[test]
fn a_token_expires_and_what_it_opened_goes_on() {
    let folder = Folder::new();
    let file = folder.path("tokens.toml");
    let (short, _) = made(&file, &["ada", "--expires", "3s"]);
    let (long, _) = made(&file, &["ada", "--expires", "30d"]);
    let server = with_tokens(&file);
    let mut client = welcomed(&server.unix, &short);
    eventually("it has expired", || {
        let (_, said) = greet(&server.unix, &hello(&short));
        std::thread::sleep(Duration::from_millis(300));
        matches!(said, Said::End(reason) if reason.contains("expired at 20"))
    });
    client.ping();
    welcomed(&server.unix, &long).ping();
    let listed = text(&token(&file, &["list"]).stdout);
    assert!(
        listed.contains("expired") && listed.contains("until"),
        "{listed}"
    );
    token(&file, &["prune"]);
    let left = text(&token(&file, &["list", "--json"]).stdout);
    let left: serde_json::Value = serde_json::from_str(&left).unwrap();
    assert_eq!(left.as_array().unwrap().len(), 1);
}

#[test]
fn a_token_is_good_for_what_it_says() {
    let folder = Folder::new();
    let file = folder.path("tokens.toml");
    let (asks, _) = made(&file, &["ada", "--scope", "nvml"]);
    let (admin, _) = made(&file, &["eve", "--scope", "admin"]);
    let elsewhere = format!("unix://{}", folder.path("elsewhere").display());
    let (bound, _) = made(&file, &["ada", "--endpoint", &elsewhere]);
    let server = with_tokens(&file);
    assert!(refused(&server.tcp, &asks).contains("good for nvml, and this needs one for cuda"));
    assert!(refused(&server.tcp, &admin).contains("good for admin"));
    assert!(refused(&server.tcp, &bound).contains("not for this endpoint"));

    let asking = Hello {
        only_asks: true,
        ..hello(&asks)
    };
    let (mut client, said) = greet(&server.tcp, &asking);
    assert!(matches!(said, Said::Welcome(_)));
    client.ping();
    // It has said that it only asks, and that is seen to.
    client.frame(Interface::Cuda, 1, 2, &[]);
    assert!(matches!(client.hear(), Said::End(reason) if reason.contains("nvml")));
    assert_eq!(client.hear(), Said::Closed);

    let run = |command: &str, token: &str| {
        pillion()
            .args([command, "--json", "--server", &server.tcp.to_string()])
            .env("PILLION_TOKEN", token)
            .output()
            .unwrap()
    };
    assert!(run("devices", &asks).status.success());
    assert!(!run("devices", &admin).status.success());
    let status = run("status", &admin);
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["device"], "cpu");
    let refused = run("status", &asks);
    assert!(!refused.status.success() && text(&refused.stderr).contains("admin"));
}

/// Settings with an endpoint at each of a server's places, with these lines in each.
fn settings(folder: &Folder, first: &str, lines: [&str; 3]) -> String {
    let endpoints = Server::places(folder);
    let endpoints = endpoints.iter().zip(lines);
    let tables =
        endpoints.map(|(place, lines)| format!("[[endpoint]]\nlisten = {place:?}\n{lines}\n"));
    format!("{first}\n{}", tables.collect::<String>())
}

fn write(folder: &Folder, settings: &str) {
    std::fs::write(folder.path("pillion.toml"), settings).unwrap();
}

#[test]
fn every_endpoint_has_its_own_rules() {
    let folder = Folder::new();
    let file = folder.path("tokens.toml");
    let (ada, _) = made(&file, &["ada"]);
    let (bob, _) = made(&file, &["bob"]);
    let first = format!("token-file = {file:?}");
    let uid = rustix::process::getuid().as_raw();
    let people = format!(
        "[[identity]]\nname = 'me'\nuid = {uid}\nmax-sessions = 2\n[[identity]]\nname = 'ada'\nmax-sessions = 1\n"
    );
    let rules = [
        "authentication = 'none'",
        "identities = ['ada']\ncompression = 'off'",
        "authentication = 'either'\nmax-sessions = 2",
    ];
    write(
        &folder,
        &format!("{}{people}", settings(&folder, &first, rules)),
    );
    let server = Server::configured(folder);
    let who = |server: &Server| -> Vec<String> {
        let sessions = server.status().sessions.into_iter();
        sessions.map(|session| session.identity).collect()
    };

    let mut mine = welcomed(&server.unix, "whatever, as nobody asks for it");
    assert_eq!(who(&server), ["me"]);
    assert!(refused(&server.tcp, "").contains("PILLION_TOKEN"));
    assert!(refused(&server.tcp, &bob).contains("bob may not come in"));
    let adas = welcomed(&server.tcp, &ada);
    assert!(refused(&server.tcp, &ada).contains("ada has as many sessions as it may (1)"));
    // A token, or a user that the settings know.
    let mut bobs = welcomed(&server.shm, &bob);
    let mut mine_too = welcomed(&server.shm, "");
    assert_eq!(who(&server), ["me", "ada", "bob", "me"]);
    assert!(
        refused(&server.shm, &bob).contains("this endpoint has as many sessions as it may (2)")
    );
    assert!(refused(&server.unix, "").contains("me has as many sessions as it may (2)"));
    drop(adas);
    eventually("there is room for ada again", || {
        matches!(greet(&server.tcp, &hello(&ada)), (_, Said::Welcome(_)))
    });
    for client in [&mut mine, &mut bobs, &mut mine_too] {
        client.ping();
    }
}

#[test]
fn a_hangup_brings_other_rules_and_leaves_what_listens() {
    let folder = Folder::new();
    let file = folder.path("tokens.toml");
    let (ada, _) = made(&file, &["ada"]);
    let (bob, _) = made(&file, &["bob"]);
    let first = format!("token-file = {file:?}\n");
    write(&folder, &settings(&folder, &first, ["", "", ""]));
    let path = folder.path("pillion.toml");
    let server = Server::configured(folder);
    let mut adas = welcomed(&server.tcp, &ada);
    let bobs = welcomed(&server.tcp, &bob);

    let hang_up = |text: &str, says: &str| {
        std::fs::write(&path, text).unwrap();
        let before = server.log().len();
        server.signal(Signal::HUP);
        eventually("it has read its settings again", || {
            server.log()[before..].contains(says)
        });
        server.log()[before..].to_string()
    };
    let good = "are those of the settings now";
    // What is wrong changes nothing, and is told with its place.
    let log = hang_up(
        &settings(&server.folder, &first, ["", "identities = ['adda']", ""]),
        "stay",
    );
    assert!(
        log.contains("pillion.toml:") && log.contains("did you mean `ada`"),
        "{log}"
    );
    adas.ping();

    let only_ada = settings(
        &server.folder,
        &format!("max-sessions = 2\n{first}"),
        ["", "identities = ['ada']", ""],
    );
    hang_up(&only_ada, good);
    over(bobs);
    eventually("its worker is gone", || {
        server.status().workers.stopping == 0
    });
    adas.ping();
    assert!(refused(&server.tcp, &bob).contains("bob may not come in"));
    let second = welcomed(&server.unix, &bob);
    assert!(refused(&server.unix, &bob).contains("as many sessions as it may (2)"));
    drop(second);

    // Endpoints come and go with a restart.
    let more = format!("{only_ada}[[endpoint]]\nlisten = 'tcp://127.0.0.1:1'\n");
    let less = more.replace("tcp://127.0.0.1:0", "tcp://127.0.0.1:2");
    let log = hang_up(&less, good);
    for says in [
        "tcp://127.0.0.1:0 is gone",
        "tcp://127.0.0.1:1 is new",
        "takes a restart",
    ] {
        assert!(log.contains(says), "{log}");
    }
    adas.ping();
    eventually("bob has left", || server.status().sessions.len() == 1);
    drop(adas);
    assert!(refused(&server.tcp, &bob).contains("bob may not come in"));
    welcomed(&server.tcp, &ada).ping();
    // Who may come in changes also where how it is listened takes a restart.
    let log = hang_up(
        &settings(
            &server.folder,
            &first,
            ["mode = 0o666\nidentities = ['ada']", "", ""],
        ),
        good,
    );
    let socket = server.folder.path("s");
    assert!(
        log.contains(&format!("how unix://{} listens", socket.display())),
        "{log}"
    );
    let mode = std::fs::metadata(&socket).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    assert!(refused(&server.unix, &bob).contains("bob may not come in"));
    welcomed(&server.tcp, &bob).ping();
}

#[test]
fn a_flood_of_failures_disturbs_nobody_with_a_token() {
    let folder = Folder::new();
    let file = folder.path("tokens.toml");
    let (ada, ada_id) = made(&file, &["ada"]);
    let server = with_tokens(&file);
    drop(welcomed(&server.tcp, &ada));
    let before = common::memory(server.pid());
    let none = format!("pln_{}_{}", "0".repeat(12), "1".repeat(64));
    let wait = "too many failed attempts from this address: wait ";
    let heard: Vec<String> = std::thread::scope(|scope| {
        let flood: Vec<_> = (0..3)
            .map(|_| {
                scope.spawn(|| {
                    (0..200)
                        .map(|_| refused(&server.tcp, &none))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        // From the same address.
        for _ in 0..20 {
            welcomed(&server.tcp, &ada).ping();
        }
        flood
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    let limited = heard.iter().filter(|reason| reason.contains(wait)).count();
    assert!(limited > 500, "{limited} of {}", heard.len());
    assert!(heard.iter().any(|reason| reason.contains("not one of")));
    // Who guesses the secret of a token that there is has his own count, and then that token has to wait too: here, not elsewhere.
    let guess = format!("pln_{ada_id}_{}", "1".repeat(64));
    let guesses: Vec<String> = (0..20).map(|_| refused(&server.tcp, &guess)).collect();
    assert!(
        guesses[0].contains("not one of") && guesses[19].contains(wait),
        "{guesses:?}"
    );
    assert!(refused(&server.tcp, &ada).contains(wait));
    welcomed(&server.unix, &ada).ping();

    let lines = server.log().matches("refused: ").count();
    assert!(
        (200..400).contains(&lines),
        "{lines} lines for {} refusals",
        server.status().refused
    );
    assert!(server.status().refused >= 620);
    let grown = common::memory(server.pid()).saturating_sub(before);
    assert!(grown < 16 << 10, "the broker has grown by {grown} KiB");
}

#[test]
fn two_who_make_tokens_at_once_lose_none() {
    let folder = Folder::new();
    let file = folder.path("deep").join("tokens.toml");
    let mut tokens: Vec<String> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| made(&file, &["ada"]).1))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let listed = text(&token(&file, &["list", "--json"]).stdout);
    let listed: serde_json::Value = serde_json::from_str(&listed).unwrap();
    let mut ids: Vec<&str> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|token| token["id"].as_str().unwrap())
        .collect();
    tokens.sort();
    ids.sort();
    assert_eq!(ids, tokens);
    assert!(!listed.to_string().contains("hash"));
    let failed = pillion()
        .args(["token", "revoke", "nobody", "--file"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(!failed.status.success() && text(&failed.stderr).contains("has no token nobody"));
}

fn check(file: &Path, more: &[&str]) -> Output {
    let mut command = pillion();
    command
        .args(["serve", "--check", "--config"])
        .arg(file)
        .args(more);
    command.output().unwrap()
}

#[test]
fn settings_are_checked_without_a_server() {
    let folder = Folder::new();
    let file = folder.path("tokens.toml");
    made(&file, &["ada"]);
    let path = folder.path("pillion.toml");
    let first = format!("token-file = {file:?}\ndevice = 'cpu'\n");
    write(
        &folder,
        &settings(
            &folder,
            &first,
            ["", "identities = ['ada']", "authentication = 'none'"],
        ),
    );
    let output = check(&path, &[]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let said = text(&output.stdout);
    for word in [
        "tcp://127.0.0.1:0",
        "this machine",
        "a token",
        "tokens.toml: 1,",
        "ada",
        "device cpu",
    ] {
        assert!(said.contains(word), "no {word:?} in {said}");
    }
    assert!(!folder.path("s").exists(), "nothing is bound");
    let report: serde_json::Value =
        serde_json::from_slice(&check(&path, &["--json"]).stdout).unwrap();
    assert_eq!(report["good"], true);
    assert_eq!(report["endpoints"][1]["identities"][0], "ada");
    assert_eq!(report["endpoints"][1]["authentication"], "token");

    let cases = [
        ("identities = ['adda']", "did you mean `ada`?"),
        (
            "authentication = 'certificate'",
            "only tls:// and wss:// have certificates",
        ),
        ("authentication = 'either'", "nothing but a token"),
        (
            "authentication = 'none'\nidentities = ['ada']",
            "nobody shows who they are",
        ),
        ("mode = 0o600", "for sockets"),
        (
            "tls = { certificate = '/nonexistent/c', key = '/nonexistent/k' }",
            "`tls` is for tls:// and wss://",
        ),
        ("max-session = 3", "did you mean `max-sessions`?"),
    ];
    for (lines, says) in cases {
        write(&folder, &settings(&folder, &first, ["", lines, ""]));
        let output = check(&path, &[]);
        let said = text(&output.stderr);
        assert!(
            !output.status.success() && said.contains(says),
            "{lines}: {said}"
        );
        assert!(
            said.contains("pillion.toml:") && said.contains('^'),
            "{said}"
        );
        // `serve` itself says the same.
        let serve = pillion()
            .args(["serve", "--config"])
            .arg(&path)
            .output()
            .unwrap();
        assert!(!serve.status.success() && text(&serve.stderr).contains(says));
        let report: serde_json::Value =
            serde_json::from_slice(&check(&path, &["--json"]).stdout).unwrap();
        assert_eq!(report["good"], false);
        assert!(report["problems"][0]["line"].as_u64().unwrap() > 3);
    }
    let plain = |more: &str| {
        let text = format!("{first}[[endpoint]]\nlisten = 'tcp://0.0.0.0:0'\n{more}");
        write(&folder, &text);
        let output = check(&path, &[]);
        (output.status.success(), text_of(&output))
    };
    let (good, said) = plain("insecure = true");
    assert!(
        !good && said.contains("tokens would travel in the clear"),
        "{said}"
    );
    let (good, said) = plain("authentication = 'none'");
    assert!(
        !good && said.contains("insecure = true in this endpoint"),
        "{said}"
    );
    let (good, said) = plain("authentication = 'none'\ninsecure = true");
    assert!(
        good && said.contains("warning: ") && said.contains("IN THE CLEAR"),
        "{said}"
    );
    write(
        &folder,
        &format!("{first}listen = ['unix:///tmp/x', 'shm:///tmp/x']"),
    );
    assert!(text_of(&check(&path, &[])).contains("is already"));
    write(
        &folder,
        "token-file = '/nonexistent/t'\n[[identity]]\nname = 'nobody-comes'",
    );
    let said = text_of(&check(&path, &[]));
    assert!(
        said.contains("pillion.toml:1:") && said.contains("/nonexistent/t"),
        "{said}"
    );
    assert!(
        said.contains("nothing shows that a client is `nobody-comes`"),
        "{said}"
    );
}

fn text_of(output: &Output) -> String {
    text(&output.stderr) + &text(&output.stdout)
}

#[test]
fn a_certificate_shows_who_comes() {
    let folder = Folder::new();
    let authority = Authority::in_folder(&folder.0);
    authority.server("server");
    for name in ["ada", "bob"] {
        authority.client(name, name);
    }
    let file = folder.path("tokens.toml");
    let (carol, _) = made(&file, &["carol"]);
    let named = |name: &str| folder.path(name).display().to_string();
    let text = |more: &str| {
        let [unix, _, shm] = Server::places(&folder);
        format!(
            "token-file = {file:?}\n[[endpoint]]\nlisten = {unix:?}\n[[endpoint]]\nlisten = 'tls://localhost:0'\n\
             authentication = 'either'\n{more}\n\
             tls = {{ certificate = {:?}, key = {:?}, client-ca = {:?} }}\n[[endpoint]]\nlisten = {shm:?}\n\
             [[identity]]\nname = 'lovelace'\ncertificate = 'ada'\n",
            named("server.pem"),
            named("server.key"),
            named("ca.pem")
        )
    };
    // The key of another.
    write(&folder, &text("").replace("server.key", "ada.key"));
    let wrong = check(&folder.path("pillion.toml"), &[]);
    assert!(
        !wrong.status.success() && text_of(&wrong).contains("ada.key is not the key of"),
        "{}",
        text_of(&wrong)
    );
    let (all, one) = (text(""), text("identities = ['lovelace']"));
    write(&folder, &all);
    let report = check(&folder.path("pillion.toml"), &["--json"]);
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(
        (&report["good"], &report["problems"]),
        (&true.into(), &serde_json::json!([]))
    );
    assert_eq!(report["endpoints"][1]["reach"], "network");

    let server = Server::configured(folder);
    let come = |name: &str, token: &str| {
        let mut command = pillion();
        command.args(["devices", "--json", "--server", &server.tcp.to_string()]);
        command.env("PILLION_TLS_CA", server.folder.path("ca.pem"));
        command.env("PILLION_TOKEN", token);
        if !name.is_empty() {
            command.env(
                "PILLION_TLS_CERT",
                server.folder.path(&format!("{name}.pem")),
            );
            command.env(
                "PILLION_TLS_KEY",
                server.folder.path(&format!("{name}.key")),
            );
        }
        let output = command.output().unwrap();
        (output.status.success(), text_of(&output))
    };
    for (name, token, identity) in [
        ("ada", "", "lovelace"),
        ("bob", "", "certificate bob"),
        ("", carol.as_str(), "carol"),
        ("ada", &carol, "carol"),
    ] {
        let before = server.log().len();
        let (good, said) = come(name, token);
        assert!(good, "{said}");
        eventually("the log says who came", || {
            server.log()[before..].contains(&format!("identity=\"{identity}\""))
        });
    }
    let (good, said) = come("", "");
    assert!(!good && said.contains("then wants a token"), "{said}");
    write(&server.folder, &one);
    server.signal(Signal::HUP);
    eventually("the settings are read again", || {
        server.log().contains("SIGHUP: identities")
    });
    assert!(come("ada", "").0);
    let (good, said) = come("bob", "");
    assert!(
        !good && said.contains("certificate bob may not come in"),
        "{said}"
    );
    assert!(!come("", &carol).0);
}

/// What the manual shows is good, and what it lists is all that there is.
#[test]
fn the_manual_is_right_about_the_settings() {
    let manual = include_str!("../../../docs/src/configuration.md");
    let examples = manual.split("```toml\n").skip(1);
    let examples: Vec<&str> = examples
        .map(|rest| rest.split("```").next().unwrap())
        .collect();
    assert!(examples.len() >= 2);
    for example in examples {
        let folder = Folder::new();
        made(&folder.path("tokens.toml"), &["grace"]);
        Authority::in_folder(&folder.0).server("server");
        let here = folder.0.to_str().unwrap();
        let example = example
            .replace("/etc/pillion", here)
            .replace("/run/pillion", here);
        std::fs::write(folder.path("pillion.toml"), &example).unwrap();
        let output = check(&folder.path("pillion.toml"), &[]);
        assert!(
            output.status.success(),
            "{}\n{example}",
            text(&output.stderr)
        );
        assert!(
            !text(&output.stderr).contains("warning"),
            "{}",
            text(&output.stderr)
        );
    }
}
