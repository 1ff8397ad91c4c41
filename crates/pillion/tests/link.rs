//! `pillion link` between a client and a server.

mod common;

use std::time::{Duration, Instant};

use common::{Client, Link, Said, Server, pillion, text};
use pillion_transport::Uri;

#[test]
fn a_session_passes_late_and_is_counted() {
    let server = Server::start(&[]);
    let options = ["--rtt", "20ms", "--rate", "50mbit", "--json"];
    let link = Link::start(&server.unix, &options);
    let begun = Instant::now();
    let mut client = Client::greeted(&link.uri);
    // The connection, the greeting, and three questions.
    for _ in 0..3 {
        client.ping();
    }
    assert!(begun.elapsed() >= Duration::from_millis(5 * 20));
    drop(client);
    server.settle();
    let (printed, complaints) = link.end();
    assert_eq!(complaints, "");
    let report: serde_json::Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(report["connections"], 1);
    assert_eq!(report["rtt"], 0.02);
    assert_eq!(report["rate_bits_per_second"], 50_000_000);
    // A greeting and three frames of a header and 8 bytes; the answer to the greeting describes the device.
    assert!(report["bytes_to_server"].as_u64().unwrap() > 3 * 8);
    assert!(report["bytes_to_client"].as_u64().unwrap() > 500);
}

#[test]
fn a_cut_ends_the_session() {
    let server = Server::start(&[]);
    let link = Link::start(&server.tcp, &["--cut-after", "300ms"]);
    let begun = Instant::now();
    // It says nothing, and the server has patience for longer than this.
    assert_eq!(Client::connect(&link.uri).hear(), Said::Closed);
    assert!(begun.elapsed() >= Duration::from_millis(300));
    server.settle();
    let (printed, _) = link.end();
    assert!(
        printed.contains("1 connections (0 without a server, 1 cut)"),
        "{printed}"
    );
}

#[test]
fn mistakes_are_told() {
    let nowhere: Uri = "unix:///nonexistent/s".parse().unwrap();
    let link = Link::start(&nowhere, &[]);
    assert_eq!(Client::connect(&link.uri).hear(), Said::Closed);
    let (printed, complaints) = link.end();
    assert!(printed.contains("1 without a server"), "{printed}");
    assert!(complaints.contains("/nonexistent/s"), "{complaints}");

    for (option, value, advice) in [
        ("--rtt", "30", "30ms"),
        ("--rate", "100", "100mbit"),
        ("--jitter", "-1ms", "30ms"),
        ("--cut-after", "10MB", "10MiB"),
    ] {
        let output = pillion()
            .args(["link", "--listen", "tcp://127.0.0.1:0"])
            .arg(format!("{option}={value}"))
            .output()
            .unwrap();
        let stderr = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{stderr}");
        assert!(
            stderr.contains(advice) && stderr.contains(value),
            "{stderr}"
        );
    }
    let output = pillion()
        .args(["link", "--listen", "tcp://0.0.0.0:0"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("--insecure"));
}
