//! A PostgreSQL server of one's own, from the machine's own binaries.

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustix::process::Signal;
use tempfile::TempDir;

use crate::process::{Running, free_port, is_root};
use crate::{paths, wait_until};

/// A running server, or the one that `DABIR_TEST_PG` names. Stopped and removed when dropped.
#[derive(Debug)]
pub struct Postgres {
    /// The address of a database that exists and is not touched.
    admin_url: String,
    bin: PathBuf,
    /// The names of the databases that were asked for.
    made: Mutex<Vec<String>>,
    home: Home,
}

#[derive(Debug)]
enum Home {
    /// Dropped in this order: the server goes before its files.
    Ours {
        server: Mutex<Running>,
        port: u16,
        dir: TempDir,
    },
    /// A server of the machine's owner; our databases must go from it.
    Theirs,
}

/// Starting is slow only on a very busy machine.
const START: Duration = Duration::from_secs(60);
/// A port may be lost to someone else between the choice and the start.
const TRIES: u32 = 5;

impl Postgres {
    /// Starts a server, unless `DABIR_TEST_PG` names one.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    #[must_use]
    pub fn start() -> Self {
        match std::env::var("DABIR_TEST_PG") {
            Ok(url) if !url.is_empty() => Self::at(url),
            _ => {
                let bin = find_binaries();
                let (admin_url, home) = start_own(&bin);
                Self::new(admin_url, bin, home)
            }
        }
    }

    /// Uses a server that runs already; its user must be allowed to make databases.
    ///
    /// # Panics
    /// When PostgreSQL's client programs are not installed.
    #[must_use]
    pub fn at(admin_url: String) -> Self {
        Self::new(admin_url, find_binaries(), Home::Theirs)
    }

    fn new(admin_url: String, bin: PathBuf, home: Home) -> Self {
        Self {
            admin_url,
            bin,
            made: Mutex::default(),
            home,
        }
    }

    /// Makes an empty database and gives its address.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn database(&self) -> String {
        let name = format!("dabir_test_{}", dabir_core::new_id());
        self.sql(&format!("CREATE DATABASE {name}"));
        let url = with_database(&self.admin_url, &name);
        self.made().push(name);
        url
    }

    /// Starts a server of our own, whatever `DABIR_TEST_PG` says: for tests that crash it.
    ///
    /// # Panics
    /// When PostgreSQL is not installed or does not start.
    #[must_use]
    pub fn start_to_crash() -> Self {
        let bin = find_binaries();
        let (admin_url, home) = start_own(&bin);
        Self::new(admin_url, bin, home)
    }

    /// Where a server of our own listens.
    ///
    /// # Panics
    /// When it is not ours.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        let Home::Ours { port, .. } = &self.home else {
            panic!("only the address of a server of our own is known");
        };
        ([127, 0, 0, 1], *port).into()
    }

    /// Ends the server in the middle of whatever it does, as a crash would.
    ///
    /// # Panics
    /// When it is not ours.
    pub fn crash(&self) {
        let Home::Ours { server, .. } = &self.home else {
            panic!("only a server of our own may crash");
        };
        let server = server.lock().unwrap_or_else(PoisonError::into_inner);
        // SIGQUIT is PostgreSQL's immediate shutdown: no clean-up, recovery at the next start.
        server.signal(Signal::QUIT);
        server.wait_for_exit(START);
    }

    /// Starts the crashed server again where it was.
    ///
    /// # Panics
    /// When it is not ours, or does not start.
    pub fn start_again(&self) {
        let Home::Ours { server, port, dir } = &self.home else {
            panic!("only a server of our own starts again");
        };
        let data = dir.path().join("data");
        let _ = fs::remove_file(data.join("postmaster.pid"));
        let again = Running::spawn(server_command(&self.bin, &data, *port));
        assert!(becomes_ready(&again, &data), "PostgreSQL starts again");
        *server.lock().unwrap_or_else(PoisonError::into_inner) = again;
    }

    fn made(&self) -> MutexGuard<'_, Vec<String>> {
        self.made.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sql(&self, statement: &str) {
        run(Command::new(self.bin.join("psql"))
            .args(["--no-psqlrc", "--quiet", "--dbname"])
            .args([&self.admin_url, "--command", statement]));
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if matches!(self.home, Home::Theirs) {
            for name in self.made().iter() {
                self.sql(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"));
            }
        }
    }
}

/// The newest version that is installed.
fn find_binaries() -> PathBuf {
    let version = |entry: &fs::DirEntry| entry.file_name().to_str()?.parse::<u32>().ok();
    fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| version(entry).is_some())
        .max_by_key(version)
        .unwrap_or_else(|| panic!("PostgreSQL is missing; run tools/setup-tests"))
        .path()
        .join("bin")
}

