//! Parameter layouts, from PTX and from cubins that the tests write themselves.

use pillion_image::{Elf, Image, ImageError, Kernel, Param, cubin, ptx, raw};
use proptest::prelude::*;

#[test]
fn ptx_parameters_lie_as_the_isa_says() {
    let text = br#"
.version 8.3
.target sm_90a, debug
.address_size 64
// .entry commented(.param .u32 x)
/* .entry too(.param .u32 x) */
.extern .func (.param .b32 r) vprintf (.param .b64 a, .param .b64 b);
.global .align 1 .b8 s[7] = {1, 2};
.section .debug_str { .b8 0 }
.file 1 "a \" .entry inside(.param .u32 x) b.cu"
.visible .entry declared(.param .u32 a);
.visible .entry declared(.param .u32 a) { ret; }
.weak .entry none() .maxntid 128, 1, 1 { ret; }
.entry bare { ret; }
.visible .entry _Z4mixPfi$%x(
    .param .b16 first,
    .param .u64 .ptr .global .align 16 p0,
    .param .u32 p1,
    .param .align 8 .b8 p2[0x20],
    .param .u16 p3, .param .f64 p4,
    .param .b8 p5[3], .param.align 16.b8 p6[2][3U],
    .param .texref p7, .param .v4 .f32 p8, .param .b8 p9)
.reqntid 32
{ .reg .b32 %r<4>; ld.param.u32 %r1, [p1]; ret; }
"#;
    let kernels = ptx::kernels(text).unwrap();
    let names: Vec<_> = kernels.iter().map(|k| &k.name[..]).collect();
    assert_eq!(names, ["declared", "none", "bare", "_Z4mixPfi$%x"]);
    assert_eq!(kernels[0].params, [Param { offset: 0, size: 4 }]);
    assert_eq!((kernels[1].params.len(), kernels[1].param_bytes), (0, 0));
    let layout: Vec<_> = kernels[3]
        .params
        .iter()
        .map(|p| (p.offset, p.size))
        .collect();
    assert_eq!(
        layout,
        [
            (0, 2),
            (8, 8),
            (16, 4),
            (24, 32),
            (56, 2),
            (64, 8),
            (72, 3),
            (80, 6),
            (88, 8),
            (96, 16),
            (112, 1)
        ]
    );
    assert_eq!(kernels[3].param_bytes, 113);
    assert_eq!(ptx::target(text), Some("sm_90a"));
}

#[test]
fn damaged_ptx_is_refused_with_its_line() {
    for (text, line) in [
        (".version 8.0\n\n.entry", 3),
        (".entry k(", 1),
        (".entry k(.param .u32 a", 1),
        (".entry k(\n.param .u32 a\n.param .u32 b)", 3),
        (".entry k(.reg .u32 a)", 1),
        (".entry k(.param .u33 a)", 1),
        (".entry k(.param a)", 1),
        (".entry k(.param .align 3 .b8 a[4])", 1),
        (".entry k(.param .b8 a[x])", 1),
        (".entry k(.param .b8 a[99999999999999])", 1),
        (
            ".entry k(.param .b8 a[18446744073709551615][18446744073709551615])",
            1,
        ),
    ] {
        match ptx::kernels(text.as_bytes()) {
            Err(ImageError::Ptx { line: at, .. }) => assert_eq!(at, line, "{text}"),
            other => panic!("{text}: {other:?}"),
        }
    }
}

