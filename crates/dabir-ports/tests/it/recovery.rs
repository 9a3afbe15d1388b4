//! Torn, foreign and missing files, full and broken disks, and crashes in the middle of it all.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use dabir_core::Clock;
use dabir_ports::{Durability, PickRequest, PortError, wait};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;

use crate::child::Part;
use crate::support::{Bench, pick, until};

/// A file with a backup of an earlier second, both with leases.
fn with_history(bench: &Bench) -> (u16, u16) {
    let ports = bench.open();
    let first = pick(&ports, "a");
    bench.later(1);
    (first, pick(&ports, "b"))
}

#[test]
fn a_file_torn_at_any_byte_is_kept_aside_and_the_backup_taken() {
    let bench = Bench::new(6);
    let (first, _) = with_history(&bench);
    let good = fs::read(bench.state()).unwrap();
    for end in 0..good.len() - 1 {
        let torn = &good[..end];
        let trial = in_memory(&bench);
        copy_backups(bench.dir.path(), trial.dir.path());
        fs::write(trial.state(), torn).unwrap();
        let ports = trial.open();
        assert_eq!(wait(ports.used()).unwrap(), [first], "{end}");
        let told = wait(ports.state()).unwrap().last_error.unwrap();
        assert!(told.contains("spoiled"), "{told}");
        let kept = trial.corrupt();
        assert_eq!(kept.len(), 2, "{end}: {kept:?}");
        assert_eq!(fs::read(&kept[0]).unwrap(), torn);
        assert!(!fs::read_to_string(&kept[1]).unwrap().trim().is_empty());
    }
}

/// The same settings in a folder of its own, in memory where there is such: a thousand flushes
/// of a disk take long.
fn in_memory(bench: &Bench) -> Bench {
    let memory = Path::new("/dev/shm");
    let dir = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    let dir = dir.unwrap();
    let mut config = bench.config.clone();
    config.state = dir.path().join("ports.json");
    Bench {
        dir,
        config,
        options: bench.options.clone(),
    }
}

fn copy_backups(from: &Path, to: &Path) {
    fs::create_dir(to.join("backups")).unwrap();
    for entry in fs::read_dir(from.join("backups")).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), to.join("backups").join(entry.file_name())).unwrap();
    }
}

#[test]
fn whatever_stands_in_the_files_place_is_moved_and_not_followed() {
    let elsewhere = tempfile::NamedTempFile::new().unwrap();
    for what in ["folder", "link", "pipe", "foreign", "binary"] {
        let bench = Bench::new(3);
        let (first, _) = with_history(&bench);
        fs::remove_file(bench.state()).unwrap();
        place(what, bench.state(), elsewhere.path());
        let ports = bench.open();
        assert_eq!(wait(ports.used()).unwrap(), [first], "{what}");
        assert_eq!(bench.corrupt().len(), 2, "{what}");
        let now = fs::symlink_metadata(bench.state()).unwrap();
        assert!(now.is_file(), "{what}");
    }
    assert_eq!(fs::read(elsewhere.path()).unwrap(), b"");
}