fn start_own(bin: &Path) -> (String, Home) {
    // Not below the checkout: the server's user may not be let in there.
    let dir = TempDir::with_prefix("dabir-postgres-").expect("a temporary folder");
    let data = dir.path().join("data");
    run(Command::new("cp")
        .args(["--archive", "--reflink=auto"])
        .args([&template(bin), &data]));
    give_to_server_user(dir.path());
    for _ in 0..TRIES {
        let port = free_port();
        let server = Running::spawn(server_command(bin, &data, port));
        if becomes_ready(&server, &data) {
            let url = format!("postgres://postgres@127.0.0.1:{port}/postgres");
            let home = Home::Ours {
                server: Mutex::new(server),
                port,
                dir,
            };
            return (url, home);
        }
    }
    panic!("PostgreSQL found no free port in {TRIES} tries");
}

/// A fresh data folder to copy, made once per version and kept below `target`.
fn template(bin: &Path) -> PathBuf {
    let version = bin.parent().and_then(Path::file_name).expect("…/15/bin");
    let kept = paths::checkout("target/tmp");
    fs::create_dir_all(&kept).expect("target/tmp can be made");
    let template = kept.join(format!("postgres-{}", version.display()));
    let lock = fs::File::create(template.with_extension("lock")).expect("a lock file");
    lock.lock().expect("the lock is given");
    if !template.exists() {
        let dir = TempDir::with_prefix("dabir-initdb-").expect("a temporary folder");
        give_to_server_user(dir.path());
        let data = dir.path().join("data");
        run(as_server_user(bin.join("initdb"))
            .args(["--username=postgres", "--auth=trust", "--no-sync"])
            .args(["--encoding=UTF8", "--locale=C.UTF-8", "--wal-segsize=1"])
            .arg(&data));
        // Under another name first: a copy that was cut off must not pass for a template.
        let copy = template.with_extension("new");
        let _ = fs::remove_dir_all(&copy);
        run(Command::new("cp").arg("--archive").args([&data, &copy]));
        fs::rename(&copy, &template).expect("the template gets its name");
    }
    template
}

fn server_command(bin: &Path, data: &Path, port: u16) -> Command {
    let mut command = as_server_user(bin.join("postgres"));
    command.arg("-D").arg(data);
    for setting in [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        "fsync=off".to_owned(),
        "full_page_writes=off".to_owned(),
        "max_connections=200".to_owned(),
        "shared_buffers=32MB".to_owned(),
    ] {
        command.args(["-c", &setting]);
    }
    command
}

/// False when it ended instead; the eighth line of its pid file tells when it takes connections.
fn becomes_ready(server: &Running, data: &Path) -> bool {
    let is_ready = || {
        fs::read_to_string(data.join("postmaster.pid")).is_ok_and(|text| {
            text.lines()
                .nth(7)
                .is_some_and(|line| line.trim() == "ready")
        })
    };
    wait_until("PostgreSQL starts", START, || {
        is_ready() || !server.id().is_alive()
    });
    server.id().is_alive()
}

/// PostgreSQL refuses to run as root; it then runs as the user its package made. The kernel ends it
/// with us, however we end.
fn as_server_user(program: PathBuf) -> Command {
    let mut command = Command::new("setpriv");
    command.args(["--pdeathsig", "QUIT"]);
    if is_root() {
        command.args(["--reuid=postgres", "--regid=postgres", "--clear-groups"]);
    }
    command.arg("--").arg(program).current_dir("/");
    command
}

fn give_to_server_user(dir: &Path) {
    if is_root() {
        run(Command::new("chown")
            .args(["--recursive", "postgres:postgres"])
            .arg(dir));
    }
}

/// `postgres://user@host/one?x` with `one` replaced.
fn with_database(url: &str, name: &str) -> String {
    let (base, query) = url
        .split_once('?')
        .map_or((url, None), |(b, q)| (b, Some(q)));
    let host_at = base.find("://").map_or(0, |at| at + 3);
    let end = base[host_at..]
        .find('/')
        .map_or(base.len(), |at| host_at + at);
    let query = query.map(|q| format!("?{q}")).unwrap_or_default();
    format!("{}/{name}{query}", &base[..end])
}

fn run(command: &mut Command) {
    let output = command
        .output()
        .unwrap_or_else(|e| panic!("{command:?} does not start: {e}"));
    assert!(
        output.status.success(),
        "{command:?} failed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[cfg(test)]
mod tests {
    use super::with_database;

    #[test]
    fn the_database_of_an_address_is_replaced() {
        for (url, expected) in [
            ("postgres://u:p@h:5/old", "postgres://u:p@h:5/new"),
            ("postgres://h", "postgres://h/new"),
            (
                "postgres://h/old?sslmode=a/b",
                "postgres://h/new?sslmode=a/b",
            ),
        ] {
            assert_eq!(with_database(url, "new"), expected);
        }
    }
}