/// Writes a cubin with these kernels and some things that are none, with or without numbers too large for their fields.
fn write_cubin(
    kernels: &[Kernel],
    sm: u8,
    new_abi: bool,
    new_records: bool,
    extended: bool,
) -> Vec<u8> {
    struct Section {
        name: u32,
        kind: u32,
        link: u32,
        data: Vec<u8>,
    }
    let mut names = vec![0];
    let mut name = |n: &str| {
        let at = names.len() as u32;
        names.extend_from_slice(n.as_bytes());
        names.push(0);
        at
    };
    let mut strings = vec![0];
    let mut symbols = vec![0; 24];
    let mut sections = Vec::new();
    let mut symbol = |n: &str, info: u8, other: u8, section: u16| {
        symbols.extend_from_slice(&(strings.len() as u32).to_le_bytes());
        symbols.extend_from_slice(&[info, other]);
        symbols.extend_from_slice(&section.to_le_bytes());
        symbols.extend_from_slice(&[0; 16]);
        strings.extend_from_slice(n.as_bytes());
        strings.push(0);
    };
    symbol("device_function", 0x12, 0, 7);
    symbol("undefined_kernel", 0x12, 0x10, 0);
    symbol("some_data", 0x11, 0x10, 7);
    for kernel in kernels {
        symbol(&kernel.name, 0x12, 0x10, 7);
        let mut info = vec![4, 0x37, 4, 0, 0x82, 0, 0, 0];
        // nvcc writes the last parameter first.
        for (i, p) in kernel.params.iter().enumerate().rev() {
            info.extend_from_slice(&[4, if new_records { 0x45 } else { 0x17 }, 12, 0, 0, 0, 0, 0]);
            info.extend_from_slice(&(i as u16).to_le_bytes());
            info.extend_from_slice(&(p.offset as u16).to_le_bytes());
            let size = if new_records {
                p.size
            } else {
                p.size << 18 | 0x1_f000
            };
            info.extend_from_slice(&size.to_le_bytes());
        }
        info.extend_from_slice(&[3, 0x50, 0, 0, 3, 0x1b, 0xff, 0]);
        if !kernel.params.is_empty() {
            info.extend_from_slice(&[3, 0x19]);
            info.extend_from_slice(&(kernel.param_bytes as u16).to_le_bytes());
        }
        let kind = 0x7000_0000;
        sections.push(Section {
            name: name(&format!(".nv.info.{}", kernel.name)),
            kind,
            link: 0,
            data: info,
        });
    }
    // Sections 0 (null), 1 (names), 2 (strings), 3 (symbols), then the rest.
    let (names_name, strings_name, symbols_name, bss) = (
        name(".shstrtab"),
        name(".strtab"),
        name(".symtab"),
        name(".nv.bss"),
    );
    let mut all = vec![
        Section {
            name: 0,
            kind: 0,
            link: 0,
            data: Vec::new(),
        },
        Section {
            name: names_name,
            kind: 3,
            link: 0,
            data: names,
        },
        Section {
            name: strings_name,
            kind: 3,
            link: 0,
            data: strings,
        },
        Section {
            name: symbols_name,
            kind: 2,
            link: 2,
            data: symbols,
        },
    ];
    all.append(&mut sections);

    let mut file = vec![0; 64];
    let mut headers = Vec::new();
    for s in &all {
        let mut h = Vec::new();
        h.extend_from_slice(&s.name.to_le_bytes());
        h.extend_from_slice(&s.kind.to_le_bytes());
        h.extend_from_slice(&[0; 16]);
        h.extend_from_slice(&(file.len() as u64).to_le_bytes());
        h.extend_from_slice(&(s.data.len() as u64).to_le_bytes());
        h.extend_from_slice(&s.link.to_le_bytes());
        h.resize(64, 0);
        file.extend_from_slice(&s.data);
        headers.push(h);
    }
    let mut h = Vec::new();
    h.extend_from_slice(&bss.to_le_bytes());
    h.extend_from_slice(&8u32.to_le_bytes());
    h.extend_from_slice(&[0; 16]);
    h.extend_from_slice(&(file.len() as u64).to_le_bytes());
    h.extend_from_slice(&(1u64 << 50).to_le_bytes()); // takes no room in the file
    h.resize(64, 0);
    headers.push(h);
    let count = headers.len();
    if extended {
        headers[0][32..40].copy_from_slice(&(count as u64).to_le_bytes());
        headers[0][40..44].copy_from_slice(&1u32.to_le_bytes());
    }

    let offset = file.len() as u64;
    file.extend(headers.into_iter().flatten());
    file[..8].copy_from_slice(&[
        0x7f,
        b'E',
        b'L',
        b'F',
        2,
        1,
        1,
        if new_abi { 0x41 } else { 0x33 },
    ]);
    file[18..20].copy_from_slice(&190u16.to_le_bytes());
    file[40..48].copy_from_slice(&offset.to_le_bytes());
    let flags = if new_abi {
        0x0600_0004 | u32::from(sm) << 8
    } else {
        0x0050_0500 & !0xff | u32::from(sm)
    };
    file[48..52].copy_from_slice(&flags.to_le_bytes());
    file[58..60].copy_from_slice(&64u16.to_le_bytes());
    if extended {
        file[62..64].copy_from_slice(&0xffffu16.to_le_bytes());
    } else {
        file[60..62].copy_from_slice(&(count as u16).to_le_bytes());
        file[62..64].copy_from_slice(&1u16.to_le_bytes());
    }
    file
}

