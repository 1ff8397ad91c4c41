//! `tls://` from one end to the other: certificates, tokens, and what people are told when something is wrong with them.

mod common;

use common::{
    Folder, Listening, ask, client, eventually, fails, pillion, send, shown, silent, text, works,
};
use pillion_test_support::certificates::{Authority, Signed};
use rustix::process::Signal;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
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
        let [tls, tcp] = listening.uris();
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
        ask(&self.tls, arguments, variables)
    }
}

/// What a client is told that trusts so, and shows this certificate.
fn as_client<'a>(trust: (&'a str, &'a str), signed: &'a Signed) -> [(&'a str, &'a str); 3] {
    let [certificate, key] = [&signed.certificate, &signed.key].map(|file| file.to_str().unwrap());
    [
        trust,
        ("PILLION_TLS_CERT", certificate),
        ("PILLION_TLS_KEY", key),
    ]
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
    let (servers, people) = (Authority::new(), Authority::new());
    let certificate = servers.server("server");
    let (ca, other_ca) = (servers.ca(), people.ca());
    let [ca, other_ca] = [&ca, &other_ca].map(|file| file.to_str().unwrap());
    let folder = Folder::new();
    let asking = [&shown(&certificate)[..], &["--tls-client-ca", other_ca]].concat();
    let server = Server::start(&folder, &asking);
    let trust = ("PILLION_TLS_CA", ca);
    let (ada, eve) = (people.client("ada", "Ada"), servers.client("eve", "Eve"));
    let mixed = Signed {
        key: eve.key.clone(),
        ..ada.clone()
    };
    works(&server.devices(&as_client(trust, &ada)));
    fails(&server.devices(&[trust]), "PILLION_TLS_CERT");
    fails(&server.devices(&as_client(trust, &eve)), "our certificate");
    fails(
        &server.devices(&as_client(trust, &mixed)),
        "is not the key of",
    );
    fails(&server.devices(&as_client(trust, &ada)[..2]), "only one of");
    fails(
        &server.devices(&[("PILLION_TLS_CA", other_ca)]),
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
    let optional = [&asking[..], &["--tls-client-optional"]].concat();
    let server = Server::start(&folder, &optional);
    works(&server.devices(&[trust]));
    works(&server.devices(&as_client(trust, &ada)));
    fails(&server.devices(&as_client(trust, &eve)), "our certificate");

    // What cannot be used is said before anything is listened at.
    let mixed = Signed {
        key: ada.key,
        ..certificate
    };
    let refused = pillion()
        .args(["serve", "--listen", "tls://127.0.0.1:0"])
        .args(shown(&mixed))
        .output()
        .unwrap();
    fails(&refused, "is not the key of");
}

#[test]
fn a_new_certificate_is_shown_without_a_restart() {
    let authority = Authority::new();
    let certificate = authority.server("server");
    let folder = Folder::new();
    let server = Server::start(&folder, &shown(&certificate));
    let ca = authority.ca();
    let trust = ("PILLION_TLS_CA", ca.to_str().unwrap());
    works(&server.devices(&[trust]));
    // Half of it: a signal has it read, nothing comes of it, and nobody is turned away.
    fs::write(&certificate.certificate, "nothing").unwrap();
    send(server.listening.child.id(), Signal::HUP);
    eventually("the log tells of it", || {
        works(&server.devices(&[trust]));
        server.log().contains("was not read again")
    });
    let anew = Authority::new();
    let new = anew.server("server");
    fs::rename(new.certificate, certificate.certificate).unwrap();
    fs::rename(new.key, certificate.key).unwrap();
    send(server.listening.child.id(), Signal::HUP);
    let ca = anew.ca();
    let trust = ("PILLION_TLS_CA", ca.to_str().unwrap());
    eventually("the new one is shown", || {
        server.devices(&[trust]).status.success()
    });
    assert!(server.log().contains("was read again"));
}

#[test]
fn a_token_travels() {
    let folder = Folder::new();
    let tokens = folder.private("tokens", "ada a-token-that-is-long-enough\n");
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
