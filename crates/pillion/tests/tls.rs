//! `tls://` from one end to the other: certificates, tokens, and what people are told when something is wrong with them.

mod common;

use common::{Folder, Listening, client, eventually, fails, pillion, send, silent, text, works};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair,
};
use rustix::process::Signal;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Output;

/// A server that listens by TLS and by TCP.
struct Server {
    listening: Listening,
    tls: String,
    tcp: String,
    /// What it tells clients to set, if it does.
    pin: Option<String>,
}

impl Server {
    fn start(folder: &Folder, options: &[&str]) -> Self {
        let own = !options.contains(&"--tls-cert");
        let addresses = ["tls://127.0.0.1:0", "tcp://127.0.0.1:0"];
        let mut listening = Listening::start(folder, &addresses, options);
        let [tls, tcp] = [(); 2].map(|()| listening.uri());
        let pin = own.then(|| listening.pin(&tls));
        Server {
            listening,
            tls,
            tcp,
            pin,
        }
    }

    fn log(&self) -> String {
        self.listening.log()
    }

    /// `pillion devices` with these variables.
    fn devices(&self, variables: &[(&str, &str)]) -> Output {
        self.ask(&["devices"], variables)
    }

    fn ask(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = client();
        command
            .args(arguments)
            .env("PILLION_SERVER", &self.tls)
            .envs(variables.iter().copied())
            .output()
            .unwrap()
    }
}

/// An authority, and what it signs.
struct Authority {
    folder: Folder,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new(name: &str) -> Self {
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        let folder = Folder::new();
        fs::write(folder.path("ca.pem"), issuer.pem()).unwrap();
        Self { folder, issuer }
    }

    fn ca(&self) -> String {
        self.path("ca.pem")
    }

    fn path(&self, name: &str) -> String {
        self.folder.path(name).display().to_string()
    }

    /// Certificate and key.
    fn sign(&self, name: &str, host: &str, purpose: ExtendedKeyUsagePurpose) -> (String, String) {
        let mut params = CertificateParams::new([host.to_owned()]).unwrap();
        params.extended_key_usages = vec![purpose];
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let (certificate_file, key_file) = (
            self.folder.path(&format!("{name}.pem")),
            self.folder.path(&format!("{name}.key")),
        );
        fs::write(&certificate_file, certificate.pem()).unwrap();
        fs::write(&key_file, key.serialize_pem()).unwrap();
        fs::set_permissions(&key_file, fs::Permissions::from_mode(0o600)).unwrap();
        let shown = |path: PathBuf| path.display().to_string();
        (shown(certificate_file), shown(key_file))
    }

    fn server(&self, name: &str) -> (String, String) {
        self.sign(name, "127.0.0.1", ExtendedKeyUsagePurpose::ServerAuth)
    }
}

#[test]
fn without_a_certificate_one_is_made_and_kept() {
    let folder = Folder::new();
    let server = Server::start(&folder, &[]);
    let pin = server.pin.clone().unwrap();
    works(&server.devices(&[("PILLION_TLS_PIN", &pin)]));
    fails(&server.devices(&[]), "PILLION_TLS_PIN");
    let wrong = format!("sha256:{}", "0".repeat(64));
    fails(&server.devices(&[("PILLION_TLS_PIN", &wrong)]), &pin);
    fails(&server.devices(&[("PILLION_TLS_PIN", "abc")]), "sha256:");
    let doctor = server.ask(&["doctor", "--json"], &[("PILLION_TLS_PIN", &pin)]);
    let said = text(&doctor.stdout);
    assert!(
        said.contains(&format!("trusts the certificate {pin}")),
        "{said}"
    );
    assert!(said.contains("welcomes us in"), "{said}");
    let doctor = server.ask(&["doctor", "--json"], &[("PILLION_TLS_CA", "/nowhere")]);
    let said = text(&doctor.stdout);
    assert!(
        !doctor.status.success() && said.contains("/nowhere cannot be read"),
        "{said}"
    );

    let file = folder.path("pillion/tls.pem");
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    drop(server);
    let again = Server::start(&folder, &[]);
    assert_eq!(again.pin.as_ref(), Some(&pin), "the same as before");
    works(&again.devices(&[("PILLION_TLS_PIN", &pin)]));
}