fn place(what: &str, path: &Path, elsewhere: &Path) {
    match what {
        "folder" => fs::create_dir(path).unwrap(),
        "link" => std::os::unix::fs::symlink(elsewhere, path).unwrap(),
        "pipe" => drop(Command::new("mkfifo").arg(path).output().unwrap()),
        "foreign" => fs::write(path, r#"{"name": "other"}"#).unwrap(),
        _ => fs::write(path, [0xff; 4096]).unwrap(),
    }
}

#[test]
fn broken_backups_are_passed_over_and_with_none_left_a_new_state_begins() {
    let bench = Bench::new(3);
    let ports = bench.open();
    let first = pick(&ports, "a");
    for _ in 0..2 {
        bench.later(1);
        pick(&ports, "b");
    }
    let backups = wait(ports.backups()).unwrap();
    ports.stop();
    let path = |name: &String| bench.dir.path().join("backups").join(name);
    fs::write(path(&backups[0]), "torn").unwrap();
    fs::write(bench.state(), "torn too").unwrap();
    assert_eq!(wait(bench.open().used()).unwrap(), [first]);
    for name in wait(bench.open().backups()).unwrap() {
        fs::write(path(&name), "").unwrap();
    }
    fs::write(bench.state(), "").unwrap();
    let ports = bench.open();
    assert_eq!(wait(ports.used()).unwrap(), [0u16; 0]);
    let told = wait(ports.state()).unwrap().last_error.unwrap();
    assert!(told.contains("begun anew"), "{told}");
}

/// Opens the manager anew at a moment in a zone, and picks in three seconds.
fn pick_in(bench: &mut Bench, now: &str, zone: &str) {
    bench.options.clock = Clock::fixed(now.parse().unwrap());
    bench.options.time_zone = TimeZone::get(zone).unwrap();
    let ports = bench.open();
    for _ in 0..3 {
        bench.later(1);
        pick(&ports, "a");
    }
}

#[test]
fn the_backup_with_the_most_changes_is_taken_whatever_zone_or_clock_named_it() {
    let mut bench = Bench::new(16);
    bench.config.backup_keep = 2;
    // The local time is 3:30 h ahead, then the clock itself is ahead by a day, then both are right.
    pick_in(&mut bench, "2024-07-22T08:40:00Z", "Asia/Tehran");
    pick_in(&mut bench, "2024-07-23T08:41:00Z", "UTC");
    pick_in(&mut bench, "2024-07-22T08:42:00Z", "UTC");
    fs::write(bench.state(), "torn").unwrap();
    let ports = bench.open();
    let first = bench.first();
    let used: Vec<u16> = (first..first + 8).collect();
    assert_eq!(wait(ports.used()).unwrap(), used);
    assert_eq!(wait(ports.backups()).unwrap().len(), 2);
}

#[test]
fn a_copy_of_an_old_backup_under_a_newer_name_is_not_taken() {
    let bench = Bench::new(8);
    let ports = bench.open();
    let first = pick(&ports, "a");
    for _ in 0..3 {
        bench.later(1);
        pick(&ports, "b");
    }
    let oldest = wait(ports.backups()).unwrap().pop().unwrap();
    ports.stop();
    let backups = bench.dir.path().join("backups");
    let copy = backups.join("ports_20990101_000000.json");
    fs::copy(backups.join(oldest), copy).unwrap();
    fs::write(bench.state(), "torn").unwrap();
    let ports = bench.open();
    assert_eq!(wait(ports.used()).unwrap(), [first, first + 1, first + 2]);
}

#[test]
fn a_missing_file_with_backups_is_an_interrupted_recovery() {
    let bench = Bench::new(3);
    let (first, _) = with_history(&bench);
    fs::remove_file(bench.state()).unwrap();
    assert_eq!(wait(bench.open().used()).unwrap(), [first]);
}

#[test]
fn running_managers_keep_their_leases_when_the_file_goes_back() {
    let bench = Bench::new(5);
    let (one, two) = (bench.open(), bench.open());
    pick(&one, "a");
    bench.later(1);
    let ours = pick(&one, "one");
    fs::write(bench.state(), "").unwrap();
    // The second manager knows nothing of the newest lease and restores an older state.
    wait(two.refresh()).unwrap();
    wait(one.refresh()).unwrap();
    let state = wait(two.state()).unwrap();
    assert_eq!(state.leases[&ours].owner, "one");
    assert_eq!(pick(&two, "two"), ours + 1);
}

#[test]
fn a_backup_is_restored_and_present_leases_go_on() {
    let bench = Bench::new(5);
    let ports = bench.open();
    let old = pick(&ports, "old");
    bench.later(1);
    let new = pick(&ports, "new");
    wait(ports.release(Some(old))).unwrap();
    let newest = wait(ports.backups()).unwrap().remove(0);
    assert_eq!(newest, "ports_20240722_084001.json");
    wait(ports.restore_backup(&newest)).unwrap();
    assert_eq!(wait(ports.used()).unwrap(), [old, new]);
    fs::write(bench.dir.path().join("backups").join(&newest), "{}").unwrap();
    let spoiled = wait(ports.restore_backup(&newest)).unwrap_err();
    assert!(matches!(spoiled, PortError::SpoiledBackup { .. }));
}

#[test]
fn no_name_leads_out_of_the_backup_folder() {
    let bench = Bench::new(3);
    with_history(&bench);
    let ports = bench.open();
    let parts = prop::sample::select(vec![
        "..",
        "/",
        "\\",
        "%2e",
        "%2f",
        "\0",
        "ports",
        "_20240722_084001",
        ".json",
        "backups",
        "etc",
        "passwd",
        "~",
        "C:",
        "ports.json",
        " ",
        "\n",
        "．．",
        "∕",
        ".",
    ]);
    let names = proptest::collection::vec(parts, 0..8).prop_map(|parts| parts.concat());
    let known = wait(ports.backups()).unwrap();
    let config = ProptestConfig {
        cases: 5_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let check = |name: String| {
        match wait(ports.read_backup(name.clone())) {
            Ok(_) => prop_assert!(known.contains(&name)),
            Err(error) => {
                prop_assert!(matches!(error, PortError::NoSuchBackup { .. }), "{error}");
                prop_assert!(!known.contains(&name));
            }
        }
        Ok(())
    };
    TestRunner::new(config).run(&names, check).unwrap();
}

#[test]
fn kill_9_in_the_middle_of_saves_never_spoils_the_file() {
    let bench = Bench::new(8);
    for round in 0..200 {
        let mut churner = Part::start("churner", &bench);
        churner.next("ready").unwrap();
        for _ in 0..round % 5 {
            let inode = || fs::metadata(bench.state()).unwrap().ino();
            let before = inode();
            until("the file is replaced", || inode() != before);
        }
        churner.kill();
        let json = bench.json();
        assert!(json["used_ports"].as_array().unwrap().len() <= 8, "{round}");
        assert_eq!(bench.corrupt().len(), 0, "{round}");
    }
    let ports = bench.open();
    wait(ports.refresh()).unwrap();
    assert_eq!(wait(ports.used()).unwrap(), [0u16; 0]);
}

#[test]
fn a_folder_that_cannot_be_written_is_told_and_heals() {
    let bench = Bench::new(4);
    let ports = bench.open();
    let port = pick(&ports, "a");
    let before = fs::read(bench.state()).unwrap();
    let Some(frozen) = Frozen::new(bench.dir.path()) else {
        println!("skipped: this user or file system cannot freeze a folder");
        return;
    };
    let error = wait(ports.pick(PickRequest::new("b"))).unwrap_err();
    assert!(matches!(error, PortError::Io { .. }), "{error}");
    assert_eq!(fs::read(bench.state()).unwrap(), before);
    assert_eq!(wait(ports.used()).unwrap(), [port]);
    drop(frozen);
    assert_eq!(pick(&ports, "b"), port + 1);
}

#[test]
fn picks_refused_after_the_file_was_lost_leave_nothing_leased() {
    let bench = Bench::new(6);
    let ports = bench.open();
    let port = pick(&ports, "a");
    fs::remove_file(bench.state()).unwrap();
    // Stands where the new file would be written, and is not empty: nothing can be saved.
    let obstacle = bench.dir.path().join("ports.json.tmp");
    fs::create_dir_all(obstacle.join("x")).unwrap();
    for _ in 0..3 {
        let error = wait(ports.pick(PickRequest::new("b"))).unwrap_err();
        assert!(matches!(error, PortError::Io { .. }), "{error}");
        assert_eq!(wait(ports.used()).unwrap(), [port]);
    }
    fs::remove_dir_all(&obstacle).unwrap();
    wait(ports.refresh()).unwrap();
    assert_eq!(wait(ports.used()).unwrap(), [port]);
    let leases = bench.json()["leases"].clone();
    assert_eq!(leases.as_object().unwrap().len(), 1, "{leases}");
    assert_eq!(pick(&ports, "b"), port + 1);
}

#[test]
fn a_file_that_cannot_be_saved_is_known_until_it_can_be_again() {
    let mut bench = Bench::new(4);
    bench.config.refresh_interval = dabir_core::Span::from_millis(10);
    let ports = bench.open();
    ports.health().unwrap();
    let obstacle = bench.dir.path().join("ports.json.tmp");
    fs::create_dir_all(obstacle.join("x")).unwrap();
    let refused = wait(ports.pick(PickRequest::new("a"))).unwrap_err();
    let known = ports.health().unwrap_err();
    assert_eq!(known.to_string(), refused.to_string());
    // Questions are answered all the same, and prove nothing.
    wait(ports.state()).unwrap();
    ports.health().unwrap_err();
    fs::remove_dir_all(&obstacle).unwrap();
    until("the next refresh has saved it", || ports.health().is_ok());
    assert_eq!(bench.json()["last_error"], refused.to_string());
    ports.stop();
    assert!(matches!(ports.health(), Err(PortError::Stopped)));
}

#[test]
fn a_refused_pick_keeps_a_lease_that_another_program_dropped() {
    let bench = Bench::new(4);
    let ports = bench.open();
    let port = pick(&ports, "a");
    let mut json = bench.json();
    json["leases"] = serde_json::json!({});
    fs::write(bench.state(), json.to_string()).unwrap();
    let obstacle = bench.dir.path().join("ports.json.tmp");
    fs::create_dir_all(obstacle.join("x")).unwrap();
    wait(ports.pick(PickRequest::new("b"))).unwrap_err();
    fs::remove_dir_all(&obstacle).unwrap();
    wait(ports.refresh()).unwrap();
    assert_eq!(bench.json()["leases"][port.to_string()]["owner"], "a");
}

/// A folder in which nothing can be made, even by root where `chattr` works.
struct Frozen<'p>(&'p Path);

impl<'p> Frozen<'p> {
    fn new(path: &'p Path) -> Option<Self> {
        fs::set_permissions(path, fs::Permissions::from_mode(0o500)).unwrap();
        // It does not hurt when this fails: the probe below tells.
        let _ = Command::new("chattr").arg("+i").arg(path).output();
        let frozen = Self(path);
        fs::write(path.join("probe"), "").is_err().then_some(frozen)
    }
}

impl Drop for Frozen<'_> {
    fn drop(&mut self) {
        let _ = Command::new("chattr").arg("-i").arg(self.0).output();
        let _ = fs::remove_file(self.0.join("probe"));
        fs::set_permissions(self.0, fs::Permissions::from_mode(0o700)).unwrap();
    }
}

