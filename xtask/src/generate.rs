//! `cargo xtask gen`: from CUDA's headers and `crates/cuda-abi/functions.def` to the checked-in tables, stubs, codec,
//! dispatch and coverage page. `--check` only says whether what is checked in is fresh.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::abi::{self, Param, Symbol};

/// How a symbol is served; see the head of `functions.def`.
#[derive(Debug, Clone, PartialEq)]
enum Mode {
    Call { wrapped: bool },
    Post { wrapped: bool },
    Hand,
    Local,
    As(String),
    Refuse(String),
}

/// What a pointer parameter points to.
#[derive(Debug, Clone, PartialEq)]
enum Role {
    Value,
    Handle(String),
    In,
    Out,
    InOut,
    InMany(String),
    OutMany(String),
    Text,
    /// Points to one value, or is null.
    InMaybe,
    /// Points to so many values, or is null.
    InManyMaybe(String),
    /// A struct that is passed by value.
    Struct,
    /// Points to so many handles of this kind.
    Handles(String, String),
    New(String),
    /// Points to a handle that the server names.
    Made(String),
    Gone(String),
    /// The device's own number for an object that kernels are given: how it comes, is used, and goes.
    RealOut(String),
    RealIn(String),
    RealGone(String),
    Raw,
}

struct Entry {
    opcode: Option<u16>,
    mode: Mode,
    roles: BTreeMap<String, String>,
}

/// The head of every generated file.
const BANNER: &str =
    "// Made by `cargo xtask gen` from CUDA's headers and functions.def. Do not edit.\n\n";

/// C handle types, and what the wire calls them (`pillion_protocol::handle::Kind`).
const HANDLES: &[(&str, &str)] = &[
    ("CUcontext", "Context"),
    ("CUmodule", "Module"),
    ("CUlibrary", "Library"),
    ("CUfunction", "Function"),
    ("CUkernel", "Function"),
    ("CUstream", "Stream"),
    ("CUevent", "Event"),
    ("CUmemoryPool", "MemoryPool"),
    ("CUmemGenericAllocationHandle", "Allocation"),
    ("CUarray", "Array"),
    ("CUmipmappedArray", "MipmappedArray"),
    ("CUgraph", "Graph"),
    ("CUgraphNode", "GraphNode"),
    ("CUgraphExec", "GraphExec"),
    ("CUlinkState", "Link"),
    ("CUgreenCtx", "GreenContext"),
    ("CUuserObject", "UserObject"),
    ("CUtexref", "TextureReference"),
    ("CUsurfref", "SurfaceReference"),
    ("CUdevResourceDesc", "ResourceDescription"),
];

/// Structs that hold handles, which the worker translates (`worker::handles::Translate`).
const TRANSLATED: &[&str] = &["CUDA_RESOURCE_DESC", "CUDA_MEMCPY3D_PEER"];

/// Writes everything, or with `check` fails where something checked in is stale.
pub fn run(root: &Path, check: bool) -> Result<()> {
    let headers = abi::read(root)?;
    let def = std::fs::read_to_string(root.join("crates/cuda-abi/functions.def"))?;
    let entries = parse(&def)?;
    let names: BTreeSet<&str> = headers.symbols.iter().map(|s| s.name.as_str()).collect();
    for name in entries.keys() {
        ensure!(
            names.contains(name.as_str()),
            "functions.def: the driver has no symbol {name}"
        );
    }
    let scalars = scalar_types(&headers.types)?;
    let files = [
        (
            "crates/cuda-abi/src/generated/types.rs",
            types(&headers.types, &scalars)?,
        ),
        (
            "crates/cuda-abi/src/generated/table.rs",
            table(&headers.symbols, &entries)?,
        ),
        (
            "crates/cuda-abi/src/generated/driver.rs",
            driver(&headers.symbols)?,
        ),
        (
            "crates/client/src/generated/exports.rs",
            exports(&headers.symbols, &entries)?,
        ),
        (
            "crates/client/src/generated/remote.rs",
            remote(&headers.symbols, &entries, &scalars)?,
        ),
        (
            "crates/server/src/worker/generated.rs",
            dispatch(&headers.symbols, &entries, &scalars)?,
        ),
        ("docs/coverage.md", coverage(&headers.symbols, &entries)),
    ];
    let mut stale = Vec::new();
    for (path, text) in files {
        let text = if path.ends_with(".rs") {
            format_rust(root, &text)?
        } else {
            text
        };
        let path = root.join(path);
        if std::fs::read_to_string(&path).is_ok_and(|old| old == text) {
            continue;
        }
        if check {
            stale.push(path.display().to_string());
        } else {
            std::fs::create_dir_all(path.parent().context("a generated file lies in a folder")?)?;
            std::fs::write(&path, text)?;
            println!("wrote {}", path.display());
        }
    }
    ensure!(
        stale.is_empty(),
        "stale, run `cargo xtask gen`: {}",
        stale.join(", ")
    );
    Ok(())
}

