//! What is measured: a driver, and the way to it.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use pillion_link::{Link, Relay, Statistics};
use pillion_transport::{ListenOptions, Uri, listen};

use super::child::{self, Line};
use super::figures;
use super::line;
use crate::client::Session;
use crate::run;

/// Fresh processes of which the start is measured.
const STARTS: usize = 5;
const STARTS_QUICK: usize = 3;
/// Behind a start there is a pause of so many times what it took, so that the server has another worker ready as it has for
/// programs that come now and then; and it lasts so long at least, and at most.
const PAUSE: u32 = 10;
const SHORTEST_PAUSE: Duration = Duration::from_millis(700);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);
/// How long a process that is measured may say nothing before it counts as hanging: no figure takes nearly as long.
const SILENCE: Duration = Duration::from_secs(300);

/// What all measurements have in common.
pub struct Plan {
    /// The folder of Pillion's client library.
    pub libraries: PathBuf,
    /// This program.
    pub program: PathBuf,
    pub quick: bool,
    pub seed: u64,
}

/// A column.
pub struct Target {
    /// Its name for people, and in JSON.
    pub name: String,
    pub way: Way,
}

/// How a program comes to a device.
pub enum Way {
    /// By NVIDIA's driver on this machine.
    Native,
    /// Through a server, perhaps over an emulated link.
    Server { uri: Uri, link: Option<Link> },
}

/// What came of it.
#[derive(Default)]
pub struct Measured {
    pub device: Option<String>,
    pub driver_version: Option<u32>,
    /// Why there is nothing.
    pub absent: Option<String>,
    pub figures: BTreeMap<String, Outcome>,
    /// What has passed over the emulated link.
    pub passed: Option<Statistics>,
}

/// What came of a figure.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// Values in the figure's base unit.
    Samples(Vec<f64>),
    Skipped(String),
    Failed(String),
}

impl Target {
    pub fn new(way: Way) -> Self {
        let name = match &way {
            Way::Native => "native".to_owned(),
            Way::Server { uri, link: None } => uri.to_string(),
            Way::Server {
                uri,
                link: Some(link),
            } => format!("{uri} ({link})"),
        };
        Target { name, way }
    }

    /// The emulated link.
    pub fn link(&self) -> Option<&Link> {
        match &self.way {
            Way::Server { link, .. } => link.as_ref(),
            Way::Native => None,
        }
    }

    /// The kind of connection to its server, where it is one without an emulated link.
    pub fn line(&self) -> Option<line::Kind> {
        match &self.way {
            Way::Server { uri, link: None } => line::Kind::of(uri),
            _ => None,
        }
    }

    /// Measures every figure.
    pub fn measure(&self, plan: &Plan) -> Measured {
        let mut measured = Measured::default();
        match self.open() {
            Ok(route) => {
                if let Err(error) = self.measure_over(&route, plan, &mut measured) {
                    measured.absent = Some(format!("{error:#}"));
                }
                measured.passed = route.relay.map(Relay::stop);
            }
            Err(error) => measured.absent = Some(format!("{error:#}")),
        }
        measured
    }

    /// Makes the way ready to be taken by processes.
    pub fn open(&self) -> Result<Route> {
        let (servers, relay) = match &self.way {
            Way::Native => (None, None),
            Way::Server { uri, link } => {
                // It tells better than a program can why a server is of no use.
                Session::open(uri)?.close();
                let relay = link.as_ref().map(|link| relay(uri, link)).transpose()?;
                let uri = relay.as_ref().map_or(uri, Relay::uri);
                (Some(uri.to_string()), relay)
            }
        };
        Ok(Route { servers, relay })
    }

    fn measure_over(&self, route: &Route, plan: &Plan, measured: &mut Measured) -> Result<()> {
        let starts = if plan.quick { STARTS_QUICK } else { STARTS };
        let mut samples: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for _ in 0..starts {
            let begun = Instant::now();
            for (figure, outcome) in self.child(route, plan, true, measured)? {
                match outcome {
                    Outcome::Samples(values) => samples.entry(figure).or_default().extend(values),
                    other => drop(measured.figures.insert(figure, other)),
                }
            }
            std::thread::sleep((begun.elapsed() * PAUSE).clamp(SHORTEST_PAUSE, LONGEST_PAUSE));
        }
        for (figure, samples) in samples {
            let outcome = Outcome::Samples(samples);
            measured.figures.entry(figure).or_insert(outcome);
        }
        let figures = self.child(route, plan, false, measured)?;
        measured.figures.extend(figures);
        Ok(())
    }

