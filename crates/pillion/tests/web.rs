//! The web view: who sees it, what it says, and what it bears.

#[path = "web/browser.rs"]
mod browser;
mod common;
#[path = "web/exposition.rs"]
mod exposition;
#[path = "web/http.rs"]
mod http;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use common::{
    Client, Folder, Said, Server, alive, descriptors, driver_program, eventually, pillion, text,
};
use exposition::Figures;
use http::{Answer, Http, basic, bearer};
use pillion_protocol::Hello;
use pillion_server::broker::Status;
use rustix::process::Signal;
use serde_json::Value;

/// A server with a web view.
struct Viewed {
    server: Server,
    web: SocketAddr,
}

impl Viewed {
    /// With these lines in `[web]`, and these before it.
    fn start(web: &str, more: &str) -> Self {
        Self::start_in(Folder::new(), web, more)
    }

    fn start_in(folder: Folder, web: &str, more: &str) -> Self {
        let [unix, tcp, shm] = Server::places(&folder);
        let settings = format!(
            "cache = 'off'\nlisten = ['{unix}', '{tcp}', '{shm}']\n{more}\n[web]\nlisten = '127.0.0.1:0'\n{web}\n"
        );
        std::fs::write(folder.path("pillion.toml"), settings).unwrap();
        let mut server = Server::configured(folder);
        let web = server.web();
        Viewed { server, web }
    }

    /// One that asks nobody who they are.
    fn open() -> Self {
        Self::start("authentication = 'none'", "")
    }

    /// One that knows the tokens of this folder.
    fn with_tokens(folder: Folder, more: &str) -> Self {
        let file = folder.path("tokens.toml");
        let more = format!("token-file = '{}'\n{more}", file.display());
        Self::start_in(folder, "", &more)
    }

    fn connect(&self) -> Http {
        Http::connect(self.web)
    }

    fn get(&self, path: &str) -> Answer {
        self.connect().get(path, &[])
    }

    fn json(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        serde_json::from_slice(&answer.good().body).unwrap()
    }

    /// A client with a session whose program has that name.
    fn program(&self, token: &str, program: &str) -> Client {
        let mut client = Client::connect(&self.server.tcp);
        client.hello(&Hello::new(13000, std::process::id(), token, program));
        assert!(matches!(client.hear(), Said::Welcome(_)));
        client
    }
}

