//! Commands of a session over the bare protocol: what they answer, and what comes of those that no client would send.

mod common;

use common::{Client, Server, alive, body, eventually};
use pillion_cuda_abi::{CUresult, FUNCTIONS};
use pillion_protocol::command::{CopyHead, Load, OF_CACHES, OF_PACKING, UploadHead, Wait, cuda};
use pillion_protocol::handle::{Kind, MAX_INDEX, pack};
use pillion_protocol::{Decoder, Reply};
use pillion_test_support::Random;
use std::time::Duration;
use zerocopy::IntoBytes;
use zerocopy::little_endian::{U32, U64};

const OK: CUresult = CUresult::CUDA_SUCCESS;
const MEM_ALLOC: u16 = 331;
const STREAM_WAIT_VALUE: u16 = 399;
const EVENT_RECORD: u16 = 411;

/// What came before the answer to a command, and that answer.
struct Heard {
    data: Vec<(u64, u64, Vec<u8>)>,
    errors: Vec<(u64, CUresult)>,
    status: CUresult,
    body: Vec<u8>,
}

fn until(client: &mut Client, sequence: u64) -> Option<Heard> {
    let (mut data, mut errors) = (Vec::new(), Vec::new());
    loop {
        let (header, bytes) = client.next_frame()?;
        match Reply::decode(&header, &bytes).unwrap() {
            Reply::Answer { status, body } if header.answers.get() == sequence => {
                let body = body.to_vec();
                return Some(Heard {
                    data,
                    errors,
                    status,
                    body,
                });
            }
            Reply::Data { offset, bytes } => {
                data.push((header.answers.get(), offset, bytes.to_vec()));
            }
            Reply::AsyncError { status } => errors.push((header.answers.get(), status)),
            // A host function holds its stream, and much of the session, until its client says that it has run.
            Reply::Call { turn, .. } if turn != 0 => {
                client.command(cuda::CALL_DONE, 0, &body(|b| b.scalar(turn)));
            }
            Reply::End { .. } => return None,
            _ => {}
        }
    }
}

fn copy_head(device: u64, len: usize) -> CopyHead {
    CopyHead {
        device: U64::new(device),
        len: U64::new(len as u64),
        stream: U64::new(0),
        flags: U32::new(0),
        reserved: U32::ZERO,
    }
}

#[test]
fn data_comes_back_as_it_went_and_before_what_covers_it() {
    let mut random = Random::new();
    let server = Server::start(&[]);
    let (mut client, context) = Client::with_context(&server.unix);
    let len = 3_000_001;
    let sequence = client.command(MEM_ALLOC, context, &body(|b| b.scalar(len as u64)));
    let answer = until(&mut client, sequence).unwrap();
    assert_eq!(answer.status, OK);
    let address: u64 = Decoder::new(&answer.body).pod().unwrap();
    let sent = random.bytes(len);
    for (index, chunk) in sent.chunks(700_000).enumerate() {
        let head = copy_head(address + index as u64 * 700_000, chunk.len());
        let mut bytes = head.as_bytes().to_vec();
        bytes.extend_from_slice(chunk);
        client.command(cuda::COPY_TO_DEVICE, context, &bytes);
    }
    let copy = client.command(
        cuda::COPY_TO_HOST,
        context,
        copy_head(address, len).as_bytes(),
    );
    let sync = client.command(
        cuda::SYNCHRONIZE,
        context,
        &body(|b| Wait::Context.encode(b)),
    );
    let heard = until(&mut client, copy).unwrap();
    assert_eq!(heard.status, OK);
    let mut got = vec![0; len];
    for (of, offset, bytes) in heard.data {
        assert_eq!(of, copy);
        got[offset as usize..][..bytes.len()].copy_from_slice(&bytes);
    }
    assert!(got == sent, "the bytes differ");
    let heard = until(&mut client, sync).unwrap();
    assert!(heard.data.is_empty() && heard.errors.is_empty() && heard.status == OK);
    // A copy beyond the allocation, and the end of it.
    let beyond = client.command(
        cuda::COPY_TO_HOST,
        context,
        copy_head(address + 8, len).as_bytes(),
    );
    assert_eq!(
        until(&mut client, beyond).unwrap().status,
        CUresult::CUDA_ERROR_INVALID_VALUE
    );
    for expected in [OK, CUresult::CUDA_ERROR_INVALID_VALUE] {
        let free = client.command(cuda::MEM_FREE, context, &body(|b| b.scalar(address)));
        let status = until(&mut client, free).unwrap().status;
        if expected == OK {
            assert_eq!(status, OK);
            let sync = client.command(
                cuda::SYNCHRONIZE,
                context,
                &body(|b| Wait::Context.encode(b)),
            );
            assert_eq!(until(&mut client, sync).unwrap().status, OK);
        } else {
            assert_eq!(status, expected);
        }
    }
}

