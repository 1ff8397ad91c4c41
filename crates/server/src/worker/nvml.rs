//! The management library's side of a session: NVIDIA's, or what the CPU device would say.
//!
//! Nothing here needs a context, and nothing is loaded before a client asks.

use std::ffi::{CString, c_void};

use pillion_protocol::nvml::{self, Argument, Function, Memory, NO_DEVICE, Role, status};
use pillion_protocol::{DeviceSnapshot, Encoder, Violation};

use pillion_cuda_abi::types::CUdevice;
use pillion_cuda_abi::visible::uuid;

use super::Device;
use super::driver::Library;
use super::quota::{self, Quota};

/// Where a GPU is on its machine's bus: domain, bus, device.
type Place = (u32, u32, u32);

/// Answers for the management library.
#[derive(Debug)]
pub struct Management {
    device: Device,
    devices: Vec<DeviceSnapshot>,
    backend: Option<Result<Backend, u32>>,
}

#[derive(Debug)]
enum Backend {
    Nvidia(Nvidia),
    Cpu,
}

impl Management {
    /// For a worker whose CUDA shows `devices`.
    pub fn new(device: Device, devices: &[DeviceSnapshot]) -> Self {
        Management {
            device,
            devices: devices.to_vec(),
            backend: None,
        }
    }

    /// Executes a command and returns the answer's body.
    ///
    /// # Errors
    ///
    /// Where the client breaks the protocol.
    pub fn command(&mut self, opcode: u16, body: &[u8]) -> Result<Vec<u8>, Violation> {
        let (device, devices) = (self.device, &self.devices);
        let backend = self.backend.get_or_insert_with(|| match device {
            Device::Cpu(_) => Ok(Backend::Cpu),
            Device::Nvidia => Nvidia::load(devices).map(Backend::Nvidia),
        });
        let count = match backend {
            Ok(Backend::Nvidia(nvidia)) => nvidia.handles.len(),
            Ok(Backend::Cpu) => devices.len(),
            Err(_) => 0,
        };
        let mut answer = Vec::new();
        if opcode == nvml::OPEN {
            let mut answer = Encoder::new(&mut answer);
            answer.scalar(backend.as_ref().err().copied().unwrap_or(status::SUCCESS));
            answer.scalar(count);
        } else {
            let Some(function) = nvml::function(opcode) else {
                // A newer client has more functions; to its program, this driver lacks them.
                Encoder::new(&mut answer).scalar(status::FUNCTION_NOT_FOUND);
                return Ok(answer);
            };
            let request = nvml::decode_request(function, body)?;
            for (role, argument) in function.parameters.iter().zip(&request) {
                if let (Role::Device, Argument::Value(value)) = (role, argument)
                    && *value >= count as u64
                {
                    return Err(Violation::OutOfRange {
                        what: "the number of a device",
                        value: *value,
                    });
                }
            }
            let mut arguments = request.clone();
            let status = match backend {
                Ok(Backend::Nvidia(nvidia)) => nvidia.call(function, &mut arguments),
                Ok(Backend::Cpu) => imitate(devices, function, &mut arguments),
                Err(status) => *status,
            };
            if status == status::SUCCESS
                && let Some(quota) = quota::of_session()
                && let [Argument::Value(index), Argument::Memory(memory)] = &mut arguments[..]
            {
                let index = *index as usize;
                let device = match backend {
                    Ok(Backend::Nvidia(nvidia)) => nvidia.ordinals[index],
                    _ => index,
                };
                show_quota(quota, device as CUdevice, function.name, memory);
            }
            nvml::encode_answer(function, status, &request, &arguments, &mut answer);
        }
        Ok(answer)
    }
}

