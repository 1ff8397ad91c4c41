//! Where to look for a server: at an address, or somewhere on a machine, by the best way there is.

use std::fmt;
use std::net::{IpAddr, SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use pillion_transport::{
    DEFAULT_PORT, DEFAULT_TLS_PORT, DEFAULT_UCX_PORT, Uri, default_shm_socket, default_socket,
    default_uris,
};

use crate::{Error, Result};

/// This machine, without saying how, or the host of the virtual machine that it is.
const AUTO: &str = "auto";
/// A guest's device for talking to its host, and a host's for talking to guests.
const VSOCK: &str = "/dev/vsock";
/// Where the kernel lists the PCI devices.
const PCI: &str = "/sys/bus/pci/devices";
/// Where it lists network cards for RDMA.
const RDMA: &str = "/sys/class/infiniband";
/// How long to look whether anything listens at a port: a round trip round the world, and once again.
const LOOK: Duration = Duration::from_secs(2);

/// Where to look for a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// At an address, by its transport.
    At(Uri),
    /// On this machine (a name or an address of a machine; or `auto`, which is this one and, of a virtual machine, its host).
    On(String),
}

/// A way to a server that a [`Place`] may be reached by, or that it is not, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    /// Where it leads; of one that is passed over, where it would.
    pub uri: Uri,
    /// Why it is tried at its turn, or is not.
    pub because: String,
    /// Whether it is tried.
    pub is_tried: bool,
}

impl FromStr for Place {
    type Err = String;

    /// Parses an address, or the name of a machine.
    ///
    /// # Errors
    ///
    /// A sentence that says what to write instead.
    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let text = text.trim();
        let bare = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'));
        let bare = bare.unwrap_or(text);
        let is_name = !text.is_empty()
            && text.len() <= 253
            && !text.starts_with('-')
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c));
        if bare.parse::<IpAddr>().is_ok() || is_name {
            return Ok(Place::On(bare.to_string()));
        }
        match text.parse() {
            Ok(uri) => Ok(Place::At(uri)),
            Err(pillion_transport::UriError::NoScheme { .. })
                if text
                    .rsplit_once(':')
                    .is_some_and(|(_, port)| port.parse::<u16>().is_ok()) =>
            {
                Err(format!(
                    "{text:?} has a port and no transport: write tls://{text} or tcp://{text}, or the name of the machine alone"
                ))
            }
            Err(error) => Err(error.to_string()),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::At(uri) => uri.fmt(f),
            Place::On(host) => f.write_str(host),
        }
    }
}

impl Place {
    /// The places where a server is if nobody says.
    #[must_use]
    pub fn usual() -> Vec<Self> {
        default_uris().into_iter().map(Place::At).collect()
    }

    /// The ways to it, from the best to the one that goes furthest.
    #[must_use]
    pub fn ways(&self) -> Vec<Way> {
        match self {
            Place::At(uri) => vec![tried(uri.clone(), "as it was named")],
            Place::On(host) => ways(host, &Here::look(host)),
        }
    }
}

/// What there is to go by.
struct Here {
    /// It is this machine.
    is_here: bool,
    /// The sockets of a server of this user.
    has_shm: bool,
    has_unix: bool,
    /// This is a virtual machine with a way to its host.
    is_guest: bool,
    has_ivshmem: bool,
    /// This machine has a network card for RDMA.
    has_rdma: bool,
    /// What of the environment wants more than a plain connection.
    wants_secrecy: Option<&'static str>,
}

impl Here {
    fn look(host: &str) -> Self {
        let secrets = [
            "PILLION_TLS_PIN",
            "PILLION_TLS_CA",
            "PILLION_TLS_CERT",
            "PILLION_TLS_NAME",
            "PILLION_TOKEN",
        ];
        Here {
            is_here: is_here(host),
            has_shm: default_shm_socket().exists(),
            has_unix: default_socket().exists(),
            is_guest: pillion_transport::vsock::is_guest(),
            has_ivshmem: has_ivshmem(),
            has_rdma: std::fs::read_dir(RDMA).is_ok_and(|mut cards| cards.next().is_some()),
            wants_secrecy: secrets
                .into_iter()
                .find(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty())),
        }
    }
}

fn tried(uri: Uri, because: &str) -> Way {
    Way {
        uri,
        because: because.to_string(),
        is_tried: true,
    }
}

fn passed_over(uri: Uri, because: String) -> Way {
    Way {
        uri,
        because,
        is_tried: false,
    }
}

