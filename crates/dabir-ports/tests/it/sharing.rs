//! Several processes on one state file.

use std::collections::BTreeSet;
use std::time::Duration;

use dabir_ports::{Options, PickRequest, PortError, wait};
use rustix::process::Signal;

use crate::child::{PICKS, Part};
use crate::support::{Bench, pick};

#[test]
fn eight_processes_never_hold_the_same_port() {
    let bench = Bench::new(64);
    std::fs::create_dir(bench.dir.path().join("held")).unwrap();
    let mut parts: Vec<_> = (0..8).map(|_| Part::start("picker", &bench)).collect();
    for part in &mut parts {
        part.next("ready").unwrap();
    }
    for part in &mut parts {
        part.tell("go");
    }
    let picked = |part: &mut Part| part.next("picked").unwrap().parse::<usize>().unwrap();
    let total: usize = parts.iter_mut().map(picked).sum();
    assert_eq!(total, 8 * 4 * PICKS, "a port was held twice");
    let state = wait(bench.open().state()).unwrap();
    assert_eq!(state.used_ports, [0u16; 0]);
    assert_eq!(state.change_count, 2 * total as u64);
}

#[test]
fn a_stopped_holder_of_the_lock_is_named() {
    let mut bench = Bench::new(2);
    let ports = bench.open();
    bench.options.lock_timeout = Duration::from_millis(50);
    let impatient = bench.open();
    let mut churner = Part::start("churner", &bench);
    churner.next("ready").unwrap();
    // Stop it again and again until it stands still with the lock in its hands.
    let attempt = || {
        churner.signal(Signal::STOP);
        let error = wait(impatient.release(Some(1))).unwrap_err();
        let locked = matches!(error, PortError::Locked { .. });
        if !locked {
            churner.signal(Signal::CONT);
        }
        locked.then_some(error)
    };
    let error = (0..2_000)
        .find_map(|_| attempt())
        .expect("it held the lock once");
    let named = format!("process {} ", churner.pid());
    assert!(error.to_string().contains(&named), "{error}");
    // Questions are answered from memory, and nothing is lost once the holder is gone.
    wait(impatient.state()).unwrap();
    churner.kill();
    pick(&ports, "a");
    pick(&impatient, "b");
}

#[test]
fn managers_on_one_file_see_each_others_leases() {
    let bench = Bench::new(3);
    let (one, two) = (bench.open(), bench.open());
    let port = pick(&one, "one");
    assert_eq!(pick(&two, "two"), port + 1);
    assert_eq!(wait(one.used()).unwrap(), [port, port + 1]);
    wait(two.release(Some(port))).unwrap();
    assert_eq!(wait(one.used()).unwrap(), [port + 1]);
}

#[test]
fn a_lock_file_that_others_delete_excludes_all_the_same() {
    let bench = Bench::new(40);
    let (one, two) = (bench.open(), bench.open());
    let lock = bench.dir.path().join("ports.json.lock");
    let mut picked = BTreeSet::new();
    for _ in 0..20 {
        assert!(picked.insert(pick(&one, "one")));
        std::fs::remove_file(&lock).unwrap();
        assert!(picked.insert(pick(&two, "two")));
    }
}

#[test]
fn leases_that_another_program_dropped_are_put_back() {
    let bench = Bench::new(4);
    let ports = bench.open();
    let port = pick(&ports, "ours");
    let mut json = bench.json();
    let object = json.as_object_mut().unwrap();
    object.remove("leases");
    object.insert("note".into(), "theirs".into());
    object["used_ports"] = serde_json::json!([port, port + 1]);
    object["free_ports"] = serde_json::json!([port + 2, port + 3]);
    std::fs::write(bench.state(), serde_json::to_string_pretty(&json).unwrap()).unwrap();
    // Their own port is respected, although nothing listens on it yet.
    assert_eq!(pick(&ports, "ours too"), port + 2);
    let json = bench.json();
    assert_eq!(json["leases"][port.to_string()]["owner"], "ours");
    assert_eq!(json["note"], "theirs");
    assert!(json["leases"].get((port + 1).to_string()).is_none());
    // It comes back once it has been bound and no longer is.
    wait(ports.refresh()).unwrap();
    assert_eq!(wait(ports.used()).unwrap().len(), 3);
    let theirs = std::net::TcpListener::bind(("127.0.0.1", port + 1)).unwrap();
    wait(ports.refresh()).unwrap();
    drop(theirs);
    wait(ports.refresh()).unwrap();
    assert_eq!(wait(ports.used()).unwrap(), [port, port + 2]);
}

#[test]
fn the_default_options_are_enough_for_a_program_of_its_own() {
    let bench = Bench::new(2);
    let ports = dabir_ports::PortManager::open(&bench.config, Options::default()).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let lease = runtime
        .block_on(ports.pick(PickRequest::for_this_process("me")))
        .unwrap();
    assert_eq!(lease.pid, Some(std::process::id()));
    assert!(lease.start_time.is_some());
}
