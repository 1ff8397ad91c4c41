//! What the engine's tests share: memory, launching, random numbers.
#![allow(dead_code)]

pub mod driver;

use std::sync::{Arc, Mutex, OnceLock};

use pillion_cpu_device::engine::{
    AddressSpace, CompileOptions, DeviceHeap, Engine, Fault, LaunchConfig, LaunchEnv, Module,
    Program, launch,
};

/// Memory that a kernel may touch.
pub struct Buffer {
    words: Vec<u64>,
    bytes: usize,
}

impl Buffer {
    pub fn address(&self) -> u64 {
        self.words.as_ptr() as u64
    }

    pub fn bytes(&self) -> Vec<u8> {
        self.words
            .iter()
            .flat_map(|w| w.to_le_bytes())
            .take(self.bytes)
            .collect()
    }

    pub fn u32s(&self) -> Vec<u32> {
        self.bytes()
            .chunks_exact(4)
            .map(|c| u32::from_le_bytes(c.try_into().unwrap()))
            .collect()
    }

    pub fn u64s(&self) -> Vec<u64> {
        self.bytes()
            .chunks_exact(8)
            .map(|c| u64::from_le_bytes(c.try_into().unwrap()))
            .collect()
    }
}

/// A module in an address space, with an engine shared by all tests.
pub struct Device {
    pub space: Arc<AddressSpace>,
    pub module: Arc<Module>,
    pub env: LaunchEnv,
    pub output: Arc<Mutex<Vec<u8>>>,
    _variables: Vec<Vec<u64>>,
    _heap: Vec<u64>,
}

pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| Engine::with_threads(2))
}

pub fn compile(text: &str) -> Program {
    match Program::compile(&[text], &CompileOptions::default()) {
        Ok(program) => program,
        Err(e) => panic!("{e}\n{text}"),
    }
}

impl Device {
    pub fn new(text: &str) -> Device {
        Device::with(compile(text))
    }

    pub fn with(program: Program) -> Device {
        let space = Arc::new(AddressSpace::new());
        let mut variables = Vec::new();
        let module = Module::instantiate(Arc::new(program), &space, &mut |g| {
            let memory = vec![0u64; (g.size as usize).div_ceil(8) + 32];
            let address = (memory.as_ptr() as u64).next_multiple_of(g.align.max(16));
            // SAFETY: the vector is kept as long as the device.
            unsafe { space.insert(address, g.size.max(1), true, None).unwrap() };
            variables.push(memory);
            Some(address)
        })
        .unwrap();
        let output = Arc::new(Mutex::new(Vec::new()));
        let mut env = LaunchEnv::new(space.clone());
        let sink = output.clone();
        env.output = Some(Arc::new(move |bytes: &[u8]| {
            sink.lock().unwrap().extend_from_slice(bytes)
        }));
        let heap = vec![0u64; 1 << 14];
        // SAFETY: the vector is kept as long as the device.
        unsafe {
            space
                .insert(heap.as_ptr() as u64, 8 << 14, true, None)
                .unwrap()
        };
        env.heap = Some(Arc::new(DeviceHeap::new(heap.as_ptr() as u64, 8 << 14)));
        Device {
            space,
            module: Arc::new(module),
            env,
            output,
            _variables: variables,
            _heap: heap,
        }
    }

    pub fn buffer(&self, bytes: &[u8]) -> Buffer {
        let mut words = vec![0u64; bytes.len().div_ceil(8)];
        for (i, b) in bytes.iter().enumerate() {
            words[i / 8] |= u64::from(*b) << (8 * (i % 8));
        }
        let buffer = Buffer {
            words,
            bytes: bytes.len(),
        };
        // SAFETY: tests keep their buffers until their launches have ended.
        unsafe {
            self.space
                .insert(buffer.address(), bytes.len() as u64, true, None)
                .unwrap()
        };
        buffer
    }

    pub fn buffer32(&self, values: &[u32]) -> Buffer {
        self.buffer(
            &values
                .iter()
                .flat_map(|v| v.to_le_bytes())
                .collect::<Vec<_>>(),
        )
    }

    pub fn buffer64(&self, values: &[u64]) -> Buffer {
        self.buffer(
            &values
                .iter()
                .flat_map(|v| v.to_le_bytes())
                .collect::<Vec<_>>(),
        )
    }

    pub fn run(&self, kernel: &str, grid: u32, block: u32, params: &[u64]) -> Result<(), Fault> {
        self.run_with(kernel, [grid, 1, 1], [block, 1, 1], 0, false, params)
    }

    pub fn run_with(
        &self,
        kernel: &str,
        grid: [u32; 3],
        block: [u32; 3],
        dynamic_shared: u32,
        cooperative: bool,
        params: &[u64],
    ) -> Result<(), Fault> {
        let params: Vec<u8> = params.iter().flat_map(|p| p.to_le_bytes()).collect();
        let config = LaunchConfig {
            module: &self.module,
            kernel,
            grid,
            block,
            dynamic_shared,
            cooperative,
            params: &params,
        };
        launch(engine(), &config, &self.env)
    }
}

/// Random values of the kinds that programs compute with.
pub struct Random(pillion_test_support::Random);

impl Random {
    pub fn new() -> Random {
        Random(pillion_test_support::Random::new())
    }

    pub fn from_seed(seed: u64) -> Random {
        Random(pillion_test_support::Random::from_seed(seed))
    }

    pub fn next(&mut self) -> u64 {
        self.0.next()
    }

    pub fn below(&mut self, n: u64) -> u64 {
        self.0.number_below(n)
    }

    /// An integer that is often small, near a power of two, or extreme.
    pub fn integer(&mut self) -> u64 {
        match self.below(6) {
            0 => self.below(70),
            1 => self.below(70).wrapping_neg(),
            2 => (1u64 << self.below(64))
                .wrapping_add(self.below(3))
                .wrapping_sub(1),
            3 => self.next() >> 32,
            4 => self.next() & self.next() & self.next(),
            _ => self.next(),
        }
    }

    /// Bits of an f32, often special.
    pub fn f32(&mut self) -> u32 {
        const SPECIAL: [u32; 12] = [
            0,
            0x8000_0000,
            0x3f80_0000,
            0xbf80_0000,
            0x7f80_0000,
            0xff80_0000,
            0x7fc0_0000,
            0x0000_0001,
            0x807f_ffff,
            0x7f7f_ffff,
            0x0080_0000,
            0x4f00_0000,
        ];
        match self.below(5) {
            0 => SPECIAL[self.below(12) as usize],
            1 => ((self.next() as i32 >> 8) as f32 / 256.0).to_bits(),
            2 => self.next() as u32 & 0x807f_ffff | (100 + self.below(56) as u32) << 23,
            _ => self.next() as u32,
        }
    }

    /// Bits of an f64, often special.
    pub fn f64(&mut self) -> u64 {
        match self.below(4) {
            0 => f64::from(f32::from_bits(self.f32())).to_bits(),
            1 => self.next() & 0x800f_ffff_ffff_ffff | (1000 + self.below(50)) << 52,
            _ => self.next(),
        }
    }
}

/// A text with the usual header.
pub fn ptx(body: &str) -> String {
    format!(".version 8.5\n.target sm_90\n.address_size 64\n{body}")
}
