//! `cargo xtask demo`: unmodified CUDA programs on a machine without a GPU.

use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::programs::Choice;
use crate::server::Server;
use crate::{dist, programs, suite, toolkit};

/// The programs that are shown.
const SHOWN: [&str; 6] = [
    "vector_add",
    "matmul_tiled",
    "reduce",
    "monte_carlo_pi",
    "printf_device",
    "game_of_life",
];

/// Builds the examples, starts a server on the CPU device, runs them through it, and makes a picture.
pub fn run(root: &Path) -> Result<()> {
    let toolkit = toolkit::get(root)?;
    let dist = dist::build(root)?;
    let folder = root.join("target/demo");
    std::fs::create_dir_all(&folder)?;
    let built = programs::build(root, &toolkit, &Choice::default())?;
    let server = Server::start(&dist, "cpu", &folder.join("server.log"))?;
    println!(
        "A server on the CPU device listens on {}.",
        server.uris.join(" and ")
    );
    println!("These programs were built by NVIDIA's nvcc and know nothing of Pillion:\n");
    let mut all = true;
    for (index, name) in SHOWN.iter().enumerate() {
        let Some(program) = built.iter().find(|program| program.name == *name) else {
            continue;
        };
        let number = index % server.uris.len();
        let uri = &server.uris[number];
        let run = suite::through(&dist, &server, number, program, &[])?;
        let verdict = if run.passed {
            "results right"
        } else {
            "FAILED"
        };
        println!(
            "  {name:16} over {:5} {:>6} ms   {verdict}",
            uri.split(':').next().unwrap_or_default(),
            run.took.as_millis()
        );
        if !run.passed {
            println!("{}", run.output);
        }
        all &= run.passed;
    }
    if let Some(program) = built.iter().find(|program| program.name == "mandelbrot") {
        let ppm = folder.join("mandelbrot.ppm");
        let png = folder.join("mandelbrot.png");
        let run = suite::through(
            &dist,
            &server,
            0,
            program,
            &["1", &ppm.display().to_string()],
        )?;
        ensure!(run.passed, "mandelbrot failed:\n{}", run.output);
        write_png(&ppm, &png)?;
        println!(
            "  {:16} over unix  {:>6} ms   results right\n\nA picture that it made: {}",
            "mandelbrot",
            run.took.as_millis(),
            png.display()
        );
    }
    let listed = Command::new(&dist.pillion)
        .args(["devices", "--server", &server.uris[0]])
        .output()?;
    println!(
        "\n$ pillion devices\n{}",
        String::from_utf8_lossy(&listed.stdout)
    );
    ensure!(all, "a program failed");
    ensure!(server.stop()?, "the server left something behind");
    Ok(())
}

/// Turns a binary PPM picture into a PNG.
fn write_png(ppm: &Path, png: &Path) -> Result<()> {
    let bytes = std::fs::read(ppm)?;
    let mut parts = Vec::new();
    let mut at = 0;
    while parts.len() < 4 {
        let end = bytes[at..]
            .iter()
            .position(u8::is_ascii_whitespace)
            .map_or(bytes.len(), |n| at + n);
        parts.push(String::from_utf8_lossy(&bytes[at..end]).into_owned());
        at = end + 1;
        ensure!(at <= bytes.len(), "{} is no picture", ppm.display());
    }
    ensure!(
        parts[0] == "P6" && parts[3] == "255",
        "{} is no binary PPM",
        ppm.display()
    );
    let mut encoder = png::Encoder::new(
        std::fs::File::create(png)?,
        parts[1].parse()?,
        parts[2].parse()?,
    );
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&bytes[at..])?;
    Ok(())
}
