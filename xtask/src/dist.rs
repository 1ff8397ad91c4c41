//! `cargo xtask dist`: Pillion as it is installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::guest::image;

/// A kind of machine other than this one that Pillion is built for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Target {
    /// 64-bit ARM under Linux with glibc
    Aarch64,
}

impl Target {
    /// As it is called in names of folders.
    pub fn name(self) -> &'static str {
        match self {
            Target::Aarch64 => "aarch64",
        }
    }

    /// As Rust calls it.
    fn triple(self) -> &'static str {
        match self {
            Target::Aarch64 => "aarch64-unknown-linux-gnu",
        }
    }

    /// Its C compiler, which links too, its C++ compiler, and Debian's package of both.
    pub fn compilers(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Target::Aarch64 => (
                "aarch64-linux-gnu-gcc",
                "aarch64-linux-gnu-g++",
                "g++-aarch64-linux-gnu",
            ),
        }
    }

    /// Gets what cargo needs to build for it.
    fn prepare(self) -> Result<()> {
        let (_, compiler, package) = self.compilers();
        image::install(&[(compiler, package)])?;
        let sysroot = Command::new("rustc")
            .args(["--print", "sysroot"])
            .output()
            .context("running rustc")?;
        let sysroot = String::from_utf8(sysroot.stdout).context("rustc names no folder")?;
        let library = format!("lib/rustlib/{}/lib", self.triple());
        if Path::new(sysroot.trim()).join(library).is_dir() {
            return Ok(());
        }
        let bar = crate::spinner(&format!("fetching Rust's library for {}", self.name()));
        let output = Command::new("rustup")
            .args(["target", "add", self.triple()])
            .output()
            .context("running rustup: without it, install Rust's standard library for the target by the means that Rust came by")?;
        ensure!(
            output.status.success(),
            "rustup cannot fetch Rust's library for {}: {}",
            self.triple(),
            String::from_utf8_lossy(&output.stderr)
        );
        bar.finish_and_clear();
        Ok(())
    }
}

/// An installed Pillion.
pub struct Dist {
    /// `bin/pillion`.
    pub pillion: PathBuf,
    /// `lib/pillion/libcuda.so.1`.
    pub client: PathBuf,
    /// `lib/pillion/libnvidia-ml.so.1`.
    pub nvml: PathBuf,
}

impl Dist {
    /// The one that is laid out in a folder.
    pub fn at(folder: &Path) -> Self {
        let lib = folder.join("lib/pillion");
        Dist {
            pillion: folder.join("bin/pillion"),
            client: lib.join("libcuda.so.1"),
            nvml: lib.join("libnvidia-ml.so.1"),
        }
    }
}

/// Builds release binaries and lays them out in `target/dist`.
pub fn build(root: &Path) -> Result<Dist> {
    build_for(root, None)
}

/// As [`build`], for another kind of machine, in `target/dist-NAME`.
pub fn build_for(root: &Path, other: Option<Target>) -> Result<Dist> {
    let mut command = Command::new("cargo");
    command.args(["build", "--quiet", "--release"]);
    for package in ["pillion", "pillion-client", "pillion-nvml"] {
        command.args(["--package", package]);
    }
    let (mut built, mut dist) = (target(root), root.join("target/dist"));
    if let Some(other) = other {
        other.prepare()?;
        let (triple, (linker, ..)) = (other.triple(), other.compilers());
        let variable = triple.to_uppercase().replace('-', "_");
        command
            .args(["--target", triple])
            .env(format!("CARGO_TARGET_{variable}_LINKER"), linker);
        built.push(triple);
        dist.set_file_name(format!("dist-{}", other.name()));
    }
    let of = other.map_or(String::new(), |other| format!(" for {}", other.name()));
    let bar = crate::spinner(&format!("building Pillion{of} (release)"));
    let status = command
        .current_dir(root)
        .status()
        .context("running cargo")?;
    ensure!(status.success(), "the build failed");
    bar.finish_and_clear();
    lay_out(&built.join("release"), &dist)
}

/// Lays what cargo has built in one folder out in another, as it is installed.
pub fn lay_out(built: &Path, dist: &Path) -> Result<Dist> {
    let made = Dist::at(dist);
    for file in [&made.pillion, &made.client] {
        std::fs::create_dir_all(file.parent().context("a file lies in a folder")?)?;
    }
    replace(&built.join("pillion"), &made.pillion)?;
    replace(&built.join("libcuda.so"), &made.client)?;
    replace(&built.join("libnvidia_ml.so"), &made.nvml)?;
    link(&made.client)?;
    link(&made.nvml)?;
    Ok(made)
}

/// Makes a link without the version beside a library, for those that link to it.
pub fn link(library: &Path) -> Result<()> {
    let name = library.file_name().context("a library has a name")?;
    // `libx.so.1` becomes `libx.so`.
    let link = library.with_extension("");
    let _ = std::fs::remove_file(&link);
    Ok(std::os::unix::fs::symlink(name, link)?)
}

/// Where cargo puts what it builds.
pub fn target(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from)
}

/// Copies under another name first: a running process may have the old file open.
fn replace(from: &Path, to: &Path) -> Result<()> {
    let fresh = to.with_extension("new");
    std::fs::copy(from, &fresh).with_context(|| format!("copying {}", from.display()))?;
    Ok(std::fs::rename(fresh, to)?)
}