    /// Runs a process that measures, and hears what it says. An error is why there is no device.
    fn child(
        &self,
        route: &Route,
        plan: &Plan,
        start_only: bool,
        measured: &mut Measured,
    ) -> Result<Vec<(String, Outcome)>> {
        let driver = match self.way {
            Way::Native => "native",
            Way::Server { .. } => "pillion",
        };
        let mut command = Command::new(&plan.program);
        command.args(["bench-child", "--driver", driver]);
        command.args(["--seed", &plan.seed.to_string()]);
        // What the line takes, not what need not cross it.
        command.env("PILLION_CACHE", "off");
        command.env("PILLION_COMPRESSION", "off");
        if start_only {
            command.arg("--start-only");
        }
        if plan.quick {
            command.arg("--quick");
        }
        route.lead(&mut command, &plan.libraries);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        command.args(["--started", &child::clock().to_string()]);
        let mut process = command.spawn().context("cannot start a process")?;
        let mut figures = Vec::new();
        let ended = hear(&mut process, |line| match line {
            Line::Device {
                name,
                driver_version,
            } => {
                measured.device = Some(name);
                measured.driver_version = Some(driver_version);
                Ok(())
            }
            Line::Samples { figure, samples } => {
                figures.push((figure, Outcome::Samples(samples)));
                Ok(())
            }
            Line::Skipped { figure, reason } => {
                figures.push((figure, Outcome::Skipped(reason)));
                Ok(())
            }
            Line::Failed { figure, reason } => {
                figures.push((figure, Outcome::Failed(reason)));
                Ok(())
            }
            Line::NoDevice { reason } => Err(anyhow!(reason)),
            Line::Done => Ok(()),
        });
        match ended {
            Ok(()) => Ok(figures),
            Err(End::Refused(error)) => Err(error),
            // What it had told until then stands; the rest is this one's fault.
            Err(End::Broken(reason)) => {
                let told: Vec<_> = figures.iter().map(|(figure, _)| figure.clone()).collect();
                let missing = figures::figures(plan.quick)
                    .into_iter()
                    .map(|figure| figure.key)
                    .filter(|key| figures::is_start(key) == start_only && !told.contains(key));
                figures.extend(missing.map(|key| (key, Outcome::Failed(reason.clone()))));
                Ok(figures)
            }
        }
    }
}

/// A way that processes can take.
pub struct Route {
    /// What they are told of servers; nothing natively.
    servers: Option<String>,
    relay: Option<Relay>,
}

impl Route {
    /// Lets a command take this way.
    pub fn lead(&self, command: &mut Command, libraries: &Path) {
        match &self.servers {
            Some(servers) => run::ride(command, libraries, servers),
            None => run::walk(command),
        }
    }
}

/// A link to a server, within this process.
fn relay(uri: &Uri, link: &Link) -> Result<Relay> {
    // Loopback is what a distant server is most like: nothing but bytes can pass.
    let near = Uri::Tcp {
        host: "127.0.0.1".to_owned(),
        port: 0,
    };
    let listener = listen(&near, &ListenOptions::default())?;
    let relay = Relay::start(listener, vec![uri.clone()], link.clone(), |what| {
        eprintln!("pillion: {what}");
    });
    relay.context("cannot emulate a link")
}

/// How a process ended that was not done.
enum End {
    /// It has no device.
    Refused(anyhow::Error),
    /// It broke off.
    Broken(String),
}

/// Hears a process to its end.
fn hear(process: &mut Child, mut take: impl FnMut(Line) -> Result<()>) -> Result<(), End> {
    let (told, lines) = mpsc::channel();
    if let Some(output) = process.stdout.take() {
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if told.send(line).is_err() {
                    break;
                }
            }
        });
    }
    let mut done = false;
    let heard = loop {
        match lines.recv_timeout(SILENCE) {
            Ok(line) => match serde_json::from_str(&line) {
                Ok(Line::Done) => done = true,
                Ok(line) => {
                    if let Err(error) = take(line) {
                        break Err(End::Refused(error));
                    }
                }
                // What the device prints, or a library: not for us.
                Err(_) => {}
            },
            Err(mpsc::RecvTimeoutError::Disconnected) => break Ok(()),
            Err(mpsc::RecvTimeoutError::Timeout) => {
                let _ = process.kill();
                let seconds = SILENCE.as_secs();
                break Err(End::Broken(format!("it hangs: nothing for {seconds} s")));
            }
        }
    };
    let status = process.wait();
    heard?;
    match (done, status) {
        (true, Ok(status)) if status.success() => Ok(()),
        (_, Ok(status)) => Err(End::Broken(format!("the process broke off: {status}"))),
        (_, Err(error)) => Err(End::Broken(format!("the process is lost: {error}"))),
    }
}
