//! Reads the driver API out of NVIDIA's headers: types, symbols, versions.
//!
//! The headers come from PyPI into `target/headers` and are never committed. What is taken from them is the
//! interface (names, types, numbers), never their comments.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// The header package whose interface is checked in. A new release is taken by changing this line and
/// running `cargo xtask gen`.
const RUNTIME_PACKAGE: &str = "nvidia-cuda-runtime==13.0.96";
/// What bindgen loads to read them.
const CLANG_PACKAGE: &str = "libclang==18.1.1";

/// One ELF symbol of the driver.
#[derive(Debug, Clone)]
pub struct Symbol {
    /// The name in the library, e.g. `cuMemcpyHtoD_v2_ptds`.
    pub name: String,
    /// The name that programs ask `cuGetProcAddress` for, e.g. `cuMemcpyHtoD`.
    pub base: String,
    /// The CUDA version that introduced this entry point, as `1000 * major + 10 * minor`.
    pub version: u32,
    /// `""`, `"_ptds"` or `"_ptsz"`.
    pub suffix: String,
    /// Parameters in order.
    pub params: Vec<Param>,
}

/// One C parameter.
#[derive(Debug, Clone)]
pub struct Param {
    /// Name in the header; a Rust keyword carries a trailing underscore.
    pub name: String,
    /// Rust spelling of the C type.
    pub ty: String,
}

/// What the headers say.
pub struct Headers {
    /// Rust items for every type of the API.
    pub types: String,
    /// Every symbol, sorted by name.
    pub symbols: Vec<Symbol>,
}

/// Fetches the headers if need be and reads them.
pub fn read(root: &Path) -> Result<Headers> {
    let home = fetch(root)?;
    let include = find(&home, "cuda.h")?;
    let clang = find(&home, "libclang.so")?;
    // SAFETY: xtask has not started any thread yet, so nothing reads the environment at the same time.
    unsafe { std::env::set_var("LIBCLANG_PATH", &clang) };
    let gcc = Command::new("cc")
        .arg("-print-file-name=include")
        .output()
        .context("asking cc for its headers")?;
    let gcc = String::from_utf8(gcc.stdout)?;
    let source =
        "#define __CUDA_API_VERSION_INTERNAL 1\n#include <cuda.h>\n#include <cudaTypedefs.h>\n";
    let bindings = bindgen::Builder::default()
        .header_contents("driver-api.h", source)
        .clang_arg(format!("-I{}", include.display()))
        .clang_arg(format!("-isystem{}", gcc.trim()))
        .generate_comments(false)
        .layout_tests(false)
        .default_enum_style(bindgen::EnumVariation::NewType {
            is_bitfield: false,
            is_global: false,
        })
        .allowlist_file(".*/cuda.h")
        .allowlist_file(".*/cudaTypedefs.h")
        .prepend_enum_name(false)
        .use_core()
        .generate()
        .context("reading cuda.h")?
        .to_string();
    split(&bindings)
}