fn parse(def: &str) -> Result<BTreeMap<String, Entry>> {
    let mut entries = BTreeMap::new();
    let mut opcodes = BTreeSet::new();
    for (number, line) in def.lines().enumerate() {
        let at = || format!("functions.def:{}", number + 1);
        let mut words = line.split_whitespace();
        let Some(opcode) = words.next().filter(|w| !w.starts_with('#')) else {
            continue;
        };
        let name = words
            .next()
            .with_context(|| format!("{}: a symbol is missing", at()))?;
        let mode = words
            .next()
            .with_context(|| format!("{}: a mode is missing", at()))?;
        let mode = match mode {
            "call" => Mode::Call { wrapped: false },
            "call+" => Mode::Call { wrapped: true },
            "post" => Mode::Post { wrapped: false },
            "post+" => Mode::Post { wrapped: true },
            "hand" => Mode::Hand,
            "local" => Mode::Local,
            _ => match mode.split_once(':') {
                Some(("as", other)) => Mode::As(other.to_string()),
                Some(("refuse", reason)) => Mode::Refuse(reason.replace('_', " ")),
                _ => bail!("{}: unknown mode {mode}", at()),
            },
        };
        let opcode = match opcode {
            "-" => None,
            n => Some(
                n.parse::<u16>()
                    .with_context(|| format!("{}: opcode {n}", at()))?,
            ),
        };
        let travels = matches!(mode, Mode::Call { .. } | Mode::Post { .. });
        ensure!(
            opcode.is_some() == travels,
            "{}: exactly forwarded functions have an opcode",
            at()
        );
        if let Some(opcode) = opcode {
            ensure!(
                opcode >= 256,
                "{}: opcodes below 256 belong to the protocol's own commands",
                at()
            );
            ensure!(opcodes.insert(opcode), "{}: opcode {opcode} is taken", at());
        }
        let roles = words
            .map(|word| match word.split_once('=') {
                Some((param, role)) => Ok((param.to_string(), role.to_string())),
                None => bail!("{}: {word} is not PARAMETER=ROLE", at()),
            })
            .collect::<Result<_>>()?;
        let old = entries.insert(
            name.to_string(),
            Entry {
                opcode,
                mode,
                roles,
            },
        );
        ensure!(old.is_none(), "{}: {name} is listed twice", at());
    }
    Ok(entries)
}

