//! `pillion doctor`: looks at everything that has to be right before a program can ride, and says what to do about the rest.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use comfy_table::{Cell, Color};
use pillion_cuda_abi::API_VERSION;
use pillion_dial::{Place, first_of};
use pillion_protocol::{BUILD, CHUNK};
use pillion_transport::Uri;
use pillion_transport::tls::Trust;
use serde::Serialize;

use crate::client::{MAX_ECHO, Session};
use crate::devices::version;
use crate::{Servers, libdir, table};

/// Round trips of which the median is told.
const ROUND_TRIPS: usize = 101;
/// How long the bandwidth is measured, about.
const BANDWIDTH_TIME: Duration = Duration::from_millis(300);
/// Where a loader looks of itself, and so where a driver would be.
const SYSTEM_FOLDERS: &[&str] = &[
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/lib/x86_64-linux-gnu",
    "/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/lib64",
    "/usr/lib",
    "/usr/lib/wsl/lib",
    "/usr/local/cuda/compat",
];

/// `pillion doctor`.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    servers: Servers,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// How a check came out.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Ok,
    /// Worth knowing; nothing has to be done.
    Note,
    Problem,
}

/// What `--json` prints, in a list. Fields are only ever added.
#[derive(Serialize)]
struct Finding {
    check: String,
    verdict: Verdict,
    finding: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
}

/// What `--json` prints.
#[derive(Serialize)]
struct Report {
    well: bool,
    findings: Vec<Finding>,
    servers: Vec<Measured>,
}

/// Figures of a server. Times in seconds, bandwidth in bytes a second each way, both ways at once.
#[derive(Serialize)]
struct Measured {
    server: String,
    first_answer: f64,
    round_trip: f64,
    bandwidth: f64,
}

#[derive(Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(
        &mut self,
        verdict: Verdict,
        check: impl Into<String>,
        finding: impl Into<String>,
        advice: Option<String>,
    ) {
        self.0.push(Finding {
            check: check.into(),
            verdict,
            finding: finding.into(),
            advice,
        });
    }
}

