//! `pillion bench` end to end, on the CPU device.

mod common;

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use common::{Folder, Server, pillion, text};
use serde_json::Value;

/// The client library that cargo has built beside this test.
fn built() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let library = test.parent().unwrap().join("libcuda.so");
    assert!(library.is_file(), "no {}", library.display());
    library
}

/// A folder with the client library under its name.
fn library() -> Folder {
    let folder = Folder::new();
    std::os::unix::fs::symlink(built(), folder.path("libcuda.so.1")).unwrap();
    folder
}

/// A copy of the client library in which one word is replaced by another of the same length.
fn changed(to: &Path, word: &str, by: &str) {
    assert_eq!(word.len(), by.len());
    let mut bytes = std::fs::read(built()).unwrap();
    let places: Vec<_> = (0..bytes.len() - word.len())
        .filter(|&place| bytes[place..].starts_with(word.as_bytes()))
        .collect();
    assert!(!places.is_empty());
    for place in places {
        bytes[place..place + by.len()].copy_from_slice(by.as_bytes());
    }
    std::fs::write(to, bytes).unwrap();
}

/// The client library without the mark by which it is told from a driver.
fn unmarked(to: &Path) {
    changed(to, "pillion_client_marker", "pillion_client_marked");
}

fn bench(libraries: &Folder, options: &[&str]) -> Command {
    let mut command = pillion();
    command
        .args(["bench", "--quick", "--json"])
        .args(options)
        .env("PILLION_LIBDIR", &libraries.0)
        .env_remove("PILLION_DRIVER");
    command
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", text(&output.stdout), text(&output.stderr)))
}

/// Whether a result has figures, in order.
fn assert_measured(figure: &Value, result: &Value) {
    let of = |name: &str| result[name].as_f64().unwrap_or(f64::NAN);
    let (min, p10, median, p90, max) = (of("min"), of("p10"), of("median"), of("p90"), of("max"));
    assert!(
        0.0 < min && min <= p10 && p10 <= median && median <= p90 && p90 <= max && max < 1e15,
        "{figure}: {result}"
    );
    assert!(
        result["samples"].as_u64().unwrap() >= 3,
        "{figure}: {result}"
    );
}

const ROWS: &[(&str, &str)] = &[
    ("first_call", "seconds"),
    ("first_kernel", "seconds"),
    ("launch_issue", "seconds"),
    ("launch_sustained", "seconds"),
    ("launch_sync", "seconds"),
    ("work_sync", "seconds"),
    ("graph_sync", "seconds"),
    ("event_sync", "seconds"),
    ("event_query", "seconds"),
    ("word_to_device", "seconds"),
    ("word_to_host", "seconds"),
    ("malloc_free", "seconds"),
    ("malloc_free_async", "seconds"),
    ("module_load", "seconds"),
    ("ctx_get_device", "seconds"),
    ("device_get_attribute", "seconds"),
    ("to_device_pageable_64KiB", "bytes_per_second"),
    ("to_host_pageable_64KiB", "bytes_per_second"),
    ("to_device_pinned_64KiB", "bytes_per_second"),
    ("to_host_pinned_64KiB", "bytes_per_second"),
    ("to_device_pageable_1MiB", "bytes_per_second"),
    ("to_host_pageable_1MiB", "bytes_per_second"),
    ("to_device_pinned_1MiB", "bytes_per_second"),
    ("to_host_pinned_1MiB", "bytes_per_second"),
];