#[test]
fn an_authority_vouches_for_both_ends() {
    let (servers, people) = (Authority::new("servers"), Authority::new("people"));
    let (certificate, key) = servers.server("server");
    let folder = Folder::new();
    let server = Server::start(
        &folder,
        &[
            "--tls-cert",
            &certificate,
            "--tls-key",
            &key,
            "--tls-client-ca",
            &people.ca(),
        ],
    );
    let (ca, other_ca) = (servers.ca(), people.ca());
    let trust = ("PILLION_TLS_CA", ca.as_str());
    let client = ExtendedKeyUsagePurpose::ClientAuth;
    let (ada, ada_key) = people.sign("ada", "ada.example", client.clone());
    let (eve, eve_key) = servers.sign("eve", "eve.example", client);
    let shows = |certificate, key| {
        [
            trust,
            ("PILLION_TLS_CERT", certificate),
            ("PILLION_TLS_KEY", key),
        ]
    };
    works(&server.devices(&shows(&ada, &ada_key)));
    fails(&server.devices(&[trust]), "PILLION_TLS_CERT");
    fails(&server.devices(&shows(&eve, &eve_key)), "our certificate");
    fails(&server.devices(&shows(&ada, &eve_key)), "is not the key of");
    fails(
        &server.devices(&[trust, ("PILLION_TLS_CERT", &ada)]),
        "only one of",
    );
    fails(
        &server.devices(&[("PILLION_TLS_CA", &other_ca)]),
        "not trusted here",
    );
    fails(
        &server.devices(&[trust, ("PILLION_TLS_NAME", "elsewhere")]),
        "not for elsewhere, but for",
    );
    eventually("the log tells of the refused", || {
        server.log().matches("refused").count() >= 2
    });

    // One that lets in whoever comes.
    drop(server);
    let server = Server::start(
        &folder,
        &[
            "--tls-cert",
            &certificate,
            "--tls-key",
            &key,
            "--tls-client-ca",
            &people.ca(),
            "--tls-client-optional",
        ],
    );
    works(&server.devices(&[trust]));
    works(&server.devices(&shows(&ada, &ada_key)));
    fails(&server.devices(&shows(&eve, &eve_key)), "our certificate");

    // What cannot be used is said before anything is listened at.
    let refused = pillion()
        .args([
            "serve",
            "--listen",
            "tls://127.0.0.1:0",
            "--tls-cert",
            &certificate,
        ])
        .args(["--tls-key", &ada_key])
        .output()
        .unwrap();
    fails(&refused, "is not the key of");
}

#[test]
fn a_new_certificate_is_shown_without_a_restart() {
    let authority = Authority::new("servers");
    let (certificate, key) = authority.server("server");
    let folder = Folder::new();
    let server = Server::start(&folder, &["--tls-cert", &certificate, "--tls-key", &key]);
    let ca = authority.ca();
    works(&server.devices(&[("PILLION_TLS_CA", &ca)]));
    // Half of it: a signal has it read, nothing comes of it, and nobody is turned away.
    fs::write(&certificate, "nothing").unwrap();
    send(server.listening.child.id(), Signal::HUP);
    eventually("the log tells of it", || {
        works(&server.devices(&[("PILLION_TLS_CA", &ca)]));
        server.log().contains("was not read again")
    });
    let anew = Authority::new("others");
    let (new, new_key) = anew.server("server");
    fs::rename(new, &certificate).unwrap();
    fs::rename(new_key, &key).unwrap();
    send(server.listening.child.id(), Signal::HUP);
    let ca = anew.ca();
    eventually("the new one is shown", || {
        server.devices(&[("PILLION_TLS_CA", &ca)]).status.success()
    });
    assert!(server.log().contains("was read again"));
}

#[test]
fn a_token_travels() {
    let folder = Folder::new();
    let tokens = folder.path("tokens");
    fs::write(&tokens, "ada a-token-that-is-long-enough\n").unwrap();
    fs::set_permissions(&tokens, fs::Permissions::from_mode(0o600)).unwrap();
    let server = Server::start(&folder, &["--token-file", tokens.to_str().unwrap()]);
    let pin = server.pin.clone().unwrap();
    let trust = ("PILLION_TLS_PIN", pin.as_str());
    works(&server.devices(&[trust, ("PILLION_TOKEN", "a-token-that-is-long-enough")]));
    fails(&server.devices(&[trust]), "wants a token");
    fails(
        &server.devices(&[trust, ("PILLION_TOKEN", "another-token-that-is-long")]),
        "not one of this server's",
    );
    assert!(server.log().contains("identity=\"ada\""));
}

#[test]
fn with_the_wrong_scheme_people_are_told_the_right_one() {
    let server = Server::start(&Folder::new(), &[]);
    let wrong = |uri: &str, scheme: &str| {
        let address = uri.split_once("://").unwrap().1;
        client()
            .args(["devices", "--server", &format!("{scheme}://{address}")])
            .env("PILLION_TLS_PIN", server.pin.as_ref().unwrap())
            .output()
            .unwrap()
    };
    fails(&wrong(&server.tls, "tcp"), "speaks TLS: write tls://");
    fails(&wrong(&server.tcp, "tls"), "no TLS");
    works(&server.devices(&[("PILLION_TLS_PIN", server.pin.as_ref().unwrap())]));
}

/// Many who begin a handshake and never end it are in nobody's way.
#[test]
fn who_says_nothing_holds_nobody_up() {
    let server = Server::start(&Folder::new(), &[]);
    let mut strangers = silent(&server.tls.parse().unwrap(), 10_000);
    for stranger in strangers.iter_mut().step_by(2) {
        // As a greeting begins that is 508 bytes long. Most have been shown the door.
        let _ = stranger.write_all(&[22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3, 9]);
    }
    works(&server.devices(&[("PILLION_TLS_PIN", server.pin.as_ref().unwrap())]));
    drop(strangers);
}
