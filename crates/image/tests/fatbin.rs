//! Fat binaries: what is written is read back, what is chosen is what a GPU can run, and damage is an error.

use pillion_image::{
    Builder, Capability, Compression, Fatbin, Flavour, Image, ImageError, Kind, raw,
};
use proptest::prelude::*;

const PTX: &[u8] =
    b".version 8.0\n.target sm_80\n.address_size 64\n.visible .entry k(.param .u64 p) { ret; }\n";

fn flavour() -> impl Strategy<Value = Flavour> {
    prop_oneof![4 => Just(Flavour::Plain), 1 => Just(Flavour::Arch), 1 => Just(Flavour::Family)]
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::Ptx), Just(Kind::Elf)]
}

fn sm() -> impl Strategy<Value = u32> {
    prop::sample::select(vec![
        50, 61, 70, 75, 80, 86, 87, 89, 90, 100, 101, 103, 110, 120, 121,
    ])
}

#[derive(Clone, Debug)]
struct Spec {
    kind: Kind,
    sm: u32,
    flavour: Flavour,
    payload: Vec<u8>,
}

fn spec() -> impl Strategy<Value = Spec> {
    (
        kind(),
        sm(),
        flavour(),
        prop::collection::vec(1u8.., 0..100),
    )
        .prop_map(|(kind, sm, flavour, payload)| Spec {
            kind,
            sm,
            flavour,
            payload,
        })
}

fn build(specs: &[Spec]) -> Vec<u8> {
    specs
        .iter()
        .fold(Builder::new(), |b, s| {
            b.entry(s.kind, s.sm, s.flavour, &s.payload)
        })
        .build()
}

/// The payload, padded as the container stores it.
fn padded(payload: &[u8]) -> Vec<u8> {
    let mut padded = payload.to_vec();
    padded.resize(payload.len().next_multiple_of(8), 0);
    padded
}

/// The documented rules once more, told from the device's side.
fn can_run(s: &Spec, cc: (u32, u32)) -> bool {
    let (major, minor) = (s.sm / 10, s.sm % 10);
    match (s.kind, s.flavour) {
        (_, Flavour::Arch) => (major, minor) == cc,
        (Kind::Ptx, Flavour::Plain) => major < cc.0 || (major == cc.0 && minor <= cc.1),
        _ => major == cc.0 && minor <= cc.1,
    }
}

