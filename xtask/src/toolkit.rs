//! NVIDIA's compilers: what it takes to build CUDA programs on a machine without an NVIDIA product. From PyPI, and those that PyPI
//! does not have whole from Debian's packages.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// The packages of the toolkit that is used unless another is asked for. Their folders fit into one another.
const PACKAGES: [&str; 5] = [
    "nvidia-cuda-nvcc==13.0.*",
    "nvidia-cuda-crt==13.0.*",
    "nvidia-nvvm==13.0.*",
    RUNTIME_PACKAGE,
    "nvidia-cuda-cccl==13.0.*",
];
/// Those of the newest.
const NEWEST: [&str; 5] = [
    "nvidia-cuda-nvcc==13.5.*",
    "nvidia-cuda-crt==13.5.*",
    "nvidia-nvvm==13.5.*",
    "nvidia-cuda-runtime==13.5.*",
    "nvidia-cuda-cccl==13.3.5.*",
];
/// The toolkits that [`named`] has.
pub const NAMES: [&str; 4] = ["11.8", "12.4", "13.0", "13.5"];

/// The runtime of the toolkit that is used unless another is asked for, and the platform by which pip knows machines with 64-bit ARM.
const RUNTIME_PACKAGE: &str = "nvidia-cuda-runtime==13.0.*";
const ARM_PLATFORM: &str = "manylinux2014_aarch64";

/// A CUDA toolkit.
pub struct Toolkit {
    /// The compiler.
    pub nvcc: PathBuf,
    /// Where the runtime libraries are.
    pub libraries: PathBuf,
    /// What the compiler needs to be told besides.
    pub flags: Vec<String>,
    /// As `CUDART_VERSION`.
    pub version: u32,
}

/// A toolkit that Debian has packaged.
struct Packaged {
    version: u32,
    /// The newest g++ that its nvcc takes.
    gcc: u32,
    /// Path below the mirror, SHA-256, and which files are wanted.
    packages: [(&'static str, &'static str, &'static [&'static str]); 4],
}

/// The compiler and its parts.
const COMPILER: &[&str] = &[
    "usr/bin/bin2c=bin/bin2c",
    "usr/bin/cudafe++=bin/cudafe++",
    "usr/bin/fatbinary=bin/fatbinary",
    "usr/bin/nvlink=bin/nvlink",
    "usr/bin/ptxas=bin/ptxas",
    "usr/lib/nvidia-cuda-toolkit/bin/nvcc=bin/nvcc",
    "usr/lib/nvidia-cuda-toolkit/bin/crt/=bin/crt/",
    "usr/lib/nvidia-cuda-toolkit/bin/cicc=nvvm/bin/cicc",
    "usr/lib/nvidia-cuda-toolkit/libdevice/=nvvm/libdevice/",
];
/// Headers, and libraries to link with.
const DEVELOPMENT: &[&str] = &[
    "usr/include/=include/",
    "usr/lib/x86_64-linux-gnu/libcudart=lib/libcudart",
    "usr/lib/x86_64-linux-gnu/libcudadevrt=lib/libcudadevrt",
];
const RUNTIME: &[&str] = &["usr/lib/x86_64-linux-gnu/libcudart=lib/libcudart"];
const HEADERS: &[&str] = &["usr/include/=include/"];

