//! The program's host memory that kernels use in place: memory of this process at the same addresses, whose bytes the client
//! carries over, or the very same memory where the client is on this machine and has sent its descriptor.

use std::collections::{BTreeMap, HashMap};
use std::ffi::c_void;
use std::os::fd::BorrowedFd;

use pillion_cuda_abi::{CUresult, DriverTable};

use super::super::addresses::{map_for_the_program, unmap_for_the_program};
use super::OK;

/// Most bytes of one piece of it.
const MOST: u64 = 64 << 30;
/// Where memory goes that cannot have the client's address.
const ELSEWHERE: u64 = 0x2a00_0000_0000;

/// All such memory of a session.
#[derive(Debug)]
pub(super) struct HostMemory {
    /// Bytes of a page of this machine's memory, which may be more or fewer than of the client's.
    page: u64,
    /// By the client's address.
    maps: HashMap<u64, HostMap>,
    /// What stands in for memory that graphs copy: by where the device has it, how many bytes. Every copy to the host asks.
    stand_ins: BTreeMap<u64, u64>,
    /// Runs of pages that are mapped and registered with the driver, by where they begin. Registrations may lie in one page, and one
    /// may be made anew while kernels still run that were given the last.
    runs: BTreeMap<u64, Run>,
    /// Bytes taken behind [`ELSEWHERE`].
    elsewhere: u64,
}

/// One piece of it, as the client names it.
#[derive(Debug)]
pub(super) struct HostMap {
    /// Where the client's address is for the device, and how many bytes.
    device: u64,
    len: u64,
    /// Where the runs begin that it lies in.
    runs: Vec<u64>,
}

#[derive(Debug)]
struct Run {
    len: u64,
    /// Pieces that lie in it.
    users: u32,
}

impl Default for HostMemory {
    fn default() -> Self {
        Self::with_pages(page_size())
    }
}

impl HostMemory {
    /// None yet, on a machine with such pages.
    fn with_pages(page: u64) -> Self {
        Self {
            page,
            maps: HashMap::new(),
            stand_ins: BTreeMap::new(),
            runs: BTreeMap::new(),
            elsewhere: 0,
        }
    }

    /// Makes memory for the device at an address of the client's, or elsewhere where this process has something there. Answers the
    /// address for the device. It holds zeroes.
    pub fn map(
        &mut self,
        table: &DriverTable,
        address: u64,
        len: u64,
        stands_in: bool,
    ) -> Result<u64, CUresult> {
        if let Some(map) = self.maps.get(&address) {
            return Ok(map.device);
        }
        let out_of_memory = CUresult::CUDA_ERROR_OUT_OF_MEMORY;
        let start = address / self.page * self.page;
        let end = address
            .checked_add(len)
            .and_then(|end| end.checked_next_multiple_of(self.page))
            .filter(|end| end - start <= MOST)
            .ok_or(out_of_memory)?;
        let (device, runs) = match self.cover(table, start, end)? {
            Some(runs) => (address, runs),
            None => {
                let at = self.make_elsewhere(table, end - start)?;
                (at + (address - start), vec![at])
            }
        };
        let used_before = |start| self.runs.get(start).is_some_and(|run| run.users > 1);
        if runs.iter().any(used_before) {
            // SAFETY: within pages that were mapped for this, writable; what was there belonged to pieces that have ended, as those
            // of one program do not overlap, and if they do it is that program's memory only.
            unsafe { std::ptr::write_bytes(device as *mut u8, 0, len as usize) };
        }
        let map = HostMap { device, len, runs };
        self.maps.insert(address, map);
        if stands_in {
            self.stand_ins.insert(device, len);
        }
        Ok(device)
    }

    /// Maps memory that the client has at an address, at the same one.
    pub fn map_common(
        &mut self,
        table: &DriverTable,
        address: u64,
        len: u64,
        memory: BorrowedFd<'_>,
    ) -> Result<(), CUresult> {
        let out_of_memory = CUresult::CUDA_ERROR_OUT_OF_MEMORY;
        let whole = len != 0
            && len <= MOST
            && address.is_multiple_of(self.page)
            && len.is_multiple_of(self.page)
            && address.checked_add(len).is_some();
        let covered = whole
            && self
                .runs
                .range(..address + len)
                .next_back()
                .is_some_and(|(start, run)| start + run.len > address);
        if !whole || covered || pillion_transport::memory::check(memory, len).is_err() {
            return Err(CUresult::CUDA_ERROR_INVALID_VALUE);
        }
        if !self.make(table, address, len, Some(memory))? {
            return Err(out_of_memory);
        }
        let map = HostMap {
            device: address,
            len,
            runs: vec![address],
        };
        self.maps.insert(address, map);
        Ok(())
    }

