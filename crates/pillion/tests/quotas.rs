//! How much of the devices' memory somebody may have.

mod common;

use std::process::Command;

use common::{Client, Folder, Said, Server, WATCHDOG, driver_program, pillion, text};
use pillion_protocol::Hello;
use pillion_test_support::Random;

/// Settings with this machine's user as somebody who may have so much.
fn settings(folder: &Folder, memory: &str) {
    let uid = rustix::process::getuid().as_raw();
    let [unix, tcp, shm] = Server::places(folder);
    let text = format!(
        "cache = 'off'\n[[identity]]\nname = 'ada'\nuid = {uid}\nmemory = '{memory}'\n\
         [[endpoint]]\nlisten = '{unix}'\n[[endpoint]]\nlisten = '{tcp}'\n[[endpoint]]\nlisten = '{shm}'\n"
    );
    std::fs::write(folder.path("pillion.toml"), text).unwrap();
}

#[test]
fn a_session_has_as_much_memory_as_its_quota_of_every_kind() {
    let folder = Folder::new();
    settings(&folder, "200M");
    driver_program(&folder, "quota");
    let server = Server::configured(folder);
    let seed = Random::new().next().to_string();
    let quota = 200u64 << 20;
    // Who comes by TCP is somebody else, and has all of the device.
    for (uri, limit) in [(&server.unix, quota), (&server.shm, quota)] {
        let output = Command::new("timeout")
            .arg(WATCHDOG.as_secs().to_string())
            .arg(server.folder.path("quota"))
            .args([&limit.to_string(), &seed])
            .env("LD_LIBRARY_PATH", &server.folder.0)
            .env("PILLION_SERVER", uri.to_string())
            .env_remove("PILLION_LOG")
            .env_remove("PILLION_TOKEN")
            .output()
            .unwrap();
        let printed = text(&output.stdout);
        assert!(
            output.status.success() && printed.contains("PASS"),
            "{uri}: {printed}{}",
            text(&output.stderr)
        );
    }
    let total = |uri| {
        let mut client = Client::connect(uri);
        client.hello(&Hello::new(13000, 1, "", "test"));
        match client.hear() {
            Said::Welcome(welcome) => welcome.devices[0].total_memory,
            other => panic!("no welcome but {other:?}"),
        }
    };
    assert_eq!(total(&server.unix), quota);
    assert!(total(&server.tcp) > quota);
}

#[test]
fn a_quota_is_a_size_that_something_can_be_done_with() {
    for (memory, said) in [("5M", "contexts and kernels count"), ("much", "is no size")] {
        let folder = Folder::new();
        settings(&folder, memory);
        let output = pillion()
            .args(["serve", "--check", "--config"])
            .arg(folder.path("pillion.toml"))
            .output()
            .unwrap();
        let errors = text(&output.stderr);
        assert!(
            !output.status.success() && errors.contains(said),
            "{errors}"
        );
        assert!(errors.contains("pillion.toml:5"), "{errors}");
    }
}
