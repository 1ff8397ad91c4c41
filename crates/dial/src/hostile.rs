//! What a hostile server can say to whoever greets it: the entries of fuzzing.

use pillion_protocol::{MAX_BODY, Process, Reply};
use pillion_transport::{Script, scripted};

use crate::{GREETING, Wire, hello};

/// A server that says `bytes` in answer to a greeting; the first of them says in which pieces. Nothing may panic or wait for ever.
pub fn welcome(bytes: &[u8]) {
    let Some(mut wire) = wire(bytes) else {
        return;
    };
    match wire.greet(&hello()) {
        Ok(welcome) => {
            assert!(welcome.devices.len() <= 64);
            let (_, rest) = wire.into_parts();
            assert!(rest.len() <= bytes.len());
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// A server that says `bytes` in answer to a question after its state.
pub fn answers(bytes: &[u8]) {
    let Some(mut wire) = wire(bytes) else {
        return;
    };
    let answer = wire.reply(GREETING, |reply| match reply {
        Reply::Answer { body, .. } => Some(Process::decode(body)),
        _ => None,
    });
    if let Ok(Ok(processes)) = answer {
        let told = processes.iter().map(|process| process.program.len());
        assert!(told.sum::<usize>() <= bytes.len());
    }
    assert!(wire.input.len() <= MAX_BODY + (64 << 10));
}

fn wire(bytes: &[u8]) -> Option<Wire> {
    let (how, says) = bytes.split_first()?;
    let mut script = Script::new(says.to_vec());
    script.piece = [usize::MAX, 1, 40, 1000][usize::from(how & 3)];
    script.hears = usize::from(how >> 2);
    script.lingers = 2;
    let (connection, _) = scripted(script);
    Some(Wire::over("a hostile server".to_string(), connection))
}

#[cfg(test)]
mod tests {
    use super::*;
    use pillion_cuda_abi::CUresult;
    use pillion_protocol::{DeviceSnapshot, Encoder, Opcodes, Welcome};
    use proptest::prelude::*;

    fn greeting() -> Vec<u8> {
        greeting_in(pillion_protocol::PROTOCOL_VERSION)
    }

    fn greeting_in(version: u32) -> Vec<u8> {
        let welcome = Welcome {
            version,
            session: [9; 16],
            driver_version: 13000,
            description: "a server".to_string(),
            devices: vec![DeviceSnapshot::default(); 2],
            ptx_only: true,
            opcodes: Opcodes::all(),
            chosen: true,
            build: pillion_protocol::BUILD.to_string(),
        };
        let mut body = Vec::new();
        welcome.encode(&mut Encoder::new(&mut body));
        let mut frame = Vec::new();
        Reply::Welcome(&body).encode(1, 0, &mut frame);
        frame
    }

    #[test]
    fn a_server_that_begins_another_version_is_left() {
        let ours = pillion_protocol::PROTOCOL_VERSION;
        for (version, says) in [
            (ours, None),
            (ours + 1, Some(": upgrade the client")),
            (0, Some(": upgrade the server")),
        ] {
            let (connection, _) = scripted(Script::new(greeting_in(version)));
            let mut wire = Wire::over("a server".to_string(), connection);
            let greeted = wire
                .greet(&crate::hello())
                .map_err(|error| error.to_string());
            match says {
                None => assert!(greeted.is_ok()),
                Some(says) => {
                    let error = greeted.unwrap_err();
                    assert!(error.starts_with("a server speaks protocol"), "{error}");
                    assert!(error.ends_with(says), "{error}");
                }
            }
        }
    }

    fn refusal(_: u64) -> Vec<u8> {
        let mut frame = Vec::new();
        let reason = "the server is full";
        Reply::End { reason }.encode(1, 0, &mut frame);
        frame
    }

    fn list(count: u64) -> Vec<u8> {
        let process = |pid| Process {
            worker: 7,
            pid,
            program: "a program".to_string(),
        };
        let processes: Vec<Process> = (0..count as u32).map(process).collect();
        let mut body = Vec::new();
        Process::encode(&processes, &mut Encoder::new(&mut body));
        let mut frame = Vec::new();
        let status = CUresult::CUDA_SUCCESS;
        let reply = Reply::Answer {
            status,
            body: &body,
        };
        reply.encode(1, 0, &mut frame);
        frame
    }

    #[test]
    fn what_a_server_says_is_understood() {
        for how in 0..16 {
            let mut bytes = vec![how];
            bytes.extend(greeting());
            let greeted = wire(&bytes).unwrap().greet(&hello()).unwrap();
            assert_eq!((greeted.devices.len(), greeted.driver_version), (2, 13000));
            let refused = [&[how][..], &refusal(0)].concat();
            let error = wire(&refused).unwrap().greet(&hello()).unwrap_err();
            assert!(error.to_string().ends_with("the server is full"), "{error}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]

        #[test]
        fn damaged_greetings_do_no_harm(
            how in any::<u8>(),
            which in 0..3u8,
            count in 0..20u64,
            changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..4),
            cut in any::<prop::sample::Index>(),
        ) {
            let mut bytes = match which {
                0 => greeting(),
                1 => refusal(count),
                _ => list(count),
            };
            bytes.insert(0, how);
            for (at, byte) in changes {
                // Most of a greeting is its set of opcodes.
                let at = at.index(bytes.len().min(400));
                bytes[at] = byte;
            }
            if how & 0x80 != 0 {
                bytes.truncate(cut.index(bytes.len()) + 1);
            }
            welcome(&bytes);
            answers(&bytes);
        }
    }
}
