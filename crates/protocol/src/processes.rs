//! The programs of one client that a server works for.

use crate::{Decoder, Encoder, Violation};

/// Most of them in an answer.
const MAX_PROCESSES: usize = 512;

/// One program, as [`crate::command::session::PROCESSES`] tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// The process on the server that executes its commands.
    pub worker: u32,
    /// Its process number where it runs.
    pub pid: u32,
    /// Its name.
    pub program: String,
}

impl Process {
    /// Appends a list of them.
    pub fn encode(processes: &[Process], body: &mut Encoder<'_>) {
        let processes = &processes[..processes.len().min(MAX_PROCESSES)];
        body.scalar(processes.len());
        for process in processes {
            body.scalar(process.worker);
            body.scalar(process.pid);
            body.text(&process.program);
        }
    }

    /// Reads a list of them.
    ///
    /// # Errors
    ///
    /// Where it is malformed.
    pub fn decode(bytes: &[u8]) -> Result<Vec<Self>, Violation> {
        let mut body = Decoder::new(bytes);
        (0..body.at_most("the number of processes", MAX_PROCESSES as u64)?)
            .map(|_| {
                Ok(Process {
                    worker: body.scalar()?,
                    pid: body.scalar()?,
                    program: body.string()?.to_string(),
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_list_is_read_as_it_was_written(
            list in proptest::collection::vec((any::<u32>(), any::<u32>(), ".{0,20}"), 0..20),
        ) {
            let list: Vec<Process> = list
                .into_iter()
                .map(|(worker, pid, program)| Process { worker, pid, program })
                .collect();
            let mut bytes = Vec::new();
            Process::encode(&list, &mut Encoder::new(&mut bytes));
            prop_assert_eq!(Process::decode(&bytes), Ok(list));
        }

        #[test]
        fn random_bytes_do_no_harm(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = Process::decode(&bytes);
        }
    }
}