proptest! {
    #[test]
    fn written_entries_are_read_back(specs in prop::collection::vec(spec(), 0..8), tail in prop::collection::vec(any::<u8>(), 0..40)) {
        let mut bytes = build(&specs);
        let length = bytes.len();
        bytes.extend_from_slice(&tail);
        let fatbin = Fatbin::parse(&bytes).unwrap();
        prop_assert!(fatbin.understood);
        prop_assert_eq!(fatbin.bytes.len(), length);
        prop_assert_eq!(fatbin.entries.len(), specs.len());
        for (entry, spec) in fatbin.entries.iter().zip(&specs) {
            prop_assert_eq!(entry.kind, spec.kind);
            prop_assert_eq!(entry.sm, spec.sm);
            prop_assert_eq!(entry.flavour, spec.flavour);
            prop_assert_eq!(entry.payload, padded(&spec.payload));
            let plain = entry.decompress(1000).unwrap();
            match spec.kind {
                Kind::Ptx => prop_assert_eq!(&plain[..], &spec.payload[..]),
                _ => prop_assert_eq!(&plain[..], &padded(&spec.payload)[..]),
            }
        }
        // SAFETY: a whole fat binary that lives longer than what is measured.
        let measured = unsafe { raw::measure(bytes.as_ptr().cast()) }.unwrap();
        prop_assert_eq!(measured.kind, raw::RawKind::Fatbin);
        prop_assert_eq!(measured.bytes, &bytes[..length]);
    }

    /// Whatever is chosen can run, nothing better was left behind, and the choice from the choice is the same.
    #[test]
    fn the_choice_is_the_best_that_runs(specs in prop::collection::vec(spec(), 1..12), cc in sm()) {
        let cc = (cc / 10, cc % 10);
        let bytes = build(&specs);
        let fatbin = Fatbin::parse(&bytes).unwrap();
        let runnable: Vec<&Spec> = specs.iter().filter(|s| can_run(s, cc)).collect();
        let chosen = fatbin.only_for(cc);
        if runnable.is_empty() {
            prop_assert_eq!(chosen, None);
            return Ok(());
        }
        // None is also right when nothing would be saved.
        let kept = match &chosen {
            Some(bytes) => {
                prop_assert!(bytes.len() < fatbin.bytes.len());
                Fatbin::parse(bytes).unwrap()
            }
            None => fatbin.clone(),
        };
        if chosen.is_some() {
            for entry in &kept.entries {
                prop_assert!(entry.runs_on(cc), "{entry:?} kept for {cc:?}");
            }
            let again = kept.only_for(cc);
            prop_assert_eq!(again, None);
        }
        // In their order, and byte for byte.
        let mut rest = specs.iter();
        for entry in &kept.entries {
            let found = rest.any(|s| (s.kind, s.sm, s.flavour, padded(&s.payload)) == (entry.kind, entry.sm, entry.flavour, entry.payload.to_vec()));
            prop_assert!(found);
        }
        let has = |kind, flavour, sm| kept.entries.iter().any(|e| (e.kind, e.flavour, e.sm) == (kind, flavour, sm));
        let sass: Vec<_> = runnable.iter().filter(|s| s.kind == Kind::Elf).collect();
        let exact: Vec<_> = sass.iter().filter(|s| (s.sm / 10, s.sm % 10) == cc).collect();
        if exact.is_empty() {
            for kind in [Kind::Elf, Kind::Ptx] {
                for flavour in [Flavour::Plain, Flavour::Arch, Flavour::Family] {
                    let best = runnable.iter().filter(|s| s.kind == kind && s.flavour == flavour).map(|s| s.sm).max();
                    if let Some(sm) = best {
                        prop_assert!(has(kind, flavour, sm), "{kind:?} {flavour:?} {sm} was left behind");
                    }
                }
            }
        } else {
            for s in &exact {
                prop_assert!(has(s.kind, s.flavour, s.sm));
            }
            if chosen.is_some() {
                prop_assert!(kept.entries.iter().all(|e| e.kind == Kind::Elf && e.capability() == Capability::from(cc)));
            }
        }
    }

    #[test]
    fn the_ptx_choice_is_ptx(specs in prop::collection::vec(spec(), 1..12), cc in sm()) {
        let cc = (cc / 10, cc % 10);
        let bytes = build(&specs);
        let fatbin = Fatbin::parse(&bytes).unwrap();
        let mut best: Vec<_> = specs.iter().filter(|s| s.kind == Kind::Ptx && can_run(s, cc)).map(|s| s.sm).collect();
        best.sort_unstable();
        let order: Vec<_> = fatbin.ptx_for(cc).iter().map(|e| e.sm).collect();
        let descending: Vec<_> = best.iter().rev().copied().collect();
        prop_assert_eq!(&order, &descending);
        match fatbin.only_ptx_for(cc) {
            Some(bytes) => {
                let kept = Fatbin::parse(&bytes).unwrap();
                prop_assert!(kept.entries.iter().all(|e| e.kind == Kind::Ptx && e.runs_on(cc)));
                prop_assert_eq!(kept.entries.iter().map(|e| e.sm).max(), best.last().copied());
            }
            None => prop_assert!(best.is_empty() || specs.iter().all(|s| s.kind == Kind::Ptx)),
        }
    }

    #[test]
    fn compressed_payloads_come_back(payload in prop::collection::vec(0u8..4, 1..5000), sm in sm()) {
        let packed = lz4_flex::block::compress(&payload);
        let bytes = Builder::new()
            .compressed_entry(Kind::Elf, sm, Flavour::Plain, Compression::Lz4, &packed, payload.len() as u64)
            .build();
        let fatbin = Fatbin::parse(&bytes).unwrap();
        let entry = &fatbin.entries[0];
        prop_assert_eq!(entry.compression, Compression::Lz4);
        prop_assert_eq!(entry.payload, &packed[..]);
        prop_assert_eq!(&entry.decompress(5000).unwrap()[..], &payload[..]);
        let over = entry.decompress(payload.len() as u64 - 1);
        let too_large = matches!(over, Err(ImageError::TooLarge { .. }));
        prop_assert!(too_large);
        // A size other than the real one is noticed, in both directions.
        for wrong in [payload.len() as u64 - 1, payload.len() as u64 + 1] {
            let bytes = Builder::new()
                .compressed_entry(Kind::Elf, sm, Flavour::Plain, Compression::Lz4, &packed, wrong)
                .build();
            prop_assert!(Fatbin::parse(&bytes).unwrap().entries[0].decompress(6000).is_err());
        }
    }

    #[test]
    fn zstd_payloads_come_back(payload in prop::collection::vec(0u8..4, 1..5000)) {
        let packed = ruzstd::encoding::compress_to_vec(&payload[..], ruzstd::encoding::CompressionLevel::Fastest);
        let entry = |size| Builder::new()
            .compressed_entry(Kind::Elf, 80, Flavour::Plain, Compression::Zstd, &packed, size)
            .build();
        let right = entry(payload.len() as u64);
        prop_assert_eq!(&Fatbin::parse(&right).unwrap().entries[0].decompress(5000).unwrap()[..], &payload[..]);
        for wrong in [payload.len() as u64 - 1, payload.len() as u64 + 1] {
            let bytes = entry(wrong);
            prop_assert!(Fatbin::parse(&bytes).unwrap().entries[0].decompress(6000).is_err());
        }
    }

    #[test]
    fn random_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..400), magic in prop::sample::select(vec![
        &b"\x50\xed\x55\xba\x01\x00\x10\x00"[..], b"\x7fELF\x02\x01\x01\x41", b".version ", b"\xb1\x43\x62\x46", b""
    ])) {
        pillion_image::read_everything(&[magic, &bytes].concat());
    }

    /// One to four damaged bytes, or an end too early, in an otherwise good fat binary.
    #[test]
    fn damage_does_no_harm(
        specs in prop::collection::vec(spec(), 1..4),
        hits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        end in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let packed = lz4_flex::block::compress(PTX);
        let mut bytes = specs.iter().fold(Builder::new(), |b, s| b.entry(s.kind, s.sm, s.flavour, &s.payload))
            .compressed_entry(Kind::Ptx, 80, Flavour::Plain, Compression::Lz4, &packed, PTX.len() as u64)
            .build();
        for (at, value) in hits {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        pillion_image::read_everything(&bytes);
    }

    #[test]
    fn every_cut_is_noticed(specs in prop::collection::vec(spec(), 1..4), end in any::<prop::sample::Index>()) {
        let bytes = build(&specs);
        let cut = &bytes[..end.index(bytes.len())];
        prop_assert!(Fatbin::parse(cut).is_err());
    }
}