/// Enumerations that bindgen made newtypes, and plain integers: what travels as one word.
fn scalar_types(types: &str) -> Result<BTreeSet<String>> {
    let mut scalars: BTreeSet<String> = [
        "c_int",
        "c_uint",
        "c_ulonglong",
        "c_uchar",
        "c_ushort",
        "usize",
        "f32",
        "u32",
        "u64",
        "i32",
    ]
    .iter()
    .map(|s| s.to_string())
    .collect();
    let file = syn::parse_file(types)?;
    for item in &file.items {
        if let syn::Item::Struct(s) = item
            && let syn::Fields::Unnamed(fields) = &s.fields
            && fields.unnamed.len() == 1
        {
            scalars.insert(s.ident.to_string());
        }
    }
    let handles: BTreeSet<&str> = HANDLES.iter().map(|(c, _)| *c).collect();
    loop {
        let before = scalars.len();
        for item in &file.items {
            // bindgen renames an enumeration by `pub use self::X_enum as X`.
            if let syn::Item::Use(renamed) = item
                && let syn::UseTree::Path(path) = &renamed.tree
                && let syn::UseTree::Rename(rename) = &*path.tree
                && scalars.contains(&rename.ident.to_string())
            {
                scalars.insert(rename.rename.to_string());
            }
            if let syn::Item::Type(alias) = item {
                let target = &alias.ty;
                let target = quote::quote!(#target).to_string();
                let target = target
                    .rsplit("::")
                    .next()
                    .unwrap_or_default()
                    .trim()
                    .to_string();
                let name = alias.ident.to_string();
                if scalars.contains(&target) && !handles.contains(name.as_str()) {
                    scalars.insert(name);
                }
            }
        }
        if scalars.len() == before {
            return Ok(scalars);
        }
    }
}

fn role(entry: &Entry, symbol: &Symbol, param: &Param, scalars: &BTreeSet<String>) -> Result<Role> {
    let handle_of = |ty: &str| {
        HANDLES
            .iter()
            .find(|(c, _)| *c == ty)
            .map(|(_, kind)| kind.to_string())
    };
    let pointee = param
        .ty
        .strip_prefix("*mut ")
        .or(param.ty.strip_prefix("*const "));
    let at = || format!("{}: parameter {}: {}", symbol.name, param.name, param.ty);
    let Some(role) = entry.roles.get(&param.name) else {
        if let Some(kind) = handle_of(&param.ty) {
            return Ok(Role::Handle(kind));
        }
        ensure!(scalars.contains(&param.ty), "{} needs a role", at());
        return Ok(Role::Value);
    };
    Ok(match role.as_str() {
        "in" => Role::In,
        "out" => Role::Out,
        "inout" => Role::InOut,
        "str" => Role::Text,
        "raw" => Role::Raw,
        "in?" => Role::InMaybe,
        "struct" => Role::Struct,
        "made" => Role::Made(
            pointee
                .and_then(handle_of)
                .with_context(|| format!("{} is no handle", at()))?,
        ),
        "new" => Role::New(
            pointee
                .and_then(handle_of)
                .with_context(|| format!("{} is no handle", at()))?,
        ),
        "gone" => {
            Role::Gone(handle_of(&param.ty).with_context(|| format!("{} is no handle", at()))?)
        }
        many => match many.strip_suffix(']').and_then(|m| m.split_once('[')) {
            Some(("in", count)) => Role::InMany(count.to_string()),
            Some(("in?", count)) => Role::InManyMaybe(count.to_string()),
            Some(("out", count)) => Role::OutMany(count.to_string()),
            Some(("handles", count)) => Role::Handles(
                pointee
                    .and_then(handle_of)
                    .with_context(|| format!("{} is no handle", at()))?,
                count.to_string(),
            ),
            _ => match many.split_once(':') {
                Some(("real", kind)) => Role::RealOut(kind.to_string()),
                Some(("of", kind)) => Role::RealIn(kind.to_string()),
                Some(("end", kind)) => Role::RealGone(kind.to_string()),
                _ => bail!("{}: unknown role {many}", at()),
            },
        },
    })
}

fn pointee(param: &Param) -> String {
    let ty = param
        .ty
        .trim_start_matches("*mut ")
        .trim_start_matches("*const ");
    // A void pointer with a count is a run of 32-bit words.
    if ty == "c_void" {
        "u32".to_string()
    } else {
        ty.to_string()
    }
}

/// The listed symbol that decides about `symbol`: itself, or the one whose per-thread variant it is.
fn entry_of<'a>(
    symbol: &Symbol,
    entries: &'a BTreeMap<String, Entry>,
) -> Option<(&'a String, &'a Entry)> {
    let stem = symbol
        .name
        .strip_suffix(symbol.suffix.as_str())
        .unwrap_or(&symbol.name);
    entries.get_key_value(stem)
}

fn variants(symbols: &[Symbol]) -> BTreeMap<String, &str> {
    let mut out = BTreeMap::new();
    for s in symbols.iter().filter(|s| !s.suffix.is_empty()) {
        out.insert(
            s.name[..s.name.len() - s.suffix.len()].to_string(),
            s.suffix.as_str(),
        );
    }
    out
}

fn signature(symbol: &Symbol) -> String {
    symbol
        .params
        .iter()
        .map(|p| format!("{}: {}", p.name, p.ty))
        .collect::<Vec<_>>()
        .join(", ")
}