fn kernel() -> impl Strategy<Value = Kernel> {
    (
        "[a-zA-Z_][a-zA-Z0-9_]{0,20}",
        prop::collection::vec((0u32..8, 1u32..200), 0..10),
    )
        .prop_map(|(name, params)| {
            let mut end = 0;
            let params: Vec<_> = params
                .into_iter()
                .map(|(gap, size)| {
                    let offset = end + gap;
                    end = offset + size;
                    Param { offset, size }
                })
                .collect();
            Kernel {
                name,
                params,
                param_bytes: end,
            }
        })
}

fn distinct(kernels: Vec<Kernel>) -> Vec<Kernel> {
    let mut seen = std::collections::HashSet::new();
    kernels
        .into_iter()
        .filter(|k| seen.insert(k.name.clone()))
        .collect()
}

proptest! {
    #[test]
    fn cubins_tell_their_kernels(
        kernels in prop::collection::vec(kernel(), 0..6).prop_map(distinct),
        sm in prop::sample::select(vec![75u8, 80, 90, 100, 120]),
        new_abi in any::<bool>(),
        new_records in any::<bool>(),
        extended in any::<bool>(),
        tail in prop::collection::vec(any::<u8>(), 0..80),
    ) {
        let mut bytes = write_cubin(&kernels, sm, new_abi, new_records, extended);
        let length = bytes.len();
        bytes.extend_from_slice(&tail);
        prop_assert_eq!(cubin::kernels(&bytes).unwrap(), kernels);
        let Ok(Image::Elf(elf)) = Image::parse(&bytes) else { panic!("no cubin") };
        prop_assert_eq!(elf.sm, u32::from(sm));
        prop_assert_eq!(elf.bytes.len(), length);
        // SAFETY: a whole cubin that lives longer than what is measured.
        let measured = unsafe { raw::measure(bytes.as_ptr().cast()) }.unwrap();
        prop_assert_eq!(measured.kind, raw::RawKind::Elf);
        prop_assert_eq!(measured.bytes, &bytes[..length]);
    }

    #[test]
    fn damaged_cubins_do_no_harm(
        kernels in prop::collection::vec(kernel(), 1..4),
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..5),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut bytes = write_cubin(&kernels, 90, true, false, false);
        prop_assert!(Elf::parse(&bytes[..cut.index(bytes.len())]).is_err());
        for (at, value) in hits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        let _ = cubin::kernels(&bytes);
        let _ = Image::parse(&bytes);
    }

    /// The headers are where the numbers are, so most damage there is felt.
    #[test]
    fn damaged_headers_do_no_harm(
        kernels in prop::collection::vec(kernel(), 1..4),
        hits in prop::collection::vec((0usize..64, any::<u8>()), 1..5),
    ) {
        let mut bytes = write_cubin(&kernels, 90, true, false, false);
        for (at, value) in hits {
            bytes[at] = value;
        }
        let _ = cubin::kernels(&bytes);
    }

    #[test]
    fn ptx_from_random_words_does_no_harm(words in prop::collection::vec(prop::sample::select(vec![
        ".entry", "k", "(", ")", ".param", ".align", "8", ".b8", "[", "]", ",", ".u64", "\"", "//", "/*", "*/", "\n", "{", "}",
        "0x", "0b2", "U", ".ptr", ".v4", "99999999999999999999", "\\", "\0", "\u{e9}", "4096",
    ]), 0..60)) {
        let text = words.join(" ");
        let _ = ptx::kernels(text.as_bytes());
        let _ = ptx::kernels(words.concat().as_bytes());
        let _ = ptx::target(text.as_bytes());
    }
}
