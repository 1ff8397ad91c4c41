//! `pillion run`: start a program so that it finds Pillion in the driver's place.

use std::ffi::{OsStr, OsString};
use std::io::ErrorKind;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::time::Duration;

use pillion_transport::{Uri, connect};

use crate::{Servers, libdir};

/// How long each server may take to accept, before the program is started without.
const PATIENCE: Duration = Duration::from_secs(3);
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
    let uris = options.servers.uris();
    if let Err(reasons) = reachable(&uris) {
        // The program still runs: it may do without a device, or tell its user in its own way.
        eprintln!(
            "pillion: no server can be reached, so the program will find no device ({reasons}). Start one with `pillion \
             serve`, or name one with --server or PILLION_SERVER; `pillion doctor` looks closer"
        );
    }
    let list = uris
        .iter()
        .map(Uri::to_string)
        .collect::<Vec<_>>()
        .join(",");
    let mut words = options.command.iter();
    let Some(program) = words.next() else {
        return Ok(ExitCode::from(NOT_FOUND));
    };
    let error = Command::new(program)
        .args(words)
        .env("PILLION_SERVER", list)
        .env(
            "LD_LIBRARY_PATH",
            prepended(folder.as_os_str(), std::env::var_os("LD_LIBRARY_PATH")),
        )
        // Triton links its launchers against the library in this folder instead of asking the loader.
        .env("TRITON_LIBCUDA_PATH", &folder)
        .exec();
    eprintln!("pillion: cannot run {}: {error}", program.display());
    Ok(ExitCode::from(if error.kind() == ErrorKind::NotFound {
        NOT_FOUND
    } else {
        NOT_EXECUTABLE
    }))
}

/// Whether some server accepts connections, else why each does not. Nothing is said to it: the session is the program's.
fn reachable(uris: &[Uri]) -> Result<(), String> {
    let mut reasons = Vec::new();
    for uri in uris {
        match connect(uri, PATIENCE) {
            Ok(_) => return Ok(()),
            Err(error) => reasons.push(error.to_string()),
        }
    }
    Err(reasons.join("; "))
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