/// Where NVML tells of a device's memory, it tells of what the session may hold.
fn show_quota(quota: &Quota, device: CUdevice, function: &str, memory: &mut Memory) {
    // Where total, free and used stand.
    let places = match function {
        "nvmlDeviceGetMemoryInfo" => [0, 8, 16],
        "nvmlDeviceGetMemoryInfo_v2" => [8, 24, 32],
        _ => return,
    };
    let bytes = memory.bytes_mut();
    let word = |at: usize| bytes.get(at..).and_then(|rest| rest.first_chunk::<8>());
    let (Some(total), Some(free)) = (word(places[0]), word(places[1])) else {
        return;
    };
    let (free, total) = quota.shown(
        device,
        u64::from_le_bytes(*free),
        u64::from_le_bytes(*total),
    );
    for (at, value) in places
        .into_iter()
        .zip([total, free, total - free.min(total)])
    {
        if let Some(place) = bytes.get_mut(at..at + 8) {
            place.copy_from_slice(&value.to_le_bytes());
        }
    }
}

// ---- NVIDIA's -----------------------------------------------------------------------------------------------------------

#[derive(Debug)]
struct Nvidia {
    find: Find,
    /// NVML's handles of the devices that CUDA shows, in NVML's order.
    handles: Vec<usize>,
    /// CUDA's numbers of them.
    ordinals: Vec<usize>,
}

/// Where the functions come from: the library, or a test.
#[derive(Debug, Clone, Copy)]
enum Find {
    Library(Library),
    #[cfg(test)]
    Test(fn(&str) -> *const c_void),
}

impl Nvidia {
    fn load(devices: &[DeviceSnapshot]) -> Result<Self, u32> {
        let library =
            Library::open("libnvidia-ml.so.1", "PILLION_NVML_LIBRARY").map_err(|reasons| {
                tracing::warn!("no NVIDIA management library: {reasons}");
                status::LIBRARY_NOT_FOUND
            })?;
        Self::open(Find::Library(library), devices)
    }

    fn open(find: Find, devices: &[DeviceSnapshot]) -> Result<Self, u32> {
        let mut nvidia = Nvidia {
            find,
            handles: Vec::new(),
            ordinals: Vec::new(),
        };
        nvidia.raw("nvmlInit_v2", &[]).ok()?;
        let mut count = 0u32;
        nvidia
            .raw("nvmlDeviceGetCount_v2", &[&raw mut count as usize])
            .ok()?;
        // A server may show some of its machine's GPUs only, and MIG devices share their GPU's place.
        let shown: Vec<Option<Place>> = devices
            .iter()
            .map(|device| place(&device.pci_bus_id))
            .collect();
        for index in 0..count {
            let mut handle = 0usize;
            let words = [index as usize, &raw mut handle as usize];
            // A GPU that has fallen off the bus is none.
            if nvidia.raw("nvmlDeviceGetHandleByIndex_v2", &words) != Status(status::SUCCESS) {
                continue;
            }
            // nvmlPciInfo_t: the legacy identifier, then domain, bus and device.
            let mut pci = Memory::zeroed(68);
            let words = [handle, pci.as_mut_ptr() as usize];
            let known = nvidia.raw("nvmlDeviceGetPciInfo_v3", &words) == Status(status::SUCCESS);
            let field = |at: usize| {
                let bytes = pci.bytes()[at..].first_chunk();
                u32::from_le_bytes(*bytes.unwrap_or(&[0; 4]))
            };
            let place = Some((field(16), field(20), field(24)));
            let ordinal = shown.iter().position(|shown| *shown == place);
            if let (true, Some(ordinal)) = (known, ordinal) {
                nvidia.handles.push(handle);
                nvidia.ordinals.push(ordinal);
            }
        }
        Ok(nvidia)
    }

    /// Calls a function of the table.
    fn call(&self, function: &Function, arguments: &mut [Argument]) -> u32 {
        let mut words = [0usize; 6];
        for ((word, role), argument) in words
            .iter_mut()
            .zip(function.parameters)
            .zip(&mut *arguments)
        {
            *word = match argument {
                Argument::Value(index) if *role == Role::Device => self.handles[*index as usize],
                Argument::Value(value) => *value as usize,
                Argument::Null => 0,
                Argument::Memory(memory) => memory.as_mut_ptr() as usize,
            };
        }
        let Status(status) = self.raw(function.name, &words[..function.parameters.len()]);
        for (role, argument) in function.parameters.iter().zip(arguments) {
            if let (Role::DeviceOut | Role::Devices, Argument::Memory(memory)) = (role, argument) {
                for word in memory.bytes_mut().as_chunks_mut().0 {
                    let handle = usize::from_le_bytes(*word);
                    let index = self.handles.iter().position(|known| *known == handle);
                    *word = index.map_or(NO_DEVICE, |index| index as u64).to_le_bytes();
                }
            }
        }
        status
    }