fn ways(host: &str, here: &Here) -> Vec<Way> {
    let mut ways = Vec::new();
    let [shm, unix, loopback] = default_uris();
    if here.is_here {
        for (uri, is_there, because) in [
            (
                shm,
                here.has_shm,
                "shared memory of this machine, the fastest",
            ),
            (unix, here.has_unix, "a Unix socket of this machine"),
        ] {
            ways.push(match is_there {
                true => tried(uri, because),
                false => {
                    let because = "no server of this user is there".to_string();
                    passed_over(uri, because)
                }
            });
        }
    } else {
        ways.push(passed_over(shm, format!("{host} is another machine")));
    }
    if host == AUTO {
        ways.extend(ways_to_host(here));
        ways.push(tried(loopback, "TCP within this machine"));
        return ways;
    }
    let host = || host.to_string();
    if here.is_here {
        ways.push(tried(loopback, "TCP within this machine"));
    }
    let rdma = Uri::Ucx {
        control: Box::new(Uri::Tcp {
            host: host(),
            port: DEFAULT_UCX_PORT,
        }),
    };
    ways.push(match here.wants_secrecy {
        _ if !here.has_rdma => passed_over(
            rdma,
            format!("this machine has no network card for RDMA ({RDMA})"),
        ),
        Some(name) => passed_over(
            rdma,
            format!("not encrypted, and {name} is set: name it as ucx://HOST if it is meant"),
        ),
        None => tried(rdma, "RDMA by UCX, not encrypted"),
    });
    ways.push(tried(
        Uri::Tls {
            host: host(),
            port: DEFAULT_TLS_PORT,
        },
        "encrypted",
    ));
    let plain = Uri::Tcp {
        host: host(),
        port: DEFAULT_PORT,
    };
    ways.push(match here.wants_secrecy {
        Some(name) => passed_over(
            plain,
            format!("not encrypted, and {name} is set: name it as tcp://HOST if it is meant"),
        ),
        None => tried(
            plain,
            "not encrypted: only where nothing listens at the port of tls://",
        ),
    });
    ways
}

/// From a virtual machine.
fn ways_to_host(here: &Here) -> Vec<Way> {
    let control = || Uri::Vsock {
        cid: 2,
        port: u32::from(DEFAULT_PORT),
    };
    let shared = Uri::Ivshmem {
        memory: AUTO.into(),
        control: Box::new(control()),
    };
    if !here.is_guest {
        let because = format!("this is no virtual machine with a way to its host ({VSOCK})");
        return vec![passed_over(control(), because)];
    }
    vec![
        match here.has_ivshmem {
            true => tried(
                shared,
                "memory shared with the host of this virtual machine",
            ),
            false => passed_over(
                shared,
                "this virtual machine has no ivshmem device".to_string(),
            ),
        },
        tried(control(), "the host of this virtual machine"),
    ]
}

/// Whether it is this machine: one can only listen at its own addresses.
fn is_here(host: &str) -> bool {
    if host == AUTO {
        return true;
    }
    let addresses = (host, 0).to_socket_addrs();
    let mut addresses = addresses.into_iter().flatten().peekable();
    addresses.peek().is_some()
        && addresses.all(|address| UdpSocket::bind(SocketAddr::new(address.ip(), 0)).is_ok())
}

fn has_ivshmem() -> bool {
    let devices = std::fs::read_dir(PCI).into_iter().flatten().flatten();
    let mut paths = devices.map(|device| device.path());
    let says = |path: &Path, file: &str, what: &str| {
        std::fs::read_to_string(path.join(file)).is_ok_and(|said| said.trim() == what)
    };
    // QEMU's, of Red Hat's vendors.
    paths.any(|path| says(&path, "vendor", "0x1af4") && says(&path, "device", "0x1110"))
}

/// Tries the ways to these places until one leads somewhere. Where a server that would be spoken to in secret is there and does not let
/// us in, whatever the reason, nothing that others can read is tried in its place: it is what somebody in between would wish.
///
/// # Errors
///
/// Where none does: why, of each, separated by semicolons.
pub fn first_of<T>(places: &[Place], mut attempt: impl FnMut(&Uri) -> Result<T>) -> Result<T> {
    let mut reasons = Vec::new();
    for place in places {
        let mut guarded = false;
        for Way { uri, is_tried, .. } in place.ways() {
            if !is_tried || guarded && matches!(uri, Uri::Tcp { .. }) {
                continue;
            }
            match attempt(&uri) {
                Ok(reached) => return Ok(reached),
                Err(error) => {
                    let reason = error.to_string();
                    // The same of all ways: there is no such machine.
                    if !reasons.contains(&reason) {
                        reasons.push(reason);
                    }
                }
            }
            if let Uri::Tls { host, port } = &uri {
                guarded = listens(host, *port);
            }
        }
    }
    Err(Error(reasons.join("; ")))
}

