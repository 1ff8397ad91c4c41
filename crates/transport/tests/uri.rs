//! Addresses: what is printed parses to the same, and mistakes are told how to be put right.

use pillion_transport::{DEFAULT_PORT, DEFAULT_TLS_PORT, DEFAULT_UCX_PORT, Uri, UriError};
use proptest::prelude::*;

#[test]
fn forms() {
    let tcp = |host: &str, port| Uri::Tcp {
        host: host.to_owned(),
        port,
    };
    let ucx = |control| Uri::Ucx {
        control: Box::new(control),
    };
    let tls = |host: &str, port| Uri::Tls {
        host: host.to_owned(),
        port,
    };
    for (text, uri, printed) in [
        ("tcp://gpu", tcp("gpu", DEFAULT_PORT), "tcp://gpu:7717"),
        ("tcp://gpu:1", tcp("gpu", 1), "tcp://gpu:1"),
        (
            "TCP://gpu.example.org:65535/",
            tcp("gpu.example.org", 65535),
            "tcp://gpu.example.org:65535",
        ),
        (
            "tcp://127.0.0.1:0",
            tcp("127.0.0.1", 0),
            "tcp://127.0.0.1:0",
        ),
        ("tcp://[::1]", tcp("::1", DEFAULT_PORT), "tcp://[::1]:7717"),
        (
            "tcp://[fe80::1%eth0]:99",
            tcp("fe80::1%eth0", 99),
            "tcp://[fe80::1%eth0]:99",
        ),
        (
            "ucx://gpu",
            ucx(tcp("gpu", DEFAULT_UCX_PORT)),
            "ucx://gpu:7727",
        ),
        ("UCX://tcp://[::1]:1", ucx(tcp("::1", 1)), "ucx://[::1]:1"),
        (
            "ucx://tls://gpu:9/",
            ucx(tls("gpu", 9)),
            "ucx://tls://gpu:9",
        ),
        ("tls://gpu", tls("gpu", DEFAULT_TLS_PORT), "tls://gpu:7718"),
        ("TLS://[::1]:7717/", tls("::1", 7717), "tls://[::1]:7717"),
        (
            "ws://gpu",
            Uri::Ws {
                host: "gpu".to_owned(),
                port: 80,
                path: "/".to_owned(),
            },
            "ws://gpu:80",
        ),
        (
            "WSS://[::1]/",
            Uri::Wss {
                host: "::1".to_owned(),
                port: 443,
                path: "/".to_owned(),
            },
            "wss://[::1]:443",
        ),
        (
            "wss://gpu:7720/a/b%20c/",
            Uri::Wss {
                host: "gpu".to_owned(),
                port: 7720,
                path: "/a/b%20c/".to_owned(),
            },
            "wss://gpu:7720/a/b%20c/",
        ),
        (
            "unix:///run/pillion.sock",
            Uri::Unix {
                path: "/run/pillion.sock".into(),
            },
            "unix:///run/pillion.sock",
        ),
        (
            "vsock://2",
            Uri::Vsock { cid: 2, port: 7717 },
            "vsock://host:7717",
        ),
        (
            "vsock://any:0",
            Uri::Vsock {
                cid: u32::MAX,
                port: 0,
            },
            "vsock://any:0",
        ),
        (
            "VSOCK://42:4294967294/",
            Uri::Vsock {
                cid: 42,
                port: u32::MAX - 1,
            },
            "vsock://42:4294967294",
        ),
        (
            "ivshmem://auto@VSOCK://2",
            Uri::Ivshmem {
                memory: "auto".into(),
                control: Box::new(Uri::Vsock { cid: 2, port: 7717 }),
            },
            "ivshmem://auto@vsock://host:7717",
        ),
        (
            "ivshmem:///sys/bus/pci/devices/0000:00:04.0@unix:///a@b",
            Uri::Ivshmem {
                memory: "/sys/bus/pci/devices/0000:00:04.0".into(),
                control: Box::new(Uri::Unix {
                    path: "/a@b".into(),
                }),
            },
            "ivshmem:///sys/bus/pci/devices/0000:00:04.0@unix:///a@b",
        ),
        (
            "unix:///a b/\u{e4}",
            Uri::Unix {
                path: "/a b/\u{e4}".into(),
            },
            "unix:///a b/\u{e4}",
        ),
    ] {
        let parsed: Uri = text.parse().unwrap();
        assert_eq!(parsed, uri);
        assert_eq!(parsed.to_string(), printed);
        assert_eq!(printed.parse(), Ok(uri));
    }
}