/// Checks, prints, and exits with 0 only if all is well.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let mut findings = Findings::default();
    check_library(&mut findings);
    let servers = check_servers(&options.servers, &mut findings);
    let well = findings
        .0
        .iter()
        .all(|finding| finding.verdict != Verdict::Problem);
    let report = Report {
        well,
        findings: findings.0,
        servers,
    };
    if options.json {
        println!("{}", serde_json::to_string_pretty(&report)?);
    } else {
        print(&report);
    }
    Ok(if well {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn print(report: &Report) {
    let mut table = table::table(&["", "check", "finding, and what to do"]);
    for finding in &report.findings {
        let (word, color) = match finding.verdict {
            Verdict::Ok => ("ok", Color::Green),
            Verdict::Note => ("note", Color::Yellow),
            Verdict::Problem => ("PROBLEM", Color::Red),
        };
        let text = match &finding.advice {
            Some(advice) => format!("{}\n-> {advice}", finding.finding),
            None => finding.finding.clone(),
        };
        table.add_row([
            Cell::new(word).fg(color),
            Cell::new(&finding.check),
            Cell::new(text),
        ]);
    }
    println!("{table}");
    println!(
        "{}",
        if report.well {
            "All is well."
        } else {
            "There are problems: see above."
        }
    );
}

fn check_library(findings: &mut Findings) {
    let folder = match libdir::find() {
        Ok(folder) => folder,
        Err(error) => {
            let advice = "build it with `cargo xtask dist`, or set PILLION_LIBDIR".to_string();
            return findings.add(
                Verdict::Problem,
                "client library",
                error.to_string(),
                Some(advice),
            );
        }
    };
    let library = folder.join(libdir::LIBRARY);
    match load(&library) {
        Ok(()) => findings.add(
            Verdict::Ok,
            "client library",
            format!("{} loads", library.display()),
            None,
        ),
        Err(reason) => {
            let advice = "build it again with `cargo xtask dist`, or let PILLION_LIBDIR name the folder of a good one";
            findings.add(
                Verdict::Problem,
                "client library",
                reason,
                Some(advice.to_string()),
            );
        }
    }
    check_path(&folder, findings);
    if let Some(preloaded) =
        std::env::var_os("LD_PRELOAD").filter(|list| list.to_string_lossy().contains("libcuda"))
    {
        findings.add(
            Verdict::Problem,
            "LD_PRELOAD",
            format!("it names another libcuda: {}", preloaded.display()),
            Some("unset it: what it names goes before Pillion".to_string()),
        );
    }
}

/// Whether a library loads, and is Pillion's.
fn load(path: &Path) -> Result<(), String> {
    if !libdir::is_client(path) {
        return Err(format!(
            "{} is not Pillion's client library",
            path.display()
        ));
    }
    // SAFETY: the file holds Pillion's marker, and Pillion's client library does nothing when it is loaded but mark itself; it
    // connects in cuInit, which nobody calls here.
    let library = unsafe { libloading::Library::new(path) }
        .map_err(|error| format!("{} does not load: {error}", path.display()))?;
    // SAFETY: only the address is looked at.
    let marker = unsafe { library.get::<*const u32>(libdir::MARKER) }.map(|_| ());
    marker.map_err(|error| format!("{} loads, but is not whole: {error}", path.display()))
}

/// What the loader would find.
fn check_path(folder: &Path, findings: &mut Findings) {
    let path = std::env::var_os("LD_LIBRARY_PATH").unwrap_or_default();
    let entries: Vec<PathBuf> = std::env::split_paths(&path)
        .filter(|entry| !entry.as_os_str().is_empty())
        .collect();
    let same = |entry: &Path| entry.canonicalize().is_ok_and(|entry| entry == folder);
    let first = entries
        .iter()
        .find(|entry| entry.join(libdir::LIBRARY).exists());
    let advice = format!("export LD_LIBRARY_PATH={}", folder.display());
    match first {
        Some(entry) if same(entry) => {
            findings.add(
                Verdict::Ok,
                "LD_LIBRARY_PATH",
                "programs find Pillion's library first",
                None,
            );
        }
        Some(entry) if entries.iter().any(|entry| same(entry)) => findings.add(
            Verdict::Problem,
            "LD_LIBRARY_PATH",
            format!(
                "{} holds another {} and comes before {}",
                entry.display(),
                libdir::LIBRARY,
                folder.display()
            ),
            Some(format!("{advice}:$LD_LIBRARY_PATH")),
        ),
        Some(entry) => findings.add(
            Verdict::Note,
            "LD_LIBRARY_PATH",
            format!(
                "{} holds another {}; `pillion run` goes before it",
                entry.display(),
                libdir::LIBRARY
            ),
            Some(format!(
                "for programs that are started otherwise: {advice}:$LD_LIBRARY_PATH"
            )),
        ),
        None => findings.add(
            Verdict::Note,
            "LD_LIBRARY_PATH",
            "it does not lead to Pillion; `pillion run` sets it for the program that it starts",
            Some(format!("for programs that are started otherwise: {advice}")),
        ),
    }
    let driver = SYSTEM_FOLDERS
        .iter()
        .map(|folder| Path::new(folder).join(libdir::LIBRARY))
        .find(|path| path.exists());
    match driver {
        Some(driver) if !libdir::is_client(&driver) => findings.add(
            Verdict::Note,
            "driver",
            format!("this machine has NVIDIA's driver, {}", driver.display()),
            Some(
                "programs use it unless they are started by `pillion run`; one whose own run path (RPATH) leads to it \
                 uses it all the same"
                    .to_string(),
            ),
        ),
        _ => findings.add(Verdict::Ok, "driver", "no NVIDIA driver on this machine that could be in the way", None),
    }
}

fn check_servers(servers: &Servers, findings: &mut Findings) -> Vec<Measured> {
    let mut uris = Vec::new();
    for place in servers.places() {
        match place {
            Place::At(uri) => uris.push(uri),
            Place::On(_) => uris.extend(choose(&place, findings)),
        }
    }
    if uris.iter().any(Uri::has_certificates) {
        check_tls(findings);
    }
    check_proxies(&uris, findings);
    let mut measured = Vec::new();
    let mut failures = Vec::new();
    for uri in &uris {
        match check_server(uri, findings) {
            Ok(figures) => measured.push(figures),
            Err(reason) => failures.push((uri, reason)),
        }
    }
    // Of the places where a server is by default, one is enough. Of those that somebody named, each has to be there.
    let verdict = if servers.named() || measured.is_empty() {
        Verdict::Problem
    } else {
        Verdict::Note
    };
    for (uri, reason) in failures {
        let advice = match verdict {
            Verdict::Note => None,
            _ if uri.has_certificates() => Some(
                "correct or remove it in PILLION_SERVER, start that server, or correct the PILLION_TLS_ variables"
                    .to_string(),
            ),
            _ if servers.named() => {
                Some("correct or remove it in PILLION_SERVER, or start that server".to_string())
            }
            _ => Some(
                "start a server with `pillion serve`, or name one in PILLION_SERVER".to_string(),
            ),
        };
        findings.add(verdict, uri.to_string(), reason, advice);
    }
    measured
}

/// The way that is taken to a machine, with what was found of the others.
fn choose(place: &Place, findings: &mut Findings) -> Option<Uri> {
    let mut failed = HashMap::new();
    let chosen = first_of(std::slice::from_ref(place), |uri| {
        let opened = Session::open(uri);
        opened
            .map(|session| {
                session.close();
                uri.clone()
            })
            .inspect_err(|error| {
                failed.insert(uri.clone(), error.to_string());
            })
    });
    let chosen = chosen.ok();
    let mut is_past = false;
    let lines = place.ways().into_iter().map(|way| {
        let uri = way.uri;
        if chosen.as_ref() == Some(&uri) {
            is_past = true;
            return format!("{uri}: taken ({})", way.because);
        }
        match failed.get(&uri) {
            Some(reason) => reason.clone(),
            None if !way.is_tried => format!("{uri}: not tried, {}", way.because),
            None if is_past => format!("{uri}: not needed"),
            None => format!("{uri}: not tried in place of an encrypted one"),
        }
    });
    let lines: Vec<String> = lines.collect();
    let lines = lines.join("\n");
    match chosen {
        Some(_) => findings.add(Verdict::Ok, place.to_string(), lines, None),
        None => findings.add(
            Verdict::Problem,
            place.to_string(),
            lines,
            Some(
                "start a server there with `pillion serve`, or name the address of one".to_string(),
            ),
        ),
    }
    chosen
}

/// Which proxies lead to servers behind HTTP.
fn check_proxies(uris: &[Uri], findings: &mut Findings) {
    let (mut shown, mut wrong) = (Vec::new(), None);
    for uri in uris {
        let (Uri::Ws { host, port, .. } | Uri::Wss { host, port, .. }) = uri else {
            continue;
        };
        match pillion_dial::proxies() {
            Ok(proxies) => match proxies.to(host, *port, uri.has_certificates()) {
                Some(proxy) => shown.push(format!("{proxy} leads to {uri}")),
                None => shown.push(format!("none leads to {uri}")),
            },
            Err(error) => wrong = Some(error.to_string()),
        }
    }
    if !shown.is_empty() {
        findings.add(Verdict::Ok, "proxies", shown.join("; "), None);
    }
    if let Some(wrong) = wrong {
        let advice = "correct or unset that variable; PILLION_PROXY names a proxy for Pillion alone, or none";
        findings.add(Verdict::Problem, "proxies", wrong, Some(advice.to_string()));
    }
}

/// What is used at `tls://` and `wss://` servers.
fn check_tls(findings: &mut Findings) {
    let settings = pillion_dial::tls().map_err(|error| error.to_string());
    let checked = settings.and_then(|settings| {
        settings.check().map_err(|error| error.to_string())?;
        Ok(settings)
    });
    match checked {
        Ok(settings) => {
            let trust = match &settings.trust {
                Trust::System => "the authorities that this system trusts".to_string(),
                Trust::Authorities(path) => format!("the authorities in {}", path.display()),
                Trust::Pin(pin) => format!("the certificate {pin} and no other"),
            };
            let shown = match &settings.identity {
                Some(identity) => format!("; shows {}", identity.certificate.display()),
                None => String::new(),
            };
            findings.add(Verdict::Ok, "TLS", format!("trusts {trust}{shown}"), None);
        }
        Err(problem) => findings.add(
            Verdict::Problem,
            "TLS",
            problem,
            Some("correct the PILLION_TLS_ variables".to_string()),
        ),
    }
}

/// Opens a session, and measures. An error is why there is none.
fn check_server(uri: &Uri, findings: &mut Findings) -> Result<Measured, String> {
    let begun = Instant::now();
    let mut session = Session::open(uri).map_err(|error| error.to_string())?;
    let first_answer = begun.elapsed().as_secs_f64();
    let welcome = &session.welcome;
    let name = uri.to_string();
    findings.add(
        Verdict::Ok,
        &name,
        format!(
            "welcomes us in {}: {}",
            time(first_answer),
            welcome.description
        ),
        None,
    );
    if welcome.devices.is_empty() {
        let advice = "look at the server's log; --device cpu works everywhere".to_string();
        findings.add(Verdict::Problem, &name, "it has no device", Some(advice));
    }
    let (theirs, ours) = (welcome.driver_version, API_VERSION);
    let versions = format!(
        "CUDA {} here, {} there; Pillion {BUILD} here, {} there; protocol {}",
        version(ours),
        version(theirs),
        match welcome.build.as_str() {
            "" => "older",
            build => build,
        },
        welcome.version
    );
    if theirs < ours {
        let advice = format!(
            "functions newer than CUDA {} answer CUDA_ERROR_NOT_SUPPORTED",
            version(theirs)
        );
        findings.add(Verdict::Note, &name, versions, Some(advice));
    } else {
        findings.add(Verdict::Ok, &name, versions, None);
    }
    let figures = measure(&mut session, first_answer, &name).map_err(|error| error.to_string());
    session.close();
    let figures = figures?;
    let found = format!(
        "round trip {}, {}/s each way, both ways at once",
        time(figures.round_trip),
        table::bytes(figures.bandwidth as u64)
    );
    // A training step waits a few dozen times; beyond this even a program that rarely waits feels it.
    if figures.round_trip > 0.02 {
        let advice =
            "choose a server that is nearer: a program that waits often will be slow".to_string();
        findings.add(Verdict::Note, &name, found, Some(advice));
    } else {
        findings.add(Verdict::Ok, &name, found, None);
    }
    Ok(figures)
}

fn measure(
    session: &mut Session,
    first_answer: f64,
    server: &str,
) -> Result<Measured, crate::client::Error> {
    let mut round_trips = Vec::with_capacity(ROUND_TRIPS);
    let begun = Instant::now();
    while round_trips.len() < ROUND_TRIPS
        && (round_trips.len() < 5 || begun.elapsed() < Duration::from_secs(2))
    {
        round_trips.push(session.echo(0, 1)?);
    }
    round_trips.sort();
    let round_trip = round_trips[round_trips.len() / 2].as_secs_f64();
    let len = CHUNK.min(MAX_ECHO);
    // The first measurement warms the connection up and says how much fits the time.
    let mut count = 2;
    let mut bandwidth = 0.0;
    for _ in 0..8 {
        let took = session.echo(len, count)?;
        bandwidth = (len * count) as f64 / took.as_secs_f64().max(1e-9);
        if took >= BANDWIDTH_TIME / 2 {
            break;
        }
        count = ((bandwidth * BANDWIDTH_TIME.as_secs_f64() / len as f64) as usize)
            .clamp(2 * count, 16 * count);
    }
    Ok(Measured {
        server: server.to_string(),
        first_answer,
        round_trip,
        bandwidth,
    })
}

fn time(seconds: f64) -> String {
    if seconds < 1e-3 {
        format!("{:.1} µs", seconds * 1e6)
    } else if seconds < 1.0 {
        format!("{:.1} ms", seconds * 1e3)
    } else {
        format!("{seconds:.2} s")
    }
}
