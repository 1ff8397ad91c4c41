//! The greeting: who the client is, and what the server has.

use crate::command::{OF_CACHES, OF_PACKING};
use crate::{BUILD, Decoder, Encoder, OLDEST_VERSION, PROTOCOL_VERSION, Violation};

/// The first word of a greeting, in both directions.
const MAGIC: u64 = u64::from_le_bytes(*b"PILLION\n");
/// Most bytes of a greeting: a peer that has not shown who it is gets no more room.
pub const MAX_HELLO: usize = 8 << 10;
const MAX_DEVICES: u64 = 64;
/// Most bytes of a list of devices: 64 UUIDs have fewer.
pub const MAX_DEVICE_LIST: usize = 4096;
const MAX_ATTRIBUTES: u64 = 1024;
/// Most bytes of what a side calls itself.
const MAX_BUILD: usize = 64;
/// Bytes of a set of all opcodes.
const MAX_OPCODES: usize = (1 << 16) / 8;

/// What a client says first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hello {
    /// [`PROTOCOL_VERSION`] of the client.
    pub version: u32,
    /// The oldest version that it understands.
    pub oldest: u32,
    /// The newest driver API that its function table has (`1000 * major + 10 * minor`).
    pub api_version: u32,
    /// Its process number, for logs.
    pub pid: u32,
    /// The token that identifies it, or empty.
    pub token: String,
    /// The program's name, for logs.
    pub program: String,
    /// Which devices it is to see, and in which order: the client's `CUDA_VISIBLE_DEVICES`, if it has one. At most
    /// [`MAX_DEVICE_LIST`] bytes. Later than the first version; absent, as the next, where an older client greets.
    pub devices: Option<String>,
    /// The client's `CUDA_DEVICE_ORDER` is `PCI_BUS_ID`.
    pub by_bus: bool,
    /// It asks about devices and gives them nothing to do: no worker needs to make a context for it ahead.
    pub only_asks: bool,
    /// It understands [`crate::Reply::Queued`], and waits for as long as that comes.
    pub waits: bool,
    /// [`BUILD`] of the client, for people; empty where an older one greets.
    pub build: String,
}

/// Bits of the word that precedes the list of devices. What else a client asks of its server becomes one of the others, which older
/// servers pass over.
const HAS_LIST: u32 = 1;
const BY_BUS: u32 = 2;
const ONLY_ASKS: u32 = 4;
const WAITS: u32 = 8;

impl Hello {
    /// A greeting of this version.
    pub fn new(api_version: u32, pid: u32, token: &str, program: &str) -> Self {
        Hello {
            version: PROTOCOL_VERSION,
            oldest: OLDEST_VERSION,
            api_version,
            pid,
            token: token.to_string(),
            program: program.to_string(),
            devices: None,
            by_bus: false,
            only_asks: false,
            waits: false,
            build: BUILD.to_string(),
        }
    }

    /// Appends it.
    pub fn encode(&self, body: &mut Encoder<'_>) {
        body.scalar(MAGIC);
        body.scalar(self.version);
        body.scalar(self.oldest);
        body.scalar(self.api_version);
        body.scalar(self.pid);
        body.text(&self.token);
        body.text(&self.program);
        let list = if self.devices.is_some() { HAS_LIST } else { 0 };
        let order = if self.by_bus { BY_BUS } else { 0 };
        let asks = if self.only_asks { ONLY_ASKS } else { 0 };
        let waits = if self.waits { WAITS } else { 0 };
        body.scalar(list | order | asks | waits);
        body.text(self.devices.as_deref().unwrap_or_default());
        body.text(&self.build);
    }

