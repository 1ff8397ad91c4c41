//! Certificates for tests, and the authorities that sign them.

use std::fs;
use std::path::{Path, PathBuf};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyPair,
};

use crate::Folder;
use crate::folder::write_private;

/// A certificate and its key, as files.
#[derive(Clone, Debug)]
pub struct Signed {
    /// The certificate, in PEM.
    pub certificate: PathBuf,
    /// Its key, in PEM, which nobody else may read.
    pub key: PathBuf,
}

/// An authority, and a folder for what it signs: `ca.pem` is its own certificate, `FILE.pem` and `FILE.key` each that it has signed.
pub struct Authority {
    folder: PathBuf,
    name: String,
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// The folder, where it is the authority's alone.
    _own: Option<Folder>,
}

impl Authority {
    /// One that nobody knows yet, with a name and a folder of its own.
    #[must_use]
    pub fn new() -> Self {
        let folder = Folder::new();
        let name = name_for(&folder.0);
        Self::of(folder, &name)
    }

    /// One that signs into a folder which is there, and stays.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self::make(folder.to_owned(), &name_for(folder), None)
    }

    /// One that has the same name, and another key.
    #[must_use]
    pub fn impostor(&self) -> Self {
        Self::of(Folder::new(), &self.name)
    }

    fn of(folder: Folder, name: &str) -> Self {
        Self::make(folder.0.clone(), name, Some(folder))
    }

    fn make(folder: PathBuf, name: &str, own: Option<Folder>) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        fs::write(folder.join("ca.pem"), issuer.pem()).unwrap();
        Self {
            folder,
            name: name.to_owned(),
            issuer,
            _own: own,
        }
    }

    /// Its folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Its own certificate, in PEM.
    #[must_use]
    pub fn ca(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// A certificate for a server on this machine.
    pub fn server(&self, file: &str) -> Signed {
        self.server_as(file, &["localhost", "127.0.0.1"], |_| {})
    }

    /// A certificate for a server of these names, as `change` would have it.
    pub fn server_as(
        &self,
        file: &str,
        names: &[&str],
        change: impl FnOnce(&mut CertificateParams),
    ) -> Signed {
        let names: Vec<_> = names.iter().map(|name| name.to_string()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        change(&mut params);
        self.sign(file, params)
    }

    /// A certificate for a client of this name.
    pub fn client(&self, file: &str, name: &str) -> Signed {
        self.client_as(file, name, |_| {})
    }

    /// A certificate for a client of this name, as `change` would have it.
    pub fn client_as(
        &self,
        file: &str,
        name: &str,
        change: impl FnOnce(&mut CertificateParams),
    ) -> Signed {
        let mut params = CertificateParams::new([]).unwrap();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        change(&mut params);
        self.sign(file, params)
    }

    fn sign(&self, file: &str, params: CertificateParams) -> Signed {
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let signed = Signed {
            certificate: self.folder.join(format!("{file}.pem")),
            key: self.folder.join(format!("{file}.key")),
        };
        fs::write(&signed.certificate, certificate.pem()).unwrap();
        write_private(&signed.key, key.serialize_pem());
        signed
    }
}

impl Default for Authority {
    fn default() -> Self {
        Self::new()
    }
}

/// A name that no other folder's authority has.
fn name_for(folder: &Path) -> String {
    let folder = folder.file_name().unwrap_or_default();
    format!("authority of {}", folder.display())
}
