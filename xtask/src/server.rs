//! A server for tests and the demo.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::dist::Dist;

/// A running server; dropping it ends it.
pub struct Server {
    child: Child,
    /// The URIs that it listens on.
    pub uris: Vec<String>,
    /// What clients have to trust where it listens at `tls://` or `wss://`.
    pub pin: Option<String>,
    folder: PathBuf,
    ingress: Option<Child>,
}

/// What an address ends in that leads to nginx.
pub const BY_NGINX: &str = "/nginx";

/// What a server holds, to be compared before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holdings {
    /// Open descriptors of the broker.
    pub descriptors: usize,
    /// Its child processes.
    pub children: usize,
}

impl Server {
    /// Starts a server on a Unix socket, on free TCP ports with TLS and without, as WebSockets, too, with shared memory, and over UCX
    /// where it is installed, and waits until it listens.
    pub fn start(dist: &Dist, device: &str, log: &Path) -> Result<Self> {
        Self::start_with(dist, device, log, &[])
    }

    /// As [`Server::start`], with variables in its environment.
    pub fn start_with(
        dist: &Dist,
        device: &str,
        log: &Path,
        environment: &[(&str, &str)],
    ) -> Result<Self> {
        let folder = folder(device)?;
        let socket = folder.join("pillion.sock");
        let mut listen = vec![
            format!("unix://{}", socket.display()),
            "tcp://127.0.0.1:0".to_string(),
            format!("shm://{}", socket.with_extension("shm").display()),
            "tls://127.0.0.1:0".to_string(),
            "ws://127.0.0.1:0".to_string(),
            "wss://127.0.0.1:0".to_string(),
        ];
        if has_ucx() {
            listen.push("ucx://127.0.0.1:0".to_string());
        } else if std::env::var_os("PILLION_TEST_UCX").is_some() {
            bail!("UCX is not there");
        }
        Self::start_at(dist, device, log, &listen, &[], environment)
    }

    /// As [`Server::start_with`], listening elsewhere, with more options.
    pub fn start_at(
        dist: &Dist,
        device: &str,
        log: &Path,
        listen: &[String],
        options: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<Self> {
        let folder = folder(device)?;
        let log = std::fs::File::create(log)?;
        let mut child = Command::new(&dist.pillion)
            .args(["serve", "--device", device])
            .args(listen.iter().flat_map(|uri| ["--listen", uri.as_str()]))
            .env("XDG_STATE_HOME", &folder)
            // Not as an option, which earlier versions do not have.
            .env("XDG_CACHE_HOME", &folder)
            .args(options)
            .envs(environment.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {}", dist.pillion.display()))?;
        let mut lines = BufReader::new(child.stdout.take().context("the server's output")?).lines();
        let mut uris = Vec::new();
        // What clients need for TLS it says last.
        let secured = listen
            .iter()
            .any(|uri| uri.starts_with("tls://") || uri.starts_with("wss://"));
        let mut pin = None;
        while uris.len() < listen.len() || secured && pin.is_none() {
            match lines.next() {
                Some(line) => {
                    let line = line?;
                    if let Some((_, said)) = line.split_once(" PILLION_TLS_PIN=") {
                        pin = Some(said.to_string());
                    }
                    uris.extend(line.strip_prefix("listening on ").map(str::to_string));
                }
                None => {
                    let status = child.wait()?;
                    bail!("the server ended before it listened: {status}");
                }
            }
        }
        // Whatever else it prints is read, so that it never blocks on a full pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Ok(Server {
            child,
            uris,
            pin,
            folder,
            ingress: None,
        })
    }