#[test]
fn what_is_not_understood_is_passed_whole() {
    let two = |odd: Kind| {
        Builder::new()
            .entry(Kind::Elf, 80, Flavour::Plain, b"one")
            .entry(Kind::Elf, 90, Flavour::Plain, b"two")
            .entry(odd, 90, Flavour::Plain, b"odd")
            .build()
    };
    assert!(
        Fatbin::parse(&two(Kind::Ptx))
            .unwrap()
            .only_for((9, 0))
            .is_some()
    );
    for odd in [Kind::LtoIr, Kind::Unknown(0x100)] {
        assert_eq!(
            Fatbin::parse(&two(odd)).unwrap().only_for((9, 0)),
            None,
            "{odd:?}"
        );
    }

    // The same for a flag, a version of an entry, and a version of the whole that nobody knows.
    for (at, bit) in [(16 + 40 + 7, 0x40), (16 + 2, 0x02), (4, 0x02)] {
        let mut bytes = two(Kind::Ptx);
        bytes[at] |= bit;
        let fatbin = Fatbin::parse(&bytes).unwrap();
        assert!(!fatbin.understood, "byte {at}");
        assert_eq!(fatbin.only_for((9, 0)), None);
        assert_eq!(fatbin.only_ptx_for((9, 0)), None);
    }
}

