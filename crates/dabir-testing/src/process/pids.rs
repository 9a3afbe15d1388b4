//! Pids chosen on purpose: what happens by chance once in a month is made to happen at once.

use std::fs;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// Starts `command` again and again until it gets the pid `wanted`; `None` without the right to
/// choose pids, which is root's.
///
/// # Panics
/// When the pid cannot be had within `deadline`.
pub fn spawn_with_pid(command: &mut Command, wanted: u32, deadline: Duration) -> Option<Child> {
    let start = Instant::now();
    loop {
        // The next process gets the next number, if nobody starts one in between.
        fs::write("/proc/sys/kernel/ns_last_pid", (wanted - 1).to_string()).ok()?;
        let mut child = command.spawn().expect("the command starts");
        if child.id() == wanted {
            return Some(child);
        }
        child
            .kill()
            .and_then(|()| child.wait())
            .expect("the try ends");
        assert!(
            start.elapsed() < deadline,
            "pid {wanted} was not free within {deadline:?}"
        );
    }
}