    /// Where `[address, address + len)` is in this process, if it is in one piece.
    pub fn range(&self, address: u64, len: u64) -> Option<u64> {
        let end = address.checked_add(len)?;
        self.maps.iter().find_map(|(start, map)| {
            (*start <= address && end <= start + map.len).then(|| map.device + (address - start))
        })
    }

    /// Whether `[address, address + len)`, as the device knows it, stands in for memory that a graph copies.
    pub fn stands_in(&self, address: u64, len: u64) -> bool {
        let found = self.stand_ins.range(..=address).next_back();
        found.is_some_and(|(start, size)| (address - start).saturating_add(len) <= *size)
    }

    /// Whether there is memory at `[place, place + len)` of this process, be it of a piece that has ended.
    pub fn is_there(&self, place: u64, len: u64) -> bool {
        let run = self.runs.range(..=place).next_back();
        run.is_some_and(|(start, run)| (place - start).saturating_add(len) <= run.len)
    }

    /// Ends a piece. Its pages stay until [`HostMemory::release`].
    pub fn unmap(&mut self, address: u64) -> Option<HostMap> {
        let map = self.maps.remove(&address)?;
        self.stand_ins.remove(&map.device);
        Some(map)
    }

    /// Nothing issued uses an ended piece any more.
    pub fn release(&mut self, table: &DriverTable, map: HostMap) {
        for start in map.runs {
            let Some(run) = self.runs.get_mut(&start) else {
                continue;
            };
            run.users -= 1;
            if run.users > 0 {
                continue;
            }
            if let Some(unregister) = table.cuMemHostUnregister {
                // SAFETY: registered by `make`; nothing issued uses it any more.
                let _ = unsafe { unregister(start as *mut c_void) };
            }
            unmap_for_the_program(start as usize, run.len as usize);
            self.runs.remove(&start);
        }
    }

    /// Ends all of it.
    pub fn release_all(&mut self, table: &DriverTable) {
        self.stand_ins.clear();
        for (_, map) in std::mem::take(&mut self.maps) {
            self.release(table, map);
        }
    }

    /// Uses the runs that have pages of `[start, end)`, and makes those between them. Answers none where this process has something
    /// else there.
    fn cover(
        &mut self,
        table: &DriverTable,
        start: u64,
        end: u64,
    ) -> Result<Option<Vec<u64>>, CUresult> {
        let before = self.runs.range(..start).next_back();
        let first = before
            .filter(|(at, run)| *at + run.len > start)
            .map_or(start, |(at, _)| *at);
        let there: Vec<(u64, u64)> = self
            .runs
            .range(first..end)
            .map(|(at, run)| (*at, *at + run.len))
            .collect();
        let mut map = HostMap {
            device: 0,
            len: 0,
            runs: Vec::new(),
        };
        let mut at = start;
        let behind = (end, end);
        for (from, to) in there.iter().copied().chain([behind]) {
            if at < from {
                match self.make(table, at, from - at, None) {
                    Ok(true) => map.runs.push(at),
                    other => {
                        self.release(table, map);
                        return other.map(|_| None);
                    }
                }
            }
            if let Some(run) = self.runs.get_mut(&from)
                && from < end
            {
                run.users += 1;
                map.runs.push(from);
            }
            at = to;
        }
        Ok(Some(map.runs))
    }

    fn make_elsewhere(&mut self, table: &DriverTable, len: u64) -> Result<u64, CUresult> {
        for _ in 0..64 {
            let at = ELSEWHERE + self.elsewhere;
            self.elsewhere += len.next_multiple_of(2 << 20);
            if self.make(table, at, len, None)? {
                return Ok(at);
            }
        }
        Err(CUresult::CUDA_ERROR_OUT_OF_MEMORY)
    }

    /// Maps and registers a run with one user. Answers false where this process has something there.
    fn make(
        &mut self,
        table: &DriverTable,
        start: u64,
        len: u64,
        shared: Option<BorrowedFd<'_>>,
    ) -> Result<bool, CUresult> {
        let register = table.cuMemHostRegister_v2;
        let register = register.ok_or(CUresult::CUDA_ERROR_NOT_SUPPORTED)?;
        if !map_for_the_program(start as usize, len as usize, shared) {
            return Ok(false);
        }
        // Portable and mapped: any context of the session, and kernels.
        // SAFETY: memory mapped above.
        let status = unsafe { register(start as *mut c_void, len as usize, 3) };
        if status != OK {
            unmap_for_the_program(start as usize, len as usize);
            return Err(status);
        }
        self.runs.insert(start, Run { len, users: 1 });
        Ok(true)
    }
}