    /// Calls a function by its name, with words that stand for what its declaration wants: values, or addresses of memory as
    /// large as it writes.
    fn raw(&self, name: &str, words: &[usize]) -> Status {
        let address = match self.find {
            Find::Library(library) => {
                CString::new(name).map_or(std::ptr::null(), |name| library.find(&name).cast_const())
            }
            #[cfg(test)]
            Find::Test(find) => find(name),
        };
        if address.is_null() {
            return Status(status::FUNCTION_NOT_FOUND);
        }
        macro_rules! call {
            ($($word:ident),*) => {
                // SAFETY: a function of NVML's by this name, called with as many parameters as it has. All of them are integers
                // and pointers, which are passed alike where Pillion runs: one word each, whose upper half a callee ignores
                // that takes 32 bits. Every pointer is null, which NVML refuses, or to memory of the size that the table says.
                unsafe {
                    let function = std::mem::transmute::<
                        *const c_void,
                        extern "C" fn($(call!(@ $word)),*) -> u32,
                    >(address);
                    function($($word),*)
                }
            };
            (@ $word:ident) => { usize };
        }
        Status(match *words {
            [] => call!(),
            [a] => call!(a),
            [a, b] => call!(a, b),
            [a, b, c] => call!(a, b, c),
            [a, b, c, d] => call!(a, b, c, d),
            [a, b, c, d, e] => call!(a, b, c, d, e),
            [a, b, c, d, e, f] => call!(a, b, c, d, e, f),
            _ => status::FUNCTION_NOT_FOUND,
        })
    }
}

/// What an NVML function returned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Status(u32);

impl Status {
    fn ok(self) -> Result<(), u32> {
        match self.0 {
            status::SUCCESS => Ok(()),
            other => Err(other),
        }
    }
}

/// The place that CUDA writes as `domain:bus:device.function`.
fn place(pci_bus_id: &str) -> Option<Place> {
    let mut parts = pci_bus_id.split([':', '.']);
    let mut part = || u32::from_str_radix(parts.next()?, 16).ok();
    Some((part()?, part()?, part()?))
}

/// What NVML says that this process holds of a device's memory.
#[derive(Debug)]
pub struct OwnMemory {
    nvidia: Nvidia,
    pid: u32,
}

/// `nvmlProcessInfo_t`: the process, what it uses, and its MIG instances.
const PROCESS: usize = 24;
/// Most processes of a device that are looked at.
const PROCESSES: usize = 512;

impl OwnMemory {
    /// For a device of this worker's, if NVML can tell.
    pub fn of(device: &DeviceSnapshot) -> Option<Self> {
        let nvidia = Nvidia::load(std::slice::from_ref(device)).ok()?;
        let pid = std::process::id();
        (nvidia.handles.len() == 1).then_some(OwnMemory { nvidia, pid })
    }

    /// Bytes that this process holds. `None`: NVML does not list it, as in a namespace of processes of its own, or before it has a
    /// context.
    pub fn used(&self) -> Option<u64> {
        let handle = *self.nvidia.handles.first()?;
        let lists = [
            "nvmlDeviceGetComputeRunningProcesses_v3",
            "nvmlDeviceGetMPSComputeRunningProcesses_v3",
        ];
        lists.iter().find_map(|name| {
            let mut list = Memory::zeroed(PROCESSES * PROCESS);
            let mut count = PROCESSES as u32;
            let words = [handle, &raw mut count as usize, list.as_mut_ptr() as usize];
            self.nvidia.raw(name, &words).ok().ok()?;
            let (processes, _) = list.bytes().as_chunks::<PROCESS>();
            let mut processes = processes.iter().take(count as usize);
            processes.find_map(|process| {
                let (pid, rest) = process.split_first_chunk::<8>()?;
                let pid = u64::from_le_bytes(*pid) as u32;
                let used = u64::from_le_bytes(*rest.first_chunk()?);
                // NVML_VALUE_NOT_AVAILABLE
                (pid == self.pid && used != u64::MAX).then_some(used)
            })
        })
    }
}