const CUDA_11_8: Packaged = Packaged {
    version: 11080,
    gcc: 11,
    packages: [
        (
            "pool/non-free/n/nvidia-cuda-toolkit/nvidia-cuda-toolkit_11.8.89~11.8.0-5~deb12u1_amd64.deb",
            "d1156026e704fe0368b6295db06224ed00a727966fb13454f34e3f3102db0457",
            COMPILER,
        ),
        (
            "pool/non-free/n/nvidia-cuda-toolkit/nvidia-cuda-dev_11.8.89~11.8.0-5~deb12u1_amd64.deb",
            "dc63bf2fb94aaaf903e9bad0c35f631266077d016b34329ec7af456bd7fed5ec",
            DEVELOPMENT,
        ),
        (
            "pool/non-free/n/nvidia-cuda-toolkit/libcudart11.0_11.8.89~11.8.0-5~deb12u1_amd64.deb",
            "6c0e4052f5cb7ffcd70989110ed51af7c506ff7dc60d49900ae316ac9abaee29",
            RUNTIME,
        ),
        (
            "pool/main/libc/libcudacxx/libcu++-dev_1.8.1-2_all.deb",
            "76b27664a8b8c67b660c23056fe838080a8c6bf8725154805676f12d672b31c0",
            HEADERS,
        ),
    ],
};
const CUDA_12_4: Packaged = Packaged {
    version: 12040,
    gcc: 13,
    packages: [
        (
            "pool/non-free/n/nvidia-cuda-toolkit/nvidia-cuda-toolkit_12.4.131~12.4.1-2_amd64.deb",
            "cd5fe85aee38d108b315f408a688641478f2402622a10c677478eb7a6c4e5319",
            COMPILER,
        ),
        (
            "pool/non-free/n/nvidia-cuda-toolkit/nvidia-cuda-dev_12.4.127~12.4.1-2_amd64.deb",
            "d846838f914a0176948d48a8bcade5d6dbcccb5c9374343f6475f5503f173ee0",
            DEVELOPMENT,
        ),
        (
            "pool/non-free/n/nvidia-cuda-toolkit/libcudart12_12.4.127~12.4.1-2_amd64.deb",
            "361b3721cf84bf068e111ff013c819de61cb475268b0d38db99839471f1b4130",
            RUNTIME,
        ),
        (
            "pool/main/c/cccl/libcu++-dev_2.3.2-2_all.deb",
            "30e911c1909265591b5ea793df0e49e56bed631238b68b3e75c97590c4985686",
            HEADERS,
        ),
    ],
};
/// Debian's packages; `PILLION_DEBIAN` names another mirror.
const MIRROR: &str = "http://deb.debian.org/debian";
/// Debian's nvcc looks for its parts in Debian's places unless this says otherwise.
const PROFILE: &str = "\
TOP = $(_HERE_)/..
NVVMIR_LIBRARY_DIR = $(TOP)/nvvm/libdevice
PATH += $(TOP)/nvvm/bin:$(_HERE_):
INCLUDES += \"-I$(TOP)/include\" $(_SPACE_)
LIBRARIES =+ $(_SPACE_) \"-L$(TOP)/lib\"
CUDAFE_FLAGS +=
PTXAS_FLAGS +=
";

/// The toolkit of a version, one of [`NAMES`], fetched if it is not there.
pub fn named(root: &Path, name: &str) -> Result<Toolkit> {
    match name {
        "11.8" => packaged(root, name, &CUDA_11_8),
        "12.4" => packaged(root, name, &CUDA_12_4),
        "13.0" => from_pypi(&root.join("target/toolkit"), &PACKAGES, 13000),
        "13.5" => from_pypi(&root.join("target/toolkits/13.5/toolkit"), &NEWEST, 13050),
        _ => bail!(
            "there is no toolkit {name} to be had: choose of {}",
            NAMES.join(", ")
        ),
    }
}

fn packaged(root: &Path, name: &str, toolkit: &Packaged) -> Result<Toolkit> {
    ensure!(
        cfg!(target_arch = "x86_64"),
        "CUDA {name} is fetched as Debian's packages for x86-64, and this machine is none"
    );
    let home = root.join("target/toolkits").join(name).join("toolkit");
    let found = Toolkit {
        nvcc: home.join("bin/nvcc"),
        libraries: home.join("lib"),
        // What 13.0 makes unless it is told otherwise.
        flags: compiler(name, toolkit.gcc)?
            .into_iter()
            .chain(["-arch=sm_75".to_string()])
            .collect(),
        version: toolkit.version,
    };
    // Written last.
    let profile = home.join("bin/nvcc.profile");
    if profile.is_file() {
        return Ok(found);
    }
    let fresh = home.with_extension("new");
    let _ = std::fs::remove_dir_all(&fresh);
    let _ = std::fs::remove_dir_all(&home);
    std::fs::create_dir_all(&fresh)?;
    let mirror = std::env::var("PILLION_DEBIAN").unwrap_or_else(|_| MIRROR.to_string());
    let bar = crate::spinner(&format!("fetching CUDA {name} (about 1 GB, once)"));
    for (path, hash, rules) in &toolkit.packages {
        let output = Command::new("python3")
            .arg(root.join("xtask/src/debian.py"))
            .args([&mirror, *path, *hash])
            .arg(&fresh)
            .args(*rules)
            .output()
            .context("running python3: install Python 3 (Debian: apt-get install python3)")?;
        let error = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.success(),
            "{mirror}/{path} cannot be unpacked: {}\nDebian may have a newer one: PILLION_DEBIAN names a mirror that keeps old packages",
            error.lines().last().unwrap_or_default()
        );
    }
    std::fs::rename(&fresh, &home)?;
    std::fs::write(profile, PROFILE)?;
    bar.finish_and_clear();
    Ok(found)
}

/// What makes nvcc use a g++ that is not too new for it.
fn compiler(name: &str, newest: u32) -> Result<Option<String>> {
    let version = |command: &str| {
        let output = Command::new(command).arg("-dumpversion").output().ok()?;
        let text = String::from_utf8(output.stdout).ok()?;
        text.trim().split('.').next()?.parse::<u32>().ok()
    };
    if version("g++").is_some_and(|version| version <= newest) {
        return Ok(None);
    }
    (9..=newest)
        .rev()
        .map(|number| format!("g++-{number}"))
        .find(|command| version(command).is_some())
        .map(|command| Some(format!("-ccbin={command}")))
        .with_context(|| {
            format!("nvcc of CUDA {name} takes g++ up to {newest}: install it (Debian: apt-get install g++-{newest})")
        })
}

