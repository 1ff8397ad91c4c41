//! `cargo xtask guest-test`: CUDA programs in a virtual machine, against a server on its host.
//!
//! The guest is made of nothing but Debian's kernel and busybox, Pillion, unmodified CUDA programs and the libraries that these need.
//! It boots under QEMU with KVM where that works, else with emulated processors, runs what it is told and says on its serial console
//! how each program ended, in lines that begin with a number that nobody could guess.

mod container;
pub mod image;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::dist::{self, Dist};
use crate::programs::{self, Choice, Program};
use crate::server::Server;
use crate::{suite, toolkit};
use image::Archive;

/// What is run in the guest on every way to the server.
const PROGRAMS: [&str; 10] = [
    "async_copies",
    "event_timing",
    "graph_capture",
    "host_functions",
    "illegal_address",
    "managed",
    "matmul_tiled",
    "multi_thread",
    "printf_device",
    "vector_add",
];
/// What is loaded in the guest, after what it needs.
const MODULES: [&str; 4] = [
    "virtio_pci",
    "virtio_net",
    "vmw_vsock_virtio_transport",
    "vsock_loopback",
];
/// Longest that a guest may take from its start to its end.
const WATCHDOG: Duration = Duration::from_secs(900);
/// Longest that an empty guest may take where KVM works.
const KVM_BOOT: Duration = Duration::from_secs(10);
/// The guest's memory in MiB.
const MEMORY: u32 = 768;
/// The port of every server.
const PORT: u16 = 7717;

/// The first program of the guest. It is told what to do by `/job`, which defines the number that lines begin with, `$nonce`.
const INIT: &str = r#"#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin:/opt/pillion/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mkdir -p /dev/shm /tmp
mount -t tmpfs tmp /tmp
mount -t tmpfs tmp /dev/shm
. /job
# run NAME COMMAND...: what it prints, and how it ends
run() {
    name=$1
    shift
    "$@" >/tmp/out 2>&1 </dev/null
    status=$?
    sed "s/^/$nonce $name | /" /tmp/out
    echo "$nonce $name = $status"
}
for module in $modules; do insmod /modules/$module.ko || echo "cannot load $module"; done
ip link set lo up
if [ -e /sys/class/net/eth0 ]; then
    ip link set eth0 up
    ip address add 10.0.2.15/24 dev eth0
