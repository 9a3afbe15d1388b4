//! Pids chosen on purpose: what happens by chance once in a month is made to happen at once.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use super::is_root;

/// `program` as process 1 of a fresh pid namespace, in which pids can be reused at will: see
/// [`give_next_pid`]. Works without root where the kernel allows user namespaces.
#[must_use]
pub fn in_pid_namespace(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new("unshare");
    if !is_root() {
        command.args(["--user", "--map-root-user"]);
    }
    command
        .args(["--pid", "--fork", "--kill-child", "--mount-proc", "--"])
        .arg(program.as_ref());
    command
}

/// Makes the next process of this pid namespace get `pid`, if it is free and nobody starts one in between.
///
/// # Errors
/// When the kernel refuses, which it does without the right over the namespace.
pub fn give_next_pid(pid: u32) -> std::io::Result<()> {
    fs::OpenOptions::new()
        .write(true)
        .open("/proc/sys/kernel/ns_last_pid")?
        .write_all((pid - 1).to_string().as_bytes())
}

/// Starts `command` again and again until it gets `pid`, and gives it back as it is.
/// Run it inside [`in_pid_namespace`], or as root.
///
/// # Panics
/// When `pid` cannot be had within `deadline`.
pub fn spawn_with_pid(command: &mut Command, wanted: u32, deadline: Duration) -> Child {
    let start = Instant::now();
    loop {
        give_next_pid(wanted).expect("the right to choose the next pid");
        let mut child = command.spawn().expect("the command starts");
        if child.id() == wanted {
            return child;
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