#[test]
fn handles_that_were_never_given_are_errors_and_the_session_goes_on() {
    let server = Server::start(&[]);
    let (mut client, context) = Client::with_context(&server.unix);
    let bad = CUresult::CUDA_ERROR_INVALID_HANDLE;
    let event = pack(Kind::Event, 3, 7);
    let posted = client.command(
        EVENT_RECORD,
        context,
        &body(|b| {
            b.scalar(event);
            b.scalar(0u64);
        }),
    );
    let wait = body(|b| Wait::Stream(pack(Kind::Stream, 0, 5)).encode(b));
    let sync = client.command(cuda::SYNCHRONIZE, context, &wait);
    let heard = until(&mut client, sync).unwrap();
    assert_eq!((heard.status, heard.errors), (bad, vec![(posted, bad)]));
    for opcode in [cuda::MODULE_UNLOAD, cuda::LIBRARY_UNLOAD] {
        let unload = client.command(
            opcode,
            context,
            &body(|b| b.scalar(pack(Kind::Module, 0, 0))),
        );
        assert_eq!(until(&mut client, unload).unwrap().status, bad);
    }
    // A stream's handle is no event, and a context that was never given is none.
    let wait = body(|b| Wait::Event(pack(Kind::Stream, 0, 0)).encode(b));
    let sync = client.command(cuda::SYNCHRONIZE, context, &wait);
    assert_eq!(until(&mut client, sync).unwrap().status, bad);
    let nowhere = pack(Kind::Context, 5, 5);
    let alloc = client.command(MEM_ALLOC, nowhere, &body(|b| b.scalar(100u64)));
    assert_eq!(
        until(&mut client, alloc).unwrap().status,
        CUresult::CUDA_ERROR_INVALID_CONTEXT
    );
    let alloc = client.command(MEM_ALLOC, context, &body(|b| b.scalar(100u64)));
    assert_eq!(until(&mut client, alloc).unwrap().status, OK);
}

#[test]
fn memory_that_both_sides_have_is_what_it_says_it_is_or_none() {
    const COPY_ON_DEVICE: u16 = 370;
    let mut random = Random::new();
    let server = Server::start(&[]);
    let mut witness = Client::greeted(&server.unix);
    let (mut client, context) = Client::with_context(&server.shm);
    let len = 3 * 4096u64;
    let common = |address: u64, len: u64| {
        body(|b| {
            b.scalar(address);
            b.scalar(len);
        })
    };
    let refused = CUresult::CUDA_ERROR_INVALID_VALUE;
    let address = 0x1a00_0000_0000u64;
    let made = |len| pillion_transport::memory::make("test", len).unwrap();
    let ask = |client: &mut Client, address, len| {
        let sequence = client.command(cuda::HOST_COMMON, context, &common(address, len));
        until(client, sequence).expect("the session goes on").status
    };
    // None was passed; then memory of another size, a file that is none, and one that could be made shorter.
    assert_eq!(ask(&mut client, address, len), refused);
    client.pass(made(len + 4096));
    assert_eq!(ask(&mut client, address, len), refused);
    client.pass(std::fs::File::open("/proc/self/exe").unwrap());
    assert_eq!(ask(&mut client, address, len), refused);
    let open = rustix::fs::memfd_create("test", rustix::fs::MemfdFlags::ALLOW_SEALING).unwrap();
    rustix::fs::ftruncate(&open, len).unwrap();
    client.pass(open);
    assert_eq!(ask(&mut client, address, len), refused);
    // Addresses that cannot be.
    for (wrong, len) in [
        (address + 1, len),
        (address, len - 1),
        (0, 0),
        (u64::MAX - 4095, len),
    ] {
        client.pass(made(len));
        assert_ne!(ask(&mut client, wrong, len), OK, "{wrong:#x} {len}");
    }
    // What is right works after all that: the device reads and writes the very memory.
    let memory = made(len);
    let bytes = random.bytes(len as usize);
    rustix::io::pwrite(&memory, &bytes[..4096], 0).unwrap();
    client.pass(&memory);
    assert_eq!(ask(&mut client, address, len), OK);
    client.pass(made(len));
    assert_eq!(
        ask(&mut client, address, len),
        refused,
        "it has been there since"
    );
    let copy = body(|b| {
        b.scalar(address + 8192);
        b.scalar(address);
        b.scalar(4096u64);
        b.scalar(0u64);
    });
    client.command(COPY_ON_DEVICE, context, &copy);
    let wait = client.command(
        cuda::SYNCHRONIZE,
        context,
        &body(|b| Wait::Context.encode(b)),
    );
    let heard = until(&mut client, wait).unwrap();
    assert!(
        heard.status == OK && heard.errors.is_empty(),
        "{:?}",
        heard.errors
    );
    let mut there = vec![0; 4096];
    rustix::io::pread(&memory, &mut there, 8192).unwrap();
    assert_eq!(there, bytes[..4096]);
    // Over a transport that passes none, there is none.
    let (mut other, other_context) = Client::with_context(&server.unix);
    let sequence = other.command(cuda::HOST_COMMON, other_context, &common(address, len));
    assert_eq!(until(&mut other, sequence).unwrap().status, refused);
    witness.ping();
    drop((client, other, witness));
    server.settle();
}