// ---- the CPU device's ---------------------------------------------------------------------------------------------------

/// The driver branch that brought CUDA 13.0, for programs that compare numbers.
const DRIVER_VERSION: &str = "580.0";
/// Attributes of CUDA's that say what NVML is asked as well.
const CLOCK_RATE: usize = 13;
const MULTIPROCESSORS: usize = 16;
const MEMORY_CLOCK_RATE: usize = 36;
const MEMORY_BUS_WIDTH: usize = 37;
const CAPABILITY_MAJOR: usize = 75;
const CAPABILITY_MINOR: usize = 76;
/// Values of NVML's enumerations.
const UNKNOWN_ARCHITECTURE: u32 = u32::MAX;
const P2P_NOT_SUPPORTED: u32 = 5;
const SAME_NODE: u32 = 40;

/// What a GPU would say that is the CPU device: as much as its CUDA side says of it, and nothing that nobody measures.
fn imitate(devices: &[DeviceSnapshot], function: &Function, arguments: &mut [Argument]) -> u32 {
    let first = function.parameters.first();
    let Some(mut call) = Call::new(function, arguments) else {
        // Of no output that is imitated NVML lets programs do without.
        return status::INVALID_ARGUMENT;
    };
    let device = call
        .values
        .first()
        .filter(|_| first == Some(&Role::Device))
        .and_then(|index| devices.get(*index as usize));
    match device {
        Some(device) => of_device(device, function.name, &mut call),
        None => of_system(devices, function.name, &mut call),
    }
}

fn of_system(devices: &[DeviceSnapshot], name: &str, call: &mut Call<'_>) -> u32 {
    match name {
        "nvmlSystemGetCudaDriverVersion" | "nvmlSystemGetCudaDriverVersion_v2" => {
            call.numbers(&[pillion_cuda_abi::API_VERSION])
        }
        "nvmlSystemGetDriverVersion" => call.text(DRIVER_VERSION),
        "nvmlSystemGetNVMLVersion" => call.text(&format!("13.{DRIVER_VERSION}")),
        "nvmlDeviceGetHandleByUUID" => call.find(devices, |device, asked| {
            uuid(&device.uuid).as_bytes().eq_ignore_ascii_case(asked)
        }),
        "nvmlDeviceGetHandleByPciBusId" | "nvmlDeviceGetHandleByPciBusId_v2" => {
            call.find(devices, |device, asked| {
                let asked = std::str::from_utf8(asked).ok().and_then(place);
                asked.is_some() && asked == place(&device.pci_bus_id)
            })
        }
        _ => status::NOT_SUPPORTED,
    }
}