fi
for device in /sys/bus/pci/devices/*; do
    [ "$(cat $device/device)" = 0x1110 ] && echo 1 >$device/enable
done
job
echo "$nonce end"
poweroff -f
"#;

/// What to test.
pub struct Options {
    /// Only the ways whose name holds this.
    pub filter: Option<String>,
    /// Measure each way besides.
    pub measure: bool,
}

/// How one thing went in a guest.
struct Outcome {
    way: String,
    test: String,
    passed: bool,
    output: String,
}

/// What every guest is made of.
struct Makings {
    kernel: PathBuf,
    modules: Vec<String>,
    initramfs: PathBuf,
    accelerator: &'static str,
    folder: PathBuf,
}

/// Runs everything and answers whether all of it passed.
pub fn run(root: &Path, options: &Options) -> Result<bool> {
    ensure!(
        cfg!(target_arch = "x86_64"),
        "the guest's kernel is fetched as a Debian package for x86-64, and this machine is none"
    );
    image::install(&[
        ("qemu-system-x86_64", "qemu-system-x86"),
        ("busybox", "busybox-static"),
    ])?;
    let folder = root.join("target/guest");
    std::fs::create_dir_all(&folder)?;
    let toolkit = toolkit::get(root)?;
    let dist = dist::build(root)?;
    let programs: Vec<Program> = programs::build(root, &toolkit, &Choice::default())?
        .into_iter()
        .filter(|program| PROGRAMS.contains(&program.name.as_str()))
        .collect();
    ensure!(programs.len() == PROGRAMS.len(), "a program is missing");
    let conformance = image::conformance(root)?;
    let device = image::vsock_device(root)?;
    let (kernel, tree) = image::kernel(&folder)?;
    let makings = Makings::new(&folder, kernel, &tree, &dist, &programs, &conformance)?;
    println!("guests run on {}", makings.accelerator);

    let guests = Guests {
        dist: &dist,
        device: &device,
        programs: &programs,
        makings: &makings,
        measure: options.measure,
    };
    let ways: [(&str, Way<'_>); 6] = [
        ("vsock", Guests::over_vsock),
        ("tcp", Guests::over_tcp),
        ("ivshmem", Guests::over_ivshmem),
        ("alone", Guests::alone),
        ("network", Guests::over_network),
        ("container", Guests::in_container),
    ];
    let mut all = Vec::new();
    for (name, way) in ways {
        if options
            .filter
            .as_ref()
            .is_none_or(|filter| name.contains(filter.as_str()))
        {
            all.extend(way(&guests).with_context(|| format!("the guest over {name}"))?);
        }
    }
    report(&all)
}

type Way<'g> = fn(&Guests<'g>) -> Result<Vec<Outcome>>;

struct Guests<'a> {
    dist: &'a Dist,
    device: &'a Path,
    programs: &'a [Program],
    makings: &'a Makings,
    measure: bool,
}

impl Guests<'_> {
    /// A guest's vsock that another process of the host provides as a Unix socket, as Firecracker does itself.
    fn over_vsock(&self) -> Result<Vec<Outcome>> {
        let place = Place::new("vsock")?;
        let vsock = VsockDevice::start(self.device, &place)?;
        let listen = format!("unix://{}_{PORT}", vsock.sockets.display());
        let server = self.server("vsock", &[listen])?;
        let mut outcomes =
            self.programs("vsock", &format!("vsock://host:{PORT}"), &vsock.options)?;
        outcomes.extend(self.killed(
            "vsock",
            &server,
            &format!("vsock://2:{PORT}"),
            &vsock.options,
        )?);
        outcomes.push(ended("vsock", server)?);
        Ok(outcomes)
    }

    /// QEMU's own network, in which the host's loopback is 10.0.2.2.
    fn over_tcp(&self) -> Result<Vec<Outcome>> {
        let server = self.server("tcp", &["tcp://127.0.0.1:0".to_string()])?;
        let port = server.uris[0].rsplit(':').next().unwrap_or_default();
        let uri = format!("tcp://10.0.2.2:{port}");
        let network = words("-nic user,model=virtio-net-pci,restrict=off");
        let mut outcomes = self.programs("tcp", &uri, &network)?;
        outcomes.extend(self.killed("tcp", &server, &uri, &network)?);
        outcomes.push(ended("tcp", server)?);
        Ok(outcomes)
    }

    /// Memory that guest and host share, met over vsock.
    fn over_ivshmem(&self) -> Result<Vec<Outcome>> {
        let place = Place::new("ivshmem")?;
        let vsock = VsockDevice::start(self.device, &place)?;
        let memory = place.0.join("memory");
        let listen = [
            format!(
                "ivshmem://{}@unix://{}_{PORT}",
                memory.display(),
                vsock.sockets.display()
            ),
            format!("unix://{}", place.0.join("socket").display()),
        ];
        let server = self.server("ivshmem", &listen)?;
        let uri = format!("ivshmem://auto@vsock://host:{PORT}");
        let mut options = vsock.options.clone();
        options.extend(words(&format!(
            "-object memory-backend-file,id=shared,mem-path={},size=64M,share=on \
             -device ivshmem-plain,memdev=shared",
            memory.display()
        )));
        let mut outcomes = self.programs("ivshmem", &uri, &options)?;
        outcomes.extend(self.killed("ivshmem", &server, &uri, &options)?);
        outcomes.push(self.scribbled(&server, &memory, &uri, &options)?);
        outcomes.push(ended("ivshmem", server)?);
        Ok(outcomes)
    }

    /// Memory that is written over while programs use it, as a hostile guest may: the server loses these sessions and nothing else.
    fn scribbled(
        &self,
        server: &Server,
        memory: &Path,
        uri: &str,
        options: &[String],
    ) -> Result<Outcome> {
        use std::os::unix::fs::FileExt;
        let before = server.settle(server.holdings()?)?;
        let job = format!(
            "run first pillion devices --server {uri}\n\
             while true; do timeout 5 pillion run --server {uri} -- /programs/multi_thread >/dev/null 2>&1; done\n"
        );
        let guest = self.makings.start("ivshmem-scribbled", &job, options)?;
        let begun = Instant::now();
        while guest
            .said()?
            .of("first")
            .is_none_or(|said| said.status != Some(0))
        {
            ensure!(begun.elapsed() < WATCHDOG, "the guest does not begin");
            std::thread::sleep(Duration::from_millis(50));
        }
        let file = std::fs::OpenOptions::new().write(true).open(memory)?;
        let size = file.metadata()?.len();
        let mut noise = vec![0; 1 << 20];
        std::fs::File::open("/dev/urandom")?.read_exact(&mut noise)?;
        let begun = Instant::now();
        let mut rounds = 0;
        while begun.elapsed() < Duration::from_secs(10) {
            // The positions of every part, and now and then everything.
            match rounds % 50 {
                0 => (0..size)
                    .step_by(noise.len())
                    .try_for_each(|at| file.write_all_at(&noise, at))?,
                round => (0..size)
                    .step_by(64 << 10)
                    .try_for_each(|at| file.write_all_at(&noise[round * 512..][..1024], at))?,
            }
            rounds += 1;
            std::thread::sleep(Duration::from_millis(5));
        }
        drop(guest);
        let after = server.settle(before)?;
        let left = after.children > before.children || after.descriptors > before.descriptors;
        let program = self
            .programs
            .iter()
            .find(|program| program.name == "vector_add");
        let other = suite::through(self.dist, server, 1, program.context("vector_add")?, &[])?;
        Ok(Outcome {
            way: "ivshmem".to_string(),
            test: "memory that is scribbled on costs no other session".to_string(),
            passed: rounds > 50 && !left && other.passed,
            output: format!(
                "{rounds} rounds, before {before:?}, after {after:?}; another session: {}",
                other.output
            ),
        })
    }

    /// Server and programs in one guest, whose kernel has what a host's may lack: vsock to itself. So a listener is tested without a
    /// second machine.
    fn alone(&self) -> Result<Vec<Outcome>> {
        let uri = format!("vsock://local:{PORT}");
        let mut job = format!(
            "PILLION_TEST_VSOCK=1 run conformance /conformance vsock --test-threads=2\n\
             echo 'someone a-token-of-this-test' >/tmp/tokens\n\
             chmod 600 /tmp/tokens\n\
             mkfifo /tmp/server\n\
             pillion serve --device cpu --listen vsock://any:{PORT} --token-file /tmp/tokens --cache off >/tmp/server 2>/tmp/log &\n\
             server=$!\n\
             exec 3</tmp/server\n\
             read -t 60 line <&3\n\
             run listening echo \"$line\"\n\
             PILLION_TOKEN=another-token-of-this-test run refused pillion doctor --server {uri}\n\
             export PILLION_TOKEN=a-token-of-this-test\n"
        );
        job.push_str(&calls(self.programs, &uri));
        job.push_str(
            "kill $server\n\
             wait $server\n\
             run log cat /tmp/log\n\
             unset PILLION_TOKEN\n",
        );
        // Without tokens the host's word for the guest is what there is.
        job.push_str(&format!(
            "pillion serve --device cpu --listen vsock://any:{PORT} --cache off >/tmp/server 2>/tmp/log &\n\
             exec 3</tmp/server\n\
             read -t 60 line <&3\n\
             run devices pillion devices --server {uri}\n\
             kill $!\n\
             wait $!\n\
             run identity cat /tmp/log\n"
        ));
        let said = self.makings.boot("alone", &job, &[])?;
        let mut outcomes = self.judge("alone", &said);
        let mut expect = |test: &str, holds: &dyn Fn(&Said) -> bool| {
            let found = said.of(test);
            outcomes.push(Outcome {
                way: "alone".to_string(),
                test: test.to_string(),
                passed: found.is_some_and(holds),
                output: found.map_or_else(|| said.rest.clone(), |said| said.output.clone()),
            });
        };
        expect("conformance", &|said| {
            said.status == Some(0) && passed_all(&said.output) && !said.output.contains("skipped")
        });
        expect("listening", &|said| {
            said.output
                .contains(&format!("listening on vsock://any:{PORT}"))
        });
        expect("refused", &|said| {
            said.status.is_some_and(|status| status != 0) && said.output.contains("token")
        });
        // Who came in, by what.
        expect("log", &|said| {
            said.output.contains("someone") && said.output.contains("peer=vsock 1:")
        });
        expect("identity", &|said| {
            said.output.contains("identity=\"cid 1\"")
        });
        Ok(outcomes)
    }

    /// Every program, and what connects them.
    fn programs(&self, way: &str, uri: &str, options: &[String]) -> Result<Vec<Outcome>> {
        let mut job = calls(self.programs, uri);
        let doctors: Vec<String> = (0..if self.measure { 7 } else { 1 })
            .map(|number| format!("doctor {number}"))
            .collect();
        for doctor in &doctors {
            job.push_str(&format!(
                "run '{doctor}' pillion doctor --json --server {uri}\n"
            ));
        }
        if self.measure {
            job.push_str(&format!(
                "run bench pillion bench --quick --no-native --server {uri}\n"
            ));
        }
        let said = self.makings.boot(way, &job, options)?;
        let mut outcomes = self.judge(way, &said);
        let mut measured = Vec::new();
        for doctor in &doctors {
            let found = said.of(doctor);
            let figures = found.and_then(|said| figures(&said.output));
            outcomes.push(Outcome {
                way: way.to_string(),
                test: "pillion doctor".to_string(),
                passed: figures.is_some() && found.is_some_and(|said| said.status == Some(0)),
                output: found.map_or_else(|| said.rest.clone(), |said| said.output.clone()),
            });
            measured.extend(figures);
        }
        let median = |mut values: Vec<f64>| {
            values.sort_by(f64::total_cmp);
            values.get(values.len() / 2).copied()
        };
        if let (Some(round_trip), Some(bandwidth)) = (
            median(measured.iter().map(|figures| figures.0).collect()),
            median(measured.iter().map(|figures| figures.1).collect()),
        ) {
            println!(
                "{way}: round trip {:.0} µs, {:.0} MB/s each way, both ways at once (median of {})",
                round_trip * 1e6,
                bandwidth / 1e6,
                measured.len()
            );
        }
        if let Some(bench) = said.of("bench") {
            println!("{}", bench.output);
        }
        Ok(outcomes)
    }

    /// A guest that is killed while a program uses the device: nothing of it may stay.
    fn killed(
        &self,
        way: &str,
        server: &Server,
        uri: &str,
        options: &[String],
    ) -> Result<Vec<Outcome>> {
        std::thread::sleep(Duration::from_secs(1));
        let before = server.settle(server.holdings()?)?;
        // Opens a session again and again, of which one is there whenever the guest ends.
        let job = format!(
            "run first pillion devices --server {uri}\n\
             while true; do pillion run --server {uri} -- /programs/multi_thread >/dev/null 2>&1; done\n"
        );
        let mut guest = self
            .makings
            .start(&format!("{way}-killed"), &job, options)?;
        let begun = Instant::now();
        // Workers that serve have the session's device open; that there is one more is enough.
        let mut busy = false;
        while !busy && begun.elapsed() < WATCHDOG {
            std::thread::sleep(Duration::from_millis(50));
            ensure!(guest.child.try_wait()?.is_none(), "the guest has ended");
            let said = guest.said()?;
            if said
                .of("first")
                .is_some_and(|said| said.status.is_some_and(|status| status != 0))
            {
                bail!("the guest finds no server:\n{}", said.rest);
            }
            busy = said.of("first").is_some_and(|said| said.status == Some(0))
                && server.holdings()?.children > before.children;
        }
        drop(guest);
        let after = server.settle(before)?;
        let left = after.children > before.children || after.descriptors > before.descriptors;
        Ok(vec![Outcome {
            way: way.to_string(),
            test: "a guest that is killed leaves nothing".to_string(),
            passed: busy && !left,
            output: format!("in use: {busy}, before {before:?}, after {after:?}"),
        }])
    }

    fn server(&self, way: &str, listen: &[String]) -> Result<Server> {
        let log = self.makings.folder.join(format!("{way}.server.log"));
        Server::start_at(self.dist, "cpu", &log, listen, &[], &[])
    }

    fn judge(&self, way: &str, said: &All) -> Vec<Outcome> {
        self.programs
            .iter()
            .map(|program| {
                let found = said.of(&program.name);
                let passed = found.is_some_and(|said| {
                    said.status == Some(0)
                        && !said.output.trim().is_empty()
                        && program
                            .expected
                            .iter()
                            .all(|line| said.output.contains(line.as_str()))
                });
                Outcome {
                    way: way.to_string(),
                    test: program.name.clone(),
                    passed,
                    output: match found {
                        Some(said) => format!("{}\n(status {:?})", said.output, said.status),
                        None => format!("it was never run:\n{}", said.rest),
                    },
                }
            })
            .collect()
    }
}

/// Whether as many tests have passed as a test program has said that it runs, which were not few.
fn passed_all(output: &str) -> bool {
    let counts = output.lines().filter_map(|line| {
        let count = line.strip_prefix("running ")?.strip_suffix(" tests")?;
        count.parse::<u32>().ok()
    });
    let most = counts.max().unwrap_or(0);
    most > 20 && output.contains(&format!("{most} passed; 0 failed"))
}

fn calls(programs: &[Program], uri: &str) -> String {
    programs
        .iter()
        .map(|program| {
            let name = &program.name;
            format!("run {name} pillion run --server {uri} -- /programs/{name}\n")
        })
        .collect()
}

fn ended(way: &str, server: Server) -> Result<Outcome> {
    Ok(Outcome {
        way: way.to_string(),
        test: "the server ends on SIGTERM and leaves nothing".to_string(),
        passed: server.stop()?,
        output: String::new(),
    })
}

/// Round trip in seconds and bytes a second, of what `pillion doctor --json` prints.
fn figures(json: &str) -> Option<(f64, f64)> {
    let begin = json.find('{')?;
    let value: serde_json::Value = serde_json::from_str(&json[begin..]).ok()?;
    let server = value.get("servers")?.get(0)?;
    Some((
        server.get("round_trip")?.as_f64()?,
        server.get("bandwidth")?.as_f64()?,
    ))
}

fn report(all: &[Outcome]) -> Result<bool> {
    for outcome in all {
        let verdict = if outcome.passed { "ok    " } else { "FAILED" };
        println!("{verdict} {:8} {}", outcome.way, outcome.test);
    }
    let failed: Vec<_> = all.iter().filter(|outcome| !outcome.passed).collect();
    for outcome in &failed {
        println!(
            "\n--- {} over {} ---\n{}",
            outcome.test, outcome.way, outcome.output
        );
    }
    println!(
        "\n{} passed, {} failed",
        all.len() - failed.len(),
        failed.len()
    );
    ensure!(!all.is_empty(), "nothing was tested");
    Ok(failed.is_empty())
}

/// A folder in the file system's memory or the temporary one, for sockets, whose paths must be short.
struct Place(PathBuf);

impl Place {
    fn new(name: &str) -> Result<Self> {
        let path =
            std::env::temp_dir().join(format!("pillion-guest-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A process that is ended with this.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The vsock of a guest, in a process of its own.
struct VsockDevice {
    _process: Process,
    /// What a port's number is appended to for the Unix socket at which the host listens.
    sockets: PathBuf,
    /// What gives it to a guest.
    options: Vec<String>,
}

impl VsockDevice {
    fn start(program: &Path, place: &Place) -> Result<Self> {
        let (socket, sockets) = (place.0.join("device"), place.0.join("vm"));
        let child = Command::new(program)
            .args(["--guest-cid", "3", "--socket"])
            .arg(&socket)
            .arg("--uds-path")
            .arg(&sockets)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("starting {}", program.display()))?;
        let process = Process(child);
        let begun = Instant::now();
        while !socket.exists() {
            ensure!(
                begun.elapsed() < Duration::from_secs(20),
                "the vsock device does not start"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
        let options = format!(
            "-chardev socket,id=vsock,path={} -device vhost-user-vsock-pci,chardev=vsock",
            socket.display()
        );
        Ok(Self {
            _process: process,
            sockets,
            options: words(&options),
        })
    }
}

/// What a guest has said.
#[derive(Default)]
struct All {
    tests: BTreeMap<String, Said>,
    /// All that it printed.
    rest: String,
    ended: bool,
}

#[derive(Default)]
struct Said {
    output: String,
    status: Option<i32>,
}

impl All {
    fn parse(text: &str, nonce: &str) -> Self {
        let mut all = All {
            rest: text.to_string(),
            ..All::default()
        };
        for line in text.lines() {
            // The console may have put something in front.
            let Some((_, line)) = line.trim_end().split_once(nonce) else {
                continue;
            };
            let line = line.trim_start();
            if line == "end" {
                all.ended = true;
            } else if let Some((test, output)) = line.split_once(" | ") {
                let said = all.tests.entry(test.to_string()).or_default();
                said.output.push_str(output);
                said.output.push('\n');
            } else if let Some((test, status)) = line.split_once(" = ") {
                all.tests.entry(test.to_string()).or_default().status = status.parse().ok();
            }
        }
        all
    }

    fn of(&self, test: &str) -> Option<&Said> {
        self.tests.get(test)
    }
}

/// A guest that runs; dropping it kills it.
struct Guest {
    child: Child,
    console: PathBuf,
    nonce: String,
}

impl Guest {
    fn said(&self) -> Result<All> {
        let bytes = std::fs::read(&self.console).unwrap_or_default();
        Ok(All::parse(&String::from_utf8_lossy(&bytes), &self.nonce))
    }
}

impl Drop for Guest {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Makings {
    fn new(
        folder: &Path,
        kernel: PathBuf,
        tree: &Path,
        dist: &Dist,
        programs: &[Program],
        conformance: &Path,
    ) -> Result<Self> {
        let mut root = Archive::default();
        let busybox = image::find("busybox").context("busybox")?;
        root.program(&busybox, "bin/busybox")?;
        root.file("init", INIT.as_bytes(), 0o755);
        for name in ["proc", "sys", "dev", "tmp", "programs", "modules"] {
            root.folder(name);
        }
        let mut modules = Vec::new();
        for name in MODULES {
            image::load(tree, name, &mut modules, &mut root)?;
        }
        let stripped = folder.join("stripped");
        std::fs::create_dir_all(&stripped)?;
        for (path, name) in [
            (&dist.pillion, "opt/pillion/bin/pillion"),
            (&dist.client, "opt/pillion/lib/pillion/libcuda.so.1"),
            (&dist.nvml, "opt/pillion/lib/pillion/libnvidia-ml.so.1"),
        ] {
            root.program(&image::strip(path, &stripped)?, name)?;
        }
        root.program(&image::strip(conformance, &stripped)?, "conformance")?;
        for program in programs {
            root.program(&program.path, &format!("programs/{}", program.name))?;
        }
        let initramfs = folder.join("initramfs");
        std::fs::write(&initramfs, root.finish())?;
        let mut makings = Makings {
            kernel,
            modules,
            initramfs,
            accelerator: "tcg",
            folder: folder.to_path_buf(),
        };
        if Path::new("/dev/kvm").exists() {
            makings.accelerator = "kvm";
            if !makings.boots()? {
                println!("/dev/kvm is there and does not work");
                makings.accelerator = "tcg";
            }
        }
        Ok(makings)
    }

    /// Whether a guest that has nothing to do comes to its end.
    fn boots(&self) -> Result<bool> {
        let mut guest = self.start("kvm", "true\n", &[])?;
        let begun = Instant::now();
        while guest.child.try_wait()?.is_none() && begun.elapsed() < KVM_BOOT {
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(guest.said()?.ended)
    }

    /// Starts a guest that does `job`, lines of shell.
    fn start(&self, name: &str, job: &str, options: &[String]) -> Result<Guest> {
        let mut random = [0; 8];
        std::fs::File::open("/dev/urandom")?.read_exact(&mut random)?;
        let nonce = format!("[{:016x}]", u64::from_ne_bytes(random));
        let modules = self.modules.join(" ");
        let mut archive = Archive::default();
        archive.file(
            "job",
            format!("nonce='{nonce}'\nmodules='{modules}'\njob() {{\n{job}}}\n").as_bytes(),
            0o644,
        );
        // The kernel unpacks one archive behind the other.
        let initramfs = self.folder.join(format!("{name}.initramfs"));
        std::fs::copy(&self.initramfs, &initramfs)?;
        std::fs::OpenOptions::new()
            .append(true)
            .open(&initramfs)?
            .write_all(&archive.finish())?;
        let console = self.folder.join(format!("{name}.console"));
        let _ = std::fs::remove_file(&console);
        let processor = match self.accelerator {
            "kvm" => "host",
            _ => "max",
        };
        let child = Command::new("qemu-system-x86_64")
            .args(words(&format!(
                "-nodefaults -no-user-config -display none -no-reboot -smp 2 -m {MEMORY} -cpu {processor}"
            )))
            .args(words(&format!(
                "-accel {} -object memory-backend-memfd,id=memory,size={MEMORY}M,share=on",
                self.accelerator
            )))
            .args(words("-machine q35,memory-backend=memory"))
            .arg("-kernel")
            .arg(&self.kernel)
            .arg("-initrd")
            .arg(&initramfs)
            .args(["-append", "console=ttyS0 quiet loglevel=1 panic=-1"])
            .arg("-serial")
            .arg(format!("file:{}", console.display()))
            .args(options)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(self.folder.join(format!("{name}.qemu.log")))?)
            .spawn()
            .context("starting qemu-system-x86_64")?;
        Ok(Guest {
            child,
            console,
            nonce,
        })
    }

    /// Has a guest do `job` to its end, and answers what it said.
    fn boot(&self, name: &str, job: &str, options: &[String]) -> Result<All> {
        let bar = crate::spinner(&format!("in a guest: {name}"));
        let mut guest = self.start(name, job, options)?;
        let begun = Instant::now();
        while guest.child.try_wait()?.is_none() && begun.elapsed() < WATCHDOG {
            std::thread::sleep(Duration::from_millis(100));
        }
        bar.finish_and_clear();
        let said = guest.said()?;
        if !said.ended {
            let log = std::fs::read_to_string(self.folder.join(format!("{name}.qemu.log")))
                .unwrap_or_default();
            bail!(
                "the guest did not come to its end in {} s; its console:\n{}\n{log}",
                begun.elapsed().as_secs(),
                said.rest
            );
        }
        Ok(said)
    }
}

fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(str::to_string).collect()
}
