//! Programs beside the server that see less of the machine: another network, another root.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use super::{Guests, Outcome, Place, ended};
use crate::programs::{self, Program};
use crate::server::Server;

/// The host's and the program's address on the network between them.
const ADDRESSES: [&str; 2] = ["10.213.77.1", "10.213.77.2"];

/// A network with the host at its other end, which goes when this does.
struct Network {
    name: String,
}

impl Network {
    fn new() -> Result<Self> {
        let name = format!("pillion-{}", std::process::id());
        let [ours, theirs] = ADDRESSES;
        ip(&format!("netns add {name}"))?;
        let network = Network { name };
        let name = &network.name;
        ip(&format!(
            "link add pillion0 type veth peer name eth0 netns {name}"
        ))?;
        ip(&format!("address add {ours}/30 dev pillion0"))?;
        ip("link set pillion0 up")?;
        ip(&format!("-n {name} address add {theirs}/30 dev eth0"))?;
        ip(&format!("-n {name} link set eth0 up"))?;
        Ok(network)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = ip("link delete pillion0");
        let _ = ip(&format!("netns delete {}", self.name));
    }
}

fn ip(arguments: &str) -> Result<()> {
    let output = Command::new("ip")
        .args(arguments.split_whitespace())
        .output()
        .context("running ip (Debian: iproute2)")?;
    ensure!(
        output.status.success(),
        "ip {arguments}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// Nothing, and why, where this user may not make what containers are made of.
fn skipped(way: &str) -> Option<Vec<Outcome>> {
    let uid = std::fs::metadata("/proc/self").map(|own| std::os::unix::fs::MetadataExt::uid(&own));
    match uid {
        Ok(0) => None,
        _ => {
            println!("skipped {way}: only root can make namespaces");
            Some(Vec::new())
        }
    }
}

impl Guests<'_> {
    /// TCP between two networks, as of a container or a virtual machine with an address of its own.
    pub fn over_network(&self) -> Result<Vec<Outcome>> {
        let way = "network";
        if let Some(none) = skipped(way) {
            return Ok(none);
        }
        let network = Network::new()?;
        let log = self.makings.folder.join("network.server.log");
        let listen = [format!("tcp://{}:0", ADDRESSES[0])];
        // That address can be reached from elsewhere: nobody listens there by mistake.
        let refused = Server::start_at(self.dist, "cpu", &log, &listen, &[], &[]);
        let reason = std::fs::read_to_string(&log).unwrap_or_default();
        let mut outcomes = vec![Outcome {
            way: way.to_string(),
            test: "only with --insecure".to_string(),
            passed: refused.is_err() && reason.contains("--insecure"),
            output: reason,
        }];
        let server = Server::start_at(self.dist, "cpu", &log, &listen, &["--insecure"], &[])?;
        for program in self.programs {
            let mut command = Command::new("ip");
            command
                .args(["netns", "exec", &network.name])
                .arg(&self.dist.pillion)
                .args(["run", "--server", &server.uris[0], "--"])
                .arg(&program.path);
            outcomes.push(outcome(way, program, command)?);
        }
        let log = std::fs::read_to_string(log)?;
        outcomes.push(Outcome {
            way: way.to_string(),
            test: "the server knows who came".to_string(),
            passed: log.contains(&format!("peer=\"{}:", ADDRESSES[1])),
            output: log,
        });
        outcomes.push(ended(way, server)?);
        Ok(outcomes)
    }

    /// Another root, process table, network and host name: of the host there is only the folder with the server's sockets.
    pub fn in_container(&self) -> Result<Vec<Outcome>> {
        let way = "container";
        if let Some(none) = skipped(way) {
            return Ok(none);
        }
        let place = Place::new(way)?;
        let (root, sockets) = (place.0.join("root"), place.0.join("sockets"));
        for folder in [&root, &sockets] {
            std::fs::create_dir(folder)?;
        }
        let unpacked = Command::new("busybox")
            .args(["cpio", "-id"])
            .stdin(std::fs::File::open(&self.makings.initramfs)?)
            .stderr(Stdio::null())
            .current_dir(&root)
            .status()?;
        ensure!(unpacked.success(), "cpio does not unpack the guest's files");
        std::fs::create_dir_all(root.join("run/pillion"))?;
        let listen =
            ["unix", "shm"].map(|scheme| format!("{scheme}://{}", sockets.join(scheme).display()));
        let server = self.server(way, &listen)?;
        let mut outcomes = Vec::new();
        for scheme in ["unix", "shm"] {
            for program in self.programs {
                let command = contained(&root, &sockets, scheme, program);
                outcomes.push(outcome(&format!("{way} {scheme}"), program, command)?);
            }
        }
        outcomes.push(ended(way, server)?);
        Ok(outcomes)
    }
}

/// The program as a container's only process, with nothing but what a container's definition would say: a mount and two variables.
fn contained(root: &Path, sockets: &Path, scheme: &str, program: &Program) -> Command {
    let mut command = Command::new("unshare");
    command
        .args([
            "--mount", "--pid", "--net", "--ipc", "--uts", "--fork", "sh", "-ec",
        ])
        .arg(
            "mount --bind \"$2\" \"$1/run/pillion\"\n\
             mount -t proc proc \"$1/proc\"\n\
             exec chroot \"$1\" \"$3\"",
        )
        .arg("sh")
        .args([root, sockets])
        .arg(format!("/programs/{}", program.name))
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("LD_LIBRARY_PATH", "/opt/pillion/lib/pillion")
        .env(
            "PILLION_SERVER",
            format!("{scheme}:///run/pillion/{scheme}"),
        );
    command
}

fn outcome(way: &str, program: &Program, command: Command) -> Result<Outcome> {
    let run = programs::run(command, &program.expected)?;
    Ok(Outcome {
        way: way.to_string(),
        test: program.name.clone(),
        passed: run.passed && !run.output.trim().is_empty(),
        output: run.output,
    })
}