/// A new token.
fn token(folder: &Folder, arguments: &[&str]) -> String {
    let output = pillion()
        .args(["token", "create"])
        .args(arguments)
        .arg("--file")
        .arg(folder.path("tokens.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout).trim().to_string()
}

fn public(token: &str) -> &str {
    token.split('_').nth(1).unwrap()
}

/// A program that keeps the device busy, until this is dropped.
struct Busy(Child);

impl Busy {
    /// With so many bytes of device memory. `folder` has the program.
    fn start(viewed: &Viewed, folder: &Folder, token: &str, bytes: u64) -> Self {
        let mut child = Command::new(folder.path("busy"))
            .args([&bytes.to_string(), "1"])
            .env("LD_LIBRARY_PATH", &folder.0)
            .env("PILLION_SERVER", viewed.server.unix.to_string())
            .env("PILLION_TOKEN", token)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut said).unwrap();
        assert_eq!(said, "busy\n");
        Busy(child)
    }

    /// Has it end by itself.
    fn end(mut self) {
        drop(self.0.stdin.take());
        assert!(self.0.wait().unwrap().success());
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

const PATHS: [&str; 7] = [
    "/",
    "/page.css",
    "/page.js",
    "/icon.svg",
    "/status.json",
    "/history.json",
    "/metrics",
];

#[test]
fn only_who_may_see_it_sees_it() {
    let folder = Folder::new();
    let user = token(&folder, &["ada"]);
    let asks = token(&folder, &["ada", "--scope", "nvml"]);
    let gathers = token(&folder, &["prometheus", "--scope", "metrics"]);
    let operator = token(&folder, &["ops", "--scope", "admin"]);
    let elsewhere = token(
        &folder,
        &[
            "ops",
            "--scope",
            "admin",
            "--endpoint",
            "tcp://127.0.0.1:7717",
        ],
    );
    let viewed = Viewed::with_tokens(folder, "[failed-attempts]\nburst = 1000\nper-minute = 1000");
    let mut http = viewed.connect();
    for path in PATHS.into_iter().chain(["/nothing"]) {
        let mut see = |headers: &[&str]| {
            let answer = http.get(path, headers);
            answer.is_guarded();
            if answer.status == 401 {
                assert!(
                    answer
                        .header("www-authenticate")
                        .unwrap()
                        .starts_with("Basic ")
                );
            }
            (answer.status, text(&answer.body))
        };
        let (status, said) = see(&[]);
        assert!(
            status == 401 && said.contains("--scope admin"),
            "{path}: {said}"
        );
        for wrong in [
            bearer("pln_0123_4567"),
            basic("pln_0123_4567"),
            bearer(&operator[..operator.len() - 1]),
            bearer(&format!("{operator}0")),
            basic(""),
            format!("Authorization: Digest {operator}"),
            format!("Authorization: {operator}"),
            format!("Authorization: Basic {operator}"),
        ] {
            let (status, said) = see(&[&wrong]);
            assert_eq!(status, 401, "{path}: {wrong}: {said}");
            assert!(
                !said.contains("PILLION_TOKEN") && !said.contains("pln_"),
                "{said}"
            );
        }
        // What the page asks by itself is to open no dialogue.
        let answer = viewed.connect().get(path, &["Accept: application/json"]);
        assert_eq!(
            answer.header("www-authenticate"),
            Some("Bearer realm=\"Pillion\"")
        );
        // One is enough, and two are none.
        assert_eq!(see(&[&bearer(&operator), &bearer(&operator)]).0, 401);
        let good = if path == "/nothing" { 404 } else { 200 };
        let own = if path == "/metrics" { 200 } else { 403 };
        for (token, expected) in [
            (&operator, good),
            (&gathers, own),
            (&user, 403),
            (&asks, 403),
            (&elsewhere, 403),
        ] {
            for show in [bearer(token), basic(token)] {
                let (status, said) = see(&[&show]);
                assert_eq!(status, expected, "{path}: {said}");
            }
        }
    }
    // A token for the figures opens nothing else, either.
    let mut client = Client::connect(&viewed.server.tcp);
    client.hello(&Hello::new(13000, std::process::id(), &gathers, "test"));
    let refused = client.hear();
    assert!(
        matches!(&refused, Said::End(reason) if reason.contains("good for metrics")),
        "{refused:?}"
    );
    // It is over at once, on connections that there are as well.
    let show = bearer(&operator);
    http.get("/status.json", &[&show]).good();
    let output = pillion()
        .args(["token", "revoke", public(&operator), "--file"])
        .arg(viewed.server.folder.path("tokens.toml"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let answer = http.get("/status.json", &[&show]);
    assert!(answer.status == 401 && text(&answer.body).contains("has been revoked"));
    let late = token(&viewed.server.folder, &["ops", "--scope", "admin"]);
    http.get("/status.json", &[&basic(&late)]).good();
    let log = viewed.server.log();
    for token in [&user, &asks, &gathers, &operator, &elsewhere, &late] {
        let secret = token.rsplit('_').next().unwrap();
        assert!(!log.contains(&secret[..16]), "a token is in the log");
    }
    assert!(
        log.contains("the web view refuses") && log.contains(public(&operator)),
        "{log}"
    );
}

#[test]
fn who_guesses_has_to_wait_and_nobody_else_has() {
    let folder = Folder::new();
    let operator = token(&folder, &["ops", "--scope", "admin"]);
    let viewed = Viewed::with_tokens(folder, "[failed-attempts]\nburst = 3\nper-minute = 1");
    let mut http = viewed.connect();
    let statuses: Vec<u16> = (0..5)
        .map(|n| http.get("/", &[&bearer(&format!("a-guess-{n}"))]).status)
        .collect();
    assert_eq!(statuses, [401, 401, 401, 429, 429]);
    let answer = http.get("/", &[&basic("another")]);
    assert_eq!(answer.status, 429);
    let wait: f64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1.0..=60.0).contains(&wait), "{wait}");
    // It is the gate's own count.
    let mut client = Client::connect(&viewed.server.tcp);
    client.hello(&Hello::new(13000, std::process::id(), "a-guess", "test"));
    let refused = client.hear();
    assert!(
        matches!(&refused, Said::End(reason) if reason.contains("too many failed")),
        "{refused:?}"
    );
    // Nothing was guessed by who shows nothing.
    assert_eq!(http.get("/", &[]).status, 401);
    http.get("/", &[&bearer(&operator)]).good();
}

#[test]
fn it_answers_get_and_nothing_else() {
    let viewed = Viewed::open();
    let mut http = viewed.connect();
    for path in PATHS {
        let answer = http.get(path, &[]).good();
        answer.is_guarded();
        assert!(!answer.body.is_empty());
        let kind = match path {
            "/" => "text/html; charset=utf-8",
            "/page.css" => "text/css; charset=utf-8",
            "/page.js" => "text/javascript; charset=utf-8",
            "/icon.svg" => "image/svg+xml",
            "/metrics" => "application/openmetrics-text; version=1.0.0; charset=utf-8",
            _ => "application/json",
        };
        assert_eq!(answer.header("content-type"), Some(kind));
        let head = http.ask("HEAD", path, &[]).good();
        assert!(head.body.is_empty());
        for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"] {
            let answer = http.ask(method, path, &[]);
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.header("allow"), Some("GET,HEAD"));
            answer.is_guarded();
        }
    }
    // Nothing of the page is in its text: the policy would not let it run.
    let page = text(&viewed.get("/").body);
    for inline in [
        "<style", "style=", "onclick", "onload", "<script>", "http://", "https://",
    ] {
        assert!(!page.contains(inline), "{inline}");
    }
    for path in [
        "/nothing",
        "/status.json/",
        "//",
        "/..",
        "/%2e%2e/etc/passwd",
        "/metrics?x=%3Cb%3E",
        "/*",
    ] {
        let answer = http.get(path, &[]);
        let expected = if path.starts_with("/metrics") {
            200
        } else {
            404
        };
        assert_eq!(answer.status, expected, "{path}");
        answer.is_guarded();
    }
    for query in [
        "?since=-1",
        "?since=",
        "?since=1&since=2",
        "?from=1",
        "?since=99999999999999999999",
    ] {
        let answer = http.get(&format!("/history.json{query}"), &[]);
        assert_eq!(answer.status, 400, "{query}");
    }
    // Bodies are not read.
    for (head, body) in [
        ("Content-Length: 5", "hello"),
        ("Transfer-Encoding: chunked", "5\r\nhello\r\n0\r\n\r\n"),
    ] {
        let mut http = viewed.connect();
        http.say(&format!(
            "GET /status.json HTTP/1.1\r\nHost: 127.0.0.1\r\n{head}\r\n\r\n{body}"
        ));
        let answer = http.hear("GET").unwrap();
        assert_eq!(answer.status, 413, "{head}");
        answer.is_guarded();
        assert!(http.is_closed());
    }
    // What is no HTTP is told so.
    let mut http = viewed.connect();
    http.say("\x16\x03\x01 hello\r\n\r\n");
    assert_eq!(http.hear("GET").unwrap().status, 400);
    assert!(http.is_closed());
}

#[test]
fn a_page_from_elsewhere_cannot_pose_as_this_one() {
    let viewed = Viewed::open();
    let port = viewed.web.port();
    let mut http = viewed.connect();
    for (host, expected) in [
        ("127.0.0.1".to_string(), 200),
        (format!("127.0.0.1:{port}"), 200),
        (format!("localhost:{port}"), 200),
        (format!("[::1]:{port}"), 200),
        ("example.org".to_string(), 421),
        (format!("example.org:{port}"), 421),
        ("127.0.0.1.example.org".to_string(), 421),
        ("localhost.example.org".to_string(), 421),
        (String::new(), 421),
    ] {
        for path in PATHS {
            let answer = http.get(path, &[&format!("Host: {host}")]);
            assert_eq!(answer.status, expected, "{host}");
            answer.is_guarded();
        }
    }
    let two = http.get("/", &["Host: 127.0.0.1", "Host: 127.0.0.1"]);
    assert_eq!(two.status, 421);
    let absolute = http.get("http://example.org/status.json", &[]);
    assert_eq!(absolute.status, 421);
    http.say("GET / HTTP/1.0\r\n\r\n");
    let mut rest = String::new();
    let _ = http.0.read_to_string(&mut rest);
    assert!(rest.contains(" 421 "), "{rest}");
    // Where a token is asked for, whoever has it may come by any name: a proxy's.
    let folder = Folder::new();
    let operator = token(&folder, &["ops", "--scope", "admin"]);
    let viewed = Viewed::with_tokens(folder, "");
    let answer = viewed
        .connect()
        .get("/", &["Host: gpu.example.org", &basic(&operator)]);
    answer.good();
}

#[test]
fn who_is_slow_or_says_too_much_has_to_go() {
    let viewed = Viewed::open();
    // A byte of a line now and then.
    let mut slow = viewed.connect();
    slow.say("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ");
    slow.0.get_ref().set_nonblocking(true).unwrap();
    let mut sent = 0;
    eventually("it has waited for long enough", || {
        std::thread::sleep(Duration::from_millis(100));
        let took = slow.0.get_mut().write_all(b"x");
        sent += 1;
        let heard = slow.0.get_mut().read(&mut [0]);
        took.is_err() || heard.is_ok_and(|n| n == 0)
    });
    // It was for the time that it took, and not for too many bytes.
    assert!(sent > 10 && sent < 8 << 10, "{sent}");
    let mut long = viewed.connect();
    let _ = long
        .0
        .get_mut()
        .write_all(format!("GET /{} HTTP/1.1\r\n", "x".repeat(1 << 20)).as_bytes());
    let answer = long.hear("GET");
    assert!(answer.is_none_or(|answer| [414, 431].contains(&answer.status)));
    let mut many = viewed.connect();
    let lines: Vec<String> = (0..100).map(|n| format!("X-{n}: x\r\n")).collect();
    many.say(&format!(
        "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n{}\r\n",
        lines.concat()
    ));
    assert_eq!(many.hear("GET").unwrap().status, 431);
    viewed.get("/").good();
}

#[test]
fn there_is_room_for_who_may_see_it() {
    let folder = Folder::new();
    let operator = bearer(&token(&folder, &["ops", "--scope", "admin"]));
    let viewed = Viewed::with_tokens(folder, "");
    let pid = viewed.server.pid();
    let mut known = viewed.connect();
    known.get("/", &[&operator]).good();
    let before = descriptors(pid);
    let mut crowd = Vec::new();
    for n in 0..400 {
        let mut http = viewed.connect();
        if n % 3 == 0 {
            // Some ask, and may not see it.
            http.say("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        }
        crowd.push(http);
        if n % 20 == 0 {
            // Who has a token stays, and is heard.
            known.get("/status.json", &[&operator]).good();
            viewed.connect().get("/", &[&operator]).good();
        }
    }
    known.get("/metrics", &[&operator]).good();
    let now = descriptors(pid);
    assert!(
        now <= before + 64 + 8,
        "{now} descriptors, and {before} before"
    );
    // Those who came first had to go.
    assert!(crowd[1].is_closed());
    drop(crowd);
    eventually("all have gone", || descriptors(pid) <= before + 2);
}

/// What python's own reader of the format says of the text, where it is installed.
fn python_reads(figures: &str) {
    let packages = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/peers");
    let program = "import sys\nfrom prometheus_client.openmetrics.parser import text_string_to_metric_families as read\n\
                   print(sum(len(family.samples) for family in read(sys.stdin.read())))";
    let python = Command::new("python3")
        .args(["-c", program])
        .env("PYTHONPATH", packages)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let output = python.and_then(|mut python| {
        // It says no more than why it could not read, if it cannot.
        let _ = python.stdin.take().unwrap().write_all(figures.as_bytes());
        python.wait_with_output()
    });
    match output {
        Ok(output) if output.status.success() => {
            let samples = figures
                .lines()
                .filter(|line| !line.starts_with('#'))
                .count();
            assert_eq!(text(&output.stdout).trim(), samples.to_string());
        }
        Ok(output) if !text(&output.stderr).contains("No module named") => {
            panic!("{}", text(&output.stderr));
        }
        _ => {
            let needs = std::env::var_os("PILLION_TEST_PEERS").is_some();
            assert!(!needs, "python's prometheus_client is not there");
            eprintln!("skipped: python's prometheus_client is not installed");
        }
    }
}

/// Whether the figures are those of a status.
fn agree(figures: &Figures, status: &Status) -> bool {
    // Of whom the last answer does not know yet there is no figure.
    let of = |name: &str, labels: &[(&str, &str)]| figures.get(name, labels).unwrap_or(f64::NAN);
    let mut pairs = vec![
        (of("pillion_sessions", &[]), status.sessions.len() as u64),
        (
            of("pillion_sessions_limit", &[]),
            status.max_sessions as u64,
        ),
        (of("pillion_sessions_begun_total", &[]), status.served),
        (of("pillion_clients_refused_total", &[]), status.refused),
        (of("pillion_clients_waiting", &[]), status.waiting as u64),
        (of("pillion_clients_queued", &[]), status.queue.len() as u64),
        (of("pillion_draining", &[]), u64::from(status.draining)),
    ];
    let workers = [
        ("ready", status.workers.ready),
        ("serving", status.workers.serving),
    ];
    pairs.extend(
        workers.map(|(state, count)| (of("pillion_workers", &[("state", state)]), count as u64)),
    );
    for gpu in &status.gpus {
        let index = gpu.index.to_string();
        let labels = [
            ("gpu", index.as_str()),
            ("name", &gpu.name),
            ("uuid", &gpu.uuid),
        ];
        let own = |name: &str| of(&format!("pillion_gpu_{name}"), &labels);
        pairs.extend([
            (own("memory_bytes"), gpu.memory),
            (own("promised_bytes"), gpu.promised),
            (own("sessions"), gpu.sessions.into()),
            (own("exclusive"), gpu.exclusive.into()),
        ]);
    }
    let mut all = true;
    for tenant in &status.tenants {
        let labels = [("identity", tenant.identity.as_str())];
        let own = |name: &str| of(&format!("pillion_identity_{name}"), &labels);
        let used = &tenant.used;
        pairs.extend([
            (own("sessions"), tenant.sessions as u64),
            (own("waiting"), tenant.waiting as u64),
            (own("memory_bytes"), used.memory),
            (own("memory_peak_bytes"), used.peak_memory),
            (own("sessions_begun_total"), tenant.begun),
            (own("sessions_failed_total"), tenant.failed),
            (own("refused_total"), tenant.refused),
            (own("commands_total"), used.commands),
            (own("launches_total"), used.launches),
            (own("errors_total"), used.errors),
            (own("received_bytes_total"), used.bytes_in),
            (own("sent_bytes_total"), used.bytes_out),
            (own("cached_bytes_total"), used.bytes_cached),
            (own("saved_bytes_total"), used.bytes_saved),
            (own("wait_seconds_count"), used.waits.iter().sum()),
            (own("start_seconds_count"), tenant.starts.iter().sum()),
        ]);
        let mut below = 0;
        for (class, count) in used.waits.iter().enumerate().take(used.waits.len() - 1) {
            below += count;
            let end = format!("{:.6}", (2_u64 << class) as f64 / 1e6);
            let end = end.trim_end_matches('0');
            let labels = [("identity", tenant.identity.as_str()), ("le", end)];
            pairs.push((of("pillion_identity_wait_seconds_bucket", &labels), below));
        }
        let times = [
            (own("device_time_seconds_total"), used.busy),
            (own("wait_seconds_sum"), used.waited),
            (own("start_seconds_sum"), tenant.starting),
        ];
        all &= times
            .iter()
            .all(|(seconds, nanos)| (seconds * 1e9 - *nanos as f64).abs() < 1000.0);
    }
    all && pairs.iter().all(|(figure, value)| *figure == *value as f64)
}

#[test]
fn its_figures_are_those_of_the_status() {
    let folder = Folder::new();
    driver_program(&folder, "busy");
    let ada = token(&folder, &["ada"]);
    let bob = token(&folder, &["bob"]);
    let operator = bearer(&token(&folder, &["ops", "--scope", "admin"]));
    let programs = Folder::new();
    driver_program(&programs, "busy");
    let viewed = Viewed::with_tokens(folder, "[[identity]]\nname = 'bob'\nmax-sessions = 1");
    Busy::start(&viewed, &programs, &ada, 96 << 20).end();
    // One that fails, one that stays, and one that is not let in.
    let failing = Busy::start(&viewed, &programs, &ada, 64 << 20);
    drop(failing);
    let mut stays = viewed.program(&bob, "test");
    let mut refused = Client::connect(&viewed.server.tcp);
    refused.hello(&Hello::new(13000, std::process::id(), &bob, "test"));
    assert!(matches!(refused.hear(), Said::End(_)));
    let figures = || {
        let answer = viewed.connect().get("/metrics", &[&operator]).good();
        String::from_utf8(answer.body).unwrap()
    };
    let mut last = String::new();
    eventually("both say the same", || {
        last = figures();
        let status = viewed.server.status();
        status.sessions.len() == 1 && agree(&Figures::parse(&last), &status)
    });
    let read = Figures::parse(&last);
    let of = |name: &str, identity| read.of(name, &[("identity", identity)]);
    // And that is not nothing.
    assert!(of("pillion_identity_device_time_seconds_total", "ada") > 0.0);
    assert!(of("pillion_identity_wait_seconds_count", "ada") > 0.0);
    assert!(of("pillion_identity_commands_total", "ada") > 0.0);
    assert_eq!(
        of("pillion_identity_memory_peak_bytes", "ada"),
        f64::from(96 << 20)
    );
    assert_eq!(of("pillion_identity_sessions_begun_total", "ada"), 2.0);
    assert_eq!(of("pillion_identity_sessions", "bob"), 1.0);
    assert_eq!(of("pillion_identity_refused_total", "bob"), 1.0);
    assert_eq!(of("pillion_identity_start_seconds_count", "bob"), 1.0);
    let build = [
        ("version", env!("CARGO_PKG_VERSION")),
        ("device", "cpu"),
        ("protocol", &pillion_protocol::PROTOCOL_VERSION.to_string()),
    ];
    assert_eq!(read.of("pillion_build_info", &build), 1.0);
    python_reads(&last);
    stays.ping();
    // The manual has each of them.
    let manual = include_str!("../../../docs/src/monitoring.md");
    let told = |name: &str| {
        manual
            .lines()
            .any(|line| line.contains(&format!("`{name}")))
    };
    for name in read.names() {
        let base = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end));
        assert!(
            told(base.unwrap_or(name)),
            "docs/src/monitoring.md has no {name}"
        );
    }
    // The same state as JSON.
    let status: Status = serde_json::from_slice(
        &viewed
            .connect()
            .get("/status.json", &[&operator])
            .good()
            .body,
    )
    .unwrap();
    assert_eq!((status.sessions.len(), status.served), (1, 3));
    assert_eq!(status.pid, viewed.server.pid());
}

/// What a program may call itself to do harm.
const HOSTILE: &str = "</td><script>document.title='taken'</script><img src=x onerror=\"document.title='taken'\">\"} 1\n# EOF\n\u{202e}";

#[test]
fn a_name_is_text_and_nothing_else() {
    let viewed = Viewed::open();
    let _client = viewed.program("", HOSTILE);
    let mut answer = viewed.get("/status.json");
    let mut status = Status::default();
    // What is told may be a moment old.
    eventually("the session is told", || {
        answer = viewed.get("/status.json");
        status = serde_json::from_slice(&answer.body).unwrap();
        !status.sessions.is_empty()
    });
    let program = &status.sessions[0].program;
    assert!(
        program.contains("<script>") && !program.contains('\n'),
        "{program}"
    );
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    for path in PATHS {
        let answer = viewed.get(path).good();
        let said = text(&answer.body);
        assert!(
            path == "/status.json" || !said.contains("'taken'"),
            "{path}"
        );
    }
    let figures = Figures::parse(&text(&viewed.get("/metrics").body));
    assert_eq!(figures.of("pillion_sessions", &[]), 1.0);
    assert_eq!(
        figures
            .values_of("identity")
            .into_iter()
            .collect::<Vec<_>>(),
        ["anonymous"]
    );
}

#[test]
fn it_remembers_what_was() {
    let programs = Folder::new();
    driver_program(&programs, "busy");
    let viewed = Viewed::open();
    let samples = |since: u64| -> Vec<Value> {
        let history = viewed.json(&format!("/history.json?since={since}"));
        assert_eq!(
            (&history["every"], &history["kept"]),
            (&1.into(), &600.into())
        );
        history["samples"].as_array().unwrap().clone()
    };
    let busy = Busy::start(&viewed, &programs, "", 64 << 20);
    eventually("it is seen at work", || {
        samples(0).iter().any(|sample| {
            let one = &sample["identities"][0];
            one["busy"].as_f64().is_some_and(|busy| busy > 0.0)
                && (&one["memory"], &one["sessions"]) == (&(64 << 20).into(), &1.into())
                && one["identity"]
                    .as_str()
                    .is_some_and(|name| name.starts_with("uid "))
                && (&sample["busy"], &sample["memory"]) == (&one["busy"], &one["memory"])
        })
    });
    busy.end();
    eventually("it is seen to have gone", || {
        let samples = samples(0);
        let last = samples.last().unwrap();
        last["sessions"] == 0
            && last["memory"] == 0
            && last["identities"] == Value::Array(Vec::new())
    });
    let all = samples(0);
    let numbers: Vec<u64> = all
        .iter()
        .map(|sample| sample["number"].as_u64().unwrap())
        .collect();
    assert!(
        numbers.iter().copied().eq(0..numbers.len() as u64),
        "{numbers:?}"
    );
    let times: Vec<u64> = all
        .iter()
        .map(|sample| sample["time"].as_u64().unwrap())
        .collect();
    assert!(times.is_sorted());
    // The device was never busier than it can be with one session; the clocks of both may differ by a little.
    let busy: f64 = all
        .iter()
        .map(|sample| sample["busy"].as_f64().unwrap())
        .sum();
    assert!(busy > 0.0 && busy <= all.len() as f64 + 1.0, "{busy}");
    let later = samples(2);
    assert!(later[0] == all[2]);
    assert!(samples(u64::MAX).is_empty());
}

#[test]
fn it_stays_until_the_server_ends() {
    let mut viewed = Viewed::open();
    let mut client = viewed.program("", "test");
    // Where it is takes a restart.
    let file = viewed.server.folder.path("pillion.toml");
    let settings = std::fs::read_to_string(&file).unwrap();
    std::fs::write(
        &file,
        settings.replace("listen = '127.0.0.1:0'", "listen = '127.0.0.1:1'"),
    )
    .unwrap();
    viewed.server.signal(Signal::HUP);
    eventually("the log says so", || {
        viewed
            .server
            .log()
            .contains("SIGHUP: [web] has changed, which takes a restart")
    });
    viewed.get("/").good();
    viewed.server.signal(Signal::TERM);
    eventually("it is shutting down, and says so", || {
        viewed.json("/status.json")["draining"] == true
    });
    let figures = Figures::parse(&text(&viewed.get("/metrics").body));
    assert_eq!(figures.of("pillion_draining", &[]), 1.0);
    client.ping();
    let mut open = viewed.connect();
    open.get("/", &[]).good();
    drop(client);
    assert!(viewed.server.wait().success());
    assert!(!alive(viewed.server.pid()));
    assert!(open.is_closed());
    assert!(TcpStream::connect(viewed.web).is_err());
}

/// What `pillion serve --check` says of settings: whether they are good, and all of it.
fn checked(settings: &str, options: &[&str]) -> (bool, String) {
    let folder = Folder::new();
    token(&folder, &["ops", "--scope", "admin"]);
    let settings = settings.replace("TOKENS", folder.path("tokens.toml").to_str().unwrap());
    std::fs::write(folder.path("pillion.toml"), settings).unwrap();
    let output = pillion()
        .args(["serve", "--check", "--config"])
        .arg(folder.path("pillion.toml"))
        .args(options)
        .output()
        .unwrap();
    (
        output.status.success(),
        text(&output.stdout) + &text(&output.stderr),
    )
}

#[test]
fn who_could_see_it_is_settled_before_it_is_there() {
    let tokens = "token-file = 'TOKENS'\n";
    for (settings, options, good, says) in [
        // A token is asked for unless it is said otherwise.
        (
            "[web]\nlisten = '127.0.0.1:0'",
            &[][..],
            false,
            "pillion.toml:2:10: the web page asks for a token",
        ),
        (
            "[web]\nlisten = '127.0.0.1:0'\nauthentication = 'token'",
            &[],
            false,
            "pillion.toml:3:18: the web page asks for a token",
        ),
        (
            "TOKENS[web]\nlisten = '127.0.0.1:0'",
            &[],
            true,
            "http://127.0.0.1:0/, for who has a token with the scope admin",
        ),
        (
            "[web]\nlisten = '[::1]:0'\nauthentication = 'none'",
            &[],
            true,
            "http://[::1]:0/, for everybody on this machine",
        ),
        // Others may not see it without, nor in the clear.
        (
            "[web]\nlisten = '0.0.0.0:0'\nauthentication = 'none'\ninsecure = true",
            &[],
            false,
            "pillion.toml:3:18: the web page at 0.0.0.0:0 has to ask for a token",
        ),
        (
            "TOKENS[web]\nlisten = '0.0.0.0:0'",
            &[],
            false,
            "pillion.toml:3:10: tokens would travel in the clear",
        ),
        (
            "TOKENS[web]\nlisten = '[::]:0'\ninsecure = false",
            &[],
            false,
            "reverse proxy with TLS",
        ),
        (
            "TOKENS[web]\nlisten = '0.0.0.0:0'\ninsecure = true",
            &[],
            true,
            "warning: the web page at 0.0.0.0:0 is not encrypted",
        ),
        (
            "TOKENS[web]\nlisten = '127.0.0.1:0'\ninsecure = true",
            &[],
            true,
            "`insecure` says nothing here",
        ),
        // The command line goes before.
        (
            "TOKENS",
            &["--web", "127.0.0.1:0"],
            true,
            "for who has a token",
        ),
        (
            "[web]\nlisten = '0.0.0.0:0'\nauthentication = 'none'",
            &["--web", "127.0.0.1:0"],
            true,
            "for everybody on this machine",
        ),
        (
            "[web]\nauthentication = 'none'",
            &["--web", "127.0.0.1:0"],
            true,
            "for everybody on this machine",
        ),
        (
            "TOKENS",
            &["--web", "0.0.0.0:0"],
            false,
            "tokens would travel in the clear",
        ),
        (
            "TOKENS",
            &["--web", "0.0.0.0:0", "--insecure"],
            true,
            "is not encrypted",
        ),
        (
            "",
            &["--web", "localhost:0"],
            false,
            "is not an address and a port",
        ),
        (
            "[web]\nauthentication = 'none'",
            &[],
            true,
            "[web] without `listen`",
        ),
    ] {
        let settings = settings.replace("TOKENS", tokens);
        let (is_good, said) = checked(&settings, options);
        assert!(
            is_good == good && said.contains(says),
            "{settings} {options:?}: {said}"
        );
    }
    // An address that somebody has.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = Folder::new();
    std::fs::write(
        folder.path("pillion.toml"),
        "[web]\nauthentication = 'none'",
    )
    .unwrap();
    let output = pillion()
        .args([
            "serve", "--device", "cpu", "--cache", "off", "--web", &address, "--listen",
        ])
        .arg(format!("unix://{}", folder.path("s").display()))
        .arg("--config")
        .arg(folder.path("pillion.toml"))
        .output()
        .unwrap();
    let said = text(&output.stderr);
    assert!(
        !output.status.success()
            && said.contains(&format!("cannot listen at {address} for the web page")),
        "{said}"
    );
}
