//! Programs in Python on the same file: they lock with `filelock` and know only the seed's keys.
//!
//! `tools/setup-tests` installs a Python with `filelock`; `DABIR_TEST_PYTHON` names another one.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use dabir_ports::{PickRequest, PortError, wait};

use crate::child::Part;
use crate::support::{Bench, pick};

fn python() -> PathBuf {
    let own = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.cache/venv/bin/python");
    let python = std::env::var_os("DABIR_TEST_PYTHON").map_or_else(|| own.into(), PathBuf::from);
    let found = Command::new(&python)
        .args(["-c", "import filelock"])
        .output();
    assert!(
        found.is_ok_and(|output| output.status.success()),
        "`{}` has no `filelock`; run tools/setup-tests",
        python.display()
    );
    python
}

fn start(part: &str, bench: &Bench) -> Part {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/seed_manager.py");
    Part::spawn(
        Command::new(python())
            .args(["-u", script, part])
            .arg(bench.state()),
    )
}

#[test]
fn a_lock_held_in_python_keeps_us_out() {
    let mut bench = Bench::new(2);
    let ports = bench.open();
    bench.options.lock_timeout = Duration::from_millis(30);
    let impatient = bench.open();
    let mut holder = start("hold", &bench);
    holder.next("held").unwrap();
    let error = wait(impatient.pick(PickRequest::new("a"))).unwrap_err();
    assert!(matches!(error, PortError::Locked { .. }), "{error}");
    let named = format!("process {} ", holder.pid());
    assert!(error.to_string().contains(&named), "{error}");
    holder.tell("let go");
    pick(&ports, "a");
}

#[test]
fn a_lock_held_here_keeps_python_out() {
    let bench = Bench::new(2);
    bench.open();
    let lock = std::fs::File::open(bench.dir.path().join("ports.json.lock")).unwrap();
    lock.lock().unwrap();
    let mut other = start("try", &bench);
    assert_eq!(other.next("answer").unwrap(), "locked out");
    lock.unlock().unwrap();
    let mut other = start("try", &bench);
    assert_eq!(other.next("answer").unwrap(), "got it");
}

#[test]
fn python_and_we_never_pick_the_same_port() {
    let bench = Bench::new(60);
    let ports = bench.open();
    let mut picker = start("pick", &bench);
    let mut ours = Vec::new();
    let mut theirs = Vec::new();
    for _ in 0..25 {
        picker.tell("pick");
        // Both ask at the same time.
        ours.push(pick(&ports, "ours"));
        theirs.push(picker.port());
    }
    let mut all = [ours.clone(), theirs].concat();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 50, "a port was handed out twice");
    wait(ports.refresh()).unwrap();
    let state = wait(ports.state()).unwrap();
    assert_eq!(state.used_ports, all);
    assert!(
        state.leases.keys().eq(ours.iter()),
        "our leases were put back"
    );
    assert_eq!(state.change_count, 50);
}