/// CUDA 13.0 below `target/toolkit`, fetched if it is not there; or the toolkit that `PILLION_NVCC` names.
pub fn get(root: &Path) -> Result<Toolkit> {
    if let Some(nvcc) = std::env::var_os("PILLION_NVCC").map(PathBuf::from) {
        ensure!(
            nvcc.is_file(),
            "PILLION_NVCC names {}, which is no file",
            nvcc.display()
        );
        let home = nvcc
            .parent()
            .and_then(Path::parent)
            .context("nvcc lies in a toolkit's bin folder")?
            .to_path_buf();
        let libraries = ["lib64", "lib"]
            .iter()
            .map(|name| home.join(name))
            .find(|path| path.is_dir());
        return Ok(Toolkit {
            nvcc,
            libraries: libraries.context("the toolkit of PILLION_NVCC has no lib folder")?,
            flags: Vec::new(),
            version: 13000,
        });
    }
    from_pypi(&root.join("target/toolkit"), &PACKAGES, 13000)
}

/// As [`get`], to build programs for machines with 64-bit ARM on this one, with the host compiler `ccbin`: this machine's nvcc, and the
/// runtime of theirs.
pub fn for_arm(root: &Path, ccbin: &str) -> Result<Toolkit> {
    let own = get(root)?;
    let folder = root.join("target/toolkit-aarch64");
    let libraries = folder.join("nvidia/cu13/lib");
    let stamp = folder.join("stamp");
    if !std::fs::read_to_string(&stamp).is_ok_and(|have| have == RUNTIME_PACKAGE) {
        let bar = crate::spinner("fetching CUDA's runtime for aarch64 (about 2 MB, once)");
        let there = ["--platform", ARM_PLATFORM, "--only-binary=:all:"];
        pip(&folder, &[RUNTIME_PACKAGE], &there)?;
        name_for_linkers(&libraries)?;
        std::fs::write(stamp, RUNTIME_PACKAGE)?;
        bar.finish_and_clear();
    }
    let mut flags = own.flags;
    flags.extend([
        format!("-ccbin={ccbin}"),
        "-target-dir=sbsa-linux".to_string(),
    ]);
    Ok(Toolkit {
        libraries,
        flags,
        ..own
    })
}

fn from_pypi(folder: &Path, packages: &[&str], version: u32) -> Result<Toolkit> {
    let home = folder.join("nvidia/cu13");
    let toolkit = Toolkit {
        nvcc: home.join("bin/nvcc"),
        libraries: home.join("lib"),
        flags: Vec::new(),
        version,
    };
    let stamp = folder.join("stamp");
    let wanted = packages.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) && toolkit.nvcc.is_file() {
        return Ok(toolkit);
    }
    let bar = crate::spinner("fetching nvcc (about 100 MB, once)");
    pip(folder, packages, &[])?;
    ensure!(
        toolkit.nvcc.is_file(),
        "the packages hold no nvcc at {}",
        toolkit.nvcc.display()
    );
    // Wheels do not keep the executable bit of every file.
    for name in ["nvcc", "ptxas", "cudafe++", "fatbinary", "nvlink", "bin2c"] {
        make_executable(&home.join("bin").join(name))?;
    }
    make_executable(&home.join("nvvm/bin/cicc"))?;
    name_for_linkers(&toolkit.libraries)?;
    std::fs::write(stamp, wanted)?;
    bar.finish_and_clear();
    Ok(toolkit)
}

/// Fetches packages of PyPI's into a folder.
pub fn pip(folder: &Path, packages: &[&str], options: &[&str]) -> Result<()> {
    let output = Command::new("python3")
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--upgrade"])
        .args(options)
        .arg("--target")
        .arg(folder)
        .args(packages)
        .output()
        .context("running python3 -m pip: install Python 3 with pip (Debian: apt-get install python3-pip)")?;
    ensure!(
        output.status.success(),
        "pip could not install {} into {}: is the package index reachable?\n{}",
        packages.join(", "),
        folder.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}

/// A wheel holds the runtime under the name that programs load, not under the one that linkers look for.
fn name_for_linkers(libraries: &Path) -> Result<()> {
    for entry in std::fs::read_dir(libraries)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if name.starts_with("libcudart.so.") {
            let link = libraries.join("libcudart.so");
            let _ = std::fs::remove_file(&link);
            std::os::unix::fs::symlink(name, link)?;
        }
    }
    Ok(())
}

fn make_executable(path: &Path) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut permissions = std::fs::metadata(path)
        .with_context(|| format!("{}", path.display()))?
        .permissions();
    permissions.set_mode(permissions.mode() | 0o755);
    Ok(std::fs::set_permissions(path, permissions)?)
}
