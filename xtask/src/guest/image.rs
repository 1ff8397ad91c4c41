//! What a guest is made of, and where that comes from.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Debian's package of the guest's kernel.
const KERNEL: &str = "linux-image-cloud-amd64";
/// The device of a guest's vsock where the host's kernel has none, and its version.
const VSOCK_DEVICE: (&str, &str) = ("vhost-device-vsock", "0.3.0");

/// Installs what is missing of these commands, which Debian has in these packages.
pub fn install(needed: &[(&str, &str)]) -> Result<()> {
    let missing: Vec<&str> = needed
        .iter()
        .filter(|(command, _)| find(command).is_none())
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let bar = crate::spinner(&format!("installing {}", missing.join(" ")));
    let script = "apt-get update -qq && apt-get install -y -qq --no-install-recommends \"$@\"";
    let output = Command::new("sh")
        .args(["-c", script, "sh"])
        .args(&missing)
        .output()?;
    bar.finish_and_clear();
    ensure!(
        output.status.success(),
        "cannot install {}: {}",
        missing.join(" "),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// A command in the path.
pub fn find(command: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(command))
        .find(|path| path.is_file())
}

/// Whether this kernel has an interpreter of that name for programs of other machines.
pub fn has_interpreter(name: &str) -> bool {
    std::fs::read_to_string(Path::new("/proc/sys/fs/binfmt_misc").join(name))
        .is_ok_and(|text| text.starts_with("enabled"))
}

/// The kernel, and the folder with its modules, from Debian's package.
pub fn kernel(folder: &Path) -> Result<(PathBuf, PathBuf)> {
    let tree = folder.join("kernel");
    let found = |tree: &Path| -> Option<PathBuf> {
        std::fs::read_dir(tree.join("boot"))
            .ok()?
            .filter_map(|entry| Some(entry.ok()?.path()))
            .find(|path| {
                path.file_name()
                    .is_some_and(|name| name.to_string_lossy().starts_with("vmlinuz"))
            })
    };
    if let Some(kernel) = found(&tree) {
        return Ok((kernel, tree));
    }
    let bar = crate::spinner("fetching a kernel (about 30 MB, once)");
    let fresh = folder.join("kernel.new");
    let _ = std::fs::remove_dir_all(&fresh);
    let _ = std::fs::remove_dir_all(&tree);
    std::fs::create_dir_all(&fresh)?;
    // The package of that name only depends on the kernel of the day.
    let script = format!(
        "set -e; apt-cache show {KERNEL} >/dev/null 2>&1 || apt-get update -qq; \
         name=$(apt-cache depends {KERNEL} | sed -n 's/.*Depends: \\(linux-image[^ ]*\\)/\\1/p' | head -n 1); \
         test -n \"$name\"; apt-get download -qq \"$name\"; dpkg-deb -x linux-image*.deb .; rm linux-image*.deb"
    );
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(&fresh)
        .output()?;
    bar.finish_and_clear();
    ensure!(
        output.status.success(),
        "cannot fetch Debian's package {KERNEL}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    std::fs::rename(&fresh, &tree)?;
    let kernel = found(&tree).context("the package holds no kernel")?;
    Ok((kernel, tree))
}

/// Adds a module to the guest, after those that it depends on.
pub fn load(tree: &Path, name: &str, modules: &mut Vec<String>, image: &mut Archive) -> Result<()> {
    if modules.iter().any(|have| have == name) {
        return Ok(());
    }
    let path = module(tree, name)?.with_context(|| format!("the kernel has no module {name}"))?;
    let bytes = std::fs::read(path)?;
    const KEY: &[u8] = b"\0depends=";
    let needed = bytes
        .windows(KEY.len())
        .position(|window| window == KEY)
        .and_then(|at| bytes[at + KEY.len()..].split(|byte| *byte == 0).next())
        .map(|list| String::from_utf8_lossy(list).into_owned());
    for other in needed
        .unwrap_or_default()
        .split(',')
        .filter(|other| !other.is_empty())
    {
        load(tree, other, modules, image)?;
    }
    image.file(&format!("modules/{name}.ko"), &bytes, 0o644);
    modules.push(name.to_string());
    Ok(())
}

/// A module's file.
fn module(tree: &Path, name: &str) -> Result<Option<PathBuf>> {
    fn search(folder: &Path, name: &str) -> Result<Option<PathBuf>> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                if let Some(found) = search(&path, name)? {
                    return Ok(Some(found));
                }
            } else if path.file_name().is_some_and(|file| file == name) {
                return Ok(Some(path));
            }
        }
        Ok(None)
    }
    search(&tree.join("lib/modules"), &format!("{name}.ko"))
}