    /// Reads it. What a newer client says beyond is ignored.
    ///
    /// # Errors
    ///
    /// [`Violation::NotPillion`] for anything that does not begin as a greeting, else where it is malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self, Violation> {
        let mut body = Decoder::new(bytes);
        if body.scalar::<u64>() != Ok(MAGIC) {
            return Err(Violation::NotPillion);
        }
        let mut hello = Hello {
            version: body.scalar()?,
            oldest: body.scalar()?,
            api_version: body.scalar()?,
            pid: body.scalar()?,
            token: body.string()?.to_string(),
            program: body.string()?.to_string(),
            devices: None,
            by_bus: false,
            only_asks: false,
            waits: false,
            build: String::new(),
        };
        if !body.is_empty() {
            let flags: u32 = body.scalar()?;
            let list = body.string()?;
            if list.len() > MAX_DEVICE_LIST {
                return Err(Violation::OutOfRange {
                    what: "the length of a list of devices",
                    value: list.len() as u64,
                });
            }
            hello.devices = (flags & HAS_LIST != 0).then(|| list.to_string());
            hello.by_bus = flags & BY_BUS != 0;
            hello.only_asks = flags & ONLY_ASKS != 0;
            hello.waits = flags & WAITS != 0;
        }
        hello.build = build(&mut body)?;
        Ok(hello)
    }

    /// Why this server cannot serve that client, as a sentence that says which of the two to upgrade, or the version that both speak.
    pub fn negotiate(&self) -> Result<u32, String> {
        let client = named(&self.build);
        if self.version < OLDEST_VERSION {
            return Err(format!(
                "the client ({client}) speaks protocol {}, this server (Pillion {BUILD}) {OLDEST_VERSION} to {PROTOCOL_VERSION}: \
                 upgrade the client",
                self.version
            ));
        }
        if self.oldest > PROTOCOL_VERSION {
            return Err(format!(
                "the client ({client}) needs protocol {} or newer, this server (Pillion {BUILD}) speaks {PROTOCOL_VERSION}: upgrade \
                 the server",
                self.oldest
            ));
        }
        Ok(self.version.min(PROTOCOL_VERSION))
    }
}

/// A side as people know it.
fn named(build: &str) -> String {
    match build {
        "" => "an older Pillion".to_string(),
        build => format!("Pillion {build}"),
    }
}

/// What the sender calls itself, if it says that.
fn build(body: &mut Decoder<'_>) -> Result<String, Violation> {
    if body.is_empty() {
        return Ok(String::new());
    }
    let build = body.string()?;
    if build.len() > MAX_BUILD || build.chars().any(char::is_control) {
        return Err(Violation::OutOfRange {
            what: "what a side calls itself",
            value: build.len() as u64,
        });
    }
    Ok(build.to_string())
}

/// What a client needs to know of a device to answer for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceSnapshot {
    /// `cuDeviceGetName`.
    pub name: String,
    /// `cuDeviceGetUuid`.
    pub uuid: [u8; 16],
    /// `cuDeviceTotalMem`, in bytes.
    pub total_memory: u64,
    /// `cuDeviceGetPCIBusId`.
    pub pci_bus_id: String,
    /// `cuDeviceGetAttribute` of each number from 0: status and value.
    pub attributes: Vec<(u32, i32)>,
}

/// What a server answers to a greeting that it accepts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    /// The version that the session speaks.
    pub version: u32,
    /// The session's identity, apart from its connection.
    pub session: [u8; 16],
    /// `cuDriverGetVersion` of the server.
    pub driver_version: u32,
    /// What executes: the driver's or device's description, for people.
    pub description: String,
    /// The devices that this session may use.
    pub devices: Vec<DeviceSnapshot>,
    /// The devices execute PTX and nothing else, so machine code need not be sent.
    pub ptx_only: bool,
    /// The opcodes of [`crate::Interface::Cuda`] that the server executes. A client sends no other.
    pub opcodes: Opcodes,
    /// The devices are those that the greeting asked for, in its order. Later than the first version; an older server shows all.
    pub chosen: bool,
    /// [`BUILD`] of the server, for people; empty where an older one answers.
    pub build: String,
}

/// Bits of the word behind the opcodes. What else a server says of itself becomes one of the others, which older clients pass over.
const CHOSEN: u32 = 1;

/// A set of opcodes: what a server has, which may be older than the client or have an older driver.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Opcodes(Vec<u8>);

