//! What the real compiler makes: `PILLION_NVCC=/path/to/nvcc cargo test -p pillion-image`. Without it, nothing is tested here.

use pillion_image::{
    Capability, Compression, Elf, Fatbin, Flavour, Image, Kernel, Kind, cubin, flags, ptx, raw,
};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::process::Command;

/// Kernels with every kind of parameter; the layouts below are what C++ says of them.
const SOURCE: &str = r#"
struct S { char c; double d; int a[3]; };
struct alignas(16) V { float x[4]; };
struct Tiny { char c[3]; };
struct Big { char x[20000]; };
__constant__ float table[16];
extern "C" __global__ void plain(float *p, int n, S s, short h) { p[n] = s.d + h + table[n & 15] + s.a[1] + s.c; }
extern "C" __global__ void nothing() {}
extern "C" __global__ void odd(Tiny t, char c, V v, bool b, double d) { table[0]; if (b) ((volatile double *)v.x)[0] = d + t.c[1] + c; }
extern "C" __global__ void large(Big b, int *p) { *p = b.x[*p]; }
"#;

fn expected() -> Vec<Kernel> {
    let kernel = |name: &str, params: &[(u32, u32)], param_bytes| Kernel {
        name: name.to_owned(),
        params: params
            .iter()
            .map(|&(offset, size)| pillion_image::Param { offset, size })
            .collect(),
        param_bytes,
    };
    vec![
        kernel("large", &[(0, 20000), (20000, 8)], 20008),
        kernel("nothing", &[], 0),
        kernel("odd", &[(0, 3), (3, 1), (16, 16), (32, 1), (40, 8)], 48),
        kernel("plain", &[(0, 8), (8, 4), (16, 32), (48, 2)], 50),
    ]
}

fn sorted(mut kernels: Vec<Kernel>) -> Vec<Kernel> {
    kernels.sort_by(|a, b| a.name.cmp(&b.name));
    kernels
}

/// What nvcc makes of [`SOURCE`] with these arguments; `None` when there is no nvcc.
fn compile(name: &str, arguments: &[&str]) -> Option<Vec<u8>> {
    let Some(nvcc) = std::env::var_os("PILLION_NVCC") else {
        eprintln!("skipped: set PILLION_NVCC to the path of nvcc");
        return None;
    };
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::create_dir_all(&directory).unwrap();
    let (source, output) = (directory.join("source.cu"), directory.join("output"));
    std::fs::write(&source, SOURCE).unwrap();
    let run = Command::new(nvcc)
        .args(arguments)
        .arg("-o")
        .arg(&output)
        .arg(&source)
        .output()
        .unwrap();
    assert!(
        run.status.success(),
        "nvcc {arguments:?}: {}",
        String::from_utf8_lossy(&run.stderr)
    );
    Some(std::fs::read(output).unwrap())
}

