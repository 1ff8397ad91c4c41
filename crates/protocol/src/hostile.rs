//! Reading bytes that mean nothing: the entry of fuzzing.

use pillion_cuda_abi::types::{CUDA_MEMCPY3D, CUmemAllocationProp};
use zerocopy::FromBytes;

use crate::command::{
    Box3D, CopyHead, FunctionInfo, KnownCopy, LaunchHead, Load, Loaded, PackedUpload, UploadHead,
    UploadKnown, Wait,
};
use crate::graph::{Dependencies, List, Node};
use crate::nvml;
use crate::packed::{self, Method, Packer};
use crate::{Decoder, HEADER_LEN, Header, Hello, Process, Reply, ReplyHeader, Welcome};

/// Takes `bytes` for everything that a peer can send, one after another. Nothing here may panic or allocate more than a frame's
/// worth, whatever the bytes are.
pub fn read_everything(bytes: &[u8]) {
    if let Some((head, body)) = bytes.split_first_chunk::<HEADER_LEN>() {
        let _ = Header::parse(head);
        if let Ok(header) = ReplyHeader::parse(head)
            && let Ok(Reply::Packed { len, block, .. }) = Reply::decode(&header, body)
        {
            unpacked(block, len);
        }
    }
    let _ = Hello::decode(bytes).map(|hello| hello.negotiate());
    let _ = Welcome::decode(bytes);
    let _ = Process::decode(bytes);
    let body = || Decoder::new(bytes);
    let _ = Wait::decode(&mut body());
    let _ = Load::decode(&mut body());
    let _ = Loaded::decode(&mut body(), bytes.len() % 7);
    let _ = FunctionInfo::decode(&mut body());
    let _ = Box3D::decode(&mut body()).map(|request| request.packed_len());
    let _ = Node::decode(&mut body());
    let _ = Dependencies::decode(&mut body());
    let _ = List::decode(&mut body());
    let _ = LaunchHead::ref_from_prefix(bytes).map(|_| ());
    let _ = CopyHead::ref_from_prefix(bytes).map(|_| ());
    let _ = UploadHead::ref_from_prefix(bytes).map(|_| ());
    let _ = UploadKnown::decode(bytes);
    let _ = PackedUpload::decode(bytes).map(|part| unpacked(part.block, part.len));
    let _ = KnownCopy::decode(bytes).map(|copy| copy.chunks().count());
    let _ = body().pods::<CUmemAllocationProp>(bytes.len() % 5);
    let _ = body().pod::<CUDA_MEMCPY3D>();
    if let Some(function) = bytes.first().and_then(|n| nvml::function(u16::from(*n)))
        && let Ok(request) = nvml::decode_request(function, &bytes[1..])
    {
        let _ = nvml::decode_answer(function, &request, &bytes[1..]);
    }
    let _ = body().text();
    let _ = body().string();
    let _ = body().at_most("a number", 100);
}

/// Takes `bytes` for a packed part: its length in the first three bytes, at most [`CHUNK`](crate::CHUNK), then the block. What comes of
/// it is packed and has to come back.
pub fn read_packed(bytes: &[u8]) {
    let Some(([a, b, c], block)) = bytes.split_first_chunk() else {
        return;
    };
    let len = u32::from_le_bytes([*a, *b, *c, 0]) as usize;
    let Some(made) = unpacked(block, len.min(crate::CHUNK)) else {
        return;
    };
    for method in Method::ALL {
        let mut again = Vec::new();
        if Packer::default().try_pack(method, &made, &mut again) {
            assert!(unpacked(&again, made.len()).is_some_and(|back| back == made));
        }
    }
}