#[test]
fn a_worker_whose_driver_does_not_come_back_ends_behind_its_client() {
    let server = Server::start(&[]);
    let (mut client, context) = Client::with_context(&server.unix);
    let mut alloc = || {
        let alloc = client.command(MEM_ALLOC, context, &body(|b| b.scalar(1u64 << 20)));
        let heard = until(&mut client, alloc).unwrap();
        assert_eq!(heard.status, OK);
        Decoder::new(&heard.body).pod::<u64>().unwrap()
    };
    let (flag, data) = (alloc(), alloc());
    // The stream waits for what nobody writes.
    let wait = body(|b| {
        b.scalar(0u64);
        b.scalar(flag);
        b.scalar(0x1234_5678u32);
        b.scalar(1u32);
    });
    client.command(STREAM_WAIT_VALUE, context, &wait);
    // So copies fill all the memory between wire and device, until there is no more and the worker waits for the device.
    let worker = server.status().sessions[0].worker_pid;
    let mut copy = copy_head(data, 1 << 20).as_bytes().to_vec();
    copy.resize(copy.len() + (1 << 20), 7);
    let mut taken = 0;
    while client.offers(cuda::COPY_TO_DEVICE, context, &copy, Duration::from_secs(2)) {
        taken += 1;
        assert!(taken < 4096, "the worker takes everything");
    }
    drop(client);
    assert!(alive(worker));
    eventually("the worker ends", || !alive(worker));
    // The broker passes on what a worker has said, and it may have ended meanwhile.
    eventually("the log says why", || {
        server.log().contains("does not come back from a call")
    });
    Client::greeted(&server.unix).ping();
}

#[test]
fn a_context_that_was_made_ahead_is_as_one_that_was_not() {
    let server = Server::start(&["--warm-memory", "100000"]);
    for _ in 0..3 {
        let (mut client, context) = Client::with_context(&server.unix);
        let alloc = client.command(MEM_ALLOC, context, &body(|b| b.scalar(4096u64)));
        assert_eq!(until(&mut client, alloc).unwrap().status, OK);
        // What was in it goes with the client's last word, as nobody else holds it.
        let release = client.command(cuda::PRIMARY_RELEASE, 0, &body(|b| b.scalar(0u32)));
        assert_eq!(until(&mut client, release).unwrap().status, OK);
        let gone = client.command(MEM_ALLOC, context, &body(|b| b.scalar(4096u64)));
        assert_ne!(until(&mut client, gone).unwrap().status, OK);
        let retain = body(|b| {
            b.scalar(0u32);
            b.scalar(context);
        });
        let retain = client.command(cuda::PRIMARY_RETAIN, 0, &retain);
        assert_eq!(until(&mut client, retain).unwrap().status, OK);
        let alloc = client.command(MEM_ALLOC, context, &body(|b| b.scalar(4096u64)));
        assert_eq!(until(&mut client, alloc).unwrap().status, OK);
    }
}

