//! Processes under test: started with their output collected, waited for, killed hard, and told
//! apart from a stranger that got the same pid.

mod running;
mod identity;
mod pids;

use std::path::Path;
use std::process::Command;

pub use identity::{
    ProcessId, children, clear_away, family, kill9, open_descriptors, peak_memory, working_in,
};
pub use pids::spawn_with_pid;
pub use running::Running;

/// `program`, killed by the kernel when the test program dies, however it dies.
#[must_use]
pub fn tied_to_us(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new("setpriv");
    command
        .args(["--pdeathsig", "KILL", "--"])
        .arg(program.as_ref());
    command
}

/// A port of 127.0.0.1 that nobody listens on at this moment. Someone else may take it before you
/// do: prefer port 0 where the program under test can report what it got.
///
/// # Panics
/// When the machine has no port left.
#[must_use]
pub fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port()
}

/// Whether the tests run as root.
pub(crate) fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}