#[test]
fn every_figure_of_every_server_is_there() {
    let server = Server::start(&[]);
    let libraries = library();
    let plot = libraries.path("plot.svg");
    let servers = format!("{},{}", server.unix, server.tcp);
    let output = bench(&libraries, &["--no-native", "--seed", "5"])
        .args(["--server", &servers, "--plot"])
        .arg(&plot)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report = report(&output);
    assert_eq!(report["seed"], 5);
    let targets = report["targets"].as_array().unwrap();
    let names: Vec<_> = targets.iter().map(|target| &target["name"]).collect();
    assert_eq!(names, [&server.unix.to_string(), &server.tcp.to_string()]);
    for target in targets {
        assert_eq!(target["device"], "Pillion CPU Device");
        assert!(target.get("absent").is_none());
    }
    let figures = report["figures"].as_array().unwrap();
    let rows: Vec<_> = figures
        .iter()
        .map(|figure| {
            (
                figure["figure"].as_str().unwrap(),
                figure["unit"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(rows, ROWS);
    for figure in figures {
        let results = figure["results"].as_array().unwrap();
        assert_eq!(results.len(), 2);
        for (result, name) in results.iter().zip(&names) {
            assert_eq!(&result["target"], *name);
            assert_measured(&figure["figure"], result);
            assert!(result.get("ratio").is_none(), "nothing to compare with");
        }
    }
    // Both kinds of connection alone, from and to small and large memory, each with the kernel's buffers and others.
    let lines = report["lines"].as_array().unwrap();
    let memories = ["cached", "large-source", "large-target"];
    for (kind, memory) in ["tcp", "unix"]
        .into_iter()
        .flat_map(|kind| memories.map(|memory| (kind, memory)))
    {
        let of: Vec<_> = lines
            .iter()
            .filter(|line| line["kind"] == kind && line["memory"] == memory)
            .collect();
        assert!(of.len() > 2 && of[0]["buffer_bytes"].is_null());
        assert!(of[1..].iter().all(|line| line["buffer_bytes"].is_u64()));
        of.iter()
            .for_each(|line| assert_measured(&line["kind"], line));
    }
    let drawn = std::fs::read_to_string(plot).unwrap();
    assert!(drawn.starts_with("<svg") && drawn.trim_end().ends_with("</svg>"));
    // A dot for each figure, and one for each target in the legend of times and of copies.
    assert!(drawn.matches("<circle").count() >= (ROWS.len() + 2) * 2);
    server.settle();
}

#[test]
fn links_are_emulated_and_programs_are_run() {
    let server = Server::start(&[]);
    let libraries = library();
    // The shell's own `read` is as good as a program: it does not use CUDA, but prints figures, and which server it would use.
    let command = r#"echo "step_ms 4"; echo "server_is $PILLION_SERVER""#;
    let output = bench(&libraries, &["--no-native", "--rtt", "3ms,6ms"])
        .args(["--rate", "80mbit", "--server", &server.unix.to_string()])
        .args(["--app", command, "--app-runs", "3"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report = report(&output);
    let targets = report["targets"].as_array().unwrap();
    let links: Vec<_> = targets.iter().map(|target| &target["link"]).collect();
    assert!(links[0].is_null());
    let rtts = [0.003, 0.006];
    for (link, rtt) in links[1..].iter().zip(rtts) {
        assert_eq!(link["rtt"], rtt);
        assert_eq!(link["rate_bits_per_second"], 80_000_000);
        // The copies alone are more than this.
        for passed in ["bytes_to_server", "bytes_to_client"] {
            assert!(link[passed].as_u64().unwrap() > 1_000_000, "{link}");
        }
    }
    assert_eq!(links.len(), 3);
    for figure in report["figures"].as_array().unwrap() {
        let results = figure["results"].as_array().unwrap();
        assert_eq!(results.len(), 3);
        for (result, rtt) in results[1..].iter().zip(rtts) {
            if result.get("skipped").is_some() {
                continue;
            }
            assert_measured(&figure["figure"], result);
            // Whoever waits waits for a round trip, and no copy is faster than the link.
            let waits = ["launch_sync", "word_to_host", "event_sync", "first_call"];
            if waits.contains(&figure["figure"].as_str().unwrap()) {
                assert!(result["min"].as_f64().unwrap() >= rtt, "{figure}");
            }
            if figure["unit"] == "bytes_per_second" {
                assert!(result["max"].as_f64().unwrap() <= 80e6 / 8.0, "{figure}");
            }
        }
    }
    let app = &report["apps"][0];
    assert_eq!(app["command"], command);
    let figures = app["figures"].as_array().unwrap();
    let names: Vec<_> = figures.iter().map(|figure| &figure["figure"]).collect();
    assert_eq!(names, ["wall", "step"]);
    for figure in figures {
        for result in figure["results"].as_array().unwrap() {
            assert_measured(&figure["figure"], result);
        }
    }
    assert_eq!(figures[1]["results"][0]["median"], 0.004);
}

/// Pillion's own library, without its mark, stands in for a driver, and goes to the server by itself.
#[test]
fn ratios_are_of_what_passes_for_native() {
    let server = Server::start(&[]);
    let libraries = library();
    let driver = libraries.path("driver.so");
    unmarked(&driver);
    let app = r#"echo "length_us ${#LD_LIBRARY_PATH}""#;
    let output = bench(&libraries, &["--server", &server.tcp.to_string()])
        .env("PILLION_DRIVER", &driver)
        .env("PILLION_SERVER", server.unix.to_string())
        // Whoever has Pillion in the path gets it out of the way natively.
        .env("LD_LIBRARY_PATH", &libraries.0)
        .args(["--app", app])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let report = report(&output);
    assert_eq!(report["targets"][0]["name"], "native");
    assert_eq!(report["targets"][0]["device"], "Pillion CPU Device");
    for figure in report["figures"].as_array().unwrap() {
        let (native, through) = (&figure["results"][0], &figure["results"][1]);
        assert_measured(&figure["figure"], native);
        assert_measured(&figure["figure"], through);
        assert!(native.get("ratio").is_none());
        let ratio = through["median"].as_f64().unwrap() / native["median"].as_f64().unwrap();
        assert!((through["ratio"].as_f64().unwrap() / ratio - 1.0).abs() < 1e-9);
    }
    let lengths = &report["apps"][0]["figures"][1]["results"];
    assert_eq!(lengths[0]["median"], 0.0);
    assert!(lengths[1]["median"].as_f64().unwrap() > 0.0);
}

#[test]
fn a_library_that_is_not_the_right_one_is_not_measured() {
    let server = Server::start(&[]);
    let libraries = library();
    let uri = server.unix.to_string();
    // Pillion is not native, also where somebody says that it is the driver.
    let output = bench(&libraries, &["--server", &uri])
        .env("PILLION_DRIVER", built())
        .output()
        .unwrap();
    let whole = report(&output);
    let native = &whole["targets"][0];
    assert_ne!(native["device"], "Pillion CPU Device", "{native}");

    // And what is in Pillion's place has to be Pillion.
    let others = Folder::new();
    unmarked(&others.path("libcuda.so.1"));
    let output = bench(&others, &["--no-native", "--server", &uri])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let absent = report(&output)["targets"][0]["absent"].to_string();
    assert!(absent.contains("before Pillion's"), "{absent}");
}

/// A library over Pillion's that changes a byte of large copies to the host, and loses a kernel from the 400th on.
#[test]
fn a_wrong_result_is_an_error_and_no_figure() {
    let server = Server::start(&[]);
    let libraries = Folder::new();
    let real = libraries.path("libcudb.so.1");
    changed(&real, "libcuda.so.1", "libcudb.so.1");
    let source = libraries.path("wrong.c");
    let code = r#"
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stddef.h>
        int cuMemcpyDtoH_v2(void *to, unsigned long long from, size_t bytes) {
            int (*real)(void *, unsigned long long, size_t) = dlsym(RTLD_NEXT, "cuMemcpyDtoH_v2");
            int status = real(to, from, bytes);
            if (bytes == 1 << 20) ((char *)to)[777777] ^= 4;
            if (bytes == 8 && *(long long *)to >= 400) *(long long *)to -= 1;
            return status;
        }
    "#;
    std::fs::write(&source, code).unwrap();
    let status = Command::new("cc")
        .args(["-shared", "-fPIC", "-w", "-o"])
        .arg(libraries.path("libcuda.so.1"))
        .arg(&source)
        .arg("-Wl,--no-as-needed,-rpath,$ORIGIN,-rpath-link,/nonexistent")
        .arg(&real)
        .arg("-ldl")
        .status()
        .unwrap();
    assert!(status.success());
    let output = bench(&libraries, &["--no-native"])
        .args(["--server", &server.unix.to_string()])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    let report = report(&output);
    let result = |name: &str| {
        let figures = report["figures"].as_array().unwrap();
        let figure = figures.iter().find(|figure| figure["figure"] == name);
        figure.unwrap()["results"][0].clone()
    };
    for wrong in ["to_host_pinned_1MiB", "to_device_pageable_1MiB"] {
        let result = result(wrong);
        let error = result["error"].as_str().unwrap();
        assert!(
            error.contains("wrong result") && error.contains("777777"),
            "{error}"
        );
        assert!(result.get("median").is_none());
    }
    let error = result("launch_issue")["error"].to_string();
    assert!(
        error.contains("499 kernels") && error.contains("500"),
        "{error}"
    );
    for right in ["to_host_pinned_64KiB", "word_to_host", "graph_sync"] {
        assert_measured(&Value::Null, &result(right));
    }
}

#[test]
fn a_server_that_is_not_there_is_told() {
    let server = Server::start(&[]);
    let libraries = library();
    let servers = format!("unix:///nonexistent/s,{}", server.unix);
    let output = bench(&libraries, &["--no-native", "--server", &servers])
        .output()
        .unwrap();
    // The other one is measured all the same.
    assert_eq!(output.status.code(), Some(1));
    let report = report(&output);
    let absent = report["targets"][0]["absent"].as_str().unwrap();
    assert!(absent.contains("/nonexistent/s"), "{absent}");
    for figure in report["figures"].as_array().unwrap() {
        assert_measured(&figure["figure"], &figure["results"][1]);
    }
}

#[test]
fn what_fails_is_told() {
    let server = Server::start(&[]);
    let libraries = library();
    let uri = server.unix.to_string();
    let output = bench(&libraries, &["--no-native", "--server", &uri])
        .args(["--app", "echo step_ms 4; echo it broke >&2; exit 3"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report = report(&output);
    let error = &report["apps"][0]["figures"][0]["results"][0]["error"];
    assert!(error.to_string().contains("it broke"), "{error}");

    for (options, advice) in [
        (["--rtt", "30"], "30ms"),
        (["--rate", "fast"], "100mbit"),
        (["--app-runs", "0"], "1..=1000"),
    ] {
        let output = bench(&libraries, &options).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(advice), "{advice}");
    }
    let twice = format!("{uri},{uri}");
    let output = bench(&libraries, &["--server", &twice]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stderr).contains("twice"));
}

#[test]
fn people_get_a_table() {
    let server = Server::start(&[]);
    let libraries = library();
    let output = pillion()
        .args(["bench", "--quick", "--no-native", "--rtt", "1ms"])
        .args(["--server", &server.unix.to_string()])
        .env("PILLION_LIBDIR", &libraries.0)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output.stderr));
    let printed = text(&output.stdout);
    for words in [
        "Pillion CPU Device, CUDA",
        "launch + synchronize",
        "GB/s",
        "Unix socket",
        "Over emulated links",
        "(1ms)",
    ] {
        assert!(printed.contains(words), "no {words} in\n{printed}");
    }
}