#[test]
fn fat_binaries_for_many_devices() {
    let targets = [
        "arch=compute_75,code=sm_75",
        "arch=compute_80,code=sm_80",
        "arch=compute_86,code=sm_86",
        "arch=compute_90,code=sm_90",
        "arch=compute_90a,code=sm_90a",
        "arch=compute_100f,code=sm_100f",
        "arch=compute_75,code=compute_75",
        "arch=compute_90,code=compute_90",
        "arch=compute_90a,code=compute_90a",
    ];
    for mode in ["default", "size", "speed", "balance", "none"] {
        let mode_argument = format!("-compress-mode={mode}");
        let mut arguments = vec!["-fatbin", &mode_argument[..]];
        arguments.extend(targets.iter().flat_map(|t| ["-gencode", t]));
        let Some(bytes) = compile(&format!("many-{mode}"), &arguments) else {
            return;
        };
        let fatbin = Fatbin::parse(&bytes).unwrap();
        assert!(fatbin.understood);
        assert_eq!(fatbin.bytes.len(), bytes.len());
        let found: BTreeSet<_> = fatbin
            .entries
            .iter()
            .map(|e| (e.kind == Kind::Ptx, e.sm, e.flavour as u8))
            .collect();
        let (plain, arch, family) = (
            Flavour::Plain as u8,
            Flavour::Arch as u8,
            Flavour::Family as u8,
        );
        let wanted = BTreeSet::from([
            (false, 75, plain),
            (false, 80, plain),
            (false, 86, plain),
            (false, 90, plain),
            (false, 90, arch),
            (false, 100, family),
            (true, 75, plain),
            (true, 90, plain),
            (true, 90, arch),
        ]);
        assert_eq!(found, wanted, "{mode}");
        let compressed: BTreeSet<_> = fatbin
            .entries
            .iter()
            .map(|e| format!("{:?}", e.compression))
            .collect();
        match mode {
            "none" => assert_eq!(compressed, BTreeSet::from(["None".to_owned()])),
            "speed" => assert!(compressed.contains("Lz4")),
            _ => assert!(compressed.contains("Zstd")),
        }

        for entry in &fatbin.entries {
            let plain = entry.decompress(1 << 20).unwrap();
            let kernels = match entry.kind {
                Kind::Elf => {
                    assert_eq!(Elf::parse(&plain).unwrap().sm, entry.sm);
                    cubin::kernels(&plain).unwrap()
                }
                _ => {
                    let suffix = if entry.flavour == Flavour::Arch {
                        "a"
                    } else {
                        ""
                    };
                    assert_eq!(
                        ptx::target(&plain),
                        Some(&format!("sm_{}{suffix}", entry.sm)[..])
                    );
                    assert!(matches!(Image::parse(&plain), Ok(Image::Ptx(_))));
                    ptx::kernels(&plain).unwrap()
                }
            };
            assert_eq!(sorted(kernels), expected(), "{:?} {}", entry.kind, entry.sm);
        }

        // (device, what is kept of it)
        let name = |e: &pillion_image::Entry<'_>| {
            let suffix = ["", "a", "f"][e.flavour as usize];
            format!(
                "{}{}{suffix}",
                if e.kind == Kind::Ptx { "ptx" } else { "sm" },
                e.sm
            )
        };
        let cases: [(u32, &[&str]); 9] = [
            (75, &["sm75"]),
            (80, &["sm80"]),
            (87, &["sm86", "ptx75"]),
            (89, &["sm86", "ptx75"]),
            (90, &["sm90", "sm90a"]),
            (100, &["sm100f"]),
            (103, &["sm100f", "ptx90"]),
            (120, &["ptx90"]),
            (110, &["ptx90"]),
        ];
        for (sm, wanted) in cases {
            let kept = fatbin.only_for(Capability::from_sm(sm)).unwrap();
            assert!(kept.len() < bytes.len());
            let kept = Fatbin::parse(&kept).unwrap();
            let kept: BTreeSet<_> = kept.entries.iter().map(name).collect();
            assert_eq!(
                kept,
                wanted.iter().map(|&w| w.to_owned()).collect(),
                "device {sm}, {mode}"
            );
        }
        assert_eq!(fatbin.only_for((7, 0)), None);
        let kept = fatbin.only_ptx_for((9, 0)).unwrap();
        let kept: BTreeSet<_> = Fatbin::parse(&kept)
            .unwrap()
            .entries
            .iter()
            .map(name)
            .collect();
        assert_eq!(
            kept,
            BTreeSet::from(["ptx90".to_owned(), "ptx90a".to_owned()])
        );
        assert_eq!(
            fatbin
                .ptx_for((8, 9))
                .iter()
                .map(|e| e.sm)
                .collect::<Vec<_>>(),
            [75]
        );
    }
}

