//! `cargo xtask dist`: Pillion as it is installed.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// An installed Pillion.
pub struct Dist {
    /// `bin/pillion`.
    pub pillion: PathBuf,
    /// `lib/pillion/libcuda.so.1`.
    pub client: PathBuf,
    /// `lib/pillion/libnvidia-ml.so.1`.
    pub nvml: PathBuf,
}

/// Builds release binaries and lays them out in `target/dist`.
pub fn build(root: &Path) -> Result<Dist> {
    let bar = crate::spinner("building Pillion (release)");
    let status = Command::new("cargo")
        .args([
            "build",
            "--quiet",
            "--release",
            "--package",
            "pillion",
            "--package",
            "pillion-client",
            "--package",
            "pillion-nvml",
        ])
        .current_dir(root)
        .status()
        .context("running cargo")?;
    ensure!(status.success(), "the build failed");
    bar.finish_and_clear();
    let built = target(root).join("release");
    let dist = root.join("target/dist");
    let (bin, lib) = (dist.join("bin"), dist.join("lib/pillion"));
    std::fs::create_dir_all(&bin)?;
    std::fs::create_dir_all(&lib)?;
    let pillion = bin.join("pillion");
    let client = lib.join("libcuda.so.1");
    let nvml = lib.join("libnvidia-ml.so.1");
    replace(&built.join("pillion"), &pillion)?;
    replace(&built.join("libcuda.so"), &client)?;
    replace(&built.join("libnvidia_ml.so"), &nvml)?;
    link(&client)?;
    link(&nvml)?;
    Ok(Dist {
        pillion,
        client,
        nvml,
    })
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