/// Bytes of a page of this machine's memory.
fn page_size() -> u64 {
    // SAFETY: a query without side effects.
    u64::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::c_uint;

    unsafe extern "C" fn register(_: *mut c_void, _: usize, _: c_uint) -> CUresult {
        OK
    }

    unsafe extern "C" fn unregister(_: *mut c_void) -> CUresult {
        OK
    }

    fn device() -> DriverTable {
        DriverTable {
            cuMemHostRegister_v2: Some(register),
            cuMemHostUnregister: Some(unregister),
            ..DriverTable::default()
        }
    }

    /// A client with small pages and a server with large ones, and the other way round: what the client has in pages of its own may
    /// share one here, and begin anywhere in it.
    #[test]
    fn memory_of_clients_with_other_pages_has_the_clients_addresses() {
        let table = device();
        for (number, page) in [4 << 10, 16 << 10, 64 << 10].into_iter().enumerate() {
            // Smaller pages than the machine has cannot be mapped.
            if page < page_size() {
                continue;
            }
            let base = 0x2b00_0000_0000 + (number as u64) * (1 << 30);
            let mut memory = HostMemory::with_pages(page);
            let pieces = [
                (base + 4096, 100),
                (base + 8192, 4096),
                (base + (60 << 10), 20 << 10),
                (base + (1 << 20), 3 << 16),
            ];
            for (address, len) in pieces {
                assert_eq!(memory.map(&table, address, len, false), Ok(address));
            }
            for (index, (address, len)) in pieces.into_iter().enumerate() {
                assert_eq!(memory.range(address, len), Some(address));
                // SAFETY: mapped above, and of this test only.
                let bytes =
                    unsafe { std::slice::from_raw_parts_mut(address as *mut u8, len as usize) };
                assert!(bytes.iter().all(|byte| *byte == 0));
                bytes.fill(index as u8 + 1);
            }
            let ends: Vec<_> = memory
                .runs
                .iter()
                .map(|(start, run)| (*start, *start + run.len))
                .collect();
            assert!(
                ends.iter()
                    .all(|(start, end)| start % page == 0 && end % page == 0)
            );
            assert!(ends.windows(2).all(|two| two[0].1 <= two[1].0));
            // The second goes: the others' bytes stay.
            let gone = memory.unmap(pieces[1].0).unwrap();
            memory.release(&table, gone);
            for (index, (address, len)) in pieces.into_iter().enumerate() {
                if index == 1 {
                    continue;
                }
                // SAFETY: as above; its pages are still used.
                let bytes =
                    unsafe { std::slice::from_raw_parts(address as *const u8, len as usize) };
                assert!(bytes.iter().all(|byte| *byte == index as u8 + 1));
            }
            // It comes back, to a page that others use or to a fresh one, and holds zeroes.
            assert_eq!(
                memory.map(&table, pieces[1].0, 4096, false),
                Ok(pieces[1].0)
            );
            // SAFETY: as above.
            let bytes = unsafe { std::slice::from_raw_parts(pieces[1].0 as *const u8, 4096) };
            assert!(bytes.iter().all(|byte| *byte == 0));
            memory.release_all(&table);
            assert!(memory.runs.is_empty());
        }
    }

    #[test]
    fn memory_that_both_have_comes_in_pages_of_this_machine() {
        let table = device();
        let mut memory = HostMemory::with_pages(64 << 10);
        let shared = |len| pillion_transport::memory::make("test", len).unwrap();
        let at = 0x2c00_0000_0000;
        for (address, len) in [(at, 4096), (at + 4096, 64 << 10)] {
            let made = shared(len);
            let refused = memory.map_common(&table, address, len, std::os::fd::AsFd::as_fd(&made));
            assert_eq!(refused, Err(CUresult::CUDA_ERROR_INVALID_VALUE));
        }
        let made = shared(128 << 10);
        let made = std::os::fd::AsFd::as_fd(&made);
        assert_eq!(memory.map_common(&table, at, 128 << 10, made), Ok(()));
        memory.release_all(&table);
    }

    /// As on ARM, whose processes have addresses that those of x86-64 do not.
    #[test]
    fn memory_at_addresses_that_only_the_client_has_lies_elsewhere() {
        let table = device();
        let mut memory = HostMemory::default();
        for address in [0xffff_8765_4000_u64, (1 << 60) + 12345] {
            let device = memory.map(&table, address, 10_000, false).unwrap();
            assert_eq!(device % page_size(), address % page_size());
            assert!(device == address || (ELSEWHERE..ELSEWHERE + (1 << 30)).contains(&device));
            assert!(device != address || address < 1 << 60);
            assert_eq!(memory.range(address + 77, 9_000), Some(device + 77));
            assert!(memory.is_there(device, 10_000));
            // SAFETY: mapped above, and of this test only.
            let bytes = unsafe { std::slice::from_raw_parts_mut(device as *mut u8, 10_000) };
            assert!(bytes.iter().all(|byte| *byte == 0));
            bytes.fill(7);
        }
        memory.release_all(&table);
        assert!(memory.runs.is_empty());
    }
}