/// Separates types from prototypes, and pairs every prototype with the version that its typedef names.
fn split(bindings: &str) -> Result<Headers> {
    let file = syn::parse_file(bindings)?;
    let mut types = Vec::new();
    let mut prototypes = BTreeMap::new();
    let mut versions: BTreeMap<(String, String), Vec<u32>> = BTreeMap::new();
    for item in file.items {
        match item {
            syn::Item::ForeignMod(block) => {
                for item in block.items {
                    if let syn::ForeignItem::Fn(f) = item {
                        prototypes.insert(f.sig.ident.to_string(), params(&f.sig)?);
                    }
                }
            }
            syn::Item::Type(alias) if alias.ident.to_string().starts_with("PFN_") => {
                let name = alias.ident.to_string();
                let (name, suffix) = split_suffix(&name["PFN_".len()..]);
                // An alias without a version means "the newest"; the numbered ones say which that is.
                if let Some((base, version)) = name.rsplit_once("_v")
                    && let Ok(version) = version.parse()
                {
                    versions
                        .entry((base.to_string(), suffix.to_string()))
                        .or_default()
                        .push(version);
                }
            }
            other => types.push(other),
        }
    }
    let mut families: BTreeMap<(String, String), Vec<(u32, String)>> = BTreeMap::new();
    for name in prototypes.keys() {
        let (stem, suffix) = split_suffix(name);
        let (base, revision) = match stem.rsplit_once("_v") {
            Some((base, n)) if n.len() == 1 && n.parse::<u32>().is_ok() => (base, n.parse()?),
            _ => (stem, 1),
        };
        families
            .entry((base.to_string(), suffix.to_string()))
            .or_default()
            .push((revision, name.clone()));
    }
    let mut symbols = Vec::new();
    for ((base, suffix), mut family) in families {
        let mut versions = versions
            .remove(&(base.clone(), suffix.clone()))
            .unwrap_or_default();
        versions.sort_unstable();
        versions.dedup();
        family.sort_unstable();
        // The k-th revision of a symbol is the one that the k-th version of its typedef describes.
        ensure!(
            versions.len() == family.len(),
            "{base}{suffix}: {} symbols but {} versions: the pairing rule no longer holds",
            family.len(),
            versions.len()
        );
        for ((_, name), version) in family.into_iter().zip(versions) {
            let params = prototypes
                .remove(&name)
                .expect("the families were built from the prototypes");
            symbols.push(Symbol {
                name,
                base: base.clone(),
                version,
                suffix: suffix.clone(),
                params,
            });
        }
    }
    symbols.sort_by(|a, b| a.name.cmp(&b.name));
    let types = prettyplease::unparse(&syn::File {
        shebang: None,
        attrs: Vec::new(),
        items: types,
    });
    Ok(Headers { types, symbols })
}

fn split_suffix(name: &str) -> (&str, &str) {
    for suffix in ["_ptds", "_ptsz"] {
        if let Some(stem) = name.strip_suffix(suffix) {
            return (stem, suffix);
        }
    }
    (name, "")
}

fn params(sig: &syn::Signature) -> Result<Vec<Param>> {
    sig.inputs
        .iter()
        .map(|input| {
            let syn::FnArg::Typed(arg) = input else {
                bail!("a C function has no self")
            };
            let syn::Pat::Ident(name) = &*arg.pat else {
                bail!("a C parameter has a name")
            };
            let ty = &arg.ty;
            let ty = quote::quote!(#ty).to_string();
            let ty = ty
                .replace(":: core :: ffi ::", "")
                .replace("* mut ", "*mut ")
                .replace("* const ", "*const ");
            let ty = ty.split_whitespace().collect::<Vec<_>>().join(" ");
            Ok(Param {
                name: name.ident.to_string(),
                ty,
            })
        })
        .collect()
}

/// Installs the two packages below `target/headers` once.
fn fetch(root: &Path) -> Result<PathBuf> {
    let home = root.join("target/headers");
    let stamp = home.join("stamp");
    let wanted = format!("{RUNTIME_PACKAGE} {CLANG_PACKAGE}\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(home);
    }
    eprintln!(
        "fetching {RUNTIME_PACKAGE} and {CLANG_PACKAGE} into {}",
        home.display()
    );
    let status = Command::new("python3")
        .args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--upgrade",
        ])
        .arg("--target")
        .arg(&home)
        .args([RUNTIME_PACKAGE, CLANG_PACKAGE])
        .status()
        .context("running python3 -m pip (install Python 3 with pip)")?;
    ensure!(
        status.success(),
        "pip could not install {wanted}: is the package index reachable?"
    );
    std::fs::write(stamp, wanted)?;
    Ok(home)
}

/// The folder below `home` that holds `file`.
fn find(home: &Path, file: &str) -> Result<PathBuf> {
    let mut folders = vec![home.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder)? {
            let entry = entry?;
            if entry.file_type()?.is_dir() {
                folders.push(entry.path());
            } else if entry.file_name() == file {
                return Ok(folder);
            }
        }
    }
    bail!(
        "{} holds no {file}: remove the folder and try again",
        home.display()
    )
}