impl Opcodes {
    /// Every opcode that was there when servers began to list what they have: one that lists none has all that its version has.
    pub fn all() -> Self {
        let mut bytes = vec![0xff; MAX_OPCODES];
        // Clients try these where a server has them.
        for later in OF_CACHES.iter().chain(OF_PACKING) {
            bytes[usize::from(later / 8)] &= !(1 << (later % 8));
        }
        Opcodes(bytes)
    }

    /// Whether `opcode` is one of them.
    #[inline]
    pub fn contains(&self, opcode: u16) -> bool {
        self.0
            .get(usize::from(opcode / 8))
            .is_some_and(|byte| byte & 1 << (opcode % 8) != 0)
    }
}

impl FromIterator<u16> for Opcodes {
    fn from_iter<I: IntoIterator<Item = u16>>(opcodes: I) -> Self {
        let mut bytes = Vec::new();
        for opcode in opcodes {
            let at = usize::from(opcode / 8);
            if at >= bytes.len() {
                bytes.resize(at + 1, 0);
            }
            bytes[at] |= 1 << (opcode % 8);
        }
        Opcodes(bytes)
    }
}

impl Welcome {
    /// Appends it.
    pub fn encode(&self, body: &mut Encoder<'_>) {
        body.scalar(MAGIC);
        body.scalar(self.version);
        body.bytes(&self.session);
        body.scalar(self.driver_version);
        body.text(&self.description);
        body.scalar(self.devices.len());
        for device in &self.devices {
            body.text(&device.name);
            body.bytes(&device.uuid);
            body.scalar(device.total_memory);
            body.text(&device.pci_bus_id);
            body.scalar(device.attributes.len());
            for (status, value) in &device.attributes {
                body.scalar(u64::from(*status) << 32 | u64::from(*value as u32));
            }
        }
        body.scalar(u32::from(self.ptx_only));
        body.bytes(&self.opcodes.0);
        body.scalar(if self.chosen { CHOSEN } else { 0 });
        body.text(&self.build);
    }

    /// Why this client cannot use that server, as a sentence: it says that the session speaks what this side does not. A server that
    /// has heard this side's greeting refuses instead.
    ///
    /// # Errors
    ///
    /// The sentence.
    pub fn check(&self) -> Result<(), String> {
        if (OLDEST_VERSION..=PROTOCOL_VERSION).contains(&self.version) {
            return Ok(());
        }
        let older = self.version < OLDEST_VERSION;
        Err(format!(
            "speaks protocol {} ({}), this client (Pillion {BUILD}) {OLDEST_VERSION} to {PROTOCOL_VERSION}: upgrade the {}",
            self.version,
            named(&self.build),
            if older { "server" } else { "client" }
        ))
    }

    /// Reads it.
    ///
    /// # Errors
    ///
    /// Where it is malformed.
    pub fn decode(bytes: &[u8]) -> Result<Self, Violation> {
        let mut body = Decoder::new(bytes);
        if body.scalar::<u64>() != Ok(MAGIC) {
            return Err(Violation::NotPillion);
        }
        let version = body.scalar()?;
        let session = sixteen(&mut body)?;
        let driver_version = body.scalar()?;
        let description = body.string()?.to_string();
        let count = body.at_most("the number of devices", MAX_DEVICES)?;
        let mut devices = Vec::with_capacity(count as usize);
        for _ in 0..count {
            let name = body.string()?.to_string();
            let uuid = sixteen(&mut body)?;
            let total_memory = body.scalar()?;
            let pci_bus_id = body.string()?.to_string();
            let mut attributes = Vec::new();
            for _ in 0..body.at_most("the number of attributes", MAX_ATTRIBUTES)? {
                let word: u64 = body.scalar()?;
                attributes.push(((word >> 32) as u32, word as u32 as i32));
            }
            devices.push(DeviceSnapshot {
                name,
                uuid,
                total_memory,
                pci_bus_id,
                attributes,
            });
        }
        let ptx_only = body.scalar::<u32>()? != 0;
        let opcodes = if body.is_empty() {
            Opcodes::all()
        } else {
            let bytes = body.bytes()?;
            Opcodes(bytes[..bytes.len().min(MAX_OPCODES)].to_vec())
        };
        let flags: u32 = if body.is_empty() { 0 } else { body.scalar()? };
        let chosen = flags & CHOSEN != 0;
        let build = build(&mut body)?;
        Ok(Welcome {
            version,
            session,
            driver_version,
            description,
            devices,
            ptx_only,
            opcodes,
            chosen,
            build,
        })
    }
}

