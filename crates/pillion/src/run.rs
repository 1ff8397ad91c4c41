//! `pillion run`: start a program so that it finds Pillion in the driver's place.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use pillion_dial::{Place, Wire, first_of};

use crate::{Servers, libdir};

/// How long each server may take to accept, before the program is started without.
const PATIENCE: Duration = Duration::from_secs(3);
/// Where the loader looks first, and where Triton looks.
const LIBRARY_PATH: &str = "LD_LIBRARY_PATH";
const TRITON_PATH: &str = "TRITON_LIBCUDA_PATH";
/// Exit status for a program that cannot be executed, and for one that is not there, as shells and env(1) have it.
const NOT_EXECUTABLE: u8 = 126;
const NOT_FOUND: u8 = 127;

/// `pillion run`.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    servers: Servers,
    /// The program and its arguments
    #[arg(
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true,
        value_name = "PROGRAM [ARGS]"
    )]
    command: Vec<OsString>,
}

/// Becomes the program. Returns only if it cannot be executed.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let folder = libdir::find()?;
    let places = options.servers.places();
    if let Err(reasons) = first_of(&places, |uri| Wire::connect(uri, PATIENCE)) {
        // The program still runs: it may do without a device, or tell its user in its own way.
        eprintln!(
            "pillion: no server can be reached, so the program will find no device ({reasons}). Start one with `pillion \
             serve`, or name one with --server or PILLION_SERVER; `pillion doctor` looks closer"
        );
    }
    let list = places
        .iter()
        .map(Place::to_string)
        .collect::<Vec<_>>()
        .join(",");
    let mut words = options.command.iter();
    let Some(program) = words.next() else {
        return Ok(ExitCode::from(NOT_FOUND));
    };
    let mut command = Command::new(program);
    command.args(words);
    ride(&mut command, &folder, &list);
    let error = command.exec();
    eprintln!("pillion: cannot run {}: {error}", program.display());
    Ok(ExitCode::from(if error.kind() == ErrorKind::NotFound {
        NOT_FOUND
    } else {
        NOT_EXECUTABLE
    }))
}

/// Lets a program find Pillion's library, which is in `folder`, in the driver's place, and these servers.
pub fn ride(command: &mut Command, folder: &Path, servers: &str) {
    command
        .env("PILLION_SERVER", servers)
        .env(
            LIBRARY_PATH,
            prepended(folder.as_os_str(), std::env::var_os(LIBRARY_PATH)),
        )
        // Triton links its launchers against the library in this folder instead of asking the loader.
        .env(TRITON_PATH, folder);
}

/// Lets a program find the machine's own driver, also where the environment leads to Pillion.
pub fn walk(command: &mut Command) {
    let is_pillions = |folder: &Path| libdir::is_client(&folder.join(libdir::LIBRARY));
    if let Some(path) = std::env::var_os(LIBRARY_PATH) {
        let others = std::env::split_paths(&path).filter(|folder| !is_pillions(folder));
        // What was split at colons has none.
        match std::env::join_paths(others).unwrap_or_default() {
            path if path.is_empty() => command.env_remove(LIBRARY_PATH),
            path => command.env(LIBRARY_PATH, path),
        };
    }
    if std::env::var_os(TRITON_PATH).is_some_and(|folder| is_pillions(Path::new(&folder))) {
        command.env_remove(TRITON_PATH);
    }
}

/// `folder` before what is in `path`. An empty entry in the path would stand for the current folder, so none is made.
fn prepended(folder: &OsStr, path: Option<OsString>) -> OsString {
    let mut whole = folder.to_owned();
    if let Some(path) = path.filter(|path| !path.is_empty()) {
        whole.push(":");
        whole.push(path);
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_comes_first_and_no_empty_entry_is_made() {
        let folder = OsStr::new("/p");
        assert_eq!(prepended(folder, None), "/p");
        assert_eq!(prepended(folder, Some("".into())), "/p");
        assert_eq!(prepended(folder, Some("/a:/b".into())), "/p:/a:/b");
    }
}
