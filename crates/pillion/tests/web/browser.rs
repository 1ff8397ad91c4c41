//! The page in a browser: Chromium, led by its own protocol for that.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};

use crate::common::{Folder, WATCHDOG, driver_program, eventually};
use crate::{Busy, HOSTILE, Viewed, token};

/// Where one is.
fn found() -> Option<PathBuf> {
    if let Some(path) = std::env::var_os("PILLION_TEST_CHROMIUM") {
        return Some(path.into());
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let names = [
        "chromium",
        "chromium-browser",
        "google-chrome",
        "chrome-headless-shell",
    ];
    let all = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    all.into_iter().find(|path| path.is_file())
}

/// A browser with one page.
struct Browser {
    child: Child,
    to: ChildStdin,
    said: Receiver<Value>,
    session: String,
    number: u64,
    /// What went wrong in the page, by its own account.
    complaints: Vec<String>,
    _folder: Folder,
}

impl Browser {
    fn start(program: &Path) -> Self {
        let folder = Folder::new();
        // It hears and speaks by the descriptors 3 and 4.
        let mut child = Command::new("sh")
            .args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >&2", "sh"])
            .arg(program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
            ])
            .args([
                "--remote-debugging-pipe",
                "--window-size=1200,1100",
                "--no-first-run",
            ])
            .arg(format!(
                "--user-data-dir={}",
                folder.path("profile").display()
            ))
            .arg("about:blank")
            .env("HOME", &folder.0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let to = child.stdin.take().unwrap();
        let mut from = BufReader::new(child.stdout.take().unwrap());
        let (tell, said) = channel();
        std::thread::spawn(move || {
            loop {
                let mut message = Vec::new();
                match from.read_until(0, &mut message) {
                    Ok(1..) if message.pop() == Some(0) => {}
                    _ => return,
                }
                if tell
                    .send(serde_json::from_slice(&message).unwrap())
                    .is_err()
                {
                    return;
                }
            }
        });
        let mut browser = Browser {
            child,
            to,
            said,
            session: String::new(),
            number: 0,
            complaints: Vec::new(),
            _folder: folder,
        };
        let mut page = None;
        eventually("the browser has a page", || {
            let targets = browser.call("Target.getTargets", json!({}));
            let mut all = targets["targetInfos"].as_array().unwrap().iter();
            page = all.find(|target| target["type"] == "page").cloned();
            page.is_some()
        });
        let attach = json!({ "targetId": page.unwrap()["targetId"], "flatten": true });
        let attached = browser.call("Target.attachToTarget", attach);
        browser.session = attached["sessionId"].as_str().unwrap().to_string();
        for domain in ["Page", "Runtime", "Log"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        browser
    }

    fn call(&mut self, method: &str, parameters: Value) -> Value {
        self.number += 1;
        let mut message = json!({ "id": self.number, "method": method, "params": parameters });
        if !self.session.is_empty() {
            message["sessionId"] = json!(self.session);
        }
        self.to
            .write_all(format!("{message}\0").as_bytes())
            .unwrap();
        let deadline = Instant::now() + WATCHDOG;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let said = self.said.recv_timeout(left).expect("the browser answers");
            if said["id"] == self.number {
                assert!(said.get("error").is_none(), "{method}: {said}");
                return said["result"].clone();
            }
            self.note(&said);
        }
    }

    fn note(&mut self, said: &Value) {
        let parameters = &said["params"];
        let is_bad = match said["method"].as_str() {
            Some("Runtime.exceptionThrown" | "Page.javascriptDialogOpening") => true,
            Some("Runtime.consoleAPICalled") => true,
            Some("Log.entryAdded") => parameters["entry"]["level"] != "verbose",
            _ => false,
        };
        if is_bad {
            self.complaints.push(parameters.to_string());
        }
    }

    fn open(&mut self, address: &str) {
        let went = self.call("Page.navigate", json!({ "url": address }));
        assert!(went.get("errorText").is_none(), "{went}");
    }

    /// What an expression is in the page.
    fn is(&mut self, expression: &str) -> Value {
        let asked = json!({ "expression": expression, "returnByValue": true });
        let result = self.call("Runtime.evaluate", asked);
        assert!(
            result.get("exceptionDetails").is_none(),
            "{expression}: {result}"
        );
        result["result"]["value"].clone()
    }

    /// Waits until that is so.
    fn until(&mut self, expression: &str) {
        eventually(expression, || self.is(expression) == true);
    }

    /// Puts a picture where the tester wants them.
    fn picture(&mut self, name: &str) {
        let Some(folder) = std::env::var_os("PILLION_TEST_PICTURES") else {
            return;
        };
        let picture = self.call(
            "Page.captureScreenshot",
            json!({ "captureBeyondViewport": true }),
        );
        let picture = BASE64.decode(picture["data"].as_str().unwrap()).unwrap();
        std::fs::write(Path::new(&folder).join(format!("{name}.png")), picture).unwrap();
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The points of a path of a plot.
const POINTS: &str = "(path) => path.getAttribute('d').split(/[MLZ]/).filter(Boolean).map((point) => point.split(' ').map(Number))";

#[test]
fn the_page_shows_what_is_so() {
    let Some(program) = found() else {
        let needs = std::env::var_os("PILLION_TEST_PEERS").is_some();
        assert!(!needs, "there is no browser");
        eprintln!("skipped: there is no Chromium; PILLION_TEST_CHROMIUM says where one is");
        return;
    };
    let folder = Folder::new();
    let (ada, bob) = (
        token(&folder, &["ada"]),
        token(&folder, &["bob@example.org"]),
    );
    let operator = token(&folder, &["ops", "--scope", "admin"]);
    let programs = Folder::new();
    driver_program(&programs, "busy");
    let alone = "[[identity]]\nname = 'bob@example.org'\nmode = 'exclusive'";
    let viewed = Viewed::with_tokens(folder, alone);
    let busy = Busy::start(&viewed, &programs, &ada, 64 << 20);
    let hostile = viewed.program(&ada, HOSTILE);
    let mut waits = crate::Client::connect(&viewed.server.tcp);
    let mut hello = pillion_protocol::Hello::new(13000, 4321, &bob, HOSTILE);
    hello.waits = true;
    waits.hello(&hello);
    assert_eq!(waits.hear(), crate::Said::Queued(1));

    let mut browser = Browser::start(&program);
    browser.open(&format!("http://me:{operator}@{}/", viewed.web));
    // At a glance.
    browser.until("document.querySelector('#sessions-count')?.textContent === '2'");
    browser.until("document.querySelector('#waiting-count').textContent === '1'");
    let server = browser.is("document.querySelector('#server').textContent");
    let server = server.as_str().unwrap();
    assert!(
        server.contains(env!("CARGO_PKG_VERSION")) && server.contains("cpu"),
        "{server}"
    );
    assert_eq!(browser.is("document.querySelector('#notice').hidden"), true);
    let gpu = browser.is("document.querySelector('.gpu').innerText");
    assert!(gpu.as_str().unwrap().contains("2 sessions"), "{gpu}");
    browser.until("document.querySelector('progress.held').value === 64 * 1024 * 1024");

    // A row for each, in which a name is what it is.
    let row = |index| {
        format!(
            "[...document.querySelectorAll('#sessions tbody tr')[{index}].cells].map((cell) => cell.firstChild.textContent)"
        )
    };
    let first = browser.is(&row(0));
    assert_eq!(
        (&first[0], &first[3], &first[4]),
        (&"ada".into(), &"0".into(), &"64 MiB".into())
    );
    assert!(first[1].as_str().unwrap().ends_with("busy"), "{first}");
    let second = browser.is(&row(1));
    let shown = HOSTILE.replace('\n', "\u{fffd}");
    assert_eq!(
        (&second[0], &second[1]),
        (&"ada".into(), &shown.as_str().into())
    );
    assert!(
        second[2].as_str().unwrap().starts_with("127.0.0.1:"),
        "{second}"
    );
    let queued = browser.is("[...document.querySelectorAll('#queue tbody tr')[0].cells].map((cell) => cell.firstChild.textContent)");
    assert_eq!(
        (&queued[0], &queued[1], &queued[2]),
        (
            &"1".into(),
            &"bob@example.org".into(),
            &shown.as_str().into()
        )
    );
    assert_eq!(
        browser.is("document.querySelectorAll('main script, main img, main td td').length"),
        0
    );
    assert_eq!(browser.is("document.title"), "Pillion");

    // Plots with what was used, and more of it as time goes on.
    browser.until("document.querySelectorAll('#legend li').length === 1");
    assert_eq!(
        browser.is("document.querySelector('#legend li').textContent"),
        "ada"
    );
    let area = |plot| format!("document.querySelector('#plot-{plot} path[data-identity=ada]')");
    browser.until(&format!("({POINTS})({}).length > 8", area("busy")));
    for plot in ["busy", "memory"] {
        let points = browser.is(&format!("({POINTS})({})", area(plot)));
        let points: Vec<(f64, f64)> = serde_json::from_value(points).unwrap();
        assert!(
            points
                .iter()
                .all(|(x, y)| x.is_finite() && (0.0..=190.0).contains(y)),
            "{points:?}"
        );
        // Somewhere it is above the axis, which is the lowest.
        let heights = points.iter().map(|(_, y)| *y);
        let (least, most) = heights.fold((f64::MAX, f64::MIN), |(least, most), y| {
            (least.min(y), most.max(y))
        });
        assert!(most - least > 5.0, "{plot}: {points:?}");
    }
    for line in ["sessions", "waiting"] {
        assert!(
            browser
                .is(&format!(
                    "({POINTS})(document.querySelector('#plot-sessions path.{line}')).length"
                ))
                .as_u64()
                .unwrap()
                > 4
        );
    }
    for plot in ["busy", "memory", "sessions"] {
        let words = browser.is(&format!("[...document.querySelectorAll('#plot-{plot} text')].map((text) => text.textContent).join()"));
        let words = words.as_str().unwrap();
        assert!(
            words.starts_with('0') && words.contains("−2 min") && words.ends_with("−10 min"),
            "{words}"
        );
    }
    // What somebody points at is told.
    let edges = "document.querySelector('#plot-memory svg').getBoundingClientRect()";
    let place = browser.is(&format!(
        "(({{ right, top }}) => [right - 9, top + 60])({edges})"
    ));
    let at = json!({ "type": "mouseMoved", "x": place[0], "y": place[1] });
    browser.call("Input.dispatchMouseEvent", at);
    browser.until("document.querySelectorAll('.tip:not([hidden])').length === 3");
    let tip = browser.is("document.querySelector('#plot-memory .tip').innerText");
    let tip = tip.as_str().unwrap();
    assert!(tip.contains("ada") && tip.contains("64 MiB"), "{tip}");
    browser.picture("light");

    // It is as wide as a telephone, and no wider; and in the dark.
    let telephone = json!({ "width": 360, "height": 800, "deviceScaleFactor": 1, "mobile": true });
    browser.call("Emulation.setDeviceMetricsOverride", telephone);
    browser.until("document.documentElement.scrollWidth <= 360 && innerWidth === 360");
    let colour = "getComputedStyle(document.body).backgroundColor";
    let light = browser.is(colour);
    let dark = json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
    browser.call("Emulation.setEmulatedMedia", dark);
    browser.until(&format!("{colour} !== '{}'", light.as_str().unwrap()));
    browser.picture("telephone");
    browser.call("Emulation.clearDeviceMetricsOverride", json!({}));
    browser.until("innerWidth > 1000");
    browser.picture("dark");
    assert!(browser.complaints.is_empty(), "{:#?}", browser.complaints);

    // Those who leave go, and who waited comes.
    busy.end();
    drop(hostile);
    browser.until(
        "document.querySelector('#sessions tbody td')?.textContent.startsWith('bob@example.org')",
    );
    assert_eq!(
        browser.is("document.querySelector('#queue-section').hidden"),
        true
    );
    assert!(browser.complaints.is_empty(), "{:#?}", browser.complaints);

    // It says when nobody answers any more, and goes on when somebody does: here a server with another history, at the same place.
    let Viewed { server, web } = viewed;
    let settings = std::fs::read_to_string(server.folder.path("pillion.toml")).unwrap();
    let tokens = std::fs::read(server.folder.path("tokens.toml")).unwrap();
    let before = server.folder.0.clone();
    drop(server);
    browser.until("document.body.className === 'gone' && document.querySelector('#notice').innerText.includes('does not answer')");
    browser.picture("gone");
    let next = Folder::new();
    let here = |text: &str| text.replace(before.to_str().unwrap(), next.0.to_str().unwrap());
    let settings = here(&settings).replace("listen = '127.0.0.1:0'", &format!("listen = '{web}'"));
    std::fs::write(next.path("pillion.toml"), settings).unwrap();
    next.private("tokens.toml", tokens);
    let mut server = crate::Server::configured(next);
    assert_eq!(server.web(), web);
    browser.until("document.body.className === '' && document.querySelector('#notice').hidden");
    browser.until("document.querySelector('#sessions-count').textContent === '0'");
    browser.until(&format!(
        "document.querySelector('#server').textContent.includes('process {}')",
        server.pid()
    ));
    browser.until("document.querySelector('#plot-sessions path.sessions') !== null");

    // A token that has been revoked opens nothing more, and the page says so once.
    let revoked = crate::pillion()
        .args(["token", "revoke", crate::public(&operator), "--file"])
        .arg(server.folder.path("tokens.toml"))
        .output()
        .unwrap();
    assert!(revoked.status.success());
    browser.until("document.querySelector('#notice').innerText.includes('has been revoked')");
}