fn listens(host: &str, port: u16) -> bool {
    let addresses = (host, port).to_socket_addrs().into_iter().flatten();
    let mut addresses = addresses.take(4);
    addresses.any(|address| TcpStream::connect_timeout(&address, LOOK).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn here() -> Here {
        Here {
            is_here: true,
            has_shm: true,
            has_unix: true,
            is_guest: false,
            has_ivshmem: false,
            has_rdma: false,
            wants_secrecy: None,
        }
    }

    fn names(ways: &[Way]) -> Vec<&'static str> {
        let tried = ways.iter().filter(|way| way.is_tried);
        tried.map(|way| way.uri.scheme()).collect()
    }

    #[test]
    fn a_place_is_an_address_or_a_machine() {
        for machine in [
            "gpu-box",
            "gpu.example.org",
            "10.0.0.7",
            "::1",
            "auto",
            "node_7",
        ] {
            assert_eq!(machine.parse(), Ok(Place::On(machine.to_string())));
        }
        assert_eq!("[fe80::1]".parse(), Ok(Place::On("fe80::1".to_string())));
        let uri: Uri = "tls://gpu-box".parse().unwrap();
        assert_eq!("tls://gpu-box".parse(), Ok(Place::At(uri)));
        let said = "gpu-box:7718".parse::<Place>().unwrap_err();
        assert!(said.contains("write tls://gpu-box:7718"), "{said}");
        for wrong in [
            "", "/run/s", "-x", "a b", "gpu-box:", "http://x", "a/b", "[gpu]",
        ] {
            let said = wrong.parse::<Place>().unwrap_err();
            assert!(said.len() > 20, "{wrong:?}: {said}");
        }
    }

    #[test]
    fn the_best_way_that_there_is_comes_first() {
        assert_eq!(names(&ways(AUTO, &here())), ["shm", "unix", "tcp"]);
        assert_eq!(
            names(&ways("gpu-box", &here())),
            ["shm", "unix", "tcp", "tls", "tcp"]
        );
        let bare = Here {
            has_shm: false,
            has_unix: false,
            ..here()
        };
        assert_eq!(names(&ways(AUTO, &bare)), ["tcp"]);
        let guest = Here {
            is_guest: true,
            ..bare
        };
        assert_eq!(names(&ways(AUTO, &guest)), ["vsock", "tcp"]);
        let shared = Here {
            has_ivshmem: true,
            ..guest
        };
        assert_eq!(names(&ways(AUTO, &shared)), ["ivshmem", "vsock", "tcp"]);
        let away = Here {
            is_here: false,
            ..here()
        };
        assert_eq!(names(&ways("gpu-box", &away)), ["tls", "tcp"]);
        let cluster = Here {
            has_rdma: true,
            ..away
        };
        assert_eq!(names(&ways("gpu-box", &cluster)), ["ucx", "tls", "tcp"]);
        let secret = Here {
            wants_secrecy: Some("PILLION_TOKEN"),
            ..cluster
        };
        let ways = ways("gpu-box", &secret);
        assert_eq!(names(&ways), ["tls"]);
        // Whatever is passed over, it is said why.
        let over: Vec<_> = ways.iter().filter(|way| !way.is_tried).collect();
        assert_eq!(over.len(), 3);
        assert!(over[1].because.contains("PILLION_TOKEN is set"));
        assert!(over[2].because.contains("PILLION_TOKEN is set"));
    }

    #[test]
    fn addresses_of_this_machine_are_known() {
        for host in ["localhost", "127.0.0.1", "127.3.2.1", AUTO] {
            assert!(is_here(host), "{host}");
        }
        // For documentation: nobody has it.
        for host in ["198.51.100.77", "no-such-machine.invalid"] {
            assert!(!is_here(host), "{host}");
        }
    }

    #[test]
    fn nothing_is_said_in_the_clear_where_it_could_be_said_in_secret() {
        // At addresses of their own, as the ports are what they are.
        let host = format!("127.77.{}.1", std::process::id() % 250);
        let place = [Place::On(host.clone())];
        let attempts = || {
            let mut attempts = Vec::new();
            let refused = first_of::<()>(&place, |uri| {
                if uri.to_string().contains(&host) {
                    attempts.push(uri.scheme());
                }
                Err(Error(uri.to_string()))
            });
            assert!(refused.unwrap_err().to_string().contains(&host));
            attempts
        };
        assert_eq!(attempts(), ["tls", "tcp"]);
        let _server = TcpListener::bind((host.as_str(), DEFAULT_TLS_PORT)).unwrap();
        assert_eq!(attempts(), ["tls"]);
    }
}