fn of_device(device: &DeviceSnapshot, name: &str, call: &mut Call<'_>) -> u32 {
    let attribute = |number: usize| match device.attributes.get(number) {
        Some((0, value)) => *value as u32,
        _ => 0,
    };
    let total = device.total_memory;
    match name {
        "nvmlDeviceGetName" => call.text(&device.name),
        "nvmlDeviceGetUUID" => call.text(&uuid(&device.uuid)),
        "nvmlDeviceGetPciInfo" | "nvmlDeviceGetPciInfo_v2" | "nvmlDeviceGetPciInfo_v3" => {
            let Some((domain, bus, slot)) = place(&device.pci_bus_id) else {
                return status::NOT_SUPPORTED;
            };
            let short = format!("{domain:04X}:{bus:02X}:{slot:02X}.0");
            let long = format!("{domain:08X}:{bus:02X}:{slot:02X}.0");
            call.bytes(&[
                (0, short.as_bytes()),
                (16, &domain.to_le_bytes()),
                (20, &bus.to_le_bytes()),
                (24, &slot.to_le_bytes()),
                (36, long.as_bytes()),
            ])
        }
        // Total, free, used: nobody counts what the sessions use together.
        "nvmlDeviceGetMemoryInfo" => {
            call.bytes(&[(0, &total.to_le_bytes()), (8, &total.to_le_bytes())])
        }
        // Version, total, reserved, free, used.
        "nvmlDeviceGetMemoryInfo_v2" => {
            call.bytes(&[(8, &total.to_le_bytes()), (24, &total.to_le_bytes())])
        }
        "nvmlDeviceGetAttributes" | "nvmlDeviceGetAttributes_v2" => call.bytes(&[
            (0, &attribute(MULTIPROCESSORS).to_le_bytes()),
            (32, &(total >> 20).to_le_bytes()),
        ]),
        "nvmlDeviceGetCudaComputeCapability" => {
            call.numbers(&[attribute(CAPABILITY_MAJOR), attribute(CAPABILITY_MINOR)])
        }
        // Graphics, multiprocessors, memory; CUDA counts kilohertz.
        "nvmlDeviceGetMaxClockInfo" => match call.values.get(1) {
            Some(0 | 1) => call.numbers(&[attribute(CLOCK_RATE) / 1000]),
            Some(2) => call.numbers(&[attribute(MEMORY_CLOCK_RATE) / 1000]),
            _ => status::NOT_SUPPORTED,
        },
        "nvmlDeviceGetMemoryBusWidth" => call.numbers(&[attribute(MEMORY_BUS_WIDTH)]),
        "nvmlDeviceGetMinorNumber" | "nvmlDeviceGetBoardId" => {
            let index = call.values[0] as u32;
            call.numbers(&[index])
        }
        // Unknown brand; no display, persistence daemon or second GPU on the board, compute for everybody, no MIG. No process:
        // no worker knows what another one does.
        "nvmlDeviceGetBrand"
        | "nvmlDeviceGetDisplayMode"
        | "nvmlDeviceGetDisplayActive"
        | "nvmlDeviceGetPersistenceMode"
        | "nvmlDeviceGetMultiGpuBoard"
        | "nvmlDeviceGetComputeMode"
        | "nvmlDeviceGetVirtualizationMode"
        | "nvmlDeviceGetMaxMigDeviceCount"
        | "nvmlDeviceGetSupportedEventTypes"
        | "nvmlDeviceGetCurrentClocksEventReasons"
        | "nvmlDeviceGetSupportedClocksEventReasons"
        | "nvmlDeviceGetComputeRunningProcesses_v3"
        | "nvmlDeviceGetGraphicsRunningProcesses_v3"
        | "nvmlDeviceGetMPSComputeRunningProcesses_v3" => call.numbers(&[0]),
        "nvmlDeviceGetArchitecture" => call.numbers(&[UNKNOWN_ARCHITECTURE]),
        // A device reaches itself; there is nothing between two.
        "nvmlDeviceGetP2PStatus" if call.values[0] == call.values[1] => call.numbers(&[0]),
        "nvmlDeviceGetP2PStatus" => call.numbers(&[P2P_NOT_SUPPORTED]),
        "nvmlDeviceGetTopologyCommonAncestor" if call.values[0] == call.values[1] => {
            call.numbers(&[0])
        }
        "nvmlDeviceGetTopologyCommonAncestor" => call.numbers(&[SAME_NODE]),
        "nvmlDeviceGetFieldValues" => {
            // Each value has a status of its own, behind what was asked and when.
            for value in call.outputs[0].bytes_mut().as_chunks_mut::<40>().0 {
                value[28..32].copy_from_slice(&status::NOT_SUPPORTED.to_le_bytes());
            }
            status::SUCCESS
        }
        _ => status::NOT_SUPPORTED,
    }
}

/// A call's arguments, values apart from memory.
struct Call<'a> {
    values: Vec<u64>,
    outputs: Vec<&'a mut Memory>,
}

