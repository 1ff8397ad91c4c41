//! `pillion libdir`: where the client library is.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail};

/// What programs load as the driver.
pub const LIBRARY: &str = "libcuda.so.1";
/// The symbol by which Pillion's client library is told from a driver.
pub const MARKER: &str = "pillion_client_marker";

/// Prints the folder.
pub fn run() -> anyhow::Result<ExitCode> {
    println!("{}", find()?.display());
    Ok(ExitCode::SUCCESS)
}

/// The folder that holds Pillion's `libcuda.so.1`: `PILLION_LIBDIR`, else beside the program.
pub fn find() -> anyhow::Result<PathBuf> {
    if let Some(folder) = std::env::var_os("PILLION_LIBDIR").filter(|folder| !folder.is_empty()) {
        let folder = PathBuf::from(folder);
        if !holds_library(&folder) {
            bail!(
                "PILLION_LIBDIR is {}, which has no {LIBRARY}: correct it, or unset it",
                folder.display()
            );
        }
        check_machine(&folder)?;
        return absolute(&folder);
    }
    let program = std::env::current_exe().context("cannot find out where this program is")?;
    let here = program.parent().unwrap_or(Path::new("/"));
    let candidates = [here.join("../lib/pillion"), here.join("pillion-lib")];
    match candidates.iter().find(|folder| holds_library(folder)) {
        Some(folder) => {
            check_machine(folder)?;
            absolute(folder)
        }
        None => bail!(
            "the client library {LIBRARY} is neither in {} nor in {}: in a checkout run `cargo xtask dist`, else set \
             PILLION_LIBDIR to the folder that holds it",
            candidates[0].display(),
            candidates[1].display()
        ),
    }
}

/// Whether a file is Pillion's client library, without running anything of it: it may be a driver.
pub fn is_client(path: &Path) -> bool {
    let bytes = std::fs::read(path).unwrap_or_default();
    bytes
        .windows(MARKER.len())
        .any(|window| window == MARKER.as_bytes())
}

/// Makes sure that the library is for the machines that this program is for: the loader passes over any other without a word, and the
/// program would find no driver.
fn check_machine(folder: &Path) -> anyhow::Result<()> {
    let library = folder.join(LIBRARY);
    match (
        machine(&library),
        std::env::current_exe().ok().and_then(|own| machine(&own)),
    ) {
        (Some(its), Some(own)) if its != own => bail!(
            "{} is for {}, and this `pillion` is for {}: install the one of the same build",
            library.display(),
            machine_name(its),
            machine_name(own)
        ),
        _ => Ok(()),
    }
}

/// The kind of machine that an ELF file is for. Nothing where it is none, about which others complain.
fn machine(path: &Path) -> Option<u16> {
    let mut head = [0; 20];
    std::fs::File::open(path).ok()?.read_exact(&mut head).ok()?;
    let [low, high] = [head[18], head[19]];
    head.starts_with(b"\x7fELF")
        .then_some(u16::from_le_bytes([low, high]))
}

fn machine_name(machine: u16) -> String {
    match machine {
        62 => "x86-64".to_string(),
        183 => "aarch64".to_string(),
        other => format!("machines of ELF number {other}"),
    }
}

fn holds_library(folder: &Path) -> bool {
    folder.join(LIBRARY).is_file()
}

fn absolute(folder: &Path) -> anyhow::Result<PathBuf> {
    folder
        .canonicalize()
        .with_context(|| format!("cannot look at {}", folder.display()))
}