#[test]
fn other_ways_to_compile() {
    const BOTH: &str = "arch=compute_80,code=[sm_80,compute_80]";
    for (name, arguments) in [
        ("debug", &["-G"][..]),
        ("lines", &["-lineinfo"]),
        ("rdc", &["-rdc=true"]),
        (
            "options",
            &["-maxrregcount=32", "-Xptxas", "-O1,--fmad=false"],
        ),
    ] {
        let arguments = [&["-fatbin", "-gencode", BOTH], arguments].concat();
        let Some(bytes) = compile(name, &arguments) else {
            return;
        };
        let fatbin = Fatbin::parse(&bytes).unwrap();
        assert!(fatbin.understood, "{name}");
        assert_eq!(fatbin.entries.len(), 2, "{name}");
        for entry in &fatbin.entries {
            let plain = entry.decompress(1 << 20).unwrap();
            let kernels = if entry.kind == Kind::Elf {
                cubin::kernels(&plain)
            } else {
                ptx::kernels(&plain)
            };
            assert_eq!(
                sorted(kernels.unwrap()),
                expected(),
                "{name} {:?}",
                entry.kind
            );
            assert_eq!(entry.flags & flags::DEBUG != 0, name == "debug");
            let options = String::from_utf8_lossy(entry.options);
            if entry.kind == Kind::Ptx {
                assert_eq!(entry.version.0, 9, "the PTX version of CUDA 13");
                assert_eq!(
                    options.contains("-maxrregcount=32"),
                    name == "options",
                    "{options}"
                );
                assert_eq!(
                    options.contains("--compile-only"),
                    name == "rdc",
                    "{options}"
                );
            }
            let named = matches!(name, "debug" | "lines");
            assert_eq!(
                entry.name.ends_with(b"source.cu"),
                named,
                "{:?}",
                String::from_utf8_lossy(entry.name)
            );
        }
    }

    let Some(bytes) = compile(
        "lto",
        &[
            "-fatbin",
            "-rdc=true",
            "-gencode",
            "arch=compute_80,code=[lto_80,sm_80]",
        ],
    ) else {
        return;
    };
    let fatbin = Fatbin::parse(&bytes).unwrap();
    assert!(fatbin.entries.iter().any(|e| e.kind == Kind::LtoIr));
    assert_eq!(fatbin.only_for((8, 0)), None);
}

#[test]
fn bare_cubins_and_ptx() {
    for sm in ["75", "80", "89", "90", "100", "120"] {
        let Some(mut bytes) = compile(
            &format!("cubin{sm}"),
            &["-cubin", &format!("-arch=sm_{sm}")],
        ) else {
            return;
        };
        let length = bytes.len();
        assert_eq!(
            sorted(cubin::kernels(&bytes).unwrap()),
            expected(),
            "sm_{sm}"
        );
        bytes.extend_from_slice(&[0xaa; 100]);
        // SAFETY: a whole cubin that lives longer than what is measured.
        let measured = unsafe { raw::measure(bytes.as_ptr().cast()) }.unwrap();
        assert_eq!(
            (measured.kind, measured.bytes.len()),
            (raw::RawKind::Elf, length)
        );
        // Each cut takes something away.
        for cut in (0..length).step_by(97) {
            assert!(
                Image::parse(&bytes[..cut]).is_err(),
                "sm_{sm} cut at {cut} of {length}"
            );
        }
    }
    let Some(bytes) = compile("ptx", &["-ptx", "-arch=compute_90a"]) else {
        return;
    };
    assert_eq!(sorted(ptx::kernels(&bytes).unwrap()), expected());
    assert_eq!(ptx::target(&bytes), Some("sm_90a"));
    assert!(matches!(Image::parse(&bytes), Ok(Image::Ptx(_))));
}

/// One byte after the other of a real fat binary and a real cubin, damaged.
#[test]
fn damage_to_the_real_thing() {
    let Some(fatbin) = compile(
        "damage",
        &[
            "-fatbin",
            "-gencode",
            "arch=compute_80,code=[sm_80,compute_80]",
        ],
    ) else {
        return;
    };
    assert_eq!(
        Fatbin::parse(&fatbin).unwrap().entries[1].compression,
        Compression::Zstd
    );
    let Some(cubin) = compile("damage-cubin", &["-cubin", "-arch=sm_120"]) else {
        return;
    };
    for original in [fatbin, cubin] {
        let mut bytes = original.clone();
        for at in 0..bytes.len() {
            for value in [0xff, original[at] ^ 0x80] {
                bytes[at] = value;
                pillion_image::read_everything(&bytes);
            }
            bytes[at] = original[at];
        }
    }
}