impl<'a> Call<'a> {
    /// `None` where a pointer is null.
    fn new(function: &Function, arguments: &'a mut [Argument]) -> Option<Self> {
        let mut call = Call {
            values: Vec::new(),
            outputs: Vec::new(),
        };
        for (role, argument) in function.parameters.iter().zip(arguments) {
            match argument {
                Argument::Value(_) if *role == Role::Size => {}
                Argument::Value(value) => call.values.push(*value),
                // How programs ask for the number of elements.
                Argument::Null if matches!(role, Role::Array(_)) => {}
                Argument::Null => return None,
                Argument::Memory(memory) => call.outputs.push(memory),
            }
        }
        Some(call)
    }

    /// Writes a number to each output.
    fn numbers(&mut self, numbers: &[u32]) -> u32 {
        for (memory, number) in self.outputs.iter_mut().zip(numbers) {
            let bytes = memory.bytes_mut();
            let len = bytes.len().min(4);
            bytes[..len].copy_from_slice(&number.to_le_bytes()[..len]);
        }
        status::SUCCESS
    }

    /// Writes parts of the first output, as far as it goes.
    fn bytes(&mut self, parts: &[(usize, &[u8])]) -> u32 {
        let bytes = self.outputs[0].bytes_mut();
        for (at, part) in parts {
            if let Some(place) = bytes.get_mut(*at..at + part.len()) {
                place.copy_from_slice(part);
            }
        }
        status::SUCCESS
    }

    /// Writes a text with its zero.
    fn text(&mut self, text: &str) -> u32 {
        let bytes = self.outputs[0].bytes_mut();
        if text.len() >= bytes.len() {
            return status::INSUFFICIENT_SIZE;
        }
        bytes[..text.len()].copy_from_slice(text.as_bytes());
        bytes[text.len()] = 0;
        status::SUCCESS
    }