fn types(types: &str, scalars: &BTreeSet<String>) -> Result<String> {
    let mut out = String::from(BANNER);
    out.push_str(types);
    let file = syn::parse_file(types)?;
    for item in &file.items {
        if let syn::Item::Struct(s) = item {
            let name = s.ident.to_string();
            if scalars.contains(&name) {
                let syn::Fields::Unnamed(fields) = &s.fields else {
                    bail!("{name} is a newtype")
                };
                let inner = &fields.unnamed[0].ty;
                writeln!(
                    out,
                    "crate::scalar_enum!({name}, {});",
                    quote::quote!(#inner)
                )?;
            }
        }
        let (name, attributes, opaque) = match item {
            syn::Item::Struct(s) => (
                &s.ident,
                &s.attrs,
                s.fields
                    .iter()
                    .any(|f| f.ident.as_ref().is_some_and(|i| i == "_unused")),
            ),
            syn::Item::Union(u) => (&u.ident, &u.attrs, false),
            _ => continue,
        };
        let copy = attributes
            .iter()
            .any(|a| quote::quote!(#a).to_string().contains("Copy"));
        if copy && !opaque {
            writeln!(out, "crate::plain!({name});")?;
        }
    }
    Ok(out)
}

fn table(symbols: &[Symbol], entries: &BTreeMap<String, Entry>) -> Result<String> {
    let mut out = String::from(BANNER);
    out.push_str("use crate::function::{Function, State, Variant};\n\n");
    writeln!(
        out,
        "/// Every symbol of the driver, sorted by name.\npub static FUNCTIONS: [Function; {}] = [",
        symbols.len()
    )?;
    for s in symbols {
        let variant = match s.suffix.as_str() {
            "_ptds" => "Variant::PerThreadDefaultStream",
            "_ptsz" => "Variant::PerThreadStreamArgument",
            _ => "Variant::Plain",
        };
        let (state, opcode) = match entry_of(s, entries) {
            None => ("State::Absent".to_string(), None),
            Some((_, e)) => (
                match &e.mode {
                    Mode::Call { .. } | Mode::Post { .. } | Mode::Hand | Mode::As(_) => {
                        "State::Implemented".to_string()
                    }
                    Mode::Local => "State::Local".to_string(),
                    Mode::Refuse(reason) => format!("State::Refused({reason:?})"),
                },
                e.opcode,
            ),
        };
        writeln!(
            out,
            "Function {{ symbol: {:?}, base: {:?}, version: {}, variant: {variant}, state: {state}, opcode: {opcode:?} }},",
            s.name, s.base, s.version
        )?;
    }
    out.push_str("];\n");
    Ok(out)
}

fn driver(symbols: &[Symbol]) -> Result<String> {
    let mut out = String::from(BANNER);
    out.push_str("use core::ffi::*;\n\nuse crate::types::*;\n\n");
    out.push_str("/// One optional function pointer for each symbol of the driver.\n#[derive(Clone, Default)]\npub struct DriverTable {\n");
    for s in symbols {
        let args = s
            .params
            .iter()
            .map(|p| p.ty.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        writeln!(
            out,
            "/// `{}`\npub {}: Option<unsafe extern \"C\" fn({args}) -> CUresult>,",
            s.name, s.name
        )?;
    }
    out.push_str("}\n\nimpl DriverTable {\n");
    out.push_str(
        "/// Fills the table from `find`, which answers the address of a symbol or null.\n///\n/// # Safety\n///\n\
         /// Whatever `find` answers has to be a function with the C signature of that symbol, and has to stay loaded as\n\
         /// long as the table is used.\npub unsafe fn load(mut find: impl FnMut(&'static core::ffi::CStr) -> *mut c_void) -> Self {\n\
         let mut table = Self::default();\n",
    );
    for s in symbols {
        writeln!(
            out,
            "// SAFETY: the caller promises the signature; the null address is the niche of `Option`.\ntable.{0} = unsafe {{ core::mem::transmute(find(c\"{0}\")) }};",
            s.name
        )?;
    }
    out.push_str(
        "table\n}\n\n/// Asks `keep` of each function that is there, by its symbol, and takes out those that it does not want.\n\
         pub fn retain(&mut self, mut keep: impl FnMut(&'static str) -> bool) {\n",
    );
    for s in symbols {
        writeln!(
            out,
            "if self.{0}.is_some() && !keep(\"{0}\") {{ self.{0} = None; }}",
            s.name
        )?;
    }
    out.push_str("}\n}\n");
    Ok(out)
}

fn exports(symbols: &[Symbol], entries: &BTreeMap<String, Entry>) -> Result<String> {
    let variants = variants(symbols);
    let mut out = String::from(BANNER);
    out.push_str("use core::ffi::*;\n\nuse pillion_cuda_abi::types::*;\n\nuse super::{remote, Pointer};\nuse crate::api::{self, DefaultStream};\nuse crate::entry::{entry, per_thread, unsupported};\n\n");
    for s in symbols {
        let stem = s.name.strip_suffix(s.suffix.as_str()).unwrap_or(&s.name);
        let varied = variants.get(stem).copied();
        let has_stream = s.params.iter().any(|p| p.ty == "CUstream");
        let mut args: Vec<String> = s
            .params
            .iter()
            .map(|p| match (s.suffix.as_str(), p.ty.as_str()) {
                ("_ptsz", "CUstream") => format!("per_thread({})", p.name),
                _ => p.name.clone(),
            })
            .collect();
        let default = match s.suffix.as_str() {
            "" => "DefaultStream::Legacy",
            _ => "DefaultStream::PerThread",
        };
        let body = match entry_of(s, entries).map(|(name, e)| (name, &e.mode)) {
            None => None,
            Some((_, Mode::Refuse(_))) => None,
            Some((
                name,
                Mode::Hand
                | Mode::Local
                | Mode::Call { wrapped: true }
                | Mode::Post { wrapped: true },
            )) => {
                if varied.is_some() && !has_stream {
                    args.push(default.to_string());
                }
                Some(format!("api::{name}({})", args.join(", ")))
            }
            Some((name, Mode::Call { .. } | Mode::Post { .. })) => {
                Some(format!("remote::{name}({})", args.join(", ")))
            }
            Some((name, Mode::As(other))) => {
                let target = entries
                    .get(other)
                    .with_context(|| format!("{name}: as:{other} is not listed"))?;
                let room = match target.mode {
                    Mode::Call { wrapped: false } | Mode::Post { wrapped: false } => "remote",
                    _ => "api",
                };
                let target_symbol = symbols
                    .iter()
                    .find(|t| t.name == *other)
                    .with_context(|| format!("{name}: as:{other} is no symbol"))?;
                let target_streams = target_symbol.params.iter().any(|p| p.ty == "CUstream");
                // A target may have a stream argument that this symbol lacks; the rest goes in the same order.
                let taken = target_symbol
                    .params
                    .iter()
                    .filter(|t| has_stream || t.ty != "CUstream");
                let own = s.params.len();
                ensure!(
                    taken.clone().count() == own,
                    "{name}: as:{other} takes other arguments"
                );
                for ((arg, p), t) in args.iter_mut().zip(&s.params).zip(taken) {
                    if p.ty != t.ty {
                        ensure!(
                            !p.ty.starts_with('*') && !t.ty.starts_with('*'),
                            "{name}: as:{other} cannot widen {}",
                            p.name
                        );
                        *arg = format!("{arg} as {}", t.ty);
                    }
                }
                if target_streams && !has_stream {
                    args.push(format!("{default}.stream()"));
                } else if room == "api" && !target_streams && variants.contains_key(other) {
                    args.push(default.to_string());
                }
                Some(format!("{room}::{other}({})", args.join(", ")))
            }
        };
        writeln!(
            out,
            "/// CUDA's `{}`.\n///\n/// # Safety\n///\n/// As CUDA documents for its arguments.",
            s.name
        )?;
        match body {
            Some(body) => writeln!(
                out,
                "#[unsafe(no_mangle)]\npub unsafe extern \"C\" fn {}({}) -> CUresult {{\n\
                 // SAFETY: the program keeps CUDA's contract for these arguments.\nentry({:?}, || unsafe {{ {body} }})\n}}\n",
                s.name,
                signature(s),
                s.name
            )?,
            None => {
                let ignored = s
                    .params
                    .iter()
                    .map(|p| format!("_: {}", p.ty))
                    .collect::<Vec<_>>()
                    .join(", ");
                writeln!(
                    out,
                    "#[unsafe(no_mangle)]\npub unsafe extern \"C\" fn {}({ignored}) -> CUresult {{ unsupported({:?}) }}\n",
                    s.name, s.name
                )?;
            }
        }
    }
    writeln!(
        out,
        "/// The address of each of `pillion_cuda_abi::FUNCTIONS`, in the same order.\npub static POINTERS: [Pointer; {}] = [",
        symbols.len()
    )?;
    for s in symbols {
        writeln!(out, "Pointer({} as *const c_void),", s.name)?;
    }
    out.push_str("];\n");
    Ok(out)
}

fn forwarded<'a>(
    symbols: &'a [Symbol],
    entries: &'a BTreeMap<String, Entry>,
) -> impl Iterator<Item = (&'a Symbol, &'a Entry, u16)> {
    symbols.iter().filter_map(|s| {
        let entry = entries.get(&s.name)?;
        Some((s, entry, entry.opcode?))
    })
}

fn remote(
    symbols: &[Symbol],
    entries: &BTreeMap<String, Entry>,
    scalars: &BTreeSet<String>,
) -> Result<String> {
    let mut out = String::from(BANNER);
    out.push_str("use core::ffi::*;\n\nuse pillion_cuda_abi::types::*;\n#[allow(unused_imports)]\nuse pillion_cuda_abi::pool_attribute_words;\nuse pillion_protocol::handle::Kind;\n\nuse crate::entry::Result;\nuse crate::forward::{Body, Fresh, call, post, retire};\n\n");
    for (s, entry, opcode) in forwarded(symbols, entries) {
        let mut encode = String::new();
        // Arrays follow the scalars that count them.
        let mut late = String::new();
        let mut decode = String::new();
        let mut fresh = String::new();
        let mut keep = String::new();
        let mut gone = String::new();
        let call = matches!(entry.mode, Mode::Call { .. });
        for p in &s.params {
            let n = &p.name;
            match role(entry, s, p, scalars)? {
                Role::Value => writeln!(encode, "body.scalar({n});")?,
                Role::Raw => writeln!(encode, "body.scalar({n} as u64);")?,
                Role::Handle(kind) => writeln!(encode, "body.handle(Kind::{kind}, {n} as u64)?;")?,
                Role::Gone(kind) => {
                    writeln!(encode, "body.handle(Kind::{kind}, {n} as u64)?;")?;
                    writeln!(gone, "retire({n} as u64);")?;
                }
                Role::In => writeln!(encode, "body.pod({n})?;")?,
                Role::InMaybe => writeln!(encode, "body.maybe_pod({n});")?,
                Role::Struct => writeln!(encode, "body.pod(&raw const {n})?;")?,
                Role::RealIn(_) | Role::RealGone(_) => writeln!(encode, "body.scalar({n});")?,
                Role::InOut => {
                    writeln!(encode, "body.pod({n})?;")?;
                    writeln!(decode, "answer.write({n})?;")?;
                }
                Role::Out | Role::Made(_) | Role::RealOut(_) => {
                    writeln!(decode, "answer.write({n})?;")?
                }
                Role::Handles(kind, count) => writeln!(
                    late,
                    "body.handles(Kind::{kind}, {n}.cast::<u64>(), ({count}) as usize)?;"
                )?,
                Role::InManyMaybe(count) => writeln!(
                    late,
                    "body.maybe_pods({n} as *const {}, ({count}) as usize)?;",
                    pointee(p)
                )?,
                Role::InMany(count) => writeln!(
                    late,
                    "body.pods({n} as *const {}, ({count}) as usize)?;",
                    pointee(p)
                )?,
                Role::OutMany(count) => {
                    writeln!(
                        decode,
                        "answer.write_many({n} as *mut {}, ({count}) as usize)?;",
                        pointee(p)
                    )?;
                }
                Role::Text => writeln!(encode, "body.text({n})?;")?,
                Role::New(kind) => {
                    writeln!(
                        fresh,
                        "let fresh = Fresh::new(Kind::{kind}, {n} as *const c_void)?;"
                    )?;
                    writeln!(encode, "body.scalar(fresh.id());")?;
                    writeln!(keep, "{n}.write(fresh.keep() as {});", pointee(p))?;
                }
            }
        }
        writeln!(
            out,
            "/// Forwards `{}` and {}.\n///\n/// # Safety\n///\n/// As CUDA documents for its arguments.\npub unsafe fn {}({}) -> Result<()> {{",
            s.name,
            if call {
                "waits for the answer"
            } else {
                "does not wait"
            },
            s.name,
            signature(s)
        )?;
        writeln!(
            out,
            "{fresh}let {}body = Body::new();\n// SAFETY: the program keeps CUDA's contract for these arguments.\nunsafe {{\n{encode}{late}",
            if encode.is_empty() && late.is_empty() {
                ""
            } else {
                "mut "
            }
        )?;
        if call {
            let name = if decode.is_empty() { "_" } else { "mut answer" };
            writeln!(
                out,
                "let {name} = call({opcode}, &body)?;\n{decode}{keep}{gone}"
            )?;
        } else {
            ensure!(
                decode.is_empty(),
                "{}: a posted function cannot answer",
                s.name
            );
            writeln!(out, "post({opcode}, &body)?;\n{keep}{gone}")?;
        }
        out.push_str("}\nOk(())\n}\n\n");
    }
    Ok(out)
}

fn dispatch(
    symbols: &[Symbol],
    entries: &BTreeMap<String, Entry>,
    scalars: &BTreeSet<String>,
) -> Result<String> {
    let mut out = String::from(BANNER);
    out.push_str("use core::ffi::*;\n\nuse pillion_cuda_abi::types::*;\nuse pillion_cuda_abi::{DriverTable, FUNCTIONS, pool_attribute_words};\nuse pillion_protocol::handle::Kind;\nuse pillion_protocol::{Decoder, Encoder};\n\n#[allow(unused_imports)]\nuse super::handles::{Handles, Translate};\nuse super::forward::{Failure, many, zeroed};\n\n");
    out.push_str("/// Decodes and executes one forwarded call, and encodes what it answers.\n///\n/// # Errors\n///\n/// [`Failure::Violation`] where the bytes are not what the opcode demands, which ends the session;\n/// [`Failure::Status`] where a handle is unknown or the device lacks the function.\npub fn dispatch(opcode: u16, body: &mut Decoder<'_>, handles: &mut Handles, table: &DriverTable, answer: &mut Encoder<'_>) -> Result<CUresult, Failure> {\nlet status = match opcode {\n");
    for (s, entry, opcode) in forwarded(symbols, entries) {
        let mut decode = String::new();
        // Arrays follow the scalars that count them.
        let mut late = String::new();
        let mut args = Vec::new();
        let mut encode = String::new();
        let mut after = String::new();
        for p in &s.params {
            let n = &p.name;
            let ty = &p.ty;
            match role(entry, s, p, scalars)? {
                Role::Value => {
                    writeln!(decode, "let {n}: {ty} = body.scalar()?;")?;
                    args.push(n.clone());
                }
                Role::Raw => {
                    writeln!(decode, "let {n}: u64 = body.scalar()?;")?;
                    args.push(format!("{n} as {ty}"));
                }
                Role::Handle(kind) => {
                    writeln!(
                        decode,
                        "let {n} = handles.find(Kind::{kind}, body.scalar()?)?;"
                    )?;
                    args.push(format!("{n} as {ty}"));
                }
                Role::Gone(kind) => {
                    writeln!(
                        decode,
                        "let gone = body.scalar()?;\nlet {n} = handles.find(Kind::{kind}, gone)?;"
                    )?;
                    args.push(format!("{n} as {ty}"));
                    writeln!(after, "handles.forget(Kind::{kind}, gone);")?;
                }
                Role::In => {
                    writeln!(decode, "let mut {n}: {} = body.pod()?;", pointee(p))?;
                    if TRANSLATED.contains(&pointee(p).as_str()) {
                        writeln!(decode, "{n}.enter(handles)?;")?;
                    }
                    args.push(format!("&raw mut {n}"));
                }
                Role::InMaybe => {
                    writeln!(
                        decode,
                        "let mut {n}: Option<{}> = body.maybe_pod()?;",
                        pointee(p)
                    )?;
                    args.push(format!(
                        "{n}.as_mut().map_or(core::ptr::null_mut(), |value| value as *mut _)"
                    ));
                }
                Role::Struct => {
                    writeln!(decode, "let {n}: {ty} = body.pod()?;")?;
                    args.push(n.clone());
                }
                Role::InOut => {
                    writeln!(decode, "let mut {n}: {} = body.pod()?;", pointee(p))?;
                    args.push(format!("&raw mut {n}"));
                    writeln!(encode, "answer.pod(&{n});")?;
                }
                Role::Out => {
                    writeln!(decode, "let mut {n}: {} = zeroed();", pointee(p))?;
                    args.push(format!("&raw mut {n}"));
                    if TRANSLATED.contains(&pointee(p).as_str()) {
                        writeln!(encode, "{n}.leave(handles);")?;
                    }
                    writeln!(encode, "answer.pod(&{n});")?;
                }
                Role::Made(kind) => {
                    writeln!(decode, "let mut {n}: {} = zeroed();", pointee(p))?;
                    args.push(format!("&raw mut {n}"));
                    writeln!(
                        encode,
                        "answer.pod(&if status == CUresult::CUDA_SUCCESS {{ handles.name(Kind::{kind}, {n} as u64)? }} else {{ 0 }});"
                    )?;
                }
                Role::RealOut(kind) => {
                    writeln!(decode, "let mut {n}: {} = zeroed();", pointee(p))?;
                    args.push(format!("&raw mut {n}"));
                    writeln!(
                        encode,
                        "if status == CUresult::CUDA_SUCCESS {{ handles.admit(Kind::{kind}, {n}); }}\nanswer.pod(&{n});"
                    )?;
                }
                Role::RealIn(kind) => {
                    writeln!(
                        decode,
                        "let {n}: {ty} = handles.real(Kind::{kind}, body.scalar()?)?;"
                    )?;
                    args.push(n.clone());
                }
                Role::RealGone(kind) => {
                    writeln!(
                        decode,
                        "let {n}: {ty} = handles.real(Kind::{kind}, body.scalar()?)?;"
                    )?;
                    args.push(n.clone());
                    writeln!(after, "handles.dismiss(Kind::{kind}, {n});")?;
                }
                Role::Handles(kind, count) => {
                    writeln!(
                        late,
                        "let mut {n}: Vec<u64> = body.pods(({count}) as usize)?;\nfor handle in &mut {n} {{ *handle = handles.find(Kind::{kind}, *handle)?; }}"
                    )?;
                    args.push(format!("{n}.as_mut_ptr() as {ty}"));
                }
                Role::InManyMaybe(count) => {
                    writeln!(
                        late,
                        "let mut {n}: Option<Vec<{}>> = body.maybe_pods(({count}) as usize)?;",
                        pointee(p)
                    )?;
                    args.push(format!(
                        "{n}.as_mut().map_or(core::ptr::null_mut(), Vec::as_mut_ptr) as {ty}"
                    ));
                }
                Role::InMany(count) => {
                    writeln!(
                        late,
                        "let mut {n}: Vec<{}> = body.pods(({count}) as usize)?;",
                        pointee(p)
                    )?;
                    args.push(format!("{n}.as_mut_ptr() as {ty}"));
                }
                Role::OutMany(count) => {
                    writeln!(
                        late,
                        "let mut {n}: Vec<{}> = many(({count}) as usize)?;",
                        pointee(p)
                    )?;
                    args.push(format!("{n}.as_mut_ptr() as {ty}"));
                    writeln!(encode, "answer.pods(&{n});")?;
                }
                Role::Text => {
                    writeln!(decode, "let {n} = body.text()?;")?;
                    args.push(format!("{n}.as_ptr()"));
                }
                Role::New(kind) => {
                    writeln!(
                        decode,
                        "let fresh = body.scalar()?;\nhandles.vacant(Kind::{kind}, fresh)?;\nlet mut {n}: {} = zeroed();",
                        pointee(p)
                    )?;
                    args.push(format!("&raw mut {n}"));
                    writeln!(
                        after,
                        "if status == CUresult::CUDA_SUCCESS {{ handles.bind(Kind::{kind}, fresh, {n} as u64); }}"
                    )?;
                }
            }
        }
        writeln!(
            out,
            "{opcode} => {{\n{decode}{late}body.end()?;\nlet entry_point = table.{0}.ok_or(Failure::Status(CUresult::CUDA_ERROR_NOT_SUPPORTED))?;\n\
             // SAFETY: the arguments are values, live handles of this session, or point to the locals above.\n\
             let status = unsafe {{ entry_point({1}) }};\n{encode}{after}status\n}}\n",
            s.name,
            args.join(", ")
        )?;
    }
    out.push_str("_ => return Err(Failure::Violation(pillion_protocol::Violation::UnknownOpcode(opcode))),\n};\nOk(status)\n}\n\n");
    let answered = forwarded(symbols, entries)
        .filter(|(_, entry, _)| matches!(entry.mode, Mode::Call { .. }))
        .map(|(_, _, opcode)| opcode.to_string())
        .collect::<Vec<_>>();
    writeln!(
        out,
        "/// Whether the client waits for the answer of a forwarded call.\npub fn answered(opcode: u16) -> bool {{\nmatches!(opcode, {})\n}}\n",
        answered.join(" | ")
    )?;
    out.push_str("/// The name of a forwarded call, for traces.\npub fn name(opcode: u16) -> Option<&'static str> {\nFUNCTIONS.iter().find(|f| f.opcode == Some(opcode)).map(|f| f.symbol)\n}\n");
    Ok(out)
}

fn coverage(symbols: &[Symbol], entries: &BTreeMap<String, Entry>) -> String {
    let mut rows = String::new();
    let mut count = BTreeMap::<&str, usize>::new();
    for s in symbols.iter().filter(|s| s.suffix.is_empty()) {
        let (state, how) = match entry_of(s, entries).map(|(_, e)| &e.mode) {
            None => ("not yet", "answers CUDA_ERROR_NOT_SUPPORTED".to_string()),
            Some(Mode::Refuse(reason)) => ("refused", reason.clone()),
            Some(Mode::Local) => ("local", "answered without the server".to_string()),
            Some(Mode::Post { .. }) => ("implemented", "forwarded, nobody waits".to_string()),
            Some(Mode::Call { .. }) => {
                ("implemented", "forwarded, waits for the answer".to_string())
            }
            Some(Mode::As(other)) => {
                let streams = |s: &Symbol| s.params.iter().any(|p| p.ty == "CUstream");
                let target = symbols.iter().find(|t| t.name == *other);
                if target.is_some_and(streams) && !streams(s) {
                    ("implemented", format!("as {other} on the default stream"))
                } else {
                    ("implemented", format!("as {other}"))
                }
            }
            Some(Mode::Hand) => ("implemented", "by commands of its own".to_string()),
        };
        *count.entry(state).or_default() += 1;
        let major = s.version / 1000;
        let minor = s.version % 1000 / 10;
        let _ = writeln!(rows, "| `{}` | {major}.{minor} | {state} | {how} |", s.name);
    }
    let mut out = String::from(
        "# Coverage of the CUDA driver API\n\nMade by `cargo xtask gen` from CUDA 13.0's headers and `crates/cuda-abi/functions.def`. \
         Per-thread variants (`_ptds`, `_ptsz`) follow the function that they vary.\n\n| state | functions |\n|---|---|\n",
    );
    for (state, n) in count {
        let _ = writeln!(out, "| {state} | {n} |");
    }
    let _ = write!(
        out,
        "\n| function | since CUDA | state | how |\n|---|---|---|---|\n{rows}"
    );
    out
}

fn format_rust(root: &Path, text: &str) -> Result<String> {
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--emit", "stdout"])
        .current_dir(root)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("running rustfmt")?;
    let mut stdin = child.stdin.take().context("rustfmt's input")?;
    let input = text.to_string();
    let feeder = std::thread::spawn(move || stdin.write_all(input.as_bytes()));
    let output = child.wait_with_output()?;
    feeder.join().expect("the feeder does not panic")?;
    ensure!(output.status.success(), "rustfmt refused generated code");
    Ok(String::from_utf8(output.stdout)?)
}
