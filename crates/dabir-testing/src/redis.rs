//! A Redis server of one's own, from the machine's own binary.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
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
    has_tls: bool,
    dir: TempDir,
}

/// Starting is slow only on a very busy machine.
const START: Duration = Duration::from_secs(60);
/// A port may be lost to someone else between the choice and the start.
const TRIES: u32 = 5;
/// As `redis.conf` has them.
const CONFIG: &str = "redis.conf";

impl Redis {
    /// Starts a server.
    ///
    /// # Panics
    /// When Redis is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        Self::start_with("")
    }

    /// Starts a server with these lines in its `redis.conf`.
    ///
    /// # Panics
    /// When Redis is not installed or does not start.
    #[must_use]
    pub fn start_with(config: &str) -> Self {
        Self::start_in(folder(config), false)
    }

    /// Starts one that speaks TLS alone, with a certificate of its own authority, [`Redis::authority`].
    ///
    /// # Panics
    /// When Redis or `openssl` is not installed, or the server does not start.
    #[must_use]
    pub fn start_with_tls(config: &str) -> Self {
        let dir = folder(config);
        make_certificates(dir.path());
        Self::start_in(dir, true)
    }

    fn start_in(dir: TempDir, has_tls: bool) -> Self {
        for _ in 0..TRIES {
            let port = free_port();
            let server = spawn(port, has_tls, &dir);
            if becomes_ready(&server) {
                let server = Mutex::new(Some(server));
                return Self {
                    server,
                    port,
                    has_tls,
                    dir,
                };
            }
        }
        panic!("Redis found no free port in {TRIES} tries");
    }

    #[must_use]
    pub fn url(&self) -> String {
        let scheme = if self.has_tls { "rediss" } else { "redis" };
        format!("{scheme}://{}/0", self.address())
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        ([127, 0, 0, 1], self.port).into()
    }

    /// The certificate of the authority that stands behind the server's.
    #[must_use]
    pub fn authority(&self) -> PathBuf {
        self.dir.path().join("ca.pem")
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
        let server = spawn(self.port, self.has_tls, &self.dir);
        assert!(becomes_ready(&server), "Redis starts again");
        *self.server() = Some(server);
    }

    fn server(&self) -> std::sync::MutexGuard<'_, Option<Running>> {
        self.server.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn folder(config: &str) -> TempDir {
    let dir = TempDir::with_prefix("dabir-redis-").expect("a temporary folder");
    fs::write(dir.path().join(CONFIG), config).expect("the folder is ours");
    dir
}

/// An authority, and a certificate by it for 127.0.0.1.
fn make_certificates(dir: &Path) {
    fs::write(dir.join("names"), "subjectAltName=IP:127.0.0.1\n").expect("the folder is ours");
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
    for words in [
        format!("req -x509 {key} -days 2 -subj /CN=authority -keyout ca.key -out ca.pem"),
        format!("req {key} -subj /CN=127.0.0.1 -keyout redis.key -out redis.csr"),
        "x509 -req -in redis.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile names -out redis.pem"
            .to_owned(),
    ] {
        let mut openssl = Command::new("openssl");
        openssl.current_dir(dir).args(words.split(' '));
        let output = openssl.output().expect("openssl is installed");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "openssl {words}:\n{said}");
    }
}

/// The kernel ends it with us, however we end.
fn spawn(port: u16, has_tls: bool, dir: &TempDir) -> Running {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "KILL", "--", "redis-server"]);
    command.arg(dir.path().join(CONFIG));
    command.args(["--bind", "127.0.0.1"]);
    command.args(["--save", "", "--appendonly", "no"]);
    command.arg("--dir").arg(dir.path());
    let port = port.to_string();
    if has_tls {
        command.args(["--port", "0", "--tls-port", &port]);
        command.args([
            "--tls-cert-file",
            "redis.pem",
            "--tls-key-file",
            "redis.key",
        ]);
        command.args(["--tls-ca-cert-file", "ca.pem", "--tls-auth-clients", "no"]);
    } else {
        command.args(["--port", &port]);
    }
    command.current_dir(dir.path());
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