    /// Writes the device that the first text names.
    fn find(
        &mut self,
        devices: &[DeviceSnapshot],
        is: impl Fn(&DeviceSnapshot, &[u8]) -> bool,
    ) -> u32 {
        let asked = self.outputs[0].text();
        let Some(index) = devices.iter().position(|device| is(device, asked)) else {
            return status::NOT_FOUND;
        };
        let found = self.outputs[1].bytes_mut();
        found.copy_from_slice(&(index as u64).to_le_bytes());
        status::SUCCESS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine with three GPUs, of which the second has fallen off the bus.
    mod fake {
        use std::ffi::c_void;

        extern "C" fn init() -> u32 {
            0
        }

        extern "C" fn count(count: &mut u32) -> u32 {
            *count = 3;
            0
        }

        extern "C" fn by_index(index: u32, handle: &mut usize) -> u32 {
            *handle = 0x1000 + index as usize;
            if index == 1 { 15 } else { 0 }
        }

        extern "C" fn pci(handle: usize, pci: &mut [u32; 17]) -> u32 {
            pci[5] = 0x10 + (handle - 0x1000) as u32;
            0
        }

        extern "C" fn name(handle: usize, name: *mut u8, len: u32) -> u32 {
            let text = format!("GPU {handle:x}\0");
            if (len as usize) < text.len() {
                return 7;
            }
            // SAFETY: the caller's buffer has `len` bytes.
            unsafe { name.copy_from_nonoverlapping(text.as_ptr(), text.len()) };
            0
        }

        extern "C" fn by_uuid(uuid: *const std::ffi::c_char, handle: &mut usize) -> u32 {
            // SAFETY: the caller's text ends with a zero.
            let uuid = unsafe { std::ffi::CStr::from_ptr(uuid) };
            *handle = match uuid.to_bytes() {
                b"GPU-2" => 0x1002,
                _ => 0x9999,
            };
            0
        }

        extern "C" fn clocks(_: usize, count: &mut u32, clocks: *mut u32) -> u32 {
            let room = std::mem::replace(count, 3);
            if room < 3 {
                return 7;
            }
            for at in 0..3 {
                // SAFETY: there is room for three.
                unsafe { clocks.add(at).write(100 * at as u32) };
            }
            0
        }

        extern "C" fn nearest(_: usize, level: u32, count: &mut u32, near: *mut usize) -> u32 {
            *count = level;
            // SAFETY: the caller has room for two.
            unsafe {
                near.write(0x1002);
                near.add(1).write(0x1001);
            }
            0
        }

        pub fn find(name: &str) -> *const c_void {
            match name {
                "nvmlInit_v2" => init as *const c_void,
                "nvmlDeviceGetCount_v2" => count as *const c_void,
                "nvmlDeviceGetHandleByIndex_v2" => by_index as *const c_void,
                "nvmlDeviceGetPciInfo_v3" => pci as *const c_void,
                "nvmlDeviceGetName" => self::name as *const c_void,
                "nvmlDeviceGetHandleByUUID" => by_uuid as *const c_void,
                "nvmlDeviceGetSupportedMemoryClocks" => clocks as *const c_void,
                "nvmlDeviceGetTopologyNearestGpus" => nearest as *const c_void,
                _ => std::ptr::null(),
            }
        }
    }

    fn device(bus: u32) -> DeviceSnapshot {
        DeviceSnapshot {
            name: "Some device".to_string(),
            uuid: std::array::from_fn(|i| i as u8),
            total_memory: 3 << 30,
            pci_bus_id: format!("0000:{bus:02x}:00.0"),
            attributes: vec![(0, 9); 200],
        }
    }

    fn nvidia() -> Management {
        let devices = [device(0x10), device(0x12)];
        Management {
            device: Device::Nvidia,
            devices: devices.to_vec(),
            backend: Some(Nvidia::open(Find::Test(fake::find), &devices).map(Backend::Nvidia)),
        }
    }

    fn call(management: &mut Management, name: &str, request: &[Argument]) -> (u32, nvml::Written) {
        let function = nvml::FUNCTIONS
            .iter()
            .find(|function| function.name == name)
            .unwrap();
        let mut body = Vec::new();
        nvml::encode_request(function, request, &mut body);
        let answer = management.command(function.number, &body).unwrap();
        nvml::decode_answer(function, request, &answer).unwrap()
    }

    fn room() -> Argument {
        Argument::Memory(Memory::zeroed(0))
    }

    fn count(count: u32) -> Argument {
        Argument::Memory(Memory::of(&count.to_le_bytes()))
    }

    #[test]
    fn devices_are_those_that_cuda_shows() {
        let mut management = nvidia();
        let opened = management.command(nvml::OPEN, &[]).unwrap();
        assert_eq!(opened, [[0; 8], 2u64.to_le_bytes()].concat());
        let name = |management: &mut Management, index| {
            let request = [Argument::Value(index), room(), Argument::Value(96)];
            call(management, "nvmlDeviceGetName", &request).1[1]
                .clone()
                .unwrap()
        };
        assert_eq!(name(&mut management, 0), b"GPU 1000");
        assert_eq!(name(&mut management, 1), b"GPU 1002");
        let by_uuid = |management: &mut Management, uuid: &[u8]| {
            let request = [Argument::Memory(Memory::of(uuid)), room()];
            let (status, written) = call(management, "nvmlDeviceGetHandleByUUID", &request);
            assert_eq!(status, 0);
            u64::from_le_bytes(written[1].as_deref().unwrap().try_into().unwrap())
        };
        assert_eq!(by_uuid(&mut management, b"GPU-2"), 1);
        assert_eq!(by_uuid(&mut management, b"MIG-5"), NO_DEVICE);
    }

    #[test]
    fn what_the_library_writes_is_answered() {
        let mut management = nvidia();
        let name = "nvmlDeviceGetSupportedMemoryClocks";
        let asked = [Argument::Value(0), count(0), Argument::Null];
        let none = [None, Some(3u32.to_le_bytes().to_vec()), None];
        assert_eq!(call(&mut management, name, &asked), (7, none.to_vec()));
        let asked = [Argument::Value(0), count(8), room()];
        let (status, written) = call(&mut management, name, &asked);
        let clocks: Vec<u8> = [0u32, 100, 200]
            .iter()
            .flat_map(|c| c.to_le_bytes())
            .collect();
        assert_eq!((status, written[2].as_deref()), (0, Some(&clocks[..])));
        let asked = [Argument::Value(0), Argument::Value(2), count(2), room()];
        let (_, written) = call(&mut management, "nvmlDeviceGetTopologyNearestGpus", &asked);
        let near = [1, NO_DEVICE].map(u64::to_le_bytes).concat();
        assert_eq!(written[3].as_deref(), Some(&near[..]));
        // A short buffer, and a function that this driver does not have.
        let asked = [Argument::Value(0), room(), Argument::Value(4)];
        assert_eq!(call(&mut management, "nvmlDeviceGetName", &asked).0, 7);
        let asked = [Argument::Value(0), room()];
        assert_eq!(call(&mut management, "nvmlDeviceGetBrand", &asked).0, 13);
    }

    #[test]
    fn devices_and_functions_are_checked() {
        for mut management in [nvidia(), Management::new(Device::Cpu(1), &[device(0)])] {
            // A newer client's.
            let unknown = management.command(u16::MAX, b"arguments");
            assert_eq!(unknown, Ok(13u64.to_le_bytes().to_vec()));
            for function in nvml::FUNCTIONS {
                if function.parameters.first() != Some(&Role::Device) {
                    continue;
                }
                let mut request = vec![Argument::Null; function.parameters.len()];
                for (role, argument) in function.parameters.iter().zip(&mut request) {
                    if matches!(role, Role::Device | Role::Number | Role::Long | Role::Size) {
                        *argument = Argument::Value(2);
                    }
                }
                let mut body = Vec::new();
                nvml::encode_request(function, &request, &mut body);
                assert!(management.command(function.number, &body).is_err());
            }
        }
    }

    #[test]
    fn the_cpu_device_refuses_nothing_that_may_be_asked() {
        let mut management = Management::new(Device::Cpu(1), &[device(0)]);
        let filled = |role: &Role| match role {
            Role::Device => Argument::Value(0),
            Role::Number | Role::Long | Role::Size => Argument::Value(2),
            Role::Count => count(2),
            Role::Text => Argument::Memory(Memory::of(b"0000:00:00.0")),
            Role::Versioned(versions) => {
                let (version, size) = versions[0];
                let mut memory = Memory::zeroed(size);
                let word = (version << 24 | size as u32).to_le_bytes();
                memory.bytes_mut()[..4].copy_from_slice(&word);
                Argument::Memory(memory)
            }
            Role::Items(size) => Argument::Memory(Memory::zeroed(2 * size)),
            _ => room(),
        };
        let mut known = 0;
        for function in nvml::FUNCTIONS {
            let request: Vec<_> = function.parameters.iter().map(filled).collect();
            let (status, _) = call(&mut management, function.name, &request);
            assert!(
                matches!(
                    status,
                    status::SUCCESS
                        | status::NOT_SUPPORTED
                        | status::NOT_FOUND
                        | status::INSUFFICIENT_SIZE
                ),
                "{} answers {status}",
                function.name
            );
            known += usize::from(status != status::NOT_SUPPORTED);
            let pointer = |role: &Role| {
                !matches!(role, Role::Device | Role::Number | Role::Long | Role::Size)
            };
            let nothing: Vec<_> = function
                .parameters
                .iter()
                .map(|role| {
                    if pointer(role) {
                        Argument::Null
                    } else {
                        filled(role)
                    }
                })
                .collect();
            let (status, _) = call(&mut management, function.name, &nothing);
            assert_ne!(status, status::SUCCESS, "{}", function.name);
        }
        assert!(known > 30);
    }

    #[test]
    fn identities_are_written_as_nvml_writes_them() {
        assert_eq!(
            uuid(&device(0).uuid),
            "GPU-00010203-0405-0607-0809-0a0b0c0d0e0f"
        );
        assert_eq!(place("0001:1a:02.0"), Some((1, 0x1a, 2)));
        assert_eq!(place("00000001:1A:02.0"), Some((1, 0x1a, 2)));
        assert_eq!(place("nowhere"), None);
    }
}
