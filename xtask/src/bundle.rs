//! `cargo xtask gpu-bundle`: what a machine with an NVIDIA GPU, and without Rust, needs to test Pillion.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::programs::Choice;
use crate::{dist, programs, toolkit};

/// Most bytes of the bundle.
const LIMIT: u64 = 60 << 20;

/// Lays the bundle out in `gpu-bundle`.
pub fn run(root: &Path) -> Result<()> {
    let toolkit = toolkit::get(root)?;
    let dist = dist::build(root)?;
    let built = programs::build(
        root,
        &toolkit,
        &Choice {
            gpu: true,
            ..Choice::default()
        },
    )?;
    let folder = root.join("gpu-bundle");
    let _ = std::fs::remove_dir_all(&folder);
    for part in ["bin", "lib/pillion", "programs"] {
        std::fs::create_dir_all(folder.join(part))?;
    }
    copy(&dist.pillion, &folder.join("bin/pillion"))?;
    for library in [&dist.client, &dist.nvml] {
        let name = library.file_name().context("a library has a name")?;
        let library_there = folder.join("lib/pillion").join(name);
        copy(library, &library_there)?;
        dist::link(&library_there)?;
    }
    let query = folder.join("bin/nvml-query");
    let status = Command::new("cc")
        .args(["-O1", "-w", "-o"])
        .arg(&query)
        .arg(root.join("tests/nvml/query.c"))
        .arg("-ldl")
        .status()
        .context("running cc")?;
    ensure!(status.success(), "tests/nvml/query.c does not compile");
    // What is compiled for a debugger is there for the PTX that comes of it, which a GPU is not asked to run.
    let built: Vec<_> = built
        .iter()
        .filter(|program| !program.name.ends_with("-debug"))
        .collect();
    for program in &built {
        copy(&program.path, &folder.join("programs").join(&program.name))?;
        std::fs::write(
            folder
                .join("programs")
                .join(format!("{}.expect", program.name)),
            program.expected.join("\n"),
        )?;
    }
    pack(&folder, "programs")?;
    // Programs linked to the shared runtime find it here.
    let runtime = std::fs::read_dir(&toolkit.libraries)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .find(|path| {
            path.file_name()
                .is_some_and(|name| name.to_string_lossy().starts_with("libcudart.so."))
        });
    if let Some(runtime) = runtime {
        let name = runtime.file_name().context("a library has a name")?;
        std::fs::create_dir_all(folder.join("lib/cudart"))?;
        copy(&runtime, &folder.join("lib/cudart").join(name))?;
    }
    for script in ["run.sh", "nvml.sh", "unpack.sh"] {
        std::fs::copy(root.join("tests/gpu").join(script), folder.join(script))?;
    }
    let size = size(&folder)?;
    ensure!(
        size < LIMIT,
        "the bundle has {} MiB, more than {}",
        size >> 20,
        LIMIT >> 20
    );
    println!(
        "{} ({} programs, {} MiB)",
        folder.display(),
        built.len(),
        size >> 20
    );
    Ok(())
}

/// Puts the folder `name` of `folder` into an archive beside it: a hundred programs that each hold CUDA's runtime compress
/// well, and `unpack.sh` opens it.
fn pack(folder: &Path, name: &str) -> Result<()> {
    let status = Command::new("tar")
        .arg("-C")
        .arg(folder)
        .arg("-czf")
        .arg(folder.join(format!("{name}.tar.gz")))
        .arg(name)
        .status()
        .context("running tar")?;
    ensure!(status.success(), "tar does not pack {name}");
    std::fs::remove_dir_all(folder.join(name))?;
    Ok(())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    std::fs::copy(from, to).with_context(|| format!("copying {}", from.display()))?;
    let status = Command::new("strip")
        .arg(to)
        .status()
        .context("running strip (Debian: binutils)")?;
    ensure!(status.success(), "strip refuses {}", to.display());
    Ok(())
}

fn size(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            sum += size(&entry.path())?;
        } else if kind.is_file() {
            sum += entry.metadata()?.len();
        }
    }
    Ok(sum)
}