fn unpacked(block: &[u8], len: usize) -> Option<Vec<u8>> {
    let mut out = vec![0; len];
    packed::unpack(block, &mut out).ok().map(|()| out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::command::{MAX_KNOWN, MAX_UPLOAD};
    use crate::{CHUNK, DeviceSnapshot, Encoder, Violation};
    use pillion_cuda_abi::CUresult;
    use proptest::prelude::*;
    use zerocopy::IntoBytes;

    fn known() -> UploadKnown {
        UploadKnown {
            upload: 3.into(),
            total: MAX_UPLOAD.into(),
            hash: [0xa5; 32],
        }
    }

    fn copy_head(len: u64) -> CopyHead {
        CopyHead {
            device: 4096.into(),
            len: len.into(),
            stream: 2.into(),
            flags: 1.into(),
            reserved: 0.into(),
        }
    }

    fn known_copy(head: &CopyHead, hashes: usize) -> Vec<u8> {
        let hashes: Vec<[u8; 32]> = (0..hashes).map(|index| [index as u8; 32]).collect();
        let mut bytes = Vec::new();
        let hashes = &hashes[..];
        KnownCopy { head, hashes }.encode(&mut Encoder::new(&mut bytes));
        bytes
    }

    /// A body of every kind, to be damaged.
    fn samples() -> Vec<Vec<u8>> {
        let mut all = Vec::new();
        let mut add = |write: &dyn Fn(&mut Encoder<'_>)| {
            let mut bytes = Vec::new();
            write(&mut Encoder::new(&mut bytes));
            all.push(bytes);
        };
        let device = DeviceSnapshot {
            name: "a device".into(),
            uuid: [7; 16],
            total_memory: 1 << 30,
            pci_bus_id: "0000:01:00.0".into(),
            attributes: vec![(0, 5), (1, -3)],
        };
        let welcome = Welcome {
            chosen: true,
            build: crate::BUILD.to_string(),
            version: 1,
            session: [9; 16],
            driver_version: 13000,
            description: "a server".into(),
            devices: vec![device],
            ptx_only: true,
            opcodes: [7, 300].into_iter().collect(),
        };
        add(&|body| Hello::new(13000, 42, "token", "program").encode(body));
        add(&|body| welcome.encode(body));
        add(&|body| Wait::Event(5).encode(body));
        let load = Load {
            handle: 1,
            upload: 2,
            options: vec![(3, 4), (5, 6)],
            library_options: vec![(7, 8)],
            parts: vec![10, 20],
        };
        add(&|body| load.encode(body));
        let info = FunctionInfo {
            parameters: vec![(0, 8), (8, 4)],
            attributes: [3; 16],
        };
        add(&|body| info.encode(body));
        let mut frame = Vec::new();
        Reply::Answer {
            status: CUresult::CUDA_SUCCESS,
            body: b"body",
        }
        .encode(1, 2, &mut frame);
        all.push(frame);
        all.push(known().as_bytes().to_vec());
        all.push(known_copy(&copy_head(CHUNK as u64 + 5), 2));
        let text = b"again and ".repeat(3000);
        let mut part = Vec::new();
        let head = UploadHead {
            upload: 3.into(),
            total: 90_000.into(),
            offset: 7.into(),
        };
        PackedUpload::encode_head(&head, text.len(), &mut Encoder::new(&mut part));
        assert!(Packer::default().try_pack(Method::Zstd, &text, &mut part));
        all.push(part);
        let mut block = Vec::new();
        assert!(Packer::default().try_pack(Method::Zstd, &text, &mut block));
        let (mut frame, len, block) = (Vec::new(), text.len(), &block[..]);
        let offset = 5;
        Reply::Packed { offset, len, block }.encode(1, 2, &mut frame);
        all.push(frame);
        all
    }

    #[test]
    fn what_is_written_is_read() {
        let samples = samples();
        assert_eq!(
            Hello::decode(&samples[0]).unwrap(),
            Hello::new(13000, 42, "token", "program")
        );
        let welcome = Welcome::decode(&samples[1]).unwrap();
        assert_eq!(
            (
                welcome.devices.len(),
                welcome.ptx_only,
                welcome.driver_version
            ),
            (1, true, 13000)
        );
        assert_eq!(welcome.devices[0].attributes, [(0, 5), (1, -3)]);
        assert_eq!(
            Wait::decode(&mut Decoder::new(&samples[2])),
            Ok(Wait::Event(5))
        );
        let load = Load::decode(&mut Decoder::new(&samples[3])).unwrap();
        assert_eq!((load.options.len(), load.parts), (2, vec![10, 20]));
        let info = FunctionInfo::decode(&mut Decoder::new(&samples[4])).unwrap();
        assert_eq!(info.parameter_bytes(), 12);
        assert_eq!(UploadKnown::decode(&samples[6]), Ok(known()));
        let copy = KnownCopy::decode(&samples[7]).unwrap();
        let chunks: Vec<(u64, u64, u8)> = copy
            .chunks()
            .map(|(at, len, hash)| (at, len, hash[31]))
            .collect();
        assert_eq!(chunks, [(0, CHUNK as u64, 0), (CHUNK as u64, 5, 1)]);
        let part = PackedUpload::decode(&samples[8]).unwrap();
        assert_eq!((part.head.offset.get(), part.len), (7, 30_000));
        let text = unpacked(part.block, part.len).unwrap();
        assert_eq!(text, b"again and ".repeat(3000));
        let (head, body) = samples[9].split_first_chunk().unwrap();
        let header = ReplyHeader::parse(head).unwrap();
        let (offset, len, block) = (5, part.len, part.block);
        let reply = Reply::Packed { offset, len, block };
        assert_eq!(Reply::decode(&header, body), Ok(reply));
    }

    #[test]
    fn a_copy_is_known_by_as_many_hashes_as_it_has_chunks() {
        let chunk = CHUNK as u64;
        let most = MAX_KNOWN as u64 * chunk;
        for (len, hashes) in [(1, 1), (chunk, 1), (chunk + 1, 2), (most, MAX_KNOWN)] {
            let head = copy_head(len);
            let good = known_copy(&head, hashes);
            assert_eq!(KnownCopy::decode(&good).unwrap().hashes.len(), hashes);
            let fewer = known_copy(&head, hashes - 1);
            let missing = Err(Violation::Truncated { missing: 32 });
            assert_eq!(KnownCopy::decode(&fewer), missing);
            let more = known_copy(&head, hashes + 1);
            assert_eq!(KnownCopy::decode(&more), Err(Violation::Trailing(32)));
        }
        for len in [0, most + 1, u64::MAX] {
            let bytes = known_copy(&copy_head(len), MAX_KNOWN);
            let decoded = KnownCopy::decode(&bytes);
            assert!(matches!(decoded, Err(Violation::OutOfRange { .. })));
        }
    }

    #[test]
    fn an_image_is_known_by_a_whole_hash_and_a_length_that_it_may_have() {
        let bytes = known().as_bytes().to_vec();
        for len in 0..bytes.len() {
            let missing = bytes.len() - len;
            let cut = UploadKnown::decode(&bytes[..len]);
            assert_eq!(cut, Err(Violation::Truncated { missing }));
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(UploadKnown::decode(&longer), Err(Violation::Trailing(1)));
        for total in [0, MAX_UPLOAD + 1, u64::MAX] {
            let wrong = UploadKnown {
                total: total.into(),
                ..known()
            };
            let decoded = UploadKnown::decode(wrong.as_bytes());
            assert!(matches!(decoded, Err(Violation::OutOfRange { .. })));
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn random_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            read_everything(&bytes);
        }

        #[test]
        fn damaged_bodies_do_no_harm(
            which in 0usize..10,
            cut in any::<prop::sample::Index>(),
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        ) {
            let mut bytes = samples().swap_remove(which);
            for (at, byte) in changes {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes.truncate(cut.index(bytes.len() + 1));
            read_everything(&bytes);
        }
    }
}