#[test]
fn mistakes() {
    for (text, advice) in [
        ("", "tcp://HOST:PORT"),
        ("gpu", "tcp://gpu"),
        ("gpu:7717", "tcp://gpu:7717"),
        ("/run/x.sock", "unix:///run/x.sock"),
        ("http://gpu", "tcp://HOST:PORT"),
        ("://gpu", "tcp://HOST:PORT"),
        ("tls://", "no host"),
        ("tls://gpu:x", "is not a port"),
        ("tls://::1", "in brackets"),
        ("wss://", "no host"),
        ("ws:///path", "no host"),
        ("ws://gpu:x/path", "is not a port"),
        ("wss://gpu/a b", "wss://HOST:PORT/PATH"),
        ("wss://gpu/a?b", "wss://HOST:PORT/PATH"),
        ("ws://gpu/a#b", "ws://HOST:PORT/PATH"),
        ("ws://gpu/\u{e4}", "ws://HOST:PORT/PATH"),
        ("ws://gpu/\r\nHost:", "ws://HOST:PORT/PATH"),
        ("ws://me:secret@gpu/", "port"),
        ("ivshmem://auto", "ivshmem://auto@vsock"),
        ("ivshmem://here@vsock://host", "ivshmem://auto@vsock"),
        ("ivshmem:///dev/shm/x@shm:///y", "ivshmem://auto@vsock"),
        (
            "ivshmem://auto@ivshmem://auto@tcp://x",
            "ivshmem://auto@vsock",
        ),
        ("ivshmem://auto@vsock", "names no transport"),
        ("VSOCK://x", "vsock://host:7717"),
        ("vsock://", "vsock://host:7717"),
        ("vsock://+2", "vsock://host:7717"),
        ("vsock://4294967296", "vsock://host:7717"),
        ("vsock://host:", "vsock://host:7717"),
        ("vsock://host:4294967295", "vsock://host:7717"),
        ("vsock://host:1:1", "vsock://host:7717"),
        ("ucx://", "no host"),
        ("ucx://unix:///x", "is not a host"),
        ("ucx://ucx://gpu", "is not a host"),
        ("tcp://", "no host"),
        ("tcp://:7717", "no host"),
        ("tcp://gpu:", "is not a port"),
        ("tcp://gpu:x", "is not a port"),
        ("tcp://gpu:+1", "is not a port"),
        ("tcp://gpu:65536", "is not a port"),
        ("tcp://::1", "in brackets"),
        ("tcp://[::1", "in brackets"),
        ("tcp://[gpu]:1", "in brackets"),
        ("tcp://[::1]x", "in brackets"),
        ("tcp://gpu:1/path", "port"),
        ("tcp://gpu/path", "not a host"),
        ("tcp://me@gpu", "not a host"),
        ("tcp://g pu", "not a host"),
        ("unix://", "unix:///PATH"),
        ("unix://relative", "unix:///PATH"),
        ("unix:///", "unix:///PATH"),
        ("unix:///run/", "unix:///PATH"),
        ("unix:///a\0b", "unix:///PATH"),
        ("shm://relative", "shm:///PATH"),
        ("shm:///", "shm:///PATH"),
    ] {
        let error = text.parse::<Uri>().unwrap_err();
        assert!(error.to_string().contains(advice), "{text:?}: {error}");
    }
    let long = format!("unix:///{}", "x".repeat(107));
    assert!(matches!(
        long.parse::<Uri>(),
        Err(UriError::PathTooLong { limit: 107, .. })
    ));
}

proptest! {
    #[test]
    fn anything_is_parsed_or_refused(scheme in "(tcp|unix|vsock|ivshmem|ivshmem:///m@tcp|tls|wss?|[a-z]{0,3})", sign in "(://|:|/|)", rest in ".{0,40}") {
        let text = format!("{scheme}{sign}{rest}");
        match text.parse::<Uri>() {
            Ok(uri) => prop_assert_eq!(uri.to_string().parse::<Uri>(), Ok(uri)),
            Err(error) => prop_assert!(!error.to_string().is_empty()),
        }
    }
}
