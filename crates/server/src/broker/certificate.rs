//! What `tls://` and `wss://` listeners show: the operator's certificate, or one that is made on the first start and kept.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use pillion_transport::tls::{Identity, ServerFiles, ServerSettings};
use rcgen::{CertificateParams, DnType, ExtendedKeyUsagePurpose, KeyPair};
use signal_hook::consts::SIGHUP;

use crate::settings::Endpoint;

/// The file with a server's own certificate and its key.
const OWN: &str = "tls.pem";

/// What a server shows, and whether clients have to be told its fingerprint.
pub struct Shown {
    /// What listeners take.
    pub settings: Arc<ServerSettings>,
    /// Nobody has signed it.
    pub own: bool,
}

/// Reads what is to be shown at an endpoint. Where its settings name no certificate it is the server's own, made if there is none yet.
///
/// # Errors
///
/// A sentence.
pub fn shown(endpoint: &Endpoint) -> Result<Shown, String> {
    let files = endpoint.tls.as_ref();
    let identity = files.and_then(|files| files.identity.clone());
    let own = identity.is_none();
    let identity = match identity {
        Some(identity) => identity,
        None => {
            let folder = folder().ok_or(
                "there is no folder for a certificate: set HOME, or name one with --tls-cert and --tls-key",
            )?;
            let file = made(&folder).map_err(|problem| {
                format!(
                    "the folder {} for the server's certificate {problem}; name one with --tls-cert and --tls-key",
                    folder.display()
                )
            })?;
            Identity {
                certificate: file.clone(),
                key: file,
            }
        }
    };
    let files = ServerFiles {
        identity,
        client_authorities: files.and_then(|files| files.client_ca.clone()),
        client_optional: endpoint.authentication.does_without_certificate(),
    };
    let settings = ServerSettings::read(files, |read| match read {
        Ok(()) => tracing::info!("the certificate was read again"),
        Err(error) => {
            tracing::error!("the certificate was not read again, the one before is kept: {error}")
        }
    })
    .map_err(|error| error.to_string())?;
    Ok(Shown {
        settings: Arc::new(settings),
        own,
    })
}

/// Lets SIGHUP have the files read again.
pub fn reload_on_signal(stale: Arc<AtomicBool>) -> std::io::Result<()> {
    signal_hook::flag::register(SIGHUP, stale).map(|_| ())
}

/// What this machine calls itself.
pub fn host() -> Option<String> {
    let name = std::fs::read_to_string("/proc/sys/kernel/hostname").ok()?;
    Some(name.trim().to_string()).filter(|name| !name.is_empty())
}

/// Where a server keeps what it must not lose.
fn folder() -> Option<PathBuf> {
    let absolute = |name: &str| {
        let path = PathBuf::from(std::env::var_os(name)?);
        path.is_absolute().then_some(path)
    };
    if let Some(base) = absolute("XDG_STATE_HOME") {
        return Some(base.join("pillion"));
    }
    if rustix::process::getuid().is_root() {
        return Some(PathBuf::from("/var/lib/pillion"));
    }
    Some(absolute("HOME")?.join(".local/state/pillion"))
}

/// The file in this folder, made if it is not there. Errors are the end of a sentence.
fn made(folder: &Path) -> Result<PathBuf, String> {
    let file = folder.join(OWN);
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
        .map_err(|error| format!("cannot be made: {error}"))?;
    let metadata =
        std::fs::metadata(folder).map_err(|error| format!("cannot be looked at: {error}"))?;
    let own = rustix::process::getuid().as_raw();
    // Whoever can write there could pose as this server.
    if metadata.uid() != own || metadata.mode() & 0o022 != 0 {
        return Err(format!(
            "belongs to user {} or can be written by others (mode {:03o})",
            metadata.uid(),
            metadata.mode() & 0o777
        ));
    }
    if file.exists() {
        return Ok(file);
    }
    let text = own_certificate().map_err(|error| format!("stays empty: {error}"))?;
    // Made aside and then named, whole: of several servers that start at once, one is the first.
    let mut number = [0; 8];
    rustix::rand::getrandom(&mut number, rustix::rand::GetRandomFlags::empty())
        .map_err(|error| format!("stays empty: {error}"))?;
    let aside = folder.join(format!("{OWN}.{:x}", u64::from_ne_bytes(number)));
    let written = write_secret(&aside, &text).and_then(|()| std::fs::hard_link(&aside, &file));
    let _ = std::fs::remove_file(&aside);
    match written {
        Ok(()) => {
            tracing::info!("made a certificate, kept in {}", file.display());
            Ok(file)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists && file.exists() => Ok(file),
        Err(error) => Err(format!("cannot be written to: {error}")),
    }
}

fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// A certificate that its own key has signed, and the key. Clients know it by its fingerprint, so it does not expire.
fn own_certificate() -> Result<String, rcgen::Error> {
    let local = || CertificateParams::new(["localhost".to_string()]);
    let mut params = match host() {
        // What a machine is called is not always a name that others could use.
        Some(host) => CertificateParams::new([host, "localhost".to_string()]).or_else(|_| local()),
        None => local(),
    }?;
    params
        .distinguished_name
        .push(DnType::CommonName, "Pillion server");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    let certificate = params.self_signed(&key)?;
    Ok(certificate.pem() + &key.serialize_pem())
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_certificate_is_made_once_and_for_the_server_alone() {
        let folder = std::env::temp_dir().join(format!("pillion-state-{}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        let below = folder.join("a/b");
        // Of many that start at once, all go on with the same.
        let texts: Vec<_> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..8)
                .map(|_| scope.spawn(|| std::fs::read(made(&below).unwrap()).unwrap()))
                .collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert!(texts.iter().all(|text| *text == texts[0]));
        let names: Vec<_> = std::fs::read_dir(&below)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, [OWN], "nothing else is left there");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().mode() & 0o777;
        assert_eq!((mode(&below), mode(&below.join(OWN))), (0o700, 0o600));
        std::fs::set_permissions(&below, std::fs::Permissions::from_mode(0o777)).unwrap();
        assert!(made(&below).unwrap_err().contains("others"));
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