/// The program that provides a guest's vsock, built if it is not there.
pub fn vsock_device(root: &Path) -> Result<PathBuf> {
    let (name, version) = VSOCK_DEVICE;
    let home = root.join("target/guest").join(format!("{name}-{version}"));
    let program = home.join("bin").join(name);
    if program.is_file() {
        return Ok(program);
    }
    let bar = crate::spinner(&format!("building {name} {version} (once)"));
    let build = root.join("target/guest/build");
    let output = Command::new("cargo")
        .args([
            "install",
            "--quiet",
            "--locked",
            "--version",
            version,
            "--root",
        ])
        .arg(&home)
        .arg("--target-dir")
        .arg(&build)
        .arg(name)
        .output()
        .context("running cargo install")?;
    let _ = std::fs::remove_dir_all(build);
    bar.finish_and_clear();
    ensure!(
        output.status.success(),
        "cannot install {name}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(program)
}

/// The suite that every transport passes, as a program.
pub fn conformance(root: &Path) -> Result<PathBuf> {
    let output = Command::new("cargo")
        .args(["test", "--quiet", "--no-run", "--message-format=json"])
        .args(["--package", "pillion-transport", "--test", "conformance"])
        .current_dir(root)
        .output()
        .context("running cargo test")?;
    ensure!(
        output.status.success(),
        "the conformance suite does not build"
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter_map(|message| Some(PathBuf::from(message.get("executable")?.as_str()?)))
        .next_back()
        .context("cargo does not say where the conformance suite is")
}

/// A copy without what only debuggers want, which is most of it.
pub fn strip(path: &Path, folder: &Path) -> Result<PathBuf> {
    let name = path.file_name().context("a program has a name")?;
    let out = folder.join(name);
    let status = Command::new("strip")
        .arg("-o")
        .arg(&out)
        .arg(path)
        .status()
        .context("running strip")?;
    ensure!(status.success(), "strip refuses {}", path.display());
    Ok(out)
}

/// An archive in cpio's form, as kernels unpack them.
#[derive(Default)]
pub struct Archive {
    bytes: Vec<u8>,
    names: BTreeSet<String>,
    count: u32,
}

impl Archive {
    /// A program with the libraries that it needs.
    pub fn program(&mut self, path: &Path, name: &str) -> Result<()> {
        let bytes = std::fs::read(path).with_context(|| format!("reading {}", path.display()))?;
        self.file(name, &bytes, 0o755);
        let output = Command::new("ldd")
            .arg(path)
            .output()
            .context("running ldd")?;
        // A program without any is refused, and that is that.
        for line in String::from_utf8_lossy(&output.stdout).lines() {
            let path = match line.split_once("=>") {
                Some((_, path)) => path,
                None => line,
            };
            let path = path.split_whitespace().next().unwrap_or_default();
            ensure!(!line.contains("not found"), "{line}");
            if path.starts_with('/') && !self.names.contains(&path[1..]) {
                self.file(&path[1..], &std::fs::read(path)?, 0o755);
            }
        }
        Ok(())
    }

    pub fn file(&mut self, name: &str, bytes: &[u8], mode: u32) {
        if let Some((folder, _)) = name.rsplit_once('/') {
            self.folder(folder);
        }
        self.entry(name, bytes, 0o100_000 | mode);
    }

    /// A folder, and those that it is in.
    pub fn folder(&mut self, name: &str) {
        if let Some((folder, _)) = name.rsplit_once('/') {
            self.folder(folder);
        }
        if !self.names.contains(name) {
            self.entry(name, &[], 0o040_755);
        }
    }

    fn entry(&mut self, name: &str, bytes: &[u8], mode: u32) {
        self.names.insert(name.to_string());
        self.count += 1;
        let numbers = [
            self.count,
            mode,
            0,
            0,
            1,
            0,
            u32::try_from(bytes.len()).unwrap_or(u32::MAX),
            0,
            0,
            0,
            0,
            name.len() as u32 + 1,
            0,
        ];
        self.bytes.extend_from_slice(b"070701");
        for number in numbers {
            self.bytes
                .extend_from_slice(format!("{number:08X}").as_bytes());
        }
        self.bytes.extend_from_slice(name.as_bytes());
        self.bytes.push(0);
        self.pad(4);
        self.bytes.extend_from_slice(bytes);
        self.pad(4);
    }

    fn pad(&mut self, to: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(to), 0);
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.entry("TRAILER!!!", &[], 0);
        self.pad(512);
        self.bytes
    }
}