    /// Puts nginx in front, which ends TLS for its WebSockets with its certificate, as one more address. Answers whether there is an
    /// nginx.
    pub fn behind_nginx(&mut self) -> Result<bool> {
        let program = ["/usr/sbin/nginx", "/usr/bin/nginx"]
            .iter()
            .find(|path| Path::new(path).exists());
        let Some(program) = program else {
            if std::env::var_os("PILLION_TEST_PEERS").is_some() {
                bail!("nginx is not there");
            }
            return Ok(false);
        };
        let plain = self.uris.iter().find_map(|uri| uri.strip_prefix("ws://"));
        let plain = plain.context("the server listens at no ws://")?;
        let folder = self.folder.join("nginx");
        std::fs::create_dir_all(&folder)?;
        let port = std::net::TcpListener::bind("127.0.0.1:0")?
            .local_addr()?
            .port();
        let (certificate, here) = (self.folder.join("pillion/tls.pem"), folder.display());
        let configuration = format!(
            "daemon off; worker_processes 1; pid {here}/pid; error_log {here}/error.log;\n\
             events {{ worker_connections 256; }}\n\
             http {{ access_log off; client_body_temp_path {here}/a; proxy_temp_path {here}/b;\n\
             fastcgi_temp_path {here}/c; uwsgi_temp_path {here}/d; scgi_temp_path {here}/e;\n\
             server {{ listen 127.0.0.1:{port} ssl; ssl_protocols TLSv1.3;\n\
             ssl_certificate {0}; ssl_certificate_key {0};\n\
             location {BY_NGINX} {{ proxy_pass http://{plain}/; proxy_http_version 1.1;\n\
             proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade; }} }} }}\n",
            certificate.display()
        );
        let file = folder.join("nginx.conf");
        std::fs::write(&file, configuration)?;
        let child = Command::new(program)
            .args(["-e", "stderr", "-c"])
            .arg(&file)
            .stdin(Stdio::null())
            .spawn()?;
        let child = self.ingress.insert(child);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            if let Some(status) = child.try_wait()? {
                bail!("nginx does not start: {status}");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.uris.push(format!("wss://127.0.0.1:{port}{BY_NGINX}"));
        Ok(true)
    }

    /// What it holds now.
    pub fn holdings(&self) -> Result<Holdings> {
        let pid = self.child.id();
        let descriptors = std::fs::read_dir(format!("/proc/{pid}/fd"))?.count();
        Ok(Holdings {
            descriptors,
            children: children(pid)?.len(),
        })
    }

    /// Waits until it holds no more than `before`, and answers what it holds then.
    pub fn settle(&self, before: Holdings) -> Result<Holdings> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let now = self.holdings()?;
            let settled = now.descriptors <= before.descriptors && now.children <= before.children;
            if settled || Instant::now() > deadline {
                return Ok(now);
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Asks it to end, and answers whether it did and left nothing behind.
    pub fn stop(mut self) -> Result<bool> {
        let pid = self.child.id();
        let workers = children(pid)?;
        Command::new("kill").arg(pid.to_string()).status()?;
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.child.try_wait()?.is_none() {
            if Instant::now() > deadline {
                return Ok(false);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        let alive = workers
            .iter()
            .any(|pid| Path::new(&format!("/proc/{pid}")).exists());
        let left = |name| self.folder.join(name).exists();
        Ok(!alive && !left("pillion.sock") && !left("pillion.shm"))
    }
}

/// Whether the loader finds UCX.
fn has_ucx() -> bool {
    let listed = ["ldconfig", "/sbin/ldconfig"]
        .iter()
        .find_map(|program| Command::new(program).arg("-p").output().ok());
    listed.is_some_and(|listed| String::from_utf8_lossy(&listed.stdout).contains("libucp.so.0 "))
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if let Some(mut ingress) = self.ingress.take() {
            // It ends its own children only when it is asked.
            let _ = Command::new("kill").arg(ingress.id().to_string()).status();
            let _ = ingress.wait();
        }
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// A folder for a server's sockets and cache.
fn folder(device: &str) -> Result<PathBuf> {
    let folder = std::env::temp_dir().join(format!(
        "pillion-test-{}-{}",
        std::process::id(),
        device.replace(':', "-")
    ));
    std::fs::create_dir_all(&folder)?;
    Ok(folder)
}

fn children(pid: u32) -> Result<Vec<u32>> {
    let mut found = Vec::new();
    for task in std::fs::read_dir(format!("/proc/{pid}/task"))? {
        let text = std::fs::read_to_string(task?.path().join("children")).unwrap_or_default();
        found.extend(
            text.split_whitespace()
                .filter_map(|pid| pid.parse::<u32>().ok()),
        );
    }
    Ok(found)
}