fn sixteen(body: &mut Decoder<'_>) -> Result<[u8; 16], Violation> {
    body.bytes()?.try_into().map_err(|_| Violation::OutOfRange {
        what: "the length of an identity",
        value: 16,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn welcome() -> Welcome {
        Welcome {
            version: PROTOCOL_VERSION,
            session: [9; 16],
            driver_version: 12040,
            description: "a server".into(),
            devices: vec![DeviceSnapshot::default()],
            ptx_only: false,
            opcodes: [1, 7, 300].into_iter().collect(),
            chosen: true,
            build: "0.7.0".into(),
        }
    }

    fn encoded(write: impl FnOnce(&mut Encoder<'_>)) -> Vec<u8> {
        let mut bytes = Vec::new();
        write(&mut Encoder::new(&mut bytes));
        bytes
    }

    #[test]
    fn what_a_newer_peer_says_beyond_is_passed_over() {
        let hello = Hello::new(15000, 42, "token", "program");
        let newer = encoded(|body| {
            hello.encode(body);
            body.text("what version 2 says");
            body.scalar(7u64);
        });
        assert_eq!(Hello::decode(&newer), Ok(hello));
        let newer = encoded(|body| {
            welcome().encode(body);
            body.scalar(7u64);
        });
        assert_eq!(Welcome::decode(&newer), Ok(welcome()));
    }

    #[test]
    fn a_server_that_lists_no_opcodes_has_all() {
        let mut older = encoded(|body| welcome().encode(body));
        // The list, and what came after it.
        let since = encoded(|body| {
            body.bytes(&[0; 300 / 8 + 1]);
            body.scalar(1u32);
            body.text("0.7.0");
        });
        older.truncate(older.len() - since.len());
        let decoded = Welcome::decode(&older).unwrap();
        let later = |opcode| OF_CACHES.contains(&opcode) || OF_PACKING.contains(&opcode);
        assert!((0..=u16::MAX).all(|opcode| decoded.opcodes.contains(opcode) != later(opcode)));
        assert_eq!(decoded.driver_version, 12040);
    }

    #[test]
    fn a_set_of_opcodes_holds_what_it_was_made_of() {
        let made = welcome().opcodes;
        for opcode in 0..=u16::MAX {
            assert_eq!(made.contains(opcode), [1, 7, 300].contains(&opcode));
        }
        assert!(!Opcodes::default().contains(0));
    }

    #[test]
    fn the_newest_version_that_both_speak_is_taken() {
        let hello = |version, oldest| Hello {
            version,
            oldest,
            ..Hello::new(13000, 1, "", "")
        };
        let ours = PROTOCOL_VERSION;
        assert_eq!(hello(ours, ours).negotiate(), Ok(ours));
        assert_eq!(hello(ours + 5, OLDEST_VERSION).negotiate(), Ok(ours));
        // One sentence, which says who and which of the two to upgrade.
        let newer = Hello {
            build: "9.1.0".into(),
            ..hello(ours + 5, ours + 1)
        };
        assert_eq!(
            newer.negotiate().unwrap_err(),
            format!(
                "the client (Pillion 9.1.0) needs protocol {} or newer, this server (Pillion {BUILD}) speaks {ours}: upgrade the server",
                ours + 1
            )
        );
        let older = Hello {
            build: String::new(),
            ..hello(OLDEST_VERSION - 1, 0)
        };
        assert_eq!(
            older.negotiate().unwrap_err(),
            format!(
                "the client (an older Pillion) speaks protocol {}, this server (Pillion {BUILD}) {OLDEST_VERSION} to {ours}: upgrade the client",
                OLDEST_VERSION - 1
            )
        );
    }

    #[test]
    fn a_session_in_a_version_that_nobody_offered_is_not_begun() {
        let of = |version| Welcome {
            version,
            ..welcome()
        };
        assert_eq!(welcome().check(), Ok(()));
        let refused = of(PROTOCOL_VERSION + 1).check().unwrap_err();
        assert!(refused.contains("Pillion 0.7.0"), "{refused}");
        assert!(refused.ends_with(": upgrade the client"), "{refused}");
        let refused = of(OLDEST_VERSION - 1).check().unwrap_err();
        assert!(refused.ends_with(": upgrade the server"), "{refused}");
    }

    #[test]
    fn a_side_calls_itself_something_short_and_legible() {
        for (build, reads) in [
            ("1.2.3-rc.4", true),
            ("", true),
            (&"9".repeat(MAX_BUILD)[..], true),
            (&"9".repeat(MAX_BUILD + 1), false),
            ("1.0\nrefuses: ", false),
            ("\x1b[2J", false),
        ] {
            let hello = Hello {
                build: build.to_string(),
                ..Hello::new(13000, 7, "", "")
            };
            let bytes = encoded(|body| hello.encode(body));
            assert_eq!(Hello::decode(&bytes).is_ok(), reads, "{build:?}");
            let bytes = encoded(|body| {
                Welcome {
                    build: build.to_string(),
                    ..welcome()
                }
                .encode(body);
            });
            assert_eq!(Welcome::decode(&bytes).is_ok(), reads, "{build:?}");
        }
    }

    #[test]
    fn a_greeting_says_which_devices_are_to_be_seen() {
        for list in [None, Some(""), Some("1,0"), Some("GPU-12345678")] {
            for (by_bus, only_asks) in [(false, false), (true, false), (false, true)] {
                let hello = Hello {
                    devices: list.map(str::to_string),
                    by_bus,
                    only_asks,
                    ..Hello::new(13000, 7, "token", "program")
                };
                let bytes = encoded(|body| hello.encode(body));
                assert_eq!(Hello::decode(&bytes), Ok(hello));
            }
        }
        let long = Hello {
            devices: Some("0,".repeat(MAX_DEVICE_LIST / 2 + 1)),
            ..Hello::new(13000, 7, "", "")
        };
        let bytes = encoded(|body| long.encode(body));
        assert!(matches!(
            Hello::decode(&bytes),
            Err(Violation::OutOfRange { .. })
        ));
    }

    #[test]
    fn greetings_of_the_first_version_are_read() {
        // As they have grown: with what a side calls itself, without, and without what came before that.
        let text = |text| encoded(|body| body.text(text)).len();
        let hello = Hello::new(13000, 7, "token", "program");
        let mut bytes = encoded(|body| hello.encode(body));
        bytes.truncate(bytes.len() - text(BUILD));
        let old = Hello {
            build: String::new(),
            ..hello
        };
        assert_eq!(Hello::decode(&bytes), Ok(old.clone()));
        // A word, and an empty text.
        bytes.truncate(bytes.len() - 8 - text(""));
        assert_eq!(Hello::decode(&bytes), Ok(old));
        let mut bytes = encoded(|body| welcome().encode(body));
        assert_eq!(Welcome::decode(&bytes), Ok(welcome()));
        bytes.truncate(bytes.len() - text("0.7.0"));
        let old = Welcome {
            build: String::new(),
            ..welcome()
        };
        assert_eq!(Welcome::decode(&bytes), Ok(old.clone()));
        bytes.truncate(bytes.len() - 8);
        let old = Welcome {
            chosen: false,
            ..old
        };
        assert_eq!(Welcome::decode(&bytes), Ok(old));
    }

    #[test]
    fn flags_of_a_newer_peer_are_passed_over() {
        // The word behind the opcodes, and what a side calls itself.
        let behind = encoded(|body| {
            body.scalar(CHOSEN);
            body.text("0.7.0");
        });
        let mut bytes = encoded(|body| welcome().encode(body));
        let at = bytes.len() - behind.len();
        bytes[at..at + 8].copy_from_slice(&0xffff_fffe_u64.to_le_bytes());
        let seen = Welcome {
            chosen: false,
            ..welcome()
        };
        assert_eq!(Welcome::decode(&bytes), Ok(seen));
    }
}