#[test]
fn a_full_disk_is_told_and_heals() {
    let mut bench = Bench::new(64);
    bench.options.durability = Durability::Full;
    let disk = bench.dir.path().join("disk");
    let Some(_mounted) = Mounted::new(&disk) else {
        println!("skipped: this user cannot mount a small disk");
        return;
    };
    bench.config.state = disk.join("ports.json");
    let ports = bench.open();
    let port = pick(&ports, "a");
    let ballast = disk.join("ballast");
    fs::write(&ballast, vec![0; 1 << 20]).unwrap_err();
    let before = fs::read(bench.state()).unwrap();
    bench.later(1);
    let error = wait(ports.pick(PickRequest::new("b"))).unwrap_err();
    let PortError::Io { cause, .. } = &error else {
        panic!("{error}");
    };
    assert_eq!(cause.kind(), std::io::ErrorKind::StorageFull);
    assert_eq!(fs::read(bench.state()).unwrap(), before);
    assert_eq!(wait(ports.used()).unwrap(), [port]);
    fs::remove_file(&ballast).unwrap();
    assert_eq!(pick(&ports, "b"), port + 1);
}

#[test]
fn a_spoiled_file_on_a_full_disk_leaves_no_empty_reasons() {
    let mut bench = Bench::new(8);
    let disk = bench.dir.path().join("disk");
    let Some(_mounted) = Mounted::new(&disk) else {
        println!("skipped: this user cannot mount a small disk");
        return;
    };
    bench.config.state = disk.join("ports.json");
    let ports = bench.open();
    let port = pick(&ports, "a");
    fs::write(bench.state(), "torn").unwrap();
    let ballast = disk.join("ballast");
    fs::write(&ballast, vec![0; 1 << 20]).unwrap_err();
    for _ in 0..3 {
        wait(ports.pick(PickRequest::new("b"))).unwrap_err();
    }
    assert_eq!(fs::read_dir(disk.join("corrupt")).unwrap().count(), 0);
    assert_eq!(fs::read(bench.state()).unwrap(), b"torn");
    fs::remove_file(&ballast).unwrap();
    assert_eq!(pick(&ports, "b"), port + 1);
    assert_eq!(fs::read_dir(disk.join("corrupt")).unwrap().count(), 2);
}

/// A disk of 64 KiB.
struct Mounted<'p>(&'p Path);

impl<'p> Mounted<'p> {
    fn new(path: &'p Path) -> Option<Self> {
        fs::create_dir(path).unwrap();
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", "size=64k", "tmpfs"])
            .arg(path)
            .output();
        mount
            .is_ok_and(|o| o.status.success())
            .then_some(Self(path))
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.0).output();
    }
}
