//! `pillion devices`: what a server has.

use std::process::ExitCode;

use pillion_cuda_abi::types::CUdevice_attribute;
use pillion_cuda_abi::visible::uuid;
use pillion_protocol::DeviceSnapshot;
use serde::Serialize;

use crate::{Servers, client, table};

/// `pillion devices`.
#[derive(clap::Args)]
pub struct Options {
    #[command(flatten)]
    servers: Servers,
    /// Print JSON
    #[arg(long)]
    json: bool,
}

/// What `--json` prints. Fields are only ever added.
#[derive(Serialize)]
struct Listing {
    server: String,
    description: String,
    driver_version: String,
    devices: Vec<Device>,
}

#[derive(Serialize)]
struct Device {
    ordinal: usize,
    name: String,
    memory_bytes: u64,
    compute_capability: String,
    multiprocessors: Option<i32>,
    uuid: String,
    pci_bus_id: String,
}

/// Lists them.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let (uri, session) = client::open_first(&options.servers.places())?;
    let welcome = session.welcome.clone();
    session.close();
    let listing = Listing {
        server: uri.to_string(),
        description: welcome.description,
        driver_version: version(welcome.driver_version),
        devices: welcome.devices.iter().enumerate().map(describe).collect(),
    };
    if options.json {
        println!("{}", serde_json::to_string_pretty(&listing)?);
        return Ok(ExitCode::SUCCESS);
    }
    println!("{} ({})", listing.server, listing.description);
    let mut table = table::table(&["#", "device", "memory", "capability", "SMs", "UUID", "PCI"]);
    for device in listing.devices {
        table.add_row([
            device.ordinal.to_string(),
            device.name,
            table::bytes(device.memory_bytes),
            device.compute_capability,
            device
                .multiprocessors
                .map_or_else(|| "?".to_string(), |count| count.to_string()),
            device.uuid,
            device.pci_bus_id,
        ]);
    }
    println!("{table}");
    Ok(ExitCode::SUCCESS)
}

/// A driver version as people write it.
pub fn version(number: u32) -> String {
    format!("{}.{}", number / 1000, number % 1000 / 10)
}

fn describe((ordinal, device): (usize, &DeviceSnapshot)) -> Device {
    let attribute = |which: CUdevice_attribute| match device.attributes.get(which.0 as usize) {
        Some(&(0, value)) => Some(value),
        _ => None,
    };
    let major = attribute(CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR);
    let minor = attribute(CUdevice_attribute::CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
    Device {
        ordinal,
        name: device.name.clone(),
        memory_bytes: device.total_memory,
        compute_capability: match (major, minor) {
            (Some(major), Some(minor)) => format!("{major}.{minor}"),
            _ => "?".to_string(),
        },
        multiprocessors: attribute(CUdevice_attribute::CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT),
        uuid: uuid(&device.uuid),
        pci_bus_id: device.pci_bus_id.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_print_as_people_write_them() {
        assert_eq!(version(13000), "13.0");
        assert_eq!(version(12080), "12.8");
    }
}