#[test]
fn bombs_are_refused() {
    let bomb = |compression, size| {
        let bytes = Builder::new()
            .compressed_entry(Kind::Ptx, 80, Flavour::Plain, compression, &[0; 64], size)
            .build();
        let fatbin = Fatbin::parse(&bytes)?;
        fatbin.entries[0].decompress(u64::MAX).map(|_| ())
    };
    for compression in [Compression::Lz4, Compression::Zstd] {
        assert!(matches!(
            bomb(compression, u64::MAX),
            Err(ImageError::TooLarge { .. })
        ));
        assert!(matches!(
            bomb(compression, 3 << 30),
            Err(ImageError::Compressed { .. })
        ));
    }
    assert!(matches!(
        bomb(Compression::Zlib, 100),
        Err(ImageError::NotDecodable { .. })
    ));
    assert!(matches!(
        bomb(Compression::Unknown, 100),
        Err(ImageError::NotDecodable { .. })
    ));
}

#[test]
fn wrappers_are_followed_behind_pointers_only() {
    let main = build(&[Spec {
        kind: Kind::Elf,
        sm: 90,
        flavour: Flavour::Plain,
        payload: vec![1; 30],
    }]);
    let parts: Vec<_> = (1..4u8)
        .map(|n| {
            build(&[Spec {
                kind: Kind::Ptx,
                sm: 75,
                flavour: Flavour::Plain,
                payload: vec![n; 10],
            }])
        })
        .collect();
    let mut array: Vec<u64> = parts
        .iter()
        .map(|p| p.as_ptr().expose_provenance() as u64)
        .collect();
    array.push(0);

    #[repr(C)]
    struct Wrapper {
        magic: u32,
        version: u32,
        data: u64,
        last: u64,
    }
    let mut wrapper = Wrapper {
        magic: 0x4662_43b1,
        version: 1,
        data: main.as_ptr().expose_provenance() as u64,
        last: c"file name".as_ptr().expose_provenance() as u64,
    };
    // SAFETY: the wrapper, and what it points to, is whole and outlives what is measured.
    let measure = |w: &Wrapper| unsafe { raw::measure((&raw const *w).cast()) };

    let found = measure(&wrapper).unwrap();
    assert_eq!(
        (found.kind, found.bytes, found.prelinked.len()),
        (raw::RawKind::Fatbin, &main[..], 0)
    );

    wrapper.version = 2;
    wrapper.last = array.as_ptr().expose_provenance() as u64;
    let found = measure(&wrapper).unwrap();
    assert_eq!(found.bytes, main);
    assert_eq!(found.prelinked, parts);

    wrapper.version = 3;
    assert!(matches!(
        measure(&wrapper),
        Err(ImageError::Field { value: 3, .. })
    ));
    wrapper.version = 1;
    wrapper.data = 0;
    assert!(matches!(measure(&wrapper), Err(ImageError::Null { .. })));
    // SAFETY: null is allowed.
    let null = unsafe { raw::measure(std::ptr::null()) };
    assert!(matches!(null, Err(ImageError::Null { .. })));

    assert_eq!(
        Image::parse(b"\xb1\x43\x62\x46\x01\0\0\0").unwrap_err(),
        ImageError::Wrapper
    );
}

#[test]
fn text_is_measured_to_its_zero() {
    for text in [&b""[..], b"a", b"ab", b"abc", b"abcd", PTX] {
        let mut memory = text.to_vec();
        memory.extend_from_slice(b"\0beyond");
        // SAFETY: text with a zero after it.
        let found = unsafe { raw::measure(memory.as_ptr().cast()) }.unwrap();
        assert_eq!((found.kind, found.bytes), (raw::RawKind::Text, text));
    }
}

#[test]
fn ptx_is_told_from_other_text() {
    let with = |before: &str, after: &str| [before.as_bytes(), PTX, after.as_bytes()].concat();
    for bytes in [
        with("", ""),
        with("\u{feff}", ""),
        with(" \n// a comment\n/* and\nanother */", "\0\0\0"),
    ] {
        assert!(
            matches!(Image::parse(&bytes), Ok(Image::Ptx(_))),
            "{}",
            String::from_utf8_lossy(&bytes)
        );
    }
    for bytes in [
        &b"hello"[..],
        b"",
        b"\0",
        b"// .version 8.0",
        b"/* .version",
        &[0xff; 20],
    ] {
        assert!(
            matches!(Image::parse(bytes), Err(ImageError::Unrecognized { .. })),
            "{bytes:?}"
        );
    }
}
