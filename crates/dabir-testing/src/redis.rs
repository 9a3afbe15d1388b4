//! A Redis server of one's own, from the machine's own binary.

use std::process::Command;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tempfile::TempDir;

use crate::process::{Running, free_port};
use crate::wait_until;

/// A running server that keeps nothing over its end. Stopped and removed when dropped.
#[derive(Debug)]
pub struct Redis {
    server: Mutex<Option<Running>>,
    port: u16,
    dir: TempDir,
}

/// Starting is slow only on a very busy machine.
const START: Duration = Duration::from_secs(60);
/// A port may be lost to someone else between the choice and the start.
const TRIES: u32 = 5;

impl Redis {
    /// Starts a server.
    ///
    /// # Panics
    /// When Redis is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        let dir = TempDir::with_prefix("dabir-redis-").expect("a temporary folder");
        for _ in 0..TRIES {
            let port = free_port();
            let server = spawn(port, &dir);
            if becomes_ready(&server) {
                let server = Mutex::new(Some(server));
                return Self { server, port, dir };
            }
        }
        panic!("Redis found no free port in {TRIES} tries");
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}/0", self.port)
    }

    /// Ends the server, and with it everything that it knew.
    pub fn stop(&self) {
        if let Some(server) = self.server().take() {
            server.kill9();
        }
    }

    /// Starts the stopped server again at its address, with nothing in it.
    ///
    /// # Panics
    /// When it does not start.
    pub fn start_again(&self) {
        let server = spawn(self.port, &self.dir);
        assert!(becomes_ready(&server), "Redis starts again");
        *self.server() = Some(server);
    }

    fn server(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The kernel ends it with us, however we end.
fn spawn(port: u16, dir: &TempDir) -> Running {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--", "redis-server"]);
    command.args(["--bind", "127.0.0.1", "--port", &port.to_string()]);
    command.args(["--save", "", "--appendonly", "no"]);
    command.arg("--dir").arg(dir.path());
    Running::spawn(command)
}

/// False when it ended instead.
fn becomes_ready(server: &Running) -> bool {
    let said = |word: &str| server.lines().iter().any(|line| line.contains(word));
    wait_until(
        "Redis starts (run tools/setup-tests if it is missing)",
        START,
        || said("Ready to accept connections") || !server.id().is_alive(),
    );
    server.id().is_alive()
}