#[test]
fn images_that_are_none_are_errors_with_a_log() {
    let mut random = Random::new();
    let server = Server::start(&[]);
    let (mut client, context) = Client::with_context(&server.unix);
    let ptx = b".version 7.0\n.target sm_70\n.address_size 64\n.visible .entry k() { ret; }\n\0";
    let mut images: Vec<Vec<u8>> = vec![ptx.to_vec()];
    for cut in [5, 30, 50, ptx.len() - 6] {
        images.push(ptx[..cut].to_vec());
    }
    images.push(b"\x7fELF and then nothing of the kind".to_vec());
    images.push(0xba55_ed50u32.to_le_bytes().to_vec());
    images.push(random.bytes(5000));
    for (number, image) in images.iter().enumerate() {
        let upload = UploadHead {
            upload: U64::new(number as u64 + 1),
            total: U64::new(image.len() as u64),
            offset: U64::ZERO,
        };
        let mut bytes = upload.as_bytes().to_vec();
        bytes.extend_from_slice(image);
        client.command(cuda::UPLOAD, context, &bytes);
        let load = Load {
            handle: pack(Kind::Module, 0, number as u32),
            upload: number as u64 + 1,
            options: Vec::new(),
            library_options: Vec::new(),
            parts: Vec::new(),
        };
        let load = client.command(cuda::MODULE_LOAD, context, &body(|b| load.encode(b)));
        let heard = until(&mut client, load).expect("the session goes on");
        assert_eq!(heard.status, OK, "the answer itself arrives");
        let status: CUresult = Decoder::new(&heard.body).scalar().unwrap();
        assert_eq!(status == OK, number == 0, "image {number}: {status:?}");
    }
}

#[test]
fn what_no_client_sends_ends_its_own_session_alone() {
    let mut random = Random::new();
    let server = Server::start(&[]);
    let mut witness = Client::greeted(&server.unix);
    let violations: Vec<(u16, Vec<u8>)> = vec![
        (9999, Vec::new()),
        (200, Vec::new()),
        (cuda::SYNCHRONIZE, body(|b| b.scalar(77u64))),
        (cuda::LAUNCH, vec![0; 10]),
        (cuda::COPY_TO_DEVICE, copy_head(0, 100).as_bytes().to_vec()),
        (MEM_ALLOC, Vec::new()),
        (MEM_ALLOC, vec![0; 24]),
        (
            410,
            body(|b| {
                b.scalar(pack(Kind::Event, 0, MAX_INDEX - 1));
                b.scalar(0u32);
            }),
        ),
        (
            cuda::MODULE_LOAD,
            body(|b| {
                Load {
                    handle: pack(Kind::Module, 0, 0),
                    upload: 9,
                    options: vec![],
                    library_options: vec![],
                    parts: vec![],
                }
                .encode(b);
            }),
        ),
    ];
    for (opcode, bytes) in violations {
        let (mut client, context) = Client::with_context(&server.unix);
        let sequence = client.command(opcode, context, &bytes);
        assert!(
            until(&mut client, sequence).is_none(),
            "opcode {opcode} with {} bytes",
            bytes.len()
        );
        witness.ping();
    }
    // Every opcode with random bodies: whatever comes of it, the server and its other sessions do not notice.
    let mut opcodes: Vec<u16> = (0..48).collect();
    opcodes.extend(OF_CACHES);
    opcodes.extend(OF_PACKING);
    opcodes.extend(FUNCTIONS.iter().filter_map(|function| function.opcode));
    let (mut client, context) = Client::with_context(&server.unix);
    for opcode in opcodes {
        let words = random.next() % 12;
        let bytes = body(|b| {
            for _ in 0..words {
                let word = random.next();
                b.scalar(if word.is_multiple_of(3) {
                    word % 5
                } else {
                    word
                });
            }
        });
        client.command(opcode, context, &bytes);
        let ping = client.command(MEM_ALLOC, context, &body(|b| b.scalar(64u64)));
        if until(&mut client, ping).is_none() {
            client = Client::with_context(&server.unix).0;
        }
    }
    witness.ping();
    drop((client, witness));
    server.settle();
}
